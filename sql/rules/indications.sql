-- Texts of indications (限2型糖尿病) become conditions in two steps: terms that name
-- diseases propose diagnosis prefixes, and a person accepts them.  No text becomes a
-- condition by itself; a text that says more than a disease (an age, what was tried
-- before, a test) never becomes more than a suspicion, for diagnoses alone do not tell
-- whether it is met.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON indication_term
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- A row says its condition in its note alone.
CREATE OR REPLACE FUNCTION _is_pending(c charge_rule) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (c).note IS NOT NULL AND (c).sex IS NULL AND (c).min_age IS NULL AND (c).max_age IS NULL AND (c).facility_ranks IS NULL
		AND (c).visit_types IS NULL AND (c).excluded_visit_types IS NULL AND (c).insurance_types IS NULL
		AND (c).departments IS NULL AND (c).diagnosis_prefixes IS NULL;

COMMENT ON FUNCTION _is_pending(charge_rule) IS
	'是否待补条件: whether a row of a restriction says its condition in words alone';

-- What the text excludes (…除外, 不包括…) is taken out before terms are looked for, and a
-- term behind 非 or 无 is none: 非肝硬化, but 非小细胞肺癌, which is a term itself; nor is one
-- in the name of something else: 淋巴瘤激酶, 肿瘤坏死因子.  A term that is a whole chapter
-- (肿瘤, 化疗) counts where no other stands.  ■ stands where one was found.
CREATE OR REPLACE FUNCTION _match_terms(words text, OUT terms text[], OUT rest text)
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE COST 5000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	next text;
	pattern text;
	specific text[];
BEGIN
	terms := '{}';
	rest := medaudit._plain_radical(words);
	rest := regexp_replace(rest, '[(（][^()（）]*(除外|不含|不包括)[^()（）]*[)）]', '', 'g');
	rest := regexp_replace(rest, '但?[^，。；：:]*除外|(不包括|不含)[^，。；]*', '', 'g');
	rest := regexp_replace(rest, '淋巴(瘤激酶)|肿(瘤坏死因子|瘤比例分数)|抗肿(瘤)|肉(瘤病毒)', '靶', 'g');
	FOR next IN
		SELECT DISTINCT t.term FROM medaudit.indication_term AS t WHERE strpos(rest, t.term) > 0
		ORDER BY t.term
	LOOP
		terms := terms || next;
	END LOOP;
	SELECT coalesce(array_agg(t ORDER BY length(t) DESC, t COLLATE "C"), '{}') INTO terms FROM unnest(terms) AS t;
	FOREACH next IN ARRAY terms LOOP
		pattern := '(?<![非无])' || regexp_replace(next, '([][(){}.*+?^$|\\-])', '\\\1', 'g');
		IF rest ~ pattern THEN
			rest := regexp_replace(rest, pattern, '■', 'g');
		ELSE
			terms := array_remove(terms, next);
		END IF;
	END LOOP;
	SELECT array_agg(t ORDER BY length(t) DESC, t COLLATE "C") INTO specific FROM unnest(terms) AS t
	WHERE NOT EXISTS (SELECT FROM medaudit.indication_term AS i, unnest(i.diagnosis_prefixes) AS f (prefix)
		WHERE i.term = t AND length(f.prefix) = 1);
	terms := coalesce(specific, terms);
	rest := regexp_replace(rest, '[(（][A-Za-z0-9αβγ/+,，. -]*[)）]', '', 'g');
	rest := regexp_replace(rest, '限于|限用于|适用于|用于|仅限|限|患者|病人|人群|引起|所致|诊断|治疗|疾病|相关|的|或|和|及|与|等|[0-9]+\.|[、，,。；;：:■()（）/"“” \t\r\n]', '', 'g');
END
$$;

COMMENT ON FUNCTION _match_terms(text) IS
	'匹配用语: the terms of indication_term that stand in a text, the longest first and none within another, and what of the text is left without them and the words between; without what the text excludes; NULL for NULL';

