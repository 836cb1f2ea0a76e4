-- Budgets of facilities: time gone by, pace, alerts, the monitor of a month, and its rule.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;
\pset null ~
-- whatever other topics have bound
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
TRUNCATE binding;

-- ---- elapsed_share() ----
SELECT elapsed_share('2025-10-31') AS october, elapsed_share('2025-02-14') AS half_february,
	elapsed_share('2025-05-31', NULL, '[2025-04-01,2026-01-01)') AS from_april,
	elapsed_share('2025-02-28', '{2,1,1,1,1,1,1,1,1,1,1,0}') AS weighted,
	elapsed_share('2025-03-31', NULL, '[2025-04-01,2026-01-01)') AS before, elapsed_share('2026-01-01', NULL, '[2025-04-01,2026-01-01)') AS after;
-- the end of the last day, a leap year, a part of a month, over the turn of a year
SELECT elapsed_share('2025-12-31') AS last_day, elapsed_share('2024-02-29') AS leap, elapsed_share('2025-04-15', NULL, '[2025-04-11,2025-04-21)') AS part,
	elapsed_share('2025-12-31', NULL, '[2025-10-01,2026-04-01)') AS over_the_year;
-- no time where all months of it have no weight; nothing for no date
SELECT elapsed_share('2025-12-15', '{2,1,1,1,1,1,1,1,1,1,1,0}', '[2025-12-01,2026-01-01)') AS no_weight, elapsed_share(NULL) AS no_date;
-- the share of each day of a year rises to 1 by its part of its month's
SELECT count(*) AS days, count(*) FILTER (WHERE abs(s - slow) > 1e-10) AS different
FROM (SELECT d, elapsed_share(d::date, '{3,1,2,1,1,0,0,4,1,1,1,5}', '[2025-02-10,2025-11-21)') AS s,
		(SELECT sum(w[extract(month FROM x)::int] / extract(day FROM date_trunc('month', x) + interval '1 month - 1 day') ) FILTER (WHERE x <= d)
			/ sum(w[extract(month FROM x)::int] / extract(day FROM date_trunc('month', x) + interval '1 month - 1 day'))
		FROM generate_series('2025-02-10'::timestamp, '2025-11-20', interval '1 day') AS x) AS slow
	FROM generate_series('2025-01-01'::timestamp, '2025-12-31', interval '1 day') AS d, (SELECT '{3,1,2,1,1,0,0,4,1,1,1,5}'::numeric[]) AS i (w)) AS t;
\set VERBOSITY terse
SELECT elapsed_share('2025-01-01', '{1,2}');
SELECT elapsed_share('2025-01-01', '{1,1,1,1,1,1,1,1,1,1,1,-1}');
SELECT elapsed_share('2025-01-01', '{0,0,0,0,0,0,0,0,0,0,0,0}');
SELECT elapsed_share('2025-01-01', '{1,1,1,1,1,1,1,1,1,1,1,NaN}');
SELECT elapsed_share('2025-01-01', '{1,1,1,1,1,1,1,1,1,1,1,NULL}');
SELECT elapsed_share('2025-01-01', NULL, '[2025-01-01,)');
SELECT elapsed_share('2025-01-01', NULL, 'empty');
SELECT elapsed_share('infinity');
\set VERBOSITY default

-- ---- pace(), alert_level() ----
-- 5 per cent ahead at ten twelfths; nothing spent; refunds; no quota
SELECT pace(8.75, 10, elapsed_share('2025-10-31')) AS ahead, pace(0, 10, 0.5) AS nothing, pace(-1, 10, 0.5) AS refunds, pace(1, 0, 0.5) AS no_quota,
	pace(1, -1, 0.5) AS negative, pace(1, 10, 0) AS no_time, pace(NULL, 10, 0.5) AS unknown, pace('NaN', 10, 0.5) AS nan;
