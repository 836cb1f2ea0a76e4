-- Addresses: one key per home, the division table, groups of linked people.
\pset null '(null)'
\set VERBOSITY sqlstate

-- what comes with the extension
SELECT count(*) FILTER (WHERE code LIKE '__0000') AS provinces,
	   count(*) FILTER (WHERE code LIKE '____00' AND code NOT LIKE '__0000') AS cities,
	   count(*) FILTER (WHERE code NOT LIKE '____00') AS counties, bool_and(shipped) AS shipped
FROM medaudit.division;

-- spellings of one home: equal numbers are equal homes
CREATE TEMP TABLE spelling (home int, address text);
INSERT INTO spelling VALUES
	(1, '成都市武侯区红牌楼街道佳灵路5号3栋2单元501'),
	(1, '四川省成都市武侯区佳灵路５号三幢2单元501室'),
	(1, '武侯区佳灵路5号3-2-501'),
	(1, '四川成都武侯佳灵路5号3座2门501户'),
	(1, '成都市 武侯区 佳灵路 五号 3号楼 二单元 五〇一'),
	(1, '中国四川省成都市市辖区武侯区红牌楼街道办事处佳灵社区居委会佳灵路5号院03橦02单元5楼501室（电梯房）'),
	(1, '武侯區佳靈路5號3#2單元501房'),
	(1, '武侯区佳灵路5-3-2-501'),
	(1, '武侯区佳灵路5号3—2—501'),
	(1, '武侯区佳灵路5号第3栋第2单元第5层501'),
	(1, '四川省/成都市/武侯区/佳灵路5号/3/2/501'),
	(1, '武侯区佳灵路5号3栋2单元 501'),
	(1, '武侯区佳灵路5号3栋2单元 501 '),
	(2, '武侯区佳灵路5号13栋2单元501'),
	(3, '武侯区佳灵路5号3栋2单元502'),
	(4, '武侯区佳灵路5弄3栋2单元501'),
	(4, '武侯区佳灵路5衖3栋2单元501'),
	(5, '武侯区佳灵路15号3栋2单元501'),
	(6, '武侯区佳灵路5号3栋501'),
	(6, '武侯区佳灵路5号3-501'),
	(7, '武侯区佳灵路5号附3号'),
	(8, '武侯区佳灵路5号'),
	(9, '武侯区佳灵路5号甲'),
	(13, '武侯区佳灵路5号之3'),
	(13, '武侯区佳灵路5之3号'),
	(13, '武侯区佳灵路5-3号'),
	(14, '武侯区佳灵路5号3栋1楼3号'),
	(15, '武侯区佳灵路5号3栋负一楼3号'),
	(15, '武侯区佳灵路5号3幢负1层3室'),
	(15, '武侯区佳灵路5号3幢-1层3室'),
	(15, '武侯区佳灵路5号3幢-负1层3室'),
	-- towns of one name in two counties, a town and a subdistrict of one name
	(10, '金堂县城关镇人民路5号3栋501'),
	(11, '大邑县城关镇人民路5号3栋501'),
	(12, '金堂县城关街道人民路5号3栋501'),
	-- village groups
	(20, '四川省金堂县赵镇红星村3组15号'),
	(20, '金堂县赵镇红星村村委会三社15号'),
	(20, '金堂县赵镇红星行政村3队15号'),
	(21, '金堂县赵镇红星村4组15号'),
	(22, '金堂县赵镇红光村3组15号'),
	(23, '金堂县赵镇林家湾15号'),
	-- municipalities, written once, twice or in short
	(30, '北京市朝阳区建国路88号5号楼3单元1201室'),
	(30, '北京市北京市朝阳区建国路88号5幢3单元1201'),
	(30, '北京朝阳区建国路八十八号五栋三门一二零一'),
	(31, '辽宁省朝阳市双塔区建国路88号5号楼3单元1201室'),
	(32, '长春市朝阳区建国路88号5号楼3单元1201室'),
	-- lanes
	(40, '上海市徐汇区漕溪路250弄12号501室'),
	(40, '上海徐汇区漕溪路250衖12號501'),
	(41, '上海市徐汇区漕溪路250弄12号502室'),
	(42, '上海市徐汇区漕溪路250弄13号501室'),
	-- estates: a number with 号 is a building there
	(50, '浙江省杭州市余杭区阳光花园3号501室'),
	(50, '杭州余杭阳光花园三栋501'),
	(51, '杭州余杭阳光花园A区3栋501'),
	(52, '杭州余杭阳光花园B区3栋501'),
	(53, '杭州余杭阳光花园A座501'),
	(54, '杭州余杭阳光花园1幢3号501'),
	-- a county whose suffix changed; an autonomous one in short
	(60, '杭州市富阳市达夫路5号3栋501'),
	(60, '浙江省杭州市富阳区达夫路5号3栋501'),
	(61, '广西河池市巴马瑶族自治县寿乡大道5号3栋501'),
	(61, '广西壮族自治区巴马县寿乡大道5号3栋501室');

SELECT home, address, medaudit.household_key(address) FROM spelling ORDER BY home, address COLLATE "C";

SELECT count(*) AS pairs, count(*) FILTER (WHERE a.home = b.home) AS of_one_home,
	   count(*) FILTER (WHERE (a.home = b.home) IS DISTINCT FROM
		   (medaudit.household_key(a.address) = medaudit.household_key(b.address))) AS wrong
FROM spelling a JOIN spelling b ON a.ctid < b.ctid;

-- no home: too coarse, or an institution
SELECT address, medaudit.household_key(address),
	   (medaudit.parse_address(address)).level
FROM unnest(ARRAY[NULL, '', '   ', '红星村2组', '金堂县赵镇红星村', '武侯区佳灵路5号3栋',
	'武侯区佳灵路5号3栋2单元', '武侯区佳灵路5号3栋5楼', '武侯区佳灵路5弄', '武侯区佳灵路', '武侯区', '四川省', '成都',
	'武侯区佳灵路5号武侯大厦', '武侯区阳光小区5号', '501室', '3栋2单元501',
	'武侯区幸福养老院3栋501', '武侯区敬老院5号', '儿童福利院3楼301室', '武侯区佳灵路5号市第一人民医院住院部3楼301',
	'成都市第七中学5号', '武侯区望江路24号四川大学3舍201室', '武侯区养护院2-301']) AS address;

-- not institutions: roads and homes that bear their names
SELECT address, medaudit.household_key(address)
FROM unnest(ARRAY['武侯区学院路5号3栋501', '武侯区医院街5号', '武侯区市一医院家属院3栋2单元5楼10号',
	'武侯区佳灵路5号川大花园教师宿舍3栋501', '武侯区人民医院对面3栋501']) AS address;

-- the parts
SELECT p.* FROM medaudit.parse_address('四川省成都市武侯区红牌楼街道佳灵路５号阳光花园三幢2单元5楼501室') p;
SELECT p.* FROM medaudit.parse_address('金堂县赵镇红星村村委会三社15号') p;
SELECT p.* FROM medaudit.parse_address('北京市北京市朝阳区') p;
SELECT p.* FROM medaudit.parse_address('上海市徐汇区漕溪路250弄12号') p;
SELECT p.* FROM medaudit.parse_address('湖北省仙桃市干河街道5号') p;
SELECT medaudit.parse_address(''), medaudit.parse_address(NULL);

-- names that look like divisions, and divisions that look like names
SELECT address, p.province, p.city, p.district, p.town, p.road, p.poi
FROM unnest(ARRAY['南京路5号', '上海市南京西路5号', '北京花园3栋501', '昆山市花桥镇上海市场5号', '吉林省吉林市昌邑区',
	'吉林昌邑区', '浙江杭州西湖区西湖大道5号', '宁波宁波市鄞州区横街镇', '宁波市慈溪市宁波市慈溪市浒山街道',
	'金城镇江苏省常州市金坛区金城镇', '鼓楼区中山路5号', '攀枝花市东区人民街5号', '东区人民街5号', '台州路桥区南官大道']) AS address,
	 medaudit.parse_address(address) p;

