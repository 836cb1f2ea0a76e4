-- What a run asks of card payments: they are gathered once, as far as its rules reach,
-- with books per pharmacy and calendar quarter, and a function for each kind of rule.
--
-- A payment is settled when it is made, so findings belong to its date.  What is
-- measured in a quarter or a month is measured in the whole of it, whatever the
-- period of the run, and known by cards and quarter or month: it grows under its key.
-- Payments are read from the first day of the quarter, and 57 days before the period,
-- to the end of the quarter; those of people who were in hospital from their admission
-- on.  Nobody in a register of visits changes a payment: a run of people of whom
-- something changed asks the payments during their stays, and no other.

CREATE OR REPLACE PROCEDURE _run_gather_swipes(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	period record;
	few bool := medaudit._run_of_persons(run_no);
	patients text[];
	patients_from date;
BEGIN
	IF medaudit._run_made('swipe') THEN
		RETURN;
	END IF;
	SELECT h.from_date, h.to_date, date_trunc('quarter', h.from_date)::date AS first_day,
		(date_trunc('quarter', (h.to_date - 1)::timestamp) + interval '3 months')::date AS day_after
	INTO period FROM medaudit_work.horizon AS h;
	WITH patient AS MATERIALIZED (
		SELECT v.person_id, v.people_id, min(v.admitted_at)::date AS since FROM medaudit_work.visit AS v WHERE v.stay AND v.judged GROUP BY 1, 2
	)
	SELECT array_agg(DISTINCT a.person_id), greatest(min(a.since), period.from_date - 422) INTO patients, patients_from
	FROM (
		SELECT p.person_id, p.since FROM patient AS p
		UNION ALL SELECT p.people_id, p.since FROM patient AS p
		UNION ALL SELECT i.person_id, p.since FROM patient AS p JOIN medaudit_work.person AS i ON i.people_id = p.people_id AND i.people_id <> i.person_id
	) AS a;
	PERFORM medaudit._empty('swipe', 'swipe_book', 'swipe_quarter');
	IF few AND patients IS NULL THEN
		RETURN;
	ELSIF NOT few THEN
		INSERT INTO medaudit_work.swipe_quarter (first_day)
		SELECT q FROM generate_series(period.first_day::timestamp, period.day_after - 1, interval '3 months') AS q;
	END IF;
	INSERT INTO medaudit_work.swipe
	SELECT row_number() OVER (ORDER BY s.swiped_at, s.card_id COLLATE "C", s.swipe_id COLLATE "C"), s.*, s.person_id, coalesce(f.pharmacy, medaudit._is_pharmacy(NULL, s.facility_id))
	FROM medaudit._swipe_rows(CASE WHEN few THEN period.day_after ELSE least(period.first_day, period.from_date - 57) END, period.day_after,
		patients_from, patients) AS s
	LEFT JOIN medaudit._swipe_places() AS f ON f.facility_id = s.facility_id;
	PERFORM medaudit._analyze('swipe');
	-- who is one with others; everybody else is known by his number alone
	CALL medaudit._run_know_persons('SELECT k.person_id FROM medaudit_data.person_key AS k WHERE k.people_id <> k.person_id'
		' AND k.person_id IN (SELECT s.person_id FROM medaudit_work.swipe AS s)');
	UPDATE medaudit_work.swipe AS s SET people_id = p.people_id
	FROM medaudit_work.person AS p WHERE p.person_id = s.person_id AND p.people_id <> p.person_id;
	INSERT INTO medaudit_work.swipe_book
	SELECT s.facility_id, q.first_day, medaudit.stays(s.swipe_no::text, s.card_id, s.facility_id, s.swiped_at, s.swiped_at, NULL, s.amount)
	FROM medaudit_work.swipe AS s
	JOIN medaudit_work.swipe_quarter AS q ON q.first_day = date_trunc('quarter', s.swiped_at)::date
	WHERE s.pharmacy AND s.status = 'kept' AND s.swiped_at::time <> '00:00'
	GROUP BY s.facility_id, q.first_day HAVING min(s.card_id) <> max(s.card_id);
END
$$;

COMMENT ON PROCEDURE _run_gather_swipes(bigint) IS
	'汇集刷卡: reads, once in a run, the card payments that its rules look at, and gathers those of each pharmacy and quarter into a book';

-- Three digits say all of a chance or of what it would make.
CREATE OR REPLACE FUNCTION _three_digits(value float8) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN value > 0 THEN trim_scale(round(value::numeric, greatest(2 - floor(log(value::numeric)), 0)::int)) ELSE 0 END;

COMMENT ON FUNCTION _three_digits(double precision) IS
	'三位有效数字: a number that is not negative, to three digits; NULL for NULL';

-- A card is told by the end of its number: it may be that of a person.
CREATE OR REPLACE FUNCTION _card_zh(card_id text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN '尾号' || "right"(card_id, 4);

COMMENT ON FUNCTION _card_zh(text) IS
	'卡说明: a card by the last four characters of its number; NULL for NULL';

-- The payments of a group become its lines, its money, its last day and, where there
-- is one, its person.
CREATE OR REPLACE FUNCTION _swipe_groups() RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, visit_id, line_id, charged_at, amount, facility_id, person_id, evidence, evidence_text)
	SELECT g.subject_id, g.key, row_number() OVER (PARTITION BY g.subject_id, g.key ORDER BY s.swiped_at, s.card_id COLLATE "C", s.swipe_id COLLATE "C", s.swipe_no),
		g.visit_id, s.swipe_id, s.swiped_at, s.amount, s.facility_id, s.person_id, jsonb_strip_nulls(jsonb_build_object('card', medaudit._card_zh(s.card_id), 'balance_after', s.balance_after)),
		concat(medaudit._card_zh(s.card_id), '卡于', medaudit.time_zh(s.swiped_at), '刷卡', medaudit.money_zh(s.amount), '，余额' || medaudit.money_zh(s.balance_after), '。')
	FROM medaudit_work.swipe_group AS g
	CROSS JOIN LATERAL (SELECT DISTINCT n.swipe_no FROM unnest(g.swipe_nos) AS n (swipe_no)) AS n
	JOIN medaudit_work.swipe AS s ON s.swipe_no = n.swipe_no;
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_kind => g.subject_kind,
		subject_id => g.subject_id,
		key => g.key,
		person_id => CASE WHEN l.persons = 1 THEN l.person_id END,
		visit_id => g.visit_id,
		facility_id => coalesce(g.facility_id, l.facility_id),
		visit_ids => array_remove(ARRAY[g.visit_id], NULL),
		involved_amount => l.amount,
		evidence => jsonb_strip_nulls(g.evidence || jsonb_build_object('amount', l.amount)),
		certainty => g.certainty,
		judged_on => CASE WHEN g.visit_id IS NULL THEN l.last_day END)).*
	FROM medaudit_work.swipe_group AS g
	JOIN (
		SELECT i.subject_id, i.key, sum(i.amount) AS amount, max(i.charged_at)::date AS last_day, count(DISTINCT i.person_id) AS persons,
			min(i.person_id) AS person_id, (array_agg(i.facility_id ORDER BY i.line_no DESC))[1] AS facility_id
		FROM medaudit_work.group_line AS i GROUP BY i.subject_id, i.key
	) AS l ON l.subject_id = g.subject_id AND l.key = g.key;
