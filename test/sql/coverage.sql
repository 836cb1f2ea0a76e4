-- coverage: how much of what was charged nothing can be found in
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- findings are written by hand here, which none but tests do
-- What books hold, by code, against plain SQL over their lines: refunds among
-- them, codes in several spellings, books without lines.
CREATE TEMPORARY TABLE line AS
SELECT 'V' || i % 40 AS visit_id, 'F' || i % 40 % 3 AS facility_id, (ARRAY['a', 'A', 'ａ', 'b', 'long code ' || i % 7])[1 + abs(hashint4(i)) % 5] AS item_code,
	CASE WHEN i % 9 = 0 THEN -1 ELSE 2 END::numeric AS quantity, CASE WHEN i % 9 = 0 THEN -7.25 ELSE 14.5 END AS amount
FROM generate_series(1, 2000) AS i;
CREATE TEMPORARY TABLE book AS
SELECT visit_id, min(facility_id) AS facility_id, medaudit.ledger(item_code, quantity, amount, '2026-03-01 08:00') AS book
FROM line GROUP BY visit_id;
INSERT INTO book VALUES ('none', 'F0', NULL), ('empty', 'F1', (SELECT medaudit.ledger(NULL, 1, 1, '2026-03-01')));
CREATE TEMPORARY TABLE kind AS
SELECT item_code, abs(hashtext(item_code)) % 8 AS kind FROM line WHERE item_code <> 'b' GROUP BY item_code;
SELECT count(*) AS codes, count(*) FILTER (WHERE k.lines IS DISTINCT FROM l.lines) AS differ
FROM (SELECT i.item_code, i.lines FROM (SELECT medaudit._charged_codes(book) AS codes, medaudit._charged_counts(book) AS counts FROM book) AS b
	CROSS JOIN LATERAL ROWS FROM (unnest(b.codes), unnest(b.counts)) AS i (item_code, lines)) AS k
FULL JOIN (SELECT item_code, count(*) AS lines FROM line GROUP BY item_code) AS l USING (item_code);
SELECT b.facility_id, b.sums, b.sums = ARRAY[count(*), sum(l.amount), count(*) FILTER (WHERE k.kind & 1 > 0), sum(l.amount) FILTER (WHERE k.kind & 1 > 0),
	count(*) FILTER (WHERE k.kind & 2 > 0), sum(l.amount) FILTER (WHERE k.kind & 2 > 0), count(*) FILTER (WHERE k.kind & 4 > 0), sum(l.amount) FILTER (WHERE k.kind & 4 > 0)] AS right
FROM (SELECT facility_id, medaudit._coverage(book, (SELECT array_agg(item_code) FROM kind), (SELECT array_agg(kind) FROM kind)) AS sums FROM book GROUP BY facility_id) AS b
JOIN line AS l ON l.facility_id = b.facility_id
JOIN kind AS k ON k.item_code = l.item_code
GROUP BY b.facility_id, b.sums ORDER BY 1;
SELECT medaudit._charged_codes(book), medaudit._coverage(book, '{}', '{}') FROM book WHERE false;
SELECT medaudit._coverage(book, '{a,b}', '{1}') FROM book;
SELECT medaudit._coverage(book, NULL, '{1}') FROM book;
SELECT medaudit._coverage(book, '{a,NULL}', '{1,2}') FROM book;
DROP TABLE line, book, kind;

ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.facility AS SELECT 'F' || i AS facility_id, '医院' || i AS name FROM generate_series(1, 3) AS i;
-- codes: national ones, local ones that item maps, and what nobody knows
CREATE TABLE warehouse.item (item_code text, national_code text);
INSERT INTO warehouse.item VALUES ('001109000010000', NULL), ('L1', '001201000030000'), ('L2', 'local'), ('L3', NULL), ('L4', 'XB01ACA228B002010180964');
CREATE TABLE warehouse.visit AS
SELECT 'V' || i AS visit_id, 'P' || i % 20 AS person_id, CASE WHEN i % 7 > 0 THEN 'F' || 1 + i % 2 END AS facility_id,
	timestamp '2026-03-01 09:00' + i * interval '17 hours' AS admitted_at, timestamp '2026-03-01 19:00' + i * interval '17 hours' AS discharged_at, '11' AS visit_type, 'J18' AS main_diagnosis
