-- A starter library: for every kind rows that an auditor would recognise, in
-- national codes.  Codes of services match without the province digits, drugs
-- by their generic name.
--
-- What ships enabled rests on a published list or on the law, which its source
-- names, and on nothing that a region decides: a stay has the days and a date
-- the hours that it has.  The other rules show what rows look like.  Their
-- items, numbers and prices are examples; a fund that enables one has put its
-- own in their place, or has the same.

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty, article, behaviour_code, source) VALUES
	('starter_per_bed_day', 'per_bed_day', '超标准收费', '按日计价项目数量超过住院天数',
		'more day units than days in hospital', 'violation', '第三十八条第三项', 'T380302',
		'国家医保局智能监管规则库第八批“医疗服务项目限定频次”（单日上限1日）；住院天数按入出院日期均计'),
	('starter_hours', 'quantity', '超标准收费', '按小时计价项目一日超过24小时',
		'more than 24 hours a date', 'violation', '第三十八条第三项', 'T380302',
		'一日24小时；全国医疗服务价格项目规范（计价单位：小时）；国家医保局智能监管规则库第八批“医疗服务项目限定频次”（单日上限24小时）'),
	('starter_outside_stay', 'outside_stay', '虚记费用', '住院项目费用日期不在住院期间',
		'inpatient service charged outside the stay', 'suspicion', '第四十条第三项', NULL,
		'国家医保局智能监管规则库GZ10000201008000“计费日期与住院时间不符”'),
	('starter_resettled', 'resettled', '重复收费', '同一费用在不同就诊中重复结算',
		'the same charge settled in two visits', 'suspicion', '第三十八条第三项', 'T380301',
		'医疗保障基金使用监督管理条例第十五条（不得重复收费）'),
	('starter_diagnosis', 'diagnosis', '冒名就医', '诊断与参保人性别或年龄不符',
		'a diagnosis that contradicts the person', 'suspicion', '第十七条、第四十条第一项、第四十一条第一项', NULL,
		'国家医保局智能监管规则库GZ10000204006000“诊断与患者性别不符”、GZ10000204007000“诊断与患者年龄不符”；疾病分类与代码（ICD-10）章节名称');

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty, article, behaviour_code, enabled, source)
SELECT v.rule_code, v.kind, v.violation, v.name_zh, v.name_en, v.certainty, v.article, v.behaviour_code, false,
	'medaudit示例：项目、数量、价格和清单均为举例，换成当地公布的内容后再启用'
FROM (VALUES
	('starter_duplicate', 'duplicate', '重复收费', '同日重复收取同一检查费',
		'same examination charged twice a day', 'suspicion', '第三十八条第三项', 'T380301'),
	('starter_exclusive', 'exclusive', '重复收费', '项目内涵已含另收费用',
		'service already contained in another', 'violation', '第三十八条第三项', 'T380301'),
	('starter_quantity', 'quantity', '超标准收费', '超出每日计费数量',
		'more than a day allows', 'violation', '第三十八条第三项', 'T380302'),
	('starter_frequency', 'quantity', '超频次收费', '超出周期内允许次数',
		'more often than a period allows', 'suspicion', '第三十八条第二项', 'T380202'),
	('starter_amount', 'amount', '超标准收费', '单日费用超过封顶金额',
		'charges above the cap of the day', 'suspicion', '第三十八条第三项', 'T380302'),
	('starter_price', 'price', '超标准收费', '单价超过政府指导价',
		'unit price above the set price', 'violation', '第三十八条第三项', 'T380302'),
	('starter_secondary', 'secondary', '超标准收费', '同一切口第二手术未按规定折价',
		'further operations through one incision not discounted', 'suspicion', '第三十八条第三项', 'T380302'),
	('starter_restriction', 'restriction', '超医保支付范围', '项目或药品不符合限定支付条件',
		'payment conditions not met', 'violation', '第三十八条第六项', 'T380601'),
	('starter_diagnosis_age', 'diagnosis', '冒名就医', '诊断在该年龄少见',
		'a diagnosis rare at that age', 'suspicion', '第十七条、第四十条第一项、第四十一条第一项', NULL),
	('starter_course', 'course', '超医保支付范围', '超过限定支付疗程',
		'longer than the course that is paid', 'suspicion', '第三十八条第六项', 'T380601'),
	('starter_prerequisite', 'prerequisite', '虚记费用', '缺少必要的关联项目',
		'charged without what it needs', 'suspicion', '第四十条第三项', NULL),
	('starter_package', 'package', '分解收费', '组合项目分解为多个项目收费',
		'one priced item billed in parts', 'suspicion', '第三十八条第三项', 'T380303')) AS v
	(rule_code, kind, violation, name_zh, name_en, certainty, article, behaviour_code);

