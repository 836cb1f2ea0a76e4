-- penalties: what the law provides for, by article, and of a case
\set SHOW_CONTEXT never
\set VERBOSITY default
SET datestyle = iso;
SET client_min_messages = warning;
\pset null (null)
-- fraud of an institution; a loss, by itself and with serious consequences; no loss at all; of agencies
SELECT * FROM medaudit.penalty_range('A40', 12345.67);
SELECT a.code, p.* FROM unnest('{A37,A38,A38(3),条例第三十八条第三项,A39,A40(1),A40.2}'::text[]) WITH ORDINALITY AS a (code, nth),
	medaudit.penalty_range(a.code, 10000) AS p ORDER BY a.nth;
SELECT p.* FROM medaudit.penalty_range('A38', 10000, 'serious') AS p UNION ALL SELECT p.* FROM medaudit.penalty_range('A39', 10000, ' Refused ') AS p;
-- what one has twice is an item of the first paragraph: no fine; with intent, or on another's card, the second
SELECT a.code, p.* FROM unnest('{A41,A41(2),A41.1,A41.1(2),A41.2,第四十一条第二款}'::text[]) WITH ORDINALITY AS a (code, nth),
	medaudit.penalty_range(a.code, 800.05) AS p ORDER BY a.nth;
-- cents are rounded half away from zero, once; nothing is nothing
SELECT returned, fine_low, fine_high FROM medaudit.penalty_range('A38', 0.005) UNION ALL SELECT returned, fine_low, fine_high FROM medaudit.penalty_range('A38', 0);
-- every shipped row rests on the Regulation, from its first day on
SELECT count(*), bool_and(note <> '' AND valid = '[2021-05-01,)' AND region IS NULL) FROM medaudit.penalty_scale WHERE shipped;
SELECT fine_low FROM medaudit.penalty_range('A40', 100, on_date => '2021-05-01');
-- what is no article, no circumstance, no day, no money
\set VERBOSITY terse
SELECT * FROM medaudit.penalty_range('A15', 1);
SELECT * FROM medaudit.penalty_range('A38.3', 1);
SELECT * FROM medaudit.penalty_range('A38(1),A40', 1);
SELECT * FROM medaudit.penalty_range('D5', 1);
SELECT * FROM medaudit.penalty_range('fraud', 1);
SELECT * FROM medaudit.penalty_range('A40', 1, 'serious');
SELECT * FROM medaudit.penalty_range('A40', 1, on_date => '2021-04-30');
SELECT * FROM medaudit.penalty_range('A40', -0.01);
\set VERBOSITY sqlstate
SELECT * FROM medaudit.penalty_range('A40', 'NaN');
SELECT * FROM medaudit.penalty_range('A40', 'infinity');
SELECT * FROM medaudit.penalty_range('A40', 1e12);
SELECT * FROM medaudit.penalty_range('A40', NULL);
SELECT * FROM medaudit.penalty_range(NULL, 1);

-- a region's steps go before, the smallest part's first; without them the country's hold
INSERT INTO medaudit.penalty_scale (article, paragraph, circumstance, region, valid, base, low_multiple, high_multiple) VALUES
	('A38', 1, NULL, '330000', NULL, 'loss', 1.1, 1.3), ('A38', 1, 'light', '330000', NULL, 'loss', 1, 1.2), ('A38', 1, NULL, '330100', '[2024-01-01,)', 'loss', 1.5, 1.5),
	('A38', 1, NULL, '330100', '[2025-01-01,)', 'loss', 1.6, 1.6), ('A16', NULL, NULL, NULL, NULL, 'none', NULL, NULL);
SELECT r.region, r.circumstance, r.day, p.fine_low, p.fine_high, p.suspend_low
FROM (VALUES ('330102', NULL, date '2024-06-01', 1), ('330102', NULL, '2025-06-01', 2), ('330102', NULL, '2023-12-31', 3), ('330102', 'light', '2025-06-01', 4), ('330102', 'serious', '2025-06-01', 5),
	('330200', NULL, '2025-06-01', 6), ('340000', NULL, '2025-06-01', 7), (NULL, NULL, '2025-06-01', 8)) AS r (region, circumstance, day, nth),
	medaudit.penalty_range('A38', 100, r.circumstance, r.region, r.day) AS p ORDER BY r.nth;
