-- access: five levels, what each may do, and that it may do nothing else
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; DELETE FROM medaudit.finding_event; ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
DELETE FROM medaudit.access_grant;
CREATE ROLE regress_medaudit_reader; CREATE ROLE regress_medaudit_analyst; CREATE ROLE regress_medaudit_reviewer; CREATE ROLE regress_medaudit_second;
CREATE ROLE regress_medaudit_chief; CREATE ROLE regress_medaudit_runner; CREATE ROLE regress_medaudit_nobody;
CREATE SCHEMA warehouse;
GRANT USAGE ON SCHEMA warehouse TO regress_medaudit_runner, regress_medaudit_analyst;
CREATE TABLE warehouse.visit AS
SELECT 'V' || i AS visit_id, 'P' || i AS person_id, 'F' || (i - 1) % 3 + 1 AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at, timestamp '2026-03-05 09:00' AS discharged_at, '21' AS visit_type,
	'R' || i AS record_no FROM generate_series(1, 12) AS i;
CREATE TABLE warehouse.person AS SELECT 'P' || i AS person_id, '王小' || i AS name FROM generate_series(1, 12) AS i;
CREATE TABLE warehouse.facility (facility_id text, name text, region text);
INSERT INTO warehouse.facility VALUES ('F1', '一院', '330102'), ('F2', '二院', '330106'), ('F3', '三院', '330200');
CREATE TABLE warehouse.charge AS
SELECT 'V' || i AS visit_id, 'L' || l AS line_id, 'A' AS item_code, 1 AS quantity, 10 AS amount, timestamp '2026-03-02 10:00' + l * interval '1 minute' AS charged_at
FROM generate_series(1, 12) AS i, generate_series(1, 2) AS l;
GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO regress_medaudit_runner, regress_medaudit_analyst;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_twice', 'duplicate', '重复收费', 'violation');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('t_twice', 'A', 'day');

-- what the levels are made of
SELECT level, level_zh, object_kind, count(*) > 0 AS some, count(*) FILTER (WHERE object_name IS NULL) AS lost FROM medaudit.access_levels GROUP BY 1, 2, 3 ORDER BY 1, 3;
SELECT level, object_name FROM medaudit.access_levels WHERE object_kind = 'FUNCTION' ORDER BY 1, 2;
SELECT object_name, privileges FROM medaudit.access_levels WHERE level IN ('reader', 'reviewer') AND object_kind <> 'FUNCTION' ORDER BY level, 1, 2;
-- no function runs as its owner, and every act is a level's
SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace = 'medaudit'::regnamespace;
SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace AND has_function_privilege('regress_medaudit_nobody', p.oid, 'EXECUTE')
	AND p.prosrc ~ 'INSERT INTO medaudit\.(finding_event|exemption|audit_case|recovery_entry)' ORDER BY 1;

-- what is wrong
\set VERBOSITY sqlstate
CALL medaudit.grant_access('regress_medaudit_reader', 'minister');
CALL medaudit.grant_access('regress_medaudit_none', 'reader');
CALL medaudit.grant_access('public', 'reader');
CALL medaudit.grant_access(NULL, 'reader');
CALL medaudit.grant_access('regress_medaudit_reader', NULL);
CALL medaudit.revoke_access('regress_medaudit_reader', 'minister');
SET client_min_messages = notice;
\set VERBOSITY default
CALL medaudit.revoke_access('regress_medaudit_reader', 'reader');
SET client_min_messages = warning;

CALL medaudit.grant_access('regress_medaudit_reader', 'reader');
CALL medaudit.grant_access('regress_medaudit_analyst', 'analyst');
CALL medaudit.grant_access('regress_medaudit_reviewer', 'reviewer');
CALL medaudit.grant_access('regress_medaudit_second', 'reviewer');
CALL medaudit.grant_access('regress_medaudit_chief', 'chief');
CALL medaudit.grant_access('regress_medaudit_runner', 'runner');
CALL medaudit.grant_access('regress_medaudit_runner', 'runner');
SELECT role_name, level, granted_by = session_user AS mine FROM medaudit.access_grant ORDER BY 1, 2;