-- ------------------------------------------------------------- enabled

-- Days: the published list has one a day for each.  Hours are in starter_hours,
-- which asks of a stay too.
INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit, note)
SELECT 'starter_per_bed_day', v.item_code, 'service', v.scope, v.max_quantity, v.unit, v.note
FROM (VALUES
	('001102000050000', 'bed_day', 1, '日', '住院诊查费不超过住院天数'),
	('001109000010000', 'bed_day', 1, '日', '床位费不超过住院天数'),
	('001109000030000', 'bed_day', 1, '日', '监护病房床位费不超过住院天数'),
	('001201000030000', 'bed_day', 1, '日', 'Ⅰ级护理不超过住院天数'),
	('001201000040000', 'bed_day', 1, '日', 'Ⅱ级护理不超过住院天数'),
	('001201000050000', 'bed_day', 1, '日', 'Ⅲ级护理不超过住院天数')) AS v (item_code, scope, max_quantity, unit, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit, note)
SELECT 'starter_hours', v.item_code, 'service', 'day', 24, '小时', v.note
FROM (VALUES
	('001201000010000', '重症监护每日至多24小时'),
	('001201000020000', '特级护理每日至多24小时'),
	('003107010220000', '心电监测每日至多24小时'),
	('003106030010000', '呼吸机辅助呼吸每日至多24小时'),
	('001203000010000', '氧气吸入每日至多24小时')) AS v (item_code, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, days_before, max_days, note)
SELECT 'starter_outside_stay', v.item_code, 'service', v.days_before, v.max_days, v.note
FROM (VALUES
	('001102000050000', 0, 0, '住院诊查费'),
	('001109000010000', 0, 0, '普通病房床位费'),
	('001109000030000', 0, 0, '监护病房床位费'),
	('001201000010000', 0, 0, '重症监护'),
	('001201000030000', 0, 0, 'Ⅰ级护理'),
	('001201000040000', 0, 0, 'Ⅱ级护理'),
	('001201000050000', 0, 0, 'Ⅲ级护理'),
	('003106030010000', 0, 0, '呼吸机辅助呼吸')) AS v (item_code, days_before, max_days, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, note)
SELECT 'starter_resettled', v.item_code, 'service', v.note
FROM (VALUES
	('002103000010000', 'CT平扫'),
	('002103000020000', 'CT增强扫描'),
	('002102000010000', '磁共振平扫'),
	('002102000020000', '磁共振增强扫描'),
	('003110000060000', '血液透析'),
	('003310030220000', '阑尾切除术'),
	('003310060020000', '胆囊切除术'),
	('003301000050000', '全身麻醉')) AS v (item_code, note);

-- The blocks of the classification whose titles name a sex, a birth, or the
-- time around it.
INSERT INTO charge_rule (rule_code, diagnosis_prefixes, sex, min_age, max_age, note)
SELECT 'starter_diagnosis', v.diagnoses::text[], v.sex, v.min_age::interval, v.max_age::interval, v.note
FROM (VALUES
	('{O}', '2', '10 years', '60 years', '妊娠、分娩和产褥期（O00-O99）限10至59岁女性'),
	('{P}', NULL, NULL, '1 year', '起源于围生期的情况（P00-P96）限婴儿'),
	('{C51,C52,C53,C54,C55,C56,C57,C58}', '2', NULL, NULL, '女性生殖器官恶性肿瘤（C51-C58）限女性'),
	('{N70,N71,N72,N73,N74,N75,N76,N77}', '2', NULL, NULL, '女性盆腔器官炎性疾病（N70-N77）限女性'),
	('{N80,N81,N82,N83,N84,N85,N86,N87,N88,N89,N90,N91,N92,N93,N94,N95,N96,N97,N98}', '2', NULL, NULL, '女性生殖道非炎性疾患（N80-N98）限女性'),
	('{C60,C61,C62,C63}', '1', NULL, NULL, '男性生殖器官恶性肿瘤（C60-C63）限男性'),
	('{N40,N41,N42,N43,N44,N45,N46,N47,N48,N49,N50,N51}', '1', NULL, NULL, '男性生殖器官疾病（N40-N51）限男性')) AS v
	(diagnoses, sex, min_age, max_age, note);

-- ------------------------------------------------------------ examples

