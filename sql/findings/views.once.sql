-- The four summaries share their columns, and so their comments.
DO $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT c.relname, a.attname, t.meaning
		FROM (VALUES
			('rule_code', '规则编号'), ('rule_name', '规则名称'), ('violation', '违规类型'),
			('certainty', '确定程度: code; of its surest finding'), ('certainty_zh', '确定程度: of its surest finding'),
			('facility_id', '定点医药机构编号'), ('facility_name', '定点医药机构名称'),
			('person_id', '人员编号'), ('person_name', '姓名'), ('physician_id', '医师编号'),
			('findings', '发现数'), ('violations', '明确违规数: findings of the certainty violation'),
			('facilities', '机构数'), ('persons', '人数'), ('rules', '规则数'),
			('gross_amount', '违规金额(总额): yuan, each finding by itself'),
			('claimed_amount', '违规金额(符合范围): yuan, each finding by itself'),
			('fund_amount', '违规金额(基金): yuan, each finding by itself'),
			('gross_once', '去重金额(总额): yuan, each charge line once at its highest excess over all rules'),
			('claimed_once', '去重金额(符合范围): yuan, each charge line once'),
			('fund_once', '去重金额(基金): yuan, each charge line once'),
			('involved_amount', '涉及金额: yuan of patterns; never to be added to money in excess')
		) AS t (column_name, meaning)
		JOIN pg_attribute AS a ON a.attname = t.column_name
		JOIN pg_class AS c ON c.oid = a.attrelid
		WHERE c.relnamespace = 'medaudit'::regnamespace
			AND c.relname LIKE 'findings\_by\_%'
	LOOP
		EXECUTE format('COMMENT ON COLUMN medaudit.%I.%I IS %L',
			item.relname, item.attname, item.meaning);
	END LOOP;
END
$$;
