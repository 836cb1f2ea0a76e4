-- Rules over stays in a run: what each flags, and beside it what it must not.
SET client_min_messages = warning;
SET datestyle = ISO;
CREATE SCHEMA ward;
CREATE TABLE ward.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text DEFAULT '21', main_diagnosis text DEFAULT 'J18.900', total_amount numeric, fund_amount numeric,
	payment_method text DEFAULT 'item', referral_visit_id text, newborn bool DEFAULT false);
CREATE TABLE ward.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE TABLE ward.person (person_id text, name text, household_id text);
CREATE TABLE ward.facility (facility_id text, name text, beds int);
INSERT INTO ward.facility VALUES ('F1', '县人民医院', NULL), ('F2', '康复医院', NULL), ('F3', '卫生院', 3), ('F4', '骨科医院', 4);
INSERT INTO ward.person VALUES ('E1', '张三', 'H1'), ('A', '甲', 'H2'), ('B', '乙', 'H3');

-- V20: seen as an outpatient on the fourth day of a stay; not on its first or
-- last day, at a pharmacy (a relative may have gone), by referral, or someone else
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount) VALUES
	('e0', 'E1', 'F1', '2026-03-02 09:00', '2026-03-12 10:00', '21', 5000),
	('e1', 'E1', 'F2', '2026-03-05 10:00', '2026-03-05 10:20', '11', 80),
	('e2', 'E1', 'F1', '2026-03-02 08:00', '2026-03-02 08:30', '11', 80),
	('e3', 'E1', 'F2', '2026-03-12 15:00', '2026-03-12 15:30', '11', 80),
	('e4', 'E1', 'F2', '2026-03-06 15:00', '2026-03-06 15:10', '41', 80),
	('e6', 'E2', 'F2', '2026-03-06 15:00', '2026-03-06 15:10', '11', 80);
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount, referral_visit_id) VALUES
	('e5', 'E1', 'F2', '2026-03-07 15:00', '2026-03-07 15:10', '11', 80, 'e0');

-- V30: four stays within 365 dates; not 366 dates, three, dialysis, chemotherapy
CREATE FUNCTION ward.frequent(who text, days date[], diagnosis text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount)
	SELECT who || '/' || n, who, 'F' || 1 + n % 2, d, d + 2, diagnosis, 1000 + n FROM unnest(days) WITH ORDINALITY AS t(d, n) $$;
SELECT ward.frequent('R1', '{2025-03-21,2025-07-01,2025-11-01,2026-03-20}', 'I10');
SELECT ward.frequent('R2', '{2025-03-20,2025-07-01,2025-11-01,2026-03-20}', 'I11');
SELECT ward.frequent('R3', '{2025-07-01,2025-11-01,2026-03-20}', 'I12');
SELECT ward.frequent('R4', '{2025-10-01,2025-11-01,2025-12-01,2026-01-02,2026-03-20}', 'N18.500');
SELECT ward.frequent('R5', '{2025-10-01,2025-11-01,2025-12-01,2026-01-02,2026-03-20}', 'Z51.100');

-- V22 (c): five people, a newborn among them, in three beds; one is still in.
-- Not: four in four beds; five of an unknown number
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, total_amount, newborn)
SELECT f || n, 'O' || f || n, f, '2026-03-10 09:00', CASE WHEN n <> 2 THEN timestamp '2026-03-13 10:00' END, 100 * n, n = 5
FROM unnest('{F3,F4}'::text[]) AS f, generate_series(1, 5) AS n;

-- V28, D14: 14 admissions where three a day are usual; not: nine on each
-- Monday, an opening week
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at)
SELECT 'b' || f || d || '/' || n, 'b' || f || d || '/' || n, f, date '2026-03-16' - d, date '2026-03-19' - d
FROM (SELECT 'B1' AS f, d, CASE d WHEN 0 THEN 14 ELSE 3 END AS each FROM generate_series(0, 70) AS d
	UNION ALL SELECT 'B2', d, CASE WHEN d % 7 = 0 THEN 9 ELSE 2 END FROM generate_series(0, 70) AS d
	UNION ALL SELECT 'B3', 0, 20) AS t, generate_series(1, each) AS n;

