-- inspection: who goes where, what was inspected and reviewed, and what not
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
SET jit = off;

-- assignment: different people, none recused, the greatest load as small as can be
SELECT target, string_agg(inspector, ' ') AS inspectors FROM medaudit.assign_inspectors('s', '{B,A,C}', '{i4,i3,i2,i1}', 2, '{"A": ["i1", "i2"], "Z": ["i3"], "B": ["i9"]}') GROUP BY 1 ORDER BY 1;
SELECT max(n) FROM (SELECT count(*) AS n FROM medaudit.assign_inspectors('s', '{A,B,C}', '{i1,i2,i3,i4}', 2) GROUP BY inspector) AS l;
-- where recusals ask for more, more it is, up to max_load
SELECT inspector, count(*) FROM medaudit.assign_inspectors('s', '{A,B,C}', '{i1,i2,i3}', 1, '{"A": ["i1", "i2"], "B": ["i1", "i2"]}') GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM medaudit.assign_inspectors('s', '{}', '{i1}', 2);
SELECT count(*) FROM medaudit.assign_inspectors('s', '{}', '{}', 2);
\set VERBOSITY default
SELECT * FROM medaudit.assign_inspectors('s', '{A,B,C}', '{i1,i2,i3}', 1, '{"A": ["i1", "i2"], "B": ["i1", "i2"]}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A,B}', '{i1,i2,i3}', 2, '{"B": ["i1", "i2"]}');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A,B,A}', '{i1}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '["A"]');
\set VERBOSITY sqlstate
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '{"A": "i1"}');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '{"A": [1]}');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '{"A": [["i1"]]}');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '{"A": {"i1": ["i1"]}}');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, '"A"');
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1,i1}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 0);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, max_load => 0);
SELECT * FROM medaudit.assign_inspectors(NULL, '{A}', '{i1}', 1);
SELECT * FROM medaudit.assign_inspectors('s', NULL, '{i1}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', NULL, 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A,NULL}', '{i1}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1,NULL}', 1);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', NULL);
SELECT * FROM medaudit.assign_inspectors('s', '{A}', '{i1}', 1, NULL);
SELECT * FROM medaudit.assign_inspectors('s', ARRAY(SELECT 'T' || i FROM generate_series(1, 5001) AS i), ARRAY(SELECT 'I' || i FROM generate_series(1, 4000) AS i), 1);
SET statement_timeout = '50ms';
SELECT count(*) FROM medaudit.assign_inspectors('s', ARRAY(SELECT 'T' || i FROM generate_series(1, 4000) AS i), ARRAY(SELECT 'I' || i FROM generate_series(1, 4000) AS i), 1);
RESET statement_timeout;
\set VERBOSITY default
\set ECHO none
-- small problems, half of them tight: the least load by looking at every choice of every target
CREATE TEMP TABLE problem AS
SELECT n, 2 + abs(hashint4(n)) % 2 AS per_target, 3 + abs(hashint4(n + 5000)) % 3 AS targets, 4 + abs(hashint4(n + 9000)) % 2 AS people, 15 + abs(hashint4(n + 100)) % 45 AS tight FROM generate_series(1, 80) AS n;
CREATE TEMP TABLE free_pair AS
SELECT p.n, t, i FROM problem AS p, generate_series(1, p.targets) AS t, generate_series(1, p.people) AS i WHERE abs(hashint8(p.n * 1000 + t * 10 + i)) % 100 >= p.tight;
-- all loads that choices of the first targets lead to
CREATE FUNCTION pg_temp.least_load(problem_no int) RETURNS int LANGUAGE sql AS $$
	WITH RECURSIVE choice AS (
		SELECT t, team FROM problem AS p, generate_series(1, p.targets) AS t, LATERAL (
			SELECT array_agg(CASE WHEN mask & (1 << (i - 1)) > 0 THEN 1 ELSE 0 END ORDER BY i) AS team FROM generate_series(1, (1 << p.people) - 1) AS mask, generate_series(1, p.people) AS i
			GROUP BY mask HAVING count(*) FILTER (WHERE mask & (1 << (i - 1)) > 0) = p.per_target
				AND NOT bool_or(mask & (1 << (i - 1)) > 0 AND NOT EXISTS (SELECT FROM free_pair AS f WHERE f.n = p.n AND f.t = t.t AND f.i = i.i))) AS m
		WHERE p.n = problem_no
	), load (t, loads) AS (
		SELECT 0, array_fill(0, ARRAY[(SELECT people FROM problem WHERE n = problem_no)])
		UNION SELECT l.t + 1, ARRAY(SELECT a + b FROM unnest(l.loads, c.team) WITH ORDINALITY AS u (a, b, o) ORDER BY o) FROM load AS l JOIN choice AS c ON c.t = l.t + 1
	) SELECT min((SELECT max(x) FROM unnest(loads) AS x)) FROM load WHERE t = (SELECT targets FROM problem WHERE n = problem_no) $$;
