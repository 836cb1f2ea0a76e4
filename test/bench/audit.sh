# The rows of test/bench/run on charge rules: 900 exclusive pairs, 70 daily
# caps and 14 periods, from lines and from stored ledgers, against gathering
# and against plain SQL for the same.  Sourced by test/bench/run.

make_rules()
{
	sql <<'SQL' || fail "the rules could not be compiled"
CREATE TABLE rules AS
SELECT jsonb_agg(rule)::medaudit.rulebook AS rules
FROM (
	SELECT jsonb_build_object('rule_code', 'pair', 'kind', 'exclusive',
		'name_zh', '重复收费', 'item_code', main_code, 'other_code', other_code,
		'scope', scope) AS rule
	FROM exclusive_pair
	UNION ALL
	SELECT jsonb_build_object('rule_code', 'cap', 'kind', 'quantity',
		'name_zh', '超量收费', 'item_code', item_code, 'scope', 'day',
		'max_quantity', cap)
	FROM daily_cap
	UNION ALL
	SELECT jsonb_build_object('rule_code', 'period', 'kind', 'quantity',
		'name_zh', '超频次收费', 'item_code', item_code, 'scope', days || ' days',
		'max_quantity', cap)
	FROM period_cap) r;
CREATE TABLE rule_item AS
SELECT main_code AS item_code FROM exclusive_pair
UNION SELECT other_code FROM exclusive_pair
UNION SELECT item_code FROM daily_cap
UNION SELECT item_code FROM period_cap;
ANALYZE;
SQL
}

# The honest alternative: refunds net by the sum, only the items of the rules
# are looked at, each pair is joined by what its scope makes equal.
plain_sql="WITH charged AS MATERIALIZED (
	SELECT visit_id, item_code, charged_at, sum(quantity) AS quantity,
		sum(amount) AS amount
	FROM line WHERE item_code IN (SELECT item_code FROM rule_item)
	GROUP BY visit_id, item_code, charged_at HAVING sum(quantity) > 0
), beside AS (
	SELECT o.visit_id, o.item_code, o.charged_at, o.amount
	FROM exclusive_pair p
	JOIN (SELECT DISTINCT visit_id, item_code FROM charged) m
		ON p.scope = 'visit' AND m.item_code = p.main_code
	JOIN charged o ON o.visit_id = m.visit_id AND o.item_code = p.other_code
	UNION
	SELECT o.visit_id, o.item_code, o.charged_at, o.amount
	FROM exclusive_pair p
	JOIN (SELECT DISTINCT visit_id, item_code, charged_at::date AS day FROM charged) m
		ON p.scope = 'day' AND m.item_code = p.main_code
	JOIN charged o ON o.visit_id = m.visit_id AND o.item_code = p.other_code
		AND o.charged_at::date = m.day
	UNION
	SELECT o.visit_id, o.item_code, o.charged_at, o.amount
	FROM exclusive_pair p
	JOIN charged m ON p.scope IN ('hour', '6 hours') AND m.item_code = p.main_code
	JOIN charged o ON o.visit_id = m.visit_id AND o.item_code = p.other_code
		AND CASE p.scope WHEN 'hour'
			THEN date_trunc('hour', o.charged_at) = date_trunc('hour', m.charged_at)
			ELSE o.charged_at BETWEEN m.charged_at - interval '6 hours'
				AND m.charged_at + interval '6 hours' END
), capped AS (
	SELECT greatest(sum(quantity) - cap, 0) AS excess
	FROM charged JOIN daily_cap USING (item_code)
	GROUP BY visit_id, item_code, charged_at::date, cap
), windowed AS (
	SELECT cap, CASE days WHEN 7 THEN sum(quantity) OVER seven
		WHEN 14 THEN sum(quantity) OVER fourteen
		ELSE sum(quantity) OVER fifteen END AS in_window
	FROM charged JOIN period_cap USING (item_code)
	WINDOW dated AS (PARTITION BY visit_id, item_code ORDER BY charged_at::date),
		seven AS (dated RANGE BETWEEN interval '6 days' PRECEDING AND CURRENT ROW),
		fourteen AS (dated RANGE BETWEEN interval '13 days' PRECEDING AND CURRENT ROW),
		fifteen AS (dated RANGE BETWEEN interval '14 days' PRECEDING AND CURRENT ROW)
)
SELECT (SELECT count(*) FROM beside), (SELECT sum(amount) FROM beside),
	(SELECT trim_scale(sum(excess)) FROM capped),
	(SELECT count(*) FROM windowed WHERE in_window > cap)"

