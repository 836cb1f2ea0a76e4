-- case_payment: case mix, diagnoses without treatment, diagnoses changed round, costs of outpatients near a stay
\set SHOW_CONTEXT never
SET search_path = medaudit, public;
SET datestyle = iso;
SET client_min_messages = error;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
TRUNCATE binding, diagnosis_treatment;

-- ---- what cannot be asked ----
\set VERBOSITY terse
SELECT * FROM case_mix('2025-01-01', '2026-01-01');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01');
SELECT * FROM untreated_diagnoses('2025-01-01', '2026-01-01');
SELECT * FROM swapped_diagnoses('2025-01-01', '2026-01-01');
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01');
SELECT * FROM case_payment_facilities('2025-01-01', '2026-01-01');
-- views are empty then
SELECT (SELECT count(*) FROM case_mix) + (SELECT count(*) FROM case_mix_drift) + (SELECT count(*) FROM untreated_diagnoses) + (SELECT count(*) FROM swapped_diagnoses)
	+ (SELECT count(*) FROM shifted_costs) + (SELECT count(*) FROM case_payment_facilities) AS rows;
DROP SCHEMA IF EXISTS cp CASCADE;
CREATE SCHEMA cp;
CREATE TABLE cp.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric,
	settled_at timestamp, payment_method text, department text, referral_visit_id text);
CREATE TABLE cp.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, category text);
CREATE TABLE cp.diagnosis (visit_id text, diagnosis_code text, rank int, admission bool);
CREATE TABLE cp.case_group (visit_id text, group_code text, weight text, payment text);
CREATE TABLE cp.facility (facility_id text, name text, kind text, rank int, credit_code text);
CREATE TABLE cp.operation (visit_id text, operation_code text);
CREATE TABLE cp.item (item_code text, national_code text, facility_id text);
CALL bind('visit', 'cp.visit', '{"payment_method": null}');
CALL bind('charge', 'cp.charge');
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01');
CALL bind('visit', 'cp.visit');
SELECT count(*) FROM shifted_costs('2025-01-01', '2026-01-01');
CALL bind('diagnosis', 'cp.diagnosis');
CALL bind('case_group', 'cp.case_group');
SELECT * FROM case_mix(NULL, '2026-01-01');
SELECT * FROM case_mix('2025-01-01', '2025-01-01');
SELECT * FROM case_mix_drift('2025-01-01', 'infinity');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', '2024-01-01');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', base_to => '2024-01-01');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', '2024-06-01', '2025-06-01');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', min_stays => NULL);
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', min_growth => NULL);
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', min_stays => 1);
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', min_growth => 'NaN');
SELECT * FROM case_mix_drift('2025-01-01', '2026-01-01', min_z => 'NaN');
-- the day after a base is the first of the period
SELECT count(*) FROM case_mix_drift('2025-07-01', '2026-01-01', '2025-01-01', '2025-07-01');
SELECT * FROM untreated_diagnoses('2025-01-01', '2026-01-01', NULL);
SELECT * FROM swapped_diagnoses('2025-01-01', '2026-01-01', 0);
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01', NULL);
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01', days_after => 31);
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01', -1);
SELECT * FROM shifted_costs('2025-01-01', '2026-01-01', excluded_visit_types => NULL);
SELECT * FROM case_payment_facilities('2025-01-01', NULL);
INSERT INTO diagnosis_treatment VALUES (' .', 'XA10%');
INSERT INTO diagnosis_treatment VALUES ('E11', ' %');
INSERT INTO diagnosis_treatment VALUES ('E11', 'X', 'like');
\set VERBOSITY default
-- no rows of anything: nothing, and no error
SELECT count(*) AS nothing FROM case_payment_facilities('2025-01-01', '2026-01-01');
SELECT * FROM _peer_scores('{A,B,C,D,E,F}', '{1,2,3,4,5,NULL}') ORDER BY 1;

-- ---- which stays, and what of them ----
CALL bind('facility', 'cp.facility');
CALL bind('operation', 'cp.operation');
CALL bind('item', 'cp.item');
INSERT INTO cp.facility VALUES ('H1', '第一医院', 'hospital', 2, 'C1'), ('H1B', '第一医院分院', 'hospital', 2, 'C1'), ('H2', '第二医院', 'hospital', 2, NULL);
INSERT INTO cp.visit VALUES
	-- two settlements, one delivered twice; taken back; an outpatient; still in; of another year; without a group; without a person
	('a', 'P1', 'H1', '2025-01-02', '2025-01-05', '21', 'J18.900', 100, '2025-01-31', 'drg', '内科', NULL), ('a', 'P1', 'H1', '2025-01-02', '2025-02-05', '21', 'J18.900', 50, '2025-02-05', 'drg', '内科', NULL),
	('a', 'P1', 'H1', '2025-01-02', '2025-02-05', '21', 'J18.900', 50, '2025-02-05', 'drg', '内科', NULL),
	('b', 'P1', 'H1', '2025-01-02', '2025-01-05', '21', 'J18.900', 100, '2025-01-31', NULL, '内科', NULL), ('b', 'P1', 'H1', '2025-01-02', '2025-01-05', '21', 'J18.900', -100, '2025-02-05', NULL, '内科', NULL),
	('c', 'P1', 'H1', '2025-01-02', '2025-01-02', '11', 'J18.900', 100, NULL, NULL, '内科', NULL), ('d', 'P1', 'H1', '2025-01-02', NULL, '21', 'J18.900', 100, NULL, 'drg', '内科', NULL),
	('e', 'P1', 'H1', '2024-12-20', '2024-12-31', '21', 'J18.900', 100, '2024-12-31 23:59:59', 'drg', '内科', NULL), ('f', 'P1', 'H1', '2025-03-02', '2025-03-05', NULL, NULL, NULL, NULL, 'DIP', '内科', NULL),
	('g', NULL, 'H1', '2025-03-02', '2025-03-05', '21', 'J18.900', 100, NULL, 'item', '内科', NULL), ('h', 'P1', 'H1', '2025-03-02', '2025-03-05', '21', 'J18.900', 100, NULL, 'item', '内科', NULL);
