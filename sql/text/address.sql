-- Addresses: their parts, the key of a household, and who is linked by what.

CREATE OR REPLACE FUNCTION shipped_divisions() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_shipped_divisions'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION shipped_divisions() IS
	'随扩展的区划: the divisions this build came with, a line each, code and name; NULL in a database that is not UTF8';

CREATE OR REPLACE FUNCTION shipped_address_words() RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_shipped_address_words'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION shipped_address_words() IS
	'随扩展的地址用词: the words of addresses this build came with, a line each: kind, blank, word, tab, what stands for it, tab, what must not follow; NULL in a database that is not UTF8';

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON address_word
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION compile_divisions() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE COST 10000
	RETURN (SELECT string_agg(line, E'\n' ORDER BY is_word, shipped, line COLLATE "C")
			FROM (SELECT code || ' ' || name AS line, shipped, false AS is_word FROM division
				  UNION ALL
				  SELECT concat_ws(E'\t', kind || ' ' || word, coalesce(canonical, ''), coalesce(not_before, '')), false, true
				  FROM address_word WHERE NOT shipped) AS source);

COMMENT ON FUNCTION compile_divisions() IS
	'编译区划表: the table division and the words of one''s own in address_word as one value for parse_address and household_key; call it once a statement, as (SELECT medaudit.compile_divisions()). NULL when there is neither';

CREATE OR REPLACE FUNCTION parse_address(
	address text,
	OUT province text, OUT city text, OUT district text, OUT town text,
	OUT village text, OUT road text, OUT house text, OUT poi text,
	OUT building text, OUT unit text, OUT floor text, OUT room text,
	OUT level text)
	AS 'MODULE_PATHNAME', 'medaudit_parse_address'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION parse_address(text) IS
	'解析地址: the parts of an address, numbers in Arabic digits without their words, and its level, the finest part present (room, floor, unit, building, house, poi, road, group, village, town, district, city, province). A part that is not there is NULL; NULL gives NULL';

CREATE OR REPLACE FUNCTION parse_address(
	address text, region text, divisions text,
	OUT province text, OUT city text, OUT district text, OUT town text,
	OUT village text, OUT road text, OUT house text, OUT poi text,
	OUT building text, OUT unit text, OUT floor text, OUT room text,
	OUT level text)
	AS 'MODULE_PATHNAME', 'medaudit_parse_address'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;

COMMENT ON FUNCTION parse_address(text, text, text) IS
	'解析地址: the same with a region (code or name, fills in what the address leaves out) and the divisions and words of compile_divisions(); NULL of either: nothing known, the shipped ones. A line of divisions that is neither is 22023';

CREATE OR REPLACE FUNCTION household_key(address text, region text DEFAULT NULL)
	RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_household_key'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;

COMMENT ON FUNCTION household_key(text, text) IS
	'住户键: one key for every spelling of a home, another for its neighbours. region: code of six digits or name, fills in what the address leaves out. NULL unless the address names a room, or a single house without a building, of a named place (not 附1号, 3组17号, 路5号); NULL for a care home, hospital or school; NULL for NULL';

CREATE OR REPLACE FUNCTION household_key(address text, region text, divisions text)
	RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_household_key'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;

COMMENT ON FUNCTION household_key(text, text, text) IS
	'住户键: the same with the divisions and words of compile_divisions(); NULL divisions: the shipped ones. A line of divisions that is neither is 22023';

CREATE OR REPLACE FUNCTION _link_groups_transition(internal, text, text, text, int) RETURNS internal
	AS 'MODULE_PATHNAME', 'link_groups_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _link_groups_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'link_groups_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _link_groups_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'link_groups_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _link_groups_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'link_groups_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _link_groups_final(internal) RETURNS link_group[]
	AS 'MODULE_PATHNAME', 'link_groups_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION _link_groups_transition(internal, text, text, text, int) IS
	'关联人群: support function of the aggregate link_groups';
COMMENT ON FUNCTION _link_groups_combine(internal, internal) IS
	'关联人群: support function of the aggregate link_groups';
COMMENT ON FUNCTION _link_groups_serialize(internal) IS
	'关联人群: support function of the aggregate link_groups';
COMMENT ON FUNCTION _link_groups_deserialize(bytea, internal) IS
	'关联人群: support function of the aggregate link_groups';
COMMENT ON FUNCTION _link_groups_final(internal) IS
	'关联人群: support function of the aggregate link_groups';

CREATE OR REPLACE AGGREGATE link_groups(person_id text, kind text, value text, max_people int) (
	SFUNC = _link_groups_transition,
	STYPE = internal,
	SSPACE = 4096,
	FINALFUNC = _link_groups_final,
	COMBINEFUNC = _link_groups_combine,
	SERIALFUNC = _link_groups_serialize,
	DESERIALFUNC = _link_groups_deserialize,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE link_groups(text, text, text, int) IS
	'关联人群: groups of people who share values (household, phone, address), each with the kinds of value that link it; a value of more than max_people people links nobody, equal values of different kinds are different. Rows with a NULL person, kind or value are left out; no rows give NULL, no links {}. max_people NULL is 22004, below 2 or not constant 22023';
