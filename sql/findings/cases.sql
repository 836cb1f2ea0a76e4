-- Cases, and the money that comes back.
--
-- A finding stands in one case that is not closed: a unique index says so.  Entries of
-- recovery are only ever added; what was wrong is corrected by another one.  Each takes
-- the lock of its case, so that two who enter money at once see each other.

CREATE OR REPLACE FUNCTION _follow_case() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit.case_finding AS c SET open = NEW.state <> 'closed'
	WHERE c.case_id = NEW.case_id AND c.open <> (NEW.state <> 'closed');
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _follow_case() IS
	'更新案件疑点: trigger of audit_case; its findings are free for another case once it is closed';

-- Whether a finding is taken follows from its case alone, and what a case is does not
-- change.  What the owner inserts is taken as it is, for so a restore brings it.
CREATE OR REPLACE FUNCTION _guard_case() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND (NEW.case_id, NEW.opened_by, NEW.opened_on, NEW.source) IS DISTINCT FROM
			(OLD.case_id, OLD.opened_by, OLD.opened_on, OLD.source) THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('number, source and opening of case %s do not change'), OLD.case_id);
	ELSIF TG_OP = 'INSERT' AND NOT medaudit._owns(TG_RELID) THEN
		CALL medaudit._check_other_actor(NEW.opened_by);
		NEW.state := 'open';
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_case() IS
	'案件防护: trigger of audit_case; its number, source and opening stay (23001), it begins open, and is opened by who says so (42501)';

CREATE OR REPLACE FUNCTION _guard_case_finding() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'UPDATE' AND (NEW.case_id, NEW.finding_id) IS DISTINCT FROM (OLD.case_id, OLD.finding_id) THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('finding %s stays in case %s'), OLD.finding_id, OLD.case_id);
	ELSIF TG_OP = 'INSERT' AND medaudit._owns(TG_RELID) THEN
		RETURN NEW;
	ELSIF TG_OP = 'INSERT' AND NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = NEW.finding_id) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no finding %s'), NEW.finding_id);
	END IF;
	SELECT c.state <> 'closed' INTO NEW.open FROM medaudit.audit_case AS c WHERE c.case_id = NEW.case_id;
	IF NEW.open IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no case %s'), NEW.case_id);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_case_finding() IS
	'案件疑点防护: trigger of case_finding; whether it is open follows from its case, it stays there (23001), and both are there (22023)';

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON audit_case
	FOR EACH ROW EXECUTE FUNCTION _guard_case();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON case_finding
	FOR EACH ROW EXECUTE FUNCTION _guard_case_finding();
CREATE OR REPLACE TRIGGER follow_case AFTER UPDATE OF state ON audit_case
	FOR EACH ROW EXECUTE FUNCTION _follow_case();

CREATE OR REPLACE TRIGGER keep_rows BEFORE UPDATE OR DELETE OR TRUNCATE ON recovery_entry
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();

CREATE OR REPLACE FUNCTION open_case(title text, finding_ids bigint[], source text, actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	opened bigint;
	whom text := medaudit._acting(actor);
	about record;
	problem text;
BEGIN
	IF num_nulls(title, finding_ids, source) > 0 OR EXISTS (SELECT FROM unnest(finding_ids) AS i (id) WHERE i.id IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('title, finding_ids and source must not be null');
	ELSIF medaudit.code_fold(title) = '' OR cardinality(finding_ids) = 0 OR source NOT IN ('model', 'tip', 'flight', 'self_check', 'transfer') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN medaudit.code_fold(title) = '' THEN medaudit._say('a case has a title')
			WHEN cardinality(finding_ids) = 0 THEN medaudit._say('a case has findings') ELSE format(medaudit._say('"%s" is no source of a case'), source) END,
			HINT = medaudit._say('Sources are model, tip, flight, self_check and transfer.');
	END IF;
	CALL medaudit._check_other_actor(whom);
	SELECT string_agg(DISTINCT i.id::text, ', ') INTO problem FROM unnest(finding_ids) AS i (id)
	WHERE NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = i.id);
	IF problem IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no finding %s'), problem);
	END IF;
	SELECT CASE WHEN min(f.subject_kind || f.subject_id) = max(f.subject_kind || f.subject_id) THEN min(f.subject_kind)
			WHEN min(f.facility_id) = max(f.facility_id) AND count(f.facility_id) = count(*) THEN 'facility' END AS kind,
		CASE WHEN min(f.subject_kind || f.subject_id) = max(f.subject_kind || f.subject_id) THEN min(f.subject_id)
			WHEN min(f.facility_id) = max(f.facility_id) AND count(f.facility_id) = count(*) THEN min(f.facility_id) END AS id
	INTO about FROM medaudit.finding AS f WHERE f.finding_id = ANY (finding_ids);
	INSERT INTO medaudit.audit_case AS c (title, source, subject_kind, subject_id, opened_by)
	VALUES (title, source, about.kind, about.id, whom)
	RETURNING c.case_id INTO opened;
	BEGIN
		INSERT INTO medaudit.case_finding (case_id, finding_id) SELECT DISTINCT opened, i.id FROM unnest(finding_ids) AS i (id) ORDER BY 2;
	EXCEPTION WHEN unique_violation THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('a finding stands in one open case: %s'), coalesce((
			SELECT string_agg(format(medaudit._say('%s (case %s)'), c.finding_id, c.case_id), ', ' ORDER BY c.finding_id)
			FROM medaudit.case_finding AS c WHERE c.open AND c.finding_id = ANY (finding_ids) AND c.case_id <> opened), SQLERRM));
	END;
	-- an event, so that no run drops them
	INSERT INTO medaudit.finding_event (finding_id, step, note, actor)
	SELECT c.finding_id, 'note', format('案件%s立案', opened), whom FROM medaudit.case_finding AS c WHERE c.case_id = opened ORDER BY c.finding_id;
	RETURN opened;