INSERT INTO cp.case_group VALUES ('a', 'es11', '1.5', '3000'), ('a', 'ES11', '1.5', '3000'), ('b', 'ES11', '1', '1'), ('c', 'ES11', '1', '1'), ('d', 'ES11', '1', '1'), ('e', 'ES11', '2', '1'),
	-- of two rows what differs is not known; no weights; of nobody
	('g', 'ES13', '1.2', '2500'), ('g', 'ES13', '1.2', '2600'), ('gone', 'ES13', '1', '1'), ('i', NULL, NULL, NULL), (NULL, 'ES13', '1', '1');
INSERT INTO cp.diagnosis VALUES ('a', 'J18.900', 1, NULL), ('a', 'E11.900', 2, NULL), ('a', 'E11900', 3, NULL), ('a', 'I10.x00', 1, true), ('f', 'K29.500', 1, false), ('f', 'I10.x00', NULL, NULL), ('g', 'A09', 1, true);
SELECT visit_id, judged_on, main_code AS main, admitted_with, secondaries, operated, total_amount AS total, group_code, weight, payment FROM _case_stays('2025-01-01', '2026-01-01') ORDER BY 1;
INSERT INTO cp.case_group VALUES ('h', 'ES13', '0', '1');
SELECT facility_id, facility_name, month, stays, no_weight, total_weight, case_mix_index, index_last_year, growth, payment, unit_value, mean_days, mean_cost, mean_secondaries, operated_share
FROM case_mix('2025-01-01', '2026-01-01');
-- a period of days is the month of these days; the same month of the year before is not what it begins with
SELECT month, stays FROM case_mix('2025-02-05', '2025-02-06');
SELECT month, stays, total_weight FROM case_mix('2024-12-01', '2025-03-01');
-- weights that are no numbers
UPDATE cp.case_group SET weight = CASE visit_id WHEN 'h' THEN '-1' WHEN 'g' THEN 'NaN' WHEN 'a' THEN '三' ELSE weight END;
SELECT visit_id, weight FROM _case_stays('2025-01-01', '2026-01-01') ORDER BY 1;

-- ---- in a run: what cannot be used is counted, and stops nothing ----
INSERT INTO cp.charge SELECT DISTINCT visit_id, '1', 'X', 1, 100, admitted_at, '09' FROM cp.visit;
CALL run_audit('2025-01-01', '2025-07-01', '{starter_duplicate}');
SELECT state FROM run ORDER BY run_id DESC LIMIT 1;
SELECT problem, problem_zh, rows, facility_id, facility_name FROM run_quality WHERE relation = 'case_group' AND run_id = (SELECT max(run_id) FROM run) ORDER BY problem COLLATE "C", facility_id;
-- a day has what concerns it
CALL run_audit('2025-03-05', '2025-03-06', '{starter_duplicate}');
SELECT problem, rows FROM run_quality WHERE relation = 'case_group' AND run_id = (SELECT max(run_id) FROM run) ORDER BY problem COLLATE "C";
SELECT relation, required_missing, optional_missing, examples, note_zh FROM sources() WHERE relation = 'case_group';

-- ---- a secondary diagnosis for which nothing was done ----
TRUNCATE cp.visit, cp.charge, cp.diagnosis, cp.case_group, cp.operation, cp.item;
CREATE FUNCTION cp.stay(id text, main text, others text, weight numeric, items text DEFAULT 'XJ01DCT104B001010100006', place text DEFAULT 'H1') RETURNS int LANGUAGE sql AS $$
	INSERT INTO cp.visit VALUES (id, 'P-' || id, place, '2025-03-01 09:00', '2025-03-08 10:00', '21', main, 1000, '2025-03-08 10:00', 'drg', '内科', NULL);
	INSERT INTO cp.diagnosis SELECT id, code, nth, NULL FROM string_to_table(concat_ws(',', main, others), ',') WITH ORDINALITY AS c (code, nth);
	INSERT INTO cp.case_group VALUES (id, 'ES1', weight::text, (2000 * weight)::text);
	INSERT INTO cp.charge SELECT id, nth::text, ltrim(i.item, '-'), CASE WHEN i.item LIKE '-%' THEN -1 ELSE 1 END, CASE WHEN i.item LIKE '-%' THEN -50 ELSE 50 END, '2025-03-02', NULL
	FROM string_to_table(items, ',') WITH ORDINALITY AS i (item, nth);
	SELECT 1;
