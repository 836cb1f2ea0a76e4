-- Exemptions and what institutions report by themselves.
--
-- A run does not hide what is set aside: the lines that an approved exemption covers, by
-- rule, facility, person, item and the day to which their finding belongs, stand in a
-- twin of the finding, with the key ‖ ' exempt', its money and its evidence, in the
-- state exempt; the others stay where they are.  What an institution has given back
-- stands likewise under ‖ ' self_reported'.  Neither counts, nor is on a worklist; both
-- are told by the data quality of the run.
--
-- Cost: a look into two small tables for each line in excess.

-- What the functions below refuse, a statement is refused as well.  What the owner
-- inserts is taken as it is, for so a restore brings it.
CREATE OR REPLACE FUNCTION _guard_exemption() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		IF medaudit._owns(TG_RELID) THEN
			RETURN NEW;
		END IF;
		IF NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = NEW.rule_code)
				OR NOT EXISTS (SELECT FROM medaudit.dismissal_reason AS d WHERE d.reason_code = NEW.reason_code) THEN
			RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no rule "%s", or no reason "%s"'), NEW.rule_code, NEW.reason_code);
		END IF;
		NEW.requested_by := coalesce(NEW.requested_by, session_user);
		CALL medaudit._check_other_actor(NEW.requested_by);
		NEW.requested_at := clock_timestamp();
		IF num_nonnulls(NEW.approved_by, NEW.approved_at, NEW.revoked_on, NEW.revoked_by) > 0 THEN
			RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = medaudit._say('an exemption is asked for, and approved by somebody else'),
				HINT = medaudit._say('See medaudit.approve_exemption().');
		END IF;
		RETURN NEW;
	ELSIF (to_jsonb(NEW) - '{approved_by,approved_at,revoked_on,revoked_by,revoked_note}'::text[])
			<> (to_jsonb(OLD) - '{approved_by,approved_at,revoked_on,revoked_by,revoked_note}'::text[])
			OR OLD.approved_by IS NOT NULL AND (NEW.approved_by, NEW.approved_at) IS DISTINCT FROM (OLD.approved_by, OLD.approved_at)
			OR OLD.revoked_on IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('exemption %s is approved or revoked once, and not changed'), OLD.exemption_id),
			HINT = medaudit._say('Revoke it and ask for another.');
	END IF;
	IF NEW.approved_by IS DISTINCT FROM OLD.approved_by THEN
		CALL medaudit._check_other_actor(NEW.approved_by);
		NEW.approved_at := clock_timestamp();
	END IF;
	IF NEW.revoked_on IS NOT NULL THEN
		CALL medaudit._check_other_actor(coalesce(NEW.revoked_by, ''));
		NEW.revoked_on := current_date;
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_exemption() IS
	'豁免防护: trigger of exemption; it is asked for, approved and revoked once each, by who says so (42501), and nothing else of it changes (23001)';

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON exemption
	FOR EACH ROW EXECUTE FUNCTION _guard_exemption();

CREATE OR REPLACE FUNCTION exempt(rule_code text, reason_code text, reason text, valid daterange, facility_id text DEFAULT NULL,
		person_id text DEFAULT NULL, item_code text DEFAULT NULL, document_no text DEFAULT NULL, actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	requested bigint;
	whom text := medaudit._acting(actor);
BEGIN
	IF num_nulls(rule_code, reason_code, reason, valid) > 0 OR medaudit.code_fold(reason) = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('rule_code, reason_code, reason and valid must not be null, nor reason empty');
	ELSIF NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = exempt.rule_code) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no rule "%s"'), rule_code),
			HINT = coalesce(medaudit._near_rules(ARRAY[rule_code]), medaudit._say('The rules stand in medaudit.rule.'));
	ELSIF NOT EXISTS (SELECT FROM medaudit.dismissal_reason AS d WHERE d.reason_code = exempt.reason_code) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no reason to dismiss'), reason_code),
			HINT = medaudit._reasons_hint();
	ELSIF coalesce(btrim(concat(facility_id, person_id, item_code)), '') = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('an exemption is of a facility, a person or an item'),
			HINT = medaudit._say('To switch a rule off for everybody: medaudit.set_rule().');
	ELSIF isempty(valid) OR lower_inf(valid) OR upper_inf(valid) OR NOT isfinite(lower(valid)) OR NOT isfinite(upper(valid))
			OR upper(valid) > lower(valid) + interval '3 years' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('an exemption begins and ends, after three years at most'),
			DETAIL = format(medaudit._say('It would hold %s.'), valid);
	END IF;
	CALL medaudit._check_other_actor(whom);
	INSERT INTO medaudit.exemption AS e (rule_code, facility_id, person_id, item_code, reason_code, reason, document_no, valid, requested_by)
	VALUES (rule_code, nullif(btrim(facility_id), ''), nullif(btrim(person_id), ''), nullif(btrim(item_code), ''), reason_code, reason, document_no, valid, whom)
	RETURNING e.exemption_id INTO requested;
	RETURN requested;
