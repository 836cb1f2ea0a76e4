-- Working days and rest days, as published and of a fund's own.
SET datestyle = ISO;
SELECT extract(year FROM day)::int AS year, count(*) FILTER (WHERE NOT working) AS holidays, count(*) FILTER (WHERE working) AS working_weekends,
	count(*) FILTER (WHERE working AND extract(isodow FROM day) < 6) AS wrong, count(*) FILTER (WHERE NOT shipped) AS own
FROM medaudit.calendar GROUP BY 1 ORDER BY 1;
-- the class of a day: national holidays, working weekends, and their neighbours
SELECT day, to_char(day, 'Dy') AS weekday, medaudit.day_class(day) AS class, (SELECT note FROM medaudit.calendar AS c WHERE c.day = t.day) AS note
FROM unnest('{2024-02-04,2024-02-09,2024-02-10,2024-02-17,2024-02-18,2024-10-07,2024-10-08,2024-10-12,2025-01-01,2025-01-26,2025-01-28,2025-10-06,2025-10-09,2025-10-11,
	2026-01-02,2026-01-04,2026-02-14,2026-02-23,2026-02-24,2026-09-20,2026-09-25,2026-10-10,2027-01-01,2023-10-02}'::date[]) AS t (day) ORDER BY day;
-- seven classes; all other days are what their weekday is
SELECT count(*) AS days, count(*) FILTER (WHERE medaudit.day_class(d) <> extract(isodow FROM d)) AS other
FROM (SELECT date '2024-01-01' + n AS d FROM generate_series(0, 1095) AS n) AS t;
SELECT medaudit.day_class(NULL) AS none, medaudit.day_class('infinity') AS forever;
-- a fund's own: a holiday of the region, and one that it does not keep
INSERT INTO medaudit.calendar (day, working, note) VALUES ('2025-04-03', false, '三月三'), ('2025-01-01', true, '照常上班'), ('2025-02-01', true, '加班'), ('2025-04-09', true, NULL);
SELECT day, medaudit.day_class(day) AS class FROM unnest('{2025-04-02,2025-04-03,2025-01-01,2025-02-01,2025-04-09}'::date[]) AS t (day) ORDER BY day;
\set VERBOSITY sqlstate
INSERT INTO medaudit.calendar (day, working) VALUES ('2025-04-03', true);
INSERT INTO medaudit.calendar (day, working) VALUES ('infinity', true);
UPDATE medaudit.calendar SET working = true WHERE shipped AND day = '2025-01-28';
DELETE FROM medaudit.calendar WHERE shipped AND day = '2025-01-28';
\set VERBOSITY default
DELETE FROM medaudit.calendar WHERE NOT shipped;
SELECT medaudit.day_class('2025-04-03') AS class;
\set VERBOSITY default
-- so many working days later: the Sunday before a long weekend is worked; of a year without rows weekends rest
DELETE FROM medaudit.calendar WHERE NOT shipped;
SELECT medaudit.add_workdays('2025-04-25', 5) AS may_6, medaudit.add_workdays('2031-05-02', 5) AS may_9, medaudit.add_workdays('2025-05-06', -5) AS april_25,
	medaudit.add_workdays('2025-05-03', 0) AS same, medaudit.add_workdays('2025-05-03', 1) AS next, medaudit.add_workdays('2025-05-03', -1) AS before, medaudit.add_workdays(NULL, 1) AS none;
-- as counting day by day says
SELECT count(*) AS days, count(*) FILTER (WHERE a.day IS DISTINCT FROM b.day) AS wrong
FROM generate_series(-300, 300) AS n
CROSS JOIN LATERAL (SELECT medaudit.add_workdays('2025-01-24', n) AS day) AS a
CROSS JOIN LATERAL (SELECT CASE WHEN n = 0 THEN date '2025-01-24' ELSE (SELECT d FROM (
	SELECT date '2025-01-24' + sign(n)::int * i AS d, sum((medaudit.day_class(date '2025-01-24' + sign(n)::int * i) < 6)::int) OVER (ORDER BY i) AS worked
	FROM generate_series(1, 700) AS i) AS w WHERE w.worked = abs(n) ORDER BY abs(w.d - date '2025-01-24') LIMIT 1) END AS day) AS b;
SELECT medaudit.add_workdays('2000-01-03', 100000);
\set VERBOSITY sqlstate
SELECT medaudit.add_workdays('2025-05-03', 100001);
SELECT medaudit.add_workdays('infinity', 1);
