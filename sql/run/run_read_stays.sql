-- The stays that a run asks rules of: visits that are one stay in one row, with
-- the tags by which rules leave them out, gathered once into books per person,
-- year, facility and month.  Where a store of books keeps them, those of people whom
-- the run does not judge are taken from there (books_stays.sql).

-- People of the largest home that each of them is registered in, by household
-- and by address; none where no tag that a rule of the run leaves out asks for it.
CREATE OR REPLACE FUNCTION _run_home_sizes(run_no bigint) RETURNS TABLE (people_id text, people bigint)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT medaudit._run_asks_homes(run_no) THEN
		RETURN;
	END IF;
	IF medaudit._register_kept() THEN
		RETURN QUERY
		SELECT p.people_id, max(p.home_people) FROM medaudit_work.person AS p
		WHERE p.home_people >= (SELECT min(t.household_people) FROM medaudit.stay_tag AS t)
		GROUP BY p.people_id;
		RETURN;
	END IF;
	CALL medaudit._run_read_links();
	RETURN QUERY
	WITH smallest AS (
		SELECT min(t.household_people) AS people FROM medaudit.stay_tag AS t
	)
	SELECT h.people_id, max(h.people)
	FROM (
		SELECT l.people_id, l.people FROM medaudit_work.link AS l WHERE l.kind IN ('household', 'address')
		UNION ALL
		-- who shares nothing lives alone
		SELECT c.people_id, 1 FROM medaudit_work.contact AS c WHERE c.home IS NOT NULL AND (SELECT s.people FROM smallest AS s) < 2
	) AS h
	WHERE h.people >= (SELECT s.people FROM smallest AS s)
	GROUP BY h.people_id;
END
$$;

COMMENT ON FUNCTION _run_home_sizes(bigint) IS
	'户内人数: people of the register with the same household_id or key of the address as each person, the larger of the two, from the smallest number on that a row of stay_tag asks for; no rows when no rule of the run leaves out a tag that asks for it. Only within an audit run';

-- Rows of stay_tag with their codes folded, and for which types of visit and
-- payments they hold.  Of the rows of a tag that name a type of visit those with
-- the longest beginning that fits decide, as in visit_class.
CREATE OR REPLACE PROCEDURE _run_read_tag_rows()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('tag_row');
	INSERT INTO medaudit_work.tag_row
	SELECT row_number() OVER () AS n, t.tag, t.household_people, t.any_diagnosis,
		medaudit._diagnosis_fold(t.diagnosis_prefix) AS diagnosis_prefix,
		medaudit.code_fold(t.visit_type) AS visit_type,
		medaudit.code_fold(t.payment_method) AS payment_method
	FROM medaudit.stay_tag AS t;
	PERFORM medaudit._empty('tag_kind');
	INSERT INTO medaudit_work.tag_kind
	SELECT ARRAY[k.visit_type, k.payment_method] AS kind, r.n
	FROM (SELECT DISTINCT medaudit.code_fold(v.visit_type) AS visit_type,
			medaudit.code_fold(v.payment_method) AS payment_method
		FROM medaudit_work.tagged AS v) AS k
	CROSS JOIN LATERAL (
		SELECT t.n, t.payment_method, t.visit_type IS NULL
			OR rank() OVER (PARTITION BY t.tag, t.visit_type IS NULL
				ORDER BY length(t.visit_type) DESC) = 1 AS decides
		FROM medaudit_work.tag_row AS t
		WHERE t.visit_type IS NULL OR starts_with(k.visit_type, t.visit_type)
	) AS r
	WHERE r.decides AND (r.payment_method IS NULL OR r.payment_method = k.payment_method);
END
$$;

COMMENT ON PROCEDURE _run_read_tag_rows() IS
	'读取标签规则: rows of stay_tag with folded codes, and which of them hold for each type of visit and payment of tagged, in working tables';

