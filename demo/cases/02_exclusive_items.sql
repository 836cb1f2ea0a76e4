-- 互斥项目: an item charged beside one that contains it.
-- Planted: on one date, within one visit, within six hours with both ends inside, across
-- midnight, within one hour of the clock; a self-paid whole contains its part all the same.
-- Near misses: ten minutes before and after midnight are two dates; either of the two taken
-- back; a part that was not claimed; another person of the same home; another visit; a
-- minute more than six hours, or the next hour; and times that are when somebody posted, not
-- when something was done: these cannot be judged, and that is said.

INSERT INTO demo.case_ VALUES
('互斥 same day', 'exday', 'found', 16, 'day', 'the part is charged while the whole that contains it is charged'),
('互斥 ten to midnight', 'exday', 'silent', NULL, 'day', '23:50 and 00:10 are two dates'),
('互斥 part refunded', 'exday', 'silent', NULL, 'day', 'the part was taken back'),
('互斥 whole refunded', 'exday', 'silent', NULL, 'day', 'the whole was taken back, the part stands'),
('互斥 part self-paid', 'exday', 'silent', NULL, 'day', 'nothing was claimed for the part'),
('互斥 whole self-paid', 'exday', 'found', 16, 'day', 'a self-paid whole is still there'),
('互斥 someone else', 'exday', 'silent', NULL, 'day', 'the whole for one, the part for another of the same home'),
('互斥 one visit', 'exvisit', 'found', 50, 'day', 'days apart, but in one visit'),
('互斥 two visits', 'exvisit', 'silent', NULL, 'day', 'the part in another visit'),
('互斥 six hours', 'exhours', 'found', 30, 'day', 'exactly six hours apart: both ends are inside'),
('互斥 six hours and a minute', 'exhours', 'silent', NULL, 'day', 'one minute outside'),
('互斥 six hours over midnight', 'exhours', 'found', 30, 'day', '23:50 and 00:10 are twenty minutes apart'),
('互斥 posted at midnight', 'exhours', 'silent', NULL, 'day', 'the day was posted at 00:00:00: hours cannot be judged, and that is said, not guessed'),
('互斥 posted in one go', 'exhours', 'silent', NULL, 'day', 'all five lines of the day carry one clock time: it is when somebody posted'),
('互斥 same hour', 'exhour', 'found', 6, 'day', 'within one hour of the clock'),
('互斥 next hour', 'exhour', 'silent', NULL, 'day', '10:59 and 11:01 are two hours of the clock');
INSERT INTO demo.case_visit VALUES
('互斥 someone else', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'I25.103'),
('互斥 someone else', 'b', 2, 1, 'A', '21', '3 09:00', '12 10:00', 'K80.200'),
('互斥 posted in one go', 'a', 1, 1, 'A', '11', '1 11:20', '1 11:50', 'K29.500'),
('互斥 two visits', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500'),
('互斥 two visits', 'b', 1, 1, 'A', '11', '2 09:00', '2 10:00', 'K29.500');
INSERT INTO demo.case_line VALUES
('互斥 same day', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 same day', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 ten to midnight', 'a', '1', 'exday.whole', 1, NULL, '1 23:50', NULL, true),
('互斥 ten to midnight', 'a', '2', 'exday.part', 1, NULL, '2 00:10', NULL, true),
('互斥 part refunded', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 part refunded', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 part refunded', 'a', '3', 'exday.part', -1, NULL, '3 14:30', '2', true),
('互斥 whole refunded', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 whole refunded', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 whole refunded', 'a', '3', 'exday.whole', -1, NULL, '1 16:30', '1', true),
('互斥 part self-paid', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 part self-paid', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, false),
('互斥 whole self-paid', 'a', '1', 'exday.whole', 1, NULL, '1 09:00', NULL, false),
('互斥 whole self-paid', 'a', '2', 'exday.part', 1, NULL, '1 14:30', NULL, true),
('互斥 someone else', 'a', '1', 'exday.whole', 1, NULL, '4 09:00', NULL, true),
('互斥 someone else', 'b', '1', 'exday.part', 1, NULL, '4 14:30', NULL, true),
('互斥 one visit', 'a', '1', 'exvisit.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 one visit', 'a', '2', 'exvisit.part', 1, NULL, '3 09:30', NULL, true),
('互斥 two visits', 'a', '1', 'exvisit.whole', 1, NULL, '0 09:10', NULL, true),
('互斥 two visits', 'b', '1', 'exvisit.part', 1, NULL, '2 09:30', NULL, true),
('互斥 two visits', 'b', '2', 'exvisit.other', 1, NULL, '2 09:20', NULL, true),
('互斥 six hours', 'a', '1', 'exhours.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 six hours', 'a', '2', 'exhours.part', 1, NULL, '1 15:00', NULL, true),
('互斥 six hours and a minute', 'a', '1', 'exhours.whole', 1, NULL, '1 09:00', NULL, true),
('互斥 six hours and a minute', 'a', '2', 'exhours.part', 1, NULL, '1 15:01', NULL, true),
('互斥 six hours over midnight', 'a', '1', 'exhours.whole', 1, NULL, '1 23:50', NULL, true),
('互斥 six hours over midnight', 'a', '2', 'exhours.part', 1, NULL, '2 00:10', NULL, true),
('互斥 posted at midnight', 'a', '1', 'exhours.whole', 1, NULL, '1 00:00', NULL, true),
('互斥 posted at midnight', 'a', '2', 'exhours.part', 1, NULL, '1 00:00', NULL, true),
('互斥 posted in one go', 'a', '1', 'exhours.whole', 1, NULL, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '2', 'exhours.part', 1, NULL, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '3', 'filler', 1, 7.1, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '4', 'filler', 1, 7.2, '1 11:27', NULL, true),
('互斥 posted in one go', 'a', '5', 'filler', 1, 7.3, '1 11:27', NULL, true),
('互斥 same hour', 'a', '1', 'exhour.whole', 1, NULL, '1 10:05', NULL, true),
('互斥 same hour', 'a', '2', 'exhour.part', 1, NULL, '1 10:50', NULL, true),
('互斥 next hour', 'a', '1', 'exhour.whole', 1, NULL, '1 10:59', NULL, true),
('互斥 next hour', 'a', '2', 'exhour.part', 1, NULL, '1 11:01', NULL, true);
