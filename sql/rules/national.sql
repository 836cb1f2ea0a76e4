-- Words and classes that come with medaudit stay as they are: a row of one's
-- own goes before them, and only that one stands in a dump.
CREATE OR REPLACE FUNCTION _keep_shipped_term() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._in_extension_script() THEN
		RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
	END IF;
	IF TG_OP <> 'INSERT' THEN
		IF OLD.shipped THEN
			RAISE EXCEPTION USING ERRCODE = '23001',
				MESSAGE = format(medaudit._say('shipped rows of %s cannot be changed'), TG_TABLE_NAME),
				HINT = medaudit._say('Add a row of your own: it goes before the shipped one.');
		END IF;
		IF TG_OP = 'DELETE' THEN
			RETURN OLD;
		END IF;
	END IF;
	NEW.shipped := false;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _keep_shipped_term() IS
	'保护内置行: trigger, 23001 for a change of a shipped row';

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON national_term
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON facility_level
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION facility_rank(level_code text) RETURNS int
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

CREATE OR REPLACE FUNCTION facility_rank(level_code int) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
	RETURN medaudit.facility_rank(level_code::text);

COMMENT ON FUNCTION facility_rank(int) IS
	'机构等级: class of a hospital whose level code was loaded as a number, 5 for 05; NULL for NULL and for what facility_level does not have';

