-- 低标准入院: a short stay for examinations that need no bed.
-- Planted: gastritis, two nights, a CT and a bottle of salt water.
-- Near misses: the same with a bed (the CT is below 80 % of it) or an injection, at 82
-- years, in four nights, or with a failure of the lungs as the second diagnosis.

INSERT INTO demo.case_ VALUES
('低标准入院 examinations only', 'lowstandard', 'found', NULL, 'day', 'gastritis, two nights, a CT and a bottle of salt water'),
('低标准入院 below 80 %', 'lowstandard', 'silent', NULL, 'day', 'the same with a bed: the CT is not 80 % of it'),
('低标准入院 treated', 'lowstandard', 'silent', NULL, 'day', 'the same with an injection'),
('低标准入院 aged 82', 'lowstandard', 'silent', NULL, 'day', 'the same at 82 years'),
('低标准入院 four nights', 'lowstandard', 'silent', NULL, 'day', 'the same in four nights'),
('低标准入院 severe beside it', 'lowstandard', 'silent', NULL, 'day', 'the same with a failure of the lungs as the second diagnosis: tagged so by it');
INSERT INTO demo.case_visit VALUES
('低标准入院 examinations only', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 below 80 %', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 treated', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 aged 82', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500', 1, 'age 82 on day 0'),
('低标准入院 four nights', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'K29.500', 1, 'age 44 on day 0'),
('低标准入院 severe beside it', 'a', 1, 1, 'A', '21', '0 09:00', '2 10:00', 'K29.500,J96.000', 1, 'age 44 on day 0');
INSERT INTO demo.case_line
SELECT case_id, v, '1', 'twin', 1, NULL::numeric, '1 09:00', NULL, true
FROM demo.case_visit WHERE case_id LIKE '低标准入院%'
UNION ALL VALUES
('低标准入院 below 80 %', 'a', '2', 'bed', 1, NULL::numeric, '1 10:00', NULL, true),
('低标准入院 treated', 'a', '2', 'filler', 1, NULL, '1 10:00', NULL, true);
