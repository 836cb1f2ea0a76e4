-- Purchases, sales and stock: balances by date, prices by card and for cash, pharmacists.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;
-- whatever other topics have bound
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\pset format unaligned
\set VERBOSITY terse
SELECT count(*) FROM stock_check('2026-03-01', '2026-04-01');
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01');
SELECT count(*) FROM pharmacist_conflicts('2026-03-01', '2026-04-01');
SELECT count(*) FROM stock_counts;

CREATE SCHEMA shelf;
CREATE TABLE shelf.move (facility_id text, product_code text, at timestamp, quantity numeric, kind text, price numeric, unit_factor numeric, trace_code text, pay_method text, batch_no text, split_pack bool, person_id text, pharmacist_id text, prescription bool);
CALL bind('stock_move', 'shelf.move');
SELECT count(*) FROM stock_check(NULL, '2026-04-01');
SELECT count(*) FROM stock_check('2026-03-01', NULL);
SELECT count(*) FROM stock_check('2026-03-01', '2026-03-01');
SELECT count(*) FROM stock_check('-infinity', '2026-03-01');
SELECT count(*) FROM stock_check('2026-03-01', '2026-04-01', NULL);
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01', NULL);
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01', 'NaN');
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01', -0.01);
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01', 0, NULL);
SELECT count(*) FROM card_price_gaps('2026-03-01', '2026-04-01', 0, 0);
SELECT count(*) FROM card_price_gaps(NULL, '2026-04-01');
SELECT count(*) FROM pharmacist_conflicts('2026-03-01', '2026-04-01', NULL);
SELECT count(*) FROM pharmacist_conflicts('2026-03-01', '2026-04-01', '-1 minute');
SELECT count(*) FROM pharmacist_conflicts('2026-03-01', '2026-04-01', '1 month');
SELECT count(*) FROM pharmacist_conflicts('2026-03-01', '2026-04-01', '25 hours');
SELECT count(*) FROM pharmacist_conflicts('2026-04-01', '2026-03-01');
\set VERBOSITY default

-- what kinds mean; yours before a shipped one
INSERT INTO stock_class VALUES (' ｏwn', 'count');
SELECT * FROM _stock_classes() WHERE kind IN ('3501', '3503', '3504', '3505', '3506', '101', '104', '108', 'SALE', '退货', 'RETURN', 'OWN', '采购') ORDER BY kind COLLATE "C";
DELETE FROM stock_class WHERE NOT shipped;
INSERT INTO stock_class VALUES ('中药房出库', 'transfer'), ('101', 'purchase');
\set VERBOSITY sqlstate
UPDATE stock_class SET class = 'sale' WHERE kind = '3503';
DELETE FROM stock_class WHERE kind = '3503';
INSERT INTO stock_class VALUES ('x', 'theft');
INSERT INTO stock_class VALUES ('', 'sale');
INSERT INTO stock_class VALUES ('101', 'sale');
\set VERBOSITY default

INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price) VALUES
	-- deficit: balances 120, 50, -10, 40
	('S1', 'A', '2026-02-28', 20, '3501', 8), ('S1', 'A', '2026-03-01', 100, '3503', 5), ('S1', 'A', '2026-03-03 10:00', -70, '3505', 8), ('S1', 'A', '2026-03-05', -60, '3505', 8), ('S1', 'A', '2026-03-06', 50, '3503', 5),
	-- the purchase is entered in the evening of the sale
	('S1', 'LATE', '2026-02-27', 0, 'count', NULL), ('S1', 'LATE', '2026-03-05 09:00', -60, 'sale', 8), ('S1', 'LATE', '2026-03-05 17:00', 60, 'purchase', 5),
	-- nothing was ever bought: 5 * 8 + 5 * 10
	('S1', 'NEVER', '2026-03-02', -5, 'sale', 8), ('S1', 'NEVER', '2026-03-03', -7, NULL, 10), ('S1', 'NEVER', '2026-03-04', 2, '3506', 10),
	-- not: bought 730 days before, from another branch, counted, given back only; 731 days before
	('S1', 'OLD', '2024-03-01', 9, 'purchase', 5), ('S1', 'OLD', '2026-03-04', -5, 'sale', 8), ('S1', 'BRANCH', '2026-02-01', 9, '102', NULL), ('S1', 'BRANCH', '2026-03-04', -5, 'sale', 8),
	('S1', 'SEEN', '2025-12-31', 4, 'count', NULL), ('S1', 'SEEN', '2026-03-04', -5, 'sale', 8), ('S1', 'BACK', '2026-03-04', 2, 'sale_return', 8), ('S1', 'OLDER', '2024-02-29 23:59', 9, 'purchase', 5), ('S1', 'OLDER', '2026-03-04', -5, 'sale', 8),
	-- what was there is not known
	('S1', 'UNKNOWN', '2026-03-04', -5, 'sale', 8), ('S1', 'UNKNOWN', '2026-03-05', 5, 'purchase', 5), ('S1', 'ENOUGH', '2026-03-03', 5, 'purchase', 5), ('S1', 'ENOUGH', '2026-03-04', -5, 'sale', 8),
	-- below nothing before the period
	('S1', 'BEFORE', '2026-02-01', 5, '108', NULL), ('S1', 'BEFORE', '2026-02-10', -8, 'sale', 8), ('S1', 'BEFORE', '2026-03-09', 20, 'purchase', 5), ('S1', 'BEFORE', '2026-03-10', -4, 'sale', NULL),
	-- losses, what went back to the supplier; a count within the period is not believed
	('S2', 'A', '2026-03-01', 20, 'opening', NULL), ('S2', 'A', '2026-03-02', -6, 'loss', NULL), ('S2', 'A', '2026-03-03', -4, '3504', 5), ('S2', 'A', '2026-03-04', 3, '103', NULL), ('S2', 'A', '2026-03-05', -12, 'sale', 8), ('S2', 'A', '2026-03-10', 30, 'count', NULL), ('S2', 'A', '2026-03-12', -6, 'sale', 8),
	-- moved before the period only, or counted
	('S2', 'STILL', '2026-02-05', -6, 'sale', 8), ('S2', 'STILL', '2026-03-05', 6, 'count', 8),
	-- not said where, what, when or how much
	(NULL, 'A', '2026-03-05', -6, 'sale', 8), ('S2', NULL, '2026-03-05', -6, 'sale', 8), ('S2', 'A', NULL, -6, 'sale', 8), ('S2', 'A', '2026-03-05', NULL, 'sale', 8), ('S2', 'A', '2026-03-05', 0, 'sale', 8),
	-- the day after the last
	('S2', 'A', '2026-04-01', -600, 'sale', 8);
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, unit_factor, split_pack) VALUES
	-- 2 boxes of 24 tablets, 48 tablets; 49; boxes that do not say what they hold, parts that went out
	('S3', 'BOX', '2026-02-28', 0, 'count', NULL, NULL, NULL), ('S3', 'BOX', '2026-03-01', 2, 'purchase', 24, 24, false), ('S3', 'BOX', '2026-03-02', -48, 'sale', 1.5, NULL, true),
	('S3', 'BOX49', '2026-02-28', 0, 'count', NULL, NULL, NULL), ('S3', 'BOX49', '2026-03-01', 2, 'purchase', 24, 24, false), ('S3', 'BOX49', '2026-03-02', -1, 'sale', 36, 24, false), ('S3', 'BOX49', '2026-03-02', -25, 'sale', 1.5, NULL, true),
	('S3', 'PARTS', '2026-02-28', 0, 'count', NULL, NULL, NULL), ('S3', 'PARTS', '2026-03-01', 2, 'purchase', 24, NULL, NULL), ('S3', 'PARTS', '2026-03-02', -48, 'sale', 1.5, NULL, true),
	('S3', 'ODD', '2026-02-28', 4, 'count', NULL, 0, NULL), ('S3', 'ODD', '2026-03-02', -5, 'sale', 1.5, -3, NULL);
SELECT facility_id, product_code, opening, opening_known AS known, purchased, sold, other, closing, lowest, first_negative_on AS below_on, oversold, sold_amount, oversold_amount, outcome FROM stock_check('2026-03-01', '2026-04-01') ORDER BY facility_id, product_code COLLATE "C";
SELECT count(*) AS rows, count(batch_no) AS batches, count(*) FILTER (WHERE closing <> opening + purchased - sold + other) AS wrong FROM stock_check('2026-03-01', '2026-04-01');
SELECT * FROM stock_counts ORDER BY facility_id, product_code COLLATE "C", counted_on;
-- day by day: what is negative at the end of a date is, however the time is cut
SELECT string_agg(product_code || ' ' || closing, ', ' ORDER BY product_code) AS below FROM stock_check('2026-03-05', '2026-03-06') WHERE first_negative_on = '2026-03-05' AND facility_id = 'S1';

