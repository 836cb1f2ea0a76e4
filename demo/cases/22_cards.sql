-- 聚敛盗刷, 集中刷卡, 清空余额, 同额刷卡, 住院期间院外刷卡, 异地短时刷卡: cards at the counters of pharmacies.
-- Planted: four cards within ten minutes on four Wednesdays; six cards within two and a half
-- minutes of a quiet afternoon; five accounts emptied in a month; one amount by seven cards; a card
-- in a pharmacy on the fourth day of a stay; one card at two places 96 km apart within half an hour.
-- Near misses: the same four once, three times over; a family, a couple, one card with ever others;
-- thirty people on three market days, in no order; six cards every five minutes; one account
-- emptied, three of small amounts; four cards of one amount, seven of the usual price; on the
-- day of discharge, by e-voucher; two hours later, by e-voucher.

INSERT INTO demo.case_ VALUES
('刷卡 成组 four cards on four Wednesdays', 'together', 'found', NULL, 'month', 'four cards within ten minutes, four weeks running'),
('刷卡 成组 four cards on one day', 'together', 'silent', NULL, 'month', 'the same four three times, on one date'),
('刷卡 成组 a family', 'together', 'silent', NULL, 'month', 'three members of one household, four weeks running'),
('刷卡 成组 a couple', 'together', 'silent', NULL, 'month', 'two cards, four weeks running'),
('刷卡 成组 ever others', 'together', 'silent', NULL, 'month', 'one card, four weeks running, each time with two others'),
('刷卡 成组 market days', 'together', 'silent', NULL, 'month', 'thirty people between eight and ten on three market days, in no order'),
('刷卡 集中 six cards in two minutes', 'cardburst', 'found', NULL, 'day', 'six cards every thirty seconds in a quiet hour'),
('刷卡 集中 every five minutes', 'cardburst', 'silent', NULL, 'day', 'the same six cards, five minutes apart'),
('刷卡 清空 five accounts', 'emptied', 'found', NULL, 'month', 'five accounts emptied at one pharmacy in a month'),
('刷卡 清空 one account', 'emptied', 'silent', NULL, 'month', 'one account emptied'),
('刷卡 清空 small amounts', 'emptied', 'silent', NULL, 'month', 'five accounts emptied of 90 yuan each'),
('刷卡 同额 seven cards', 'samesum', 'found', NULL, 'day', 'seven cards pay 188 yuan each on one date'),
('刷卡 同额 four cards', 'samesum', 'silent', NULL, 'day', 'four cards pay 177 yuan each'),
('刷卡 同额 the usual price', 'samesum', 'silent', NULL, 'day', 'seven cards pay 25 yuan, as a third of all do'),
('刷卡 住院 on the fourth day', 'swipestay', 'found', NULL, 'day', 'a card in a pharmacy while its owner is in hospital'),
('刷卡 住院 on the day of discharge', 'swipestay', 'silent', NULL, 'day', 'on the way home'),
('刷卡 住院 by e-voucher', 'swipestay', 'silent', NULL, 'day', 'by telephone, from the bed'),
('刷卡 异地 in half an hour', 'travel', 'found', NULL, 'day', 'two places 96 km apart within half an hour'),
('刷卡 异地 in two hours', 'travel', 'silent', NULL, 'day', 'the same two places, two hours apart'),
('刷卡 异地 by e-voucher', 'travel', 'silent', NULL, 'day', 'within half an hour, by telephone');
UPDATE demo.case_ SET times = 5 WHERE case_id = '刷卡 清空 five accounts';
INSERT INTO demo.case_visit
SELECT c.case_id, 'v' || to_char(t.day, 'FM00') || to_char(t.who, 'FM00'), t.who, CASE WHEN c.case_id ~ 'family' THEN 1 ELSE t.who END, c.place, '41', t.day || ' ' || t.at, t.day || ' ' || t.at + interval '20 seconds', 'J06.900', 1, t.flag
FROM (VALUES ('刷卡 成组 four cards on four Wednesdays', 'P', 4, 7, 4), ('刷卡 成组 a family', 'W', 4, 7, 3), ('刷卡 成组 a couple', 'Q', 4, 7, 2)) AS c (case_id, place, weeks, apart, people),
	LATERAL (SELECT week * apart AS day, who, time '10:00' + who * interval '130 seconds' AS at, NULL AS flag FROM generate_series(0, weeks - 1) AS week, generate_series(1, people) AS who) AS t
