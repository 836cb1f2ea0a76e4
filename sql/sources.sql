-- Sources: the warehouse's own tables under the names and types that the rest
-- of medaudit knows.  bind() makes one plain view per relation; what a view
-- may hold stands in relation_column, what was bound stands in binding.

CREATE TABLE relation_column (
	relation text NOT NULL,
	position int NOT NULL,
	column_name text NOT NULL,
	type text NOT NULL,
	required bool NOT NULL,
	name_zh text NOT NULL,
	unit text,
	national_field text,
	note text,
	PRIMARY KEY (relation, column_name),
	UNIQUE (relation, position)
);

COMMENT ON TABLE relation_column IS
	'数据字典: the columns that bind() gives each relation; read only';
COMMENT ON COLUMN relation_column.relation IS
	'关系: the relation, first argument of bind()';
COMMENT ON COLUMN relation_column.position IS
	'列序: place of the column in the view, from 1';
COMMENT ON COLUMN relation_column.column_name IS
	'列名: canonical name, a key of the columns argument of bind()';
COMMENT ON COLUMN relation_column.type IS
	'类型: PostgreSQL type to which the source is cast';
COMMENT ON COLUMN relation_column.required IS
	'必备: bind() refuses a source that cannot give the column';
COMMENT ON COLUMN relation_column.name_zh IS
	'中文名: the term of the national interfaces';
COMMENT ON COLUMN relation_column.unit IS
	'单位: unit of the values, or code; NULL where there is none';
COMMENT ON COLUMN relation_column.national_field IS
	'国家接口字段: field of the national interfaces; NULL: none';
COMMENT ON COLUMN relation_column.note IS
	'说明: what else a source must know';

