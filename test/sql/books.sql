-- books: the store of books: made, refreshed, what is stale
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- without a store there is nothing to see
SELECT count(*) FROM medaudit.stale_visits;
SELECT count(*) FROM medaudit.book_coverage;
SELECT medaudit._books_usable();
CALL medaudit.refresh_books();
CALL medaudit.audit_changes();

CREATE SCHEMA warehouse;
CREATE TABLE warehouse.was_enabled AS SELECT rule_code FROM medaudit.rule WHERE enabled;
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, total_amount numeric, valid bool DEFAULT true, written timestamp);
CREATE TABLE warehouse.line (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, claimed numeric, charged_at timestamp,
	original_line_id text, valid bool DEFAULT true, written timestamp);
CREATE TABLE warehouse.diagnosis (visit_id text, diagnosis_code text);
INSERT INTO warehouse.visit VALUES
	('V1', 'P1', 'F1', '2025-03-01 08:00', '2025-03-01 09:00', '2025-03-01 10:00', 30, true, '2025-03-01 12:00'),
	('V2', 'P1', 'F2', '2025-03-03 08:00', '2025-03-05 09:00', '2025-03-05 10:00', 20, true, '2025-03-05 12:00'),
	-- two settlements of one visit, of whose rows the least person and facility count, and the last settlement
	('V3', 'P2', 'F2', '2025-03-04 08:00', '2025-03-06 09:00', '2025-03-05 10:00', 10, true, '2025-03-06 12:00'),
	('V3', 'P3', 'F1', '2025-03-04 08:00', '2025-03-06 09:00', '2025-03-06 10:00', 10, true, '2025-03-06 12:00'),
	-- not settled, without lines, of nobody
	('V4', 'P3', 'F1', '2025-03-07 08:00', NULL, NULL, 10, true, '2025-03-07 12:00'),
	('V5', NULL, 'F1', '2025-04-01 08:00', '2025-04-01 09:00', '2025-04-01 10:00', 0.5, true, '2025-04-01 12:00');
INSERT INTO warehouse.line VALUES
	('V1', '1', 'A', 1, 10, 10, '2025-03-01 08:30', NULL, true, '2025-03-01 12:00'), ('V1', '2', 'B', 2, 20, 15, '2025-03-01 08:40', NULL, true, '2025-03-01 12:00'),
	('V2', '1', 'A', 1, 10, NULL, '2025-03-03 08:30', NULL, true, '2025-03-05 12:00'), ('V2', '1', 'A', 1, 10, NULL, '2025-03-04 08:30', NULL, true, '2025-03-05 12:00'),
	('V3', '1', NULL, 1, 10, NULL, '2025-03-04 08:30', NULL, true, '2025-03-06 12:00'),
	('V5', '1', 'C', 1, 0.5, NULL, '2025-04-01 08:30', NULL, true, '2025-04-01 12:00'), ('V9', '1', 'C', 1, 1, NULL, '2025-04-01 08:30', NULL, true, '2025-04-01 12:00');
CREATE VIEW warehouse.visit_d AS SELECT * FROM warehouse.visit WHERE valid;
CREATE VIEW warehouse.line_d AS SELECT * FROM warehouse.line WHERE valid;
-- what is not valid any more changed too
CREATE VIEW warehouse.change AS SELECT visit_id, written AS changed_at FROM warehouse.visit UNION ALL SELECT visit_id, written FROM warehouse.line;

-- arguments
CALL medaudit.create_book_store(NULL);
CALL medaudit.create_book_store(0);
CALL medaudit.create_book_store(1025);
CALL medaudit.create_book_store(3);
CALL medaudit.create_book_store();
SELECT count(*) FROM pg_inherits WHERE inhparent = 'medaudit_data.visit_book'::regclass;
CALL medaudit.refresh_books();
CALL medaudit.bind('visit', 'warehouse.visit_d');
CALL medaudit.bind('charge', 'warehouse.line_d');
CALL medaudit.bind('diagnosis', 'warehouse.diagnosis');
CALL medaudit.bind('change', 'warehouse.change');
CALL medaudit.refresh_books(sample_share => NULL);
CALL medaudit.refresh_books(sample_share => 1.01);
CALL medaudit.refresh_books(sample_share => 'NaN');
CALL medaudit.refresh_books('2025-03-02', '2025-03-02');
BEGIN;
CALL medaudit.refresh_books();
ROLLBACK;
BEGIN;
CALL medaudit.audit_changes();
ROLLBACK;
-- the parts of the store are no part of the extension
SELECT count(*) FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e'
	AND objid IN ('medaudit_data.visit_book'::regclass, 'medaudit_data.book_state'::regclass, 'medaudit_data.visit_change'::regclass,
		'medaudit_data.person_key'::regclass, 'medaudit_data.kept_stay'::regclass, 'medaudit_data.due_person'::regclass);

