-- Days on which a physician cannot have done what was charged (医师工作量): more minutes than
-- a day has, operations on two people at one time, orders while the physician lay in a
-- hospital himself; and days of facilities with more minutes than their physicians have.
--
-- Minutes are those of the items charged (item.minutes) by the units left after refunds.
-- A code of a department in the place of physicians, a resident who enters for the chief
-- or a login of several look the same: these are days to ask about, no findings.
--
-- Cost: a pass over the lines of items with minutes (and of physicians who were in
-- hospital themselves), and one more over those of the visits and items among them of
-- which something was refunded; operations are a sort by physician.

-- Of what the facility says of an item, and else of what all say, the least: nobody is
-- held to more than is sure.
CREATE OR REPLACE FUNCTION _item_minutes() RETURNS TABLE (item_code text, facility_id text, valid daterange, minutes numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('item', 'minutes') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('item');
	RETURN QUERY EXECUTE format('SELECT i.item_code, i.facility_id, i.valid, min(i.minutes) FROM (SELECT %s FROM medaudit_data.item AS c) AS i
		WHERE i.item_code IS NOT NULL AND i.minutes > 0 GROUP BY i.item_code, i.facility_id, i.valid', medaudit._bound_list('item'));
END
$$;

COMMENT ON FUNCTION _item_minutes() IS
	'项目操作时长: minutes above 0 of the bound items; no rows where item.minutes is not bound';

-- Lines of [FROM_DATE, TO_DATE) as far as they were not refunded: of items with minutes,
-- and of all others those of some physicians within some days.
CREATE OR REPLACE FUNCTION _worked_lines(from_date date, to_date date, physicians text[] DEFAULT '{}', days daterange[] DEFAULT '{}')
	RETURNS TABLE (visit_id text, person_id text, facility_id text, physician_id text, on_date date, item_code text, quantity numeric, amount numeric,
	claimed numeric, minutes numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH visit AS MATERIALIZED (
			SELECT v.* FROM medaudit._standing_visits() AS v
		), timed AS MATERIALIZED (
			SELECT m.* FROM medaudit._item_minutes() AS m
		), away AS MATERIALIZED (
			SELECT u.physician_id, range_agg(u.days) AS days FROM unnest($3, $4) AS u (physician_id, days) GROUP BY u.physician_id
		), line AS NOT MATERIALIZED (
			SELECT l.visit_id, l.item_code, l.quantity, l.amount, coalesce(l.claimed, l.amount) AS claimed, l.charged_at, l.line_id, l.original_line_id,
				nullif(btrim(l.physician_id), '') AS physician_id
			FROM (SELECT %2$s FROM medaudit_data.charge AS c) AS l
			WHERE l.visit_id IS NOT NULL AND l.item_code IS NOT NULL AND l.quantity IS NOT NULL AND l.amount IS NOT NULL AND l.charged_at IS NOT NULL
		), candidate AS MATERIALIZED (
			SELECT %1$s l.* FROM line AS l
			LEFT JOIN away AS a ON a.physician_id = l.physician_id
			WHERE l.charged_at >= $1 AND l.charged_at < $2 AND l.quantity > 0
				AND (l.item_code IN (SELECT t.item_code FROM timed AS t) OR a.days @> l.charged_at::date)
		), back AS MATERIALIZED (
			SELECT DISTINCT l.visit_id, l.item_code FROM line AS l
			WHERE (l.quantity < 0 OR l.quantity = 0 AND l.amount < 0) AND (l.visit_id, l.item_code) IN (SELECT c.visit_id, c.item_code FROM candidate AS c)
		), numbered AS MATERIALIZED (
			SELECT l.*, to_char(row_number() OVER (ORDER BY l.visit_id COLLATE "C", l.item_code COLLATE "C", l.charged_at, l.line_id COLLATE "C", l.quantity, l.amount,
				l.physician_id COLLATE "C"), 'FM000000000000') AS n
			FROM (SELECT %1$s i.* FROM line AS i JOIN back AS b ON b.visit_id = i.visit_id AND b.item_code = i.item_code) AS l
		), book AS (
			SELECT medaudit.ledger(n.item_code, n.quantity, n.amount, n.charged_at, n.n, o.n, n.visit_id, n.claimed) AS book
			FROM numbered AS n
			LEFT JOIN (SELECT i.visit_id, i.line_id, min(i.n) AS n FROM numbered AS i WHERE i.quantity > 0 AND i.line_id IS NOT NULL GROUP BY i.visit_id, i.line_id) AS o
				ON o.visit_id = n.visit_id AND o.line_id = n.original_line_id
			GROUP BY n.visit_id
		), kept AS (
			SELECT n.visit_id, n.item_code, n.physician_id, n.charged_at, l.quantity, l.amount, l.claimed
			FROM book AS b CROSS JOIN LATERAL medaudit.lines(b.book) AS l JOIN numbered AS n ON n.n = l.line_id
			WHERE l.status IN ('kept', 'reduced') AND l.quantity > 0 AND n.charged_at >= $1 AND n.charged_at < $2
			UNION ALL
			SELECT c.visit_id, c.item_code, c.physician_id, c.charged_at, c.quantity, c.amount, c.claimed
			FROM candidate AS c WHERE (c.visit_id, c.item_code) NOT IN (SELECT b.visit_id, b.item_code FROM back AS b)
		), dated AS MATERIALIZED (
			SELECT k.*, k.charged_at::date AS on_date, v.person_id, v.facility_id FROM kept AS k JOIN visit AS v ON v.visit_id = k.visit_id
		), known AS MATERIALIZED (
			SELECT d.item_code, d.facility_id, d.on_date, coalesce(min(t.minutes) FILTER (WHERE t.facility_id = d.facility_id), min(t.minutes) FILTER (WHERE t.facility_id IS NULL)) AS minutes
			FROM (SELECT DISTINCT i.item_code, i.facility_id, i.on_date FROM dated AS i) AS d
			JOIN timed AS t ON t.item_code = d.item_code AND coalesce(t.valid @> d.on_date, true)
			GROUP BY d.item_code, d.facility_id, d.on_date
		)
		SELECT d.visit_id, d.person_id, d.facility_id, d.physician_id, d.on_date, d.item_code, d.quantity, d.amount, d.claimed, k.minutes
		FROM dated AS d
		LEFT JOIN known AS k ON k.item_code = d.item_code AND k.facility_id IS NOT DISTINCT FROM d.facility_id AND k.on_date = d.on_date
		LEFT JOIN away AS a ON a.physician_id = d.physician_id
		WHERE k.minutes IS NOT NULL OR a.days @> d.on_date$sql$,
		CASE WHEN medaudit._is_bound('charge', 'line_id') THEN 'DISTINCT' ELSE '' END,
		medaudit._bound_list('charge')) USING from_date, to_date, physicians, days;
END
$$;

COMMENT ON FUNCTION _worked_lines(date, date, text[], daterange[]) IS
	'工作量明细: lines of [from_date, to_date) of visits that stand, less what was refunded of them, with the minutes of a unit: those of items with minutes, and all of physicians within days of theirs (an element of one list for each of the other)';

-- Physicians with the number under which they are insured themselves.
CREATE OR REPLACE FUNCTION _bound_physicians() RETURNS TABLE (physician_id text, name text, facility_id text, person_id text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	by_number bool := medaudit._is_bound('physician', 'resident_id') AND medaudit._is_bound('person', 'resident_id');
	number text := CASE WHEN getdatabaseencoding() = 'UTF8' THEN 'medaudit.readable_resident_id(%s.resident_id)' ELSE 'nullif(upper(btrim(%s.resident_id)), '''')' END;
BEGIN
	IF NOT medaudit._is_bound('physician', 'physician_id') THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('physician');
	IF by_number THEN
		PERFORM medaudit.check_bound('person');
	END IF;
	RETURN QUERY EXECUTE format($sql$
		WITH physician AS MATERIALIZED (
			SELECT btrim(p.physician_id) AS physician_id, p.name, p.facility_id, p.person_id, %1$s AS number
			FROM (SELECT %2$s FROM medaudit_data.physician AS c) AS p WHERE btrim(p.physician_id) <> ''
		), person AS MATERIALIZED (
			%3$s
		)
		-- what several rows, or several people of a number, say differently is not known
		SELECT p.physician_id, CASE WHEN min(p.name) = max(p.name) THEN min(p.name) END, CASE WHEN min(p.facility_id) = max(p.facility_id) THEN min(p.facility_id) END,
			CASE WHEN count(DISTINCT coalesce(p.person_id, r.person_id)) = 1 THEN min(coalesce(p.person_id, r.person_id)) END
		FROM physician AS p
		LEFT JOIN person AS r ON r.number = p.number
		GROUP BY p.physician_id$sql$,
		format(number, 'p'), medaudit._bound_list('physician'),
		CASE WHEN by_number THEN format('SELECT i.number, i.person_id FROM (SELECT DISTINCT %s AS number, r.person_id FROM (SELECT %s FROM medaudit_data.person AS c) AS r) AS i
				WHERE i.number IN (SELECT p.number FROM physician AS p)', format(number, 'r'), medaudit._bound_list('person'))
			ELSE 'SELECT NULL::text AS number, NULL::text AS person_id WHERE false' END);
END
$$;

COMMENT ON FUNCTION _bound_physicians() IS
	'医师名册: number, name, facility and insured person (person_id, else by the resident number) of the physicians as they are bound, NULL where it is not known or rows differ; no rows where physician is not bound';

-- A day between that of admission and that of discharge: on these two a physician may work.
CREATE OR REPLACE FUNCTION _physicians_away(from_date date, to_date date) RETURNS TABLE (physician_id text, visit_id text, facility_id text, admitted_on date,
	discharged_on date, days daterange)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
	SELECT p.physician_id, v.visit_id, v.facility_id, v.admitted_at::date, v.discharged_at::date, d.days
	FROM medaudit._bound_physicians() AS p
	JOIN medaudit._standing_visits() AS v ON v.person_id = p.person_id
	CROSS JOIN LATERAL (SELECT CASE WHEN v.discharged_at::date - v.admitted_at::date > 1
		THEN daterange(v.admitted_at::date + 1, v.discharged_at::date) * daterange($1, $2) END AS days) AS d
	WHERE v.stay AND NOT isempty(d.days)
$$;

COMMENT ON FUNCTION _physicians_away(date, date) IS
	'医师本人住院: days of [from_date, to_date) on which a physician was in hospital as a patient, without the days of admission and discharge';

-- Operations of a physician in a visit on a day are one.  Without a time of day or an
-- end it is not known how long they took; what lasts longer than a day was written wrongly.
CREATE OR REPLACE FUNCTION _operations(from_date date, to_date date) RETURNS TABLE (physician_id text, visit_id text, person_id text, facility_id text, on_date date,
	begins timestamp, ends timestamp)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	IF NOT (medaudit._is_bound('operation', 'physician_id') AND medaudit._is_bound('operation', 'operated_at')) THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('operation');
	RETURN QUERY EXECUTE format($sql$
		SELECT btrim(o.physician_id), o.visit_id, v.person_id, v.facility_id, o.operated_at::date, min(o.operated_at) FILTER (WHERE t.timed), max(o.ended_at) FILTER (WHERE t.timed)
		FROM (SELECT DISTINCT i.* FROM (SELECT %s FROM medaudit_data.operation AS c) AS i) AS o
		JOIN medaudit._standing_visits() AS v ON v.visit_id = o.visit_id
		CROSS JOIN LATERAL (SELECT o.operated_at::time <> '00:00' AND o.ended_at > o.operated_at AND o.ended_at <= o.operated_at + interval '1 day' AS timed) AS t
		WHERE btrim(o.physician_id) <> '' AND o.operated_at >= $1 AND o.operated_at < $2
		GROUP BY btrim(o.physician_id), o.visit_id, v.person_id, v.facility_id, o.operated_at::date$sql$, medaudit._bound_list('operation')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _operations(date, date) IS
	'手术: operations of [from_date, to_date) in visits that stand, those of a physician in a visit on a day as one, from the first begin to the last end; begins and ends NULL where time of day or end are not known; no rows where physician or begin are not bound';

-- What cannot be asked, for want of what.
CREATE OR REPLACE FUNCTION _physician_days_lack() RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(array_agg(n.name ORDER BY n.place), '{}')
	FROM (VALUES (1, 'charge.physician_id'), (2, 'item.minutes'), (3, 'operation.physician_id'), (4, 'operation.operated_at'), (5, 'operation.ended_at')) AS n (place, name)
	WHERE NOT medaudit._is_bound(split_part(n.name, '.', 1), split_part(n.name, '.', 2))
$$;

COMMENT ON FUNCTION _physician_days_lack() IS
	'医师工作量缺少的数据: which of the columns that physician_day() counts minutes and operations by are not bound';

CREATE OR REPLACE FUNCTION _check_physician_days(from_date date, to_date date, max_minutes numeric, needed text[]) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	PERFORM medaudit._check_period(from_date, to_date),
		medaudit._check_argument('max_minutes', max_minutes IS NULL, max_minutes >= 1::numeric AND max_minutes <= 1440::numeric, format(medaudit._say('between %s and %s'), 1, 1440)),
		medaudit.check_bound('visit', 'charge');
	SELECT string_agg(n, ', ') INTO missing FROM unnest(needed) AS n WHERE NOT medaudit._is_bound(split_part(n, '.', 1), split_part(n, '.', 2));
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('not bound: %s'), missing),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_physician_days(date, date, numeric, text[]) IS
	'检查医师工作量参数: 22004, 22023 or 55000 for what physician_day() and facility_days() cannot answer';

CREATE OR REPLACE FUNCTION physician_day(from_date date, to_date date, max_minutes numeric DEFAULT 720) RETURNS TABLE (physician_id text, physician_name text, on_date date,
	reasons text[], minutes numeric, overlapping int, in_stay bool, own_visit_id text, facility_ids text[], persons int, lines int, visit_ids text[], amount numeric,
	claimed_amount numeric, evidence jsonb)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	lack text[] := medaudit._physician_days_lack();
	minutes_known bool := NOT lack && '{charge.physician_id,item.minutes}';
	operations_known bool := NOT lack && '{operation.physician_id,operation.operated_at,operation.ended_at}';
	register_known bool := medaudit._is_bound('physician', 'physician_id');
	away medaudit._physician_away[];
	unclear bigint;
BEGIN
	PERFORM medaudit._check_physician_days(from_date, to_date, max_minutes, CASE WHEN operations_known THEN '{}' ELSE '{charge.physician_id}'::text[] END);
	IF NOT register_known THEN
		lack := lack || 'physician.physician_id'::text;
	END IF;
	IF NOT (minutes_known OR operations_known OR register_known) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('not bound: %s'), array_to_string(lack, ', ')),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	ELSIF lack <> '{}' THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('not all was asked of physicians, these are not bound: %s'), array_to_string(lack, ', '));
	END IF;
	SELECT coalesce(array_agg(ROW(a.*)::medaudit._physician_away ORDER BY a.physician_id COLLATE "C", a.visit_id COLLATE "C"), '{}') INTO away
	FROM medaudit._physicians_away(from_date, to_date) AS a;
	IF operations_known THEN
		SELECT count(*) INTO unclear FROM medaudit._operations(from_date, to_date) AS o WHERE o.begins IS NULL;
		IF unclear > 0 THEN
			RAISE NOTICE USING MESSAGE = format(medaudit._say('%s operations have no time of day or no end: whether they overlap is not known'), unclear);
		END IF;
	END IF;
	RETURN QUERY
	WITH away AS MATERIALIZED (
		SELECT a.* FROM unnest(away) AS a
	), line AS MATERIALIZED (
		SELECT l.* FROM medaudit._worked_lines(from_date, to_date, ARRAY(SELECT a.physician_id FROM away AS a ORDER BY a.physician_id, a.visit_id),
			ARRAY(SELECT a.days FROM away AS a ORDER BY a.physician_id, a.visit_id)) AS l WHERE l.physician_id IS NOT NULL
	), operation AS MATERIALIZED (
		SELECT o.* FROM medaudit._operations(from_date - 1, to_date) AS o
	), at_once AS MATERIALIZED (
		SELECT l.physician_id, l.begins::date AS on_date, jsonb_build_object('visit_id', l.visit_id, 'begins', l.begins, 'ends', l.ends, 'other_visit_id', e.visit_id,
			'other_begins', e.begins, 'other_ends', e.ends) AS told, l AS later, e AS earlier
		FROM operation AS l
		JOIN operation AS e ON e.physician_id = l.physician_id AND e.person_id <> l.person_id AND e.begins < l.ends AND l.begins < e.ends
			AND (e.begins, e.visit_id COLLATE "C") < (l.begins, l.visit_id COLLATE "C")
		WHERE operations_known AND l.begins >= from_date
	), done AS (
		SELECT l.physician_id, l.on_date, l.visit_id, l.person_id, l.facility_id, l.quantity * l.minutes AS minutes, 1 AS line, l.amount, l.claimed, NULL::jsonb AS told FROM line AS l
		UNION ALL
		SELECT o.physician_id, o.on_date, u.visit_id, u.person_id, u.facility_id, NULL, NULL, NULL, NULL, CASE WHEN u.first THEN o.told END
		FROM at_once AS o
		CROSS JOIN LATERAL (VALUES ((o.later).visit_id, (o.later).person_id, (o.later).facility_id, true), ((o.earlier).visit_id, (o.earlier).person_id, (o.earlier).facility_id, false))
			AS u (visit_id, person_id, facility_id, first)
		UNION ALL
		SELECT o.physician_id, o.on_date, o.visit_id, o.person_id, o.facility_id, NULL, NULL, NULL, NULL, NULL
		FROM operation AS o WHERE EXISTS (SELECT FROM away AS a WHERE a.physician_id = o.physician_id AND a.days @> o.on_date)
	), day AS (
		SELECT d.physician_id, d.on_date, CASE WHEN minutes_known THEN coalesce(sum(d.minutes), 0) END AS minutes, count(d.told)::int AS pairs,
			jsonb_agg(d.told ORDER BY d.told) FILTER (WHERE d.told IS NOT NULL) AS told, array_agg(DISTINCT d.facility_id COLLATE "C") AS facility_ids, count(DISTINCT d.person_id)::int AS persons,
			count(d.line)::int AS lines, array_agg(DISTINCT d.visit_id COLLATE "C") AS visit_ids, coalesce(sum(d.amount), 0) AS amount, coalesce(sum(d.claimed), 0) AS claimed
		FROM done AS d GROUP BY d.physician_id, d.on_date
	), register AS MATERIALIZED (
		SELECT p.* FROM medaudit._bound_physicians() AS p
	), own AS (
		SELECT DISTINCT ON (d.physician_id, d.on_date) d.physician_id, d.on_date, a.visit_id, a.facility_id, a.admitted_on, a.discharged_on
		FROM day AS d JOIN away AS a ON a.physician_id = d.physician_id AND a.days @> d.on_date
		ORDER BY d.physician_id, d.on_date, a.visit_id COLLATE "C"
	), told AS MATERIALIZED (
		SELECT d.*, s.visit_id AS own_visit_id, s.facility_id AS own_facility_id, s.admitted_on, s.discharged_on
		FROM day AS d LEFT JOIN own AS s ON s.physician_id = d.physician_id AND s.on_date = d.on_date
		WHERE d.minutes > max_minutes OR d.pairs > 0 OR s.visit_id IS NOT NULL
	), item AS (
		-- the five that take the most of the day
		SELECT r.physician_id, r.on_date, jsonb_agg(jsonb_build_object('item_code', r.item_code, 'quantity', r.quantity, 'minutes', round(r.minutes, 2)) ORDER BY r.place) AS items
		FROM (SELECT l.physician_id, l.on_date, l.item_code, sum(l.quantity) AS quantity, sum(l.quantity * l.minutes) AS minutes,
				row_number() OVER (PARTITION BY l.physician_id, l.on_date ORDER BY sum(l.quantity * l.minutes) DESC NULLS LAST, l.item_code COLLATE "C") AS place
			FROM line AS l JOIN told AS t ON t.physician_id = l.physician_id AND t.on_date = l.on_date GROUP BY l.physician_id, l.on_date, l.item_code) AS r
		WHERE r.place <= 5 GROUP BY r.physician_id, r.on_date
	)
	SELECT d.physician_id, p.name, d.on_date,
		array_remove(ARRAY[CASE WHEN d.minutes > max_minutes THEN 'minutes' END, CASE WHEN d.pairs > 0 THEN 'operations' END, CASE WHEN d.own_visit_id IS NOT NULL THEN 'in_stay' END], NULL),
		round(d.minutes, 2), CASE WHEN operations_known THEN d.pairs END, CASE WHEN p.person_id IS NOT NULL THEN d.own_visit_id IS NOT NULL END, d.own_visit_id, d.facility_ids,
		d.persons, d.lines, d.visit_ids, round(d.amount, 2), round(d.claimed, 2),
		jsonb_strip_nulls(jsonb_build_object('limit', max_minutes, 'minutes', round(d.minutes, 2), 'items', i.items, 'operations', d.told, 'own_visit_id', d.own_visit_id,
			'own_facility_id', d.own_facility_id, 'own_admitted_on', d.admitted_on, 'own_discharged_on', d.discharged_on))
	FROM told AS d
	LEFT JOIN register AS p ON p.physician_id = d.physician_id
	LEFT JOIN item AS i ON i.physician_id = d.physician_id AND i.on_date = d.on_date
	ORDER BY d.physician_id COLLATE "C", d.on_date;
END
$$;

COMMENT ON FUNCTION physician_day(date, date, numeric) IS
	'医师工作量异常日: days of [from_date, to_date) on which the minutes of the items that a physician ordered are more than max_minutes (1 to 1440), operations of his on two people overlap, or he was himself in hospital (between the days of admission and discharge) while something was ordered in his name; reasons: minutes, operations, in_stay. amount and claimed_amount: of the lines that were looked at, less refunds. minutes, overlapping and in_stay are NULL where they could not be asked; a NOTICE tells what is not bound. NULL arguments are 22004, others out of range 22023; 55000 where visits, charges, or all that could be asked are not bound';

-- Against all who were at work there: who ordered anything that day, and who is on the
-- register of the place, whichever are more.
CREATE OR REPLACE FUNCTION facility_days(from_date date, to_date date, max_minutes numeric DEFAULT 720) RETURNS TABLE (facility_id text, facility_name text, on_date date,
	minutes numeric, physicians int, registered int, limit_minutes numeric, persons int, lines int, visit_ids text[], amount numeric, claimed_amount numeric, outcome text, evidence jsonb)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_physician_days(from_date, to_date, max_minutes, '{item.minutes}');
	RETURN QUERY EXECUTE format($sql$
		WITH line AS MATERIALIZED (
			SELECT l.* FROM medaudit._worked_lines($1, $2) AS l WHERE l.facility_id IS NOT NULL
		), day AS MATERIALIZED (
			SELECT l.facility_id, l.on_date, sum(l.quantity * l.minutes) AS minutes, count(DISTINCT l.person_id)::int AS persons, count(*)::int AS lines,
				array_agg(DISTINCT l.visit_id ORDER BY l.visit_id) AS visit_ids, sum(l.amount) AS amount, sum(l.claimed) AS claimed
			FROM line AS l GROUP BY l.facility_id, l.on_date HAVING sum(l.quantity * l.minutes) > $3
		), ordered AS MATERIALIZED (
			SELECT DISTINCT l.visit_id, l.charged_at::date AS on_date, btrim(l.physician_id) AS physician_id
			FROM (SELECT %s FROM medaudit_data.charge AS c) AS l
			WHERE l.charged_at >= $1 AND l.charged_at < $2 AND l.quantity > 0 AND btrim(l.physician_id) <> '' AND EXISTS (SELECT FROM day)
		), active AS (
			SELECT v.facility_id, o.on_date, count(DISTINCT o.physician_id)::int AS physicians
			FROM ordered AS o JOIN medaudit._standing_visits() AS v ON v.visit_id = o.visit_id GROUP BY v.facility_id, o.on_date
		), register AS (
			SELECT p.facility_id, count(*)::int AS physicians FROM medaudit._bound_physicians() AS p WHERE p.facility_id IS NOT NULL GROUP BY p.facility_id
		), counted AS MATERIALIZED (
			SELECT d.*, a.physicians, r.physicians AS registered, $3 * greatest(a.physicians, r.physicians) AS limit_minutes
			FROM day AS d
			LEFT JOIN active AS a ON a.facility_id = d.facility_id AND a.on_date = d.on_date
			LEFT JOIN register AS r ON r.facility_id = d.facility_id
			WHERE (d.minutes <= $3 * greatest(a.physicians, r.physicians)) IS NOT TRUE
		), item AS (
			SELECT r.facility_id, r.on_date, jsonb_agg(jsonb_build_object('item_code', r.item_code, 'quantity', r.quantity, 'minutes', round(r.minutes, 2)) ORDER BY r.place) AS items
			FROM (SELECT l.facility_id, l.on_date, l.item_code, sum(l.quantity) AS quantity, sum(l.quantity * l.minutes) AS minutes,
					row_number() OVER (PARTITION BY l.facility_id, l.on_date ORDER BY sum(l.quantity * l.minutes) DESC, l.item_code COLLATE "C") AS place
				FROM line AS l JOIN counted AS t ON t.facility_id = l.facility_id AND t.on_date = l.on_date GROUP BY l.facility_id, l.on_date, l.item_code) AS r
			WHERE r.place <= 5 GROUP BY r.facility_id, r.on_date
		)
		SELECT c.facility_id, f.name, c.on_date, round(c.minutes, 2), c.physicians, c.registered, round(c.limit_minutes, 2), c.persons, c.lines, c.visit_ids, round(c.amount, 2), round(c.claimed, 2),
			CASE WHEN c.limit_minutes IS NULL THEN 'insufficient' ELSE 'above' END,
			jsonb_strip_nulls(jsonb_build_object('limit', $3, 'minutes', round(c.minutes, 2), 'physicians', greatest(c.physicians, c.registered), 'items', i.items))
		FROM counted AS c
		LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = c.facility_id
		LEFT JOIN item AS i ON i.facility_id = c.facility_id AND i.on_date = c.on_date
		ORDER BY c.facility_id COLLATE "C", c.on_date$sql$, medaudit._bound_list('charge')) USING from_date, to_date, max_minutes;
END
$$;

COMMENT ON FUNCTION facility_days(date, date, numeric) IS
	'机构工作量异常日: days of [from_date, to_date) on which the minutes of the items that a facility charged are more than max_minutes (1 to 1440) for each of its physicians: of those who ordered something there that day, and of those who are on the register of the place (physician.facility_id), the more; outcome above, or insufficient where no physician is known and one would not do. NULL arguments are 22004, others out of range 22023; 55000 where visits, charges or item.minutes are not bound';
