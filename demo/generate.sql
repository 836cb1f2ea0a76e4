-- A county's year of medical-insurance claims, made up.
--
-- The tables are named and shaped as the extract of a fund's warehouse is
-- (psn_info_b, fixmedins_b, mdtrt_d, fee_list_d, setl_list_diag_d), not as
-- medaudit's: the tour binds them.  Nothing in here looks at a rule.
--
-- Every draw is a slice of md5(seed, what, number): the same on every server,
-- major and platform, in whatever order rows are made.  One md5 gives four
-- numbers, and a line costs one, so a million lines take seconds.
--
-- psql variables: persons (60000), seed (medaudit).  About 17 charge lines
-- come of a person.

\set ON_ERROR_STOP 1
\if :{?persons} \else \set persons 60000 \endif
\if :{?seed} \else \set seed medaudit \endif

SET client_min_messages = warning;
SET work_mem = '256MB';
SET jit = off;
CREATE SCHEMA yb;
COMMENT ON SCHEMA yb IS 'the warehouse of a county''s fund, as it came';
CREATE SCHEMA demo;
COMMENT ON SCHEMA demo IS 'what the demonstration needs to make and to check that warehouse';

-- The k-th of four numbers in [0, 1) of a digest, and a whole number below n.
CREATE FUNCTION demo.u(digest text, k int) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ('x' || substr(digest, 8 * k - 7, 8))::bit(32)::int8 / 4294967296.0::float8;
CREATE FUNCTION demo.below(digest text, k int, n int) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ((('x' || substr(digest, 8 * k - 7, 8))::bit(32)::int8 * n) >> 32)::int;

-- Close to a standard normal: four slices of a digest, added.
CREATE FUNCTION demo.normal(digest text) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (demo.u(digest, 1) + demo.u(digest, 2) + demo.u(digest, 3)
			+ demo.u(digest, 4) - 2) * 1.7320508;

