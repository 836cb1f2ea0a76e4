-- What a fund keeps in medaudit: rules of its own, what it changed of shipped ones, aliases,
-- stored books and rulebooks, runs, findings and what was decided of them, cases and what came
-- of them, and what is built on medaudit's functions.  Read by make_kept() of Kept.pm.
INSERT INTO medaudit.rule (rule_code, kind, name_zh, name_en, certainty, enabled)
VALUES ('own_pair', 'exclusive', '本地互斥', 'local pair', 'violation', true),
	('own_package', 'package', '本地组合', NULL, 'suspicion', false);
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, valid, note)
VALUES ('own_pair', 'A1', 'A2', '6 hours', '[2025-01-01,2026-01-01)', '注'),
	('own_pair', 'A1', 'A2', 'day', '[2026-01-01,)', NULL);
INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price)
VALUES ('own_package', 'P', 'C1', 60), ('own_package', 'P', 'C2', 60);
INSERT INTO medaudit.address_word (kind, word, canonical) VALUES ('village', '寨', '村'), ('town', '镇', NULL);
INSERT INTO medaudit.text_alias (alias, canonical, note) VALUES ('三院', '第三医院', 'x');
INSERT INTO medaudit.calendar (day, working, note) VALUES ('2025-01-01', true, '照常上班');
INSERT INTO medaudit.code_class (code, class) VALUES ('ZL', 'treatment');
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('staged', 'K80', '21');
INSERT INTO medaudit.supply_limit (visit_type, drug_class, take_home, max_days) VALUES ('11', 'XN02', false, 3);
INSERT INTO medaudit.prescription_cap (person_class, max_amount) VALUES ('离休', 450);
INSERT INTO medaudit.usual_dose (drug_code, units_per_day) VALUES ('XC09', 1.5);
INSERT INTO medaudit.recognised_exam (item_code, valid_days, valid) VALUES ('0021030%', 14, '[2025-01-01,)');

-- A shipped rule switched off, one switched on, one made less certain.
UPDATE medaudit.rule SET enabled = false
WHERE rule_code = (SELECT min(rule_code) FROM medaudit.rule WHERE shipped AND enabled);
UPDATE medaudit.rule SET certainty = 'notice'
WHERE rule_code = (SELECT max(rule_code) FROM medaudit.rule
	WHERE shipped AND certainty <> 'notice');
-- and parameters
SELECT medaudit.set_rule('split_stays', false, 'notice', '{"max_gap_days": 9, "exclude_tags": ["planned"]}'),
	medaudit.set_rule('events_after_death', parameters => '{"grace_days": 4}');

CREATE SCHEMA warehouse;
CREATE TABLE warehouse.fee (visit text, item text, quantity numeric, amount numeric,
	at timestamp, hidden bool DEFAULT false);
INSERT INTO warehouse.fee
SELECT 'v' || i / 30, 'A' || i % 3, CASE WHEN i % 10 = 0 THEN -1 ELSE 1 END,
	CASE WHEN i % 10 = 0 THEN -12.5 ELSE 12.5 END,
	timestamp '2025-03-01' + i * interval '5 hours'
FROM generate_series(1, 200) i;
CREATE TABLE warehouse.stay AS
SELECT 'v' || i AS visit_id, 'p' || i / 2 AS person_id, 'f' || i % 2 AS facility_id,
	timestamp '2025-03-01' + i * interval '150 hours' AS admitted_at,
	timestamp '2025-03-04' + i * interval '150 hours' AS discharged_at, '21' AS visit_type
FROM generate_series(0, 6) i;
CALL medaudit.bind('visit', 'warehouse.stay');
CALL medaudit.bind('charge', 'warehouse.fee', '{"visit_id": "visit",
	"item_code": "item", "charged_at": "at"}', 'NOT hidden');

CREATE TABLE warehouse.book AS
SELECT visit, medaudit.ledger(item, quantity, amount, at) AS book,
	medaudit.stays('s' || visit, visit, 'f', at, at + interval '3 days', 'J18',
		amount, '{referral}') AS stays
FROM warehouse.fee GROUP BY visit;
CREATE TABLE warehouse.large AS
SELECT medaudit.ledger('item' || i % 977, 1, i, timestamp '2025-01-01'
	+ i * interval '1 minute') AS book
FROM generate_series(1, 50000) i;
CREATE TABLE warehouse.kept_rules AS
SELECT medaudit.compile_rules() AS rules, 'enabled' AS what
UNION ALL SELECT medaudit.compile_rules('own_pair', 'own_package'), 'own';
CREATE MATERIALIZED VIEW warehouse.totals AS
SELECT visit, medaudit.net_amount(book) AS net,
	medaudit.split_charge_score(book, (SELECT rules FROM warehouse.kept_rules
		WHERE what = 'own')) AS score
