-- 分解住院: discharged, and admitted again within fifteen days for the same disease.
-- Planted: after eight days, after fifteen by date, on the day of discharge itself; with a
-- stay elsewhere in between; after an emergency; three stays, which are two pairs.
-- Near misses: sixteen days by date; another disease; another hospital; a settlement in mid-
-- stay; a rotation that comes back after 18 days; and what is planned or asked for and
-- tagged so: cycles of chemotherapy (as any diagnosis), referral, an emergency, staged
-- surgery by a tag that the county added.

INSERT INTO demo.case_ (case_id, rule, expected, gross, anchor, note, times) VALUES
('分解住院 eight days', 'split', 'found', NULL, 'day', 'readmitted after eight days, the same three-digit category (J18.900, J18.000)', 1),
('分解住院 15 days by date', 'split', 'found', NULL, 'day', 'fifteen dates later, though 15 days and 9 hours by the clock', 1),
('分解住院 16 days by date', 'split', 'silent', NULL, 'day', 'sixteen dates later, though 15 days and 10 hours by the clock', 1),
('分解住院 16:00 and 10:00 the same day', 'split', 'found', NULL, 'day', 'discharge 16:00, readmission 10:00 of that date: dates decide, the gap is 0 whatever the clock says', 1),
('分解住院 other disease', 'split', 'silent', NULL, 'day', 'another category', 1),
('分解住院 other hospital', 'split', 'silent', NULL, 'day', 'at another hospital', 1),
('分解住院 settled in mid-stay', 'split', 'silent', NULL, 'day', 'one stay with two settlements', 1),
('分解住院 A to C to A, back at once', 'split', 'found', NULL, 'day', 'a stay elsewhere in between does not hide the return after ten days', 1),
('分解住院 A to C to A', 'split', 'silent', NULL, 'day', 'rotation: each next stay follows within five days, but A again only after 18', 1),
('分解住院 planned cycles', 'split', 'silent', NULL, 'day', 'chemotherapy every three weeks, and one week early: planned, and tagged so by its diagnosis', 1),
('分解住院 referred', 'split', 'silent', NULL, 'day', 'back after three days by referral: tagged so', 1),
('分解住院 chemotherapy beside it', 'split', 'silent', NULL, 'day', 'a tumour, and chemotherapy as the second diagnosis: tagged so by any diagnosis', 1),
('分解住院 emergency', 'split', 'silent', NULL, 'day', 'back after three days as an emergency: tagged so by the type of visit', 1),
('分解住院 after an emergency', 'split', 'found', NULL, 'day', 'an emergency first, then back after three days: the later stay decides', 1),
('分解住院 staged surgery', 'split', 'silent', NULL, 'day', 'a bile duct drained, and its stones removed a week later: a tag that the county added', 1),
('分解住院 three stays', 'split', 'found', NULL, 'day', 'three stays are two pairs', 2);
INSERT INTO demo.case_visit VALUES
('分解住院 eight days', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1, NULL),
('分解住院 eight days', 'b', 1, 1, 'A', '21', '14 09:00', '20 10:00', 'J18.000', 1, NULL),
('分解住院 15 days by date', 'a', 1, 1, 'A', '21', '0 09:00', '6 09:00', 'K80.200', 1, NULL),
('分解住院 15 days by date', 'b', 1, 1, 'A', '21', '21 18:00', '25 10:00', 'K80.200', 1, NULL),
('分解住院 16 days by date', 'a', 1, 1, 'A', '21', '0 09:00', '6 18:00', 'K80.200', 1, NULL),
('分解住院 16 days by date', 'b', 1, 1, 'A', '21', '22 04:00', '26 10:00', 'K80.200', 1, NULL),
('分解住院 16:00 and 10:00 the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 16:00', 'I63.900', 1, NULL),
('分解住院 16:00 and 10:00 the same day', 'b', 1, 1, 'A', '21', '6 10:00', '12 10:00', 'I63.900', 1, NULL),
('分解住院 other disease', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1, NULL),
('分解住院 other disease', 'b', 1, 1, 'A', '21', '9 09:00', '15 10:00', 'K35.800', 1, NULL),
('分解住院 other hospital', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900', 1, NULL),
('分解住院 other hospital', 'b', 1, 1, 'B', '21', '9 09:00', '15 10:00', 'J18.900', 1, NULL),
('分解住院 settled in mid-stay', 'a', 1, 1, 'A', '21', '0 09:00', '28 10:00', 'I63.900', 2, NULL),
('分解住院 A to C to A, back at once', 'a', 1, 1, 'A', '21', '0 09:00', '5 10:00', 'I25.103', 1, NULL),
('分解住院 A to C to A, back at once', 'b', 1, 1, 'C', '21', '7 09:00', '13 10:00', 'I25.103', 1, NULL),
('分解住院 A to C to A, back at once', 'c', 1, 1, 'A', '21', '15 09:00', '20 10:00', 'I25.103', 1, NULL),
('分解住院 A to C to A', 'a', 1, 1, 'A', '21', '0 09:00', '5 10:00', 'I25.103', 1, NULL),
('分解住院 A to C to A', 'b', 1, 1, 'C', '21', '9 09:00', '18 10:00', 'I25.103', 1, NULL),
('分解住院 A to C to A', 'c', 1, 1, 'A', '21', '23 09:00', '27 10:00', 'I25.103', 1, NULL),
('分解住院 planned cycles', 'a', 1, 1, 'A', '21', '0 09:00', '4 10:00', 'Z51.102', 1, NULL),
('分解住院 planned cycles', 'b', 1, 1, 'A', '21', '18 09:00', '22 10:00', 'Z51.102', 1, NULL),
('分解住院 planned cycles', 'c', 1, 1, 'A', '21', '32 09:00', '36 10:00', 'Z51.102', 1, NULL),
('分解住院 referred', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'I63.900', 1, NULL),
('分解住院 three stays', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'M51.202', 1, NULL),
('分解住院 three stays', 'b', 1, 1, 'A', '21', '8 09:00', '14 10:00', 'M51.202', 1, NULL),
('分解住院 three stays', 'c', 1, 1, 'A', '21', '20 09:00', '26 10:00', 'M51.202', 1, NULL),
('分解住院 referred', 'b', 1, 1, 'A', '21', '9 09:00', '15 10:00', 'I63.900', 1, 'referred');
-- Three days after a stay of six.
INSERT INTO demo.case_visit
SELECT c, v, 1, 1, 'A', med_type, begins, ends, diag
FROM (VALUES ('a', '0 09:00', '6 10:00'), ('b', '9 09:00', '15 10:00')) AS x(v, begins, ends),
	LATERAL (VALUES ('分解住院 chemotherapy beside it', '21', 'C34.900,Z51.102'),
		('分解住院 emergency', CASE v WHEN 'b' THEN '24' ELSE '21' END, 'I25.103'),
		('分解住院 after an emergency', CASE v WHEN 'a' THEN '24' ELSE '21' END, 'I25.103'),
		('分解住院 staged surgery', '21', 'K80.500')) AS c(c, med_type, diag);
