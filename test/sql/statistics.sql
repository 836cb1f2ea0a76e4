-- Statistics of peers, of digits and of samples.
SET search_path = medaudit, public;
SET DateStyle = 'ISO, YMD';
\pset null ~

-- Do two numbers agree to 12 digits?  Both may be NULL.
CREATE FUNCTION pg_temp.near(a float8, b float8) RETURNS bool LANGUAGE sql AS
	$$ SELECT (a IS NULL AND b IS NULL) OR coalesce(abs(a - b) <= 1e-12 * greatest(abs(a), abs(b), 1e-3), false) $$;

-- ---- robust_center(), robust_zscore() ----
-- V09, V39, D28 flag: one facility of ten at 40
SELECT round(robust_zscore(40, c)::numeric, 6) AS highest, round(robust_zscore(6, c)::numeric, 6) AS lowest, c
FROM (SELECT robust_center(x) FROM unnest('{6,7,7,8,8,9,10,11,12,40}'::float8[]) AS x) AS s (c);
-- D28: most are alike, the mad is 0: by the mean deviation
SELECT round(robust_zscore(9, c)::numeric, 6) AS nine, robust_zscore(5, c) AS five, c FROM (SELECT robust_center(x) FROM unnest('{5,5,5,5,5,9,1}'::float8[]) AS x) AS s (c);
-- D28 not: all alike, or fewer than five: nothing to measure by
SELECT robust_zscore(9, robust_center(x)) AS all_alike FROM unnest('{5,5,5,5,5,5}'::float8[]) AS x;
SELECT n, robust_zscore(9, robust_center(x)) IS NULL AS unknown FROM generate_series(3, 6) AS n, generate_series(1, n) AS x GROUP BY n ORDER BY n;
-- NULLs are left out, of the center and of the scores; no rows, nothing but NULLs
SELECT robust_center(x) FROM unnest('{6,NULL,7,7,8,8,NULL,9,10,11,12,40}'::float8[]) AS x;
SELECT robust_center(x) AS no_rows FROM unnest('{}'::float8[]) AS x;
SELECT robust_center(x) AS nulls FROM unnest('{NULL,NULL}'::float8[]) AS x;
SELECT robust_zscore(NULL, c) AS no_value, robust_zscore(1, NULL) AS no_center FROM (SELECT robust_center(x) FROM generate_series(1, 9) AS x) AS s (c);
-- as a window it is asked once per peers, and says the same
SELECT peers, count(*) AS facilities, count(*) FILTER (WHERE z > 3) AS high, round(max(z)::numeric, 6) AS highest
FROM (SELECT peers, robust_zscore(x, robust_center(x) OVER (PARTITION BY peers))
	FROM (VALUES ('二级', 6), ('二级', 7), ('二级', 7), ('二级', 8), ('二级', 8), ('二级', 9), ('二级', 10), ('二级', 11), ('二级', 12), ('二级', 40), ('三级', 40), ('三级', 41)) AS v (peers, x)) AS s (peers, z)
GROUP BY peers ORDER BY peers COLLATE "C";

-- ---- peer_fences() ----
-- V31, D28: the low fence lies below q1, not below q3
SELECT (peer_fences(x)).* FROM unnest('{6,7,7,8,8,9,10,11,12,40}'::float8[]) AS x;
SELECT (peer_fences(x)).* FROM unnest('{NULL,3}'::float8[]) AS x;
SELECT (peer_fences(x)).* FROM unnest('{}'::float8[]) AS x;
SELECT (peer_fences(x) FILTER (WHERE x < 12)).* FROM unnest('{1,2,3,4,100}'::float8[]) AS x;

-- against plain SQL: quantiles of type 7 by rank, on groups of random size, some with many ties
SELECT setseed(0.25) \gset
CREATE TEMP TABLE peer AS
SELECT g, CASE WHEN g % 4 = 0 THEN floor(random() * 4) WHEN g % 4 = 1 THEN exp(3 * random()) ELSE 1000 * random() - 500 END AS x,
	CASE WHEN g % 2 = 0 THEN floor(random() * 10) ELSE floor(random() * 5000) END::bigint AS events, floor(random() * 20000)::bigint + 10 AS n
