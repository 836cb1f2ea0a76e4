-- What the law provides for (处罚): money back, fine and suspension by article, and of a
-- case.
--
-- A fine is a matter of a case that people have decided, never of a finding: nothing of
-- this file is asked by a view.  Its base is the fund money that they confirmed, where a
-- line that several of its findings name counts once, with the most that was confirmed of
-- it, whatever their order: of a finding that was reduced each line is less in proportion.
-- Money involved in a pattern is no excess and no base, which a notice tells; excess whose
-- fund money nobody knows is an error and not nothing.
--
-- Cost: a look into a small table; of a case, its findings and their lines by their keys.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON penalty_scale
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- Of a region's rows those of the smallest part go before, and the country's come last.
CREATE OR REPLACE FUNCTION _scale_rows(law text, paragraph_no int, region text) RETURNS TABLE (scale penalty_scale, place int)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT s, CASE WHEN s.region IS NOT NULL THEN 1 + length(coalesce(medaudit._parts_of_region(code_fold(s.region)), s.region)) ELSE 0 END
	FROM medaudit.penalty_scale AS s
	WHERE s.article = law AND (s.paragraph IS NULL OR s.paragraph = paragraph_no)
		AND (s.region IS NULL OR code_fold(s.region) = code_fold(_scale_rows.region)
			OR starts_with(code_fold(_scale_rows.region), medaudit._parts_of_region(code_fold(s.region))));
END;

COMMENT ON FUNCTION _scale_rows(text, int, text) IS
	'适用基准: rows of penalty_scale of a paragraph of an article that hold in a region (NULL: of the whole country alone), and how near they are to it';

CREATE OR REPLACE FUNCTION _scale_of(article_code text, circumstance text, region text, on_date date) RETURNS penalty_scale
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	day date := coalesce(on_date, current_date);
	law text;
	paragraph_no int;
	chosen medaudit.penalty_scale;
BEGIN
	IF article_code IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'article_code');
	END IF;
	SELECT min(concat(p.law, p.article_no)), coalesce(min(p.paragraph_no), 1) INTO law, paragraph_no
	FROM medaudit._article_parts(article_code) AS p HAVING count(*) = 1;
	IF NOT EXISTS (SELECT FROM medaudit._scale_rows(law, paragraph_no, region)) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no article with a penalty'), article_code),
			HINT = medaudit._say('The articles stand in medaudit.penalty_scale; name one of them, as A40 or A41.2.');
	ELSIF NOT EXISTS (SELECT FROM medaudit._scale_rows(law, paragraph_no, region) AS r WHERE coalesce((r.scale).valid @> day, (r.scale).valid IS NULL)) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('no penalty of article "%s" holds on %s'), article_code, day);
	END IF;
	SELECT (r.scale).* INTO chosen
	FROM medaudit._scale_rows(law, paragraph_no, region) AS r
	WHERE coalesce((r.scale).valid @> day, (r.scale).valid IS NULL)
		AND medaudit.code_fold((r.scale).circumstance) IS NOT DISTINCT FROM nullif(medaudit.code_fold(_scale_of.circumstance), '')
	ORDER BY r.place DESC, (r.scale).paragraph NULLS LAST, lower((r.scale).valid) DESC NULLS LAST, (r.scale).shipped, (r.scale).valid DESC
	LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN medaudit.code_fold(circumstance) <> ''
			THEN format(medaudit._say('article "%s" knows no circumstance "%s"'), article_code, circumstance)
			ELSE format(medaudit._say('article "%s" asks for a circumstance'), article_code) END,
			HINT = format(medaudit._say('Its circumstances: %s.'), coalesce((SELECT string_agg(DISTINCT (r.scale).circumstance, ', ')
				FROM medaudit._scale_rows(law, paragraph_no, region) AS r), '-'));
	END IF;
	RETURN chosen;
END
$$;

COMMENT ON FUNCTION _scale_of(text, text, text, date) IS
	'裁量基准: the row of penalty_scale that holds for an article, written or coded, whose item says nothing, a circumstance, a region and a day (NULL: today); 22023 for what none is of, 22004 for a NULL article';

CREATE OR REPLACE FUNCTION penalty_range(article_code text, amount numeric, circumstance text DEFAULT NULL, region text DEFAULT NULL,
		on_date date DEFAULT NULL) RETURNS TABLE (returned numeric, fine_low numeric, fine_high numeric, fixed_low numeric,
		fixed_high numeric, suspend_low int, suspend_high int)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	scale medaudit.penalty_scale := medaudit._scale_of(article_code, circumstance, region, on_date);
BEGIN
	IF amount IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'amount');
	ELSIF NOT (amount >= 0::numeric AND amount < 1e12) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('amount must be money, 0 or more'),
			DETAIL = format(medaudit._say('It is %s.'), amount);
	END IF;
	returned := CASE WHEN scale.base <> 'none' THEN round(amount, 2) END;
	fine_low := round(returned * scale.low_multiple, 2);
	fine_high := round(returned * scale.high_multiple, 2);
	fixed_low := round(scale.fixed_low, 2);
	fixed_high := round(scale.fixed_high, 2);
	suspend_low := scale.suspend_low;
	suspend_high := scale.suspend_high;
	RETURN NEXT;
END
$$;

