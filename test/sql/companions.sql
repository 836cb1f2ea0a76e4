-- Pairs of people whose stays keep falling together.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE TABLE company (what text, visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, tags text[]);
CREATE FUNCTION pg_temp.company(which text) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL, tags ORDER BY md5(visit_id)) FROM company WHERE what = which
$$;
INSERT INTO company VALUES
	-- V24, V25, V27 flag: A and B twice, at two facilities, one day apart by the clock of the wards
	('flag', 'v1', 'B', 'h1', '2025-03-02 08:00', '2025-03-09 10:00', NULL),
	('flag', 'v2', 'A', 'h1', '2025-03-03 23:00', '2025-03-10 08:00', NULL),
	('flag', 'v3', 'A', 'h2', '2025-06-02', '2025-06-09', NULL),
	('flag', 'v4', 'B', 'h2', '2025-06-02', '2025-06-09', NULL),
	-- V27 not: C only once, D two days later out, E elsewhere, F still in, G planned cycles (tag)
	('flag', 'v5', 'C', 'h1', '2025-03-02', '2025-03-09', NULL),
	('flag', 'v6', 'D', 'h1', '2025-03-02', '2025-03-12', NULL),
	('flag', 'v7', 'D', 'h2', '2025-06-02', '2025-06-12', NULL),
	('flag', 'v8', 'E', 'h3', '2025-03-02', '2025-03-09', NULL),
	('flag', 'v9', 'E', 'h3', '2025-06-02', '2025-06-09', NULL),
	('flag', 'v10', 'F', 'h1', '2025-03-02', NULL, NULL),
	('flag', 'v11', 'F', 'h2', '2025-06-02', NULL, NULL),
	('flag', 'v12', 'G', 'h1', '2025-03-02', '2025-03-09', '{cycle}'),
	('flag', 'v13', 'G', 'h2', '2025-06-02', '2025-06-09', '{cycle}'),
	-- one stay of A matches two of B: that is once
	('once', 'o1', 'A', 'h', '2025-03-02', '2025-03-03', NULL),
	('once', 'o2', 'B', 'h', '2025-03-02', '2025-03-03', NULL),
	('once', 'o3', 'B', 'h', '2025-03-03', '2025-03-04', NULL),
	('once', 'o4', 'A', 'h', '2025-05-02', '2025-05-04', NULL),
	-- taken greedily one pair would be left over: 1 with 1, 2 with 3, 3 with 2
	('matching', 'm1', 'A', 'h', '2025-03-02', '2025-03-05', NULL),
	('matching', 'm2', 'A', 'h', '2025-03-03', '2025-03-04', NULL),
	('matching', 'm3', 'A', 'h', '2025-03-03', '2025-03-06', NULL),
	('matching', 'm4', 'B', 'h', '2025-03-02', '2025-03-04', NULL),
	('matching', 'm5', 'B', 'h', '2025-03-04', '2025-03-04', NULL),
	('matching', 'm6', 'B', 'h', '2025-03-03', '2025-03-05', NULL),
	-- two chains of people
	('chain', 'c1', 'A', 'h', '2025-03-01', '2025-03-05', NULL), ('chain', 'c2', 'A', 'h', '2025-04-01', '2025-04-05', NULL),
	('chain', 'c3', 'B', 'h', '2025-03-02', '2025-03-06', NULL), ('chain', 'c4', 'B', 'h', '2025-04-02', '2025-04-06', NULL),
	('chain', 'c5', 'C', 'h', '2025-03-03', '2025-03-07', NULL), ('chain', 'c6', 'C', 'h', '2025-04-03', '2025-04-07', NULL),
	('chain', 'c7', 'X', 'h', '2025-07-01', '2025-07-05', NULL), ('chain', 'c8', 'X', 'h', '2025-08-01', '2025-08-05', NULL),
	('chain', 'c9', 'W', 'h', '2025-07-01', '2025-07-05', NULL), ('chain', 'c10', 'W', 'h', '2025-08-01', '2025-08-05', NULL);
