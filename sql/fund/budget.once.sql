-- The rule over budgets that comes with medaudit.  A quota is agreed with an
-- institution (article 11); to be ahead of it is no violation.

INSERT INTO rule_kind (kind, book, place, name_zh, needs, natural_period, asks, scope) VALUES
	('fund_pace', 'indicators', 820, '基金支出超进度', '{budget.quota,visit.fund_amount}', 'month', 'medaudit._ask_fund_pace(bigint,text,jsonb)', 'facility');

INSERT INTO rule_parameter (kind, name, type, default_value, choices, meaning_zh, meaning_en) VALUES
	('fund_pace', 'min_alert', 'text', '"orange"', '{yellow,orange,red}', '列为线索的最低预警级别', 'alert of fund money, at least');

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty, subject, article, behaviour_code, source, enabled, shipped) VALUES
	('fund_pace', 'fund_pace', '超预算进度', '基金支出超出均衡进度', 'fund money ahead of the even pace of the quota', 'notice', 'facility',
		'A11', NULL, '条例第十一条，定点医疗机构服务协议', true, true);

INSERT INTO evidence_template (kind, zh, en) VALUES
	('fund_pace',
		'{facility_name}截至{month_zh}末基金支出{fund_to_date:money}，预算额度{quota:money}，超出均衡进度{percent}%，{alert_zh}。',
		'{facility_name}: fund money of {fund_to_date} yuan to the end of {month}, of a quota of {quota}, {percent} per cent ahead of an even pace: {alert}.');
