-- cards: which card payments stand, and what in them no customer does
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
SET search_path = medaudit, public;
\pset format unaligned
-- what is not bound is an error, and so is what is no period
\set VERBOSITY sqlstate
SELECT * FROM swipe_rows('2025-01-01', '2025-02-01');
SELECT * FROM card_bursts('2025-01-01', '2025-02-01');
SELECT * FROM impossible_travel('2025-01-01', '2025-02-01');
SELECT * FROM repeated_baskets('2025-01-01', '2025-02-01');
SELECT * FROM swipe_rows(NULL, '2025-02-01');
SELECT * FROM swipe_rows('2025-02-01', '2025-02-01');
SELECT * FROM swipe_rows('2025-02-01', 'infinity');
\set VERBOSITY default
DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;
CREATE TABLE shop.swipe (swipe_id text, facility_id text, terminal_id text, card_id text, person_id text, swiped_at timestamp, amount numeric, balance_after numeric, credential text);
CALL bind('swipe', 'shop.swipe');

-- 1. brackets: a refund takes back the latest earlier payment of its card, place and amount
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount)
SELECT id, coalesce(place, 'S1'), card, day::timestamp, yuan FROM (VALUES
	('plain', 'A', '2025-01-05 10:00', 20, NULL),
	('first', 'B', '2025-01-05 10:00', 30, NULL), ('second', 'B', '2025-01-05 11:00', 30, NULL), ('takes second', 'B', '2025-01-05 12:00', -30, NULL), ('third', 'B', '2025-01-05 13:00', 30, NULL), ('takes third', 'B', '2025-01-05 14:00', -30, NULL), ('takes first', 'B', '2025-01-06 23:59', -30, NULL), ('too many', 'B', '2025-01-06 23:59:30', -30, NULL),
	('other amount', 'C', '2025-01-05 10:00', 30, NULL), ('of other amount', 'C', '2025-01-05 10:01', -30.01, NULL),
	('other place', 'D', '2025-01-05 10:00', 30, NULL), ('at other place', 'D', '2025-01-05 10:01', -30, 'S2'),
	('too late', 'E', '2025-01-05 10:00', 30, NULL), ('comes late', 'E', '2025-01-07 00:00', -30, NULL),
	('refund before', 'F', '2025-01-05 10:00', -30, NULL), ('payment after', 'F', '2025-01-05 10:01', 30, NULL),
	('at one instant', 'G', '2025-01-05 10:00', 30, NULL), ('and back', 'G', '2025-01-05 10:00', -30, NULL),
	-- the day before and the day after the period decide, too
	('day before', 'H', '2025-01-04 10:00', 30, NULL), ('takes day before', 'H', '2025-01-05 10:00', -30, NULL),
	('last day', 'I', '2025-01-07 10:00', 30, NULL), ('takes last day', 'I', '2025-01-08 10:00', -30, NULL),
	('nothing', 'K', '2025-01-05 10:00', 0, NULL), ('no card', NULL, '2025-01-05 10:00', 5, NULL), ('no time', 'L', NULL, 5, NULL)) t(id, card, day, yuan, place);
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) VALUES ('no place', NULL, 'M', '2025-01-05 10:00', 5), ('no amount', 'S1', 'M', '2025-01-05 10:00', NULL);
-- delivered twice; and without a number
INSERT INTO shop.swipe SELECT * FROM shop.swipe WHERE swipe_id = 'plain';
INSERT INTO shop.swipe (facility_id, card_id, swiped_at, amount) VALUES ('S2', 'N', '2025-01-05 10:00', 5), ('S1', 'N', '2025-01-05 10:00', 5), ('S1', 'N', '2025-01-05 09:00', 5);
SELECT status, string_agg(swipe_id, ', ' ORDER BY swipe_id COLLATE "C") AS swipes FROM swipe_rows('2025-01-05', '2025-01-08') GROUP BY status ORDER BY status;
SELECT swipe_id, status FROM swipe_rows('2025-01-05', '2025-01-06') WHERE card_id IN ('B', 'E') ORDER BY swipe_id COLLATE "C";
-- a number made of the content stays when others of the date come; equal ones are told apart
CREATE TABLE shop.numbered AS SELECT * FROM swipe_rows('2025-01-05', '2025-01-06') WHERE card_id = 'N';
INSERT INTO shop.swipe (facility_id, card_id, swiped_at, amount, balance_after) VALUES ('S0', 'A0', '2025-01-05 08:00', 5, 1), ('S1', 'N', '2025-01-05 10:00', 5.00, 7), ('S1', 'N', '2025-01-05 10:00', 5.01, 7);
SELECT count(*) AS now, count(DISTINCT s.swipe_id) AS numbers, (SELECT count(*) FROM shop.numbered AS n WHERE n.swipe_id IN (SELECT r.swipe_id FROM swipe_rows('2025-01-05', '2025-01-06') AS r WHERE r.facility_id = n.facility_id AND r.swiped_at = n.swiped_at)) AS same FROM swipe_rows('2025-01-05', '2025-01-06') AS s WHERE s.card_id IN ('N', 'A0');
DELETE FROM shop.swipe WHERE swipe_id IS NULL AND (balance_after IS NOT NULL);
SELECT swipe_id, status FROM swipe_rows('2025-01-04', '2025-01-05') UNION ALL SELECT swipe_id, status FROM swipe_rows('2025-01-08', '2025-01-09');
-- more than 30 at one instant and place are an upload; 30 are not, nor is one that was taken back
TRUNCATE shop.swipe;
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) SELECT place || n, place, 'c' || n, timestamp '2025-01-05 10:00', 10 FROM (VALUES ('S1', 31), ('S2', 30), ('S3', 31)) p(place, many), generate_series(1, many) AS n;
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) VALUES ('back', 'S3', 'c7', '2025-01-05 10:00', -10);
SELECT facility_id, status, count(*) FROM swipe_rows('2025-01-05', '2025-01-06') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT facility_id, on_date, amount, swipe_count, cards, total FROM same_amounts('2025-01-05', '2025-01-06', 31);
-- 2. against the definition, one payment after the other: 4,000 of few cards, places and amounts, in shuffled order
\set ECHO none
TRUNCATE shop.swipe;
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount)
SELECT 'n' || i, 'S' || h1 % 2, 'c' || h1 / 7 % 12, timestamp '2025-01-01' + h2 % 1200000 * interval '1 second', CASE WHEN h2 / 7 % 5 < 2 THEN -1 ELSE 1 END * (10 + h1 / 100 % 2)
FROM (SELECT i, abs(hashint4(i)::bigint) AS h1, abs(hashint4(i + 70000)::bigint) AS h2 FROM generate_series(1, 4000) AS i) x ORDER BY md5(i::text);
CREATE TABLE shop.slow (swipe_id text, facility_id text, card_id text, swiped_at timestamp, amount numeric, status text);
DO $$
DECLARE
	s record;
	taken text;
