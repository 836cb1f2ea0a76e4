-- bind_national: the central extract in one call
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
CREATE SCHEMA center;
CREATE TABLE center.mdtrt_d (mdtrt_id char(8), psn_no text, psn_name text, certno text, gend text, brdy text, addr text, tel text, die_date date, insutype text, psn_type text, insu_admdvs text, fixmedins_code text,
	fixmedins_name text, hosp_lv text, fix_blng_admdvs text, begntime timestamp, endtime timestamp, med_type text, ipt_otp_no text, chfpdr_code text, dscg_maindiag_code text, nwb_flag text, vali_flag text, updt_time timestamp);
CREATE TABLE center.setl_d (setl_id text, mdtrt_id char(8), psn_no text, fixmedins_code text, setl_time text, medfee_sumamt numeric, inscp_amt numeric, fund_pay_sumamt text, psn_pay numeric, acct_pay numeric, balc numeric,
	mdtrt_cert_no text, mdtrt_cert_type text, clr_way text, setl_type text, mid_setl_flag text, vali_flag text, updt_time timestamp);
CREATE TABLE center.fee_list_d (mdtrt_id char(8), bkkp_sn text, init_feedetl_sn text, psn_no text, med_list_codg text, hilist_code text, hilist_name text, medins_list_name text, cnt numeric, pric numeric, det_item_fee_sumamt numeric,
	inscp_amt numeric, hosp_appr_flag text, fee_ocur_time timestamp, bilg_dr_code text, dscg_tkdrug_flag text, vali_flag text, updt_time timestamp);
CREATE TABLE center.setl_diag_list_d (mdtrt_id char(8), diag_code text, maindiag_flag text, vali_flag text);
INSERT INTO center.mdtrt_d VALUES
	('V1', 'P1', '张三', '110105194912310021', '1', '1949-12-31', '某街1号', '13800000001', NULL, '310', '11', '330102', 'H33010200001', '一院', '05', '330102', '2026-03-01 09:00', '2026-03-05 10:00', '21', 'Z1', 'D1', 'I10', '0', '1', '2026-03-06 01:00'),
	-- corrected later: one visit, its money once
	('V1', 'P1', '张三', '110105194912310021', '1', '1949-12-31', '某街1号', '13800000001', NULL, '310', '11', '330102', 'H33010200001', '一院', '05', '330102', '2026-03-01 09:00', '2026-03-05 11:00', '21', 'Z1', 'D1', 'I10', '0', '1', '2026-03-07 01:00'),
	('V2', 'P1', '张三丰', '110105194912310021', '1', '1949-12-31', '某街2号', '13800000002', '2026-04-01', '310', '11', '330102', 'P33010200002', '药房', '11', '330102', '2026-03-20 09:00', '2026-03-20 09:10', '41', NULL, NULL, NULL, '0', '1', NULL),
	('V3', 'P2', '李四', NULL, '2', '1960-01-01', NULL, NULL, NULL, '390', '21', '330106', 'H33010200001', '一院', '03', '330102', '2026-03-10 09:00', '2026-03-11 10:00', '21', 'Z3', NULL, NULL, '0', '0', NULL),
	('V4', 'P2', '李四', NULL, '2', '1960-01-01', NULL, NULL, NULL, '390', '21', '330106', 'H33010200001', '一院', '03', '330102', '2026-03-12 09:00', NULL, '21', 'Z4', NULL, NULL, '1', '1', NULL);
