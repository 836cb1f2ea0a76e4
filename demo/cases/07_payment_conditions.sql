-- 限定支付, 诊断不符: an item or a diagnosis that this patient or hospital cannot have.
-- Planted: for women and charged to a man, below seven years and he is seven today, a
-- hospital below the level that is asked, no diagnosis that allows it; a man in childbed.
-- Near misses: a woman; seven years old tomorrow; code 13, which is a hospital of the second
-- level; a second diagnosis that allows it.

INSERT INTO demo.case_ VALUES
('限定 for women', 'limits', 'found', 30, 'day', 'a man'),
('限定 for women, a woman', 'limits', 'silent', NULL, 'day', 'a woman'),
('限定 below seven, seven today', 'limits', 'found', 12, 'day', 'seven years old on the day of the charge'),
('限定 below seven, seven tomorrow', 'limits', 'silent', NULL, 'day', 'the day before'),
('限定 level, township', 'limits', 'found', 150, 'day', 'a hospital of the first level where the second is asked'),
('限定 level 13', 'limits', 'silent', NULL, 'day', 'code 13 is a hospital of the second level'),
('限定 diagnosis', 'limits', 'found', 55, 'day', 'no diagnosis that allows it'),
('限定 second diagnosis', 'limits', 'silent', NULL, 'day', 'the second diagnosis allows it'),
('诊断 man in childbed', 'diagnosis', 'found', NULL, 'day', 'a diagnosis that he cannot have'),
('诊断 woman in childbed', 'diagnosis', 'silent', NULL, 'day', 'and that she can');
INSERT INTO demo.case_visit VALUES
('限定 for women', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'K29.500', 1, 'male'),
('限定 for women, a woman', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'Z34.900', 1, 'female'),
('限定 below seven, seven today', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'J06.900', 1, 'age 7 on day 1'),
('限定 below seven, seven tomorrow', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'J06.900', 1, 'age 7 on day 2'),
('限定 level, township', 'a', 1, 1, 'E', '21', '0 09:00', '6 10:00', 'K29.500', 1, NULL),
('限定 level 13', 'a', 1, 1, 'F', '21', '0 09:00', '6 10:00', 'K29.500', 1, NULL),
('限定 diagnosis', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'M54.500', 1, NULL),
('限定 second diagnosis', 'a', 1, 1, 'A', '11', '1 08:00', '1 12:00', 'M54.500,M81.900', 1, NULL),
('诊断 man in childbed', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'O80.000', 1, 'male'),
('诊断 woman in childbed', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female');
INSERT INTO demo.case_line VALUES
('限定 for women', 'a', '1', 'women', 1, NULL, '1 09:00', NULL, true),
('限定 for women, a woman', 'a', '1', 'women', 1, NULL, '1 09:00', NULL, true),
('限定 below seven, seven today', 'a', '1', 'children', 1, NULL, '1 09:00', NULL, true),
('限定 below seven, seven tomorrow', 'a', '1', 'children', 1, NULL, '1 09:00', NULL, true),
('限定 level, township', 'a', '1', 'level', 1, NULL, '1 09:00', NULL, true),
('限定 level 13', 'a', '1', 'level', 1, NULL, '1 09:00', NULL, true),
('限定 diagnosis', 'a', '1', 'bones', 1, NULL, '1 09:00', NULL, true),
('限定 second diagnosis', 'a', '1', 'bones', 1, NULL, '1 09:00', NULL, true);
