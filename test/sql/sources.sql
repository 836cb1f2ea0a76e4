-- sources: bind(), rebind(), sources()
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.person (psn_no varchar(30), gend char(1), brdy date, note text);
CREATE TABLE warehouse.visit (visit_id text, person_id int, facility_id text,
	admitted_at date, discharged_at timestamp, medfee_sumamt money, vali_flag text);
CREATE TABLE warehouse.fee ("就诊" text, item_code text, cnt text, amount numeric(16,2),
	charged_at timestamp, vali_flag text, "Line" int);
INSERT INTO warehouse.person VALUES ('P1', '1', '1950-02-28', NULL), ('P2', NULL, NULL, 'x');
INSERT INTO warehouse.visit VALUES
	('V1', 1, 'H1', '2026-03-01', '2026-03-05 10:00', '100', '1'),
	('V2', 2, 'H1', '2026-03-02', NULL, '10', '0');
INSERT INTO warehouse.fee VALUES
	('V1', 'B', '2', 20.5, '2026-03-02 08:00', '1', 7),
	('V1', 'A', '1', 10, '2026-03-02 08:00', '1', 8),
	('V1', 'A', '-1', -10, '2026-03-03 08:00', '1', 9),
	('V2', 'A', '1', 10, '2026-03-02 09:00', '0', 1);

-- the catalogue documents every column
SELECT relation, count(*) AS columns, count(*) FILTER (WHERE required) AS required
FROM medaudit.relation_column GROUP BY relation ORDER BY relation;
SELECT count(*) FROM medaudit.relation_column
WHERE to_regtype(type) IS NULL OR name_zh = '';

-- nothing bound yet
SELECT relation, source, required_missing FROM medaudit.sources();

-- what cannot be bound
CALL medaudit.bind(NULL, 'warehouse.person');
CALL medaudit.bind('person', NULL);
CALL medaudit.bind('patient', 'warehouse.person');
CALL medaudit.bind('person', 'warehouse.person', '["psn_no"]');
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": 1}');
CALL medaudit.bind('diagnosis', 'warehouse.person', '{"code": "x", "icd": "y"}');
CALL medaudit.bind('person', 'medaudit.relation_column_pkey');
-- one error that lists all that is missing or wrong
CALL medaudit.bind('charge', 'warehouse.fee', '{"quantity": "''[1,2]''::int4range", "claimed": "no_such + 1"}');
CALL medaudit.bind('visit', 'warehouse.visit', '{"total_amount": "admitted_at", "person_id": null}');
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": "psn_no", "birth_date": "1); DROP TABLE warehouse.person; --"}');
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": "psn_n", "birth_date": "brdyy", "name": "no_such"}');
CREATE TABLE warehouse."人员" ("编号" text, "生日" int);
CALL medaudit.bind('person', 'warehouse."人员"', '{"person_id": "编号", "birth_date": "生日", "death_date": "20250101::bigint"}');
DROP TABLE warehouse."人员";
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": "psn_no"}', 'gend');
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": "psn_no"}', 'gender = ''1''');
SELECT count(*) FROM medaudit.binding;

-- columns, expressions, casts, row_filter
CALL medaudit.bind('person', 'warehouse.person',
	'{"person_id": "psn_no", "sex": "gend", "birth_date": "brdy", "name": "''张'' || psn_no"}');
SELECT person_id, name, sex, birth_date, household_id FROM medaudit_data.person ORDER BY 1;
CALL medaudit.bind('visit', 'warehouse.visit',
	'{"total_amount": "medfee_sumamt::numeric"}', $$vali_flag = '1' -- valid rows only$$);
SELECT visit_id, person_id, admitted_at, discharged_at, total_amount, settled_at FROM medaudit_data.visit;
CALL medaudit.bind('charge', 'warehouse.fee',
	'{"visit_id": "就诊", "quantity": "cnt::numeric", "line_id": "Line"}');
SELECT visit_id, line_id, item_code, quantity, amount, claimed FROM medaudit_data.charge ORDER BY 1, 2;
-- JSON null leaves a column out; without line_id lines are numbered per visit
CALL medaudit.bind('charge', 'warehouse.fee',
	'{"visit_id": "就诊", "quantity": "cnt::numeric", "line_id": null}', $$vali_flag = '1'$$);
