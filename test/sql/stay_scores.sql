-- Features of visits, and scores in parts that add up.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;

\set VERBOSITY terse
SELECT count(*) FROM visit_features;
SELECT count(*) FROM split_stay_scores();
\set VERBOSITY default
CREATE SCHEMA ward;
CREATE TABLE ward.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, referral_visit_id text);
CREATE TABLE ward.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, claimed numeric, category text);
CREATE TABLE ward.person (person_id text, birth_date date);
CREATE TABLE ward.swipe (facility_id text, card_id text, swiped_at timestamp, amount numeric, person_id text);
INSERT INTO ward.person VALUES ('P1', '1960-03-02'), ('P2', '1943-01-01'), ('P3', '1900-01-01');	-- of P3 nobody knows it
INSERT INTO ward.visit VALUES
	-- V20, D11 flag: ten days with care on three, seen elsewhere on the fifth
	('hang', 'P1', 'F1', '2026-03-01 10:00', '2026-03-12 09:00', '21', 'I63.900', 800, NULL),
	('away', 'P1', 'F2', '2026-03-06 10:00', '2026-03-06 11:00', '11', 'J00', 30, NULL),
	('drugs', 'P1', 'F9', '2026-03-07 10:00', '2026-03-07 11:00', '41', NULL, 30, NULL),
	-- V20 not: examined elsewhere by referral, the line elsewhere refunded
	('order', 'P1', 'F2', '2026-03-08 10:00', '2026-03-08 11:00', '11', NULL, 90, 'hang'),
	('void', 'P1', 'F2', '2026-03-09 10:00', '2026-03-09 11:00', '11', NULL, 90, NULL),
	-- V20 flag: over midnight, and an outpatient without an end
	('night', 'P3', 'F2', '2026-03-04 23:00', '2026-03-05 01:00', '13', NULL, 30, NULL),
	('open', 'P3', 'F2', '2026-03-06 10:00', NULL, '11', NULL, 30, NULL),
	-- V20 not: a bed at home is no stay
	('home', 'P1', 'F3', '2026-03-02 10:00', '2026-03-14 09:00', '71', 'I63.900', 800, NULL),
	-- V20, D11 not: care each day but one Sunday
	('care', 'P3', 'F1', '2026-03-01 10:00', '2026-03-12 09:00', '21', 'I63.900', 1000, NULL),
	-- V24, V26, D25 flag: gastritis, two days, examinations 85 %, no treatment; not: 79.9 %, aged 82, treated
	('low', 'P1', 'F3', '2026-05-01 10:00', '2026-05-03 09:00', '21', 'K29.500', 1000, NULL),
	('under', 'P1', 'F3', '2026-06-01 10:00', '2026-06-03 09:00', '21', 'K29.500', 1000, NULL),
	('old', 'P2', 'F3', '2026-06-01 10:00', '2026-06-03 09:00', '21', 'K29.500', 1000, NULL),
	('treated', 'P1', 'F3', '2026-07-01 10:00', '2026-07-10 09:00', '21', 'K29.500', 1000, NULL),
	-- V21, D09 flag: the same disease, hospital and money after six days; others not so
	('s1', 'S1', 'F1', '2026-03-01 10:00', '2026-03-10 09:00', '21', 'J18.900', 2000, NULL),
	('s2', 'S1', 'F1', '2026-03-16 10:00', '2026-03-20 09:00', '21', 'J18.000', 1600, NULL),
	('s3', 'S1', 'F2', '2026-04-13 10:00', '2026-04-20 09:00', '24', 'S72.000', 9000, 's2'),
	('none', 'S9', 'F2', '2026-04-13 10:00', NULL, '21', NULL, NULL, NULL);
