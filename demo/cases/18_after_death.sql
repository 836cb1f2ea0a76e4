-- 死亡后就医: charges after the day of death.
-- Planted: two charges of a stay two days after; an outpatient a month after.
-- Near misses: the day after, settled later; taken back; what the fund was not asked to pay.

INSERT INTO demo.case_ VALUES
('死亡后 two days later', 'death', 'found', NULL, 'day', 'two charges of a stay after the day of death; that of the next day is given'),
('死亡后 a month later', 'death', 'found', NULL, 'day', 'an outpatient a month after death'),
('死亡后 the day after', 'death', 'silent', NULL, 'day', 'charges to the day after death, settled two days later'),
('死亡后 taken back', 'death', 'silent', NULL, 'day', 'charged two days after death, and taken back'),
('死亡后 self-paid', 'death', 'silent', NULL, 'day', 'the fund was not asked to pay what was charged two days after');
INSERT INTO demo.case_visit VALUES
('死亡后 a month later', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500'),
('死亡后 a month later', 'b', 1, 1, 'B', '11', '30 09:00', '30 10:00', 'K29.500');
INSERT INTO demo.case_line VALUES
('死亡后 two days later', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, true),
('死亡后 taken back', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, true),
('死亡后 taken back', 'a', '2', 'twin', -1, NULL, '6 09:00', '1', true),
('死亡后 self-paid', 'a', '1', 'twin', 1, NULL, '6 08:00', NULL, false);
INSERT INTO demo.case_person VALUES
('死亡后 two days later', 1, 'dies', 3),
('死亡后 a month later', 1, 'dies', 2),
('死亡后 the day after', 1, 'dies', 4),
('死亡后 taken back', 1, 'dies', 4),
('死亡后 self-paid', 1, 'dies', 4);
-- An outpatient charges something; else there is nothing to settle.
INSERT INTO demo.case_line
SELECT case_id, v, '1', 'twin', 1, NULL, split_part(begins, ' ', 1) || ' 09:20', NULL, true
FROM demo.case_visit WHERE case_id ~ '^(死亡后) ' AND med_type = '11';
