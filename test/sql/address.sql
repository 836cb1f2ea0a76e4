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

-- the key of a normal text is the key
SELECT count(*) FROM spelling
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
-- more than one set in a statement
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
