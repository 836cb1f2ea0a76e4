-- Names of persons: one key for every spelling, a star for what is hidden.
SELECT replace(name, U&'\200B', '<200B>') AS name, medaudit.name_key(name) AS key
FROM unnest(ARRAY['张三', '张 三', '张　三', U&'张\200B三', '張三', '张*', '张＊', '张×',
	'张某', '张?', '张三(儿)', '阿卜杜·热合曼', '阿卜杜•热合曼', '阿卜杜‧热合曼',
	'阿卜杜热合曼', 'John  Smith', 'Ｊ. Smith', '单雄信', '仇英', '欧阳娜娜', '吕布',
	U&'\+020000三', '', ' ']) WITH ORDINALITY AS t(name, no) ORDER BY no;
SELECT name, medaudit.name_pinyin(name) AS pinyin
FROM unnest(ARRAY['张三', '張 三', '单雄信', '仇英', '欧阳娜娜', '吕布', '王*',
	'John Smith', '', '123']) WITH ORDINALITY AS t(name, no) ORDER BY no;
SELECT a, b, medaudit.name_matches(a, b) AS matches
FROM (VALUES
	(1, '张三', '张 三'), (2, '张三', '張三'), (3, '张三', '张*'), (4, '张*', '*三'),
	(5, '张三', '李*'), (6, '张三丰', '张*'), (7, '张三丰', '张**'), (8, '张三', '张三(儿)'),
	(9, '阿卜杜·热合曼', '阿卜杜热合曼'), (10, '', ''), (11, '*', ''), (12, '张三', '张四')
) AS t(no, a, b) ORDER BY no;
SELECT bool_and(medaudit.name_matches(name, medaudit.mask_name(name))) AS mask_matches
FROM unnest(ARRAY['张三', '王', '欧阳娜娜', 'John']) AS name;
SELECT bool_and(medaudit.name_key(medaudit.name_key(name)) = medaudit.name_key(name)) AS idempotent
FROM unnest(ARRAY['张 三', '张×', '阿卜杜·热合曼', 'Ｊ. Smith', '张三（儿）', '﹡']) AS name;

CREATE TEMP TABLE odd_name AS
SELECT string_agg(substr(U&'张三*·？⁇''"-. \0301\0308\0316e\11A8\1161\1112\00A8', 1 + abs(hashint8(t * 64 + i)) % 20, 1), '') AS name
FROM generate_series(1, 20000) AS t, generate_series(1, 6) AS i GROUP BY t;
SELECT count(*) FILTER (WHERE medaudit.name_key(medaudit.name_key(name))
	<> medaudit.name_key(name)) AS not_idempotent FROM odd_name;

-- Names of items: the same thing by other words; no row is the right answer.
SELECT why, a, b, round(medaudit.item_name_similarity(a, b)::numeric, 3) AS got
FROM (VALUES
	('the same', '静脉输液', '静脉输液'),
	('width and case', 'ＣＴ平扫', 'ct平扫'),
	('traditional', '靜脈輸液', '静脉输液'),
	('brackets', '换药（大）', '换药[大]'),
	('order', '性激素六项', '六项性激素检测'),
	('alias', 'CT平扫', 'X线计算机体层(CT)平扫'),
	('variant characters', '黄耆颗粒', '黄芪颗粒'),
	('specification', '阿莫西林胶囊', '阿莫西林胶囊 0.25g×24粒'),
	('specification and maker', '阿莫西林胶囊', '阿莫西林胶囊 0.25g×24粒/盒 (XX药业)'),
	('star in front', '★阿莫西林胶囊', '阿莫西林胶囊'),
	('hash in front', '#阿莫西林胶囊', '阿莫西林胶囊'),
	('class in brackets', '(甲)阿莫西林胶囊', '阿莫西林胶囊'),
	('purchase in brackets', '[集采]阿莫西林胶囊', '阿莫西林胶囊[国谈]'),
	('prefix of the hospital', 'ZY-阿莫西林胶囊', '阿莫西林胶囊'),
	('imported', '进口阿莫西林胶囊', '自费阿莫西林胶囊'),
	('grams and milligrams', '头孢呋辛钠0.75g', '头孢呋辛钠750mg'),
	('unit words', '头孢呋辛钠0.75克', '头孢呋辛钠0.75g'),
	('numbers in words', '十二导联心电图', '12导联心电图'),
	('one strength', '氯化钠注射液', '氯化钠注射液100ml'),
	('leads in one only', '心电图', '12导联心电图'),
	('Roman type', 'Ⅱ型糖尿病护理', '2型糖尿病护理'),
	('Roman factor', '人凝血因子Ⅷ', '人凝血因子8'),
	('empty ending', '血常规', '血常规检查费'),
	('measured or tested', '血药浓度测定', '血药浓度检测'),
	('size before or behind', '大换药', '换药(大)'),
	('left and right at once', '左右膝平片', '左右膝平片')
) AS t(why, a, b)
WHERE medaudit.item_name_similarity(a, b) < 0.999;