$$;
INSERT INTO diagnosis_treatment (diagnosis_prefix, item_code, code_match, note) VALUES ('e11', 'XA10%', DEFAULT, '降糖药'), ('E11.', '002503020010000', 'service', '血糖'), ('I10', 'XC08%', DEFAULT, NULL), ('J18', 'XJ01%', DEFAULT, NULL);
SELECT count(cp.stay('plain' || n, 'J18.900', NULL, 1 + n * 0.01)) FROM generate_series(-4, 5) AS n;
SELECT num_nonnulls(cp.stay('told', 'J18.900', 'E11.900', 1.5), cp.stay('treated', 'J18.900', 'E11.900', 1.5, 'XJ01DCT104B001010100006,XA10BAE025A001010100004'), cp.stay('watched', 'J18.900', 'E11.900', 1.5, '002503020010000'),
	cp.stay('taken back', 'J18.900', 'E11.900', 1.5, 'XA10BAE025A001010100004,-XA10BAE025A001010100004,XJ01DCT104B001010100006'), cp.stay('no gain', 'J18.900', 'E11.900', 1.01), cp.stay('gain', 'J18.900', 'E11.900', 1.011),
	cp.stay('no map', 'J18.900', 'K29.500', 1.5), cp.stay('no charges', 'J18.900', 'E11.900', 1.5, ''), cp.stay('rare', 'I63.900', 'E11.900', 3), cp.stay('no weight', 'J18.900', 'E11.900', 0),
	cp.stay('local', 'J18.900', 'E11.900', 1.5, 'L1'), cp.stay('other local', 'J18.900', 'E11.900', 1.5, 'L1', 'H2'), cp.stay('two', 'J18.900', 'I10.x00,E11.900', 1.5), cp.stay('one of two', 'J18.900', 'I10.x00,E11.900', 1.5, 'XC08CAA164A001010100002'),
	cp.stay('operated', 'J18.900', 'E11.900', 1.5), cp.stay('surgery', 'J18.900', 'E11.900', 1.5), cp.stay('thought', 'J18.900', NULL, 1.5), cp.stay('no diagnoses', 'J18.900', NULL, 1.5)) AS stays;
INSERT INTO cp.item VALUES ('L1', 'XA10BAE025A001010100004', 'H1'), ('L1', 'XJ01DCT104B001010100006', 'H2');
INSERT INTO cp.operation VALUES ('operated', '33.2');
INSERT INTO cp.charge VALUES ('surgery', '9', 'S1', 1, 300, '2025-03-02', '06');
INSERT INTO cp.diagnosis VALUES ('thought', 'E11.900', 2, true);
DELETE FROM cp.diagnosis WHERE visit_id = 'no diagnoses';
DELETE FROM cp.charge WHERE visit_id = 'no charges';
SELECT visit_id, main_diagnosis AS main, diagnosis_code AS code, treatments, weight, usual_weight AS usual, usual_stays AS of, weight_gain, payment_gain, certainty FROM untreated_diagnoses('2025-03-01', '2025-04-01') ORDER BY visit_id, code;
SELECT notice_zh FROM untreated_diagnoses('2025-03-01', '2025-04-01') WHERE visit_id = 'told';
-- each with what can be said
SELECT visit_id, code, untreated FROM _case_diagnoses('2025-03-01', '2025-04-01', 10) WHERE NOT is_main ORDER BY visit_id, code;
-- eleven stays to compare with are eleven; with a row less of the table its item treats no more
SELECT (SELECT count(*) FROM untreated_diagnoses('2025-03-01', '2025-04-01', 11)) AS eleven, (SELECT count(*) FROM untreated_diagnoses('2025-03-01', '2025-04-01', 12)) AS twelve;
DELETE FROM diagnosis_treatment WHERE item_code LIKE '0025%';
SELECT count(*) FILTER (WHERE visit_id = 'watched') AS watched, count(*) AS told FROM untreated_diagnoses('2025-03-01', '2025-04-01');
-- what a restriction allows for a diagnosis treats it, but makes no map
BEGIN;
INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty) VALUES ('cp_limit', 'restriction', '限适应症', '限适应症', 'indications', 'suspicion');
INSERT INTO charge_rule (rule_code, item_code, code_match, diagnosis_prefixes) VALUES ('cp_limit', '002503020010000', 'service', '{E11,K29}');
SELECT count(*) FILTER (WHERE visit_id IN ('watched', 'no map')) AS watched, count(*) AS told FROM untreated_diagnoses('2025-03-01', '2025-04-01');
ROLLBACK;
INSERT INTO diagnosis_treatment VALUES ('E11', '002503020010000', 'service');
-- without operations and a catalogue
BEGIN;
DROP VIEW medaudit_data.operation, medaudit_data.item;
SELECT visit_id FROM untreated_diagnoses('2025-03-01', '2025-04-01') ORDER BY visit_id;
ROLLBACK;

-- ---- main and secondary changed round ----
SELECT count(cp.stay('sugar' || n, 'E11.900', NULL, 0.8 + n * 0.01, 'XA10BAE025A001010100004')) FROM generate_series(-4, 5) AS n;
SELECT num_nonnulls(cp.stay('swap', 'J18.900', 'E11.900', 1.2, 'XA10BAE025A001010100004'), cp.stay('swap in order', 'J18.900', 'E11.900', 1.2, 'XA10BAE025A001010100004,XJ01DCT104B001010100006'),
	cp.stay('swap cheap', 'J18.900', 'E11.900', 0.81, 'XA10BAE025A001010100004'), cp.stay('swap dear', 'J18.900', 'E11.900', 0.811, 'XA10BAE025A001010100004'), cp.stay('swap one disease', 'E11.700', 'E11.900', 1.2, 'XC08CAA164A001010100002'),
	cp.stay('swap no map', 'K29.500', 'E11.900', 1.2, 'XA10BAE025A001010100004'), cp.stay('swap untreated', 'J18.900', 'E11.900', 1.2, 'XC08CAA164A001010100002'),
	cp.stay('swap rare', 'J18.900', 'I10.x00', 1.2, 'XC08CAA164A001010100002'), cp.stay('swap operated', 'J18.900', 'E11.900', 1.2, 'XA10BAE025A001010100004'), cp.stay('swap both', 'J18.900', 'I10.x00,E11.900', 1.2, 'XA10BAE025A001010100004,XC08CAA164A001010100002'),
	cp.stay('swap back', 'J18.900', 'E11.900', 1.2, 'XA10BAE025A001010100004,XJ01DCT104B001010100006,-XJ01DCT104B001010100006')) AS stays;
