-- All national rule files in one call: the tables of a schema are recognised by their
-- headers and, where these do not tell, by what stands in the first of their rows;
-- whatever they are called.  What is published first is read first, so that a
-- revision finds what it replaces.

-- What tells the sheets of one set of headers apart: 限定类型, else 备注.
CREATE OR REPLACE FUNCTION _sheet_sample(sheet regclass) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	header text;
	sample text;
BEGIN
	SELECT a.attname INTO header
	FROM pg_attribute AS a
	CROSS JOIN LATERAL (SELECT array_position('{限定类型,备注}', btrim(a.attname, ' ' || chr(65279))) AS nth) AS n
	WHERE a.attrelid = sheet AND a.attnum > 0 AND NOT a.attisdropped AND n.nth IS NOT NULL
	ORDER BY n.nth LIMIT 1;
	IF header IS NOT NULL THEN
		EXECUTE format('SELECT string_agg(s.cell, '' '') FROM (SELECT s.%1$I::text AS cell FROM %2$s AS s WHERE s.%1$I IS NOT NULL LIMIT 20) AS s',
			header, sheet) INTO sample;
	END IF;
	RETURN sample;
END
$$;

COMMENT ON FUNCTION _sheet_sample(regclass) IS
	'表页特征: the first cells of 限定类型, or of 备注 where there is none, by which sheets of the same headers are told apart; NULL where there is neither';

-- The tables of a schema that have the headers of a layout: of several that fit, the
-- one with the most headers.
CREATE OR REPLACE FUNCTION _national_sheets(directory_schema text) RETURNS TABLE (sheet regclass, layout text, role text)
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 50
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH place AS MATERIALIZED (
		SELECT c.oid::regclass AS sheet, medaudit._is_listed_sheet(c.oid::regclass) AS listed,
			medaudit._sheet_sample(c.oid::regclass) AS sample
		FROM pg_class AS c
		JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = _national_sheets.directory_schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	)
	SELECT p.sheet, f.layout, CASE WHEN p.listed THEN 'listed' ELSE f.role END
	FROM place AS p
	LEFT JOIN LATERAL (
		SELECT l.layout, r.role
		FROM medaudit.import_layout AS l
		CROSS JOIN LATERAL (VALUES ('names', l.headers), ('codes', l.code_headers)) AS r (role, headers)
		WHERE NOT p.listed AND NOT '规则名称' = ANY (r.headers) AND medaudit._import_missing_headers(p.sheet, r.headers) = '{}'
			AND (l.known_by IS NULL OR p.sample ~ l.known_by)
		ORDER BY cardinality(r.headers) DESC, l.layout LIMIT 1
	) AS f ON true;
END
$$;

COMMENT ON FUNCTION _national_sheets(text) IS
	'识别规则表页: each table of a schema with the layout whose headers it has and what it is of it: names (the sheet itself), codes (its sheet of codes), listed (one row a code, of several rules; layout NULL); layout and role NULL: none knows it';

