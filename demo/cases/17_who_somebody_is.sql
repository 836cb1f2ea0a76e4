-- 身份证号无效, 身份不一致, 身份证号重复: what a register says of a person.
-- Planted: a check character that cannot be; another sex, or a birth date a day off, than
-- the number says; one number of two persons, one of them treated between two visits of the
-- other.
-- Near misses: fifteen digits; full width and blanks; a masked number, of which nothing is
-- known; a child of 19 days on the number of its mother; a number of two persons one after
-- the other, which is a move.

INSERT INTO demo.case_ VALUES
('身份证号 wrong check character', 'idinvalid', 'found', NULL, 'day', 'a number that cannot exist'),
('身份证号 fifteen digits', 'idinvalid', 'silent', NULL, 'day', 'the number as it was before 1999'),
('身份证号 full width', 'idinvalid', 'silent', NULL, 'day', 'the right number, in full-width characters and with blanks'),
('身份证号 masked', 'idinvalid', 'silent', NULL, 'day', 'the date of birth is masked: unknown is never a finding'),
('身份不一致 sex', 'idmismatch', 'found', NULL, 'day', 'the record says another sex than the number'),
('身份不一致 a day', 'idmismatch', 'found', NULL, 'day', 'the record says another birth date than the number'),
('身份不一致 child on the number of its mother', 'idmismatch', 'silent', NULL, 'day', 'a child of 19 days, between two visits of its mother: neither a mismatch nor a double'),
('身份重复 side by side', 'idshared', 'found', NULL, 'day', 'one number of two persons, one treated between two visits of the other'),
('身份重复 one after the other', 'idshared', 'silent', NULL, 'day', 'who moves has a second number of a person, once the first is no longer used');
INSERT INTO demo.case_visit VALUES
('身份不一致 child on the number of its mother', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, 'female'),
('身份不一致 child on the number of its mother', 'b', 2, 1, 'B', '21', '20 09:00', '24 10:00', 'J18.900', 1, 'age 0 on day 1'),
('身份不一致 child on the number of its mother', 'c', 1, 1, 'A', '11', '30 09:00', '30 10:00', 'K29.500', 1, 'female'),
('身份重复 side by side', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, NULL),
('身份重复 side by side', 'b', 2, 2, 'B', '11', '20 09:00', '20 10:00', 'K29.500', 1, NULL),
('身份重复 side by side', 'c', 1, 1, 'A', '11', '40 09:00', '40 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'b', 2, 2, 'B', '11', '20 09:00', '20 10:00', 'K29.500', 1, NULL),
('身份重复 one after the other', 'c', 2, 2, 'B', '11', '40 09:00', '40 10:00', 'K29.500', 1, NULL);
INSERT INTO demo.case_person VALUES
('身份证号 wrong check character', 1, 'wrong check character', NULL),
('身份证号 fifteen digits', 1, 'fifteen digits', NULL),
('身份证号 full width', 1, 'full width', NULL),
('身份证号 masked', 1, 'masked', NULL),
('身份不一致 sex', 1, 'other sex', NULL),
('身份不一致 a day', 1, 'born a day later', NULL),
('身份不一致 child on the number of its mother', 2, 'number of 1', NULL),
('身份重复 side by side', 2, 'person 1 again', NULL),
('身份重复 one after the other', 2, 'person 1 again', NULL);
-- An outpatient charges something; else there is nothing to settle.
INSERT INTO demo.case_line
SELECT case_id, v, '1', 'twin', 1, NULL, split_part(begins, ' ', 1) || ' 09:20', NULL, true
FROM demo.case_visit WHERE case_id ~ '^(身份不一致|身份重复) ' AND med_type = '11';