-- V29, D15: 12 of 20 reimbursements within 20 yuan; not: the same paid by
-- case, five of nothing
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, total_amount, fund_amount, payment_method)
SELECT f || n, f || n, f, timestamp '2026-03-01' + n % 10 * interval '1 day' + n * interval '1 minute', timestamp '2026-03-11' + n % 9 * interval '2 days', 6000 + 700 * n,
	CASE WHEN f = 'S3' AND n <= 5 THEN 0 WHEN n <= 12 AND f <> 'S3' THEN 2990 + n ELSE 400 * 1.4 ^ n END, CASE f WHEN 'S2' THEN 'DRG' ELSE 'item' END
FROM unnest('{S1,S2,S3}'::text[]) AS f, generate_series(1, 20) AS n;

-- V24, V27: A and B three times together at two hospitals; not: C, twice; D and E
-- in dialysis; two of an institution's sixteen
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, total_amount, main_diagnosis)
SELECT 'c' || p || n, p, 'C' || 1 + n % 2, date '2026-01-05' + 30 * n + shift, date '2026-01-12' + 30 * n, 1000, diagnosis || n
FROM (VALUES ('A', 0, 3, 'K80.'), ('B', 1, 3, 'M51.'), ('C', 0, 2, 'J18.'), ('D', 0, 3, 'N18.5'), ('E', 0, 3, 'N18.5'), ('I1', 0, 3, 'I63.'), ('I2', 0, 3, 'I63.')) AS t(p, shift, times, diagnosis),
	generate_series(0, times - 1) AS n;
INSERT INTO ward.person SELECT 'I' || n, NULL, 'home' FROM generate_series(1, 16) AS n;
-- others whose stays never meet, so that a meeting is rare
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, total_amount)
SELECT 'z' || n, 'z' || n, 'C' || 1 + n % 2, date '2025-06-01' + n, date '2025-06-01' + n + n * 7 % 11, 100 FROM generate_series(1, 200) AS n;