SELECT visit_id, line_id, item_code, quantity FROM medaudit_data.charge ORDER BY 1, 2;
-- however they are stored: alike but for the claim or the department, too
CREATE TABLE told_lines (visit_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, claimed numeric, department text);
INSERT INTO told_lines SELECT 'V', 'I', 1, 10, '2026-03-01', claimed, department
FROM unnest('{10,10,8}'::numeric[], '{ICU,A,ICU}'::text[]) WITH ORDINALITY AS l(claimed, department, n) ORDER BY n;
CALL medaudit.bind('charge', 'told_lines');
SELECT line_id, claimed, department FROM medaudit_data.charge ORDER BY 1;
CREATE TEMP TABLE turned AS SELECT * FROM told_lines ORDER BY ctid DESC;
TRUNCATE told_lines;
INSERT INTO told_lines SELECT * FROM turned;
SELECT line_id, claimed, department FROM medaudit_data.charge ORDER BY 1;
CALL medaudit.bind('charge', 'warehouse.fee',
	'{"visit_id": "就诊", "quantity": "cnt::numeric", "line_id": null}', $$vali_flag = '1'$$);
DROP TABLE told_lines, turned;
-- every column has its fixed type, whatever the source has
SELECT c.relation, count(*) FILTER (WHERE format_type(a.atttypid, a.atttypmod) <> c.type) AS other_type
FROM medaudit.relation_column AS c
JOIN pg_attribute AS a ON a.attrelid = ('medaudit_data.' || c.relation)::regclass AND a.attname = c.column_name
WHERE c.relation IN ('person', 'visit', 'charge') GROUP BY 1 ORDER BY 1;
SELECT col_description('medaudit_data.charge'::regclass, 3), reloptions FROM pg_class WHERE oid = 'medaudit_data.charge'::regclass;
-- the views are no members of the extension
SELECT count(*) FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'
	AND objid IN ('medaudit_data.person'::regclass, 'medaudit_data.visit'::regclass);

SELECT relation, source, required_missing, optional_missing FROM medaudit.sources()
WHERE relation IN ('person', 'visit', 'charge', 'item');

-- rebind() makes the views again, and goes on where a source has changed
DROP VIEW medaudit_data.person, medaudit_data.visit;
SELECT relation, source, required_missing FROM medaudit.sources() WHERE relation = 'person';
ALTER TABLE warehouse.visit RENAME facility_id TO fixmedins_code;
CALL medaudit.rebind();
SELECT to_regclass('medaudit_data.person') AS person, to_regclass('medaudit_data.visit') AS visit;
ALTER TABLE warehouse.visit RENAME fixmedins_code TO facility_id;
DROP VIEW IF EXISTS medaudit_data.visit;
-- a view made by hand counts with the columns that it has
CREATE VIEW medaudit_data.diagnosis AS SELECT 'V1'::text AS visit_id, 'I10'::text AS diagnosis_code;
SELECT relation, source, required_missing, optional_missing FROM medaudit.sources() WHERE relation = 'diagnosis';
-- as does one in the place of a bound one
DROP VIEW medaudit_data.charge;
CREATE VIEW medaudit_data.charge AS SELECT visit_id FROM warehouse.visit;
SELECT relation, required_missing FROM medaudit.sources() WHERE relation = 'charge';
DROP VIEW medaudit_data.diagnosis, medaudit_data.person, medaudit_data.charge;
-- nothing can be asked without visits and charges
SELECT s.relation, cardinality(s.rules_off) = (SELECT count(*) FROM medaudit.rule AS r WHERE r.enabled) AS all_rules
FROM medaudit.sources() AS s WHERE s.relation IN ('visit', 'charge');
TRUNCATE medaudit.binding;
DROP SCHEMA warehouse CASCADE;

-- a warehouse of text: what can be read is, what cannot is NULL, named in its row
-- and told once
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.fee (visit_id char(8), line_id text, item_code text, quantity text, amount text, charged_at text, claimed numeric,
	original_line_id text, department text, take_home text, unit_price numeric, days_supply numeric);
