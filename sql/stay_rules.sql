-- Rules over stays: their thresholds, the tags by which stays are left out, and
-- the steps of a run that ask them.  A run gathers the stays once, per person,
-- per household and per facility, and each rule reads the books it needs.

CREATE TABLE stay_rule (
	rule_code text PRIMARY KEY REFERENCES rule ON DELETE CASCADE,
	max_gap_days int NOT NULL DEFAULT 15,
	same_facility bool NOT NULL DEFAULT true,
	diagnosis_digits int NOT NULL DEFAULT 3,
	min_nights int NOT NULL DEFAULT 1,
	admit_within_days int NOT NULL DEFAULT 1,
	discharge_within_days int NOT NULL DEFAULT 1,
	min_people int NOT NULL DEFAULT 2,
	max_people int NOT NULL DEFAULT 15,
	exclude_tags text[] NOT NULL DEFAULT '{}',
	shipped bool NOT NULL DEFAULT false
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_rule
	FOR EACH ROW EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON stay_rule
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

COMMENT ON TABLE stay_rule IS
	'住院规则参数: thresholds of the rules over stays, arguments of the detector that the kind of the rule names';
COMMENT ON COLUMN stay_rule.rule_code IS
	'规则编号: a rule of the kind split_stays, overlapping_stays or same_household_admissions';
COMMENT ON COLUMN stay_rule.max_gap_days IS
	'最大间隔天数: split_stays, days from discharge to the next admission';
COMMENT ON COLUMN stay_rule.same_facility IS
	'同一机构: split_stays, only stays at one facility';
COMMENT ON COLUMN stay_rule.diagnosis_digits IS
	'诊断位数: split_stays, characters of the diagnosis that agree; 0: not asked';
COMMENT ON COLUMN stay_rule.min_nights IS
	'最少重叠夜数: overlapping_stays, nights in common';
COMMENT ON COLUMN stay_rule.admit_within_days IS
	'入院相差天数: same_household_admissions';
COMMENT ON COLUMN stay_rule.discharge_within_days IS
	'出院相差天数: same_household_admissions';
COMMENT ON COLUMN stay_rule.min_people IS '最少人数: same_household_admissions';
COMMENT ON COLUMN stay_rule.max_people IS
	'最多人数: same_household_admissions; more are an institution, not a home';
COMMENT ON COLUMN stay_rule.exclude_tags IS
	'排除标签: stays with one of these tags (see stay_tag) are left out';
COMMENT ON COLUMN stay_rule.shipped IS '内置: comes with medaudit';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, source, enabled, shipped) VALUES
	('split_stays', 'split_stays', '分解住院', '出院后短期内因同类疾病再次入院',
		'admitted again for the same disease within days', 'suspicion', 'facility',
		'A38(1)', '条例第三十八条第一项', true, true),
	('overlapping_stays', 'overlapping_stays', '叠床住院', '同一参保人住院时间重叠',
		'two stays of one person at the same time', 'suspicion', 'facility',
		'A38(1)', '条例第三十八条第一项', true, true),
	('same_household_admissions', 'same_household_admissions', '虚假住院',
		'同一家庭成员同进同出住院', 'members of one household admitted and discharged together',
		'suspicion', 'facility', 'A40(1)', '条例第四十条第一项', true, true);

INSERT INTO stay_rule (rule_code, exclude_tags, shipped) VALUES
	('split_stays', '{planned,referral,newborn}', true),
	('overlapping_stays', '{newborn}', true),
	('same_household_admissions', '{newborn}', true);

