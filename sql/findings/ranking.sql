-- Each charge line counts once in money, and the worklist has an order.  Both are
-- kept in tables and not worked out anew by each query: triggers on finding and
-- finding_line keep them right, whoever changes a state, stores or deletes.
--
-- A line counts with its highest excess among its surest findings, under the
-- first of these; where less sure ones find more of it, the rest counts under the
-- highest of them, and so on down: violation, suspicion, notice.  So nothing sure
-- is hidden or swollen by a doubt, and a line adds up to its highest excess.
--
-- The place in the order is a block of about a hundred rows and a number in it.
-- When the state of a finding changes, the numbers of its block change, and what
-- the block begins with is the sum of the rows of those before it; the numbers of
-- all other rows stay as they are.  A dump carries it, for findings and their
-- lines are restored side by side, neither seeing the other; all of it can be made
-- again from the findings (rank_findings).

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

CREATE OR REPLACE PROCEDURE _make_blocks()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	DELETE FROM medaudit.rank_block;
	INSERT INTO medaudit.rank_block (block, rows, sureness, fund_once, claimed_once,
		involved_amount, finding_id, line_no)
	SELECT r.block, r.rows, r.sureness, r.fund_once, r.claimed_once, r.involved_amount,
		r.finding_id, r.line_no
	FROM (SELECT i.*, count(*) OVER (PARTITION BY i.block) AS rows
		FROM medaudit.ranked_line AS i WHERE i.block IS NOT NULL) AS r
	WHERE r.place = 1;
END
$$;

COMMENT ON PROCEDURE _make_blocks() IS
	'登记区段: notes the blocks of the worklist, as its rows are numbered';

-- Numbers all rows of the worklist anew, in blocks of 128.
CREATE OR REPLACE PROCEDURE _number_worklist()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	UPDATE medaudit.ranked_line AS r
	SET block = n.n / 128, place = n.n % 128 + 1
	FROM (
		SELECT i.finding_id, i.line_no, row_number() OVER (ORDER BY i.sureness,
			i.fund_once DESC NULLS LAST, i.claimed_once DESC NULLS LAST,
			i.involved_amount DESC NULLS LAST, i.finding_id, i.line_no)::int - 1 AS n
		FROM medaudit.ranked_line AS i WHERE i.block IS NOT NULL
	) AS n
	WHERE n.finding_id = r.finding_id AND n.line_no = r.line_no
		AND (r.block, r.place) IS DISTINCT FROM (n.n / 128, n.n % 128 + 1);
	CALL medaudit._make_blocks();
END
$$;

COMMENT ON PROCEDURE _number_worklist() IS
	'清单重新编号: numbers all rows of the worklist, in blocks';

