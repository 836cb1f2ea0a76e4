-- An examination done again elsewhere while the result of another facility still held
-- (结果互认), though nothing was operated in between.
--
-- recognised_exam names the codes.  Of the books that the run has gathered only those
-- with one of them are opened, their codes are looked up once, and an
-- examination is compared with the last one of the same people elsewhere.  Whether
-- there was surgery between is asked of the relation operation and of the charges of
-- class surgery, of the people in question only.
--
-- The same examination is the same code: a part of the body that has a code of its own
-- is another one.  A person's own payment does not matter of the first, for its result
-- is there; of the later one the fund must have been asked to pay.
--
-- Cost: 0.1 to 0.6 microseconds a book to see that there is none, then the lines of the
-- books that have one, and a hash of them by people.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON recognised_exam
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- Rows of the table by number, the one that goes before others first.
CREATE OR REPLACE FUNCTION _recognised_rows() RETURNS TABLE (n bigint, code text, valid_days int, code_match text, valid daterange)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT row_number() OVER (ORDER BY e.item_code LIKE '%\%', length(e.item_code) DESC, e.shipped, e.item_code COLLATE "C",
			e.code_match COLLATE "C", e.valid NULLS LAST), medaudit.code_fold(e.item_code), e.valid_days, e.code_match, e.valid
	FROM medaudit.recognised_exam AS e
$$;

COMMENT ON FUNCTION _recognised_rows() IS
	'互认项目行: rows of recognised_exam with folded codes, numbered in the order in which they go before one another';

-- By local codes, too: a rulebook knows what they are mapped to.
CREATE OR REPLACE FUNCTION _exam_rules() RETURNS rulebook
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT jsonb_agg(e.entry)::medaudit.rulebook
	FROM (
		SELECT jsonb_build_object('rule_code', r.n::text, 'kind', 'not_payable', 'item_code', r.code, 'code_match', r.code_match)
		FROM medaudit._recognised_rows() AS r
		UNION ALL SELECT jsonb_build_object('item_code', a.item_code, 'national_code', a.national_code)
		FROM medaudit._item_aliases() AS a
	) AS e (entry)
$$;

COMMENT ON FUNCTION _exam_rules() IS
	'互认项目规则: the codes of recognised_exam by the number of their row, and the mapping of local codes, as a rulebook that tells which items and books meet them';

-- Those of the people of whom the run judges something, also before and after.  What two
-- codes must have in common (EXAM): the row where it names one code, else the national
-- code behind them.
CREATE OR REPLACE PROCEDURE _run_read_exams()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	rules medaudit.rulebook := medaudit._exam_rules();
BEGIN
	PERFORM medaudit._empty('exam');
	INSERT INTO medaudit_work.exam
	WITH held AS MATERIALIZED (
		SELECT v.people_id, v.visit_id, v.facility_id, v.provider_id, g.book
		FROM medaudit_work.span AS v
		JOIN medaudit_work.gathered AS g ON g.visit_id = v.visit_id
		WHERE v.looked AND v.judged_person AND v.judged_at IS NOT NULL AND v.facility_id IS NOT NULL AND NOT v.on_mother
			AND medaudit.rule_coverage(g.book, rules) > 0
	), item AS MATERIALIZED (
		SELECT c.item_code, r.n, CASE WHEN r.code LIKE '%\%'
			THEN coalesce(a.national_code, medaudit.code_fold(medaudit._shown_code(c.item_code))) ELSE r.code END AS exam, r.valid_days, r.valid
		FROM (SELECT unnest(medaudit._charged_codes(h.book)) AS item_code FROM held AS h) AS c
		CROSS JOIN LATERAL medaudit.rule_match(rules, ARRAY[c.item_code]) AS m
		JOIN medaudit._recognised_rows() AS r ON r.n = m.rule_code::bigint
		LEFT JOIN (SELECT i.item_code, min(i.national_code) AS national_code FROM medaudit._item_aliases() AS i GROUP BY i.item_code) AS a
			ON a.item_code = c.item_code
		WHERE m.items_matched > 0
	)
	SELECT h.people_id, h.visit_id, h.facility_id, h.provider_id, l.line_id, l.item_code, e.exam, e.valid_days, l.charged_at,
		l.quantity, l.amount, l.claimed
	FROM held AS h
	CROSS JOIN LATERAL medaudit.lines(h.book) AS l
	CROSS JOIN LATERAL (
		SELECT (array_agg(i.exam ORDER BY i.n))[1] AS exam,
			(array_agg(i.valid_days ORDER BY i.n) FILTER (WHERE i.valid IS NULL OR i.valid @> l.charged_at::date))[1] AS valid_days
		FROM item AS i WHERE i.item_code = l.item_code
		HAVING count(*) > 0
	) AS e
	WHERE l.status IN ('kept', 'reduced');
	PERFORM medaudit._analyze('exam');
END
$$;

