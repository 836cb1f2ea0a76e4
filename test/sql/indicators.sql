-- Indicators of months: how each is made, peers and flags, wide views, and the rule.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;
\pset null ~
-- whatever other topics have bound
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) ORDER BY relname COLLATE "C" \gexec
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
TRUNCATE binding;

-- ---- what ships, and what a fund changes of it ----
SELECT count(*) AS shipped, count(*) FILTER (WHERE national_code ~ '^ZB') AS national, bool_and(shipped AND enabled) AS enabled FROM indicator;
SELECT indicator, name_zh, unit, national_code, direction, min_denominator FROM indicator WHERE national_code IS NOT NULL ORDER BY national_code;
\set VERBOSITY terse
DELETE FROM indicator WHERE indicator = 'drug_share';
UPDATE indicator SET indicator = 'medicine_share' WHERE indicator = 'drug_share';
INSERT INTO indicator (indicator, name_zh, direction) VALUES ('own', '自有指标', 'up');
INSERT INTO indicator (indicator, name_zh, peers) VALUES ('own', '自有指标', 'size');
INSERT INTO indicator_month VALUES ('facility', 'H1', '2025-01-02', 'own', 1, 1);
INSERT INTO indicator_month VALUES ('facility', 'H1', '2025-01-01', 'own', 'NaN', 1);
INSERT INTO indicator_month VALUES ('county', 'H1', '2025-01-01', 'own', 1, 1);
-- a row that is changed, or written again, is one's own; without it the shipped one is back
BEGIN;
UPDATE indicator SET min_denominator = 5 WHERE indicator = 'drug_share';
INSERT INTO indicator (indicator, name_zh, unit, enabled) VALUES ('exam_share', '检查占比', 'share', false), ('own', '自有指标', 'rate', true);
SELECT indicator, name_zh, min_denominator, enabled, shipped FROM indicator WHERE indicator IN ('drug_share', 'exam_share', 'own') ORDER BY indicator;
DELETE FROM indicator WHERE NOT shipped;
SELECT indicator, name_zh, min_denominator, enabled, shipped FROM indicator WHERE indicator IN ('drug_share', 'exam_share', 'own') ORDER BY indicator;
SELECT count(*) AS differences FROM (TABLE indicator EXCEPT SELECT * FROM _shipped_indicators()) AS t;
ROLLBACK;

-- ---- refresh_indicators() ----
CALL refresh_indicators('2025-01-01', '2025-02-01');
CALL refresh_indicators(NULL, '2025-02-01');
CALL refresh_indicators('2025-01-01', NULL);
CALL refresh_indicators('2025-01-01', '2025-01-01');
CALL refresh_indicators('2025-01-01', 'infinity');
\set VERBOSITY default
CREATE SCHEMA ind;
CREATE TABLE ind.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, physician_id text,
	main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric, personal_amount numeric, settled_at timestamp, referral_visit_id text,
	mid_settlement bool, continues_visit_id text, newborn bool);
CREATE TABLE ind.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, claimed numeric, charged_at timestamp, category text,
	payment_class text, physician_id text, prescription_id text, procured bool);
CREATE TABLE ind.item (item_code text, class text, national_code text, minutes numeric, generic text);
CREATE TABLE ind.facility (facility_id text, name text, kind text, rank int, region text);
CREATE TABLE ind.person (person_id text, person_class text, region text);
CREATE TABLE ind.diagnosis (visit_id text, diagnosis_code text, rank int, admission bool);
CREATE TABLE ind.swipe (facility_id text, card_id text, person_id text, swiped_at timestamp, amount numeric, balance_after numeric, swipe_id text);
CREATE VIEW ind.got AS SELECT subject_id, month, indicator, trim_scale(numerator) AS numerator, trim_scale(denominator) AS denominator
	FROM indicator_month WHERE subject_kind = 'facility' ORDER BY indicator, subject_id, month;
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, main_diagnosis, total_amount, settled_at) VALUES
	('a', 'P1', 'H1', '2025-01-02 10:00', '2025-01-05 09:00', '21', 'K29.500', 1000, '2025-01-05 11:00'),
	('b', 'P2', 'H1', '2025-01-10 10:00', '2025-01-10 18:00', '21', 'K29.900', 500, '2025-02-01'),
	('c', 'P2', 'H1', '2025-01-31', '2025-01-31', '11', 'J06.900', 80, '2025-01-31 23:59:59');
CALL bind('visit', 'ind.visit', '{"visit_id": "visit_id", "person_id": "person_id", "facility_id": "facility_id", "admitted_at": "admitted_at", "discharged_at": "discharged_at"}');
-- of what is not bound nothing is said but that it is left out; the month is that of the discharge
SET client_min_messages = notice;
CALL refresh_indicators('2025-01-31', '2025-02-01');
CALL refresh_indicators('2001-01-31', '2001-02-01');
SET client_min_messages = warning;
SELECT * FROM ind.got;
SELECT indicator, made_of, needs, lacks, state_zh FROM indicator_sources WHERE indicator IN ('stays', 'drug_share', 'far_share', 'minutes_per_day') ORDER BY indicator;
CALL bind('visit', 'ind.visit');
CALL refresh_indicators('2025-01-31', '2025-02-01');
SELECT * FROM ind.got WHERE indicator IN ('stays', 'visits', 'persons', 'total_amount', 'cost_per_stay', 'cost_per_visit', 'average_stay', 'short_stays', 'open_stays');

-- ---- one by one ----
TRUNCATE ind.visit;
-- several settlements are one visit of the month of the last; what was taken back is none; a row that came twice counts once
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount, scope_amount, fund_amount, personal_amount, settled_at) VALUES
	('m', 'P1', 'H1', '2025-01-20', '2025-02-03', '21', 900, 800, 500, 400, '2025-01-31'), ('m', 'P1', 'H1', '2025-01-20', '2025-02-03', '21', 100, 50, 40, 60, '2025-02-03'),
	('r', 'P2', 'H1', '2025-02-01', '2025-02-03', '21', 700, 700, 350, 350, '2025-02-03'), ('r', 'P2', 'H1', '2025-02-01', '2025-02-03', '21', -700, -700, -350, -350, '2025-02-20'),
	('t', 'P3', 'H1', '2025-02-01', '2025-02-03', '21', 200, 100, 100, 0.99, '2025-02-03'), ('t', 'P3', 'H1', '2025-02-01', '2025-02-03', '21', 200, 100, 100, 0.99, '2025-02-03'),
	('z', 'P3', 'H1', '2025-02-10', '2025-02-12', '21', 300, NULL, 200, 1, '2025-02-12'), ('o', 'P4', 'H1', '2025-02-10', NULL, '21', NULL, 10, NULL, NULL, '2025-02-12'),
	('n', 'P4', 'H1', '2025-02-10', '2025-02-01', '21', 10, 10, 5, NULL, '2025-02-12');
