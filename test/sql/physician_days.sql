-- physician_day(), facility_days(): days on which nobody can have done what was charged.
SET search_path = medaudit, public;
SET datestyle = ISO;
SET client_min_messages = warning;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\set VERBOSITY terse
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
SELECT * FROM physician_day(NULL, '2026-01-01');
SELECT * FROM physician_day('2025-01-01', '2025-01-01');
SELECT * FROM physician_day('2025-01-01', '2026-01-01', NULL);
SELECT * FROM physician_day('2025-01-01', '2026-01-01', 0);
SELECT * FROM physician_day('2025-01-01', '2026-01-01', 'NaN');
SELECT * FROM facility_days('2025-01-01', NULL);
SELECT * FROM facility_days('2025-01-01', '2026-01-01', 1441);
SELECT * FROM facility_days('2025-01-01', '2026-01-01');
CREATE SCHEMA worked;
CREATE TABLE worked.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric, settled_at timestamp);
CREATE TABLE worked.charge (visit_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, physician_id text, claimed numeric, line_id text, original_line_id text);
CREATE TABLE worked.item (item_code text, facility_id text, valid daterange, minutes numeric);
CREATE TABLE worked.operation (visit_id text, operation_code text, operated_at timestamp, ended_at timestamp, physician_id text);
CREATE TABLE worked.physician (physician_id text, person_id text, resident_id text, name text, facility_id text);
CREATE TABLE worked.person (person_id text, resident_id text);
CALL bind('visit', 'worked.visit');
CALL bind('charge', 'worked.charge', '{"physician_id": null}');
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
SELECT * FROM facility_days('2025-01-01', '2026-01-01');
CALL bind('charge', 'worked.charge');
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
CALL bind('item', 'worked.item');
SET client_min_messages = notice;
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
CALL bind('operation', 'worked.operation', '{"ended_at": null}');
CALL bind('person', 'worked.person');
CALL bind('physician', 'worked.physician');
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
CALL bind('operation', 'worked.operation');
SELECT * FROM physician_day('2025-01-01', '2026-01-01');
\set VERBOSITY default

