\echo Use "CREATE EXTENSION medaudit" to load this file. \quit

-- Before anything else: this file runs as a superuser with the schema medaudit
-- in its search_path, where a function or operator that somebody has put there
-- could fit better than the one that is meant.  So a schema that is there
-- already must belong to who installs or to a superuser, and so must all in it.
-- Names and types are written out, so that nothing of it is picked up here.
DO $$
DECLARE
	name_of_schema pg_catalog.text;
	found pg_catalog.text;
BEGIN
	FOREACH name_of_schema IN ARRAY '{medaudit,medaudit_data,medaudit_work}'::pg_catalog.text[] LOOP
		SELECT pg_catalog.pg_describe_object(o.class, o.object, 0::pg_catalog.int4) INTO found
		FROM (
			SELECT n.tableoid, n.oid, n.nspowner, n.oid
			FROM pg_catalog.pg_namespace AS n
			UNION ALL SELECT c.tableoid, c.oid, c.relowner, c.relnamespace FROM pg_catalog.pg_class AS c
			UNION ALL SELECT p.tableoid, p.oid, p.proowner, p.pronamespace FROM pg_catalog.pg_proc AS p
			UNION ALL SELECT o.tableoid, o.oid, o.oprowner, o.oprnamespace FROM pg_catalog.pg_operator AS o
			UNION ALL SELECT t.tableoid, t.oid, t.typowner, t.typnamespace FROM pg_catalog.pg_type AS t
			UNION ALL SELECT c.tableoid, c.oid, c.collowner, c.collnamespace FROM pg_catalog.pg_collation AS c
			UNION ALL SELECT c.tableoid, c.oid, c.conowner, c.connamespace FROM pg_catalog.pg_conversion AS c
			UNION ALL SELECT c.tableoid, c.oid, c.opcowner, c.opcnamespace FROM pg_catalog.pg_opclass AS c
			UNION ALL SELECT f.tableoid, f.oid, f.opfowner, f.opfnamespace FROM pg_catalog.pg_opfamily AS f
			UNION ALL SELECT c.tableoid, c.oid, c.cfgowner, c.cfgnamespace FROM pg_catalog.pg_ts_config AS c
			UNION ALL SELECT d.tableoid, d.oid, d.dictowner, d.dictnamespace FROM pg_catalog.pg_ts_dict AS d
			UNION ALL SELECT s.tableoid, s.oid, s.stxowner, s.stxnamespace FROM pg_catalog.pg_statistic_ext AS s
			-- who may create there could do so in the meantime; in medaudit_data binders may
			UNION ALL SELECT n.tableoid, n.oid, a.grantee, n.oid
			FROM pg_catalog.pg_namespace AS n
			CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) AS a
			WHERE a.privilege_type OPERATOR(pg_catalog.=) 'CREATE'::pg_catalog.text
				AND name_of_schema OPERATOR(pg_catalog.<>) 'medaudit_data'::pg_catalog.text
		) AS o (class, object, owner, place)
		WHERE o.place OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace(name_of_schema)::pg_catalog.oid
			AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r
				WHERE r.oid OPERATOR(pg_catalog.=) o.owner
					AND (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER::pg_catalog.name))
		ORDER BY o.class USING OPERATOR(pg_catalog.<), o.object USING OPERATOR(pg_catalog.<) LIMIT 1;
		IF found IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42501',
				MESSAGE = pg_catalog.format('medaudit cannot be installed: %s belongs to, or may be changed by, another role', found),
				DETAIL = pg_catalog.format('What stands in the schema %I could run with the rights of who installs.', name_of_schema),
				HINT = 'Drop the schema: CREATE EXTENSION makes it.';
		END IF;
	END LOOP;
END
$$;

-- What bind() makes of the warehouse stands in a schema of its own, so that
-- nobody but the owner of the extension ever needs CREATE on medaudit.
DO $$
BEGIN
	IF pg_catalog.to_regnamespace('medaudit_data') IS NULL THEN
		CREATE SCHEMA medaudit_data;
		-- its views read as whoever asks: to see them is to see nothing more
		GRANT USAGE ON SCHEMA medaudit_data TO PUBLIC;
		COMMENT ON SCHEMA medaudit_data IS
			'数据视图: the views over the warehouse that medaudit.bind() makes; who binds needs CREATE here and nowhere else';
	END IF;
END
$$;

-- What a run puts together stands in another, so that the rights of whoever runs
-- audits are one GRANT.
DO $$
BEGIN
	IF pg_catalog.to_regnamespace('medaudit_work') IS NULL THEN
		CREATE SCHEMA medaudit_work;
		COMMENT ON SCHEMA medaudit_work IS
			'运行工作表: what an audit run has read and put together; emptied when it is done';
	END IF;
END
$$;