FROM generate_series(1, 60) AS g, generate_series(1, 1 + g * 7 % 41);
CREATE FUNCTION pg_temp.type7(g int, share float8, away_from float8 DEFAULT NULL) RETURNS float8 LANGUAGE sql AS $$
	SELECT sum(x * greatest(0, 1 - abs(rank - 1 - share * (count - 1))))
	FROM (SELECT x, row_number() OVER (ORDER BY x) AS rank, count(*) OVER () AS count
		FROM (SELECT CASE WHEN away_from IS NULL THEN p.x ELSE abs(p.x - away_from) END AS x FROM peer AS p WHERE p.g = type7.g) AS v) AS r
$$;
SELECT count(*) AS groups,
	count(*) FILTER (WHERE NOT (pg_temp.near((c).median, median) AND pg_temp.near((c).mad, mad) AND pg_temp.near((c).mean_deviation, deviation) AND (c).n = n)) AS wrong_center,
	count(*) FILTER (WHERE NOT (pg_temp.near((f).q1, q1) AND pg_temp.near((f).median, median) AND pg_temp.near((f).q3, q3) AND (f).n = n
		AND pg_temp.near((f).low, q1 - 1.5 * (q3 - q1)) AND pg_temp.near((f).high, q3 + 1.5 * (q3 - q1)))) AS wrong_fences
FROM (SELECT g, robust_center(x) AS c, peer_fences(x) AS f, count(*) AS n, pg_temp.type7(g, 0.25) AS q1, pg_temp.type7(g, 0.5) AS median, pg_temp.type7(g, 0.75) AS q3 FROM peer GROUP BY g) AS s,
	LATERAL (SELECT pg_temp.type7(g, 0.5, median)) AS m (mad), LATERAL (SELECT avg(abs(x - median)) FROM peer AS p WHERE p.g = s.g) AS d (deviation);

-- ---- rate_interval(), funnel_limits() ----
-- V85, D29: 568 of 800 records
SELECT round(rate::numeric, 6) AS rate, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high FROM rate_interval(568, 800);
-- nobody, everybody: exactly 0 and 1; n 0 and NULLs
SELECT rate, low, round(high::numeric, 6) AS high FROM rate_interval(0, 10);
SELECT rate, round(low::numeric, 6) AS low, high FROM rate_interval(10, 10);
SELECT * FROM rate_interval(0, 0);
SELECT e, n, i.* FROM (VALUES (NULL, 5), (1, NULL)) AS v (e, n), rate_interval(e, n) AS i;
SELECT round(low::numeric, 6) AS low, round(high::numeric, 6) AS high FROM rate_interval(568, 800, 0.99);
SELECT round((low * 1e18)::numeric, 6) AS low, high < 1e-16 AS high FROM rate_interval(1, 9000000000000000000);
-- Wilson's ends are where the distance from the rate is z standard errors of the end itself
SELECT count(*) AS intervals, count(*) FILTER (WHERE NOT (pg_temp.near(abs(rate - low), 1.959963984540054 * sqrt(low * (1 - low) / n))
	AND pg_temp.near(abs(high - rate), 1.959963984540054 * sqrt(high * (1 - high) / n)) AND low <= rate AND rate <= high)) AS wrong
FROM generate_series(1, 60) AS n, generate_series(0, n) AS e, rate_interval(e, n);
-- V39: the smaller the township, the wider the funnel
SELECT n, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high FROM unnest('{1,10,1000,100000,9223372036854775807}'::bigint[]) AS n, funnel_limits(n, 0.175);
SELECT * FROM funnel_limits(0, 0.175);
SELECT n, rate, l.* FROM (VALUES (NULL, 0.5), (10, NULL)) AS v (n, rate), funnel_limits(n, rate) AS l;
SELECT rate, low, high FROM (VALUES (0.0), (1.0)) AS v (rate), funnel_limits(10, rate);
SELECT round(low::numeric, 6) AS low, round(high::numeric, 6) AS high FROM funnel_limits(1000, 0.175, 1.96);

