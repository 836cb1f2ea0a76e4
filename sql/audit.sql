-- The audit run.  It reads the bound views once into temporary tables (the
-- visits of the period and those that rules may have to look back on), asks
-- each rule group in one pass over the gathered books, and stores findings by
-- their identity.  Every step commits by itself; what is done stays done.

-- ------------------------------------------------------- reading the data

CREATE FUNCTION audit_may_commit() RETURNS bool
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION audit_may_commit() IS
	'能否提交: whether the procedure that asks may commit; never NULL';

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
	SELECT v.visit_id, v.person_no, v.person_id, v.facility_id, v.admitted_at,
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

-- ------------------------------------------------------ storing findings

-- What a step finds, before it meets what stands already.
CREATE PROCEDURE run_clear_candidates()
	LANGUAGE plpgsql
AS $$
BEGIN
	IF pg_catalog.to_regclass('pg_temp.medaudit_candidate') IS NOT NULL THEN
		TRUNCATE pg_temp.medaudit_candidate, pg_temp.medaudit_candidate_line;
		RETURN;
	END IF;
	CREATE TEMPORARY TABLE medaudit_candidate (
		n bigint, rule_code text, subject_kind text, subject_id text, key text,
		person_id text, visit_id text, facility_id text, physician_id text,
		excess_quantity numeric, gross_amount numeric, claimed_amount numeric,
		fund_amount numeric, fund_basis text, involved_amount numeric, score float8,
		evidence jsonb, judged_on date, facility_name text, person_name text,
		evidence_text text, fingerprint bytea, finding_id bigint, standing text,
		same bool, certainty text);
	CREATE TEMPORARY TABLE medaudit_candidate_line (
		n bigint, line_no int, visit_id text, line_id text, item_code text,
		charged_at timestamp, quantity numeric, amount numeric,
		excess_quantity numeric, excess_amount numeric, excess_claimed numeric,
		fund_amount numeric, item_name text, other_code text, other_visit_id text,
		facility_id text, person_id text, evidence jsonb, evidence_text text,
		facility_name text);
END
$$;

COMMENT ON PROCEDURE run_clear_candidates() IS
	'清空候选发现: empties the temporary tables that hold what a step finds';

-- Digest of what a finding says: its money and its lines.
CREATE PROCEDURE run_fingerprint()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE pg_temp.medaudit_candidate AS c
	SET fingerprint = pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws('|',
		pg_catalog.trim_scale(c.gross_amount), pg_catalog.trim_scale(c.claimed_amount),
		pg_catalog.trim_scale(c.fund_amount), pg_catalog.trim_scale(c.involved_amount),
		l.lines), 'UTF8'))
	FROM (
		SELECT i.n, pg_catalog.string_agg(pg_catalog.concat_ws('/', i.visit_id, i.line_id,
			pg_catalog.trim_scale(i.excess_quantity), pg_catalog.trim_scale(i.excess_amount)),
			';' ORDER BY i.line_no) AS lines
		FROM pg_temp.medaudit_candidate_line AS i GROUP BY i.n
	) AS l
	WHERE l.n = c.n AND c.fingerprint IS NULL;
END
$$;

COMMENT ON PROCEDURE run_fingerprint() IS
	'内容指纹: digests the money and lines of each candidate that has no digest of its own';

-- Meets the candidates with what stands.  The same decided finding stays and
-- needs no second; one with other content is put aside as changed; what is
-- found no more goes, or is put aside as superseded when it was decided.
CREATE PROCEDURE run_meet_findings(rule_codes text[], from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE pg_temp.medaudit_candidate AS c
	SET finding_id = f.finding_id, standing = f.state,
		same = f.fingerprint = c.fingerprint
	FROM medaudit.finding AS f
	WHERE f.rule_code = c.rule_code AND f.subject_kind = c.subject_kind
		AND f.subject_id = c.subject_id AND f.key = c.key
		AND f.state NOT IN ('changed', 'superseded');

	DELETE FROM medaudit.finding AS f
	WHERE f.rule_code = ANY (rule_codes) AND f.state = 'open'
		AND f.judged_on >= from_date AND f.judged_on < to_date
		AND NOT EXISTS (SELECT FROM pg_temp.medaudit_candidate AS c
			WHERE c.finding_id = f.finding_id);
	UPDATE medaudit.finding AS f
	SET state = 'superseded', decided_state = f.state
	WHERE f.rule_code = ANY (rule_codes) AND f.state IN ('reviewed', 'issued')
		AND f.judged_on >= from_date AND f.judged_on < to_date
		AND NOT EXISTS (SELECT FROM pg_temp.medaudit_candidate AS c
			WHERE c.finding_id = f.finding_id);
	UPDATE medaudit.finding AS f
	SET state = 'changed', decided_state = f.state
	FROM pg_temp.medaudit_candidate AS c
	WHERE c.finding_id = f.finding_id AND c.standing <> 'open' AND NOT c.same;

	UPDATE pg_temp.medaudit_candidate AS c
	SET finding_id = pg_catalog.nextval('medaudit.finding_id_seq'), standing = NULL
	WHERE c.standing IS NULL OR c.standing <> 'open' AND NOT c.same;
END
$$;

COMMENT ON PROCEDURE run_meet_findings(text[], date, date) IS
	'比对既有发现: gives each candidate the number of the standing finding or a new one, and puts aside what changed or is found no more';

-- Stores the candidates of a step; returns how many findings it has.
CREATE FUNCTION run_store(run_no bigint, rule_codes text[]) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	period record;
	found_rows bigint;
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r
	WHERE r.run_id = run_no;
	CALL medaudit.run_fingerprint();
	CALL medaudit.run_meet_findings(rule_codes, period.from_date, period.to_date);

	DELETE FROM medaudit.finding_line AS l USING pg_temp.medaudit_candidate AS c
	WHERE c.finding_id = l.finding_id AND c.standing = 'open';
	INSERT INTO medaudit.finding AS f (finding_id, run_id, rule_code, violation,
		behaviour_code, certainty, article, subject_kind, subject_id, person_id,
		visit_id, facility_id, physician_id, excess_quantity, gross_amount,
		claimed_amount, fund_amount, fund_basis, involved_amount, score, evidence,
		key, judged_on, rule_name, facility_name, person_name, evidence_text,
		fingerprint)
	SELECT c.finding_id, run_no, c.rule_code, r.violation, r.behaviour_code,
		coalesce(c.certainty, r.certainty), r.article, c.subject_kind, c.subject_id, c.person_id,
		c.visit_id, c.facility_id, c.physician_id, c.excess_quantity, c.gross_amount,
		c.claimed_amount, c.fund_amount, c.fund_basis, c.involved_amount, c.score,
		c.evidence, c.key, c.judged_on, r.name_zh, c.facility_name, c.person_name,
		c.evidence_text, c.fingerprint
	FROM pg_temp.medaudit_candidate AS c
	JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
	WHERE c.standing IS NULL OR c.standing = 'open'
	ON CONFLICT (finding_id) DO UPDATE
	SET run_id = excluded.run_id, violation = excluded.violation,
		behaviour_code = excluded.behaviour_code, certainty = excluded.certainty,
		article = excluded.article, person_id = excluded.person_id,
		visit_id = excluded.visit_id, facility_id = excluded.facility_id,
		physician_id = excluded.physician_id,
		excess_quantity = excluded.excess_quantity, gross_amount = excluded.gross_amount,
		claimed_amount = excluded.claimed_amount, fund_amount = excluded.fund_amount,
		fund_basis = excluded.fund_basis, involved_amount = excluded.involved_amount,
		score = excluded.score, evidence = excluded.evidence,
		judged_on = excluded.judged_on, rule_name = excluded.rule_name,
		facility_name = excluded.facility_name, person_name = excluded.person_name,
		evidence_text = excluded.evidence_text, fingerprint = excluded.fingerprint;
	INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id,
		item_code, charged_at, quantity, amount, excess_quantity, excess_amount,
		excess_claimed, fund_amount, item_name, other_code, other_visit_id,
		facility_id, person_id, evidence, evidence_text, facility_name)
	SELECT c.finding_id, l.line_no, l.visit_id, l.line_id, l.item_code, l.charged_at,
		l.quantity, l.amount, l.excess_quantity, l.excess_amount, l.excess_claimed,
		l.fund_amount, l.item_name, l.other_code, l.other_visit_id, l.facility_id,
		l.person_id, l.evidence, l.evidence_text, l.facility_name
	FROM pg_temp.medaudit_candidate_line AS l
	JOIN pg_temp.medaudit_candidate AS c ON c.n = l.n
	WHERE c.standing IS NULL OR c.standing = 'open';

	SELECT pg_catalog.count(*) INTO found_rows FROM pg_temp.medaudit_candidate;
	RETURN found_rows;