SELECT address, medaudit.household_key(address), p.province, p.city, p.district, p.road, p.poi
FROM unnest(ARRAY['杭州东路5号', '杭州三路5号', '杭州2路5号', '杭州东大街5号', '杭州北大道5号', '杭州新华书店5号3栋501', '杭州东坡巷5号', '杭州市西湖区江苏省常州市人民路5号3栋501',
	'杭州市富阳区富阳市达夫路5号3栋501', '杭州市富阳区金坛市达夫路5号3栋501', '富阳区富阳区富阳市达夫路5号3栋501', '富阳市达夫路5号3栋501', '江干区江干区庆春路5号3栋501']) AS address,
	 medaudit.parse_address(address) p;
SELECT w AS no_name FROM unnest(ARRAY['大道', '大街', '大厦', '大桥', '大酒店', '大学', '大院', '大楼', '小区', '小镇', '小学', '社区', '花园', '花苑', '花都', '公寓', '公园', '公馆', '公路', '广场', '酒店',
	'宾馆', '饭店', '商城', '商厦', '医院', '中学', '中路', '新村', '新区', '新城', '新街', '胡同', '名苑', '家园', '国道', '国际', '人家', '东路', '西街', '南巷', '北弄', '中环', '前街', '后街', '上街', '下街', '老街', '内环', '外环']
	|| regexp_split_to_array('路街道巷弄里村镇乡桥湾河山江湖站门坊庄庙寺堂城港口楼苑园府', '')) AS w
WHERE (medaudit.parse_address('杭州' || w || '5号3栋501')).city IS NOT NULL;

-- the region fills in what is left out and decides between namesakes
SELECT address, region, medaudit.household_key(address, region)
FROM (VALUES ('佳灵路5号3栋501', '510107'), ('佳灵路5号3栋501', '四川省成都市武侯区'), ('佳灵路5号3栋501', '武侯区'),
	('佳灵路5号3栋501', '510100'), ('佳灵路5号3栋501', '51'), ('佳灵路5号3栋501', '510107005003'),
	('佳灵路5号3栋501', NULL), ('佳灵路5号3栋501', ''), ('佳灵路5号3栋501', '没有的地方'), ('佳灵路5号3栋501', '999999'),
	('鼓楼区中山路5号501室', '350100'), ('鼓楼区中山路5号501室', '南京市'), ('鼓楼区中山路5号501室', NULL),
	('锦江区佳灵路5号3栋501', '510107'), ('南京市鼓楼区中山路5号501室', '350102')) v(address, region);
SELECT DISTINCT medaudit.household_key(a, r)
FROM (VALUES ('佳灵路5号3栋501', '510107'), ('武侯区佳灵路5号3栋501', NULL), ('成都市武侯区佳灵路5号3栋501', '510107'),
	('四川省佳灵路5号3栋501', '武侯区')) v(a, r);

-- a key needs a named place, whatever county and region are given
SELECT address, medaudit.household_key(address), medaudit.household_key(address, '510107')
FROM unnest(ARRAY['附1号', '3组17号', '路5号', '街道5号', '大道5号', '巷5号', '镇5号', '村5号', '村3组5号', '社区5号3栋501',
	'3队5号', '5组3号', '5连12号', '5号3栋501', '3栋2单元501', '小区3栋501', '花园3栋501', '家属院3栋501', '家属楼2单元501',
	'职工宿舍3栋501', '公寓501', 'A区3栋501', '东区3栋501', '二期3栋501', '栋501', '楼501', '院内3号', '门牌号5号', '中路5号',
	'本村5号', '某街道5号', '不详5号']) AS part,
	unnest(ARRAY['', '武侯区']) AS place, concat(place, part) AS address
WHERE coalesce(medaudit.household_key(address), medaudit.household_key(address, '510107')) IS NOT NULL;
-- named ones beside them
SELECT address, medaudit.household_key(address)
FROM unnest(ARRAY['佳灵路附1号', '红星村3组17号', '红牌楼街道5号', '人民大道5号', '东街5号', '赵镇5号', '阳光小区3栋501',
	'市一医院家属院3栋501', '阳光花园A区3栋501', '三八村5号', '143团5连12号', '一环路5号']) AS address;

-- what tells neighbours apart stays: every two of these are two homes, but for
-- spellings of one (the same number)
CREATE TEMP TABLE door (home int, behind text);
INSERT INTO door VALUES
	(1, '501'), (2, '501东户'), (2, '501东'), (2, '501-东户'), (2, '501(东户)'), (2, '501室东边'), (2, '501室东侧张三'),
	(3, '501西户'), (3, '501西户张三'), (4, '501中户'), (4, '501中间户'), (5, '501东南户'), (6, '501左'), (7, '501右侧'),
	(8, '501A'), (8, '501室A'), (8, '501-A'), (8, '501(A)'), (8, '501A室'), (9, '501B'), (9, '501室B间'), (10, 'A501'), (11, 'B501'),
	(12, '501AB'), (13, '501之一'), (13, '501室之一'), (13, '501-1'), (13, '501之1'), (14, '501之二'), (14, '501室之2号'), (15, '501附1'),
	(15, '501附1号'), (16, '501甲'), (17, '501乙'), (18, '5楼东户'), (18, '5楼东'), (19, '5楼西户'), (20, '5楼A'), (20, '5楼A户'), (59, '5楼A座'), (60, '501A1'), (61, '501东楼'), (62, 'A-501'), (63, '2-A-501'), (64, '5楼A934'), (64, '5楼A934室'), (65, '5楼934'),
	(21, '5楼B'), (22, '东户'), (23, '西户'), (24, 'A室'), (25, 'B室'), (26, '东单元501'), (27, '西单元501'), (28, '中单元501'),
	(29, '东501'), (30, '西501'), (31, '东侧501'), (32, '东2单元501'), (33, '2单元501'), (33, '二门501'), (33, '2梯501'),
	(34, '地下室3号'), (35, '半地下室3号'), (36, '负一层3号'), (36, '负1楼3室'), (36, '地下一层3号'), (36, '地下1楼3室'),
	(36, '地下负1层3号'), (36, '-1层3号'), (36, 'B1层3号'), (36, 'b1f3号'), (37, '1层3号'), (37, '一楼3室'), (37, '1F3号'), (38, '底层3号'), (38, '底楼3室'),
	(35, '半地下3号'), (39, '顶层3号'), (39, '顶楼3号'), (40, '阁楼3号'), (41, '夹层3号'), (42, '架空层3号'), (43, '负二层3号'), (44, '3号'), (45, '101'), (46, '101地下室'),
	(46, '101(地下室)'), (47, '地下101室'), (48, '负101'), (49, '101底层'), (50, '501东单元'), (51, '501西单元'), (52, '501东1'),
	(53, '501东2'), (54, '之一501'), (54, '之1号501'), (55, '之二501'), (56, '2单元之一501'), (57, '5楼阁楼3号'), (58, '501号阁楼');
SELECT a.home, a.behind, b.home, b.behind, x.key, y.key
FROM door AS a JOIN door AS b ON a.ctid < b.ctid,
	LATERAL (SELECT medaudit.household_key('武侯区佳灵路5号3栋' || a.behind) AS key) AS x,
	LATERAL (SELECT medaudit.household_key('武侯区佳灵路5号3栋' || b.behind) AS key) AS y
