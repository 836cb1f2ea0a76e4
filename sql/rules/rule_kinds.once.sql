-- The kinds that come with medaudit, their parameters.  A run asks them by place:
-- charges in one step, then stays, persons and the rest of rule_kind's books.

INSERT INTO rule_kind (kind, book, place, name_zh, needs) VALUES
	('duplicate', 'charges', 100, '重复收费', '{}'),
	('exclusive', 'charges', 100, '互斥收费', '{}'),
	('quantity', 'charges', 100, '限频次', '{}'),
	('amount', 'charges', 100, '限金额', '{}'),
	('per_bed_day', 'charges', 100, '超住院天数', '{}'),
	('price', 'charges', 100, '超标准收费', '{}'),
	('secondary', 'charges', 100, '未按规定折价', '{}'),
	('restriction', 'charges', 100, '限定支付范围', '{}'),
	('diagnosis', 'charges', 100, '诊断与条件不符', '{}'),
	('course', 'charges', 100, '限支付疗程', '{}'),
	('prerequisite', 'charges', 100, '缺少关联项目', '{}'),
	('outside_stay', 'charges', 100, '住院期间外收费', '{}'),
	('resettled', 'charges', 100, '重复结算', '{}'),
	('not_payable', 'charges', 100, '不予支付项目', '{charge.claimed}'),
	('package', 'charges', 100, '分解收费', '{}'),
	('split_stays', 'stays', 205, '分解住院', '{visit.main_diagnosis|diagnosis.diagnosis_code}'),
	('overlapping_stays', 'stays', 210, '重叠住院', '{}'),
	('events_in_stay', 'stays', 215, '住院期间门诊', '{}'),
	('hang_bed', 'stays', 220, '挂床住院', '{charge.category|item.class|item.national_code}'),
	('low_standard_stay', 'stays', 225, '低标准入院', '{charge.category|item.class|item.national_code}'),
	('frequent_stays', 'stays', 230, '频繁住院', '{}'),
	('same_household_admissions', 'stays', 235, '同户同住院', '{person.household_id|person.address|person.phone}'),
	('companions', 'stays', 240, '结伴住院', '{}'),
	('over_capacity', 'stays', 245, '超床位收治', '{facility.beds}'),
	('admission_bursts', 'stays', 250, '集中入院', '{}'),
	('similar_amounts', 'stays', 255, '费用雷同', '{visit.fund_amount|visit.total_amount}'),
	('invalid_resident_id', 'persons', 305, '身份证号无效', '{person.resident_id}'),
	('resident_id_mismatch', 'persons', 310, '身份不一致', '{person.resident_id,person.sex|person.birth_date}'),
	('shared_resident_id', 'persons', 315, '身份证号重复', '{person.resident_id}'),
	('events_after_death', 'persons', 320, '死亡后就医', '{person.death_date}'),
	('early_refills', 'fills', 405, '提前配药', '{charge.days_supply|charge.dose|item.pack_units}'),
	('stockpiles', 'fills', 410, '超量囤药', '{charge.days_supply|charge.dose|item.pack_units}'),
	('many_facilities', 'fills', 415, '多机构配药', '{charge.days_supply|charge.dose|item.pack_units}'),
	('duplicate_therapy', 'fills', 420, '重复用药', '{charge.days_supply|charge.dose|item.pack_units}'),
	('long_supply', 'fills', 425, '超量开药', '{charge.dose|item.pack_units,visit.visit_type}'),
	('split_prescriptions', 'fills', 430, '分解处方', '{charge.category|item.class|item.national_code,charge.physician_id|visit.physician_id|charge.department|visit.department,visit.main_diagnosis|diagnosis.diagnosis_code}'),
	('prescription_amount', 'fills', 435, '处方金额超上限', '{charge.category|item.class|item.national_code}'),
	('drugs_in_stay', 'fills', 440, '住院期间院外购药', '{charge.category|item.class|item.national_code}'),
	('card_bursts', 'cards', 505, '集中刷卡', '{swipe}'),
	('cards_together', 'cards', 510, '成组刷卡', '{swipe}'),
	('round_amounts', 'cards', 515, '整额刷卡', '{}'),
	('drained_balances', 'cards', 520, '清空余额', '{swipe,swipe.balance_after}'),
	('same_amounts', 'cards', 525, '同额刷卡', '{swipe}'),
	('swipes_in_stay', 'cards', 530, '住院期间院外刷卡', '{swipe,swipe.person_id,swipe.credential}'),
	('impossible_travel', 'cards', 535, '异地短时刷卡', '{swipe,swipe.credential,facility.longitude|facility.region,facility.latitude|facility.region}'),
	('trace_reuse', 'stock', 605, '追溯码重复', '{stock_move,stock_move.trace_code}'),
	('stock_deficit', 'stock', 610, '进销存不符', '{stock_move,stock_move.kind}'),
	('never_purchased', 'stock', 615, '无采购记录', '{stock_move}'),
	('card_price', 'stock', 620, '刷卡价高于现金价', '{stock_move,stock_move.pay_method,stock_move.price}'),
	('line_problems', 'claims', 705, '明细数据问题', '{}'),
	('herb_alone', 'claims', 710, '单方不予支付', '{charge.claimed}'),
	('repeated_exam', 'claims', 720, '结果互认', '{operation|charge.category|item.class|item.national_code}'),
	('no_certificate', 'claims', 725, '无慢特病备案', '{certificate,visit.visit_type}'),
	('unlisted_item', 'claims', 730, '开展未备案项目', '{facility_item,charge.claimed}'),
	('invoice_twice', 'claims', 740, '票据重复报销', '{manual_claim,manual_claim.invoice_no}'),
	('invoice_row', 'claims', 745, '票据连号', '{manual_claim,manual_claim.invoice_no}'),
	('issuer_invalid', 'claims', 750, '虚假票据', '{manual_claim,manual_claim.issuer_code}'),
	('claimed_twice', 'claims', 755, '重复享受待遇',
		'{manual_claim,manual_claim.visit_id|manual_claim.facility_id|manual_claim.issuer_code,visit.fund_amount}'),
	('same_operator', 'claims', 760, '经办复核同一人', '{manual_claim,manual_claim.operator_id,manual_claim.approver_id}'),
	('payee_of_many', 'claims', 765, '多人同一收款账户',
		'{manual_claim,manual_claim.payee_account,person.household_id|person.address|person.phone}');

