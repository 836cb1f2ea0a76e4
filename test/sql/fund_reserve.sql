-- fund_reserve(): what a fund took in and spent, and how long its balance lasts.
SET search_path = medaudit, public;
SET datestyle = ISO;
SET client_min_messages = warning;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\set VERBOSITY terse
SELECT * FROM fund_reserve(2025);
SELECT * FROM fund_reserve(NULL);
SELECT * FROM fund_reserve(1900);
SELECT * FROM fund_reserve(2025, 2200);
SELECT * FROM fund_reserve(2025, 2024);
-- the bounds
SELECT fund, short, low, high, excess, source, shipped FROM reserve_bound;
UPDATE reserve_bound SET low = 5;
DELETE FROM reserve_bound;
INSERT INTO reserve_bound VALUES ('390', 3, 3, 9, 15);
INSERT INTO reserve_bound VALUES ('390', 3, 6, 9, 'Infinity');
INSERT INTO reserve_bound VALUES ('390', 3, 6, 'NaN', 'NaN');
INSERT INTO reserve_bound VALUES ('390', -1, 6, 9, 15);
INSERT INTO reserve_bound VALUES ('390', NULL, 6, 9, 15);
\set VERBOSITY default
SELECT reserve_zh(f) FROM unnest('{short,low,ok,high,excess,insufficient,other,NULL}'::text[]) AS f;

CREATE SCHEMA kept;
CREATE TABLE kept.account (fund text, period daterange, income numeric, spending numeric, other_spending numeric, opening_balance numeric);
CREATE TABLE kept.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, insurance_type text, fund_amount numeric, settled_at timestamp);
CREATE TABLE kept.person (person_id text, insurance_type text);
CALL bind('fund_income', 'kept.account');
SELECT * FROM fund_reserve(2025);
-- accounts alone: 100 a month; a balance of 5.99, 6, 9, 9.01, 15 and 15.01 months, of 3 and 2.99, and a deficit
INSERT INTO kept.account SELECT 'F' || n, '[2025-01-01,2026-01-01)', 1500, 1000, 200, left_over - 300 FROM unnest('{599,600,900,901,1500,1501,300,299,-50}'::numeric[]) WITH ORDINALITY AS b (left_over, n);
SELECT fund, income, spending, other_spending, balance, opening_balance, cumulative, months_of_reserve, flag, flag_zh, months, spending_from, missing FROM fund_reserve(2025);
-- bounds of one's own: of a fund, of all, of a time
INSERT INTO reserve_bound (fund, short, low, high, excess, valid) VALUES ('f1', 1, 2, 3, 4, NULL), (NULL, 1, 7, 20, 30, '[2025-12-31,)'), (NULL, 1, 2, 3, 4, '[2026-01-01,)');
SELECT fund, months_of_reserve, flag FROM fund_reserve(2025);
DELETE FROM reserve_bound WHERE NOT shipped;
TRUNCATE kept.account;
-- year after year; a year begun; what the accounts say of the beginning goes before what was carried
INSERT INTO kept.account VALUES ('310', '[2022-01-01,2023-01-01)', 1200, 1000, NULL, 400), ('310', '[2023-01-01,2023-07-01)', 700, 600, 50, NULL), ('310', '[2023-07-01,2024-01-01)', 500, 600, 50, NULL),
	('310', '[2024-01-01,2024-02-01)', 120, 100, 0, NULL), ('310', '[2024-02-01,2024-03-01)', 90, 100, 0, NULL), ('310', '[2025-01-01,2026-01-01)', 1200, 1200, 0, 900),
	-- no beginning is known; nobody knows of a year between
	('390', '[2022-01-01,2023-01-01)', 1200, 1000, NULL, NULL), ('390', '[2023-01-01,2024-01-01)', 1200, 1000, NULL, 700), ('390', '[2025-01-01,2026-01-01)', 1200, 1000, NULL, NULL),
	('390', '[2023-01-01,2024-01-01)', 1200, 1000, NULL, 700);
SELECT fund, year, months, income, spending, other_spending, balance, opening_balance, cumulative, months_of_reserve, flag, missing FROM fund_reserve(2022, 2025);
SELECT fund, year, cumulative, months_of_reserve FROM fund_reserve(2024);
TRUNCATE kept.account;
-- what cannot be computed
INSERT INTO kept.account VALUES ('A', '[2024-07-01,2025-07-01)', 1, 1, 0, 1), ('B', '[2025-01-01,2026-01-01)', 1, 1, 0, 1), ('B', '[2025-01-01,2025-02-01)', 1, 1, 0, 1), ('C', '[2025-01-01,2025-02-01)', 1, 1, 0, 1),
	('C', '[2025-03-01,2025-04-01)', 1, 1, 0, NULL), ('D', '[2025-01-01,2026-01-01)', NULL, 1, 0, 1), ('E', '[2025-01-01,2026-01-01)', 1, NULL, 0, 1), ('F', '[2025-01-01,2026-01-01)', 1, 0, 0, 1),
	('G', '[2025-01-01,)', 1, 1, 0, 1), ('H', 'empty', 1, 1, 0, 1), ('I', NULL, 1, 1, 0, 1), (NULL, '[2025-01-01,2026-01-01)', 1, 1, 0, 1);
