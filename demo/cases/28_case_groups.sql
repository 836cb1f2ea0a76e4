-- 按病组付费: the groups of the county's stays, with weights made of diagnosis and procedure.
-- Nothing of it is a rule: views list what to ask a hospital, and demo.case_question says
-- what they must list, and what they must not.
-- 组合指数: planted: hospital 5, whose weights are three fifths higher from July on, and
-- nothing else of it.  Near misses: hospital 6, where a department is new; hospital 1,
-- whose weights are as high all the year; all others.
-- 无诊疗次要诊断: planted: pneumonia with diabetes that nobody measured or treated, and a
-- weight far above others.  Near misses: the same of no higher weight; diabetes whose
-- sugar was measured; a diagnosis of which nobody has said how it is treated.
-- 主次诊断调换: planted: treated pneumonia behind diabetes that was not treated.  Near
-- misses: the same of a lower weight; diabetes whose sugar was measured before pneumonia.
-- 费用转嫁门诊: planted: CT as an outpatient two days before a stay, and a day after.  Near
-- misses: five days before; drugs; an emergency; another hospital; the day of discharge.

CREATE TABLE yb.drg_grp_d (mdtrt_id text, drg_codg text, drg_wt numeric(10,4), drg_pay_std numeric(14,2));
COMMENT ON TABLE yb.drg_grp_d IS 'DRG 分组结果: a row for each stay';

-- Stays of the county of people who have nothing else for a while, numbered by what was done.
CREATE TABLE demo.quiet_stay AS
SELECT s.*, row_number() OVER (PARTITION BY s.care ORDER BY md5('case group' || s.mdtrt_id)) AS nth
FROM (
	SELECT m.mdtrt_id, m.psn_no, m.fixmedins_code, m.begntime, m.endtime, m.dscg_maindiag_code AS main_code, CASE
			WHEN m.dscg_maindiag_code = 'J18.900' AND b.antibiotic AND NOT b.sugar THEN 'pneumonia'
			WHEN m.dscg_maindiag_code IN ('I25.103', 'I63.900') AND b.sugar THEN 'heart, sugar measured'
			WHEN m.dscg_maindiag_code = 'E11.700' AND b.sugar THEN 'diabetes, sugar measured'
			WHEN m.dscg_maindiag_code IN ('K80.200', 'K35.800', 'M51.202', 'H25.900', 'S72.000', 'A09.900') THEN 'anything else' END AS care
	FROM yb.mdtrt_d AS m
	CROSS JOIN LATERAL (SELECT bool_or(l.med_list_codg LIKE 'XJ01%') AS antibiotic, bool_or(l.med_list_codg LIKE 'XA10%' OR l.med_list_codg LIKE '00250302%') AS sugar
		FROM yb.fee_list_d AS l WHERE l.mdtrt_id = m.mdtrt_id AND l.cnt > 0) AS b
	WHERE m.mdtrt_id LIKE 'M%' AND m.med_type = '21' AND m.begntime >= '2025-01-10' AND m.endtime < '2025-12-10'
		AND NOT EXISTS (SELECT FROM yb.mdtrt_d AS o WHERE o.psn_no = m.psn_no AND o.mdtrt_id <> m.mdtrt_id
			AND o.begntime < m.endtime + interval '40 days' AND coalesce(o.endtime, o.begntime) > m.begntime - interval '40 days')
) AS s WHERE s.care IS NOT NULL;

