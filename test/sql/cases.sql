-- cases: findings of one matter, and the money that comes back
\set SHOW_CONTEXT never
\set VERBOSITY default
SET datestyle = iso;
SET client_min_messages = error;
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, finished_at) VALUES (9001, 'period', '2026-01-01', '2026-07-01', 'done', now());
CREATE FUNCTION pg_temp.put(id bigint, rule text, kind text, subject text, facility text, day date, claimed numeric) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_name, gross_amount, claimed_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 9001, rule, 'violation', kind, subject, facility, facility || '院', claimed + 10, claimed, '{}', id, day, rule, 'finding ' || id, '\x00') $$;
-- eleven of H1 by one rule, in the middle of each month from July to May; and one each of H2, H4, of a person, of another rule
SELECT count(*) FROM generate_series(1, 11) AS i WHERE pg_temp.put(i, 'x_a', 'facility', 'H1', 'H1', (date '2025-06-15' + i * interval '1 month')::date, 8 * i) IS NULL;
SELECT pg_temp.put(21, 'x_a', 'facility', 'H2', 'H2', '2026-03-01', 400), pg_temp.put(22, 'x_a', 'person', 'P1', 'H1', '2026-03-02', 40), pg_temp.put(23, 'x_b', 'person', 'P1', 'H3', '2026-03-02', 60),
	pg_temp.put(24, 'x_a', 'facility', 'H4', 'H4', '2026-03-01', 600);

-- the subject of a case: what its findings have in common
SELECT medaudit.open_case('一院重复收费', '{1,2}', 'model') AS one, medaudit.open_case('一院', '{3,22}', 'tip', actor => 'ann') AS two,
	medaudit.open_case('多处', '{21,23}', 'flight') AS three \gset
SELECT title, source, subject_kind, subject_id, opened_by = session_user AS mine, state, opened_on = current_date AS today FROM medaudit.audit_case ORDER BY case_id;
SELECT c.title, f.finding_id FROM medaudit.case_finding AS f JOIN medaudit.audit_case AS c USING (case_id) ORDER BY 1, 2;
-- what may not be
\set VERBOSITY sqlstate
SELECT medaudit.open_case(NULL, '{4}', 'model');
SELECT medaudit.open_case('x', '{4,NULL}', 'model');
SELECT medaudit.open_case(' ', '{4}', 'model');
SELECT medaudit.open_case('x', '{}', 'model');
SELECT medaudit.open_case('x', '{4}', 'rumour');
\set VERBOSITY terse
SELECT medaudit.open_case('x', '{4,777,778}', 'model');
SELECT regexp_replace(medaudit.open_case('y', '{4,4}', 'model')::text, '\d+', 'opened');
\set VERBOSITY sqlstate
SELECT medaudit.open_case('x', '{1,5}', 'model');
-- free again once its case is closed, and not twice when that one is opened again
UPDATE medaudit.audit_case SET state = 'closed', decided_on = '2026-08-01' WHERE case_id = :one;
SELECT medaudit.open_case('再查', '{1}', 'transfer') > :three AS opened;
UPDATE medaudit.audit_case SET state = 'open' WHERE case_id = :one;
SELECT medaudit.record_recovery(:one, 'ordered', 10, '2026-08-02');

