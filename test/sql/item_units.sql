-- item_units: national caps on local codes in local units; levels of hospitals
\set SHOW_CONTEXT never
SET datestyle = iso;

-- Levels: 12 to 14 rank by class, codes loaded as numbers, names, the unknown
SELECT c AS level_code, medaudit.facility_rank(c) FROM unnest('{01,02,03,04,05,06,07,08,09,10,11,12,13,14,5," 5 ",三级无等次,15,99,""}'::text[]) AS c;
SELECT medaudit.facility_rank(5), medaudit.facility_rank(12), medaudit.facility_rank(11), medaudit.facility_rank(NULL::text), medaudit.facility_rank(NULL::int);
INSERT INTO medaudit.facility_level (level_code, class, name_zh) VALUES ('12', 2, '本地'), ('A', 3, '省属'), ('ZX', 1, '中心卫生院');
SELECT c AS level_code, medaudit.facility_rank(c) FROM unnest('{12,A,ZX,中心卫生院,02}'::text[]) AS c;
DELETE FROM medaudit.facility_level WHERE NOT shipped;
DELETE FROM medaudit.facility_level WHERE level_code = '12';

-- bind: a level as text becomes a class, a number stays what it is
CREATE SCHEMA w;
CREATE TABLE w.facility (facility_id text, hosp_lv text, level varchar(3), rank int);
INSERT INTO w.facility VALUES ('F1', '02', '2', 3), ('F2', '12', '12', 7), ('F3', '08', '8', 1), ('F4', NULL, NULL, NULL), ('F5', '77', '77', 0);
CALL medaudit.bind('facility', 'w.facility', '{"rank": "hosp_lv"}');
SELECT facility_id, rank FROM medaudit_data.facility ORDER BY 1;
CALL medaudit.bind('facility', 'w.facility', '{"rank": "level"}');
SELECT facility_id, rank FROM medaudit_data.facility ORDER BY 1;
CALL medaudit.bind('facility', 'w.facility', '{"rank": "coalesce(hosp_lv, ''11'')"}');
SELECT facility_id, rank FROM medaudit_data.facility ORDER BY 1;
CALL medaudit.bind('facility', 'w.facility');
SELECT facility_id, rank FROM medaudit_data.facility ORDER BY 1;
-- the rules by level know classes: D04, a primary hospital and one of level 12
SELECT level, a.line_id, a.outcome
FROM unnest('{08,12,05,11,99}'::text[]) AS level
LEFT JOIN LATERAL medaudit.audit_charges((SELECT medaudit.ledger('XH01CBA198B002010180251', 1, 10, timestamp '2025-03-01 08:00', 'a', NULL, 'V', NULL)),
	medaudit.visit_context(facility_rank => medaudit.facility_rank(level)), medaudit.compile_rules('starter_restriction')) AS a ON true
ORDER BY level;

-- Units as they are compared
SELECT u, medaudit._unit_key(u) FROM unnest('{日,每天,元/日,"床 日",小时,每小时,时,H,次,人次,片,"",/}'::text[]) AS u;
SELECT medaudit._unit_key(NULL), medaudit._code_key('003100000010000', 'service'), medaudit._code_key('X', 'service'),
	medaudit._code_key('XB05BAF557B002010180964', 'product'), medaudit._code_key('XB05BAF557B002010180964', 'generic'),
	medaudit._code_key('ZG01AAA0001010100001', 'generic'), medaudit._code_key('A', 'exact'), medaudit._code_key('A', NULL);
-- the short forms that a row may carry, and what has neither form
SELECT code, m AS code_match, medaudit._code_key(code, m) FROM unnest('{3100000010000,00310000001000,XB05BAF557B0020101,XB05BAF557,XB05BAF557B002010180,ZG01AAA00010101,ZG01AAA0001}'::text[]) AS code,
	unnest('{service,product,generic}'::text[]) AS m WHERE (m = 'service') = (code ~ '^[0-9]') ORDER BY code COLLATE "C", m;

-- Caps per hour and per day against items in their own units
CREATE TABLE w.caps ("序号" text, "项目名称" text, "限制数量" text, "数量单位" text, "项目编码" text);
INSERT INTO w.caps VALUES ('1', '颅内压监测', '24', '小时', '003101000140000'), ('2', '急诊监护费', '1', '日', '001103000010000'),
	('3', '心电监测', '24', '小时', '003107010220000'), ('4', '氧气吸入', '24', '小时', '001203000010000');
CREATE TABLE w.item (item_code text, national_code text, unit text, unit_factor numeric);
INSERT INTO w.item VALUES
	('L-hour', '003101000140000', '小时', NULL),	-- the unit of the rule
	('L-day', '003101000140000', '日', 24),			-- related: 1 a day
	('L-half', '003101000140000', '半日', 12),		-- related: 2 a day
	('L-time', '003101000140000', '次', NULL),		-- not related
	('M-day', '001103000010000', '每天', NULL),		-- the same unit by another word
	('M-hour', '001103000010000', '小时', NULL),	-- not related
	('N-none', '003107010220000', NULL, NULL),		-- no unit
	('O-hour', '443107010220000', '小时', 7),		-- another province; its own unit needs no factor
	('P-zero', '001203000010000', '日', 0);			-- a factor of 0 relates nothing
