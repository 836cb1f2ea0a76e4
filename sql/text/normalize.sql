CREATE FUNCTION normalize_text(value text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_normalize_text'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION normalize_text(text) IS
	'文本归一: one spelling for comparing: NFKC case fold, traditional to simplified, brackets to (), separators to -, quotes unified, blanks and invisible characters removed, units after digits, shipped aliases. Idempotent. NULL gives NULL. Needs a UTF8 database (else 0A000). IMMUTABLE for one icu_version(): after an upgrade of ICU or medaudit reindex what is built on it';

CREATE FUNCTION normalize_text(value text, aliases jsonb) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_normalize_text_aliases'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION normalize_text(text, jsonb) IS
	'文本归一(附加别名): normalize_text() with further aliases {"alias": "canonical"} on top of the shipped ones, the same alias overriding. NULL text gives NULL; NULL aliases are 22004, aliases that are no object of strings, or chase each other, 22023';

CREATE FUNCTION icu_version() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_icu_version'
	LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION icu_version() IS
	'字符库版本: versions of ICU, Unicode and CLDR that the text functions stand on. Keep it beside stored keys; when it changes, recompute them and REINDEX';

CREATE TABLE text_alias (
	alias text PRIMARY KEY CHECK (btrim(alias) <> ''),
	canonical text NOT NULL,
	note text
);

COMMENT ON TABLE text_alias IS
	'别名表: words of this fund or region and what they stand for, for normalize_text(value, text_aliases()). The shipped aliases are compiled in; a row here overrides one';
COMMENT ON COLUMN text_alias.alias IS '别名: the spelling that occurs; compared in its normal form';
COMMENT ON COLUMN text_alias.canonical IS '标准写法: what it stands for; empty removes the alias from the text';
COMMENT ON COLUMN text_alias.note IS '说明: why';

GRANT SELECT ON text_alias TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('text_alias', '');

CREATE FUNCTION text_aliases() RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL SAFE COST 100
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.jsonb_object_agg(t.alias, t.canonical), '{}')
		FROM text_alias AS t;
	END;

COMMENT ON FUNCTION text_aliases() IS
	'别名集: the rows of text_alias as the aliases argument of normalize_text(); {} when there are none';
