-- run_sources: what a run does with rows that were delivered twice
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- findings are emptied by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA loaded;
CREATE TABLE loaded.facility (facility_id text, name text, rank int, beds int, credit_code text);
CREATE TABLE loaded.person (person_id text, name text, sex text, birth_date date, resident_id text, death_date date, household_id text);
CREATE TABLE loaded.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric);
CREATE TABLE loaded.diagnosis (visit_id text, diagnosis_code text, rank int, admission bool);
CREATE TABLE loaded.charge (visit_id text, line_id text, original_line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, item_name text);
CREATE TABLE loaded.item (item_code text, national_code text, name text, unit text, valid daterange);
INSERT INTO loaded.facility VALUES ('F1', '县人民医院', 2, 100, 'C1'), ('F2', '县中医院', 2, 50, 'C2');
INSERT INTO loaded.person SELECT 'P' || i, '某' || i, '1', '1960-01-01' FROM generate_series(1, 9) AS i;
INSERT INTO loaded.visit SELECT 'V' || i, 'P' || i, CASE WHEN i < 6 THEN 'F1' ELSE 'F2' END, '2026-03-02', '2026-03-02', '2026-03-02', '11', 'I10', 100, 100, 50
FROM generate_series(1, 9) AS i;
-- a good visit with two too many, and one that is fine
INSERT INTO loaded.charge (visit_id, line_id, item_code, quantity, amount, charged_at) VALUES
	('V1', '1', 'A', 1, 10, '2026-03-02 08:00'), ('V1', '2', 'A', 1, 10, '2026-03-02 09:00'), ('V1', '3', 'A', 1, 10, '2026-03-02 10:00'),
	('V2', '1', 'A', 1, 10, '2026-03-02 08:00'), ('V2', '2', 'B', 1, 10, '2026-03-02 09:00');
INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, certainty) VALUES
	('t_cap', 'quantity', '超频次', '每日一次', 'violation'), ('t_twice', 'duplicate', '重复收费', '同日重复', 'violation'),
	('t_sex', 'restriction', '超限定', '限女性', 'violation'), ('t_before', 'prerequisite', '串换', '须先收取D', 'violation'),
	('t_other', 'quantity', '超频次', '与本例无关', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, sex) VALUES
	('t_cap', 'A', NULL, 'day', 1, NULL), ('t_twice', 'A', NULL, 'day', NULL, NULL), ('t_sex', 'S', NULL, NULL, NULL, '2'),
	('t_before', 'B', 'D', 'visit', NULL, NULL), ('t_other', 'Z', NULL, 'day', 1, NULL);
CALL medaudit.bind('facility', 'loaded.facility');
CALL medaudit.bind('person', 'loaded.person');
CALL medaudit.bind('visit', 'loaded.visit');
CALL medaudit.bind('diagnosis', 'loaded.diagnosis');
CALL medaudit.bind('charge', 'loaded.charge');
CALL medaudit.bind('item', 'loaded.item');
SELECT setval('medaudit.run_id_seq', 10) AS run_id;
\set codes '{t_cap,t_twice,t_sex,t_before,t_other}'
CREATE VIEW loaded.found AS
SELECT f.rule_code, f.visit_id, l.line_id, l.excess_quantity, l.excess_amount FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE state = 'open';
CREATE VIEW loaded.unjudged AS
SELECT rule_code, visit_id, line_id, item_code, missing FROM medaudit.insufficient_lines((SELECT max(run_id) FROM medaudit.run));
CREATE VIEW loaded.told AS
SELECT relation, facility_id, facility_name, problem, problem_zh, rows, examples FROM medaudit.data_quality
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND examples IS NOT NULL;
\pset format unaligned
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
TABLE loaded.found ORDER BY 1, 2, 3;
CREATE TABLE loaded.clean AS TABLE loaded.found;
SELECT count(*) FROM loaded.told;

