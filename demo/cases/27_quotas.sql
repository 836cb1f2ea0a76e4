-- 基金支出超进度: hospitals with a quota for the year, and what the fund paid them.
-- Planted: one whose quota is four fifths of what it is paid.
-- Near misses: one that is paid a twentieth more than its quota, in the months in which
-- that is 10 % or less; one with twice the quota that it needs; hospitals without one.
-- What is expected of each month is asked in plain SQL (demo.quota).

CREATE TABLE yb.budget_b AS
SELECT fixmedins_code, round(paid * share, 2) AS quota, date '2025-01-01' AS begndate, date '2025-12-31' AS enddate
FROM (SELECT m.fixmedins_code, sum(s.fund_pay_sumamt) AS paid
	  FROM yb.setl_d AS s JOIN yb.mdtrt_d AS m USING (mdtrt_id)
	  WHERE s.setl_time >= '2025-01-01' AND s.setl_time < '2026-01-01' GROUP BY m.fixmedins_code) AS p
JOIN (SELECT f.fixmedins_code, (ARRAY[0.8, 0.95, 2.0])[row_number() OVER (ORDER BY f.fixmedins_code)] AS share
	  FROM yb.fixmedins_b AS f WHERE f.fixmedins_type = '1') AS q USING (fixmedins_code)
WHERE share IS NOT NULL;
COMMENT ON TABLE yb.budget_b IS '年度预算: quotas of hospitals';

CREATE VIEW demo.quota AS
SELECT b.fixmedins_code, to_char(m, 'YYYY-MM') AS month, b.quota, p.paid,
	p.paid > b.quota * extract(month FROM m)::numeric / 12 * 1.1 AS ahead
FROM yb.budget_b AS b CROSS JOIN generate_series('2025-01-01'::timestamp, '2025-12-01', interval '1 month') AS m
CROSS JOIN LATERAL (SELECT coalesce(sum(s.fund_pay_sumamt), 0) AS paid FROM yb.setl_d AS s JOIN yb.mdtrt_d AS v USING (mdtrt_id)
	WHERE v.fixmedins_code = b.fixmedins_code AND s.setl_time >= '2025-01-01' AND s.setl_time < m + interval '1 month') AS p;
COMMENT ON VIEW demo.quota IS 'whether the fund is more than 10 % ahead of an even pace at the end of a month';
