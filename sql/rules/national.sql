-- National rule files: tables of text columns under the published Chinese
-- headers become rows of rule and charge_rule.  A layout says which columns a
-- file has and which rule it makes; a word of the files (儿童, 二级, 住院)
-- gets its meaning from national_term; a row that cannot be read is told with
-- its number and reason and stops nothing.

CREATE TABLE import_layout (
	layout text PRIMARY KEY,
	rule_code text NOT NULL,
	kind text NOT NULL,
	violation text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	certainty text NOT NULL,
	article text,
	behaviour_code text,
	code_match text NOT NULL,
	headers text[] NOT NULL,
	code_headers text[]
);

COMMENT ON TABLE import_layout IS
	'规则文件格式: the layouts that import_rules() reads; read only';
COMMENT ON COLUMN import_layout.layout IS
	'格式: first argument of import_rules()';
COMMENT ON COLUMN import_layout.rule_code IS '规则编号: the rule that it makes';
COMMENT ON COLUMN import_layout.kind IS '规则类型: kind of the rule';
COMMENT ON COLUMN import_layout.violation IS '违规类型: violation of the rule';
COMMENT ON COLUMN import_layout.name_zh IS '规则名称: Chinese name of the rule';
COMMENT ON COLUMN import_layout.name_en IS '英文名称: English name of the rule';
COMMENT ON COLUMN import_layout.certainty IS
	'确定程度: violation only where the rule is arithmetic';
COMMENT ON COLUMN import_layout.article IS
	'法规条款: article of Regulation 735; NULL: none';
COMMENT ON COLUMN import_layout.behaviour_code IS
	'违规行为编码: national behaviour code; NULL: none';
COMMENT ON COLUMN import_layout.code_match IS
	'编码匹配: how its codes meet those of the data, unless the caller says';
COMMENT ON COLUMN import_layout.headers IS
	'表头: columns that the source must have';
COMMENT ON COLUMN import_layout.code_headers IS
	'编码表头: columns of the sheet of codes; NULL: the layout has one sheet';

INSERT INTO import_layout (layout, rule_code, kind, violation, name_zh, name_en,
	certainty, article, behaviour_code, code_match, headers, code_headers) VALUES
	('exclusive_pairs', 'national_7_exclusive_pairs', 'exclusive', '重复收费',
		'项目内涵已含的项目另行收费', 'items charged beside the item that contains them',
		'violation', 'A38(3)', 'T380301', 'service',
		'{频度,主项名称,主项编码,从项名称,从项编码}', NULL),
	('daily_caps', 'national_8_daily_caps', 'quantity', '超标准收费',
		'超过每日计费数量上限', 'more than a day allows',
		'violation', 'A38(3)', 'T380302', 'service',
		'{项目名称,限制数量,数量单位,项目编码}', NULL),
	('period_caps', 'national_8_period_caps', 'quantity', '超频次收费',
		'疗程周期内超过频次上限', 'more often than a period allows',
		'violation', 'A38(2)', 'T380202', 'service',
		'{项目名称,频次上限,疗程周期,项目代码}', NULL),
	('service_age', 'national_8_service_age', 'restriction', '超限定支付范围',
		'超出限定年龄的诊疗项目', 'services outside their age',
		'suspicion', 'A38(6)', 'T380601', 'service', '{项目名称,备注,项目代码}', NULL),
	('service_course', 'national_8_service_course', 'course', '超限定支付范围',
		'诊疗项目超过支付疗程', 'services beyond the days that are paid',
		'suspicion', 'A38(6)', 'T380601', 'service', '{项目名称,备注,项目代码}', NULL),
	('service_sex', 'national_1_service_sex', 'restriction', '超限定支付范围',
		'限定性别的诊疗项目', 'services for one sex',
		'violation', 'A38(6)', 'T380601', 'service', '{项目名称,国标代码,限定性别}', NULL),
	('service_child', 'national_1_service_child', 'restriction', '超限定支付范围',
		'限定儿童的诊疗项目', 'services for children',
		'suspicion', 'A38(6)', 'T380601', 'service', '{项目名称,国标代码,限定对象}', NULL),
	('secondary_procedure', 'national_2_secondary_procedure', 'secondary', '超标准收费',
		'同一切口第二及以后手术未折价', 'further operations through one incision at full price',
		'suspicion', 'A38(3)', 'T380302', 'service', '{项目名称,国标代码,限定值域}', NULL),
	('drug_sex', 'national_1_drug_sex', 'restriction', '超限定支付范围',
		'限定性别的药品', 'drugs for one sex',
		'violation', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定对象}', '{药品通用名,药品代码|国标代码}'),
	('drug_child', 'national_1_drug_child', 'restriction', '超限定支付范围',
		'限定儿童的药品', 'drugs for children',
		'suspicion', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定对象}', '{药品通用名,药品代码|国标代码}'),
	('drug_insurance', 'national_3_drug_insurance', 'restriction', '超限定支付范围',
		'限定险种的药品', 'drugs for injury or maternity insurance',
		'suspicion', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定对象}', '{药品通用名,药品代码|国标代码}'),
	('drug_visit_type', 'national_4_drug_visit_type', 'restriction', '超限定支付范围',
		'限定就医方式的药品', 'drugs for inpatients',
		'suspicion', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定值域}', '{药品通用名,药品代码|国标代码}'),
	('drug_facility_level', 'national_5_drug_facility_level', 'restriction', '超限定支付范围',
		'限定机构等级的药品', 'drugs by level of the facility',
		'suspicion', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定值域}', '{药品通用名,药品代码|国标代码}'),
	('drug_course', 'national_6_drug_course', 'course', '超限定支付范围',
		'药品超过支付疗程', 'drugs beyond the days that are paid',
		'suspicion', 'A38(6)', 'T380601', 'exact',
		'{药品通用名,药品说明,限定值域}', '{药品通用名,药品代码|国标代码}');