WHERE (x.key = y.key) IS DISTINCT FROM (a.home = b.home);
SELECT DISTINCT ON (home) home, medaudit.household_key('武侯区佳灵路5号3栋' || behind) FROM door ORDER BY home, ctid;
SELECT count(*) AS doors, count(DISTINCT home) AS homes, count(DISTINCT medaudit.household_key('武侯区佳灵路5号3栋' || behind)) AS keys FROM door;
-- the same behind a house, a lane, an estate and a group
SELECT address, medaudit.household_key(address)
FROM unnest(ARRAY['5号东', '5号西', '5号东院', '5号东屋', '5号东南', '5号甲', '5号A', '5号a1', '5号之一', '5号之二', '5号之1号', '5号附3号', '5附3号',
	'5号附3', '5号东栋501', '5号西栋501', '5号东座501', '5号前栋501', '5号东楼501', '5号北楼2单元501', '5号A栋501', '5号东侧小店', '5号东-2',
	'5号地下室', '5号负一层', '5号底层', '5号3栋', '5号3栋A', '5号3栋东', '5号地下室3号', '5号-1层3号']) AS house,
	concat('武侯区佳灵路', house) AS address;
-- dashes that but join
SELECT count(DISTINCT medaudit.household_key('武侯区佳灵路5号' || chain))
FROM unnest(ARRAY['3栋-2单元-1层-3号', '3栋2单元1层3号', '3-2-1层-3号']) AS chain;

-- read, not kept: postcodes, names of levels, the corps of Xinjiang
SELECT count(DISTINCT medaudit.household_key(address)) AS keys, min(medaudit.household_key(address)), count(*) AS spellings
FROM unnest(ARRAY['武侯区佳灵路5号3栋501', '610041武侯区佳灵路5号3栋501', '610041 武侯区佳灵路5号3栋501', '武侯区佳灵路5号3栋501 610041',
	'武侯区佳灵路5号3栋501　610041 ', '武侯区佳灵路5号3栋501 13800000000', '四川省成都市610041武侯区佳灵路5号3栋501', '四川省成都市武侯区610041佳灵路5号3栋501',
	'武侯区佳灵路5号3栋501(610041)', '武侯区佳灵路5号3栋501,610041', '武侯区佳灵路5号3栋501室610041', '邮编610041武侯区佳灵路5号3栋501',
	'邮编:610041 武侯区佳灵路5号3栋501', '武侯区佳灵路5号3栋501室邮编610041', '武侯区佳灵路5号3栋501室,邮政编码:610041',
	'武侯区佳灵路5号3栋501室(邮码610041)', '武侯区邮编610041佳灵路5号3栋501', '邮政编码:610041武侯区佳灵路5号3栋501', '邮码610041武侯区佳灵路5号3栋501']) AS address;
SELECT address, medaudit.household_key(address)
FROM unnest(ARRAY['武侯区佳灵路610041号', '武侯区佳灵路5号610041', '武侯区佳灵路5号3栋610041', '武侯区佳灵路5号3栋61004', '武侯区佳灵路5号3栋501-61004',
	'610041', '6100410武侯区佳灵路5号3栋501']) AS address;
SELECT address, medaudit.household_key(address), p.province, p.city, p.district, p.town, p.village, p.level
FROM unnest(ARRAY['河南省省直辖县级行政区划济源市沁园路5号3栋501', '河南省直辖县级行政区划济源市沁园路5号3栋501', '湖北省省直辖县级行政单位潜江市园林路5号3栋501',
	'湖北省直辖县级行政单位潜江市园林路5号3栋501', '海南省省直辖行政单位琼海市嘉积镇人民路5号3栋501',
	'新疆维吾尔自治区自治区直辖县级行政区划石河子市北四路5号3栋501', '新疆自治区直辖县级行政单位石河子市北四路5号3栋501', '重庆市县云阳县云江大道5号3栋501',
	'重庆市市辖区渝中区中山路5号3栋501', '重庆市市辖县云阳县云江大道5号3栋501', '成都市市区武侯区佳灵路5号3栋501', 
	'成都市城区武侯区佳灵路5号3栋501', '重庆市县城路5号3栋501', '中华人民共和国四川省成都市武侯区佳灵路5号3栋501', 'null武侯区佳灵路5号3栋501',
	'住址:武侯区佳灵路5号3栋501', '现住武侯区佳灵路5号3栋501', '地址武侯区佳灵路5号3栋501']) AS address, medaudit.parse_address(address) p;
SELECT address, medaudit.household_key(address), p.province, p.district, p.town, p.village, p.house, p.room, p.level
FROM unnest(ARRAY['新疆生产建设兵团第八师143团5连', '新疆生产建设兵团第八师143团5连12号', '新疆生产建设兵团第八师石河子市143团5连12号', '新疆石河子市143团5连12号',
	'兵团农八师一四三团五连12号', '生产建设兵团农业第八师143团场5连队12号', '新疆兵团8师143团5连12号', '第八师143团5连12号', '新疆第8师143团5连12号', '新疆生产建设兵团第八师143团6连12号',
	'新疆生产建设兵团第八师144团5连12号', '新疆生产建设兵团第七师143团5连12号', '新疆生产建设兵团第一师阿拉尔市10团5连3栋501', '第十二师104团5连12号', '兵团建工师5连12号',
	'新疆生产建设兵团第八师143团花园镇5连3栋501', '新疆生产建设兵团第二十师5连12号', '武侯区八师路5号', '第八师大街5号', '共青团路5号', '共青团农场5号',
	'四川省第八师143团5号', '兵团第a师5号', '武侯区143团结路5号', '新疆八师巷5号', '大连路5号', '兵团路5号', '新疆石河子市第八师北四路5号']) AS address,
	medaudit.parse_address(address) p;
SELECT address, medaudit.household_key(address, '510107')
FROM unnest(ARRAY['新疆生产建设兵团第八师143团5连12号', '新疆兵团第八师143团5连12号', '兵团第八师143团5连12号']) AS address;
SELECT n, (medaudit.parse_address(format('兵团第%s师143团5连12号', n))).district FROM generate_series(0, 15) AS n;

-- The grammar, word by word.  Suffixes of names: what closes one, in which
-- spelling, and before what it does not.
SELECT count(*) AS suffixes, count(*) FILTER (WHERE coalesce(p.town, p.village, p.road) IS DISTINCT FROM '青羊' || canonical OR p.poi IS NOT NULL) AS wrong
FROM (VALUES ('街道办事处', '街道'), ('街道办', '街道'), ('街道', '街道'), ('镇', '镇'), ('乡', '乡'), ('苏木', '苏木'), ('村民委员会', '村'),
	('村委会', '村'), ('村委', '村'), ('村', '村'), ('行政村', '村'), ('社区居民委员会', '社区'), ('社区居委会', '社区'), ('社区', '社区'),
	('居民委员会', '社区'), ('居委会', '社区'), ('嘎查', '嘎查'), ('路', '路'), ('街', '街'), ('大道', '大道'), ('道', '道'), ('巷', '巷'),
	('胡同', '胡同'), ('弄', '弄')) AS s(suffix, canonical), medaudit.parse_address('武侯区青羊' || suffix || '5号') p;
SELECT s.suffix || next AS word, p.town, p.village, p.road
FROM (VALUES ('镇', '村路街区'), ('乡', '村路街镇巷'), ('村', '镇乡路街'), ('社区', '医卫'), ('路', '口镇乡村社'), ('街', '口镇乡村社坊'),
	('大道', '镇乡村'), ('道', '口镇乡村县外里观'), ('巷', '口镇乡村子'), ('弄', '堂口'), ('团', '路街村结聚')) AS s(suffix, not_before),
	regexp_split_to_table(s.not_before, '') AS next,
	medaudit.parse_address('武侯区' || CASE s.suffix WHEN '团' THEN '143' ELSE '青羊' END || s.suffix || next || '5号') AS p