INSERT INTO warehouse.fee VALUES
	('V1', '1', 'ａ1 ', '2', '￥1,234.50', '2025年1月31日 8:30', 10, '', '　', '是', 1, 1),
	('V1', ' 2 ', 'A1', '二', '12.5.1', '31/01/2025', 'NaN', ' 1', ' 外科 ', '?', 1e12, 2e9),
	('', '3', ' ', NULL, 'NaN', '', NULL, '0', 'ICU', '', 1, 1),
	('V2', '4', 'b', '1e10', '1e15', '20250101', 'Infinity', NULL, NULL, '0', 1, 1);
CALL medaudit.bind('charge', 'warehouse.fee');
SELECT visit_id, line_id, item_code, quantity, amount, charged_at, claimed, original_line_id, department, take_home, unit_price, days_supply FROM medaudit_data.charge ORDER BY line_id;
SELECT line_id, unreadable FROM medaudit_data.charge ORDER BY line_id;
SELECT (SELECT max(attnum) FROM pg_attribute WHERE attrelid = 'medaudit_data.charge'::regclass) - attnum AS after, attname, atttypid::regtype FROM pg_attribute WHERE attrelid = 'medaudit_data.charge'::regclass AND attname IN ('unreadable', 'source_time') ORDER BY attnum;
-- the bound of what is looked at
SELECT column_name, count FROM medaudit._source_unread('charge', 'warehouse.fee', '{}', NULL, 2);
-- all readable: nothing is told, unreadable is NULL
CALL medaudit.bind('charge', 'warehouse.fee', row_filter => $$line_id = '1'$$);
SELECT count(*), count(unreadable) FROM medaudit_data.charge;
-- an expression that fails is told, and does not stop the binding
CALL medaudit.bind('charge', 'warehouse.fee', '{"quantity": "quantity::numeric"}');
-- the query that does not read unreadable does not compute it
EXPLAIN (VERBOSE, COSTS off) SELECT item_code, claimed FROM medaudit_data.charge;
-- numbered by visit whatever the order of rows, of unreadable ones too
CALL medaudit.bind('charge', 'warehouse.fee', '{"line_id": null, "visit_id": "''V1''", "item_code": "''A''", "amount": "1", "charged_at": "date ''2025-01-01''", "claimed": null, "department": null}');
SELECT line_id, quantity, unreadable FROM medaudit_data.charge ORDER BY line_id;
CREATE TEMP TABLE turned AS SELECT * FROM warehouse.fee ORDER BY line_id DESC;
TRUNCATE warehouse.fee;
INSERT INTO warehouse.fee SELECT * FROM turned;
SELECT line_id, quantity, unreadable FROM medaudit_data.charge ORDER BY line_id;
-- discharges: open ones without a word, others far away are told
CREATE TABLE warehouse.visit (visit_id text, person_id bigint, facility_id bigint, admitted_at date, discharged_at timestamp, settled_at timestamp, total_amount float8, newborn int, visit_type int);
INSERT INTO warehouse.visit VALUES ('V1', 1, 7, '2025-01-01', 'infinity', NULL, 0.1, 1, 21), ('V2', 2, 7, '20250-01-01', '9999-12-31 23:59:59', '9999-12-31', 12.35, 0, 21),
	('V3', 3, 7, '5000000-01-01', '2999-12-31', '2025-01-01', 'NaN', 2, 11), ('V4', 4, 7, 'infinity', '-infinity', '0044-03-15 BC', 1e12, NULL, NULL), ('V5', 5, 7, '2025-01-01', '2025-01-02 10:00', NULL, NULL, NULL, 21);
