-- What a run reads: the visits that it judges and those that rules look on
-- beside them, once, with all that rules ask of a visit.

-- Days that a scope of charge rules reaches back across visits.
CREATE FUNCTION scope_days(scope text) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN scope ~ '^[0-9]+ days?$' THEN least(substring(scope, '^[0-9]+')::numeric, 3660)::int
		WHEN scope ~ '^[0-9]+ hours?$' THEN least(substring(scope, '^[0-9]+')::numeric / 24 + 1, 3660)::int
		WHEN scope = 'week' THEN 7
		WHEN scope = 'month' THEN 31
		WHEN scope = 'quarter' THEN 92
		WHEN scope IN ('year', 'span') THEN 366
		ELSE 1 END;

COMMENT ON FUNCTION scope_days(text) IS
	'回溯天数: days before a visit that a scope may reach; 1 for scopes within a visit or day, and for NULL';

-- Fresh temporary tables of a run; they belong to the session.
CREATE PROCEDURE run_clear()
	LANGUAGE plpgsql
AS $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['medaudit_visit', 'medaudit_person', 'medaudit_facility',
			'medaudit_diagnosis', 'medaudit_context', 'medaudit_hit', 'medaudit_candidate',
			'medaudit_candidate_line', 'medaudit_detail', 'medaudit_item', 'medaudit_line',
			'medaudit_tagged', 'medaudit_stay', 'medaudit_stays', 'medaudit_group', 'medaudit_identity',
			'medaudit_suspect', 'medaudit_link', 'medaudit_home', 'medaudit_charged'] LOOP
		IF pg_catalog.to_regclass('pg_temp.' || name) IS NOT NULL THEN
			EXECUTE pg_catalog.format('DROP TABLE pg_temp.%I', name);
		END IF;
	END LOOP;
END
$$;

COMMENT ON PROCEDURE run_clear() IS
	'清理临时表: drops the temporary tables of a run in this session';

-- Rules count classes, 0 to 3, unless one of the run goes above: that is a scale
-- of the fund's own.  Where some ranks are 4 to 14, all are national level codes
-- that were loaded as numbers; what else is above 3 is a level nobody knows.
CREATE PROCEDURE run_rank_facilities(rules text[])
	LANGUAGE plpgsql
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_temp.medaudit_facility AS f WHERE f.rank > 3)
		OR EXISTS (SELECT FROM medaudit.run_rules(run_rank_facilities.rules) AS r
			JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code
			WHERE 3 < ANY (c.facility_ranks))
		OR EXISTS (SELECT FROM medaudit.run_rules(run_rank_facilities.rules) AS r
			JOIN medaudit.package AS p ON p.rule_code = r.rule_code
			WHERE 3 < ANY (p.facility_ranks)) THEN
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM pg_temp.medaudit_facility AS f WHERE f.rank BETWEEN 4 AND 14) THEN
		UPDATE pg_temp.medaudit_facility AS f SET rank = medaudit.facility_rank(f.rank);
		RAISE NOTICE 'facility.rank holds national level codes: they are taken by facility_rank()';
	ELSE
		UPDATE pg_temp.medaudit_facility AS f SET rank = NULL WHERE f.rank > 3;
	END IF;
END
$$;

COMMENT ON PROCEDURE run_rank_facilities(text[]) IS
	'机构等级归类: level codes bound as numbers become the classes that rules by level count, levels that nobody knows become NULL; as they are where a rule of the run has facility_ranks above 3';