-- money: never more than was ordered; exactly as much is
SELECT medaudit.record_recovery(:two, 'received', 0.01, '2026-08-01');
SELECT medaudit.record_recovery(:two, 'ordered', 100, '2026-08-01', document_no => '决定1号') > 0 AS entered;
SELECT medaudit.record_recovery(:two, 'received', 60, '2026-08-03', '转账') > 0 AS entered;
SELECT medaudit.record_recovery(:two, 'offset', 30, '2026-08-05', '月结抵扣') > 0 AS entered;
SELECT medaudit.record_recovery(:two, 'waived', 10.01, '2026-08-04');
SELECT medaudit.record_recovery(:two, 'waived', 10, '2026-08-04') > 0 AS entered;
SELECT * FROM medaudit.recovery_balance WHERE title = '一院' \gx
SELECT medaudit.record_recovery(:two, 'corrected', -0.01, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'corrected', 20.50, '2026-08-06') > 0 AS entered;
SELECT ordered, received, waived, outstanding, last_on FROM medaudit.recovery_balance WHERE title IN ('一院', '多处') ORDER BY title;
SELECT medaudit.record_recovery(:two, 'received', -90.01, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'received', -1, '2026-08-06') > 0 AS entered;
SELECT medaudit.record_recovery(:two, 'received', 1, '2026-08-06') > 0 AS entered;
SELECT medaudit.record_recovery(:two, 'received', 0.001, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'ordered', 1e12, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'received', 'NaN', '2026-08-06');
SELECT medaudit.record_recovery(:two, 'corrected', 0, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'paid', 1, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'received', 1, 'infinity');
SELECT medaudit.record_recovery(99999, 'received', 1, '2026-08-06');
SELECT medaudit.record_recovery(:two, 'received', NULL, '2026-08-06');
-- no entry is changed, and none comes in by another door
UPDATE medaudit.recovery_entry SET amount = 1;
DELETE FROM medaudit.recovery_entry;
TRUNCATE medaudit.recovery_entry;
INSERT INTO medaudit.recovery_entry (case_id, kind, amount, on_date) VALUES (:two, 'received', 21, '2026-08-07');
-- each entry stands in the history of the findings, which stay what they are
\set VERBOSITY default
SELECT finding_id, step, note, document_no FROM medaudit.finding_event WHERE finding_id IN (3, 22) ORDER BY event_id;
SELECT DISTINCT state FROM medaudit.finding WHERE finding_id IN (3, 22);
SELECT count(*) FROM medaudit.check_finding_log();

SELECT count(medaudit.review_finding(i, 'confirm', actor => a)) FROM generate_series(21, 24) AS i, unnest('{ann,ben}'::text[]) AS a WHERE i <> 23;

-- with the rights of a chief, and no others
CREATE ROLE chief; CALL medaudit.grant_access('chief', 'chief');
SET SESSION AUTHORIZATION chief;
SELECT medaudit.open_case('四院', '{24}', 'tip') AS four \gset
SELECT medaudit.record_recovery(:four, 'ordered', 5, '2026-08-01') > 0 AS entered;
SELECT opened_by, entered_by FROM medaudit.audit_case JOIN medaudit.recovery_entry USING (case_id) WHERE case_id = :four;
\set VERBOSITY sqlstate
SELECT medaudit.open_case('别人', '{11}', 'tip', actor => 'ann');
UPDATE medaudit.recovery_entry SET amount = 1;
UPDATE medaudit.audit_case SET case_id = -1;
UPDATE medaudit.audit_case SET handler = 'Wang' WHERE case_id = :four;
UPDATE medaudit.case_finding SET open = false WHERE finding_id = 24;
INSERT INTO medaudit.audit_case (title, source, opened_by) VALUES ('x', 'tip', 'minister');
INSERT INTO medaudit.case_finding (case_id, finding_id) VALUES (:four, 99999);
INSERT INTO medaudit.case_finding (case_id, finding_id) VALUES (99999, 24);
SELECT open FROM medaudit.case_finding WHERE finding_id = 24;
SELECT medaudit.open_case('again', '{24}', 'tip');
INSERT INTO medaudit.recovery_entry (case_id, kind, amount, on_date, entered_by, entered_at) VALUES (:four, 'received', 6, '2026-08-07', 'ann', '2020-01-01');
INSERT INTO medaudit.recovery_entry (case_id, kind, amount, on_date, entered_by, entered_at) VALUES (:four, 'received', 5, '2026-08-07', 'ann', '2020-01-01') RETURNING entered_by, entered_at > '2026-01-01' AS now;
\set VERBOSITY default
RESET SESSION AUTHORIZATION;
UPDATE medaudit.audit_case SET case_id = -case_id WHERE case_id = :four;
UPDATE medaudit.case_finding SET open = false WHERE finding_id = 24;
SELECT open FROM medaudit.case_finding WHERE finding_id = 24;
DROP OWNED BY chief; DROP ROLE chief;

ALTER TABLE medaudit.recovery_entry DISABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.recovery_entry; DELETE FROM medaudit.case_finding; DELETE FROM medaudit.audit_case;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run; DELETE FROM medaudit.gateway;
ALTER TABLE medaudit.recovery_entry ENABLE TRIGGER keep_rows; ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
