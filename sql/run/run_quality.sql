-- What a run could not use, or not judge, in numbers.

CREATE OR REPLACE PROCEDURE _run_note(run_no bigint, relation text, problem text, problem_zh text,
	rows bigint, facility_id text DEFAULT NULL, facility_name text DEFAULT NULL, examples text[] DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- nearly all that is looked for is not there
	IF rows > 0 THEN
		INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, examples)
		VALUES (run_no, _run_note.relation, medaudit.mask_numbers(_run_note.problem),
			medaudit.mask_numbers(_run_note.problem_zh), _run_note.rows, _run_note.facility_id, _run_note.facility_name,
			CASE WHEN examples IS NOT NULL THEN ARRAY(SELECT medaudit.mask_numbers(e) FROM unnest(examples) AS e) END)
		ON CONFLICT ON CONSTRAINT run_quality_key DO UPDATE
		SET rows = excluded.rows, facility_name = excluded.facility_name, examples = excluded.examples;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_note(bigint, text, text, text, bigint, text, text, text[]) IS
	'记录数据问题: how many rows of a relation, of all facilities or of one, a run could not use, and some of them; none leaves no trace';

-- Asked only where there are some.
CREATE OR REPLACE FUNCTION _run_first_visits(source text, rows bigint) RETURNS text[]
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first text[];
BEGIN
	IF rows > 0 THEN
		EXECUTE format('SELECT array_agg(v.visit_id) FROM (SELECT DISTINCT i.visit_id COLLATE "C" AS visit_id FROM %s ORDER BY 1 LIMIT 3) AS v', source) INTO first;
	END IF;
	RETURN first;
END
$$;

COMMENT ON FUNCTION _run_first_visits(text, bigint) IS
	'就诊示例: the first three visits of a source, of alias i, with a condition; NULL where there are no rows. Only within an audit run';

