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

-- By classes of items and their categories: as when passive items are renamed to
-- one, and treatments marked.  Stays of one or two visits, refunds of anything, under another
-- bed's code too, codes in two spellings, items without category, class or key.
CREATE TABLE classed_line AS
SELECT n, s, 'V' || s || '.' || h / 3 % 2 AS v, (ARRAY['BED1', 'BED2', 'NURSE', 'TALK', 'T1', 't1', 'T2', 'DRUG', 'LAB', 'MISC', 'ODD'])[1 + h / 7 % CASE WHEN s % 4 = 0 THEN 7 WHEN s % 3 = 0 THEN 11 ELSE 9 END] AS c,
	CASE h / 11 % 9 WHEN 0 THEN -1 WHEN 1 THEN -2 WHEN 2 THEN 0.5 WHEN 3 THEN 7 WHEN 4 THEN NULL ELSE 1 + h / 13 % 3 END AS q,
	timestamp '2026-02-27' + h / 17 % (CASE WHEN s % 5 = 0 THEN 2000 ELSE 480 END) * interval '1 hour' AS t, CASE WHEN h / 19 % 5 > 0 THEN 'L' || n END AS i, CASE WHEN h / 23 % 4 = 0 THEN 'L' || n - 1 END AS o
FROM generate_series(1, 6000) n, LATERAL (SELECT n * 7919 % 700 AS s, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS h) r;
CREATE TABLE classed_item AS
SELECT c, k, CASE WHEN c LIKE 'BED%' THEN 'bed' WHEN c = 'NURSE' THEN 'nursing' WHEN c = 'TALK' THEN 'consultation' WHEN upper(c) LIKE 'T%' AND k <> '药' THEN 'treatment' WHEN c = 'MISC' THEN NULL ELSE 'drug' END AS class
FROM (SELECT DISTINCT c FROM classed_line WHERE c <> 'ODD') c, unnest('{类,药,""}'::text[]) k;
CREATE TABLE classed_stay AS
SELECT s, ledger(c, q, q * 10, t, i, o, v, NULL) AS book, CASE WHEN s % 6 > 0 THEN (_gather_lines('', c, q, q, t, NULL, NULL, NULL, CASE WHEN s % 6 < 3 THEN '类' WHEN c LIKE 'T%' THEN '药' END, NULL, NULL, NULL, NULL)).categories END AS categories,
	timestamp '2026-03-01 10:00' AS admitted_at, timestamp '2026-03-03 09:00' + s % 16 * interval '1 day' AS discharged_at
FROM classed_line GROUP BY s;
CREATE TEMP TABLE renamed AS
SELECT s, d.*, unknown
FROM (SELECT s, admitted_at, discharged_at, bool_or(k.class IS NULL) AS unknown, ledger(CASE WHEN k.class IN ('bed', 'nursing', 'consultation') THEN '!passive' WHEN k.class = 'treatment' THEN '!treatment' || l.c ELSE l.c END, q, q * 10, t, i, o, v, NULL) AS book
	  FROM classed_stay JOIN classed_line l USING (s) LEFT JOIN LATERAL (SELECT coalesce(category, '') AS category FROM _item_sums(book, categories) AS i WHERE i.item_code = l.c) AS g ON true
	  LEFT JOIN classed_item k ON k.c = l.c AND k.k = g.category WHERE q IS NOT NULL GROUP BY s, admitted_at, discharged_at) r, _bed_days(book, admitted_at, discharged_at, '{!passive}', '{!treatment}') d;
CREATE TEMP TABLE classed AS
SELECT s, d.* FROM classed_stay, (SELECT array_agg(c || E'\x1f' || k) AS keys, array_agg(class) AS classes FROM classed_item) m, _bed_days(book, categories, admitted_at, discharged_at, keys, classes) d;
SELECT count(*) AS stays, count(*) FILTER (WHERE unknown) BETWEEN 50 AND 500 AS some_unknown, count(*) FILTER (WHERE idle_days > 1) > 100 AS some_idle, sum(bare_days) > 100 AS bare, count(DISTINCT idle_dates) > 200 AS differ FROM classed;
SELECT count(*) AS differences FROM ((TABLE classed EXCEPT ALL TABLE renamed) UNION ALL (TABLE renamed EXCEPT ALL TABLE classed)) d;
-- constants, and what comes otherwise: the same; each call with its own map where they change
SELECT array_agg(c || E'\x1f' || k) AS keys, array_agg(class) AS classes, array_agg(CASE WHEN class = 'drug' THEN 'bed' ELSE class END) AS turned FROM classed_item \gset
SELECT count(*) AS stays, count(*) FILTER (WHERE d IS DISTINCT FROM (x.stay_days, x.active_days, x.idle_days, x.longest_idle, x.idle_share, x.bare_days, x.idle_dates, x.unknown)) AS wrong
FROM classed_stay JOIN classed x USING (s), _bed_days(book, categories, admitted_at, discharged_at, :'keys', :'classes') d;
SELECT count(*) AS calls, count(*) FILTER (WHERE m.n = 2 AND f.idle_days > x.idle_days) > 100 AS turned, count(*) FILTER (WHERE CASE m.n WHEN 1 THEN f.idle_days <> x.idle_days OR f.unknown <> x.unknown
	WHEN 2 THEN f.idle_days < x.idle_days OR f.unknown <> x.unknown ELSE f.idle_days <> (bed_days(book, admitted_at, discharged_at, '{}')).idle_days OR f.unknown <> (line_count(book) > 0) END) AS wrong