CALL refresh_indicators('2025-01-01', '2025-03-01');
SELECT * FROM ind.got WHERE indicator IN ('fund_amount', 'total_amount', 'stays', 'persons', 'fund_share_scope', 'fund_share_actual', 'personal_zero_share', 'average_stay', 'cost_per_stay', 'open_stays');
-- readmission: 31 days count, 32 do not; nor planned, referred, newborn, or the same stay under another number; the next month is looked at
TRUNCATE ind.visit;
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, main_diagnosis, total_amount, settled_at, referral_visit_id, mid_settlement, continues_visit_id, newborn) VALUES
	('a1', 'P1', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('a2', 'P1', 'H2', '2025-02-05', '2025-02-09', '21', 'J18', 1, '2025-02-09', NULL, NULL, NULL, NULL),
	('b1', 'P2', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('b2', 'P2', 'H2', '2025-02-06', '2025-02-09', '21', 'J18', 1, '2025-02-09', NULL, NULL, NULL, NULL),
	('c1', 'P3', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('c2', 'P3', 'H2', '2025-01-10', '2025-01-12', '21', 'Z51.1', 1, '2025-03-12', NULL, NULL, NULL, NULL),
	('d1', 'P4', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('d2', 'P4', 'H2', '2025-01-05', '2025-01-12', '21', 'I10', 1, '2025-03-12', 'd1', NULL, NULL, NULL),
	('e1', 'P5', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, true, NULL, NULL), ('e2', 'P5', 'H1', '2025-01-06', '2025-01-12', '21', 'I10', 1, '2025-03-12', NULL, NULL, NULL, NULL),
	('f1', 'P6', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('f2', 'P6', 'H1', '2025-01-09', '2025-01-12', '21', 'I10', 1, '2025-03-12', NULL, NULL, 'f1', NULL),
	('g1', 'P7', 'H1', '2025-01-01', '2025-01-05', '21', 'O80', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('g2', 'P7', 'H1', '2025-01-09', '2025-01-12', '21', 'P07', 1, '2025-03-12', NULL, NULL, NULL, true),
	('h1', 'P8', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('h2', 'P8', 'H1', '2025-01-09', '2025-01-09', '11', 'I10', 1, '2025-01-09', NULL, NULL, NULL, NULL),
	('i1', 'P9', 'H1', '2025-01-01', '2025-01-05', '21', 'I10', 1, '2025-01-05', NULL, NULL, NULL, NULL), ('i2', 'P9', 'H1', '2025-01-09', '2025-01-12', '21', 'I10', 0, '2025-03-12', NULL, NULL, NULL, NULL);
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator = 'readmission_31';
-- a planned stay is known by any of its diagnoses, and by rows of one's own
INSERT INTO ind.diagnosis VALUES ('a2', 'Z51.2', 2, false), ('b1', 'I10', 1, true);
CALL bind('diagnosis', 'ind.diagnosis');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator IN ('readmission_31', 'diagnosis_agreement');
-- admission and discharge: three characters; symptoms are left out
TRUNCATE ind.diagnosis;
INSERT INTO ind.diagnosis VALUES ('a1', 'I10.x00', 1, true), ('a1', 'J18', 2, true), ('b1', 'I11.0', 1, true), ('c1', 'R07.4', 1, true), ('d1', 'i10', NULL, true), ('d1', 'K29', 2, true), ('e1', 'K29', 1, false);
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator = 'diagnosis_agreement';

-- what is charged: shares by class, in and out of the catalogue, CT and MRI by code; refunds are taken off, and what came twice counts once
DROP VIEW medaudit_data.diagnosis;
DELETE FROM binding WHERE relation = 'diagnosis';
TRUNCATE ind.visit;
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, physician_id, main_diagnosis, total_amount, settled_at) VALUES
	('v1', 'P1', 'H1', '2025-01-03 08:00', '2025-01-03 09:00', '11', 'D1', 'J06', 1000, '2025-01-03'), ('v2', 'P2', 'H1', '2025-01-03', '2025-01-03', '11', 'D1', 'J06', 1000, '2025-01-03'),
	('v3', 'P3', 'H1', '2025-01-03', '2025-01-03', '11', 'D2', 'J06', 1000, '2025-01-03');
INSERT INTO ind.charge (visit_id, line_id, item_code, quantity, amount, claimed, charged_at, category, payment_class, prescription_id) VALUES
	('v1', '1', 'XJ01CAA040E001010100007', 2, 60, 60, '2025-01-03 08:10', '09', '01', 'R1'), ('v1', '2', 'XJ01CAA040E001010100007', -1, -30, -30, '2025-01-03 08:20', '09', '01', 'R1'),
	('v1', '3', '002103000010000', 1, 180, 0, '2025-01-03 08:30', '03', '02', NULL), ('v1', '4', '002102000010000', 1, 420, 0, '2025-01-03', '03', NULL, NULL),
	('v1', '5', 'XA10BAE025A001010100004', 1, 10, NULL, '2025-01-03', NULL, NULL, 'R1'), ('v1', '6', 'C0301020000000000001', 1, 20, 20, '2025-01-03', '08', '03', NULL),
	('v1', '7', '002501010150000', 1, 18, 18, '2025-01-03', '04', '3', NULL), ('v1', '8', '003401000010000', 1, 12, 12, '2025-01-03', '05', '01', NULL),
	('v1', '9', 'local', 1, 50, 0, '2025-01-03', NULL, NULL, NULL),
	-- antibiotics that came back; one line that came twice, and two lines of one number
	('v2', '1', 'XJ01CAA040E001010100007', 1, 30, 30, '2025-01-03', '09', '01', NULL), ('v2', '2', 'XJ01CAA040E001010100007', -1, -30, -30, '2025-01-03', '09', '01', NULL),
	('v2', '3', 'XA10BAE025A001010100004', 1, 10, 10, '2025-01-03', '09', '01', NULL), ('v2', '3', 'XA10BAE025A001010100004', 1, 10, 10, '2025-01-03', '09', '01', NULL),
	('v2', '4', 'XA10BAE025A001010100004', 1, 10, 10, '2025-01-03', '09', '01', NULL), ('v2', '4', 'XA10BAE025A001010100004', 1, 11, 10, '2025-01-03', '09', '01', NULL),
	-- charged on a day of which no visit is
	('v2', '5', '002103000010000', 1, 180, 0, '2024-11-30', '03', '02', NULL), ('v2', '6', '002103000010000', 1, 180, 0, NULL, '03', '02', NULL);
CALL bind('charge', 'ind.charge', '{"visit_id": "visit_id", "line_id": "line_id", "item_code": "item_code", "quantity": "quantity", "amount": "amount", "charged_at": "charged_at", "category": "category"}');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator ~ '(drug|exam|material|treatment|ct|mri)_share|out_of|antibiotic|prescriptions';
CALL bind('charge', 'ind.charge');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator ~ 'out_of|antibiotic|prescriptions|procured';
-- prescriptions: five drugs, or above the cap; herbal pieces are no drugs of their own
TRUNCATE ind.charge;
INSERT INTO ind.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, prescription_id)
SELECT 'v1', 'a' || n, 'XA10BAE025A00' || n || '010100004', 1, 10, timestamp '2025-01-03', '09', CASE WHEN n < 6 THEN 'R1' ELSE 'R2' END FROM generate_series(1, 9) AS n
UNION ALL SELECT 'v2', 'b' || n, (ARRAY['XA10BAE025A001010100004', 'XC08CAA164A001010100002', 'XC10AAA001A001010100003', 'XB01ACA055A010010100001', 'XJ01CAA040E001010100007'])[n], 1, 10, '2025-01-03', '09', 'R1' FROM generate_series(1, 5) AS n
UNION ALL SELECT 'v3', 'c' || n, 'T0000000' || n, 1, 10, '2025-01-03', '10', NULL FROM generate_series(1, 9) AS n;
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator ~ 'prescriptions';
-- one that a refund leaves with four; and what a prescription may cost
INSERT INTO ind.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, prescription_id) VALUES ('v2', 'b9', 'XA10BAE025A001010100004', -1, -10, '2025-01-03', '09', 'R1');
BEGIN;
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator ~ 'prescriptions';
INSERT INTO prescription_cap (visit_type, max_amount) VALUES ('11', 40);
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator ~ 'prescriptions';
ROLLBACK;
-- procured products: of generics of which there is one in the month
INSERT INTO ind.item VALUES ('XA1', 'drug', NULL, NULL, '二甲双胍'), ('XA2', 'drug', NULL, NULL, '二甲双胍'), ('XB1', 'drug', NULL, NULL, '阿司匹林'), ('OP', '05', NULL, 30, NULL), ('EX', '03', NULL, 12.5, NULL);
CALL bind('item', 'ind.item');
TRUNCATE ind.charge;
INSERT INTO ind.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, procured, physician_id) VALUES
	('v1', '1', 'XA1', 1, 10, '2025-01-03', '09', true, NULL), ('v1', '2', 'XA2', 1, 30, '2025-01-03', '09', false, NULL), ('v1', '3', 'XB1', 1, 50, '2025-01-03', '09', NULL, NULL),
	('v1', '4', 'OP', 2, 5, '2025-01-03', '05', NULL, NULL), ('v2', '5', 'OP', 1, 5, '2025-01-03', '05', NULL, NULL), ('v2', '6', 'EX', 1, 5, '2025-01-04', '05', NULL, 'D2'),
	('v3', '7', 'EX', 2, 5, '2025-01-04', '05', NULL, NULL), ('v3', '8', 'EX', 1, 5, '2025-01-05', '05', NULL, NULL), ('v3', '9', 'EX', -1, -5, '2025-01-05', '05', NULL, NULL);
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator = 'procured_share';
SELECT subject_id, indicator, trim_scale(numerator) AS numerator, denominator FROM indicator_month WHERE indicator ~ 'per_day' ORDER BY 1, 2;
-- stays: of one night, for examinations, of one date, with an end without care, from the outpatients of the date or the one before
TRUNCATE ind.visit, ind.charge;
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount, settled_at)
SELECT id, 'P' || id, 'H1', timestamp '2025-01-10 10:00', timestamp '2025-01-10 09:00' + nights * interval '1 day', '21', 100, timestamp '2025-01-20'
FROM (VALUES ('night', 1), ('exam', 3), ('care', 3), ('four', 4), ('idle', 6), ('dates', 6), ('surgery', 2), ('bare', 2), ('odd', 2)) AS s (id, nights);
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount, settled_at) VALUES
	('o1', 'Pnight', 'H1', '2025-01-09 08:00', '2025-01-09 09:00', '11', 10, '2025-01-09'), ('o2', 'Pexam', 'H1', '2025-01-10 08:00', '2025-01-10 09:00', '11', 10, '2025-01-10'),
	('o3', 'Pcare', 'H1', '2025-01-08 23:59', '2025-01-08 23:59', '11', 10, '2025-01-09'), ('o4', 'Pfour', 'H1', '2025-01-10 08:00', '2025-01-10 08:00', '11', 10, '2025-01-10'),
	('o5', 'Psurgery', 'H1', '2025-01-10 08:00', '2025-01-10 08:00', '11', 10, '2025-01-10'), ('o6', 'Podd', 'H1', '2025-01-10 08:00', '2025-01-10 08:00', '13', 10, '2025-01-10'),
	('o7', 'Pbare', 'H2', '2025-01-10 08:00', '2025-01-10 08:00', '11', 10, '2025-01-10'), ('o8', 'Pcare', 'H1', '2025-01-10 12:00', '2025-01-10 12:00', '11', 10, '2025-01-10');
INSERT INTO ind.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category) VALUES
	('night', '1', 'x', 1, 10, '2025-01-10', '05'), ('exam', '1', 'x', 1, 80, '2025-01-10', '03'), ('exam', '2', 'y', 1, 20, '2025-01-11', '01'),
	('care', '1', 'x', 1, 80, '2025-01-10', '04'), ('care', '2', 'y', 1, 19, '2025-01-11', '01'), ('care', '3', 'z', 1, 1, '2025-01-12', '05'),
	('four', '1', 'x', 1, 90, '2025-01-10', '04'), ('four', '2', 'x', 1, 10, '2025-01-11', '01'),
	-- care on the first three dates, on the fourth taken back; then the bed alone
	('idle', '1', 'x', 1, 10, '2025-01-10', '05'), ('idle', '2', 'x', 1, 10, '2025-01-12', '05'), ('idle', '3', 'x', 1, 10, '2025-01-13', '05'), ('idle', '4', 'x', -1, -10, '2025-01-13', '05'),
	('idle', '5', 'y', 1, 10, '2025-01-14', '01'), ('idle', '6', 'y', 1, 10, '2025-01-15', '01'),
	('dates', '1', 'x', 1, 10, '2025-01-10', '05'), ('dates', '2', 'y', 6, 10, '2025-01-10', '01'),
	('surgery', '1', 's', 1, 100, '2025-01-10', '06'), ('surgery', '2', 'x', 1, 100, '2025-01-11', '05'),
	-- what might be a treatment is not judged
	('odd', '1', 'x', 1, 80, '2025-01-10', '03'), ('odd', '2', 'local', 1, 20, '2025-01-11', NULL);
