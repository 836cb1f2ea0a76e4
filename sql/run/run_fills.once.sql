-- The rules over dispensed drugs that come with medaudit.  120 days: the longest
-- prescription is of 84, and who refills it in time holds 101.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind) WHERE book = 'fills';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('early_refills', 'early_refills', '提前配药', '药品尚余较多时再次配药',
		'a drug dispensed again while much of it is left', 'notice', 'person', 'A41(3)', NULL, '条例第四十一条第三项', true, true),
	('stockpiles', 'stockpiles', '超量囤药', '同一药品存量超过合理天数',
		'more of a drug than a person may hold', 'suspicion', 'person', 'A41(3)', NULL,
		'条例第四十一条第三项，长期处方管理规范（试行）', true, true),
	('many_facilities', 'many_facilities', '多机构配药', '短期内在多家机构配取同一药品',
		'a drug from many places, faster than it can be taken', 'suspicion', 'person', 'A41(3)', NULL, '条例第四十一条第三项', true, true),
	('duplicate_therapy', 'duplicate_therapy', '重复开药', '同时使用同类药品',
		'two drugs of one class at one time', 'suspicion', 'facility', 'A38(2)', 'T380205', '条例第三十八条第二项', true, true),
	('long_supply', 'long_supply', '超量开药', '一次就诊开药超过规定天数',
		'more packs than the longest prescription needs', 'suspicion', 'facility', 'A38(2)', 'T380204',
		'条例第三十八条第二项，处方管理办法第十九条，长期处方管理规范（试行）', true, true),
	('drugs_in_stay', 'drugs_in_stay', '住院期间院外购药', '住院期间在其他机构配药',
		'drugs dispensed elsewhere during a stay', 'notice', 'facility', 'A15', NULL,
		'条例第十五条，定点医疗机构服务协议', true, true);

UPDATE rule SET national_code = 'GZ10000301006000' WHERE rule_code = 'duplicate_therapy';
UPDATE rule SET national_code = 'GZ10000101009000' WHERE rule_code = 'long_supply';
UPDATE rule AS r SET parameters = p.parameters
FROM (VALUES ('early_refills', jsonb '{"min_early_days": 7}'),
	('duplicate_therapy', '{"exclude_classes": ["XR03AC", "XN02BE", "XB05BB", "XB05XA"]}')) AS p (rule_code, parameters)
WHERE r.rule_code = p.rule_code;
