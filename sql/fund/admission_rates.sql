-- How many of a class of people are admitted, by region and quarter (住院率畸高畸低), and
-- which regions lie where chance alone does not put them.
--
-- A rate is admissions of residents over the people who are on the register at the end;
-- the limits are those of a funnel around the rate of the whole class, so that a small
-- place needs no other rule than a great one.  It is no verdict: a class is ill for good
-- reasons, and an outbreak or a new hospital is none.
--
-- An admission is a stay that stands, counted on the day on which it began, whenever it
-- was settled: so a quarter is the same however a period is cut.  What was taken back is
-- none, and what goes on under a new number is not another one.
--
-- Who is insured when, and as what, says the relation enrolment; of whom it says nothing, and
-- where it is not bound, the register, for as long as the person lives.
--
-- Cost: a pass over the visits, sorted by person and place, one over periods of cover, and
-- one over the register for each quarter of the period and for the period.

-- Admissions of [FROM_DATE, TO_DATE), each once.
CREATE OR REPLACE FUNCTION _admissions(from_date date, to_date date) RETURNS TABLE (person_id text, facility_id text, visit_id text, admitted_on date)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	-- what goes on is known by the visit before it: a year and a day back, and settled whenever it was
	RETURN QUERY EXECUTE format($sql$
		WITH settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			WHERE v.visit_id IS NOT NULL AND v.person_id IS NOT NULL AND v.admitted_at >= $1 - 366 AND v.admitted_at < $2
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		), stay AS MATERIALIZED (
			SELECT s.visit_id, min(s.person_id) AS person_id, min(s.facility_id) AS facility_id, min(s.admitted_at) AS admitted_at,
				max(s.discharged_at) AS discharged_at, coalesce(max(s.discharged_at), max(s.settled_at))::date AS left_on, min(s.continues_visit_id) AS continues,
				coalesce((array_agg(s.mid_settlement ORDER BY coalesce(s.settled_at, s.discharged_at) DESC NULLS LAST, s.mid_settlement))[1], false) AS mid,
				left(medaudit._diagnosis_fold(min(s.main_diagnosis)), 3) AS disease
			FROM settlement AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			GROUP BY s.visit_id
			HAVING sum(s.total_amount) IS DISTINCT FROM 0 AND bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date))
		), placed AS (
			SELECT s.*, lag(s.mid) OVER w AS mid_before, lag(s.left_on) OVER w AS left_before, lag(s.discharged_at) OVER w AS discharged_before,
				lag(s.disease) OVER w AS disease_before
			FROM stay AS s WINDOW w AS (PARTITION BY s.person_id, s.facility_id ORDER BY s.admitted_at, s.visit_id COLLATE "C")
		)
		SELECT p.person_id, p.facility_id, p.visit_id, p.admitted_at::date
		FROM placed AS p
		LEFT JOIN stay AS e ON e.visit_id = p.continues AND e.person_id = p.person_id AND (e.admitted_at, e.visit_id) < (p.admitted_at, p.visit_id)
		WHERE p.admitted_at >= $1 AND e.visit_id IS NULL
			-- the next after a settlement in mid-stay, and one that goes on over the turn of the year
			AND (p.mid_before AND p.admitted_at::date - p.left_before BETWEEN 0 AND 1
				OR p.disease_before = p.disease AND p.admitted_at - p.discharged_before BETWEEN interval '0' AND interval '1 hour'
					AND p.discharged_before <= date_trunc('year', p.admitted_at)) IS NOT TRUE$sql$,
		medaudit._bound_list('visit')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _admissions(date, date) IS
	'住院人次: stays of [from_date, to_date) by the day of admission, each once: stays by visit_class, else by the dates; without those whose settlements add up to nothing, and without what goes on under a new number (continues_visit_id, after a settlement in mid-stay, over the turn of the year)';