DROP VIEW medaudit_data.item;
DELETE FROM binding WHERE relation = 'item';
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE subject_id = 'H1' AND indicator IN ('short_stays', 'exam_only_stays', 'one_date_stays', 'tail_days', 'same_day_admission', 'average_stay');
-- the rule low_standard_stay says what a short stay for examinations is
BEGIN;
SELECT set_rule('low_standard_stay', parameters => '{"max_stay_nights": 4, "min_exam_share": 0.9}');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE subject_id = 'H1' AND indicator = 'exam_only_stays';
ROLLBACK;
-- payments at pharmacies, not elsewhere
INSERT INTO ind.facility VALUES ('S1', '药店', 'pharmacy', NULL, '330100'), ('H1', '医院', 'hospital', 2, '330100');
INSERT INTO ind.person VALUES ('P1', '11', '330102'), ('P2', '11', '340100'), ('P3', '11', NULL);
INSERT INTO ind.swipe VALUES
	('S1', 'K1', 'P1', '2025-01-02 22:00', 50, 0.5, '1'), ('S1', 'K2', 'P2', '2025-01-02 21:59:59', 50.5, 1.01, '2'), ('S1', 'K3', 'P3', '2025-01-03 05:59:59', 7, NULL, '3'),
	('S1', 'K1', 'P1', '2025-01-03 06:00', 30, 1, '4'), ('S1', 'K1', 'P1', '2025-01-04', 20, 100, '5'),
	('S1', 'K2', 'P2', '2025-01-05 10:00', 40, 5, '6'), ('S1', 'K2', 'P2', '2025-01-05 11:00', -40, 45, '7'), ('H1', 'K1', 'P1', '2025-01-02 22:00', 50, 0, '8');
CALL bind('swipe', 'ind.swipe');
CALL bind('facility', 'ind.facility');
CALL bind('person', 'ind.person');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT subject_id, indicator, trim_scale(numerator) AS numerator, trim_scale(denominator) AS denominator FROM indicator_month WHERE subject_kind = 'pharmacy' ORDER BY 2;
-- rows of one visit that say different things of it: a stay by the other type, and by the other dates; what is near is looked for all the same
BEGIN;
TRUNCATE ind.visit, ind.charge;
INSERT INTO ind.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount, settled_at) VALUES
	('w1', 'P1', 'H1', '2025-01-02', '2025-01-04', '51', 10, '2025-01-04'), ('w1', 'P1', 'H1', '2025-01-02', '2025-01-04', '21', 20, '2024-12-31'), ('w2', 'P1', 'H1', '2025-01-20', '2025-01-22', '21', 10, '2025-03-01'),
	('w3', 'P2', 'H1', '2025-01-02', '2025-01-02', NULL, 10, '2025-01-04'), ('w3', 'P2', 'H1', '2025-01-04', '2025-01-04', NULL, 20, '2024-12-31'), ('w4', 'P2', 'H1', '2025-01-20', '2025-01-22', '21', 10, '2025-03-01');
CALL refresh_indicators('2025-01-01', '2025-02-01');
SELECT * FROM ind.got WHERE indicator = 'readmission_31';
ROLLBACK;
-- twice is once; a month by itself, and what is a fund's own stays
INSERT INTO indicator_month VALUES ('facility', 'H1', '2025-01-01', 'own', 1, 2);
CREATE TEMPORARY TABLE once AS TABLE indicator_month;
CALL refresh_indicators('2025-01-15', '2025-01-16');
SELECT count(*) AS differences FROM ((TABLE once EXCEPT ALL TABLE indicator_month) UNION ALL (TABLE indicator_month EXCEPT ALL TABLE once)) AS t;
UPDATE indicator SET enabled = false WHERE indicator = 'stays';
CALL refresh_indicators('2025-01-15', '2025-01-16');
SELECT o.* FROM once AS o EXCEPT TABLE indicator_month ORDER BY 1, 2;
DELETE FROM indicator WHERE indicator = 'stays';

