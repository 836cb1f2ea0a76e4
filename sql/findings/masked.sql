-- Twins for those who read and do not review: with the rights of their owner, so
-- that a reader needs no table.  Who reads them sees no name, no number, no date
-- of birth and no evidence but the sentence.  The last run stands as a query, for
-- what a function reads is read with the rights of the reader; so does what he may
-- see of it (reader_scope).
CREATE OR REPLACE FUNCTION _mask_sentence(sentence text, names text[]) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	name text;
	masked text := regexp_replace(medaudit.mask_numbers(sentence),
		'(出生日期为|身份证号码所示为)[0-9]+年[0-9]+月[0-9]+日', '\1****', 'g');
BEGIN
	FOR name IN
		SELECT n FROM unnest(names) AS n WHERE n <> '' ORDER BY length(n) DESC, n COLLATE "C"
	LOOP
		masked := replace(masked, name, medaudit.mask_name(name));
	END LOOP;
	RETURN masked;
END
$$;

COMMENT ON FUNCTION _mask_sentence(text, text[]) IS
	'证据说明脱敏: a sentence with each of the names as mask_name(), without resident numbers and dates of birth; NULL for NULL';

-- A row is about a role, whatever it is called later; a restore brings names.
CREATE OR REPLACE FUNCTION _name_role() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	NEW.role_oid := coalesce((SELECT r.oid FROM pg_roles AS r WHERE r.rolname = NEW.role_name), 0);
	IF NEW.role_oid = 0 AND NOT medaudit._restoring() THEN
		RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format(medaudit._say('role "%s" does not exist'), NEW.role_name);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _name_role() IS
	'角色标识: trigger; notes which role is meant by a name, 42704 for none';

CREATE OR REPLACE TRIGGER name_role BEFORE INSERT OR UPDATE OF role_name ON reader_scope
	FOR EACH ROW EXECUTE FUNCTION _name_role();

-- How the codes of all parts of a region begin: those of six digits by pairs, what is
-- finer by three.
CREATE OR REPLACE FUNCTION _parts_of_region(region text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN region ~ '[^0-9]' THEN NULL WHEN substr(region, 7) ~ '^0*$' THEN regexp_replace(left(region, 6), '(00)+$', '')
		ELSE left(region, 6) || regexp_replace(substr(region, 7), '(000)+$', '') END;

COMMENT ON FUNCTION _parts_of_region(text) IS
	'下辖区划前缀: how the code of a region and those of its parts begin; NULL for a code that is no number';

-- Who reads through a view of somebody else may not look into this schema: the
-- message is looked up by the view.
CREATE OR REPLACE FUNCTION _refuse_lent(message text, hint text) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = message, HINT = hint;
END
$$;

COMMENT ON FUNCTION _refuse_lent(text, text) IS
	'拒绝转借: 42501, for who reads the masked views through a view of somebody else where readers have a scope';

-- What the current user may see of it: by his roles, and where these have no scope by
-- those of the role that is connected.  One row.
CREATE OR REPLACE VIEW _own_scope WITH (security_barrier = true, security_invoker = false) AS
WITH named AS MATERIALIZED (
	SELECT medaudit.code_fold(s.region) AS region, medaudit.code_fold(s.facility_id) AS facility_id,
		pg_has_role(current_user, r.oid, 'MEMBER') AND NOT (SELECT u.rolsuper FROM pg_roles AS u WHERE u.rolname = current_user) AS own,
		pg_has_role(session_user, r.oid, 'MEMBER') AND NOT (SELECT u.rolsuper FROM pg_roles AS u WHERE u.rolname = session_user) AS connected
	FROM medaudit.reader_scope AS s
	JOIN pg_roles AS r ON r.oid = s.role_oid OR r.rolname = s.role_name
), held AS MATERIALIZED (
	SELECT n.region, n.facility_id, '^' || medaudit._parts_of_region(n.region) AS parts
	FROM named AS n WHERE n.own OR n.connected AND NOT EXISTS (SELECT FROM named AS o WHERE o.own)
)
SELECT count(*) = 0 AS everywhere, array_agg(h.facility_id) FILTER (WHERE h.region IS NULL) AS facilities,
	array_agg(h.region) FILTER (WHERE h.facility_id IS NULL) AS regions,
	string_agg(h.parts, '|') FILTER (WHERE h.facility_id IS NULL) AS parts,
	(SELECT jsonb_object_agg(b.facility_id, jsonb_build_object('regions', b.regions, 'parts', b.parts)) FROM (
		SELECT i.facility_id, array_agg(i.region) AS regions, string_agg(i.parts, '|') AS parts FROM held AS i
		WHERE i.region IS NOT NULL AND i.facility_id IS NOT NULL GROUP BY i.facility_id) AS b) AS both_of,
	EXISTS (SELECT FROM medaudit.reader_scope) AND NOT EXISTS (SELECT FROM pg_class AS c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = 'medaudit') AND c.relname IN ('findings_masked', 'worklist_masked')
			AND has_any_column_privilege(current_user, c.oid, 'SELECT')) AS lent
