-- The rules over stays that come with medaudit, and the tags that they leave out.

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

-- What differs from the defaults of their kinds.  Two people of many meet twice by
-- chance; three times is worth a look.
UPDATE rule AS r SET parameters = p.parameters
FROM (VALUES
	('split_stays', jsonb '{"exclude_tags": ["dialysis", "maternity", "newborn", "planned", "psychiatry", "refunded"],
		"exclude_later_tags": ["emergency", "referral"]}'),
	('overlapping_stays', '{"exclude_tags": ["newborn", "refunded"]}'),
	('same_household_admissions', '{"exclude_tags": ["accident", "infectious", "newborn", "refunded"]}'),
	('events_in_stay', '{"at_facility": "other", "exclude_tags": ["newborn", "refunded"],
		"exclude_later_tags": ["drugs_only", "pharmacy", "referral"]}'),
	('outpatient_in_stay', '{"at_facility": "same", "exclude_tags": ["newborn", "refunded"],
		"exclude_later_tags": ["drugs_only", "pharmacy", "referral"]}'),
	('frequent_stays', '{"exclude_tags": ["cycle", "dialysis", "newborn", "planned", "psychiatry", "referral", "refunded"]}'),
	('over_capacity', '{"exclude_tags": ["newborn", "refunded"]}'),
	('admission_bursts', '{"exclude_tags": ["accident", "infectious", "newborn", "planned", "refunded"]}'),
	('similar_amounts', '{"exclude_tags": ["dialysis", "fixed_price", "planned", "refunded"]}'),
	('companions', '{"min_times": 3, "max_p": 1e-3,
		"exclude_tags": ["cycle", "dialysis", "institution", "newborn", "planned", "refunded"]}'),
	('hang_bed', '{"exclude_tags": ["newborn", "planned", "psychiatry", "refunded"]}'),
	('low_standard_stay', '{"max_gap_days": 7,
		"exclude_tags": ["day_surgery", "newborn", "planned", "poisoning", "refunded", "severe"]}')
) AS p (rule_code, parameters)
WHERE r.rule_code = p.rule_code;

-- Who is transfused for his blood comes as planned as who is given chemotherapy.
INSERT INTO stay_tag (tag, diagnosis_prefix, any_diagnosis, shipped)
SELECT t.tag, unnest(t.prefixes), t.any_diagnosis, true
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
SELECT t.tag, unnest(t.visit_types), true
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
FROM unnest('{drg,dip,case,package,bed_day,capitation}'::text[]) AS m;
INSERT INTO stay_tag (tag, household_people, shipped) VALUES ('institution', 16, true);

INSERT INTO visit_class (visit_type, class, shipped)
SELECT t, 'stay', true
FROM unnest('{21,22,23,24,25,26,27,28,52,inpatient,住院}'::text[]) AS t
UNION ALL
SELECT t, 'visit', true
FROM unnest('{11,12,13,14,41,51,53,71,9929,outpatient,emergency,pharmacy,clinic,门诊,急诊,药店,购药}'::text[]) AS t;