-- Examinations of which a second equal one on a day is seldom right.
INSERT INTO charge_rule (rule_code, item_code, code_match, scope, note)
SELECT 'starter_duplicate', v.item_code, 'service', v.scope, v.note
FROM (VALUES
	('002103000010000', 'day', 'CT平扫同日重复'),
	('002103000020000', 'day', 'CT增强扫描同日重复'),
	('002102000010000', 'day', '磁共振平扫同日重复'),
	('002102000020000', 'day', '磁共振增强扫描同日重复'),
	('003107010010000', 'instant', '常规心电图同一时刻重复'),
	('002501010150000', 'instant', '血细胞分析同一时刻重复'),
	('002501020010000', 'day', '尿常规同日重复'),
	('002501030010000', 'day', '粪便常规同日重复'),
	('002503100010000', 'day', '促甲状腺激素测定同日重复'),
	('002503030010000', 'day', '血清总胆固醇测定同日重复'),
	('002504030010000', 'day', '甲型肝炎抗体测定同日重复'),
	('003106040010000', 'day', '睡眠呼吸监测同日重复')) AS v (item_code, scope, note);

-- What the first item contains and the second charges again.  Who comes as an
-- outpatient and is admitted on that day may rightly have paid both consultations.
INSERT INTO charge_rule (rule_code, item_code, code_match, other_code, scope, certainty, note)
SELECT 'starter_exclusive', v.item_code, 'service', v.other_code, v.scope, v.certainty, v.note
FROM (VALUES
	('001201000010000', '001201000020000', 'hour', NULL, '重症监护与特级护理不得同时收取'),
	('001201000020000', '001201000030000', 'day', NULL, '特级护理与Ⅰ级护理同日只收一项'),
	('001201000030000', '001201000040000', 'day', NULL, 'Ⅰ级护理与Ⅱ级护理同日只收一项'),
	('001201000040000', '001201000050000', 'day', NULL, 'Ⅱ级护理与Ⅲ级护理同日只收一项'),
	('001109000030000', '001109000010000', 'day', NULL, '监护病房床位费已代替普通床位费'),
	('001109000020000', '001109000010000', 'day', NULL, '层流病房床位费已代替普通床位费'),
	('001204000060000', '001204000020000', 'instant', NULL, '静脉输液含穿刺注射'),
	('003107010220000', '003107010280000', 'hour', NULL, '心电监测含血氧饱和度监测'),
	('003106030010000', '001203000010000', 'hour', NULL, '呼吸机辅助呼吸含氧气吸入'),
	('001102000050000', '001102000010000', 'day', 'suspicion', '住院诊查费与门诊诊查费同日只收一项'),
	('003301000050000', '003301000150000', 'visit', NULL, '全身麻醉含麻醉中监测'),
	('001210000010000', '001209000010000', '6 hours', NULL, '洗胃含胃管置入')) AS v
	(item_code, other_code, scope, certainty, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit, note)
SELECT 'starter_quantity', v.item_code, 'service', v.scope, v.max_quantity, v.unit, v.note
FROM (VALUES
	('001102000050000', 'day', 1, '日', '住院诊查费每日一次'),
	('001109000010000', 'day', 1, '日', '床位费每日一次'),
	('001109000030000', 'day', 1, '日', '监护病房床位费每日一次'),
	('001201000030000', 'day', 1, '日', 'Ⅰ级护理每日一次'),
	('001201000040000', 'day', 1, '日', 'Ⅱ级护理每日一次'),
	('001201000050000', 'day', 1, '日', 'Ⅲ级护理每日一次')) AS v (item_code, scope, max_quantity, unit, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_quantity, unit, note)
SELECT 'starter_frequency', v.item_code, 'service', v.scope, v.max_quantity, v.unit, v.note
FROM (VALUES
	('003110000060000', 'week', 4, '次', '血液透析每周至多4次'),
	('002503020030000', '15 days', 1, '次', '糖化血红蛋白15日内一次'),
	('002503020020000', '7 days', 1, '次', '果糖胺7日内一次'),
	('003107010210000', 'month', 2, '次', '动态血压监测每月至多2次')) AS v (item_code, scope, max_quantity, unit, note);

