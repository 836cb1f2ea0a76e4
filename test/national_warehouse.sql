-- A warehouse in the tables of the central extract (schema yb), made up, with the mess
-- of real ones, and violations planted in it (table made.planted).
--
--	mdtrt_d, setl_d, fee_list_d	partitions by pt, a day as text; keys are char(n);
--		money and times of settlements are text in many writings
--	setl_list_diag_d, setl_list_oprn_d; setl_diag_list_d, which is an older copy
--	stock	what pharmacies uploaded (3501 to 3506)
--
-- What is wrong with them, some in a hundred each: settlements that were reversed, for
-- good or to be made again; settlements in the middle of a stay; medical aid beside
-- them; rows that are not valid; rows that were delivered twice, now and then later;
-- lines without a number, refunds, lines that were written weeks after their bill;
-- charges at 00:00:00; codes in full width, with blanks, or only in hilist_code;
-- amounts that are no numbers; people who changed their name, whose birth date is not
-- known, who are seen after they died; visits without an end or a settlement.
--
-- Every draw is a slice of md5(seed, what, number): the same on every server.
-- psql variables: seed (national), persons (300), months (6, from January 2025).

\set ON_ERROR_STOP 1
\if :{?persons} \else \set persons 300 \endif
\if :{?months} \else \set months 6 \endif
\if :{?seed} \else \set seed national \endif

SET client_min_messages = warning;
SET datestyle = iso;
CREATE SCHEMA yb;
COMMENT ON SCHEMA yb IS 'the central extract, as it came';
CREATE SCHEMA made;
COMMENT ON SCHEMA made IS 'what makes that extract, and what was planted in it';
SELECT set_config('made.seed', :'seed', false) AS seed \gset

-- A number in [0, 1) that seed, WHAT and WHICH decide, one of N from 0 on, and one of a list.
CREATE FUNCTION made.u(what text, which text) RETURNS float8 LANGUAGE sql STABLE
	RETURN ('x' || left(md5(current_setting('made.seed') || what || '/' || which), 8))::bit(32)::int8 / 4294967296.0::float8;
CREATE FUNCTION made.below(what text, which text, n int) RETURNS int LANGUAGE sql STABLE RETURN floor(made.u(what, which) * n)::int;
CREATE FUNCTION made.one_of(what text, which text, list text[]) RETURNS text LANGUAGE sql STABLE
	RETURN list[1 + made.below(what, which, cardinality(list))];
CREATE FUNCTION made.wide(plain text) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN (SELECT string_agg(CASE WHEN ascii(c) BETWEEN 33 AND 126 THEN chr(ascii(c) + 65248) ELSE c END, '' ORDER BY n)
		FROM regexp_split_to_table(plain, '') WITH ORDINALITY AS t (c, n));
-- Money, times and codes as somebody wrote them.
CREATE FUNCTION made.money(which text, amount numeric) RETURNS text LANGUAGE sql STABLE
	RETURN CASE made.below('money', which, 8) WHEN 0 THEN to_char(amount, 'FM999,999,990.00') WHEN 1 THEN made.wide(amount::text) WHEN 2 THEN amount || ' '
		WHEN 3 THEN '￥' || amount WHEN 4 THEN amount || '元' ELSE amount::text END;
CREATE FUNCTION made.moment(which text, at timestamp) RETURNS text LANGUAGE sql STABLE
	RETURN CASE made.below('moment', which, 5) WHEN 0 THEN to_char(at, 'YYYY/MM/DD HH24:MI:SS') WHEN 1 THEN to_char(at, 'YYYYMMDDHH24MISS')
		WHEN 2 THEN to_char(at, 'YYYY"年"MM"月"DD"日"HH24":"MI":"SS') ELSE to_char(at, 'YYYY-MM-DD HH24:MI:SS') END;
CREATE FUNCTION made.code(which text, code text) RETURNS text LANGUAGE sql STABLE
	RETURN CASE made.below('code', which, 30) WHEN 0 THEN made.wide(code) WHEN 1 THEN code || '  ' WHEN 2 THEN lower(code) ELSE code END;

