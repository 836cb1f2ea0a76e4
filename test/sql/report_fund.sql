-- what the report says of quotas and indicators
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
\pset format unaligned
DELETE FROM medaudit.indicator_month;
CREATE SCHEMA warehouse;
CREATE FUNCTION warehouse.said(page text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT btrim(l, '| ') FROM regexp_split_to_table(regexp_replace(regexp_replace(regexp_replace(page, '<svg[^>]*?>.*?</svg>', '', 'g'), '(<[^>]*>)+', '|', 'g'), '\|[ |]*\|', '|', 'g'), '\n') AS l
	WHERE btrim(l, '| ') <> '' $$;
INSERT INTO medaudit.run (run_id, from_date, to_date, state, scope, started_by, finished_at) VALUES
	(9101, '2025-02-01', '2025-04-01', 'done', 'period', 'ann', '2025-04-02'), (9102, '2025-03-05', '2025-03-20', 'done', 'period', 'ann', '2025-04-02');

-- nothing is bound and nothing was refreshed: of indicators that is said, of quotas nothing
SELECT medaudit._report_pace(9101) IS NULL AS pace, s FROM warehouse.said(medaudit._report_indicators(9101)) AS s;
-- a run without a whole month has neither
SELECT medaudit._report_pace(9102) IS NULL AS pace, medaudit._report_indicators(9102) IS NULL AS indicators, medaudit._report_month(9102) AS month, medaudit._report_month(9101) AS last_month;

-- F1 has 1,200 a year and spent 100, 110, 150; F2 600 from March; F3 no quota; the quota of F4 is over
CREATE TABLE warehouse.budget (facility_id text, quota numeric, valid daterange, month_weights numeric[]);
INSERT INTO warehouse.budget VALUES ('F1', 1200, '[2025-01-01,2026-01-01)', NULL), ('F2', 1000, '[2025-03-01,2026-01-01)', NULL), ('F4', 5, '[2024-01-01,2025-01-01)', NULL),
	('F5', 120, '[2025-01-01,2026-01-01)', '{0,0,12,0,0,0,0,0,0,0,0,0}'), ('F<6>', 120, '[2025-01-01,2026-01-01)', NULL);
CALL medaudit.bind('budget', 'warehouse.budget');
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator) VALUES
	('facility', 'F1', '2025-01-01', 'fund_amount', 100, 1), ('facility', 'F1', '2025-03-01', 'fund_amount', 150, 1), ('facility', 'F2', '2025-01-01', 'fund_amount', 900, 1),
	('facility', 'F2', '2025-03-01', 'fund_amount', 100, 1), ('facility', 'F3', '2025-03-01', 'fund_amount', 100, 1), ('physician', 'F1', '2025-03-01', 'fund_amount', 77, 1),
	('facility', 'F5', '2025-03-01', 'fund_amount', 60, 1), ('facility', 'F1', '2025-04-01', 'fund_amount', 9999, 1);
-- February was not refreshed
SELECT * FROM warehouse.said(medaudit._report_pace(9101));
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator) VALUES ('facility', 'F1', '2025-02-01', 'fund_amount', 110, 1);
SELECT facility_id, name, month, quota, round(even, 4) AS even, spent FROM medaudit._quota_course('2025-03-01') ORDER BY facility_id COLLATE "C", month;
-- without bounds there is no alert, and no lines but those of all
SELECT * FROM warehouse.said(medaudit._report_pace(9101));
SELECT count(*) AS drawn FROM regexp_matches(medaudit._report_pace(9101), '<svg', 'g');
-- 20 % ahead is orange; F2, exactly on its pace, is none; what a hospital has of its own goes before
INSERT INTO medaudit.alert_bound (metric, facility_id, yellow, orange, red) VALUES ('fund', NULL, 0.05, 0.1, 0.3), ('stays', NULL, 0.01, 0.02, 0.03);
SELECT * FROM warehouse.said(medaudit._report_pace(9101)) AS s WHERE s ~ '^F';
SELECT (regexp_matches(medaudit._report_pace(9101), '<svg[^>]*><title>([^<]*)', 'g'))[1] AS titles;
SELECT unnest(regexp_matches(medaudit._svg_course('{1月,2月}', '{100,210}', '{100,200}', '{0.05,0.1,0.3}', 'x'), '([黄橙红]色界限)', 'g')) AS bands;
SELECT unnest(regexp_matches(medaudit._svg_course('{1月,2月}', '{100,210}', '{100,200}', '{0.05,0.1,0.3}', 'x'), '<title>2月 ([0-9.]+)元', 'g')) AS ends;
INSERT INTO medaudit.alert_bound (metric, facility_id, yellow, orange, red) VALUES ('fund', 'f1', 0.5, 0.6, 0.7);
SELECT * FROM warehouse.said(medaudit._report_pace(9101)) AS s WHERE s ~ '^F1';
SELECT medaudit._alert_bounds('fund', 'F1', NULL, '2025-03-31') AS own, medaudit._alert_bounds('fund', 'F2', NULL, '2025-03-31') AS of_all, medaudit._alert_bounds('cost', 'F2', NULL, '2025-03-31') AS none;
-- the names of the register
CREATE TABLE warehouse.facility (facility_id text, name text, kind text, rank int);
INSERT INTO warehouse.facility SELECT 'F' || i, i || '院<b>', 'hospital', 2 FROM generate_series(1, 12) AS i;
CALL medaudit.bind('facility', 'warehouse.facility');
SELECT * FROM warehouse.said(medaudit._report_pace(9101)) AS s WHERE s ~ '院';
SELECT medaudit._report_pace(9101) ~ '院<b>' AS raw;

