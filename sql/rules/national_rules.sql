-- What the national rules are called; their names and codes are shipped, and stay.
CREATE OR REPLACE FUNCTION national_rule_name(national_code text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
	RETURN (SELECT n.name_zh FROM medaudit.national_rule AS n
		WHERE n.national_code = upper(btrim(national_rule_name.national_code)));

COMMENT ON FUNCTION national_rule_name(text) IS
	'国家规则名称: official name of a national rule by its code (GZ10000204001000 is 分解住院); NULL for NULL and for a code that national_rule does not have';