-- ---- rate_prior(), shrunk_rate() ----
SELECT e, n, round((e / n::float8)::numeric, 6) AS rate, round(shrunk_rate(e, n, p)::numeric, 6) AS shrunk,
	(p).groups, round((p).rate::numeric, 6) AS of_all, round((p).variance::numeric, 9) AS variance
FROM (SELECT e, n, rate_prior(e, n) OVER () FROM (VALUES (3, 20), (10, 100), (4, 50), (30, 120), (1, 5)) AS v (e, n)) AS s (e, n, p) ORDER BY n;
-- no more variation than chance: all are drawn to the rate of all; groups of nobody and unknown ones are none
SELECT p, shrunk_rate(10, 100, p) AS same, shrunk_rate(0, 100, p) AS drawn, shrunk_rate(NULL, 5, p) AS unknown, shrunk_rate(0, 0, p) AS of_nobody
FROM (SELECT rate_prior(e, n) FROM (VALUES (10, 100), (10, 100), (20, 200), (10, 100), (5, 50), (0, 0), (NULL, 7), (7, NULL)) AS v (e, n)) AS s (p);
-- no events at all; fewer than five groups; no rows
SELECT p, shrunk_rate(0, 10, p) FROM (SELECT rate_prior(0, 10) FROM generate_series(1, 5)) AS s (p);
SELECT groups, shrunk_rate(1, 10, rate_prior(1, 10)) IS NULL AS unknown FROM generate_series(4, 5) AS groups, generate_series(1, groups) GROUP BY groups ORDER BY groups;
SELECT rate_prior(1, 1) AS no_rows, shrunk_rate(1, 1, rate_prior(1, 1)) AS shrunk FROM generate_series(1, 0);
SELECT shrunk_rate(1, 10, NULL) AS no_prior;
-- against plain SQL, in the terms of Marshall (1991)
SELECT count(*) AS priors, count(*) FILTER (WHERE NOT (pg_temp.near((p).rate, m) AND pg_temp.near((p).variance, a))) AS wrong
FROM (SELECT g % 12 AS k, rate_prior(events, n), sum(events) / sum(n)::float8, sum(n)::float8, count(*) FROM peer GROUP BY 1) AS s (k, p, m, total, groups),
	LATERAL (SELECT greatest(0, sum(n * (events / n::float8 - m) ^ 2) / total - m / (total / groups)) FROM peer WHERE g % 12 = k) AS v (a);

-- ---- gini(), product() ----
SELECT gini(x) AS equal FROM unnest('{3,3,3,3}'::float8[]) AS x;
SELECT gini(x) AS one_has_all FROM unnest('{0,0,0,8}'::float8[]) AS x;
SELECT round(gini(x)::numeric, 6) AS gini FROM unnest('{1,2,NULL,3,4,10}'::float8[]) AS x;
SELECT gini(x) AS alone FROM unnest('{7}'::float8[]) AS x;
SELECT gini(x) AS nothing FROM unnest('{0,0}'::float8[]) AS x;
SELECT gini(x) AS no_rows FROM unnest('{NULL}'::float8[]) AS x;
SELECT gini(x) AS large FROM unnest('{1e308,1e308,1e308}'::float8[]) AS x;
-- against plain SQL: half the mean difference of all pairs over the mean
SELECT count(*) AS groups, count(*) FILTER (WHERE NOT pg_temp.near(gini, slow)) AS wrong
FROM (SELECT g, gini(abs(x)) AS gini, avg(abs(x)) AS mean FROM peer GROUP BY g HAVING sum(abs(x)) > 0) AS s,
	LATERAL (SELECT avg(abs(abs(a.x) - abs(b.x))) / (2 * mean) FROM peer AS a JOIN peer AS b USING (g) WHERE g = s.g) AS p (slow);
