-- Payment by case (DRG, DIP): whether the weights of a facility rise without sicker
-- people (高编高套), secondary diagnoses for which nothing was done, main and secondary
-- diagnosis changed round where that pays more, and what was billed to outpatients just
-- before and after a stay (费用转嫁门诊).
--
-- All of it is a notice.  A year in which a hospital learned to code, a new department,
-- a disease that is watched or treated with what the patient brought along, a blood count
-- before an operation: it can answer each of these, and the record alone tells.  So
-- each function says of how many stays it could say anything at all, and compares
-- facilities with their peers.
--
-- A stay counts on the day of its last settlement, else of its discharge, as in a run; one
-- whose settlements add up to 0 does not count.  What different rows of one visit in
-- case_group say differently is not known; a weight that is not positive is none.
--
-- Cost: of each function one pass over case_group, visit, diagnosis and operation, and hashes
-- of the stays of the period; charges are read twice for diagnoses and treatment (which
-- items there are, and then the lines of those that matter), once for outpatients.  Of 2.7
-- million lines and 29,000 stays the lists take 2 to 4 times as long as sum(amount) by visit.

CREATE OR REPLACE FUNCTION _diagnosis_category(code text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN left(medaudit._diagnosis_fold(code), 3);

COMMENT ON FUNCTION _diagnosis_category(text) IS
	'诊断类目: the first three characters of a diagnosis code, folded, without dots; NULL for NULL and for blanks';

-- A relation that need not be bound, as a query over its canonical columns.
CREATE OR REPLACE FUNCTION _bound_or_empty(relation text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN to_regclass('medaudit_data.' || quote_ident(relation)) IS NOT NULL
		THEN format('SELECT %s FROM medaudit_data.%I AS c', medaudit._bound_list(relation), relation)
		ELSE (SELECT format('SELECT %s WHERE false', string_agg(format('NULL::%s AS %I', c.type, c.column_name), ', ' ORDER BY c.position))
			FROM medaudit.relation_column AS c WHERE c.relation = _bound_or_empty.relation AND c.column_name <> 'changed_at') END
$$;

COMMENT ON FUNCTION _bound_or_empty(text) IS
	'读取查询: query of the columns of a relation as a run reads them; without rows where it is not bound';

-- Secondary diagnoses are those of discharge: not the main one, and not what was thought
-- at admission.
CREATE OR REPLACE FUNCTION _case_stays(from_date date, to_date date) RETURNS TABLE (visit_id text, person_id text, facility_id text,
	admitted_at timestamp, discharged_at timestamp, judged_on date, department text, main_code text, admitted_with text[],
	secondaries text[], operated bool, total_amount numeric, group_code text, weight numeric, payment numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_nestloop = off
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date), medaudit.check_bound('visit'), medaudit._check_trusted();
	RETURN QUERY EXECUTE format($sql$
		WITH grouped AS MATERIALIZED (
			SELECT g.visit_id, CASE WHEN min(g.group_code) = max(g.group_code) THEN min(g.group_code) END AS group_code,
				CASE WHEN min(g.weight) = max(g.weight) AND count(g.weight) = count(*) AND min(g.weight) > 0 THEN min(g.weight) END AS weight,
				CASE WHEN min(g.payment) = max(g.payment) AND count(g.payment) = count(*) THEN min(g.payment) END AS payment
			FROM (%1$s) AS g WHERE g.visit_id IS NOT NULL GROUP BY g.visit_id
		), settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (%2$s) AS v LEFT JOIN grouped AS g ON g.visit_id = v.visit_id
			WHERE v.visit_id IS NOT NULL AND v.facility_id IS NOT NULL AND (g.visit_id IS NOT NULL OR v.payment_method IN ('drg', 'dip', 'case'))
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		), stay AS MATERIALIZED (
			SELECT s.visit_id, min(s.person_id) AS person_id, min(s.facility_id) AS facility_id, min(s.admitted_at) AS admitted_at,
				max(s.discharged_at) AS discharged_at, max(coalesce(s.settled_at, s.discharged_at))::date AS judged_on, sum(s.total_amount) AS total_amount,
				(array_agg(s.department ORDER BY s.discharged_at DESC NULLS LAST, s.department) FILTER (WHERE s.department IS NOT NULL))[1] AS department,
				(array_agg(s.main_diagnosis ORDER BY s.discharged_at DESC NULLS LAST, s.main_diagnosis) FILTER (WHERE s.main_diagnosis IS NOT NULL))[1] AS main_diagnosis
			FROM settlement AS s LEFT JOIN class AS c ON c.visit_type = s.visit_type
			GROUP BY s.visit_id
			HAVING max(coalesce(s.settled_at, s.discharged_at)) >= $1 AND max(coalesce(s.settled_at, s.discharged_at)) < $2
				AND sum(s.total_amount) IS DISTINCT FROM 0
				AND bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date, false))
		), coded AS (
			SELECT d.visit_id, (array_agg(d.code ORDER BY d.code) FILTER (WHERE d.main))[1] AS main_code, array_agg(d.code ORDER BY d.key) FILTER (WHERE d.discharge) AS codes,
				array_agg(d.code ORDER BY d.key) FILTER (WHERE d.admission) AS admitted_with
			FROM (
				SELECT i.visit_id, medaudit._diagnosis_fold(i.diagnosis_code) AS key, min(i.diagnosis_code) AS code, bool_or(i.rank = 1 AND i.admission IS NOT TRUE) AS main,
					bool_or(i.admission IS NOT TRUE) AS discharge, bool_or(i.admission) AS admission
				FROM (%3$s) AS i JOIN stay AS s ON s.visit_id = i.visit_id
				WHERE medaudit._diagnosis_fold(i.diagnosis_code) IS NOT NULL
				GROUP BY i.visit_id, medaudit._diagnosis_fold(i.diagnosis_code)
			) AS d GROUP BY d.visit_id
		), operation AS (
			SELECT DISTINCT o.visit_id FROM (%4$s) AS o WHERE o.visit_id IS NOT NULL
		)
		SELECT s.visit_id, s.person_id, s.facility_id, s.admitted_at, s.discharged_at, s.judged_on, s.department, m.code, c.admitted_with,
			CASE WHEN m.code IS NOT NULL THEN (SELECT coalesce(array_agg(u.code ORDER BY u.nth) FILTER (WHERE medaudit._diagnosis_fold(u.code) <> medaudit._diagnosis_fold(m.code)), '{}')
				FROM unnest(c.codes) WITH ORDINALITY AS u (code, nth) HAVING c.codes IS NOT NULL) END,
			CASE WHEN $3 THEN o.visit_id IS NOT NULL END, s.total_amount, g.group_code, g.weight, g.payment
		FROM stay AS s
		LEFT JOIN grouped AS g ON g.visit_id = s.visit_id
		LEFT JOIN coded AS c ON c.visit_id = s.visit_id
		LEFT JOIN operation AS o ON o.visit_id = s.visit_id
		CROSS JOIN LATERAL (SELECT coalesce(s.main_diagnosis, c.main_code) AS code) AS m$sql$,
		medaudit._bound_or_empty('case_group'), medaudit._bound_or_empty('visit'), medaudit._bound_or_empty('diagnosis'), medaudit._bound_or_empty('operation'))
	USING from_date, to_date, medaudit._is_bound('operation', 'visit_id');
END
$$;

COMMENT ON FUNCTION _case_stays(date, date) IS
	'按病组付费住院: stays settled (else discharged) in [from_date, to_date) that case_group has or whose payment_method is drg, dip or case; weight NULL: none that counts; secondaries NULL: no diagnosis of discharge is known; operated NULL: operation is not bound; 22004, 22023, 55000 as case_mix()';

-- Facilities of one level of care, where there are five of them; else all.
CREATE OR REPLACE FUNCTION _peer_scores(facility_ids text[], vals float8[]) RETURNS TABLE (facility_id text, peers_of text, peers int, peer_median float8, z float8)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH value AS MATERIALIZED (
		SELECT v.facility_id, v.x, f.kind, f.rank FROM unnest(facility_ids, vals) AS v (facility_id, x)
		LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = v.facility_id
		WHERE v.x IS NOT NULL
	), level AS (
		SELECT v.kind, v.rank, medaudit.robust_center(v.x) AS center FROM value AS v
		WHERE v.rank IS NOT NULL GROUP BY v.kind, v.rank
	), whole AS (
		SELECT medaudit.robust_center(v.x) AS center FROM value AS v
	)
	SELECT v.facility_id, CASE WHEN l.center IS NOT NULL THEN 'rank' ELSE 'all' END, (c.center).n::int, (c.center).median, medaudit.robust_zscore(v.x, c.center)
	FROM value AS v
	CROSS JOIN whole AS w
	LEFT JOIN level AS l ON l.kind IS NOT DISTINCT FROM v.kind AND l.rank = v.rank AND (l.center).n >= 5
	CROSS JOIN LATERAL (SELECT coalesce(l.center, w.center) AS center) AS c
$$;

COMMENT ON FUNCTION _peer_scores(text[], float8[]) IS
	'同级比较: of each facility with a value its robust_zscore() among those of its kind and rank (peers_of rank), where these are five, else among all (all); peers counts it too';

CREATE OR REPLACE FUNCTION _rounded_share(part bigint, whole bigint) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN whole > 0 THEN round(part::numeric / whole, 6) END;

