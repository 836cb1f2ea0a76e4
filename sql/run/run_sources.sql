-- How a run reads the bound relations: through functions of its session, one per
-- relation, that give its canonical columns whatever the view has.  Bodies of
-- one query, they are inlined: what they do not need to do costs nothing.
--
-- What was delivered twice is found once, when the run begins, and only the keys
-- that it concerns are read again: their rows, mended, stand in working tables
-- beside all others.  Equal rows count once.  Of two different rows of a person,
-- facility or item what differs is not known; those of a visit are settlements.
-- Of two lines with one number nobody knows which is right, so that neither is
-- judged; but a negative one under the number of its charge is its refund.
--
-- Cost: a hash of the keys of each register, and of the lines one narrow pass,
-- which counts what _run_quality_stays() wants to know of them too.  Visits and
-- diagnoses have their own way (run_settlements.sql).

-- Columns of a relation and how a run reads each from its view, of alias c.  A
-- view made by hand is read softly, and what could not be read is told by it too.
-- Two rows that differ in changed_at alone are one, delivered twice.
CREATE OR REPLACE FUNCTION _run_columns(relation text) RETURNS TABLE (column_name text, type text, expression text)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	-- asked often, and planned once
	RETURN QUERY
	WITH have AS MATERIALIZED (
		SELECT a.attname AS column_name, a.atttypid::regtype AS type, a.atttypmod, format('c.%I', a.attname) AS value,
			bool_or(a.attname = 'unreadable' AND a.atttypid = 'text[]'::regtype) OVER () AS soft
		FROM pg_attribute AS a
		WHERE a.attrelid = to_regclass('medaudit_data.' || quote_ident(_run_columns.relation)) AND a.attnum > 0 AND NOT a.attisdropped
	), read AS MATERIALIZED (
		SELECT c.position, c.column_name, c.type, h.soft, CASE WHEN h.value IS NULL THEN 'NULL::' || c.type
				WHEN h.soft OR w.reader IS NULL THEN CASE WHEN h.type = c.type::regtype AND h.atttypmod = -1 THEN h.value
					ELSE format('%s::%s', h.value, c.type) END
				ELSE replace(w.reader, '@', format('%s::%s', h.value, w.given_type)) END AS expression,
			replace(w.unreadable, '@', format('%s::%s', h.value, w.given_type)) AS bad
		FROM medaudit.relation_column AS c
		LEFT JOIN have AS h ON h.column_name = c.column_name
		LEFT JOIN LATERAL (SELECT s.* FROM medaudit._source_reading(c.reading, h.type) AS s WHERE NOT h.soft OFFSET 0) AS w ON true
		-- when a row was touched is no part of what it says
		WHERE c.relation = _run_columns.relation AND (c.column_name <> 'changed_at' OR c.relation = 'change')
	)
	SELECT e.column_name, e.type, e.expression
	FROM (
		SELECT r.position, r.column_name, r.type, r.expression FROM read AS r
		UNION ALL
		SELECT 1000, 'unreadable', 'text[]', coalesce((SELECT h.value FROM have AS h WHERE h.soft AND h.column_name = 'unreadable'),
			(SELECT format('CASE WHEN %s THEN array_remove(ARRAY[%s], NULL) END', string_agg(r.bad, ' OR ' ORDER BY r.position),
					string_agg(format('CASE WHEN %s THEN %L::text END', r.bad, r.column_name), ', ' ORDER BY r.position))
				FROM read AS r WHERE r.bad IS NOT NULL HAVING count(*) > 0),
			'NULL::text[]')
	) AS e
	ORDER BY e.position;
END
$$;

COMMENT ON FUNCTION _run_columns(text) IS
	'读取列: the columns of a relation as a run reads them, in order, each with its expression over the bound view; NULL for a column that the view does not have';

