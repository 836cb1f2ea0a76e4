-- run_read: what a run takes for one stay, one of the people, one provider, and
-- what it does not look at
SET client_min_messages = error;
SET datestyle = ISO;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA clinic;
CREATE TABLE clinic.person (person_id text, name text, sex text, birth_date date, household_id text, resident_id text);
CREATE TABLE clinic.facility (facility_id text, name text, credit_code text);
CREATE TABLE clinic.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp,
	visit_type text DEFAULT '21', main_diagnosis text DEFAULT 'J18.900', total_amount numeric DEFAULT 100, scope_amount numeric DEFAULT 100, fund_amount numeric DEFAULT 50,
	payment_method text DEFAULT 'item', mid_settlement bool, continues_visit_id text, newborn bool);
CREATE TABLE clinic.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
INSERT INTO clinic.facility VALUES ('F1', '县人民医院', '91A'), ('F2', '县人民医院东院', ' 91a '), ('F3', '县中医院', NULL), ('F4', '镇卫生院', '');
CALL medaudit.bind('person', 'clinic.person');
CALL medaudit.bind('facility', 'clinic.facility');
CALL medaudit.bind('visit', 'clinic.visit');
CALL medaudit.bind('charge', 'clinic.charge');
CREATE VIEW clinic.found AS
SELECT f.rule_code, f.subject_id, (SELECT string_agg(l.visit_id, ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS visits,
	f.key, f.judged_on, f.involved_amount
FROM medaudit.finding AS f WHERE state = 'open' ORDER BY f.rule_code COLLATE "C", 2, 3;

-- V21: one stay under two numbers: over the turn of the year within an hour (a),
-- settled in mid-stay and on the next day (b), naming the visit that it goes on (c)
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, mid_settlement, continues_visit_id, main_diagnosis) VALUES
	('a1', 'A', 'F1', '2024-12-20 09:00', '2024-12-31 23:59', NULL, NULL, 'J18.900'),
	('a2', 'A', 'F1', '2025-01-01 00:10', '2025-01-09 10:00', NULL, NULL, ' j18.1'),
	('b1', 'B', 'F1', '2025-03-01 09:00', '2025-03-31 23:59', true, NULL, 'J18.900'),
	('b2', 'B', 'F1', '2025-04-01 00:00', '2025-04-10 10:00', true, NULL, 'J18.900'),
	('b3', 'B', 'F1', '2025-04-11 00:00', '2025-04-12 10:00', NULL, NULL, 'J18.900'),
	('c1', 'C', 'F1', '2025-03-01 09:00', '2025-03-05 10:00', NULL, NULL, 'J18.900'),
	('c2', 'C', 'F1', '2025-03-08 09:00', '2025-03-12 10:00', NULL, 'c1', 'J18.900'),
	-- not: at another midnight, two hours later, for another disease, at another place
	('d1', 'D', 'F1', '2025-03-20 09:00', '2025-03-31 23:59', NULL, NULL, 'J18.900'),
	('d2', 'D', 'F1', '2025-04-01 00:00', '2025-04-09 10:00', NULL, NULL, 'J18.900'),
	('e1', 'E', 'F1', '2024-12-20 09:00', '2024-12-31 22:30', NULL, NULL, 'J18.900'),
	('e2', 'E', 'F1', '2025-01-01 00:30', '2025-01-09 10:00', NULL, NULL, 'J18.900'),
	('f1', 'F', 'F1', '2024-12-20 09:00', '2024-12-31 23:59', NULL, NULL, 'J18.900'),
	('f2', 'F', 'F1', '2025-01-01 00:10', '2025-01-09 10:00', NULL, NULL, 'K80.200'),
	('g1', 'G', 'F1', '2024-12-20 09:00', '2024-12-31 23:59', NULL, NULL, 'J18.900'),
	('g2', 'G', 'F3', '2025-01-01 00:10', '2025-01-09 10:00', NULL, NULL, 'J18.900');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_split', 'split_stays', '再入院', '{"same_facility": false, "diagnosis_digits": 0}'), ('t_often', 'frequent_stays', '两次', '{"min_stays": 2}');
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{t_split,t_often}');
SELECT * FROM clinic.found;
-- what was one with another counts with the money and the last settlement of all
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at) VALUES ('b4', 'B', 'F1', '2025-04-20', '2025-04-22'), ('a3', 'A', 'F1', '2025-01-12', '2025-01-14');
CALL medaudit.run_audit('2024-01-01', '2026-01-01', '{t_split}');
SELECT * FROM clinic.found WHERE subject_id = 'F1' AND visits ~ '[ab]' AND rule_code = 't_split';