COMMENT ON FUNCTION penalty_range(text, numeric, text, text, date) IS
	'处罚幅度: what an article provides for where so many yuan of the fund were lost or taken by fraud: money back, fine and fixed fine in yuan, suspension in months, from lowest to highest, NULL: none; of paragraphs the first where none is named, of items nothing; a row of the region goes before, a day is that of the deed (NULL: today); an unknown article or circumstance, or an amount that is no money, is 22023, NULL 22004';

-- ---------------------------------------------------------------- of a case

-- What was confirmed of each line, and of what has no line.  What stands of a finding is
-- shared out by the fund money of its lines.
CREATE OR REPLACE FUNCTION _case_fund(finding_ids bigint[]) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH decided AS (
		SELECT f.finding_id, f.rule_code, coalesce(f.confirmed_fund, f.fund_amount) AS money,
			(SELECT CASE WHEN count(*) = count(l.fund_amount) AND sum(l.fund_amount) > 0::numeric THEN sum(l.fund_amount) END
				FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id AND l.excess_amount IS NOT NULL) AS of_lines
		FROM medaudit.finding AS f
		WHERE f.finding_id = ANY (finding_ids)
	), line AS (
		SELECT coalesce(l.visit_id, '') COLLATE "C" AS visit_id,
			medaudit._line_key(l.line_id, l.item_code, l.charged_at, l.quantity, l.amount) COLLATE "C" AS key,
			d.money * l.fund_amount / d.of_lines AS money,
			-- lines that one rule names under one key are several
			row_number() OVER (PARTITION BY l.visit_id, medaudit._line_key(l.line_id, l.item_code, l.charged_at, l.quantity, l.amount) COLLATE "C",
				d.rule_code ORDER BY d.money * l.fund_amount / d.of_lines DESC, d.finding_id, l.line_no) AS copy
		FROM decided AS d
		JOIN medaudit.finding_line AS l ON l.finding_id = d.finding_id AND l.excess_amount IS NOT NULL
		WHERE d.of_lines IS NOT NULL
	)
	SELECT round(coalesce((SELECT sum(o.money) FROM (SELECT max(l.money) AS money FROM line AS l GROUP BY l.visit_id, l.key, l.copy) AS o), 0)
		+ coalesce((SELECT sum(d.money) FROM decided AS d WHERE d.of_lines IS NULL), 0), 2);
END;

COMMENT ON FUNCTION _case_fund(bigint[]) IS
	'认定基金金额: yuan of the fund that were confirmed by findings, each line once, with the most that one of them has of it';

CREATE OR REPLACE FUNCTION penalty(case_id bigint, article_code text, circumstance text DEFAULT NULL) RETURNS TABLE (returned numeric,
		fine_low numeric, fine_high numeric, fixed_low numeric, fixed_high numeric, suspend_low int, suspend_high int)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	about record;
	based bool;
BEGIN
	IF case_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'case_id');
	ELSIF NOT EXISTS (SELECT FROM medaudit.audit_case AS c WHERE c.case_id = penalty.case_id) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no case %s'), case_id);
	END IF;
	SELECT count(*) AS decided, max(d.judged_on) AS last_on,
		CASE WHEN min(d.facility_region) = max(d.facility_region) AND count(d.facility_region) = count(*) THEN min(d.facility_region) END AS region,
		array_agg(d.finding_id) FILTER (WHERE NOT d.pattern) AS counted,
		string_agg(d.finding_id::text, ', ' ORDER BY d.finding_id) FILTER (WHERE d.pattern) AS patterns,
		string_agg(d.finding_id::text, ', ' ORDER BY d.finding_id) FILTER (WHERE NOT d.pattern AND coalesce(d.confirmed_fund, d.fund_amount) IS NULL) AS unknown
	INTO about
	FROM (SELECT f.*, f.claimed_amount IS NULL AND f.fund_amount IS NULL AND f.involved_amount IS NOT NULL AS pattern
		FROM medaudit.case_finding AS c
		JOIN medaudit.finding AS f ON f.finding_id = c.finding_id
		WHERE c.case_id = penalty.case_id AND f.state = ANY (medaudit._decided_states()) AND coalesce(f.confirmed_claimed > 0::numeric, true)) AS d;
	IF about.decided = 0 THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('nothing is confirmed in case %s'), case_id),
			HINT = medaudit._say('Two people confirm a finding: see medaudit.review_finding().');
	END IF;
	based := (medaudit._scale_of(article_code, circumstance, about.region, about.last_on)).base <> 'none';
	IF based AND (about.unknown IS NOT NULL OR about.counted IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('the fund money of finding %s is not known'), coalesce(about.unknown, about.patterns)),
			HINT = medaudit._say('medaudit.penalty_range() takes the amount that was established.');
	ELSIF based AND about.patterns IS NOT NULL THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('money involved in patterns is not counted: finding %s'), about.patterns);
	END IF;
	RETURN QUERY SELECT p.* FROM medaudit.penalty_range(article_code, CASE WHEN based THEN medaudit._case_fund(about.counted) ELSE 0 END,
		circumstance, about.region, about.last_on) AS p;
END
$$;

COMMENT ON FUNCTION penalty(bigint, text, text) IS
	'案件处罚幅度: penalty_range() of the fund money that was confirmed in a case, each line once, in the region of its facilities and on the last day of its findings; money involved in patterns does not count, which a notice tells; 55000 where nothing is confirmed or the fund money of a finding is not known, 22023 for an unknown case, article or circumstance, 22004 for NULL';