-- The classes of people, and the column of person that tells them.
CREATE OR REPLACE FUNCTION _rate_groups() RETURNS TABLE (by text, column_name text, expression text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
	VALUES ('person_class', 'person_class', 'r.person_class'), ('insurance_type', 'insurance_type', 'r.insurance_type'),
		('sex', 'sex', 'CASE WHEN r.sex IN (''1'', ''2'') THEN r.sex END'),
		('age', 'birth_date', 'CASE WHEN y.age < 18 THEN ''00-17'' WHEN y.age < 45 THEN ''18-44'' WHEN y.age < 60 THEN ''45-59'' WHEN y.age < 75 THEN ''60-74'' WHEN y.age >= 75 THEN ''75+'' END'),
		('all', 'person_id', '''all''');
END;

COMMENT ON FUNCTION _rate_groups() IS
	'人群划分: by what admission_rates() tells classes of people apart, the column of person that it needs, and how it reads a row of the register, of alias r, and the age y.age';

-- Days of a month weigh alike.
CREATE OR REPLACE FUNCTION _months_between(from_date date, to_date date) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT sum((least((g.at + interval '1 month')::date, $2) - greatest(g.at::date, $1))::numeric / ((g.at + interval '1 month')::date - g.at::date))
	FROM generate_series(CASE WHEN isfinite($1) AND isfinite($2) THEN date_trunc('month', $1::timestamp) END, ($2 - 1)::timestamp, interval '1 month') AS g (at)
$$;

COMMENT ON FUNCTION _months_between(date, date) IS
	'月数: how many months [from_date, to_date) has, of a month of which only some days lie in it their share; NULL for NULL, for no days and for days without end';

-- The quarters that a period meets, as far as it meets them, and where there are
-- several the period itself.
CREATE OR REPLACE FUNCTION _rate_periods(from_date date, to_date date) RETURNS TABLE (quarter date, from_date date, to_date date, months numeric)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 5
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT q.quarter, q.begins, q.ends, medaudit._months_between(q.begins, q.ends)
	FROM (
		SELECT g.at::date AS quarter, greatest(g.at::date, $1) AS begins, least((g.at + interval '3 months')::date, $2) AS ends
		FROM generate_series(CASE WHEN isfinite($1) AND isfinite($2) THEN date_trunc('quarter', $1::timestamp) END, ($2 - 1)::timestamp, interval '3 months') AS g (at)
		UNION ALL
		SELECT NULL, $1, $2 WHERE isfinite($1) AND isfinite($2) AND date_trunc('quarter', $1::timestamp) <> date_trunc('quarter', ($2 - 1)::timestamp)
	) AS q
$$;

COMMENT ON FUNCTION _rate_periods(date, date) IS
	'季度划分: the calendar quarters (by their first day) of [from_date, to_date), each as far as it lies in it, with its months, days of a month weighing alike; and, where there are several, the whole (quarter NULL); none where a day is infinite';

CREATE OR REPLACE FUNCTION _check_rates(from_date date, to_date date, by text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	column_name text := (SELECT g.column_name FROM medaudit._rate_groups() AS g WHERE g.by = _check_rates.by);
BEGIN
	PERFORM medaudit._check_period(from_date, to_date),
		medaudit._check_argument('by', by IS NULL, column_name IS NOT NULL, (SELECT string_agg(g.by, ', ') FROM medaudit._rate_groups() AS g)),
		medaudit.check_bound('visit', 'person');
	IF NOT (medaudit._is_bound('person', column_name) OR medaudit._is_bound('enrolment', column_name)) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('not bound: %s'), 'person.' || column_name),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_rates(date, date, text) IS
	'检查住院率参数: 22004, 22023 or 55000 for what admission_rates() cannot answer';

-- Region and class of each person in each period: at its end, and of those who have
-- left before it as they were; RESIDENT tells them apart.
CREATE OR REPLACE FUNCTION _rate_people(from_date date, to_date date, by text) RETURNS TABLE (quarter date, person_id text, region text, grp text, resident bool)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH held AS (
			SELECT p.quarter, r.person_id, r.region, %1$s AS grp, coalesce(r.enrolled @> p.to_date - 1, true) AND coalesce(r.death_date >= p.to_date, true) AS resident
			FROM (
				-- of whom no period is known, the register says what he is insured as
				SELECT DISTINCT c.person_id, c.sex, c.birth_date, c.death_date, coalesce(e.region, c.region) AS region,
					coalesce(e.person_class, c.person_class) AS person_class, coalesce(e.insurance_type, c.insurance_type) AS insurance_type, e.valid AS enrolled
				FROM (SELECT %2$s FROM medaudit_data.person AS c) AS c
				LEFT JOIN medaudit._bound_enrolments() AS e ON e.person_id = c.person_id
				WHERE c.person_id IS NOT NULL
			) AS r
			CROSS JOIN medaudit._rate_periods($1, $2) AS p
			CROSS JOIN LATERAL (SELECT extract(year FROM age(p.to_date - 1, medaudit._known_birth_date(r.birth_date))) AS age) AS y
			WHERE coalesce(r.enrolled && daterange(p.from_date, p.to_date), true) AND coalesce(r.death_date >= p.from_date, true)
				AND coalesce(r.birth_date < p.to_date, true)
		)
		SELECT h.quarter, h.person_id,
			CASE WHEN bool_or(h.resident) THEN CASE WHEN min(h.region) FILTER (WHERE h.resident) = max(h.region) FILTER (WHERE h.resident) THEN min(h.region) FILTER (WHERE h.resident) END
				WHEN min(h.region) = max(h.region) THEN min(h.region) END,
			CASE WHEN bool_or(h.resident) THEN CASE WHEN min(h.grp) FILTER (WHERE h.resident) = max(h.grp) FILTER (WHERE h.resident) THEN min(h.grp) FILTER (WHERE h.resident) END
				WHEN min(h.grp) = max(h.grp) THEN min(h.grp) END,
			bool_or(h.resident)
		FROM held AS h GROUP BY h.quarter, h.person_id$sql$,
		(SELECT g.expression FROM medaudit._rate_groups() AS g WHERE g.by = _rate_people.by), medaudit._bound_list('person'))
	USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _rate_people(date, date, text) IS
	'参保人群: by quarter of a period (NULL: the whole) each person who was on the register in it, with region and class, NULL where they are not known or rows differ, and whether the person is on it at its end';

