-- 处方金额超上限, 分解处方: what the drugs of an outpatient's prescription cost, in a county
-- that allows 300 yuan.
-- Planted: 350 yuan on one day; 250 and 240 yuan of one physician and disease on two days.
-- Near misses: 300 yuan; 350 yuan of two departments on one day; 350 yuan of which a box came
-- back; two diseases; a week between; one of them far below the cap.

INSERT INTO demo.case_ VALUES
('处方 超上限 above the cap', 'rxamount', 'found', 50.00, 'day', '350 yuan for one prescription, where 300 are allowed'),
('处方 超上限 at the cap', 'rxamount', 'silent', NULL, 'day', '300 yuan'),
('处方 超上限 two departments', 'rxamount', 'silent', NULL, 'day', '200 and 150 yuan of two departments on one day'),
('处方 超上限 a box came back', 'rxamount', 'silent', NULL, 'day', '350 yuan, of which 150 were taken back'),
('处方 分解 two days running', 'rxsplit', 'found', NULL, 'day', '250 and 240 yuan on two days for one disease'),
('处方 分解 another disease', 'rxsplit', 'silent', NULL, 'day', 'the same money for two diseases'),
('处方 分解 after a week', 'rxsplit', 'silent', NULL, 'day', 'a week between the two'),
('处方 分解 a small one', 'rxsplit', 'silent', NULL, 'day', '250 and 150 yuan: the second is half of the cap');
INSERT INTO demo.case_visit VALUES
('处方 超上限 above the cap', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 超上限 at the cap', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 超上限 two departments', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 超上限 two departments', 'b', 1, 1, 'A', '11', '0 14:00', '0 15:00', 'M54.500'),
('处方 超上限 a box came back', 'a', 1, 1, 'A', '11', '0 09:00', '0 11:00', 'I10.x00x002'),
('处方 分解 two days running', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 分解 two days running', 'b', 1, 1, 'A', '11', '1 09:00', '1 10:00', 'I10.x00x002'),
('处方 分解 another disease', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 分解 another disease', 'b', 1, 1, 'A', '11', '1 09:00', '1 10:00', 'M54.500'),
('处方 分解 after a week', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 分解 after a week', 'b', 1, 1, 'A', '11', '7 09:00', '7 10:00', 'I10.x00x002'),
('处方 分解 a small one', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'I10.x00x002'),
('处方 分解 a small one', 'b', 1, 1, 'A', '11', '1 09:00', '1 10:00', 'I10.x00x002');
INSERT INTO demo.case_line VALUES
('处方 超上限 above the cap', 'a', '1', 'amlodipine', 1, 200, '0 09:20', NULL, true),
('处方 超上限 above the cap', 'a', '2', 'statin', 1, 150, '0 09:20', NULL, true),
('处方 超上限 at the cap', 'a', '1', 'amlodipine', 1, 160, '0 09:20', NULL, true),
('处方 超上限 at the cap', 'a', '2', 'statin', 1, 140, '0 09:20', NULL, true),
('处方 超上限 two departments', 'a', '1', 'amlodipine', 1, 200, '0 09:20', NULL, true),
('处方 超上限 two departments', 'b', '1', 'statin', 1, 150, '0 14:20', NULL, true),
('处方 超上限 a box came back', 'a', '1', 'amlodipine', 1, 200, '0 09:20', NULL, true),
('处方 超上限 a box came back', 'a', '2', 'statin', 1, 150, '0 09:20', NULL, true),
('处方 超上限 a box came back', 'a', '3', 'statin', -1, 150, '0 10:30', '2', true),
('处方 分解 two days running', 'a', '1', 'amlodipine', 1, 250, '0 09:20', NULL, true),
('处方 分解 two days running', 'b', '1', 'statin', 1, 240, '1 09:20', NULL, true),
('处方 分解 another disease', 'a', '1', 'amlodipine', 1, 250, '0 09:20', NULL, true),
('处方 分解 another disease', 'b', '1', 'statin', 1, 240, '1 09:20', NULL, true),
('处方 分解 after a week', 'a', '1', 'amlodipine', 1, 250, '0 09:20', NULL, true),
('处方 分解 after a week', 'b', '1', 'statin', 1, 240, '7 09:20', NULL, true),
('处方 分解 a small one', 'a', '1', 'amlodipine', 1, 250, '0 09:20', NULL, true),
('处方 分解 a small one', 'b', '1', 'statin', 1, 150, '1 09:20', NULL, true);
-- a box of 5800 yuan is above it too
UPDATE demo.case_ SET also = 'rxamount' WHERE case_id LIKE '国家库 二线药%';
