-- Aliases: a fund's own readings of signs and words.

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
SELECT pg_extension_config_dump('text_alias', '');