END
$$;

COMMENT ON FUNCTION run_store(bigint, text[]) IS
	'保存发现: stores what a step found, replacing the open findings of its rules in the period; returns the number of findings';

-- Key of a finding that joins several visits or lines.
CREATE FUNCTION finding_key(ids text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT encode(sha256(convert_to(
			string_agg(id, E'\x1f' ORDER BY id COLLATE "C"), 'UTF8')), 'hex')
		FROM unnest(ids) AS id);

COMMENT ON FUNCTION finding_key(text[]) IS
	'发现标识: SHA-256 in hex of the identifiers, sorted bytewise and joined by 0x1F; NULL for NULL';

-- ---------------------------------------------------------- charge rules

-- Whether some rule asks of a visit more than its lines.
CREATE FUNCTION rules_need_context(rule_codes text[]) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM medaudit.charge_rule AS c
			JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
			WHERE c.rule_code = ANY (rule_codes)
				AND (r.kind IN ('per_bed_day', 'outside_stay', 'restriction', 'diagnosis', 'resettled')
					OR c.facility_ranks IS NOT NULL OR c.excluded_diagnosis_prefixes IS NOT NULL
					OR c.sex IS NOT NULL OR c.min_age IS NOT NULL OR c.max_age IS NOT NULL
					OR c.visit_types IS NOT NULL OR c.insurance_types IS NOT NULL
					OR c.departments IS NOT NULL OR c.diagnosis_prefixes IS NOT NULL))
		OR EXISTS (SELECT FROM medaudit.package AS p
			WHERE p.rule_code = ANY (rule_codes) AND p.facility_ranks IS NOT NULL);

COMMENT ON FUNCTION rules_need_context(text[]) IS
	'是否需要就诊背景: whether one of the rules asks for sex, age, rank, type, department, dates or diagnoses';

