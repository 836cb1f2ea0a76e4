-- How bind() reads a column of type HAVE where READING is wanted: the type in
-- which the source is given, the expression that reads it and the condition
-- under which something was there and could not be read, both with @ for the
-- column.  No row: it is not taken.
CREATE OR REPLACE FUNCTION _source_reading(reading text, have regtype)
	RETURNS TABLE (given_type text, reader text, unreadable text)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH kind AS (
		SELECT CASE
			WHEN t.typcategory IN ('S', 'E', 'X') OR t.oid = '"char"'::regtype THEN 'text'
			WHEN t.oid IN ('int2'::regtype, 'int4'::regtype) THEN 'int4'
			WHEN t.oid IN ('int8'::regtype, 'numeric'::regtype) THEN 'numeric'
			WHEN t.typname = ANY ('{_int2,_int4,_int8,_float4,_float8,_numeric}') THEN 'numeric[]'
			ELSE t.typname END AS kind
		FROM pg_type AS t WHERE t.oid = have
	), way (reading, kind, given_type, reader) AS (VALUES
		('text', 'text', 'text', 'medaudit._read_text(@)'),
		('code', 'text', 'text', 'medaudit._read_code(@)'),
		('word', 'text', 'text', 'pg_catalog.lower(medaudit._read_code(@))'),
		('time', 'text', 'text', 'medaudit.to_time(@)'),
		('time', 'timestamp', 'timestamp without time zone', 'medaudit._read_time(@)'),
		('time', 'date', 'date', 'medaudit._read_date(@)::timestamp without time zone'),
		('date', 'text', 'text', 'medaudit._read_date(@)'),
		('date', 'timestamp', 'date', 'medaudit._read_date(@)'),
		('date', 'date', 'date', 'medaudit._read_date(@)'),
		('amount', 'text', 'text', 'medaudit.to_amount(@)'),
		('amount', 'int4', 'numeric', 'medaudit._read_amount(@)'),
		('amount', 'numeric', 'numeric', 'medaudit._read_amount(@)'),
		('amount', 'float4', 'real', 'medaudit._read_amount(@)'),
		('amount', 'float8', 'double precision', 'medaudit._read_amount(@)'),
		('quantity', 'text', 'text', 'medaudit._read_quantity(@)'),
		('quantity', 'int4', 'numeric', 'medaudit._read_quantity(@)'),
		('quantity', 'numeric', 'numeric', 'medaudit._read_quantity(@)'),
		('quantity', 'float4', 'real', 'medaudit._read_quantity(@)'),
		('quantity', 'float8', 'double precision', 'medaudit._read_quantity(@)'),
		('integer', 'text', 'text', 'medaudit._read_integer(@)'),
		('integer', 'int4', 'integer', '@'),
		('integer', 'numeric', 'numeric', 'medaudit._read_integer(@)'),
		('integer', 'float4', 'numeric', 'medaudit._read_integer(@)'),
		('integer', 'float8', 'numeric', 'medaudit._read_integer(@)'),
		('flag', 'text', 'text', 'medaudit.to_flag(@)'),
		('flag', 'bool', 'boolean', '@'),
		('flag', 'int4', 'text', 'medaudit.to_flag(@)'),
		('flag', 'numeric', 'text', 'medaudit.to_flag(@)'),
		('period', 'text', 'text', 'medaudit._read_period(@)'),
		('period', 'daterange', 'daterange', 'medaudit._read_period(@)'),
		('weights', 'numeric[]', 'numeric[]', 'medaudit._read_weights(@)')
	), chosen AS (
		SELECT k.kind, w.given_type,
			-- a level code as text becomes the class that rules by level count
			CASE WHEN _source_reading.reading = 'rank' AND k.kind = 'text'
				THEN 'medaudit.facility_rank(medaudit._read_text(@))' ELSE w.reader END AS reader
		FROM kind AS k
		JOIN way AS w ON w.kind = k.kind AND w.reading = CASE _source_reading.reading
			WHEN 'end' THEN 'time' WHEN 'rank' THEN 'integer' ELSE _source_reading.reading END
		UNION ALL
		-- anything is text, but for times that depend on the zone of the session
		SELECT k.kind, 'text', '@' FROM kind AS k
		WHERE _source_reading.reading IN ('text', 'code', 'word') AND k.kind NOT IN ('text', 'timestamptz', 'timetz')
	)
	SELECT c.given_type, c.reader, CASE
		WHEN _source_reading.reading IN ('text', 'code', 'word') OR c.reader = '@' THEN NULL
		ELSE concat('(@ IS NOT NULL AND ', c.reader, ' IS NULL',
			CASE WHEN c.given_type = 'text' THEN ' AND medaudit._read_text(@) IS NOT NULL' END,
			CASE WHEN _source_reading.reading = 'end' THEN ' AND NOT medaudit._time_is_open(@)' END, ')')
		END
	FROM chosen AS c
$$;

COMMENT ON FUNCTION _source_reading(text, regtype) IS
	'读取规则: how a source column of a type is read by bind(): the type that it is given in, the expression that reads it and the condition under which it could not be read; no row for a type that is refused, and for NULL';

-- The type of an expression over a source, which is parsed only: planning it
-- would run functions in it before anybody has looked whose they are.
CREATE OR REPLACE FUNCTION _source_expression_type(source regclass, expression text)
	RETURNS regtype
	AS 'MODULE_PATHNAME', 'medaudit_expression_type'
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _source_expression_type(regclass, text) IS
	'表达式类型: type of an SQL expression over a source, of a domain its base type, without running any of it; the parser''s own error for one that cannot be read, 42601 for what is no expression. NULL for NULL';

CREATE OR REPLACE FUNCTION _source_expression_zoned(source regclass, expression text)
	RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_expression_zoned'
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _source_expression_zoned(regclass, text) IS
	'是否随时区变化: whether an SQL expression over a source turns a time with zone into something else by the time zone of the session (ts::timestamp, ts::date, to_char(ts, …)), without running any of it; NULL for NULL';

CREATE OR REPLACE FUNCTION _check_query(query text) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_check_query'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _check_query(text) IS
	'检查查询: 42601 for text that is not exactly one SELECT; nothing of it is run';

CREATE OR REPLACE FUNCTION _check_trusted(relation text) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_check_trusted'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _check_trusted(text) IS
	'检查可信: 42501 where reading medaudit_data.<relation> would run a function or operator, in whatever view, domain, row policy, index, check, statistics or partition key, that is neither the current user''s nor a superuser''s nor the extension owner''s; what was looked at stays locked until the end of the transaction. Nothing for a relation that is not bound';

CREATE OR REPLACE FUNCTION _check_source(source regclass) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_check_source'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _check_source(regclass) IS
	'检查来源可信: _check_trusted() of a table or view that is not bound';

CREATE OR REPLACE FUNCTION _check_trusted() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._check_trusted(c.relation)
	FROM (SELECT DISTINCT i.relation FROM medaudit.relation_column AS i ORDER BY i.relation) AS c
$$;

COMMENT ON FUNCTION _check_trusted() IS
	'检查可信: _check_trusted() of every relation';

CREATE OR REPLACE FUNCTION _untrusted(relation text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_untrusted'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _untrusted(text) IS
	'不可信对象: what _check_trusted(relation) refuses, in words; NULL: nothing';

-- The column or expression that is to give a canonical column.
CREATE OR REPLACE FUNCTION _source_expression(source regclass, columns jsonb, column_name text)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = source AND a.attname = g.given AND a.attnum > 0 AND NOT a.attisdropped)
		THEN quote_ident(g.given)
		WHEN columns OPERATOR(?) column_name THEN g.given END
	-- JSON null says: leave it out, even where the source has the name
	FROM (SELECT CASE WHEN columns OPERATOR(?) column_name
		THEN columns OPERATOR(->>) column_name ELSE column_name END AS given) AS g
$$;

COMMENT ON FUNCTION _source_expression(regclass, jsonb, text) IS
	'来源表达式: the quoted column of the source, else the expression, that columns gives for a canonical column; NULL: none';

