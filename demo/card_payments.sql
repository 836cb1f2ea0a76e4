-- Card payments at the pharmacies of the county: five a day at each on average, of the
-- people of the county, from November 2024 on, so that eight weeks before each date are
-- known; and those of the planted visits.  A third of all is 25 yuan, a pack of what
-- everybody buys.  Nobody pays who is in hospital, but those of whom it is planted.
-- Pharmacies 127 to 130 are in 云州市, a degree of longitude to the east.

ALTER TABLE yb.fixmedins_b ADD COLUMN lnt numeric, ADD COLUMN lat numeric;
UPDATE yb.fixmedins_b AS b SET lnt = CASE WHEN f.n BETWEEN 127 AND 130 OR f.n = 1 THEN 104.5 ELSE 103.5 END + f.n / 100000.0, lat = 30
FROM demo.facility AS f WHERE f.code = b.fixmedins_code;

CREATE TABLE yb.acct_pay_d (
	pay_sn text PRIMARY KEY, fixmedins_code text NOT NULL, mdtrt_cert_no text NOT NULL, mdtrt_cert_type text NOT NULL,
	psn_no text NOT NULL, pay_time timestamp NOT NULL, acct_pay numeric NOT NULL, balc numeric NOT NULL);
COMMENT ON TABLE yb.acct_pay_d IS '个人账户支付: card payments at pharmacies';

CREATE FUNCTION demo.v(a int, b int, c int, d int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (hashint4extended(d, hashint4extended(c, hashint4extended(b, hashint4extended(a, 7)))) & 4294967295) / 4294967296.0::float8;
INSERT INTO yb.acct_pay_d
SELECT s.sn, s.code, 'K' || s.psn_no, CASE WHEN demo.v(s.n, s.day, s.k, 5) < 0.5 THEN '01' ELSE '03' END, s.psn_no, s.at,
	CASE WHEN demo.v(s.n, s.day, s.k, 6) < 0.33 THEN 25 ELSE round((12 * exp(2.2 * demo.v(s.n, s.day, s.k, 7)))::numeric, 2) END,
	round((300 + 3000 * demo.v(s.n, s.day, s.k, 8))::numeric, 2)
FROM (
	SELECT format('S%s-%s-%s', f.n, d.day, k) AS sn, f.n, d.day, k, f.code,
		-- whoever lives there: each pharmacy has its own people
		'R' || lpad((1 + floor(demo.v(f.n, d.day, k, 1) ^ 1.5 * (:last_person / 40)) * 40 + (f.n - 91))::int::text, 8, '0') AS psn_no,
		timestamp '2024-11-01 08:00' + (d.day * 86400 + floor(43200 * demo.v(f.n, d.day, k, 2))) * interval '1 second' AS at
	FROM demo.facility AS f, generate_series(0, 425) AS d(day), LATERAL generate_series(1, 3 + floor(5 * demo.v(f.n, d.day, 0, 3))::int) AS k
	WHERE f.n BETWEEN 91 AND 130
) AS s
JOIN yb.psn_info_b AS p ON p.psn_no = s.psn_no
WHERE NOT EXISTS (SELECT FROM yb.mdtrt_d AS m WHERE m.psn_no = s.psn_no AND m.med_type = '21' AND s.at >= m.begntime::date AND s.at < m.endtime::date + 1)
	AND (p.die_date IS NULL OR s.at < p.die_date);
INSERT INTO yb.acct_pay_d
SELECT m.mdtrt_id, m.fixmedins_code, 'K' || m.psn_no, CASE v.flag WHEN 'by phone' THEN '01' ELSE '03' END, m.psn_no, m.begntime, t.total,
	CASE v.flag WHEN 'empties' THEN 0.3 ELSE 900 + v.n % 100 END
FROM demo.planted_visit AS v
JOIN yb.mdtrt_d AS m USING (mdtrt_id)
JOIN yb.fixmedins_b AS b ON b.fixmedins_code = m.fixmedins_code AND b.fixmedins_type = '2'
-- there is no index of the lines yet
JOIN (SELECT l.mdtrt_id, sum(l.det_item_fee_sumamt) AS total
	FROM yb.fee_list_d AS l JOIN demo.planted_visit USING (mdtrt_id) GROUP BY l.mdtrt_id) AS t USING (mdtrt_id)
WHERE t.total > 0;
