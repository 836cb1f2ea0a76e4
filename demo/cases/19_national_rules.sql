-- 国家规则: what the published files of batches 7 and 8 find, judged only where these are
-- imported: no starter rule knows these items.
-- Planted: an item and what contains it, on one date, and exactly six hours apart; twice on
-- a date that has one; 26 hours on a date; again after 13 days.
-- Near misses: the next date; a minute more than six hours; once on each of two dates; 24
-- hours; again after 14 days, an hour earlier.

INSERT INTO demo.case_ VALUES
('国家库 同日', 'national7', 'found', 16, 'day', 'emergency care contains the emergency consultation, on one date'),
('国家库 次日', 'national7', 'silent', NULL, 'day', 'on the next date'),
('国家库 6小时', 'national7', 'found', 30, 'day', 'a delivery contains the monitoring exactly six hours before'),
('国家库 6小时01分', 'national7', 'silent', NULL, 'day', 'one minute outside'),
('国家库 每日一次', 'national8', 'found', 30, 'day', 'twice a day where the day has one'),
('国家库 两日各一次', 'national8', 'silent', NULL, 'day', 'once on each of two dates'),
('国家库 26小时', 'national8', 'found', 4, 'day', '26 hours in a day, at 2 yuan'),
('国家库 24小时', 'national8', 'silent', NULL, 'day', '24 hours in a day'),
('国家库 13天', 'national8period', 'found', 45, 'day', 'again after 13 days'),
('国家库 14天早一小时', 'national8period', 'silent', NULL, 'day', 'again after 14 days, an hour earlier');
INSERT INTO demo.case_visit VALUES
('国家库 6小时', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('国家库 6小时01分', 'a', 1, 1, 'A', '52', '0 09:00', '4 10:00', 'O80.000', 1, 'female'),
('国家库 13天', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'H81.900', 1, NULL),
('国家库 13天', 'b', 1, 1, 'B', '11', '13 09:50', '13 11:00', 'H81.900', 1, NULL),
('国家库 14天早一小时', 'a', 1, 1, 'A', '11', '0 09:50', '0 11:00', 'H81.900', 1, NULL),
('国家库 14天早一小时', 'b', 1, 1, 'A', '11', '14 08:50', '14 10:00', 'H81.900', 1, NULL);
INSERT INTO demo.case_line VALUES
('国家库 同日', 'a', '1', 'emergency.whole', 1, NULL, '1 09:00', NULL, true),
('国家库 同日', 'a', '2', 'emergency.part', 1, NULL, '1 20:30', NULL, true),
('国家库 次日', 'a', '1', 'emergency.whole', 1, NULL, '1 09:00', NULL, true),
('国家库 次日', 'a', '2', 'emergency.part', 1, NULL, '2 08:30', NULL, true),
('国家库 6小时', 'a', '1', 'women', 1, NULL, '1 05:00', NULL, true),
('国家库 6小时', 'a', '2', 'delivery', 1, NULL, '1 11:00', NULL, true),
('国家库 6小时01分', 'a', '1', 'women', 1, NULL, '1 04:59', NULL, true),
('国家库 6小时01分', 'a', '2', 'delivery', 1, NULL, '1 11:00', NULL, true),
('国家库 每日一次', 'a', '1', 'sputum', 1, NULL, '1 09:00', NULL, true),
('国家库 每日一次', 'a', '2', 'sputum', 1, NULL, '1 16:00', NULL, true),
('国家库 两日各一次', 'a', '1', 'sputum', 1, NULL, '1 16:00', NULL, true),
('国家库 两日各一次', 'a', '2', 'sputum', 1, NULL, '2 09:00', NULL, true),
('国家库 26小时', 'a', '1', 'oximetry', 26, NULL, '1 09:00', NULL, true),
('国家库 24小时', 'a', '1', 'oximetry', 24, NULL, '1 09:00', NULL, true),
('国家库 13天', 'a', '1', 'balance', 1, NULL, '0 10:00', NULL, true),
('国家库 13天', 'b', '1', 'balance', 1, NULL, '13 10:00', NULL, true),
('国家库 14天早一小时', 'a', '1', 'balance', 1, NULL, '0 10:00', NULL, true),
('国家库 14天早一小时', 'b', '1', 'balance', 1, NULL, '14 09:00', NULL, true);
