-- Days without care (D11), likeness of ledgers, contradictions within a line (D08).
SET search_path = medaudit, public;
SET DateStyle = 'ISO, YMD';
\pset null ~

-- Each line: item|quantity|time
CREATE FUNCTION pg_temp.book(lines text[]) RETURNS ledger LANGUAGE sql AS $$
	SELECT ledger(split_part(l, '|', 1), split_part(l, '|', 2)::numeric, 10 * split_part(l, '|', 2)::numeric, split_part(l, '|', 3)::timestamp)
	FROM unnest(lines) l
$$;

-- V20 (a), D11 flag: ten days, the 1st and the 10th left out: care on 2, 3 and 8, bed and nursing on 5 and 6
SELECT * FROM bed_days(pg_temp.book('{DRUG|1|2026-03-02 08:00,LAB|1|2026-03-03 23:59,DRUG|1|2026-03-08,BED|1|2026-03-05,NURSE1|1|2026-03-06,LAB|1|2026-03-01 10:00,LAB|3|2026-03-10 10:00}'),
	'2026-03-01 10:00', '2026-03-10 09:00', '{BED,NURSE}');
-- passive items asked for none: bed and nursing are care; a trailing % means the same
SELECT active_days, idle_days, bare_days FROM bed_days(pg_temp.book('{DRUG|1|2026-03-02 08:00,BED|1|2026-03-05,NURSE1|1|2026-03-06}'), '2026-03-01 10:00', '2026-03-10 09:00');
SELECT active_days, idle_days, bare_days FROM bed_days(pg_temp.book('{DRUG|1|2026-03-02 08:00,BED|1|2026-03-05,NURSE1|1|2026-03-06}'), '2026-03-01 10:00', '2026-03-10 09:00', '{BED%,NURSE%}');
-- V20 (a) flag: care that was refunded is none; the day stays bare
SELECT active_days, idle_dates, bare_days FROM bed_days(pg_temp.book('{DRUG|1|2026-03-02 08:00,DRUG|-1|2026-03-09 08:00}'), '2026-03-01', '2026-03-04');
-- V20, D11 not: a single empty Sunday shows as one day; no inner day: no share
SELECT idle_days, longest_idle, idle_share FROM bed_days(pg_temp.book('{D|1|2026-03-02,D|1|2026-03-03,D|1|2026-03-05}'), '2026-03-01', '2026-03-06');
SELECT * FROM bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01 23:59', '2026-03-02 00:01');
SELECT * FROM bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', '2026-03-01');
-- V20 (a) flag: across the year 2000, from a midnight: days before it are numbered below 0, its evening is day -1
SELECT stay_days, active_days, idle_dates FROM bed_days(pg_temp.book('{D|1|1999-12-30 09:00,D|1|2000-01-01 09:00}'), '1999-12-29', '2000-01-02 10:00');
SELECT stay_days, active_days, idle_dates FROM bed_days(pg_temp.book('{D|1|1999-12-30 09:00}'), '1999-12-29', '1999-12-31 15:00');
-- NULLs, a stay that ends before it begins, bad input
SELECT bed_days(NULL, '2026-03-01', '2026-03-05') IS NULL, bed_days(pg_temp.book('{D|1|2026-03-02}'), NULL, '2026-03-05') IS NULL,
	   bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-05', NULL) IS NULL, bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-05', '2026-03-01') IS NULL;