CREATE FUNCTION pg_temp.assigned(problem_no int, seed text, most int, backwards bool) RETURNS TABLE (target text, inspector text) LANGUAGE plpgsql AS $$ BEGIN
	RETURN QUERY SELECT a.* FROM problem AS p, medaudit.assign_inspectors(seed, ARRAY(SELECT 'T' || t FROM generate_series(1, p.targets) AS t ORDER BY CASE WHEN backwards THEN -t ELSE t END),
		ARRAY(SELECT 'I' || i FROM generate_series(1, p.people) AS i ORDER BY CASE WHEN backwards THEN -i ELSE i END), p.per_target,
		(SELECT coalesce(jsonb_object_agg(t, people), '{}') FROM (SELECT 'T' || t AS t, jsonb_agg('I' || i) AS people FROM generate_series(1, p.targets) AS t, generate_series(1, p.people) AS i
			WHERE NOT EXISTS (SELECT FROM free_pair AS f WHERE f.n = p.n AND f.t = t.t AND f.i = i.i) GROUP BY 1) AS r), most) AS a WHERE p.n = problem_no;
EXCEPTION WHEN invalid_parameter_value THEN RETURN; END $$;
CREATE TEMP TABLE solved AS
SELECT p.n, p.per_target, p.targets, l.least, a.rows, a.load, a.same, b.load AS other_load, c.rows AS with_less
FROM problem AS p, LATERAL (SELECT pg_temp.least_load(p.n) AS least) AS l,
	LATERAL (SELECT count(*) AS rows, max(n) AS load, bool_and(free) AND count(DISTINCT (target, inspector)) = count(*) AND bool_and(of_target = p.per_target) AND array_agg((target, inspector)::text ORDER BY target, inspector) = (SELECT array_agg((x.target, x.inspector)::text ORDER BY x.target, x.inspector) FROM pg_temp.assigned(p.n, 'seed', NULL, true) AS x) AS same
		FROM (SELECT a.*, count(*) OVER (PARTITION BY a.inspector) AS n, count(*) OVER (PARTITION BY a.target) AS of_target, EXISTS (SELECT FROM free_pair AS f WHERE f.n = p.n AND 'T' || f.t = a.target AND 'I' || f.i = a.inspector) AS free FROM pg_temp.assigned(p.n, 'seed', NULL, false) AS a) AS i) AS a,
	LATERAL (SELECT max(n) AS load FROM (SELECT count(*) AS n FROM pg_temp.assigned(p.n, 'other', NULL, false) AS a GROUP BY a.inspector) AS i) AS b,
	LATERAL (SELECT count(*) AS rows FROM pg_temp.assigned(p.n, 'seed', l.least - 1, false)) AS c;
\set ECHO all
-- whether there is an assignment, its load, whoever's seed, and none with less; whatever the order of the lists
SELECT least IS NULL AS impossible, count(*), count(*) FILTER (WHERE rows = CASE WHEN least IS NULL THEN 0 ELSE per_target * targets END) AS rows, count(*) FILTER (WHERE load IS NOT DISTINCT FROM least AND other_load IS NOT DISTINCT FROM least) AS least_load,
	count(*) FILTER (WHERE with_less = 0) AS none_with_less, count(*) FILTER (WHERE same) AS right_and_same, count(*) FILTER (WHERE least > ceil(per_target * targets / (SELECT people FROM problem AS p WHERE p.n = s.n)::numeric)) AS more_than_the_mean FROM solved AS s GROUP BY 1 ORDER BY 1;
