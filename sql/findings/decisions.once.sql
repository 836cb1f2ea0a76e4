INSERT INTO dismissal_reason (reason_code, name_zh, note, shipped) VALUES
	('documented', '病历等资料证明属实', 'the record shows that it was done and needed', true),
	('refund_late', '已退费，明细晚到', 'it was refunded, and the refund came later', true),
	('code_mapping', '编码对应有误', 'the local code is mapped to another item than was charged', true),
	('rule_wrong', '规则不适用', 'the rule does not say so, or not of this case', true),
	('data_wrong', '数据有误', 'what was delivered is wrong', true),
	('licensed', '机构有相应资质', 'the facility or physician is licensed for it', true),
	('emergency', '急诊抢救', 'it was an emergency', true),
	('other', '其他', 'see the note', true);