-- Vetoes: a word or a number settles it; no row is the right answer.
SELECT why, a, b, round(medaudit.item_name_similarity(a, b)::numeric, 3) AS got
FROM (VALUES
	('second group', '静脉输液', '静脉输液(第二组起)'),
	('concentrated', '氯化钠注射液', '浓氯化钠注射液'),
	('plain and enhanced', 'CT平扫', 'CT增强'),
	('left and right', '左膝关节置换', '右膝关节置换'),
	('left only', '膝关节置换', '左膝关节置换'),
	('one side, both sides', '单侧乳腺切除', '双侧乳腺切除'),
	('first and each more', '伤口缝合首次', '伤口缝合每增加'),
	('small and large', '换药(小)', '换药(大)'),
	('large only', '换药', '换药(大)'),
	('12 and 18 leads', '12导联心电图', '十八导联心电图'),
	('strengths', '阿莫西林胶囊0.25g', '阿莫西林胶囊0.5g'),
	('packs', '阿莫西林胶囊0.25g×24粒', '阿莫西林胶囊0.25g×12粒'),
	('counts', '性激素六项', '性激素五项'),
	('grades in words', '一级护理', '二级护理'),
	('types', '1型糖尿病护理', 'Ⅱ型糖尿病护理'),
	('vitamins', '维生素B1', '维生素B12'),
	('compound', '甘草片', '复方甘草片'),
	('slow release', '硝苯地平片', '硝苯地平缓释片'),
	('hepatitis', '甲型肝炎抗体测定', '乙型肝炎抗体测定'),
	('for children', '氨酚黄那敏颗粒', '小儿氨酚黄那敏颗粒'),
	('quality and quantity', 'HBV-DNA定性', 'HBV-DNA定量'),
	('empty', '', '静脉输液'), ('both empty', '', ' ')
) AS t(why, a, b)
WHERE medaudit.item_name_similarity(a, b) <> 0;