END
$$;

COMMENT ON FUNCTION open_case(text, bigint[], text, text) IS
	'立案: opens a case of findings, with a note to each, whose subject it has where they have one in common, else their facility; returns its number; an unknown finding or source, or none, is 22023, a finding of another open case 55000, NULL 22004';

CREATE OR REPLACE FUNCTION record_recovery(case_id bigint, kind text, amount numeric, on_date date, channel text DEFAULT NULL,
		document_no text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	entered bigint;
BEGIN
	IF num_nulls(case_id, kind, amount, on_date) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('case_id, kind, amount and on_date must not be null');
	ELSIF kind NOT IN ('ordered', 'received', 'offset', 'waived', 'corrected') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no kind of entry'), kind),
			HINT = medaudit._say('It is ordered, received, offset, waived or corrected.');
	END IF;
	INSERT INTO medaudit.recovery_entry AS e (case_id, kind, amount, on_date, channel, document_no)
	VALUES (case_id, kind, amount, on_date, channel, document_no)
	RETURNING e.entry_id INTO entered;
	INSERT INTO medaudit.finding_event (finding_id, step, document_no, note)
	SELECT c.finding_id, 'recover', record_recovery.document_no, format('案件%s%s%s元', c.case_id, CASE record_recovery.kind
		WHEN 'ordered' THEN '应退' WHEN 'received' THEN '已退' WHEN 'offset' THEN '抵扣' WHEN 'waived' THEN '免予追回' ELSE '更正应退' END,
		record_recovery.amount)
	FROM medaudit.case_finding AS c WHERE c.case_id = record_recovery.case_id ORDER BY c.finding_id;
	RETURN entered;
END
$$;

COMMENT ON FUNCTION record_recovery(bigint, text, numeric, date, text, text) IS
	'登记追回: adds an entry of money to a case, and a step to the history of each of its findings; returns its number; an unknown case or kind is 22023, a closed case 55000, more received, offset and waived than was ordered, less than nothing of a kind, or money that is 0 or has parts of a cent, 23514, NULL 22004';

-- Whoever adds an entry: by the function or not.  What the owner inserts with its time is
-- an entry of another database, as a restore brings it.
CREATE OR REPLACE FUNCTION _check_recovery() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	about text;
	balance record;
BEGIN
	IF NEW.entered_at IS NOT NULL AND medaudit._owns(TG_RELID) THEN
		RETURN NEW;
	END IF;
	NEW.entered_by := session_user;
	NEW.entered_at := clock_timestamp();
	-- written, not only locked, so that at a higher isolation level the second is refused
	UPDATE medaudit.audit_case AS c SET title = c.title WHERE c.case_id = NEW.case_id RETURNING c.state INTO about;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no case %s'), NEW.case_id);
	ELSIF about = 'closed' THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('case %s is closed'), NEW.case_id);
	END IF;
	SELECT coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('ordered', 'corrected')), 0) AS ordered,
		coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('received', 'offset', 'waived')), 0) AS settled,
		coalesce(sum(e.amount) FILTER (WHERE e.kind = NEW.kind), 0) AS of_kind
	INTO balance
	FROM (SELECT i.kind, i.amount FROM medaudit.recovery_entry AS i WHERE i.case_id = NEW.case_id
		UNION ALL SELECT NEW.kind, NEW.amount) AS e;
	IF balance.settled > balance.ordered THEN
		RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = format(medaudit._say('%s yuan were ordered back, %s would be received, offset or waived'),
			balance.ordered, balance.settled);
	ELSIF balance.ordered < 0::numeric OR NEW.kind <> 'corrected' AND balance.of_kind < 0::numeric THEN
		RAISE EXCEPTION USING ERRCODE = '23514', MESSAGE = format(medaudit._say('no more can be taken back of %s than was entered'), NEW.kind);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_recovery() IS
	'检查追回记录: trigger of recovery_entry; 22023 for an unknown case, 55000 for a closed one, 23514 for more than was ordered';

