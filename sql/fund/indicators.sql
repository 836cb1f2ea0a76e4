-- Indicators of months (统计指标): what facilities, physicians, diseases, regions, groups and
-- pharmacies did, as numerators and denominators, and how each stands among its peers.
--
-- refresh_indicators() reads the visits that were settled in whole months, their charges
-- once, and the payments of these months, and puts sums of them into indicator_month.  All
-- that is known of an indicator by refreshing stands in one list (_indicator_measures):
-- what it needs bound, whom it is of, what is added up and by what it is divided; the
-- statement that adds up is made of that list.
--
-- A visit is of the month of its last settlement (else of its discharge), with all that it
-- cost; one whose settlements add up to nothing was taken back and is of none.  So a month
-- does not depend on which others are made with it.
--
-- Cost: two passes over visit, the second of which keeps what is near by hashes of the
-- visits and people of the first; one over charge, whose lines are put into a value for each
-- visit (src/fund/visit_lines.c, about 55 bytes a line) and added up when it is known what
-- kinds of charges there are; a hash of the visits for each kind of subject, which adds up
-- all its indicators as one vector; and a comparison with the rows that stand.  Memory within
-- work_mem.
-- A month of a county costs six to seven times a sum of its charges by visit (at 60,000 and
-- 240,000 persons), five to six where an index finds charges by their visit.

-- ---------------------------------------------------------- definitions

CREATE OR REPLACE FUNCTION _shipped_indicators() RETURNS SETOF indicator
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 36
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT i.indicator, i.name_zh, i.name_en, i.numerator_zh, i.denominator_zh, i.unit, i.national_code, i.direction, i.min_denominator,
		'rank,kind', true, true
	FROM (VALUES
		('fund_amount', '基金支付金额', 'fund money', '基金支付总额', NULL, 'yuan', NULL, 'high', 0),
		('total_amount', '医疗总费用', 'money of visits', '医疗费总额', NULL, 'yuan', NULL, 'high', 0),
		('stays', '住院人次', 'stays', '住院人次', NULL, 'stays', NULL, 'high', 0),
		('visits', '门诊人次', 'outpatient visits', '门诊（含购药）人次', NULL, 'visits', NULL, 'high', 0),
		('persons', '就诊人数', 'persons', '就诊人数（去重）', NULL, 'persons', NULL, 'high', 0),
		('cost_per_visit', '次均门诊费用', 'money of an outpatient visit', '门诊医疗费总额', '门诊人次', 'yuan', NULL, 'high', 20),
		('cost_per_stay', '次均住院费用', 'money of a stay', '住院医疗费总额', '住院人次', 'yuan', NULL, 'high', 20),
		('average_stay', '平均住院日', 'days of a stay', '出院者住院日数（当日出入院计1日）', '出院人次', 'days', NULL, 'high', 20),
		('drug_share', '药费占比', 'share of drugs', '药品费用', '总费用', 'share', 'ZB10000205001000', 'high', 10000),
		('exam_share', '检验检查占比', 'share of examinations and laboratory', '检查、检验费用', '总费用', 'share', 'ZB10000205002000', 'high', 10000),
		('material_share', '耗材占比', 'share of materials', '耗材费用', '总费用', 'share', 'ZB10000205003000', 'high', 10000),
		('treatment_share', '治疗占比', 'share of treatments', '治疗费用', '总费用', 'share', 'ZB10000205004000', 'both', 10000),
		('ct_share', 'CT检查占比', 'share of CT', 'CT检查费用', '总费用', 'share', 'ZB10000205005000', 'high', 10000),
		('mri_share', '核磁检查占比', 'share of MRI', '核磁检查费用', '总费用', 'share', 'ZB10000205006000', 'high', 10000),
		('out_of_catalogue_share', '目录外占比', 'share out of the catalogue', '目录外药品、检查检验费用', '药品、检查检验费用', 'share', NULL, 'high', 10000),
		('fund_share_scope', '政策范围内报销比例', 'fund share of costs in scope', '基金支付总额', '符合政策范围金额', 'share', NULL, 'both', 10000),
		('fund_share_actual', '实际报销比例', 'fund share of all costs', '基金支付总额', '医疗费总额', 'share', NULL, 'both', 10000),
		('personal_zero_share', '零自付住院占比', 'stays without payment by the person', '个人负担不足1元的住院人次', '住院人次', 'rate', NULL, 'high', 20),
		('readmission_31', '非计划再入院率', 'unplanned readmission within 31 days', '31天内非计划再入院的出院人次', '出院人次', 'rate', 'ZB10000205008000', 'high', 20),
		('same_day_admission', '门诊转住院占比', 'short stays from the outpatients of a date', '当日或前一日本院门诊后入院、3夜以内且无手术的住院人次', '住院人次', 'rate', NULL, 'high', 20),
		('exam_only_stays', '低标准入院占比', 'short stays for examinations', '以检查检验为主且无治疗的短期住院人次', '住院人次', 'rate', NULL, 'high', 20),
		('short_stays', '一夜住院占比', 'stays of one night', '住院一夜的人次', '出院人次', 'rate', NULL, 'high', 20),
		('tail_days', '出院前空床日占比', 'days without care before discharge', '出院前只收床位、护理、诊察费的日数', '住院日数', 'rate', NULL, 'high', 100),
		('diagnosis_agreement', '入出院诊断符合率', 'admission and discharge diagnoses agree', '入出院主要诊断（前3位）一致的人次', '两者均有且非症状待查的住院人次', 'rate', NULL, 'low', 20),
		('antibiotic_visits', '门诊抗菌药物使用率', 'outpatient visits with antibiotics', '使用抗菌药物（XJ01）的门诊人次', '门诊人次', 'rate', NULL, 'high', 20),
		('large_prescriptions', '大处方率', 'large prescriptions', '5种及以上药品或超金额上限的门诊处方数', '门诊处方数', 'rate', NULL, 'high', 20),
		('procured_share', '集采药品使用占比', 'share of procured products', '集采中选药品费用', '有集采中选药品的通用名药品费用', 'share', NULL, 'low', 1000),
		('one_date_stays', '一次性记账住院占比', 'stays posted on one date', '全部费用记在同一日期的住院人次（2夜及以上）', '2夜及以上住院人次', 'rate', NULL, 'high', 20),
		('open_stays', '无出院日期住院占比', 'stays without a discharge date', '已结算但无出院日期的住院人次', '住院人次', 'rate', NULL, 'high', 20),
		('night_share', '夜间刷卡占比', 'payments by night', '22时至6时刷卡笔数', '有时刻的刷卡笔数', 'rate', NULL, 'high', 50),
		('round_share', '整额刷卡占比', 'payments of whole tens of yuan', '金额为整10元的刷卡笔数', '刷卡笔数', 'rate', NULL, 'high', 50),
		('drained_share', '清空余额刷卡占比', 'payments that leave nothing', '刷卡后余额不超过1元的笔数', '余额已知的刷卡笔数', 'rate', NULL, 'high', 50),
		('refund_share', '退费金额占比', 'share taken back', '已退费的刷卡金额', '刷卡金额（含已退费）', 'share', NULL, 'high', 1000),
		('far_share', '外地参保人刷卡占比', 'payments of persons insured elsewhere', '参保地市与药店所在地市不同的刷卡笔数', '两者均已知的刷卡笔数', 'rate', NULL, 'high', 50),
		('minutes_per_day', '医师日均操作时长', 'minutes of work a date', '开单项目操作时长（分钟）', '有开单的日期数', 'minutes', NULL, 'high', 5),
		('patients_per_day', '医师日均患者数', 'persons a date', '当月开单的患者人数（去重）', '有开单的日期数', 'persons', NULL, 'high', 5)
	) AS i (indicator, name_zh, name_en, numerator_zh, denominator_zh, unit, national_code, direction, min_denominator)
$$;

COMMENT ON FUNCTION _shipped_indicators() IS
	'内置指标: the rows of indicator that come with medaudit';

-- A dump holds the rows of the fund alone, and they meet the shipped ones of the new
-- database: whoever writes a row takes the shipped one's place.
CREATE OR REPLACE FUNCTION _own_indicator() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._in_extension_script() THEN
		RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
	ELSIF TG_OP = 'INSERT' THEN
		DELETE FROM medaudit.indicator AS i WHERE i.indicator = NEW.indicator AND i.shipped;
	ELSIF TG_OP = 'DELETE' THEN
		IF OLD.shipped AND pg_trigger_depth() < 2 THEN
			RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('shipped rows of %s cannot be changed'), TG_TABLE_NAME),
				HINT = medaudit._say('Switch the indicator off: UPDATE medaudit.indicator SET enabled = false.');
		END IF;
		RETURN OLD;
	ELSIF NEW.indicator <> OLD.indicator AND EXISTS (SELECT FROM medaudit._shipped_indicators() AS s WHERE s.indicator = OLD.indicator) THEN
		RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('shipped rows of %s cannot be changed'), TG_TABLE_NAME),
			HINT = medaudit._say('Add a row of your own under another name.');
	END IF;
	-- what _return_shipped_indicator() puts back
	NEW.shipped := NEW.shipped AND pg_trigger_depth() > 1;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _own_indicator() IS
	'指标归属: trigger of indicator; a row that a fund changes or writes is its own, in place of the shipped one; 23001 for removing a shipped row, and for another name of what ships';

CREATE OR REPLACE FUNCTION _return_shipped_indicator() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT OLD.shipped AND NOT medaudit._in_extension_script() THEN
		INSERT INTO medaudit.indicator SELECT s.* FROM medaudit._shipped_indicators() AS s WHERE s.indicator = OLD.indicator;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _return_shipped_indicator() IS
	'恢复内置指标: trigger of indicator; where a row of the fund is removed that stood for a shipped one, the shipped one is there again';

CREATE OR REPLACE TRIGGER own_indicator BEFORE INSERT OR UPDATE OR DELETE ON indicator
	FOR EACH ROW EXECUTE FUNCTION _own_indicator();
CREATE OR REPLACE TRIGGER return_shipped AFTER DELETE ON indicator
	FOR EACH ROW EXECUTE FUNCTION _return_shipped_indicator();

