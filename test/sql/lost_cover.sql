-- lost_cover: who is covered no more, and who never was
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
\set VERBOSITY sqlstate
SELECT * FROM medaudit.lost_cover();
SELECT * FROM medaudit.lost_cover_persons();
\set VERBOSITY default
-- nothing is bound: the views are empty
SELECT (SELECT count(*) FROM medaudit.lost_cover) AS counts, (SELECT count(*) FROM medaudit.lost_cover_persons) AS people;
DROP SCHEMA IF EXISTS cover CASCADE;
CREATE SCHEMA cover;
CREATE TABLE cover.person (person_id text, name text, resident_id text, sex text, birth_date date, death_date date, person_class text, aid_class text, region text);
CREATE TABLE cover.enrolment (person_id text, valid text, insurance_type text, person_class text, aid_class text, region text, exit_reason text);
CREATE FUNCTION cover.year(person text, y int, insurance text DEFAULT '390', place text DEFAULT '330102') RETURNS void LANGUAGE sql AS $$
	INSERT INTO cover.enrolment VALUES (person, format('[%s-01-01,%s-12-31]', y, y), insurance, '14', NULL, place) $$;
INSERT INTO cover.person (person_id, name, person_class, region) SELECT p, '甲' || p, '14', '330102'
	FROM unnest('{kept,lost1,lost2,late,month,insurance,place,number,dead,deadlater,abroad,garbled,old,newcomer,never,neverdead,both}'::text[]) AS p;
INSERT INTO cover.person (person_id, name, person_class, region) VALUES ('elsewhere', '远方', '14', '440100'), ('unsent', '未报', '14', '330200');
DO $$
BEGIN
	PERFORM cover.year(p, 2024) FROM unnest('{kept,lost1,lost2,late,insurance,place,number,dead,deadlater,abroad,garbled}'::text[]) AS p;
	PERFORM cover.year('kept', 2025), cover.year('insurance', 2025, '310'), cover.year('place', 2025, place => '330106'), cover.year('number2', 2025, place => '330106'),
		cover.year('newcomer', 2025), cover.year('old', 2023), cover.year('unsent', 2024, place => '330200'), cover.year('both', 2024), cover.year('both', 2024, '310'), cover.year('both', 2025);
END $$;
-- a day of the year is enough; who was covered on the first day of a period that ends there was; employees by month
INSERT INTO cover.enrolment VALUES ('late', '[2025-12-31,2025-12-31]', '390', '14', NULL, '330102'), ('month', '[2010-03-01,)', '310', '11', NULL, '330102'), ('month2', '[2010-03-01,2024-06-30]', '310', '11', NULL, '330102'), ('garbled', '去年起', '390', '14', NULL, '330102'),
	('lost2', '[2024-12-31,2025-01-01)', '390', '15', '低保', '330102'), ('kept', 'empty', '390', '14', NULL, '330102'), (NULL, '[2024-01-01,2024-12-31]', '390', '14', NULL, '330102');
