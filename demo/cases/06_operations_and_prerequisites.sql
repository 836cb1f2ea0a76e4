-- 主次手术, 关联项目: what an item costs or means beside another.
-- Planted: two operations through one incision, the second at its full price; the monitoring
-- of an anaesthesia that nobody charged.
-- Near misses: the second at half its price, on another date, or of another group; any of
-- the kinds of anaesthesia.

INSERT INTO demo.case_ VALUES
('主次手术 both in full', 'secondary', 'found', 400, 'day', 'two operations through one incision, the second at its full price'),
('主次手术 second at half', 'secondary', 'silent', NULL, 'day', 'the second at half its price'),
('主次手术 two days', 'secondary', 'silent', NULL, 'day', 'on two dates'),
('主次手术 two regions', 'secondary', 'silent', NULL, 'day', 'operations of two groups'),
('关联 without its anaesthesia', 'needs', 'found', 50, 'day', 'monitoring of an anaesthesia that nobody charged'),
('关联 with another anaesthesia', 'needs', 'silent', NULL, 'day', 'any of the kinds of anaesthesia will do');
INSERT INTO demo.case_line VALUES
('主次手术 both in full', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 both in full', 'a', '2', 'operation2', 1, NULL, '1 09:30', NULL, true),
('主次手术 second at half', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 second at half', 'a', '2', 'operation2', 1, 400, '1 09:30', NULL, true),
('主次手术 two days', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 two days', 'a', '2', 'operation2', 1, NULL, '3 09:30', NULL, true),
('主次手术 two regions', 'a', '1', 'operation1', 1, NULL, '1 09:00', NULL, true),
('主次手术 two regions', 'a', '2', 'operation3', 1, NULL, '1 09:30', NULL, true),
('关联 without its anaesthesia', 'a', '1', 'exvisit.part', 1, NULL, '1 09:00', NULL, true),
('关联 with another anaesthesia', 'a', '1', 'exvisit.part', 1, NULL, '1 09:00', NULL, true),
('关联 with another anaesthesia', 'a', '2', 'exvisit.other', 1, NULL, '1 08:50', NULL, true);