\set VERBOSITY sqlstate
SELECT bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', '2026-03-05', NULL);
SELECT bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', '2026-03-05', '{BED,NULL}');
SELECT bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', 'infinity');
\set VERBOSITY default
-- against plain SQL
SELECT setseed(0.5) \gset
CREATE TEMP TABLE charge AS
SELECT v, (ARRAY['BED', 'LAB', 'DRUG'])[1 + floor(random() * 3)::int] AS item, timestamp '2026-03-01' + random() * interval '15 days' AS at
FROM generate_series(1, 200) v, generate_series(1, 8);
SELECT count(*) AS visits, count(*) FILTER (WHERE (s.idle, s.bare, s.dates, s.longest) IS DISTINCT FROM (d.idle_days, d.bare_days, d.idle_dates, d.longest_idle)) AS wrong
FROM (SELECT v, ledger(item, 1, 1, at) AS book FROM charge GROUP BY v) b,
	 LATERAL bed_days(book, '2026-03-02 10:00', '2026-03-14 10:00', '{BED}') d,
	 LATERAL (SELECT count(*)::int AS idle, count(*) FILTER (WHERE bare)::int AS bare, coalesce(array_agg(on_date ORDER BY on_date), '{}') AS dates,
					 coalesce((SELECT max(n) FROM (SELECT count(*)::int AS n FROM (SELECT d, d - (row_number() OVER (ORDER BY d))::int AS island FROM unnest(array_agg(on_date)) d) r GROUP BY island) x), 0) AS longest
			  FROM (SELECT g::date AS on_date, NOT EXISTS (SELECT FROM charge c WHERE c.v = b.v AND at::date = g::date) AS bare
					FROM generate_series(date '2026-03-03', date '2026-03-13', '1 day') g
					WHERE NOT EXISTS (SELECT FROM charge c WHERE c.v = b.v AND at::date = g::date AND item <> 'BED')) i) s;

-- V20, D11 not: treatment billed by the week, at its end, at its beginning; the day of
-- a drug in between is passed by; half a unit is none; a refund takes days away
SELECT label, active_days, idle_days, idle_dates FROM (VALUES
	(1, 'seven on the eighth: the second to the eighth', '{T|7|2026-03-08}'::text[]),
	(2, 'seven on the second: it, the first, the third to the seventh', '{T|7|2026-03-02}'),
	(3, 'three on the fifth, a drug on the fourth: the fifth, third and second', '{T|3|2026-03-05,D|1|2026-03-04}'),
	(4, 'two lines of three on one date: five dates', '{T|3|2026-03-07,T|3|2026-03-07}'),
	(5, 'two and a half are two', '{T|2.5|2026-03-07}'), (6, 'one and a half is one', '{T|1.5|2026-03-07}'),
	(7, 'three of five given back', '{T|5|2026-03-07,T|-3|2026-03-09}'), (8, 'all given back', '{T|5|2026-03-07,T|-5|2026-03-09}'),
	(9, 'posted after the discharge', '{T|3|2026-03-12}'), (10, 'more than the stay has', '{T|100|2026-03-05}'),
	(11, 'quantities of drugs are no days', '{D|7|2026-03-08}'), (12, 'nor those of a passive item', '{BEDT|7|2026-03-08}'),
	(13, 'on the day of admission: then on from it', '{T|3|2026-03-01}')) AS t (n, label, lines),
	_bed_days(pg_temp.book(lines), '2026-03-01 10:00', '2026-03-10 09:00', '{BED}', '{T,BEDT}') ORDER BY n;
SELECT bed_days(b, '2026-03-01', '2026-03-10', '{BED}') = _bed_days(b, '2026-03-01', '2026-03-10', '{BED}', '{}') AS same FROM pg_temp.book('{T|7|2026-03-08,BED|1|2026-03-04}') AS b;
\set VERBOSITY sqlstate
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', '2026-03-05', '{}', NULL);
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), '2026-03-01', '2026-03-05', '{}', '{NULL}');
\set VERBOSITY default
-- against plain SQL, line by line
CREATE TEMP TABLE lasting AS
SELECT v, (ARRAY['BED', 'T1', 'T2', 'DRUG'])[1 + floor(random() * 4)::int] AS item, 1 + floor(random() * 6)::int AS quantity, timestamp '2026-02-27' + random() * interval '21 days' AS at
FROM generate_series(1, 300) v, generate_series(1, 5);
CREATE FUNCTION pg_temp.slow_idle(visit int) RETURNS date[] LANGUAGE plpgsql AS $$
DECLARE
	active date[];
	line record;
	further int;
	day date;
