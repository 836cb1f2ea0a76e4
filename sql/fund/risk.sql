-- How great a risk is (风险等级), and what open findings say of a facility (风险画像).
--
-- A profile is a measure without a verdict: the chance that at least one of the rules that
-- found something at a facility is right there, as often as people have confirmed that
-- rule, at facilities of its kind where some were judged, else anywhere, and taking rules
-- for independent (noisy or).  A rule about which nobody has decided yet says nothing, and
-- is counted apart.
--
-- Cost: the view reads all open and all decided findings once.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON risk_cell
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION _risk_cells() RETURNS TABLE (likelihood int, impact int, level text, height int)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 25
BEGIN ATOMIC
	SELECT DISTINCT ON (c.likelihood, c.impact) c.likelihood, c.impact, c.level, array_position('{low,medium,high,extreme}', c.level)
	FROM medaudit.risk_cell AS c
	ORDER BY c.likelihood, c.impact, c.shipped;
END;

COMMENT ON FUNCTION _risk_cells() IS
	'有效风险矩阵: the cells that hold, each once, and how high their level is, 1 to 4';

CREATE OR REPLACE FUNCTION _check_risk_cells() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong record;
BEGIN
	IF medaudit._restoring() THEN
		RETURN NULL;
	END IF;
	SELECT l.likelihood, l.impact, l.level, m.likelihood AS more_likelihood, m.impact AS more_impact, m.level AS more_level INTO wrong
	FROM medaudit._risk_cells() AS l
	JOIN medaudit._risk_cells() AS m ON m.likelihood >= l.likelihood AND m.impact >= l.impact AND m.height < l.height
	ORDER BY l.likelihood, l.impact, m.likelihood, m.impact LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '23514', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = medaudit._say('more likelihood or impact cannot be less of a risk'),
			DETAIL = format(medaudit._say('%s × %s would be %s, and %s × %s %s.'), wrong.likelihood, wrong.impact, wrong.level,
				wrong.more_likelihood, wrong.more_impact, wrong.more_level),
			HINT = medaudit._say('Change the cells together, in one statement.');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_risk_cells() IS
	'检查风险矩阵: trigger of risk_cell; 23514 where more likelihood or impact would be less of a risk';

CREATE OR REPLACE TRIGGER check_cells AFTER INSERT OR UPDATE OR DELETE ON risk_cell
	FOR EACH STATEMENT EXECUTE FUNCTION _check_risk_cells();

CREATE OR REPLACE FUNCTION risk_level(likelihood int, impact int) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(likelihood, impact) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), CASE WHEN likelihood IS NULL THEN 'likelihood' ELSE 'impact' END);
	ELSIF likelihood NOT BETWEEN 1 AND 5 OR impact NOT BETWEEN 1 AND 5 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('likelihood and impact are between 1 and 5'),
			DETAIL = format(medaudit._say('They are %s and %s.'), likelihood, impact);
	END IF;
	RETURN (SELECT c.level FROM medaudit._risk_cells() AS c WHERE c.likelihood = risk_level.likelihood AND c.impact = risk_level.impact);
END
$$;

COMMENT ON FUNCTION risk_level(int, int) IS
	'风险等级: low, medium, high or extreme, by risk_cell, of a likelihood and an impact from 1 to 5; others are 22023, NULL 22004';

CREATE OR REPLACE VIEW risk_profile WITH (security_invoker = true) AS
WITH class AS MATERIALIZED (
	SELECT c.facility_id, c.kind, c.ownership, c.rank FROM medaudit._bound_facilities() AS c
), found AS (
	SELECT f.facility_id, f.rule_code, max(f.facility_name) AS facility_name, count(*) AS findings
	FROM medaudit.finding AS f
	WHERE f.state = ANY (medaudit._listed_states()) AND f.facility_id IS NOT NULL
	GROUP BY f.facility_id, f.rule_code
), judged AS MATERIALIZED (
	SELECT d.rule_code, c.kind, grouping(c.kind) AS of_all, count(*) FILTER (WHERE d.confirmed)::float8 / count(*) AS rate
	FROM medaudit._decided() AS d
	LEFT JOIN class AS c ON c.facility_id = d.facility_id
	GROUP BY GROUPING SETS ((d.rule_code, c.kind), (d.rule_code))
), profile AS (
	SELECT f.facility_id, max(f.facility_name) AS facility_name, min(c.kind) AS facility_kind, min(c.ownership) AS ownership, min(c.rank) AS rank,
		sum(f.findings)::bigint AS findings, count(*) AS rules, count(p.rate) AS rules_judged,
		round((1 - medaudit.product(1 - p.rate))::numeric, 4)::float8 AS risk
	FROM found AS f
	LEFT JOIN class AS c ON c.facility_id = f.facility_id
	LEFT JOIN judged AS a ON a.rule_code = f.rule_code AND a.of_all = 1
	LEFT JOIN judged AS k ON k.rule_code = f.rule_code AND k.of_all = 0 AND k.kind = c.kind
	CROSS JOIN LATERAL (SELECT coalesce(k.rate, a.rate) AS rate) AS p
	GROUP BY f.facility_id
)
SELECT p.facility_id, p.facility_name, p.facility_kind, p.ownership, p.rank AS facility_rank, p.findings, p.rules, p.rules_judged, p.risk,
	rank() OVER (PARTITION BY p.facility_kind ORDER BY p.risk DESC NULLS LAST) AS place,
	m.claimed_once::numeric(14,2) AS claimed_once, m.fund_once::numeric(14,2) AS fund_once, m.involved_amount::numeric(14,2) AS involved_amount
FROM profile AS p
CROSS JOIN LATERAL (
	SELECT sum(r.claimed_once) AS claimed_once, sum(r.fund_once) AS fund_once, sum(r.involved_amount) AS involved_amount
	FROM medaudit.ranked_line AS r WHERE r.facility_id = p.facility_id AND r.rank IS NOT NULL
) AS m;

COMMENT ON VIEW risk_profile IS
	'机构风险画像: per facility the chance that at least one rule with open findings is right there: 1 - product of (1 - p) over its rules, p how often people have confirmed the rule (at facilities of the kind, else anywhere); a measure, no verdict';
COMMENT ON COLUMN risk_profile.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN risk_profile.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN risk_profile.facility_kind IS '机构类型: as bound; NULL: not known';
COMMENT ON COLUMN risk_profile.ownership IS '经济类型: as bound; NULL: not known';
COMMENT ON COLUMN risk_profile.facility_rank IS '机构等级: as bound; NULL: not known';
COMMENT ON COLUMN risk_profile.findings IS '待核查疑点数';
COMMENT ON COLUMN risk_profile.rules IS '规则数: with open findings';
COMMENT ON COLUMN risk_profile.rules_judged IS '有准确率规则数: about which people have decided anything; the others say nothing';
COMMENT ON COLUMN risk_profile.risk IS '风险概率: 0 to 1; NULL: nobody has decided about any of its rules';
COMMENT ON COLUMN risk_profile.place IS '同类位次: among facilities of its kind, 1 the greatest risk';
COMMENT ON COLUMN risk_profile.claimed_once IS '去重金额(符合范围): yuan of its rows of the worklist';
COMMENT ON COLUMN risk_profile.fund_once IS '去重金额(基金): yuan of its rows of the worklist';
COMMENT ON COLUMN risk_profile.involved_amount IS '涉及金额: yuan of its patterns; never to be added to money in excess';