-- What else than diseases a text says.
CREATE OR REPLACE FUNCTION _indication_says(words text) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN array_remove(ARRAY[
		CASE WHEN _plain_radical(words) ~ '成人|成年|儿童|小儿|青少年|幼年|老年|[0-9一二三四五六七八九十] *(周岁|岁|月龄|日龄|个月及以上)|新生儿' THEN 'age' END,
		CASE WHEN words ~ '女|男|绝经|妊娠' THEN 'sex' END,
		CASE WHEN words ~ '既往|曾|失败|不耐受|耐受|不应答|应答|疗效|效果|控制不|难以控制|难治|复发|[一二三]线|无效|初治|未经|未接受|接受过|接受|治疗后|不佳|耐药|进展|不适合|不能|无法|禁忌|二线' THEN 'history' END,
		CASE WHEN words ~ '检测|检验|检查|突变|阳性|阴性|表达|基因|证据|药敏|确诊|明确|LDL-C|BMI|评分|[≥≤＜＞<>%]|造影|抗体|分级|级|型别|敏感|筛查|扩增|融合|低于|指数|水平' THEN 'test' END,
		CASE WHEN words ~ '联合|联用|合用|辅助|单药|方案' THEN 'combination' END,
		CASE WHEN words ~ '住院|医疗机构|抢救|急救|手术|术[前中后]|介入|透析|移植|处方|放疗|光疗|溶栓' THEN 'setting' END,
		CASE WHEN words ~ '[0-9]+(\.[0-9]+)? *(天|小时|个月|日|周|年)|疗程|急性期|恢复期' THEN 'time' END], NULL);

COMMENT ON FUNCTION _indication_says(text) IS
	'限定内容: what a text of indications says beside diseases: age, sex, history (treatment before), test, combination (with other drugs), setting, time; {} nothing of these; NULL for NULL';

CREATE OR REPLACE FUNCTION propose_indications(rule_code text DEFAULT NULL)
	RETURNS TABLE (rule_code text, note text, rows bigint, item_codes text[], terms text[], diagnosis_prefixes text[],
		disease_only bool, says text[], rest text, certainty text, accepted_by text)
	LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 500
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.rule_code, p.note, p.rows, p.item_codes, coalesce(d.terms, m.terms), coalesce(d.diagnosis_prefixes, x.prefixes),
		o.disease_only, CASE WHEN s.says = '{}' AND m.rest <> '' THEN '{other}' ELSE s.says END, m.rest,
		CASE WHEN NOT o.disease_only THEN 'suspicion' END, d.decided_by
	FROM (
		SELECT c.rule_code, c.note, count(*) AS rows, array_agg(c.item_code ORDER BY c.item_code COLLATE "C") AS item_codes,
			CASE WHEN strpos(c.note, ': ') > 0 THEN substr(c.note, strpos(c.note, ': ') + 2) ELSE c.note END AS words
		FROM medaudit.charge_rule AS c
		JOIN medaudit.rule AS r ON r.rule_code = c.rule_code AND r.kind = 'restriction'
		WHERE medaudit._is_pending(c) AND NOT c.shipped
			AND (propose_indications.rule_code IS NULL OR c.rule_code = propose_indications.rule_code)
		GROUP BY c.rule_code, c.note
	) AS p
	CROSS JOIN LATERAL medaudit._match_terms(p.words) AS m
	CROSS JOIN LATERAL (SELECT medaudit._indication_says(p.words) AS says) AS s
	CROSS JOIN LATERAL (SELECT m.terms <> '{}' AND m.rest = '' AND s.says = '{}' AS disease_only) AS o
	CROSS JOIN LATERAL (
		SELECT array_agg(DISTINCT f.prefix COLLATE "C" ORDER BY f.prefix COLLATE "C") AS prefixes
		FROM unnest(m.terms) AS t (term)
		CROSS JOIN LATERAL (SELECT i.diagnosis_prefixes FROM medaudit.indication_term AS i WHERE i.term = t.term ORDER BY i.shipped LIMIT 1) AS i
		CROSS JOIN LATERAL unnest(i.diagnosis_prefixes) AS f (prefix)
	) AS x
	LEFT JOIN medaudit.indication_decision AS d ON d.rule_code = p.rule_code AND d.note = p.note
	ORDER BY p.rule_code COLLATE "C", p.note COLLATE "C"
