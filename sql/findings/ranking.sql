-- Each charge line counts once in money, and the worklist has an order.  Both are
-- kept in tables and not worked out anew by each query: triggers on finding and
-- finding_line keep them right, whoever changes a state, stores or deletes.
--
-- A line counts with its highest excess among its surest findings, under the
-- first of these; where less sure ones find more of it, the rest counts under the
-- highest of them, and so on down: violation, suspicion, notice.  So nothing sure
-- is hidden or swollen by a doubt, and a line adds up to its highest excess.
--
-- Where a fund looks first (rule_focus) money has a weight in the order, and in nothing
-- else.  The place in the order is a number with an index on it, so that a page of the list
-- is read and no list is sorted: 1, 2, 3 … as they were numbered, and what comes
-- between two later has a number between theirs (12.5).  So a row keeps its number
-- while others come and go; where a sixteenth of the list is touched at once, all of
-- it is numbered anew, which makes a change cost some microseconds a row and never
-- more than sixteen.  What the findings of a rule, an institution, a person add up
-- to is kept beside it (finding_sum), by what each change adds and takes away.
--
-- A dump carries both, for findings and their lines are restored side by side,
-- neither seeing the other; all of it can be made again from the findings
-- (rank_findings).

CREATE OR REPLACE FUNCTION standing_states() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{open,first_review,reviewed,issued,appealed,settled}'::text[];

COMMENT ON FUNCTION standing_states() IS
	'有效状态: states of findings that stand: their money counts';

CREATE OR REPLACE FUNCTION _decided_states() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{reviewed,issued,appealed,settled}'::text[];

COMMENT ON FUNCTION _decided_states() IS
	'已认定状态: states of findings that two people have confirmed';

CREATE OR REPLACE FUNCTION _met_states() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN standing_states() || '{exempt,self_reported}'::text[];

COMMENT ON FUNCTION _met_states() IS
	'运行比对状态: states of findings that a run finds again, or puts aside';

CREATE OR REPLACE FUNCTION _listed_states() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{open,first_review}'::text[];

COMMENT ON FUNCTION _listed_states() IS
	'待办状态: states of findings that stand on the worklist';

-- What was settled with nothing counts nothing.
CREATE OR REPLACE FUNCTION _counts(state text, confirmed_claimed numeric) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN state = ANY (standing_states()) AND (state <> 'settled' OR confirmed_claimed IS DISTINCT FROM 0::numeric);

COMMENT ON FUNCTION _counts(text, numeric) IS
	'是否计入: whether a finding of this state, with this confirmed money, stands; NULL for a NULL state';

-- ------------------------------------------------------------- count once

