-- What is too much alike in the stays of a facility.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE FUNCTION pg_temp.admissions(days date[], counts int[]) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays(day || '/' || lpad(n::text, 3, '0'), 'P' || n, 'h', day, day + 3, NULL, 1)
	FROM unnest(days, counts) AS t(day, count), generate_series(1, count) AS n
$$;
CREATE FUNCTION pg_temp.weeks(weeks int, each_day int, burst int, ordinary int DEFAULT NULL) RETURNS stays LANGUAGE sql AS $$
	SELECT pg_temp.admissions(array_agg(date '2025-01-01' + d ORDER BY d),
		array_agg(CASE WHEN d = 7 * weeks THEN burst ELSE each_day + CASE WHEN ordinary IS NULL THEN 0 WHEN d / 7 % 2 = 0 THEN -ordinary ELSE ordinary END END ORDER BY d))
	FROM generate_series(0, 7 * weeks) AS d
$$;

-- V24, V28, D14 flag: 14 admissions on a day, 3 a day before: p = 3.4e-6
SELECT on_date, admissions, expected, round(p_value::numeric, 8) AS p_value, array_length(visit_ids, 1) AS visits, visit_ids[1:2] FROM admission_bursts(pg_temp.weeks(8, 3, 14));
-- V28, D14 not: 9 on a Monday on which 9 are usual, an opening week or ward, one day short of eight weeks
SELECT count(*) AS monday FROM admission_bursts(pg_temp.admissions(
	(SELECT array_agg(date '2025-01-01' + d ORDER BY d) FROM generate_series(0, 70) AS d), (SELECT array_agg(CASE WHEN d % 7 = 0 THEN 9 ELSE 2 END ORDER BY d) FROM generate_series(0, 70) AS d)));
SELECT count(*) AS opening FROM admission_bursts(pg_temp.weeks(0, 3, 50));
SELECT count(*) AS short_baseline FROM admission_bursts(pg_temp.weeks(7, 3, 14));
SELECT count(*) AS asked_for_less FROM admission_bursts(pg_temp.weeks(7, 3, 14), 7);
-- V28, D14 not: all at 00:00:00; times of day do not matter; without any admission before, one is expected in all weeks
SELECT count(*) AS midnight FROM admission_bursts(pg_temp.weeks(8, 3, 3));
SELECT count(*) AS rows, count(DISTINCT b::text) AS by_day_only FROM (SELECT pg_temp.weeks(8, 3, 14) AS s) AS t,
	LATERAL (SELECT stays(visit_id, person_id, facility_id, admitted_at + CASE n WHEN 1 THEN interval '23:59' ELSE interval '0' END, discharged_at + interval '1 day', NULL, NULL) AS s FROM stay_rows(t.s), generate_series(0, 1) AS n GROUP BY n) AS c, admission_bursts(c.s) AS b;
SELECT on_date, expected, p_value < 1e-6 AS rare FROM admission_bursts(pg_temp.admissions(ARRAY[date '2025-01-01', date '2025-04-01'], ARRAY[1, 6]));
-- V28, D14 not: 40 on a Tuesday on which 40 are usual, in days before 2000, whose numbers are below 0
SELECT count(*) AS tuesdays FROM admission_bursts(pg_temp.admissions(
	(SELECT array_agg(date '1999-09-06' + d ORDER BY d) FROM generate_series(0, 69) AS d), (SELECT array_agg(CASE d % 7 WHEN 0 THEN 1 WHEN 1 THEN 40 ELSE 2 END ORDER BY d) FROM generate_series(0, 69) AS d)), max_p => 1);