SELECT * FROM medaudit.penalty_range('A38', 100, 'light');
SELECT * FROM medaudit.penalty_range('A38', 100, 'light', '340000');
-- one of your own goes before a shipped one that began as late; for all paragraphs
SELECT * FROM medaudit.penalty_range('A16.7', 100);
INSERT INTO medaudit.penalty_scale (article, paragraph, valid, base, low_multiple, high_multiple) VALUES ('A37', 1, '[2021-05-01,)', 'fraud', 3, 3);
SELECT fine_low, fine_high FROM medaudit.penalty_range('A37', 100);
-- shipped ones stay, and none is contradictory
UPDATE medaudit.penalty_scale SET high_multiple = 9 WHERE article = 'A40';
DELETE FROM medaudit.penalty_scale WHERE shipped;
INSERT INTO medaudit.penalty_scale (article, base, low_multiple, high_multiple) VALUES ('A40', 'fraud', 5, 2);
INSERT INTO medaudit.penalty_scale (article, base, low_multiple) VALUES ('A40', 'fraud', 5);
INSERT INTO medaudit.penalty_scale (article, base, low_multiple, high_multiple) VALUES ('A40', 'none', 1, 2);
INSERT INTO medaudit.penalty_scale (article, base, low_multiple, high_multiple) VALUES ('A40', 'fraud', 1, 'NaN');
INSERT INTO medaudit.penalty_scale (article, base) VALUES ('A40(1)', 'fraud');
INSERT INTO medaudit.penalty_scale (article, base) VALUES ('A40', 'turnover');
INSERT INTO medaudit.penalty_scale (article, paragraph, base, region, low_multiple, high_multiple) VALUES ('A38', 1, 'loss', '330000', 2, 2);
DELETE FROM medaudit.penalty_scale;
DELETE FROM medaudit.penalty_scale WHERE NOT shipped;
\set VERBOSITY default

-- of a case: what was confirmed of the fund's money
ALTER SEQUENCE medaudit.case_id_seq RESTART 9001;
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, finished_at) VALUES (9001, 'period', '2026-01-01', '2026-07-01', 'done', now());
CREATE FUNCTION pg_temp.put(id bigint, rule text, claimed numeric, fund numeric, involved numeric DEFAULT NULL, region text DEFAULT '330102') RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_name, facility_region, gross_amount, claimed_amount, fund_amount, involved_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 9001, rule, 'violation', 'facility', 'H1', 'H1', '一院', region, claimed, claimed, fund, involved, '{}', id, '2026-03-01', rule, 'finding ' || id, '\x00') $$;
CREATE FUNCTION pg_temp.line(id bigint, nth int, line text, claimed numeric, fund numeric) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, charged_at, quantity, amount, excess_quantity, excess_amount, excess_claimed, fund_amount)
	VALUES (id, nth, 'V1', line, 'X', '2026-02-01', 1, claimed, 1, claimed, claimed, fund) $$;
