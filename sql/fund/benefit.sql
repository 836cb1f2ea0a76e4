-- What the fund should have paid of a stay: the deductible, the share of the person
-- band by band, and the limit of the year, in exact numbers.
--
-- Cost: some steps for each band.

CREATE OR REPLACE FUNCTION _check_benefit_policy(policy benefit_policy) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	tops numeric[] := coalesce(policy.band_tops, '{}');
	shares numeric[] := coalesce(policy.personal_shares, '{}');
	problem text;
BEGIN
	problem := CASE
		WHEN cardinality(shares) <> cardinality(tops) + 1 THEN medaudit._say('there must be one personal share more than there are tops of bands')
		WHEN coalesce(array_ndims(policy.deductibles), 1) <> 1 OR coalesce(array_ndims(tops), 1) <> 1 OR array_ndims(shares) <> 1
			THEN medaudit._say('deductibles, tops and shares must be plain lists')
		WHEN NOT (SELECT coalesce(bool_and(d >= 0::numeric AND d < 'Infinity'::numeric AND d IS NOT NULL), true) FROM unnest(policy.deductibles) AS d)
			THEN medaudit._say('deductibles must be 0 or more')
		WHEN NOT (SELECT coalesce(bool_and(t.top > 0::numeric AND t.top < 'Infinity'::numeric AND t.top > t.before AND t.top IS NOT NULL), true)
				FROM (SELECT u.top, coalesce(lag(u.top) OVER (ORDER BY u.place), 0::numeric) AS before FROM unnest(tops) WITH ORDINALITY AS u (top, place)) AS t)
			THEN medaudit._say('tops of bands must rise from above 0')
		WHEN NOT (SELECT bool_and(s BETWEEN 0::numeric AND 1::numeric AND s IS NOT NULL) FROM unnest(shares) AS s) THEN medaudit._say('personal shares must lie from 0 to 1')
		WHEN NOT (coalesce(policy.fund_cap, 0::numeric) >= 0::numeric AND coalesce(policy.fund_cap, 0::numeric) < 'Infinity'::numeric)
			THEN medaudit._say('fund_cap must be 0 or more') END;
	IF problem IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = problem, DETAIL = format(medaudit._say('The policy would be %s.'), policy);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_benefit_policy(benefit_policy) IS
	'检查待遇政策: 22023 where the bands of a policy are none';

-- Bands lie on the whole cost in scope, the deductible inside the first of them.
CREATE OR REPLACE FUNCTION benefit(in_scope numeric, stay_no int, policy benefit_policy, paid_before numeric DEFAULT 0, scope_before numeric DEFAULT 0,
	OUT deductible numeric, OUT personal numeric, OUT fund numeric, OUT over_cap numeric)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	tops numeric[] := coalesce(policy.band_tops, '{}');
	begins numeric;
	ends numeric;
	rest numeric;
BEGIN
	-- a policy all of whose fields are NULL is one, too: it has no share
	IF policy IS NOT DISTINCT FROM NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'policy');
	END IF;
	PERFORM medaudit._check_benefit_policy(policy);
	IF in_scope IS NULL OR stay_no IS NULL OR paid_before IS NULL OR scope_before IS NULL THEN
		RETURN;
	END IF;
	IF stay_no < 1 OR NOT (in_scope >= 0::numeric AND in_scope < 'Infinity'::numeric) OR NOT (paid_before >= 0::numeric AND paid_before < 'Infinity'::numeric)
			OR NOT (scope_before >= 0::numeric AND scope_before < 'Infinity'::numeric) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('amounts must be 0 or more, and stay_no 1 or more'),
			DETAIL = format(medaudit._say('They would be %s, %s, %s and %s.'), in_scope, stay_no, paid_before, scope_before);
	END IF;
	deductible := least(coalesce(policy.deductibles[least(stay_no, cardinality(policy.deductibles)) + array_lower(policy.deductibles, 1) - 1], 0), in_scope);
	begins := CASE WHEN policy.yearly_bands THEN scope_before ELSE 0 END;
	ends := begins + in_scope;
	begins := begins + deductible;
	SELECT round(sum(b.share * greatest(0, least(ends, b.top) - greatest(begins, b.bottom))), 2) INTO personal
	FROM (
		SELECT s.share, coalesce(lag(t.top) OVER (ORDER BY s.place), 0) AS bottom, coalesce(t.top, ends) AS top
		FROM unnest(policy.personal_shares) WITH ORDINALITY AS s (share, place)
		LEFT JOIN unnest(tops) WITH ORDINALITY AS t (top, place) ON t.place = s.place
	) AS b;
	rest := in_scope - deductible - personal;
	fund := CASE WHEN policy.fund_cap IS NULL THEN rest ELSE least(rest, greatest(0, policy.fund_cap - paid_before)) END;
	over_cap := rest - fund;
