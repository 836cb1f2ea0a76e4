-- 超住院天数, 住院期间外收费: what is charged by the day against the dates of the stay.
-- Planted: eight days of care in a stay of seven dates (rightly too many for that date
-- also); nursing on the day after discharge.
-- Near misses: one on each of the seven dates, that of discharge included; nursing at 23:59
-- of the last.

INSERT INTO demo.case_ (case_id, rule, expected, gross, anchor, note, also) VALUES
('超住院天数 one more', 'bedday', 'found', 10, 'day', 'eight days of care in a stay of seven dates', 'daycap'),
('超住院天数 as many', 'bedday', 'silent', NULL, 'day', 'one on each of the seven dates, discharge date included', NULL),
('住院期间外 a day after', 'outside', 'found', 10, 'day', 'nursing on the day after discharge', NULL),
('住院期间外 on the last day', 'outside', 'silent', NULL, 'day', 'nursing at 23:59 of the discharge date', NULL);
INSERT INTO demo.case_line VALUES
('超住院天数 one more', 'a', '20', 'daycap', 1, NULL, '6 09:30', NULL, true),
('住院期间外 a day after', 'a', '1', 'daycap', 1, NULL, '7 09:00', NULL, true),
('住院期间外 on the last day', 'a', '1', 'daycap', 1, NULL, '6 23:59', NULL, true);
-- One on each of the seven dates of the stay.
INSERT INTO demo.case_line
SELECT c, 'a', k::text, 'daycap', 1, NULL::numeric, k || ' 09:00', NULL, true
FROM (VALUES ('超住院天数 one more'), ('超住院天数 as many')) AS x(c), generate_series(0, 6) AS k;