-- The check character of a resident identity number (GB 11643).
CREATE FUNCTION demo.check_character(first17 text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN substr('10X98765432', 1 + (
		7 * substr(first17, 1, 1)::int + 9 * substr(first17, 2, 1)::int + 10 * substr(first17, 3, 1)::int +
		5 * substr(first17, 4, 1)::int + 8 * substr(first17, 5, 1)::int + 4 * substr(first17, 6, 1)::int +
		2 * substr(first17, 7, 1)::int + 1 * substr(first17, 8, 1)::int + 6 * substr(first17, 9, 1)::int +
		3 * substr(first17, 10, 1)::int + 7 * substr(first17, 11, 1)::int + 9 * substr(first17, 12, 1)::int +
		10 * substr(first17, 13, 1)::int + 5 * substr(first17, 14, 1)::int + 8 * substr(first17, 15, 1)::int +
		4 * substr(first17, 16, 1)::int + 2 * substr(first17, 17, 1)::int) % 11, 1);

-- ---------------------------------------------------------------- calendar

-- Days of the year with their share of outpatient visits: few on Sundays and
-- holidays, more on Mondays and in winter.
CREATE UNLOGGED TABLE demo.calendar AS
SELECT day, weight, (sum(weight) OVER (ORDER BY day) - weight) / sum(weight) OVER () AS starts
FROM (SELECT day::date,
			 (CASE extract(isodow FROM day)
				WHEN 1 THEN 1.35 WHEN 6 THEN 0.7 WHEN 7 THEN 0.45 ELSE 1.1 END
			  * (1 + 0.25 * cos(2 * pi() * (extract(doy FROM day) - 15) / 365))
			  * CASE WHEN day BETWEEN '2025-01-28' AND '2025-02-04'
					   OR day BETWEEN '2025-10-01' AND '2025-10-08' THEN 0.35
					 ELSE 1 END)::float8 AS weight
	  FROM generate_series('2025-01-01'::timestamp, '2025-12-31', '1 day') AS day) AS d;

-- --------------------------------------------------------------- catalogue

CREATE TABLE yb.hilist_b (
	hilist_code text PRIMARY KEY, hilist_name text NOT NULL,
	med_chrgitm_type text NOT NULL, prcunt text NOT NULL,
	pric numeric(16,4) NOT NULL, chrgitm_lv text NOT NULL);
COMMENT ON TABLE yb.hilist_b IS '医保目录: what may be charged, at the price of a county hospital';
INSERT INTO yb.hilist_b VALUES
	('001102000010000', '普通门诊诊查费', '02', '次', 10, '01'),
	('001102000030000', '急诊诊查费', '02', '次', 16, '01'),
	('001102000050000', '住院诊查费', '02', '日', 18, '01'),
	('001109000010000', '普通病房床位费', '01', '日', 36, '01'),
	('001109000030000', '监护病房床位费', '01', '日', 80, '01'),
	('001201000010000', '重症监护', '07', '小时', 6, '01'),
	('001201000030000', 'Ⅰ级护理', '07', '日', 24, '01'),
	('001201000040000', 'Ⅱ级护理', '07', '日', 16, '01'),
	('001201000050000', 'Ⅲ级护理', '07', '日', 10, '01'),
	('001204000010000', '肌肉注射', '05', '次', 2, '01'),
	('001204000020000', '静脉注射', '05', '次', 3, '01'),
	('001204000060000', '静脉输液', '05', '组', 8, '01'),
	('001206000020000', '换药(中)', '05', '次', 15, '01'),
	('001203000010000', '氧气吸入', '05', '小时', 3, '01'),
	('002501010150000', '血细胞分析', '04', '次', 18, '01'),
	('002501020350000', '尿液分析', '04', '次', 10, '01'),
	('002501030010000', '粪便常规', '04', '次', 5, '01'),
	('002502030200000', '凝血四项', '04', '项', 60, '01'),
	('002503010010000', '血清总蛋白测定', '04', '项', 5, '01'),
	('002503020010000', '葡萄糖测定', '04', '项', 5, '01'),
	('002503020030000', '糖化血红蛋白测定', '04', '项', 60, '02'),
	('002503030010000', '血清总胆固醇测定', '04', '项', 6, '01'),
	('002503040010000', '钾测定', '04', '项', 5, '01'),
	('002503050070000', '血清丙氨酸氨基转移酶测定', '04', '项', 6, '01'),
	('002503070010000', '尿素测定', '04', '项', 6, '01'),
	('002503070020000', '肌酐测定', '04', '项', 6, '01'),
	('002504030010000', 'C-反应蛋白测定', '04', '项', 20, '01'),
	('002101020150000', '胸部数字化摄影(DR)', '03', '曝光次数', 60, '01'),
	('002103000010000', 'X线计算机体层(CT)平扫', '03', '每个部位', 180, '02'),
	('002102000010000', '磁共振平扫', '03', '每部位', 420, '02'),
	('002203010010000', '彩色多普勒超声常规检查', '03', '每个部位', 90, '02'),
	('003107010010000', '常规心电图检查', '03', '次', 20, '01'),
	('003109020050000', '纤维胃十二指肠镜检查', '03', '次', 150, '02'),
	('003301000010000', '局部浸润麻醉', '06', '次', 30, '01'),
	('003310080200000', '阑尾切除术', '06', '次', 900, '01'),
	('003315010150000', '腰椎间盘突出摘除术', '06', '次', 2200, '01'),
	('003306040010000', '白内障超声乳化摘除术', '06', '单眼', 1300, '01'),
	('003401000010000', '红外线治疗', '05', '每个照射区', 10, '01'),
	('003402000390000', '康复评定', '05', '次', 60, '02'),
	('004300000010000', '普通针刺', '05', '五个穴位', 18, '01'),
	('004500000010000', '推拿治疗', '05', '次', 40, '02'),
	('C0301020000000000001', '一次性使用输液器', '08', '套', 2.6, '01'),
	('C1411010000000000002', '医用敷料', '08', '片', 6.5, '02'),
	('C0802010000000000003', '骨科内固定材料', '08', '件', 1800, '02'),
	('XB01ACA055A010010100001', '阿司匹林肠溶片', '09', '盒', 12.5, '01'),
	('XC08CAA164A001010100002', '苯磺酸氨氯地平片', '09', '盒', 9.8, '01'),
	('XC10AAA001A001010100003', '阿托伐他汀钙片', '09', '盒', 16.4, '01'),
	('XA10BAE025A001010100004', '盐酸二甲双胍片', '09', '盒', 11.2, '01'),
	('XA02BCA238B002010100005', '注射用奥美拉唑钠', '09', '支', 8.6, '02'),
	('XJ01DCT104B001010100006', '注射用头孢呋辛钠', '09', '支', 7.4, '01'),
	('XJ01CAA040E001010100007', '阿莫西林胶囊', '09', '盒', 8.9, '01'),
	('XR05CBA220B002010100008', '盐酸氨溴索注射液', '09', '支', 4.8, '02'),
	('XB05XAL199B002010100009', '氯化钠注射液', '09', '瓶', 3.2, '01'),
	('XB05BAP132B002010100010', '葡萄糖注射液', '09', '瓶', 3.1, '01'),
	('XM01AEB170E001010100011', '布洛芬缓释胶囊', '09', '盒', 14.6, '02'),
	('XN02BED227A001010100012', '对乙酰氨基酚片', '09', '盒', 5.2, '01'),
	('ZA04CAX0243010200013', '血塞通注射液', '11', '支', 18.4, '02'),
	('ZA01BAL0061010100014', '连花清瘟胶囊', '11', '盒', 13.8, '01'),
	('ZC01AAG0151020100015', '活血止痛膏', '11', '盒', 22.6, '02'),
	('990000000000001', '陪护床租用', '14', '日', 20, '03'),
	('990000000000002', '特需服务费', '14', '次', 100, '03');

-- Diagnoses; code in the fund's edition of ICD-10.
CREATE UNLOGGED TABLE demo.diagnosis (
	diag_code text PRIMARY KEY, diag_name text, share float8, min_age int,
	outpatient bool, dept text, nights float8, care text);
INSERT INTO demo.diagnosis VALUES
	('J06.900', '急性上呼吸道感染', 24, 0, true, '内科', 0, 'cold'),
	('J20.900', '急性支气管炎', 9, 0, true, '内科', 0, 'cold'),
	('I10.x00x002', '高血压病', 20, 35, true, '心内科', 0, 'chronic'),
	('E11.900', '2型糖尿病', 12, 35, true, '内分泌科', 0, 'diabetes'),
	('K29.500', '慢性胃炎', 10, 12, true, '消化科', 0, 'stomach'),
	('M54.500', '下背痛', 9, 18, true, '康复科', 0, 'back'),
	('S61.900', '腕和手开放性伤口', 5, 5, true, '外科', 0, 'wound'),
	('N39.000', '泌尿道感染', 5, 12, true, '泌尿科', 0, 'urine'),
	('J18.900', '肺炎', 24, 0, false, '呼吸科', 8, 'infusion'),
	('I25.103', '冠状动脉粥样硬化性心脏病', 18, 45, false, '心内科', 8, 'heart'),
	('I63.900', '脑梗死', 14, 50, false, '神经内科', 10, 'heart'),
	('E11.700', '2型糖尿病伴有多个并发症', 10, 40, false, '内分泌科', 9, 'heart'),
	('K80.200', '胆囊结石', 9, 25, false, '普外科', 7, 'infusion'),
	('K35.800', '急性阑尾炎', 8, 6, false, '普外科', 6, 'appendix'),
	('M51.202', '腰椎间盘突出', 8, 25, false, '骨科', 9, 'spine'),
	('H25.900', '老年性白内障', 6, 58, false, '眼科', 3, 'eye'),
	('S72.000', '股骨颈骨折', 5, 50, false, '骨科', 14, 'spine'),
	('A09.900', '胃肠炎和结肠炎', 6, 0, false, '消化科', 4, 'infusion');

-- What each kind of care charges: often, once a visit (first day) or daily.
CREATE UNLOGGED TABLE demo.care (
	care text, item_code text, chance float8, quantity int, more int, daily bool, hour int);
INSERT INTO demo.care
SELECT care, item_code, chance, quantity, more, daily, hour
FROM (VALUES
	('outpatient', '001102000010000', 1.0, 1, 0, 8), ('cold', '002501010150000', 0.5, 1, 0, 8),
	('cold', '002504030010000', 0.3, 1, 0, 8), ('cold', 'ZA01BAL0061010100014', 0.6, 1, 2, 8),
	('cold', 'XN02BED227A001010100012', 0.4, 1, 1, 8), ('cold', 'XJ01CAA040E001010100007', 0.35, 1, 2, 8),
	('cold', '002101020150000', 0.12, 1, 0, 8), ('cold', '001204000060000', 0.2, 1, 1, 8),
	('cold', 'XB05XAL199B002010100009', 0.2, 1, 2, 8),
	('chronic', 'XC08CAA164A001010100002', 0.8, 2, 3, 8), ('chronic', 'XB01ACA055A010010100001', 0.5, 1, 2, 8),
	('chronic', 'XC10AAA001A001010100003', 0.5, 1, 3, 8), ('chronic', '003107010010000', 0.25, 1, 0, 8),
	('chronic', '002503030010000', 0.2, 1, 0, 8),
	('diabetes', 'XA10BAE025A001010100004', 0.9, 2, 4, 8), ('diabetes', '002503020010000', 0.7, 1, 0, 8),
	('diabetes', '002503020030000', 0.12, 1, 0, 8), ('diabetes', 'XB01ACA055A010010100001', 0.4, 1, 2, 8),
	('stomach', '003109020050000', 0.15, 1, 0, 8), ('stomach', 'XJ01CAA040E001010100007', 0.4, 1, 2, 8),
	('stomach', '002501030010000', 0.3, 1, 0, 8), ('stomach', '002203010010000', 0.25, 1, 0, 8),
	('back', '004500000010000', 0.5, 1, 0, 8), ('back', '003401000010000', 0.5, 1, 0, 8),
	('back', '004300000010000', 0.4, 1, 0, 8), ('back', 'ZC01AAG0151020100015', 0.6, 1, 2, 8),
	('back', 'XM01AEB170E001010100011', 0.5, 1, 1, 8), ('back', '002103000010000', 0.08, 1, 0, 8),
	('wound', '001206000020000', 0.9, 1, 0, 8), ('wound', 'C1411010000000000002', 0.8, 1, 3, 8),
	('wound', '003301000010000', 0.4, 1, 0, 8), ('wound', 'XJ01CAA040E001010100007', 0.5, 1, 1, 8),
	('urine', '002501020350000', 0.9, 1, 0, 8), ('urine', '002203010010000', 0.4, 1, 0, 8),
	('urine', 'XJ01CAA040E001010100007', 0.6, 1, 2, 8),
	('stay', '002501010150000', 0.95, 1, 0, 7), ('stay', '002501020350000', 0.9, 1, 0, 7),
	('stay', '002501030010000', 0.6, 1, 0, 7), ('stay', '002502030200000', 0.7, 1, 0, 7),
	('stay', '002503050070000', 0.9, 1, 0, 7), ('stay', '002503070020000', 0.9, 1, 0, 7),
	('stay', '002503070010000', 0.9, 1, 0, 7), ('stay', '002503040010000', 0.8, 1, 0, 7),
	('stay', '003107010010000', 0.9, 1, 0, 9), ('stay', '002101020150000', 0.6, 1, 0, 9),
	('stay', '002103000010000', 0.25, 1, 0, 10), ('stay', '002203010010000', 0.4, 1, 0, 10),
	('heart', '002503020030000', 0.3, 1, 0, 7), ('heart', '002503030010000', 0.8, 1, 0, 7),
	('spine', '002102000010000', 0.4, 1, 0, 10),
	('appendix', '003310080200000', 0.75, 1, 0, 14), ('eye', '003306040010000', 0.9, 1, 0, 14)
	) AS once(care, item_code, chance, quantity, more, hour)
	CROSS JOIN (VALUES (false)) AS o(daily)
UNION ALL
SELECT care, item_code, chance, quantity, more, true, hour
FROM (VALUES
	('stay', '001102000050000', 1.0, 1, 0, 8), ('stay', '001109000010000', 1.0, 1, 0, 6),
	('stay', '001201000040000', 1.0, 1, 0, 6), ('stay', '001204000060000', 0.85, 1, 2, 9),
	('stay', 'C0301020000000000001', 0.85, 1, 0, 9), ('stay', 'XB05XAL199B002010100009', 0.8, 1, 2, 9),
	('stay', '990000000000001', 0.12, 1, 0, 20), ('stay', '001203000010000', 0.15, 2, 8, 12),
	('infusion', 'XJ01DCT104B001010100006', 0.85, 2, 2, 9), ('infusion', 'XR05CBA220B002010100008', 0.5, 1, 2, 10),
	('infusion', 'XA02BCA238B002010100005', 0.4, 1, 0, 10),
	('heart', 'ZA04CAX0243010200013', 0.7, 1, 1, 9), ('heart', 'XB05BAP132B002010100010', 0.6, 1, 1, 9),
	('heart', '002503020010000', 0.3, 1, 0, 7),
	('appendix', 'XJ01DCT104B001010100006', 0.8, 2, 2, 9), ('appendix', '001206000020000', 0.4, 1, 0, 10),
	('spine', '003401000010000', 0.7, 1, 0, 15), ('spine', '004500000010000', 0.5, 1, 0, 16),
	('eye', '001206000020000', 0.5, 1, 0, 10)
	) AS day(care, item_code, chance, quantity, more, hour);

-- -------------------------------------------------------------- facilities

CREATE TABLE yb.fixmedins_b (
	fixmedins_code text PRIMARY KEY, fixmedins_name text, fixmedins_type text,
	hosp_lv text, bed_cnt int, fix_blng_admdvs text);
COMMENT ON TABLE yb.fixmedins_b IS '定点医药机构: hospitals with level, clinics, pharmacies';
CREATE UNLOGGED TABLE demo.facility AS
SELECT n, CASE WHEN n > 90 THEN 'P' ELSE 'H' END || '990000' || lpad(n::text, 5, '0') AS code,
	CASE WHEN n = 1 THEN '云州市第一人民医院'
		 WHEN n = 2 THEN '清溪县人民医院' WHEN n = 3 THEN '清溪县中医医院'
		 WHEN n <= 8 THEN '清溪' || (ARRAY['仁爱','康宁','同济','博爱','安泰'])[n - 3] || '医院'
		 WHEN n <= 20 THEN town || '镇中心卫生院'
		 WHEN n <= 90 THEN town || '镇' || village || '卫生室'
		 ELSE (ARRAY['百草堂','益民','康德','同仁','老百姓'])[1 + n % 5] || '大药房' || town || '店' END AS name,
	CASE WHEN n <= 20 THEN '1' WHEN n <= 90 THEN '3' ELSE '2' END AS kind,
	CASE WHEN n = 1 THEN '02' WHEN n <= 3 THEN '05' WHEN n <= 7 THEN '06' WHEN n = 8 THEN '13'
		 WHEN n <= 20 THEN '08' ELSE '11' END AS level,
	-- beds: enough for what comes, so that only planted crowding is crowding
	CASE WHEN n = 1 THEN 1200 WHEN n <= 3 THEN 500 WHEN n <= 8 THEN 150
		 WHEN n <= 20 THEN 60 END AS beds,
	CASE WHEN n = 1 THEN 1.2 WHEN n <= 3 THEN 1.0 WHEN n <= 8 THEN 0.95
		 ELSE 0.8 END::numeric AS price_level
FROM generate_series(1, 130) AS n,
	LATERAL (SELECT (ARRAY['城关','石门','白塔','龙潭','柳林','太平','新桥','青山','双河','红岩','东坝','西湾'])[1 + n % 12] AS town,
					(ARRAY['红星','新民','团结','和平','前进','东风','长安'])[1 + n / 12 % 7] AS village) AS t;
INSERT INTO yb.fixmedins_b
SELECT code, name, kind, level, beds, '990000' FROM demo.facility;

-- ------------------------------------------------------- households, people

-- Most homes are flats, the rest village houses with a number.
CREATE UNLOGGED TABLE demo.household AS
SELECT h AS hh, 'F' || lpad(h::text, 7, '0') AS hh_no, d,
	1 + (width_bucket(demo.u(d, 1), ARRAY[0.18, 0.46, 0.72, 0.88, 0.96]))::int AS people,
	demo.below(d, 2, 100) < 62 AS flat,
	1 + h / 400 % 12 AS town, 1 + h / 40 % 10 AS street,
	1 + h % 40 AS house, 1 + h % 20 + h / 28800 * 20 AS building, 1 + h / 20 % 4 AS stair,
	100 * (1 + h / 80 % 18) + 1 + h / 1440 % 4 AS room
FROM generate_series(1, (:persons / 2.0)::int + 10) AS h,
	md5(:'seed' || ':home:' || h) AS d;

CREATE TABLE yb.psn_info_b (
	psn_no text PRIMARY KEY, psn_name text NOT NULL, certno text NOT NULL,
	gend text NOT NULL, brdy date NOT NULL, die_date date, addr text,
	tel text, emp_name text, insutype text NOT NULL, psn_type text NOT NULL,
	hh_no text, insu_admdvs text NOT NULL);
COMMENT ON TABLE yb.psn_info_b IS '参保人员基本信息; addr as somebody typed it: members of a home spell it differently';

-- One home, five spellings.
CREATE FUNCTION demo.address(h demo.household, spelling int) RETURNS text
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT CASE spelling
			WHEN 0 THEN '安平省云州市清溪县' || place
			WHEN 1 THEN '清溪县' || place
			WHEN 2 THEN '云州市清溪县' || translate(place, '0123456789', '０１２３４５６７８９')
			WHEN 3 THEN '安平省云州市清溪县' || replace(replace(place, '栋', '幢'), '室', '')
			ELSE '安平省 云州市 清溪县 ' || replace(place, '镇', '镇 ') END
	FROM (SELECT (ARRAY['城关','石门','白塔','龙潭','柳林','太平','新桥','青山','双河','红岩','东坝','西湾'])[(h).town] || '镇'
			|| CASE WHEN (h).flat
					THEN (ARRAY['人民','解放','建设','中山','文化','滨河','府前','朝阳','青年','园林'])[(h).street]
						|| '路' || 8 + 6 * (h).street || '号'
						|| (ARRAY['幸福','阳光','翠湖','锦绣','和谐','金桂','学府','东方','江南','盛世'])[(h).street]
						|| '小区' || (h).building || '栋' || (h).stair || '单元' || (h).room || '室'
					ELSE (ARRAY['红星','新民','团结','和平','前进','东风','长安','永丰','大坪','高桥'])[(h).street]
						|| '村' || 1 + (h).building % 8 || '组' || (h).hh % 500 + 1 + (h).hh / 24000 * 500 || '号' END AS place) AS p;
END;

-- Half a home is one couple's age, the rest children or the old.
CREATE UNLOGGED TABLE demo.person AS
SELECT row_number() OVER (ORDER BY h.hh, m)::int AS n, h.hh, m, own AS d,
	CASE WHEN m <= 2 THEN (m + demo.below(h.d, 3, 2)) % 2 + 1
		 ELSE 1 + demo.below(own, 1, 2) END AS sex,
	'1990-01-01'::date + (CASE
		WHEN m <= 2 THEN 365.25 * (-38 + 50 * demo.u(h.d, 4)) + 1500 * (demo.u(own, 2) - 0.5)
		WHEN m = 5 THEN 365.25 * (-50 + 15 * demo.u(own, 2))
		ELSE 365.25 * (14 + 20 * demo.u(own, 2)) END)::int AS born
FROM demo.household AS h, generate_series(1, h.people) AS m,
	md5(:'seed' || ':person:' || h.hh || ':' || m) AS own
ORDER BY h.hh, m
LIMIT :persons;

-- Writes people into the warehouse; planted cases use it too.
CREATE FUNCTION demo.register(first int, last int) RETURNS bigint
	LANGUAGE sql
BEGIN ATOMIC
	WITH numbered AS (
		SELECT p.*, 2 * row_number() OVER (PARTITION BY born, sex ORDER BY n)
				+ CASE sex WHEN 1 THEN 1 ELSE 0 END
				+ CASE WHEN first > 1 THEN 500 ELSE 0 END AS sequence,
			CASE WHEN m <= 2 OR m = 5 THEN p.d ELSE md5(p.hh::text) END AS surname
		FROM demo.person AS p WHERE n BETWEEN first AND last),
	made AS (
		INSERT INTO yb.psn_info_b
		SELECT 'R' || lpad(n::text, 8, '0'),
			substr('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕',
					1 + demo.below(surname, 1, 40), 1)
				|| substr('伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文海燕春梅红', 1 + demo.below(p.d, 2, 36), 1)
				|| CASE WHEN demo.below(p.d, 3, 4) > 0
						THEN substr('伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文海燕春梅红', 1 + demo.below(p.d, 4, 36), 1)
						ELSE '' END,
			first17 || demo.check_character(first17),
			sex::text, born, NULL::date, demo.address(h, demo.below(p.d, 4, 5)),
			'199' || lpad((p.hh * 3 + least(m, 2))::text, 8, '0'),
			CASE WHEN sex = 1 AND m <= 2 AND demo.below(h.d, 2, 5) = 0
				THEN '清溪县第' || 1 + p.hh % 30 || '建筑公司' END,
			CASE WHEN demo.below(h.d, 2, 100) < 30 THEN '310' ELSE '390' END,
			CASE WHEN demo.below(h.d, 2, 100) >= 30 THEN '15'
				WHEN born < '1965-01-01' THEN '12' ELSE '11' END,
			h.hh_no, '990000'
		FROM numbered AS p JOIN demo.household AS h USING (hh),
			LATERAL (SELECT '990000' || to_char(born, 'YYYYMMDD') || lpad(sequence::text, 3, '0')) AS f(first17)
		RETURNING 1)
	SELECT count(*) FROM made;
END;
SELECT demo.register(1, :persons) AS persons \gset

-- ------------------------------------------------------------------ visits

CREATE TABLE yb.mdtrt_d (
	mdtrt_id text NOT NULL, psn_no text NOT NULL, fixmedins_code text NOT NULL,
	med_type text NOT NULL, insutype text NOT NULL,
	begntime timestamp NOT NULL, endtime timestamp,
	ipt_otp_no text, adm_dept_name text, chfpdr_code text,
	wardarea text, dscg_bed text, dscg_maindiag_code text, dscg_way text,
	refl_old_mdtrt_id text, nwb_flag text NOT NULL DEFAULT '0');
COMMENT ON TABLE yb.mdtrt_d IS '就诊信息: one row a visit or stay';
CREATE TABLE yb.setl_list_diag_d (
	mdtrt_id text NOT NULL, diag_srt_no int NOT NULL, maindiag_flag text NOT NULL,
	diag_code text NOT NULL, diag_name text);
COMMENT ON TABLE yb.setl_list_diag_d IS '结算清单诊断';
CREATE TABLE yb.fee_list_d (
	mdtrt_id text NOT NULL, feedetl_sn text NOT NULL, init_feedetl_sn text,
	fee_ocur_time timestamp NOT NULL, med_list_codg text NOT NULL,
	medins_list_name text, med_chrgitm_type text, chrgitm_lv text,
	cnt numeric(16,4) NOT NULL, pric numeric(16,4) NOT NULL,
	det_item_fee_sumamt numeric(16,2) NOT NULL, inscp_scp_amt numeric(16,2) NOT NULL,
	bilg_dr_code text, bilg_dept_name text);
COMMENT ON TABLE yb.fee_list_d IS '费用明细; feedetl_sn is unique only within a visit';

CREATE UNLOGGED TABLE demo.ranges AS
SELECT d.*, coalesce(sum(share) OVER (PARTITION BY outpatient ORDER BY diag_code COLLATE "C"
		ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) / sum(share) OVER (PARTITION BY outpatient) AS low,
	sum(share) OVER (PARTITION BY outpatient ORDER BY diag_code COLLATE "C") / sum(share) OVER (PARTITION BY outpatient) AS high
FROM demo.diagnosis AS d;

-- Somebody too young for the diagnosis drawn has a cold or pneumonia instead.
-- Facilities have heavy-tailed sizes: the share is drawn to a power.
CREATE UNLOGGED TABLE demo.visit AS
WITH outpatient AS (
	SELECT p.n, p.born, g AS d, e, '2025-01-01'::date - 1 + width_bucket(demo.u(g, 1),
			(SELECT array_agg(starts ORDER BY day) FROM demo.calendar)) AS day, true AS outpatient, v,
		CASE WHEN demo.below(g, 2, 100) < 45 THEN 1 + (20 * demo.u(e, 1) ^ 2)::int % 20
			 ELSE 21 + demo.below(e, 1, 70) END AS facility
	FROM demo.person AS p,
		generate_series(1, width_bucket(demo.u(p.d, 3), ARRAY[0.25, 0.45, 0.62, 0.77, 0.88, 0.95])) AS v,
		md5(:'seed' || ':visit:' || p.n || ':' || v) AS g,
		md5(g) AS e),
inpatient AS (
	SELECT p.n, p.born, g AS d, e,
		'2025-01-01'::date + demo.below(p.d, 4, 15) + 118 * (v - 1) + demo.below(g, 1, 80) AS day, false AS outpatient, v,
		1 + (20 * demo.u(e, 1) ^ 2)::int % 20 AS facility
	FROM demo.person AS p,
		generate_series(1, 3) AS v,
		md5(:'seed' || ':stay:' || p.n || ':' || v) AS g,
		md5(g) AS e
	WHERE demo.u(g, 2) < CASE WHEN born < '1960-01-01' THEN 0.10 ELSE 0.035 END)
SELECT row_number() OVER (ORDER BY day, x.n, x.outpatient, v)::int AS visit, x.n, d, e, x.outpatient, facility,
	coalesce(fit.diag_code, young.diag_code) AS diag_code,
	coalesce(fit.care, young.care) AS care, coalesce(fit.dept, young.dept) AS dept,
	day, CASE WHEN x.outpatient THEN 0
			ELSE greatest(1, least(45, round(coalesce(fit.nights, young.nights)
					* exp(0.45 * demo.normal(md5(e)))))::int) END AS nights
FROM (SELECT * FROM outpatient UNION ALL SELECT * FROM inpatient) AS x
	LEFT JOIN demo.ranges AS fit
		ON fit.outpatient = x.outpatient AND demo.u(e, 2) >= fit.low AND demo.u(e, 2) < fit.high
		AND x.born + fit.min_age * 366 < x.day
	JOIN demo.diagnosis AS young
		ON young.diag_code = CASE WHEN x.outpatient THEN 'J06.900' ELSE 'J18.900' END;

INSERT INTO yb.mdtrt_d
SELECT 'M' || lpad(visit::text, 9, '0'), 'R' || lpad(v.n::text, 8, '0'), f.code,
	CASE WHEN outpatient THEN CASE WHEN demo.below(v.e, 3, 20) = 0 THEN '13' ELSE '11' END ELSE '21' END,
	p.insutype,
	day + time '08:00' + demo.below(v.d, 3, 32400) * interval '1 second',
	CASE WHEN outpatient THEN day + time '08:00' + demo.below(v.d, 3, 32400) * interval '1 second' + interval '40 minutes'
		ELSE day + nights + time '09:00' + demo.below(v.e, 3, 21600) * interval '1 second' END,
	CASE WHEN outpatient THEN 'MZ' ELSE 'ZY' END || lpad((visit % 1000000)::text, 6, '0'),
	dept, 'D990000' || lpad((f.n * 100 + demo.below(v.d, 4, 12))::text, 6, '0'),
	CASE WHEN NOT outpatient THEN dept || '病区' END,
	CASE WHEN NOT outpatient THEN 1 + demo.below(v.e, 4, 60) || '床' END,
	v.diag_code, CASE WHEN NOT outpatient THEN '1' END
FROM demo.visit AS v JOIN demo.facility AS f ON f.n = v.facility
	JOIN yb.psn_info_b AS p ON p.psn_no = 'R' || lpad(v.n::text, 8, '0');
INSERT INTO yb.setl_list_diag_d
SELECT 'M' || lpad(visit::text, 9, '0'), 1, '1', v.diag_code, g.diag_name
FROM demo.visit AS v JOIN demo.diagnosis AS g USING (diag_code)
UNION ALL
SELECT 'M' || lpad(visit::text, 9, '0'), 2, '0', 'I10.x00x002', '高血压病'
FROM demo.visit AS v JOIN demo.person AS p USING (n)
WHERE born < '1970-01-01' AND NOT outpatient AND demo.u(v.e, 4) < 0.5 AND diag_code <> 'I10.x00x002';

-- ------------------------------------------------------------ charge lines

CREATE FUNCTION demo.in_scope(level text, amount numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN round(CASE level WHEN '01' THEN amount WHEN '02' THEN amount * 0.9 ELSE 0 END, 2);

-- One line per visit, item and day at most: the background charges nothing
-- twice.  One hospital (8) posts a whole day at midnight, as some do.
-- Materials of an operation cost what they cost: log-normal.
WITH line AS (
	SELECT v.visit, f.price_level, c.item_code,
		CASE WHEN v.facility = 8 THEN (v.day + k)::timestamp
			WHEN v.outpatient THEN v.day + time '08:10' + demo.below(v.d, 3, 32400) * interval '1 second'
				+ demo.below(g, 2, 1500) * interval '1 second'
			-- the first day begins when the patient is there
			WHEN k = 0 THEN v.day + make_interval(hours => 17, secs => demo.below(g, 2, 18000))
			ELSE v.day + k + make_interval(hours => c.hour, secs => demo.below(g, 2, 3600)) END AS at,
		c.quantity + demo.below(g, 3, c.more + 1) AS quantity
	FROM demo.visit AS v
		JOIN demo.facility AS f ON f.n = v.facility
		JOIN demo.care AS c ON c.care IN (v.care, CASE WHEN v.outpatient THEN 'outpatient' ELSE 'stay' END),
		generate_series(0, CASE WHEN c.daily THEN v.nights - 1 ELSE 0 END) AS k,
		md5(:'seed' || ':line:' || v.visit || ':' || c.item_code || ':' || k) AS g
	WHERE demo.u(g, 1) < c.chance
	UNION ALL
	SELECT v.visit, exp(0.5 * demo.normal(g))::numeric(8,4), 'C0802010000000000003',
		CASE WHEN v.facility = 8 THEN (v.day + 1)::timestamp ELSE v.day + 1 + time '14:30' END,
		1 + demo.below(g, 1, 3)
	FROM demo.visit AS v, md5(:'seed' || ':metal:' || v.visit) AS g
	WHERE v.care = 'spine' AND NOT v.outpatient AND v.nights > 3)
INSERT INTO yb.fee_list_d
SELECT mdtrt_id, row_number() OVER (PARTITION BY visit ORDER BY at, item_code COLLATE "C")::text, NULL,
	at, item_code, hilist_name, med_chrgitm_type, chrgitm_lv, quantity, unit_price,
	amount, demo.in_scope(chrgitm_lv, amount), chfpdr_code, adm_dept_name
FROM line AS l JOIN yb.hilist_b AS i ON i.hilist_code = l.item_code
	JOIN (SELECT substr(mdtrt_id, 2)::int AS visit, mdtrt_id, chfpdr_code, adm_dept_name FROM yb.mdtrt_d) AS m
		USING (visit),
	LATERAL (SELECT round(i.pric * CASE WHEN i.med_chrgitm_type IN ('09', '11') THEN 1
						ELSE l.price_level END, 2)) AS p(unit_price),
	LATERAL (SELECT round(quantity * unit_price, 2)) AS a(amount);

-- One line in seventy is taken back, in part where it can be; two thirds of
-- these name the line they take back.
INSERT INTO yb.fee_list_d
SELECT mdtrt_id, (1000 + feedetl_sn::int)::text,
	CASE WHEN demo.u(d, 2) < 0.67 THEN feedetl_sn END,
	CASE WHEN fee_ocur_time = fee_ocur_time::date THEN fee_ocur_time
		ELSE fee_ocur_time + (5 + demo.below(d, 3, 15)) * interval '1 minute' END,
	med_list_codg, medins_list_name, med_chrgitm_type, chrgitm_lv,
	-back, pric, -round(back * pric, 2), -demo.in_scope(chrgitm_lv, round(back * pric, 2)),
	bilg_dr_code, bilg_dept_name
FROM yb.fee_list_d AS f,
	md5(:'seed' || ':refund:' || mdtrt_id || feedetl_sn) AS d,
	LATERAL (SELECT CASE WHEN cnt > 1 AND demo.u(d, 4) < 0.6 THEN cnt - 1 ELSE cnt END) AS b(back)
WHERE demo.u(d, 1) < 1.0 / 70 AND med_chrgitm_type <> '02';

SELECT (SELECT count(*) FROM yb.psn_info_b) AS persons,
	(SELECT count(*) FROM yb.fixmedins_b) AS facilities,
	count(*) AS visits, count(*) FILTER (WHERE med_type = '21') AS stays,
	(SELECT count(*) FROM yb.fee_list_d) AS charge_lines,
	(SELECT sum(det_item_fee_sumamt) FROM yb.fee_list_d) AS yuan
FROM yb.mdtrt_d;