-- every inspector is as likely, over seeds
SELECT bool_and(n BETWEEN 420 AND 580), count(*) FROM (SELECT inspector, count(*) AS n FROM generate_series(1, 1000) AS s, medaudit.assign_inspectors('s' || s, '{A,B}', '{i1,i2,i3,i4}', 1) GROUP BY 1) AS f;

-- who stays away: recused, employed there or by the same provider, there the last two times
CREATE SCHEMA inspected;
CREATE TABLE inspected.facility AS SELECT 'F' || i AS facility_id, '第' || i || '院' AS name, CASE WHEN i IN (2, 3) THEN '91330100MA27XLA10K' ELSE 'X' || i END AS credit_code FROM generate_series(1, 6) AS i;
CALL medaudit.bind('facility', 'inspected.facility');
INSERT INTO medaudit.inspector (inspector_id, name, pool, employer, active) VALUES
	('I1', '王一', '执法', NULL, true), ('I2', '李二', '执法', NULL, true), ('I3', '张三', '执法', NULL, true), ('I4', '赵四', '执法', NULL, false), ('I5', '钱五', '执法', NULL, true),
	('E1', '孙专', '专家', 'f2', true), ('E2', '周专', '专家', 'X1', true), ('E3', '吴专', '专家', '91330100ma27xla10k', true), ('E4', '郑专', '专家', NULL, true), ('E5', '冯专', '专家', NULL, true);
INSERT INTO medaudit.recusal (inspector_id, facility_id, reason, valid) VALUES ('I1', 'F4', '亲属', '[2026-01-01,2026-07-01)'), ('I2', 'f4', '曾任职', '(,)');
INSERT INTO medaudit.inspection (facility_id, kind, done_on, team) VALUES ('F5', 'routine', '2025-01-10', '{I1}'), ('F5', 'routine', '2025-06-10', '{I2,E4}'), ('f5', 'special', '2026-02-10', '{I3}'), ('F5', 'routine', NULL, '{I5}'), ('F5', 'routine', '2026-09-01', '{I5}');
SELECT target, inspectors FROM jsonb_each(medaudit.recusals_of('{F1,F2,F3,F4,F5,F6}', '2026-06-30')) AS r (target, inspectors) ORDER BY 1;
SELECT medaudit.recusals_of('{F4}', '2026-07-01'), medaudit.recusals_of('{F6}', '2026-07-01'), medaudit.recusals_of('{}', '2026-07-01'), medaudit.recusals_of('{F5}', '2026-09-01');
\set VERBOSITY sqlstate
SELECT medaudit.recusals_of(NULL);
SELECT medaudit.recusals_of('{F1,NULL}');
SELECT medaudit.recusals_of('{F1}', NULL);
INSERT INTO medaudit.recusal VALUES ('I1', 'F1', ' ');
INSERT INTO medaudit.inspection (facility_id, kind) VALUES ('F1', 'raid');
\set VERBOSITY default

-- a plan and its team: two of one pool, then two experts of five
SELECT medaudit.open_draw('双随机', 'inspection', encode(sha256('known'), 'hex'), '{s,s,s}', '{F2,F4,F5}') AS plan \gset
\set VERBOSITY sqlstate
SELECT * FROM medaudit.draw_team(:plan, 2);
\set VERBOSITY default
SELECT medaudit.draw_plan(:plan, 'known', 1);
SELECT unit_id, inspector_id, role FROM medaudit.draw_team(:plan, 2, '执法', '执法人员', at => '2026-06-30') ORDER BY 1, 2;
\set VERBOSITY sqlstate
SELECT unit_id, inspector_id, role FROM medaudit.draw_team(:plan, 4, '专家', at => '2026-06-30') ORDER BY 1, 2;
\set VERBOSITY default
SELECT unit_id, inspector_id, role FROM medaudit.draw_team(:plan, 2, '专家', '专家', at => '2026-06-30') ORDER BY 1, 2;
-- nobody twice in a team
SELECT unit_id, count(*), count(DISTINCT inspector_id) FROM medaudit.plan_team WHERE plan_id = :plan GROUP BY 1 ORDER BY 1;
\set VERBOSITY sqlstate
UPDATE medaudit.plan_team SET inspector_id = 'I5';
DELETE FROM medaudit.plan_team;
TRUNCATE medaudit.plan_team;
SELECT * FROM medaudit.draw_team(0, 2);
SELECT * FROM medaudit.draw_team(NULL, 2);
SELECT * FROM medaudit.draw_team(:plan, 0);
\set VERBOSITY default

