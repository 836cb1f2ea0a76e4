-- Card payments: which of them stand, and what in them no customer does.
--
-- Everything is asked of the bound relation swipe, read once per question: payments
-- and what takes them back are matched as brackets, and only where a card has a
-- refund at a place.  What asks the clock leaves out uploads of many payments at one
-- instant, and payments at midnight, which have no time of day; what asks money takes
-- them in.  A run asks the same functions of what it has gathered.  Sorting is all the
-- work: n log n in the payments, memory within work_mem.

CREATE OR REPLACE FUNCTION _check_argument(name text, missing bool, within bool, range text) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF missing THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), name);
	ELSIF within IS NOT TRUE THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('argument "%s" must be %s'), name, range);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_argument(text, bool, bool, text) IS
	'参数检查: 22004 where an argument is missing, 22023 where it is not within its range, which is told';

-- What NaN and months fail: an interval is compared by its seconds.
CREATE OR REPLACE FUNCTION _seconds_within(span interval, most interval) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN extract(month FROM span) = 0 AND extract(year FROM span) = 0
		AND extract(epoch FROM span) >= 0 AND extract(epoch FROM span) <= extract(epoch FROM most);

COMMENT ON FUNCTION _seconds_within(interval, interval) IS
	'时长检查: whether a span has no months and lasts from nothing to the most; NULL for NULL';

-- The national dictionary has 1 for hospitals and 2 for pharmacies; local ones have
-- other codes or words.  Where the kind says neither, the national number does.
CREATE OR REPLACE FUNCTION _is_pharmacy(kind text, facility_id text) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN code_fold(kind) ~ '^2$|PHARM|药店|药房' THEN true
		WHEN code_fold(kind) ~ '^1$|HOSPITAL|CLINIC|医院|诊所|医疗机构|门诊|卫生|服务中心|服务站|保健|医务' THEN false
		WHEN facility_id ~ '^P[0-9]{11}$' THEN true
		WHEN facility_id ~ '^H[0-9]{11}$' THEN false
	END;

COMMENT ON FUNCTION _is_pharmacy(text, text) IS
	'是否零售药店: by the kind of the facility (PHARMACY, 药店, 药房, 2), or, where that says neither pharmacy nor hospital, by its national code (P and 11 digits); NULL where neither tells';

