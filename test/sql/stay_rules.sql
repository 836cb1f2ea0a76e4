-- Rules over stays in a run: what each flags, and beside it what it must not.
SET client_min_messages = warning;
SET datestyle = ISO;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA ward;
CREATE TABLE ward.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text DEFAULT '21', main_diagnosis text DEFAULT 'J18.900', total_amount numeric, fund_amount numeric,
	payment_method text DEFAULT 'item', referral_visit_id text, newborn bool DEFAULT false);
CREATE TABLE ward.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
CREATE TABLE ward.person (person_id text, name text, household_id text);
CREATE TABLE ward.facility (facility_id text, name text, beds int);
INSERT INTO ward.facility VALUES ('F1', '县人民医院', NULL), ('F2', '康复医院', NULL), ('F3', '卫生院', 3), ('F4', '骨科医院', 4);
INSERT INTO ward.person VALUES ('E1', '张三', 'H1'), ('A', '甲', 'H2'), ('B', '乙', 'H3');

-- V20, D11: seen as an outpatient on the fourth day of a stay; not on its first or
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

-- V22 (c), D10: five people, a newborn among them, in three beds; one is still in.
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
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_pharmacy', 'events_in_stay', '含药店', '{}'), ('t_three', 'frequent_stays', '三次', '{"min_stays": 3}'),
	('t_twice', 'companions', '两次', '{"min_times": 2, "max_p": 1}'), ('t_any_pay', 'similar_amounts', '含病种', '{"max_p": 1}'),
	('t_monday', 'admission_bursts', '门槛低', '{"max_p": 1e-8, "min_excess": 5, "min_ratio": 1}'), ('t_days', 'over_capacity', '四日', '{"min_days": 4}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_pharmacy,t_three,t_twice,t_any_pay,t_monday,t_days}');
SELECT rule_code, count(*) AS findings, max(cardinality(ARRAY(SELECT visit_id FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id))) AS most_visits
FROM medaudit.finding AS f WHERE rule_code LIKE 't\_%' GROUP BY 1 ORDER BY 1;
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('surgery', 'K80', '21');
INSERT INTO medaudit.stay_tag (tag) VALUES ('nothing');
UPDATE medaudit.stay_tag SET tag = 'mine' WHERE shipped AND tag = 'cycle';
SELECT medaudit.set_rule('t_twice', parameters => '{"exclude_tags": ["surgery", "dialysis", "planned", "institution"]}');
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
FROM (VALUES ('h1', '{1,3,8}'::int[]),			-- V20, D11 flag: care on 2 of 8 inner days, 4 idle ones in a row
	('h2', '{1,2,3,4,6,7,8,9,10}'),				-- V20, D11 not: one empty Sunday
	('h3', '{2,3,7,8,9}'),						-- V20 flag: three idle days in a row, below half
	('h4', '{2,4,6,8}'),						-- V20 flag: half of the days, none in a row
	('h5', '{2,9}'), ('h6', '{2,9}'),			-- V20, D11 not: rehabilitation billed by the week, psychiatry on leave
	('h7', '{2,3,6,7,9}')) AS v (h, days), unnest(v.days) AS d;	-- V20 not: a single idle day, whose care was refunded