\pset format unaligned
SELECT person_id, other_person_id, times, facilities, first_admitted, last_admitted, round(expected::numeric, 6) AS expected, round(p_value::numeric, 6) AS p_value, visit_ids, other_visit_ids FROM companions(pg_temp.company('flag'), exclude_tags => '{cycle}');
SELECT person_id, other_person_id, times FROM companions(pg_temp.company('flag'));
SELECT person_id, other_person_id, times FROM companions(pg_temp.company('flag'), 0);
SELECT person_id, other_person_id, times FROM companions(pg_temp.company('flag'), 3, exclude_tags => '{cycle}');
SELECT person_id, other_person_id, times FROM companions(pg_temp.company('flag'), 1, 1, '{cycle}');
SELECT count(*) FROM companions(pg_temp.company('flag'), 1, 3);
SELECT count(*) FROM companions(pg_temp.company('once'));
SELECT times, visit_ids, other_visit_ids FROM companions(pg_temp.company('matching'));
SELECT * FROM companion_groups(pg_temp.company('chain'));
SELECT * FROM companion_groups(pg_temp.company('chain'), 2);
SELECT * FROM companion_groups(pg_temp.company('chain'), 0);
SELECT count(*), (SELECT count(*) FROM companion_groups(NULL)) AS groups FROM companions(NULL);
SELECT count(*), (SELECT count(*) FROM companion_groups('{"v":1,"skipped":0,"stays":[]}')) AS groups FROM companions('{"v":1,"skipped":0,"stays":[]}');
\set VERBOSITY sqlstate
SELECT * FROM companions(NULL, NULL::int);
SELECT * FROM companions(NULL, -1);
SELECT * FROM companions(NULL, 1, NULL);
SELECT * FROM companions(NULL, 1, 0);
SELECT * FROM companions(NULL, 1, 2, NULL);
SELECT * FROM companion_groups(NULL, NULL::int);
SELECT * FROM companion_groups(NULL, 1, 0);
\set VERBOSITY default

-- against the definition in plain SQL, on crowded books: few people, few
-- dates, up to 25 stays a person, every tolerance and number of times
CREATE TABLE crowd AS
SELECT i % 60 AS book, 'v' || i AS visit_id, 'p' || lpad((h1 % (4 + i % 60 % 5 * 3))::text, 2, '0') AS person_id, 'f' || h2 % (1 + i % 3) AS facility_id,
	timestamp '2025-01-01' + h1 / 7 % (10 + i % 60) * interval '1 day' AS admitted_at,
	CASE WHEN h2 % 50 <> 0 THEN timestamp '2025-01-01' + (h1 / 7 % (10 + i % 60) + h2 / 7 % 5) * interval '1 day' END AS discharged_at
FROM (SELECT i, abs(hashint4(i)::bigint) AS h1, abs(hashint4(i + 1000000)::bigint) AS h2 FROM generate_series(1, 60 * 60) AS i) x;
-- and on 2,000 small ones: 6 to 15 stays of 3 to 5 people, on 4 to 10 dates
INSERT INTO crowd
SELECT 1000 + book, book || '/' || n, 'p' || h1 % (3 + book % 3), 'f' || h2 % (1 + book % 2), day, CASE WHEN h2 % 30 <> 0 THEN day + h2 / 7 % 4 * interval '1 day' END
FROM (SELECT book, n, abs(hashint4(book * 100 + n)::bigint) AS h1, abs(hashint4(-book * 100 - n)::bigint) AS h2 FROM generate_series(1, 2000) AS book, generate_series(1, 6 + book % 10) AS n) x, LATERAL (SELECT timestamp '2025-01-01' + h1 / 7 % (4 + book % 7) * interval '1 day') d(day);
ALTER TABLE crowd ADD PRIMARY KEY (visit_id);
ANALYZE crowd;
CREATE TABLE crowd_books AS SELECT book, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL) AS s FROM crowd GROUP BY book;
-- the greatest number of edges without a common end, by trying all
CREATE FUNCTION pg_temp.most(lefts text[], rights text[], at text DEFAULT '') RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	next text := (SELECT min(l) FROM unnest(lefts) AS l WHERE l > at);
	best int;
	r text;
