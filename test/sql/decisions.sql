-- decisions: events of findings, who may add them, what they make of a finding
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- without the events of findings that other tests have dropped
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; DELETE FROM medaudit.finding_event; ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
CREATE ROLE ann; CREATE ROLE ben; CREATE ROLE cat; CREATE ROLE app;
CREATE FUNCTION pg_temp.put(id bigint, rule text DEFAULT 'r', gross numeric DEFAULT 100, claimed numeric DEFAULT 80, fund numeric DEFAULT 40, involved numeric DEFAULT NULL,
	facility text DEFAULT 'F1') RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount, claimed_amount, fund_amount,
		involved_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 1, rule, 'suspicion', 'facility', facility, 'V' || id, facility, gross, claimed, fund, involved, '{}', id, '2026-03-05', 'rule ' || rule, 'finding ' || id, '\x00') $$;
SELECT count(pg_temp.put(i)) FROM generate_series(1, 12) AS i;
SELECT pg_temp.put(13, 'p', NULL, NULL, NULL, 500), pg_temp.put(14, 'p', 0, 0, 0);
DO $$ DECLARE a record; BEGIN FOR a IN SELECT r, l FROM unnest('{ann,ben,cat,app}'::text[]) AS r, unnest('{reviewer,chief}'::text[]) AS l LOOP CALL medaudit.grant_access(a.r, a.l); END LOOP; END $$;
CREATE VIEW pg_temp.states AS SELECT finding_id AS id, state, found_claimed AS found, confirmed_gross AS gross, confirmed_claimed AS claimed, confirmed_fund AS fund,
	first_reviewer AS first, second_reviewer AS second, due_on FROM medaudit.finding_states ORDER BY 1;
GRANT SELECT ON pg_temp.states TO ann, ben, cat, app;

-- two different people who agree decide; where they differ a third
SET SESSION AUTHORIZATION ann;
SELECT medaudit.review_finding(1, 'confirm'), medaudit.review_finding(2, 'confirm', confirmed_claimed => 60), medaudit.review_finding(3, 'dismiss', 'documented', '病历第3页'),
	medaudit.review_finding(4, 'confirm'), medaudit.review_finding(5, 'dismiss', 'other');
SET SESSION AUTHORIZATION ben;
SELECT medaudit.review_finding(1, 'confirm'), medaudit.review_finding(2, 'confirm', confirmed_claimed => 20), medaudit.review_finding(3, 'dismiss', 'refund_late'),
	medaudit.review_finding(4, 'dismiss', 'rule_wrong'), medaudit.review_finding(5, 'confirm');
SELECT finding_id, state, waits_for, waits_for_zh, not_by FROM medaudit.decision_queue WHERE finding_id < 7 ORDER BY 1;
SET SESSION AUTHORIZATION cat;
SELECT medaudit.review_finding(4, 'confirm'), medaudit.review_finding(5, 'dismiss', 'licensed');
RESET SESSION AUTHORIZATION;
SELECT * FROM pg_temp.states WHERE id < 7;
-- the worklist has what nobody has decided
SELECT array_agg(finding_id ORDER BY finding_id) FROM medaudit.worklist;
SELECT finding_id, gross_once, claimed_once FROM medaudit.finding_shares WHERE finding_id < 7 ORDER BY 1;

