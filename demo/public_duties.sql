-- What the county owes its people: who was insured when, who takes drugs for a chronic
-- disease without a certificate, what each layer of cover paid.  No violations: lists.
--
-- Planted: residents who did not renew, employees who left in June and came back nowhere,
-- people of the register who were never insured; diabetics who were given metformin in
-- twelve months, or in nine, and one whose certificate ended in January; a class for whom
-- aid is and to whom none was paid.
-- Near misses: renewed, by another insurance, in another county, in December only; dead, gone
-- abroad; eight months, eight months left of twelve, a certificate for the year, one that is
-- to begin; classes to whom aid was paid.
--
-- They are people of their own, after all others: nobody else's numbers move.

CREATE TABLE demo.duty_case (case_id text PRIMARY KEY, duty text NOT NULL CHECK (duty IN ('cover', 'benefit')), outcome text, months int);
COMMENT ON TABLE demo.duty_case IS 'outcome: what must be said of each of its people; NULL: nothing. months: boxes of thirty days, the last of which lasts into the month after';
INSERT INTO demo.duty_case VALUES
	('did not renew', 'cover', 'lost', NULL), ('employee who left in June', 'cover', 'lost', NULL), ('never insured', 'cover', 'uncovered', NULL),
	('renewed', 'cover', NULL, NULL), ('another insurance', 'cover', NULL, NULL), ('another county', 'cover', NULL, NULL),
	('in December only', 'cover', NULL, NULL), ('dead', 'cover', NULL, NULL), ('abroad', 'cover', NULL, NULL),
	('twelve months', 'benefit', 'unclaimed', 12), ('nine months', 'benefit', 'unclaimed', 8), ('certificate to January', 'benefit', 'unclaimed', 12),
	('eight months', 'benefit', NULL, 7), ('four boxes of twelve came back', 'benefit', NULL, 12), ('certificate of the year', 'benefit', NULL, 12),
	('certificate from next year', 'benefit', NULL, 12);

SELECT max(n) AS last_planted, (SELECT max(hh) FROM demo.household) AS last_planted_home FROM demo.person \gset
CREATE TABLE demo.duty_person AS
SELECT c.*, i, :last_planted + row_number() OVER (ORDER BY c.case_id COLLATE "C", i)::int AS n
FROM demo.duty_case AS c, generate_series(1, :instances) AS i;
INSERT INTO demo.household
SELECT home, 'F' || lpad(home::text, 7, '0'), md5(home::text), 1, true,
	1 + home / 400 % 12, 1 + home / 40 % 10, 1 + home % 40, 1 + home % 20 + home / 28800 * 20, 1 + home / 20 % 4,
	100 * (1 + home / 80 % 18) + 1 + home / 1440 % 4
FROM (SELECT :last_planted_home + n - :last_planted AS home FROM demo.duty_person) AS h;
INSERT INTO demo.person
SELECT n, :last_planted_home + n - :last_planted, 1, md5('duty' || n), 1 + n % 2, date '1938-01-01' + (n - :last_planted) FROM demo.duty_person;
SELECT demo.register(:last_planted + 1, max(n)) AS registered FROM demo.duty_person \gset

ALTER TABLE yb.psn_info_b ADD COLUMN psn_idet_type text;
COMMENT ON COLUMN yb.psn_info_b.psn_idet_type IS '人员身份类别: 01 特困, 02 低保, 03 脱贫';
UPDATE yb.psn_info_b SET psn_idet_type = CASE WHEN draw < 10 THEN '01' WHEN draw < 40 THEN '02' WHEN draw < 60 THEN '03' END
FROM (SELECT psn_no AS number, demo.below(md5('class' || psn_no), 1, 1000) AS draw FROM yb.psn_info_b) AS d WHERE psn_no = number AND draw < 60;
UPDATE yb.psn_info_b AS r SET insutype = CASE d.case_id WHEN 'employee who left in June' THEN '310' ELSE '390' END,
	psn_type = CASE d.case_id WHEN 'employee who left in June' THEN '11' ELSE '15' END, die_date = CASE d.case_id WHEN 'dead' THEN date '2025-05-01' END
FROM demo.duty_person AS d WHERE r.psn_no = 'R' || lpad(d.n::text, 8, '0');

-- -------------------------------------------------------------------- cover

CREATE TABLE yb.psn_insu_d (psn_no text, insutype text, psn_type text, psn_idet_type text, insu_admdvs text, psn_insu_date date, paus_insu_date date, paus_rea text);
COMMENT ON TABLE yb.psn_insu_d IS '参保登记: residents by the year that is paid, employees from when to when';
CREATE TEMPORARY TABLE insured AS
SELECT r.*, coalesce(d.case_id, 'nobody''s') AS case_id
FROM yb.psn_info_b AS r LEFT JOIN demo.duty_person AS d ON r.psn_no = 'R' || lpad(d.n::text, 8, '0') AND d.duty = 'cover';
INSERT INTO yb.psn_insu_d
SELECT psn_no, insutype, psn_type, psn_idet_type, insu_admdvs, date '2015-01-01', CASE case_id WHEN 'employee who left in June' THEN date '2024-06-30' END, NULL
FROM insured WHERE insutype = '310'
UNION ALL
SELECT psn_no, insutype, psn_type, psn_idet_type, insu_admdvs, make_date(y, 1, 1), make_date(y, 12, 31), CASE case_id WHEN 'abroad' THEN '出国定居' END
FROM insured CROSS JOIN generate_series(2024, 2025) AS y
WHERE insutype = '390' AND (case_id IN ('nobody''s', 'renewed') OR y = 2024 AND case_id <> 'never insured')
UNION ALL
SELECT psn_no, CASE case_id WHEN 'another insurance' THEN '310' ELSE '390' END, psn_type, psn_idet_type, CASE case_id WHEN 'another county' THEN '990200' ELSE insu_admdvs END,
	CASE case_id WHEN 'in December only' THEN date '2025-12-01' ELSE date '2025-03-01' END, date '2025-12-31', NULL