END
$$;

COMMENT ON FUNCTION _swipe_groups() IS
	'刷卡判定结果: what stands in medaudit_work.swipe_group as groups of a run, with the payments as their lines. Only within an audit run';

-- ------------------------------------------------------- cards together

-- How many pairs of cards would meet as often by chance, given when cards pay.  On
-- pension day half the street comes in the same hours, month after month: the chance
-- of companions(), which spreads payments over the quarter, takes that for company.
-- So each date has its own chance, from its pairs of payments; and cards that share
-- dates, two or more, meet as often as the clock of the one on a date meets that of the
-- other on another date.  The greater of the two is the chance of each of their n common dates,
-- and a binomial tail that of TIMES.  Pairs within the groups are left out of both, for
-- a ring is no measure of itself; where there are few others, the clock of the
-- quarter stands beside them.
-- A place at which hundreds pay a day is measured by some of its cards, which their
-- hashes choose: pairs grow with the square, and chance does not.
CREATE OR REPLACE FUNCTION _chance_pairs(place text, quarter date, within interval, cards text[], times int) RETURNS float8
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
	WITH paid AS MATERIALIZED (
		SELECT s.swipe_no, s.card_id, s.swiped_at, s.swiped_at::date AS day, s.card_id = ANY (_chance_pairs.cards) AS grouped
		FROM medaudit_work.swipe AS s
		WHERE s.facility_id = place AND s.status = 'kept' AND s.swiped_at::time <> '00:00'
			AND s.swiped_at >= quarter AND s.swiped_at < quarter + interval '3 months'
	), taken AS MATERIALIZED (
		-- of how many cards pairs are counted: all, where these are some hundred thousands
		SELECT least(1, sqrt(5e5 / sum(d.cards::float8 ^ 2))) AS share
		FROM (SELECT count(DISTINCT p.card_id) AS cards FROM paid AS p GROUP BY p.day) AS d
	), swipe AS MATERIALIZED (
		SELECT p.* FROM paid AS p CROSS JOIN taken AS t
		WHERE p.grouped OR t.share = 1 OR (hashtextextended(p.card_id, 0) & 1048575) < t.share * 1048576
	), clock AS (
		-- in steps as long as the interval: the same one meets, and half of the next
		SELECT h.step, count(*)::float8 / sum(count(*)) OVER () AS share
		FROM (SELECT floor(extract(epoch FROM s.swiped_at::time) / greatest(extract(epoch FROM _chance_pairs.within), 1)) AS step FROM swipe AS s WHERE NOT s.grouped) AS h
		GROUP BY h.step
	), usual AS MATERIALIZED (
		SELECT coalesce(sum(c.share * (c.share + coalesce(n.share, 0))), 1) AS share FROM clock AS c LEFT JOIN clock AS n ON n.step = c.step + 1
	), date AS MATERIALIZED (
		SELECT d.day, (coalesce(m.matches, 0) + 5 * u.share) / (d.pairs + 5) AS chance
		FROM usual AS u
		CROSS JOIN (
			SELECT i.day, (sum(i.swipes) ^ 2 - sum(i.swipes ^ 2) - sum(i.grouped) ^ 2 + sum(i.grouped ^ 2)) / 2 AS pairs
			FROM (
				SELECT s.day, s.card_id, count(*)::float8 AS swipes, count(*) FILTER (WHERE s.grouped)::float8 AS grouped
				FROM swipe AS s GROUP BY s.day, s.card_id
			) AS i
			GROUP BY i.day
		) AS d
		LEFT JOIN (
			SELECT a.day, count(*)::float8 AS matches
			FROM swipe AS a
			JOIN swipe AS b ON b.day = a.day AND b.card_id < a.card_id AND b.swiped_at <= a.swiped_at + _chance_pairs.within AND a.swiped_at <= b.swiped_at + _chance_pairs.within
			WHERE NOT (a.grouped AND b.grouped)
			GROUP BY a.day
		) AS m ON m.day = d.day
	), came AS MATERIALIZED (
		SELECT c.* FROM (
			SELECT s.card_id, s.day, s.grouped, extract(epoch FROM min(s.swiped_at::time))::float8 AS clock, count(*) OVER (PARTITION BY s.card_id) AS days
			FROM swipe AS s GROUP BY s.card_id, s.day, s.grouped
		) AS c
		WHERE c.days >= least(_chance_pairs.times, 2)
	), shared AS MATERIALIZED (
		SELECT s.* FROM (
			SELECT a.card_id, b.card_id AS other, a.day, a.clock, b.clock AS other_clock, a.grouped AND b.grouped AS grouped,
				count(*) OVER (PARTITION BY a.card_id, b.card_id) AS dates
			FROM came AS a JOIN came AS b ON b.day = a.day AND b.card_id < a.card_id
		) AS s
		WHERE s.dates >= least(_chance_pairs.times, 2)
	), habit AS MATERIALIZED (
		SELECT (m.matches + 5 * u.share) / (m.pairs + 5) AS chance
		FROM usual AS u
		CROSS JOIN (
			SELECT count(*)::float8 AS pairs, count(*) FILTER (WHERE abs(a.clock - b.other_clock) <= extract(epoch FROM _chance_pairs.within)::float8)::float8 AS matches
			FROM shared AS a
			JOIN shared AS b ON b.card_id = a.card_id AND b.other = a.other AND b.day <> a.day
			WHERE NOT a.grouped
		) AS m
	), pair AS (
		SELECT s.dates, greatest(round(avg(d.chance)::numeric, 3)::float8, h.chance) AS chance
		FROM shared AS s
		JOIN date AS d ON d.day = s.day
		CROSS JOIN habit AS h
		WHERE s.dates >= _chance_pairs.times
		GROUP BY s.card_id, s.other, s.dates, h.chance
	)
	SELECT coalesce(sum(n.pairs * medaudit.binomial_tail(n.dates, least(n.chance, 1), _chance_pairs.times)), 0)
		/ (SELECT t.share ^ 2 FROM taken AS t)
	FROM (SELECT p.dates, p.chance, count(*) AS pairs FROM pair AS p GROUP BY p.dates, p.chance) AS n