-- the runner binds, runs and stores; who reads is granted what he makes
SET client_min_messages = error;
SET SESSION AUTHORIZATION regress_medaudit_runner;
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.bind('facility', 'warehouse.facility');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_twice}');
CALL medaudit.create_book_store(2);
CALL medaudit.refresh_books();
SELECT count(*) FROM medaudit_data.visit_book;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_twice}');
RESET SESSION AUTHORIZATION;
SET client_min_messages = warning;
SELECT facility_id, facility_region, count(*) FROM medaudit.finding GROUP BY 1, 2 ORDER BY 1;
SELECT relation, has_table_privilege('regress_medaudit_analyst', 'medaudit_data.' || relation, 'SELECT') AS analyst, has_table_privilege('regress_medaudit_analyst', 'medaudit_data.' || relation, 'INSERT') AS writes,
	has_table_privilege('regress_medaudit_reader', 'medaudit_data.' || relation, 'SELECT') AS reader
FROM unnest('{visit,charge,person,facility,visit_book,book_state,visit_change,person_key,kept_stay,due_person}'::text[]) AS r (relation);

-- acts, and whose they are
CREATE FUNCTION warehouse.tried(act text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	EXECUTE act;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN RETURN CASE WHEN SQLSTATE = '42501' THEN '42501' ELSE SQLSTATE || ' ' || SQLERRM END; END $$;
GRANT USAGE ON SCHEMA warehouse TO PUBLIC;
CREATE TABLE warehouse.act (n int, level text, act text, first bigint, second bigint);
SELECT min(finding_id) AS id, min(finding_id) + 1 AS other, min(finding_id) + 2 AS third, max(run_id) AS run FROM medaudit.finding \gset
INSERT INTO warehouse.act SELECT n, split_part(a, ': ', 1), substr(a, strpos(a, ': ') + 2), :id, :other FROM unnest(ARRAY[
	'reader: SELECT count(*) FROM medaudit.worklist_masked',
	'reader: SELECT count(*) FROM medaudit.findings_masked',
	'analyst: SELECT count(*) FROM medaudit.worklist',
	'analyst: SELECT count(*) FROM medaudit.findings',
	'analyst: SELECT count(*) FROM medaudit.facility_lines(''F1'')',
	'analyst: SELECT count(*) FROM medaudit.data_quality',
	'analyst: SELECT count(*) FROM medaudit.recovery_balance',
	'analyst: SELECT count(*) FROM medaudit.recurrence',
	'analyst: SELECT count(*) FROM medaudit.stale_visits',
	'analyst: SELECT count(*) FROM medaudit.finding_history',
	'analyst: SELECT count(*) FROM medaudit.rule_precision',
	'analyst: SELECT count(*) FROM medaudit.check_finding_log()',
	'analyst: SELECT count(*) FROM medaudit_data.visit',
	'reviewer: SELECT count(*) FROM medaudit.decision_queue',
	'reviewer: SELECT count(*) FROM medaudit.finding_states',
	'reviewer: SELECT count(*) FROM medaudit.finding_history',
	'reviewer: SELECT medaudit.note_finding($1, ''问过'')',
	'reviewer: SELECT medaudit.review_finding($1, ''confirm'')',
	'chief: SELECT medaudit.issue_findings(''{$2}'', ''2030-01-01'')',
	'chief: SELECT medaudit.appeal_finding($2, ''不同意'', ''2029-01-01'')',
	'chief: SELECT medaudit.settle_finding($2, ''reduced'', 1)',
	'chief: SELECT medaudit.settle_due()',
	'chief: SELECT medaudit.open_case(''案'', ''{$2}'', ''tip'')',
	'chief: SELECT medaudit.record_recovery((SELECT max(case_id) FROM medaudit.audit_case), ''ordered'', 1, ''2026-05-01'')',
	'chief: INSERT INTO medaudit.rectification (facility_id, rule_codes, ordered_on) VALUES (''F1'', ''{t_twice}'', ''2026-05-01'')',
	'chief: INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id) VALUES (''F1'', ''t_twice'', ''V1'')',
	'reviewer: SELECT medaudit.exempt(''t_twice'', ''licensed'', ''许可'', ''[2026-01-01,2026-12-31]'', facility_id => ''F3'')',
	'chief: SELECT medaudit.approve_exemption((SELECT max(exemption_id) FROM medaudit.exemption))',
	'chief: SELECT medaudit.revoke_exemption((SELECT max(exemption_id) FROM medaudit.exemption), ''期满'')',
	-- nobody's: what was found, what was said
	'nobody: UPDATE medaudit.finding SET gross_amount = 0',
	'nobody: UPDATE medaudit.finding SET claimed_amount = 0 WHERE finding_id = $1',
	'nobody: UPDATE medaudit.finding_line SET excess_amount = 0',
	'nobody: DELETE FROM medaudit.finding_line',
	'nobody: TRUNCATE medaudit.finding',
	'nobody: UPDATE medaudit.finding_event SET note = NULL',
	'nobody: DELETE FROM medaudit.finding_event',
	'nobody: TRUNCATE medaudit.finding_event',
	'nobody: UPDATE medaudit.recovery_entry SET amount = 1',
	'nobody: DELETE FROM medaudit.audit_case',
	'nobody: DELETE FROM medaudit.exemption',
	'nobody: UPDATE medaudit.exemption SET valid = ''[2026-01-01,2028-01-01)''',
	'nobody: INSERT INTO medaudit.exemption (exemption_id, rule_code, facility_id, reason_code, reason, valid) VALUES (99, ''t_twice'', ''F3'', ''licensed'', ''x'', ''[2026-01-01,2026-02-01)'')',
	'nobody: UPDATE medaudit.rule SET enabled = false',
	'nobody: INSERT INTO medaudit.gateway VALUES (''regress_medaudit_reviewer'')',
	'nobody: INSERT INTO medaudit.access_grant VALUES (''regress_medaudit_reviewer'', ''chief'')',
	'nobody: DELETE FROM medaudit.reader_scope',
	'nobody: CALL medaudit.grant_access(''regress_medaudit_reviewer'', ''chief'')',
	'nobody: CALL medaudit.revoke_access(''regress_medaudit_chief'', ''chief'')',
	'nobody: CREATE TABLE medaudit.mine ()',
	'nobody: SELECT * FROM medaudit_work.candidate',
	'nobody: ALTER TABLE medaudit.finding DISABLE TRIGGER guard',
	-- and what one level may and another not
	'nobody: SELECT person_name FROM medaudit.finding',
	'nobody: SELECT evidence FROM medaudit.finding',
	'nobody: SELECT * FROM medaudit.finding',
	'nobody: SELECT record_no FROM medaudit.finding_line',
	'nobody: SELECT * FROM medaudit.worklist',
	'nobody: SELECT * FROM medaudit.findings',
	'nobody: SELECT * FROM medaudit.facility_lines(''F1'')',
	'nobody: SELECT person_id FROM medaudit.exemption',
	'nobody: INSERT INTO medaudit.finding_event (finding_id, step, verdict) VALUES ($1, ''review'', ''confirm'')',
	'nobody: INSERT INTO medaudit.finding_event (finding_id, step, due_on) VALUES ($2, ''issue'', ''2030-01-01'')',
	'nobody: INSERT INTO medaudit.finding_event (finding_id, step) VALUES ($1, ''superseded'')',
	'nobody: DELETE FROM medaudit.finding',
	'nobody: DELETE FROM medaudit.run',
	'nobody: CALL medaudit.bind(''charge'', ''warehouse.charge'')',
	'nobody: CREATE VIEW medaudit_data.mine AS SELECT 1 AS x']) WITH ORDINALITY AS u (a, n);
GRANT SELECT ON warehouse.act TO PUBLIC;
-- one finding is reviewed by two, so that it can be issued
SET SESSION AUTHORIZATION regress_medaudit_reviewer;
SELECT medaudit.review_finding(:other, 'confirm') AS first;
SET SESSION AUTHORIZATION regress_medaudit_second;
SELECT medaudit.review_finding(:other, 'confirm') AS second;
RESET SESSION AUTHORIZATION;
CREATE TABLE warehouse.came (role_name text, n int, answer text);
GRANT INSERT ON warehouse.came TO PUBLIC;
-- each act by each level, undone where it is not of the level, so that each meets the same
DO $$
DECLARE
	whom record;
	item record;
	answer text;
BEGIN
	FOR item IN SELECT * FROM warehouse.act ORDER BY n LOOP
		FOR whom IN SELECT r FROM unnest('{nobody,reader,analyst,reviewer,chief,runner}'::text[]) AS u (r) LOOP
			BEGIN
				EXECUTE format('SET SESSION AUTHORIZATION regress_medaudit_%s', whom.r);
				answer := warehouse.tried(replace(replace(item.act, '$1', item.first::text), '$2', item.second::text));
				RAISE EXCEPTION USING ERRCODE = 'MA001', MESSAGE = answer;
			EXCEPTION WHEN SQLSTATE 'MA001' THEN
				answer := SQLERRM;
			END;
			INSERT INTO warehouse.came VALUES (whom.r, item.n, answer);
		END LOOP;
		-- what is a level's is done, for what comes after it
		IF item.level <> 'nobody' THEN
			EXECUTE format('SET SESSION AUTHORIZATION regress_medaudit_%s', item.level);
			answer := warehouse.tried(replace(replace(item.act, '$1', item.first::text), '$2', item.second::text));
			EXECUTE 'RESET SESSION AUTHORIZATION';
			IF answer <> 'done' THEN RAISE WARNING 'not done by %: % %', item.level, item.act, answer; END IF;
		END IF;
	END LOOP;
END
$$;
-- who could, and what the others met
SELECT a.level AS whose, string_agg(c.role_name, ' ' ORDER BY c.role_name) FILTER (WHERE c.answer = 'done') AS who, string_agg(DISTINCT split_part(c.answer, ' ', 1), ' ') FILTER (WHERE c.answer <> 'done') AS others, a.act
FROM warehouse.act AS a JOIN warehouse.came AS c ON c.n = a.n GROUP BY a.n, a.level, a.act ORDER BY a.n;
SELECT DISTINCT c.role_name, left(c.answer, 5) AS answer, a.act FROM warehouse.came AS c JOIN warehouse.act AS a ON a.n = c.n WHERE c.answer NOT IN ('done', '42501') ORDER BY 1, 3;
SELECT state, first_reviewer, second_reviewer, confirmed_claimed FROM medaudit.finding_states WHERE finding_id = :other;

-- readers of a region or a facility: the masked views alone ask
CREATE FUNCTION warehouse.seen(whom text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE seen text;
BEGIN
	EXECUTE format('SET ROLE %I', whom);
	SELECT concat_ws(' / ', (SELECT string_agg(f.facility_id || ' ' || f.n, ', ' ORDER BY f.facility_id) FROM (SELECT i.facility_id, count(*) AS n FROM medaudit.findings_masked AS i GROUP BY 1) AS f),
		(SELECT string_agg(f.facility_id || ' ' || f.n, ', ' ORDER BY f.facility_id) FROM (SELECT i.facility_id, count(*) AS n FROM medaudit.worklist_masked AS i GROUP BY 1) AS f)) INTO seen;
	RESET ROLE;
	RETURN seen;
END $$;
CREATE ROLE regress_medaudit_north IN ROLE regress_medaudit_reader; CREATE ROLE regress_medaudit_clerk IN ROLE regress_medaudit_north;
SELECT warehouse.seen('regress_medaudit_reader') AS reader, warehouse.seen('regress_medaudit_north') AS north;
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', '330102', NULL);
SELECT warehouse.seen('regress_medaudit_reader') AS reader, warehouse.seen('regress_medaudit_north') AS north, warehouse.seen('regress_medaudit_clerk') AS clerk;
-- a city has its districts; a facility beside it; both at once
UPDATE medaudit.reader_scope SET region = '330100';
SELECT warehouse.seen('regress_medaudit_clerk');
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_clerk', NULL, ' f3');
SELECT warehouse.seen('regress_medaudit_clerk') AS clerk, warehouse.seen('regress_medaudit_north') AS north;
UPDATE medaudit.reader_scope SET region = '330102', facility_id = 'F2' WHERE facility_id IS NULL;
SELECT warehouse.seen('regress_medaudit_north') AS nothing;
UPDATE medaudit.reader_scope SET region = '33' WHERE facility_id = 'F2';
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', '990000', 'F2'), ('regress_medaudit_north', '990000', 'F1'), ('regress_medaudit_north', 'far', 'F3');
SELECT warehouse.seen('regress_medaudit_north') AS north;
UPDATE medaudit.reader_scope SET region = '330102000000', facility_id = NULL WHERE facility_id = 'F2' AND region = '33'; DELETE FROM medaudit.reader_scope WHERE region IN ('990000', 'far');
SELECT warehouse.seen('regress_medaudit_north') AS north;
-- a role that is no more hides nothing from others, nor shows anything
CREATE ROLE regress_medaudit_gone; INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_gone', '990000', NULL); DROP ROLE regress_medaudit_gone;
SELECT warehouse.seen('regress_medaudit_reader') AS reader;
SELECT count(*) AS superuser FROM medaudit.findings_masked;
\set VERBOSITY sqlstate
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', NULL, NULL);
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_gone', '990000', NULL);
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', '3', NULL);
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', '33010', NULL);
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', '000000', NULL);
INSERT INTO medaudit.reader_scope VALUES ('regress_medaudit_north', ' ', NULL);
\set VERBOSITY default
-- how codes begin that lie in a region
SELECT r AS region, medaudit._parts_of_region(r) AS parts FROM unnest('{33,330000,330000000,330000000000,331000000000,3301,330100,330102,330102200,330102100000,330102001000,330102001002,north}'::text[]) AS r;
-- nor by another role that he may take, nor through a cursor or a view of his own
CREATE ROLE regress_medaudit_staff; GRANT regress_medaudit_staff TO regress_medaudit_clerk; GRANT ALL ON SCHEMA warehouse TO regress_medaudit_clerk;
SET SESSION AUTHORIZATION regress_medaudit_clerk;
SET ROLE regress_medaudit_reader; SELECT string_agg(DISTINCT facility_id, ' ') FROM medaudit.findings_masked; RESET ROLE;
BEGIN; DECLARE c CURSOR FOR SELECT string_agg(DISTINCT facility_id, ' ') FROM medaudit.findings_masked; SET LOCAL ROLE regress_medaudit_reader; FETCH ALL FROM c; COMMIT;
CREATE VIEW warehouse.lent AS SELECT DISTINCT facility_id FROM medaudit.findings_masked; GRANT SELECT ON warehouse.lent TO PUBLIC;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_medaudit_nobody; SELECT * FROM warehouse.lent; RESET SESSION AUTHORIZATION;
-- who may read a column of them reads himself
GRANT SELECT (facility_id) ON medaudit.findings_masked TO regress_medaudit_nobody;
SET SESSION AUTHORIZATION regress_medaudit_nobody; SELECT count(*) > 0 AS reads FROM warehouse.lent; RESET SESSION AUTHORIZATION;
REVOKE SELECT (facility_id) ON medaudit.findings_masked FROM regress_medaudit_nobody;
-- and whatever the role is called
ALTER ROLE regress_medaudit_north RENAME TO regress_medaudit_south;
SELECT warehouse.seen('regress_medaudit_clerk') AS clerk; ALTER ROLE regress_medaudit_south RENAME TO regress_medaudit_north;
SET ROLE regress_medaudit_north;
SELECT warehouse.tried('SELECT * FROM medaudit.reader_scope') AS scope, warehouse.tried('INSERT INTO medaudit.reader_scope VALUES (''x'', ''33'', NULL)') AS own, warehouse.tried('SELECT * FROM medaudit.finding') AS rows;
RESET ROLE;

-- row security for who reads more than the masked views, and for who decides
CREATE POLICY region ON medaudit.finding FOR ALL TO regress_medaudit_analyst, regress_medaudit_reviewer USING (facility_region = '330102');
CREATE POLICY region ON medaudit.finding_line FOR SELECT TO regress_medaudit_analyst, regress_medaudit_reviewer
	USING (EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = finding_line.finding_id));
CREATE POLICY rest ON medaudit.finding FOR ALL TO regress_medaudit_second, regress_medaudit_chief, regress_medaudit_runner USING (true);
CREATE POLICY rest ON medaudit.finding_line FOR ALL TO regress_medaudit_second, regress_medaudit_chief, regress_medaudit_runner USING (true);
ALTER TABLE medaudit.finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE medaudit.finding_line ENABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_medaudit_analyst;
SELECT facility_id, count(*) FROM medaudit.findings GROUP BY 1;
SELECT facility_id, count(*) FROM medaudit.worklist GROUP BY 1;
SELECT count(*) FROM medaudit.finding_lines WHERE facility_id <> 'F1';
RESET SESSION AUTHORIZATION;
SELECT min(finding_id) FILTER (WHERE facility_id = 'F1') AS mine, min(finding_id) FILTER (WHERE facility_id = 'F2') AS theirs FROM medaudit.finding WHERE state = 'open' \gset
SET SESSION AUTHORIZATION regress_medaudit_reviewer;
SELECT medaudit.review_finding(:mine, 'confirm') AS own_region;
\set VERBOSITY sqlstate
SELECT medaudit.review_finding(:theirs, 'confirm') AS other_region;
RESET SESSION AUTHORIZATION;
-- a finding of another region names a line of the same visit: who does not see it does not rank it
SET SESSION AUTHORIZATION regress_medaudit_second;
SELECT medaudit.review_finding(:mine, 'dismiss', 'other') AS second;
RESET SESSION AUTHORIZATION;
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_region, gross_amount, evidence, key, judged_on, rule_name, fingerprint)
VALUES (900, :run, 'x', 'suspicion', 'facility', 'F2', 'F2', '330106', 4, '{}', 'x', '2026-03-05', 'x', '\x00');
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount)
SELECT 900, 1, l.visit_id, l.line_id, 4 FROM medaudit.finding_line AS l WHERE l.finding_id = :mine AND l.excess_amount IS NOT NULL LIMIT 1;
CREATE VIEW warehouse.ranked AS SELECT md5(string_agg(r::text, E'\n' ORDER BY r.finding_id, r.line_no)) AS digest FROM (SELECT i.finding_id, i.line_no, i.gross_once, i.lines_once, i.other_rules, i.rank IS NULL AS off FROM medaudit.ranked_line AS i) AS r;
SELECT digest AS before FROM warehouse.ranked \gset
SET SESSION AUTHORIZATION regress_medaudit_reviewer;
SELECT warehouse.tried(format('SELECT medaudit.review_finding(%s, ''confirm'')', :mine)) AS again, warehouse.tried('CALL medaudit.rank_findings()') AS all;
RESET SESSION AUTHORIZATION;
CREATE ROLE regress_medaudit_third; CALL medaudit.grant_access('regress_medaudit_third', 'reviewer');
CREATE POLICY region_too ON medaudit.finding FOR ALL TO regress_medaudit_third USING (facility_region = '330102');
CREATE POLICY region_too ON medaudit.finding_line FOR SELECT TO regress_medaudit_third USING (EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = finding_line.finding_id));
SET SESSION AUTHORIZATION regress_medaudit_third;
\set VERBOSITY default
SELECT medaudit.review_finding(:mine, 'dismiss', 'other');
CALL medaudit.rank_findings();
RESET SESSION AUTHORIZATION;
SELECT digest = :'before' AS as_before FROM warehouse.ranked;
-- without it, what the region has ranked is as if all were ranked
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard; DELETE FROM medaudit.finding WHERE finding_id = 900;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
SET SESSION AUTHORIZATION regress_medaudit_third;
SELECT medaudit.review_finding(:mine, 'dismiss', 'other');
RESET SESSION AUTHORIZATION;
SELECT digest AS piecemeal FROM warehouse.ranked \gset
CALL medaudit.rank_findings();
SELECT digest = :'piecemeal' AS as_whole, digest <> :'before' AS moved FROM warehouse.ranked;
-- a setting of one's own puts nothing off
SELECT min(finding_id) AS mine, max(finding_id) AS last FROM medaudit.finding WHERE state = 'open' AND facility_id = 'F3' \gset
SELECT medaudit.review_finding(:mine, 'dismiss', 'other') AS first;
SET SESSION AUTHORIZATION regress_medaudit_second;
SET medaudit_work.rank_later = 'on';
SELECT medaudit.review_finding(:mine, 'dismiss', 'other') AS second, medaudit._run_lock_held() AS runs;
RESET medaudit_work.rank_later;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM medaudit.ranked_line WHERE finding_id = :mine;
-- nor is a level lent
SET SESSION AUTHORIZATION regress_medaudit_runner; RESET SESSION AUTHORIZATION;
CREATE FUNCTION warehouse.lend(id bigint) RETURNS text LANGUAGE sql SECURITY DEFINER AS $$ SELECT medaudit.review_finding(id, 'dismiss', 'other') $$;
ALTER FUNCTION warehouse.lend(bigint) OWNER TO regress_medaudit_second;
SET SESSION AUTHORIZATION regress_medaudit_nobody;
SELECT warehouse.lend(:last);
RESET SESSION AUTHORIZATION;
-- who does not see all events of a finding adds none
SELECT medaudit.note_finding(:last, 'a'), medaudit.note_finding(:last, 'b') \gset
SET SESSION AUTHORIZATION regress_medaudit_second;
SELECT count(medaudit.note_finding(:last, 'note ' || n)) AS notes FROM generate_series(1, 12) AS n;
RESET SESSION AUTHORIZATION;
CREATE POLICY rest ON medaudit.finding_event USING (true);
CREATE POLICY own ON medaudit.finding_event AS RESTRICTIVE FOR SELECT TO regress_medaudit_second USING (actor = current_user);
ALTER TABLE medaudit.finding_event ENABLE ROW LEVEL SECURITY;
SET SESSION AUTHORIZATION regress_medaudit_second;
SELECT warehouse.tried(format('SELECT medaudit.note_finding(%s, ''c'')', :last)), warehouse.tried(format('SELECT medaudit.review_finding(%s, ''confirm'')', :mine));
RESET SESSION AUTHORIZATION;
ALTER TABLE medaudit.finding_event DISABLE ROW LEVEL SECURITY; DROP POLICY rest ON medaudit.finding_event; DROP POLICY own ON medaudit.finding_event;
-- a policy on the ranking itself keeps from deciding
CREATE POLICY of_ranking ON medaudit.ranked_line USING (true);
ALTER TABLE medaudit.ranked_line ENABLE ROW LEVEL SECURITY;
SELECT min(finding_id) AS mine FROM medaudit.finding WHERE state = 'open' AND facility_id = 'F1' \gset
SELECT medaudit.review_finding(:mine, 'dismiss', 'other') AS owner;
SET SESSION AUTHORIZATION regress_medaudit_third;
SELECT medaudit.review_finding(:mine, 'dismiss', 'other');
RESET SESSION AUTHORIZATION;
ALTER TABLE medaudit.ranked_line DISABLE ROW LEVEL SECURITY; ALTER TABLE medaudit.finding DISABLE ROW LEVEL SECURITY; ALTER TABLE medaudit.finding_line DISABLE ROW LEVEL SECURITY;
DROP POLICY of_ranking ON medaudit.ranked_line; DROP POLICY region ON medaudit.finding; DROP POLICY rest ON medaudit.finding; DROP POLICY region_too ON medaudit.finding;
DROP POLICY region ON medaudit.finding_line; DROP POLICY rest ON medaudit.finding_line; DROP POLICY region_too ON medaudit.finding_line;