BEGIN
	FOR s IN SELECT * FROM shop.swipe ORDER BY swiped_at, amount < 0, swipe_id COLLATE "C" LOOP
		taken := NULL;
		IF s.amount < 0 THEN
			SELECT o.swipe_id INTO taken FROM shop.slow AS o WHERE o.card_id = s.card_id AND o.facility_id = s.facility_id AND o.amount = -s.amount AND o.status = 'kept' AND s.swiped_at::date - o.swiped_at::date <= 1
			ORDER BY o.swiped_at DESC, o.swipe_id COLLATE "C" DESC LIMIT 1;
			UPDATE shop.slow AS o SET status = 'refunded' WHERE o.swipe_id = taken;
		END IF;
		INSERT INTO shop.slow VALUES (s.swipe_id, s.facility_id, s.card_id, s.swiped_at, s.amount, CASE WHEN s.amount > 0 THEN 'kept' WHEN taken IS NULL THEN 'orphan' ELSE 'refund' END);
	END LOOP;
END $$;
\set ECHO all
SELECT s.status, count(*) > 100 AS some, count(*) FILTER (WHERE f.status IS DISTINCT FROM s.status) AS differ FROM shop.slow s LEFT JOIN swipe_rows('2025-01-01', '2025-02-01') f USING (swipe_id) GROUP BY 1 ORDER BY 1;
-- however the time is cut
SELECT count(*) AS differ FROM (SELECT swipe_id, status FROM shop.slow EXCEPT SELECT s.swipe_id, s.status FROM generate_series(0, 13) AS d, LATERAL swipe_rows(date '2025-01-01' + d, date '2025-01-02' + d) s) x;