-- coverage of inspections
TRUNCATE medaudit.inspection;
INSERT INTO medaudit.inspection (facility_id, kind, done_on) VALUES ('F1', 'routine', '2026-01-05'), ('F1', 'special', '2026-07-07'), ('F1', 'supervision', '2026-12-31'), ('f2', 'double_random', '2026-03-01'), ('F3', 'routine', '2027-01-01'), ('F4', 'routine', '2025-09-01'),
	('F4', 'look_back', '2026-01-01'), ('F5', 'routine', NULL), ('F9', 'routine', '2026-05-05');
SELECT * FROM medaudit.inspection_coverage('2026-01-01', '2027-01-01') \gx
SELECT * FROM medaudit.inspection_coverage('2020-01-01', '2021-01-01') \gx
\set VERBOSITY sqlstate
SELECT * FROM medaudit.inspection_coverage('2026-01-01', '2026-01-01');
SELECT * FROM medaudit.inspection_coverage('2026-01-01', 'infinity');
SELECT * FROM medaudit.inspection_coverage(NULL, '2026-01-01');
\set VERBOSITY default

-- records: the stays of a month, those with open findings more
CREATE TABLE inspected.visit AS
SELECT 'V' || lpad(i::text, 3, '0') AS visit_id, 'P' || i AS person_id, 'F' || 1 + i % 2 AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at, timestamp '2026-03-05 09:00' AS discharged_at,
	CASE WHEN i > 60 THEN '11' ELSE '21' END AS visit_type, 100 * i AS total_amount, CASE WHEN i <> 60 THEN timestamp '2026-03-05' + i % 40 * interval '1 day' END AS settled_at FROM generate_series(1, 80) AS i
