-- admission_rates(): how many of a class of people are admitted, by region and quarter.
SET search_path = medaudit, public;
SET datestyle = ISO;
SET client_min_messages = warning;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\set VERBOSITY terse
SELECT * FROM admission_rates('2025-01-01', '2026-01-01');
SELECT * FROM admission_rates(NULL, '2026-01-01');
SELECT * FROM admission_rates('2025-01-01', NULL);
SELECT * FROM admission_rates('2025-01-01', '2026-01-01', NULL);
SELECT * FROM admission_rates('2025-01-01', '2026-01-01', 'person_id');
SELECT * FROM admission_rates('2026-01-01', '2026-01-01');
SELECT * FROM admission_rates('2025-01-01', 'infinity');
CREATE SCHEMA rated;
CREATE TABLE rated.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text,
	total_amount numeric, settled_at timestamp, continues_visit_id text, mid_settlement bool);
CREATE TABLE rated.person (person_id text, person_class text, region text, sex text, birth_date date, death_date date, insurance_type text, enrolled daterange);
CREATE VIEW rated.cover AS SELECT person_id, enrolled AS valid, person_class, region FROM rated.person WHERE enrolled IS NOT NULL;
CALL bind('visit', 'rated.visit');
SELECT * FROM admission_rates('2025-01-01', '2026-01-01');
CALL bind('person', 'rated.person', '{"person_class": null}');
SELECT * FROM admission_rates('2025-01-01', '2026-01-01');
SELECT * FROM admission_rates('2025-01-01', '2026-01-01', 'all');
\set VERBOSITY default
CALL bind('person', 'rated.person');
SELECT * FROM admission_rates('2025-01-01', '2026-01-01');

-- the periods
SELECT *, round(months, 6) AS months FROM _rate_periods('2025-01-01', '2025-04-01');
SELECT quarter, from_date, to_date, round(months, 6) AS months FROM _rate_periods('2024-11-16', '2025-05-01') ORDER BY from_date, quarter;
-- a day without end has no quarters, and none is looked for
SET statement_timeout = '20s';
SELECT (SELECT count(*) FROM _rate_periods('-infinity', '2025-01-01')) AS before_all, (SELECT count(*) FROM _rate_periods('2025-01-01', 'infinity')) AS after_all,
	_months_between('-infinity', '2025-01-01'), _months_between('2025-01-01', 'infinity');
RESET statement_timeout;

-- the seed: 3,385 admissions of 19,282 people in seven months
\set ECHO none
INSERT INTO rated.person SELECT 'P' || i, '91', '330101' FROM generate_series(1, 19282) AS i;
INSERT INTO rated.visit SELECT 'V' || i, 'P' || 1 + i * 7 % 19282, 'H1', date '2012-01-01' + i % 213, date '2012-01-01' + i % 213 + 5, '21', 'I10', 100
FROM generate_series(0, 3384) AS i;
\set ECHO all
SELECT region, "group", quarter, people, persons_admitted, admissions, rate, annualised, flag FROM admission_rates('2012-01-01', '2012-08-01');
SELECT round(100 * rate, 4) AS per_cent, round(100 * annualised, 4) AS annualised FROM admission_rates('2012-01-01', '2012-08-01', 'all') WHERE quarter IS NULL;
-- a quarter and a part of it: twelve over its months
SELECT admissions, rate, annualised, round(annualised / rate, 3) AS times FROM admission_rates('2012-04-01', '2012-07-01');
SELECT admissions, rate, annualised, round(annualised / rate, 3) AS times FROM admission_rates('2012-07-01', '2012-08-01');
TRUNCATE rated.person, rated.visit;

-- what is an admission, and who is a resident; when people are insured, and as what, says enrolment
CALL bind('enrolment', 'rated.cover');
CREATE FUNCTION rated.stay(visit text, person text, day timestamp, days int DEFAULT 3, kind text DEFAULT '21', total numeric DEFAULT 100, continues text DEFAULT NULL,
	mid bool DEFAULT false, diagnosis text DEFAULT 'I10') RETURNS void LANGUAGE sql AS $$
	INSERT INTO rated.visit VALUES (visit, person, 'H1', day, day + make_interval(days => days), kind, diagnosis, total, day + make_interval(days => days), continues, mid)