-- What admissions there were, and of how many people.
CREATE OR REPLACE FUNCTION _rate_counts(from_date date, to_date date, by text) RETURNS TABLE (region text, grp text, quarter date, people bigint,
	persons_admitted bigint, admissions bigint, unknown bigint)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
	WITH admitted AS MATERIALIZED (
		SELECT p.quarter, a.person_id, count(*) AS admissions
		FROM medaudit._admissions($1, $2) AS a
		JOIN medaudit._rate_periods($1, $2) AS p ON a.admitted_on >= p.from_date AND a.admitted_on < p.to_date
		GROUP BY p.quarter, a.person_id
	), person AS (
		SELECT r.*, coalesce(r.quarter, '-infinity') AS key FROM medaudit._rate_people($1, $2, $3) AS r
	)
	SELECT p.region, p.grp, coalesce(p.quarter, a.quarter), count(*) FILTER (WHERE p.resident), count(a.person_id) FILTER (WHERE p.person_id IS NOT NULL),
		coalesce(sum(a.admissions) FILTER (WHERE p.person_id IS NOT NULL), 0)::bigint, coalesce(sum(a.admissions) FILTER (WHERE p.person_id IS NULL), 0)::bigint
	FROM person AS p
	FULL JOIN (SELECT i.*, coalesce(i.quarter, '-infinity') AS key FROM admitted AS i) AS a ON a.person_id = p.person_id AND a.key = p.key
	GROUP BY p.region, p.grp, coalesce(p.quarter, a.quarter), p.person_id IS NULL
$$;

COMMENT ON FUNCTION _rate_counts(date, date, text) IS
	'住院人数与参保人数: of admission_rates(): people, persons admitted and admissions by region, class and quarter; unknown: admissions of people who are not on the register';