UNION ALL SELECT 'V002', 'P2', 'F1', '2026-03-02 09:00', '2026-03-05 09:00', '21', -200, '2026-03-09'
UNION ALL SELECT 'V004', 'P4', 'F1', '2026-03-02 09:00', '2026-03-05 09:00', '21', -50, '2026-04-01';
CALL medaudit.bind('visit', 'inspected.visit');
INSERT INTO medaudit.run (run_id, from_date, to_date, state) VALUES (8801, '2026-03-01', '2026-03-31', 'done'), (8802, '2026-03-31', '2026-04-01', 'failed');
INSERT INTO medaudit.run (run_id, from_date, to_date, state, rules) VALUES (8803, '2026-03-31', '2026-04-01', 'done', '{x}');
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, claimed_amount, evidence, key, judged_on, rule_name, fingerprint, state)
SELECT 880000 + i, 8801, 'x' || i, c, 'facility', 'F1', v, 'F1', 10, '{}', i, '2026-03-09', 'x', '\x00', s
FROM (VALUES (1, 'notice', 'V006', 'open'), (2, 'violation', 'V006', 'open'), (3, 'suspicion', 'V008', 'first_review'), (4, 'violation', 'V010', 'dismissed'), (5, 'notice', NULL, 'open')) AS f (i, c, v, s);
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, evidence) VALUES (880005, 1, 'V012', '{}');
SELECT visit_id, total_amount, weight FROM medaudit.review_frame('2026-03-31') WHERE visit_id < 'V013' ORDER BY visit_id;
SELECT facility_id, count(*), sum(total_amount), sum(weight), min(visit_id) AS first, max(visit_id) AS last FROM medaudit.review_frame('2026-03-01') GROUP BY 1 ORDER BY 1;
BEGIN;
INSERT INTO medaudit.draw_weight (part, weight) VALUES ('base', 2), ('suspicion', 1);
SELECT visit_id, weight FROM medaudit.review_frame('2026-03-31') WHERE visit_id IN ('V006', 'V008', 'V010', 'V012') ORDER BY visit_id;
ROLLBACK;
\set VERBOSITY sqlstate
UPDATE medaudit.draw_weight SET weight = 0;
INSERT INTO medaudit.draw_weight (part, weight) VALUES ('base', 0);
INSERT INTO medaudit.draw_weight (part, weight) VALUES ('notice', 1.1);
SELECT medaudit.review_frame(NULL);
SELECT medaudit.review_frame('infinity');
\set VERBOSITY default
SELECT medaudit.open_draw('2026年3月病历复审', 'record_review', encode(sha256('month'), 'hex'), array_agg(facility_id), array_agg(visit_id), array_agg(weight)) AS plan FROM medaudit.review_frame('2026-03-01') \gset
SELECT medaudit.draw_plan(:plan, 'month', 0.1);
SELECT stratum, unit_id, place, round(inclusion::numeric, 6) AS inclusion FROM medaudit.plan_unit WHERE plan_id = :plan AND place IS NOT NULL ORDER BY 1, 3;
-- before, between and after the reviews
SELECT facility_id, facility_name, settled, judged, initial_share, stays, reviewed, review_share, stays_amount, reviewed_amount, amount_share, flag, flag_zh FROM medaudit.review_coverage('2026-03-15');
SELECT count(medaudit.review_record(:plan, unit_id, 1000, CASE place WHEN 1 THEN 120 ELSE 0 END, '复审')) FROM medaudit.plan_unit WHERE plan_id = :plan AND place IS NOT NULL AND (stratum = 'F1' OR place = 1);
SELECT * FROM medaudit.review_estimate(:plan);
SELECT count(medaudit.review_record(:plan, unit_id, 500, 50)) FROM medaudit.plan_unit WHERE plan_id = :plan AND place > 1 AND stratum = 'F2';
SELECT * FROM medaudit.review_estimate(:plan, 0.8) WHERE stratum = 'F2';
-- is what the statistics say of the same numbers
SELECT e.* FROM (SELECT medaudit.ratio_estimate(r.found, r.claimed, (1 / u.inclusion)::numeric) AS e, (SELECT count(*) FROM medaudit.plan_unit WHERE plan_id = :plan AND stratum = 'F2') AS n FROM medaudit.record_review AS r JOIN medaudit.plan_unit AS u USING (plan_id, unit_id) WHERE plan_id = :plan AND stratum = 'F2') AS s, medaudit.extrapolation(s.e, s.n, NULL, 0.8) AS e;
SELECT facility_id, settled, judged, stays, reviewed, review_share, reviewed_amount, amount_share, flag FROM medaudit.review_coverage('2026-03-15');
SELECT facility_id, flag, flag_zh FROM medaudit.review_coverage('2026-03-15', 0.5);
UPDATE inspected.visit SET settled_at = '2026-03-30' WHERE settled_at::date = '2026-03-31';
SELECT facility_id, settled, judged, initial_share, flag, flag_zh FROM medaudit.review_coverage('2026-03-15');
SELECT facility_id, flag, flag_zh FROM medaudit.review_coverage('2026-03-15', 0.5);
SELECT count(*) FROM medaudit.review_coverage('2020-03-15');
-- a person's review of a finding is one as well
BEGIN;
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
SELECT sum(reviewed) AS before FROM medaudit.review_coverage('2026-03-15') \gset
SELECT medaudit.review_finding(880001, 'confirm', actor => 'ann');
SELECT sum(reviewed) - :before AS more FROM medaudit.review_coverage('2026-03-15');
ROLLBACK;
\set VERBOSITY sqlstate
SELECT medaudit.review_record(:plan, unit_id, 1000, 0) FROM medaudit.plan_unit WHERE plan_id = :plan AND stratum = 'F1' AND place = 1;
SELECT medaudit.review_record(:plan, unit_id, 1000, 0) FROM medaudit.plan_unit WHERE plan_id = :plan AND place IS NULL LIMIT 1;
SELECT medaudit.review_record(:plan, 'V999', 1000, 0);
SELECT medaudit.review_record(:plan, 'V006', -1, 0);
SELECT medaudit.review_record(:plan, 'V006', 1, 'NaN');
SELECT medaudit.review_record(:plan, 'V006', 'NaN', 1);
SELECT medaudit.review_record(:plan, NULL, 1, 1);
SELECT medaudit.review_record(:plan, 'V006', NULL, 1);
SELECT medaudit.review_record(:plan, 'V006', 1, NULL);
SELECT medaudit.review_record(0, 'V006', 1, 1);
SELECT medaudit.review_record(NULL, 'V006', 1, 1);
SELECT medaudit.draw_team(:plan, 1);
SELECT medaudit.review_coverage(NULL);
SELECT medaudit.review_coverage('2026-03-15', 2);
SELECT medaudit.review_estimate(0);
UPDATE medaudit.record_review SET found = 0;
DELETE FROM medaudit.record_review;
TRUNCATE medaudit.record_review;