-- What was charged in the visits that are no stays: taken back altogether,
-- whatever the total says, or nothing but drugs, which a relative may collect.
CREATE OR REPLACE FUNCTION _run_charge_tags() RETURNS TABLE (visit_id text, tag text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH charged AS MATERIALIZED (
		SELECT v.visit_id, split_part(i.item_code, chr(30), 1) AS item_code, i.category, i.amount, i.refunds
		FROM medaudit_work.tagged AS v
		JOIN medaudit_work.gathered AS g ON g.visit_id = v.visit_id
		CROSS JOIN LATERAL medaudit._item_sums(coalesce(g.class_book, g.book), coalesce(g.class_categories, g.categories)) AS i
		WHERE NOT v.stay
	), class AS MATERIALIZED (
		SELECT t.* FROM (
			SELECT array_agg(i.item_code) AS item_codes, array_agg(i.category) AS categories
			FROM (SELECT DISTINCT c.item_code, c.category FROM charged AS c) AS i
		) AS d
		CROSS JOIN LATERAL medaudit._classes_of_charges(d.item_codes, d.categories) AS t
	), item AS (
		SELECT c.visit_id, c.item_code, sum(c.amount) AS amount, bool_or(c.refunds) AS refunds,
			bool_and(coalesce(k.class = 'drug', false)) AS drug
		FROM charged AS c
		LEFT JOIN class AS k ON k.item_code = c.item_code AND k.category IS NOT DISTINCT FROM c.category
		GROUP BY c.visit_id, c.item_code
	)
	SELECT i.visit_id, CASE WHEN sum(i.amount) = 0 THEN 'refunded' ELSE 'drugs_only' END
	FROM item AS i
	GROUP BY i.visit_id
	HAVING sum(i.amount) = 0 AND bool_or(i.refunds)
		OR sum(i.amount) > 0 AND bool_and(i.drug OR i.amount = 0);
END
$$;

COMMENT ON FUNCTION _run_charge_tags() IS
	'费用标签: refunded or drugs_only of the visits in tagged that are no stays, by their charges. Only within an audit run';

-- The tags that rows of stay_tag, and the visits themselves, give to the visits
-- of a run.  The table is asked once for each code of a diagnosis, and once for
-- each type of visit and payment, not for each visit.
CREATE OR REPLACE FUNCTION _run_visit_tags(run_no bigint) RETURNS TABLE (visit_id text, tag text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	CALL medaudit._run_read_tag_rows();
	RETURN QUERY
	WITH home AS MATERIALIZED (
		SELECT h.people_id, h.people FROM medaudit._run_home_sizes(run_no) AS h
	), visit AS MATERIALIZED (
		SELECT v.visit_id, v.people_id, v.main_diagnosis, v.diagnosis_codes,
			ARRAY[medaudit.code_fold(v.visit_type), medaudit.code_fold(v.payment_method)] AS kind
		FROM medaudit_work.tagged AS v
	), told AS MATERIALIZED (
		SELECT v.visit_id, v.people_id, v.kind,
			medaudit._diagnosis_fold(v.main_diagnosis) AS code, false AS any_diagnosis
		FROM visit AS v
		UNION ALL
		SELECT v.visit_id, v.people_id, v.kind, medaudit._diagnosis_fold(d.code), true
		FROM visit AS v
		CROSS JOIN LATERAL unnest(v.diagnosis_codes) AS d (code)
	), code AS MATERIALIZED (
		SELECT c.code, t.*
		FROM (SELECT DISTINCT told.code FROM told) AS c
		JOIN medaudit_work.tag_row AS t ON starts_with(c.code, t.diagnosis_prefix)
	), met AS (
		SELECT d.visit_id, d.people_id, c.tag, c.household_people
		FROM told AS d
		JOIN code AS c ON c.code = d.code AND c.any_diagnosis = d.any_diagnosis
		JOIN medaudit_work.tag_kind AS k ON k.kind = d.kind AND k.n = c.n
		UNION ALL
		SELECT v.visit_id, v.people_id, t.tag, t.household_people
		FROM visit AS v
		JOIN medaudit_work.tag_kind AS k ON k.kind = v.kind
		JOIN medaudit_work.tag_row AS t ON t.n = k.n AND t.diagnosis_prefix IS NULL
	)
	SELECT m.visit_id, m.tag
	FROM met AS m
	WHERE m.household_people IS NULL
	UNION ALL
	SELECT m.visit_id, m.tag
	FROM met AS m
	JOIN home AS h ON h.people_id = m.people_id AND h.people >= m.household_people
	UNION ALL
	SELECT v.visit_id, 'referral' FROM medaudit_work.tagged AS v WHERE v.referred
	UNION ALL
	SELECT v.visit_id, 'newborn' FROM medaudit_work.tagged AS v WHERE v.newborn
	UNION ALL
	SELECT v.visit_id, 'refunded' FROM medaudit_work.tagged AS v WHERE v.total_amount = 0
	UNION ALL
	SELECT c.visit_id, c.tag FROM medaudit._run_charge_tags() AS c;
END
$$;

COMMENT ON FUNCTION _run_visit_tags(bigint) IS
	'就诊标签: the tags of the visits in the working table tagged. Only within an audit run';

-- Visits under a condition over span, of alias s, with what the registers say of them.
CREATE OR REPLACE PROCEDURE _run_add_tagged(condition text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.tagged
		SELECT s.visit_id, s.person_id, s.people_id, s.facility_id, s.provider_id, s.record_no, s.admitted_at, s.discharged_at,
			s.until, s.ends, s.judged_at, s.judged, s.judged_person, s.stay, s.visit_type,
			coalesce(s.insurance_type, p.insurance_type), s.department, s.physician_id, s.main_diagnosis,
			medaudit._visit_diagnoses(d.codes, s.main_diagnosis, s.main_diagnoses), s.total_amount, s.scope_amount,
			s.fund_amount, s.payment_method, s.referred, s.newborn, p.name, p.sex, p.birth_date, p.household_id, f.name
		FROM medaudit_work.span AS s
		LEFT JOIN medaudit_work.person AS p ON p.person_id = s.person_id
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.facility_id
		LEFT JOIN medaudit_work.diagnosis AS d ON d.visit_id = s.visit_id
		WHERE s.looked AND %s$sql$, condition);
	PERFORM medaudit._analyze('tagged');
END
$$;

COMMENT ON PROCEDURE _run_add_tagged(text) IS
	'读取就诊及登记信息: adds the visits of the run under a SQL condition over span, of alias s, to the working table tagged';

-- Stays as rules see them: those that continue one another as one, which ends with
-- the latest discharge, whatever number that stands under; its diagnosis is that of
-- the number admitted last.  A number without a discharge ended where the next one
-- begins.
CREATE OR REPLACE PROCEDURE _run_read_episodes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	PERFORM medaudit._empty('tagged');
	CALL medaudit._run_add_tagged('s.stay AND s.stay_id = s.visit_id');
	IF NOT EXISTS (SELECT FROM medaudit_work.chain) THEN
		RETURN;
	END IF;
	UPDATE medaudit_work.tagged AS e
	SET discharged_at = l.discharged_at, until = l.until, ends = l.ends, main_diagnosis = coalesce(w.main_diagnosis, e.main_diagnosis),
		judged_at = w.judged_at, judged = w.judged, total_amount = w.total_amount,
		scope_amount = w.scope_amount, fund_amount = w.fund_amount, referred = w.referred,
		newborn = w.newborn, diagnosis_codes = w.diagnosis_codes
	FROM (
		SELECT m.stay_id, max(v.judged_at) AS judged_at,
			(array_agg(v.judged ORDER BY v.judged_at DESC NULLS LAST))[1] AS judged,
			(array_agg(v.visit_id ORDER BY m.ended_at DESC, v.admitted_at DESC, v.visit_id DESC))[1] AS last_visit,
			(array_agg(v.main_diagnosis ORDER BY v.admitted_at DESC, v.visit_id DESC))[1] AS main_diagnosis,
			sum(v.total_amount) AS total_amount, sum(v.scope_amount) AS scope_amount,
			sum(v.fund_amount) AS fund_amount, bool_or(v.referred) AS referred,
			bool_or(v.newborn) AS newborn, (SELECT array_agg(DISTINCT d.code)
				FROM medaudit_work.member AS i
				JOIN medaudit_work.span AS c ON c.visit_id = i.visit_id
				LEFT JOIN medaudit_work.diagnosis AS g ON g.visit_id = i.visit_id
				CROSS JOIN LATERAL unnest(medaudit._visit_diagnoses(g.codes, c.main_diagnosis, c.main_diagnoses)) AS d (code)
				WHERE i.stay_id = m.stay_id) AS diagnosis_codes
		FROM (
			SELECT n.stay_id, n.visit_id, coalesce(o.discharged_at, lead(o.admitted_at) OVER (
				PARTITION BY n.stay_id ORDER BY o.admitted_at, o.visit_id), 'infinity') AS ended_at
			FROM medaudit_work.member AS n
			JOIN medaudit_work.visit AS o ON o.visit_id = n.visit_id
			WHERE n.stay_id IN (SELECT c.stay_id FROM medaudit_work.chain AS c)
		) AS m
		JOIN medaudit_work.visit AS v ON v.visit_id = m.visit_id
		GROUP BY m.stay_id
	) AS w
	JOIN medaudit_work.visit AS l ON l.visit_id = w.last_visit
	WHERE w.stay_id = e.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_read_episodes() IS
	'读取住院: the stays of a run, those that continue one another as one, in the working table tagged';

-- A child born during the stay of a woman to whom household, address or telephone
-- links it came into the world there: its stays begun until she left are those of
-- a newborn, flagged or not.  The register is read for links only where somebody
-- was admitted within days of birth.
CREATE OR REPLACE PROCEDURE _run_tag_newborns()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('child');
	INSERT INTO medaudit_work.child
	SELECT c.visit_id, c.people_id, c.birth_date, c.admitted_at::date AS begins
	FROM medaudit_work.stay AS c
	WHERE c.stay AND NOT 'newborn' = ANY (c.tags)
		AND c.admitted_at::date - c.birth_date BETWEEN 0 AND 366;
	IF EXISTS (SELECT FROM medaudit_work.child AS c) THEN
		-- few children among many links
		PERFORM medaudit._analyze('child');
		CALL medaudit._run_read_links();
		UPDATE medaudit_work.stay AS s
		SET tags = array_append(s.tags, 'newborn')
		WHERE s.visit_id IN (
			SELECT c.visit_id
			FROM medaudit_work.child AS c
			JOIN medaudit_work.link AS l ON l.people_id = c.people_id AND l.stayed
			JOIN medaudit_work.link AS o ON o.kind = l.kind AND o.value_no = l.value_no AND o.people_id <> c.people_id
			JOIN medaudit_work.stay AS m ON m.people_id = o.people_id AND m.stay
			WHERE m.sex IS DISTINCT FROM '1' AND m.admitted_at::date <= c.birth_date
				AND c.birth_date <= m.until::date AND c.begins <= m.until::date
				AND (m.birth_date + interval '10 years' <= c.birth_date) IS NOT FALSE);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_tag_newborns() IS
	'新生儿标签: tags the stays of children that were born during the stay of a woman they are linked to, and begun until she left';

-- Stays with their tags, and the visits of a day that lie inside a stay.
CREATE OR REPLACE PROCEDURE _run_tag_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_add_tagged('NOT s.stay AND EXISTS (SELECT FROM medaudit_work.tagged AS t WHERE t.people_id = s.people_id'
		' AND t.admitted_at::date < s.admitted_at::date AND t.until::date > s.admitted_at::date)');
	PERFORM medaudit._empty('stay');
	IF medaudit._visits_kept() THEN
		CALL medaudit._run_take_stays(run_no);
	END IF;
	INSERT INTO medaudit_work.stay
	SELECT v.*, coalesce(t.tags, '{}') AS tags
	FROM medaudit_work.tagged AS v
	LEFT JOIN (
		SELECT i.visit_id, array_agg(DISTINCT i.tag ORDER BY i.tag) AS tags
		FROM medaudit._run_visit_tags(run_no) AS i GROUP BY i.visit_id
	) AS t ON t.visit_id = v.visit_id;
	PERFORM medaudit._analyze('stay');
	CALL medaudit._run_keep_stays(run_no);
	CALL medaudit._run_tag_newborns();
END
$$;

COMMENT ON PROCEDURE _run_tag_stays(bigint) IS
	'住院及标签: the stays of a run with their tags, and visits of one date inside a stay, in a working table';

-- Books of stays, gathered once for all rules: of the PERSONs with a visit of
-- the run; the same with their EVENTS; of a person in a YEAR and the one before;
-- of a FACILITY in the years that the run asks; of a facility's BEDS in one of
-- them, cut at its turn; of what a facility settled in a whole MONTH of the
-- period.  A stay that was not discharged lasts until it is known to end.
CREATE OR REPLACE PROCEDURE _run_gather_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	funds bool := medaudit._is_bound('visit', 'fund_amount');
BEGIN
	IF medaudit._run_made('stay_book') THEN
		RETURN;
	END IF;
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	CALL medaudit._run_read_episodes();
	CALL medaudit._run_tag_stays(run_no);
	PERFORM medaudit._empty('stay_book');
	INSERT INTO medaudit_work.stay_book
	SELECT g.gathered_by, g.owner, g.facility_id, g.year, medaudit.stays(s.visit_id,
		coalesce(s.people_id, s.person_id), s.facility_id,
		CASE WHEN g.gathered_by = 'beds' THEN greatest(s.admitted_at, make_date(g.year, 1, 1))
			ELSE s.admitted_at END,
		CASE WHEN g.gathered_by = 'beds' THEN least(s.until, make_date(g.year + 1, 1, 1))
			WHEN s.stay THEN s.until ELSE coalesce(s.discharged_at, s.admitted_at) END,
		s.main_diagnosis, CASE WHEN g.gathered_by = 'month' AND funds THEN s.fund_amount
			ELSE s.total_amount END, s.tags) AS book
	FROM medaudit_work.stay AS s
	CROSS JOIN LATERAL (
		SELECT 'person' AS gathered_by, s.people_id AS owner, NULL AS facility_id, NULL::int AS year
		WHERE s.stay AND s.judged_person
		UNION ALL SELECT 'events', s.people_id, NULL, NULL WHERE s.judged_person
		UNION ALL SELECT 'year', s.people_id, NULL, y.year
		FROM medaudit_work.year AS y
		WHERE s.stay AND s.judged_person AND extract(year FROM s.admitted_at) IN (y.year - 1, y.year)
		UNION ALL SELECT 'facility', s.facility_id, s.facility_id, NULL WHERE s.stay
		UNION ALL SELECT 'beds', s.facility_id, s.facility_id, y.year
		FROM medaudit_work.year AS y
		WHERE s.stay AND s.admitted_at < make_date(y.year + 1, 1, 1)
			AND s.until > make_date(y.year, 1, 1)
		UNION ALL SELECT 'month', concat(s.facility_id, E'\x1f',
			to_char(s.judged_at, 'YYYY-MM')), s.facility_id, NULL
		WHERE s.stay AND s.judged AND date_trunc('month', s.judged_at) >= period.from_date
			AND date_trunc('month', s.judged_at) + interval '1 month' <= period.to_date
	) AS g
	GROUP BY g.gathered_by, g.owner, g.facility_id, g.year
	HAVING count(*) > 1 AND (g.gathered_by <> 'events'
		OR bool_or(NOT s.stay OR s.until::date = s.admitted_at::date));
END
$$;

COMMENT ON PROCEDURE _run_gather_stays(bigint) IS
	'汇集住院: books of stays per person, person and year, facility, facility and year, and facility and month, in a working table';
