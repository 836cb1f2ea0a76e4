-- The lines of a run: read once, gathered by visit.
--
-- One pass over `charge` makes a row for each visit (medaudit_work.gathered): its
-- ledger, the category of each of its items, how many of its lines contradict
-- themselves.  All that is asked of lines afterwards is asked of these rows: charge
-- rules of the roll-up of a book, days without care, short stays, tags, the data
-- quality, the coverage of codes.  What a finding prints beside, names and
-- physicians of the lines that were met, a second and last pass reads
-- (_run_name_hits).  Both look only from a quarter before the first visit that is read
-- on; there is no end, for a line may be taken back at any time.  Where a store of
-- books follows the warehouse the rows come from there, and only lines it does not
-- vouch for are read.
--
-- The pass is a function that returns a query, for an INSERT itself is never planned
-- in parallel.  Where most visits are read it groups all lines and joins what comes
-- out, not what goes in.
--
-- Cost: a read and a gathered line, 2 microseconds or so; memory of the hash of
-- visits, which spills beyond work_mem; 20 bytes a line in the working table.
--
-- What was delivered twice is known from the pass (TWICE), and only the visits it
-- concerns are read again: their lines, mended, are gathered in their place.

CREATE OR REPLACE FUNCTION _gather_lines_transition(internal, text, text, numeric, numeric, timestamp, numeric,
		text, text, text, numeric, bool, timestamp, timestamp) RETURNS internal
	AS 'MODULE_PATHNAME', 'gather_lines_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _gather_lines_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'gather_lines_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _gather_lines_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'gather_lines_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _gather_lines_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'gather_lines_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _gather_lines_final(internal) RETURNS gathered_lines
	AS 'MODULE_PATHNAME', 'gather_lines_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _gather_lines_transition(internal, text, text, numeric, numeric, timestamp, numeric,
		text, text, text, numeric, bool, timestamp, timestamp) IS
	'汇集明细累积: support function of aggregate _gather_lines';
COMMENT ON FUNCTION _gather_lines_combine(internal, internal) IS
	'汇集明细并行合并: support function of aggregate _gather_lines';
COMMENT ON FUNCTION _gather_lines_serialize(internal) IS
	'汇集明细并行传出: support function of aggregate _gather_lines';
COMMENT ON FUNCTION _gather_lines_deserialize(bytea, internal) IS
	'汇集明细并行传入: support function of aggregate _gather_lines';
COMMENT ON FUNCTION _gather_lines_final(internal) IS
	'汇集明细完成: support function of aggregate _gather_lines';