-- thresholds: at each bound
SELECT count(*) AS excess_of_eleven FROM admission_bursts(pg_temp.weeks(8, 3, 14), min_excess => 11);
SELECT count(*) AS excess_of_twelve FROM admission_bursts(pg_temp.weeks(8, 3, 14), min_excess => 12);
SELECT count(*) AS ratio FROM admission_bursts(pg_temp.weeks(8, 3, 14), min_ratio => 14 / 3.0::float8);
SELECT count(*) AS ratio_above FROM admission_bursts(pg_temp.weeks(8, 3, 14), min_ratio => 4.7);
SELECT count(*) AS p FROM admission_bursts(pg_temp.weeks(8, 3, 14), max_p => 1e-6);
-- the same against weeks that vary: negative binomial, mean 10, variance 8/7 * 64
SELECT admissions, expected, round(p_value::numeric, 10) AS p_value FROM admission_bursts(pg_temp.weeks(8, 10, 60, 8), max_p => 1);
-- P(X >= 60) summed term by term: r = mean^2 / (variance - mean)
WITH RECURSIVE parameters AS (SELECT 100 / (8 / 7.0::float8 * 64 - 10) AS r, 10 / (8 / 7.0::float8 * 64) AS p),
terms AS (SELECT 0 AS k, power(p, r) AS term FROM parameters UNION ALL SELECT k + 1, term * (r + k) / (k + 1) * (1 - p) FROM terms, parameters WHERE k < 59)
SELECT round((1 - sum(term))::numeric, 10) AS p_value FROM terms;
-- Poisson tails summed term by term
SELECT each_day, burst, abs(b.p_value / (SELECT sum(exp(k * ln(each_day) - each_day - (SELECT sum(ln(j)) FROM generate_series(1, k) AS j))) FROM generate_series(burst, burst + 60) AS k) - 1) < 1e-9 AS agree
FROM (VALUES (3::float8, 14), (1, 6), (20, 40), (50, 80), (10, 11)) AS t(each_day, burst), admission_bursts(pg_temp.weeks(8, each_day::int, burst), min_excess => 0, min_ratio => 1, max_p => 1) b;
SELECT count(*) FROM admission_bursts(NULL);
SELECT count(*) FROM admission_bursts('{"v":1,"skipped":0,"stays":[]}');

-- by class: six on each working day, one on Saturdays and Sundays, but on a working
-- Sunday six (V28 not: the Sundays before had one), nothing on a Wednesday of rest,
-- and nine on a Tuesday of rest (V28 flag: days of rest have one)
CREATE TABLE burst_class AS SELECT day, class, CASE WHEN day = '2025-04-22' THEN 9 WHEN day = '2025-04-16' THEN 0 WHEN class < 6 THEN 6 ELSE 1 END AS admissions
FROM (SELECT day, CASE day WHEN '2025-04-13' THEN 1 WHEN '2025-04-16' THEN 7 WHEN '2025-04-22' THEN 7 ELSE extract(isodow FROM day) END AS class
	FROM generate_series(date '2025-02-03', '2025-04-30', '1 day') AS t (at), LATERAL (SELECT at::date AS day) AS d) AS t;
SELECT pg_temp.admissions(array_agg(day ORDER BY day), array_agg(admissions ORDER BY day)) AS book FROM burst_class \gset
\set special '''{2025-04-13,2025-04-16,2025-04-22}'', ''{1,7,7}'''
SELECT on_date, admissions, expected, p_value < 1e-4 AS rare FROM admission_bursts(:'book', min_excess => 3, max_p => 1e-2);
SELECT on_date, admissions, expected, p_value < 1e-4 AS rare, cardinality(visit_ids) AS visits, baseline_days, baseline_admissions FROM _admission_bursts(:'book', 8, 3, 1.5, 1e-2, '{}', :special);
-- the Wednesday after the one of rest is compared with eight others, and so looks back nine weeks
SELECT on_date, baseline_days[1] AS from_day, baseline_days[8] AS to_day FROM _admission_bursts(:'book', 8, 0, 0, 1, '{}', :special) WHERE on_date BETWEEN '2025-04-13' AND '2025-04-24';
SELECT count(*) AS differ FROM (SELECT * FROM admission_bursts(:'book', 2, 0, 0, 1) EXCEPT SELECT on_date, admissions, expected, p_value, visit_ids FROM _admission_bursts(:'book', 2, 0, 0, 1, '{}', '{}', '{}')) AS d;