-- ---- many visits against plain SQL ----
\set ECHO none
CREATE SCHEMA many;
SELECT setseed(0.42) \g /dev/null
CREATE TABLE many.visit AS
SELECT 'v' || v AS visit_id, CASE WHEN v % 97 > 0 THEN 'p' || (random() * 120)::int END AS person_id, CASE WHEN v % 89 > 0 THEN 'F' || (random() * 9)::int END AS facility_id,
	a AS admitted_at, CASE WHEN v % 41 > 0 THEN a + CASE WHEN v % 3 = 0 THEN (random() * 9)::int * interval '1 day' + interval '3 hours' ELSE interval '1 hour' END END AS discharged_at,
	CASE WHEN v % 61 = 0 THEN NULL WHEN v % 3 = 0 THEN '21' WHEN v % 7 = 0 THEN '13' ELSE '11' END AS visit_type, CASE WHEN v % 53 > 0 THEN 'D' || (random() * 14)::int END AS physician_id,
	(ARRAY['K29.5', 'J06.9', 'I10', 'Z51.1', 'R07', NULL])[1 + (random() * 5)::int] AS main_diagnosis,
	CASE WHEN v % 71 > 0 THEN round((random() * 900 + 100)::numeric, 2) END AS total_amount, CASE WHEN v % 73 > 0 THEN round((random() * 500 + 100)::numeric, 2) END AS scope_amount,
	CASE WHEN v % 67 > 0 THEN round((random() * 400)::numeric, 2) END AS fund_amount, CASE WHEN v % 59 > 0 THEN round((random() * 10)::numeric, 2) END AS personal_amount,
	CASE WHEN v % 31 > 0 THEN a + (random() * 12)::int * interval '1 day' END AS settled_at, CASE WHEN v % 47 = 0 THEN 'v1' END AS referral_visit_id
FROM (SELECT v, timestamp '2025-01-01' + (random() * 120 * 24 * 60)::int * interval '1 minute' AS a FROM generate_series(1, 900) AS v) AS i;
-- refunds, second settlements, rows that came twice
INSERT INTO many.visit SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, physician_id, main_diagnosis,
	CASE WHEN substr(visit_id, 2)::int % 2 = 0 THEN -total_amount ELSE 10 END, -scope_amount, -fund_amount, 0, settled_at + interval '9 days', referral_visit_id
FROM many.visit WHERE substr(visit_id, 2)::int % 23 = 0;
INSERT INTO many.visit SELECT * FROM many.visit WHERE substr(visit_id, 2)::int % 37 = 0;
CREATE TABLE many.item AS SELECT i.code AS item_code, i.class, CASE WHEN i.n % 4 = 0 THEN i.n * 5 END AS minutes, CASE WHEN i.class = 'drug' THEN 'g' || i.n % 3 END AS generic
FROM (VALUES (1, 'XJ01A', 'drug'), (2, 'XA02B', 'drug'), (3, 'XA03C', 'drug'), (4, 'XJ01D', 'drug'), (5, 'XB01', 'drug'), (6, '002103000010000', 'exam'), (7, '002102000010000', 'exam'),
	(8, 'lab', 'laboratory'), (9, 'bed', 'bed'), (10, 'nurse', 'nursing'), (11, 'mat', 'material'), (12, 'treat', 'treatment'), (13, 'surg', 'surgery'), (14, 'unknown', NULL), (15, 'oth', 'other')) AS i (n, code, class);
CREATE TABLE many.charge AS
SELECT v.visit_id, CASE WHEN n % 11 > 0 THEN 'l' || n END AS line_id, i.item_code, i.quantity, round(i.quantity * 17.37, 2) AS amount,
	CASE WHEN random() < 0.3 THEN 0 WHEN random() < 0.8 THEN round(i.quantity * 17.37, 2) END AS claimed, v.admitted_at + (random() * 6)::int * interval '1 day' AS charged_at,
	CASE WHEN random() < 0.1 THEN '03' WHEN random() < 0.6 THEN '01' END AS payment_class, CASE WHEN random() < 0.5 THEN 'D' || (random() * 14)::int END AS physician_id,
	CASE WHEN random() < 0.7 THEN 'R' || (random() * 2)::int END AS prescription_id, random() < 0.2 AS procured
FROM (SELECT DISTINCT visit_id, admitted_at FROM many.visit) AS v
CROSS JOIN LATERAL (SELECT n, (SELECT o.item_code FROM many.item o ORDER BY md5(o.item_code || v.visit_id || n) LIMIT 1) AS item_code,
	CASE WHEN random() < 0.1 THEN -1 ELSE (1 + random() * 3)::int END::numeric AS quantity FROM generate_series(1, 1 + substr(v.visit_id, 2)::int % 12) AS n) AS i;
INSERT INTO many.charge SELECT * FROM many.charge WHERE line_id IN ('l1', 'l7') AND md5(visit_id) < '3';
CREATE TABLE many.person AS SELECT 'p' || n AS person_id, (ARRAY['11', '12', '15'])[1 + n % 3] AS person_class, '33010' || n % 4 AS region FROM generate_series(0, 114) AS n;
CREATE TABLE many.diagnosis AS SELECT DISTINCT ON (visit_id) visit_id, (ARRAY['K29.5', 'J06.9', 'I10.0', 'R07'])[1 + (random() * 3)::int] AS diagnosis_code, 1 AS rank, true AS admission FROM many.visit WHERE md5(visit_id) < 'c';
CREATE TABLE many.facility AS SELECT 'F' || n AS facility_id, '机构' || n AS name, CASE WHEN n % 2 = 0 THEN 'hospital' ELSE 'clinic' END AS kind, n % 3 AS rank, '330100' AS region FROM generate_series(0, 9) AS n;
DROP VIEW medaudit_data.swipe;
DELETE FROM binding WHERE relation = 'swipe';
CALL bind('visit', 'many.visit');
CALL bind('charge', 'many.charge');
CALL bind('item', 'many.item');
CALL bind('person', 'many.person');
CALL bind('diagnosis', 'many.diagnosis');
CALL bind('facility', 'many.facility');
-- visits, each once
CREATE TABLE many.v AS
SELECT visit_id, min(person_id) AS person_id, min(facility_id) AS facility_id, min(physician_id) AS physician_id, min(visit_type) AS visit_type, min(admitted_at) AS admitted_at,
	max(discharged_at) AS discharged_at, left(replace(min(main_diagnosis), '.', ''), 3) AS disease, replace(min(main_diagnosis), '.', '') AS diagnosis, sum(total_amount) AS total, sum(scope_amount) AS scope,
	sum(fund_amount) AS fund, sum(personal_amount) AS personal, date_trunc('month', max(coalesce(settled_at, discharged_at)))::date AS month, bool_or(referral_visit_id IS NOT NULL) AS referred
FROM (SELECT DISTINCT * FROM many.visit) AS i GROUP BY visit_id HAVING sum(total_amount) IS DISTINCT FROM 0;
ALTER TABLE many.v ADD stay bool, ADD nights int, ADD region text, ADD person_class text;
UPDATE many.v SET stay = coalesce(visit_type = '21', visit_type IS NULL AND discharged_at::date > admitted_at::date, false), nights = discharged_at::date - admitted_at::date;
UPDATE many.v SET stay = false WHERE visit_type IN ('11', '13');
UPDATE many.v SET region = p.region, person_class = p.person_class FROM many.person AS p WHERE p.person_id = v.person_id;
CREATE TABLE many.c AS
SELECT c.*, i.class, i.minutes, i.generic, v.month, v.stay, coalesce(c.physician_id, v.physician_id) AS doctor,
	CASE WHEN c.payment_class IS NOT NULL THEN c.payment_class = '03' ELSE coalesce(c.claimed, c.amount) = 0 END AS outside