-- every stored book is ledger() of the present lines, byte by byte
CREATE VIEW warehouse.wrong AS
SELECT coalesce(b.visit_id, g.visit_id) AS visit_id
FROM medaudit_data.visit_book AS b
FULL JOIN (
	SELECT v.visit_id, min(v.person_id) AS person_id, min(v.facility_id) AS facility_id, max(coalesce(v.settled_at, v.discharged_at))::date AS judged_on,
		min(l.book::text)::medaudit.ledger AS book, coalesce(min(l.lines), 0) AS lines
	FROM warehouse.visit_d AS v
	LEFT JOIN (SELECT c.visit_id, medaudit.ledger(c.item_code, c.quantity, c.amount, c.charged_at, c.line_id, c.original_line_id, c.visit_id, c.claimed) AS book, count(*) AS lines
		FROM warehouse.line_d AS c GROUP BY c.visit_id) AS l ON l.visit_id = v.visit_id
	GROUP BY v.visit_id
) AS g ON g.visit_id = b.visit_id
WHERE (b.person_id, b.facility_id, b.judged_on, b.lines, medaudit.ledger_send(b.book)) IS DISTINCT FROM (g.person_id, g.facility_id, g.judged_on, g.lines, medaudit.ledger_send(g.book));

-- a month first, then all
CALL medaudit.refresh_books('2025-03-01', '2025-04-01');
SELECT visit_id, person_id, facility_id, judged_on, medaudit.line_count(book) AS in_book, lines, twice, judged_run FROM medaudit_data.visit_book ORDER BY visit_id;
SELECT relation, watermark, visits, changed, gathered, filled FROM medaudit_data.book_state;
CALL medaudit.refresh_books();
SELECT * FROM warehouse.wrong;
SELECT relation, watermark, visits, gathered, filled, unchecked FROM medaudit_data.book_state;
SELECT medaudit._books_usable();
SELECT month, visits, without_lines, lines, bytes > 0 AS sized, complete, last_changed_at FROM medaudit.book_coverage ORDER BY month;
-- nothing changed; what lies within the hour before the watermark is gathered again
CALL medaudit.refresh_books();
SELECT watermark, visits, changed, gathered FROM medaudit_data.book_state;

