-- The rules over persons that come with medaudit.

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, source, enabled, shipped) VALUES
	('invalid_resident_id', 'invalid_resident_id', '身份信息异常', '身份证号码不符合编码规则',
		'a resident identity number that cannot exist', 'notice', 'person',
		'A41(1)', '条例第四十一条第一项，GB 11643-1999', true, true),
	('resident_id_mismatch', 'resident_id_mismatch', '冒名就医', '身份证号码与性别或出生日期不一致',
		'sex or birth date of the number against the record', 'notice', 'person',
		'A41(1)', '条例第四十一条第一项，GB 11643-1999', true, true),
	('shared_resident_id', 'shared_resident_id', '重复参保', '同一身份证号码对应多个人员编号且同期就医',
		'one number on several persons who are treated side by side', 'suspicion', 'person',
		'A41(2)', '条例第四十一条第二项', true, true),
	('events_after_death', 'events_after_death', '死亡后就医', '死亡日期之后仍发生医疗费用',
		'charges or visits after the date of death', 'suspicion', 'person',
		'A41(1)', '条例第四十条、第四十一条', true, true);