-- What the bound register says of facilities; what several rows say differently is
-- not known.
CREATE OR REPLACE FUNCTION _swipe_places() RETURNS TABLE (facility_id text, pharmacy bool, longitude float8, latitude float8, region text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.facility') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('facility');
	RETURN QUERY EXECUTE format($sql$
		SELECT p.facility_id, medaudit._is_pharmacy(CASE WHEN min(p.kind) = max(p.kind) THEN min(p.kind) END, p.facility_id),
			CASE WHEN min(p.longitude) = max(p.longitude) AND min(p.latitude) = max(p.latitude) AND min(p.longitude) BETWEEN -180 AND 180
				AND min(p.latitude) BETWEEN -90 AND 90 AND (min(p.longitude) <> 0 OR min(p.latitude) <> 0) THEN min(p.longitude)::float8 END,
			CASE WHEN min(p.longitude) = max(p.longitude) AND min(p.latitude) = max(p.latitude) AND min(p.longitude) BETWEEN -180 AND 180
				AND min(p.latitude) BETWEEN -90 AND 90 AND (min(p.longitude) <> 0 OR min(p.latitude) <> 0) THEN min(p.latitude)::float8 END,
			CASE WHEN min(p.region) = max(p.region) THEN min(p.region) END
		FROM (SELECT %s FROM medaudit_data.facility AS c) AS p
		WHERE p.facility_id IS NOT NULL GROUP BY p.facility_id$sql$,
		(SELECT string_agg(format('%s AS %I', n.expression, n.column_name), ', ') FROM medaudit._run_columns('facility') AS n));
END
$$;

COMMENT ON FUNCTION _swipe_places() IS
	'刷卡地点: whether each bound facility is a pharmacy (NULL: nothing tells), where it lies (NULL: not known, or nowhere on earth) and its region; no rows where facility is not bound';

-- A negative amount takes back the latest earlier payment of its card, place and
-- amount that nothing took back, as a closing bracket its opening one: the running
-- level after a payment and before a refund is that of the pair.  Then it must not be
-- more than a date later; what it would else have taken back is older still.
-- Of persons whose earlier payments are asked, too, all is read that their status hangs
-- on: the payments at the same place and instant, and what cards of these paid and got
-- back at the place on the dates beside.
CREATE OR REPLACE FUNCTION _swipe_rows(from_date date, to_date date, persons_from date DEFAULT NULL, persons text[] DEFAULT NULL)
	RETURNS TABLE (swipe_id text, facility_id text, terminal_id text, card_id text, person_id text, swiped_at timestamp, amount numeric,
	balance_after numeric, credential text, status text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	-- what was delivered twice is told by hashes of rows, not by putting all in order
	SET enable_sort = off
	SET jit = off
AS $$
DECLARE
	bound record;
BEGIN
	SELECT string_agg(format('%s AS %I', n.expression, n.column_name), ', ') AS columns INTO bound FROM medaudit._run_columns('swipe') AS n;
	-- nobody knows how many payments there will be: a plan for two of them takes hours for millions
	RETURN QUERY EXECUTE format($sql$
		WITH %2$s given AS MATERIALIZED (
			-- a row that was delivered twice counts once
			SELECT DISTINCT s.* FROM (SELECT %1$s FROM medaudit_data.swipe AS c) AS s
			WHERE s.swiped_at < $2 + 1 AND s.swiped_at >= $1 - 1
				AND s.facility_id IS NOT NULL AND s.card_id IS NOT NULL AND s.amount <> 0
			%3$s
		), swipe AS MATERIALIZED (
			SELECT row_number() OVER () AS n, g.*
			FROM (
				SELECT s.swipe_id, s.facility_id, s.terminal_id, s.card_id, s.person_id, s.swiped_at, s.amount, s.balance_after, s.credential
				FROM given AS s WHERE s.swipe_id <> ''
				UNION ALL
				-- a number of its own content: what else is delivered, or late, changes none
				SELECT concat(to_char(s.swiped_at, 'YYYYMMDD-'), "left"(encode(sha256(convert_to(jsonb_build_array(s.facility_id, s.terminal_id,
						s.card_id, to_char(s.swiped_at, 'YYYYMMDDHH24MISSUS'), trim_scale(s.amount))::text, 'UTF8')), 'hex'), 16), '-',
						row_number() OVER (PARTITION BY s.facility_id, s.terminal_id, s.card_id, s.swiped_at, s.amount
							ORDER BY s.balance_after, s.credential COLLATE "C", s.person_id COLLATE "C", s.operator_id COLLATE "C")),
					s.facility_id, s.terminal_id, s.card_id, s.person_id, s.swiped_at, s.amount, s.balance_after, s.credential
				FROM given AS s WHERE coalesce(s.swipe_id, '') = ''
			) AS g
		), back AS MATERIALIZED (
			SELECT DISTINCT s.facility_id, s.card_id, -s.amount AS size FROM swipe AS s WHERE s.amount < 0
		), level AS (
			SELECT s.*, b.size, sum(sign(s.amount)) OVER (PARTITION BY s.facility_id, s.card_id, b.size
					ORDER BY s.swiped_at, s.amount < 0, s.swipe_id COLLATE "C", s.content, s.n) + CASE WHEN s.amount < 0 THEN 1 ELSE 0 END AS level
			FROM (
				-- of one number and instant: whatever the order in which they come
				SELECT i.*, concat_ws(chr(31), i.terminal_id, i.balance_after, i.credential, i.person_id) COLLATE "C" AS content FROM swipe AS i
			) AS s
			JOIN back AS b ON b.facility_id = s.facility_id AND b.card_id = s.card_id AND b.size = abs(s.amount)
		), pair AS MATERIALIZED (
			SELECT l.n, l.amount, CASE WHEN l.amount > 0 THEN lead(l.swiped_at) OVER pair ELSE lag(l.swiped_at) OVER pair END AS other_at, l.swiped_at
			FROM level AS l
			WINDOW pair AS (PARTITION BY l.facility_id, l.card_id, l.size, l.level ORDER BY l.swiped_at, l.amount < 0, l.swipe_id COLLATE "C", l.content, l.n)
		), told AS MATERIALIZED (
			SELECT p.n, CASE WHEN abs(p.other_at::date - p.swiped_at::date) <= 1 THEN CASE WHEN p.amount > 0 THEN 'refunded' ELSE 'refund' END
				WHEN p.amount < 0 THEN 'orphan' ELSE 'kept' END AS status
			FROM pair AS p
		), batch AS MATERIALIZED (
			SELECT s.facility_id, s.swiped_at
			FROM swipe AS s
			LEFT JOIN told AS t ON t.n = s.n
			WHERE coalesce(t.status, 'kept') = 'kept'
			GROUP BY s.facility_id, s.swiped_at HAVING count(*) > 30
		)
		SELECT s.swipe_id, s.facility_id, s.terminal_id, s.card_id, s.person_id, s.swiped_at, s.amount, s.balance_after, s.credential,
			CASE WHEN coalesce(t.status, 'kept') = 'kept' AND b.swiped_at IS NOT NULL THEN 'batch' ELSE coalesce(t.status, 'kept') END
		FROM swipe AS s
		LEFT JOIN told AS t ON t.n = s.n
		LEFT JOIN batch AS b ON b.facility_id = s.facility_id AND b.swiped_at = s.swiped_at
		WHERE s.swiped_at < $2 AND (s.swiped_at >= $1 OR s.swiped_at >= $3 AND s.person_id = ANY ($4))$sql$,
		bound.columns, CASE WHEN persons_from < from_date THEN format($sql$
		own AS MATERIALIZED (
			SELECT DISTINCT s.facility_id, s.swiped_at FROM (SELECT %1$s FROM medaudit_data.swipe AS c) AS s
			JOIN unnest($4) AS p (person_id) ON p.person_id = s.person_id
			WHERE s.swiped_at >= $3 AND s.swiped_at < $1 AND s.facility_id IS NOT NULL AND s.card_id IS NOT NULL AND s.amount <> 0
		), beside AS MATERIALIZED (
			SELECT DISTINCT s.facility_id, s.card_id, s.swiped_at::date AS day FROM (SELECT %1$s FROM medaudit_data.swipe AS c) AS s
			JOIN own AS o ON o.facility_id = s.facility_id AND o.swiped_at = s.swiped_at
			WHERE s.swiped_at >= $3 AND s.swiped_at < $1
		),$sql$, bound.columns) END,
		CASE WHEN persons_from < from_date THEN format($sql$
			UNION
			SELECT s.* FROM (SELECT %1$s FROM medaudit_data.swipe AS c) AS s
			JOIN (
				SELECT DISTINCT b.facility_id, b.card_id, b.day + n AS day FROM beside AS b CROSS JOIN generate_series(-1, 1) AS n
			) AS d ON d.facility_id = s.facility_id AND d.card_id = s.card_id AND d.day = s.swiped_at::date
			WHERE s.swiped_at >= $3 - 1 AND s.swiped_at < $1 - 1 AND s.amount <> 0$sql$, bound.columns) END)
	USING from_date, to_date, persons_from, persons;
END
$$;

COMMENT ON FUNCTION _swipe_rows(date, date, date, text[]) IS
	'刷卡记录: swipe_rows(), and those of some persons from an earlier day on, with the status that they have among all';

CREATE OR REPLACE FUNCTION swipe_rows(from_date date, to_date date)
	RETURNS TABLE (swipe_id text, facility_id text, terminal_id text, card_id text, person_id text, swiped_at timestamp, amount numeric,
	balance_after numeric, credential text, status text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit.check_bound('swipe');
	RETURN QUERY SELECT s.* FROM medaudit._swipe_rows(from_date, to_date) AS s;
END
$$;

COMMENT ON FUNCTION swipe_rows(date, date) IS
	'刷卡记录: the bound card payments of [from_date, to_date), each once, with its status: kept, refunded (taken back within a date), refund (takes one back), orphan (a negative amount that takes back nothing) or batch (one of more than 30 kept at one instant and place: no time of day can be asked). Without place, card or amount, or with none, a payment is left out; without a number of its own it gets one of its date and a digest of its content. NULL is 22004, dates that are no period 22023; 55000 where swipe is not bound';

-- Of what is gathered for a run, or of the bound payments: SOURCE is what stands in FROM.
CREATE OR REPLACE FUNCTION _card_bursts(source text, from_date date, to_date date, max_gap interval, min_cards int, max_amount_cv float8, max_p float8)
	RETURNS TABLE (facility_id text, terminal_id text, from_at timestamp, to_at timestamp, swipe_count int, cards int, card_ids text[],
	amount numeric, amount_cv float8, expected float8, p_value float8, dates int)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH swipe AS MATERIALIZED (
			SELECT s.facility_id, s.terminal_id, s.card_id, s.swiped_at, s.amount FROM %s AS s
			WHERE s.status = 'kept' AND s.swiped_at::time <> '00:00' AND s.swiped_at >= $1 - 57 AND s.swiped_at < $2 + 1
		), gap AS (
			SELECT s.*, coalesce(s.swiped_at <= lag(s.swiped_at) OVER (PARTITION BY s.facility_id, s.terminal_id ORDER BY s.swiped_at) + $3, false) AS goes_on
			FROM swipe AS s WHERE s.swiped_at >= $1 - 1
		), run AS MATERIALIZED (
			-- numbered through all places, in the order in which they stand: what goes on has the number before it
			SELECT g.*, count(*) FILTER (WHERE NOT g.goes_on) OVER (ORDER BY g.facility_id, g.terminal_id, g.swiped_at) AS run_no
			FROM gap AS g
		), long AS MATERIALIZED (
			-- nearly all payments are made alone
			SELECT r.run_no FROM run AS r GROUP BY r.run_no HAVING count(*) >= $4 AND min(r.swiped_at) >= $1 AND min(r.swiped_at) < $2
		), burst AS MATERIALIZED (
			SELECT row_number() OVER () AS n, r.facility_id, r.terminal_id, min(r.swiped_at) AS from_at, max(r.swiped_at) AS to_at,
				count(*)::int AS swipe_count, count(DISTINCT r.card_id)::int AS cards,
				array_agg(DISTINCT r.card_id COLLATE "C" ORDER BY r.card_id COLLATE "C") AS card_ids, sum(r.amount) AS amount,
				(stddev_samp(r.amount) / avg(r.amount))::float8 AS amount_cv
			FROM run AS r
			WHERE r.run_no IN (SELECT l.run_no FROM long AS l)
			GROUP BY r.facility_id, r.terminal_id, r.run_no
			HAVING count(DISTINCT r.card_id) >= $4
		), hour AS (
			SELECT s.facility_id, coalesce(s.terminal_id, '') AS terminal, s.swiped_at::date AS day, extract(hour FROM s.swiped_at) AS hour, count(*) AS swipes
			FROM swipe AS s
			WHERE s.facility_id IN (SELECT b.facility_id FROM burst AS b)
			GROUP BY 1, 2, 3, 4
		), usual AS (
			SELECT b.n, count(DISTINCT h.day) AS dates, coalesce(sum(h.swipes) FILTER (WHERE h.hour = extract(hour FROM b.from_at)), 0) AS swipes
			FROM burst AS b
			JOIN hour AS h ON h.facility_id = b.facility_id AND h.terminal = coalesce(b.terminal_id, '')
				AND h.day >= b.from_at::date - 56 AND h.day < b.from_at::date
			GROUP BY b.n HAVING count(DISTINCT h.day) >= 10
		), chance AS (
			SELECT b.*, u.dates::int AS dates, (CASE WHEN u.swipes > 0 THEN u.swipes::float8 / u.dates ELSE 1 / (u.dates + 1)::float8 END / 60
				* extract(epoch FROM b.to_at - b.from_at + $3)::float8 / 60) AS expected
			FROM burst AS b
			JOIN usual AS u ON u.n = b.n
		)
		SELECT c.facility_id, c.terminal_id, c.from_at, c.to_at, c.swipe_count, c.cards, c.card_ids, c.amount, c.amount_cv, c.expected, p.p_value, c.dates
		FROM chance AS c
		CROSS JOIN LATERAL (SELECT medaudit.poisson_tail(c.expected, c.swipe_count - 1) AS p_value) AS p
		WHERE p.p_value <= $6 AND ($5 IS NULL OR c.amount_cv <= $5)$sql$, source)
	USING from_date, to_date, max_gap, min_cards, max_amount_cv, max_p;
END
$$;

COMMENT ON FUNCTION _card_bursts(text, date, date, interval, int, float8, float8) IS
	'集中刷卡: card_bursts() of payments that stand in a table or are returned by a function, as swipe_rows() returns them; dates: active ones of the 56 before';

CREATE OR REPLACE FUNCTION card_bursts(from_date date, to_date date, max_gap interval DEFAULT '1 minute', min_cards int DEFAULT 5,
	max_amount_cv float8 DEFAULT NULL, max_p float8 DEFAULT 1e-4)
	RETURNS TABLE (facility_id text, terminal_id text, from_at timestamp, to_at timestamp, swipe_count int, cards int, card_ids text[],
	amount numeric, amount_cv float8, expected float8, p_value float8)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit._check_argument('max_gap', max_gap IS NULL, medaudit._seconds_within(max_gap, '1 day'), medaudit._say('between 0 and 1 day, without months')),
		medaudit._check_argument('min_cards', min_cards IS NULL, min_cards >= 2, format(medaudit._say('at least %s'), 2)),
		medaudit._check_argument('max_amount_cv', false, max_amount_cv IS NULL OR max_amount_cv >= 0 AND max_amount_cv < 'Infinity', format(medaudit._say('at least %s'), 0)),
		medaudit._check_argument('max_p', max_p IS NULL, max_p >= 0 AND max_p <= 1, format(medaudit._say('between %s and %s'), 0, 1));
	PERFORM medaudit.check_bound('swipe');
	RETURN QUERY SELECT b.facility_id, b.terminal_id, b.from_at, b.to_at, b.swipe_count, b.cards, b.card_ids, b.amount, b.amount_cv, b.expected, b.p_value
	FROM medaudit._card_bursts('medaudit._swipe_rows($1 - 57, $2 + 1)', from_date, to_date, max_gap, min_cards, max_amount_cv, max_p) AS b;
END
$$;

COMMENT ON FUNCTION card_bursts(date, date, interval, int, float8, float8) IS
	'集中刷卡: runs of kept payments at one place and terminal, each at most max_gap (0 to 1 day) after the one before, that begin in [from_date, to_date), of min_cards (2 or more) different cards. expected: payments of that clock hour on the active dates of the 56 before, per minute, times the minutes of the run and max_gap; p_value: the Poisson chance of as many more after the first, at most max_p (0 to 1). Fewer than 10 active dates: no row. max_amount_cv: highest coefficient of variation (sample) of the amounts; NULL: not asked. Other thresholds NULL are 22004, out of range 22023; 55000 where swipe is not bound';

CREATE OR REPLACE FUNCTION _drained_balances(source text, from_date date, to_date date, min_amount numeric, max_left numeric)
	RETURNS TABLE (facility_id text, card_id text, swipe_id text, swiped_at timestamp, amount numeric, balance_after numeric, swipes_that_day int,
	swipe_ids text[])
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- few days leave so little: only of those the payments are put in order; of two at one
	-- instant the one that leaves less was the last
	RETURN QUERY EXECUTE format($sql$
		WITH swipe AS MATERIALIZED (
			SELECT s.card_id, s.swiped_at::date AS day, s.facility_id, s.swipe_id, s.swiped_at, s.amount, s.balance_after
			FROM %s AS s
			WHERE s.status IN ('kept', 'batch') AND s.swiped_at >= $1 AND s.swiped_at < $2
		), low AS MATERIALIZED (
			SELECT DISTINCT s.card_id, s.day FROM swipe AS s WHERE s.balance_after <= $4
		)
		SELECT d.facility_ids[1], d.card_id, d.swipe_ids[1], d.last_at, d.amount, d.balances[1], d.swipes, d.swipe_ids
		FROM (
			SELECT s.card_id, array_agg(s.facility_id ORDER BY s.swiped_at DESC, s.balance_after, s.swipe_id COLLATE "C" DESC) AS facility_ids,
				array_agg(s.swipe_id ORDER BY s.swiped_at DESC, s.balance_after, s.swipe_id COLLATE "C" DESC) AS swipe_ids,
				array_agg(s.balance_after ORDER BY s.swiped_at DESC, s.balance_after, s.swipe_id COLLATE "C" DESC) AS balances,
				max(s.swiped_at) AS last_at, sum(s.amount) AS amount, count(*)::int AS swipes
			FROM swipe AS s
			JOIN low AS l ON l.card_id = s.card_id AND l.day = s.day
			GROUP BY s.card_id, s.day HAVING count(*) <= 3 AND sum(s.amount) >= $3
		) AS d
		WHERE d.balances[1] <= $4$sql$, source)
	USING from_date, to_date, min_amount, max_left;
END
$$;

COMMENT ON FUNCTION _drained_balances(text, date, date, numeric, numeric) IS
	'清空余额: drained_balances() of payments that stand in a table or are returned by a function; swipe_ids: of the date, the last first';

CREATE OR REPLACE FUNCTION drained_balances(from_date date, to_date date, min_amount numeric DEFAULT 100, max_left numeric DEFAULT 1)
	RETURNS TABLE (facility_id text, card_id text, swipe_id text, swiped_at timestamp, amount numeric, balance_after numeric, swipes_that_day int)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit._check_argument('min_amount', min_amount IS NULL, min_amount >= 0 AND min_amount < 1e15, format(medaudit._say('at least %s'), 0)),
		medaudit._check_argument('max_left', max_left IS NULL, max_left >= 0 AND max_left < 1e15, format(medaudit._say('at least %s'), 0));
	PERFORM medaudit.check_bound('swipe');
	RETURN QUERY SELECT d.facility_id, d.card_id, d.swipe_id, d.swiped_at, d.amount, d.balance_after, d.swipes_that_day
	FROM medaudit._drained_balances('medaudit._swipe_rows($1, $2)', from_date, to_date, min_amount, max_left) AS d;
END
$$;

COMMENT ON FUNCTION drained_balances(date, date, numeric, numeric) IS
	'清空余额: dates of [from_date, to_date) whose last payment of a card left at most max_left yuan, in at most 3 payments of together (amount) min_amount yuan or more; place and number are of the last one. Payments of an unknown balance say nothing. Thresholds NULL are 22004, below 0 22023; 55000 where swipe is not bound';

CREATE OR REPLACE FUNCTION _same_amounts(source text, from_date date, to_date date, min_cards int)
	RETURNS TABLE (facility_id text, on_date date, amount numeric, swipe_count int, cards int, card_ids text[], total numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- few amounts come so often: only of those the cards are told apart
	RETURN QUERY EXECUTE format($sql$
		WITH swipe AS MATERIALIZED (
			SELECT s.facility_id, s.swiped_at::date AS day, s.amount, s.card_id
			FROM %s AS s
			WHERE s.status IN ('kept', 'batch') AND s.swiped_at >= $1 AND s.swiped_at < $2
		), often AS MATERIALIZED (
			SELECT s.facility_id, s.day, s.amount FROM swipe AS s GROUP BY s.facility_id, s.day, s.amount HAVING count(*) >= $3
		)
		SELECT s.facility_id, s.day, s.amount, count(*)::int, count(DISTINCT s.card_id)::int,
			array_agg(DISTINCT s.card_id COLLATE "C" ORDER BY s.card_id COLLATE "C"), sum(s.amount)
		FROM swipe AS s
		JOIN often AS o ON o.facility_id = s.facility_id AND o.day = s.day AND o.amount = s.amount
		GROUP BY s.facility_id, s.day, s.amount HAVING count(DISTINCT s.card_id) >= $3$sql$, source)
	USING from_date, to_date, min_cards;
END
$$;

COMMENT ON FUNCTION _same_amounts(text, date, date, int) IS
	'同额刷卡: same_amounts() of payments that stand in a table or are returned by a function';

CREATE OR REPLACE FUNCTION same_amounts(from_date date, to_date date, min_cards int DEFAULT 5)
	RETURNS TABLE (facility_id text, on_date date, amount numeric, swipe_count int, cards int, card_ids text[], total numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit._check_argument('min_cards', min_cards IS NULL, min_cards >= 2, format(medaudit._say('at least %s'), 2));
	PERFORM medaudit.check_bound('swipe');
	RETURN QUERY SELECT a.* FROM medaudit._same_amounts('medaudit._swipe_rows($1, $2)', from_date, to_date, min_cards) AS a;
END
$$;

COMMENT ON FUNCTION same_amounts(date, date, int) IS
	'同额刷卡: one amount paid by min_cards (2 or more) different cards at one place on one date of [from_date, to_date). NULL is 22004, out of range 22023; 55000 where swipe is not bound';

-- Kilometres along the great circle of a sphere of 6371 km.
CREATE OR REPLACE FUNCTION _great_circle(longitude float8, latitude float8, other_longitude float8, other_latitude float8) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN 2 * 6371 * asin(least(1, sqrt(sind((other_latitude - latitude) / 2) ^ 2
		+ cosd(latitude) * cosd(other_latitude) * sind((other_longitude - longitude) / 2) ^ 2)));

COMMENT ON FUNCTION _great_circle(float8, float8, float8, float8) IS
	'大圆距离: kilometres between two places by degrees of longitude and latitude; NULL for NULL';

-- From end to end of the earth takes some days: as far back a card is looked at.
CREATE OR REPLACE FUNCTION _travel_days(max_kmh numeric) RETURNS int
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN least(ceil(20016 / max_kmh / 24) + 1, 366)::int;

COMMENT ON FUNCTION _travel_days(numeric) IS
	'追溯天数: days that the longest way takes at a speed in km/h, at most 366; NULL for NULL';

CREATE OR REPLACE FUNCTION _impossible_travel(source text, from_date date, to_date date, max_kmh numeric, min_km numeric, within interval)
	RETURNS TABLE (card_id text, facility_id text, other_facility_id text, at timestamp, other_at timestamp, minutes numeric, km numeric, basis text,
	swipe_id text, other_swipe_id text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH place AS MATERIALIZED (
			SELECT p.* FROM medaudit._swipe_places() AS p
		), swipe AS (
			SELECT s.card_id, s.facility_id, s.swipe_id, s.swiped_at, lag(s.facility_id) OVER card AS last_place, lag(s.swiped_at) OVER card AS last_at,
				lag(s.swipe_id) OVER card AS last_id
			FROM %s AS s
			WHERE s.status = 'kept' AND s.swiped_at::time <> '00:00' AND s.credential IS DISTINCT FROM '01'
				AND s.swiped_at >= $1 - medaudit._travel_days($3) AND s.swiped_at < $2
			WINDOW card AS (PARTITION BY s.card_id ORDER BY s.swiped_at, s.facility_id COLLATE "C", s.swipe_id COLLATE "C")
		), way AS (
			SELECT s.*, extract(epoch FROM s.swiped_at - s.last_at) / 60 AS minutes,
				medaudit._great_circle(p.longitude, p.latitude, o.longitude, o.latitude)::numeric AS km,
				"left"(p.region, 4) <> "left"(o.region, 4) AND length(p.region) >= 4 AND length(o.region) >= 4 AS apart
			FROM swipe AS s
			JOIN place AS p ON p.facility_id = s.last_place
			JOIN place AS o ON o.facility_id = s.facility_id
			WHERE s.last_place <> s.facility_id AND s.swiped_at >= $1
		)
		SELECT w.card_id, w.last_place, w.facility_id, w.last_at, w.swiped_at, round(w.minutes, 1), round(w.km, 1),
			CASE WHEN w.km IS NOT NULL THEN 'distance' ELSE 'region' END, w.last_id, w.swipe_id
		FROM way AS w
		WHERE CASE WHEN w.km IS NOT NULL THEN w.km >= $4 AND w.km * 60 > $3 * w.minutes
			ELSE w.apart AND w.swiped_at <= w.last_at + $5 END$sql$, source)
	USING from_date, to_date, max_kmh, min_km, within;
END
$$;

COMMENT ON FUNCTION _impossible_travel(text, date, date, numeric, numeric, interval) IS
	'异地短时刷卡: impossible_travel() of payments that stand in a table or are returned by a function, with their numbers';

CREATE OR REPLACE FUNCTION impossible_travel(from_date date, to_date date, max_kmh numeric DEFAULT 120, min_km numeric DEFAULT 30,
	within interval DEFAULT '1 hour')
	RETURNS TABLE (card_id text, facility_id text, other_facility_id text, at timestamp, other_at timestamp, minutes numeric, km numeric, basis text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit._check_argument('max_kmh', max_kmh IS NULL, max_kmh >= 1 AND max_kmh <= 100000, format(medaudit._say('between %s and %s'), 1, 100000)),
		medaudit._check_argument('min_km', min_km IS NULL, min_km >= 0 AND min_km <= 100000, format(medaudit._say('between %s and %s'), 0, 100000)),
		medaudit._check_argument('within', within IS NULL, medaudit._seconds_within(within, '1 day'), medaudit._say('between 0 and 1 day, without months'));
	PERFORM medaudit.check_bound('swipe', 'facility');
	RETURN QUERY SELECT t.card_id, t.facility_id, t.other_facility_id, t.at, t.other_at, t.minutes, t.km, t.basis
	FROM medaudit._impossible_travel('medaudit._swipe_rows($1 - medaudit._travel_days($3), $2)', from_date, to_date, max_kmh, min_km, within) AS t;
END
$$;

COMMENT ON FUNCTION impossible_travel(date, date, numeric, numeric, interval) IS
	'异地短时刷卡: successive kept payments of one card at two places, not by e-voucher (credential 01), the later one in [from_date, to_date): min_km or more apart along the great circle and faster than max_kmh (basis distance), or, where a place has no coordinates, in two prefectures (region, 4 digits) within an interval (basis region). facility_id and at are of the earlier one. Thresholds NULL are 22004, out of range 22023; 55000 where swipe or facility is not bound';

-- What is sold in place of goods is charged as the same basket time and again (串换).
CREATE OR REPLACE FUNCTION repeated_baskets(from_date date, to_date date, min_people int DEFAULT 10, min_share float8 DEFAULT 0.1)
	RETURNS TABLE (facility_id text, item_codes text[], quantities numeric[], visits int, people int, share float8, amount numeric, visit_ids text[])
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit._check_argument('min_people', min_people IS NULL, min_people >= 1, format(medaudit._say('at least %s'), 1)),
		medaudit._check_argument('min_share', min_share IS NULL, min_share >= 0 AND min_share <= 1, format(medaudit._say('between %s and %s'), 0, 1));
	PERFORM medaudit.check_bound('visit', 'charge', 'facility');
	RETURN QUERY
	WITH item AS (
		SELECT l.facility_id, l.visit_id, l.person_id, l.item_code, trim_scale(sum(l.quantity)) AS quantity, sum(l.amount) AS amount
		FROM medaudit._fill_rows(from_date, to_date, only_drugs => false) AS l
		LEFT JOIN medaudit._swipe_places() AS p ON p.facility_id = l.facility_id
		WHERE CASE WHEN p.facility_id IS NULL THEN medaudit._is_pharmacy(NULL, l.facility_id) ELSE p.pharmacy END
		GROUP BY l.facility_id, l.visit_id, l.person_id, l.item_code HAVING sum(l.quantity) > 0
	), basket AS (
		SELECT i.facility_id, i.visit_id, i.person_id, array_agg(i.item_code ORDER BY i.item_code COLLATE "C") AS item_codes,
			array_agg(i.quantity ORDER BY i.item_code COLLATE "C") AS quantities, sum(i.amount) AS amount
		FROM item AS i GROUP BY i.facility_id, i.visit_id, i.person_id
	), place AS (
		SELECT b.facility_id, count(*) AS visits FROM basket AS b GROUP BY b.facility_id
	)
	SELECT b.facility_id, b.item_codes, b.quantities, count(*)::int, count(DISTINCT b.person_id)::int, count(*)::float8 / p.visits, sum(b.amount),
		array_agg(b.visit_id ORDER BY b.visit_id COLLATE "C")
	FROM basket AS b
	JOIN place AS p ON p.facility_id = b.facility_id
	WHERE cardinality(b.item_codes) >= 3
	GROUP BY b.facility_id, b.item_codes, b.quantities, p.visits
	HAVING count(DISTINCT b.person_id) >= min_people AND count(*)::float8 / p.visits >= min_share;
END
$$;

COMMENT ON FUNCTION repeated_baskets(date, date, int, float8) IS
	'雷同购药: sets of three items or more with their quantities (refunds netted, what fee_signature reads) that the visits of a pharmacy repeat, by visits and people of [from_date, to_date): min_people or more, min_share or more of its visits. Thresholds NULL are 22004, out of range 22023; 55000 where visit, charge or facility is not bound';
