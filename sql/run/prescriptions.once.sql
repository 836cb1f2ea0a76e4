-- The rules over prescriptions that come with medaudit.  They are asked where the fund
-- says what a prescription may cost.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind)
WHERE kind IN ('split_prescriptions', 'prescription_amount');

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('split_prescriptions', 'split_prescriptions', '分解处方', '短期内分开开具多张接近上限的处方',
		'several prescriptions near the cap instead of one above it', 'suspicion', 'facility', 'A15', NULL,
		'条例第十五条、第三十八条第二项，定点医疗机构服务协议', true, true),
	('prescription_amount', 'prescription_amount', '处方金额超上限', '单张处方药费超过上限',
		'a prescription that costs more than the fund allows', 'suspicion', 'facility', 'A15', NULL,
		'条例第十五条，定点医疗机构服务协议，当地处方金额规定', true, true);