BEGIN
	IF next IS NULL THEN RETURN 0; END IF;
	best := pg_temp.most(lefts, rights, next);
	FOR r IN SELECT b FROM unnest(lefts, rights) AS t(a, b) WHERE a = next LOOP
		best := greatest(best, 1 + pg_temp.most(ARRAY(SELECT a FROM unnest(lefts, rights) AS t(a, b) WHERE b <> r), ARRAY(SELECT b FROM unnest(lefts, rights) AS t(a, b) WHERE b <> r), next));
	END LOOP;
	RETURN best;
END $$;
CREATE FUNCTION pg_temp.slow(within int) RETURNS TABLE (book int, person_id text, other_person_id text, times int, expected numeric) LANGUAGE sql AS $$
	WITH ended AS (SELECT * FROM crowd WHERE discharged_at IS NOT NULL),
	pairs AS (SELECT a.book, a.facility_id, a.person_id, b.person_id AS other, a.visit_id AS l, b.visit_id AS r,
			abs(a.admitted_at::date - b.admitted_at::date) <= within AND abs(a.discharged_at::date - b.discharged_at::date) <= within AS matched
		FROM ended a JOIN ended b ON a.book = b.book AND a.facility_id = b.facility_id AND a.person_id < b.person_id),
	weights AS (SELECT book, facility_id, avg(matched::int) AS weight FROM pairs GROUP BY book, facility_id),
	edges AS (SELECT book, person_id, other, array_agg(l ORDER BY l, r) FILTER (WHERE matched) AS ls, array_agg(r ORDER BY l, r) FILTER (WHERE matched) AS rs, sum(weight) AS expected FROM pairs JOIN weights USING (book, facility_id) GROUP BY book, person_id, other)
	SELECT book, person_id, other, CASE array_length(ls, 1) WHEN 1 THEN 1 ELSE pg_temp.most(ls, rs) END, expected FROM edges WHERE ls IS NOT NULL AND array_length(ls, 1) <= 8
$$;
CREATE TABLE slow AS SELECT within, s.* FROM generate_series(0, 2) AS within, pg_temp.slow(within) s;
CREATE TABLE fast AS SELECT within, least_times, book, c.* FROM generate_series(0, 2) AS within, generate_series(1, 4) AS least_times, crowd_books, companions(s, within, least_times) c;
CREATE INDEX ON fast (book, least_times);
ANALYZE slow, fast;
SELECT within, least_times, count(*) > 20 AS some, count(*) FILTER (WHERE f.times IS NULL) AS missed, count(*) FILTER (WHERE f.times <> s.times OR abs(f.expected - s.expected::float8) > 1e-9) AS differ
FROM (SELECT s.*, least_times FROM generate_series(1, 4) AS least_times, slow s) s LEFT JOIN fast f USING (within, least_times, book, person_id, other_person_id) WHERE s.times >= least_times GROUP BY within, least_times ORDER BY within, least_times;
SELECT count(*) AS too_many FROM fast f JOIN slow s USING (within, book, person_id, other_person_id) WHERE s.times < f.least_times;
-- the lists are matchings, in order, of what the row says
SELECT bool_and(array_length(visit_ids, 1) = times AND array_length(other_visit_ids, 1) = times AND fine) AS matchings FROM (
	SELECT f.*, (SELECT count(DISTINCT l) = times AND count(DISTINCT r) = times AND count(DISTINCT a.facility_id) = facilities AND least(min(a.admitted_at), min(b.admitted_at))::date = first_admitted AND greatest(max(a.admitted_at), max(b.admitted_at))::date = last_admitted
			AND bool_and(a.person_id = f.person_id AND b.person_id = f.other_person_id AND a.facility_id = b.facility_id AND abs(a.admitted_at::date - b.admitted_at::date) <= within AND abs(a.discharged_at::date - b.discharged_at::date) <= within)
		FROM unnest(visit_ids, other_visit_ids) AS m(l, r) JOIN crowd a ON a.visit_id = l JOIN crowd b ON b.visit_id = r) AS fine FROM fast f) x;