INSERT INTO relation_column (relation, position, column_name, type, required,
	name_zh, unit, national_field, note) VALUES
	('person', 1, 'person_id', 'text', true, '人员编号', NULL, 'psn_no', 'key of a person inside one insured area'),
	('person', 2, 'name', 'text', false, '姓名', NULL, 'psn_name', 'may be masked'),
	('person', 3, 'resident_id', 'text', false, '证件号码', NULL, 'certno', '18 or 15 digits; encrypted values compare for equality only'),
	('person', 4, 'sex', 'text', false, '性别', 'code', 'gend', '1 male, 2 female; anything else is unknown'),
	('person', 5, 'birth_date', 'date', false, '出生日期', 'date', 'brdy', '1900-01-01 stands for not known'),
	('person', 6, 'death_date', 'date', false, '死亡日期', 'date', 'die_date', NULL),
	('person', 7, 'household_id', 'text', false, '家庭编号', NULL, 'hsecfc_no', 'persons with one value live together; else address and phone link them'),
	('person', 8, 'address', 'text', false, '联系地址', NULL, 'addr', NULL),
	('person', 9, 'phone', 'text', false, '联系电话', NULL, 'tel', 'often the hospital''s own'),
	('person', 10, 'employer', 'text', false, '单位', NULL, 'emp_name', NULL),
	('person', 11, 'insurance_type', 'text', false, '险种类型', 'code', 'insutype', '310 employees, 390 residents'),
	('person', 12, 'person_class', 'text', false, '人员类别', 'code', 'psn_type', NULL),
	('person', 13, 'region', 'text', false, '参保区划', 'code', 'insu_admdvs', NULL),
	('facility', 1, 'facility_id', 'text', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('facility', 2, 'name', 'text', false, '定点医药机构名称', NULL, 'fixmedins_name', NULL),
	('facility', 3, 'kind', 'text', false, '机构类型', 'code', 'fixmedins_type', 'hospital, pharmacy, clinic'),
	('facility', 4, 'rank', 'integer', false, '机构等级', 'code', 'hosp_lv', '3, 2, 1, 0 as charge_rule.facility_ranks has it; a level code as text (hosp_lv 01 to 14, or local) goes through facility_rank()'),
	('facility', 5, 'ownership', 'text', false, '经济类型', NULL, 'econ_type', NULL),
	('facility', 6, 'region', 'text', false, '定点归属区划', 'code', 'fix_blng_admdvs', NULL),
	('facility', 7, 'beds', 'integer', false, '核定床位数', 'beds', 'aprv_bed_cnt', NULL),
	('facility', 8, 'credit_code', 'text', false, '统一社会信用代码', NULL, 'uscc', NULL),
	('visit', 1, 'visit_id', 'text', true, '就诊编号', NULL, 'mdtrt_id', 'several rows of one visit (mid-stay settlement) are one visit'),
	('visit', 2, 'person_id', 'text', true, '人员编号', NULL, 'psn_no', NULL),
	('visit', 3, 'facility_id', 'text', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('visit', 4, 'admitted_at', 'timestamp without time zone', true, '开始时间', 'local time', 'begntime', NULL),
	('visit', 5, 'discharged_at', 'timestamp without time zone', true, '结束时间', 'local time', 'endtime', 'NULL: still in'),
	('visit', 6, 'record_no', 'text', false, '住院或门诊号', NULL, 'ipt_otp_no', NULL),
	('visit', 7, 'visit_type', 'text', false, '医疗类别', 'code', 'med_type', 'which are stays is told by medaudit.visit_class'),
	('visit', 8, 'insurance_type', 'text', false, '险种类型', 'code', 'insutype', NULL),
	('visit', 9, 'department', 'text', false, '科室', NULL, 'adm_dept_codg', NULL),
	('visit', 10, 'physician_id', 'text', false, '主诊医师', NULL, 'atddr_no', NULL),
	('visit', 11, 'ward', 'text', false, '病区', NULL, 'wardarea_bed', NULL),
	('visit', 12, 'bed', 'text', false, '床位', NULL, 'dscg_bed', 'a label is unique only with its ward'),
	('visit', 13, 'main_diagnosis', 'text', false, '主诊断编码', 'code', 'dscg_maindiag_code', 'ICD-10 of the insurance edition'),
	('visit', 14, 'total_amount', 'numeric', false, '医疗费总额', 'yuan', 'medfee_sumamt', NULL),
	('visit', 15, 'scope_amount', 'numeric', false, '符合政策范围金额', 'yuan', 'inscp_scp_amt', NULL),
	('visit', 16, 'fund_amount', 'numeric', false, '基金支付总额', 'yuan', 'fund_pay_sumamt', NULL),
	('visit', 17, 'personal_amount', 'numeric', false, '个人负担总额', 'yuan', 'psn_pay', NULL),
	('visit', 18, 'payment_method', 'text', false, '支付方式', 'code', 'setl_way', 'item, drg, dip, case, bed_day, capitation'),
	('visit', 19, 'settled_at', 'timestamp without time zone', false, '结算时间', 'local time', 'setl_time', 'decides in which run a visit is judged; else discharged_at'),
	('visit', 20, 'referral_visit_id', 'text', false, '转诊前就诊编号', NULL, 'refl_old_mdtrt_id', NULL),
	('visit', 21, 'discharge_way', 'text', false, '离院方式', 'code', 'dscg_way', NULL),
	('visit', 22, 'newborn', 'boolean', false, '新生儿标志', NULL, 'nwb_flag', NULL),
	('visit', 23, 'region', 'text', false, '就医区划', 'code', 'mdtrtarea_admdvs', NULL),
	('visit', 24, 'mid_settlement', 'boolean', false, '中途结算标志', NULL, 'mid_setl_flag', 'the stay goes on under the next number of the person and facility'),
	('visit', 25, 'continues_visit_id', 'text', false, '续接就诊编号', NULL, NULL, 'the visit that this one continues under a new number'),
	('diagnosis', 1, 'visit_id', 'text', true, '就诊编号', NULL, 'mdtrt_id', NULL),
	('diagnosis', 2, 'diagnosis_code', 'text', true, '诊断编码', 'code', 'diag_code', NULL),
	('diagnosis', 3, 'rank', 'integer', false, '诊断排序', '1 is the main one', 'diag_srt_no', NULL),
	('diagnosis', 4, 'admission', 'boolean', false, '入院诊断标志', NULL, 'diag_type', NULL),
	('charge', 1, 'visit_id', 'text', true, '就诊编号', NULL, 'mdtrt_id', NULL),
	('charge', 2, 'item_code', 'text', true, '医疗目录编码', 'code', 'med_list_codg', NULL),
	('charge', 3, 'quantity', 'numeric', true, '数量', 'in the item''s unit', 'cnt', 'negative: refund'),
	('charge', 4, 'amount', 'numeric', true, '明细项目费用总额', 'yuan', 'det_item_fee_sumamt', 'gross'),
	('charge', 5, 'charged_at', 'timestamp without time zone', true, '费用发生时间', 'local time', 'fee_ocur_time', NULL),
	('charge', 6, 'claimed', 'numeric', false, '符合政策范围金额', 'yuan', 'inscp_scp_amt', 'NULL: the amount; 0: self-paid, as with hosp_appr_flag 2'),
	('charge', 7, 'line_id', 'text', false, '费用明细流水号', NULL, 'feedetl_sn', 'unique within a visit; numbered per visit where it is not bound'),
	('charge', 8, 'original_line_id', 'text', false, '原费用流水号', NULL, 'init_feedetl_sn', 'the line that a refund takes back'),
	('charge', 9, 'item_name', 'text', false, '医保目录名称', NULL, 'hilist_name', NULL),
	('charge', 10, 'local_code', 'text', false, '机构目录编码', NULL, 'medins_list_codg', NULL),
	('charge', 11, 'local_name', 'text', false, '机构目录名称', NULL, 'medins_list_name', NULL),
	('charge', 12, 'category', 'text', false, '收费项目类别', 'code', 'med_chrgitm_type', NULL),
	('charge', 13, 'unit_price', 'numeric', false, '单价', 'yuan', 'pric', NULL),
	('charge', 14, 'prescription_id', 'text', false, '处方或医嘱号', NULL, 'rx_drord_no', NULL),
	('charge', 15, 'physician_id', 'text', false, '开单医师', NULL, 'bilg_dr_codg', NULL),
	('charge', 16, 'department', 'text', false, '开单科室', NULL, 'bilg_dept_codg', 'goes before the department of the visit; not known of lines without line_id where one of them differs from it'),
	('charge', 17, 'days_supply', 'numeric', false, '用药天数', 'days', 'prd_days', NULL),
	('charge', 18, 'payment_class', 'text', false, '收费项目等级', 'code', 'chrgitm_lv', '01, 02, 03'),
	('charge', 19, 'take_home', 'boolean', false, '出院带药标志', NULL, 'dscg_tkdrug_flag', NULL),
	('item', 1, 'item_code', 'text', true, '医疗目录编码', 'code', 'hilist_code', 'as charge.item_code has it'),
	('item', 2, 'national_code', 'text', false, '国家目录编码', 'code', 'med_list_codg', 'rules on it apply to item_code'),
	('item', 3, 'name', 'text', false, '项目名称', NULL, 'hilist_name', NULL),
	('item', 4, 'class', 'text', false, '项目类别', 'code', 'list_type', 'bed, nursing, consultation are passive'),
	('item', 5, 'unit', 'text', false, '计价单位', NULL, 'prcunt', NULL),
	('item', 6, 'unit_factor', 'numeric', false, '单位换算', NULL, 'cnvr', 'how many of the rule''s units one charged unit is'),
	('item', 7, 'pack_units', 'numeric', false, '包装数量', 'units', 'pac_cnt', NULL),
	('item', 8, 'generic', 'text', false, '通用名', NULL, 'drug_genname', NULL),
	('item', 9, 'minutes', 'numeric', false, '操作时长', 'minutes', NULL, NULL),
	('item', 10, 'list_price', 'numeric', false, '定价上限', 'yuan', 'pric_uplmt_amt', NULL),
	('item', 11, 'valid', 'daterange', false, '有效期间', 'dates', 'begndate, enddate', NULL),
	('swipe', 1, 'facility_id', 'text', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('swipe', 2, 'card_id', 'text', true, '就诊凭证编号', NULL, 'mdtrt_cert_no', NULL),
	('swipe', 3, 'swiped_at', 'timestamp without time zone', true, '刷卡时间', 'local time', 'setl_time', NULL),
	('swipe', 4, 'amount', 'numeric', true, '刷卡金额', 'yuan', 'acct_pay', 'negative: refund'),
	('swipe', 5, 'terminal_id', 'text', false, '终端编号', NULL, 'trns_dev_no', NULL),
	('swipe', 6, 'person_id', 'text', false, '人员编号', NULL, 'psn_no', NULL),
	('swipe', 7, 'operator_id', 'text', false, '经办人编号', NULL, 'opter_id', NULL),
	('swipe', 8, 'balance_after', 'numeric', false, '账户余额', 'yuan', 'balc', NULL),
	('swipe', 9, 'credential', 'text', false, '就诊凭证类型', 'code', 'mdtrt_cert_type', '01 e-voucher, 02 identity card, 03 social card'),
	('stock_move', 1, 'facility_id', 'text', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('stock_move', 2, 'product_code', 'text', true, '医疗目录编码', 'code', 'med_list_codg', NULL),
	('stock_move', 3, 'at', 'timestamp without time zone', true, '出入库时间', 'local time', 'purc_retn_stoin_time, sel_retn_time', NULL),
	('stock_move', 4, 'quantity', 'numeric', true, '出入库数量', 'in the product''s unit', 'purc_retn_cnt, sel_retn_cnt', 'in is positive, out is negative'),
	('stock_move', 5, 'kind', 'text', false, '变动类型', 'code', 'inv_chg_type', 'purchase, sale, return, loss'),
	('stock_move', 6, 'trace_code', 'text', false, '药品追溯码', NULL, 'drug_trac_codg', NULL),
	('stock_move', 7, 'unit_factor', 'numeric', false, '单位换算', NULL, NULL, NULL),
	('stock_move', 8, 'price', 'numeric', false, '单价', 'yuan', 'finl_trns_pric', NULL),
	('stock_move', 9, 'pay_method', 'text', false, '支付方式', 'code', NULL, 'insured or cash'),
	('budget', 1, 'facility_id', 'text', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('budget', 2, 'quota', 'numeric', true, '预算额度', 'yuan', NULL, NULL),
	('budget', 3, 'valid', 'daterange', true, '有效期间', 'dates', NULL, NULL),
	('budget', 4, 'month_weights', 'numeric[]', false, '月度权重', '12 shares', NULL, NULL);

CREATE TABLE binding (
	relation text PRIMARY KEY,
	source text NOT NULL,
	columns jsonb NOT NULL,
	row_filter text,
	bound text[] NOT NULL,
	bound_by name NOT NULL DEFAULT current_user,
	bound_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE binding IS
	'数据绑定: the arguments of the last bind() of each relation, for rebind()';
COMMENT ON COLUMN binding.relation IS '关系: the relation';
COMMENT ON COLUMN binding.source IS
	'来源: table or view of the warehouse, schema-qualified';
COMMENT ON COLUMN binding.columns IS
	'列映射: canonical name to column or SQL expression, as given';
COMMENT ON COLUMN binding.row_filter IS
	'行过滤: condition on the rows of the source; NULL: all';
COMMENT ON COLUMN binding.bound IS
	'已绑定列: canonical columns that the source gives; the others are NULL';
COMMENT ON COLUMN binding.bound_by IS '绑定人: role that bound it';
COMMENT ON COLUMN binding.bound_at IS '绑定时间: when';

GRANT SELECT ON relation_column, binding TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('binding', '');

-- Whether bind() takes a column of type HAVE where it wants WANT: what
-- PostgreSQL itself would store there, and anything where text is wanted.
-- Text for a number or a date is refused: one bad value would stop a run.
CREATE FUNCTION source_type_fits(have regtype, want regtype) RETURNS bool
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN want = 'pg_catalog.text'::pg_catalog.regtype THEN true
		ELSE have = want OR EXISTS (
			SELECT
			FROM pg_catalog.pg_type AS h
			CROSS JOIN pg_catalog.pg_type AS w
			LEFT JOIN pg_catalog.pg_cast AS c
				ON c.castsource = CASE WHEN h.typelem <> 0 AND w.typelem <> 0
						AND h.typlen = -1 AND w.typlen = -1
					THEN h.typelem
					ELSE coalesce(nullif(h.typbasetype, 0), h.oid) END
				AND c.casttarget = CASE WHEN h.typelem <> 0 AND w.typelem <> 0
						AND h.typlen = -1 AND w.typlen = -1
					THEN w.typelem ELSE w.oid END
				AND c.castcontext IN ('i', 'a')
			WHERE h.oid = have::pg_catalog.oid
				AND w.oid = want::pg_catalog.oid
				AND (h.typbasetype = w.oid OR c.oid IS NOT NULL))
		END;

COMMENT ON FUNCTION source_type_fits(regtype, regtype) IS
	'类型是否相容: whether bind() takes a source column of the first type for a canonical column of the second; NULL for NULL';

-- The type of an expression over a source, without reading a row.  A cursor
-- refuses text that holds more than one statement.
CREATE FUNCTION source_expression_type(source regclass, expression text)
	RETURNS regtype
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
AS $$
DECLARE
	probe refcursor;
	result regtype;
BEGIN
	OPEN probe FOR EXECUTE pg_catalog.format(
		E'SELECT pg_catalog.pg_typeof(e.x) FROM (SELECT 1) AS one LEFT JOIN (SELECT (%s\n) AS x FROM %s LIMIT 0) AS e ON true',
		expression, source);
	FETCH probe INTO result;
	CLOSE probe;
	RETURN result;
END
$$;

COMMENT ON FUNCTION source_expression_type(regclass, text) IS
	'表达式类型: type of an SQL expression over a source; the parser''s own error for one that cannot be read';

CREATE TYPE source_column AS (
	column_name text,
	type text,
	required bool,
	expression text,
	problem text,
	problem_state text
);

COMMENT ON TYPE source_column IS
	'来源列: what bind() found for one canonical column; expression NULL: missing';

-- Where each canonical column of a relation comes from, and what is wrong.
CREATE FUNCTION source_columns(relation text, source regclass, columns jsonb)
	RETURNS SETOF medaudit.source_column
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 20
AS $$
DECLARE
	item medaudit.source_column;
	given text;
	have regtype;
	is_column bool;
BEGIN
	FOR item IN
		SELECT c.column_name, c.type, c.required, NULL, NULL, NULL
		FROM medaudit.relation_column AS c
		WHERE c.relation = source_columns.relation
		ORDER BY c.position
	LOOP
		-- JSON null says: leave it out, even where the source has the name.
		given := CASE WHEN columns OPERATOR(pg_catalog.?) item.column_name
			THEN columns OPERATOR(pg_catalog.->>) item.column_name
			ELSE item.column_name END;
		SELECT a.atttypid INTO have
		FROM pg_catalog.pg_attribute AS a
		WHERE a.attrelid = source AND a.attname = given
			AND a.attnum > 0 AND NOT a.attisdropped;
		is_column := FOUND;

		IF is_column THEN
			item.expression := pg_catalog.quote_ident(given);
		ELSIF given IS NOT NULL
			AND columns OPERATOR(pg_catalog.?) item.column_name THEN
			BEGIN
				have := medaudit.source_expression_type(source, given);
				item.expression := given;
			EXCEPTION WHEN OTHERS THEN
				item.problem := pg_catalog.format('%s: "%s" cannot be read (%s)',
					item.column_name, given, SQLERRM);
				item.problem_state := SQLSTATE;
			END;
		ELSIF item.required THEN
			item.problem := pg_catalog.format('%s: missing, %s is wanted',
				item.column_name, item.type);
			item.problem_state := '42703';
		END IF;

		-- A level code as text becomes the class that rules by level count.
		IF item.column_name = 'rank' AND relation = 'facility'
				AND have IN ('pg_catalog.text'::pg_catalog.regtype,
					'pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype) THEN
			item.expression := pg_catalog.format(E'medaudit.facility_rank((%s\n)::pg_catalog.text)', item.expression);
			have := item.type::pg_catalog.regtype;
		END IF;
		IF item.expression IS NOT NULL AND NOT medaudit.source_type_fits(
				have, item.type::pg_catalog.regtype) THEN
			item.problem := pg_catalog.format('%s: "%s" is %s, %s is wanted',
				item.column_name, given, have, item.type);
			item.problem_state := '42804';
		END IF;
		RETURN NEXT item;
	END LOOP;
END
$$;

COMMENT ON FUNCTION source_columns(text, regclass, jsonb) IS
	'列来源: how bind() would fill each canonical column of a relation from a source, and what is wrong; no rows for an unknown relation';

-- The arguments of bind() that are wrong whatever the source holds.
CREATE PROCEDURE check_bind_arguments(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF relation IS NULL OR source IS NULL OR columns IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004',
			MESSAGE = pg_catalog.format('%s must not be null',
				CASE WHEN relation IS NULL THEN 'relation'
					WHEN source IS NULL THEN 'source' ELSE 'columns' END);
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit.relation_column AS c
			WHERE c.relation = check_bind_arguments.relation) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('relation "%s" is not known', relation),
			HINT = 'The relations are '
				|| (SELECT pg_catalog.string_agg(DISTINCT c.relation, ', ')
					FROM medaudit.relation_column AS c) || '.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = source
			AND c.relkind IN ('r', 'p', 'v', 'm', 'f')) THEN
		RAISE EXCEPTION USING ERRCODE = '42809',
			MESSAGE = pg_catalog.format('"%s" is not a table or view', source);
	END IF;
	IF source = pg_catalog.to_regclass(
			'medaudit_data.' || pg_catalog.quote_ident(relation)) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format(
				'relation "%s" cannot be bound to its own view', relation);
	END IF;
	IF pg_catalog.jsonb_typeof(columns) <> 'object' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = 'columns must be a JSON object',
			HINT = 'Write {"canonical name": "column or SQL expression"}.';
	END IF;
	SELECT pg_catalog.string_agg(e.key, ', ' ORDER BY e.key) INTO unknown
	FROM pg_catalog.jsonb_each(columns) AS e
	WHERE pg_catalog.jsonb_typeof(e.value) NOT IN ('string', 'null');
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format(
				'columns must name each column by a string: %s', unknown);
	END IF;
	SELECT pg_catalog.string_agg(k, ', ' ORDER BY k) INTO unknown
	FROM pg_catalog.jsonb_object_keys(columns) AS k
	WHERE NOT EXISTS (SELECT FROM medaudit.relation_column AS c
		WHERE c.relation = check_bind_arguments.relation AND c.column_name = k);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = pg_catalog.format('relation "%s" has no column %s',
				relation, unknown),
			HINT = 'Its columns are ' || (
				SELECT pg_catalog.string_agg(c.column_name, ', ' ORDER BY c.position)
				FROM medaudit.relation_column AS c
				WHERE c.relation = check_bind_arguments.relation) || '.';
	END IF;
END
$$;

COMMENT ON PROCEDURE check_bind_arguments(text, regclass, jsonb) IS
	'检查绑定参数: 22004, 22023, 42703 or 42809 for arguments that bind() cannot take';

-- One error for everything that is wrong with the columns of a source.
CREATE PROCEDURE check_source_columns(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
AS $$
DECLARE
	names text;
	problems text;
	state text;
BEGIN
	SELECT pg_catalog.string_agg(s.column_name, ', '),
		pg_catalog.string_agg(s.problem, E'\n'),
		coalesce(pg_catalog.min(s.problem_state) FILTER (WHERE s.problem_state = '42703'),
			pg_catalog.min(s.problem_state))
	INTO names, problems, state
	FROM medaudit.source_columns(relation, source, columns) AS s
	WHERE s.problem IS NOT NULL;
	IF problems IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = state,
			MESSAGE = pg_catalog.format('"%s" cannot be bound as "%s": %s',
				source, relation, names),
			DETAIL = problems,
			HINT = 'Name each column, or write the conversion, in columns: {"amount": "fee::numeric"}.';
	END IF;
END
$$;

COMMENT ON PROCEDURE check_source_columns(text, regclass, jsonb) IS
	'检查来源列: one error that lists every missing or wrongly typed column of a source';

CREATE PROCEDURE check_row_filter(source regclass, row_filter text)
	LANGUAGE plpgsql
AS $$
DECLARE
	have regtype;
BEGIN
	BEGIN
		have := medaudit.source_expression_type(source, row_filter);
	EXCEPTION WHEN OTHERS THEN
		RAISE EXCEPTION USING ERRCODE = SQLSTATE,
			MESSAGE = pg_catalog.format('row_filter "%s" cannot be read: %s',
				row_filter, SQLERRM);
	END;
	IF have <> 'pg_catalog.bool'::pg_catalog.regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = pg_catalog.format('row_filter is %s, boolean is wanted', have);
	END IF;
END
$$;

COMMENT ON PROCEDURE check_row_filter(regclass, text) IS
	'检查行过滤: an error for a row_filter that is no condition over the source';

-- The text of the view.  Lines without an identifier are numbered within
-- their visit, in an order that does not depend on how they are stored.
CREATE FUNCTION source_view(relation text, source regclass, columns jsonb,
	row_filter text) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	RETURN (
		WITH picked AS MATERIALIZED (
			SELECT row_number() OVER () AS n, s.*
			FROM medaudit.source_columns(relation, source, columns) AS s
		), inside AS (
			SELECT format(E'SELECT %s\nFROM %s%s',
				string_agg(format(E'(%s\n)::%s AS %I',
					coalesce(p.expression, 'NULL'), p.type, p.column_name),
					', ' ORDER BY p.n),
				source, E'\nWHERE (' || row_filter || E'\n)') AS query
			FROM picked AS p
		)
		SELECT CASE WHEN relation = 'charge' AND EXISTS (SELECT FROM picked AS p
				WHERE p.column_name = 'line_id' AND p.expression IS NULL)
			THEN format('SELECT %s FROM (%s) AS line', (
				SELECT string_agg(CASE p.column_name WHEN 'line_id' THEN
					'pg_catalog.row_number() OVER (PARTITION BY line.visit_id ORDER BY line.charged_at, line.item_code COLLATE "C", line.quantity, line.amount, line.claimed, line.department COLLATE "C")::text AS line_id'
					ELSE format('line.%I', p.column_name) END, ', ' ORDER BY p.n)
				FROM picked AS p), inside.query)
			ELSE inside.query END
		FROM inside);

COMMENT ON FUNCTION source_view(text, regclass, jsonb, text) IS
	'视图定义: the query of the view that bind() makes';

CREATE PROCEDURE bind(relation text, source regclass, columns jsonb DEFAULT '{}',
	row_filter text DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	item record;
BEGIN
	CALL medaudit.check_bind_arguments(relation, source, columns);
	CALL medaudit.check_source_columns(relation, source, columns);
	IF row_filter IS NOT NULL THEN
		CALL medaudit.check_row_filter(source, row_filter);
	END IF;

	EXECUTE pg_catalog.format(
		'CREATE OR REPLACE VIEW medaudit_data.%I WITH (security_invoker = true) AS %s',
		relation, medaudit.source_view(relation, source, columns, row_filter));
	EXECUTE pg_catalog.format('COMMENT ON VIEW medaudit_data.%I IS %L', relation,
		'数据视图: made by medaudit.bind() from ' || source::text);
	FOR item IN
		SELECT c.column_name, pg_catalog.concat(c.name_zh, ': ',
			pg_catalog.concat_ws(', ', c.type, c.unit, c.national_field, c.note)) AS text
		FROM medaudit.relation_column AS c
		WHERE c.relation = bind.relation
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN medaudit_data.%I.%I IS %L',
			relation, item.column_name, item.text);
	END LOOP;

	INSERT INTO medaudit.binding AS b (relation, source, columns, row_filter, bound)
	SELECT bind.relation, pg_catalog.format('%I.%I', n.nspname, c.relname),
		bind.columns, bind.row_filter, ARRAY(
			SELECT s.column_name
			FROM medaudit.source_columns(bind.relation, bind.source, bind.columns) AS s
			WHERE s.expression IS NOT NULL)
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE c.oid = bind.source
	ON CONFLICT ON CONSTRAINT binding_pkey DO UPDATE
	SET source = excluded.source, columns = excluded.columns,
		row_filter = excluded.row_filter, bound = excluded.bound,
		bound_by = excluded.bound_by, bound_at = excluded.bound_at;
END
$$;

COMMENT ON PROCEDURE bind(text, regclass, jsonb, text) IS
	'绑定数据: makes the view medaudit_data.<relation> over a table or view of the warehouse; columns maps canonical names to columns or SQL expressions, same-named columns are taken by themselves, JSON null leaves one out; one error lists every missing (42703) or wrongly typed (42804) column; NULL relation, source or columns is 22004';

CREATE PROCEDURE rebind()
	LANGUAGE plpgsql
AS $$
DECLARE
	item medaudit.binding;
	detail text;
	failed text;
BEGIN
	FOR item IN SELECT * FROM medaudit.binding AS b ORDER BY b.relation LOOP
		BEGIN
			CALL medaudit.bind(item.relation, item.source::pg_catalog.regclass,
				item.columns, item.row_filter);
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			RAISE WARNING USING ERRCODE = SQLSTATE,
				MESSAGE = pg_catalog.format('relation "%s" was not bound: %s',
					item.relation, SQLERRM),
				DETAIL = detail;
			failed := pg_catalog.concat_ws(', ', failed, item.relation);
		END;
	END LOOP;
	IF failed IS NOT NULL THEN
		RAISE WARNING 'not bound: %', failed
			USING HINT = 'The other relations are bound. Call bind() for these.';
	END IF;
END
$$;

COMMENT ON PROCEDURE rebind() IS
	'重新绑定: makes every bound view again from medaudit.binding, as after a restore or a change of the warehouse; a relation that cannot be bound is a warning and does not stop the rest';

-- The canonical columns that each relation gives now.  A view made by hand
-- under a relation's name counts with the columns that it has.
CREATE FUNCTION bound_columns() RETURNS TABLE (relation text, source text,
	column_name text, bound bool)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.relation,
		CASE WHEN v.oid IS NULL THEN NULL
			ELSE coalesce(b.source, 'medaudit_data.' || pg_catalog.quote_ident(c.relation)) END,
		c.column_name,
		EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = v.oid AND a.attname = c.column_name
				AND NOT a.attisdropped)
		AND (b.relation IS NULL OR c.column_name = ANY (b.bound))
	FROM medaudit.relation_column AS c
	LEFT JOIN pg_catalog.pg_class AS v
		ON v.relname = c.relation AND v.relkind IN ('r', 'p', 'v', 'm', 'f')
		AND v.relnamespace = pg_catalog.to_regnamespace('medaudit_data')
	LEFT JOIN medaudit.binding AS b ON b.relation = c.relation
$$;

COMMENT ON FUNCTION bound_columns() IS
	'已绑定列: for each canonical column its source and whether it gives the column; source NULL: the relation is not bound';

-- 1900-01-01 is what hospitals enter for a birth date that they do not know.
CREATE FUNCTION known_birth_date(birth_date date) RETURNS date
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN birth_date > date '1900-01-01' AND isfinite(birth_date) THEN birth_date END;

COMMENT ON FUNCTION known_birth_date(date) IS
	'已知出生日期: the date, or NULL where it says that nobody knows it: 1900-01-01 or before, infinite, NULL';

-- What a row of a charge rule asks of the data beside the charges: it is of
-- no use when none of these columns is bound.
CREATE FUNCTION rule_row_needs(condition charge_rule) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN array_remove(ARRAY[
		CASE WHEN condition.sex IS NOT NULL THEN 'person.sex' END,
		CASE WHEN coalesce(condition.min_age, condition.max_age) IS NOT NULL THEN 'person.birth_date' END,
		CASE WHEN condition.facility_ranks IS NOT NULL THEN 'facility.rank' END,
		CASE WHEN condition.visit_types IS NOT NULL THEN 'visit.visit_type' END,
		CASE WHEN condition.insurance_types IS NOT NULL THEN 'visit.insurance_type' END,
		CASE WHEN condition.insurance_types IS NOT NULL THEN 'person.insurance_type' END,
		CASE WHEN condition.departments IS NOT NULL THEN 'visit.department' END,
		CASE WHEN condition.departments IS NOT NULL THEN 'charge.department' END,
		CASE WHEN condition.diagnosis_prefixes IS NOT NULL THEN 'visit.main_diagnosis' END,
		CASE WHEN condition.diagnosis_prefixes IS NOT NULL THEN 'diagnosis.diagnosis_code' END
	], NULL);

COMMENT ON FUNCTION rule_row_needs(charge_rule) IS
	'规则行所需数据: columns (relation.column) that the conditions of a row of charge_rule read; {}: none';

-- Rules that no run can ask, with the columns that they want.  A rule of
-- conditions is off when all its rows are; one of several columns would do
-- for the rules over stays and for what a number is compared with.
CREATE FUNCTION rules_off() RETURNS TABLE (rule_code text, relation text,
	column_name text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
	WITH missing AS MATERIALIZED (
		SELECT b.relation, b.column_name, b.relation || '.' || b.column_name AS name
		FROM medaudit.bound_columns() AS b WHERE NOT b.bound
	), every_missing AS MATERIALIZED (
		SELECT coalesce(pg_catalog.array_agg(m.name), '{}') AS names FROM missing AS m
	), row_needs AS MATERIALIZED (
		SELECT DISTINCT r.rule_code, medaudit.rule_row_needs(c) AS needs
		FROM medaudit.rule AS r
		JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code
		WHERE r.kind IN ('restriction', 'diagnosis')
	), off_rules AS (
		SELECT n.rule_code
		FROM row_needs AS n CROSS JOIN every_missing AS e
		GROUP BY n.rule_code
		HAVING pg_catalog.bool_and(n.needs <> '{}' AND n.needs <@ e.names)
	), off AS (
		SELECT n.rule_code, pg_catalog.unnest(n.needs) AS name
		FROM row_needs AS n JOIN off_rules AS o ON o.rule_code = n.rule_code
		UNION
		SELECT a.rule_code, pg_catalog.unnest(a.any_of)
		FROM (
			SELECT r.rule_code, (CASE r.kind
				WHEN 'split_stays' THEN '{visit.main_diagnosis,diagnosis.diagnosis_code}'
				WHEN 'over_capacity' THEN '{facility.beds}'
				WHEN 'hang_bed' THEN '{charge.category,item.class,item.national_code}'
				WHEN 'low_standard_stay' THEN '{charge.category,item.class,item.national_code}'
				WHEN 'similar_amounts' THEN '{visit.fund_amount,visit.total_amount}'
				WHEN 'same_household_admissions' THEN '{person.household_id,person.address,person.phone}'
				WHEN 'resident_id_mismatch' THEN '{person.sex,person.birth_date}' END)::text[] AS any_of
			FROM medaudit.rule AS r
		) AS a
		CROSS JOIN every_missing AS e
		WHERE a.any_of <@ e.names
		UNION
		SELECT r.rule_code, CASE r.kind
			WHEN 'events_after_death' THEN 'person.death_date' ELSE 'person.resident_id' END
		FROM medaudit.rule AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.book = 'persons'
		UNION
		-- without visits and charges there is no run at all
		SELECT r.rule_code, c.relation || '.' || c.column_name
		FROM medaudit.rule AS r, medaudit.relation_column AS c
		WHERE c.relation IN ('visit', 'charge') AND c.required
	)
	SELECT o.rule_code, m.relation, m.column_name
	FROM off AS o JOIN missing AS m ON m.name = o.name
$$;

COMMENT ON FUNCTION rules_off() IS
	'停用规则: rules that cannot be asked for want of data, with each column that would bring one back';

CREATE FUNCTION sources() RETURNS TABLE (relation text, source text,
	required_missing text[], optional_missing text[], rules_off text[])
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 9
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.relation, pg_catalog.min(b.source),
		coalesce(pg_catalog.array_agg(c.column_name ORDER BY c.position)
			FILTER (WHERE c.required AND NOT b.bound), '{}'),
		coalesce(pg_catalog.array_agg(c.column_name ORDER BY c.position)
			FILTER (WHERE NOT c.required AND NOT b.bound), '{}'),
		ARRAY(SELECT DISTINCT o.rule_code
			FROM medaudit.rules_off() AS o
			JOIN medaudit.rule AS r ON r.rule_code = o.rule_code
			WHERE o.relation = c.relation AND r.enabled
			ORDER BY o.rule_code)
	FROM medaudit.relation_column AS c
	JOIN medaudit.bound_columns() AS b
		ON b.relation = c.relation AND b.column_name = c.column_name
	GROUP BY c.relation
	ORDER BY c.relation COLLATE "C"
$$;

COMMENT ON FUNCTION sources() IS
	'数据来源: each relation with its source (NULL: not bound), the canonical columns that it does not give, and the enabled rules that are off because of them';
