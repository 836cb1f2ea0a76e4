-- demerits: points of people in charge, credit, and red and black lists
\set SHOW_CONTEXT never
\set VERBOSITY default
SET datestyle = iso;
SET client_min_messages = warning;
\pset null (null)
-- what points come to: in all, and in one event
SELECT t.total, t.largest, medaudit.payment_standing(t.total, t.largest)
FROM (VALUES (0, 0), (8, 8), (8, 1), (9, 5), (9, 9), (11, 11), (11, 4), (12, 11), (12, 6), (24, 11), (12, 12), (13, 12), (30, 12)) AS t (total, largest);
\set VERBOSITY sqlstate
SELECT medaudit.payment_standing(NULL, 1);
SELECT medaudit.payment_standing(1, NULL);
SELECT medaudit.payment_standing(-1, -1);
SELECT medaudit.payment_standing(3, 4);
\set VERBOSITY default

-- half is left after a half life
SELECT d.days, medaudit.decayed(12, '2025-01-01', date '2025-01-01' + d.days) FROM unnest('{0,1,182,365,730,3650,100000}'::int[]) WITH ORDINALITY AS d (days, nth) ORDER BY d.nth;
SELECT medaudit.decayed(8, '2025-01-01', '2025-01-31', 30) AS half, medaudit.decayed(8, '2025-01-01', '2025-03-02', half_life_days => 30) AS quarter, medaudit.decayed(4.5, '2025-01-02', '2025-01-01') AS not_yet,
	medaudit.decayed(0, '2025-01-01', '2025-01-02') AS nothing;
-- the same by floating point
SELECT count(*), max(abs(medaudit.decayed(p, '2024-02-29', date '2024-02-29' + d, h) - round((p * 0.5 ^ (d / h::float8))::numeric, 6))) <= 0.000001 AS equal
FROM unnest('{1,7.5,12}'::numeric[]) AS p, generate_series(0, 900, 37) AS d, unnest('{1,30,365,1000}'::int[]) AS h;
\set VERBOSITY sqlstate
SELECT medaudit.decayed(NULL, '2025-01-01', '2025-01-02');
SELECT medaudit.decayed(1, '2025-01-01', NULL);
SELECT medaudit.decayed(1, '2025-01-01', '2025-01-02', NULL);
SELECT medaudit.decayed(1, '2025-01-01', '2025-01-02', 0);
SELECT medaudit.decayed(-1, '2025-01-01', '2025-01-02');
SELECT medaudit.decayed('NaN', '2025-01-01', '2025-01-02');
SELECT medaudit.decayed(1, '2025-01-01', 'infinity');
\set VERBOSITY default

-- 5 and 4 in a year are 9; 8 are none of it; 31 December and 1 January are two years; what was withdrawn never was
INSERT INTO medaudit.audit_case (title, source) VALUES ('一院', 'model') RETURNING case_id AS one \gset
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, responsibility, case_id, document_no) VALUES
	('physician', 'D1', '2025-03-01', 5, '主要责任', :one, '记1号'), ('physician', ' D1 ', '2025-09-01', 4, '一般责任', NULL, '记2号'),
	('physician', 'D2', '2025-03-01', 8, NULL, NULL, '记1号'), ('physician', 'D3', '2025-12-31', 6, NULL, NULL, NULL), ('physician', 'D3', '2026-01-01', 6, NULL, NULL, NULL),
	('physician', 'D4', '2025-05-05', 6, NULL, NULL, NULL), ('physician', 'D4', '2025-05-05', 6, NULL, NULL, NULL), ('pharmacist', 'D4', '2025-05-05', 12, NULL, NULL, NULL),
	('physician', 'D5', '2025-05-05', 12, NULL, NULL, '记9号'), ('physician', 'D5', '2025-06-05', 1, NULL, NULL, '记9号');
