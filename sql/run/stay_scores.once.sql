-- Which categories and codes are of which class, and how much each part of a
-- score weighs.

INSERT INTO charge_class (category, class, shipped)
SELECT unnest(ARRAY[code, name]), class, true FROM (VALUES
	('01', '床位', 'bed'), ('02', '诊察', 'consultation'), ('03', '检查', 'exam'),
	('04', '化验', 'laboratory'), ('05', '治疗', 'treatment'), ('06', '手术', 'surgery'),
	('07', '护理', 'nursing'), ('08', '卫生材料', 'material'), ('09', '西药', 'drug'),
	('10', '中药饮片', 'drug'), ('11', '中成药', 'drug'), ('12', '一般诊疗', 'consultation'),
	('13', '挂号', 'consultation'), ('14', '其他', 'other')) AS t (code, name, class);

-- The chapters of the national price list (全国医疗服务价格项目规范) whose items are of
-- one class; 31, which holds examinations and treatments of each organ, is not
-- among them.
INSERT INTO code_class (code, class, shipped)
SELECT unnest(codes), class, true FROM (VALUES
	('bed', '{001107,001108,001109}'::text[]), ('consultation', '{001101,001102,001110}'),
	('treatment', '{001103,001104,0012,0012010001,002306,0024,0034,0041,0042,0043,0044,0045,0046,0047}'),
	('nursing', '{001201}'), ('exam', '{001105,0021,0022,0023,0027}'), ('laboratory', '{0025,0026}'),
	('surgery', '{0032,0033}'), ('other', '{001106}')) AS t (class, codes);

INSERT INTO score_weight (score, part, weight, shipped) VALUES
	('split_stay', 'gap', 3, true), ('split_stay', 'facility', 2, true),
	('split_stay', 'diagnosis', 3, true), ('split_stay', 'emergency', 1, true),
	('split_stay', 'transfer', 2, true), ('split_stay', 'amount', 1, true),
	('hang_bed', 'idle', 3, true), ('hang_bed', 'run', 2, true),
	('hang_bed', 'bed', 1, true), ('hang_bed', 'away', 4, true),
	('low_standard', 'exam', 4, true), ('low_standard', 'treatment', 3, true),
	('low_standard', 'days', 2, true), ('low_standard', 'age', 1, true);
