-- 超标准收费, 金额超限: dearer than is allowed.
-- Planted: items of one set that together cost more on a date than its cap; prices above
-- their cap, by the date on which it changed and by the class of the hospital.
-- Near misses: exactly at the cap; a cent above it, which is rounding; taken back, and
-- charged rightly; what was not claimed; the new price from its first day on; the price of a
-- class at a hospital of that class.

INSERT INTO demo.case_ VALUES
('金额 above the cap', 'amountcap', 'found', 60, 'day', 'the money that two items of one set cost on a day above their cap, not the lines'),
('金额 at the cap', 'amountcap', 'silent', NULL, 'day', 'exactly the cap'),
('金额 refunded to the cap', 'amountcap', 'silent', NULL, 'day', 'a refund brings it back'),
('金额 self-paid under a cap', 'amountcap', 'silent', NULL, 'day', 'what was not claimed counts toward no cap'),
('超标准 above the price', 'price', 'found', 24, 'day', 'two at 12 yuan above the cap'),
('超标准 at the price', 'price', 'silent', NULL, 'day', 'at the cap'),
('超标准 a cent', 'price', 'silent', NULL, 'day', 'a cent above it is rounding'),
('超标准 refunded', 'price', 'silent', NULL, 'day', 'charged too dear, taken back, charged rightly'),
('超标准 self-paid', 'price', 'silent', NULL, 'day', 'too dear, but nothing was claimed for it'),
('超标准 before the price changed', 'price', 'found', 2, 'year', '22 yuan on 31 December, when 20 were allowed'),
('超标准 after the price changed', 'price', 'silent', NULL, 'year', '22 yuan on 1 January, when 25 were allowed'),
('超标准 of another class', 'price', 'found', 10, 'day', 'the price of a tertiary hospital charged by a secondary one'),
('超标准 of its own class', 'price', 'silent', NULL, 'day', 'the same price charged by a tertiary hospital');
INSERT INTO demo.case_visit VALUES
('超标准 of its own class', 'a', 1, 1, 'T', '21', '0 09:00', '6 10:00', 'K80.200');
INSERT INTO demo.case_line VALUES
('金额 above the cap', 'a', '1', 'amountcap', 1, 1, '1 09:00', NULL, true),
('金额 above the cap', 'a', '2', 'amountcap.other', 1, 1.4, '1 15:00', NULL, true),
('金额 at the cap', 'a', '1', 'amountcap', 1, 1, '1 09:00', NULL, true),
('金额 at the cap', 'a', '2', 'amountcap.other', 1, 1, '1 15:00', NULL, true),
('金额 refunded to the cap', 'a', '1', 'amountcap', 2, 1, '1 09:00', NULL, true),
('金额 refunded to the cap', 'a', '2', 'amountcap', 1, 0.5, '1 15:00', NULL, true),
('金额 refunded to the cap', 'a', '3', 'amountcap', -1, 0.5, '2 15:00', '2', true),
('金额 self-paid under a cap', 'a', '1', 'amountcap', 1, 1.2, '1 09:00', NULL, true),
('金额 self-paid under a cap', 'a', '2', 'amountcap', 1, 1.2, '1 15:00', NULL, false),
('超标准 above the price', 'a', '1', 'price', 2, 12, '1 09:00', NULL, true),
('超标准 at the price', 'a', '1', 'price', 2, 0, '1 09:00', NULL, true),
('超标准 a cent', 'a', '1', 'price', 1, 0.01, '1 09:00', NULL, true),
('超标准 refunded', 'a', '1', 'price', 1, 12, '1 09:00', NULL, true),
('超标准 refunded', 'a', '2', 'price', -1, 12, '1 09:30', '1', true),
('超标准 refunded', 'a', '3', 'price', 1, 0, '1 09:31', NULL, true),
('超标准 self-paid', 'a', '1', 'price', 1, 12, '1 09:00', NULL, false),
('超标准 before the price changed', 'a', '1', 'consultation', 1, 22, '1 09:00', NULL, true),
('超标准 after the price changed', 'a', '1', 'consultation', 1, 22, '2 09:00', NULL, true),
('超标准 of another class', 'a', '1', 'bed', 1, 55, '1 09:00', NULL, true),
('超标准 of its own class', 'a', '1', 'bed', 1, 55, '1 09:00', NULL, true);