CREATE OR REPLACE TRIGGER check_recovery BEFORE INSERT ON recovery_entry
	FOR EACH ROW EXECUTE FUNCTION _check_recovery();

CREATE OR REPLACE VIEW recovery_balance WITH (security_invoker = true) AS
SELECT c.case_id, c.title, concat_ws(' ', c.subject_kind, c.subject_id) AS subject,
	e.ordered::numeric(14,2) AS ordered, e.received::numeric(14,2) AS received, e.waived::numeric(14,2) AS waived,
	(e.ordered - e.received - e.waived)::numeric(14,2) AS outstanding, e.last_on
FROM medaudit.audit_case AS c
CROSS JOIN LATERAL (
	SELECT coalesce(sum(i.amount) FILTER (WHERE i.kind IN ('ordered', 'corrected')), 0) AS ordered,
		coalesce(sum(i.amount) FILTER (WHERE i.kind IN ('received', 'offset')), 0) AS received,
		coalesce(sum(i.amount) FILTER (WHERE i.kind = 'waived'), 0) AS waived, max(i.on_date) AS last_on
	FROM medaudit.recovery_entry AS i WHERE i.case_id = c.case_id
) AS e;

COMMENT ON VIEW recovery_balance IS '追回情况: per case what was ordered back, what came and what is still out';
COMMENT ON COLUMN recovery_balance.case_id IS '案件编号';
COMMENT ON COLUMN recovery_balance.title IS '案由';
COMMENT ON COLUMN recovery_balance.subject IS '主体: kind and number';
COMMENT ON COLUMN recovery_balance.ordered IS '应退: yuan, as corrected';
COMMENT ON COLUMN recovery_balance.received IS '已退: yuan, received or offset';
COMMENT ON COLUMN recovery_balance.waived IS '免予追回: yuan';
COMMENT ON COLUMN recovery_balance.outstanding IS '未退: yuan';
COMMENT ON COLUMN recovery_balance.last_on IS '最近日期: of the last entry; NULL: none';

-- Of a line that two findings of the case name the case has the money once.
CREATE OR REPLACE VIEW case_money WITH (security_invoker = true) AS
SELECT c.case_id, c.title, cardinality(n.ids) AS findings, m.lines, m.gross_once::numeric(14,2) AS gross_once,
	m.claimed_once::numeric(14,2) AS claimed_once, m.fund_once::numeric(14,2) AS fund_once, m.involved_amount::numeric(14,2) AS involved_amount,
	(SELECT sum(coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount)) FROM medaudit.finding AS f
		WHERE f.finding_id = ANY (n.ids) AND f.state = ANY (medaudit._decided_states()))::numeric(14,2) AS confirmed_claimed
FROM medaudit.audit_case AS c
CROSS JOIN LATERAL (SELECT coalesce(array_agg(f.finding_id), '{}') AS ids FROM medaudit.case_finding AS f WHERE f.case_id = c.case_id) AS n
CROSS JOIN LATERAL (
	SELECT sum(r.lines_once) AS lines, sum(r.gross_once) AS gross_once, sum(r.claimed_once) AS claimed_once, sum(r.fund_once) AS fund_once,
		sum(r.involved_amount) AS involved_amount
	FROM (SELECT l.* FROM medaudit._ranked_lines(among => n.ids) AS l UNION ALL SELECT w.* FROM medaudit._ranked_wholes(n.ids) AS w) AS r
) AS m;

COMMENT ON VIEW case_money IS
	'案件金额: per case its findings, and the money of their lines when each line counts once, as found, beside what was confirmed finding by finding';
COMMENT ON COLUMN case_money.case_id IS '案件编号';
COMMENT ON COLUMN case_money.title IS '案由';
COMMENT ON COLUMN case_money.findings IS '疑点数';
COMMENT ON COLUMN case_money.lines IS '去重行数: lines of its standing findings, each once; NULL: none of them stands';
COMMENT ON COLUMN case_money.gross_once IS '去重金额(总额): yuan, as found';
COMMENT ON COLUMN case_money.claimed_once IS '去重金额(符合范围): yuan, as found';
COMMENT ON COLUMN case_money.fund_once IS '去重金额(基金): yuan, as found';
COMMENT ON COLUMN case_money.involved_amount IS '涉及金额: yuan of its patterns; never to be added to money in excess';
COMMENT ON COLUMN case_money.confirmed_claimed IS '认定金额: yuan of those decided, finding by finding: a line that two of them name is in both';
