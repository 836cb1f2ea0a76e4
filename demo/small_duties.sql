-- What small duties are judged by: claims at the counter, certificates of special diseases, what
-- hospitals may charge, operations.  The planted ones, and of the county some that say nothing.

CREATE TABLE yb.manual_reim_d (
	reim_id text, psn_no text, pay_date date, bill_code text, invono text, uscc text, medfee_sumamt numeric, fund_pay_sumamt numeric,
	opter_id text, chker_id text, bankacct text, fixmedins_code text, begndate date, enddate date);
COMMENT ON TABLE yb.manual_reim_d IS '手工报销: claims paid at the counter, a row for each invoice';
CREATE TABLE yb.opsp_reg_d (psn_no text, opsp_dise_code text, begndate date, enddate date);
COMMENT ON TABLE yb.opsp_reg_d IS '门诊慢特病备案';
CREATE TABLE yb.medins_item_d (fixmedins_code text, hilist_code text, begndate date, enddate date);
COMMENT ON TABLE yb.medins_item_d IS '医疗机构开展项目目录: of hospitals; the others have sent none';
CREATE TABLE yb.setl_list_oprn_d (mdtrt_id text, oprn_oprt_code text, oprn_oprt_date date);
COMMENT ON TABLE yb.setl_list_oprn_d IS '结算清单手术操作';

CREATE TABLE demo.planted_claim AS
SELECT c.*, i.i, i.begins AS day_0, p.n, 'B' || lpad(i.number::text, 4, '0') || i.i AS prefix,
	'B' || lpad(i.number::text, 4, '0') || i.i || upper(coalesce(c.claim, c.c)) AS reim_id
FROM demo.case_claim AS c JOIN demo.instance AS i USING (case_id)
	JOIN demo.planted_person AS p ON p.case_id = c.case_id AND p.i = i.i AND p.who = c.who;
INSERT INTO yb.manual_reim_d
SELECT p.reim_id, 'R' || lpad(p.n::text, 8, '0'), p.day_0 + p.paid, p.prefix, lpad(p.invoice::text, 8, '0'), p.issuer, p.amount, round(p.amount * 0.6, 2),
	'JB' || coalesce(p.prefix || p.operator, '01'), 'JB' || coalesce(p.prefix || p.approver, '02'),
	'6222' || lpad(p.n::text, 8, '0') || CASE p.account WHEN 'shared' THEN '' ELSE p.c END, f.code, p.day_0 + p.first_day, p.day_0 + p.last_day
FROM demo.planted_claim AS p
	LEFT JOIN demo.facility AS f ON f.n = 4 + (strpos('ABCD', p.hospital) - 1 + p.i) % 4;
UPDATE yb.manual_reim_d AS r SET bankacct = '6222' || p.prefix
FROM demo.planted_claim AS p WHERE p.reim_id = r.reim_id AND p.account = 'shared';
-- claims of the county: an invoice each, numbers seven apart, to the claimant's own account
INSERT INTO yb.manual_reim_d
SELECT 'BX' || lpad(n::text, 8, '0'), 'R' || lpad(n::text, 8, '0'), date '2025-01-01' + demo.below(k.digest, 1, 360), '33016025', lpad((7 * n)::text, 8, '0'),
	'91350100M000100Y43', a.amount, round(a.amount * 0.55, 2), 'JB0' || 1 + demo.below(k.digest, 2, 4), 'JB1' || 1 + demo.below(k.digest, 3, 3), '6228' || lpad(n::text, 10, '0'),
	NULL, NULL, NULL
FROM demo.person AS p, md5('claim' || n) AS k (digest), LATERAL (SELECT 200 + demo.below(k.digest, 4, 9000)::numeric AS amount) AS a
WHERE n <= :last_person AND demo.below(md5(k.digest), 1, 1000) < 20;
INSERT INTO yb.opsp_reg_d
SELECT 'R' || lpad(p.n::text, 8, '0'), 'M01600', i.begins + c.first_day, i.begins + c.last_day
FROM demo.case_certificate AS c JOIN demo.instance AS i USING (case_id) JOIN demo.planted_person AS p USING (case_id, i, who)
UNION ALL
SELECT 'R' || lpad(n::text, 8, '0'), 'M03900', date '2024-01-01' + demo.below(k.digest, 1, 300), date '2026-12-31'
FROM demo.person, md5('certificate' || n) AS k (digest) WHERE n <= :last_person AND demo.below(k.digest, 2, 1000) < 30;
-- hospitals list what they charge, but for what was planted
INSERT INTO yb.medins_item_d
SELECT DISTINCT m.fixmedins_code, l.med_list_codg, NULL::date, NULL::date
FROM yb.fee_list_d AS l JOIN yb.mdtrt_d AS m USING (mdtrt_id) JOIN demo.facility AS f ON f.code = m.fixmedins_code
WHERE f.n <= 8 AND l.med_list_codg NOT IN (SELECT code FROM demo.case_item WHERE item IN ('unlisted', 'listed', 'delisted'))
UNION ALL
SELECT f.code, t.code, CASE t.item WHEN 'listed' THEN date '2024-07-01' ELSE date '2020-01-01' END, CASE t.item WHEN 'delisted' THEN date '2024-12-31' END
FROM demo.facility AS f, demo.case_item AS t WHERE f.n <= 8 AND t.item IN ('listed', 'delisted');
INSERT INTO yb.setl_list_oprn_d
SELECT v.mdtrt_id, '86.0401', v.day_0 + o.day FROM demo.case_operation AS o JOIN demo.planted_visit AS v USING (case_id, v);

-- a claim is what its case planted, like a visit
UPDATE demo.truth AS t SET visits = t.visits || c.claims
FROM (SELECT case_id, i, array_agg(DISTINCT reim_id) AS claims FROM demo.planted_claim GROUP BY case_id, i) AS c
WHERE c.case_id = t.case_id AND c.i = t.instance;
CREATE VIEW demo.planted_id AS
SELECT mdtrt_id AS id FROM demo.planted_visit UNION ALL SELECT reim_id FROM demo.planted_claim;