WHERE s.suffix IN ('镇', '乡', '苏木', '街道') AND p.town LIKE '%' || s.suffix
	OR s.suffix IN ('村', '社区') AND p.village LIKE '%' || s.suffix
	OR s.suffix IN ('路', '街', '大道', '道', '巷', '弄') AND p.road LIKE '%' || s.suffix
	OR s.suffix = '团' AND p.town IS NOT NULL;
-- names: the town not behind a road, not too long; 新村 is an estate; a suffix
-- said twice; a division behind its town; zones end a name; sections of roads
SELECT address, p.province, p.district, p.town, p.village, p.road, p.house, p.poi, p.room, p.level
FROM unnest(ARRAY['武侯区佳灵路青羊镇5号', '武侯区一二三四五六七八九十青羊白马镇5号', '武侯区青羊新村5号', '武侯区红星村红星村委会5号', '武侯区红星村红星村5号',
	'武侯区青羊镇青羊镇5号', '武侯区白马镇青羊镇5号', '青羊镇四川省成都市武侯区佳灵路5号', '青羊镇黑龙江省哈尔滨市南岗区佳灵路5号', '青羊镇四川路5号', '武侯区高新开发区青羊镇5号',
	'武侯区高新区青羊镇5号', '武侯区工业园区青羊镇5号', '武侯区工业园青羊镇5号', '武侯区产业园青羊镇5号', '武侯区天府新区青羊镇5号', '武侯区工业区青羊镇5号',
	'武侯区佳灵路中段5号', '武侯区佳灵路四段5号', '武侯区佳灵路2段5号', '武侯区佳灵路段5号', '武侯区红星村居委会5号', '武侯区佳灵路5号青羊镇', '武侯区佳灵路5号3栋501青羊村',
	'武侯区第三小学旁青羊路5号', '武侯区八一路5号', '武侯区3号大街5号', '武侯区24号大道5号', '武侯区1号公路5号', '武侯区2号胡同5号', '武侯区3号支路5号', '武侯区青羊路8路5号',
	'武侯区红星村第3组5号', '武侯区红星村第三村民小组5号', '武侯区红星村第三小学5号']) AS address, medaudit.parse_address(address) p;
-- chains and numbers: what each becomes by what stands before and behind
SELECT address, p.town, p.village, p.road, p.house, p.poi, p.building, p.unit, p.floor, p.room
FROM unnest(ARRAY['佳灵路5号3栋5楼2-1', '佳灵路5号3栋5楼501房3床', '佳灵路5号1203-1501室', '佳灵路5号1203-15室', '佳灵路5号120-1501室', '佳灵路5号120-15室', '佳灵路5号12-1501室',
	'佳灵路5号3栋501-2', '佳灵路5号3栋2-501', '佳灵路5号3栋2-5-501', '佳灵路5号3栋2单元5-501', '佳灵路5号2单元5-501', '佳灵路5号2单元501-3', '佳灵路5号5楼3-501', '佳灵路5号3-2-5-501', '佳灵路5号3-2-5-1-501',
	'佳灵路5号1-2-3-4-5-6', '佳灵路105-107-109号', '佳灵路5-3-501号', '阳光花园105-107-109号', '佳灵路5号105-107-109号', '佳灵路5号3栋2号501', '佳灵路5号3栋2号', '佳灵路5号3栋2单元5号501',
	'佳灵路5号3栋5楼2号501', '佳灵路5号2单元5号501', '漕溪路250弄12-501号', '漕溪路250弄12-3-501号', '漕溪路250弄3栋12号', '佳灵路5号12号501', '佳灵路5号12号', '佳灵路5号12-501号', '佳灵路5-3号', '佳灵路105-107号',
	'佳灵路5-3', '佳灵路105-501', '佳灵路105-5', '佳灵路5-501', '红星村5-3', '红星村3组5-3', '3组青羊镇5-3', '青羊镇5-3', '佳灵路5-3-2-501', '佳灵路5-3-501', '佳灵路5-3-2', '阳光坊5-3-2-501', '佳灵路阳光坊5-3', '佳灵路5号3',
	'佳灵路5号阳光坊3', '佳灵路5号阳光花园103', '佳灵路3栋5', '佳灵路5', '漕溪路250弄12', '漕溪路250弄12-3', '佳灵路5号三', '佳灵路5号3栋五', '佳灵路5号五福楼301', '佳灵路5号3栋五福301', '佳灵路5号五零一张三', '佳灵路一二三', '佳灵路一二三阳光', '佳灵路三阳光5号',
	'红星村一二三阳光5号', '阳光坊一二零一', '阳光坊一二零一(电梯)', '阳光坊一二零一栋', '佳灵路5号3楼2单元501', '佳灵路5号3栋5楼2单元501', '佳灵路5号3楼2号501', '佳灵路5号3楼', '佳灵路5号3-2单元501', '佳灵路5号3-2-1单元501', '佳灵路5号3栋2-1单元501',
	'佳灵路5号3-5楼501', '佳灵路5号3-2-5层1号', '佳灵路5号9b1161', '佳灵路5号9b11', '佳灵路5号4s2', '佳灵路5号9f01', '佳灵路5号96ab', '佳灵路5号96abc', '佳灵路5号3-阳光', '佳灵路5号3-13800000000', '佳灵路5号3栋501-9-12号仓库', '佳灵路5号9-12号仓库3栋501',
	'佳灵路5号第3栋第501室', '佳灵路5号第一中心3栋501', '佳灵路5号(3栋)501室', '佳灵路5号(阳光花园)3栋501', '佳灵路5号(阳光花园3栋501', '佳灵路5号(阳光花园)', '佳灵路5号3栋(东)501', '佳灵路5号"3栋"501', '佳灵路5号3#501', '佳灵路5号#3栋501',
	'佳灵路5号3栋501张东', '佳灵路5号3栋501老底层', '佳灵路地下室3号', '佳灵路5号3栋附1号', '佳灵路5号3栋之101', '佳灵路5号3栋之1', '佳灵路5号附楼501', '佳灵路5号之间501', '佳灵路附楼501', '佳灵路5号3栋地下123层3号', '佳灵路5号3栋地下车库3号',
	'佳灵路5号3栋底1层3号', '佳灵路5号3-610041', '佳灵路5号3栋501-A(电梯)', '佳灵路5号(3栋501-A)', '佳灵路5号3栋501-A2', '佳灵路5号3栋501-', '阳光花园501青羊镇5号', '阳光花园3栋青羊路5号', '佳灵路5号3栋B层3号', '佳灵路5号3栋A1层3号', '佳灵路5号3栋B1层3号', '佳灵路5号3栋B1单元3号',
	'甲5号', '佳灵路甲5号', '佳灵路5号乙3栋501', '佳灵路5号甲栋501', '佳灵路5号东门3栋501', '佳灵路5号b-3栋501', '佳灵路5号a-b栋501', '佳灵路一百二十号', '佳灵路十号', '佳灵路二十一号', '佳灵路三百五号', '佳灵路一千零五号', '佳灵路二〇五号', '佳灵路百货大楼5号',
	'佳灵路5号3栋〇五室', '佳灵路5号3栋零零室', '佳灵路5号3栋二百零一', '佳灵路5号3栋一二三四五六七八九十一二三四五六七室', '佳灵路1234567号', '佳灵路123456号', '佳灵路007号', '佳灵路000号', '佳灵路5一3一2一501', '佳灵路一之三号', '佳灵路5之三号', '佳灵路5_3\2|501', '佳灵路5+3;2''501', '佳灵路5.3:2/501']) AS tail,
	concat('武侯区', tail) AS address, medaudit.parse_address(address) p;