FROM held AS h;

COMMENT ON VIEW _own_scope IS
	'本人查看范围: what the rows of reader_scope that hold for the current user come to, one row';
COMMENT ON COLUMN _own_scope.everywhere IS '全部可见: no row holds';
COMMENT ON COLUMN _own_scope.facilities IS '定点医药机构编号: seen in whatever region';
COMMENT ON COLUMN _own_scope.regions IS '区划: seen whole';
COMMENT ON COLUMN _own_scope.parts IS '下辖区划: pattern of the codes of their parts';
COMMENT ON COLUMN _own_scope.both_of IS '机构与区划: facilities that are seen in some regions alone, to these and the pattern of their parts';
COMMENT ON COLUMN _own_scope.lent IS '转借: readers have scopes, and this one reads through somebody else';

CREATE OR REPLACE FUNCTION _in_scope(facility_id text, region text, both_of jsonb) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN both_of -> _in_scope.facility_id -> 'regions' ? _in_scope.region OR _in_scope.region ~ (both_of -> _in_scope.facility_id ->> 'parts');

COMMENT ON FUNCTION _in_scope(text, text, jsonb) IS
	'是否在范围内: whether a facility lies in one of the regions with which it is named; not true where it is not named, and for NULL';

CREATE OR REPLACE VIEW findings_masked WITH (security_barrier = true, security_invoker = false) AS
SELECT f.finding_id, f.run_id, f.rule_code, f.rule_name, f.violation,
	f.behaviour_code, f.certainty, medaudit.label_zh(f.certainty) AS certainty_zh,
	f.article, f.subject_kind, medaudit.label_zh(f.subject_kind) AS subject_kind_zh,
	CASE WHEN f.subject_kind = 'person' THEN medaudit.mask_person_id(f.subject_id) ELSE f.subject_id END AS subject_id,
	f.facility_id, f.facility_name, medaudit.mask_person_id(f.person_id) AS person_id,
	medaudit.mask_name(f.person_name) AS person_name,
	f.physician_id, medaudit.mask_numbers(f.visit_id) AS visit_id, f.judged_on,
	f.excess_quantity::numeric(16,4) AS excess_quantity,
	f.gross_amount::numeric(14,2) AS gross_amount,
	f.claimed_amount::numeric(14,2) AS claimed_amount,
	f.fund_amount::numeric(14,2) AS fund_amount,
	f.fund_basis, medaudit.label_zh(f.fund_basis) AS fund_basis_zh,
	f.involved_amount::numeric(14,2) AS involved_amount, f.score,
	(SELECT count(*) FROM medaudit.finding_line AS l
		WHERE l.finding_id = f.finding_id) AS line_count,
	medaudit._mask_sentence(coalesce(f.evidence_text, (SELECT l.evidence_text FROM medaudit.finding_line AS l
		WHERE l.finding_id = f.finding_id ORDER BY l.excess_amount DESC NULLS LAST, l.line_no
		LIMIT 1)), f.people || f.person_name) AS evidence_text,
	f.found_at, f.state, medaudit.label_zh(f.state) AS state_zh,
	f.article_code, medaudit.mask_person_id(f.record_no) AS record_no, f.department, s.run_state,
	medaudit.label_zh(s.run_state) AS run_state_zh, medaudit.article_text(f.article_code) AS article_zh
FROM medaudit.finding AS f
LEFT JOIN LATERAL (
	SELECT i.run_id, i.state FROM medaudit.run AS i
	WHERE daterange(i.from_date, i.to_date) @> f.judged_on AND i.scope = 'period' AND (i.rules IS NULL OR f.rule_code = ANY (i.rules))
	ORDER BY i.run_id DESC LIMIT 1
) AS r ON true
CROSS JOIN LATERAL (SELECT medaudit._finding_run_state(f.state, f.run_id, r.run_id, r.state)
	AS run_state) AS s
CROSS JOIN medaudit._own_scope AS o
WHERE CASE WHEN o.lent THEN medaudit._refuse_lent(medaudit._say('masked findings are read by whoever may read them himself'),
	medaudit._say('Where readers have a scope (medaudit.reader_scope), a view over them lends nothing: grant the level reader.')) ELSE o.everywhere OR f.facility_id = ANY (o.facilities)
	OR f.facility_region = ANY (o.regions) OR f.facility_region ~ o.parts OR medaudit._in_scope(f.facility_id, f.facility_region, o.both_of) END;