$$;
INSERT INTO rated.person VALUES ('A', '11', 'R1', '1', '1950-05-05', NULL, NULL, NULL), ('B', '11', 'R1', '2', '2010-05-05', NULL, NULL, NULL), ('C', '12', 'R1', '1', '1960-05-05', NULL, NULL, NULL), ('D', '11', 'R1', '1', '1970-05-05', '2025-02-01', NULL, NULL),
	('E', '11', 'R1', '1', '1970-05-05', '2024-12-31', NULL, NULL), ('F', '11', 'R1', '9', '1900-01-01', NULL, NULL, '[2025-06-01,)'), ('G', '11', 'R1', '2', NULL, NULL, NULL, '[2020-01-01,2025-02-01)'),
	('H', '11', 'R1', '2', '2025-07-01', NULL, NULL, NULL), ('I', NULL, 'R1', '2', '1990-01-01', NULL, NULL, NULL), ('J', '11', NULL, '2', '1990-01-01', NULL, NULL, NULL),
	-- moved and changed class in March, and twice on the register, in two places
	('K', '11', 'R1', '1', '1980-01-01', NULL, NULL, '[2020-01-01,2025-03-10)'), ('K', '12', 'R2', '1', '1980-01-01', NULL, NULL, '[2025-03-10,)'),
	('L', '11', 'R1', '1', '1980-01-01', NULL, NULL, NULL), ('L', '11', 'R2', '1', '1980-01-01', NULL, NULL, NULL), ('A', '11', 'R1', '1', '1950-05-05', NULL, NULL, NULL);
SELECT
	-- A: twice in a quarter, once in the next, an outpatient visit, one before the period and one after it
	rated.stay('a1', 'A', '2025-01-01'), rated.stay('a2', 'A', '2025-03-31', 10), rated.stay('a3', 'A', '2025-04-01'), rated.stay('a4', 'A', '2025-02-01', 0, '11'),
	rated.stay('a5', 'A', '2024-12-31'), rated.stay('a6', 'A', '2025-07-01'),
	-- B: taken back; settled in mid-stay and gone on; goes on by name; a stay that it names and that was taken back
	rated.stay('b1', 'B', '2025-01-10'), rated.stay('b2', 'B', '2025-02-01', 28, mid => true), rated.stay('b3', 'B', '2025-03-01', 5),
	rated.stay('b4', 'B', '2025-05-01', 5), rated.stay('b5', 'B', '2025-05-20', 5, continues => 'b4'), rated.stay('b6', 'B', '2025-06-10', 5, continues => 'b1'),
	-- C: over the turn of the year, for the same disease; a day later, for another
	rated.stay('c1', 'C', '2024-12-20', 12), rated.stay('c2', 'C', '2025-01-01 00:30'), rated.stay('c3', 'C', '2025-01-04', 3, diagnosis => 'J18'), rated.stay('c4', 'C', '2025-01-08'),
	-- type not known: by the dates
	rated.stay('c5', 'C', '2025-02-08', 1, NULL), rated.stay('c6', 'C', '2025-02-12', 0, NULL),
	-- died; died before; came later; left; moved; nobody knows where; nobody knows who
	rated.stay('d1', 'D', '2025-01-20'), rated.stay('e1', 'E', '2025-01-20'), rated.stay('f1', 'F', '2025-06-20'), rated.stay('g1', 'G', '2025-01-20'), rated.stay('k1', 'K', '2025-01-20'),
	rated.stay('l1', 'L', '2025-01-20'), rated.stay('i1', 'I', '2025-01-20'), rated.stay('j1', 'J', '2025-01-20'), rated.stay('z1', 'Z', '2025-01-20'), rated.stay('z2', 'Z', '2025-05-20') \g /dev/null