-- what is refused
\set VERBOSITY sqlstate
SET SESSION AUTHORIZATION ann;
SELECT medaudit.review_finding(6, 'confirm');
SELECT medaudit.review_finding(6, 'confirm');
SELECT medaudit.review_finding(6, 'dismiss', 'other');
SELECT medaudit.review_finding(1, 'confirm');
SELECT medaudit.review_finding(999, 'confirm');
SELECT medaudit.review_finding(7, 'perhaps');
SELECT medaudit.review_finding(7, 'dismiss');
SELECT medaudit.review_finding(7, 'dismiss', 'no such reason');
SELECT medaudit.review_finding(7, 'confirm', confirmed_claimed => 80.01);
SELECT medaudit.review_finding(7, 'confirm', confirmed_claimed => -1);
SELECT medaudit.review_finding(NULL, 'confirm');
SELECT medaudit.review_finding(7, NULL);
SELECT medaudit.review_finding(7, 'confirm', actor => 'ben');
SELECT medaudit.issue_findings('{1,6}', '2025-05-06');
SELECT medaudit.issue_findings('{1,999}', '2025-05-06');
SELECT medaudit.issue_findings('{1}', NULL);
SELECT medaudit.issue_findings(NULL, '2025-05-06');
SELECT medaudit.issue_findings('{1}', 'infinity');
SELECT medaudit.settle_due('infinity');
SELECT medaudit.review_finding(7, 'confirm', confirmed_claimed => 'NaN');
SELECT medaudit.review_finding(7, 'dismiss', 'other', confirmed_claimed => 5);
INSERT INTO medaudit.finding_event (finding_id, step) VALUES (7, 'recover');
SELECT medaudit.appeal_finding(1, 'not issued yet');
SELECT medaudit.settle_finding(1, 'upheld');
SELECT medaudit.note_finding(1, ' ');
INSERT INTO medaudit.finding_event (finding_id, step) VALUES (7, 'superseded');
INSERT INTO medaudit.finding_event (finding_id, step) VALUES (7, 'issue');
INSERT INTO medaudit.finding_event (finding_id, step, hash) VALUES (7, 'issue', '\x00');
-- an INSERT is as good as the function, says who and when by itself, and is refused likewise
INSERT INTO medaudit.finding_event (finding_id, step, verdict, at, login) VALUES (7, 'review', 'confirm', '2020-01-01', 'ben');
INSERT INTO medaudit.finding_event (finding_id, step, verdict) VALUES (7, 'review', 'confirm');
UPDATE medaudit.finding SET state = 'settled' WHERE finding_id = 8;
SELECT medaudit._shadow_findings('{8}');
RESET SESSION AUTHORIZATION;
SELECT actor, login, at > '2026-01-01' AS now, verdict FROM medaudit.finding_event WHERE finding_id = 7;
UPDATE medaudit.finding_event SET note = 'x';
DELETE FROM medaudit.finding_event;
TRUNCATE medaudit.finding_event;
UPDATE medaudit.finding SET confirmed_claimed = 1;
SELECT state FROM medaudit.finding WHERE finding_id = 8;
CALL medaudit.revoke_access('ann', 'chief');
SET SESSION AUTHORIZATION ann;
SELECT medaudit.issue_findings('{1}', '2025-05-06');
INSERT INTO medaudit.finding_event (finding_id, step, due_on) VALUES (1, 'issue', '2025-05-06');
RESET SESSION AUTHORIZATION;
CALL medaudit.grant_access('ann', 'chief');
\set VERBOSITY default

-- an application with one login names its users; both are kept
INSERT INTO medaudit.gateway VALUES ('app', '核查系统');
SET SESSION AUTHORIZATION app;
SELECT medaudit.review_finding(8, 'confirm', actor => '张三'), medaudit.review_finding(8, 'confirm', actor => '李四'), medaudit.review_finding(9, 'confirm', actor => '张三');
\set VERBOSITY sqlstate
SELECT medaudit.review_finding(9, 'confirm', actor => '张三');
\set VERBOSITY default
SELECT medaudit.review_finding(9, 'confirm', actor => '李四');
RESET SESSION AUTHORIZATION;
SELECT finding_id, actor, login FROM medaudit.finding_event WHERE login = 'app' ORDER BY event_id;