INSERT INTO charge_rule (rule_code, item_code, code_match, item_group, scope, max_amount, note)
SELECT 'starter_amount', v.item_code, 'service', v.item_group, v.scope, v.max_amount, v.note
FROM (VALUES
	('001206000010000', '换药', 'day', 300, '换药合计每日封顶'),
	('001206000020000', '换药', 'day', 300, '换药合计每日封顶'),
	('001206000030000', '换药', 'day', 300, '换药合计每日封顶'),
	('001206000040000', '换药', 'day', 300, '换药合计每日封顶'),
	('001207000010000', NULL, 'day', 120, '雾化吸入每日封顶'),
	('001204000060000', NULL, 'day', 200, '静脉输液每日封顶'),
	('003107010220000', NULL, 'day', 240, '心电监测每日封顶'),
	('001201000140000', '专项护理', 'day', 150, '专项护理合计每日封顶'),
	('001201000110000', '专项护理', 'day', 150, '专项护理合计每日封顶'),
	('002503020010000', NULL, 'day', 120, '床旁血糖每日封顶'),
	('003403000010000', NULL, 'day', 400, '康复治疗每日封顶')) AS v (item_code, item_group, scope, max_amount, note);

-- Prices by class of hospital; the first row changed with the year.
INSERT INTO charge_rule (rule_code, item_code, code_match, max_price, facility_ranks, valid, note)
SELECT 'starter_price', v.item_code, 'service', v.max_price, v.facility_ranks::int[], v.valid::daterange, v.note
FROM (VALUES
	('001102000050000', 20, NULL, '(,2025-01-01)', '住院诊查费'),
	('001102000050000', 25, NULL, '[2025-01-01,)', '住院诊查费'),
	('001109000010000', 60, '{3}', NULL, '三级医院普通病房床位费'),
	('001109000010000', 45, '{2}', NULL, '二级医院普通病房床位费'),
	('001109000010000', 40, '{1}', NULL, '一级医院普通病房床位费'),
	('001109000030000', 120, NULL, NULL, '监护病房床位费'),
	('001201000010000', 20, NULL, NULL, '重症监护(每小时)'),
	('001201000020000', 15, NULL, NULL, '特级护理(每小时)'),
	('001201000030000', 40, NULL, NULL, 'Ⅰ级护理'),
	('001201000040000', 30, NULL, NULL, 'Ⅱ级护理'),
	('001203000010000', 5, NULL, NULL, '氧气吸入(每小时)'),
	('003107010220000', 10, NULL, NULL, '心电监测(每小时)'),
	('002102000010000', 600, NULL, NULL, '磁共振平扫'),
	('003110000060000', 480, NULL, NULL, '血液透析')) AS v (item_code, max_price, facility_ranks, valid, note);

-- Operations of one region through one incision: the dearest counts in full.
INSERT INTO charge_rule (rule_code, item_code, code_match, item_group, ratio, scope, max_price, note)
SELECT 'starter_secondary', v.item_code, 'service', v.item_group, 0.5, 'day', v.max_price, v.note
FROM (VALUES
	('003310030220000', '腹部手术', 900, '阑尾切除术'),
	('003310060020000', '腹部手术', 1400, '胆囊切除术'),
	('003310080010000', '腹部手术', 800, '腹股沟疝修补术'),
	('003310080170000', '腹部手术', 900, '剖腹探查术'),
	('003313030050000', '盆腔手术', 1300, '子宫肌瘤剔除术'),
	('003313010020000', '盆腔手术', 1000, '卵巢囊肿剔除术'),
	('003313020010000', '盆腔手术', 600, '输卵管结扎术'),
	('003314000120000', '盆腔手术', 1200, '剖宫产术')) AS v (item_code, item_group, max_price, note);

-- Sex, age and level are arithmetic; what depends on diagnoses is a suspicion.
INSERT INTO charge_rule (rule_code, item_code, code_match, sex, min_age, max_age, facility_ranks, visit_types,
	insurance_types, diagnosis_prefixes, certainty, note)
SELECT 'starter_restriction', v.item_code, v.code_match, v.sex, v.min_age::interval, v.max_age::interval,
	v.facility_ranks::int[], v.visit_types::text[], v.insurance_types::text[], v.diagnoses::text[], v.certainty, v.note