CALL medaudit.bind('visit', 'warehouse.visit');
SELECT visit_id, person_id, admitted_at, discharged_at, settled_at, total_amount, newborn, unreadable FROM medaudit_data.visit ORDER BY visit_id;
CALL medaudit.bind('visit', 'warehouse.visit', '{"discharged_at": "CASE visit_id WHEN ''V1'' THEN ''9999/12/31'' WHEN ''V2'' THEN ''infinity'' WHEN ''V3'' THEN ''2999-12-31'' WHEN ''V4'' THEN ''?'' ELSE ''2025-01-02 10:00'' END", "settled_at": null, "total_amount": null, "newborn": null, "visit_type": null, "facility_id": "''h1''", "admitted_at": "date ''2025-01-01''"}');
SELECT visit_id, discharged_at, unreadable FROM medaudit_data.visit ORDER BY visit_id;
-- persons: 1900-01-01 is what it was; numbers of persons are never shown
CREATE TABLE warehouse.person (person_id text, resident_id text, name text, sex text, birth_date text, phone text, address text);
INSERT INTO warehouse.person VALUES ('P1', '110101199003072316', '张三丰', '１', '1900-01-01', '13812345678', '北京市朝阳区建国路1号'), ('P2', '11010119900307771X', '李四', '2 ', '110101199003072316', NULL, ' ');
CALL medaudit.bind('person', 'warehouse.person');
SELECT person_id, sex, birth_date, medaudit._known_birth_date(birth_date), address, unreadable FROM medaudit_data.person ORDER BY 1;
-- catalogues, periods, weights, integers
CREATE TABLE warehouse.item (code varchar(20), national text, valid text, pack numeric, fixmedins_code text);
INSERT INTO warehouse.item VALUES ('l1', 'n1', '[2025-01-01,2025-12-31]', 10, 'h1'), ('L1 ', 'N１', '[2025-01-01,9999-12-31]', 1e10, 'h2'), ('l2', 'n2', '[2025-02-30,)', 'NaN', 'h1'), ('Ｌ2', 'n3', '', 1, 'H1'), ('l2', 'n4', '', 1, 'H2'), ('l3', 'n1', NULL, 1, NULL), ('l3', 'n2', NULL, 1, NULL);
CALL medaudit.bind('item', 'warehouse.item', '{"item_code": "code", "national_code": "national", "pack_units": "pack", "facility_id": "fixmedins_code"}');
SELECT facility_id, item_code, national_code, valid, pack_units, unreadable FROM medaudit_data.item ORDER BY 1, 2, 3;
SELECT * FROM medaudit.item_conflicts();
CREATE TABLE warehouse.budget (facility_id text, quota real, valid daterange, month_weights float8[]);
INSERT INTO warehouse.budget VALUES ('h1', 0.1, '[2025-01-01,2026-01-01)', '{1,2}'), ('h2', 'NaN', '[0001-01-01 BC,2026-01-01)', '{1,NaN}');
CALL medaudit.bind('budget', 'warehouse.budget');
SELECT facility_id, quota, valid, month_weights, unreadable FROM medaudit_data.budget ORDER BY 1;
-- times with zone, and types that nobody reads
CREATE TABLE warehouse.zoned (visit_id text, item_code text, quantity int, amount money, charged_at timestamptz, claimed jsonb, department timestamptz);
CALL medaudit.bind('charge', 'warehouse.zoned');
CALL medaudit.bind('charge', 'warehouse.zoned', $${"amount": "amount::numeric", "charged_at": "charged_at AT TIME ZONE 'Asia/Shanghai'", "claimed": null, "department": null}$$);
-- nor what the zone of the session makes of them, however it is written; AT TIME ZONE says which is meant
SELECT expression, medaudit._source_expression_zoned('warehouse.zoned', expression) FROM unnest(ARRAY['charged_at::timestamp', 'charged_at::date', 'charged_at::text', 'to_char(charged_at, ''YYYYMMDD'')',
	'coalesce(NULL, charged_at::timestamp)', '(SELECT max(z.charged_at)::timestamp FROM warehouse.zoned AS z)', 'date_trunc(''day'', charged_at) AT TIME ZONE ''PRC''', '(timestamp ''2025-01-01'')::timestamptz AT TIME ZONE ''PRC''', 'now()::date',
	'charged_at AT TIME ZONE ''PRC''', '(charged_at AT TIME ZONE ''PRC'')::date', 'to_char(charged_at AT TIME ZONE ''PRC'', ''YYYYMMDD'')', '(''2025-01-01 08:00+08''::timestamptz) AT TIME ZONE ''PRC''', 'visit_id', 'quantity::text', NULL]) WITH ORDINALITY AS u (expression, n) ORDER BY n;