-- Where each canonical column of a relation comes from, and what is wrong.  Like
-- all that bind() calls and that parses what was given, it has the path of whoever
-- binds: an operator between types that have none of their own there (regtype,
-- regclass) names its schema, or one that somebody planted would fit better.
CREATE OR REPLACE FUNCTION _source_columns(relation text, source regclass, columns jsonb)
	RETURNS SETOF medaudit.source_column
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 20
AS $$
DECLARE
	item medaudit.source_column;
	given pg_catalog.text;
BEGIN
	FOR item IN
		SELECT c.column_name, c.type, c.required, c.reading,
			medaudit._source_expression(source, columns, c.column_name)
		FROM medaudit.relation_column AS c
		WHERE c.relation = _source_columns.relation
		ORDER BY c.position
	LOOP
		IF item.expression IS NULL AND item.required THEN
			item.problem := pg_catalog.format(medaudit._say('%s: missing, %s is wanted'),
				item.column_name, item.type);
			item.problem_state := '42703';
		ELSIF item.expression IS NOT NULL THEN
			given := coalesce(columns OPERATOR(pg_catalog.->>) item.column_name, item.column_name);
			BEGIN
				item.have := medaudit._source_expression_type(source, item.expression);
				SELECT r.given_type, r.reader, r.unreadable
				INTO item.given_type, item.reader, item.unreadable
				FROM medaudit._source_reading(item.reading, item.have) AS r;
				IF item.reader IS NULL THEN
					item.problem := pg_catalog.format(medaudit._say('%s: "%s" is %s, %s is wanted'),
						item.column_name, given, item.have, item.type);
					item.problem_state := '42804';
				ELSIF medaudit._source_expression_zoned(source, item.expression) THEN
					item.have := 'pg_catalog.timestamptz'::pg_catalog.regtype;
					item.problem := pg_catalog.format(medaudit._say('%s: "%s" is another value in each time zone'),
						item.column_name, given);
					item.problem_state := '42804';
				END IF;
			EXCEPTION WHEN insufficient_privilege THEN
				RAISE;
			WHEN OTHERS THEN
				item.problem := pg_catalog.format(medaudit._say('%s: "%s" cannot be read (%s)'),
					item.column_name, given, SQLERRM);
				item.problem_state := SQLSTATE;
				item.expression := NULL;
			END;
		END IF;
		RETURN NEXT item;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _source_columns(text, regclass, jsonb) IS
	'列来源: how bind() would fill each canonical column of a relation from a source, and what is wrong; no rows for an unknown relation';

-- Only its owner makes a view anew.
CREATE OR REPLACE PROCEDURE _check_view_owner(view_name text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	made regclass := to_regclass('medaudit_data.' || quote_ident(view_name));
BEGIN
	IF (SELECT NOT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = made) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('%s was made by somebody else'), made),
			HINT = format(medaudit._say('Its owner binds again, or hands it on: ALTER VIEW %s OWNER TO %I.'), made, current_user);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_view_owner(text) IS
	'检查视图所有者: 42501 where a view of medaudit_data is there and somebody else''s';

-- The arguments of bind() that are wrong whatever the source holds.
CREATE OR REPLACE PROCEDURE _check_bind_arguments(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF relation IS NULL OR source IS NULL OR columns IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004',
			MESSAGE = format(medaudit._say('%s must not be null'),
				CASE WHEN relation IS NULL THEN 'relation'
					WHEN source IS NULL THEN 'source' ELSE 'columns' END);
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit.relation_column AS c
			WHERE c.relation = _check_bind_arguments.relation) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('relation "%s" is not known'), relation),
			HINT = format(medaudit._say('The relations are %s.'),
				(SELECT string_agg(DISTINCT c.relation, ', ')
					FROM medaudit.relation_column AS c));
	END IF;
	IF NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = source
			AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) THEN
		RAISE EXCEPTION USING ERRCODE = '42809',
			MESSAGE = format(medaudit._say('"%s" is not a table or view'), replace(source::text, '"', ''));
	END IF;
	IF source = to_regclass(
			'medaudit_data.' || quote_ident(relation)) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(
				medaudit._say('relation "%s" cannot be bound to its own view'), relation);
	END IF;
	CALL medaudit._check_view_owner(relation);
	IF jsonb_typeof(columns) <> 'object' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = medaudit._say('columns must be a JSON object'),
			HINT = medaudit._say('Write {"canonical name": "column or SQL expression"}.');
	END IF;
	SELECT string_agg(e.key, ', ' ORDER BY e.key) INTO unknown
	FROM jsonb_each(columns) AS e
	WHERE jsonb_typeof(e.value) NOT IN ('string', 'null');
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(
				medaudit._say('columns must name each column by a string: %s'), unknown);
	END IF;
	SELECT string_agg(k, ', ' ORDER BY k) INTO unknown
	FROM jsonb_object_keys(columns) AS k
	WHERE NOT EXISTS (SELECT FROM medaudit.relation_column AS c
		WHERE c.relation = _check_bind_arguments.relation AND c.column_name = k);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = format(medaudit._say('relation "%s" has no column %s'),
				relation, unknown),
			HINT = format(medaudit._say('Its columns are %s.'), (
				SELECT string_agg(c.column_name, ', ' ORDER BY c.position)
				FROM medaudit.relation_column AS c
				WHERE c.relation = _check_bind_arguments.relation));
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_bind_arguments(text, regclass, jsonb) IS
	'检查绑定参数: 22004, 22023, 42501, 42703 or 42809 for arguments that bind() cannot take';

-- One error for everything that is wrong with the columns of a source.
CREATE OR REPLACE PROCEDURE _check_source_columns(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
AS $$
DECLARE
	names text;
	problems text;
	state text;
	zoned bool;
	near text;
	casts pg_catalog.jsonb;
BEGIN
	SELECT pg_catalog.string_agg(s.column_name, ', '),
		pg_catalog.string_agg(s.problem, E'\n'),
		coalesce(pg_catalog.min(s.problem_state) FILTER (WHERE s.problem_state = '42703'),
			pg_catalog.min(s.problem_state)),
		coalesce(pg_catalog.bool_or(s.have OPERATOR(pg_catalog.=) 'pg_catalog.timestamptz'::pg_catalog.regtype), false),
		pg_catalog.string_agg(n.near, ', ') FILTER (WHERE n.near OPERATOR(pg_catalog.<>) ''),
		-- 20250301 as a number
		pg_catalog.jsonb_object_agg(s.column_name, pg_catalog.format('(%s)::text', s.expression)) FILTER (WHERE s.reading OPERATOR(pg_catalog.=) ANY ('{time,end,date}'::pg_catalog.text[])
			AND s.have OPERATOR(pg_catalog.=) ANY ('{pg_catalog.int4,pg_catalog.int8,pg_catalog.numeric}'::pg_catalog.regtype[]))
	INTO names, problems, state, zoned, near, casts
	FROM medaudit._source_columns(relation, source, columns) AS s
	CROSS JOIN LATERAL (SELECT CASE WHEN s.problem_state OPERATOR(pg_catalog.=) '42703' THEN pg_catalog.array_to_string(
		medaudit._near_names(columns OPERATOR(pg_catalog.->>) s.column_name, ARRAY(SELECT a.attname::pg_catalog.text
			FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) source AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped)), ', ') END AS near) AS n
	WHERE s.problem IS NOT NULL;
	IF problems IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = state,
			MESSAGE = pg_catalog.format(medaudit._say('"%s" cannot be bound as "%s": %s'),
				pg_catalog.replace(source::pg_catalog.text, '"', ''), relation, names),
			DETAIL = problems,
			HINT = pg_catalog.concat_ws(' ', CASE WHEN near IS NOT NULL THEN pg_catalog.format(medaudit._say('Perhaps you mean %s.'), near) END, CASE WHEN zoned
				THEN medaudit._say('A time with zone is another time in each session: write it as local time, in columns: {"charged_at": "fee_time AT TIME ZONE ''Asia/Shanghai''"}.')
				WHEN casts IS NOT NULL THEN pg_catalog.format(medaudit._say('A number is read as a time by its text: %s.'), casts)
				ELSE medaudit._say('Name each column, or an expression, in columns: {"amount": "fee - discount"}. Text is read softly, without a cast.') END);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_source_columns(text, regclass, jsonb) IS
	'检查来源列: one error that lists every missing or wrongly typed column of a source';