CREATE TABLE national_term (
	term text NOT NULL,
	shipped bool NOT NULL DEFAULT false,
	sex text,
	min_age interval,
	max_age interval,
	facility_ranks int[],
	visit_types text[],
	insurance_types text[],
	PRIMARY KEY (term, shipped)
);

-- Words and classes that come with medaudit stay as they are: a row of one's
-- own goes before them, and only that one stands in a dump.
CREATE FUNCTION keep_shipped_term() RETURNS trigger
	LANGUAGE plpgsql
AS $$
BEGIN
	IF medaudit.in_extension_script() THEN
		RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
	END IF;
	IF TG_OP <> 'INSERT' THEN
		IF OLD.shipped THEN
			RAISE EXCEPTION USING ERRCODE = '23001',
				MESSAGE = pg_catalog.format('shipped rows of %s cannot be changed', TG_TABLE_NAME),
				HINT = 'Add a row of your own: it goes before the shipped one.';
		END IF;
		IF TG_OP = 'DELETE' THEN
			RETURN OLD;
		END IF;
	END IF;
	NEW.shipped := false;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION keep_shipped_term() IS
	'保护内置行: trigger, 23001 for a change of a shipped row';

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON national_term
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE national_term IS
	'限定用语: what a word of the national files means here; a row of yours (shipped false) goes before the shipped one of the same term';
COMMENT ON COLUMN national_term.term IS '用语: the word as published';
COMMENT ON COLUMN national_term.shipped IS '内置: comes with medaudit';
COMMENT ON COLUMN national_term.sex IS '性别: 1 or 2';
COMMENT ON COLUMN national_term.min_age IS '最小年龄: from this age on';
COMMENT ON COLUMN national_term.max_age IS '年龄上限: below this age';
COMMENT ON COLUMN national_term.facility_ranks IS
	'机构等级: classes of facility_rank() that fulfil it';
COMMENT ON COLUMN national_term.visit_types IS
	'医疗类别: values of visit.visit_type that fulfil it';
COMMENT ON COLUMN national_term.insurance_types IS
	'险种类型: values of insurance_type that fulfil it';