-- minutes: A 30 a unit, B 60 here and 20 elsewhere, C 10 until the summer, D none
INSERT INTO worked.item VALUES ('A', NULL, NULL, 30), ('A', NULL, NULL, 40), ('B', NULL, NULL, 60), ('B', 'H2', NULL, 20), ('C', NULL, '[2025-01-01,2025-07-01)', 10), ('D', NULL, NULL, NULL), ('E', NULL, NULL, 0);
INSERT INTO worked.visit SELECT 'v' || i, 'P' || i, CASE WHEN i > 50 THEN 'H2' ELSE 'H1' END, '2025-03-01', '2025-03-10', '21', 100, '2025-03-10' FROM generate_series(1, 60) AS i;
INSERT INTO worked.visit VALUES ('gone', 'P70', 'H1', '2025-03-01', '2025-03-10', '21', 100, '2025-03-10'), ('gone', 'P70', 'H1', '2025-03-01', '2025-03-10', '21', -100, '2025-03-12');
CREATE FUNCTION worked.line(visit text, item text, quantity numeric, at timestamp, physician text, line text DEFAULT NULL, original text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO worked.charge VALUES (visit, item, quantity, quantity * 10, at, physician, quantity * 8, line, original)
$$;
SELECT
	-- a: 24 half hours are 720 minutes, and no more; b: one more, of two people
	worked.line('v1', 'A', 24, '2025-03-02 08:00', 'a'), worked.line('v1', 'A', 24, '2025-03-03 08:00', 'b'), worked.line('v2', 'C', 1, '2025-03-03 09:00', 'b '),
	-- c: as much, some of it refunded: by its number days later, and without a number
	worked.line('v3', 'A', 20, '2025-03-02', 'c', 'l1'), worked.line('v3', 'A', 5, '2025-03-02', 'c', 'l2'), worked.line('v3', 'A', -5, '2025-03-09', 'c', 'l3', 'l2'),
	-- d: the refund is of another day of his
	worked.line('v4', 'A', 25, '2025-03-02', 'd', 'l1'), worked.line('v4', 'A', 5, '2025-03-04', 'd', 'l2'), worked.line('v4', 'A', -5, '2025-03-05', NULL, 'l3', 'l2'),
	-- e: 13 hours here, where the place says 20 minutes there
	worked.line('v5', 'B', 13, '2025-03-02', 'e'), worked.line('v51', 'B', 13, '2025-03-02', 'f'),
	-- g: no minutes after the summer; h: items without minutes; nobody's
	worked.line('v6', 'C', 100, '2025-03-02', 'g'), worked.line('v6', 'C', 100, '2025-07-01', 'g'), worked.line('v7', 'D', 1000, '2025-03-02', 'h'), worked.line('v7', 'E', 1000, '2025-03-02', 'h'),
	worked.line('v8', 'A', 100, '2025-03-02', NULL), worked.line('v8', 'A', 100, '2025-03-02', ' '),
	-- i: of a visit that was taken back; outside the period; not a visit; nothing that can be read
	worked.line('gone', 'A', 100, '2025-03-02', 'i'), worked.line('v9', 'A', 100, '2025-02-28 23:59', 'i'), worked.line('v9', 'A', 100, '2025-04-01', 'i'), worked.line('none', 'A', 100, '2025-03-02', 'i'),
	worked.line('v9', NULL, 100, '2025-03-02', 'i'), worked.line('v9', 'A', NULL, '2025-03-02', 'i') \g /dev/null
INSERT INTO worked.charge VALUES ('v1', 'A', 24, 240, '2025-03-02 08:00', 'a', 192, 'twice'), ('v10', 'A', 24, 240, '2025-03-02 08:00', 'k', 192, 'twice'), ('v10', 'A', 24, 240, '2025-03-02 08:00', 'k', 192, 'twice');
DELETE FROM worked.charge WHERE visit_id = 'v1' AND line_id = 'twice';
SELECT physician_id AS id, on_date, reasons, minutes, overlapping, in_stay, facility_ids, persons, lines, visit_ids, amount, claimed_amount AS claimed, evidence FROM physician_day('2025-03-01', '2025-04-01');
SELECT physician_id AS id, on_date, minutes FROM physician_day('2025-03-01', '2025-04-01', 719.99);
SELECT physician_id AS id, on_date, minutes FROM physician_day('2025-03-01', '2025-04-01', 1440);
-- without numbers two equal lines are two
CALL bind('charge', 'worked.charge', '{"line_id": null, "original_line_id": null}');
SELECT physician_id AS id, on_date, minutes FROM physician_day('2025-03-01', '2025-04-01') WHERE physician_id = 'k';
CALL bind('charge', 'worked.charge');

-- operations: o: one ends after the next begins; p: the next begins as it ends; q: on one person; r: midnight, no end, an end before the begin, a week
INSERT INTO worked.operation VALUES ('v1', '1', '2025-03-05 08:00', '2025-03-05 10:00', 'o'), ('v1', '2', '2025-03-05 10:00', '2025-03-05 10:30', 'o'), ('v2', '1', '2025-03-05 10:29', '2025-03-05 11:00', 'o'), ('v3', '1', '2025-03-05 10:10', '2025-03-05 10:20', 'O'),
	('v1', '1', '2025-03-06 08:00', '2025-03-06 10:00', 'p'), ('v2', '1', '2025-03-06 10:00', '2025-03-06 11:00', 'p'), ('v3', '1', '2025-03-05 08:00', '2025-03-05 10:00', 'q'), ('v3', '2', '2025-03-05 09:00', '2025-03-05 10:00', 'q'),
	('v4', '1', '2025-03-05', '2025-03-05 10:00', 'r'), ('v5', '1', '2025-03-05 08:00', NULL, 'r'), ('v6', '1', '2025-03-05 08:30', '2025-03-05 08:00', 'r'), ('v7', '1', '2025-03-05 08:00', '2025-03-12 08:00', 'r'),
	('v8', '1', '2025-03-05 08:00', '2025-03-05 09:00', 'r'), ('gone', '1', '2025-03-05 08:00', '2025-03-05 09:00', 'r'), ('v8', '1', '2025-03-05 08:00', '2025-03-05 09:00', ' '), ('v9', '1', '2025-03-05 08:00', '2025-03-05 09:00', ' '),
	-- over midnight: told of the day on which the later begins
	('v11', '1', '2025-03-31 23:00', '2025-04-01 02:00', 's'), ('v12', '1', '2025-04-01 01:00', '2025-04-01 03:00', 's');
SELECT physician_id AS id, on_date, reasons, overlapping, facility_ids, persons, lines, visit_ids, evidence FROM physician_day('2025-03-01', '2025-04-01') WHERE 'operations' = ANY (reasons);
SET client_min_messages = warning;
SELECT physician_id AS id, on_date, reasons, overlapping, visit_ids FROM physician_day('2025-04-01', '2025-05-01');
TRUNCATE worked.operation;

-- in hospital himself: by number, by resident number, by one that two people have; two rows that differ
INSERT INTO worked.person VALUES ('X1', '11010519491231002X'), ('X2', '440524188001010014'), ('X3', '440524188001010014'), ('X4', NULL);
INSERT INTO worked.physician VALUES ('t', 'X4', NULL, '张三', 'H1'), ('u', NULL, '11010519491231002x', '李四', 'H1'), ('w', NULL, '440524188001010014', '王五', 'H1'), ('x', 'X4', NULL, '赵六', 'H1'), ('x', 'X1', NULL, '赵七', 'H2'),
	('y', 'X4', NULL, '钱八', 'H1');
INSERT INTO worked.visit VALUES ('s4', 'X4', 'H2', '2025-03-10 09:00', '2025-03-14 09:00', '21', 100, '2025-03-14'), ('s1', 'X1', 'H2', '2025-03-10', '2025-03-12', '21', 100, '2025-03-14'), ('s2', 'X2', 'H2', '2025-03-10', '2025-03-14', '21', 100, '2025-03-14'),
	('o4', 'X4', 'H2', '2025-03-20', '2025-03-25', '11', 100, '2025-03-25'), ('b4', 'X4', 'H2', '2025-03-20', '2025-03-25', '21', 0, '2025-03-25');
SELECT
	-- admitted, in, in by an order that was refunded, last day in, discharged, an outpatient course and a stay that was taken back
	worked.line('v21', 'D', 1, '2025-03-10', 't'), worked.line('v21', 'D', 1, '2025-03-11', 't'), worked.line('v22', 'D', 1, '2025-03-12', 't'), worked.line('v22', 'D', -1, '2025-03-20', 't'), worked.line('v21', 'D', 1, '2025-03-13 23:59', 't'),
	worked.line('v21', 'D', 1, '2025-03-14', 't'), worked.line('v21', 'D', 1, '2025-03-22', 't'), worked.line('v21', 'D', 1, '2025-03-11', 'u'), worked.line('v21', 'D', 1, '2025-03-11', 'w'), worked.line('v21', 'D', 1, '2025-03-11', 'x') \g /dev/null
INSERT INTO worked.operation VALUES ('v23', '1', '2025-03-12', NULL, 'y');
SELECT physician_id AS id, physician_name, on_date, reasons, minutes, overlapping, in_stay, own_visit_id, persons, lines, visit_ids, amount, evidence FROM physician_day('2025-03-01', '2025-04-01') WHERE 'in_stay' = ANY (reasons);
-- of one day of it, the same
SELECT physician_id AS id, on_date, evidence FROM physician_day('2025-03-11', '2025-03-12') WHERE in_stay;

-- facilities: a physician is enough for 720, two for twice as much; the register has three
SELECT facility_id, on_date, minutes, physicians, registered, limit_minutes, persons, lines, amount, claimed_amount AS claimed, outcome FROM facility_days('2025-03-01', '2025-04-01');
TRUNCATE worked.charge, worked.physician, worked.operation;
SELECT worked.line('v1', 'A', 48, '2025-03-02', 'a'), worked.line('v2', 'D', 1, '2025-03-02', 'b'), worked.line('v1', 'A', 48, '2025-03-03', 'a'), worked.line('v2', 'D', 1, '2025-03-03', 'b'), worked.line('v3', 'A', 1, '2025-03-03', NULL),
	worked.line('v1', 'A', 25, '2025-03-04', NULL), worked.line('v1', 'A', 24, '2025-03-05', NULL), worked.line('v51', 'A', 25, '2025-03-02', 'b') \g /dev/null
SELECT facility_id, on_date, minutes, physicians, registered, limit_minutes, persons, lines, visit_ids, outcome, evidence FROM facility_days('2025-03-01', '2025-04-01');
INSERT INTO worked.physician VALUES ('1', NULL, NULL, NULL, 'H1'), ('2', NULL, NULL, NULL, 'H1'), ('2', NULL, NULL, NULL, 'h1'), ('3', NULL, NULL, NULL, 'H1');
SELECT facility_id, on_date, minutes, physicians, registered, limit_minutes, outcome FROM facility_days('2025-03-01', '2025-04-01');

-- the same in slow plain SQL, on random lines in any order
\set ECHO none
TRUNCATE worked.charge, worked.physician;
SELECT setseed(0.37) \g /dev/null
INSERT INTO worked.charge
SELECT 'v' || 1 + i % 60, (ARRAY['A', 'B', 'C', 'D'])[1 + i % 4], q.n, q.n * 10, '2025-03-01'::timestamp + make_interval(hours => (random() * 700 + i * 0)::int), 'd' || i % 13, q.n * 10, 'l' || i
FROM generate_series(1, 4000) AS i, LATERAL (SELECT 1 + (random() * 6 + i * 0)::int AS n) AS q ORDER BY md5(i::text);
-- one in ten is taken back, whole or by a unit
INSERT INTO worked.charge SELECT visit_id, item_code, -n, -n * 10, charged_at + interval '3 days', NULL, -n * 10, 'r' || line_id, line_id
FROM (SELECT c.*, CASE WHEN length(line_id) % 2 = 0 THEN quantity ELSE 1 END AS n FROM worked.charge AS c WHERE hashtext(line_id) % 10 = 0) AS c;
CREATE VIEW worked.slow AS
SELECT c.physician_id, v.facility_id, c.charged_at::date AS on_date, sum((c.quantity + coalesce(r.quantity, 0)) * CASE c.item_code WHEN 'A' THEN 30 WHEN 'B' THEN CASE v.facility_id WHEN 'H2' THEN 20 ELSE 60 END WHEN 'C' THEN 10 END) AS minutes
FROM worked.charge AS c JOIN (SELECT DISTINCT visit_id, facility_id FROM worked.visit) AS v USING (visit_id) LEFT JOIN worked.charge AS r ON r.visit_id = c.visit_id AND r.original_line_id = c.line_id
WHERE c.quantity > 0 GROUP BY 1, 2, 3;
\set ECHO all
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL OR s IS NULL) AS different FROM physician_day('2025-03-05', '2025-03-25', 500) AS f
FULL JOIN (SELECT physician_id, on_date, sum(minutes) AS minutes FROM worked.slow WHERE on_date BETWEEN '2025-03-05' AND '2025-03-24' GROUP BY 1, 2 HAVING sum(minutes) > 500) AS s
	ON s.physician_id = f.physician_id AND s.on_date = f.on_date AND s.minutes = f.minutes;
SELECT count(*) AS rows, count(*) FILTER (WHERE f IS NULL OR s IS NULL) AS different FROM facility_days('2025-03-05', '2025-03-25', 400) AS f
FULL JOIN (SELECT facility_id, on_date, sum(minutes) AS minutes, count(DISTINCT physician_id) AS physicians FROM worked.slow WHERE on_date BETWEEN '2025-03-05' AND '2025-03-24' GROUP BY 1, 2
	HAVING sum(minutes) > 400 * count(DISTINCT physician_id)) AS s ON s.facility_id = f.facility_id AND s.on_date = f.on_date AND s.minutes = f.minutes AND s.physicians = f.physicians;
-- the weeks together are the month
SELECT count(*) AS rows, count(*) FILTER (WHERE m IS NULL OR d IS NULL) AS different FROM physician_day('2025-03-01', '2025-04-01', 500) AS m
FULL JOIN (SELECT p.* FROM generate_series('2025-03-01'::timestamp, '2025-03-31', interval '7 days') AS g, physician_day(g::date, least(g::date + 7, '2025-04-01'), 500) AS p) AS d ON d::text = m::text;

\set ECHO none
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
DROP SCHEMA worked CASCADE;