-- when a count was made: by its time; without one in the way that leaves more
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, batch_no) VALUES
	('C', 'MORNING', '2026-02-27 08:00', 10, 'count', NULL), ('C', 'MORNING', '2026-02-27 10:00', -4, 'sale', NULL), ('C', 'EVENING', '2026-02-27 20:00', 10, 'count', NULL), ('C', 'EVENING', '2026-02-27 10:00', -4, 'sale', NULL),
	('C', 'DATE', '2026-02-27', 10, 'count', NULL), ('C', 'DATE', '2026-02-27 10:00', -4, 'sale', NULL), ('C', 'DATE_IN', '2026-02-27', 10, 'count', NULL), ('C', 'DATE_IN', '2026-02-27 10:00', 4, 'purchase', NULL),
	('C', 'FIRST', '2026-02-27', 10, 'opening', NULL), ('C', 'FIRST', '2026-02-27', -4, 'sale', NULL),
	('C', 'ON_DATE', '2026-03-01', 10, 'count', NULL), ('C', 'ON_DATE', '2026-03-01 10:00', -4, 'sale', NULL), ('C', 'ON_DATE_IN', '2026-03-01', 10, 'count', NULL), ('C', 'ON_DATE_IN', '2026-03-01 10:00', 4, 'purchase', NULL),
	('C', 'ON_NOON', '2026-03-01 12:00', 10, 'count', NULL), ('C', 'ON_NOON', '2026-03-01 10:00', -4, 'sale', NULL), ('C', 'ON_NOON', '2026-03-01 13:00', -3, 'sale', NULL),
	-- the latest, of each batch what was counted last on that date
	('C', 'BATCHES', '2026-02-20', 99, 'count', 'B1'), ('C', 'BATCHES', '2026-02-27 08:00', 5, 'count', 'B1'), ('C', 'BATCHES', '2026-02-27 09:00', 6, 'count', 'B1'), ('C', 'BATCHES', '2026-02-27 09:00', 7, 'count', 'B2'), ('C', 'BATCHES', '2026-02-27 09:30', 1, 'purchase', 'B2');
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind) SELECT DISTINCT 'C', product_code, timestamp '2026-03-20', -1, 'sale' FROM shelf.move;
SELECT product_code, opening, sold, closing FROM stock_check('2026-03-01', '2026-04-01') ORDER BY product_code COLLATE "C";

-- batches counted last on different dates: each has its own count and movements; not where movements or a count name no batch
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, batch_no) VALUES
	('D', 'APART', '2026-02-27', 80, 'count', NULL, 'B1'), ('D', 'APART', '2026-02-28', 5, 'count', NULL, 'B2'), ('D', 'APART', '2026-03-10', -60, 'sale', 8, 'B1'),
	('D', 'MORE', '2026-02-20', 80, 'count', NULL, 'B1'), ('D', 'MORE', '2026-02-28', 5, 'count', NULL, 'B2'), ('D', 'MORE', '2026-02-25', -30, 'sale', 8, 'B1'), ('D', 'MORE', '2026-02-25', -90, 'sale', 8, 'B2'), ('D', 'MORE', '2026-02-26', 4, 'purchase', 5, 'B3'), ('D', 'MORE', '2026-03-10', -60, 'sale', 8, 'B1'),
	('D', 'NO_BATCH', '2026-02-20', 10, 'count', NULL, 'B1'), ('D', 'NO_BATCH', '2026-02-28', 5, 'count', NULL, 'B2'), ('D', 'NO_BATCH', '2026-03-10', -60, 'sale', 8, NULL),
	('D', 'WHOLE_OLD', '2026-02-20', 10, 'opening', NULL, NULL), ('D', 'WHOLE_OLD', '2026-02-28', 5, 'count', NULL, 'B2'), ('D', 'WHOLE_OLD', '2026-03-10', -60, 'sale', 8, 'B1'),
	('D', 'WHOLE_NEW', '2026-02-20', 10, 'count', NULL, 'B1'), ('D', 'WHOLE_NEW', '2026-02-28', 5, 'count', NULL, NULL), ('D', 'WHOLE_NEW', '2026-03-10', -60, 'sale', 8, 'B1');
