-- 挂床住院, 住院转门诊: in a bed on paper.
-- Planted: an outpatient of another hospital on the fourth day of a stay, or there as an
-- emergency over midnight; a CT as an outpatient of the hospital in which the person lies;
-- three days in a row, in the midst of a stay, with the bed and nothing else.
-- Near misses: seen in the morning and admitted that day; drugs alone, or a pharmacy: a
-- relative may collect them; a referral; a registration that was taken back; two such days
-- of seven, or three that begin with the admission; rehabilitation, which is billed by the
-- week.

INSERT INTO demo.case_ VALUES
('挂床 seen elsewhere', 'events', 'found', NULL, 'day', 'an outpatient of another hospital on the fourth day of a stay'),
('挂床 on the day of admission', 'events', 'silent', NULL, 'day', 'seen elsewhere in the morning, admitted that day'),
('挂床 at a pharmacy', 'events', 'silent', NULL, 'day', 'drugs collected on the fourth day, by a relative for all one knows: tagged so by the type of visit'),
('挂床 by referral', 'events', 'silent', NULL, 'day', 'an examination elsewhere by referral: tagged so'),
('挂床 elsewhere, taken back', 'events', 'silent', NULL, 'day', 'registered elsewhere in error, its charge taken back: tagged so by its total'),
('挂床 an emergency over midnight', 'events', 'found', NULL, 'day', 'seen at another hospital from 23:00 to 1:00'),
('挂床 drugs alone', 'events', 'silent', NULL, 'day', 'nothing but a drug at another hospital, by a relative for all one knows: tagged so by what was charged'),
('住院转门诊 examined', 'ownclinic', 'found', NULL, 'day', 'a CT as an outpatient of the hospital in which the person lies'),
('住院转门诊 drugs alone', 'ownclinic', 'silent', NULL, 'day', 'nothing but a drug there: tagged so by what was charged'),
('住院转门诊 on the day of admission', 'ownclinic', 'silent', NULL, 'day', 'the CT before the admission of that day'),
('挂床 three days of bed only', 'hangbed', 'found', NULL, 'day', 'three days in a row, in the midst of a stay, with the bed and nothing else'),
('挂床 two days of bed only', 'hangbed', 'silent', NULL, 'day', 'two days of seven'),
('挂床 from the day of admission', 'hangbed', 'silent', NULL, 'day', 'bed only on three days in a row, but the first is the day of admission'),
('挂床 rehabilitation', 'hangbed', 'silent', NULL, 'day', 'four days of bed only: rehabilitation is billed by the week, and tagged so by its diagnosis');
INSERT INTO demo.case_visit VALUES
('挂床 seen elsewhere', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 seen elsewhere', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('挂床 on the day of admission', 'a', 1, 1, 'A', '21', '0 14:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 on the day of admission', 'b', 1, 1, 'B', '11', '0 10:00', '0 11:00', 'J00.x00', 1, NULL),
('挂床 at a pharmacy', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 at a pharmacy', 'b', 1, 1, 'B', '41', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('挂床 elsewhere, taken back', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 elsewhere, taken back', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('挂床 by referral', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 an emergency over midnight', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 an emergency over midnight', 'b', 1, 1, 'B', '13', '3 23:00', '4 01:00', 'J00.x00', 1, NULL),
('挂床 drugs alone', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('挂床 drugs alone', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('住院转门诊 examined', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('住院转门诊 examined', 'b', 1, 1, 'A', '11', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('住院转门诊 drugs alone', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, NULL),
('住院转门诊 drugs alone', 'b', 1, 1, 'A', '11', '3 10:00', '3 11:00', 'J00.x00', 1, NULL),
('住院转门诊 on the day of admission', 'a', 1, 1, 'A', '21', '0 14:00', '8 10:00', 'I63.900', 1, NULL),
('住院转门诊 on the day of admission', 'b', 1, 1, 'A', '11', '0 10:00', '0 11:00', 'J00.x00', 1, NULL),
('挂床 by referral', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'J00.x00', 1, 'referred'),
('挂床 three days of bed only', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 3 to 5'),
('挂床 two days of bed only', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 3 to 4'),
('挂床 from the day of admission', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900', 1, 'bed only from 0 to 2'),
('挂床 rehabilitation', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'Z50.100', 1, 'bed only from 3 to 6');
INSERT INTO demo.case_line VALUES
('挂床 an emergency over midnight', 'b', '1', 'twin', 1, NULL, '3 23:20', NULL, true),
('挂床 drugs alone', 'b', '1', 'water', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 examined', 'b', '1', 'twin', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 drugs alone', 'b', '1', 'water', 1, NULL, '3 10:20', NULL, true),
('住院转门诊 on the day of admission', 'b', '1', 'twin', 1, NULL, '0 10:20', NULL, true);
INSERT INTO demo.case_line
SELECT c, 'b', '1', 'twin', 1, NULL, CASE c WHEN '挂床 on the day of admission' THEN '0 10:20' ELSE '3 10:20' END, NULL, true
FROM unnest('{挂床 seen elsewhere,挂床 on the day of admission,挂床 at a pharmacy,挂床 by referral,"挂床 elsewhere, taken back"}'::text[]) AS c
UNION ALL VALUES ('挂床 elsewhere, taken back', 'b', '2', 'twin', -1, NULL::numeric, '3 10:30', '1', true);
