-- national_rules: official names and codes of rules
-- every official code that a rule has is known, and what is known is in order
SELECT rule_code, national_code FROM medaudit.rule WHERE national_code IS NOT NULL AND medaudit.national_rule_name(national_code) IS NULL;
SELECT layout FROM medaudit.import_layout WHERE national_code IS NOT NULL AND medaudit.national_rule_name(national_code) IS NULL;
SELECT count(*) > 40 AS names, count(*) FILTER (WHERE national_code !~ '^(GZ|ZB)[0-9]{14}$') AS odd, count(*) FILTER (WHERE national_code IS NULL) AS without FROM medaudit.national_rule;
SELECT l.rule_code FROM medaudit.import_layout_rule AS l WHERE medaudit.national_rule_name(l.national_code) IS DISTINCT FROM l.rule_name
	OR NOT EXISTS (SELECT FROM medaudit.import_layout AS i WHERE i.layout = l.layout AND l.rule_name = ANY (i.rule_names));
-- what sheets of one row a code call their rows is an official name
SELECT DISTINCT n FROM medaudit.import_layout, unnest(rule_names) AS n WHERE NOT EXISTS (SELECT FROM medaudit.national_rule AS r WHERE r.name_zh = n);
SELECT rule_code, medaudit.national_rule_name(national_code) AS name FROM medaudit.rule WHERE shipped AND national_code IS NOT NULL ORDER BY rule_code COLLATE "C";
SELECT medaudit.national_rule_name(' gz10000204001000'), medaudit.national_rule_name('GZ1'), medaudit.national_rule_name(NULL);
-- where the published names are at hand: the same
\set have `test -r "$MEDAUDIT_MATERIAL/nhsa/official_rules_1_0.csv" && echo true || echo false`
CREATE TEMP TABLE framework (official_code text, tier1 text, tier2 text, name text, definition text);
CREATE TEMP TABLE book (seq text, tier1 text, tier2 text, name text, has_points text, official_code_1_0 text, new_in_2025 text);
\if :have
\copy framework FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/official_rules_1_0.csv"' (FORMAT csv, HEADER)
\copy book FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/official_rules_2025.csv"' (FORMAT csv, HEADER)
\endif
SELECT n.name_zh, n.national_code FROM medaudit.national_rule AS n
WHERE EXISTS (SELECT FROM framework) AND NOT EXISTS (SELECT FROM framework AS f WHERE f.official_code = n.national_code AND regexp_replace(f.name, '^(管理类)?-?(管理要求)?', '') = n.name_zh)
	AND NOT EXISTS (SELECT FROM book AS b WHERE b.name = n.name_zh AND b.official_code_1_0 IS NOT DISTINCT FROM n.national_code);
-- a rule of one's own has the code that it is given, and national_findings shows it
SELECT pg_get_viewdef('medaudit.national_findings'::regclass) ~ 'national_code' AS shown;
