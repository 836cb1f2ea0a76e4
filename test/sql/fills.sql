-- From charges to fills: which charges are dispensed drugs, how long they last, what limits say.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;
-- whatever other topics have bound
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;

-- packs are not broken: 7 days at 3 a day are 21 tablets
SELECT packs_for(7, 3, 24) AS of_24, packs_for(7, 3, 20) AS of_20, packs_for(7, 3, 21) AS of_21, packs_for(7, 3.0001, 21) AS of_21_and_some, packs_for(0, 3, 24) AS no_day, packs_for(84, times_per_day('每周三次'), 36) AS thirds;
SELECT packs_for(NULL, 3, 24), packs_for(7, NULL, 24), packs_for(7, 3, NULL), packs_for(7, 0, 24), packs_for(7, 3, 0), packs_for(-1, 3, 24), packs_for('NaN', 3, 24), packs_for(7, 'NaN', 24), packs_for(7, 3, 'Infinity'), packs_for('Infinity', 3, 24);
-- the smallest number that reaches the days
SELECT count(*) AS cases, count(*) FILTER (WHERE days_supply(n, pack, 1, per_day) < days OR n > 0 AND days_supply(n - 1, pack, 1, per_day) >= days) AS wrong
FROM generate_series(0, 90, 3) AS days, unnest('{0.5,1,1.5,2,3,6}'::numeric[]) AS per_day, unnest('{1,7,10,12,20,24,28,30,100}'::numeric[]) AS pack, packs_for(days, per_day, pack) AS n;

\set VERBOSITY terse
SELECT count(*) FROM fill_rows('2025-01-01', '2026-01-01');
SELECT count(*) FROM fill_rows(NULL, '2026-01-01');
SELECT count(*) FROM fill_rows('2025-01-01', NULL);
SELECT count(*) FROM fill_rows('2025-01-01', '2025-01-01');
SELECT count(*) FROM fill_rows('2025-01-01', 'infinity');
\set VERBOSITY default

CREATE SCHEMA pharmacy;
CREATE TABLE pharmacy.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, physician_id text, total_amount numeric);
CREATE TABLE pharmacy.charge (visit_id text, line_id text, original_line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, category text, physician_id text, days_supply numeric, take_home bool, spec text, dose text, frequency text);
CREATE TABLE pharmacy.item (item_code text, facility_id text, national_code text, class text, pack_units numeric);
INSERT INTO pharmacy.visit VALUES
	('o1', 'P1', 'H1', '2025-03-01 09:00', '2025-03-01 10:00', '11', 'D1', 500), ('d1', 'P1', 'S1', '2025-03-02', '2025-03-02', '41', NULL, 100),
	('i1', 'P1', 'H1', '2025-03-10', '2025-03-15', '21', 'D1', 900), ('v1', 'P1', 'H1', '2025-03-20', '2025-03-20', '11', NULL, 50), ('v1', 'P1', 'H1', '2025-03-20', '2025-03-20', '11', NULL, -50),
	('n1', NULL, 'H1', '2025-03-01', '2025-03-01', '11', NULL, 1), ('x1', 'P2', 'H2', '2025-03-01', '2025-03-02', NULL, NULL, 1), ('x2', 'P2', 'H2', '2025-03-01', '2025-03-01', NULL, NULL, 1);