-- one stay ends with its latest discharge, whatever number that stands under; where an
-- earlier one has none, that number ended where the next begins
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, continues_visit_id) VALUES
	('h1', 'H', 'F1', '2025-01-01 09:00', '2025-01-20 10:00', '2025-01-20', NULL), ('h2', 'H', 'F1', '2025-01-05 11:00', '2025-01-10 12:00', '2025-01-20', 'h1'), ('h3', 'H', 'F3', '2025-01-14', '2025-01-18', '2025-01-18', NULL),
	('i1', 'I', 'F1', '2025-01-01 09:00', NULL, '2025-01-31', NULL), ('i2', 'I', 'F1', '2025-01-05 11:00', '2025-01-10 12:00', '2025-01-10', 'i1'), ('i3', 'I', 'F3', '2025-01-14', '2025-01-18', '2025-01-18', NULL);
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_met', 'overlapping_stays', '叠床');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_met}');
SELECT visits, judged_on FROM clinic.found WHERE rule_code = 't_met';

-- V06: a number of a stay has its own bed days, and a line under it any date of the whole
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, mid_settlement) VALUES
	('k1', 'K', 'F1', '2025-03-01 09:00', '2025-03-15 10:00', true), ('k2', 'K', 'F1', '2025-03-15 10:00', '2025-03-31 10:00', NULL),
	('l1', 'L', 'F1', '2025-03-01 09:00', '2025-03-15 10:00', true), ('l2', 'L', 'F1', '2025-03-15 10:00', '2025-03-31 10:00', NULL),
	-- no date between the two is of both
	('o1', 'O', 'F1', '2025-03-01 09:00', '2025-03-31 23:59', true), ('o2', 'O', 'F1', '2025-04-01 00:00', '2025-04-30 10:00', NULL);
INSERT INTO clinic.charge VALUES ('k1', '1', '001109000010000', 15, 600, '2025-03-29 09:00'), ('k2', '1', '001109000010000', 31, 1240, '2025-03-02 09:00'),
	('o1', '1', '001109000010000', 31, 1240, '2025-03-31 09:00'), ('o2', '1', '001109000010000', 31, 1240, '2025-04-30 09:00'),
	('l1', '1', '001109000010000', 4, 160, '2025-03-14 09:00'), ('l2', '1', '001109000010000', 28, 1120, '2025-03-30 09:00');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{starter_per_bed_day,starter_outside_stay}');
SELECT rule_code, visit_id, certainty, gross_amount, evidence -> 'rest' AS rest, evidence ->> 'formula' AS formula, evidence_text FROM medaudit.finding WHERE rule_code LIKE 'starter%' ORDER BY 2;
TRUNCATE clinic.charge;

-- two numbers of one person (valid, born as it says) are one of the people; a
-- child on the number of its mother is not, nor who has an invalid one
TRUNCATE clinic.visit;
INSERT INTO clinic.person (person_id, sex, birth_date, resident_id) VALUES ('X1', '2', '1949-12-31', '11010519491231002X'), ('X2', NULL, NULL, '11010519491231002x'),
	('X3', '1', '2024-02-01', '11010519491231002X'), ('Y1', '1', NULL, '110105194912310021'), ('Y2', '1', NULL, '110105194912310021');
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at)
SELECT p || n, p, 'F1', date '2025-03-01' + 8 * n, date '2025-03-04' + 8 * n FROM (VALUES ('X1', 0), ('X2', 1), ('X3', 1), ('Y1', 0), ('Y2', 1)) AS t (p, n);
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_split}');
SELECT * FROM clinic.found;

-- V27: a child born during its mother's stay is tagged newborn, flagged or not; not:
-- born before her stay, of no common home, a stay begun when she had left
TRUNCATE clinic.visit, clinic.person;
INSERT INTO clinic.person (person_id, sex, birth_date, household_id)
SELECT home || who, CASE who WHEN 'm' THEN '2' WHEN 'f' THEN '1' END, CASE who WHEN 'm' THEN date '1995-01-01' WHEN 'f' THEN '1994-01-01'
	ELSE CASE home WHEN 'H2' THEN date '2025-02-20' ELSE '2025-03-02' END END, CASE WHEN home = 'H3' AND who = 'c' THEN 'elsewhere' ELSE home END
FROM unnest('{H1,H2,H3,H4}'::text[]) AS home, unnest('{m,f,c}'::text[]) AS who;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at)
SELECT person_id, person_id, 'F1', CASE WHEN person_id ~ 'H4[fc]' THEN timestamp '2025-03-07' WHEN person_id ~ 'H4m' THEN '2025-03-01' ELSE '2025-03-02' END - CASE WHEN person_id = 'H1m' THEN interval '1 day' ELSE '0' END,
	CASE WHEN person_id ~ 'H4m' THEN timestamp '2025-03-05' ELSE '2025-03-09' END FROM clinic.person;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_home', 'same_household_admissions', '同户', '{"exclude_tags": ["newborn"], "min_times_of_two": 1}');
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_home}');
SELECT visits, key, judged_on FROM clinic.found;
SELECT evidence -> 'links' AS links, evidence_text FROM medaudit.finding WHERE key LIKE 'H1%';

