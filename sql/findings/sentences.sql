-- Sentences: what a finding says to a person, in Chinese.  They are written from
-- the facts of the evidence and from nothing else, and a hospital must be able to
-- check them with its own books: which record, when, what, how much, how much
-- was allowed, and where the other charge stands.
--
-- Dates have one form (2025年3月1日, with the clock where it is not midnight),
-- quantities have their unit, money is yuan.  No English, no resident number.
--
-- A run writes a sentence per line in excess.  An SQL function that is not
-- inlined plans its body anew wherever another one calls it, 0.4 ms each, so
-- words are plain expressions (not STRICT, and STABLE where to_char() is, or
-- they would not be inlined) and what is longer is PL/pgSQL: 0.05 ms a sentence.

-- ---- words that all sentences share ----

CREATE OR REPLACE FUNCTION date_zh(day date) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN to_char(day, 'YYYY"年"FMMM"月"FMDD"日"');

COMMENT ON FUNCTION date_zh(date) IS '中文日期: as 2025年3月1日, whatever DateStyle says; NULL for NULL';

-- The dates between which several people came or went.
CREATE OR REPLACE FUNCTION together_zh(first date, last date) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN medaudit.date_zh(first) || CASE WHEN last > first THEN '至' || medaudit.date_zh(last) ELSE '' END;

COMMENT ON FUNCTION together_zh(date, date) IS '起止日期: one date, or the first and the last of several; NULL for NULL';

CREATE OR REPLACE FUNCTION time_zh(at timestamp) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN to_char(at, CASE WHEN at = date_trunc('day', at)
		THEN 'YYYY"年"FMMM"月"FMDD"日"' ELSE 'YYYY"年"FMMM"月"FMDD"日"HH24:MI' END);

COMMENT ON FUNCTION time_zh(timestamp) IS
	'中文时间: date as date_zh() has it, and clock unless it is midnight; NULL for NULL';