-- Persons, facilities and diagnoses, as far as they are bound.
CREATE PROCEDURE run_read_others(rules text[])
	LANGUAGE plpgsql
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_person (person_id text, name text, sex text,
		birth_date date, household_id text, insurance_type text);
	CREATE TEMPORARY TABLE medaudit_facility (facility_id text, name text, rank int,
		beds int);
	CREATE TEMPORARY TABLE medaudit_diagnosis (visit_id text, main text, codes text[]);
	IF pg_catalog.to_regclass('medaudit.person') IS NOT NULL THEN
		INSERT INTO pg_temp.medaudit_person
		SELECT p.person_id, pg_catalog.min(p.name), pg_catalog.min(p.sex),
			pg_catalog.min(medaudit.known_birth_date(p.birth_date)),
			pg_catalog.min(p.household_id),
			pg_catalog.min(p.insurance_type)
		FROM medaudit.person AS p WHERE p.person_id IS NOT NULL GROUP BY p.person_id;
	END IF;
	IF pg_catalog.to_regclass('medaudit.facility') IS NOT NULL THEN
		INSERT INTO pg_temp.medaudit_facility
		SELECT f.facility_id, pg_catalog.min(f.name), pg_catalog.min(f.rank),
			pg_catalog.max(f.beds)
		FROM medaudit.facility AS f WHERE f.facility_id IS NOT NULL GROUP BY f.facility_id;
		CALL medaudit.run_rank_facilities(rules);
	END IF;
	IF pg_catalog.to_regclass('medaudit.diagnosis') IS NOT NULL THEN
		INSERT INTO pg_temp.medaudit_diagnosis
		SELECT d.visit_id, pg_catalog.min(d.diagnosis_code) FILTER (WHERE d.rank = 1),
			pg_catalog.array_agg(d.diagnosis_code)
		FROM medaudit.diagnosis AS d
		WHERE d.visit_id IS NOT NULL AND d.diagnosis_code IS NOT NULL
		GROUP BY d.visit_id;
	END IF;
	ANALYZE pg_temp.medaudit_person, pg_temp.medaudit_facility, pg_temp.medaudit_diagnosis;
END
$$;

COMMENT ON PROCEDURE run_read_others(text[]) IS
	'读取人员、机构、诊断: into temporary tables, empty where nothing is bound';

-- One row per visit, whatever number of settlements it has, with what rules
-- ask of it.  JUDGED: its day lies in the period.  LATER: begun before the end
-- of the period, but neither settled nor discharged in it; it counts where
-- people are counted, and is not judged.  CHARGED: its lines go into
-- the ledger of a person who has a judged visit.  Ledgers are grouped by
-- PERSON_NO, for numbers sort faster than text; a visit without person has one
-- of its own.  So has a newborn ON_MOTHER, whose person is its mother: what is
-- charged for her beside it is no double, and nothing about her holds for it.
CREATE PROCEDURE run_read_visits(from_date date, to_date date, charge_days int,
	stay_days int)
	LANGUAGE plpgsql
AS $$
DECLARE
	earliest timestamp;