-- What is bound may be dropped or bound in another way while a run goes on.  A step that
-- then met nothing would take it that nothing is there, and drop what was found.  A view
-- that is written anew has another row in pg_rewrite, a table made by hand other columns.
CREATE OR REPLACE FUNCTION _source_states() RETURNS TABLE (relation text, state text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 30
BEGIN ATOMIC
	SELECT c.relname::text, concat_ws(' ', c.oid, (SELECT max(w.xmin::text) FROM pg_rewrite AS w WHERE w.ev_class = c.oid),
		(SELECT string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
			FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
	FROM pg_class AS c
	WHERE c.relnamespace = to_regnamespace('medaudit_data') AND c.relname IN (SELECT k.relation FROM medaudit.relation_column AS k);
END;

COMMENT ON FUNCTION _source_states() IS
	'数据源状态: the relations of medaudit_data that a run reads, with a text that is another one as soon as they are dropped, bound anew or have other columns';

CREATE OR REPLACE FUNCTION _changed_sources() RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	changed text;
BEGIN
	SELECT string_agg(coalesce(r.relation, n.relation), ', ' ORDER BY coalesce(r.relation, n.relation) COLLATE "C") INTO changed
	FROM medaudit_work.read_source AS r FULL JOIN medaudit._source_states() AS n ON n.relation = r.relation
	WHERE n.state IS DISTINCT FROM r.state;
	RETURN CASE WHEN changed IS NOT NULL THEN
		format(medaudit._say('relations were dropped or bound anew while the run went on: %s'), changed) END;
END
$$;

COMMENT ON FUNCTION _changed_sources() IS
	'数据源变动: a sentence that names the relations that are not what they were when the run began to read; NULL: none';

CREATE OR REPLACE PROCEDURE _check_sources_stand()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	changed text := medaudit._changed_sources();
BEGIN
	IF changed IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = changed;
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_sources_stand() IS
	'检查数据源未变: 55000 where a relation that a run reads is not what it was when the run began to read';

CREATE OR REPLACE FUNCTION _bound_list(relation text, columns text[] DEFAULT NULL) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(format('%s AS %I', n.expression, n.column_name), ', ') FROM medaudit._run_columns(relation) AS n
	WHERE CASE WHEN columns IS NULL THEN n.column_name <> 'unreadable' ELSE n.column_name = ANY (columns) END
$$;

COMMENT ON FUNCTION _bound_list(text, text[]) IS
	'读取列清单: select list of columns of a bound relation as a run reads them, of alias c (NULL: all but what could not be read); NULL for an unknown relation';

-- How rows of charge, visit and diagnosis are found by the visit, and those of person by
-- the person.  What bind() reads softly is
-- an expression, which an index on the column of the warehouse does not serve, and
-- the source may be a view over others.  So the planner is asked, which sees through
-- all of them: how it would look for one visit, by an index if one fits, and if none
-- does, in which column of which table.  Nothing is read.
CREATE OR REPLACE FUNCTION _key_lookups(relation text) RETURNS TABLE (index_condition text, filter text, place regclass, alias text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1
	-- where a name stands without its schema in the plan, it is PostgreSQL's own
	SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off
AS $$
DECLARE
	plan json;
BEGIN
	IF to_regclass('medaudit_data.' || quote_ident(relation)) IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit._check_trusted(relation);
	EXECUTE format('EXPLAIN (VERBOSE, FORMAT JSON) SELECT FROM medaudit_data.%I AS c WHERE %s = %L', relation, (
		SELECT n.expression FROM medaudit._run_columns(relation) AS n
		WHERE n.column_name = CASE relation WHEN 'person' THEN 'person_id' ELSE 'visit_id' END), 'medaudit-key') INTO plan;
	RETURN QUERY
	SELECT n.node ->> 'Index Cond', n.node ->> 'Filter', to_regclass(quote_ident(n.node ->> 'Schema') || '.' || quote_ident(n.node ->> 'Relation Name')),
		quote_ident(n.node ->> 'Alias')
	FROM jsonb_path_query(plan::jsonb, '$.** ? (exists (@."Node Type"))') AS n (node)
	WHERE concat(n.node ->> 'Index Cond', n.node ->> 'Filter') ~ 'medaudit-key';
END
$$;

COMMENT ON FUNCTION _key_lookups(text) IS
	'就诊查找方式: how the rows of one visit (of person: of one person) in a bound relation would be found: the conditions of the plan that hold the key, and the tables at which they stand; no rows where it is not bound. Nothing is read';

-- A column, or one as text, or one of these as bind() reads it: else the key is no
-- column of a table of this database.
CREATE OR REPLACE FUNCTION _key_columns(relation text) RETURNS TABLE (place oid, place_name text, partitioned bool, given text, read bool, served bool)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind = 'p', CASE WHEN a.attname IS NULL THEN NULL
			WHEN a.attcollation NOT IN (0, '"default"'::regcollation)
				-- a view has one collation, whatever its source has
				THEN format('(%I)::text COLLATE pg_catalog."default"', a.attname)
			WHEN m.part[3] IS NOT NULL THEN format('(%I)::text', a.attname) ELSE quote_ident(a.attname) END,
		m.part[1] IS NOT NULL, s.served
	FROM (SELECT u.place, u.alias, (u.filter ~ 'medaudit-key') IS NOT TRUE AS served,
			CASE WHEN u.filter ~ 'medaudit-key' THEN u.filter ELSE u.index_condition END AS condition
		FROM medaudit._key_lookups(CASE WHEN relation IN ('charge', 'visit', 'person', 'diagnosis') THEN relation END) AS u) AS s
	LEFT JOIN pg_class AS c ON c.oid = coalesce(pg_partition_root(s.place), s.place) AND c.relkind IN ('r', 'p', 'm')
	LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
	CROSS JOIN LATERAL (SELECT regexp_match(s.condition, '(medaudit\._read_text\()?\(?' || regexp_replace(s.alias, '([^[:alnum:]])', '\\\1', 'g')
		|| '\.("(?:[^"]|"")+"|[[:alnum:]_$]+)(\)::text)?\)? = ''medaudit-key''::text') AS part) AS m
	LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND quote_ident(a.attname) = m.part[2]
$$;

COMMENT ON FUNCTION _key_columns(text) IS
	'就诊编号所在列: in which tables (partitioned ones as a whole) the key of charge, visit or diagnosis, the visit_id, or of person, the person_id, is looked up, as what of them (given; read: softly, as bind() reads it; NULL: it cannot be said), and whether by an index';

CREATE OR REPLACE FUNCTION _key_index(relation text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format(CASE WHEN min(f.read::int) = 1 THEN 'CREATE INDEX ON %s (medaudit._read_text(%s))' ELSE 'CREATE INDEX ON %s ((%s))' END,
		min(f.place_name), min(f.given))
	FROM medaudit._key_columns(relation) AS f
	WHERE NOT f.served
	HAVING count(DISTINCT (f.place, f.given, f.read)) = 1 AND bool_and(f.given IS NOT NULL)
$$;

COMMENT ON FUNCTION _key_index(text) IS
	'就诊编号索引: the statement that makes an index by which the rows of charge, visit or diagnosis are found by visit_id, and those of person by person_id; NULL where one finds them already, where the relation is not bound, and where it cannot be said: the key is no column of one table of this database';

-- The index on an expression of a partitioned table brings statistics of each partition
-- and none of the whole: of some thousand visits the planner takes half of all rows to be
-- theirs, and reads all.
CREATE OR REPLACE FUNCTION _key_statistics(relation text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('CREATE STATISTICS %s ON (medaudit._read_text(%s)) FROM %s; ANALYZE %3$s', min(format('%I.%I', t.nspname, left(c.relname, 50) || '_key')),
		min(f.given), min(f.place_name))
	FROM medaudit._key_columns(relation) AS f
	JOIN pg_class AS c ON c.oid = f.place
	JOIN pg_namespace AS t ON t.oid = c.relnamespace
	WHERE f.partitioned AND f.read AND f.given IS NOT NULL AND NOT EXISTS (SELECT FROM pg_statistic_ext AS e
		CROSS JOIN unnest(pg_get_statisticsobjdef_expressions(e.oid)) AS x (expression)
		WHERE e.stxrelid = f.place AND regexp_replace(x.expression, '(medaudit|pg_catalog)\.', '', 'g')
			= format('_read_text(%s)', replace(f.given, 'pg_catalog.', '')))
	HAVING count(DISTINCT f.place) = 1
$$;

COMMENT ON FUNCTION _key_statistics(text) IS
	'就诊编号统计信息: the statements that let the planner know how many rows of charge, visit or diagnosis one visit has, and of person one person, where they stand in a partitioned table and are looked up by an expression; NULL where it knows, and where it cannot be said';


-- The condition, over the bound view of alias c, under which a charge is within
-- [FROM_DATE, TO_DATE) or at no time that can be read.  Where bind() has made the
-- view, its source_time says so of the source's own column; a source can have more
-- years than can be meant (_read_time), and those are no known time.
CREATE OR REPLACE FUNCTION _run_charged_within(from_date date, to_date date) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('(%1$s >= %2$s AND %1$s < %3$s OR %1$s IS NULL%4$s)', t.expression,
		format('%L::%s', from_date, t.type), format('%L::%s', to_date, t.type),
		CASE WHEN t.given THEN format(' OR %1$s < %2$L::%4$s OR %1$s >= %3$L::%4$s', t.expression, date '1900-01-01', date '2201-01-01', t.type) END)
	FROM (
		SELECT true AS given, 'c.source_time' AS expression, a.atttypid::regtype::text AS type
		FROM pg_attribute AS a
		WHERE a.attrelid = to_regclass('medaudit_data.charge') AND a.attname = 'source_time' AND NOT a.attisdropped
			AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype)
			AND EXISTS (SELECT FROM medaudit.binding AS b WHERE b.relation = 'charge')
		UNION ALL
		SELECT false, format('(%s)', n.expression), 'timestamp' FROM medaudit._run_columns('charge') AS n WHERE n.column_name = 'charged_at'
		ORDER BY 1 DESC LIMIT 1
	) AS t
$$;

COMMENT ON FUNCTION _run_charged_within(date, date) IS
	'费用时间范围: SQL condition over the bound view of charges, of alias c: charged from the first date on and before the second, or at no known time; NULL where either date is';

-- An engine that spreads tables plans a statement as a whole: one that joins them with
-- working tables, through functions and with parameters, it refuses.  So where a bound
-- view rests on such tables they are read by statements of their own.
CREATE OR REPLACE FUNCTION _is_distributed(relation text) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plan json;
BEGIN
	IF to_regclass('pg_catalog.pg_dist_partition') IS NULL OR to_regclass('medaudit_data.' || quote_ident(relation)) IS NULL THEN
		RETURN false;
	END IF;
	PERFORM medaudit._check_trusted(relation);
	EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM medaudit_data.%I', relation) INTO plan;
	RETURN plan::text ~ '"Custom Plan Provider": "Citus';
END
$$;

COMMENT ON FUNCTION _is_distributed(text) IS
	'是否分布式表: whether a bound relation rests on tables that Citus has spread over servers; false where it is not bound, and for NULL';

-- Such a statement, as a function of the session that is not inlined: all columns of
-- the view, within the dates.
CREATE OR REPLACE PROCEDURE _run_read_apart(relation text, within text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- what is of the session alone is made nowhere else
	PERFORM set_config('citus.enable_ddl_propagation', 'off', true);
	EXECUTE format('CREATE OR REPLACE FUNCTION pg_temp.%I() RETURNS SETOF medaudit_data.%I LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 100000 AS %L',
		'medaudit_fetch_' || relation, relation,
		format('BEGIN RETURN QUERY %s; END', concat_ws(' WHERE ', format('SELECT c.* FROM medaudit_data.%I AS c', relation), within)));
END
$$;

COMMENT ON PROCEDURE _run_read_apart(text, text) IS
	'单独读取: makes the function of the session that reads a bound relation by a statement of its own, under a condition over the view, of alias c';

-- With a KEY, an expression over the columns, the rows of the keys in
-- medaudit_twice_<relation> are read from medaudit_mended_<relation>.  Of charge
-- only those within [FROM_DATE, TO_DATE), where they are given, and those at no
-- known time.
CREATE OR REPLACE PROCEDURE _run_read_through(relation text, key text DEFAULT NULL, from_date date DEFAULT NULL, to_date date DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	is_bound bool := to_regclass('medaudit_data.' || quote_ident(relation)) IS NOT NULL;
	body text;
	within text := CASE WHEN relation = 'charge' AND is_bound THEN medaudit._run_charged_within(from_date, to_date) END;
	columns text;
	apart bool := medaudit._is_distributed(relation);
	-- codes of hospitals, once it is known which these are
	own bool := relation = 'charge' AND EXISTS (SELECT FROM medaudit_work.own_item);
BEGIN
	SELECT format('SELECT %s FROM %s AS c%s', string_agg(format('%s AS %I', CASE WHEN NOT is_bound THEN 'NULL::' || n.type
				WHEN n.column_name <> 'item_code' THEN n.expression
				WHEN own THEN format('%s OPERATOR(||) coalesce(o.suffix, '''')', n.expression)
				WHEN relation = 'item' THEN format('%s OPERATOR(||) coalesce(chr(31) OPERATOR(||) nullif(medaudit.code_fold(%s), ''''::text), '''')',
					n.expression, f.expression)
				ELSE n.expression END, n.column_name), ', '),
			CASE WHEN apart THEN format('pg_temp.%I()', 'medaudit_fetch_' || relation)
				WHEN is_bound THEN format('medaudit_data.%I', relation) ELSE '(SELECT WHERE false)' END,
			CASE WHEN own THEN format(' LEFT JOIN medaudit_work.span AS s ON s.visit_id OPERATOR(=) %s'
				' LEFT JOIN medaudit_work.own_item AS o ON o.facility_id OPERATOR(=) medaudit.code_fold(s.facility_id)'
				' AND o.item_code OPERATOR(=) %s', min(n.expression) FILTER (WHERE n.column_name = 'visit_id'),
				min(n.expression) FILTER (WHERE n.column_name = 'item_code')) END),
		string_agg(format('%I %s', n.column_name, n.type), ', ')
	INTO body, columns
	FROM medaudit._run_columns(relation) AS n
	LEFT JOIN medaudit._run_columns('item') AS f ON f.column_name = 'facility_id';
	IF apart THEN
		CALL medaudit._run_read_apart(relation, within);
	ELSE
		body := concat_ws(' WHERE ', body, within);
	END IF;
	IF key IS NOT NULL THEN
		body := format('SELECT c.* FROM (%s) AS c WHERE NOT EXISTS (SELECT FROM pg_temp.%I AS t WHERE t.key OPERATOR(=) %s) UNION ALL SELECT %s FROM pg_temp.%I AS m',
			body, 'medaudit_twice_' || relation, key,
			(SELECT string_agg(format('m.%I', n.column_name), ', ') FROM medaudit._run_columns(relation) AS n),
			'medaudit_mended_' || relation);
	END IF;
	EXECUTE format('CREATE OR REPLACE FUNCTION pg_temp.%I() RETURNS TABLE (%s) LANGUAGE sql STABLE PARALLEL %s ROWS 100000 AS %L',
		'medaudit_read_' || relation, columns, CASE WHEN apart THEN 'UNSAFE' WHEN key IS NULL THEN 'SAFE' ELSE 'RESTRICTED' END, body);
END
$$;

COMMENT ON PROCEDURE _run_read_through(text, text, date, date) IS
	'读取方式: makes the function of the session through which a run reads a relation: the bound view, without the keys of which some rows were mended, and these; of charge what is within two dates, if they are given, or at no known time';

-- The rows of the keys that were met twice, each different one once.
CREATE OR REPLACE PROCEDURE _run_collect_twice(relation text, key text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	columns text := (SELECT string_agg(format('c.%I', n.column_name), ', ') FROM medaudit._run_columns(relation) AS n);
BEGIN
	EXECUTE format('CREATE TEMPORARY TABLE %I AS SELECT %s, %s AS key, count(*) AS copies FROM pg_temp.%I() AS c '
		'JOIN pg_temp.%I AS t ON t.key = %s GROUP BY %s',
		'medaudit_mended_' || relation, columns, key, 'medaudit_read_' || relation,
		'medaudit_twice_' || relation, key, columns);
END
$$;

COMMENT ON PROCEDURE _run_collect_twice(text, text) IS
	'重复记录: each different row of the keys in medaudit_twice_<relation> with how many copies of it there are, in the temporary table medaudit_mended_<relation>';

-- One row per key: a value that another row does not have is the value.
CREATE OR REPLACE PROCEDURE _run_merge_rows(relation text, keys text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	columns text;
BEGIN
	SELECT string_agg(CASE WHEN n.column_name = ANY (keys) THEN format('(array_agg(m.%1$I))[1] AS %1$I', n.column_name)
			WHEN n.column_name = 'unreadable' THEN 'NULL::text[] AS unreadable'
			ELSE format('CASE WHEN count(DISTINCT m.%1$I) = 1 THEN (array_agg(m.%1$I ORDER BY m.%1$I) FILTER (WHERE m.%1$I IS NOT NULL))[1] END AS %1$I',
				n.column_name) END, ', ')
	INTO columns FROM medaudit._run_columns(relation) AS n;
	EXECUTE format('CREATE TEMPORARY TABLE medaudit_merged AS SELECT %s, m.key, 1::bigint AS copies FROM pg_temp.%I AS m GROUP BY m.key',
		columns, 'medaudit_mended_' || relation);
	EXECUTE format('DROP TABLE pg_temp.%I', 'medaudit_mended_' || relation);
	EXECUTE format('ALTER TABLE pg_temp.medaudit_merged RENAME TO %I', 'medaudit_mended_' || relation);
END
$$;

COMMENT ON PROCEDURE _run_merge_rows(text, text[]) IS
	'合并记录: makes of the different rows of a key in medaudit_mended_<relation> one, in which what differs is NULL';

-- What of a register is not what it should be is told of all of it.
CREATE OR REPLACE PROCEDURE _run_tell_twice(relation text, key_name text, key_zh text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, examples)
		SELECT %1$L, t.problem, t.problem_zh, sum(t.rows), (array_agg(t.name ORDER BY t.name COLLATE "C"))[:3]
		FROM (
			SELECT 'delivered twice: equal rows count once' AS problem,
				'重复报送的相同记录，按一条计' AS problem_zh, sum(m.copies - 1) AS rows, min(m.%3$I) AS name
			FROM pg_temp.%2$I AS m GROUP BY m.key HAVING sum(m.copies) > count(*)
			UNION ALL
			SELECT %4$L, %5$L, count(*), min(m.%3$I)
			FROM pg_temp.%2$I AS m GROUP BY m.key HAVING count(*) > 1
		) AS t
		GROUP BY t.problem, t.problem_zh$sql$, relation, 'medaudit_mended_' || relation, key_name,
		format('different rows of one %s: what differs is not known', key_name),
		format('同一%s有多条不同记录，不一致的内容按未知处理', key_zh));
END
$$;

COMMENT ON PROCEDURE _run_tell_twice(text, text, text) IS
	'提示重复记录: notes the copies and the different rows of one key in medaudit_mended_<relation> among what a run tells of bad rows';

-- GROUPED: what makes two rows the same; KEY: what is read again.
CREATE OR REPLACE FUNCTION _run_has_twice(relation text, grouped text, key text) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	found_some bool;
BEGIN
	EXECUTE format('CREATE TEMPORARY TABLE %1$I AS SELECT DISTINCT c.key FROM ('
		'SELECT %2$s AS key FROM pg_temp.%3$I() AS c GROUP BY %2$s, %4$s HAVING count(*) > 1) AS c WHERE c.key IS NOT NULL',
		'medaudit_twice_' || relation, key, 'medaudit_read_' || relation, grouped);
	EXECUTE format('SELECT EXISTS (SELECT FROM pg_temp.%I)', 'medaudit_twice_' || relation) INTO found_some;
	EXECUTE format('ANALYZE pg_temp.%I', 'medaudit_twice_' || relation);
	RETURN found_some;
END
$$;

COMMENT ON FUNCTION _run_has_twice(text, text, text) IS
	'是否有重复: whether a relation has several rows alike in some columns; the keys of these are in the temporary table medaudit_twice_<relation>';

-- One row for each of the keys in medaudit_twice_<relation>.
CREATE OR REPLACE PROCEDURE _run_mend_twice(relation text, keys text[], key text, key_zh text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_collect_twice(relation, key);
	CALL medaudit._run_tell_twice(relation, keys[1], key_zh);
	CALL medaudit._run_merge_rows(relation, keys);
	CALL medaudit._run_read_through(relation, key);
END
$$;

COMMENT ON PROCEDURE _run_mend_twice(text, text[], text, text) IS
	'合并重复登记: of several rows of one key of a register one is read from now on, in which what differs is unknown';

-- Facilities and items: one row per key.  Of an item each period of validity has
-- a row of its own, and each hospital may have one.  Persons: _run_read_persons().
CREATE OR REPLACE PROCEDURE _run_mend_register(relation text, keys text[], key_zh text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	known text[] := ARRAY(SELECT n.column_name FROM medaudit._run_columns(relation) AS n WHERE n.column_name = ANY (keys));
	grouped text := (SELECT string_agg(format('c.%I', k), ', ') FROM unnest(known) AS k);
	key text := CASE WHEN cardinality(known) = 1 THEN grouped
		ELSE format('CASE WHEN c.%I IS NOT NULL THEN ROW(%s)::text END', keys[1], grouped) END;
BEGIN
	IF medaudit._run_has_twice(relation, grouped, key) THEN
		CALL medaudit._run_mend_twice(relation, known, key, key_zh);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_mend_register(text, text[], text) IS
	'登记信息去重: of several rows of one key of a register one is read, in which what differs is unknown';

-- Local codes are of a hospital: where item says so, its items and the lines of
-- the visits there have the code that compile_rules() knows them by, followed by
-- 0x1F and the facility (see _item_forms()).  So names, units and classes follow.
CREATE OR REPLACE PROCEDURE _run_own_items()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS i WHERE i.facility_id IS NOT NULL) THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('own_item');
	INSERT INTO medaudit_work.own_item
	SELECT DISTINCT medaudit.code_fold(i.facility_id) AS facility_id, split_part(i.item_code, chr(31), 1) AS item_code,
		substring(i.item_code, strpos(i.item_code, chr(31))) AS suffix
	FROM pg_temp.medaudit_read_item() AS i WHERE strpos(i.item_code, chr(31)) > 0;
	PERFORM medaudit._analyze('own_item');
	CALL medaudit._run_read_through('charge');
END
$$;

COMMENT ON PROCEDURE _run_own_items() IS
	'机构项目编码: lets the lines of hospitals whose codes item lists by facility have the codes of these hospitals';

-- What is shown of the code of a hospital's item.
CREATE OR REPLACE FUNCTION _shown_code(code text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN split_part(code, chr(31), 1);

COMMENT ON FUNCTION _shown_code(text) IS
	'显示编码: the code without the hospital that a run has it by; NULL for NULL';

CREATE OR REPLACE PROCEDURE _run_show_codes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.own_item) THEN
		UPDATE medaudit_work.hit AS h
		SET item_code = medaudit._shown_code(h.item_code), other_code = medaudit._shown_code(h.other_code),
			evidence = regexp_replace(h.evidence::text, '\\u001f[^"]*"', '"', 'g')::jsonb
		WHERE strpos(h.item_code, chr(31)) > 0 OR strpos(h.other_code, chr(31)) > 0 OR strpos(h.evidence::text, '\u001f') > 0;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_show_codes() IS
	'还原编码: takes the hospital out of the codes of what charge rules say';

-- All that a run reads, but for the persons, which are read as they are mended; of
-- visits and their diagnoses and lines, what is looked at depends on the period, and
-- what was delivered twice is told apart when they are read.
CREATE OR REPLACE PROCEDURE _run_read_sources()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	relation text;
BEGIN
	FOREACH relation IN ARRAY '{person,facility,visit,diagnosis,charge,item}'::text[] LOOP
		CALL medaudit._run_read_through(relation);
	END LOOP;
	CALL medaudit._run_mend_register('facility', '{facility_id}', '机构编号');
	CALL medaudit._run_mend_register('item', '{item_code,facility_id,valid}', '项目编码');
END
$$;

COMMENT ON PROCEDURE _run_read_sources() IS
	'读取数据来源: makes the functions of the session through which a run reads the bound relations, and mends what was delivered twice';

-- Visits and diagnoses of the period that were delivered twice.
CREATE OR REPLACE PROCEDURE _run_tell_copies()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, facility_id, examples)
	SELECT m.relation, 'delivered twice: equal rows count once', '重复报送的相同记录，按一条计', sum(m.rows), s.facility_id,
		(array_agg(m.visit_id ORDER BY m.visit_id COLLATE "C"))[:3]
	FROM medaudit_work.copied AS m
	JOIN medaudit_work.span AS s ON s.visit_id = m.visit_id AND s.settled
	GROUP BY m.relation, s.facility_id;
END
$$;

COMMENT ON PROCEDURE _run_tell_copies() IS
	'提示重复报送: notes, by facility of the visits settled in the period, their rows and diagnoses that were delivered twice';

-- Whether a row lacks what its relation requires, or had what could not be read;
-- who was not discharged is still in.
CREATE OR REPLACE FUNCTION _run_bad_row(relation text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT 'c.unreadable IS NOT NULL' || coalesce(string_agg(format(' OR c.%I IS NULL', c.column_name), '' ORDER BY c.position), '')
	FROM medaudit.relation_column AS c
	WHERE c.relation = _run_bad_row.relation AND c.required AND c.column_name <> 'discharged_at'
$$;

COMMENT ON FUNCTION _run_bad_row(text) IS
	'问题行条件: SQL condition over a row, of alias c, of a relation as a run reads it: something required is missing or something could not be read; NULL for no relation';

-- Which values these are, by facility and column.  Rows of the visits settled in
-- the period, and of those that say nothing of when they were; of a register all.
CREATE OR REPLACE PROCEDURE _run_tell_cells(run_no bigint, relation text, name text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	of_visit bool := relation IN ('visit', 'charge', 'diagnosis', 'operation', 'case_group');
	required text[] := ARRAY(SELECT c.column_name FROM medaudit.relation_column AS c
		WHERE c.relation = _run_tell_cells.relation AND c.required AND c.column_name <> 'discharged_at' ORDER BY c.position);
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, facility_id, examples)
		SELECT %1$L, format(CASE WHEN b.missing THEN 'column %%s is missing' ELSE 'column %%s cannot be read' END, b.column_name),
			format(CASE WHEN b.missing THEN '缺少%%s（%%s）' ELSE '%%s（%%s）无法读取' END, n.name_zh, b.column_name),
			count(*), b.facility_id, coalesce((array_agg(b.name ORDER BY b.name COLLATE "C") FILTER (WHERE b.name IS NOT NULL))[:3], '{}')
		FROM (
			SELECT %2$s AS name, %3$s AS facility_id, k.column_name, k.missing
			FROM %4$s AS c %5$s
			CROSS JOIN LATERAL (
				SELECT u.column_name, false AS missing FROM unnest(c.unreadable) AS u (column_name)
				UNION ALL
				SELECT m.column_name, true FROM unnest(%6$L::text[], ARRAY[%7$s]) AS m (column_name, missing)
				WHERE m.missing AND m.column_name <> ALL (coalesce(c.unreadable, '{}'))
			) AS k
			WHERE (%8$s) AND %9$s
		) AS b
		JOIN medaudit.relation_column AS n ON n.relation = %1$L AND n.column_name = b.column_name
		GROUP BY b.column_name, b.missing, n.name_zh, b.facility_id$sql$,
		relation, name, CASE WHEN relation = 'visit' THEN 'coalesce(s.facility_id, c.facility_id)' WHEN of_visit THEN 's.facility_id'
			WHEN relation IN ('facility', 'facility_item', 'manual_claim') THEN 'c.facility_id' ELSE 'NULL::text' END,
		CASE relation WHEN 'visit' THEN 'medaudit_work.settlement'
			-- each part may go by an index
			WHEN 'diagnosis' THEN '(SELECT d.* FROM pg_temp.medaudit_read_diagnosis() AS d WHERE d.visit_id IN (SELECT s.visit_id FROM medaudit_work.span AS s'
				' WHERE s.settled) UNION ALL SELECT d.* FROM pg_temp.medaudit_read_diagnosis() AS d WHERE d.visit_id IS NULL)'
			ELSE format('pg_temp.%I()', 'medaudit_read_' || relation) END,
		CASE WHEN of_visit THEN 'LEFT JOIN medaudit_work.span AS s ON s.visit_id = c.visit_id' END,
		required, (SELECT string_agg(format('c.%I IS NULL', r), ', ') FROM unnest(required) AS r), medaudit._run_bad_row(relation),
		(SELECT CASE relation WHEN 'diagnosis' THEN '(s.settled OR c.visit_id IS NULL)' WHEN 'operation' THEN '(s.settled OR c.visit_id IS NULL)'
				WHEN 'case_group' THEN '(s.settled OR c.visit_id IS NULL)'
				WHEN 'visit' THEN format('(s.settled OR s.judged_at IS NULL AND coalesce(s.begins, c.admitted_at, %1$L) < %1$L::date + 1)', r.to_date)
				WHEN 'charge' THEN medaudit._run_bad_charges(r.from_date, r.to_date)
				WHEN 'manual_claim' THEN format('(c.paid_on IS NULL OR c.paid_on >= %L AND c.paid_on < %L)', r.from_date, r.to_date)
				ELSE 'true' END
			FROM medaudit.run AS r WHERE r.run_id = run_no));
END
$$;

COMMENT ON PROCEDURE _run_tell_cells(bigint, text, text) IS
	'提示缺失和无法读取: notes, by facility and column, what a relation lacks or what of it could not be read';

-- Lines of visits settled in the period, and those of it of no known visit or
-- of one that is not settled.  Of a visit that was not gathered, as most are not
-- where a store has them, it is not known whether it is settled.
CREATE OR REPLACE FUNCTION _run_bad_charges(from_date date, to_date date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN format('(s.settled OR s.judged_at IS NULL AND (c.charged_at IS NULL OR c.charged_at >= %L AND c.charged_at < %L))'
		' AND (c.visit_id IS NULL OR c.visit_id IN (SELECT g.visit_id FROM medaudit_work.gathered AS g WHERE g.problems[1] + g.problems[2] > 0))',
		from_date, to_date);

COMMENT ON FUNCTION _run_bad_charges(date, date) IS
	'问题明细范围: SQL condition: which lines, of alias c, with their visits, s, a run over a period tells of';

-- Of relations that a run reads for some rules only, where it has asked one of these; of
-- case groups no rule asks, but views do.
CREATE OR REPLACE PROCEDURE _run_tell_asked(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told record;
BEGIN
	FOR told IN
		SELECT w.relation, w.name FROM (VALUES ('operation', 'c.visit_id'), ('certificate', 'c.person_id'),
			('facility_item', 'concat_ws(''/'', c.facility_id, c.item_code)'), ('manual_claim', 'c.claim_id'), ('case_group', 'c.visit_id')) AS w (relation, name)
		WHERE to_regclass('medaudit_data.' || w.relation) IS NOT NULL AND (w.relation = 'case_group' OR EXISTS (
			SELECT FROM medaudit._rules_of_run(run_no) AS r
			JOIN medaudit.rule_kind AS k ON k.kind = r.kind
			CROSS JOIN LATERAL unnest(k.needs) AS n (need)
			CROSS JOIN LATERAL string_to_table(n.need, '|') AS a (name)
			WHERE r.missing IS NULL AND split_part(a.name, '.', 1) = w.relation))
	LOOP
		CALL medaudit._run_read_through(told.relation);
		CALL medaudit._run_tell_cells(run_no, told.relation, told.name);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_tell_asked(bigint) IS
	'提示缺失和无法读取: _run_tell_cells() of the relations that only some rules read, where the run asked one of them, and of case groups';

-- What a run has to tell of bad rows, with the first identifiers.
CREATE OR REPLACE PROCEDURE _run_quality_bad(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- of a run that is resumed
	DELETE FROM medaudit.run_quality AS q WHERE q.run_id = run_no AND q.examples IS NOT NULL;
	CALL medaudit._run_tell_copies();
	IF NOT medaudit._register_kept() THEN
		CALL medaudit._run_tell_cells(run_no, 'person', 'c.person_id');
	END IF;
	CALL medaudit._run_tell_cells(run_no, 'facility', 'c.facility_id');
	CALL medaudit._run_tell_cells(run_no, 'item', 'c.item_code');
	CALL medaudit._run_tell_cells(run_no, 'visit', 'c.visit_id');
	CALL medaudit._run_tell_cells(run_no, 'diagnosis', 'c.visit_id');
	INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, facility_id, examples)
	SELECT 'item', 'two national codes for one code of a hospital: not mapped', '同一机构的项目编码对应多个国家编码，未作对应',
		sum(t.rows), t.facility_id, (array_agg(t.item_code ORDER BY t.item_code COLLATE "C"))[:3]
	FROM (SELECT i.item_code, i.facility_id, count(*) AS rows FROM pg_temp.medaudit_read_item() AS i
		WHERE i.facility_id IS NOT NULL
		GROUP BY i.item_code, i.facility_id HAVING min(i.national_code) <> max(i.national_code)) AS t
	GROUP BY t.facility_id;
	CALL medaudit._run_tell_asked(run_no);
	CALL medaudit._run_quality_charges(run_no);
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, examples)
	SELECT run_no, b.relation, b.problem, b.problem_zh, b.rows, b.facility_id, f.name,
		ARRAY(SELECT CASE WHEN b.relation IN ('person', 'certificate') THEN medaudit.mask_person_id(e.name)
			ELSE medaudit.mask_numbers(medaudit._shown_code(e.name)) END FROM unnest(b.examples) WITH ORDINALITY AS e (name, nth) ORDER BY e.nth)
	FROM medaudit_work.bad AS b
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = b.facility_id;
	CALL medaudit._run_warn_unclear(run_no);
END
$$;

COMMENT ON PROCEDURE _run_quality_bad(bigint) IS
	'问题记录: keeps in the data quality what was delivered twice and what could not be read, with the first identifiers';