INSERT INTO cp.operation VALUES ('swap operated', '33.2');
INSERT INTO cp.diagnosis VALUES ('swap', 'E11.000', NULL, true);
SELECT visit_id, main_diagnosis AS main, diagnosis_code AS code, treated_amount AS treated, admitted_with AS thought, weight, usual_weight AS usual, usual_stays AS of, weight_gain, payment_gain, certainty
FROM swapped_diagnoses('2025-03-01', '2025-04-01');
SELECT notice_zh FROM swapped_diagnoses('2025-03-01', '2025-04-01') WHERE visit_id = 'swap';
SELECT visit_id, code, swapped FROM _case_diagnoses('2025-03-01', '2025-04-01', 10) WHERE NOT is_main AND visit_id LIKE 'swap%' ORDER BY visit_id, code;

-- ---- billed to outpatients before and after ----
TRUNCATE cp.visit, cp.charge, cp.diagnosis, cp.case_group, cp.operation, cp.item;
-- one person a stay, of 10 to 15 May; and what he had as an outpatient
CREATE FUNCTION cp.near(who text, on_day date, category text DEFAULT '03', place text DEFAULT 'H1', type text DEFAULT '11', yuan numeric DEFAULT 80, item text DEFAULT 'CT') RETURNS int LANGUAGE sql AS $$
	INSERT INTO cp.visit VALUES ('o ' || who, who, place, on_day + time '09:00', on_day + time '10:00', type, 'J18.900', yuan, on_day + time '10:00', NULL, NULL, CASE who WHEN 'referred' THEN 'V' END);
	INSERT INTO cp.charge VALUES ('o ' || who, '1', item, sign(yuan), yuan, on_day + time '09:30', category);
	SELECT 1;
$$;
INSERT INTO cp.visit SELECT 's ' || p, p, 'H1', '2025-05-10 15:00', '2025-05-15 09:00', '21', CASE p WHEN 'planned' THEN 'Z51.100' ELSE 'J18.900' END, 5000, '2025-05-15 09:00', CASE p WHEN 'dip' THEN 'DIP' WHEN 'item' THEN 'item' END
FROM unnest('{three before,four before,day of admission,day of discharge,three after,four after,drugs,registration,unknown,elsewhere,branch,emergency,special,referred,planned,refund,dip,item,laboratory,treatment,lasting,two}'::text[]) AS p;
INSERT INTO cp.case_group SELECT visit_id, 'ES1', '1', '2000' FROM cp.visit WHERE person_id NOT IN ('dip', 'item');
SELECT num_nonnulls(cp.near('three before', '2025-05-07'), cp.near('four before', '2025-05-06'), cp.near('day of admission', '2025-05-10'), cp.near('day of discharge', '2025-05-15'), cp.near('three after', '2025-05-18'), cp.near('four after', '2025-05-19'),
	cp.near('drugs', '2025-05-08', '09'), cp.near('registration', '2025-05-08', '02'), cp.near('unknown', '2025-05-08', NULL), cp.near('elsewhere', '2025-05-08', '03', 'H2'), cp.near('branch', '2025-05-08', '03', 'H1B'),
	cp.near('emergency', '2025-05-08', '03', 'H1', '13'), cp.near('special', '2025-05-08', '03', 'H1', '140104'), cp.near('referred', '2025-05-08'), cp.near('planned', '2025-05-08'), cp.near('refund', '2025-05-08'), cp.near('dip', '2025-05-08'),
	cp.near('item', '2025-05-08'), cp.near('laboratory', '2025-05-09', '04'), cp.near('treatment', '2025-05-16', '05'), cp.near('lasting', '2025-05-08'), cp.near('two', '2025-05-17')) AS visits;
-- taken back on the same date; a visit that lasts days, part of them in the stay, is what it is by date
INSERT INTO cp.charge VALUES ('o refund', '2', 'CT', -1, -80, '2025-05-08 11:00', '03'), ('o lasting', '2', 'CT', 1, 70, '2025-05-12', '03'), ('o lasting', '3', 'CT', 1, 60, '2025-05-16', '03'), ('o lasting', '4', 'CT', 1, 50, '2025-05-17', '03');
UPDATE cp.visit SET discharged_at = '2025-05-20' WHERE visit_id = 'o lasting';
-- two days after one stay and one before the next, which is not paid by case but is a stay; a stay elsewhere
INSERT INTO cp.visit VALUES ('s two again', 'two', 'H1', '2025-05-18 09:00', '2025-05-20', '21', 'J18.900', 5000, '2025-05-20', 'drg'), ('s three', 'laboratory', 'H2', '2025-05-09', '2025-05-09', '21', 'J18.900', 500, '2025-05-09', 'item');
INSERT INTO cp.case_group VALUES ('s two again', 'ES1', '1', '2000');
SELECT visit_id, facility_name, admitted_on, discharged_on, group_code, outpatient_visit_id AS outpatient, side, side_zh, first_on, last_on, lines, amount, certainty FROM shifted_costs('2025-05-01', '2025-06-01') ORDER BY visit_id, side;
SELECT notice_zh FROM shifted_costs('2025-05-01', '2025-06-01') WHERE visit_id = 's three after';
SELECT string_agg(DISTINCT person_id, ', ' ORDER BY person_id) AS before_alone FROM shifted_costs('2025-05-01', '2025-06-01', 4, 0);
SELECT string_agg(DISTINCT person_id, ', ' ORDER BY person_id) AS special_too FROM shifted_costs('2025-05-01', '2025-06-01', 2, 0, '{}');
SELECT count(*) AS never FROM shifted_costs('2025-05-01', '2025-06-01', 0, 0);
-- in halves it is what it is as a whole
SELECT count(*) AS differ FROM (SELECT visit_id, outpatient_visit_id, side, amount FROM shifted_costs('2025-05-01', '2025-06-01') EXCEPT
	(SELECT visit_id, outpatient_visit_id, side, amount FROM shifted_costs('2025-05-01', '2025-05-16') UNION ALL SELECT visit_id, outpatient_visit_id, side, amount FROM shifted_costs('2025-05-16', '2025-06-01'))) AS d;