END
$$;

COMMENT ON FUNCTION exempt(text, text, text, daterange, text, text, text, text, text) IS
	'申请豁免: asks that lines of a rule be set aside, of a facility, person or item or what they have in common, while their finding belongs to a day of valid; returns its number; without effect until approve_exemption(). An unknown rule or reason, none of the three, or a time that does not end within three years is 22023, NULL or an empty reason 22004';

CREATE OR REPLACE FUNCTION approve_exemption(id bigint, actor text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked medaudit.exemption;
	whom text := medaudit._acting(actor);
BEGIN
	IF id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('id must not be null');
	END IF;
	CALL medaudit._check_other_actor(whom);
	SELECT e.* INTO asked FROM medaudit.exemption AS e WHERE e.exemption_id = id FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no exemption %s'), id);
	ELSIF asked.approved_by IS NOT NULL OR asked.revoked_on IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(CASE WHEN asked.revoked_on IS NULL THEN medaudit._say('exemption %s is approved already')
			ELSE medaudit._say('exemption %s is revoked already') END, id);
	ELSIF medaudit._is_among(whom, ARRAY[asked.requested_by]) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('"%s" has asked for exemption %s'), whom, id),
			HINT = medaudit._say('Somebody else approves it.');
	END IF;
	UPDATE medaudit.exemption AS e SET approved_by = whom, approved_at = clock_timestamp() WHERE e.exemption_id = id;
END
$$;

COMMENT ON FUNCTION approve_exemption(bigint, text) IS
	'批准豁免: lets an exemption hold, by somebody else than who asked for it (42501); an unknown one is 22023, one that is approved or revoked 55000, NULL 22004. The next run of its days sets the lines aside';