SELECT growth, alert_level(growth, 0.05, 0.1, 0.2), alert_zh(alert_level(growth, 0.05, 0.1, 0.2))
FROM unnest('{-1,0,0.05,0.050001,0.1,0.100001,0.2,0.200001,Infinity,-Infinity,NaN,NULL}'::numeric[]) AS growth;
SELECT alert 'none' < 'yellow' AND alert 'yellow' < 'orange' AND alert 'orange' < 'red' AS in_order;
\set VERBOSITY terse
SELECT alert_level(0, NULL, 0.1, 0.2);
SELECT alert_level(0, 0.05, NULL, 0.2);
SELECT alert_level(0, 0.05, 0.1, NULL);
SELECT alert_level(0, 0, 0.1, 0.2);
SELECT alert_level(0, 0.1, 0.1, 0.2);
SELECT alert_level(0, 0.1, 0.2, 'NaN');
SELECT alert_level(NULL, 0.3, 0.2, 0.1);
INSERT INTO alert_bound VALUES ('fund', NULL, NULL, 0.1, 0.05, 0.2);
INSERT INTO alert_bound VALUES ('money', NULL, NULL, 0.05, 0.1, 0.2);

-- ---- fund_monitor() ----
SELECT * FROM fund_monitor('2025-03-01');
SELECT * FROM fund_monitor(NULL);
SELECT * FROM fund_monitor('infinity');
SELECT * FROM fund_monitor('1900-12-31');
\set VERBOSITY default
CREATE SCHEMA fund;
CREATE TABLE fund.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric, fund_amount numeric, settled_at timestamp);
CREATE TABLE fund.facility (facility_id text, name text, kind text);
CREATE TABLE fund.budget (facility_id text, quota numeric, valid daterange, month_weights numeric[]);
INSERT INTO fund.visit VALUES
	-- H1: two stays and a visit in the first quarter, one stay in that of 2024; one in April
	('a', 'P1', 'H1', '2025-01-02', '2025-01-05', '21', 1000, 600, '2025-01-05'), ('b', 'P2', 'H1', '2025-02-02', '2025-02-05', '21', 2000, 1200, '2025-02-28 23:59:59'),
	('c', 'P1', 'H1', '2025-03-02', '2025-03-02', '11', 100, 50, '2025-03-31'), ('d', 'P3', 'H1', '2024-03-02', '2024-03-05', '21', 1200, 700, '2024-03-31'),
	('e', 'P3', 'H1', '2024-03-28', '2024-03-31', '21', 900, 500, '2024-04-01'), ('f', 'P4', 'H1', '2025-03-29', '2025-04-01', '21', 5000, 3000, '2025-04-01'),
	-- H2: a stay that was settled twice, one that was taken back in April, one of which some was refunded, one that was delivered twice
	('g', 'P1', 'H2', '2025-01-02', '2025-02-05', '21', 1000, 600, '2025-01-31'), ('g', 'P1', 'H2', '2025-01-02', '2025-02-05', '21', 500, 300, '2025-02-05'),
	('h', 'P2', 'H2', '2025-03-02', '2025-03-05', '21', 800, 400, '2025-03-05'), ('h', 'P2', 'H2', '2025-03-02', '2025-03-05', '21', -800, -400, '2025-04-02'),
	('i', 'P3', 'H2', '2025-03-02', '2025-03-05', '21', 700, 300, '2025-03-05'), ('i', 'P3', 'H2', '2025-03-02', '2025-03-05', '21', -100, -100, '2025-03-06'),
	('j', 'P4', 'H2', '2025-03-02', '2025-03-05', '21', 600, 200, '2025-03-05'), ('j', 'P4', 'H2', '2025-03-02', '2025-03-05', '21', 600, 200, '2025-03-05'),
	-- not settled: by the discharge; still in
	('k', 'P5', 'H2', '2025-03-20', '2025-03-25', '21', 300, 100, NULL), ('l', 'P6', 'H2', '2025-03-20', NULL, '21', 300, 100, NULL);
