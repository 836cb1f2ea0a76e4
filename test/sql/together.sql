-- In together, out together.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE TABLE together_input (home text, visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, amount numeric, tags text[]);
CREATE FUNCTION pg_temp.home(which text) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, amount, tags ORDER BY md5(visit_id)) FROM together_input WHERE home = which
$$;
INSERT INTO together_input VALUES
	-- V25, V27, D12 flag: four persons of one home in 2 to 3 March, out 9 to 10 March, twice
	('flag', 'f1', 'P4', 'h1', '2025-03-02 08:00', '2025-03-09 10:00', 100, NULL),
	('flag', 'f2', 'P1', 'h1', '2025-03-03 23:59', '2025-03-10 10:00', 200.5, NULL),
	('flag', 'f3', 'P2', 'h1', '2025-03-02 09:00', '2025-03-10 23:59', NULL, NULL),
	('flag', 'f4', 'P3', 'h1', '2025-03-03 00:00', '2025-03-09 00:00', 1, NULL),
	('flag', 'f5', 'P4', 'h1', '2025-06-02', '2025-06-09', 1, NULL),
	('flag', 'f6', 'P1', 'h1', '2025-06-03', '2025-06-10', 1, NULL),
	('flag', 'f7', 'P2', 'h1', '2025-06-02', '2025-06-10', 1, NULL),
	('flag', 'f8', 'P3', 'h1', '2025-06-03', '2025-06-09', 1, NULL),
	-- at another hospital two of them
	('flag', 'f9', 'P3', 'h2', '2025-08-03', '2025-08-09', 1, NULL),
	('flag', 'f10', 'P2', 'h2', '2025-08-02', '2025-08-09', 1, NULL),
	-- V27, D12 not: mother and newborn (tag); in together, out six days apart; still in; other hospital
	('mother', 'm1', 'M', 'h1', '2025-03-02', '2025-03-09', 1, NULL),
	('mother', 'm2', 'N', 'h1', '2025-03-02', '2025-03-09', 1, '{newborn}'),
	('apart', 'a1', 'P1', 'h1', '2025-03-02', '2025-03-09', 1, NULL),
	('apart', 'a2', 'P2', 'h1', '2025-03-02', '2025-03-15', 1, NULL),
	('open', 'o1', 'P1', 'h1', '2025-03-02', NULL, 1, NULL),
	('open', 'o2', 'P2', 'h1', '2025-03-02', NULL, 1, NULL),
	('other', 'b1', 'P1', 'h1', '2025-03-02', '2025-03-09', 1, NULL),
	('other', 'b2', 'P2', 'h2', '2025-03-02', '2025-03-09', 1, NULL),
	-- not: one person twice
	('twice', 't1', 'P1', 'h1', '2025-03-02', '2025-03-02', 1, NULL),
	('twice', 't2', 'P1', 'h1', '2025-03-03', '2025-03-03', 1, NULL),
	-- span, never chain: 1, 2, 3 March are two groups, the earlier first
	('chain', 'c1', 'P1', 'h1', '2025-03-01', '2025-03-11', 1, NULL),
	('chain', 'c2', 'P2', 'h1', '2025-03-02', '2025-03-12', 1, NULL),
	('chain', 'c3', 'P3', 'h1', '2025-03-03', '2025-03-13', 1, NULL),
	('chain', 'c4', 'P4', 'h1', '2025-03-04', '2025-03-14', 1, NULL);
-- V27, D12 not: a nursing home, 60 persons at one address: no persons, no visits
INSERT INTO together_input SELECT 'institution', 'i' || i, 'P' || i, 'h1', '2025-03-02', '2025-03-09', 1, NULL FROM generate_series(1, 60) AS i;

SELECT r.* FROM same_household_admissions(pg_temp.home('flag')) r;
SELECT home, count(r.facility_id) AS groups FROM (SELECT DISTINCT home FROM together_input) h LEFT JOIN LATERAL same_household_admissions(pg_temp.home(home), exclude_tags => '{newborn}') r ON true GROUP BY home ORDER BY home;
SELECT count(*) AS with_newborn FROM same_household_admissions(pg_temp.home('mother'));
SELECT visit_ids, times FROM same_household_admissions(pg_temp.home('chain'));
SELECT visit_ids FROM same_household_admissions(pg_temp.home('chain'), 2, 2);
SELECT visit_ids FROM same_household_admissions(pg_temp.home('chain'), 2, 2, 4);
SELECT visit_ids FROM same_household_admissions(pg_temp.home('chain'), 2147483647, 2147483647);
SELECT visit_ids FROM same_household_admissions(pg_temp.home('apart'), 0, 6);
SELECT people, times, person_ids IS NULL AS no_persons, visit_ids IS NULL AS no_visits, amount FROM same_household_admissions(pg_temp.home('institution'));
SELECT people, array_length(person_ids, 1) FROM same_household_admissions(pg_temp.home('institution'), max_people => 60);
SELECT count(*) FROM same_household_admissions(NULL);