CREATE TABLE yb.mdtrt_d (mdtrt_id char(20), psn_no char(16), psn_name text, certno text, gend text, brdy text, addr text, tel text, die_date text, insutype text, psn_type text, insu_admdvs text,
	fixmedins_code char(16), fixmedins_name text, hosp_lv text, fix_blng_admdvs text, begntime timestamp, endtime timestamp, med_type text, ipt_otp_no text, adm_dept_codg text, chfpdr_code text,
	dscg_maindiag_code text, dscg_way text, nwb_flag text, mdtrtarea_admdvs text, vali_flag text, updt_time timestamp, pt text) PARTITION BY RANGE (pt);
CREATE TABLE yb.setl_d (setl_id text, init_setl_id text, mdtrt_id char(20), psn_no char(16), fixmedins_code char(16), setl_time text, medfee_sumamt text, inscp_amt text, fund_pay_sumamt text, psn_pay text,
	acct_pay numeric(16,2), balc numeric(16,2), mdtrt_cert_type int, mdtrt_cert_no text, clr_way text, setl_type text, refd_setl_flag text, mid_setl_flag text, opter_id text, vali_flag text, updt_time timestamp, pt text) PARTITION BY RANGE (pt);
CREATE TABLE yb.fee_list_d (mdtrt_id char(20), setl_id text, bkkp_sn text, init_feedetl_sn text, psn_no char(16), fixmedins_code char(16), med_list_codg text, hilist_code text, hilist_name text,
	medins_list_codg text, medins_list_name text, med_chrgitm_type int, chrgitm_lv text, cnt numeric(16,4), pric numeric(16,6), det_item_fee_sumamt text, inscp_amt numeric(16,2), hosp_appr_flag text,
	fee_ocur_time timestamp, bilg_dept_codg text, bilg_dr_code text, rx_drord_no text, sin_dos_dscr text, used_frqu_dscr text, prd_days numeric(4,2), spec text, prcu_drug_flag text, dscg_tkdrug_flag text,
	vali_flag text, updt_time timestamp, pt text) PARTITION BY RANGE (pt);
SELECT format('CREATE TABLE yb.%1$s_%2$s PARTITION OF yb.%1$s FOR VALUES FROM (%2$L) TO (%3$L)', t, to_char(month, 'YYYYMMDD'), to_char(month + interval '1 month', 'YYYYMMDD'))
FROM unnest('{mdtrt_d,setl_d,fee_list_d}'::text[]) AS t, generate_series(date '2025-01-01', date '2025-01-01' + (:months + 2) * interval '1 month', interval '1 month') AS month \gexec
CREATE TABLE yb.setl_list_diag_d (mdtrt_id char(20), diag_type text, maindiag_flag text, diag_code text, diag_name text, vali_flag text, updt_time timestamp);
CREATE TABLE yb.setl_list_oprn_d (mdtrt_id char(20), main_oprn_flag text, oprn_oprt_code text, oprn_oprt_name text, oprn_oprt_date text, anst_way text, vali_flag text, updt_time timestamp);
CREATE TABLE yb.stock (infno text, fixmedins_code char(16), med_list_codg text, inv_chg_type text, invdate text, inv_cnt text, inv_chg_time text, cnt text, purc_retn_stoin_time text, purc_retn_cnt text,
	sel_retn_time text, sel_retn_cnt text, finl_trns_pric numeric, drug_trac_codg text, manu_lotnum text, trdn_flag text, psn_no char(16), phar_prac_cert_no text, rx_flag text, mdtrt_setl_type text, vali_flag text);

-- The check character of a resident identity number (GB 11643).
CREATE FUNCTION made.with_check(first17 text) RETURNS text LANGUAGE sql IMMUTABLE
	RETURN first17 || substr('10X98765432', 1 + (SELECT sum(w * substr(first17, n::int, 1)::int)
		FROM unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY AS t (w, n))::int % 11, 1);

-- ---------------------------------------------------------------- who, where and what

CREATE TABLE made.person AS
SELECT i AS n, 'P' || lpad(i::text, 8, '0') AS psn_no, made.one_of('family', (i / 3)::text, '{王,李,张,刘,陈,杨,赵,黄}') || made.one_of('given', i::text, '{伟,芳,娜,敏,静,强,磊,洋}') AS name,
	(1 + made.below('sex', i::text, 2))::text AS gend, date '1935-01-01' + made.below('born', i::text, 25000) AS born, '某某县解放路' || i / 3 || '号' || 1 + i % 4 || '室' AS addr,
	'138' || lpad((i / 3)::text, 8, '0') AS tel, made.one_of('fund', i::text, '{310,390,390}') AS insutype, made.u('renamed', i::text) < 0.03 AS renamed
