-- A step of a run that asks the function of a kind of rule: what it returns
-- (run_group) is completed, becomes candidates and is stored.  The kind says all
-- that differs: how long its natural period is, of which standing findings beyond
-- the period a run knows that they are no more, what its book is.  A run has dozens of
-- steps, most with a few groups: what is done with these is planned once for all.

-- A list among the parameters of a rule.
CREATE OR REPLACE FUNCTION _parameter_list(parameters jsonb, name text) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ARRAY(SELECT v FROM jsonb_array_elements_text(CASE WHEN jsonb_typeof(parameters -> name) = 'array'
		THEN parameters -> name ELSE '[]'::jsonb END) AS v);

COMMENT ON FUNCTION _parameter_list(jsonb, text) IS
	'参数列表: a parameter that is a list of text; {} where it is not there, and for NULL';

-- Day is the period as it is: of anything longer the calendar cuts it.
CREATE OR REPLACE FUNCTION _whole_periods(unit text, begins date, ends date)
	RETURNS TABLE (from_date date, to_date date)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 12
BEGIN ATOMIC
	SELECT begins, ends WHERE unit = 'day'
	UNION ALL
	SELECT b::date, (b + l.length)::date
	FROM (SELECT CASE unit WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || unit)::interval END AS length) AS l
	CROSS JOIN LATERAL generate_series(date_trunc(unit, begins::timestamp), ends::timestamp, l.length) AS b
	WHERE unit <> 'day' AND b >= begins AND b + l.length <= ends;
END;

COMMENT ON FUNCTION _whole_periods(text, date, date) IS
	'完整周期: the whole months, quarters or years (unit) of the calendar within [begins, ends); of day the period itself';

-- The parts of the period of a run that a kind is asked of one by one.
CREATE OR REPLACE FUNCTION _run_periods(run_no bigint, unit text) RETURNS TABLE (from_date date, to_date date)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 12
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	RETURN QUERY
	SELECT p.from_date, p.to_date
	FROM medaudit.run AS r
	CROSS JOIN LATERAL medaudit._whole_periods(unit, r.from_date, r.to_date) AS p
	WHERE r.run_id = run_no
	ORDER BY p.from_date;
END
$$;

COMMENT ON FUNCTION _run_periods(bigint, text) IS
	'判定周期: the whole months, quarters or years (unit) within the period of a run; of day the period itself';

CREATE OR REPLACE PROCEDURE _run_ask_kind(run_no bigint, code text, kind rule_kind)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	parameters jsonb := medaudit._rule_parameters(code);
	part record;
BEGIN
	IF kind.book = 'stays' THEN
		CALL medaudit._run_gather_stays(run_no);
	END IF;
	PERFORM medaudit._empty('found_group', 'group_line', 'content');
	FOR part IN SELECT p.from_date, p.to_date FROM medaudit._run_periods(run_no, kind.natural_period) AS p LOOP
		PERFORM medaudit._empty('period');
		INSERT INTO medaudit_work.period (from_date, to_date) VALUES (part.from_date, part.to_date);
		-- looked at each time: whoever owns its schema may have put another one there
		EXECUTE format('INSERT INTO medaudit_work.found_group SELECT g.* FROM %s($1, $2, $3) AS g',
			medaudit._callable_kind(kind.kind))
		USING run_no, code, parameters;
	END LOOP;
	UPDATE medaudit_work.found_group AS g
	SET evidence = coalesce(g.evidence, '{}'), visit_ids = coalesce(nullif(g.visit_ids, '{}'), array_remove(ARRAY[g.visit_id], NULL))
	WHERE g.evidence IS NULL OR coalesce(g.visit_ids, '{}') = '{}';
	IF kind.anchored AND EXISTS (SELECT FROM medaudit_work.found_group AS g WHERE g.key IS NULL) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": a group has no key, and its kind is anchored'), code),
			HINT = medaudit._say('A finding of an anchored kind is known by its key, which does not change when it grows: not by its visits.');
	ELSIF NOT kind.shipped THEN
		CALL medaudit._run_name_visits_once();
	END IF;
	-- few need no statistics, with which all that asks of them is planned anew
	IF EXISTS (SELECT FROM medaudit_work.found_group OFFSET 300) THEN
		PERFORM medaudit._analyze('found_group');
	END IF;
	IF kind.book = 'stays' THEN
		CALL medaudit._run_doubt_exclusions(parameters);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_ask_kind(bigint, text, rule_kind) IS
	'执行判定: asks the function of a kind with the parameters of a rule, each natural period by itself';

-- A function of a fund's own may name a visit twice: its money is added once.
CREATE OR REPLACE PROCEDURE _run_name_visits_once()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit_work.found_group AS g
	SET visit_ids = ARRAY(SELECT m.visit_id FROM unnest(g.visit_ids) WITH ORDINALITY AS m (visit_id, place)
		WHERE m.visit_id IS NOT NULL GROUP BY m.visit_id ORDER BY min(m.place))
	WHERE g.visit_ids <> '{}';
END
$$;

COMMENT ON PROCEDURE _run_name_visits_once() IS
	'就诊去重: in the groups of a function of a fund''s own each visit stands once, in the order in which it was named';