SELECT product_code, opening, opening_known AS known, sold, lowest, oversold, outcome FROM stock_check('2026-03-01', '2026-04-01') ORDER BY product_code COLLATE "C";

-- by batch: one that was never bought, one below nothing; not where some movement names none
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, batch_no) VALUES
	('S1', 'A', '2026-02-28', 10, 'count', NULL, 'B1'), ('S1', 'A', '2026-02-28', 10, 'count', NULL, 'B2'), ('S1', 'A', '2026-03-02', -14, 'sale', 5, 'b1'), ('S1', 'A', '2026-03-02', -3, 'sale', 5, 'B2'), ('S1', 'A', '2026-03-03', -2, 'sale', 5, 'B3'),
	('S1', 'B', '2026-02-28', 10, 'count', NULL, 'B1'), ('S1', 'B', '2026-03-02', -14, 'sale', 5, 'B1'), ('S1', 'B', '2026-03-02', -2, 'sale', 5, 'B3'), ('S1', 'B', '2026-03-01', 8, 'purchase', 5, NULL);
SELECT product_code, batch_no, opening, sold, lowest, oversold, oversold_amount, outcome FROM stock_check('2026-03-01', '2026-04-01', by_batch => true) ORDER BY product_code, batch_no NULLS FIRST;
SELECT product_code, batch_no, opening, sold, lowest, oversold, outcome FROM stock_check('2026-03-01', '2026-04-01') ORDER BY product_code;

-- a pack is sold once, however often its sale is sent; equal rows without a code may be two
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, trace_code)
SELECT 'S1', p, at, q, k, t FROM (VALUES ('TRACED', '81000000000000000011'), ('BAD', '1111111111111111'), ('NONE', NULL)) AS v (p, t), (VALUES (timestamp '2026-02-28', 1, 'count'), ('2026-03-02 09:00', -1, 'sale'), ('2026-03-02 09:00', -1, 'sale')) AS m (at, q, k) WHERE k <> 'count'
UNION ALL SELECT 'S1', p, timestamp '2026-02-28', 1, 'count', NULL FROM unnest('{TRACED,BAD,NONE}'::text[]) AS p;
SELECT product_code, sold, outcome FROM stock_check('2026-03-01', '2026-04-01') ORDER BY product_code;

-- so is a count, and a sale to one person at one time of day; not another price, instant, person, batch, none, nor without a time of day
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, batch_no) SELECT 'S1', p, '2026-02-28', 9, k, b FROM (VALUES ('COUNT', 'count', NULL), ('OPENING', 'opening', NULL), ('BATCH', 'count', 'B1'), ('BATCH', 'count', 'B2')) AS v (p, k, b), generate_series(1, 2);
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, person_id) SELECT 'S1', p, at, -1, 'sale', price, person FROM (VALUES ('EQUAL', timestamp '2026-03-02 09:00', 8, 'P1'), ('DATE', '2026-03-02', 8, 'P1'), ('NOBODY', '2026-03-02 09:00', 8, NULL), ('PRICE', '2026-03-02 09:00', 8, 'P1'), ('SECOND', '2026-03-02 09:00', 8, 'P1')) AS v (p, at, price, person), generate_series(1, 2);
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, person_id) VALUES ('S1', 'PRICE', '2026-03-02 09:00', -1, 'sale', 9, 'P1'), ('S1', 'SECOND', '2026-03-02 09:00:01', -1, 'sale', 8, 'P1'), ('S1', 'EQUAL', '2026-03-02 09:00', -1, 'sale', 8, 'P2');
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind) SELECT 'S1', unnest('{COUNT,OPENING,BATCH}'::text[]), '2026-03-02', -1, 'sale';
SELECT product_code, opening, sold FROM stock_check('2026-03-01', '2026-04-01') ORDER BY product_code COLLATE "C";

