-- A year of card payments in which nobody does anything wrong, from hashes of their
-- numbers: shops of heavy-tailed size on a street, customers with favourite shops and
-- couples among them, busy mornings, usual prices, people who spend what they have,
-- refunds; on the 15th of each month the pensioners of the street; and the outing of a
-- chain's staff, twice.  psql variables: shops, days (of 2025), payments (a day at an
-- average shop).  Makes street.swipe, street.facility and what else a run wants.
CREATE SCHEMA street;
CREATE FUNCTION street.u(a int, b int DEFAULT 0, c int DEFAULT 0, d int DEFAULT 0) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (hashint4extended(d, hashint4extended(c, hashint4extended(b, hashint4extended(a, 7)))) & 4294967295) / 4294967296.0::float8;
CREATE TABLE street.facility AS
SELECT 'S' || shop AS facility_id, '药店' || shop AS name, 'pharmacy' AS kind, '510100' AS region, 104 + shop % 50 / 500.0 AS longitude, 30 + shop / 50 / 500.0 AS latitude,
	shop, :payments * (0.4 + 2.4 * street.u(shop, 1) ^ 3) AS size
FROM generate_series(1, :shops) AS shop;
-- whose card, when, for how much: what passes at the counter of a shop on a date
CREATE TABLE street.passed AS
SELECT f.shop, d.day, n, f.size, CASE WHEN street.u(f.shop, d.day, n, 1) < 0.8 THEN f.shop ELSE f.shop % :shops + 1 END * 100000 + floor(60 * f.size * street.u(f.shop, d.day, n, 2) ^ 1.6)::int AS card,
	timestamp '2025-01-01 08:00' + (d.day * 86400 + CASE WHEN street.u(f.shop, d.day, n, 3) < 0.4 THEN 3600 + 7200 * street.u(f.shop, d.day, n, 4) ELSE 46800 * street.u(f.shop, d.day, n, 4) END) * interval '1 second' AS at
FROM street.facility AS f, generate_series(0, :days - 1) AS d(day), LATERAL generate_series(1, floor(f.size * (0.5 + street.u(f.shop, d.day, 0)) + street.u(f.shop, d.day, -1))::int) AS n;
-- couples: one in twenty cards never comes alone
INSERT INTO street.passed SELECT shop, day, 10000 + n, size, card + 50000, at + (30 + 240 * street.u(shop, day, n, 5)) * interval '1 second' FROM street.passed WHERE street.u(card) < 0.05;
-- pension day
INSERT INTO street.passed
SELECT f.shop, d.day, 20000 + n, f.size, f.shop * 100000 + 90000 + n, timestamp '2025-01-01 08:00' + (d.day * 86400 + 9000 * street.u(f.shop, d.day, n, 6)) * interval '1 second'
FROM street.facility AS f, generate_series(0, :days - 1) AS d(day), LATERAL generate_series(1, (6 * f.size)::int) AS n
WHERE extract(day FROM date '2025-01-01' + d.day) = 15 AND street.u(f.shop, d.day, n, 7) < 0.75;
-- the outing: forty of a chain's staff within three quarters of an hour, in spring and in summer
INSERT INTO street.passed
SELECT shop, day, 30000 + n, 1, 900000000 + n, timestamp '2025-01-01 14:00' + (day * 86400 + 2700 * street.u(day, n, 8)) * interval '1 second'
FROM (VALUES (:shops / 2, 110), (:shops / 2, 150), (:shops / 3, 130)) AS o(shop, day), generate_series(1, 40) AS n WHERE day < :days;
CREATE TABLE street.swipe AS
SELECT p.shop || '-' || p.day || '-' || p.n AS swipe_id, 'S' || p.shop AS facility_id, CASE WHEN p.size > 2 * :payments THEN (1 + floor(2 * street.u(p.shop, p.day, p.n, 9)))::text END AS terminal_id,
	'C' || p.card AS card_id, date_trunc('second', p.at) AS swiped_at, a.amount,
	CASE WHEN street.u(p.card, 10) < 0.15 AND street.u(p.shop, p.day, p.n, 11) < 0.1 THEN 0 ELSE round((20 + 4000 * street.u(p.card, p.day, 12))::numeric, 2) END AS balance_after,
	CASE WHEN street.u(p.shop, p.day, p.n, 13) < 0.4 THEN '01' ELSE '03' END AS credential
FROM street.passed AS p, LATERAL (SELECT CASE WHEN street.u(p.shop, p.day, p.n, 14) < 0.3 THEN (5 + 5 * floor(20 * street.u(p.shop, p.day, p.n, 15) ^ 2))::numeric
	ELSE round((20 * exp(1.6 * (street.u(p.shop, p.day, p.n, 15) + street.u(p.shop, p.day, p.n, 16))))::numeric / 2, 2) END) AS a(amount);
INSERT INTO street.swipe
SELECT swipe_id || 'r', facility_id, terminal_id, card_id, swiped_at + interval '7 minutes', -amount, balance_after + amount, credential FROM street.swipe WHERE hashtext(swipe_id) % 100 = 0;
CREATE TABLE street.visit AS SELECT 'V' AS visit_id, 'P' AS person_id, 'S1' AS facility_id, timestamp '2025-01-02 10:00' AS admitted_at, timestamp '2025-01-02 10:05' AS discharged_at, '41' AS visit_type, 9.00 AS total_amount;
CREATE TABLE street.charge AS SELECT 'V' AS visit_id, '1' AS line_id, 'X' AS item_code, 1 AS quantity, 9.00 AS amount, timestamp '2025-01-02 10:01' AS charged_at;
ANALYZE street.swipe;