CREATE TABLE demo.case_question AS
SELECT q.view, q.case_id, q.expected, s.mdtrt_id, s.mdtrt_id AS told_id, q.main_code, q.other_code, q.weight, q.near, q.item
FROM (VALUES
	('untreated', '无诊疗 diabetes nobody looked at', true, 'pneumonia', 1, 3, NULL, 'E11.900', 1.8, NULL::int, NULL),
	('untreated', '无诊疗 no higher weight', false, 'pneumonia', 4, 5, NULL, 'E11.900', 0.5, NULL, NULL),
	('untreated', '无诊疗 nobody says how it is treated', false, 'pneumonia', 6, 7, NULL, 'M51.202', 1.8, NULL, NULL),
	('untreated', '无诊疗 sugar was measured', false, 'heart, sugar measured', 1, 2, NULL, 'E11.900', 1.8, NULL, NULL),
	('swapped', '主次调换 pneumonia behind diabetes', true, 'pneumonia', 8, 10, 'E11.700', 'J18.900', 1.8, NULL, NULL),
	('swapped', '主次调换 lower weight', false, 'pneumonia', 11, 12, 'E11.700', 'J18.900', 0.5, NULL, NULL),
	('swapped', '主次调换 sugar was measured', false, 'diabetes, sugar measured', 1, 2, NULL, 'J18.900', 1.8, NULL, NULL),
	('shifted', '转嫁门诊 CT two days before', true, 'anything else', 1, 2, NULL, NULL, NULL, -2, '002103000010000'),
	('shifted', '转嫁门诊 CT a day after', true, 'anything else', 3, 4, NULL, NULL, NULL, 1, '002103000010000'),
	('shifted', '转嫁门诊 CT five days before', false, 'anything else', 5, 5, NULL, NULL, NULL, -5, '002103000010000'),
	('shifted', '转嫁门诊 drugs before', false, 'anything else', 6, 6, NULL, NULL, NULL, -2, 'XJ01CAA040E001010100007'),
	('shifted', '转嫁门诊 emergency before', false, 'anything else', 7, 7, NULL, NULL, NULL, -2, '002103000010000'),
	('shifted', '转嫁门诊 another hospital', false, 'anything else', 8, 8, NULL, NULL, NULL, -2, '002103000010000'),
	('shifted', '转嫁门诊 day of discharge', false, 'anything else', 9, 9, NULL, NULL, NULL, 0, '002103000010000')
) AS q (view, case_id, expected, care, first, last, main_code, other_code, weight, near, item)
JOIN demo.quiet_stay AS s ON s.care = q.care AND s.nth BETWEEN q.first AND q.last;
COMMENT ON TABLE demo.case_question IS 'what views over stays paid by case must list, and must not';

-- diagnoses
DELETE FROM yb.setl_list_diag_d AS d USING demo.case_question AS q WHERE q.view <> 'shifted' AND d.mdtrt_id = q.mdtrt_id AND d.diag_srt_no > 1;
UPDATE yb.mdtrt_d AS m SET dscg_maindiag_code = q.main_code FROM demo.case_question AS q WHERE q.mdtrt_id = m.mdtrt_id AND q.main_code IS NOT NULL;
UPDATE yb.setl_list_diag_d AS d SET diag_code = q.main_code, diag_name = g.diag_name
FROM demo.case_question AS q JOIN demo.diagnosis AS g ON g.diag_code = q.main_code WHERE q.mdtrt_id = d.mdtrt_id AND d.diag_srt_no = 1;
INSERT INTO yb.setl_list_diag_d
SELECT q.mdtrt_id, 2, '0', q.other_code, g.diag_name FROM demo.case_question AS q JOIN demo.diagnosis AS g ON g.diag_code = q.other_code;

-- visits as outpatients
UPDATE demo.case_question AS q SET told_id = 'N' || substr(q.mdtrt_id, 2) WHERE q.view = 'shifted';
INSERT INTO yb.mdtrt_d
SELECT q.told_id, m.psn_no, CASE WHEN q.case_id LIKE '%another%' THEN (SELECT min(f.code) FROM demo.facility AS f WHERE f.n <= 8 AND f.code <> m.fixmedins_code) ELSE m.fixmedins_code END,
	CASE WHEN q.case_id LIKE '%emergency%' THEN '13' ELSE '11' END, m.insutype, v.at, v.at + interval '30 minutes', 'MZ' || q.told_id, m.adm_dept_name, m.chfpdr_code,
	NULL, NULL, 'J18.900', NULL, NULL, '0'
FROM demo.case_question AS q JOIN yb.mdtrt_d AS m USING (mdtrt_id)
CROSS JOIN LATERAL (SELECT CASE WHEN q.near < 0 THEN m.begntime::date ELSE m.endtime::date END + q.near + time '16:20' AS at) AS v WHERE q.view = 'shifted';
INSERT INTO yb.setl_list_diag_d SELECT q.told_id, 1, '1', 'J18.900', '肺炎' FROM demo.case_question AS q WHERE q.view = 'shifted';
INSERT INTO yb.fee_list_d
SELECT q.told_id, '1', NULL, m.begntime + interval '10 minutes', h.hilist_code, h.hilist_name, h.med_chrgitm_type, h.chrgitm_lv, 1, h.pric, h.pric,
	demo.in_scope(h.chrgitm_lv, h.pric), m.chfpdr_code, m.adm_dept_name