-- In its order, row by row: a barrier is planned for all of its rows, and would be
-- joined and sorted whole for the first page of them.
CREATE OR REPLACE VIEW worklist_masked WITH (security_barrier = true, security_invoker = false) AS
SELECT r.rank,
	r.finding_id, r.rule_code, f.rule_name, f.violation, r.certainty,
	medaudit.label_zh(r.certainty) AS certainty_zh, f.article, r.facility_id,
	f.facility_name, medaudit.mask_person_id(f.person_id) AS person_id,
	medaudit.mask_name(f.person_name) AS person_name,
	medaudit.mask_numbers(CASE WHEN r.line_no = 0 THEN f.visit_id ELSE l.visit_id END) AS visit_id,
	medaudit.mask_numbers(l.line_id) AS line_id,
	l.item_code, l.item_name, l.charged_at, l.quantity::numeric(16,4) AS quantity,
	l.amount::numeric(14,2) AS amount,
	l.excess_quantity::numeric(16,4) AS excess_quantity,
	r.gross_once::numeric(14,2) AS gross_amount,
	r.claimed_once::numeric(14,2) AS claimed_amount,
	r.fund_once::numeric(14,2) AS fund_amount, f.fund_basis,
	medaudit.label_zh(f.fund_basis) AS fund_basis_zh,
	r.involved_amount::numeric(14,2) AS involved_amount, r.other_rules,
	medaudit._mask_sentence(CASE WHEN r.line_no > 0 THEN l.evidence_text
		ELSE coalesce(f.evidence_text, (SELECT i.evidence_text FROM medaudit.finding_line AS i
			WHERE i.finding_id = f.finding_id ORDER BY i.line_no LIMIT 1)) END, f.people || f.person_name) AS evidence_text,
	f.subject_kind,
	CASE WHEN f.subject_kind = 'person' THEN medaudit.mask_person_id(f.subject_id) ELSE f.subject_id END AS subject_id,
	r.judged_on, f.run_id,
	medaudit.mask_person_id(CASE WHEN r.line_no = 0 OR l.visit_id IS NOT DISTINCT FROM f.visit_id
		THEN coalesce(l.record_no, f.record_no) ELSE l.record_no END) AS record_no,
	f.department, r.physician_id, f.article_code,
	l.excess_amount::numeric(14,2) AS excess_amount,
	s.run_state, medaudit.label_zh(s.run_state) AS run_state_zh,
	EXISTS (SELECT FROM medaudit.rectification AS p WHERE p.facility_id = f.facility_id AND f.rule_code = ANY (p.rule_codes)
		AND f.judged_on >= p.accepted_on) AS recurs, medaudit.article_text(f.article_code) AS article_zh,
	medaudit.label_zh(f.subject_kind) AS subject_kind_zh, m.listed, medaudit.label_zh(m.listed) AS listed_zh
FROM (SELECT i.* FROM medaudit.ranked_line AS i WHERE i.rank IS NOT NULL ORDER BY i.rank) AS r
CROSS JOIN LATERAL (SELECT i.* FROM medaudit.finding AS i WHERE i.finding_id = r.finding_id OFFSET 0) AS f
LEFT JOIN LATERAL (SELECT i.* FROM medaudit.finding_line AS i WHERE i.finding_id = r.finding_id AND i.line_no = r.line_no OFFSET 0) AS l ON true
LEFT JOIN LATERAL (
	SELECT i.run_id, i.state FROM medaudit.run AS i
	WHERE daterange(i.from_date, i.to_date) @> f.judged_on AND i.scope = 'period' AND (i.rules IS NULL OR f.rule_code = ANY (i.rules))
	ORDER BY i.run_id DESC LIMIT 1
) AS n ON true
CROSS JOIN LATERAL (SELECT medaudit._finding_run_state(f.state, f.run_id, n.run_id, n.state)
	AS run_state) AS s
CROSS JOIN LATERAL (SELECT (SELECT i.list FROM medaudit.standing_list AS i
	WHERE i.subject_code IN (r.facility_id, f.person_id, r.physician_id) AND i.valid @> current_date
		AND i.subject_code = CASE WHEN i.subject_kind IN ('facility', 'pharmacy') THEN r.facility_id
			WHEN i.subject_kind IN ('physician', 'pharmacist') THEN r.physician_id WHEN i.subject_kind = 'person' THEN f.person_id END
	ORDER BY i.list LIMIT 1) AS listed) AS m
CROSS JOIN medaudit._own_scope AS o
WHERE CASE WHEN o.lent THEN medaudit._refuse_lent(medaudit._say('masked findings are read by whoever may read them himself'),
	medaudit._say('Where readers have a scope (medaudit.reader_scope), a view over them lends nothing: grant the level reader.')) ELSE o.everywhere OR f.facility_id = ANY (o.facilities)
	OR f.facility_region = ANY (o.regions) OR f.facility_region ~ o.parts OR medaudit._in_scope(f.facility_id, f.facility_region, o.both_of) END
ORDER BY r.rank;

COMMENT ON VIEW findings_masked IS
	'稽核发现(脱敏): findings without names, resident numbers and dates of birth; readers need no right to any table';
COMMENT ON VIEW worklist_masked IS
	'核查清单(脱敏): the worklist without names, resident numbers and dates of birth; readers need no right to any table';
