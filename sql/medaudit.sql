\echo Use "CREATE EXTENSION medaudit" to load this file. \quit

CREATE FUNCTION version() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION medaudit.version() IS
	'版本: the version of the medaudit library that is loaded';

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