CALL medaudit.bind('visit', 'ward.visit');
CALL medaudit.bind('charge', 'ward.charge');
CALL medaudit.bind('person', 'ward.person');
\set rules '{events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,companions}'
-- without beds the capacity is off
SELECT relation FROM medaudit.sources() WHERE 'over_capacity' = ANY (rules_off);
CALL medaudit.bind('facility', 'ward.facility');
SELECT relation FROM medaudit.sources() WHERE rules_off && '{over_capacity,similar_amounts,companions}';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
SELECT step, state, rows, error FROM medaudit.run_progress ORDER BY step_no;
\pset format unaligned
SELECT rule_code, certainty, article, subject_kind, subject_id, person_id, visit_id, facility_id, involved_amount, gross_amount, judged_on,
	evidence - 'partners' AS evidence, jsonb_array_length(evidence -> 'partners') AS partners, evidence_text,
	(SELECT count(*) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines,
	key = encode(sha256(convert_to((SELECT string_agg(visit_id, E'\x1f' ORDER BY visit_id COLLATE "C") FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id), 'UTF8')), 'hex') AS key_of_ids
FROM medaudit.finding AS f ORDER BY rule_code COLLATE "C", subject_id COLLATE "C";
SELECT relation, problem, problem_zh, rows FROM medaudit.data_quality WHERE relation = 'facility';
-- a person can redo it from the evidence alone: when who was in, and with what
SELECT p ->> 'visit_id' AS visit, p ->> 'admitted_at' AS admitted, p ->> 'discharged_at' AS discharged, p ->> 'amount' AS amount
FROM medaudit.finding, jsonb_array_elements(evidence -> 'partners') AS p WHERE rule_code = 'over_capacity';
SELECT min(p ->> 'fund_amount') AS least, max(p ->> 'fund_amount') AS most FROM medaudit.finding, jsonb_array_elements(evidence -> 'partners') AS p WHERE rule_code = 'similar_amounts';

-- again: the same findings; other months leave them, and find theirs once
CREATE TABLE ward.before AS SELECT * FROM medaudit.finding;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
SELECT count(*) AS same, (SELECT count(*) FROM ward.before) AS findings FROM medaudit.finding AS f JOIN ward.before AS b
	ON (f.finding_id, f.rule_code, f.key, f.fingerprint) = (b.finding_id, b.rule_code, b.key, b.fingerprint);
CALL medaudit.run_audit('2026-01-01', '2026-02-01', :'rules');
CALL medaudit.run_audit('2026-02-01', '2026-03-01', :'rules');
CALL medaudit.run_audit('2026-04-01', '2026-05-01', :'rules');
SELECT count(*) FILTER (WHERE f.key IS NULL) AS gone, count(*) FILTER (WHERE b.key IS NULL AND f.judged_on BETWEEN '2026-03-01' AND '2026-03-31') AS more FROM ward.before AS b FULL JOIN medaudit.finding AS f USING (rule_code, key);

-- thresholds and tags are data: rules of one's own
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_pharmacy', 'events_in_stay', '含药店'), ('t_three', 'frequent_stays', '三次'), ('t_twice', 'companions', '两次'),
	('t_any_pay', 'similar_amounts', '含病种'), ('t_monday', 'admission_bursts', '门槛低'), ('t_days', 'over_capacity', '四日');
INSERT INTO medaudit.stay_rule (rule_code, min_stays, min_times, max_p, min_excess, min_ratio, min_days) VALUES ('t_pharmacy', 4, 2, 1, 5, 1, 1), ('t_three', 3, 2, 1, 5, 1, 1),
	('t_twice', 4, 2, 1, 5, 1, 1), ('t_any_pay', 4, 2, 1, 5, 1, 1), ('t_monday', 4, 2, 1e-8, 5, 1, 1), ('t_days', 4, 2, 1, 5, 1, 4);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_pharmacy,t_three,t_twice,t_any_pay,t_monday,t_days}');
SELECT rule_code, count(*) AS findings, max(cardinality(ARRAY(SELECT visit_id FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id))) AS most_visits
FROM medaudit.finding AS f WHERE rule_code LIKE 't\_%' GROUP BY 1 ORDER BY 1;
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('surgery', 'K80', '21');
INSERT INTO medaudit.stay_tag (tag) VALUES ('nothing');
UPDATE medaudit.stay_tag SET tag = 'mine' WHERE shipped AND tag = 'cycle';
UPDATE medaudit.stay_rule SET exclude_tags = '{surgery,cycle,institution}' WHERE rule_code = 't_twice';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_twice}');
SELECT evidence_text FROM medaudit.finding AS f WHERE rule_code = 't_twice';

-- V20, D11: days without care, passive items by the class of the item
CREATE TABLE ward.item (item_code text, class text);
INSERT INTO ward.item VALUES ('BED', 'bed'), ('NUR', '07'), ('DOC', 'consultation'), ('BEDSIDE', '05'), ('DRUG', '09');
INSERT INTO ward.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount)
SELECT h, 'P' || h, 'F9', '2026-05-01 09:00', CASE h WHEN 'h9' THEN timestamp '2026-05-03 10:00' ELSE '2026-05-10 10:00' END,
	CASE h WHEN 'h5' THEN 'Z50.100' WHEN 'h6' THEN 'F20.000' ELSE 'J18.900' END, 3000
