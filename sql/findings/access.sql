-- Who may do what: five levels, each a set of GRANTs and nothing else.  No function
-- runs with rights that its caller lacks; what is not granted, PostgreSQL refuses.
--
-- An act is its function: whoever may not call it may not add its event either
-- (_check_actor), so EXECUTE on the acts is taken from everybody and given by level.
-- Who reviews needs no name: of findings he reads the columns that the masked views
-- show as they are, and those by which they are ranked.
--
-- Cost: some hundred GRANTs, once per role and level.

-- Columns of findings that the masked views mask or leave out.  Reviewers read the numbers
-- of visits and lines, for by these findings are ranked.
CREATE OR REPLACE FUNCTION _hidden_columns(relation text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE relation
		WHEN 'finding' THEN '{subject_id,person_id,visit_id,evidence,key,person_name,evidence_text,record_no,people,fingerprint}'::text[]
		WHEN 'finding_line' THEN '{person_id,evidence,evidence_text,record_no,other_visit_id}'
		ELSE '{}' END;

COMMENT ON FUNCTION _hidden_columns(text) IS
	'不予显示列: columns of finding and finding_line that those who review do not read; {}: none';

CREATE OR REPLACE FUNCTION _shown_columns(relation text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
	FROM pg_attribute AS a
	WHERE a.attrelid = format('medaudit.%I', relation)::regclass AND a.attnum > 0 AND NOT a.attisdropped
		AND a.attname <> ALL (medaudit._hidden_columns(relation))
$$;

COMMENT ON FUNCTION _shown_columns(text) IS
	'可显示列: the other columns of a table of medaudit, as a list; 42P01 for an unknown one';

-- What levels are made of.
CREATE OR REPLACE FUNCTION _own_grants() RETURNS TABLE (part text, object_kind text, names text, privileges text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT v.part, v.kind, v.names, v.privileges
	FROM (VALUES
		('reader', 'SCHEMA', 'medaudit', 'USAGE'),
		('reader', 'TABLE', 'findings_masked worklist_masked 疑点清单_脱敏 疑点台账_脱敏 _report_found_masked', 'SELECT'),
		-- of which run and days a report speaks
		('reader', 'TABLE', 'run', 'SELECT (run_id, from_date, to_date, rules, state, scope)'),
		-- decides: adds events, which move state and money of findings and their ranking
		('decider', 'TABLE', 'finding_event', 'SELECT, INSERT'),
		('decider', 'SEQUENCE', 'finding_event_id_seq exemption_id_seq', 'USAGE'),
		('decider', 'TABLE', 'finding', format('SELECT (%s), UPDATE (state, confirmed_gross, confirmed_claimed, confirmed_fund)',
			medaudit._shown_columns('finding'))),
		('decider', 'TABLE', 'finding_line', format('SELECT (%s)', medaudit._shown_columns('finding_line'))),
		('decider', 'TABLE', 'ranked_line finding_sum', 'SELECT, INSERT, UPDATE, DELETE'),
		('decider', 'TABLE', 'finding_states finding_history decision_queue focus_weight', 'SELECT'),
		('decider', 'TABLE', 'exemption', 'SELECT (exemption_id, rule_code, facility_id, item_code, reason_code, reason, document_no, valid, '
			'requested_by, requested_at, approved_by, approved_at, revoked_on, revoked_by, revoked_note), '
			'INSERT (rule_code, facility_id, person_id, item_code, reason_code, reason, document_no, valid, requested_by)'),
		('decider', 'FUNCTION', 'note_finding import_reviews exempt review_record', 'EXECUTE'),
		-- records that were drawn for review
		('decider', 'TABLE', 'inspection_plan plan_unit', 'SELECT'),
		('decider', 'TABLE', 'record_review', 'SELECT, INSERT'),
		('reviewer', 'FUNCTION', 'review_finding', 'EXECUTE'),
		('chief', 'FUNCTION', 'issue_findings appeal_finding settle_finding settle_due exempt_finding approve_exemption revoke_exemption '
			'open_case record_recovery open_draw draw_plan draw_team', 'EXECUTE'),
		('chief', 'TABLE', 'exemption', 'UPDATE (approved_by, approved_at, revoked_on, revoked_by, revoked_note)'),
		('chief', 'TABLE', 'self_report', 'INSERT, UPDATE, DELETE'),
		('chief', 'TABLE', 'audit_case', 'INSERT, UPDATE (title, handler, state, decided_on, document_no, referred_to)'),
		('chief', 'TABLE', 'case_finding', 'INSERT, UPDATE (open)'),
		('chief', 'TABLE', 'recovery_entry', 'INSERT'),
		('chief', 'TABLE', 'rectification', 'INSERT, UPDATE'),
		('chief', 'TABLE', 'demerit', 'INSERT, UPDATE (withdrawn_on, withdrawn_note)'),
		('chief', 'TABLE', 'standing_list', 'INSERT, UPDATE'),
		('chief', 'TABLE', 'rule_focus', 'INSERT, UPDATE, DELETE'),
		('chief', 'TABLE', 'inspection_plan', 'INSERT, UPDATE (seed, beacon, share, minimum, drawn_at, drawn_by)'),
		('chief', 'TABLE', 'plan_unit', 'INSERT, UPDATE (inclusion, key, place)'),
		('chief', 'TABLE', 'plan_team', 'INSERT'),
		('chief', 'TABLE', 'inspection', 'INSERT, UPDATE'),
		('chief', 'TABLE', 'inspector recusal', 'INSERT, UPDATE, DELETE'),
		('chief', 'SEQUENCE', 'case_id_seq recovery_entry_id_seq rectification_id_seq demerit_id_seq inspection_plan_id_seq inspection_id_seq', 'USAGE'),
		('runner', 'SCHEMA', 'medaudit_data', 'USAGE, CREATE'),
		('runner', 'SCHEMA', 'medaudit_work', 'USAGE'),
		('runner', 'TABLE', 'binding', 'INSERT, UPDATE, DELETE'),
		('runner', 'TABLE', 'run run_step run_quality run_asked kept_rulebook run_coverage run_finding run_insufficient finding finding_line '
			'ranked_line finding_sum finding_person focus_weight indicator_month', 'INSERT, UPDATE, DELETE'),
		('runner', 'TABLE', 'finding_event', 'INSERT'),
		('runner', 'SEQUENCE', 'run_id_seq finding_id_seq finding_event_id_seq', 'USAGE')) AS v (part, kind, names, privileges)
$$;

COMMENT ON FUNCTION _own_grants() IS
	'级别自身权限: privileges on objects of schema medaudit, and on schemas, by parts of which the levels are made; decider is what reviewers and chiefs share';

-- What is bound or stored in medaudit_data is there or not; it is granted as it is made.
CREATE OR REPLACE VIEW access_levels WITH (security_invoker = true) AS
WITH level (level, level_zh, place, part) AS (
	SELECT v.level, v.level_zh, v.place, unnest(v.parts)
	FROM (VALUES ('reader', '只读(脱敏)', 1, '{reader}'::text[]),
		('analyst', '分析', 2, '{reader,analyst}'),
		('reviewer', '审核', 3, '{reader,decider,reviewer}'),
		('chief', '负责', 4, '{reader,analyst,decider,chief}'),
		('runner', '运行', 5, '{reader,analyst,runner}')) AS v (level, level_zh, place, parts)
), own AS (
	SELECT g.part, g.object_kind, coalesce(c.oid, p.oid, n.oid) AS object, g.privileges
	FROM medaudit._own_grants() AS g
	CROSS JOIN LATERAL unnest(string_to_array(g.names, ' ')) AS u (name)
	LEFT JOIN pg_class AS c ON g.object_kind IN ('TABLE', 'SEQUENCE') AND c.relname = u.name AND c.relnamespace = 'medaudit'::regnamespace
	LEFT JOIN pg_proc AS p ON g.object_kind = 'FUNCTION' AND p.proname = u.name AND p.pronamespace = 'medaudit'::regnamespace
	LEFT JOIN pg_namespace AS n ON g.object_kind = 'SCHEMA' AND n.nspname = u.name
	UNION ALL
	SELECT 'analyst', 'TABLE', c.oid, 'SELECT'
	FROM pg_class AS c
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND (c.relnamespace = to_regnamespace('medaudit_data')
		OR c.relnamespace = 'medaudit'::regnamespace AND EXISTS (SELECT FROM pg_depend AS d
			WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'))
	UNION ALL
	SELECT 'runner', 'TABLE', c.oid, CASE c.relkind WHEN 'v' THEN 'SELECT' ELSE 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE' END
	FROM pg_class AS c
	WHERE c.relkind IN ('r', 'p', 'v') AND c.relnamespace = to_regnamespace('medaudit_work')
	UNION ALL
	SELECT 'runner', 'TABLE', c.oid, 'INSERT, UPDATE, DELETE'
	FROM pg_class AS c
	WHERE c.relname = ANY (medaudit._book_tables()) AND c.relnamespace = to_regnamespace('medaudit_data')
)
SELECT l.level, l.level_zh, o.object_kind, i.identity AS object_name, o.privileges
FROM level AS l
JOIN own AS o ON o.part = l.part
CROSS JOIN LATERAL pg_identify_object(CASE o.object_kind WHEN 'FUNCTION' THEN 'pg_proc'::regclass WHEN 'SCHEMA' THEN 'pg_namespace'::regclass
	ELSE 'pg_class'::regclass END, o.object, 0) AS i;

COMMENT ON VIEW access_levels IS
	'权限级别: every privilege that each level of grant_access() is made of, also on what is bound at present';
COMMENT ON COLUMN access_levels.level IS '级别: reader, analyst, reviewer, chief or runner';
COMMENT ON COLUMN access_levels.level_zh IS '级别';
COMMENT ON COLUMN access_levels.object_kind IS '对象类型: SCHEMA, TABLE (views too), SEQUENCE or FUNCTION, as GRANT has it';
COMMENT ON COLUMN access_levels.object_name IS '对象: with its schema';
COMMENT ON COLUMN access_levels.privileges IS '权限: as GRANT has them, with columns where it is of some only';

GRANT SELECT ON access_levels TO PUBLIC;

-- The acts are nobody's who has no level.
DO $$
DECLARE
	item record;
BEGIN
	FOR item IN SELECT DISTINCT a.object_name FROM medaudit.access_levels AS a WHERE a.object_kind = 'FUNCTION' LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', item.object_name);
	END LOOP;
END
$$;

CREATE OR REPLACE TRIGGER name_role BEFORE INSERT OR UPDATE OF role_name ON access_grant
	FOR EACH ROW EXECUTE FUNCTION _name_role();

CREATE OR REPLACE PROCEDURE _check_access_change(role_name name, level text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF role_name IS NULL OR level IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), CASE WHEN role_name IS NULL THEN 'role_name' ELSE 'level' END);
	ELSIF NOT EXISTS (SELECT FROM medaudit.access_levels AS a WHERE a.level = _check_access_change.level) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no level of access'), level),
			HINT = medaudit._say('Levels are reader, analyst, reviewer, chief and runner.');
	ELSIF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role_name) THEN
		RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format(medaudit._say('role "%s" does not exist'), role_name),
			HINT = medaudit._say('CREATE ROLE makes it.');
	ELSIF NOT (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.nspname = 'medaudit') THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = medaudit._say('access is granted by the owner of medaudit');
	END IF;
	IF pg_has_role(role_name, (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'medaudit'), 'USAGE') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('role "%s" has the rights of the owner of medaudit'), role_name),
			HINT = medaudit._say('Levels are for others.');
	END IF;
	-- a restore may have come before its roles; a role that was dropped has left its row
	-- behind; one may have another name by now
	UPDATE medaudit.access_grant AS g SET role_oid = r.oid FROM pg_roles AS r WHERE g.role_oid = 0::oid AND r.rolname = g.role_name;
	DELETE FROM medaudit.access_grant AS g WHERE g.role_oid <> 0::oid AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = g.role_oid);
	UPDATE medaudit.access_grant AS g SET role_name = r.rolname FROM pg_roles AS r WHERE r.oid = g.role_oid AND r.rolname <> g.role_name;
END
$$;

COMMENT ON PROCEDURE _check_access_change(name, text) IS
	'检查授权: 22004 for NULL, 22023 for an unknown level, 42704 for an unknown role, 42501 for who is not the owner of the extension; forgets what roles that were dropped had, and follows new names';

-- What binders and runners have made is theirs: they need no grant, and who has not their
-- rights cannot give any.
CREATE OR REPLACE FUNCTION _may_grant(object_kind text, object_name text, role_name name) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	owner oid := CASE WHEN object_kind = 'TABLE' THEN (SELECT c.relowner FROM pg_class AS c WHERE c.oid = object_name::regclass) END;
	whom oid := (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = role_name);
BEGIN
	IF owner IS NULL OR pg_has_role(owner, 'USAGE') AND owner <> whom THEN
		RETURN true;
	ELSIF owner <> whom THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('%s belongs to %s: not granted'), object_name, owner::regrole),
			HINT = medaudit._say('A superuser grants it.');
	END IF;
	RETURN false;