UPDATE cover.enrolment SET exit_reason = '出国定居' WHERE person_id = 'abroad';
UPDATE cover.person SET death_date = '2025-12-31' WHERE person_id IN ('dead', 'neverdead');
-- dead in the year after: the cover was lost
UPDATE cover.person SET death_date = '2026-01-01' WHERE person_id = 'deadlater';
-- one of the people with a new number elsewhere; a child on the number of its mother is not
UPDATE cover.person SET resident_id = '11010519491231002X', birth_date = '1949-12-31', sex = '2' WHERE person_id = 'number';
INSERT INTO cover.person VALUES ('number2', '甲number', ' 11010519491231002x', '2', '1949-12-31', NULL, '14', NULL, '330106');
UPDATE cover.person SET resident_id = '440524188001010014', birth_date = '1880-01-01' WHERE person_id = 'kept';
UPDATE cover.person SET resident_id = '440524188001010014', birth_date = '1920-01-01' WHERE person_id = 'lost1';
CALL medaudit.bind('enrolment', 'cover.enrolment');
-- without a register: by number alone, nobody is known to have died, nobody to be uncovered
SELECT * FROM medaudit.lost_cover(2025);
SELECT person_id, region, person_class, aid_class, covered_on, outcome, outcome_zh FROM medaudit.lost_cover_persons(2025);
CALL medaudit.bind('person', 'cover.person');
SELECT * FROM medaudit.lost_cover(2025);
SELECT * FROM medaudit.lost_cover_persons(2025);
SELECT person_id, outcome FROM medaudit._cover_outcomes(2025) ORDER BY person_id COLLATE "C";
SELECT outcome, medaudit._cover_outcome_zh(outcome) FROM unnest('{kept,moved,died,left,insufficient,lost,joined,uncovered,x,NULL}'::text[]) AS outcome;
-- the views: of the last year that began; divided otherwise
SELECT * FROM medaudit.lost_cover;
SELECT * FROM medaudit.lost_cover_persons;
SELECT insurance_type, covered_before, kept, moved, lost, lost_rate FROM medaudit.lost_cover(2025, '{insurance_type}');
SELECT region, person_class, covered_before AS before, kept + moved + died + left_cover + insufficient + lost AS adds_up, lost, uncovered, cover_rate FROM medaudit.lost_cover(2025, '{}');
-- other years: of one that residents have not sent only employees are judged, of one of nobody nobody
SELECT year, covered_before, kept, lost, insufficient, joined, uncovered FROM medaudit.lost_cover(2024, '{}');
SELECT year, covered_before, kept, lost, insufficient, joined, uncovered FROM medaudit.lost_cover(2027, '{}');
SELECT year, insurance_type, covered_before, kept, lost, insufficient, joined, uncovered FROM medaudit.lost_cover(2026, '{insurance_type}');
SELECT year, covered_before, lost_rate, uncovered FROM medaudit.lost_cover(1999, '{}');
-- a cover that is to begin is no year yet
INSERT INTO cover.enrolment VALUES ('kept', '[2199-01-01,2199-12-31]', '390', '14', NULL, '330102');
SELECT DISTINCT year FROM medaudit.lost_cover();
\set VERBOSITY terse
SELECT * FROM medaudit.lost_cover(1901);
SELECT * FROM medaudit.lost_cover_persons(2200);
SELECT * FROM medaudit.lost_cover(2025, NULL);
SELECT * FROM medaudit.lost_cover(2025, '{region,name}');
SELECT * FROM medaudit.lost_cover(2025, '{NULL}');
\set VERBOSITY default
-- names of people: analysts read them, readers and reviewers do not
CREATE ROLE regress_medaudit_cover;
CALL medaudit.grant_access('regress_medaudit_cover', 'reader');
CALL medaudit.grant_access('regress_medaudit_cover', 'reviewer');
GRANT USAGE ON SCHEMA cover TO regress_medaudit_cover;
GRANT SELECT ON ALL TABLES IN SCHEMA cover TO regress_medaudit_cover;
SET ROLE regress_medaudit_cover;
\set VERBOSITY sqlstate
SELECT count(*) FROM medaudit.lost_cover_persons;
SELECT count(*) FROM medaudit.断保漏保人员;
SELECT count(*) FROM medaudit.lost_cover_persons(2025);
\set VERBOSITY default
RESET ROLE;
CALL medaudit.grant_access('regress_medaudit_cover', 'analyst');
SET ROLE regress_medaudit_cover;
SELECT (SELECT count(*) FROM medaudit.lost_cover_persons) AS people, (SELECT count(*) FROM medaudit.断保漏保人员) AS twin, (SELECT sum(lost + uncovered) FROM medaudit.lost_cover) AS counted;
RESET ROLE;
DROP OWNED BY regress_medaudit_cover;
DROP ROLE regress_medaudit_cover;
DELETE FROM medaudit.access_grant WHERE role_name = 'regress_medaudit_cover';
-- the same as slow plain SQL, on random covers in random order
\set ECHO none
TRUNCATE cover.person, cover.enrolment;
SELECT setseed(0.25);
INSERT INTO cover.person (person_id, name, death_date, person_class, region)
SELECT 'P' || n, '某' || n, CASE WHEN random() < 0.1 THEN date '2024-06-01' + (random() * 700)::int END, (ARRAY['14', '11'])[1 + n % 2], (ARRAY['330102', '330106', NULL])[1 + (random() * 2)::int] FROM generate_series(1, 400) AS n;
INSERT INTO cover.enrolment
SELECT 'P' || 1 + (random() * 420)::int, CASE WHEN random() < 0.03 THEN '?' ELSE format('[%s,%s]', d, d + (random() * 500)::int) END, (ARRAY['390', '310'])[1 + (random())::int], '14', NULL, (ARRAY['330102', '330106'])[1 + (random())::int],
	CASE WHEN random() < 0.1 THEN '参军' END