-- issued, appealed against, settled; by nobody who reviewed it
SELECT medaudit.issue_findings('{1,2,4,8,8}', medaudit.add_workdays('2025-04-25', 5), '清医保核〔2025〕1号');
SELECT medaudit.appeal_finding(1, '有病历', '2025-05-06'), medaudit.appeal_finding(2, '已核减', '2025-05-01'), medaudit.appeal_finding(4, '不属实', '2025-05-01');
\set VERBOSITY sqlstate
SELECT medaudit.appeal_finding(8, '晚了', '2025-05-07');
SELECT medaudit.appeal_finding(1, '再次', '2025-05-06');
SET SESSION AUTHORIZATION ann;
SELECT medaudit.settle_finding(1, 'upheld');
RESET SESSION AUTHORIZATION;
SELECT medaudit.settle_finding(1, 'reduced');
SELECT medaudit.settle_finding(2, 'reduced', 20);
SELECT medaudit.settle_finding(1, 'perhaps');
SELECT medaudit.settle_finding(1, 'upheld', 5);
SELECT medaudit.settle_finding(1, 'withdrawn', 5);
SELECT medaudit.settle_finding(8, 'upheld');
SELECT medaudit.settle_finding(NULL, 'upheld');
SELECT medaudit.settle_due(NULL);
\set VERBOSITY default
SELECT medaudit.settle_finding(1, 'upheld'), medaudit.settle_finding(2, 'reduced', 5, '部分属实'), medaudit.settle_finding(4, 'withdrawn');
-- what nobody appealed against in time
SELECT medaudit.settle_due('2025-05-06') AS in_time, medaudit.settle_due('2025-05-07') AS late, medaudit.settle_due('2025-05-08') AS again;
SELECT * FROM pg_temp.states WHERE id IN (1, 2, 4, 8);
-- what was withdrawn counts nothing
SELECT finding_id, gross_once FROM medaudit.finding_shares WHERE finding_id IN (1, 2, 4, 8) ORDER BY 1;
SELECT finding_id, step, step_zh, actor IN ('ann', 'ben') AS by_role, verdict_zh, confirmed_claimed, due_on, on_date, document_no, note FROM medaudit.finding_history WHERE finding_id = 2 ORDER BY event_id;
-- of a pattern the money involved, of nothing nothing
SET SESSION AUTHORIZATION ben;
SELECT medaudit.review_finding(13, 'confirm', confirmed_claimed => 120), medaudit.review_finding(14, 'confirm', confirmed_claimed => 0);
SET SESSION AUTHORIZATION ann;
SELECT medaudit.review_finding(13, 'confirm', confirmed_claimed => 120), medaudit.review_finding(14, 'confirm', confirmed_claimed => 0);
RESET SESSION AUTHORIZATION;
SELECT * FROM pg_temp.states WHERE id > 12;

-- the sheet back: what can be taken is, what cannot is told
CREATE TABLE pg_temp.answer (finding_id text, statement text, material text);
INSERT INTO pg_temp.answer VALUES ('9', '情况属实', '病历'), ('10', NULL, '照片'), ('11', ' ', NULL), ('x1', '编号有误', NULL), ('777', '无此疑点', NULL), (NULL, '没有编号', NULL), ('12', '不属实', NULL);
SET client_min_messages = notice;
SELECT medaudit.import_reviews('pg_temp.answer');
SET client_min_messages = warning;
SELECT finding_id, note FROM medaudit.finding_event WHERE step = 'note' ORDER BY event_id;
\set VERBOSITY sqlstate
SELECT medaudit.import_reviews('pg_temp.answer') AS again;
SELECT medaudit.import_reviews('pg_class');
SELECT medaudit.import_reviews(NULL);
\set VERBOSITY default

-- precision: of Wilson's interval the numbers are those of the textbook
SELECT * FROM medaudit.rule_precision ORDER BY 1;
SELECT medaudit._wilson(8, 10), medaudit._wilson(0, 5), medaudit._wilson(5, 5), medaudit._wilson(0, 0);
SELECT rule_code, facility_kind, decided, confirmed FROM medaudit.rule_precision_by_kind ORDER BY 1;

-- the log is whole; a changed event, one that is gone, and one at the end
SELECT * FROM medaudit.check_finding_log();
SELECT medaudit.log_digest(current_date + 1) AS digest, medaudit.log_digest('2020-01-01') = encode(sha256(''), 'hex') AS empty \gset
SELECT :'empty' AS empty, length(:'digest') AS digits;
SET timezone = 'America/New_York'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SET bytea_output = 'escape';
SELECT count(*) FROM medaudit.check_finding_log();
SELECT medaudit.log_digest(current_date + 1) = :'digest' AS same;
RESET timezone; SET datestyle = iso; RESET bytea_output;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
SELECT min(event_id) AS first, (array_agg(event_id ORDER BY event_id))[2] AS second, max(event_id) AS last FROM medaudit.finding_event WHERE finding_id = 2 \gset
UPDATE medaudit.finding_event SET note = 'forged' WHERE event_id = :first;
SELECT finding_id, event_id = :first AS it, problem FROM medaudit.check_finding_log();
UPDATE medaudit.finding_event SET note = NULL WHERE event_id = :first;
BEGIN;
DELETE FROM medaudit.finding_event WHERE event_id = :second;
SELECT finding_id, problem FROM medaudit.check_finding_log();
ROLLBACK;
BEGIN;
DELETE FROM medaudit.finding_event WHERE event_id = :last;
SELECT finding_id, problem FROM medaudit.check_finding_log();
SELECT medaudit.log_digest(current_date + 1) = :'digest' AS same;
ROLLBACK;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
SELECT count(*) FROM medaudit.check_finding_log();
-- reasons of one's own stand beside those that come with medaudit
INSERT INTO medaudit.dismissal_reason (reason_code, name_zh) VALUES ('pilot', '试点项目');
\set VERBOSITY sqlstate
UPDATE medaudit.dismissal_reason SET name_zh = 'x' WHERE reason_code = 'other';
INSERT INTO medaudit.dismissal_reason (reason_code, name_zh) VALUES ('other', 'x');
\set VERBOSITY default
SELECT medaudit.review_finding(10, 'dismiss', 'pilot');