-- lines: copies count once; two lines of one number are judged by nobody, and
-- those beside them are; a negative one under the number of its charge is its refund
INSERT INTO loaded.charge (visit_id, line_id, item_code, quantity, amount, charged_at) VALUES
	-- V1 again as it was: still two too many
	('V1', '1', 'A', 1, 10, '2026-03-02 08:00'), ('V1', '2', 'A', 1, 10, '2026-03-02 09:00'), ('V1', '2', 'A', 1.0, 10.00, '2026-03-02 09:00'),
	-- V3: alone, and two that differ
	('V3', '7', 'A', 1, 10, '2026-03-02 08:00'), ('V3', '7', 'A', 2, 20, '2026-03-02 08:00'),
	-- V4: a charge of two, its refund twice, and one of another number
	('V4', '7', 'A', 2, 20, '2026-03-02 08:00'), ('V4', '7', 'A', -1, -10, '2026-03-02 09:00'), ('V4', '7', 'A', -1, -10, '2026-03-02 09:00'), ('V4', '8', 'B', 1, 10, '2026-03-02 09:00'),
	-- V5: two charges and a refund, which may be of the one beside them; and what that wants may be among the unclear
	('V5', '7', 'A', 2, 20, '2026-03-02 08:00'), ('V5', '7', 'A', 1, 10, '2026-03-02 08:00'), ('V5', '7', 'A', -1, -10, '2026-03-02 09:00'),
	('V5', '8', 'A', 3, 30, '2026-03-02 08:00'), ('V5', '9', 'B', 1, 10, '2026-03-02 08:00'), ('V5', '10', 'D', 1, 10, '2026-03-02 08:00'), ('V5', '10', 'D', 1, 11, '2026-03-02 08:00'),
	-- V6: a refund of money alone, and one of another item, which is none
	('V6', '7', 'A', 2, 20, '2026-03-02 08:00'), ('V6', '7', 'A', 0, -10, '2026-03-02 09:00'), ('V6', '8', 'A', 1, 10, '2026-03-02 08:00'), ('V6', '8', 'S', -1, -10, '2026-03-02 08:00'),
	-- V7: one that lacks what is required says nothing of the other
	('V7', '7', 'A', 2, 20, '2026-03-02 08:00'), ('V7', '7', 'A', NULL, 20, '2026-03-02 08:00'),
	-- V8: without number each counts
	('V8', NULL, 'A', 1, 10, '2026-03-02 08:00'), ('V8', NULL, 'A', 1, 10, '2026-03-02 08:00'), ('V8', '', 'A', 1, 10, '2026-03-02 08:00'), ('V8', '', 'A', 1, 10, '2026-03-02 08:00'),
	('V8', '1', 'S', 1, 10, '2026-03-02 08:00'), ('V8', '1', 'S', 1, 10, '2026-03-02 08:00');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
SELECT state, count(*) FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY 1;
TABLE loaded.found ORDER BY rule_code, visit_id, line_id COLLATE "C", excess_quantity;
TABLE loaded.unjudged;
TABLE loaded.told ORDER BY relation, facility_id, problem COLLATE "C";
-- the order of rows says nothing
CREATE TABLE loaded.first AS SELECT f.*, NULL::text[] AS missing FROM loaded.found AS f UNION ALL SELECT rule_code, visit_id, line_id, NULL, NULL, missing FROM loaded.unjudged;
CREATE TABLE loaded.again AS SELECT * FROM loaded.charge ORDER BY md5(charge::text), random();
TRUNCATE loaded.charge;
INSERT INTO loaded.charge SELECT * FROM loaded.again ORDER BY md5(again::text) DESC;
TRUNCATE medaudit.finding CASCADE;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
SELECT count(*) AS rows, (SELECT count(*) FROM loaded.first) AS of
FROM (TABLE loaded.first INTERSECT ALL (SELECT f.*, NULL::text[] FROM loaded.found AS f UNION ALL SELECT rule_code, visit_id, line_id, NULL, NULL, missing FROM loaded.unjudged)) AS same;