COMMENT ON FUNCTION _rounded_share(bigint, bigint) IS
	'占比: part / whole, rounded to 6 decimals; NULL where the whole is 0 and for NULL';

-- ------------------------------------------------------------- case mix

CREATE OR REPLACE FUNCTION case_mix(from_date date, to_date date) RETURNS TABLE (facility_id text, facility_name text, month date, stays bigint,
	no_weight bigint, total_weight numeric, case_mix_index numeric, index_last_year numeric, growth numeric, payment numeric, unit_value numeric,
	mean_days numeric, mean_cost numeric, mean_secondaries numeric, operated_share numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(from_date, to_date), medaudit.check_bound('visit', 'case_group');
	RETURN QUERY
	WITH summed AS MATERIALIZED (
		SELECT s.facility_id, date_trunc('month', s.judged_on)::date AS month, count(s.weight) AS stays, count(*) - count(s.weight) AS no_weight,
			sum(s.weight) AS weight, sum(s.payment) FILTER (WHERE s.weight IS NOT NULL) AS payment, sum(s.weight) FILTER (WHERE s.payment IS NOT NULL) AS paid_weight,
			avg(s.discharged_at::date - s.admitted_at::date) FILTER (WHERE s.weight IS NOT NULL) AS days, avg(s.total_amount) FILTER (WHERE s.weight IS NOT NULL) AS cost,
			avg(cardinality(s.secondaries)) FILTER (WHERE s.weight IS NOT NULL) AS secondaries,
			count(*) FILTER (WHERE s.weight IS NOT NULL AND s.operated) AS operated, count(s.operated) FILTER (WHERE s.weight IS NOT NULL) AS operated_known
		FROM medaudit._case_stays((from_date - interval '1 year')::date, to_date) AS s
		GROUP BY s.facility_id, date_trunc('month', s.judged_on)
	)
	SELECT m.facility_id, f.name, m.month, m.stays, m.no_weight, round(m.weight, 4), i.index, i.last_year, medaudit._growth(i.index, i.last_year), round(m.payment, 2),
		CASE WHEN m.paid_weight > 0 THEN round(m.payment / m.paid_weight, 2) END, round(m.days, 2), round(m.cost, 2), round(m.secondaries, 4),
		medaudit._rounded_share(m.operated, m.operated_known)
	FROM summed AS m
	LEFT JOIN summed AS y ON y.facility_id = m.facility_id AND y.month = (m.month - interval '1 year')::date
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = m.facility_id
	CROSS JOIN LATERAL (SELECT round(m.weight / nullif(m.stays, 0), 6) AS index, round(y.weight / nullif(y.stays, 0), 6) AS last_year) AS i
	WHERE m.month >= date_trunc('month', from_date)::date
	ORDER BY m.facility_id COLLATE "C", m.month;
END
$$;

COMMENT ON FUNCTION case_mix(date, date) IS
	'病例组合指数: of each facility and month of stays settled (else discharged) in [from_date, to_date): sum of weights ÷ stays (CMI), in the same month of the year before, its growth, yuan per weight, and how long, dear, coded and operated these stays were; stays whose weight is not known are counted beside (no_weight). NULL is 22004, a period that is none 22023, 55000 where visit or case_group is not bound';

-- What the coding cannot move says how sick people were: days, cost, age and whether they
-- were operated.  How many secondary diagnoses they have is shown, and explains nothing:
-- to write more of them is how weights are raised.  Severity explains at most the growth
-- that there is: what grew more than the weights says nothing of the peers' spread.
CREATE OR REPLACE FUNCTION _case_mix_change(from_date date, to_date date, base_from date, base_to date) RETURNS TABLE (facility_id text, stays bigint, base_stays bigint,
	new_department_stays bigint, index numeric, base_index numeric, chance float8, days_growth numeric, cost_growth numeric, age_growth numeric,
	operated_change numeric, secondaries numeric, base_secondaries numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH stay AS MATERIALIZED (
		SELECT s.*, true AS now FROM medaudit._case_stays(from_date, to_date) AS s WHERE s.weight IS NOT NULL
		UNION ALL
		SELECT s.*, false FROM medaudit._case_stays(base_from, base_to) AS s WHERE s.weight IS NOT NULL
	), kept AS MATERIALIZED (
		SELECT s.*, extract(year FROM age(s.admitted_at::date, b.birth_date))::numeric AS age, bool_or(NOT s.now) OVER (PARTITION BY s.facility_id, s.department) AS old
		FROM stay AS s LEFT JOIN medaudit._persons_born() AS b ON b.person_id = s.person_id
	), summed AS (
		SELECT k.facility_id, count(*) FILTER (WHERE k.now AND k.old) AS n, count(*) FILTER (WHERE NOT k.now) AS n0, count(*) FILTER (WHERE NOT k.old) AS fresh,
			avg(k.weight) FILTER (WHERE k.now AND k.old) AS w, avg(k.weight) FILTER (WHERE NOT k.now) AS w0,
			var_samp(k.weight) FILTER (WHERE k.now AND k.old) AS v, var_samp(k.weight) FILTER (WHERE NOT k.now) AS v0,
			avg(k.discharged_at::date - k.admitted_at::date) FILTER (WHERE k.now AND k.old) AS d, avg(k.discharged_at::date - k.admitted_at::date) FILTER (WHERE NOT k.now) AS d0,
			avg(k.total_amount) FILTER (WHERE k.now AND k.old) AS c, avg(k.total_amount) FILTER (WHERE NOT k.now) AS c0,
			avg(k.age) FILTER (WHERE k.now AND k.old) AS a, avg(k.age) FILTER (WHERE NOT k.now) AS a0,
			avg(k.operated::int) FILTER (WHERE k.now AND k.old) AS o, avg(k.operated::int) FILTER (WHERE NOT k.now) AS o0,
			avg(cardinality(k.secondaries)) FILTER (WHERE k.now AND k.old) AS s, avg(cardinality(k.secondaries)) FILTER (WHERE NOT k.now) AS s0
		FROM kept AS k GROUP BY k.facility_id
	)
	SELECT m.facility_id, m.n, m.n0, m.fresh, round(m.w, 6), round(m.w0, 6), ((m.w - m.w0) / nullif(sqrt(m.v / nullif(m.n, 0) + m.v0 / nullif(m.n0, 0)), 0))::float8,
		medaudit._growth(m.d, m.d0), medaudit._growth(m.c, m.c0), medaudit._growth(m.a, m.a0), round(m.o - m.o0, 6), round(m.s, 4), round(m.s0, 4)
	FROM summed AS m;
END
$$;

COMMENT ON FUNCTION _case_mix_change(date, date, date, date) IS
	'组合指数变化: of each facility what case_mix_drift() compares; stays of departments that had none in the base are counted and left out';

CREATE OR REPLACE FUNCTION case_mix_drift(from_date date, to_date date, base_from date DEFAULT NULL, base_to date DEFAULT NULL,
	min_stays int DEFAULT 30, min_growth numeric DEFAULT 0.05, min_z float8 DEFAULT 3.5)
	RETURNS TABLE (facility_id text, facility_name text, stays bigint, base_stays bigint, new_department_stays bigint, case_mix_index numeric, base_index numeric,
	growth numeric, chance_z numeric, days_growth numeric, cost_growth numeric, age_growth numeric, operated_change numeric, mean_secondaries numeric,
	base_mean_secondaries numeric, severity_growth numeric, unexplained numeric, peers_of text, peers int, peer_median numeric, peer_z numeric, drift bool, certainty text, notice_zh text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	missing text := CASE WHEN min_stays IS NULL THEN 'min_stays' WHEN min_growth IS NULL THEN 'min_growth' WHEN min_z IS NULL THEN 'min_z'
		WHEN base_from IS NULL AND base_to IS NOT NULL THEN 'base_from' WHEN base_from IS NOT NULL AND base_to IS NULL THEN 'base_to' END;
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), missing);
	ELSIF NOT (min_stays >= 2 AND min_growth >= 0 AND min_growth < 'Infinity' AND min_z > 0 AND min_z < 'Infinity') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('min_stays must be at least 2, min_growth not negative and min_z positive');
	END IF;
	base_from := coalesce(base_from, (from_date - interval '1 year')::date);
	base_to := coalesce(base_to, (to_date - interval '1 year')::date);
	PERFORM medaudit._check_period(base_from, base_to), medaudit.check_bound('visit', 'case_group');
	IF base_to > from_date AND base_from < to_date THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('the two periods must not overlap'),
			DETAIL = format(medaudit._say('They would be %s and %s.'), daterange(from_date, to_date), daterange(base_from, base_to));
	END IF;
	RETURN QUERY
	WITH change AS MATERIALIZED (
		SELECT c.*, g.growth, v.severity, g.growth - least(greatest(v.severity, 0), greatest(g.growth, 0)) AS unexplained,
			c.stays >= min_stays AND c.base_stays >= min_stays AS enough
		FROM medaudit._case_mix_change(from_date, to_date, base_from, base_to) AS c
		CROSS JOIN LATERAL (SELECT medaudit._growth(c.index, c.base_index) AS growth) AS g
		CROSS JOIN LATERAL (SELECT greatest(c.days_growth, c.cost_growth, c.age_growth, c.operated_change) AS severity) AS v
	), known AS MATERIALIZED (
		SELECT c.*, CASE WHEN c.severity IS NOT NULL THEN c.unexplained END AS rise FROM change AS c
	), peer AS (
		SELECT p.* FROM (SELECT array_agg(k.facility_id) AS ids, array_agg(k.rise::float8) AS rises FROM known AS k WHERE k.enough) AS a
		CROSS JOIN LATERAL medaudit._peer_scores(a.ids, a.rises) AS p
	)
	SELECT k.facility_id, f.name, k.stays, k.base_stays, k.new_department_stays, k.index, k.base_index, k.growth, round(k.chance::numeric, 2), k.days_growth, k.cost_growth,
		k.age_growth, k.operated_change, k.secondaries, k.base_secondaries, k.severity, k.rise, p.peers_of, p.peers, round(p.peer_median::numeric, 6), round(p.z::numeric, 2),
		d.drift, 'notice', CASE WHEN d.drift THEN format('病例组合指数由%s升至%s（%s%%），而住院天数、次均费用、年龄、手术占比未见相应上升，且明显高于同级机构；'
			'可能因编码规范、收治结构变化所致，请机构说明并抽查病历', round(k.base_index, 4), round(k.index, 4), round(100 * k.growth, 1)) END
	FROM known AS k
	LEFT JOIN peer AS p ON p.facility_id = k.facility_id
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = k.facility_id
	-- what cannot be known is not said to be no drift
	CROSS JOIN LATERAL (SELECT CASE WHEN NOT k.enough OR k.rise IS NULL THEN NULL WHEN k.rise <= min_growth OR k.chance < 3 THEN false
		ELSE p.z >= min_z AND k.chance >= 3 END AS drift) AS d
	ORDER BY k.facility_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION case_mix_drift(date, date, date, date, int, numeric, float8) IS
	'组合指数异常上升: of each facility the mean weight of stays of [from_date, to_date) against [base_from, base_to) (NULL: a year before), without departments that had none then, against the greatest growth of what coding does not move (days, cost, age; points of the share operated). drift: it grew by more than min_growth beyond that, by 3 standard errors, and min_z above its peers; NULL: fewer than min_stays stays in one, nothing known of severity, or fewer than 5 peers. A notice. NULL thresholds are 22004, out of range 22023, 55000 where visit or case_group is not bound';

-- -------------------------------------------- diagnoses and what was done

-- What a drug may be paid for it treats, too; but of a diagnosis of which nothing else is
-- known one does not know by what else it is treated (OWN).
CREATE OR REPLACE FUNCTION _treatment_rows() RETURNS TABLE (n bigint, prefix text, code text, code_match text, own bool)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT row_number() OVER (ORDER BY t.prefix COLLATE "C", t.code COLLATE "C", t.code_match COLLATE "C"), t.prefix, t.code, t.code_match, bool_or(t.own)
	FROM (
		SELECT medaudit._diagnosis_fold(d.diagnosis_prefix) AS prefix, medaudit.code_fold(d.item_code) AS code, d.code_match, true AS own FROM medaudit.diagnosis_treatment AS d
		UNION ALL
		SELECT medaudit._diagnosis_fold(p.prefix), medaudit.code_fold(c.item_code), c.code_match, false
		FROM medaudit.charge_rule AS c
		JOIN medaudit.rule AS r ON r.rule_code = c.rule_code AND r.kind = 'restriction'
		CROSS JOIN LATERAL unnest(c.diagnosis_prefixes) AS p (prefix)
		WHERE c.item_code IS NOT NULL
	) AS t
	WHERE t.prefix <> '' AND t.code <> ''
	GROUP BY t.prefix, t.code, t.code_match
$$;

COMMENT ON FUNCTION _treatment_rows() IS
	'诊断与诊疗对照: rows of diagnosis_treatment (own), and items that a restriction allows for a diagnosis, folded and numbered';

CREATE OR REPLACE FUNCTION _treatment_rules() RETURNS rulebook
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(jsonb_agg(e.entry), '[]')::medaudit.rulebook
	FROM (
		SELECT jsonb_build_object('rule_code', r.n::text, 'kind', 'not_payable', 'item_code', r.code, 'code_match', r.code_match) FROM medaudit._treatment_rows() AS r
		UNION ALL SELECT jsonb_build_object('item_code', a.item_code, 'national_code', a.national_code) FROM medaudit._item_aliases() AS a
	) AS e (entry)
$$;

COMMENT ON FUNCTION _treatment_rules() IS
	'诊断与诊疗对照: the codes of _treatment_rows() by their number, and the mapping of local codes, as a rulebook that tells which items meet them';

-- The lines that matter of the stays of a period: of items that treat something, and
-- surgery.  A stay without any line has one row without an item.
CREATE OR REPLACE FUNCTION _case_lines(stays text[], facilities text[], from_date date, to_date date, rules rulebook) RETURNS TABLE (visit_id text,
	item_code text, treats bigint[], surgery bool, amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_nestloop = off
	SET enable_mergejoin = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH stay AS MATERIALIZED (
			SELECT s.visit_id, s.facility_id FROM unnest($1, $2) AS s (visit_id, facility_id)
		), met AS MATERIALIZED (
			SELECT c.visit_id, s.facility_id, c.item_code, c.category
			FROM (SELECT %1$s FROM medaudit_data.charge AS c WHERE %2$s) AS c JOIN stay AS s ON s.visit_id = c.visit_id
			WHERE c.item_code IS NOT NULL
			GROUP BY GROUPING SETS ((c.visit_id), (s.facility_id, c.item_code, c.category))
		), own AS MATERIALIZED (
			SELECT DISTINCT i.item_code FROM medaudit._item_classes() AS i WHERE strpos(i.item_code, chr(31)) > 0
		), item AS MATERIALIZED (
			SELECT m.facility_id, m.item_code, m.category, coalesce(o.item_code, m.item_code) AS code
			FROM met AS m LEFT JOIN own AS o ON o.item_code = m.item_code || chr(31) || medaudit.code_fold(m.facility_id)
			WHERE m.visit_id IS NULL
		), matched AS MATERIALIZED (
			SELECT d.code, array_agg(t.rule_code::bigint ORDER BY t.rule_code::bigint) AS treats
			FROM (SELECT DISTINCT i.code FROM item AS i) AS d CROSS JOIN LATERAL medaudit.rule_match($3, ARRAY[d.code]) AS t
			WHERE t.items_matched > 0 GROUP BY d.code
		), class AS MATERIALIZED (
			SELECT DISTINCT k.item_code, coalesce(k.category, '') AS category
			FROM (SELECT array_agg(i.code) AS codes, array_agg(i.category) AS categories FROM (SELECT DISTINCT d.code, d.category FROM item AS d) AS i) AS a
			CROSS JOIN LATERAL medaudit._classes_of_charges(a.codes, a.categories) AS k WHERE k.class = 'surgery'
		), wanted AS MATERIALIZED (
			SELECT i.facility_id, i.item_code, coalesce(i.category, '') AS category, m.treats, k.item_code IS NOT NULL AS surgery
			FROM item AS i
			LEFT JOIN matched AS m ON m.code = i.code
			LEFT JOIN class AS k ON k.item_code = i.code AND k.category = coalesce(i.category, '')
			WHERE m.code IS NOT NULL OR k.item_code IS NOT NULL
		), line AS MATERIALIZED (
			-- by the stay first: an item is wanted once for each facility
			SELECT c.visit_id, s.facility_id, c.item_code, coalesce(c.category, '') AS category, sum(c.quantity) AS quantity, sum(c.amount) AS amount
			FROM (SELECT %1$s FROM medaudit_data.charge AS c WHERE %2$s) AS c
			JOIN stay AS s ON s.visit_id = c.visit_id
			WHERE c.item_code IN (SELECT w.item_code FROM wanted AS w)
			GROUP BY c.visit_id, s.facility_id, c.item_code, coalesce(c.category, '')
		)
		SELECT c.visit_id, c.item_code, min(w.treats), bool_or(w.surgery), sum(c.amount)
		FROM line AS c
		JOIN wanted AS w ON w.facility_id = c.facility_id AND w.item_code = c.item_code AND w.category = c.category
		GROUP BY c.visit_id, c.item_code
		-- what was taken back was not given
		HAVING sum(c.quantity) > 0
		UNION ALL
		SELECT m.visit_id, NULL, NULL, NULL, NULL FROM met AS m WHERE m.visit_id IS NOT NULL$sql$,
		medaudit._bound_list('charge', '{visit_id,item_code,category,quantity,amount}'), medaudit._run_charged_within(from_date, to_date))
	USING stays, facilities, rules;
END
$$;

COMMENT ON FUNCTION _case_lines(text[], text[], date, date, rulebook) IS
	'病例相关明细: of stays, by their facilities, what remains of the charges of items that meet rules (treats: their numbers) or are surgery, and one row without an item for each stay that has charges at all';

-- What can be said of a secondary diagnosis for which nothing was done.
CREATE OR REPLACE FUNCTION _untreated_outcome(charged bool, mapped bool, treated bool, weight numeric, plain_weight numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN mapped IS NOT TRUE THEN 'no map' WHEN charged IS NOT TRUE THEN 'no charges' WHEN treated THEN 'treated'
		WHEN plain_weight IS NULL THEN 'no usual weight' WHEN weight > plain_weight THEN 'told' ELSE 'no gain' END;

COMMENT ON FUNCTION _untreated_outcome(bool, bool, bool, numeric, numeric) IS
	'无诊疗判断: told: nothing that treats the diagnosis was charged, and the weight is above the usual; treated, no gain; else what is not known: no map, no charges, no usual weight; never NULL';

-- And of a main diagnosis that may have changed places with it.  Who was operated was
-- operated for something, and that is the main diagnosis as a rule.
CREATE OR REPLACE FUNCTION _swapped_outcome(charged bool, operated bool, main_mapped bool, main_treated bool, mapped bool, treated bool, same_disease bool,
	weight numeric, usual_weight numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN same_disease OR operated THEN 'not asked' WHEN main_mapped IS NOT TRUE OR mapped IS NOT TRUE THEN 'no map' WHEN charged IS NOT TRUE THEN 'no charges'
		WHEN main_treated OR treated IS NOT TRUE THEN 'in order' WHEN usual_weight IS NULL THEN 'no usual weight'
		WHEN weight > usual_weight THEN 'told' ELSE 'no gain' END;

COMMENT ON FUNCTION _swapped_outcome(bool, bool, bool, bool, bool, bool, bool, numeric, numeric) IS
	'主次诊断判断: told: nothing that treats the main diagnosis was charged, something that treats this secondary one was, and stays with that as the main one usually weigh less; in order, no gain, not asked (one disease, or an operation); else what is not known: no map, no charges, no usual weight; never NULL';

-- A row for each stay and diagnosis.
CREATE OR REPLACE FUNCTION _case_diagnoses(from_date date, to_date date, min_stays int) RETURNS TABLE (visit_id text, person_id text, facility_id text, admitted_on date,
	discharged_on date, group_code text, weight numeric, payment numeric, main_code text, code text, is_main bool, admitted_with bool, treatments int, treated_amount numeric,
	plain_weight numeric, plain_stays int, usual_weight numeric, usual_stays int, untreated text, swapped text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_nestloop = off
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	IF min_stays IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'min_stays');
	ELSIF min_stays < 1 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('min_stays must be at least 1');
	END IF;
	PERFORM medaudit.check_bound('visit', 'charge', 'diagnosis', 'case_group');
	RETURN QUERY
	WITH stay AS MATERIALIZED (
		SELECT s.* FROM medaudit._case_stays(from_date, to_date) AS s WHERE s.weight IS NOT NULL AND s.main_code IS NOT NULL AND s.secondaries IS NOT NULL
	), line AS MATERIALIZED (
		SELECT l.* FROM (SELECT array_agg(s.visit_id) AS ids, array_agg(s.facility_id) AS places, min(s.admitted_at)::date - 1 AS first_on, max(s.discharged_at)::date + 2 AS day_after FROM stay AS s) AS a
		CROSS JOIN LATERAL medaudit._case_lines(a.ids, a.places, a.first_on, coalesce(a.day_after, to_date + 1), medaudit._treatment_rules()) AS l
	), had AS MATERIALIZED (
		SELECT l.visit_id, bool_or(coalesce(l.surgery, false)) AS surgery FROM line AS l GROUP BY l.visit_id
	), case_ AS MATERIALIZED (
		SELECT s.*, h.visit_id IS NOT NULL AS charged, coalesce(s.operated, false) OR coalesce(h.surgery, false) AS cut FROM stay AS s LEFT JOIN had AS h ON h.visit_id = s.visit_id
	), usual AS MATERIALIZED (
		SELECT medaudit._diagnosis_category(c.main_code) AS category, c.cut, count(*)::int AS stays, percentile_cont(0.5) WITHIN GROUP (ORDER BY c.weight) AS weight,
			(count(*) FILTER (WHERE c.secondaries = '{}'))::int AS plain_stays, percentile_cont(0.5) WITHIN GROUP (ORDER BY c.weight) FILTER (WHERE c.secondaries = '{}') AS plain_weight
		FROM case_ AS c GROUP BY 1, 2
	), pair AS MATERIALIZED (
		SELECT c.visit_id, d.code, d.is_main FROM case_ AS c
		CROSS JOIN LATERAL (SELECT c.main_code AS code, true AS is_main UNION ALL SELECT u.code, false FROM unnest(c.secondaries) AS u (code)) AS d
	), row_ AS MATERIALIZED (
		SELECT r.* FROM medaudit._treatment_rows() AS r
	), mapped AS MATERIALIZED (
		SELECT d.code, array_agg(r.n) AS rows, (count(*) FILTER (WHERE r.own))::int AS own
		FROM (SELECT DISTINCT p.code FROM pair AS p) AS d JOIN row_ AS r ON starts_with(medaudit._diagnosis_fold(d.code), r.prefix) GROUP BY d.code
	), judged AS (
		SELECT p.visit_id, p.code, p.is_main, coalesce(m.own, 0) AS treatments, t.amount FROM pair AS p
		LEFT JOIN mapped AS m ON m.code = p.code
		LEFT JOIN (
			SELECT i.visit_id, i.code, sum(l.amount) AS amount FROM pair AS i JOIN mapped AS k ON k.code = i.code JOIN line AS l ON l.visit_id = i.visit_id
			WHERE l.treats && k.rows GROUP BY i.visit_id, i.code
		) AS t ON t.visit_id = p.visit_id AND t.code = p.code
	), whole AS (
		SELECT j.*, bool_or(j.is_main AND j.treatments > 0) OVER w AS main_mapped, bool_or(j.is_main AND j.amount IS NOT NULL) OVER w AS main_treated
		FROM judged AS j WINDOW w AS (PARTITION BY j.visit_id)
	)
	SELECT c.visit_id, c.person_id, c.facility_id, c.admitted_at::date, c.discharged_at::date, c.group_code, c.weight, c.payment, c.main_code, j.code, j.is_main,
		EXISTS (SELECT FROM unnest(c.admitted_with) AS a (code) WHERE medaudit._diagnosis_category(a.code) = medaudit._diagnosis_category(j.code)), j.treatments, j.amount,
		k.plain_weight, k.plain_stays, k.usual_weight, k.usual_stays,
		CASE WHEN NOT j.is_main THEN medaudit._untreated_outcome(c.charged, j.treatments > 0, j.amount IS NOT NULL, c.weight, k.plain_weight) END,
		CASE WHEN NOT j.is_main THEN medaudit._swapped_outcome(c.charged, c.cut, j.main_mapped, j.main_treated, j.treatments > 0, j.amount IS NOT NULL,
			medaudit._diagnosis_category(j.code) = medaudit._diagnosis_category(c.main_code), c.weight, k.usual_weight) END
	FROM whole AS j
	JOIN case_ AS c ON c.visit_id = j.visit_id
	LEFT JOIN usual AS p ON p.category = medaudit._diagnosis_category(c.main_code) AND p.cut = c.cut
	LEFT JOIN usual AS u ON u.category = medaudit._diagnosis_category(j.code) AND u.cut = c.cut
	CROSS JOIN LATERAL (SELECT CASE WHEN p.plain_stays >= min_stays THEN round(p.plain_weight::numeric, 6) END AS plain_weight, p.plain_stays,
		CASE WHEN u.stays >= min_stays THEN round(u.weight::numeric, 6) END AS usual_weight, u.stays AS usual_stays) AS k;
END
$$;

COMMENT ON FUNCTION _case_diagnoses(date, date, int) IS
	'病例诊断与诊疗: each main and secondary diagnosis of the grouped stays of a period, what was charged that treats it (NULL: nothing), the median weight of stays of the same main category and operation without secondary diagnoses (plain) and of those whose main category is this one''s (usual), each of min_stays stays at least, and what can be said (_untreated_outcome(), _swapped_outcome())';

CREATE OR REPLACE FUNCTION untreated_diagnoses(from_date date, to_date date, min_stays int DEFAULT 10) RETURNS TABLE (visit_id text, person_id text, facility_id text,
	facility_name text, admitted_on date, discharged_on date, group_code text, main_diagnosis text, diagnosis_code text, treatments int, weight numeric, usual_weight numeric,
	usual_stays int, weight_gain numeric, payment_gain numeric, certainty text, notice_zh text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT d.visit_id, d.person_id, d.facility_id, f.name, d.admitted_on, d.discharged_on, d.group_code, d.main_code, d.code, d.treatments, round(d.weight, 6), d.plain_weight,
		d.plain_stays, round(d.weight - d.plain_weight, 6), round(d.payment / d.weight * (d.weight - d.plain_weight), 2), 'notice',
		format('次要诊断%s未见对照表中任何诊疗项目收费（对照%s项），病组权重%s高于同主诊断类目无次要诊断住院的中位数%s；可能为自备药、饮食控制或仅作评估，请结合病历核实',
			d.code, d.treatments, trim_scale(d.weight), trim_scale(d.plain_weight))
	FROM medaudit._case_diagnoses(from_date, to_date, min_stays) AS d
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = d.facility_id
	WHERE d.untreated = 'told'
	ORDER BY d.facility_id COLLATE "C", d.visit_id COLLATE "C", d.code COLLATE "C"
$$;

COMMENT ON FUNCTION untreated_diagnoses(date, date, int) IS
	'无诊疗的次要诊断: secondary diagnoses of grouped stays settled (else discharged) in [from_date, to_date) of which diagnosis_treatment has rows, none of them was charged in the stay, and the weight is above the median of stays of the same main category and operation without secondary diagnoses (of at least min_stays). A notice: who ate less sugar was treated, too. Those of which nothing can be said are counted by case_payment_facilities(). NULL is 22004, out of range 22023, 55000 where visit, charge, diagnosis or case_group is not bound';

CREATE OR REPLACE FUNCTION swapped_diagnoses(from_date date, to_date date, min_stays int DEFAULT 10) RETURNS TABLE (visit_id text, person_id text, facility_id text,
	facility_name text, admitted_on date, discharged_on date, group_code text, main_diagnosis text, diagnosis_code text, treated_amount numeric, admitted_with bool,
	weight numeric, usual_weight numeric, usual_stays int, weight_gain numeric, payment_gain numeric, certainty text, notice_zh text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT d.visit_id, d.person_id, d.facility_id, f.name, d.admitted_on, d.discharged_on, d.group_code, d.main_code, d.code, round(d.treated_amount, 2), d.admitted_with,
		round(d.weight, 6), d.usual_weight, d.usual_stays, round(d.weight - d.usual_weight, 6), round(d.payment / d.weight * (d.weight - d.usual_weight), 2), 'notice',
		format('主诊断%s未见对照表中诊疗项目收费，次要诊断%s有%s元；病组权重%s高于以该次要诊断为主诊断住院的中位数%s；主诊断应由病历确定，请结合病历核实',
			d.main_code, d.code, round(d.treated_amount, 2), trim_scale(d.weight), trim_scale(d.usual_weight))
	FROM (
		SELECT DISTINCT ON (i.visit_id) i.* FROM medaudit._case_diagnoses(from_date, to_date, min_stays) AS i WHERE i.swapped = 'told'
		ORDER BY i.visit_id, i.treated_amount DESC, i.code COLLATE "C"
	) AS d
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = d.facility_id
	ORDER BY d.facility_id COLLATE "C", d.visit_id COLLATE "C"
$$;

COMMENT ON FUNCTION swapped_diagnoses(date, date, int) IS
	'主次诊断调换: grouped stays without an operation, settled (else discharged) in [from_date, to_date), in which nothing was charged that diagnosis_treatment has for the main diagnosis, something that it has for a secondary one of another category was (of several the one with most money), and the weight is above the median of stays whose main category is that (of at least min_stays). A notice: the record says for what somebody came. NULL is 22004, out of range 22023, 55000 where visit, charge, diagnosis or case_group is not bound';

-- ------------------------------------------- billed to outpatients instead

-- Facilities of one credit code are one provider.
CREATE OR REPLACE FUNCTION _bound_providers() RETURNS TABLE (facility_id text, provider_id text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('facility', 'credit_code') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('facility');
	RETURN QUERY EXECUTE format('SELECT f.facility_id, ''='' OPERATOR(||) min(f.credit_code) FROM (SELECT %s FROM medaudit_data.facility AS c) AS f
		WHERE f.facility_id IS NOT NULL GROUP BY f.facility_id HAVING min(f.credit_code) = max(f.credit_code)',
		medaudit._bound_list('facility', '{facility_id,credit_code}'));
END
$$;

COMMENT ON FUNCTION _bound_providers() IS
	'法人单位: of each facility whose credit code is known what it has in common with others of it; no rows where it is not bound';

-- Stays that are planned around outpatient visits, by their main diagnosis: rows of
-- stay_tag, so that a fund adds its own.
CREATE OR REPLACE FUNCTION _planned_prefixes() RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(array_agg(DISTINCT medaudit._diagnosis_fold(t.diagnosis_prefix)), '{}') FROM medaudit.stay_tag AS t
	WHERE t.tag IN ('planned', 'dialysis', 'maternity') AND medaudit._diagnosis_fold(t.diagnosis_prefix) <> '' AND t.visit_type IS NULL
$$;

COMMENT ON FUNCTION _planned_prefixes() IS
	'计划住院诊断: beginnings of main diagnoses that stay_tag calls planned, dialysis or maternity, folded';

CREATE OR REPLACE FUNCTION _check_shifted(days_before int, days_after int, excluded_visit_types text[]) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text := CASE WHEN days_before IS NULL THEN 'days_before' WHEN days_after IS NULL THEN 'days_after'
		WHEN excluded_visit_types IS NULL THEN 'excluded_visit_types' END;
BEGIN
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), missing);
	ELSIF NOT (days_before BETWEEN 0 AND 30 AND days_after BETWEEN 0 AND 30) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('days_before and days_after must be from 0 to 30');
	END IF;
	PERFORM medaudit.check_bound('visit', 'charge');
	IF to_regclass('medaudit_data.case_group') IS NULL AND NOT medaudit._is_bound('visit', 'payment_method') THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('not bound: %s'), 'case_group, visit.payment_method'),
			HINT = medaudit._say('CALL medaudit.bind() with these columns; either tells which stays are paid by case.');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_shifted(int, int, text[]) IS
	'检查门诊分担参数: 22004, 22023 or 55000 for what shifted_costs() cannot answer';

-- Outpatient visits of those who had a stay, at the same provider, near that stay.  Each
-- row is a visit, a date on which something was charged, and the stay nearest to it; a
-- date on which the person was in is none.
CREATE OR REPLACE FUNCTION _shifted_days(from_date date, to_date date, days_before int, days_after int, excluded_visit_types text[]) RETURNS TABLE (visit_id text,
	person_id text, facility_id text, admitted_on date, discharged_on date, group_code text, outpatient_visit_id text, side text, on_date date, lines bigint, amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_nestloop = off
	SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
	first_on date;
	last_on date;
BEGIN
	SELECT min(s.admitted_at)::date - days_before, max(s.discharged_at)::date + days_after INTO first_on, last_on
	FROM medaudit._case_stays(from_date, to_date) AS s WHERE s.admitted_at IS NOT NULL AND s.discharged_at IS NOT NULL AND s.person_id IS NOT NULL;
	IF first_on IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY EXECUTE format($sql$
		WITH stay AS MATERIALIZED (
			SELECT s.visit_id, s.person_id, s.facility_id, s.admitted_at::date AS admitted_on, s.discharged_at::date AS discharged_on, s.group_code, coalesce(p.provider_id, s.facility_id) AS provider_id,
				NOT coalesce(medaudit._diagnosis_fold(s.main_code) ^@ ANY ($5), false) AS asked
			FROM medaudit._case_stays($1, $2) AS s LEFT JOIN medaudit._bound_providers() AS p ON p.facility_id = s.facility_id
			WHERE s.admitted_at IS NOT NULL AND s.discharged_at IS NOT NULL AND s.person_id IS NOT NULL
		), settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (%1$s) AS v
			WHERE v.visit_id IS NOT NULL AND v.admitted_at < $7 + 1 AND coalesce(v.discharged_at, v.settled_at, v.admitted_at) >= $6
				AND v.person_id IN (SELECT s.person_id FROM stay AS s)
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class,
				coalesce(medaudit._is_emergency(t.visit_type), false) OR coalesce(medaudit.code_fold(t.visit_type) ^@ ANY ($8), false) AS excluded
			FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		), outpatient AS MATERIALIZED (
			SELECT s.visit_id, min(s.person_id) AS person_id, min(coalesce(p.provider_id, s.facility_id)) AS provider_id
			FROM settlement AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			LEFT JOIN medaudit._bound_providers() AS p ON p.facility_id = s.facility_id
			GROUP BY s.visit_id
			HAVING NOT bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date, false)) AND NOT bool_or(coalesce(c.excluded, false))
				AND sum(s.total_amount) IS DISTINCT FROM 0 AND NOT bool_or(s.referral_visit_id IS NOT NULL)
		), inside AS MATERIALIZED (
			-- whatever pays for them, the days of a stay are not before or after another
			SELECT DISTINCT s.person_id, s.admitted_at::date AS admitted_on, s.discharged_at::date AS discharged_on
			FROM settlement AS s LEFT JOIN class AS c ON c.visit_type = s.visit_type
			WHERE s.admitted_at IS NOT NULL AND coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date, false)
		), line AS MATERIALIZED (
			SELECT c.visit_id, o.person_id, o.provider_id, c.charged_at::date AS on_date, c.item_code, c.category, c.quantity, c.amount
			FROM (SELECT %2$s FROM medaudit_data.charge AS c WHERE %3$s) AS c JOIN outpatient AS o ON o.visit_id = c.visit_id
			WHERE c.charged_at IS NOT NULL AND c.item_code IS NOT NULL
		), class_of AS MATERIALIZED (
			SELECT k.item_code, coalesce(k.category, '') AS category
			FROM (SELECT array_agg(i.item_code) AS codes, array_agg(i.category) AS categories FROM (SELECT DISTINCT l.item_code, l.category FROM line AS l) AS i) AS a
			CROSS JOIN LATERAL medaudit._classes_of_charges(a.codes, a.categories) AS k WHERE k.class IN ('exam', 'laboratory', 'treatment', 'surgery', 'material')
		), day AS MATERIALIZED (
			SELECT l.visit_id, l.person_id, l.provider_id, l.on_date, count(*) FILTER (WHERE l.amount > 0) AS lines, sum(l.amount) AS amount
			FROM line AS l JOIN class_of AS k ON k.item_code = l.item_code AND k.category = coalesce(l.category, '')
			GROUP BY l.visit_id, l.person_id, l.provider_id, l.on_date HAVING sum(l.amount) > 0
		)
		SELECT DISTINCT ON (d.visit_id, d.on_date) s.visit_id, s.person_id, s.facility_id, s.admitted_on, s.discharged_on, s.group_code, d.visit_id,
			CASE WHEN d.on_date < s.admitted_on THEN 'before' ELSE 'after' END, d.on_date, d.lines, d.amount
		FROM day AS d
		JOIN stay AS s ON s.person_id = d.person_id AND s.provider_id = d.provider_id
		WHERE s.asked AND (d.on_date < s.admitted_on AND d.on_date >= s.admitted_on - $3 OR d.on_date > s.discharged_on AND d.on_date <= s.discharged_on + $4)
			AND NOT EXISTS (SELECT FROM inside AS i WHERE i.person_id = d.person_id AND d.on_date BETWEEN i.admitted_on AND i.discharged_on)
		ORDER BY d.visit_id, d.on_date, greatest(s.admitted_on - d.on_date, d.on_date - s.discharged_on), d.on_date < s.admitted_on, s.visit_id COLLATE "C"$sql$,
		medaudit._bound_or_empty('visit'), medaudit._bound_list('charge', '{visit_id,item_code,category,quantity,amount,charged_at}'), medaudit._run_charged_within(first_on, last_on + 1))
	USING from_date, to_date, days_before, days_after, medaudit._planned_prefixes(), first_on, last_on,
		ARRAY(SELECT medaudit.code_fold(t.code) FROM unnest(excluded_visit_types) AS t (code) WHERE medaudit.code_fold(t.code) <> '');
