-- Sentences: what a finding says to a person, in Chinese.  They are written from
-- the facts of the evidence, and a hospital must be able to check them with
-- its own books.

-- A time as Chinese text: without a clock at midnight.
CREATE FUNCTION time_zh(at timestamp) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN to_char(at, CASE WHEN at = date_trunc('day', at)
		THEN 'YYYY"年"FMMM"月"FMDD"日"' ELSE 'YYYY"年"FMMM"月"FMDD"日"HH24:MI' END);

COMMENT ON FUNCTION time_zh(timestamp) IS
	'中文时间: date, and clock unless it is midnight; NULL for NULL';

-- What failed: the condition, and what the visit had.
CREATE FUNCTION conditions_zh(rule_name text, evidence jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '（' || concat_ws('；', rule_name, (
		SELECT '实际' || string_agg(CASE f.key
			WHEN 'sex' THEN CASE f.value WHEN '1' THEN '性别男' ELSE '性别女' END
			WHEN 'birth_date' THEN '出生日期' || f.value
			WHEN 'facility_rank' THEN '机构等级' || f.value
			WHEN 'visit_type' THEN '医疗类别' || f.value
			WHEN 'insurance_type' THEN '险种' || f.value
			WHEN 'department' THEN '科室' || f.value
			ELSE '无要求的诊断' END, '、' ORDER BY f.key COLLATE "C")
		FROM jsonb_each_text(evidence -> 'failed') AS f)) || '）';

COMMENT ON FUNCTION conditions_zh(text, jsonb) IS
	'未满足的条件: name of the rule and what the visit had instead, in Chinese brackets';

-- Why a line is in excess, in one sentence that stands without the database.
CREATE FUNCTION charge_reason_zh(kind text, rule_name text, evidence jsonb, partner text,
	excess_quantity numeric, other_visit_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind
		WHEN 'duplicate' THEN '与' || coalesce(partner, '前一笔') || '重复收费'
		WHEN 'exclusive' THEN '与已收取的' || coalesce(partner, '主项目') || '属同一项目内涵，不应另行收费'
		WHEN 'quantity' THEN '超过数量上限' || coalesce(evidence ->> 'limit', '')
		WHEN 'per_bed_day' THEN '超过按住院天数计算的数量上限' || coalesce(evidence ->> 'limit', '')
		WHEN 'amount' THEN '超过金额上限' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'price' THEN '超过最高收费标准' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'secondary' THEN '为同一切口第二及以后手术，应按折价计收' || coalesce(evidence ->> 'limit', '') || '元'
		WHEN 'restriction' THEN '不符合限定支付条件' || medaudit.conditions_zh(rule_name, evidence)
		WHEN 'diagnosis' THEN '诊断' || coalesce(evidence ->> 'diagnosis', '')
			|| '与患者情况不符' || medaudit.conditions_zh(rule_name, evidence)
		WHEN 'course' THEN '超过支付疗程' || coalesce(evidence ->> 'limit', '') || '天'
		WHEN 'prerequisite' THEN '未见收取该项目所需的前提项目' || coalesce('（' || rule_name || '）', '')
		WHEN 'outside_stay' THEN '费用日期不在住院期间'
		WHEN 'resettled' THEN '与就诊' || coalesce(other_visit_id, '') || '已结算的费用相同'
		WHEN 'package' THEN CASE WHEN evidence ->> 'mode' = 'beside'
			THEN '所属组合项目已收费，其组成部分不应另行收费' ELSE '为组合项目的组成部分，组合价格' || coalesce(evidence ->> 'limit', '') || '元，不应拆分收费' END
		ELSE '不符合规则' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day', 'amount') AND evidence -> 'window' ->> 0 IS NOT NULL
			THEN '（' || replace(evidence -> 'window' ->> 0, 'T', ' ') || '至'
				|| coalesce(replace(evidence -> 'window' ->> 1, 'T', ' '), '') || '）' ELSE '' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day', 'amount') AND partner IS NOT NULL
			THEN '，期间另有' || partner ELSE '' END
		|| CASE WHEN kind IN ('quantity', 'per_bed_day') AND excess_quantity IS NOT NULL
			THEN '，超出数量' || trim_scale(excess_quantity) ELSE '' END;

COMMENT ON FUNCTION charge_reason_zh(text, text, jsonb, text, numeric, text) IS
	'违规原因: why a charge line is in excess, in Chinese, from the evidence of its kind of rule';

CREATE FUNCTION charge_text_zh(charged_at timestamp, item_name text, item_code text,
	quantity numeric, amount numeric, reason text, excess_amount numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(CASE WHEN charged_at IS NULL AND item_code IS NULL THEN '本次就诊' END,
		time_zh(charged_at), CASE WHEN item_code IS NOT NULL THEN '，' || coalesce(
			item_name || '（' || item_code || '）', item_code) END,
		CASE WHEN quantity IS NOT NULL THEN ' 数量' || trim_scale(quantity) END,
		CASE WHEN amount IS NOT NULL THEN '，金额' || round(amount, 2) || '元' END,
		'：', reason,
		CASE WHEN excess_amount IS NOT NULL THEN '，超出金额' || round(excess_amount, 2) || '元' END,
		'。');

COMMENT ON FUNCTION charge_text_zh(timestamp, text, text, numeric, numeric, text, numeric) IS
	'证据说明: one sentence with date, item, quantity, amount, reason and excess';

CREATE FUNCTION stay_text_zh(facility_name text, facility_id text, admitted_at timestamp,
	discharged_at timestamp) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(coalesce(facility_name, facility_id), '（',
		to_char(admitted_at, 'YYYY-MM-DD'), '至',
		coalesce(to_char(discharged_at, 'YYYY-MM-DD'), '今'), '）');

COMMENT ON FUNCTION stay_text_zh(text, text, timestamp, timestamp) IS
	'住院说明: facility and dates of a stay, in Chinese';

-- A sum of money as Chinese text.
CREATE FUNCTION money_zh(amount numeric) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN round(amount, 2) || '元';

COMMENT ON FUNCTION money_zh(numeric) IS '金额说明: yuan with two decimals; NULL for NULL';

-- A chance with two digits, as 3.4e-06.
CREATE FUNCTION chance_text(p float8) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ltrim(to_char(p, '9.9EEEE'));

COMMENT ON FUNCTION chance_text(float8) IS
	'概率说明: a chance with two digits, as 3.4e-06; NULL for NULL';

-- A date as Chinese text.
CREATE FUNCTION date_zh(day date) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN to_char(day, 'YYYY"年"FMMM"月"FMDD"日"');

COMMENT ON FUNCTION date_zh(date) IS '中文日期: as 2025年3月1日; NULL for NULL';

-- The dates between which several people came or went.
CREATE FUNCTION together_zh(first date, last date) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN date_zh(first) || CASE WHEN last > first THEN '至' || date_zh(last) ELSE '' END;

COMMENT ON FUNCTION together_zh(date, date) IS '起止日期: one date, or the first and the last of several; NULL for NULL';