INSERT INTO ward.charge SELECT 'hang', 'b' || n, 'BED', 1, 30, date '2026-03-01' + n, 30, '01' FROM generate_series(0, 10) AS n;
INSERT INTO ward.charge SELECT 'hang', 'd' || n, 'DRUG' || n, 1, 100, date '2026-03-01' + n + time '08:00', 60, '09' FROM unnest('{1,2,7}'::int[]) AS n;
INSERT INTO ward.charge VALUES ('void', 'v1', 'LAB', 1, 90, '2026-03-09 10:10', NULL, '04'), ('void', 'v2', 'LAB', -1, -90, '2026-03-09 10:20', NULL, '04'), ('hang', 'x1', 'LAB', 1, 50, '2026-03-05 08:00', NULL, '04'), ('hang', 'x2', 'LAB', -1, -50, '2026-03-05 18:00', NULL, '04');
INSERT INTO ward.charge SELECT 'care', n::text, 'T', 1, 100, date '2026-03-01' + n, NULL, '治疗费' FROM generate_series(0, 11) AS n WHERE n <> 7;
INSERT INTO ward.charge
SELECT v, c, v || c, 1, amount, a, NULL, c FROM (VALUES ('low', timestamp '2026-05-02', 850, 100, 0), ('under', '2026-06-02', 799, 150, 0), ('old', '2026-06-02', 850, 100, 0), ('treated', '2026-07-02', 850, 50, 100)) AS t(v, a, exam, bed, treatment),
	unnest(ARRAY['03', '01', '05', '14'], ARRAY[exam, bed, treatment, 1000 - exam - bed - treatment]) AS u(c, amount) WHERE amount > 0;
CALL bind('visit', 'ward.visit');
CALL bind('charge', 'ward.charge');
SELECT age FROM visit_features WHERE visit_id = 'low';
CALL bind('person', 'ward.person');
SELECT visit_id, age, days, lines, items, amount, exam_share AS exam, laboratory_share AS lab, drug_share AS drug, treatment_share AS treat, nursing_share AS nurse, bed_share AS bed, self_pay_share AS self, idle_days AS idle, longest_idle AS run
FROM visit_features ORDER BY visit_id COLLATE "C";
-- idle days as bed_days() has them
SELECT count(*) AS stays, bool_and((f.idle_days, f.longest_idle) = (b.idle_days, b.longest_idle)) AS same FROM visit_features AS f
JOIN (SELECT visit_id, ledger(category || item_code, quantity, amount, charged_at) AS book FROM medaudit_data.charge GROUP BY visit_id) AS l USING (visit_id),
	bed_days(book, admitted_at, discharged_at, '{01,02,07,12,13}') AS b;
-- one pass: the plan of the view reads the charges once
CREATE FUNCTION pg_temp.scans() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	before bigint := (SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'ward.charge'::regclass);
BEGIN
	PERFORM count(*) FROM medaudit.visit_features;
	RETURN (SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'ward.charge'::regclass) - before;
END $$;
SELECT pg_temp.scans() AS scans;