CREATE OR REPLACE FUNCTION _run_rule_zh(code text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN medaudit._rule_zh((SELECT r.name_zh FROM medaudit.rule AS r WHERE r.rule_code = code), code);
END
$$;

COMMENT ON FUNCTION _run_rule_zh(text) IS
	'规则说明: name and code of a rule by its code, as _rule_zh() says them';

-- Clean lines were counted as they were gathered; only where some are bad they are
-- read again to say which.
CREATE OR REPLACE PROCEDURE _run_quality_charges(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	c record;
BEGIN
	CALL medaudit._run_see_charged();
	SELECT sum(g.incomplete)::bigint AS incomplete, sum(g.in_period) FILTER (WHERE g.visit_id IS NULL)::bigint AS no_visit,
		sum(g.in_period) FILTER (WHERE g.visit_id IS NOT NULL AND s.visit_id IS NULL)::bigint AS unknown_visit,
		bool_or(g.problems[1] + g.problems[2] > 0 AND (s.settled OR s.judged_at IS NULL)) AS bad
	INTO c
	FROM medaudit_work.gathered AS g
	LEFT JOIN medaudit_work.span AS s ON s.visit_id = g.visit_id
	WHERE g.incomplete > 0 OR g.problems IS NOT NULL OR g.book IS NULL;
	CALL medaudit._run_note(run_no, 'charge', 'item, quantity, amount or time is missing',
		'费用明细缺少项目、数量、金额或时间', c.incomplete);
	CALL medaudit._run_note(run_no, 'charge', 'no visit is named', '费用明细没有就诊编号', c.no_visit);
	CALL medaudit._run_note(run_no, 'charge', 'the visit is not bound',
		'费用明细的就诊编号不存在', c.unknown_visit, examples => medaudit._run_first_visits('medaudit_work.gathered AS i WHERE i.in_period > 0'
			' AND i.visit_id IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit_work.span AS s WHERE s.visit_id = i.visit_id)', c.unknown_visit));
	IF c.bad THEN
		CALL medaudit._run_tell_cells(run_no, 'charge', 'concat(c.visit_id, ''/'', c.line_id)');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_charges(bigint) IS
	'费用数据质量: counts charges of the period that no rule could see, and tells which lines lack what is required or could not be read';

-- Lines that lack something stand in no ledger: they are read again where there
-- are some.
CREATE OR REPLACE PROCEDURE _run_read_incomplete()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('incomplete_line');
	IF EXISTS (SELECT FROM medaudit_work.gathered AS g WHERE g.problems[1] > 0) THEN
		INSERT INTO medaudit_work.incomplete_line (visit_id, item_code, charged_at, amount, judged)
		SELECT c.visit_id, c.item_code, c.charged_at, c.amount, g.judged
		FROM pg_temp.medaudit_read_charge() AS c
		JOIN medaudit_work.gathered AS g ON g.visit_id = c.visit_id AND g.problems[1] > 0
			AND (g.judged OR g.visit_id IN (SELECT s.visit_id FROM medaudit_work.span AS s WHERE s.void AND s.settled))
		WHERE c.item_code IS NULL OR c.quantity IS NULL OR c.amount IS NULL OR c.charged_at IS NULL;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_read_incomplete() IS
	'读取缺项明细: lines of judged visits, and of those taken back, that have no code, quantity, amount or time, into a working table';

-- Lines of judged visits that contradict themselves or their stay, items of which a
-- visit gave back more than it charged (some refund has no charge), and what was
-- charged, for _run_quality_rules(), _run_quality_units() and the coverage.
CREATE OR REPLACE PROCEDURE _run_quality_lines(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	told record;
	incomplete record;
	c record;
BEGIN
	PERFORM medaudit._empty('charged_item');
	CALL medaudit._run_read_incomplete();
	SELECT medaudit._charged_codes(g.book) AS codes, medaudit._charged_counts(g.book) AS counts, sum(o.before) AS before,
		sum(o.after) AS after, sum(g.problems[3]) AS sign, sum(g.problems[4]) AS price, sum(g.problems[5]) AS claimed,
		sum(medaudit._refunded_items(g.book)) AS refunded
	INTO told
	FROM medaudit_work.gathered AS g
	LEFT JOIN LATERAL medaudit._lines_outside(g.book, g.admitted_at, g.discharged_at) AS o ON g.stay
	WHERE g.judged;
	SELECT count(*) FILTER (WHERE 'before_admission' = ANY (p.problems)) AS before,
		count(*) FILTER (WHERE 'after_discharge' = ANY (p.problems)) AS after
	INTO incomplete
	FROM medaudit_work.incomplete_line AS i
	JOIN medaudit_work.gathered AS g ON g.visit_id = i.visit_id AND g.judged AND g.stay
	CROSS JOIN LATERAL (SELECT medaudit.line_problems(g.admitted_at, g.discharged_at, i.charged_at,
		NULL, NULL, NULL, NULL) AS problems) AS p;
	INSERT INTO medaudit_work.charged_item (item_code, lines)
	SELECT n.item_code, sum(n.lines)
	FROM (
		SELECT k.item_code, k.lines FROM ROWS FROM (unnest(told.codes), unnest(told.counts)) AS k (item_code, lines)
		UNION ALL
		SELECT i.item_code, 1 FROM medaudit_work.incomplete_line AS i WHERE i.judged AND i.item_code IS NOT NULL
	) AS n
	GROUP BY n.item_code;
	FOR c IN
		SELECT p.problem, p.problem_zh, p.lines::bigint AS lines
		FROM (VALUES ('line_problems: before_admission', '费用明细日期早于入院', coalesce(told.before, 0) + incomplete.before),
			('line_problems: after_discharge', '费用明细日期晚于出院', coalesce(told.after, 0) + incomplete.after),
			('line_problems: sign', '费用明细数量与金额符号不符', told.sign),
			('line_problems: amount_not_quantity_times_price', '费用明细金额不等于数量乘单价', told.price),
			('line_problems: claimed_above_amount', '费用明细符合范围金额大于金额', told.claimed),
			('an item of a visit of which more was refunded than charged', '同一就诊同一项目退费数量大于收费数量', told.refunded))
			AS p (problem, problem_zh, lines)
	LOOP
		CALL medaudit._run_note(run_no, 'charge', c.problem, c.problem_zh, c.lines);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_quality_lines(bigint) IS
	'明细数据质量: counts charges of judged visits by item, by what line_problems() says of them, and items refunded beyond what was charged';

-- What was set aside is not hidden.
CREATE OR REPLACE PROCEDURE _run_quality_aside(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	aside record;
BEGIN
	DELETE FROM medaudit.run_quality AS q WHERE q.run_id = run_no AND q.relation = 'exemption';
	FOR aside IN
		SELECT f.state, count(DISTINCT f.finding_id) AS findings, count(l.line_no) AS lines
		FROM medaudit.run AS r
		JOIN medaudit.finding AS f ON f.judged_on >= r.from_date AND f.judged_on < r.to_date AND f.state IN ('exempt', 'self_reported')
			AND (r.rules IS NULL OR f.rule_code = ANY (r.rules))
		LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
		WHERE r.run_id = run_no GROUP BY f.state
	LOOP
		CALL medaudit._run_note(run_no, 'exemption', format('%s: %s findings, %s lines',
				CASE aside.state WHEN 'exempt' THEN 'exemption' ELSE 'self-reported' END, aside.findings, aside.lines),
			format('%s%s条疑点，%s条明细', medaudit.label_zh(aside.state), aside.findings, aside.lines), aside.findings);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_quality_aside(bigint) IS
	'豁免情况: tells how many findings of the period are set aside by exemptions and by what institutions reported themselves';

-- Charge rules that a run did ask, alone or in their group.
CREATE OR REPLACE FUNCTION _run_asked_rules(run_no bigint) RETURNS text[]
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[];
BEGIN
	SELECT array_agg(r.rule_code ORDER BY r.rule_code COLLATE "C") INTO codes
	FROM medaudit._rules_of_run(run_no) AS r
	WHERE r.step = 'charges' AND r.missing IS NULL
		AND EXISTS (SELECT FROM medaudit.run_step AS s
			WHERE s.run_id = run_no AND s.step = 'charges' AND s.state = 'done'
				AND coalesce(s.rule_code, r.rule_code) = r.rule_code);
	RETURN codes;
END
$$;

COMMENT ON FUNCTION _run_asked_rules(bigint) IS
	'已执行的费用规则: codes of the charge rules that a run has asked; NULL: none';

-- Mostly the year is mistyped; where the data are is known by one more look at them.
CREATE OR REPLACE PROCEDURE _run_warn_empty(run_no bigint, from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	days record;
BEGIN
	EXECUTE format('SELECT min(d.day)::date AS first, max(d.day)::date AS last FROM medaudit_data.visit AS v CROSS JOIN LATERAL (SELECT %s AS day) AS d',
		CASE WHEN medaudit._is_bound('visit', 'settled_at') THEN 'coalesce(v.settled_at, v.discharged_at)' ELSE 'v.discharged_at' END) INTO days;
	RAISE WARNING USING MESSAGE = format(medaudit._say('run %s: no visit was settled on the days from %s to %s'), run_no, from_date, to_date - 1),
		HINT = CASE WHEN days.first IS NULL THEN medaudit._say('No visit has a time of settlement or discharge.')
			ELSE format(medaudit._say('Visits were settled on days from %s to %s.'), days.first, days.last) END;
END
$$;

COMMENT ON PROCEDURE _run_warn_empty(bigint, date, date) IS
	'提示期间无数据: warns that no visit was settled in the period of a run, and says between which days some were';

-- Rules that meet no line find nothing, however much is wrong: that is said
-- aloud, and kept.
CREATE OR REPLACE PROCEDURE _run_quality_rules(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[] := medaudit._run_asked_rules(run_no);
	m record;
	unmet text[] := '{}';
BEGIN
	IF codes IS NULL THEN
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit_work.charged_item AS i) THEN
		SELECT r.visits, r.from_date, r.to_date INTO m FROM medaudit.run AS r WHERE r.run_id = run_no;
		IF m.visits = 0 THEN
			CALL medaudit._run_warn_empty(run_no, m.from_date, m.to_date);
			RETURN;
		END IF;
		RAISE WARNING USING MESSAGE = format(medaudit._say('run %s: the visits judged have no charge lines: no charge rule met anything'), run_no);
		CALL medaudit._run_note(run_no, 'visit', 'no visit judged has charge lines',
			'就诊均无费用明细，费用规则未执行', m.visits);
		RETURN;
	END IF;
	FOR m IN
		SELECT t.rule_code, t.rows, t.rows - t.rows_pending AS judging,
			t.rows - t.rows_pending - t.rows_that_match AS idle, t.rows_pending AS pending
		FROM medaudit.rule_match(medaudit._asked_rulebook(run_no, codes), ARRAY(
			SELECT i.item_code FROM medaudit_work.charged_item AS i)) AS t
	LOOP
		IF m.rows = 0 THEN
			CALL medaudit._run_note(run_no, 'rule', format('rule %s has no rows of knowledge', m.rule_code),
				medaudit._run_rule_zh(m.rule_code) || '没有规则知识', 1);
		ELSE
			CALL medaudit._run_note(run_no, 'rule', format(CASE WHEN m.idle < m.judging
					THEN 'rule %s: rows that meet no line' ELSE 'rule %s meets no line' END, m.rule_code),
				medaudit._run_rule_zh(m.rule_code) || CASE WHEN m.idle < m.judging THEN '中未对应到任何费用明细的规则行'
					ELSE '未对应到任何费用明细' END, m.idle);
		END IF;
		-- what is said in words alone judges nothing, whatever was charged
		CALL medaudit._run_note(run_no, 'rule', format('rule %s: rows without their diagnoses yet', m.rule_code),
			medaudit._run_rule_zh(m.rule_code) || '中待补诊断的规则行', m.pending);
		IF m.idle = m.judging AND m.pending = 0 THEN
			unmet := unmet || m.rule_code;
		END IF;
	END LOOP;
	IF unmet <> '{}' THEN
		RAISE WARNING USING
			MESSAGE = format(medaudit._say('run %s: %s of %s charge rules meet no line of the visits judged: %s'),
				run_no, cardinality(unmet), cardinality(codes),
				array_to_string(unmet[:5], ', ')
					|| CASE WHEN cardinality(unmet) > 5 THEN ', ...' ELSE '' END),
			HINT = medaudit._say('Codes that are not mapped are the usual reason: see medaudit.data_quality (relation rule), and medaudit.rule_match() for rows, rows_that_match and items_matched of each rule.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_rules(bigint) IS
	'规则对应情况: tells with a warning which charge rules of a run meet no line of the judged visits, and keeps the numbers of their rows';

-- Charges of judged visits that meet a row in other units, one of OFF, and that item
-- does not list: their unit is not known.
CREATE OR REPLACE FUNCTION _run_unlisted_units(rule_codes text[], off bigint[]) RETURNS TABLE (rule_code text, lines bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.item') IS NULL OR off IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH row_off AS MATERIALIZED (
		SELECT c.rule_code, c.item_code, CASE WHEN medaudit._code_key(c.item_code, c.code_match) IS NULL
				THEN 'exact' ELSE c.code_match END AS code_match
		FROM medaudit.charge_rule AS c
		WHERE c.charge_rule_id = ANY (off) AND c.rule_code = ANY (rule_codes)
	), unlisted AS MATERIALIZED (
		SELECT i.item_code, sum(i.lines)::bigint AS lines
		FROM medaudit_work.charged_item AS i
		WHERE NOT EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS t WHERE t.item_code = i.item_code)
		GROUP BY i.item_code
	), met AS (
		SELECT o.rule_code, u.item_code, u.lines
		FROM row_off AS o
		JOIN (SELECT n.item_code, n.lines, m.code_match, medaudit._code_key(n.item_code, m.code_match) AS key
			FROM unlisted AS n
			CROSS JOIN unnest('{exact,service,product,generic}'::text[]) AS m (code_match)) AS u
			ON u.code_match = o.code_match AND u.key = medaudit._code_key(o.item_code, o.code_match)
		WHERE o.item_code NOT LIKE '%\%'
		UNION
		SELECT o.rule_code, u.item_code, u.lines
		FROM row_off AS o
		JOIN unlisted AS u ON starts_with(u.item_code, left(o.item_code, -1))
		WHERE o.item_code LIKE '%\%'
	)
	SELECT m.rule_code, sum(m.lines)::bigint FROM met AS m GROUP BY m.rule_code;
END
$$;

COMMENT ON FUNCTION _run_unlisted_units(text[], bigint[]) IS
	'未列项目的单位: charges of judged visits for which rules are off, because the row holds in other units and item does not list the code';

-- Caps that a run could not ask, for the unit of the rule is not the item's.
CREATE OR REPLACE PROCEDURE _run_quality_units(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[] := medaudit._run_asked_rules(run_no);
	related record;
	u record;
BEGIN
	-- of what unit_problems() tells, items are related to rows once
	SELECT array_agg(DISTINCT i.charge_rule_id) FILTER (WHERE i.factor IS DISTINCT FROM 1) AS off,
		array_agg(i.charge_rule_id) FILTER (WHERE i.factor IS NULL) AS row_ids,
		array_agg(split_part(i.item_code, chr(31), 1)) FILTER (WHERE i.factor IS NULL) AS item_codes
	INTO related FROM medaudit._unit_relations() AS i;
	FOR u IN
		SELECT p.rule_code, count(*) AS items, sum(c.lines)::bigint AS lines
		FROM (SELECT DISTINCT r.rule_code, i.item_code
			FROM ROWS FROM (unnest(related.row_ids), unnest(related.item_codes)) AS i (charge_rule_id, item_code)
			JOIN medaudit.charge_rule AS r ON r.charge_rule_id = i.charge_rule_id WHERE r.rule_code = ANY (codes)) AS p
		LEFT JOIN (SELECT i.item_code, sum(i.lines) AS lines
			FROM medaudit_work.charged_item AS i GROUP BY i.item_code) AS c ON c.item_code = p.item_code
		GROUP BY p.rule_code
	LOOP
		CALL medaudit._run_note(run_no, 'item', format('rule %s is off: its unit does not relate to the item''s (see unit_problems())', u.rule_code),
			medaudit._run_rule_zh(u.rule_code) || '的计量单位与项目的计价单位无法换算，对这些项目未执行', u.items);
		CALL medaudit._run_note(run_no, 'charge', format('rule %s could not judge: its unit does not relate to the item''s', u.rule_code),
			medaudit._run_rule_zh(u.rule_code) || '无法判断：计量单位与项目的计价单位无法换算', u.lines);
	END LOOP;
	FOR u IN SELECT n.rule_code, n.lines FROM medaudit._run_unlisted_units(codes, related.off) AS n LOOP
		CALL medaudit._run_note(run_no, 'charge', format('rule %s could not judge: item does not list the code, so its unit is not known', u.rule_code),
			medaudit._run_rule_zh(u.rule_code) || '无法判断：项目目录未列该编码，计价单位未知', u.lines);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_quality_units(bigint) IS
	'单位数据质量: counts items, and charges of judged visits, for which rules of a run were off because of their unit';

-- What began or ended in the period, and is judged at a time that cannot be right.
CREATE OR REPLACE FUNCTION _run_misdated(visit medaudit_work.span, horizon medaudit_work.horizon) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN NOT visit.settled AND (visit.judged_at::date < visit.admitted_at::date OR visit.judged_at > localtimestamp)
		AND (visit.admitted_at >= horizon.from_date AND visit.admitted_at < horizon.to_date
			OR visit.discharged_at >= horizon.from_date AND visit.discharged_at < horizon.to_date);

COMMENT ON FUNCTION _run_misdated(medaudit_work.span, medaudit_work.horizon) IS
	'日期不合理: whether a visit of the period is settled (else discharged) before it was admitted, or later than now, and so in no run of its time';

CREATE OR REPLACE PROCEDURE _run_quality_visits(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	v record;
	void record;
	pending bigint;
BEGIN
	SELECT count(*) FILTER (WHERE i.person_id IS NULL) AS no_person,
		count(*) FILTER (WHERE i.facility_id IS NULL) AS no_facility,
		count(*) FILTER (WHERE i.discharged_at < i.admitted_at) AS reversed,
		count(*) FILTER (WHERE i.stay AND i.main_diagnosis IS NULL) AS no_diagnosis,
		count(*) FILTER (WHERE i.payment_method IS NOT NULL AND medaudit._fund_basis(i.payment_method, i.stay, 1, 1) = 'unknown') AS no_method
	INTO v FROM medaudit_work.visit AS i WHERE i.judged;
	CALL medaudit._run_note(run_no, 'visit', 'the person is missing', '就诊没有人员编号', v.no_person,
		examples => medaudit._run_first_visits('medaudit_work.visit AS i WHERE i.judged AND i.person_id IS NULL', v.no_person));
	CALL medaudit._run_note(run_no, 'visit', 'the facility is missing', '就诊没有机构编号', v.no_facility,
		examples => medaudit._run_first_visits('medaudit_work.visit AS i WHERE i.judged AND i.facility_id IS NULL', v.no_facility));
	CALL medaudit._run_note(run_no, 'visit', 'discharged before admitted',
		'出院时间早于入院时间', v.reversed,
		examples => medaudit._run_first_visits('medaudit_work.visit AS i WHERE i.judged AND i.discharged_at < i.admitted_at', v.reversed));
	CALL medaudit._run_note(run_no, 'visit', 'a stay without main diagnosis',
		'住院没有主要诊断', v.no_diagnosis);
	CALL medaudit._run_note(run_no, 'visit', 'the payment method is none of item, drg, dip, case, bed_day, capitation: fund money of its findings is not known',
		'支付方式不是 item、drg、dip、case、bed_day、capitation 之一，疑点的基金金额无法确定', v.no_method,
		examples => medaudit._run_first_visits('medaudit_work.visit AS i WHERE i.judged AND i.payment_method IS NOT NULL'
			' AND medaudit._fund_basis(i.payment_method, i.stay, 1, 1) = ''unknown''', v.no_method));
	IF EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'same_household_admissions') THEN
		IF medaudit._register_kept() THEN
			SELECT count(*) INTO pending FROM medaudit_work.visit AS i
			WHERE i.judged AND i.stay AND NOT EXISTS (SELECT FROM medaudit_work.person AS p WHERE p.people_id = i.people_id
				AND num_nonnulls(nullif(p.household_id, ''), p.address_key, p.phone_key) > 0);
		ELSE
			CALL medaudit._run_read_links();
			SELECT count(*) INTO pending FROM medaudit_work.visit AS i
			WHERE i.judged AND i.stay AND NOT EXISTS (
				SELECT FROM medaudit_work.contact AS c WHERE c.people_id = i.people_id);
		END IF;
		CALL medaudit._run_note(run_no, 'person',
			'a stay of a person without household, readable address or telephone',
			'住院患者没有家庭编号、可识别的住址或电话，未参与同进同出分析', pending);
	END IF;
	SELECT count(DISTINCT i.visit_id) INTO pending
	FROM medaudit_work.settlement AS i WHERE i.settled_at IS NULL AND i.discharged_at IS NULL;
	CALL medaudit._run_note(run_no, 'visit', 'neither settled nor discharged: not judged yet',
		'尚未结算或出院，未纳入稽核', pending);
	-- what is dated so is in no run of its time
	SELECT count(*) INTO pending FROM medaudit_work.span AS i CROSS JOIN medaudit_work.horizon AS h
	WHERE medaudit._run_misdated(i, h);
	CALL medaudit._run_note(run_no, 'visit', 'settled (else discharged) before it was admitted, or after now: not judged in its time',
		'结算（或出院）时间早于入院时间，或晚于当前时间，未在本期稽核', pending,
		examples => medaudit._run_first_visits('medaudit_work.span AS i CROSS JOIN medaudit_work.horizon AS h WHERE medaudit._run_misdated(i, h)', pending));
	SELECT count(*) INTO pending FROM medaudit_work.span AS i WHERE i.void AND i.settled AND i.total_amount IS DISTINCT FROM 0::numeric;
	CALL medaudit._run_note(run_no, 'visit', 'rows of one visit name several persons or facilities: judged by no rule',
		'同一就诊编号的记录属于不同人员或不同机构，不参与稽核', pending, examples => medaudit._run_first_visits(
			'medaudit_work.span AS i WHERE i.void AND i.settled AND i.total_amount IS DISTINCT FROM 0::numeric', pending));
	SELECT count(DISTINCT s.visit_id) AS visits, coalesce(sum(i.amount), 0)
		+ coalesce((SELECT sum(l.amount) FROM medaudit_work.incomplete_line AS l WHERE NOT l.judged), 0) AS amount INTO void
	FROM medaudit_work.span AS s
	LEFT JOIN medaudit_work.gathered AS g ON g.visit_id = s.visit_id
	LEFT JOIN LATERAL medaudit._item_sums(g.book) AS i ON true
	WHERE s.void AND s.settled AND s.total_amount = 0::numeric;
	CALL medaudit._run_note(run_no, 'visit', format(
			'its settlements add up to 0, it was taken back: judged by no rule (charge lines of %s yuan)', round(void.amount, 2)),
		format('就诊各次结算合计为0（已撤销），不参与稽核，费用明细合计%s', medaudit.money_zh(void.amount)), void.visits);
END
$$;

COMMENT ON PROCEDURE _run_quality_visits(bigint) IS
	'就诊数据质量: counts visits of a run that some rules could not see';

-- What rules could not judge, by facility and month of the judged visits.  Lines
-- are counted once, however many rules they failed; only the group of all charge
-- rules leaves all of its hits, else what was kept of each rule is read.
CREATE OR REPLACE PROCEDURE _run_quality_unjudged(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('unjudged');
	IF EXISTS (SELECT FROM medaudit_work.made AS m WHERE m.name = 'hit')
		AND EXISTS (SELECT FROM medaudit.run_step AS s WHERE s.run_id = run_no
			AND s.step = 'charges' AND s.rule_code IS NULL AND s.state = 'done') THEN
		INSERT INTO medaudit_work.unjudged
		SELECT DISTINCT h.visit_id, h.line_id, h.item_code, h.charged_at
		FROM medaudit_work.hit AS h WHERE h.outcome = 'insufficient';
	ELSE
		INSERT INTO medaudit_work.unjudged
		SELECT DISTINCT i.visit_id, i.line_id, i.item_code, i.charged_at
		FROM medaudit.run_insufficient AS i WHERE i.run_id = run_no;
	END IF;
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, month)
	SELECT run_no, CASE WHEN u.of_visit THEN 'visit' ELSE 'charge' END,
		CASE WHEN u.of_visit THEN 'rules could not judge the visit: data are missing'
			ELSE 'rules could not judge the line: data are missing' END,
		CASE WHEN u.of_visit THEN '因缺少数据而无法判断的就诊' ELSE '因缺少数据而无法判断的费用明细' END,
		u.rows, u.facility_id, u.facility_name, u.month
	FROM (
		SELECT i.item_code IS NULL AS of_visit, v.facility_id, min(v.facility_name) AS facility_name,
			date_trunc('month', v.judged_at)::date AS month, count(*) AS rows
		FROM medaudit_work.unjudged AS i
		JOIN medaudit_work.visit AS v ON v.visit_id = i.visit_id AND v.judged
		GROUP BY 1, 2, 4
	) AS u;
END
$$;

COMMENT ON PROCEDURE _run_quality_unjudged(bigint) IS
	'无法判断情况: counts the lines of judged visits, and the visits, that charge rules of a run could not judge, by facility and month';

-- Lines in excess that would be surer if the facility had sent more: when the
-- charge was made, or a diagnosis.  A finding is in doubt with all of its lines,
-- and counts in the month of the day to which it belongs.
CREATE OR REPLACE PROCEDURE _run_quality_doubts(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	codes text[] := medaudit._run_asked_rules(run_no);
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, month)
	SELECT run_no, 'charge', 'a line in excess in doubt for want of data (posted late, or no diagnosis)',
		'因缺少数据（可能为补记或集中记账，或没有诊断）而存疑的超出费用明细', count(*),
		l.facility_id, min(l.facility_name), l.month
	FROM (
		SELECT i.facility_id, min(i.facility_name) AS facility_name, i.visit_id,
			medaudit._line_key(i.line_id, i.item_code, i.charged_at, i.quantity, i.amount) AS line, date_trunc('month', f.judged_on)::date AS month
		FROM medaudit.finding AS f
		JOIN medaudit.finding_line AS i ON i.finding_id = f.finding_id
		WHERE f.rule_code = ANY (codes) AND f.judged_on >= period.from_date AND f.judged_on < period.to_date
			AND f.state NOT IN ('changed', 'superseded') AND f.evidence ? 'doubt'
			AND i.evidence -> 'doubt' ?| '{posted_late,exclusions_unknown}'
		GROUP BY 1, 3, 4, 5
	) AS l
	GROUP BY l.facility_id, l.month;
END
$$;

COMMENT ON PROCEDURE _run_quality_doubts(bigint) IS
	'存疑情况: counts the lines of standing findings of a run whose certainty was lowered for want of data, by facility and month';

-- Stays without discharge, and stays all of whose lines lie on one date.  What is
-- not settled either is of no period: it counts in each until it is, in the month
-- of its admission.
CREATE OR REPLACE PROCEDURE _run_quality_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, month)
	SELECT run_no, 'visit', 'a stay that was settled and has no discharge', '住院已结算而没有出院时间',
		count(*), v.facility_id, min(v.facility_name), date_trunc('month', v.judged_at)::date
	FROM medaudit_work.visit AS v
	WHERE v.judged AND v.stay AND v.discharged_at IS NULL
	GROUP BY 6, 8
	UNION ALL
	SELECT run_no, 'visit', 'a stay that was neither settled nor discharged (month of admission)',
		'住院既未结算也没有出院时间（按入院月份）',
		count(*), s.facility_id, min(f.name), date_trunc('month', s.begins)::date
	FROM medaudit_work.span AS s
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.facility_id
	WHERE s.judged_at IS NULL AND s.stay AND s.begins < period.to_date
	GROUP BY 6, 8
	UNION ALL
	SELECT run_no, 'visit', 'a stay of three dates or more, all of its lines on one date',
		'住院三天以上而费用全部记在同一日期',
		count(*), c.facility_id, min(c.facility_name), date_trunc('month', c.judged_at)::date
	FROM (
		SELECT g.facility_id, f.name AS facility_name, g.settled_on AS judged_at
		FROM medaudit_work.gathered AS g
		CROSS JOIN LATERAL medaudit._charged_dates(g.book) AS d
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = g.facility_id
		WHERE g.judged AND g.stay AND g.until::date - g.admitted_at::date >= 2 AND d.first_on = d.last_on
	) AS c
	GROUP BY 6, 8;
END
$$;

COMMENT ON PROCEDURE _run_quality_stays(bigint) IS
	'住院数据质量: counts stays without discharge, and stays of three dates or more whose lines all lie on one date, by facility and month';

-- A facility gains nothing by sending nothing.  No other rows have a month.
CREATE OR REPLACE PROCEDURE _run_quality_facilities(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_quality AS q WHERE q.run_id = run_no AND q.month IS NOT NULL;
	CALL medaudit._run_quality_unjudged(run_no);
	CALL medaudit._run_quality_doubts(run_no);
	CALL medaudit._run_quality_stays(run_no);
END
$$;

COMMENT ON PROCEDURE _run_quality_facilities(bigint) IS
	'机构数据质量: counts, by facility and month, what facilities did not send: lines not judged or in doubt for want of data, stays without discharge, stays billed on one date';