END
$$;

COMMENT ON FUNCTION benefit(numeric, int, benefit_policy, numeric, numeric) IS
	'待遇计算: how the cost in scope of the stay_no-th stay of a year is shared: deductible, what the person pays of the rest (band by band, rounded once to 0.01), what the fund pays, and what lies beyond its limit of the year (after paid_before); the four add up to in_scope. Bands lie on the whole cost in scope with the deductible inside the first; with yearly_bands they go on where scope_before ended. NULL amounts give NULL; a NULL policy is 22004, negative amounts, stay_no below 1 and a policy that is none 22023';

-- A row that could not be asked is refused when it is written.
CREATE OR REPLACE FUNCTION _check_benefit_rule() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_benefit_policy(ROW(new.deductibles, new.band_tops, new.personal_shares, new.fund_cap, new.yearly_bands)::medaudit.benefit_policy);
	RETURN new;
END
$$;

COMMENT ON FUNCTION _check_benefit_rule() IS '检查待遇政策: a row of benefit_rule is a policy, else 22023';

CREATE OR REPLACE TRIGGER check_policy BEFORE INSERT OR UPDATE ON benefit_rule
	FOR EACH ROW EXECUTE FUNCTION _check_benefit_rule();

-- The row that says most of the case.
CREATE OR REPLACE FUNCTION _benefit_rule(insurance_type text, person_class text, facility_rank int, years_paid int, on_date date) RETURNS benefit_rule
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT r FROM benefit_rule AS r
		WHERE (r.insurance_type IS NULL OR starts_with(code_fold(_benefit_rule.insurance_type), code_fold(r.insurance_type)))
			AND (r.person_class IS NULL OR starts_with(code_fold(_benefit_rule.person_class), code_fold(r.person_class)))
			AND (r.facility_rank IS NULL OR r.facility_rank = _benefit_rule.facility_rank)
			AND (r.years_paid IS NULL OR r.years_paid @> _benefit_rule.years_paid)
			AND (r.valid IS NULL OR r.valid @> on_date)
		ORDER BY length(r.insurance_type) DESC NULLS LAST, length(r.person_class) DESC NULLS LAST, r.facility_rank IS NULL, r.years_paid IS NULL,
			lower(r.valid) DESC NULLS LAST, r.policy_id COLLATE "C" LIMIT 1);

COMMENT ON FUNCTION _benefit_rule(text, text, int, int, date) IS
	'适用待遇政策: the row of benefit_rule that holds for a person at a facility on a day; NULL: there is none';