-- 3. bursts: 80 payments between ten and eleven on 21 active dates, then 6 cards within 2.5 minutes
TRUNCATE shop.swipe;
CREATE FUNCTION shop.usual(place text, swipes int, days int, gap interval DEFAULT '12 minutes') RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount)
	SELECT place || 'u' || n, place, 'u' || n, timestamp '2025-03-01 10:00' - (1 + n % days) * interval '1 day' + n / days * gap, 20 FROM generate_series(0, swipes - 1) AS n
$$;
CREATE FUNCTION shop.burst(place text, cards int, gap interval DEFAULT '30 seconds', begins timestamp DEFAULT '2025-03-01 10:05') RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) SELECT place || to_char(begins, 'DD') || 'b' || n, place, 'b' || n, begins + n * gap, 100 + n FROM generate_series(0, cards - 1) AS n
$$;
SELECT shop.usual('S1', 80, 21), shop.burst('S1', 6);
-- near misses: nine active dates only; a shop with 55 an hour; five minutes between them; four cards; the hour is quiet (flag)
SELECT shop.usual('S2', 30, 9), shop.burst('S2', 6), shop.usual('S3', 55 * 20, 20, '1 minute'), shop.burst('S3', 6), shop.usual('S4', 80, 21), shop.burst('S4', 6, '5 minutes'), shop.usual('S5', 80, 21), shop.burst('S5', 4), shop.usual('S6', 20, 20), shop.burst('S6', 6, begins => '2025-03-01 15:05');
-- a burst of one card, and one whose payments were taken back
SELECT shop.usual('S7', 80, 21), shop.burst('S7', 6), shop.usual('S8', 80, 21), shop.burst('S8', 6);
UPDATE shop.swipe SET card_id = 'one' WHERE facility_id = 'S7' AND swiped_at >= '2025-03-01';
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) SELECT swipe_id || 'r', facility_id, card_id, swiped_at + interval '2 hours', -amount FROM shop.swipe WHERE facility_id = 'S8' AND swiped_at >= '2025-03-01' AND card_id < 'b2';
-- two terminals are two queues
SELECT shop.usual('S9', 80, 21), shop.burst('S9', 6);
UPDATE shop.swipe SET terminal_id = 't' || right(card_id, 1)::int % 2 WHERE facility_id = 'S9';
SELECT facility_id, terminal_id, from_at, to_at, swipe_count, cards, card_ids, amount, round(amount_cv::numeric, 6) AS amount_cv, round(expected::numeric, 6) AS expected, p_value::numeric(12, 9) AS p FROM card_bursts('2025-03-01', '2025-03-02');
SELECT facility_id, round(expected::numeric, 6) AS expected, p_value < 1e-4 AS rare FROM card_bursts('2025-03-01', '2025-03-02', max_p => 1) ORDER BY facility_id;
SELECT facility_id, terminal_id, cards FROM card_bursts('2025-03-01', '2025-03-02', min_cards => 3, max_p => 1) WHERE facility_id IN ('S5', 'S9') ORDER BY 1, 2;
SELECT count(*) AS alike, (SELECT count(*) FROM card_bursts('2025-03-01', '2025-03-02', max_amount_cv => 0.018)) AS too_alike FROM card_bursts('2025-03-01', '2025-03-02', max_amount_cv => 0.019);
SELECT (SELECT count(*) FROM card_bursts('2025-03-01', '2025-03-02', max_gap => '30 seconds')) AS ends_inside, (SELECT count(*) FROM card_bursts('2025-03-01', '2025-03-02', max_gap => '29 seconds')) AS below, (SELECT count(*) FROM card_bursts('2025-02-01', '2025-03-01')) AS before;
\set VERBOSITY sqlstate
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', NULL);
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', '1 month');
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', '25 hours');
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', '-1 second');
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', min_cards => NULL);
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', min_cards => 1);
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', max_amount_cv => 'NaN');
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', max_p => NULL);
SELECT * FROM card_bursts('2025-03-01', '2025-03-02', max_p => 'NaN');
SELECT * FROM card_bursts(NULL, '2025-03-02');
\set VERBOSITY default
-- against slow SQL: 6,000 payments of 40 cards in 3 shops with 2 terminals, crowded hours, ties
\set ECHO none
TRUNCATE shop.swipe;
INSERT INTO shop.swipe (swipe_id, facility_id, terminal_id, card_id, swiped_at, amount)
SELECT 'n' || i, 'S' || h1 % 3, CASE h1 / 3 % 3 WHEN 0 THEN 't1' WHEN 1 THEN 't2' END, 'c' || h1 / 9 % 40, timestamp '2025-01-01 08:00' + h2 % 80 * interval '1 day' + CASE WHEN h2 / 80 % 10 < 3 THEN h2 / 800 % 36000 ELSE 10 * (h2 / 800 % 60) END * interval '1 second', 10 + h1 / 400 % 50
FROM (SELECT i, abs(hashint4(i + 90000)::bigint) AS h1, abs(hashint4(i + 170000)::bigint) AS h2 FROM generate_series(1, 6000) AS i) x ORDER BY md5(i::text);
CREATE TABLE shop.slow_run AS
WITH RECURSIVE queue AS (SELECT *, concat(facility_id, '/', terminal_id) AS place, row_number() OVER (PARTITION BY facility_id, terminal_id ORDER BY swiped_at, swipe_id) AS nth FROM shop.swipe),
run AS (
	SELECT q.*, 1 AS run_no FROM queue AS q WHERE nth = 1
	UNION ALL SELECT q.*, r.run_no + CASE WHEN q.swiped_at - r.swiped_at <= interval '1 minute' THEN 0 ELSE 1 END FROM run AS r JOIN queue AS q ON q.place = r.place AND q.nth = r.nth + 1)
