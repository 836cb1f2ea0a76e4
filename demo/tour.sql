-- The tour: bind the county's warehouse, audit its year, read the worklist,
-- and compare with what was planted.

\set ON_ERROR_STOP 1
\if :{?show} \else \set show 12 \endif
SET client_min_messages = warning;
SET jit = off;

-- ------------------------------------------------------------------- bind
-- Each relation is bound to a table of the warehouse as it is: columns by
-- name, or by an expression.  A row of the view below is a settlement; a visit
-- settled in mid-stay has two, and is one visit all the same.

CREATE VIEW yb.v_settled AS
SELECT m.*, s.setl_id, s.setl_time, s.medfee_sumamt, s.inscp_scp_amt, s.fund_pay_sumamt, s.psn_pay
FROM yb.mdtrt_d AS m JOIN yb.setl_d AS s USING (mdtrt_id);

CALL medaudit.bind('person', 'yb.psn_info_b', '{
	"person_id": "psn_no", "name": "psn_name", "resident_id": "certno",
	"sex": "gend", "birth_date": "brdy", "death_date": "die_date",
	"household_id": "hh_no", "address": "addr", "phone": "tel",
	"employer": "emp_name", "insurance_type": "insutype",
	"person_class": "psn_type", "region": "insu_admdvs"}');
CALL medaudit.bind('facility', 'yb.fixmedins_b', '{
	"facility_id": "fixmedins_code", "name": "fixmedins_name",
	"kind": "CASE fixmedins_type WHEN ''1'' THEN ''hospital'' WHEN ''2'' THEN ''pharmacy'' ELSE ''clinic'' END",
	"rank": "hosp_lv::int", "beds": "bed_cnt", "region": "fix_blng_admdvs"}');
CALL medaudit.bind('visit', 'yb.v_settled', '{
	"visit_id": "mdtrt_id", "person_id": "psn_no", "facility_id": "fixmedins_code",
	"admitted_at": "begntime", "discharged_at": "endtime", "record_no": "ipt_otp_no",
	"visit_type": "med_type", "insurance_type": "insutype", "department": "adm_dept_name",
	"physician_id": "chfpdr_code", "ward": "wardarea", "bed": "dscg_bed",
	"main_diagnosis": "dscg_maindiag_code", "total_amount": "medfee_sumamt",
	"scope_amount": "inscp_scp_amt", "fund_amount": "fund_pay_sumamt",
	"personal_amount": "psn_pay", "payment_method": "''item''",
	"settled_at": "setl_time", "discharge_way": "dscg_way"}');
CALL medaudit.bind('diagnosis', 'yb.setl_list_diag_d', '{
	"visit_id": "mdtrt_id", "diagnosis_code": "diag_code", "rank": "diag_srt_no"}');
CALL medaudit.bind('charge', 'yb.fee_list_d', '{
	"visit_id": "mdtrt_id", "item_code": "med_list_codg", "quantity": "cnt",
	"amount": "det_item_fee_sumamt", "claimed": "inscp_scp_amt", "charged_at": "fee_ocur_time",
	"line_id": "feedetl_sn", "original_line_id": "init_feedetl_sn",
	"item_name": "medins_list_name", "category": "med_chrgitm_type", "unit_price": "pric",
	"physician_id": "bilg_dr_code", "department": "bilg_dept_name",
	"payment_class": "chrgitm_lv"}');
CALL medaudit.bind('item', 'yb.hilist_b', '{
	"item_code": "hilist_code", "name": "hilist_name", "unit": "prcunt", "list_price": "pric",
	"class": "CASE med_chrgitm_type WHEN ''01'' THEN ''bed'' WHEN ''02'' THEN ''consultation'' WHEN ''07'' THEN ''nursing'' ELSE med_chrgitm_type END"}');

\echo
\echo What is bound, and what the warehouse does not have:
SELECT relation, source, array_to_string(required_missing, ', ') AS required_missing,
	array_to_string(rules_off, ', ') AS rules_off
FROM medaudit.sources() WHERE source IS NOT NULL;

-- ------------------------------------------------------------------ audit

CALL medaudit.run_audit('2025-01-01', '2026-01-01');