FROM classed_stay JOIN classed x USING (s), (VALUES (1, :'keys'::text[], :'classes'::text[]), (2, :'keys', :'turned'), (3, '{}', '{}'), (4, NULL, :'classes'), (5, :'keys', NULL)) m (n, keys, classes),
	_bed_days(book, categories, admitted_at, discharged_at, keys, classes) f;
-- a variable that changes between two looks of one expression
SET plan_cache_mode = force_generic_plan;
DO $$
DECLARE
	book medaudit.ledger := medaudit.ledger('X', 1, 1, timestamp '2026-03-02');
	keys text[] := ARRAY[E'X\x1f'];
	classes text[];
	told int[];
	r record;
BEGIN
	FOR i IN 1..6 LOOP
		classes := ARRAY[(ARRAY['bed', 'lab'])[1 + i % 2]];
		r := medaudit._bed_days(book, NULL, '2026-03-01', '2026-03-03', keys, classes);
		told := told || r.idle_days;
		-- and of one statement, planned once for all values
		SELECT d.* INTO r FROM medaudit._bed_days(book, NULL, '2026-03-01', '2026-03-03', keys, classes) AS d;
		told := told || r.idle_days;
	END LOOP;
	RAISE NOTICE 'idle days: %', told;
END $$;
PREPARE by_classes(text[], text[]) AS SELECT sum(idle_days) > 500 AS many, bool_or(unknown) AS unknown FROM classed_stay, _bed_days(book, categories, admitted_at, discharged_at, $1, $2);
EXECUTE by_classes(:'keys', :'classes');
EXECUTE by_classes(NULL, NULL);
RESET plan_cache_mode;
-- parallel
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE TEMP TABLE parallel_classed AS SELECT s, d.* FROM classed_stay, _bed_days(book, categories, admitted_at, discharged_at, :'keys', :'classes') d;
SELECT count(*) AS differences FROM ((TABLE classed EXCEPT ALL TABLE parallel_classed) UNION ALL (TABLE parallel_classed EXCEPT ALL TABLE classed)) d;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
-- matched exactly, not as a beginning, and with the category; of equal keys the first; NULLs and bad input
SELECT idle_days, unknown FROM unnest(ARRAY[1, 2, 3, 4, 5]) AS n, _bed_days(pg_temp.book('{BED1|1|2026-03-02,BED12|1|2026-03-03}'), CASE n WHEN 3 THEN '{a,b}'::text[] WHEN 4 THEN '{"",NULL}' END, '2026-03-01', '2026-03-04',
	CASE WHEN n < 5 THEN ARRAY[E'BED1\x1f', E'BED12\x1fb', E'BED1\x1fa', E'BED1\x1f'] ELSE ARRAY[E'BED1\x1f', E'BED12\x1f'] END, CASE WHEN n = 2 THEN '{NULL,bed,bed,bed}'::text[] WHEN n < 5 THEN '{bed,bed,bed,lab}' ELSE '{nursing,Bed}' END) ORDER BY n;
SELECT _bed_days(NULL, NULL, '2026-03-01', '2026-03-04', '{}', '{}') IS NULL AS of_null, _bed_days('{"v":1}', NULL, NULL, '2026-03-04', '{}', '{}') IS NULL AS no_stay, _bed_days('{"v":1}', NULL, '2026-03-04', '2026-03-01', '{}', '{}') IS NULL AS backwards,
	_bed_days('{"v":1}', '{}', '2026-03-01', '2026-03-04', NULL, NULL) AS empty;
\set VERBOSITY sqlstate
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), NULL, '2026-03-01', '2026-03-05', '{a,b}', '{bed}');
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), NULL, '2026-03-01', '2026-03-05', '{a,NULL}', '{bed,bed}');
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), '{a,b}', '2026-03-01', '2026-03-05', '{a}', '{bed}');
SELECT _bed_days(pg_temp.book('{D|1|2026-03-02}'), NULL, '2026-03-01', 'infinity', '{a}', '{bed}');
\set VERBOSITY default
DROP TABLE classed_line, classed_item, classed_stay;

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
SELECT g, nullif(ARRAY[count(*) FILTER (WHERE item IS NULL OR q IS NULL OR a IS NULL OR t IS NULL), count(*) FILTER (WHERE bad OR item IS NULL OR q IS NULL OR a IS NULL OR t IS NULL),
	count(*) FILTER (WHERE p < 0 OR sign(round(q, 4)) * sign(round(a, 4)) < 0 OR round(q, 4) = 0 AND round(a, 4) > 0 OR sign(round(a, 4)) * sign(round(k, 4)) < 0),
	count(*) FILTER (WHERE abs(q * p - a) > 0.01), count(*) FILTER (WHERE abs(round(k, 4)) > abs(round(a, 4))), 0]::int[], '{0,0,0,0,0,0}') AS counts