CREATE FUNCTION pg_temp.over() RETURNS TABLE (item_code text, quantity numeric, excess_quantity numeric, excess_amount numeric) LANGUAGE sql AS $$
	SELECT a.item_code, a.quantity, a.excess_quantity, a.excess_amount
	FROM (SELECT medaudit.ledger(i, q, 10 * q, t) AS book FROM (VALUES
		('L-hour', 24, timestamp '2025-03-01 08:00'), ('L-hour', 25, '2025-03-02 08:00'), ('L-day', 1, '2025-03-03 08:00'), ('L-day', 2, '2025-03-04 08:00'),
		('L-half', 2, '2025-03-05 08:00'), ('L-half', 3, '2025-03-06 08:00'), ('L-time', 99, '2025-03-07 08:00'), ('M-day', 2, '2025-03-08 08:00'),
		('M-hour', 24, '2025-03-09 08:00'), ('N-none', 25, '2025-03-10 08:00'), ('O-hour', 25, '2025-03-11 08:00'), ('P-zero', 99, '2025-03-12 08:00')) v (i, q, t)) b,
		medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('national_8_daily_caps')) AS a
	ORDER BY a.item_code COLLATE "C"
$$;
SET client_min_messages = warning;
SELECT medaudit.import_rules('daily_caps', 'w.caps');
SELECT count(*) AS without_item FROM medaudit._unit_relations();
-- item without units: the cap counts what is charged
CALL medaudit.bind('item', 'w.item', '{"unit": null, "unit_factor": null}');
SELECT * FROM pg_temp.over();
SELECT count(*) AS without_units FROM medaudit.unit_problems();
-- item with units: related, converted, or off and listed
CALL medaudit.bind('item', 'w.item');
SELECT * FROM pg_temp.over();
SELECT rule_item_code, rule_unit, item_code, item_unit, note FROM medaudit.unit_problems() WHERE rule_code = 'national_8_daily_caps' ORDER BY rule_item_code, item_code COLLATE "C" NULLS FIRST;
SELECT c.item_code, c.code_match, c.item_group, c.scope, c.max_quantity, c.unit, c.note FROM medaudit._rows_by_unit() AS u CROSS JOIN LATERAL (SELECT (u.condition).*) AS c WHERE c.rule_code = 'national_8_daily_caps' ORDER BY c.item_code COLLATE "C";
-- a row of the fund's own on the local code goes before
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('national_8_daily_caps', 'L-day', 'day', 1.5);
SELECT * FROM pg_temp.over() WHERE item_code LIKE 'L-%';
DELETE FROM medaudit.charge_rule WHERE rule_code = 'national_8_daily_caps' AND item_code = 'L-day';
-- two items of one factor share the cap, as in the row; prefix rows hold for each item
INSERT INTO w.item VALUES ('L-day2', '003101000140000', '天', 24);
SELECT a.line_id, a.excess_quantity
FROM (SELECT medaudit.ledger(i, 1, 10, t, i) AS book FROM (VALUES ('L-day', timestamp '2025-03-01 08:00'), ('L-day2', '2025-03-01 09:00')) v (i, t)) b,
	medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('national_8_daily_caps')) AS a;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('w_prefix', 'quantity', '前缀');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, unit) VALUES ('w_prefix', 'L-%', 'day', 24, '小时');
SELECT a.item_code, a.excess_quantity
FROM (SELECT medaudit.ledger(i, 1.5, 10, timestamp '2025-03-01 08:00') AS book FROM unnest('{L-day,L-day2,L-hour,L-time}'::text[]) i) b,
	medaudit.audit_charges(b.book, NULL, medaudit.compile_rules('w_prefix')) AS a ORDER BY 1;
-- the import tells of rows that are off, not of one that is related to all its items
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('w_related', 'quantity', '已换算');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, unit) VALUES ('w_related', 'L-half', 'day', 24, '小时');
SELECT r, medaudit._import_idle(r) FROM unnest('{w_prefix,w_related}'::text[]) AS r;
-- a cap on the local code itself that changes on a day (D02)
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('w_change', 'quantity', '变更'), ('w_price', 'price', '最高价');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, unit, valid) VALUES
	('w_change', 'L-half', 'day', 24, '小时', '[2025-01-01,2025-03-02)'), ('w_change', 'L-half', 'day', 12, '小时', '[2025-03-02,)');
