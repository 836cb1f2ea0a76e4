-- What belongs to no topic.

CREATE OR REPLACE FUNCTION version() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION medaudit.version() IS
	'版本: the version of the medaudit library that is loaded';

-- What routines in SQL say to people goes through it before anything is put in.
CREATE OR REPLACE FUNCTION _say(message text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_say'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _say(text) IS
	'译文: a message in the language of lc_messages, as po/ has it; as it is where that has none; NULL for NULL';