-- every day of 1,500 small books (30 to 89 admissions in 30 to 70 days, some of
-- them crowded) against plain SQL, tails summed term by term
CREATE TABLE burst_many AS
SELECT book, 'v' || lpad(n::text, 3, '0') AS visit_id, date '2025-01-01' + (h / 100 % (30 + book % 41) - CASE WHEN h % 9 = 0 THEN h / 100 % (30 + book % 41) % 14 ELSE 0 END)::int AS day
FROM generate_series(1, 1500) AS book, generate_series(1, 30 + book % 60) AS n, LATERAL (SELECT abs(hashint4(book * 100 + n)::bigint)) x(h);
CREATE TABLE burst_books AS SELECT book, stays(visit_id, visit_id, 'h', day, day, NULL, NULL ORDER BY md5(visit_id)) AS s FROM burst_many GROUP BY book;
CREATE TABLE burst_parts AS SELECT book, rollup(s) AS s FROM (SELECT book, stays(visit_id, visit_id, 'h', day, day, NULL, NULL) AS s FROM burst_many GROUP BY book, hashtext(visit_id) % 3) x GROUP BY book;
CREATE TABLE burst_days AS SELECT f.book, first, first + k AS day, count(visit_id)::int AS admissions, array_agg(visit_id ORDER BY visit_id COLLATE "C") AS ids
	FROM (SELECT book, min(day) AS first, max(day) AS last FROM burst_many GROUP BY book) f CROSS JOIN generate_series(0, 70) AS k LEFT JOIN burst_many m ON m.book = f.book AND m.day = first + k
	WHERE first + k <= last GROUP BY f.book, first, k;