BEGIN
	SELECT array_agg(CASE WHEN item LIKE 'T%' AND quantity > 1 THEN least(greatest(at::date, '2026-03-02'), '2026-03-14') ELSE at::date END)
	INTO active FROM lasting WHERE v = visit AND item <> 'BED';
	FOR line IN SELECT least(greatest(at::date, '2026-03-02'), '2026-03-14') AS own, quantity FROM lasting WHERE v = visit AND item LIKE 'T%' AND quantity > 1 ORDER BY at LOOP
		further := line.quantity - 1;
		FOR day IN SELECT line.own + g FROM generate_series(-20, 20) AS g WHERE line.own + g BETWEEN '2026-03-02' AND '2026-03-14' ORDER BY g >= 0, abs(g) LOOP
			EXIT WHEN further = 0;
			CONTINUE WHEN day = ANY (active);
			active := active || day;
			further := further - 1;
		END LOOP;
	END LOOP;
	RETURN coalesce((SELECT array_agg(g::date ORDER BY g) FROM generate_series(date '2026-03-03', date '2026-03-13', '1 day') AS g WHERE NOT coalesce(g::date = ANY (active), false)), '{}');
END $$;
SELECT count(*) AS visits, count(*) FILTER (WHERE idle_dates <> pg_temp.slow_idle(v)) AS wrong, count(*) FILTER (WHERE idle_days > 0) > 50 AS some
FROM (SELECT v, ledger(item, quantity, 1, at) AS book FROM lasting GROUP BY v) b, _bed_days(book, '2026-03-02 10:00', '2026-03-14 10:00', '{BED}', '{T}');

-- V25, D24 likeness: of a ledger with itself 1, of strangers about 0, whatever the order and dates
SELECT length(fee_signature(pg_temp.book('{A|1|2026-03-02,B|2|2026-03-02}'))) AS bytes,
	   signature_similarity(fee_signature(pg_temp.book('{A|1|2026-03-02,B|2|2026-03-02}')), fee_signature(pg_temp.book('{B|2|2026-04-02,A|0.5|2026-03-02,A|0.5|2026-03-05}'))) AS same,
	   round(signature_similarity(fee_signature(pg_temp.book('{A|1|2026-03-02,B|2|2026-03-02}')), fee_signature(pg_temp.book('{C|1|2026-03-02,D|2|2026-03-02}')))::numeric, 1) AS strangers;
-- V25, D24: which bills look alike, from 0.95 on
SELECT label, expected, signature_similarity(fee_signature(pg_temp.book(a)), fee_signature(pg_temp.book(b))) >= 0.95 AS got
FROM (SELECT array_agg('I' || i || '|' || i || '|2026-03-02 08:00' ORDER BY i) AS bill FROM generate_series(1, 40) AS i) AS t, LATERAL (VALUES
	('V25, D24 flag: one bill for two patients', true, bill, bill),
	('V25, D24 flag: on other days, in another order', true, bill, ARRAY(SELECT replace(l, '03-02 08', '04-0' || length(l) % 3 + 1 || ' 09') FROM unnest(bill) AS l ORDER BY md5(l))),
	('V25 flag: a line more, and taken back', true, bill, bill || '{X|90|2026-03-02,X|-90|2026-03-03}'::text[]),
	('V25, D24 not: one clinical path, quantities of each patient', false, bill, ARRAY(SELECT 'I' || i || '|' || i * (2 + i % 3) / 2.0 || '|2026-03-02' FROM generate_series(1, 40) AS i)),
	('V25, D24 not: half of it the package of the disease', false, bill, bill[:20] || ARRAY(SELECT 'P' || i || '|' || i || '|2026-03-02' FROM generate_series(21, 40) AS i)),
	('V25 not: other items', false, bill, ARRAY(SELECT 'Q' || l FROM unnest(bill) AS l))) AS c (label, expected, a, b);