CREATE OR REPLACE PROCEDURE _check_row_filter(source regclass, row_filter text)
	LANGUAGE plpgsql
AS $$
DECLARE
	have regtype;
BEGIN
	BEGIN
		have := medaudit._source_expression_type(source, row_filter);
	EXCEPTION WHEN OTHERS THEN
		RAISE EXCEPTION USING ERRCODE = SQLSTATE,
			MESSAGE = pg_catalog.format(medaudit._say('row_filter "%s" cannot be read: %s'),
				row_filter, SQLERRM);
	END;
	IF have OPERATOR(pg_catalog.<>) 'pg_catalog.bool'::pg_catalog.regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = pg_catalog.format(medaudit._say('row_filter is %s, boolean is wanted'), have);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_row_filter(regclass, text) IS
	'检查行过滤: an error for a row_filter that is no condition over the source';

-- A type of PostgreSQL's own, whatever else is called so on somebody's path.
CREATE OR REPLACE FUNCTION _type_name(type text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT 'pg_catalog.' || quote_ident(t.typname)
	FROM pg_type AS t WHERE t.oid = type::regtype
$$;

COMMENT ON FUNCTION _type_name(text) IS
	'类型全名: a built-in type with its schema; NULL for NULL';

-- Where Citus has spread lines by the person whose they are, the column as it stands: what
-- is grouped by it is put together where the lines lie, and a column that was read is not it.
CREATE OR REPLACE FUNCTION _source_spread_by(relation text, source regclass, columns jsonb) RETURNS SETOF medaudit.source_column
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 1
AS $$
DECLARE
	item medaudit.source_column;
	spread_by text;
BEGIN
	IF relation OPERATOR(pg_catalog.<>) 'charge'::pg_catalog.text OR pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NULL THEN
		RETURN;
	END IF;
	SELECT pg_catalog.quote_ident(pg_catalog.column_to_column_name(p.logicalrelid, p.partkey)) INTO spread_by
	FROM pg_catalog.pg_dist_partition AS p
	WHERE p.logicalrelid OPERATOR(pg_catalog.=) source AND p.partmethod OPERATOR(pg_catalog.=) 'h'::pg_catalog."char";
	SELECT s.* INTO item FROM medaudit._source_columns(relation, source, columns) AS s
	WHERE s.column_name OPERATOR(pg_catalog.=) 'person_id'::pg_catalog.text AND s.expression OPERATOR(pg_catalog.=) spread_by;
	IF FOUND THEN
		item.column_name := 'source_person';
		item.given_type := item.have::pg_catalog.text;
		item.reader := '@';
		item.unreadable := NULL;
		RETURN NEXT item;
	END IF;
END
$$;

COMMENT ON FUNCTION _source_spread_by(text, regclass, jsonb) IS
	'分布列: the column source_person of charge, where Citus has spread its source by what is bound as person_id; no row elsewhere';

-- The rows of a source under canonical names, as they stand there.  The text of a
-- view is parsed on the path of whoever binds, for his expressions need it: what is
-- not his names its schema.
CREATE OR REPLACE FUNCTION _source_given(source regclass, columns medaudit.source_column[], row_filter text)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format(E'SELECT %s\nFROM %s%s',
		-- one collation, whatever the source has: columns meet, and a view keeps its own
		string_agg(format(E'(%s\n)::%s%s AS %I', c.expression, medaudit._type_name(c.given_type),
			CASE WHEN c.given_type = 'text' AND c.column_name <> 'source_person' THEN ' COLLATE pg_catalog."default"' END, c.column_name), ', ' ORDER BY c.ordinality),
		(SELECT format('%I.%I', s.nspname, t.relname)
			FROM pg_class AS t JOIN pg_namespace AS s ON s.oid = t.relnamespace
			WHERE t.oid = source),
		E'\nWHERE (' || row_filter || E'\n)')
	FROM unnest(columns) WITH ORDINALITY AS c
	WHERE c.expression IS NOT NULL
$$;

COMMENT ON FUNCTION _source_given(regclass, medaudit.source_column[], text) IS
	'来源行: the query that gives the rows of a source under canonical names, not read yet';

-- The names of what could not be read in a row of _source_given(): where all
-- could, one condition after another says so and nothing is made.
CREATE OR REPLACE FUNCTION _source_unreadable(columns medaudit.source_column[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN count(*) = 0 THEN 'NULL::pg_catalog.text[]' ELSE format('CASE WHEN %s THEN pg_catalog.array_remove(ARRAY[%s]::pg_catalog.text[], NULL) END',
		string_agg(t.told, ' OR ' ORDER BY t.n),
		string_agg(format('CASE WHEN %s THEN %L END', t.told, t.column_name), ', ' ORDER BY t.n)) END
	FROM (
		SELECT c.ordinality AS n, c.column_name,
			replace(c.unreadable, '@', 'given.' || quote_ident(c.column_name)) AS told
		FROM unnest(columns) WITH ORDINALITY AS c
		WHERE c.expression IS NOT NULL AND c.unreadable IS NOT NULL
	) AS t
$$;

COMMENT ON FUNCTION _source_unreadable(medaudit.source_column[]) IS
	'未读列: the expression over _source_given() that names the columns of a row that could not be read';

-- The time of a charge as the source has it, where that is a plain column of days
-- or times: in it a condition meets the source's own column, and partitions by
-- time need not be opened, which what is read softly hides.  Else the time as read.
-- A view keeps the types of its columns.
CREATE OR REPLACE FUNCTION _source_time(source regclass, charged_at medaudit.source_column) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN NOT k.plain THEN format('(%s)::%s', replace(charged_at.reader, '@', 'given.charged_at'), medaudit._type_name(k.type::text))
		WHEN charged_at.given_type::regtype = k.type THEN 'given.charged_at'
		ELSE format('given.charged_at::%s', medaudit._type_name(k.type::text)) END
	FROM (
		SELECT p.plain, coalesce((SELECT a.atttypid::regtype FROM pg_attribute AS a
				WHERE a.attrelid = to_regclass('medaudit_data.charge') AND a.attname = 'source_time' AND NOT a.attisdropped),
			CASE WHEN p.plain THEN charged_at.given_type::regtype ELSE 'timestamp'::regtype END) AS type
		FROM (SELECT charged_at.given_type IN ('date', 'timestamp without time zone') AND EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = source AND quote_ident(a.attname) = charged_at.expression AND a.attnum > 0) AS plain) AS p
	) AS k
$$;

COMMENT ON FUNCTION _source_time(regclass, medaudit.source_column) IS
	'来源时间: the expression over _source_given() of the column source_time of charge; NULL for a column that is missing';

-- Where a column of a view stands: those that it has stay where they are, for it
-- is replaced and not made anew; what came to the dictionary since comes last.
CREATE OR REPLACE FUNCTION _view_place(relation text, column_name text, otherwise bigint) RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce((SELECT a.attnum FROM pg_attribute AS a
		WHERE a.attrelid = to_regclass('medaudit_data.' || quote_ident(relation)) AND a.attname = column_name
			AND a.attnum > 0 AND NOT a.attisdropped), 10000 + otherwise)
$$;

COMMENT ON FUNCTION _view_place(text, text, bigint) IS
	'列位置: where a column of a bound view stands, or, of one that is new to it, 10000 and its place among these';

-- The text of the view.  Lines without an identifier are numbered within
-- their visit, in an order that does not depend on how they are stored.
CREATE OR REPLACE FUNCTION _source_view(relation text, source regclass, columns jsonb,
	row_filter text) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	RETURN (
		WITH picked AS MATERIALIZED (
			SELECT row_number() OVER () AS n, s AS item, s.*
			FROM medaudit._source_columns(relation, source, columns) AS s
			UNION ALL
			SELECT 1002, s, s.* FROM medaudit._source_spread_by(relation, source, columns) AS s
		), shown AS MATERIALIZED (
			SELECT medaudit._view_place(relation, c.column_name, c.n) AS place, c.column_name, c.expression
			FROM (
				SELECT p.n, p.column_name, CASE WHEN p.expression IS NULL THEN 'NULL::' || medaudit._type_name(p.type)
					ELSE replace(p.reader, '@', 'given.' || quote_ident(p.column_name)) END AS expression
				FROM picked AS p
				-- whose a line is, is what a join with visits says, unless the source does
				WHERE p.expression IS NOT NULL OR relation <> 'charge' OR p.column_name <> 'person_id'
					OR medaudit._view_place(relation, p.column_name, p.n) < 10000
				UNION ALL
				SELECT 1000, 'unreadable', medaudit._source_unreadable(array_agg(p.item ORDER BY p.n)) FROM picked AS p
				UNION ALL
				SELECT 1001, 'source_time', medaudit._source_time(source, p.item) FROM picked AS p
				WHERE relation = 'charge' AND p.column_name = 'charged_at'
			) AS c
		), inside AS (
			SELECT format(E'SELECT %s\nFROM (%s) AS given',
				(SELECT string_agg(format('%s AS %I', s.expression, s.column_name), ', ' ORDER BY s.place) FROM shown AS s),
				medaudit._source_given(source, array_agg(p.item ORDER BY p.n), row_filter)) AS query
			FROM picked AS p
		)
		SELECT CASE WHEN relation = 'charge' AND EXISTS (SELECT FROM picked AS p
				WHERE p.column_name = 'line_id' AND p.expression IS NULL)
			THEN format('SELECT %s FROM (%s) AS line', (
				SELECT string_agg(CASE s.column_name WHEN 'line_id' THEN
					'pg_catalog.row_number() OVER (PARTITION BY line.visit_id ORDER BY line.charged_at, line.item_code COLLATE "C", line.quantity, line.amount, line.claimed, line.department COLLATE "C", line.unreadable COLLATE "C")::pg_catalog.text AS line_id'
					ELSE format('line.%I', s.column_name) END, ', ' ORDER BY s.place)
				FROM shown AS s), inside.query)
			ELSE inside.query END
		FROM inside);

COMMENT ON FUNCTION _source_view(text, regclass, jsonb, text) IS
	'视图定义: the query of the view that bind() makes';

-- Types that say less than the hospital did.
CREATE OR REPLACE PROCEDURE _warn_of_types(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
AS $$
DECLARE
	floating text;
	numbered text;
BEGIN
	SELECT pg_catalog.string_agg(s.column_name, ', ') FILTER (WHERE s.reading IN ('amount', 'quantity')
			AND s.have OPERATOR(pg_catalog.=) ANY ('{pg_catalog.float4,pg_catalog.float8}'::pg_catalog.regtype[])),
		pg_catalog.string_agg(s.column_name, ', ') FILTER (WHERE s.reading = 'code' AND t.typcategory = 'N')
	INTO floating, numbered
	FROM medaudit._source_columns(relation, source, columns) AS s
	JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) s.have;
	IF floating IS NOT NULL THEN
		RAISE WARNING USING MESSAGE = pg_catalog.format(medaudit._say('"%s": numbers in floating point are not exact: %s'), relation, floating),
			HINT = medaudit._say('Each is taken as its shortest text says. Let the warehouse keep them as numeric.');
	END IF;
	IF numbered IS NOT NULL THEN
		RAISE WARNING USING MESSAGE = pg_catalog.format(medaudit._say('"%s": codes kept as numbers have lost their leading zeros: %s'), relation, numbered),
			HINT = medaudit._say('Rules know a code with its zeros: bind the text of it, or write pg_catalog.lpad(code::text, n, ''0'').');
	END IF;
END
$$;

COMMENT ON PROCEDURE _warn_of_types(text, regclass, jsonb) IS
	'类型提醒: a warning of money in floating point, and one of codes in numbers';

-- The columns by which a row is known to people, in order.
CREATE OR REPLACE FUNCTION _relation_key(relation text) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE relation WHEN 'person' THEN '{person_id}'::text[] WHEN 'facility' THEN '{facility_id}'
		WHEN 'visit' THEN '{visit_id}' WHEN 'diagnosis' THEN '{visit_id,diagnosis_code}'
		WHEN 'charge' THEN '{visit_id,line_id}' WHEN 'item' THEN '{item_code}'
		WHEN 'swipe' THEN '{facility_id,terminal_id,swiped_at}' WHEN 'stock_move' THEN '{facility_id,product_code}'
		WHEN 'budget' THEN '{facility_id}' WHEN 'change' THEN '{visit_id,changed_at}' WHEN 'manual_claim' THEN '{claim_id}'
		WHEN 'certificate' THEN '{person_id,disease_code}' WHEN 'facility_item' THEN '{facility_id,item_code}'
		WHEN 'operation' THEN '{visit_id,operation_code}' WHEN 'physician' THEN '{physician_id}' WHEN 'fund_income' THEN '{fund,period}' WHEN 'enrolment' THEN '{person_id}' END;

COMMENT ON FUNCTION _relation_key(text) IS
	'关系标识列: the columns by which a row of a relation is told to people; NULL for an unknown relation';

-- What stands for a value before people who may not read it.
CREATE OR REPLACE FUNCTION _source_example(relation text, column_name text, value text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN column_name IN ('resident_id', 'phone', 'card_id', 'payee_account') THEN mask_id(value)
		-- codes and numbers of rows may be as long as the number of a person: the valid ones are masked
		WHEN column_name ~ '_code$' OR column_name IN ('visit_id', 'line_id', 'original_line_id', 'facility_id',
				'prescription_id', 'referral_visit_id', 'continues_visit_id', 'swipe_id', 'claim_id', 'invoice_no', 'trace_code', 'batch_no') THEN "left"(mask_numbers(value), 80)
		-- in any other column it may stand misspelt
		WHEN value ~ '[0-9]{15}' THEN mask_id(value)
		WHEN column_name = 'address' THEN mask_address(value)
		-- of a date of birth or death its form is told
		WHEN column_name IN ('birth_date', 'death_date') THEN regexp_replace(regexp_replace("left"(value, 40), '[0-9]', '9', 'g'), '[^0-9 :./年月日+-]', 'x', 'g')
		WHEN relation IN ('person', 'physician') AND column_name = 'name' THEN mask_name(value)
		ELSE "left"(value, 80) END;

COMMENT ON FUNCTION _source_example(text, text, text) IS
	'示例值: a value of a canonical column for showing: numbers of persons and cards, telephones, addresses and names masked, of dates of birth the form, codes as they are; NULL for NULL';

-- What could not be read, among so many rows as a reader waits for.
CREATE OR REPLACE FUNCTION _source_unread(relation text, source regclass, columns jsonb, row_filter text,
	row_limit bigint DEFAULT 100000)
	RETURNS TABLE (column_name text, count bigint, examples text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 5
AS $$
DECLARE
	picked medaudit.source_column[] := ARRAY(
		SELECT s FROM medaudit._source_columns(_source_unread.relation, source, _source_unread.columns) AS s
		WHERE s.unreadable IS NOT NULL OR s.column_name = ANY (medaudit._relation_key(_source_unread.relation)));
BEGIN
	RETURN QUERY EXECUTE pg_catalog.format($query$
		SELECT b.name, pg_catalog.count(*), pg_catalog.string_agg(pg_catalog.format('"%%s" (%%s)', b.said, b.key),
			', ' ORDER BY b.key COLLATE "C", b.said COLLATE "C") FILTER (WHERE b.n <= 3)
		FROM (
			SELECT u.name, medaudit._source_example(%1$L, u.name, pg_catalog.left(r.row OPERATOR(pg_catalog.->>) u.name, 40)) AS said, k.key,
				pg_catalog.row_number() OVER (PARTITION BY u.name
					ORDER BY k.key COLLATE "C", r.row OPERATOR(pg_catalog.->>) u.name COLLATE "C") AS n
			-- only a row of which something is told is taken apart
			FROM (SELECT CASE WHEN t.unreadable IS NOT NULL THEN pg_catalog.to_jsonb(given) END AS row, t.unreadable
				FROM (%3$s LIMIT %4$s) AS given CROSS JOIN LATERAL (SELECT %2$s AS unreadable OFFSET 0) AS t) AS r
			CROSS JOIN LATERAL pg_catalog.unnest(r.unreadable) AS u (name)
			CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(coalesce(medaudit._source_example(%1$L, i.name, nullif(pg_catalog.btrim(r.row OPERATOR(pg_catalog.->>) i.name), '')), '-'), ', ' ORDER BY i.n) AS key
				FROM pg_catalog.unnest(%5$L::text[]) WITH ORDINALITY AS i (name, n)
				WHERE r.row OPERATOR(pg_catalog.?) i.name) AS k
		) AS b GROUP BY b.name ORDER BY pg_catalog.array_position(%6$L::text[], b.name)$query$,
		_source_unread.relation, medaudit._source_unreadable(picked), medaudit._source_given(source, picked, row_filter), row_limit,
		medaudit._relation_key(_source_unread.relation), ARRAY(SELECT p.column_name FROM pg_catalog.unnest(picked) AS p));
END
$$;

COMMENT ON FUNCTION _source_unread(text, regclass, jsonb, text, bigint) IS
	'未读值: by canonical column how many values among the first rows of a source cannot be read, with the first three of them and whose they are';

-- Warns of what cannot be read.  Who may bind and not read is told nothing.
CREATE OR REPLACE PROCEDURE _warn_of_unread(relation text, source regclass, columns jsonb, row_filter text)
	LANGUAGE plpgsql
AS $$
DECLARE
	told text;
	names text;
BEGIN
	SELECT pg_catalog.string_agg(pg_catalog.concat(u.column_name, ' ', u.count), ', '),
		pg_catalog.string_agg(u.column_name || ': ' || u.examples, E'\n')
	INTO names, told
	FROM medaudit._source_unread(relation, source, columns, row_filter) AS u;
	IF names IS NOT NULL THEN
		RAISE WARNING USING MESSAGE = pg_catalog.format(medaudit._say('"%s": values that cannot be read are unknown: %s'), relation, names),
			DETAIL = told,
				HINT = pg_catalog.format(medaudit._say('Up to 100000 rows were looked at. Column unreadable of medaudit_data.%s names them in every row.'), relation);
	END IF;
EXCEPTION
	WHEN insufficient_privilege THEN
		NULL;
	WHEN OTHERS THEN
		RAISE WARNING USING MESSAGE = pg_catalog.format(medaudit._say('"%s": its rows cannot be read: %s'), relation, SQLERRM),
			HINT = medaudit._say('A run would stop here. In expressions use medaudit.to_time(), to_amount() and to_flag() instead of casts.');
END
$$;

COMMENT ON PROCEDURE _warn_of_unread(text, regclass, jsonb, text) IS
	'未读提醒: one warning that lists the columns of a relation with values that cannot be read';

CREATE OR REPLACE PROCEDURE _describe_view(relation text, source regclass)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	EXECUTE format('COMMENT ON VIEW medaudit_data.%I IS %L', relation,
		'数据视图: made by medaudit.bind() from ' || source::text);
	FOR item IN
		SELECT c.column_name, concat(c.name_zh, ': ',
			concat_ws(', ', c.type, c.unit, c.national_field, c.note)) AS text
		FROM medaudit.relation_column AS c
		WHERE c.relation = _describe_view.relation
		UNION ALL
		SELECT 'unreadable', '未读列: canonical names of the columns of this row whose value could not be read; NULL: all could'
		UNION ALL
		SELECT 'source_time', '来源时间: charged_at as the source has it where that is a plain column of dates or times, also where it cannot be meant; conditions on it reach the partitions of the source'
		WHERE _describe_view.relation = 'charge'
		UNION ALL
		SELECT 'source_person', '分布列: person_id as the source has it, by which Citus has spread it; what is grouped by it is put together on its servers'
		WHERE _describe_view.relation = 'charge'
	LOOP
		CONTINUE WHEN medaudit._view_place(relation, item.column_name, 0) >= 10000;
		EXECUTE format('COMMENT ON COLUMN medaudit_data.%I.%I IS %L',
			relation, item.column_name, item.text);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _describe_view(text, regclass) IS
	'视图说明: comments of a bound view and its columns';

CREATE OR REPLACE PROCEDURE bind(relation text, source regclass, columns jsonb DEFAULT '{}',
	row_filter text DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	query text;
BEGIN
	CALL medaudit._check_bind_arguments(relation, source, columns);
	CALL medaudit._check_source_columns(relation, source, columns);
	IF row_filter IS NOT NULL THEN
		CALL medaudit._check_row_filter(source, row_filter);
	END IF;

	-- Nothing of what was given has been run so far, and nothing is before it is
	-- known whose functions it calls: the row of binding may be anybody's.
	query := medaudit._source_view(relation, source, columns, row_filter);
	PERFORM medaudit._check_query(query);
	EXECUTE pg_catalog.format(
		'CREATE OR REPLACE VIEW medaudit_data.%I WITH (security_invoker = true) AS %s', relation, query);
	PERFORM medaudit._check_trusted(relation);
	CALL medaudit._describe_view(relation, source);

	INSERT INTO medaudit.binding AS b (relation, source, columns, row_filter, bound)
	SELECT bind.relation, pg_catalog.format('%I.%I', n.nspname, c.relname),
		bind.columns, bind.row_filter, ARRAY(
			SELECT s.column_name
			FROM medaudit._source_columns(bind.relation, bind.source, bind.columns) AS s
			WHERE s.expression IS NOT NULL)
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE c.oid OPERATOR(pg_catalog.=) bind.source
	ON CONFLICT ON CONSTRAINT binding_pkey DO UPDATE
	SET source = excluded.source, columns = excluded.columns,
		row_filter = excluded.row_filter, bound = excluded.bound,
		bound_by = excluded.bound_by, bound_at = excluded.bound_at;

	CALL medaudit._give_levels(relation => pg_catalog.format('medaudit_data.%I', bind.relation)::pg_catalog.regclass);
	CALL medaudit._warn_of_types(relation, source, columns);
	CALL medaudit._warn_of_unread(relation, source, columns, row_filter);
END
$$;

COMMENT ON PROCEDURE bind(text, regclass, jsonb, text) IS
	'绑定数据: makes the view medaudit_data.<relation> over a table or view of the warehouse; columns maps canonical names to columns or SQL expressions, same-named columns are taken by themselves, JSON null leaves one out. Text is read softly: what cannot be read is NULL, named in the column unreadable and told in a warning. One error lists every missing (42703) or wrongly typed (42804) column; NULL relation, source or columns is 22004; a function or operator of a third role is 42501';

CREATE OR REPLACE PROCEDURE rebind()
	LANGUAGE plpgsql
AS $$
DECLARE
	item medaudit.binding;
	detail text;
	failed text;
BEGIN
	FOR item IN SELECT * FROM medaudit.binding AS b ORDER BY b.relation LOOP
		BEGIN
			CALL medaudit.bind(item.relation, item.source::pg_catalog.regclass,
				item.columns, item.row_filter);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			RAISE WARNING USING ERRCODE = SQLSTATE,
				MESSAGE = pg_catalog.format(medaudit._say('relation "%s" was not bound: %s'),
					item.relation, SQLERRM),
				DETAIL = detail;
			failed := pg_catalog.concat_ws(', ', failed, item.relation);
		END;
	END LOOP;
	IF failed IS NOT NULL THEN
		RAISE WARNING USING MESSAGE = pg_catalog.format(medaudit._say('not bound: %s'), failed),
			HINT = medaudit._say('The other relations are bound. Call bind() for these.');
	END IF;
END
$$;

COMMENT ON PROCEDURE rebind() IS
	'重新绑定: makes every bound view again from medaudit.binding, as after a restore or a change of the warehouse; a relation that cannot be bound is a warning and does not stop the rest';

-- The canonical columns that each relation gives now.  A view made by hand
-- under a relation's name counts with the columns that it has.  Asked often: it is
-- planned once, and each column is looked up, for pg_attribute is long.
CREATE OR REPLACE FUNCTION _bound_columns() RETURNS TABLE (relation text, source text,
	column_name text, bound bool)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT c.relation,
		CASE WHEN v.oid IS NULL THEN NULL
			ELSE coalesce(b.source, 'medaudit_data.' || quote_ident(c.relation)) END,
		c.column_name,
		(SELECT true FROM pg_attribute AS a
			WHERE a.attrelid = v.oid AND a.attname = c.column_name
				AND NOT a.attisdropped LIMIT 1) IS NOT NULL
		AND (b.relation IS NULL OR c.column_name = ANY (b.bound))
	FROM medaudit.relation_column AS c
	LEFT JOIN pg_class AS v
		ON v.relname = c.relation AND v.relkind IN ('r', 'p', 'v', 'm', 'f')
		AND v.relnamespace = to_regnamespace('medaudit_data')
	LEFT JOIN medaudit.binding AS b ON b.relation = c.relation;
END
$$;

COMMENT ON FUNCTION _bound_columns() IS
	'已绑定列: for each canonical column its source and whether it gives the column; source NULL: the relation is not bound';

CREATE OR REPLACE FUNCTION _is_bound(relation text, column_name text) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- found by indexes, without a join: those who ask may have switched nested loops off
	RETURN EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = to_regclass('medaudit_data.' || quote_ident(_is_bound.relation)) AND a.attname = _is_bound.column_name AND NOT a.attisdropped)
		AND EXISTS (SELECT FROM medaudit.relation_column AS c WHERE c.relation = _is_bound.relation AND c.column_name = _is_bound.column_name)
		AND NOT EXISTS (SELECT FROM medaudit.binding AS b WHERE b.relation = _is_bound.relation AND NOT _is_bound.column_name = ANY (b.bound));
END
$$;

COMMENT ON FUNCTION _is_bound(text, text) IS
	'是否已绑定: whether the source of a relation gives a column; never NULL';

-- 1900-01-01 is what hospitals enter for a birth date that they do not know.
CREATE OR REPLACE FUNCTION _known_birth_date(birth_date date) RETURNS date
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN birth_date > date '1900-01-01' AND isfinite(birth_date) THEN birth_date END;

COMMENT ON FUNCTION _known_birth_date(date) IS
	'已知出生日期: the date, or NULL where it says that nobody knows it: 1900-01-01 or before, infinite, NULL';

-- What a row of a charge rule asks of the data beside the charges: it is of
-- no use when none of these columns is bound.
CREATE OR REPLACE FUNCTION _rule_row_needs(condition charge_rule) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN array_remove(ARRAY[
		CASE WHEN condition.sex IS NOT NULL THEN 'person.sex' END,
		CASE WHEN coalesce(condition.min_age, condition.max_age) IS NOT NULL THEN 'person.birth_date' END,
		CASE WHEN condition.facility_ranks IS NOT NULL THEN 'facility.rank' END,
		CASE WHEN coalesce(condition.visit_types, condition.excluded_visit_types) IS NOT NULL THEN 'visit.visit_type' END,
		CASE WHEN condition.insurance_types IS NOT NULL THEN 'visit.insurance_type' END,
		CASE WHEN condition.insurance_types IS NOT NULL THEN 'person.insurance_type' END,
		CASE WHEN condition.departments IS NOT NULL THEN 'visit.department' END,
		CASE WHEN condition.departments IS NOT NULL THEN 'charge.department' END,
		CASE WHEN condition.diagnosis_prefixes IS NOT NULL THEN 'visit.main_diagnosis' END,
		CASE WHEN condition.diagnosis_prefixes IS NOT NULL THEN 'diagnosis.diagnosis_code' END
	], NULL);

COMMENT ON FUNCTION _rule_row_needs(charge_rule) IS
	'规则行所需数据: columns (relation.column) that the conditions of a row of charge_rule read; {}: none';

-- What a kind needs and nothing gives: of a relation its required columns, of
-- several of which one would do all.
CREATE OR REPLACE FUNCTION _unmet_needs() RETURNS TABLE (kind text, name text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH given AS MATERIALIZED (
		SELECT c.relation, c.relation || '.' || c.column_name AS name, c.required, b.bound
		FROM medaudit.relation_column AS c
		JOIN medaudit._bound_columns() AS b ON b.relation = c.relation AND b.column_name = c.column_name
	), named AS (
		SELECT g.name AS called, g.name, g.bound FROM given AS g
		UNION ALL
		SELECT g.relation, g.name, g.bound FROM given AS g WHERE g.required
	), wanted AS (
		SELECT k.kind, n.need, g.name, g.bound, bool_and(g.bound) OVER (PARTITION BY k.kind, n.need, a.name) AS met
		FROM medaudit.rule_kind AS k
		CROSS JOIN LATERAL unnest(k.needs) AS n (need)
		CROSS JOIN LATERAL string_to_table(n.need, '|') AS a (name)
		JOIN named AS g ON g.called = a.name
	)
	SELECT DISTINCT w.kind, w.name
	FROM (SELECT i.*, bool_or(i.met) OVER (PARTITION BY i.kind, i.need) AS one_met FROM wanted AS i) AS w
	WHERE NOT w.one_met AND NOT w.bound;
END
$$;

COMMENT ON FUNCTION _unmet_needs() IS
	'缺少的数据: per kind of rule each column (relation.column) that it needs, by rule_kind.needs, and that is not bound';

-- Rules that no run can ask, with the columns that they want.  A rule of
-- conditions is off when all its rows are; what the others need stands in
-- rule_kind.
CREATE OR REPLACE FUNCTION _rules_off() RETURNS TABLE (rule_code text, relation text,
	column_name text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH missing AS MATERIALIZED (
		SELECT b.relation, b.column_name, b.relation || '.' || b.column_name AS name
		FROM medaudit._bound_columns() AS b WHERE NOT b.bound
	), every_missing AS MATERIALIZED (
		SELECT coalesce(array_agg(m.name), '{}') AS names FROM missing AS m
	), off_rules AS MATERIALIZED (
		SELECT r.rule_code
		FROM medaudit.rule AS r CROSS JOIN every_missing AS e
		WHERE r.kind IN ('restriction', 'diagnosis') AND EXISTS (SELECT FROM medaudit.charge_rule AS c WHERE c.rule_code = r.rule_code)
			-- the first row that can be asked, of thousands, will do: in the order of the index, which finds it at once
			AND (SELECT true FROM medaudit.charge_rule AS c
				CROSS JOIN LATERAL (SELECT medaudit._rule_row_needs(c) AS needs OFFSET 0) AS n
				WHERE c.rule_code = r.rule_code AND (n.needs = '{}' OR NOT n.needs <@ e.names)
				ORDER BY medaudit.code_fold(coalesce(c.item_code, '')) LIMIT 1) IS NULL
	), off AS (
		SELECT c.rule_code, unnest(medaudit._rule_row_needs(c)) AS name
		FROM off_rules AS o JOIN medaudit.charge_rule AS c ON c.rule_code = o.rule_code
		UNION
		SELECT r.rule_code, u.name
		FROM medaudit._unmet_needs() AS u
		JOIN medaudit.rule AS r ON r.kind = u.kind
		UNION
		-- without visits and charges there is no run at all
		SELECT r.rule_code, c.relation || '.' || c.column_name
		FROM medaudit.rule AS r, medaudit.relation_column AS c
		WHERE c.relation IN ('visit', 'charge') AND c.required
	)
	SELECT o.rule_code, m.relation, m.column_name
	FROM off AS o JOIN missing AS m ON m.name = o.name;
END
$$;

COMMENT ON FUNCTION _rules_off() IS
	'停用规则: rules that cannot be asked for want of data, with each column that would bring one back';

-- One value of each bound column, of the first row that has it among some.
-- Columns that are numbered or missing are not read: that could be the whole table.
CREATE OR REPLACE FUNCTION _source_sample(relation text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	names text;
	result jsonb;
BEGIN
	SELECT string_agg(quote_ident(b.column_name), ', ') INTO names
	FROM medaudit._bound_columns() AS b
	WHERE b.relation = _source_sample.relation AND b.bound;
	IF names IS NULL OR medaudit._untrusted(relation) IS NOT NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT jsonb_object_agg(e.key, medaudit._source_example(%L, e.key, e.value))
		FROM (SELECT f.key, (array_agg(f.value ORDER BY r.n))[1] AS value
			FROM (SELECT row_number() OVER () AS n, to_jsonb(t) AS row
				FROM (SELECT %s FROM medaudit_data.%I LIMIT 1000) AS t) AS r,
				jsonb_each_text(r.row) AS f WHERE f.value IS NOT NULL GROUP BY f.key) AS e',
		relation, names, relation) INTO result;
	RETURN coalesce(result, '{}');
END
$$;

COMMENT ON FUNCTION _source_sample(text) IS
	'示例行: what _source_examples() shows; an error of the right to read, or of an expression, is raised';

CREATE OR REPLACE FUNCTION _source_examples(relation text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN medaudit._source_sample(relation);
EXCEPTION WHEN OTHERS THEN
	-- who may not read the source, or a source that cannot be read, which _source_problems() tells
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _source_examples(text) IS
	'示例值: canonical column to a value of it among the first 1000 rows of a bound relation, {} where there is none; NULL where the relation is not bound, cannot be read or is not trusted';

-- Two national codes for one local code of a hospital: which one its charges
-- are cannot be told.  Hand-made views may lack the columns.
CREATE OR REPLACE FUNCTION item_conflicts() RETURNS TABLE (facility_id text, item_code text, national_codes text, n bigint)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	item regclass := to_regclass('medaudit_data.item');
BEGIN
	IF (SELECT count(*) FROM pg_attribute AS a WHERE a.attrelid = item
			AND a.attname IN ('item_code', 'national_code') AND NOT a.attisdropped) < 2 THEN
		RETURN;
	END IF;
	PERFORM medaudit._check_trusted('item');
	RETURN QUERY EXECUTE format('SELECT c.facility_id, c.item_code, c.national_codes,
			row_number() OVER (ORDER BY c.facility_id COLLATE "C", c.item_code COLLATE "C")
		FROM (SELECT i.facility_id, i.item_code, string_agg(DISTINCT i.national_code, '', '' ORDER BY i.national_code) AS national_codes
			FROM (SELECT t.item_code::text, medaudit.code_fold(t.national_code::text) COLLATE "C" AS national_code, %s::text AS facility_id
				FROM medaudit_data.item AS t) AS i
			WHERE i.item_code IS NOT NULL AND i.national_code IS NOT NULL
			GROUP BY i.facility_id, i.item_code HAVING min(i.national_code) <> max(i.national_code)) AS c',
		CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = item
			AND a.attname = 'facility_id' AND NOT a.attisdropped) THEN 't.facility_id' ELSE 'NULL' END);
END
$$;

COMMENT ON FUNCTION item_conflicts() IS
	'编码冲突: local codes of a hospital (facility_id NULL: of everybody) that the bound item gives more than one national code, numbered in their order; no rows where item is not bound with both codes';

-- What makes a relation unfit though all its columns are there.
CREATE OR REPLACE FUNCTION _source_problems(relation text) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	problem text := 'would run ' || medaudit._untrusted(relation);
	told text;
BEGIN
	IF problem IS NOT NULL THEN
		RETURN ARRAY[problem];
	END IF;
	PERFORM medaudit._source_sample(relation);
	IF relation = 'item' THEN
		SELECT count(*) || ' local codes with more than one national code: '
			|| string_agg(concat_ws(' ', c.facility_id, c.item_code, '(' || c.national_codes || ')'), ', '
				ORDER BY c.facility_id COLLATE "C", c.item_code COLLATE "C") FILTER (WHERE c.n <= 3)
		INTO told
		FROM medaudit.item_conflicts() AS c;
	END IF;
	RETURN CASE WHEN told IS NULL THEN '{}' ELSE ARRAY[told] END;
EXCEPTION
	WHEN insufficient_privilege THEN
		RETURN NULL;
	WHEN OTHERS THEN
		RETURN ARRAY['cannot be read: ' || SQLERRM];
END
$$;

COMMENT ON FUNCTION _source_problems(text) IS
	'来源问题: what makes a bound relation unfit though its columns are there: functions of a third role, local codes with two national codes, rows that cannot be read; {}: nothing, NULL: who asks may not read it';

CREATE OR REPLACE FUNCTION _relation_zh(relation text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE relation WHEN 'person' THEN '参保人' WHEN 'facility' THEN '定点医药机构' WHEN 'visit' THEN '就诊' WHEN 'diagnosis' THEN '诊断'
		WHEN 'charge' THEN '费用明细' WHEN 'item' THEN '项目目录' WHEN 'swipe' THEN '刷卡' WHEN 'stock_move' THEN '进销存' WHEN 'budget' THEN '总额预算'
		WHEN 'change' THEN '数据变更' WHEN 'manual_claim' THEN '手工报销' WHEN 'certificate' THEN '慢特病备案' WHEN 'facility_item' THEN '机构开展项目'
		WHEN 'operation' THEN '手术' WHEN 'physician' THEN '医师名册' WHEN 'fund_income' THEN '基金收支' WHEN 'rule' THEN '规则' WHEN 'visit_book' THEN '账册库' WHEN 'books' THEN '账册' WHEN 'exemption' THEN '豁免' WHEN 'enrolment' THEN '参保登记' WHEN 'case_group' THEN '病例分组' ELSE relation END;

COMMENT ON FUNCTION _relation_zh(text) IS
	'关系中文名: Chinese name of a relation; as it is where it has none; NULL for NULL';

-- What a relation lacks, and of each rule that is off for it the columns of it that
-- would bring the rule back.
CREATE OR REPLACE FUNCTION _source_note_zh(relation text, source text, missing text[], off medaudit.rule_lack[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH lacking AS MATERIALIZED (
		SELECT c.position, c.column_name, c.required, format('%s（%s）', c.name_zh, c.column_name) AS name
		FROM medaudit.relation_column AS c
		WHERE c.relation = _source_note_zh.relation AND c.column_name = ANY (missing)
	), told AS (
		SELECT string_agg(l.name, '、' ORDER BY l.position) FILTER (WHERE l.required) AS required,
			string_agg(l.name, '、' ORDER BY l.position) FILTER (WHERE NOT l.required) AS optional
		FROM lacking AS l
	), rules AS (
		SELECT string_agg(CASE WHEN source IS NULL THEN i.rule ELSE format('%s缺%s', i.rule, i.columns) END, '；' ORDER BY i.rule_code COLLATE "C") AS names, count(*) AS n
		FROM (SELECT o.rule_code, format('%s（%s）', o.name_zh, o.rule_code) AS rule, string_agg(l.name, '、' ORDER BY l.position) AS columns
			FROM unnest(off) AS o JOIN lacking AS l ON l.column_name = o.column_name
			GROUP BY o.rule_code, o.name_zh) AS i
	)
	SELECT concat(medaudit._relation_zh(relation), '（', relation, '）', CASE WHEN source IS NULL THEN '未绑定'
			ELSE coalesce(nullif(concat_ws('；', '缺必需列：' || t.required, '缺可选列：' || t.optional), ''), '各列齐全') END,
		'。', CASE WHEN r.n = 0 THEN '不影响已启用的规则。' ELSE format('因此停用%s条规则：%s。', r.n, r.names) END)
	FROM told AS t, rules AS r
$$;

COMMENT ON FUNCTION _source_note_zh(text, text, text[], medaudit.rule_lack[]) IS
	'数据来源说明: one Chinese text: what a relation lacks, and which rules are off because of it, each with the columns that it wants';

CREATE OR REPLACE FUNCTION sources() RETURNS TABLE (relation text, source text,
	required_missing text[], optional_missing text[], rules_off text[], examples jsonb, problems text[], note_zh text)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 20
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH off AS MATERIALIZED (
		SELECT o.relation, array_agg(ROW(o.rule_code, r.name_zh, o.column_name)::medaudit.rule_lack ORDER BY o.rule_code) AS rules,
			array_agg(DISTINCT o.rule_code ORDER BY o.rule_code) AS codes
		FROM medaudit._rules_off() AS o
		JOIN medaudit.rule AS r ON r.rule_code = o.rule_code
		WHERE r.enabled
		GROUP BY o.relation
	), given AS MATERIALIZED (
		SELECT c.relation, min(b.source) AS source,
			coalesce(array_agg(c.column_name ORDER BY c.position) FILTER (WHERE c.required AND NOT b.bound), '{}') AS required_missing,
			coalesce(array_agg(c.column_name ORDER BY c.position) FILTER (WHERE NOT c.required AND NOT b.bound), '{}') AS optional_missing
		FROM medaudit.relation_column AS c
		JOIN medaudit._bound_columns() AS b ON b.relation = c.relation AND b.column_name = c.column_name
		GROUP BY c.relation
	)
	SELECT g.relation, g.source, g.required_missing, g.optional_missing, coalesce(o.codes, '{}'),
		medaudit._source_examples(g.relation), medaudit._source_problems(g.relation),
		medaudit._source_note_zh(g.relation, g.source, g.required_missing || g.optional_missing, o.rules)
	FROM given AS g
	LEFT JOIN off AS o ON o.relation = g.relation
	ORDER BY g.relation COLLATE "C"
$$;

COMMENT ON FUNCTION sources() IS
	'数据来源: each relation with its source (NULL: not bound), the canonical columns that it does not give, the enabled rules that are off because of them, one example value of each column (masked where it is of a person; NULL: cannot be read), what makes it unfit, and in Chinese what is missing and which rules that switches off';

-- The register need not be bound.  What several rows of a facility say differently is
-- not known of it.
CREATE OR REPLACE FUNCTION _bound_facilities() RETURNS TABLE (facility_id text, name text, kind text, ownership text, rank int, region text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('facility', 'facility_id') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('facility');
	RETURN QUERY EXECUTE format('SELECT f.facility_id, min(f.name), CASE WHEN min(f.kind) = max(f.kind) THEN min(f.kind) END,
			CASE WHEN min(f.ownership) = max(f.ownership) THEN min(f.ownership) END, CASE WHEN min(f.rank) = max(f.rank) THEN min(f.rank) END,
			CASE WHEN min(f.region) = max(f.region) THEN min(f.region) END
		FROM (SELECT %s FROM medaudit_data.facility AS c) AS f
		WHERE f.facility_id IS NOT NULL GROUP BY f.facility_id', medaudit._bound_list('facility'));
END
$$;

COMMENT ON FUNCTION _bound_facilities() IS
	'机构名册: number, name, kind, ownership, rank and region of the facilities as they are bound, NULL where their rows differ; no rows where facility is not bound';

CREATE OR REPLACE FUNCTION _bound_persons() RETURNS TABLE (person_id text, name text, resident_id text, sex text, birth_date date, death_date date,
	insurance_type text, person_class text, region text, years_paid int, aid_class text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('person', 'person_id') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('person');
	RETURN QUERY EXECUTE format('SELECT p.person_id, %s FROM (SELECT %s FROM medaudit_data.person AS c) AS p WHERE p.person_id IS NOT NULL GROUP BY p.person_id',
		(SELECT string_agg(format(CASE n.name WHEN 'death_date' THEN 'max(p.%1$I)' ELSE 'CASE WHEN min(p.%1$I) = max(p.%1$I) THEN min(p.%1$I) END' END, n.name), ', ' ORDER BY n.nth)
			FROM unnest('{name,resident_id,sex,birth_date,death_date,insurance_type,person_class,region,years_paid,aid_class}'::text[]) WITH ORDINALITY AS n (name, nth)),
		medaudit._bound_list('person'));
END
$$;

COMMENT ON FUNCTION _bound_persons() IS
	'人员名册: who the persons are and how they are insured, as they are bound, NULL where their rows differ, and the last day on which one of these says that somebody died; no rows where person is not bound';

-- When persons are insured, and as what: the one place that says it, for the register says
-- of a person what holds now.
CREATE OR REPLACE FUNCTION _bound_enrolments(from_date date DEFAULT NULL, to_date date DEFAULT NULL) RETURNS TABLE (person_id text, valid daterange,
	insurance_type text, person_class text, aid_class text, region text, exit_reason text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('enrolment', 'person_id') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('enrolment');
	RETURN QUERY EXECUTE format('SELECT DISTINCT e.person_id, e.valid, e.insurance_type, e.person_class, e.aid_class, e.region, e.exit_reason
		FROM (SELECT %s FROM medaudit_data.enrolment AS c) AS e
		WHERE e.person_id IS NOT NULL AND isempty(e.valid) IS NOT TRUE AND coalesce(e.valid && daterange($1, $2), true)',
		medaudit._bound_list('enrolment')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _bound_enrolments(date, date) IS
	'参保登记: periods of cover that touch [from_date, to_date) (NULL: no bound), each once, with what the person was insured as; valid is NULL where it cannot be read; no rows where enrolment is not bound';

-- Visits by their settlements: what adds up to nothing was taken back.
-- Of few persons, PERSONS, an index finds them.  Many are rows of a table, AMONG, for the
-- planner takes copies of an array for each partition of the warehouse: 2 GB of 600,000.
CREATE OR REPLACE FUNCTION _standing_visits(persons text[] DEFAULT NULL, among regclass DEFAULT NULL) RETURNS TABLE (visit_id text, person_id text, facility_id text,
	physician_id text, department text, visit_type text, main_diagnosis text, admitted_at timestamp, discharged_at timestamp, stay bool)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- nearly all visits have one settlement: only of the others equal rows are told apart
	RETURN QUERY EXECUTE format($sql$
		WITH settlement AS MATERIALIZED (
			SELECT v.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			WHERE v.visit_id IS NOT NULL AND %s
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class FROM (SELECT DISTINCT s.visit_type FROM settlement AS s) AS t
		), several AS MATERIALIZED (
			SELECT s.visit_id FROM settlement AS s GROUP BY s.visit_id HAVING count(*) > 1
		), visit AS (
			SELECT s.visit_id, s.person_id, s.facility_id, s.physician_id, s.department, s.visit_type, s.main_diagnosis,
				s.admitted_at, s.discharged_at, coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date) AS stay, s.total_amount
			FROM settlement AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			WHERE NOT EXISTS (SELECT FROM several AS i WHERE i.visit_id = s.visit_id)
			UNION ALL
			SELECT s.visit_id, min(s.person_id), min(s.facility_id), min(s.physician_id), min(s.department), min(s.visit_type), min(s.main_diagnosis),
				min(s.admitted_at), max(s.discharged_at), bool_or(coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date)), sum(s.total_amount)
			FROM (SELECT DISTINCT r.* FROM settlement AS r WHERE r.visit_id IN (SELECT i.visit_id FROM several AS i)) AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			GROUP BY s.visit_id
		)
		SELECT v.visit_id, v.person_id, v.facility_id, v.physician_id, v.department, v.visit_type, v.main_diagnosis, v.admitted_at, v.discharged_at,
			coalesce(v.stay, false)
		FROM visit AS v WHERE v.total_amount IS DISTINCT FROM 0::numeric$sql$,
		medaudit._bound_list('visit'), CASE WHEN among IS NOT NULL THEN format('v.person_id IN (SELECT a.person_id FROM %s AS a)', among)
			ELSE '($1 IS NULL OR v.person_id = ANY ($1))' END) USING persons;
END
$$;

COMMENT ON FUNCTION _standing_visits(text[], regclass) IS
	'就诊: the bound visits (of some persons, or of those whose person_id is in a table), each once, without those whose settlements add up to nothing; stay: by visit_class, else by their dates';
