-- How many are in.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE TABLE census_input (what text, visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, tags text[]);
CREATE FUNCTION pg_temp.census(which text) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL, tags ORDER BY md5(visit_id)) FROM census_input WHERE what = which
$$;
INSERT INTO census_input VALUES
	('steps', 's1', 'A', 'h', '2025-05-01 23:59', '2025-05-04 00:01', NULL),
	('steps', 's2', 'B', 'h', '2025-05-02', '2025-05-03', NULL),
	-- V22 not, the day of transfer: one leaves, one comes: no step; out and in the same day: no night
	('steps', 's3', 'C', 'h', '2025-05-03', '2025-05-04', NULL),
	('steps', 's4', 'D', 'h', '2025-05-03 08:00', '2025-05-03 18:00', NULL),
	-- nobody in between
	('steps', 's5', 'E', 'h', '2025-05-10', '2025-05-12', '{extra}'),
	('open', 'o1', 'A', 'h', '2025-05-01', NULL, NULL),
	('open', 'o2', 'B', 'h', '2025-05-03', '2025-05-05', NULL),
	('day', 'd1', 'A', 'h', '2025-05-01', '2025-05-01', NULL),
	-- V20 (f), V22 (b), D10 flag: bed 3 of ward A with two people in the same nights; not: bed 3 of ward B is another bed
	('ward A, bed 3', 'b1', 'A', 'h', '2025-05-01', '2025-05-05', NULL),
	('ward A, bed 3', 'b2', 'B', 'h', '2025-05-03', '2025-05-08', NULL),
	('ward B, bed 3', 'b3', 'C', 'h', '2025-05-03', '2025-05-08', NULL);
-- V20 (e), V22 (c), D10 flag: 53 people on 50 beds; not: 50, and beds licensed beyond them (tag)
INSERT INTO census_input SELECT 'hospital', 'v' || lpad(i::text, 2, '0'), 'P' || i, 'h', timestamp '2025-05-01' + i / 10 * interval '1 day', timestamp '2025-05-08' + i / 20 * interval '1 day', CASE WHEN i > 50 THEN '{licensed}'::text[] END FROM generate_series(1, 53) AS i;

SELECT r.* FROM occupancy(pg_temp.census('steps')) r;
SELECT r.* FROM occupancy(pg_temp.census('steps'), '{extra}') r;
SELECT r.* FROM occupancy(pg_temp.census('open')) r;
SELECT r.* FROM occupancy(pg_temp.census('day')) r;
SELECT what, peak_occupancy(pg_temp.census(what)) FROM (SELECT DISTINCT what FROM census_input) w ORDER BY what;
SELECT peak_occupancy(NULL), peak_occupancy('{"v":1,"skipped":0,"stays":[]}');
SELECT count(*) FROM occupancy(NULL);

SELECT what, r.* FROM (SELECT DISTINCT what FROM census_input WHERE what ~ 'bed') w, over_capacity(pg_temp.census(what), 1) r;
SELECT from_date, to_date, occupied, excess, excess_bed_days, array_length(visit_ids, 1) AS visits FROM over_capacity(pg_temp.census('hospital'), 50);
SELECT count(*) AS within FROM over_capacity(pg_temp.census('hospital'), 50, exclude_tags => '{licensed}');
SELECT r.* FROM over_capacity(pg_temp.census('steps'), 0) r;
SELECT r.* FROM over_capacity(pg_temp.census('steps'), 0, 3) r;
SELECT r.* FROM over_capacity(pg_temp.census('steps'), 0, 4) r;
SELECT r.* FROM over_capacity(pg_temp.census('open'), 0) r;
SELECT r.* FROM over_capacity(pg_temp.census('open'), 1) r;
SELECT count(*) FROM over_capacity(NULL, 1);

\set VERBOSITY sqlstate
SELECT * FROM occupancy(NULL, NULL);
SELECT peak_occupancy(NULL, NULL);
SELECT * FROM over_capacity(NULL, NULL);
SELECT * FROM over_capacity(NULL, -1);
SELECT * FROM over_capacity(NULL, 1, NULL);
SELECT * FROM over_capacity(NULL, 1, 0);
SELECT * FROM over_capacity(NULL, 1, 1, NULL);
\set VERBOSITY default

-- against counting day by day
CREATE TABLE census_many AS
SELECT 'V' || i AS visit_id, 'P' || h1 % 300 AS person_id, 'F' || h2 % 12 AS facility_id, timestamp '2025-01-01' + h1 / 7 % 200 * interval '1 day' AS admitted_at,
	timestamp '2025-01-01' + h1 / 7 % 200 * interval '1 day' + h2 / 13 % 9 * interval '1 day' AS discharged_at