ALTER TABLE burst_days ADD PRIMARY KEY (book, day);
ANALYZE burst_days;
CREATE FUNCTION pg_temp.tail(mean float8, variance float8, count int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	r float8 := CASE WHEN variance > mean THEN mean * mean / (variance - mean) END;
	term float8 := CASE WHEN variance > mean THEN (mean / variance) ^ r ELSE exp(-mean) END;
	below float8 := 0;
BEGIN
	FOR k IN 1 .. count LOOP
		below := below + term;
		term := term * CASE WHEN variance > mean THEN (r + k - 1) / k * (1 - mean / variance) ELSE mean / k END;
	END LOOP;
	RETURN 1 - below;
END $$;
CREATE FUNCTION pg_temp.slow_bursts(weeks int, excess int, ratio float8, max_p float8) RETURNS TABLE (book int, on_date date, admissions int, expected float8, p_value float8, visit_ids text[]) LANGUAGE sql AS $$
	SELECT * FROM (SELECT book, day, admissions, mean, pg_temp.tail(CASE WHEN mean = 0 THEN 1.0 / (weeks + 1) ELSE mean END, variance, admissions) AS p, ids
		FROM (SELECT d.book, d.day, d.admissions, d.ids, avg(b.admissions)::float8 AS mean, coalesce(var_samp(b.admissions), 0)::float8 AS variance
			FROM burst_days d CROSS JOIN generate_series(1, weeks) AS w JOIN burst_days b ON b.book = d.book AND b.day = d.day - 7 * w
			GROUP BY d.book, d.day, d.admissions, d.ids HAVING count(*) = weeks) s
		WHERE admissions > 0 AND admissions - mean >= excess AND admissions >= ratio * mean) t WHERE p <= max_p
$$;
SELECT weeks, excess, count(*) > 300 AS some, count(*) FILTER (WHERE s.book IS NULL OR f.book IS NULL) AS differ, max(abs(s.p_value - f.p_value)) < 1e-9 AS chances
FROM (SELECT weeks, excess, b.* FROM (VALUES (2, 1, 1.5, 1), (4, 2, 1, 0.3), (1, 0, 0, 1)) AS t(weeks, excess, ratio, max_p), pg_temp.slow_bursts(weeks, excess, ratio, max_p) b) s
FULL JOIN (SELECT weeks, excess, book, b.* FROM (VALUES (2, 1, 1.5, 1), (4, 2, 1, 0.3), (1, 0, 0, 1)) AS t(weeks, excess, ratio, max_p), burst_books, admission_bursts(s, weeks, excess, ratio, max_p) b) f
	USING (weeks, excess, book, on_date, admissions, expected, visit_ids) GROUP BY weeks, excess ORDER BY weeks, excess;
-- the same by classes: every seventh day of a book is one of rest, others are as Mondays
CREATE TABLE burst_special AS SELECT day, CASE WHEN abs(hashint4(day - date '2025-01-01')) % 7 = 0 THEN 7 ELSE 1 END AS class
FROM generate_series(0, 80) AS n, LATERAL (SELECT date '2025-01-01' + n AS day) AS d WHERE abs(hashint4(n)) % 7 IN (0, 1);
CREATE TABLE burst_class_days AS SELECT d.*, row_number() OVER (PARTITION BY book, coalesce(s.class, extract(isodow FROM d.day)) ORDER BY d.day) AS place, coalesce(s.class, extract(isodow FROM d.day)) AS class
FROM burst_days AS d LEFT JOIN burst_special AS s ON s.day = d.day;
CREATE FUNCTION pg_temp.slow_class_bursts(weeks int, excess int, ratio float8, max_p float8) RETURNS TABLE (book int, on_date date, admissions int, expected float8, p_value float8, baseline_days date[], baseline_admissions int[]) LANGUAGE sql AS $$
	SELECT * FROM (SELECT book, day, admissions, mean, pg_temp.tail(CASE WHEN mean = 0 THEN 1.0 / (weeks + 1) ELSE mean END, variance, admissions) AS p, days, counts
		FROM (SELECT d.book, d.day, d.admissions, avg(b.admissions)::float8 AS mean, coalesce(var_samp(b.admissions), 0)::float8 AS variance, array_agg(b.day ORDER BY b.day) AS days, array_agg(b.admissions ORDER BY b.day) AS counts
			FROM burst_class_days d JOIN burst_class_days b ON b.book = d.book AND b.class = d.class AND b.place BETWEEN d.place - weeks AND d.place - 1
			GROUP BY d.book, d.day, d.admissions HAVING count(*) = weeks) s
		WHERE admissions > 0 AND admissions - mean >= excess AND admissions >= ratio * mean) t WHERE p <= max_p
$$;
SELECT weeks, excess, count(*) > 300 AS some, count(*) FILTER (WHERE s.book IS NULL OR f.book IS NULL) AS differ, max(abs(s.p_value - f.p_value)) < 1e-9 AS chances
FROM (SELECT weeks, excess, b.* FROM (VALUES (2, 1, 1.5, 1), (4, 2, 1, 0.3), (1, 0, 0, 1)) AS t(weeks, excess, ratio, max_p), pg_temp.slow_class_bursts(weeks, excess, ratio, max_p) b) s
FULL JOIN (SELECT weeks, excess, book, b.* FROM (VALUES (2, 1, 1.5, 1), (4, 2, 1, 0.3), (1, 0, 0, 1)) AS t(weeks, excess, ratio, max_p), burst_books,
	(SELECT array_agg(day ORDER BY day) AS days, array_agg(class ORDER BY day) AS classes FROM burst_special) AS c, _admission_bursts(s, weeks, excess, ratio, max_p, '{}', days, classes) b) f
	USING (weeks, excess, book, on_date, admissions, expected, baseline_days, baseline_admissions) GROUP BY weeks, excess ORDER BY weeks, excess;
-- books of parts say the same
SELECT count(*) > 1000 AS some, count(*) FILTER (WHERE a IS NULL OR b IS NULL) AS differ
FROM (SELECT book, b::text AS said, 1 AS a FROM burst_books, admission_bursts(s, 2, 1, 1, 1) b) x FULL JOIN (SELECT book, b::text AS said, 1 AS b FROM burst_parts, admission_bursts(s, 2, 1, 1, 1) b) y USING (book, said);

CREATE FUNCTION pg_temp.amounts(amounts numeric[]) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays('v' || lpad(n::text, 4, '0'), 'P' || n, 'h', timestamp '2025-01-01' + n * interval '1 hour', NULL, NULL, amount, CASE WHEN amount = 777 THEN '{package}'::text[] END)
	FROM unnest(amounts) WITH ORDINALITY AS t(amount, n)
$$;
-- V25, V29, D15 flag: 12 of 20 within 3000 and 10 more or less
SELECT low, high, stay_count, share, round(expected::numeric, 3) AS expected, p_value < 1e-9 AS rare, visit_ids FROM similar_amounts(pg_temp.amounts(
	ARRAY[2990, 3010, 3000, 2995, 3005, 3001, 3002, 2999.5, 2998, 2997, 3009.99, 3003, 500, 800, 1200, 2000, 4500, 7000, 12000, 30000]));
-- V29, D15 not: five of 0.00 (no more than the deductible), fixed prices (tag), fewer than five, 29 of 100
SELECT count(*) AS zeros FROM similar_amounts(pg_temp.amounts(ARRAY[0, 0, 0, 0, 0, 100, 300, 900, 2700, NULL]));
SELECT count(*) AS packages, (SELECT count(*) FROM similar_amounts(pg_temp.amounts(ARRAY[777, 777, 777, 777, 777, 100, 300]), exclude_tags => '{package}')) AS left_out FROM similar_amounts(pg_temp.amounts(ARRAY[777, 777, 777, 777, 777, 100, 300]));
SELECT count(*) AS four FROM similar_amounts(pg_temp.amounts(ARRAY[777, 777, 777, 777]));
SELECT count(*) AS below_share FROM similar_amounts(pg_temp.amounts((SELECT array_agg(CASE WHEN n <= 29 THEN 5000 ELSE 10 * 1.2 ^ n END) FROM generate_series(1, 100) AS n)));
SELECT stay_count, share FROM similar_amounts(pg_temp.amounts((SELECT array_agg(CASE WHEN n <= 30 THEN 5000 ELSE 10 * 1.2 ^ n END) FROM generate_series(1, 100) AS n)));
-- all alike: nothing outside to compare with
SELECT low, high, stay_count, share, expected, p_value FROM similar_amounts(pg_temp.amounts(ARRAY[777, 777, 777, 777, 777]));
-- both bounds of the width; two bands, the fuller first, ties lowest
SELECT low, high, stay_count FROM similar_amounts(pg_temp.amounts(ARRAY[100, 110, 120, 121, 105, 5000, 5050, 5051, 5049, 5000]), min_share => 0.2, min_stays => 3);
SELECT low, high, stay_count FROM similar_amounts(pg_temp.amounts(ARRAY[100, 110, 120, 121, 105]), 0, 0, 1, 0);
SELECT count(*) FROM similar_amounts(NULL);

\set VERBOSITY sqlstate
SELECT * FROM admission_bursts(NULL, NULL);
SELECT * FROM admission_bursts(NULL, 0);
SELECT * FROM admission_bursts(NULL, 8, NULL);
SELECT * FROM admission_bursts(NULL, 8, -1);
SELECT * FROM admission_bursts(NULL, 8, 5, NULL);
SELECT * FROM admission_bursts(NULL, 8, 5, 'NaN');
SELECT * FROM admission_bursts(NULL, 8, 5, 1.5, NULL);
SELECT * FROM admission_bursts(NULL, 8, 5, 1.5, 1.1);
SELECT * FROM admission_bursts(NULL, 8, 5, 1.5, 1e-4, NULL);
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', NULL, '{}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{}', NULL);
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01,NULL}', '{1,1}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01}', '{NULL}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01}', '{1,2}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01}', '{}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-02,2025-01-01}', '{1,1}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01,2025-01-01}', '{1,1}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01}', '{0}');
SELECT * FROM _admission_bursts(NULL, 8, 5, 1.5, 1e-4, '{}', '{2025-01-01}', '{8}');
SELECT * FROM _admission_bursts('{"v":1,"skipped":0,"stays":[]}', 2147483647, 5, 1.5, 1e-4, '{}', '{}', '{}');
SELECT * FROM similar_amounts(NULL, NULL);
SELECT * FROM similar_amounts(NULL, -0.01);
SELECT * FROM similar_amounts(NULL, 'NaN');
SELECT * FROM similar_amounts(NULL, 0.01, NULL);
SELECT * FROM similar_amounts(NULL, 0.01, -1);
SELECT * FROM similar_amounts(NULL, 0.01, 20, NULL);
SELECT * FROM similar_amounts(NULL, 0.01, 20, 0);
SELECT * FROM similar_amounts(NULL, 0.01, 20, 5, NULL);
SELECT * FROM similar_amounts(NULL, 0.01, 20, 5, 'NaN');
SELECT * FROM similar_amounts(NULL, 0.01, 20, 5, 0.3, NULL);
\set VERBOSITY default