-- the aggregate
SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) AS stays FROM together_input GROUP BY home ORDER BY home;
SELECT same_household_admissions(person_id, facility_id, admitted_at, discharged_at) FILTER (WHERE home = 'flag') AS filtered,
	same_household_admissions(DISTINCT person_id, facility_id, admitted_at, discharged_at) FILTER (WHERE home = 'flag') AS distinct_rows,
	same_household_admissions(person_id, facility_id, admitted_at, discharged_at) FILTER (WHERE home = 'nowhere') AS none FROM together_input;
SELECT same_household_admissions(NULL::text, NULL::text, NULL::timestamp, NULL::timestamp) AS nulls, same_household_admissions('p'::text, 'f'::text, '2025-01-02'::timestamp, '2025-01-01'::timestamp) AS backwards FROM generate_series(1, 2);
SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) AS stays FROM together_input WHERE home IN ('chain', 'flag') GROUP BY ROLLUP (home) ORDER BY home;
SELECT visit_id, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) OVER (ORDER BY visit_id) AS growing,
	same_household_admissions(person_id, facility_id, admitted_at, discharged_at) OVER (ORDER BY visit_id ROWS 1 PRECEDING) AS frame
FROM together_input WHERE home = 'chain' ORDER BY visit_id;

-- thresholds
\set VERBOSITY sqlstate
SELECT * FROM same_household_admissions(NULL, NULL);
SELECT * FROM same_household_admissions(NULL, 1, NULL);
SELECT * FROM same_household_admissions(NULL, 1, 1, NULL);
SELECT * FROM same_household_admissions(NULL, 1, 1, 2, NULL);
SELECT * FROM same_household_admissions(NULL, 1, 1, 2, 15, NULL);
SELECT * FROM same_household_admissions(NULL, -1);
SELECT * FROM same_household_admissions(NULL, 1, -1);
SELECT * FROM same_household_admissions(NULL, 1, 1, 1);
SELECT * FROM same_household_admissions(NULL, 1, 1, 2, 0);
\set VERBOSITY default

-- against the definition taken at its word: every window of every date
CREATE FUNCTION pg_temp.brute(w int, v int, least_people int, most_people int)
RETURNS TABLE (home int, facility_id text, people int, person_ids text[], visit_ids text[], first_admitted date, first_discharged date) LANGUAGE plpgsql AS $$
DECLARE
	of record;
	best record;
BEGIN
	DROP TABLE IF EXISTS unused;
	CREATE TEMP TABLE unused AS SELECT *, admitted_at::date AS a, discharged_at::date AS d,
		row_number() OVER (ORDER BY admitted_at, discharged_at, visit_id COLLATE "C") AS place FROM brute_stays WHERE discharged_at IS NOT NULL;
	CREATE INDEX ON unused (home, facility_id);
	ANALYZE unused;
	FOR of IN SELECT u.home, u.facility_id FROM unused u GROUP BY 1, 2 HAVING count(*) >= least_people ORDER BY 1, 2 LOOP
		LOOP
			SELECT * INTO best FROM (
				SELECT count(*)::int AS people, min(m.a) AS first_admitted, min(m.d) AS first_discharged, array_agg(m.visit_id COLLATE "C" ORDER BY m.place) AS visit_ids,
					array_agg(m.person_id COLLATE "C" ORDER BY m.person_id COLLATE "C") AS person_ids, array_agg(m.place) AS places
				FROM (SELECT DISTINCT ON (wa, wd, u.person_id) wa, wd, u.* FROM generate_series(-3, 13) AS wa, generate_series(-3, 20) AS wd, unused u
					WHERE u.home = of.home AND u.facility_id = of.facility_id AND u.a - date '2025-01-01' BETWEEN wa AND wa + w AND u.d - date '2025-01-01' BETWEEN wd AND wd + v
					ORDER BY wa, wd, u.person_id, u.place) m
				GROUP BY wa, wd) x
			WHERE x.people >= least_people ORDER BY x.people DESC, x.first_admitted, x.first_discharged, x.visit_ids LIMIT 1;
			EXIT WHEN NOT FOUND;
			RETURN QUERY SELECT of.home, of.facility_id, best.people, CASE WHEN best.people <= most_people THEN best.person_ids END, CASE WHEN best.people <= most_people THEN best.visit_ids END, best.first_admitted, best.first_discharged;
			DELETE FROM unused u WHERE u.place = ANY (best.places);
		END LOOP;
	END LOOP;
END $$;
CREATE TABLE brute_stays AS
SELECT i % 1000 AS home, 'v' || i AS visit_id, 'p' || h1 % (2 + i % 5) AS person_id, 'f' || h2 % 2 AS facility_id,
	timestamp '2025-01-01' + h1 / 7 % (3 + i % 1000 % 8) * interval '1 day' + h2 % 24 * interval '1 hour' AS admitted_at,
	CASE WHEN h2 % 40 <> 0 THEN timestamp '2025-01-01' + (h1 / 7 % (3 + i % 1000 % 8) + 1 + h2 / 7 % 4) * interval '1 day' END AS discharged_at