END
$$;

COMMENT ON FUNCTION _may_grant(text, text, name) IS
	'可否授权: whether the current user can grant rights to an object to a role that does not own it; a warning where it is somebody else''s';

CREATE OR REPLACE PROCEDURE _give_levels(role_name name DEFAULT NULL, level text DEFAULT NULL, relation regclass DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT DISTINCT a.object_kind, a.object_name, a.privileges, r.rolname AS role_name
		FROM medaudit.access_grant AS g
		JOIN pg_roles AS r ON r.oid = g.role_oid
		JOIN medaudit.access_levels AS a ON a.level = g.level
		WHERE (_give_levels.role_name IS NULL OR r.rolname = _give_levels.role_name)
			AND (_give_levels.level IS NULL OR g.level = _give_levels.level)
			AND (_give_levels.relation IS NULL OR a.object_kind = 'TABLE' AND a.object_name = (SELECT i.identity
				FROM pg_identify_object('pg_class'::regclass, _give_levels.relation, 0) AS i))
		ORDER BY 1, 2, 3, 4
	LOOP
		CONTINUE WHEN NOT medaudit._may_grant(item.object_kind, item.object_name, item.role_name);
		EXECUTE format('GRANT %s ON %s %s TO %I', item.privileges, item.object_kind, item.object_name, item.role_name);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _give_levels(name, text, regclass) IS
	'执行授权: grants what access_grant says of a role (NULL: all), a level (NULL: all) and a relation (NULL: every object)';

CREATE OR REPLACE PROCEDURE grant_access(role_name name, level text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._check_access_change(role_name, level);
	INSERT INTO medaudit.access_grant (role_name, level) VALUES (role_name, level) ON CONFLICT DO NOTHING;
	CALL medaudit._give_levels(role_name, level);
END
$$;

COMMENT ON PROCEDURE grant_access(name, text) IS
	'授权: gives a role one level: reader (masked views), analyst (reads all), reviewer (reviews, notes), chief (issues, settles, approves exemptions, cases, recovery) or runner (binds, runs, refreshes); a role may have several; an unknown level is 22023, an unknown role 42704, NULL 22004, who is not the owner of medaudit 42501';

CREATE OR REPLACE PROCEDURE revoke_access(role_name name, level text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	item record;
	owned text;
BEGIN
	CALL medaudit._check_access_change(role_name, level);
	DELETE FROM medaudit.access_grant AS g WHERE g.role_name = revoke_access.role_name AND g.level = revoke_access.level;
	IF NOT FOUND THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('role "%s" does not have level %s'), role_name, level);
	END IF;
	FOR item IN
		SELECT a.object_kind, a.object_name, a.privileges FROM medaudit.access_levels AS a WHERE a.level = revoke_access.level ORDER BY 1, 2, 3
	LOOP
		CONTINUE WHEN NOT medaudit._may_grant(item.object_kind, item.object_name, role_name);
		EXECUTE format('REVOKE %s ON %s %s FROM %I', item.privileges, item.object_kind, item.object_name, role_name);
	END LOOP;
	SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.relname) INTO owned FROM pg_class AS c
	WHERE c.relnamespace = to_regnamespace('medaudit_data') AND pg_get_userbyid(c.relowner) = role_name AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition;
	IF level = 'runner' AND owned IS NOT NULL THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('role "%s" still owns %s'), role_name, owned),
			HINT = format(medaudit._say('REASSIGN OWNED BY %I TO whoever binds from now on.'), role_name);
	END IF;
	-- what another level of the role has as well
	CALL medaudit._give_levels(role_name);
END
$$;

COMMENT ON PROCEDURE revoke_access(name, text) IS
	'撤销授权: takes a level from a role again, but for what another level that the role still has gives as well; a level that it does not have is a notice, and what it has of it nevertheless is taken; a runner who still owns what he bound is a warning; an unknown level is 22023, an unknown role 42704, NULL 22004, who is not the owner of medaudit 42501';
