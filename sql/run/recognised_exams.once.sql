-- The rule over recognised examinations that comes with medaudit.  A hospital can answer
-- it: the patient changed, the picture was poor.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind), reach = 'person' WHERE kind = 'repeated_exam';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('repeated_exam', 'repeated_exam', '未执行结果互认', '互认期内在其他机构重复检查',
		'an examination done again elsewhere while its result still held', 'suspicion', 'facility', 'A38(2)', 'T380202',
		'条例第三十八条第二项，医疗机构检查检验结果互认管理办法', true, true);

INSERT INTO evidence_template (kind, zh, en) VALUES
	('repeated_exam',
		'{person_name}于{window.0:date}在{other_facility_name}做过的检查结果仍在互认期内，{window.1:date}又在{facility_name}[（{visit}）]重复检查{lines}项（{items}），其间没有手术，费用{amount:money}。',
		'The results of {person_name}''s examinations at {other_facility_name} on {window.0} still held when {lines} of them ({items}) were done again at {facility_name} on {window.1}, with no surgery in between, for {amount} yuan.');