-- bands against slow plain SQL, taken one by one
CREATE FUNCTION pg_temp.slow_bands(of_amounts numeric[], tolerance_rel numeric, tolerance_abs numeric, least_stays int) RETURNS TABLE (low numeric, high numeric, stay_count int) LANGUAGE plpgsql AS $$
DECLARE
	best record;
BEGIN
	LOOP
		SELECT a AS low, (SELECT max(b) FROM unnest(of_amounts) AS b WHERE b BETWEEN a AND a + greatest(tolerance_abs, a * tolerance_rel)) AS high,
			(SELECT count(*)::int FROM unnest(of_amounts) AS b WHERE b BETWEEN a AND a + greatest(tolerance_abs, a * tolerance_rel)) AS stay_count
		INTO best FROM unnest(of_amounts) AS a WHERE a > 0 ORDER BY stay_count DESC, low LIMIT 1;
		EXIT WHEN NOT FOUND OR best.stay_count < least_stays;
		RETURN QUERY SELECT best.low, best.high, best.stay_count;
		of_amounts := ARRAY(SELECT a FROM unnest(of_amounts) AS a WHERE a NOT BETWEEN best.low AND best.high);
	END LOOP;
END $$;
CREATE TABLE amount_books AS
	SELECT book, array_agg(round((100 * exp(hashint4(book * 1000 + n) / 1e9))::numeric, 2)) AS amounts, width FROM generate_series(1, 1000) AS book, LATERAL (SELECT 5 + book % 30) AS w(width), generate_series(1, CASE WHEN book <= 60 THEN 40 ELSE 5 + book % 12 END) AS n GROUP BY book, width;