-- Neighbours of one kind that differ, and spellings of one thing that do not;
-- no row is the right answer.
SELECT a, b, medaudit.item_name_similarity(a, b) AS got
FROM (VALUES
	('血常规五分类', '血常规三分类'), ('糖类抗原CA125', '糖类抗原CA15-3'), ('CA125', 'CA15-3'), ('CA72-4', 'CA19-9'),
	('HBsAg', 'HBsAb'), ('乙肝表面抗原', '乙肝表面抗体'), ('乙肝表面抗原', '乙肝e抗原'), ('乙肝e抗体', '乙肝核心抗体'),
	('HBsAg定性', 'HBsAg定量'), ('HBV-DNA半定量', 'HBV-DNA定量'), ('T3', 'FT3'), ('T3', 'T4'),
	('游离三碘甲状腺原氨酸', '三碘甲状腺原氨酸'), ('IgG', 'IgM'), ('免疫球蛋白G', '免疫球蛋白M'), ('LDL-C', 'HDL-C'),
	('低密度脂蛋白胆固醇', '高密度脂蛋白胆固醇'), ('肌钙蛋白I', '肌钙蛋白T'), ('维生素A', '维生素C'), ('C反应蛋白', '超敏C反应蛋白'),
	('肌酸激酶', '肌酸激酶同工酶'), ('CK', 'CK-MB'), ('BNP', 'NT-proBNP'), ('直接胆红素', '间接胆红素'),
	('总胆红素', '直接胆红素'), ('单腔起搏器', '双腔起搏器'), ('单通道心电图', '双通道心电图'), ('单孔腹腔镜', '双孔腹腔镜'),
	('64排CT平扫', '16排CT平扫'), ('CT平扫', 'MRI平扫'), ('动脉采血', '静脉采血'), ('门诊诊查费', '住院诊查费'),
	('主任医师门诊诊查费', '副主任医师门诊诊查费'), ('HIV抗体', 'HIV抗原抗体联合检测'), ('一型糖尿病护理', '二型糖尿病护理'),
	('单纯疱疹病毒1型抗体', '单纯疱疹病毒2型抗体'), ('性激素六项', '性激素五项'), ('单采血小板', '双份血小板'), ('抗SSA抗体', '抗SSB抗体')
) AS t(a, b) WHERE medaudit.item_name_similarity(a, b) <> 0;
SELECT a, b, medaudit.item_name_similarity(a, b) AS got
FROM (VALUES
	('血常规(五分类)', '血常规(五分群)'), ('血常规5分类', '血常规五分类'), ('CA19-9', 'CA199'),
	('糖类抗原CA19-9', '糖类抗原CA199'), ('糖类抗原19-9测定', '糖类抗原199测定'), ('CA15-3', 'CA153'),
	('糖类抗原CA-19-9', '糖类抗原CA199'), ('CA19.9', 'CA199'), ('CYFRA21-1', 'CYFRA211'),
	('HBV-DNA定量', 'HBV DNA定量'), ('阿莫西林胶囊', '阿莫西林胶囊 0.25g×24粒')
) AS t(a, b) WHERE medaudit.item_name_similarity(a, b) < 0.999;
SELECT a, b, medaudit.item_name_similarity(a, b) AS got
FROM (VALUES
	('血常规', '血常规五分类'), ('乙肝表面抗原(HBsAg)', '乙肝表面抗原测定'), ('乙肝表面抗原HBsAg定量', '乙肝表面抗原定量'),
	('T3测定', 'TT3测定'), ('游离T3', 'FT3'), ('游离三碘甲状腺原氨酸(FT3)', '游离三碘甲状腺原氨酸'),
	('C反应蛋白(CRP)', 'C反应蛋白'), ('MRI平扫', 'MR平扫'), ('一次性使用注射器', '一次性注射器'), ('头孢克洛', '头孢克洛胶囊'),
	('双歧杆菌活菌', '双歧杆菌三联活菌'), ('L4-5椎间盘切除', 'L4-L5椎间盘切除')
) AS t(a, b) WHERE medaudit.item_name_similarity(a, b) < 0.4
	OR medaudit.item_name_similarity(a, b) <> medaudit.item_name_similarity(b, a);

-- In between.
SELECT a, b, round(medaudit.item_name_similarity(a, b)::numeric, 3) AS similarity
FROM (VALUES
	(1, '头孢呋辛钠', '注射用头孢呋辛钠 0.75g'),
	(2, '前列腺素', '前列腺液常规'),
	(3, '阿莫西林胶囊', '阿莫西林片'),
	(4, '一次性注射器', '一次性使用注射器'),
	(5, '静脉输液', '静脉采血'),
	(6, '血', '血'), (7, '血', '尿'), (8, '血液透析', '心电监护')
) AS t(no, a, b) ORDER BY no;

-- Against slow plain SQL where nothing but the core matters: random names of
-- six characters, compared by their bigrams.
CREATE FUNCTION pg_temp.bigrams(core text) RETURNS TABLE (bigram text, no bigint) LANGUAGE sql AS $$
	SELECT b, row_number() OVER (PARTITION BY b)
	FROM (SELECT substr(core, i, 2) AS b FROM generate_series(1, length(core) - 1) AS i) AS t $$;
CREATE TEMP TABLE pair AS
SELECT t AS no,
	string_agg(substr('脉络骨髓肌肤腺瘤', 1 + abs(hashint8(t * 64 + i)) % 8, 1), '') AS a,
	string_agg(substr('脉络骨髓肌肤腺瘤', 1 + abs(hashint8(t * 64 + i + 32)) % 8, 1), '') AS b
FROM generate_series(1, 2000) AS t, generate_series(1, 6) AS i GROUP BY t;
SELECT count(*) AS pairs, count(*) FILTER (WHERE expected > 0) > 500 AS many_alike,
	bool_and(abs(got - expected) < 1e-12) AS agree,
	bool_and(got = medaudit.item_name_similarity(b, a)) AS symmetric,
	bool_and(medaudit.item_name_similarity(a, a) = 1) AS reflexive,
	bool_and(got BETWEEN 0 AND 1) AS in_range