-- who may: a reviewer reviews, a chief draws and records, an analyst reads
SELECT medaudit.open_draw('2026年4月病历复审', 'record_review', encode(sha256('april'), 'hex'), array_agg(facility_id), array_agg(visit_id)) AS next FROM medaudit.review_frame('2026-04-01') \gset
SELECT medaudit.draw_plan(:next, 'april', 0.05);
CREATE ROLE regress_medaudit_reviews; CALL medaudit.grant_access('regress_medaudit_reviews', 'reviewer');
CREATE ROLE regress_medaudit_inspects; CALL medaudit.grant_access('regress_medaudit_inspects', 'chief');
SELECT unit_id AS unit FROM medaudit.plan_unit WHERE plan_id = :next AND place = 1 AND stratum = 'F2' \gset
SET SESSION AUTHORIZATION regress_medaudit_reviews;
SELECT medaudit.review_record(:next, :'unit', 10, 1) IS NOT NULL;
SELECT reviewer FROM medaudit.record_review WHERE plan_id = :next;
INSERT INTO medaudit.record_review (plan_id, unit_id, claimed, found) VALUES (:next, 'V999', 1, 1);
INSERT INTO medaudit.record_review (plan_id, unit_id, claimed, found, reviewer) SELECT plan_id, unit_id, 1, 1, 'somebody' FROM medaudit.plan_unit WHERE plan_id = :next AND place = 1 AND stratum = 'F1';
INSERT INTO medaudit.inspection (facility_id, kind) VALUES ('F1', 'routine');
SELECT medaudit.draw_team(:next, 1);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_medaudit_inspects;
INSERT INTO medaudit.inspector (inspector_id) VALUES ('I9');
INSERT INTO medaudit.inspection (facility_id, kind, planned_on) VALUES ('F1', 'routine', '2026-11-01');
UPDATE medaudit.inspection SET done_on = '2026-11-02', team = '{I9}' WHERE planned_on = '2026-11-01';
DELETE FROM medaudit.inspection;
INSERT INTO medaudit.plan_team (plan_id, unit_id, inspector_id) VALUES (:plan, 'V006', 'I9');
RESET SESSION AUTHORIZATION;

-- without a register there is no coverage
DROP VIEW medaudit_data.facility, medaudit_data.visit;
DELETE FROM medaudit.binding WHERE relation IN ('facility', 'visit');
SELECT * FROM medaudit.inspection_coverage('2026-01-01', '2027-01-01');
SELECT * FROM medaudit.review_frame('2026-01-01');
SELECT * FROM medaudit.review_coverage('2026-01-01');
SELECT medaudit.recusals_of('{F4}', '2026-07-01');
DROP SCHEMA inspected CASCADE;
-- nothing of it is left for others
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_line WHERE finding_id = 880005;
DELETE FROM medaudit.finding WHERE finding_id BETWEEN 880001 AND 880005;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.run WHERE run_id IN (8801, 8802, 8803);
CALL medaudit.rank_findings();