FROM (SELECT i, abs(hashint4(i)::bigint) AS h1, abs(hashint4(i + 1000000)::bigint) AS h2 FROM generate_series(1, 3000) AS i) x;
CREATE TABLE census_books AS SELECT facility_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL) AS s FROM census_many GROUP BY facility_id;
CREATE TABLE census_days AS SELECT facility_id, date '2024-12-25' + d AS day, count(visit_id) AS inside, array_agg(visit_id) AS ids
	FROM (SELECT DISTINCT facility_id FROM census_many) f CROSS JOIN generate_series(0, 240) AS d
	LEFT JOIN census_many m USING (facility_id)
	WHERE m.visit_id IS NULL OR admitted_at::date <= date '2024-12-25' + d AND discharged_at::date > date '2024-12-25' + d GROUP BY 1, 2;
SELECT count(*) > 1000 AS some, count(*) FILTER (WHERE inside IS DISTINCT FROM occupied) AS differ
FROM census_days FULL JOIN (SELECT facility_id, day::date, occupied FROM census_books, occupancy(s), generate_series(from_date, to_date - 1, interval '1 day') AS day WHERE occupied > 0) o USING (facility_id, day);
-- steps follow each other and differ
SELECT bool_and(before IS NULL OR before = from_date AND occupied_before <> occupied) AS steps FROM (
	SELECT facility_id, from_date, occupied, lag(to_date) OVER w AS before, lag(occupied) OVER w AS occupied_before FROM census_books, occupancy(s) WITH ORDINALITY AS o(from_date, to_date, occupied, n) WINDOW w AS (PARTITION BY facility_id ORDER BY n)) x;
-- the census integrates to the sum of the lengths of stay
SELECT (SELECT sum(occupied * (to_date - from_date)) FROM census_books, occupancy(s)) = (SELECT sum(discharged_at::date - admitted_at::date) FROM census_many) AS integrates;
SELECT count(*) AS facilities, count(*) FILTER (WHERE peak_occupancy(s) <> peak) AS differ FROM census_books JOIN (SELECT facility_id, max(inside) AS peak FROM census_days GROUP BY 1) p USING (facility_id);
-- runs above ten beds
CREATE TABLE census_runs AS SELECT facility_id, min(day) AS from_date, max(day) + 1 AS to_date, max(inside) AS occupied, max(inside) - 10 AS excess, sum(inside - 10) AS excess_bed_days
	FROM (SELECT *, day - row_number() OVER (PARTITION BY facility_id ORDER BY day)::int AS run FROM census_days WHERE inside > 10) x GROUP BY facility_id, run;
SELECT least_days, count(*) > 3 AS some, count(*) FILTER (WHERE r.one IS NULL OR o.one IS NULL) AS differ
FROM (SELECT least_days, row(r.*)::text || (SELECT array_agg(visit_id ORDER BY admitted_at, discharged_at, visit_id COLLATE "C") FROM census_many m
		WHERE m.facility_id = r.facility_id AND admitted_at < r.to_date AND discharged_at > r.from_date AND discharged_at > admitted_at)::text AS run, 1 AS one
	FROM unnest(ARRAY[1, 2]) AS least_days, census_runs r WHERE to_date - from_date >= least_days) r
FULL JOIN (SELECT least_days, row(facility_id, c.from_date, c.to_date, c.occupied, c.excess, c.excess_bed_days)::text || visit_ids::text AS run, 1 AS one
	FROM unnest(ARRAY[1, 2]) AS least_days, census_books, over_capacity(s, 10, least_days) c) o USING (least_days, run) GROUP BY least_days ORDER BY least_days;

-- and on 3,000 small books of 2 to 9 stays, every third with somebody still in:
-- the steps against each day, their sum against the lengths of stay, the runs
-- (as long as can be, apart from each other) against islands of days
CREATE TABLE small_many AS
SELECT book, 'v' || n AS visit_id, 'p' || n AS person_id, date '2025-01-01' + (h % 12)::int AS a,
	CASE WHEN book % 3 <> 0 OR h / 12 % 4 <> 0 THEN date '2025-01-01' + (h % 12 + h / 50 % 6)::int END AS d