SELECT bool_and(abs(p_value - (1 - (SELECT sum(exp(-expected) * expected ^ k / factorial(k)::float8) FROM generate_series(0, times - 1) AS k))) < 1e-9) AS poisson FROM fast WHERE expected > 0;
-- through the grid and through double stays: the same where many stays meet few
SELECT count(*) AS differ FROM (
	(SELECT book, person_id, other_person_id, times FROM fast WHERE within = 1 AND least_times = 1 AND times >= 2 EXCEPT SELECT book, person_id, other_person_id, times FROM fast WHERE within = 1 AND least_times = 2)
	UNION ALL
	(SELECT book, person_id, other_person_id, times FROM fast WHERE within = 1 AND least_times = 2 EXCEPT SELECT book, person_id, other_person_id, times FROM fast WHERE within = 1 AND least_times = 1 AND times >= 2)) d;
-- groups: connected by pairs, as many as can be, disjoint; pairs and times add up
CREATE TABLE linked AS SELECT least_times, book, a, b FROM fast, LATERAL (VALUES (person_id, other_person_id), (other_person_id, person_id)) t(a, b) WHERE within = 1 AND least_times IN (2, 4);
ANALYZE linked;
WITH RECURSIVE reached AS (SELECT least_times, book, a, a AS b FROM linked UNION SELECT r.least_times, r.book, r.a, l.b FROM reached r JOIN linked l ON l.least_times = r.least_times AND l.book = r.book AND l.a = r.b),
groups AS (SELECT least_times, book, root, array_agg(a ORDER BY a COLLATE "C") AS people FROM (SELECT least_times, book, a, min(b COLLATE "C") AS root FROM reached GROUP BY least_times, book, a) x GROUP BY least_times, book, root),
slow_groups AS (SELECT least_times, book, row_number() OVER (PARTITION BY least_times, book ORDER BY root)::int AS group_no, people, (SELECT count(*)::int FROM fast f WHERE f.book = g.book AND within = 1 AND f.least_times = g.least_times AND person_id = ANY (people)) AS pairs,
	(SELECT sum(times)::int FROM fast f WHERE f.book = g.book AND within = 1 AND f.least_times = g.least_times AND person_id = ANY (people)) AS times FROM groups g)
SELECT coalesce(s.least_times, f.least_times) AS least_times, count(*) > 20 AS some, count(*) FILTER (WHERE s.people IS NULL OR f.person_ids IS NULL) AS differ
FROM slow_groups s FULL JOIN (SELECT least_times, book, g.* FROM crowd_books, unnest('{2,4}'::int[]) AS least_times, companion_groups(s, 1, least_times) g) f
ON f.least_times = s.least_times AND f.book = s.book AND f.group_no = s.group_no AND f.person_ids = s.people AND f.pairs = s.pairs AND f.times = s.times GROUP BY 1 ORDER BY 1;
-- the order of input and the grouping into books do not matter
CREATE TABLE crowd_parts AS SELECT book, rollup(s) AS s FROM (SELECT book, person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL ORDER BY md5(visit_id)) AS s FROM crowd GROUP BY book, person_id) x GROUP BY book;
SELECT count(c) > 1000 AS some, count(*) FILTER (WHERE a IS NULL OR b IS NULL) AS differ FROM (SELECT book, c::text AS c, 1 AS a FROM crowd_books, companions(s) c) x FULL JOIN (SELECT book, c::text AS c, 1 AS b FROM crowd_parts, companions(s) c) y USING (book, c);