SELECT product(x) AS factorial FROM generate_series(1, 20) AS x;
SELECT 1 - product(1 - p) AS noisy_or FROM unnest('{0.5,0.5,NULL,0.5}'::float8[]) AS p;
SELECT product(x) AS signs FROM unnest('{-2,3,-4,-0.5}'::float8[]) AS x;
SELECT product(x) AS zero FROM unnest('{-2,3,0}'::float8[]) AS x;
SELECT product(x) AS no_rows FROM unnest('{}'::float8[]) AS x;
-- what is too small is 0, not an error; nothing on the way is too large or too small
SELECT product(1e-10) AS small FROM generate_series(1, 100);
SELECT round(product(x)::numeric, 6) AS one FROM (SELECT unnest('{1e-300,1e300}'::float8[]) FROM generate_series(1, 20)) AS s (x);

-- ---- leading_digits() ----
SELECT x, leading_digits(x) AS one, leading_digits(x, 2) AS two, leading_digits(x, 3) AS three, leading_digits(x, 9) AS nine
FROM unnest('{0.0520,5,-12.5,100,999.999,0.00000000000000000001,123456789012345678901234567890,0,NULL,NaN,Infinity,-Infinity,0.1,1e-30}'::numeric[]) AS x;
-- against plain SQL, by logarithms, where these are exact enough
SELECT count(*) AS numbers, count(*) FILTER (WHERE leading_digits(x, 2) <> floor(x / 10::numeric ^ (floor(log(x)) - 1))) AS wrong
FROM (SELECT i * 1.37 FROM generate_series(1, 2000) AS i UNION ALL SELECT i / 1000.0 FROM generate_series(1, 1000) AS i) AS v (x);

-- ---- benford(), benford_second() ----
CREATE FUNCTION pg_temp.shown(b benford_result, OUT n bigint, OUT digits int, OUT mad numeric, OUT expected numeric, OUT excess numeric, OUT chi_square numeric,
	OUT degrees int, OUT p text, OUT conformity text, OUT corrected text) LANGUAGE sql AS $$
	SELECT (b).n, (b).digits, round((b).mad::numeric, 9), round((b).expected_mad::numeric, 9), round((b).excess_mad::numeric, 9), round((b).chi_square::numeric, 6),
		(b).degrees, to_char((b).p_value, '9.99999EEEE'), (b).conformity, (b).corrected
$$;
-- V67 not: amounts that grow by one percent follow the law
SELECT (pg_temp.shown(benford(leading_digits(round(10 * 1.01 ^ i, 2))))).* FROM generate_series(1, 1000) AS i;
SELECT (benford(leading_digits(round(10 * 1.01 ^ i, 2)))).counts FROM generate_series(1, 1000) AS i;
-- V67, V25 flag: every amount of whole yuan as often as the other
SELECT (pg_temp.shown(benford(leading_digits(i, 2)))).* FROM generate_series(100, 999) AS i;
SELECT (pg_temp.shown(benford(leading_digits(i)))).* FROM generate_series(100, 999) AS i;
SELECT (pg_temp.shown(benford(leading_digits(i, 3)))).*, cardinality((benford(leading_digits(i, 3))).counts) AS kinds FROM generate_series(100, 999) AS i;
SELECT (pg_temp.shown(benford_second(leading_digits(i, 2)))).* FROM generate_series(100, 999) AS i;
SELECT (benford_second(leading_digits(i, 2))).counts FROM generate_series(100, 149) AS i;
-- what chance alone gives: 1 / sqrt(18.13 n), 1 / sqrt(158.83 n), 1 / sqrt(17.52 n)
SELECT round((1 / (b).expected_mad ^ 2)::numeric, 2) AS first, round((1 / (t).expected_mad ^ 2)::numeric, 2) AS two, round((1 / (s).expected_mad ^ 2)::numeric, 2) AS second
FROM (SELECT benford(1), benford(10), benford_second(10)) AS v (b, t, s);
-- 300 amounts by the law are nonconforming by their mad, of which nearly all is chance: corrected says close; 40,000 of them are close
SELECT (pg_temp.shown(benford(leading_digits(round((10 ^ (1 + i * 0.6180339887498949 % 1))::numeric, 4), 2)))).* FROM generate_series(1, 40000) AS i;
SELECT (pg_temp.shown(benford(leading_digits(round((10 ^ (1 + (i * i % 7919) / 7919.0))::numeric, 6), 2)))).* FROM generate_series(1, 300) AS i;
-- NULLs are left out; no digits
SELECT (benford(d)).n, (benford(d)).counts FROM unnest('{1,NULL,2,9,NULL}'::int[]) AS d;
SELECT benford(d) IS NULL AS nulls, benford_second(d) IS NULL AS second FROM unnest('{NULL,NULL}'::int[]) AS d;
SELECT benford(d) IS NULL AS no_rows, benford_second(d) IS NULL AS second FROM unnest('{}'::int[]) AS d;
-- against plain SQL
SELECT digits, pg_temp.near((b).mad, mad) AND pg_temp.near((b).expected_mad, expected) AND pg_temp.near((b).chi_square, chi) AND (b).degrees = degrees
	AND pg_temp.near((b).p_value, chi_square_tail(chi, degrees)) AS agree