-- days that a run has judged
UPDATE medaudit.rule SET enabled = false;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('cap', 'quantity', '限频次');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('cap', 'A', '10 days', 1);
SET client_min_messages = error;
SELECT setval('medaudit.run_id_seq', 1, false) AS run_id;
CALL medaudit.run_audit('2025-03-01', '2025-04-01');
SET client_min_messages = warning;
SELECT * FROM medaudit.stale_visits;
-- a refund to a visit that was judged, an unsettled visit that is settled, a visit that is gone, one that comes late, one that moves
INSERT INTO warehouse.line VALUES ('V1', '3', 'A', -1, -10, -10, '2025-03-01 08:30', '1', true, '2025-05-01 12:00');
UPDATE warehouse.visit SET discharged_at = '2025-05-01 09:00', settled_at = '2025-05-01 10:00', written = '2025-05-01 13:00' WHERE visit_id = 'V4';
UPDATE warehouse.visit SET valid = false, written = '2025-05-02 10:00' WHERE visit_id = 'V3';
INSERT INTO warehouse.visit VALUES ('V6', 'P6', 'F1', '2025-03-10 08:00', '2025-03-10 09:00', '2025-03-10 10:00', 10, true, '2025-05-01 12:00');
INSERT INTO warehouse.line VALUES ('V6', '1', 'C', 1, 10, 10, '2025-03-10 08:30', NULL, true, '2025-05-01 12:00');
UPDATE warehouse.visit SET settled_at = '2025-04-02 10:00', written = '2025-05-01 14:00' WHERE visit_id = 'V2';
CALL medaudit.refresh_books();
SELECT * FROM warehouse.wrong;
SELECT watermark, visits, changed, gathered FROM medaudit_data.book_state;
SELECT visit_id, person_id, facility_id, judged_on, changed_at, judged_run, gone FROM medaudit_data.visit_change ORDER BY visit_id, judged_on;
SELECT visit_id, person_id, facility_id, judged_on, judged_run, changed, gone, changed_on, changed_at FROM medaudit.stale_visits ORDER BY visit_id, judged_on;
-- changes later than now are gathered each time, and do not move the watermark
INSERT INTO warehouse.line VALUES ('V6', '2', 'C', 1, 10, 10, '2025-03-10 08:31', NULL, true, '2199-01-01');
CALL medaudit.refresh_books();
SELECT watermark, changed, gathered FROM medaudit_data.book_state;
SELECT * FROM warehouse.wrong;
UPDATE warehouse.line SET written = '2025-05-02 10:00' WHERE written > '2100-01-01';
-- an item that nobody changed, with another diagnosis: what a run knew of the visit is another thing
INSERT INTO warehouse.diagnosis VALUES ('V1', 'J18');
UPDATE warehouse.visit SET written = '2025-05-03 10:00' WHERE visit_id = 'V1';
CALL medaudit.refresh_books();
SELECT changed, gathered FROM medaudit_data.book_state;

-- a run over the days again: nothing is stale any more but what is not there any more
SET client_min_messages = error;
CALL medaudit.run_audit('2025-03-01', '2025-04-01');
SET client_min_messages = warning;
SELECT visit_id, judged_on FROM medaudit.stale_visits ORDER BY visit_id, judged_on;
SET client_min_messages = error;
CALL medaudit.audit_changes();
SET client_min_messages = warning;
SELECT count(*) FROM medaudit_data.visit_change;
SELECT count(*) FROM medaudit.stale_visits;
-- nothing changed
SET client_min_messages = notice;
CALL medaudit.audit_changes();
SET client_min_messages = warning;
-- a finding that a late refund takes back, and one that a late line makes; what others have stays as it is
INSERT INTO warehouse.visit VALUES ('W1', 'P9', 'F1', '2025-03-11 08:00', '2025-03-11 09:00', '2025-03-11 10:00', 20, true, '2025-05-04 12:00'),
	('W2', 'P10', 'F1', '2025-03-11 08:00', '2025-03-11 09:00', '2025-03-11 10:00', 20, true, '2025-05-04 12:00'),
	('W3', 'P11', 'F1', '2025-03-11 08:00', '2025-03-11 09:00', '2025-03-11 10:00', 20, true, '2025-05-04 12:00');
INSERT INTO warehouse.line SELECT v, l::text, 'A', 1, 10, 10, '2025-03-11 08:30', NULL, true, '2025-05-04 12:00' FROM unnest('{W1,W2,W3}'::text[]) AS v, generate_series(1, 2) AS l WHERE (v, l) <> ('W3', 2);
CALL medaudit.refresh_books();
SET client_min_messages = error;
CALL medaudit.run_audit('2025-03-01', '2025-04-01');
SELECT visit_id, gross_amount, run_id FROM medaudit.finding WHERE rule_code = 'cap' AND visit_id LIKE 'W_' ORDER BY visit_id;
INSERT INTO warehouse.line VALUES ('W1', '3', 'A', -1, -10, -10, '2025-03-11 08:30', '1', true, '2025-05-05 12:00'), ('W3', '2', 'A', 2, 20, 20, '2025-03-11 08:40', NULL, true, '2025-05-05 12:00');
CALL medaudit.refresh_books();
CALL medaudit.audit_changes();
SELECT visit_id, gross_amount, run_id, run_state FROM medaudit.findings WHERE rule_code = 'cap' AND visit_id LIKE 'W_' ORDER BY visit_id;
-- what changed since the refresh it reads itself
INSERT INTO warehouse.line VALUES ('W3', '3', 'A', -2, -20, -20, '2025-03-11 08:40', '2', true, '2025-05-06 12:00');
CALL medaudit.audit_changes();
SELECT visit_id, gross_amount, run_id, run_state FROM medaudit.findings WHERE rule_code = 'cap' AND visit_id LIKE 'W_' ORDER BY visit_id;
SELECT run_id, from_date, to_date, state, visits, scope FROM medaudit.run ORDER BY run_id;
SELECT s.step, s.rule_code, s.state FROM medaudit.run_step AS s JOIN medaudit.run AS r USING (run_id) WHERE r.scope = 'persons' AND r.run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY s.step_no;
SET client_min_messages = warning;