-- the chance model against 10,000 shuffles: 10 people with 3 stays each, who
-- is in which stay left to chance
CREATE TABLE slots AS SELECT n, date '2025-01-01' + (n * 7 % 15)::int AS a, date '2025-01-01' + (n * 7 % 15 + 3 + n % 4)::int AS d FROM generate_series(0, 29) AS n;
CREATE TABLE slot_pairs AS SELECT x.n AS l, y.n AS r FROM slots x JOIN slots y ON x.n < y.n AND abs(x.a - y.a) <= 1 AND abs(x.d - y.d) <= 1;
CREATE TABLE shuffled AS SELECT shuffle, n, (row_number() OVER (PARTITION BY shuffle ORDER BY hashint8(shuffle * 1000003::bigint + n)) - 1) / 3 AS person FROM generate_series(1, 10000) AS shuffle, slots;
ALTER TABLE shuffled ADD PRIMARY KEY (shuffle, n);
CREATE TABLE shuffled_times AS SELECT shuffle, least(a.person, b.person) AS p, greatest(a.person, b.person) AS q, count(*) AS times
	FROM slot_pairs JOIN shuffled a ON a.n = l JOIN shuffled b USING (shuffle) WHERE b.n = r AND a.person <> b.person GROUP BY 1, 2, 3;
WITH book AS (SELECT stays('v' || n, 'p' || lpad((n % 10)::text, 2, '0'), 'h', a, d, NULL, NULL) AS s FROM slots),
model AS (SELECT avg(expected) AS expected FROM book, companions(s, 1, 1)),
found AS (SELECT sum(times) / 450000.0::float8 AS mean, count(*) FILTER (WHERE times >= 1) / 450000.0::float8 AS once, count(*) FILTER (WHERE times >= 2) / 450000.0::float8 AS twice FROM shuffled_times)
SELECT abs(mean / expected - 1) < 0.1 AS mean_agrees, abs(once / (1 - exp(-expected)) - 1) < 0.1 AS once_agrees, twice < 1.1 * (1 - exp(-expected) * (1 + expected)) AS twice_as_rare_or_rarer FROM model, found;

-- limits end with an error, not with memory: an institution where all match
\set VERBOSITY sqlstate
SELECT count(*) FROM (SELECT stays('v' || i, 'p' || i / 2, 'h', date '2025-01-01' + i % 2 * 30, date '2025-01-09' + i % 2 * 30, NULL, NULL) AS s FROM generate_series(0, 15999) AS i) b, companions(s);
SET statement_timeout = '50ms';
SELECT count(*) FROM (SELECT stays('v' || i, 'p' || i / 2, 'h', date '2025-01-01' + i % 2 * 30, date '2025-01-09' + i % 2 * 30, NULL, NULL) AS s FROM generate_series(0, 15999) AS i) b, companions(s, 1, 1);
RESET statement_timeout;