-- without a register of facilities a branch is another place
BEGIN;
DROP VIEW medaudit_data.facility;
SELECT count(*) FILTER (WHERE person_id = 'branch') AS branch, count(*) AS rows FROM shifted_costs('2025-05-01', '2025-06-01');
ROLLBACK;
SELECT facility_id, stays, no_weight, no_diagnosis, secondaries, unmapped, not_known, untreated_of, untreated_share, shifted_of, shifted_stays, shifted_share, shifted_z, shifted_amount, stay_amount, shifted_amount_share, certainty
FROM case_payment_facilities('2025-05-01', '2025-06-01');

-- ---- weights rise, and people are no sicker ----
\set ECHO none
TRUNCATE cp.visit, cp.charge, cp.diagnosis, cp.case_group, cp.operation, cp.item, cp.facility;
-- seven hospitals of one level and one small one, sixty stays a year: H3's weights rise by a third; H4's too, with days and cost; all of H5's rise is a
-- new department; H6 is operated more; of H7 it is one stay; H8 has few stays
INSERT INTO cp.facility SELECT 'H' || f, '第' || f || '医院', 'hospital', 2 FROM generate_series(1, 8) AS f;
CREATE TABLE cp.drawn AS
SELECT format('D%s-%s-%s', f, y, n) AS visit_id, 'H' || f AS facility_id, y, n,
	make_date(y, 1 + n % 12, 1 + n % 20) AS admitted_on, ('x' || substr(md5(format('drift %s %s %s', f, y, n)), 1, 6))::bit(24)::int / 16777216.0 AS u,
	CASE WHEN f = 5 AND y = 2025 AND n > 50 THEN '介入科' ELSE '内科' END AS department
FROM generate_series(1, 8) AS f, generate_series(2024, 2025) AS y, generate_series(1, 60) AS n WHERE f < 8 OR n <= 20;
INSERT INTO cp.visit SELECT visit_id, 'P' || visit_id, facility_id, admitted_on + time '09:00', admitted_on + d + time '09:00', '21', 'J18.900', 1000 * d, admitted_on + d + time '09:00', 'drg', department
FROM (SELECT *, CASE WHEN facility_id = 'H4' AND y = 2025 THEN 8 ELSE 5 + n % 3 END AS d FROM cp.drawn) AS v ORDER BY u;
INSERT INTO cp.case_group SELECT visit_id, 'ES1', round((0.8 + 0.4 * u) * CASE WHEN y = 2024 THEN 1 WHEN facility_id IN ('H3', 'H4', 'H6', 'H8') THEN 1.333 WHEN department = '介入科' THEN 6 WHEN facility_id = 'H7' AND n = 1 THEN 20
	ELSE 1 + (substr(facility_id, 2)::int % 3) * 0.01 END, 4)::text FROM cp.drawn;
INSERT INTO cp.operation SELECT visit_id, '33.2' FROM cp.drawn WHERE n % 10 < CASE WHEN facility_id = 'H6' AND y = 2025 THEN 6 ELSE 2 END;
INSERT INTO cp.diagnosis SELECT visit_id, 'J18.900', 1 FROM cp.drawn UNION ALL SELECT visit_id, c, 2 FROM cp.drawn, unnest('{E11.9,I10}'::text[]) AS c WHERE facility_id = 'H3' AND y = 2025;
\set ECHO all
SELECT facility_id AS f, stays AS n, base_stays AS n0, new_department_stays AS fresh, case_mix_index AS cmi, base_index AS cmi0, growth, chance_z, days_growth AS days, cost_growth AS cost, operated_change AS op, mean_secondaries AS sec, base_mean_secondaries AS sec0,
	severity_growth AS severe, unexplained, peers_of AS among, peers, peer_median, peer_z, drift FROM case_mix_drift('2025-01-01', '2026-01-01');
SELECT facility_id, certainty, notice_zh FROM case_mix_drift('2025-01-01', '2026-01-01') WHERE drift;
-- bounds: as many stays, as much growth, as far as wanted
SELECT count(*) FILTER (WHERE drift) AS sixty, (SELECT count(*) FILTER (WHERE drift) FROM case_mix_drift('2025-01-01', '2026-01-01', min_stays => 61)) AS sixty_one,
	(SELECT count(*) FILTER (WHERE drift) FROM case_mix_drift('2025-01-01', '2026-01-01', min_growth => 0.4)) AS more_growth,
	(SELECT count(*) FILTER (WHERE drift) FROM case_mix_drift('2025-01-01', '2026-01-01', min_z => 1000)) AS further FROM case_mix_drift('2025-01-01', '2026-01-01', min_stays => 60);
-- ages are known where persons are bound
CREATE TABLE cp.person AS SELECT DISTINCT person_id, CASE WHEN visit_id LIKE 'D1-2025%' THEN date '1940-06-01' ELSE '1960-06-01' END AS birth_date FROM cp.visit;
CALL bind('person', 'cp.person');
SELECT facility_id, age_growth, severity_growth FROM case_mix_drift('2025-01-01', '2026-01-01') WHERE facility_id IN ('H1', 'H2');
DROP VIEW medaudit_data.person;
-- four hospitals are no peers: nothing is said of who would have been told
BEGIN;
DELETE FROM cp.visit WHERE facility_id NOT IN ('H1', 'H2', 'H3', 'H4');
SELECT facility_id, peers, peer_z, drift FROM case_mix_drift('2025-01-01', '2026-01-01');
ROLLBACK;
-- without a register all are peers
BEGIN;
DROP VIEW medaudit_data.facility;
SELECT facility_id, facility_name, peers_of, peers, drift FROM case_mix_drift('2025-01-01', '2026-01-01') WHERE facility_id = 'H3';
ROLLBACK;
SELECT facility_id, month, stays, case_mix_index, index_last_year, growth FROM case_mix('2025-06-01', '2025-07-01') WHERE facility_id IN ('H3', 'H8');
-- the same in plain SQL
SELECT count(*) AS differ FROM case_mix_drift('2025-01-01', '2026-01-01') AS d JOIN LATERAL (
	SELECT round(avg(g.weight::numeric) FILTER (WHERE v.y = 2025 AND v.department = '内科'), 6) AS index, round(avg(g.weight::numeric) FILTER (WHERE v.y = 2024), 6) AS base
	FROM cp.drawn AS v JOIN cp.case_group AS g USING (visit_id) WHERE v.facility_id = d.facility_id) AS s ON true