CREATE FUNCTION pg_temp.confirm(id bigint, money numeric DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT max(medaudit.review_finding(id, 'confirm', confirmed_claimed => money, actor => a)) FROM unnest('{ann,ben}'::text[]) AS a $$;
-- 1 and 2 name line L1; 3 has lines of its own, of which a third was taken off; 4 is not decided, 5 a pattern, 6 has no known fund money, 7 is dismissed
SELECT count(pg_temp.put(i, r, c, f, v)) FROM (VALUES (1, 'x_a', 100, 80, NULL), (2, 'x_b', 60, 48, NULL), (3, 'x_a', 30, 24, NULL), (4, 'x_a', 500, 400, NULL),
	(5, 'x_c', NULL, NULL, 9000), (6, 'x_a', 10, NULL, NULL), (7, 'x_a', 70, 56, NULL)) AS v (i, r, c, f, v);
SELECT count(pg_temp.line(i, n, l, c, f)) FROM (VALUES (1, 1, 'L1', 60, 48), (1, 2, 'L2', 40, 32), (2, 1, 'L1', 60, 48), (3, 1, 'L3', 20, 16), (3, 2, 'L4', 10, 8), (4, 1, 'L5', 500, 400), (7, 1, 'L6', 70, 56)) AS v (i, n, l, c, f);
SELECT medaudit.open_case('一院', '{1,2,3,4,7}', 'model') AS one, medaudit.open_case('二', '{5}', 'model') AS two, medaudit.open_case('三', '{6}', 'model') AS three \gset
\set VERBOSITY terse
SELECT * FROM medaudit.penalty(:one, 'A38');
SELECT pg_temp.confirm(1);
SELECT * FROM medaudit.penalty(:one, 'A38(3)');
SELECT pg_temp.confirm(2), pg_temp.confirm(3, 20), max(medaudit.review_finding(7, 'dismiss', 'other', actor => a)) FROM unnest('{ann,ben}'::text[]) AS a;
-- 80 and what is left of the 24; L1 counts once
SELECT * FROM medaudit.penalty(:one, 'A38', 'serious');
SELECT * FROM medaudit.penalty(:one, 'A39', 'refused');
-- the same in slow words: of each line the most that one finding has of it
SELECT sum(m) FROM (SELECT max(l.fund_amount * coalesce(f.confirmed_fund, f.fund_amount) / f.fund_amount) AS m
	FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.finding_id IN (1, 2, 3) GROUP BY l.visit_id, l.line_id) AS l;
-- steps of the region of its institutions
INSERT INTO medaudit.penalty_scale (article, paragraph, region, base, low_multiple, high_multiple) VALUES ('A38', 1, '33', 'loss', 1.5, 1.5);
SELECT returned, fine_low, fine_high FROM medaudit.penalty(:one, 'A38');
DELETE FROM medaudit.penalty_scale WHERE NOT shipped;
-- a pattern is no base, what is not known no nothing
SELECT pg_temp.confirm(5), pg_temp.confirm(6);
SELECT * FROM medaudit.penalty(:two, 'A40');
SELECT * FROM medaudit.penalty(:three, 'A40');
SELECT * FROM medaudit.penalty(:two, 'A39', 'refused');
UPDATE medaudit.audit_case SET state = 'closed' WHERE case_id IN (:two);
SELECT medaudit.open_case('四', '{5,4}', 'model');
UPDATE medaudit.audit_case SET state = 'closed' WHERE case_id = :one;
SELECT pg_temp.confirm(4, 250);
SELECT medaudit.open_case('四', '{5,4}', 'model') AS four \gset
SET client_min_messages = notice;
SELECT * FROM medaudit.penalty(:four, 'A40');
SET client_min_messages = warning;
-- withdrawn on appeal: the pattern alone is left
SELECT medaudit.issue_findings('{4}', '2026-04-01', actor => 'eve') AS issued, medaudit.appeal_finding(4, '不属实', '2026-03-20', actor => 'eve'), medaudit.settle_finding(4, 'withdrawn', actor => 'eve');
SELECT * FROM medaudit.penalty(:four, 'A40');
\set VERBOSITY sqlstate
SELECT * FROM medaudit.penalty(-1, 'A40');
SELECT * FROM medaudit.penalty(NULL, 'A40');
SELECT * FROM medaudit.penalty(:one, NULL);
SELECT * FROM medaudit.penalty(:one, 'A15');
SELECT * FROM medaudit.penalty(:one, 'A38', 'refused');
\set VERBOSITY default

-- lines of one rule under one key are several, whatever order the findings came in
\set ECHO none
CREATE TEMPORARY TABLE made AS
SELECT 100 + i / 4 AS finding_id, (ARRAY['x_a', 'x_b', 'x_c'])[1 + i / 4 % 3] AS rule_code, i % 4 + 1 AS line_no, 'L' || (i * 7919) % 23 AS line_id,
	((i * 104729) % 9973 + 1) / 100::numeric AS fund
FROM generate_series(0, 159) AS i;
SELECT count(pg_temp.put(m.finding_id, m.rule_code, m.fund * 2, m.fund)) FROM (SELECT finding_id, rule_code, sum(fund) AS fund FROM made GROUP BY 1, 2 ORDER BY finding_id * 31 % 41) AS m \g /dev/null
SELECT count(pg_temp.line(finding_id, line_no, line_id, fund * 2, fund)) FROM (SELECT * FROM made ORDER BY finding_id * 17 % 41, line_no) AS m \g /dev/null
SELECT count(pg_temp.confirm(i)) FROM generate_series(100, 139) AS i \g /dev/null
\set ECHO all
SELECT medaudit.open_case('多条', array_agg(finding_id), 'flight') AS five FROM (SELECT DISTINCT finding_id FROM made) AS m \gset
CREATE TEMPORARY TABLE counted (rule_code text, line_id text, money numeric[]);
INSERT INTO counted SELECT rule_code, line_id, array_agg(fund ORDER BY fund DESC) FROM made GROUP BY 1, 2;
SELECT p.returned = s.once AS equal, p.returned < (SELECT sum(fund) FROM made) AS less
FROM medaudit.penalty(:five, 'A38') AS p, (SELECT sum(m) AS once FROM (
	SELECT max(c.money[n]) AS m FROM (SELECT DISTINCT line_id FROM made) AS l, generate_series(1, 160) AS n, counted AS c WHERE c.line_id = l.line_id GROUP BY l.line_id, n) AS x) AS s;

-- nothing that shows findings shows a penalty: no view asks for one, nor has a column of one
SELECT c.relname AS shows FROM pg_class AS c WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind IN ('v', 'm') AND c.relname <> '_function_page'
	AND (pg_get_viewdef(c.oid) ~ 'penalty' OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname ~ 'fine_|penalt|fixed_(low|high)|suspend_|罚'));
-- who reads cases may ask, who reviews may not
CREATE ROLE chief; CALL medaudit.grant_access('chief', 'chief');
CREATE ROLE reviewer; CALL medaudit.grant_access('reviewer', 'reviewer');
SET ROLE chief;
SELECT returned > 0 AS asked FROM medaudit.penalty(:five, 'A38');
\set VERBOSITY sqlstate
INSERT INTO medaudit.penalty_scale (article, base) VALUES ('A38', 'loss');
SET ROLE reviewer;
SELECT returned > 0 AS asked FROM medaudit.penalty(:five, 'A38');
\set VERBOSITY default
RESET ROLE;
DROP OWNED BY chief, reviewer; DROP ROLE chief, reviewer;

ALTER TABLE medaudit.recovery_entry DISABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.case_finding; DELETE FROM medaudit.audit_case; DELETE FROM medaudit.finding_line;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run; DELETE FROM medaudit.gateway;
ALTER TABLE medaudit.recovery_entry ENABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