FROM generate_series(1, 3) AS digits, LATERAL (SELECT benford(leading_digits((x * 10 + 5001)::numeric, digits)) FROM peer) AS v (b),
	LATERAL (SELECT avg(abs(o - p)), avg(sqrt(2 * p * (1 - p) / (pi() * total))), sum(total * (o - p) ^ 2 / p), count(*)::int - 1
		FROM (SELECT (SELECT count(*) FROM peer WHERE "left"(translate((x * 10 + 5001)::numeric::text, '.', ''), digits) = d::text) / total::float8, ln(1 + 1.0 / d) / ln(10), total
			FROM generate_series((10 ^ (digits - 1))::int, (10 ^ digits)::int - 1) AS d, (SELECT count(*) FROM peer) AS t (total)) AS e (o, p, total)) AS slow (mad, expected, chi, degrees);
-- where each limit lies
SELECT mad, _benford_conformity(mad, '{0.006,0.012,0.015}') FROM unnest('{-0.001,0.006,0.0060001,0.012,0.0120001,0.015,0.0150001}'::float8[]) AS mad;

-- ---- ratio_estimate(), extrapolation() ----
CREATE TEMP TABLE record AS SELECT * FROM (VALUES
	(1, 1431, 0, 10),
	(2, 2241, 300, 8),
	(3, 1005, 0, 20),
	(4, 1203, 300, 5),
	(5, 949, 0, 12),
	(6, 2073, 200, 10),
	(7, 939, 0, 25),
	(8, 659, 250, 4)) AS v (record_no, claimed, found, weight);