CALL medaudit.bind('charge', 'warehouse.zoned', $${"amount": "amount::numeric", "charged_at": "charged_at::timestamp", "claimed": null, "department": "charged_at::date"}$$);
-- domains and enums are what is below them
CREATE DOMAIN warehouse.yuan AS numeric(16,2) CHECK (VALUE >= 0);
CREATE DOMAIN warehouse.code AS varchar(20);
CREATE TYPE warehouse.yes AS ENUM ('是', '否');
CREATE TABLE warehouse.typed (visit_id warehouse.code, item_code warehouse.code, quantity smallint, amount warehouse.yuan, charged_at timestamp(0), take_home warehouse.yes);
INSERT INTO warehouse.typed VALUES ('V1', 'x1', 2, 12.50, '2025-01-01 08:00', '否');
CALL medaudit.bind('charge', 'warehouse.typed');
SELECT visit_id, item_code, quantity, amount, charged_at, take_home, unreadable FROM medaudit_data.charge;
-- examples and problems; where the reader has no right, there is none
SELECT relation, examples, problems FROM medaudit.sources() WHERE source IS NOT NULL;
CREATE ROLE regress_medaudit_onlooker;
GRANT USAGE ON SCHEMA medaudit, medaudit_data TO regress_medaudit_onlooker;
GRANT SELECT ON ALL TABLES IN SCHEMA medaudit TO regress_medaudit_onlooker;
SET ROLE regress_medaudit_onlooker;
SELECT relation, source, examples, problems FROM medaudit.sources() WHERE relation IN ('charge', 'item', 'diagnosis');
RESET ROLE;
-- codes of 15 digits are shown; the number of a person is not, whatever column it stands in
SELECT medaudit._source_example('charge', 'item_code', '001102000050000') AS code, medaudit._source_example('item', 'national_code', 'XA01AAA001A001010100001') AS national,
	medaudit._source_example('visit', 'visit_id', '110101199003077715') AS visit, medaudit._source_example('charge', 'item_code', '110101199003077715') AS number,
	medaudit._source_example('person', 'birth_date', '110101199003077000') AS misspelt, medaudit._source_example('person', 'birth_date', '1949年2月30日 张') AS born;
INSERT INTO warehouse.person VALUES ('11010119900307771X', NULL, NULL, NULL, 'born', NULL, NULL);
CALL medaudit.bind('person', 'warehouse.person', row_filter => $$birth_date = 'born'$$);
-- whose rows cannot be read is told, and why
CALL medaudit.bind('charge', 'warehouse.typed', '{"amount": "amount / (quantity - 2)"}');
SELECT relation, examples, problems FROM medaudit.sources() WHERE relation = 'charge';
-- expressions are expressions: no second column, no second statement
CALL medaudit.bind('charge', 'warehouse.typed', '{"claimed": "1, 2"}');
CALL medaudit.bind('charge', 'warehouse.typed', '{"claimed": "1) AS x FROM warehouse.typed; DROP TABLE warehouse.typed; SELECT (1"}');
CALL medaudit.bind('charge', 'warehouse.typed', '{}', 'true); DROP TABLE warehouse.typed; SELECT (true');
SELECT count(*) FROM warehouse.typed;
DROP OWNED BY regress_medaudit_onlooker;
DROP ROLE regress_medaudit_onlooker;
DROP VIEW medaudit_data.charge, medaudit_data.visit, medaudit_data.person, medaudit_data.item, medaudit_data.budget;
TRUNCATE medaudit.binding;
DROP SCHEMA warehouse CASCADE;

-- Two hospitals that did the same; one writes its codes in lower case, full width
-- and with blanks, its money and times as text.  Both have the same findings and
-- the same yuan, and each of them alone has what both have together.
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.clean_visit AS SELECT 'A' || n AS visit_id, 'PA' || n AS person_id, 'H1' AS facility_id, timestamp '2026-03-01 08:00' AS admitted_at,
	timestamp '2026-03-05 10:00' AS discharged_at, CASE WHEN n % 3 = 0 THEN '11' ELSE '2101' END AS visit_type, 'I10.X00' AS main_diagnosis, '310' AS insurance_type FROM generate_series(1, 20) AS n;
CREATE TABLE warehouse.clean_charge AS SELECT 'A' || n AS visit_id, 'L' || l AS line_id, (ARRAY['XA01', 'XA01', 'XB02', 'XC03', 'XD04'])[l] AS item_code, (l / 3 + 1)::numeric AS quantity,
	(l / 3 + 1) * 12.50 AS amount, timestamp '2026-03-02 10:00' + (n % 4) * interval '1 day' + (l % 3) * interval '1 minute' AS charged_at