UPDATE rule_kind SET natural_period = 'month' WHERE kind = 'similar_amounts';
UPDATE rule_kind SET anchored = true WHERE kind IN ('frequent_stays', 'companions', 'over_capacity',
	'invalid_resident_id', 'resident_id_mismatch', 'shared_resident_id',
	'early_refills', 'stockpiles', 'many_facilities', 'duplicate_therapy', 'split_prescriptions',
	'cards_together', 'drained_balances', 'invoice_row', 'same_operator', 'payee_of_many');

INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('split_stays', 'max_gap_days', 'int', '15', 0, 3660, '天', '出院至再次入院的最长间隔', 'days from discharge to the next admission, at most'),
	('split_stays', 'same_facility', 'bool', 'true', NULL, NULL, NULL, '只比较同一机构的住院', 'only stays at one facility'),
	('split_stays', 'diagnosis_digits', 'int', '3', 0, NULL, '位', '主要诊断编码相同的位数，0为不比较', 'characters of the main diagnosis that agree; 0: not asked'),
	('overlapping_stays', 'min_nights', 'int', '1', 0, NULL, '夜', '重叠的最少夜数', 'nights in common, at least'),
	('frequent_stays', 'period_days', 'int', '365', 1, NULL, '天', '各次入院所在的连续天数', 'consecutive dates in which the admissions lie'),
	('frequent_stays', 'min_stays', 'int', '4', 1, NULL, '次', '最少住院次数', 'stays, at least'),
	('same_household_admissions', 'admit_within_days', 'int', '1', 0, NULL, '天', '入院日期最多相差天数', 'days between the admissions, at most'),
	('same_household_admissions', 'discharge_within_days', 'int', '1', 0, NULL, '天', '出院日期最多相差天数', 'days between the discharges, at most'),
	('same_household_admissions', 'min_people', 'int', '2', 2, NULL, '人', '最少人数', 'people, at least'),
	('same_household_admissions', 'max_people', 'int', '15', 2, NULL, '人', '最多人数，更多者为集体而非家庭', 'people, at most; more are an institution, not a home'),
	('same_household_admissions', 'min_times_of_two', 'int', '2', 1, NULL, '次', '两人同进同出的最少次数（当年与上年、同一机构），三人以上一次即报', 'times that two came together at a facility within the year and the one before, at least; three or more are reported when they come once'),
	('companions', 'within_days', 'int', '1', 0, NULL, '天', '入院之间、出院之间最多相差天数', 'days between admissions and between discharges, at most'),
	('companions', 'min_times', 'int', '2', 1, NULL, '次', '最少结伴次数', 'times together, at least'),
	('companions', 'max_p', 'float8', '1e-4', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('over_capacity', 'min_days', 'int', '1', 1, NULL, '天', '在院人数连续超过床位数的最少天数', 'days in a row with more people in than beds, at least'),
	('admission_bursts', 'weeks', 'int', '8', 1, 520, '个', '作为对照的此前同类日期的个数', 'days of the same class before a day that say what is usual'),
	('admission_bursts', 'min_excess', 'int', '5', 0, NULL, '人次', '比往常多出的最少入院人次', 'admissions above what is usual, at least'),
	('admission_bursts', 'min_ratio', 'float8', '1.5', 0, NULL, '倍', '与往常相比的最低倍数', 'admissions ÷ what is usual, at least'),
	('admission_bursts', 'max_p', 'float8', '1e-4', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('similar_amounts', 'tolerance_rel', 'numeric', '0.01', 0, 1000, NULL, '金额区间的宽度占其下限的比例', 'width of a band as share of its lower end'),
	('similar_amounts', 'tolerance_abs', 'numeric', '20', 0, 1000000000, '元', '金额区间的宽度，取两者中较宽的', 'width of a band in yuan, where that is more'),
	('similar_amounts', 'min_alike', 'int', '5', 1, NULL, '次', '金额接近的最少住院次数', 'stays in a band, at least'),
	('similar_amounts', 'min_share', 'float8', '0.3', 0, 1, NULL, '金额接近的住院占机构当月住院的最低比例', 'share of the stays of a facility and month in a band, at least'),
	('similar_amounts', 'max_p', 'float8', '1e-4', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('hang_bed', 'min_idle_share', 'float8', '0.5', 0, 1, NULL, '无诊疗天数占住院期间（不含入出院当日）的最低比例，且不少于两天', 'idle days ÷ inner days, at least, with two idle days or more'),
	('hang_bed', 'min_idle_run', 'int', '3', 1, NULL, '天', '连续无诊疗的最少天数，两个条件满足其一即报', 'idle days in a row, at least; either of the two flags a stay'),
	('low_standard_stay', 'max_gap_days', 'int', '15', 0, 3660, '天', '出院后此天数内的下一次住院有治疗或手术的，不报', 'days in which a next stay with treatment or surgery explains this one'),
	('low_standard_stay', 'min_exam_share', 'numeric', '0.8', 0, 1, NULL, '检查化验费占总费用的最低比例', 'money for examinations and laboratory ÷ money of the stay, at least'),
	('low_standard_stay', 'max_stay_nights', 'int', '3', 0, NULL, '夜', '最多住院夜数', 'discharge date - admission date, at most'),
	('low_standard_stay', 'min_age', 'int', '1', 0, 200, '岁', '入院时的最低周岁年龄', 'full years on admission; younger ones are left out'),
	('low_standard_stay', 'max_age', 'int', '75', 0, 200, '岁', '入院时达到此周岁年龄的不报', 'full years on admission; who is as old or older is left out'),
	('invalid_resident_id', 'max_share', 'float8', '0.5', 0.0001, 1, NULL, '不符号码占比超过此值时视为加密数据，不报', 'share of numbers of the register beyond which the column is held for encrypted, and nothing is found'),
	('resident_id_mismatch', 'max_share', 'float8', '0.5', 0.0001, 1, NULL, '不符号码占比超过此值时视为加密数据，不报', 'share of numbers of the register beyond which the column is held for encrypted, and nothing is found'),
	('resident_id_mismatch', 'newborn_days', 'int', '365', 0, NULL, '天', '在此日龄以内的婴儿可使用父母的号码', 'age up to which a child may be on the number of a parent'),
	('shared_resident_id', 'newborn_days', 'int', '365', 0, NULL, '天', '在此日龄以内的婴儿可使用父母的号码', 'age up to which a child may be on the number of a parent'),
	('events_after_death', 'grace_days', 'int', '1', 0, NULL, '天', '死亡日期之后的宽限天数', 'days after the date of death that are no event');

INSERT INTO rule_parameter (kind, name, type, default_value, meaning_zh, meaning_en)
SELECT k.kind, 'exclude_tags', 'text[]', '[]', '排除带有其中任一标签的住院（见stay_tag）', 'stays with one of these tags (see stay_tag) are left out'
FROM rule_kind AS k WHERE k.book = 'stays';
INSERT INTO rule_parameter (kind, name, type, default_value, meaning_zh, meaning_en) VALUES
	('split_stays', 'exclude_later_tags', 'text[]', '[]', '排除后一次住院带有其中任一标签的', 'pairs whose later stay has one of these tags are left out'),
	('events_in_stay', 'exclude_later_tags', 'text[]', '[]', '排除带有其中任一标签的就诊', 'visits in the midst of a stay that have one of these tags are left out');
INSERT INTO rule_parameter (kind, name, type, default_value, choices, meaning_zh, meaning_en) VALUES
	('events_in_stay', 'at_facility', 'text', '"both"', '{both,same,other}', '就诊机构：same为住院机构（住院转门诊），other为其他机构（挂床），both为两者', 'visits at the provider of the stay (same), elsewhere (other), or both');
-- Over fills.
INSERT INTO rule_parameter (kind, name, type, default_value, choices, meaning_zh, meaning_en)
SELECT k.kind, p.name, 'text', to_jsonb(p.given), '{code,product,strength,generic,class,subgroup}', p.zh, p.en
FROM (VALUES ('drug_level', 'generic', '视为同一药品的编码层级', 'to which part two codes agree to be one drug'),
	('class_level', 'class', '视为同类药品的编码层级', 'to which part two codes agree to be of like action')) AS p (name, given, zh, en)
JOIN rule_kind AS k ON k.kind = 'duplicate_therapy' OR p.name = 'drug_level' AND k.kind IN ('early_refills', 'stockpiles', 'many_facilities', 'drugs_in_stay');
INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('early_refills', 'tolerance', 'numeric', '0.2', 0, 100, NULL, '允许剩余的比例（占上次配药天数）', 'share of the days of the dispensing before that may be left'),
	('early_refills', 'min_days', 'numeric', '3', 0, 36600, '天', '任何情况下允许剩余的天数', 'days that may be left in any case'),
	('early_refills', 'min_early_days', 'numeric', '0', 0, 36600, '天', '比允许剩余天数多出的最少天数', 'days beyond what may be left, at least'),
	('stockpiles', 'max_days', 'numeric', '120', 1, 36600, '天', '个人可持有的最多用药天数', 'days of a drug that a person may have in stock'),
	('many_facilities', 'period_days', 'int', '180', 1, NULL, '天', '配药所在的连续天数', 'consecutive dates in which the dispensings lie'),
	('many_facilities', 'min_facilities', 'int', '3', 1, NULL, '家', '最少机构数', 'places, at least'),
	('many_facilities', 'min_possession_ratio', 'numeric', '1.5', 0, 1000, '倍', '配药天数与同期天数之比的最低值', 'days dispensed ÷ days that passed, at least'),
	('duplicate_therapy', 'min_days', 'int', '7', 1, NULL, '天', '同时持有的最少连续天数', 'consecutive dates covered by both, at least'),
	('split_prescriptions', 'period_days', 'int', '3', 1, 366, '天', '处方所在的连续天数', 'consecutive dates in which the prescriptions lie'),
	('split_prescriptions', 'min_share', 'numeric', '0.7', 0, 1, NULL, '每张处方金额占上限的最低比例', 'share of the cap that each prescription comes to, at least');
INSERT INTO rule_parameter (kind, name, type, default_value, meaning_zh, meaning_en) VALUES
	('duplicate_therapy', 'exclude_classes', 'text[]', '[]', '不报的药品类别（编码前缀）', 'beginnings of codes of classes that are left out'),
	('drugs_in_stay', 'leave_out_refills', 'bool', 'true', '不报住院前已用药品的按时续配（可由家属代取）', 'refills at the normal pace of what was taken before the stay, which a family may collect, are left out');
-- Over claims.
INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('no_certificate', 'visit_types', 'text[]', '["14"]', NULL, NULL, NULL, '须有慢特病备案的医疗类别（编码前缀）', 'beginnings of the types of visit that want a certificate'),
	('no_certificate', 'grace_days', 'int', '3', 0, 366, '天', '备案生效前和到期后的宽限天数', 'days before a certificate begins, and after it ends, that it holds, too'),
	('invoice_row', 'min_numbers', 'int', '5', 2, NULL, '张', '连号的最少张数，且涉及同样多的参保人', 'numbers in a row, of as many people, at least'),
	('invoice_row', 'within_days', 'int', '30', 0, NULL, '天', '各笔支付日期最多相差天数', 'days between the days on which they were paid, at most'),
	('payee_of_many', 'min_people', 'int', '5', 2, NULL, '户', '同一账户收款的最少人数，同户按一人计', 'people of one account, those of one home counted once, at least');
-- Over cards.
INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('card_bursts', 'max_gap', 'interval', '"1 minute"', 0, 86400, NULL, '先后两笔刷卡的最长间隔', 'from one payment to the next, at most'),
	('card_bursts', 'min_cards', 'int', '5', 2, NULL, '张', '最少卡数', 'different cards, at least'),
	('card_bursts', 'max_amount_cv', 'float8', '1000', 0, 1000, NULL, '各笔金额变异系数的上限', 'coefficient of variation of the amounts, at most'),
	('card_bursts', 'max_p', 'float8', '1e-4', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('cards_together', 'within', 'interval', '"30 minutes"', 0, 86400, NULL, '先后刷卡的最长间隔', 'time between two payments together, at most'),
	('cards_together', 'min_times', 'int', '2', 1, NULL, '次', '两张卡一季度内先后刷卡的最少次数', 'times that two cards pay together in a quarter, at least'),
	('cards_together', 'max_p', 'float8', '1e-4', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('cards_together', 'min_cards', 'int', '3', 2, NULL, '张', '一组的最少卡数，且分属同样多的人', 'cards of a group, of as many people, at least'),
	('cards_together', 'min_dates', 'int', '3', 1, NULL, '天', '先后刷卡的最少日期数', 'dates on which they pay together, at least'),
	('drained_balances', 'min_amount', 'numeric', '100', 0, 1000000000, '元', '当日刷卡的最低合计金额', 'yuan of the date together, at least'),
	('drained_balances', 'max_left', 'numeric', '1', 0, 1000000000, '元', '刷卡后的最高余额', 'yuan that are left, at most'),
	('drained_balances', 'min_cards', 'int', '1', 1, NULL, '张', '同一药店当月被清空的最少卡数', 'cards that the pharmacy empties in the month, at least'),
	('drained_balances', 'max_p', 'float8', '1', 0, 1, NULL, '按其他药店推算，清空这么多张卡的概率上限', 'chance of as many or more at the rate of other pharmacies, at most'),
	('same_amounts', 'min_cards', 'int', '5', 2, NULL, '张', '最少卡数', 'different cards, at least'),
	('same_amounts', 'max_p', 'float8', '1e-6', 0, 1, NULL, '偶然出现的概率上限', 'chance of as many or more, at most'),
	('impossible_travel', 'max_kmh', 'numeric', '120', 20, 100000, '公里/小时', '可能的最高时速', 'fastest travel'),
	('impossible_travel', 'min_km', 'numeric', '30', 0, 100000, '公里', '两地的最短距离', 'distance, at least'),
	('impossible_travel', 'within', 'interval', '"1 hour"', 0, 86400, NULL, '没有坐标时，在两个地市先后刷卡的最长间隔', 'where coordinates are not known: between payments in two prefectures, at most');
-- Over stock.
INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('stock_deficit', 'min_amount', 'numeric', '500', 0, 1000000000, '元', '超售金额的最低值', 'yuan of what was sold and not there, at least'),
	('stock_deficit', 'min_share', 'numeric', '0.05', 0, 1, NULL, '超售数量占当月销售数量的最低比例', 'share of what was sold in the month that was not there, at least'),
	('never_purchased', 'min_history_days', 'int', '180', 0, 730, '天', '机构进销存记录早于当月不足此天数的，仅作提示', 'days of records before the month without which a finding is a notice'),
	('trace_reuse', 'max_sales', 'int', '50', 2, NULL, '次', '销售次数超过此值的编码不作为单盒追溯码', 'sales of a code beyond which it names no pack, and nothing is found'),
	('card_price', 'tolerance', 'numeric', '0.02', 0, 1000, NULL, '刷卡价可高于现金价的比例', 'share by which the price by card may be above that for cash'),
	('card_price', 'min_sales', 'int', '5', 1, NULL, '次', '刷卡、现金销售各自的最少次数', 'sales by card and for cash, of each at least'),
	('card_price', 'min_amount', 'numeric', '0', 0, 1000000000, '元', '高出金额的最低值', 'yuan above the price for cash, at least');
