-- Herbal pieces that the fund does not pay where they stand alone (单方不予支付): a
-- prescription all of whose herbal lines are on the list of the rule, its rows of
-- charge_rule.  One herb outside the list beside them, paid by whomever, and nothing
-- is said.
--
-- Books have no prescriptions: they say, in one pass, which visits claim something of
-- the list, and only the lines of these are read once more.

-- The list, and whatever is a herb by its national code, as local codes meet them.
CREATE OR REPLACE FUNCTION _herb_rules(code text) RETURNS rulebook
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT jsonb_agg(e.entry)::medaudit.rulebook
	FROM (
		SELECT jsonb_build_object('rule_code', 'listed', 'kind', 'not_payable', 'item_code', c.item_code,
			'code_match', c.code_match, 'valid', c.valid)
		FROM medaudit.charge_rule AS c WHERE c.rule_code = code AND c.item_code <> ''
		UNION ALL SELECT '{"rule_code": "herb", "kind": "not_payable", "item_code": "T%"}'
		UNION ALL SELECT jsonb_build_object('item_code', a.item_code, 'national_code', a.national_code)
		FROM medaudit._item_aliases() AS a
	) AS e (entry)
$$;

COMMENT ON FUNCTION _herb_rules(text) IS
	'中药饮片清单: the codes of a rule over herbs (listed), the beginning of all national codes of herbs (herb), and the mapping of local codes, as a rulebook that tells which items and lines meet which';