-- V85, D29: 8 of 100 records, each as likely, 120,000 yuan claimed
SELECT e.n, e.found, e.claimed, e.weighted_found, e.weighted_claimed, round(e.ratio, 9) AS ratio, round(e.squares, 4) AS squares, x.*
FROM (SELECT (ratio_estimate(found, claimed, 100 / 8.0)).* FROM record) AS e, extrapolation(e, 100, 120000) AS x;
-- drawn with unequal chances
SELECT e.n, e.found, e.claimed, e.weighted_found, e.weighted_claimed, round(e.ratio, 9) AS ratio, round(e.squares, 4) AS squares, x.*
FROM (SELECT (ratio_estimate(found, claimed, weight)).* FROM record) AS e, extrapolation(e, 100, 120000) AS x;
-- one finding of 1,050 in eight: nothing sure about the rest, what was found is asked for
SELECT x.* FROM (SELECT ratio_estimate(CASE record_no WHEN 1 THEN 1050 ELSE 0 END, claimed, 12.5) FROM record) AS s (e), extrapolation(e, 100, 120000) AS x;
-- the claims of all unknown: those of the sample by weight; another confidence; all records in the sample: no doubt is left
SELECT x.* FROM (SELECT ratio_estimate(found, claimed, 12.5) FROM record) AS s (e), extrapolation(e, 100) AS x;
SELECT x.* FROM (SELECT ratio_estimate(found, claimed, 12.5) FROM record) AS s (e), extrapolation(e, 100, 120000, 0.95) AS x;
SELECT x.* FROM (SELECT ratio_estimate(found, claimed, 1) FROM record) AS s (e), extrapolation(e, 8) AS x;
-- nothing found is nothing, for sure; one record: the total alone; none, nothing claimed, NULL: nothing is known
SELECT x.* FROM (SELECT ratio_estimate(0, claimed, 12.5) FROM record) AS s (e), extrapolation(e, 100, 120000) AS x;
SELECT x.* FROM (SELECT ratio_estimate(found, claimed, 12.5) FROM record WHERE found > 0 AND record_no = (SELECT min(record_no) FROM record WHERE found > 0)) AS s (e), extrapolation(e, 100, 120000) AS x;
SELECT e, x.* FROM (SELECT ratio_estimate(found, claimed, 12.5) FROM record WHERE false) AS s (e), extrapolation(e, 100, 120000) AS x;
SELECT e, x.* FROM (SELECT ratio_estimate(5, 0, 2) FROM record) AS s (e), extrapolation(e, 100, 120000) AS x;
SELECT x.* FROM extrapolation(NULL, 100, 120000) AS x;
-- what was paid too little is set against the rest
SELECT (x).total < (y).total AS less FROM (SELECT extrapolation(ratio_estimate(found - 10, claimed, 12.5), 100), extrapolation(ratio_estimate(found, claimed, 12.5), 100) FROM record) AS s (x, y);
-- strata: totals and squared errors add
SELECT sum((x).total) AS total, round(sqrt(sum((x).standard_error ^ 2)), 2) AS standard_error
FROM (SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 50) FROM record GROUP BY record_no % 2) AS s (x);
-- against plain SQL: in the terms of the formula, row by row
CREATE TEMP TABLE drawn AS
SELECT s, round((random() * 5000)::numeric, 2) AS claimed, CASE WHEN random() < 0.4 THEN round((random() * 900)::numeric, 2) ELSE 0 END AS found, round((1 + random() * 30)::numeric, 4) AS weight
FROM generate_series(1, 40) AS s, generate_series(1, 2 + s % 30);
SELECT count(*) AS samples, count(*) FILTER (WHERE NOT (abs((x).total - r * 1e6) <= 0.005001 AND abs((x).standard_error - sqrt(v)) <= 0.0051
	AND abs((x).low - greatest(r * 1e6 - t * sqrt(v), 0)) <= 0.0051 AND abs((x).high - (r * 1e6 + t * sqrt(v))) <= 0.0051
	AND (x).demand = greatest((x).low, found))) AS wrong, count(*) FILTER (WHERE (x).low = 0) AS nothing_sure
FROM (SELECT s, count(*) AS n, sum(weight * found) / sum(weight * claimed) AS r, sum(weight * claimed) AS wx, sum(found) AS found,
		extrapolation(ratio_estimate(found, claimed, weight), 500, 1000000) AS x FROM drawn GROUP BY s) AS e,
	LATERAL (SELECT (1 - n / 500.0) * n / (n - 1) * sum((weight * (found - r * claimed)) ^ 2) * (1e6 / wx) ^ 2, student_quantile(0.95, (n - 1)::int)::numeric FROM drawn AS d WHERE d.s = e.s) AS slow (v, t);