COMMENT ON PROCEDURE _run_read_exams() IS
	'读取互认检查: recognised examinations of the people of whom something was settled in the period, into a working table';

-- Of the people who had an examination twice: when they were operated, by the relation
-- operation, where it says no time some day of the visit, and by charges of class surgery.
CREATE OR REPLACE PROCEDURE _run_read_exam_surgery()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('exam_surgery');
	IF to_regclass('medaudit_data.operation') IS NOT NULL THEN
		CALL medaudit._run_read_through('operation');
		INSERT INTO medaudit_work.exam_surgery
		SELECT v.people_id, coalesce(o.operated_at::date, v.begins), coalesce(o.operated_at::date, v.ends)
		FROM pg_temp.medaudit_read_operation() AS o
		JOIN medaudit_work.span AS v ON v.visit_id = o.visit_id AND NOT v.void
		WHERE v.people_id IN (SELECT p.people_id FROM medaudit_work.exam_pair AS p);
	END IF;
	INSERT INTO medaudit_work.exam_surgery
	WITH held AS MATERIALIZED (
		SELECT v.people_id, g.book, g.categories
		FROM medaudit_work.span AS v
		JOIN medaudit_work.gathered AS g ON g.visit_id = v.visit_id
		WHERE v.looked AND v.people_id IN (SELECT p.people_id FROM medaudit_work.exam_pair AS p)
	), surgery AS MATERIALIZED (
		SELECT DISTINCT k.item_code
		FROM (SELECT array_agg(c.item_code) AS codes, array_agg(c.category) AS categories
			FROM (SELECT DISTINCT i.item_code, i.category FROM held AS h CROSS JOIN LATERAL medaudit._item_sums(h.book, h.categories) AS i) AS c) AS a
		CROSS JOIN LATERAL medaudit._classes_of_charges(a.codes, a.categories) AS k
		WHERE k.class = 'surgery'
	)
	SELECT h.people_id, l.charged_at::date, l.charged_at::date
	FROM held AS h
	CROSS JOIN LATERAL medaudit.lines(h.book) AS l
	JOIN surgery AS s ON s.item_code = l.item_code
	WHERE l.status IN ('kept', 'reduced');
END
$$;

COMMENT ON PROCEDURE _run_read_exam_surgery() IS
	'读取手术日期: when people with a repeated examination were operated, into a working table';

-- Later examinations that the fund was asked to pay, each with the last one elsewhere
-- whose result still held.  Facilities of one credit code are one.  Of two of one date
-- none is the later where either has no time of day.
CREATE OR REPLACE PROCEDURE _run_pair_exams()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('exam_pair');
	INSERT INTO medaudit_work.exam_pair
	SELECT l.people_id, l.visit_id, l.line_id, l.item_code, l.exam, l.valid_days, l.charged_at, l.quantity, l.amount,
		e.visit_id, e.facility_id, e.line_id, e.charged_at
	FROM medaudit_work.exam AS l
	CROSS JOIN LATERAL (
		SELECT o.visit_id, o.facility_id, o.line_id, o.charged_at
		FROM medaudit_work.exam AS o
		WHERE o.people_id = l.people_id AND o.exam = l.exam AND o.provider_id <> l.provider_id
			AND o.charged_at < l.charged_at AND (o.charged_at::date < l.charged_at::date OR o.charged_at::time <> '00:00')
			AND l.charged_at::date - o.charged_at::date <= l.valid_days
		ORDER BY o.charged_at DESC, o.visit_id COLLATE "C" DESC, o.line_id COLLATE "C" DESC LIMIT 1
	) AS e
	WHERE l.claimed > 0;
	IF NOT EXISTS (SELECT FROM medaudit_work.exam_pair) THEN
		RETURN;
	END IF;
	PERFORM medaudit._analyze('exam_pair');
	CALL medaudit._run_read_exam_surgery();
	DELETE FROM medaudit_work.exam_pair AS p
	USING medaudit_work.exam_surgery AS s
	WHERE s.people_id = p.people_id AND s.from_on <= p.charged_at::date AND s.to_on >= p.other_charged_at::date;
END
$$;

COMMENT ON PROCEDURE _run_pair_exams() IS
	'配对重复检查: later examinations with those elsewhere whose result still held and after which nothing was operated, into a working table';

-- Once in a run: the charge rules ask for their names, too.
CREATE OR REPLACE PROCEDURE _run_meet_exams()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._run_made('exam_pair') THEN
		CALL medaudit._run_read_exams();
		CALL medaudit._run_pair_exams();
	END IF;
	INSERT INTO medaudit_work.met (visit_id, line_id, later) SELECT DISTINCT p.visit_id, p.line_id, true FROM medaudit_work.exam_pair AS p;
END
$$;

COMMENT ON PROCEDURE _run_meet_exams() IS
	'涉及重复检查: adds the later examinations of pairs, which are made once in a run, to met';

