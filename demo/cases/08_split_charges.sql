-- 分解收费: the parts of a package charged one by one, for more than the package costs.
-- Planted: all parts; two parts beside the package; each part twice, where two packages are
-- allowed for.
-- Near misses: two parts that cost less; one part three times, which is one part of the set;
-- parts on two dates; a part, or the package, taken back; a part that was not claimed.

INSERT INTO demo.case_ VALUES
('分解收费 all parts', 'package', 'found', 20, 'day', 'three parts for 80 where the package costs 60'),
('分解收费 beside the package', 'package', 'found', 55, 'day', 'the package, and two of its parts once more'),
('分解收费 parts twice', 'package', 'found', 40, 'day', 'each part twice: two packages are allowed for'),
('分解收费 two parts below the price', 'package', 'silent', NULL, 'day', 'two parts cost less than the package'),
('分解收费 one part three times', 'package', 'silent', NULL, 'day', 'one part charged three times is one part of the set'),
('分解收费 parts on two days', 'package', 'silent', NULL, 'day', 'two parts on one date, the third on the next'),
('分解收费 part refunded', 'package', 'silent', NULL, 'day', 'the third part was taken back'),
('分解收费 package refunded, two parts', 'package', 'silent', NULL, 'day', 'the package was taken back and two parts charged instead'),
('分解收费 parts self-paid', 'package', 'silent', NULL, 'day', 'the third part was not claimed');
INSERT INTO demo.case_line VALUES
('分解收费 all parts', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 all parts', 'a', '2', 'part2', 1, NULL, '1 09:05', NULL, true),
('分解收费 all parts', 'a', '3', 'part3', 1, NULL, '1 15:00', NULL, true),
('分解收费 beside the package', 'a', '1', 'package', 1, NULL, '1 09:00', NULL, true),
('分解收费 beside the package', 'a', '2', 'part1', 1, NULL, '1 09:05', NULL, true),
('分解收费 beside the package', 'a', '3', 'part2', 1, NULL, '1 09:10', NULL, true),
('分解收费 parts twice', 'a', '1', 'part1', 2, NULL, '1 09:00', NULL, true),
('分解收费 parts twice', 'a', '2', 'part2', 2, NULL, '1 09:05', NULL, true),
('分解收费 parts twice', 'a', '3', 'part3', 2, NULL, '1 15:00', NULL, true),
('分解收费 two parts below the price', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 two parts below the price', 'a', '2', 'part2', 1, NULL, '1 09:05', NULL, true),
('分解收费 one part three times', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 one part three times', 'a', '2', 'part1', 1, NULL, '1 11:00', NULL, true),
('分解收费 one part three times', 'a', '3', 'part1', 1, NULL, '1 16:00', NULL, true),
('分解收费 parts on two days', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 parts on two days', 'a', '2', 'part2', 1, NULL, '1 09:05', NULL, true),
('分解收费 parts on two days', 'a', '3', 'part3', 1, NULL, '2 09:00', NULL, true),
('分解收费 part refunded', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 part refunded', 'a', '2', 'part2', 1, NULL, '1 09:05', NULL, true),
('分解收费 part refunded', 'a', '3', 'part3', 1, NULL, '1 09:10', NULL, true),
('分解收费 part refunded', 'a', '4', 'part3', -1, NULL, '2 09:10', '3', true),
('分解收费 package refunded, two parts', 'a', '1', 'package', 1, NULL, '1 09:00', NULL, true),
('分解收费 package refunded, two parts', 'a', '2', 'package', -1, NULL, '1 09:30', '1', true),
('分解收费 package refunded, two parts', 'a', '3', 'part1', 1, NULL, '1 09:35', NULL, true),
('分解收费 package refunded, two parts', 'a', '4', 'part2', 1, NULL, '1 09:40', NULL, true),
('分解收费 parts self-paid', 'a', '1', 'part1', 1, NULL, '1 09:00', NULL, true),
('分解收费 parts self-paid', 'a', '2', 'part2', 1, NULL, '1 09:05', NULL, true),
('分解收费 parts self-paid', 'a', '3', 'part3', 1, NULL, '1 09:10', NULL, false);