-- a step says nothing but what it is for, so that no note is a verdict
SELECT count(*) FROM generate_series(20, 30) AS i WHERE pg_temp.put(i) IS NULL;
SELECT count(*) FROM generate_series(31, 32) AS i WHERE pg_temp.put(i, fund => NULL) IS NULL;
SET SESSION AUTHORIZATION ann;
\set VERBOSITY sqlstate
INSERT INTO medaudit.finding_event (finding_id, step, verdict, note) VALUES (20, 'note', 'confirm', 'x');
INSERT INTO medaudit.finding_event (finding_id, step, confirmed_claimed) VALUES (20, 'recover', 99999);
INSERT INTO medaudit.finding_event (finding_id, step, verdict, due_on) VALUES (20, 'review', 'confirm', '2026-01-01');
INSERT INTO medaudit.finding_event (finding_id, step, note, on_date) VALUES (20, 'note', 'x', 'infinity');
SELECT medaudit.note_finding(20, '　');
SELECT medaudit.review_finding(20, 'confirm', confirmed_claimed => 10.005);
-- one person in two writings is one person
SET SESSION AUTHORIZATION app;
SELECT medaudit.review_finding(21, 'confirm', actor => '张三');
SELECT medaudit.review_finding(21, 'confirm', actor => '张三　');
SELECT medaudit.review_finding(22, 'confirm', actor => 'Wang');
SELECT medaudit.review_finding(22, 'confirm', actor => E'ｗang\t');
SELECT medaudit.review_finding(23, 'confirm', actor => '　');
SELECT medaudit.review_finding(23, 'confirm');
SELECT medaudit.review_finding(i, 'confirm', confirmed_claimed => 10, actor => a) FROM generate_series(24, 28) AS i, unnest('{Li,Wang}'::text[]) AS a;
SELECT confirmed_claimed, confirmed_gross FROM medaudit.finding_event WHERE finding_id = 20;
-- an appeal is made on a day; nobody who ever reviewed settles it, in whatever writing
SELECT medaudit.issue_findings('{24,25,26,27}', '2026-02-01', actor => 'Zhao');
INSERT INTO medaudit.finding_event (finding_id, step, note) VALUES (24, 'appeal', 'late');
SELECT medaudit.appeal_finding(24, 'late', '-infinity');
SELECT medaudit.appeal_finding(24, 'late', '2026-02-02');
SELECT medaudit.appeal_finding(24, 'in time', '2026-02-01');
SELECT medaudit.settle_finding(24, 'withdrawn', actor => 'ＷANG');
INSERT INTO medaudit.finding_event (finding_id, step, verdict, on_date) VALUES (25, 'settle', 'upheld', 'infinity');
SELECT medaudit.issue_findings('{28}', 'infinity', actor => 'Zhao');
-- several acts in one statement come to what they come to one by one
INSERT INTO medaudit.finding_event (finding_id, step, verdict, confirmed_claimed, due_on, on_date, actor) VALUES (29, 'review', 'confirm', 10, NULL, NULL, 'Li'), (29, 'review', 'confirm', 10, NULL, NULL, 'Wang'),
	(29, 'issue', NULL, NULL, '2020-01-01', NULL, 'Zhao'), (29, 'settle', 'upheld', NULL, NULL, '2020-01-02', 'Zhao');
INSERT INTO medaudit.finding_event (finding_id, step, verdict, confirmed_claimed, due_on, on_date, actor) VALUES (30, 'review', 'confirm', 10, NULL, NULL, 'Li'), (30, 'review', 'confirm', 10, NULL, NULL, 'Wang'),
	(30, 'issue', NULL, NULL, '2020-01-01', NULL, 'Zhao'), (30, 'appeal', NULL, NULL, NULL, '2020-01-01', 'Zhao'), (30, 'settle', 'reduced', 70, NULL, NULL, 'Zhao');