-- A published cell: blanks of every width trimmed, an empty one is NULL.  Not strict,
-- so that it becomes part of the query that asks for a million cells.
CREATE OR REPLACE FUNCTION _import_cell(fields jsonb, header text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN nullif(btrim(fields ->> header, E' \t\r\n' || chr(12288) || chr(160) || chr(65279)), '');

COMMENT ON FUNCTION _import_cell(jsonb, text) IS
	'单元格: text of a column of a row without blanks around it; NULL where there is none';

-- 频度 of a pair: a calendar scope, the visit, or N hours or days.
CREATE OR REPLACE FUNCTION _import_scope(frequency text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
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

COMMENT ON FUNCTION _import_scope(text) IS
	'频度: scope of a rule for a published frequency; NULL for one that is not known';

-- A positive number with at most 4 decimals, as caps and periods are.
CREATE OR REPLACE FUNCTION _import_number(cell text) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN cell ~ '^[0-9]{1,9}(\.[0-9]{1,4})?$'
		THEN nullif(cell::numeric, 0) END;

COMMENT ON FUNCTION _import_number(text) IS
	'数值: a positive number of at most 4 decimals; NULL for anything else';

-- The caps and pairs of batches 7 and 8.
CREATE OR REPLACE FUNCTION _import_limits(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	cell text;
BEGIN
	CASE layout
	WHEN 'exclusive_pairs' THEN
		line.item_code := medaudit._import_cell(line.fields, '主项编码');
		line.other_code := medaudit._import_cell(line.fields, '从项编码');
		cell := medaudit._import_cell(line.fields, '频度');
		line.scope := medaudit._import_scope(cell);
		line.note := concat_ws(': ', medaudit._import_cell(line.fields, '主项名称')
				|| ' / ' || medaudit._import_cell(line.fields, '从项名称'),
			medaudit._import_cell(line.fields, '备注'));
		line.problem := CASE
			WHEN line.other_code IS NULL THEN '从项编码 is empty'
			WHEN line.other_code = line.item_code THEN '主项编码 and 从项编码 are the same'
			WHEN line.scope IS NULL THEN format('频度 "%s" is not known', cell)
			END;
	WHEN 'daily_caps' THEN
		line.item_code := medaudit._import_cell(line.fields, '项目编码');
		cell := medaudit._import_cell(line.fields, '限制数量');
		line.unit := medaudit._import_cell(line.fields, '数量单位');
		line.max_quantity := medaudit._import_number(cell);
		line.scope := 'day';
		line.note := medaudit._import_cell(line.fields, '项目名称');
		line.problem := CASE
			WHEN line.max_quantity IS NULL
				THEN format('限制数量 "%s" is not a positive number', cell)
			WHEN line.unit IS NULL OR line.unit NOT IN ('日', '天', '次', '小时')
				THEN format('数量单位 "%s" is not known', line.unit)
			END;
	ELSE
		line.item_code := medaudit._import_cell(line.fields, '项目代码');
		cell := medaudit._import_cell(line.fields, '疗程周期');
		line.max_quantity := medaudit._import_number(
			medaudit._import_cell(line.fields, '频次上限'));
		line.scope := medaudit._import_scope(
			CASE WHEN cell ~ '^[0-9]+$' THEN cell || '天' ELSE cell END);
		line.note := concat_ws(': ', medaudit._import_cell(line.fields, '项目名称'),
			medaudit._import_cell(line.fields, '备注'));
		line.problem := CASE
			WHEN line.max_quantity IS NULL THEN '频次上限 is not a positive number'
			WHEN line.scope IS NULL THEN format('疗程周期 "%s" is not a number of days', cell)
			END;
	END CASE;
	RETURN line;
END
$$;

COMMENT ON FUNCTION _import_limits(text, import_row) IS
	'数量与频次: reads a row of the layouts exclusive_pairs, daily_caps and period_caps';

-- What a row says in words, under whatever header.
CREATE OR REPLACE FUNCTION _import_text(fields jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(medaudit._import_cell(fields, '药品说明'), medaudit._import_cell(fields, '项目说明'),
		medaudit._import_cell(fields, '备注'), medaudit._import_cell(fields, '限定条件'));

COMMENT ON FUNCTION _import_text(jsonb) IS
	'限定条件原文: the text of a row of a national file (药品说明, 项目说明, 备注 or 限定条件); NULL where it has none';

-- A revision has no column for the sex: it is what stands for the same code, else
-- what all codes of the same generic name have, else what its words say.
CREATE OR REPLACE FUNCTION _revised_sex(rule_code text, item_code text, words text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE COST 1000
	RETURN coalesce(
		(SELECT min(c.sex) FROM medaudit.charge_rule AS c
			WHERE c.rule_code = _revised_sex.rule_code
				AND medaudit.code_fold(coalesce(c.item_code, '')) = medaudit.code_fold(_revised_sex.item_code)
			HAVING min(c.sex) = max(c.sex)),
		(SELECT min(c.sex) FROM medaudit.charge_rule AS c
			WHERE c.rule_code = _revised_sex.rule_code AND _revised_sex.item_code ~ '^[XZ].{10}'
				AND left(c.item_code, CASE left(_revised_sex.item_code, 1) WHEN 'X' THEN 10 ELSE 11 END)
					= left(_revised_sex.item_code, CASE left(_revised_sex.item_code, 1) WHEN 'X' THEN 10 ELSE 11 END)
			HAVING min(c.sex) = max(c.sex)),
		CASE WHEN (words ~ '前列腺|睾丸|男') <> (words ~ '女|妇|月经|痛经|妊娠|孕|流产|子宫|卵巢|阴道|带下')
			THEN CASE WHEN words ~ '前列腺|睾丸|男' THEN '1' ELSE '2' END END);

COMMENT ON FUNCTION _revised_sex(text, text, text) IS
	'修订规则的性别: 1 or 2 of a row of a revision, whose sheet does not say it: as what stands of the same code or generic name, else by its words; NULL where none of them tells';

-- The word by which a row limits: of a cell, or of the words of a revision.
CREATE OR REPLACE FUNCTION _import_word(layout text, line medaudit.import_row) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE
		WHEN layout = 'service_age' THEN '法定就业年龄'
		WHEN layout = 'drug_internet' THEN '互联网'
		WHEN layout = 'service_sex' THEN medaudit._import_cell((line).fields, '限定性别')
		WHEN (line).published_on IS NULL THEN medaudit._import_cell((line).fields,
			CASE WHEN layout IN ('secondary_procedure', 'drug_visit_type', 'drug_facility_level') THEN '限定值域' ELSE '限定对象' END)
		WHEN layout = 'drug_sex' THEN CASE medaudit._revised_sex('national_1_drug_sex', (line).item_code,
				concat((line).fields ->> '药品通用名', (line).fields ->> '限定条件'))
			WHEN '1' THEN '男' WHEN '2' THEN '女' END
		WHEN layout = 'drug_child' THEN '儿童'
		WHEN layout = 'drug_insurance' THEN substring((line).fields ->> '规则名称', '(工伤|生育)')
		ELSE substring(medaudit._import_text((line).fields),
			CASE layout WHEN 'drug_visit_type' THEN '(住院)' ELSE '([一二三]级)' END) END;

COMMENT ON FUNCTION _import_word(text, import_row) IS
	'限定用语: the word of medaudit.national_term by which a row limits: a cell of it, of a row of a revision what its text or the rows that stand say; NULL where there is none';

-- The words of batches 1 to 5, 8-2 and 10.
CREATE OR REPLACE FUNCTION _import_restriction(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	word text;
	meaning medaudit.national_term;
BEGIN
	line.item_code := coalesce(line.item_code,
		medaudit._import_cell(line.fields, '国标代码'),
		medaudit._import_cell(line.fields, '项目代码'));
	word := medaudit._import_word(layout, line);
	line.note := concat_ws(': ', coalesce(
			medaudit._import_cell(line.fields, '药品通用名'),
			medaudit._import_cell(line.fields, '项目名称')),
		medaudit._import_text(line.fields));
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
			WHEN layout IN ('drug_visit_type', 'drug_internet') THEN meaning.visit_types::text
			ELSE meaning.facility_ranks::text END IS NULL
		THEN CASE WHEN word IS NULL AND line.published_on IS NOT NULL
			THEN 'neither its words nor a row that stands says what it limits'
			ELSE format('medaudit.national_term has no such limit for "%s"', word) END END;
	line.sex := meaning.sex;
	line.min_age := meaning.min_age;
	line.max_age := meaning.max_age;
	line.facility_ranks := meaning.facility_ranks;
	line.visit_types := meaning.visit_types;
	line.insurance_types := meaning.insurance_types;
	IF layout = 'drug_internet' THEN
		line.excluded_visit_types := meaning.visit_types;
		line.visit_types := NULL;
		RETURN line;
	END IF;
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
		WHEN layout = 'drug_child' AND medaudit._import_text(line.fields)
				~ '[0-9０-９一二三四五六七八九十] *(周岁|岁|个?月(龄|以[上下]))|婴'
			THEN format(' (文字另有年龄，按%s判断)', word)
		WHEN layout = 'drug_facility_level' AND line.note ~ '二级' AND word = '三级'
			OR layout = 'drug_facility_level' AND line.note ~ '三级' AND word = '二级'
			OR layout LIKE '%sex' AND line.note ~ CASE line.sex WHEN '1' THEN '女' ELSE '男' END
			THEN format(' (值为%s，与文字不同)', word)
		ELSE '' END;
	IF line.note ~ ' \((文字另许|文字仅限|文字另有|值为)' THEN
		line.certainty := 'suspicion';
	END IF;
	RETURN line;
END
$$;

COMMENT ON FUNCTION _import_restriction(text, import_row) IS
	'限定支付: reads a row whose limit is a word of medaudit.national_term, or a group of operations';

-- Days that are paid: batches 6 and 8-3.
CREATE OR REPLACE FUNCTION _import_course(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	remark text;
	said text;
	more text;
BEGIN
	line.item_code := coalesce(line.item_code, medaudit._import_cell(line.fields, '项目代码'));
	remark := medaudit._import_text(line.fields);
	said := substring(translate(remark, '０１２３４５６７８９', '0123456789'),
		'(?:不超过|最多支付) *([0-9]{1,4}) *[天日]');
	line.max_days := coalesce(
		substring(medaudit._import_cell(line.fields, '限定值域'), '^([0-9]{1,4})天$'),
		CASE WHEN layout = 'service_course' OR line.published_on IS NOT NULL THEN coalesce(said,
			CASE WHEN remark ~ '不超过(12个月|一年)' THEN '365' END) END)::int;
	line.item_group := medaudit._import_cell(line.fields, '药品通用名');
	line.scope := CASE WHEN remark ~ '单次(住院|最多支付|支付不超过)' THEN 'visit'
		WHEN remark ~ '不超过(12个月|一年)|总时间' THEN 'span' END;
	line.note := concat_ws(': ', coalesce(line.item_group,
		medaudit._import_cell(line.fields, '项目名称')), remark);
	-- Where the text counts otherwise than the rule, or says more, the row is a
	-- suspicion: months and years, the course of a disease, how often in between.
	more := nullif(concat_ws('；',
		CASE WHEN said <> line.max_days::text THEN format('文字为%s天', said) END,
		CASE WHEN remark ~ '不超过(12个月|一年)' THEN format('文字为%s，按首次收费后%s天判断',
			substring(remark, '不超过(12个月|一年)'), line.max_days) END,
		CASE WHEN remark ~ '一个疾病过程' THEN '文字为一个疾病过程，按全部收费日期累计' END,
		CASE WHEN remark ~ '间隔时间|每周最多' THEN '文字另限间隔或频次' END), '');
	IF more IS NOT NULL THEN
		line.note := line.note || format(' (%s)', more);
		line.certainty := 'suspicion';
	END IF;
	line.problem := CASE WHEN coalesce(line.max_days, 0) <= 0
		THEN 'no number of days was found' END;
	RETURN line;
END
$$;

COMMENT ON FUNCTION _import_course(text, import_row) IS
	'支付疗程: reads a row of the layouts drug_course and service_course';

-- A list of codes, and what is said of them: batches 9 and 11 to 17.  The first-line
-- drugs are not named: another drug of the class, the first six characters, is asked
-- for.  What an indication says stays in the note, until it is read.
CREATE OR REPLACE FUNCTION _import_listed(layout text, line medaudit.import_row)
	RETURNS medaudit.import_row
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	line.note := concat_ws(': ', medaudit._import_cell(line.fields, '药品通用名'), medaudit._import_text(line.fields));
	IF layout = 'drug_second_line' THEN
		line.other_code := left(line.item_code, 6) || '%';
		line.scope := '365 days';
		line.problem := CASE WHEN line.item_code !~ '^[XZ][A-Z0-9]{6}'
			THEN 'the code is not that of a drug: its class is not known' END;
	ELSIF layout = 'drug_indication' THEN
		line.problem := CASE WHEN medaudit._import_text(line.fields) IS NULL THEN '限定条件 is empty' END;
	END IF;
	RETURN line;
END
$$;

COMMENT ON FUNCTION _import_listed(text, import_row) IS
	'清单类规则: reads a row of the layouts drug_second_line, herb_not_payable, herb_alone and drug_indication';

-- The columns of a sheet that are missing; "a|b" is met by either.
CREATE OR REPLACE FUNCTION _import_missing_headers(sheet regclass, headers text[]) RETURNS text[]
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN ARRAY(SELECT h FROM unnest(headers) AS h
		WHERE NOT EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = sheet AND a.attnum > 0 AND NOT a.attisdropped
				AND btrim(a.attname, ' ' || chr(65279)) = ANY (string_to_array(h, '|'))));

COMMENT ON FUNCTION _import_missing_headers(regclass, text[]) IS
	'缺少的表头: headers that a sheet does not have';

-- Rows of a sheet with their numbers; headers lose a byte order mark.  Of a sheet of
-- several rules only those of the rules that are named are read.
CREATE OR REPLACE FUNCTION _import_sheet(sheet regclass, rule_names text[] DEFAULT NULL)
	RETURNS TABLE (row_number bigint, fields jsonb)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF sheet IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY EXECUTE format(
		'SELECT n.row_number, (
			SELECT jsonb_object_agg(btrim(e.key, '' '' || chr(65279)), e.value)
			FROM jsonb_each(to_jsonb(n.line)) AS e)
		FROM (SELECT row_number() OVER (%s) AS row_number, s AS line FROM %s AS s) AS n %s', CASE WHEN (SELECT c.relkind FROM pg_class AS c
			WHERE c.oid = sheet) IN ('r', 'm') THEN 'ORDER BY s.ctid' ELSE '' END, sheet,
		(SELECT format('WHERE btrim((n.line).%I::text, E'' \t\r\n'' || chr(12288) || chr(160) || chr(65279)) = ANY ($1)', a.attname)
			FROM pg_attribute AS a WHERE rule_names IS NOT NULL AND a.attrelid = sheet AND a.attnum > 0 AND NOT a.attisdropped
				AND btrim(a.attname, ' ' || chr(65279)) = '规则名称'))
	USING rule_names;
END
$$;

COMMENT ON FUNCTION _import_sheet(regclass, text[]) IS
	'读取表页: the rows of a sheet, or those of some rules in it (规则名称), as JSON with their numbers, in stored order; none for NULL';

CREATE OR REPLACE FUNCTION _import_line(row_number bigint, fields jsonb, problem text, item_code text, published_on date) RETURNS import_row
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ROW (row_number, fields, problem, item_code, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
		NULL, NULL, NULL, NULL, NULL, published_on, NULL, NULL)::medaudit.import_row;

COMMENT ON FUNCTION _import_line(bigint, jsonb, text, text, date) IS
	'导入行: a row of a sheet, before what it says is read';

-- Sheets of one row a code, of all rules alike, as they are published since batch 9.
CREATE OR REPLACE FUNCTION _is_listed_sheet(sheet regclass) RETURNS bool
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN medaudit._import_missing_headers(sheet, '{规则名称,药品通用名,限定条件,药品代码}') = '{}';

COMMENT ON FUNCTION _is_listed_sheet(regclass) IS
	'是否统一格式: whether a sheet has a row per code and says of each by which rule (规则名称), as those from batch 9 on and revisions do';

-- A row of a sheet of one row a code, of the rules that the layout reads.  Of batches
-- 1 to 6 such a sheet is a revision, which holds from the day of its publication on.
CREATE OR REPLACE FUNCTION _import_read_listed(shape medaudit.import_layout, source regclass)
	RETURNS SETOF medaudit.import_row
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT (medaudit._import_line(s.row_number, s.fields, CASE WHEN d.day IS NULL AND shape.code_headers IS NOT NULL
			THEN format('公布日期 "%s" is no date', medaudit._import_cell(s.fields, '公布日期')) END,
		medaudit._import_cell(s.fields, '药品代码'), d.day)).*
	FROM medaudit._import_sheet(source, shape.rule_names) AS s
	CROSS JOIN LATERAL (SELECT medaudit.to_time(medaudit._import_cell(s.fields, '公布日期'))::date AS day OFFSET 0) AS d
$$;

COMMENT ON FUNCTION _import_read_listed(import_layout, regclass) IS
	'读取统一格式: the rows of a sheet of one row a code that are of a layout, with the day of their publication; those of other rules are left to other layouts';

-- Other sheets.  With a sheet of codes there is a row per code, and one with a
-- problem for each name without codes.
CREATE OR REPLACE FUNCTION _import_read_named(source regclass, codes regclass)
	RETURNS SETOF medaudit.import_row
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH name AS MATERIALIZED (
		SELECT s.row_number, s.fields,
			coalesce(medaudit._import_cell(s.fields, '药品通用名'), '') AS product
		FROM medaudit._import_sheet(source) AS s
	), code AS MATERIALIZED (
		SELECT s.row_number, coalesce(medaudit._import_cell(s.fields, '药品通用名'), '') AS product,
			coalesce(medaudit._import_cell(s.fields, '国标代码'),
				medaudit._import_cell(s.fields, '药品代码')) AS item_code
		FROM medaudit._import_sheet(codes) AS s
	), joined AS (
		SELECT n.row_number, n.fields, c.item_code, CASE
			WHEN codes IS NOT NULL AND c.product IS NULL THEN 'no row of the sheet of codes has it' END AS problem
		FROM name AS n LEFT JOIN code AS c ON c.product = n.product
		UNION ALL
		SELECT c.row_number, jsonb_build_object('药品通用名', c.product, '国标代码', c.item_code),
			c.item_code, 'row of the sheet of codes that the sheet of names does not have'
		FROM code AS c WHERE NOT EXISTS (SELECT FROM name AS n WHERE n.product = c.product)
	)
	SELECT (medaudit._import_line(j.row_number, j.fields, j.problem, j.item_code, NULL)).*
	FROM joined AS j
$$;

COMMENT ON FUNCTION _import_read_named(regclass, regclass) IS
	'读取名称与编码两页: the rows of a sheet, joined by 药品通用名 with its sheet of codes where it has one';

-- What every row of the source says.
CREATE OR REPLACE FUNCTION _import_read(shape medaudit.import_layout, source regclass, codes regclass)
	RETURNS SETOF medaudit.import_row
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	line medaudit.import_row;
	listed bool := medaudit._is_listed_sheet(source);
BEGIN
	FOR line IN
		SELECT l.* FROM medaudit._import_read_listed(shape, source) AS l WHERE listed
		UNION ALL
		SELECT n.* FROM medaudit._import_read_named(source, codes) AS n WHERE NOT listed
	LOOP
		IF line.problem IS NULL THEN
			line := CASE
				WHEN shape.layout IN ('exclusive_pairs', 'daily_caps', 'period_caps') THEN medaudit._import_limits(shape.layout, line)
				WHEN shape.layout IN ('drug_course', 'service_course') THEN medaudit._import_course(shape.layout, line)
				WHEN shape.layout IN ('drug_second_line', 'herb_not_payable', 'herb_alone', 'drug_indication')
					THEN medaudit._import_listed(shape.layout, line)
				ELSE medaudit._import_restriction(shape.layout, line) END;
		END IF;
		RETURN NEXT line;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _import_read(import_layout, regclass, regclass) IS
	'解析规则文件: what each row of a national file says, or its problem, without taking it in';

-- What a row limits, without the words around it.
CREATE OR REPLACE FUNCTION _import_limit(line medaudit.import_row) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN to_jsonb(line) - '{row_number,fields,problem,certainty,note,published_on,valid,rule_code}'::text[];

COMMENT ON FUNCTION _import_limit(import_row) IS
	'限定内容: the limits of a row that was read, for comparing it with another';

-- What no layout may hold, and rows on what an earlier one stands for.
CREATE OR REPLACE FUNCTION _import_checked(shape medaudit.import_layout, source regclass, codes regclass,
	match text) RETURNS SETOF medaudit.import_row
	LANGUAGE sql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH line AS (
		SELECT r.*, row_number() OVER same AS nth, coalesce(o.rule_code, shape.rule_code) AS of_rule,
			first_value(r.row_number) OVER same AS first_row,
			medaudit._import_limit(r) <> first_value(medaudit._import_limit(r)) OVER same
				OR o.rule_code IS DISTINCT FROM first_value(o.rule_code) OVER same AS contrary
		FROM medaudit._import_read(shape, source, codes) AS r
		LEFT JOIN medaudit.import_layout_rule AS o ON o.layout = shape.layout
			AND (medaudit._import_cell(r.fields, '规则名称') = o.rule_name OR medaudit._import_cell(r.fields, '限定对象') = o.word)
		WINDOW same AS (PARTITION BY r.problem IS NULL, r.item_code, r.other_code,
			r.item_group, r.scope ORDER BY r.row_number)
	)
	SELECT l.row_number, l.fields, CASE
			WHEN l.fields ->> '序号' ~ '^ *合计' THEN 'a total, not a rule'
			WHEN l.fields ->> '序号' ~ '^ *备注' THEN 'a remark, not a rule'
			WHEN l.problem IS NOT NULL THEN l.problem
			WHEN l.item_code IS NULL THEN 'the code is empty'
			WHEN l.item_code ~ '[%[:space:]]' OR CASE shape.kind WHEN 'prerequisite'
					THEN rtrim(l.other_code, '%') ELSE l.other_code END ~ '[%[:space:]]'
				THEN 'the code holds a blank or %'
			WHEN match = 'service' AND NOT (l.item_code ~ '^[0-9]{15}$'
					AND coalesce(l.other_code, l.item_code) ~ '^[0-9]{15}$')
				THEN 'the code has not 15 digits'
			WHEN l.nth > 1 AND l.contrary
				THEN format('other limits than row %s, which came first', l.first_row)
			WHEN l.nth > 1 THEN format('the same as row %s', l.first_row)
			END,
		l.item_code, l.other_code, l.item_group, l.scope, l.max_quantity, l.ratio,
		l.unit, l.sex, l.min_age, l.max_age, l.facility_ranks, l.visit_types,
		l.insurance_types, l.max_days, l.certainty, l.note, l.excluded_visit_types, l.published_on, l.valid, l.of_rule
	FROM line AS l
$$;

COMMENT ON FUNCTION _import_checked(import_layout, regclass, regclass, text) IS
	'校验规则文件: what _import_read() gives, with the problems that all layouts share';

-- Writes one row; its problem when the rule tables refuse it.
CREATE OR REPLACE FUNCTION _import_store(match text, line medaudit.import_row)
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, other_code,
		item_group, scope, max_quantity, ratio, unit, sex, min_age, max_age,
		facility_ranks, visit_types, insurance_types, max_days, certainty, note, excluded_visit_types, valid, published_on)
	VALUES (line.rule_code, line.item_code, match, line.other_code,
		line.item_group, line.scope, line.max_quantity, line.ratio, line.unit,
		line.sex, line.min_age, line.max_age, line.facility_ranks,
		line.visit_types, line.insurance_types, line.max_days, line.certainty,
		line.note, line.excluded_visit_types, line.valid, line.published_on);
	RETURN NULL;
EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
	RETURN SQLERRM;
END
$$;

COMMENT ON FUNCTION _import_store(text, import_row) IS
	'写入规则行: adds one row to charge_rule; its problem where the rule tables refuse it, else NULL';

-- The arguments of import_rules(), and whether the sheets fit the layout.
CREATE OR REPLACE PROCEDURE _check_import_arguments(layout text, source regclass,
	codes regclass, match text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	shape medaudit.import_layout;
	missing text[];
BEGIN
	IF layout IS NULL OR source IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(
			medaudit._say('%s must not be null'), CASE WHEN layout IS NULL THEN 'layout' ELSE 'source' END);
	END IF;
	SELECT l.* INTO shape FROM medaudit.import_layout AS l
	WHERE l.layout = _check_import_arguments.layout;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('layout "%s" is not known'), layout),
			HINT = format(medaudit._say('The layouts are %s.'), (
				SELECT string_agg(l.layout, ', ' ORDER BY l.layout)
				FROM medaudit.import_layout AS l));
	END IF;
	IF codes IS NULL AND shape.code_headers IS NOT NULL AND medaudit._is_listed_sheet(source) THEN
		shape.headers := '{规则名称,药品通用名,限定条件,药品代码,公布日期}';
	ELSIF (codes IS NULL) <> (shape.code_headers IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN codes IS NULL
			THEN format(medaudit._say('layout "%s" needs the sheet of codes'), layout)
			ELSE format(medaudit._say('layout "%s" has no sheet of codes'), layout) END;
	END IF;
	IF match NOT IN ('exact', 'service', 'product', 'generic') THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('match "%s" is not known'), match),
			HINT = medaudit._say('Use exact, service, product or generic.');
	END IF;
	missing := medaudit._import_missing_headers(source, shape.headers)
		|| coalesce(medaudit._import_missing_headers(codes, shape.code_headers), '{}');
	IF missing <> '{}' THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = format(medaudit._say('layout "%s" misses the columns %s'),
				layout, array_to_string(missing, ', ')),
			HINT = medaudit._say('Copy the file into a table of text columns under its published headers.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_import_arguments(text, regclass, regclass, text) IS
	'检查导入参数: 22004, 22023 or 42703 for arguments and sheets that import_rules() cannot take';

-- The distinct codes of the bound charges, read once per session: a fund takes
-- in twenty files one after the other, and reads its charges once.  Bound anew,
-- they are read anew; codes that were charged since are not seen before.
CREATE OR REPLACE FUNCTION _charged_codes() RETURNS text[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	place regclass := to_regclass('medaudit_data.charge');
	bound_as text;
	codes text[];
BEGIN
	IF place IS NULL THEN
		RETURN NULL;
	END IF;
	SELECT concat_ws(' ', place::oid, pg_get_viewdef(place),
			(SELECT b.bound_at FROM medaudit.binding AS b WHERE b.relation = 'charge'))
	INTO bound_as;
	IF to_regclass('pg_temp.medaudit_charged_code') IS NULL THEN
		CREATE TEMPORARY TABLE medaudit_charged_code (binding text, item_codes text[]);
	END IF;
	SELECT c.item_codes INTO codes FROM pg_temp.medaudit_charged_code AS c
	WHERE c.binding = bound_as;
	IF NOT FOUND THEN
		PERFORM medaudit._check_trusted('charge');
		SELECT coalesce(array_agg(d.item_code), '{}') INTO codes
		FROM (SELECT DISTINCT c.item_code FROM medaudit_data.charge AS c) AS d
		WHERE d.item_code IS NOT NULL;
		DELETE FROM pg_temp.medaudit_charged_code;
		INSERT INTO pg_temp.medaudit_charged_code
		SELECT bound_as, codes WHERE codes <> '{}';
	END IF;
	RETURN codes;
END
$$;

COMMENT ON FUNCTION _charged_codes() IS
	'已收费编码: the distinct item codes of the bound charges, read once per session and binding; {}: nothing is charged (then it is read again), NULL: charge is not bound';

-- Tells how many rows of rules meet no code of the bound data; as a warning
-- where none does, for such a rule finds nothing whatever was charged.
CREATE OR REPLACE PROCEDURE _tell_import_coverage(rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[] := medaudit._charged_codes();
	found record;
BEGIN
	IF codes IS NULL THEN
		RAISE NOTICE USING MESSAGE = medaudit._say('no charges are bound: whether the rules meet them is not known');
		RETURN;
	END IF;
	SELECT sum(m.rows - m.rows_pending) AS rows, sum(m.rows_that_match) AS met
	INTO found
	FROM medaudit.rule_match(medaudit.compile_rules(VARIADIC rule_codes), codes) AS m;
	IF codes = '{}' THEN
		RAISE NOTICE USING MESSAGE = medaudit._say('nothing is charged yet: whether the rules meet the charges is not known');
	ELSIF coalesce(found.rows, 0) = 0 THEN
		RETURN;
	ELSIF found.met = 0 THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('none of %s rules of %s meets a code of the bound charges'), found.rows, array_to_string(rule_codes, ', ')),
			HINT = medaudit._say('Codes that are not mapped are the usual reason: bind the relation item with national_code, or import with another match.');
	ELSE
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s of %s rules meet no code of the bound charges'), found.rows - found.met, found.rows);
	END IF;
END
$$;

COMMENT ON PROCEDURE _tell_import_coverage(text[]) IS
	'规则覆盖: tells how many rows of rules meet no code of the bound charges, with a warning where none does';

-- Rows that say nothing yet: secondary items without a full price, caps in
-- units that the items do not have.
CREATE OR REPLACE FUNCTION _import_idle(rule_code text) RETURNS SETOF text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 2
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT format('%s of %s rows have no max_price: they stay insufficient until they are given the full price',
		count(*) FILTER (WHERE c.max_price IS NULL), count(*))
	FROM medaudit.charge_rule AS c
	JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
	WHERE c.rule_code = _import_idle.rule_code AND r.kind = 'secondary'
	HAVING count(*) FILTER (WHERE c.max_price IS NULL) > 0;
	RETURN QUERY
	SELECT format('%s rows say in words alone whom they are paid for: they judge nothing until propose_indications() is accepted', count(*))
	FROM medaudit.charge_rule AS c
	JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
	WHERE c.rule_code = _import_idle.rule_code AND r.kind = 'restriction' AND medaudit._is_pending(c)
	HAVING count(*) > 0;
	RETURN QUERY
	SELECT 'which types of visit are internet care is local: only the words of medaudit.national_term (互联网) are known, add your codes before you import'
	WHERE EXISTS (SELECT FROM medaudit.charge_rule AS c WHERE c.rule_code = _import_idle.rule_code AND c.rule_code = 'national_10_drug_internet')
		AND NOT EXISTS (SELECT FROM medaudit.national_term AS t WHERE t.term = '互联网' AND NOT t.shipped);
	RETURN QUERY
	SELECT format('%s rows are off for %s items whose unit is not theirs (see medaudit.unit_problems())',
		count(DISTINCT u.rule_item_code), count(DISTINCT u.item_code))
	FROM medaudit.unit_problems() AS u
	WHERE u.rule_code = _import_idle.rule_code AND u.item_code IS NOT NULL
	HAVING count(*) > 0;
END
$$;

COMMENT ON FUNCTION _import_idle(text) IS
	'未生效的规则行: sentences on rows of a rule that cannot judge yet: secondary items without price, caps in units that the items do not have';

-- Sheets write 儿 by the radical that looks like it, and have middle dots, which other
-- encodings lack.
CREATE OR REPLACE FUNCTION _plain_radical(words text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN getdatabaseencoding() = 'UTF8' THEN 
		replace(replace(words, convert_from('\xe2bc89', 'UTF8'), '儿'), convert_from('\xc2b7', 'UTF8'), ' ') ELSE words END;

COMMENT ON FUNCTION _plain_radical(text) IS
	'部首还原: a text with 儿 for the radical U+2F09, and a blank for a middle dot; NULL for NULL';

-- Words alike but for blanks, marks and an old form of a character are alike.
CREATE OR REPLACE FUNCTION _plain_words(note text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN regexp_replace(translate(_plain_radical(note), '，。、；：（）“”‘’"''()[],.;:　', ''), '[[:space:][:cntrl:]]', '', 'g');

COMMENT ON FUNCTION _plain_words(text) IS
	'文字比较: a note without blanks and marks, by which the words of a revision are compared with those that stand';

-- The rules of a layout: its own and, where they are there, those that it makes beside.
CREATE OR REPLACE FUNCTION _import_rules_of(shape medaudit.import_layout) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT array_agg(r.rule_code ORDER BY r.rule_code <> shape.rule_code, r.rule_code COLLATE "C") FROM medaudit.rule AS r
		WHERE r.rule_code = shape.rule_code OR r.rule_code IN (SELECT o.rule_code FROM medaudit.import_layout_rule AS o WHERE o.layout = shape.layout));

COMMENT ON FUNCTION _import_rules_of(import_layout) IS
	'格式的规则: the rules that a layout has made, its own first';

-- What stands of the codes that could be read, in all rules of the layout.  A row that
-- says the same stands already; one of the same day that says something else, or whose
-- limits were changed, is kept and told.  But sheets have days, and a claim is judged by
-- the sheet of its day, whatever came in first: a row holds from its day until the next
-- one of the code, and what stands before it ends there.  The first one holds always,
-- but for that of a revision.  A sheet without a day is before all others.
--
-- Of an older sheet that comes late nobody knows whether the later one, of which this
-- code has no row, said again what stands: then that is kept, and told.
-- Where first-line drugs are named by a row of one's own, that one goes before.
CREATE OR REPLACE FUNCTION _import_standing(shape medaudit.import_layout, match text)
	RETURNS TABLE (line tid, problem text, valid daterange, ends bigint[], starts bigint[])
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	rules text[] := medaudit._import_rules_of(shape);
	last_day date := (SELECT max(c.published_on) FROM medaudit.charge_rule AS c WHERE c.rule_code = ANY (rules));
BEGIN
	RETURN QUERY
	WITH standing AS (
		SELECT l.ctid AS line, l.published_on AS day, l.other_code, c.charge_rule_id, c.rule_code, c.code_match, c.other_code AS standing_code,
			c.published_on, coalesce(lower(c.valid), '-infinity') AS begins, coalesce(upper(c.valid), 'infinity') AS ends,
			greatest(c.published_on, lower(c.valid), '-infinity') AS since,
			c.rule_code = l.rule_code AS same_rule,
			(c.other_code, c.item_group, c.scope) IS NOT DISTINCT FROM (l.other_code, l.item_group, l.scope) AS same_key,
			(c.max_quantity, c.unit, c.max_days, c.sex, c.min_age, c.max_age, c.facility_ranks, c.visit_types,
				c.insurance_types, c.ratio, c.excluded_visit_types) IS NOT DISTINCT FROM (l.max_quantity, l.unit, l.max_days,
				l.sex, l.min_age, l.max_age, l.facility_ranks, l.visit_types, l.insurance_types, l.ratio, l.excluded_visit_types) AS same_limits,
			medaudit._plain_words(c.note) IS NOT DISTINCT FROM medaudit._plain_words(l.note) AS same_words
		FROM pg_temp.medaudit_import AS l
		-- by the index of the keys, for nobody has analyzed what came in a moment ago
		JOIN medaudit.charge_rule AS c ON c.rule_code = ANY (rules) AND c.item_code = l.item_code
			AND medaudit.code_fold(coalesce(c.item_code, '')) = medaudit.code_fold(l.item_code)
		WHERE l.problem IS NULL
	), told AS (
		SELECT s.*, s.published_on IS NOT NULL AND s.begins > '-infinity' AS dated,
			s.published_on IS NOT DISTINCT FROM s.day OR s.begins <= s.day AND s.ends > s.day AS meets
		FROM standing AS s
	)
	SELECT s.line, CASE
			WHEN shape.kind = 'prerequisite' AND bool_or(s.standing_code <> s.other_code)
				THEN 'a row that names its first-line drugs stands; it goes before'
			WHEN s.day IS NOT NULL THEN CASE
				WHEN bool_or(s.meets AND s.same_rule AND s.same_words AND s.same_limits) THEN ''
				WHEN bool_or(s.meets AND s.same_rule AND s.same_words AND s.same_key) THEN 'a row with other limits stands already; it was kept'
				WHEN bool_or(s.since = s.day) THEN 'a row that holds from the same day on stands; it was kept'
				WHEN s.day < last_day AND bool_or(s.meets) AND NOT bool_or(s.since > s.day)
					THEN 'a later sheet was read before; what stands was kept' END
			WHEN NOT bool_or(s.same_key AND NOT s.dated) THEN NULL
			WHEN bool_or(s.same_key AND s.same_limits AND NOT s.dated) THEN CASE
				WHEN NOT bool_or(s.same_key AND s.same_limits AND NOT s.dated AND s.same_rule)
					THEN format('a row of rule "%s" stands already; it was kept', min(s.rule_code) FILTER (WHERE s.same_key AND s.same_limits AND NOT s.dated))
				WHEN bool_or(s.same_key AND s.same_limits AND NOT s.dated AND s.code_match = coalesce(match, s.code_match)) THEN ''
				ELSE format('a row with match "%s" stands already; it was kept',
					min(s.code_match) FILTER (WHERE s.same_key AND s.same_limits AND NOT s.dated)) END
			ELSE 'a row with other limits stands already; it was kept' END,
		CASE WHEN s.day IS NULL THEN daterange(NULL, min(s.begins) FILTER (WHERE s.dated))
			ELSE daterange(CASE WHEN shape.code_headers IS NOT NULL OR bool_or(s.since < s.day) THEN s.day END, min(s.since) FILTER (WHERE s.since > s.day)) END,
		array_agg(s.charge_rule_id) FILTER (WHERE s.since < s.day AND s.ends > s.day),
		array_agg(s.charge_rule_id) FILTER (WHERE s.since > s.day AND s.begins < s.published_on)
	FROM told AS s
	GROUP BY s.line, s.day;
END
$$;

COMMENT ON FUNCTION _import_standing(import_layout, text) IS
	'是否已存在: of each row that was read and whose code stands in the rules of the layout: empty where the same stands, the problem where something else does and is kept, NULL where it is new; when it holds, which rows end as it begins, and which begin as it ends';

-- Rows hold from the days of their sheets until those of the next.
CREATE OR REPLACE PROCEDURE _import_meet_standing(shape import_layout, match text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	ending bigint[];
	starting bigint[];
BEGIN
	UPDATE pg_temp.medaudit_import AS l SET valid = daterange(l.published_on, NULL)
	WHERE shape.code_headers IS NOT NULL AND l.published_on IS NOT NULL AND l.problem IS NULL;
	WITH met AS MATERIALIZED (
		SELECT s.* FROM medaudit._import_standing(shape, match) AS s
	), marked AS (
		UPDATE pg_temp.medaudit_import AS l SET problem = m.problem, valid = nullif(m.valid, '(,)')
		FROM met AS m WHERE l.ctid = m.line
	)
	SELECT array_agg(e.charge_rule_id) FILTER (WHERE e.charge_rule_id = ANY (m.ends)),
		array_agg(e.charge_rule_id) FILTER (WHERE e.charge_rule_id = ANY (m.starts))
	INTO ending, starting
	FROM met AS m CROSS JOIN LATERAL unnest(m.ends || m.starts) AS e (charge_rule_id) WHERE m.problem IS NULL;
	UPDATE medaudit.charge_rule AS c SET valid = CASE WHEN c.charge_rule_id = ANY (starting) THEN daterange(c.published_on, upper(c.valid))
		ELSE daterange(lower(c.valid), l.published_on) END
	FROM pg_temp.medaudit_import AS l
	WHERE c.charge_rule_id = ANY (ending || starting) AND l.item_code = c.item_code AND l.problem IS NULL;
END
$$;

COMMENT ON PROCEDURE _import_meet_standing(import_layout, text) IS
	'与已有规则比较: marks the rows that stand already, and says of the others when they hold; what stands before them ends there';

-- All new rows in one statement; when the rule tables refuse it, one by one.
CREATE OR REPLACE PROCEDURE _import_store_all(match text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	BEGIN
		INSERT INTO medaudit.charge_rule (rule_code, item_code, code_match, other_code,
			item_group, scope, max_quantity, ratio, unit, sex, min_age, max_age,
			facility_ranks, visit_types, insurance_types, max_days, certainty, note, excluded_visit_types, valid, published_on)
		SELECT l.rule_code, l.item_code, match, l.other_code,
			l.item_group, l.scope, l.max_quantity, l.ratio, l.unit, l.sex, l.min_age,
			l.max_age, l.facility_ranks, l.visit_types, l.insurance_types, l.max_days,
			l.certainty, l.note, l.excluded_visit_types, l.valid, l.published_on
		FROM pg_temp.medaudit_import AS l WHERE l.problem IS NULL
		ORDER BY l.row_number, l.item_code;
		RETURN;
	EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
		NULL;
	END;
	UPDATE pg_temp.medaudit_import AS l
	SET problem = medaudit._import_store(match, l)
	WHERE l.problem IS NULL;
END
$$;

COMMENT ON PROCEDURE _import_store_all(text) IS
	'写入规则行: adds the rows that were read to charge_rule, and notes the problem of each that the rule tables refuse';

-- The rule of a layout, made where it is not there yet, and those beside it that some
-- row is of.
CREATE OR REPLACE PROCEDURE _import_rule(shape import_layout)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit.rule (rule_code, kind, violation, name_zh, name_en,
		certainty, article, behaviour_code, source, shipped, national_code)
	SELECT r.rule_code, shape.kind, shape.violation, r.name_zh,
		r.name_en, shape.certainty, shape.article, shape.behaviour_code,
		'国家医保局智能监管规则库', false, r.national_code
	FROM (SELECT shape.rule_code, shape.name_zh, shape.name_en, shape.national_code
		UNION ALL SELECT o.rule_code, o.name_zh, o.name_en, o.national_code FROM medaudit.import_layout_rule AS o
		WHERE o.layout = shape.layout AND EXISTS (SELECT FROM pg_temp.medaudit_import AS l WHERE l.rule_code = o.rule_code)) AS r
	ON CONFLICT DO NOTHING;
	UPDATE medaudit.rule AS r SET national_code = shape.national_code
	WHERE r.rule_code = shape.rule_code AND r.national_code IS NULL AND NOT r.shipped AND shape.national_code IS NOT NULL;
END
$$;

COMMENT ON PROCEDURE _import_rule(import_layout) IS
	'建立规则: the rules that the rows of a layout are of, with their official codes, where they are not there yet';

-- Takes in what is new and keeps what could not be taken in: of each rule how many rows
-- there were, of how many things, how many came in, of them in place of others, stood
-- already or were left out, and why.
CREATE OR REPLACE FUNCTION _import_new_rows(shape import_layout, source regclass,
	codes regclass, match text) RETURNS TABLE (rule_code text, rows bigint, points bigint, imported bigint, replaced bigint,
	standing bigint, refused bigint, reasons jsonb)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 2
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF to_regclass('pg_temp.medaudit_import') IS NOT NULL THEN
		DROP TABLE pg_temp.medaudit_import;
	END IF;
	CREATE TEMPORARY TABLE medaudit_import OF medaudit.import_row;
	INSERT INTO pg_temp.medaudit_import
	SELECT * FROM medaudit._import_checked(shape, source, codes,
		coalesce(match, shape.code_match));
	ANALYZE pg_temp.medaudit_import;
	CALL medaudit._import_rule(shape);
	CALL medaudit._import_meet_standing(shape, match);
	CALL medaudit._import_store_all(coalesce(match, shape.code_match));
	RETURN QUERY
	SELECT r.rule_code, count(l.row_number), count(DISTINCT l.note), count(*) FILTER (WHERE l.row_number IS NOT NULL AND l.problem IS NULL),
		count(*) FILTER (WHERE l.problem IS NULL AND EXISTS (SELECT FROM medaudit.charge_rule AS c
			WHERE c.rule_code = ANY (m.rules) AND medaudit.code_fold(coalesce(c.item_code, '')) = medaudit.code_fold(l.item_code)
				AND upper(c.valid) = lower(l.valid))),
		count(*) FILTER (WHERE l.problem = ''), count(*) FILTER (WHERE l.problem <> ''),
		(SELECT coalesce(jsonb_object_agg(w.reason, w.rows), '{}')
			FROM (SELECT regexp_replace(p.problem, 'row [0-9]+', 'row n') AS reason, count(*) AS rows
				FROM pg_temp.medaudit_import AS p WHERE p.problem <> '' AND p.rule_code = r.rule_code GROUP BY 1) AS w)
	FROM (SELECT medaudit._import_rules_of(shape) AS rules) AS m
	CROSS JOIN LATERAL unnest(m.rules) AS r (rule_code)
	LEFT JOIN pg_temp.medaudit_import AS l ON l.rule_code = r.rule_code
	GROUP BY r.rule_code
	HAVING count(l.row_number) > 0 OR r.rule_code = shape.rule_code AND NOT EXISTS (SELECT FROM pg_temp.medaudit_import);

	-- A name with many codes is told once.
	DELETE FROM medaudit.import_problem AS p
	WHERE p.layout = shape.layout AND p.source = _import_new_rows.source::text;
	INSERT INTO medaudit.import_problem (layout, source, row_number, reason, fields)
	SELECT DISTINCT ON (l.row_number, l.problem) shape.layout, _import_new_rows.source::text,
		l.row_number, l.problem, l.fields
	FROM pg_temp.medaudit_import AS l
	WHERE l.problem <> ''
	ORDER BY l.row_number, l.problem;
	DROP TABLE pg_temp.medaudit_import;
END
$$;

COMMENT ON FUNCTION _import_new_rows(import_layout, regclass, regclass, text) IS
	'写入新规则: adds the rows of a national file that do not stand yet, records the others that cannot be read, and counts them by rule';

CREATE OR REPLACE FUNCTION import_rules(layout text, source regclass,
	codes regclass DEFAULT NULL, match text DEFAULT NULL,
	check_codes bool DEFAULT true) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	shape medaudit.import_layout;
	rules text[];
	taken bigint;
	lines bigint;
	told record;
	problems bigint;
BEGIN
	CALL medaudit._check_import_arguments(layout, source, codes, match);
	SELECT l.* INTO shape FROM medaudit.import_layout AS l
	WHERE l.layout = import_rules.layout;
	SELECT sum(n.imported), sum(n.rows) INTO taken, lines FROM medaudit._import_new_rows(shape, source, codes, match) AS n;
	rules := medaudit._import_rules_of(shape);
	IF lines = 0 AND medaudit._is_listed_sheet(source) THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('%s has no rows of %s'), source, array_to_string(shape.rule_names, ', '));
	END IF;

	FOR told IN
		SELECT row_number() OVER (ORDER BY p.row_number) AS n, p.row_number, p.reason
		FROM medaudit.import_problem AS p
		WHERE p.layout = shape.layout AND p.source = import_rules.source::text
		ORDER BY p.row_number LIMIT 20
	LOOP
		RAISE NOTICE USING MESSAGE = format(medaudit._say('row %s was left out: %s'), told.row_number, told.reason);
	END LOOP;
	SELECT count(*) INTO problems FROM medaudit.import_problem AS p
	WHERE p.layout = shape.layout AND p.source = import_rules.source::text;
	RAISE NOTICE USING MESSAGE = format(medaudit._say('%s: %s rows came in, %s were left out (see medaudit.import_problem)'), array_to_string(rules, ', '), taken, problems);
	IF coalesce(check_codes, true) THEN
		CALL medaudit._tell_import_coverage(rules);
	END IF;
	FOR told IN SELECT i.warning FROM unnest(rules) AS r (rule_code), medaudit._import_idle(r.rule_code) AS i (warning) LOOP
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s'), told.warning);
	END LOOP;
	RETURN taken;
END
$$;

COMMENT ON FUNCTION import_rules(text, regclass, regclass, text, bool) IS
	'导入国家规则: takes in a national rule file that was copied into text columns under its published headers, and says how many rows came in; what stands already is not counted again, a row that cannot be read is told with its number and reason; check_codes compares the rules with the codes of the bound charges, read once per session, false reads none; unknown layout or match is 22023, missing headers are 42703, NULL layout or source is 22004';