-- the interval holds what it says: of 300 samples of 40 of 400 records, 90 % should have the truth within
SELECT setseed(0.1) \gset
CREATE TEMP TABLE universe AS
SELECT i, 200 + floor(random() * 2000)::numeric AS claimed, random() AS found_share, random() < 0.5 AS wrong FROM generate_series(1, 400) AS i;
SELECT count(*) AS samples, count(*) FILTER (WHERE truth BETWEEN (x).low AND (x).high) BETWEEN 255 AND 285 AS about_270, count(*) FILTER (WHERE truth < (x).low) BETWEEN 3 AND 24 AS about_15_ask_too_much
FROM (SELECT s, extrapolation(ratio_estimate(CASE WHEN wrong THEN round(claimed * found_share::numeric, 2) ELSE 0 END, claimed, 10), 400, (SELECT sum(claimed) FROM universe))
	FROM (SELECT s, u.*, row_number() OVER (PARTITION BY s ORDER BY random()) AS place FROM generate_series(1, 300) AS s, universe AS u) AS r
	WHERE place <= 40 GROUP BY s) AS e (s, x),
	(SELECT sum(CASE WHEN wrong THEN round(claimed * found_share::numeric, 2) ELSE 0 END) FROM universe) AS t (truth);

-- ---- the order of rows, workers and how groups are made change no digit ----
-- workers read no temporary tables
CREATE TABLE public.many AS
SELECT i % 7 AS g, (random() * 1000)::float8 AS x, floor(random() * 50)::bigint AS events, 50 + floor(random() * 500)::bigint AS n, 1 + floor(random() * 9)::int AS digit
FROM generate_series(1, 6000) AS i;
ANALYZE many;
CREATE FUNCTION pg_temp.plan_has(query text, node text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF) ' || query INTO plan;
	RETURN plan::text LIKE '%' || node || '%';
END
$$;
\set statistics 'SELECT g, robust_center(x) AS c, peer_fences(x) AS f, rate_prior(events, n) AS p, gini(x) AS i, product(x / 500) AS m, benford(digit) AS b, benford_second(digit + 10) AS s, ratio_estimate(events, n, 1.5) AS r FROM many GROUP BY g'
CREATE TEMP TABLE serial AS :statistics;
CREATE TEMP TABLE shuffled AS SELECT g, robust_center(x ORDER BY random()) AS c, peer_fences(x ORDER BY random()) AS f, rate_prior(events, n ORDER BY random()) AS p, gini(x ORDER BY random()) AS i,
	product(x / 500 ORDER BY random()) AS m, benford(digit ORDER BY random()) AS b, benford_second(digit + 10 ORDER BY random()) AS s, ratio_estimate(events, n, 1.5 ORDER BY random()) AS r FROM many GROUP BY g;
CREATE TEMP TABLE by_window AS SELECT DISTINCT g, robust_center(x) OVER w AS c, peer_fences(x) OVER w AS f, rate_prior(events, n) OVER w AS p, gini(x) OVER w AS i,
	product(x / 500) OVER w AS m, benford(digit) OVER w AS b, benford_second(digit + 10) OVER w AS s, ratio_estimate(events, n, 1.5) OVER w AS r FROM many WINDOW w AS (PARTITION BY g);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.plan_has(:'statistics', 'Gather') AS gathers, pg_temp.plan_has(:'statistics', '"Partial Mode": "Partial"') AS partial;
CREATE TEMP TABLE parallel AS :statistics;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS groups, count(*) FILTER (WHERE one::text = two::text) AS shuffled, count(*) FILTER (WHERE one::text = three::text) AS by_window,
	count(*) FILTER (WHERE one::text = four::text) AS parallel
FROM serial AS one JOIN shuffled AS two USING (g) JOIN by_window AS three USING (g) JOIN parallel AS four USING (g);
-- a moving frame: the state is asked again and again
SELECT count(*) FILTER (WHERE NOT pg_temp.near((c).median, m)) AS wrong
FROM (SELECT robust_center(x) OVER (ORDER BY x ROWS BETWEEN 4 PRECEDING AND CURRENT ROW), lag(x, 2) OVER (ORDER BY x), row_number() OVER (ORDER BY x)
	FROM (SELECT x FROM many LIMIT 100) AS v) AS s (c, m, i) WHERE i >= 5;
DROP TABLE public.many;