SELECT count(DISTINCT medaudit.household_key('武侯区佳灵路' || n || '号3栋501'))
FROM unnest(ARRAY['7418', '七四一八', '柒肆壹捌', '七千四百一十八', '七千四百十八', '柒仟肆佰壹拾捌']) AS n;
SELECT count(DISTINCT medaudit.household_key('武侯区佳灵路' || n || '号3栋501'))
FROM unnest(ARRAY['236590', '二三六五九零', '贰叁陆伍玖〇', '两三六五九○']) AS n;
-- estates: a number with 号 is a building in them
SELECT count(*) AS estates, count(*) FILTER (WHERE p.building IS DISTINCT FROM '3' OR p.room IS DISTINCT FROM '501') AS wrong
FROM unnest(ARRAY['小区', '花园', '公寓', '广场', '中心', '市场', '宿舍', '家属院', '大院', '公馆', '名都', '国际', '人家', '新城', '别墅', '社区', '苑', '园', '庭',
	'邸', '府', '厦', '郡', '阁', '轩', '楼', '居']) AS e, unnest(ARRAY['', 'A区', '东区', '二期']) AS part,
	unnest(CASE e WHEN '社区' THEN ARRAY['佳灵路9号'] ELSE ARRAY['', '佳灵路9号'] END) AS before, medaudit.parse_address('武侯区' || before || '阳光' || e || part || '3号501') AS p;
SELECT e AS no_estate
FROM unnest(ARRAY['小区', '花园', '公寓', '广场', '中心', '市场', '宿舍', '家属院', '大院', '公馆', '名都', '国际', '人家', '新城', '别墅', '社区', '苑', '园', '庭',
	'邸', '府', '厦', '郡', '阁', '轩', '楼', '居']) AS e
WHERE (medaudit.parse_address('武侯区佳灵路9号阳光' || e || '3号')).building IS DISTINCT FROM '3';
SELECT address, p.house, p.poi, p.building, p.unit, p.floor, p.room, medaudit.household_key(address)
FROM unnest(ARRAY['武侯区青羊大道口5号', '武侯区阳光坊3号501', '武侯区阳光坊3号', '武侯区阳光花园3号', '武侯区阳光花园103号', '武侯区阳光花园103号501', '武侯区阳光花园5-3号',
	'武侯区阳光花园3', '武侯区阳光花园103', '武侯区阳光坊103', '武侯区阳光坊3', '武侯区阳光花园丙区3号501', '武侯区阳光花园大区3号501', '武侯区A区3号501']) AS address,
	medaudit.parse_address(address) p;
-- institutions, and what stands behind their names
SELECT w FROM unnest(ARRAY['养老', '敬老院', '福利院', '福利中心', '老年公寓', '老年护理', '护理院', '养护院', '托老所', '光荣院', '疗养院', '救助站', '救助中心',
	'安养', '护养', '康养中心', '颐养院', '监狱', '看守所', '戒毒所', '拘留所', '收容所', '孤儿院', '荣军院', '休养所', '干休所门诊', '医院', '卫生院', '卫生室', '卫生所',
	'卫生服务', '保健院', '诊所', '门诊部', '康复中心', '疾控中心', '学校', '小学', '中学', '大学', '学院', '幼儿园', '幼教', '职高', '技校', '党校', '一中', '二中', '三中',
	'寺庙', '兵营', '军营']) AS w
WHERE medaudit.household_key('武侯区佳灵路5号青羊' || w || '3栋501') IS NOT NULL;
SELECT w FROM unnest(ARRAY['家属', '宿舍', '小区', '公寓', '家园', '花园', '新村', '教师', '教工', '教职工', '职工', '职员', '员工', '家苑', '苑', '住宅', '生活区', '科技园',
	'集资', '旁', '对面', '附近', '隔壁', '后面', '斜对面', '城', '路', '街', '巷', '村', '里', '南门', '北门', '东门', '西门']) AS w
WHERE medaudit.household_key('武侯区佳灵路5号青羊中学' || w || '3栋501') IS NULL
	OR medaudit.household_key('武侯区佳灵路5号青羊养老院' || w || '3栋501') IS NOT NULL;
-- words behind a number
SELECT w, kind, house, poi, building, unit, floor, room
FROM (SELECT w, kind, p.* FROM (VALUES
	('building', '号楼 号栋 号幢 号橦 号座 楼栋 栋楼 栋 幢楼 幢 橦 座 #楼 #'), ('unit', '号单元 号门 单元门 单元 门栋 门 梯'),
	('house', '号大院 号院 号'), ('floor', '楼层 楼 层 F'), ('room', '号室 号房 号铺 号店 号档 室 房间 房 户 铺 档'),
	('group', '村民小组 居民小组 居民组 村民组 生产队 小组 小队 组 社 队'), ('village', '连队 连'), ('lane', '弄')) AS k(kind, words),
	unnest(string_to_array(words, ' ')) AS w,
	medaudit.parse_address(CASE kind WHEN 'house' THEN '武侯区佳灵路5' WHEN 'lane' THEN '武侯区佳灵路5' WHEN 'group' THEN '武侯区红星村5' WHEN 'village' THEN '新疆石河子市143团5' WHEN 'room' THEN '武侯区佳灵路5'
		ELSE '武侯区佳灵路9号2栋5' END || w) AS p) AS q
WHERE poi IS NOT NULL OR CASE kind WHEN 'building' THEN building IS DISTINCT FROM '2-5' WHEN 'unit' THEN unit IS DISTINCT FROM '5' WHEN 'house' THEN house IS DISTINCT FROM '5号'
	WHEN 'floor' THEN floor IS DISTINCT FROM '5' WHEN 'room' THEN room IS DISTINCT FROM '5' OR house IS NOT NULL WHEN 'group' THEN road IS DISTINCT FROM '5组'
	WHEN 'village' THEN village IS DISTINCT FROM '5连' ELSE house IS DISTINCT FROM '5弄' END;
SELECT w || next AS word, p.house, p.building, p.unit, p.floor, p.room, p.road
FROM (VALUES ('号', '路街巷桥线库仓渠矿'), ('号楼', '路'), ('号门', '诊市面店'), ('号房', '产地'), ('弄', '堂口'), ('座', '谈山桥'),
	('门', '诊市面店口卫厅村镇乡路街桥山峡坝'), ('梯', '田形'), ('楼', '村镇乡路街梯桥巷社'), ('层', '村'), ('室', '一二两1内外'), ('房', '产地村镇乡路街'),
	('户', '外县'), ('铺', '村镇乡路街'), ('档', '案'), ('组', '团村镇乡路街'), ('社', '区会保村镇乡路街'), ('队', '部伍村镇乡路街'), ('连', '云江城山路街号体排环接')) AS k(w, nexts),
	regexp_split_to_table(nexts, '') AS next, medaudit.parse_address('武侯区青羊5' || w || next || '甲乙丙') AS p
WHERE w IN ('号', '弄') AND p.house = '5' || w OR w IN ('号楼', '座') AND p.building = '5' OR w IN ('号门', '门', '梯') AND p.unit = '5'
	OR w IN ('楼', '层') AND p.floor = '5' OR w IN ('号房', '室', '房', '户', '铺', '档') AND p.room = '5' OR w IN ('组', '社', '队') AND p.road = '5组'
	OR w = '连' AND p.village = '5连';