FROM counted_line GROUP BY g;
CREATE FUNCTION pg_temp.wrong_counts() RETURNS TABLE (groups bigint, wrong bigint, without bigint, each_met bool) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE f.counts IS DISTINCT FROM s.counts), count(*) FILTER (WHERE f.counts IS NULL),
		sum(f.counts[1]) > 50 AND sum(f.counts[2]) > 50 AND sum(f.counts[3]) > 50 AND sum(f.counts[4]) > 50 AND sum(f.counts[5]) > 50
	FROM (SELECT g, (_gather_lines('V', item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL)).problems AS counts FROM counted_line GROUP BY g) f FULL JOIN slow_counts s USING (g)
$$;
SELECT * FROM pg_temp.wrong_counts();
SELECT count(*) AS problems, sum(lines) = sum(expected) AND bool_and(lines = expected) AS as_line_problems
FROM (SELECT problem, count(*) AS expected FROM counted_line, unnest(line_problems(NULL, NULL, t, q, p, a, k)) AS problem GROUP BY problem) e
JOIN (SELECT problem, lines FROM (SELECT (_gather_lines('V', item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL)).problems AS c FROM counted_line) c,
	unnest(c[3:], '{sign,amount_not_quantity_times_price,claimed_above_amount}'::text[]) AS u (lines, problem)) f USING (problem);
CREATE FUNCTION pg_temp.is_partial(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan::text ~ '"Partial Mode": "Partial"';
END $$;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
ANALYZE counted_line;
SELECT pg_temp.is_partial('SELECT g, (medaudit._gather_lines(g::text, item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL)).problems FROM counted_line GROUP BY g') AS partial;
CREATE TEMP TABLE parallel_counts AS SELECT g, (_gather_lines('V', item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL)).problems AS counts FROM counted_line GROUP BY g;
SELECT count(*) AS groups, count(*) FILTER (WHERE f.counts IS DISTINCT FROM s.counts) AS wrong FROM parallel_counts f FULL JOIN slow_counts s USING (g);
SELECT (_gather_lines('V', item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL)).problems = (SELECT array_agg(total ORDER BY nth) FROM (SELECT nth, sum(c)::int AS total FROM slow_counts, unnest(counts) WITH ORDINALITY AS u (c, nth) GROUP BY nth) s) AS all_in_one FROM counted_line;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SET work_mem = '64kB'; SET enable_sort = off;
SELECT * FROM pg_temp.wrong_counts();
RESET enable_sort; SET enable_hashagg = off;
SELECT * FROM pg_temp.wrong_counts();
RESET enable_hashagg; RESET work_mem;
SELECT (_gather_lines('V', 'A', 1, 1, '2025-03-01', 1, NULL, NULL, NULL, 1, true, NULL, NULL)).problems AS none FROM generate_series(1, 0);
SELECT g, (_gather_lines('V', item, q, a, t, k, NULL, NULL, NULL, p, bad, NULL, NULL) OVER (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)).problems AS of_three, (_gather_lines('V', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) OVER (ORDER BY n)).problems AS missing
FROM counted_line WHERE n IN (41, 47, 53, 61, 1000, 1001, 1002, 1003) AND g > 0 ORDER BY n LIMIT 8;
\set VERBOSITY sqlstate
SELECT (_gather_lines('V', 'A', 'NaN', 1, '2025-03-01', 1, NULL, NULL, NULL, 1, false, NULL, NULL)).problems;
-- by which SQLSTATE this is refused is the minor version's
DO $$ BEGIN PERFORM _gather_lines_final(NULL::internal); RAISE 'a NULL was taken'; EXCEPTION WHEN cannot_coerce OR feature_not_supported THEN NULL; END $$;
\set VERBOSITY default
DROP TABLE counted_line CASCADE;
-- The examples of the reference
SELECT * FROM bed_days((SELECT ledger(i, 1, 10, t) FROM (VALUES ('DRUG', timestamp '2026-03-02 08:00'), ('LAB', '2026-03-03 23:59'),
	('BED', '2026-03-05'), ('NURSE1', '2026-03-06'), ('DRUG', '2026-03-08')) v(i, t)),
	'2026-03-01 10:00', '2026-03-10 09:00', '{BED,NURSE}');
SELECT line_problems('2026-03-02 10:00', '2026-03-05 10:00', '2026-03-01 23:59', 3, 10, 30.05, 40);
