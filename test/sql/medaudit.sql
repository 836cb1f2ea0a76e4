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