SELECT subject, year, points, largest, standing, standing_zh, subject_kind_zh, events FROM medaudit.demerit_year ORDER BY subject, year;
UPDATE medaudit.demerit SET withdrawn_on = '2025-07-01', withdrawn_note = '申诉成立' WHERE subject_id = 'D5' AND points = 12;
SELECT subject, points, largest, standing FROM medaudit.demerit_year WHERE subject_id = 'D5';
SELECT withdrawn_by = session_user AS by_me, entered_by = session_user AS mine, entered_at > '2026-01-01' AS now FROM medaudit.demerit WHERE withdrawn_on IS NOT NULL;
-- a decision stands once; withdrawn it may come again; nothing else changes
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, document_no) VALUES ('physician', 'D5', '2025-05-05', 10, '记9号');
\set VERBOSITY sqlstate
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, document_no) VALUES ('Physician', ' D5', '2025-05-05', 10, '记9号');
UPDATE medaudit.demerit SET points = 1 WHERE subject_id = 'D1';
UPDATE medaudit.demerit SET withdrawn_on = '2025-08-01', points = 1 WHERE subject_id = 'D2';
UPDATE medaudit.demerit SET withdrawn_on = NULL WHERE withdrawn_on IS NOT NULL;
UPDATE medaudit.demerit SET withdrawn_on = '2025-07-02' WHERE withdrawn_on IS NOT NULL;
UPDATE medaudit.demerit SET withdrawn_on = 'infinity' WHERE subject_id = 'D2';
DELETE FROM medaudit.demerit;
TRUNCATE medaudit.demerit;
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points) VALUES ('physician', 'D1', '2025-01-01', 0);
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points) VALUES ('physician', 'D1', '2025-01-01', 13);
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points) VALUES ('physician', ' ', '2025-01-01', 1);
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points) VALUES ('physician', 'D1', 'infinity', 1);
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, case_id) VALUES ('physician', 'D1', '2025-01-01', 1, -1);
\set VERBOSITY default

-- credit: 100 less what is left
SELECT * FROM medaudit._credit_scores('2026-01-01') ORDER BY subject_kind DESC, subject_id;
SELECT count(*) AS before_any FROM medaudit._credit_scores('2025-02-28');
SELECT c.subject_id, c.score = 100 - s.left AS equal, c.level FROM medaudit.credit_score AS c
JOIN (SELECT subject_kind, subject_id, sum(round(points * power(0.5, (current_date - on_date) / 365.0), 6)) AS left FROM medaudit.demerit WHERE withdrawn_on IS NULL GROUP BY 1, 2) AS s USING (subject_kind, subject_id)
WHERE c.subject_id = 'D1';
SELECT s, medaudit._credit_level(s) FROM unnest('{100,90,89.999999,75,60,59.9,0,-3}'::numeric[]) WITH ORDINALITY AS u (s, n) ORDER BY n;
-- levels of one's own take the place of the shipped ones, which stay
INSERT INTO medaudit.credit_level VALUES ('AA', 95), ('E', 10);
SELECT s, medaudit._credit_level(s) FROM unnest('{100,95,94,9}'::numeric[]) WITH ORDINALITY AS u (s, n) ORDER BY n;
DELETE FROM medaudit.credit_level WHERE NOT shipped;
\set VERBOSITY sqlstate
UPDATE medaudit.credit_level SET at_least = 1;
INSERT INTO medaudit.credit_level VALUES ('X', 'NaN');
\set VERBOSITY default

-- lists: by code, on the day, black before red
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, reason, valid) VALUES
	('facility', 'h1 ', 'black', '骗保', daterange(current_date, NULL)), ('facility', 'H2', 'red', '示范', daterange(NULL, current_date + 1)), ('facility', 'H3', 'black', '到期', daterange('2020-01-01', current_date)),
	('person', 'P1', 'black', '出借', daterange(current_date - 5, current_date + 5)), ('physician', 'D1', 'red', NULL, daterange(current_date, current_date + 1)), ('pharmacist', 'D2', 'black', NULL, daterange(current_date, NULL)),
	('employer', 'P3', 'black', '欠费', daterange(current_date, NULL)), ('facility', 'H4', 'black', '尚未', daterange(current_date + 1, NULL)), ('facility', 'H2', 'black', '过去', daterange('2020-01-01', '2021-01-01'));
