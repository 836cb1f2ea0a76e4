-- What a fund does once: binds its warehouse's tables, and says which rules are
-- its own.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;

-- ------------------------------------------------------------------- bind
-- Each relation is bound to a table of the warehouse as it is: columns by
-- name, or by an expression.  A household is who shares one key of their
-- address, however they spell it; the county is not among the divisions of
-- China, so it is added to them.

INSERT INTO medaudit.division (code, name)
VALUES ('990000', '安平省'), ('990100', '云州市'), ('990101', '清溪县');

-- A row of this view is a settlement; a visit settled in mid-stay has two, and
-- is one visit all the same.

CREATE VIEW yb.v_settled AS
SELECT m.*, s.setl_id, s.setl_time, s.medfee_sumamt, s.inscp_scp_amt, s.fund_pay_sumamt, s.psn_pay, p.hifp_pay, p.hifmi_pay, p.maf_pay
FROM yb.mdtrt_d AS m JOIN yb.setl_d AS s USING (mdtrt_id) LEFT JOIN yb.setl_fund_d AS p USING (setl_id);

CALL medaudit.bind('person', 'yb.psn_info_b', '{
	"person_id": "psn_no", "name": "psn_name", "resident_id": "certno",
	"sex": "gend", "birth_date": "brdy", "death_date": "die_date",
	"household_id": "medaudit.household_key(addr, ''990101'', (SELECT medaudit.compile_divisions()))",
	"address": "addr", "phone": "tel",
	"employer": "emp_name", "insurance_type": "insutype",
	"person_class": "psn_type", "region": "insu_admdvs", "aid_class": "psn_idet_type"}');
CALL medaudit.bind('enrolment', 'yb.psn_insu_d', '{
	"person_id": "psn_no", "valid": "daterange(psn_insu_date, paus_insu_date, ''[]'')", "insurance_type": "insutype",
	"person_class": "psn_type", "aid_class": "psn_idet_type", "region": "insu_admdvs", "exit_reason": "paus_rea"}');
CALL medaudit.bind('facility', 'yb.fixmedins_b', '{
	"facility_id": "fixmedins_code", "name": "fixmedins_name",
	"kind": "CASE fixmedins_type WHEN ''1'' THEN ''hospital'' WHEN ''2'' THEN ''pharmacy'' ELSE ''clinic'' END",
	"rank": "hosp_lv", "beds": "bed_cnt", "region": "fix_blng_admdvs", "longitude": "lnt", "latitude": "lat"}');
CALL medaudit.bind('swipe', 'yb.acct_pay_d', '{
	"swipe_id": "pay_sn", "facility_id": "fixmedins_code", "card_id": "mdtrt_cert_no", "person_id": "psn_no",
	"swiped_at": "pay_time", "amount": "acct_pay", "balance_after": "balc", "credential": "mdtrt_cert_type"}');
CALL medaudit.bind('visit', 'yb.v_settled', '{
	"visit_id": "mdtrt_id", "person_id": "psn_no", "facility_id": "fixmedins_code",
	"admitted_at": "begntime", "discharged_at": "endtime", "record_no": "ipt_otp_no",
	"visit_type": "med_type", "insurance_type": "insutype", "department": "adm_dept_name",
	"physician_id": "chfpdr_code", "ward": "wardarea", "bed": "dscg_bed",
	"main_diagnosis": "dscg_maindiag_code", "total_amount": "medfee_sumamt",
	"scope_amount": "inscp_scp_amt", "fund_amount": "fund_pay_sumamt",
	"personal_amount": "psn_pay", "basic_amount": "hifp_pay", "serious_illness_amount": "hifmi_pay",
	"aid_amount": "maf_pay", "payment_method": "''item''",
	"settled_at": "setl_time", "discharge_way": "dscg_way",
	"referral_visit_id": "refl_old_mdtrt_id", "newborn": "nwb_flag = ''1''"}');
CALL medaudit.bind('budget', 'yb.budget_b', '{
	"facility_id": "fixmedins_code", "quota": "quota", "valid": "daterange(begndate, enddate, ''[]'')"}');
CALL medaudit.bind('fund_income', 'yb.fund_acct_b', '{
	"fund": "insutype", "period": "daterange(acct_month, (acct_month + interval ''1 month'')::date)", "income": "income",
	"other_spending": "seri_ill_premium", "opening_balance": "begin_balance"}');
CALL medaudit.bind('diagnosis', 'yb.setl_list_diag_d', '{
	"visit_id": "mdtrt_id", "diagnosis_code": "diag_code", "rank": "diag_srt_no"}');
CALL medaudit.bind('charge', 'yb.fee_list_d', '{
	"visit_id": "mdtrt_id", "item_code": "med_list_codg", "quantity": "cnt",
	"amount": "det_item_fee_sumamt", "claimed": "inscp_scp_amt", "charged_at": "fee_ocur_time",
	"line_id": "feedetl_sn", "original_line_id": "init_feedetl_sn",
	"item_name": "medins_list_name", "category": "med_chrgitm_type", "unit_price": "pric",
	"physician_id": "bilg_dr_code", "department": "bilg_dept_name",
	"payment_class": "chrgitm_lv",
	"days_supply": "CASE WHEN med_list_codg LIKE ''XA10B%'' THEN 30 * cnt END",
	"spec": "CASE WHEN med_list_codg LIKE ''XR05X%'' THEN ''12片×2板'' END",
	"dose": "CASE WHEN med_list_codg LIKE ''XR05X%'' THEN ''1片'' END",
	"frequency": "CASE WHEN med_list_codg LIKE ''XR05X%'' THEN ''tid'' END"}');