-- what is taken is gone, but for what another level gives; granting twice or taking twice changes nothing
CREATE VIEW warehouse.has AS SELECT r.rolname, count(*) FILTER (WHERE NOT has_table_privilege(r.oid, c.oid, 'SELECT')) AS unread, count(*) FILTER (WHERE has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')) AS written,
	has_function_privilege(r.oid, 'medaudit.review_finding(bigint,text,text,text,numeric,text)', 'EXECUTE') AS reviews, has_schema_privilege(r.oid, 'medaudit', 'USAGE') AS enters
FROM pg_roles AS r CROSS JOIN pg_class AS c
WHERE r.rolname ~ '^regress_medaudit_(nobody|reviewer)$' AND c.relnamespace IN ('medaudit'::regnamespace, 'medaudit_data'::regnamespace, 'medaudit_work'::regnamespace) AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'visit_book_0' AND c.relname <> 'visit_book_1' GROUP BY 1, r.oid;
CREATE TABLE warehouse.first AS SELECT * FROM warehouse.has;
CALL medaudit.grant_access('regress_medaudit_reviewer', 'analyst');
SELECT h.rolname, h.unread < f.unread AS reads_more, h.written = f.written AS writes_same, h.reviews, h.enters FROM warehouse.has AS h JOIN warehouse.first AS f USING (rolname) WHERE h.rolname ~ 'reviewer';
CALL medaudit.revoke_access('regress_medaudit_reviewer', 'reviewer');
SELECT written, reviews, enters FROM warehouse.has WHERE rolname ~ 'reviewer';
CALL medaudit.grant_access('regress_medaudit_reviewer', 'reviewer');
CALL medaudit.revoke_access('regress_medaudit_reviewer', 'analyst');
SELECT count(*) FROM (SELECT * FROM warehouse.has EXCEPT SELECT * FROM warehouse.first) AS d;
-- every level given and taken again leaves what was before
DO $$
DECLARE l text;
BEGIN
	FOREACH l IN ARRAY '{reader,analyst,reviewer,chief,runner}'::text[] LOOP CALL medaudit.grant_access('regress_medaudit_nobody', l); END LOOP;
	FOREACH l IN ARRAY '{analyst,chief,reader,runner,reviewer}'::text[] LOOP CALL medaudit.revoke_access('regress_medaudit_nobody', l); END LOOP;
END $$;
SELECT count(*) FROM pg_shdepend WHERE refobjid = 'regress_medaudit_nobody'::regrole;
SELECT count(*) FROM (SELECT * FROM warehouse.has EXCEPT SELECT * FROM warehouse.first) AS d;

-- who comes after a role of the same name has nothing of it, whatever is taken from him or bound
CREATE ROLE regress_medaudit_heir; CALL medaudit.grant_access('regress_medaudit_heir', 'chief'); CALL medaudit.grant_access('regress_medaudit_heir', 'runner');
DROP OWNED BY regress_medaudit_heir; DROP ROLE regress_medaudit_heir; CREATE ROLE regress_medaudit_heir;
CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.grant_access('regress_medaudit_heir', 'reader'); CALL medaudit.revoke_access('regress_medaudit_heir', 'reader');
SELECT count(*) FROM pg_shdepend WHERE refobjid = 'regress_medaudit_heir'::regrole;

-- a new name takes the level along; what is left of one that is not listed goes
ALTER ROLE regress_medaudit_third RENAME TO regress_medaudit_fourth;
CALL medaudit.revoke_access('regress_medaudit_fourth', 'reviewer');
SELECT count(*) FROM pg_shdepend WHERE refobjid = 'regress_medaudit_fourth'::regrole;
SET client_min_messages = notice;
GRANT SELECT ON medaudit.worklist TO regress_medaudit_fourth; CALL medaudit.revoke_access('regress_medaudit_fourth', 'analyst');
SELECT count(*) FROM pg_shdepend WHERE refobjid = 'regress_medaudit_fourth'::regrole;
-- who has bound keeps what he made, which is said; levels are not for the owner
CALL medaudit.revoke_access('regress_medaudit_runner', 'runner');
CALL medaudit.grant_access(session_user, 'reviewer');
SET client_min_messages = warning;
-- no view but the masked ones reads with the rights of its owner
SELECT c.relname FROM pg_class AS c WHERE c.relkind = 'v' AND c.relnamespace = 'medaudit'::regnamespace AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false) ORDER BY 1;

-- not by who is not the owner
SET SESSION AUTHORIZATION regress_medaudit_chief;
CALL medaudit.grant_access('regress_medaudit_chief', 'runner');
RESET SESSION AUTHORIZATION;

-- the levels are gone with their roles
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key, medaudit_data.kept_stay, medaudit_data.due_person;
DELETE FROM medaudit.binding; DELETE FROM medaudit.access_grant; DELETE FROM medaudit.reader_scope;
TRUNCATE medaudit.run;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; ALTER TABLE medaudit.recovery_entry DISABLE TRIGGER keep_rows;
TRUNCATE medaudit.finding, medaudit.finding_event, medaudit.recovery_entry, medaudit.case_finding, medaudit.audit_case, medaudit.rectification, medaudit.exemption, medaudit.self_report;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events; ALTER TABLE medaudit.recovery_entry ENABLE TRIGGER keep_rows;
DELETE FROM medaudit.rule WHERE rule_code = 't_twice';
DROP SCHEMA warehouse CASCADE;
DO $$ DECLARE r record; BEGIN FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^regress_medaudit_' LOOP EXECUTE format('DROP OWNED BY %I', r.rolname); EXECUTE format('DROP ROLE %I', r.rolname); END LOOP; END $$;