-- a visit that was taken back is judged by no rule, counted with its yuan, and what stood of it goes
TRUNCATE clinic.visit, clinic.person;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, total_amount)
SELECT v, 'P', 'F1', '2025-03-01 08:00', '2025-03-05 08:00', '2025-03-05 09:00', 300 FROM unnest('{kept,back}'::text[]) AS v;
INSERT INTO clinic.charge SELECT v, n::text, 'A', 1, 29536.03, '2025-03-02 08:00' FROM unnest('{kept,back}'::text[]) AS v, generate_series(1, 2) AS n;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_twice', 'duplicate', '重复', 'violation'), ('t_over', 'overlapping_stays', '叠床', 'suspicion');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_twice', 'A', 'visit');
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_twice,t_over}');
SELECT rule_code, visits, judged_on FROM clinic.found;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, total_amount)
VALUES ('back', 'P', 'F1', '2025-03-01 08:00', '2025-03-05 08:00', '2025-05-09', -300);
CALL medaudit.run_audit('2025-05-01', '2025-06-01', '{t_twice,t_over}');
SELECT rule_code, visits, judged_on FROM clinic.found;
SELECT relation, problem, problem_zh, rows FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'taken back';

-- facilities of one credit code are one provider: an item contained in one charged at the other
TRUNCATE clinic.visit, clinic.charge;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type)
SELECT p || f, p, f, '2025-03-01 08:00', '2025-03-01 18:00', '11' FROM (VALUES ('P12', 'F1'), ('P12', 'F2'), ('P21', 'F2'), ('P21', 'F1'), ('P13', 'F1'), ('P13', 'F3'), ('P34', 'F3'), ('P34', 'F4')) AS t (p, f);
INSERT INTO clinic.charge SELECT visit_id, '1', CASE WHEN row_number() OVER (PARTITION BY person_id ORDER BY visit_id) = CASE person_id WHEN 'P21' THEN 2 ELSE 1 END THEN 'BIG' ELSE 'PART' END, 1, 10, '2025-03-01 09:00' FROM clinic.visit;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_in', 'exclusive', '内涵', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope) VALUES ('t_in', 'BIG', 'PART', 'day');
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_in}');
SELECT f.certainty, f.facility_id, f.visit_id, f.gross_amount, f.evidence -> 'partners' -> 0 ->> 'facility_id' AS beside FROM medaudit.finding AS f ORDER BY f.visit_id;

-- how a stay was paid is not known: neither is what the fund paid for a line of it
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, payment_method)
SELECT 'pay' || coalesce(m, 'unknown'), 'pay' || coalesce(m, 'unknown'), 'F1', '2025-03-01 08:00', '2025-03-05 08:00', m FROM unnest('{item,drg,"",NULL}'::text[]) AS m;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, payment_method, visit_type) VALUES ('payout', 'payout', 'F1', '2025-03-02 08:00', '2025-03-02 08:30', NULL, '11');
INSERT INTO clinic.charge SELECT visit_id, n::text, 'A', 1, 10, '2025-03-02 08:00' FROM clinic.visit, generate_series(1, 2) AS n WHERE visit_id ~ '^pay';
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_twice}');
SELECT visit_id, fund_basis, fund_amount FROM medaudit.finding WHERE rule_code = 't_twice' ORDER BY 1;

-- a discharge that nobody can have meant says still in: to the settlement; an
-- admission that is not known does not hide the visit, however late it is settled
TRUNCATE clinic.visit, clinic.charge;
DELETE FROM medaudit.finding;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at) VALUES
	('far1', 'FAR', 'F1', '2025-02-01', '9999-12-31', '2025-06-30'), ('far2', 'FAR', 'F2', '2025-09-01', '2025-09-10', '2025-09-10'),
	-- the year 2200 is the last that means what it says
	('late1', 'LATE', 'F1', '2025-02-01', '2200-06-01', '2025-06-30'), ('late2', 'LATE', 'F2', '2025-09-01', '2025-09-10', '2025-09-10'),
	('inf1', 'INF', 'F1', '2025-02-01', 'infinity', '2025-06-30'), ('inf2', 'INF', 'F2', '2025-03-01', '2025-03-10', '2025-03-10'),
	('bc1', 'BC', 'F1', '0044-03-15 BC', '2025-03-10', '2025-03-10'), ('bc2', 'BC', 'F2', '-infinity', '2025-03-09', '2025-03-10'),
	('none', 'NONE', 'F1', NULL, '2025-03-05', '2025-08-10');
INSERT INTO clinic.charge SELECT 'none', n::text, 'A', 1, 10, '2025-03-04 08:00' FROM generate_series(1, 2) AS n;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_over,t_twice}');
SELECT state, count(*) FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY state;
SELECT rule_code, visits, judged_on FROM clinic.found;