END
$$;

COMMENT ON FUNCTION _shifted_days(date, date, int, int, text[]) IS
	'住院前后门诊费用: of each outpatient visit near a stay paid by case and each date the examinations, laboratory tests, treatments, surgery and material charged, with the stay nearest to it; arguments as shifted_costs(), checked there';

CREATE OR REPLACE FUNCTION shifted_costs(from_date date, to_date date, days_before int DEFAULT 3, days_after int DEFAULT 3, excluded_visit_types text[] DEFAULT '{14}')
	RETURNS TABLE (visit_id text, person_id text, facility_id text, facility_name text, admitted_on date, discharged_on date, group_code text,
	outpatient_visit_id text, side text, side_zh text, first_on date, last_on date, lines bigint, amount numeric, certainty text, notice_zh text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(from_date, to_date), medaudit._check_shifted(days_before, days_after, excluded_visit_types);
	RETURN QUERY
	SELECT d.visit_id, d.person_id, d.facility_id, f.name, d.admitted_on, d.discharged_on, d.group_code, d.outpatient_visit_id, d.side, z.side_zh, d.first_on, d.last_on, d.lines,
		round(d.amount, 2), 'notice', format('%s%s天内在同一机构门诊检查、检验、治疗、手术或耗材费用%s元，该次住院按病组付费；可能为另一疾病就诊或出院复查，请结合病历核实',
			z.side_zh, CASE d.side WHEN 'before' THEN days_before ELSE days_after END, round(d.amount, 2))
	FROM (
		SELECT i.visit_id, i.person_id, i.facility_id, i.admitted_on, i.discharged_on, i.group_code, i.outpatient_visit_id, i.side, min(i.on_date) AS first_on,
			max(i.on_date) AS last_on, sum(i.lines)::bigint AS lines, sum(i.amount) AS amount
		FROM medaudit._shifted_days(from_date, to_date, days_before, days_after, excluded_visit_types) AS i
		GROUP BY i.visit_id, i.person_id, i.facility_id, i.admitted_on, i.discharged_on, i.group_code, i.outpatient_visit_id, i.side
	) AS d
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = d.facility_id
	CROSS JOIN LATERAL (SELECT CASE d.side WHEN 'before' THEN '入院前' ELSE '出院后' END AS side_zh) AS z
	ORDER BY d.facility_id COLLATE "C", d.visit_id COLLATE "C", d.first_on, d.outpatient_visit_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION shifted_costs(date, date, int, int, text[]) IS
	'住院前后门诊费用: outpatient visits of one provider on dates up to days_before before, and days_after after, a stay paid by case (settled, else discharged, in [from_date, to_date)) of the person, with examinations, laboratory tests, treatments, surgery or material; not the days of any stay, emergencies, visits of excluded_visit_types (beginnings; 14: special diseases), referrals, nor beside stays that are planned (stay_tag). A date counts for the stay nearest to it. A notice. NULL is 22004, days outside 0 to 30 22023, 55000 where visit or charge is not bound, or neither case_group nor visit.payment_method';

-- ------------------------------------------------------ facility by facility

-- Where a relation is missing, what needs it is not known (NULL).
CREATE OR REPLACE FUNCTION _case_counts(from_date date, to_date date) RETURNS TABLE (facility_id text, diagnosed bigint, secondaries bigint, unmapped bigint,
	not_known bigint, looked_untreated bigint, untreated bigint, looked_swapped bigint, swapped bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.case_group') IS NULL OR to_regclass('medaudit_data.diagnosis') IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT s.facility_id, count(*), sum(s.secondaries)::bigint, sum(s.unmapped)::bigint, sum(s.not_known)::bigint, count(*) FILTER (WHERE s.looked_untreated),
		count(*) FILTER (WHERE s.untreated), count(*) FILTER (WHERE s.looked_swapped), count(*) FILTER (WHERE s.swapped)
	FROM (
		SELECT d.facility_id, d.visit_id, count(d.untreated) AS secondaries, count(*) FILTER (WHERE d.untreated = 'no map') AS unmapped,
			count(*) FILTER (WHERE d.untreated IN ('no charges', 'no usual weight')) AS not_known,
			coalesce(bool_or(d.untreated IN ('told', 'treated', 'no gain')), false) AS looked_untreated, coalesce(bool_or(d.untreated = 'told'), false) AS untreated,
			coalesce(bool_or(d.swapped IN ('told', 'in order', 'no gain')), false) AS looked_swapped, coalesce(bool_or(d.swapped = 'told'), false) AS swapped
		FROM medaudit._case_diagnoses(from_date, to_date, 10) AS d GROUP BY d.facility_id, d.visit_id
	) AS s GROUP BY s.facility_id;
END
$$;

COMMENT ON FUNCTION _case_counts(date, date) IS
	'病例诊断计数: by facility what untreated_diagnoses() and swapped_diagnoses() looked at and list; no rows where case_group or diagnosis is not bound';

CREATE OR REPLACE FUNCTION case_payment_facilities(from_date date, to_date date) RETURNS TABLE (facility_id text, facility_name text, stays bigint, no_weight bigint,
	no_diagnosis bigint, secondaries bigint, unmapped bigint, not_known bigint, untreated_of bigint, untreated_stays bigint, untreated_share numeric, untreated_z numeric,
	swapped_of bigint, swapped_stays bigint, swapped_share numeric, swapped_z numeric, shifted_of bigint, shifted_stays bigint, shifted_share numeric, shifted_z numeric,
	shifted_amount numeric, stay_amount numeric, shifted_amount_share numeric, certainty text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(from_date, to_date), medaudit._check_shifted(3, 3, '{14}');
	RETURN QUERY
	WITH planned AS MATERIALIZED (
		SELECT medaudit._planned_prefixes() AS prefixes
	), whole AS MATERIALIZED (
		SELECT s.facility_id, count(*) AS stays, count(*) FILTER (WHERE s.weight IS NULL) AS no_weight, sum(s.total_amount) AS amount,
			count(*) FILTER (WHERE s.weight IS NOT NULL AND (s.main_code IS NULL OR s.secondaries IS NULL)) AS no_diagnosis,
			count(*) FILTER (WHERE s.admitted_at IS NOT NULL AND s.discharged_at IS NOT NULL AND s.person_id IS NOT NULL
				AND NOT coalesce(medaudit._diagnosis_fold(s.main_code) ^@ ANY (p.prefixes), false)) AS near_of
		FROM medaudit._case_stays(from_date, to_date) AS s CROSS JOIN planned AS p GROUP BY s.facility_id
	), coded AS MATERIALIZED (
		SELECT c.* FROM medaudit._case_counts(from_date, to_date) AS c
	), near AS MATERIALIZED (
		SELECT d.facility_id, count(DISTINCT d.visit_id) AS stays, sum(d.amount) AS amount FROM medaudit._shifted_days(from_date, to_date, 3, 3, '{14}') AS d GROUP BY d.facility_id
	), counted AS MATERIALIZED (
		SELECT w.*, c.secondaries, c.unmapped, c.not_known, c.looked_untreated, c.untreated, c.looked_swapped, c.swapped, coalesce(n.stays, 0) AS near,
			coalesce(n.amount, 0) AS near_amount, medaudit._rounded_share(c.untreated, c.looked_untreated) AS untreated_share, medaudit._rounded_share(c.swapped, c.looked_swapped) AS swapped_share,
			medaudit._rounded_share(coalesce(n.stays, 0), w.near_of) AS near_share
		FROM whole AS w LEFT JOIN coded AS c ON c.facility_id = w.facility_id LEFT JOIN near AS n ON n.facility_id = w.facility_id
	), share AS MATERIALIZED (
		-- shares of a few stays are no peers
		SELECT u.name, array_agg(c.facility_id) AS ids, array_agg(u.share::float8) AS shares
		FROM counted AS c CROSS JOIN LATERAL (VALUES ('untreated', c.untreated_share, c.looked_untreated), ('swapped', c.swapped_share, c.looked_swapped),
			('near', c.near_share, c.near_of)) AS u (name, share, of_)
		WHERE u.of_ >= 30 GROUP BY u.name
	), score AS MATERIALIZED (
		SELECT s.name, p.facility_id, round(p.z::numeric, 2) AS z FROM share AS s CROSS JOIN LATERAL medaudit._peer_scores(s.ids, s.shares) AS p
	)
	SELECT c.facility_id, f.name, c.stays, c.no_weight, c.no_diagnosis, c.secondaries, c.unmapped, c.not_known, c.looked_untreated, c.untreated, c.untreated_share, u.z,
		c.looked_swapped, c.swapped, c.swapped_share, w.z, c.near_of, c.near, c.near_share, n.z, round(c.near_amount, 2), round(c.amount, 2),
		CASE WHEN c.amount > 0 THEN round(c.near_amount / c.amount, 6) END, 'notice'
	FROM counted AS c
	LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = c.facility_id
	LEFT JOIN score AS u ON u.facility_id = c.facility_id AND u.name = 'untreated'
	LEFT JOIN score AS w ON w.facility_id = c.facility_id AND w.name = 'swapped'
	LEFT JOIN score AS n ON n.facility_id = c.facility_id AND n.name = 'near'
	ORDER BY c.facility_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION case_payment_facilities(date, date) IS
	'按病组付费机构汇总: of each facility how many stays paid by case, settled (else discharged) in [from_date, to_date), untreated_diagnoses(), swapped_diagnoses() and shifted_costs(), with their defaults, list of how many of which they could say anything, and the robust_zscore() of each share among peers of 30 such stays at least; and how many stays, and diagnoses, nothing could be said of: no weight, no diagnosis, no row of diagnosis_treatment (unmapped), no charges or usual weight (not_known). A notice. NULL is 22004, a period that is none 22023, 55000 as shifted_costs()';

-- -------------------------------------------------------------- in a run

-- Rows that cannot be used.  What is of no visit is told in runs over a month or more, for
-- it takes a pass over all visits.
CREATE OR REPLACE PROCEDURE _run_quality_case_groups(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told record;
	unknown bigint;
BEGIN
	IF to_regclass('medaudit_data.case_group') IS NULL THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_through('case_group');
	FOR told IN
		SELECT u.facility_id, min(f.name) AS name, sum(u.rows - u.kinds)::bigint AS copies, count(*) FILTER (WHERE u.kinds > 1) AS differ, count(*) FILTER (WHERE u.no_weight) AS no_weight,
			count(*) FILTER (WHERE u.stay IS FALSE) AS no_stay, count(*) FILTER (WHERE u.ungrouped) AS ungrouped
		FROM (
			SELECT s.facility_id, s.visit_id, count(g.visit_id) AS rows, count(DISTINCT ROW(g.group_code, g.weight, g.payment)) FILTER (WHERE g.visit_id IS NOT NULL) AS kinds,
				bool_or(g.weight <= 0) AS no_weight, CASE WHEN count(g.visit_id) > 0 AND min(s.person_id) IS NOT NULL THEN bool_or(s.stay) END AS stay,
				count(g.visit_id) = 0 AND bool_or(s.stay) AND min(s.payment_method) IN ('drg', 'dip') AS ungrouped
			FROM medaudit_work.span AS s
			LEFT JOIN pg_temp.medaudit_read_case_group() AS g ON g.visit_id = s.visit_id
			-- of others there is nothing to say
			WHERE s.settled AND NOT s.void AND (s.stay OR g.visit_id IS NOT NULL)
			GROUP BY s.facility_id, s.visit_id
		) AS u LEFT JOIN medaudit_work.facility AS f ON f.facility_id = u.facility_id
		WHERE u.rows > u.kinds OR u.kinds > 1 OR u.no_weight OR u.stay IS FALSE OR u.ungrouped
		GROUP BY u.facility_id
	LOOP
		CALL medaudit._run_note(run_no, 'case_group', 'delivered twice: equal rows count once', '重复报送的相同记录，按一条计', told.copies, told.facility_id, told.name);
		CALL medaudit._run_note(run_no, 'case_group', 'different rows of one visit: what differs is not known', '同一就诊有多条不同分组记录，不一致的内容按未知处理',
			told.differ, told.facility_id, told.name);
		CALL medaudit._run_note(run_no, 'case_group', 'the weight is not positive', '病组权重不是正数，未纳入分析', told.no_weight, told.facility_id, told.name);
		CALL medaudit._run_note(run_no, 'case_group', 'a group of a visit that is no stay: not used', '非住院就诊有病组，未纳入分析', told.no_stay, told.facility_id, told.name);
		CALL medaudit._run_note(run_no, 'case_group', 'a stay paid by drg or dip has no group', '按病组付费的住院没有分组记录', told.ungrouped, told.facility_id, told.name);
	END LOOP;
	IF (SELECT r.to_date - r.from_date >= 28 FROM medaudit.run AS r WHERE r.run_id = run_no) THEN
		-- groups are few beside visits: it is they that are kept while the others pass
		WITH grouped AS MATERIALIZED (
			SELECT g.visit_id, count(*) AS rows FROM pg_temp.medaudit_read_case_group() AS g WHERE g.visit_id IS NOT NULL GROUP BY g.visit_id
		)
		SELECT sum(g.rows) - coalesce((SELECT sum(k.rows) FROM (SELECT DISTINCT i.visit_id, i.rows FROM grouped AS i
			JOIN pg_temp.medaudit_read_visit() AS v ON v.visit_id = i.visit_id) AS k), 0) INTO unknown FROM grouped AS g;
		CALL medaudit._run_note(run_no, 'case_group', 'the visit is not known (in all of case_group)', '就诊编号在就诊中不存在（全部分组记录）', unknown);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_case_groups(bigint) IS
	'病例分组数据质量: counts, by facility, rows of case_group of visits settled in the period that cannot be used, stays paid by drg or dip that have none, and rows of no visit';

-- ------------------------------------------------------------------ views

-- Without the relation there is nothing to show; functions say so.
CREATE OR REPLACE VIEW _case_period WITH (security_invoker = true) AS
SELECT i.run_id, i.from_date, i.to_date FROM run AS i
WHERE i.state = 'done' AND i.scope = 'period' AND _is_bound('case_group', 'visit_id') AND _is_bound('visit', 'visit_id') AND _is_bound('charge', 'visit_id')
ORDER BY i.run_id DESC LIMIT 1;

COMMENT ON VIEW _case_period IS
	'最近运行期间: of the last run over a period that is done; no row where case_group, visit or charge is not bound';
COMMENT ON COLUMN _case_period.run_id IS '运行编号';
COMMENT ON COLUMN _case_period.from_date IS '开始日期';
COMMENT ON COLUMN _case_period.to_date IS '结束日期: day after the last';

CREATE OR REPLACE VIEW case_mix WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, m.facility_id, m.facility_name, m.month, m.stays, m.no_weight, m.total_weight::numeric(18,4) AS total_weight,
	m.case_mix_index::numeric(14,6) AS case_mix_index, m.index_last_year::numeric(14,6) AS index_last_year, m.growth::numeric(14,6) AS growth,
	m.payment::numeric(14,2) AS payment, m.unit_value::numeric(14,2) AS unit_value, m.mean_days::numeric(10,2) AS mean_days, m.mean_cost::numeric(14,2) AS mean_cost,
	m.mean_secondaries::numeric(10,4) AS mean_secondaries, m.operated_share::numeric(12,6) AS operated_share
FROM _case_period AS r CROSS JOIN LATERAL case_mix(r.from_date, r.to_date) AS m;

CREATE OR REPLACE VIEW case_mix_drift WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, m.facility_id, m.facility_name, m.stays, m.base_stays, m.new_department_stays, m.case_mix_index::numeric(14,6) AS case_mix_index,
	m.base_index::numeric(14,6) AS base_index, m.growth::numeric(14,6) AS growth, m.chance_z::numeric(12,2) AS chance_z, m.days_growth::numeric(14,6) AS days_growth,
	m.cost_growth::numeric(14,6) AS cost_growth, m.age_growth::numeric(14,6) AS age_growth, m.operated_change::numeric(12,6) AS operated_change,
	m.mean_secondaries::numeric(10,4) AS mean_secondaries, m.base_mean_secondaries::numeric(10,4) AS base_mean_secondaries, m.severity_growth::numeric(14,6) AS severity_growth,
	m.unexplained::numeric(14,6) AS unexplained, m.peers_of, m.peers, m.peer_median::numeric(14,6) AS peer_median, m.peer_z::numeric(12,2) AS peer_z, m.drift,
	m.certainty, label_zh(m.certainty) AS certainty_zh, m.notice_zh
FROM _case_period AS r CROSS JOIN LATERAL case_mix_drift(r.from_date, r.to_date) AS m;

CREATE OR REPLACE VIEW untreated_diagnoses WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, d.facility_id, d.facility_name, d.visit_id, d.person_id, d.admitted_on, d.discharged_on, d.group_code, d.main_diagnosis,
	d.diagnosis_code, d.treatments, d.weight::numeric(14,6) AS weight, d.usual_weight::numeric(14,6) AS usual_weight, d.usual_stays,
	d.weight_gain::numeric(14,6) AS weight_gain, d.payment_gain::numeric(14,2) AS payment_gain, d.certainty, label_zh(d.certainty) AS certainty_zh, d.notice_zh
FROM _case_period AS r CROSS JOIN LATERAL untreated_diagnoses(r.from_date, r.to_date) AS d WHERE _is_bound('diagnosis', 'visit_id');

CREATE OR REPLACE VIEW swapped_diagnoses WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, d.facility_id, d.facility_name, d.visit_id, d.person_id, d.admitted_on, d.discharged_on, d.group_code, d.main_diagnosis,
	d.diagnosis_code, d.treated_amount::numeric(14,2) AS treated_amount, d.admitted_with, d.weight::numeric(14,6) AS weight, d.usual_weight::numeric(14,6) AS usual_weight,
	d.usual_stays, d.weight_gain::numeric(14,6) AS weight_gain, d.payment_gain::numeric(14,2) AS payment_gain, d.certainty, label_zh(d.certainty) AS certainty_zh, d.notice_zh
FROM _case_period AS r CROSS JOIN LATERAL swapped_diagnoses(r.from_date, r.to_date) AS d WHERE _is_bound('diagnosis', 'visit_id');

CREATE OR REPLACE VIEW shifted_costs WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, d.facility_id, d.facility_name, d.visit_id, d.person_id, d.admitted_on, d.discharged_on, d.group_code, d.outpatient_visit_id,
	d.side, d.side_zh, d.first_on, d.last_on, d.lines, d.amount::numeric(14,2) AS amount, d.certainty, label_zh(d.certainty) AS certainty_zh, d.notice_zh
FROM _case_period AS r CROSS JOIN LATERAL shifted_costs(r.from_date, r.to_date) AS d;

CREATE OR REPLACE VIEW case_payment_facilities WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, f.facility_id, f.facility_name, f.stays, f.no_weight, f.no_diagnosis, f.secondaries, f.unmapped, f.not_known,
	f.untreated_of, f.untreated_stays, f.untreated_share::numeric(12,6) AS untreated_share, f.untreated_z::numeric(12,2) AS untreated_z,
	f.swapped_of, f.swapped_stays, f.swapped_share::numeric(12,6) AS swapped_share, f.swapped_z::numeric(12,2) AS swapped_z,
	f.shifted_of, f.shifted_stays, f.shifted_share::numeric(12,6) AS shifted_share, f.shifted_z::numeric(12,2) AS shifted_z,
	f.shifted_amount::numeric(14,2) AS shifted_amount, f.stay_amount::numeric(14,2) AS stay_amount, f.shifted_amount_share::numeric(12,6) AS shifted_amount_share,
	f.certainty, label_zh(f.certainty) AS certainty_zh
FROM _case_period AS r CROSS JOIN LATERAL case_payment_facilities(r.from_date, r.to_date) AS f;

COMMENT ON VIEW case_mix IS '病例组合指数: case_mix() of the period of the last run that is done, by facility and month';
COMMENT ON VIEW case_mix_drift IS '组合指数异常上升: case_mix_drift() of the period of the last run that is done against a year before; notices, no verdicts';
COMMENT ON VIEW untreated_diagnoses IS '无诊疗的次要诊断: untreated_diagnoses() of the period of the last run that is done; notices, no verdicts';
COMMENT ON VIEW swapped_diagnoses IS '主次诊断调换: swapped_diagnoses() of the period of the last run that is done; notices, no verdicts';
COMMENT ON VIEW shifted_costs IS '住院前后门诊费用: shifted_costs() of the period of the last run that is done; notices, no verdicts';
COMMENT ON VIEW case_payment_facilities IS '按病组付费机构汇总: case_payment_facilities() of the period of the last run that is done; notices, no verdicts';
-- One meaning of a name in all of them.
DO $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT c.relname, a.attname, w.meaning
		FROM pg_class AS c
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0::int2
		LEFT JOIN (VALUES
			('run_id', '运行编号: of the last run over a period that is done'), ('from_date', '开始日期: of its period'), ('to_date', '结束日期: day after the last'),
			('facility_id', '定点医药机构编号: where the stays were'), ('facility_name', '定点医药机构名称: NULL: not known'), ('month', '月份: its first day'),
			('visit_id', '就诊编号: of the stay'), ('person_id', '人员编号: whose stay'), ('admitted_on', '入院日期'), ('discharged_on', '出院日期'),
			('group_code', '病组编码: in which the stay was settled'), ('main_diagnosis', '主诊断编码: of the stay'),
			('diagnosis_code', '次要诊断编码: of which this row is'), ('treatments', '对照项数: rows of diagnosis_treatment that were looked for'),
			('weight', '权重: of the stay'), ('total_weight', '总权重: sum over the stays'), ('usual_weight', '通常权重: median of the stays compared with'), ('usual_stays', '比较住院数: how many these are'),
			('weight_gain', '权重差: weight - usual_weight'), ('payment_gain', '付费差: yuan, payment of the stay in proportion to weight_gain; NULL: payment not known'),
			('treated_amount', '诊疗金额: yuan charged for what treats the secondary diagnosis'), ('admitted_with', '入院诊断相符: whether that was a diagnosis at admission'),
			('outpatient_visit_id', '门诊就诊编号'), ('side', '前后: before or after the stay'), ('side_zh', '前后名称: the same in Chinese'),
			('first_on', '首次费用日期'), ('last_on', '末次费用日期'), ('lines', '明细数'), ('amount', '金额: yuan of examinations, tests, treatments, surgery and material'),
			('certainty', '确定程度: notice'), ('certainty_zh', '确定程度名称'), ('notice_zh', '提示说明: a sentence for whoever asks the hospital; NULL: nothing is told'),
			('stays', '住院数: stays with a weight; in case_payment_facilities all paid by case'), ('no_weight', '无权重住院数: stays whose weight is not known'),
			('case_mix_index', '病例组合指数: sum of weights ÷ stays'), ('index_last_year', '上年同月指数: NULL: no stays then'), ('growth', '增幅: against the year before, or the base'),
			('payment', '病组付费: sum of payments, yuan'), ('unit_value', '单位权重付费: yuan per weight, of stays that have both'), ('mean_days', '平均住院日'),
			('mean_cost', '次均费用: yuan'), ('mean_secondaries', '平均次要诊断数'), ('operated_share', '手术占比: of the stays; NULL: operation is not bound'),
			('base_stays', '基期住院数'), ('new_department_stays', '新科室住院数: of departments that had no stay in the base; left out'), ('base_index', '基期指数'),
			('chance_z', '偶然性: growth of the index in standard errors of the difference'), ('days_growth', '住院日增幅'), ('cost_growth', '费用增幅'), ('age_growth', '年龄增幅'),
			('operated_change', '手术占比变化: points'), ('secondaries', '次要诊断数: of the stays with a weight'),
			('base_mean_secondaries', '基期平均次要诊断数'), ('severity_growth', '病情变化: greatest of the growths of days, cost and age and of operated_change; NULL: nothing known'),
			('unexplained', '未解释增幅: growth - severity_growth, which explains at most what there is'), ('peers_of', '比较范围: rank (same kind and rank) or all'), ('peers', '同级机构数'),
			('peer_median', '同级中位数: of unexplained'), ('peer_z', '同级Z值: robust_zscore() of unexplained'), ('drift', '是否异常上升: NULL: cannot be known'),
			('no_diagnosis', '无诊断住院数: stays with a weight of which a main or secondary diagnoses are not known'), ('unmapped', '无对照诊断数: secondary diagnoses of which diagnosis_treatment has no row'),
			('not_known', '无法判断诊断数: for want of charges or of a usual weight'), ('untreated_of', '可判断住院数: with a secondary diagnosis of which something could be said'),
			('untreated_stays', '无诊疗住院数: stays listed by untreated_diagnoses'), ('untreated_share', '无诊疗占比'), ('untreated_z', '无诊疗Z值: robust_zscore() of the share among peers; NULL: too few'),
			('swapped_of', '可判断住院数(主次): of which it could be said whether the diagnoses changed places'), ('swapped_stays', '主次调换住院数: stays listed by swapped_diagnoses'),
			('swapped_share', '主次调换占比'), ('swapped_z', '主次调换Z值: robust_zscore() of the share among peers; NULL: too few'),
			('shifted_of', '可判断住院数(门诊): stays that are not planned, with dates and person'), ('shifted_stays', '前后门诊住院数: stays listed by shifted_costs'),
			('shifted_share', '前后门诊占比'), ('shifted_z', '前后门诊Z值: robust_zscore() of the share among peers; NULL: too few'), ('shifted_amount', '前后门诊金额: yuan'),
			('stay_amount', '住院总费用: yuan of all stays paid by case'), ('shifted_amount_share', '前后门诊金额占比: of stay_amount')
		) AS w (name, meaning) ON w.name = a.attname
		WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relname IN ('case_mix', 'case_mix_drift', 'untreated_diagnoses', 'swapped_diagnoses', 'shifted_costs', 'case_payment_facilities')
	LOOP
		EXECUTE format('COMMENT ON COLUMN medaudit.%I.%I IS %L', item.relname, item.attname, item.meaning);
	END LOOP;
END
$$;