INSERT INTO fund.facility VALUES ('H1', '第一医院', 'hospital'), ('H2', '第二医院', 'Hospital'), ('S1', '药店', 'pharmacy'), ('S2', '另一药店', 'pharmacy');
INSERT INTO fund.budget VALUES
	('H1', 6000, '[2025-01-01,2026-01-01)', NULL),
	-- from February; a pharmacy that has nothing; two in March: the one at its end
	('H2', 10000, '[2025-02-01,2026-01-01)', '{0,1,1,1,1,1,1,1,1,1,1,10}'), ('S1', 1200, '[2025-01-01,2026-01-01)', NULL),
	('S2', 1, '[2025-01-01,2025-03-15)', NULL), ('S2', 999, '[2025-03-15,2025-12-31)', NULL);
CALL bind('visit', 'fund.visit');
-- without quotas, facilities and bounds
SELECT facility_id, facility_name, month, quota, elapsed, fund_to_date AS fund, stays_to_date AS stays, stays_last_year AS stays_before, stays_growth, cost_per_stay AS cost, cost_last_year AS cost_before, cost_growth, alert, hold_next_month FROM fund_monitor('2025-03-17');
CALL bind('facility', 'fund.facility');
CALL bind('budget', 'fund.budget');
INSERT INTO alert_bound VALUES ('fund', NULL, NULL, 0.05, 0.1, 0.2, NULL), ('fund', NULL, 'HOSPITAL', 0.1, 0.15, 0.2, NULL), ('fund', 'H2', NULL, 0.15, 0.6, 0.7, NULL),
	('stays', NULL, NULL, 0.1, 0.2, 0.3, NULL), ('fund', NULL, NULL, 5, 6, 7, '[2025-03-01,2025-03-31)');
SELECT facility_id, facility_name, quota, elapsed, fund_to_date AS fund, fund_pace, fund_alert, stays_to_date AS stays, stays_last_year AS stays_before, stays_alert, alert, hold_next_month AS hold, action_zh FROM fund_monitor('2025-03-17');
-- a quota counts from its first day; January of H2 has none
SELECT facility_id, quota, elapsed, fund_to_date AS fund, fund_pace, fund_alert FROM fund_monitor('2025-01-01');
-- what was taken back in April stands in March, whenever it is asked
SELECT month, stays_to_date AS stays, cost_per_stay AS cost, fund_to_date AS fund FROM _fund_months('{2025-03-01,2025-04-01}') WHERE facility_id = 'H2';
-- months together are months one by one
SELECT count(*) AS rows, count(*) FILTER (WHERE m IS DISTINCT FROM o) AS different
FROM _fund_months(ARRAY(SELECT g::date FROM generate_series('2024-01-01'::timestamp, '2025-12-01', interval '1 month') AS g)) AS m
FULL JOIN (SELECT f.* FROM generate_series('2024-01-01'::timestamp, '2025-12-01', interval '1 month') AS g, fund_monitor(g::date) AS f) AS o USING (facility_id, month);
-- a broken quota stops nothing
INSERT INTO fund.budget VALUES ('S3', NULL, '[2025-01-01,2026-01-01)', NULL), ('S4', 5, NULL, NULL), ('S5', 5, '[2025-01-01,)', NULL), ('S6', 5, '[2025-01-01,2026-01-01)', '{1}'), ('S7', -5, '[2025-01-01,2026-01-01)', NULL), (NULL, 5, '[2025-01-01,2026-01-01)', NULL);
SELECT facility_id, quota, elapsed, fund_to_date, fund_pace, fund_alert FROM fund_monitor('2025-03-01') WHERE facility_id >= 'S3';
-- 60 facilities and 3,000 settlements against plain SQL
\set ECHO none
CREATE SCHEMA many;
SELECT setseed(0.42) \g /dev/null
CREATE TABLE many.visit AS
SELECT 'v' || v AS visit_id, 'p' || v AS person_id, 'F' || f AS facility_id, d - interval '3 days' AS admitted_at, d AS discharged_at,
	CASE WHEN v % 3 = 0 THEN '21' ELSE '11' END AS visit_type, CASE WHEN s = 2 AND v % 5 = 0 THEN -m ELSE m END AS total_amount,
	CASE WHEN s = 2 AND v % 5 = 0 THEN -round(m / 2, 2) ELSE round(m / 2, 2) END AS fund_amount, d + s * interval '20 days' AS settled_at