SELECT fee_signature(NULL) IS NULL, fee_signature(pg_temp.book('{A|1|2026-03-02,A|-1|2026-03-03}')) IS NULL, signature_similarity(NULL, NULL) IS NULL;
\set VERBOSITY sqlstate
SELECT signature_similarity('\x01', fee_signature(pg_temp.book('{A|1|2026-03-02}')));
SELECT signature_similarity(overlay(fee_signature(pg_temp.book('{A|1|2026-03-02}')) PLACING '\x02' FROM 1), fee_signature(pg_temp.book('{A|1|2026-03-02}')));
\set VERBOSITY default
-- against the exact weighted Jaccard: unbiased, standard error at most 0.045
CREATE TEMP TABLE basket AS
SELECT b, i, greatest(0, round((random() * 4 * CASE WHEN b % 2 = 1 THEN 1 ELSE 0.3 END + CASE WHEN (b / 2) % 2 = 0 THEN i % 3 ELSE 0 END)::numeric, 1)) AS q
FROM generate_series(1, 400) b, generate_series(1, 25) i;
CREATE TEMP TABLE likeness AS
SELECT signature_similarity(a.s, b.s) AS estimate, exact
FROM (SELECT b, fee_signature(ledger('I' || i, q, q, timestamp '2026-03-01') FILTER (WHERE q > 0)) AS s FROM basket GROUP BY b) a
JOIN (SELECT b, fee_signature(ledger('I' || i, q, q, timestamp '2026-03-01') FILTER (WHERE q > 0)) AS s FROM basket GROUP BY b) b ON b.b = a.b + 1,
LATERAL (SELECT sum(least(x.q, y.q)) / sum(greatest(x.q, y.q)) AS exact FROM basket x JOIN basket y USING (i) WHERE x.b = a.b AND y.b = b.b) e;
SELECT count(*) AS pairs, abs(avg(estimate - exact)) < 0.01 AS unbiased, stddev(estimate - exact) < 0.05 AS within_error,
	   count(*) FILTER (WHERE abs(estimate - exact) > 0.09) < 40 AS nineteen_of_twenty, max(exact) - min(exact) > 0.2 AS spread
FROM likeness;

-- The cases of D08: what contradicts itself in a line
CREATE TEMP TABLE line_case (n int GENERATED ALWAYS AS IDENTITY, label text, expected text[], charged_at timestamp DEFAULT '2026-03-03 08:00',
	quantity numeric DEFAULT 1, price numeric, amount numeric DEFAULT 10, claimed numeric, admitted_at timestamp DEFAULT '2026-03-02 10:00', discharged_at timestamp DEFAULT '2026-03-05 10:00');
INSERT INTO line_case (label, expected, charged_at) VALUES
	('D08 flag: the day before admission, 23:59', '{before_admission}', '2026-03-01 23:59'),
	('D08 flag: the day after discharge, 00:00', '{after_discharge}', '2026-03-06 00:00'),
	('D08 flag: no time at all', '{no_charged_at}', NULL),
	('D08 not: the day of admission before the hour, 00:01', '{}', '2026-03-02 00:01'),
	('D08 not: the day of discharge at 23:59', '{}', '2026-03-05 23:59');
INSERT INTO line_case (label, expected, charged_at, admitted_at, discharged_at) VALUES
	('D08 not: outpatient charges merged into the stay, no stay is asked about', '{}', '2026-02-20 08:00', NULL, NULL),
	('D08 not: still in', '{}', '2026-04-20 08:00', '2026-03-02 10:00', NULL),
	('D08 flag: discharge before admission', '{discharge_before_admission,before_admission}', '2026-03-04 08:00', '2026-03-05 10:00', '2026-03-04 10:00');