-- a line that has no time, of a visit that another month settled, is no line of a visit that nobody settled
INSERT INTO warehouse.visit VALUES ('X1', 'P12', 'F1', '2025-02-01 08:00', '2025-02-01 09:00', '2025-02-01 10:00', 10, true, '2025-05-06 12:00'),
	('X2', 'P13', 'F1', '2025-04-11 08:00', '2025-04-11 09:00', '2025-04-11 10:00', 10, true, '2025-05-06 12:00');
INSERT INTO warehouse.line VALUES ('X1', '1', 'A', 1, 10, 10, NULL, NULL, true, '2025-05-06 12:00'), ('X2', '1', NULL, 1, 10, 10, '2025-04-11 08:30', NULL, true, '2025-05-06 12:00');
SET client_min_messages = error;
CALL medaudit.run_audit('2025-04-01', '2025-05-01');
SET client_min_messages = warning;
SELECT problem, rows, facility_id, examples FROM medaudit.run_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND relation = 'charge' AND examples IS NOT NULL ORDER BY problem COLLATE "C";
DELETE FROM warehouse.line WHERE visit_id LIKE 'X_';
DELETE FROM warehouse.visit WHERE visit_id LIKE 'X_';
DELETE FROM medaudit_data.visit_book WHERE visit_id LIKE 'X_';

-- a change that nobody told of is found by a full check, and by the sample
UPDATE warehouse.line SET amount = 11 WHERE visit_id = 'V1' AND line_id = '1';
CALL medaudit.refresh_books(sample_share => 0);
SELECT * FROM warehouse.wrong;
CALL medaudit.refresh_books('2025-04-01', full_check => true, sample_share => 0);
SELECT * FROM warehouse.wrong;
CALL medaudit.refresh_books(full_check => true, sample_share => 0);
SELECT * FROM warehouse.wrong;
SELECT changed, visits FROM medaudit_data.book_state;
-- two equal lines become two other equal ones
INSERT INTO warehouse.line SELECT 'V6', NULL, 'D', 1, 5, 5, '2025-03-10 09:00', NULL, true, '2025-03-10' FROM generate_series(1, 2);
CALL medaudit.refresh_books(full_check => true, sample_share => 0);
UPDATE warehouse.line SET item_code = 'E' WHERE item_code = 'D';
CALL medaudit.refresh_books(full_check => true, sample_share => 0);
SELECT * FROM warehouse.wrong;
UPDATE warehouse.line SET amount = 10 WHERE visit_id = 'V1' AND line_id = '1';
UPDATE medaudit_data.visit_book SET book = NULL WHERE visit_id = 'V6';
CALL medaudit.refresh_books(sample_share => 1);
SELECT sampled, differing, cardinality(unchecked) > 0 AS in_doubt FROM medaudit_data.book_state;
SELECT run_id, relation, problem, problem_zh, rows, examples FROM medaudit.data_quality WHERE problem LIKE 'stored%';
SELECT medaudit._books_usable();
SELECT visit_id FROM warehouse.wrong ORDER BY visit_id;
CALL medaudit.refresh_books(sample_share => 1);
SELECT * FROM warehouse.wrong;
SELECT changed, sampled, differing, unchecked FROM medaudit_data.book_state;
-- what the day draws is decided by day and visit, and as many as were asked for
SELECT medaudit._book_draw('2025-03-01', 'V1') = medaudit._book_draw('2025-03-01', 'V1') AS same, medaudit._book_draw('2025-03-01', 'V1') <> medaudit._book_draw('2025-03-02', 'V1') AS other,
	count(*) FILTER (WHERE medaudit._book_draw('2025-03-01', 'V' || i) < 0.1) BETWEEN 900 AND 1100 AS a_tenth, min(medaudit._book_draw('2025-03-01', 'V' || i)) >= 0 AS least, max(medaudit._book_draw('2025-03-01', 'V' || i)) < 1 AS most