-- A rule names a line once: lines that it names under one key are copies, told
-- apart by their number, and the first of one rule is the first of another.
CREATE OR REPLACE FUNCTION _ranked_lines(visit_ids text[] DEFAULT NULL, among bigint[] DEFAULT NULL)
	RETURNS TABLE (finding_id bigint, line_no int, visit_id text, facility_id text, sureness int,
		gross_once numeric, claimed_once numeric, fund_once numeric, involved_amount numeric,
		lines_once int, other_rules bigint, listed bool)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
	WITH line AS (
		SELECT i.finding_id, i.line_no, coalesce(i.visit_id, '') COLLATE "C" AS visit_id,
			medaudit._line_key(i.line_id, i.item_code, i.charged_at, i.quantity, i.amount) COLLATE "C" AS key, f.rule_code COLLATE "C" AS rule_code,
			f.facility_id, f.state = ANY (medaudit._listed_states()) AS listed,
			array_position('{violation,suspicion,notice}', f.certainty) AS sureness,
			i.excess_amount, i.excess_claimed, i.fund_amount
		FROM medaudit.finding_line AS i
		JOIN medaudit.finding AS f ON f.finding_id = i.finding_id
		WHERE medaudit._counts(f.state, f.confirmed_claimed) AND i.excess_amount IS NOT NULL
			AND (visit_ids IS NULL OR i.visit_id = ANY (visit_ids)
				OR i.visit_id IS NULL AND '' = ANY (visit_ids))
			AND (among IS NULL OR i.finding_id = ANY (among))
	), copied AS (
		SELECT l.*, row_number() OVER (PARTITION BY l.visit_id, l.key, l.rule_code
			ORDER BY l.sureness, l.excess_amount DESC, l.finding_id, l.line_no) AS copy
		FROM line AS l
	), placed AS (
		SELECT c.*, row_number() OVER (PARTITION BY c.visit_id, c.key, c.copy, c.sureness
			ORDER BY c.excess_amount DESC, c.rule_code, c.finding_id, c.line_no) AS nth
		FROM copied AS c
	), surer AS (
		SELECT p.*, count(*) OVER (PARTITION BY p.visit_id, p.key, p.copy) - 1 AS other_rules,
			max(p.excess_amount) OVER before AS gross_before,
			max(p.excess_claimed) FILTER (WHERE p.nth = 1) OVER before AS claimed_before,
			max(p.fund_amount) FILTER (WHERE p.nth = 1) OVER before AS fund_before
		FROM placed AS p
		WINDOW before AS (PARTITION BY p.visit_id, p.key, p.copy ORDER BY p.sureness
			GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
	)
	SELECT s.finding_id, s.line_no, s.visit_id, s.facility_id, s.sureness,
		CASE WHEN c.counts THEN s.excess_amount - coalesce(s.gross_before, 0) END,
		-- what is not known of a surer one is not known of the rest
		CASE WHEN c.counts AND s.excess_claimed IS NOT NULL AND (s.gross_before IS NULL OR s.claimed_before IS NOT NULL)
			THEN greatest(s.excess_claimed - coalesce(s.claimed_before, 0), 0) END,
		CASE WHEN c.counts AND s.fund_amount IS NOT NULL AND (s.gross_before IS NULL OR s.fund_before IS NOT NULL)
			THEN greatest(s.fund_amount - coalesce(s.fund_before, 0), 0) END,
		NULL::numeric, c.counts::int, s.other_rules, s.listed AND c.counts
	FROM surer AS s
	CROSS JOIN LATERAL (
		SELECT s.nth = 1 AND coalesce(s.excess_amount > s.gross_before, true) AS counts) AS c;
END;

COMMENT ON FUNCTION _ranked_lines(text[], bigint[]) IS
	'明细去重: what each line of the standing findings counts when every line counts once, of these visits or (NULL) of all, among these findings or (NULL) all, and whether it stands on the worklist';

-- Findings that have no line in excess by money: patterns, and what a rule says
-- of a visit as a whole.
CREATE OR REPLACE FUNCTION _ranked_wholes(finding_ids bigint[] DEFAULT NULL)
	RETURNS TABLE (finding_id bigint, line_no int, visit_id text, facility_id text, sureness int,
		gross_once numeric, claimed_once numeric, fund_once numeric, involved_amount numeric,
		lines_once int, other_rules bigint, listed bool)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
	SELECT f.finding_id, 0, '', f.facility_id,
		array_position('{violation,suspicion,notice}', f.certainty),
		f.gross_amount, f.claimed_amount, f.fund_amount, f.involved_amount, 0, 0::bigint,
		f.state = ANY (medaudit._listed_states())
	FROM medaudit.finding AS f
	WHERE medaudit._counts(f.state, f.confirmed_claimed)
		AND (finding_ids IS NULL OR f.finding_id = ANY (finding_ids))
		AND NOT EXISTS (SELECT FROM medaudit.finding_line AS l
			WHERE l.finding_id = f.finding_id AND l.excess_amount IS NOT NULL);
END;

COMMENT ON FUNCTION _ranked_wholes(bigint[]) IS
	'整体发现: the standing findings none of whose lines is in excess by money, of these or (NULL) of all';

-- ------------------------------------------------------------------ order

-- Numbers with few decimals, for people read them; NULL where these would be more
-- than a float8 tells apart.
CREATE OR REPLACE FUNCTION _rank_between(low float8, high float8, nth bigint, of_all bigint) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN high IS NULL THEN floor(low) + nth
		ELSE (SELECT CASE WHEN d.digits <= 8 THEN trunc(s.low + s.step * nth, d.digits)::float8 END
			FROM (SELECT low::numeric AS low, (high::numeric - low::numeric) / (of_all + 1) AS step) AS s
			CROSS JOIN LATERAL (SELECT greatest(ceil(-log(s.step)), 0)::int AS digits) AS d) END;

COMMENT ON FUNCTION _rank_between(float8, float8, bigint, bigint) IS
	'插入序号: the nth of so many numbers between two, or (NULL) behind the last; NULL where eight decimals are too few';

-- Numbers all rows of the worklist anew.
CREATE OR REPLACE PROCEDURE _number_worklist()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	UPDATE medaudit.ranked_line AS r
	SET rank = n.n
	FROM (
		SELECT i.finding_id, i.line_no, row_number() OVER (ORDER BY i.sureness,
			i.fund_once * i.weight DESC NULLS LAST, i.claimed_once * i.weight DESC NULLS LAST,
			i.involved_amount * i.weight DESC NULLS LAST, i.finding_id, i.line_no) AS n
		FROM medaudit.ranked_line AS i WHERE i.rank IS NOT NULL
	) AS n
	WHERE n.finding_id = r.finding_id AND n.line_no = r.line_no AND r.rank <> n.n;
END
$$;

COMMENT ON PROCEDURE _number_worklist() IS
	'清单重新编号: numbers all rows of the worklist from 1';

-- Gives the rows of rank 0 their places, between those before and behind them.
CREATE OR REPLACE PROCEDURE _place_new()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	UPDATE medaudit.ranked_line AS r
	SET rank = b.rank
	FROM (
		SELECT n.finding_id, n.line_no, medaudit._rank_between(n.low,
			(SELECT min(o.rank) FROM medaudit.ranked_line AS o WHERE o.rank > n.low),
			row_number() OVER (PARTITION BY n.low ORDER BY n.sureness, n.fund_once * n.weight DESC NULLS LAST, n.claimed_once * n.weight DESC NULLS LAST,
				n.involved_amount * n.weight DESC NULLS LAST, n.finding_id, n.line_no),
			count(*) OVER (PARTITION BY n.low)) AS rank
		FROM (
			SELECT i.*, coalesce((SELECT o.rank FROM medaudit.ranked_line AS o
				WHERE o.rank > 0 AND (o.sureness, coalesce(-o.fund_once * o.weight, 'Infinity'::numeric), coalesce(-o.claimed_once * o.weight, 'Infinity'::numeric),
						coalesce(-o.involved_amount * o.weight, 'Infinity'::numeric), o.finding_id, o.line_no)
					< (i.sureness, coalesce(-i.fund_once * i.weight, 'Infinity'::numeric), coalesce(-i.claimed_once * i.weight, 'Infinity'::numeric),
						coalesce(-i.involved_amount * i.weight, 'Infinity'::numeric), i.finding_id, i.line_no)
				ORDER BY o.sureness DESC, coalesce(-o.fund_once * o.weight, 'Infinity'::numeric) DESC, coalesce(-o.claimed_once * o.weight, 'Infinity'::numeric) DESC,
					coalesce(-o.involved_amount * o.weight, 'Infinity'::numeric) DESC, o.finding_id DESC, o.line_no DESC
				LIMIT 1), 0) AS low
			FROM medaudit.ranked_line AS i WHERE i.rank = 0
		) AS n
	) AS b
	WHERE b.finding_id = r.finding_id AND b.line_no = r.line_no AND b.rank IS NOT NULL;
	IF EXISTS (SELECT FROM medaudit.ranked_line AS r WHERE r.rank = 0) THEN
		CALL medaudit._number_worklist();
	END IF;
END
$$;

COMMENT ON PROCEDURE _place_new() IS
	'新增行编号: numbers the rows of rank 0 between their neighbours, or all where there is no room';

-- Where policies hide findings from who decides, what meets none of them is ranked.
CREATE OR REPLACE PROCEDURE _check_all_seen(visit_ids text[], finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF row_security_active('medaudit.ranked_line') OR row_security_active('medaudit.finding_sum')
			OR (row_security_active('medaudit.finding') OR row_security_active('medaudit.finding_line'))
				AND EXISTS (SELECT FROM medaudit.ranked_line AS r
					WHERE (r.line_no > 0 AND r.visit_id = ANY (visit_ids) OR r.line_no = 0 AND r.finding_id = ANY (finding_ids))
						AND NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = r.finding_id
							AND (r.line_no = 0 OR EXISTS (SELECT FROM medaudit.finding_line AS l
								WHERE l.finding_id = r.finding_id AND l.line_no = r.line_no)))) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = medaudit._say('row security hides findings of the same visits, or their ranking'),
			HINT = medaudit._say('Somebody who sees all of them decides.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_all_seen(text[], bigint[]) IS
	'检查可见性: 42501 where row security hides from the current user some of what these visits and findings are ranked with';

CREATE OR REPLACE FUNCTION _with_rank(line ranked_line, rank float8) RETURNS ranked_line
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	line.rank := rank;
	RETURN line;
END
$$;

COMMENT ON FUNCTION _with_rank(ranked_line, float8) IS
	'更换序号: a row with another rank';

-- What is ordered by is as it was: it keeps its place; rank 0 is one that is not known yet.
CREATE OR REPLACE FUNCTION _ranked_rows(visit_ids text[] DEFAULT NULL, finding_ids bigint[] DEFAULT NULL) RETURNS SETOF ranked_line
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
	SELECT l.finding_id, l.line_no, l.visit_id, f.rule_code, f.certainty, l.facility_id, f.person_key, f.physician_id,
		f.judged_on, f.rule_name, f.violation, f.facility_name, l.sureness, l.gross_once, l.claimed_once, l.fund_once,
		l.involved_amount, l.lines_once, l.other_rules, n.nth::int, CASE WHEN n.nth THEN f.gross_amount END,
		CASE WHEN n.nth THEN f.claimed_amount END, CASE WHEN n.nth THEN f.fund_amount END,
		CASE WHEN n.nth THEN f.involved_amount END, CASE WHEN l.listed THEN coalesce(o.rank, 0) END, w.weight
	FROM (SELECT r.* FROM medaudit._ranked_lines(visit_ids) AS r
		UNION ALL SELECT w.* FROM medaudit._ranked_wholes(finding_ids) AS w) AS l
	JOIN medaudit.finding AS f ON f.finding_id = l.finding_id
	CROSS JOIN LATERAL (SELECT l.line_no = 0 OR l.line_no = (SELECT i.line_no FROM medaudit.finding_line AS i
		WHERE i.finding_id = l.finding_id AND i.excess_amount IS NOT NULL ORDER BY i.line_no LIMIT 1) AS nth) AS n
	CROSS JOIN LATERAL (SELECT CASE WHEN l.listed AND (SELECT EXISTS (SELECT FROM medaudit.focus_weight))
		THEN medaudit._focus_of(f.rule_code, l.facility_id) ELSE 1 END AS weight) AS w
	LEFT JOIN medaudit.ranked_line AS o ON o.finding_id = l.finding_id AND o.line_no = l.line_no
		AND (o.sureness, o.fund_once, o.claimed_once, o.involved_amount, o.weight)
			IS NOT DISTINCT FROM (l.sureness, l.fund_once, l.claimed_once, l.involved_amount, w.weight);
END;

COMMENT ON FUNCTION _ranked_rows(text[], bigint[]) IS
	'排名行: rows of ranked_line of these visits and of these findings as wholes, or (NULL) of all, as they should be, with the rank that they have; 0: to be placed on the worklist';

-- Two who change findings of one visit, or of one rule, must see each other's
-- work: one ranks at a time, until it commits.  What is as it was stays, and its
-- number with it.
CREATE OR REPLACE PROCEDURE _rank_lines(visit_ids text[], finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	lines medaudit.ranked_line[];
	removed bigint;
	added bigint;
BEGIN
	PERFORM medaudit._take_rank_lock();
	CALL medaudit._check_all_seen(visit_ids, finding_ids);
	-- where most of it was touched, all of it costs less, to who sees it
	IF NOT row_security_active('medaudit.finding') AND coalesce(cardinality(visit_ids), 0) + coalesce(cardinality(finding_ids), 0) > 2000
			AND 4 * (SELECT count(*) FROM medaudit.ranked_line AS r WHERE r.line_no > 0 AND r.visit_id = ANY (visit_ids)
				OR r.line_no = 0 AND r.finding_id = ANY (finding_ids))
			>= 3 * (SELECT count(*) FROM medaudit.ranked_line) THEN
		CALL medaudit.rank_findings();
		RETURN;
	END IF;
	SELECT array_agg(l) INTO lines FROM medaudit._ranked_rows(coalesce(visit_ids, '{}'), coalesce(finding_ids, '{}')) AS l;
	WITH gone AS (
		DELETE FROM medaudit.ranked_line AS r
		WHERE (r.line_no > 0 AND r.visit_id = ANY (visit_ids) OR r.line_no = 0 AND r.finding_id = ANY (finding_ids))
			AND NOT EXISTS (SELECT FROM unnest(lines) AS l WHERE l.finding_id = r.finding_id AND l.line_no = r.line_no
				AND l IS NOT DISTINCT FROM r)
		RETURNING r.rank
	)
	SELECT count(g.rank) INTO removed FROM gone AS g;
	WITH new AS (
		INSERT INTO medaudit.ranked_line AS r
		SELECT l.* FROM unnest(lines) AS l
		WHERE NOT EXISTS (SELECT FROM medaudit.ranked_line AS k WHERE k.finding_id = l.finding_id AND k.line_no = l.line_no)
		RETURNING r.rank
	)
	SELECT count(*) FILTER (WHERE n.rank = 0), removed - count(*) FILTER (WHERE n.rank > 0) INTO added, removed FROM new AS n;
	IF 16 * (removed + added) >= (SELECT max(r.rank) FROM medaudit.ranked_line AS r) THEN
		CALL medaudit._number_worklist();
	ELSIF added > 0 THEN
		CALL medaudit._place_new();
	END IF;
END
$$;

COMMENT ON PROCEDURE _rank_lines(text[], bigint[]) IS
	'更新排名: counts the lines of these visits and these findings as wholes anew, and gives what changed its place on the worklist';

CREATE OR REPLACE PROCEDURE rank_findings()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET row_security = off
AS $$
BEGIN
	PERFORM medaudit._take_rank_lock();
	DELETE FROM medaudit.ranked_line;
	-- in the order in which they are read
	INSERT INTO medaudit.ranked_line
	SELECT (p.placed).* FROM (
		SELECT medaudit._with_rank(l, CASE WHEN l.rank IS NOT NULL THEN row_number() OVER (PARTITION BY l.rank ORDER BY l.sureness,
			l.fund_once * l.weight DESC NULLS LAST, l.claimed_once * l.weight DESC NULLS LAST, l.involved_amount * l.weight DESC NULLS LAST, l.finding_id, l.line_no) END) AS placed
		FROM medaudit._ranked_rows() AS l OFFSET 0
	) AS p
	ORDER BY (p.placed).rank;
END
$$;

COMMENT ON PROCEDURE rank_findings() IS
	'重建排名: counts all lines anew and numbers the worklist; needed only where findings were written with triggers off, or brought in from a dump without ranked_line and finding_sum';

-- --------------------------------------------------------------- triggers

-- Within a step of a run, what is touched is noted, and ranked once at its end.
CREATE OR REPLACE PROCEDURE _rank_later()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM set_config('medaudit_work.rank_later', 'on', true);
END
$$;

COMMENT ON PROCEDURE _rank_later() IS
	'稍后排名: until _rank_now() or the end of the transaction, changes of findings are noted and not yet ranked';

CREATE OR REPLACE PROCEDURE _rank_now()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	visits text[];
	touched bigint[];
BEGIN
	SELECT array_agg(DISTINCT t.visit_id) FILTER (WHERE t.visit_id IS NOT NULL),
		array_agg(DISTINCT t.finding_id) FILTER (WHERE t.finding_id IS NOT NULL)
	INTO visits, touched FROM medaudit_work.touched AS t;
	PERFORM set_config('medaudit_work.rank_later', 'off', true), medaudit._empty('touched');
	IF visits IS NOT NULL OR touched IS NOT NULL THEN
		CALL medaudit._rank_lines(visits, touched);
	END IF;
END
$$;

COMMENT ON PROCEDURE _rank_now() IS
	'立即排名: ranks what was touched since _rank_later()';

CREATE OR REPLACE PROCEDURE _rank_touched(visit_ids text[], finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- a setting can be anybody's: only who makes a run, or owns it all, puts off
	IF current_setting('medaudit_work.rank_later', true) IS DISTINCT FROM 'on' OR NOT (medaudit._run_lock_held() OR medaudit._owns('medaudit.ranked_line'::regclass)) THEN
		CALL medaudit._rank_lines(visit_ids, finding_ids);
	ELSE
		INSERT INTO medaudit_work.touched (visit_id, finding_id)
		SELECT v, NULL FROM unnest(visit_ids) AS v UNION ALL SELECT NULL, f FROM unnest(finding_ids) AS f;
	END IF;
END
$$;

COMMENT ON PROCEDURE _rank_touched(text[], bigint[]) IS
	'排名变动: ranks these visits and findings, or notes them until _rank_now()';

-- What a finding was ranked by is found in ranked_line, for its lines may have
-- gone with it.
CREATE OR REPLACE FUNCTION _rank_changed_findings() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	touched bigint[];
	visits text[];
BEGIN
	IF medaudit._restoring() AND NOT medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'INSERT' THEN
		SELECT array_agg(n.finding_id) INTO touched FROM new_finding AS n
		WHERE medaudit._counts(n.state, n.confirmed_claimed);
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg(o.finding_id) INTO touched FROM old_finding AS o
		WHERE medaudit._counts(o.state, o.confirmed_claimed);
	ELSE
		SELECT array_agg(coalesce(o.finding_id, n.finding_id)) INTO touched
		FROM old_finding AS o
		FULL JOIN new_finding AS n ON n.finding_id = o.finding_id
		WHERE (medaudit._counts(o.state, o.confirmed_claimed), o.state = ANY (medaudit._listed_states()), o.certainty, o.rule_code,
				o.facility_id, o.person_key, o.physician_id, o.judged_on, o.rule_name, o.violation, o.facility_name, o.gross_amount, o.claimed_amount, o.fund_amount, o.involved_amount)
			IS DISTINCT FROM (medaudit._counts(n.state, n.confirmed_claimed), n.state = ANY (medaudit._listed_states()), n.certainty,
				n.rule_code, n.facility_id, n.person_key, n.physician_id, n.judged_on, n.rule_name, n.violation, n.facility_name, n.gross_amount, n.claimed_amount, n.fund_amount, n.involved_amount);
	END IF;
	IF touched IS NOT NULL THEN
		SELECT array_agg(DISTINCT v.visit_id) INTO visits
		FROM (
			SELECT r.visit_id FROM medaudit.ranked_line AS r
			WHERE r.finding_id = ANY (touched) AND r.line_no > 0
			UNION ALL
			SELECT coalesce(l.visit_id, '') FROM medaudit.finding_line AS l
			WHERE l.finding_id = ANY (touched) AND l.excess_amount IS NOT NULL
		) AS v;
		CALL medaudit._rank_touched(visits, touched);
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _rank_changed_findings() IS
	'发现变动排名: trigger of finding; counts and places anew what its lines meet';

-- Lines that go with their finding are ranked with it.
CREATE OR REPLACE FUNCTION _rank_changed_lines() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	touched bigint[];
	visits text[];
BEGIN
	IF medaudit._restoring() AND NOT medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'INSERT' THEN
		SELECT array_agg(DISTINCT n.finding_id), array_agg(DISTINCT coalesce(n.visit_id, ''))
		INTO touched, visits
		FROM new_line AS n WHERE n.excess_amount IS NOT NULL;
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg(DISTINCT o.finding_id), array_agg(DISTINCT coalesce(o.visit_id, ''))
		INTO touched, visits
		FROM old_line AS o WHERE o.excess_amount IS NOT NULL
			AND EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = o.finding_id);
	ELSE
		SELECT array_agg(DISTINCT c.finding_id), array_agg(DISTINCT coalesce(c.visit_id, ''))
		INTO touched, visits
		FROM (SELECT o.finding_id, o.visit_id FROM old_line AS o
			UNION ALL SELECT n.finding_id, n.visit_id FROM new_line AS n) AS c;
	END IF;
	IF touched IS NOT NULL THEN
		-- which of its lines is the first may be another now
		SELECT array_agg(DISTINCT v.visit_id) INTO visits
		FROM (SELECT unnest(visits) AS visit_id
			UNION ALL SELECT r.visit_id FROM medaudit.ranked_line AS r WHERE r.finding_id = ANY (touched) AND r.line_no > 0) AS v;
		CALL medaudit._rank_touched(visits, touched);
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _rank_changed_lines() IS
	'明细变动排名: trigger of finding_line; counts and places its lines anew';

CREATE OR REPLACE FUNCTION _rank_emptied() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit.rank_findings();
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _rank_emptied() IS
	'清空排名: trigger of finding and finding_line; after TRUNCATE what is left is ranked';

-- What rows add to the sums, or take from them: what changes is a row that goes and
-- one that comes.
CREATE OR REPLACE FUNCTION _sum_findings() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	sign int := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
	IF medaudit._restoring() AND NOT medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'TRUNCATE' THEN
		DELETE FROM medaudit.finding_sum;
		RETURN NULL;
	END IF;
	INSERT INTO medaudit.finding_sum AS s (rule_code, person_key, physician_id, facility_id, rule_name, violation, facility_name,
		findings, violations, suspicions, gross_amount, gross_known,
		claimed_amount, claimed_known,
		fund_amount, fund_known,
		involved_amount, involved_known,
		gross_once, gross_once_known,
		claimed_once, claimed_once_known,
		fund_once, fund_once_known)
	SELECT c.rule_code, c.person_key, c.physician_id, c.facility_id, c.rule_name, c.violation, c.facility_name,
		sign * sum(c.findings), sign * coalesce(sum(c.findings) FILTER (WHERE c.sureness = 1), 0),
		sign * coalesce(sum(c.findings) FILTER (WHERE c.sureness = 2), 0),
		sign * coalesce(sum(c.found_gross), 0), sign * count(c.found_gross),
		sign * coalesce(sum(c.found_claimed), 0), sign * count(c.found_claimed),
		sign * coalesce(sum(c.found_fund), 0), sign * count(c.found_fund),
		sign * coalesce(sum(c.found_involved), 0), sign * count(c.found_involved),
		sign * coalesce(sum(c.gross_once), 0), sign * count(c.gross_once),
		sign * coalesce(sum(c.claimed_once), 0), sign * count(c.claimed_once),
		sign * coalesce(sum(c.fund_once), 0), sign * count(c.fund_once)
	FROM changed AS c
	GROUP BY GROUPING SETS ((c.rule_code, c.facility_id, c.rule_name, c.violation, c.facility_name), (c.person_key),
		(c.physician_id, c.facility_id, c.facility_name))
	HAVING grouping(c.rule_code) = 0 OR c.person_key IS NOT NULL OR c.physician_id IS NOT NULL
	ON CONFLICT (rule_code, person_key, physician_id, facility_id, rule_name, violation, facility_name) DO UPDATE SET
		findings = s.findings + excluded.findings, violations = s.violations + excluded.violations,
		suspicions = s.suspicions + excluded.suspicions,
		gross_amount = s.gross_amount + excluded.gross_amount, gross_known = s.gross_known + excluded.gross_known,
		claimed_amount = s.claimed_amount + excluded.claimed_amount, claimed_known = s.claimed_known + excluded.claimed_known,
		fund_amount = s.fund_amount + excluded.fund_amount, fund_known = s.fund_known + excluded.fund_known,
		involved_amount = s.involved_amount + excluded.involved_amount, involved_known = s.involved_known + excluded.involved_known,
		gross_once = s.gross_once + excluded.gross_once, gross_once_known = s.gross_once_known + excluded.gross_once_known,
		claimed_once = s.claimed_once + excluded.claimed_once, claimed_once_known = s.claimed_once_known + excluded.claimed_once_known,
		fund_once = s.fund_once + excluded.fund_once, fund_once_known = s.fund_once_known + excluded.fund_once_known;
	-- of a finding whose first row is counted anew the others have money
	DELETE FROM medaudit.finding_sum AS s WHERE s.findings = 0 AND s.gross_once_known = 0 AND s.claimed_once_known = 0 AND s.fund_once_known = 0;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _sum_findings() IS
	'更新合计: trigger of ranked_line; adds what came to finding_sum and takes what went from it';

CREATE OR REPLACE TRIGGER sum_inserted AFTER INSERT ON ranked_line
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _sum_findings();
CREATE OR REPLACE TRIGGER sum_deleted AFTER DELETE ON ranked_line
	REFERENCING OLD TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _sum_findings();
CREATE OR REPLACE TRIGGER sum_emptied AFTER TRUNCATE ON ranked_line
	FOR EACH STATEMENT EXECUTE FUNCTION _sum_findings();

CREATE OR REPLACE TRIGGER rank_inserted AFTER INSERT ON finding
	REFERENCING NEW TABLE AS new_finding
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_findings();
CREATE OR REPLACE TRIGGER rank_updated AFTER UPDATE ON finding
	REFERENCING OLD TABLE AS old_finding NEW TABLE AS new_finding
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_findings();
CREATE OR REPLACE TRIGGER rank_deleted AFTER DELETE ON finding
	REFERENCING OLD TABLE AS old_finding
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_findings();
CREATE OR REPLACE TRIGGER rank_emptied AFTER TRUNCATE ON finding
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_emptied();

CREATE OR REPLACE TRIGGER rank_inserted AFTER INSERT ON finding_line
	REFERENCING NEW TABLE AS new_line
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_lines();
CREATE OR REPLACE TRIGGER rank_updated AFTER UPDATE ON finding_line
	REFERENCING OLD TABLE AS old_line NEW TABLE AS new_line
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_lines();
CREATE OR REPLACE TRIGGER rank_deleted AFTER DELETE ON finding_line
	REFERENCING OLD TABLE AS old_line
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_changed_lines();
CREATE OR REPLACE TRIGGER rank_emptied AFTER TRUNCATE ON finding_line
	FOR EACH STATEMENT EXECUTE FUNCTION _rank_emptied();
