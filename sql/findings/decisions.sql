-- What people decide about findings.
--
-- Everything that can be wrong with an act is refused where its event is added, by a
-- trigger: so a function of this file and an INSERT into finding_event are the same,
-- and neither can be gone around.  Acts come one after the other: each takes the lock
-- of the ranking, which many of them need anyway, before it looks at its finding, and
-- so does a run that puts findings aside.  With locks of findings alone two sessions
-- that decide about some in orders of their own would wait for each other.
--
-- Each event carries the hash of the last one of its finding.  Who changes or takes
-- away one in the middle breaks the chain (check_finding_log); the end of all chains
-- together is log_digest(), for the minutes.
--
-- Cost: an event, some 130 microseconds: it reads the events of its finding, by an
-- index.  The views read all events once.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON dismissal_reason
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- ------------------------------------------------------------- what events say

-- What the events of a finding come to.  The last one that moves it decides its state;
-- of reviews those count since it was restored, and two that agree decide; the money
-- is that of the last review or settlement that decided.
CREATE OR REPLACE FUNCTION _finding_past(finding_id bigint) RETURNS TABLE (state text, last_hash bytea, reviewers text[], ever_reviewed text[], due_on date,
		confirmed_gross numeric, confirmed_claimed numeric, confirmed_fund numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT s.state, l.last_hash, l.reviewers, l.ever_reviewed, l.due_on, CASE WHEN s.decided THEN l.gross END, CASE WHEN s.decided THEN l.claimed END,
		CASE WHEN s.decided THEN l.fund END
	FROM (
		SELECT (array_agg(e.step ORDER BY e.event_id DESC) FILTER (WHERE e.step NOT IN ('note', 'recover')))[1] AS step,
			(array_agg(e.verdict ORDER BY e.event_id DESC) FILTER (WHERE e.step = 'exempt'))[1] AS set_aside,
			(array_agg(e.hash ORDER BY e.event_id DESC))[1] AS last_hash,
			array_agg(e.actor) FILTER (WHERE e.step = 'review' AND e.counts) AS reviewers,
			array_agg(e.actor) FILTER (WHERE e.step = 'review') AS ever_reviewed,
			count(*) FILTER (WHERE e.step = 'review' AND e.verdict = 'confirm' AND e.counts) AS confirmed,
			count(*) FILTER (WHERE e.step = 'review' AND e.verdict = 'dismiss' AND e.counts) AS dismissed,
			(array_agg(e.due_on ORDER BY e.event_id DESC) FILTER (WHERE e.step = 'issue'))[1] AS due_on,
			(array_agg(e.confirmed_gross ORDER BY e.event_id DESC) FILTER (WHERE e.moves_money))[1] AS gross,
			(array_agg(e.confirmed_claimed ORDER BY e.event_id DESC) FILTER (WHERE e.moves_money))[1] AS claimed,
			(array_agg(e.confirmed_fund ORDER BY e.event_id DESC) FILTER (WHERE e.moves_money))[1] AS fund
		FROM (
			SELECT i.*, i.event_id > coalesce(max(i.event_id) FILTER (WHERE i.step = 'restore') OVER (), 0) AS counts,
				i.step = 'settle' OR i.step = 'review' AND i.verdict = 'confirm' AS moves_money
			FROM medaudit.finding_event AS i WHERE i.finding_id = _finding_past.finding_id
		) AS e
	) AS l
	CROSS JOIN LATERAL (SELECT CASE l.step WHEN 'issue' THEN 'issued' WHEN 'appeal' THEN 'appealed' WHEN 'settle' THEN 'settled'
			WHEN 'exempt' THEN coalesce(l.set_aside, 'exempt') WHEN 'restore' THEN 'open' WHEN 'review' THEN CASE
				WHEN l.confirmed > 1 THEN 'reviewed' WHEN l.dismissed > 1 THEN 'dismissed' ELSE 'first_review' END
			ELSE coalesce(l.step, 'open') END AS state) AS t
	CROSS JOIN LATERAL (SELECT t.state, t.state = ANY (medaudit._decided_states()) AS decided) AS s;
END;

COMMENT ON FUNCTION _finding_past(bigint) IS
	'疑点处理结果: what the events of a finding come to: its state (open where there are none), the hash of the last, who reviewed it since it was restored and who ever did, until when it can be appealed against, and the money that was confirmed (NULL: as found, or nothing is decided)';

CREATE OR REPLACE FUNCTION _finding_state(finding_id bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT p.state FROM _finding_past(finding_id) AS p);

COMMENT ON FUNCTION _finding_state(bigint) IS
	'疑点状态: the state that the events of a finding give it; open where there are none, and for NULL';

CREATE OR REPLACE PROCEDURE _write_shadows(finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_seqscan = off
AS $$
BEGIN
	UPDATE medaudit.finding AS f
	SET state = s.state, confirmed_gross = s.confirmed_gross, confirmed_claimed = s.confirmed_claimed, confirmed_fund = s.confirmed_fund
	FROM (
		SELECT i.finding_id, p.state, p.confirmed_gross, p.confirmed_claimed, p.confirmed_fund
		FROM unnest(finding_ids) AS i (finding_id)
		CROSS JOIN LATERAL medaudit._finding_past(i.finding_id) AS p
	) AS s
	WHERE s.finding_id = f.finding_id AND (f.state, f.confirmed_gross, f.confirmed_claimed, f.confirmed_fund)
		IS DISTINCT FROM (s.state, s.confirmed_gross, s.confirmed_claimed, s.confirmed_fund);
END
$$;

COMMENT ON PROCEDURE _write_shadows(bigint[]) IS
	'写入疑点状态: gives findings the state and confirmed money that their events say; 23001 unless _shadow_findings() calls it';

CREATE OR REPLACE FUNCTION _shadow_findings(finding_ids bigint[]) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_shadow_findings'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _shadow_findings(bigint[]) IS
	'更新疑点状态: calls _write_shadows() past the guard of finding, with the rights of the caller; NULL for NULL';

-- As text that no setting of the session changes.
CREATE OR REPLACE FUNCTION _event_hash(event finding_event) RETURNS bytea
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN sha256(coalesce((event).prev_hash, '') || convert_to(jsonb_build_array((event).event_id, (event).finding_id, (event).step,
		(event).actor, (event).login, (event).at AT TIME ZONE 'UTC', (event).verdict, (event).reason_code,
		(event).confirmed_gross, (event).confirmed_claimed, (event).confirmed_fund, (event).due_on, (event).on_date,
		(event).document_no, (event).note)::text, 'UTF8'));

COMMENT ON FUNCTION _event_hash(finding_event) IS
	'记录摘要: SHA-256 of prev_hash and of what an event says, as a JSON array; never NULL for an event';

-- ------------------------------------------------------------ what is refused

CREATE OR REPLACE FUNCTION _step_function(step text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE step WHEN 'review' THEN 'medaudit.review_finding(bigint,text,text,text,numeric,text)'
		WHEN 'issue' THEN 'medaudit.issue_findings(bigint[],date,text,text)'
		WHEN 'appeal' THEN 'medaudit.appeal_finding(bigint,text,date,text)'
		WHEN 'settle' THEN 'medaudit.settle_finding(bigint,text,numeric,text,text)'
		WHEN 'note' THEN 'medaudit.note_finding(bigint,text,text,text)'
		WHEN 'recover' THEN 'medaudit.record_recovery(bigint,text,numeric,date,text,text)' ELSE 'medaudit._finding_state(bigint)' END;

COMMENT ON FUNCTION _step_function(text) IS
	'步骤所属函数: the function that adds a step of people; of other steps one that everybody may call';

-- One person in two writings is one person.
CREATE OR REPLACE FUNCTION _is_among(person text, people text[]) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM unnest(people) AS p (name) WHERE code_fold(p.name) = code_fold(person));

COMMENT ON FUNCTION _is_among(text, text[]) IS
	'是否同一人: whether somebody is one of some people, whatever the width and case of the names and the blanks around them; false for NULL';

-- Where the money is less than what was found, gross and fund money are less in
-- proportion.
CREATE OR REPLACE FUNCTION _event_with_money(event finding_event, money numeric, gross numeric, fund numeric) RETURNS finding_event
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF event.confirmed_claimed IS NULL THEN
		event.confirmed_gross := NULL;
		event.confirmed_fund := NULL;
		RETURN event;
	ELSIF event.confirmed_claimed < 0::numeric OR event.confirmed_claimed > coalesce(money, 0) THEN
		RAISE EXCEPTION USING ERRCODE = '23514',
			MESSAGE = format(medaudit._say('confirmed_claimed must be between 0 and what was found, %s'), coalesce(money, 0)),
			DETAIL = format(medaudit._say('It is %s, of finding %s.'), event.confirmed_claimed, event.finding_id);
	END IF;
	event.confirmed_claimed := round(event.confirmed_claimed, 2);
	event.confirmed_gross := CASE WHEN event.confirmed_claimed = 0::numeric THEN 0 WHEN money > 0::numeric THEN round(gross * event.confirmed_claimed / money, 2) ELSE 0 END;
	event.confirmed_fund := CASE WHEN event.confirmed_claimed = 0::numeric THEN 0 WHEN money > 0::numeric THEN round(fund * event.confirmed_claimed / money, 2) ELSE 0 END;
	RETURN event;
END
$$;

COMMENT ON FUNCTION _event_with_money(finding_event, numeric, numeric, numeric) IS
	'认定金额: an event with gross and fund money in proportion to confirmed_claimed; 23514 for money below 0 or above what was found';

CREATE OR REPLACE FUNCTION _reasons_hint() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format(medaudit._say('The reasons are %s.'), string_agg(format('%s (%s)', d.reason_code, d.name_zh), ', ' ORDER BY d.reason_code COLLATE "C"))
	FROM medaudit.dismissal_reason AS d
$$;

COMMENT ON FUNCTION _reasons_hint() IS
	'理由提示: the hint that lists the reasons to dismiss';

CREATE OR REPLACE PROCEDURE _check_review(event finding_event, state text, reviewers text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF event.verdict IS NULL OR event.verdict NOT IN ('confirm', 'dismiss') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no verdict of a review'), event.verdict),
			HINT = medaudit._say('It is confirm or dismiss.');
	ELSIF state NOT IN ('open', 'first_review') THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = format(medaudit._say('finding %s is decided, or put aside: %s'), event.finding_id, state);
	ELSIF medaudit._is_among(event.actor, reviewers) THEN
		RAISE EXCEPTION USING ERRCODE = '42501',
			MESSAGE = format(medaudit._say('"%s" has reviewed finding %s already'), event.actor, event.finding_id),
			HINT = medaudit._say('Two different people decide.');
	ELSIF event.verdict = 'dismiss' AND NOT EXISTS (SELECT FROM medaudit.dismissal_reason AS d WHERE d.reason_code = event.reason_code) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN coalesce(event.reason_code, '') = '' THEN medaudit._say('a reason_code is needed to dismiss')
				ELSE format(medaudit._say('"%s" is no reason to dismiss'), event.reason_code) END,
			HINT = medaudit._reasons_hint();
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_review(finding_event, text, text[]) IS
	'检查审核: 22023 for an unknown verdict or reason, 55000 for a decided finding, 42501 for the same reviewer again';

-- An appeal is settled by somebody who did not review; what nobody appealed against
-- in time is settled as it was issued.
CREATE OR REPLACE PROCEDURE _check_settlement(event finding_event, confirmed numeric, state text, reviewers text[], due_on date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF event.verdict IS NULL OR event.verdict NOT IN ('upheld', 'reduced', 'withdrawn') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no verdict of a settlement'), event.verdict),
			HINT = medaudit._say('It is upheld, reduced or withdrawn.');
	ELSIF state = 'issued' AND event.verdict = 'upheld' AND event.on_date > due_on AND isfinite(event.on_date) THEN
		RETURN;
	ELSIF state <> 'appealed' THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('finding %s was not appealed against: %s'), event.finding_id, state),
			HINT = medaudit._say('settle_due() settles what nobody appealed against in time.');
	ELSIF medaudit._is_among(event.actor, reviewers) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('"%s" has reviewed finding %s'), event.actor, event.finding_id),
			HINT = medaudit._say('An appeal is settled by somebody else.');
	ELSIF event.verdict = 'reduced' AND event.confirmed_claimed IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('confirmed_claimed must not be null where a finding is reduced');
	ELSIF event.verdict = 'reduced' AND NOT coalesce(event.confirmed_claimed < confirmed, false) THEN
		RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = format(medaudit._say('reduced is less than what was confirmed, %s'), confirmed),
			DETAIL = format(medaudit._say('It is %s, of finding %s.'), event.confirmed_claimed, event.finding_id);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_settlement(finding_event, numeric, text, text[], date) IS
	'检查申诉处理: 22023 for an unknown verdict, 55000 for what was not appealed against, 42501 for who reviewed it, 23514 for no reduction';

CREATE OR REPLACE PROCEDURE _check_step(event finding_event, state text, due_on date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF event.step IN ('exempt', 'restore', 'changed', 'superseded') THEN
		IF NOT medaudit._run_lock_held() THEN
			RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('step %s is added by audit runs alone'), event.step);
		END IF;
	ELSIF event.step = 'issue' AND event.due_on IS NULL OR event.step = 'appeal' AND event.on_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), CASE event.step WHEN 'issue' THEN 'due_on' ELSE 'on_date' END);
	ELSIF NOT isfinite(event.due_on) OR NOT isfinite(event.on_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('due_on and on_date must be finite');
	ELSIF event.step = 'issue' AND state <> 'reviewed' THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('finding %s is not reviewed: %s'), event.finding_id, state);
	ELSIF event.step = 'appeal' AND (state <> 'issued' OR event.on_date > due_on) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = CASE WHEN state <> 'issued'
			THEN format(medaudit._say('finding %s is not issued: %s'), event.finding_id, state)
			ELSE format(medaudit._say('finding %s could be appealed against until %s'), event.finding_id, due_on) END;
	ELSIF event.step = 'recover' THEN
		-- asked alone: a condition of other steps, too, wants the right to read cases for all
		IF NOT EXISTS (SELECT FROM medaudit.case_finding AS c WHERE c.finding_id = event.finding_id) THEN
			RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('finding %s is in no case'), event.finding_id),
				HINT = medaudit._say('See medaudit.open_case() and medaudit.record_recovery().');
		END IF;
	ELSIF event.step = 'note' AND coalesce(medaudit.code_fold(event.note), '') = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('note must say something');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_step(finding_event, text, date) IS
	'检查步骤: refuses an event, other than reviews and settlements, that its finding does not allow in this state';

