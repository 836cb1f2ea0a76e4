-- What the county's pharmacies bought, sold and counted: a quiet background, and the
-- movements of the planted cases in it.

CREATE TABLE yb.drug_stock_d (
	fixmedins_code text NOT NULL, med_list_codg text NOT NULL, chg_time timestamp NOT NULL, chg_type text NOT NULL,
	cnt numeric(16,4) NOT NULL, pric numeric(16,4), drug_trac_codg text, psn_no text, trdn_flag text, pack_cnt numeric(16,4), setl_way text);
COMMENT ON TABLE yb.drug_stock_d IS '进销存: purchases, sales, returns and counts as pharmacies upload them, out is negative';

-- Pharmacies 1 to 12 are those of the cases, S before U.
INSERT INTO yb.fixmedins_b
SELECT 'P990000' || lpad(n::text, 5, '0'), '清溪康民大药房' || n || '店', '2', NULL, NULL, '990000' FROM generate_series(1, 30) AS n;

-- Every month more is bought than sold, of ten products; each pack has its own code.
INSERT INTO yb.drug_stock_d
SELECT 'P990000' || lpad(n::text, 5, '0'), p.code, m.month + time '09:00', '3503', 12, p.price * 0.8, NULL, NULL, '0', 1, NULL
FROM generate_series(1, 30) AS n
CROSS JOIN (SELECT hilist_code AS code, pric AS price FROM yb.hilist_b WHERE hilist_code ~ '^X' ORDER BY hilist_code COLLATE "C" LIMIT 10) AS p
CROSS JOIN generate_series(timestamp '2024-01-01', '2025-12-01', '1 month') AS m (month)
UNION ALL
SELECT 'P990000' || lpad(n::text, 5, '0'), p.code, m.month + make_interval(days => 1 + demo.below(g, 1, 26), secs => 30000 + demo.below(g, 2, 36000)), '3505', -1, p.price,
	'81' || lpad((('x' || substr(md5(g), 1, 14))::bit(56)::int8 % 1000000000000000000)::text, 18, '0'), NULL, '0', 1, CASE demo.below(g, 3, 3) WHEN 0 THEN 'cash' ELSE 'insured' END
FROM generate_series(1, 30) AS n
CROSS JOIN (SELECT hilist_code AS code, pric AS price FROM yb.hilist_b WHERE hilist_code ~ '^X' ORDER BY hilist_code COLLATE "C" LIMIT 10) AS p
CROSS JOIN generate_series(timestamp '2025-01-01', '2025-12-01', '1 month') AS m (month)
CROSS JOIN generate_series(1, 3) AS k
CROSS JOIN LATERAL md5('stock:' || n || ':' || p.code || ':' || m.month::date || ':' || k) AS g;

CREATE TABLE demo.planted_move AS
SELECT c.*, i.i, v.mdtrt_id, 'ZX09X' || lpad(i.number::text, 6, '0') || lpad(i.i::text, 4, '0') AS product,
	'P990000' || lpad((CASE c.pharmacy WHEN 'S' THEN 0 ELSE 6 END + (i.i - 1) % 6 + 1)::text, 5, '0') AS place,
	CASE WHEN c.at ~ '^monday' THEN i.begins + (8 - extract(isodow FROM i.begins)::int) % 7 + split_part(c.at, ' ', 2)::time ELSE demo.at(i.begins, c.at) END AS moved_at,
	'81990000' || lpad((i.number * 100 + i.i)::text, 8, '0') || lpad(c.t::text, 4, '0') AS code
FROM demo.case_move AS c
JOIN demo.instance AS i USING (case_id)
JOIN demo.planted_visit AS v USING (case_id, i);
INSERT INTO yb.hilist_b SELECT DISTINCT product, '清溪丸' || product, '11', '盒', 80, '01' FROM demo.planted_move;
INSERT INTO yb.drug_stock_d
SELECT m.place, m.product, m.moved_at, m.kind, m.quantity, m.price, m.code, NULL, CASE WHEN m.split THEN '1' ELSE '0' END, m.factor, m.pay FROM demo.planted_move AS m;
