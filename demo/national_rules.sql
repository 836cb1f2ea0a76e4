-- The rule files of the national authority: read as published, made into
-- rules, and the county's year audited with them.
--
-- psql variable rules: the folder with the files, see national_import.sql.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\ir national_import.sql

\echo The published files, sheet by sheet: what came in, in place of others, stood already, was left out:
SELECT regexp_replace(i.sheet, '^nhsa\.', '') AS sheet, i.rule_code, i.rows, i.points, i.imported, i.replaced, i.standing, i.refused
FROM medaudit.national_import AS i
UNION ALL
SELECT 'all', NULL, sum(rows), sum(points), sum(imported), sum(replaced), sum(standing), sum(refused) FROM medaudit.national_import;
\echo Why rows were left out:
SELECT i.sheet, r.key AS reason, r.value AS rows FROM medaudit.national_import AS i CROSS JOIN LATERAL jsonb_each(i.reasons) AS r ORDER BY 1, 2;
\echo Where text and value of a row differ, it is a suspicion with a note:
SELECT rule_code, substring(note, ' \(((?:文字|值为).*)\)$') AS differs, count(*) AS rules,
	min(split_part(note, ':', 1)) AS for_example
FROM medaudit.charge_rule
WHERE rule_code LIKE 'national%' AND note ~ ' \((文字|值为).*\)$' GROUP BY 1, 2 ORDER BY 1, 2;
\echo What stays without an answer:
SELECT i.rule_code, idle.what
FROM (SELECT DISTINCT n.rule_code FROM medaudit.national_import AS n WHERE n.rule_code IS NOT NULL) AS i CROSS JOIN LATERAL medaudit._import_idle(i.rule_code) AS idle (what)
ORDER BY 1;

-- A person reads the texts of indications, and accepts those that name diseases alone.
\echo Texts of indications: how many name diseases alone, and what the others say besides:
SELECT disease_only, says, count(*) AS texts, sum(rows) AS rows, min(note) AS for_example
FROM medaudit.propose_indications() GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC LIMIT 12;
SELECT medaudit.accept_indications(coalesce(array_agg(note), '{}')) AS rows_that_judge_now FROM medaudit.propose_indications() WHERE disease_only;
-- The fund's price list has what the operations of batch 2 cost in full.
UPDATE medaudit.charge_rule AS c SET max_price = h.pric FROM yb.hilist_b AS h
WHERE c.rule_code = 'national_2_secondary_procedure' AND h.hilist_code = c.item_code;

SELECT array_agg(DISTINCT rule_code) AS codes FROM medaudit.national_import WHERE rule_code IS NOT NULL \gset
CALL medaudit.run_audit('2025-01-01', '2026-01-01', :'codes');

\echo The national rules on what was planted for them, and on the rest of the county:
SELECT * FROM demo.tally WHERE rule_code LIKE 'national%' ORDER BY rule_code;

\echo Their reach: most rules meet no code of so small a catalogue.
WITH codes AS (SELECT array_agg(DISTINCT item_code) AS all_of_them FROM medaudit_data.charge),
found AS (
	SELECT rule_code, count(*) AS findings, count(DISTINCT person_id) AS persons,
		sum(gross_amount) AS gross, sum(claimed_amount) AS claimed
	FROM medaudit.finding GROUP BY rule_code)
SELECT p.rule_code, m.rows AS rules, m.rows_that_match, m.rows_pending,
	coalesce(findings, 0) AS findings, coalesce(persons, 0) AS persons,
	gross::numeric(14,2), claimed::numeric(14,2)
FROM (SELECT r.rule_code, k.book = 'charges' AS about_charges FROM medaudit.rule AS r JOIN medaudit.rule_kind AS k USING (kind)
	WHERE r.rule_code = ANY (:'codes')) AS p CROSS JOIN codes
	LEFT JOIN LATERAL (SELECT t.* FROM medaudit.compile_rules(VARIADIC CASE WHEN p.about_charges THEN ARRAY[p.rule_code] ELSE '{}' END) AS b (rules)
		CROSS JOIN LATERAL medaudit.rule_match(b.rules, all_of_them) AS t) AS m ON true
	LEFT JOIN found AS f ON f.rule_code = p.rule_code
ORDER BY p.rule_code;

-- The other planted people may well collide with a national rule too.
SELECT count(*) > 0 AS is_wrong FROM demo.wrong
WHERE rule_code LIKE 'national%' AND what NOT LIKE 'flagged by%' \gset
\if :is_wrong
	SELECT * FROM demo.wrong
	WHERE rule_code LIKE 'national%' AND what NOT LIKE 'flagged by%'
	ORDER BY rule_code, case_id, instance LIMIT 60;
	DO $$BEGIN RAISE 'what was planted for the national rules was missed or a near miss flagged'; END$$;
\endif
