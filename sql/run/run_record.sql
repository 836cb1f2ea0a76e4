-- The last run that asked a rule of a day.
CREATE OR REPLACE FUNCTION _last_run(judged_on date, rule_code text) RETURNS TABLE (run_id bigint, state text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT r.run_id, r.state
	FROM medaudit.run AS r
	WHERE daterange(r.from_date, r.to_date) @> judged_on AND r.scope = 'period'
		AND (r.rules IS NULL OR rule_code = ANY (r.rules))
	ORDER BY r.run_id DESC LIMIT 1;
END;

COMMENT ON FUNCTION _last_run(date, text) IS
	'末次运行: the last run whose period has this day and that asked this rule; no row where none did, and for NULL';

-- What was decided is not touched by a run that finds it again.
CREATE OR REPLACE FUNCTION _finding_run_state(state text, found_by bigint, last_run bigint, last_state text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN last_state = 'failed' THEN 'failed'
		WHEN state IN ('changed', 'superseded') OR state = 'open' AND last_run > found_by THEN 'older'
		ELSE 'current' END;

COMMENT ON FUNCTION _finding_run_state(text, bigint, bigint, text) IS
	'末次运行状态: failed: a step of the last run of its period failed; older: that run did not find it (yet); else current';

CREATE OR REPLACE FUNCTION _finding_identity(subject_kind text, subject_id text, key text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN substring(sha256(convert_to(concat_ws(E'\x1f', subject_kind, subject_id, key), 'UTF8')) FOR 16);

COMMENT ON FUNCTION _finding_identity(text, text, text) IS
	'发现标识摘要: first 16 bytes of the SHA-256 of subject and key, joined by 0x1F; NULL for NULL';

CREATE OR REPLACE FUNCTION _found_by(run_id bigint, rule_code text, subject_kind text, subject_id text, key text, fingerprint bytea) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM medaudit.run_finding AS r
		WHERE r.run_id = _found_by.run_id AND r.rule_code = _found_by.rule_code AND r.fingerprint = substring(_found_by.fingerprint FOR 16)
			AND r.identity = medaudit._finding_identity(_found_by.subject_kind, _found_by.subject_id, _found_by.key));

COMMENT ON FUNCTION _found_by(bigint, text, text, text, text, bytea) IS
	'是否该次运行所得: whether a run found this finding with this content; never NULL';

CREATE OR REPLACE PROCEDURE _run_keep_found(run_no bigint, rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_finding AS f WHERE f.run_id = run_no AND f.rule_code = ANY (rule_codes);
	INSERT INTO medaudit.run_finding (run_id, rule_code, identity, facility_id, fingerprint, claimed_amount)
	SELECT run_no, c.rule_code, medaudit._finding_identity(c.subject_kind, c.subject_id, c.key),
		c.facility_id, substring(c.fingerprint FOR 16), c.claimed_amount
	FROM medaudit_work.candidate AS c;
END
$$;

COMMENT ON PROCEDURE _run_keep_found(bigint, text[]) IS
	'登记运行结果: keeps what a step found of its rules in run_finding';

CREATE OR REPLACE FUNCTION _check_run_id(run_id bigint, argument text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF run_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), argument);
	ELSIF NOT EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = _check_run_id.run_id) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no run %s'), run_id),
			HINT = medaudit._say('The runs stand in medaudit.run.');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_run_id(bigint, text) IS
	'检查运行编号: 22004 for NULL, 22023 for a run that is not there';

CREATE OR REPLACE FUNCTION run_changes(run_id bigint, other_run_id bigint)
	RETURNS TABLE (change text, rule_code text, facility_id text, findings bigint, claimed_amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	earlier bigint := least(run_changes.run_id, other_run_id);
	later bigint := greatest(run_changes.run_id, other_run_id);
BEGIN
	PERFORM medaudit._check_run_id(run_changes.run_id, 'run_id'),
		medaudit._check_run_id(other_run_id, 'other_run_id');
	RETURN QUERY
	SELECT c.change, c.rule_code, c.facility_id, count(*), sum(c.claimed_amount)
	FROM (
		SELECT CASE WHEN e.identity IS NULL THEN 'new' WHEN l.identity IS NULL THEN 'gone'
				WHEN e.fingerprint = l.fingerprint THEN 'same' ELSE 'changed' END AS change,
			coalesce(l.rule_code, e.rule_code) AS rule_code,
			CASE WHEN l.identity IS NULL THEN e.facility_id ELSE l.facility_id END AS facility_id,
			CASE WHEN l.identity IS NULL THEN e.claimed_amount ELSE l.claimed_amount END AS claimed_amount
		FROM (SELECT i.* FROM medaudit.run_finding AS i WHERE i.run_id = earlier) AS e
		FULL JOIN (SELECT i.* FROM medaudit.run_finding AS i WHERE i.run_id = later) AS l
			ON l.rule_code = e.rule_code AND l.identity = e.identity
	) AS c
	GROUP BY c.change, c.rule_code, c.facility_id
	ORDER BY array_position('{new,gone,changed,same}', c.change), c.rule_code COLLATE "C",
		c.facility_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION run_changes(bigint, bigint) IS
	'运行对比: what two runs found, by rule and facility: new and gone in the later of the two (whichever is named first), changed (other money or lines) or the same; claimed_amount as the later run found it, of what is gone the earlier one; NULL is 22004, a run that is not there 22023';

-- Of each facility the first lines, so that one does not fill the list alone.
CREATE OR REPLACE PROCEDURE _run_keep_insufficient(run_no bigint, rule_codes text[], most int DEFAULT 100000)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told record;
BEGIN
	DELETE FROM medaudit.run_insufficient AS i WHERE i.run_id = run_no AND i.rule_code = ANY (rule_codes);
	INSERT INTO medaudit.run_insufficient (run_id, rule_code, facility_id, visit_id, line_id,
		item_code, charged_at, missing)
	SELECT run_no, l.rule_code, l.facility_id, l.visit_id, l.line_id, l.item_code, l.charged_at,
		ARRAY(SELECT m FROM jsonb_array_elements_text(l.evidence -> 'missing') AS m)
	FROM (
		SELECT i.*, row_number() OVER (PARTITION BY i.rule_code
			ORDER BY i.nth, i.facility_id COLLATE "C" NULLS LAST) AS place
		FROM (
			SELECT h.*, v.facility_id, row_number() OVER (PARTITION BY h.rule_code, v.facility_id
				ORDER BY h.visit_id COLLATE "C", h.charged_at, h.line_id COLLATE "C",
					h.item_code COLLATE "C") AS nth
			FROM medaudit_work.hit AS h
			JOIN medaudit_work.visit AS v ON v.visit_id = h.visit_id
			WHERE h.outcome = 'insufficient'
		) AS i
	) AS l
	WHERE l.place <= most;
	FOR told IN
		SELECT h.rule_code, count(*) AS lines FROM medaudit_work.hit AS h
		WHERE h.outcome = 'insufficient' GROUP BY h.rule_code HAVING count(*) > most
	LOOP
		CALL medaudit._run_note(run_no, 'charge', format('rule %s could not judge: not all lines are listed (%s at most)',
				told.rule_code, most),
			format('%s无法判断的明细过多，仅列出%s条', medaudit._run_rule_zh(told.rule_code), most), told.lines - most);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_keep_insufficient(bigint, text[], int) IS
	'登记无法判断明细: keeps the lines that the charge rules of a step could not judge, at most so many of a rule, and tells how many are not listed';

CREATE OR REPLACE FUNCTION insufficient_lines(run_id bigint)
	RETURNS TABLE (rule_code text, facility_id text, visit_id text, line_id text, item_code text,
		charged_at timestamp, missing text[])
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_run_id(insufficient_lines.run_id, 'run_id');
	RETURN QUERY
	SELECT i.rule_code, i.facility_id, i.visit_id, i.line_id, i.item_code, i.charged_at, i.missing
	FROM medaudit.run_insufficient AS i
	WHERE i.run_id = insufficient_lines.run_id
	ORDER BY i.rule_code COLLATE "C", i.facility_id COLLATE "C", i.visit_id COLLATE "C",
		i.charged_at, i.line_id COLLATE "C", i.item_code COLLATE "C";
END
$$;

COMMENT ON FUNCTION insufficient_lines(bigint) IS
	'无法判断明细: charge lines that the rules of a run could not judge, with what was missing; at most 100,000 of a rule (data_quality tells how many more); NULL is 22004, a run that is not there 22023';

-- They go with the run by triggers, for a table that others refer to cannot be
-- emptied without naming them all.
CREATE OR REPLACE FUNCTION _forget_runs() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		DELETE FROM medaudit.run_finding AS f USING old_run AS o WHERE o.run_id = f.run_id;
		DELETE FROM medaudit.run_insufficient AS i USING old_run AS o WHERE o.run_id = i.run_id;
	ELSE
		DELETE FROM medaudit.run_finding;
		DELETE FROM medaudit.run_insufficient;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _forget_runs() IS
	'删除运行记录: trigger of run; what a run kept of itself goes with it';

CREATE OR REPLACE TRIGGER forget_deleted AFTER DELETE ON run
	REFERENCING OLD TABLE AS old_run
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_runs();
CREATE OR REPLACE TRIGGER forget_all AFTER TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_runs();
