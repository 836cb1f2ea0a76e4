-- Of a copy of the county only the visits of one share of the persons, with all that
-- belongs to them; the register of persons and what is of facilities stays whole.
-- Variables: share (1 to shares), shares.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;

-- Persons of one resident number are one to the rules, and stay together.
CREATE TABLE demo.elsewhere AS
SELECT psn_no FROM yb.psn_info_b
WHERE 1 + (hashtextextended(coalesce(medaudit.readable_resident_id(certno), psn_no), 0) & 2147483647) % :shares <> :share;
ALTER TABLE demo.elsewhere ADD PRIMARY KEY (psn_no);
-- who is not in the register goes by his number of the fund
INSERT INTO demo.elsewhere
SELECT DISTINCT psn_no FROM (SELECT psn_no FROM yb.mdtrt_d UNION SELECT psn_no FROM yb.acct_pay_d UNION SELECT psn_no FROM yb.manual_reim_d
	UNION SELECT psn_no FROM yb.opsp_reg_d) AS p
WHERE NOT EXISTS (SELECT FROM yb.psn_info_b AS k WHERE k.psn_no = p.psn_no)
	AND 1 + (hashtextextended(coalesce(psn_no, ''), 0) & 2147483647) % :shares <> :share AND psn_no IS NOT NULL;
ANALYZE demo.elsewhere;

DELETE FROM yb.acct_pay_d AS t WHERE psn_no IN (SELECT psn_no FROM demo.elsewhere) OR psn_no IS NULL AND :share <> 1;
DELETE FROM yb.manual_reim_d AS t WHERE psn_no IN (SELECT psn_no FROM demo.elsewhere) OR psn_no IS NULL AND :share <> 1;
DELETE FROM yb.opsp_reg_d AS t WHERE psn_no IN (SELECT psn_no FROM demo.elsewhere) OR psn_no IS NULL AND :share <> 1;
CREATE TABLE demo.gone AS SELECT mdtrt_id FROM yb.mdtrt_d WHERE psn_no IN (SELECT psn_no FROM demo.elsewhere) OR psn_no IS NULL AND :share <> 1;
ALTER TABLE demo.gone ADD PRIMARY KEY (mdtrt_id);
ANALYZE demo.gone;
DELETE FROM yb.setl_fund_d AS t USING yb.setl_d AS s, demo.gone AS g WHERE s.setl_id = t.setl_id AND g.mdtrt_id = s.mdtrt_id;
DELETE FROM yb.setl_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
DELETE FROM yb.setl_list_diag_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
DELETE FROM yb.setl_list_oprn_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
DELETE FROM yb.drg_grp_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
DELETE FROM yb.fee_list_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
DELETE FROM yb.mdtrt_d AS t USING demo.gone AS g WHERE g.mdtrt_id = t.mdtrt_id;
TRUNCATE yb.drug_stock_d;
ANALYZE;