CREATE OR REPLACE AGGREGATE _gather_lines(visit_id text, item_code text, quantity numeric, amount numeric,
		charged_at timestamp, claimed numeric, line_id text, original_line_id text, category text,
		unit_price numeric, bad bool, from_time timestamp, to_time timestamp) (
	SFUNC = _gather_lines_transition,
	STYPE = internal,
	SSPACE = 1024,
	FINALFUNC = _gather_lines_final,
	COMBINEFUNC = _gather_lines_combine,
	SERIALFUNC = _gather_lines_serialize,
	DESERIALFUNC = _gather_lines_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _gather_lines(text, text, numeric, numeric, timestamp, numeric, text, text, text, numeric, bool,
		timestamp, timestamp) IS
	'汇集明细: the ledger() of the lines with their visit, and all that is kept besides; bad: something of the line could not be read; the period is from from_time on and before to_time, NULL: no line is in it. Lines without a visit go into no book; NULL for no rows';

-- The one place that says what a visit keeps of its lines.
CREATE OR REPLACE FUNCTION _gather_lines_call(from_time text, to_time text, item_code text DEFAULT 'c.item_code') RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN format('medaudit._gather_lines(c.visit_id, %s, c.quantity, c.amount, c.charged_at, c.claimed, '
		'c.line_id, c.original_line_id, c.category, c.unit_price, c.unreadable IS NOT NULL, (%s)::timestamp, (%s)::timestamp)',
		item_code, from_time, to_time);

COMMENT ON FUNCTION _gather_lines_call(text, text, text) IS
	'汇集明细调用: the call of _gather_lines() over rows of charge, of alias c, as a run reads them; the bounds of the period and the item code are SQL';

-- Few visits are written into a query, so that an index finds their rows through
-- whatever the bound view does.
CREATE OR REPLACE FUNCTION _run_among(named text, source text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	visit_ids text[];
BEGIN
	EXECUTE format('SELECT array_agg(v.visit_id) FROM (SELECT d.visit_id FROM %s LIMIT 2001) AS v', source) INTO visit_ids;
	IF cardinality(visit_ids) <= 2000 THEN
		RETURN format('%s = ANY (%L::text[])', named, visit_ids);
	END IF;
	RETURN format('%s IN (SELECT d.visit_id FROM %s)', named, source);
END
$$;

COMMENT ON FUNCTION _run_among(text, text) IS
	'就诊条件: SQL condition that something is a visit_id of a working table: its name AS d, and a condition where there is one; up to 2,000 are spelled';

-- With the departments of lines where rules ask for them.
CREATE OR REPLACE FUNCTION _gather_query(source text, by_line bool) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format($sql$
		SELECT g.visit_id, (g.kept).book, (g.kept).categories, (g.kept).lines, (g.kept).problems, (g.kept).in_period,
			(g.kept).incomplete, (g.kept).twice, g.departments
		FROM (
			SELECT c.visit_id, %s AS kept, %s AS departments
			FROM %s
			GROUP BY c.visit_id
		) AS g$sql$,
		medaudit._gather_lines_call('$1', '$2'),
		-- of lines without an identifier it cannot be told which one it is
		CASE WHEN by_line THEN $sql$jsonb_object_agg(coalesce(c.line_id, ''), CASE WHEN c.line_id <> '' THEN c.department END)
				FILTER (WHERE btrim(c.department) NOT IN ('', coalesce(w.department, '')))$sql$ ELSE 'NULL::jsonb' END,
		source)
$$;

COMMENT ON FUNCTION _gather_query(text, bool) IS
	'汇集查询: query that gathers lines, of alias c, by visit, with how many of them lie in the period from $1 to $2; by_line: with their departments other than that of the visit (w.department)';

-- LINES: ALL, gathered without a look at whose they are; of the visits to_gather and
-- of the PERIOD, for what no visit is known of; or of those visits only (NAMED).
-- Departments need the PERIOD, for they are told from that of the visit.
CREATE OR REPLACE FUNCTION _gather_lines_query(lines text, by_line bool) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN medaudit._gather_query(concat('pg_temp.medaudit_read_charge() AS c',
		CASE lines WHEN 'period' THEN ' LEFT JOIN medaudit_work.to_gather AS w ON w.visit_id = c.visit_id'
				' WHERE w.visit_id IS NOT NULL OR c.charged_at IS NULL OR c.charged_at >= $1 AND c.charged_at < $2'
			WHEN 'named' THEN ' WHERE ' || medaudit._run_among('c.visit_id', 'medaudit_work.to_gather AS d') END), by_line);

COMMENT ON FUNCTION _gather_lines_query(text, bool) IS
	'汇集费用查询: query that gathers by visit the lines that a run reads, all of them, those of its visits and period, or those of its visits. Only within an audit run';

CREATE OR REPLACE FUNCTION _gather_in_parallel(query text, from_date date, to_date date)
	RETURNS TABLE (visit_id text, book ledger, categories text[], lines bigint, problems int[], in_period bigint,
		incomplete bigint, twice bool, departments jsonb)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE query USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _gather_in_parallel(text, date, date) IS
	'并行汇集费用: rows of the query that gathers lines, which workers share. Only within an audit run';

-- The visits whose lines a run asks: those that it looks at, and what was taken back
-- in its period, to be counted.
CREATE OR REPLACE FUNCTION _run_wants(span medaudit_work.span) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN span.looked OR span.void AND span.settled;

COMMENT ON FUNCTION _run_wants(medaudit_work.span) IS
	'所需就诊: whether a run asks the lines of a visit; NULL for NULL';

-- Of visits that the run does not want it is kept how many lines no rule could see, and
-- of those of its period that they are of no known visit.  Visits of which lines still
-- come grow beyond what a hash may take, three times or so, for only new ones wait on disk.
CREATE OR REPLACE PROCEDURE _run_keep_gathered(query text, run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	period record;
	work_mem_before text := current_setting('work_mem');
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	PERFORM medaudit._share_work_mem(3);
	EXECUTE format($sql$
		INSERT INTO medaudit_work.gathered (place, visit_id, book, categories, lines, problems, in_period, incomplete, twice,
			departments, facility_id, settled_on, judged, stay, admitted_at, discharged_at, until)
		SELECT coalesce(w.place, g.visit_id, ''), g.visit_id, CASE WHEN w.place IS NOT NULL THEN g.book END, g.categories, g.lines,
			g.problems, g.in_period, g.incomplete, g.twice AND w.place IS NOT NULL, g.departments,
			w.facility_id, w.settled_on, w.judged, w.stay, w.admitted_at, w.discharged_at, w.until
		FROM %s AS g
		LEFT JOIN (SELECT s.visit_id, %s FROM medaudit_work.span AS s) AS w ON w.visit_id = g.visit_id
		WHERE w.place IS NOT NULL OR g.problems IS NOT NULL OR g.incomplete > 0 OR w.visit_id IS NULL AND g.in_period > 0$sql$,
		-- what a function returns is kept before it is joined
		CASE WHEN current_setting('max_parallel_workers_per_gather')::int > 0
			THEN format('medaudit._gather_in_parallel(%L, $1, $2)', query) ELSE format('(%s)', query) END,
		medaudit._run_wanted_columns())
	USING period.from_date, period.to_date;
	PERFORM set_config('work_mem', work_mem_before, true);
END
$$;

COMMENT ON PROCEDURE _run_keep_gathered(text, bigint) IS
	'保存汇集结果: puts what a query gathers into the working table, beside what steps ask of its visits';

-- PLACE: whose book it goes into; of what was taken back nothing else is asked.
CREATE OR REPLACE FUNCTION _run_wanted_columns() RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN $$CASE WHEN s.looked THEN coalesce(s.owner, s.visit_id) WHEN s.void AND s.settled THEN s.visit_id END AS place,
		CASE WHEN s.looked THEN s.facility_id END AS facility_id, CASE WHEN s.looked THEN s.judged_at::date END AS settled_on,
		CASE WHEN s.looked OR s.void AND s.settled THEN s.judged END AS judged,
		CASE WHEN s.looked THEN s.stay WHEN s.void AND s.settled THEN false END AS stay,
		CASE WHEN s.looked THEN s.admitted_at END AS admitted_at,
		CASE WHEN s.looked THEN s.discharged_at END AS discharged_at, CASE WHEN s.looked THEN s.until END AS until$$;

COMMENT ON FUNCTION _run_wanted_columns() IS
	'所需就诊列: SQL list of what is kept of a visit, a row of span of alias s, beside its lines; place is NULL where the run does not ask them';

-- The books of its visits, by a statement of its own: what an engine joins here of what is
-- there it may do in another session, which does not see what this one has written.
CREATE OR REPLACE FUNCTION _run_spread_books() RETURNS TABLE (visit_id text, person_id text, book ledger, categories text[],
		lines int, problems int[], twice bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT b.visit_id, b.person_id, b.book, b.categories, b.lines, b.problems, b.twice
	FROM medaudit_data.visit_book AS b
	WHERE b.visit_id IN (SELECT s.visit_id FROM medaudit_work.span AS s WHERE medaudit._run_wants(s));
END
$$;

COMMENT ON FUNCTION _run_spread_books() IS
	'分布账册: stored books of the visits of a run, where an engine has spread them. Only within an audit run';

-- Books that are stored are not gathered again, but for those of visits with lines
-- that were delivered twice, lack something or could not be read: those are looked
-- at line by line.
CREATE OR REPLACE PROCEDURE _run_take_books()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
	SET jit = off
AS $$
DECLARE
	-- of few visits each is looked up where its person is
	spread bool := medaudit._books_spread();
	few bool := NOT spread AND medaudit._are_few('medaudit_work.span');
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.gathered (place, visit_id, book, categories, lines, problems, in_period, incomplete, twice,
			facility_id, settled_on, judged, stay, admitted_at, discharged_at, until)
		SELECT w.place, b.visit_id, b.book, b.categories, b.lines, b.problems, 0, 0, false, w.facility_id, w.settled_on, w.judged,
			w.stay, w.admitted_at, w.discharged_at, w.until
		FROM (SELECT s.visit_id, s.person_id, %s FROM medaudit_work.span AS s WHERE medaudit._run_wants(s)) AS w
		%s
		WHERE NOT b.twice AND b.book IS NOT NULL AND coalesce(b.problems[1] + b.problems[2] + b.problems[6], 0) = 0$sql$,
		medaudit._run_wanted_columns(), CASE WHEN spread
			THEN 'JOIN medaudit._run_spread_books() AS b ON b.visit_id = w.visit_id AND b.person_id = w.person_id'
			ELSE format('CROSS JOIN LATERAL (SELECT i.* FROM medaudit_data.visit_book AS i WHERE i.visit_id = w.visit_id AND i.person_id = w.person_id%s) AS b',
				CASE WHEN few THEN ' OFFSET 0' END) END);
	PERFORM medaudit._empty('stored');
	IF spread THEN
		INSERT INTO medaudit_work.stored (visit_id, person_id)
		SELECT b.visit_id, b.person_id FROM medaudit_data.visit_book AS b WHERE b.lines = 0;
	END IF;
	EXECUTE format($sql$
		INSERT INTO medaudit_work.to_gather (visit_id, department)
		SELECT s.visit_id, btrim(s.department)
		FROM medaudit_work.span AS s
		WHERE medaudit._run_wants(s) AND NOT EXISTS (SELECT FROM medaudit_work.gathered AS g WHERE g.visit_id = s.visit_id)
			AND NOT EXISTS (SELECT FROM %s AND b.visit_id = s.visit_id AND b.person_id = s.person_id%s)$sql$,
		CASE WHEN spread THEN 'medaudit_work.stored AS b WHERE true' ELSE 'medaudit_data.visit_book AS b WHERE b.lines = 0' END,
		CASE WHEN few THEN ' OFFSET 0' END);
	-- lines that lack something are told of what is not settled, too
	PERFORM medaudit._empty('stored');
	INSERT INTO medaudit_work.stored (visit_id)
	SELECT b.visit_id FROM medaudit_data.visit_book AS b
	WHERE b.judged_on IS NULL AND coalesce(b.problems[1], 0) + coalesce(b.problems[2], 0) > 0;
	INSERT INTO medaudit_work.to_gather (visit_id)
	SELECT b.visit_id FROM medaudit_work.stored AS b
	WHERE NOT EXISTS (SELECT FROM medaudit_work.span AS s WHERE s.visit_id = b.visit_id AND medaudit._run_wants(s));
	PERFORM medaudit._analyze('to_gather');
END
$$;

COMMENT ON PROCEDURE _run_take_books() IS
	'取用账册: takes the books of the visits of a run from the store, and leaves in to_gather those whose lines are still to be read';

-- Departments other than the visit's, which no store keeps.
CREATE OR REPLACE PROCEDURE _run_read_departments()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	UPDATE medaudit_work.gathered AS g SET departments = d.departments
	FROM (
		SELECT c.visit_id, jsonb_object_agg(coalesce(c.line_id, ''), CASE WHEN c.line_id <> '' THEN c.department END) AS departments
		FROM pg_temp.medaudit_read_charge() AS c
		JOIN medaudit_work.span AS s ON s.visit_id = c.visit_id AND medaudit._run_wants(s)
		WHERE btrim(c.department) NOT IN ('', coalesce(btrim(s.department), ''))
		GROUP BY c.visit_id
	) AS d
	WHERE g.visit_id = d.visit_id;
END
$$;

COMMENT ON PROCEDURE _run_read_departments() IS
	'读取明细科室: departments of lines, where rules ask for them and books are taken from the store';

-- A store knows of no lines of visits that are nowhere.
CREATE OR REPLACE PROCEDURE _run_gather(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	by_line bool := EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r
		JOIN medaudit.charge_rule AS c ON c.rule_code = r.rule_code WHERE c.departments IS NOT NULL);
	stored bool := medaudit._books_usable();
	lines text := CASE WHEN stored THEN 'named'
		WHEN NOT by_line AND (SELECT 2 * count(*) FILTER (WHERE medaudit._run_wants(s)) > count(*) FROM medaudit_work.span AS s) THEN 'all'
		ELSE 'period' END;
BEGIN
	PERFORM medaudit._empty('gathered', 'to_gather');
	IF stored THEN
		CALL medaudit._run_take_books();
	ELSIF lines = 'period' THEN
		INSERT INTO medaudit_work.to_gather (visit_id, department)
		SELECT s.visit_id, btrim(s.department) FROM medaudit_work.span AS s WHERE medaudit._run_wants(s);
		PERFORM medaudit._analyze('to_gather');
	END IF;
	IF NOT stored OR EXISTS (SELECT FROM medaudit_work.to_gather) THEN
		CALL medaudit._run_keep_gathered(medaudit._gather_lines_query(lines, by_line AND NOT stored), run_no);
	END IF;
	IF stored AND by_line THEN
		CALL medaudit._run_read_departments();
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_gather(bigint) IS
	'汇集费用明细: one row per visit with its ledger and what else the steps of a run ask of lines, from the store of books where there is one, in a working table';

-- The lines of the visits in which some were delivered twice, as mended.
CREATE OR REPLACE PROCEDURE _run_gather_mended(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	by_line bool := EXISTS (SELECT FROM medaudit_work.gathered AS g WHERE g.departments IS NOT NULL);
BEGIN
	DELETE FROM medaudit_work.gathered AS g USING pg_temp.medaudit_twice_charge AS t WHERE g.visit_id = t.key;
	CALL medaudit._run_keep_gathered(medaudit._gather_query(
		'pg_temp.medaudit_mended_charge AS c LEFT JOIN (SELECT s.visit_id, btrim(s.department) AS department'
		' FROM medaudit_work.span AS s) AS w ON w.visit_id = c.visit_id', by_line), run_no);
	-- as they were delivered
	UPDATE medaudit_work.gathered AS g SET twice = true FROM pg_temp.medaudit_twice_charge AS t WHERE g.visit_id = t.key;
END
$$;

COMMENT ON PROCEDURE _run_gather_mended(bigint) IS
	'汇集去重明细: gathers again the visits in which lines were delivered twice, from medaudit_mended_charge';

-- What becomes of the different lines of one number of a visit.  A line that
-- lacks what is required is judged by nobody, and says nothing of the other.
CREATE OR REPLACE PROCEDURE _run_part_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	ALTER TABLE pg_temp.medaudit_mended_charge ADD fate text, ADD nth bigint;
	UPDATE pg_temp.medaudit_mended_charge AS m
	SET fate = f.fate, nth = f.nth
	FROM (
		SELECT k.row_id, CASE WHEN k.charges <> 1 OR k.items > 1 THEN 'unclear'
				WHEN k.negative THEN 'refund' END AS fate, k.nth
		FROM (
			SELECT c.ctid AS row_id, s.negative, count(*) FILTER (WHERE NOT s.negative) OVER number AS charges,
				CASE WHEN min(c.item_code) OVER number = max(c.item_code) OVER number THEN 1 ELSE 2 END AS items,
				count(*) OVER number AS lines,
				row_number() OVER (PARTITION BY c.visit_id, c.line_id, s.negative
					ORDER BY c.charged_at, c.quantity, c.amount, c::text COLLATE "C") AS nth
			FROM pg_temp.medaudit_mended_charge AS c
			CROSS JOIN LATERAL (SELECT c.quantity < 0::numeric OR c.quantity = 0::numeric AND c.amount < 0::numeric AS negative) AS s
			WHERE c.line_id <> '' AND c.item_code IS NOT NULL AND c.quantity IS NOT NULL
				AND c.amount IS NOT NULL AND c.charged_at IS NOT NULL
			WINDOW number AS (PARTITION BY c.visit_id, c.line_id)
		) AS k
		WHERE k.lines > 1
	) AS f
	WHERE f.row_id = m.ctid;
END
$$;

COMMENT ON PROCEDURE _run_part_lines() IS
	'同号明细分类: which of the lines with one number are unclear, and which are refunds of the charge that has it, in medaudit_mended_charge';

-- Where lines of one item have several categories, in a visit or in a stay under
-- several numbers, what is asked by class is asked of a book in which each category
-- makes an item of its own: its code, 0x1E and the category.
CREATE OR REPLACE PROCEDURE _run_part_categories()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	PERFORM medaudit._empty('parted');
	INSERT INTO medaudit_work.parted
	SELECT g.visit_id FROM medaudit_work.gathered AS g WHERE g.problems[6] > 0 AND g.judged IS NOT NULL
	UNION
	SELECT n.visit_id FROM medaudit_work.chain AS n
	WHERE n.stay_id IN (
		SELECT c.stay_id
		FROM medaudit_work.chain AS c
		JOIN medaudit_work.gathered AS g ON g.visit_id = c.visit_id
		CROSS JOIN LATERAL medaudit._item_sums(g.book, g.categories) AS i
		GROUP BY c.stay_id, i.item_code HAVING min(i.category) <> max(i.category));
	IF NOT EXISTS (SELECT FROM medaudit_work.parted) THEN
		RETURN;
	END IF;
	EXECUTE format($sql$
		UPDATE medaudit_work.gathered AS g SET class_book = (p.kept).book, class_categories = (p.kept).categories
		FROM (SELECT c.visit_id, %s AS kept FROM pg_temp.medaudit_read_charge() AS c WHERE %s GROUP BY c.visit_id) AS p
		WHERE p.visit_id = g.visit_id$sql$,
		medaudit._gather_lines_call('NULL', 'NULL', $sql$c.item_code || chr(30) || coalesce(c.category, '')$sql$),
		medaudit._run_among('c.visit_id', 'medaudit_work.parted AS d'));
END
$$;

COMMENT ON PROCEDURE _run_part_categories() IS
	'同项目多类别: books in which each category of an item is an item of its own, of the visits that need it, beside their own';

-- A line more than a quarter before all visits that are read is of none of them,
-- whatever it says.  After them there is no end: a refund may be months late, and
-- who does not see it accuses a facility of what it gave back.  Later years than
-- any time can have (_read_time) are none.
CREATE OR REPLACE FUNCTION _run_line_horizon(run_no bigint) RETURNS TABLE (from_date date, to_date date)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT least(r.from_date, h.begins) - 92, date '2201-01-01'
	FROM (
		SELECT min(v.begins) AS begins, bool_or(v.begins IS NULL) AS unknown
		FROM medaudit_work.span AS v WHERE medaudit._run_wants(v)
	) AS h
	JOIN medaudit.run AS r ON r.run_id = run_no
	WHERE h.unknown IS NOT TRUE
$$;

COMMENT ON FUNCTION _run_line_horizon(bigint) IS
	'费用读取范围: dates between which a run reads charge lines: from a quarter before its visits on, and as far as times go; no row where some visit does not say when it began. Only within an audit run';

-- Unclear lines stand apart, in no book; a refund gets a number of its own.
CREATE OR REPLACE PROCEDURE _run_mend_lines(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_collect_twice('charge', 'c.visit_id');
	CALL medaudit._run_part_lines();
	CALL medaudit._run_tell_lines();
	INSERT INTO medaudit_work.unclear
	SELECT m.visit_id, m.line_id, m.item_code, m.charged_at, m.quantity, m.amount
	FROM pg_temp.medaudit_mended_charge AS m WHERE m.fate = 'unclear';
	DELETE FROM pg_temp.medaudit_mended_charge AS m WHERE m.fate = 'unclear';
	-- lines without a number are not told apart: each copy counts
	INSERT INTO pg_temp.medaudit_mended_charge
	SELECT m.* FROM pg_temp.medaudit_mended_charge AS m
	CROSS JOIN LATERAL generate_series(2, m.copies) AS n
	WHERE coalesce(m.line_id, '') = '';
	UPDATE pg_temp.medaudit_mended_charge AS m
	SET original_line_id = coalesce(nullif(m.original_line_id, ''), m.line_id), line_id = m.line_id || ' #' || m.nth
	WHERE m.fate = 'refund';
	ANALYZE pg_temp.medaudit_mended_charge;
	PERFORM medaudit._analyze('unclear');
	CALL medaudit._run_gather_mended(run_no);
END
$$;

COMMENT ON PROCEDURE _run_mend_lines(bigint) IS
	'费用明细去重: of the visits in medaudit_twice_charge, equal lines of a number are gathered once, different ones stand apart as unclear but for refunds of the charge that has the number';

CREATE OR REPLACE PROCEDURE _run_read_charges(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	horizon record;
BEGIN
	CALL medaudit._run_own_items();
	SELECT h.* INTO horizon FROM medaudit._run_line_horizon(run_no) AS h;
	CALL medaudit._run_read_through('charge', NULL, horizon.from_date, horizon.to_date);
	UPDATE medaudit_work.horizon AS h SET lines_from = horizon.from_date;
	CALL medaudit._run_gather(run_no);
	CREATE TEMPORARY TABLE medaudit_twice_charge AS
	SELECT g.visit_id AS key FROM medaudit_work.gathered AS g WHERE g.twice;
	IF EXISTS (SELECT FROM pg_temp.medaudit_twice_charge AS t) THEN
		ANALYZE pg_temp.medaudit_twice_charge;
		CALL medaudit._run_mend_lines(run_no);
		CALL medaudit._run_read_through('charge', 'c.visit_id', horizon.from_date, horizon.to_date);
	END IF;
	CALL medaudit._run_part_categories();
END
$$;

COMMENT ON PROCEDURE _run_read_charges(bigint) IS
	'读取费用明细: gathers the lines of the visits of a run, those that were delivered twice as mended';

-- By facility of the judged visits.
CREATE OR REPLACE PROCEDURE _run_tell_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, facility_id, examples)
	SELECT 'charge', p.problem, p.problem_zh, sum(p.rows), v.facility_id,
		(array_agg(concat(m.visit_id, '/', m.line_id) ORDER BY m.visit_id COLLATE "C", m.line_id COLLATE "C") FILTER (WHERE p.first))[:3]
	FROM (SELECT t.*, row_number() OVER (PARTITION BY t.visit_id, t.line_id, t.copies > 1) = 1 AS first_copy,
			row_number() OVER (PARTITION BY t.visit_id, t.line_id, t.fate) = 1 AS first_of_fate
		FROM pg_temp.medaudit_mended_charge AS t WHERE t.line_id <> '') AS m
	JOIN medaudit_work.visit AS v ON v.visit_id = m.visit_id AND v.judged
	CROSS JOIN LATERAL (VALUES
		('delivered twice: equal rows count once', '重复报送的相同记录，按一条计', nullif(m.copies - 1, 0), m.first_copy),
		('different lines of one number: not judged', '同一流水号有多条不同明细，无法判断',
			CASE WHEN m.fate = 'unclear' THEN 1 END, m.first_of_fate),
		('a refund under the number of its charge', '退费使用了原收费的流水号，按退费处理',
			CASE WHEN m.fate = 'refund' THEN 1 END, m.first_of_fate)) AS p (problem, problem_zh, rows, first)
	WHERE p.rows IS NOT NULL
	GROUP BY p.problem, p.problem_zh, v.facility_id;
END
$$;

COMMENT ON PROCEDURE _run_tell_lines() IS
	'提示同号明细: notes, by facility of the judged visits, lines delivered twice, unclear ones, and refunds under the number of their charge';

-- Unclear lines in the words of rules: each that looks at the item could not
-- judge them.  What a rule found because it did not see them, a refund or what
-- had to be charged beside, cannot be judged either.
CREATE OR REPLACE PROCEDURE _run_hit_unclear(rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	code text;
	rules medaudit.rulebook;
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit_work.unclear AS u) THEN
		RETURN;
	END IF;
	FOREACH code IN ARRAY rule_codes LOOP
		rules := medaudit.compile_rules(code);
		INSERT INTO medaudit_work.hit (hit_no, rule_code, visit_id, item_code, charged_at, line_id,
			quantity, amount, outcome, evidence)
		SELECT (SELECT coalesce(max(h.hit_no), 0) FROM medaudit_work.hit AS h) + row_number() OVER (),
			code, u.visit_id, u.item_code, u.charged_at, u.line_id, u.quantity, u.amount, 'insufficient',
			'{"missing": ["line_id"]}'::jsonb
		FROM medaudit_work.unclear AS u
		JOIN (
			SELECT i.item_code FROM medaudit_work.unclear AS i GROUP BY i.item_code
			HAVING medaudit.rule_coverage(medaudit.ledger(i.item_code, 1::numeric, 1::numeric,
				timestamp '2000-01-01 00:00:00'), rules) > 0
		) AS k ON k.item_code = u.item_code
		WHERE u.visit_id IN (SELECT x.visit_id FROM medaudit_work.context AS x WHERE x.asked);
	END LOOP;
	UPDATE medaudit_work.hit AS h
	SET outcome = 'insufficient', certainty = NULL, key = NULL, evidence = '{"missing": ["line_id"]}'::jsonb
	WHERE h.outcome = 'excess' AND EXISTS (SELECT FROM medaudit_work.unclear AS u
		WHERE u.visit_id = h.visit_id AND (u.item_code = h.item_code AND u.quantity <= 0::numeric AND u.amount <= 0::numeric
			OR h.evidence -> 'other_codes' ? u.item_code
				AND EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = h.rule_code AND r.kind = 'prerequisite')));
END
$$;

COMMENT ON PROCEDURE _run_hit_unclear(text[]) IS
	'同号明细无法判断: adds the unclear lines to what charge rules could not judge';

-- A facility whose lines are told apart by nothing is not audited: it is named.
CREATE OR REPLACE PROCEDURE _run_warn_unclear(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told text;
BEGIN
	SELECT string_agg(f.said, '; ' ORDER BY f.facility_id COLLATE "C") INTO told
	FROM (
		SELECT u.facility_id, format('%s of %s lines of %s', u.lines, u.lines + coalesce(l.lines, 0),
			concat_ws(' ', u.facility_id, u.facility_name)) AS said
		FROM (
			SELECT v.facility_id, min(v.facility_name) AS facility_name, count(*) AS lines
			FROM medaudit_work.unclear AS n
			JOIN medaudit_work.visit AS v ON v.visit_id = n.visit_id AND v.judged GROUP BY v.facility_id
		) AS u
		LEFT JOIN (
			SELECT n.facility_id, sum(n.lines) AS lines
			FROM medaudit_work.gathered AS n WHERE n.judged GROUP BY n.facility_id
		) AS l ON l.facility_id IS NOT DISTINCT FROM u.facility_id
		WHERE u.lines > coalesce(l.lines, 0)
	) AS f;
	IF told IS NOT NULL THEN
		RAISE WARNING USING
			MESSAGE = format(medaudit._say('run %s: lines that share their number with others are not judged: %s'), run_no, told),
			HINT = medaudit._say('line_id must be unique within a visit; bind it to JSON null where the source has no such number.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_warn_unclear(bigint) IS
	'提示流水号不唯一: warns of facilities most of whose lines are unclear';

