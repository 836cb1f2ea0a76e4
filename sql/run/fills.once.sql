-- The longest prescriptions that national rules allow: emergency 3 days, outpatient 7
-- (处方管理办法第十九条), 12 weeks in the long run (长期处方管理规范（试行）第十条), for which
-- a certified disease or one of the common chronic ones stands.

INSERT INTO supply_limit (visit_type, diagnosis_prefix, max_days, shipped)
SELECT t.visit_type, NULL, t.max_days, true
FROM (VALUES ('13', 3), ('24', 3), ('11', 7), ('12', 7), ('14', 84), ('9929', 84)) AS t (visit_type, max_days)
UNION ALL
SELECT t.visit_type, d.prefix, 84, true
FROM unnest('{11,12}'::text[]) AS t (visit_type)
CROSS JOIN unnest('{I10,I11,I12,I13,I14,I15,I20,I21,I22,I23,I24,I25,I50,E10,E11,E12,E13,E14,J44,J45,F20,G20,G40,N18,B18,C}'::text[]) AS d (prefix);
