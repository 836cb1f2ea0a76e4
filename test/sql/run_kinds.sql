-- run_kinds: runs that ask functions of a fund's own
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET datestyle = iso;
SET client_min_messages = error;
DROP SCHEMA IF EXISTS fund CASCADE;
CREATE SCHEMA fund;
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
CREATE TABLE fund.facility AS SELECT * FROM (VALUES ('F1', '第一医院'), ('F2', '第二医院')) AS t (facility_id, name);
CREATE TABLE fund.person AS SELECT * FROM (VALUES ('P1', '张三', '11010519491231002X'), ('P2', NULL, NULL)) AS t (person_id, name, resident_id);
CREATE TABLE fund.visit AS
SELECT v AS visit_id, p AS person_id, f AS facility_id, a::timestamp AS admitted_at, a::timestamp + n * interval '1 day' AS discharged_at, CASE WHEN n = 0 THEN '11' ELSE '21' END AS visit_type, amount::numeric AS total_amount, d AS main_diagnosis
FROM (VALUES ('V1', 'P1', 'F1', '2025-01-02 09:00', 5, 500, 'J18.900'), ('V2', 'P1', 'F2', '2025-01-20 09:00', 2, 200, 'K80.200'), ('V3', 'P2', 'F1', '2025-02-03 09:00', 9, 900, 'J18.900'),
	('V4', 'P2', 'F2', '2025-03-05 09:00', 4, 400, NULL), ('V5', 'P1', 'F1', '2025-03-06 09:00', 0, 50, NULL)) AS t (v, p, f, a, n, amount, d);
CREATE TABLE fund.charge AS
SELECT visit_id, l::text AS line_id, 'A' AS item_code, 1::numeric AS quantity, 10.5 AS amount, admitted_at + l * interval '1 hour' AS charged_at, '检查' AS item_name FROM fund.visit, generate_series(1, 2) AS l;
CALL medaudit.bind('facility', 'fund.facility');
CALL medaudit.bind('person', 'fund.person');
CALL medaudit.bind('visit', 'fund.visit');
CALL medaudit.bind('charge', 'fund.charge');
CREATE VIEW fund.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, f.key, f.person_id, f.visit_id, f.facility_id, f.certainty, f.gross_amount AS gross, f.involved_amount AS involved, f.judged_on, f.state,
	(SELECT string_agg(coalesce(l.visit_id || '/' || l.line_id, l.visit_id), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence - 'partners' AS evidence, f.evidence_text
FROM medaudit.finding AS f;
CREATE VIEW fund.steps AS
SELECT step_no, coalesce(rule_code, step) AS step, state, rows, regexp_replace(error, 'role ".*"', 'role …') AS error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;

-- what is not given is filled in: subject, key, day, money, sentence
CREATE FUNCTION fund.long_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(visit_ids => ARRAY[s.visit_id], person_id => s.person_id, facility_id => s.facility_id,
		evidence => jsonb_build_object('nights', s.discharged_at::date - s.admitted_at::date, 'limit', parameters -> 'max_nights'))
	FROM medaudit.run_stay AS s
	WHERE s.stay AND s.judged AND s.discharged_at::date - s.admitted_at::date > (parameters ->> 'max_nights')::int
		AND NOT s.tags && ARRAY(SELECT jsonb_array_elements_text(parameters -> 'exclude_tags'))
$$;
SELECT medaudit.add_rule_kind('long_stays', 'stays', 'fund.long_stays(bigint, text, jsonb)', '超长住院');
INSERT INTO medaudit.rule_parameter (kind, name, type, default_value, minimum) VALUES ('long_stays', 'max_nights', 'int', '60', 1), ('long_stays', 'exclude_tags', 'text[]', '[]', NULL);
INSERT INTO medaudit.evidence_template (kind, zh) VALUES ('long_stays', '{person_name}在{facility_name}住院{nights}夜，多于{limit}夜[，{none}]。');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, subject, parameters) VALUES ('t_three', 'long_stays', '三夜', 'suspicion', 'facility', '{"max_nights": 3}'), ('t_default', 'long_stays', '六十夜', 'notice', 'person', '{}');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_three,t_default,split_stays,overlapping_stays}');
SELECT * FROM fund.steps;
SELECT * FROM fund.found ORDER BY visit_id;
-- another threshold: what is found no more goes, what is found again is the same
SELECT finding_id AS before FROM medaudit.finding WHERE visit_id = 'V3' \gset
SELECT medaudit.set_rule('t_three', parameters => '{"max_nights": 4}');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_three}');
SELECT finding_id = :before AS same, visit_id, evidence ->> 'limit' AS limit, state FROM medaudit.finding ORDER BY visit_id;
-- a person's: by the subject of the rule; who is left out by diagnosis is in doubt where none is known
UPDATE medaudit.rule SET subject = 'person', parameters = '{"max_nights": 1, "exclude_tags": ["infectious", "accident"]}' WHERE rule_code = 't_three';
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_nights', 'long_stays', '一夜', '{"max_nights": 1}');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_three,t_nights}');
SELECT rule_code, subject, subject_id, key, certainty, state, evidence -> 'doubt' AS doubt, right(evidence_text, 20) AS text FROM fund.found WHERE state = 'open' ORDER BY rule_code, key;