-- a stay under a new number every year is one, however many years a run reads;
-- and one over New Year belongs to the year in which it began
TRUNCATE clinic.visit, clinic.charge;
DELETE FROM medaudit.finding;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, mid_settlement)
SELECT 'Y' || y, 'PSY', 'F1', make_date(y, 1, 1), make_date(y, 12, 31), true FROM generate_series(2019, 2025) AS y;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at) VALUES
	('Z', 'PSY', 'F3', '2025-06-01', '2025-06-10', '2025-10-20'),
	('n1', 'N', 'F1', '2025-02-01', '2025-02-05', '2025-02-05'), ('n2', 'N', 'F1', '2025-12-20', '2025-12-31 23:59', '2025-12-31'), ('n3', 'N', 'F1', '2026-01-01', '2026-01-10', '2026-01-10');
CALL medaudit.run_audit('2025-01-01', '2026-02-01', '{t_over,t_often}');
CREATE TABLE clinic.whole AS TABLE clinic.found;
SELECT rule_code, visits, judged_on FROM clinic.found;
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2026-01-01', '2026-02-01', '{t_over,t_often}');
CALL medaudit.run_audit('2025-01-01', '2025-07-01', '{t_over,t_often}');
CALL medaudit.run_audit('2025-07-01', '2026-01-01', '{t_over,t_often}');
SELECT count(*) FROM (TABLE clinic.whole EXCEPT TABLE clinic.found) AS less;
SELECT count(*) FROM (TABLE clinic.found EXCEPT TABLE clinic.whole) AS more;

-- a mid settlement and the last one of one number: what follows is a readmission
TRUNCATE clinic.visit;
DELETE FROM medaudit.finding;
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, mid_settlement) VALUES
	('m1', 'M', 'F1', '2025-02-01', '2025-03-10', '2025-02-28', true), ('m1', 'M', 'F1', '2025-02-01', '2025-03-10', '2025-03-10', false),
	('m2', 'M', 'F1', '2025-03-11', '2025-03-20', '2025-03-20', NULL);
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_split}');
SELECT visits FROM clinic.found;

-- two that begin at once and each go on in the other are no chain, and no run hangs on them
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, mid_settlement, continues_visit_id) VALUES
	('cz', 'CIRCLE', 'F1', '2025-05-01 08:00', '2025-05-01 10:00', NULL, NULL), ('cb', 'CIRCLE', 'F1', '2025-05-01 08:00', '2025-05-01 12:00', true, 'cz');
SET statement_timeout = '60s';
CALL medaudit.run_audit('2025-05-01', '2025-06-01', '{t_over,t_split}');
RESET statement_timeout;
SELECT state, count(*) FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY state;

-- a line that is taken back after months is seen by a run of the day too; none other is near
INSERT INTO clinic.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type) VALUES
	('back', 'LATE', 'F1', '2021-06-02 08:00', '2021-06-02 09:00', '2021-06-02 10:00', '11'), ('twice', 'LATER', 'F1', '2021-06-02 08:00', '2021-06-02 09:00', '2021-06-02 10:00', '11');
DELETE FROM clinic.visit WHERE visit_id NOT IN ('back', 'twice');
INSERT INTO clinic.charge (visit_id, line_id, item_code, quantity, amount, charged_at) SELECT v, l::text, 'LATE', 1, 10, '2021-06-02 08:30' FROM unnest('{back,twice}'::text[]) AS v, generate_series(1, 2) AS l;
INSERT INTO clinic.charge (visit_id, line_id, item_code, quantity, amount, charged_at) VALUES ('back', '3', 'LATE', -1, -10, '2021-12-01 08:30');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_late', 'quantity', '每日一次', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_late', 'LATE', 'day', 1);
CALL medaudit.run_audit('2021-06-02', '2021-06-03', '{t_late}');
SELECT visits FROM clinic.found WHERE rule_code = 't_late';
CALL medaudit.run_audit('2021-01-01', '2022-01-01', '{t_late}');
SELECT visits FROM clinic.found WHERE rule_code = 't_late';

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line CASCADE;
DELETE FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP SCHEMA clinic CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;

-- working tables are sampled sparingly, and the session's own target stays
SET default_statistics_target = 100;
INSERT INTO medaudit_work.link SELECT n::text, 'phone', n::text FROM generate_series(1, 20000) AS n;
SELECT medaudit._analyze('link');
SELECT array_length(s.histogram_bounds::text::text[], 1) AS bounds FROM pg_stats AS s WHERE s.schemaname = 'medaudit_work' AND s.tablename = 'link' AND s.attname = 'people_id';
SHOW default_statistics_target;
RESET default_statistics_target;
TRUNCATE medaudit_work.link;