-- Numbers the rows of some blocks; those that grew too large, and a worklist
-- without blocks, have all numbered.
CREATE OR REPLACE PROCEDURE _number_blocks(blocks int[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	UPDATE medaudit.rank_block AS b
	SET rows = n.rows
	FROM (SELECT a.block, (SELECT count(*) FROM medaudit.ranked_line AS r WHERE r.block = a.block) AS rows
		FROM unnest(blocks) AS a (block)) AS n
	WHERE n.block = b.block AND n.rows <> b.rows;
	IF EXISTS (SELECT FROM medaudit.rank_block AS b WHERE b.rows > 1024)
			OR NOT EXISTS (SELECT FROM medaudit.rank_block AS b) THEN
		CALL medaudit._number_worklist();
		RETURN;
	END IF;
	UPDATE medaudit.ranked_line AS r
	SET place = n.place
	FROM (
		SELECT i.finding_id, i.line_no, row_number() OVER (PARTITION BY i.block ORDER BY i.sureness,
			i.fund_once DESC NULLS LAST, i.claimed_once DESC NULLS LAST,
			i.involved_amount DESC NULLS LAST, i.finding_id, i.line_no)::int AS place
		FROM medaudit.ranked_line AS i WHERE i.block = ANY (blocks)
	) AS n
	WHERE n.finding_id = r.finding_id AND n.line_no = r.line_no AND r.place IS DISTINCT FROM n.place;
END
$$;

COMMENT ON PROCEDURE _number_blocks(int[]) IS
	'区段重新编号: numbers the rows of these blocks of the worklist, or all of it where one has grown too large';

-- Where policies hide findings from who decides, what meets none of them is ranked.
CREATE OR REPLACE PROCEDURE _check_all_seen(visit_ids text[], finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF row_security_active('medaudit.ranked_line') OR row_security_active('medaudit.rank_block')
			OR (row_security_active('medaudit.finding') OR row_security_active('medaudit.finding_line'))
				AND EXISTS (SELECT FROM medaudit.ranked_line AS r
					WHERE (r.line_no > 0 AND r.visit_id = ANY (visit_ids) OR r.line_no = 0 AND r.finding_id = ANY (finding_ids))
						AND NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = r.finding_id
							AND (r.line_no = 0 OR EXISTS (SELECT FROM medaudit.finding_line AS l
								WHERE l.finding_id = r.finding_id AND l.line_no = r.line_no)))) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'row security hides findings of the same visits, or their ranking',
			HINT = 'Somebody who sees all of them decides.';
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_all_seen(text[], bigint[]) IS
	'检查可见性: 42501 where row security hides from the current user some of what these visits and findings are ranked with';

-- Two who change findings of one visit, or of one block, must see each other's
-- work: one ranks at a time, until it commits.
CREATE OR REPLACE PROCEDURE _rank_lines(visit_ids text[], finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	left_blocks int[];
	new_blocks int[];
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
	WITH gone AS (
		DELETE FROM medaudit.ranked_line AS r
		WHERE r.line_no > 0 AND r.visit_id = ANY (visit_ids)
			OR r.line_no = 0 AND r.finding_id = ANY (finding_ids)
		RETURNING r.block
	)
	SELECT array_agg(DISTINCT g.block) INTO left_blocks FROM gone AS g WHERE g.block IS NOT NULL;
	WITH line AS (
		SELECT l.* FROM medaudit._ranked_lines(coalesce(visit_ids, '{}')) AS l
		UNION ALL
		SELECT w.* FROM medaudit._ranked_wholes(coalesce(finding_ids, '{}')) AS w
	), placed AS (
		-- each goes into the block that begins before it, what is before all into the first
		SELECT p.*, coalesce(max(p.begins) OVER (ORDER BY p.sureness, p.fund_once DESC NULLS LAST,
				p.claimed_once DESC NULLS LAST, p.involved_amount DESC NULLS LAST, p.finding_id,
				p.line_no, p.begins NULLS LAST ROWS UNBOUNDED PRECEDING), 0) AS block
		FROM (
			SELECT l.*, NULL::int AS begins FROM line AS l
			UNION ALL
			SELECT b.finding_id, b.line_no, '', NULL, b.sureness, NULL, b.claimed_once, b.fund_once,
				b.involved_amount, 0, 0, false, b.block
			FROM medaudit.rank_block AS b
		) AS p
	), new AS (
		INSERT INTO medaudit.ranked_line AS r (finding_id, line_no, visit_id, facility_id, sureness,
			gross_once, claimed_once, fund_once, involved_amount, lines_once, other_rules, block)
		SELECT p.finding_id, p.line_no, p.visit_id, p.facility_id, p.sureness, p.gross_once,
			p.claimed_once, p.fund_once, p.involved_amount, p.lines_once, p.other_rules,
			CASE WHEN p.listed THEN p.block END
		FROM placed AS p WHERE p.begins IS NULL
		RETURNING r.block
	)
	SELECT array_agg(DISTINCT n.block) INTO new_blocks FROM new AS n WHERE n.block IS NOT NULL;
	SELECT array_agg(DISTINCT b) INTO new_blocks FROM unnest(left_blocks || new_blocks) AS b;
	IF new_blocks IS NOT NULL THEN
		CALL medaudit._number_blocks(new_blocks);
	END IF;
END
$$;

COMMENT ON PROCEDURE _rank_lines(text[], bigint[]) IS
	'更新排名: counts the lines of these visits and these findings as wholes anew, and gives them their places on the worklist';

CREATE OR REPLACE PROCEDURE rank_findings()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET row_security = off
AS $$
BEGIN
	PERFORM medaudit._take_rank_lock();
	DELETE FROM medaudit.ranked_line;
	INSERT INTO medaudit.ranked_line (finding_id, line_no, visit_id, facility_id, sureness, gross_once,
		claimed_once, fund_once, involved_amount, lines_once, other_rules, block, place)
	SELECT l.finding_id, l.line_no, l.visit_id, l.facility_id, l.sureness, l.gross_once,
		l.claimed_once, l.fund_once, l.involved_amount, l.lines_once, l.other_rules,
		CASE WHEN l.listed THEN (l.n - 1) / 128 END, CASE WHEN l.listed THEN (l.n - 1) % 128 + 1 END
	FROM (
		SELECT i.*, row_number() OVER (PARTITION BY i.listed ORDER BY i.sureness,
			i.fund_once DESC NULLS LAST, i.claimed_once DESC NULLS LAST,
			i.involved_amount DESC NULLS LAST, i.finding_id, i.line_no)::int AS n
		FROM (SELECT r.* FROM medaudit._ranked_lines() AS r
			UNION ALL SELECT w.* FROM medaudit._ranked_wholes() AS w) AS i
	) AS l;
	CALL medaudit._make_blocks();
END
$$;

COMMENT ON PROCEDURE rank_findings() IS
	'重建排名: counts all lines anew and numbers the worklist; needed only where findings were written with triggers off, or brought in from a dump without ranked_line and rank_block';

-- --------------------------------------------------------------- triggers

-- Within a step of a run, what is touched is noted, and ranked once at its end.
CREATE OR REPLACE PROCEDURE _rank_later()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_touched (visit_id text, finding_id bigint) ON COMMIT DROP;
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
	findings bigint[];
BEGIN
	SELECT array_agg(DISTINCT t.visit_id) FILTER (WHERE t.visit_id IS NOT NULL),
		array_agg(DISTINCT t.finding_id) FILTER (WHERE t.finding_id IS NOT NULL)
	INTO visits, findings FROM pg_temp.medaudit_touched AS t;
	DROP TABLE pg_temp.medaudit_touched;
	IF visits IS NOT NULL OR findings IS NOT NULL THEN
		CALL medaudit._rank_lines(visits, findings);
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
	-- a table of the session can be anybody's: only who makes a run, or owns it all, puts off
	IF to_regclass('pg_temp.medaudit_touched') IS NULL OR NOT (medaudit._run_lock_held() OR medaudit._owns('medaudit.ranked_line'::regclass)) THEN
		CALL medaudit._rank_lines(visit_ids, finding_ids);
	ELSE
		INSERT INTO pg_temp.medaudit_touched (visit_id, finding_id)
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
	findings bigint[];
	visits text[];
BEGIN
	IF medaudit._restoring() AND NOT medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'INSERT' THEN
		SELECT array_agg(n.finding_id) INTO findings FROM new_finding AS n
		WHERE medaudit._counts(n.state, n.confirmed_claimed);
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg(o.finding_id) INTO findings FROM old_finding AS o
		WHERE medaudit._counts(o.state, o.confirmed_claimed);
	ELSE
		SELECT array_agg(coalesce(o.finding_id, n.finding_id)) INTO findings
		FROM old_finding AS o
		FULL JOIN new_finding AS n ON n.finding_id = o.finding_id
		WHERE (medaudit._counts(o.state, o.confirmed_claimed), o.state = ANY (medaudit._listed_states()), o.certainty, o.rule_code,
				o.facility_id, o.gross_amount, o.claimed_amount, o.fund_amount, o.involved_amount)
			IS DISTINCT FROM (medaudit._counts(n.state, n.confirmed_claimed), n.state = ANY (medaudit._listed_states()), n.certainty,
				n.rule_code, n.facility_id, n.gross_amount, n.claimed_amount, n.fund_amount, n.involved_amount);
	END IF;
	IF findings IS NOT NULL THEN
		SELECT array_agg(DISTINCT v.visit_id) INTO visits
		FROM (
			SELECT r.visit_id FROM medaudit.ranked_line AS r
			WHERE r.finding_id = ANY (findings) AND r.line_no > 0
			UNION ALL
			SELECT coalesce(l.visit_id, '') FROM medaudit.finding_line AS l
			WHERE l.finding_id = ANY (findings) AND l.excess_amount IS NOT NULL
		) AS v;
		CALL medaudit._rank_touched(visits, findings);
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
	findings bigint[];
	visits text[];
BEGIN
	IF medaudit._restoring() AND NOT medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'INSERT' THEN
		SELECT array_agg(DISTINCT n.finding_id), array_agg(DISTINCT coalesce(n.visit_id, ''))
		INTO findings, visits
		FROM new_line AS n WHERE n.excess_amount IS NOT NULL;
	ELSIF TG_OP = 'DELETE' THEN
		SELECT array_agg(DISTINCT o.finding_id), array_agg(DISTINCT coalesce(o.visit_id, ''))
		INTO findings, visits
		FROM old_line AS o WHERE o.excess_amount IS NOT NULL
			AND EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = o.finding_id);
	ELSE
		SELECT array_agg(DISTINCT c.finding_id), array_agg(DISTINCT coalesce(c.visit_id, ''))
		INTO findings, visits
		FROM (SELECT o.finding_id, o.visit_id FROM old_line AS o
			UNION ALL SELECT n.finding_id, n.visit_id FROM new_line AS n) AS c;
	END IF;
	IF findings IS NOT NULL THEN
		CALL medaudit._rank_touched(visits, findings);
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
