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

CREATE OR REPLACE VIEW recurrence WITH (security_invoker = true) AS
SELECT r.rectification_id, r.facility_id, max(f.facility_name) AS facility_name, c.rule_code, r.accepted_on,
	round(count(*) FILTER (WHERE f.judged_on >= r.accepted_on - 365 AND f.judged_on < r.accepted_on)::numeric / 12, 2) AS before_per_month,
	round(count(*) FILTER (WHERE f.judged_on >= r.accepted_on)::numeric
		/ greatest((coalesce((SELECT max(n.to_date) FROM medaudit.run AS n WHERE n.scope = 'period' AND n.state = 'done'), r.accepted_on) - r.accepted_on) / 30.4375, 1), 2)
		AS after_per_month,
	count(*) FILTER (WHERE f.judged_on >= r.accepted_on) AS findings_after,
	coalesce(sum(f.gross_amount) FILTER (WHERE f.judged_on >= r.accepted_on), 0)::numeric(14,2) AS money_after
FROM medaudit.rectification AS r
CROSS JOIN LATERAL (SELECT DISTINCT u.rule_code FROM unnest(r.rule_codes) AS u (rule_code)) AS c
LEFT JOIN medaudit.finding AS f ON f.facility_id = r.facility_id AND f.rule_code = c.rule_code
	AND medaudit._counts(f.state, f.confirmed_claimed)
WHERE r.accepted_on IS NOT NULL
GROUP BY r.rectification_id, r.facility_id, c.rule_code, r.accepted_on;

COMMENT ON VIEW recurrence IS
	'再次发生: per accepted rectification and rule how many standing findings the facility had a month in the year before, and has since';
COMMENT ON COLUMN recurrence.rectification_id IS '整改编号';
COMMENT ON COLUMN recurrence.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN recurrence.facility_name IS '定点医药机构名称: NULL: no finding has it';
COMMENT ON COLUMN recurrence.rule_code IS '规则编号';
COMMENT ON COLUMN recurrence.accepted_on IS '验收日期';
COMMENT ON COLUMN recurrence.before_per_month IS '整改前月均: findings a month in the 365 days before';
COMMENT ON COLUMN recurrence.after_per_month IS '整改后月均: findings a month since, up to the last day of the runs that are done, at least one month';
COMMENT ON COLUMN recurrence.findings_after IS '整改后疑点数';
COMMENT ON COLUMN recurrence.money_after IS '整改后金额: yuan, gross';

CREATE OR REPLACE FUNCTION similar_facilities(rule_code text, since date DEFAULT NULL) RETURNS TABLE (facility_id text, facility_name text,
		findings bigint, confirmed_claimed numeric, last_on date)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT f.facility_id, max(f.facility_name), count(*),
		sum(coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount))::numeric(14,2), max(f.judged_on)
	FROM medaudit.finding AS f
	WHERE f.rule_code = similar_facilities.rule_code AND f.state IN ('reviewed', 'issued', 'appealed', 'settled')
		AND medaudit._counts(f.state, f.confirmed_claimed) AND f.facility_id IS NOT NULL
		AND (similar_facilities.since IS NULL OR f.judged_on >= similar_facilities.since)
		AND NOT EXISTS (SELECT FROM medaudit.rectification AS r
			WHERE r.facility_id = f.facility_id AND similar_facilities.rule_code = ANY (r.rule_codes))
	GROUP BY f.facility_id
	ORDER BY 4 DESC NULLS LAST, 1;
END;

COMMENT ON FUNCTION similar_facilities(text, date) IS
	'举一反三: facilities with confirmed findings of a rule (judged since a day; NULL: ever) that were told to put nothing right about it, those with the most money first; no rows for an unknown rule or NULL';