UNION ALL
SELECT '刷卡 成组 four cards on one day', format('v%s%s', n, who), who, who, 'R', '41', '3 ' || at, '3 ' || at + interval '20 seconds', 'J06.900', 1, NULL
FROM generate_series(1, 3) AS n, generate_series(1, 4) AS who, LATERAL (SELECT time '08:00' + n * interval '3 hours' + who * interval '130 seconds' AS at) AS t
UNION ALL
SELECT '刷卡 成组 ever others', format('v%s%s', week, n), CASE n WHEN 1 THEN 1 ELSE 2 * week + n END, CASE n WHEN 1 THEN 1 ELSE 2 * week + n END, 'U', '41', 7 * week || ' ' || at, 7 * week || ' ' || at + interval '20 seconds', 'J06.900', 1, NULL
FROM generate_series(0, 3) AS week, generate_series(1, 3) AS n, LATERAL (SELECT time '10:00' + n * interval '130 seconds' AS at) AS t
UNION ALL
SELECT '刷卡 成组 market days', format('v%s%s', week, to_char(who, 'FM00')), who, who, 'V', '41', 7 * week || ' ' || at, 7 * week || ' ' || at + interval '20 seconds', 'J06.900', 1, NULL
FROM generate_series(0, 2) AS week, generate_series(1, 30) AS who, LATERAL (SELECT time '08:00' + abs(hashint4(1000 * week + who)::bigint) % 7200 * interval '1 second' AS at) AS t
UNION ALL
SELECT c.case_id, 'v' || who, who, who, 'Q', '41', '0 ' || at, '0 ' || at + interval '20 seconds', 'J06.900', 1, NULL
FROM (VALUES ('刷卡 集中 six cards in two minutes', interval '30 seconds'), ('刷卡 集中 every five minutes', '5 minutes')) AS c (case_id, gap), generate_series(1, 6) AS who, LATERAL (SELECT time '14:40' + who * gap AS at) AS t
UNION ALL
SELECT c.case_id, 'v' || who, who, who, c.place, '41', 2 * who || ' 11:00', 2 * who || ' 11:01', 'J06.900', 1, 'empties'
FROM (VALUES ('刷卡 清空 five accounts', 'R', 5), ('刷卡 清空 one account', 'P', 1), ('刷卡 清空 small amounts', 'U', 5)) AS c (case_id, place, people), generate_series(1, people) AS who
UNION ALL
SELECT c.case_id, 'v' || who, who, who, c.place, '41', '0 ' || at, '0 ' || at + interval '20 seconds', 'J06.900', 1, NULL
FROM (VALUES ('刷卡 同额 seven cards', 'U', 7), ('刷卡 同额 four cards', 'V', 4), ('刷卡 同额 the usual price', 'W', 7)) AS c (case_id, place, people), generate_series(1, people) AS who, LATERAL (SELECT time '08:00' + who * interval '47 minutes' AS at) AS t
UNION ALL
SELECT c.case_id, t.v, 1, 1, t.place, t.med_type, t.begins, t.ends, 'I63.900', 1, t.flag
FROM (VALUES ('刷卡 住院 on the fourth day', '3 10:00', NULL), ('刷卡 住院 on the day of discharge', '8 14:00', NULL), ('刷卡 住院 by e-voucher', '3 10:00', 'by phone')) AS c (case_id, at, flag),
	LATERAL (VALUES ('a', 'A', '21', '0 09:00', '8 10:00', NULL), ('b', 'W', '41', c.at, c.at || ':20', c.flag)) AS t (v, place, med_type, begins, ends, flag)
UNION ALL
SELECT c.case_id, t.v, 1, 1, t.place, '41', t.at, t.at || ':20', 'J06.900', 1, c.flag
FROM (VALUES ('刷卡 异地 in half an hour', '1 10:30', NULL), ('刷卡 异地 in two hours', '1 12:00', NULL), ('刷卡 异地 by e-voucher', '1 10:30', 'by phone')) AS c (case_id, at, flag),
	LATERAL (VALUES ('a', 'P', '1 10:00'), ('b', 'X', c.at)) AS t (v, place, at);
INSERT INTO demo.case_line
SELECT v.case_id, v.v, '1', 'filler', 1, CASE v.case_id WHEN '刷卡 清空 small amounts' THEN 90 WHEN '刷卡 同额 seven cards' THEN 188 WHEN '刷卡 同额 four cards' THEN 177
		WHEN '刷卡 同额 the usual price' THEN 25 ELSE 120 + 3 * v.who + length(v.v) + split_part(v.begins, ' ', 1)::int END,
	v.begins, NULL, true
FROM demo.case_visit AS v WHERE v.case_id ~ '^刷卡 ' AND v.med_type = '41';