-- real stays, where they are at hand: nobody recurs with both dates equal;
-- within one day three pairs do, fewer than the chance model expects of all
-- pairs of people who share a facility (each facility by itself: at least so
-- many), by how often each was there
\set VERBOSITY default
\set same_days 0
\set within_a_day 3
\set expected 10.8
\set meetings t
\set have_stays `test -r "$MEDAUDIT_MATERIAL/stays/desynpuf_stays.csv" && echo true || echo false`
\if :have_stays
CREATE TABLE real_stays (visit_id text, person_id text, facility_id text, admitted text, discharged text, amount numeric, diagnosis text, drg text);
\copy real_stays FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/stays/desynpuf_stays.csv"' CSV HEADER
CREATE TABLE real_days AS SELECT visit_id, person_id, facility_id, to_date(admitted, 'YYYYMMDD') AS a, to_date(discharged, 'YYYYMMDD') AS d, amount FROM real_stays;
CREATE TABLE real_book AS SELECT stays(visit_id, person_id, facility_id, a, d, NULL, amount) AS s FROM real_days;
SELECT count(*) AS same_days FROM real_book, companions(s, 0) \gset
SELECT count(*) AS within_a_day FROM real_book, companions(s, 1) \gset
WITH met AS (SELECT facility_id, count(*) / 2 AS met FROM real_days x JOIN (SELECT facility_id, person_id AS other, a + k AS a, d AS e FROM real_days, generate_series(-1, 1) AS k) y USING (facility_id, a) WHERE person_id <> other AND d - e BETWEEN -1 AND 1 GROUP BY facility_id),
own AS (SELECT facility_id, person_id, count(*) AS n FROM real_days GROUP BY facility_id, person_id),
weights AS (SELECT facility_id, 2.0::float8 * met / (sum(n) ^ 2 - sum(n * n))::float8 AS w FROM own JOIN met USING (facility_id) GROUP BY facility_id, met),
sizes AS (SELECT facility_id, n, count(*) AS people FROM own GROUP BY facility_id, n)
SELECT round(sum(pairs * (1 - exp(-e) * (1 + e)))::numeric, 1) AS expected, abs(sum(pairs * e) / (SELECT sum(met) FROM met) - 1) < 1e-9 AS meetings
FROM (SELECT x.n * y.n * w AS e, CASE WHEN x.n < y.n THEN x.people * y.people ELSE x.people * (x.people - 1) / 2 END AS pairs
	FROM sizes x JOIN sizes y ON x.facility_id = y.facility_id AND x.n <= y.n JOIN weights ON weights.facility_id = x.facility_id) p \gset
\endif
SELECT :same_days AS same_days, :within_a_day AS within_a_day, :expected AS expected, :'meetings' AS meetings;

-- by the clock: cards A, B and C at one shop on four Wednesdays, ten payments elsewhere
\set VERBOSITY default
CREATE TABLE paid AS
SELECT 's' || row_number() OVER (ORDER BY at, card) AS swipe, card, shop, at FROM (
	SELECT card, 'p' AS shop, timestamp '2025-01-08 10:00' + week * interval '7 days' + n * interval '4 minutes' AS at FROM (VALUES ('A', 0), ('B', 1), ('C', 2)) c(card, n), generate_series(0, 3) AS week
	UNION ALL SELECT 'q' || n, 'p', timestamp '2025-01-09 08:00' + n * interval '1 hour' FROM generate_series(1, 9) AS n) x;
SELECT person_id, other_person_id, times, facilities, first_admitted, last_admitted, visit_ids, other_visit_ids FROM (SELECT stays(swipe, card, shop, at, at, NULL, 20 ORDER BY md5(swipe)) AS s FROM paid) b, companions(s, interval '30 minutes');
SELECT g.* FROM (SELECT stays(swipe, card, shop, at, at, NULL, 20 ORDER BY md5(swipe)) AS s FROM paid) b, companion_groups(s, interval '30 minutes') g;
-- the ends are inside, seconds are whole: eight minutes, and a second less
SELECT within, person_id || other_person_id AS pair, times FROM (SELECT stays(swipe, card, shop, at, at, NULL, 20) AS s FROM paid) b, (VALUES (interval '8 minutes'), ('7 minutes 59 seconds'), ('4 minutes 0.7 seconds'), ('3 minutes 59.9 seconds')) w(within), companions(s, within) c ORDER BY within, pair;
-- A and B four times five minutes apart, among 12 payments of others an hour apart
SELECT person_id, other_person_id, times, round(expected::numeric, 6) AS expected, round(p_value::numeric, 6) AS p_value FROM (
	SELECT stays(swipe, card, 'p', at, at, NULL, NULL) AS s FROM (
		SELECT 'a' || d AS swipe, 'A' AS card, timestamp '2025-01-01 09:00' + d * interval '1 day' AS at FROM generate_series(1, 4) AS d
		UNION ALL SELECT 'b' || d, 'B', timestamp '2025-01-01 09:05' + d * interval '1 day' FROM generate_series(1, 4) AS d
		UNION ALL SELECT 'o' || n, 'o' || n, timestamp '2025-01-10 08:00' + n * interval '1 hour' FROM generate_series(0, 11) AS n) x) b, companions(s, interval '30 minutes');
