-- The views under Chinese headings, for those who take them into a spreadsheet: labels
-- instead of codes, 是 and 否 for truth.  Each reads its original with the rights of the
-- reader, so that it shows nobody more than that does.
--
-- A column has one heading in all of them; new columns of a view come at its end.
DO $$
DECLARE
	twin record;
	item record;
	columns text;
	comments text[];
	comment text;
BEGIN
	FOR twin IN
		SELECT v.name, v.original, string_to_array(v.columns, ' ') AS columns
		FROM (VALUES
			('疑点清单', 'worklist', 'rank finding_id certainty_zh rule_code rule_name violation facility_id facility_name person_id person_name '
				'visit_id record_no department physician_id line_id item_code item_name charged_at quantity amount excess_quantity excess_amount gross_amount '
				'claimed_amount fund_amount fund_basis_zh involved_amount evidence_text article article_zh judged_on other_rules recurs run_id run_state_zh subject_kind_zh subject_id listed_zh'),
			('疑点台账', 'findings', 'finding_id state_zh certainty_zh rule_code rule_name violation subject_kind_zh subject_id facility_id facility_name '
				'person_id person_name visit_id record_no department physician_id line_count excess_quantity gross_amount claimed_amount fund_amount '
				'fund_basis_zh involved_amount evidence_text article article_zh behaviour_code judged_on found_at run_id run_state_zh'),
			('规则汇总', 'findings_by_rule', 'rule_code rule_name violation certainty_zh findings violations facilities persons gross_amount '
				'claimed_amount fund_amount gross_once claimed_once fund_once involved_amount'),
			('机构汇总', 'findings_by_facility', 'facility_id facility_name findings violations rules persons gross_amount claimed_amount '
				'fund_amount gross_once claimed_once fund_once involved_amount'),
			('人员汇总', 'findings_by_person', 'person_id person_name findings violations rules facilities gross_amount claimed_amount '
				'fund_amount gross_once claimed_once fund_once involved_amount'),
			('医师汇总', 'findings_by_physician', 'physician_id facility_id facility_name findings violations rules persons gross_amount '
				'claimed_amount fund_amount gross_once claimed_once fund_once involved_amount'),
			('数据质量', 'data_quality', 'run_id from_date to_date relation_zh problem_zh rows facility_id facility_name month examples'),
			('运行进度', 'run_progress', 'run_id from_date to_date run_state_zh started_by visits step_no step_zh rule_code rule_name state_zh rows '
				'insufficient seconds error_zh started_at finished_at'),
			('病例组合指数', 'case_mix', 'from_date to_date facility_id facility_name month stays no_weight total_weight case_mix_index index_last_year growth '
				'payment unit_value mean_days mean_cost mean_secondaries operated_share'),
			('组合指数异常上升', 'case_mix_drift', 'from_date to_date facility_id facility_name drift stays base_stays new_department_stays case_mix_index base_index '
				'growth chance_z days_growth cost_growth age_growth operated_change severity_growth unexplained mean_secondaries base_mean_secondaries peers peer_median '
				'peer_z certainty_zh notice_zh'),
			('无诊疗次要诊断', 'untreated_diagnoses', 'facility_id facility_name visit_id person_id admitted_on discharged_on group_code main_diagnosis diagnosis_code '
				'treatments weight usual_weight usual_stays weight_gain payment_gain certainty_zh notice_zh'),
			('主次诊断调换', 'swapped_diagnoses', 'facility_id facility_name visit_id person_id admitted_on discharged_on group_code main_diagnosis diagnosis_code '
				'treated_amount admitted_with weight usual_weight usual_stays weight_gain payment_gain certainty_zh notice_zh'),
			('住院前后门诊费用', 'shifted_costs', 'facility_id facility_name visit_id person_id admitted_on discharged_on group_code outpatient_visit_id side_zh '
				'first_on last_on lines amount certainty_zh notice_zh'),
			('按病组付费机构汇总', 'case_payment_facilities', 'from_date to_date facility_id facility_name stays no_weight no_diagnosis secondaries unmapped not_known '
				'untreated_of untreated_stays untreated_share untreated_z swapped_of swapped_stays swapped_share swapped_z shifted_of shifted_stays shifted_share '
				'shifted_z shifted_amount stay_amount shifted_amount_share certainty_zh'),
			('断保漏保', 'lost_cover', 'year region person_class aid_class covered_before kept moved died left_cover insufficient lost lost_rate joined uncovered cover_rate'),
			('断保漏保人员', 'lost_cover_persons', 'year outcome_zh person_id person_name region insurance_type person_class aid_class covered_on'),
			('应享未享', 'unclaimed_benefit', 'benefit_zh from_month to_month region person_class aid_class persons claimed insufficient unclaimed unclaimed_rate'),
			('应享未享人员', 'unclaimed_benefit_persons', 'benefit_zh from_month to_month person_id person_name region insurance_type person_class aid_class '
				'months months_without ended_on diagnosed'),
			('三重保障', 'threefold_cover', 'from_date to_date region insurance_type person_class aid_class persons visits left_out total_amount scope_amount '
				'basic_amount serious_illness_amount aid_amount threefold_amount basic_share serious_illness_share aid_share threefold_share actual_share'),
			('指标同组比较', 'indicator_peers', 'month subject_kind_zh subject_id name indicator_zh numerator denominator value last_month growth_month last_year '
				'growth year_to_date peers peer_median peer_low peer_high z shrunk rank flag_zh')
		) AS i (name, original, columns)
		CROSS JOIN LATERAL (SELECT i.name, i.original, i.columns UNION ALL SELECT i.name || '_脱敏', i.original || '_masked', i.columns
			WHERE to_regclass(format('medaudit.%I', i.original || '_masked')) IS NOT NULL) AS v
	LOOP
		columns := NULL;
		comments := ARRAY[format('COMMENT ON VIEW medaudit.%I IS %L', twin.name, format('%s: %s under Chinese headings', twin.name, twin.original))];
		FOR item IN
			SELECT u.name, u.place, a.atttypid = 'bool'::regtype AS truth, h.heading,
				regexp_replace(coalesce(col_description(a.attrelid, a.attnum), ''), '^[^:;]*[:;]? *', '') AS meaning
			FROM unnest(twin.columns) WITH ORDINALITY AS u (name, place)
			LEFT JOIN pg_attribute AS a ON a.attrelid = format('medaudit.%I', twin.original)::regclass AND a.attname = u.name
			LEFT JOIN (VALUES
				('amount', '金额'), ('article', '法规条款'), ('article_zh', '条款内容'), ('behaviour_code', '违规行为编码'), ('certainty_zh', '确定程度'),
				('charged_at', '费用发生时间'), ('claimed_amount', '范围内违规金额'), ('claimed_once', '去重范围内违规金额'), ('department', '科室'),
				('error_zh', '说明'), ('evidence_text', '证据说明'), ('examples', '示例'), ('excess_amount', '超出金额'), ('excess_quantity', '超出数量'), ('facilities', '机构数'),
				('facility_id', '机构编号'), ('facility_name', '机构名称'), ('finding_id', '疑点编号'), ('findings', '疑点数'), ('finished_at', '完成时间'),
				('found_at', '发现时间'), ('from_date', '开始日期'), ('fund_amount', '基金违规金额'), ('fund_basis_zh', '基金金额依据'),
				('fund_once', '去重基金违规金额'), ('gross_amount', '违规金额'), ('gross_once', '去重违规金额'), ('insufficient', '无法判断数'),
				('involved_amount', '涉及金额'), ('item_code', '项目编码'), ('item_name', '项目名称'), ('judged_on', '归属日期'), ('line_count', '明细行数'),
				('line_id', '费用明细流水号'), ('listed_zh', '名单'), ('month', '月份'), ('other_rules', '其他规则数'), ('person_id', '人员编号'), ('person_name', '姓名'),
				('persons', '人数'), ('physician_id', '医师编号'), ('problem_zh', '问题说明'), ('quantity', '数量'), ('rank', '序号'), ('record_no', '住院号'),
				('recurs', '再次发生'), ('relation_zh', '数据表'), ('rows', '行数'), ('rule_code', '规则编号'), ('rule_name', '规则名称'), ('rules', '规则数'),
				('run_id', '运行编号'), ('run_state_zh', '运行状态'), ('seconds', '用时秒数'), ('started_at', '开始时间'), ('started_by', '发起人'),
				('state_zh', '状态'), ('step_no', '步骤序号'), ('step_zh', '步骤'), ('subject_id', '主体编号'), ('subject_kind_zh', '主体类型'),
				('to_date', '结束日期'), ('violation', '违规类型'), ('violations', '明确违规数'), ('visit_id', '就诊编号'), ('visits', '就诊数'),
				('admitted_on', '入院日期'), ('admitted_with', '入院诊断相符'), ('age_growth', '年龄增幅'), ('base_index', '基期指数'), ('base_mean_secondaries', '基期平均次要诊断数'),
				('base_stays', '基期住院数'), ('case_mix_index', '组合指数'), ('chance_z', '增幅标准误倍数'), ('cost_growth', '费用增幅'), ('days_growth', '住院日增幅'),
				('diagnosis_code', '次要诊断编码'), ('discharged_on', '出院日期'), ('drift', '异常上升'), ('first_on', '首次费用日期'), ('group_code', '病组编码'), ('growth', '增幅'),
				('index_last_year', '上年同月指数'), ('last_on', '末次费用日期'), ('lines', '明细数'), ('main_diagnosis', '主诊断编码'), ('mean_cost', '次均费用'), ('mean_days', '平均住院日'),
				('mean_secondaries', '平均次要诊断数'), ('new_department_stays', '新科室住院数'), ('no_diagnosis', '无诊断住院数'), ('no_weight', '无权重住院数'),
				('not_known', '无法判断诊断数'), ('notice_zh', '提示说明'), ('operated_change', '手术占比变化'), ('operated_share', '手术占比'),
				('outpatient_visit_id', '门诊就诊编号'), ('payment', '病组付费'), ('payment_gain', '付费差'), ('peer_z', '同级偏离值'), ('peers', '同组数'),
				('secondaries', '次要诊断数'), ('severity_growth', '病情变化'), ('shifted_amount', '前后门诊金额'), ('shifted_amount_share', '前后门诊费用占比'),
				('shifted_of', '门诊可判断住院数'), ('shifted_share', '前后门诊占比'), ('shifted_stays', '前后门诊住院数'), ('shifted_z', '前后门诊偏离值'), ('side_zh', '前后'),
				('stay_amount', '住院总金额'), ('stays', '住院数'), ('swapped_of', '主次可判断住院数'), ('swapped_share', '主次调换占比'), ('swapped_stays', '主次调换住院数'),
				('swapped_z', '主次调换偏离值'), ('total_weight', '总权重'), ('treated_amount', '诊疗金额'), ('treatments', '对照项数'), ('unexplained', '未解释增幅'),
				('unit_value', '单位权重付费'), ('unmapped', '无对照诊断数'), ('untreated_of', '诊疗可判断住院数'), ('untreated_share', '无诊疗占比'), ('untreated_stays', '无诊疗住院数'),
				('untreated_z', '无诊疗偏离值'), ('usual_stays', '比较住院数'), ('usual_weight', '通常权重'), ('weight', '权重'), ('weight_gain', '权重差'),
				-- what the fund owes its people
				('actual_share', '实际支付比例'), ('aid_amount', '医疗救助支付金额'), ('aid_class', '人员身份类别'), ('aid_share', '医疗救助支付比例'),
				('basic_amount', '基本医保支付金额'), ('basic_share', '基本医保支付比例'), ('benefit_zh', '待遇'), ('claimed', '已享受人数'), ('cover_rate', '参保率'),
				('covered_before', '上年参保人数'), ('covered_on', '参保末日'), ('diagnosed', '有相关诊断'), ('died', '死亡人数'), ('ended_on', '上一备案截止日期'),
				('from_month', '起始月份'), ('insurance_type', '险种类型'), ('joined', '新参保人数'), ('kept', '续保人数'), ('to_month', '终止月份'),
				('left_cover', '终止参保人数'), ('left_out', '未计入结算数'), ('lost', '断保人数'), ('lost_rate', '断保率'), ('months', '用药月数'),
				('months_without', '无备案用药月数'), ('moved', '转移接续人数'), ('outcome_zh', '参保去向'), ('person_class', '人员类别'), ('region', '参保区划'),
				('scope_amount', '政策范围内金额'), ('serious_illness_amount', '大病保险支付金额'), ('serious_illness_share', '大病保险支付比例'),
				('threefold_amount', '三重保障支付金额'), ('threefold_share', '综合支付比例'), ('total_amount', '医疗费总金额'), ('unclaimed', '应享未享人数'),
				('unclaimed_rate', '应享未享率'), ('uncovered', '漏保人数'), ('year', '年度'),
				('name', '名称'), ('indicator_zh', '指标'), ('numerator', '分子'), ('denominator', '分母'), ('value', '指标值'),
				('last_month', '上月值'), ('growth_month', '环比'), ('last_year', '上年同月值'), ('year_to_date', '本年累计'),
				('peer_median', '同组中位数'), ('peer_low', '同组下限'), ('peer_high', '同组上限'), ('z', '稳健分值'), ('shrunk', '收缩比率'), ('flag_zh', '标记')
			) AS h (name, heading) ON h.name = u.name
			ORDER BY u.place
		LOOP
			columns := concat_ws(', ', columns, format(CASE WHEN item.truth THEN 'CASE WHEN %1$I THEN ''是'' WHEN NOT %1$I THEN ''否'' END AS %2$I'
				ELSE '%1$I AS %2$I' END, item.name, item.heading));
			comments := comments || format('COMMENT ON COLUMN medaudit.%I.%I IS %L', twin.name, item.heading,
				format('%s: %s', item.heading, concat_ws('; ', item.name, nullif(item.meaning, ''))));
		END LOOP;
		EXECUTE format('CREATE OR REPLACE VIEW medaudit.%I WITH (security_invoker = true) AS SELECT %s FROM medaudit.%I',
			twin.name, columns, twin.original);
		FOREACH comment IN ARRAY comments LOOP
			EXECUTE comment;
		END LOOP;
	END LOOP;
END
$$;
