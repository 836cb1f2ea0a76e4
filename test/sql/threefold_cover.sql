-- threefold_cover: what basic insurance, insurance of serious illness and medical aid pay of the costs in scope
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
\set VERBOSITY sqlstate
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01');
\set VERBOSITY default
SELECT count(*) AS none FROM medaudit.threefold_cover;
DROP SCHEMA IF EXISTS layers CASCADE;
CREATE SCHEMA layers;
CREATE TABLE layers.person (person_id text, resident_id text, insurance_type text, person_class text, aid_class text, region text);
CREATE TABLE layers.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp, insurance_type text, total_amount numeric, scope_amount numeric,
	fund_amount numeric, basic_amount numeric, serious_illness_amount numeric, aid_amount numeric);
CREATE FUNCTION layers.paid(id text, person text, day date, total numeric, scope numeric, basic numeric, serious numeric, aid numeric, insurance text DEFAULT '390') RETURNS void LANGUAGE sql AS $$
	INSERT INTO layers.visit VALUES (id, person, 'H', day - 5, day, day + time '10:00', insurance, total, scope, basic, basic, serious, aid) $$;
INSERT INTO layers.person VALUES ('A', NULL, '390', '14', '低保', '330102'), ('B', NULL, '390', '14', NULL, '330102'), ('C', NULL, '310', '11', NULL, '330106'), ('E1', '11010519491231002X', '390', '14', '特困', '330102'), ('E2', '11010519491231002X', '390', '14', '特困', '330102');
DO $$
BEGIN
	-- the poor: 6000 + 1000 + 2000 of 10000 in scope, of 12000; others: 5000 of 10000, no aid
	PERFORM layers.paid('a', 'A', '2025-03-10', 12000, 10000, 6000, 1000, 2000), layers.paid('b', 'B', '2025-03-11', 11000, 10000, 5000, 0, NULL),
		-- a settlement delivered twice; a visit settled in two parts, in two months; one taken back in the month after
		layers.paid('b', 'B', '2025-03-11', 11000, 10000, 5000, 0, NULL), layers.paid('c', 'C', '2025-03-31', 1000, 800, 600, 100, 0, '310'), layers.paid('c', 'C', '2025-04-01', 500, 400, 300, NULL, NULL, '310'),
		layers.paid('back', 'A', '2025-03-20', 3000, 2000, 1000, 0, 500), layers.paid('back', 'A', '2025-04-02', -3000, -2000, -1000, 0, -500),
		-- what was in scope, or what the basic insurance paid, is not known
		layers.paid('unknown', 'B', '2025-05-02', 700, NULL, 300, 0, 0), layers.paid('unpaid', 'B', '2025-05-03', 700, 600, NULL, 0, 0),
		-- one of the people under two numbers; a month of which nobody's aid was sent; a person who is not in the register
		layers.paid('e1', 'E1', '2025-06-03', 100, 100, 50, 10, NULL), layers.paid('e2', 'E2', '2025-06-04', 100, 100, 50, 10, NULL), layers.paid('x', 'X', '2025-07-01', 100, 80, 60, 0, 20),
		-- the year before, and no day at all
		layers.paid('before', 'A', '2024-12-31', 1000, 900, 600, 100, 100), layers.paid('none', 'A', NULL, 1000, 900, 600, 100, 100);
END $$;
CALL medaudit.bind('visit', 'layers.visit');
-- without a register there are no classes
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01');
CALL medaudit.bind('person', 'layers.person');
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01');
SELECT period_from, period_to, person_class, persons, visits, left_out, total_amount AS total, scope_amount AS scope, basic_amount AS basic, serious_illness_amount AS serious, aid_amount AS aid, threefold_share, actual_share
FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'month', '{person_class}');
-- parts of a period are cut at its ends
SELECT period_from, period_to, visits FROM medaudit.threefold_cover('2025-03-11', '2025-04-02', 'quarter', '{}');
SELECT period_from, period_to, visits FROM medaudit.threefold_cover('2025-03-11', '2025-04-02', 'whole', '{}');
SELECT insurance_type, region, visits, aid_share FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'whole', '{insurance_type}');
-- the view: two calendar years up to the last month; what lies in the future was read wrongly
SELECT from_date, to_date, region, insurance_type, person_class, aid_class, visits, threefold_share FROM medaudit.threefold_cover;
SELECT layers.paid('future', 'A', '2199-01-01', 1, 1, 1, 0, 0) \g /dev/null
SELECT DISTINCT to_date FROM medaudit.threefold_cover ORDER BY 1;
DELETE FROM layers.visit WHERE visit_id = 'future';
-- layers that are not bound are not known, and the three together neither; without scope there are sums
CALL medaudit.bind('visit', 'layers.visit', '{"aid_amount": null}');
SELECT aid_class, basic_amount AS basic, serious_illness_amount AS serious, aid_amount AS aid, threefold_amount AS together, basic_share, aid_share, threefold_share, actual_share FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{aid_class}');
CALL medaudit.bind('visit', 'layers.visit', '{"basic_amount": null}');
SELECT aid_class, left_out, scope_amount AS scope, basic_amount AS basic, serious_illness_share AS serious, aid_share, threefold_share FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{aid_class}');
CALL medaudit.bind('visit', 'layers.visit', '{"scope_amount": null}');
SELECT aid_class, left_out, scope_amount AS scope, basic_amount AS basic, threefold_amount AS together, basic_share, threefold_share, actual_share FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{aid_class}');
CALL medaudit.bind('visit', 'layers.visit');
\set VERBOSITY terse
SELECT * FROM medaudit.threefold_cover(NULL, '2026-01-01');
SELECT * FROM medaudit.threefold_cover('2025-01-01', NULL);
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2025-01-01');
SELECT * FROM medaudit.threefold_cover('2025-01-01', 'infinity');
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', NULL);
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'week');
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => NULL);
SELECT * FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{facility_id}');
\set VERBOSITY default
-- the same as slow plain SQL, in random order; months add up to the year
\set ECHO none
TRUNCATE layers.visit, layers.person;
SELECT setseed(0.75);
INSERT INTO layers.person SELECT 'P' || n, NULL, '390', (ARRAY['14', '11'])[1 + n % 2], (ARRAY['低保', '特困', NULL])[1 + n % 3], (ARRAY['330102', '330106'])[1 + n % 2] FROM generate_series(1, 30) AS n;
CREATE TABLE layers.drawn AS SELECT i, 'v' || (random() * 300)::int AS id, date '2024-11-01' + (random() * 500)::int AS day, round((random() * 1000)::numeric, 2) AS scope, random() AS a, random() AS b, random() AS c FROM generate_series(1, 600) AS i;
INSERT INTO layers.visit
SELECT d.id, 'P' || 1 + hashtext(d.id) % 15 + 14, 'H', d.day, d.day, CASE WHEN a < 0.9 THEN d.day + time '12:00' END, CASE WHEN b < 0.5 THEN '390' END, d.scope + 10, CASE WHEN c < 0.95 THEN d.scope END, 0,
	CASE WHEN a < 0.97 THEN round(d.scope * 0.5, 2) END, CASE WHEN b < 0.8 THEN round(d.scope * 0.1, 2) END, CASE WHEN c > 0.5 THEN round(d.scope * 0.2, 2) END