-- pairs above max_p join nothing, in either form
SELECT max_p, g.* FROM (SELECT stays(swipe, card, shop, at, at, NULL, 20) AS s FROM paid) b, (VALUES (1.0::float8), (0.05), (0.001)) m(max_p), companion_groups(s, interval '30 minutes', 4, '{}', max_p) g ORDER BY max_p DESC;
SELECT max_p, g.* FROM (VALUES (1.0::float8), (0.122), (0.121)) m(max_p), companion_groups(pg_temp.company('chain'), 1, 2, '{}', max_p) g ORDER BY max_p DESC, group_no;
SELECT round(min(p_value)::numeric, 4) AS least, round(max(p_value)::numeric, 4) AS most FROM companions(pg_temp.company('chain'));
-- across midnight, and ends of real stays: both are compared by the clock
SELECT person_id || other_person_id AS pair, times FROM (SELECT stays(v, p, 'h', a, d, NULL, NULL) AS s FROM (VALUES
	('1', 'A', timestamp '2025-01-01 23:50', timestamp '2025-01-05 10:00'), ('2', 'B', '2025-01-02 00:10', '2025-01-05 10:20'), ('3', 'C', '2025-01-01 23:55', '2025-01-05 10:26'), ('4', 'D', '2025-01-01 23:55', NULL)) t(v, p, a, d)) b,
	companions(s, interval '25 minutes', 1) ORDER BY 1;
SELECT (SELECT count(*) FROM companions(NULL, interval '1 minute')) AS pairs, (SELECT count(*) FROM companion_groups(NULL, interval '1 minute')) AS groups, (SELECT count(*) FROM companions(pg_temp.company('flag'), interval '1 day', 1)) AS day;
-- 68 years are the most that a book may reach by the clock, and no matter by dates
SELECT count(*) FROM (SELECT stays(v, v, 'h', a, a, NULL, NULL) AS s FROM (VALUES ('1', timestamp '1950-01-01'), ('2', timestamp '1950-01-01' + interval '2147483647 seconds')) t(v, a)) b, companions(s, interval '1 day', 1);
\set VERBOSITY sqlstate
SELECT count(*) FROM (SELECT stays(v, v, 'h', a, a, NULL, NULL) AS s FROM (VALUES ('1', timestamp '1950-01-01'), ('2', timestamp '1950-01-01' + interval '2147483648 seconds')) t(v, a)) b, companions(s, interval '1 day', 1);
SELECT * FROM companions(NULL, NULL::interval);
SELECT * FROM companions(NULL, interval '1 month');
SELECT * FROM companions(NULL, interval '-1 second');
SELECT * FROM companions(NULL, interval '1 day 1 second');
SELECT * FROM companions(NULL, interval '2000000000 days');
SELECT * FROM companions(NULL, interval '1 minute', 0);
SELECT * FROM companion_groups(NULL, NULL::interval);
SELECT * FROM companion_groups(NULL, interval '1 minute', 2, '{}', NULL);
SELECT * FROM companion_groups(NULL, 1, 2, '{}', 1.5);
SELECT * FROM companion_groups(NULL, 1, 2, '{}', 'NaN');
\set VERBOSITY default
-- against the definition in plain SQL: crowded counters, with and without a stay
-- between admission and discharge, within nothing, seconds, minutes, hours and a day
CREATE TABLE queue AS
SELECT i % 40 AS book, 'v' || i AS visit_id, 'p' || lpad((h1 % (4 + i % 40 % 5 * 3))::text, 2, '0') AS person_id, 'f' || h2 % (1 + i % 3) AS facility_id, at AS admitted_at,
	CASE WHEN h2 % 50 <> 0 THEN at + CASE WHEN i % 2 = 0 THEN interval '0' ELSE h2 / 7 % 200000 * interval '1 second' END END AS discharged_at