-- A sum of money as Chinese text.
CREATE OR REPLACE FUNCTION money_zh(amount numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN round(amount, 2)::text || '元';

COMMENT ON FUNCTION money_zh(numeric) IS '金额说明: yuan with two decimals; NULL for NULL';

-- Units as price lists write them (元/次, 每日, 次/人) and as programs do (day).
CREATE OR REPLACE FUNCTION _unit_zh(unit text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	word text := regexp_replace(regexp_replace(unit, '[[:space:]　]', '', 'g'),
		'^(元)?[/每]', '');
BEGIN
	RETURN CASE lower(word) WHEN 'day' THEN '日' WHEN 'd' THEN '日' WHEN 'hour' THEN '小时'
		WHEN 'h' THEN '小时' WHEN 'time' THEN '次' WHEN '' THEN NULL ELSE word END;
END
$$;

COMMENT ON FUNCTION _unit_zh(text) IS
	'计量单位: what stands after a quantity: 次 of 元/次 and of 每次; NULL for NULL and for blanks';

CREATE OR REPLACE FUNCTION quantity_zh(quantity numeric, unit text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN trim_scale(quantity)::text || coalesce(medaudit._unit_zh(unit), '');

COMMENT ON FUNCTION quantity_zh(numeric, text) IS
	'数量说明: a quantity with its unit, as 3次; the number alone where the unit is not known; NULL for a NULL quantity';

-- A price needs as many decimals as tell it from its limit.
CREATE OR REPLACE FUNCTION price_zh(price numeric, unit text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN round(price, greatest(2, least(4, min_scale(price))))::text || '元' || coalesce('/' || medaudit._unit_zh(unit), '');

COMMENT ON FUNCTION price_zh(numeric, text) IS
	'单价说明: yuan with two to four decimals, and the unit where it is known, as 12.00元/次; NULL for a NULL price';

CREATE OR REPLACE FUNCTION stay_zh(admitted_at timestamp, discharged_at timestamp) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN medaudit.date_zh(admitted_at::date) || '至' || coalesce(medaudit.date_zh(discharged_at::date), '今');

COMMENT ON FUNCTION stay_zh(timestamp, timestamp) IS
	'住院日期: dates of admission and discharge; 至今 where the discharge is not known; NULL for a NULL admission';

CREATE OR REPLACE FUNCTION stay_text_zh(facility_name text, facility_id text, admitted_at timestamp,
	discharged_at timestamp) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN concat(coalesce(facility_name, facility_id),
		'（' || medaudit.stay_zh(admitted_at, discharged_at) || '）');

COMMENT ON FUNCTION stay_text_zh(text, text, timestamp, timestamp) IS
	'住院说明: facility and dates of a stay';

-- Some hospitals number outpatients by their resident number, which no sentence
-- tells: then the number of the visit stands for it.
CREATE OR REPLACE FUNCTION visit_zh(record_no text, visit_id text, stay bool) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	number text := btrim(record_no);
BEGIN
	IF number <> '' AND NOT medaudit.resident_id_valid(number) THEN
		RETURN CASE WHEN stay THEN '住院号' WHEN NOT stay THEN '门诊号' ELSE '病案号' END || number;
	END IF;
	RETURN '就诊号' || CASE WHEN medaudit.resident_id_valid(visit_id) THEN medaudit.mask_id(visit_id) ELSE visit_id END;
END
$$;

COMMENT ON FUNCTION visit_zh(text, text, bool) IS
	'就诊标识: 住院号 or 门诊号 with the hospital''s own record number, or 就诊号 with the number of the visit where it has none or one that is a resident number; NULL where both are';

CREATE OR REPLACE FUNCTION facility_zh(facility_name text, facility_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(facility_name, '机构' || facility_id);

COMMENT ON FUNCTION facility_zh(text, text) IS
	'机构说明: name of a facility, or its number where it has none; NULL where both are';

CREATE OR REPLACE FUNCTION item_zh(name text, item_code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(name || '（' || item_code || '）', '项目' || item_code);

COMMENT ON FUNCTION item_zh(text, text) IS
	'项目说明: name and code of an item, or its code where it has no name; NULL for a NULL code';

CREATE OR REPLACE FUNCTION _rule_zh(rule_name text, rule_code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '规则' || coalesce(rule_name || '（' || rule_code || '）', rule_code);

COMMENT ON FUNCTION _rule_zh(text, text) IS
	'规则说明: name and code of a rule, or its code where it has no name; NULL for a NULL code';

-- Whole years, months or days: as many as say it.  They are reached as
-- PostgreSQL adds them, and as rules count.
CREATE OR REPLACE FUNCTION age_zh(birth_date date, day date) RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	days int := day - birth_date;
	months int := (date_part('year', day) - date_part('year', birth_date)) * 12
		+ date_part('month', day) - date_part('month', birth_date);
BEGIN
	IF day < birth_date + make_interval(months => months) THEN
		months := months - 1;
	END IF;
	RETURN CASE WHEN days < 0 THEN '未出生' WHEN days < 60 THEN '出生' || days || '天'
		WHEN months < 36 THEN months || '个月' ELSE months / 12 || '周岁' END;
END
$$;

COMMENT ON FUNCTION age_zh(date, date) IS
	'年龄说明: age on a day: days below 60, months below 36, else years; the birth date itself is not told; NULL for NULL';

-- A chance with two digits, as 3.4e-06.
CREATE OR REPLACE FUNCTION _chance_text(p float8) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN ltrim(to_char(p, '9.9EEEE'));

COMMENT ON FUNCTION _chance_text(float8) IS
	'概率说明: a chance with two digits, as 3.4e-06; NULL for NULL';

-- ---- words for codes of the evidence ----

CREATE OR REPLACE FUNCTION missing_zh(missing text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(CASE m.name
			WHEN 'sex' THEN '性别' WHEN 'birth_date' THEN '出生日期' WHEN 'facility_rank' THEN '机构等级'
			WHEN 'visit_type' THEN '医疗类别' WHEN 'insurance_type' THEN '险种' WHEN 'department' THEN '科室'
			WHEN 'admitted_at' THEN '入院日期' WHEN 'discharged_at' THEN '出院日期'
			WHEN 'diagnosis_codes' THEN '诊断' WHEN 'time of day' THEN '收费时刻'
			WHEN 'full price' THEN '全价标准' WHEN 'facility_id' THEN '机构编号'
			WHEN 'line_id' THEN '唯一流水号' WHEN 'item_code' THEN '项目编码' WHEN 'quantity' THEN '数量'
			WHEN 'amount' THEN '金额' WHEN 'charged_at' THEN '收费时间' WHEN 'rest of the visit' THEN '后续费用'
			ELSE '其他信息' END, '、' ORDER BY m.nth)
		FROM unnest(missing) WITH ORDINALITY AS m (name, nth));

COMMENT ON FUNCTION missing_zh(text[]) IS
	'缺失信息: what evidence says was missing to judge a line; NULL for NULL and for none';

CREATE OR REPLACE FUNCTION doubt_zh(doubt text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(CASE d.name
			WHEN 'other_facility' THEN '含其他机构费用'
			WHEN 'other_session' THEN '可能为不同次手术'
			WHEN 'posted_late' THEN '可能为补记或集中记账'
			WHEN 'newborn_on_mother' THEN '可能为新生儿费用记在母亲名下'
			WHEN 'exclusions_unknown' THEN '诊断未知，除外诊断无法核实'
			WHEN 'open_visit' THEN '就诊尚未结算，诊断可能补充'
			ELSE '其他原因' END, '；' ORDER BY d.nth)
		FROM unnest(doubt) WITH ORDINALITY AS d (name, nth));

COMMENT ON FUNCTION doubt_zh(text[]) IS
	'存疑原因: why the hospital could answer a row in excess; NULL for NULL and for none';

CREATE OR REPLACE FUNCTION evidence_names(evidence jsonb, key text) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN jsonb_typeof(evidence -> key) = 'array'
		THEN ARRAY(SELECT jsonb_array_elements_text(evidence -> key)) END;

COMMENT ON FUNCTION evidence_names(jsonb, text) IS
	'证据中的列表: a list of the evidence as an array, for missing_zh() and doubt_zh(); NULL where there is none';

CREATE OR REPLACE FUNCTION sex_zh(sex text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE sex WHEN '1' THEN '男性' WHEN '2' THEN '女性' ELSE '性别' || sex END;

COMMENT ON FUNCTION sex_zh(text) IS '性别说明: 1 male, 2 female; NULL for NULL';

-- The national types, by the beginning of the code.
CREATE OR REPLACE FUNCTION visit_type_zh(visit_type text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN visit_type ~ '^[0-9]+$' THEN coalesce(CASE left(visit_type, 2)
			WHEN '11' THEN '普通门诊' WHEN '12' THEN '门诊挂号' WHEN '13' THEN '急诊' WHEN '14' THEN '门诊慢特病'
			WHEN '21' THEN '普通住院' WHEN '22' THEN '外伤住院' WHEN '23' THEN '转外诊治住院' WHEN '24' THEN '急诊转住院'
			WHEN '28' THEN '日间手术' WHEN '41' THEN '药店购药' WHEN '51' THEN '生育门诊' WHEN '52' THEN '生育住院' END
			|| '（' || visit_type || '）', '医疗类别' || visit_type)
		ELSE CASE visit_type WHEN 'inpatient' THEN '住院' WHEN 'outpatient' THEN '门诊' WHEN 'clinic' THEN '门诊'
			WHEN 'emergency' THEN '急诊' WHEN 'pharmacy' THEN '药店' ELSE visit_type END END;

COMMENT ON FUNCTION visit_type_zh(text) IS
	'医疗类别说明: name and code of a type of visit, as 普通住院（21）; NULL for NULL';

CREATE OR REPLACE FUNCTION insurance_type_zh(insurance_type text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(CASE insurance_type WHEN '310' THEN '职工医保' WHEN '320' THEN '公务员医疗补助'
		WHEN '330' THEN '大额医疗费用补助' WHEN '340' THEN '离休人员医疗保障' WHEN '390' THEN '居民医保'
		WHEN '410' THEN '工伤保险' WHEN '510' THEN '生育保险' END || '（' || insurance_type || '）', '险种' || insurance_type);

COMMENT ON FUNCTION insurance_type_zh(text) IS
	'险种说明: name and code of a type of insurance, as 居民医保（390）; NULL for NULL';

-- Classes of facility_rank(); where some are higher, the scale is the fund's own.
CREATE OR REPLACE FUNCTION rank_zh(rank int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE rank WHEN 3 THEN '三级' WHEN 2 THEN '二级' WHEN 1 THEN '一级' WHEN 0 THEN '无等级' ELSE '等级' || rank::text END;

COMMENT ON FUNCTION rank_zh(int) IS '机构等级说明: as facility_rank() counts; NULL for NULL';

CREATE OR REPLACE FUNCTION ranks_zh(ranks jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT CASE WHEN r.ranks IN ('[2, 3]', '[1, 2, 3]') THEN medaudit.rank_zh(r.least) || '及以上'
			ELSE r.names END
		FROM (SELECT ranks, min(i::int) AS least, string_agg(medaudit.rank_zh(i::int), '、' ORDER BY i::int) AS names
			FROM jsonb_array_elements_text(ranks) AS i) AS r) || '医疗机构';

COMMENT ON FUNCTION ranks_zh(jsonb) IS
	'机构等级要求: facility_ranks of a row, as 二级及以上医疗机构; NULL for NULL';

CREATE OR REPLACE FUNCTION _age_limit_zh(age text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(coalesce(p.n || CASE
			WHEN p.unit LIKE 'year%' THEN '周岁' WHEN p.unit LIKE 'mon%' THEN '个月'
			WHEN p.unit LIKE 'day%' THEN '天' END, p.n), '' ORDER BY p.nth)
		FROM (SELECT r.m[1] AS n, r.m[2] AS unit, r.nth
			FROM regexp_matches(age, '([-0-9:.]+) ?([a-z]*)', 'g') WITH ORDINALITY AS r (m, nth)) AS p);

COMMENT ON FUNCTION _age_limit_zh(text) IS
	'年龄界限: an age of a row as evidence tells it, as 18周岁 for 18 years; NULL for NULL';

CREATE OR REPLACE FUNCTION ages_zh(required jsonb) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN nullif(concat_ws('且', '满' || medaudit._age_limit_zh(required ->> 'min_age'),
		'未满' || medaudit._age_limit_zh(required ->> 'max_age')), '');

COMMENT ON FUNCTION ages_zh(jsonb) IS
	'年龄要求: ages that a row asks for, as 满10周岁且未满60周岁; NULL where it asks for none';

-- At most eight of a list.
CREATE OR REPLACE FUNCTION _list_zh(list jsonb, most int DEFAULT 8) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(i.text, '、' ORDER BY i.nth) FILTER (WHERE i.nth <= most)
			|| CASE WHEN count(*) > most THEN '等' || count(*) || '个' ELSE '' END
		FROM jsonb_array_elements_text(list) WITH ORDINALITY AS i (text, nth));

COMMENT ON FUNCTION _list_zh(jsonb, int) IS
	'列举: texts of a list in its order, at most so many, then how many there are; NULL for NULL and for none';

CREATE OR REPLACE FUNCTION _visit_types_zh(types jsonb) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(medaudit.visit_type_zh(t.type), '、' ORDER BY t.nth)
		FROM jsonb_array_elements_text(types) WITH ORDINALITY AS t (type, nth));

COMMENT ON FUNCTION _visit_types_zh(jsonb) IS
	'医疗类别列举: names and codes of types of visit; NULL for NULL and for none';

-- ---- conditions: what a row asks of a visit, and what the visit had ----

-- What is asked of one fact of a visit, named as in failed.
CREATE OR REPLACE FUNCTION _condition_zh(fact text, required jsonb) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CASE fact
		WHEN 'sex' THEN RETURN medaudit.sex_zh(required ->> 'sex');
		WHEN 'birth_date' THEN RETURN medaudit.ages_zh(required);
		WHEN 'facility_rank' THEN RETURN medaudit.ranks_zh(required -> 'facility_ranks');
		WHEN 'visit_type' THEN
			RETURN nullif(concat_ws('，', medaudit._visit_types_zh(required -> 'visit_types'),
				'非' || medaudit._visit_types_zh(required -> 'excluded_visit_types')), '');
		WHEN 'insurance_type' THEN
			RETURN (SELECT string_agg(medaudit.insurance_type_zh(t.type), '、' ORDER BY t.nth)
				FROM jsonb_array_elements_text(required -> 'insurance_types')
					WITH ORDINALITY AS t (type, nth));
		WHEN 'department' THEN RETURN '科室' || medaudit._list_zh(required -> 'departments');
		WHEN 'diagnosis_codes' THEN RETURN '诊断' || medaudit._list_zh(required -> 'diagnosis_prefixes');
		ELSE RETURN '诊断' || medaudit._list_zh(required -> 'excluded_diagnosis_prefixes') || '除外';
	END CASE;
END
$$;

COMMENT ON FUNCTION _condition_zh(text, jsonb) IS
	'限定条件: what a row asks of one fact of a visit; NULL where it asks nothing';

-- What the visit had instead, on the day of the charge.
CREATE OR REPLACE FUNCTION _actual_zh(fact text, failed jsonb, day date) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CASE fact
		WHEN 'sex' THEN RETURN '为' || medaudit.sex_zh(failed ->> 'sex');
		WHEN 'birth_date' THEN RETURN '为' || medaudit.age_zh((failed ->> 'birth_date')::date, day);
		WHEN 'facility_rank' THEN RETURN '为' || medaudit.rank_zh((failed ->> 'facility_rank')::int);
		WHEN 'visit_type' THEN RETURN '为' || medaudit.visit_type_zh(failed ->> 'visit_type');
		WHEN 'insurance_type' THEN RETURN '为' || medaudit.insurance_type_zh(failed ->> 'insurance_type');
		WHEN 'department' THEN RETURN '为' || (failed ->> 'department');
		ELSE RETURN coalesce('诊断为' || medaudit._list_zh(failed -> 'diagnosis_codes'), '无诊断');
	END CASE;
END
$$;

COMMENT ON FUNCTION _actual_zh(text, jsonb, date) IS
	'实际情况: what a visit had where a condition failed; ages on the day given';

CREATE OR REPLACE FUNCTION _failed_zh(evidence jsonb, day date) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	fact text;
	said text;
BEGIN
	FOREACH fact IN ARRAY '{sex,birth_date,facility_rank,visit_type,insurance_type,department,diagnosis_codes}'::text[] LOOP
		IF evidence -> 'failed' -> fact IS NOT NULL THEN
			said := concat_ws('；', said, '限' || medaudit._condition_zh(fact, evidence -> 'required')
				|| '，实际' || medaudit._actual_zh(fact, evidence -> 'failed', day));
		END IF;
	END LOOP;
	RETURN said;
END
$$;

COMMENT ON FUNCTION _failed_zh(jsonb, date) IS
	'不符合的条件: each condition that failed with what the visit had, as 限女性，实际为男性; NULL where none did';

-- Of kinds that judge something else, conditions say which visits a row is for.
CREATE OR REPLACE FUNCTION _applies_zh(evidence jsonb) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	required jsonb := evidence -> 'required';
	fact text;
	said text;
BEGIN
	IF required IS NULL THEN
		RETURN NULL;
	END IF;
	FOREACH fact IN ARRAY '{sex,birth_date,facility_rank,visit_type,insurance_type,department,diagnosis_codes}'::text[] LOOP
		said := nullif(concat_ws('、', said, medaudit._condition_zh(fact, required)), '');
	END LOOP;
	RETURN nullif(concat_ws('，', '适用于' || said, medaudit._condition_zh('excluded', required)), '');
END
$$;

COMMENT ON FUNCTION _applies_zh(jsonb) IS
	'适用条件: all that a row asks of a visit, as 适用于女性，诊断Q56除外; NULL where it asks nothing';

-- ---- scopes ----

CREATE OR REPLACE FUNCTION scope_zh(scope text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE scope WHEN 'visit' THEN '同次就诊' WHEN 'instant' THEN '同一时刻' WHEN 'hour' THEN '同一小时'
		WHEN 'day' THEN '同日' WHEN 'week' THEN '同一周' WHEN 'month' THEN '同月' WHEN 'quarter' THEN '同季度'
		WHEN 'year' THEN '同年' ELSE regexp_replace(regexp_replace(scope, ' days?$', '日内'), ' hours?$', '小时内') END;

COMMENT ON FUNCTION scope_zh(text) IS
	'时间范围说明: a scope in which two charges meet, as 同日, 6小时内; NULL for NULL';

-- Where a cap holds: in a stay for so many days, nights or hours of it, else in
-- the dates or times of its scope.
CREATE OR REPLACE FUNCTION _held_zh(evidence jsonb) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	begins timestamp := coalesce(evidence #>> '{stay,0}', evidence #>> '{window,0}')::timestamp;
	ends timestamp := coalesce(evidence #>> '{stay,1}', evidence #>> '{window,1}')::timestamp;
	-- the visit is one number of a longer stay
	whole text := CASE WHEN evidence -> 'whole_stay' IS NOT NULL THEN concat('（同一次住院为',
		medaudit.stay_zh((evidence #>> '{whole_stay,0}')::timestamp, (evidence #>> '{whole_stay,1}')::timestamp),
		'，其他就诊编号余下额度' || (evidence ->> 'rest') || '一并计入', '）') END;
BEGIN
	IF evidence -> 'hours' IS NOT NULL THEN
		RETURN concat('住院', medaudit.time_zh(begins), '至', medaudit.time_zh(ends),
			'共', evidence ->> 'hours', '小时', whole, '，');
	ELSIF evidence -> 'days' IS NOT NULL THEN
		RETURN concat('住院', medaudit.stay_zh(begins, ends), '共', evidence ->> 'days',
			CASE evidence ->> 'scope' WHEN 'bed_night' THEN '夜' ELSE '日' END, whole, '，');
	ELSIF evidence -> 'window' IS NULL THEN
		RETURN '本次就诊';
	END IF;
	begins := (evidence #>> '{window,0}')::timestamp;
	ends := (evidence #>> '{window,1}')::timestamp;
	RETURN concat(medaudit.time_zh(begins), CASE WHEN ends > begins THEN '至' || medaudit.time_zh(ends) END,
		CASE WHEN evidence ->> 'scope' ~ '^[0-9]' THEN '（' || medaudit.scope_zh(evidence ->> 'scope') || '）' END);
END
$$;

COMMENT ON FUNCTION _held_zh(jsonb) IS
	'限定范围: the stay and its days, nights or hours, else the dates or times in which a cap holds; 本次就诊 where it is the visit';

-- ---- charges ----

-- A charge, of the line or (of_which 的) of a partner.
CREATE OR REPLACE FUNCTION _charge_zh(charged_at timestamp, of_which text, item text, quantity numeric,
	unit text, amount numeric) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	word text := medaudit._unit_zh(unit);
BEGIN
	RETURN concat(medaudit.time_zh(charged_at), '收取', of_which, item,
		-- a code and a number are not to be read as one
		CASE WHEN word IS NULL THEN '数量' WHEN item ~ '[0-9A-Za-z]$' THEN '，' END, trim_scale(quantity), word,
		'计' || medaudit.money_zh(amount));
END
$$;

COMMENT ON FUNCTION _charge_zh(timestamp, text, text, numeric, text, numeric) IS
	'收费说明: when, what, how many and for how much, as 2026年3月2日08:00收取彩超（A）1次计90.00元; of_which (的) stands before the item';

-- Three of them, then how many there are; evidence names twenty.
CREATE OR REPLACE FUNCTION _some_zh(charges text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN array_to_string(charges[:3], '、') || CASE WHEN cardinality(charges) > 3
		THEN '等' || cardinality(charges) || CASE WHEN cardinality(charges) >= 20 THEN '笔以上' ELSE '笔' END ELSE '' END;

COMMENT ON FUNCTION _some_zh(text[]) IS
	'多笔收费说明: texts of charges, the first three and how many there are; NULL for NULL';

CREATE OR REPLACE FUNCTION _measure_zh(kind text, measure numeric, unit text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE kind WHEN 'amount' THEN medaudit.money_zh(measure)
		ELSE medaudit.quantity_zh(measure, unit) END;

COMMENT ON FUNCTION _measure_zh(text, numeric, text) IS
	'计量说明: what a cap of this kind counts, yuan or a quantity with its unit';

-- Caps: where they hold, how much, what was charged there in all and what was
-- counted before the line.
CREATE OR REPLACE FUNCTION _cap_zh(kind text, evidence jsonb, unit text, partners text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	most numeric := (evidence ->> 'limit')::numeric;
	counted numeric := (evidence ->> 'counted')::numeric;
	units numeric := coalesce(evidence ->> 'days', evidence ->> 'hours')::numeric;
	-- without what other numbers of the stay leave
	own numeric := most - coalesce((evidence ->> 'rest')::numeric, 0);
BEGIN
	RETURN concat(medaudit._held_zh(evidence), '限收', medaudit._measure_zh(kind, most, unit),
		CASE WHEN units > 0 AND (own <> units OR kind = 'amount') THEN concat('（每',
			CASE WHEN evidence -> 'hours' IS NOT NULL THEN '小时'
				WHEN evidence ->> 'scope' = 'bed_night' THEN '夜' ELSE '日' END,
			medaudit._measure_zh(kind, own / units, unit), '）') END,
		'，合计收取' || medaudit._measure_zh(kind, (evidence ->> 'total')::numeric, unit),
		CASE WHEN counted > 0 THEN concat('，本笔之前已计', CASE WHEN counted >= most THEN '满'
			ELSE medaudit._measure_zh(kind, counted, unit) END, '（' || partners || '）') END);
END
$$;

COMMENT ON FUNCTION _cap_zh(text, jsonb, text, text) IS
	'超限说明: where a cap holds, how much it is, what was charged in all and what was counted before the line';

CREATE OR REPLACE FUNCTION _secondary_zh(evidence jsonb, unit text, quantity numeric, partners text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	units numeric := (evidence ->> 'units')::numeric;
BEGIN
	RETURN concat(medaudit.scope_zh(evidence ->> 'scope'),
		coalesce('另有' || partners || '，第二项', '第二次'), '及以后应按全价',
		medaudit.price_zh((evidence ->> 'full_price')::numeric, unit), '的',
		trim_scale((evidence ->> 'ratio')::numeric * 100), '%即',
		medaudit.price_zh((evidence ->> 'limit')::numeric, unit), '计收，实际单价',
		medaudit.price_zh((evidence ->> 'unit_price')::numeric, unit),
		CASE WHEN units <> quantity THEN '，应折价' || medaudit.quantity_zh(units, unit) END);
END
$$;

COMMENT ON FUNCTION _secondary_zh(jsonb, text, numeric, text) IS
	'折价说明: the dearest item beside the line, the full price and its share, and what was charged';

CREATE OR REPLACE FUNCTION _course_zh(evidence jsonb, partners text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF evidence ->> 'scope' = 'span' THEN
		RETURN concat('限自首次收费起', evidence ->> 'limit', '日内支付，首次收费为', partners,
			'，本笔在其后第', evidence ->> 'days', '日');
	END IF;
	RETURN concat('限支付', evidence ->> 'limit', '日，本笔为第', evidence ->> 'days',
		'个收费日，已计收费日为', partners);
END
$$;

COMMENT ON FUNCTION _course_zh(jsonb, text) IS
	'疗程说明: how long is paid, which date of the course the line is of, and the dates before it';

CREATE OR REPLACE FUNCTION _outside_zh(evidence jsonb, charged_on date) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	admitted date := (evidence #>> '{stay,0}')::date;
	discharged date := (evidence #>> '{stay,1}')::date;
	allowed_from date := (evidence #>> '{window,0}')::date;
	allowed_to date := (evidence #>> '{window,1}')::date;
	stay text := CASE WHEN admitted IS NULL THEN '出院日期为' || medaudit.date_zh(discharged)
		WHEN discharged IS NULL THEN '入院日期为' || medaudit.date_zh(admitted)
		ELSE '住院日期为' || medaudit.date_zh(admitted) || '至' || medaudit.date_zh(discharged) END;
BEGIN
	IF charged_on < admitted THEN
		RETURN concat(stay, '，费用发生在入院前第', admitted - charged_on, '日',
			CASE WHEN allowed_from < admitted THEN '（允许自' || medaudit.date_zh(allowed_from) || '起）' END);
	END IF;
	RETURN concat(stay, '，费用发生在出院后第', charged_on - discharged, '日',
		CASE WHEN allowed_to > discharged THEN '（允许至' || medaudit.date_zh(allowed_to) || '）' END);
END
$$;

COMMENT ON FUNCTION _outside_zh(jsonb, date) IS
	'住院期间外说明: dates of the stay, how far outside the charge lies, and what is allowed beside the stay';

CREATE OR REPLACE FUNCTION _package_zh(evidence jsonb, package text, partners text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	price numeric := (evidence ->> 'limit')::numeric;
	total numeric := (evidence ->> 'total')::numeric;
	times int := (evidence ->> 'times')::int;
BEGIN
	IF evidence ->> 'mode' = 'beside' THEN
		RETURN concat('已包含在', partners, '中，不应另行收费');
	END IF;
	RETURN concat('为组合项目', package, '的组成部分，', medaudit._held_zh(evidence), '分解收取',
		evidence ->> 'parts', '项合计', medaudit.money_zh(total), '（另有' || partners || '）',
		'，组合价格', medaudit.money_zh(price), CASE WHEN times > 1 THEN '×' || times END,
		'，共超出', medaudit.money_zh(total - price * times), '，本笔按金额分摊');
END
$$;

COMMENT ON FUNCTION _package_zh(jsonb, text, text) IS
	'分解收费说明: the package, its parts of the day and its price; where the package was charged itself, that charge';

-- Why a line is in excess.  PARTNERS and OTHERS are texts: the charges that
-- evidence names, and the items that it names only by code.
CREATE OR REPLACE FUNCTION _charge_reason_zh(kind text, rule_name text, evidence jsonb, charged_at timestamp,
	quantity numeric, unit text, partners text, others text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	scope text := evidence ->> 'scope';
	reason text := rule_name;
BEGIN
	CASE kind
		WHEN 'duplicate' THEN
			reason := concat('与', partners, '项目、数量、金额相同，为', medaudit.scope_zh(scope), '重复收费');
		WHEN 'resettled' THEN
			reason := concat('与', partners, '时间、项目、数量、金额相同，该费用已在该次就诊中结算');
		WHEN 'exclusive' THEN
			-- the row of knowledge says why these two, the rule only of what kind it is
			reason := concat('另有', partners, '，两项', medaudit.scope_zh(scope), '只能收取一项（',
				coalesce(evidence ->> 'note', rule_name), '）');
		WHEN 'quantity', 'amount', 'per_bed_day' THEN
			reason := medaudit._cap_zh(kind, evidence, unit, partners);
		WHEN 'price' THEN
			reason := concat('单价', medaudit.price_zh((evidence ->> 'unit_price')::numeric, unit), '，超过最高收费标准',
				medaudit.price_zh((evidence ->> 'limit')::numeric, unit));
		WHEN 'secondary' THEN
			reason := medaudit._secondary_zh(evidence, unit, quantity, partners);
		WHEN 'restriction' THEN
			RETURN concat(medaudit._failed_zh(evidence, charged_at::date), '，不符合限定支付条件');
		WHEN 'diagnosis' THEN
			RETURN concat('诊断', evidence ->> 'diagnosis',
				medaudit._failed_zh(evidence, (evidence #>> '{window,0}')::date), '（', rule_name, '）');
		WHEN 'course' THEN
			reason := medaudit._course_zh(evidence, partners);
		WHEN 'prerequisite' THEN
			-- another drug of a class is asked for by how its code begins
			reason := concat(medaudit.scope_zh(scope), '未见收取', regexp_replace(others, '项目([A-Z][A-Z0-9]*)%', '编码以\1开头的其他药品', 'g'), '（', rule_name, '）');
		WHEN 'not_payable' THEN
			reason := concat('为基金不予支付项目（', coalesce(evidence ->> 'note', rule_name), '），已申报', medaudit.money_zh((evidence ->> 'claimed')::numeric));
		WHEN 'outside_stay' THEN
			reason := medaudit._outside_zh(evidence, charged_at::date);
		WHEN 'package' THEN
			reason := medaudit._package_zh(evidence, others, partners);
		ELSE
			-- a kind that this does not know: what its rule says
	END CASE;
	RETURN concat(reason, '（' || medaudit._applies_zh(evidence) || '）');
END
$$;

COMMENT ON FUNCTION _charge_reason_zh(text, text, jsonb, timestamp, numeric, text, text, text) IS
	'违规原因: why a charge line is in excess, in Chinese, from the evidence of its kind of rule and the texts of the charges and items that it names';

-- What is in excess.  A finding says of its largest line what a line says, and
-- how many there are.
CREATE OR REPLACE FUNCTION _excess_zh(kind text, excess_quantity numeric, unit text, excess_amount numeric,
	evidence jsonb, lines bigint DEFAULT 1, total numeric DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN concat(
		CASE WHEN kind IN ('quantity', 'per_bed_day') THEN '，超出数量' || medaudit.quantity_zh(excess_quantity, unit) END,
		'，超出金额' || medaudit.money_zh(excess_amount),
		CASE WHEN evidence -> 'doubt' IS NOT NULL THEN concat('（存疑：',
			medaudit.doubt_zh(medaudit.evidence_names(evidence, 'doubt')),
			'，住院日期为' || medaudit.stay_zh((evidence #>> '{stay,0}')::timestamp, (evidence #>> '{stay,1}')::timestamp), '）') END,
		CASE WHEN lines > 1 THEN concat('；同类费用等', lines, '笔', '，合计' || medaudit.money_zh(total)) END, '。');
END
$$;

COMMENT ON FUNCTION _excess_zh(text, numeric, text, numeric, jsonb, bigint, numeric) IS
	'超出说明: quantity and money in excess, why it is in doubt, and of a finding of several lines how many and how much in all';