CREATE OR REPLACE FUNCTION _with_doubt_zh(sentence text, doubts text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(rtrim(sentence, '。') || '（存疑：' || medaudit.doubt_zh(doubts) || '）。', sentence)
$$;

COMMENT ON FUNCTION _with_doubt_zh(text, text[]) IS
	'存疑说明: a sentence that ends with why it is in doubt; as it is without doubts (NULL, {}), NULL for a NULL sentence';

-- Tags by diagnosis need diagnoses.  Where none of a visit is known, a rule that
-- leaves out visits by diagnosis cannot tell whether it would have left out this
-- one: the finding is a notice, unless those that are known make it by themselves,
-- all of them or as many as the evidence says are ENOUGH.
CREATE OR REPLACE PROCEDURE _run_doubt_exclusions(parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit.stay_tag AS t WHERE t.diagnosis_prefix IS NOT NULL
			AND t.tag = ANY (medaudit._parameter_list(parameters, 'exclude_tags')
				|| medaudit._parameter_list(parameters, 'exclude_later_tags'))) THEN
		UPDATE medaudit_work.found_group AS g
		SET certainty = 'notice', evidence = g.evidence || jsonb_build_object('doubt',
				coalesce(g.evidence -> 'doubt', '[]'::jsonb) || '["exclusions_unknown"]'::jsonb),
			evidence_text = medaudit._with_doubt_zh(g.evidence_text, '{exclusions_unknown}')
		FROM (
			SELECT i.n, count(*) FILTER (WHERE EXISTS (
					SELECT FROM unnest(v.diagnosis_codes || v.main_diagnosis) AS d (code)
					WHERE medaudit._diagnosis_fold(d.code) IS NOT NULL)) AS known
			FROM medaudit_work.found_group AS i
			CROSS JOIN LATERAL unnest(i.visit_ids) AS m (visit_id)
			JOIN medaudit_work.stay AS v ON v.visit_id = m.visit_id
			GROUP BY i.n
		) AS k
		WHERE k.n = g.n AND k.known < coalesce((g.evidence ->> 'enough')::numeric, cardinality(g.visit_ids));
	END IF;
	UPDATE medaudit_work.found_group AS g SET evidence = g.evidence - 'enough' WHERE g.evidence ? 'enough';
END
$$;

COMMENT ON PROCEDURE _run_doubt_exclusions(jsonb) IS
	'排除情形不明: findings of a rule that leaves out stays by diagnosis, and that rest on stays of which no diagnosis is known, become notices';

-- Visits that a function names and the run had no need to read: when they were
-- judged, whose they are and what they cost.
CREATE OR REPLACE PROCEDURE _run_read_unread()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('unread');
	IF EXISTS (SELECT FROM medaudit_work.found_group AS g
			CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id)
			-- found one by one: what was read is many
			WHERE (SELECT true FROM medaudit_work.visit AS v WHERE v.visit_id = m.visit_id LIMIT 1) IS NULL) THEN
		INSERT INTO medaudit_work.unseen
		SELECT DISTINCT m.visit_id FROM medaudit_work.found_group AS g CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id);
		CALL medaudit._run_read_unseen();
		INSERT INTO medaudit_work.unread
		SELECT s.* FROM medaudit_work.span AS s
		WHERE s.visit_id IN (SELECT m.visit_id FROM medaudit_work.found_group AS g CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id))
			AND NOT s.looked;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_read_unread() IS
	'补读就诊: the visits that groups name and that the run has not read, into a working table';

-- What a function left to the run.  A group belongs to the day on which the last
-- of its visits was settled.
CREATE OR REPLACE PROCEDURE _run_complete_groups(rule rule, kind rule_kind)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	UPDATE medaudit_work.found_group AS g
	SET subject_kind = d.subject_kind, subject_id = coalesce(g.subject_id, CASE d.subject_kind WHEN 'person' THEN g.person_id
			WHEN 'physician' THEN g.physician_id ELSE g.facility_id END),
		-- found one by one: what was read is many
		judged_on = coalesce(g.judged_on, (SELECT max(coalesce(
				CASE WHEN kind.book = 'stays' THEN (SELECT max(s.judged_at) FROM medaudit_work.stay AS s WHERE s.visit_id = m.visit_id) END,
				(SELECT max(v.judged_at) FROM medaudit_work.visit AS v WHERE v.visit_id = m.visit_id),
				(SELECT max(u.judged_at) FROM medaudit_work.unread AS u WHERE u.visit_id = m.visit_id)))::date
			FROM unnest(g.visit_ids) AS m (visit_id))),
		key = coalesce(g.key, CASE WHEN cardinality(g.visit_ids) = 1 THEN g.visit_ids[1]
				ELSE medaudit.finding_key(g.visit_ids) END, '')
			|| CASE WHEN g.evidence ? 'doubt' THEN ' doubt' ELSE '' END
	FROM (
		SELECT i.n, coalesce(i.subject_kind, CASE WHEN rule.subject IN ('pharmacy', 'agency')
				OR rule.subject = 'person' AND i.person_id IS NOT NULL
				OR rule.subject = 'physician' AND i.physician_id IS NOT NULL THEN rule.subject ELSE 'facility' END) AS subject_kind
		FROM medaudit_work.found_group AS i
	) AS d
	WHERE d.n = g.n;
	-- of the book of a year, what was settled after the next one
	DELETE FROM medaudit_work.found_group AS g
	WHERE kind.reach IN ('year', 'person_year') AND cardinality(g.visit_ids) > 1
		AND extract(year FROM g.judged_on) > substring(g.key, '@([0-9]{4})( doubt)?$')::int + 1;
	CALL medaudit._run_check_groups(rule.rule_code);
	-- as it will stand, for it is compared with what stands
	UPDATE medaudit_work.found_group AS g
	SET evidence = medaudit.mask_numbers(g.evidence::text, p.numbers)::jsonb
	FROM (SELECT i.n, medaudit._numbers_of_people(array_agg(DISTINCT v.person_id)) AS numbers
		FROM medaudit_work.found_group AS i
		CROSS JOIN LATERAL unnest(i.visit_ids) AS m (visit_id)
		JOIN medaudit_work.visit AS v ON v.visit_id = m.visit_id
		GROUP BY i.n) AS p
	WHERE p.n = g.n AND (p.numbers IS NOT NULL OR medaudit._tells_number(g.evidence::text));
END
$$;

COMMENT ON PROCEDURE _run_complete_groups(rule, rule_kind) IS
	'补全判定结果: subject, key and day of the groups that a function returned without';