FROM (SELECT i, abs(hashint4(i + 2000000)::bigint) AS h1, abs(hashint4(i + 3000000)::bigint) AS h2 FROM generate_series(1, 40 * 60) AS i) x,
	LATERAL (SELECT timestamp '2024-12-31 22:00' + h1 / 7 % (CASE i % 40 % 4 WHEN 0 THEN 300 WHEN 1 THEN 20000 WHEN 2 THEN 300000 ELSE 4000000 END) * interval '1 second' + i % 7 * interval '0.1 seconds') t(at);
ANALYZE queue;
CREATE TABLE queue_books AS SELECT book, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, NULL, NULL ORDER BY md5(visit_id)) AS s FROM queue GROUP BY book;
CREATE TABLE slow_queue AS
	WITH ended AS (SELECT *, date_trunc('second', admitted_at) AS a, date_trunc('second', discharged_at) AS d FROM queue WHERE discharged_at IS NOT NULL),
	pairs AS (SELECT within, x.book, x.facility_id, x.person_id, y.person_id AS other, x.visit_id AS l, y.visit_id AS r,
			x.a <= y.a + within AND y.a <= x.a + within AND x.d <= y.d + within AND y.d <= x.d + within AS matched
		FROM ended x JOIN ended y ON x.book = y.book AND x.facility_id = y.facility_id AND x.person_id < y.person_id, unnest('{0 s,1 s,20 s,31 s,32 s,10 min,3 h,1 day}'::interval[]) AS within),
	weights AS (SELECT within, book, facility_id, avg(matched::int) AS weight FROM pairs GROUP BY within, book, facility_id),
	edges AS (SELECT within, book, person_id, other, array_agg(l ORDER BY l, r) FILTER (WHERE matched) AS ls, array_agg(r ORDER BY l, r) FILTER (WHERE matched) AS rs, sum(weight) AS expected FROM pairs JOIN weights USING (within, book, facility_id) GROUP BY within, book, person_id, other)
	SELECT within, book, person_id, other AS other_person_id, CASE array_length(ls, 1) WHEN 1 THEN 1 ELSE pg_temp.most(ls, rs) END AS times, expected FROM edges WHERE ls IS NOT NULL AND array_length(ls, 1) <= 8;
CREATE TABLE fast_queue AS SELECT within, least_times, book, c.* FROM unnest('{0 s,1 s,20 s,31 s,32 s,10 min,3 h,1 day}'::interval[]) AS within, generate_series(1, 3) AS least_times, queue_books, companions(s, within, least_times) c;
ANALYZE slow_queue, fast_queue;
SELECT within, least_times, count(*) > 5 AS some, count(*) FILTER (WHERE f.times IS NULL) AS missed, count(*) FILTER (WHERE f.times <> s.times OR abs(f.expected - s.expected::float8) > 1e-9) AS differ
FROM (SELECT s.*, least_times FROM generate_series(1, 3) AS least_times, slow_queue s) s LEFT JOIN fast_queue f USING (within, least_times, book, person_id, other_person_id) WHERE s.times >= least_times GROUP BY within, least_times ORDER BY within, least_times;
SELECT count(*) AS too_many FROM fast_queue f JOIN slow_queue s USING (within, book, person_id, other_person_id) WHERE s.times < f.least_times;

-- the example of the manual
SELECT person_id, other_person_id, times, visit_ids, other_visit_ids FROM companions(
	'{"v": 1, "skipped": 0, "stays": [["a1", "A", "h1", "2025-03-02T08:00:00", "2025-03-09T10:00:00"],
	["b1", "B", "h1", "2025-03-03T09:00:00", "2025-03-10T09:00:00"], ["a2", "A", "h2", "2025-06-02T00:00:00", "2025-06-09T00:00:00"],
	["b2", "B", "h2", "2025-06-02T00:00:00", "2025-06-09T00:00:00"]]}');
