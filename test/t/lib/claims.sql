-- The claims of a few people over two years and a half, from a fixed seed: so many
-- rules of each kind meet that most findings rest on several visits.  Bound, with
-- rules of all kinds.  Read by made_claims() of Medaudit.pm.
CREATE SCHEMA w;
SELECT setseed(0.42);
CREATE TABLE w.person AS
SELECT 'P' || lpad(i::text, 3, '0') AS person_id, '人' || i AS name, (1 + i % 2)::text AS sex,
	date '1940-01-01' + i * 113 AS birth_date, 'H' || i / 3 AS household_id,
	CASE WHEN i % 17 = 0 THEN date '2025-05-01' + i END AS death_date,
	-- a valid number; one of nine is of somebody else, one of ten cannot be
	CASE WHEN i % 9 = 0 THEN '11010519491231002X' WHEN i % 10 = 3 THEN '110105194912310021' END AS resident_id
FROM generate_series(1, 45) AS i;
CREATE TABLE w.facility AS
SELECT 'F' || i AS facility_id, '医院' || i AS name, 3 AS beds, CASE WHEN i <= 2 THEN 'C1' ELSE 'C' || i END AS credit_code
FROM generate_series(1, 5) AS i;
CREATE TABLE w.made AS
SELECT n, 'V' || lpad(n::text, 5, '0') AS visit_id, 'P' || lpad((1 + floor(power(random(), 1.5) * 45))::int::text, 3, '0') AS person_id,
	'F' || 1 + floor(random() * 5)::int AS facility_id, random() < 0.5 AS stay,
	timestamp '2023-10-01 08:00' + floor(random() * 900) * interval '1 day' + floor(random() * 8) * interval '1 hour' AS admitted_at,
	floor(power(random(), 2) * 25)::int AS days, floor(power(random(), 3) * 120)::int AS late, random() AS what,
	('{J18.900,J18.100,I10.x00,Z51.100,K80.200}'::text[])[1 + floor(random() * 5)::int] AS main_diagnosis
FROM generate_series(1, 1000) AS n;
-- people of one household, in and out together
INSERT INTO w.made
SELECT 10000 + n, 'T' || n || p, 'P' || lpad((3 * h + p)::text, 3, '0'), 'F' || 1 + n % 5, true, d, 6, l, 0.5, 'K80.200'
FROM (SELECT n, 1 + floor(random() * 14)::int AS h, timestamp '2023-12-01 09:00' + n * interval '11 days' AS d, floor(random() * 60)::int AS l
	FROM generate_series(1, 80) AS n) AS t, generate_series(0, 1) AS p;
-- a finding about who somebody is belongs to his last visit
DELETE FROM w.made AS m USING w.person AS p
WHERE p.person_id = m.person_id AND p.resident_id IS NOT NULL AND m.admitted_at > '2025-05-01';
CREATE TABLE w.all_visits AS
SELECT visit_id, person_id, facility_id, 'R' || n AS record_no, admitted_at,
	CASE WHEN stay AND what < 0.03 THEN NULL WHEN stay THEN admitted_at + (1 + days) * interval '1 day' ELSE admitted_at + interval '30 minutes' END AS discharged_at,
	CASE WHEN stay AND what BETWEEN 0.02 AND 0.03 THEN NULL
		ELSE admitted_at + (CASE WHEN stay THEN 1 + days ELSE 0 END + part * late) * interval '1 day' + interval '1 hour' END AS settled_at,
	CASE WHEN stay THEN '21' ELSE '11' END AS visit_type, main_diagnosis,
	CASE WHEN what BETWEEN 0.97 AND 0.98 THEN CASE part WHEN 1 THEN 100 ELSE -100 END ELSE 100 + n % 7 END::numeric AS total_amount, 90::numeric AS scope_amount,
	60::numeric AS fund_amount, 'item' AS payment_method, what BETWEEN 0.05 AND 0.08 AS mid_settlement, false AS newborn