SELECT w FROM unnest(ARRAY['大街', '大道', '大桥', '公路', '支路', '胡同', '厂房', '车间', '码头', '地块']) AS w
WHERE (medaudit.parse_address('武侯区青羊24号' || w || '5号')).house IS DISTINCT FROM '5号';
SELECT p.poi, p.building, p.room FROM unnest(ARRAY['武侯区24号公园5栋501', '武侯区佳灵路9号2栋5房间A']) AS a, medaudit.parse_address(a) AS p;
-- signs and their words before a person's name and at the end; kinds of places
SELECT w AS not_kept FROM regexp_split_to_table('户侧边面间室房院屋首头套门', '') AS w
WHERE medaudit.household_key('武侯区佳灵路5号3栋501东' || w || '张三') IS DISTINCT FROM '510107|佳灵路5号|3栋501东室';
SELECT w AS not_kept FROM unnest(ARRAY['单元', '栋', '座', '楼', '梯', '排']) AS w
WHERE medaudit.household_key('武侯区佳灵路5号3栋501东' || w || '张三') IS DISTINCT FROM '510107|佳灵路5号|3栋501东' || w || '室';
SELECT w AS not_kept FROM regexp_split_to_table('户侧边面间室院屋', '') AS w
WHERE medaudit.household_key('武侯区佳灵路5号东' || w) IS DISTINCT FROM '510107|佳灵路5东号';
SELECT w AS not_kept FROM regexp_split_to_table('东西南北中左右前后上下甲乙丙丁', '') AS w
WHERE medaudit.household_key('武侯区佳灵路5号3栋501' || w) IS DISTINCT FROM '510107|佳灵路5号|3栋501' || w || '室';
SELECT w AS no_name FROM unnest(ARRAY['门牌', '门牌号', '胡同', '单元', '小区', '花园', '家属', '宿舍', '住宅', '公寓', '大院', '大厦', '职工', '员工', '地址', '住址', '原籍', '不详',
	'未知', '附', '之', '第', '路', '街', '道', '巷', '弄', '镇', '乡', '村', '组', '社', '队', '连', '号', '栋', '幢', '座', '楼', '层', '室', '户', '房', '院', '院内', '省', '市', '县', '区', '期',
	'本', '无', '东', '西', '南', '北', '中', '前', '后', '左', '右', '内', '街道', '大道', '社区', '东路', '西路', '南路', '北路', '中路', '巷道', '某路', '某街', '某巷', '某街道', '某镇', '某乡', '某村', '某社区',
	'本街道', '本镇', '本乡', '本村', '本社区']) AS w
WHERE medaudit.household_key('武侯区' || w || '5号3栋501') IS NOT NULL;
-- numbers of names: 8路, A区
SELECT w FROM regexp_split_to_table('路街道巷区期段村里苑院省县乡镇国坊条团支环排号社大小码组队门米', '') AS w
WHERE w NOT IN ('号', '组', '社', '队', '门') AND (medaudit.parse_address('武侯区青羊8' || w || '阳光5号')).house IS DISTINCT FROM '5号';

-- the key of a normal text is the key
SELECT count(*) FROM (SELECT address FROM spelling UNION ALL SELECT '武侯区佳灵路5号3栋' || behind FROM door) AS s
WHERE medaudit.household_key(address) IS DISTINCT FROM medaudit.household_key(medaudit.normalize_text(address));