-- A step says what its function can say, and nothing else.
CREATE OR REPLACE PROCEDURE _check_event_columns(event finding_event)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	decides bool := event.step IN ('review', 'settle');
	idle text;
BEGIN
	idle := CASE WHEN event.verdict IS NOT NULL AND NOT decides AND (event.step <> 'exempt'
				OR event.verdict NOT IN ('exempt', 'self_reported')) THEN 'verdict'
		WHEN num_nonnulls(event.confirmed_gross, event.confirmed_claimed, event.confirmed_fund) > 0 AND NOT decides THEN 'money'
		-- what would be lost without a word
		WHEN event.confirmed_claimed <> 0::numeric AND event.verdict IN ('dismiss', 'upheld', 'withdrawn') THEN 'money'
		WHEN event.due_on IS NOT NULL AND event.step <> 'issue' THEN 'due_on'
		WHEN event.on_date IS NOT NULL AND event.step NOT IN ('appeal', 'settle') THEN 'on_date' END;
	IF idle IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('step %s takes no %s'), concat_ws(' ', event.step, event.verdict), idle);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_event_columns(finding_event) IS
	'检查步骤内容: 22023 for a verdict, money or a day in a step that has none';

CREATE OR REPLACE FUNCTION _acting(actor text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN code_fold(actor) <> '' THEN btrim(actor) ELSE session_user END;

COMMENT ON FUNCTION _acting(text) IS
	'经办人: who acts: the name that is given, else the role that is connected';

CREATE OR REPLACE PROCEDURE _check_other_actor(actor text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF actor <> session_user AND NOT EXISTS (SELECT FROM medaudit.gateway AS g WHERE g.role_name = session_user) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('"%s" may not act as "%s"'), session_user, actor),
			HINT = medaudit._say('Applications with one login that name their users stand in medaudit.gateway.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_other_actor(text) IS
	'检查代办: 42501 where somebody acts under another name without being a gateway';

-- Who may not call the function of a step may not add it in another way.
CREATE OR REPLACE PROCEDURE _check_actor(event finding_event)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._check_other_actor(event.actor);
	-- nor is it lent, by a function that runs as somebody who may
	IF NOT has_function_privilege(medaudit._step_function(event.step), 'EXECUTE')
			OR NOT EXISTS (SELECT FROM pg_roles AS r WHERE pg_has_role(session_user, r.oid, 'MEMBER')
				AND has_function_privilege(r.oid, medaudit._step_function(event.step), 'EXECUTE'))
				AND NOT EXISTS (SELECT FROM medaudit.gateway AS g WHERE g.role_name = session_user) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('permission denied for step %s'), event.step);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_actor(finding_event) IS
	'检查经办人: 42501 where somebody acts under another name without being a gateway, or neither he nor the role that is connected may take this step';

-- What the owner inserts with its hash is an event of another database, as a restore
-- brings it; check_finding_log() says whether it is whole.  The first many events of a
-- log come to a table that is known to be empty: they are looked up by the index all
-- the same.
CREATE OR REPLACE FUNCTION _add_event() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_seqscan = off
AS $$
DECLARE
	about record;
	past record;
BEGIN
	IF NEW.hash IS NOT NULL AND medaudit._owns(TG_RELID) THEN
		RETURN NEW;
	END IF;
	PERFORM medaudit._take_rank_lock();
	SELECT coalesce(f.claimed_amount, f.involved_amount) AS money, f.gross_amount, f.fund_amount INTO about
	FROM medaudit.finding AS f WHERE f.finding_id = NEW.finding_id FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no finding %s'), NEW.finding_id),
			HINT = medaudit._say('The findings stand in medaudit.findings.');
	END IF;
	IF row_security_active(TG_RELID) AND EXISTS (SELECT FROM (SELECT e.prev_hash, lag(e.hash) OVER (ORDER BY e.event_id) AS before
			FROM medaudit.finding_event AS e WHERE e.finding_id = NEW.finding_id) AS c WHERE c.prev_hash IS DISTINCT FROM c.before) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('row security hides events of finding %s'), NEW.finding_id),
			HINT = medaudit._say('Somebody who sees all of them decides.');
	END IF;
	-- within the lock, so that the numbers are in the order of the acts
	NEW.event_id := nextval('medaudit.finding_event_id_seq');
	NEW.login := session_user;
	NEW.actor := medaudit._acting(NEW.actor);
	NEW.at := clock_timestamp();
	CALL medaudit._check_actor(NEW);
	CALL medaudit._check_event_columns(NEW);
	SELECT p.* INTO past FROM medaudit._finding_past(NEW.finding_id) AS p;
	IF NEW.step = 'review' THEN
		CALL medaudit._check_review(NEW, past.state, past.reviewers);
	ELSIF NEW.step = 'settle' THEN
		CALL medaudit._check_settlement(NEW, coalesce(past.confirmed_claimed, about.money), past.state, past.ever_reviewed, past.due_on);
	ELSE
		CALL medaudit._check_step(NEW, past.state, past.due_on);
	END IF;
	IF NEW.step IN ('review', 'settle') THEN
		NEW.confirmed_claimed := CASE NEW.verdict WHEN 'withdrawn' THEN 0 WHEN 'upheld' THEN past.confirmed_claimed
			WHEN 'dismiss' THEN NULL ELSE NEW.confirmed_claimed END;
		NEW := medaudit._event_with_money(NEW, about.money, about.gross_amount, about.fund_amount);
	END IF;
	NEW.prev_hash := past.last_hash;
	NEW.hash := medaudit._event_hash(NEW);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _add_event() IS
	'登记处理记录: trigger of finding_event; refuses what may not be, and says who, when and after which event';