-- prices: five by card for 12, five for cash at 10; four of each are silent, so are 2 %
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, price, pay_method)
SELECT 'S1', 'FIVE', timestamp '2026-03-02 09:00' + n * interval '1 hour', -1, CASE WHEN n % 2 = 0 THEN 12 ELSE 10 END, CASE WHEN n % 2 = 0 THEN 'insured' ELSE 'cash' END FROM generate_series(1, 10) AS n
UNION ALL SELECT 'S1', 'FOUR', timestamp '2026-03-02 09:00' + n * interval '1 hour', -1, CASE WHEN n % 2 = 0 THEN 12 ELSE 10 END, CASE WHEN n % 2 = 0 THEN 'insured' ELSE 'cash' END FROM generate_series(1, 8) AS n
UNION ALL SELECT 'S1', 'LITTLE', timestamp '2026-03-02 09:00' + n * interval '1 hour', -1, CASE WHEN n % 2 = 0 THEN 10.2 ELSE 10 END, CASE WHEN n % 2 = 0 THEN '医保' ELSE '现金' END FROM generate_series(1, 10) AS n
-- two weeks of five are not ten of one
UNION ALL SELECT 'S1', 'WEEKS', timestamp '2026-03-02 09:00' + n % 2 * interval '7 days', -1, CASE WHEN n % 2 = 0 THEN 12 ELSE 10 END, CASE WHEN n % 2 = 0 THEN 'insured' ELSE 'cash' END FROM generate_series(1, 20) AS n
-- the median: two cheap ones by card lower nothing; what was given back is not in excess
UNION ALL SELECT 'S1', 'MIXED', timestamp '2026-03-02 09:00' + n * interval '1 hour', -2, (ARRAY[9, 9, 12, 13, 14, 15])[n], 'insured' FROM generate_series(1, 6) AS n UNION ALL SELECT 'S1', 'MIXED', timestamp '2026-03-03 09:00', -1, 10, 'cash' FROM generate_series(1, 5)
UNION ALL SELECT 'S1', 'MIXED', timestamp '2026-03-04 09:00', 2, 15, 'insured';
-- boxes by card and tablets for cash are compared by the tablet, parts of packs are not
INSERT INTO shelf.move (facility_id, product_code, at, quantity, price, pay_method, unit_factor, split_pack, kind)
SELECT 'S2', 'BOX', timestamp '2026-03-02 09:00', -1, 26.4, 'insured', 24, false, 'sale' FROM generate_series(1, 5) UNION ALL SELECT 'S2', 'BOX', timestamp '2026-03-02 09:00', -24, 1, 'cash', NULL, false, 'sale' FROM generate_series(1, 5)
UNION ALL SELECT 'S2', 'PART', timestamp '2026-03-02 09:00', -1, 26.4, 'insured', 24, false, 'sale' FROM generate_series(1, 5) UNION ALL SELECT 'S2', 'PART', timestamp '2026-03-02 09:00', -24, 1, 'cash', NULL, true, 'sale' FROM generate_series(1, 5);
UPDATE shelf.move SET kind = CASE WHEN quantity > 0 THEN 'sale_return' ELSE 'sale' END;
SELECT * FROM card_price_gaps('2026-03-01', '2026-04-01') ORDER BY product_code COLLATE "C";
SELECT product_code, excess_amount FROM card_price_gaps('2026-03-01', '2026-04-01', 0.0199, 4) ORDER BY product_code COLLATE "C";
SELECT count(*) AS beside FROM card_price_gaps('2026-03-09', '2026-04-01');

-- pharmacists: at two places within half an hour; sales that name none
TRUNCATE shelf.move;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, pharmacist_id, prescription) VALUES
	('S1', 'A', '2026-03-02 09:00', -1, 'sale', 'HY1', true), ('S2', 'A', '2026-03-02 09:30', -1, 'sale', 'hy1', true), ('S1', 'A', '2026-03-02 10:00:01', -1, 'sale', 'HY1', false), ('S1', 'A', '2026-03-02 10:05', -1, 'sale', 'HY1', false),
	('S2', 'A', '2026-03-03', -1, 'sale', 'HY1', false), ('S1', 'A', '2026-03-03', -1, 'sale', 'HY1', false), ('S1', 'A', '2026-03-04 12:00', -1, 'sale', 'HY2', false), ('S2', 'A', '2026-03-04 12:00', -1, 'sale', 'HY2', false), ('S2', 'A', '2026-03-04 12:01', 1, 'sale_return', 'HY1', false),
	('S1', 'A', '2026-03-05 12:00', -1, 'sale', NULL, true), ('S1', 'A', '2026-03-06 12:00', -1, 'sale', NULL, true), ('S1', 'A', '2026-03-06 12:00', -1, 'sale', NULL, false), ('S2', 'A', '2026-03-06 12:00', -1, 'sale', 'HY3', true), ('S2', 'A', '2026-03-07 12:00', 1, 'sale_return', NULL, true), ('S2', 'A', '2026-04-01', -1, 'sale', NULL, true);
