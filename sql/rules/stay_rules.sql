-- Rules over stays with their thresholds as columns.

CREATE OR REPLACE VIEW stay_rule WITH (security_invoker = true) AS
SELECT r.rule_code, p.max_gap_days, p.same_facility, p.diagnosis_digits, p.min_nights, p.admit_within_days,
	p.discharge_within_days, p.min_people, p.max_people, p.min_times_of_two, p.period_days, p.min_stays, p.min_days,
	p.weeks, p.min_excess, p.min_ratio, p.max_p, p.tolerance_rel, p.tolerance_abs, p.min_alike, p.min_share,
	p.within_days, p.min_times, p.min_idle_share, p.min_idle_run, p.min_exam_share, p.max_stay_nights, p.min_age,
	p.max_age, nullif(p.at_facility, 'both') AS at_facility, p.exclude_tags, p.exclude_later_tags, r.shipped
FROM rule AS r
JOIN rule_kind AS k ON k.kind = r.kind AND k.book = 'stays' AND k.shipped
CROSS JOIN LATERAL jsonb_to_record(_rule_parameters(r.rule_code)) AS p (
	max_gap_days int, same_facility bool, diagnosis_digits int, min_nights int, admit_within_days int,
	discharge_within_days int, min_people int, max_people int, min_times_of_two int, period_days int, min_stays int,
	min_days int, weeks int, min_excess int, min_ratio float8, max_p float8, tolerance_rel numeric,
	tolerance_abs numeric, min_alike int, min_share float8, within_days int, min_times int, min_idle_share float8,
	min_idle_run int, min_exam_share numeric, max_stay_nights int, min_age int, max_age int, at_facility text,
	exclude_tags text[], exclude_later_tags text[]);

COMMENT ON VIEW stay_rule IS
	'住院规则参数: thresholds of the rules over stays, one column for each, NULL where the kind of the rule does not take it; their meanings stand in rule_parameters';

GRANT SELECT ON stay_rule TO PUBLIC;

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_tag
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON visit_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();