CREATE OR REPLACE FUNCTION revoke_exemption(id bigint, note text, actor text DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	whom text := medaudit._acting(actor);
BEGIN
	IF id IS NULL OR coalesce(medaudit.code_fold(note), '') = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = CASE WHEN id IS NULL THEN format(medaudit._say('%s must not be null'), 'id') ELSE medaudit._say('note must say something') END;
	END IF;
	CALL medaudit._check_other_actor(whom);
	UPDATE medaudit.exemption AS e SET revoked_on = current_date, revoked_by = whom, revoked_note = note
	WHERE e.exemption_id = id AND e.revoked_on IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN EXISTS (SELECT FROM medaudit.exemption AS e WHERE e.exemption_id = id) THEN '55000' ELSE '22023' END,
			MESSAGE = CASE WHEN EXISTS (SELECT FROM medaudit.exemption AS e WHERE e.exemption_id = id) THEN format(medaudit._say('exemption %s is revoked already'), id)
				ELSE format(medaudit._say('there is no exemption %s'), id) END;
	END IF;
END
$$;

COMMENT ON FUNCTION revoke_exemption(bigint, text, text) IS
	'撤销豁免: ends an exemption, with a note why; the next run of its days finds again what it set aside; an unknown one is 22023, one that is revoked already 55000, NULL 22004';

-- What was dismissed of a facility and person is dismissed again next month.
CREATE OR REPLACE FUNCTION exempt_finding(finding_id bigint, valid daterange, reason text DEFAULT NULL, document_no text DEFAULT NULL,
		actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	about record;
BEGIN
	IF finding_id IS NULL OR valid IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('finding_id and valid must not be null');
	END IF;
	SELECT f.state, f.rule_code, CASE WHEN l.facilities > 1 THEN NULL ELSE f.facility_id END AS facility_id,
		CASE WHEN l.persons > 1 THEN NULL ELSE f.person_id END AS person_id, e.reason_code, e.note, l.item_code
	INTO about
	FROM medaudit.finding AS f
	CROSS JOIN LATERAL (SELECT count(DISTINCT i.facility_id) AS facilities, count(DISTINCT i.person_id) AS persons,
			CASE WHEN count(DISTINCT i.item_code) = 1 THEN min(i.item_code) END AS item_code
		FROM medaudit.finding_line AS i WHERE i.finding_id = f.finding_id) AS l
	LEFT JOIN LATERAL (SELECT i.reason_code, i.note FROM medaudit.finding_event AS i
		WHERE i.finding_id = f.finding_id AND i.step = 'review' AND i.verdict = 'dismiss' ORDER BY i.event_id DESC LIMIT 1) AS e ON true
	WHERE f.finding_id = exempt_finding.finding_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no finding %s'), finding_id);
	ELSIF about.state <> 'dismissed' THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('finding %s is not dismissed: %s'), finding_id, about.state);
	END IF;
	RETURN medaudit.exempt(about.rule_code, about.reason_code, coalesce(reason, about.note, about.reason_code), valid, about.facility_id,
		about.person_id, about.item_code, document_no, actor);
END
$$;

COMMENT ON FUNCTION exempt_finding(bigint, daterange, text, text, text) IS
	'由排除申请豁免: asks for an exemption like a dismissed finding: its rule, facility, person and, where all lines are of one, item, with the reason of the dismissal; returns its number; an unknown finding is 22023, one that is not dismissed 55000, NULL 22004, else as exempt()';

-- What sets a line aside, and what the evidence says of it; a report goes before an
-- exemption.  A report of a visit is of all that is found there by its rule; of a pattern,
-- whose money is no excess, of something.
-- Identifiers are as a run reads them.
CREATE OR REPLACE FUNCTION _set_aside(rule_code text, facility_id text, person_id text, item_codes text[], judged_on date, visit_id text,
		line_id text, amount numeric, visit_amount numeric) RETURNS TABLE (suffix text, fact jsonb)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
	SELECT s.suffix, s.fact
	FROM (
		SELECT ' self_reported' AS suffix, 1 AS place, 0::bigint AS id,
			jsonb_build_object('self_reported', jsonb_build_object('amount', r.amount, 'reported_on', r.reported_on)) AS fact
		FROM medaudit.self_report AS r
		WHERE r.rule_code = _set_aside.rule_code AND code_fold(r.facility_id) = _set_aside.facility_id AND btrim(r.visit_id) = _set_aside.visit_id
			AND (r.line_id IS NULL OR btrim(r.line_id) = _set_aside.line_id)
			AND (r.amount IS NULL OR r.amount >= CASE WHEN r.line_id IS NULL THEN _set_aside.visit_amount ELSE _set_aside.amount END
				OR _set_aside.amount IS NULL AND r.amount > 0::numeric)
		UNION ALL
		SELECT ' exempt', 2, e.exemption_id, jsonb_build_object('exemption', jsonb_strip_nulls(jsonb_build_object('exemption_id', e.exemption_id,
			'reason_code', e.reason_code, 'document_no', e.document_no)))
		FROM medaudit.exemption AS e
		WHERE e.rule_code = _set_aside.rule_code AND e.approved_by IS NOT NULL AND e.revoked_on IS NULL AND e.valid @> _set_aside.judged_on
			AND (e.facility_id IS NULL OR code_fold(e.facility_id) = _set_aside.facility_id)
			AND (e.person_id IS NULL OR btrim(e.person_id) = _set_aside.person_id)
			AND (e.item_code IS NULL OR code_fold(e.item_code) IN (SELECT code_fold(c.code) FROM unnest(_set_aside.item_codes) AS c (code)))
	) AS s
	ORDER BY s.place, s.id LIMIT 1;
END;

COMMENT ON FUNCTION _set_aside(text, text, text, text[], date, text, text, numeric, numeric) IS
	'是否搁置: what a report of the institution or an approved exemption makes of a line in excess by so much, in a visit in excess by so much: the end of the key of the twin in which it stands, and a fact of its evidence; no rows where it is found as any';

-- The key under which it would stand if nothing set it aside.
CREATE OR REPLACE FUNCTION _plain_key(key text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN regexp_replace(key, ' (exempt|self_reported)$', '');

COMMENT ON FUNCTION _plain_key(text) IS
	'原标识: the key of a finding without what a twin that is set aside has at its end; NULL for NULL';
