-- The starter library: every kind is there, compiles, and stays as shipped.
SET search_path = medaudit, public;

SELECT r.kind, count(DISTINCT r.rule_code) AS rules, count(c.rule_code) + (SELECT count(*) FROM package AS p JOIN rule AS q USING (rule_code) WHERE q.kind = r.kind AND p.shipped) AS rows,
	bool_and(r.enabled) AS enabled
FROM rule AS r JOIN rule_kind AS k USING (kind) LEFT JOIN charge_rule AS c ON c.rule_code = r.rule_code AND c.shipped
WHERE r.shipped AND r.rule_code LIKE 'starter%' GROUP BY r.kind ORDER BY min(r.rule_code);

-- Well-formed codes; names, articles and sources are there.
SELECT count(*) AS odd_codes FROM (
	SELECT unnest(ARRAY[item_code, other_code]) AS code, code_match FROM charge_rule WHERE rule_code LIKE 'starter%' AND shipped
	UNION ALL SELECT unnest(ARRAY[package_code, component_code]), 'service' FROM package WHERE rule_code LIKE 'starter%' AND shipped) AS c
WHERE code IS NOT NULL AND NOT CASE code_match
	WHEN 'service' THEN code ~ '^00\d{13}$'
	ELSE code ~ '^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{9}$' OR code ~ '^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{9}$' END;
SELECT rule_code FROM rule WHERE shipped AND (rule_code !~ '^[a-z][a-z0-9_]*$' OR name_en IS NULL OR violation IS NULL OR article IS NULL OR source IS NULL);
-- Only arithmetic says violation.
SELECT rule_code FROM rule WHERE shipped AND certainty = 'violation' AND rule_code LIKE 'starter%' ORDER BY 1;

SELECT rule_count(compile_rules(VARIADIC array_agg(rule_code))) = count(*) AS all_compile FROM rule WHERE rule_code LIKE 'starter%';
SELECT * FROM rule_match(compile_rules(VARIADIC (SELECT array_agg(rule_code) FROM rule WHERE rule_code LIKE 'starter%')),
	'{531102000050000,001201000030000,001201000040000,531206000020000}');
