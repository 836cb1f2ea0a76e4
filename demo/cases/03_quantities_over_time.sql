-- 超量, 超频次, 超疗程: more than a day, a week, a period or a course of treatment has.
-- Planted: two on a date that has one, 26 hours on a date, five in a week of four, again
-- nine days after where fifteen are due (at another hospital too), every 13 days where 14
-- are due, sixteen dates of a course of fourteen. Only what is too much is in excess, not
-- the line.
-- Near misses: exactly the cap; taken back to the cap; what was not claimed counts toward
-- none; 24 hours on each of two dates; five in seven days over two weeks; fifteen dates
-- later though 14 days by the clock, and fourteen though an hour earlier; sixteen times on
-- fourteen dates.

INSERT INTO demo.case_ VALUES
('数量 two a day', 'daycap', 'found', 10, 'day', '2 in one line where a day has 1: the second, not the line'),
('数量 one a day', 'daycap', 'silent', NULL, 'day', 'exactly the cap, five days running'),
('数量 refunded to the cap', 'daycap', 'silent', NULL, 'day', '2 charged, 1 taken back'),
('数量 self-paid under a cap', 'daycap', 'silent', NULL, 'day', 'the second one was not claimed and counts toward no cap'),
('数量 24 hours over two dates', 'hourcap', 'silent', NULL, 'day', '12, 24 and 10 hours on three dates'),
('数量 26 hours in a day', 'hourcap', 'found', 12, 'day', '14 and 12 hours on one date: 2 hours of 6 yuan are too many'),
('周期 nine days', 'period15', 'found', 60, 'day', 'again after nine days where fifteen are due'),
('周期 two hospitals', 'period15', 'found', 60, 'day', 'again after nine days at another hospital'),
('周期 15 days by date, not by clock', 'period15', 'silent', NULL, 'day', '16:00, and 08:00 fifteen dates later: 14 days and 16 hours by the clock'),
('周期 14 days by date', 'period15', 'found', 60, 'day', '08:00, and 16:00 fourteen dates later: within 15 consecutive dates'),
('周期 every 14 days an hour earlier', 'period14', 'silent', NULL, 'day', 'each time exactly 14 dates after the last, whatever the clock'),
('周期 every 13 days', 'period14', 'found', 60, 'day', 'on days 0, 13 and 26: the second is refused, and the third is then 26 days after the first'),
('数量 five in a week', 'weekcap', 'found', 400, 'week', 'Monday to Sunday: the fifth'),
('数量 five over two weeks', 'weekcap', 'silent', NULL, 'week', 'five in seven days, but three before Monday and two after'),
('疗程 sixteen days', 'course', 'found', 60, 'day', 'sixteen dates where fourteen are paid'),
('疗程 fourteen days, twice on two', 'course', 'silent', NULL, 'day', 'sixteen times on fourteen dates');
INSERT INTO demo.case_visit VALUES
('周期 nine days', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'E11.900'),
('周期 nine days', 'b', 1, 1, 'A', '11', '9 09:00', '9 10:00', 'E11.900'),
('周期 two hospitals', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'E11.900'),
('周期 two hospitals', 'b', 1, 1, 'B', '11', '9 09:00', '9 10:00', 'E11.900'),
('周期 15 days by date, not by clock', 'a', 1, 1, 'A', '11', '0 15:30', '0 16:30', 'E11.900'),
('周期 15 days by date, not by clock', 'b', 1, 1, 'A', '11', '15 07:50', '15 08:30', 'E11.900'),
('周期 14 days by date', 'a', 1, 1, 'A', '11', '0 07:50', '0 08:30', 'E11.900'),
('周期 14 days by date', 'b', 1, 1, 'A', '11', '14 15:50', '14 16:30', 'E11.900'),
('周期 every 14 days an hour earlier', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'M54.500'),
('周期 every 14 days an hour earlier', 'b', 1, 1, 'A', '11', '14 08:50', '14 10:00', 'M54.500'),
('周期 every 14 days an hour earlier', 'c', 1, 1, 'A', '11', '28 07:50', '28 09:00', 'M54.500'),
('周期 every 13 days', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'M54.500'),
('周期 every 13 days', 'b', 1, 1, 'A', '11', '13 09:50', '13 11:00', 'M54.500'),
('周期 every 13 days', 'c', 1, 1, 'A', '11', '26 09:50', '26 11:00', 'M54.500'),
('数量 five in a week', 'a', 1, 1, 'A', '21', '0 07:00', '8 10:00', 'N18.500'),
('数量 five over two weeks', 'a', 1, 1, 'A', '21', '3 07:00', '12 10:00', 'N18.500'),
('疗程 sixteen days', 'a', 1, 1, 'A', '21', '0 07:00', '20 10:00', 'I63.900'),
('疗程 fourteen days, twice on two', 'a', 1, 1, 'A', '21', '0 07:00', '20 10:00', 'I63.900');
INSERT INTO demo.case_line VALUES
('数量 two a day', 'a', '1', 'daycap', 2, NULL, '1 09:00', NULL, true),
('数量 two a day', 'a', '2', 'daycap', 1, NULL, '2 09:00', NULL, true),
('数量 one a day', 'a', '1', 'daycap', 1, NULL, '1 09:00', NULL, true),
('数量 one a day', 'a', '2', 'daycap', 1, NULL, '2 08:00', NULL, true),
('数量 one a day', 'a', '3', 'daycap', 1, NULL, '3 07:00', NULL, true),
('数量 one a day', 'a', '4', 'daycap', 1, NULL, '4 23:59', NULL, true),
('数量 one a day', 'a', '5', 'daycap', 1, NULL, '5 00:01', NULL, true),
('数量 refunded to the cap', 'a', '1', 'daycap', 2, NULL, '1 09:00', NULL, true),
('数量 refunded to the cap', 'a', '2', 'daycap', -1, NULL, '2 09:00', NULL, true),
('数量 self-paid under a cap', 'a', '1', 'daycap', 1, NULL, '1 09:00', NULL, false),
('数量 self-paid under a cap', 'a', '2', 'daycap', 1, NULL, '1 15:00', NULL, true),
('数量 24 hours over two dates', 'a', '1', 'hourcap', 12, NULL, '1 12:00', NULL, true),
('数量 24 hours over two dates', 'a', '2', 'hourcap', 24, NULL, '2 00:01', NULL, true),
('数量 24 hours over two dates', 'a', '3', 'hourcap', 10, NULL, '3 00:01', NULL, true),
('数量 26 hours in a day', 'a', '1', 'hourcap', 14, NULL, '1 08:00', NULL, true),
('数量 26 hours in a day', 'a', '2', 'hourcap', 12, NULL, '1 20:00', NULL, true),
('周期 nine days', 'a', '1', 'period15', 1, NULL, '0 09:10', NULL, true),
('周期 nine days', 'b', '1', 'period15', 1, NULL, '9 09:10', NULL, true),
('周期 two hospitals', 'a', '1', 'period15', 1, NULL, '0 09:10', NULL, true),
('周期 two hospitals', 'b', '1', 'period15', 1, NULL, '9 09:10', NULL, true),
('周期 15 days by date, not by clock', 'a', '1', 'period15', 1, NULL, '0 16:00', NULL, true),
('周期 15 days by date, not by clock', 'b', '1', 'period15', 1, NULL, '15 08:00', NULL, true),
('周期 14 days by date', 'a', '1', 'period15', 1, NULL, '0 08:00', NULL, true),
('周期 14 days by date', 'b', '1', 'period15', 1, NULL, '14 16:00', NULL, true),
('周期 every 14 days an hour earlier', 'a', '1', 'period14', 1, NULL, '0 10:00', NULL, true),
('周期 every 14 days an hour earlier', 'b', '1', 'period14', 1, NULL, '14 09:00', NULL, true),
('周期 every 14 days an hour earlier', 'c', '1', 'period14', 1, NULL, '28 08:00', NULL, true),
('周期 every 13 days', 'a', '1', 'period14', 1, NULL, '0 10:00', NULL, true),
('周期 every 13 days', 'b', '1', 'period14', 1, NULL, '13 10:00', NULL, true),
('周期 every 13 days', 'c', '1', 'period14', 1, NULL, '26 10:00', NULL, true),
('数量 five in a week', 'a', '1', 'weekcap', 1, NULL, '0 09:00', NULL, true),
('数量 five in a week', 'a', '2', 'weekcap', 1, NULL, '1 09:00', NULL, true),
('数量 five in a week', 'a', '3', 'weekcap', 1, NULL, '2 09:00', NULL, true),
('数量 five in a week', 'a', '4', 'weekcap', 1, NULL, '4 09:00', NULL, true),
('数量 five in a week', 'a', '5', 'weekcap', 1, NULL, '6 23:30', NULL, true),
('数量 five over two weeks', 'a', '1', 'weekcap', 1, NULL, '4 09:00', NULL, true),
('数量 five over two weeks', 'a', '2', 'weekcap', 1, NULL, '5 09:00', NULL, true),
('数量 five over two weeks', 'a', '3', 'weekcap', 1, NULL, '6 09:00', NULL, true),
('数量 five over two weeks', 'a', '4', 'weekcap', 1, NULL, '7 09:00', NULL, true),
('数量 five over two weeks', 'a', '5', 'weekcap', 1, NULL, '9 09:00', NULL, true);
-- One on each of the dates, and a second on two of them.
INSERT INTO demo.case_line
SELECT c, 'a', k::text, 'course', 1, NULL::numeric, k || ' 09:00', NULL, true
FROM (VALUES ('疗程 sixteen days', 16), ('疗程 fourteen days, twice on two', 14)) AS x(c, days),
	generate_series(1, days) AS k
UNION ALL
SELECT '疗程 fourteen days, twice on two', 'a', (20 + k)::text, 'course', 1, NULL::numeric, k || ' 17:00', NULL, true
FROM generate_series(3, 4) AS k;