SELECT count(*) > 200 AS some, count(*) FILTER (WHERE slow IS DISTINCT FROM fast) AS differ
FROM (SELECT book, n, b::text AS slow FROM amount_books, LATERAL (SELECT row_number() OVER () AS n, row(low, high, stay_count) AS b FROM pg_temp.slow_bands(amounts, 0.05, width, 2)) b) x
FULL JOIN (SELECT book, n, row(low, high, stay_count)::text AS fast FROM amount_books, similar_amounts(pg_temp.amounts(amounts), 0.05, width, 2, 0) WITH ORDINALITY AS b(low, high, stay_count, share, expected, p_value, visit_ids, n)) y USING (book, n);
SELECT bool_and((p_value IS NULL OR p_value BETWEEN 0 AND 1 AND expected BETWEEN 0 AND cardinality(amounts)) AND share = stay_count / cardinality(amounts)::float8) AS sane, count(p_value) > 200 AS judged FROM amount_books, similar_amounts(pg_temp.amounts(amounts), 0.05, width, 2, 0);

-- V24, V28 not: weekdays, a holiday and the rebound after it.  No floods: three
-- times a year of 300 facilities of heavy-tailed size, weekdays, two holiday
-- weeks with a rebound, log-normal amounts; nothing
-- planted.  Rows per 1,000 facility-weeks, which shall be fewer than one.
CREATE TABLE background AS
WITH days AS (
	SELECT d, sum(CASE WHEN d BETWEEN 28 AND 34 OR d BETWEEN 273 AND 279 THEN 0.4 WHEN d BETWEEN 35 AND 36 OR d BETWEEN 280 AND 281 THEN 1.3 ELSE 1 END *
		CASE extract(isodow FROM date '2025-01-01' + d) WHEN 1 THEN 1.3 WHEN 6 THEN 0.8 WHEN 7 THEN 0.6 ELSE 1 END) OVER (ORDER BY d) AS reached
	FROM generate_series(0, 364) AS d),
