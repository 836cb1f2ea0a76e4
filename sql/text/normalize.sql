-- Text in normal form.

CREATE OR REPLACE FUNCTION normalize_text(value text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_normalize_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION normalize_text(text) IS
	'文本归一: one spelling for comparing: NFKC case fold, traditional to simplified, brackets to (), separators to -, quotes unified, blanks and invisible characters removed, units after digits, shipped aliases. Idempotent. NULL gives NULL. Needs a UTF8 database (else 0A000). IMMUTABLE for one icu_version(): after an upgrade of ICU or medaudit reindex what is built on it';

CREATE OR REPLACE FUNCTION normalize_text(value text, aliases jsonb) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_normalize_text_aliases'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION normalize_text(text, jsonb) IS
	'文本归一(附加别名): normalize_text() with further aliases {"alias": "canonical"} on top of the shipped ones, the same alias overriding. NULL text gives NULL; NULL aliases are 22004, aliases that are no object of strings, or chase each other, 22023';

CREATE OR REPLACE FUNCTION icu_version() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_icu_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION icu_version() IS
	'字符库版本: versions of ICU, Unicode and CLDR that the text functions stand on. Keep it beside stored keys; when it changes, recompute them and REINDEX';

CREATE OR REPLACE FUNCTION text_aliases() RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE COST 100
	BEGIN ATOMIC
		SELECT COALESCE(jsonb_object_agg(t.alias, t.canonical), '{}')
		FROM text_alias AS t;
	END;

COMMENT ON FUNCTION text_aliases() IS
	'别名集: the rows of text_alias as the aliases argument of normalize_text(); {} when there are none';