INSERT INTO rated.visit SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, main_diagnosis, -total_amount, settled_at + interval '200 days' FROM rated.visit WHERE visit_id = 'b1';
INSERT INTO rated.visit VALUES ('y1', 'A', 'H1', NULL, '2025-02-03', '21', 'I10', 1), ('y2', NULL, 'H1', '2025-02-01', '2025-02-03', '21', 'I10', 1);
INSERT INTO rated.visit VALUES ('a1', 'A', 'H1', '2025-01-01', '2025-01-04', '21', 'I10', 100, '2025-01-04', NULL, false);
SELECT visit_id, admitted_on FROM _admissions('2025-01-01', '2025-07-01') ORDER BY visit_id;
SET client_min_messages = notice;
SELECT region, "group", quarter, people, persons_admitted, admissions, rate, flag FROM admission_rates('2025-01-01', '2025-07-01');
SET client_min_messages = warning;
SELECT "group", people, persons_admitted, admissions FROM admission_rates('2025-01-01', '2025-04-01', 'all');
SELECT "group", sum(people) AS people, sum(persons_admitted) AS persons_admitted, sum(admissions) AS admissions FROM admission_rates('2025-01-01', '2025-04-01', 'sex') GROUP BY "group" ORDER BY "group";
SELECT "group", sum(people) AS people, sum(admissions) AS admissions FROM admission_rates('2025-01-01', '2025-04-01', 'age') GROUP BY "group" ORDER BY "group";
SELECT DISTINCT "group" FROM admission_rates('2025-01-01', '2025-04-01', 'insurance_type');
-- a class that enrolment alone tells; a period that cannot be read holds
BEGIN;
CALL bind('person', 'rated.person', '{"person_class": null}');
SELECT region, "group", people, admissions FROM admission_rates('2025-01-01', '2025-04-01');
CREATE OR REPLACE VIEW rated.cover AS SELECT person_id, CASE WHEN person_id <> 'G' THEN enrolled END AS valid, person_class, region FROM rated.person WHERE enrolled IS NOT NULL;
SELECT region, "group", people, admissions FROM admission_rates('2025-01-01', '2025-04-01') WHERE region = 'R1' AND "group" = '11';
CALL bind('enrolment', 'rated.cover', '{"person_class": null}');
SELECT region, "group", people, admissions FROM admission_rates('2025-01-01', '2025-04-01');
ROLLBACK;
TRUNCATE rated.person, rated.visit;

-- who lies outside the funnel, who just within, and too few people
\set ECHO none
INSERT INTO rated.person SELECT concat(r.region, '-', i), '91', r.region FROM (VALUES ('R1', 1000), ('R2', 1000), ('R3', 1000), ('R4', 1000), ('R5', 1000), ('R6', 19), ('R7', 20)) AS r (region, people), generate_series(1, r.people) AS i;
INSERT INTO rated.visit SELECT concat('v', r.region, '-', i), concat(r.region, '-', i), 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 100
FROM (VALUES ('R1', 221), ('R2', 220), ('R3', 147), ('R4', 148), ('R5', 164), ('R6', 19), ('R7', 9)) AS r (region, people), generate_series(1, r.people) AS i;
\set ECHO all
SELECT region, people, admissions, rate, annualised, low, high, shrunk, flag FROM admission_rates('2025-01-01', '2025-04-01');
SELECT sum(admissions) AS admissions, sum(people) AS people, (funnel_limits(1000, sum(admissions)::float8 / sum(people))).* FROM admission_rates('2025-01-01', '2025-04-01');
-- four regions are not enough
DELETE FROM rated.person WHERE region IN ('R5', 'R6', 'R7');
SELECT region, rate, shrunk, flag FROM admission_rates('2025-01-01', '2025-04-01');
-- more admissions than people: no share of them
INSERT INTO rated.person SELECT concat(r, '-', i), '91', r FROM unnest('{R5,R6}'::text[]) AS r, generate_series(1, 30) AS i;
INSERT INTO rated.visit SELECT concat('w', n, p.person_id), p.person_id, 'H1', date '2025-01-06' + n * 10, date '2025-01-06' + n * 10 + 3, '21', 'I10', 100 FROM rated.person AS p, generate_series(1, 2) AS n;
SELECT region, people, persons_admitted, admissions, rate, low, high, flag FROM admission_rates('2025-01-01', '2025-04-01');
TRUNCATE rated.person, rated.visit;