-- D08: a day before admission, a day after discharge; not: the day itself
INSERT INTO ward.charge VALUES ('h9', 'x1', 'BED', 1, 30, '2026-04-30 23:59'), ('h9', 'x2', 'BED', 1, 30, '2026-05-04 00:01'), ('h9', 'x3', 'BED', 1, 30, '2026-05-01 00:01'), ('h9', 'x4', 'BED', 1, 30, '2026-05-03 23:59'), ('h9', 'x5', 'BED', 1, -30, '2026-05-02 08:00');
-- a code that begins like a passive one is care; a day whose care was refunded is idle
INSERT INTO ward.charge SELECT 'h7', 'b' || d, 'BEDSIDE', q, 50 * q, date '2026-05-01' + (d - 1) + time '11:00' FROM (VALUES (4, 1), (5, 1), (5, -1), (8, 1)) AS t (d, q);
SET client_min_messages = error;
SELECT relation FROM medaudit.sources() WHERE 'hang_bed' = ANY (rules_off);
CALL medaudit.bind('item', 'ward.item');
CALL medaudit.run_audit('2026-05-01', '2026-06-01', '{hang_bed}');
SELECT visit_id, certainty, violation, subject_id, involved_amount, gross_amount, key = visit_id AS key_is_visit, evidence - 'partners' AS evidence, evidence_text FROM medaudit.finding WHERE rule_code = 'hang_bed' ORDER BY visit_id;
SELECT problem, problem_zh, rows, facility_id, facility_name FROM medaudit.data_quality WHERE problem LIKE '%days without care%' OR problem LIKE 'line_problems%' ORDER BY 1, 4;
-- thresholds and tags are rows: a run of two, and psychiatry asked too
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('own_hang_bed', 'hang_bed', '挂床', '{"min_idle_run": 2, "min_idle_share": 0.9}');
CALL medaudit.run_audit('2026-05-01', '2026-06-01', '{own_hang_bed}');
SELECT string_agg(visit_id, ' ' ORDER BY visit_id) FROM medaudit.finding WHERE rule_code = 'own_hang_bed';
DELETE FROM medaudit.finding WHERE rule_code LIKE '%hang_bed';
DELETE FROM medaudit.rule WHERE rule_code = 'own_hang_bed';
DROP VIEW medaudit_data.item;
DELETE FROM medaudit.binding WHERE relation = 'item';

-- V20 to V30 and D09 to D25 through a run: what is flagged and what is not, by
-- its number, from nothing but the bound columns and the rows of stay_tag.  A
-- row is a visit; what else is known of it stands in MORE.
CREATE SCHEMA told;
CREATE TABLE told.given (n int GENERATED ALWAYS AS IDENTITY, rule text, expected int, label text, who text, facility text,
	admitted timestamp, discharged timestamp, diagnosis text, more jsonb);