-- one number on all lines of a hospital
DELETE FROM loaded.charge WHERE visit_id IN (SELECT visit_id FROM loaded.visit WHERE facility_id = 'F2');
INSERT INTO loaded.charge (visit_id, line_id, item_code, quantity, amount, charged_at)
SELECT 'V' || v, '0', 'A', 1, 10, timestamp '2026-03-02 08:00' + n * interval '1 minute' FROM generate_series(6, 9) AS v, generate_series(1, 3) AS n;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
SELECT count(*) FROM loaded.found WHERE visit_id >= 'V6';
SELECT rule_code, count(*) FROM loaded.unjudged WHERE visit_id >= 'V6' GROUP BY 1 ORDER BY 1;
SELECT * FROM loaded.told WHERE facility_id = 'F2';
-- not bound: nothing can be told, each counts
CALL medaudit.bind('charge', 'loaded.charge', '{"line_id": null}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap}');
SELECT visit_id, count(*) FROM loaded.found WHERE rule_code = 't_cap' GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM loaded.told;
CALL medaudit.bind('charge', 'loaded.charge');

-- visits, diagnoses, persons, facilities and items, each beside good ones
TRUNCATE loaded.charge, medaudit.finding CASCADE;
INSERT INTO loaded.charge (visit_id, line_id, item_code, quantity, amount, charged_at) VALUES
	('V1', '1', 'A', 1, 10, '2026-03-02 08:00'), ('V1', '2', 'A', 1, 10, '2026-03-02 09:00'), ('V1', '3', 'A', 1, 10, '2026-03-02 10:00'),
	('V2', '1', 'A', 1, 10, '2026-03-02 08:00'), ('V2', '2', 'S', 1, 10, '2026-03-02 09:00'), ('V3', '1', 'S', 1, 10, '2026-03-02 09:00'),
	('V4', '1', 'S', 1, 10, '2026-03-02 09:00'), ('V5', '1', 'S', 1, 10, '2026-03-02 09:00'), ('V9', '1', 'L', 9, 90, '2026-03-02 09:00');
-- V1 twice as it is: the fund's money is as it was; V3 in two settlements, one of them twice, that take each other back
INSERT INTO loaded.visit SELECT * FROM loaded.visit WHERE visit_id = 'V1';
UPDATE loaded.visit SET total_amount = -100, settled_at = '2026-03-03' WHERE visit_id = 'V3';
INSERT INTO loaded.visit SELECT * FROM loaded.visit WHERE visit_id = 'V3' UNION ALL
SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, '2026-03-02', visit_type, main_diagnosis, 100, 100, 50 FROM loaded.visit WHERE visit_id = 'V3';
INSERT INTO loaded.diagnosis VALUES ('V1', 'I10', 1, true), ('V1', 'I10', 1, true), ('V1', 'J18', 2, true), ('V2', 'I10', 1, true), ('V2', 'I10', 1, false), ('V2', 'I10', 1, false), ('V2', 'I10', 1, false);
-- P2 twice as he is, P4 of two sexes, P5 with a name and a sex more
INSERT INTO loaded.person SELECT * FROM loaded.person WHERE person_id = 'P2' UNION ALL
SELECT person_id, name, '2', birth_date, NULL, NULL, NULL FROM loaded.person WHERE person_id = 'P4' UNION ALL
SELECT person_id, NULL, NULL, birth_date, NULL, NULL, 'H1' FROM loaded.person WHERE person_id = 'P5';
INSERT INTO loaded.facility VALUES ('F2', '县中医院', 2, 50, 'C2'), ('F1', '县人民医院', 3, NULL, 'C1'), ('F3', '镇卫生院', 1, 9, NULL);
INSERT INTO loaded.item VALUES ('A', NULL, '输液', '组', NULL), ('A', NULL, '静脉输液', '组', NULL), ('S', NULL, '妇科检查', '次', NULL), ('S', NULL, '妇科检查', '次', NULL),
	('L', NULL, '理疗', '次', '[2025-01-01,2026-01-01)'), ('L', NULL, '理疗', '部位', '[2026-01-01,2027-01-01)');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