SELECT place, run_no, facility_id, terminal_id, min(swiped_at) AS from_at, max(swiped_at) AS to_at, count(*)::int AS swipe_count, count(DISTINCT card_id)::int AS cards FROM run GROUP BY 1, 2, 3, 4;
CREATE TABLE shop.slow_burst AS
SELECT r.*, n.dates, n.swipes FROM shop.slow_run AS r, LATERAL (
	SELECT count(DISTINCT s.swiped_at::date) AS dates, count(*) FILTER (WHERE extract(hour FROM s.swiped_at) = extract(hour FROM r.from_at)) AS swipes FROM shop.swipe AS s
	WHERE s.facility_id = r.facility_id AND s.terminal_id IS NOT DISTINCT FROM r.terminal_id AND s.swiped_at::date BETWEEN r.from_at::date - 56 AND r.from_at::date - 1) AS n
WHERE r.cards >= 3 AND r.from_at >= '2025-02-01' AND r.from_at < '2025-03-15' AND n.dates >= 10;
CREATE TABLE shop.fast_burst AS SELECT * FROM card_bursts('2025-02-01', '2025-03-15', min_cards => 3, max_p => 1);
\set ECHO all
SELECT count(*) > 50 AS some, count(*) FILTER (WHERE s.place IS NULL OR f.facility_id IS NULL) AS differ, count(*) FILTER (WHERE abs(f.expected - CASE WHEN swipes > 0 THEN swipes / dates::numeric ELSE 1.0 / (dates + 1) END / 60 * (extract(epoch FROM s.to_at - s.from_at) / 60 + 1)) > 1e-9) AS expect_else
FROM shop.slow_burst s FULL JOIN shop.fast_burst f ON f.facility_id = s.facility_id AND f.terminal_id IS NOT DISTINCT FROM s.terminal_id AND f.from_at = s.from_at AND f.to_at = s.to_at AND f.swipe_count = s.swipe_count AND f.cards = s.cards;
SELECT count(*) AS differ FROM (SELECT facility_id, terminal_id, from_at, p_value FROM shop.fast_burst EXCEPT SELECT b.facility_id, b.terminal_id, b.from_at, b.p_value FROM generate_series(0, 41) AS d, LATERAL card_bursts(date '2025-02-01' + d, date '2025-02-02' + d, min_cards => 3, max_p => 1) AS b) x;