FROM (VALUES
	('003314000120000', 'service', '2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '剖宫产术限女性'),
	('003112010260000', 'service', '2', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '胎心监测限女性'),
	('003312010060000', 'service', '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '经尿道前列腺电切术限男性'),
	('001204000070000', 'service', NULL, NULL, '7 years', NULL, NULL, NULL, NULL, 'suspicion', '小儿头皮静脉输液限儿童'),
	('001201000070000', 'service', NULL, NULL, '29 days', NULL, NULL, NULL, NULL, NULL, '新生儿护理限新生儿'),
	('001102000050000', 'service', NULL, NULL, NULL, NULL, '{21,22,23,24,26,28,52}', NULL, NULL, 'suspicion', '住院诊查费限住院'),
	('XB05BAF557B002010180964', 'generic', NULL, NULL, NULL, NULL, '{21,22,23,24,26,52}', NULL, NULL, 'suspicion', '脂肪乳限住院使用'),
	('XH01CBA198B002010180251', 'generic', NULL, NULL, NULL, '{2,3}', NULL, NULL, NULL, 'suspicion', '奥曲肽限二级及以上医疗机构'),
	('XG02CBX082A001010180783', 'generic', '2', '18 years', NULL, NULL, NULL, NULL, NULL, NULL, '溴隐亭限成年女性'),
	('XM05BAA198A001010180466', 'generic', NULL, NULL, NULL, NULL, NULL, NULL, '{M80,M81,M82}', 'suspicion', '阿仑膦酸限骨质疏松')) AS v
	(item_code, code_match, sex, min_age, max_age, facility_ranks, visit_types, insurance_types, diagnoses, certainty, note);

INSERT INTO charge_rule (rule_code, diagnosis_prefixes, min_age, note)
VALUES ('starter_diagnosis_age', '{F00,F01}', '40 years', '痴呆限中老年');

INSERT INTO charge_rule (rule_code, item_code, code_match, scope, max_days, note)
SELECT 'starter_course', v.item_code, v.code_match, v.scope, v.max_days, v.note
FROM (VALUES
	('XB01ACA228B002010180964', 'generic', 'visit', 14, '支付不超过14天'),
	('XN06BXX106B002010180964', 'generic', 'visit', 14, '依达拉奉支付不超过14天'),
	('XC04AXQ117B002010180964', 'generic', 'visit', 14, '前列地尔支付不超过14天'),
	('ZA04CAX0209010180964', 'generic', 'visit', 14, '心脑血管中药注射剂支付不超过14天'),
	('XV03ABN011B002010180964', 'generic', 'visit', 10, '解毒剂支付不超过10天'),
	('003402000200000', 'service', 'span', 90, '运动疗法一个疗程90天'),
	('003402000050000', 'service', 'span', 90, '手功能评定90天内')) AS v (item_code, code_match, scope, max_days, note);

-- The rows of one group are alternatives: any of the others will do.
INSERT INTO charge_rule (rule_code, item_code, code_match, other_code, item_group, scope, note)
SELECT 'starter_prerequisite', v.item_code, 'service', v.other_code, v.item_group, v.scope, v.note
FROM (VALUES
	('003301000150000', '003301000050000', '麻醉中监测', 'visit', '麻醉中监测须有麻醉'),
	('003301000150000', '003301000030000', '麻醉中监测', 'visit', '麻醉中监测须有麻醉'),
	('001201000100000', '003304000010000', '气管切开护理', 'visit', '气管切开护理须有气管切开'),
	('001201000100000', '003306070010000', '气管切开护理', 'visit', '气管切开护理须有气管切开'),
	('001214000010000', '003310060020000', '引流管冲洗', 'visit', '引流管冲洗须有置管手术'),
	('001214000010000', '003310080170000', '引流管冲洗', 'visit', '引流管冲洗须有置管手术'),
	('001201000130000', '001204000100000', '动静脉置管护理', 'visit', '置管护理须有置管'),
	('001201000130000', '001204000110000', '动静脉置管护理', 'visit', '置管护理须有置管')) AS v
	(item_code, other_code, item_group, scope, note);

-- Panels and what they consist of.
INSERT INTO package (rule_code, package_code, component_code, package_price, min_parts)
SELECT 'starter_package', v.package_code, c.component_code, v.package_price, v.min_parts
FROM (VALUES
	('002501010150000', '{002501010010000,002501010020000,002501010050000,002501010060000}', 20, 2),
	('002501020350000', '{002501020010000,002501020020000,002501020030000}', 15, 2),
	('002503090050000', '{002503040010000,002503040020000,002503040030000}', 24, 2),
	('002503050000000', '{002503050010000,002503050070000,002503050080000}', 60, 2),
	('002503070000000', '{002503070010000,002503070020000,002503070050000}', 30, 2),
	('002503030000000', '{002503030010000,002503030020000,002503030040000,002503030050000}', 48, 3),
	('002503100000000', '{002503100010000,002503100090000,002503100100000}', 90, 2),
	('002502030000000', '{002502030200000,002502030250000,002502030300000,002502030350000}', 50, 3),
	('002504030050000', '{002504030040000,002504030060000,002504030070000,002504030090000,002504030100000}', 75, 3),
	('003107010020000', '{003107010010000,003107010220000}', 45, 2)) AS v (package_code, components, package_price, min_parts),
	LATERAL unnest(v.components::text[]) AS c (component_code);