FROM (SELECT date '2023-06-01' + (random() * 1000)::int AS d FROM generate_series(1, 500) AS i ORDER BY md5(i::text)) AS r;
CREATE TABLE cover.slow AS
WITH e AS (
	SELECT DISTINCT e.*, CASE WHEN e.valid <> '?' THEN e.valid::daterange END AS days FROM cover.enrolment AS e
), y AS (
	SELECT e.*, e.days && '[2024-01-01,2025-01-01)' AS before, e.days && '[2025-01-01,2026-01-01)' AS after FROM e WHERE e.days IS NULL OR e.days && '[2024-01-01,2026-01-01)'
)
SELECT p.person_id, CASE
	WHEN EXISTS (SELECT FROM y WHERE y.person_id = p.person_id AND y.before) THEN (
		SELECT CASE WHEN EXISTS (SELECT FROM y JOIN y AS z USING (person_id, region, insurance_type) WHERE y.person_id = p.person_id AND y.before AND z.after) THEN 'kept'
			WHEN EXISTS (SELECT FROM y WHERE y.person_id = p.person_id AND y.after) THEN 'moved'
			WHEN (SELECT r.death_date FROM cover.person AS r WHERE r.person_id = p.person_id) < '2026-01-01' THEN 'died' WHEN l.exit_reason IS NOT NULL THEN 'left'
			WHEN EXISTS (SELECT FROM y WHERE y.person_id = p.person_id AND y.days IS NULL) THEN 'insufficient' ELSE 'lost' END
		FROM (SELECT y.* FROM y WHERE y.person_id = p.person_id AND y.before ORDER BY least(upper(y.days), '2025-01-01') DESC, upper(y.days) DESC, lower(y.days) DESC, y.region, y.insurance_type, y.exit_reason LIMIT 1) AS l)
	WHEN EXISTS (SELECT FROM y WHERE y.person_id = p.person_id AND y.after) THEN 'joined'
	WHEN NOT EXISTS (SELECT FROM y WHERE y.person_id = p.person_id) AND EXISTS (SELECT FROM cover.person AS r WHERE r.person_id = p.person_id AND r.region IS NOT NULL AND coalesce(r.death_date >= '2026-01-01', true)) THEN 'uncovered' END AS outcome
FROM (SELECT person_id FROM cover.person UNION SELECT person_id FROM e) AS p;
\set ECHO all
SELECT outcome, count(*) FROM cover.slow GROUP BY 1 ORDER BY 1;
SELECT count(*) AS differ FROM (SELECT person_id, outcome FROM cover.slow WHERE outcome IS NOT NULL) AS s
FULL JOIN medaudit._cover_outcomes(2025) AS o USING (person_id) WHERE s.outcome IS DISTINCT FROM o.outcome;
SELECT count(*) AS differ FROM (SELECT outcome, count(*) AS n FROM cover.slow GROUP BY 1) AS s
JOIN (SELECT u.outcome, sum(u.n) AS n FROM medaudit.lost_cover(2025) AS l CROSS JOIN LATERAL (VALUES ('kept', l.kept), ('moved', l.moved), ('died', l.died), ('left', l.left_cover), ('insufficient', l.insufficient),
	('lost', l.lost), ('joined', l.joined), ('uncovered', l.uncovered)) AS u (outcome, n) GROUP BY 1) AS f USING (outcome) WHERE f.n <> s.n;
DROP SCHEMA cover CASCADE;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