CREATE OR REPLACE FUNCTION _follow_events() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._shadow_findings(ARRAY(SELECT DISTINCT a.finding_id FROM added AS a
		WHERE a.step NOT IN ('note', 'recover') ORDER BY a.finding_id));
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _follow_events() IS
	'更新疑点状态: trigger of finding_event; the findings follow their events';

CREATE OR REPLACE FUNCTION _keep_rows() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
		MESSAGE = format(medaudit._say('rows of %s are added and never changed'), TG_TABLE_NAME),
		HINT = medaudit._say('What was wrong is put right by another one.');
END
$$;

COMMENT ON FUNCTION _keep_rows() IS
	'只增防护: trigger; to change or take away a row is 23001, for everybody';

CREATE OR REPLACE TRIGGER add_event BEFORE INSERT ON finding_event
	FOR EACH ROW EXECUTE FUNCTION _add_event();
CREATE OR REPLACE TRIGGER follow_events AFTER INSERT ON finding_event
	REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION _follow_events();
CREATE OR REPLACE TRIGGER keep_events BEFORE UPDATE OR DELETE OR TRUNCATE ON finding_event
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();

-- ------------------------------------------------------------------- the acts

CREATE OR REPLACE FUNCTION review_finding(finding_id bigint, verdict text, reason_code text DEFAULT NULL, note text DEFAULT NULL,
		confirmed_claimed numeric DEFAULT NULL, actor text DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF finding_id IS NULL OR verdict IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'),
			CASE WHEN finding_id IS NULL THEN 'finding_id' ELSE 'verdict' END);
	END IF;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, note, confirmed_claimed, actor)
	VALUES (finding_id, 'review', verdict, reason_code, note, confirmed_claimed, actor);
	RETURN medaudit._finding_state(finding_id);