bounds AS (SELECT array_agg((reached / total)::float8 ORDER BY d) AS bounds FROM days, (SELECT max(reached) AS total FROM days) t)
SELECT i, i % 3 * 300 + floor(300 * power(u1, 4))::int AS facility, date '2025-01-01' + width_bucket(u2, bounds) AS day, round(exp(8 + 0.8 * sqrt(-2 * ln(u3)) * cos(2 * pi() * u4))::numeric, 2) AS amount
FROM (SELECT i, (hashint4(i) + 2147483649::float8) / 4294967297 AS u1, (hashint4(i + 10000000) + 2147483649::float8) / 4294967297 AS u2, (hashint4(i + 20000000) + 2147483649::float8) / 4294967297 AS u3, (hashint4(i + 30000000) + 2147483649::float8) / 4294967297 AS u4
	FROM generate_series(1, 360000) AS i) x, bounds;
CREATE TABLE background_books AS SELECT facility, stays('v' || i, 'P' || i, facility::text, day, day + 5, NULL, amount) AS s FROM background GROUP BY facility;
CREATE TABLE background_months AS SELECT facility, stays('v' || i, 'P' || i, facility::text, day, day + 5, NULL, amount) AS s FROM background GROUP BY facility, date_trunc('month', day);
SELECT count(*) AS facilities, sum(stay_count(s)) AS stays, max(stay_count(s)) > 20000 AS heavy_tail, min(stay_count(s)) < 200 AS small FROM background_books;
SELECT what, count(d) AS rows, round(count(d) / (900 * 52.0) * 1000, 3) AS per_1000_facility_weeks FROM (
	SELECT 'admission_bursts' AS what, d::text AS d FROM background_books, admission_bursts(s) d
	UNION ALL SELECT 'similar_amounts', d::text FROM background_books, similar_amounts(s) d
	UNION ALL SELECT 'similar_amounts, by month', d::text FROM background_months, similar_amounts(s) d
	UNION ALL VALUES ('admission_bursts', NULL), ('similar_amounts', NULL), ('similar_amounts, by month', NULL)) x GROUP BY what ORDER BY what;
-- where the defaults hold back: the same without the chance, and with small bands
SELECT (SELECT count(*) FROM background_books, admission_bursts(s, max_p => 1)) > 100 AS bursts_without_chance, (SELECT count(*) FROM background_months, similar_amounts(s, min_share => 0) WHERE facility % 10 = 0) > 100 AS bands_without_share;

-- the example of the manual
SELECT low, high, stay_count, share FROM similar_amounts((
	SELECT stays('v' || n, 'P' || n, 'h', timestamp '2025-01-01', timestamp '2025-01-09', NULL, amount)
	FROM unnest(ARRAY[2990, 3010, 3000, 2995, 3005, 500, 900, 1500, 4500, 7000]::numeric[]) WITH ORDINALITY AS t(amount, n)));