WHERE (d.case_mix_index, d.base_index) IS DISTINCT FROM (s.index, s.base) OR abs(d.growth - (s.index / s.base - 1)) > 1e-6;

-- ---- the same as slow, plain SQL says, of stays drawn by a fixed seed, in any order ----
\set ECHO none
TRUNCATE cp.visit, cp.charge, cp.diagnosis, cp.case_group, cp.operation, cp.item, cp.facility, diagnosis_treatment;
INSERT INTO diagnosis_treatment (diagnosis_prefix, item_code) VALUES ('E11', 'XA10%'), ('I10', 'XC08%'), ('J18', 'XJ01%'), ('K29', 'XA02%'), ('K29.5', 'XJ01%');
CREATE TABLE cp.code AS SELECT n - 1 AS n, code FROM unnest('{J18.900,E11.900,I10.X00,K29.500,K29.100,I63.900}'::text[]) WITH ORDINALITY AS c (code, n);
CREATE TABLE cp.drug AS SELECT n - 1 AS n, code FROM unnest('{XJ01DCT104B001010100006,XA10BAE025A001010100004,XC08CAA164A001010100002,XA02BCA238B002010100005,XB05XAL199B002010100009}'::text[]) WITH ORDINALITY AS c (code, n);
CREATE FUNCTION cp.draw(what text, n int, below int) RETURNS int LANGUAGE sql IMMUTABLE RETURN ('x' || substr(md5(format('case %s %s', what, n)), 1, 7))::bit(28)::int % below;
CREATE TABLE cp.all_visit AS
SELECT 'S' || n AS visit_id, 'P' || cp.draw('person', n, 150) AS person_id, 'H' || cp.draw('place', n, 4) AS facility_id, date '2025-01-01' + cp.draw('day', n, 200) + time '10:00' AS admitted_at,
	date '2025-01-01' + cp.draw('day', n, 200) + 1 + cp.draw('days', n, 6) + time '09:00' AS discharged_at, '21' AS visit_type, (SELECT code FROM cp.code AS c WHERE c.n = cp.draw('main', i.n, 6)) AS main_diagnosis,
	3000 AS total_amount, NULL::timestamp AS settled_at, CASE WHEN cp.draw('paid', n, 5) = 0 THEN 'item' END AS payment_method, '内科' AS department, NULL AS referral_visit_id
FROM generate_series(1, 600) AS i (n)
UNION ALL
SELECT 'O' || n, 'P' || cp.draw('o person', n, 150), 'H' || cp.draw('o place', n, 4), date '2025-01-01' + cp.draw('o day', n, 205) + time '10:00', date '2025-01-01' + cp.draw('o day', n, 205) + time '11:00',
	(ARRAY['11', '11', '11', '13', '14', '11'])[1 + cp.draw('o type', n, 6)], 'J18.900', 100, NULL, NULL, '内科', CASE WHEN cp.draw('referred', n, 12) = 0 THEN 'R' END
FROM generate_series(1, 1500) AS i (n);
CREATE TABLE cp.all_charge AS
SELECT 'S' || n AS visit_id, k::text AS line_id, (SELECT code FROM cp.drug AS d WHERE d.n = cp.draw('drug' || k, i.n, 5)) AS item_code, CASE WHEN k = 3 AND cp.draw('back', n, 3) = 0 THEN -1 ELSE 1 END AS quantity,
	CASE WHEN k = 3 AND cp.draw('back', n, 3) = 0 THEN -10 ELSE 10 + cp.draw('yuan' || k, n, 50) END AS amount, (SELECT v.admitted_at FROM cp.all_visit AS v WHERE v.visit_id = 'S' || i.n) AS charged_at, '09' AS category