-- Only of what is kept a sentence is told.
CREATE OR REPLACE PROCEDURE _run_word_groups(rule rule)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	template text := (SELECT t.zh FROM medaudit.evidence_template AS t WHERE t.kind = rule.kind ORDER BY t.shipped LIMIT 1);
BEGIN
	UPDATE medaudit_work.found_group AS g
	SET evidence_text = medaudit._with_doubt_zh(
		coalesce(medaudit._fill_template(template, d.names || g.evidence),
			concat(medaudit._fill_template('[{person_name}，][{facility_name}，]', d.names), rule.name_zh, '。')),
		medaudit.evidence_names(g.evidence, 'doubt'))
	FROM (
		SELECT i.n, jsonb_build_object('person_name', coalesce(p.name, i.person_id),
				'facility_name', coalesce(f.name, i.facility_id),
				'gross_amount', coalesce((i.evidence #>> '{part,of_gross_amount}')::numeric, i.gross_amount),
				'involved_amount', i.involved_amount, 'score', i.score) AS names
		FROM medaudit_work.found_group AS i
		LEFT JOIN medaudit_work.person AS p ON p.person_id = i.person_id
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = i.facility_id
	) AS d
	WHERE d.n = g.n AND g.evidence_text IS NULL;
	UPDATE medaudit_work.found_group AS g SET evidence_text = concat(g.evidence_text, medaudit._part_zh(g.evidence -> 'part')) WHERE g.evidence ? 'part';
END
$$;

COMMENT ON PROCEDURE _run_word_groups(rule) IS
	'说明判定结果: the sentences of the groups that a function returned without';

-- Which part of what a rule found a finding tells, where some of its lines are set aside.
CREATE OR REPLACE FUNCTION _part_zh(part jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat('本疑点只列上述', part ->> 'of_lines', '条明细中的', part ->> 'lines', '条',
		'，金额' || money_zh((part ->> 'gross_amount')::numeric), '，其余另列。');

COMMENT ON FUNCTION _part_zh(jsonb) IS
	'分列说明: a sentence that says how many of the lines of a group its finding holds, and their money, by the fact "part" of the evidence';

-- Groups whose lines say what of them is in excess are cut line by line, as what charge
-- rules find: what is covered stands in a twin, and money is that of the lines of each.
-- What the function told is about all of them, so that it can be worked out again; PART
-- says which of it this is.
CREATE OR REPLACE PROCEDURE _run_cut_groups(code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	by_item bool := EXISTS (SELECT FROM medaudit.exemption AS e WHERE e.rule_code = code AND e.item_code IS NOT NULL);
BEGIN
	WITH line AS MATERIALIZED (
		SELECT g.n, g.judged_on, l.ctid AS place, l.line_no, l.visit_id, l.line_id, l.item_code, coalesce(v.facility_id, l.facility_id) AS facility_id,
			coalesce(v.person_id, l.person_id) AS person_id, l.excess_quantity, l.excess_amount, l.excess_claimed,
			sum(l.excess_amount) OVER (PARTITION BY l.visit_id) AS visit_excess
		FROM medaudit_work.found_group AS g
		JOIN medaudit_work.group_line AS l ON l.key = g.key AND coalesce(l.subject_id, g.subject_id) = g.subject_id
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
		WHERE g.n IN (SELECT e.n FROM medaudit._run_groups_by_line() AS e (n))
	), alias AS MATERIALIZED (
		SELECT a.item_code, array_agg(a.national_code) AS codes FROM medaudit._item_aliases() AS a WHERE by_item GROUP BY a.item_code
	), met AS MATERIALIZED (
		SELECT l.*, x.suffix, x.fact
		FROM line AS l
		LEFT JOIN alias AS a ON a.item_code = l.item_code
		LEFT JOIN alias AS o ON o.item_code = l.item_code || chr(31) || l.facility_id
		LEFT JOIN LATERAL medaudit._set_aside(code, l.facility_id, l.person_id, l.item_code || coalesce(o.codes, a.codes), l.judged_on, l.visit_id,
			l.line_id, l.excess_amount, l.visit_excess) AS x ON true
	), part AS MATERIALIZED (
		SELECT p.*, p.lines < p.of_lines AS cut
		FROM (
			SELECT m.n, m.suffix, (array_agg(m.fact ORDER BY m.line_no))[1] AS fact, count(*) AS lines, sum(count(*)) OVER same AS of_lines,
				array_agg(m.line_no ORDER BY m.line_no) AS line_nos, array_agg(m.line_id) FILTER (WHERE m.line_id IS NOT NULL) AS line_ids,
				sum(m.excess_quantity) AS quantity, sum(m.excess_amount) AS gross, sum(m.excess_claimed) AS claimed,
				sum(sum(m.excess_amount)) OVER same AS of_gross
			FROM met AS m GROUP BY m.n, m.suffix WINDOW same AS (PARTITION BY m.n)
		) AS p
		WHERE p.n IN (SELECT m.n FROM met AS m WHERE m.suffix IS NOT NULL)
	), gone AS (
		DELETE FROM medaudit_work.found_group AS g USING (SELECT DISTINCT p.n FROM part AS p) AS p WHERE g.n = p.n
	), moved AS (
		UPDATE medaudit_work.group_line AS l
		SET key = concat(l.key, m.suffix), line_no = m.new_no, evidence = CASE WHEN m.suffix IS NULL THEN l.evidence ELSE coalesce(l.evidence, '{}') || m.fact END
		FROM (SELECT i.*, row_number() OVER (PARTITION BY i.n, i.suffix ORDER BY i.line_no) AS new_no FROM met AS i) AS m
		WHERE m.place = l.ctid AND m.n IN (SELECT p.n FROM part AS p)
	), content AS (
		UPDATE medaudit_work.content AS c SET key = g.key || p.suffix
		FROM part AS p JOIN medaudit_work.found_group AS g ON g.n = p.n
		WHERE NOT p.cut AND c.subject_id = g.subject_id AND c.key = g.key
	), no_content AS (
		-- what makes the whole another one says nothing of its parts: their lines do
		DELETE FROM medaudit_work.content AS c
		USING part AS p JOIN medaudit_work.found_group AS g ON g.n = p.n
		WHERE p.cut AND c.subject_id = g.subject_id AND c.key = g.key
	)
	INSERT INTO medaudit_work.found_group (subject_kind, subject_id, key, person_id, visit_id, facility_id, physician_id, visit_ids, line_ids,
		excess_quantity, gross_amount, claimed_amount, involved_amount, score, certainty, evidence, evidence_text, judged_on)
	SELECT g.subject_kind, g.subject_id, concat(g.key, p.suffix), g.person_id, g.visit_id, g.facility_id, g.physician_id, g.visit_ids,
		CASE WHEN p.cut AND g.line_ids <> '{}' THEN p.line_ids ELSE g.line_ids END,
		CASE WHEN p.cut AND g.excess_quantity IS NOT NULL THEN p.quantity ELSE g.excess_quantity END,
		CASE WHEN p.cut AND g.gross_amount IS NOT NULL THEN p.gross ELSE g.gross_amount END,
		CASE WHEN p.cut AND g.claimed_amount IS NOT NULL THEN p.claimed ELSE g.claimed_amount END,
		CASE WHEN p.cut AND g.involved_amount = g.gross_amount THEN p.gross ELSE g.involved_amount END, g.score, g.certainty,
		g.evidence || coalesce(p.fact, '{}') || CASE WHEN p.cut THEN jsonb_build_object('part', jsonb_strip_nulls(jsonb_build_object(
			'lines', p.lines, 'of_lines', p.of_lines, 'line_nos', p.line_nos, 'gross_amount', p.gross, 'of_gross_amount', p.of_gross))) ELSE '{}' END,
		g.evidence_text, g.judged_on
	FROM part AS p JOIN medaudit_work.found_group AS g ON g.n = p.n;
END
$$;

COMMENT ON PROCEDURE _run_cut_groups(text) IS
	'分列判定结果: lines in excess of groups that an exemption or a report of the institution covers move to a twin of their group, which is set aside';

CREATE OR REPLACE FUNCTION _run_groups_by_line() RETURNS SETOF bigint
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT DISTINCT g.n
	FROM medaudit_work.found_group AS g
	JOIN medaudit_work.group_line AS l ON l.key = g.key AND coalesce(l.subject_id, g.subject_id) = g.subject_id
	WHERE l.excess_amount IS NOT NULL OR l.excess_quantity IS NOT NULL
$$;

COMMENT ON FUNCTION _run_groups_by_line() IS
	'按明细的判定结果: the groups whose lines say what of them is in excess. Only within an audit run';

-- Groups whose lines say nothing of an excess are set aside as a whole, where something
-- sets aside each of their visits, or without visits themselves; one is exempt where an
-- exemption is among that.  A report of a visit is of all that the rule finds there: a
-- cent is none.  Of which of its visits the money of a group is, is not known: it counts
-- in each.
CREATE OR REPLACE PROCEDURE _run_set_groups_aside(code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	aside record;
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit.exemption AS e WHERE e.rule_code = code)
			AND NOT EXISTS (SELECT FROM medaudit.self_report AS r WHERE r.rule_code = code) THEN
		RETURN;
	END IF;
	CALL medaudit._run_cut_groups(code);
	FOR aside IN
		SELECT g.n, g.subject_id, g.key, g.key || min(x.suffix) AS new_key,
			coalesce((array_agg(x.fact ORDER BY g.place) FILTER (WHERE x.suffix = ' exempt'))[1], '{}')
				|| coalesce((array_agg(x.fact ORDER BY g.place) FILTER (WHERE x.suffix <> ' exempt'))[1], '{}') AS fact
		FROM (
			SELECT i.n, i.subject_id, i.key, i.facility_id, i.person_id, i.judged_on, m.visit_id, m.place, a.money,
				sum(a.money) OVER (PARTITION BY m.visit_id) AS visit_money
			FROM medaudit_work.found_group AS i
			CROSS JOIN LATERAL unnest(coalesce(nullif(i.visit_ids, '{}'), '{NULL}')) WITH ORDINALITY AS m (visit_id, place)
			CROSS JOIN LATERAL (SELECT coalesce(i.gross_amount, i.claimed_amount) AS money) AS a
			WHERE i.n NOT IN (SELECT e.n FROM medaudit._run_groups_by_line() AS e (n))
		) AS g
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = g.visit_id
		-- of no visit: by whom and where the group is
		CROSS JOIN LATERAL (SELECT CASE WHEN g.visit_id IS NULL THEN g.facility_id ELSE v.facility_id END AS facility_id,
			CASE WHEN g.visit_id IS NULL THEN g.person_id ELSE v.person_id END AS person_id) AS w
		LEFT JOIN LATERAL medaudit._set_aside(code, w.facility_id, w.person_id, '{}', g.judged_on, g.visit_id, NULL, g.money,
			CASE WHEN g.money IS NOT NULL THEN g.visit_money END) AS x ON true
		GROUP BY g.n, g.subject_id, g.key HAVING bool_and(x.suffix IS NOT NULL)
	LOOP
		UPDATE medaudit_work.group_line AS l SET key = aside.new_key WHERE l.key = aside.key AND coalesce(l.subject_id, aside.subject_id) = aside.subject_id;
		UPDATE medaudit_work.content AS c SET key = aside.new_key WHERE c.subject_id = aside.subject_id AND c.key = aside.key;
		UPDATE medaudit_work.found_group AS g SET key = aside.new_key, evidence = g.evidence || aside.fact WHERE g.n = aside.n;
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_set_groups_aside(text) IS
	'搁置判定结果: what an exemption or a report of the institution covers gets the key of a twin that is set aside: lines in excess, and as a whole groups whose lines say nothing of that and all of whose visits are covered';

-- A function of a fund's own may have returned what cannot be a finding.
CREATE OR REPLACE PROCEDURE _run_check_groups(code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong record;
BEGIN
	SELECT g.subject_kind, g.subject_id, g.key, count(*) AS times INTO wrong
	FROM medaudit_work.found_group AS g
	GROUP BY g.subject_kind, g.subject_id, g.key
	HAVING count(*) > 1 OR g.subject_id IS NULL
	ORDER BY g.subject_kind, g.subject_id, g.key LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN wrong.subject_id IS NULL
			THEN format(medaudit._say('rule "%s": a group names no %s'), code, wrong.subject_kind)
			ELSE format(medaudit._say('rule "%s": %s groups of %s %s with the key %L'), code, wrong.times, wrong.subject_kind, wrong.subject_id, wrong.key) END,
			HINT = medaudit._say('The function of the kind gives each thing that it finds a subject, and a key of its own among those of the subject.');
	END IF;
	SELECT g.subject_kind, g.subject_id, g.key INTO wrong FROM medaudit_work.found_group AS g
	WHERE g.judged_on IS NULL AND g.visit_ids = '{}' ORDER BY g.subject_kind, g.subject_id, g.key LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": a group of %s %s names neither a visit nor a day'), code, wrong.subject_kind, wrong.subject_id),
			HINT = medaudit._say('Without visits the function says by judged_on to which day a finding belongs.');
	END IF;
	SELECT g.subject_kind, g.certainty INTO wrong FROM medaudit_work.found_group AS g
	WHERE g.subject_kind NOT IN ('facility', 'pharmacy', 'physician', 'person', 'agency')
		OR g.certainty NOT IN ('violation', 'suspicion', 'notice') LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": a group of subject_kind %L and certainty %L'), code, wrong.subject_kind, wrong.certainty),
			HINT = medaudit._say('Subjects are facility, pharmacy, physician, person and agency; certainties violation, suspicion and notice.');
	END IF;
	-- sums over findings would fail for all who read them
	SELECT g.subject_id, g.key INTO wrong FROM medaudit_work.found_group AS g
	WHERE greatest(abs(g.excess_quantity), abs(g.gross_amount), abs(g.claimed_amount), abs(g.involved_amount)) >= 1e15
		OR abs(g.score) >= 'Infinity' OR jsonb_typeof(g.evidence) <> 'object' LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": the group of %s with the key %L has a number beyond all measure, or evidence that is no JSON object'),
				code, wrong.subject_id, wrong.key),
			HINT = medaudit._say('Quantities and yuan are below 1e15, a score is finite, and evidence is {"name": fact}.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_check_groups(text) IS
	'检查判定结果: 22023 where a function returned two groups of one subject and key, one without subject or without visit and day, an unknown word, a number beyond all measure or evidence that is no object';

-- What the run has put together of visits that lie outside its period is known to
-- be there, and no candidate, unless an earlier run has covered its day and it
-- does not stand as it is found now.
CREATE OR REPLACE PROCEDURE _run_keep_groups(run_no bigint, code text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	INSERT INTO medaudit_work.found (rule_code, subject_id, key, judged_on)
	SELECT code, g.subject_id, g.key, g.judged_on FROM medaudit_work.found_group AS g;
	DELETE FROM medaudit_work.found_group AS g
	USING medaudit.run AS r
	WHERE r.run_id = run_no AND (r.scope = 'period' AND g.judged_on >= r.from_date AND g.judged_on < r.to_date) IS NOT TRUE
		AND (g.judged_on IS NULL OR NOT medaudit._run_covered(code, g.judged_on)
			OR r.scope = 'period' AND EXISTS (SELECT FROM medaudit.finding AS f
				LEFT JOIN medaudit_work.content AS c ON c.subject_id = g.subject_id AND c.key = g.key
				WHERE f.rule_code = code AND f.key = g.key
					AND f.subject_id = g.subject_id AND f.judged_on = g.judged_on
					AND CASE WHEN c.content IS NULL THEN f.evidence - 'partners' = g.evidence
						ELSE f.fingerprint = sha256(convert_to(c.content, 'UTF8')) END
					AND f.state NOT IN ('changed', 'superseded')));
END
$$;

COMMENT ON PROCEDURE _run_keep_groups(bigint, text) IS
	'判定结果归属: keeps the groups that belong to the period of the run, or to a day that was run before';

-- The charges of its visits that a group names, in one pass over the charges.
CREATE OR REPLACE PROCEDURE _run_named_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.candidate_line (n, line_no, visit_id, line_id, item_code, item_name, charged_at,
		quantity, amount, facility_id, person_id, facility_name)
	SELECT g.n, row_number() OVER (PARTITION BY g.n ORDER BY c.charged_at, c.line_id COLLATE "C", c.item_code COLLATE "C"),
		c.visit_id, c.line_id, medaudit._shown_code(c.item_code), c.item_name, c.charged_at, c.quantity, c.amount,
		v.facility_id, v.person_id, v.facility_name
	FROM medaudit_work.found_group AS g
	CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id)
	JOIN pg_temp.medaudit_read_charge() AS c ON c.visit_id = m.visit_id AND c.line_id = ANY (g.line_ids)
	LEFT JOIN medaudit_work.visit AS v ON v.visit_id = c.visit_id
	WHERE g.line_ids <> '{}' AND NOT EXISTS (SELECT FROM medaudit_work.candidate_line AS l WHERE l.n = g.n);
END
$$;

COMMENT ON PROCEDURE _run_named_lines() IS
	'指定明细: the charges that groups name by line_ids, as lines of the candidates';

-- The lines of the groups: those that the function tells, the charges that it
-- names, else its visits; of stays all visits of each.
CREATE OR REPLACE PROCEDURE _run_group_lines(kind rule_kind)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	INSERT INTO medaudit_work.candidate_line (n, line_no, visit_id, line_id, item_code, item_name, charged_at,
		quantity, amount, facility_id, person_id, evidence, evidence_text, excess_quantity, excess_amount, excess_claimed)
	SELECT g.n, l.line_no, l.visit_id, l.line_id, l.item_code, l.item_name, l.charged_at, l.quantity, l.amount,
		l.facility_id, l.person_id, l.evidence, l.evidence_text, l.excess_quantity, l.excess_amount, l.excess_claimed
	FROM medaudit_work.found_group AS g
	JOIN medaudit_work.group_line AS l ON l.key = g.key AND coalesce(l.subject_id, g.subject_id) = g.subject_id;
	IF EXISTS (SELECT FROM medaudit_work.found_group AS g WHERE g.line_ids <> '{}'
			AND NOT EXISTS (SELECT FROM medaudit_work.candidate_line AS l WHERE l.n = g.n)) THEN
		CALL medaudit._run_named_lines();
	END IF;
	INSERT INTO medaudit_work.candidate_line (n, line_no, visit_id, charged_at,
		amount, facility_id, person_id, facility_name, evidence_text)
	SELECT g.n, row_number() OVER (PARTITION BY g.n ORDER BY m.line_no, v.admitted_at, v.visit_id),
		v.visit_id, v.admitted_at, v.total_amount, v.facility_id, v.person_id, v.facility_name,
		concat(coalesce(v.person_name, v.person_id), '，', medaudit._visit_record_zh(v.facility_name, v.facility_id,
			v.admitted_at, v.discharged_at, v.record_no, v.visit_id, v.stay))
	FROM medaudit_work.found_group AS g
	CROSS JOIN LATERAL unnest(g.visit_ids) WITH ORDINALITY AS m (visit_id, line_no)
	CROSS JOIN LATERAL (
		SELECT i.visit_id FROM medaudit_work.member AS i WHERE i.stay_id = m.visit_id AND kind.book = 'stays'
		UNION SELECT m.visit_id
	) AS i
	CROSS JOIN LATERAL (
		SELECT r.visit_id, r.admitted_at, r.discharged_at, r.total_amount, r.facility_id, r.person_id, r.facility_name,
			r.person_name, r.record_no, r.stay
		FROM medaudit_work.visit AS r WHERE r.visit_id = i.visit_id
		UNION ALL
		SELECT u.visit_id, u.admitted_at, u.discharged_at, u.total_amount, u.facility_id, u.person_id, f.name, p.name, NULL, u.stay
		FROM medaudit_work.unread AS u
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = u.facility_id
		LEFT JOIN medaudit_work.person AS p ON p.person_id = u.person_id
		WHERE u.visit_id = i.visit_id
	) AS v
	WHERE NOT EXISTS (SELECT FROM medaudit_work.candidate_line AS l WHERE l.n = g.n);
END
$$;

COMMENT ON PROCEDURE _run_group_lines(rule_kind) IS
	'判定明细: lines of the groups, which are visits where the function names no charges';

-- Of stays the first 200 stand in the evidence.
CREATE OR REPLACE PROCEDURE _run_group_candidates(rule rule, kind rule_kind)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
	with_fund bool := kind.kind = 'similar_amounts';
BEGIN
	INSERT INTO medaudit_work.candidate (n, rule_code, subject_kind, subject_id, key,
		person_id, visit_id, facility_id, physician_id, excess_quantity, gross_amount, claimed_amount,
		involved_amount, score, evidence, judged_on, facility_name, person_name, evidence_text, certainty, fingerprint)
	SELECT g.n, rule.rule_code, g.subject_kind, g.subject_id, g.key, g.person_id, coalesce(g.visit_id, v.last_visit),
		g.facility_id, g.physician_id, g.excess_quantity, g.gross_amount, g.claimed_amount,
		coalesce(g.involved_amount, v.involved), g.score, CASE WHEN kind.book = 'stays'
			THEN g.evidence || jsonb_build_object('partners', v.partners) ELSE g.evidence END,
		g.judged_on, f.name, p.name, g.evidence_text, coalesce(g.certainty,
			CASE WHEN g.evidence ? 'doubt' AND rule.certainty = 'violation' THEN 'suspicion' END),
		sha256(convert_to(c.content, 'UTF8'))
	FROM medaudit_work.found_group AS g
	LEFT JOIN (
		SELECT s.n, sum(s.total_amount) AS involved,
			(array_agg(s.visit_id ORDER BY s.judged_at DESC NULLS LAST, s.visit_id DESC))[1] AS last_visit,
			jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
				'visit_id', s.visit_id, 'person_id', s.person_id, 'facility_id', s.facility_id,
				'admitted_at', s.admitted_at, 'discharged_at', s.discharged_at,
				'diagnosis', s.main_diagnosis, 'amount', s.total_amount,
				'fund_amount', CASE WHEN with_fund THEN s.fund_amount END))
				ORDER BY s.place) FILTER (WHERE s.place <= 200) AS partners
		FROM (
			SELECT i.n, t.*, row_number() OVER (PARTITION BY i.n
				ORDER BY t.admitted_at, t.visit_id) AS place
			FROM medaudit_work.found_group AS i
			CROSS JOIN LATERAL unnest(i.visit_ids) AS m (visit_id)
			CROSS JOIN LATERAL (
				SELECT s.visit_id, s.person_id, s.facility_id, s.admitted_at, s.discharged_at, s.main_diagnosis,
					s.total_amount, s.fund_amount, s.judged_at
				FROM medaudit_work.stay AS s WHERE s.visit_id = m.visit_id AND kind.book = 'stays'
				UNION ALL
				SELECT s.visit_id, s.person_id, s.facility_id, s.admitted_at, s.discharged_at, s.main_diagnosis,
					s.total_amount, s.fund_amount, s.judged_at
				FROM medaudit_work.visit AS s WHERE s.visit_id = m.visit_id
					AND NOT (kind.book = 'stays' AND EXISTS (SELECT FROM medaudit_work.stay AS o WHERE o.visit_id = m.visit_id))
				UNION ALL
				SELECT u.visit_id, u.person_id, u.facility_id, u.admitted_at, u.discharged_at, u.main_diagnosis,
					u.total_amount, NULL, u.judged_at
				FROM medaudit_work.unread AS u WHERE u.visit_id = m.visit_id
			) AS t
		) AS s
		GROUP BY s.n
	) AS v ON v.n = g.n
	LEFT JOIN medaudit_work.content AS c ON c.subject_id = g.subject_id AND c.key = g.key
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = g.facility_id
	LEFT JOIN medaudit_work.person AS p ON p.person_id = g.person_id;
END
$$;

COMMENT ON PROCEDURE _run_group_candidates(rule, rule_kind) IS
	'候选发现: a candidate finding per group, with the money involved';

-- On what the money of the fund in an excess rests: a word for the way of payment that is
-- none of those which visit may have says nothing of it.
CREATE OR REPLACE FUNCTION _fund_basis(payment_method text, stay bool, fund numeric, scope numeric) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN code_fold(payment_method) IN ('DRG', 'DIP', 'CASE', 'BED_DAY', 'CAPITATION') THEN 'case_paid'
		-- a stay may have been paid by case
		WHEN code_fold(payment_method) = 'ITEM' OR NOT coalesce(stay, false) AND coalesce(code_fold(payment_method), '') = '' THEN
			CASE WHEN fund IS NOT NULL AND scope > 0 THEN 'by_item' ELSE 'unknown' END
		ELSE 'unknown' END;

COMMENT ON FUNCTION _fund_basis(text, bool, numeric, numeric) IS
	'基金金额依据: by_item, case_paid or unknown for a visit with this way of payment, fund and scope amount';

-- Groups whose lines tell what was claimed in excess tell what the fund paid of it, as
-- charge rules do: the rounded lines add up to the rounded finding.
CREATE OR REPLACE PROCEDURE _run_group_fund()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit_work.candidate_line AS l WHERE l.excess_claimed IS NOT NULL) THEN
		RETURN;
	END IF;
	UPDATE medaudit_work.candidate AS c
	SET fund_basis = medaudit._fund_basis(v.payment_method, v.stay, v.fund_amount, v.scope_amount)
	FROM medaudit_work.visit AS v
	WHERE v.visit_id = c.visit_id AND c.claimed_amount IS NOT NULL;
	UPDATE medaudit_work.candidate_line AS l
	SET fund_amount = p.fund
	FROM (
		SELECT i.n, i.line_no, CASE c.fund_basis WHEN 'case_paid' THEN 0.00 WHEN 'by_item' THEN
			round(sum(i.excess_claimed) OVER so_far * v.fund_amount / v.scope_amount, 2)
				- round((sum(i.excess_claimed) OVER so_far - i.excess_claimed) * v.fund_amount / v.scope_amount, 2) END AS fund
		FROM medaudit_work.candidate_line AS i
		JOIN medaudit_work.candidate AS c ON c.n = i.n AND c.claimed_amount IS NOT NULL
		JOIN medaudit_work.visit AS v ON v.visit_id = c.visit_id
		WHERE i.excess_claimed IS NOT NULL
		WINDOW so_far AS (PARTITION BY i.n ORDER BY i.line_no)
	) AS p
	WHERE p.n = l.n AND p.line_no = l.line_no;
	UPDATE medaudit_work.candidate AS c SET fund_amount = s.fund
	FROM (SELECT i.n, sum(i.fund_amount) AS fund FROM medaudit_work.candidate_line AS i GROUP BY i.n) AS s
	WHERE s.n = c.n AND c.fund_basis IS NOT NULL;
END
$$;

COMMENT ON PROCEDURE _run_group_fund() IS
	'判定结果的基金金额: what the fund paid of what the lines of groups claim in excess';

-- Who shares a number with somebody who is judged, and has nothing settled in the period
-- himself: his visits are read, for the two may be one, but what he was dispensed and
-- claimed is not.
CREATE OR REPLACE PROCEDURE _run_tell_unasked()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('unasked') THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.unasked (people_id)
	SELECT s.people_id
	FROM medaudit_work.span AS s
	JOIN (SELECT DISTINCT p.number_owner FROM medaudit_work.person AS p WHERE p.number_owner <> p.person_id) AS o ON o.number_owner = s.number_owner
	GROUP BY s.people_id HAVING NOT bool_or(s.settled);
	PERFORM medaudit._analyze('unasked');
END
$$;

COMMENT ON PROCEDURE _run_tell_unasked() IS
	'未问人员: people whose visits a run has read only for a number that they share, once in a run, into a working table';

-- Standing findings beyond the period about which a run knows all that there is,
-- as the kind says.  PERIOD: of none.  Else all visits that it rests on were read,
-- or taken back: VISIT, one of them is judged by the run; PERSON, of a person who
-- has one that is; PERSON_YEAR, that, and the run asked the book of its year; YEAR,
-- the run asked it; what was dispensed is known of what began in these years.
-- QUARTER: no visits, but a date of a quarter that the run asked whole.  SUBJECT: it is
-- about a person who has a visit that is judged.
--
-- Books of what was dispensed or claimed are those of the people of whom something was
-- settled, and of nobody who only shares a number with them.
--
-- A stay under several numbers is judged with the last of its settlements: a run that
-- judges another one of them does not ask it.
CREATE OR REPLACE PROCEDURE _run_reach_findings(code text, kind rule_kind)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	of_people bool := kind.reach IN ('person', 'person_year') AND kind.book IN ('fills', 'claims');
BEGIN
	IF kind.reach = 'subject' THEN
		-- findings are few, visits are many
		INSERT INTO medaudit_work.reached (finding_id)
		SELECT DISTINCT f.finding_id
		FROM medaudit.finding AS f
		JOIN medaudit_work.span AS s ON s.person_id = f.subject_id AND s.looked AND s.judged_person
		WHERE f.rule_code = code AND f.state = ANY (medaudit._met_states());
	ELSIF kind.reach = 'quarter' THEN
		INSERT INTO medaudit_work.reached (finding_id)
		SELECT f.finding_id
		FROM medaudit.finding AS f
		JOIN medaudit_work.swipe_quarter AS q ON q.first_day = date_trunc('quarter', f.judged_on::timestamp)::date
		WHERE f.rule_code = code AND f.state = ANY (medaudit._met_states());
	ELSIF kind.reach <> 'period' THEN
		CALL medaudit._run_see_standing(code, kind.reach);
		IF of_people THEN
			CALL medaudit._run_tell_unasked();
		END IF;
		INSERT INTO medaudit_work.reached (finding_id)
		SELECT l.finding_id
		FROM medaudit.finding AS f
		JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
		LEFT JOIN medaudit_work.chain AS c ON c.visit_id = l.visit_id
		-- the stays of whom the run does not judge it may have taken as they are kept
		LEFT JOIN medaudit_work.stay AS m ON m.visit_id = coalesce(v.stay_id, c.stay_id, l.visit_id)
		LEFT JOIN medaudit_work.span AS s ON s.visit_id = l.visit_id AND s.void
		LEFT JOIN medaudit_work.unasked AS u ON of_people AND u.people_id = coalesce(v.people_id, s.people_id)
		WHERE f.rule_code = code AND f.state = ANY (medaudit._met_states())
		GROUP BY l.finding_id
		HAVING bool_and(v.visit_id IS NOT NULL OR s.visit_id IS NOT NULL OR m.visit_id IS NOT NULL)
			AND bool_or(kind.reach = 'year' OR coalesce(s.settled, false)
				OR coalesce(CASE WHEN kind.reach <> 'visit' THEN v.judged_person WHEN kind.book = 'stays' THEN coalesce(m.judged, v.judged) ELSE v.judged END, false))
			AND (NOT of_people OR bool_and(u.people_id IS NULL AND (coalesce(v.judged_person, false) OR s.visit_id IS NOT NULL)))
			AND (kind.book <> 'fills' OR kind.reach <> 'person'
				OR extract(year FROM min(l.charged_at)) IN (SELECT y.year FROM medaudit._fill_years() AS y (year)))
			AND (kind.reach NOT IN ('year', 'person_year')
				OR coalesce(substring(min(f.key), '@([0-9]{4})(-[0-9]{2}-[0-9]{2})?( doubt)?( exempt| self_reported)?$')::numeric,
					max(extract(year FROM m.admitted_at))) IN (SELECT y.year FROM medaudit_work.year AS y WHERE kind.book <> 'fills'
						UNION ALL SELECT y.year FROM medaudit._fill_years() AS y (year) WHERE kind.book = 'fills'));
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_reach_findings(text, rule_kind) IS
	'可及发现: standing findings of a rule that the run would find again if they were there, by reach of its kind';

CREATE OR REPLACE PROCEDURE _run_kind(run_no bigint, code text, INOUT found_rows bigint DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	rule medaudit.rule;
	kind medaudit.rule_kind;
BEGIN
	SELECT r.* INTO rule FROM medaudit.rule AS r WHERE r.rule_code = code;
	SELECT k.* INTO kind FROM medaudit.rule_kind AS k WHERE k.kind = rule.kind;
	CALL medaudit._run_clear_candidates();
	CALL medaudit._run_ask_kind(run_no, code, kind);
	-- most rules find nothing
	IF EXISTS (SELECT FROM medaudit_work.found_group) THEN
		CALL medaudit._run_look_at_kept();
		CALL medaudit._run_read_unread();
		CALL medaudit._run_know_persons('SELECT g.person_id FROM medaudit_work.found_group AS g UNION ALL SELECT l.person_id FROM medaudit_work.group_line AS l'
			' UNION ALL SELECT u.person_id FROM medaudit_work.unread AS u');
		CALL medaudit._run_complete_groups(rule, kind);
		CALL medaudit._run_set_groups_aside(code);
		CALL medaudit._run_keep_groups(run_no, code);
		CALL medaudit._run_word_groups(rule);
		CALL medaudit._run_group_lines(kind);
		CALL medaudit._run_group_candidates(rule, kind);
		CALL medaudit._run_group_fund();
	END IF;
	CALL medaudit._run_reach_findings(code, kind);
	found_rows := medaudit._run_store(run_no, ARRAY[code]);
END
$$;

COMMENT ON PROCEDURE _run_kind(bigint, text, bigint) IS
	'规则步骤: asks a rule whose kind has a function, and stores what it found';

-- ------------------------------------------------ what own functions read

CREATE OR REPLACE VIEW run_period WITH (security_invoker = true) AS
SELECT p.from_date, p.to_date FROM medaudit_work.period AS p;

COMMENT ON VIEW run_period IS
	'判定周期: while a run asks, the period that it asks of: that of the run, or one whole natural period of the kind';
COMMENT ON COLUMN run_period.from_date IS '开始日期: first day';
COMMENT ON COLUMN run_period.to_date IS '结束日期: day after the last';

CREATE OR REPLACE VIEW run_stay WITH (security_invoker = true) AS
SELECT s.visit_id, s.people_id, s.facility_id, s.provider_id, s.record_no, s.admitted_at, s.discharged_at, s.until,
	s.judged_at, s.judged, s.judged_person, s.stay, s.visit_type, s.insurance_type, s.department, s.physician_id,
	s.main_diagnosis, s.diagnosis_codes, s.total_amount, s.scope_amount, s.fund_amount, s.payment_method,
	s.person_id, s.person_name, s.sex, s.birth_date, s.household_id, s.facility_name, s.tags
FROM medaudit_work.stay AS s;

COMMENT ON VIEW run_stay IS
	'住院: while a run asks rules over stays, the stays that it has read with their tags, several numbers of one stay in one row, and visits of one date inside a stay';
COMMENT ON COLUMN run_stay.visit_id IS '就诊编号: first of the numbers of the stay';
COMMENT ON COLUMN run_stay.people_id IS '人员: whose it is; persons of one resident number are one';
COMMENT ON COLUMN run_stay.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN run_stay.provider_id IS '机构主体: facilities of one credit code are one';
COMMENT ON COLUMN run_stay.record_no IS '住院号: as the hospital knows it';
COMMENT ON COLUMN run_stay.admitted_at IS '入院时间: when it began';
COMMENT ON COLUMN run_stay.discharged_at IS '出院时间: NULL: not discharged';
COMMENT ON COLUMN run_stay.until IS '截止时间: discharge, else settlement, else what is known last, at most 366 days';
COMMENT ON COLUMN run_stay.judged_at IS '结算时间: of its last settlement, else discharge; NULL: not settled';
COMMENT ON COLUMN run_stay.judged IS '是否本期: whether it was settled in the period of the run';
COMMENT ON COLUMN run_stay.judged_person IS '是否本期人员: whether its person has a visit that was';
COMMENT ON COLUMN run_stay.stay IS '是否住院: false: a visit of one date inside a stay';
COMMENT ON COLUMN run_stay.visit_type IS '医疗类别: as bound';
COMMENT ON COLUMN run_stay.insurance_type IS '险种: as bound';
COMMENT ON COLUMN run_stay.department IS '科室: as bound';
COMMENT ON COLUMN run_stay.physician_id IS '医师编号: as bound';
COMMENT ON COLUMN run_stay.main_diagnosis IS '主要诊断: as bound';
COMMENT ON COLUMN run_stay.diagnosis_codes IS '诊断: all that are known';
COMMENT ON COLUMN run_stay.total_amount IS '总费用: yuan';
COMMENT ON COLUMN run_stay.scope_amount IS '符合范围金额: yuan';
COMMENT ON COLUMN run_stay.fund_amount IS '基金支付: yuan';
COMMENT ON COLUMN run_stay.payment_method IS '支付方式: as bound';
COMMENT ON COLUMN run_stay.person_id IS '人员编号: of the visit';
COMMENT ON COLUMN run_stay.person_name IS '姓名: of the register';
COMMENT ON COLUMN run_stay.sex IS '性别: 1 or 2';
COMMENT ON COLUMN run_stay.birth_date IS '出生日期: NULL: not known';
COMMENT ON COLUMN run_stay.household_id IS '户编号: of the register';
COMMENT ON COLUMN run_stay.facility_name IS '机构名称: NULL: not known';
COMMENT ON COLUMN run_stay.tags IS '标签: see stay_tag';

CREATE OR REPLACE VIEW run_stay_book WITH (security_invoker = true) AS
SELECT b.gathered_by, b.owner, b.facility_id, b.year, b.book
FROM medaudit_work.stay_book AS b;

COMMENT ON VIEW run_stay_book IS
	'住院册: while a run asks rules over stays, their books, gathered once: of a person with a visit of the run (person; with other visits beside the stays, events), of a person in a year and the one before (year), of a facility in the years that the run asks (facility; cut at the turn of the year, beds), and of what a facility settled in a whole month of the period (month)';
COMMENT ON COLUMN run_stay_book.gathered_by IS '汇集方式: person, events, year, facility, beds or month';
COMMENT ON COLUMN run_stay_book.owner IS '所属: the people_id, the facility, or facility and month (YYYY-MM) joined by 0x1F';
COMMENT ON COLUMN run_stay_book.facility_id IS '定点医药机构编号: NULL: of a person';
COMMENT ON COLUMN run_stay_book.year IS '年度: of year and beds';
COMMENT ON COLUMN run_stay_book.book IS '住院册: what detectors over stays take';
