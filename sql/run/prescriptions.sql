-- Rules over prescriptions: what the drugs of one cost, against what a fund says that
-- one may cost (prescription_cap), and several that stay below it side by side.
--
-- A prescription is what has one number in a visit; where there is no number, what a
-- person was dispensed on one date on the word of one physician and department.  What
-- came back is taken off first, wherever it was returned: people who returned nothing
-- need no book for that.  What the fund was asked nothing for is no part of it.  Most
-- prescriptions cost far less than any cap: of those that no rule could name only the
-- ones of the period are kept, to be counted.  Cost: a GROUP BY of the fills that the run
-- has read, by prescription, and a ledger of those who returned something.

-- Of whom the class, or of which the type is not known, the greatest cap that could
-- hold: nobody is accused of what may be allowed.
CREATE OR REPLACE FUNCTION _prescription_cap(person_class text, visit_type text, day date) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT c.max_amount FROM prescription_cap AS c
		WHERE (coalesce(c.person_class, '') = '' OR _prescription_cap.person_class IS NULL
				OR starts_with(code_fold(_prescription_cap.person_class), code_fold(c.person_class)))
			AND (coalesce(c.visit_type, '') = '' OR _prescription_cap.visit_type IS NULL
				OR starts_with(code_fold(_prescription_cap.visit_type), code_fold(c.visit_type)))
			AND (c.valid IS NULL OR c.valid @> day)
		ORDER BY CASE WHEN _prescription_cap.person_class IS NULL OR _prescription_cap.visit_type IS NULL THEN c.max_amount END DESC NULLS LAST,
			length(coalesce(c.person_class, '')) DESC, length(coalesce(c.visit_type, '')) DESC, lower(c.valid) DESC NULLS LAST,
			c.shipped, c.max_amount DESC LIMIT 1);

COMMENT ON FUNCTION _prescription_cap(text, text, date) IS
	'处方金额上限: yuan that prescription_cap allows a prescription of that day for a person of that class in a visit of that type; NULL class or type: not known, and the greatest that could hold; NULL: no row holds';