FROM generate_series(1, 80) AS i;
CREATE TABLE warehouse.charge AS
SELECT visit_id, l::text AS line_id, (ARRAY['001109000010000', '531201000030000', 'L1', 'L2', 'L3', 'L4', 'X', 'T001700029', NULL])[1 + (l * 7 + length(visit_id) + right(visit_id, 1)::int) % 9] AS item_code,
	CASE WHEN l = 5 THEN -1 ELSE l % 3 + 1 END AS quantity, CASE WHEN l = 5 THEN -3.5 ELSE 10.25 * l END AS amount, admitted_at + l * interval '1 hour' AS charged_at
FROM warehouse.visit, generate_series(1, 9) AS l;
INSERT INTO warehouse.charge VALUES ('V1', 'n', 'X', 1, NULL, '2026-03-02'), ('nobody', '1', 'X', 1, 100, '2026-03-02');
CALL medaudit.bind('facility', 'warehouse.facility');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
CALL medaudit.bind('item', 'warehouse.item');
-- Two rules of its own look at nursing and at one local code; what is not
-- enabled, what wants columns that are not bound, what does not compile and
-- what asks for diagnoses look at nothing.
UPDATE medaudit.rule SET enabled = false WHERE enabled AND rule_code <> 'starter_diagnosis';
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_cap', 'quantity', '护理'), ('t_local', 'price', '本地'), ('t_off', 'price', '停用'), ('t_sex', 'restriction', '限女性'), ('t_broken', 'quantity', '坏规则');
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, scope, max_quantity, max_price, sex) VALUES
	('t_cap', '001201000030000', 'service', 'day', 1, NULL, NULL), ('t_local', 'L3', 'exact', NULL, NULL, 1, NULL),
	('t_off', 'X', 'exact', NULL, NULL, 1, NULL), ('t_sex', 'X', 'exact', NULL, NULL, NULL, '2');
UPDATE medaudit.rule SET enabled = false WHERE rule_code = 't_off';
SET session_replication_role = replica;
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_broken', 'X', 'day');
SET session_replication_role = DEFAULT;

CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{t_cap}');
SELECT facility_id, facility_name, month, lines, amount, unlisted_lines, unlisted_amount, unmapped_lines, unmapped_amount, unruled_lines, unruled_amount
FROM medaudit.code_coverage ORDER BY facility_id, month;
SELECT facility_id, month, unlisted_share, unmapped_share, unruled_share, from_date, last_date FROM medaudit.code_coverage ORDER BY facility_id, month;
-- the same in plain SQL
CREATE VIEW warehouse.plain AS
SELECT v.facility_id, date_trunc('month', v.discharged_at)::date AS month, count(*) AS lines, sum(amount)::numeric(14,2) AS amount,
	count(*) FILTER (WHERE item_code NOT IN ('001109000010000', 'L1', 'L2', 'L3', 'L4')) AS unlisted,
	sum(amount) FILTER (WHERE item_code IN ('L2', 'L3', 'X'))::numeric(14,2) AS unmapped,
	sum(amount) FILTER (WHERE item_code NOT IN ('531201000030000', 'L1', 'L3'))::numeric(14,2) AS unruled
FROM warehouse.charge JOIN warehouse.visit AS v USING (visit_id) WHERE item_code IS NOT NULL GROUP BY 1, 2;
CREATE VIEW warehouse.counted AS SELECT facility_id, month, lines, amount, unlisted_lines, unmapped_amount, unruled_amount FROM medaudit.code_coverage;
SELECT count(*) AS months, (SELECT count(*) FROM (TABLE warehouse.plain EXCEPT TABLE warehouse.counted) AS d) AS wrong FROM warehouse.plain;
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE relation = 'charge' AND problem LIKE '%code%' ORDER BY 1, 3;

