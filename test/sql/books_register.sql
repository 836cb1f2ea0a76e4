-- The register of persons in the store of books: made once, compared by digests, and
-- made anew of whoever changed; what a run takes from it is what it reads itself.
\set ECHO none
SET client_min_messages = error;
SET search_path = public, medaudit;
SET datestyle = iso;
CREATE SCHEMA warehouse;
CREATE TABLE warehouse.person (psn_no text, psn_name text, certno text, gend text, brdy text, die_date date, hh_no text, addr text, tel text, region text);
SELECT setseed(0.25) \gset
INSERT INTO warehouse.person
SELECT 'P' || lpad(i::text, 3, '0'), '人' || i, CASE i % 7 WHEN 0 THEN '11010519491231002X' WHEN 1 THEN '110105194912310021' WHEN 2 THEN '11010519491231' || i ELSE NULL END,
	(1 + i % 2)::text, (date '1949-12-31' + (i % 3) * 40)::text, NULL, CASE WHEN random() < 0.6 THEN 'H' || floor(random() * 12) END,
	CASE WHEN random() < 0.7 THEN format('北京市朝阳区建国路%s号院%s号楼%s单元%s室', 1 + i % 3, 1 + i % 4, 1 + i % 2, 101 + i % 3) END,
	CASE WHEN random() < 0.5 THEN '1391234' || lpad(floor(random() * 15)::text, 4, '0') END, '110105'
FROM generate_series(1, 60) AS i;
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp, visit_type text, total_amount numeric, updt_time timestamp DEFAULT '2025-03-20 01:00');
INSERT INTO warehouse.visit
SELECT 'V' || i, 'P' || lpad((1 + i % 30)::text, 3, '0'), 'F' || 1 + i % 2, timestamp '2025-03-01 08:00' + (i / 3) * interval '1 day', timestamp '2025-03-03 09:00' + (i / 3) * interval '1 day',
	timestamp '2025-03-03 10:00' + (i / 3) * interval '1 day', '21', 100
FROM generate_series(1, 40) AS i;
CREATE TABLE warehouse.line (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp);
INSERT INTO warehouse.line SELECT visit_id, '1', 'A', 1, 100, admitted_at FROM warehouse.visit;
CALL bind('person', 'warehouse.person', '{"person_id": "psn_no", "name": "psn_name", "resident_id": "certno", "sex": "gend", "birth_date": "brdy", "death_date": "die_date", "household_id": "hh_no", "address": "addr", "phone": "tel"}');
CALL bind('visit', 'warehouse.visit');
CALL bind('charge', 'warehouse.line');
CALL bind('change', 'warehouse.visit', '{"visit_id": "visit_id", "changed_at": "updt_time"}');
CREATE TABLE warehouse.was_enabled AS SELECT rule_code FROM rule WHERE enabled;
UPDATE rule SET enabled = false;
INSERT INTO rule (rule_code, kind, name_zh, subject) SELECT 'p_' || kind, kind, kind, 'person' FROM unnest('{invalid_resident_id,resident_id_mismatch,shared_resident_id}'::text[]) AS kind;
UPDATE rule SET parameters = '{"max_share": 1}' WHERE rule_code ~ '^p_(invalid|resident)';
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('s_together', 'same_household_admissions', '同进同出'), ('s_companions', 'companions', '结伴住院');
CREATE FUNCTION warehouse.quality(run_no bigint) RETURNS SETOF text LANGUAGE sql AS
	$$ SELECT concat_ws('|', problem, rows, examples) FROM run_quality WHERE run_id = run_no AND relation = 'person' ORDER BY 1 $$;