CREATE OR REPLACE FUNCTION _person_classes() RETURNS TABLE (person_id text, person_class text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.person') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit._check_trusted('person');
	RETURN QUERY EXECUTE format($sql$
		SELECT p.person_id, CASE WHEN min(p.person_class) = max(p.person_class) THEN min(p.person_class) END
		FROM (SELECT %s FROM medaudit_data.person AS c) AS p
		WHERE p.person_id IS NOT NULL GROUP BY p.person_id$sql$,
		medaudit._bound_list('person', '{person_id,person_class}'));
END
$$;

COMMENT ON FUNCTION _person_classes() IS
	'人员类别: of each bound person, NULL where it is not known or several rows differ; no rows where person is not bound';

-- What a prescription costs at least that a rule of the run could name, but for its rounding.
CREATE OR REPLACE FUNCTION _run_least_prescription() RETURNS numeric
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT min(c.max_amount) * least(1, (SELECT min((medaudit._rule_parameters(r.rule_code) ->> 'min_share')::numeric)
		FROM medaudit_work.asked_rule AS r WHERE r.kind = 'split_prescriptions')) - 0.01
	FROM medaudit.prescription_cap AS c
$$;

COMMENT ON FUNCTION _run_least_prescription() IS
	'处方金额下限: yuan below which no rule of the run over prescriptions names one, whatever its cap is; NULL where there are no caps. Only within an audit run';

-- Types of visits for which a cap holds at every time and for everybody.
CREATE OR REPLACE FUNCTION _run_capped_types() RETURNS text[]
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(array_agg(t.visit_type), '{}')
	FROM medaudit._run_judged_types() AS t (visit_type)
	WHERE t.visit_type IS NOT NULL AND EXISTS (SELECT FROM medaudit.prescription_cap AS c
		WHERE coalesce(c.person_class, '') = '' AND c.valid IS NULL
			AND (coalesce(c.visit_type, '') = '' OR starts_with(medaudit.code_fold(t.visit_type), medaudit.code_fold(c.visit_type))))
$$;

COMMENT ON FUNCTION _run_capped_types() IS
	'有上限的医疗类别: the visit types of judged visits for which prescription_cap has an amount whatever the person and the day; {}: none. Only within an audit run';

-- Their lines, net of what came back: a return takes what it names, else the latest
-- earlier charge of the same drug and place, as in any ledger.  Most prescriptions are of
-- no interest, and what each costs is told by a text: before that, charges are left out by
-- what no prescription goes beyond (a SHEET: a visit, or a person's day where no number is
-- given, as a hash: of two that are alike both stay).  Of what is judged there stay, besides
-- those that a rule could name, those of which the data may lack something, to be counted.
CREATE OR REPLACE PROCEDURE _run_net_prescribed(by_class bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
DECLARE
	least_amount numeric := medaudit._run_least_prescription();
	capped_types text[] := medaudit._run_capped_types();
	compared bool := EXISTS (SELECT FROM medaudit_work.asked_rule AS r WHERE r.kind = 'split_prescriptions');
BEGIN
	INSERT INTO medaudit_work.prescribed (people_id, person_id, facility_id, visit_id, line_id, item_code, item_name, drug, dispensed_at,
		quantity, amount, claimed, days_supply, prescription_id, physician_id, department, visit_type, key)
	WITH fill AS NOT MATERIALIZED (
		SELECT f.*, CASE WHEN n.numbered THEN hashtextextended(f.visit_id, 0)
				ELSE hashtextextended(f.people_id, f.dispensed_at::date - date '2000-01-01') END AS sheet,
			CASE WHEN n.numbered THEN n.prescriber END AS numbered_by,
			NOT coalesce(f.visit_type = ANY (capped_types), false) OR compared AND n.prescriber IS NULL AS odd
		FROM medaudit_work.fill AS f
		CROSS JOIN LATERAL (SELECT coalesce(btrim(f.prescription_id) <> '', false) AS numbered,
			coalesce(nullif(btrim(f.physician_id), ''), nullif(btrim(f.department), '')) AS prescriber) AS n
		WHERE NOT f.stay AND f.amount IS NOT NULL AND f.facility_id IS NOT NULL
	), looked AS MATERIALIZED (
		-- to add up each takes longer; none is more than its dearest charge as often as it has charges
		SELECT f.sheet FROM fill AS f
		LEFT JOIN (SELECT v.visit_id, compared AND coalesce(medaudit._diagnosis_fold(v.main_diagnosis), '') = '' AS undiagnosed
			FROM medaudit_work.span AS v WHERE v.judged) AS j ON j.visit_id = f.visit_id
		WHERE f.quantity > 0 AND f.claimed IS DISTINCT FROM 0
		GROUP BY f.sheet
		HAVING count(*) * max(f.amount) >= least_amount
			OR bool_or(j.visit_id IS NOT NULL)
				AND (by_class OR bool_or(f.odd) OR min(f.visit_id COLLATE "C") <> max(f.visit_id COLLATE "C")
					OR compared AND (min(f.numbered_by) <> max(f.numbered_by) OR bool_or(j.undiagnosed)))
	), wanted AS MATERIALIZED (
		SELECT f.* FROM fill AS f
		WHERE f.quantity > 0 AND f.claimed IS DISTINCT FROM 0 AND f.sheet IN (SELECT k.sheet FROM looked AS k)
	), back AS MATERIALIZED (
		SELECT DISTINCT f.people_id FROM fill AS f WHERE f.quantity < 0 AND f.people_id IN (SELECT w.people_id FROM wanted AS w)
	), numbered AS MATERIALIZED (
		SELECT f.*, to_char(row_number() OVER (ORDER BY f.fill_id COLLATE "C", f.item_code COLLATE "C", f.dispensed_at, f.quantity, f.amount),
			'FM000000000000') AS n
		FROM fill AS f WHERE f.people_id IN (SELECT b.people_id FROM back AS b)
	), book AS (
		SELECT n.people_id, medaudit.ledger(n.book_code, n.quantity, n.amount, n.dispensed_at, n.n, o.n, n.facility_id, n.claimed) AS book
		FROM numbered AS n
		LEFT JOIN (SELECT i.fill_id, min(i.n) AS n FROM numbered AS i WHERE i.quantity > 0 GROUP BY i.fill_id) AS o
			ON o.fill_id = n.visit_id || chr(31) || n.original_line_id
		GROUP BY n.people_id
	), left_over AS MATERIALIZED (
		-- what is self-paid is left out only here: a return takes what it names, whoever paid for that
		SELECT l.line_id AS n, l.quantity, l.amount, l.claimed FROM book AS b CROSS JOIN LATERAL medaudit.lines(b.book) AS l
		WHERE l.status IN ('kept', 'reduced') AND l.quantity > 0 AND l.claimed <> 0
	)
	-- a number says nothing beyond its visit: hospitals that count from 1 in each would
	-- have one prescription for years
	SELECT l.people_id, l.person_id, l.facility_id, l.visit_id, l.line_id, l.item_code, l.item_name, l.book_code, l.dispensed_at, l.quantity,
		l.amount, coalesce(l.claimed, l.amount), l.days_supply, n.prescription_id, n.physician_id, n.department, l.visit_type,
		CASE WHEN n.prescription_id IS NOT NULL THEN concat(l.visit_id, '/', n.prescription_id)
			ELSE concat_ws('/', l.people_id, l.dispensed_at::date, n.physician_id, n.department,
				CASE WHEN n.physician_id IS NULL AND n.department IS NULL THEN l.visit_id END) END
	FROM (
		SELECT f.people_id, f.person_id, f.facility_id, f.visit_id, f.line_id, f.item_code, f.item_name, f.book_code, f.dispensed_at, k.quantity,
			k.amount, k.claimed, f.days_supply * k.quantity / f.quantity AS days_supply, f.prescription_id, f.physician_id, f.department, f.visit_type
		FROM left_over AS k JOIN numbered AS f ON f.n = k.n
		WHERE f.sheet IN (SELECT i.sheet FROM looked AS i)
		UNION ALL
		SELECT f.people_id, f.person_id, f.facility_id, f.visit_id, f.line_id, f.item_code, f.item_name, f.book_code, f.dispensed_at, f.quantity,
			f.amount, f.claimed, f.days_supply, f.prescription_id, f.physician_id, f.department, f.visit_type
		FROM wanted AS f
		-- of people there may be more than a hash holds that cannot be written out
		WHERE NOT EXISTS (SELECT FROM back AS b WHERE b.people_id = f.people_id)
	) AS l
	CROSS JOIN LATERAL (SELECT nullif(btrim(l.prescription_id), '') AS prescription_id, nullif(btrim(l.physician_id), '') AS physician_id,
		nullif(btrim(l.department), '') AS department) AS n;
	PERFORM medaudit._analyze('prescribed');
END
$$;

COMMENT ON PROCEDURE _run_net_prescribed(bool) IS
	'处方明细: the drugs dispensed outside stays as far as they did not come back and the fund was asked for them, with the prescription (key, among those of a facility) that each belongs to, of prescriptions that a rule could name and of those of the period of which something may not be known (of all where caps are by class), into a working table';

CREATE OR REPLACE PROCEDURE _run_gather_prescriptions()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
	SET enable_mergejoin = off
AS $$
DECLARE
	by_class bool := EXISTS (SELECT FROM medaudit.prescription_cap AS c WHERE c.person_class <> '');
BEGIN
	CALL medaudit._run_gather_fills();
	IF medaudit._run_made('prescription') THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('prescribed', 'prescription');
	CALL medaudit._run_net_prescribed(by_class);
	INSERT INTO medaudit_work.prescription (facility_id, key, people_id, person_id, prescription_id, day, physician_id, department, diagnosis,
		visit_ids, amount, claimed, looked, judged, asked, class_unknown, cap)
	WITH part AS (
		-- nearly all lie in one visit: sets are made of visits, not of lines
		SELECT l.facility_id, l.key, l.visit_id, min(l.people_id) AS people_id, min(l.person_id COLLATE "C") AS person_id,
			min(l.prescription_id) AS prescription_id, min(l.dispensed_at) AS first_at, min(l.physician_id) AS physician_id,
			max(l.physician_id) AS other_physician, min(l.department) AS department, max(l.department) AS other_department,
			min(l.visit_type) AS visit_type, sum(l.amount) AS amount, sum(l.claimed) AS claimed
		FROM medaudit_work.prescribed AS l
		GROUP BY l.facility_id, l.key, l.visit_id
	), written AS MATERIALIZED (
		SELECT p.facility_id, p.key, min(p.people_id) AS people_id, min(p.person_id) AS person_id,
			min(p.prescription_id) AS prescription_id, min(p.first_at)::date AS day,
			CASE WHEN min(p.physician_id) = max(p.other_physician) THEN min(p.physician_id) END AS physician_id,
			CASE WHEN min(p.department) = max(p.other_department) THEN min(p.department) END AS department,
			CASE WHEN min(s.diagnosis) = max(s.diagnosis) THEN min(s.diagnosis) END AS diagnosis,
			array_agg(p.visit_id) AS visit_ids, array_agg(p.visit_type) AS visit_types,
			round(sum(p.amount), 2) AS amount, round(sum(p.claimed), 2) AS claimed, bool_and(s.looked) AS looked, bool_or(s.judged) AS judged
		FROM part AS p
		JOIN (SELECT i.visit_id, i.looked, i.judged, left(medaudit._diagnosis_fold(i.main_diagnosis), 3) AS diagnosis
			FROM medaudit_work.span AS i WHERE i.judged_at IS NOT NULL AND NOT i.void) AS s ON s.visit_id = p.visit_id
		GROUP BY p.facility_id, p.key
	), classed AS MATERIALIZED (
		SELECT w.*, CASE WHEN by_class THEN c.person_class ELSE '' END AS person_class
		FROM written AS w
		LEFT JOIN (SELECT p.* FROM medaudit._person_classes() AS p WHERE by_class) AS c ON c.person_id = w.person_id
	), cap AS MATERIALIZED (
		SELECT d.person_class, d.visit_types, d.day,
			(SELECT max(medaudit._prescription_cap(d.person_class, t.visit_type, d.day)) FROM unnest(d.visit_types) AS t (visit_type)) AS cap
		FROM (SELECT DISTINCT c.person_class, c.visit_types, c.day FROM classed AS c) AS d
	)
	SELECT c.facility_id, c.key, c.people_id, c.person_id, c.prescription_id, c.day, c.physician_id, c.department, c.diagnosis,
		CASE WHEN cardinality(c.visit_ids) = 1 THEN c.visit_ids ELSE ARRAY(SELECT v FROM unnest(c.visit_ids) AS v ORDER BY v) END,
		c.amount, c.claimed, c.looked, c.judged,
		extract(year FROM c.day) IN (SELECT y.year FROM medaudit._fill_years() AS y (year)), c.person_class IS NULL, m.cap
	FROM classed AS c
	JOIN cap AS m ON coalesce(m.person_class, chr(31)) = coalesce(c.person_class, chr(31)) AND m.visit_types = c.visit_types AND m.day = c.day;
	PERFORM medaudit._analyze('prescription');
END
$$;

COMMENT ON PROCEDURE _run_gather_prescriptions() IS
	'汇集处方: the prescriptions of the people of whom something was settled in the period that a rule could name or the quality of data tells of, once in a run, with what each may cost, into a working table';

-- ------------------------------------------------- what one of them costs

-- The excess is shared by what each drug costs; the rounded lines add up to it.
CREATE OR REPLACE FUNCTION _ask_prescription_amount(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_prescriptions();
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount,
		facility_id, person_id, excess_amount, excess_claimed, evidence_text)
	SELECT l.facility_id, l.key, l.line_no, l.visit_id, l.line_id, l.item_code, l.item_name, l.dispensed_at, l.quantity, l.amount,
		l.facility_id, l.person_id, s.amount, s.claimed, concat(medaudit.item_zh(l.item_name, l.item_code), '，',
			medaudit.time_zh(l.dispensed_at), '，金额', medaudit.money_zh(l.amount), '，按金额分摊超出', medaudit.money_zh(s.amount), '。')
	FROM (
		SELECT i.*, sum(i.amount) OVER (PARTITION BY p.facility_id, p.key) AS total, round(p.amount - p.cap, 2) AS excess, row_number() OVER so_far AS line_no,
			sum(i.amount) OVER so_far AS amounts, sum(i.claimed) OVER so_far AS claims
		FROM medaudit_work.prescription AS p
		JOIN medaudit_work.prescribed AS i ON i.facility_id = p.facility_id AND i.key = p.key AND i.visit_id = ANY (p.visit_ids)
		WHERE p.looked AND p.asked AND p.claimed > 0 AND round(p.amount - p.cap, 2) > 0
		WINDOW so_far AS (PARTITION BY p.facility_id, p.key ORDER BY i.dispensed_at, i.visit_id COLLATE "C", i.line_id COLLATE "C",
			i.item_code COLLATE "C", i.quantity, i.amount ROWS UNBOUNDED PRECEDING)
	) AS l
	CROSS JOIN LATERAL (SELECT round(l.amounts * l.excess / l.total, 2) - round((l.amounts - l.amount) * l.excess / l.total, 2) AS amount,
		round(l.claims * l.excess / l.total, 2) - round((l.claims - l.claimed) * l.excess / l.total, 2) AS claimed) AS s;
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_id => p.facility_id,
		key => p.key,
		person_id => p.person_id,
		visit_id => l.visit_id,
		facility_id => p.facility_id,
		physician_id => p.physician_id,
		visit_ids => p.visit_ids,
		gross_amount => l.gross,
		claimed_amount => l.claimed,
		involved_amount => p.amount,
		-- what two physicians wrote in one visit cannot be told apart
		certainty => CASE WHEN coalesce(p.prescription_id, p.physician_id, p.department) IS NULL THEN 'notice' END,
		evidence => jsonb_strip_nulls(jsonb_build_object('prescription', p.prescription_id, 'prescribed_on', p.day,
			'visit', medaudit.visit_zh(v.record_no, v.visit_id, v.stay), 'limit', p.cap, 'total', p.amount, 'excess', l.gross,
			'lines', l.lines, 'grouped_by', CASE WHEN p.prescription_id IS NULL THEN 'person, date, physician and department' ELSE 'prescription_id' END,
			'cap_basis', CASE WHEN p.class_unknown THEN 'the greatest cap: the class of the person is not known' END,
			'formula', format('%s - %s = %s yuan', p.amount, p.cap, l.gross))))).*
	FROM medaudit_work.prescription AS p
	JOIN (
		SELECT i.subject_id, i.key, (array_agg(i.visit_id ORDER BY i.line_no DESC))[1] AS visit_id, count(*) AS lines,
			sum(i.excess_amount) AS gross, sum(i.excess_claimed) AS claimed
		FROM medaudit_work.group_line AS i GROUP BY i.subject_id, i.key
	) AS l ON l.subject_id = p.facility_id AND l.key = p.key
	JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_prescription_amount(bigint, text, jsonb) IS
	'处方金额超上限: prescriptions whose drugs cost more than prescription_cap allows, with what is beyond it';