INSERT INTO line_case (label, expected, quantity, price, amount, claimed) VALUES
	('D08 flag: amount above the product by 0.05', '{amount_not_quantity_times_price}', 3, 10, 30.05, 10),
	('D08 flag: amount below the product by 0.05', '{amount_not_quantity_times_price}', 3, 10, 29.95, 10),
	('D08 flag: the product of a refund', '{amount_not_quantity_times_price}', -3, 10, -30.05, -10),
	('D08 not: rounded to a cent', '{}', 3, 3.333, 10, 10),
	('D08 not: a cent', '{}', 3, 10, 30.01, 10),
	('D08 not: prices of six decimals', '{}', 1000, 1.234567, 1234.57, 10),
	('D08 not: prices of six decimals, many tablets', '{}', 100000, 0.004949, 494.90, 10),
	('D08 flag: prices of six decimals, by 0.05', '{amount_not_quantity_times_price}', 1000, 1.234567, 1234.62, 10),
	('D08 not: a package, no price given', '{}', 3, NULL, 31, 10),
	('D08 flag: claimed above amount', '{claimed_above_amount}', 1, 10, 10, 10.01),
	('D08 flag: claimed above amount, of a refund', '{claimed_above_amount}', -2, 10, -20, -21),
	('D08 not: all of it claimed, or nothing', '{}', 1, 10, 10, 10),
	('D08 not: self-paid', '{}', 1, 10, 10, 0),
	('D08 not: claimed unknown', '{}', 1, 10, 10, NULL),
	('D08 flag: amount against the sign of the quantity', '{sign,amount_not_quantity_times_price}', 1, 10, -10, NULL),
	('D08 flag: claim against the sign of the amount', '{sign}', -1, 10, -10, 10),
	('D08 flag: money for quantity 0', '{sign}', 0, NULL, 10, NULL),
	('D08 flag: a negative price', '{sign,amount_not_quantity_times_price}', 1, -10, 10, NULL),
	('D08 not: a negative line with negative amounts', '{}', -2, 10, -20, -20),
	('D08 not: a refund of money alone', '{}', 0, NULL, -4, -4),
	('D08 flag: neither quantity nor amount', '{no_quantity,no_amount}', NULL, 10, NULL, NULL);
CREATE TEMP VIEW line_answer AS
SELECT n, label, expected, line_problems(admitted_at, discharged_at, charged_at, quantity, price, amount, claimed) AS got FROM line_case;
SELECT label, expected, got FROM line_answer ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM line_answer;
-- Counts of a group: what line_problems() says, and plain SQL; parallel as serial
CREATE TABLE counted_line AS
SELECT n, n * 7919 % 300 AS g, CASE WHEN n % 61 > 0 THEN 'A' END AS item, q, p, CASE WHEN n % 47 > 0 THEN round(q * p, 2) + e END AS a, k * (round(q * p, 2) + e) AS k,
	CASE WHEN n % 53 > 0 THEN timestamp '2025-03-01' END AS t, CASE n % 41 WHEN 0 THEN true WHEN 1 THEN NULL ELSE false END AS bad
FROM generate_series(1, 12000) n,
	LATERAL (SELECT (ARRAY[1, 3, -2, 0.5, 0, 100000, 1000, 0.00004, 7.12345, NULL])[1 + abs(hashint4(n)) % CASE WHEN n % 10 < 7 THEN 3 ELSE 10 END] AS q,
		(ARRAY[10, 3.333, 0.5, 1.234567, 0.004949, 12.3456, -10, 1e7, NULL])[1 + abs(hashint4(n + 1)) % CASE WHEN n % 10 < 7 THEN 3 ELSE 9 END] AS p,
		(ARRAY[0, 0, 0.01, -0.01, 0.010001, -0.0101, 0.05, 1e-9])[1 + abs(hashint4(n + 2)) % CASE WHEN n % 10 < 6 THEN 2 ELSE 8 END] AS e,
		(ARRAY[1, 0, 0.5, NULL, -1, 1.01])[1 + abs(hashint4(n + 3)) % CASE WHEN n % 10 < 6 THEN 4 ELSE 6 END] AS k) AS x;
-- groups without a problem, of one line
INSERT INTO counted_line SELECT n, n, 'B', 2, 10, 20, 20, '2025-03-01', false FROM generate_series(1000, 1100) AS n;
CREATE TEMP VIEW slow_counts AS
SELECT g, nullif(ARRAY[count(*) FILTER (WHERE item IS NULL OR q IS NULL OR a IS NULL OR t IS NULL), count(*) FILTER (WHERE bad),
	count(*) FILTER (WHERE p < 0 OR sign(round(q, 4)) * sign(round(a, 4)) < 0 OR round(q, 4) = 0 AND round(a, 4) > 0 OR sign(round(a, 4)) * sign(round(k, 4)) < 0),
	count(*) FILTER (WHERE abs(q * p - a) > 0.01), count(*) FILTER (WHERE abs(round(k, 4)) > abs(round(a, 4)))]::int[], '{0,0,0,0,0}') AS counts
