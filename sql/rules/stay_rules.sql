-- Rules over stays: their thresholds, and the tags by which stays are left out;
-- run_stays.sql asks them.

CREATE TABLE stay_rule (
	rule_code text PRIMARY KEY,
	max_gap_days int NOT NULL DEFAULT 15,
	same_facility bool NOT NULL DEFAULT true,
	diagnosis_digits int NOT NULL DEFAULT 3,
	min_nights int NOT NULL DEFAULT 1,
	admit_within_days int NOT NULL DEFAULT 1,
	discharge_within_days int NOT NULL DEFAULT 1,
	min_people int NOT NULL DEFAULT 2,
	max_people int NOT NULL DEFAULT 15,
	min_times_of_two int NOT NULL DEFAULT 2,
	period_days int NOT NULL DEFAULT 365,
	min_stays int NOT NULL DEFAULT 4,
	min_days int NOT NULL DEFAULT 1,
	weeks int NOT NULL DEFAULT 8,
	min_excess int NOT NULL DEFAULT 5,
	min_ratio float8 NOT NULL DEFAULT 1.5,
	max_p float8 NOT NULL DEFAULT 1e-4,
	tolerance_rel numeric NOT NULL DEFAULT 0.01,
	tolerance_abs numeric NOT NULL DEFAULT 20,
	min_alike int NOT NULL DEFAULT 5,
	min_share float8 NOT NULL DEFAULT 0.3,
	within_days int NOT NULL DEFAULT 1,
	min_times int NOT NULL DEFAULT 2,
	min_idle_share float8 NOT NULL DEFAULT 0.5,
	min_idle_run int NOT NULL DEFAULT 3,
	min_exam_share numeric NOT NULL DEFAULT 0.8,
	max_stay_nights int NOT NULL DEFAULT 3,
	min_age int NOT NULL DEFAULT 1,
	max_age int NOT NULL DEFAULT 75,
	at_facility text CHECK (at_facility IN ('same', 'other')),
	exclude_tags text[] NOT NULL DEFAULT '{}',
	exclude_later_tags text[] NOT NULL DEFAULT '{}',
	shipped bool NOT NULL DEFAULT false
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_rule
	FOR EACH ROW EXECUTE FUNCTION keep_parameters();
CREATE TRIGGER check_inserted_rule AFTER INSERT ON stay_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER check_updated_rule AFTER UPDATE ON stay_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON stay_rule
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

COMMENT ON TABLE stay_rule IS
	'住院规则参数: thresholds of the rules over stays, arguments of the detector that the kind of the rule names';
COMMENT ON COLUMN stay_rule.rule_code IS
	'规则编号: a rule whose kind reads stays (see rule_kind)';
COMMENT ON COLUMN stay_rule.max_gap_days IS
	'最大间隔天数: split_stays, days from discharge to the next admission; low_standard_stay, days in which a next stay with treatment or surgery explains this one';
COMMENT ON COLUMN stay_rule.same_facility IS
	'同一机构: split_stays, only stays at one facility';
COMMENT ON COLUMN stay_rule.diagnosis_digits IS
	'诊断位数: split_stays, characters of the diagnosis that agree; 0: not asked';
COMMENT ON COLUMN stay_rule.min_nights IS
	'最少重叠夜数: overlapping_stays, nights in common';
COMMENT ON COLUMN stay_rule.admit_within_days IS
	'入院相差天数: same_household_admissions';
COMMENT ON COLUMN stay_rule.discharge_within_days IS
	'出院相差天数: same_household_admissions';
COMMENT ON COLUMN stay_rule.min_people IS '最少人数: same_household_admissions';
COMMENT ON COLUMN stay_rule.max_people IS
	'最多人数: same_household_admissions; more are an institution, not a home';
COMMENT ON COLUMN stay_rule.min_times_of_two IS
	'两人最少次数: same_household_admissions, times that two came together at a facility within the year and the one before; three or more are reported when they come once';
COMMENT ON COLUMN stay_rule.period_days IS
	'统计周期天数: frequent_stays, dates in which the admissions lie';
COMMENT ON COLUMN stay_rule.min_stays IS '最少住院次数: frequent_stays';
COMMENT ON COLUMN stay_rule.min_days IS
	'最少连续天数: over_capacity, days in a row with more people in than beds';
COMMENT ON COLUMN stay_rule.weeks IS
	'基线周数: admission_bursts, how many days of the same class (see calendar) before a day say what is usual';
COMMENT ON COLUMN stay_rule.min_excess IS
	'最少超出人次: admission_bursts, admissions above what is usual';
COMMENT ON COLUMN stay_rule.min_ratio IS
	'最低倍数: admission_bursts, admissions ÷ what is usual';
COMMENT ON COLUMN stay_rule.max_p IS
	'最高偶然概率: admission_bursts, similar_amounts, companions: chance of as many or more, at most';
COMMENT ON COLUMN stay_rule.tolerance_rel IS
	'相对容差: similar_amounts, width of a band as share of its lower end';
COMMENT ON COLUMN stay_rule.tolerance_abs IS
	'绝对容差(元): similar_amounts, width of a band in yuan, where that is more';
COMMENT ON COLUMN stay_rule.min_alike IS '最少接近次数: similar_amounts, stays in a band';
COMMENT ON COLUMN stay_rule.min_share IS
	'最低占比: similar_amounts, share of the stays of a facility and month in a band';
COMMENT ON COLUMN stay_rule.within_days IS
	'相差天数: companions, between admissions and between discharges';
COMMENT ON COLUMN stay_rule.min_times IS '最少结伴次数: companions';
COMMENT ON COLUMN stay_rule.min_idle_share IS
	'最低无诊疗天数占比: hang_bed, idle days ÷ inner days, with two idle days or more';
COMMENT ON COLUMN stay_rule.min_idle_run IS
	'最少连续无诊疗天数: hang_bed, idle days in a row; either of the two flags a stay';
COMMENT ON COLUMN stay_rule.min_exam_share IS
	'最低检查化验费占比: low_standard_stay, money for examinations and laboratory ÷ money of the stay';
COMMENT ON COLUMN stay_rule.max_stay_nights IS
	'最多住院夜数: low_standard_stay, discharge date - admission date';
COMMENT ON COLUMN stay_rule.min_age IS
	'最低年龄: low_standard_stay, full years on admission; younger ones are left out';
COMMENT ON COLUMN stay_rule.max_age IS
	'年龄上限: low_standard_stay, full years on admission; who is as old or older is left out';
COMMENT ON COLUMN stay_rule.at_facility IS
	'就诊机构: events_in_stay, only visits at the provider of the stay (same: 住院转门诊) or elsewhere (other: 挂床); NULL: both';
COMMENT ON COLUMN stay_rule.exclude_tags IS
	'排除标签: stays with one of these tags (see stay_tag) are left out';
COMMENT ON COLUMN stay_rule.exclude_later_tags IS
	'后者排除标签: split_stays, pairs whose later stay has one of these tags; events_in_stay, visits in the midst of a stay that have one';
COMMENT ON COLUMN stay_rule.shipped IS '内置: comes with medaudit';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, source, enabled, shipped) VALUES
	('split_stays', 'split_stays', '分解住院', '出院后短期内因同类疾病再次入院',
		'admitted again for the same disease within days', 'suspicion', 'facility',
		'A38(1)', '条例第三十八条第一项', true, true),
	('overlapping_stays', 'overlapping_stays', '叠床住院', '同一参保人住院时间重叠',
		'two stays of one person at the same time', 'suspicion', 'facility',
		'A38(1)', '条例第三十八条第一项', true, true),
	('same_household_admissions', 'same_household_admissions', '虚假住院',
		'同一家庭成员同进同出住院', 'members of one household admitted and discharged together',
		'suspicion', 'facility', 'A40(1)', '条例第四十条第一项', true, true),
	('events_in_stay', 'events_in_stay', '挂床住院', '住院期间在外就诊',
		'seen at another hospital during a stay', 'suspicion', 'facility', 'A38(1)',
		'条例第三十八条第一项', true, true),
	('outpatient_in_stay', 'events_in_stay', '住院转门诊', '住院期间在本院门诊就诊',
		'seen as an outpatient of the same hospital during a stay', 'suspicion', 'facility', 'A15',
		'条例第十五条，定点医疗机构服务协议', true, true),
	('frequent_stays', 'frequent_stays', '住院频次较高', '一年内多次住院',
		'many stays within a year', 'suspicion', 'person', 'A38(1)',
		'条例第三十八条第一项', true, true),
	('over_capacity', 'over_capacity', '叠床住院', '在院人数超过床位数',
		'more people in than beds', 'suspicion', 'facility', 'A38(1)',
		'条例第三十八条第一项', true, true),
	('admission_bursts', 'admission_bursts', '入院时间集中', '当日入院人次明显多于往常',
		'many more admissions than usual on a day', 'suspicion', 'facility', 'A40(1)',
		'条例第四十条第一项', true, true),
	('similar_amounts', 'similar_amounts', '出院报销金额接近', '同月住院报销金额高度接近',
		'reimbursements of a month too much alike', 'suspicion', 'facility', 'A40(1)',
		'条例第四十条第一项', true, true),
	('companions', 'companions', '结伴住院', '多次同进同出的人员',
		'people admitted and discharged together time and again', 'suspicion', 'person',
		'A40(1)', '条例第四十条第一项', true, true),
	('hang_bed', 'hang_bed', '挂床住院', '住院期间多日无诊疗', 'days of a stay without care',
		'suspicion', 'facility', 'A38(1)', '条例第三十八条第一项', true, true),
	('low_standard_stay', 'low_standard_stay', '低标准入院', '住院以检查化验为主且无治疗',
		'a short stay of examinations without treatment', 'suspicion', 'facility', 'A38(2)',
		'条例第三十八条第二项', true, true);