-- What is to be read, in its order: batches 1 to 8, then sheets of one row a code by
-- the day of their publication.
CREATE OR REPLACE FUNCTION _national_steps(directory_schema text)
	RETURNS TABLE (place int, sheet regclass, codes regclass, layout text, problem text, rows bigint)
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 50
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	known record;
BEGIN
	FOR known IN
		WITH found AS MATERIALIZED (SELECT f.* FROM medaudit._national_sheets(directory_schema) AS f)
		SELECT s.*,
			(SELECT array_agg(c.sheet) FROM found AS c
				WHERE c.layout = s.layout AND c.role = CASE s.role WHEN 'names' THEN 'codes' ELSE 'names' END) AS others,
			l.rule_code, l.code_headers IS NOT NULL AS coded
		FROM found AS s
		LEFT JOIN medaudit.import_layout AS l ON l.layout = s.layout
	LOOP
		place := coalesce(substring(known.rule_code, '^national_([0-9]+)')::int, 0);
		sheet := known.sheet; layout := known.layout; codes := NULL; problem := NULL;
		IF known.role = 'listed' THEN
			RETURN QUERY EXECUTE format('SELECT 100 + d.day, %L::regclass, NULL::regclass, l.layout,
					CASE WHEN l.layout IS NULL THEN format(''no layout reads rows of "%%s"'', max(r.name)) END, sum(r.rows)::bigint
				FROM (SELECT s.name, count(*) AS rows FROM (SELECT medaudit._import_cell(to_jsonb(s), ''规则名称'') AS name FROM %1$s AS s) AS s GROUP BY s.name) AS r
				CROSS JOIN (SELECT coalesce(min(medaudit.to_time(medaudit._import_cell(to_jsonb(s), ''公布日期''))::date), ''2000-01-01'') - date ''2000-01-01'' AS day FROM %1$s AS s) AS d
				LEFT JOIN medaudit.import_layout AS l ON r.name = ANY (l.rule_names)
				GROUP BY d.day, l.layout, CASE WHEN l.layout IS NULL THEN r.name END', known.sheet);
			CONTINUE WHEN FOUND;
			problem := 'it has no rows';
		ELSIF known.role IS NULL THEN
			problem := 'its headers are those of no layout';
		ELSIF known.role = 'codes' THEN
			CONTINUE WHEN cardinality(known.others) >= 1;
			problem := 'the sheet of names that it belongs to is not there';
		ELSIF known.coded AND coalesce(cardinality(known.others), 0) <> 1 THEN
			problem := CASE WHEN known.others IS NULL THEN 'its sheet of codes is not there' ELSE 'there are several sheets of codes for it' END;
		ELSIF known.coded THEN
			codes := known.others[1];
		END IF;
		rows := NULL;
		RETURN NEXT;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _national_steps(text) IS
	'导入步骤: each sheet and layout to be read, with its sheet of codes, in the order of their publication, or why it cannot be read';

CREATE OR REPLACE PROCEDURE import_national(directory_schema text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	next record;
	shape medaudit.import_layout;
	told record;
	unread bigint;
BEGIN
	IF directory_schema IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'directory_schema');
	ELSIF to_regnamespace(quote_ident(directory_schema)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = format(medaudit._say('schema "%s" does not exist'), directory_schema);
	END IF;
	DELETE FROM medaudit.national_import AS i WHERE i.directory_schema = import_national.directory_schema;
	FOR next IN
		SELECT s.* FROM medaudit._national_steps(directory_schema) AS s
		ORDER BY s.place, s.sheet::text COLLATE "C", s.layout COLLATE "C"
	LOOP
		IF next.problem IS NOT NULL THEN
			IF next.rows IS NULL THEN
				EXECUTE format('SELECT count(*) FROM %s', next.sheet) INTO unread;
			ELSE
				unread := next.rows;
			END IF;
			INSERT INTO medaudit.national_import (directory_schema, sheet, layout, rows, refused, reasons)
			VALUES (import_national.directory_schema, next.sheet::text, next.layout, unread, unread, jsonb_build_object(next.problem, unread));
			CONTINUE;
		END IF;
		SELECT l.* INTO shape FROM medaudit.import_layout AS l WHERE l.layout = next.layout;
		INSERT INTO medaudit.national_import (directory_schema, sheet, codes, layout, rule_code, rows, points, imported, replaced,
			standing, refused, reasons)
		SELECT import_national.directory_schema, next.sheet::text, next.codes::text, next.layout, n.rule_code, n.rows, n.points,
			n.imported, n.replaced, n.standing, n.refused, n.reasons
		FROM medaudit._import_new_rows(shape, next.sheet, next.codes, NULL) AS n;
	END LOOP;
	SELECT count(DISTINCT i.sheet) FILTER (WHERE i.rule_code IS NOT NULL) AS sheets, sum(i.imported) AS imported, sum(i.replaced) AS replaced,
		sum(i.standing) AS standing, sum(i.refused) AS refused
	INTO told FROM medaudit.national_import AS i WHERE i.directory_schema = import_national.directory_schema;
	IF told.sheets = 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('schema "%s" has no sheet of the national rules'), directory_schema),
			HINT = medaudit._say('Copy the file into a table of text columns under its published headers.');
	END IF;
	RAISE NOTICE USING MESSAGE = format(medaudit._say('%s sheets: %s rows came in (%s in place of others), %s stood already, %s were left out (see medaudit.national_import)'),
		told.sheets, told.imported, told.replaced, told.standing, told.refused);
	FOR told IN
		SELECT i.rule_code, w.warning FROM (SELECT DISTINCT n.rule_code FROM medaudit.national_import AS n
			WHERE n.directory_schema = import_national.directory_schema AND n.rule_code IS NOT NULL) AS i
		CROSS JOIN LATERAL medaudit._import_idle(i.rule_code) AS w (warning) ORDER BY i.rule_code COLLATE "C"
	LOOP
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s: %s'), told.rule_code, told.warning);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE import_national(text) IS
	'导入全部国家规则: takes in every sheet of the national rule files that stands as a table in a schema, recognised by its headers, in the order of their publication, and says per sheet in national_import what came in, stood already and was left out and why; again it changes nothing; NULL is 22004, an unknown schema 3F000, one without such sheets 22023';