-- two stays, eight days apart, at one facility
CREATE FUNCTION told.twice(expected int, label text, diagnosis text, more jsonb DEFAULT '{}', later jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT 'split_stays', expected, label, label, label, v.* FROM (VALUES ('2024-06-01 09:00'::timestamp, '2024-06-05 16:00'::timestamp, diagnosis, more),
		('2024-06-13 10:00', '2024-06-20 09:00', diagnosis, more || later)) AS v $$;
-- a stay of ten days, and what else happens to the person at another facility
CREATE FUNCTION told.within(rule text, expected int, label text, begins timestamp, ends timestamp, later jsonb DEFAULT '{}', more jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT rule, expected, label, label, v.* FROM (VALUES (label, '2024-06-01 09:00'::timestamp, '2024-06-10 16:00'::timestamp, 'J18.900', more),
		(label || '/2', begins, ends, 'I10.x00', later)) AS v $$;
-- four stays in four months, at two facilities in turn, of one person or of several
CREATE FUNCTION told.often(rule text, expected int, label text, diagnosis text, more jsonb DEFAULT '{}', people int DEFAULT 1) RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT rule, expected, label, label || p, label || m % 2, date '2024-03-10' + 30 * m + time '09:00', date '2024-03-14' + 31 * m + time '09:00', diagnosis, more
	FROM generate_series(1, people) AS p, generate_series(0, 3) AS m $$;
-- people of one facility, admitted and discharged together
CREATE FUNCTION told.together(expected int, label text, diagnosis text, people int, more jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT 'same_household_admissions', expected, label, label || p, label, timestamp '2024-06-02 09:00' - ago, timestamp '2024-06-09 16:00' - ago, diagnosis, more
	FROM generate_series(1, people) AS p, unnest(CASE WHEN people = 2 AND NOT more ? 'once' THEN '{0,60 days}' ELSE '{0}' END::interval[]) AS ago $$;
-- a stay of two nights: exam, bed, treatment, surgery in yuan
CREATE FUNCTION told.brief(expected int, label text, money numeric[], more jsonb DEFAULT '{}', diagnosis text DEFAULT 'K29.500', nights int DEFAULT 2, begins date DEFAULT '2024-06-03') RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT 'low_standard_stay', expected, label, label, label, begins + time '09:00', begins + nights + time '10:00', diagnosis, jsonb_build_object('born', date '1980-01-01',
		'lines', (SELECT jsonb_agg(jsonb_build_array(c, a)) FROM unnest('{03,01,05,06}'::text[], money) AS t (c, a) WHERE a <> 0)) || more $$;
-- a facility with three admissions a day, and then fourteen
CREATE FUNCTION told.burst(expected int, label text, diagnosis text, more jsonb DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT 'admission_bursts', CASE d WHEN 0 THEN expected END, CASE d WHEN 0 THEN label END, label || d || '/' || k, label, date '2024-06-12' - d, date '2024-06-14' - d,
		CASE d WHEN 0 THEN diagnosis ELSE 'J18.900' END, CASE d WHEN 0 THEN more ELSE '{}' END
	FROM generate_series(0, 63) AS d, generate_series(1, CASE d WHEN 0 THEN 14 ELSE 3 END) AS k $$;
-- twenty stays, the fund money of twelve within ten yuan
CREATE FUNCTION told.alike(expected int, label text, diagnosis text DEFAULT 'J18.900', more jsonb DEFAULT '{}', fund numeric DEFAULT 3000) RETURNS void LANGUAGE sql AS $$
	INSERT INTO told.given (rule, expected, label, who, facility, admitted, discharged, diagnosis, more)
	SELECT 'similar_amounts', expected, label, label || k, label, date '2024-06-01' + k % 7, date '2024-06-08' + k, diagnosis,
		jsonb_build_object('fund', CASE WHEN k <= 12 THEN fund + CASE WHEN fund > 0 THEN k - 6 ELSE 0 END ELSE 100 * 1.5 ^ (k - 8) END) || more FROM generate_series(1, 20) AS k $$;

DO $$ BEGIN
	PERFORM told.twice(1, 'V21, D09 flag: again after eight days', 'J18.900');
	PERFORM told.twice(1, 'V21 flag: an emergency first, then again', 'J18.900', '{"type": "24"}', '{"type": "21"}');
	PERFORM told.twice(1, 'V21 flag: came by referral, then again', 'J18.900', '{"referral": "elsewhere"}', '{"referral": null}');
	PERFORM told.twice(0, 'V21 not: back as an emergency', 'J18.900', '{}', '{"type": "24"}');
	PERFORM told.twice(0, 'V21, D09 not: transfer by referral', 'J18.900', '{}', '{"referral": "up"}');
	PERFORM told.twice(0, 'V21, D09 not: chemotherapy', 'Z51.102');
	PERFORM told.twice(0, 'V21, D09 not: chemotherapy as a second diagnosis', 'C34.900', '{"others": ["C34.900", "Z51.102"]}');
	PERFORM told.twice(0, 'V21 not: chemotherapy, by a code without its dot', 'z51102');
	PERFORM told.twice(0, 'V21 not: radiotherapy', 'Z51.000');
	PERFORM told.twice(0, 'V21 not: dialysis', 'N18.500');
	PERFORM told.twice(0, 'V21 not: dialysis as a second diagnosis', 'I50.900', '{"others": ["Z49.100"]}');
	PERFORM told.twice(1, 'V21 flag: kidney failure only beside it', 'I50.900', '{"others": ["N18.500"]}');
	PERFORM told.twice(0, 'V21 not: psychiatry', 'F32.900');
	PERFORM told.twice(0, 'V21 not: rehabilitation', 'Z50.100');
	PERFORM told.twice(0, 'V21 not: staged surgery, plates removed', 'Z47.000');
	PERFORM told.twice(0, 'V21 not: maternity', 'O47.900');
	PERFORM told.twice(0, 'V21 not: birth of a child', 'P07.300', '{"type": "52"}');
	PERFORM told.twice(0, 'V21 not: registered again after it was withdrawn', 'J18.900', '{}', '{"total": [500, -500]}');
	PERFORM told.twice(0, 'V21, D09 not: settled in its midst, at the year''s end', 'J18.900', '{"visit": "midst"}');

	PERFORM told.within('overlapping_stays', 1, 'V22, V23, D10 flag: at two hospitals at once', '2024-06-08', '2024-06-12');
	PERFORM told.within('overlapping_stays', 0, 'V22, D10 not: moved on one day', '2024-06-10 18:00', '2024-06-12');
	PERFORM told.within('overlapping_stays', 0, 'V22 not: moved, by a clock that is wrong', '2024-06-10 10:00', '2024-06-12');
	PERFORM told.within('overlapping_stays', 0, 'V22, V23, D10 not: newborn on its mother''s record', '2024-06-05', '2024-06-09', '{"newborn": true}');
	PERFORM told.within('overlapping_stays', 0, 'V22 not: withdrawn and paid back', '2024-06-05', '2024-06-09', '{"total": [900, -900]}');

	PERFORM told.within('events_in_stay', 1, 'V20, V23, D11 flag: seen elsewhere', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11"}');
	PERFORM told.within('events_in_stay', 1, 'V20 flag: seen elsewhere in a stay that began by referral', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11"}', '{"referral": "up"}');
	PERFORM told.within('events_in_stay', 0, 'V20, V23, D11 not: drugs collected by a relative', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "41"}');
	PERFORM told.within('events_in_stay', 0, 'V20, V23 not: drugs of a chronic disease collected', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "9929"}');
	PERFORM told.within('events_in_stay', 0, 'V20, V23 not: drugs collected, by a province''s type of it', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "4102"}');
	PERFORM told.within('events_in_stay', 0, 'V20 not: examined elsewhere by referral', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11", "referral": "order"}');
	PERFORM told.within('events_in_stay', 0, 'V20, D11 not: on the first day', '2024-06-01 18:00', '2024-06-01 18:30', '{"type": "11"}');
	PERFORM told.within('events_in_stay', 0, 'V20, D11 not: on the last day', '2024-06-10 08:00', '2024-06-10 08:30', '{"type": "11"}');
	PERFORM told.within('events_in_stay', 0, 'V20 not: the line elsewhere refunded', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11", "lines": [["03", 80], ["03", -80]]}');
	PERFORM told.within('events_in_stay', 0, 'V20 not: the visit elsewhere paid back', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11", "total": [80, -80]}');
	PERFORM told.within('events_in_stay', 0, 'V20 not: a bed at home', '2024-06-05 09:00', '2024-06-05 09:30', '{"type": "11"}', '{"type": "71"}');

	PERFORM told.often('frequent_stays', 1, 'V30 flag: four in four months', 'I10.x00');
	PERFORM told.often('frequent_stays', 0, 'V30 not: chemotherapy', 'C50.900', '{"others": ["Z51.100"]}');
	PERFORM told.often('frequent_stays', 0, 'V30 not: dialysis', 'Z99.200');
	PERFORM told.often('frequent_stays', 0, 'V30 not: psychiatry', 'F32.900');
	PERFORM told.often('frequent_stays', 0, 'V30 not: transfusion', 'D56.100');
	PERFORM told.often('frequent_stays', 0, 'V30 not: cirrhosis', 'K74.600');
	PERFORM told.often('t_companions', 1, 'V24, V25, V27 flag: two who move together between hospitals', 'M51.200', '{}', 2);
	PERFORM told.often('t_companions', 0, 'V27 not: they meet at their chemotherapy', 'Z51.100', '{}', 2);
	PERFORM told.often('t_companions', 0, 'V27 not: they meet at their dialysis', 'N18.500', '{}', 2);
	PERFORM told.often('t_companions', 0, 'V27 not: they meet at their transfusions', 'D61.900', '{}', 2);
	PERFORM told.often('t_companions', 0, 'V27, D12 not: two of an institution, by its household', 'M51.200', '{"home": "institution"}', 2);
	PERFORM told.often('t_companions', 0, 'V27, D12 not: two of an institution, by its address', 'M51.200', '{"address": "武侯区佳灵路50号1栋101"}', 2);
	PERFORM told.often('t_companions', 1, 'V27 flag: two of fifteen at one address', 'M51.200', '{"address": "武侯区佳灵路60号1栋101"}', 2);

	PERFORM told.together(1, 'V25, V27, D12 flag: four of one address', 'J18.900', 4, '{"address": "武侯区佳灵路5号3栋2单元501室"}');
	PERFORM told.together(1, 'V25, V27 flag: two of one telephone', 'J18.900', 2, '{"phone": "13900001111"}');
	PERFORM told.together(0, 'V27 not: two of one home, once', 'J18.900', 2, '{"home": "once", "once": 1}');
	PERFORM told.together(0, 'V27, D12 not: mother and newborn', 'O80.000', 2, '{"home": "M"}');
	UPDATE told.given SET more = more || '{"newborn": true}' WHERE label LIKE 'V27, D12 not: mother%' AND who LIKE '%2';
	PERFORM told.together(0, 'V27 not: an infection of the household', 'U07.100', 3, '{"home": "U"}');
	PERFORM told.together(0, 'V27 not: influenza of the household', 'J10.100', 3, '{"home": "J"}');
	PERFORM told.together(0, 'V27 not: one accident, by the type of visit', 'M54.500', 3, '{"home": "X", "type": "22"}');
	PERFORM told.together(0, 'V27 not: one accident, by the injuries', 'S82.100', 3, '{"home": "S"}');
	PERFORM told.together(0, 'V27, D12 not: a nursing home of sixty', 'J18.900', 60, '{"address": "武侯区佳灵路70号1栋101"}');
	PERFORM told.together(0, 'V27, D12 not: a village, not a house', 'J18.900', 4, '{"address": "武侯区簇桥街道高碑村"}');
	PERFORM told.together(0, 'V27 not: the hospital''s own telephone', 'J18.900', 16, '{"phone": "02885001234"}');
	PERFORM told.together(0, 'V27, D12 not: another room of the building', 'J18.900', 2, '{}');
	UPDATE told.given SET more = jsonb_build_object('address', format('武侯区佳灵路80号3栋2单元50%s室', right(who, 1))) WHERE label LIKE '%another room%';
	PERFORM told.together(0, 'V27, D12 not: out six days apart', 'J18.900', 2, '{"home": "six"}');
	UPDATE told.given SET discharged = '2024-06-15 16:00' WHERE label LIKE '%six days apart' AND who LIKE '%2';

	PERFORM told.brief(1, 'V24, V26, D25 flag: examinations 85 %, no treatment', '{850,150}');
	PERFORM told.brief(1, 'V26 flag: at 80 %', '{800,200}');
	PERFORM told.brief(0, 'V26, D25 not: 79.9 %', '{799,201}');
	PERFORM told.brief(0, 'V26 not: treated', '{850,100,50}');
	PERFORM told.brief(0, 'V26 not: operated', '{850,100,0,50}');
	PERFORM told.brief(1, 'V26 flag: the treatment was taken back', '{850,100}', '{"lines": [["03", 850], ["01", 150], ["05", 50], ["05", -50]]}');
	PERFORM told.brief(1, 'V26 flag: three nights', '{850,150}', '{}', 'K29.500', 3);
	PERFORM told.brief(0, 'V26 not: four nights', '{850,150}', '{}', 'K29.500', 4);
	PERFORM told.brief(0, 'V26, D25 not: aged 82', '{850,150}', '{"born": "1942-01-01"}');
	PERFORM told.brief(0, 'V26 not: 75 today', '{850,150}', '{"born": "1949-06-03"}');
	PERFORM told.brief(1, 'V26 flag: 75 tomorrow', '{850,150}', '{"born": "1949-06-04"}');
	PERFORM told.brief(0, 'V26 not: an infant', '{850,150}', '{"born": "2023-06-04"}');
	PERFORM told.brief(1, 'V26 flag: age unknown', '{850,150}', '{"born": null}');
	PERFORM told.brief(0, 'V26, D25 not: a heart attack', '{850,150}', '{}', 'I21.900');
	PERFORM told.brief(0, 'V26 not: severe beside it', '{850,150}', '{"others": ["K29.500", "J96.000"]}');
	PERFORM told.brief(0, 'V26, D25 not: day surgery', '{850,150}', '{"type": "28"}');
	PERFORM told.brief(0, 'V26 not: observed after poisoning', '{850,150}', '{}', 'T60.000');
	PERFORM told.brief(0, 'V26 not: charges of no known class', '{850,100}', '{"lines": [["03", 850], ["01", 100], ["99", 50]]}');
	PERFORM told.brief(0, 'V26 not: it turned serious', '{850,150}');
	PERFORM told.brief(0, 'V26 not: it turned serious', '{100,100,800}', '{}', 'K25.000', 5, '2024-06-08');
	PERFORM told.brief(0, 'V26 not: it turned serious after the period', '{850,150}', '{}', 'K29.500', 2, '2024-06-27');
	PERFORM told.brief(0, 'V26 not: it turned serious after the period', '{100,100,800}', '{}', 'K25.000', 5, '2024-07-06');
	PERFORM told.brief(1, 'V26 flag: serious too late', '{850,150}', '{}', 'K29.500', 2, '2024-06-27');
	PERFORM told.brief(1, 'V26 flag: serious too late', '{100,100,800}', '{}', 'K25.000', 5, '2024-07-07');
	PERFORM told.brief(1, 'V26 flag: treated as an outpatient', '{850,150}', '{}', 'K29.500', 2, '2024-06-27');
	PERFORM told.brief(1, 'V26 flag: treated as an outpatient', '{100,100,800}', '{"type": "11"}', 'K25.000', 0, '2024-07-06');
	PERFORM told.brief(2, 'V26 flag: and once more', '{850,150}');
	PERFORM told.brief(2, 'V26 flag: and once more', '{850,150}', '{}', 'K29.500', 2, '2024-06-08');

	PERFORM told.burst(1, 'V24, V28, D14 flag: fourteen on a day', 'J18.900');
	PERFORM told.burst(0, 'V24, V28 not: an outbreak', 'J10.100');
	PERFORM told.burst(0, 'V25 not: many injured at once', 'S06.900', '{"type": "22"}');
	PERFORM told.burst(0, 'V28 not: a day of planned chemotherapy', 'Z51.100');
	PERFORM told.alike(1, 'V25, V29, D15 flag: twelve of twenty');
	PERFORM told.alike(0, 'V25, V29, D15 not: paid by case', 'J18.900', '{"payment": "DRG"}');
	PERFORM told.alike(0, 'V29 not: psychiatry paid by the day', 'F20.000', '{"type": "2105"}');
	PERFORM told.alike(0, 'V29 not: single disease', 'K35.900', '{"type": "26"}');
	PERFORM told.alike(0, 'V29 not: dialysis', 'N18.500');
	PERFORM told.alike(0, 'V29, D15 not: nothing above the deductible', 'J18.900', '{}', 0);
END $$;

-- the warehouse of it
CREATE VIEW told.visit AS
SELECT coalesce(more ->> 'visit' || label, n::text) AS visit_id, who AS person_id, facility AS facility_id, admitted AS admitted_at, discharged AS discharged_at,
	coalesce(more ->> 'type', '21') AS visit_type, diagnosis AS main_diagnosis, total::numeric AS total_amount, (more ->> 'fund')::numeric AS fund_amount,
	coalesce(more ->> 'payment', 'item') AS payment_method, more ->> 'referral' AS referral_visit_id, (more ->> 'newborn')::bool AS newborn
FROM told.given, jsonb_array_elements_text(coalesce(more -> 'total', '[1000]')) AS total;
CREATE VIEW told.diagnosis AS
SELECT n::text AS visit_id, d AS diagnosis_code, place AS rank FROM told.given, jsonb_array_elements_text(more -> 'others') WITH ORDINALITY AS t (d, place);
CREATE VIEW told.charge AS
SELECT n::text AS visit_id, 'X' || (line ->> 0) AS item_code, sign((line ->> 1)::numeric) AS quantity, (line ->> 1)::numeric AS amount, admitted + interval '1 minute' AS charged_at, line ->> 0 AS category
FROM told.given, jsonb_array_elements(more -> 'lines') AS line;
CREATE VIEW told.person AS
SELECT DISTINCT who AS person_id, more ->> 'home' AS household_id, more ->> 'address' AS address, more ->> 'phone' AS phone, (more ->> 'born')::date AS birth_date FROM told.given
UNION ALL SELECT 'I' || k, 'institution', CASE WHEN k <= 13 THEN '佳灵路六十号1幢101' END, NULL, NULL FROM generate_series(1, 14) AS k
UNION ALL SELECT 'A' || k, NULL, '成都市武侯区佳灵路５０号1幢101室', NULL, NULL FROM generate_series(1, 14) AS k;
SET client_min_messages = error;
CALL medaudit.bind('visit', 'told.visit');
CALL medaudit.bind('diagnosis', 'told.diagnosis');
CALL medaudit.bind('charge', 'told.charge');
CALL medaudit.bind('person', 'told.person');
-- companions are rare among many, and these are few; beside each rule one
-- without tags shows that it is the tag that decides
CREATE TABLE told.rule AS SELECT unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,same_household_admissions,low_standard_stay,admission_bursts,similar_amounts,t_companions}'::text[]) AS code;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) SELECT 't_companions', kind, name_zh, parameters || '{"max_p": 1}' FROM medaudit.rule WHERE rule_code = 'companions';
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) SELECT 't_all_' || code, kind, name_zh, parameters - '{exclude_tags,exclude_later_tags}'::text[] FROM told.rule JOIN medaudit.rule ON rule_code = code;
SELECT array_agg(code) || array_agg('t_all_' || code) AS rules FROM told.rule \gset
CALL medaudit.run_audit('2024-06-01', '2024-07-01', :'rules');
SELECT step, state, error FROM medaudit.run_progress WHERE state <> 'done' OR error IS NOT NULL;
CREATE VIEW told.got AS
SELECT g.label, g.rule, min(g.expected) AS expected, min(g.n) AS n,
	count(DISTINCT f.finding_id) FILTER (WHERE f.rule_code = g.rule) AS got, count(DISTINCT f.finding_id) FILTER (WHERE f.rule_code <> g.rule) AS without_tags
FROM told.given AS g LEFT JOIN medaudit.finding_line AS l ON l.visit_id = coalesce(g.more ->> 'visit' || g.label, g.n::text)
LEFT JOIN medaudit.finding AS f ON f.finding_id = l.finding_id AND f.rule_code IN (g.rule, 't_all_' || g.rule)
WHERE g.label IS NOT NULL GROUP BY g.label, g.rule;
SELECT rule, label, expected, got, without_tags FROM told.got ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE expected <> got) AS wrong FROM told.got;
SELECT evidence - 'partners' AS evidence, evidence_text, key = visit_id AS by_visit FROM medaudit.finding JOIN told.given ON n::text = visit_id WHERE rule_code = 'low_standard_stay' AND label ~ '85 %|unknown' ORDER BY n;
SELECT problem, problem_zh, rows, facility_id, facility_name FROM medaudit.data_quality WHERE problem LIKE '%low standard%' ORDER BY problem COLLATE "C";
-- without category and class there is no such rule; the class of the item will do
CREATE VIEW told.item AS SELECT 'X' || c AS item_code, c AS class FROM unnest('{01,03,05,06}'::text[]) AS c;
CALL medaudit.bind('charge', 'told.charge', '{"category": null}');
SELECT relation FROM medaudit.sources() WHERE 'low_standard_stay' = ANY (rules_off);
CALL medaudit.bind('item', 'told.item');
SELECT relation FROM medaudit.sources() WHERE 'low_standard_stay' = ANY (rules_off);
CALL medaudit.run_audit('2024-06-01', '2024-07-01', '{low_standard_stay}');
SELECT count(*) AS cases, count(*) FILTER (WHERE expected <> got) AS wrong FROM told.got WHERE rule = 'low_standard_stay';
-- an outbreak of one's own: a tag by its diagnosis, and a rule that leaves it out
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix) VALUES ('outbreak', 'J18');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_outbreak', 'admission_bursts', '集中入院', '{"exclude_tags": ["outbreak"]}');
CALL medaudit.run_audit('2024-06-01', '2024-07-01', '{t_outbreak,admission_bursts}');
SELECT rule_code, facility_id, evidence ->> 'formula' AS formula FROM medaudit.finding WHERE rule_code IN ('t_outbreak', 'admission_bursts') AND judged_on = '2024-06-12' ORDER BY rule_code COLLATE "C", facility_id COLLATE "C";
DROP VIEW medaudit_data.diagnosis, medaudit_data.item;

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.stay_tag WHERE NOT shipped;
DROP SCHEMA ward, told CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
