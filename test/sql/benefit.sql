-- benefit(): what the fund should have paid of a stay.
SET search_path = medaudit, public;
SET datestyle = ISO;
\pset null ~
-- the seed: 700, 500, then none; 13, 10, 5 per cent; retired 7.8, 6, 3; 20,000 a year
CREATE FUNCTION pg_temp.active() RETURNS benefit_policy LANGUAGE sql AS $$ SELECT ROW('{700,500,0}', '{5000,10000}', '{0.13,0.10,0.05}', 20000, false)::benefit_policy $$;
CREATE FUNCTION pg_temp.retired() RETURNS benefit_policy LANGUAGE sql AS $$ SELECT ROW('{700,500,0}', '{5000,10000}', '{0.078,0.06,0.03}', 20000, false)::benefit_policy $$;
CREATE FUNCTION pg_temp.yearly() RETURNS benefit_policy LANGUAGE sql AS $$ SELECT ROW('{700,500,0}', '{5000,10000}', '{0.13,0.10,0.05}', 20000, true)::benefit_policy $$;
SELECT n AS stay, a.fund AS active, r.fund AS retired FROM generate_series(1, 5) AS n, benefit(12000, n, pg_temp.active()) AS a, benefit(12000, n, pg_temp.retired()) AS r;
-- the limit of the year; by bands of the year
SELECT * FROM benefit(12000, 2, pg_temp.active(), 10141);
SELECT * FROM benefit(12000, 2, pg_temp.yearly(), 10141, 12000);
SELECT * FROM benefit(12000, 2, pg_temp.active(), 25000);
-- bounds of the deductible and of the bands
SELECT cost, b.* FROM unnest('{0,0.01,700,700.01,5000,5000.01,10000,10000.01}'::numeric[]) AS cost, benefit(cost, 1, pg_temp.active()) AS b;
-- no bands, no limit, no deductible
SELECT * FROM benefit(1000, 1, ROW(NULL, NULL, '{0.2}', NULL, NULL));
SELECT * FROM benefit(1000, 9, ROW('{}', '{}', '{0.333}', NULL, NULL));
-- NULLs
SELECT benefit(NULL, 1, pg_temp.active()), benefit(1, NULL, pg_temp.active()), benefit(1, 1, pg_temp.active(), NULL), benefit(1, 1, pg_temp.active(), 0, NULL);
-- the parts add up, and agree with yuan by yuan
SELECT count(*) AS cases, count(*) FILTER (WHERE b.deductible + b.personal + b.fund + b.over_cap <> cost) AS not_all,
	count(*) FILTER (WHERE abs(b.personal - slow) > 0.005) AS different, count(*) FILTER (WHERE b.over_cap > 0) AS over
FROM (SELECT i, (i * 7919 % 23000)::numeric AS cost, 1 + i % 4 AS n, (i * 104729 % 21000)::numeric AS paid, i * 31 % 15000 AS before, i % 2 = 0 AS y FROM generate_series(1, 300) AS i) AS c
CROSS JOIN LATERAL benefit(c.cost, c.n, CASE WHEN c.y THEN pg_temp.yearly() ELSE pg_temp.active() END, c.paid, c.before) AS b
CROSS JOIN LATERAL (SELECT coalesce(sum(CASE WHEN at <= 5000 THEN 0.13 WHEN at <= 10000 THEN 0.10 ELSE 0.05 END), 0) AS slow
	FROM generate_series(1, c.cost::int) AS yuan, LATERAL (SELECT yuan + CASE WHEN c.y THEN c.before ELSE 0 END AS at) AS p
	WHERE yuan > CASE c.n WHEN 1 THEN 700 WHEN 2 THEN 500 ELSE 0 END) AS s;
\set VERBOSITY terse
SELECT benefit(1, 1, NULL);
SELECT benefit(1, 1, ROW('{1}', '{2}', '{0.1}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{2}', NULL, 1, false));
SELECT benefit(1, 1, ROW('{-1}', '{2}', '{0.1,0.2}', 1, false));
SELECT benefit(1, 1, ROW('{NULL}', '{2}', '{0.1,0.2}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{2,2}', '{0.1,0.2,0.3}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{0}', '{0.1,0.2}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{NaN}', '{0.1,0.2}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{2}', '{0.1,1.2}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{2}', '{0.1,NULL}', 1, false));
SELECT benefit(1, 1, ROW('{1}', '{2}', '{0.1,0.2}', -1, false));
SELECT benefit(1, 1, ROW('{{1}}', '{2}', '{0.1,0.2}', 1, false));
SELECT benefit(-1, 1, pg_temp.active());
SELECT benefit('NaN', 1, pg_temp.active());
SELECT benefit(1, 0, pg_temp.active());
SELECT benefit(1, 1, pg_temp.active(), -1);
SELECT benefit(1, 1, pg_temp.active(), 0, 'Infinity');
\set VERBOSITY default