-- Levels of hospitals.  The codes are not in order (12 to 14 have a class but
-- no grade), so rules by level count classes: 3, 2, 1, and 0 for none.
CREATE TABLE facility_level (
	level_code text NOT NULL CHECK (level_code <> ''),
	class int NOT NULL CHECK (class >= 0),
	name_zh text,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (level_code, shipped)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON facility_level
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE facility_level IS
	'医院等级: the class that a level of hospital ranks by, for facility_rank(); a row of yours (shipped false) goes before the shipped one of the same code';
COMMENT ON COLUMN facility_level.level_code IS
	'等级编码: national code (hosp_lv, two digits) or a local one';
COMMENT ON COLUMN facility_level.class IS
	'等级: 3 tertiary, 2 secondary, 1 primary, 0 without a level';
COMMENT ON COLUMN facility_level.name_zh IS
	'等级名称: name of the level, which facility_rank() takes too';
COMMENT ON COLUMN facility_level.shipped IS '内置: comes with medaudit';

INSERT INTO facility_level (level_code, class, name_zh, shipped) VALUES
	('01', 3, '三级特等', true), ('02', 3, '三级甲等', true),
	('03', 3, '三级乙等', true), ('04', 3, '三级丙等', true),
	('05', 2, '二级甲等', true), ('06', 2, '二级乙等', true),
	('07', 2, '二级丙等', true), ('08', 1, '一级甲等', true),
	('09', 1, '一级乙等', true), ('10', 1, '一级丙等', true),
	('11', 0, '无等级', true), ('12', 3, '三级无等次', true),
	('13', 2, '二级无等次', true), ('14', 1, '一级无等次', true);

GRANT SELECT ON facility_level TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('facility_level', 'WHERE NOT shipped');

CREATE FUNCTION facility_rank(level_code text) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
	RETURN (SELECT l.class FROM medaudit.facility_level AS l
		WHERE l.level_code IN (btrim(facility_rank.level_code),
				CASE WHEN btrim(facility_rank.level_code) ~ '^[0-9]$'
					THEN '0' || btrim(facility_rank.level_code) END)
			OR l.name_zh = btrim(facility_rank.level_code)
		ORDER BY l.shipped, l.level_code = btrim(facility_rank.level_code) DESC, l.level_code
		LIMIT 1);

COMMENT ON FUNCTION facility_rank(text) IS
	'机构等级: class of a hospital by its level code or name: 3 tertiary (01 to 04, 12), 2 secondary (05 to 07, 13), 1 primary (08 to 10, 14), 0 without a level (11); 5 is 05; yours from facility_level; NULL for NULL and for what the table does not have';

CREATE FUNCTION facility_rank(level_code int) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
	RETURN medaudit.facility_rank(level_code::text);

COMMENT ON FUNCTION facility_rank(int) IS
	'机构等级: class of a hospital whose level code was loaded as a number, 5 for 05; NULL for NULL and for what facility_level does not have';

INSERT INTO national_term (term, shipped, sex, min_age, max_age, facility_ranks,
	visit_types, insurance_types) VALUES
	('男', true, '1', NULL, NULL, NULL, NULL, NULL),
	('女', true, '2', NULL, NULL, NULL, NULL, NULL),
	('儿童', true, NULL, NULL, '18 years', NULL, NULL, NULL),
	('婴幼儿', true, NULL, NULL, '3 years', NULL, NULL, NULL),
	('新生儿', true, NULL, NULL, '29 days', NULL, NULL, NULL),
	('法定就业年龄', true, NULL, '16 years', '63 years', NULL, NULL, NULL),
	('二级', true, NULL, NULL, NULL, '{2,3}', NULL, NULL),
	('三级', true, NULL, NULL, NULL, '{3}', NULL, NULL),
	('住院', true, NULL, NULL, NULL, NULL, '{21,2101,2102,2105,2106,2107,210104,22,23,24,25,26,27,28,52,71,inpatient,住院}', NULL),
	('急诊', true, NULL, NULL, NULL, NULL, '{13,1301,24,210104,120,emergency,急诊}', NULL),
	('工伤', true, NULL, NULL, NULL, NULL, NULL, '{410,工伤}'),
	('生育', true, NULL, NULL, NULL, NULL, NULL, '{510,生育}');

GRANT SELECT ON import_layout, national_term TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('national_term', 'WHERE NOT shipped');

CREATE TABLE import_problem (
	layout text NOT NULL,
	source text NOT NULL,
	row_number bigint NOT NULL,
	reason text NOT NULL,
	fields jsonb NOT NULL,
	imported_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE import_problem IS
	'导入问题: rows that the last import_rules() of a source could not take in';
COMMENT ON COLUMN import_problem.layout IS '格式: layout of the import';
COMMENT ON COLUMN import_problem.source IS '来源: table that was read';
COMMENT ON COLUMN import_problem.row_number IS
	'行号: number of the data row in the source, from 1';
COMMENT ON COLUMN import_problem.reason IS '原因: why it was left out';
COMMENT ON COLUMN import_problem.fields IS '原文: the row as it stands';
COMMENT ON COLUMN import_problem.imported_at IS '导入时间: when';

-- A published cell: blanks of every width trimmed, an empty one is NULL.
CREATE FUNCTION import_cell(fields jsonb, header text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN nullif(btrim(fields ->> header, E' \t\r\n' || chr(12288) || chr(160) || chr(65279)), '');

COMMENT ON FUNCTION import_cell(jsonb, text) IS
	'单元格: text of a column of a row without blanks around it; NULL where there is none';

-- 频度 of a pair: a calendar scope, the visit, or N hours or days.
CREATE FUNCTION import_scope(frequency text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE
		WHEN frequency IN ('单日', '每日', '同日', '日', '天') THEN 'day'
		WHEN frequency IN ('单次就诊', '单次', '当次', '单次住院', '当次住院') THEN 'visit'
		WHEN frequency IN ('同一小时', '单小时', '小时') THEN 'hour'
		WHEN frequency IN ('同时', '同一时间') THEN 'instant'
		WHEN frequency IN ('单周', '每周', '周') THEN 'week'
		WHEN frequency IN ('单月', '每月', '自然月', '月') THEN 'month'
		WHEN frequency IN ('每季度', '季度') THEN 'quarter'
		WHEN frequency IN ('单年', '每年', '自然年', '年') THEN 'year'
		WHEN frequency ~ '^0*[1-9][0-9]{0,3} *小时$'
			THEN ltrim(substring(frequency, '^[0-9]+'), '0') || ' hours'
		WHEN frequency ~ '^0*[1-9][0-9]{0,3} *[日天]$'
			THEN ltrim(substring(frequency, '^[0-9]+'), '0') || ' days'
	END;

COMMENT ON FUNCTION import_scope(text) IS
	'频度: scope of a rule for a published frequency; NULL for one that is not known';

CREATE TYPE import_row AS (
	row_number bigint,
	fields jsonb,
	problem text,
	item_code text,
	other_code text,
	item_group text,
	scope text,
	max_quantity numeric,
	ratio numeric,
	unit text,
	sex text,
	min_age interval,
	max_age interval,
	facility_ranks int[],
	visit_types text[],
	insurance_types text[],
	max_days int,
	certainty text,
	note text
);

COMMENT ON TYPE import_row IS
	'导入行: what one row of a national file says, or its problem';

-- A positive number with at most 4 decimals, as caps and periods are.
CREATE FUNCTION import_number(cell text) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN cell ~ '^[0-9]{1,9}(\.[0-9]{1,4})?$'
		THEN nullif(cell::numeric, 0) END;

COMMENT ON FUNCTION import_number(text) IS
	'数值: a positive number of at most 4 decimals; NULL for anything else';

-- The caps and pairs of batches 7 and 8.
CREATE FUNCTION import_limits(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	cell text;
BEGIN
	CASE layout
	WHEN 'exclusive_pairs' THEN
		line.item_code := medaudit.import_cell(line.fields, '主项编码');
		line.other_code := medaudit.import_cell(line.fields, '从项编码');
		cell := medaudit.import_cell(line.fields, '频度');
		line.scope := medaudit.import_scope(cell);
		line.note := pg_catalog.concat_ws(': ', medaudit.import_cell(line.fields, '主项名称')
				|| ' / ' || medaudit.import_cell(line.fields, '从项名称'),
			medaudit.import_cell(line.fields, '备注'));
		line.problem := CASE
			WHEN line.other_code IS NULL THEN '从项编码 is empty'
			WHEN line.other_code = line.item_code THEN '主项编码 and 从项编码 are the same'
			WHEN line.scope IS NULL THEN pg_catalog.format('频度 "%s" is not known', cell)
			END;
	WHEN 'daily_caps' THEN
		line.item_code := medaudit.import_cell(line.fields, '项目编码');
		cell := medaudit.import_cell(line.fields, '限制数量');
		line.unit := medaudit.import_cell(line.fields, '数量单位');
		line.max_quantity := medaudit.import_number(cell);
		line.scope := 'day';
		line.note := medaudit.import_cell(line.fields, '项目名称');
		line.problem := CASE
			WHEN line.max_quantity IS NULL
				THEN pg_catalog.format('限制数量 "%s" is not a positive number', cell)
			WHEN line.unit IS NULL OR line.unit NOT IN ('日', '天', '次', '小时')
				THEN pg_catalog.format('数量单位 "%s" is not known', line.unit)
			END;
	ELSE
		line.item_code := medaudit.import_cell(line.fields, '项目代码');
		cell := medaudit.import_cell(line.fields, '疗程周期');
		line.max_quantity := medaudit.import_number(
			medaudit.import_cell(line.fields, '频次上限'));
		line.scope := medaudit.import_scope(
			CASE WHEN cell ~ '^[0-9]+$' THEN cell || '天' ELSE cell END);
		line.note := pg_catalog.concat_ws(': ', medaudit.import_cell(line.fields, '项目名称'),
			medaudit.import_cell(line.fields, '备注'));
		line.problem := CASE
			WHEN line.max_quantity IS NULL THEN '频次上限 is not a positive number'
			WHEN line.scope IS NULL THEN pg_catalog.format('疗程周期 "%s" is not a number of days', cell)
			END;
	END CASE;
	RETURN line;
END
$$;

COMMENT ON FUNCTION import_limits(text, import_row) IS
	'数量与频次: reads a row of the layouts exclusive_pairs, daily_caps and period_caps';

-- The words of batches 1 to 5 and 8-2.
CREATE FUNCTION import_restriction(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
	word text;
	meaning medaudit.national_term;
BEGIN
	line.item_code := coalesce(line.item_code,
		medaudit.import_cell(line.fields, '国标代码'),
		medaudit.import_cell(line.fields, '项目代码'));
	word := CASE
		WHEN layout = 'service_age' THEN '法定就业年龄'
		WHEN layout = 'service_sex' THEN medaudit.import_cell(line.fields, '限定性别')
		WHEN layout IN ('secondary_procedure', 'drug_visit_type', 'drug_facility_level')
			THEN medaudit.import_cell(line.fields, '限定值域')
		ELSE medaudit.import_cell(line.fields, '限定对象') END;
	line.note := pg_catalog.concat_ws(': ', coalesce(
			medaudit.import_cell(line.fields, '药品通用名'),
			medaudit.import_cell(line.fields, '项目名称')),
		coalesce(medaudit.import_cell(line.fields, '药品说明'),
			medaudit.import_cell(line.fields, '项目说明'),
			medaudit.import_cell(line.fields, '备注')));
	IF layout = 'secondary_procedure' THEN
		line.item_group := word;
		line.ratio := 0.5;
		line.scope := 'day';
		line.problem := CASE WHEN word IS NULL THEN '限定值域 is empty' END;
		RETURN line;
	END IF;
	SELECT t.* INTO meaning FROM medaudit.national_term AS t
	WHERE t.term = word ORDER BY t.shipped LIMIT 1;
	line.problem := CASE WHEN CASE
			WHEN layout LIKE '%sex' THEN meaning.sex
			WHEN layout LIKE '%child' OR layout = 'service_age' THEN meaning.max_age::text
			WHEN layout = 'drug_insurance' THEN meaning.insurance_types::text
			WHEN layout = 'drug_visit_type' THEN meaning.visit_types::text
			ELSE meaning.facility_ranks::text END IS NULL
		THEN pg_catalog.format('medaudit.national_term has no such limit for "%s"', word) END;
	line.sex := meaning.sex;
	line.min_age := meaning.min_age;
	line.max_age := meaning.max_age;
	line.facility_ranks := meaning.facility_ranks;
	line.visit_types := meaning.visit_types;
	line.insurance_types := meaning.insurance_types;
	-- The text may allow more than the value, which then is only a suspicion:
	-- emergencies beside inpatients, eye clinics of the second class, later
	-- prescriptions anywhere, a dose for adults; or less: children of some ages.
	IF layout = 'drug_visit_type' AND line.note ~ '急诊|急救|抢救' THEN
		line.visit_types := line.visit_types || (
			SELECT t.visit_types FROM medaudit.national_term AS t
			WHERE t.term = '急诊' ORDER BY t.shipped LIMIT 1);
	END IF;
	line.note := line.note || CASE
		WHEN layout = 'drug_visit_type' AND line.note ~ '急诊|急救|抢救' THEN ' (文字另许急诊、抢救)'
		WHEN layout = 'drug_facility_level' AND line.note ~ '二级及以上眼科' AND word = '三级'
			THEN ' (文字另许二级及以上眼科专科医院)'
		WHEN layout = 'drug_facility_level' AND line.note ~ '首次处方' THEN ' (文字仅限首次处方)'
		WHEN layout LIKE '%child' AND line.note ~ '成人' THEN ' (文字另有成人用法)'
		WHEN layout = 'drug_child' AND medaudit.import_cell(line.fields, '药品说明')
				~ '[0-9０-９一二三四五六七八九十] *(周岁|岁|个?月(龄|以[上下]))|婴'
			THEN pg_catalog.format(' (文字另有年龄，按%s判断)', word)
		WHEN layout = 'drug_facility_level' AND line.note ~ '二级' AND word = '三级'
			OR layout = 'drug_facility_level' AND line.note ~ '三级' AND word = '二级'
			OR layout LIKE '%sex' AND line.note ~ CASE line.sex WHEN '1' THEN '女' ELSE '男' END
			THEN pg_catalog.format(' (值为%s，与文字不同)', word)
		ELSE '' END;
	IF line.note ~ ' \((文字另许|文字仅限|文字另有|值为)' THEN
		line.certainty := 'suspicion';
	END IF;
	RETURN line;
END
$$;

COMMENT ON FUNCTION import_restriction(text, import_row) IS
	'限定支付: reads a row whose limit is a word of medaudit.national_term, or a group of operations';

-- Days that are paid: batches 6 and 8-3.
CREATE FUNCTION import_course(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
	remark text;
	said text;
	more text;
BEGIN
	line.item_code := coalesce(line.item_code, medaudit.import_cell(line.fields, '项目代码'));
	remark := coalesce(medaudit.import_cell(line.fields, '药品说明'),
		medaudit.import_cell(line.fields, '备注'));
	said := pg_catalog.substring(pg_catalog.translate(remark, '０１２３４５６７８９', '0123456789'),
		'(?:不超过|最多支付) *([0-9]{1,4}) *[天日]');
	line.max_days := coalesce(
		pg_catalog.substring(medaudit.import_cell(line.fields, '限定值域'), '^([0-9]{1,4})天$'),
		CASE WHEN layout = 'service_course' THEN coalesce(said,
			CASE WHEN remark ~ '不超过一年' THEN '365' END) END)::int;
	line.item_group := medaudit.import_cell(line.fields, '药品通用名');
	line.scope := CASE WHEN remark ~ '单次住院' THEN 'visit'
		WHEN remark ~ '不超过(12个月|一年)|总时间' THEN 'span' END;
	line.note := pg_catalog.concat_ws(': ', coalesce(line.item_group,
		medaudit.import_cell(line.fields, '项目名称')), remark);
	-- Where the text counts otherwise than the rule, or says more, the row is a
	-- suspicion: months and years, the course of a disease, how often in between.
	more := nullif(pg_catalog.concat_ws('；',
		CASE WHEN said <> line.max_days::text THEN pg_catalog.format('文字为%s天', said) END,
		CASE WHEN remark ~ '不超过(12个月|一年)' THEN pg_catalog.format('文字为%s，按首次收费后%s天判断',
			pg_catalog.substring(remark, '不超过(12个月|一年)'), line.max_days) END,
		CASE WHEN remark ~ '一个疾病过程' THEN '文字为一个疾病过程，按全部收费日期累计' END,
		CASE WHEN remark ~ '间隔时间|每周最多' THEN '文字另限间隔或频次' END), '');
	IF more IS NOT NULL THEN
		line.note := line.note || pg_catalog.format(' (%s)', more);
		line.certainty := 'suspicion';
	END IF;
	line.problem := CASE WHEN coalesce(line.max_days, 0) <= 0
		THEN 'no number of days was found' END;
	RETURN line;
END
$$;

COMMENT ON FUNCTION import_course(text, import_row) IS
	'支付疗程: reads a row of the layouts drug_course and service_course';

-- The columns of a sheet that are missing; "a|b" is met by either.
CREATE FUNCTION import_missing_headers(sheet regclass, headers text[]) RETURNS text[]
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN ARRAY(SELECT h FROM unnest(headers) AS h
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = sheet AND a.attnum > 0 AND NOT a.attisdropped
				AND btrim(a.attname, ' ' || chr(65279)) = ANY (string_to_array(h, '|'))));

COMMENT ON FUNCTION import_missing_headers(regclass, text[]) IS
	'缺少的表头: headers that a sheet does not have';

-- Rows of a sheet with their numbers; headers lose a byte order mark.
CREATE FUNCTION import_sheet(sheet regclass)
	RETURNS TABLE (row_number bigint, fields jsonb)
	LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE ROWS 1000
AS $$
BEGIN
	RETURN QUERY EXECUTE pg_catalog.format(
		'SELECT pg_catalog.row_number() OVER (%s), (
			SELECT pg_catalog.jsonb_object_agg(pg_catalog.btrim(e.key, '' '' || pg_catalog.chr(65279)), e.value)
			FROM pg_catalog.jsonb_each(pg_catalog.to_jsonb(s)) AS e)
		FROM %s AS s', CASE WHEN (SELECT c.relkind FROM pg_catalog.pg_class AS c
			WHERE c.oid = sheet) IN ('r', 'm') THEN 'ORDER BY s.ctid' ELSE '' END, sheet);
END
$$;

COMMENT ON FUNCTION import_sheet(regclass) IS
	'读取表页: the rows of a sheet as JSON with their numbers, in stored order';

-- What every row of the source says.  With a sheet of codes there is a row per
-- code, and one with a problem for each name without codes.
CREATE FUNCTION import_read(layout text, source regclass, codes regclass)
	RETURNS SETOF medaudit.import_row
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
AS $$
	WITH name AS MATERIALIZED (
		SELECT s.row_number, s.fields,
			coalesce(medaudit.import_cell(s.fields, '药品通用名'), '') AS product
		FROM medaudit.import_sheet(source) AS s
	), code AS MATERIALIZED (
		SELECT s.row_number, coalesce(medaudit.import_cell(s.fields, '药品通用名'), '') AS product,
			coalesce(medaudit.import_cell(s.fields, '国标代码'),
				medaudit.import_cell(s.fields, '药品代码')) AS item_code
		FROM medaudit.import_sheet(codes) AS s
	), joined AS (
		SELECT n.row_number, n.fields, c.item_code, CASE
			WHEN codes IS NOT NULL AND c.product IS NULL THEN 'no row of the sheet of codes has it' END AS problem
		FROM name AS n LEFT JOIN code AS c ON c.product = n.product
		UNION ALL
		SELECT c.row_number, pg_catalog.jsonb_build_object('药品通用名', c.product, '国标代码', c.item_code),
			c.item_code, 'row of the sheet of codes that the sheet of names does not have'
		FROM code AS c WHERE NOT EXISTS (SELECT FROM name AS n WHERE n.product = c.product)
	), line AS (
		SELECT j.problem, ROW(j.row_number, j.fields, j.problem, j.item_code,
			NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
			NULL, NULL, NULL, NULL)::medaudit.import_row AS line
		FROM joined AS j
	)
	SELECT (CASE WHEN l.problem IS NOT NULL THEN l.line
		WHEN layout IN ('exclusive_pairs', 'daily_caps', 'period_caps')
			THEN medaudit.import_limits(layout, l.line)
		WHEN layout IN ('drug_course', 'service_course')
			THEN medaudit.import_course(layout, l.line)
		ELSE medaudit.import_restriction(layout, l.line) END).*
	FROM line AS l
$$;

COMMENT ON FUNCTION import_read(text, regclass, regclass) IS
	'解析规则文件: what each row of a national file says, or its problem, without taking it in';

-- What a row limits, without the words around it.
CREATE FUNCTION import_limit(line medaudit.import_row) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN to_jsonb(line) - '{row_number,fields,problem,certainty,note}'::text[];

COMMENT ON FUNCTION import_limit(import_row) IS
	'限定内容: the limits of a row that was read, for comparing it with another';

-- What no layout may hold, and rows on what an earlier one stands for.
CREATE FUNCTION import_checked(layout text, source regclass, codes regclass,
	match text) RETURNS SETOF medaudit.import_row
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
AS $$
	WITH line AS (
		SELECT r.*, pg_catalog.row_number() OVER same AS nth,
			pg_catalog.first_value(r.row_number) OVER same AS first_row,
			medaudit.import_limit(r) <> pg_catalog.first_value(medaudit.import_limit(r)) OVER same AS contrary
		FROM medaudit.import_read(layout, source, codes) AS r
		WINDOW same AS (PARTITION BY r.problem IS NULL, r.item_code, r.other_code,
			r.item_group, r.scope ORDER BY r.row_number)
	)
	SELECT l.row_number, l.fields, CASE
			WHEN l.fields ->> '序号' ~ '^ *合计' THEN 'a total, not a rule'
			WHEN l.fields ->> '序号' ~ '^ *备注' THEN 'a remark, not a rule'
			WHEN l.problem IS NOT NULL THEN l.problem
			WHEN l.item_code IS NULL THEN 'the code is empty'
			WHEN l.item_code ~ '[%[:space:]]' OR l.other_code ~ '[%[:space:]]'
				THEN 'the code holds a blank or %'
			WHEN match = 'service' AND NOT (l.item_code ~ '^[0-9]{15}$'
					AND coalesce(l.other_code, l.item_code) ~ '^[0-9]{15}$')
				THEN 'the code has not 15 digits'
			WHEN l.nth > 1 AND l.contrary
				THEN pg_catalog.format('other limits than row %s, which came first', l.first_row)
			WHEN l.nth > 1 THEN pg_catalog.format('the same as row %s', l.first_row)
			END,
		l.item_code, l.other_code, l.item_group, l.scope, l.max_quantity, l.ratio,
		l.unit, l.sex, l.min_age, l.max_age, l.facility_ranks, l.visit_types,
		l.insurance_types, l.max_days, l.certainty, l.note
	FROM line AS l
$$;

COMMENT ON FUNCTION import_checked(text, regclass, regclass, text) IS
	'校验规则文件: what import_read() gives, with the problems that all layouts share';

-- Writes one row; its problem when the rule tables refuse it.
CREATE FUNCTION import_store(rule_code text, match text, line medaudit.import_row)
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
	INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, other_code,
		item_group, scope, max_quantity, ratio, unit, sex, min_age, max_age,
		facility_ranks, visit_types, insurance_types, max_days, certainty, note)
	VALUES (import_store.rule_code, line.item_code, match, line.other_code,
		line.item_group, line.scope, line.max_quantity, line.ratio, line.unit,
		line.sex, line.min_age, line.max_age, line.facility_ranks,
		line.visit_types, line.insurance_types, line.max_days, line.certainty,
		line.note);
	RETURN NULL;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
	RETURN SQLERRM;
END
$$;

COMMENT ON FUNCTION import_store(text, text, import_row) IS
	'写入规则行: adds one row to charge_rule; its problem where the rule tables refuse it, else NULL';

-- The arguments of import_rules(), and whether the sheets fit the layout.
CREATE PROCEDURE check_import_arguments(layout text, source regclass,
	codes regclass, match text)
	LANGUAGE plpgsql
AS $$
DECLARE
	shape medaudit.import_layout;
	missing text[];
BEGIN
	IF layout IS NULL OR source IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = pg_catalog.format(
			'%s must not be null', CASE WHEN layout IS NULL THEN 'layout' ELSE 'source' END);
	END IF;
	SELECT l.* INTO shape FROM medaudit.import_layout AS l
	WHERE l.layout = check_import_arguments.layout;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('layout "%s" is not known', layout),
			HINT = 'The layouts are ' || (
				SELECT pg_catalog.string_agg(l.layout, ', ' ORDER BY l.layout)
				FROM medaudit.import_layout AS l) || '.';
	END IF;
	IF (codes IS NULL) <> (shape.code_headers IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN codes IS NULL
			THEN pg_catalog.format('layout "%s" needs the sheet of codes', layout)
			ELSE pg_catalog.format('layout "%s" has no sheet of codes', layout) END;
	END IF;
	IF match NOT IN ('exact', 'service', 'product', 'generic') THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = pg_catalog.format('match "%s" is not known', match),
			HINT = 'Use exact, service, product or generic.';
	END IF;
	missing := medaudit.import_missing_headers(source, shape.headers)
		|| coalesce(medaudit.import_missing_headers(codes, shape.code_headers), '{}');
	IF missing <> '{}' THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = pg_catalog.format('layout "%s" misses the columns %s',
				layout, pg_catalog.array_to_string(missing, ', ')),
			HINT = 'Copy the file into a table of text columns under its published headers.';
	END IF;
END
$$;

COMMENT ON PROCEDURE check_import_arguments(text, regclass, regclass, text) IS
	'检查导入参数: 22004, 22023 or 42703 for arguments and sheets that import_rules() cannot take';

-- The distinct codes of the bound charges, read once per session: a fund takes
-- in twenty files one after the other, and reads its charges once.  Bound anew,
-- they are read anew; codes that were charged since are not seen before.
CREATE FUNCTION charged_codes() RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	place regclass := pg_catalog.to_regclass('medaudit_data.charge');
	bound_as text;
	codes text[];
BEGIN
	IF place IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT pg_catalog.concat_ws(' ', place::oid, pg_catalog.pg_get_viewdef(place),
			(SELECT b.bound_at FROM medaudit.binding AS b WHERE b.relation = 'charge'))
	INTO bound_as;
	IF pg_catalog.to_regclass('pg_temp.medaudit_charged_code') IS NULL THEN
		CREATE TEMPORARY TABLE medaudit_charged_code (binding text, item_codes text[]);
	END IF;
	SELECT c.item_codes INTO codes FROM pg_temp.medaudit_charged_code AS c
	WHERE c.binding = bound_as;
	IF NOT FOUND THEN
		PERFORM medaudit._check_trusted('charge');
		SELECT coalesce(pg_catalog.array_agg(d.item_code), '{}') INTO codes
		FROM (SELECT DISTINCT c.item_code FROM medaudit_data.charge AS c) AS d
		WHERE d.item_code IS NOT NULL;
		DELETE FROM pg_temp.medaudit_charged_code;
		INSERT INTO pg_temp.medaudit_charged_code
		SELECT bound_as, codes WHERE codes <> '{}';
	END IF;
	RETURN codes;
END
$$;

COMMENT ON FUNCTION charged_codes() IS
	'已收费编码: the distinct item codes of the bound charges, read once per session and binding; {}: nothing is charged (then it is read again), NULL: charge is not bound';

-- Tells how many rows of a rule meet no code of the bound data; as a warning
-- where none does, for such a rule finds nothing whatever was charged.
CREATE PROCEDURE tell_import_coverage(rule_code text)
	LANGUAGE plpgsql
AS $$
DECLARE
	codes text[] := medaudit.charged_codes();
	found record;
BEGIN
	IF codes IS NULL THEN
		RAISE NOTICE 'no charges are bound: whether the rules meet them is not known';
		RETURN;
	END IF;
	SELECT pg_catalog.sum(m.rows) AS rows, pg_catalog.sum(m.rows_that_match) AS met
	INTO found
	FROM medaudit.rule_match(medaudit.compile_rules(rule_code), codes) AS m;
	IF codes = '{}' THEN
		RAISE NOTICE 'nothing is charged yet: whether the rules meet the charges is not known';
	ELSIF coalesce(found.rows, 0) = 0 THEN
		RETURN;
	ELSIF found.met = 0 THEN
		RAISE WARNING 'none of % rules of % meets a code of the bound charges', found.rows, rule_code
			USING HINT = 'Codes that are not mapped are the usual reason: bind the relation item with national_code, or import with another match.';
	ELSE
		RAISE NOTICE '% of % rules meet no code of the bound charges',
			found.rows - found.met, found.rows;
	END IF;
END
$$;

COMMENT ON PROCEDURE tell_import_coverage(text) IS
	'规则覆盖: tells how many rows of a rule meet no code of the bound charges, with a warning where none does';

-- Rows that say nothing yet: secondary items without a full price, caps in
-- units that the items do not have.
CREATE FUNCTION import_idle(rule_code text) RETURNS SETOF text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 2
AS $$
BEGIN
	RETURN QUERY
	SELECT pg_catalog.format('%s of %s rows have no max_price: they stay insufficient until they are given the full price',
		pg_catalog.count(*) FILTER (WHERE c.max_price IS NULL), pg_catalog.count(*))
	FROM medaudit.charge_rule AS c
	JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
	WHERE c.rule_code = import_idle.rule_code AND r.kind = 'secondary'
	HAVING pg_catalog.count(*) FILTER (WHERE c.max_price IS NULL) > 0;
	RETURN QUERY
	SELECT pg_catalog.format('%s rows are off for %s items whose unit is not theirs (see medaudit.unit_problems())',
		pg_catalog.count(DISTINCT u.rule_item_code), pg_catalog.count(DISTINCT u.item_code))
	FROM medaudit.unit_problems() AS u
	WHERE u.rule_code = import_idle.rule_code AND u.item_code IS NOT NULL
	HAVING pg_catalog.count(*) > 0;
END
$$;

COMMENT ON FUNCTION import_idle(text) IS
	'未生效的规则行: sentences on rows of a rule that cannot judge yet: secondary items without price, caps in units that the items do not have';

-- Why a row that could be read is not new: it stands already ('', nothing to
-- tell), or stands with other limits or another comparison of codes than the
-- caller asks for.  NULL: it is new.
CREATE FUNCTION import_standing(rule_code text, line medaudit.import_row, match text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT CASE WHEN (c.max_quantity, c.unit, c.max_days, c.sex, c.min_age, c.max_age,
				c.facility_ranks, c.visit_types, c.insurance_types, c.ratio)
			IS DISTINCT FROM ((line).max_quantity, (line).unit, (line).max_days, (line).sex,
				(line).min_age, (line).max_age, (line).facility_ranks, (line).visit_types,
				(line).insurance_types, (line).ratio)
			THEN 'a row with other limits stands already; it was kept'
			WHEN c.code_match <> match
			THEN pg_catalog.format('a row with match "%s" stands already; it was kept', c.code_match)
			ELSE '' END
		FROM medaudit.charge_rule AS c
		WHERE c.rule_code = import_standing.rule_code
			AND coalesce(c.item_code, '') = (line).item_code
			AND c.other_code IS NOT DISTINCT FROM (line).other_code
			AND c.item_group IS NOT DISTINCT FROM (line).item_group
			AND c.scope IS NOT DISTINCT FROM (line).scope
		LIMIT 1);

COMMENT ON FUNCTION import_standing(text, import_row, text) IS
	'是否已存在: empty where the same row stands, the problem where it stands with other limits or, where match is given, compares codes otherwise; NULL where it is new';

-- All new rows in one statement; when the rule tables refuse it, one by one.
CREATE PROCEDURE import_store_all(rule_code text, match text)
	LANGUAGE plpgsql
AS $$
BEGIN
	BEGIN
		INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, other_code,
			item_group, scope, max_quantity, ratio, unit, sex, min_age, max_age,
			facility_ranks, visit_types, insurance_types, max_days, certainty, note)
		SELECT import_store_all.rule_code, l.item_code, match, l.other_code,
			l.item_group, l.scope, l.max_quantity, l.ratio, l.unit, l.sex, l.min_age,
			l.max_age, l.facility_ranks, l.visit_types, l.insurance_types, l.max_days,
			l.certainty, l.note
		FROM pg_temp.medaudit_import AS l WHERE l.problem IS NULL
		ORDER BY l.row_number, l.item_code;
		RETURN;
	EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
		NULL;
	END;
	UPDATE pg_temp.medaudit_import AS l
	SET problem = medaudit.import_store(import_store_all.rule_code, match, l)
	WHERE l.problem IS NULL;
END
$$;

COMMENT ON PROCEDURE import_store_all(text, text) IS
	'写入规则行: adds the rows that were read to charge_rule, and notes the problem of each that the rule tables refuse';

-- Takes in what is new and keeps what could not be taken in; returns how many
-- rows came in.
CREATE FUNCTION import_new_rows(shape import_layout, source regclass,
	codes regclass, match text) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	taken bigint;
BEGIN
	IF pg_catalog.to_regclass('pg_temp.medaudit_import') IS NOT NULL THEN
		DROP TABLE pg_temp.medaudit_import;
	END IF;
	CREATE TEMPORARY TABLE medaudit_import OF medaudit.import_row;
	INSERT INTO pg_temp.medaudit_import
	SELECT * FROM medaudit.import_checked(shape.layout, source, codes,
		coalesce(match, shape.code_match));
	UPDATE pg_temp.medaudit_import AS l
	SET problem = medaudit.import_standing(shape.rule_code, l, match)
	WHERE l.problem IS NULL;
	CALL medaudit.import_store_all(shape.rule_code, coalesce(match, shape.code_match));
	SELECT pg_catalog.count(*) INTO taken FROM pg_temp.medaudit_import AS l
	WHERE l.problem IS NULL;

	-- A name with many codes is told once.
	DELETE FROM medaudit.import_problem AS p
	WHERE p.layout = shape.layout AND p.source = import_new_rows.source::text;
	INSERT INTO medaudit.import_problem (layout, source, row_number, reason, fields)
	SELECT DISTINCT ON (l.row_number, l.problem) shape.layout, import_new_rows.source::text,
		l.row_number, l.problem, l.fields
	FROM pg_temp.medaudit_import AS l
	WHERE l.problem <> ''
	ORDER BY l.row_number, l.problem;
	DROP TABLE pg_temp.medaudit_import;
	RETURN taken;
END
$$;

COMMENT ON FUNCTION import_new_rows(import_layout, regclass, regclass, text) IS
	'写入新规则: adds the rows of a national file that do not stand yet, records the others that cannot be read, returns how many came in';

CREATE FUNCTION import_rules(layout text, source regclass,
	codes regclass DEFAULT NULL, match text DEFAULT NULL,
	check_codes bool DEFAULT true) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	shape medaudit.import_layout;
	taken bigint;
	told record;
	problems bigint;
BEGIN
	CALL medaudit.check_import_arguments(layout, source, codes, match);
	SELECT l.* INTO shape FROM medaudit.import_layout AS l
	WHERE l.layout = import_rules.layout;
	INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, name_en,
		certainty, article, behaviour_code, source, shipped)
	VALUES (shape.rule_code, shape.kind, shape.violation, shape.name_zh,
		shape.name_en, shape.certainty, shape.article, shape.behaviour_code,
		'国家医保局智能监管规则库', false)
	ON CONFLICT DO NOTHING;

	taken := medaudit.import_new_rows(shape, source, codes, match);

	FOR told IN
		SELECT pg_catalog.row_number() OVER (ORDER BY p.row_number) AS n, p.row_number, p.reason
		FROM medaudit.import_problem AS p
		WHERE p.layout = shape.layout AND p.source = import_rules.source::text
		ORDER BY p.row_number LIMIT 20
	LOOP
		RAISE NOTICE 'row % was left out: %', told.row_number, told.reason;
	END LOOP;
	SELECT pg_catalog.count(*) INTO problems FROM medaudit.import_problem AS p
	WHERE p.layout = shape.layout AND p.source = import_rules.source::text;
	RAISE NOTICE '%: % rows came in, % were left out (see medaudit.import_problem)',
		shape.rule_code, taken, problems;
	IF coalesce(check_codes, true) THEN
		CALL medaudit.tell_import_coverage(shape.rule_code);
	END IF;
	FOR told IN SELECT i.warning FROM medaudit.import_idle(shape.rule_code) AS i (warning) LOOP
		RAISE NOTICE '%', told.warning;
	END LOOP;
	RETURN taken;
END
$$;

COMMENT ON FUNCTION import_rules(text, regclass, regclass, text, bool) IS
	'导入国家规则: takes in a national rule file that was copied into text columns under its published headers, and says how many rows came in; what stands already is not counted again, a row that cannot be read is told with its number and reason; check_codes compares the rules with the codes of the bound charges, read once per session, false reads none; unknown layout or match is 22023, missing headers are 42703, NULL layout or source is 22004';