CREATE OR REPLACE FUNCTION admission_rates(from_date date, to_date date, by text DEFAULT 'person_class') RETURNS TABLE (region text, "group" text, quarter date,
	people bigint, persons_admitted bigint, admissions bigint, rate numeric, annualised numeric, low numeric, high numeric, shrunk numeric, flag text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	unknown bigint := 0;
	-- as in indicators: of fewer people, or beside fewer regions, nothing is said
	min_people CONSTANT int := 20;
	min_regions CONSTANT int := 5;
	stranger bigint;
BEGIN
	PERFORM medaudit._check_rates(from_date, to_date, by);
	FOR region, "group", quarter, people, persons_admitted, admissions, rate, annualised, low, high, shrunk, flag, stranger IN
		WITH counted AS MATERIALIZED (
			SELECT c.* FROM medaudit._rate_counts(from_date, to_date, by) AS c
		), class AS MATERIALIZED (
			-- who lives nobody knows where is of the class, and no peer
			SELECT c.grp, c.quarter, sum(c.admissions)::numeric / nullif(sum(c.people), 0) AS rate, count(*) FILTER (WHERE c.region IS NOT NULL AND c.people > 0) AS regions,
				medaudit.rate_prior(c.admissions, c.people) FILTER (WHERE c.region IS NOT NULL) AS prior
			FROM counted AS c WHERE c.unknown = 0 GROUP BY c.grp, c.quarter
		), measured AS (
			SELECT c.*, p.months, g.rate AS class_rate, g.regions, c.admissions::numeric / nullif(c.people, 0) AS rate, medaudit.shrunk_rate(c.admissions, c.people, g.prior) AS shrunk, f.low, f.high
			FROM counted AS c
			JOIN medaudit._rate_periods(from_date, to_date) AS p ON p.quarter IS NOT DISTINCT FROM c.quarter
			LEFT JOIN class AS g ON g.grp IS NOT DISTINCT FROM c.grp AND g.quarter IS NOT DISTINCT FROM c.quarter
			-- more admissions than people are no share of them
			LEFT JOIN LATERAL medaudit.funnel_limits(c.people, CASE WHEN g.rate <= 1 THEN g.rate::float8 END) AS f ON true
		)
		SELECT m.region, m.grp, m.quarter, m.people, m.persons_admitted, m.admissions, round(m.rate, 6), round(m.rate * 12 / m.months, 6),
			round(m.low::numeric, 6), round(m.high::numeric, 6), round(m.shrunk::numeric, 6),
			CASE WHEN m.region IS NULL OR m.grp IS NULL THEN 'insufficient' WHEN m.people < min_people THEN 'few' WHEN m.regions < min_regions THEN 'alone'
				WHEN m.low IS NULL THEN 'insufficient' WHEN m.rate > m.high THEN 'high' WHEN m.rate < m.low THEN 'low' ELSE 'ok' END, m.unknown
		FROM measured AS m
		ORDER BY m.grp COLLATE "C", m.quarter, m.region COLLATE "C", m.unknown
	LOOP
		IF stranger > 0 THEN
			unknown := unknown + CASE WHEN quarter IS NULL THEN 0 ELSE stranger END;
		ELSE
			RETURN NEXT;
		END IF;
	END LOOP;
	IF unknown > 0 THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s admissions were left out: the person is not on the register'), unknown);
	END IF;
END
$$;

COMMENT ON FUNCTION admission_rates(date, date, text) IS
	'住院率: per region, class of people (by: person_class, insurance_type, sex, age, all) and quarter of [from_date, to_date) (its first day; NULL: the whole period, where it meets several): people on the register at the end, how many of them were admitted and how often, admissions per person, the same for a year, limits of three sigmas around the rate of the class (funnel_limits), and the rate of a small region drawn towards it (shrunk_rate). flag: insufficient (region or class not known, or more admissions than people in the class), few (less than 20 people), alone (less than 5 regions), high, low, ok. A NOTICE tells how many admissions were left out because the person is not on the register. NULL arguments are 22004, no period and another BY 22023; 55000 where visits, persons or the column of BY are not bound';