-- -------------------------------------------- several instead of one

CREATE OR REPLACE FUNCTION _window_starts(days date[], period_days int) RETURNS date[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	starts date[] := '{}';
	start date;
	day date;
BEGIN
	FOREACH day IN ARRAY coalesce(days, '{}') LOOP
		IF start IS NULL OR day >= start + period_days THEN
			start := day;
		END IF;
		starts := starts || start;
	END LOOP;
	RETURN starts;
END
$$;

COMMENT ON FUNCTION _window_starts(date[], int) IS
	'窗口首日: of days in order, in which window of period_days consecutive dates each lies; a window begins at the first day that lies in none before it. {} for NULL';

-- The prescriptions near the cap that one physician (else department) wrote for one
-- person and disease within PERIOD_DAYS.  REFILL: each of its drugs was in an earlier
-- one of them and is used up by now, as what is given day by day is; UNKNOWN: it would
-- be, if the days of these drugs were known.
CREATE OR REPLACE PROCEDURE _run_put_prescriptions_together(min_share numeric, period_days int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('prescription_set');
	INSERT INTO medaudit_work.prescription_set (facility_id, key, set_key, day)
	SELECT s.facility_id, s.key, concat(s.people_id, chr(31), s.prescriber, '+', s.diagnosis, '@', s.start), s.day
	FROM (
		SELECT w.*, m.key, m.day, m.start, count(*) OVER (PARTITION BY w.facility_id, w.people_id, w.prescriber, w.diagnosis, m.start) AS times
		FROM (
			SELECT p.facility_id, p.people_id, coalesce(p.physician_id, 'department ' || p.department) AS prescriber, p.diagnosis,
				array_agg(p.key ORDER BY p.day, p.key COLLATE "C") AS keys, array_agg(p.day ORDER BY p.day, p.key COLLATE "C") AS days
			FROM medaudit_work.prescription AS p
			WHERE p.looked AND p.diagnosis <> '' AND coalesce(p.physician_id, p.department) IS NOT NULL
				AND p.amount <= p.cap AND p.amount >= min_share * p.cap
			GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
		) AS w
		CROSS JOIN LATERAL unnest(w.keys, w.days, medaudit._window_starts(w.days, period_days)) AS m (key, day, start)
	) AS s
	WHERE s.times > 1;
	PERFORM medaudit._analyze('prescription_set');
	WITH drug AS MATERIALIZED (
		SELECT s.facility_id, s.set_key, s.key, s.day, medaudit.drug_level(l.drug, 'generic') AS drug,
			CASE WHEN count(*) = count(l.days_supply) THEN sum(l.days_supply) END AS days
		FROM medaudit_work.prescription_set AS s
		JOIN medaudit_work.prescribed AS l ON l.facility_id = s.facility_id AND l.key = s.key
		GROUP BY s.facility_id, s.set_key, s.key, s.day, medaudit.drug_level(l.drug, 'generic')
	), again AS (
		SELECT DISTINCT ON (d.facility_id, d.set_key, d.key, d.drug) d.facility_id, d.key, e.drug IS NULL AS new,
			e.day + ceil(e.days * 0.8)::int <= d.day AS used_up
		FROM drug AS d
		LEFT JOIN drug AS e ON e.facility_id = d.facility_id AND e.set_key = d.set_key AND e.drug = d.drug AND e.day < d.day
		ORDER BY d.facility_id, d.set_key, d.key, d.drug, e.day DESC NULLS LAST, e.days DESC NULLS FIRST
	)
	UPDATE medaudit_work.prescription_set AS s SET refill = a.refill, unknown = a.unknown
	FROM (
		SELECT i.facility_id, i.key, bool_and(NOT i.new AND coalesce(i.used_up, false)) AS refill,
			bool_and(NOT i.new AND coalesce(i.used_up, true)) AS unknown
		FROM again AS i GROUP BY i.facility_id, i.key
	) AS a
	WHERE a.facility_id = s.facility_id AND a.key = s.key;
	DELETE FROM medaudit_work.prescription_set AS s WHERE s.refill;
END
$$;

COMMENT ON PROCEDURE _run_put_prescriptions_together(numeric, int) IS
	'同组处方: sets of prescriptions of at least min_share of the cap and at most it, of one person, prescriber, facility and diagnosis within period_days dates, without refills at the normal pace, into a working table';

CREATE OR REPLACE FUNCTION _ask_split_prescriptions(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_prescriptions();
	CALL medaudit._run_put_prescriptions_together((parameters ->> 'min_share')::numeric, (parameters ->> 'period_days')::int);
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_id => g.facility_id,
		key => g.set_key,
		person_id => g.person_id,
		visit_id => g.visit_ids[cardinality(g.visit_ids)],
		facility_id => g.facility_id,
		physician_id => g.physician_id,
		visit_ids => g.visit_ids,
		involved_amount => g.total,
		-- what is given day by day is no split prescription
		certainty => CASE WHEN g.surely > 1 AND g.surely_total > g.cap THEN NULL ELSE 'notice' END,
		evidence => jsonb_strip_nulls(jsonb_build_object('limit', g.cap, 'total', g.total, 'prescriptions', g.prescriptions,
			'amounts', to_jsonb(g.amounts), 'numbers', to_jsonb(g.numbers), 'diagnosis', g.diagnosis, 'physician', g.physician_id,
			'department', CASE WHEN g.physician_id IS NULL THEN g.department END, 'window', ARRAY[g.first_on, g.last_on],
			'last_on', nullif(g.last_on, g.first_on), 'days_unknown', nullif(g.prescriptions - g.surely, 0),
			'formula', format('%s = %s > %s yuan, each %s of it or more', array_to_string(g.amounts, ' + '), g.total, g.cap, parameters ->> 'min_share'))))).*
	FROM (
		SELECT p.facility_id, s.set_key, min(p.people_id) AS people_id, min(p.person_id COLLATE "C") AS person_id, min(p.diagnosis) AS diagnosis, min(p.physician_id) AS physician_id,
			min(p.department) AS department, max(p.cap) AS cap, sum(p.amount) AS total, count(*) AS prescriptions, min(p.day) AS first_on,
			max(p.day) AS last_on, array_agg(p.amount ORDER BY p.day, p.key COLLATE "C") AS amounts,
			nullif(array_agg(p.prescription_id ORDER BY p.day, p.key COLLATE "C") FILTER (WHERE p.prescription_id IS NOT NULL), '{}') AS numbers,
			count(*) FILTER (WHERE NOT s.unknown) AS surely, sum(p.amount) FILTER (WHERE NOT s.unknown) AS surely_total,
			(SELECT array_agg(DISTINCT v.visit_id) FROM medaudit_work.prescription_set AS o
				JOIN medaudit_work.prescription AS q ON q.facility_id = o.facility_id AND q.key = o.key
				CROSS JOIN LATERAL unnest(q.visit_ids) AS v (visit_id)
				WHERE o.facility_id = p.facility_id AND o.set_key = s.set_key) AS visit_ids
		FROM medaudit_work.prescription_set AS s
		JOIN medaudit_work.prescription AS p ON p.facility_id = s.facility_id AND p.key = s.key
		GROUP BY p.facility_id, s.set_key HAVING count(*) > 1 AND sum(p.amount) > max(p.cap)
	) AS g
	-- it may have more in visits that the run does not look at
	WHERE extract(year FROM g.first_on) IN (SELECT y.year FROM medaudit._fill_years() AS y (year))
		AND NOT EXISTS (SELECT FROM medaudit_work.prescription AS o WHERE o.people_id = g.people_id AND NOT o.looked
			AND o.day > g.first_on - (parameters ->> 'period_days')::int AND o.day < g.last_on + (parameters ->> 'period_days')::int);
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount,
		facility_id, person_id)
	SELECT s.facility_id, s.set_key, row_number() OVER (PARTITION BY s.facility_id, s.set_key ORDER BY s.day, s.key COLLATE "C", l.dispensed_at,
			l.visit_id COLLATE "C", l.line_id COLLATE "C", l.item_code COLLATE "C", l.quantity, l.amount),
		l.visit_id, l.line_id, l.item_code, l.item_name, l.dispensed_at, l.quantity, l.amount, l.facility_id, l.person_id
	FROM medaudit_work.prescription_set AS s
	JOIN medaudit_work.prescription AS p ON p.facility_id = s.facility_id AND p.key = s.key
	JOIN medaudit_work.prescribed AS l ON l.facility_id = s.facility_id AND l.key = s.key AND l.visit_id = ANY (p.visit_ids);
