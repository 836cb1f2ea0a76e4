-- 进销存不符, 无采购记录, 追溯码重复, 刷卡价高于现金价: what pharmacies bought and sold.
-- Planted: ten boxes sold beyond what there was; ten that were never bought; a pack that was
-- sold again elsewhere within a week; five sales at 12 yuan by card beside five at 10 for cash.
-- Near misses: the purchase entered in the evening of the sale, an opening that nobody counted,
-- two boxes of 24 and 48 tablets; brought in from another branch, bought a year and a half
-- before; given back and sold again, sent twice, parts of one box; four sales of each, 2 %.
--
-- A movement is of pharmacy S or U of its instance; t is the number of its trace code.

CREATE TABLE demo.case_move (
	case_id text REFERENCES demo.case_, pharmacy text, at text, kind text, quantity numeric, price numeric, t int, who int,
	split bool DEFAULT false, factor numeric, pay text);

INSERT INTO demo.case_ VALUES
('库存 超售 ten beyond what there was', 'stockdeficit', 'found', 800.00, 'month', 'balances 120, 50, -10, 40: ten boxes at 80 yuan'),
('库存 超售 bought in the evening', 'stockdeficit', 'silent', NULL, 'month', 'sold in the morning, the purchase entered in the evening of that date'),
('库存 超售 nobody counted', 'stockdeficit', 'silent', NULL, 'month', 'what was there before is not known'),
('库存 超售 boxes and tablets', 'stockdeficit', 'silent', NULL, 'month', 'two boxes of 24 bought, 48 tablets sold'),
('库存 无采购 never bought', 'neverbought', 'found', NULL, 'month', 'twelve sold, two came back, none was ever bought'),
('库存 无采购 from another branch', 'neverbought', 'silent', NULL, 'month', 'brought in by a transfer'),
('库存 无采购 bought long before', 'neverbought', 'silent', NULL, 'month', 'bought 540 days before'),
('库存 追溯码 sold again elsewhere', 'tracereuse', 'found', NULL, 'month', 'one code, sold at two pharmacies within a week'),
('库存 追溯码 given back and sold again', 'tracereuse', 'silent', NULL, 'month', 'it came back before it was sold again'),
('库存 追溯码 sent twice', 'tracereuse', 'silent', NULL, 'month', 'one sale, delivered twice'),
('库存 追溯码 parts of a box', 'tracereuse', 'silent', NULL, 'month', 'twelve and ten tablets of a box of 24'),
('库存 刷卡价 two yuan more by card', 'cardprice', 'found', 10.00, 'month', 'five at 12 yuan by card, five at 10 for cash, in one week'),
('库存 刷卡价 four of each', 'cardprice', 'silent', NULL, 'month', 'fewer than five sales say nothing'),
('库存 刷卡价 two percent', 'cardprice', 'silent', NULL, 'month', '10.20 by card is within the tolerance');
INSERT INTO demo.case_visit (case_id, v, who, home, hospital, med_type, begins, ends, diag_code)
SELECT c.case_id, 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'J06.900' FROM demo.case_ AS c WHERE c.case_id ~ '^库存 ';

INSERT INTO demo.case_move (case_id, pharmacy, at, kind, quantity, price, t, factor, split) VALUES
('库存 超售 ten beyond what there was', 'S', '-1 20:00', '3501', 20, NULL, NULL, NULL, false),
('库存 超售 ten beyond what there was', 'S', '0 10:00', '3503', 100, 60, NULL, NULL, false),
('库存 超售 ten beyond what there was', 'S', '2 10:00', '3505', -70, 80, NULL, NULL, false),
('库存 超售 ten beyond what there was', 'S', '4 10:00', '3505', -60, 80, NULL, NULL, false),
('库存 超售 ten beyond what there was', 'S', '5 10:00', '3503', 50, 60, NULL, NULL, false),
('库存 超售 bought in the evening', 'S', '-1 20:00', '3501', 0, NULL, NULL, NULL, false),
('库存 超售 bought in the evening', 'S', '4 09:00', '3505', -60, 80, NULL, NULL, false),
('库存 超售 bought in the evening', 'S', '4 17:00', '3503', 60, 60, NULL, NULL, false),
('库存 超售 nobody counted', 'S', '4 09:00', '3505', -60, 80, NULL, NULL, false),
('库存 超售 nobody counted', 'S', '6 09:00', '3503', 60, 60, NULL, NULL, false),
('库存 超售 boxes and tablets', 'S', '-1 20:00', '3501', 0, NULL, NULL, 24, false),
('库存 超售 boxes and tablets', 'S', '1 10:00', '3503', 2, 300, NULL, 24, false),
('库存 超售 boxes and tablets', 'S', '2 10:00', '3505', -48, 15, NULL, NULL, true),
('库存 无采购 never bought', 'S', '1 10:00', '3505', -5, 8, NULL, NULL, false),
('库存 无采购 never bought', 'S', '2 10:00', '3505', -7, 10, NULL, NULL, false),
('库存 无采购 never bought', 'S', '3 10:00', '3506', 2, 10, NULL, NULL, false),
('库存 无采购 from another branch', 'S', '-20 10:00', '101', 20, NULL, NULL, NULL, false),
('库存 无采购 from another branch', 'S', '1 10:00', '3505', -5, 8, NULL, NULL, false),
('库存 无采购 bought long before', 'S', '-540 10:00', '3503', 20, 5, NULL, NULL, false),
('库存 无采购 bought long before', 'S', '1 10:00', '3505', -5, 8, NULL, NULL, false),
('库存 追溯码 sold again elsewhere', 'S', '2 10:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 sold again elsewhere', 'U', '8 15:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 given back and sold again', 'S', '2 10:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 given back and sold again', 'S', '3 10:00', '3506', 1, 36, 1, NULL, false),
('库存 追溯码 given back and sold again', 'U', '8 15:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 sent twice', 'S', '2 10:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 sent twice', 'S', '2 10:00', '3505', -1, 36, 1, NULL, false),
('库存 追溯码 parts of a box', 'S', '2 10:00', '3505', -12, 1.5, 1, NULL, true),
('库存 追溯码 parts of a box', 'S', '3 10:00', '3505', -10, 1.5, 1, NULL, true);
-- in one ISO week: from the first Monday of the month on
INSERT INTO demo.case_move (case_id, pharmacy, at, kind, quantity, price, pay)
SELECT c.case_id, 'S', 'monday ' || 10 + n || ':00', '3505', -1, p.price, p.pay
FROM demo.case_ AS c
CROSS JOIN generate_series(1, CASE WHEN c.case_id ~ 'four' THEN 4 ELSE 5 END) AS n
CROSS JOIN LATERAL (VALUES (CASE WHEN c.case_id ~ 'percent' THEN 10.20 ELSE 12 END, 'insured'), (10, 'cash')) AS p (price, pay)
WHERE c.case_id ~ '^库存 刷卡价';
-- of what these sell there was enough
INSERT INTO demo.case_move (case_id, pharmacy, at, kind, quantity, factor)
SELECT DISTINCT m.case_id, m.pharmacy, '-1 20:00', '3501', 100, 24 FROM demo.case_move AS m WHERE m.case_id ~ '^库存 (追溯码|刷卡价)';