UPDATE rule SET behaviour_code = 'T380206' WHERE rule_code = 'low_standard_stay';

INSERT INTO stay_rule (rule_code, exclude_tags, exclude_later_tags, shipped) VALUES
	('split_stays', '{dialysis,maternity,newborn,planned,psychiatry,refunded}',
		'{emergency,referral}', true),
	('overlapping_stays', '{newborn,refunded}', '{}', true),
	('same_household_admissions', '{accident,infectious,newborn,refunded}', '{}', true),
	('frequent_stays', '{cycle,dialysis,newborn,planned,psychiatry,referral,refunded}', '{}', true),
	('over_capacity', '{newborn,refunded}', '{}', true),
	('admission_bursts', '{accident,infectious,newborn,planned,refunded}', '{}', true),
	('similar_amounts', '{dialysis,fixed_price,planned,refunded}', '{}', true),
	('hang_bed', '{newborn,planned,psychiatry,refunded}', '{}', true);
INSERT INTO stay_rule (rule_code, at_facility, exclude_tags, exclude_later_tags, shipped) VALUES
	('events_in_stay', 'other', '{newborn,refunded}', '{drugs_only,pharmacy,referral}', true),
	('outpatient_in_stay', 'same', '{newborn,refunded}', '{drugs_only,pharmacy,referral}', true);
