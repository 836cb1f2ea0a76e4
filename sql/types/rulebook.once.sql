-- Casts and operators of the rulebook.

CREATE CAST (jsonb AS rulebook) WITH FUNCTION _rulebook_from_json(jsonb);
CREATE CAST (rulebook AS jsonb) WITH FUNCTION _rulebook_as_json(rulebook);

COMMENT ON CAST (jsonb AS rulebook) IS
	'由JSON成规则书: rules without tables';
COMMENT ON CAST (rulebook AS jsonb) IS
	'规则书转JSON: rules that people and programs can read';

CREATE OPERATOR || (
	FUNCTION = _rulebook_concat,
	LEFTARG = rulebook,
	RIGHTARG = rulebook
);

COMMENT ON OPERATOR || (rulebook, rulebook) IS
	'规则书合并: rules and rows of both';
