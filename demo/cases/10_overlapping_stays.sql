-- 叠床住院: in two beds at once.
-- Planted: two hospitals whose stays share nights; one stay inside another.
-- Near misses: moved on one day, in either order of the clock: no night is shared.

INSERT INTO demo.case_ VALUES
('叠床 two hospitals', 'overlap', 'found', NULL, 'day', 'day 0 to 9 here, 7 to 11 there'),
('叠床 inside', 'overlap', 'found', NULL, 'day', 'one stay inside another'),
('叠床 moved the same day', 'overlap', 'silent', NULL, 'day', 'out at 10:00, in elsewhere at 15:00'),
('叠床 16:00 and 10:00 the same day', 'overlap', 'silent', NULL, 'day', 'discharge 16:00, admission elsewhere 10:00 of that date: no night is shared');
INSERT INTO demo.case_visit VALUES
('叠床 two hospitals', 'a', 1, 1, 'A', '21', '0 09:00', '9 10:00', 'J18.900'),
('叠床 two hospitals', 'b', 1, 1, 'B', '21', '7 09:00', '11 10:00', 'S72.000'),
('叠床 inside', 'a', 1, 1, 'A', '21', '0 09:00', '20 10:00', 'I63.900'),
('叠床 inside', 'b', 1, 1, 'B', '21', '8 09:00', '10 10:00', 'H25.900'),
('叠床 moved the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'J18.900'),
('叠床 moved the same day', 'b', 1, 1, 'B', '21', '6 15:00', '14 10:00', 'I25.103'),
('叠床 16:00 and 10:00 the same day', 'a', 1, 1, 'A', '21', '0 09:00', '6 16:00', 'J18.900'),
('叠床 16:00 and 10:00 the same day', 'b', 1, 1, 'B', '21', '6 10:00', '14 10:00', 'I25.103');
