-- 同户同进同出: people of one home admitted and discharged together.
-- Planted: four of a home, in within a day and out within a day; two of a home, twice.
-- Near misses: two of a home once; out six days apart, in two days apart, next door, or at
-- two hospitals, each of them twice; a mother, her newborn and the father; two injured in
-- one accident; sixteen people of one address, which is an institution.

INSERT INTO demo.case_ VALUES
('同进同出 four of a home', 'household', 'found', NULL, 'day', 'four of one home, in within a day and out within a day'),
('同进同出 twice', 'household', 'found', NULL, 'day', 'two of one home, together, and again two months later'),
('同进同出 once', 'household', 'silent', NULL, 'day', 'two of one home, together once'),
('同进同出 out six days apart', 'household', 'silent', NULL, 'day', 'twice in together, out six days apart'),
('同进同出 mother and newborn', 'household', 'silent', NULL, 'day', 'a mother and father and the child she bore: tagged so'),
('同进同出 one accident', 'household', 'silent', NULL, 'day', 'two of one home, twice injured together: tagged so by the injuries'),
('同进同出 institution', 'household', 'silent', NULL, 'day', 'sixteen people of one address, screened together: an institution, not a home'),
('同进同出 neighbours', 'household', 'silent', NULL, 'day', 'the same dates, but next door'),
('同进同出 two hospitals', 'household', 'silent', NULL, 'day', 'the same dates twice, but two hospitals'),
('同进同出 two days apart', 'household', 'silent', NULL, 'day', 'twice in and out two days apart');
INSERT INTO demo.case_visit VALUES
('同进同出 mother and newborn', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('同进同出 mother and newborn', 'b', 2, 1, 'A', '21', '0 15:00', '4 10:00', 'Z38.000', 1, 'newborn'),
('同进同出 mother and newborn', 'c', 3, 1, 'A', '21', '0 16:00', '4 09:00', 'J18.900', 1, 'male');
INSERT INTO demo.case_visit
SELECT '同进同出 four of a home', v, who, 1, 'A', '21', begins, ends, diag
FROM (VALUES ('a', 1, '0 09:00', '8 10:00', 'J18.900'), ('b', 2, '0 09:20', '8 10:20', 'K80.200'),
			 ('c', 3, '1 08:30', '8 11:00', 'M51.202'), ('d', 4, '1 17:00', '9 09:30', 'I25.103')) AS x(v, who, begins, ends, diag)
UNION ALL
SELECT '同进同出 twice', v, who, 1, 'A', '21', begins, ends, diag
FROM (VALUES ('a', 1, '0 09:00', '6 10:00', 'J18.900'), ('b', 2, '1 09:00', '6 10:30', 'K80.200'),
			 ('c', 1, '61 09:00', '67 10:00', 'K80.200'), ('d', 2, '61 09:10', '68 10:00', 'J18.900')) AS x(v, who, begins, ends, diag)
UNION ALL
SELECT '同进同出 once', v, who, 1, 'A', '21', '0 09:00', '6 10:00', diag
FROM (VALUES ('a', 1, 'J18.900'), ('b', 2, 'K80.200')) AS x(v, who, diag)
UNION ALL
SELECT '同进同出 out six days apart', v, who, 1, 'A', '21', '0 09:00', ends, 'J18.900'
FROM (VALUES ('a', 1, '6 10:00'), ('b', 2, '12 10:00')) AS x(v, who, ends)
UNION ALL
SELECT '同进同出 neighbours', v, who, who, 'A', '21', '0 09:00', '6 10:00', 'J18.900'
FROM (VALUES ('a', 1), ('b', 2), ('c', 3)) AS x(v, who)
UNION ALL
SELECT '同进同出 two hospitals', v, who, 1, hospital, '21', '0 09:00', '6 10:00', 'J18.900'
FROM (VALUES ('a', 1, 'A'), ('b', 2, 'B')) AS x(v, who, hospital)
UNION ALL
SELECT '同进同出 two days apart', v, who, 1, 'A', '21', begins, ends, 'J18.900'
FROM (VALUES ('a', 1, '0 09:00', '6 10:00'), ('b', 2, '2 09:00', '8 10:00')) AS x(v, who, begins, ends)
UNION ALL
SELECT '同进同出 institution', chr(96 + who), who, 1, 'A', '21', '0 09:00', '3 10:00', 'I10.x00x002'
FROM generate_series(1, 16) AS who
UNION ALL
SELECT '同进同出 one accident', v, who, 1, 'A', '21', '0 09:00', '6 10:00', 'S72.000'
FROM (VALUES ('a', 1), ('b', 2)) AS x(v, who);
-- What two did once is no case in any event: those who must not be found did it twice.
INSERT INTO demo.case_visit (case_id, v, who, home, hospital, med_type, begins, ends, diag_code)
SELECT case_id, chr(ascii(v) + 2), who, home, hospital, med_type,
	split_part(begins, ' ', 1)::int + 61 || ' ' || split_part(begins, ' ', 2),
	split_part(ends, ' ', 1)::int + 61 || ' ' || split_part(ends, ' ', 2), diag_code
FROM demo.case_visit
WHERE case_id IN ('同进同出 out six days apart', '同进同出 one accident', '同进同出 two hospitals', '同进同出 two days apart');