-- the worked example: 1000 + 500 - 500 + 520, 520 of medical aid beside it, 9 that are not valid
INSERT INTO center.setl_d VALUES ('S1', 'V1', 'P1', 'H33010200001', '2026-03-03 12:00:00', 1000, 900, '600', 400, 0, 0, NULL, NULL, '3', '2', '1', '1', '2026-03-06'), ('S2', 'V1', 'P1', 'H33010200001', '2026-03-05 11:00:00', 500, 440, '300', 200, 0, 0, NULL, NULL, '4', '2', '0', '1', '2026-03-06'),
	('S3', 'V1', 'P1', 'H33010200001', '2026-03-05 12:00:00', -500, -440, '-300', -200, 0, 0, NULL, NULL, '4', '2', '0', '1', '2026-03-06'), ('S4', 'V1', 'P1', 'H33010200001', '2026-03-05 13:00:00', 520, 460, '310', 210, 0, 0, NULL, NULL, '4', '2', '0', '1', '2026-03-08'),
	('S5', 'V1', 'P1', 'H33010200001', '2026-03-06 13:00:00', 520, 460, '100', 0, 0, 0, NULL, NULL, '4', '3', '0', '1', NULL), ('S6', 'V1', 'P1', 'H33010200001', '2026-03-09 13:00:00', 9, 9, '9', 9, 0, 0, NULL, NULL, '4', '2', '0', '0', NULL),
	('S7', 'V2', 'P1', 'P33010200002', '2026-03-20 09:10:00', 88, 88, '0', 88, 88, 12.5, 'C77', '03', NULL, '2', NULL, '1', NULL);
INSERT INTO center.fee_list_d VALUES ('V1', '1', NULL, 'P1', '001', 'h001', '护理', '院内护理', 2, 10, 20, 18, '1', '2026-03-02 08:00', 'D1', '0', '1', '2026-03-06'), ('V1', '2', '1', 'P1', ' ', 'h002', '床位', NULL, -1, 10, -10, -9, '1', '2026-03-02 09:00', NULL, '1', '1', '2026-03-06'),
	('V1', '3', NULL, 'P1', '003', NULL, '自费药', NULL, 1, 30, 30, 30, '2', '2026-03-02 10:00', NULL, NULL, '1', '2026-03-06'), ('V1', '4', NULL, 'P1', '004', NULL, '作废', NULL, 1, 30, 30, 30, '1', '2026-03-02 10:00', NULL, NULL, '0', '2026-03-09');
INSERT INTO center.setl_diag_list_d VALUES ('V1', 'I10', '1', '1'), ('V1', 'E11', '0', '1'), ('V1', 'X', '1', '0');
CALL medaudit.bind_national('center');
SELECT visit_id, person_id, facility_id, discharged_at, visit_type, total_amount AS total, scope_amount AS scope, fund_amount AS fund, personal_amount AS own, payment_method, settled_at, mid_settlement, newborn FROM medaudit_data.visit ORDER BY 1;
SELECT visit_id, line_id, original_line_id, item_code, quantity, amount, claimed, charged_at, physician_id, take_home, person_id FROM medaudit_data.charge ORDER BY line_id;
SELECT visit_id, diagnosis_code, rank FROM medaudit_data.diagnosis ORDER BY 2;
SELECT person_id, name, resident_id, sex, birth_date, death_date, address, phone, region FROM medaudit_data.person ORDER BY 1;
SELECT facility_id, name, kind, rank, region FROM medaudit_data.facility ORDER BY 1;
SELECT facility_id, card_id, swiped_at, amount, balance_after, credential FROM medaudit_data.swipe;
SELECT visit_id, changed_at FROM medaudit_data.change WHERE changed_at IS NOT NULL ORDER BY 1, 2;
-- what the extract lacks is told
SELECT relation, source, array_to_string(optional_missing, ',') AS missing FROM medaudit.sources() WHERE source IS NOT NULL ORDER BY 1;
-- it is judged
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_price', 'price', '最高价', 'violation'); INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('t_price', '001', 8);
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_price}');
SELECT f.visit_id, l.line_id, f.gross_amount, f.claimed_amount, f.fund_amount, f.fund_basis, f.facility_name, f.person_name, f.facility_region FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id);
-- again, over a table of another name and registers of its own; the views are replaced
CREATE TABLE center.psn_info (psn_no text, psn_name text, brdy date); INSERT INTO center.psn_info VALUES ('P1', '张三', '1949-12-30');
ALTER TABLE center.fee_list_d RENAME TO fee_list_d_3301;
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301"}');
SELECT count(*) FROM medaudit_data.charge;
\set VERBOSITY terse
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301", "person": "psn_info"}');
DROP VIEW medaudit_data.national_person CASCADE;
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301", "person": "psn_info"}');
SELECT person_id, name, birth_date FROM medaudit_data.person;
-- what is wrong
CALL medaudit.bind_national('center');
CALL medaudit.bind_national('nowhere');
CALL medaudit.bind_national('center', '{"fee_list_d": "nothing"}');
CALL medaudit.bind_national('center', '{"lines": "fee_list_d_3301"}');
CALL medaudit.bind_national('center', '[]');
CALL medaudit.bind_national(NULL);
UPDATE center.setl_d SET fund_pay_sumamt = '三百' WHERE setl_id = 'S7';
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301"}');
UPDATE center.setl_d SET fund_pay_sumamt = '0', setl_time = '昨天' WHERE setl_id = 'S7';
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301"}');
UPDATE center.setl_d SET setl_time = '2026-03-20 09:10:00' WHERE setl_id = 'S7';
ALTER TABLE center.mdtrt_d ADD begntz timestamptz; ALTER TABLE center.mdtrt_d RENAME begntime TO begnold; ALTER TABLE center.mdtrt_d RENAME begntz TO begntime;
CALL medaudit.bind_national('center', '{"fee_list_d": "fee_list_d_3301"}');
DROP SCHEMA center CASCADE;
DELETE FROM medaudit.binding;
-- what fee_list_d says of drugs, operations, card payments with their numbers and zeros, and when a row was written
CREATE SCHEMA full_extract;
CREATE TABLE full_extract.mdtrt_d (mdtrt_id bigint, psn_no text, psn_name text, die_date text, fixmedins_code text, begntime text, endtime text, vali_flag int, updt_time timestamp, pt text);
INSERT INTO full_extract.mdtrt_d VALUES (1, 'P1', '旧名', '2026-03-09', 'H1', '2026/3/1 8:00', '2026/3/9 8:00', 1, '2026-03-10', '20260310'),
	-- later by time, not by its text; seen again after he is dead, under another name
	(2, 'P1', '新名', NULL, 'P1', '2026-03-10 08:00', '2026-03-10 08:10', 1, '2026-03-11', '20260311'), (3, 'P1', '旧名', NULL, 'H1', '2026/2/1', '2026/2/2', 1, '2026-02-03', '20260203');
