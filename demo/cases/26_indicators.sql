-- 指标异常: eight clinics of a class of their own, each with 21 people of its own who come
-- once a month in May, June and July, for an ultrasound.
-- Planted: one that sends all of them to magnetic resonance in May and June: its money of a
-- visit is far from that of the others in two months of three.
-- Near misses: its May, before which there is no other such month, and its July, in which it
-- does as all; one that does so in July alone.

INSERT INTO demo.facility
SELECT n, 'H990000' || lpad(n::text, 5, '0'), '清溪镜湖诊所' || n - 900 || '部', '3', '02', NULL, 0.8
FROM generate_series(901, 908) AS n;
INSERT INTO yb.fixmedins_b
SELECT code, name, kind, level, beds, '990000' FROM demo.facility WHERE n BETWEEN 901 AND 908;

SELECT max(n) AS last_before FROM demo.person \gset
SELECT max(hh) AS last_home_before FROM demo.household \gset
INSERT INTO demo.household
SELECT home, 'F' || lpad(home::text, 7, '0'), md5(home::text), 1, true, 1 + home / 400 % 12, 1 + home / 40 % 10, 1 + home % 40,
	1 + home % 20 + home / 28800 * 20, 1 + home / 20 % 4, 100 * (1 + home / 80 % 18) + 1 + home / 1440 % 4
FROM generate_series(:last_home_before + 1, :last_home_before + 168) AS home;
INSERT INTO demo.person
SELECT :last_before + k, :last_home_before + k, 1, md5('clinic' || k), 1 + k % 2, date '1965-03-01' + k * 31 FROM generate_series(1, 168) AS k;
SELECT demo.register(:last_before + 1, :last_before + 168) AS clinic_persons \gset

CREATE TABLE demo.clinic_visit AS
SELECT 'C' || f || to_char(m, 'MM') || lpad(p::text, 2, '0') AS mdtrt_id, f, m::date AS month, 'R' || lpad((:last_before + 21 * (f - 901) + p)::text, 8, '0') AS psn_no,
	m + make_interval(days => p, hours => 8, mins => 7 * (f - 900) + 11 * p % 60) AS at, f = 901 AND m < '2025-07-01' OR f = 902 AND m = '2025-07-01' AS scanned
FROM generate_series(901, 908) AS f, generate_series('2025-05-01'::timestamp, '2025-07-01', interval '1 month') AS m, generate_series(1, 21) AS p;
INSERT INTO yb.mdtrt_d
SELECT v.mdtrt_id, v.psn_no, f.code, '11', r.insutype, v.at, v.at + interval '50 minutes', v.mdtrt_id, '康复科', 'D990000' || lpad((f.n * 100)::text, 6, '0'), NULL, NULL,
	'M54.500', NULL, NULL, '0'
FROM demo.clinic_visit AS v JOIN demo.facility AS f ON f.n = v.f JOIN yb.psn_info_b AS r ON r.psn_no = v.psn_no;
INSERT INTO yb.setl_list_diag_d
SELECT mdtrt_id, 1, '1', 'M54.500', '下背痛' FROM demo.clinic_visit;
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, l.sn, NULL, v.at + l.after, i.hilist_code, i.hilist_name, i.med_chrgitm_type, i.chrgitm_lv, 1, p.price, p.price, demo.in_scope(i.chrgitm_lv, p.price),
	m.chfpdr_code, m.adm_dept_name
FROM demo.clinic_visit AS v JOIN yb.mdtrt_d AS m ON m.mdtrt_id = v.mdtrt_id
CROSS JOIN LATERAL (VALUES ('1', '001102000010000', interval '5 minutes'),
	('2', CASE WHEN v.scanned THEN '002102000010000' ELSE '002203010010000' END, interval '20 minutes')) AS l (sn, code, after)
JOIN yb.hilist_b AS i ON i.hilist_code = l.code
CROSS JOIN LATERAL (SELECT round(i.pric * 0.8, 2) AS price) AS p;

INSERT INTO yb.setl_d
SELECT v.mdtrt_id || '-1', v.mdtrt_id, false, v.at + interval '50 minutes', sum(l.det_item_fee_sumamt), sum(l.inscp_scp_amt), round(0.55 * sum(l.inscp_scp_amt), 2),
	sum(l.det_item_fee_sumamt) - round(0.55 * sum(l.inscp_scp_amt), 2)
FROM demo.clinic_visit AS v JOIN yb.fee_list_d AS l ON l.mdtrt_id = v.mdtrt_id GROUP BY v.mdtrt_id, v.at;

CREATE TABLE demo.outlier AS
SELECT f.code AS fixmedins_code, 'cost_per_visit@' || k.month AS key, f.n = 901 AND k.month = '2025-06' AS expected
FROM demo.facility AS f CROSS JOIN (VALUES ('2025-05'), ('2025-06'), ('2025-07')) AS k (month) WHERE f.n IN (901, 902, 903);
COMMENT ON TABLE demo.outlier IS 'which clinics and months are to be found far from their peers';