END
$$;

COMMENT ON FUNCTION _ask_split_prescriptions(bigint, text, jsonb) IS
	'分解处方: sets of two prescriptions and more near prescription_cap, each at most it and together above it';

-- What was not compared with a cap, or not with others.
CREATE OR REPLACE PROCEDURE _run_quality_prescriptions(run_no bigint, asked text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	n record;
BEGIN
	IF NOT asked && '{split_prescriptions,prescription_amount}'::text[] THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_prescriptions();
	SELECT count(*) FILTER (WHERE p.cap IS NULL) AS no_cap, count(*) FILTER (WHERE p.class_unknown AND p.cap IS NOT NULL) AS no_class,
		count(*) FILTER (WHERE p.diagnosis IS NULL OR p.diagnosis = '' OR coalesce(p.physician_id, p.department) IS NULL) AS alone
	INTO n FROM medaudit_work.prescription AS p WHERE p.judged;
	CALL medaudit._run_note(run_no, 'charge', 'a prescription for which prescription_cap has no row: not judged',
		'处方金额上限（prescription_cap）没有适用于该处方的金额，未作判断', n.no_cap);
	CALL medaudit._run_note(run_no, 'person', 'a prescription of a person whose class is not known: compared with the greatest cap',
		'处方所属人员的人员类别未知，按可能适用的最高金额比较', n.no_class);
	IF 'split_prescriptions' = ANY (asked) THEN
		CALL medaudit._run_note(run_no, 'visit', 'a prescription without main diagnosis, or without physician and department: not compared with others',
			'处方没有主要诊断，或没有医师和科室，未与其他处方合并判断', n.alone);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_prescriptions(bigint, text[]) IS
	'处方数据质量: counts prescriptions of judged visits that could not be compared as the kinds asked do';