FROM (SELECT i, abs(hashint4(i)::bigint) AS h1, abs(hashint4(i + 1000000)::bigint) AS h2 FROM generate_series(1, 7000) AS i) x;
ANALYZE brute_stays;
CREATE TABLE brute_books AS SELECT home, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL) AS s FROM brute_stays GROUP BY home;
SET client_min_messages = warning;
CREATE TABLE brute_groups AS
	SELECT w, v, least_people, most_people, b.* FROM (VALUES (1, 1, 2, 15), (0, 2, 2, 3), (2, 0, 3, 15)) AS t(w, v, least_people, most_people), pg_temp.brute(w, v, least_people, most_people) b;
CREATE TABLE fast_groups AS
	SELECT w, v, least_people, most_people, home, r.facility_id, r.people, r.person_ids, r.visit_ids, r.first_admitted, r.first_discharged
	FROM (VALUES (1, 1, 2, 15), (0, 2, 2, 3), (2, 0, 3, 15)) AS t(w, v, least_people, most_people), brute_books, same_household_admissions(s, w, v, least_people, most_people) r;
SELECT w, v, count(*) AS groups FROM brute_groups GROUP BY w, v ORDER BY w, v;
SELECT count(*) AS differ FROM ((SELECT * FROM brute_groups EXCEPT ALL SELECT * FROM fast_groups) UNION ALL (SELECT * FROM fast_groups EXCEPT ALL SELECT * FROM brute_groups)) d;

-- times: groups of the home that share two people
WITH groups AS (
	SELECT home, row_number() OVER () AS n, r.* FROM brute_books, same_household_admissions(s) r)
SELECT count(*) FILTER (WHERE times > 1) > 100 AS some, count(*) FILTER (WHERE times <> (
	SELECT count(*) FROM groups o WHERE o.home = g.home AND (SELECT count(*) FROM unnest(o.person_ids) AS a JOIN unnest(g.person_ids) AS b ON a = b) >= 2)) AS differ
FROM groups g;
-- groups are disjoint and span no more than asked
SELECT count(*) = count(DISTINCT v) AS disjoint FROM brute_books, same_household_admissions(s) r, unnest(r.visit_ids) AS v;
SELECT bool_and(last_admitted - first_admitted <= 1 AND last_discharged - first_discharged <= 1) AS spans FROM brute_books, same_household_admissions(s);
-- the aggregate counts them; it knows no visit_id, so that a tie may fall otherwise
SELECT count(*) AS homes, count(*) FILTER (WHERE a.stays <> coalesce(b.stays, 0)) < 5 AS the_same_but_for_ties
FROM (SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at ORDER BY md5(visit_id)) AS stays FROM brute_stays GROUP BY home) a
LEFT JOIN (SELECT home, sum(people) AS stays
	FROM (SELECT home, stays(person_id || '/' || visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL) AS s FROM brute_stays GROUP BY home) x, same_household_admissions(s) GROUP BY home) b USING (home);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT count(*) AS homes, sum(stays) AS stays FROM (SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) AS stays FROM brute_stays GROUP BY home) a;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS homes, sum(stays) AS stays FROM (SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) AS stays FROM brute_stays GROUP BY home) a;
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*) AS homes, sum(stays) AS stays FROM (SELECT home, same_household_admissions(person_id, facility_id, admitted_at, discharged_at) AS stays FROM brute_stays GROUP BY home) a;
RESET work_mem;
RESET enable_sort;
-- a large book of one facility ends in reasonable time
SELECT count(*) > 100 AS some, bool_and(people >= 2) AS groups FROM (
	SELECT stays('v' || i, 'p' || i, 'f', timestamp '2025-01-01' + hashint4(i) % 360 * interval '1 day', timestamp '2026-01-01' + hashint4(i) % 360 * interval '1 day' + abs(hashint4(-i) % 14) * interval '1 day', NULL, 1) AS s
	FROM generate_series(1, 20000) AS i) b, same_household_admissions(s);

-- one whose windows hold everybody does not, but can be cancelled
\set VERBOSITY sqlstate
SET statement_timeout = '100ms';
SELECT count(*) FROM (
	SELECT stays('v' || i, 'p' || i, 'f', timestamp '2025-01-01' + i % 360 * interval '1 day', timestamp '2026-01-01' + i % 7 * i % 360 * interval '1 day', NULL, 1) AS s
	FROM generate_series(1, 20000) AS i) b, same_household_admissions(s, 200, 3);
RESET statement_timeout;
\set VERBOSITY default

-- the example of the manual
SELECT same_household_admissions(person_id, facility_id, admitted_at, discharged_at)
FROM (VALUES ('P1', 'h1', timestamp '2025-03-02 08:00', timestamp '2025-03-09'), ('P2', 'h1', '2025-03-03', '2025-03-10'),
	('P3', 'h1', '2025-03-03', '2025-03-16')) AS v(person_id, facility_id, admitted_at, discharged_at);
