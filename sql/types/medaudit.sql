-- What belongs to no topic.

CREATE OR REPLACE FUNCTION version() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION medaudit.version() IS
	'版本: the version of the medaudit library that is loaded';