FROM generate_series(1, 20) AS n, generate_series(1, 5) AS l;
CREATE FUNCTION pg_temp.wide(text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(CASE WHEN ascii(c) BETWEEN 33 AND 126 THEN chr(ascii(c) + 65248) ELSE c END, '' ORDER BY n) FROM regexp_split_to_table($1, '') WITH ORDINALITY AS t (c, n) $$;
CREATE FUNCTION pg_temp.badly(code text, n int) RETURNS text LANGUAGE sql AS $$ SELECT CASE n % 4 WHEN 0 THEN lower(code) WHEN 1 THEN pg_temp.wide(code) WHEN 2 THEN ' ' || code || '　' ELSE lower(pg_temp.wide(code)) || E'\t' END $$;
CREATE TABLE warehouse.visit AS SELECT visit_id, person_id, facility_id, admitted_at::text, discharged_at::text, visit_type, main_diagnosis, insurance_type FROM warehouse.clean_visit
UNION ALL SELECT translate(visit_id, 'A', 'B'), translate(person_id, 'A', 'B'), pg_temp.badly('H2', n::int), to_char(admitted_at, 'YYYY年MM月DD日HH24:MI'), to_char(discharged_at, 'YYYYMMDDHH24MISS'), pg_temp.badly(visit_type, n::int), pg_temp.badly(main_diagnosis, n::int), pg_temp.badly(insurance_type, n::int)
FROM (SELECT *, row_number() OVER () AS n FROM warehouse.clean_visit) AS t;
CREATE TABLE warehouse.charge AS SELECT visit_id, line_id, item_code, quantity::text, amount::text, charged_at::text FROM warehouse.clean_charge
UNION ALL SELECT translate(visit_id, 'A', 'B') || ' ', ' ' || line_id, pg_temp.badly(item_code, n::int), pg_temp.wide(quantity::text), '￥' || amount || '元', to_char(charged_at, 'YYYY/MM/DD HH24:MI:SS') FROM (SELECT *, row_number() OVER () AS n FROM warehouse.clean_charge) AS t;
SELECT count(DISTINCT item_code) AS codes, count(*) FILTER (WHERE item_code <> upper(item_code)) AS lower_case FROM warehouse.charge;
SELECT rule_code INTO TEMP enabled_rule FROM medaudit.rule WHERE enabled;
UPDATE medaudit.rule SET enabled = false;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_same', 'duplicate', '同日重复'), ('t_pair', 'exclusive', '互斥'), ('t_where', 'restriction', '限门诊'), ('t_for', 'restriction', '限诊断'), ('t_fund', 'restriction', '限险种');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_same', 'XA01', 'day');
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope) VALUES ('t_pair', 'xb02', 'XC03', 'day');
INSERT INTO medaudit.charge_rule (rule_code, item_code, visit_types) VALUES ('t_where', 'XD04', '{11}');
INSERT INTO medaudit.charge_rule (rule_code, item_code, diagnosis_prefixes) VALUES ('t_for', 'XC03', '{J18}');
INSERT INTO medaudit.charge_rule (rule_code, item_code, insurance_types) VALUES ('t_fund', 'XB02', '{390}');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
SELECT facility_id, count(*), min(visit_type), max(visit_type), min(main_diagnosis), min(insurance_type) FROM medaudit_data.visit GROUP BY 1 ORDER BY 1;
SELECT left(visit_id, 1) AS hospital, count(*) AS lines, sum(amount) AS yuan, count(DISTINCT item_code) AS codes, count(unreadable) AS unreadable FROM medaudit_data.charge GROUP BY 1 ORDER BY 1;
SELECT setval('medaudit.run_id_seq', 1, false) AS run_id;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_same,t_pair,t_where,t_for,t_fund}');
SELECT rule_code, facility_id, count(*) AS findings, sum(gross_amount) AS yuan FROM medaudit.finding GROUP BY 1, 2 ORDER BY rule_code COLLATE "C", facility_id;
UPDATE medaudit.rule SET enabled = true WHERE rule_code IN (SELECT rule_code FROM enabled_rule);
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP VIEW medaudit_data.charge, medaudit_data.visit;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP SCHEMA warehouse CASCADE;