END
$$;

COMMENT ON FUNCTION review_finding(bigint, text, text, text, numeric, text) IS
	'审核疑点: one person''s verdict (confirm or dismiss) on a finding, and its state after it: two different people who agree decide, where they differ a third; an unknown finding, verdict or reason is 22023, the same person again 42501, a decided finding 55000, money below 0 or above what was found 23514, NULL finding or verdict 22004';

CREATE OR REPLACE FUNCTION note_finding(finding_id bigint, note text, document_no text DEFAULT NULL, actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	added bigint;
BEGIN
	IF finding_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('finding_id must not be null');
	END IF;
	INSERT INTO medaudit.finding_event AS e (finding_id, step, note, document_no, actor)
	VALUES (finding_id, 'note', note, document_no, actor)
	RETURNING e.event_id INTO added;
	RETURN added;
END
$$;

COMMENT ON FUNCTION note_finding(bigint, text, text, text) IS
	'补充说明: adds a note to a finding, which decides nothing, and returns the number of the event; an unknown finding is 22023, an empty note or NULL 22004';

CREATE OR REPLACE FUNCTION issue_findings(finding_ids bigint[], due_on date, document_no text DEFAULT NULL, actor text DEFAULT NULL)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	issued bigint;
BEGIN
	IF finding_ids IS NULL OR due_on IS NULL OR EXISTS (SELECT FROM unnest(finding_ids) AS i (id) WHERE i.id IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), CASE WHEN due_on IS NULL AND finding_ids IS NOT NULL
			THEN 'due_on' ELSE 'finding_ids' END);
	END IF;
	INSERT INTO medaudit.finding_event (finding_id, step, due_on, document_no, actor)
	SELECT i.finding_id, 'issue', issue_findings.due_on, issue_findings.document_no, issue_findings.actor
	FROM (SELECT DISTINCT u.finding_id FROM unnest(finding_ids) AS u (finding_id) ORDER BY u.finding_id) AS i;
	GET DIAGNOSTICS issued = ROW_COUNT;
	RETURN issued;
END
$$;

COMMENT ON FUNCTION issue_findings(bigint[], date, text, text) IS
	'下发疑点: sends reviewed findings to their institutions, who may appeal until due_on, and returns how many; one that is not reviewed is 55000 and none is issued, an unknown one 22023, NULL 22004';

