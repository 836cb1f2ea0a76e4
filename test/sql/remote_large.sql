-- remote_large: dear visits away from home
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
SELECT region, medaudit._prefecture(region) FROM unnest('{330106,３３０１06,3301,330,3301X,X,NULL}'::text[]) AS region;
\set VERBOSITY terse
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
\set VERBOSITY default
DROP SCHEMA IF EXISTS away CASCADE;
CREATE SCHEMA away;
CREATE TABLE away.person AS SELECT * FROM (VALUES ('P1', '张三', '330106'), ('P2', '李四', '330203'), ('P3', '王五', NULL), ('P4', '赵六', '330106'), ('P4', '赵六', '330203')) AS t (person_id, name, region);
CREATE TABLE away.facility AS SELECT * FROM (VALUES ('H1', '杭州医院', '330102'), ('H2', '上海医院', '310104'), ('H3', '某医院', NULL)) AS t (facility_id, name, region);
CREATE TABLE away.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp, total_amount numeric, fund_amount numeric, region text, referral_visit_id text);
INSERT INTO away.visit VALUES
	-- listed: elsewhere by the place, by the visit, two settlements that add up, at the bound, by referral
	('L1', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, 30000, 18000, NULL, NULL), ('L2', 'P2', 'H1', '2025-03-01', '2025-03-09', '2025-04-02', 25000, 15000, '330102', NULL), ('L3', 'P1', 'H2', '2025-03-01', '2025-03-05', NULL, 6000, 3000, NULL, NULL),
	('L3', 'P1', 'H2', '2025-03-05', '2025-03-09', NULL, 7000, 4000, NULL, NULL), ('L4', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, 10000, NULL, NULL, 'X'), ('L5', 'P1', 'H1', '2025-03-01', '2025-03-09', NULL, 90000, 1, '310104', NULL), ('L1', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, 30000, 18000, NULL, NULL),
	-- not: another county of the prefecture, below the bound, another period, a region that is not known, of the person, two of him, taken back
	('N1', 'P1', 'H1', '2025-03-01', '2025-03-09', NULL, 30000, 1, NULL, NULL), ('N2', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, 9999.99, 1, NULL, NULL), ('N3', 'P1', 'H2', '2025-03-01', '2025-03-09', '2026-01-01', 30000, 1, NULL, NULL), ('N4', 'P1', 'H3', '2025-03-01', '2025-03-09', NULL, 30000, 1, NULL, NULL),
	('N5', 'P3', 'H2', '2025-03-01', '2025-03-09', NULL, 30000, 1, NULL, NULL), ('N6', 'P4', 'H2', '2025-03-01', '2025-03-09', NULL, 30000, 1, NULL, NULL), ('N7', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, 30000, 1, NULL, NULL), ('N7', 'P1', 'H2', '2025-03-01', '2025-03-09', NULL, -30000, -1, NULL, NULL), ('N8', 'P1', 'H2', '2025-03-01', NULL, NULL, 30000, 1, NULL, NULL);
CREATE TABLE away.claim AS SELECT 'C1' AS claim_id, 'P1' AS person_id, date '2025-04-01' AS paid_on, 'L4' AS visit_id;
CALL medaudit.bind('visit', 'away.visit', '{"region": null}');
CALL medaudit.bind('person', 'away.person');
\set VERBOSITY terse
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
CALL medaudit.bind('facility', 'away.facility');
SELECT visit_id FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
CALL medaudit.bind('visit', 'away.visit');
CALL medaudit.bind('manual_claim', 'away.claim');
INSERT INTO medaudit.finding (run_id, rule_code, certainty, subject_kind, subject_id, evidence, key, judged_on, rule_name, fingerprint, state) SELECT 1, 'hang_bed', 'suspicion', 'facility', 'H2', '{}', n, '2025-03-09', 'x', '', s FROM (VALUES ('1', 'open'), ('2', 'superseded')) AS t (n, s);
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id) SELECT finding_id, i, 'L1' FROM medaudit.finding, generate_series(1, 2) AS i;
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
SELECT visit_id FROM medaudit.remote_large('2025-04-02', '2025-04-03', 0);
-- what was left out is told: three of them, none in a period where all is known, and none where the region is the same
SET client_min_messages = notice;
SELECT count(*) FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
SELECT count(*) FROM medaudit.remote_large('2025-01-01', '2026-01-01', 30000.01);
SELECT count(*) FROM medaudit.remote_large('2025-04-02', '2025-04-03', 0);
SET client_min_messages = error;
SELECT * FROM medaudit.remote_large(NULL, '2026-01-01', 10000);
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', NULL);
SELECT * FROM medaudit.remote_large('2025-01-01', '2025-01-01', 10000);
SELECT * FROM medaudit.remote_large('2025-01-01', 'infinity', 10000);
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', 'NaN');
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', -1);
CALL medaudit.bind('person', 'away.person', '{"region": null}');
SELECT * FROM medaudit.remote_large('2025-01-01', '2026-01-01', 10000);
DROP SCHEMA away CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
