-- The rules over certificates and lists that come with medaudit.  Both can be answered:
-- papers come late, and are filed for days that have passed.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind), reach = 'visit' WHERE kind IN ('no_certificate', 'unlisted_item');

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('no_certificate', 'no_certificate', '无慢特病备案结算', '门诊慢特病就诊当日没有有效备案',
		'paid for a special disease without a certificate', 'suspicion', 'facility', 'A38(6)', 'T380601',
		'条例第三十八条第六项，门诊慢特病管理办法', true, true),
	('unlisted_item', 'unlisted_item', '开展未备案项目', '申报未经批准开展的项目',
		'an item charged to the fund that the facility may not charge', 'suspicion', 'facility', 'A38(6)', 'T380601',
		'条例第三十八条第六项，定点医疗机构服务协议', true, true);

INSERT INTO evidence_template (kind, zh, en) VALUES
	('no_certificate',
		'{person_name}于{visited_on:date}在{facility_name}按医疗类别{visit_type}就诊[（{visit}）][，费用{amount:money}]，当日及前后{limit}天内没有有效的门诊慢特病备案[（上一备案{ended_on:date}到期）][（下一备案{begins_on:date}生效）]。',
		'{person_name} was treated at {facility_name} on {visited_on} as visit type {visit_type}[, for {amount} yuan], without a certificate that holds on that day or within {limit} days[ (the last one ended on {ended_on})][ (the next one begins on {begins_on})].'),
	('unlisted_item',
		'{person_name}在{facility_name}[，{visit}]有{lines}笔费用的项目（{items}）不在该机构当日的开展项目目录内，已申报{claimed:money}。',
		'{person_name} at {facility_name}: {lines} lines of items ({items}) that are not on the list of the facility on their date; {claimed} yuan were claimed.');