CREATE OR REPLACE FUNCTION appeal_finding(finding_id bigint, note text, on_date date DEFAULT current_date, actor text DEFAULT NULL)
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF finding_id IS NULL OR on_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'),
			CASE WHEN finding_id IS NULL THEN 'finding_id' ELSE 'on_date' END);
	END IF;
	INSERT INTO medaudit.finding_event (finding_id, step, note, on_date, actor) VALUES (finding_id, 'appeal', note, on_date, actor);
	RETURN medaudit._finding_state(finding_id);
END
$$;

COMMENT ON FUNCTION appeal_finding(bigint, text, date, text) IS
	'登记申诉: the appeal of an institution against an issued finding, not later than its due_on, else 55000; returns the state after it; an unknown finding is 22023, NULL finding or date 22004';

CREATE OR REPLACE FUNCTION settle_finding(finding_id bigint, verdict text, confirmed_claimed numeric DEFAULT NULL,
		note text DEFAULT NULL, actor text DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF finding_id IS NULL OR verdict IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'),
			CASE WHEN finding_id IS NULL THEN 'finding_id' ELSE 'verdict' END);
	END IF;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, confirmed_claimed, note, actor)
	VALUES (finding_id, 'settle', verdict, confirmed_claimed, note, actor);
	RETURN medaudit._finding_state(finding_id);
END
$$;

COMMENT ON FUNCTION settle_finding(bigint, text, numeric, text, text) IS
	'处理申诉: settles an appealed finding: upheld as confirmed, reduced to confirmed_claimed, or withdrawn (0); by nobody who reviewed it (42501); what was not appealed against is 55000, an unknown finding or verdict 22023, no reduction 23514, NULL 22004; returns the state after it';

CREATE OR REPLACE FUNCTION settle_due(on_date date DEFAULT current_date) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	settled bigint;
BEGIN
	IF on_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('on_date must not be null');
	ELSIF NOT isfinite(on_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('on_date must be finite');
	END IF;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, on_date)
	SELECT f.finding_id, 'settle', 'upheld', settle_due.on_date
	FROM medaudit.finding AS f
	WHERE f.state = 'issued' AND (SELECT p.due_on FROM medaudit._finding_past(f.finding_id) AS p) < settle_due.on_date
	ORDER BY f.finding_id;
	GET DIAGNOSTICS settled = ROW_COUNT;
	RETURN settled;
END
$$;

COMMENT ON FUNCTION settle_due(date) IS
	'到期认定: settles as confirmed the issued findings whose due_on is before on_date and against which nobody appealed, and returns how many; the day is the caller''s word; NULL is 22004, an infinite day 22023';

-- What an institution answered in the sheet that it got.  A row that cannot be taken
-- is told and left; the others are taken.
CREATE OR REPLACE FUNCTION import_reviews(source regclass) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	row_no bigint := 0;
	taken bigint := 0;
	answer record;
	given text[];
	number_column name;
	statement_column name;
	said text;
BEGIN
	IF source IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('source must not be null');
	END IF;
	PERFORM medaudit._check_source(source);
	given := ARRAY(SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = source AND a.attnum > 0 AND NOT a.attisdropped);
	number_column := CASE WHEN 'finding_id' = ANY (given) THEN 'finding_id' WHEN '疑点编号' = ANY (given) THEN '疑点编号' END;
	statement_column := CASE WHEN 'statement' = ANY (given) THEN 'statement' WHEN '机构说明' = ANY (given) THEN '机构说明' END;
	IF num_nulls(number_column, statement_column) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format(medaudit._say('%s has no column %s'), source,
			CASE WHEN number_column IS NULL THEN 'finding_id' ELSE 'statement' END),
			HINT = medaudit._say('The sheet has finding_id (疑点编号), statement (机构说明) and, where there is some, material.');
	END IF;
	FOR answer IN EXECUTE format($sql$
		SELECT btrim(r.%I::text) AS finding_id, nullif(btrim(r.%I::text), '') AS statement, %s AS material
		FROM %s AS r$sql$, number_column, statement_column,
		CASE WHEN 'material' = ANY (given) THEN $q$nullif(btrim(r.material::text), '')$q$ ELSE 'NULL::text' END, source)
	LOOP
		row_no := row_no + 1;
		CONTINUE WHEN medaudit.code_fold(concat(answer.statement, answer.material)) = '';
		IF coalesce(answer.finding_id !~ '^[0-9]{1,18}$', true)
				OR NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = answer.finding_id::bigint) THEN
			RAISE WARNING USING MESSAGE = format(medaudit._say('row %s of %s is not taken: there is no finding "%s"'), row_no, source,
				medaudit.mask_numbers(coalesce(answer.finding_id, '')));
			CONTINUE;
		END IF;
		said := concat_ws(E'\n', answer.statement, '材料：' || answer.material);
		-- one sheet is taken once, however often it is brought
		CONTINUE WHEN EXISTS (SELECT FROM medaudit.finding_event AS e
			WHERE e.finding_id = answer.finding_id::bigint AND e.step = 'note' AND e.note = said);
		PERFORM medaudit.note_finding(answer.finding_id::bigint, said);
		taken := taken + 1;
	END LOOP;
	RETURN taken;
END
$$;

COMMENT ON FUNCTION import_reviews(regclass) IS
	'导入机构反馈: takes the answers of an institution, rows with finding_id (or 疑点编号), statement (or 机构说明) and perhaps material, as notes of the findings, and returns how many; rows that say nothing, or what the finding has as a note already, are passed over, one without a finding is told by a warning; without these columns 42703, a view that would run functions of somebody else 42501, NULL 22004';

-- ------------------------------------------------------------------ the views

CREATE OR REPLACE VIEW finding_states WITH (security_invoker = true) AS
SELECT f.finding_id, f.state, f.gross_amount::numeric(14,2) AS found_gross,
	coalesce(f.claimed_amount, f.involved_amount)::numeric(14,2) AS found_claimed, f.fund_amount::numeric(14,2) AS found_fund,
	(CASE WHEN d.decided THEN coalesce(f.confirmed_gross, CASE WHEN f.confirmed_claimed IS NULL THEN f.gross_amount END)
		WHEN f.state = 'dismissed' THEN 0 END)::numeric(14,2) AS confirmed_gross,
	(CASE WHEN d.decided THEN coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount)
		WHEN f.state = 'dismissed' THEN 0 END)::numeric(14,2) AS confirmed_claimed,
	(CASE WHEN d.decided THEN coalesce(f.confirmed_fund, CASE WHEN f.confirmed_claimed IS NULL THEN f.fund_amount END)
		WHEN f.state = 'dismissed' THEN 0 END)::numeric(14,2) AS confirmed_fund,
	e.reviewers[1] AS first_reviewer, e.reviewers[2] AS second_reviewer, e.due_on,
	CASE WHEN f.state = 'issued' THEN e.due_on - current_date END AS days_left,
	f.state = 'issued' AND e.due_on < current_date AS overdue,
	medaudit.label_zh(f.state) AS state_zh