-- The contexts of each person's visits, for audit_charges(); empty when no
-- rule asks for them.
CREATE PROCEDURE run_contexts(rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	by_line bool := EXISTS (SELECT FROM medaudit.charge_rule AS c
		WHERE c.departments IS NOT NULL AND c.rule_code = ANY (rule_codes));
BEGIN
	IF pg_catalog.to_regclass('pg_temp.medaudit_context') IS NULL THEN
		CREATE TEMPORARY TABLE medaudit_context (person_no int, contexts jsonb);
	ELSIF EXISTS (SELECT FROM pg_temp.medaudit_context) THEN
		RETURN;
	END IF;
	INSERT INTO pg_temp.medaudit_context
	SELECT v.person_no, pg_catalog.jsonb_object_agg(v.visit_id,
			pg_catalog.jsonb_build_object(
				'sex', CASE WHEN NOT v.on_mother THEN v.sex END,
				'birth_date', CASE WHEN NOT v.on_mother THEN v.birth_date END,
				'facility_rank', v.facility_rank, 'visit_type', v.visit_type,
				'insurance_type', v.insurance_type, 'department', v.department,
				'line_departments', d.departments, 'admitted_at', v.admitted_at, 'discharged_at', v.discharged_at,
				'diagnosis_codes', v.diagnosis_codes))
	FROM pg_temp.medaudit_visit AS v
	LEFT JOIN (
		-- of lines without an identifier it cannot be told which one it is
		SELECT i.visit_id, pg_catalog.jsonb_object_agg(coalesce(c.line_id, ''),
			CASE WHEN c.line_id <> '' THEN c.department END) AS departments
		FROM medaudit.charge AS c
		JOIN pg_temp.medaudit_visit AS i ON i.visit_id = c.visit_id AND i.charged
		WHERE by_line AND pg_catalog.btrim(c.department) NOT IN ('', coalesce(pg_catalog.btrim(i.department), ''))
		GROUP BY i.visit_id
	) AS d ON d.visit_id = v.visit_id
	WHERE v.charged AND medaudit.rules_need_context(rule_codes)
	GROUP BY v.person_no;
	ANALYZE pg_temp.medaudit_context;
END
$$;

COMMENT ON PROCEDURE run_contexts(text[]) IS
	'就诊背景: sex, age, rank, type, department (and that of each line, where a rule asks for it), dates and diagnoses of each visit, per person, into a temporary table';

-- One pass over the charges of all persons who have a judged visit.
CREATE PROCEDURE run_ask_charges(rule_codes text[])
	LANGUAGE plpgsql
AS $$
DECLARE
	rules medaudit.rulebook := medaudit.compile_rules(VARIADIC rule_codes);
BEGIN
	CALL medaudit.run_contexts(rule_codes);
	IF pg_catalog.to_regclass('pg_temp.medaudit_hit') IS NOT NULL THEN
		DROP TABLE pg_temp.medaudit_hit;
	END IF;
	CREATE TEMPORARY TABLE medaudit_hit AS
	SELECT h.rule_code, h.visit_id, h.item_code, h.other_code, h.other_visit_id,
		h.charged_at, h.line_id, h.quantity, h.amount, h.excess_quantity,
		h.excess_amount, h.excess_claimed, h.outcome, h.evidence, h.certainty
	FROM (
		SELECT v.person_no, medaudit.ledger(c.item_code, c.quantity, c.amount,
				c.charged_at, c.line_id, c.original_line_id, c.visit_id, c.claimed) AS book
		FROM medaudit.charge AS c
		JOIN pg_temp.medaudit_visit AS v ON v.visit_id = c.visit_id
		WHERE v.charged
		GROUP BY v.person_no
	) AS p
	LEFT JOIN pg_temp.medaudit_context AS x ON x.person_no = p.person_no
	CROSS JOIN LATERAL medaudit.audit_charges_with_certainty(p.book, x.contexts, rules) AS h;
	DELETE FROM pg_temp.medaudit_hit AS h USING pg_temp.medaudit_visit AS v
	WHERE v.visit_id = h.visit_id AND NOT v.judged;
	ANALYZE pg_temp.medaudit_hit;
END
$$;

COMMENT ON PROCEDURE run_ask_charges(text[]) IS
	'费用稽核: asks the rules of every person''s ledger and keeps what they say of judged visits in a temporary table';

-- A time as Chinese text: without a clock at midnight.
CREATE FUNCTION time_zh(at timestamp) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN to_char(at, CASE WHEN at = date_trunc('day', at)
		THEN 'YYYY"年"FMMM"月"FMDD"日"' ELSE 'YYYY"年"FMMM"月"FMDD"日"HH24:MI' END);

COMMENT ON FUNCTION time_zh(timestamp) IS
	'中文时间: date, and clock unless it is midnight; NULL for NULL';

-- What failed, as the formula of a condition has it: "sex 1, visit_type 11:
-- condition fails".
CREATE FUNCTION conditions_zh(rule_name text, evidence jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '（' || concat_ws('；', rule_name, (
		SELECT '实际' || replace(replace(replace(replace(replace(replace(replace(replace(
				replace(f, 'sex 1', '性别男'), 'sex 2', '性别女'), 'birth_date', '出生日期'),
				'facility_rank', '机构等级'), 'visit_type', '医疗类别'), 'insurance_type', '险种'),
				'department', '科室'), 'diagnosis_codes without the required one', '无要求的诊断'),
				', ', '、')
		FROM substring(evidence ->> 'formula', '^(?:diagnosis [^ ]+ with )?(.*): condition fails$') AS f)) || '）';

COMMENT ON FUNCTION conditions_zh(text, jsonb) IS
	'未满足的条件: name of the rule and what the visit had instead, in Chinese brackets';

-- Why a line is in excess, in one sentence that stands without the database.
CREATE FUNCTION charge_reason_zh(kind text, rule_name text, evidence jsonb, partner text,
	excess_quantity numeric, other_visit_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind
		WHEN 'duplicate' THEN '与' || coalesce(partner, '前一笔') || '重复收费'
		WHEN 'exclusive' THEN '与已收取的' || coalesce(partner, '主项目') || '属同一项目内涵，不应另行收费'
		WHEN 'quantity' THEN '超过数量上限' || coalesce(evidence ->> 'limit', '')
		WHEN 'per_bed_day' THEN '超过按住院天数计算的数量上限' || coalesce(evidence ->> 'limit', '')
		WHEN 'amount' THEN '超过金额上限' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'price' THEN '超过最高收费标准' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'secondary' THEN '为同一切口第二及以后手术，应按折价计收' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'restriction' THEN '不符合限定支付条件' || medaudit.conditions_zh(rule_name, evidence)
		WHEN 'diagnosis' THEN '诊断' || coalesce(substring(evidence ->> 'formula', '^diagnosis ([^ ]+) '), '')
			|| '与患者情况不符' || medaudit.conditions_zh(rule_name, evidence)
		WHEN 'course' THEN '超过支付疗程' || coalesce(evidence ->> 'limit', '') || '天'
		WHEN 'prerequisite' THEN '未见收取该项目所需的前提项目' || coalesce('（' || rule_name || '）', '')
		WHEN 'outside_stay' THEN '费用日期不在住院期间'
		WHEN 'resettled' THEN '与就诊' || coalesce(other_visit_id, '') || '已结算的费用相同'
		WHEN 'package' THEN CASE WHEN evidence ->> 'formula' LIKE '%beside the package%'
			THEN '所属组合项目已收费，其组成部分不应另行收费' ELSE '为组合项目的组成部分，组合价格' || coalesce(evidence ->> 'limit', '') || '元，不应拆分收费' END
		ELSE '不符合规则' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day', 'amount') AND evidence -> 'window' ->> 0 IS NOT NULL
			THEN '（' || replace(evidence -> 'window' ->> 0, 'T', ' ') || '至'
				|| coalesce(replace(evidence -> 'window' ->> 1, 'T', ' '), '') || '）' ELSE '' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day', 'amount') AND partner IS NOT NULL
			THEN '，期间另有' || partner ELSE '' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day') AND excess_quantity IS NOT NULL
			THEN '，超出数量' || trim_scale(excess_quantity) ELSE '' END;

COMMENT ON FUNCTION charge_reason_zh(text, text, jsonb, text, numeric, text) IS
	'违规原因: why a charge line is in excess, in Chinese, from the evidence of its kind of rule';

CREATE FUNCTION charge_text_zh(charged_at timestamp, item_name text, item_code text,
	quantity numeric, amount numeric, reason text, excess_amount numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(CASE WHEN charged_at IS NULL AND item_code IS NULL THEN '本次就诊' END,
		time_zh(charged_at), CASE WHEN item_code IS NOT NULL THEN '，' || coalesce(
			item_name || '（' || item_code || '）', item_code) END,
		CASE WHEN quantity IS NOT NULL THEN ' 数量' || trim_scale(quantity) END,
		CASE WHEN amount IS NOT NULL THEN '，金额' || round(amount, 2) || '元' END,
		'：', reason,
		CASE WHEN excess_amount IS NOT NULL THEN '，超出金额' || round(excess_amount, 2) || '元' END,
		'。');

COMMENT ON FUNCTION charge_text_zh(timestamp, text, text, numeric, numeric, text, numeric) IS
	'证据说明: one sentence with date, item, quantity, amount, reason and excess';

-- Names and physicians of the lines that were met, and names of the items
-- that they collide with.
CREATE PROCEDURE run_name_hits()
	LANGUAGE plpgsql
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_detail AS
	SELECT c.visit_id, c.line_id, c.item_code, pg_catalog.min(c.item_name) AS item_name,
		pg_catalog.min(c.physician_id) AS physician_id
	FROM medaudit.charge AS c
	JOIN (SELECT DISTINCT h.visit_id, h.line_id FROM pg_temp.medaudit_hit AS h
		WHERE h.outcome = 'excess') AS h ON h.visit_id = c.visit_id AND h.line_id = c.line_id
	GROUP BY c.visit_id, c.line_id, c.item_code;
	CREATE TEMPORARY TABLE medaudit_item AS
	SELECT d.item_code, pg_catalog.min(d.item_name) AS name
	FROM pg_temp.medaudit_detail AS d WHERE d.item_name IS NOT NULL GROUP BY d.item_code;
	INSERT INTO pg_temp.medaudit_item
	SELECT c.item_code, pg_catalog.min(c.item_name)
	FROM medaudit.charge AS c
	WHERE c.item_code IN (
			SELECT h.other_code FROM pg_temp.medaudit_hit AS h WHERE h.outcome = 'excess'
			UNION SELECT h.item_code FROM pg_temp.medaudit_hit AS h WHERE h.outcome = 'excess'
			UNION SELECT h.evidence -> 'partners' -> 0 ->> 'item_code'
			FROM pg_temp.medaudit_hit AS h WHERE h.outcome = 'excess')
		AND NOT EXISTS (SELECT FROM pg_temp.medaudit_item AS i
			WHERE i.item_code = c.item_code)
	GROUP BY c.item_code;
	IF pg_catalog.to_regclass('medaudit.item') IS NOT NULL THEN
		UPDATE pg_temp.medaudit_item AS i SET name = n.name
		FROM (SELECT t.item_code, pg_catalog.min(t.name) AS name
			FROM medaudit.item AS t GROUP BY t.item_code) AS n
		WHERE n.item_code = i.item_code AND i.name IS NULL;
	END IF;
	ANALYZE pg_temp.medaudit_detail, pg_temp.medaudit_item;
END
$$;

COMMENT ON PROCEDURE run_name_hits() IS
	'补充名称: item names and physicians of the lines that rules met, into temporary tables';

-- The lines in excess with all that a finding says of them, numbered by the
-- finding that they belong to: rule, subject and visit.
CREATE PROCEDURE run_charge_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_line AS
	WITH line AS (
		SELECT h.*, r.kind, r.name_zh AS rule_name, v.person_id, v.facility_id, v.facility_name, v.person_name,
			v.judged_at::date AS judged_on, v.physician_id AS visit_physician,
			d.physician_id AS line_physician, coalesce(d.item_name, i.name) AS item_name,
			CASE WHEN p.partner IS NOT NULL THEN pg_catalog.concat(
				medaudit.time_zh((p.partner ->> 'charged_at')::timestamp),
				coalesce(o.name, '项目' || (p.partner ->> 'item_code'))) END AS partner,
			CASE WHEN pg_catalog.lower(v.payment_method) IN ('drg', 'dip', 'case', 'bed_day', 'capitation')
					THEN 'case_paid'
				WHEN v.fund_amount IS NOT NULL AND v.scope_amount > 0 THEN 'by_item'
				ELSE 'unknown' END AS fund_basis,
			v.fund_amount AS visit_fund, v.scope_amount AS visit_scope,
			CASE WHEN r.subject = 'physician' AND coalesce(d.physician_id, v.physician_id) IS NULL
					OR r.subject = 'person' AND v.person_id IS NULL OR r.subject = 'agency'
				THEN 'facility' ELSE r.subject END AS subject_kind
		FROM pg_temp.medaudit_hit AS h
		JOIN medaudit.rule AS r ON r.rule_code = h.rule_code
		JOIN pg_temp.medaudit_visit AS v ON v.visit_id = h.visit_id
		LEFT JOIN pg_temp.medaudit_detail AS d ON d.visit_id = h.visit_id
			AND d.line_id = h.line_id AND d.item_code = h.item_code
		LEFT JOIN pg_temp.medaudit_item AS i ON i.item_code = h.item_code
		CROSS JOIN LATERAL (SELECT h.evidence -> 'partners' -> 0 AS partner) AS p
		LEFT JOIN pg_temp.medaudit_item AS o ON o.item_code = p.partner ->> 'item_code'
		WHERE h.outcome = 'excess'
	), placed AS (
		SELECT l.*, coalesce(l.line_physician, l.visit_physician) AS physician_id,
			CASE l.subject_kind
				WHEN 'physician' THEN coalesce(l.line_physician, l.visit_physician)
				WHEN 'person' THEN l.person_id
				ELSE coalesce(l.facility_id, '') END AS subject_id
		FROM line AS l
	)
	SELECT p.*, pg_catalog.dense_rank() OVER (ORDER BY p.rule_code, p.subject_kind,
			p.subject_id, p.visit_id) AS n,
		pg_catalog.row_number() OVER (PARTITION BY p.rule_code, p.subject_kind,
			p.subject_id, p.visit_id ORDER BY p.charged_at, p.item_code COLLATE "C",
			p.line_id COLLATE "C", p.other_code COLLATE "C") AS line_no,
		medaudit.charge_text_zh(p.charged_at, p.item_name, p.item_code, p.quantity,
			p.amount, medaudit.charge_reason_zh(p.kind, p.rule_name, p.evidence, p.partner,
				p.excess_quantity, p.other_visit_id), p.excess_amount) AS evidence_text
	FROM placed AS p;
END
$$;

COMMENT ON PROCEDURE run_charge_lines() IS
	'超出明细: the lines in excess, numbered by finding, with names, subject, fund basis and sentence, in a temporary table';

-- Fund money of a line: what its claimed excess is of the visit's claim.  The
-- rounded lines add up to the rounded finding.
CREATE PROCEDURE run_charge_candidates()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CALL medaudit.run_clear_candidates();
	INSERT INTO pg_temp.medaudit_candidate_line (n, line_no, visit_id, line_id,
		item_code, charged_at, quantity, amount, excess_quantity, excess_amount,
		excess_claimed, fund_amount, item_name, other_code, other_visit_id,
		facility_id, person_id, evidence, evidence_text, facility_name)
	SELECT l.n, l.line_no, l.visit_id, l.line_id, l.item_code, l.charged_at,
		l.quantity, l.amount, l.excess_quantity, l.excess_amount, l.excess_claimed,
		CASE WHEN l.excess_claimed IS NULL THEN NULL
			WHEN l.fund_basis = 'case_paid' THEN 0.00 WHEN l.fund_basis = 'by_item' THEN
			pg_catalog.round(pg_catalog.sum(l.excess_claimed) OVER so_far
				* l.visit_fund / l.visit_scope, 2)
			- pg_catalog.round((pg_catalog.sum(l.excess_claimed) OVER so_far - l.excess_claimed)
				* l.visit_fund / l.visit_scope, 2) END,
		l.item_name, l.other_code, l.other_visit_id, l.facility_id, l.person_id,
		l.evidence, l.evidence_text, l.facility_name
	FROM pg_temp.medaudit_line AS l
	WINDOW so_far AS (PARTITION BY l.n ORDER BY l.line_no);
	INSERT INTO pg_temp.medaudit_candidate (n, rule_code, subject_kind, subject_id,
		key, person_id, visit_id, facility_id, physician_id, excess_quantity,
		gross_amount, claimed_amount, fund_amount, fund_basis, involved_amount,
		evidence, judged_on, facility_name, person_name, certainty)
	SELECT l.n, pg_catalog.min(l.rule_code), pg_catalog.min(l.subject_kind),
		pg_catalog.min(l.subject_id), pg_catalog.min(l.visit_id),
		pg_catalog.min(l.person_id), pg_catalog.min(l.visit_id),
		pg_catalog.min(l.facility_id), CASE WHEN pg_catalog.count(DISTINCT l.physician_id) = 1
			THEN pg_catalog.min(l.physician_id) END,
		pg_catalog.sum(l.excess_quantity), pg_catalog.sum(l.excess_amount),
		pg_catalog.sum(l.excess_claimed), pg_catalog.sum(c.fund_amount),
		CASE WHEN pg_catalog.sum(l.excess_amount) IS NOT NULL THEN pg_catalog.min(l.fund_basis) END,
		pg_catalog.sum(l.amount) FILTER (WHERE l.excess_amount IS NULL),
		(pg_catalog.array_agg(l.evidence ORDER BY l.excess_amount DESC NULLS LAST, l.line_no))[1]
			|| pg_catalog.jsonb_build_object('lines', pg_catalog.count(*)),
		pg_catalog.min(l.judged_on), pg_catalog.min(l.facility_name),
		pg_catalog.min(l.person_name),
		-- as certain as the least certain of its lines
		(ARRAY['notice', 'suspicion', 'violation'])[pg_catalog.min(
			pg_catalog.array_position(ARRAY['notice', 'suspicion', 'violation'], l.certainty))]
	FROM pg_temp.medaudit_line AS l
	JOIN pg_temp.medaudit_candidate_line AS c ON c.n = l.n AND c.line_no = l.line_no
	GROUP BY l.n;
END
$$;

COMMENT ON PROCEDURE run_charge_candidates() IS
	'费用发现: a candidate finding per rule, subject and visit, with gross, claimed and fund money';

-- The charge group of a run: rows of findings and lines not judged.
CREATE PROCEDURE run_charges(run_no bigint, rule_codes text[],
	INOUT found_rows bigint DEFAULT NULL, INOUT insufficient bigint DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['medaudit_detail', 'medaudit_item', 'medaudit_line'] LOOP
		IF pg_catalog.to_regclass('pg_temp.' || name) IS NOT NULL THEN
			EXECUTE pg_catalog.format('DROP TABLE pg_temp.%I', name);
		END IF;
	END LOOP;
	CALL medaudit.run_ask_charges(rule_codes);
	CALL medaudit.run_name_hits();
	CALL medaudit.run_charge_lines();
	CALL medaudit.run_charge_candidates();
	found_rows := medaudit.run_store(run_no, rule_codes);

	SELECT pg_catalog.count(*) INTO insufficient
	FROM pg_temp.medaudit_hit AS h WHERE h.outcome = 'insufficient';
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows)
	SELECT run_no, 'charge', pg_catalog.format('rule %s could not judge: %s missing',
			h.rule_code, pg_catalog.array_to_string(h.missing, ', ')),
		pg_catalog.format('规则%s无法判断，缺少：%s', h.rule_code,
			pg_catalog.array_to_string(h.missing, '、')), pg_catalog.count(*)
	FROM (
		SELECT i.rule_code, ARRAY(SELECT pg_catalog.jsonb_array_elements_text(
			i.evidence -> 'missing')) AS missing
		FROM pg_temp.medaudit_hit AS i WHERE i.outcome = 'insufficient'
	) AS h
	GROUP BY h.rule_code, h.missing
	ON CONFLICT (run_id, relation, problem) DO UPDATE SET rows = excluded.rows;
END
$$;

COMMENT ON PROCEDURE run_charges(bigint, text[], bigint, bigint) IS
	'费用规则组: judges the ledgers of a run by some charge rules and stores what is found';

-- ----------------------------------------------------------- data quality

CREATE PROCEDURE run_note(run_no bigint, relation text, problem text, problem_zh text,
	rows bigint)
	LANGUAGE sql
BEGIN ATOMIC
	INSERT INTO medaudit.run_quality AS q (run_id, relation, problem, problem_zh, rows)
	SELECT run_no, run_note.relation, run_note.problem, run_note.problem_zh, run_note.rows
	WHERE run_note.rows > 0
	ON CONFLICT ON CONSTRAINT run_quality_pkey DO UPDATE SET rows = excluded.rows;
END;

COMMENT ON PROCEDURE run_note(bigint, text, text, text, bigint) IS
	'记录数据问题: how many rows of a relation a run could not use; none leaves no trace';

CREATE PROCEDURE run_quality_charges(run_no bigint)
	LANGUAGE plpgsql
AS $$
DECLARE
	period record;
	c record;
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	SELECT pg_catalog.count(*) FILTER (WHERE f.item_code IS NULL OR f.quantity IS NULL
			OR f.amount IS NULL OR f.charged_at IS NULL) AS incomplete,
		pg_catalog.count(*) FILTER (WHERE f.visit_id IS NULL) AS no_visit,
		pg_catalog.count(*) FILTER (WHERE f.visit_id IS NOT NULL AND v.visit_id IS NULL) AS unknown_visit
	INTO c
	FROM medaudit.charge AS f
	LEFT JOIN (SELECT DISTINCT i.visit_id FROM medaudit.visit AS i) AS v
		ON v.visit_id = f.visit_id
	WHERE f.charged_at >= period.from_date AND f.charged_at < period.to_date
		OR f.charged_at IS NULL;
	CALL medaudit.run_note(run_no, 'charge', 'item, quantity, amount or time is missing',
		'费用明细缺少项目、数量、金额或时间', c.incomplete);
	CALL medaudit.run_note(run_no, 'charge', 'no visit is named', '费用明细没有就诊编号', c.no_visit);
	CALL medaudit.run_note(run_no, 'charge', 'the visit is not bound',
		'费用明细的就诊编号不存在', c.unknown_visit);
END
$$;

COMMENT ON PROCEDURE run_quality_charges(bigint) IS
	'费用数据质量: counts charges of the period that no rule could see';

-- Lines of judged visits that contradict themselves or their stay.  The pass
-- counts by item too, for run_quality_rules() and run_quality_units().
CREATE PROCEDURE run_quality_lines(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	c record;
BEGIN
	CREATE TEMPORARY TABLE medaudit_charged AS
	SELECT f.item_code, medaudit.line_problems(
			CASE WHEN v.stay THEN v.admitted_at END, CASE WHEN v.stay THEN v.discharged_at END,
			f.charged_at, f.quantity, f.unit_price, f.amount, f.claimed) AS problems,
		pg_catalog.count(*) AS lines
	FROM medaudit.charge AS f
	JOIN pg_temp.medaudit_visit AS v ON v.visit_id = f.visit_id AND v.judged
	GROUP BY 1, 2;
	FOR c IN
		SELECT p.problem, pg_catalog.sum(i.lines)::bigint AS lines
		FROM pg_temp.medaudit_charged AS i
		CROSS JOIN LATERAL pg_catalog.unnest(i.problems) AS p (problem)
		-- what is missing, and stays that end before they begin, are told above
		WHERE p.problem NOT IN ('discharge_before_admission', 'no_charged_at', 'no_quantity', 'no_amount')
		GROUP BY p.problem
	LOOP
		CALL medaudit.run_note(run_no, 'charge', 'line_problems: ' || c.problem,
			'费用明细' || CASE c.problem WHEN 'before_admission' THEN '日期早于入院'
				WHEN 'after_discharge' THEN '日期晚于出院' WHEN 'sign' THEN '数量与金额符号不符'
				WHEN 'amount_not_quantity_times_price' THEN '金额不等于数量乘单价'
				WHEN 'claimed_above_amount' THEN '符合范围金额大于金额' ELSE '：' || c.problem END, c.lines);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE run_quality_lines(bigint) IS
	'明细数据质量: counts charges of judged visits by item and by what line_problems() says of them';

-- Items of which a visit gave back more than it charged: some refund has no
-- charge.  Few lines are refunds, so only their items are added up.
CREATE PROCEDURE run_quality_refunds(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	orphans bigint;
BEGIN
	SELECT pg_catalog.count(*) INTO orphans
	FROM (
		SELECT f.visit_id, f.item_code
		FROM medaudit.charge AS f
		JOIN (SELECT DISTINCT i.visit_id, i.item_code
			FROM medaudit.charge AS i
			JOIN pg_temp.medaudit_visit AS v ON v.visit_id = i.visit_id AND v.judged
			WHERE i.quantity < 0) AS r ON r.visit_id = f.visit_id AND r.item_code = f.item_code
		GROUP BY f.visit_id, f.item_code
		HAVING pg_catalog.sum(f.quantity) < 0
	) AS o;
	CALL medaudit.run_note(run_no, 'charge', 'an item of a visit of which more was refunded than charged',
		'同一就诊同一项目退费数量大于收费数量', orphans);
END
$$;

COMMENT ON PROCEDURE run_quality_refunds(bigint) IS
	'退费数据质量: counts the items of judged visits that were refunded beyond what was charged';

-- Charge rules that a run did ask, alone or in their group.
CREATE FUNCTION run_asked_rules(run_no bigint) RETURNS text[]
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	codes text[];
BEGIN
	SELECT pg_catalog.array_agg(r.rule_code ORDER BY r.rule_code COLLATE "C") INTO codes
	FROM medaudit.run AS n
	CROSS JOIN LATERAL medaudit.run_rules(n.rules) AS r
	WHERE n.run_id = run_no AND r.step = 'charges' AND r.missing IS NULL
		AND EXISTS (SELECT FROM medaudit.run_step AS s
			WHERE s.run_id = run_no AND s.step = 'charges' AND s.state = 'done'
				AND coalesce(s.rule_code, r.rule_code) = r.rule_code);
	RETURN codes;
END
$$;

COMMENT ON FUNCTION run_asked_rules(bigint) IS
	'已执行的费用规则: codes of the charge rules that a run has asked; NULL: none';

-- Rules that meet no line find nothing, however much is wrong: that is said
-- aloud, and kept.
CREATE PROCEDURE run_quality_rules(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	codes text[] := medaudit.run_asked_rules(run_no);
	m record;
	unmet text[] := '{}';
BEGIN
	IF codes IS NULL THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM pg_temp.medaudit_charged AS i) THEN
		RAISE WARNING 'run %: the visits judged have no charge lines: no charge rule met anything', run_no;
		SELECT r.visits INTO m FROM medaudit.run AS r WHERE r.run_id = run_no;
		CALL medaudit.run_note(run_no, 'visit', 'no visit judged has charge lines',
			'就诊均无费用明细，费用规则未执行', m.visits);
		RETURN;
	END IF;
	FOR m IN
		SELECT t.rule_code, t.rows, t.rows - t.rows_that_match AS idle
		FROM medaudit.rule_match(medaudit.compile_rules(VARIADIC codes), ARRAY(
			SELECT DISTINCT i.item_code FROM pg_temp.medaudit_charged AS i)) AS t
	LOOP
		IF m.rows = 0 THEN
			CALL medaudit.run_note(run_no, 'rule', pg_catalog.format('rule %s has no rows of knowledge', m.rule_code),
				pg_catalog.format('规则%s没有规则知识', m.rule_code), 1);
		ELSE
			CALL medaudit.run_note(run_no, 'rule', pg_catalog.format(CASE WHEN m.idle < m.rows
					THEN 'rule %s: rows that meet no line' ELSE 'rule %s meets no line' END, m.rule_code),
				pg_catalog.format(CASE WHEN m.idle < m.rows THEN '规则%s中未对应到任何费用明细的规则行'
					ELSE '规则%s未对应到任何费用明细' END, m.rule_code), m.idle);
		END IF;
		IF m.idle = m.rows THEN
			unmet := unmet || m.rule_code;
		END IF;
	END LOOP;
	IF unmet <> '{}' THEN
		RAISE WARNING USING
			MESSAGE = pg_catalog.format('run %s: %s of %s charge rules meet no line of the visits judged: %s',
				run_no, pg_catalog.cardinality(unmet), pg_catalog.cardinality(codes),
				pg_catalog.array_to_string(unmet[:5], ', ')
					|| CASE WHEN pg_catalog.cardinality(unmet) > 5 THEN ', ...' ELSE '' END),
			HINT = 'Codes that are not mapped are the usual reason: see medaudit.data_quality (relation rule), and medaudit.rule_match() for rows, rows_that_match and items_matched of each rule.';
	END IF;
END
$$;

COMMENT ON PROCEDURE run_quality_rules(bigint) IS
	'规则对应情况: tells with a warning which charge rules of a run meet no line of the judged visits, and keeps the numbers of their rows';

-- Charges of judged visits that meet a row in other units, and that item does
-- not list: their unit is not known.
CREATE FUNCTION run_unlisted_units(rule_codes text[]) RETURNS TABLE (rule_code text, lines bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF pg_catalog.to_regclass('medaudit.item') IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH off AS MATERIALIZED (
		SELECT c.rule_code, c.item_code, CASE WHEN medaudit.code_key(c.item_code, c.code_match) IS NULL
				THEN 'exact' ELSE c.code_match END AS code_match
		FROM medaudit.rows_off_by_unit() AS o
		JOIN medaudit.charge_rule AS c ON c.charge_rule_id = o
		WHERE c.rule_code = ANY (rule_codes)
	), unlisted AS MATERIALIZED (
		SELECT i.item_code, pg_catalog.sum(i.lines)::bigint AS lines
		FROM pg_temp.medaudit_charged AS i
		WHERE NOT EXISTS (SELECT FROM medaudit.item AS t WHERE t.item_code = i.item_code)
		GROUP BY i.item_code
	), met AS (
		SELECT o.rule_code, u.item_code, u.lines
		FROM off AS o
		JOIN (SELECT n.item_code, n.lines, m.code_match, medaudit.code_key(n.item_code, m.code_match) AS key
			FROM unlisted AS n
			CROSS JOIN pg_catalog.unnest('{exact,service,product,generic}'::text[]) AS m (code_match)) AS u
			ON u.code_match = o.code_match AND u.key = medaudit.code_key(o.item_code, o.code_match)
		WHERE o.item_code NOT LIKE '%\%'
		UNION
		SELECT o.rule_code, u.item_code, u.lines
		FROM off AS o
		JOIN unlisted AS u ON pg_catalog.starts_with(u.item_code, pg_catalog.left(o.item_code, -1))
		WHERE o.item_code LIKE '%\%'
	)
	SELECT m.rule_code, pg_catalog.sum(m.lines)::bigint FROM met AS m GROUP BY m.rule_code;
END
$$;

COMMENT ON FUNCTION run_unlisted_units(text[]) IS
	'未列项目的单位: charges of judged visits for which rules are off, because the row holds in other units and item does not list the code';

-- Caps that a run could not ask, for the unit of the rule is not the item's.
CREATE PROCEDURE run_quality_units(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	codes text[] := medaudit.run_asked_rules(run_no);
	u record;
BEGIN
	FOR u IN
		SELECT p.rule_code, pg_catalog.count(*) AS items, pg_catalog.sum(c.lines)::bigint AS lines
		FROM (SELECT DISTINCT i.rule_code, i.item_code FROM medaudit.unit_problems() AS i
			WHERE i.item_code IS NOT NULL AND i.rule_code = ANY (codes)) AS p
		LEFT JOIN (SELECT i.item_code, pg_catalog.sum(i.lines) AS lines
			FROM pg_temp.medaudit_charged AS i GROUP BY i.item_code) AS c ON c.item_code = p.item_code
		GROUP BY p.rule_code
	LOOP
		CALL medaudit.run_note(run_no, 'item', pg_catalog.format('rule %s is off: its unit does not relate to the item''s (see unit_problems())', u.rule_code),
			pg_catalog.format('规则%s的计量单位与项目的计价单位无法换算，对这些项目未执行', u.rule_code), u.items);
		CALL medaudit.run_note(run_no, 'charge', pg_catalog.format('rule %s could not judge: its unit does not relate to the item''s', u.rule_code),
			pg_catalog.format('规则%s无法判断：计量单位与项目的计价单位无法换算', u.rule_code), u.lines);
	END LOOP;
	FOR u IN SELECT n.rule_code, n.lines FROM medaudit.run_unlisted_units(codes) AS n LOOP
		CALL medaudit.run_note(run_no, 'charge', pg_catalog.format('rule %s could not judge: item does not list the code, so its unit is not known', u.rule_code),
			pg_catalog.format('规则%s无法判断：项目目录未列该编码，计价单位未知', u.rule_code), u.lines);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE run_quality_units(bigint) IS
	'单位数据质量: counts items, and charges of judged visits, for which rules of a run were off because of their unit';

CREATE PROCEDURE run_quality_visits(run_no bigint)
	LANGUAGE plpgsql
AS $$
DECLARE
	v record;
	pending bigint;
BEGIN
	SELECT pg_catalog.count(*) FILTER (WHERE i.person_id IS NULL) AS no_person,
		pg_catalog.count(*) FILTER (WHERE i.facility_id IS NULL) AS no_facility,
		pg_catalog.count(*) FILTER (WHERE i.discharged_at < i.admitted_at) AS reversed,
		pg_catalog.count(*) FILTER (WHERE i.stay AND i.main_diagnosis IS NULL) AS no_diagnosis
	INTO v FROM pg_temp.medaudit_visit AS i WHERE i.judged;
	CALL medaudit.run_note(run_no, 'visit', 'the person is missing', '就诊没有人员编号', v.no_person);
	CALL medaudit.run_note(run_no, 'visit', 'the facility is missing', '就诊没有机构编号', v.no_facility);
	CALL medaudit.run_note(run_no, 'visit', 'discharged before admitted',
		'出院时间早于入院时间', v.reversed);
	CALL medaudit.run_note(run_no, 'visit', 'a stay without main diagnosis',
		'住院没有主要诊断', v.no_diagnosis);
	IF EXISTS (SELECT FROM medaudit.run AS n
			CROSS JOIN LATERAL medaudit.run_rules(n.rules) AS r
			WHERE n.run_id = run_no AND r.kind = 'same_household_admissions') THEN
		CALL medaudit.run_read_links();
		SELECT pg_catalog.count(*) INTO pending FROM pg_temp.medaudit_visit AS i
		WHERE i.judged AND i.stay AND NOT EXISTS (
			SELECT FROM pg_temp.medaudit_link AS l WHERE l.person_id = i.person_id);
		CALL medaudit.run_note(run_no, 'person',
			'a stay of a person without household, readable address or telephone',
			'住院患者没有家庭编号、可识别的住址或电话，未参与同进同出分析', pending);
	END IF;
	SELECT pg_catalog.count(DISTINCT i.visit_id) INTO pending
	FROM medaudit.visit AS i WHERE i.settled_at IS NULL AND i.discharged_at IS NULL;
	CALL medaudit.run_note(run_no, 'visit', 'neither settled nor discharged: not judged yet',
		'尚未结算或出院，未纳入稽核', pending);
END
$$;

COMMENT ON PROCEDURE run_quality_visits(bigint) IS
	'就诊数据质量: counts visits of a run that some rules could not see';

-- ---------------------------------------------------------------- the run

-- Rules that a run can ask, with the step that asks them.
CREATE FUNCTION run_rules(rule_codes text[]) RETURNS TABLE (rule_code text,
	kind text, step text, missing text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
AS $$
	WITH off AS MATERIALIZED (
		SELECT o.rule_code, 'not bound: ' || pg_catalog.string_agg(
			o.relation || '.' || o.column_name, ', ' ORDER BY o.relation, o.column_name) AS why
		FROM medaudit.rules_off() AS o GROUP BY o.rule_code
	)
	SELECT r.rule_code, r.kind, CASE k.book WHEN 'ledger' THEN 'charges' ELSE r.kind END,
		CASE WHEN k.book IN ('ledger', 'persons', 'stays') THEN off.why
			ELSE 'run_audit does not ask this kind' END
	FROM medaudit.rule AS r
	JOIN medaudit.rule_kind AS k ON k.kind = r.kind
	LEFT JOIN off ON off.rule_code = r.rule_code
	WHERE CASE WHEN rule_codes IS NULL THEN r.enabled
		ELSE r.rule_code = ANY (rule_codes) END
$$;

COMMENT ON FUNCTION run_rules(text[]) IS
	'运行规则: the enabled rules (NULL) or the named ones, the step that asks each, and why it is off (NULL: it is not)';

CREATE PROCEDURE check_run_arguments(from_date date, to_date date, rules text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF from_date IS NULL OR to_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = pg_catalog.format(
			'%s must not be null', CASE WHEN from_date IS NULL THEN 'from_date' ELSE 'to_date' END);
	END IF;
	IF NOT from_date < to_date OR NOT pg_catalog.isfinite(from_date)
			OR NOT pg_catalog.isfinite(to_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = 'from_date must be before to_date, and both finite',
			DETAIL = pg_catalog.format('The period would be %s to %s.', from_date, to_date);
	END IF;
	SELECT pg_catalog.string_agg(coalesce(pg_catalog.quote_literal(c), 'NULL'), ', ') INTO unknown
	FROM pg_catalog.unnest(rules) AS c
	WHERE NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = c);
	IF unknown IS NOT NULL OR rules = '{}' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = coalesce('rules are not known: ' || unknown, 'rules must not be empty'),
			HINT = 'The rules stand in medaudit.rule; NULL takes all that are enabled.';
	END IF;
	SELECT pg_catalog.string_agg(b.relation || '.' || b.column_name, ', '
			ORDER BY b.relation, b.column_name) INTO unknown
	FROM medaudit.bound_columns() AS b
	JOIN medaudit.relation_column AS c USING (relation, column_name)
	WHERE b.relation IN ('charge', 'visit') AND c.required AND NOT b.bound;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = 'the relations visit and charge must be bound before a run',
			DETAIL = 'Missing: ' || unknown || '.',
			HINT = 'CALL medaudit.bind(''visit'', ...) and bind(''charge'', ...).';
	END IF;
END
$$;

COMMENT ON PROCEDURE check_run_arguments(date, date, text[]) IS
	'检查运行参数: 22004, 22023 or 55000 for a period, rules or sources with which no run can be made';

-- The run to go on with, or a new one with its steps.
CREATE FUNCTION run_open(from_date date, to_date date, rules text[], resume bool)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	run_no bigint;
BEGIN
	IF resume THEN
		SELECT r.run_id INTO run_no FROM medaudit.run AS r
		WHERE r.from_date = run_open.from_date AND r.to_date = run_open.to_date
			AND r.rules IS NOT DISTINCT FROM run_open.rules
		ORDER BY r.run_id DESC LIMIT 1;
		IF FOUND AND EXISTS (SELECT FROM medaudit.run AS r
				WHERE r.run_id = run_no AND r.state <> 'done') THEN
			UPDATE medaudit.run AS r SET state = 'running', finished_at = NULL,
				pid = pg_catalog.pg_backend_pid()
			WHERE r.run_id = run_no;
			UPDATE medaudit.run_step AS s SET state = 'pending', error = NULL
			WHERE s.run_id = run_no AND s.state IN ('running', 'failed');
			RETURN run_no;
		END IF;
		RAISE NOTICE 'no run of this period and these rules was interrupted: a new one begins';
	END IF;

	INSERT INTO medaudit.run (from_date, to_date, rules)
	VALUES (run_open.from_date, run_open.to_date, run_open.rules)
	RETURNING run_id INTO run_no;
	INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code, state, error)
	SELECT run_no, pg_catalog.row_number() OVER (ORDER BY s.place, s.rule_code COLLATE "C"),
		s.step, s.rule_code, s.state, s.error
	FROM (
		SELECT DISTINCT 1 AS place, 'charges' AS step, NULL AS rule_code, 'pending' AS state,
			NULL AS error
		FROM medaudit.run_rules(rules) AS r WHERE r.step = 'charges' AND r.missing IS NULL
		UNION ALL
		SELECT coalesce(pg_catalog.array_position(
				'{charges,split_stays,overlapping_stays,events_in_stay,hang_bed,low_standard_stay,frequent_stays,same_household_admissions,companions,over_capacity,admission_bursts,similar_amounts,invalid_resident_id,resident_id_mismatch,shared_resident_id,events_after_death}',
				r.step), 90),
			r.step, r.rule_code,
			CASE WHEN r.missing IS NULL THEN 'pending' ELSE 'skipped' END,
			r.missing
		FROM medaudit.run_rules(rules) AS r WHERE r.step <> 'charges' OR r.missing IS NOT NULL
		UNION ALL
		SELECT 99, 'data_quality', NULL, 'pending', NULL
	) AS s;
	RETURN run_no;
END
$$;

COMMENT ON FUNCTION run_open(date, date, text[], bool) IS
	'登记运行: number of the run to go on with, or of a new one with its steps';

CREATE PROCEDURE run_prepare(run_no bigint)
	LANGUAGE plpgsql
AS $$
DECLARE
	period record;
	charge_days int;
	stay_days int;
BEGIN
	SELECT r.from_date, r.to_date, r.rules INTO period FROM medaudit.run AS r
	WHERE r.run_id = run_no;
	-- of a course beyond its days some line before them must be seen: doses lie
	-- at most a quarter apart
	SELECT greatest(pg_catalog.max(CASE r.kind WHEN 'resettled' THEN 366
		WHEN 'course' THEN greatest(366, least(c.max_days, 3660) + 92)
		ELSE medaudit.scope_days(c.scope) END), 1) INTO charge_days
	FROM medaudit.run_rules(period.rules) AS r
	JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code;
	SELECT greatest(pg_catalog.max(366 + s.max_gap_days), pg_catalog.max(s.period_days),
		pg_catalog.max(7 * s.weeks + 7), 366) INTO stay_days
	FROM medaudit.run_rules(period.rules) AS r
	JOIN medaudit.stay_rule AS s ON s.rule_code = r.rule_code;

	CALL medaudit.run_clear();
	CALL medaudit.run_read_others(period.rules);
	CALL medaudit.run_read_visits(period.from_date, period.to_date, charge_days,
		least(stay_days, 3660));
	UPDATE medaudit.run AS r
	SET visits = (SELECT pg_catalog.count(*) FROM pg_temp.medaudit_visit AS v WHERE v.judged)
	WHERE r.run_id = run_no;
END
$$;

COMMENT ON PROCEDURE run_prepare(bigint) IS
	'准备运行: reads the visits of the period, and as far back as the rules of the run look, into temporary tables';

-- Open findings of the period whose rules are not enabled any more.
CREATE PROCEDURE run_retire(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	period record;
	codes text[];
BEGIN
	SELECT r.from_date, r.to_date, r.rules INTO period FROM medaudit.run AS r
	WHERE r.run_id = run_no;
	IF period.rules IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT pg_catalog.array_agg(DISTINCT f.rule_code) INTO codes
	FROM medaudit.finding AS f
	WHERE f.judged_on >= period.from_date AND f.judged_on < period.to_date
		AND NOT EXISTS (SELECT FROM medaudit.run_rules(NULL) AS r
			WHERE r.rule_code = f.rule_code);
	IF codes IS NOT NULL THEN
		CALL medaudit.run_clear_candidates();
		CALL medaudit.run_meet_findings(codes, period.from_date, period.to_date);
	END IF;
END
$$;

COMMENT ON PROCEDURE run_retire(bigint) IS
	'清理停用规则: removes open findings of the period whose rules are not enabled any more, when a run asks all rules';

-- One step; what it finds is committed by the caller.
CREATE PROCEDURE run_do(run_no bigint, step text, code text,
	INOUT found_rows bigint DEFAULT NULL, INOUT insufficient bigint DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	codes text[];
BEGIN
	IF step = 'data_quality' THEN
		CALL medaudit.run_quality_charges(run_no);
		CALL medaudit.run_quality_lines(run_no);
		CALL medaudit.run_quality_refunds(run_no);
		CALL medaudit.run_quality_rules(run_no);
		CALL medaudit.run_quality_units(run_no);
		CALL medaudit.run_quality_visits(run_no);
		CALL medaudit.run_retire(run_no);
		SELECT pg_catalog.count(*) INTO found_rows FROM medaudit.run_quality AS q
		WHERE q.run_id = run_no;
	ELSIF step = 'charges' THEN
		SELECT pg_catalog.array_agg(r.rule_code ORDER BY r.rule_code) INTO codes
		FROM medaudit.run AS n
		CROSS JOIN LATERAL medaudit.run_rules(CASE WHEN code IS NULL
			THEN n.rules ELSE ARRAY[code] END) AS r
		WHERE n.run_id = run_no AND r.step = 'charges' AND r.missing IS NULL;
		CALL medaudit.run_charges(run_no, codes, found_rows, insufficient);
	ELSIF EXISTS (SELECT FROM medaudit.rule AS r
			JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.book = 'persons'
			WHERE r.rule_code = code) THEN
		CALL medaudit.run_persons(run_no, code, found_rows);
	ELSE
		CALL medaudit.run_stays(run_no, code, found_rows);
	END IF;
END
$$;

COMMENT ON PROCEDURE run_do(bigint, text, text, bigint, bigint) IS
	'执行步骤: does one step of a run';

-- What became of a step.  A group of rules that failed is asked again rule by
-- rule, so that one broken rule does not take the others with it.
CREATE PROCEDURE run_step_done(run_no bigint, no int, found_rows bigint,
	insufficient bigint, failure text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	done medaudit.run_step;
BEGIN
	UPDATE medaudit.run_step AS s
	SET state = CASE WHEN failure IS NULL THEN 'done' ELSE 'failed' END,
		rows = found_rows, insufficient = run_step_done.insufficient, error = failure,
		finished_at = pg_catalog.clock_timestamp(),
		seconds = extract(epoch FROM pg_catalog.clock_timestamp() - s.started_at)
	WHERE s.run_id = run_no AND s.step_no = no
	RETURNING s.* INTO done;
	IF failure IS NOT NULL AND done.step = 'charges' AND done.rule_code IS NULL THEN
		UPDATE medaudit.run_step AS s SET state = 'skipped',
			error = 'asked again rule by rule: ' || failure
		WHERE s.run_id = run_no AND s.step_no = no;
		INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code)
		SELECT run_no, (SELECT pg_catalog.max(s.step_no) FROM medaudit.run_step AS s
				WHERE s.run_id = run_no) + pg_catalog.row_number() OVER (ORDER BY r.rule_code COLLATE "C"),
			'charges', r.rule_code
		FROM medaudit.run AS n
		CROSS JOIN LATERAL medaudit.run_rules(n.rules) AS r
		WHERE n.run_id = run_no AND r.step = 'charges' AND r.missing IS NULL;
	END IF;
	IF failure IS NULL THEN
		RAISE NOTICE 'run %, step %, %: % rows in % s', run_no, no,
			coalesce(done.rule_code, done.step), found_rows, done.seconds;
	ELSE
		RAISE WARNING 'run %, step %, % failed: %', run_no, no,
			coalesce(done.rule_code, done.step), failure;
	END IF;
END
$$;

COMMENT ON PROCEDURE run_step_done(bigint, int, bigint, bigint, text) IS
	'登记步骤结果: rows, seconds or error of a step; a failed group of charge rules gets a step per rule';

-- The lock of a run is the session's, for it outlives the commits of a run.
CREATE PROCEDURE run_lock()
	LANGUAGE plpgsql
AS $$
BEGIN
	IF NOT medaudit.audit_may_commit() THEN
		RAISE EXCEPTION USING ERRCODE = '2D000',
			MESSAGE = 'run_audit cannot run inside a transaction block or function',
			HINT = 'It commits after each rule group: CALL it by itself, in autocommit mode.';
	END IF;
	IF NOT medaudit.run_is_alive(pg_catalog.pg_backend_pid())
			AND NOT pg_catalog.pg_try_advisory_lock(1835361377, 1) THEN
		RAISE EXCEPTION USING ERRCODE = '55006',
			MESSAGE = 'another audit run is going on in this database',
			-- while it reads the visits its row is not yet seen by others
			DETAIL = coalesce((SELECT pg_catalog.format('It is run %s of backend %s.', r.run_id, r.pid)
				FROM medaudit.run AS r WHERE r.state = 'running'
					AND medaudit.run_is_alive(r.pid) ORDER BY r.run_id DESC LIMIT 1),
				'It is still reading the visits.'),
			HINT = 'See medaudit.run_progress; one run is made at a time.';
	END IF;
END
$$;

COMMENT ON PROCEDURE run_lock() IS
	'运行锁: 2D000 where the caller may not commit, 55006 where another run is going on';

CREATE PROCEDURE run_unlock()
	LANGUAGE plpgsql
AS $$
BEGIN
	IF medaudit.run_is_alive(pg_catalog.pg_backend_pid()) THEN
		PERFORM pg_catalog.pg_advisory_unlock(1835361377, 1);
	END IF;
END
$$;

COMMENT ON PROCEDURE run_unlock() IS '释放运行锁: lets another run begin';

CREATE PROCEDURE run_audit(from_date date, to_date date, rules text[] DEFAULT NULL,
	resume bool DEFAULT false)
	LANGUAGE plpgsql
AS $$
DECLARE
	run_no bigint;
	next record;
	found_rows bigint;
	insufficient bigint;
	failure text;
	failed bool := false;
BEGIN
	CALL medaudit.run_lock();
	BEGIN
		CALL medaudit.check_run_arguments(from_date, to_date, rules);
		run_no := medaudit.run_open(from_date, to_date, rules, coalesce(resume, false));
		CALL medaudit.run_prepare(run_no);
	EXCEPTION WHEN query_canceled OR OTHERS THEN
		CALL medaudit.run_unlock();
		RAISE;
	END;
	COMMIT;

	LOOP
		SELECT s.step_no, s.step, s.rule_code INTO next
		FROM medaudit.run_step AS s
		WHERE s.run_id = run_no AND s.state = 'pending'
		ORDER BY s.step = 'data_quality', s.step_no LIMIT 1;
		EXIT WHEN NOT FOUND;
		UPDATE medaudit.run_step AS s
		SET state = 'running', started_at = pg_catalog.clock_timestamp()
		WHERE s.run_id = run_no AND s.step_no = next.step_no;
		COMMIT;

		failure := NULL;
		found_rows := NULL;
		insufficient := NULL;
		PERFORM pg_catalog.set_config('application_name', pg_catalog.format(
			'medaudit run %s: %s', run_no, coalesce(next.rule_code, next.step)), true);
		BEGIN
			CALL medaudit.run_do(run_no, next.step, next.rule_code, found_rows, insufficient);
		EXCEPTION
			WHEN query_canceled THEN
				CALL medaudit.run_unlock();
				RAISE;
			WHEN OTHERS THEN
				failure := pg_catalog.format('%s: %s', SQLSTATE, SQLERRM);
				found_rows := NULL;
				insufficient := NULL;
				failed := failed OR next.step <> 'charges' OR next.rule_code IS NOT NULL;
		END;
		CALL medaudit.run_step_done(run_no, next.step_no, found_rows, insufficient, failure);
		COMMIT;
	END LOOP;

	UPDATE medaudit.run AS r SET state = CASE WHEN failed THEN 'failed' ELSE 'done' END,
		finished_at = pg_catalog.clock_timestamp()
	WHERE r.run_id = run_no;
	CALL medaudit.run_clear();
	CALL medaudit.run_unlock();
	RAISE NOTICE 'run % is %; see medaudit.worklist', run_no,
		CASE WHEN failed THEN 'done, but rules failed (see medaudit.run_progress)' ELSE 'done' END;
END
$$;

COMMENT ON PROCEDURE run_audit(date, date, text[], bool) IS
	'稽核运行: judges the visits settled (else discharged) in [from_date, to_date) by the enabled rules, or the named ones, and stores findings; commits after each rule group, so it stops with 2D000 inside a transaction; 55006 while another run is going on; resume goes on with an interrupted run; a rule that fails is recorded and the rest go on';
