-- The library says its version, and it is the installed extension's.
SELECT medaudit.version() = extversion AS versions_agree
FROM pg_catalog.pg_extension WHERE extname = 'medaudit';

-- A misspelt setting of ours is refused.
SET medaudit.no_such_setting = 1;

-- Every object says what it is, the Chinese term first.
SELECT pg_describe_object(classid, objid, 0) AS object
FROM pg_depend, LATERAL (SELECT CASE classid
	WHEN 'pg_proc'::regclass THEN obj_description(objid, 'pg_proc')
	WHEN 'pg_class'::regclass THEN obj_description(objid, 'pg_class')
	WHEN 'pg_type'::regclass THEN obj_description(objid, 'pg_type')
	WHEN 'pg_operator'::regclass THEN obj_description(objid, 'pg_operator')
	WHEN 'pg_cast'::regclass THEN obj_description(objid, 'pg_cast')
	WHEN 'pg_opclass'::regclass THEN obj_description(objid, 'pg_opclass')
	WHEN 'pg_opfamily'::regclass THEN obj_description(objid, 'pg_opfamily') END) AS c (comment)
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'medaudit')
	AND classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass,
		'pg_opclass'::regclass, 'pg_opfamily'::regclass)
	-- 18 lists array and row types too
	AND (classid <> 'pg_type'::regclass OR (SELECT typcategory <> 'A' AND NOT EXISTS (
		SELECT FROM pg_class WHERE oid = typrelid AND relkind <> 'c') FROM pg_type WHERE oid = objid))
	AND coalesce(ascii(comment) NOT BETWEEN 19968 AND 40959, true)
ORDER BY 1;
SELECT attrelid::regclass AS relation, attname AS "column"
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'medaudit'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
	AND coalesce(ascii(col_description(attrelid, attnum)) NOT BETWEEN 19968 AND 40959, true)
ORDER BY attrelid::regclass::text, attnum;
-- Nothing runs with the rights of its owner.
SELECT oid::regprocedure AS function FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace AND prosecdef;