FROM medaudit.finding AS f
LEFT JOIN (
	SELECT i.finding_id, array_agg(i.actor ORDER BY i.event_id) FILTER (WHERE i.step = 'review') AS reviewers,
		(array_agg(i.due_on ORDER BY i.event_id DESC) FILTER (WHERE i.step = 'issue'))[1] AS due_on
	FROM medaudit.finding_event AS i
	WHERE i.step IN ('review', 'issue')
		AND NOT EXISTS (SELECT FROM medaudit.finding_event AS b WHERE b.finding_id = i.finding_id AND b.step = 'restore' AND b.event_id > i.event_id)
	GROUP BY i.finding_id
) AS e ON e.finding_id = f.finding_id
CROSS JOIN LATERAL (SELECT f.state = ANY (medaudit._decided_states()) AS decided) AS d;

COMMENT ON VIEW finding_states IS
	'疑点处理情况: of each finding its state, what was found and what was confirmed, who reviewed it and until when it can be appealed against';
COMMENT ON COLUMN finding_states.finding_id IS '发现编号';
COMMENT ON COLUMN finding_states.state IS '状态: code';
COMMENT ON COLUMN finding_states.found_gross IS '发现金额(总额): yuan';
COMMENT ON COLUMN finding_states.found_claimed IS '发现金额(符合范围): yuan; of a pattern the money involved';
COMMENT ON COLUMN finding_states.found_fund IS '发现金额(基金): yuan';
COMMENT ON COLUMN finding_states.confirmed_gross IS '认定金额(总额): yuan; 0: dismissed or withdrawn; NULL: not decided yet, or not known';
COMMENT ON COLUMN finding_states.confirmed_claimed IS '认定金额(符合范围): yuan; 0: dismissed or withdrawn; NULL: not decided yet';
COMMENT ON COLUMN finding_states.confirmed_fund IS '认定金额(基金): yuan; 0: dismissed or withdrawn; NULL: not decided yet, or not known';
COMMENT ON COLUMN finding_states.first_reviewer IS '初审人';
COMMENT ON COLUMN finding_states.second_reviewer IS '复审人';
COMMENT ON COLUMN finding_states.due_on IS '申诉期限: last day; NULL: not issued';
COMMENT ON COLUMN finding_states.days_left IS '剩余天数: until due_on, negative when it has passed; NULL: not waiting for an answer';
COMMENT ON COLUMN finding_states.overdue IS '是否逾期: issued, and due_on has passed';
COMMENT ON COLUMN finding_states.state_zh IS '状态';

CREATE OR REPLACE VIEW finding_history WITH (security_invoker = true) AS
SELECT e.finding_id, e.event_id, e.at, e.step, medaudit.label_zh(e.step) AS step_zh, e.actor, e.login,
	e.verdict, medaudit.label_zh(e.verdict) AS verdict_zh, e.reason_code, r.name_zh AS reason_zh,
	e.confirmed_gross::numeric(14,2) AS confirmed_gross, e.confirmed_claimed::numeric(14,2) AS confirmed_claimed,
	e.confirmed_fund::numeric(14,2) AS confirmed_fund, e.due_on, e.on_date, e.document_no, e.note
FROM medaudit.finding_event AS e
LEFT JOIN medaudit.dismissal_reason AS r ON r.reason_code = e.reason_code;

COMMENT ON VIEW finding_history IS '疑点处理过程: every event of findings with labels beside the codes; order by finding_id, event_id';
COMMENT ON COLUMN finding_history.finding_id IS '发现编号';
COMMENT ON COLUMN finding_history.event_id IS '记录编号: in the order of the acts';
COMMENT ON COLUMN finding_history.at IS '时间';
COMMENT ON COLUMN finding_history.step IS '步骤: code';
COMMENT ON COLUMN finding_history.step_zh IS '步骤';
COMMENT ON COLUMN finding_history.actor IS '经办人';
COMMENT ON COLUMN finding_history.login IS '登录角色';
COMMENT ON COLUMN finding_history.verdict IS '结论: code';
COMMENT ON COLUMN finding_history.verdict_zh IS '结论';
COMMENT ON COLUMN finding_history.reason_code IS '排除理由: code';
COMMENT ON COLUMN finding_history.reason_zh IS '排除理由';
COMMENT ON COLUMN finding_history.confirmed_gross IS '认定金额(总额): yuan; NULL: as found';
COMMENT ON COLUMN finding_history.confirmed_claimed IS '认定金额(符合范围): yuan; NULL: as found';
COMMENT ON COLUMN finding_history.confirmed_fund IS '认定金额(基金): yuan; NULL: as found, or not known';
COMMENT ON COLUMN finding_history.due_on IS '申诉期限';
COMMENT ON COLUMN finding_history.on_date IS '发生日期';
COMMENT ON COLUMN finding_history.document_no IS '文书号';
COMMENT ON COLUMN finding_history.note IS '说明';

CREATE OR REPLACE VIEW decision_queue WITH (security_invoker = true) AS
SELECT f.finding_id, f.state, medaudit.label_zh(f.state) AS state_zh, w.waits_for, medaudit.label_zh(w.waits_for) AS waits_for_zh,
	coalesce(array_to_string(CASE WHEN f.state = 'appealed' THEN e.ever_reviewed ELSE e.reviewers END, ', '), '') AS not_by,
	coalesce(e.since, f.found_at) AS since, e.due_on, f.rule_code, f.rule_name,
	f.certainty, f.facility_id, f.facility_name, f.judged_on, f.gross_amount::numeric(14,2) AS gross_amount,
	f.claimed_amount::numeric(14,2) AS claimed_amount, f.fund_amount::numeric(14,2) AS fund_amount,
	medaudit.label_zh(f.certainty) AS certainty_zh