SELECT label, a.charged_at, a.quantity, a.excess_quantity
FROM (SELECT label, t, q, medaudit.ledger('L-half', q, 10 * q, t) AS book FROM (VALUES ('D02 not: 2 half days under 24 hours', timestamp '2025-03-01 23:59', 2), ('D02 flag: 3 half days', '2025-03-01 23:59', 3),
	('D02 not: 1 half day under 12 hours', '2025-03-02 00:00', 1), ('D02 flag: 2 half days under 12 hours', '2025-03-02 00:00', 2)) AS v (label, t, q) GROUP BY label, t, q) AS b
LEFT JOIN LATERAL medaudit.audit_charges(book, NULL, medaudit.compile_rules('w_change')) AS a ON true ORDER BY t, q;
-- prices by the tablet, charged by the box of 24 (V02)
INSERT INTO w.item VALUES ('T-box', 'XA01AAA001A001010112345', '盒', 24), ('T-one', 'XA01AAA001A001010112346', '片', NULL), ('T-jar', 'XA01AAA001A001010112347', '瓶', NULL);
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, max_price, unit) VALUES ('w_price', 'XA01AAA001A001010112345', 'product', 0.52, '片');
SELECT label, a.item_code, a.outcome, a.excess_amount, a.evidence ->> 'limit' AS "limit"
FROM (SELECT n, label, medaudit.ledger(i, 1, p, timestamp '2025-03-01 08:00') AS book FROM (VALUES (1, 'D05 not: a box at 24 times the price', 'T-box', 12.48), (2, 'D05 flag: a box above it', 'T-box', 13.00), (3, 'D05 flag: a tablet above it', 'T-one', 0.62),
	(4, 'D05 not: a jar, of nobody knows how many', 'T-jar', 13.00), (5, 'D05 not: a pack that item does not list', 'XA01AAA001A001010154321', 13.00)) AS v (n, label, i, p) GROUP BY n, label) AS b
LEFT JOIN LATERAL medaudit.audit_charges(book, NULL, medaudit.compile_rules('w_price')) AS a ON true ORDER BY n;
SELECT rule_item_code, rule_unit, item_code, item_unit FROM medaudit.unit_problems() WHERE rule_code = 'w_price' ORDER BY item_code COLLATE "C" NULLS FIRST;
-- rows that carry the short form of a code mean the same (a cap of 24 hours is 1 a day, 24 tablets are a box)
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('w_service', 'quantity', '短码'), ('w_product', 'quantity', '短码'), ('w_generic', 'quantity', '短码');
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit) VALUES ('w_service', '3101000140000', 'service', 'day', 24, '小时'),
	('w_product', 'XA01AAA001A0010101', 'product', 'day', 24, '片'), ('w_generic', 'XA01AAA001', 'generic', 'day', 24, '片');
SELECT a.rule_code, a.item_code, a.excess_quantity
FROM (SELECT medaudit.ledger(i, 2, 20, timestamp '2025-03-01 08:00') AS book FROM unnest('{L-half,L-day,T-box}'::text[]) AS i) AS b,
	medaudit.audit_charges(book, NULL, medaudit.compile_rules('w_service', 'w_product', 'w_generic')) AS a ORDER BY a.rule_code COLLATE "C", a.item_code COLLATE "C";
DELETE FROM medaudit.rule WHERE rule_code IN ('w_service', 'w_product', 'w_generic');
-- a role that may use the schema and read item judges by it, too
CREATE ROLE regress_medaudit_analyst;
GRANT USAGE ON SCHEMA medaudit, w TO regress_medaudit_analyst;
GRANT SELECT ON medaudit_data.item, w.item TO regress_medaudit_analyst;
SET ROLE regress_medaudit_analyst;
SELECT medaudit.excess_amount(medaudit.ledger('T-box', 1, 13, timestamp '2025-03-01 08:00'), NULL) AS dear_box,
	medaudit.facility_rank('05'), medaudit.class_of_visit('21'), medaudit.class_of_charge('01'), medaudit.text_aliases();
SELECT score FROM medaudit.low_standard_score(0.8, 0, 3, 40);
SELECT relation FROM medaudit.sources() WHERE cardinality(required_missing) = 0;
RESET ROLE;
DROP OWNED BY regress_medaudit_analyst;
DROP ROLE regress_medaudit_analyst;
-- an item listed with contradicting units is off
INSERT INTO w.item VALUES ('L-day', '003101000140000', '日', 12);
SELECT rule_code, item_code FROM medaudit.unit_problems() WHERE item_code = 'L-DAY';

DELETE FROM medaudit.charge_rule WHERE rule_code IN ('w_prefix', 'w_related', 'w_change', 'w_price', 'national_8_daily_caps');
DELETE FROM medaudit.rule WHERE rule_code IN ('w_prefix', 'w_related', 'w_change', 'w_price', 'national_8_daily_caps');
TRUNCATE medaudit.import_problem;
DROP VIEW medaudit_data.facility, medaudit_data.item;
DELETE FROM medaudit.binding;
DROP SCHEMA w CASCADE;