-- Chinese and Arabic numerals; every number tells a neighbour
CREATE FUNCTION pg_temp.han(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN n >= 1000 THEN substr('一二三四五六七八九', n / 1000, 1) || '千' ||
				CASE WHEN n % 1000 = 0 THEN '' WHEN n % 1000 < 100 THEN '零' ELSE '' END ELSE '' END
		|| CASE WHEN n % 1000 >= 100 THEN substr('一二三四五六七八九', n % 1000 / 100, 1) || '百' ||
				CASE WHEN n % 100 BETWEEN 1 AND 9 THEN '零' ELSE '' END ELSE '' END
		|| CASE WHEN n % 100 >= 10 THEN CASE WHEN n BETWEEN 10 AND 19 THEN '' ELSE substr('一二三四五六七八九', n % 100 / 10, 1) END || '十' ELSE '' END
		|| CASE WHEN n % 10 > 0 THEN substr('一二三四五六七八九', n % 10, 1) ELSE '' END $$;
SELECT count(*) AS numbers, count(DISTINCT medaudit.household_key('武侯区佳灵路' || n || '号3栋501')) AS keys,
	   count(*) FILTER (WHERE medaudit.household_key('武侯区佳灵路' || n || '号3栋501')
						<> medaudit.household_key('武侯区佳灵路' || pg_temp.han(n) || '号三栋五零一')) AS wrong
FROM generate_series(1, 2000) n;
SELECT count(*), count(DISTINCT medaudit.household_key(format('武侯区%s%s%s%s栋%s单元%s', place, h, word, b, u, r)))
FROM unnest(ARRAY['佳灵路', '佳灵东路', '红星村']) place, unnest(ARRAY['号', '弄']) word,
	 generate_series(1, 12) h, generate_series(1, 12) b, generate_series(1, 3) u, unnest(ARRAY[101, 102, 201, 1101]) r;

-- a table of one's own: old names, new counties
INSERT INTO medaudit.division (code, name) VALUES ('330102', '下城区'), ('990000', '测试省'), ('990101', '测试县');
SELECT address, medaudit.household_key(address) AS shipped,
	   medaudit.household_key(address, NULL, (SELECT medaudit.compile_divisions())) AS own
FROM unnest(ARRAY['杭州市下城区文晖路5号3栋501', '杭州市上城区文晖路5号3栋501', '测试县中心路5号']) address;
SELECT p.province, p.district FROM medaudit.parse_address('测试县中心路5号', NULL, (SELECT medaudit.compile_divisions())) p;
SELECT p.province, p.district FROM medaudit.parse_address('中心路5号', '测试县', E'990000 测试省\n\n990101 测试县') p;
DELETE FROM medaudit.division WHERE NOT shipped;
-- words of one's own: each changes what it says, and nothing without being passed
SELECT count(*) AS shipped, count(*) FILTER (WHERE w.kind || ' ' || w.word || E'\t' || coalesce(w.canonical, '') || E'\t' || coalesce(w.not_before, '')
	= ANY (string_to_array(medaudit.shipped_address_words(), E'\n'))) AS of_the_build, count(DISTINCT kind) AS kinds
FROM medaudit.address_word w WHERE shipped;
CREATE TEMP TABLE own_word (kind text, word text, canonical text, not_before text, address text, own text);
INSERT INTO own_word VALUES
	('road', '徑', NULL, '口', '武侯区红牌楼街道竹林径5号3栋501', '510107|竹林径5号|3栋501室'),
	('road', '徑', NULL, '口', '武侯区竹林径口5号3栋501', '510107|竹林径口5号|3栋501室'),
	('town', '街道工委', '街道', NULL, '武侯区红牌楼街道工委佳灵路5号3栋501', '510107|佳灵路5号|3栋501室'),
	('village', '寨', '村', NULL, '武侯区红星寨阳光坊5号501', '510107|红星村阳光坊5号|501室'),
	('house', '号宅', NULL, NULL, '武侯区佳灵路5号宅3栋501', '510107|佳灵路5号|3栋501室'),
	('lane', '里弄', NULL, NULL, '武侯区佳灵路5里弄3栋501', '510107|佳灵路5弄|3栋501室'),
	('building', '斋', NULL, '菜', '武侯区佳灵路5号3斋501', '510107|佳灵路5号|3栋501室'),
	('building', '斋', NULL, '菜', '武侯区佳灵路5号3斋菜馆501', '510107|佳灵路5号|3-501室'),
	('unit', '梯口', NULL, NULL, '武侯区佳灵路5号3栋2梯口501', '510107|佳灵路5号|3栋2单元501室'),
	('floor', '重', NULL, NULL, '武侯区佳灵路5号3栋2重3号', '510107|佳灵路5号|3栋2楼3室'),
	('room', '仓', NULL, NULL, '武侯区阳光坊8仓', '510107|阳光坊|8室'),
	('group', '屯', NULL, NULL, '武侯区红星村3屯5号', '510107|红星村3组5号'),
	('company', '分连', NULL, NULL, '新疆石河子市143团5分连12号3栋501', '659001|143团5连12号|3栋501室'),
	('numbered', '驿道', NULL, NULL, '武侯区24号驿道5号3栋501', '510107|24号驿道5号|3栋501室'),
	('estate', '雅集', NULL, NULL, '武侯区佳灵路阳光雅集3号501', '510107|佳灵路|阳光雅集|3栋501室'),
	('zone', '示范园', NULL, NULL, '武侯区农业示范园青羊镇佳灵路5号3栋501', '510107|青羊镇佳灵路5号|农业示范园|3栋501室'),
	('care_home', '月子中心', NULL, NULL, '武侯区佳灵路5号青羊月子中心3栋501', NULL),
	('institution', '兽医站', NULL, NULL, '武侯区佳灵路5号青羊兽医站3栋501', NULL),
	('beside', '后巷', NULL, NULL, '武侯区佳灵路5号青羊医院后巷3栋501', '510107|佳灵路5号|青羊医院后巷|3栋501室'),
	('side', '翼', NULL, NULL, '武侯区佳灵路5号东翼', '510107|佳灵路5东号'),
	('room_side', '厢', NULL, NULL, '武侯区佳灵路5号3栋501东厢张三', '510107|佳灵路5号|3栋501东室'),
	('part', '塔', NULL, NULL, '武侯区佳灵路5号3栋501东塔张三', '510107|佳灵路5号|3栋501东塔室'),
	('storey', '骑楼', '骑', NULL, '武侯区佳灵路5号3栋骑楼3号', '510107|佳灵路5号|3栋骑楼3室'),
	('postcode', 'postcode', NULL, NULL, '武侯区佳灵路5号3栋501postcode610041', '510107|佳灵路5号|3栋501室'),
	('common', '棚户', NULL, NULL, '武侯区棚户5号3栋501', NULL),
	('no_name', '旧路', NULL, NULL, '武侯区旧路5号3栋501', NULL),
	('no_division', '驿站', NULL, NULL, '四川成都驿站5号3栋501', '510000|成都驿站5号|3栋501室'),
	('filler', '市属', NULL, NULL, '四川省成都市市属武侯区佳灵路5号3栋501', '510107|佳灵路5号|3栋501室'),
	('level', '区级', NULL, NULL, '重庆市区级云阳县人民路5号3栋501', '500235|人民路5号|3栋501室'),
	('corps', '兵团总部', NULL, NULL, '兵团总部第八师143团5连12号3栋501', '659001|143团5连12号|3栋501室');
SELECT kind, address, medaudit.household_key(address) AS shipped, own, key FROM own_word,
	LATERAL (SELECT medaudit.household_key(address, NULL, medaudit.compile_divisions() || E'\n' || kind || ' ' || word || E'\t'
		|| coalesce(canonical, '') || E'\t' || coalesce(not_before, '')) AS key) k
WHERE key IS DISTINCT FROM own OR (medaudit.household_key(address) IS NOT DISTINCT FROM own AND address !~ '菜|径口');
SELECT k.kind AS kind_without_a_word FROM (SELECT DISTINCT kind FROM medaudit.address_word) k WHERE NOT EXISTS (SELECT FROM own_word o WHERE o.kind = k.kind);
-- the same from the table, all at once
SELECT medaudit.household_key(address, NULL, medaudit.compile_divisions()) IS DISTINCT FROM medaudit.household_key(address) AS changed
FROM own_word GROUP BY 1;
INSERT INTO medaudit.address_word (kind, word, canonical, not_before) SELECT DISTINCT kind, word, canonical, not_before FROM own_word;
SELECT count(*) AS addresses, count(*) FILTER (WHERE medaudit.household_key(address, NULL, (SELECT medaudit.compile_divisions())) IS DISTINCT FROM own) AS wrong FROM own_word;
SELECT p.town, p.village, p.road, p.building FROM medaudit.parse_address('武侯区红星寨竹林徑5号3斋501', NULL, (SELECT medaudit.compile_divisions())) p;
-- one of the same kind and spelling stands for the shipped one; of two the longer one counts
INSERT INTO medaudit.address_word (kind, word, not_before) VALUES ('town', '镇', '坊'), ('building', '斋院', NULL);
SELECT address, s.town, s.road, s.poi, s.building, '|' AS own, o.town, o.road, o.poi, o.building
FROM unnest(ARRAY['武侯区青羊镇街5号', '武侯区青羊镇坊5号', '武侯区佳灵路5号3斋院501']) address, medaudit.parse_address(address) s,
	medaudit.parse_address(address, NULL, (SELECT medaudit.compile_divisions())) o;
-- shipped rows stay, and what says nothing or is no word is refused
UPDATE medaudit.address_word SET not_before = NULL WHERE shipped AND word = '镇';
DELETE FROM medaudit.address_word WHERE shipped AND word = '室';
INSERT INTO medaudit.address_word (kind, word, shipped) VALUES ('room', '舱', true) RETURNING shipped;
INSERT INTO medaudit.address_word (kind, word) VALUES ('cellar', '窖');
INSERT INTO medaudit.address_word (kind, word) VALUES ('room', '　');
INSERT INTO medaudit.address_word (kind, word) VALUES ('room', E'舱\t');
INSERT INTO medaudit.address_word (kind, word, canonical) VALUES ('room', '舱位', '室');
INSERT INTO medaudit.address_word (kind, word, not_before) VALUES ('estate', '舱', '位');
DELETE FROM medaudit.address_word WHERE NOT shipped;
SELECT medaudit.household_key('x', NULL, 'road');
SELECT medaudit.household_key('x', NULL, 'roads 径');
SELECT medaudit.household_key('x', NULL, 'Road 径');
SELECT medaudit.household_key('x', NULL, 'road  ');
SELECT medaudit.household_key('x', NULL, E'road 径\t\t\tx');
SELECT medaudit.household_key('x', NULL, E'110101 甲县\nroad');
-- more than one set in a statement
SELECT medaudit.household_key('武侯区红牌楼街道竹林径5号3栋501', '510107', d) FROM unnest(ARRAY[NULL, 'road 径', '110101 甲县', 'road 徑', NULL]) AS d;
SELECT medaudit.household_key('甲县中心路5号', NULL, d)
FROM unnest(ARRAY['110101 甲县', NULL, '220202 甲县', '', '110101 甲县']) d;
SELECT medaudit.household_key('x', NULL, '11010 甲县');
SELECT medaudit.household_key('x', NULL, '110101甲县');
SELECT medaudit.household_key('x', NULL, E'110101 甲县\nx');
SELECT medaudit.household_key('x', NULL, '110101 ' || repeat('县', 100));
INSERT INTO medaudit.division VALUES ('51', '四川');
INSERT INTO medaudit.division VALUES ('510107', E'武侯\n区');

-- long, strange
SELECT length(medaudit.household_key('武侯区佳灵路5号3栋501' || repeat('电', 500)));
SELECT n, s, length(medaudit.household_key('武侯区' || repeat(s, n) || '路5号3栋501'))
FROM unnest(ARRAY[500, 100000]) n,
	 unnest(ARRAY['啊', '1', '一', '(', ')', '-', '1-', 'a', '区', '村', '市', '省', '号', '1号', '一十', '四川省', '医', '#', '附1', U&'\+02070E', U&'\+01F600']) s
ORDER BY n, s COLLATE "C";
SELECT medaudit.household_key(U&'武侯区\+02070E路5号3栋501') = medaudit.household_key(U&'成都武侯区\+02070E路5号三幢501');
SELECT medaudit.household_key('武侯区佳灵路' || n || '号3栋501')
FROM unnest(ARRAY['99999999999999999999999999', '000', '0', '007']) n;
SELECT medaudit.household_key(E'\xe6\xad');

-- indexes, generated columns and views work, whatever the search_path
CREATE TABLE insured (person_id text, address text, home text GENERATED ALWAYS AS (medaudit.household_key(address)) STORED);
CREATE INDEX ON insured (medaudit.household_key(address, '510107'));
INSERT INTO insured SELECT home::text, address FROM spelling;
SET search_path = '';
REINDEX TABLE public.insured;
CREATE MATERIALIZED VIEW public.homes AS SELECT home, count(*) FROM public.insured GROUP BY home;
SELECT count(*) FROM public.homes;
RESET search_path;
DROP MATERIALIZED VIEW homes;
DROP TABLE insured;

-- the same in parallel workers; nothing is kept per row
CREATE TABLE many AS SELECT '武侯区佳灵路' || i % 5000 || '号3栋2单元' || i % 7 || '01' AS address FROM generate_series(1, 50000) i;
SET max_parallel_workers_per_gather = 0;
SELECT count(DISTINCT medaudit.household_key(address)), min(medaudit.household_key(address)) FROM many;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(DISTINCT k), min(k) FROM (SELECT medaudit.household_key(address) AS k FROM many) s;
SET max_parallel_workers_per_gather = 0;
SELECT sum(total_bytes) AS before FROM pg_backend_memory_contexts \gset
SELECT count(medaudit.household_key(address, '510107')) FROM many, generate_series(1, 20);
SELECT sum(total_bytes) - :before < 1000000 AS no_growth FROM pg_backend_memory_contexts;

-- link_groups: the worked example
CREATE TABLE link (person_id text, kind text, value text);
INSERT INTO link VALUES
	('张', '电话', '13800000001'), ('李', '电话', '13800000001'), ('李', '住址', '武侯区|佳灵路5号'), ('王', '住址', '武侯区|佳灵路5号'),
	('赵', '电话', '02885000000'), ('钱', '电话', '02885000000'), ('孙', '电话', '02885000000'), ('周', '电话', '02885000000'),
	('钱', '户', 'H1'), ('孙', '户', 'H1'), ('吴', '户', '13800000001'),
	(NULL, '电话', '13800000001'), ('郑', NULL, '13800000001'), ('冯', '电话', NULL);
SELECT (g).* FROM (SELECT unnest(medaudit.link_groups(person_id, kind, value, 3)) AS g FROM link) s;
SELECT (g).* FROM (SELECT unnest(medaudit.link_groups(person_id, kind, value, 4)) AS g FROM link) s;

-- its edges
SELECT medaudit.link_groups(person_id, kind, value, 3) FROM link WHERE false;
SELECT medaudit.link_groups(person_id, kind, value, 3) FROM link WHERE person_id IS NULL;
SELECT medaudit.link_groups(person_id, kind, value, 3) FILTER (WHERE kind = '户') FROM link;
SELECT medaudit.link_groups(DISTINCT person_id, kind, value, 2) FROM link WHERE kind = '户';
SELECT kind, medaudit.link_groups(person_id, kind, value, 3) FROM link GROUP BY ROLLUP (kind) ORDER BY kind COLLATE "C";
SELECT DISTINCT medaudit.link_groups(person_id, kind, value, 3) OVER (PARTITION BY kind = '户') FROM link ORDER BY 1;
SELECT medaudit.link_groups('', '', '', 2), medaudit.link_groups(p, 'k', '', 2) FROM unnest(ARRAY['', 'a']) p;
SELECT medaudit.link_groups(person_id, kind, value, NULL) FROM link;
SELECT medaudit.link_groups(person_id, kind, value, 1) FROM link;
SELECT medaudit.link_groups(person_id, kind, value, CASE WHEN kind = '户' THEN 3 ELSE 4 END) FROM link;

-- against plain SQL that follows links until nothing changes
CREATE TABLE random_link AS
SELECT 'p' || (i * 7919) % 600 AS person_id, (ARRAY['phone', 'household', 'address'])[1 + i % 3] AS kind,
	   'v' || (i * i + 31 * i) % 211 * (1 + i % 4) AS value
FROM generate_series(1, 900) i;
CREATE TABLE slow AS
WITH RECURSIVE linking AS (
	SELECT kind, value FROM random_link GROUP BY kind, value HAVING count(DISTINCT person_id) BETWEEN 2 AND 5),
pair AS (
	SELECT DISTINCT a.person_id AS a, b.person_id AS b
	FROM linking JOIN random_link a USING (kind, value) JOIN random_link b USING (kind, value)),
reach AS (SELECT a, b FROM pair UNION SELECT r.a, p.b FROM reach r JOIN pair p ON p.a = r.b),
least AS (SELECT a AS person_id, min(b COLLATE "C") AS first FROM reach GROUP BY a)
SELECT first, count(DISTINCT person_id)::int AS people, array_agg(DISTINCT person_id COLLATE "C" ORDER BY person_id COLLATE "C") AS person_ids,
	   (SELECT array_agg(DISTINCT kind COLLATE "C" ORDER BY kind COLLATE "C") FROM linking JOIN random_link USING (kind, value)
		WHERE person_id = ANY (array_agg(l.person_id))) AS kinds
FROM least l GROUP BY first;
CREATE TABLE fast AS
SELECT (g).* FROM (SELECT unnest(medaudit.link_groups(person_id, kind, value, 5)) AS g FROM random_link) s;
SELECT count(*), sum(people), max(people) FROM fast;
SELECT count(*) FROM fast f FULL JOIN slow s ON s.first = f.person_ids[1]
WHERE (f.people, f.person_ids, f.kinds) IS DISTINCT FROM (s.people, s.person_ids, s.kinds);
SELECT array_agg(group_no ORDER BY person_ids[1] COLLATE "C") = array_agg(group_no ORDER BY group_no) FROM fast;
-- in another order, and in parallel
SELECT array_agg(f ORDER BY group_no)::text = (SELECT medaudit.link_groups(person_id, kind, value, 5 ORDER BY md5(person_id || value))::text FROM random_link)
FROM fast f;
SET max_parallel_workers_per_gather = 2;
ANALYZE random_link;
CREATE FUNCTION pg_temp.plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE result jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO result;
	RETURN result;
END $$;
SELECT jsonb_path_exists(pg_temp.plan('SELECT medaudit.link_groups(person_id, kind, value, 5) FROM random_link'),
						 '$.** ? (@."Partial Mode" == "Partial")') AS parallel;
SELECT array_agg(f ORDER BY group_no)::text = (SELECT medaudit.link_groups(person_id, kind, value, 5)::text FROM random_link)
FROM fast f;
DROP TABLE many, link, random_link, slow, fast;

-- the examples of doc/address.md that stand nowhere above
SELECT medaudit.household_key('佳灵路5号3-2-501', '510107');
SELECT p.district, p.road, p.house, p.poi, p.building, p.unit, p.floor, p.room, p.level
FROM medaudit.parse_address('四川省成都市武侯区红牌楼街道佳灵路５号阳光花园三幢2单元5楼501室') p;
SELECT g.*
FROM (SELECT medaudit.link_groups(person_id, kind, value, 3) AS groups
	  FROM (VALUES ('张', '电话', '13800000001'), ('李', '电话', '13800000001'),
				   ('李', '住址', '武侯区|佳灵路5号'), ('王', '住址', '武侯区|佳灵路5号'))
		   AS link(person_id, kind, value)) s, unnest(s.groups) AS g;
SELECT count(DISTINCT medaudit.household_key('武侯区佳灵路5号3栋' || r))
FROM unnest(ARRAY['501', '五〇一', '五百零一', '501户', '５０１室', '501号', '5楼501']) r;
SELECT count(DISTINCT medaudit.household_key('武侯区佳灵路5号' || b || '501'))
FROM unnest(ARRAY['3栋', '3幢', '3橦', '3座', '3号楼', '3#', '叁栋', '③栋', '03栋', '3-', '3~']) b;