-- How each is made: of which subjects, of which columns (relation.column, a '|' between
-- those of which one will do), and the two sums.  Of a visit, what a row of medaudit_work
-- counts for: v (indicator_visit), t (indicator_total), s (indicator_stay), as whole numbers,
-- money in ten-thousandths; of physicians d (indicator_physician), of pharmacies aggregates
-- over p, their payments.  What is divided by 1 is known where the second counts anything.
-- $1 and $2: nights and share of examinations of the rule low_standard_stay.
CREATE OR REPLACE FUNCTION _indicator_measures() RETURNS TABLE (indicator text, made_of text, needs text[], numerator text, denominator text,
	scale numeric, denominator_scale numeric, is_sum bool)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 36
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT m.indicator, m.made_of, m.needs, m.numerator, m.denominator, CASE WHEN m.money ~ 'n' THEN 0.0001 ELSE 1 END,
		CASE WHEN m.money ~ 'd' THEN 0.0001 ELSE 1 END, m.is_sum
	FROM (VALUES
		('fund_amount', 'visit', '{visit.fund_amount}'::text[], 'v.fund',
			'CASE WHEN v.fund IS NOT NULL THEN 1 END', 'n', true),
		('total_amount', 'visit', '{visit.total_amount}', 'v.total',
			'CASE WHEN v.total IS NOT NULL THEN 1 END', 'n', true),
		('stays', 'visit', '{}', 'CASE WHEN v.stay THEN 1 END',
			'1', '', true),
		('visits', 'visit', '{}', 'CASE WHEN NOT v.stay THEN 1 END',
			'1', '', true),
		('persons', 'person', '{}', 'g.persons',
			'g.persons', '', true),
		('cost_per_visit', 'visit', '{visit.total_amount}', 'CASE WHEN NOT v.stay THEN v.total END',
			'CASE WHEN NOT v.stay AND v.total IS NOT NULL THEN 1 END', 'n', false),
		('cost_per_stay', 'visit', '{visit.total_amount}', 'CASE WHEN v.stay THEN v.total END',
			'CASE WHEN v.stay AND v.total IS NOT NULL THEN 1 END', 'n', false),
		('average_stay', 'visit', '{}', 'CASE WHEN v.stay THEN v.days END',
			'CASE WHEN v.stay AND v.days IS NOT NULL THEN 1 END', '', false),
		('drug_share', 'visit', '{charge.amount,charge.category|item.class|item.national_code|charge.item_code}', 't.drug',
			't.amount', 'nd', false),
		('exam_share', 'visit', '{charge.amount,charge.category|item.class|item.national_code|charge.item_code}', 't.exam',
			't.amount', 'nd', false),
		('material_share', 'visit', '{charge.amount,charge.category|item.class|item.national_code|charge.item_code}', 't.material',
			't.amount', 'nd', false),
		('treatment_share', 'visit', '{charge.amount,charge.category|item.class|item.national_code|charge.item_code}', 't.treatment',
			't.amount', 'nd', false),
		('ct_share', 'visit', '{charge.amount}', 't.ct',
			't.amount', 'nd', false),
		('mri_share', 'visit', '{charge.amount}', 't.mri',
			't.amount', 'nd', false),
		('out_of_catalogue_share', 'visit', '{charge.payment_class|charge.claimed}', 't.outside',
			't.judged', 'nd', false),
		('fund_share_scope', 'visit', '{visit.fund_amount,visit.scope_amount}', 'CASE WHEN v.scope IS NOT NULL THEN v.fund END',
			'CASE WHEN v.fund IS NOT NULL THEN v.scope END', 'nd', false),
		('fund_share_actual', 'visit', '{visit.fund_amount,visit.total_amount}', 'CASE WHEN v.total IS NOT NULL THEN v.fund END',
			'CASE WHEN v.fund IS NOT NULL THEN v.total END', 'nd', false),
		('personal_zero_share', 'visit', '{visit.personal_amount}', 'CASE WHEN v.stay AND v.personal < 10000 THEN 1 END',
			'CASE WHEN v.stay AND v.personal IS NOT NULL THEN 1 END', '', false),
		('readmission_31', 'visit', '{}', 'CASE WHEN s.readmitted THEN 1 END',
			'CASE WHEN s.readmitted IS NOT NULL THEN 1 END', '', false),
		('same_day_admission', 'visit', '{charge.amount}', 'CASE WHEN s.seen_before AND v.nights <= 3 AND t.surgery <= 0 THEN 1 END',
			'CASE WHEN v.stay AND v.nights IS NOT NULL AND t.lines > 0 THEN 1 END', '', false),
		-- what of a short stay is of no known class may be a treatment: it is not judged
		('exam_only_stays', 'visit', '{charge.amount,charge.category|item.class|item.national_code|charge.item_code}', 'CASE WHEN v.stay AND v.nights <= $1 AND t.amount > 0 AND t.treatment + t.surgery <= 0 AND t.unknown = 0 AND t.exam >= $2 * t.amount THEN 1 END',
			'CASE WHEN v.stay AND v.nights IS NOT NULL AND t.amount > 0
				AND NOT (v.nights <= $1 AND t.treatment + t.surgery <= 0 AND t.unknown <> 0 AND t.exam + t.unknown >= $2 * t.amount) THEN 1 END', '', false),
		('short_stays', 'visit', '{}', 'CASE WHEN v.stay AND v.nights = 1 THEN 1 END',
			'CASE WHEN v.stay AND v.nights IS NOT NULL THEN 1 END', '', false),
		-- whose bill bears one date says nothing of the days
		('tail_days', 'visit', '{charge.charged_at}', 'CASE WHEN v.stay AND t.lines > 0 AND NOT (t.one_date AND v.nights > 1) THEN
				greatest(v.nights - 1 - (coalesce(t.last_active, v.admitted_at::date) - v.admitted_at::date), 0) END',
			'CASE WHEN v.stay AND t.lines > 0 AND NOT (t.one_date AND v.nights > 1) THEN v.days END', '', false),
		('diagnosis_agreement', 'visit', '{diagnosis.admission,visit.main_diagnosis}', 'CASE WHEN s.agrees THEN 1 END',
			'CASE WHEN s.agrees IS NOT NULL THEN 1 END', '', false),
		('antibiotic_visits', 'visit', '{charge.item_code}', 'CASE WHEN NOT v.stay AND t.antibiotic > 0 THEN 1 END',
			'CASE WHEN NOT v.stay AND t.lines > 0 THEN 1 END', '', false),
		('large_prescriptions', 'visit', '{charge.item_code}', 't.large',
			't.prescriptions', '', false),
		('procured_share', 'visit', '{charge.procured}', 't.procured',
			't.procurable', 'nd', false),
		('one_date_stays', 'visit', '{charge.charged_at}', 'CASE WHEN v.stay AND v.nights > 1 AND t.one_date THEN 1 END',
			'CASE WHEN v.stay AND v.nights > 1 AND t.lines > 0 THEN 1 END', '', false),
		('open_stays', 'visit', '{visit.settled_at}', 'CASE WHEN v.stay AND v.discharged_at IS NULL THEN 1 END',
			'CASE WHEN v.stay THEN 1 END', '', false),
		('minutes_per_day', 'physician', '{item.minutes,charge.physician_id|visit.physician_id}', 'd.minutes',
			'd.days', '', false),
		('patients_per_day', 'physician', '{charge.physician_id|visit.physician_id}', 'd.persons',
			'd.days', '', false),
		('night_share', 'pharmacy', '{swipe.swiped_at}', 'count(*) FILTER (WHERE p.clock AND (p.swiped_at::time >= ''22:00'' OR p.swiped_at::time < ''06:00''))',
			'count(*) FILTER (WHERE p.clock)', '', false),
		('round_share', 'pharmacy', '{swipe.amount}', 'count(*) FILTER (WHERE p.kept AND p.amount % 10 = 0)', 'count(*) FILTER (WHERE p.kept)', '', false),
		('drained_share', 'pharmacy', '{swipe.balance_after}', 'count(*) FILTER (WHERE p.kept AND p.balance_after <= 1)', 'count(p.balance_after) FILTER (WHERE p.kept)', '', false),
		('refund_share', 'pharmacy', '{swipe.amount}', 'coalesce(sum(p.amount) FILTER (WHERE NOT p.kept), 0)', 'sum(p.amount)', '', false),
		('far_share', 'pharmacy', '{swipe.person_id,person.region,facility.region}', 'count(*) FILTER (WHERE p.kept AND p.far)', 'count(p.far) FILTER (WHERE p.kept)', '', false)
	) AS m (indicator, made_of, needs, numerator, denominator, money, is_sum)
$$;

COMMENT ON FUNCTION _indicator_measures() IS
	'指标口径: what each shipped indicator is made of (visit: of all subjects but pharmacies; person, physician, pharmacy), the columns that it needs, the SQL of its two sums, and by what these are multiplied; is_sum: it is divided by 1';

CREATE OR REPLACE VIEW indicator_sources WITH (security_invoker = true) AS
WITH bound AS MATERIALIZED (
	SELECT b.relation || '.' || b.column_name AS name FROM medaudit._bound_columns() AS b WHERE b.bound
)
SELECT i.indicator, i.name_zh AS indicator_zh, i.enabled, m.made_of, array_to_string(m.needs, ', ') AS needs, l.lacks,
	CASE WHEN NOT i.enabled THEN '已停用' WHEN l.lacks IS NOT NULL THEN '数据未绑定' ELSE '可计算' END AS state_zh
FROM medaudit.indicator AS i
JOIN medaudit._indicator_measures() AS m ON m.indicator = i.indicator
CROSS JOIN LATERAL (
	SELECT string_agg(n.need, ', ' ORDER BY n.place) AS lacks FROM unnest(m.needs) WITH ORDINALITY AS n (need, place)
	WHERE NOT EXISTS (SELECT FROM bound AS b WHERE b.name = ANY (string_to_array(n.need, '|')))
) AS l;

COMMENT ON VIEW indicator_sources IS
	'指标数据来源: what each indicator that refresh_indicators() can make needs, and what of that is not bound';
COMMENT ON COLUMN indicator_sources.indicator IS '指标编码';
COMMENT ON COLUMN indicator_sources.indicator_zh IS '指标名称';
COMMENT ON COLUMN indicator_sources.enabled IS '启用';
COMMENT ON COLUMN indicator_sources.made_of IS '统计来源: visit, person, physician (charges by who ordered them) or pharmacy (card payments)';
COMMENT ON COLUMN indicator_sources.needs IS '所需列: relation.column; of several with a bar between one will do';
COMMENT ON COLUMN indicator_sources.lacks IS '缺少的列: those not bound: the indicator is left out; NULL: none';
COMMENT ON COLUMN indicator_sources.state_zh IS '状态';

-- --------------------------------------------------------------- visits

-- Nobody has paid a thousand billion yuan: what says so was read wrongly.
CREATE OR REPLACE FUNCTION _fixed(amount numeric) RETURNS bigint
	AS 'MODULE_PATHNAME', 'medaudit_fixed'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _fixed(numeric) IS
	'定点数: ten-thousandths of an amount; NULL for NULL, NaN and for more than 10^12';

CREATE OR REPLACE FUNCTION _add_vectors(bigint[], bigint[]) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'medaudit_add_vectors' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _add_vectors(bigint[], bigint[]) IS '向量求和累积: support function of aggregate _sum_vectors';

CREATE OR REPLACE AGGREGATE _sum_vectors(vector bigint[]) (
	SFUNC = _add_vectors,
	STYPE = bigint[],
	SSPACE = 600,
	COMBINEFUNC = _add_vectors,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _sum_vectors(bigint[]) IS
	'向量求和: sums of arrays of one length, place by place; NULLs count nothing, no rows give NULL, another length is 2202E, an overflow 22003';

CREATE OR REPLACE FUNCTION _count_different_transition(internal, bigint) RETURNS internal
	AS 'MODULE_PATHNAME', 'count_different_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _count_different_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'count_different_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _count_different_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'count_different_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _count_different_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'count_different_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _count_different_final(internal) RETURNS bigint
	AS 'MODULE_PATHNAME', 'count_different_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _count_different_transition(internal, bigint) IS '不同数累积: support function of aggregate _count_different';
COMMENT ON FUNCTION _count_different_combine(internal, internal) IS '不同数并行合并: support function of aggregate _count_different';
COMMENT ON FUNCTION _count_different_serialize(internal) IS '不同数并行传出: support function of aggregate _count_different';
COMMENT ON FUNCTION _count_different_deserialize(bytea, internal) IS '不同数并行传入: support function of aggregate _count_different';
COMMENT ON FUNCTION _count_different_final(internal) IS '不同数完成: support function of aggregate _count_different';

CREATE OR REPLACE AGGREGATE _count_different(number bigint) (
	SFUNC = _count_different_transition,
	STYPE = internal,
	SSPACE = 256,
	FINALFUNC = _count_different_final,
	COMBINEFUNC = _count_different_combine,
	SERIALFUNC = _count_different_serialize,
	DESERIALFUNC = _count_different_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _count_different(bigint) IS
	'不同数计数: how many different numbers there are, without a sort; NULL is none, no rows give 0';

-- What is read of a visit.
CREATE OR REPLACE FUNCTION _indicator_visit_columns() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{visit_id,person_id,facility_id,admitted_at,discharged_at,visit_type,physician_id,main_diagnosis,total_amount,scope_amount,fund_amount,
		personal_amount,settled_at,mid_settlement,payment_method,referral_visit_id,newborn,continues_visit_id}'::text[];

COMMENT ON FUNCTION _indicator_visit_columns() IS
	'指标就诊列: names of the columns of visit that refresh_indicators() reads';

-- The visits whose last settlement is in the months, each once.  A first pass reads the
-- settlements of the months, a second what else there is of these visits, and the visits of
-- the people who have a stay among them, of the time of these stays.  Nearly all visits have
-- one settlement, and persons one row: only the others are put together.  What several rows
-- of a person say differently is not known of him.
CREATE OR REPLACE PROCEDURE _read_indicator_visits(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	columns text := medaudit._bound_list('visit', medaudit._indicator_visit_columns());
	months timestamp[] := (SELECT array_agg(m.month ORDER BY m.month) FROM generate_series(from_date::timestamp, to_date::timestamp, interval '1 month') AS m (month));
	near record;
BEGIN
	PERFORM medaudit._empty('indicator_visit', 'indicator_near');
	EXECUTE format($sql$
		WITH settled AS MATERIALIZED (
			-- most rows are of other months: only of these it is asked whether they have a number
			SELECT c.* FROM (SELECT * FROM (SELECT %1$s FROM medaudit_data.visit AS c) AS c WHERE %2$s OFFSET 0) AS c WHERE c.visit_id IS NOT NULL
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class FROM (SELECT DISTINCT s.visit_type FROM settled AS s) AS t
		), staying AS MATERIALIZED (
			SELECT s.person_id, min(s.admitted_at) AS admitted_at, max(s.discharged_at) AS discharged_at
			FROM settled AS s
			LEFT JOIN class AS c ON c.visit_type = s.visit_type
			WHERE coalesce(c.class = 'stay', s.discharged_at::date > s.admitted_at::date)
			GROUP BY s.person_id
		), near AS MATERIALIZED (
			SELECT min(s.admitted_at)::date - 1 AS first, max(s.discharged_at)::date + 32 AS last FROM staying AS s
		), beside AS MATERIALIZED (
			SELECT c.* FROM (
				SELECT * FROM (SELECT %1$s FROM medaudit_data.visit AS c) AS c
				WHERE (c.visit_id IN (SELECT s.visit_id FROM settled AS s)
						OR c.admitted_at >= (SELECT n.first FROM near AS n) AND c.admitted_at < (SELECT n.last FROM near AS n)
							AND c.person_id IN (SELECT s.person_id FROM staying AS s WHERE s.person_id IS NOT NULL))
					AND (%2$s) IS NOT TRUE OFFSET 0
			) AS c
			WHERE c.visit_id IS NOT NULL
		), several AS MATERIALIZED (
			SELECT s.visit_id FROM settled AS s GROUP BY s.visit_id HAVING count(*) > 1
			UNION
			SELECT b.visit_id FROM beside AS b
		), put_together AS MATERIALIZED (
			SELECT v.visit_id, min(v.person_id) AS person_id, min(v.facility_id) AS facility_id, min(v.physician_id) AS physician_id,
				min(v.main_diagnosis) AS main_diagnosis, min(v.visit_type) AS visit_type, min(medaudit._read_time(v.admitted_at)) AS admitted_at,
				CASE WHEN bool_and(v.discharged_at IS NOT NULL) THEN max(medaudit._read_time(v.discharged_at)) END AS discharged_at,
				max(coalesce(medaudit._read_time(v.settled_at), medaudit._read_time(v.discharged_at))) AS settled_at,
				sum(v.total_amount) AS total, sum(v.scope_amount) AS scope, sum(v.fund_amount) AS fund, sum(v.personal_amount) AS personal,
				coalesce((array_agg(v.mid_settlement ORDER BY coalesce(v.settled_at, v.discharged_at) DESC NULLS LAST, v.mid_settlement))[1], false) AS mid_settlement
			FROM (
				-- a row that was delivered twice counts once
				SELECT DISTINCT r.visit_id, r.person_id, r.facility_id, r.admitted_at, r.discharged_at, r.visit_type, r.physician_id, r.main_diagnosis,
					r.total_amount, r.scope_amount, r.fund_amount, r.personal_amount, r.settled_at, r.mid_settlement
				FROM (SELECT s.* FROM settled AS s WHERE s.visit_id IN (SELECT i.visit_id FROM several AS i) UNION ALL SELECT b.* FROM beside AS b) AS r
			) AS v
			GROUP BY v.visit_id
			HAVING sum(v.total_amount) IS DISTINCT FROM 0 AND max(coalesce(medaudit._read_time(v.settled_at), medaudit._read_time(v.discharged_at))) >= $1
				AND max(coalesce(medaudit._read_time(v.settled_at), medaudit._read_time(v.discharged_at))) < $2
		), class_of AS MATERIALIZED (
			SELECT c.* FROM class AS c
			UNION
			SELECT p.visit_type, medaudit.class_of_visit(p.visit_type) FROM put_together AS p
		), merged AS (
			SELECT s.visit_id, s.person_id, s.facility_id, s.physician_id, s.main_diagnosis, s.visit_type, medaudit._read_time(s.admitted_at) AS admitted_at,
				medaudit._read_time(s.discharged_at) AS discharged_at, coalesce(medaudit._read_time(s.settled_at), medaudit._read_time(s.discharged_at)) AS settled_at,
				s.total_amount AS total, s.scope_amount AS scope, s.fund_amount AS fund, s.personal_amount AS personal, coalesce(s.mid_settlement, false) AS mid_settlement
			FROM settled AS s
			WHERE s.visit_id NOT IN (SELECT i.visit_id FROM several AS i) AND s.total_amount IS DISTINCT FROM 0
			UNION ALL
			SELECT p.* FROM put_together AS p
		), person AS MATERIALIZED (%3$s), visits AS (
			INSERT INTO medaudit_work.indicator_visit
			SELECT row_number() OVER (), m.visit_id, m.month::date, m.person_id, m.facility_id, nullif(btrim(m.physician_id), ''),
				left(m.code, 3), p.region, p.person_class, m.visit_type,
				coalesce(c.class = 'stay', m.discharged_at::date > m.admitted_at::date, false),
				m.admitted_at, m.discharged_at, m.nights, CASE WHEN m.nights IS NOT NULL THEN greatest(m.nights, 1) END,
				medaudit._fixed(m.total), medaudit._fixed(m.scope), medaudit._fixed(m.fund), medaudit._fixed(m.personal), m.code, m.mid_settlement,
				least(m.admitted_at, m.month)::date - 31, m.month_after::date + 31
			FROM (
				-- each asked once
				SELECT m.*, $3[m.place] AS month, $3[m.place + 1] AS month_after
				FROM (
					SELECT m.*, width_bucket(m.settled_at, $3) AS place, medaudit._diagnosis_fold(m.main_diagnosis) AS code,
						CASE WHEN m.discharged_at::date >= m.admitted_at::date THEN m.discharged_at::date - m.admitted_at::date END AS nights
					FROM merged AS m OFFSET 0
				) AS m
			) AS m
			LEFT JOIN class_of AS c ON c.visit_type = m.visit_type
			LEFT JOIN person AS p ON p.person_id = m.person_id
		), nearby AS (
			INSERT INTO medaudit_work.indicator_near
			SELECT n.visit_id, n.person_id, n.facility_id, n.admitted_at, n.discharged_at, n.visit_type, n.main_diagnosis, n.payment_method, n.total_amount,
				n.referral_visit_id, n.newborn, n.continues_visit_id
			FROM (SELECT s.* FROM settled AS s UNION ALL SELECT b.* FROM beside AS b) AS n
			WHERE n.admitted_at >= (SELECT n.first FROM near AS n) AND n.admitted_at < (SELECT n.last FROM near AS n)
				AND n.person_id IN (SELECT s.person_id FROM staying AS s)
		)
		SELECT n.first, n.last FROM near AS n$sql$, columns, medaudit._run_in_period(from_date, to_date),
		medaudit._indicator_persons('SELECT s.person_id FROM settled AS s UNION ALL SELECT p.person_id FROM put_together AS p'))
	INTO near USING from_date, to_date, months;
	-- rows of one visit that say different things of it: what was near is looked for again
	IF EXISTS (SELECT FROM medaudit_work.indicator_visit AS v WHERE v.stay AND v.admitted_at IS NOT NULL
		AND (v.person_id NOT IN (SELECT n.person_id FROM medaudit_work.indicator_near AS n)
			OR v.admitted_at::date - 1 < near.first OR v.discharged_at::date + 32 > near.last OR near.first IS NULL OR near.last IS NULL)) THEN
		PERFORM medaudit._empty('indicator_near');
		EXECUTE format($sql$
			INSERT INTO medaudit_work.indicator_near
			SELECT n.visit_id, n.person_id, n.facility_id, n.admitted_at, n.discharged_at, n.visit_type, n.main_diagnosis, n.payment_method, n.total_amount,
				n.referral_visit_id, n.newborn, n.continues_visit_id
			FROM (SELECT %s FROM medaudit_data.visit AS c) AS n,
				(SELECT min(v.admitted_at)::date - 1 AS first, max(v.discharged_at)::date + 32 AS last FROM medaudit_work.indicator_visit AS v WHERE v.stay) AS t
			WHERE n.person_id IN (SELECT v.person_id FROM medaudit_work.indicator_visit AS v WHERE v.stay) AND n.admitted_at >= t.first AND n.admitted_at < t.last
				AND n.visit_id IS NOT NULL$sql$, columns);
	END IF;
END
$$;

COMMENT ON PROCEDURE _read_indicator_visits(date, date) IS
	'读取指标就诊: visits whose last settlement (else discharge) is in [from_date, to_date), without those that were taken back, and the settlements near to stays among them, into working tables';

CREATE OR REPLACE FUNCTION _indicator_persons(asked text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN to_regclass('medaudit_data.person') IS NULL THEN 'SELECT NULL::text AS person_id, NULL::text AS region, NULL::text AS person_class WHERE false'
		ELSE format('SELECT r.person_id, CASE WHEN min(r.region) = max(r.region) THEN min(r.region) END AS region, '
			'CASE WHEN min(r.person_class) = max(r.person_class) THEN min(r.person_class) END AS person_class '
			'FROM (SELECT %s FROM medaudit_data.person AS c) AS r WHERE r.person_id IN (%s) GROUP BY r.person_id',
			medaudit._bound_list('person', '{person_id,region,person_class}'), asked) END
$$;

COMMENT ON FUNCTION _indicator_persons(text) IS
	'参保人员查询: a query of the region and class of those persons whose numbers a query gives, each once; no rows where person is not bound';

-- Stays that are planned by a row of stay_tag: of the rows that name a type of visit those
-- with the longest beginning that fits decide, as in a run.
CREATE OR REPLACE FUNCTION _planned_condition() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format($sql$EXISTS (SELECT FROM (
			SELECT t.*, rank() OVER (PARTITION BY t.visit_type IS NULL ORDER BY length(t.visit_type) DESC) AS place
			FROM medaudit.stay_tag AS t
			WHERE t.tag = 'planned' AND t.household_people IS NULL AND (t.visit_type IS NULL OR starts_with(medaudit.code_fold(k.visit_type), medaudit.code_fold(t.visit_type)))
		) AS t
		WHERE (t.visit_type IS NULL OR t.place = 1) AND (t.payment_method IS NULL OR medaudit.code_fold(t.payment_method) = medaudit.code_fold(k.payment_method))
			AND (t.diagnosis_prefix IS NULL OR starts_with(medaudit._diagnosis_fold(k.main_diagnosis), medaudit._diagnosis_fold(t.diagnosis_prefix))%s))$sql$,
		CASE WHEN to_regclass('medaudit_data.diagnosis') IS NOT NULL THEN
			' OR t.any_diagnosis AND EXISTS (SELECT FROM code AS o WHERE o.visit_id = k.visit_id
				AND starts_with(o.code, medaudit._diagnosis_fold(t.diagnosis_prefix)))' END)
$$;

COMMENT ON FUNCTION _planned_condition() IS
	'计划住院条件: SQL condition over a visit k (visit_type, payment_method, main_diagnosis, visit_id) and its diagnoses in code (visit_id, code): a row of stay_tag gives it the tag planned';

-- What stood before a stay, and what came after it: visits of the same people, which are
-- of other months as often as of these.
CREATE OR REPLACE PROCEDURE _read_indicator_stays()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
DECLARE
	diagnosis_bound bool := to_regclass('medaudit_data.diagnosis') IS NOT NULL;
BEGIN
	PERFORM medaudit._empty('indicator_stay');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.indicator_stay
		WITH stay AS MATERIALIZED (
			SELECT v.* FROM medaudit_work.indicator_visit AS v WHERE v.stay
		), near AS MATERIALIZED (
			SELECT n.visit_id, min(n.person_id) AS person_id, min(n.facility_id) AS facility_id, min(n.admitted_at) AS admitted_at,
				max(n.discharged_at) AS discharged_at, min(n.visit_type) AS visit_type, min(n.main_diagnosis) AS main_diagnosis,
				min(n.payment_method) AS payment_method, bool_or(n.referral_visit_id IS NOT NULL) AS referred, bool_or(coalesce(n.newborn, false)) AS newborn,
				min(n.continues_visit_id) AS continues_visit_id
			FROM medaudit_work.indicator_near AS n
			WHERE n.person_id IN (SELECT s.person_id FROM stay AS s)
			GROUP BY n.visit_id HAVING sum(n.total_amount) IS DISTINCT FROM 0
		), class AS MATERIALIZED (
			SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class, medaudit._is_emergency(t.visit_type) AS emergency
			FROM (SELECT DISTINCT n.visit_type FROM near AS n) AS t
		), other AS MATERIALIZED (
			SELECT n.*, coalesce(c.class = 'stay', n.discharged_at::date > n.admitted_at::date, false) AS stay, coalesce(c.emergency, false) AS emergency
			FROM near AS n LEFT JOIN class AS c ON c.visit_type = n.visit_type
		), next AS MATERIALIZED (
			SELECT s.visit_no, n.visit_id, n.visit_type, n.payment_method, n.main_diagnosis
			FROM stay AS s
			JOIN other AS n ON n.person_id = s.person_id AND n.stay AND NOT n.referred AND NOT n.newborn AND n.visit_id <> s.visit_id
				AND n.admitted_at::date - s.discharged_at::date BETWEEN 0 AND 31 AND (n.admitted_at, n.visit_id) > (s.admitted_at, s.visit_id)
				-- the same stay under another number
				AND n.continues_visit_id IS DISTINCT FROM s.visit_id
				AND NOT (s.mid_settlement AND n.facility_id = s.facility_id AND n.admitted_at::date - s.discharged_at::date <= 1)
		)%1$s, again AS MATERIALIZED (
			SELECT DISTINCT k.visit_no FROM next AS k WHERE NOT %2$s
		), before AS MATERIALIZED (
			SELECT DISTINCT s.visit_no
			FROM stay AS s
			JOIN other AS o ON o.person_id = s.person_id AND o.facility_id = s.facility_id AND NOT o.stay AND NOT o.emergency
				AND o.admitted_at <= s.admitted_at AND s.admitted_at::date - o.admitted_at::date <= 1
		), told AS (%3$s)
		SELECT s.visit_no, CASE WHEN s.nights IS NOT NULL THEN a.visit_no IS NOT NULL END, b.visit_no IS NOT NULL,
			CASE WHEN d.code !~ '^R' AND s.main_diagnosis !~ '^R' THEN left(d.code, 3) = s.disease END
		FROM stay AS s
		LEFT JOIN again AS a ON a.visit_no = s.visit_no
		LEFT JOIN before AS b ON b.visit_no = s.visit_no
		LEFT JOIN told AS d ON d.visit_id = s.visit_id$sql$,
		CASE WHEN diagnosis_bound THEN format(', code AS MATERIALIZED (SELECT o.visit_id, medaudit._diagnosis_fold(o.diagnosis_code) AS code '
			'FROM (SELECT %s FROM medaudit_data.diagnosis AS c) AS o WHERE o.visit_id IN (SELECT n.visit_id FROM next AS n))',
			medaudit._bound_list('diagnosis', '{visit_id,diagnosis_code}')) END,
		medaudit._planned_condition(),
		CASE WHEN diagnosis_bound AND medaudit._is_bound('diagnosis', 'admission') THEN format(
			'SELECT DISTINCT ON (o.visit_id) o.visit_id, medaudit._diagnosis_fold(o.diagnosis_code) AS code FROM (SELECT %s FROM medaudit_data.diagnosis AS c) AS o '
			'WHERE o.admission AND o.visit_id IN (SELECT s.visit_id FROM stay AS s) AND medaudit._diagnosis_fold(o.diagnosis_code) IS NOT NULL '
			'ORDER BY o.visit_id, o.rank NULLS LAST, o.diagnosis_code COLLATE "C"',
			medaudit._bound_list('diagnosis', '{visit_id,diagnosis_code,admission,rank}')) ELSE 'SELECT NULL::text AS visit_id, NULL::text AS code WHERE false' END);
END
$$;

COMMENT ON PROCEDURE _read_indicator_stays() IS
	'读取指标住院: of the stays in indicator_visit what came before and after each and with which diagnosis it was admitted, into a working table';

-- -------------------------------------------------------------- charges

-- What each kind of charge is: by the code as its hospital has it, else as everybody has.
CREATE OR REPLACE FUNCTION _indicator_items() RETURNS TABLE (item_code text, minutes numeric, generic text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.item') IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY EXECUTE format($sql$
		SELECT k.code, CASE WHEN min(i.minutes) = max(i.minutes) THEN min(i.minutes) END, CASE WHEN min(i.generic) = max(i.generic) THEN min(i.generic) END
		FROM (SELECT %s FROM medaudit_data.item AS c) AS i
		CROSS JOIN LATERAL (SELECT i.item_code
			UNION ALL SELECT medaudit.code_fold(i.item_code) || chr(31) || medaudit.code_fold(i.facility_id) WHERE medaudit.code_fold(i.facility_id) <> '') AS k (code)
		WHERE k.code IS NOT NULL GROUP BY k.code$sql$, medaudit._bound_list('item', '{item_code,facility_id,minutes,generic}'));
END
$$;

COMMENT ON FUNCTION _indicator_items() IS
	'项目时长及通用名: minutes and generic name of each item of the bound catalogue, known as in _item_classes(); NULL where several rows differ; no rows where item is not bound';

-- Whether a drug or examination is in no catalogue; NULL: the amount that is claimed tells.
CREATE OR REPLACE FUNCTION _is_outside(payment_class text) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN code_fold(payment_class) ~ '^0?3$|丙|自费|目录外' THEN true WHEN code_fold(payment_class) <> '' THEN false END;

COMMENT ON FUNCTION _is_outside(text) IS
	'是否目录外: whether a payment class (chrgitm_lv) is 03, 丙类 or 自费; NULL where none is given';

CREATE OR REPLACE FUNCTION _visit_lines_transition(internal, text, text, text, timestamp, numeric, numeric, numeric, bool, text, text, text, bool) RETURNS internal
	AS 'MODULE_PATHNAME', 'visit_lines_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _visit_lines_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'visit_lines_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _visit_lines_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'visit_lines_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _visit_lines_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'visit_lines_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _visit_lines_final(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'visit_lines_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _visit_lines_transition(internal, text, text, text, timestamp, numeric, numeric, numeric, bool, text, text, text, bool) IS
	'就诊明细累积: support function of aggregate _visit_lines';
COMMENT ON FUNCTION _visit_lines_combine(internal, internal) IS '就诊明细并行合并: support function of aggregate _visit_lines';
COMMENT ON FUNCTION _visit_lines_serialize(internal) IS '就诊明细并行传出: support function of aggregate _visit_lines';
COMMENT ON FUNCTION _visit_lines_deserialize(bytea, internal) IS '就诊明细并行传入: support function of aggregate _visit_lines';
COMMENT ON FUNCTION _visit_lines_final(internal) IS '就诊明细完成: support function of aggregate _visit_lines';

CREATE OR REPLACE AGGREGATE _visit_lines(item_code text, category text, payment_class text, charged_at timestamp, quantity numeric, amount numeric,
		claimed numeric, claim_bound bool, line_id text, physician_id text, prescription_id text, procured bool) (
	SFUNC = _visit_lines_transition,
	STYPE = internal,
	SSPACE = 640,
	FINALFUNC = _visit_lines_final,
	COMBINEFUNC = _visit_lines_combine,
	SERIALFUNC = _visit_lines_serialize,
	DESERIALFUNC = _visit_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _visit_lines(text, text, text, timestamp, numeric, numeric, numeric, bool, text, text, text, bool) IS
	'就诊明细: the lines of a visit in one value, for _visit_line_kinds() and _visit_line_sums(); a line without an item is none; NULL for no rows';

CREATE OR REPLACE FUNCTION _visit_line_kinds_transition(internal, bytea, date, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'visit_line_kinds_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _visit_line_kinds_final(internal) RETURNS visit_line_kinds
	AS 'MODULE_PATHNAME', 'visit_line_kinds_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _visit_line_kinds_transition(internal, bytea, date, date, date) IS '费用种类累积: support function of aggregate _visit_line_kinds';
COMMENT ON FUNCTION _visit_line_kinds_final(internal) IS '费用种类完成: support function of aggregate _visit_line_kinds';

CREATE OR REPLACE AGGREGATE _visit_line_kinds(lines bytea, month date, charged_from date, charged_to date) (
	SFUNC = _visit_line_kinds_transition,
	STYPE = internal,
	FINALFUNC = _visit_line_kinds_final,
	PARALLEL = RESTRICTED
);
COMMENT ON AGGREGATE _visit_line_kinds(bytea, date, date, date) IS
	'费用种类: the different items, categories and payment classes among the lines that _visit_lines() has put together, and in which months such were procured; lines before charged_from and from charged_to on are left out; NULL for no rows';

CREATE OR REPLACE FUNCTION _visit_line_sums(lines bytea, month date, charged_from date, charged_to date, stay bool, admitted date, discharged date,
		physician_id text, cap bigint, item_codes text[], categories text[], payment_classes text[], traits int[], generics int[], minutes numeric[],
		months date[], bought int[]) RETURNS visit_line_sums
	AS 'MODULE_PATHNAME', 'medaudit_visit_line_sums' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION _visit_line_sums(bytea, date, date, date, bool, date, date, text, bigint, text[], text[], text[], int[], int[], numeric[], date[], int[]) IS
	'就诊费用合计: adds up what _visit_lines() has put together, a line that came twice once, and none of a number under which different charges stand. The arrays say what each kind of charge is, the same for a whole statement: traits: the lowest four bits its class as in _indicator_class(), 16 CT, 32 MRI, 64 antibiotic, 128 a drug that is prescribed, 256 whether it is in the catalogue is known, 512 it is in none; generics: number of its generic name, -1: not known; months and bought: in which months what generic was procured. cap: above it prescriptions of few drugs are listed. NULL lines or times give NULL';

-- Lines and money of a visit, in the order in which _visit_line_sums() gives them.
CREATE OR REPLACE FUNCTION _indicator_totals() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{lines,amount,drug,exam,material,treatment,surgery,ct,mri,unknown,judged,outside,antibiotic,procurable,procured}'::text[];

COMMENT ON FUNCTION _indicator_totals() IS
	'指标费用项: names of the sums of indicator_total. exam: examinations and laboratory; unknown: of no known class; judged: drugs and examinations of which is known whether they are in the catalogue, outside: which are not; procurable: of generics of which there is a procured product';

CREATE OR REPLACE FUNCTION _indicator_class(class text) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE class WHEN 'drug' THEN 1 WHEN 'exam' THEN 2 WHEN 'laboratory' THEN 2 WHEN 'material' THEN 3 WHEN 'treatment' THEN 4 WHEN 'surgery' THEN 5
		WHEN 'bed' THEN 6 WHEN 'nursing' THEN 6 WHEN 'consultation' THEN 6 WHEN 'other' THEN 7 ELSE 8 END;

COMMENT ON FUNCTION _indicator_class(text) IS
	'指标费用分类: number of a class of charges for _visit_line_sums(): drugs 1, examinations and laboratory 2, materials 3, treatments 4, surgery 5, what is charged by the day 6, others 7, not known 8';

-- Lines of the visits in indicator_visit, by visit.  Of a visit count the charges of its time
-- (31 days before it to 31 after its month); visits that began long before the months are
-- named, so that for them no more is read than they have.  Where an index finds lines by
-- their visit, as where books are stored, the planner may go by it, and takes what it finds
-- to be in memory; the others are read in one pass, by workers if the server has them.
CREATE OR REPLACE FUNCTION _gathered_visit_lines(from_date date, to_date date) RETURNS TABLE (visit_no int, lines bytea)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET random_page_cost = 1.1
	SET jit = off
AS $$
DECLARE
	old_visits text[];
	first_day date;
BEGIN
	SELECT array_agg(v.visit_id) FILTER (WHERE v.charged_from < from_date - 92), coalesce(min(v.charged_from) FILTER (WHERE v.charged_from >= from_date - 92), from_date)
	INTO old_visits, first_day FROM medaudit_work.indicator_visit AS v;
	IF medaudit._books_index_serves('charge', 'c.visit_id = ''1''::text') THEN
		PERFORM set_config('enable_nestloop', 'on', true);
	END IF;
	RETURN QUERY EXECUTE format($sql$
		SELECT v.visit_no, medaudit._visit_lines(%3$s, c.category, c.payment_class, c.charged_at, c.quantity, c.amount, c.claimed, %4$L::bool,
			c.line_id, c.physician_id, c.prescription_id, c.procured)
		FROM (SELECT %1$s FROM medaudit_data.charge AS c WHERE %2$s) AS c
		JOIN medaudit_work.indicator_visit AS v ON v.visit_id = c.visit_id
		GROUP BY v.visit_no$sql$,
		medaudit._bound_list('charge', '{visit_id,item_code,quantity,amount,charged_at,claimed,line_id,category,prescription_id,physician_id,payment_class,procured}'),
		concat(medaudit._run_charged_within(first_day, to_date + 31), CASE WHEN old_visits IS NOT NULL THEN
			format(' OR %s = ANY (%L::text[])', (SELECT n.expression FROM medaudit._run_columns('charge') AS n WHERE n.column_name = 'visit_id'), old_visits) END),
		CASE WHEN EXISTS (SELECT FROM medaudit._item_classes() AS i WHERE strpos(i.item_code, chr(31)) > 0) THEN
			-- where a hospital has the code as its own, that is meant
			$own$CASE WHEN concat(medaudit.code_fold(c.item_code), chr(31), medaudit.code_fold(v.facility_id)) IN (SELECT i.item_code FROM medaudit._item_classes() AS i)
				THEN concat(medaudit.code_fold(c.item_code), chr(31), medaudit.code_fold(v.facility_id)) ELSE c.item_code END$own$ ELSE 'c.item_code' END,
		medaudit._is_bound('charge', 'claimed'));
END
$$;

COMMENT ON FUNCTION _gathered_visit_lines(date, date) IS
	'汇集指标明细: the charges of the visits in indicator_visit, put together by visit; no rows for visits without charges';

-- These values tell which kinds of charges there are, and with what is known of each kind
-- they are added up.
CREATE OR REPLACE PROCEDURE _read_indicator_charges(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	-- whatever costs no more is above no cap
	least_cap bigint := (SELECT least(floor(10000 * min(c.max_amount)), 9000000000000000000) FROM medaudit.prescription_cap AS c);
BEGIN
	WITH gathered AS MATERIALIZED (
		SELECT v.visit_no, v.month, v.person_id, v.person_class, v.visit_type, v.physician_id, v.stay, v.admitted_at, v.discharged_at, v.charged_from, v.charged_to,
			g.lines
		FROM medaudit._gathered_visit_lines(from_date, to_date) AS g JOIN medaudit_work.indicator_visit AS v ON v.visit_no = g.visit_no
	), kinds AS MATERIALIZED (
		SELECT medaudit._visit_line_kinds(v.lines, v.month, v.charged_from, v.charged_to) AS kinds FROM gathered AS v
	), kind AS MATERIALIZED (
		SELECT k.* FROM kinds AS s
		CROSS JOIN LATERAL ROWS FROM (unnest((s.kinds).item_codes), unnest((s.kinds).categories), unnest((s.kinds).payment_classes)) WITH ORDINALITY
			AS k (item_code, category, payment_class, place)
	), class AS MATERIALIZED (
		SELECT t.item_code, t.category, min(t.class) AS class FROM (
			SELECT array_agg(i.item_code) AS item_codes, array_agg(i.category) AS categories FROM (SELECT DISTINCT k.item_code, k.category FROM kind AS k) AS i
		) AS d
		CROSS JOIN LATERAL medaudit._classes_of_charges(d.item_codes, d.categories) AS t
		GROUP BY t.item_code, t.category
	), told AS MATERIALIZED (
		SELECT k.*, c.class, n.code, medaudit._is_outside(k.payment_class) AS outside, i.minutes,
			CASE WHEN c.class = 'drug' THEN coalesce(nullif(medaudit.code_fold(i.generic), ''), medaudit.drug_level(n.code, 'generic')) END AS generic,
			coalesce(c.class = 'drug' AND NOT medaudit._is_herbal(t.class, k.category, n.code), false) AS medicine
		FROM kind AS k
		LEFT JOIN class AS c ON c.item_code = k.item_code AND c.category = k.category
		LEFT JOIN (SELECT o.item_code, min(o.class) AS class, min(o.national_code) AS national_code
			FROM medaudit._item_classes() AS o GROUP BY o.item_code) AS t ON t.item_code = k.item_code
		LEFT JOIN (SELECT o.item_code, min(o.minutes) AS minutes, min(o.generic) AS generic
			FROM medaudit._indicator_items() AS o GROUP BY o.item_code) AS i ON i.item_code = k.item_code
		CROSS JOIN LATERAL (SELECT medaudit.code_fold(coalesce(t.national_code, split_part(k.item_code, chr(31), 1))) AS code) AS n
	), numbered AS MATERIALIZED (
		SELECT t.*, CASE WHEN t.generic IS NOT NULL THEN dense_rank() OVER (ORDER BY t.generic) ELSE -1 END::int AS generic_no FROM told AS t
	), bought AS MATERIALIZED (
		SELECT coalesce(array_agg(b.month), '{}') AS months, coalesce(array_agg(b.generic_no), '{}') AS generics
		FROM (
			SELECT DISTINCT p.month, n.generic_no FROM kinds AS s
			CROSS JOIN LATERAL ROWS FROM (unnest((s.kinds).procured_months), unnest((s.kinds).procured_kinds)) AS p (month, place)
			JOIN numbered AS n ON n.place = p.place WHERE n.generic_no >= 0
		) AS b
	), known AS MATERIALIZED (
		SELECT array_agg(n.item_code) AS item_codes, array_agg(n.category) AS categories, array_agg(n.payment_class) AS payment_classes,
			array_agg(medaudit._indicator_class(n.class) + CASE WHEN starts_with(n.code, '0021030') THEN 16 ELSE 0 END
				+ CASE WHEN starts_with(n.code, '0021020') THEN 32 ELSE 0 END + CASE WHEN starts_with(n.code, 'XJ01') THEN 64 ELSE 0 END
				+ CASE WHEN n.medicine THEN 128 ELSE 0 END + CASE WHEN n.outside THEN 768 WHEN NOT n.outside THEN 256 ELSE 0 END) AS traits,
			array_agg(n.generic_no) AS generics, array_agg(n.minutes) AS minutes
		FROM numbered AS n
	), summed AS MATERIALIZED (
		SELECT v.visit_no, v.month, v.person_id, v.person_class, v.visit_type, medaudit._visit_line_sums(v.lines, v.month, v.charged_from, v.charged_to,
			v.stay, v.admitted_at::date, v.discharged_at::date, v.physician_id, least_cap, k.item_codes, k.categories, k.payment_classes, k.traits, k.generics,
			k.minutes, b.months, b.generics) AS sums
		FROM gathered AS v CROSS JOIN known AS k CROSS JOIN bought AS b
	), physicians AS (
		INSERT INTO medaudit_work.indicator_physician
		SELECT d.physician_id, d.month, medaudit._count_different(d.day - date '2000-01-01'), medaudit._count_different(hashtextextended(d.person_id, 0)),
			sum(d.minutes) * 0.00000001
		FROM (
			SELECT s.month, s.person_id, unnest((s.sums).physicians) AS physician_id, unnest((s.sums).days) AS day, unnest((s.sums).minutes) AS minutes
			FROM summed AS s
		) AS d
		GROUP BY d.physician_id, d.month
	), listed AS MATERIALIZED (
		SELECT s.visit_no, s.person_class, s.visit_type, unnest((s.sums).cap_days) AS day, unnest((s.sums).cap_amounts) AS amount
		FROM summed AS s WHERE (s.sums).cap_days IS NOT NULL
	), cap AS MATERIALIZED (
		SELECT k.*, medaudit._prescription_cap(k.person_class, k.visit_type, k.day) AS cap
		FROM (SELECT DISTINCT coalesce(l.person_class, '') AS class_key, coalesce(l.visit_type, '') AS type_key, l.person_class, l.visit_type, l.day FROM listed AS l) AS k
	), above AS MATERIALIZED (
		SELECT l.visit_no, count(*)::int AS prescriptions FROM listed AS l
		JOIN cap AS c ON c.day = l.day AND c.class_key = coalesce(l.person_class, '') AND c.type_key = coalesce(l.visit_type, '')
		WHERE l.amount > 10000 * c.cap GROUP BY l.visit_no
	)
	INSERT INTO medaudit_work.indicator_total
	SELECT s.visit_no, (s.sums).sums, (s.sums).one_date, (s.sums).last_active, (s.sums).prescriptions, (s.sums).large + coalesce(a.prescriptions, 0)
	FROM summed AS s LEFT JOIN above AS a ON a.visit_no = s.visit_no
	WHERE (s.sums).sums[1] > 0;
END
$$;

COMMENT ON PROCEDURE _read_indicator_charges(date, date) IS
	'读取指标费用: the charges of the visits in indicator_visit, each once, added up by visit and by physician, into working tables';

-- --------------------------------------------------------------- months

-- The query of the rows of indicator_month that are made of one thing, of indicators with
-- their measures.  What is not known, or divided by 0, has no row.
CREATE OR REPLACE FUNCTION _indicator_rows(sums text, names text[], numerators text[], denominators text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format($sql$
		SELECT g.subject_kind, g.subject_id, g.month, i.indicator, i.numerator, i.denominator
		FROM (%s) AS g
		CROSS JOIN LATERAL (VALUES %s) AS i (indicator, numerator, denominator)
		WHERE g.subject_id <> '' AND i.denominator <> 0 AND i.numerator > '-Infinity' AND i.numerator < 'Infinity'
			AND i.denominator > '-Infinity' AND i.denominator < 'Infinity'$sql$,
		sums, string_agg(format('(%L::text, (%s)::numeric, (%s)::numeric)', m.name, m.numerator, m.denominator), ', ' ORDER BY m.name))
	FROM unnest(names, numerators, denominators) AS m (name, numerator, denominator)
	HAVING count(*) > 0
$$;

COMMENT ON FUNCTION _indicator_rows(text, text[], text[], text[]) IS
	'指标行查询: the query that turns sums by subject and month into rows of indicator_month, with the SQL of two numbers of each indicator; what is not known, or divided by 0, has none; NULL for no indicators';

-- What is counted of visits and persons is added up in one pass: two places of a vector for
-- each indicator, and a table of persons, whose number is put behind the sums.
CREATE OR REPLACE FUNCTION _indicator_visit_query(names text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH measure AS (
		SELECT m.*, row_number() OVER (PARTITION BY m.made_of ORDER BY m.indicator) AS place, count(*) FILTER (WHERE m.made_of = 'visit') OVER () AS vectors
		FROM medaudit._indicator_measures() AS m WHERE m.indicator = ANY (names) AND m.made_of IN ('visit', 'person')
	)
	SELECT format($sql$
		SELECT g.subject_kind, g.subject_id, g.month, i.indicator,
			CASE WHEN i.scale IS NULL THEN g.sums[i.numerator]::numeric ELSE g.sums[i.numerator] * i.scale END AS numerator,
			CASE WHEN i.is_sum THEN 1::numeric WHEN i.denominator_scale IS NULL THEN g.sums[i.denominator]::numeric
				ELSE g.sums[i.denominator] * i.denominator_scale END AS denominator
		FROM (
			SELECT CASE WHEN grouping(v.facility_id) = 0 THEN 'facility' WHEN grouping(v.physician_id) = 0 THEN 'physician' WHEN grouping(v.disease) = 0 THEN 'disease'
					WHEN grouping(v.region) = 0 THEN 'region' ELSE 'group' END AS subject_kind,
				coalesce(v.facility_id, v.physician_id, v.disease, v.region, v.person_class) AS subject_id, v.month,
				medaudit._sum_vectors(v.vector) || medaudit._count_different(v.person) AS sums
			FROM (
				SELECT v.facility_id, v.physician_id, v.disease, v.region, v.person_class, v.month, hashtextextended(v.person_id, 0) AS person,
					ARRAY[%s]::bigint[] AS vector
				FROM medaudit_work.indicator_visit AS v
				LEFT JOIN (SELECT o.visit_no, o.one_date, o.last_active, o.prescriptions, o.large, %s FROM medaudit_work.indicator_total AS o) AS t ON t.visit_no = v.visit_no
				LEFT JOIN medaudit_work.indicator_stay AS s ON s.visit_no = v.visit_no
			) AS v
			GROUP BY GROUPING SETS ((v.month, v.facility_id), (v.month, v.physician_id), (v.month, v.disease), (v.month, v.region), (v.month, v.person_class))
		) AS g
		-- of constants, which are read once
		CROSS JOIN unnest(%L::text[], %L::int[], %L::int[], %L::numeric[], %L::numeric[], %L::bool[])
			AS i (indicator, numerator, denominator, scale, denominator_scale, is_sum)
		WHERE g.subject_id <> '' AND g.sums[i.denominator] <> 0$sql$,
		string_agg(concat(m.numerator, ', ', m.denominator), ', ' ORDER BY m.place) FILTER (WHERE m.made_of = 'visit'),
		(SELECT string_agg(format('o.sums[%s] AS %I', t.place, t.name), ', ') FROM unnest(medaudit._indicator_totals()) WITH ORDINALITY AS t (name, place)),
		array_agg(m.indicator), array_agg(CASE WHEN m.made_of = 'person' THEN 2 * m.vectors + 1 ELSE 2 * m.place - 1 END),
		array_agg(CASE WHEN m.made_of = 'person' THEN 2 * m.vectors + 1 ELSE 2 * m.place END),
		array_agg(nullif(m.scale, 1)), array_agg(nullif(m.denominator_scale, 1)), array_agg(m.is_sum))
	FROM measure AS m
	HAVING count(*) > 0
$$;

COMMENT ON FUNCTION _indicator_visit_query(text[]) IS
	'就诊指标查询: the query that makes the rows of indicator_month of those of some indicators that are made of visits and persons; NULL where none is';

CREATE OR REPLACE FUNCTION _indicator_physician_query(names text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._indicator_rows('SELECT ''physician'' AS subject_kind, d.physician_id AS subject_id, d.* FROM medaudit_work.indicator_physician AS d',
		array_agg(m.indicator), array_agg(replace(m.numerator, 'd.', 'g.')), array_agg(replace(m.denominator, 'd.', 'g.')))
	FROM medaudit._indicator_measures() AS m WHERE m.indicator = ANY (names) AND m.made_of = 'physician'
$$;

COMMENT ON FUNCTION _indicator_physician_query(text[]) IS
	'医师指标查询: the query that makes the rows of indicator_month of those of some indicators that are made of what physicians ordered; NULL where none is';

CREATE OR REPLACE FUNCTION _indicator_pharmacy_query(names text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._indicator_rows(format($sql$
			SELECT 'pharmacy' AS subject_kind, p.facility_id AS subject_id, p.month, %s
			FROM (
				WITH swipe AS MATERIALIZED (
					SELECT s.facility_id, s.person_id, s.swiped_at, s.amount, s.balance_after, s.status, f.region
					FROM medaudit._swipe_rows($3, $4) AS s
					LEFT JOIN medaudit._swipe_places() AS f ON f.facility_id = s.facility_id
					WHERE s.status IN ('kept', 'batch', 'refunded') AND CASE WHEN f.facility_id IS NULL THEN medaudit._is_pharmacy(NULL, s.facility_id) ELSE f.pharmacy END
				)
				SELECT s.facility_id, date_trunc('month', s.swiped_at)::date AS month, s.swiped_at, s.amount, s.balance_after, s.status <> 'refunded' AS kept,
					s.status = 'kept' AND s.swiped_at::time <> '00:00' AS clock,
					CASE WHEN length(n.region) >= 4 AND length(s.region) >= 4 THEN left(n.region, 4) <> left(s.region, 4) END AS far
				FROM swipe AS s
				LEFT JOIN (%s) AS n ON n.person_id = s.person_id
			) AS p GROUP BY p.facility_id, p.month$sql$,
			string_agg(format('%s AS n%s, %s AS d%s', m.numerator, m.place, m.denominator, m.place), ', '),
			medaudit._indicator_persons('SELECT w.person_id FROM swipe AS w')),
		array_agg(m.indicator), array_agg('g.n' || m.place), array_agg('g.d' || m.place))
	FROM (
		SELECT m.*, row_number() OVER (ORDER BY m.indicator) AS place FROM medaudit._indicator_measures() AS m
		WHERE m.indicator = ANY (names) AND m.made_of = 'pharmacy'
	) AS m
$$;

COMMENT ON FUNCTION _indicator_pharmacy_query(text[]) IS
	'药店指标查询: the query that makes the rows of indicator_month of those of some indicators that are made of card payments; $3 and $4: the period; NULL where none is';

-- A value of the rule low_standard_stay, which says what a short stay for examinations is.
CREATE OR REPLACE FUNCTION _low_standard(parameter text) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(r.parameters -> p.name, p.default_value)::numeric
	FROM medaudit.rule_parameter AS p
	LEFT JOIN medaudit.rule AS r ON r.rule_code = 'low_standard_stay' AND r.kind = p.kind
	WHERE p.kind = 'low_standard_stay' AND p.name = parameter
$$;

COMMENT ON FUNCTION _low_standard(text) IS
	'低标准入院参数: the value that a parameter of the rule low_standard_stay has';

-- A month that is made again writes what has changed, and leaves no dead rows of the rest:
-- what is made is compared in one pass with what stands, if anything does.
CREATE OR REPLACE PROCEDURE _sum_indicators(from_date date, to_date date, names text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	shipped text[] := (SELECT array_agg(k.indicator) FROM medaudit._indicator_measures() AS k);
	query text := concat_ws(' UNION ALL ', medaudit._indicator_visit_query(names), medaudit._indicator_physician_query(names),
		medaudit._indicator_pharmacy_query(names));
	changes bigint;
BEGIN
	IF query = '' THEN
		DELETE FROM medaudit.indicator_month AS m WHERE m.month >= from_date AND m.month < to_date AND m.indicator = ANY (shipped);
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit.indicator_month AS m WHERE m.month >= from_date AND m.month < to_date AND m.indicator = ANY (shipped)) THEN
		EXECUTE concat('INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator) ', query)
		USING medaudit._low_standard('max_stay_nights'), medaudit._low_standard('min_exam_share'), from_date, to_date;
		RETURN;
	END IF;
	PERFORM medaudit._empty('indicator_change');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.indicator_change
		SELECT coalesce(n.subject_kind, m.subject_kind), coalesce(n.subject_id, m.subject_id), coalesce(n.month, m.month), coalesce(n.indicator, m.indicator),
			n.numerator, n.denominator, n.indicator IS NOT NULL, m.indicator IS NOT NULL
		FROM (%s) AS n
		FULL JOIN (SELECT m.* FROM medaudit.indicator_month AS m WHERE m.month >= $3 AND m.month < $4 AND m.indicator = ANY ($5)) AS m
			ON m.subject_id = n.subject_id AND m.indicator = n.indicator AND m.month = n.month AND m.subject_kind = n.subject_kind
		WHERE n.indicator IS NULL OR m.indicator IS NULL OR (m.numerator, m.denominator) IS DISTINCT FROM (n.numerator, n.denominator)$sql$, query)
	USING medaudit._low_standard('max_stay_nights'), medaudit._low_standard('min_exam_share'), from_date, to_date, shipped;
	GET DIAGNOSTICS changes = ROW_COUNT;
	IF changes = 0 THEN
		RETURN;
	END IF;
	DELETE FROM medaudit.indicator_month AS m USING medaudit_work.indicator_change AS c
	WHERE NOT c.made AND m.month >= from_date AND m.month < to_date AND m.subject_id = c.subject_id AND m.indicator = c.indicator AND m.month = c.month
		AND m.subject_kind = c.subject_kind;
	UPDATE medaudit.indicator_month AS m SET numerator = c.numerator, denominator = c.denominator FROM medaudit_work.indicator_change AS c
	WHERE c.made AND c.kept AND m.month >= from_date AND m.month < to_date AND m.subject_id = c.subject_id AND m.indicator = c.indicator AND m.month = c.month
		AND m.subject_kind = c.subject_kind;
	INSERT INTO medaudit.indicator_month (subject_kind, subject_id, month, indicator, numerator, denominator)
	SELECT c.subject_kind, c.subject_id, c.month, c.indicator, c.numerator, c.denominator FROM medaudit_work.indicator_change AS c WHERE NOT c.kept;
END
$$;

COMMENT ON PROCEDURE _sum_indicators(date, date, text[]) IS
	'写入指标月值: makes the rows of indicator_month of whole months anew from the working tables and the bound payments: those of the named indicators, and of the other shipped ones none';

CREATE OR REPLACE PROCEDURE refresh_indicators(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date;
	day_after date;
	names text[];
	left_out text;
BEGIN
	PERFORM medaudit._check_period(from_date, to_date), medaudit.check_bound('visit');
	PERFORM medaudit._check_trusted();
	first_day := date_trunc('month', from_date);
	day_after := date_trunc('month', to_date - 1) + interval '1 month';
	SELECT coalesce(array_agg(s.indicator) FILTER (WHERE s.lacks IS NULL), '{}'),
		string_agg(format('%s (%s)', s.indicator, s.lacks), '; ' ORDER BY s.indicator COLLATE "C") FILTER (WHERE s.lacks IS NOT NULL)
	INTO names, left_out FROM medaudit.indicator_sources AS s WHERE s.enabled;
	IF left_out IS NOT NULL THEN
		RAISE NOTICE USING MESSAGE = medaudit._say('indicators are left out for what is not bound'), DETAIL = left_out;
	END IF;
	-- the working tables are those of one at a time
	LOCK TABLE medaudit_work.indicator_visit IN SHARE ROW EXCLUSIVE MODE;
	CALL medaudit._read_indicator_visits(first_day, day_after);
	IF NOT EXISTS (SELECT FROM medaudit_work.indicator_visit) THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('no visit was settled on the days from %s to %s: these months have no indicators'), first_day, day_after - 1);
	END IF;
	CALL medaudit._read_indicator_stays();
	PERFORM medaudit._empty('indicator_total', 'indicator_physician');
	IF to_regclass('medaudit_data.charge') IS NOT NULL THEN
		CALL medaudit._read_indicator_charges(first_day, day_after);
	END IF;
	CALL medaudit._sum_indicators(first_day, day_after, names);
	PERFORM medaudit._empty('indicator_visit', 'indicator_near', 'indicator_stay', 'indicator_total', 'indicator_physician', 'indicator_change');
END
$$;

COMMENT ON PROCEDURE refresh_indicators(date, date) IS
	'计算统计指标: makes the rows of indicator_month of the whole months that meet [from_date, to_date) anew; what is not bound leaves an indicator out, which a notice says. NULL is 22004, dates that are no period 22023, 55000 where visit is not bound';

-- ---------------------------------------------------------------- peers

CREATE OR REPLACE FUNCTION indicator_flag_zh(flag text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE flag WHEN 'ok' THEN '正常' WHEN 'high' THEN '偏高' WHEN 'low' THEN '偏低' WHEN 'few' THEN '样本过少' WHEN 'alone' THEN '同组不足5家' END;

COMMENT ON FUNCTION indicator_flag_zh(text) IS
	'指标标记名称: the Chinese term of a flag of indicator_peers; NULL for NULL and for what is none';

CREATE OR REPLACE FUNCTION subject_kind_zh(subject_kind text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE subject_kind WHEN 'facility' THEN '医药机构' WHEN 'physician' THEN '医师' WHEN 'disease' THEN '病种' WHEN 'region' THEN '统筹区'
		WHEN 'group' THEN '人群' WHEN 'pharmacy' THEN '药店' END;

COMMENT ON FUNCTION subject_kind_zh(text) IS
	'统计对象类型名称: the Chinese term; NULL for NULL and for what is none';

-- Of whom a facility is a peer: what indicator.peers names, each told apart where it is
-- not known, too.
CREATE OR REPLACE FUNCTION _peer_key(peers text, rank int, kind text, region text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN peers ~ 'rank' THEN coalesce(rank::text, '') ELSE '' END || chr(31) || CASE WHEN peers ~ 'kind' THEN coalesce(code_fold(kind), '') ELSE '' END
		|| chr(31) || CASE WHEN peers ~ 'region' THEN coalesce(region, '') ELSE '' END;

COMMENT ON FUNCTION _peer_key(text, int, text, text) IS
	'同组键: a text that facilities share which are peers by rank, kind and region, as far as indicator.peers names these; NULL peers: none';

-- A month of a kind of subject at a time, in tables of hashes that stay small: so a condition
-- on these two is one on what is read, and a month costs what a month has.  What is said of
-- peers is worked out once for them, as robust_zscore(), rate_prior() and shrunk_rate() have it.
CREATE OR REPLACE VIEW indicator_peers WITH (security_invoker = true) AS
WITH RECURSIVE made (month) AS (
	SELECT min(m.month) FROM medaudit.indicator_month AS m
	UNION ALL
	SELECT (SELECT min(m.month) FROM medaudit.indicator_month AS m WHERE m.month > p.month) FROM made AS p WHERE p.month IS NOT NULL
), compared AS MATERIALIZED (
	SELECT p.peers, row_number() OVER (ORDER BY p.peers)::int AS place FROM (SELECT DISTINCT i.peers FROM medaudit.indicator AS i) AS p
), measure AS MATERIALIZED (
	SELECT i.indicator, i.name_zh, i.direction, i.min_denominator, i.unit = 'rate' AS rate, i.denominator_zh IS NULL AS is_sum, c.place,
		row_number() OVER () AS number
	FROM medaudit.indicator AS i JOIN compared AS c ON c.peers = i.peers WHERE i.enabled
), facility AS MATERIALIZED (
	-- groups of peers as numbers, which are compared sooner than texts
	SELECT k.facility_id, min(k.name) AS name, array_agg(k.number ORDER BY k.place) AS numbers
	FROM (
		SELECT f.facility_id, f.name, c.place, dense_rank() OVER (ORDER BY medaudit._peer_key(c.peers, f.rank, f.kind, f.region)) AS number
		FROM medaudit._bound_facilities() AS f CROSS JOIN compared AS c
	) AS k
	GROUP BY k.facility_id
), division AS MATERIALIZED (
	SELECT r.code, min(r.name) AS name FROM medaudit.division AS r GROUP BY r.code
)
SELECT x.subject_kind, t.subject_id::text AS subject_id, t.name, x.month, t.indicator::text AS indicator,
	t.name_zh AS indicator_zh, t.numerator::numeric(20,4) AS numerator, t.denominator::numeric(20,4) AS denominator,
	(t.numerator / nullif(t.denominator, 0))::numeric(20,6) AS value,
	t.last_month::numeric(20,6) AS last_month, (t.value / nullif(t.last_month, 0) - 1)::numeric(20,6) AS growth_month,
	t.last_year::numeric(20,6) AS last_year, (t.value / nullif(t.last_year, 0) - 1)::numeric(20,6) AS growth,
	(CASE WHEN t.is_sum THEN t.numerators ELSE t.numerators / nullif(t.denominators, 0) END)::numeric(20,6) AS year_to_date,
	t.peers, t.peer_median, t.peer_low, t.peer_high, t.z::numeric(20,6) AS z,
	CASE WHEN t.rate AND t.numerator >= 0 AND t.denominator > 0 THEN medaudit.shrunk_rate(t.numerator::bigint, t.denominator::bigint, t.prior) END::numeric(20,6) AS shrunk,
	1 + t.peers - width_bucket(t.value, t.sorted) AS rank, n.flag, medaudit.indicator_flag_zh(n.flag) AS flag_zh,
	medaudit.subject_kind_zh(x.subject_kind) AS subject_kind_zh
FROM (
	SELECT k.subject_kind COLLATE "C" AS subject_kind, d.month FROM made AS d
	CROSS JOIN unnest('{facility,physician,disease,region,group,pharmacy}'::text[]) AS k (subject_kind)
	WHERE d.month IS NOT NULL
) AS x
CROSS JOIN LATERAL (
	SELECT v.*, (v.value - v.median) / v.spread AS z
	FROM (
		SELECT m.subject_id, m.indicator, m.numerator, m.denominator, (m.numerator / nullif(m.denominator, 0))::float8 AS value,
			(l.numerator / nullif(l.denominator, 0))::float8 AS last_month, (y.numerator / nullif(y.denominator, 0))::float8 AS last_year,
			s.numerators, s.denominators, i.name_zh, i.direction, i.min_denominator, i.rate, i.is_sum, coalesce(p.name, r.name) AS name,
			c.peers, c.median, c.spread, c.low, c.high, c.sorted, c.prior, c.peer_median, c.peer_low, c.peer_high
		FROM medaudit.indicator_month AS m
		JOIN measure AS i ON i.indicator = m.indicator
		LEFT JOIN (SELECT f.facility_id, min(f.name) AS name, min(f.numbers) AS numbers FROM facility AS f WHERE x.subject_kind IN ('facility', 'pharmacy')
			GROUP BY f.facility_id) AS p ON p.facility_id = m.subject_id
		LEFT JOIN (
			SELECT c.compared, (c.center).n::int AS peers, (c.center).median, c.sorted, (c.fences).low, (c.fences).high,
				CASE WHEN (c.center).n < 5 THEN NULL WHEN (c.center).mad > 0 THEN 1.4826::float8 * (c.center).mad
					WHEN (c.center).mean_deviation > 0 THEN 1.2533::float8 * (c.center).mean_deviation END AS spread,
				(c.center).median::numeric(20,6) AS peer_median, (c.fences).low::numeric(20,6) AS peer_low, (c.fences).high::numeric(20,6) AS peer_high,
				CASE WHEN c.groups >= 5 THEN ROW(c.groups, c.rate, greatest(c.variance, 0))::medaudit.rate_prior END AS prior
			FROM (
				SELECT g.compared, medaudit._robust_center_final(g.collected) AS center, medaudit._peer_fences_final(g.collected) AS fences,
					medaudit._finite_values(g.collected, 'indicator_peers') AS sorted, g.groups, (g.events + 0.000000000000000000000000000000) / g.n AS rate,
					(g.squares - g.events * g.events / g.n) / g.n - (g.events + 0.000000000000000000000000000000) / g.n * g.groups / g.n AS variance
				FROM (
					SELECT k.compared, array_agg(k.value) FILTER (WHERE k.value IS NOT NULL) AS collected,
						count(k.value) FILTER (WHERE k.rate) AS groups, sum(k.numerator) FILTER (WHERE k.rate AND k.value IS NOT NULL) AS events,
						nullif(sum(k.denominator) FILTER (WHERE k.rate AND k.value IS NOT NULL), 0) AS n,
						sum(k.numerator * k.numerator / k.denominator) FILTER (WHERE k.rate AND k.value IS NOT NULL) AS squares
					FROM (
						SELECT m.numerator, m.denominator, i.rate, (m.numerator / nullif(m.denominator, 0))::float8 AS value,
							coalesce(p.numbers[i.place], 0) * 1048576 + i.number AS compared
						FROM medaudit.indicator_month AS m
						JOIN measure AS i ON i.indicator = m.indicator
						LEFT JOIN (SELECT f.facility_id, min(f.numbers) AS numbers FROM facility AS f WHERE x.subject_kind IN ('facility', 'pharmacy')
							GROUP BY f.facility_id) AS p ON p.facility_id = m.subject_id
						WHERE m.month = x.month AND m.subject_kind = x.subject_kind
					) AS k
					GROUP BY k.compared
				) AS g OFFSET 0
			) AS c OFFSET 0
		) AS c ON c.compared = coalesce(p.numbers[i.place], 0) * 1048576 + i.number
		LEFT JOIN medaudit.indicator_month AS l ON l.month = (x.month - interval '1 month')::date AND l.subject_kind = x.subject_kind
			AND l.subject_id = m.subject_id AND l.indicator = m.indicator
		LEFT JOIN medaudit.indicator_month AS y ON y.month = (x.month - interval '1 year')::date AND y.subject_kind = x.subject_kind
			AND y.subject_id = m.subject_id AND y.indicator = m.indicator
		LEFT JOIN (
			SELECT o.subject_id, o.indicator, sum(o.numerator) AS numerators, sum(o.denominator) AS denominators FROM medaudit.indicator_month AS o
			WHERE o.month >= date_trunc('year', x.month::timestamp)::date AND o.month <= x.month AND o.subject_kind = x.subject_kind
			GROUP BY o.subject_id, o.indicator
		) AS s ON s.subject_id = m.subject_id AND s.indicator = m.indicator
		LEFT JOIN (SELECT d.code, min(d.name) AS name FROM division AS d WHERE x.subject_kind = 'region' GROUP BY d.code) AS r ON r.code = m.subject_id
		WHERE m.month = x.month AND m.subject_kind = x.subject_kind
		OFFSET 0
	) AS v
	OFFSET 0
) AS t
CROSS JOIN LATERAL (SELECT CASE WHEN t.value IS NULL OR t.denominator < t.min_denominator THEN 'few' WHEN t.peers < 5 THEN 'alone'
	WHEN t.value > t.high AND t.z > 3.5 AND t.direction <> 'low' THEN 'high'
	WHEN t.value < t.low AND t.z < -3.5 AND t.direction <> 'high' THEN 'low' ELSE 'ok' END AS flag) AS n;

COMMENT ON VIEW indicator_peers IS
	'指标同组比较: each value of indicator_month beside that of the month and of the year before, and among its peers of the month';
COMMENT ON COLUMN indicator_peers.subject_kind IS '统计对象类型: facility, physician, disease, region, group or pharmacy';
COMMENT ON COLUMN indicator_peers.subject_id IS '统计对象编号';
COMMENT ON COLUMN indicator_peers.name IS '统计对象名称: of facilities, pharmacies and regions; NULL: not known';
COMMENT ON COLUMN indicator_peers.month IS '月份: its first day';
COMMENT ON COLUMN indicator_peers.indicator IS '指标编码';
COMMENT ON COLUMN indicator_peers.indicator_zh IS '指标名称';
COMMENT ON COLUMN indicator_peers.numerator IS '分子';
COMMENT ON COLUMN indicator_peers.denominator IS '分母';
COMMENT ON COLUMN indicator_peers.value IS '指标值: numerator ÷ denominator; NULL where that is 0';
COMMENT ON COLUMN indicator_peers.last_month IS '上月值: NULL: there is none';
COMMENT ON COLUMN indicator_peers.growth_month IS '环比: value ÷ last_month - 1';
COMMENT ON COLUMN indicator_peers.last_year IS '上年同月值: NULL: there is none';
COMMENT ON COLUMN indicator_peers.growth IS '同比: value ÷ last_year - 1';
COMMENT ON COLUMN indicator_peers.year_to_date IS '本年累计: of the months of the year up to this one, numerators ÷ denominators, of a sum the numerators added';
COMMENT ON COLUMN indicator_peers.peers IS '同组数: values of the month, subject and indicator with which this one is compared, itself among them; facilities of equal rank and kind, or as indicator.peers says';
COMMENT ON COLUMN indicator_peers.peer_median IS '同组中位数';
COMMENT ON COLUMN indicator_peers.peer_low IS '同组下限: q1 - 1.5 (q3 - q1), see peer_fences()';
COMMENT ON COLUMN indicator_peers.peer_high IS '同组上限: q3 + 1.5 (q3 - q1)';
COMMENT ON COLUMN indicator_peers.z IS '稳健Z值: robust_zscore(); NULL for fewer than 5 peers, and where all are alike';
COMMENT ON COLUMN indicator_peers.shrunk IS '收缩比率: of a rate, drawn towards that of its peers the more the smaller the denominator, see shrunk_rate()';
COMMENT ON COLUMN indicator_peers.rank IS '位次: 1 the highest value';
COMMENT ON COLUMN indicator_peers.flag IS '标记: few (denominator below min_denominator), alone (fewer than 5 peers), high, low (beyond the fence and |z| above 3.5, on the side that direction asks) or ok';
COMMENT ON COLUMN indicator_peers.flag_zh IS '标记名称';
COMMENT ON COLUMN indicator_peers.subject_kind_zh IS '统计对象类型名称';

-- ------------------------------------------------------- wide, for BI

-- One view for each kind of subject, with the first twelve indicators that are shipped.
DO $$
DECLARE
	first text[] := ARRAY(SELECT i.indicator FROM medaudit._shipped_indicators() WITH ORDINALITY AS i WHERE i.ordinality <= 12 ORDER BY i.ordinality);
	wide record;
	said record;
	columns text;
BEGIN
	FOR wide IN
		SELECT v.* FROM (VALUES
			('facility_month', 'facility', 'facility_id', ', max(p.name) AS facility_name', '机构'),
			('physician_month', 'physician', 'physician_id', '', '医师'),
			('disease_month', 'disease', 'disease', '', '病种')) AS v (name, subject_kind, subject, more, kind_zh)
	LOOP
		SELECT string_agg(format('(max(p.value) FILTER (WHERE p.indicator = %1$L))::numeric(20,6) AS %1$I, '
			'(max(p.growth) FILTER (WHERE p.indicator = %1$L))::numeric(20,6) AS %2$I, max(p.flag) FILTER (WHERE p.indicator = %1$L) AS %3$I',
			u.name, u.name || '_growth', u.name || '_flag'), ', ' ORDER BY u.place) INTO columns
		FROM unnest(first) WITH ORDINALITY AS u (name, place);
		EXECUTE format('CREATE OR REPLACE VIEW medaudit.%I WITH (security_invoker = true) AS SELECT p.subject_id AS %I%s, p.month, %s FROM medaudit.indicator_peers AS p
			WHERE p.subject_kind = %L AND p.indicator = ANY (%L) GROUP BY p.subject_id, p.month', wide.name, wide.subject, wide.more, columns, wide.subject_kind, first);
		EXECUTE format('COMMENT ON VIEW medaudit.%I IS %L', wide.name, format('%s月度指标: a row for each %s and month of indicator_peers, with twelve indicators side by side',
			wide.kind_zh, wide.subject_kind));
		FOR said IN
			SELECT c.name, c.comment FROM (VALUES ('facility_id', '定点医药机构编号'), ('facility_name', '定点医药机构名称: NULL: not known'),
				('physician_id', '医师编号'), ('disease', '病种: main diagnosis, 3 characters'), ('month', '月份: its first day')) AS c (name, comment)
			UNION ALL
			SELECT i.indicator || c.suffix, i.name_zh || c.comment FROM medaudit._shipped_indicators() AS i
			CROSS JOIN (VALUES ('', ''), ('_growth', '同比: against the same month of the year before'), ('_flag', '标记: as indicator_peers.flag')) AS c (suffix, comment)
		LOOP
			IF EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = format('medaudit.%I', wide.name)::regclass AND a.attname = said.name) THEN
				EXECUTE format('COMMENT ON COLUMN medaudit.%I.%I IS %L', wide.name, said.name, said.comment);
			END IF;
		END LOOP;
	END LOOP;
END
$$;

-- --------------------------------------------------------------- in a run

-- As people read it: shares by the hundred.
CREATE OR REPLACE FUNCTION _indicator_text(value numeric, unit text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN unit IN ('share', 'rate') THEN trim_scale(round(100 * value, 2)) || '%' ELSE trim_scale(round(value, 2))::text END;

COMMENT ON FUNCTION _indicator_text(numeric, text) IS
	'指标值文本: a value of an indicator as text, shares and rates in per cent';

-- Facilities of the months of the run, as they stand in indicator_month: a run refreshes
-- nothing, so that the rows on which a finding rests are those that everybody sees.  A
-- finding is of a month, so that it is the same however a period is cut.
CREATE OR REPLACE FUNCTION _ask_indicator_outlier(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
DECLARE
	max_value numeric := nullif((parameters ->> 'max_value')::numeric, 0);
	first_month date := (SELECT min(p.from_date) - interval '2 months' FROM medaudit.run_period AS p);
BEGIN
	RETURN QUERY
	WITH value AS MATERIALIZED (
		SELECT v.*, i.name_en, i.unit FROM medaudit.indicator_peers AS v
		JOIN medaudit.indicator AS i ON i.indicator = v.indicator
		WHERE v.subject_kind = 'facility' AND v.month >= first_month AND i.denominator_zh IS NOT NULL
			AND coalesce(parameters ->> 'indicator', '') IN ('', v.indicator)
	), counted AS (
		SELECT v.*, count(*) OVER (PARTITION BY v.subject_id, v.indicator, v.flag ORDER BY v.month
			RANGE BETWEEN interval '2 months' PRECEDING AND CURRENT ROW) AS months
		FROM value AS v
	), found AS (
		SELECT v.*, p.to_date
		FROM medaudit.run_period AS p
		JOIN counted AS v ON v.month = p.from_date
		WHERE CASE WHEN max_value IS NULL THEN v.flag IN ('high', 'low') AND abs(v.z) >= (parameters ->> 'min_z')::numeric
				AND v.months >= (parameters ->> 'min_months')::int
			ELSE v.year_to_date > max_value AND v.flag <> 'few' END
	)
	SELECT (medaudit.run_group(
		key => f.indicator || '@' || to_char(f.month, 'YYYY-MM'),
		facility_id => f.subject_id,
		-- what is more than the peers' middle, or than agreed, where it is money
		involved_amount => coalesce(CASE WHEN f.unit = 'share' THEN greatest(round(f.numerator - coalesce(max_value, f.peer_median) * f.denominator, 2), 0) END, 0),
		score => CASE WHEN max_value IS NULL THEN abs(f.z) END,
		judged_on => f.to_date - 1,
		evidence => jsonb_strip_nulls(jsonb_build_object('indicator', f.indicator, 'indicator_zh', f.indicator_zh, 'indicator_en', coalesce(f.name_en, f.indicator),
			'month', to_char(f.month, 'YYYY-MM'), 'month_zh', to_char(f.month, 'YYYY年FMMM月'), 'numerator', trim_scale(f.numerator),
			'denominator', trim_scale(f.denominator), 'value', trim_scale(round(f.value, 4)), 'value_zh', medaudit._indicator_text(f.value, f.unit),
			'peers', f.peers, 'peer_median', trim_scale(round(f.peer_median, 4)), 'peer_low', trim_scale(round(f.peer_low, 4)),
			'peer_high', trim_scale(round(f.peer_high, 4)), 'z', round(f.z, 2), 'flag', f.flag, 'months', f.months,
			'year_to_date', trim_scale(round(f.year_to_date, 4)), 'limit', max_value,
			'basis_zh', CASE WHEN max_value IS NULL THEN format('%s：同组%s家中位数%s，界限%s至%s，稳健Z值%s，近三个月有%s个月如此', f.flag_zh, f.peers,
					medaudit._indicator_text(f.peer_median, f.unit), medaudit._indicator_text(f.peer_low, f.unit), medaudit._indicator_text(f.peer_high, f.unit),
					round(f.z, 2), f.months)
				ELSE format('本年累计%s，超过%s', medaudit._indicator_text(f.year_to_date, f.unit), medaudit._indicator_text(max_value, f.unit)) END,
			'basis_en', CASE WHEN max_value IS NULL THEN format('%s: median of %s peers %s, fences %s to %s, robust z %s, so in %s of the last three months', f.flag, f.peers,
					trim_scale(round(f.peer_median, 4)), trim_scale(round(f.peer_low, 4)), trim_scale(round(f.peer_high, 4)), round(f.z, 2), f.months)
				ELSE format('%s in the year so far, above %s', trim_scale(round(f.year_to_date, 4)), max_value) END,
			'formula', format('%s / %s = %s', trim_scale(f.numerator), trim_scale(f.denominator), trim_scale(round(f.value, 6))))))).*
	FROM found AS f;
END
$$;

COMMENT ON FUNCTION _ask_indicator_outlier(bigint, text, jsonb) IS
	'指标异常: facilities, indicators and months of indicator_month flagged high or low by min_z in min_months of three, or, where max_value is set, above it in the year so far';

-- A month that was not refreshed, and an indicator that lacks its data, is not judged.
CREATE OR REPLACE PROCEDURE _run_quality_indicators(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing bigint;
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'indicator_outlier' AND r.missing IS NULL) THEN
		RETURN;
	END IF;
	SELECT count(*) INTO missing FROM medaudit._run_periods(run_no, 'month') AS p
	WHERE NOT EXISTS (SELECT FROM medaudit.indicator_month AS m WHERE m.month = p.from_date AND m.subject_kind = 'facility');
	CALL medaudit._run_note(run_no, 'visit', 'a month of which indicator_month has no row: indicators were not judged (refresh_indicators)',
		'月度指标未计算（refresh_indicators），未判断该月指标异常', missing);
END
$$;

COMMENT ON PROCEDURE _run_quality_indicators(bigint) IS
	'指标数据质量: counts the months of a run that refresh_indicators() has not made, where a run asks for indicators';