-- ---- bad input ----
\set VERBOSITY sqlstate
SELECT robust_center(x) FROM unnest('{1,NaN}'::float8[]) AS x;
SELECT robust_center(x) FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT robust_center(x) FROM unnest('{1,-Infinity}'::float8[]) AS x;
SELECT robust_zscore('NaN', robust_center(x)) FROM generate_series(1, 9) AS x;
SELECT robust_zscore('Infinity', robust_center(x)) FROM generate_series(1, 9) AS x;
SELECT peer_fences(x) FROM unnest('{1,NaN}'::float8[]) AS x;
SELECT peer_fences(x) FROM unnest('{-Infinity,1}'::float8[]) AS x;
SELECT rate_interval(-1, 10);
SELECT rate_interval(11, 10);
SELECT rate_interval(0, -1);
SELECT rate_interval(1, 10, NULL);
SELECT rate_interval(1, 10, 0);
SELECT rate_interval(1, 10, 1);
SELECT rate_interval(1, 10, 'NaN');
SELECT funnel_limits(-1, 0.5);
SELECT funnel_limits(10, 1.01);
SELECT funnel_limits(10, -0.01);
SELECT funnel_limits(10, 'NaN');
SELECT funnel_limits(10, 0.5, NULL);
SELECT funnel_limits(10, 0.5, 0);
SELECT funnel_limits(10, 0.5, 'NaN');
SELECT funnel_limits(10, 0.5, 'Infinity');
SELECT rate_prior(-1, 10);
SELECT rate_prior(1, -10);
SELECT shrunk_rate(-1, 10, rate_prior(1, 10)) FROM generate_series(1, 5);
SELECT shrunk_rate(1, -10, rate_prior(1, 10)) FROM generate_series(1, 5);
SELECT gini(x) FROM unnest('{1,-1}'::float8[]) AS x;
SELECT gini(x) FROM unnest('{1,NaN}'::float8[]) AS x;
SELECT gini(x) FROM unnest('{1,Infinity}'::float8[]) AS x;
SELECT product(x) FROM unnest('{0,NaN}'::float8[]) AS x;
SELECT product(x) FROM unnest('{0,Infinity}'::float8[]) AS x;
SELECT product(1e200) FROM generate_series(1, 2);
SELECT leading_digits(5, NULL);
SELECT leading_digits(5, 0);
SELECT leading_digits(5, 10);
SELECT leading_digits(x, 0) FROM unnest('{NULL}'::numeric[]) AS x;
SELECT benford(d) FROM unnest('{1,10}'::int[]) AS d;
SELECT benford(d) FROM unnest('{10,100}'::int[]) AS d;
SELECT benford(d) FROM unnest('{0,1}'::int[]) AS d;
SELECT benford(-1);
SELECT benford(1000);
SELECT benford_second(9);
SELECT benford_second(100);
SELECT ratio_estimate(NULL, 1, 1);
SELECT ratio_estimate(1, NULL, 1);
SELECT ratio_estimate(1, 1, NULL);
SELECT ratio_estimate('NaN', 1, 1);
SELECT ratio_estimate('Infinity', 1, 1);
SELECT ratio_estimate('-Infinity', 1, 1);
SELECT ratio_estimate(1, -1, 1);
SELECT ratio_estimate(1, 'NaN', 1);
SELECT ratio_estimate(1, 'Infinity', 1);
SELECT ratio_estimate(1, 1, 0);
SELECT ratio_estimate(1, 1, -1);
SELECT ratio_estimate(1, 1, 'NaN');
SELECT ratio_estimate(1, 1, 'Infinity');
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), NULL) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 7) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, -1) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, 'NaN') FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, 'Infinity') FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, NULL, NULL) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, NULL, 0) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, NULL, 1) FROM record;
SELECT extrapolation(ratio_estimate(found, claimed, 12.5), 100, NULL, 'NaN') FROM record;
SELECT extrapolation(NULL, -1);
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT robust_center(x) FROM unnest('{1,NaN}'::float8[]) AS x;
SELECT benford(d) FROM unnest('{9,10}'::int[]) AS d;
SELECT ratio_estimate(NULL, 1, 1);