FROM (SELECT a, b, medaudit.item_name_similarity(a, b) AS got,
		2.0 * (SELECT count(*) FROM pg_temp.bigrams(a) AS x
			JOIN pg_temp.bigrams(b) AS y USING (bigram, no)) / 10
		* CASE WHEN right(a, 1) = right(b, 1) THEN 1 ELSE 0.8 END AS expected
	FROM pair) AS t;

-- One delivered, another charged.
SELECT medaudit.substitution_score('换药(小)', '换药(大)', 10, 20) AS twice_the_price,
	medaudit.substitution_score('换药(小)', '换药(大)', 20, 20) AS same_price,
	medaudit.substitution_score('换药(小)', '换药(大)', 20, 10) AS cheaper,
	medaudit.substitution_score('换药(大)', '大换药', 10, 20) AS same_thing,
	medaudit.substitution_score(local_name => '换药(小)', national_name => '换药(大)',
		local_price => 0, national_price => 20) AS for_nothing,
	medaudit.substitution_score('a', 'b', 0, 0) AS no_price;

-- NULL gives NULL; bad input by its SQLSTATE.
SELECT num_nonnulls(medaudit.name_key(NULL), medaudit.name_matches(NULL, 'a'),
	medaudit.name_matches('a', NULL), medaudit.name_pinyin(NULL),
	medaudit.item_name_similarity(NULL, 'a'), medaudit.item_name_similarity('a', NULL),
	medaudit.substitution_score(NULL, 'a', 1, 1), medaudit.substitution_score('a', NULL, 1, 1),
	medaudit.substitution_score('a', 'a', NULL, 1), medaudit.substitution_score('a', 'a', 1, NULL))
	AS not_null;
\set VERBOSITY sqlstate
SELECT medaudit.substitution_score('a', 'b', -1, 1);
SELECT medaudit.substitution_score('a', 'b', 1, -1);
SELECT medaudit.substitution_score('a', 'b', 'NaN', 1);
SELECT medaudit.substitution_score('a', 'b', 1, 'Infinity');
SELECT medaudit.item_name_similarity(repeat('长', 4001), 'a');
\set VERBOSITY default
SELECT medaudit.item_name_similarity(repeat('长', 4000), repeat('长', 3999)) > 0.99 AS long_ones;
SELECT length(medaudit.name_pinyin(repeat('长', 100000))) AS at_most_64_readings;

-- Keys index under a restricted search_path, too.
CREATE TEMP TABLE insured (name text);
INSERT INTO insured VALUES ('阿卜杜·热合曼'), ('張三');
SET search_path = pg_catalog, pg_temp;
CREATE INDEX ON insured (medaudit.name_key(name));
CREATE INDEX ON insured (medaudit.name_pinyin(name));
SET enable_seqscan = off;
SELECT name FROM insured WHERE medaudit.name_key(name) = medaudit.name_key('张 三');
RESET enable_seqscan;
RESET search_path;

-- Where the national rule library is at hand: each of its service names is
-- like itself under a star and in another width, and unlike itself with a
-- veto word behind.
\set names `cut -d, -f2 "$MEDAUDIT_MATERIAL/nhsa/b8_daily_caps.csv" 2>/dev/null | tail -n +2 | tr -d '\r' | sort -u`
SELECT count(*) AS odd
FROM regexp_split_to_table(:'names', E'\n') AS name
WHERE name <> '' AND
	(medaudit.item_name_similarity(name, '★' || translate(name, '()', '（）')) < 1
	OR medaudit.item_name_similarity(name, name || '(浓)') > 0);

-- Nothing is opened or kept per row.
CREATE FUNCTION pg_temp.bytes_in_use() RETURNS bigint LANGUAGE sql AS
	'SELECT sum(total_bytes)::bigint FROM pg_catalog.pg_backend_memory_contexts';
SELECT pg_temp.bytes_in_use() AS before \gset
SELECT count(medaudit.item_name_similarity('注射用头孢呋辛钠 0.75g', '头孢' || i)) +
	count(medaudit.name_key('阿卜杜·热合曼' || i)) AS calls
FROM generate_series(1, 100000) AS i;
SELECT pg_temp.bytes_in_use() - :before < 200000 AS bounded;