FROM generate_series(1, 10000) AS i;

-- rows of lines that are read in another way: all are gathered again
CALL medaudit.bind('charge', 'warehouse.line_d', '{"amount": "amount * 2"}');
SELECT medaudit._books_usable();
CALL medaudit.refresh_books(sample_share => 0);
SELECT visit_id, medaudit.net_amount(book) FROM medaudit_data.visit_book ORDER BY visit_id;
CALL medaudit.bind('charge', 'warehouse.line_d');
CALL medaudit.refresh_books(sample_share => 0);
SELECT * FROM warehouse.wrong;
-- codes of hospitals: the lines of a hospital whose codes item lists have its codes
CREATE TABLE warehouse.item (item_code text, facility_id text, national_code text, name text);
INSERT INTO warehouse.item VALUES ('A', 'F1', NULL, '甲'), ('C', 'F9', NULL, '丙');
CALL medaudit.bind('item', 'warehouse.item');
CALL medaudit.refresh_books(sample_share => 1);
SELECT b.visit_id, b.facility_id, array_agg(DISTINCT replace(l.item_code, chr(31), '@') ORDER BY replace(l.item_code, chr(31), '@')) FROM medaudit_data.visit_book AS b, medaudit.lines(b.book) AS l GROUP BY 1, 2 ORDER BY 1;
INSERT INTO warehouse.item VALUES ('C', 'F1', NULL, '丙');
CALL medaudit.refresh_books(sample_share => 1);
SELECT b.visit_id, b.facility_id, array_agg(DISTINCT replace(l.item_code, chr(31), '@') ORDER BY replace(l.item_code, chr(31), '@')) FROM medaudit_data.visit_book AS b, medaudit.lines(b.book) AS l GROUP BY 1, 2 ORDER BY 1;
DROP VIEW medaudit_data.item;
DELETE FROM medaudit.binding WHERE relation = 'item';
CALL medaudit.refresh_books(sample_share => 1);
SELECT * FROM warehouse.wrong;

-- without the relation change: visits that are new, gone or other by themselves, and lines by a full check
DROP VIEW medaudit_data.change;
DELETE FROM medaudit.binding WHERE relation = 'change';
SELECT medaudit._books_usable();
DELETE FROM warehouse.visit WHERE visit_id = 'V6';
INSERT INTO warehouse.visit VALUES ('V7', 'P7', 'F1', '2025-03-10 08:00', '2025-03-10 09:00', '2025-03-10 10:00', 10, true, NULL);
INSERT INTO warehouse.line VALUES ('V7', '1', 'C', 1, 10, 10, '2025-03-10 08:30', NULL, true, NULL);
UPDATE warehouse.visit SET person_id = 'P8' WHERE visit_id = 'V5';
UPDATE warehouse.line SET quantity = 3 WHERE visit_id = 'V1' AND line_id = '1';
-- nothing tells of changes: that is said
SET client_min_messages = notice;
CALL medaudit.refresh_books(sample_share => 0);
SET client_min_messages = warning;
SELECT * FROM warehouse.wrong;
SELECT changed, gathered FROM medaudit_data.book_state;
CALL medaudit.refresh_books('2025-03-01', '2025-03-02', full_check => true, sample_share => 1);
SELECT * FROM warehouse.wrong;