-- Stays of the people who have one settled in the period, in the order of the year.
-- Several numbers of one stay are one, and so are the visits of a year that the tag
-- special_disease marks: their deductible is due once.
CREATE OR REPLACE FUNCTION _benefit_stays(from_date date, to_date date) RETURNS TABLE (person_id text, visit_ids text[], visit_id text, facility_id text,
	insurance_type text, admitted_on date, settled_on date, year int, stay_no int, in_scope numeric, fund_amount numeric, paid_before numeric, scope_before numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH RECURSIVE settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			WHERE v.visit_id IS NOT NULL AND v.person_id IS NOT NULL AND coalesce(v.settled_at, v.discharged_at) < $2
		), class AS MATERIALIZED (
			SELECT t.visit_type, t.main_diagnosis, medaudit.class_of_visit(t.visit_type) AS class, EXISTS (SELECT FROM medaudit.stay_tag AS g
				WHERE g.tag = 'special_disease' AND g.payment_method IS NULL AND g.household_people IS NULL
					AND (g.visit_type IS NULL OR starts_with(medaudit.code_fold(t.visit_type), medaudit.code_fold(g.visit_type)))
					AND (g.diagnosis_prefix IS NULL OR starts_with(medaudit._diagnosis_fold(t.main_diagnosis), medaudit._diagnosis_fold(g.diagnosis_prefix)))) AS special
			FROM (SELECT DISTINCT s.visit_type, s.main_diagnosis FROM settlement AS s) AS t
		), visit AS MATERIALIZED (
			SELECT s.visit_id, min(s.person_id) AS person_id, min(s.facility_id) AS facility_id, min(s.insurance_type) AS insurance_type,
				min(s.continues_visit_id) AS continues, min(s.admitted_at)::date AS admitted_on, max(coalesce(s.settled_at, s.discharged_at)) AS settled_at,
				sum(s.scope_amount) AS in_scope, sum(s.fund_amount) AS fund, bool_or(c.special) AS special
			FROM settlement AS s
			JOIN class AS c ON c.visit_type IS NOT DISTINCT FROM s.visit_type AND c.main_diagnosis IS NOT DISTINCT FROM s.main_diagnosis
			GROUP BY s.visit_id
			HAVING sum(s.total_amount) IS DISTINCT FROM 0
				AND (bool_or(c.special) OR bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date)))
		), asked AS MATERIALIZED (
			SELECT v.* FROM visit AS v
			WHERE v.person_id IN (SELECT p.person_id FROM visit AS p WHERE p.settled_at >= $1)
		), chain AS (
			SELECT a.visit_id, a.visit_id AS first FROM asked AS a
			WHERE a.continues IS NULL OR NOT EXISTS (SELECT FROM asked AS e WHERE e.visit_id = a.continues AND e.person_id = a.person_id AND e.visit_id <> a.visit_id)
			UNION
			SELECT a.visit_id, c.first FROM chain AS c JOIN asked AS a ON a.continues = c.visit_id AND a.visit_id <> c.visit_id
		), stay AS MATERIALIZED (
			SELECT a.person_id, min(a.facility_id) AS facility_id, min(a.insurance_type) AS insurance_type, min(a.admitted_on) AS admitted_on, max(a.settled_at) AS settled_at,
				array_agg(a.visit_id ORDER BY a.admitted_on, a.visit_id COLLATE "C") AS visit_ids, sum(a.in_scope) AS in_scope, sum(a.fund) AS fund,
				bool_or(a.in_scope IS NULL) AS unknown
			FROM asked AS a
			LEFT JOIN chain AS c ON c.visit_id = a.visit_id
			GROUP BY a.person_id, CASE WHEN a.special THEN concat('y', extract(year FROM a.admitted_on)) ELSE concat('v', coalesce(c.first, a.visit_id)) END
		), placed AS (
			SELECT s.*, extract(year FROM s.admitted_on)::int AS year,
				row_number() OVER w AS stay_no, coalesce(sum(s.fund) OVER before, 0) AS paid_before, coalesce(sum(s.in_scope) OVER before, 0) AS scope_before
			FROM stay AS s
			WHERE s.admitted_on IS NOT NULL
			WINDOW w AS (PARTITION BY s.person_id, extract(year FROM s.admitted_on) ORDER BY s.admitted_on, s.settled_at, s.visit_ids[1] COLLATE "C"),
				before AS (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
		)
		SELECT p.person_id, p.visit_ids, p.visit_ids[cardinality(p.visit_ids)], p.facility_id, p.insurance_type, p.admitted_on, p.settled_at::date, p.year, p.stay_no::int,
			CASE WHEN NOT p.unknown THEN p.in_scope END, p.fund, p.paid_before, p.scope_before
		FROM placed AS p WHERE p.settled_at >= $1$sql$,
		medaudit._bound_list('visit')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _benefit_stays(date, date) IS
	'年内住院: stays settled in [from_date, to_date), each with its place among those of the person and year of admission, and what was paid and in scope before it';

-- What cannot be computed is said, with what lacks.
CREATE OR REPLACE FUNCTION benefit_check(from_date date, to_date date, tolerance numeric DEFAULT 0.02) RETURNS TABLE (person_id text, visit_id text, visit_ids text[],
	facility_id text, settled_on date, policy_id text, stay_no int, in_scope numeric, deductible numeric, personal numeric, fund numeric, over_cap numeric,
	fund_amount numeric, difference numeric, outcome text, missing text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(benefit_check.from_date, benefit_check.to_date);
	IF benefit_check.tolerance IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'tolerance');
	ELSIF NOT (benefit_check.tolerance >= 0::numeric AND benefit_check.tolerance < 'Infinity'::numeric) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('tolerance must be 0 or more');
	END IF;
	PERFORM medaudit.check_bound('visit');
	RETURN QUERY
	WITH stay AS MATERIALIZED (
		SELECT s.* FROM medaudit._benefit_stays(benefit_check.from_date, benefit_check.to_date) AS s
	), known AS MATERIALIZED (
		SELECT s.*, coalesce(s.insurance_type, p.insurance_type) AS insured, p.person_class, p.years_paid, f.rank
		FROM stay AS s
		LEFT JOIN medaudit._bound_persons() AS p ON p.person_id = s.person_id
		LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = s.facility_id
	), ruled AS MATERIALIZED (
		SELECT c.*, medaudit._benefit_rule(c.insured, c.person_class, c.rank, c.years_paid, c.admitted_on) AS rule
		FROM (SELECT DISTINCT k.insured, k.person_class, k.rank, k.years_paid, k.admitted_on FROM known AS k) AS c
	), paid AS (
		SELECT k.*, (r.rule).policy_id, b.*
		FROM known AS k
		JOIN ruled AS r ON (r.insured, r.person_class, r.rank, r.years_paid, r.admitted_on) IS NOT DISTINCT FROM (k.insured, k.person_class, k.rank, k.years_paid, k.admitted_on)
		-- without a policy nothing is in scope of one
		CROSS JOIN LATERAL medaudit.benefit(CASE WHEN (r.rule).policy_id IS NOT NULL AND k.in_scope >= 0 AND k.paid_before >= 0 AND k.scope_before >= 0 THEN k.in_scope END,
			k.stay_no, ROW((r.rule).deductibles, (r.rule).band_tops, coalesce((r.rule).personal_shares, '{1}'), (r.rule).fund_cap,
				(r.rule).yearly_bands)::medaudit.benefit_policy, k.paid_before, k.scope_before) AS b
	)
	SELECT p.person_id, p.visit_id, p.visit_ids, p.facility_id, p.settled_on, p.policy_id, p.stay_no, round(p.in_scope, 2), round(p.deductible, 2), p.personal,
		round(p.fund, 2), round(p.over_cap, 2), round(p.fund_amount, 2), round(p.fund_amount - p.fund, 2),
		CASE WHEN p.fund_amount - p.fund IS NULL THEN 'insufficient' ELSE 'differs' END,
		CASE WHEN p.policy_id IS NULL THEN CASE WHEN p.years_paid IS NULL AND EXISTS (SELECT FROM medaudit.benefit_rule AS o WHERE o.years_paid IS NOT NULL)
				THEN 'years_paid' ELSE 'benefit_rule' END
			WHEN p.in_scope IS NULL THEN 'scope_amount' WHEN p.fund_amount IS NULL THEN 'fund_amount' WHEN p.fund IS NULL THEN 'refunds' END
	FROM paid AS p
	WHERE abs(p.fund_amount - p.fund) > benefit_check.tolerance OR p.fund_amount - p.fund IS NULL
	ORDER BY p.person_id COLLATE "C", p.settled_on, p.visit_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION benefit_check(date, date, numeric) IS
	'待遇复算: stays settled in [from_date, to_date) for which the fund paid something else than benefit() by the row of benefit_rule that holds, by more than tolerance yuan (outcome differs; difference is what was paid too much), and those that cannot be computed (insufficient, with what is missing: benefit_rule, years_paid, scope_amount, fund_amount, refunds). Several numbers of one stay, and the visits of a year with the tag special_disease, are one stay, told with its last visit; stays count by the day of admission within the year, what was taken back counts for none. NULL arguments are 22004, dates that are no period and a negative tolerance 22023; 55000 where visit is not bound';