-- ---- the funnel: February and March; F9 is far out with many stays, F10 as far with few, F8 just within
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator)
SELECT 'facility', 'F' || i, m, 'average_stay', CASE i WHEN 8 THEN 10.1 WHEN 9 THEN 14 WHEN 10 THEN 14 ELSE 8 + (i % 3) * 0.2 END * n.stays, n.stays
FROM generate_series(1, 10) AS i CROSS JOIN unnest('{2025-02-01,2025-03-01}'::date[]) AS m CROSS JOIN LATERAL (SELECT CASE i WHEN 10 THEN 1 ELSE 50 END AS stays) AS n;
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator) VALUES ('facility', 'F1', '2025-01-01', 'average_stay', 99999, 1), ('physician', 'D1', '2025-03-01', 'average_stay', 99999, 1),
	('facility', 'F11', '2025-03-01', 'average_stay', 0, 0);
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator)
SELECT 'facility', 'G' || i, '2025-03-01', 'average_stay', (8 + (i % 3) * 0.2) * 100, 100 FROM generate_series(1, 10) AS i;
INSERT INTO medaudit.run_coverage VALUES (9101, 'F9', '九院', '2025-03-05', 9, 9, 0, 0, 0, 0, 0, 0);
SELECT * FROM warehouse.said(medaudit._report_funnel(9101));
SELECT (regexp_matches(medaudit._report_funnel(9101), '<circle[^>]*fill="#D55E00"[^>]*><title>([^<]*)', 'g'))[1] AS far_out;
-- the same from the rows, slowly: z of a hospital is its distance over the spread of one patient over the root of the stays
WITH f AS (SELECT subject_id, sum(numerator) / sum(denominator) AS x, sum(denominator) AS n FROM medaudit.indicator_month
	WHERE indicator = 'average_stay' AND subject_kind = 'facility' AND month >= '2025-02-01' GROUP BY 1 HAVING sum(denominator) > 0),
c AS (SELECT sum(x * n) / sum(n) AS c FROM f), d AS (SELECT f.*, c.c, sqrt(n) * abs(x - c.c) AS d, row_number() OVER (ORDER BY sqrt(n) * abs(x - c.c)) AS nth, count(*) OVER () AS k FROM f, c),
m AS (SELECT avg(d) AS m FROM d WHERE nth IN ((k + 1) / 2, k / 2 + 1))
SELECT subject_id, round(sqrt(n) * (x - c) / (1.4826 * m), 2) AS z FROM d, m ORDER BY 2 DESC LIMIT 3;
-- four hospitals are no funnel, nor is one in which all are alike
DELETE FROM medaudit.indicator_month WHERE indicator = 'average_stay' AND subject_id NOT IN ('F1', 'F2', 'F3', 'F4');
SELECT medaudit._report_funnel(9101) IS NULL AS few;
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator) SELECT 'facility', 'F' || i, '2025-03-01', 'average_stay', 800, 100 FROM generate_series(20, 29) AS i;
DELETE FROM medaudit.indicator_month WHERE indicator = 'average_stay' AND subject_id IN ('F1', 'F2', 'F3', 'F4');
SELECT medaudit._report_funnel(9101) IS NULL AS alike;

-- ---- what is out of the fences: of twelve of one rank F12 is
SELECT * FROM warehouse.said(medaudit._report_indicators(9101)) AS s WHERE s ~ '超出';
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator)
SELECT 'facility', 'F' || i, '2025-03-01', 'drug_share', CASE i WHEN 12 THEN 80000 ELSE 30000 + 100 * i END, 100000 FROM generate_series(1, 12) AS i;
INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator)
SELECT 'facility', 'F' || i, '2025-03-01', 'cost_per_stay', CASE i WHEN 12 THEN 9999999 ELSE 500000 + 1000 * i END, 100 FROM generate_series(1, 12) AS i;
SELECT * FROM warehouse.said(medaudit._report_indicators(9101)) AS s;
SELECT u AS unit, medaudit._indicator_value_zh(0.12345, u) AS small, medaudit._indicator_value_zh(12345.678, u) AS large, medaudit._indicator_value_zh(NULL, u) AS none FROM unnest('{share,rate,yuan,days,NULL}'::text[]) AS u;
-- in the page they are sections of their own, for those who read findings
SELECT (regexp_matches(medaudit.report(9101), '<h2>([^<]*)', 'g'))[1] AS title;
CREATE ROLE regress_fund_reader;
GRANT USAGE ON SCHEMA medaudit TO regress_fund_reader;
CREATE FUNCTION warehouse.titles(level text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	titles text;
BEGIN
	EXECUTE format('CALL medaudit.grant_access(%L, %L)', 'regress_fund_reader', level);
	SET LOCAL ROLE regress_fund_reader;
	BEGIN
		titles := (SELECT string_agg(m[1], ' ' ORDER BY n) FROM regexp_matches(medaudit.report(9101), '<h2>([^<]*)', 'g') WITH ORDINALITY AS m (m, n));
	EXCEPTION WHEN insufficient_privilege THEN
		titles := SQLSTATE || ' ' || SQLERRM;
	END;
	RESET ROLE;
	EXECUTE format('CALL medaudit.revoke_access(%L, %L)', 'regress_fund_reader', level);
	RETURN titles;
END $$;
SELECT l AS level, warehouse.titles(l) AS titles FROM unnest('{reader,analyst,reviewer,chief,runner}'::text[]) AS l;
REVOKE ALL ON SCHEMA medaudit FROM regress_fund_reader;
DROP ROLE regress_fund_reader;

DELETE FROM medaudit.indicator_month;
DELETE FROM medaudit.alert_bound;
DELETE FROM medaudit.run WHERE run_id > 9100;
DROP VIEW medaudit_data.budget, medaudit_data.facility;
DELETE FROM medaudit.binding;
DROP SCHEMA warehouse CASCADE;