FROM (SELECT DISTINCT * FROM many.charge WHERE line_id IS NOT NULL UNION ALL SELECT * FROM many.charge WHERE line_id IS NULL) AS c
JOIN many.v AS v ON v.visit_id = c.visit_id LEFT JOIN many.item AS i ON i.item_code = c.item_code;
CREATE INDEX ON many.c (visit_id);
ANALYZE many.c, many.v;
CREATE TABLE many.t AS
SELECT v.*, (SELECT count(*) FROM many.c c WHERE c.visit_id = v.visit_id) AS lines, (SELECT coalesce(sum(amount), 0) FROM many.c c WHERE c.visit_id = v.visit_id) AS amount,
	(SELECT coalesce(sum(amount), 0) FROM many.c c WHERE c.visit_id = v.visit_id AND class IN ('exam', 'laboratory')) AS exams, (SELECT coalesce(sum(amount), 0) FROM many.c c WHERE c.visit_id = v.visit_id AND class = 'treatment') AS treatment,
	(SELECT coalesce(sum(amount), 0) FROM many.c c WHERE c.visit_id = v.visit_id AND class = 'surgery') AS surgery, (SELECT coalesce(sum(amount), 0) FROM many.c c WHERE c.visit_id = v.visit_id AND class IS NULL) AS unknown,
	(SELECT sum(amount) > 0 FROM many.c c WHERE c.visit_id = v.visit_id AND item_code LIKE 'XJ01%') AS antibiotic, (SELECT count(DISTINCT charged_at::date) = 1 FROM many.c c WHERE c.visit_id = v.visit_id) AS one_date,
	(SELECT max(day) FROM (SELECT charged_at::date AS day FROM many.c c WHERE c.visit_id = v.visit_id AND coalesce(class, '') NOT IN ('bed', 'nursing') AND charged_at::date BETWEEN v.admitted_at::date AND v.discharged_at::date GROUP BY 1 HAVING sum(amount) > 0) d) AS last_day,
	EXISTS (SELECT FROM many.v n WHERE n.person_id = v.person_id AND n.stay AND NOT n.referred AND n.visit_id <> v.visit_id AND (n.admitted_at, n.visit_id) > (v.admitted_at, v.visit_id)
		AND n.admitted_at::date - v.discharged_at::date BETWEEN 0 AND 31 AND coalesce(n.diagnosis, '') NOT LIKE 'Z511%') AS again,
	EXISTS (SELECT FROM many.v o WHERE o.person_id = v.person_id AND o.facility_id = v.facility_id AND NOT o.stay AND coalesce(o.visit_type, '') <> '13' AND o.admitted_at <= v.admitted_at
		AND v.admitted_at::date - o.admitted_at::date <= 1) AS seen, (SELECT replace(d.diagnosis_code, '.', '') FROM many.diagnosis d WHERE d.visit_id = v.visit_id) AS admission,
	(SELECT count(*) FROM (SELECT FROM (SELECT prescription_id, generic, sum(amount) AS amount, CASE WHEN prescription_id IS NULL THEN charged_at::date END AS day, CASE WHEN prescription_id IS NULL THEN doctor END AS doctor
		FROM many.c c WHERE c.visit_id = v.visit_id AND class = 'drug' AND NOT v.stay GROUP BY prescription_id, generic, 4, 5 HAVING sum(amount) > 0) g GROUP BY prescription_id, day, doctor) p) AS prescriptions
FROM many.v AS v;
CREATE INDEX ON many.t (month);
ANALYZE many.t;
CREATE FUNCTION many.slow(kind text) RETURNS TABLE (subject_id text, month date, indicator text, numerator numeric, denominator numeric) LANGUAGE plpgsql AS $$
DECLARE col text := CASE kind WHEN 'facility' THEN 'facility_id' WHEN 'physician' THEN 'physician_id' WHEN 'group' THEN 'person_class' ELSE kind END;
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT s.id, s.month, i.indicator, i.numerator::numeric, i.denominator::numeric
		FROM (SELECT DISTINCT %1$I AS id, month FROM many.t WHERE %1$I IS NOT NULL AND month < '2025-06-01') AS s
		CROSS JOIN LATERAL (
			SELECT 'fund_amount', (SELECT sum(fund) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month), 1
			UNION ALL SELECT 'total_amount', (SELECT sum(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month), 1
			UNION ALL SELECT 'stays', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay), 1
			UNION ALL SELECT 'visits', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND NOT stay), 1
			UNION ALL SELECT 'persons', (SELECT count(DISTINCT person_id) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month), 1
			UNION ALL SELECT 'cost_per_visit', (SELECT sum(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND NOT stay), (SELECT count(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND NOT stay)
			UNION ALL SELECT 'cost_per_stay', (SELECT sum(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay), (SELECT count(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay)
			UNION ALL SELECT 'average_stay', (SELECT sum(greatest(nights, 1)) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0)
			UNION ALL SELECT 'short_stays', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights = 1), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0)
			UNION ALL SELECT 'open_stays', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND discharged_at IS NULL), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay)
			UNION ALL SELECT 'readmission_31', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0 AND again), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0)
			UNION ALL SELECT 'same_day_admission', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights BETWEEN 0 AND 3 AND seen AND surgery <= 0 AND lines > 0), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0 AND lines > 0)
			UNION ALL SELECT 'exam_only_stays', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights BETWEEN 0 AND 3 AND amount > 0 AND treatment + surgery <= 0 AND unknown = 0 AND exams >= 0.8 * amount),
				(SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0 AND amount > 0 AND NOT (nights <= 3 AND treatment + surgery <= 0 AND unknown <> 0 AND exams + unknown >= 0.8 * amount))
			UNION ALL SELECT 'one_date_stays', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 2 AND one_date), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 2 AND lines > 0)
			UNION ALL SELECT 'tail_days', (SELECT sum(greatest(discharged_at::date - coalesce(last_day, admitted_at::date) - 1, 0)) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0 AND lines > 0 AND NOT (one_date AND nights >= 2)),
				(SELECT sum(greatest(nights, 1)) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND nights >= 0 AND lines > 0 AND NOT (one_date AND nights >= 2))
			UNION ALL SELECT 'personal_zero_share', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND personal < 1), (SELECT count(personal) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay)
			UNION ALL SELECT 'fund_share_scope', (SELECT sum(fund) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND scope IS NOT NULL), (SELECT sum(scope) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND fund IS NOT NULL)
			UNION ALL SELECT 'fund_share_actual', (SELECT sum(fund) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND total IS NOT NULL), (SELECT sum(total) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND fund IS NOT NULL)
			UNION ALL SELECT 'diagnosis_agreement', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND left(admission, 3) = disease AND admission NOT LIKE 'R%%' AND disease NOT LIKE 'R%%'), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND stay AND admission NOT LIKE 'R%%' AND disease NOT LIKE 'R%%')
			UNION ALL SELECT 'antibiotic_visits', (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND NOT stay AND antibiotic), (SELECT count(*) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month AND NOT stay AND lines > 0)
			UNION ALL SELECT 'large_prescriptions', 0, (SELECT sum(prescriptions) FROM many.t t WHERE t.%1$I = s.id AND t.month = s.month)
			UNION ALL SELECT k.name, (SELECT coalesce(sum(c.amount) FILTER (WHERE k.class = c.class OR k.class = 'exam' AND c.class = 'laboratory' OR c.item_code LIKE k.class || '%%'), 0) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month),
				(SELECT sum(c.amount) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month)
			FROM (VALUES ('drug_share', 'drug'), ('exam_share', 'exam'), ('material_share', 'material'), ('treatment_share', 'treatment'), ('ct_share', '0021030'), ('mri_share', '0021020')) AS k (name, class)
			UNION ALL SELECT 'out_of_catalogue_share', (SELECT coalesce(sum(c.amount) FILTER (WHERE c.outside), 0) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month AND class IN ('drug', 'exam', 'laboratory')),
				(SELECT sum(c.amount) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month AND class IN ('drug', 'exam', 'laboratory'))
			UNION ALL SELECT 'procured_share', (SELECT coalesce(sum(c.amount) FILTER (WHERE c.procured), 0) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month AND class = 'drug' AND EXISTS (SELECT FROM many.c o WHERE o.month = t.month AND o.generic = c.generic AND o.procured)),
				(SELECT sum(c.amount) FROM many.c c JOIN many.t t USING (visit_id) WHERE t.%1$I = s.id AND t.month = s.month AND class = 'drug' AND EXISTS (SELECT FROM many.c o WHERE o.month = t.month AND o.generic = c.generic AND o.procured))
		) AS i (indicator, numerator, denominator)
		WHERE i.numerator IS NOT NULL AND i.denominator <> 0$q$, col);
