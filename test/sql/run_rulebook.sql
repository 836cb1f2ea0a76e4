-- run_rulebook: what a run asked is kept, and gives the same again
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.visit AS
SELECT 'V' || i AS visit_id, 'P' || i % 3 AS person_id, 'F' || i % 2 AS facility_id, timestamp '2026-03-01 09:00' + i * interval '1 day' AS admitted_at,
	timestamp '2026-03-04 10:00' + i * interval '1 day' AS discharged_at, '21' AS visit_type
FROM generate_series(1, 12) AS i;
CREATE TABLE warehouse.charge AS
SELECT visit_id, l::text AS line_id, CASE WHEN l % 3 = 0 THEN 'L1' ELSE 'B' END AS item_code, 1 + l % 2 AS quantity, 10.01 * (1 + l % 2) AS amount,
	admitted_at + l * interval '7 hours' AS charged_at
FROM warehouse.visit, generate_series(1, 9) AS l;
CREATE TABLE warehouse.item AS SELECT 'L1' AS item_code, '001109000010000' AS national_code;
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
CALL medaudit.bind('item', 'warehouse.item');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_cap', 'quantity', '每日一次', 'violation'), ('t_bed', 'price', '床位费', 'violation'), ('t_pair', 'exclusive', '互斥', DEFAULT);
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, code_match, scope, max_quantity, max_price) VALUES
	('t_cap', 'B', NULL, 'exact', 'day', 1, NULL), ('t_bed', '001109000010000', NULL, 'service', NULL, NULL, 9), ('t_pair', 'L1', 'B', 'exact', 'day', NULL, NULL);
\set rules '{t_bed,t_cap,t_pair}'
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
SELECT run_id AS first FROM medaudit.run ORDER BY run_id DESC LIMIT 1 \gset
SELECT rule_codes, digest = sha256(medaudit.rulebook_send(rules)) AS digest, medaudit.rulebook_send(rules) = medaudit.rulebook_send(medaudit.compile_rules('t_cap', 't_pair', 't_bed')) AS as_compiled
FROM medaudit.run_rulebook WHERE run_id = :first;
SELECT rule_code, count(*), sum(gross_amount) FROM medaudit.finding GROUP BY 1 ORDER BY 1;

-- the same rules again are kept once; others beside them, once more; what a
-- run asked stays when the rules and the mapping change
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
SELECT count(*) AS asked, count(DISTINCT digest) AS books, (SELECT count(*) FROM medaudit.kept_rulebook) AS kept FROM medaudit.run_rulebook;
UPDATE medaudit.charge_rule SET max_quantity = 5 WHERE rule_code = 't_cap';
UPDATE medaudit.charge_rule SET max_price = 1000 WHERE rule_code = 't_bed';
DELETE FROM warehouse.item;
DELETE FROM medaudit.rule WHERE rule_code = 't_pair';
SELECT count(*) AS now FROM (SELECT person_id, medaudit.ledger(item_code, quantity, amount, charged_at, line_id, NULL, visit_id, NULL) AS book
	FROM medaudit_data.charge JOIN medaudit_data.visit USING (visit_id) GROUP BY person_id) AS b, medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('t_cap', 't_bed')) AS a;
WITH again AS (
	SELECT a.rule_code, a.visit_id, a.line_id, a.excess_quantity, a.excess_amount, a.evidence
	FROM (SELECT person_id, medaudit.ledger(item_code, quantity, amount, charged_at, line_id, NULL, visit_id, NULL) AS book
		FROM medaudit_data.charge JOIN medaudit_data.visit USING (visit_id) GROUP BY person_id) AS b
	JOIN (SELECT person_id, jsonb_object_agg(visit_id, jsonb_build_object('visit_type', visit_type, 'facility_id', facility_id, 'admitted_at', admitted_at, 'discharged_at', discharged_at)) AS contexts
		FROM medaudit_data.visit GROUP BY person_id) AS x USING (person_id)
	JOIN medaudit.run_rulebook AS r ON r.run_id = :first,
	medaudit.audit_charges(b.book, x.contexts, r.rules) AS a WHERE a.outcome = 'excess'
), found AS (
	SELECT f.rule_code, l.visit_id, l.line_id, l.excess_quantity, l.excess_amount, l.evidence
	FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id)
)
SELECT (SELECT count(*) FROM again) AS again, (SELECT count(*) FROM found) AS found, (SELECT count(*) FROM (TABLE again EXCEPT TABLE found) AS d) AS more, (SELECT count(*) FROM (TABLE found EXCEPT TABLE again) AS d) AS less;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_bed,t_cap}');
SELECT run_id - :first AS run, rule_codes, medaudit.rule_count(rules) AS rules FROM medaudit.run_rulebook ORDER BY 1;

-- a group that fails is asked rule by rule: a book each
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_broken', 'quantity', '坏规则');
SET session_replication_role = replica;
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_broken', 'B', 'day');
SET session_replication_role = DEFAULT;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_bed,t_broken,t_cap}');
\set VERBOSITY default
SELECT rule_codes FROM medaudit.run_rulebook WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1;
-- a run without charge rules asks none
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{split_stays}');
SELECT count(*) FROM medaudit.run_rulebook WHERE run_id = (SELECT max(run_id) FROM medaudit.run);

-- a book goes with the last run that asked it
DELETE FROM medaudit.run WHERE run_id = :first;
SELECT count(*) AS asked, count(DISTINCT digest) AS books, (SELECT count(*) FROM medaudit.kept_rulebook) AS kept FROM medaudit.run_rulebook;
DELETE FROM medaudit.run WHERE run_id = :first + 1;
SELECT count(*) AS asked, count(DISTINCT digest) AS books, (SELECT count(*) FROM medaudit.kept_rulebook) AS kept FROM medaudit.run_rulebook;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality;
SELECT count(*) AS kept FROM medaudit.kept_rulebook;

DELETE FROM medaudit.finding;
DELETE FROM medaudit.rule WHERE NOT shipped;
DELETE FROM medaudit.binding;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.item;
DROP SCHEMA warehouse CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