FROM w.made, generate_series(1, CASE WHEN what > 0.9 THEN 2 ELSE 1 END) AS part;
CREATE TABLE w.all_lines AS
SELECT visit_id, l::text AS line_id, ('{A,B,C,D,E}'::text[])[1 + floor(random() * 5)::int] AS item_code,
	(CASE WHEN random() < 0.06 THEN -1 ELSE 1 + floor(random() * 2) END)::numeric AS quantity, 0::numeric AS amount,
	date_trunc('day', admitted_at) + floor(random() * (CASE WHEN stay THEN 4 + days ELSE 1 END)) * interval '1 day'
		+ floor(random() * 3) * interval '1 hour' AS charged_at, NULL::text AS category
FROM w.made, generate_series(1, 4) AS l;
UPDATE w.all_lines SET amount = quantity * 10, category = CASE item_code WHEN 'A' THEN '01' WHEN 'B' THEN '07' WHEN 'C' THEN '03' WHEN 'D' THEN '04' ELSE '09' END;
CREATE TABLE w.visit AS TABLE w.all_visits;
CREATE TABLE w.charge AS TABLE w.all_lines;
CALL medaudit.bind('person', 'w.person');
CALL medaudit.bind('facility', 'w.facility');
CALL medaudit.bind('visit', 'w.visit');
CALL medaudit.bind('charge', 'w.charge');
UPDATE medaudit.rule SET enabled = false;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty)
SELECT 'c_' || kind || n, kind, kind, 'violation'
FROM (VALUES ('duplicate', 1), ('duplicate', 2), ('exclusive', 1), ('exclusive', 2), ('quantity', 1), ('quantity', 2), ('quantity', 3), ('amount', 1),
	('course', 1), ('prerequisite', 1), ('resettled', 1), ('outside_stay', 1), ('restriction', 1)) AS t (kind, n);
INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, max_amount, max_days, sex) VALUES
	('c_duplicate1', 'A', NULL, 'day', NULL, NULL, NULL, NULL), ('c_duplicate2', 'B', NULL, '20 days', NULL, NULL, NULL, NULL),
	('c_exclusive1', 'A', 'B', '10 days', NULL, NULL, NULL, NULL), ('c_exclusive2', 'C', 'D', 'visit', NULL, NULL, NULL, NULL),
	('c_quantity1', 'C', NULL, 'month', 2, NULL, NULL, NULL), ('c_quantity2', 'D', NULL, '30 days', 3, NULL, NULL, NULL), ('c_quantity3', 'E', NULL, 'day', 1, NULL, NULL, NULL),
	('c_amount1', 'A', NULL, 'quarter', NULL, 60, NULL, NULL), ('c_course1', 'E', NULL, NULL, NULL, NULL, 3, NULL),
	('c_prerequisite1', 'B', 'C', '60 days', NULL, NULL, NULL, NULL), ('c_resettled1', 'A', NULL, NULL, NULL, NULL, NULL, NULL),
	('c_outside_stay1', 'C', NULL, NULL, NULL, NULL, 0, NULL), ('c_restriction1', 'D', NULL, NULL, NULL, NULL, NULL, '2');
INSERT INTO medaudit.rule (rule_code, kind, name_zh)
SELECT 's_' || kind, kind, kind FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,same_household_admissions,companions,hang_bed,low_standard_stay}'::text[]) AS kind;
-- the thresholds that each kind takes
UPDATE medaudit.rule AS r SET parameters = p.given
FROM (SELECT p.kind, jsonb_object_agg(g.key, g.value) AS given
	FROM jsonb_each('{"min_stays": 3, "min_times": 2, "max_p": 1, "min_excess": 1, "min_ratio": 1, "weeks": 3, "min_alike": 3, "min_share": 0.1, "tolerance_abs": 2}') AS g
	JOIN medaudit.rule_parameter AS p ON p.name = g.key GROUP BY p.kind) AS p
WHERE p.kind = r.kind AND r.rule_code LIKE 's\_%';
INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject)
SELECT 'p_' || kind, kind, kind, 'person' FROM unnest('{invalid_resident_id,resident_id_mismatch,shared_resident_id,events_after_death}'::text[]) AS kind;
UPDATE medaudit.rule SET parameters = '{"max_share": 1}' WHERE rule_code IN ('p_invalid_resident_id', 'p_resident_id_mismatch');

CREATE VIEW w.standing AS
SELECT rule_code, subject_kind, subject_id, key, certainty, judged_on, gross_amount, claimed_amount, fund_amount, involved_amount,
	(SELECT count(*) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines
FROM medaudit.finding AS f WHERE state = 'open';