-- the same in slow plain SQL, on random data and in any order
\set ECHO none
SELECT setseed(0.39);
INSERT INTO rated.person
SELECT 'P' || i, (ARRAY['11', '12', '91', NULL])[1 + floor(3.1 * random())::int], 'R' || floor(7.5 * random()), (1 + i % 2)::text, '1930-01-01'::date + (random() * 32000)::int,
	CASE WHEN random() < 0.05 THEN '2024-10-01'::date + (random() * 500)::int END, NULL, CASE WHEN random() < 0.1 THEN daterange('2024-10-01'::date + (random() * 300)::int, NULL) END
FROM generate_series(1, 1500) AS i ORDER BY md5(i::text);
INSERT INTO rated.visit
SELECT 'V' || i, 'P' || 1 + (random() * 1520)::int, 'H' || i % 3, a.at, a.at + make_interval(days => (random() * 8)::int), (ARRAY['21', '21', '11', NULL])[1 + floor(4 * random())::int], 'I10',
	CASE WHEN random() < 0.1 THEN 0 ELSE 100 END, a.at + interval '9 days'
FROM generate_series(1, 2500) AS i, LATERAL (SELECT '2024-11-01'::timestamp + make_interval(hours => (random() * 10000 + i * 0)::int) AS at) AS a ORDER BY md5(i::text);
CREATE FUNCTION rated.slow(from_date date, to_date date) RETURNS TABLE (region text, grp text, quarter date, people bigint, persons_admitted bigint, admissions bigint) LANGUAGE sql AS $$
	WITH quarter AS (
		SELECT d::date AS quarter, greatest(d::date, from_date) AS begins, least((d + interval '3 months')::date, to_date) AS ends
		FROM generate_series(date_trunc('quarter', from_date::timestamp), (to_date - 1)::timestamp, interval '3 months') AS d
		UNION ALL SELECT NULL, from_date, to_date
	), stay AS (
		SELECT v.* FROM rated.visit AS v WHERE v.total_amount <> 0 AND coalesce(v.visit_type = '21', v.discharged_at::date > v.admitted_at::date)
	)
	SELECT p.region, p.person_class, q.quarter, count(*) FILTER (WHERE (p.death_date IS NULL OR p.death_date >= q.ends) AND (p.enrolled IS NULL OR lower(p.enrolled) < q.ends)),
		count(*) FILTER (WHERE s.n > 0), coalesce(sum(s.n), 0)::bigint
	FROM rated.person AS p
	CROSS JOIN quarter AS q
	CROSS JOIN LATERAL (SELECT count(*) AS n FROM stay AS s WHERE s.person_id = p.person_id AND s.admitted_at >= q.begins AND s.admitted_at < q.ends) AS s
	WHERE (p.death_date IS NULL OR p.death_date >= q.begins) AND (p.enrolled IS NULL OR lower(p.enrolled) < q.ends) AND p.birth_date < q.ends
	GROUP BY p.region, p.person_class, q.quarter
$$;
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL OR s IS NULL) AS different, sum(f.admissions) AS admissions, count(*) FILTER (WHERE f.flag IN ('high', 'low')) AS flagged
FROM (SELECT a.*, "group" AS grp FROM admission_rates('2025-01-10', '2025-12-01') AS a) AS f
FULL JOIN rated.slow('2025-01-10', '2025-12-01') AS s ON s.region = f.region AND coalesce(s.grp, '') = coalesce(f.grp, '') AND coalesce(s.quarter, 'infinity') = coalesce(f.quarter, 'infinity')
	AND s.people = f.people AND s.persons_admitted = f.persons_admitted AND s.admissions = f.admissions;
-- quarters by themselves are those of the year
SELECT count(*) AS rows, count(*) FILTER (WHERE y IS NULL OR q IS NULL) AS different
FROM (SELECT * FROM admission_rates('2025-01-01', '2026-01-01') WHERE quarter IS NOT NULL) AS y
FULL JOIN (SELECT r.* FROM generate_series('2025-01-01'::timestamp, '2025-10-01', interval '3 months') AS d, admission_rates(d::date, (d + interval '3 months')::date) AS r) AS q
	ON (q.*)::text = (y.*)::text;

\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
DROP SCHEMA rated CASCADE;
