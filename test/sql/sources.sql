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
CALL medaudit.bind('charge', 'warehouse.fee', '{"quantity": "cnt", "claimed": "no_such + 1"}');
CALL medaudit.bind('visit', 'warehouse.visit', '{"total_amount": "vali_flag", "person_id": null}');
CALL medaudit.bind('person', 'warehouse.person', '{"person_id": "psn_no", "birth_date": "1); DROP TABLE warehouse.person; --"}');
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
-- text in place of a number is told before a run meets it
ALTER TABLE warehouse.visit RENAME fixmedins_code TO facility_id;
ALTER TABLE warehouse.visit ALTER discharged_at TYPE text;
CALL medaudit.bind('visit', 'warehouse.visit');
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