SELECT * FROM pharmacist_conflicts('2026-03-01', '2026-04-01') ORDER BY problem, at, facility_id;
SELECT count(*) AS within_30_1 FROM pharmacist_conflicts('2026-03-01', '2026-04-01', '00:30:01') WHERE problem = 'two_places';
SELECT count(*) AS at_once FROM pharmacist_conflicts('2026-03-01', '2026-04-01', '0') WHERE problem = 'two_places';

-- against plain SQL: dates one by one, for movements at random
\set ECHO none
DELETE FROM stock_class WHERE NOT shipped;
TRUNCATE shelf.move;
SELECT setseed(0.4);
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, unit_factor, split_pack)
SELECT f, p, at, CASE WHEN kind IN ('sale', 'purchase_return') THEN -q ELSE q END * CASE WHEN kind = 'transfer' AND r < 0.5 THEN -1 ELSE 1 END, kind,
	CASE WHEN r < 0.9 THEN 1 + floor(20 * random()) END, CASE WHEN p < 'G' THEN CASE WHEN kind = 'purchase' THEN 4 ELSE 1 END END, p = 'H' AND r < 0.1
FROM (
	SELECT 'S' || i % 3 AS f, chr(65 + floor(random() * 9)::int) AS p, date '2024-01-01' + floor(random() * 820)::int + CASE WHEN random() < 0.6 THEN floor(random() * 24)::int ELSE 0 END * interval '1 hour' AS at,
		1 + floor(random() * 9)::int AS q, (ARRAY['sale', 'sale', 'sale', 'sale', 'sale', 'sale', 'purchase', 'purchase', 'sale_return', 'purchase_return', 'transfer', 'adjustment', 'count', 'opening'])[1 + floor(random() * 14)::int] AS kind, random() AS r
	FROM generate_series(1, 4000) AS i
) AS x WHERE NOT (p = 'I' AND kind NOT IN ('sale', 'sale_return')) AND NOT (p = 'F' AND kind IN ('count', 'opening')) AND NOT (p < 'E' AND kind IN ('count', 'opening') AND random() < 0.9);
CREATE TEMP TABLE period AS SELECT m::date AS from_date, (m + interval '1 month')::date AS to_date FROM generate_series(timestamp '2024-01-01', '2026-03-01', interval '1 month') AS m;
CREATE TEMP TABLE quick AS SELECT p.from_date, c.* FROM period AS p, stock_check(p.from_date, p.to_date) AS c;
CREATE FUNCTION pg_temp.slow(f text, p text, d date, e date) RETURNS TABLE (opening numeric, opening_known bool, lowest numeric, below_on date, never bool) LANGUAGE plpgsql AS $$
DECLARE
	told record;
	level numeric := 0;
	day date;
	unsure numeric;