-- 4. balances: A once to nothing; B in three; near misses: C in four, D leaves 1.01, E below 100 yuan, F not the last one, G unknown, H taken back
TRUNCATE shop.swipe;
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount, balance_after) SELECT card || n, CASE card WHEN 'H' THEN 'S1' ELSE 'S' || 1 + n % 2 END, card, day::timestamp, yuan, leaves FROM (VALUES
	('A', 1, '2025-03-01 10:00', 386.50, 0), ('B', 1, '2025-03-01 10:00', 50, 60), ('B', 2, '2025-03-01 10:01', 49, 11), ('B', 3, '2025-03-01 10:02', 10, 1),
	('C', 1, '2025-03-01 10:00', 50, 61), ('C', 2, '2025-03-01 10:01', 30, 31), ('C', 3, '2025-03-01 10:02', 20, 11), ('C', 4, '2025-03-01 10:03', 10, 1),
	('D', 1, '2025-03-01 10:00', 386.50, 1.01), ('E', 1, '2025-03-01 10:00', 99.99, 0), ('F', 1, '2025-03-01 10:00', 150, 0), ('F', 2, '2025-03-01 15:00', 40, 260),
	('G', 1, '2025-03-01 10:00', 386.50, NULL), ('H', 1, '2025-03-01 10:00', 386.50, 0), ('H', 2, '2025-03-02 10:00', -386.50, 386.50)) t(card, n, day, yuan, leaves);