-- however the time is cut, in whatever order, what is shown is the same; the
-- last run of a day decides
CREATE TABLE warehouse.whole AS TABLE warehouse.counted;
CREATE PROCEDURE warehouse.cut(days int, backwards bool) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 0 .. 61 / days LOOP
		CALL medaudit.run_audit(date '2026-03-01' + days * CASE WHEN backwards THEN 61 / days - i ELSE i END, date '2026-03-01' + days * (1 + CASE WHEN backwards THEN 61 / days - i ELSE i END), '{t_cap}');
	END LOOP;
END
$$;
DELETE FROM medaudit.run;
SELECT count(*) AS of_no_run FROM medaudit.code_coverage;
CALL warehouse.cut(7, true);
SELECT count(*) AS months, (SELECT count(*) FROM (TABLE warehouse.whole EXCEPT TABLE warehouse.counted) AS d) AS wrong FROM warehouse.counted;
CALL warehouse.cut(20, false);
SELECT count(*) AS months, (SELECT count(*) FROM (TABLE warehouse.whole EXCEPT TABLE warehouse.counted) AS d) AS wrong FROM warehouse.counted;
SELECT count(DISTINCT (facility_id, settled_on)) = count(*) AS each_once FROM medaudit.run_coverage;
-- a visit that is settled elsewhere now leaves the day that it had
UPDATE warehouse.visit SET facility_id = 'F3' WHERE facility_id IS NULL;
CALL medaudit.run_audit('2026-04-01', '2026-05-01', '{t_cap}');
SELECT facility_id, month, lines FROM medaudit.code_coverage WHERE facility_id IS NULL OR facility_id = 'F3' ORDER BY 1, 2;

-- the view reads no charges
DROP VIEW medaudit_data.charge;
SELECT count(*) FROM medaudit.code_coverage;
CALL medaudit.bind('charge', 'warehouse.charge');

-- the run warns above 5 %, of the lines or of the money; at 5 % it does not
TRUNCATE warehouse.charge, warehouse.item;
DELETE FROM medaudit.rule WHERE rule_code IN ('t_broken', 't_sex');
INSERT INTO warehouse.charge SELECT 'V1', l::text, '001201000030000', 1, 10, '2026-03-02 10:00' FROM generate_series(1, 19) AS l;
INSERT INTO warehouse.charge VALUES ('V1', '20', 'L9', 1, 10, '2026-03-02 10:00');
INSERT INTO warehouse.item VALUES ('001201000030000', NULL);
SET client_min_messages = warning;
SELECT setval('medaudit.run_id_seq', 500) AS run_id;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
UPDATE warehouse.charge SET amount = 10.01 WHERE line_id = '20';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
UPDATE warehouse.charge SET amount = 5 WHERE line_id = '20';
DELETE FROM warehouse.charge WHERE line_id = '1';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
-- what is in the catalogue with a national code is told as unruled only
INSERT INTO warehouse.item VALUES ('L9', '001109000010000');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem LIKE '%code%';
-- all was refunded: there is no share of the money
UPDATE warehouse.charge SET amount = 0;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
SELECT facility_id, lines, amount, unruled_lines, unruled_amount, unruled_share FROM medaudit.code_coverage WHERE month = '2026-03-01';
-- without item it is not known what is listed
DROP VIEW medaudit_data.item;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
SELECT lines, unlisted_lines, unlisted_amount, unlisted_share, unmapped_lines, unruled_lines FROM medaudit.code_coverage WHERE month = '2026-03-01';
-- bound without national_code
DELETE FROM warehouse.item WHERE item_code <> 'L9';
CALL medaudit.bind('item', 'warehouse.item', '{"national_code": null}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
SELECT lines, unlisted_lines, unmapped_lines FROM medaudit.code_coverage WHERE month = '2026-03-01';
-- no rule at all, and no line at all
DELETE FROM medaudit.rule WHERE NOT shipped;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{starter_hours}');
TRUNCATE warehouse.charge;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{starter_hours}');
SELECT count(*) FROM medaudit.code_coverage WHERE month = '2026-03-01';

TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line, medaudit.binding;
SELECT count(*) FROM medaudit.run_coverage;
DELETE FROM medaudit.rule_setting;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.item, medaudit_data.facility;
DROP SCHEMA warehouse CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
