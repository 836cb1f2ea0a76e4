-- What sqlsmith writes its queries with, after calls.sql: values of each type in tables, and
-- the functions of medaudit.  It asks for functions that return no set, and reads an
-- unqualified pg_proc: the schema smith, in front, has one of what is to be called.
CREATE SCHEMA smith;

-- Five tables of a column for each type, with values that are likely to hurt.
DO $$
BEGIN
	PERFORM setseed(0.5);
	FOR place IN 1..5 LOOP
		EXECUTE (SELECT format('CREATE TABLE smith.pool_%s AS SELECT i, %s FROM generate_series(1, 6) AS i', place,
				string_agg(format('(%L::text[])[i]::%s AS %I', v.some, format_type(v.type, NULL), 'a_' || regexp_replace(format_type(v.type, NULL), '\W+', '_', 'g')), ', '))
			FROM (SELECT p.type, array_agg(p.value) AS some
				FROM (SELECT v.type, v.value, row_number() OVER (PARTITION BY v.type ORDER BY random()) AS n FROM value_of AS v) AS p
				WHERE p.n <= 5 GROUP BY p.type) AS v);
	END LOOP;
END $$;

-- What returns rows, as a number of them, read whole.
DO $$
DECLARE
	one record;
BEGIN
	FOR one IN
		SELECT p.oid, p.proname, p.provolatile, p.provariadic <> 0 AS is_variadic, p.pronargs,
			(SELECT string_agg(format_type(a.type, NULL), ', ' ORDER BY a.place) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place)) AS types,
			(SELECT string_agg(CASE WHEN p.provariadic <> 0 AND a.place = p.pronargs THEN 'VARIADIC ' ELSE '' END || '$' || a.place, ', ' ORDER BY a.place)
			FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place)) AS arguments
		FROM pg_proc AS p
		WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind = 'f' AND p.proretset AND p.pronargs > 0
			AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS t WHERE t IN (SELECT y.oid FROM pg_type AS y WHERE y.typtype = 'p'))
	LOOP
		EXECUTE format('CREATE FUNCTION smith.%I(%s) RETURNS bigint LANGUAGE sql %s AS %L', one.proname, one.types,
			CASE one.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
			format('SELECT count(r::text) FROM medaudit.%I(%s) AS r', one.proname, one.arguments));
	END LOOP;
END $$;

-- Of the server's own functions those that do nothing but make values of these types; not what
-- belongs to its aggregates, nor interval(interval, int), which take XX000 for an answer, nor
-- its shifts, which a sanitizer refuses by more bits than there are.
CREATE VIEW smith.pg_proc AS
SELECT p.* FROM pg_catalog.pg_proc AS p
WHERE p.pronamespace IN ('medaudit'::regnamespace, 'smith'::regnamespace) AND p.prokind <> 'p'
OR p.pronamespace = 'pg_catalog'::regnamespace AND p.provolatile = 'i' AND p.pronargs > 0 AND p.prosrc <> 'interval_scale' AND p.prosrc !~ '^int[248]sh[lr]$'
	AND NOT EXISTS (SELECT FROM pg_aggregate AS a WHERE p.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn))
	AND p.prorettype IN (SELECT v.type FROM public.value_of AS v)
	AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS t WHERE t NOT IN (SELECT v.type FROM public.value_of AS v));

-- Who sees these tables only, and may call everything.
CREATE ROLE smith LOGIN;
GRANT USAGE ON SCHEMA smith, medaudit, public TO smith;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA smith TO smith;
GRANT SELECT ON public.value_of, public.ledgers, public.stay_books, public.rulebooks TO smith;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA medaudit, smith TO smith;