-- The herbal lines of the judged visits that claim something of the list: who
-- prescribed them in what, whether they are on it, and what of them was claimed.  With
-- them what neither its national code nor its category tells to be something else.
CREATE OR REPLACE PROCEDURE _run_read_herbs(code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	rules medaudit.rulebook := medaudit._herb_rules(code);
BEGIN
	PERFORM medaudit._empty('herb_line', 'met');
	INSERT INTO medaudit_work.met (visit_id)
	SELECT DISTINCT g.visit_id FROM medaudit_work.gathered AS g
	WHERE g.judged AND medaudit.excess_amount(g.book, NULL::medaudit.visit_context, rules) > 0;
	IF NOT EXISTS (SELECT FROM medaudit_work.met) THEN
		RETURN;
	END IF;
	PERFORM medaudit._analyze('met');
	INSERT INTO medaudit_work.herb_line (visit_id, line_id, item_code, item_name, charged_at, quantity, amount, prescription_id,
		physician_id, listed, excess_amount, excess_claimed)
	WITH line AS MATERIALIZED (
		SELECT g.visit_id, l.line_id, l.item_code, l.charged_at, l.quantity, l.amount, l.claimed,
			-- lines alike, which have no number, are told apart
			row_number() OVER (PARTITION BY g.visit_id, l.line_id, l.item_code, l.charged_at ORDER BY l.claimed > 0 DESC NULLS LAST, l.amount) AS nth
		FROM medaudit_work.met AS m
		JOIN medaudit_work.gathered AS g ON g.visit_id = m.visit_id AND g.judged
		CROSS JOIN LATERAL medaudit.lines(g.book) AS l
		WHERE l.status IN ('kept', 'reduced')
	), kind AS MATERIALIZED (
		SELECT c.item_code, medaudit.code_kind(c.national_code) IN ('service', 'drug_western', 'drug_patent', 'material') AS no_herb
		FROM (SELECT l.item_code, medaudit.code_fold(medaudit._shown_code(l.item_code)) AS national_code FROM line AS l
			UNION SELECT a.item_code, a.national_code FROM medaudit._item_aliases() AS a) AS c
	), item AS MATERIALIZED (
		SELECT i.item_code, coalesce(m.herb, false) AS herb, coalesce(m.listed, false) AS listed,
			EXISTS (SELECT FROM kind AS k WHERE k.item_code = i.item_code AND k.no_herb) AS no_herb
		FROM (SELECT DISTINCT l.item_code FROM line AS l) AS i
		CROSS JOIN LATERAL (SELECT bool_or(k.rule_code = 'herb') AS herb, bool_or(k.rule_code = 'listed') AS listed
			FROM medaudit.rule_match(rules, ARRAY[i.item_code]) AS k WHERE k.items_matched > 0) AS m
	), hit AS MATERIALIZED (
		SELECT g.visit_id, h.line_id, h.item_code, h.charged_at, h.excess_amount, h.excess_claimed,
			row_number() OVER (PARTITION BY g.visit_id, h.line_id, h.item_code, h.charged_at ORDER BY h.excess_amount) AS nth
		FROM medaudit_work.met AS m
		JOIN medaudit_work.gathered AS g ON g.visit_id = m.visit_id AND g.judged
		CROSS JOIN LATERAL medaudit.audit_charges(g.book, NULL::medaudit.visit_context, rules) AS h
		WHERE h.rule_code = 'listed' AND h.outcome = 'excess'
	), detail AS MATERIALIZED (
		SELECT c.visit_id, nullif(c.line_id, '') AS line_id, c.item_code, c.charged_at, min(c.item_name COLLATE "C") AS item_name,
			min(c.physician_id COLLATE "C") AS physician_id, bool_or(medaudit._is_herbal(NULL, c.category, c.item_code)) AS herb,
			-- lines alike of several prescriptions are of none that is known
			CASE WHEN count(*) = count(nullif(btrim(c.prescription_id), '')) AND min(btrim(c.prescription_id)) = max(btrim(c.prescription_id))
				THEN min(btrim(c.prescription_id) COLLATE "C") END AS prescription_id,
			bool_and(c.category ~ '^(09|11)|西药|成药' OR medaudit.class_of_charge(c.category) NOT IN ('drug', 'other')) AS no_herb
		FROM pg_temp.medaudit_read_charge() AS c
		JOIN medaudit_work.met AS m ON m.visit_id = c.visit_id
		GROUP BY 1, 2, 3, 4
	)
	SELECT l.visit_id, l.line_id, medaudit._shown_code(l.item_code), d.item_name, l.charged_at, l.quantity, l.amount, d.prescription_id,
		d.physician_id, CASE WHEN i.listed THEN h.visit_id IS NOT NULL OR l.claimed = 0 WHEN i.herb OR d.herb THEN false END,
		h.excess_amount, h.excess_claimed
	FROM line AS l
	JOIN item AS i ON i.item_code = l.item_code
	LEFT JOIN detail AS d ON d.visit_id = l.visit_id AND d.item_code = l.item_code AND d.charged_at = l.charged_at
		AND d.line_id IS NOT DISTINCT FROM l.line_id
	LEFT JOIN hit AS h ON h.visit_id = l.visit_id AND h.item_code = l.item_code AND h.charged_at = l.charged_at
		AND h.line_id IS NOT DISTINCT FROM l.line_id AND h.nth = l.nth
	WHERE i.herb OR i.listed OR d.herb OR NOT (i.no_herb OR coalesce(d.no_herb, false));
	PERFORM medaudit._analyze('herb_line');
END
$$;

COMMENT ON PROCEDURE _run_read_herbs(text) IS
	'读取中药饮片明细: the herbal lines (national code T…, or category 中药饮片) of the judged visits that claim something of the list of a rule, and those that may be herbal, with prescription and physician, into a working table';

-- A number of prescription or, where there is none, the date and the physician.  A
-- hospital that numbers every line of a prescription could answer that the herb
-- outside the list was in the next number: where one was charged that day, and where
-- there is no number, it is a suspicion.  So it is where something beside it may be a
-- herb: a local code that nobody mapped, without a category.
CREATE OR REPLACE FUNCTION _ask_herb_alone(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_herbs(rule_code);
	UPDATE medaudit_work.herb_line AS l
	SET key = concat_ws('/', l.visit_id, coalesce(l.prescription_id, concat_ws(' ', l.charged_at::date, l.physician_id)));
	DELETE FROM medaudit_work.herb_line AS l
	USING (SELECT i.key, bool_and(i.listed) AND count(i.excess_amount) > 0 AS alone FROM medaudit_work.herb_line AS i GROUP BY i.key) AS g
	WHERE g.key = l.key AND NOT g.alone AND l.listed;
	INSERT INTO medaudit_work.group_line (key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount,
		facility_id, person_id, excess_quantity, excess_amount, excess_claimed, evidence_text)
	SELECT l.key, row_number() OVER (PARTITION BY l.key ORDER BY l.charged_at, l.item_code COLLATE "C", l.line_id COLLATE "C"),
		l.visit_id, l.line_id, l.item_code, l.item_name, l.charged_at, l.quantity, l.amount, v.facility_id, v.person_id,
		l.quantity, l.excess_amount, l.excess_claimed,
		concat(medaudit.visit_zh(v.record_no, v.visit_id, v.stay), '，', medaudit.time_zh(l.charged_at), '，',
			medaudit.item_zh(l.item_name, l.item_code), '，金额', medaudit.money_zh(l.amount), '，单方使用不予支付。')
	FROM medaudit_work.herb_line AS l
	JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
	WHERE l.listed AND l.excess_amount IS NOT NULL;

	RETURN QUERY
	SELECT (medaudit.run_group(
		key => g.key,
		person_id => v.person_id,
		visit_id => v.visit_id,
		facility_id => v.facility_id,
		physician_id => coalesce(g.physician_id, v.physician_id),
		visit_ids => ARRAY[v.visit_id],
		line_ids => g.line_ids,
		excess_quantity => g.quantity,
		gross_amount => g.gross,
		claimed_amount => g.claimed,
		certainty => CASE WHEN g.prescription_id IS NULL OR b.key IS NOT NULL THEN 'suspicion' END,
		evidence => jsonb_strip_nulls(jsonb_build_object('prescription', g.prescription_id, 'prescribed_on', g.day,
			'visit', medaudit.visit_zh(v.record_no, v.visit_id, v.stay), 'herbs', to_jsonb(g.herbs), 'lines', g.lines,
			'claimed', g.claimed, 'grouped_by', CASE WHEN g.prescription_id IS NULL THEN 'visit, date and physician' ELSE 'prescription_id' END,
			'other_herbs', nullif(b.herbs, 0), 'unknown_lines', nullif(b.unknown, 0),
			'formula', format('%s of %s herbal lines of it are on the list', g.lines, g.lines))))).*
	FROM (
		SELECT l.key, l.visit_id, min(l.prescription_id) AS prescription_id, min(l.physician_id) AS physician_id,
			min(l.charged_at)::date AS day, count(*) AS lines, array_agg(DISTINCT coalesce(l.item_name, l.item_code)) AS herbs,
			array_agg(l.line_id) FILTER (WHERE l.line_id IS NOT NULL AND l.excess_amount IS NOT NULL) AS line_ids,
			sum(l.quantity) FILTER (WHERE l.excess_amount IS NOT NULL) AS quantity, sum(l.excess_amount) AS gross, sum(l.excess_claimed) AS claimed
		FROM medaudit_work.herb_line AS l
		WHERE l.listed
		GROUP BY l.key, l.visit_id
	) AS g
	LEFT JOIN (
		SELECT l.key, count(DISTINCT o.ctid) FILTER (WHERE NOT o.listed) AS herbs, count(DISTINCT o.ctid) FILTER (WHERE o.listed IS NULL) AS unknown
		FROM (SELECT DISTINCT i.key, i.visit_id, i.charged_at::date AS day FROM medaudit_work.herb_line AS i WHERE i.listed) AS l
		JOIN medaudit_work.herb_line AS o ON o.visit_id = l.visit_id AND o.listed IS NOT TRUE AND (o.charged_at::date = l.day OR o.key = l.key)
		GROUP BY l.key
	) AS b ON b.key = g.key
	JOIN medaudit_work.visit AS v ON v.visit_id = g.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_herb_alone(bigint, text, jsonb) IS
	'单方不予支付: a group per prescription (else visit, date and physician) all of whose herbal lines are on the list of the rule, with what was claimed of them';
