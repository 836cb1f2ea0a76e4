-- The list of what people call.  Each has a Chinese term, an English meaning and
-- a page; what types and triggers call has an underscore in front.
SELECT name, arguments, meaning_zh, page, kind, returns FROM medaudit.functions
WHERE name IN ('split_stays', 'run_audit', 'rollup');
SELECT name, arguments, meaning_zh, meaning FROM medaudit.functions
WHERE meaning_zh !~ '[一-龥]' OR meaning = '';
SELECT name, arguments FROM medaudit.functions WHERE page IS NULL;
SELECT p.oid::regprocedure AS internal
FROM pg_proc AS p
WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname NOT LIKE '\_%'
	AND (p.prorettype = 'trigger'::regtype OR 'internal'::regtype = ANY (p.proargtypes));
-- and nothing of the extension is without a comment, but for what hangs on another
SELECT pg_describe_object(d.classid, d.objid, 0) AS uncommented
FROM pg_depend AS d
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
	AND d.refobjid = (SELECT e.oid FROM pg_extension AS e WHERE e.extname = 'medaudit')
	AND obj_description(d.objid, d.classid::regclass::name) IS NULL
	AND d.classid NOT IN ('pg_opfamily'::regclass, 'pg_cast'::regclass, 'pg_operator'::regclass)
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE d.classid = 'pg_type'::regclass AND t.oid = d.objid AND (t.typelem <> 0 OR t.typrelid <> 0))
	AND NOT EXISTS (SELECT FROM pg_class AS c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('i', 'c'));
-- every routine that is not in C says where it looks for names, or was read once when it was made
SELECT p.oid::regprocedure AS searches
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prosqlbody IS NULL
	AND NOT coalesce('search_path=pg_catalog, medaudit, pg_temp' = ANY (p.proconfig), false)
ORDER BY p.proname;
-- what is in C and is called with NULL takes it in each place, beside what is there and what is empty
\set ECHO none
BEGIN;
CREATE TEMP TABLE given ON COMMIT DROP AS
SELECT g.type::regtype AS type, g.one, g.none
FROM (VALUES ('int', '1', '0'), ('bigint', '1', '0'), ('numeric', '1', '0'), ('float8', '1', '0'), ('real', '1', '0'), ('bool', 'true', 'false'), ('text', 'a', ''),
	('text[]', '{a}', '{}'), ('int[]', '{1}', '{}'), ('bigint[]', '{1}', '{}'), ('numeric[]', '{1}', '{}'), ('float8[]', '{1}', '{}'), ('date[]', '{2025-01-01}', '{}'),
	('date', '2025-01-01', '-infinity'), ('timestamp', '2025-01-01 08:00', 'infinity'), ('interval', '1 day', '0'), ('jsonb', '{"v": {"sex": "1"}}', '{}'),
	('bytea', '\x01', ''), ('daterange', '[2025-01-01,2025-02-01)', 'empty'), ('regclass', 'medaudit.charge_rule', 'pg_class'), ('oid', '1', '0'),
	('medaudit.ledger', (SELECT medaudit.ledger('a', 1, 1, timestamp '2025-01-01')::text), (SELECT medaudit.ledger(NULL, 1, 1, timestamp '2025-01-01')::text)),
	('medaudit.stays', (SELECT medaudit.stays('v', 'p', 'f', timestamp '2025-01-01', timestamp '2025-01-03', 'J18', 10, '{a}')::text), (SELECT medaudit.stays('v', 'p', 'f', NULL, NULL, NULL, 0, NULL)::text)),
	('medaudit.rulebook', '[{"rule_code": "x", "kind": "duplicate", "item_code": "a", "scope": "day"}]', '[]'),
	('medaudit.visit_context', '(1,,,,,,,,,,,,)', '(,,,,,,,,,,,,)'), ('medaudit.visit_context[]', '{"(1,,,,,,,,,,,,)"}', '{}')) AS g (type, one, none);
CREATE TEMP TABLE given_calls (call text, state text) ON COMMIT DROP;
DO $$
DECLARE
	asked record;
BEGIN
	FOR asked IN
		SELECT format('SELECT count(x) FROM (SELECT medaudit.%I(%s) AS x) AS t', p.proname, (
			SELECT string_agg(format('%s %L::%s', CASE WHEN p.provariadic <> 0 AND a.place = p.pronargs THEN 'VARIADIC' END, CASE WHEN n.place IN (0, a.place) THEN NULL WHEN e.empty THEN g.none ELSE g.one END, g.type), ', ' ORDER BY a.place)
			FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place) JOIN given AS g USING (type))) AS call
		FROM pg_proc AS p
		JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'c'
		CROSS JOIN LATERAL generate_series(0, p.pronargs) AS n (place)
		CROSS JOIN (VALUES (false), (true)) AS e (empty)
		WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind = 'f' AND NOT p.proisstrict AND p.pronargs > 0
			AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS t (type) WHERE t.type NOT IN (SELECT g.type FROM given AS g))
	LOOP
		BEGIN
			EXECUTE asked.call;
			INSERT INTO given_calls VALUES (asked.call, '00000');
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO given_calls VALUES (asked.call, SQLSTATE);
		END;
	END LOOP;
END $$;
\set ECHO all
-- (XX001: bytes of a table that are damaged)
SELECT call, state FROM given_calls WHERE state !~ '^(00|22|XX001)';
SELECT count(*) > 500 AS many, count(*) FILTER (WHERE state = '22004') > 50 AS refused, count(*) FILTER (WHERE state = '00000') > 100 AS answered FROM given_calls;
COMMIT;
