-- run_cards: runs that ask of card payments
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
DROP SCHEMA IF EXISTS shop CASCADE;
CREATE SCHEMA shop;
CREATE TABLE shop.facility AS SELECT * FROM (VALUES ('H1', '第一医院', 'hospital', '510100', 104.0, 30.0), ('S1', '甲药店', '零售药房', '510100', 104.0, 30.0), ('S2', '乙药店', 'pharmacy', '510100', 104.01, 30.0), ('S3', '丙药店', '2', '510100', 104.02, 30.0),
	('S4', '丁药店', 'pharmacy', '510100', 104.03, 30.0), ('S5', '戊药店', 'pharmacy', '510300', 105.0, 30.0)) AS t (facility_id, name, kind, region, longitude, latitude);
CREATE TABLE shop.person AS SELECT 'P' || n AS person_id, '张' || n AS name, CASE WHEN n BETWEEN 21 AND 23 THEN 'home' ELSE 'h' || n END AS household_id FROM generate_series(1, 30) AS n;
CREATE TABLE shop.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, record_no text);
CREATE TABLE shop.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE TABLE shop.swipe (swipe_id text, facility_id text, terminal_id text, card_id text, person_id text, swiped_at timestamp, amount numeric, balance_after numeric, credential text);
-- the street: eight payments a day at each shop, of 600 cards; a fifth of S2's are of one price
INSERT INTO shop.swipe
SELECT 'n' || i, 'S' || 1 + i % 5, NULL, CASE WHEN i % 5 = 4 THEN 'z' ELSE 'c' END || h1 % 600, NULL, timestamp '2025-01-01 08:00' + i / 40 * interval '1 day' + h2 % 43200 * interval '1 second', CASE WHEN i % 5 = 1 AND h1 / 600 % 5 = 0 THEN 25 ELSE round(10 + h1 / 600 % 9000 / 100.0, 2) END, 500 + h2 / 43200 % 2500, '03'
FROM (SELECT i, abs(hashint4(i + 400000)::bigint) AS h1, abs(hashint4(i + 500000)::bigint) AS h2 FROM generate_series(0, 40 * 181 - 1) AS i) AS x;
CREATE FUNCTION shop.pay(place text, card text, at timestamp, yuan numeric DEFAULT 60, leaves numeric DEFAULT 800, person text DEFAULT NULL, kind text DEFAULT '03', terminal text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO shop.swipe SELECT concat_ws('-', card, place, to_char(at, 'MMDDHH24MISS')), place, terminal, card, person, at, yuan, leaves, kind
$$;
DO $$
DECLARE
	week int;
	n int;
	month int;
BEGIN
	FOR week IN 0..3 LOOP
		-- V60, r1 to r3 of S1 flag; family of P21 to P23 at S2, a couple at S3, and one card with ever others at S5 not
		FOR n IN 1..3 LOOP
			PERFORM shop.pay('S1', 'r' || n, timestamp '2025-02-05 10:00' + week * interval '7 days' + n * interval '4 minutes', 50 + n, person => 'P' || n);
			PERFORM shop.pay('S2', 'f' || n, timestamp '2025-02-06 10:00' + week * interval '7 days' + n * interval '4 minutes', 40 + n + week, person => 'P' || 20 + n);
			PERFORM shop.pay('S5', CASE n WHEN 1 THEN 'a' ELSE concat('x', week, n) END, timestamp '2025-02-06 10:00' + week * interval '7 days' + n * interval '4 minutes', 40 + n + week);
		END LOOP;
		PERFORM shop.pay('S3', 'k1', timestamp '2025-02-06 10:00' + week * interval '7 days'), shop.pay('S3', 'k2', timestamp '2025-02-06 10:04' + week * interval '7 days', 61);
	END LOOP;
	-- three cards together once, twice on one date
	FOR n IN 1..3 LOOP
		PERFORM shop.pay('S4', 'o' || n, timestamp '2025-02-07 10:00' + n * interval '4 minutes', 50 + n), shop.pay('S4', 'o' || n, timestamp '2025-02-07 15:00' + n * interval '4 minutes', 60 + n),
			shop.pay('S4', 'o' || n, timestamp '2025-02-07 18:00' + n * interval '4 minutes', 70 + n);
	END LOOP;
	-- pension days: most of the 60 old people of S4 on the 15th of a month, between eight and twenty past nine, in no order
	FOR month IN 0..5 LOOP FOR n IN 1..60 LOOP
		PERFORM shop.pay('S4', 'p' || n, timestamp '2025-01-15 08:00' + month * interval '1 month' + abs(hashint4(1000 * month + n)::bigint) % 4800 * interval '1 second', 20 + n + month / 100.0) WHERE abs(hashint4(7000 * month + n)::bigint) % 5 < 4;
	END LOOP; END LOOP;
	-- an outing of thirty: an hour at S3
	FOR n IN 1..30 LOOP PERFORM shop.pay('S3', 'e' || n, timestamp '2025-04-12 14:00' + abs(hashint4(n)::bigint) % 3600 * interval '1 second', 30 + n); END LOOP;
	-- a burst flag; of five cards at another terminal, without a baseline of its own, not
	FOR n IN 0..5 LOOP PERFORM shop.pay('S2', 'b' || n, timestamp '2025-04-10 15:05' + n * interval '30 seconds', 100 + n); END LOOP;
	FOR n IN 0..5 LOOP PERFORM shop.pay('S2', 'b' || n, timestamp '2025-04-11 15:05' + n * interval '30 seconds', 110 + n, terminal => 'new'); END LOOP;
	-- V62, S3 empties seven cards in May flag, one of them twice; S1 one, S2 three of 90 yuan not
	FOR n IN 1..7 LOOP PERFORM shop.pay('S3', 'd' || n, timestamp '2025-05-03 11:00' + n * interval '1 day', 300 + 7 * n, 0.5); END LOOP;
	PERFORM shop.pay('S3', 'd1', '2025-05-28 11:00', 150.25, 0), shop.pay('S1', 'd9', '2025-05-03 11:00', 386.5, 0);
	FOR n IN 1..3 LOOP PERFORM shop.pay('S2', 'w' || n, timestamp '2025-05-03 11:00' + n * interval '1 day', 90, 0); END LOOP;
	-- one amount seven times at S1 flag; the price of S2 not
	FOR n IN 1..7 LOOP PERFORM shop.pay('S1', 's' || n, timestamp '2025-06-03 09:00' + n * interval '1 hour', 88); END LOOP;
	FOR n IN 1..6 LOOP PERFORM shop.pay('S2', 's' || n, timestamp '2025-06-03 09:00' + n * interval '1 hour', 25); END LOOP;
END $$;
-- V34, V67: P11 in hospital, a card in a shop on an inner date flag; on the dates of admission and discharge, by e-voucher, at the hospital itself not
INSERT INTO shop.visit VALUES ('stay', 'P11', 'H1', '2025-03-01 08:00', '2025-03-10 10:00', '21', 'I10', 900, 'Z1'), ('long', 'P12', 'H1', '2024-12-20 08:00', '2025-04-02 10:00', '21', 'I10', 900, 'Z2'), ('plain', 'P13', 'H1', '2025-05-05 08:00', '2025-05-09 10:00', '21', 'I10', 900, 'Z3');
INSERT INTO shop.charge SELECT visit_id, '1', 'X', 1, 900, admitted_at + interval '1 hour' FROM shop.visit;
SELECT count(*) FROM (SELECT shop.pay('S1', 'P11', '2025-03-05 11:00', person => 'P11'), shop.pay('S1', 'P11', '2025-03-01 11:00', person => 'P11'), shop.pay('S1', 'P11', '2025-03-10 12:00', person => 'P11'), shop.pay('S2', 'v11', '2025-03-06 11:00', person => 'P11', kind => '01'), shop.pay('H1', 'P11', '2025-03-06 12:00', person => 'P11'),
	shop.pay('S2', 'P12', '2025-01-03 11:00', 33, person => 'P12'), shop.pay('S2', 'P12', '2025-03-30 11:00', 34, person => 'P12')) AS x \g /dev/null
-- one card in two towns; forty minutes by e-voucher not
-- of which nothing tells what they are; a hospital by its number is told
INSERT INTO shop.facility VALUES ('S7', '庚店', '09', '510400', NULL, NULL), ('H51010000001', '二院', '09', '510400', NULL, NULL);
SELECT count(*) FROM (SELECT shop.pay('S7', 'y1', '2025-05-21 10:00', 61), shop.pay('S7', 'y2', '2025-05-22 10:00', 61), shop.pay('S8', 'y3', '2025-05-22 10:00', 61), shop.pay('H51010000001', 'y4', '2025-05-22 10:00', 61)) AS x \g /dev/null
-- before what a run of April reads: P12 in an upload of 40, and taken back by a row that names nobody, not; among 31 of which another was taken back flag
SELECT count(shop.pay('S4', 'up' || n, '2025-01-08 22:00', 10 + n, person => CASE n WHEN 1 THEN 'P12' END)) FROM generate_series(1, 40) AS n \g /dev/null
SELECT count(shop.pay('S3', 'ut' || n, '2025-01-09 22:00', 10 + n, person => CASE n WHEN 1 THEN 'P12' END)) FROM generate_series(1, 31) AS n \g /dev/null
SELECT count(*) FROM (SELECT shop.pay('S3', 'ut9', '2025-01-10 12:00', -19), shop.pay('S2', 'P12', '2025-01-10 12:00', 45, person => 'P12'), shop.pay('S2', 'P12', '2025-01-11 13:00', -45)) AS x \g /dev/null
-- of an unknown credential not; where coordinates are not known a notice; what d5 paid at S4 before it was emptied is no money of S3
INSERT INTO shop.facility VALUES ('S6', '己药店', 'pharmacy', '510400', NULL, NULL);
SELECT count(*) FROM (SELECT shop.pay('S1', 't4', '2025-05-21 10:00', 61, kind => NULL), shop.pay('S5', 't4', '2025-05-21 10:40', 62), shop.pay('S1', 't5', '2025-05-21 10:00', 61), shop.pay('S5', 't5', '2025-05-21 10:40', 62, kind => ''),
	shop.pay('S1', 't6', '2025-05-21 10:00', 61, person => 'P15'), shop.pay('S6', 't6', '2025-05-21 10:40', 62, person => 'P15'), shop.pay('S4', 'd5', '2025-05-08 09:00', 12.34, 335.5)) AS x \g /dev/null
SELECT count(*) FROM (SELECT shop.pay('S1', 't1', '2025-05-20 10:00', person => 'P14'), shop.pay('S5', 't1', '2025-05-20 10:40', person => 'P14'), shop.pay('S1', 't2', '2025-05-20 10:00', 61), shop.pay('S5', 't2', '2025-05-20 10:40', 62), shop.pay('S1', 't3', '2025-05-20 10:00', kind => '01'), shop.pay('S5', 't3', '2025-05-20 10:40', kind => '01')) AS x \g /dev/null
-- what is not well
INSERT INTO shop.swipe SELECT 'u' || n, 'S5', NULL, 'u' || n, NULL, timestamp '2025-06-20 23:00', 10 + n, NULL, NULL FROM generate_series(1, 31) AS n;
INSERT INTO shop.swipe VALUES ('q1', NULL, NULL, 'q', NULL, '2025-06-20', 5, 1, '03'), ('q2', 'S1', NULL, NULL, NULL, '2025-06-20', 5, 1, '03'), ('q3', 'S1', NULL, 'q', NULL, NULL, 5, 1, '03'), ('q4', 'S1', NULL, 'q', NULL, '2025-06-20', 7, 1, '03'), ('q5', 'S1', NULL, 'q', NULL, '2025-06-20 11:00', -6, 1, '03'), ('same', 'S1', NULL, 'q', NULL, '2025-06-20 12:00', 8, 1, '03'), ('same', 'S1', NULL, 'q', NULL, '2025-06-20 13:00', 9, 1, '03');
INSERT INTO shop.swipe SELECT * FROM shop.swipe WHERE swipe_id IN ('r1-S1-0205100400', 'n77');
\set ECHO all
-- without swipes the rules are off, and say so
CALL medaudit.bind('facility', 'shop.facility');
CALL medaudit.bind('person', 'shop.person');
CALL medaudit.bind('visit', 'shop.visit');
CALL medaudit.bind('charge', 'shop.charge');
CALL medaudit.run_audit('2025-01-01', '2025-02-01', '{card_bursts,cards_together,drained_balances,same_amounts,swipes_in_stay,impossible_travel}');
\pset format unaligned
SELECT rule_code, state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND rule_code IS NOT NULL ORDER BY step_no;
SELECT DISTINCT unnest(rules_off) AS off FROM medaudit.sources() WHERE relation = 'swipe' ORDER BY 1;
CALL medaudit.bind('swipe', 'shop.swipe');
CREATE VIEW shop.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, regexp_replace(f.key, '[0-9a-f]{64}', '#') AS key, f.person_id, f.facility_id, f.certainty, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(l.line_id, ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text, f.key AS full_key
FROM medaudit.finding AS f;
CALL medaudit.run_audit('2025-01-01', '2025-07-01', '{card_bursts,cards_together,drained_balances,same_amounts,swipes_in_stay,impossible_travel}');
SELECT coalesce(rule_code, step) AS step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, person_id, facility_id, certainty, involved, judged_on, lines FROM shop.found ORDER BY rule_code, subject_id COLLATE "C", lines COLLATE "C";
SELECT DISTINCT ON (rule_code) rule_code, evidence, evidence_text FROM shop.found ORDER BY rule_code, subject_id COLLATE "C", lines COLLATE "C";
SELECT l.line_no, l.line_id, l.charged_at, l.amount, l.facility_id, l.person_id, l.evidence, l.evidence_text FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.rule_code = 'impossible_travel' AND f.subject_id = 'P14' ORDER BY 1;
SELECT evidence ->> 'elsewhere' AS elsewhere, involved, evidence_text FROM shop.found WHERE rule_code = 'drained_balances' AND lines ~ '^d5-' ORDER BY lines;
-- the crowds are near misses indeed: without a look at their dates and hours they are found
SELECT max(cardinality(g.person_ids)) AS street FROM (SELECT medaudit.stays(swipe_id, card_id, facility_id, swiped_at, swiped_at, NULL, amount) AS book FROM medaudit.swipe_rows('2025-01-01', '2025-04-01') WHERE facility_id = 'S4') AS b, medaudit.companion_groups(b.book, interval '30 minutes', 3, '{}', 1e-3) AS g;
SELECT facility_id, from_at::date AS day, count(*) > 0 AS bursts FROM medaudit.card_bursts('2025-01-01', '2025-07-01', max_p => 1e-5) WHERE facility_id IN ('S3', 'S4') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE relation = 'swipe' OR problem ~ 'pharmac' ORDER BY problem;

-- however the time is cut: months in any order leave what one run of the half year leaves
CREATE TABLE shop.stood AS SELECT * FROM shop.found;
TRUNCATE medaudit.run, medaudit.finding;
CREATE PROCEDURE shop.run_months(VARIADIC months date[]) LANGUAGE plpgsql AS $$
DECLARE
	month date;
BEGIN
	FOREACH month IN ARRAY months LOOP
		CALL medaudit.run_audit(month, (month + interval '1 month')::date, '{card_bursts,cards_together,drained_balances,same_amounts,swipes_in_stay,impossible_travel}');
	END LOOP;
END $$;
CALL shop.run_months('2025-02-01', '2025-05-01', '2025-01-01', '2025-06-01', '2025-03-01', '2025-04-01');
SELECT count(*) AS differ FROM ((TABLE shop.stood EXCEPT ALL TABLE shop.found) UNION ALL (TABLE shop.found EXCEPT ALL TABLE shop.stood)) AS d;
-- payments without a number of their own: a late one of another card on the date changes no key
UPDATE shop.swipe SET swipe_id = NULL WHERE card_id = 't1';
CALL shop.run_months('2025-05-01');
SELECT finding_id AS before, key AS key_before FROM medaudit.finding WHERE rule_code = 'impossible_travel' AND subject_id = 'P14' \gset
INSERT INTO shop.swipe VALUES (NULL, 'S1', NULL, 'a-late', NULL, '2025-05-20 07:00', 12, 800, '03');
CALL shop.run_months('2025-05-01');
SELECT finding_id = :before AS same, key = :'key_before' AS same_key, regexp_replace(key, '[0-9a-f]{64}', '#') AS key, state FROM medaudit.finding WHERE rule_code = 'impossible_travel' AND subject_id = 'P14';
-- a group grows under its key; another card makes another group, and the smaller one goes
SELECT finding_id AS before FROM medaudit.finding WHERE rule_code = 'cards_together' \gset
SELECT shop.pay('S1', 'r' || n, timestamp '2025-03-12 10:00' + n * interval '4 minutes', 50 + n, person => 'P' || n) FROM generate_series(1, 3) AS n;
CALL shop.run_months('2025-03-01');
SELECT finding_id = :before AS same, state, judged_on, involved_amount AS involved, evidence ->> 'dates' AS dates FROM medaudit.finding WHERE rule_code = 'cards_together';
SELECT shop.pay('S1', 'r4', at + interval '2 minutes', 49, person => 'P4') FROM unnest('{2025-02-19 10:04,2025-02-26 10:04,2025-03-12 10:04}'::timestamp[]) AS at;
CALL shop.run_months('2025-03-01');
SELECT count(*), min(evidence ->> 'cards') AS cards FROM medaudit.finding WHERE rule_code = 'cards_together' AND facility_id = 'S1';
-- what is taken back goes
INSERT INTO shop.swipe SELECT swipe_id || 'r', facility_id, terminal_id, card_id, person_id, swiped_at + interval '1 hour', -amount, balance_after, credential FROM shop.swipe WHERE card_id IN ('r4', 'r3', 't1');
CALL shop.run_months('2025-02-01', '2025-03-01', '2025-05-01');
SELECT rule_code, subject_id, facility_id FROM medaudit.finding WHERE rule_code IN ('cards_together', 'impossible_travel') ORDER BY 1, 2;
-- thresholds of the rules
SELECT medaudit.set_rule('drained_balances', parameters => '{"min_cards": 1, "max_p": 1, "min_amount": 90}'), medaudit.set_rule('same_amounts', parameters => '{"max_p": 1}');
CALL shop.run_months('2025-05-01', '2025-06-01');
SELECT rule_code, facility_id, count(*) FROM medaudit.finding WHERE rule_code IN ('drained_balances', 'same_amounts') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT medaudit.set_rule('drained_balances', parameters => '{"min_cards": 3, "max_p": 1e-5}'), medaudit.set_rule('same_amounts', parameters => '{"max_p": 1e-6}');
SELECT rule_code, name, value, default_value FROM medaudit.rule_parameters WHERE rule_code IN (SELECT rule_code FROM medaudit.rule WHERE kind IN (SELECT kind FROM medaudit.rule_kind WHERE book = 'cards')) ORDER BY 1, 2;
DROP SCHEMA shop CASCADE;

-- no flood: half a year of 40 shops in which nobody does anything wrong (2,000 shops and a year: test/bench/run card_year)
\getenv test_directory PG_ABS_SRCDIR
\set year :test_directory '/card_year.sql'
\set shops 40
\set days 181
\set payments 4
\set ECHO none
TRUNCATE medaudit.run, medaudit.finding;
\i :year
\set ECHO all
CALL medaudit.bind('facility', 'street.facility');
CALL medaudit.bind('visit', 'street.visit');
CALL medaudit.bind('charge', 'street.charge');
CALL medaudit.bind('swipe', 'street.swipe');
CALL medaudit.run_audit('2025-01-01', '2025-07-01', '{card_bursts,cards_together,drained_balances,same_amounts,impossible_travel}');
SELECT (SELECT count(*) FROM street.swipe) > 30000 AS payments, (SELECT count(*) FROM medaudit.run_progress WHERE state = 'done' AND rule_code IS NOT NULL) AS asked, count(*) AS findings, string_agg(DISTINCT rule_code, ' ') AS rules, count(*) * 1000 / (:shops * :days / 7.0) < 0.5 AS few FROM medaudit.finding;
-- four cards at one counter on six Wednesdays are found among all these
INSERT INTO street.swipe SELECT concat('ring', card, week), 'S7', NULL, 'ring' || card, timestamp '2025-02-05 15:10' + week * interval '7 days' + card * interval '70 seconds', 90 + card, 300, '03' FROM generate_series(1, 4) AS card, generate_series(0, 5) AS week;
CALL medaudit.run_audit('2025-01-01', '2025-04-01', '{cards_together}');
SELECT facility_id, evidence ->> 'cards' AS cards, evidence ->> 'pairs' AS pairs, evidence ->> 'dates' AS dates, (evidence ->> 'expected_pairs')::numeric < 0.1 AS by_chance FROM medaudit.finding WHERE rule_code = 'cards_together';
DROP VIEW medaudit_data.swipe, medaudit_data.facility, medaudit_data.visit, medaudit_data.charge;
DROP SCHEMA street CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