CREATE TABLE stay_tag (
	tag text NOT NULL,
	diagnosis_prefix text,
	visit_type text,
	shipped bool NOT NULL DEFAULT false,
	CHECK (diagnosis_prefix IS NOT NULL OR visit_type IS NOT NULL)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_tag
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE stay_tag IS
	'住院标签: which stays carry a tag, by diagnosis or type of visit; the tags referral and newborn come from the visit itself';
COMMENT ON COLUMN stay_tag.tag IS '标签: name that stay_rule.exclude_tags uses';
COMMENT ON COLUMN stay_tag.diagnosis_prefix IS
	'诊断前缀: beginning of the main diagnosis; NULL: any';
COMMENT ON COLUMN stay_tag.visit_type IS '医疗类别: type of the visit; NULL: any';
COMMENT ON COLUMN stay_tag.shipped IS '内置: comes with medaudit';

INSERT INTO stay_tag (tag, diagnosis_prefix, shipped) VALUES
	('planned', 'Z51.0', true), ('planned', 'Z51.1', true), ('planned', 'Z51.2', true),
	('planned', 'Z51.5', true), ('planned', 'Z49', true), ('planned', 'Z50', true);

CREATE TABLE visit_class (
	visit_type text NOT NULL,
	class text NOT NULL CHECK (class IN ('stay', 'visit')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (visit_type, shipped)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON visit_class
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE visit_class IS
	'就诊分类: which types of visit are hospital stays, by the longest beginning that fits; yours (shipped false) go before. A type that is not here, or NULL, is a stay when it lasts a night';
COMMENT ON COLUMN visit_class.visit_type IS
	'医疗类别: beginning of visit.visit_type';
COMMENT ON COLUMN visit_class.class IS '分类: stay or visit';
COMMENT ON COLUMN visit_class.shipped IS '内置: comes with medaudit';

INSERT INTO visit_class (visit_type, class, shipped)
SELECT t, 'stay', true
FROM unnest('{21,22,23,24,25,26,27,28,52,inpatient,住院}'::text[]) AS t
UNION ALL
SELECT t, 'visit', true
FROM unnest('{11,12,13,14,41,51,53,71,9929,outpatient,emergency,pharmacy,clinic,门诊,急诊,药店,购药}'::text[]) AS t;

SELECT pg_catalog.pg_extension_config_dump('stay_rule', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('stay_tag', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('visit_class', 'WHERE NOT shipped');

-- ----------------------------------------------------------------- asking

-- Stays per person and per household, gathered once for all stay rules.
CREATE PROCEDURE run_gather_stays()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF pg_catalog.to_regclass('pg_temp.medaudit_stays') IS NOT NULL THEN
		RETURN;
	END IF;
	CREATE TEMPORARY TABLE medaudit_stay AS
	SELECT v.*, pg_catalog.array_remove(ARRAY[CASE WHEN v.referred THEN 'referral' END,
			CASE WHEN v.newborn THEN 'newborn' END] || ARRAY(
			SELECT t.tag FROM medaudit.stay_tag AS t
			WHERE (t.diagnosis_prefix IS NULL
					OR pg_catalog.starts_with(v.main_diagnosis, t.diagnosis_prefix))
				AND (t.visit_type IS NULL OR t.visit_type = v.visit_type)), NULL) AS tags
	FROM pg_temp.medaudit_visit AS v
	WHERE v.stay;
	CREATE TEMPORARY TABLE medaudit_stays AS
	SELECT 'person' AS gathered_by, s.person_id AS owner, medaudit.stays(s.visit_id,
		s.person_id, s.facility_id, s.admitted_at, s.discharged_at, s.main_diagnosis,
		s.total_amount, s.tags) AS book
	FROM pg_temp.medaudit_stay AS s
	GROUP BY s.person_id
	HAVING pg_catalog.bool_or(s.judged) AND pg_catalog.count(*) > 1
	UNION ALL
	SELECT 'household', s.household_id, medaudit.stays(s.visit_id,
		s.person_id, s.facility_id, s.admitted_at, s.discharged_at, s.main_diagnosis,
		s.total_amount, s.tags)
	FROM pg_temp.medaudit_stay AS s
	WHERE s.household_id IS NOT NULL
	GROUP BY s.household_id
	HAVING pg_catalog.bool_or(s.judged) AND pg_catalog.count(*) > 1;
	CREATE TEMPORARY TABLE medaudit_group (n bigint GENERATED ALWAYS AS IDENTITY,
		visit_ids text[], person_id text, facility_id text, evidence jsonb,
		evidence_text text);
END
$$;

COMMENT ON PROCEDURE run_gather_stays() IS
	'汇集住院: books of stays per person and per household, in a temporary table';

CREATE FUNCTION stay_text_zh(facility_name text, facility_id text, admitted_at timestamp,
	discharged_at timestamp) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(coalesce(facility_name, facility_id), '（',
		to_char(admitted_at, 'YYYY-MM-DD'), '至',
		coalesce(to_char(discharged_at, 'YYYY-MM-DD'), '今'), '）');

COMMENT ON FUNCTION stay_text_zh(text, text, timestamp, timestamp) IS
	'住院说明: facility and dates of a stay, in Chinese';

-- Pairs of stays with few days between them.
CREATE PROCEDURE run_ask_split(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[d.visit_id, d.next_visit_id], d.person_id, d.next_facility_id,
		pg_catalog.jsonb_build_object('limit', rule.max_gap_days,
			'window', ARRAY[a.discharged_at::date, b.admitted_at::date],
			'formula', pg_catalog.format('%s - %s = %s days, 0 to %s',
				b.admitted_at::date, a.discharged_at::date, d.gap_days, rule.max_gap_days)),
		pg_catalog.concat(coalesce(b.person_name, d.person_id), '在',
			medaudit.stay_text_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at),
			'出院后', CASE WHEN d.gap_days = 0 THEN '当日' ELSE d.gap_days || '天' END, '再次入住',
			medaudit.stay_text_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at),
			'，主要诊断' || d.diagnosis || CASE WHEN d.next_diagnosis = d.diagnosis THEN '相同'
				WHEN rule.diagnosis_digits > 0 THEN '与' || d.next_diagnosis || '属同类'
				ELSE '与' || d.next_diagnosis END,
			'，两次费用合计' || pg_catalog.round(d.amount + d.next_amount, 2) || '元', '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.split_stays(s.book, rule.max_gap_days, rule.same_facility,
		rule.diagnosis_digits, rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = d.visit_id
	JOIN pg_temp.medaudit_stay AS b ON b.visit_id = d.next_visit_id
	WHERE s.gathered_by = 'person' AND (a.judged OR b.judged);
END
$$;

COMMENT ON PROCEDURE run_ask_split(stay_rule) IS
	'分解住院: pairs of stays with at most max_gap_days between them';

-- Stays of one person at the same time.
CREATE PROCEDURE run_ask_overlapping(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT ARRAY[d.visit_id, d.other_visit_id], d.person_id, d.other_facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_nights,
			'window', ARRAY[d.from_date, d.to_date],
			'formula', pg_catalog.format('%s - %s = %s nights in common', d.to_date,
				d.from_date, d.nights)),
		pg_catalog.concat(coalesce(b.person_name, d.person_id), '在',
			medaudit.stay_text_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at),
			'住院期间，同时在',
			medaudit.stay_text_zh(b.facility_name, b.facility_id, b.admitted_at, b.discharged_at),
			'住院，重叠', d.nights, '夜',
			'，两次费用合计' || pg_catalog.round(a.total_amount + b.total_amount, 2) || '元', '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.overlapping_stays(s.book, rule.min_nights,
		rule.exclude_tags) AS d
	JOIN pg_temp.medaudit_stay AS a ON a.visit_id = d.visit_id
	JOIN pg_temp.medaudit_stay AS b ON b.visit_id = d.other_visit_id
	WHERE s.gathered_by = 'person' AND (a.judged OR b.judged);
END
$$;

COMMENT ON PROCEDURE run_ask_overlapping(stay_rule) IS
	'叠床住院: pairs of stays of one person that share nights';

-- Members of a household admitted and discharged together.  A group without
-- its visits is an institution's address.
CREATE PROCEDURE run_ask_household(rule stay_rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.medaudit_group (visit_ids, person_id, facility_id, evidence,
		evidence_text)
	SELECT d.visit_ids, NULL, d.facility_id,
		pg_catalog.jsonb_build_object('limit', rule.min_people,
			'window', ARRAY[d.first_admitted, d.last_discharged],
			'household_id', s.owner, 'times', d.times, 'formula', pg_catalog.format(
				'%s people admitted %s to %s (within %s days), discharged %s to %s (within %s days)',
				d.people, d.first_admitted, d.last_admitted, rule.admit_within_days,
				d.first_discharged, d.last_discharged, rule.discharge_within_days)),
		pg_catalog.concat('同一家庭', d.people, '人于',
			pg_catalog.to_char(d.first_admitted, 'YYYY-MM-DD'), CASE WHEN d.last_admitted > d.first_admitted
				THEN pg_catalog.to_char(d.last_admitted, '"至"YYYY-MM-DD') END,
			'同时入住', coalesce(f.name, d.facility_id), '，',
			pg_catalog.to_char(d.first_discharged, 'YYYY-MM-DD'), CASE WHEN d.last_discharged > d.first_discharged
				THEN pg_catalog.to_char(d.last_discharged, '"至"YYYY-MM-DD') END,
			'同时出院', CASE WHEN d.times > 1 THEN '，此类情形共' || d.times || '次' END,
			'，费用合计' || pg_catalog.round(d.amount, 2) || '元', '。')
	FROM pg_temp.medaudit_stays AS s
	CROSS JOIN LATERAL medaudit.same_household_admissions(s.book, rule.admit_within_days,
		rule.discharge_within_days, rule.min_people, rule.max_people, rule.exclude_tags) AS d
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = d.facility_id
	WHERE s.gathered_by = 'household' AND EXISTS (SELECT FROM pg_temp.medaudit_stay AS v
		WHERE v.visit_id = ANY (d.visit_ids) AND v.judged);
END
$$;

COMMENT ON PROCEDURE run_ask_household(stay_rule) IS
	'同进同出: members of one household admitted to and discharged from one facility together';

-- Groups of stays as candidate findings; the visits are their lines.
CREATE PROCEDURE run_group_candidates(rule_code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CALL medaudit.run_clear_candidates();
	INSERT INTO pg_temp.medaudit_candidate_line (n, line_no, visit_id, charged_at,
		amount, facility_id, person_id, facility_name, evidence_text)
	SELECT g.n, m.line_no, v.visit_id, v.admitted_at, v.total_amount, v.facility_id,
		v.person_id, v.facility_name, pg_catalog.concat(coalesce(v.person_name, v.person_id), '，',
			medaudit.stay_text_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at))
	FROM pg_temp.medaudit_group AS g
	CROSS JOIN LATERAL pg_catalog.unnest(g.visit_ids) WITH ORDINALITY AS m (visit_id, line_no)
	JOIN pg_temp.medaudit_stay AS v ON v.visit_id = m.visit_id;
	INSERT INTO pg_temp.medaudit_candidate (n, rule_code, subject_kind, subject_id, key,
		person_id, visit_id, facility_id, involved_amount, evidence, judged_on,
		facility_name, person_name, evidence_text)
	SELECT g.n, r.rule_code,
		CASE WHEN r.subject = 'person' AND g.person_id IS NOT NULL THEN 'person' ELSE 'facility' END,
		CASE WHEN r.subject = 'person' AND g.person_id IS NOT NULL THEN g.person_id ELSE g.facility_id END,
		medaudit.finding_key(g.visit_ids), g.person_id, v.last_visit, g.facility_id,
		v.involved, g.evidence || pg_catalog.jsonb_build_object('partners', v.partners),
		v.judged_on, f.name, p.name, g.evidence_text
	FROM pg_temp.medaudit_group AS g
	CROSS JOIN LATERAL (
		SELECT pg_catalog.max(s.judged_at)::date AS judged_on, pg_catalog.sum(s.total_amount) AS involved,
			(pg_catalog.array_agg(s.visit_id ORDER BY s.judged_at DESC, s.visit_id DESC))[1] AS last_visit,
			pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
				'visit_id', s.visit_id, 'person_id', s.person_id, 'facility_id', s.facility_id,
				'admitted_at', s.admitted_at, 'discharged_at', s.discharged_at,
				'diagnosis', s.main_diagnosis, 'amount', s.total_amount)) ORDER BY s.admitted_at, s.visit_id) AS partners
		FROM pg_temp.medaudit_stay AS s WHERE s.visit_id = ANY (g.visit_ids)
	) AS v
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = g.facility_id
	LEFT JOIN pg_temp.medaudit_person AS p ON p.person_id = g.person_id
	JOIN medaudit.rule AS r ON r.rule_code = run_group_candidates.rule_code;
END
$$;

COMMENT ON PROCEDURE run_group_candidates(text) IS
	'住院发现: a candidate finding per group of stays, with the money involved';

CREATE PROCEDURE run_stays(run_no bigint, code text, INOUT found_rows bigint DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	kind text;
	parameters medaudit.stay_rule;
BEGIN
	CALL medaudit.run_gather_stays();
	TRUNCATE pg_temp.medaudit_group;
	SELECT r.kind INTO kind FROM medaudit.rule AS r WHERE r.rule_code = code;
	SELECT s.* INTO parameters FROM medaudit.stay_rule AS s WHERE s.rule_code = code;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('rule "%s" has no row in medaudit.stay_rule', code);
	END IF;
	CASE kind
		WHEN 'split_stays' THEN CALL medaudit.run_ask_split(parameters);
		WHEN 'overlapping_stays' THEN CALL medaudit.run_ask_overlapping(parameters);
		ELSE CALL medaudit.run_ask_household(parameters);
	END CASE;
	CALL medaudit.run_group_candidates(code);
	found_rows := medaudit.run_store(run_no, ARRAY[code]);
END
$$;

COMMENT ON PROCEDURE run_stays(bigint, text, bigint) IS
	'住院规则: judges the books of stays of a run by one rule and stores what is found';