# What audit_charges finds, so that it can be compared.
found_by_rules="SELECT count(DISTINCT (b.visit_id, f.item_code, f.charged_at))
		FILTER (WHERE rule_code = 'pair'),
	sum(excess_quantity) FILTER (WHERE rule_code = 'cap'),
	count(*) FILTER (WHERE rule_code = 'period')
	FROM book b, medaudit.audit_charges(book, NULL::medaudit.visit_context,
		(SELECT rules FROM rules)) f
	WHERE outcome = 'excess'"

bench_audit()
{
	local excess="medaudit.excess_amount(%s, NULL::medaudit.visit_context,
		(SELECT rules FROM rules))"
	local from_book from_lines from_rule_lines

	make_rules
	progress "$(sql -c "SELECT medaudit.rule_count(rules) || ' rules of '
		|| (SELECT count(*) FROM exclusive_pair) || ' pairs, '
		|| (SELECT count(*) FROM daily_cap) || ' caps, '
		|| (SELECT count(*) FROM period_cap) || ' periods in '
		|| pg_column_size(rules) || ' bytes' FROM rules")"
	from_book="SELECT sum(x) FROM (SELECT $(printf "$excess" book) AS x
		FROM book) t"
	from_lines="SELECT sum(x) FROM (SELECT $(printf "$excess" \
		"medaudit.ledger(item_code, quantity, amount, charged_at)") AS x
		FROM line GROUP BY visit_id) t"
	from_rule_lines="SELECT sum(x) FROM (SELECT $(printf "$excess" \
		"medaudit.ledger(item_code, quantity, amount, charged_at)") AS x
		FROM line WHERE item_code IN (SELECT item_code FROM rule_item)
		GROUP BY visit_id) t"
	progress "$(sql -c "SELECT round(100.0 * count(r) / count(*)) || ' % of the lines'
		|| ' are of items of these rules'
		FROM line LEFT JOIN rule_item r USING (item_code)")"
	in_plan "$serial" "$from_lines" 'ledger('
	in_plan "$serial" "$from_book" 'excess_amount('
	measure "$serial" gather_for_audit "$ledger_per_visit" \
		audit_stored "$from_book" audit_lines "$from_lines" \
		audit_rule_lines "$from_rule_lines" \
		sum_for_audit "$sum_per_visit" findings "$found_by_rules" \
		plain "$plain_sql"
	[ "$(answer audit_stored)" = "$(answer audit_lines)" ] ||
		fail "stored ledgers and lines give different excess"
	[ "$(answer audit_rule_lines)" = "$(answer audit_lines)" ] ||
		fail "the lines of the rules' items alone give different excess"
	progress "excess $(answer audit_stored); pairs, caps, periods by rules:" \
		"$(answer findings); by plain SQL: $(answer plain)"
	compare "audit stored ledgers (\`excess_amount\`)" audit_stored \
		"gather \`ledger\`" gather_for_audit 0.3
	compare "audit stored ledgers, every finding with evidence" findings \
		"gather \`ledger\`" gather_for_audit ""
	compare "audit from the lines of the rules' items, as the plain SQL reads them" \
		audit_rule_lines "plain SQL for the same" plain 5 "at least"
	compare "audit from all lines" audit_lines "plain SQL for the same" plain \
		5 "at least"
	compare "audit from all lines" audit_lines "\`sum(amount)\` per visit" \
		sum_for_audit 4
	compare "audit stored ledgers" audit_stored "\`sum(amount)\` per visit" \
		sum_for_audit 0.8
}