-- as slow SQL says it of the register as it is
CREATE VIEW warehouse.slow AS
WITH one AS (
	SELECT p.psn_no AS person_id, readable_resident_id(min(p.certno)) AS number, nullif(min(p.hh_no), '') AS own, household_key(min(p.addr)) AS address,
		readable_phone(min(p.tel)) AS phone, min(p.gend) AS sex, min(p.brdy)::date AS birth_date
	FROM warehouse.person AS p WHERE p.psn_no IS NOT NULL GROUP BY p.psn_no
), agreeing AS (
	SELECT o.*, o.number IS NOT NULL AND resident_id_valid(o.number) AS valid, coalesce(o.birth_date < resident_id_birth_date(o.number) + interval '10 years', true)
		AND NOT coalesce(o.birth_date <> resident_id_birth_date(o.number) AND o.sex <> resident_id_sex(o.number), false) AS agrees
	FROM one AS o
), known AS (
	SELECT a.person_id, CASE WHEN a.valid AND a.agrees THEN (SELECT min(b.person_id) FROM agreeing AS b WHERE b.number = a.number AND b.agrees) ELSE a.person_id END AS people_id,
		CASE WHEN a.valid THEN (SELECT min(b.person_id) FROM agreeing AS b WHERE b.number = a.number) ELSE a.person_id END AS number_owner,
		coalesce(a.own, CASE WHEN a.valid AND a.agrees THEN (SELECT min(b.own) FROM agreeing AS b WHERE b.number = a.number AND b.agrees) END) AS household,
		a.address, a.phone
	FROM agreeing AS a
)
SELECT k.person_id, k.people_id, k.number_owner, k.household, k.address, k.phone,
	(SELECT nullif(count(DISTINCT o.people_id), 0) FROM known AS o WHERE o.household = k.household) AS household_people,
	(SELECT nullif(count(DISTINCT o.people_id), 0) FROM known AS o WHERE o.address = k.address) AS address_people
FROM known AS k;
CREATE FUNCTION warehouse.differing() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT side || ' ' || d::text FROM (
		SELECT 'kept' AS side, k.* FROM (SELECT person_id, people_id, number_owner, household, address, phone, household_people, address_people FROM medaudit_data.person_key EXCEPT ALL TABLE warehouse.slow) AS k
		UNION ALL SELECT 'slow', s.* FROM (TABLE warehouse.slow EXCEPT ALL SELECT person_id, people_id, number_owner, household, address, phone, household_people, address_people FROM medaudit_data.person_key) AS s) AS d ORDER BY 1;
END $$;
\set ECHO all
CALL create_book_store(2);
CALL refresh_books();
SELECT persons, readable, nameless, persons_changed FROM medaudit_data.book_state;
SELECT * FROM warehouse.differing();
SELECT count(*) > 0 AS homes, max(household_people) > 2 AS some_live_together, count(*) FILTER (WHERE people_id <> person_id) > 0 AS some_are_one FROM medaudit_data.person_key;
-- nothing changed
CALL refresh_books();
SELECT persons_changed FROM medaudit_data.book_state;

-- a day sees the people of its day, and not who moved in with them
UPDATE warehouse.person SET hh_no = 'H90', tel = NULL WHERE psn_no IN ('P005', 'P055');
CALL run_audit('2025-03-04', '2025-03-05');
SELECT person_id, household, phone FROM medaudit_data.person_key WHERE person_id IN ('P005', 'P055') AND household = 'H90';
SELECT judged_on, person_id FROM medaudit_data.visit_book WHERE person_id = 'P005' ORDER BY 1 LIMIT 1;
SELECT persons_changed FROM medaudit_data.book_state;
CALL run_audit('2025-03-01', '2025-03-09');
SELECT person_id, household, household_people, phone FROM medaudit_data.person_key WHERE household = 'H90' ORDER BY 1;
SELECT * FROM warehouse.differing();

-- other numbers, gone, new; the homes and people that they leave and join
UPDATE warehouse.person SET certno = '11010519491231002X' WHERE psn_no IN ('P003', 'P012');
UPDATE warehouse.person SET certno = NULL WHERE psn_no IN ('P007', 'P008');
UPDATE warehouse.person SET brdy = '2020-01-01' WHERE psn_no = 'P014';
DELETE FROM warehouse.person WHERE psn_no IN ('P021', 'P022', 'P033');
INSERT INTO warehouse.person VALUES ('P101', '新来', '110105194912310021', '2', '1949-12-31', NULL, 'H1', NULL, '13912340001', '110105');
CALL refresh_books();
SELECT persons, persons_changed FROM medaudit_data.book_state;
SELECT * FROM warehouse.differing();

