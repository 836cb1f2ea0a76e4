-- 集中入院, 超床位: more people at once than a hospital has or had.
-- Planted: twenty-four admitted on one day to a township hospital that has one a day and
-- four on a busy one; ten people in eight beds, four nights.
-- Near misses: the same twenty-four, one a day; eight leave and eight come on one date,
-- never more than eight at midnight.

INSERT INTO demo.case_ VALUES
('集中入院 twenty-four on a day', 'burst', 'found', NULL, 'day', 'twenty-four people admitted on one day to a township hospital that has one a day and four on a busy one'),
('集中入院 one a day', 'burst', 'silent', NULL, 'day', 'the same twenty-four, one a day'),
('超床位 ten in eight beds', 'capacity', 'found', NULL, 'day', 'ten people in a house of eight beds, four nights'),
('超床位 eight leave and eight come', 'capacity', 'silent', NULL, 'day', 'sixteen people on one date, but never more than eight at midnight');
-- One stay long before, so that eight weeks are known.
INSERT INTO demo.case_visit
SELECT c, chr(97 + who), who, who, 'E', '21', format('%s 09:00', CASE WHEN who = 0 THEN 0 WHEN each THEN 99 + who ELSE 60 END),
	format('%s 10:00', CASE WHEN who = 0 THEN 5 WHEN each THEN 103 + who ELSE 62 + who % 14 END), 'M51.202', 1
FROM (VALUES ('集中入院 twenty-four on a day', false), ('集中入院 one a day', true)) AS t(c, each), generate_series(0, 24) AS who;
-- A house of eight beds, where nobody else goes.
INSERT INTO demo.case_visit
SELECT '超床位 ten in eight beds', chr(96 + who), who, who, 'G', '21', '0 09:00', '4 10:00', 'M51.202'
FROM generate_series(1, 10) AS who
UNION ALL
SELECT '超床位 eight leave and eight come', chr(96 + who), who, who, 'I', '21',
	CASE WHEN who <= 8 THEN '0 09:00' ELSE '4 09:00' END, CASE WHEN who <= 8 THEN '4 10:00' ELSE '8 10:00' END, 'M51.202'
FROM generate_series(1, 16) AS who;
