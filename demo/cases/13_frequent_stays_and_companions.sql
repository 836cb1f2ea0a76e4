-- 频繁住院, 结伴住院: stays that come again and again, alone or with the same other.
-- Planted: four stays in four months at two hospitals; two of two homes in and out together
-- four times, at two hospitals: chance does not do that even in a small county (and four
-- stays are frequent too).
-- Near misses: three stays; four of a person in dialysis; together twice, which among so
-- many people is chance; out two days apart; two who meet at their chemotherapy.

INSERT INTO demo.case_ (case_id, rule, expected, gross, anchor, note, also) VALUES
('频繁住院 four in a year', 'frequent', 'found', NULL, 'day', 'four stays in four months, at two hospitals', NULL),
('频繁住院 three in a year', 'frequent', 'silent', NULL, 'day', 'three stays', NULL),
('频繁住院 dialysis', 'frequent', 'silent', NULL, 'day', 'four stays of a person in dialysis: tagged so by the diagnosis', NULL),
('结伴住院 four times', 'companions', 'found', NULL, 'day', 'two of two homes, in and out together four times, at two hospitals: chance does not do that even in a small county', 'frequent'),
('结伴住院 twice', 'companions', 'silent', NULL, 'day', 'twice: among so many people that is chance', NULL),
('结伴住院 out two days apart', 'companions', 'silent', NULL, 'day', 'in together three times, out two days apart', NULL),
('结伴住院 chemotherapy', 'companions', 'silent', NULL, 'day', 'two who meet at their chemotherapy: tagged so by the diagnosis', NULL);
INSERT INTO demo.case_visit
SELECT c, chr(97 + k), 1, 1, CASE k % 2 WHEN 0 THEN 'A' ELSE 'B' END, '21', format('%s 09:00', 30 * k), format('%s 10:00', 30 * k + 4 + k), diag, 1
FROM (VALUES ('频繁住院 four in a year', 4, 'I25.103'), ('频繁住院 three in a year', 3, 'I25.103'), ('频繁住院 dialysis', 4, 'N18.500')) AS t(c, stays, diag),
	generate_series(0, stays - 1) AS k;
INSERT INTO demo.case_visit
SELECT c, chr(97 + 4 * (who - 1) + k), who, who, CASE k % 2 WHEN 0 THEN 'A' ELSE 'B' END, '21', format('%s 09:00', 35 * k),
	format('%s 10:00', 35 * k + 6 + k + CASE who WHEN 2 THEN later ELSE 0 END), diag, 1
FROM (VALUES ('结伴住院 four times', 4, 1, 'K80.200'), ('结伴住院 twice', 2, 1, 'K80.200'), ('结伴住院 out two days apart', 3, 2, 'K80.200'), ('结伴住院 chemotherapy', 3, 0, 'Z51.102')) AS t(c, stays, later, diag),
	generate_series(1, 2) AS who, generate_series(0, stays - 1) AS k;