FROM insured WHERE case_id IN ('another insurance', 'another county', 'in December only');

-- ------------------------------------------------------------------ benefits

-- A box of thirty days a month, at a township hospital; the first four come back the next day.
CREATE TEMPORARY TABLE duty_visit AS
SELECT d.case_id, d.n, k, format('Y%s%s', lpad(d.n::text, 8, '0'), chr(64 + k)) AS mdtrt_id, f.code, 30 + d.n % 7 AS price,
	date '2025-01-01' + 8 + 30 * (k - 1) + d.i + time '09:00' + make_interval(mins => d.n % 50) AS at
FROM demo.duty_person AS d CROSS JOIN LATERAL generate_series(1, d.months) AS k
	JOIN demo.facility AS f ON f.n = 9 + d.n % 10
WHERE d.duty = 'benefit';
INSERT INTO yb.mdtrt_d (mdtrt_id, psn_no, fixmedins_code, med_type, insutype, begntime, endtime, ipt_otp_no, adm_dept_name, chfpdr_code, dscg_maindiag_code)
SELECT v.mdtrt_id, 'R' || lpad(v.n::text, 8, '0'), v.code, '11', '390', v.at, v.at + interval '30 minutes', v.mdtrt_id, '内科', NULL, 'E11.900' FROM duty_visit AS v;
INSERT INTO yb.setl_list_diag_d SELECT v.mdtrt_id, 1, '1', 'E11.900', '2型糖尿病' FROM duty_visit AS v;
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, l.sn, l.refund_of, v.at + l.later, h.hilist_code, h.hilist_name, h.med_chrgitm_type, '01', l.boxes, v.price, l.boxes * v.price, l.boxes * v.price, NULL, '内科'
FROM duty_visit AS v
CROSS JOIN LATERAL (VALUES ('1', NULL, 1, interval '10 minutes'), ('2', '1', -1, interval '20 minutes'), ('3', NULL, 1, interval '15 minutes')) AS l (sn, refund_of, boxes, later)
JOIN yb.hilist_b AS h ON h.hilist_code = CASE l.sn WHEN '3' THEN 'XB05XAL199B002010100009' ELSE 'XA10BAE101A001010100001' END
WHERE l.sn = '1' OR v.case_id = 'four boxes of twelve came back' AND v.k <= 4;
INSERT INTO yb.setl_d
SELECT v.mdtrt_id || '-1', v.mdtrt_id, false, v.at + interval '30 minutes', sum(l.det_item_fee_sumamt), sum(l.inscp_scp_amt), round(sum(l.inscp_scp_amt) * 0.55, 2),
	sum(l.det_item_fee_sumamt) - round(sum(l.inscp_scp_amt) * 0.55, 2)
FROM duty_visit AS v JOIN yb.fee_list_d AS l USING (mdtrt_id) GROUP BY v.mdtrt_id, v.at;
INSERT INTO yb.opsp_reg_d
SELECT 'R' || lpad(d.n::text, 8, '0'), 'M01600', c.begins, c.ends
FROM demo.duty_person AS d
JOIN (VALUES ('certificate to January', date '2024-01-01', date '2025-01-31'), ('certificate of the year', '2025-01-01', '2025-12-31'),
	('certificate from next year', '2026-01-01', '2026-12-31')) AS c (case_id, begins, ends) USING (case_id);
-- of the county whoever takes such drugs has applied
INSERT INTO yb.opsp_reg_d
SELECT DISTINCT m.psn_no, CASE WHEN l.med_list_codg LIKE 'XA10%' THEN 'M01600' ELSE 'M03900' END, date '2024-01-01', date '2026-12-31'
FROM yb.fee_list_d AS l JOIN yb.mdtrt_d AS m USING (mdtrt_id)
WHERE l.med_list_codg ~ '^X(A10|C0[23789])' AND m.psn_no <= 'R' || lpad(:last_person::text, 8, '0');

-- -------------------------------------------------------------------- layers

-- Of what the fund paid: for whom aid is, the basic insurance four fifths, that of serious
-- illness a twentieth, aid the rest; of the extremely poor nobody was paid any.
CREATE TABLE yb.setl_fund_d AS
SELECT s.setl_id, p.hifp_pay, CASE WHEN p.aided THEN round(s.fund_pay_sumamt * 0.05, 2) ELSE s.fund_pay_sumamt - p.hifp_pay END AS hifmi_pay,
	CASE WHEN p.aided THEN s.fund_pay_sumamt - p.hifp_pay - round(s.fund_pay_sumamt * 0.05, 2) ELSE 0 END AS maf_pay
FROM yb.setl_d AS s JOIN yb.mdtrt_d AS m USING (mdtrt_id) JOIN yb.psn_info_b AS r USING (psn_no)
CROSS JOIN LATERAL (SELECT coalesce(r.psn_idet_type IN ('02', '03'), false) AS aided, round(s.fund_pay_sumamt * CASE WHEN r.psn_idet_type IN ('02', '03') THEN 0.8 ELSE 0.9 END, 2) AS hifp_pay) AS p;
COMMENT ON TABLE yb.setl_fund_d IS '结算基金分项: what each layer of cover paid of a settlement';
DROP TABLE insured, duty_visit;