-- Collations of the source: columns meet whatever theirs are, and the view keeps its own
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.visit (visit_id text COLLATE "C", person_id varchar COLLATE "POSIX", facility_id name, admitted_at timestamp, discharged_at timestamp, ward text, bed text COLLATE "C");
CREATE TABLE warehouse.charge (visit_id text COLLATE "POSIX", item_code text COLLATE "C", quantity int, amount int, charged_at timestamp);
INSERT INTO warehouse.visit VALUES ('V1', 'P1', 'F1', '2026-03-01', '2026-03-02', 'b', 'a');
INSERT INTO warehouse.charge VALUES ('V1', 'A', 1, 1, '2026-03-01');
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
SELECT count(*) AS both FROM medaudit_data.visit AS v JOIN medaudit_data.charge AS c ON c.visit_id = v.visit_id AND c.item_code <> v.facility_id;
CALL medaudit.bind('visit', 'warehouse.visit', '{"ward": "bed"}');
SELECT ward FROM medaudit_data.visit;
DROP VIEW medaudit_data.charge, medaudit_data.visit;
TRUNCATE medaudit.binding;
DROP SCHEMA warehouse CASCADE;

-- the columns and relations that came last: at the end of their views, read as the others
CREATE SCHEMA warehouse;
SELECT relation, string_agg(column_name, ',' ORDER BY position) AS last_columns FROM medaudit.relation_column
WHERE column_name IN ('dose', 'frequency', 'spec', 'procured', 'changed_at', 'swipe_id', 'batch_no', 'split_pack', 'person_id', 'pharmacist_id', 'prescription', 'longitude', 'latitude', 'acct_amount')
	AND relation IN ('charge', 'swipe', 'stock_move', 'facility', 'visit') AND position > 8 AND (relation, column_name) <> ('charge', 'person_id') GROUP BY relation ORDER BY relation;