-- ---- benefit_check() ----
SET client_min_messages = warning;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\set VERBOSITY terse
SELECT * FROM benefit_check('2025-01-01', '2026-01-01');
SELECT * FROM benefit_check(NULL, '2026-01-01');
SELECT * FROM benefit_check('2025-01-01', NULL);
SELECT * FROM benefit_check('2025-01-01', '2026-01-01', NULL);
SELECT * FROM benefit_check('2025-01-01', '2025-01-01');
SELECT * FROM benefit_check('2025-01-01', 'infinity');
SELECT * FROM benefit_check('2025-01-01', '2026-01-01', -0.01);
SELECT * FROM benefit_check('2025-01-01', '2026-01-01', 'NaN');
INSERT INTO benefit_rule (policy_id, personal_shares, band_tops) VALUES ('bad', '{0.1}', '{5000}');
\set VERBOSITY default
CREATE SCHEMA paid;
CREATE TABLE paid.person (person_id text, person_class text, insurance_type text, years_paid int);
CREATE TABLE paid.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric, settled_at timestamp, continues_visit_id text);
CREATE FUNCTION paid.stay(visit text, person text, day date, scope numeric, fund numeric, kind text DEFAULT '21', continues text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO paid.visit VALUES (visit, person, 'H1', day, day + 3, kind, 'I10', scope + 100, scope, fund, day + 3, continues)
$$;
INSERT INTO paid.person VALUES ('A', '11', '310', 20), ('B', '12', '310', 30), ('C', '11', '310', 20), ('D', '11', '310', 1), ('E', '11', '310', NULL), ('F', '11', '310', 20), ('G', '11', '310', 20), ('H', '11', '310', 20), ('I', '11', '390', 5), ('J', '11', '310', 20), ('K', '11', '310', 20);
INSERT INTO benefit_rule VALUES
	('employees', '310', NULL, NULL, '[2,)', '[2025-01-01,2026-01-01)', '{700,500,0}', '{5000,10000}', '{0.13,0.10,0.05}', 20000, false),
	('retired', '310', '12', NULL, '[2,)', '[2025-01-01,2026-01-01)', '{700,500,0}', '{5000,10000}', '{0.078,0.06,0.03}', 20000, false),
	('first year', '310', NULL, NULL, '[0,1)', '[2025-01-01,2026-01-01)', '{700,500,0}', '{5000,10000}', '{0.13,0.10,0.05}', 10000, false);
SELECT
	-- A: three stays as they must be; B: retired, paid a yuan too much the second time
	paid.stay('a1', 'A', '2025-01-10', 12000, 10141), paid.stay('a2', 'A', '2025-03-10', 12000, 9859), paid.stay('a3', 'A', '2025-05-10', 12000, 0),
	paid.stay('b1', 'B', '2025-01-10', 12000, 10604.60), paid.stay('b2', 'B', '2025-03-10', 12000, 9396.40),
	-- C: the second has the deductible of a first one; within the tolerance; a new year begins anew
	paid.stay('c1', 'C', '2025-01-10', 1000, 261), paid.stay('c2', 'C', '2025-02-10', 1000, 261), paid.stay('c3', 'C', '2025-03-10', 1000, 870.02),
	-- D: between one year and two: a gap of the policy; E: years unknown; I: no policy
	paid.stay('d1', 'D', '2025-01-10', 1000, 261), paid.stay('e1', 'E', '2025-01-10', 1000, 261), paid.stay('i1', 'I', '2025-01-10', 1000, 261),
	-- F: the first stay was taken back: the second is the first
	paid.stay('f1', 'F', '2025-01-10', 1000, 261), paid.stay('f2', 'F', '2025-02-10', 1000, 261),
	-- G: one stay under two numbers: one deductible
	paid.stay('g1', 'G', '2025-01-10', 1000, 261), paid.stay('g2', 'G', '2025-01-13', 1000, 870, '21', 'g1'), paid.stay('g3', 'G', '2025-04-13', 1000, 435),
	-- H: nothing in scope is known; J: outpatients are no stays
	paid.stay('h1', 'H', '2025-01-10', NULL, 261), paid.stay('j1', 'J', '2025-01-10', 1000, 900, '11'),
	-- K: the visits of a special disease in a year are one stay, the stay of it the second
	paid.stay('k1', 'K', '2025-01-10', 1000, 261, '9903'), paid.stay('k2', 'K', '2025-02-10', 1000, 870, '9903'), paid.stay('k3', 'K', '2025-03-10', 1000, 435),
	paid.stay('k4', 'K', '2025-04-10', 1000, 870, '9903') \g /dev/null
INSERT INTO paid.visit SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, main_diagnosis, -total_amount, -scope_amount, -fund_amount, settled_at + interval '2 days', NULL FROM paid.visit WHERE visit_id = 'f1';
CALL bind('visit', 'paid.visit');
CALL bind('person', 'paid.person');
INSERT INTO stay_tag (tag, visit_type) VALUES ('special_disease', '9903');
INSERT INTO visit_class (visit_type, class) VALUES ('9903', 'visit');
SELECT person_id AS p, visit_ids, settled_on, policy_id, stay_no AS no, in_scope, deductible, personal, fund, over_cap, fund_amount, difference, outcome, missing FROM benefit_check('2025-01-01', '2026-01-01');
-- by the cent; of a month, with what came before it
SELECT visit_ids, difference FROM benefit_check('2025-01-01', '2026-01-01', 0) WHERE outcome = 'differs';
SELECT visit_id, stay_no, difference, outcome FROM benefit_check('2025-02-01', '2025-03-01');
-- the months together are the year
SELECT count(*) AS rows, count(*) FILTER (WHERE y IS NULL OR m IS NULL) AS different FROM benefit_check('2025-01-01', '2026-01-01') AS y
FULL JOIN (SELECT c.* FROM generate_series('2025-01-01'::timestamp, '2025-12-01', interval '1 month') AS g, benefit_check(g::date, (g + interval '1 month')::date) AS c) AS m USING (visit_id, outcome, stay_no);
DELETE FROM benefit_rule WHERE years_paid IS NOT NULL;
SELECT count(*), min(outcome), min(missing) FROM benefit_check('2025-01-01', '2026-01-01');

\set ECHO none
DELETE FROM benefit_rule;
DELETE FROM stay_tag WHERE tag = 'special_disease';
DELETE FROM visit_class WHERE NOT shipped;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
DROP SCHEMA paid CASCADE;