SELECT t.*, medaudit._listed(t.facility, t.person, t.physician) AS listed FROM (VALUES ('H1', 'P9', NULL), ('H2', NULL, NULL), ('H2', 'P1', NULL), ('H3', NULL, NULL), ('H4', 'P2', 'D9'), ('H9', 'P1', NULL),
	('P1', 'H1', 'D9'), ('H9', 'P9', 'D1'), ('H9', 'P9', 'D2'), ('H2', 'P9', 'D2'), (NULL, NULL, NULL), ('H9', 'P3', NULL), ('D1', NULL, NULL)) AS t (facility, person, physician);
\set VERBOSITY sqlstate
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('facility', 'H5', 'grey', '[2025-01-01,)');
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('hospital', 'H5', 'red', '[2025-01-01,)');
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('facility', 'H5', 'red', 'empty');
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list) VALUES ('facility', 'H5', 'red');
\set VERBOSITY default
-- in the worklist, masked and under Chinese headings too, as a code beside each row; nowhere a reason
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, finished_at) VALUES (9001, 'period', '2026-01-01', '2026-07-01', 'done', now());
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_name, person_id, physician_id, gross_amount, claimed_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
SELECT i.id, 9001, 'x_a', 'violation', 'person', i.person, i.facility, '一院', i.person, i.physician, 1000 - i.id, 1000 - i.id, '{}', i.id, '2026-03-01', 'x_a', 'finding ' || i.id, '\x00'
FROM (VALUES (1, 'H1', 'P9', NULL), (2, 'H2', 'P9', NULL), (3, 'H3', 'P9', NULL), (4, 'H9', 'P1', NULL), (5, 'H9', 'P9', 'D1'), (6, 'H2', 'P9', 'D2'), (7, 'P1', 'P9', NULL)) AS i (id, facility, person, physician);
SELECT w.finding_id, w.listed, w.listed_zh, m.listed IS NOT DISTINCT FROM w.listed AND m.listed_zh IS NOT DISTINCT FROM w.listed_zh AS masked, z."名单" IS NOT DISTINCT FROM w.listed_zh AS zh
FROM medaudit.worklist AS w JOIN medaudit.worklist_masked AS m USING (finding_id) JOIN medaudit."疑点清单_脱敏" AS z ON z."疑点编号" = w.finding_id ORDER BY w.rank;

-- chiefs keep them; they add and withdraw points, and no more; nobody else does
CREATE ROLE chief; CALL medaudit.grant_access('chief', 'chief');
CREATE ROLE analyst; CALL medaudit.grant_access('analyst', 'analyst');
CREATE ROLE reader; CALL medaudit.grant_access('reader', 'reader');
SET SESSION AUTHORIZATION chief;
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, entered_by, entered_at) VALUES ('physician', 'D7', '2025-05-05', 3, 'somebody', '2020-01-01') RETURNING entered_by, entered_at > '2026-01-01' AS now;
UPDATE medaudit.demerit SET withdrawn_on = '2025-06-01' WHERE subject_id = 'D7' RETURNING withdrawn_by;
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('facility', 'H7', 'red', '[2025-01-01,)');
UPDATE medaudit.standing_list SET valid = '[2025-01-01,2025-02-01)' WHERE subject_code = 'H7';
SELECT count(*) FROM medaudit.demerit_year;
\set VERBOSITY sqlstate
UPDATE medaudit.demerit SET points = 1;
DELETE FROM medaudit.demerit;
DELETE FROM medaudit.standing_list;
SET SESSION AUTHORIZATION analyst;
SELECT count(*) FROM medaudit.credit_score;
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points) VALUES ('physician', 'D7', '2025-05-05', 3);
UPDATE medaudit.standing_list SET reason = 'x';
SET SESSION AUTHORIZATION reader;
SELECT count(listed) FROM medaudit.worklist_masked;
SELECT count(*) FROM medaudit.standing_list;
SELECT count(*) FROM medaudit.demerit;
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
DROP OWNED BY chief, analyst, reader; DROP ROLE chief, analyst, reader;

ALTER TABLE medaudit.demerit DISABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.demerit; DELETE FROM medaudit.standing_list; DELETE FROM medaudit.audit_case; DELETE FROM medaudit.finding; DELETE FROM medaudit.run;
ALTER TABLE medaudit.demerit ENABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
