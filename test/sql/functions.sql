-- The list of what people call.  Each has a Chinese term, an English meaning and
-- a page; what types and triggers call has an underscore in front.
SELECT name, arguments, meaning_zh, page, kind, returns FROM medaudit.functions
WHERE name IN ('split_stays', 'run_audit', 'rollup');
SELECT name, arguments, meaning_zh, meaning FROM medaudit.functions
WHERE meaning_zh !~ '[一-龥]' OR meaning = '';
SELECT name, arguments FROM medaudit.functions WHERE page IS NULL;
SELECT p.oid::regprocedure AS internal
FROM pg_proc AS p
WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname NOT LIKE '\_%'
	AND (p.prorettype = 'trigger'::regtype OR 'internal'::regtype = ANY (p.proargtypes));
-- and nothing of the extension is without a comment, but for what hangs on another
SELECT pg_describe_object(d.classid, d.objid, 0) AS uncommented
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND d.refobjid = (SELECT e.oid FROM pg_extension AS e WHERE e.extname = 'medaudit')
	AND obj_description(d.objid, d.classid::regclass::name) IS NULL
	AND d.classid NOT IN ('pg_opfamily'::regclass, 'pg_cast'::regclass, 'pg_operator'::regclass)
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND (t.typelem <> 0 OR t.typrelid <> 0))
	AND NOT EXISTS (SELECT FROM pg_class AS c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('i', 'c'));
-- every routine that is not in C says where it looks for names, or was read once when it was made
SELECT p.oid::regprocedure AS searches
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prosqlbody IS NULL
	AND NOT coalesce('search_path=pg_catalog, medaudit, pg_temp' = ANY (p.proconfig), false)
ORDER BY p.proname;