FROM medaudit.finding AS f
LEFT JOIN (
	SELECT i.finding_id, array_agg(i.actor ORDER BY i.event_id) FILTER (WHERE i.step = 'review' AND i.counts) AS reviewers,
		array_agg(i.actor ORDER BY i.event_id) FILTER (WHERE i.step = 'review') AS ever_reviewed,
		max(i.at) AS since, count(*) FILTER (WHERE i.step = 'review' AND i.counts) AS reviews,
		(array_agg(i.due_on ORDER BY i.event_id DESC) FILTER (WHERE i.step = 'issue' AND i.counts))[1] AS due_on
	FROM (SELECT e.finding_id, e.event_id, e.step, e.actor, e.at, e.due_on,
			e.event_id > coalesce(max(e.event_id) FILTER (WHERE e.step = 'restore') OVER (PARTITION BY e.finding_id), 0) AS counts
		FROM medaudit.finding_event AS e WHERE e.step NOT IN ('note', 'recover')) AS i
	GROUP BY i.finding_id
) AS e ON e.finding_id = f.finding_id
CROSS JOIN LATERAL (SELECT CASE f.state WHEN 'open' THEN 'first_verdict'
	WHEN 'first_review' THEN CASE WHEN e.reviews > 1 THEN 'third_verdict' ELSE 'second_verdict' END
	WHEN 'reviewed' THEN 'issuing' WHEN 'issued' THEN 'answer' WHEN 'appealed' THEN 'settlement' END AS waits_for) AS w
WHERE f.state IN ('open', 'first_review', 'reviewed', 'issued', 'appealed');

COMMENT ON VIEW decision_queue IS
	'待办事项: findings that wait for somebody: for a verdict, to be issued, for the answer of the institution, for settlement';
COMMENT ON COLUMN decision_queue.finding_id IS '发现编号';
COMMENT ON COLUMN decision_queue.state IS '状态: code';
COMMENT ON COLUMN decision_queue.state_zh IS '状态';
COMMENT ON COLUMN decision_queue.waits_for IS '待办: first_verdict, second_verdict, third_verdict, issuing, answer or settlement';
COMMENT ON COLUMN decision_queue.waits_for_zh IS '待办';
COMMENT ON COLUMN decision_queue.not_by IS '回避人员: who may not do that, names joined by commas: of an appeal all who ever reviewed it, else who reviewed it since it was restored; empty: nobody';
COMMENT ON COLUMN decision_queue.since IS '等待起始: since the last step that was no note or recovery';
COMMENT ON COLUMN decision_queue.due_on IS '申诉期限: NULL: not issued';
COMMENT ON COLUMN decision_queue.rule_code IS '规则编号';
COMMENT ON COLUMN decision_queue.rule_name IS '规则名称';
COMMENT ON COLUMN decision_queue.certainty IS '确定程度: code';
COMMENT ON COLUMN decision_queue.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN decision_queue.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN decision_queue.judged_on IS '归属日期';
COMMENT ON COLUMN decision_queue.gross_amount IS '违规金额(总额): yuan';
COMMENT ON COLUMN decision_queue.claimed_amount IS '违规金额(符合范围): yuan';
COMMENT ON COLUMN decision_queue.fund_amount IS '违规金额(基金): yuan';
COMMENT ON COLUMN decision_queue.certainty_zh IS '确定程度';

-- ------------------------------------------------------------------ precision

-- E. B. Wilson, Probable inference, the law of succession, and statistical inference,
-- JASA 22 (1927): the interval that a share of few cases can have come from.
CREATE OR REPLACE FUNCTION _wilson(hits bigint, cases bigint) RETURNS float8[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT CASE WHEN cases > 0 THEN ARRAY[greatest(s.middle - s.half, 0), least(s.middle + s.half, 1)] END
		FROM (SELECT 1.959963984540054::float8 AS z, hits::float8 / nullif(cases, 0) AS p) AS v
		CROSS JOIN LATERAL (SELECT (v.p + v.z * v.z / (2 * cases)) / (1 + v.z * v.z / cases) AS middle,
			v.z * sqrt(v.p * (1 - v.p) / cases + v.z * v.z / (4 * cases::float8 * cases)) / (1 + v.z * v.z / cases) AS half) AS s);

COMMENT ON FUNCTION _wilson(bigint, bigint) IS
	'威尔逊区间: lower and upper bound of the 95 % Wilson interval of hits among cases; NULL for no cases';

CREATE OR REPLACE FUNCTION _decided() RETURNS TABLE (rule_code text, rule_name text, facility_id text, confirmed bool,
		found_claimed numeric, confirmed_claimed numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
	SELECT f.rule_code, f.rule_name, f.facility_id, f.state <> 'dismissed' AND coalesce(f.confirmed_claimed > 0::numeric, true),
		coalesce(f.claimed_amount, f.involved_amount),
		CASE WHEN f.state = 'dismissed' THEN 0 ELSE coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount) END
	FROM medaudit.finding AS f
	WHERE f.state = ANY (medaudit._decided_states()) OR f.state = 'dismissed';
END;

COMMENT ON FUNCTION _decided() IS
	'已决疑点: findings about which people have decided, and whether they confirmed any of it';

CREATE OR REPLACE VIEW rule_precision WITH (security_invoker = true) AS
SELECT d.rule_code, min(d.rule_name) AS rule_name, count(*) AS decided, count(*) FILTER (WHERE d.confirmed) AS confirmed,
	round(count(*) FILTER (WHERE d.confirmed)::numeric / count(*), 4)::float8 AS rate,
	round((medaudit._wilson(count(*) FILTER (WHERE d.confirmed), count(*)))[1]::numeric, 4)::float8 AS low,
	round((medaudit._wilson(count(*) FILTER (WHERE d.confirmed), count(*)))[2]::numeric, 4)::float8 AS high,
	sum(d.found_claimed)::numeric(14,2) AS found_claimed, sum(d.confirmed_claimed)::numeric(14,2) AS confirmed_claimed
FROM medaudit._decided() AS d
GROUP BY d.rule_code;

