-- Sources: the warehouse's own tables under the names and types that the rest
-- of medaudit knows.  bind() makes one plain view per relation; what a view
-- may hold stands in relation_column, what was bound stands in binding.

CREATE TABLE relation_column (
	relation text NOT NULL,
	position int NOT NULL,
	column_name text NOT NULL,
	type text NOT NULL,
	reading text NOT NULL,
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
	'类型: PostgreSQL type that the column has in the view';
COMMENT ON COLUMN relation_column.reading IS
	'读取方式: how the source is read, see medaudit.source_reading: text, code, time, end (infinity and 9999-12-31 are none), date, amount, quantity, integer, rank, flag, period, weights';
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

INSERT INTO relation_column (relation, position, column_name, type, reading, required,
	name_zh, unit, national_field, note) VALUES
	('person', 1, 'person_id', 'text', 'text', true, '人员编号', NULL, 'psn_no', 'key of a person inside one insured area'),
	('person', 2, 'name', 'text', 'text', false, '姓名', NULL, 'psn_name', 'may be masked'),
	('person', 3, 'resident_id', 'text', 'text', false, '证件号码', NULL, 'certno', '18 or 15 digits; encrypted values compare for equality only'),
	('person', 4, 'sex', 'text', 'code', false, '性别', 'code', 'gend', '1 male, 2 female; anything else is unknown'),
	('person', 5, 'birth_date', 'date', 'date', false, '出生日期', 'date', 'brdy', '1900-01-01 stands for not known'),
	('person', 6, 'death_date', 'date', 'date', false, '死亡日期', 'date', 'die_date', NULL),
	('person', 7, 'household_id', 'text', 'text', false, '家庭编号', NULL, 'hsecfc_no', 'persons with one value live together; else address and phone link them'),
	('person', 8, 'address', 'text', 'text', false, '联系地址', NULL, 'addr', NULL),
	('person', 9, 'phone', 'text', 'text', false, '联系电话', NULL, 'tel', 'often the hospital''s own'),
	('person', 10, 'employer', 'text', 'text', false, '单位', NULL, 'emp_name', NULL),
	('person', 11, 'insurance_type', 'text', 'code', false, '险种类型', 'code', 'insutype', '310 employees, 390 residents'),
	('person', 12, 'person_class', 'text', 'code', false, '人员类别', 'code', 'psn_type', NULL),
	('person', 13, 'region', 'text', 'code', false, '参保区划', 'code', 'insu_admdvs', NULL),
	('facility', 1, 'facility_id', 'text', 'code', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('facility', 2, 'name', 'text', 'text', false, '定点医药机构名称', NULL, 'fixmedins_name', NULL),
	('facility', 3, 'kind', 'text', 'text', false, '机构类型', 'code', 'fixmedins_type', 'hospital, pharmacy, clinic'),
	('facility', 4, 'rank', 'integer', 'rank', false, '机构等级', 'code', 'hosp_lv', '3, 2, 1, 0 as charge_rule.facility_ranks has it; a level code as text (hosp_lv 01 to 14, or local) goes through facility_rank()'),
	('facility', 5, 'ownership', 'text', 'text', false, '经济类型', NULL, 'econ_type', NULL),
	('facility', 6, 'region', 'text', 'code', false, '定点归属区划', 'code', 'fix_blng_admdvs', NULL),
	('facility', 7, 'beds', 'integer', 'integer', false, '核定床位数', 'beds', 'aprv_bed_cnt', NULL),
	('facility', 8, 'credit_code', 'text', 'code', false, '统一社会信用代码', NULL, 'uscc', NULL),
	('visit', 1, 'visit_id', 'text', 'text', true, '就诊编号', NULL, 'mdtrt_id', 'several rows of one visit (mid-stay settlement) are one visit'),
	('visit', 2, 'person_id', 'text', 'text', true, '人员编号', NULL, 'psn_no', NULL),
	('visit', 3, 'facility_id', 'text', 'code', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('visit', 4, 'admitted_at', 'timestamp without time zone', 'time', true, '开始时间', 'local time', 'begntime', NULL),
	('visit', 5, 'discharged_at', 'timestamp without time zone', 'end', true, '结束时间', 'local time', 'endtime', 'NULL: still in'),
	('visit', 6, 'record_no', 'text', 'text', false, '住院或门诊号', NULL, 'ipt_otp_no', NULL),
	('visit', 7, 'visit_type', 'text', 'code', false, '医疗类别', 'code', 'med_type', 'which are stays is told by medaudit.visit_class'),
	('visit', 8, 'insurance_type', 'text', 'code', false, '险种类型', 'code', 'insutype', NULL),
	('visit', 9, 'department', 'text', 'text', false, '科室', NULL, 'adm_dept_codg', NULL),
	('visit', 10, 'physician_id', 'text', 'text', false, '主诊医师', NULL, 'atddr_no', NULL),
	('visit', 11, 'ward', 'text', 'text', false, '病区', NULL, 'wardarea_bed', NULL),
	('visit', 12, 'bed', 'text', 'text', false, '床位', NULL, 'dscg_bed', 'a label is unique only with its ward'),
	('visit', 13, 'main_diagnosis', 'text', 'code', false, '主诊断编码', 'code', 'dscg_maindiag_code', 'ICD-10 of the insurance edition'),
	('visit', 14, 'total_amount', 'numeric', 'amount', false, '医疗费总额', 'yuan', 'medfee_sumamt', NULL),
	('visit', 15, 'scope_amount', 'numeric', 'amount', false, '符合政策范围金额', 'yuan', 'inscp_scp_amt', NULL),
	('visit', 16, 'fund_amount', 'numeric', 'amount', false, '基金支付总额', 'yuan', 'fund_pay_sumamt', NULL),
	('visit', 17, 'personal_amount', 'numeric', 'amount', false, '个人负担总额', 'yuan', 'psn_pay', NULL),
	('visit', 18, 'payment_method', 'text', 'code', false, '支付方式', 'code', 'setl_way', 'item, drg, dip, case, bed_day, capitation'),
	('visit', 19, 'settled_at', 'timestamp without time zone', 'time', false, '结算时间', 'local time', 'setl_time', 'decides in which run a visit is judged; else discharged_at'),
	('visit', 20, 'referral_visit_id', 'text', 'text', false, '转诊前就诊编号', NULL, 'refl_old_mdtrt_id', NULL),
	('visit', 21, 'discharge_way', 'text', 'code', false, '离院方式', 'code', 'dscg_way', NULL),
	('visit', 22, 'newborn', 'boolean', 'flag', false, '新生儿标志', NULL, 'nwb_flag', NULL),
	('visit', 23, 'region', 'text', 'code', false, '就医区划', 'code', 'mdtrtarea_admdvs', NULL),
	('visit', 24, 'mid_settlement', 'boolean', 'flag', false, '中途结算标志', NULL, 'mid_setl_flag', 'the stay goes on under the next number of the person and facility'),
	('visit', 25, 'continues_visit_id', 'text', 'text', false, '续接就诊编号', NULL, NULL, 'the visit that this one continues under a new number'),
	('diagnosis', 1, 'visit_id', 'text', 'text', true, '就诊编号', NULL, 'mdtrt_id', NULL),
	('diagnosis', 2, 'diagnosis_code', 'text', 'code', true, '诊断编码', 'code', 'diag_code', NULL),
	('diagnosis', 3, 'rank', 'integer', 'integer', false, '诊断排序', '1 is the main one', 'diag_srt_no', NULL),
	('diagnosis', 4, 'admission', 'boolean', 'flag', false, '入院诊断标志', NULL, 'diag_type', NULL),
	('charge', 1, 'visit_id', 'text', 'text', true, '就诊编号', NULL, 'mdtrt_id', NULL),
	('charge', 2, 'item_code', 'text', 'code', true, '医疗目录编码', 'code', 'med_list_codg', NULL),
	('charge', 3, 'quantity', 'numeric', 'quantity', true, '数量', 'in the item''s unit', 'cnt', 'negative: refund'),
	('charge', 4, 'amount', 'numeric', 'amount', true, '明细项目费用总额', 'yuan', 'det_item_fee_sumamt', 'gross'),
	('charge', 5, 'charged_at', 'timestamp without time zone', 'time', true, '费用发生时间', 'local time', 'fee_ocur_time', NULL),
	('charge', 6, 'claimed', 'numeric', 'amount', false, '符合政策范围金额', 'yuan', 'inscp_scp_amt', 'NULL: the amount; 0: self-paid, as with hosp_appr_flag 2'),
	('charge', 7, 'line_id', 'text', 'text', false, '费用明细流水号', NULL, 'feedetl_sn', 'unique within a visit; numbered per visit where it is not bound'),
	('charge', 8, 'original_line_id', 'text', 'text', false, '原费用流水号', NULL, 'init_feedetl_sn', 'the line that a refund takes back'),
	('charge', 9, 'item_name', 'text', 'text', false, '医保目录名称', NULL, 'hilist_name', NULL),
	('charge', 10, 'local_code', 'text', 'code', false, '机构目录编码', NULL, 'medins_list_codg', NULL),
	('charge', 11, 'local_name', 'text', 'text', false, '机构目录名称', NULL, 'medins_list_name', NULL),
	('charge', 12, 'category', 'text', 'code', false, '收费项目类别', 'code', 'med_chrgitm_type', NULL),
	('charge', 13, 'unit_price', 'numeric', 'amount', false, '单价', 'yuan', 'pric', NULL),
	('charge', 14, 'prescription_id', 'text', 'text', false, '处方或医嘱号', NULL, 'rx_drord_no', NULL),
	('charge', 15, 'physician_id', 'text', 'text', false, '开单医师', NULL, 'bilg_dr_codg', NULL),
	('charge', 16, 'department', 'text', 'text', false, '开单科室', NULL, 'bilg_dept_codg', 'goes before the department of the visit; not known of lines without line_id where one of them differs from it'),
	('charge', 17, 'days_supply', 'numeric', 'quantity', false, '用药天数', 'days', 'prd_days', NULL),
	('charge', 18, 'payment_class', 'text', 'code', false, '收费项目等级', 'code', 'chrgitm_lv', '01, 02, 03'),
	('charge', 19, 'take_home', 'boolean', 'flag', false, '出院带药标志', NULL, 'dscg_tkdrug_flag', NULL),
	('item', 1, 'item_code', 'text', 'code', true, '医疗目录编码', 'code', 'hilist_code', 'as charge.item_code has it'),
	('item', 2, 'national_code', 'text', 'code', false, '国家目录编码', 'code', 'med_list_codg', 'rules on it apply to item_code'),
	('item', 3, 'name', 'text', 'text', false, '项目名称', NULL, 'hilist_name', NULL),
	('item', 4, 'class', 'text', 'text', false, '项目类别', 'code', 'list_type', 'bed, nursing, consultation are passive'),
	('item', 5, 'unit', 'text', 'text', false, '计价单位', NULL, 'prcunt', NULL),
	('item', 6, 'unit_factor', 'numeric', 'quantity', false, '单位换算', NULL, 'cnvr', 'how many of the rule''s units one charged unit is'),
	('item', 7, 'pack_units', 'numeric', 'quantity', false, '包装数量', 'units', 'pac_cnt', NULL),
	('item', 8, 'generic', 'text', 'text', false, '通用名', NULL, 'drug_genname', NULL),
	('item', 9, 'minutes', 'numeric', 'quantity', false, '操作时长', 'minutes', NULL, NULL),
	('item', 10, 'list_price', 'numeric', 'amount', false, '定价上限', 'yuan', 'pric_uplmt_amt', NULL),
	('item', 11, 'valid', 'daterange', 'period', false, '有效期间', 'dates', 'begndate, enddate', NULL),
	('item', 12, 'facility_id', 'text', 'code', false, '定点医药机构编号', NULL, 'fixmedins_code', 'whose local code it is; NULL: everybody''s'),
	('swipe', 1, 'facility_id', 'text', 'code', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('swipe', 2, 'card_id', 'text', 'text', true, '就诊凭证编号', NULL, 'mdtrt_cert_no', NULL),
	('swipe', 3, 'swiped_at', 'timestamp without time zone', 'time', true, '刷卡时间', 'local time', 'setl_time', NULL),
	('swipe', 4, 'amount', 'numeric', 'amount', true, '刷卡金额', 'yuan', 'acct_pay', 'negative: refund'),
	('swipe', 5, 'terminal_id', 'text', 'text', false, '终端编号', NULL, 'trns_dev_no', NULL),
	('swipe', 6, 'person_id', 'text', 'text', false, '人员编号', NULL, 'psn_no', NULL),
	('swipe', 7, 'operator_id', 'text', 'text', false, '经办人编号', NULL, 'opter_id', NULL),
	('swipe', 8, 'balance_after', 'numeric', 'amount', false, '账户余额', 'yuan', 'balc', NULL),
	('swipe', 9, 'credential', 'text', 'code', false, '就诊凭证类型', 'code', 'mdtrt_cert_type', '01 e-voucher, 02 identity card, 03 social card'),
	('stock_move', 1, 'facility_id', 'text', 'code', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('stock_move', 2, 'product_code', 'text', 'code', true, '医疗目录编码', 'code', 'med_list_codg', NULL),
	('stock_move', 3, 'at', 'timestamp without time zone', 'time', true, '出入库时间', 'local time', 'purc_retn_stoin_time, sel_retn_time', NULL),
	('stock_move', 4, 'quantity', 'numeric', 'quantity', true, '出入库数量', 'in the product''s unit', 'purc_retn_cnt, sel_retn_cnt', 'in is positive, out is negative'),
	('stock_move', 5, 'kind', 'text', 'text', false, '变动类型', 'code', 'inv_chg_type', 'purchase, sale, return, loss'),
	('stock_move', 6, 'trace_code', 'text', 'code', false, '药品追溯码', NULL, 'drug_trac_codg', NULL),
	('stock_move', 7, 'unit_factor', 'numeric', 'quantity', false, '单位换算', NULL, NULL, NULL),
	('stock_move', 8, 'price', 'numeric', 'amount', false, '单价', 'yuan', 'finl_trns_pric', NULL),
	('stock_move', 9, 'pay_method', 'text', 'text', false, '支付方式', 'code', NULL, 'insured or cash'),
	('budget', 1, 'facility_id', 'text', 'code', true, '定点医药机构编号', NULL, 'fixmedins_code', NULL),
	('budget', 2, 'quota', 'numeric', 'amount', true, '预算额度', 'yuan', NULL, NULL),
	('budget', 3, 'valid', 'daterange', 'period', true, '有效期间', 'dates', NULL, NULL),
	('budget', 4, 'month_weights', 'numeric[]', 'weights', false, '月度权重', '12 shares', NULL, NULL);

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

-- How bind() reads a column of type HAVE where READING is wanted: the type in
-- which the source is given, the expression that reads it and the condition
-- under which something was there and could not be read, both with @ for the
-- column.  No row: it is not taken.
CREATE FUNCTION source_reading(reading text, have regtype)
	RETURNS TABLE (given_type text, reader text, unreadable text)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, pg_temp
AS $$
	WITH kind AS (
		SELECT CASE
			WHEN t.typcategory IN ('S', 'E', 'X') OR t.oid = '"char"'::pg_catalog.regtype THEN 'text'
			WHEN t.oid IN ('int2'::pg_catalog.regtype, 'int4'::pg_catalog.regtype) THEN 'int4'
			WHEN t.oid IN ('int8'::pg_catalog.regtype, 'numeric'::pg_catalog.regtype) THEN 'numeric'
			WHEN t.typname = ANY ('{_int2,_int4,_int8,_float4,_float8,_numeric}') THEN 'numeric[]'
			ELSE t.typname END AS kind
		FROM pg_catalog.pg_type AS t WHERE t.oid = have
	), way (reading, kind, given_type, reader) AS (VALUES
		('text', 'text', 'text', 'medaudit._read_text(@)'),
		('code', 'text', 'text', 'medaudit._read_code(@)'),
		('time', 'text', 'text', 'medaudit.to_time(@)'),
		('time', 'timestamp', 'timestamp without time zone', 'medaudit._read_time(@)'),
		('time', 'date', 'date', 'medaudit._read_date(@)::timestamp without time zone'),
		('date', 'text', 'text', 'medaudit._read_date(@)'),
		('date', 'timestamp', 'date', 'medaudit._read_date(@)'),
		('date', 'date', 'date', 'medaudit._read_date(@)'),
		('amount', 'text', 'text', 'medaudit.to_amount(@)'),
		('amount', 'int4', 'numeric', 'medaudit._read_amount(@)'),
		('amount', 'numeric', 'numeric', 'medaudit._read_amount(@)'),
		('amount', 'float4', 'real', 'medaudit._read_amount(@)'),
		('amount', 'float8', 'double precision', 'medaudit._read_amount(@)'),
		('quantity', 'text', 'text', 'medaudit._read_quantity(@)'),
		('quantity', 'int4', 'numeric', 'medaudit._read_quantity(@)'),
		('quantity', 'numeric', 'numeric', 'medaudit._read_quantity(@)'),
		('quantity', 'float4', 'real', 'medaudit._read_quantity(@)'),
		('quantity', 'float8', 'double precision', 'medaudit._read_quantity(@)'),
		('integer', 'text', 'text', 'medaudit._read_integer(@)'),
		('integer', 'int4', 'integer', '@'),
		('integer', 'numeric', 'numeric', 'medaudit._read_integer(@)'),
		('integer', 'float4', 'numeric', 'medaudit._read_integer(@)'),
		('integer', 'float8', 'numeric', 'medaudit._read_integer(@)'),
		('flag', 'text', 'text', 'medaudit.to_flag(@)'),
		('flag', 'bool', 'boolean', '@'),
		('flag', 'int4', 'text', 'medaudit.to_flag(@)'),
		('flag', 'numeric', 'text', 'medaudit.to_flag(@)'),
		('period', 'text', 'text', 'medaudit._read_period(@)'),
		('period', 'daterange', 'daterange', 'medaudit._read_period(@)'),
		('weights', 'numeric[]', 'numeric[]', 'medaudit._read_weights(@)')
	), chosen AS (
		SELECT k.kind, w.given_type,
			-- a level code as text becomes the class that rules by level count
			CASE WHEN source_reading.reading = 'rank' AND k.kind = 'text'
				THEN 'medaudit.facility_rank(medaudit._read_text(@))' ELSE w.reader END AS reader
		FROM kind AS k
		JOIN way AS w ON w.kind = k.kind AND w.reading = CASE source_reading.reading
			WHEN 'end' THEN 'time' WHEN 'rank' THEN 'integer' ELSE source_reading.reading END
		UNION ALL
		-- anything is text, but for times that depend on the zone of the session
		SELECT k.kind, 'text', '@' FROM kind AS k
		WHERE source_reading.reading IN ('text', 'code') AND k.kind NOT IN ('text', 'timestamptz', 'timetz')
	)
	SELECT c.given_type, c.reader, CASE
		WHEN source_reading.reading IN ('text', 'code') OR c.reader = '@' THEN NULL
		ELSE pg_catalog.concat('(@ IS NOT NULL AND ', c.reader, ' IS NULL',
			CASE WHEN c.given_type = 'text' THEN ' AND medaudit._read_text(@) IS NOT NULL' END,
			CASE WHEN source_reading.reading = 'end' THEN ' AND NOT medaudit._time_is_open(@)' END, ')')
		END
	FROM chosen AS c
$$;

COMMENT ON FUNCTION source_reading(text, regtype) IS
	'读取规则: how a source column of a type is read by bind(): the type that it is given in, the expression that reads it and the condition under which it could not be read; no row for a type that is refused, and for NULL';

-- The type of an expression over a source, which is parsed only: planning it
-- would run functions in it before anybody has looked whose they are.
CREATE FUNCTION source_expression_type(source regclass, expression text)
	RETURNS regtype
	AS 'MODULE_PATHNAME', 'medaudit_expression_type'
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION source_expression_type(regclass, text) IS
	'表达式类型: type of an SQL expression over a source, of a domain its base type, without running any of it; the parser''s own error for one that cannot be read, 42601 for what is no expression. NULL for NULL';

CREATE FUNCTION source_expression_zoned(source regclass, expression text)
	RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_expression_zoned'
	LANGUAGE C STABLE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION source_expression_zoned(regclass, text) IS
	'是否随时区变化: whether an SQL expression over a source turns a time with zone into something else by the time zone of the session (ts::timestamp, ts::date, to_char(ts, …)), without running any of it; NULL for NULL';

CREATE FUNCTION _check_query(query text) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_check_query'
	LANGUAGE C STABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION _check_query(text) IS
	'检查查询: 42601 for text that is not exactly one SELECT; nothing of it is run';

CREATE FUNCTION _check_trusted(relation text) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_check_trusted'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _check_trusted(text) IS
	'检查可信: 42501 where reading medaudit_data.<relation> would run a function or operator, in whatever view, domain, row policy, index, check, statistics or partition key, that is neither the current user''s nor a superuser''s nor the extension owner''s; what was looked at stays locked until the end of the transaction. Nothing for a relation that is not bound';

CREATE FUNCTION _check_trusted() RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT medaudit._check_trusted(c.relation)
	FROM (SELECT DISTINCT i.relation FROM medaudit.relation_column AS i ORDER BY i.relation) AS c
$$;

COMMENT ON FUNCTION _check_trusted() IS
	'检查可信: _check_trusted() of every relation';

CREATE FUNCTION _untrusted(relation text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_untrusted'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _untrusted(text) IS
	'不可信对象: what _check_trusted(relation) refuses, in words; NULL: nothing';

CREATE TYPE source_column AS (
	column_name text,
	type text,
	required bool,
	reading text,
	expression text,
	have regtype,
	given_type text,
	reader text,
	unreadable text,
	problem text,
	problem_state text
);

COMMENT ON TYPE source_column IS
	'来源列: what bind() found for one canonical column and how it is read; expression NULL: missing';

-- The column or expression that is to give a canonical column.
CREATE FUNCTION source_expression(source regclass, columns jsonb, column_name text)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = source AND a.attname = g.given AND a.attnum > 0 AND NOT a.attisdropped)
		THEN pg_catalog.quote_ident(g.given)
		WHEN columns OPERATOR(pg_catalog.?) column_name THEN g.given END
	-- JSON null says: leave it out, even where the source has the name
	FROM (SELECT CASE WHEN columns OPERATOR(pg_catalog.?) column_name
		THEN columns OPERATOR(pg_catalog.->>) column_name ELSE column_name END AS given) AS g
$$;

COMMENT ON FUNCTION source_expression(regclass, jsonb, text) IS
	'来源表达式: the quoted column of the source, else the expression, that columns gives for a canonical column; NULL: none';

-- Where each canonical column of a relation comes from, and what is wrong.
CREATE FUNCTION source_columns(relation text, source regclass, columns jsonb)
	RETURNS SETOF medaudit.source_column
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 20
AS $$
DECLARE
	item medaudit.source_column;
BEGIN
	FOR item IN
		SELECT c.column_name, c.type, c.required, c.reading,
			medaudit.source_expression(source, columns, c.column_name)
		FROM medaudit.relation_column AS c
		WHERE c.relation = source_columns.relation
		ORDER BY c.position
	LOOP
		IF item.expression IS NULL AND item.required THEN
			item.problem := pg_catalog.format('%s: missing, %s is wanted',
				item.column_name, item.type);
			item.problem_state := '42703';
		ELSIF item.expression IS NOT NULL THEN
			BEGIN
				item.have := medaudit.source_expression_type(source, item.expression);
				SELECT r.given_type, r.reader, r.unreadable
				INTO item.given_type, item.reader, item.unreadable
				FROM medaudit.source_reading(item.reading, item.have) AS r;
				IF item.reader IS NULL THEN
					item.problem := pg_catalog.format('%s: "%s" is %s, %s is wanted',
						item.column_name, item.expression, item.have, item.type);
					item.problem_state := '42804';
				ELSIF medaudit.source_expression_zoned(source, item.expression) THEN
					item.have := 'pg_catalog.timestamptz'::pg_catalog.regtype;
					item.problem := pg_catalog.format('%s: "%s" is another value in each time zone',
						item.column_name, item.expression);
					item.problem_state := '42804';
				END IF;
			EXCEPTION WHEN insufficient_privilege THEN
				RAISE;
			WHEN OTHERS THEN
				item.problem := pg_catalog.format('%s: "%s" cannot be read (%s)',
					item.column_name, item.expression, SQLERRM);
				item.problem_state := SQLSTATE;
				item.expression := NULL;
			END;
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
	zoned bool;
BEGIN
	SELECT pg_catalog.string_agg(s.column_name, ', '),
		pg_catalog.string_agg(s.problem, E'\n'),
		coalesce(pg_catalog.min(s.problem_state) FILTER (WHERE s.problem_state = '42703'),
			pg_catalog.min(s.problem_state)),
		coalesce(pg_catalog.bool_or(s.have = 'pg_catalog.timestamptz'::pg_catalog.regtype), false)
	INTO names, problems, state, zoned
	FROM medaudit.source_columns(relation, source, columns) AS s
	WHERE s.problem IS NOT NULL;
	IF problems IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = state,
			MESSAGE = pg_catalog.format('"%s" cannot be bound as "%s": %s',
				source, relation, names),
			DETAIL = problems,
			HINT = CASE WHEN zoned
				THEN 'A time with zone is another time in each session: write it as local time, in columns: {"charged_at": "fee_time AT TIME ZONE ''Asia/Shanghai''"}.'
				ELSE 'Name each column, or an expression, in columns: {"amount": "fee - discount"}. Text is read softly, without a cast.' END;
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

-- A type of PostgreSQL's own, whatever else is called so on somebody's path.
CREATE FUNCTION _type_name(type text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT 'pg_catalog.' || pg_catalog.quote_ident(t.typname)
	FROM pg_catalog.pg_type AS t WHERE t.oid = type::pg_catalog.regtype
$$;

COMMENT ON FUNCTION _type_name(text) IS
	'类型全名: a built-in type with its schema; NULL for NULL';

-- The rows of a source under canonical names, as they stand there.
CREATE FUNCTION source_given(source regclass, columns medaudit.source_column[], row_filter text)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT pg_catalog.format(E'SELECT %s\nFROM %s%s',
		-- one collation, whatever the source has: columns meet, and a view keeps its own
		pg_catalog.string_agg(pg_catalog.format(E'(%s\n)::%s%s AS %I', c.expression, medaudit._type_name(c.given_type),
			CASE WHEN c.given_type = 'text' THEN ' COLLATE pg_catalog."default"' END, c.column_name), ', ' ORDER BY c.ordinality),
		(SELECT pg_catalog.format('%I.%I', s.nspname, t.relname)
			FROM pg_catalog.pg_class AS t JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
			WHERE t.oid = source),
		E'\nWHERE (' || row_filter || E'\n)')
	FROM pg_catalog.unnest(columns) WITH ORDINALITY AS c
	WHERE c.expression IS NOT NULL
$$;

COMMENT ON FUNCTION source_given(regclass, medaudit.source_column[], text) IS
	'来源行: the query that gives the rows of a source under canonical names, not read yet';

-- The names of what could not be read in a row of source_given(): where all
-- could, one condition after another says so and nothing is made.
CREATE FUNCTION source_unreadable(columns medaudit.source_column[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT CASE WHEN pg_catalog.count(*) = 0 THEN 'NULL::pg_catalog.text[]' ELSE pg_catalog.format('CASE WHEN %s THEN pg_catalog.array_remove(ARRAY[%s]::pg_catalog.text[], NULL) END',
		pg_catalog.string_agg(t.told, ' OR ' ORDER BY t.n),
		pg_catalog.string_agg(pg_catalog.format('CASE WHEN %s THEN %L END', t.told, t.column_name), ', ' ORDER BY t.n)) END
	FROM (
		SELECT c.ordinality AS n, c.column_name,
			pg_catalog.replace(c.unreadable, '@', 'given.' || pg_catalog.quote_ident(c.column_name)) AS told
		FROM pg_catalog.unnest(columns) WITH ORDINALITY AS c
		WHERE c.expression IS NOT NULL AND c.unreadable IS NOT NULL
	) AS t
$$;

COMMENT ON FUNCTION source_unreadable(medaudit.source_column[]) IS
	'未读列: the expression over source_given() that names the columns of a row that could not be read';

-- The text of the view.  Lines without an identifier are numbered within
-- their visit, in an order that does not depend on how they are stored.
CREATE FUNCTION source_view(relation text, source regclass, columns jsonb,
	row_filter text) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	RETURN (
		WITH picked AS MATERIALIZED (
			SELECT row_number() OVER () AS n, s AS item, s.*
			FROM medaudit.source_columns(relation, source, columns) AS s
		), inside AS (
			SELECT format(E'SELECT %s, %s AS unreadable\nFROM (%s) AS given',
				string_agg(format('%s AS %I', CASE WHEN p.expression IS NULL THEN 'NULL::' || medaudit._type_name(p.type)
					ELSE replace(p.reader, '@', 'given.' || quote_ident(p.column_name)) END, p.column_name),
					', ' ORDER BY p.n),
				medaudit.source_unreadable(array_agg(p.item ORDER BY p.n)),
				medaudit.source_given(source, array_agg(p.item ORDER BY p.n), row_filter)) AS query
			FROM picked AS p
		)
		SELECT CASE WHEN relation = 'charge' AND EXISTS (SELECT FROM picked AS p
				WHERE p.column_name = 'line_id' AND p.expression IS NULL)
			THEN format('SELECT %s, line.unreadable FROM (%s) AS line', (
				SELECT string_agg(CASE p.column_name WHEN 'line_id' THEN
					'pg_catalog.row_number() OVER (PARTITION BY line.visit_id ORDER BY line.charged_at, line.item_code COLLATE "C", line.quantity, line.amount, line.claimed, line.department COLLATE "C", line.unreadable COLLATE "C")::pg_catalog.text AS line_id'
					ELSE format('line.%I', p.column_name) END, ', ' ORDER BY p.n)
				FROM picked AS p), inside.query)
			ELSE inside.query END
		FROM inside);

COMMENT ON FUNCTION source_view(text, regclass, jsonb, text) IS
	'视图定义: the query of the view that bind() makes';

-- Types that say less than the hospital did.
CREATE PROCEDURE warn_of_types(relation text, source regclass, columns jsonb)
	LANGUAGE plpgsql
AS $$
DECLARE
	floating text;
	numbered text;
BEGIN
	SELECT pg_catalog.string_agg(s.column_name, ', ') FILTER (WHERE s.reading IN ('amount', 'quantity')
			AND s.have IN ('pg_catalog.float4'::pg_catalog.regtype, 'pg_catalog.float8'::pg_catalog.regtype)),
		pg_catalog.string_agg(s.column_name, ', ') FILTER (WHERE s.reading = 'code' AND t.typcategory = 'N')
	INTO floating, numbered
	FROM medaudit.source_columns(relation, source, columns) AS s
	JOIN pg_catalog.pg_type AS t ON t.oid = s.have;
	IF floating IS NOT NULL THEN
		RAISE WARNING '"%": numbers in floating point are not exact: %', relation, floating
			USING HINT = 'Each is taken as its shortest text says. Let the warehouse keep them as numeric.';
	END IF;
	IF numbered IS NOT NULL THEN
		RAISE WARNING '"%": codes kept as numbers have lost their leading zeros: %', relation, numbered
			USING HINT = 'Rules know a code with its zeros: bind the text of it, or write pg_catalog.lpad(code::text, n, ''0'').';
	END IF;
END
$$;

COMMENT ON PROCEDURE warn_of_types(text, regclass, jsonb) IS
	'类型提醒: a warning of money in floating point, and one of codes in numbers';

-- The columns by which a row is known to people, in order.
CREATE FUNCTION relation_key(relation text) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE relation WHEN 'person' THEN '{person_id}'::text[] WHEN 'facility' THEN '{facility_id}'
		WHEN 'visit' THEN '{visit_id}' WHEN 'diagnosis' THEN '{visit_id,diagnosis_code}'
		WHEN 'charge' THEN '{visit_id,line_id}' WHEN 'item' THEN '{item_code}'
		WHEN 'swipe' THEN '{facility_id,terminal_id,swiped_at}' WHEN 'stock_move' THEN '{facility_id,product_code}'
		WHEN 'budget' THEN '{facility_id}' END;

COMMENT ON FUNCTION relation_key(text) IS
	'关系标识列: the columns by which a row of a relation is told to people; NULL for an unknown relation';

-- What stands for a value before people who may not read it.
CREATE FUNCTION source_example(relation text, column_name text, value text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN column_name IN ('resident_id', 'phone', 'card_id') THEN mask_id(value)
		-- codes and numbers of rows may be as long as the number of a person: the valid ones are masked
		WHEN column_name ~ '_code$' OR column_name IN ('visit_id', 'line_id', 'original_line_id', 'facility_id',
				'prescription_id', 'referral_visit_id', 'continues_visit_id') THEN "left"(mask_numbers(value), 80)
		-- in any other column it may stand misspelt
		WHEN value ~ '[0-9]{15}' THEN mask_id(value)
		WHEN column_name = 'address' THEN mask_address(value)
		WHEN relation = 'person' AND column_name = 'name' THEN mask_name(value)
		ELSE "left"(value, 80) END;

COMMENT ON FUNCTION source_example(text, text, text) IS
	'示例值: a value of a canonical column for showing: numbers of persons and cards, telephones, addresses and names masked, codes as they are; NULL for NULL';

-- What could not be read, among so many rows as a reader waits for.
CREATE FUNCTION source_unread(relation text, source regclass, columns jsonb, row_filter text,
	row_limit bigint DEFAULT 100000)
	RETURNS TABLE (column_name text, count bigint, examples text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 5
AS $$
DECLARE
	picked medaudit.source_column[] := ARRAY(
		SELECT s FROM medaudit.source_columns(source_unread.relation, source, source_unread.columns) AS s
		WHERE s.unreadable IS NOT NULL OR s.column_name = ANY (medaudit.relation_key(source_unread.relation)));
BEGIN
	RETURN QUERY EXECUTE pg_catalog.format($query$
		SELECT b.name, pg_catalog.count(*), pg_catalog.string_agg(pg_catalog.format('"%%s" (%%s)', b.said, b.key),
			', ' ORDER BY b.key COLLATE "C", b.said COLLATE "C") FILTER (WHERE b.n <= 3)
		FROM (
			SELECT u.name, medaudit.source_example(%1$L, u.name, pg_catalog.left(r.row OPERATOR(pg_catalog.->>) u.name, 40)) AS said, k.key,
				pg_catalog.row_number() OVER (PARTITION BY u.name
					ORDER BY k.key COLLATE "C", r.row OPERATOR(pg_catalog.->>) u.name COLLATE "C") AS n
			FROM (SELECT pg_catalog.to_jsonb(given) AS row, %2$s AS unreadable
				FROM (%3$s LIMIT %4$s) AS given) AS r
			CROSS JOIN LATERAL pg_catalog.unnest(r.unreadable) AS u (name)
			CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(coalesce(medaudit.source_example(%1$L, i.name, nullif(pg_catalog.btrim(r.row OPERATOR(pg_catalog.->>) i.name), '')), '-'), ', ' ORDER BY i.n) AS key
				FROM pg_catalog.unnest(%5$L::text[]) WITH ORDINALITY AS i (name, n)
				WHERE r.row OPERATOR(pg_catalog.?) i.name) AS k
		) AS b GROUP BY b.name ORDER BY pg_catalog.array_position(%6$L::text[], b.name)$query$,
		source_unread.relation, medaudit.source_unreadable(picked), medaudit.source_given(source, picked, row_filter), row_limit,
		medaudit.relation_key(source_unread.relation), ARRAY(SELECT p.column_name FROM pg_catalog.unnest(picked) AS p));
END
$$;

COMMENT ON FUNCTION source_unread(text, regclass, jsonb, text, bigint) IS
	'未读值: by canonical column how many values among the first rows of a source cannot be read, with the first three of them and whose they are';

-- Warns of what cannot be read.  Who may bind and not read is told nothing.
CREATE PROCEDURE warn_of_unread(relation text, source regclass, columns jsonb, row_filter text)
	LANGUAGE plpgsql
AS $$
DECLARE
	told text;
	names text;
BEGIN
	SELECT pg_catalog.string_agg(u.column_name || ' ' || u.count, ', '),
		pg_catalog.string_agg(u.column_name || ': ' || u.examples, E'\n')
	INTO names, told
	FROM medaudit.source_unread(relation, source, columns, row_filter) AS u;
	IF names IS NOT NULL THEN
		RAISE WARNING '"%": values that cannot be read are unknown: %', relation, names
			USING DETAIL = told,
				HINT = pg_catalog.format('Up to 100000 rows were looked at. Column unreadable of medaudit_data.%s names them in every row.', relation);
	END IF;
EXCEPTION
	WHEN insufficient_privilege THEN
		NULL;
	WHEN OTHERS THEN
		RAISE WARNING '"%": its rows cannot be read: %', relation, SQLERRM
			USING HINT = 'A run would stop here. In expressions use medaudit.to_time(), to_amount() and to_flag() instead of casts.';
END
$$;

COMMENT ON PROCEDURE warn_of_unread(text, regclass, jsonb, text) IS
	'未读提醒: one warning that lists the columns of a relation with values that cannot be read';

CREATE PROCEDURE describe_view(relation text, source regclass)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item record;
BEGIN
	EXECUTE pg_catalog.format('COMMENT ON VIEW medaudit_data.%I IS %L', relation,
		'数据视图: made by medaudit.bind() from ' || source::text);
	FOR item IN
		SELECT c.column_name, pg_catalog.concat(c.name_zh, ': ',
			pg_catalog.concat_ws(', ', c.type, c.unit, c.national_field, c.note)) AS text
		FROM medaudit.relation_column AS c
		WHERE c.relation = describe_view.relation
		UNION ALL
		SELECT 'unreadable', '未读列: canonical names of the columns of this row whose value could not be read; NULL: all could'
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN medaudit_data.%I.%I IS %L',
			relation, item.column_name, item.text);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE describe_view(text, regclass) IS
	'视图说明: comments of a bound view and its columns';

CREATE PROCEDURE bind(relation text, source regclass, columns jsonb DEFAULT '{}',
	row_filter text DEFAULT NULL)
	LANGUAGE plpgsql
AS $$
DECLARE
	query text;
BEGIN
	CALL medaudit.check_bind_arguments(relation, source, columns);
	CALL medaudit.check_source_columns(relation, source, columns);
	IF row_filter IS NOT NULL THEN
		CALL medaudit.check_row_filter(source, row_filter);
	END IF;

	-- Nothing of what was given has been run so far, and nothing is before it is
	-- known whose functions it calls: the row of binding may be anybody's.
	query := medaudit.source_view(relation, source, columns, row_filter);
	PERFORM medaudit._check_query(query);
	EXECUTE pg_catalog.format(
		'CREATE OR REPLACE VIEW medaudit_data.%I WITH (security_invoker = true) AS %s', relation, query);
	PERFORM medaudit._check_trusted(relation);
	CALL medaudit.describe_view(relation, source);

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

	CALL medaudit.warn_of_types(relation, source, columns);
	CALL medaudit.warn_of_unread(relation, source, columns, row_filter);
END
$$;

COMMENT ON PROCEDURE bind(text, regclass, jsonb, text) IS
	'绑定数据: makes the view medaudit_data.<relation> over a table or view of the warehouse; columns maps canonical names to columns or SQL expressions, same-named columns are taken by themselves, JSON null leaves one out. Text is read softly: what cannot be read is NULL, named in the column unreadable and told in a warning. One error lists every missing (42703) or wrongly typed (42804) column; NULL relation, source or columns is 22004; a function or operator of a third role is 42501';

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

-- One value of each bound column, of the first row that has it among some.
-- Columns that are numbered or missing are not read: that could be the whole table.
CREATE FUNCTION source_sample(relation text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	names text;
	result jsonb;
BEGIN
	SELECT pg_catalog.string_agg(pg_catalog.quote_ident(b.column_name), ', ') INTO names
	FROM medaudit.bound_columns() AS b
	WHERE b.relation = source_sample.relation AND b.bound;
	IF names IS NULL OR medaudit._untrusted(relation) IS NOT NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE pg_catalog.format('SELECT jsonb_object_agg(e.key, medaudit.source_example(%L, e.key, e.value))
		FROM (SELECT f.key, (array_agg(f.value ORDER BY r.n))[1] AS value
			FROM (SELECT row_number() OVER () AS n, to_jsonb(t) AS row
				FROM (SELECT %s FROM medaudit_data.%I LIMIT 1000) AS t) AS r,
				jsonb_each_text(r.row) AS f WHERE f.value IS NOT NULL GROUP BY f.key) AS e',
		relation, names, relation) INTO result;
	RETURN coalesce(result, '{}');
END
$$;

COMMENT ON FUNCTION source_sample(text) IS
	'示例行: what source_examples() shows; an error of the right to read, or of an expression, is raised';

CREATE FUNCTION source_examples(relation text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN medaudit.source_sample(relation);
EXCEPTION WHEN OTHERS THEN
	-- who may not read the source, or a source that cannot be read, which source_problems() tells
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION source_examples(text) IS
	'示例值: canonical column to a value of it among the first 1000 rows of a bound relation, {} where there is none; NULL where the relation is not bound, cannot be read or is not trusted';

-- Two national codes for one local code of a hospital: which one its charges
-- are cannot be told.  Hand-made views may lack the columns.
CREATE FUNCTION item_conflicts() RETURNS TABLE (facility_id text, item_code text, national_codes text, n bigint)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	item regclass := pg_catalog.to_regclass('medaudit_data.item');
BEGIN
	IF (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = item
			AND a.attname IN ('item_code', 'national_code') AND NOT a.attisdropped) < 2 THEN
		RETURN;
	END IF;
	PERFORM medaudit._check_trusted('item');
	RETURN QUERY EXECUTE pg_catalog.format('SELECT c.facility_id, c.item_code, c.national_codes,
			row_number() OVER (ORDER BY c.facility_id COLLATE "C", c.item_code COLLATE "C")
		FROM (SELECT i.facility_id, i.item_code, string_agg(DISTINCT i.national_code, '', '' ORDER BY i.national_code) AS national_codes
			FROM (SELECT t.item_code::text, medaudit.code_fold(t.national_code::text) COLLATE "C" AS national_code, %s::text AS facility_id
				FROM medaudit_data.item AS t) AS i
			WHERE i.item_code IS NOT NULL AND i.national_code IS NOT NULL
			GROUP BY i.facility_id, i.item_code HAVING min(i.national_code) <> max(i.national_code)) AS c',
		CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = item
			AND a.attname = 'facility_id' AND NOT a.attisdropped) THEN 't.facility_id' ELSE 'NULL' END);
END
$$;

COMMENT ON FUNCTION item_conflicts() IS
	'编码冲突: local codes of a hospital (facility_id NULL: of everybody) that the bound item gives more than one national code, numbered in their order; no rows where item is not bound with both codes';

-- What makes a relation unfit though all its columns are there.
CREATE FUNCTION source_problems(relation text) RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	problem text := 'would run ' || medaudit._untrusted(relation);
	told text;
BEGIN
	IF problem IS NOT NULL THEN
		RETURN ARRAY[problem];
	END IF;
	PERFORM medaudit.source_sample(relation);
	IF relation = 'item' THEN
		SELECT pg_catalog.count(*) || ' local codes with more than one national code: '
			|| pg_catalog.string_agg(pg_catalog.concat_ws(' ', c.facility_id, c.item_code, '(' || c.national_codes || ')'), ', '
				ORDER BY c.facility_id COLLATE "C", c.item_code COLLATE "C") FILTER (WHERE c.n <= 3)
		INTO told
		FROM medaudit.item_conflicts() AS c;
	END IF;
	RETURN CASE WHEN told IS NULL THEN '{}' ELSE ARRAY[told] END;
EXCEPTION
	WHEN insufficient_privilege THEN
		RETURN NULL;
	WHEN OTHERS THEN
		RETURN ARRAY['cannot be read: ' || SQLERRM];
END
$$;

COMMENT ON FUNCTION source_problems(text) IS
	'来源问题: what makes a bound relation unfit though its columns are there: functions of a third role, local codes with two national codes, rows that cannot be read; {}: nothing, NULL: who asks may not read it';

CREATE FUNCTION sources() RETURNS TABLE (relation text, source text,
	required_missing text[], optional_missing text[], rules_off text[], examples jsonb, problems text[])
	LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 9
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
			ORDER BY o.rule_code),
		medaudit.source_examples(c.relation), medaudit.source_problems(c.relation)
	FROM medaudit.relation_column AS c
	JOIN medaudit.bound_columns() AS b
		ON b.relation = c.relation AND b.column_name = c.column_name
	GROUP BY c.relation
	ORDER BY c.relation COLLATE "C"
$$;

COMMENT ON FUNCTION sources() IS
	'数据来源: each relation with its source (NULL: not bound), the canonical columns that it does not give, the enabled rules that are off because of them, one example value of each column (masked where it is of a person; NULL: cannot be read) and what makes it unfit';