INSERT INTO stay_rule (rule_code, max_gap_days, exclude_tags, shipped) VALUES
	('low_standard_stay', 7, '{day_surgery,newborn,planned,poisoning,refunded,severe}', true);
-- Two people of many meet twice by chance; three times is worth a look.
INSERT INTO stay_rule (rule_code, min_times, max_p, exclude_tags, shipped) VALUES
	('companions', 3, 1e-3, '{cycle,dialysis,institution,newborn,planned,refunded}', true);

CREATE TABLE stay_tag (
	tag text NOT NULL,
	diagnosis_prefix text,
	visit_type text,
	payment_method text,
	household_people int,
	any_diagnosis bool NOT NULL DEFAULT false,
	shipped bool NOT NULL DEFAULT false,
	CHECK (coalesce(diagnosis_prefix, visit_type, payment_method,
		household_people::text) IS NOT NULL),
	CHECK (diagnosis_prefix IS NULL OR _diagnosis_fold(diagnosis_prefix) IS NOT NULL),
	CHECK (code_fold(visit_type) <> ''::text AND code_fold(payment_method) <> ''::text)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_tag
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE stay_tag IS
	'住院标签: which visits carry a tag, by diagnosis, type of visit, payment and household; all conditions of a row must hold; of the rows of a tag that name a type of visit those with the longest beginning that fits decide; the tags referral, newborn, refunded and drugs_only come from the visit itself';
COMMENT ON COLUMN stay_tag.tag IS '标签: name that stay_rule.exclude_tags uses';
COMMENT ON COLUMN stay_tag.diagnosis_prefix IS
	'诊断前缀: beginning of the main diagnosis, whatever its case, width, dots and blanks; NULL: any';
COMMENT ON COLUMN stay_tag.any_diagnosis IS
	'任一诊断: diagnosis_prefix may begin any diagnosis of the visit; false: the main one';
COMMENT ON COLUMN stay_tag.visit_type IS
	'医疗类别: beginning of the type of the visit, whatever its case and width; NULL: any';
COMMENT ON COLUMN stay_tag.payment_method IS
	'支付方式: payment_method of the visit, whatever its case and width; NULL: any';
COMMENT ON COLUMN stay_tag.household_people IS
	'户内人数: people of the register with the same household_id or the same key of their address, at least; NULL: any';
COMMENT ON COLUMN stay_tag.shipped IS '内置: comes with medaudit';

-- Who is transfused for his blood comes as planned as who is given chemotherapy.
INSERT INTO stay_tag (tag, diagnosis_prefix, any_diagnosis, shipped)
SELECT t.tag, pg_catalog.unnest(t.prefixes), t.any_diagnosis, true
FROM (VALUES
	('planned', '{Z49,Z51.0,Z51.1,Z51.2,Z51.3}'::text[], true),
	('planned', '{D46,D56,D57,D60,D61,Z43,Z47,Z50,Z51.5}', false),
	('dialysis', '{N18.5,Z99.2}', false),
	('cycle', '{F2,K74}', false),
	('psychiatry', '{F}', false),
	('maternity', '{O}', false),
	('infectious', '{A,B,J09,J10,J11,U07}', false),
	('accident', '{S,T}', false),
	('poisoning', '{T36,T37,T38,T39,T4,T5,T60,T61,T62,T63,T64,T65}', true),
	('severe', '{A40,A41,C,G93.1,I21,I22,I26,I60,I61,I62,I71.0,J80,J96,K72,K85,N17,R57}', true)
) AS t (tag, prefixes, any_diagnosis);
INSERT INTO stay_tag (tag, visit_type, shipped)
SELECT t.tag, pg_catalog.unnest(t.visit_types), true
FROM (VALUES
	('pharmacy', '{41,9929,pharmacy,药店,购药}'::text[]),
	('emergency', '{13,24,120,210104,emergency,急诊}'),
	('maternity', '{2106,2107,51,52}'),
	('accident', '{22}'),
	('day_surgery', '{28}'),
	('fixed_price', '{2105,26}')
) AS t (tag, visit_types);
INSERT INTO stay_tag (tag, payment_method, shipped)
SELECT 'fixed_price', m, true
FROM pg_catalog.unnest('{drg,dip,case,package,bed_day,capitation}'::text[]) AS m;
INSERT INTO stay_tag (tag, household_people, shipped) VALUES ('institution', 16, true);

CREATE TABLE visit_class (
	visit_type text NOT NULL,
	class text NOT NULL CHECK (class IN ('stay', 'visit')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (visit_type, shipped)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON visit_class
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE visit_class IS
	'就诊分类: which types of visit are hospital stays, by the longest beginning that fits; yours (shipped false) go before. A type that is not here, or NULL, is a stay when it lasts a night';
COMMENT ON COLUMN visit_class.visit_type IS
	'医疗类别: beginning of visit.visit_type';
COMMENT ON COLUMN visit_class.class IS '分类: stay or visit';
COMMENT ON COLUMN visit_class.shipped IS '内置: comes with medaudit';

INSERT INTO visit_class (visit_type, class, shipped)
SELECT t, 'stay', true
FROM unnest('{21,22,23,24,25,26,27,28,52,inpatient,住院}'::text[]) AS t
UNION ALL
SELECT t, 'visit', true
FROM unnest('{11,12,13,14,41,51,53,71,9929,outpatient,emergency,pharmacy,clinic,门诊,急诊,药店,购药}'::text[]) AS t;

GRANT SELECT ON stay_rule, stay_tag, visit_class TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('stay_rule', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('stay_tag', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('visit_class', 'WHERE NOT shipped');