CREATE TABLE full_extract.setl_d (setl_id text, mdtrt_id bigint, psn_no text, fixmedins_code text, setl_time timestamp, medfee_sumamt text, acct_pay numeric, mdtrt_cert_no text, mdtrt_cert_type int, clr_way text, setl_type text, vali_flag text, updt_time timestamp, pt text);
INSERT INTO full_extract.setl_d VALUES ('S1', 1, 'P1', 'H1', '2026-03-09 09:00', '100', 30, 'C1', 3, '１', '2', '1', '2026-03-10', '20260310'),
	-- delivered again, corrected, and with the number of its original a reversal
	('S1', 1, 'P1', 'H1', '2026-03-09 09:00', '110', 40, 'C1', 3, '1', '2', '1 ', '2026-03-12', '20260312'), ('S1 ', 1, 'P1', 'H1', '2026-03-09 10:00', '-10', -5, 'C1', 3, NULL, '2', '是', '2026-03-12', '20260312'),
	-- without a number only equal rows are one; medical aid is not the fund's, however it is written
	(NULL, 1, 'P1', 'H1', '2026-03-09 11:00', '7', 0, NULL, NULL, NULL, '2', '1', '2026-03-12', '20260312'), (NULL, 1, 'P1', 'H1', '2026-03-09 11:00', '7', 0, NULL, NULL, NULL, '2', '1', '2026-03-12', '20260312'),
	(NULL, 1, 'P1', 'H1', '2026-03-09 12:00', '7', 0, NULL, NULL, NULL, '2', '1', '2026-03-12', '20260312'), ('S3', 1, 'P1', 'H1', '2026-03-09 11:00', '1000', 0, NULL, NULL, NULL, '０3', '1', NULL, '20260312'),
	-- nobody can say whether it is valid
	('S4', 1, 'P1', 'H1', '2026-03-09 11:00', '5000', 0, NULL, NULL, NULL, '2', NULL, NULL, '20260312'), ('S5', 1, 'P1', 'H1', '2026-03-09 11:00', '5000', 0, NULL, NULL, NULL, '2', '9', NULL, '20260312');