SELECT f.rule_code, f.visit_id, f.person_name, f.facility_name, f.gross_amount, f.fund_amount, l.item_name FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) ORDER BY 1, 2, l.line_id;
TABLE loaded.unjudged;
TABLE loaded.told ORDER BY relation, facility_id, problem COLLATE "C";
SELECT problem, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'add up to 0';
-- and alone: each row there is, twice
TRUNCATE loaded.diagnosis, loaded.item;
DELETE FROM loaded.charge WHERE visit_id <> 'V1';
DELETE FROM loaded.visit WHERE visit_id <> 'V1';
DELETE FROM loaded.person WHERE person_id <> 'P1';
DELETE FROM loaded.facility WHERE facility_id <> 'F1';
INSERT INTO loaded.charge TABLE loaded.charge;
INSERT INTO loaded.person TABLE loaded.person;
INSERT INTO loaded.facility TABLE loaded.facility;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'codes');
TABLE loaded.found ORDER BY 1, 2, 3;
SELECT visits FROM medaudit.run ORDER BY run_id DESC LIMIT 1;
TABLE loaded.told ORDER BY relation, facility_id, problem COLLATE "C";
-- local codes of two hospitals with one name: each is judged by its own national code
ALTER TABLE loaded.item ADD facility_id text, ADD class text;
TRUNCATE loaded.item, loaded.visit, loaded.charge, loaded.person, loaded.facility, medaudit.finding CASCADE;
INSERT INTO loaded.facility VALUES ('F1', '县人民医院', 2, 100, 'C1'), ('F2', '县中医院', 2, 50, 'C2'), ('F3', '镇卫生院', 1, 9, 'C3');
INSERT INTO loaded.person SELECT 'P' || i, '某' || i, '1', '1960-01-01' FROM generate_series(1, 4) AS i;
INSERT INTO loaded.visit SELECT 'V' || i, 'P' || i, CASE WHEN i < 4 THEN 'f' || i END, '2026-03-02', '2026-03-02', '2026-03-02', '11', 'I10', 100, 100, 50 FROM generate_series(1, 4) AS i;
INSERT INTO loaded.item (item_code, national_code, name, unit, facility_id, class) VALUES
	('x1', 'A', '输液', '组', 'F1', 'treatment'), ('X1', 'S', '妇科检查', '次', 'F2', 'exam'), ('X2', 'D', '护理', '日', NULL, 'nursing'), ('X3', 'A', '输液', '组', 'F2', NULL), ('X3', 'S', '检查', '次', 'F2', NULL);