END $$;
CREATE TEMPORARY TABLE slow AS SELECT k AS subject_kind, s.* FROM unnest('{facility,physician,disease,region,group}'::text[]) AS k CROSS JOIN LATERAL many.slow(k) AS s;
INSERT INTO slow SELECT 'physician', c.doctor, c.month, 'patients_per_day', count(DISTINCT v.person_id), count(DISTINCT c.charged_at::date) FROM many.c AS c JOIN many.v AS v USING (visit_id) WHERE c.doctor IS NOT NULL AND c.month < '2025-06-01' GROUP BY 2, 3
	UNION ALL SELECT 'physician', c.doctor, c.month, 'minutes_per_day', sum(c.quantity * c.minutes), count(DISTINCT c.charged_at::date) FROM many.c AS c WHERE c.doctor IS NOT NULL AND c.month < '2025-06-01' GROUP BY 2, 3 HAVING sum(c.quantity * c.minutes) IS NOT NULL;
TRUNCATE indicator_month;
CALL refresh_indicators('2025-01-01', '2025-06-01');
\set ECHO all
SELECT coalesce(m.indicator, s.indicator) AS indicator, count(*) AS rows, count(*) FILTER (WHERE m.numerator IS DISTINCT FROM s.numerator OR m.denominator IS DISTINCT FROM s.denominator) AS different,
	count(*) FILTER (WHERE m.numerator <> 0) AS not_0
FROM indicator_month AS m FULL JOIN slow AS s ON (s.subject_kind, s.subject_id, s.month, s.indicator) = (m.subject_kind, m.subject_id, m.month, m.indicator)
GROUP BY 1 ORDER BY 1;