FROM warehouse.book;
CREATE VIEW warehouse.pairs AS
SELECT visit, f.item_code, f.charged_at, f.excess_amount, f.evidence
FROM warehouse.book, medaudit.audit_charges(book, NULL::medaudit.visit_context,
	(SELECT rules FROM warehouse.kept_rules WHERE what = 'own')) f;

-- Runs and what was decided of their findings; a rule with many rows, settings and
-- parameters of rules of its own, one of them of a kind of its own.
CREATE FUNCTION warehouse.long_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group
LANGUAGE sql STABLE AS 'SELECT NULL::medaudit.run_group WHERE false';
SELECT medaudit.add_rule_kind('own_long', 'claims', 'warehouse.long_stays(bigint, text, jsonb)', '超长', '{visit.department|facility}', 'month', true);
INSERT INTO medaudit.rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en, choices)
VALUES ('own_long', 'max_days', 'int', '60', 1, 365, '天', '最长天数', 'days, at most', NULL),
	('own_long', 'who', 'text[]', '["a"]', NULL, NULL, NULL, '谁', NULL, '{a,b}'), ('own_long', 'within', 'interval', NULL, 0, NULL, NULL, '间隔', NULL, NULL);
INSERT INTO medaudit.evidence_template (kind, zh, en) VALUES ('own_long', '{days}天。', '{days} days.'), ('split_stays', '间隔{days}天。', NULL);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, parameters)
VALUES ('own_cap', 'quantity', '限次', 'violation', '{}'), ('own_split', 'split_stays', '十日', 'notice', '{"max_gap_days": 10}'),
	('own_death', 'events_after_death', '死亡', 'notice', '{"grace_days": 3}'), ('own_long', 'own_long', '超长', 'notice', '{"max_days": 90, "who": ["b"], "within": "2 days"}');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity)
SELECT 'own_cap', CASE WHEN i < 3 THEN 'A' || i ELSE 'X' || i END, 'day', 1 FROM generate_series(0, 20000) i;
INSERT INTO medaudit.rule_setting (rule_code, enabled, parameters) VALUES ('own_split', false, '{"max_gap_days": 11}');
CALL medaudit.run_audit('2025-03-01', '2025-05-01');
CALL medaudit.run_audit('2025-03-01', '2025-05-01');
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, actor)
SELECT finding_id, 'review', CASE visit_id WHEN 'v1' THEN 'dismiss' ELSE 'confirm' END, 'other', actor
FROM medaudit.finding CROSS JOIN unnest('{ann,ben}'::text[]) AS actor
WHERE rule_code = 'own_cap' AND visit_id IN ('v1', 'v2') ORDER BY visit_id, finding_id, actor;

-- what came of it: a case with money, a rectification, an exemption that holds, a report
WITH opened AS (SELECT medaudit.open_case('重复收费', array_agg(finding_id), 'model') AS id FROM medaudit.finding WHERE rule_code = 'own_cap' AND visit_id = 'v2')
SELECT medaudit.record_recovery(id, 'ordered', 100, '2025-06-01'), id FROM opened;
SELECT medaudit.record_recovery(max(case_id), 'received', 100, '2025-06-02', '转账') FROM medaudit.audit_case;
INSERT INTO medaudit.rectification (facility_id, rule_codes, ordered_on, accepted_on) VALUES ('f1', '{own_cap}', '2025-06-01', '2025-07-01');
SELECT medaudit.exempt('own_cap', 'other', '试点', '[2025-01-01,2026-01-01)', 'f1', actor => 'ann');
SELECT medaudit.approve_exemption(max(exemption_id), actor => 'ben') FROM medaudit.exemption;
INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id) VALUES ('f1', 'own_cap', 'v3');
INSERT INTO medaudit.penalty_scale (article, circumstance, region, base, low_multiple, high_multiple) VALUES ('A38', 'light', '330000', 'loss', 1, 1.2);
INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, case_id) SELECT 'physician', 'd' || i, '2025-06-01', i, max(case_id) FROM medaudit.audit_case, generate_series(1, 3) AS i GROUP BY i;
UPDATE medaudit.demerit SET withdrawn_on = '2025-07-01' WHERE subject_id = 'd2';
INSERT INTO medaudit.credit_level (level, at_least) VALUES ('AAA', 99);
INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('facility', 'F1', 'black', '[2025-01-01,)');
INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (1, 5, 'high');
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('own_cap', 2);
INSERT INTO medaudit.reserve_bound (fund, short, low, high, excess) VALUES ('390', 1, 2, 4, 6);
UPDATE medaudit.indicator SET min_denominator = 7 WHERE indicator = 'stays';
INSERT INTO medaudit.indicator (indicator, name_zh) VALUES ('own', '自有指标');
INSERT INTO medaudit.indicator_month VALUES ('facility', 'f1', '2025-01-01', 'own', 1, 2);
UPDATE medaudit.audit_case SET state = 'closed';
CREATE ROLE reviewers;
CALL medaudit.grant_access('reviewers', 'reviewer');
INSERT INTO medaudit.reader_scope VALUES ('reviewers', '330102', NULL);
