-- How much of the costs in scope the three layers of cover pay, each and together (三重保障):
-- the basic insurance, the insurance of serious illness, medical aid.  By region and class,
-- for the whole is well covered where the poor are not.
--
-- Sums over settlements, each on its own day, a refund on its own: months add up to the
-- year.  What is not bound is not known, and stays NULL; a layer of which no settlement of a
-- period says anything was not sent, and is NULL for that period; where others of the period
-- say it, NULL is nothing paid.  A settlement that does not say what was in scope, or what
-- the basic insurance paid, is left out of numerator and denominator, and counted.
--
-- Cost: a pass over the settlements, a hash of the register, a sort by group and visit.

CREATE OR REPLACE FUNCTION _check_cover_period(from_date date, to_date date, period text) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF period IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'period');
	ELSIF period NOT IN ('month', 'quarter', 'year', 'whole') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('period must be month, quarter, year or whole'),
			DETAIL = format(medaudit._say('It would be %s.'), period);
	END IF;
	PERFORM medaudit._check_period(from_date, to_date), medaudit.check_bound('visit');
END
$$;

COMMENT ON FUNCTION _check_cover_period(date, date, text) IS
	'检查保障期间: 22004, 22023 or 55000 for what threefold_cover() cannot answer';

-- Settlements with the layer sums of a visit in a period: what adds up to nothing was taken
-- back, and is no visit.
CREATE OR REPLACE FUNCTION _cover_visits(from_date date, to_date date, period text) RETURNS TABLE (period_from date, person_id text, visit_id text,
	insurance_type text, left_out bigint, total numeric, scope numeric, basic numeric, serious_illness numeric, aid numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH settlement AS MATERIALIZED (
			SELECT DISTINCT v.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			WHERE v.visit_id IS NOT NULL AND coalesce(v.settled_at, v.discharged_at) >= $1 AND coalesce(v.settled_at, v.discharged_at) < $2
		)
		SELECT s.period_from, min(s.person_id), s.visit_id, min(s.insurance_type), count(*) FILTER (WHERE NOT s.known), sum(s.total_amount),
			sum(s.scope_amount) FILTER (WHERE s.known), sum(s.basic_amount) FILTER (WHERE s.known),
			sum(s.serious_illness_amount) FILTER (WHERE s.known), sum(s.aid_amount) FILTER (WHERE s.known)
		FROM (
			SELECT i.*, CASE WHEN $3 = 'whole' THEN $1 ELSE greatest($1, date_trunc($3, coalesce(i.settled_at, i.discharged_at))::date) END AS period_from,
				(i.scope_amount IS NOT NULL OR NOT $4) AND (i.basic_amount IS NOT NULL OR NOT $5) AS known
			FROM settlement AS i
		) AS s
		GROUP BY s.period_from, s.visit_id$sql$,
		medaudit._bound_list('visit'))
	USING from_date, to_date, period, medaudit._is_bound('visit', 'scope_amount'), medaudit._is_bound('visit', 'basic_amount');
END
$$;

COMMENT ON FUNCTION _cover_visits(date, date, text) IS
	'保障结算: by part of a period and visit what its settlements add up to: all costs, and, of those that say what was in scope and what the basic insurance paid, the cost in scope and what each layer paid; left_out: how many do not say it';