INSERT INTO loaded.item (item_code, national_code, name, facility_id, valid) VALUES ('X4', 'A', '输液', 'F2', '[2025-01-01,2026-01-01)'), ('X4', 'S', '检查', 'F2', '[2026-01-01,2027-01-01)');
INSERT INTO loaded.charge (visit_id, line_id, item_code, quantity, amount, charged_at)
SELECT 'V' || v, l::text, 'X1', 1, 10, timestamp '2026-03-02 08:00' + l * interval '1 hour' FROM generate_series(1, 4) AS v, generate_series(1, 2) AS l
UNION ALL SELECT 'V2', '3', 'X3', 3, 30, '2026-03-02 08:00' UNION ALL SELECT 'V2', '4', 'X4', 3, 30, '2026-03-02 08:00' UNION ALL SELECT 'V1', '4', 'B', 1, 10, '2026-03-02 08:00';
INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, certainty) VALUES ('t_plain', 'price', '超价', '本地编码限价', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_plain', 'X1', 8);
CALL medaudit.bind('item', 'loaded.item');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_cap,t_twice,t_sex,t_before,t_plain}');
SELECT f.rule_code, f.facility_id, f.visit_id, l.line_id, l.item_code, l.item_name, l.other_code, l.excess_quantity, l.excess_amount FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) ORDER BY 1, 3, 4;
SELECT count(*) FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE position(E'\x1f' IN l::text) + position(E'\x1f' IN f::text) + position('u001f' IN l::text) + position('u001f' IN f::text) > 0;
SELECT rule_code, evidence_text FROM medaudit.finding WHERE rule_code IN ('t_cap', 't_sex', 't_before') ORDER BY 1;
TABLE loaded.told ORDER BY relation, facility_id, problem COLLATE "C";
SELECT facility_id, lines, unlisted_lines, unruled_lines FROM medaudit.code_coverage ORDER BY facility_id;
SELECT replace(item_code, E'\x1f', '@') AS item_code, class FROM medaudit._item_classes() ORDER BY item_code COLLATE "C";
-- views made by hand are mended too, whatever their types
DROP VIEW medaudit_data.person, medaudit_data.facility;
DELETE FROM medaudit.binding WHERE relation IN ('person', 'facility');
CREATE VIEW medaudit_data.person AS SELECT * FROM (VALUES (1::bigint, '甲', 1), (1, '甲', 1), (2, '乙', 1), (2, '丙', 1), (3, '丁', 1)) AS t (person_id, name, sex);
CREATE VIEW medaudit_data.facility AS SELECT * FROM (VALUES (' f1', '医院'), ('F1 ', '医院'), ('Ｆ2', '诊所')) AS t (facility_id, name);
UPDATE loaded.visit SET person_id = ltrim(person_id, 'P');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_sex}');
SELECT DISTINCT facility_name, person_id, person_name FROM medaudit.finding WHERE rule_code = 't_sex' AND state = 'open';
SELECT relation, problem, rows, examples FROM loaded.told WHERE relation IN ('person', 'facility') ORDER BY relation, problem COLLATE "C";
-- the session keeps nothing
SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema();
SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r';
\pset format aligned
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP VIEW medaudit_data.facility, medaudit_data.person, medaudit_data.visit, medaudit_data.charge, medaudit_data.diagnosis, medaudit_data.item;
DROP SCHEMA loaded CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;

-- lines in months: what is read within two dates opens the partitions of these,
-- and one that may hold what is at no known time
CREATE SCHEMA monthly;
CREATE TABLE monthly.fee (mdtrt_id varchar(30) COLLATE "C", item_code text, quantity numeric, amount numeric, fee_time timestamp(0), line_id text) PARTITION BY RANGE (fee_time);
CREATE TABLE monthly.fee_2024 PARTITION OF monthly.fee FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE monthly.fee_01 PARTITION OF monthly.fee FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE monthly.fee_02 PARTITION OF monthly.fee FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE monthly.fee_03 PARTITION OF monthly.fee FOR VALUES FROM ('2025-03-01') TO ('2025-04-01');
CREATE TABLE monthly.fee_else PARTITION OF monthly.fee DEFAULT;
INSERT INTO monthly.fee SELECT v, 'A', 1, 10, t::timestamp, '1' FROM (VALUES ('old', '2024-12-31 23:59:59'), ('before', '2025-01-31 23:59:59'), (' first ', '2025-02-01'),
	('last', '2025-02-28 23:59:59'), ('after', '2025-03-01'), ('unknown', NULL), ('never', 'infinity'), ('ancient', '0025-02-01'), ('typo', '2225-02-01'), ('other', '2025-07-01')) AS t (v, t);