-- ---- sums of many numbers, different numbers, lines in one value ----
SELECT _sum_vectors(v) AS sums, _sum_vectors(v) FILTER (WHERE false) AS none FROM (VALUES ('{1,NULL,3}'::bigint[]), (NULL), ('{NULL,NULL,-5}')) AS t (v);
SELECT _count_different(n) AS different, _count_different(n) FILTER (WHERE false) AS none FROM (VALUES (0::bigint), (0), (NULL), (-1), (9223372036854775807), (-1)) AS t (n);
SELECT count(DISTINCT n) = _count_different(n) AS same, count(DISTINCT n) > 1000 AS many FROM (SELECT hashint8(i) % 3000 AS n FROM generate_series(1, 5000) AS i) AS t (n);
SELECT _fixed(12.34565), _fixed(-0.00005), _fixed('NaN'), _fixed('Infinity'), _fixed(1e12), _fixed(NULL);
CREATE TEMPORARY TABLE own AS SELECT _visit_lines('XA1', '09', '01', '2025-01-03 10:00', 2, 10, 0, true, l, ' D1 ', NULL, true) AS lines FROM (VALUES ('1'), ('1'), ('2')) AS t (l);
SELECT _visit_line_kinds(lines, '2025-01-01', '2025-01-01', '2025-02-01'), _visit_line_kinds(lines, '2025-01-01', '2025-01-04', '2025-02-01') FROM own;
SELECT _visit_line_kinds(NULL, '2025-01-01', '2025-01-01', '2025-02-01'), _visit_lines(NULL, '09', '01', '2025-01-03', 2, 10, 0, true, 'l', NULL, NULL, NULL);
SELECT s.* FROM own, _visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, 'D2', 5, '{XA1}', '{09}', '{01}', '{129}', '{0}', '{1.5}', '{2025-01-01}', '{0}') AS s;
-- of a stay; of a physician who is not known; out of time
SELECT s.last_active, s.prescriptions, s.physicians FROM own, _visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', true, '2025-01-02', '2025-01-03', 'D2', 5, '{XA1}', '{09}', '{01}', '{129}', '{0}', '{NULL}', '{}', '{}') AS s;
SELECT s.sums[1] AS lines, s.one_date, s.physicians FROM own, _visit_line_sums(lines, '2025-01-01', '2025-01-04', '2025-02-01', false, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') AS s;
SELECT _visit_line_sums(NULL, '2025-01-01', '2025-01-04', '2025-02-01', false, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') IS NULL AS none;
\set VERBOSITY sqlstate
SELECT _sum_vectors(v) FROM (VALUES ('{1}'::bigint[]), ('{1,2}')) AS t (v);
SELECT _sum_vectors(v) FROM (VALUES ('{9223372036854775807}'::bigint[]), ('{1}')) AS t (v);
SELECT _add_vectors('{1}', '{1}');
SELECT _visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') FROM own;
SELECT _visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}') FROM own;
SELECT _visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, NULL, '{XA1}', '{}', '{}', '{}', '{}', '{}', '{}', '{}') FROM own;
SELECT _visit_line_sums('\x02', '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
SELECT _visit_line_sums('\x01ff', '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, NULL, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}');
\set VERBOSITY default
DROP TABLE own;
-- in another order, by an index of workers, and month by month
CREATE TEMPORARY TABLE before AS TABLE indicator_month;
CREATE TABLE many.shuffled_visit AS SELECT * FROM many.visit ORDER BY md5(visit_id || 'x');
CREATE TABLE many.shuffled_charge AS SELECT * FROM many.charge ORDER BY md5(visit_id || coalesce(line_id, '') || item_code);
CALL bind('visit', 'many.shuffled_visit');
CALL bind('charge', 'many.shuffled_charge');
TRUNCATE indicator_month;
CALL refresh_indicators('2025-05-01', '2025-05-02');
CALL refresh_indicators('2025-01-20', '2025-02-03');
CALL refresh_indicators('2025-03-01', '2025-05-01');
SELECT count(*) AS differences FROM ((TABLE before EXCEPT ALL TABLE indicator_month) UNION ALL (TABLE indicator_month EXCEPT ALL TABLE before)) AS t;
-- what no number is stops nothing
INSERT INTO many.shuffled_charge (visit_id, item_code, quantity, amount, charged_at) VALUES ('v3', 'XJ01A', 'NaN', 'NaN', '2025-02-01'), ('v6', 'bed', 1, 'Infinity', '2025-02-01');
INSERT INTO many.shuffled_visit (visit_id, facility_id, admitted_at, discharged_at, total_amount, settled_at) VALUES ('x1', 'F1', '-infinity', 'infinity', 'NaN', '2025-02-01'), ('x2', 'F1', NULL, NULL, NULL, 'infinity'), (NULL, 'F1', NULL, NULL, 1, '2025-02-01');
CALL refresh_indicators('2025-02-01', '2025-03-01');
SELECT indicator, m.numerator - b.numerator AS more, m.denominator - b.denominator AS more_of FROM indicator_month AS m JOIN before AS b USING (subject_kind, subject_id, month, indicator)
WHERE (m.numerator, m.denominator) IS DISTINCT FROM (b.numerator, b.denominator) ORDER BY 1;

-- ---- indicator_peers ----
DROP VIEW medaudit_data.charge, medaudit_data.diagnosis, medaudit_data.person;
DELETE FROM binding WHERE relation IN ('charge', 'diagnosis', 'person');
TRUNCATE indicator_month, many.facility;
INSERT INTO many.facility SELECT 'A' || n, '医院' || n, CASE WHEN n < 11 THEN 'Hospital' ELSE 'clinic' END, CASE WHEN n = 15 THEN 3 ELSE 2 END, CASE WHEN n < 5 THEN '330101' ELSE '330102' END FROM generate_series(1, 15) AS n;
-- the worked example: of 40 among its peers z is 14.164306, the fences are 2 and 16; clinics and another rank are no peers
INSERT INTO indicator_month SELECT 'facility', 'A' || n, '2025-03-01', 'average_stay', 100 * (ARRAY[6, 7, 7, 8, 8, 9, 10, 11, 12, 40, 90, 90, 90, 90, 90])[n], 100 FROM generate_series(1, 15) AS n;
SELECT subject_id, name, value, peers, peer_median, peer_low, peer_high, z, rank, flag, flag_zh FROM indicator_peers ORDER BY value DESC, subject_id;
-- on the side that direction asks, and beyond the fence as well as by z
UPDATE indicator SET direction = 'low' WHERE indicator = 'average_stay';
SELECT subject_id, flag FROM indicator_peers WHERE flag IN ('high', 'low') ORDER BY 1;
UPDATE indicator_month SET numerator = -2000 WHERE subject_id = 'A1';
SELECT subject_id, value, flag FROM indicator_peers WHERE flag IN ('high', 'low') ORDER BY 1;
UPDATE indicator SET direction = 'both' WHERE indicator = 'average_stay';
SELECT subject_id, value, flag FROM indicator_peers WHERE flag IN ('high', 'low') ORDER BY 1;
-- few, with a denominator below min_denominator or of 0
UPDATE indicator_month SET numerator = numerator / 5, denominator = 19.99 WHERE subject_id = 'A10';
UPDATE indicator_month SET denominator = 0 WHERE subject_id = 'A9';
SELECT subject_id, value, peers, z, rank, flag FROM indicator_peers WHERE subject_id IN ('A9', 'A10') ORDER BY 1;
UPDATE indicator SET min_denominator = 19 WHERE indicator = 'average_stay';
SELECT subject_id, value, peers, flag FROM indicator_peers WHERE subject_id = 'A10' ORDER BY 1;
-- peers by other conditions
UPDATE indicator SET peers = 'region' WHERE indicator = 'average_stay';
SELECT peers, count(*) FROM indicator_peers GROUP BY 1 ORDER BY 1;
UPDATE indicator SET peers = '' WHERE indicator = 'average_stay';
SELECT peers, count(*) FROM indicator_peers GROUP BY 1 ORDER BY 1;
DELETE FROM indicator WHERE indicator = 'average_stay';
-- of time: the month before, the same of the year before, and the year so far; of sums the sum
TRUNCATE indicator_month;
INSERT INTO indicator_month SELECT 'facility', 'A1', m::date, 'fund_amount', 100 * n, 1 FROM generate_series(timestamp '2024-01-01', '2025-04-01', interval '1 month') WITH ORDINALITY AS g (m, n) WHERE m <> '2025-02-01'
	UNION ALL SELECT 'facility', 'A1', m::date, 'short_stays', n, 100 + n FROM generate_series(timestamp '2024-01-01', '2025-04-01', interval '1 month') WITH ORDINALITY AS g (m, n) WHERE m <> '2025-02-01';
SELECT month, indicator, value, last_month, growth_month, last_year, growth, year_to_date, flag FROM indicator_peers WHERE month >= '2025-01-01' ORDER BY 2, 1;
-- rates of small groups are drawn towards all: 0.159398, 0.122696, 0.123960, 0.221984, 0.165733
TRUNCATE indicator_month;
INSERT INTO indicator_month SELECT 'physician', 'D' || n, '2025-01-01', 'short_stays', (ARRAY[3, 10, 4, 30, 1])[n], (ARRAY[20, 100, 50, 120, 5])[n] FROM generate_series(1, 5) AS n;
SELECT subject_id, name, value, shrunk, rank, flag FROM indicator_peers ORDER BY 1;
-- an indicator that is switched off is not shown, one of a fund's own is
INSERT INTO indicator (indicator, name_zh, unit, direction, min_denominator) VALUES ('own', '自有指标', 'rate', 'high', 1);
INSERT INTO indicator_month VALUES ('region', '330100', '2025-01-01', 'own', 1, 2), ('group', '11', '2025-01-01', 'own', 1, NULL), ('disease', 'I10', '2025-01-01', 'nobody', 1, 2);
UPDATE indicator SET enabled = false WHERE indicator = 'short_stays';
SELECT subject_kind, subject_kind_zh, subject_id, name, indicator, indicator_zh, value, shrunk, flag, flag_zh FROM indicator_peers ORDER BY 1, 3;
DELETE FROM indicator WHERE NOT shipped;
-- against slow SQL with the functions of statistics over windows
\set ECHO none
TRUNCATE indicator_month, many.facility;
INSERT INTO many.facility SELECT 'F' || n, '机构' || n, CASE WHEN n % 3 = 0 THEN 'hospital' END, NULLIF(n % 4, 0), '1' FROM generate_series(1, 60) AS n;
INSERT INTO indicator_month SELECT CASE WHEN n <= 60 THEN 'facility' ELSE 'physician' END, 'F' || n, m::date, i.indicator, CASE WHEN random() < 0.9 THEN round((random() * random() * 100)::numeric) ELSE 1000 END, CASE WHEN random() < 0.95 THEN round((random() * 200)::numeric) + 100 ELSE 0 END
FROM generate_series(1, 90) AS n, generate_series(timestamp '2024-01-01', '2025-06-01', interval '1 month') AS m, (SELECT indicator FROM indicator WHERE unit = 'rate' ORDER BY 1 LIMIT 4) AS i WHERE random() < 0.9;
CREATE TEMPORARY TABLE slow_peers AS
SELECT v.subject_kind, v.subject_id, v.month, v.indicator, v.value, (robust_center(v.value::float8) OVER p).n AS peers, robust_zscore(v.value::float8, robust_center(v.value::float8) OVER p)::numeric(20,6) AS z,
	(peer_fences(v.value::float8) OVER p).low::numeric(20,6) AS low, (peer_fences(v.value::float8) OVER p).high::numeric(20,6) AS high, CASE WHEN v.value IS NOT NULL THEN rank() OVER (PARTITION BY v.subject_kind, v.month, v.indicator, f.kind, f.rank ORDER BY v.value DESC NULLS LAST) END AS rank,
	CASE WHEN v.denominator > 0 THEN shrunk_rate(v.numerator::bigint, v.denominator::bigint, rate_prior(v.numerator::bigint, v.denominator::bigint) OVER p)::numeric(20,6) END AS shrunk,
	(SELECT o.numerator / nullif(o.denominator, 0) FROM indicator_month AS o WHERE (o.subject_kind, o.subject_id, o.indicator) = (v.subject_kind, v.subject_id, v.indicator) AND o.month = v.month - interval '1 month')::numeric(20,6) AS last_month,
	(SELECT o.numerator / nullif(o.denominator, 0) FROM indicator_month AS o WHERE (o.subject_kind, o.subject_id, o.indicator) = (v.subject_kind, v.subject_id, v.indicator) AND o.month = v.month - interval '1 year')::numeric(20,6) AS last_year,
	(SELECT sum(o.numerator) / nullif(sum(o.denominator), 0) FROM indicator_month AS o WHERE (o.subject_kind, o.subject_id, o.indicator) = (v.subject_kind, v.subject_id, v.indicator) AND date_trunc('year', o.month) = date_trunc('year', v.month) AND o.month <= v.month)::numeric(20,6) AS so_far
FROM (SELECT m.*, m.numerator / nullif(m.denominator, 0) AS value FROM indicator_month AS m) AS v LEFT JOIN many.facility AS f ON f.facility_id = v.subject_id AND v.subject_kind = 'facility'
WINDOW p AS (PARTITION BY v.subject_kind, v.month, v.indicator, f.kind, f.rank);
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE (v.peers, v.z, v.peer_low, v.peer_high, v.rank, v.shrunk) IS DISTINCT FROM (s.peers, s.z, s.low, s.high, s.rank, s.shrunk)) AS different,
	count(*) FILTER (WHERE (v.last_month, v.last_year, v.year_to_date) IS DISTINCT FROM (s.last_month, s.last_year, s.so_far)) AS other_times, count(*) FILTER (WHERE v.flag = 'high') > 100 AS some_high