SET client_min_messages = notice;
SELECT fund, year, income, spending, balance, cumulative, months_of_reserve, flag, flag_zh, missing FROM fund_reserve(2024, 2025);
TRUNCATE kept.account;
-- spending by settlements: by the day, refunds on their own, a month without any is not known
INSERT INTO kept.account SELECT '310', daterange(m::date, (m + interval '1 month')::date), 100, CASE WHEN m = '2025-02-01' THEN 77 END, NULL, CASE WHEN m = '2025-01-01' THEN 500 END
FROM generate_series('2025-01-01'::timestamp, '2025-03-01', interval '1 month') AS m;
INSERT INTO kept.account VALUES ('3101', '[2025-01-01,2025-04-01)', 10, NULL, NULL, 1), ('390', '[2025-01-01,2025-03-01)', 10, NULL, NULL, 1);
SELECT fund, income, spending, cumulative, months_of_reserve, flag, spending_from, missing FROM fund_reserve(2025);
CALL bind('visit', 'kept.visit', '{"insurance_type": null}');
CALL bind('person', 'kept.person', '{"insurance_type": null}');
SELECT fund, spending, missing FROM fund_reserve(2025);
CALL bind('visit', 'kept.visit');
CALL bind('person', 'kept.person');
INSERT INTO kept.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, insurance_type, fund_amount, settled_at) VALUES
	('a', 'P1', 'H', '2024-12-01', '2024-12-31', '310', 60, '2025-01-01'), ('b', 'P1', 'H', '2024-12-01', '2024-12-31 23:00', '310', 1000, NULL), ('c', 'P1', 'H', '2025-01-01', '2025-01-02', NULL, 30, '2025-01-31 23:59'),
	('d', 'P1', 'H', '2025-02-01', '2025-02-02', '310', 1000, '2025-02-03'), ('e', 'P1', 'H', '2025-03-01', '2025-03-02', '310', 50, '2025-03-03'), ('e', 'P1', 'H', '2025-03-01', '2025-03-02', '310', 50, '2025-03-03'),
	('a', 'P1', 'H', '2024-12-01', '2024-12-31', '310', -20, '2025-03-05'), ('f', 'P2', 'H', '2025-03-01', '2025-03-02', NULL, 5.5, '2025-03-03'), ('g', 'P1', 'H', '2025-03-01', '2025-03-02', '3101', 7, '2025-03-03'),
	('h', 'P1', 'H', '2025-03-01', '2025-03-02', '3101', 7, '2025-02-03'), ('i', 'P1', 'H', '2025-03-01', '2025-03-02', '3101', 7, '2025-01-03'), ('j', 'P1', 'H', '2025-03-01', '2025-03-02', '390', 7, '2025-01-03'),
	('k', 'P1', 'H', '2025-03-01', '2025-03-02', '410', 7, '2025-01-03'), ('l', 'P1', 'H', '2025-03-01', '2025-03-02', '310', NULL, '2025-01-03');
INSERT INTO kept.person VALUES ('P1', '310'), ('P2', NULL);
SELECT fund, year, months, income, spending, balance, opening_balance, cumulative, months_of_reserve, flag, spending_from, missing FROM fund_reserve(2025);
SET client_min_messages = warning;

-- the same in slow plain SQL, on random accounts and settlements in any order
\set ECHO none
TRUNCATE kept.account, kept.visit;
SELECT setseed(0.8) \g /dev/null
INSERT INTO kept.account
SELECT f.fund, daterange(m::date, (m + interval '1 month')::date), round((900 + 300 * random())::numeric, 2), CASE WHEN random() < 0.5 THEN round((900 + 300 * random())::numeric, 2) END,
	CASE WHEN random() < 0.3 THEN round((50 * random())::numeric, 2) END, CASE WHEN m = '2021-01-01' THEN 6000 END
FROM unnest('{310,390}'::text[]) AS f (fund), generate_series('2021-01-01'::timestamp, '2025-09-01', interval '1 month') AS m ORDER BY md5(f.fund || m::text);
INSERT INTO kept.visit SELECT 'v' || i, 'P' || i % 50, 'H', a.at, a.at, (ARRAY['310', '390'])[1 + i % 2], round((10 * random() - 1)::numeric, 2), a.at
FROM generate_series(1, 24000) AS i, LATERAL (SELECT '2020-12-01'::timestamp + make_interval(hours => (random() * 44000 + i * 0)::int) AS at) AS a ORDER BY md5(i::text);
CREATE FUNCTION kept.slow(fund text, year int, OUT cumulative numeric, OUT months numeric) LANGUAGE plpgsql AS $$
DECLARE
	a record;
	spent numeric;
	of_year numeric := 0;
BEGIN
	FOR a IN SELECT i.* FROM kept.account AS i WHERE i.fund = slow.fund AND lower(i.period) < make_date(slow.year + 1, 1, 1) ORDER BY lower(i.period) LOOP
		spent := coalesce(a.spending, (SELECT sum(v.fund_amount) FROM kept.visit AS v WHERE v.insurance_type = a.fund AND a.period @> v.settled_at::date)) + coalesce(a.other_spending, 0);
		cumulative := coalesce(a.opening_balance, cumulative) + a.income - spent;
		IF extract(year FROM lower(a.period)) = slow.year THEN
			of_year := of_year + spent;
			months := coalesce(months, 0) + 1;
		END IF;
	END LOOP;
	months := round(cumulative / (of_year / months), 2);
END
$$;
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE (r.cumulative, r.months_of_reserve) IS DISTINCT FROM (s.cumulative, s.months)) AS different, count(DISTINCT r.flag) > 1 AS flags, count(r.missing) AS missing
FROM fund_reserve(2021, 2025) AS r CROSS JOIN LATERAL kept.slow(r.fund, r.year) AS s;
-- a year by itself is that of all
SELECT count(*) AS rows, count(*) FILTER (WHERE a IS NULL OR o IS NULL) AS different FROM fund_reserve(2021, 2025) AS a
FULL JOIN (SELECT r.* FROM generate_series(2021, 2025) AS y, fund_reserve(y) AS r) AS o ON o::text = a::text;

\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
DROP SCHEMA kept CASCADE;