FROM generate_series(1, :persons) AS i;
CREATE TABLE made.facility AS
SELECT i AS n, CASE WHEN i <= 6 THEN 'H' ELSE 'P' END || '330102' || lpad(i::text, 5, '0') AS code, CASE WHEN i <= 6 THEN '第' || i || '医院' ELSE '第' || i - 6 || '药店' END AS name,
	CASE WHEN i <= 2 THEN '02' WHEN i <= 4 THEN '05' WHEN i <= 6 THEN '08' ELSE '11' END AS hosp_lv FROM generate_series(1, 10) AS i;
CREATE TABLE made.item (n int, code text, name text, category int, price numeric, spec text, dose text, frequency text);
INSERT INTO made.item VALUES (1, '001102000050000', '住院诊查费', 2, 20, NULL, NULL, NULL), (2, '001109000010000', '普通病房床位费', 1, 40, NULL, NULL, NULL), (3, '001201000040000', 'Ⅱ级护理', 7, 18, NULL, NULL, NULL),
	(4, 'XA10BAE101A001010100001', '盐酸二甲双胍片', 9, 12.5, '0.5g×20片/盒', '0.5g', 'tid'), (5, 'XC08CAA004A001010200002', '氨氯地平片', 9, 21.3, '5mg×14片/盒', '1片', '每日1次'),
	(6, '002501010010000', '血常规', 4, 15, NULL, NULL, NULL), (7, '002203010010000', '彩超', 3, 90, NULL, NULL, NULL), (8, '001204000060100', '静脉输液', 5, 9, NULL, NULL, NULL),
	(9, 'ZA01AAA0001010100003', '感冒清热颗粒', 11, 18.8, '12g×10袋/盒', '1袋', 'bid'), (10, '003310060020000', '胆囊切除术', 6, 1800, NULL, NULL, NULL);

-- Visits as they were.  Stays of a person do not touch one another, so that what
-- stands beside them was planted.
CREATE TABLE made.visit AS
SELECT format('V%s%s', lpad(p.n::text, 6, '0'), lpad(m::text, 2, '0')) || k.kind AS id, p.n AS person, k.kind, k.place,
	date '2025-01-01' + (m - 1) * 30 + k.day + k.hour * interval '1 hour' AS begins,
	date '2025-01-01' + (m - 1) * 30 + k.day + k.days + (k.hour + 2) * interval '1 hour' AS ends, k.med_type,
	made.one_of('diagnosis', k.key, '{I10.x00,E11.900,J18.900,K29.500,M51.200}') AS diagnosis, NULL::text AS fate
FROM made.person AS p, generate_series(1, :months) AS m
CROSS JOIN LATERAL (
	SELECT 's' AS kind, 's' || p.n || '/' || m AS key, 1 + made.below('where', 's' || p.n, 6) AS place, 1 + made.below('day', 's' || p.n || '/' || m, 3) AS day,
		3 + made.below('days', 's' || p.n || '/' || m, 10) AS days, 8 + made.below('hour', 's' || p.n || '/' || m, 3) AS hour, made.one_of('type', 's' || p.n || '/' || m, '{21,21,2105}') AS med_type,
		made.u('stay', p.n || '/' || m) < 0.08 AND (m = 1 OR made.u('stay', p.n || '/' || m - 1) >= 0.08) AS here
	UNION ALL
	SELECT 'o', 'o' || p.n || '/' || m, 1 + made.below('where', 'o' || p.n || '/' || m, 6), 17 + made.below('day', 'o' || p.n || '/' || m, 5), 0, 8 + made.below('hour', 'o' || p.n || '/' || m, 8), '11',
		made.u('seen', p.n || '/' || m) < 0.5
	UNION ALL
	SELECT 'p', 'p' || p.n || '/' || m, 7 + made.below('where', 'p' || p.n || '/' || m, 4), 23 + made.below('day', 'p' || p.n || '/' || m, 5), 0, 9 + made.below('hour', 'p' || p.n || '/' || m, 9), '41',
		made.u('shop', p.n || '/' || m) < 0.4
) AS k WHERE k.here;

-- ---------------------------------------------------------------- what was planted