FROM (SELECT v, (random() * 59)::int AS f, timestamp '2024-01-01' + (random() * 700)::int * interval '1 day' AS d, round((random() * 900 + 100)::numeric, 2) AS m FROM generate_series(1, 2400) AS v) AS i,
	generate_series(1, 2) AS s WHERE s = 1 OR v % 4 = 0 OR v % 5 = 0;
CREATE TABLE many.budget AS SELECT 'F' || f AS facility_id, 5000.00 + f * 100 AS quota, daterange('2025-01-01', '2026-01-01') AS valid FROM generate_series(0, 59, 2) AS f;
CREATE FUNCTION many.standing(facility text, day date) RETURNS TABLE (visit_id text) LANGUAGE sql AS $$
	SELECT v.visit_id FROM many.visit v WHERE v.facility_id = facility AND v.settled_at::date <= day AND v.visit_type = '21' GROUP BY v.visit_id HAVING sum(v.total_amount) <> 0
$$;
CREATE FUNCTION many.slow(last_day date) RETURNS TABLE (facility_id text, fund numeric, pace numeric, stays bigint, before bigint) LANGUAGE sql AS $$
	SELECT f.facility_id, (SELECT coalesce(sum(v.fund_amount), 0) FROM many.visit v WHERE v.facility_id = f.facility_id AND v.settled_at::date BETWEEN date_trunc('year', last_day) AND last_day),
		(SELECT round((SELECT coalesce(sum(v.fund_amount), 0) FROM many.visit v WHERE v.facility_id = f.facility_id AND v.settled_at::date BETWEEN date_trunc('year', last_day) AND last_day)
			/ (b.quota * round(extract(month FROM last_day)::numeric / 12, 10)) - 1, 6) FROM many.budget b WHERE b.facility_id = f.facility_id AND last_day >= '2025-01-01'),
		(SELECT count(*) FROM many.standing(f.facility_id, last_day)) - (SELECT count(*) FROM many.standing(f.facility_id, (date_trunc('year', last_day) - interval '1 day')::date)),
		(SELECT count(*) FROM many.standing(f.facility_id, (date_trunc('month', last_day) - interval '11 months 1 day')::date)) - (SELECT count(*) FROM many.standing(f.facility_id, (date_trunc('year', last_day) - interval '1 year 1 day')::date))
	FROM (SELECT DISTINCT facility_id FROM many.visit) f
$$;
CALL bind('visit', 'many.visit');
CALL bind('budget', 'many.budget');
CREATE TABLE many.shuffled AS SELECT * FROM many.visit ORDER BY md5(visit_id || settled_at);
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE (m.fund_to_date, m.stays_to_date, m.stays_last_year) IS DISTINCT FROM (s.fund, s.stays, s.before) OR m.fund_pace IS DISTINCT FROM s.pace) AS different,
	count(*) FILTER (WHERE m.fund_alert IS NOT NULL AND m.fund_alert > 'none') AS alerts, count(*) FILTER (WHERE m.stays_growth <> 0) AS growing
FROM unnest('{2025-02-28,2025-07-31,2025-12-31}'::date[]) AS d CROSS JOIN LATERAL fund_monitor(d) AS m
JOIN LATERAL many.slow(d) AS s ON s.facility_id = m.facility_id;
CREATE TEMPORARY TABLE before AS SELECT * FROM fund_monitor('2025-07-01');
CALL bind('visit', 'many.shuffled');
SELECT count(*) AS differences FROM (TABLE before EXCEPT ALL SELECT * FROM fund_monitor('2025-07-01')) AS t;

