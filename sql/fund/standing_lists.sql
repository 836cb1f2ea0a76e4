-- Who is on a red or black list today (红黑名单).
--
-- Asked of each row of the worklist that is shown: a look into a small table, by an index
-- on the code, some 9 microseconds, and nothing where the table is empty.  Two of one name
-- are two; who stands on both lists is on the black one.

CREATE OR REPLACE FUNCTION _as_subject(subject_kind text, subject_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN subject_kind IN ('facility', 'pharmacy') THEN code_fold(subject_id) ELSE btrim(subject_id) END;

COMMENT ON FUNCTION _as_subject(text, text) IS
	'主体编号归一: the number of a subject as runs read it: of facilities folded, of others without blanks around';

CREATE OR REPLACE FUNCTION _fold_subject() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	NEW.subject_code := medaudit._as_subject(NEW.subject_kind, NEW.subject_code);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _fold_subject() IS
	'主体编号归一: trigger of standing_list; codes are kept as runs read them';

CREATE OR REPLACE TRIGGER fold_subject BEFORE INSERT OR UPDATE ON standing_list
	FOR EACH ROW EXECUTE FUNCTION _fold_subject();

CREATE OR REPLACE FUNCTION _listed(facility_id text, person_id text, physician_id text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT l.list FROM medaudit.standing_list AS l
		WHERE l.subject_code IN (facility_id, person_id, physician_id) AND l.valid @> current_date
			AND l.subject_code = CASE WHEN l.subject_kind IN ('facility', 'pharmacy') THEN facility_id
				WHEN l.subject_kind IN ('physician', 'pharmacist') THEN physician_id WHEN l.subject_kind = 'person' THEN person_id END
		ORDER BY l.list LIMIT 1);

COMMENT ON FUNCTION _listed(text, text, text) IS
	'名单标识: black or red where the facility, the person or the physician stands on such a list today, black before red; NULL: on none';