CREATE TABLE full_extract.fee_list_d (mdtrt_id bigint, bkkp_sn text, med_list_codg text, cnt int, det_item_fee_sumamt numeric, fee_ocur_time text, inscp_amt numeric, hosp_appr_flag text, med_chrgitm_type int, chrgitm_lv text,
	dscg_tkdrug_flag text, sin_dos_dscr text, used_frqu_dscr text, prd_days numeric, spec text, prcu_drug_flag text, vali_flag text, updt_time timestamp);
INSERT INTO full_extract.fee_list_d VALUES (1, '1', 'XA01', 2, 20, '2026-03-02 00:00:00', 18, '02', 9, '2', '是', '0.5g', 'tid', 4, '0.25g×12片/盒', '1', '1', '2026-03-10'), (1, NULL, 'ＸA02', 1, 5, '2026年3月3日', 5, '1', 11, '03 ', '0', NULL, NULL, NULL, NULL, '否', '１', '2026-03-11'),
	(1, '3', 'XA03', 1, 5, '2026-03-03', 5, '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '2026-03-15');
CREATE TABLE full_extract.setl_list_diag_d (mdtrt_id bigint, diag_code text, maindiag_flag text, vali_flag text, updt_time timestamp);
INSERT INTO full_extract.setl_list_diag_d VALUES (1, 'i10', '1', '1', '2026-03-16');
-- the one that is not asked, for the first is there
CREATE TABLE full_extract.setl_diag_list_d AS SELECT mdtrt_id, 'E11'::text AS diag_code, maindiag_flag FROM full_extract.setl_list_diag_d;
CREATE TABLE full_extract.setl_list_oprn_d (mdtrt_id bigint, main_oprn_flag text, oprn_oprt_code text, oprn_oprt_date text, anst_way text, vali_flag text);
INSERT INTO full_extract.setl_list_oprn_d VALUES (1, '1', '38.1200x003', '2026-03-03', '01', '1'), (1, '0', '00.0100', '2026-03-03', NULL, '1'), (1, '1', '99', '2026-03-03', NULL, '0');
RESET client_min_messages;
CALL medaudit.bind_national('full_extract');
SET client_min_messages = error;
SELECT pg_get_viewdef('medaudit_data.national_visit') ~ 'DISTINCT ON [^A-Z]*setl_id' AS sorted;
SELECT visit_id, total_amount, acct_amount, payment_method, settled_at, changed_at FROM medaudit_data.visit ORDER BY 1;
SELECT person_id, name, death_date FROM medaudit_data.person;
SELECT line_id, item_code, claimed, charged_at, category, payment_class, take_home, dose, frequency, days_supply, spec, procured, changed_at FROM medaudit_data.charge ORDER BY item_code;
SELECT diagnosis_code, rank FROM medaudit_data.diagnosis;
SELECT * FROM medaudit_data.operation ORDER BY operation_code;
SELECT swipe_id, amount, credential, swiped_at FROM medaudit_data.swipe ORDER BY swiped_at;
SELECT visit_id, changed_at FROM medaudit_data.change WHERE changed_at > '2026-03-12' ORDER BY 2;
-- who has the number of a settlement once by an index need not sort for it
DELETE FROM full_extract.setl_d WHERE setl_id IS NULL OR medfee_sumamt IN ('100', '-10'); CREATE UNIQUE INDEX ON full_extract.setl_d (setl_id);
CALL medaudit.bind_national('full_extract');
SELECT pg_get_viewdef('medaudit_data.national_visit') ~ 'DISTINCT ON [^A-Z]*setl_id' AS sorted, total_amount FROM medaudit_data.visit WHERE visit_id = '1';
-- a sum of which one part cannot be read is not known, and that is told
UPDATE full_extract.setl_d SET medfee_sumamt = '一百' WHERE setl_id = 'S4'; UPDATE full_extract.setl_d SET vali_flag = '1' WHERE setl_id = 'S4';
SELECT total_amount, unreadable FROM medaudit_data.visit WHERE visit_id = '1';
UPDATE full_extract.setl_d SET medfee_sumamt = '9' WHERE setl_id = 'S4';

-- what facilities upload of their stock: one table of all, with the kind or the time that is filled
CREATE TABLE full_extract.inv (fixmedins_code text, med_list_codg text, fixmedins_hilist_id text, inv_chg_type text, sel_retn_time text, sel_retn_cnt text, purc_retn_stoin_time timestamp, purc_retn_cnt numeric, inv_chg_time text, cnt numeric,
	invdate date, inv_cnt numeric, finl_trns_pric numeric, drug_trac_codg text, drugtracinfo jsonb, manu_lotnum text, trdn_flag text, psn_no text, phar_prac_cert_no text, rx_flag text, mdtrt_setl_type text, vali_flag text);
INSERT INTO full_extract.inv (fixmedins_code, med_list_codg, inv_chg_type, sel_retn_time, sel_retn_cnt, purc_retn_stoin_time, purc_retn_cnt, inv_chg_time, cnt, invdate, inv_cnt, finl_trns_pric, vali_flag) VALUES
	('P1', 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-02-28', 20, 8, '1'), ('P1', 'A', NULL, NULL, NULL, '2026-03-01', 100, NULL, NULL, NULL, NULL, 8, '1'), ('P1', 'A', NULL, '2026-03-03', '70', NULL, NULL, NULL, NULL, NULL, NULL, 8, '1'),
	('P1', 'A', NULL, '2026-03-04', '-5', NULL, NULL, NULL, NULL, NULL, NULL, 8, '1'), ('P1', 'A', '3506', '2026-03-04', '3', NULL, NULL, NULL, NULL, NULL, NULL, 8, '1'), ('P1', 'A', '104', NULL, NULL, NULL, NULL, '2026-03-05', 2, NULL, NULL, 8, '1'),
	('P1', 'A', '106', NULL, NULL, NULL, NULL, '2026-03-06', 4, NULL, NULL, 8, '1'), ('P1', 'A', '3504', NULL, NULL, '2026-03-07', 6, NULL, NULL, NULL, NULL, 8, '1'), ('P1', 'A', 'Sale', '2026-03-08', '9', NULL, NULL, NULL, NULL, NULL, NULL, 8, '1'),
	('P1', 'A', NULL, '2026-03-09', '999', NULL, NULL, NULL, NULL, NULL, NULL, 8, '0'), ('P1', 'A', '103', NULL, NULL, NULL, NULL, '2026-03-05', 2, NULL, NULL, 8, '1');
INSERT INTO full_extract.inv (fixmedins_code, med_list_codg, fixmedins_hilist_id, sel_retn_time, sel_retn_cnt, drug_trac_codg, drugtracinfo, manu_lotnum, trdn_flag, psn_no, phar_prac_cert_no, rx_flag, mdtrt_setl_type, vali_flag) VALUES
	('P1', ' ', 'h9', '2026-03-10 10:00', '2', NULL, '[{"drug_trac_codg": "81000000000000000001"}, {"drug_trac_codg": "81000000000000000002"}]', 'b1', '0', 'P1', 'hy1', '1', '1', '1'),
	('P1', 'B', NULL, '2026-03-10 11:00', '1', '81000000000000000003', '[]', 'b2', '1', 'P2', NULL, '0', '2', '1'), ('P1', 'B', NULL, '2026-03-10 12:00', '1', NULL, '{"a": 1}', NULL, NULL, NULL, NULL, NULL, NULL, '1');
CALL medaudit.bind_national('full_extract', '{"stock": "inv"}');
UPDATE full_extract.inv SET sel_retn_cnt = '两' WHERE inv_chg_type = 'Sale';
SELECT at, product_code, quantity, kind, price, unreadable FROM medaudit_data.stock_move WHERE product_code = 'A' ORDER BY at, kind;
SELECT at, product_code, quantity, kind, trace_code, batch_no, split_pack, person_id, pharmacist_id, prescription, pay_method FROM medaudit_data.stock_move WHERE product_code <> 'A' ORDER BY at, trace_code;
SELECT optional_missing FROM medaudit.sources() WHERE relation = 'stock_move';
-- or a table for each interface, as they are uploaded
CREATE TABLE full_extract.purc AS SELECT 'P1'::text AS fixmedins_code, 'A'::text AS med_list_codg, timestamp '2026-03-01' AS purc_retn_stoin_time, 5::float8 AS purc_retn_cnt, 'L1'::text AS manu_lotnum;
CREATE TABLE full_extract.sel AS SELECT 'P1'::text AS fixmedins_code, 'A'::text AS med_list_codg, date '2026-03-02' AS sel_retn_time, 3 AS sel_retn_cnt, 8.5 AS finl_trns_pric, 'S1'::text AS setl_id;
CREATE TABLE full_extract.sel_retn AS SELECT fixmedins_code, med_list_codg, sel_retn_time + 1 AS sel_retn_time, 1 AS sel_retn_cnt FROM full_extract.sel;
CREATE TABLE full_extract.chg AS SELECT 'P1'::text AS fixmedins_code, 'A'::text AS med_list_codg, '101'::text AS inv_chg_type, '2026-03-04'::text AS inv_chg_time, '7'::text AS cnt, 1.5 AS pric;
DROP VIEW medaudit_data.national_stock_move CASCADE;
CALL medaudit.bind_national('full_extract', '{"stock": {"3503": "purc", "3505": "sel", "3506": "sel_retn", "3502": "chg"}}');
SELECT at, quantity, kind, price, batch_no, pay_method, trace_code FROM medaudit_data.stock_move ORDER BY at;
CALL medaudit.bind_national('full_extract', '{"stock": {"3507": "sel"}}');
CALL medaudit.bind_national('full_extract', '{"stock": {}}');
CALL medaudit.bind_national('full_extract', '{"stock": {"3505": 1}}');
CALL medaudit.bind_national('full_extract', '{"stock": ["sel"]}');
CALL medaudit.bind_national('full_extract', '{"mdtrt_d": null}');
CALL medaudit.bind_national('full_extract', '{"stock": {"3505": "nothing"}}');
-- where a name is looked for, and what is wrong with it without our own queries
\set VERBOSITY default
CALL medaudit.bind_national('full_extract', '{"stock": "nothing"}');
CALL medaudit.bind_national('full_extract', '{"person": "nothing"}');
CALL medaudit.bind_national('full_extract', '{"person": "setl_list_diag_d"}');
CALL medaudit.bind_national('full_extract', '{"facility": "setl_list_diag_d"}');
DO $$
DECLARE
	context text;
BEGIN
	CALL medaudit.bind_national('full_extract', '{"stock": "nothing"}');
EXCEPTION WHEN undefined_table THEN
	GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
	RAISE INFO 'more than 9 lines: %, a query of ours: %', array_length(string_to_array(context, E'\n'), 1) > 9, context ~ 'VALUES';
END $$;
\set VERBOSITY terse
CALL medaudit.bind_national('full_extract', '{"stock": "mdtrt_d"}');
CALL medaudit.bind_national('full_extract', '{"stock": {"3503": "sel"}}');
DROP VIEW medaudit_data.national_stock_move CASCADE; ALTER TABLE full_extract.sel ALTER sel_retn_time TYPE timestamptz;
CALL medaudit.bind_national('full_extract', '{"stock": {"3505": "sel"}}');
ALTER TABLE full_extract.sel ALTER sel_retn_time TYPE timestamp; CALL medaudit.bind_national('full_extract', '{"stock": {"3505": "sel"}}');
-- an extract without it: bound no more
CALL medaudit.bind_national('full_extract');
SELECT to_regclass('medaudit_data.stock_move') AS stock_move;
DROP SCHEMA full_extract CASCADE; DELETE FROM medaudit.binding;

-- text of thousands of rows adds up as plain SQL does, shuffled, with partitions
CREATE SCHEMA "中心";
CREATE TABLE "中心".mdtrt_d (mdtrt_id text, psn_no text, fixmedins_code text, begntime timestamp, endtime timestamp, vali_flag text, pt text) PARTITION BY LIST (pt);
CREATE TABLE "中心".mdtrt_d_1 PARTITION OF "中心".mdtrt_d FOR VALUES IN ('202601'); CREATE TABLE "中心".mdtrt_d_2 PARTITION OF "中心".mdtrt_d FOR VALUES IN ('202602');
INSERT INTO "中心".mdtrt_d SELECT 'V' || i, 'P' || i % 300, 'H' || i % 9, timestamp '2026-01-01' + i * interval '1 hour', timestamp '2026-01-02' + i * interval '1 hour', CASE WHEN i % 50 = 0 THEN '0' ELSE '1' END, '20260' || i % 2 + 1 FROM generate_series(1, 1000) AS i;
CREATE TABLE "中心".setl_d AS SELECT 'S' || i || n AS setl_id, 'V' || i AS mdtrt_id, timestamp '2026-01-02' + i * interval '1 hour' + n * interval '1 day' AS setl_time, (CASE WHEN n = 2 THEN -1 ELSE 1 END * (i % 97 + 0.13))::text AS medfee_sumamt,
	CASE WHEN (i + n) % 11 = 0 THEN '0' ELSE '1' END AS vali_flag, CASE WHEN (i + n) % 13 = 0 THEN '3' ELSE '2' END AS setl_type FROM generate_series(1, 1000) AS i, generate_series(1, 3) AS n WHERE (i + n) % 4 > 0 ORDER BY md5(i::text || n);
CREATE TABLE "中心".fee_list_d AS SELECT 'V' || i AS mdtrt_id, l::text AS feedetl_sn, 'A' || l AS med_list_codg, 1 AS cnt, 10.05 AS det_item_fee_sumamt, timestamp '2026-01-01' + i * interval '1 hour' AS fee_ocur_time FROM generate_series(1, 1000) AS i, generate_series(1, 3) AS l;
CALL medaudit.bind_national('中心');
SELECT count(*) AS visits, count(DISTINCT visit_id) AS different, sum(total_amount) AS total, count(total_amount) AS settled FROM medaudit_data.visit;
SELECT count(*) AS visits, sum(s.total) AS total, count(s.total) AS settled FROM (SELECT m.mdtrt_id FROM "中心".mdtrt_d AS m WHERE m.vali_flag = '1') AS m
LEFT JOIN LATERAL (SELECT sum(x.medfee_sumamt::numeric) AS total FROM "中心".setl_d AS x WHERE x.mdtrt_id = m.mdtrt_id AND x.vali_flag = '1' AND x.setl_type <> '3') AS s ON true;
SELECT count(*), sum(amount) FROM medaudit_data.charge;
-- a visit, its settlements and its lines are found by indexes
CREATE INDEX ON "中心".mdtrt_d (medaudit._read_text(medaudit._read_text(mdtrt_id::text))); CREATE INDEX ON "中心".setl_d (medaudit._read_text(mdtrt_id::text)); CREATE INDEX ON "中心".fee_list_d (medaudit._read_text(mdtrt_id::text));
CREATE FUNCTION "中心".scanned(relation text) RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE plan json; BEGIN EXECUTE format('EXPLAIN (FORMAT JSON) SELECT * FROM medaudit_data.%I WHERE visit_id = %L', relation, 'V7') INTO plan; RETURN (SELECT string_agg(DISTINCT m[1], ' ' ORDER BY m[1]) FROM regexp_matches(plan::text, '"Node Type": "([^"]*Scan)"', 'g') AS m WHERE m[1] <> 'Subquery Scan'); END $$;
SELECT "中心".scanned('visit') ~ 'Seq' AS visit_read_whole, "中心".scanned('charge') ~ 'Seq' AS charge_read_whole;
-- one visit in two writings, with its money once
INSERT INTO "中心".mdtrt_d (mdtrt_id, psn_no, fixmedins_code, begntime, endtime, vali_flag, pt) VALUES (' B1', 'P1', 'H1', '2026-01-01', '2026-01-02', '1', '202601'), ('B1 ', 'P1', 'H1', '2026-01-01', '2026-01-03', '1', '202602');
INSERT INTO "中心".setl_d VALUES ('S', 'B1', '2026-01-02', '100', '1', '2'), ('T', 'B1 ', '2026-01-02', '￥1,050.50', '1', '2');
SELECT visit_id, discharged_at, total_amount FROM medaudit_data.visit WHERE visit_id = 'B1';
-- what cannot be read further on is unknown and told: a line's by name, a sum with one such part as a whole
DROP VIEW medaudit_data.national_charge CASCADE;
ALTER TABLE "中心".fee_list_d ALTER cnt TYPE text; INSERT INTO "中心".setl_d VALUES ('U', 'B1', '2026-01-02', '一百', '1', '2'); INSERT INTO "中心".fee_list_d SELECT 'V' || i, 'x', 'A9', CASE i WHEN 1 THEN '两' ELSE '2' END, 5, '2026-01-01' FROM generate_series(1, 9) AS i;
CALL medaudit.bind_national('中心');
SELECT visit_id, quantity, unreadable FROM medaudit_data.charge WHERE line_id ~ 'x$' ORDER BY visit_id LIMIT 2;
SELECT total_amount, settled_at FROM medaudit_data.visit WHERE visit_id = 'B1';
-- whoever has a level reads what is bound, and the views behind it
CREATE ROLE regress_medaudit_national; CALL medaudit.grant_access('regress_medaudit_national', 'analyst'); GRANT USAGE ON SCHEMA "中心" TO regress_medaudit_national; GRANT SELECT ON ALL TABLES IN SCHEMA "中心" TO regress_medaudit_national;
DROP VIEW medaudit_data.national_visit CASCADE;
CALL medaudit.bind_national('中心');
CALL medaudit.grant_access('regress_medaudit_national', 'runner');
SET ROLE regress_medaudit_national; SELECT count(*) > 0 AS reads FROM medaudit_data.visit; CALL medaudit.bind_national('中心'); CALL medaudit.bind('visit', '"中心".mdtrt_d'); RESET ROLE;
-- an extract with as little as can be; what the one before had is bound no more
CREATE SCHEMA bare;
CREATE TABLE bare.mdtrt_d (mdtrt_id varchar(30), psn_no text, fixmedins_code text, begntime date, endtime text, hosp_lv int); CREATE TABLE bare.setl_d (mdtrt_id varchar(30)); CREATE TABLE bare.fee_list_d (mdtrt_id text, hilist_code text, cnt int, det_item_fee_sumamt float8, fee_ocur_time timestamp, hosp_appr_flag int);
CREATE TABLE "中心".setl_list_diag_d (mdtrt_id text, diag_code text);
CALL medaudit.bind_national('中心');
SELECT relation FROM medaudit.binding ORDER BY 1;
DROP VIEW medaudit_data.national_visit, medaudit_data.national_charge, medaudit_data.national_person, medaudit_data.national_facility CASCADE;
INSERT INTO bare.mdtrt_d VALUES ('V1', 'P1', 'h1', '2026-01-01', '2026/1/3', 5); INSERT INTO bare.setl_d VALUES ('V1'); INSERT INTO bare.fee_list_d VALUES ('V1', 'A', 1, 5, '2026-01-01', 2);
CALL medaudit.bind_national('bare');
SELECT relation FROM medaudit.binding ORDER BY 1;
SELECT v.visit_id, v.discharged_at, v.total_amount, v.settled_at, c.line_id, c.amount, c.claimed, f.rank, f.kind FROM medaudit_data.visit AS v JOIN medaudit_data.charge AS c USING (visit_id) JOIN medaudit_data.facility AS f USING (facility_id);
-- columns by which others are read
ALTER TABLE bare.setl_d ADD clr_way text, ADD mid_setl_flag int, ADD acct_pay numeric, ADD fixmedins_code text; INSERT INTO bare.setl_d VALUES ('V1', '3', 1, 9, 'h1');
DROP VIEW medaudit_data.national_visit CASCADE;
CALL medaudit.bind_national('bare');
SELECT payment_method, mid_settlement, total_amount FROM medaudit_data.visit; SELECT to_regclass('medaudit_data.swipe') AS swipe;
ALTER TABLE bare.setl_d ADD setl_time numeric;
CALL medaudit.bind_national('bare');
ALTER TABLE bare.setl_d DROP mdtrt_id CASCADE;
CALL medaudit.bind_national('bare');
DROP OWNED BY regress_medaudit_national; DROP ROLE regress_medaudit_national; DELETE FROM medaudit.access_grant WHERE role_name = 'regress_medaudit_national';
DROP SCHEMA bare CASCADE;
DELETE FROM medaudit.binding; DELETE FROM medaudit.rule WHERE rule_code = 't_price'; TRUNCATE medaudit.run;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard; TRUNCATE medaudit.finding;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP SCHEMA "中心" CASCADE;