BEGIN
	SELECT least(pg_catalog.min(v.admitted_at), from_date) INTO earliest
	FROM medaudit.visit AS v
	WHERE coalesce(v.settled_at, v.discharged_at) >= from_date
		AND coalesce(v.settled_at, v.discharged_at) < to_date;

	CREATE TEMPORARY TABLE medaudit_visit AS
	WITH merged AS (
		SELECT v.visit_id, pg_catalog.min(v.person_id) AS person_id,
			pg_catalog.min(v.facility_id) AS facility_id,
			pg_catalog.min(v.record_no) AS record_no,
			pg_catalog.min(v.admitted_at) AS admitted_at,
			CASE WHEN pg_catalog.bool_and(v.discharged_at IS NOT NULL)
				THEN pg_catalog.max(v.discharged_at) END AS discharged_at,
			pg_catalog.max(coalesce(v.settled_at, v.discharged_at)) AS judged_at,
			pg_catalog.min(v.visit_type) AS visit_type,
			pg_catalog.min(v.insurance_type) AS insurance_type,
			pg_catalog.min(v.department) AS department,
			pg_catalog.min(v.physician_id) AS physician_id,
			pg_catalog.min(v.main_diagnosis) AS main_diagnosis,
			pg_catalog.array_agg(DISTINCT v.main_diagnosis)
				FILTER (WHERE v.main_diagnosis IS NOT NULL) AS main_diagnoses,
			pg_catalog.sum(v.total_amount) AS total_amount,
			pg_catalog.sum(v.scope_amount) AS scope_amount,
			pg_catalog.sum(v.fund_amount) AS fund_amount,
			pg_catalog.min(v.payment_method) AS payment_method,
			pg_catalog.bool_or(v.referral_visit_id IS NOT NULL) AS referred,
			coalesce(pg_catalog.bool_or(v.newborn), false) AS newborn
		FROM medaudit.visit AS v
		WHERE v.visit_id IS NOT NULL
		GROUP BY v.visit_id
	), whose AS (
		SELECT m.*, m.newborn AND NOT coalesce(m.admitted_at
			< b.birth_date + interval '1 year', false) AS on_mother
		FROM merged AS m
		LEFT JOIN pg_temp.medaudit_person AS b ON m.newborn AND b.person_id = m.person_id
	), placed AS (
		SELECT m.*, coalesce(m.judged_at >= from_date AND m.judged_at < to_date, false) AS judged,
			coalesce(m.judged_at >= to_date, true) AS later,
			pg_catalog.min(m.admitted_at)
				FILTER (WHERE m.judged_at >= from_date AND m.judged_at < to_date)
				OVER (PARTITION BY m.person_id) AS person_from,
			CASE WHEN m.person_id IS NULL OR m.on_mother
				THEN - pg_catalog.row_number() OVER (ORDER BY m.person_id)
				ELSE pg_catalog.dense_rank() OVER (ORDER BY m.person_id) END::int AS person_no
		FROM whose AS m
		WHERE m.judged_at < to_date AND m.judged_at >= least(
				from_date - stay_days, earliest - pg_catalog.make_interval(days => charge_days))
			OR coalesce(m.judged_at >= to_date, true) AND m.admitted_at < to_date
				AND m.admitted_at >= from_date - stay_days
	)
	SELECT v.visit_id, v.person_no, v.person_id, v.facility_id, v.record_no, v.admitted_at,
		v.discharged_at, v.judged_at, v.judged,
		v.later, v.judged OR NOT v.later AND coalesce(v.judged_at >= v.person_from
			- pg_catalog.make_interval(days => charge_days), false) AS charged,
		v.person_id IS NOT NULL AND v.facility_id IS NOT NULL
			AND coalesce(c.class = 'stay',
				v.discharged_at::date > v.admitted_at::date) AS stay,
		v.visit_type, coalesce(v.insurance_type, p.insurance_type) AS insurance_type,
		v.department, v.physician_id, coalesce(v.main_diagnosis, d.main) AS main_diagnosis,
		pg_catalog.array_cat(d.codes, v.main_diagnoses) AS diagnosis_codes, v.total_amount, v.scope_amount, v.fund_amount,
		v.payment_method, v.referred, v.newborn, v.on_mother,
		f.name AS facility_name, f.rank AS facility_rank, p.name AS person_name,
		p.sex, p.birth_date, p.household_id
	FROM placed AS v
	LEFT JOIN pg_temp.medaudit_person AS p ON p.person_id = v.person_id
	LEFT JOIN pg_temp.medaudit_facility AS f ON f.facility_id = v.facility_id
	LEFT JOIN pg_temp.medaudit_diagnosis AS d ON d.visit_id = v.visit_id
	LEFT JOIN (
		SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class
		FROM (SELECT DISTINCT m.visit_type FROM merged AS m) AS t
	) AS c ON c.visit_type = v.visit_type;
	ANALYZE pg_temp.medaudit_visit;
END
$$;

COMMENT ON PROCEDURE run_read_visits(date, date, int, int) IS
	'读取就诊: one row per visit of the period and of the days before it that rules look back on, into a temporary table';