-- Two of one date at one time, or at none, are found with none before the other.
CREATE OR REPLACE FUNCTION _exams_without_order() RETURNS bigint
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT count(*)
	FROM medaudit_work.exam AS l
	JOIN medaudit_work.span AS s ON s.visit_id = l.visit_id AND s.judged
	WHERE l.claimed > 0 AND l.valid_days IS NOT NULL AND EXISTS (
		SELECT FROM medaudit_work.exam AS o
		WHERE o.people_id = l.people_id AND o.exam = l.exam AND o.provider_id <> l.provider_id AND o.charged_at::date = l.charged_at::date
			AND (o.charged_at = l.charged_at OR o.charged_at::time = '00:00' OR l.charged_at::time = '00:00'))
$$;

COMMENT ON FUNCTION _exams_without_order() IS
	'先后不明的检查: how many examinations of the period have the same one elsewhere on their date, and times of day do not tell which was the later. Only within an audit run';

CREATE OR REPLACE FUNCTION _ask_repeated_exam(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('met');
	CALL medaudit._run_meet_exams();
	CALL medaudit._run_note(run_no, 'charge', 'an examination with the same one elsewhere on its date, without times of day that tell which was the later: not judged',
		'同日在其他机构有同一检查，没有可判断先后的时间，未作判断', medaudit._exams_without_order());
	IF NOT EXISTS (SELECT FROM medaudit_work.exam_pair) THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.group_line (key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount, facility_id,
		person_id, evidence, evidence_text)
	SELECT p.visit_id, row_number() OVER (PARTITION BY p.visit_id ORDER BY p.charged_at, p.item_code COLLATE "C", p.line_id COLLATE "C"),
		p.visit_id, p.line_id, medaudit._shown_code(p.item_code), d.item_name, p.charged_at, p.quantity, p.amount, v.facility_id, v.person_id,
		jsonb_build_object('limit', p.valid_days, 'unit', 'day', 'days', p.charged_at::date - p.other_charged_at::date,
			'partners', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('visit_id', p.other_visit_id, 'facility_id', p.other_facility_id,
				'line_id', p.other_line_id, 'charged_at', p.other_charged_at))),
			'formula', format('%s - %s = %s days <= %s', p.charged_at::date, p.other_charged_at::date,
				p.charged_at::date - p.other_charged_at::date, p.valid_days)),
		concat(medaudit.time_zh(p.charged_at), '，', medaudit.item_zh(d.item_name, medaudit._shown_code(p.item_code)), '，金额', medaudit.money_zh(p.amount),
			'；', medaudit.date_zh(p.other_charged_at::date), '已在', medaudit.facility_zh(o.name, p.other_facility_id), '做过同一检查，结果',
			p.valid_days, '天内互认，其间没有手术。')
	FROM medaudit_work.exam_pair AS p
	JOIN medaudit_work.visit AS v ON v.visit_id = p.visit_id
	LEFT JOIN medaudit_work.facility AS o ON o.facility_id = p.other_facility_id
	LEFT JOIN medaudit._run_line_names() AS d ON d.visit_id = p.visit_id AND d.item_code = medaudit._shown_code(p.item_code)
		AND d.line_id IS NOT DISTINCT FROM p.line_id;
	RETURN QUERY
	SELECT (medaudit.run_group(
		key => g.visit_id,
		person_id => v.person_id,
		visit_id => g.visit_id,
		facility_id => v.facility_id,
		physician_id => v.physician_id,
		visit_ids => g.visit_id || g.others,
		involved_amount => g.amount,
		evidence => jsonb_strip_nulls(jsonb_build_object('visit', medaudit.visit_zh(v.record_no, v.visit_id, v.stay), 'lines', g.lines,
			'amount', g.amount, 'window', ARRAY[g.first_on, g.last_on], 'other_facility_name', g.other_facility,
			'items', to_jsonb(g.items), 'formula', g.formula)))).*
	FROM (
		SELECT l.visit_id, count(*) AS lines, sum(l.amount) AS amount, max(l.charged_at)::date AS last_on,
			min((l.evidence #>> '{partners,0,charged_at}')::timestamp)::date AS first_on,
			string_agg(DISTINCT medaudit.facility_zh(f.name, l.evidence #>> '{partners,0,facility_id}'), '、') AS other_facility,
			array_agg(DISTINCT coalesce(l.item_name, l.item_code)) AS items, array_agg(DISTINCT l.evidence #>> '{partners,0,visit_id}') AS others,
			string_agg(l.evidence ->> 'formula', '; ' ORDER BY l.line_no) FILTER (WHERE l.line_no <= 3) AS formula
		FROM medaudit_work.group_line AS l
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = l.evidence #>> '{partners,0,facility_id}'
		GROUP BY l.visit_id
	) AS g
	JOIN medaudit_work.visit AS v ON v.visit_id = g.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_repeated_exam(bigint, text, jsonb) IS
	'检查检验结果未互认: a group per visit with examinations whose result of another facility still held';
