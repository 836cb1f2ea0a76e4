-- The starter library: every kind is there, compiles, and stays as shipped.
SET search_path = medaudit, public;

SELECT r.kind, count(DISTINCT r.rule_code) AS rules, count(c.rule_code) + (SELECT count(*) FROM package AS p JOIN rule AS q USING (rule_code) WHERE q.kind = r.kind AND p.shipped) AS rows,
	bool_and(r.enabled) AS all_enabled, bool_or(r.enabled) AS some_enabled
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

-- Of rules that do, rows to which a hospital may have an answer do not.
SELECT rule_code, coalesce(other_code, item_code) AS code, certainty FROM charge_rule WHERE shipped AND rule_code LIKE 'starter%' AND certainty IS NOT NULL ORDER BY 1, 2;

-- What ships enabled rests on the law or a published list; the others say that
-- they are examples.
SELECT rule_code, certainty, article, source FROM rule WHERE shipped AND enabled AND rule_code LIKE 'starter%' ORDER BY 1;
SELECT count(*) AS examples, count(DISTINCT source) AS sources, bool_and(source LIKE '%举例%') AS said FROM rule WHERE shipped AND NOT enabled AND rule_code LIKE 'starter%';
SELECT count(*) AS told_twice FROM charge_rule AS a JOIN charge_rule AS b USING (item_code, unit) WHERE a.rule_code = 'starter_hours' AND b.rule_code IN ('starter_quantity', 'starter_per_bed_day');
\set have `test -r "$MEDAUDIT_MATERIAL/nhsa/b8_daily_caps.csv" && echo true || echo false`
\if :have
CREATE TEMP TABLE caps (n text, name text, quantity text, unit text, code text);
\copy caps FROM PROGRAM 'cat "$MEDAUDIT_MATERIAL/nhsa/b8_daily_caps.csv"' (FORMAT csv, HEADER)
DO $$
BEGIN
	IF EXISTS (SELECT FROM medaudit.charge_rule AS r WHERE rule_code = 'starter_per_bed_day' AND NOT EXISTS (
			SELECT FROM caps WHERE code = r.item_code AND quantity::numeric = r.max_quantity AND unit = r.unit)) THEN
		RAISE WARNING 'a row of starter_per_bed_day is not in the published list';
	ELSIF EXISTS (SELECT FROM medaudit.charge_rule AS r JOIN caps ON code = r.item_code
			WHERE rule_code = 'starter_hours' AND (quantity::numeric, caps.unit) <> (24, '小时')) THEN
		RAISE WARNING 'the published list counts an item of starter_hours otherwise';
	END IF;
END
$$;
\endif

-- The enabled ones at their bounds: 24 hours a date; as many days as the stay
-- has; the date of admission and of discharge; diagnoses of the other sex.
SELECT c.n, a.rule_code, a.line_id, a.excess_quantity, a.excess_amount
FROM (SELECT n, ledger(item, quantity, quantity * 10, at, n::text) AS book FROM (VALUES
		(1, '003107010220000', 24, timestamp '2026-03-02 00:30'), (2, '003107010220000', 25, '2026-03-02 00:30'),
		(3, '001201000030000', 3, '2026-03-02 08:00'), (4, '001201000030000', 4, '2026-03-02 08:00'),
		(5, '001109000010000', 1, '2026-03-03 23:59'), (6, '001109000010000', 1, '2026-03-04 00:00'),
		(7, '001109000010000', 1, '2026-03-01 00:00'), (8, '001109000010000', 1, '2026-02-28 23:59'),
		(9, '001102000050000', 2, '2026-03-02 08:00')) AS v (n, item, quantity, at) GROUP BY n) AS c,
	audit_charges(book, visit_context(sex => '1', admitted_at => '2026-03-01 09:00', discharged_at => '2026-03-03 10:00')) AS a
WHERE a.outcome = 'excess' ORDER BY c.n, 2;
SELECT d AS diagnosis, string_agg(who, ', ' ORDER BY who) FILTER (WHERE hit) AS cannot_have
FROM unnest('{O80.900,C50.900,C51.900,C58.x00,C60.900,C63.900,N39.000,N40.x00,N51.800,N60.100,N70.900,N83.200,N98.900,N99.000,P22.000,F01.900}'::text[]) AS d,
	(VALUES ('man', '1', date '1990-01-01'), ('woman', '2', '1990-01-01'), ('somebody', '9', '1990-01-01'), ('woman of 60', '2', '1966-03-02'),
		('woman of 59', '2', '1966-03-03'), ('girl of 9', '2', '2016-03-03'), ('girl of 10', '2', '2016-03-02'), ('infant', '9', '2025-03-03')) AS p (who, sex, born),
	LATERAL (SELECT EXISTS (SELECT FROM audit_charges((SELECT ledger('X', 1, 10, timestamp '2026-03-02')),
		visit_context(sex => sex, birth_date => born, diagnosis_codes => ARRAY[d])) AS a WHERE a.outcome = 'excess') AS hit) AS f
GROUP BY d ORDER BY d;
-- An example that is not enabled finds nothing unless it is named.
SELECT count(*) FILTER (WHERE rules IS NULL) AS enabled, count(*) FILTER (WHERE rules IS NOT NULL) AS named
FROM (SELECT ledger('001102000050000', 2, 40, timestamp '2026-03-02 08:00') AS book) AS b,
	(VALUES (NULL::rulebook), (compile_rules('starter_quantity'))) AS r (rules),
	audit_charges(book, NULL::visit_context, coalesce(rules, compile_rules())) AS a WHERE outcome = 'excess';

SELECT rule_count(compile_rules(VARIADIC array_agg(rule_code))) = count(*) AS all_compile FROM rule WHERE rule_code LIKE 'starter%';
SELECT * FROM rule_match(compile_rules(VARIADIC (SELECT array_agg(rule_code) FROM rule WHERE rule_code LIKE 'starter%')),
	'{531102000050000,001201000030000,001201000040000,531206000020000}');