BEGIN
	SELECT m.at::date AS day, max(m.at) AS at, bool_or(m.kind = 'count') AS counted INTO told FROM shelf.move AS m
	WHERE m.facility_id = f AND m.product_code = p AND m.kind IN ('count', 'opening') AND m.at < d + 1 AND m.at >= d - 730 GROUP BY 1 ORDER BY 1 DESC LIMIT 1;
	opening_known := FOUND;
	IF FOUND THEN
		SELECT sum(m.quantity * coalesce(m.unit_factor, 1)), bool_or(m.kind = 'count') INTO level, told.counted FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.kind IN ('count', 'opening') AND m.at = told.at;
		IF told.at > told.day THEN
			level := level + coalesce((SELECT sum(m.quantity * coalesce(m.unit_factor, 1)) FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.kind NOT IN ('count', 'opening') AND m.at > told.at AND m.at < d), 0)
				- coalesce((SELECT sum(m.quantity * coalesce(m.unit_factor, 1)) FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.kind NOT IN ('count', 'opening') AND m.at < told.at AND m.at >= d), 0);
		ELSE
			level := level + coalesce((SELECT sum(m.quantity * coalesce(m.unit_factor, 1)) FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.kind NOT IN ('count', 'opening') AND m.at >= told.day + 1 AND m.at < d), 0);
		END IF;
		unsure := coalesce((SELECT sum(m.quantity * coalesce(m.unit_factor, 1)) FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.kind NOT IN ('count', 'opening')
			AND CASE WHEN told.at > told.day THEN m.at = told.at ELSE m.at::date = told.day END), 0);
		IF told.day < d THEN level := level + CASE WHEN told.counted THEN greatest(unsure, 0) ELSE unsure END;
		ELSIF told.counted THEN level := level + greatest(-unsure, 0);
		END IF;
	ELSE
		level := coalesce((SELECT 0), 0);
	END IF;
	opening := level; lowest := level; below_on := CASE WHEN level < 0 THEN d END;
	FOR day IN SELECT generate_series(d, e - 1, interval '1 day') LOOP
		level := level + coalesce((SELECT sum(m.quantity * coalesce(m.unit_factor, 1)) FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.at::date = day AND m.kind NOT IN ('count', 'opening')), 0);
		lowest := least(lowest, level); below_on := coalesce(below_on, CASE WHEN level < 0 THEN day END);
	END LOOP;
	never := NOT EXISTS (SELECT FROM shelf.move AS m WHERE m.facility_id = f AND m.product_code = p AND m.quantity > 0 AND m.kind NOT IN ('sale_return') AND m.at >= d - 730 AND m.at < e);
	RETURN NEXT;
END $$;
CREATE TEMP TABLE slow AS SELECT d.from_date, d.facility_id, d.product_code, s.* FROM (SELECT DISTINCT p.from_date, p.to_date, m.facility_id, m.product_code FROM period AS p JOIN shelf.move AS m ON m.at >= p.from_date AND m.at < p.to_date AND m.kind NOT IN ('count', 'opening')) AS d, pg_temp.slow(d.facility_id, d.product_code, d.from_date, d.to_date) AS s;
\set ECHO all
SELECT count(*) > 300 AS some, count(DISTINCT q.outcome) AS outcomes, count(*) FILTER (WHERE q.opening_known) > 100 AS known,
	count(*) FILTER (WHERE (q.opening, q.opening_known, q.lowest) IS DISTINCT FROM (s.opening, s.opening_known, s.lowest)) AS differ,
	count(*) FILTER (WHERE q.outcome IS DISTINCT FROM CASE WHEN s.never AND q.sold > 0 THEN 'never_purchased' WHEN s.lowest >= 0 THEN 'balanced' WHEN s.opening_known AND q.product_code <> 'H' THEN 'deficit' ELSE 'insufficient' END AND q.product_code <> 'H') AS other_outcome,
	count(*) FILTER (WHERE q.outcome IN ('deficit', 'balanced') AND q.opening_known AND q.first_negative_on IS DISTINCT FROM s.below_on AND q.product_code <> 'H') AS other_date
FROM quick AS q FULL JOIN slow AS s USING (from_date, facility_id, product_code);
-- in another order
CREATE TEMP TABLE shuffled AS SELECT * FROM shelf.move ORDER BY md5(concat(facility_id, product_code, at, quantity, price));
TRUNCATE shelf.move;
INSERT INTO shelf.move SELECT * FROM shuffled;
SELECT count(*) AS differ FROM (SELECT from_date, q.* FROM period AS p, stock_check(p.from_date, p.to_date) AS q EXCEPT ALL TABLE quick) AS d;
-- balances follow one another where nothing was counted
SELECT count(*) > 20 AS some, count(*) FILTER (WHERE b.opening <> a.closing) AS broken FROM quick AS a JOIN quick AS b ON b.facility_id = a.facility_id AND b.product_code = a.product_code AND b.from_date = a.from_date + interval '1 month' AND a.opening_known AND b.opening_known
WHERE NOT EXISTS (SELECT FROM shelf.move AS m WHERE m.facility_id = a.facility_id AND m.product_code = a.product_code AND m.kind IN ('count', 'opening') AND m.at >= a.from_date AND m.at < b.from_date + 1);
DROP TABLE quick, slow, shuffled, period;
DROP SCHEMA shelf CASCADE;
TRUNCATE binding;