-- rule_code NULL: a near miss, which no rule may name; diagnosis and lines as told.
CREATE TABLE made.planted (id text PRIMARY KEY, rule_code text, what text);
INSERT INTO made.visit
SELECT v.id, v.person, v.kind, v.place, v.begins::timestamp, v.ends::timestamp, v.med_type, v.diagnosis, v.fate
FROM (VALUES
	('XBED1', 1, 's', 1, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', NULL), ('XBED0', 2, 's', 1, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', NULL),
	('XWIDE', 3, 's', 2, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', 'mid'), ('XVOID', 4, 's', 2, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', 'void'),
	('XPAID', 5, 's', 2, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', NULL), ('XDROP', 6, 's', 2, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', NULL),
	('XBACK', 7, 's', 2, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', 'again'), ('XHOUR', 8, 'o', 3, '2025-02-10 00:10', '2025-02-10 23:50', '13', 'I10.x00', NULL),
	('XHOU0', 9, 'o', 3, '2025-02-10 00:10', '2025-02-10 23:50', '13', 'I10.x00', NULL), ('XOUTS', 10, 's', 3, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'M51.200', NULL),
	('XCT1', 11, 'o', 4, '2025-02-05 09:00', '2025-02-05 10:00', '11', 'I10.x00', NULL), ('XCT2', 11, 'o', 4, '2025-02-05 14:00', '2025-02-05 15:00', '11', 'I10.x00', 'again'),
	('XMALE', 12, 'o', 4, '2025-02-05 09:00', '2025-02-05 10:00', '11', 'O80.000', NULL), ('XOVL1', 13, 's', 5, '2025-02-03 09:00', '2025-02-10 10:00', '21', 'M51.200', NULL),
	('XOVL2', 13, 's', 6, '2025-02-05 09:00', '2025-02-09 10:00', '21', 'E11.900', NULL), ('XSPL1', 14, 's', 5, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'K29.500', NULL),
	('XSPL2', 14, 's', 5, '2025-02-09 09:00', '2025-02-13 10:00', '21', 'K29.501', NULL), ('XDEAD', 15, 'o', 5, '2025-03-05 09:00', '2025-03-05 10:00', '11', 'I10.x00', NULL),
	('XDIED', 15, 's', 5, '2025-02-03 09:00', '2025-02-07 10:00', '21', 'I21.900', NULL)) AS v (id, person, kind, place, begins, ends, med_type, diagnosis, fate);
INSERT INTO made.planted VALUES ('XBED1', 'starter_per_bed_day', 'seven days of bed in five'), ('XBED0', NULL, 'five of five'), ('XWIDE', 'starter_per_bed_day', 'in full width, settled twice'),
	('XVOID', NULL, 'taken back as a whole'), ('XPAID', NULL, 'nobody claimed it'), ('XDROP', NULL, 'the line is not valid any more'), ('XBACK', NULL, 'given back by a refund'),
	('XHOUR', 'starter_hours', 'thirty hours of a date'), ('XHOU0', NULL, 'twenty-four'), ('XOUTS', 'starter_outside_stay', 'nursing after the discharge'), ('XCT2', 'starter_resettled', 'one scan, settled in two visits'),
	('XMALE', 'starter_diagnosis', 'a man gives birth'), ('XOVL2', 'overlapping_stays', 'in two hospitals'), ('XSPL2', 'split_stays', 'two days later for the same'), ('XDEAD', 'events_after_death', 'seen a month after his death');
UPDATE made.person SET gend = '1' WHERE n = 12;
-- who has a planted visit has no other in these months, and keeps his name
DELETE FROM made.visit AS v USING made.planted AS p JOIN made.visit AS x ON x.id = p.id
WHERE v.person = x.person AND v.id NOT LIKE 'X%' AND v.begins < '2025-05-01' AND v.ends > '2024-12-01';
UPDATE made.person SET renamed = false WHERE n <= 15;
-- in what way each was settled: taken back for good, made again, in the middle, not yet
UPDATE made.visit AS v SET fate = CASE WHEN v.kind = 's' AND v.ends - v.begins > interval '8 days' THEN 'mid'
	WHEN made.u('fate', v.id) < 0.015 THEN 'void' WHEN made.u('fate', v.id) < 0.05 THEN 'again' WHEN made.u('fate', v.id) < 0.15 AND v.kind = 's' THEN 'open' END
WHERE v.id NOT LIKE 'X%';

-- ---------------------------------------------------------------- the lines

CREATE TABLE made.line AS
SELECT v.id, v.person, v.place, row_number() OVER (PARTITION BY v.id ORDER BY d.day, i.n)::int AS number, i.code, i.name, i.category, i.price, i.spec, i.dose, i.frequency,
	CASE WHEN i.category IN (9, 11) AND v.id NOT LIKE 'X%' THEN 1 + made.below('packs', v.id || i.n, 2) ELSE 1 END::numeric AS cnt,
	-- some never say at what time
	CASE WHEN made.u('midnight', v.id || d.day) < 0.05 THEN (v.begins::date + d.day)::timestamp
		ELSE greatest(v.begins, v.begins::date + d.day + interval '9 hours') + i.n * interval '5 minutes' END AS at, false AS taken_home, NULL::int AS gives_back, '1'::text AS valid
FROM made.visit AS v
CROSS JOIN LATERAL generate_series(0, v.ends::date - v.begins::date) AS d (day)
JOIN made.item AS i ON CASE v.kind WHEN 's' THEN i.n IN (1, 2, 3, 8) OR i.n IN (6, 7) AND d.day IN (0, 2) OR i.n IN (4, 5) AND d.day % 3 = 0 OR i.n = 10 AND d.day = 1 AND made.u('surgery', v.id) < 0.1
	WHEN 'o' THEN i.n = 4 + made.below('drug', v.id, 2) OR i.n = 6 ELSE i.n IN (4, 9) END
WHERE v.id NOT LIKE 'XCT%';
-- what was planted: beds beyond the days, hours beyond the date, and so on
INSERT INTO made.line (id, person, place, number, code, name, category, price, cnt, at, taken_home, gives_back, valid)
SELECT l.id, v.person, v.place, 900 + l.nth, l.code, l.name, l.category, l.price, l.cnt, l.at::timestamp, false, l.gives_back, l.valid
FROM (VALUES
	('XBED1', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '1'), ('XWIDE', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '1'),
	('XVOID', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '1'), ('XPAID', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '1'),
	('XDROP', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '0'), ('XBACK', 1, '001109000010000', '普通病房床位费', 1, 40, 2, '2025-02-06 12:00', NULL, '1'),
	('XBACK', 2, '001109000010000', '普通病房床位费', 1, 40, -2, '2025-02-06 13:00', 901, '1'), ('XHOUR', 1, '003107010220000', '心电监测', 3, 6, 20, '2025-02-10 20:00', NULL, '1'),
	('XHOUR', 2, '003107010220000', '心电监测', 3, 6, 10, '2025-02-10 23:00', NULL, '1'), ('XHOU0', 1, '003107010220000', '心电监测', 3, 6, 24, '2025-02-10 23:00', NULL, '1'),
	('XOUTS', 1, '001201000040000', 'Ⅱ级护理', 7, 18, 1, '2025-02-12 09:00', NULL, '1'), ('XCT1', 1, '002103000010000', 'CT平扫', 3, 200, 1, '2025-02-05 09:30', NULL, '1'),
	('XCT2', 1, '002103000010000', 'CT平扫', 3, 200, 1, '2025-02-05 09:30', NULL, '1')) AS l (id, nth, code, name, category, price, cnt, at, gives_back, valid)
JOIN made.visit AS v ON v.id = l.id;
-- drugs that go home, refunds of lines that name them or not, and lines that are not valid
UPDATE made.line SET taken_home = true WHERE category = 9 AND id LIKE '%s' AND made.u('home', id || number) < 0.2;
UPDATE made.line SET valid = '0' WHERE id NOT LIKE 'X%' AND made.u('invalid', id || number) < 0.02;
INSERT INTO made.line
SELECT id, person, place, 500 + number, code, name, category, price, spec, dose, frequency, -cnt, at + interval '2 hours', false, CASE WHEN made.u('names', id || number) < 0.7 THEN number END, '1'
FROM made.line WHERE id NOT LIKE 'X%' AND valid = '1' AND made.u('refund', id || number) < 0.03;
INSERT INTO yb.fee_list_d
SELECT l.id, NULL, CASE WHEN l.id LIKE 'X%' OR made.u('number', l.id || l.number) >= 0.01 THEN l.number::text || CASE WHEN made.u('padded', l.id || l.number) < 0.1 THEN ' ' ELSE '' END END, l.gives_back::text, p.psn_no,
	f.code, CASE WHEN made.u('list', l.id || l.number) < 0.03 AND l.id NOT LIKE 'X%' THEN ' ' WHEN l.id = 'XWIDE' THEN made.wide(l.code) || ' ' ELSE made.code(l.id || l.number, l.code) END, l.code, l.name,
	'L' || l.code, l.name, l.category, CASE WHEN made.u('level', l.code) < 0.5 THEN '01' ELSE '02 ' END, l.cnt, l.price, made.money(l.id || l.number, l.cnt * l.price), round(l.cnt * l.price * 0.9, 2),
	CASE WHEN l.id = 'XPAID' AND l.number >= 900 OR l.id NOT LIKE 'X%' AND made.u('self', l.id || l.number) < 0.03 THEN '2' ELSE '1' END, l.at, 'D' || l.place,
	CASE WHEN l.place <= 6 THEN 'D33010200' || lpad((l.place * 10 + made.below('doctor', l.id, 4))::text, 4, '0') END, l.id || 'R' || l.at::date, l.dose, l.frequency,
	CASE WHEN l.category IN (9, 11) THEN 7 END, l.spec, CASE WHEN l.category = 9 THEN made.one_of('procured', l.code, '{1,0}') END, CASE WHEN l.taken_home THEN '是' ELSE '0' END, l.valid,
	-- some are written weeks after the bill
	v.ends + CASE WHEN made.u('late', l.id || l.number) < 0.02 THEN interval '20 days' ELSE interval '1 day' END, to_char(v.ends, 'YYYYMMDD')
FROM made.line AS l JOIN made.visit AS v ON v.id = l.id JOIN made.person AS p ON p.n = l.person JOIN made.facility AS f ON f.n = l.place
ORDER BY v.ends, l.id, l.number;
-- delivered twice, now and then later and in another partition; and amounts that are no numbers, far behind the first rows
INSERT INTO yb.fee_list_d
SELECT (d).* FROM (SELECT CASE WHEN made.u('later', mdtrt_id || bkkp_sn) < 0.5 THEN f ELSE jsonb_populate_record(f, jsonb_build_object('updt_time', f.updt_time + interval '3 days', 'pt', to_char(f.updt_time, 'YYYYMMDD'))) END AS d
	FROM yb.fee_list_d AS f WHERE mdtrt_id NOT LIKE 'X%' AND made.u('twice', mdtrt_id || bkkp_sn) < 0.005) AS t;
UPDATE yb.fee_list_d SET det_item_fee_sumamt = made.one_of('unread', mdtrt_id || bkkp_sn, '{壹佰,—,见附件}')
WHERE mdtrt_id NOT LIKE 'X%' AND made.u('unread', mdtrt_id || bkkp_sn) < 0.001 AND pt > (SELECT to_char(min(ends) + interval '40 days', 'YYYYMMDD') FROM made.visit);

-- ---------------------------------------------------------------- the settlements

-- What a visit costs: its valid lines.  Nobody bills what cannot be read.
CREATE TABLE made.bill AS
SELECT l.id, round(sum(l.cnt * l.price), 2) AS total, round(0.9 * sum(l.cnt * l.price), 2) AS scope, round(0.6 * sum(l.cnt * l.price), 2) AS fund FROM made.line AS l WHERE l.valid = '1' GROUP BY l.id;
-- share of the whole and day of each; a reversal has the number of what it takes back as its original
CREATE TABLE made.settlement AS
SELECT v.id || '-' || s.nth AS setl_id, CASE WHEN s.takes_back THEN v.id || '-' || s.nth - 1 END AS init_setl_id, v.*, s.nth, s.takes_back, s.middle, s.kind AS setl_type,
	round(b.total * s.share, 2) AS total, round(b.scope * s.share, 2) AS scope, round(b.fund * s.share, 2) AS fund, s.at
FROM made.visit AS v JOIN made.bill AS b ON b.id = v.id
CROSS JOIN LATERAL (
	SELECT 1 AS nth, false AS takes_back, false AS middle, '2' AS kind, 1 AS share, v.ends + interval '1 hour' AS at WHERE v.fate IS NULL
	UNION ALL SELECT n, n = 2, false, '2', CASE n WHEN 2 THEN -1 ELSE 1 END, v.ends + n * interval '1 hour' FROM generate_series(1, CASE v.fate WHEN 'void' THEN 2 ELSE 3 END) AS n WHERE v.fate IN ('void', 'again')
	UNION ALL SELECT n, false, n = 1, '2', 0.5, CASE n WHEN 1 THEN v.begins + (v.ends - v.begins) / 2 ELSE v.ends + interval '1 hour' END FROM generate_series(1, 2) AS n WHERE v.fate = 'mid'
	UNION ALL SELECT 8, false, false, '3', 0.1, v.ends + interval '2 hours' WHERE v.fate IS NULL AND made.u('aid', v.id) < 0.03
) AS s;
INSERT INTO yb.setl_d
SELECT s.setl_id, s.init_setl_id, s.id, p.psn_no, f.code, made.moment(s.setl_id, CASE WHEN made.u('daily', s.setl_id) < 0.03 THEN date_trunc('day', s.at) ELSE s.at END), made.money('t' || s.setl_id, s.total),
	made.money('s' || s.setl_id, s.scope), made.money('f' || s.setl_id, s.fund), made.money('o' || s.setl_id, s.total - s.fund), CASE WHEN s.kind = 'p' THEN s.total - s.fund ELSE 0 END, 1000,
	CASE WHEN s.kind = 'p' THEN 1 + made.below('card', s.id, 3) END, CASE WHEN s.kind = 'p' AND made.u('card', s.id) < 0.8 THEN 'C' || s.person END,
	CASE WHEN s.kind = 's' THEN made.one_of('method', s.place::text, '{4,3,1}') WHEN s.kind = 'o' THEN '1' END, s.setl_type, CASE WHEN s.takes_back THEN '1' ELSE '0' END, CASE WHEN s.middle THEN '1' WHEN s.kind = 's' THEN '0' END,
	'OP' || made.below('operator', s.setl_id, 5), CASE WHEN made.u('yes', s.setl_id) < 0.05 THEN '1 ' ELSE '1' END, s.at + interval '1 day', to_char(s.at, 'YYYYMMDD')
FROM made.settlement AS s JOIN made.person AS p ON p.n = s.person JOIN made.facility AS f ON f.n = s.place ORDER BY s.at, s.setl_id;
-- not valid, with some other amount; delivered twice, now and then later
INSERT INTO yb.setl_d
SELECT (jsonb_populate_record(s, jsonb_build_object('setl_id', setl_id || 'x', 'medfee_sumamt', '999999', 'vali_flag', '0'))).* FROM yb.setl_d AS s WHERE made.u('dead', setl_id) < 0.02;
INSERT INTO yb.setl_d
SELECT (d).* FROM (SELECT CASE WHEN made.u('later', setl_id) < 0.5 THEN s ELSE jsonb_populate_record(s, jsonb_build_object('updt_time', s.updt_time + interval '3 days', 'pt', to_char(s.updt_time, 'YYYYMMDD'))) END AS d
	FROM yb.setl_d AS s WHERE made.u('twice', setl_id) < 0.01 AND vali_flag <> '0') AS t;

-- ---------------------------------------------------------------- visits, diagnoses, operations

INSERT INTO yb.mdtrt_d
SELECT v.id, p.psn_no, CASE WHEN p.renamed AND v.begins < '2025-03-01' THEN p.name || '旧' ELSE p.name END, CASE WHEN made.u('certno', p.n::text) < 0.9 THEN
		made.with_check('330102' || to_char(p.born, 'YYYYMMDD') || lpad((2 * (p.n % 400) + p.gend::int % 2)::text, 3, '0')) END,
	p.gend, CASE WHEN made.u('unborn', p.n::text) < 0.01 THEN '1900-01-01' ELSE p.born::text END, p.addr, CASE WHEN v.kind <> 'p' THEN p.tel END, CASE WHEN v.id = 'XDIED' THEN '2025-02-07' END, p.insutype,
	CASE p.insutype WHEN '310' THEN '11' ELSE '15' END, '330102', f.code, f.name, f.hosp_lv, '330102', v.begins, CASE WHEN v.fate = 'open' THEN NULL ELSE v.ends END, v.med_type,
	CASE WHEN v.kind = 's' THEN 'Z' || v.id END, 'D' || v.place, CASE WHEN v.kind <> 'p' THEN 'D33010200' || lpad((v.place * 10)::text, 4, '0') END, CASE WHEN v.kind <> 'p' THEN made.code(v.id, v.diagnosis) END,
	CASE WHEN v.id = 'XDIED' THEN '5' WHEN v.kind = 's' THEN '1' END, '否', '330102', '1', v.ends + interval '1 day', to_char(v.ends, 'YYYYMMDD')
FROM made.visit AS v JOIN made.person AS p ON p.n = v.person JOIN made.facility AS f ON f.n = v.place ORDER BY v.ends, v.id;
-- visits that are not valid, with lines that are; a later correction of some
INSERT INTO yb.mdtrt_d
SELECT (jsonb_populate_record(m, jsonb_build_object('mdtrt_id', 'Y' || rtrim(mdtrt_id), 'vali_flag', '0'))).* FROM yb.mdtrt_d AS m WHERE made.u('dead', mdtrt_id) < 0.01;
INSERT INTO yb.mdtrt_d
SELECT (jsonb_populate_record(m, jsonb_build_object('chfpdr_code', 'D330102009999', 'updt_time', updt_time + interval '2 days'))).* FROM yb.mdtrt_d AS m WHERE made.u('twice', mdtrt_id) < 0.01 AND vali_flag = '1';
INSERT INTO yb.setl_list_diag_d
SELECT v.id, '1', '1', made.code('d' || v.id, v.diagnosis), '主诊断', '1', v.ends FROM made.visit AS v WHERE v.kind <> 'p'
UNION ALL SELECT v.id, '1', '0', made.one_of('second', v.id, '{E78.500,K76.000,D64.900}'), '其他诊断', CASE WHEN made.u('wrong', v.id) < 0.1 THEN '0' ELSE '1' END, v.ends FROM made.visit AS v WHERE v.kind = 's'
UNION ALL SELECT v.id, '2', '0', 'BNP050', '中医诊断', '1', v.ends FROM made.visit AS v WHERE v.kind = 's' AND made.u('tcm', v.id) < 0.2;
CREATE TABLE yb.setl_diag_list_d AS SELECT mdtrt_id, maindiag_flag, diag_code FROM yb.setl_list_diag_d LIMIT 50;
INSERT INTO yb.setl_list_oprn_d
SELECT l.id, '1', '51.2300x002', '腹腔镜下胆囊切除术', to_char(l.at, 'YYYY-MM-DD'), '01', '1', l.at FROM made.line AS l WHERE l.code = '003310060020000' AND l.cnt > 0;

-- ---------------------------------------------------------------- what pharmacies uploaded

INSERT INTO yb.stock (infno, fixmedins_code, med_list_codg, invdate, inv_cnt, manu_lotnum, vali_flag)
SELECT '3501', f.code, i.code, '2025-01-01', '100', 'B0', '1' FROM made.facility AS f, made.item AS i WHERE f.n > 6 AND i.n IN (4, 9);
INSERT INTO yb.stock (infno, fixmedins_code, med_list_codg, purc_retn_stoin_time, purc_retn_cnt, finl_trns_pric, manu_lotnum, vali_flag)
SELECT '3503', f.code, made.code('buy' || f.n || m, i.code), to_char(date '2025-01-01' + m * 30, 'YYYY-MM-DD'), '500', i.price * 0.9, 'B' || m, CASE WHEN made.u('dead', 'buy' || f.n || m) < 0.05 THEN '0' ELSE '1' END
FROM made.facility AS f, made.item AS i, generate_series(0, :months - 1) AS m WHERE f.n > 6 AND i.n IN (4, 9);
INSERT INTO yb.stock (infno, fixmedins_code, med_list_codg, sel_retn_time, sel_retn_cnt, finl_trns_pric, drug_trac_codg, manu_lotnum, trdn_flag, psn_no, phar_prac_cert_no, rx_flag, mdtrt_setl_type, vali_flag)
SELECT CASE WHEN l.cnt < 0 THEN '3506' ELSE '3505' END, f.code, l.code, made.moment('sale' || l.id || l.number, l.at), abs(l.cnt)::text, l.price, '8' || lpad(row_number() OVER (ORDER BY l.id, l.number)::text, 19, '0'), 'B1', '0', p.psn_no,
	'HY330102000' || f.n, '1', CASE WHEN made.u('pay', l.id) < 0.8 THEN '1' ELSE '2' END, '1'
FROM made.line AS l JOIN made.facility AS f ON f.n = l.place AND f.n > 6 JOIN made.person AS p ON p.n = l.person WHERE l.valid = '1';
INSERT INTO yb.stock (infno, inv_chg_type, fixmedins_code, med_list_codg, inv_chg_time, cnt, vali_flag)
SELECT '3502', '104', f.code, 'ZA01AAA0001010100003', '2025-02-01 08:00:00', '3', '1' FROM made.facility AS f WHERE f.n > 6;

ANALYZE;