-- 机械辅助排痰 is charged by the session (次) and capped by the day (日): one is one.
CALL medaudit.bind('item', 'yb.hilist_b', '{
	"item_code": "hilist_code", "name": "hilist_name", "unit": "prcunt",
	"unit_factor": "CASE hilist_code WHEN ''001201000150000'' THEN 1 END", "list_price": "pric",
	"class": "CASE med_chrgitm_type WHEN ''01'' THEN ''bed'' WHEN ''02'' THEN ''consultation'' WHEN ''07'' THEN ''nursing'' ELSE med_chrgitm_type END"}');

-- What small duties are judged by.

CALL medaudit.bind('manual_claim', 'yb.manual_reim_d', '{
	"claim_id": "reim_id", "person_id": "psn_no", "paid_on": "pay_date", "invoice_code": "bill_code", "invoice_no": "invono",
	"issuer_code": "uscc", "amount": "medfee_sumamt", "fund_amount": "fund_pay_sumamt", "operator_id": "opter_id",
	"approver_id": "chker_id", "payee_account": "bankacct", "facility_id": "fixmedins_code",
	"admitted_on": "begndate", "discharged_on": "enddate"}');
CALL medaudit.bind('certificate', 'yb.opsp_reg_d', '{
	"person_id": "psn_no", "disease_code": "opsp_dise_code", "valid": "daterange(begndate, enddate, ''[]'')"}');
CALL medaudit.bind('facility_item', 'yb.medins_item_d', '{
	"facility_id": "fixmedins_code", "item_code": "hilist_code", "valid": "daterange(begndate, enddate, ''[]'')"}');
CALL medaudit.bind('operation', 'yb.setl_list_oprn_d', '{
	"visit_id": "mdtrt_id", "operation_code": "oprn_oprt_code", "operated_at": "oprn_oprt_date"}');
CALL medaudit.bind('case_group', 'yb.drg_grp_d', '{
	"visit_id": "mdtrt_id", "group_code": "drg_codg", "weight": "drg_wt", "payment": "drg_pay_std"}');
CALL medaudit.bind('stock_move', 'yb.drug_stock_d', '{
	"facility_id": "fixmedins_code", "product_code": "med_list_codg", "at": "chg_time", "quantity": "cnt", "kind": "chg_type",
	"trace_code": "drug_trac_codg", "unit_factor": "pack_cnt", "price": "pric", "pay_method": "setl_way", "person_id": "psn_no",
	"split_pack": "trdn_flag"}');

-- ------------------------------------------------------------------ rules
-- What ships enabled rests on law and published lists.  The other starter rules
-- are examples with numbers of nobody: a county enables one when its own price
-- list says the same, else it writes rows of its own.  The catalogue of this
-- made-up county was written with these examples at hand, so it enables them.

SELECT count(medaudit.set_rule(rule_code, enabled => true)) AS enabled
FROM unnest('{starter_duplicate,starter_exclusive,starter_quantity,starter_frequency,starter_amount,starter_price,starter_secondary,
	starter_restriction,starter_course,starter_prerequisite,starter_package}'::text[]) AS own (rule_code) \gset

-- The province recognises results of CT for fourteen days.

INSERT INTO medaudit.recognised_exam (item_code, valid_days) VALUES ('002199000010000', 14), ('002199000020000', 14);

-- And it adds one of its own.

INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, name_en, certainty, article, behaviour_code)
VALUES ('qingxi_reassessment', 'quantity', '超频次收费', '康复评定间隔不足14天',
	'rehabilitation assessed again within 14 days', 'suspicion', '第三十八条第二项', 'T380202');
INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, scope, max_quantity, note)
VALUES ('qingxi_reassessment', '003402000390000', 'service', '14 days', 1, '康复评定');

-- What is planned, referred, paid by case or withdrawn is no sign of abuse: a
-- table says which visits carry a tag, and each rule over stays names the tags
-- that it leaves out.  The county adds a row: stones of the bile duct are
-- drained first and removed in a second stay.

INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('planned', 'K80.5', '21');

-- How far ahead of its quota a hospital may be before it is told, reports, is
-- inspected: the plans leave the numbers to the county's agreement.

INSERT INTO medaudit.alert_bound (metric, yellow, orange, red)
VALUES ('fund', 0.05, 0.10, 0.20), ('stays', 0.10, 0.20, 0.30), ('cost', 0.10, 0.20, 0.30);

-- What a prescription of an outpatient may cost is said by the county.

INSERT INTO medaudit.prescription_cap (visit_type, max_amount) VALUES ('11', 300);

-- By what physicians of the county say that a stay with a diagnosis is treated or watched.

INSERT INTO medaudit.diagnosis_treatment (diagnosis_prefix, item_code, code_match, note) VALUES
	('E11', 'XA10%', 'exact', '降糖药'), ('E11', '002503020010000', 'service', '葡萄糖测定'), ('E11', '002503020030000', 'service', '糖化血红蛋白测定'),
	('J18', 'XJ01%', 'exact', '抗菌药');