SELECT visit_id, inner_days, idle_days, longest_idle, away_visits AS visits, away_swipes AS swipes, idle_part, run_part, bed_part, away_part, score
FROM hang_bed_scores() WHERE visit_id IN ('hang', 'care', 'home') ORDER BY visit_id;
-- D11 flag: one's own card at F7; V20, V23, D11 not: at the hospital itself, on the first day, refunded, a card of the family
INSERT INTO ward.swipe VALUES ('F7', 'family', '2026-03-06 10:00', 20, 'P8'), ('F7', 'c', '2026-03-04 10:00', 20, 'P3'), ('F1', 'c', '2026-03-04 10:00', 20, 'P3'), ('F7', 'c', '2026-03-01 10:00', 20, 'P3'), ('F7', 'c', '2026-03-05 10:00', -20, 'P3');
CALL bind('swipe', 'ward.swipe');
SELECT visit_id, away_visits, away_swipes, away_part, score FROM hang_bed_scores() WHERE visit_id IN ('hang', 'care') ORDER BY visit_id;
SELECT visit_id, days, age, exam_share, treatment_share, exam_part, treatment_part, days_part, age_part, score FROM low_standard_scores() WHERE main_diagnosis = 'K29.500' ORDER BY visit_id COLLATE "C";
SELECT visit_id, next_visit_id, gap_days, gap_part, facility_part, diagnosis_part, emergency_part, transfer_part, amount_part, score FROM split_stay_scores() WHERE person_id = 'S1' ORDER BY 1;
SELECT count(*) FROM split_stay_scores(5) WHERE person_id = 'S1';
-- what is unknown is left out, not taken as clean
SELECT * FROM split_stay_score(0, true, 'J18.9', NULL, NULL, NULL, NULL, 0);
SELECT * FROM split_stay_score(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM split_stay_score(30, false, 'J18.9', 'J20.0', true, true, 100, 50);
SELECT * FROM hang_bed_score(0, 0, 0, NULL, NULL);
SELECT * FROM low_standard_score(0.8, 0, 3, 74);
SELECT * FROM low_standard_score(NULL, NULL, 5, 75);
-- weights are data: yours go before
INSERT INTO score_weight (score, part, weight) VALUES ('low_standard', 'age', 0), ('low_standard', 'days', 0);
SELECT exam_part, treatment_part, score FROM low_standard_score(0.8, 0.1, 9, 80);
\set VERBOSITY sqlstate
INSERT INTO score_weight (score, part, weight) VALUES ('low_standard', 'exam', -1);
INSERT INTO score_weight (score, part, weight) VALUES ('other', 'exam', 1);
UPDATE score_weight SET weight = 1 WHERE shipped;
DELETE FROM charge_class WHERE shipped;
SELECT * FROM split_stay_scores(NULL);
\set VERBOSITY default
INSERT INTO charge_class (category, class) VALUES ('14', 'treatment');
SELECT treatment_share FROM visit_features WHERE visit_id = 'low';

-- the class of a charge: item.class, else charge.category, else the national code
SELECT item_class, category, code, class_of_charge(item_class, category, code) AS class FROM (VALUES
	(1, '01', '05', '003402000010000', 'its item'), (2, 'bed', '05', NULL, 'by the name of the class'), (3, NULL, '０５', '001109000010000', 'its category, full width'), (4, '第一类', '化验费', NULL, 'an unknown class is none'),
	(5, NULL, NULL, '001109000010000', 'a ward'), (6, NULL, NULL, '001108000000000', 'its cooling'), (7, NULL, '99', '001201000030000', 'nursing'), (8, NULL, NULL, '001201000150000', 'sputum is treatment'), (9, NULL, NULL, '001102000050000', 'a round'),
	(10, NULL, NULL, '003402000010000', 'rehabilitation'), (11, NULL, NULL, '003107010220000', 'chapter 31 does not tell'), (12, NULL, NULL, 'XM01AEB170E001010100011', 'a drug'), (13, NULL, NULL, 'xm01aeb170e001010100011', 'in small letters'),
	(14, NULL, NULL, 'C0802010000000000003', 'material'), (15, NULL, NULL, '00110900001', 'no national code'), (16, NULL, NULL, 'A1', 'a local one'), (17, NULL, NULL, NULL, 'nothing'), (18, 'DRUG', NULL, NULL, 'whatever its case')) AS t (n, item_class, category, code, what) ORDER BY n;
INSERT INTO code_class (code, class) VALUES ('A', 'nursing'), ('00340200001', 'exam'), ('XM01', 'other');
SELECT class_of_code('a1') AS local, class_of_code('003402000010000') AS longest, class_of_code('XM01AEB170E001010100011') AS own, class_of_code('003402000390000') AS shipped;
-- many at once, with a catalogue and without; a line whose category was lost is of the class that its item has elsewhere
SELECT * FROM _classes_of_charges('{W,W,001109000010000,Z1,A1,A1}', '{05,NULL,NULL,NULL,NULL,03}') ORDER BY 1, 2;
CREATE TABLE ward.item AS SELECT 'Z1' AS item_code, '003402000010000' AS national_code, NULL AS class UNION ALL SELECT 'W', NULL, '07';
CALL bind('item', 'ward.item');
SELECT * FROM _classes_of_charges('{W,W,001109000010000,Z1}', '{05,NULL,NULL,NULL}') ORDER BY 1, 2;
SELECT count(*) FROM _classes_of_charges(NULL, NULL);
\set VERBOSITY sqlstate
INSERT INTO code_class (code, class) VALUES ('B', 'bedroom');
DELETE FROM code_class WHERE shipped;
\set VERBOSITY default
DELETE FROM code_class WHERE NOT shipped;
DROP VIEW medaudit_data.item;
-- codes are folded: types of visits, and diagnoses
SELECT class_of_visit(' ２１ '), class_of_visit('Inpatient'), class_of_visit('2105'), _is_emergency('Emergency'), _is_emergency('１３01');
SELECT diagnosis_part FROM split_stay_score(0, true, 'j18.9', 'Ｊ18 0', false, false, 1, 1);

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.swipe;
TRUNCATE medaudit.binding;
DELETE FROM medaudit.score_weight WHERE NOT shipped;
DELETE FROM medaudit.charge_class WHERE NOT shipped;
DROP SCHEMA ward CASCADE;