FROM unnest('{h1,h2,h3,h4,h5,h6,h7,h8,h9}'::text[]) AS h;
-- a bed, a nurse and a round each day; the days of care are those named
INSERT INTO ward.charge
SELECT h, 'p' || n || i, i, 1, 30, timestamp '2026-05-01 08:00' + n * interval '1 day' FROM unnest('{h1,h2,h3,h4,h5,h6,h7,h9}'::text[]) AS h, generate_series(0, 9) AS n, unnest('{BED,NUR,DOC}'::text[]) AS i
WHERE h <> 'h9' OR n < 3;
INSERT INTO ward.charge
SELECT h, 'a' || d, 'DRUG', 1, 50, date '2026-05-01' + (d - 1) + time '10:00'
FROM (VALUES ('h1', '{1,3,8}'::int[]),			-- flagged: care on 2 of 8 inner days, 4 idle ones in a row
	('h2', '{1,2,3,4,6,7,8,9,10}'),				-- not: one empty Sunday
	('h3', '{2,3,7,8,9}'),						-- flagged: three idle days in a row, below half
	('h4', '{2,4,6,8}'),						-- flagged: half of the days, none in a row
	('h5', '{2,9}'), ('h6', '{2,9}'),			-- not: rehabilitation billed by the week, psychiatry on leave
	('h7', '{2,3,6,7,9}')) AS v (h, days), unnest(v.days) AS d;	-- not: a single idle day, whose care was refunded
-- D08: a day before admission, a day after discharge; not: the day itself
INSERT INTO ward.charge VALUES ('h9', 'x1', 'BED', 1, 30, '2026-04-30 23:59'), ('h9', 'x2', 'BED', 1, 30, '2026-05-04 00:01'), ('h9', 'x3', 'BED', 1, 30, '2026-05-01 00:01'), ('h9', 'x4', 'BED', 1, 30, '2026-05-03 23:59'), ('h9', 'x5', 'BED', 1, -30, '2026-05-02 08:00');
-- a code that begins like a passive one is care; a day whose care was refunded is idle
INSERT INTO ward.charge SELECT 'h7', 'b' || d, 'BEDSIDE', q, 50 * q, date '2026-05-01' + (d - 1) + time '11:00' FROM (VALUES (4, 1), (5, 1), (5, -1), (8, 1)) AS t (d, q);
SET client_min_messages = error;
SELECT relation FROM medaudit.sources() WHERE 'hang_bed' = ANY (rules_off);
CALL medaudit.bind('item', 'ward.item');
CALL medaudit.run_audit('2026-05-01', '2026-06-01', '{hang_bed}');
SELECT visit_id, certainty, violation, subject_id, involved_amount, gross_amount, key = visit_id AS key_is_visit, evidence - 'partners' AS evidence, evidence_text FROM medaudit.finding WHERE rule_code = 'hang_bed' ORDER BY visit_id;
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE problem LIKE '%days without care%' OR problem LIKE 'line_problems%' ORDER BY 1;
-- thresholds and tags are rows: a run of two, and psychiatry asked too
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('own_hang_bed', 'hang_bed', '挂床');
INSERT INTO medaudit.stay_rule (rule_code, min_idle_run, min_idle_share) VALUES ('own_hang_bed', 2, 0.9);
CALL medaudit.run_audit('2026-05-01', '2026-06-01', '{own_hang_bed}');
SELECT string_agg(visit_id, ' ' ORDER BY visit_id) FROM medaudit.finding WHERE rule_code = 'own_hang_bed';
DELETE FROM medaudit.stay_rule WHERE rule_code = 'own_hang_bed';
DELETE FROM medaudit.finding WHERE rule_code LIKE '%hang_bed';
DELETE FROM medaudit.rule WHERE rule_code = 'own_hang_bed';
DROP VIEW medaudit.item;
DELETE FROM medaudit.binding WHERE relation = 'item';

DROP VIEW medaudit.visit, medaudit.charge, medaudit.person, medaudit.facility;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.stay_tag WHERE NOT shipped;
DROP SCHEMA ward CASCADE;