FROM indicator_peers AS v FULL JOIN slow_peers AS s USING (subject_kind, subject_id, month, indicator);

-- ---- wide views ----
TRUNCATE indicator_month, many.facility;
INSERT INTO many.facility SELECT 'A' || n, '医院' || n, 'hospital', 2, '330101' FROM generate_series(1, 10) AS n;
INSERT INTO indicator_month SELECT k.kind, 'A' || n, m::date, i.indicator, n * 100 * CASE WHEN m = '2025-01-01' THEN 2 ELSE 1 END, CASE WHEN i.indicator = 'stays' THEN 1 ELSE 1000 END
FROM unnest('{facility,physician,disease,pharmacy}'::text[]) AS k (kind), generate_series(1, 10) AS n, unnest('{2024-01-01,2025-01-01}'::date[]) AS m, unnest('{stays,average_stay,treatment_share,ct_share}'::text[]) AS i (indicator) WHERE n < 3;
SELECT facility_id, facility_name, month, stays, stays_growth, stays_flag, average_stay, average_stay_flag, treatment_share, treatment_share_growth, visits FROM facility_month ORDER BY 1, 3;
SELECT physician_id, month, average_stay_growth, visits_flag FROM physician_month ORDER BY 1, 2;
SELECT count(*), min(disease), max(average_stay) FROM disease_month;
SELECT count(*) AS of_each FROM pg_attribute WHERE attrelid = 'facility_month'::regclass AND attnum > 0;

-- ---- the rules in a run: whole months only, and of what stands in indicator_month ----
SET client_min_messages = error;
TRUNCATE indicator_month;
CALL bind('visit', 'ind.visit');
CALL bind('charge', 'ind.charge');
CALL run_audit('2025-01-01', '2025-02-01', '{indicator_outlier,out_of_catalogue}');
SELECT rule_code, state, error, error_zh FROM run_progress WHERE run_id = (SELECT max(run_id) FROM run) AND rule_code IS NOT NULL ORDER BY 1;
-- A10 stands out in January, February and April, A9 in March alone; days of A8 stand out on the side nobody asks for; A7 is few
INSERT INTO indicator_month SELECT 'facility', 'A' || n, m::date, 'average_stay', CASE WHEN n = 10 AND m <> '2025-03-01' OR n = 9 AND m = '2025-03-01' THEN 40 WHEN n = 8 THEN 0.1 ELSE 5 + n * 0.2 END * CASE WHEN n = 7 THEN 100 ELSE 500 END / 5, CASE WHEN n = 7 THEN 19 ELSE 100 END
FROM generate_series(1, 10) AS n, generate_series(timestamp '2025-01-01', '2025-04-01', interval '1 month') AS m;
-- out of the catalogue: a tenth in the year so far is no more than agreed, more is; sums are no ratios
INSERT INTO indicator_month SELECT 'facility', 'A' || n, m::date, 'out_of_catalogue_share', CASE WHEN n = 1 THEN 20000 WHEN n = 2 AND m > '2025-01-01' THEN 2001 WHEN n < 4 THEN 2000 ELSE 100 END, 20000
FROM generate_series(1, 5) AS n, generate_series(timestamp '2025-01-01', '2025-02-01', interval '1 month') AS m;
INSERT INTO indicator_month SELECT 'facility', 'A' || n, '2025-02-01', 'stays', CASE WHEN n = 1 THEN 1000000 ELSE n END, 1 FROM generate_series(1, 10) AS n;
CALL run_audit('2025-01-01', '2025-01-20', '{indicator_outlier}');
SELECT rule_code, state, error FROM run_step WHERE run_id = (SELECT max(run_id) FROM run) AND rule_code IS NOT NULL ORDER BY 1;
CALL run_audit('2025-01-01', '2025-06-01', '{indicator_outlier,out_of_catalogue}');
SELECT rule_code, subject_kind, subject_id, key, judged_on, certainty, involved_amount, gross_amount, evidence_text FROM finding ORDER BY rule_code, subject_id COLLATE "C", key;
SELECT jsonb_pretty(evidence - 'basis_zh' - 'indicator_zh' - 'month_zh') FROM finding WHERE subject_id = 'A10' ORDER BY key LIMIT 1;
SELECT _fill_template(t.en, f.evidence || jsonb_build_object('facility_name', f.facility_name)) AS english FROM finding AS f JOIN evidence_template AS t ON t.kind = 'indicator_outlier' ORDER BY f.rule_code, f.subject_id, f.key LIMIT 3;
SELECT relation, problem, problem_zh, rows FROM run_quality WHERE run_id = (SELECT max(run_id) FROM run) AND problem ~ 'indicator' ORDER BY problem;
-- months one by one leave the same
CREATE TEMPORARY TABLE found AS SELECT rule_code, subject_id, key, judged_on, fingerprint, involved_amount, evidence FROM finding;
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
CALL run_audit('2025-02-01', '2025-03-01', '{indicator_outlier,out_of_catalogue}');
CALL run_audit('2025-01-01', '2025-02-01', '{indicator_outlier,out_of_catalogue}');
CALL run_audit('2025-03-01', '2025-06-01', '{indicator_outlier,out_of_catalogue}');
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL OR s IS NULL) AS different
FROM found AS f FULL JOIN (SELECT rule_code, subject_id, key, judged_on, fingerprint, involved_amount, evidence FROM finding) AS s USING (rule_code, subject_id, key, judged_on, fingerprint, involved_amount, evidence);
-- one month is enough, or three; a higher z; an indicator alone; what is refused
SELECT set_rule('indicator_outlier', parameters => '{"min_months": 1}') \g /dev/null
CALL run_audit('2025-01-01', '2025-06-01', '{indicator_outlier}');
SELECT subject_id, key FROM finding WHERE rule_code = 'indicator_outlier' ORDER BY key, subject_id;
SELECT set_rule('indicator_outlier', parameters => '{"min_months": 3}') \g /dev/null
CALL run_audit('2025-01-01', '2025-06-01', '{indicator_outlier}');
SELECT count(*) FROM finding WHERE rule_code = 'indicator_outlier';
SELECT set_rule('indicator_outlier', parameters => '{"min_months": 1, "min_z": 1000}') \g /dev/null
CALL run_audit('2025-01-01', '2025-06-01', '{indicator_outlier}');
SELECT count(*) FROM finding WHERE rule_code = 'indicator_outlier';
\set VERBOSITY terse
SELECT set_rule('indicator_outlier', parameters => '{"min_months": 4}');
SELECT set_rule('indicator_outlier', parameters => '{"min_z": -1}');
\set VERBOSITY default
DELETE FROM rule_setting WHERE rule_code = 'indicator_outlier';

-- ---- as it was ----
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) ORDER BY relname COLLATE "C" \gexec
TRUNCATE binding, indicator_month;
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line, medaudit.ranked_line, medaudit.finding_sum, medaudit.finding_person CASCADE;
RESET session_replication_role;
SET client_min_messages = error;
DROP SCHEMA ind, many CASCADE;