COMMENT ON VIEW rule_precision IS
	'规则准确率: per rule how many findings people have decided about and how many they confirmed, with the 95 % interval of Wilson';
COMMENT ON COLUMN rule_precision.rule_code IS '规则编号';
COMMENT ON COLUMN rule_precision.rule_name IS '规则名称';
COMMENT ON COLUMN rule_precision.decided IS '已决数: confirmed or dismissed';
COMMENT ON COLUMN rule_precision.confirmed IS '认定数: reviewed or later, of which not all money was taken off';
COMMENT ON COLUMN rule_precision.rate IS '准确率: confirmed ÷ decided';
COMMENT ON COLUMN rule_precision.low IS '准确率下限: of the 95 % interval';
COMMENT ON COLUMN rule_precision.high IS '准确率上限: of the 95 % interval';
COMMENT ON COLUMN rule_precision.found_claimed IS '发现金额: yuan as claimed, of a pattern the money involved';
COMMENT ON COLUMN rule_precision.confirmed_claimed IS '认定金额: yuan of it that were confirmed';

CREATE OR REPLACE VIEW rule_precision_by_kind WITH (security_invoker = true) AS
SELECT d.rule_code, min(d.rule_name) AS rule_name, k.kind AS facility_kind, count(*) AS decided,
	count(*) FILTER (WHERE d.confirmed) AS confirmed,
	round(count(*) FILTER (WHERE d.confirmed)::numeric / count(*), 4)::float8 AS rate,
	round((medaudit._wilson(count(*) FILTER (WHERE d.confirmed), count(*)))[1]::numeric, 4)::float8 AS low,
	round((medaudit._wilson(count(*) FILTER (WHERE d.confirmed), count(*)))[2]::numeric, 4)::float8 AS high,
	sum(d.found_claimed)::numeric(14,2) AS found_claimed, sum(d.confirmed_claimed)::numeric(14,2) AS confirmed_claimed
FROM medaudit._decided() AS d
LEFT JOIN medaudit._bound_facilities() AS k ON k.facility_id = d.facility_id
GROUP BY d.rule_code, k.kind;

COMMENT ON VIEW rule_precision_by_kind IS
	'规则准确率(按机构类型): rule_precision per kind of facility';
COMMENT ON COLUMN rule_precision_by_kind.rule_code IS '规则编号';
COMMENT ON COLUMN rule_precision_by_kind.rule_name IS '规则名称';
COMMENT ON COLUMN rule_precision_by_kind.facility_kind IS '机构类型: as bound; NULL: not known';
COMMENT ON COLUMN rule_precision_by_kind.decided IS '已决数: confirmed or dismissed';
COMMENT ON COLUMN rule_precision_by_kind.confirmed IS '认定数: reviewed or later, of which not all money was taken off';
COMMENT ON COLUMN rule_precision_by_kind.rate IS '准确率: confirmed ÷ decided';
COMMENT ON COLUMN rule_precision_by_kind.low IS '准确率下限: of the 95 % interval';
COMMENT ON COLUMN rule_precision_by_kind.high IS '准确率上限: of the 95 % interval';
COMMENT ON COLUMN rule_precision_by_kind.found_claimed IS '发现金额: yuan as claimed, of a pattern the money involved';
COMMENT ON COLUMN rule_precision_by_kind.confirmed_claimed IS '认定金额: yuan of it that were confirmed';

-- ----------------------------------------------------------- is the log whole

CREATE OR REPLACE FUNCTION check_finding_log() RETURNS TABLE (finding_id bigint, event_id bigint, problem text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT c.finding_id, c.event_id, c.problem
	FROM (
		SELECT e.finding_id, e.event_id, CASE WHEN e.hash IS DISTINCT FROM medaudit._event_hash(e) THEN 'the event is not as it was written'
			WHEN e.prev_hash IS DISTINCT FROM lag(e.hash) OVER (PARTITION BY e.finding_id ORDER BY e.event_id)
				THEN 'the event before it is gone, or is another' END AS problem
		FROM medaudit.finding_event AS e
	) AS c
	WHERE c.problem IS NOT NULL
	UNION ALL
	SELECT e.finding_id, min(e.event_id), 'the finding of these events is gone'
	FROM medaudit.finding_event AS e
	WHERE NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = e.finding_id)
	GROUP BY e.finding_id
	UNION ALL
	SELECT f.finding_id, NULL, CASE WHEN f.state <> p.state THEN format('state %s is not what its events say', f.state)
		ELSE 'the confirmed money is not what its events say' END
	FROM medaudit.finding AS f
	CROSS JOIN LATERAL medaudit._finding_past(f.finding_id) AS p
	WHERE (f.state <> 'open' OR f.confirmed_gross IS NOT NULL OR f.confirmed_claimed IS NOT NULL OR f.confirmed_fund IS NOT NULL
			OR EXISTS (SELECT FROM medaudit.finding_event AS e WHERE e.finding_id = f.finding_id))
		AND (f.state, f.confirmed_gross, f.confirmed_claimed, f.confirmed_fund)
			IS DISTINCT FROM (p.state, p.confirmed_gross, p.confirmed_claimed, p.confirmed_fund)
	ORDER BY 1, 2;
END;

COMMENT ON FUNCTION check_finding_log() IS
	'核验处理记录: events that were changed, that miss the one before them or their finding, and findings whose state or confirmed money is not what their events say; no rows: the log is whole, but for events at its end, see log_digest()';

-- Days are those of China, whatever the session's clock.
CREATE OR REPLACE FUNCTION log_digest(at date) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT encode(sha256(convert_to(coalesce(string_agg(concat(e.finding_id, ' ', encode(e.hash, 'hex')), E'\n' ORDER BY e.finding_id), ''),
		'UTF8')), 'hex')
	FROM (
		SELECT DISTINCT ON (i.finding_id) i.finding_id, i.hash
		FROM medaudit.finding_event AS i
		WHERE i.at < (log_digest.at + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
		ORDER BY i.finding_id, i.event_id DESC
	) AS e
$$;

COMMENT ON FUNCTION log_digest(date) IS
	'处理记录摘要: SHA-256, in hex, of the last events of all findings up to the end of a day (in China), for the minutes: an event that is taken away at the end of a chain later gives another; NULL for NULL';