SELECT * FROM drained_balances('2025-03-01', '2025-03-02') ORDER BY card_id;
SELECT card_id, amount FROM drained_balances('2025-03-01', '2025-03-02', 10, 1.01) ORDER BY card_id;
\set VERBOSITY sqlstate
SELECT * FROM drained_balances('2025-03-01', '2025-03-02', NULL);
SELECT * FROM drained_balances('2025-03-01', '2025-03-02', 'NaN');
SELECT * FROM drained_balances('2025-03-01', '2025-03-02', 100, -1);
SELECT * FROM drained_balances('2025-03-01', '2025-03-02', 100, NULL);
\set VERBOSITY default
-- 5. one amount by five cards; near misses: four; five at two places, on two dates, one of them twice
TRUNCATE shop.swipe;
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount) SELECT concat(yuan, '/', n), CASE WHEN yuan = 200 AND n > 3 THEN 'S2' ELSE 'S1' END, 'c' || CASE WHEN yuan = 400 THEN n % 4 ELSE n END, timestamp '2025-03-01 10:00' + n * CASE WHEN yuan = 300 THEN interval '5 hours' ELSE '1 hour' END, yuan
FROM (VALUES (100, 5), (150, 4), (200, 5), (300, 5), (400, 5)) t(yuan, cards), generate_series(1, cards) AS n;
SELECT * FROM same_amounts('2025-03-01', '2025-03-03');
SELECT amount, on_date, cards FROM same_amounts('2025-03-01', '2025-03-03', 4) ORDER BY 1;
\set VERBOSITY sqlstate
SELECT * FROM same_amounts('2025-03-01', '2025-03-03', NULL);
SELECT * FROM same_amounts('2025-03-01', '2025-03-03', 1);
\set VERBOSITY default
-- 6. travel: a degree of longitude at 30 degrees north in 40 minutes
TRUNCATE shop.swipe;
CREATE TABLE shop.facility (facility_id text, name text, kind text, region text, longitude numeric, latitude numeric);
INSERT INTO shop.facility VALUES ('S1', '甲店', 'pharmacy', '510100', 104, 30), ('S2', '乙店', 'pharmacy', '510300', 105, 30), ('S3', '丙店', 'pharmacy', '510104', 104.3, 30), ('S4', '丁店', 'pharmacy', '510300', NULL, NULL), ('S5', '戊店', 'pharmacy', '510105', 0, 0), ('S6', '己店', 'pharmacy', NULL, 999, 30);
CALL bind('facility', 'shop.facility');
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount, credential) SELECT card || n, place, card, at::timestamp, 10, kind FROM (VALUES
	('A', 1, 'S1', '2025-03-01 10:00', '03'), ('A', 2, 'S2', '2025-03-01 10:40', '03'),
	-- near misses: 50 minutes; below 30 km; by e-voucher; a date has no time of day; taken back
	('B', 1, 'S1', '2025-03-01 10:00', '03'), ('B', 2, 'S2', '2025-03-01 10:50', '03'), ('C', 1, 'S1', '2025-03-01 10:00', '03'), ('C', 2, 'S3', '2025-03-01 10:05', '03'),
	('D', 1, 'S1', '2025-03-01 10:00', '01'), ('D', 2, 'S2', '2025-03-01 10:40', '03'), ('E', 1, 'S1', '2025-03-01 00:00', '03'), ('E', 2, 'S2', '2025-03-01 00:40', '03'), ('F', 1, 'S1', '2025-03-01 10:00', '03'), ('F', 2, 'S2', '2025-03-01 10:40', '03'),
	-- where coordinates are not known: another prefecture within an hour; the same one; an hour and a second; no region
	('G', 1, 'S1', '2025-03-01 10:00', '02'), ('G', 2, 'S4', '2025-03-01 11:00', NULL), ('H', 1, 'S1', '2025-03-01 10:00', '02'), ('H', 2, 'S5', '2025-03-01 10:05', '02'), ('I', 1, 'S1', '2025-03-01 10:00', '02'), ('I', 2, 'S4', '2025-03-01 11:00:01', '02'), ('J', 1, 'S4', '2025-03-01 10:00', '02'), ('J', 2, 'S6', '2025-03-01 10:05', '02'),
	-- successive: home between the two; over midnight
	('K', 1, 'S1', '2025-03-01 10:00', '03'), ('K', 2, 'S2', '2025-03-01 12:00', '03'), ('K', 3, 'S1', '2025-03-01 12:10', '03'), ('L', 1, 'S1', '2025-02-28 23:50', '03'), ('L', 2, 'S2', '2025-03-01 00:10', '03')) t(card, n, place, at, kind);
INSERT INTO shop.swipe (swipe_id, facility_id, card_id, swiped_at, amount, credential) VALUES ('F3', 'S1', 'F', '2025-03-01 10:01', -10, '03');
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02') ORDER BY card_id;
SELECT card_id, km, minutes FROM impossible_travel('2025-03-01', '2025-03-02', 1, 20) ORDER BY card_id COLLATE "C";
SELECT count(*) FROM impossible_travel('2025-02-01', '2025-03-01');
SELECT card_id FROM impossible_travel('2025-03-01', '2025-03-02', within => '1 hour 1 second') WHERE basis = 'region' ORDER BY 1;
\set VERBOSITY sqlstate
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', NULL);
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', 0);
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', 'NaN');
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', 120, -1);
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', 120, 30, NULL);
SELECT * FROM impossible_travel('2025-03-01', '2025-03-02', 120, 30, '1 month');
\set VERBOSITY default
-- 7. baskets: the same three things for ten people; near misses: two things; nine people; another quantity; a hospital; taken back
CREATE TABLE shop.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric);
CREATE TABLE shop.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE FUNCTION shop.sell(place text, people int, items text[], quantity numeric DEFAULT 1) RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.visit SELECT concat_ws('-', place, n, items[1], quantity), 'p' || n, place, timestamp '2025-03-01 10:00' + n * interval '1 day', timestamp '2025-03-01 10:05' + n * interval '1 day', '41', 30 FROM generate_series(1, people) AS n;
	INSERT INTO shop.charge SELECT concat_ws('-', place, n, items[1], quantity), i.nth, i.code, quantity, 10 * quantity, timestamp '2025-03-01 10:01' + n * interval '1 day' FROM generate_series(1, people) AS n, unnest(items) WITH ORDINALITY AS i(code, nth)