-- ---- the rule in a run: whole months only ----
SET client_min_messages = error;
CALL bind('visit', 'fund.visit');
CREATE TABLE fund.charge AS SELECT visit_id, '1' AS line_id, 'X' AS item_code, 1 AS quantity, total_amount AS amount, admitted_at AS charged_at FROM fund.visit WHERE total_amount > 0;
CALL bind('charge', 'fund.charge');
-- off without budgets
DROP VIEW medaudit_data.budget;
DELETE FROM binding WHERE relation = 'budget';
CALL run_audit('2025-01-01', '2025-03-01', '{fund_pace}');
SELECT step, rule_code, state, error FROM run_step WHERE run_id = (SELECT max(run_id) FROM run) AND rule_code = 'fund_pace';
CALL bind('budget', 'fund.budget');
CALL run_audit('2025-03-01', '2025-03-20', '{fund_pace}');
SELECT step, rule_code, state, error FROM run_step WHERE run_id = (SELECT max(run_id) FROM run) AND rule_code = 'fund_pace';
DELETE FROM alert_bound WHERE valid IS NOT NULL;
CALL run_audit('2025-01-01', '2025-05-01', '{fund_pace}');
SELECT subject_kind, subject_id, key, judged_on, certainty, involved_amount, gross_amount, fund_amount, evidence_text FROM finding WHERE rule_code = 'fund_pace' ORDER BY subject_id COLLATE "C", key;
SELECT relation, problem, problem_zh, rows FROM run_quality WHERE run_id = (SELECT max(run_id) FROM run) AND relation = 'budget' ORDER BY problem;
-- months one by one leave the same
CREATE TEMPORARY TABLE found AS SELECT subject_id, key, judged_on, fingerprint, involved_amount, evidence FROM finding WHERE rule_code = 'fund_pace';
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
CALL run_audit('2025-01-01', '2025-02-01', '{fund_pace}');
CALL run_audit('2025-02-01', '2025-03-01', '{fund_pace}');
CALL run_audit('2025-03-01', '2025-04-01', '{fund_pace}');
CALL run_audit('2025-04-01', '2025-05-01', '{fund_pace}');
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL OR s IS NULL) AS different
FROM found AS f FULL JOIN (SELECT subject_id, key, judged_on, fingerprint, involved_amount, evidence FROM finding WHERE rule_code = 'fund_pace') AS s USING (subject_id, key, judged_on, fingerprint, involved_amount, evidence);
-- red alone; nothing without bounds, which is said
SELECT set_rule('fund_pace', parameters => '{"min_alert": "red"}');
CALL run_audit('2025-04-01', '2025-05-01', '{fund_pace}');
SELECT subject_id, key, evidence ->> 'alert' AS alert FROM finding WHERE rule_code = 'fund_pace' AND key = '2025-04' ORDER BY 1;
\set VERBOSITY terse
SELECT set_rule('fund_pace', parameters => '{"min_alert": "none"}');
\set VERBOSITY default
DELETE FROM rule_setting WHERE rule_code = 'fund_pace';
DELETE FROM alert_bound;
CALL run_audit('2025-04-01', '2025-05-01', '{fund_pace}');
SELECT count(*) AS left_of_april FROM finding WHERE rule_code = 'fund_pace' AND key = '2025-04';
SELECT relation, problem, rows FROM run_quality WHERE run_id = (SELECT max(run_id) FROM run) AND relation = 'budget' ORDER BY problem;

\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.run_coverage, medaudit.finding, medaudit.finding_line CASCADE;
RESET session_replication_role;
DELETE FROM rule_setting WHERE rule_code = 'fund_pace';
SET client_min_messages = error;
DROP SCHEMA fund, many CASCADE;