-- who may not write the store, and what somebody put there
CREATE FUNCTION warehouse.spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER spy BEFORE INSERT ON medaudit_data.visit_book_1 FOR EACH ROW EXECUTE FUNCTION warehouse.spy();
CALL medaudit.refresh_books();
DROP TRIGGER spy ON medaudit_data.visit_book_1;
ALTER TABLE medaudit_data.book_state ALTER examples SET DEFAULT '{}';
CALL medaudit.refresh_books();
ALTER TABLE medaudit_data.book_state ALTER examples DROP DEFAULT;
CREATE RULE spy AS ON DELETE TO medaudit_data.visit_change DO ALSO NOTHING;
CALL medaudit.refresh_books();
DROP RULE spy ON medaudit_data.visit_change;
CALL medaudit.refresh_books();
-- the indexes that a day wants, as statements that make them
CREATE TABLE warehouse.plain_line (mdtrt_id varchar(30), cnt numeric, item_code text, amount numeric, charged_at timestamp, updt_time timestamp);
SET enable_seqscan = on;
CALL medaudit.bind('charge', 'warehouse.plain_line', '{"visit_id": "mdtrt_id", "quantity": "cnt"}');
CALL medaudit.bind('change', 'warehouse.plain_line', '{"visit_id": "mdtrt_id", "changed_at": "updt_time"}');
DROP VIEW warehouse.wrong;
DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change;
SET client_min_messages = notice;
CALL medaudit.create_book_store(1);
DO $$
BEGIN
	EXECUTE medaudit._key_index('charge');
	EXECUTE medaudit._key_index('visit');
	EXECUTE medaudit._key_index('diagnosis');
	EXECUTE medaudit._books_change_index();
END $$;
CALL medaudit._books_ask_indexes();
-- of a table in partitions, here behind a view, statistics are asked for, too: without
-- them the planner takes half of all rows to be those of a hundred visits
CREATE TABLE warehouse.parted_line (mdtrt_id varchar(30), line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp) PARTITION BY RANGE (charged_at);
CREATE TABLE warehouse.parted_line_1 PARTITION OF warehouse.parted_line FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE warehouse.parted_line_2 PARTITION OF warehouse.parted_line FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
INSERT INTO warehouse.parted_line SELECT 'V' || n, 'L', 'a', 1, 1, timestamp '2025-01-01' + n % 50 * interval '1 day' FROM generate_series(1, 20000) AS n;
CREATE VIEW warehouse.parted_view AS SELECT l.*, c.relname FROM warehouse.parted_line AS l LEFT JOIN pg_class AS c ON c.oid = 0;
CALL medaudit.bind('charge', 'warehouse.parted_view', '{"visit_id": "mdtrt_id"}');
CREATE FUNCTION warehouse.share_taken_for_theirs() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT FROM medaudit_data.charge AS c WHERE c.visit_id IN (SELECT DISTINCT ''V'' || n FROM generate_series(1, 100) AS n)' INTO plan;
	RETURN round((plan -> 0 -> 'Plan' ->> 'Plan Rows')::numeric / 20000, 3);
END
$$;
CALL medaudit._books_ask_indexes();
DO $$ BEGIN EXECUTE medaudit._key_index('charge'); END $$;
ANALYZE warehouse.parted_line;
SELECT warehouse.share_taken_for_theirs() AS without_statistics;
SELECT medaudit._key_statistics('charge') AS asked \gset
:asked;
SELECT warehouse.share_taken_for_theirs() AS with_statistics;
CALL medaudit._books_ask_indexes();
SELECT medaudit._key_statistics(r) FROM unnest('{visit,diagnosis,person,facility,nonsense,NULL}'::text[]) AS r;

-- However many visits are due, each of them is in a step, and their lines are scanned eight times at most
SELECT n AS visits, medaudit._books_step(1, n) AS first, medaudit._books_step(least(n, 500000), n) AS of_half_a_million, medaudit._books_step(n, n) AS last
FROM unnest('{1,500000,500001,3999999,4000000,4000001,13662420,500000000}'::bigint[]) AS n;
SELECT count(DISTINCT step) AS steps, min(visits) AS least, max(visits) AS most
FROM (SELECT medaudit._books_step(n, 4200001) AS step, count(*) AS visits FROM generate_series(1, 4200001) AS n GROUP BY 1) AS s;

DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key, medaudit_data.kept_stay, medaudit_data.due_person;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.change, medaudit_data.diagnosis;
TRUNCATE medaudit.binding;
SET client_min_messages = error;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run CASCADE;
TRUNCATE medaudit.finding, medaudit.finding_line;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.rule WHERE rule_code = 'cap';
UPDATE medaudit.rule SET enabled = true WHERE rule_code IN (SELECT rule_code FROM warehouse.was_enabled);
DROP SCHEMA warehouse CASCADE;
