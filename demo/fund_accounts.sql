-- What the county's funds take in: by month and fund, what the accounts of the year say.
--
-- The fund of employees is planted to end the year with seven months of its spending,
-- that of residents with two: its subsidies came short.  Both take in a twentieth less
-- than settlements cost, and pay a twentieth of it for serious illness insurance.

CREATE TABLE yb.fund_acct_b AS
SELECT y.insutype, m.month::date AS acct_month, round(y.paid / 12 * 0.95, 2) AS income, round(y.paid / 12 * 0.05, 2) AS seri_ill_premium,
	CASE WHEN m.month = '2025-01-01' THEN round(y.paid * 1.05 / 12 * y.months + y.paid * 0.1, 2) END AS begin_balance
FROM (SELECT f.insutype, f.months, (SELECT sum(s.fund_pay_sumamt) FROM yb.setl_d AS s JOIN yb.mdtrt_d AS v USING (mdtrt_id)
		WHERE v.insutype = f.insutype AND s.setl_time >= '2025-01-01' AND s.setl_time < '2026-01-01') AS paid
	FROM (VALUES ('310', 7), ('390', 2)) AS f (insutype, months)) AS y
CROSS JOIN generate_series(timestamp '2025-01-01', '2025-12-01', '1 month') AS m (month);
COMMENT ON TABLE yb.fund_acct_b IS '基金收支: what came in by fund and month, serious illness premiums, the balance of the beginning';
