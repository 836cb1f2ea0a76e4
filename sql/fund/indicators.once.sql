-- The indicators that come with medaudit.

INSERT INTO indicator SELECT i.* FROM _shipped_indicators() AS i;

-- The rules over them.  To be unlike one's peers is no violation; what share of drugs and
-- examinations may lie out of the catalogue is said by the agreements of many places.

INSERT INTO rule_kind (kind, book, place, name_zh, needs, natural_period, asks) VALUES
	('indicator_outlier', 'indicators', 830, '指标异常', '{}', 'month', 'medaudit._ask_indicator_outlier(bigint,text,jsonb)');

INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en) VALUES
	('indicator_outlier', 'indicator', 'text', '""', NULL, NULL, NULL, '指标编码，为空则为全部比率和均值类指标', 'an indicator; empty: all that divide'),
	('indicator_outlier', 'min_z', 'numeric', '3.5', 0, NULL, NULL, '偏离同组的最低稳健Z值（绝对值）', 'robust z of the value among its peers, at least, up or down'),
	('indicator_outlier', 'min_months', 'int', '2', 1, 3, '月', '近三个月（含当月）中异常的最少月数', 'months with that flag of the last three, this one among them, at least'),
	('indicator_outlier', 'max_value', 'numeric', '0', 0, NULL, NULL, '本年累计值上限；大于0时只与此上限比较，不与同组比较', 'value of the year so far, at most; above 0 it alone is asked, and not the peers');

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty, subject, article, behaviour_code, source, enabled, shipped, parameters) VALUES
	('indicator_outlier', 'indicator_outlier', '指标异常', '月度指标明显偏离同组机构', 'an indicator of months far from that of the peers', 'notice', 'facility',
		'A15', NULL, '条例第十五条，定点医疗机构服务协议', true, true, '{}'),
	('out_of_catalogue', 'indicator_outlier', '目录外占比过高', '目录外药品和检查费用占比超过协议比例', 'drugs and examinations out of the catalogue above the share agreed', 'notice', 'facility',
		'A15', NULL, '定点医疗机构服务协议：全年目录外药品及检查费用不超过药品及检查费用的10%', true, true, '{"indicator": "out_of_catalogue_share", "max_value": 0.10}');

INSERT INTO evidence_template (kind, zh, en) VALUES
	('indicator_outlier',
		'{facility_name}{month_zh}{indicator_zh}为{value_zh}，{basis_zh}。',
		'{facility_name}: {indicator_en} of {value} in {month}, {basis_en}.');