FROM demo.case_question AS q JOIN yb.mdtrt_d AS m ON m.mdtrt_id = q.told_id JOIN yb.hilist_b AS h ON h.hilist_code = q.item WHERE q.view = 'shifted';
INSERT INTO yb.setl_d
SELECT m.mdtrt_id || '-1', m.mdtrt_id, false, m.endtime, l.det_item_fee_sumamt, l.inscp_scp_amt, round(l.inscp_scp_amt * 0.55, 2), l.det_item_fee_sumamt - round(l.inscp_scp_amt * 0.55, 2)
FROM demo.case_question AS q JOIN yb.mdtrt_d AS m ON m.mdtrt_id = q.told_id JOIN yb.fee_list_d AS l ON l.mdtrt_id = m.mdtrt_id WHERE q.view = 'shifted';

-- groups: a diagnosis with longer stays weighs more, an operation and another diagnosis a little
INSERT INTO yb.drg_grp_d
SELECT m.mdtrt_id, 'G' || left(m.dscg_maindiag_code, 3) || CASE WHEN p.operated THEN 'B' ELSE 'R' END, w.weight, round(6000 * w.weight, 2)
FROM yb.mdtrt_d AS m
JOIN demo.facility AS f ON f.code = m.fixmedins_code
LEFT JOIN demo.diagnosis AS g ON g.diag_code = m.dscg_maindiag_code
LEFT JOIN demo.case_question AS q ON q.mdtrt_id = m.mdtrt_id
-- joins: EXISTS as a value looks through all lines for each stay where a hash of them may not fit
LEFT JOIN (SELECT DISTINCT l.mdtrt_id FROM yb.fee_list_d AS l WHERE l.med_chrgitm_type = '06' AND l.cnt > 0) AS o ON o.mdtrt_id = m.mdtrt_id
LEFT JOIN (SELECT DISTINCT d.mdtrt_id FROM yb.setl_list_diag_d AS d WHERE d.diag_srt_no > 1) AS s ON s.mdtrt_id = m.mdtrt_id
CROSS JOIN LATERAL (SELECT o.mdtrt_id IS NOT NULL AS operated, s.mdtrt_id IS NOT NULL AS other) AS p
CROSS JOIN LATERAL (SELECT round(coalesce(q.weight, (0.8 + 0.02 * coalesce(g.nights, 8) + 0.1 * p.operated::int + 0.03 * p.other::int + 0.08 * (demo.u(md5('weight' || m.mdtrt_id), 1) - 0.5))
		* CASE WHEN f.n = 1 OR f.n = 5 AND m.endtime >= '2025-07-01' THEN 1.6 WHEN f.n = 6 AND m.adm_dept_name = '呼吸科' THEN 2 ELSE 1 END)::numeric, 4) AS weight) AS w
WHERE m.med_type = '21' AND m.endtime < '2026-01-01'
	-- a department that begins in July
	AND NOT coalesce(f.n = 6 AND m.adm_dept_name = '呼吸科' AND m.endtime < '2025-07-01', false);

-- After the run: what is missed, and what is told and should not be.  What is told of
-- others are notices, as hospitals of a county have some.  A small county has
-- few stays in some hospitals: five will do.
CREATE VIEW demo.case_told AS
SELECT 'untreated' AS view, visit_id AS told_id FROM medaudit.untreated_diagnoses('2025-01-01', '2026-01-01')
UNION ALL SELECT 'swapped', visit_id FROM medaudit.swapped_diagnoses('2025-01-01', '2026-01-01')
UNION ALL SELECT 'shifted', outpatient_visit_id FROM medaudit.shifted_costs('2025-01-01', '2026-01-01');
CREATE VIEW demo.case_wrong AS
WITH told AS MATERIALIZED (SELECT t.* FROM demo.case_told AS t)
SELECT '病组' AS case_id, NULL AS told_id, format('%s cases are planted, not 14', count(DISTINCT q.case_id)) AS what FROM demo.case_question AS q HAVING count(DISTINCT q.case_id) <> 14
UNION ALL
SELECT q.case_id, q.told_id, CASE WHEN q.expected THEN 'missed' ELSE 'near miss listed' END AS what
FROM demo.case_question AS q WHERE q.expected <> EXISTS (SELECT FROM told AS t WHERE t.view = q.view AND t.told_id = q.told_id)
UNION ALL
SELECT '组合指数', d.facility_id, CASE WHEN f.n = 5 THEN 'missed' ELSE 'near miss told' END
FROM medaudit.case_mix_drift('2025-07-01', '2026-01-01', '2025-01-01', '2025-07-01', 5) AS d JOIN demo.facility AS f ON f.code = d.facility_id
WHERE coalesce(d.drift, false) <> (f.n = 5);
