-- stream_gaps: months in which a facility sent one stream of data and not another
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
\set VERBOSITY sqlstate
SELECT * FROM medaudit.missing_streams();
\set VERBOSITY default
DROP SCHEMA IF EXISTS post CASCADE;
CREATE SCHEMA post;
CREATE TABLE post.facility AS SELECT * FROM (VALUES ('H1', '第一医院'), ('P1', '甲药店')) AS t (facility_id, name);
CREATE TABLE post.visit AS SELECT 'V' || f || m AS visit_id, 'A' AS person_id, f AS facility_id, date '2024-01-01' + m * interval '1 month' + interval '3 days' AS admitted_at, date '2024-01-01' + m * interval '1 month' + interval '5 days' AS discharged_at
	FROM unnest('{H1,P1,X}'::text[]) AS f, generate_series(0, 14) AS m WHERE NOT (f = 'H1' AND m = 7) AND NOT (f = 'X' AND m <> 14);
-- H1: charges of one month never came, all else did, though charged in the month after; visits of month 7 neither
CREATE TABLE post.charge AS SELECT visit_id, 'X' AS item_code, 1 AS quantity, 10 AS amount, admitted_at + CASE WHEN visit_id = 'VH15' THEN interval '1 month' ELSE interval '1 day' END AS charged_at FROM post.visit WHERE facility_id <> 'X';
INSERT INTO post.charge VALUES ('VH13', 'X', 1, 10, '2024-08-15'), ('nowhere', 'X', 1, 10, '2024-08-15'), ('VP12', 'X', 1, 10, NULL);
-- L: one stay from January to April with charges of each month: no visit is missing in February or March; endless, backward and very long ones
INSERT INTO post.visit VALUES ('long', 'A', 'L', '2024-01-20', '2024-04-10'), ('endless', 'A', 'L2', '2024-01-20', 'infinity'), ('back', 'A', 'L2', '2024-03-20', '2024-01-10'), ('ever', 'A', 'L3', '2023-04-20', '2025-06-10');
INSERT INTO post.charge SELECT 'long', 'X', 1, 10, date '2024-01-25' + m * interval '1 month' FROM generate_series(0, 3) AS m;
CREATE TABLE post.move AS SELECT 'P1' AS facility_id, 'D' AS product_code, date '2024-01-01' + m * interval '1 month' AS at, -1 AS quantity FROM generate_series(0, 14) AS m WHERE m NOT IN (3, 4);
INSERT INTO post.move VALUES ('P1', 'D', '2199-01-01', 1), (NULL, 'D', '2024-05-01', 1);
CALL medaudit.bind('visit', 'post.visit');
\set VERBOSITY sqlstate
SELECT * FROM medaudit.missing_streams();
\set VERBOSITY default
CALL medaudit.bind('charge', 'post.charge');
-- no names without a register; H1: June has visits and no charges, August charges and no visits; X never sent any
SELECT * FROM medaudit.missing_streams();
CALL medaudit.bind('facility', 'post.facility');
CALL medaudit.bind('stock_move', 'post.move');
-- hospitals have no stock: never sent; of a pharmacy two months are missing; what lies in the future was read wrongly
SELECT * FROM medaudit.stream_gaps WHERE ever;
SELECT facility_id, missing, missing_zh, count(*), min(month), max(month) FROM medaudit.stream_gaps WHERE NOT ever GROUP BY 1, 2, 3 ORDER BY 1, 2;
-- until a month, and of fewer
SELECT facility_id, month, missing, present, ever FROM medaudit.missing_streams('2024-06-30', 2) ORDER BY 1, 2, 3;
SELECT count(*) FROM medaudit.missing_streams('2024-06-01', 1);
SELECT count(*) FROM medaudit.missing_streams('2023-06-01');
\set VERBOSITY sqlstate
SELECT * FROM medaudit.missing_streams(months => NULL);
SELECT * FROM medaudit.missing_streams(months => 0);
SELECT * FROM medaudit.missing_streams(months => 1201);
SELECT * FROM medaudit.missing_streams('infinity');
\set VERBOSITY default
-- the same answer as slow plain SQL
SELECT count(*) AS differ FROM (
	WITH sent AS (
		SELECT facility_id, date_trunc('month', d)::date AS month, 'visit' AS stream
		FROM post.visit, generate_series(admitted_at, greatest(admitted_at, CASE WHEN discharged_at < 'infinity' THEN discharged_at END), '1 day') AS d
		WHERE d < date_trunc('month', admitted_at) + interval '24 months'
		UNION SELECT v.facility_id, date_trunc('month', c.charged_at)::date, 'charge' FROM post.charge AS c JOIN post.visit AS v USING (visit_id) WHERE c.charged_at IS NOT NULL
		UNION SELECT facility_id, date_trunc('month', at)::date, 'stock_move' FROM post.move WHERE facility_id IS NOT NULL AND at < '2026-01-01'
	), slow AS (
		SELECT DISTINCT s.facility_id, s.month, t.stream FROM sent AS s, unnest('{visit,charge,stock_move}'::text[]) AS t (stream)
		WHERE NOT EXISTS (SELECT FROM sent AS o WHERE o.facility_id = s.facility_id AND o.month = s.month AND o.stream = t.stream)
	)
	(TABLE slow EXCEPT ALL SELECT facility_id, month, missing FROM medaudit.stream_gaps) UNION ALL (SELECT facility_id, month, missing FROM medaudit.stream_gaps EXCEPT ALL TABLE slow)) AS d;
DROP SCHEMA post CASCADE;
TRUNCATE medaudit.binding;
