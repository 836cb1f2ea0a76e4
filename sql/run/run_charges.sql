-- The charge rules of a run: one pass over the ledgers of persons, and what is
-- in excess becomes candidate findings.

-- Whether some rule asks of a visit more than its lines.
CREATE OR REPLACE FUNCTION _rules_need_context(rule_codes text[]) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM medaudit.charge_rule AS c
			JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
			WHERE c.rule_code = ANY (rule_codes)
				-- of a price, whatever it says beside items, prices and dates
				AND (r.kind <> 'price' OR jsonb_strip_nulls(to_jsonb(c)) - '{rule_code,item_code,code_match,
					item_group,max_price,unit,certainty,valid,note,shipped,published_on,charge_rule_id}'::text[] <> '{}'))
		OR EXISTS (SELECT FROM medaudit.package AS p
			WHERE p.rule_code = ANY (rule_codes));

COMMENT ON FUNCTION _rules_need_context(text[]) IS
	'是否需要就诊背景: whether one of the rules asks for more than the lines: facility and dates, as all but prices do, sex, age, rank, type, department or diagnoses';

-- All diagnoses of a visit: the list, and those that its settlements name as main.
CREATE OR REPLACE FUNCTION _visit_diagnoses(codes text[], main text, mains text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN mains IS NOT NULL THEN array_cat(codes, mains)
		WHEN main IS NULL OR main = ANY (codes) THEN codes ELSE array_append(codes, main) END;

COMMENT ON FUNCTION _visit_diagnoses(text[], text, text[]) IS
	'就诊诊断: the codes of diagnosis, and the main ones of the settlements (main where there are no several); NULL: none is known';

-- What charge rules ask of each visit of each book, typed; nothing where no rule
-- of the run asks.  Only a stay has dates: a cap per day holds for all of it,
-- while an outpatient visit over weeks keeps the cap of each day.
CREATE OR REPLACE PROCEDURE _run_contexts(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	asked_for bool := medaudit._rules_need_context(ARRAY(SELECT r.rule_code
		FROM medaudit._rules_of_run(run_no) AS r WHERE r.step = 'charges'));
BEGIN
	IF medaudit._run_made('context') THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('context');
	INSERT INTO medaudit_work.context (place, book_no, visit_id, asked, context)
	SELECT v.place, v.book_no, v.visit_id, v.asked, CASE WHEN asked_for THEN medaudit.visit_context(
			v.sex, v.birth_date, v.facility_rank, v.visit_type, v.insurance_type, v.department,
			CASE WHEN k.stay THEN coalesce(e.admitted_at, v.admitted_at) END,
			CASE WHEN k.stay THEN CASE WHEN e.stay_id IS NULL THEN v.discharged_at ELSE e.discharged_at END END,
			medaudit._visit_diagnoses(d.codes, v.main_diagnosis, v.main_diagnoses), v.provider_id,
			CASE WHEN k.stay THEN e.stay_id END, e.part_from, e.part_to) END
	FROM (
		SELECT b.owner AS place, b.book_no, extract(year FROM s.ends)::int = b.year AS asked, b.sex, b.birth_date,
			coalesce(s.insurance_type, b.insurance_type) AS insurance_type, s.visit_id, s.facility_rank, s.visit_type,
			s.department, s.admitted_at, s.discharged_at, s.main_diagnosis, s.main_diagnoses, s.provider_id, s.stay_id
		FROM medaudit_work.charge_book AS b
		JOIN medaudit_work.span AS s ON s.owner = b.owner AND s.ends >= b.reads_from AND s.begins <= b.reads_to
		WHERE s.judged_at IS NOT NULL AND NOT s.void
		UNION ALL
		SELECT coalesce(s.owner, s.visit_id), - row_number() OVER ()::int, true, p.sex, p.birth_date,
			coalesce(s.insurance_type, p.insurance_type), s.visit_id, s.facility_rank, s.visit_type,
			s.department, s.admitted_at, s.discharged_at, s.main_diagnosis, s.main_diagnoses, s.provider_id, s.stay_id
		FROM medaudit_work.span AS s
		LEFT JOIN medaudit_work.person AS p ON p.person_id = s.person_id AND NOT s.on_mother
		WHERE s.judged AND (s.owner IS NULL OR s.begins IS NULL)
	) AS v
	LEFT JOIN medaudit_work.diagnosis AS d ON asked_for AND d.visit_id = v.visit_id
	LEFT JOIN (
		SELECT t.visit_type, medaudit.class_of_visit(t.visit_type) AS class
		FROM (SELECT DISTINCT y.visit_type FROM medaudit_work.span AS y) AS t OFFSET 0
	) AS c ON c.visit_type = v.visit_type
	CROSS JOIN LATERAL (SELECT coalesce(c.class = 'stay',
		v.discharged_at::date > v.admitted_at::date) AS stay) AS k
	-- what goes on under another number may be charged there; each number is the part
	-- that begins where those before it ended, on the same date or, where it was
	-- admitted later, on the next; one without a discharge ended where the next begins
	LEFT JOIN (
		SELECT p.visit_id, p.stay_id, min(p.admitted_at) OVER s AS admitted_at,
			CASE WHEN bool_and(p.ended_at IS NOT NULL) OVER s THEN max(p.ended_at) OVER s END AS discharged_at,
			CASE WHEN b.begun_at <= p.ended_at THEN b.begun_at ELSE p.admitted_at END AS part_from, p.ended_at AS part_to
		FROM (
			SELECT m.*, max(m.ended_at) OVER (PARTITION BY m.stay_id ORDER BY m.admitted_at, m.visit_id
				ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_ended_at
			FROM (
				SELECT i.stay_id, i.visit_id, i.admitted_at, coalesce(i.discharged_at, lead(i.admitted_at) OVER (
					PARTITION BY i.stay_id ORDER BY i.admitted_at, i.visit_id)) AS ended_at
				FROM medaudit_work.span AS i
				WHERE i.looked AND i.stay_id IN (SELECT n.stay_id FROM medaudit_work.chain AS n)
			) AS m
		) AS p
		CROSS JOIN LATERAL (SELECT greatest(p.earlier_ended_at, least(p.admitted_at, p.earlier_ended_at::date + 1)) AS begun_at) AS b
		WINDOW s AS (PARTITION BY p.stay_id)
	) AS e ON e.visit_id = v.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_contexts(bigint) IS
	'就诊背景: the visits of each book with sex, age, rank, type, department, facility, diagnoses and, of stays, their dates, into a working table';

-- The books of persons and years, rolled up from their visits and judged, each
-- where it lies: a worker takes a partition of persons, and what it says of them is
-- all that leaves it.  What each partition sorts stays in memory until the last one
-- is done, so that each has its share of work_mem.
CREATE OR REPLACE FUNCTION _judge_books(rules rulebook) RETURNS TABLE (rule_code text, visit_id text, item_code text,
		other_code text, other_visit_id text, charged_at timestamp, line_id text, quantity numeric, amount numeric,
		excess_quantity numeric, excess_amount numeric, excess_claimed numeric, outcome text, evidence jsonb, certainty text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET enable_partitionwise_join = on
	SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
	work_mem_before text := current_setting('work_mem');
	stored bool := medaudit._books_spread() AND medaudit._books_usable();
BEGIN
	PERFORM medaudit._share_work_mem(8);
	IF stored THEN
		CALL medaudit._run_part_stored();
		RETURN QUERY EXECUTE medaudit._judge_stored_query() USING rules;
	END IF;
	RETURN QUERY
	SELECT h.rule_code, h.visit_id, h.item_code, h.other_code, h.other_visit_id, h.charged_at, h.line_id, h.quantity, h.amount,
		h.excess_quantity, h.excess_amount, h.excess_claimed, h.outcome, h.evidence, h.certainty
	FROM (
		SELECT x.place, x.book_no, medaudit.rollup(g.book) AS book, array_agg(x.visit_id) AS visit_ids,
			array_agg(x.context) AS contexts, array_agg(x.visit_id) FILTER (WHERE x.asked) AS asked,
			jsonb_object_agg(x.visit_id, g.departments) FILTER (WHERE g.departments IS NOT NULL) AS departments
		FROM medaudit_work.context AS x
		JOIN medaudit_work.gathered AS g ON g.place = x.place AND g.visit_id = x.visit_id
		WHERE NOT stored OR x.place IN (SELECT m.place FROM medaudit_work.mixed_book AS m)
		GROUP BY x.place, x.book_no
	) AS p
	CROSS JOIN LATERAL medaudit._audit_charges(p.book, p.visit_ids, p.contexts, p.departments, rules) AS h
	WHERE h.visit_id = ANY (p.asked);
	PERFORM set_config('work_mem', work_mem_before, true);
END
$$;

COMMENT ON FUNCTION _judge_books(rulebook) IS
	'账册判定: what charge rules say of the visits asked in the books of a run, in parallel where the server does so, and where an engine has spread the store, on its servers. Only within an audit run';

-- Whose books are not all in the store as the run takes them (a line that was delivered
-- twice is mended here, what is nobody's is not stored), are put together here.
CREATE OR REPLACE PROCEDURE _run_part_stored()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('mixed_book', 'sent_book', 'stored');
	INSERT INTO medaudit_work.stored (visit_id, person_id)
	SELECT b.visit_id, b.person_id FROM medaudit_data.visit_book AS b
	WHERE NOT b.twice AND b.visit_id IN (SELECT c.visit_id FROM medaudit_work.context AS c);
	PERFORM medaudit._analyze('stored');
	INSERT INTO medaudit_work.mixed_book (place)
	SELECT DISTINCT c.place FROM medaudit_work.context AS c
	JOIN medaudit_work.gathered AS g ON g.place = c.place AND g.visit_id = c.visit_id
	WHERE NOT EXISTS (SELECT FROM medaudit_work.stored AS b WHERE b.visit_id = c.visit_id AND b.person_id = c.place);
	PERFORM medaudit._analyze('mixed_book');
	INSERT INTO medaudit_work.sent_book (place, book_no, visit_id, asked, context, departments)
	SELECT c.place, c.book_no, c.visit_id, c.asked, c.context, g.departments
	FROM medaudit_work.context AS c
	JOIN medaudit_work.gathered AS g ON g.place = c.place AND g.visit_id = c.visit_id
	WHERE NOT EXISTS (SELECT FROM medaudit_work.mixed_book AS m WHERE m.place = c.place);
	PERFORM medaudit._analyze('sent_book');
END
$$;

COMMENT ON PROCEDURE _run_part_stored() IS
	'库内与非库内账册: the owners some of whose visits are not in the store as the run takes them, and what goes to the store of the visits of all others, into working tables';

-- Whoever has the books judges them: contexts and rules go there, and what is in excess
-- comes back.  Grouped by the person, by whom the store is spread.
CREATE OR REPLACE FUNCTION _judge_stored_query() RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $$
	SELECT h.rule_code, h.visit_id, h.item_code, h.other_code, h.other_visit_id, h.charged_at, h.line_id, h.quantity, h.amount,
		h.excess_quantity, h.excess_amount, h.excess_claimed, h.outcome, h.evidence, h.certainty
	FROM (
		SELECT b.person_id, x.book_no, medaudit.rollup(b.book) AS book, array_agg(x.visit_id) AS visit_ids,
			array_agg(x.context) AS contexts, array_agg(x.visit_id) FILTER (WHERE x.asked) AS asked,
			jsonb_object_agg(x.visit_id, x.departments) FILTER (WHERE x.departments IS NOT NULL) AS departments
		FROM medaudit_data.visit_book AS b
		JOIN medaudit_work.sent_book AS x ON x.place = b.person_id AND x.visit_id = b.visit_id
		GROUP BY b.person_id, x.book_no
	) AS p
	CROSS JOIN LATERAL medaudit._audit_charges(p.book, p.visit_ids, p.contexts, p.departments, $1) AS h
	WHERE h.visit_id = ANY (p.asked)$$;

COMMENT ON FUNCTION _judge_stored_query() IS
	'库内账册判定查询: query that judges the books of persons in the store by the rules $1, where each is. Only within an audit run';

-- Each book says something of the visits of its year.
CREATE OR REPLACE PROCEDURE _run_ask_charges(run_no bigint, rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	rules medaudit.rulebook := medaudit.compile_rules(VARIADIC rule_codes);
BEGIN
	CALL medaudit._keep_rulebook(run_no, rule_codes, rules);
	CALL medaudit._run_contexts(run_no);
	PERFORM medaudit._run_made('hit');
	PERFORM medaudit._empty('hit');
	INSERT INTO medaudit_work.hit
	SELECT row_number() OVER () AS hit_no,
		h.rule_code, h.visit_id, h.item_code, h.other_code, h.other_visit_id,
		h.charged_at, h.line_id, h.quantity, h.amount, h.excess_quantity,
		h.excess_amount, h.excess_claimed, h.outcome, h.evidence, h.certainty,
		medaudit._hit_key(h.visit_id, h.evidence, h.certainty, first_value(h.certainty) OVER (
			PARTITION BY h.rule_code, h.visit_id, h.evidence OPERATOR(?) 'doubt'
			ORDER BY array_position('{violation,suspicion,notice}', h.certainty))) AS key
	FROM medaudit._judge_books(rules) AS h;
	CALL medaudit._run_hit_unclear(rule_codes);
	CALL medaudit._run_show_codes();
	PERFORM medaudit._analyze('hit');
END
$$;

COMMENT ON PROCEDURE _run_ask_charges(bigint, text[]) IS
	'费用稽核: asks the rules of every book of the run and keeps what they say of the visits of its year in a working table';

-- The finding that a line in excess belongs to: that of its visit.  A finding
-- holds rows of one certainty: what is in doubt stands in a twin, and where rows
-- of knowledge find with several certainties what is less sure than the SUREST
-- of them stands apart too.
CREATE OR REPLACE FUNCTION _hit_key(visit_id text, evidence jsonb, certainty text, surest text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN visit_id || concat(CASE WHEN evidence ? 'doubt' THEN ' doubt' END,
		CASE WHEN certainty <> surest THEN ' ' || certainty END);

COMMENT ON FUNCTION _hit_key(text, jsonb, text, text) IS
	'发现标识: the visit; with the word doubt where the evidence tells one, and with the certainty where the rule finds something surer of the visit; NULL for a NULL visit';

-- Findings belong to the day on which the last of the visits that they rest on
-- was settled: their own, and those of their partners as near as a rule reaches.
-- What does not fall into the period is known to be there, and goes.
CREATE OR REPLACE PROCEDURE _run_date_hits(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	reach int := medaudit._run_charge_days(run_no);
BEGIN
	SELECT r.from_date, CASE r.scope WHEN 'period' THEN r.to_date ELSE r.from_date END AS to_date, r.scope
	INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	INSERT INTO medaudit_work.found (rule_code, visit_id, key, judged_on, gross_amount)
	SELECT m.rule_code, m.visit_id, m.key, greatest(v.judged_at, p.judged_at)::date, m.gross_amount
	FROM (
		SELECT h.rule_code, h.visit_id, h.key,
			sum(h.excess_amount) AS gross_amount
		FROM medaudit_work.hit AS h WHERE h.outcome = 'excess' GROUP BY 1, 2, 3
	) AS m
	JOIN medaudit_work.visit AS v ON v.visit_id = m.visit_id
	LEFT JOIN (
		SELECT h.rule_code, h.key, max(o.judged_at) AS judged_at
		FROM (
			SELECT i.rule_code, i.visit_id, i.key,
				i.other_visit_id AS partner
			FROM medaudit_work.hit AS i WHERE i.outcome = 'excess'
			UNION
			SELECT i.rule_code, i.visit_id, i.key, p.partner ->> 'visit_id'
			FROM medaudit_work.hit AS i
			CROSS JOIN LATERAL jsonb_array_elements(i.evidence -> 'partners') AS p (partner)
			WHERE i.outcome = 'excess'
			UNION
			SELECT i.rule_code, i.visit_id, i.key, p.visit_id
			FROM medaudit_work.hit AS i
			CROSS JOIN LATERAL jsonb_array_elements_text(i.evidence -> 'visits') AS p (visit_id)
			WHERE i.outcome = 'excess'
		) AS h
		JOIN medaudit_work.visit AS w ON w.visit_id = h.visit_id
		JOIN medaudit_work.visit AS o ON o.visit_id = h.partner AND o.visit_id <> w.visit_id
			AND o.begins <= w.ends + reach AND o.ends >= w.begins - reach
		GROUP BY h.rule_code, h.key
	) AS p ON p.rule_code = m.rule_code AND p.key = m.key;
	UPDATE medaudit_work.found AS f
	SET wanted = f.judged_on >= period.from_date AND f.judged_on < period.to_date
		OR medaudit._run_covered(f.rule_code, f.judged_on)
			-- one key may stand under several physicians
			AND (period.scope = 'persons' OR EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = f.rule_code AND r.subject = 'physician')
				OR NOT EXISTS (SELECT FROM medaudit.finding AS s
				WHERE s.rule_code = f.rule_code AND s.key = f.key AND s.judged_on = f.judged_on
					AND s.gross_amount IS NOT DISTINCT FROM f.gross_amount
					AND s.state NOT IN ('changed', 'superseded')));
	PERFORM medaudit._analyze('found');
	DELETE FROM medaudit_work.hit AS h
	USING medaudit_work.found AS f
	WHERE h.outcome = 'excess' AND f.rule_code = h.rule_code AND f.key = h.key AND f.wanted IS NOT TRUE;
	DELETE FROM medaudit_work.hit AS h
	USING medaudit_work.visit AS v
	WHERE h.outcome <> 'excess' AND v.visit_id = h.visit_id AND (NOT v.judged
		-- what asks for the dates of a stay does not ask a visit that is none
		OR NOT v.stay AND v.admitted_at IS NOT NULL
			AND '["admitted_at", "discharged_at"]'::jsonb @> (h.evidence -> 'missing'));
	PERFORM medaudit._analyze('hit');
END
$$;

COMMENT ON PROCEDURE _run_date_hits(bigint) IS
	'费用发现归属日期: which findings of charge rules there are and on what day each belongs; keeps the lines of those that become candidates, and what could not be judged of the visits of the period';

-- Facilities of one owner are judged as one provider; evidence names the one
-- where a charge was made.
CREATE OR REPLACE PROCEDURE _run_place_partners()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit_work.facility AS f WHERE f.provider_id <> f.facility_id) THEN
		RETURN;
	END IF;
	UPDATE medaudit_work.hit AS h
	SET evidence = jsonb_set(h.evidence, '{partners}', p.partners)
	FROM (
		SELECT i.hit_no, jsonb_agg(CASE WHEN v.visit_id IS NULL THEN e.partner
			ELSE e.partner || jsonb_build_object('facility_id', v.facility_id) END ORDER BY e.nth) AS partners
		FROM medaudit_work.hit AS i
		CROSS JOIN LATERAL jsonb_array_elements(i.evidence -> 'partners')
			WITH ORDINALITY AS e (partner, nth)
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = e.partner ->> 'visit_id'
			AND v.provider_id <> v.facility_id
		WHERE i.outcome = 'excess'
		GROUP BY i.hit_no HAVING bool_or(v.visit_id IS NOT NULL)
	) AS p
	WHERE p.hit_no = h.hit_no;
END
$$;

COMMENT ON PROCEDURE _run_place_partners() IS
	'关联收费机构: facilities of the charges that evidence names, where contexts had the provider';

-- The charges that evidence names beside each line, in its order; of a package
-- not the line itself, and where it was charged too, only that.
CREATE OR REPLACE PROCEDURE _run_partners()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('partner');
	INSERT INTO medaudit_work.partner
	SELECT h.hit_no, row_number() OVER (PARTITION BY h.hit_no ORDER BY e.nth) AS nth,
		e.partner ->> 'visit_id' AS visit_id, e.partner ->> 'line_id' AS line_id,
		e.partner ->> 'item_code' AS item_code,
		(e.partner ->> 'charged_at')::timestamp AS charged_at,
		(e.partner ->> 'quantity')::numeric AS quantity, (e.partner ->> 'amount')::numeric AS amount,
		e.partner ->> 'visit_id' <> h.visit_id AS elsewhere
	FROM medaudit_work.hit AS h
	CROSS JOIN LATERAL jsonb_array_elements(h.evidence -> 'partners')
		WITH ORDINALITY AS e (partner, nth)
	WHERE h.outcome = 'excess' AND (e.nth = 1 OR h.evidence ->> 'mode' IS DISTINCT FROM 'beside')
		AND (e.partner ->> 'visit_id' IS DISTINCT FROM h.visit_id
			OR e.partner ->> 'line_id' IS DISTINCT FROM h.line_id
			OR e.partner ->> 'item_code' <> h.item_code
			OR (e.partner ->> 'charged_at')::timestamp <> h.charged_at);
	PERFORM medaudit._analyze('partner');
END
$$;

COMMENT ON PROCEDURE _run_partners() IS
	'关联收费: the charges that evidence names beside the lines in excess, into a working table';

-- Names and units from the list of items; of a code of hospitals where they agree.
CREATE OR REPLACE PROCEDURE _run_name_items()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit_work.item AS i SET name = n.name, unit = n.unit, national_code = n.national_code
	FROM (SELECT c.code, CASE WHEN bool_and(l.facility_id IS NULL) OR count(DISTINCT l.name) = 1
				THEN min(l.name COLLATE "C") END AS name,
			CASE WHEN count(DISTINCT l.unit) = 1 THEN min(l.unit) END AS unit,
			CASE WHEN count(DISTINCT l.national_code) = 1 THEN min(l.national_code) END AS national_code
		FROM pg_temp.medaudit_read_item() AS l
		CROSS JOIN LATERAL (VALUES (medaudit._shown_code(l.item_code)), (l.national_code)) AS c (code)
		WHERE c.code IN (SELECT m.item_code FROM medaudit_work.item AS m)
		GROUP BY c.code) AS n
	WHERE n.code = i.item_code;
END
$$;

COMMENT ON PROCEDURE _run_name_items() IS
	'项目名称与单位: fills in names, units and national codes from the list of items, where all of its rows agree';

-- The second reading of the charges: the lines in met (without LINE_ID all of the
-- visit), and of the items that have none a name from any line.  A join where
-- nothing else is asked, so that an index serves it.
CREATE OR REPLACE FUNCTION _run_read_details(name_items bool) RETURNS TABLE (visit_id text, line_id text, item_code text,
		item_name text, physician_id text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	IF name_items THEN
		RETURN QUERY
		SELECT CASE WHEN m.visit_id IS NOT NULL THEN c.visit_id END, CASE WHEN m.visit_id IS NOT NULL THEN c.line_id END,
			c.item_code, min(c.item_name COLLATE "C"), min(c.physician_id)
		FROM pg_temp.medaudit_read_charge() AS c
		LEFT JOIN medaudit_work.met AS m ON m.visit_id = c.visit_id AND (m.line_id IS NULL OR m.line_id = c.line_id)
		LEFT JOIN medaudit_work.item AS i ON i.item_code = c.item_code AND i.name IS NULL
		WHERE m.visit_id IS NOT NULL OR i.item_code IS NOT NULL
		GROUP BY 1, 2, 3;
	ELSE
		RETURN QUERY
		SELECT c.visit_id, c.line_id, c.item_code, min(c.item_name COLLATE "C"), min(c.physician_id)
		FROM pg_temp.medaudit_read_charge() AS c
		JOIN medaudit_work.met AS m ON m.visit_id = c.visit_id AND (m.line_id IS NULL OR m.line_id = c.line_id)
		GROUP BY 1, 2, 3;
	END IF;
END
$$;

COMMENT ON FUNCTION _run_read_details(bool) IS
	'读取收费名称: names and physicians of the lines in met, and where asked a name of each nameless item (without visit), in parallel where the server does so. Only within an audit run';

-- Items that evidence names, with what the list of items says of them.
CREATE OR REPLACE PROCEDURE _run_read_items()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('item');
	INSERT INTO medaudit_work.item
	SELECT n.item_code, NULL::text AS name, NULL::text AS unit, NULL::text AS national_code
	FROM (
		SELECT h.item_code FROM medaudit_work.hit AS h WHERE h.outcome = 'excess'
		UNION SELECT h.other_code FROM medaudit_work.hit AS h WHERE h.outcome = 'excess'
		UNION SELECT p.item_code FROM medaudit_work.partner AS p
		UNION SELECT o.code FROM medaudit_work.hit AS h
			CROSS JOIN LATERAL jsonb_array_elements_text(h.evidence -> 'other_codes') AS o (code)
			WHERE h.outcome = 'excess'
	) AS n
	WHERE n.item_code IS NOT NULL;
	PERFORM medaudit._analyze('item');
	CALL medaudit._run_name_items();
END
$$;

COMMENT ON PROCEDURE _run_read_items() IS
	'读取项目: the items that evidence names, with their names, units and national codes in the list of items, into a working table';

CREATE OR REPLACE PROCEDURE _run_meet_dead(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'events_after_death' AND r.missing IS NULL)
		AND NOT medaudit._run_made('dead_line') THEN
		CALL medaudit._run_read_dead();
		INSERT INTO medaudit_work.met (visit_id) SELECT DISTINCT d.visit_id FROM medaudit_work.dead AS d;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_meet_dead(bigint) IS
	'涉及死亡人员: adds the visits after a death to met, where a rule of the run asks for them and nothing has read them yet';

-- Kinds that are asked after the charge rules, and print names of lines: these are read
-- with all others.  A kind that fails does so in its own step, and names are read there.
CREATE OR REPLACE FUNCTION _run_meet_later(run_no bigint) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked text[] := ARRAY(SELECT r.kind FROM medaudit._rules_of_run(run_no) AS r WHERE r.missing IS NULL);
BEGIN
	IF 'repeated_exam' = ANY (asked) THEN
		CALL medaudit._run_meet_exams();
	END IF;
	IF 'unlisted_item' = ANY (asked) THEN
		CALL medaudit._run_meet_unlisted(run_no);
	END IF;
	RETURN true;
EXCEPTION WHEN OTHERS THEN
	RETURN false;
END
$$;

COMMENT ON FUNCTION _run_meet_later(bigint) IS
	'后续步骤涉及明细: adds to met the lines whose names later steps of the run print; false where one of them fails';

-- Names of lines, as later steps print them: with those of the charge rules, or of the
-- lines in met.
CREATE OR REPLACE FUNCTION _run_line_names() RETURNS TABLE (visit_id text, line_id text, item_code text, item_name text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.made AS m WHERE m.name = 'line_name') THEN
		RETURN QUERY SELECT n.visit_id, n.line_id, n.item_code, n.item_name FROM medaudit_work.line_name AS n;
	ELSE
		PERFORM medaudit._analyze('met');
		RETURN QUERY
		SELECT d.visit_id, d.line_id, medaudit._shown_code(d.item_code), min(d.item_name COLLATE "C")
		FROM medaudit._run_read_details(false) AS d GROUP BY 1, 2, 3;
	END IF;
END
$$;

COMMENT ON FUNCTION _run_line_names() IS
	'明细名称: names of the lines that a step after the charge rules has put into met. Only within an audit run';

-- Names and physicians of the lines that were met and of those beside them, for
-- a local code may be another item elsewhere; names and units of all items that
-- evidence names.  What other kinds print is read with these.
CREATE OR REPLACE PROCEDURE _run_name_hits(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	name_items bool;
	told_later bool;
	by_index bool;
BEGIN
	CALL medaudit._run_read_items();
	name_items := EXISTS (SELECT FROM medaudit_work.item AS i WHERE i.name IS NULL);
	PERFORM medaudit._empty('met', 'detail', 'line_name');
	told_later := medaudit._run_meet_later(run_no);
	INSERT INTO medaudit_work.met (visit_id, line_id)
	SELECT h.visit_id, h.line_id FROM medaudit_work.hit AS h WHERE h.outcome = 'excess' AND h.line_id IS NOT NULL
	UNION SELECT p.visit_id, p.line_id FROM medaudit_work.partner AS p WHERE p.line_id IS NOT NULL;
	CALL medaudit._run_meet_dead(run_no);
	IF name_items OR EXISTS (SELECT FROM medaudit_work.met) THEN
		PERFORM medaudit._analyze('met');
		-- where an index finds the lines, all are read only for items that these do not name
		by_index := name_items AND medaudit._books_index_serves('charge', 'c.visit_id = ''1''::text', remote => false);
		INSERT INTO medaudit_work.detail
		SELECT d.visit_id, d.line_id, medaudit._shown_code(d.item_code) AS item_code,
			coalesce(d.item_name, min(o.name COLLATE "C")) AS item_name,
			CASE WHEN min(o.unit) = max(o.unit) THEN min(o.unit) END AS unit,
			d.physician_id, bool_or(o.item_code IS NOT NULL) AS own
		FROM medaudit._run_read_details(name_items AND NOT by_index) AS d
		LEFT JOIN pg_temp.medaudit_read_item() AS o ON o.facility_id IS NOT NULL AND o.item_code = d.item_code
			AND d.visit_id IS NOT NULL
		GROUP BY d.visit_id, d.line_id, d.item_code, d.item_name, d.physician_id;
		INSERT INTO medaudit_work.line_name
		SELECT d.visit_id, d.line_id, d.item_code, min(d.item_name COLLATE "C") FROM medaudit_work.detail AS d
		WHERE EXISTS (SELECT FROM medaudit_work.met AS m WHERE m.later AND m.visit_id = d.visit_id AND (m.line_id IS NULL OR m.line_id = d.line_id))
		GROUP BY 1, 2, 3;
		DELETE FROM medaudit_work.detail AS d
		WHERE d.visit_id IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit_work.met AS m
			WHERE NOT m.later AND m.visit_id = d.visit_id AND (m.line_id IS NULL OR m.line_id = d.line_id));
		PERFORM medaudit._analyze('detail');
		INSERT INTO medaudit_work.dead_line
		SELECT d.visit_id, d.item_code, d.item_name FROM medaudit_work.detail AS d
		WHERE d.visit_id IN (SELECT m.visit_id FROM medaudit_work.met AS m WHERE m.line_id IS NULL AND NOT m.later);
	END IF;
	IF told_later THEN
		PERFORM medaudit._run_made('line_name');
	END IF;
	-- a name from a line that was met before one from any other
	UPDATE medaudit_work.item AS i SET name = d.name
	FROM (SELECT c.item_code, coalesce(min(c.item_name COLLATE "C") FILTER (WHERE c.visit_id IS NOT NULL AND NOT c.own),
			min(c.item_name COLLATE "C") FILTER (WHERE c.visit_id IS NULL)) AS name
		FROM medaudit_work.detail AS c GROUP BY c.item_code) AS d
	WHERE d.item_code = i.item_code AND i.name IS NULL;
	IF by_index AND EXISTS (SELECT FROM medaudit_work.item AS i WHERE i.name IS NULL) THEN
		UPDATE medaudit_work.item AS i SET name = n.name
		FROM (SELECT c.item_code, min(c.item_name COLLATE "C") AS name
			FROM pg_temp.medaudit_read_charge() AS c
			WHERE c.item_code IN (SELECT o.item_code FROM medaudit_work.item AS o WHERE o.name IS NULL)
				AND NOT EXISTS (SELECT FROM medaudit_work.met AS m WHERE m.visit_id = c.visit_id AND (m.line_id IS NULL OR m.line_id = c.line_id))
			GROUP BY c.item_code) AS n
		WHERE n.item_code = i.item_code;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_name_hits(bigint) IS
	'补充名称: physicians of the lines that rules met, names and units of the items, into working tables';

-- What each line collides with, and which items it lacks, as sentences have it.
CREATE OR REPLACE PROCEDURE _run_tell_partners()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('told');
	INSERT INTO medaudit_work.told
	WITH place AS (
		SELECT p.*, r.kind, medaudit.item_zh(coalesce(d.item_name, i.name), p.item_code) AS item,
			CASE WHEN p.item_code = h.item_code THEN coalesce(h.evidence ->> 'unit', d.unit, i.unit) ELSE coalesce(d.unit, i.unit) END AS unit,
			CASE WHEN p.elsewhere THEN concat(
					CASE WHEN o.facility_id IS DISTINCT FROM v.facility_id AND o.facility_id IS NOT NULL
						THEN medaudit.facility_zh(o.facility_name, o.facility_id) END,
					medaudit.visit_zh(o.record_no, p.visit_id, o.stay), '于') END AS elsewhere_zh,
			h.evidence ->> 'scope' AS scope, (h.evidence ->> 'limit')::numeric AS most
		FROM medaudit_work.partner AS p
		JOIN medaudit_work.hit AS h ON h.hit_no = p.hit_no
		JOIN medaudit.rule AS r ON r.rule_code = h.rule_code
		JOIN medaudit_work.visit AS v ON v.visit_id = h.visit_id
		LEFT JOIN medaudit_work.visit AS o ON o.visit_id = p.visit_id
		LEFT JOIN medaudit_work.detail AS d ON d.visit_id = p.visit_id
			AND d.line_id = p.line_id AND d.item_code = p.item_code
		LEFT JOIN medaudit_work.item AS i ON i.item_code = p.item_code
	), charge AS (
		SELECT p.hit_no, medaudit._some_zh(array_agg(CASE WHEN p.nth <= 3 THEN concat(p.elsewhere_zh, medaudit._charge_zh(p.charged_at, '的',
				p.item, p.quantity, p.unit, p.amount)) END ORDER BY p.nth)) AS partners
		FROM place AS p
		WHERE p.kind <> 'course'
		GROUP BY p.hit_no
	), course AS (
		-- dates by visit
		SELECT d.hit_no, string_agg(d.dates, '；' ORDER BY d.nth)
			|| CASE WHEN sum(d.days) < min(d.most) AND min(d.scope) IS DISTINCT FROM 'span'
				THEN '等' ELSE '' END AS partners
		FROM (
			SELECT p.hit_no, min(p.nth) AS nth, count(*) AS days, min(p.most) AS most,
				min(p.scope) AS scope, concat(min(p.elsewhere_zh), CASE WHEN count(*) <= 3
					THEN string_agg(medaudit.date_zh(p.charged_at::date), '、' ORDER BY p.nth)
					ELSE concat(medaudit.date_zh(min(p.charged_at)::date), '至',
						medaudit.date_zh(max(p.charged_at)::date), '间', count(*), '日') END) AS dates
			FROM place AS p
			WHERE p.kind = 'course'
			GROUP BY p.hit_no, p.visit_id
		) AS d
		GROUP BY d.hit_no
	), other AS (
		SELECT h.hit_no, string_agg(medaudit.item_zh(i.name, o.code), '或' ORDER BY o.nth) AS others
		FROM medaudit_work.hit AS h
		CROSS JOIN LATERAL (
			SELECT c.code, c.nth FROM jsonb_array_elements_text(h.evidence -> 'other_codes')
				WITH ORDINALITY AS c (code, nth)
			UNION ALL
			SELECT h.evidence ->> 'package', 0 WHERE h.evidence ? 'package'
		) AS o
		LEFT JOIN medaudit_work.item AS i ON i.item_code = o.code
		WHERE h.outcome = 'excess'
		GROUP BY h.hit_no
	)
	SELECT h.hit_no, coalesce(c.partners, d.partners) AS partners, o.others
	FROM medaudit_work.hit AS h
	LEFT JOIN charge AS c ON c.hit_no = h.hit_no
	LEFT JOIN course AS d ON d.hit_no = h.hit_no
	LEFT JOIN other AS o ON o.hit_no = h.hit_no
	WHERE coalesce(c.partners, d.partners, o.others) IS NOT NULL;
	PERFORM medaudit._analyze('told');
END
$$;

COMMENT ON PROCEDURE _run_tell_partners() IS
	'关联收费说明: texts of the charges and items that evidence names beside the lines in excess, into a working table';

-- The lines in excess with all that a finding says of them, numbered by the
-- finding that they belong to: rule, subject and key.
CREATE OR REPLACE PROCEDURE _run_charge_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('line');
	INSERT INTO medaudit_work.line
	WITH line AS (
		SELECT h.hit_no, h.rule_code, h.visit_id, h.item_code, h.other_code, h.other_visit_id, h.charged_at, h.line_id, h.quantity,
			h.amount, h.excess_quantity, h.excess_amount, h.excess_claimed, h.outcome, h.evidence || coalesce(x.fact, '{}') AS evidence,
			h.certainty, h.key || coalesce(x.suffix, '') AS key, r.kind, r.name_zh AS rule_name, v.person_id, v.facility_id, v.facility_name, v.person_name,
			f.judged_on, v.physician_id AS visit_physician,
			d.physician_id AS line_physician, coalesce(d.item_name, i.name) AS item_name,
			coalesce(h.evidence ->> 'unit', d.unit, i.unit) AS unit, t.partners, t.others,
			medaudit.visit_zh(v.record_no, v.visit_id, v.stay) AS visit_zh,
			CASE WHEN v.stay THEN '（' || medaudit.stay_zh(v.admitted_at, v.discharged_at) || '住院）' END AS stay_zh,
			medaudit._fund_basis(v.payment_method, v.stay, v.fund_amount, v.scope_amount) AS fund_basis,
			v.fund_amount AS visit_fund, v.scope_amount AS visit_scope,
			CASE WHEN r.subject = 'physician' AND coalesce(d.physician_id, v.physician_id) IS NULL
					OR r.subject = 'person' AND v.person_id IS NULL OR r.subject = 'agency'
				THEN 'facility' ELSE r.subject END AS subject_kind
		FROM (SELECT w.*, sum(w.excess_amount) OVER (PARTITION BY w.rule_code, w.visit_id) AS visit_excess
			FROM medaudit_work.hit AS w WHERE w.outcome = 'excess') AS h
		JOIN medaudit.rule AS r ON r.rule_code = h.rule_code
		JOIN medaudit_work.visit AS v ON v.visit_id = h.visit_id
		JOIN medaudit_work.found AS f ON f.rule_code = h.rule_code AND f.key = h.key
		LEFT JOIN medaudit_work.detail AS d ON d.visit_id = h.visit_id
			AND d.line_id = h.line_id AND d.item_code = h.item_code
		LEFT JOIN medaudit_work.item AS i ON i.item_code = h.item_code
		LEFT JOIN medaudit_work.told AS t ON t.hit_no = h.hit_no
		LEFT JOIN LATERAL medaudit._set_aside(h.rule_code, v.facility_id, v.person_id, ARRAY[h.item_code, i.national_code], f.judged_on,
			h.visit_id, h.line_id, h.excess_amount, h.visit_excess) AS x ON true
	), placed AS MATERIALIZED (
		SELECT l.*, coalesce(l.line_physician, l.visit_physician) AS physician_id,
			CASE l.subject_kind
				WHEN 'physician' THEN coalesce(l.line_physician, l.visit_physician)
				WHEN 'person' THEN l.person_id
				ELSE coalesce(l.facility_id, '') END AS subject_id,
			concat(l.visit_zh, CASE WHEN l.item_code IS NULL
					THEN concat(l.stay_zh, '，费用合计', medaudit.money_zh(l.amount))
					ELSE '，' || medaudit._charge_zh(l.charged_at, NULL, medaudit.item_zh(l.item_name, l.item_code),
						l.quantity, l.unit, l.amount) END, '：',
				medaudit._charge_reason_zh(l.kind, l.rule_name, l.evidence, l.charged_at, l.quantity, l.unit,
					l.partners, l.others)) AS said
		FROM line AS l
	), numbered AS (
		SELECT p.*, dense_rank() OVER (ORDER BY p.rule_code, p.subject_kind,
				p.subject_id, p.key) AS n,
			row_number() OVER (PARTITION BY p.rule_code, p.subject_kind,
				p.subject_id, p.key ORDER BY p.charged_at, p.item_code COLLATE "C",
				p.line_id COLLATE "C", p.other_code COLLATE "C") AS line_no,
			p.said || medaudit._excess_zh(p.kind, p.excess_quantity, p.unit, p.excess_amount,
				p.evidence) AS evidence_text
		FROM placed AS p
	)
	SELECT m.*, row_number() OVER (PARTITION BY m.n
			ORDER BY m.excess_amount DESC NULLS LAST, m.line_no) = 1 AS largest
	FROM numbered AS m;
END
$$;

COMMENT ON PROCEDURE _run_charge_lines() IS
	'超出明细: the lines in excess, numbered by finding, with names, subject, fund basis and sentence, in a working table';

-- Fund money of a line: what its claimed excess is of the visit's claim.  The
-- rounded lines add up to the rounded finding.
CREATE OR REPLACE PROCEDURE _run_charge_candidates()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.candidate_line (n, line_no, visit_id, line_id,
		item_code, charged_at, quantity, amount, excess_quantity, excess_amount,
		excess_claimed, fund_amount, item_name, other_code, other_visit_id,
		facility_id, person_id, evidence, evidence_text, facility_name)
	SELECT l.n, l.line_no, l.visit_id, l.line_id, l.item_code, l.charged_at,
		l.quantity, l.amount, l.excess_quantity, l.excess_amount, l.excess_claimed,
		CASE WHEN l.excess_claimed IS NULL THEN NULL
			WHEN l.fund_basis = 'case_paid' THEN 0.00 WHEN l.fund_basis = 'by_item' THEN
			round(sum(l.excess_claimed) OVER so_far
				* l.visit_fund / l.visit_scope, 2)
			- round((sum(l.excess_claimed) OVER so_far - l.excess_claimed)
				* l.visit_fund / l.visit_scope, 2) END,
		l.item_name, l.other_code, l.other_visit_id, l.facility_id, l.person_id,
		l.evidence, l.evidence_text, l.facility_name
	FROM medaudit_work.line AS l
	WINDOW so_far AS (PARTITION BY l.n ORDER BY l.line_no);
	INSERT INTO medaudit_work.candidate (n, rule_code, subject_kind, subject_id,
		key, person_id, visit_id, facility_id, physician_id, excess_quantity,
		gross_amount, claimed_amount, fund_amount, fund_basis, involved_amount,
		evidence, judged_on, facility_name, person_name, certainty, evidence_text)
	SELECT l.n, min(l.rule_code), min(l.subject_kind),
		min(l.subject_id), min(l.key),
		min(l.person_id), min(l.visit_id),
		min(l.facility_id), CASE WHEN count(DISTINCT l.physician_id) = 1
			THEN min(l.physician_id) END,
		sum(l.excess_quantity), sum(l.excess_amount),
		sum(l.excess_claimed), sum(c.fund_amount),
		CASE WHEN sum(l.excess_amount) IS NOT NULL THEN min(l.fund_basis) END,
		sum(l.amount) FILTER (WHERE l.excess_amount IS NULL),
		(array_agg(l.evidence) FILTER (WHERE l.largest))[1]
			|| jsonb_build_object('lines', count(*)),
		min(l.judged_on), min(l.facility_name),
		min(l.person_name),
		min(l.certainty),
		min(l.said) FILTER (WHERE l.largest) || medaudit._excess_zh(min(l.kind),
			min(l.excess_quantity) FILTER (WHERE l.largest), min(l.unit) FILTER (WHERE l.largest),
			min(l.excess_amount) FILTER (WHERE l.largest),
			(array_agg(l.evidence) FILTER (WHERE l.largest))[1],
			count(*), sum(l.excess_amount))
	FROM medaudit_work.line AS l
	JOIN medaudit_work.candidate_line AS c ON c.n = l.n AND c.line_no = l.line_no
	GROUP BY l.n;
END
$$;

COMMENT ON PROCEDURE _run_charge_candidates() IS
	'费用发现: a candidate finding per rule, subject, visit and certainty, with gross, claimed and fund money';

-- The charge group of a run: rows of findings and lines not judged.
CREATE OR REPLACE PROCEDURE _run_charges(run_no bigint, rule_codes text[],
	INOUT found_rows bigint DEFAULT NULL, INOUT insufficient bigint DEFAULT NULL)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_clear_candidates();
	CALL medaudit._run_ask_charges(run_no, rule_codes);
	CALL medaudit._run_date_hits(run_no);
	CALL medaudit._run_place_partners();
	CALL medaudit._run_partners();
	CALL medaudit._run_name_hits(run_no);
	CALL medaudit._run_tell_partners();
	CALL medaudit._run_charge_lines();
	CALL medaudit._run_charge_candidates();
	WITH standing AS MATERIALIZED (
		SELECT f.finding_id, f.visit_id
		FROM medaudit.finding AS f
		WHERE f.rule_code = ANY (rule_codes) AND f.state = ANY (medaudit._met_states())
	)
	INSERT INTO medaudit_work.reached (finding_id)
	SELECT f.finding_id FROM standing AS f
	JOIN medaudit_work.context AS x ON x.visit_id = f.visit_id AND x.asked
	UNION
	SELECT f.finding_id FROM standing AS f
	JOIN medaudit_work.span AS s ON s.visit_id = f.visit_id AND s.void AND s.settled;
	found_rows := medaudit._run_store(run_no, rule_codes);
	CALL medaudit._run_keep_insufficient(run_no, rule_codes);

	SELECT count(*) INTO insufficient
	FROM medaudit_work.hit AS h WHERE h.outcome = 'insufficient';
	INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows)
	SELECT run_no, 'charge', format('rule %s could not judge: %s missing',
			h.rule_code, array_to_string(h.missing, ', ')),
		format('%s无法判断，缺少：%s', medaudit._rule_zh(min(h.name_zh), h.rule_code),
			medaudit.missing_zh(h.missing)), count(*)
	FROM (
		SELECT i.rule_code, r.name_zh, medaudit.evidence_names(i.evidence, 'missing') AS missing
		FROM medaudit_work.hit AS i
		JOIN medaudit.rule AS r ON r.rule_code = i.rule_code
		WHERE i.outcome = 'insufficient'
	) AS h
	GROUP BY h.rule_code, h.missing
	ON CONFLICT ON CONSTRAINT run_quality_key DO UPDATE SET rows = excluded.rows;
END
$$;

COMMENT ON PROCEDURE _run_charges(bigint, text[], bigint, bigint) IS
	'费用规则组: judges the ledgers of a run by some charge rules and stores what is found';