CALL medaudit.bind('charge', 'monthly.fee', '{"visit_id": "mdtrt_id", "charged_at": "fee_time"}');
SELECT visit_id, charged_at, source_time, unreadable FROM medaudit_data.charge ORDER BY visit_id COLLATE "C";
-- read as a run does, with the tables that this opens
CREATE FUNCTION pg_temp.read_between(begins date, ends date, OUT visits text, OUT tables text) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	CALL medaudit._run_read_through('charge', from_date => begins, to_date => ends);
	EXECUTE 'SELECT string_agg(visit_id, '' '' ORDER BY visit_id COLLATE "C") FROM pg_temp.medaudit_read_charge()' INTO visits;
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT count(*) FROM pg_temp.medaudit_read_charge()' INTO plan;
	tables := (SELECT string_agg(DISTINCT n ->> 'Relation Name', ' ' ORDER BY n ->> 'Relation Name')
		FROM jsonb_path_query(plan::jsonb, '$.** ? (exists (@."Relation Name"))') AS n);
END
$$;
SELECT * FROM pg_temp.read_between('2025-02-01', '2025-03-01');
SELECT * FROM pg_temp.read_between('2024-12-31', '2025-02-01');
SELECT * FROM pg_temp.read_between(NULL, NULL);
-- lines that are mended come beside what is left of the others
CREATE TEMPORARY TABLE medaudit_twice_charge AS SELECT 'last' AS key;
CREATE TEMPORARY TABLE medaudit_mended_charge AS SELECT * FROM pg_temp.medaudit_read_charge() WHERE visit_id = 'last';
CALL medaudit._run_read_through('charge', 'c.visit_id', '2025-02-01', '2025-03-01');
SELECT visit_id, charged_at FROM pg_temp.medaudit_read_charge() ORDER BY visit_id COLLATE "C";
DROP TABLE medaudit_twice_charge, medaudit_mended_charge;
-- a time of days; what a view has keeps its type, and goes on to be right
CREATE TABLE monthly.daily (visit_id text, item_code text, quantity numeric, amount numeric, charged_at date, line_id text) PARTITION BY RANGE (charged_at);
CREATE TABLE monthly.daily_01 PARTITION OF monthly.daily FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE monthly.daily_02 PARTITION OF monthly.daily FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE monthly.daily_03 PARTITION OF monthly.daily FOR VALUES FROM ('2025-03-01') TO ('2025-04-01');
INSERT INTO monthly.daily SELECT to_char(d, 'MMDD'), 'A', 1, 10, d, '1' FROM unnest('{2025-01-31,2025-02-01,2025-02-28,2025-03-01}'::date[]) AS d;
CALL medaudit.bind('charge', 'monthly.daily');
SELECT * FROM pg_temp.read_between('2025-02-01', '2025-03-01');
DROP VIEW medaudit_data.charge;
CALL medaudit.bind('charge', 'monthly.daily');
SELECT * FROM pg_temp.read_between('2025-02-01', '2025-03-01');
-- an expression, or a view made by hand: by the time as it is read
CALL medaudit.bind('charge', 'monthly.daily', '{"charged_at": "charged_at + 0"}');
SELECT visits FROM pg_temp.read_between('2025-02-01', '2025-03-01');
DROP VIEW medaudit_data.charge;
DELETE FROM medaudit.binding WHERE relation = 'charge';
CREATE VIEW medaudit_data.charge AS SELECT d.visit_id, d.item_code, d.quantity, d.amount, to_char(d.charged_at, 'YYYY.MM.DD') AS charged_at, timestamp '2025-02-01' AS source_time FROM monthly.daily AS d;
SELECT visits FROM pg_temp.read_between('2025-02-01', '2025-03-01');
-- a view that was made before there were some of its columns is replaced
DROP VIEW medaudit_data.charge;
DO $$
BEGIN
	EXECUTE (SELECT format('CREATE VIEW medaudit_data.charge AS SELECT %s, NULL::text[] AS unreadable', string_agg(format('NULL::%s AS %I', c.type, c.column_name), ', ' ORDER BY c.position))
		FROM medaudit.relation_column AS c WHERE c.relation = 'charge' AND c.column_name <> 'person_id');