-- delivered twice, other rows of one person, no number, what cannot be read: a run
-- from the store tells what one without it tells, and finds the same
INSERT INTO warehouse.person SELECT * FROM warehouse.person WHERE psn_no IN ('P030', 'P031');
INSERT INTO warehouse.person VALUES ('P032', '人32', NULL, '1', NULL, NULL, NULL, NULL, NULL, '110105'), (NULL, '无编号', NULL, '1', NULL, NULL, NULL, NULL, NULL, NULL);
UPDATE warehouse.person SET brdy = 'unknown' WHERE psn_no IN ('P040', 'P041');
CALL refresh_books();
SELECT nameless FROM medaudit_data.book_state;
SELECT person_id, rows, copies, different, unreadable FROM medaudit_data.person_key WHERE rows > 1 OR unreadable IS NOT NULL ORDER BY 1;
CALL run_audit('2025-03-01', '2025-04-01');
CREATE TABLE warehouse.told AS SELECT * FROM warehouse.quality((SELECT max(run_id) FROM run));
CREATE TABLE warehouse.found AS SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM finding;
TABLE warehouse.told;
SELECT rule_code, count(*) FROM warehouse.found GROUP BY 1 ORDER BY 1;
-- a person's rows come back as they were
DELETE FROM warehouse.person WHERE psn_no IS NULL OR psn_no = 'P032' AND brdy IS NULL;
CALL refresh_books();
SELECT person_id, rows, copies, different FROM medaudit_data.person_key WHERE person_id = 'P032';
SELECT nameless FROM medaudit_data.book_state;
INSERT INTO warehouse.person VALUES ('P032', '人32', NULL, '1', NULL, NULL, NULL, NULL, NULL, '110105'), (NULL, '无编号', NULL, '1', NULL, NULL, NULL, NULL, NULL, NULL);
-- from lines and the register itself
DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change;
ALTER TABLE finding DISABLE TRIGGER guard; ALTER TABLE finding_line DISABLE TRIGGER guard;
TRUNCATE finding CASCADE; TRUNCATE run CASCADE;
CALL run_audit('2025-03-01', '2025-04-01');
SELECT * FROM warehouse.quality((SELECT max(run_id) FROM run)) EXCEPT ALL TABLE warehouse.told;
TABLE warehouse.told EXCEPT ALL SELECT * FROM warehouse.quality((SELECT max(run_id) FROM run));
(SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM finding EXCEPT ALL TABLE warehouse.found) UNION ALL
(TABLE warehouse.found EXCEPT ALL SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM finding);

-- a store whose books somebody dropped leaves nothing behind
CALL create_book_store(2);
SELECT count(*) FROM medaudit_data.person_key;
-- read in another way all are made anew
CALL refresh_books();
CALL bind('person', 'warehouse.person', '{"person_id": "psn_no", "name": "psn_name", "resident_id": "certno", "sex": "gend", "household_id": "psn_no"}');
CALL refresh_books();
SELECT count(*), count(*) FILTER (WHERE household = person_id), count(address), max(household_people) FROM medaudit_data.person_key;

\set ECHO none
TRUNCATE finding CASCADE; TRUNCATE run CASCADE;
ALTER TABLE finding ENABLE TRIGGER guard; ALTER TABLE finding_line ENABLE TRIGGER guard;
DELETE FROM rule WHERE rule_code ~ '^[ps]_';
UPDATE rule SET enabled = true WHERE rule_code IN (SELECT w.rule_code FROM warehouse.was_enabled AS w);
DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key, medaudit_data.kept_stay, medaudit_data.due_person;
DROP VIEW medaudit_data.person, medaudit_data.visit, medaudit_data.charge, medaudit_data.change;
TRUNCATE binding;
DROP SCHEMA warehouse CASCADE;
