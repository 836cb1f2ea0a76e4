-- The library says its version, and it is the installed extension's.
SELECT medaudit.version() = extversion AS versions_agree
FROM pg_catalog.pg_extension WHERE extname = 'medaudit';

-- A misspelt setting of ours is refused.
SET medaudit.no_such_setting = 1;

-- The first queries of the README work when pasted.
SELECT a.rule_code, a.item_code, a.excess_quantity, a.excess_amount, a.evidence ->> 'formula' AS formula
FROM (SELECT medaudit.ledger(item_code, quantity, amount, charged_at) AS book
      FROM (VALUES ('001102000050000', 1, 20.00, timestamp '2025-03-01 08:00'),
                   ('001102000050000', 1, 20.00, '2025-03-01 16:00'),
                   ('001102000050000', 1, 20.00, '2025-03-02 08:00')) line(item_code, quantity, amount, charged_at)) visit,
     medaudit.audit_charges(book, NULL) a
WHERE a.outcome = 'excess';
SELECT medaudit.split_charge_score(book, rules), s.components, s.component_amount, s.package_price, s.excess_amount
FROM (SELECT medaudit.ledger(i, 1, a, timestamp '2025-03-01 09:00') AS book
      FROM (VALUES ('K1', 30), ('K2', 25), ('K3', 25)) line(i, a)) visit,
     (SELECT jsonb_agg(jsonb_build_object('rule_code', 'liver', 'kind', 'package', 'package_code', 'K',
                                          'component_code', c, 'package_price', 60))::medaudit.rulebook AS rules
      FROM unnest(ARRAY['K1', 'K2', 'K3']) c) r,
     medaudit.split_charges(book, rules) s;
SELECT g.people, g.times, g.person_ids, g.visit_ids, g.amount
FROM (SELECT medaudit.stays(visit, person, 'H1', a, d, NULL, 3000) AS book
      FROM (VALUES ('v1', 'p1', timestamp '2025-03-01 09:00', timestamp '2025-03-09 10:00'),
                   ('v2', 'p2', '2025-03-02 15:00', '2025-03-10 08:00')) s(visit, person, a, d)) home,
     medaudit.same_household_admissions(book) g;

-- Every object says what it is, the Chinese term first.
SELECT pg_describe_object(classid, objid, 0) AS object
FROM pg_depend, LATERAL (SELECT CASE classid
	WHEN 'pg_proc'::regclass THEN obj_description(objid, 'pg_proc')
	WHEN 'pg_class'::regclass THEN obj_description(objid, 'pg_class')
	WHEN 'pg_type'::regclass THEN obj_description(objid, 'pg_type')
	WHEN 'pg_operator'::regclass THEN obj_description(objid, 'pg_operator')
	WHEN 'pg_cast'::regclass THEN obj_description(objid, 'pg_cast') END) AS c (comment)
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'medaudit')
	AND classid IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_cast'::regclass)
	-- 18 lists array and row types too
	AND (classid <> 'pg_type'::regclass OR (SELECT typcategory <> 'A' AND NOT EXISTS (
		SELECT FROM pg_class WHERE oid = typrelid AND relkind <> 'c') FROM pg_type WHERE oid = objid))
	AND coalesce(ascii(comment) NOT BETWEEN 19968 AND 40959, true)
ORDER BY 1;
SELECT attrelid::regclass AS relation, attname AS "column"
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'medaudit'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped
	AND coalesce(ascii(col_description(attrelid, attnum)) NOT BETWEEN 19968 AND 40959, true)
ORDER BY attrelid::regclass::text, attnum;
-- Nothing runs with the rights of its owner.
SELECT oid::regprocedure AS function FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace AND prosecdef;
