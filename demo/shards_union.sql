-- Each table of the county is that of all shares: a condition on it goes to each of them.
-- Variable: shares.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SELECT format('CREATE VIEW yb.%I AS %s', t.name, string_agg(format('SELECT * FROM share%s.%I', n, t.name), ' UNION ALL ' ORDER BY n))
FROM unnest('{mdtrt_d,setl_d,setl_fund_d,setl_list_diag_d,setl_list_oprn_d,drg_grp_d,fee_list_d,acct_pay_d,manual_reim_d,opsp_reg_d}'::text[]) AS t (name),
	generate_series(1, :shares) AS n
GROUP BY t.name
\gexec