$$;

COMMENT ON FUNCTION _chance_pairs(text, date, interval, text[], int) IS
	'偶然同刷对数: how many pairs of cards of a place and quarter would be expected to pay together on times dates by chance, given the dates and the clock at which cards pay; pairs among the cards given are no measure of chance. Only within an audit run';

-- Groups whose pairs the book finds, their pairs and on which payments they rest.
CREATE OR REPLACE PROCEDURE _run_pair_cards(within interval, min_times int, max_p float8, min_cards int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	PERFORM medaudit._empty('card_group');
	INSERT INTO medaudit_work.card_group (facility_id, quarter, card_ids, pairs, times, least_times, swipe_nos)
	WITH connected AS MATERIALIZED (
		SELECT b.facility_id, b.quarter, c.person_ids AS card_ids
		FROM medaudit_work.swipe_book AS b
		CROSS JOIN LATERAL medaudit.companion_groups(b.book, _run_pair_cards.within, min_times, '{}', max_p) AS c
		WHERE cardinality(c.person_ids) >= min_cards
	), met AS MATERIALIZED (
		SELECT b.facility_id, b.quarter, p.person_id AS card_id, p.times, p.visit_ids || p.other_visit_ids AS swipes
		FROM medaudit_work.swipe_book AS b
		CROSS JOIN LATERAL medaudit.companions(b.book, _run_pair_cards.within, min_times) AS p
		WHERE p.p_value <= max_p AND (b.facility_id, b.quarter) IN (SELECT g.facility_id, g.quarter FROM connected AS g)
	), pair AS MATERIALIZED (
		-- groups of a place have no card in common
		SELECT g.facility_id, g.quarter, g.card_ids, p.times, p.swipes
		FROM connected AS g
		CROSS JOIN LATERAL unnest(g.card_ids) AS m (card_id)
		JOIN met AS p ON p.facility_id = g.facility_id AND p.quarter = g.quarter AND p.card_id = m.card_id
	)
	SELECT p.facility_id, p.quarter, p.card_ids, p.pairs, p.times, p.least_times, n.swipe_nos
	FROM (
		SELECT i.facility_id, i.quarter, i.card_ids, count(*) AS pairs, sum(i.times) AS times, min(i.times) AS least_times
		FROM pair AS i GROUP BY i.facility_id, i.quarter, i.card_ids
	) AS p
	JOIN (
		SELECT i.facility_id, i.quarter, i.card_ids, array_agg(DISTINCT u.swipe_no::bigint) AS swipe_nos
		FROM pair AS i CROSS JOIN LATERAL unnest(i.swipes) AS u (swipe_no) GROUP BY i.facility_id, i.quarter, i.card_ids
	) AS n ON n.facility_id = p.facility_id AND n.quarter = p.quarter AND n.card_ids = p.card_ids;
END
$$;

COMMENT ON PROCEDURE _run_pair_cards(interval, int, float8, int) IS
	'成组刷卡: groups of cards of each pharmacy and quarter that companions by the clock connect, into a working table';

-- Cards of one person are one, a family that shops together is none of it; and more
-- pairs must meet than the crowds of those dates make, twice over, for pairs that
-- share a card come together.
CREATE OR REPLACE FUNCTION _ask_cards_together(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	within interval := parameters ->> 'within';
	max_p float8 := parameters ->> 'max_p';
	min_cards int := parameters ->> 'min_cards';
BEGIN
	CALL medaudit._run_gather_swipes(run_no);
	CALL medaudit._run_pair_cards(within, (parameters ->> 'min_times')::int, max_p, min_cards);
	CALL medaudit._run_know_persons('SELECT s.person_id FROM medaudit_work.card_group AS g CROSS JOIN LATERAL unnest(g.swipe_nos) AS n (swipe_no)'
		' JOIN medaudit_work.swipe AS s ON s.swipe_no = n.swipe_no');
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_id, key, facility_id, swipe_nos, evidence)
	WITH swipe AS MATERIALIZED (
		SELECT g.facility_id, g.quarter, g.card_ids, count(DISTINCT s.swiped_at::date) AS dates, min(s.swiped_at)::date AS first_day, max(s.swiped_at)::date AS last_day,
			count(DISTINCT coalesce(s.people_id, s.card_id)) AS people,
			count(DISTINCT coalesce(nullif(h.household_id, ''), s.people_id, s.card_id)) AS homes
		FROM medaudit_work.card_group AS g
		CROSS JOIN LATERAL unnest(g.swipe_nos) AS n (swipe_no)
		JOIN medaudit_work.swipe AS s ON s.swipe_no = n.swipe_no
		LEFT JOIN medaudit_work.person AS h ON h.person_id = s.person_id
		GROUP BY g.facility_id, g.quarter, g.card_ids
	), judged AS MATERIALIZED (
		SELECT g.*, s.dates, s.first_day, s.last_day, s.people
		FROM medaudit_work.card_group AS g
		JOIN swipe AS s ON s.facility_id = g.facility_id AND s.quarter = g.quarter AND s.card_ids = g.card_ids
		WHERE s.dates >= (parameters ->> 'min_dates')::int AND s.people >= min_cards AND s.homes > 1
	), chance AS MATERIALIZED (
		-- of all groups of the place: none is a measure of another
		SELECT p.facility_id, p.quarter, p.least_times, medaudit._chance_pairs(p.facility_id, p.quarter, within, c.cards, p.least_times) AS expected
		FROM (SELECT DISTINCT j.facility_id, j.quarter, j.least_times FROM judged AS j) AS p
		CROSS JOIN LATERAL (SELECT array_agg(i.card_id) AS cards FROM medaudit_work.card_group AS a
			CROSS JOIN LATERAL unnest(a.card_ids) AS i (card_id) WHERE a.facility_id = p.facility_id AND a.quarter = p.quarter) AS c
	)
	SELECT g.facility_id, concat(medaudit.finding_key(g.card_ids), '@', to_char(g.quarter, 'YYYY"Q"Q')), g.facility_id, g.swipe_nos,
		jsonb_build_object('window', ARRAY[g.first_day, g.last_day], 'cards', cardinality(g.card_ids), 'people', g.people, 'dates', g.dates,
			'minutes', trim_scale(round(extract(epoch FROM within) / 60, 2)), 'pairs', g.pairs, 'times', g.times, 'least_times', g.least_times,
			'expected_pairs', medaudit._three_digits(c.expected), 'p_value', medaudit._three_digits(p.p_value),
			'formula', format('%1$s pairs together %2$s times or more on %3$s dates; by chance on these dates: %4$s; P(Poisson(2 * %4$s) >= %1$s) = %5$s',
				g.pairs, g.least_times, g.dates, medaudit._three_digits(c.expected), medaudit._three_digits(p.p_value)))
	FROM judged AS g
	JOIN chance AS c ON c.facility_id = g.facility_id AND c.quarter = g.quarter AND c.least_times = g.least_times
	CROSS JOIN LATERAL (SELECT medaudit.poisson_tail(2 * c.expected, g.pairs) AS p_value) AS p
	WHERE p.p_value <= max_p;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_cards_together(bigint, text, jsonb) IS
	'成组刷卡: min_cards cards or more, of as many people, that pay within an interval of one another min_times or more in a quarter, on min_dates dates, at one pharmacy';

-- ------------------------------------------------------------- bursts

-- An hour that is busy all through is no burst: the busier of the half hours before
-- and after is a baseline, too.
CREATE OR REPLACE FUNCTION _ask_card_bursts(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	period record;
	max_p float8 := parameters ->> 'max_p';
	max_gap interval := parameters ->> 'max_gap';
BEGIN
	IF medaudit._run_of_persons(run_no) THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_swipes(run_no);
	SELECT p.from_date, p.to_date INTO period FROM medaudit_work.period AS p;
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_id, key, facility_id, swipe_nos, evidence)
	SELECT b.facility_id, concat(b.terminal_id, '@', to_char(b.from_at, 'YYYY-MM-DD HH24:MI:SS')), b.facility_id, l.swipe_nos,
		jsonb_build_object('window', ARRAY[b.from_at::date, b.to_at::date], 'terminal_id', nullif(b.terminal_id, ''), 'from_at', b.from_at, 'to_at', b.to_at,
			'swipes', b.swipe_count, 'cards', b.cards, 'amount_cv', round(b.amount_cv::numeric, 4), 'active_dates', b.dates,
			'expected', medaudit._three_digits(b.expected), 'around', a.swipes, 'p_value', medaudit._three_digits(b.p_value),
			'formula', format('P(Poisson(%s) >= %s - 1) = %s', medaudit._three_digits(b.expected), b.swipe_count, medaudit._three_digits(b.p_value)))
	FROM medaudit._card_bursts('medaudit_work.swipe', period.from_date, period.to_date, max_gap, (parameters ->> 'min_cards')::int,
		(parameters ->> 'max_amount_cv')::float8, max_p) AS b
	CROSS JOIN LATERAL (
		SELECT greatest(count(*) FILTER (WHERE s.swiped_at < b.from_at), count(*) FILTER (WHERE s.swiped_at > b.to_at)) AS swipes FROM medaudit_work.swipe AS s
		WHERE s.facility_id = b.facility_id AND s.terminal_id IS NOT DISTINCT FROM b.terminal_id AND s.status = 'kept' AND s.swiped_at::time <> '00:00'
			AND s.swiped_at >= b.from_at - interval '30 minutes' AND s.swiped_at <= b.to_at + interval '30 minutes'
	) AS a
	CROSS JOIN LATERAL (
		SELECT array_agg(s.swipe_no) AS swipe_nos FROM medaudit_work.swipe AS s
		WHERE s.facility_id = b.facility_id AND s.terminal_id IS NOT DISTINCT FROM b.terminal_id AND s.status = 'kept'
			AND s.swiped_at >= b.from_at AND s.swiped_at <= b.to_at AND s.swiped_at::time <> '00:00'
	) AS l
	WHERE medaudit.poisson_tail(a.swipes / 30.0::float8 * extract(epoch FROM b.to_at - b.from_at + max_gap)::float8 / 60, b.swipe_count - 1) <= max_p;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_card_bursts(bigint, text, jsonb) IS
	'集中刷卡: what card_bursts() finds, where the hour around it is not as busy';

-- ----------------------------------------------------------- balances

-- Some people spend what they have: that a pharmacy empties accounts shows where it
-- empties more of them in a month than other pharmacies do.
CREATE OR REPLACE FUNCTION _ask_drained_balances(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	CALL medaudit._run_gather_swipes(run_no);
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_id, key, facility_id, swipe_nos, evidence)
	WITH drained AS MATERIALIZED (
		SELECT d.facility_id, d.card_id, date_trunc('month', d.swiped_at)::date AS month, d.swiped_at, d.balance_after
		FROM medaudit_work.swipe_quarter AS q
		CROSS JOIN LATERAL medaudit._drained_balances('medaudit_work.swipe', q.first_day, (q.first_day + interval '3 months')::date,
			(parameters ->> 'min_amount')::numeric, (parameters ->> 'max_left')::numeric) AS d
	), place AS MATERIALIZED (
		SELECT s.facility_id, date_trunc('month', s.swiped_at)::date AS month, count(DISTINCT s.card_id) AS cards
		FROM medaudit_work.swipe AS s
		JOIN medaudit_work.swipe_quarter AS q ON q.first_day = date_trunc('quarter', s.swiped_at)::date
		WHERE s.pharmacy AND s.status IN ('kept', 'batch') AND s.balance_after IS NOT NULL
		GROUP BY 1, 2
	), compared AS (
		SELECT c.*, c.cards * (sum(c.emptied) OVER month - c.emptied + 1) / (sum(c.cards) OVER month - c.cards + 50)::float8 AS expected
		FROM (
			SELECT p.facility_id, p.month, p.cards, count(DISTINCT d.card_id) AS emptied
			FROM place AS p
			LEFT JOIN drained AS d ON d.facility_id = p.facility_id AND d.month = p.month
			GROUP BY p.facility_id, p.month, p.cards
		) AS c
		WINDOW month AS (PARTITION BY c.month)
	), paid AS (
		SELECT d.facility_id, d.card_id, d.month, array_agg(s.swipe_no) FILTER (WHERE s.facility_id = d.facility_id) AS swipe_nos,
			sum(s.amount) FILTER (WHERE s.facility_id <> d.facility_id) AS elsewhere
		FROM drained AS d
		JOIN medaudit_work.swipe AS s ON s.card_id = d.card_id AND s.swiped_at::date = d.swiped_at::date AND s.status IN ('kept', 'batch')
		GROUP BY d.facility_id, d.card_id, d.month
	)
	SELECT d.facility_id, concat(medaudit.finding_key(ARRAY[d.card_id]), '@', to_char(d.month, 'YYYY-MM')), d.facility_id, l.swipe_nos,
		jsonb_build_object('window', ARRAY[d.days[1], d.days[cardinality(d.days)]], 'card', medaudit._card_zh(d.card_id), 'dates', cardinality(d.days), 'left', d.balance_after, 'elsewhere', l.elsewhere,
			'cards', c.cards, 'emptied', c.emptied, 'expected', medaudit._three_digits(c.expected), 'p_value', medaudit._three_digits(p.p_value),
			'formula', format('%1$s of %2$s cards emptied, %3$s expected as elsewhere in the month; P(Poisson(%3$s) >= %1$s) = %4$s', c.emptied, c.cards,
				medaudit._three_digits(c.expected), medaudit._three_digits(p.p_value)))
	FROM (
		SELECT i.facility_id, i.card_id, i.month, array_agg(i.swiped_at::date ORDER BY i.swiped_at) AS days, min(i.balance_after) AS balance_after
		FROM drained AS i GROUP BY i.facility_id, i.card_id, i.month
	) AS d
	JOIN compared AS c ON c.facility_id = d.facility_id AND c.month = d.month
	JOIN paid AS l ON l.facility_id = d.facility_id AND l.card_id = d.card_id AND l.month = d.month
	CROSS JOIN LATERAL (SELECT medaudit.poisson_tail(c.expected, c.emptied) AS p_value) AS p
	WHERE c.emptied >= (parameters ->> 'min_cards')::int AND p.p_value <= (parameters ->> 'max_p')::float8;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_drained_balances(bigint, text, jsonb) IS
	'清空余额: cards that a pharmacy emptied in a month, where it emptied min_cards or more and more than other pharmacies do (max_p)';

-- ------------------------------------------------------ equal amounts

-- Prices are what they are: an amount is told where it comes more often than its share
-- of the 56 days before would have it.
CREATE OR REPLACE FUNCTION _ask_same_amounts(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	period record;
BEGIN
	IF medaudit._run_of_persons(run_no) THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_swipes(run_no);
	SELECT p.from_date, p.to_date INTO period FROM medaudit_work.period AS p;
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_id, key, facility_id, swipe_nos, evidence)
	WITH found AS MATERIALIZED (
		SELECT a.* FROM medaudit._same_amounts('medaudit_work.swipe', period.from_date, period.to_date, (parameters ->> 'min_cards')::int) AS a
	), paid AS MATERIALIZED (
		SELECT s.facility_id, s.swiped_at::date AS on_date, s.amount, count(*) AS swipes
		FROM medaudit_work.swipe AS s
		WHERE s.status IN ('kept', 'batch') AND s.facility_id IN (SELECT f.facility_id FROM found AS f)
			AND s.swiped_at >= period.from_date - 56 AND s.swiped_at < period.to_date
		GROUP BY 1, 2, 3
	), day AS (
		SELECT d.facility_id, d.on_date, d.swipes, sum(d.swipes) OVER before AS before, count(*) OVER before AS dates
		FROM (SELECT p.facility_id, p.on_date, sum(p.swipes) AS swipes FROM paid AS p GROUP BY p.facility_id, p.on_date) AS d
		WINDOW before AS (PARTITION BY d.facility_id ORDER BY d.on_date RANGE BETWEEN '56 days' PRECEDING AND '1 day' PRECEDING)
	), alike AS (
		SELECT f.facility_id, f.on_date, f.amount, coalesce(sum(p.swipes) FILTER (WHERE p.on_date < f.on_date AND p.on_date >= f.on_date - 56), 0) AS alike
		FROM found AS f JOIN paid AS p ON p.facility_id = f.facility_id AND p.amount = f.amount
		GROUP BY f.facility_id, f.on_date, f.amount
	), compared AS (
		SELECT f.*, d.swipes AS that_day, d.before, a.alike, (d.swipes * greatest(a.alike / d.before, 1 / (d.before + 1)))::float8 AS expected
		FROM found AS f
		JOIN day AS d ON d.facility_id = f.facility_id AND d.on_date = f.on_date AND d.dates >= 10
		JOIN alike AS a ON a.facility_id = f.facility_id AND a.on_date = f.on_date AND a.amount = f.amount
	)
	SELECT c.facility_id, concat(c.on_date, '/', trim_scale(c.amount)), c.facility_id, l.swipe_nos,
		jsonb_build_object('window', ARRAY[c.on_date, c.on_date], 'each', c.amount, 'swipes', c.swipe_count, 'cards', c.cards, 'that_day', c.that_day,
			'before', c.before, 'alike', c.alike, 'expected', medaudit._three_digits(c.expected), 'p_value', medaudit._three_digits(p.p_value),
			'formula', format('%1$s payments of %2$s, %3$s of that amount among the %4$s of 56 days before: P(Poisson(%5$s) >= %1$s - 1) = %6$s', c.swipe_count,
				c.amount, c.alike, c.before, medaudit._three_digits(c.expected), medaudit._three_digits(p.p_value)))
	FROM compared AS c
	CROSS JOIN LATERAL (SELECT medaudit.poisson_tail(c.expected, c.swipe_count - 1) AS p_value) AS p
	CROSS JOIN LATERAL (
		SELECT array_agg(s.swipe_no) AS swipe_nos FROM medaudit_work.swipe AS s
		WHERE s.facility_id = c.facility_id AND s.amount = c.amount AND s.status IN ('kept', 'batch') AND s.swiped_at >= c.on_date AND s.swiped_at < c.on_date + 1
	) AS l
	WHERE p.p_value <= (parameters ->> 'max_p')::float8;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_same_amounts(bigint, text, jsonb) IS
	'同额刷卡: what same_amounts() finds, where the amount is rarer at the place (max_p)';

-- ------------------------------------------------------------ persons

CREATE OR REPLACE FUNCTION _ask_impossible_travel(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	period record;
BEGIN
	IF medaudit._run_of_persons(run_no) THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_swipes(run_no);
	SELECT p.from_date, p.to_date INTO period FROM medaudit_work.period AS p;
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_kind, subject_id, key, facility_id, swipe_nos, certainty, evidence)
	SELECT CASE WHEN s.people_id IS NULL THEN 'facility' ELSE 'person' END, coalesce(s.people_id, t.other_facility_id),
		concat_ws('/', medaudit.finding_key(ARRAY[t.card_id]), t.facility_id, to_char(t.at, 'YYYY-MM-DD HH24:MI:SS.US'), t.other_facility_id,
			to_char(t.other_at, 'YYYY-MM-DD HH24:MI:SS.US')), t.other_facility_id, ARRAY[o.swipe_no, s.swipe_no],
		CASE WHEN t.basis = 'region' THEN 'notice' END,
		jsonb_build_object('window', ARRAY[t.at::date, t.other_at::date], 'card', medaudit._card_zh(t.card_id), 'at', t.at, 'other_at', t.other_at,
			'place', medaudit._fill_place_zh(t.facility_id), 'other_place', medaudit._fill_place_zh(t.other_facility_id), 'minutes', t.minutes,
			'km', t.km, 'basis', t.basis, 'limit', CASE t.basis WHEN 'distance' THEN (parameters ->> 'max_kmh')::numeric END,
			'formula', CASE t.basis WHEN 'distance' THEN format('%s km in %s minutes > %s km/h', t.km, t.minutes, parameters ->> 'max_kmh')
				ELSE format('two prefectures within %s minutes', t.minutes) END)
	FROM medaudit._impossible_travel('(SELECT i.* FROM medaudit_work.swipe AS i WHERE i.credential <> '''')', period.from_date, period.to_date, (parameters ->> 'max_kmh')::numeric,
		(parameters ->> 'min_km')::numeric, (parameters ->> 'within')::interval) AS t
	JOIN (
		SELECT i.card_id, i.facility_id, i.swiped_at, i.swipe_id, min(i.swipe_no) AS swipe_no, min(i.people_id) AS people_id
		FROM medaudit_work.swipe AS i WHERE i.status = 'kept' GROUP BY 1, 2, 3, 4
	) AS s ON s.card_id = t.card_id AND s.facility_id = t.other_facility_id AND s.swiped_at = t.other_at AND s.swipe_id = t.other_swipe_id
	JOIN (
		SELECT i.card_id, i.facility_id, i.swiped_at, i.swipe_id, min(i.swipe_no) AS swipe_no
		FROM medaudit_work.swipe AS i WHERE i.status = 'kept' GROUP BY 1, 2, 3, 4
	) AS o ON o.card_id = t.card_id AND o.facility_id = t.facility_id AND o.swiped_at = t.at AND o.swipe_id = t.swipe_id;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_impossible_travel(bigint, text, jsonb) IS
	'异地短时刷卡: what impossible_travel() finds of payments whose credential is known, of the person, or of the later place where the person is not known; a notice where only prefectures are known';

-- Who lies in hospital does not stand in a pharmacy: somebody else has the card, or
-- nobody lies there.
CREATE OR REPLACE FUNCTION _ask_swipes_in_stay(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	CALL medaudit._run_gather_swipes(run_no);
	PERFORM medaudit._empty('swipe_group');
	INSERT INTO medaudit_work.swipe_group (subject_id, key, visit_id, facility_id, swipe_nos, evidence)
	SELECT v.person_id, v.visit_id, v.visit_id, v.facility_id, w.swipe_nos,
		jsonb_build_object('limit', 0, 'window', ARRAY[v.admitted_at::date, v.until::date], 'swipes', w.swipes, 'dates', w.dates, 'places', w.places,
			'record', medaudit._stay_record_zh(v.facility_name, v.facility_id, v.admitted_at, v.discharged_at, v.record_no, v.visit_id),
			'formula', format('%s payments elsewhere between %s and %s', w.swipes, v.admitted_at::date, v.until::date))
	FROM (
		SELECT i.visit_id, array_agg(s.swipe_no) AS swipe_nos, count(*) AS swipes, array_agg(DISTINCT s.swiped_at::date ORDER BY s.swiped_at::date) AS dates,
			array_agg(DISTINCT coalesce(f.name, s.facility_id) COLLATE "C" ORDER BY coalesce(f.name, s.facility_id) COLLATE "C") AS places
		FROM medaudit_work.span AS i
		JOIN medaudit_work.swipe AS s ON s.people_id = i.people_id AND s.status = 'kept' AND s.credential NOT IN ('', '01')
			AND s.swiped_at >= i.admitted_at::date + 1 AND s.swiped_at < i.until::date
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = s.facility_id
		WHERE i.stay AND i.judged AND i.looked AND i.person_id IS NOT NULL
			AND coalesce(f.provider_id, s.facility_id) <> coalesce(i.provider_id, i.facility_id)
		GROUP BY i.visit_id
	) AS w
	JOIN medaudit_work.visit AS v ON v.visit_id = w.visit_id;
	RETURN QUERY SELECT g.* FROM medaudit._swipe_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_swipes_in_stay(bigint, text, jsonb) IS
	'住院期间院外刷卡: stays on whose inner dates a card of the person paid elsewhere, not by e-voucher';

-- -------------------------------------------------------- data quality

-- Rows that lack what is required are read once more, of the period only.
CREATE OR REPLACE PROCEDURE _run_quality_swipe_rows(run_no bigint, from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	n record;
BEGIN
	EXECUTE format($sql$
		WITH given AS MATERIALIZED (
			SELECT s.*, count(*) AS copies
			FROM (SELECT %s FROM medaudit_data.swipe AS c) AS s
			WHERE s.swiped_at IS NULL OR s.swiped_at >= $1 AND s.swiped_at < $2
			GROUP BY %s
		)
		SELECT coalesce(sum(g.copies) FILTER (WHERE g.facility_id IS NULL OR g.card_id IS NULL OR g.amount IS NULL OR g.swiped_at IS NULL), 0)::bigint AS incomplete,
			coalesce(sum(g.copies - 1) FILTER (WHERE g.swiped_at IS NOT NULL), 0)::bigint AS twice
		FROM given AS g$sql$,
		(SELECT string_agg(format('%s AS %I', c.expression, c.column_name), ', ') FROM medaudit._run_columns('swipe') AS c),
		(SELECT string_agg(format('s.%I', c.column_name), ', ') FROM medaudit._run_columns('swipe') AS c))
	INTO n USING from_date, to_date;
	CALL medaudit._run_note(run_no, 'swipe', 'place, card, time or amount is missing', '刷卡记录缺少机构、卡号、时间或金额', n.incomplete);
	CALL medaudit._run_note(run_no, 'swipe', 'delivered twice: counted once', '重复报送的刷卡记录，只计一次', n.twice);
END
$$;

COMMENT ON PROCEDURE _run_quality_swipe_rows(bigint, date, date) IS
	'刷卡记录数据质量: counts card payments of the period that lack what is required, and copies';

CREATE OR REPLACE PROCEDURE _run_quality_swipes(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	asked text[] := ARRAY(SELECT r.kind FROM medaudit._rules_of_run(run_no) AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.book = 'cards' WHERE r.missing IS NULL);
	period record;
	n record;
BEGIN
	IF asked = '{}' THEN
		RETURN;
	END IF;
	SELECT h.from_date, h.to_date INTO period FROM medaudit_work.horizon AS h;
	CALL medaudit._run_gather_swipes(run_no);
	CALL medaudit._run_quality_swipe_rows(run_no, period.from_date, period.to_date);
	SELECT count(*) FILTER (WHERE s.status = 'batch') AS batch, count(*) FILTER (WHERE s.status = 'kept' AND s.swiped_at::time = '00:00') AS no_clock,
		count(*) FILTER (WHERE s.status = 'orphan') AS orphans,
		count(*) FILTER (WHERE s.status IN ('kept', 'batch') AND s.pharmacy AND s.balance_after IS NULL) AS no_balance,
		count(*) FILTER (WHERE s.status = 'kept' AND coalesce(s.credential, '') = '') AS no_credential,
		count(*) FILTER (WHERE s.status = 'kept' AND s.person_id IS NULL) AS no_person, count(*) - count(DISTINCT s.swipe_id) AS same_number,
		count(DISTINCT s.facility_id) FILTER (WHERE s.pharmacy IS NULL) AS untold
	INTO n
	FROM medaudit_work.swipe AS s WHERE s.swiped_at >= period.from_date AND s.swiped_at < period.to_date;
	CALL medaudit._run_note(run_no, 'swipe', 'several payments of one number', '不同的刷卡记录使用同一编号', n.same_number);
	CALL medaudit._run_note(run_no, 'swipe', 'a refund that takes back no payment within a date', '退费记录在前一日以内没有对应的刷卡', n.orphans);
	IF asked && '{cards_together,card_bursts,impossible_travel}'::text[] THEN
		CALL medaudit._run_note(run_no, 'swipe', 'more than 30 at one instant and place: an upload, no time of day is asked', '同一机构同一时刻超过30笔，视为批量上传，不按时刻判断', n.batch);
		CALL medaudit._run_note(run_no, 'swipe', 'at midnight: no time of day is asked', '刷卡时间为零点整，视为没有时刻，不按时刻判断', n.no_clock);
	END IF;
	IF asked && '{cards_together,drained_balances}'::text[] THEN
		CALL medaudit._run_note(run_no, 'facility', 'neither kind nor number tells whether it is a pharmacy: payments there are not judged by rules over pharmacies',
			'机构类型和编码均不能表明是否为零售药店，其刷卡未按药店规则判断', n.untold);
	END IF;
	IF 'drained_balances' = ANY (asked) THEN
		CALL medaudit._run_note(run_no, 'swipe', 'the balance is not known: not judged by drained_balances', '药店刷卡后余额未知，未判断是否清空余额', n.no_balance);
	END IF;
	IF 'impossible_travel' = ANY (asked) THEN
		CALL medaudit._run_note(run_no, 'swipe', 'the credential is not known: not judged by impossible_travel', '就诊凭证类型未知，未判断异地短时刷卡', n.no_credential);
	END IF;
	IF 'swipes_in_stay' = ANY (asked) THEN
		CALL medaudit._run_note(run_no, 'swipe', 'the credential is not known: not judged by swipes_in_stay', '就诊凭证类型未知，未与住院日期比较', n.no_credential);
		CALL medaudit._run_note(run_no, 'swipe', 'the person is not known: not judged by swipes_in_stay', '刷卡人员未知，未与住院日期比较', n.no_person);
	END IF;
	IF asked && '{card_bursts,same_amounts}'::text[] THEN
		SELECT coalesce(sum(d.swipes), 0)::bigint AS swipes INTO n
		FROM (
			SELECT s.facility_id, s.swiped_at::date AS day, count(*) AS swipes,
				count(*) OVER (PARTITION BY s.facility_id, coalesce(s.terminal_id, '') ORDER BY s.swiped_at::date
					RANGE BETWEEN '56 days' PRECEDING AND '1 day' PRECEDING) AS before
			FROM medaudit_work.swipe AS s WHERE s.status IN ('kept', 'batch') AND s.swiped_at >= period.from_date - 56
			GROUP BY s.facility_id, coalesce(s.terminal_id, ''), s.swiped_at::date
		) AS d
		WHERE d.day >= period.from_date AND d.day < period.to_date AND d.before < 10;
		CALL medaudit._run_note(run_no, 'swipe', 'fewer than 10 active dates in the 56 before: bursts and equal amounts are not judged',
			'此前56天内终端有刷卡的日期不足10天，未判断集中刷卡与同额刷卡', n.swipes);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_swipes(bigint) IS
	'刷卡数据质量: counts card payments that the rules over cards could not judge, where a run asks some';