FROM counted_line GROUP BY g;
CREATE FUNCTION pg_temp.wrong_counts() RETURNS TABLE (groups bigint, wrong bigint, without bigint, each_met bool) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE f.counts IS DISTINCT FROM s.counts), count(*) FILTER (WHERE f.counts IS NULL),
		sum(f.counts[1]) > 50 AND sum(f.counts[2]) > 50 AND sum(f.counts[3]) > 50 AND sum(f.counts[4]) > 50 AND sum(f.counts[5]) > 50
	FROM (SELECT g, _line_problem_counts(item, q, p, a, k, t, bad) AS counts FROM counted_line GROUP BY g) f FULL JOIN slow_counts s USING (g)
$$;
SELECT * FROM pg_temp.wrong_counts();
SELECT count(*) AS problems, sum(lines) = sum(expected) AND bool_and(lines = expected) AS as_line_problems
FROM (SELECT problem, count(*) AS expected FROM counted_line, unnest(line_problems(NULL, NULL, t, q, p, a, k)) AS problem GROUP BY problem) e
JOIN (SELECT problem, lines FROM (SELECT _line_problem_counts(item, q, p, a, k, t, bad) AS c FROM counted_line) c,
	unnest(c[3:], '{sign,amount_not_quantity_times_price,claimed_above_amount}'::text[]) AS u (lines, problem)) f USING (problem);
CREATE FUNCTION pg_temp.is_partial(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan::text ~ '"Partial Mode": "Partial"';
END $$;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
ANALYZE counted_line;
SELECT pg_temp.is_partial('SELECT g, medaudit._line_problem_counts(item, q, p, a, k, t, bad) FROM counted_line GROUP BY g') AS partial;
CREATE TEMP TABLE parallel_counts AS SELECT g, _line_problem_counts(item, q, p, a, k, t, bad) AS counts FROM counted_line GROUP BY g;
SELECT count(*) AS groups, count(*) FILTER (WHERE f.counts IS DISTINCT FROM s.counts) AS wrong FROM parallel_counts f FULL JOIN slow_counts s USING (g);
SELECT _line_problem_counts(item, q, p, a, k, t, bad) = (SELECT array_agg(total ORDER BY nth) FROM (SELECT nth, sum(c)::int AS total FROM slow_counts, unnest(counts) WITH ORDINALITY AS u (c, nth) GROUP BY nth) s) AS all_in_one FROM counted_line;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SET work_mem = '64kB'; SET enable_sort = off;
SELECT * FROM pg_temp.wrong_counts();
RESET enable_sort; SET enable_hashagg = off;
SELECT * FROM pg_temp.wrong_counts();
RESET enable_hashagg; RESET work_mem;
SELECT _line_problem_counts('A', 1, 1, 1, 1, '2025-03-01', true) AS none FROM generate_series(1, 0);
SELECT g, _line_problem_counts(item, q, p, a, k, t, bad) OVER (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS of_three, _line_problem_counts(NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY n) AS missing
FROM counted_line WHERE n IN (41, 47, 53, 61, 1000, 1001, 1002, 1003) AND g > 0 ORDER BY n LIMIT 8;
\set VERBOSITY sqlstate
SELECT _line_problem_counts('A', 'NaN', 1, 1, 1, '2025-03-01', false);
SELECT _line_counts_final(NULL::internal);
\set VERBOSITY default
DROP TABLE counted_line CASCADE;
-- The examples of the reference
SELECT * FROM bed_days((SELECT ledger(i, 1, 10, t) FROM (VALUES ('DRUG', timestamp '2026-03-02 08:00'), ('LAB', '2026-03-03 23:59'),
	('BED', '2026-03-05'), ('NURSE1', '2026-03-06'), ('DRUG', '2026-03-08')) v(i, t)),
	'2026-03-01 10:00', '2026-03-10 09:00', '{BED,NURSE}');
SELECT line_problems('2026-03-02 10:00', '2026-03-05 10:00', '2026-03-01 23:59', 3, 10, 30.05, 40);