END
$$;
CREATE VIEW monthly.reader AS SELECT visit_id, unreadable FROM medaudit_data.charge;
CALL medaudit.bind('charge', 'monthly.fee', '{"visit_id": "mdtrt_id", "charged_at": "fee_time", "person_id": "item_code"}');
CALL medaudit.rebind();
SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'medaudit_data.charge'::regclass AND attnum > 18;
SELECT count(visit_id), count(person_id), count(*) FROM medaudit_data.charge;
SELECT count(visit_id) FROM monthly.reader;
SELECT * FROM pg_temp.read_between('2025-02-01', '2025-03-01');

-- by which index lines are found by their visit, through whatever lies between
CREATE FUNCTION pg_temp.indexed(relation text) RETURNS TABLE (before text, after text, met bool) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	before := medaudit._key_index(relation);
	EXECUTE coalesce(before, 'SELECT 1');
	after := medaudit._key_index(relation);
	-- and so does a run
	CALL medaudit._run_read_through(relation);
	PERFORM set_config('enable_seqscan', 'off', true);
	EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM pg_temp.%I() AS c WHERE c.visit_id = (SELECT %L)', 'medaudit_read_' || relation, 'first') INTO plan;
	met := plan::text ~ '"Index Cond": "';
	PERFORM set_config('enable_seqscan', 'on', true);
	RETURN NEXT;
END
$$;
SELECT * FROM pg_temp.indexed('charge');
CREATE TABLE monthly."Visit t" (visit_id text, "t" text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp);
CREATE TABLE monthly.bill (bill text, settled_at timestamp);
CREATE VIEW monthly.visits AS SELECT t.visit_id AS no, t.t AS person_id, t.facility_id, t.admitted_at, t.discharged_at, b.settled_at
FROM monthly."Visit t" AS t JOIN monthly.bill AS b ON b.bill = t.visit_id;
CALL medaudit.bind('visit', 'monthly.visits', '{"visit_id": "no"}');
SELECT * FROM pg_temp.indexed('visit');
CALL medaudit.bind('visit', 'monthly."Visit t"', '{"person_id": "t"}', 'facility_id <> ''F0''');
SELECT * FROM pg_temp.indexed('visit');
-- a number kept as one; lines that the view numbers itself; a view made by hand; a table
CREATE TABLE monthly.numbered (visit_id bigint, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CALL medaudit.bind('charge', 'monthly.numbered');
SELECT * FROM pg_temp.indexed('charge');
DROP VIEW monthly.reader, medaudit_data.charge, medaudit_data.visit;
DELETE FROM medaudit.binding;
CREATE TABLE medaudit_data.visit (visit_id text, person_id text);
CREATE VIEW medaudit_data.charge AS SELECT n.visit_id::text, n.item_code, n.quantity, n.amount, n.charged_at FROM monthly.numbered AS n;
SELECT * FROM pg_temp.indexed('charge');
SELECT * FROM pg_temp.indexed('visit');
-- a function of others cannot be said; what is not bound has none
CREATE FUNCTION monthly.keep(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
DROP VIEW medaudit_data.charge;
CALL medaudit.bind('charge', 'monthly.daily', '{"visit_id": "monthly.keep(visit_id)"}');
SELECT * FROM pg_temp.indexed('charge');
-- nor is there a table where rows are kept first
CREATE TABLE monthly.short (visit_id varchar(20), item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE VIEW monthly.late AS WITH kept AS MATERIALIZED (SELECT * FROM monthly.short) SELECT * FROM kept;
CALL medaudit.bind('charge', 'monthly.late');
SELECT * FROM pg_temp.indexed('charge');
SELECT medaudit._key_index('facility'), medaudit._key_index('diagnosis'), medaudit._key_index(NULL);
DROP VIEW medaudit_data.charge;
DROP TABLE medaudit_data.visit;
TRUNCATE medaudit.binding;
DROP SCHEMA monthly CASCADE;