FROM generate_series(1, 600) AS i (n), generate_series(1, 3) AS k WHERE cp.draw('lines', n, 8) >= k OR n % 40 = 1 AND k = 1
UNION ALL
SELECT 'S' || n, '9', 'OP', 1, 500, date '2025-02-01', '06' FROM generate_series(1, 600) AS i (n) WHERE cp.draw('cut', n, 6) = 0
UNION ALL
SELECT 'O' || n, k::text, 'T' || k, 1, 20 + k, date '2025-01-01' + cp.draw('o day', n, 205) + cp.draw('o late', n, 5) * (k % 2) + time '10:30', (ARRAY['03', '09', '04'])[k] FROM generate_series(1, 1500) AS i (n), generate_series(1, 3) AS k;
CREATE TABLE cp.all_diagnosis AS
SELECT v.visit_id, v.main_diagnosis AS diagnosis_code, 1 AS rank, NULL::bool AS admission FROM cp.all_visit AS v WHERE v.visit_type = '21' AND cp.draw('none', substr(v.visit_id, 2)::int, 20) > 0
UNION ALL
SELECT 'S' || n, (SELECT code FROM cp.code AS c WHERE c.n = cp.draw('secondary' || k, i.n, 6)), k, cp.draw('thought' || k, n, 9) = 0 FROM generate_series(1, 600) AS i (n), generate_series(2, 4) AS k WHERE cp.draw('how many', n, 5) >= k - 1 AND cp.draw('none', n, 20) > 0;
CREATE TABLE cp.all_group AS SELECT 'S' || n AS visit_id, 'ES1' AS group_code, (0.5 + cp.draw('weight', n, 200) / 100.0)::numeric(6,3) AS weight, 2000 AS payment FROM generate_series(1, 600) AS i (n) WHERE cp.draw('grouped', n, 10) > 0;
INSERT INTO cp.visit SELECT * FROM cp.all_visit ORDER BY md5(visit_id);
INSERT INTO cp.charge SELECT visit_id, line_id, item_code, quantity, amount, charged_at, category FROM cp.all_charge ORDER BY md5(visit_id || line_id);
INSERT INTO cp.diagnosis SELECT * FROM cp.all_diagnosis ORDER BY md5(visit_id || diagnosis_code);
INSERT INTO cp.case_group SELECT visit_id, group_code, weight::text, payment::text FROM cp.all_group ORDER BY md5(visit_id);
INSERT INTO cp.facility SELECT 'H' || n, '医院' || n, 'hospital', 2 FROM generate_series(0, 3) AS n;
-- everything by itself, stay by stay
CREATE TABLE cp.slow_stay AS
SELECT v.*, g.weight, ARRAY(SELECT DISTINCT d.diagnosis_code FROM cp.all_diagnosis AS d WHERE d.visit_id = v.visit_id AND d.admission IS NOT TRUE AND d.diagnosis_code <> v.main_diagnosis) AS others,
	EXISTS (SELECT FROM cp.all_charge AS c WHERE c.visit_id = v.visit_id AND c.item_code = 'OP') AS cut, EXISTS (SELECT FROM cp.all_charge AS c WHERE c.visit_id = v.visit_id) AS charged,
	EXISTS (SELECT FROM cp.all_diagnosis AS d WHERE d.visit_id = v.visit_id AND d.admission IS NOT TRUE) AS coded
FROM cp.all_visit AS v JOIN cp.all_group AS g USING (visit_id) WHERE v.discharged_at >= '2025-02-01' AND v.discharged_at < '2025-06-01';
DELETE FROM cp.slow_stay WHERE NOT coded;
CREATE FUNCTION cp.treated(visit text, code text) RETURNS numeric LANGUAGE sql STABLE AS $$
	SELECT sum(i.amount) FROM (SELECT c.item_code, sum(c.amount) AS amount FROM cp.all_charge AS c WHERE c.visit_id = visit GROUP BY c.item_code HAVING sum(c.quantity) > 0) AS i
	WHERE EXISTS (SELECT FROM diagnosis_treatment AS t WHERE replace(code, '.', '') LIKE replace(t.diagnosis_prefix, '.', '') || '%' AND i.item_code LIKE t.item_code)
$$;
CREATE FUNCTION cp.has_map(code text) RETURNS bool LANGUAGE sql STABLE RETURN EXISTS (SELECT FROM diagnosis_treatment AS t WHERE replace(code, '.', '') LIKE replace(t.diagnosis_prefix, '.', '') || '%');
CREATE TABLE cp.slow_untreated AS
SELECT s.visit_id, o.code, (s.weight - m.weight)::numeric(14,6) AS gain FROM cp.slow_stay AS s CROSS JOIN LATERAL unnest(s.others) AS o (code)
CROSS JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY p.weight)::numeric AS weight, count(*) AS n FROM cp.slow_stay AS p WHERE left(p.main_diagnosis, 3) = left(s.main_diagnosis, 3) AND p.cut = s.cut AND p.others = '{}') AS m
WHERE cp.has_map(o.code) AND s.charged AND cp.treated(s.visit_id, o.code) IS NULL AND m.n >= 5 AND s.weight > round(m.weight, 6);
CREATE TABLE cp.slow_swapped AS
SELECT DISTINCT ON (s.visit_id) s.visit_id, o.code, cp.treated(s.visit_id, o.code) AS amount, (s.weight - m.weight)::numeric(14,6) AS gain FROM cp.slow_stay AS s CROSS JOIN LATERAL unnest(s.others) AS o (code)
CROSS JOIN LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY p.weight)::numeric AS weight, count(*) AS n FROM cp.slow_stay AS p WHERE left(p.main_diagnosis, 3) = left(o.code, 3) AND NOT p.cut) AS m
WHERE NOT s.cut AND left(o.code, 3) <> left(s.main_diagnosis, 3) AND cp.has_map(s.main_diagnosis) AND cp.has_map(o.code) AND s.charged AND cp.treated(s.visit_id, s.main_diagnosis) IS NULL AND cp.treated(s.visit_id, o.code) IS NOT NULL
	AND m.n >= 5 AND s.weight > round(m.weight, 6)
ORDER BY s.visit_id, cp.treated(s.visit_id, o.code) DESC, o.code COLLATE "C";
CREATE TABLE cp.slow_shifted AS
SELECT DISTINCT ON (l.visit_id, l.on_date) s.visit_id AS stay, l.visit_id, l.on_date, l.amount, CASE WHEN l.on_date < s.admitted_at::date THEN 'before' ELSE 'after' END AS side
FROM (SELECT o.visit_id, o.person_id, o.facility_id, c.charged_at::date AS on_date, sum(c.amount) AS amount FROM cp.all_visit AS o JOIN cp.all_charge AS c USING (visit_id)
	WHERE o.visit_type = '11' AND o.referral_visit_id IS NULL AND c.category IN ('03', '04') GROUP BY 1, 2, 3, 4) AS l