\set metformin 'XA10BAE101A001010100001'
INSERT INTO pharmacy.item VALUES ('M1', NULL, :'metformin', NULL, NULL), ('L7', 'H1', 'XC09AAY001A001010100001', '西药', 28), ('L7', 'H2', NULL, '西药', 28), ('TWO', NULL, 'XA', '西药', 10), ('TWO', NULL, 'XB', '西药', 20), ('HERB', NULL, NULL, '中药饮片', 1);
INSERT INTO pharmacy.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, days_supply, spec, dose, frequency) VALUES
	-- dose: 2 packs of 48 tablets, 2 tablets three times a day; pack from the catalogue
	('o1', 'dose', :'metformin', 2, 60, '2025-03-01 09:30', '09', 99, '0.25g×48片/盒', '0.5g', 'tid'), ('o1', 'pack', 'L7', 1, 30, '2025-03-01 09:30', '09', 99, '5mg×28片', '1片', '每日1次'),
	-- given: as needed, a range, nothing of the dose; 1 where no pack is known
	('o1', 'needed', :'metformin', 1, 30, '2025-03-01 09:30', '09', 5, '0.25g×48片/盒', '0.5g', '必要时'), ('o1', 'range', 'M1', 1, 30, '2025-03-01 09:30', '09', 7, NULL, '1-2片', 'tid'), ('o1', 'one', 'M1', 1, 30, '2025-03-01 09:30', '09', 1, NULL, NULL, NULL),
	-- not known: 1 though the pack is, 0, more than ten years
	('o1', 'filler', 'L7', 1, 30, '2025-03-01 09:30', '09', 1, NULL, NULL, NULL), ('o1', 'zero', :'metformin', 1, 30, '2025-03-01 09:30', '09', 0, NULL, NULL, NULL), ('o1', 'much', :'metformin', 3661, 30, '2025-03-01 09:30', '09', NULL, '0.25g×3片', '3片', 'qd'),
	-- returns: with words, without, under the number of its charge
	('d1', 'box', 'XN05BAZ001A001010100001', 2, 20, '2025-03-02', '09', NULL, '1mg×20片', '1片', 'bid'), ('d1', 'back', 'XN05BAZ001A001010100001', -1, -10, '2025-03-03', '09', NULL, NULL, NULL, NULL), ('d1', 'box', 'XN05BAZ001A001010100001', -1, -10, '2025-03-04', '09', 9, '1mg×20片', '1片', 'bid'),
	('d1', 'lone', 'XN05BAZ002A001010100001', -1, -10, '2025-03-04', '09', 9, NULL, NULL, NULL),
	-- no drugs, and herbs
	('o1', 'exam', 'E1', 1, 30, '2025-03-01', '03', 7, NULL, NULL, NULL), ('o1', 'unknown', 'U1', 1, 30, '2025-03-01', NULL, 7, NULL, NULL, NULL), ('o1', 'herb1', 'T000100205', 10, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('o1', 'herb2', 'H2', 10, 30, '2025-03-01', '中药饮片', 7, NULL, NULL, NULL), ('o1', 'herb3', 'HERB', 10, 30, '2025-03-01', NULL, 7, NULL, NULL, NULL),
	-- taken back, nobody's, a stay by its dates and none
	('v1', 'void', :'metformin', 1, 30, '2025-03-20', '09', 7, NULL, NULL, NULL), ('n1', 'nobody', :'metformin', 1, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('x1', 'night', :'metformin', 1, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('x2', 'day', 'L7', 1, NULL, '2025-03-01', NULL, 7, NULL, NULL, NULL),
	('o1', 'two', 'TWO', 1, 30, '2025-03-01', NULL, 7, NULL, NULL, NULL),
	-- delivered twice; different charges of one number
	('o1', 'twice', 'M1', 1, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('o1', 'twice', 'M1', 1, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('o1', 'clash', 'M1', 1, 30, '2025-03-01', '09', 7, NULL, NULL, NULL), ('o1', 'clash', 'M1', 2, 60, '2025-03-01', '09', 14, NULL, NULL, NULL),
	-- without a number equal lines may be two boxes
	('d1', NULL, 'M1', 1, 30, '2025-03-02', '09', 7, NULL, NULL, NULL), ('d1', NULL, 'M1', 1, 30, '2025-03-02', '09', 7, NULL, NULL, NULL),
	-- beside the period
	('o1', 'before', 'M1', 1, 30, '2024-12-31 23:59:59', '09', 7, NULL, NULL, NULL), ('o1', 'after', 'M1', 1, 30, '2026-01-01', '09', 7, NULL, NULL, NULL), ('o1', 'last', 'M1', 1, 30, '2025-12-31 23:59', '09', 7, NULL, NULL, NULL);
INSERT INTO pharmacy.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, days_supply, take_home, physician_id) VALUES ('i1', 'ward', :'metformin', 1, 30, '2025-03-12', '09', 7, NULL, NULL), ('i1', 'home', :'metformin', 1, 30, '2025-03-15', '09', 14, true, 'D9');
CALL bind('visit', 'pharmacy.visit');
\set VERBOSITY terse
SELECT count(*) FROM fill_rows('2025-01-01', '2026-01-01');
\set VERBOSITY default
CALL bind('charge', 'pharmacy.charge');
SELECT count(*) FILTER (WHERE days_supply IS NOT NULL) AS without_catalogue FROM fill_rows('2025-01-01', '2026-01-01');
CALL bind('item', 'pharmacy.item');
SELECT person_id, visit_id, line_id, facility_id, physician_id, drug_code, dispensed_at, quantity, days_supply, basis, amount FROM fill_rows('2025-01-01', '2026-01-01') ORDER BY visit_id, line_id COLLATE "C", dispensed_at;
-- usual_dose: the longest beginning
INSERT INTO usual_dose VALUES ('XC', 9), ('XC09', 2), ('XA10', 3);
SELECT line_id, days_supply, basis FROM fill_rows('2025-01-01', '2026-01-01') WHERE line_id IN ('filler', 'zero', 'pack', 'one', 'needed') ORDER BY line_id;
-- the ledger of what comes out: returns net, days that are not known are skipped
SELECT person_id, facility_id, net_amount(f), skipped_count(f), (SELECT string_agg(concat_ws(' ', drug, fill_count, days_supplied, peak_stock_days), '; ' ORDER BY drug) FROM supply(f, until => '2026-01-01')) AS supplied
FROM (SELECT person_id, facility_id, fills(drug_code, days_supply, coalesce(amount, 0), dispensed_at, facility_id, visit_id || chr(31) || line_id, NULL) AS f FROM fill_rows('2025-01-01', '2026-01-01') GROUP BY 1, 2) AS b ORDER BY 1, 2;

-- against each line by itself: texts, uploads and packs at random
DELETE FROM usual_dose;
INSERT INTO usual_dose VALUES ('XA10BB', 2), ('XA10BBG06', 3);
TRUNCATE pharmacy.charge, pharmacy.visit;
SELECT setseed(0.3);
INSERT INTO pharmacy.visit SELECT 'v' || i, 'P' || i % 40, 'H' || i % 5, date '2025-01-01' + i % 300, date '2025-01-01' + i % 300 + i % 9 / 8, (ARRAY['11', '21', '41', NULL])[1 + i % 4], NULL, NULL FROM generate_series(1, 300) AS i;
INSERT INTO pharmacy.charge SELECT 'v' || 1 + i % 300, 'l' || i, NULL, (ARRAY[:'metformin', 'XA10BBG059A001010100001', 'XA10BBG064A001010100001', 'M1', 'L7', 'E1', 'HERB'])[1 + floor(random() * 7)::int], 1 + floor(random() * 4)::int, 10, date '2025-01-01' + floor(random() * 300)::int, (ARRAY['09', '11', '03', NULL])[1 + floor(random() * 4)::int], NULL,
	(ARRAY[1, 7, 30, 0, NULL])[1 + floor(random() * 5)::int], random() < 0.3, (ARRAY['0.25g×48片/盒', '12片×2板', '看包装', NULL])[1 + floor(random() * 4)::int], (ARRAY['0.5g', '2片', '1-2片', NULL])[1 + floor(random() * 4)::int], (ARRAY['tid', 'qd', 'prn', NULL])[1 + floor(random() * 4)::int]
FROM generate_series(1, 3000) AS i;
CREATE TEMP TABLE slow_fills AS
SELECT c.visit_id, c.line_id, code, d.days, CASE WHEN d.days IS NULL THEN NULL WHEN d.by_dose IS NOT NULL THEN 'dose' WHEN d.given IS NOT NULL THEN 'given' ELSE 'usual' END AS basis
FROM pharmacy.charge AS c JOIN pharmacy.visit AS v USING (visit_id)
LEFT JOIN LATERAL (SELECT min(i.national_code) AS national_code, min(i.class) AS class, min(i.pack_units) AS pack FROM pharmacy.item AS i WHERE i.item_code = c.item_code AND i.facility_id IS NOT DISTINCT FROM (SELECT o.facility_id FROM pharmacy.item AS o WHERE o.item_code = c.item_code AND o.facility_id = v.facility_id)) AS i ON true,
	LATERAL (SELECT coalesce(i.national_code, c.item_code) AS code, coalesce(pack_units(c.spec), i.pack) AS pack) AS k,
	LATERAL (SELECT days_supply(c.quantity, k.pack, dose_amount(c.dose, c.spec), times_per_day(c.frequency)) AS by_dose, CASE WHEN c.days_supply > 0 AND NOT (c.days_supply = 1 AND k.pack IS NOT NULL) THEN c.days_supply END AS given,
		days_supply(c.quantity, k.pack, CASE WHEN code LIKE 'XA10BBG06%' THEN 3 WHEN code LIKE 'XA10BB%' THEN 2 END, 1) AS usual) AS e,
	LATERAL (SELECT e.*, coalesce(by_dose, given, usual) AS days) AS d
WHERE class_of_charge(i.class, c.category, code) = 'drug' AND i.class IS DISTINCT FROM '中药饮片' AND (coalesce(v.visit_type <> '21', v.admitted_at::date = v.discharged_at::date) OR c.take_home) AND c.charged_at >= '2025-02-01' AND c.charged_at < '2025-09-01';
SELECT count(*) > 1000 AS some, count(DISTINCT s.basis) AS ways, count(*) FILTER (WHERE s.line_id IS NULL OR f.line_id IS NULL OR (s.code, s.days, s.basis) IS DISTINCT FROM (f.drug_code, f.days_supply, f.basis)) AS differ
FROM slow_fills AS s FULL JOIN fill_rows('2025-02-01', '2025-09-01') AS f USING (visit_id, line_id);

-- of some persons: by an array, and as rows of a table
CREATE TEMP TABLE some_person AS SELECT 'P' || i AS person_id FROM generate_series(1, 11) AS i;
CREATE TEMP TABLE by_array AS SELECT f.* FROM (SELECT array_agg(person_id) AS persons FROM some_person) AS p, _fill_rows('2025-02-01', '2025-09-01', p.persons) AS f;
CREATE TEMP TABLE by_table AS SELECT * FROM _fill_rows('2025-02-01', '2025-09-01', NULL, among => 'some_person');
SELECT (SELECT count(*) > 200 AND count(DISTINCT person_id) = 11 FROM by_array) AS some, (SELECT count(*) FROM (TABLE by_array EXCEPT ALL TABLE by_table) AS d) AS without, (SELECT count(*) FROM (TABLE by_table EXCEPT ALL TABLE by_array) AS d) AS beside;
DROP TABLE some_person, by_array, by_table;

-- limits: the most specific row; of alike ones yours
SELECT t AS visit_type, _supply_limit(t, :'metformin', '{J00}', false) AS cold, _supply_limit(t, :'metformin', '{J00,i10.x00}', false) AS hypertension, _supply_limit(t, :'metformin', NULL, NULL) AS unknown
FROM unnest('{11,1101,12,13,14,24,2401,41,9929,21,99,NULL}'::text[]) AS t;
INSERT INTO supply_limit (visit_type, drug_class, diagnosis_prefix, take_home, max_days) VALUES ('11', NULL, NULL, NULL, 5), ('11', 'XN05', NULL, NULL, 3), (NULL, 'XN05CD', 'G47', NULL, 10), ('21', NULL, NULL, true, 14), ('21', NULL, NULL, NULL, 2);
SELECT _supply_limit('11', :'metformin', '{J00}', false) AS yours, _supply_limit('11', :'metformin', '{I10}', false) AS more_specific, _supply_limit('11', 'XN05CDA001A001010100001', '{G47.0}', false) AS longest_visit_type, _supply_limit('1', 'XN05CDA001A001010100001', '{G47.0}', false) AS drug, _supply_limit('2105', 'X', '{}', true) AS take_home, _supply_limit('2105', 'X', '{}', false) AS ward;
SELECT count(*) AS shipped, count(DISTINCT diagnosis_prefix) AS chronic, count(*) FILTER (WHERE drug_class IS NOT NULL OR take_home IS NOT NULL) AS others FROM supply_limit WHERE shipped;
SELECT (SELECT count(*) FROM prescription_cap) AS caps, (SELECT count(*) FROM usual_dose WHERE shipped) AS doses;
\set VERBOSITY sqlstate
UPDATE supply_limit SET max_days = 30 WHERE shipped;
DELETE FROM supply_limit WHERE shipped;
INSERT INTO supply_limit (visit_type, max_days) VALUES ('11', 6);
INSERT INTO supply_limit (visit_type, max_days) VALUES ('15', 0);
INSERT INTO supply_limit (visit_type, max_days) VALUES ('15', 'NaN');
INSERT INTO supply_limit (visit_type) VALUES ('15');
INSERT INTO prescription_cap (max_amount) VALUES (-1);
INSERT INTO prescription_cap (max_amount, valid) VALUES (1, 'empty');
INSERT INTO usual_dose VALUES ('', 1);
INSERT INTO usual_dose VALUES ('X', 'Infinity');
\set VERBOSITY default
INSERT INTO supply_limit (visit_type, max_days, shipped) VALUES ('16', 1, true) RETURNING shipped;
DROP SCHEMA pharmacy CASCADE;
DROP TABLE slow_fills;
DELETE FROM usual_dose;
DELETE FROM supply_limit WHERE NOT shipped;
TRUNCATE binding;