-- of a natural period each whole one by itself; a detector asked of the gathered books; a
-- sentence where nobody writes one
CREATE FUNCTION fund.months(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(subject_kind => 'facility', subject_id => v.facility_id, facility_id => v.facility_id, key => v.facility_id || '@' || p.from_date, visit_ids => array_agg(v.visit_id ORDER BY v.visit_id),
		judged_on => p.to_date - 1, evidence => jsonb_build_object('stays', count(*), 'window', ARRAY[p.from_date, p.to_date - 1]), evidence_text => 'said by the function', score => count(*), involved_amount => 1)
	FROM medaudit.run_period AS p JOIN medaudit_data.visit AS v ON v.admitted_at >= p.from_date AND v.admitted_at < p.to_date GROUP BY v.facility_id, p.from_date, p.to_date
$$;
CREATE FUNCTION fund.often(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(visit_ids => f.visit_ids, person_id => f.person_id, key => f.person_id || '@' || f.first_admitted, evidence => jsonb_build_object('stays', f.stay_count))
	FROM medaudit.run_stay_book AS b CROSS JOIN LATERAL medaudit.frequent_stays(b.book, 90, 2) AS f WHERE b.gathered_by = 'person'
$$;
SELECT medaudit.add_rule_kind('months', 'claims', 'fund.months(bigint, text, jsonb)', '按月', natural_period => 'month'), medaudit.add_rule_kind('often', 'stays', 'fund.often(bigint, text, jsonb)', '多次', '{}', 'day', true);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, subject) VALUES ('t_months', 'months', '按月', 'notice', 'facility'), ('t_often', 'often', '多次', 'suspicion', 'person');
TRUNCATE medaudit.run, medaudit.finding;
CALL medaudit.run_audit('2025-01-10', '2025-04-01', '{t_months,t_often}');
SELECT rule_code, subject_id, key, judged_on, involved, lines, evidence, evidence_text FROM fund.found ORDER BY rule_code, key;
CALL medaudit.run_audit('2025-02-01', '2025-02-28', '{t_months}');
SELECT * FROM fund.steps;
-- quarters and years: whole ones alone, each by itself, one or several
SELECT medaudit.add_rule_kind('months', 'claims', 'fund.months(bigint, text, jsonb)', '按季', natural_period => 'quarter');
TRUNCATE medaudit.run, medaudit.finding;
CALL medaudit.run_audit('2024-11-30', '2025-06-30', '{t_months}');
SELECT key, judged_on, lines FROM fund.found ORDER BY key;
CALL medaudit.run_audit('2025-01-02', '2025-06-30', '{t_months}');
SELECT * FROM fund.steps;
SELECT medaudit.add_rule_kind('months', 'claims', 'fund.months(bigint, text, jsonb)', '按年', natural_period => 'year');
TRUNCATE medaudit.run, medaudit.finding;
CALL medaudit.run_audit('2024-02-29', '2026-12-31', '{t_months}');
SELECT key, judged_on, lines FROM fund.found ORDER BY key;
CALL medaudit.run_audit('2025-01-01', '2025-12-31', '{t_months}');
SELECT * FROM fund.steps;

-- charges as lines; money in excess
CREATE FUNCTION fund.lines(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(visit_id => v.visit_id, visit_ids => ARRAY[v.visit_id], line_ids => '{2}', person_id => v.person_id, facility_id => v.facility_id, excess_quantity => 1, gross_amount => 10.5, claimed_amount => 9,
		evidence => '{"a": 1}', evidence_text => 'x') FROM medaudit_data.visit AS v WHERE v.visit_id = 'V5'
$$;
SELECT medaudit.add_rule_kind('lines', 'claims', 'fund.lines(bigint, text, jsonb)', '明细');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_lines', 'lines', '明细', 'violation');
TRUNCATE medaudit.run, medaudit.finding;
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{t_lines}');
SELECT * FROM fund.found;
SELECT rank, line_id, gross_amount, claimed_amount, certainty FROM medaudit.worklist;

-- what is left out, one by one: the visit for the visits, money of a visit long ago, a day
-- without visits, keys that look like a year, a subject that nobody names
INSERT INTO fund.visit VALUES ('V0', 'P1', 'F2', '2021-01-02 09:00', '2021-01-04 09:00', '21', 30, NULL), ('V6', 'P2', 'F1', '2025-03-07 09:00', NULL, '21', 70, NULL);
CREATE TABLE fund.given (code text, g medaudit.run_group);
CREATE FUNCTION fund.give(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT (x.g).* FROM fund.given AS x WHERE x.code = rule_code
$$;
SELECT medaudit.add_rule_kind('give', 'claims', 'fund.give(bigint, text, jsonb)', '所给'), medaudit.add_rule_kind('give_stays', 'stays', 'fund.give(bigint, text, jsonb)', '所给住院');
INSERT INTO medaudit.rule_parameter (kind, name, type, default_value) VALUES ('give_stays', 'exclude_tags', 'text[]', '["accident"]');
INSERT INTO medaudit.evidence_template (kind, zh) VALUES ('give_stays', '住院{n}次。');
INSERT INTO fund.given VALUES
	('g_agency', medaudit.run_group(subject_id => 'A1', visit_ids => '{V4}')),
	('g_day', medaudit.run_group(facility_id => 'F2', key => '2025', judged_on => '2025-03-31', involved_amount => 12, evidence => '{"n": 1}', evidence_text => 'stock')),
	('g_doubt', medaudit.run_group(visit_id => 'V4', person_id => 'P2')),
	('g_empty', medaudit.run_group(visit_ids => '{}', visit_id => 'V4', person_id => 'P2')),
	('g_no_day', medaudit.run_group(facility_id => 'F2', key => 'K')),
	('g_old', medaudit.run_group(visit_ids => '{V0,V4}', person_id => 'P1')),
	('g_pharmacy', medaudit.run_group(facility_id => 'F2', physician_id => 'D1', visit_ids => '{V4,V5}', key => 'F2@1001')),
	('g_physician', medaudit.run_group(facility_id => 'F2', physician_id => 'D1', visit_ids => '{V4}')),
	('g_unsettled', medaudit.run_group(facility_id => 'F1', visit_ids => '{V6}'));
INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject) SELECT g.code, CASE g.code WHEN 'g_doubt' THEN 'give_stays' ELSE 'give' END, '所给',
	CASE WHEN g.code ~ 'agency|pharmacy|physician' THEN substr(g.code, 3) WHEN (g.g).facility_id IS NULL THEN 'person' ELSE 'facility' END FROM fund.given AS g;
TRUNCATE medaudit.run, medaudit.finding;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{g_agency,g_day,g_doubt,g_empty,g_no_day,g_old,g_pharmacy,g_physician,g_unsettled}');
\set VERBOSITY terse
SELECT * FROM fund.steps;
SELECT rule_code, subject, subject_id, left(key, 9) AS key, visit_id, certainty, involved, judged_on, lines, evidence, evidence_text FROM fund.found ORDER BY rule_code;
SELECT l.visit_id, l.amount, l.facility_name FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.rule_code = 'g_old' ORDER BY l.line_no;
SELECT rule_code, involved_amount, evidence_text FROM medaudit.worklist WHERE rule_code = 'g_day';
-- a decided finding without lines: changed by its facts alone
CREATE FUNCTION pg_temp.decide(ids bigint[], verdict text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, actor)
	SELECT i, 'review', verdict, 'other', a FROM unnest(ids) AS i CROSS JOIN unnest('{ann,ben}'::text[]) AS a ORDER BY i $$;
SELECT pg_temp.decide(ARRAY[f.finding_id], 'confirm') FROM medaudit.finding AS f WHERE f.rule_code = 'g_day';
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{g_day}');
SELECT state, evidence FROM fund.found WHERE rule_code = 'g_day' ORDER BY state;
UPDATE fund.given SET g.evidence = '{"n": 2}' WHERE code = 'g_day';
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{g_day}');
SELECT state, evidence FROM fund.found WHERE rule_code = 'g_day' ORDER BY state;

-- an anchor: a group that grows and shrinks is one finding, whatever day it had, in runs of any order
SELECT medaudit.add_rule_kind('anchored', 'claims', 'fund.give(bigint, text, jsonb)', '锚定', anchored => true);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject) VALUES ('g_anchor', 'anchored', '锚定', 'person');
CREATE FUNCTION fund.anchor(visits text[]) RETURNS void LANGUAGE sql AS $$
	DELETE FROM fund.given WHERE code = 'g_anchor';
	INSERT INTO fund.given SELECT 'g_anchor', medaudit.run_group(person_id => 'P2', key => 'P2@A', visit_ids => visits) WHERE visits <> '{}';
$$;
SELECT fund.anchor('{V3}');
CALL medaudit.run_audit('2025-02-01', '2025-03-01', '{g_anchor}');
SELECT finding_id AS anchor FROM medaudit.finding WHERE rule_code = 'g_anchor' \gset
SELECT finding_id = :anchor AS same, judged_on, involved_amount FROM medaudit.finding WHERE rule_code = 'g_anchor';
SELECT fund.anchor('{V3,V4}');
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{g_anchor}');
SELECT finding_id = :anchor AS same, judged_on, involved_amount FROM medaudit.finding WHERE rule_code = 'g_anchor';
CALL medaudit.run_audit('2025-02-01', '2025-03-01', '{g_anchor}');
SELECT finding_id = :anchor AS same, judged_on, involved_amount FROM medaudit.finding WHERE rule_code = 'g_anchor';
SELECT fund.anchor('{V3}');
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{g_anchor}');
SELECT finding_id = :anchor AS same, judged_on, involved_amount FROM medaudit.finding WHERE rule_code = 'g_anchor';
SELECT fund.anchor('{}');
CALL medaudit.run_audit('2025-02-01', '2025-03-01', '{g_anchor}');
SELECT count(*) AS left_of_it FROM medaudit.finding WHERE rule_code = 'g_anchor';
-- without its key it is none
INSERT INTO fund.given VALUES ('g_anchor', medaudit.run_group(person_id => 'P2', visit_ids => '{V3}'));
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2025-02-01', '2025-03-01', '{g_anchor}');
\set VERBOSITY terse
SELECT * FROM fund.steps;
DELETE FROM fund.given WHERE code = 'g_anchor';
DELETE FROM fund.visit WHERE visit_id IN ('V0', 'V6');

-- what a function gets wrong fails its step, and no other
CREATE FUNCTION fund.wrong(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(subject_kind => CASE rule_code WHEN 't_no_kind' THEN 'house' END, facility_id => CASE WHEN rule_code <> 't_no_subject' THEN 'F1' END, visit_ids => ARRAY['V1'],
		certainty => CASE rule_code WHEN 't_sure' THEN 'sure' END, evidence => '{}', evidence_text => 'x', score => 1 / CASE rule_code WHEN 't_zero' THEN 0 ELSE 1 END)
	FROM generate_series(1, CASE rule_code WHEN 't_twice' THEN 2 ELSE 1 END)
$$;
SELECT medaudit.add_rule_kind('wrong', 'claims', 'fund.wrong(bigint, text, jsonb)', '错误'), medaudit.add_rule_kind('gone', 'claims', 'fund.wrong(bigint, text, jsonb)', '没有'), medaudit.add_rule_kind('needy', 'claims', 'fund.wrong(bigint, text, jsonb)', '缺数据', '{swipe,visit.total_amount}');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) SELECT 't_' || t, CASE t WHEN 'gone' THEN 'gone' WHEN 'needy' THEN 'needy' ELSE 'wrong' END, t FROM unnest('{gone,needy,no_kind,no_subject,right,sure,twice,zero}'::text[]) AS t;
SET session_replication_role = replica;
UPDATE medaudit.rule_kind SET asks = 'fund.not_there(bigint,text,jsonb)' WHERE kind = 'gone';
RESET session_replication_role;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2025-01-01', '2025-02-01', '{t_gone,t_needy,t_no_kind,t_no_subject,t_right,t_sure,t_twice,t_zero}');
\set VERBOSITY terse
SELECT * FROM fund.steps;
SELECT rule_code, visit_id FROM fund.found WHERE rule_code = 't_right';
-- what it names twice counts once, a key may look like that of the book of a year, and a
-- finding needs no visit; money that nobody can add up and evidence without names fail
CREATE FUNCTION fund.odd(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(facility_id => 'F1', visit_ids => CASE WHEN rule_code <> 't_none' THEN '{V1,V1,NULL,V3}'::text[] END, key => CASE rule_code WHEN 't_key' THEN 'bed@0007' END,
		judged_on => CASE rule_code WHEN 't_none' THEN date '2025-01-31' END, gross_amount => CASE rule_code WHEN 't_endless' THEN 'Infinity' WHEN 't_nan' THEN 'NaN' END::numeric,
		score => CASE rule_code WHEN 't_score' THEN 'NaN' END::float8, evidence => CASE rule_code WHEN 't_list' THEN '[7]' WHEN 't_no_object' THEN 'null' WHEN 't_none' THEN '{"days": 3}' END::jsonb)
$$;
SELECT medaudit.add_rule_kind('odd', 'stays', 'fund.odd(bigint, text, jsonb)', '古怪');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, subject) SELECT 't_' || t, 'odd', t, 'suspicion', 'facility' FROM unnest('{twice_named,key,none,endless,nan,score,list,no_object}'::text[]) AS t;
TRUNCATE medaudit.run, medaudit.finding;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2025-01-01', '2025-03-01', '{t_twice_named,t_key,t_none,t_endless,t_nan,t_score,t_list,t_no_object}');
\set VERBOSITY terse
SELECT * FROM fund.steps;
SELECT rule_code, subject_id, left(key, 8) AS key, involved, judged_on, lines, evidence, state FROM fund.found ORDER BY rule_code;
SELECT findings, involved_amount FROM medaudit.findings_by_rule ORDER BY rule_code;
-- decided, it stays while its facts do
SELECT pg_temp.decide(array_agg(finding_id), 'confirm') FROM medaudit.finding WHERE rule_code = 't_none';
CALL medaudit.run_audit('2025-01-01', '2025-03-01', '{t_none}');
SELECT evidence, state FROM fund.found WHERE rule_code = 't_none';
CREATE OR REPLACE FUNCTION fund.odd(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$
	SELECT medaudit.run_group(facility_id => 'F1', judged_on => date '2025-01-31', evidence => '{"days": 4}')
$$;
CALL medaudit.run_audit('2025-01-01', '2025-03-01', '{t_none}');
SELECT evidence, state FROM fund.found WHERE rule_code = 't_none' ORDER BY 1;

-- parameters of one's own called as those that say how far back a run reads
INSERT INTO medaudit.rule_parameter (kind, name, type, default_value) VALUES ('odd', 'weeks', 'text', '"all"'), ('odd', 'max_gap_days', 'int', '2147483647');
CALL medaudit.run_audit('2025-01-01', '2025-03-01', '{t_none}');
SELECT state, rows FROM fund.steps WHERE step = 't_none';

-- and what is of somebody else is not called
CREATE ROLE regress_medaudit_keeper;
-- nor planned, which would run what is constant in it
CREATE FUNCTION fund.planted() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = 'TT001'; END $$;
CREATE FUNCTION fund.keepers(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE AS $$ SELECT (medaudit.run_group()).* WHERE fund.planted() = 1 $$;
\set VERBOSITY sqlstate
SELECT medaudit.add_rule_kind('keepers', 'claims', 'fund.keepers(bigint, text, jsonb)', '别人的');
ALTER FUNCTION fund.keepers(bigint, text, jsonb) OWNER TO regress_medaudit_keeper;
SELECT medaudit.add_rule_kind('keepers', 'claims', 'fund.keepers(bigint, text, jsonb)', '别人的');
\set VERBOSITY terse
ALTER FUNCTION fund.wrong(bigint, text, jsonb) OWNER TO regress_medaudit_keeper;
CREATE ROLE regress_medaudit_auditor;
GRANT USAGE ON SCHEMA fund TO regress_medaudit_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA fund TO regress_medaudit_auditor;
CALL medaudit.grant_access('regress_medaudit_auditor', 'runner');
SET ROLE regress_medaudit_auditor;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2025-01-01', '2025-02-01', '{t_right,t_three}');
\set VERBOSITY terse
RESET ROLE;
SELECT * FROM fund.steps;

DROP OWNED BY regress_medaudit_keeper, regress_medaudit_auditor;
DROP ROLE regress_medaudit_keeper, regress_medaudit_auditor;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.rule WHERE NOT shipped;
DELETE FROM medaudit.rule_kind WHERE NOT shipped;
DROP SCHEMA fund CASCADE;