SELECT medaudit.review_finding(31, 'confirm', actor => a) FROM unnest('{Li,Wang}'::text[]) AS a;
SELECT medaudit.issue_findings('{31}', '2026-02-01', actor => 'Zhao');
SELECT medaudit.appeal_finding(31, 'no', '2026-02-01', actor => 'Zhao');
SELECT medaudit.settle_finding(31, 'withdrawn', actor => 'Zhao');
RESET SESSION AUTHORIZATION;
SELECT finding_id, state, confirmed_gross, confirmed_claimed, confirmed_fund FROM medaudit.finding_states WHERE finding_id IN (29, 30, 31) ORDER BY 1;
-- a sheet of somebody else that would act under one's own name is not read
CREATE ROLE mal; CREATE SCHEMA malice AUTHORIZATION mal;
SET SESSION AUTHORIZATION mal;
CREATE FUNCTION malice.boom() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE VIEW malice.answers AS SELECT malice.boom() AS finding_id, 'hi'::text AS statement;
RESET SESSION AUTHORIZATION;
SELECT medaudit.import_reviews('malice.answers');
SET client_min_messages = error; DROP SCHEMA malice CASCADE; DROP ROLE mal;
-- what is changed past the events shows: a decided state that is open, money, and events whose finding is gone
\set VERBOSITY default
SELECT count(*) FROM medaudit.check_finding_log();
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE medaudit.finding SET state = 'open' WHERE finding_id = 24;
UPDATE medaudit.finding SET confirmed_claimed = 1 WHERE finding_id = 25;
UPDATE medaudit.finding SET confirmed_fund = 1 WHERE finding_id = 32;
DELETE FROM medaudit.finding WHERE finding_id = 26;
SELECT finding_id, problem FROM medaudit.check_finding_log();
ROLLBACK;
-- after a restore others may review; of its appeal all who ever did keep away
SELECT pg_temp.put(40), pg_temp.put(41);
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.finding_event (event_id, finding_id, step, verdict, actor, due_on, on_date, at, prev_hash, hash)
SELECT nextval('medaudit.finding_event_id_seq'), f, e.step, e.verdict, e.actor, e.due_on, e.on_date, clock_timestamp(), CASE WHEN e.n > 1 THEN decode(lpad(to_hex(f * 100 + e.n - 1), 8, '0'), 'hex') END, decode(lpad(to_hex(f * 100 + e.n), 8, '0'), 'hex')
FROM unnest('{40,41}'::int[]) AS f CROSS JOIN (VALUES (1, 'review', 'confirm', 'ann', NULL::date, NULL::date), (2, 'review', 'confirm', 'ben', NULL, NULL), (3, 'exempt', NULL, 'run', NULL, NULL), (4, 'restore', NULL, 'run', NULL, NULL),
	(5, 'review', 'confirm', 'cat', NULL, NULL), (6, 'review', 'confirm', 'dan', NULL, NULL), (7, 'issue', NULL, 'eve', '2026-01-01', NULL), (8, 'appeal', NULL, 'eve', NULL, '2025-12-01')) AS e (n, step, verdict, actor, due_on, on_date)
WHERE f = 40 OR e.n < 6 ORDER BY f, e.n;
SELECT finding_id, state, waits_for, not_by FROM medaudit.decision_queue WHERE finding_id IN (40, 41) ORDER BY 1;
\set VERBOSITY sqlstate
SELECT medaudit.settle_finding(40, 'upheld', actor => 'ann');
SELECT medaudit.review_finding(41, 'confirm', actor => 'cat');
SELECT medaudit.review_finding(41, 'confirm', actor => 'ann');
-- however the numbers are put together
SELECT medaudit.issue_findings('{{41,41}}', '2026-01-01');
SELECT medaudit.issue_findings('{{41,NULL}}', '2026-01-01');
\set VERBOSITY default
-- every state, step and verdict has a label
SELECT s FROM unnest(medaudit.standing_states() || '{dismissed,exempt,self_reported,changed,superseded,review,issue,appeal,settle,note,exempt,restore,recover,confirm,dismiss,upheld,reduced,withdrawn}'::text[]) AS s
WHERE medaudit.label_zh(s) = s;

ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_event;
DELETE FROM medaudit.finding;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.gateway;
DELETE FROM medaudit.dismissal_reason WHERE NOT shipped;
DROP OWNED BY ann, ben, cat, app;
DROP ROLE ann, ben, cat, app;