JOIN cp.all_visit AS s ON s.visit_type = '21' AND s.person_id = l.person_id AND s.facility_id = l.facility_id AND s.discharged_at >= '2025-02-01' AND s.discharged_at < '2025-06-01'
	AND EXISTS (SELECT FROM cp.all_group AS g WHERE g.visit_id = s.visit_id)
	AND (l.on_date BETWEEN s.admitted_at::date - 3 AND s.admitted_at::date - 1 OR l.on_date BETWEEN s.discharged_at::date + 1 AND s.discharged_at::date + 3)
WHERE NOT EXISTS (SELECT FROM cp.all_visit AS i WHERE i.visit_type = '21' AND i.person_id = l.person_id AND l.on_date BETWEEN i.admitted_at::date AND i.discharged_at::date)
ORDER BY l.visit_id, l.on_date, greatest(s.admitted_at::date - l.on_date, l.on_date - s.discharged_at::date), l.on_date < s.admitted_at::date, s.visit_id COLLATE "C";
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE f.visit_id IS NULL OR s.visit_id IS NULL OR f.weight_gain <> s.gain) AS differ
FROM untreated_diagnoses('2025-02-01', '2025-06-01', 5) AS f FULL JOIN cp.slow_untreated AS s ON s.visit_id = f.visit_id AND s.code = f.diagnosis_code;
SELECT count(*) AS rows, count(*) FILTER (WHERE f.visit_id IS NULL OR s.visit_id IS NULL OR f.weight_gain <> s.gain OR f.treated_amount <> s.amount) AS differ
FROM swapped_diagnoses('2025-02-01', '2025-06-01', 5) AS f FULL JOIN cp.slow_swapped AS s ON s.visit_id = f.visit_id AND s.code = f.diagnosis_code;
SELECT count(*) AS rows, count(*) FILTER (WHERE f.visit_id IS NULL OR s.stay IS NULL OR f.amount <> s.amount OR f.first_on <> s.first_on) AS differ
FROM shifted_costs('2025-02-01', '2025-06-01') AS f
FULL JOIN (SELECT i.stay, i.visit_id, i.side, sum(i.amount) AS amount, min(i.on_date) AS first_on FROM cp.slow_shifted AS i GROUP BY 1, 2, 3) AS s
	ON s.stay = f.visit_id AND s.visit_id = f.outpatient_visit_id AND s.side = f.side;
-- what is told of a facility adds up to what is listed, and what is not known to the rest
SELECT sum(f.stays) AS stays, sum(f.secondaries) AS secondaries, bool_and(f.untreated_stays = (SELECT count(DISTINCT u.visit_id) FROM untreated_diagnoses('2025-02-01', '2025-06-01') AS u WHERE u.facility_id = f.facility_id)
	AND f.swapped_stays = (SELECT count(*) FROM swapped_diagnoses('2025-02-01', '2025-06-01') AS u WHERE u.facility_id = f.facility_id)
	AND (f.shifted_stays, f.shifted_amount) = (SELECT count(DISTINCT u.visit_id), sum(u.amount) FROM shifted_costs('2025-02-01', '2025-06-01') AS u WHERE u.facility_id = f.facility_id)
	AND f.unmapped = (SELECT count(*) FROM cp.slow_stay AS s, unnest(s.others) AS o (code) WHERE s.facility_id = f.facility_id AND NOT cp.has_map(o.code))) AS agree,
	bool_and(f.untreated_stays <= f.untreated_of AND f.swapped_stays <= f.swapped_of AND f.shifted_stays <= f.shifted_of) AS parts
FROM case_payment_facilities('2025-02-01', '2025-06-01') AS f;

-- ---- views: the period of the last run that is done; who may read them ----
CALL run_audit('2025-02-01', '2025-06-01', '{starter_duplicate}');
SELECT count(*) AS differ FROM (SELECT visit_id, diagnosis_code, weight_gain, payment_gain, notice_zh FROM untreated_diagnoses EXCEPT SELECT visit_id, diagnosis_code, weight_gain, payment_gain, notice_zh FROM untreated_diagnoses('2025-02-01', '2025-06-01')) AS d;
SELECT from_date, to_date, side_zh, certainty_zh, count(*) > 5 AS some FROM shifted_costs GROUP BY 1, 2, 3, 4 ORDER BY 3;
SELECT (SELECT count(*) FROM swapped_diagnoses) = (SELECT count(*) FROM swapped_diagnoses('2025-02-01', '2025-06-01')) AS swapped, (SELECT count(*) FROM case_mix) AS months, (SELECT count(*) FROM case_mix_drift) AS facilities,
	(SELECT sum(untreated_stays) FROM case_payment_facilities) = (SELECT count(DISTINCT visit_id) FROM untreated_diagnoses) AS agree;
CREATE ROLE cp_reader;
CREATE ROLE cp_analyst;
CALL grant_access('cp_reader', 'reader');
CALL grant_access('cp_analyst', 'analyst');
GRANT USAGE ON SCHEMA cp TO cp_analyst, cp_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA cp TO cp_analyst, cp_reader;
\set VERBOSITY sqlstate
SET ROLE cp_reader;
SELECT count(*) FROM shifted_costs;
SELECT count(*) FROM shifted_costs('2025-02-01', '2025-06-01');
SELECT count(*) FROM case_payment_facilities;
INSERT INTO diagnosis_treatment (diagnosis_prefix, item_code) VALUES ('A', 'B');
SET ROLE cp_analyst;
INSERT INTO diagnosis_treatment (diagnosis_prefix, item_code) VALUES ('A', 'B');
SELECT count(*) > 5 AS analyst_reads FROM shifted_costs;
SELECT count(*) AS facilities FROM case_payment_facilities;
RESET ROLE;
\set VERBOSITY default
CALL revoke_access('cp_reader', 'reader');
CALL revoke_access('cp_analyst', 'analyst');
DROP OWNED BY cp_reader, cp_analyst;
DROP ROLE cp_reader, cp_analyst;

\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding, diagnosis_treatment;
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
DROP SCHEMA cp CASCADE;