CREATE OR REPLACE FUNCTION threefold_cover(from_date date, to_date date, period text DEFAULT 'year', by text[] DEFAULT '{region,person_class,aid_class}')
	RETURNS TABLE (period_from date, period_to date, region text, insurance_type text, person_class text, aid_class text, persons bigint, visits bigint,
	left_out bigint, total_amount numeric, scope_amount numeric, basic_amount numeric, serious_illness_amount numeric, aid_amount numeric,
	threefold_amount numeric, basic_share numeric, serious_illness_share numeric, aid_share numeric, threefold_share numeric, actual_share numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	step interval := CASE period WHEN 'month' THEN interval '1 month' WHEN 'quarter' THEN interval '3 months' WHEN 'year' THEN interval '1 year' END;
BEGIN
	PERFORM medaudit._check_cover_period(threefold_cover.from_date, threefold_cover.to_date, period), medaudit._check_divisions(by);
	RETURN QUERY
	WITH visit AS MATERIALIZED (
		SELECT v.* FROM medaudit._cover_visits(threefold_cover.from_date, threefold_cover.to_date, period) AS v
	), sent AS (
		SELECT v.period_from, count(v.basic) > 0 AS basic, count(v.serious_illness) > 0 AS serious_illness, count(v.aid) > 0 AS aid
		FROM visit AS v GROUP BY v.period_from
	), summed AS (
		SELECT v.period_from, g.*, count(DISTINCT coalesce(p.people_id, v.person_id)) FILTER (WHERE v.total IS DISTINCT FROM 0) AS persons,
			count(*) FILTER (WHERE v.total IS DISTINCT FROM 0) AS visits, sum(v.left_out)::bigint AS left_out, sum(v.total) AS total, sum(v.scope) AS scope,
			sum(v.basic) AS basic, sum(v.serious_illness) AS serious_illness, sum(v.aid) AS aid
		FROM visit AS v
		LEFT JOIN medaudit._bound_people() AS p ON p.person_id = v.person_id
		CROSS JOIN LATERAL (SELECT CASE WHEN 'region' = ANY (by) THEN p.region END AS region,
			CASE WHEN 'insurance_type' = ANY (by) THEN coalesce(v.insurance_type, p.insurance_type) END AS insurance_type,
			CASE WHEN 'person_class' = ANY (by) THEN p.person_class END AS person_class,
			CASE WHEN 'aid_class' = ANY (by) THEN p.aid_class END AS aid_class) AS g
		GROUP BY v.period_from, g.region, g.insurance_type, g.person_class, g.aid_class
	), known AS (
		SELECT s.*, CASE WHEN n.basic THEN coalesce(s.basic, 0) END AS basic_paid, CASE WHEN n.serious_illness THEN coalesce(s.serious_illness, 0) END AS serious_paid,
			CASE WHEN n.aid THEN coalesce(s.aid, 0) END AS aid_paid, CASE WHEN s.scope > 0 THEN s.scope END AS base
		FROM summed AS s JOIN sent AS n ON n.period_from = s.period_from
	)
	SELECT k.period_from, coalesce(least(threefold_cover.to_date, (date_trunc(period, k.period_from::timestamp) + step)::date), threefold_cover.to_date),
		k.region, k.insurance_type, k.person_class, k.aid_class, k.persons, k.visits, k.left_out, round(k.total, 2), round(k.scope, 2),
		round(k.basic_paid, 2), round(k.serious_paid, 2), round(k.aid_paid, 2), round(t.paid, 2), round(k.basic_paid / k.base, 6),
		round(k.serious_paid / k.base, 6), round(k.aid_paid / k.base, 6), round(t.paid / k.base, 6),
		-- what is left out would be in one of the two only
		CASE WHEN k.left_out = 0 AND k.total > 0 THEN round(t.paid / k.total, 6) END
	FROM known AS k
	CROSS JOIN LATERAL (SELECT k.basic_paid + k.serious_paid + k.aid_paid AS paid) AS t
	ORDER BY k.period_from, k.region COLLATE "C", k.insurance_type COLLATE "C", k.person_class COLLATE "C", k.aid_class COLLATE "C";
END
$$;

COMMENT ON FUNCTION threefold_cover(date, date, text, text[]) IS
	'三重保障: what the basic insurance, the insurance of serious illness and medical aid paid of the costs in scope that were settled (else discharged) in [from_date, to_date), by part of it (period: month, quarter, year or whole), region and class (by): sums in yuan, each layer and all three ÷ scope_amount, and all three ÷ total_amount (actual_share). A layer that is not bound, or of which no settlement of the part says anything, is NULL, and so is what rests on it; settlements that do not say what was in scope or what the basic insurance paid are left out of these sums and counted, and actual_share is NULL with them. NULL arguments are 22004, dates that are no period, another period and divisions that are none 22023; 55000 where visit is not bound';

-- Two calendar years up to the last month in which something was settled.
CREATE OR REPLACE FUNCTION _cover_time() RETURNS TABLE (from_date date, to_date date)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('visit', 'visit_id') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('visit');
	RETURN QUERY EXECUTE format($sql$
		SELECT (date_trunc('year', l.at) - interval '1 year')::date, (date_trunc('month', l.at) + interval '1 month')::date
		FROM (SELECT max(coalesce(v.settled_at, v.discharged_at)) AS at FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			-- what lies in the future was read wrongly
			WHERE coalesce(v.settled_at, v.discharged_at) < current_date + 1) AS l
		WHERE l.at >= '1902-01-01'$sql$, medaudit._bound_list('visit', '{settled_at,discharged_at}'));
END
$$;

COMMENT ON FUNCTION _cover_time() IS
	'保障统计时间: from 1 January of the year before the last settlement to the end of its month; no row where visit is not bound or nothing was settled';

CREATE OR REPLACE VIEW threefold_cover WITH (security_invoker = true) AS
SELECT t.period_from AS from_date, t.period_to AS to_date, t.region, t.insurance_type, t.person_class, t.aid_class, t.persons, t.visits, t.left_out,
	t.total_amount::numeric(14,2) AS total_amount, t.scope_amount::numeric(14,2) AS scope_amount, t.basic_amount::numeric(14,2) AS basic_amount,
	t.serious_illness_amount::numeric(14,2) AS serious_illness_amount, t.aid_amount::numeric(14,2) AS aid_amount,
	t.threefold_amount::numeric(14,2) AS threefold_amount, t.basic_share::numeric(12,6) AS basic_share,
	t.serious_illness_share::numeric(12,6) AS serious_illness_share, t.aid_share::numeric(12,6) AS aid_share,
	t.threefold_share::numeric(12,6) AS threefold_share, t.actual_share::numeric(12,6) AS actual_share
FROM _cover_time() AS c
CROSS JOIN LATERAL threefold_cover(c.from_date, c.to_date, 'year', '{region,insurance_type,person_class,aid_class}') AS t;

COMMENT ON VIEW threefold_cover IS
	'三重保障: threefold_cover() of the year in which something was settled last, up to the end of that month, and of the year before, by region, insurance and class; empty where visit is not bound';
COMMENT ON COLUMN threefold_cover.from_date IS '开始日期: first day';
COMMENT ON COLUMN threefold_cover.to_date IS '结束日期: day after the last';
COMMENT ON COLUMN threefold_cover.region IS '参保区划: of the person, by the register; NULL: not known';
COMMENT ON COLUMN threefold_cover.insurance_type IS '险种类型: of the visit, else of the person';
COMMENT ON COLUMN threefold_cover.person_class IS '人员类别: by the register';
COMMENT ON COLUMN threefold_cover.aid_class IS '人员身份类别: by the register; NULL: nobody for whom medical aid is';
COMMENT ON COLUMN threefold_cover.persons IS '人数: people with one of the visits';
COMMENT ON COLUMN threefold_cover.visits IS '就诊数: whose settlements do not add up to nothing';
COMMENT ON COLUMN threefold_cover.left_out IS '未计入结算数: settlements that do not say what was in scope, or what the basic insurance paid';
COMMENT ON COLUMN threefold_cover.total_amount IS '医疗费总额: yuan, of all settlements';
COMMENT ON COLUMN threefold_cover.scope_amount IS '政策范围内费用: yuan, the denominator of the shares; NULL: not bound';
COMMENT ON COLUMN threefold_cover.basic_amount IS '基本医保支付: yuan; NULL: not bound, or not sent';
COMMENT ON COLUMN threefold_cover.serious_illness_amount IS '大病保险支付: yuan; NULL: not bound, or not sent';
COMMENT ON COLUMN threefold_cover.aid_amount IS '医疗救助支付: yuan; NULL: not bound, or not sent';
COMMENT ON COLUMN threefold_cover.threefold_amount IS '三重保障支付: yuan, of the three together; NULL: one of them is not known';
COMMENT ON COLUMN threefold_cover.basic_share IS '基本医保支付比例: of the costs in scope';
COMMENT ON COLUMN threefold_cover.serious_illness_share IS '大病保险支付比例: of the costs in scope';
COMMENT ON COLUMN threefold_cover.aid_share IS '医疗救助支付比例: of the costs in scope';
COMMENT ON COLUMN threefold_cover.threefold_share IS '政策范围内综合支付比例: the three together, of the costs in scope; NULL: one of them is not known';
COMMENT ON COLUMN threefold_cover.actual_share IS '实际支付比例: the three together, of all costs; NULL: one of them is not known, or settlements were left out';