FROM layers.drawn AS d ORDER BY md5(d.i::text);
INSERT INTO layers.visit SELECT v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, v.settled_at + interval '40 days', v.insurance_type, -v.total_amount, -v.scope_amount, 0, -v.basic_amount, -v.serious_illness_amount, -v.aid_amount
	FROM layers.visit AS v WHERE abs(hashtext(v.visit_id || v.total_amount)) % 20 = 0;
CREATE VIEW layers.slow AS
SELECT extract(month FROM day)::int AS month, p.person_class, p.aid_class, coalesce(v.insurance_type, p.insurance_type) AS insurance_type,
	sum(total_amount) AS total, sum(scope_amount) FILTER (WHERE basic_amount IS NOT NULL) AS scope, sum(basic_amount) FILTER (WHERE scope_amount IS NOT NULL) AS basic,
	sum(serious_illness_amount) FILTER (WHERE scope_amount IS NOT NULL AND basic_amount IS NOT NULL) AS serious, sum(aid_amount) FILTER (WHERE scope_amount IS NOT NULL AND basic_amount IS NOT NULL) AS aid,
	count(*) FILTER (WHERE scope_amount IS NULL OR basic_amount IS NULL) AS left_out
FROM (SELECT DISTINCT * FROM layers.visit) AS v CROSS JOIN LATERAL (SELECT coalesce(v.settled_at, v.discharged_at)::date AS day) AS d LEFT JOIN layers.person AS p USING (person_id)
WHERE day >= '2025-01-01' AND day < '2026-01-01' GROUP BY 1, 2, 3, 4;
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE left_out > 0) AS with_left_out FROM layers.slow;
SELECT count(*) AS differ FROM (SELECT month, person_class, aid_class, sum(total) AS total, sum(scope) AS scope, sum(basic) AS basic, coalesce(sum(serious), 0) AS serious, coalesce(sum(aid), 0) AS aid, sum(left_out) AS left_out FROM layers.slow GROUP BY 1, 2, 3) AS s
FULL JOIN medaudit.threefold_cover('2025-01-01', '2026-01-01', 'month', '{person_class,aid_class}') AS f
	ON s.month = extract(month FROM f.period_from) AND (s.person_class, s.aid_class) IS NOT DISTINCT FROM (f.person_class, f.aid_class)
WHERE (s.total, s.scope, s.basic, s.serious, s.aid, s.left_out, round((s.basic + s.serious + s.aid) / CASE WHEN s.scope > 0 THEN s.scope END, 6))
	IS DISTINCT FROM (f.total_amount, f.scope_amount, f.basic_amount, f.serious_illness_amount, f.aid_amount, f.left_out, f.threefold_share);
SELECT count(*) AS differ FROM (SELECT insurance_type, person_class, aid_class, sum(total_amount), sum(aid_amount) FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'month', '{insurance_type,person_class,aid_class}') GROUP BY 1, 2, 3
	EXCEPT SELECT insurance_type, person_class, aid_class, total_amount, aid_amount FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'year', '{insurance_type,person_class,aid_class}')) AS m;
SELECT y.visits = v.n AS visits, y.persons = v.people AS persons FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', 'whole', '{}') AS y
CROSS JOIN (SELECT count(*) AS n, count(DISTINCT person_id) AS people FROM (SELECT visit_id, person_id FROM (SELECT DISTINCT * FROM layers.visit) AS d WHERE coalesce(settled_at, discharged_at) >= '2025-01-01' AND coalesce(settled_at, discharged_at) < '2026-01-01'
	GROUP BY 1, 2 HAVING sum(total_amount) <> 0) AS g) AS v;
DROP SCHEMA layers CASCADE;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