$$;
SELECT shop.sell('S1', 12, '{a,b,c}'), shop.sell('S1', 20, '{d,e}'), shop.sell('S1', 9, '{f,g,h}'), shop.sell('S1', 9, '{a,b,c}', 2), shop.sell('H1', 12, '{a,b,c}'), shop.sell('S2', 12, '{a,b,c}');
INSERT INTO shop.facility VALUES ('H1', '医院', 'hospital', '510100', 104, 30);
-- three of S2 gave one thing back; of S1 one bought the same again
INSERT INTO shop.charge SELECT concat_ws('-', 'S2', n, 'a', 1), 'r', 'b', -1, -10, timestamp '2025-03-01 10:03' + n * interval '1 day' FROM generate_series(1, 3) AS n;
INSERT INTO shop.visit VALUES ('again', 'p1', 'S1', '2025-03-20 10:00', '2025-03-20 10:05', '41', 30);
INSERT INTO shop.charge SELECT 'again', nth, code, 1, 10, '2025-03-20 10:01' FROM unnest('{c,b,a}'::text[]) WITH ORDINALITY AS i(code, nth);
CALL bind('visit', 'shop.visit');
CALL bind('charge', 'shop.charge');
SELECT facility_id, item_codes, quantities, visits, people, round(share::numeric, 4) AS share, amount, visit_ids[1] FROM repeated_baskets('2025-03-01', '2025-04-01');
SELECT facility_id, item_codes, quantities, people FROM repeated_baskets('2025-03-01', '2025-04-01', 9, 0) ORDER BY 1, 2, 3;
SELECT count(*) FROM repeated_baskets('2025-03-01', '2025-04-01', 1, 0.3);
-- a pharmacy that the register lacks is told by its number; by the code of its kind; a clinic with such a number, and what nothing tells, is none
SELECT kind, facility_id, medaudit._is_pharmacy(kind, facility_id) AS pharmacy FROM (VALUES ('pharmacy', 'X'), ('Retail Ｐharmacy', 'X'), ('定点零售药店', 'X'), ('零售药房', 'H51010000001'), ('2', 'X'), (' ２ ', 'H51010000001'), ('1', 'P51010000001'), ('诊所', 'P51010000001'), ('hospital', 'P51010000001'), ('09', 'P51010000001'), (NULL, 'P51010000001'), ('', 'P5101000000'), ('09', 'H51010000001'), ('22', 'X'), (NULL, NULL)) AS t (kind, facility_id);
INSERT INTO shop.facility (facility_id, kind) VALUES ('P51010000002', '诊所'), ('P51010000003', '2');
SELECT shop.sell(place, 12, '{a,b,c}') FROM unnest('{P51010000001,P51010000002,P51010000003,X1}'::text[]) AS place \g /dev/null
SELECT facility_id, people FROM repeated_baskets('2025-03-01', '2025-04-01') WHERE facility_id NOT LIKE 'S%' ORDER BY 1;
\set VERBOSITY sqlstate
SELECT * FROM repeated_baskets('2025-03-01', '2025-04-01', NULL);
SELECT * FROM repeated_baskets('2025-03-01', '2025-04-01', 0);
SELECT * FROM repeated_baskets('2025-03-01', '2025-04-01', 10, 'NaN');
SELECT * FROM repeated_baskets('2025-03-01', '2025-04-01', 10, NULL);
\set VERBOSITY default
DROP VIEW medaudit_data.swipe, medaudit_data.facility, medaudit_data.visit, medaudit_data.charge;
TRUNCATE medaudit.binding;
DROP SCHEMA shop CASCADE;
