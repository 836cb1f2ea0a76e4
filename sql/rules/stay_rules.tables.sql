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

CREATE TABLE visit_class (
	visit_type text NOT NULL,
	class text NOT NULL CHECK (class IN ('stay', 'visit')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (visit_type, shipped)
);

COMMENT ON TABLE visit_class IS
	'就诊分类: which types of visit are hospital stays, by the longest beginning that fits; yours (shipped false) go before. A type that is not here, or NULL, is a stay when it lasts a night';
COMMENT ON COLUMN visit_class.visit_type IS
	'医疗类别: beginning of visit.visit_type';
COMMENT ON COLUMN visit_class.class IS '分类: stay or visit';
COMMENT ON COLUMN visit_class.shipped IS '内置: comes with medaudit';

GRANT SELECT ON stay_rule, stay_tag, visit_class TO PUBLIC;
SELECT pg_extension_config_dump('stay_rule', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('stay_tag', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('visit_class', 'WHERE NOT shipped');