FROM generate_series(1, 3000) AS book, generate_series(1, 2 + book % 8) AS n, LATERAL (SELECT abs(hashint4(book * 16 + n)::bigint)) x(h);
CREATE INDEX ON small_many (book);
ANALYZE small_many;
CREATE TABLE small_books AS SELECT book, stays(visit_id, person_id, 'h', a, d, NULL, NULL ORDER BY md5(visit_id)) AS s FROM small_many GROUP BY book;
CREATE TABLE small_parts AS SELECT book, rollup(s) AS s FROM (SELECT book, stays(visit_id, person_id, 'h', a, d, NULL, NULL) AS s FROM small_many GROUP BY book, hashtext(visit_id) % 3) x GROUP BY book;
CREATE TABLE small_days AS SELECT book, day, count(*) AS inside FROM small_many, generate_series(date '2025-01-01', date '2025-01-25', interval '1 day') AS t(at), LATERAL (SELECT at::date) x(day) WHERE day >= a AND (day < d OR d IS NULL) GROUP BY book, day;
SELECT count(*) > 10000 AS some, count(*) FILTER (WHERE inside IS DISTINCT FROM occupied) AS differ
FROM small_days FULL JOIN (SELECT book, day::date, occupied FROM small_books, occupancy(s), generate_series(from_date, coalesce(to_date - 1, date '2025-01-25'), interval '1 day') AS day WHERE occupied > 0) o USING (book, day);
SELECT count(*) > 1000 AS some, count(*) FILTER (WHERE nights <> coalesce(area, 0)) AS differ
FROM (SELECT book, sum(d - a) AS nights FROM small_many GROUP BY book HAVING bool_and(d IS NOT NULL)) x LEFT JOIN (SELECT book, sum(occupied * (to_date - from_date)) AS area FROM small_books, occupancy(s) GROUP BY book) y USING (book);
SELECT count(*) AS books, count(*) FILTER (WHERE peak_occupancy(s) IS DISTINCT FROM coalesce(peak, 0)) AS differ FROM small_books LEFT JOIN (SELECT book, max(inside) AS peak FROM small_days GROUP BY book) p USING (book);
WITH islands AS (SELECT beds, book, min(day) AS from_date, max(day) + 1 AS to_date, max(inside) AS occupied, max(inside) - beds AS excess, sum(inside - beds) AS excess_bed_days
	FROM (SELECT *, day - row_number() OVER (PARTITION BY beds, book ORDER BY day)::int AS run FROM small_days, generate_series(0, 3) AS beds WHERE inside > beds AND book % 3 <> 0) x GROUP BY beds, book, run)
SELECT coalesce(x.beds, y.beds) AS beds, coalesce(x.least_days, y.least_days) AS least_days, count(slow) > 50 AS some, count(*) FILTER (WHERE slow IS NULL OR fast IS NULL) AS differ
FROM (SELECT beds, least_days, row(book, i.from_date, i.to_date, occupied, excess, excess_bed_days, (SELECT array_agg(visit_id ORDER BY a, d, visit_id COLLATE "C") FROM small_many m WHERE m.book = i.book AND a < i.to_date AND d > i.from_date AND d > a))::text AS slow FROM islands i, generate_series(1, 2) AS least_days WHERE to_date - from_date >= least_days) x
FULL JOIN (SELECT beds, least_days, row(book, c.*)::text AS fast FROM small_books, generate_series(0, 3) AS beds, generate_series(1, 2) AS least_days, over_capacity(s, beds, least_days) c WHERE book % 3 <> 0) y ON (x.beds, x.least_days, slow) = (y.beds, y.least_days, fast) GROUP BY 1, 2 ORDER BY 1, 2;
-- books of parts say the same
SELECT count(*) > 3000 AS some, count(*) FILTER (WHERE a IS NULL OR b IS NULL) AS differ
FROM (SELECT book, o::text AS said, 1 AS a FROM small_books, occupancy(s) o UNION ALL SELECT book, c::text, 1 FROM small_books, over_capacity(s, 1) c) x
FULL JOIN (SELECT book, o::text AS said, 1 AS b FROM small_parts, occupancy(s) o UNION ALL SELECT book, c::text, 1 FROM small_parts, over_capacity(s, 1) c) y USING (book, said);

-- the example of the manual
SELECT from_date, to_date, occupied, visit_ids FROM over_capacity(
	'{"v": 1, "skipped": 0, "stays": [["b1", "A", "h", "2025-05-01T00:00:00", "2025-05-05T00:00:00"],
	["b2", "B", "h", "2025-05-03T00:00:00", "2025-05-08T00:00:00"]]}', 1);