-- the fields of the central extract, not those of the interfaces
SELECT string_agg(format('%s.%s %s', relation, column_name, national_field), ', ' ORDER BY relation, position) AS fields FROM medaudit.relation_column
WHERE (relation, column_name) IN (('charge', 'claimed'), ('visit', 'scope_amount'), ('charge', 'physician_id'), ('visit', 'physician_id'), ('charge', 'line_id'), ('visit', 'payment_method'));
SELECT relation, column_name, national_field FROM medaudit.relation_column WHERE national_field ~ '\m(feedetl_sn|inscp_scp_amt|atddr_no|diag_srt_no)\M';
SELECT medaudit.check_bound('manual_claim', 'certificate', 'facility_item', 'operation');
CREATE TABLE warehouse.manual (claim_id text, person_id text, paid_on text, invoice_code text, invoice_no text, issuer_code text, amount text, payee_account text, entered_at timestamp, visit_id text);
INSERT INTO warehouse.manual VALUES (' M1', 'P1', '2026年3月1日', '０４４', '1234567 ', '123101040000000490', '￥1,200.50', '6222021234567890123', '2026-03-01 08:00', 'V1'), ('M2', 'P1', '三月', NULL, NULL, NULL, '一百', NULL, NULL, NULL);
CALL medaudit.bind('manual_claim', 'warehouse.manual');
SELECT claim_id, paid_on, invoice_code, invoice_no, issuer_code, amount, payee_account, entered_at, fund_amount, unreadable FROM medaudit_data.manual_claim ORDER BY 1;
SELECT examples ->> 'payee_account' AS account, examples ->> 'claim_id' AS claim FROM medaudit.sources() WHERE relation = 'manual_claim';
CREATE TABLE warehouse.certificate AS SELECT 'P1' AS person_id, ' m01200 ' AS disease_code, date '2026-01-01' AS begndate, date '9999-12-31' AS enddate;
CALL medaudit.bind('certificate', 'warehouse.certificate');
CALL medaudit.bind('certificate', 'warehouse.certificate', '{"valid": "daterange(begndate, enddate, ''[]'')"}');
SELECT person_id, disease_code, valid FROM medaudit_data.certificate;
-- of what a facility may charge, no period is always
CREATE TABLE warehouse.facility_item AS SELECT 'h1' AS facility_id, 'a1' AS item_code;
CALL medaudit.bind('facility_item', 'warehouse.facility_item');
SELECT facility_id, item_code, valid FROM medaudit_data.facility_item;
CREATE TABLE warehouse.operation AS SELECT 'V1' AS visit_id, '38.1200X003' AS operation_code, '2026-03-01' AS operated_at, '1 ' AS main;
CALL medaudit.bind('operation', 'warehouse.operation');
SELECT visit_id, operation_code, operated_at, main, physician_id FROM medaudit_data.operation;
SELECT medaudit.check_bound('manual_claim', 'certificate', 'facility_item', 'operation');
-- a word is one in whatever case and width; places have signs; flags of text
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, payment_method text, acct_amount text, changed_at text);
INSERT INTO warehouse.visit VALUES ('V1', 'P1', 'H1', '2026-03-01', '2026-03-02', ' ＤＲＧ', '12.5', '2026-03-05 08:00'), ('V2', 'P1', 'H1', '2026-03-01', '2026-03-02', 'bed_day', 'x', 'y');
CALL medaudit.bind('visit', 'warehouse.visit');
SELECT visit_id, payment_method, acct_amount, changed_at, unreadable FROM medaudit_data.visit ORDER BY 1;
CREATE TABLE warehouse.facility AS SELECT 'H1' AS facility_id, '-70.5' AS longitude, 30.25 AS latitude;
CALL medaudit.bind('facility', 'warehouse.facility');
SELECT longitude, latitude FROM medaudit_data.facility;
-- when a row was written is no part of what it says: delivered again later it counts once
CREATE TABLE warehouse.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, dose text, frequency text, spec text, procured text, changed_at timestamp);
INSERT INTO warehouse.charge VALUES ('V1', '1', 'A', 1, 10, '2026-03-01 08:00', '0.5g', 'tid', '0.25g×12片/盒', '是', '2026-03-02'), ('V1', '1', 'A', 1, 10, '2026-03-01 08:00', '0.5g', 'tid', '0.25g×12片/盒', '是', '2026-03-09');
INSERT INTO warehouse.visit SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, payment_method, acct_amount, '2026-03-09' FROM warehouse.visit WHERE visit_id = 'V1';
CALL medaudit.bind('charge', 'warehouse.charge');
SELECT dose, frequency, spec, procured, changed_at FROM medaudit_data.charge ORDER BY changed_at;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_price', 'price', '最高价');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_price', 'A', 8);
SELECT setval('medaudit.run_id_seq', 1, false) AS run_id;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_price}');
SELECT gross_amount FROM medaudit.finding;
SELECT relation, problem, rows, examples FROM medaudit.run_quality WHERE problem ~ 'delivered|different|changed_at' ORDER BY relation, problem;
-- in Chinese what is missing, and which rules that switches off
SELECT note_zh FROM medaudit.sources() WHERE relation IN ('facility', 'item', 'operation', 'certificate', 'facility_item');
SELECT medaudit._source_note_zh('visit', 'w.visit', '{settled_at,visit_id}', ARRAY[ROW('a', '甲', 'settled_at'), ROW('a', '甲', 'visit_id'), ROW('b', '乙', 'settled_at')]::medaudit.rule_lack[]);
SELECT count(*) AS relations, count(*) FILTER (WHERE (note_zh ~ ('^[^a-z]+（' || relation || '）.*。$'))) AS told,
	count(*) FILTER (WHERE cardinality(rules_off) > 0 AND note_zh !~ format('停用%s条规则', cardinality(rules_off))) AS untold_rules FROM medaudit.sources();
-- each begins with its Chinese name
SELECT relation FROM medaudit.sources() WHERE starts_with(note_zh, relation) OR note_zh IS NULL;
DELETE FROM medaudit.charge_rule WHERE rule_code = 't_price';
DELETE FROM medaudit.rule WHERE rule_code = 't_price';
DROP VIEW medaudit_data.manual_claim, medaudit_data.certificate, medaudit_data.facility_item, medaudit_data.operation, medaudit_data.visit, medaudit_data.facility, medaudit_data.charge;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP SCHEMA warehouse CASCADE;