$$;

COMMENT ON FUNCTION propose_indications(text) IS
	'适应症建议: the texts of restrictions that judge nothing yet (待补诊断), with the terms of indication_term in each, the diagnosis prefixes that they give, whether the text names only diseases, what else it says, and the certainty that accepting records; of one rule or (NULL) of all. Changes nothing; accept_indications() takes them over';

CREATE OR REPLACE FUNCTION accept_indications(notes text[], diagnosis_prefixes text[] DEFAULT NULL,
	rule_code text DEFAULT NULL, actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	person text := medaudit._acting(actor);
	wrong record;
	taken bigint;
BEGIN
	CALL medaudit._check_other_actor(person);
	IF notes IS NULL OR array_position(notes, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'notes');
	ELSIF diagnosis_prefixes = '{}' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('diagnosis_prefixes is empty'),
			HINT = medaudit._say('NULL takes those that are proposed.');
	END IF;
	CREATE TEMPORARY TABLE medaudit_accepted ON COMMIT DROP AS
	SELECT n.note, p.rule_code, p.terms, coalesce(accept_indications.diagnosis_prefixes, p.diagnosis_prefixes) AS prefixes, p.certainty
	FROM (SELECT DISTINCT u.note FROM unnest(notes) AS u (note)) AS n
	LEFT JOIN medaudit.propose_indications(accept_indications.rule_code) AS p ON p.note = n.note;
	SELECT a.note, a.rule_code IS NULL AS unknown INTO wrong FROM pg_temp.medaudit_accepted AS a
	WHERE a.rule_code IS NULL OR coalesce(a.prefixes, '{}') = '{}' ORDER BY a.rule_code IS NOT NULL, a.note COLLATE "C" LIMIT 1;
	IF FOUND THEN
		DROP TABLE pg_temp.medaudit_accepted;
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN wrong.unknown
				THEN format(medaudit._say('no row waits for the diagnoses of "%s"'), wrong.note)
				ELSE format(medaudit._say('no term is known in "%s": say its diagnosis_prefixes'), wrong.note) END,
			HINT = medaudit._say('medaudit.propose_indications() lists the texts, medaudit.indication_term the terms.');
	END IF;
	UPDATE medaudit.charge_rule AS c SET diagnosis_prefixes = a.prefixes, certainty = coalesce(a.certainty, c.certainty)
	FROM pg_temp.medaudit_accepted AS a
	WHERE c.rule_code = a.rule_code AND c.note = a.note AND medaudit._is_pending(c) AND NOT c.shipped;
	GET DIAGNOSTICS taken = ROW_COUNT;
	INSERT INTO medaudit.indication_decision AS d (rule_code, note, terms, diagnosis_prefixes, certainty, decided_by)
	SELECT a.rule_code, a.note, a.terms, a.prefixes, a.certainty, person FROM pg_temp.medaudit_accepted AS a
	ON CONFLICT ON CONSTRAINT indication_decision_pkey DO UPDATE
	SET terms = excluded.terms, diagnosis_prefixes = excluded.diagnosis_prefixes, certainty = excluded.certainty,
		decided_by = excluded.decided_by, decided_at = now();
	DROP TABLE pg_temp.medaudit_accepted;
	RETURN taken;
END
$$;

COMMENT ON FUNCTION accept_indications(text[], text[], text, text) IS
	'确认适应症: gives the rows of texts that propose_indications() lists their diagnoses, as proposed or as said, and keeps who accepted them; a text that says more than a disease makes its rows suspicions, whatever the rule is; returns how many rows judge now; a text that nothing waits for, or without any known term where no prefixes are said, is 22023 and nothing is accepted; NULL notes are 22004, another name without being a gateway 42501';
