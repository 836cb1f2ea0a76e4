-- unclaimed_benefit: drugs of a chronic disease for a year, and no certificate
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
\pset null ~
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
\set VERBOSITY sqlstate
SELECT * FROM medaudit.unclaimed_benefit();
SELECT * FROM medaudit.unclaimed_benefit_persons();
\set VERBOSITY default
SELECT (SELECT count(*) FROM medaudit.unclaimed_benefit) AS counts, (SELECT count(*) FROM medaudit.unclaimed_benefit_persons) AS people;
SELECT * FROM medaudit._chronic_benefits();
\set VERBOSITY terse
DELETE FROM medaudit.chronic_benefit WHERE benefit = 'diabetes';
INSERT INTO medaudit.chronic_benefit VALUES ('x', 'x', 'x', '{}');
INSERT INTO medaudit.chronic_benefit VALUES ('x', 'x', 'x', '{XA,NULL}');
INSERT INTO medaudit.chronic_benefit VALUES ('x', 'x', 'x', '{""}');
\set VERBOSITY default
DROP SCHEMA IF EXISTS duty CASCADE;
CREATE SCHEMA duty;
CREATE TABLE duty.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text, total_amount numeric);
CREATE TABLE duty.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, days_supply numeric, category text, original_line_id text);
CREATE TABLE duty.certificate (person_id text, disease_code text, valid text);
CREATE TABLE duty.person (person_id text, name text, resident_id text, death_date date, insurance_type text, person_class text, aid_class text, region text);
CREATE TABLE duty.diagnosis (visit_id text, diagnosis_code text);
CREATE FUNCTION duty.dispense(person text, day date, days numeric DEFAULT 30, drug text DEFAULT 'XC08CAA001A001010100001', visit_type text DEFAULT '11', diagnosis text DEFAULT 'J00', packs numeric DEFAULT 1, taken_from date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO duty.visit SELECT concat_ws('-', person, day, drug, packs), person, 'H1', day + time '09:00', day + time '09:10', visit_type, diagnosis, 40 * packs;
	INSERT INTO duty.charge VALUES (concat_ws('-', person, day, drug, packs), '1', drug, packs, 40 * packs, day + time '09:05', days, '09', NULL) $$;
-- so many months from a month on
CREATE FUNCTION duty.months(person text, n int, first date DEFAULT '2025-01-10', days numeric DEFAULT 20, drug text DEFAULT 'XC08CAA001A001010100001', visit_type text DEFAULT '11', diagnosis text DEFAULT 'J00') RETURNS void LANGUAGE sql AS $$
	SELECT duty.dispense(person, (first + make_interval(months => i))::date, days, drug, visit_type, diagnosis) FROM generate_series(0, n - 1) AS i $$;
INSERT INTO duty.person (person_id, name, insurance_type, person_class, region) SELECT p, '甲' || p, '390', '14', '330102'
	FROM unnest('{all,nine,eight,long,long8,before,nodays,sugar,insulin,two,returned,held,ended,ended3,next,other,special,mixed,mixed2,cold,dead,diagnosed,listed,garbled,void,stay}'::text[]) AS p;
DO $$
BEGIN
	PERFORM duty.months('all', 12), duty.months('nine', 9), duty.months('eight', 8),
		-- a box for twelve weeks covers three months or four; two of them nine, one short eight
		duty.dispense('long', date '2025-01-20', 84), duty.dispense('long', date '2025-05-02', 84), duty.dispense('long', date '2025-09-02', 84),
		duty.dispense('long8', date '2025-01-02', 84), duty.dispense('long8', date '2025-05-02', 84), duty.dispense('long8', date '2025-09-02', 31),
		-- dispensed before the year and lasting into it; days that are not known count for their month
		duty.dispense('before', date '2024-12-01', 84), duty.months('before', 7, '2025-03-10'), duty.months('nodays', 9, days => NULL),
		duty.months('sugar', 10, drug => 'XA10BAE101A001010100001'), duty.months('insulin', 5, drug => 'XA10ABA001B001010100001'), duty.months('insulin', 5, '2025-06-10', drug => 'XA10BAE101A001010100001'),
		duty.months('two', 10), duty.months('two', 10, drug => 'XA10BAE101A001010100001'),
		-- a box that came back is none: eight are left
		duty.months('returned', 9), duty.dispense('returned', '2025-09-12', -20, packs => -1),
		-- certificates: for the year, to January (eleven without), to April (eight), from January on, of another disease, none that can be read
		duty.months('held', 12), duty.months('ended', 12), duty.months('ended3', 12), duty.months('next', 12), duty.months('other', 12), duty.months('garbled', 12),
		-- paid as for a special disease: all, the last three of twelve, the first three; other drugs; the dead; herbs beside; a visit that was taken back
		duty.months('special', 12, visit_type => '140104'), duty.months('mixed', 9), duty.months('mixed', 3, '2025-10-10', visit_type => '140104'), duty.months('mixed2', 3, visit_type => '140104'), duty.months('mixed2', 9, '2025-04-10'), duty.months('cold', 12, drug => 'XR05XAA001A001010100001'), duty.months('dead', 12),
		duty.months('diagnosed', 12, diagnosis => 'I10.x00x002'), duty.months('listed', 12), duty.months('void', 12);
	UPDATE duty.visit SET total_amount = 0 WHERE person_id = 'void' AND admitted_at < '2025-05-01';
	-- what was given in a stay is not taken home
	INSERT INTO duty.visit SELECT 'stay' || i, 'stay', 'H1', date '2025-01-01' + i * 30, date '2025-01-06' + i * 30, '21', 'I10', 40 FROM generate_series(0, 11) AS i;
	INSERT INTO duty.charge SELECT 'stay' || i, '1', 'XC08CAA001A001010100001', 1, 40, date '2025-01-02' + i * 30, 30, '09' FROM generate_series(0, 11) AS i;
END $$;
INSERT INTO duty.visit SELECT 'last', 'nobody', 'H1', '2025-12-30', '2025-12-30', '11', NULL, 1;
UPDATE duty.person SET death_date = '2025-12-31' WHERE person_id = 'dead';
UPDATE duty.person SET aid_class = '低保', region = '330106' WHERE person_id IN ('nine', 'held');
-- under another number of the same person
UPDATE duty.person SET resident_id = '11010519491231002X' WHERE person_id = 'listed';
INSERT INTO duty.person VALUES ('listed2', '甲listed', '11010519491231002X', NULL, '390', '14', NULL, '330102');
INSERT INTO duty.certificate VALUES ('held', 'M03900', '[2025-01-01,2025-12-31]'), ('ended', 'M03900', '[2024-01-01,2025-01-31]'), ('ended3', 'M03900', '[2024-01-01,2025-04-01]'), ('next', 'M03900', '[2026-01-01,2026-12-31]'), ('other', 'M99900', '[2025-01-01,2025-12-31]'),
	('garbled', 'M03900', '?'), ('listed2', 'M03900', '[2025-01-01,)'), ('all', 'M03900', 'empty'), (NULL, 'M03900', '[2025-01-01,)'), ('eight', 'M03900', '[2025-06-01,2025-06-30]');
INSERT INTO duty.diagnosis SELECT visit_id, 'e11.9' FROM duty.visit WHERE person_id = 'sugar' AND admitted_at > '2025-10-01';
CALL medaudit.bind('visit', 'duty.visit', '{"main_diagnosis": null}');
CALL medaudit.bind('charge', 'duty.charge');
\set VERBOSITY sqlstate
SELECT * FROM medaudit.unclaimed_benefit('2025-12-31');
\set VERBOSITY default
CALL medaudit.bind('certificate', 'duty.certificate');
-- without a register, and without diagnoses
SELECT * FROM medaudit.unclaimed_benefit('2025-12-31');
CALL medaudit.bind('person', 'duty.person');
SELECT benefit, person_id, person_name, region, insurance_type, person_class, aid_class, months, months_without AS without, ended_on, diagnosed FROM medaudit.unclaimed_benefit_persons('2025-12-31');
CALL medaudit.bind('visit', 'duty.visit');
CALL medaudit.bind('diagnosis', 'duty.diagnosis');
SELECT * FROM medaudit.unclaimed_benefit('2025-12-01');
SELECT benefit, person_id, diagnosed FROM medaudit.unclaimed_benefit_persons('2025-12-31') WHERE diagnosed;
SELECT benefit, person_id, months, months_without AS without, outcome FROM medaudit._benefit_outcomes('2025-12-01', 9) WHERE outcome <> 'unclaimed' ORDER BY 1, 2;
-- another bound, another time, other divisions; the views
SELECT benefit, person_id, months FROM medaudit.unclaimed_benefit_persons('2025-12-31', 8) WHERE months = 8;
SELECT benefit, from_month, to_month, persons, claimed, insufficient, unclaimed FROM medaudit.unclaimed_benefit('2025-09-15', by => '{}');
SELECT benefit, persons FROM medaudit.unclaimed_benefit('2025-12-31', 12, '{}');
SELECT region, insurance_type, aid_class, persons, unclaimed, unclaimed_rate FROM medaudit.unclaimed_benefit('2025-12-31', by => '{region,insurance_type,aid_class}') WHERE benefit = 'hypertension';
SELECT count(*) AS differ FROM ((TABLE medaudit.unclaimed_benefit_persons) EXCEPT ALL SELECT * FROM medaudit.unclaimed_benefit_persons('2025-12-31')) AS d;
SELECT sum(persons) AS persons, sum(unclaimed) AS unclaimed, (SELECT count(*) FROM medaudit.unclaimed_benefit_persons) AS listed FROM medaudit.unclaimed_benefit;
-- a fund's own row: these certificates alone, and another benefit
INSERT INTO medaudit.chronic_benefit (benefit, name_zh, name_en, drug_classes, certificate_codes) SELECT b.benefit, b.name_zh, b.name_en, b.drug_classes, '{m039}' FROM medaudit.chronic_benefit AS b WHERE b.benefit = 'hypertension';
INSERT INTO medaudit.chronic_benefit VALUES ('cough', '止咳', 'cough', '{xr05}');
SELECT benefit, person_id, ended_on, diagnosed FROM medaudit.unclaimed_benefit_persons('2025-12-31') WHERE person_id IN ('other', 'held', 'cold');
DELETE FROM medaudit.chronic_benefit WHERE NOT shipped;
-- months of which no certificate of anybody was sent are not judged
DELETE FROM duty.certificate;
INSERT INTO duty.certificate VALUES ('held', 'M03900', '[2025-04-01,2025-12-31]');
SELECT benefit, persons, claimed, insufficient, unclaimed, unclaimed_rate FROM medaudit.unclaimed_benefit('2025-12-31', by => '{}');
SELECT person_id, months, months_without FROM medaudit.unclaimed_benefit_persons('2025-12-31') WHERE benefit = 'hypertension';
DELETE FROM duty.certificate;
SELECT benefit, persons, claimed, insufficient, unclaimed, unclaimed_rate FROM medaudit.unclaimed_benefit('2025-12-31', by => '{}');
\set VERBOSITY terse
SELECT * FROM medaudit.unclaimed_benefit('infinity');
SELECT * FROM medaudit.unclaimed_benefit('1901-12-31');
SELECT * FROM medaudit.unclaimed_benefit_persons('2025-12-31', 0);
SELECT * FROM medaudit.unclaimed_benefit_persons('2025-12-31', 13);
SELECT * FROM medaudit.unclaimed_benefit('2025-12-31', NULL);
SELECT * FROM medaudit.unclaimed_benefit('2025-12-31', by => '{x}');
\set VERBOSITY default
-- the same as slow plain SQL, in random order
\set ECHO none
TRUNCATE duty.visit, duty.charge, duty.certificate, duty.person, duty.diagnosis;
SELECT setseed(0.5);
INSERT INTO duty.person (person_id, name, insurance_type, person_class, region) SELECT 'P' || n, '某', '390', '14', '330102' FROM generate_series(1, 40) AS n;
-- no visit of one person, day and drug twice, for different charges of one number are nobody's
CREATE TABLE duty.drawn AS SELECT i, 1 + (random() * 39)::int AS n, date '2024-11-01' + (random() * 425)::int AS day, CASE WHEN random() > 0.1 THEN 5 + (random() * 60)::int END AS days,
	(ARRAY['XC08CAA001A001010100001', 'XA10BAE101A001010100001', 'XR05XAA001A001010100001'])[1 + (random() * 2)::int] AS drug, CASE WHEN random() < 0.06 THEN '1401' ELSE '11' END AS visit_type FROM generate_series(1, 1400) AS i;
SELECT duty.dispense('P' || d.n, d.day, d.days, d.drug, d.visit_type) FROM (SELECT DISTINCT ON (n, day, drug) * FROM duty.drawn ORDER BY n, day, drug, i) AS d ORDER BY md5(d.i::text) \g /dev/null
INSERT INTO duty.certificate SELECT 'P' || 1 + (random() * 39)::int, 'M', format('[%s,%s]', d, d + (random() * 250)::int) FROM (SELECT date '2024-06-01' + (random() * 600)::int AS d FROM generate_series(1, 14)) AS r;
CREATE TABLE duty.slow AS
WITH month AS (
	SELECT m::date AS first, (m + interval '1 month')::date AS next FROM generate_series('2025-01-01'::timestamp, '2025-12-01', '1 month') AS m
), line AS (
	SELECT DISTINCT v.person_id, v.visit_type, c.item_code, c.charged_at::date AS day, coalesce(c.days_supply, 1)::int AS days FROM duty.charge AS c JOIN duty.visit AS v USING (visit_id)
), month_of AS (
	SELECT b.benefit, p.person_id, m.first, bool_or(l.visit_type = '1401') AS special,
		EXISTS (SELECT FROM duty.certificate AS k WHERE k.person_id = p.person_id AND k.valid::daterange && daterange(m.first, m.next)) AS held
	FROM duty.person AS p CROSS JOIN month AS m CROSS JOIN (VALUES ('hypertension', 'XC08'), ('diabetes', 'XA10')) AS b (benefit, class)
	JOIN line AS l ON l.person_id = p.person_id AND l.item_code LIKE b.class || '%' AND EXISTS (SELECT FROM generate_series(0, l.days - 1) AS i WHERE l.day + i >= m.first AND l.day + i < m.next)
	GROUP BY 1, 2, 3, m.next
)
SELECT benefit, person_id, count(*) AS months, count(*) FILTER (WHERE NOT special AND NOT held) AS without,
	CASE WHEN count(*) FILTER (WHERE NOT special AND NOT held) >= 9 AND NOT EXISTS (SELECT FROM duty.certificate AS k WHERE k.person_id = m.person_id AND upper(k.valid::daterange) > '2025-12-31') AND NOT (array_agg(special ORDER BY first DESC))[1] THEN 'unclaimed' ELSE 'claimed' END AS outcome
FROM month_of AS m GROUP BY benefit, person_id HAVING count(*) >= 9;
\set ECHO all
SELECT benefit, outcome, count(*) FROM duty.slow GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS differ FROM (SELECT * FROM duty.slow) AS s FULL JOIN medaudit._benefit_outcomes('2025-12-01', 9) AS o USING (benefit, person_id)
WHERE (s.months, s.without, s.outcome) IS DISTINCT FROM (o.months, o.months_without, o.outcome);
DROP SCHEMA duty CASCADE;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
TRUNCATE medaudit.binding;
