-- Whether it happens again: what an institution was told to put right against what runs
-- found of it before and since; and who else should be told.
--
-- A finding recurs that belongs to a day on or after the acceptance.  Cost: of the
-- worklist, a look into a small table, by an index, for each row that is shown.

CREATE OR REPLACE FUNCTION _fold_facility() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	NEW.facility_id := medaudit.code_fold(NEW.facility_id);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _fold_facility() IS
	'机构编号归一: trigger of rectification; the number of a facility is kept as runs read it';

CREATE OR REPLACE TRIGGER fold_facility BEFORE INSERT OR UPDATE ON rectification
	FOR EACH ROW EXECUTE FUNCTION _fold_facility();

CREATE OR REPLACE FUNCTION _recurs(facility_id text, rule_code text, judged_on date) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM medaudit.rectification AS p WHERE p.facility_id = _recurs.facility_id
		AND _recurs.rule_code = ANY (p.rule_codes) AND _recurs.judged_on >= p.accepted_on);

COMMENT ON FUNCTION _recurs(text, text, date) IS
	'是否再次发生: whether a facility was told to put right what a rule finds, and it was accepted, before a day or on it; never NULL';

-- Days that nobody judged say nothing.
CREATE OR REPLACE FUNCTION _judged_months(rule_code text, from_date date, to_date date) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT greatest(coalesce(sum(upper(d.days) - lower(d.days)), 0) / 30.4375, 1)
		FROM (SELECT range_agg(daterange(n.from_date, n.to_date)) AS days FROM medaudit.run AS n
			WHERE n.scope = 'period' AND n.state = 'done' AND (n.rules IS NULL OR _judged_months.rule_code = ANY (n.rules))) AS j
		CROSS JOIN LATERAL unnest(j.days * datemultirange(daterange(_judged_months.from_date, _judged_months.to_date))) AS d (days));

COMMENT ON FUNCTION _judged_months(text, date, date) IS
	'已稽核月数: months of a time whose days some run that is done has asked a rule of, at least 1';

CREATE OR REPLACE VIEW recurrence WITH (security_invoker = true) AS
SELECT r.rectification_id, r.facility_id, f.facility_name, c.rule_code, r.accepted_on,
	(f.before / medaudit._judged_months(c.rule_code, r.accepted_on - 365, r.accepted_on))::numeric(14,2) AS before_per_month,
	(f.after / medaudit._judged_months(c.rule_code, r.accepted_on, NULL))::numeric(14,2) AS after_per_month,
	f.after AS findings_after, f.money_after, coalesce(f.rule_name, n.name_zh) AS rule_name
FROM medaudit.rectification AS r
CROSS JOIN LATERAL (SELECT DISTINCT u.rule_code FROM unnest(r.rule_codes) AS u (rule_code)) AS c
LEFT JOIN medaudit.rule AS n ON n.rule_code = c.rule_code
CROSS JOIN LATERAL (
	SELECT max(i.facility_name) AS facility_name, max(i.rule_name) AS rule_name, count(*) FILTER (WHERE i.judged_on < r.accepted_on AND i.judged_on >= r.accepted_on - 365) AS before,
		count(*) FILTER (WHERE i.judged_on >= r.accepted_on) AS after,
		coalesce(sum(i.gross_amount) FILTER (WHERE i.judged_on >= r.accepted_on), 0)::numeric(14,2) AS money_after
	FROM medaudit.finding AS i
	WHERE i.facility_id = r.facility_id AND i.rule_code = c.rule_code AND medaudit._counts(i.state, i.confirmed_claimed)
) AS f
WHERE r.accepted_on IS NOT NULL;

COMMENT ON VIEW recurrence IS
	'再次发生: per accepted rectification and rule how many standing findings the facility had a month in the year before, and has since';
COMMENT ON COLUMN recurrence.rectification_id IS '整改编号';
COMMENT ON COLUMN recurrence.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN recurrence.facility_name IS '定点医药机构名称: NULL: no finding has it';
COMMENT ON COLUMN recurrence.rule_code IS '规则编号';
COMMENT ON COLUMN recurrence.accepted_on IS '验收日期';
COMMENT ON COLUMN recurrence.before_per_month IS '整改前月均: findings a month of those of the 365 days before that runs have judged by the rule, at least one month';
COMMENT ON COLUMN recurrence.after_per_month IS '整改后月均: findings a month of the days since that runs have judged by the rule, at least one month';
COMMENT ON COLUMN recurrence.findings_after IS '整改后疑点数';
COMMENT ON COLUMN recurrence.money_after IS '整改后金额: yuan, gross';
COMMENT ON COLUMN recurrence.rule_name IS '规则名称: as findings have it, else of the rule';

CREATE OR REPLACE FUNCTION _confirmed_elsewhere(since date) RETURNS TABLE (rule_code text, facility_id text, facility_name text,
		findings bigint, confirmed_claimed numeric, last_on date, rule_name text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
	SELECT f.rule_code, f.facility_id, max(f.facility_name), count(*),
		sum(coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount))::numeric(14,2), max(f.judged_on), max(f.rule_name)
	FROM medaudit.finding AS f
	WHERE f.state = ANY (medaudit._decided_states()) AND coalesce(f.confirmed_claimed > 0::numeric, true) AND f.facility_id IS NOT NULL
		AND (since IS NULL OR f.judged_on >= since)
		AND NOT EXISTS (SELECT FROM medaudit.rectification AS r WHERE r.facility_id = f.facility_id AND f.rule_code = ANY (r.rule_codes))
	GROUP BY f.rule_code, f.facility_id;
END;

COMMENT ON FUNCTION _confirmed_elsewhere(date) IS
	'同类机构: facilities with confirmed findings of a rule, judged since a day (NULL: ever), that were told to put nothing right about it';

CREATE OR REPLACE VIEW similar_facilities WITH (security_invoker = true) AS
SELECT s.rule_code, s.facility_id, s.facility_name, s.findings, s.confirmed_claimed::numeric(14,2) AS confirmed_claimed, s.last_on, s.rule_name
FROM medaudit._confirmed_elsewhere(NULL) AS s;

COMMENT ON VIEW similar_facilities IS
	'举一反三: per rule the facilities with confirmed findings that were told to put nothing right about it';
COMMENT ON COLUMN similar_facilities.rule_code IS '规则编号';
COMMENT ON COLUMN similar_facilities.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN similar_facilities.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN similar_facilities.findings IS '认定疑点数: with money left';
COMMENT ON COLUMN similar_facilities.confirmed_claimed IS '认定金额: yuan';
COMMENT ON COLUMN similar_facilities.last_on IS '最近归属日期';
COMMENT ON COLUMN similar_facilities.rule_name IS '规则名称';

CREATE OR REPLACE FUNCTION similar_facilities(rule_code text, since date DEFAULT NULL) RETURNS TABLE (facility_id text, facility_name text,
		findings bigint, confirmed_claimed numeric, last_on date)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT s.facility_id, s.facility_name, s.findings, s.confirmed_claimed, s.last_on
	FROM medaudit._confirmed_elsewhere(similar_facilities.since) AS s
	WHERE s.rule_code = similar_facilities.rule_code
	ORDER BY s.confirmed_claimed DESC NULLS LAST, s.facility_id;
END;

COMMENT ON FUNCTION similar_facilities(text, date) IS
	'举一反三: facilities with confirmed findings of a rule (judged since a day; NULL: ever) that were told to put nothing right about it, those with the most money first; no rows for an unknown rule or NULL';
