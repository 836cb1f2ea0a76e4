-- What a run asks of dispensed drugs: books of the people of whom something was
-- settled in the period, gathered once, and a function for each kind of rule.
--
-- A book is of a calendar year: what was dispensed in it and in the year before.  A
-- finding belongs to the year in which the last of its drugs was dispensed; where it
-- may grow, its key ends in that year.  Codes of a hospital that no national code is
-- known of are one drug there only.

-- The calendar years whose books a run asks: what was dispensed in the year before
-- may have been settled in the period.
CREATE OR REPLACE FUNCTION _fill_years() RETURNS SETOF int
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
	-- there is one, which the planner is told: of many years it would make room for millions
	SELECT y FROM (SELECT k.from_date, k.to_date FROM medaudit_work.horizon AS k LIMIT 1) AS h
	CROSS JOIN LATERAL generate_series(extract(year FROM h.from_date)::int - 1, extract(year FROM h.to_date - 1)::int) AS y;
END;

COMMENT ON FUNCTION _fill_years() IS
	'配药年度: the calendar years whose books of dispensed drugs a run asks. Only within an audit run';

CREATE OR REPLACE PROCEDURE _run_gather_fills()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	reads_from date := (SELECT make_date(min(y) - 1, 1, 1) FROM medaudit._fill_years() AS y);
	reads_to date := (SELECT make_date(max(y) + 2, 1, 1) FROM medaudit._fill_years() AS y);
	persons text[];
	work_mem_before text := current_setting('work_mem');
BEGIN
	IF medaudit._run_made('fill_book') THEN
		RETURN;
	END IF;
	-- what begins in these years is known with a year before and after it; those who
	-- share a valid number are one of the people, and are few
	PERFORM medaudit._empty('fill_person', 'fill', 'fill_book');
	INSERT INTO medaudit_work.fill_person (person_id)
	WITH asked AS MATERIALIZED (
		SELECT DISTINCT s.person_id, s.people_id FROM medaudit_work.span AS s WHERE s.settled AND s.person_id IS NOT NULL
	)
	SELECT a.person_id FROM asked AS a
	UNION SELECT a.people_id FROM asked AS a
	UNION SELECT p.person_id FROM medaudit_work.person AS p
	WHERE p.people_id <> p.person_id AND p.people_id IN (SELECT a.people_id FROM asked AS a);
	PERFORM medaudit._analyze('fill_person');
	SELECT coalesce(array_agg(f.person_id), '{}') INTO persons FROM medaudit_work.fill_person AS f HAVING count(*) <= 2000;
	-- lines stand in a dozen places on their way
	PERFORM medaudit._share_work_mem(8);
	INSERT INTO medaudit_work.fill
	SELECT f.*, coalesce(p.people_id, f.person_id), f.visit_id || chr(31) || coalesce(f.line_id, ''),
		CASE WHEN f.own THEN f.drug_code || chr(31) || coalesce(f.facility_id, '') ELSE f.drug_code END
	FROM medaudit._fill_rows(reads_from, reads_to, persons, medaudit._run_reads_whole(reads_from),
		CASE WHEN persons IS NULL THEN 'medaudit_work.fill_person'::regclass END) AS f
	LEFT JOIN medaudit_work.person AS p ON p.person_id = f.person_id AND p.people_id <> p.person_id;
	PERFORM set_config('work_mem', work_mem_before, true);
	PERFORM medaudit._analyze('fill');
	-- a book in whose year no days of supply are known says nothing
	INSERT INTO medaudit_work.fill_book
	SELECT f.people_id, y.year, medaudit.fills(f.book_code, f.days_supply, coalesce(f.amount, 0), f.dispensed_at, f.facility_id, f.fill_id,
		f.visit_id || chr(31) || f.original_line_id)
	FROM (SELECT DISTINCT i.people_id, extract(year FROM i.dispensed_at) AS year FROM medaudit_work.fill AS i WHERE i.days_supply IS NOT NULL) AS y
	JOIN medaudit_work.fill AS f ON f.people_id = y.people_id AND extract(year FROM f.dispensed_at) IN (y.year - 1, y.year)
	WHERE y.year IN (SELECT a.year FROM medaudit._fill_years() AS a (year))
	GROUP BY f.people_id, y.year;
END
$$;

COMMENT ON PROCEDURE _run_gather_fills() IS
	'汇集配药账册: reads, once in a run, what was dispensed to the people of whom something was settled in the period, into a book for each of them and year';

-- What is shown of a drug: the name under which it was charged, else its code.  Asked for
-- each group: planned once.
CREATE OR REPLACE FUNCTION _fill_drug_zh(people_id text, drug text, fill_ids text[]) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	RETURN coalesce((SELECT min(f.item_name COLLATE "C") FROM medaudit_work.fill AS f
		WHERE f.fill_id = ANY (fill_ids) AND f.people_id = _fill_drug_zh.people_id
			AND starts_with(medaudit.code_fold(f.book_code), drug)), medaudit._shown_code(drug));
END
$$;

COMMENT ON FUNCTION _fill_drug_zh(text, text, text[]) IS
	'药品说明: name of a drug as one of these fills has it, else its code. Only within an audit run';

CREATE OR REPLACE FUNCTION _fill_place_zh(facility_id text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN coalesce((SELECT f.name FROM medaudit_work.facility AS f WHERE f.facility_id = _fill_place_zh.facility_id LIMIT 1),
		_fill_place_zh.facility_id, '未知机构');
END
$$;

COMMENT ON FUNCTION _fill_place_zh(text) IS
	'配药机构说明: name of a facility, else its number. Only within an audit run';

-- The groups as a run takes them, those of the year of their book only, and their
-- lines.  They are of the person, or of the place of the last dispensing.
CREATE OR REPLACE FUNCTION _fill_groups(of_person bool) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount,
		facility_id, person_id)
	SELECT CASE WHEN of_person THEN l.people_id ELSE l.last_facility END, l.key, row_number() OVER (PARTITION BY l.people_id, l.key
			ORDER BY l.dispensed_at, l.visit_id COLLATE "C", l.line_id COLLATE "C", l.item_code COLLATE "C"),
		l.visit_id, l.line_id, l.item_code, l.item_name, l.dispensed_at, l.quantity, l.amount, l.facility_id, l.person_id
	FROM (
		SELECT g.people_id, g.key, g.year, f.visit_id, f.line_id, f.item_code, f.item_name, f.dispensed_at, f.quantity, f.amount, f.facility_id, f.person_id,
			max(extract(year FROM f.dispensed_at)) OVER (PARTITION BY g.people_id, g.key) AS last_year,
			first_value(f.facility_id) OVER (PARTITION BY g.people_id, g.key ORDER BY f.dispensed_at DESC, f.facility_id COLLATE "C") AS last_facility
		FROM medaudit_work.fill_group AS g
		CROSS JOIN LATERAL (SELECT DISTINCT n.id FROM unnest(g.fill_ids) AS n (id)) AS i
		-- found one by one: groups are few, and fills many
		CROSS JOIN LATERAL (SELECT d.* FROM medaudit_work.fill AS d WHERE d.fill_id = i.id AND d.people_id = g.people_id AND d.quantity > 0 OFFSET 0) AS f
		WHERE EXISTS (SELECT FROM unnest(g.drugs) AS d (drug) WHERE starts_with(medaudit.code_fold(f.book_code), d.drug))
	) AS l
	WHERE l.last_year = l.year;
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_kind => CASE WHEN of_person THEN 'person' END,
		subject_id => l.subject_id,
		key => g.key,
		person_id => l.person_id,
		visit_id => l.visit_id,
		facility_id => l.facility_id,
		visit_ids => l.visit_ids,
		involved_amount => g.involved_amount,
		evidence => jsonb_strip_nulls(g.evidence))).*
	FROM medaudit_work.fill_group AS g
	JOIN (
		SELECT i.subject_id, i.key, (array_agg(i.person_id ORDER BY i.line_no DESC))[1] AS person_id,
			(array_agg(i.visit_id ORDER BY i.line_no DESC))[1] AS visit_id, (array_agg(i.facility_id ORDER BY i.line_no DESC))[1] AS facility_id,
			array_agg(DISTINCT i.visit_id) AS visit_ids
		FROM medaudit_work.group_line AS i GROUP BY i.subject_id, i.key
	) AS l ON l.key = g.key AND (NOT of_person OR l.subject_id = g.people_id)
	-- nothing is said of a place that is not known
	WHERE l.subject_id IS NOT NULL;
END
$$;

COMMENT ON FUNCTION _fill_groups(bool) IS
	'配药判定结果: what stands in medaudit_work.fill_group as groups of a run, with their lines, of the person or of the place of the last dispensing. Only within an audit run';

-- A drug that comes while too much of it is left.
CREATE OR REPLACE FUNCTION _ask_early_refills(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_fills();
	PERFORM medaudit._empty('fill_group');
	-- two places on one date are one finding: the worse of them, with the fills of both
	INSERT INTO medaudit_work.fill_group
	SELECT e.people_id, concat(medaudit._shown_code(e.drug), '@', e.dispensed_on), e.year, ARRAY[e.drug], e.ids, e.money,
		jsonb_build_object('drug', medaudit._shown_code(e.drug), 'drug_name', medaudit._fill_drug_zh(e.people_id, e.drug, e.ids),
			'unit', 'day', 'window', ARRAY[e.previous_on, e.dispensed_on], 'dispensed_on', e.dispensed_on,
			'previous_on', e.previous_on, 'previous_facility_name', medaudit._fill_place_zh(e.previous_facility_id), 'previous_days', e.previous_days,
			'stock_before', e.stock_before, 'allowed_days', e.allowed_days, 'early_days', e.early_days,
			'formula', format('%s days left - max(%s, %s * %s) = %s days', e.stock_before, parameters ->> 'min_days', parameters ->> 'tolerance',
				e.previous_days, e.early_days))
	FROM (
		SELECT r.*, row_number() OVER (PARTITION BY r.people_id, r.drug, r.dispensed_on ORDER BY r.early_days DESC, r.facility_id COLLATE "C") AS place,
			sum(r.amount) OVER (PARTITION BY r.people_id, r.drug, r.dispensed_on) AS money,
			(SELECT array_agg(i.id) FROM medaudit.stock_curve(r.book, parameters ->> 'drug_level') AS c
				CROSS JOIN LATERAL unnest(c.fill_ids) AS i (id) WHERE c.drug = r.drug AND c.dispensed_on = r.dispensed_on) AS ids
		FROM (
			SELECT b.people_id, b.year, b.book, d.*
			FROM medaudit_work.fill_book AS b
			CROSS JOIN LATERAL medaudit.early_refills(b.book, parameters ->> 'drug_level', (parameters ->> 'tolerance')::numeric,
				(parameters ->> 'min_days')::numeric) AS d
			WHERE extract(year FROM d.dispensed_on) = b.year AND d.early_days >= (parameters ->> 'min_early_days')::numeric
		) AS r
	) AS e
	WHERE e.place = 1;
	RETURN QUERY SELECT g.* FROM medaudit._fill_groups(true) AS g;
END
$$;

COMMENT ON FUNCTION _ask_early_refills(bigint, text, jsonb) IS
	'提前配药: dispensings of a year before which more was left than may be, min_early_days more';

-- More of a drug than a person may hold.
CREATE OR REPLACE FUNCTION _ask_stockpiles(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_fills();
	PERFORM medaudit._empty('fill_group');
	INSERT INTO medaudit_work.fill_group
	SELECT b.people_id, concat(medaudit._shown_code(d.drug), '@', d.episode_from, '@', b.year), b.year, ARRAY[d.drug], d.fill_ids, d.amount,
		jsonb_build_object('drug', medaudit._shown_code(d.drug), 'drug_name', medaudit._fill_drug_zh(b.people_id, d.drug, d.fill_ids),
			'limit', (parameters ->> 'max_days')::numeric, 'unit', 'day', 'window', ARRAY[d.episode_from, d.peak_on], 'reached_on', d.reached_on,
			'peak_on', d.peak_on, 'peak_stock_days', d.peak_stock_days, 'excess_days', d.excess_days, 'excess_amount', d.excess_amount,
			'fill_count', d.fill_count, 'facilities', d.facilities,
			'formula', format('%s days in stock on %s > %s', d.peak_stock_days, d.peak_on, parameters ->> 'max_days'))
	FROM medaudit_work.fill_book AS b
	CROSS JOIN LATERAL medaudit.stockpiles(b.book, parameters ->> 'drug_level', (parameters ->> 'max_days')::numeric) AS d;
	RETURN QUERY SELECT g.* FROM medaudit._fill_groups(true) AS g;
END
$$;

COMMENT ON FUNCTION _ask_stockpiles(bigint, text, jsonb) IS
	'超量囤药: episodes whose stock of a drug exceeds max_days';

-- A drug from many places, faster than it can be taken.
CREATE OR REPLACE FUNCTION _ask_many_facilities(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_fills();
	PERFORM medaudit._empty('fill_group');
	INSERT INTO medaudit_work.fill_group
	SELECT b.people_id, concat(medaudit._shown_code(d.drug), '@', d.first_on, '@', b.year), b.year, ARRAY[d.drug], d.fill_ids, d.amount,
		jsonb_build_object('drug', medaudit._shown_code(d.drug), 'drug_name', medaudit._fill_drug_zh(b.people_id, d.drug, d.fill_ids),
			'limit', (parameters ->> 'min_facilities')::int, 'window', ARRAY[d.first_on, d.last_on], 'facilities', d.facilities,
			'facility_names', (SELECT array_agg(medaudit._fill_place_zh(p.id) ORDER BY p.place) FROM unnest(d.facility_ids) WITH ORDINALITY AS p (id, place)),
			'fill_count', d.fill_count, 'days_supplied', d.days_supplied, 'possession_ratio', round(d.possession_ratio, 2),
			'formula', format('%s places (%s or more) within %s days; days dispensed before %s / %s days = %s (%s or more)', d.facilities,
				parameters ->> 'min_facilities', parameters ->> 'period_days', d.last_on, d.last_on - d.first_on, d.possession_ratio,
				parameters ->> 'min_possession_ratio'))
	FROM medaudit_work.fill_book AS b
	CROSS JOIN LATERAL medaudit._many_facilities(b.book, parameters ->> 'drug_level', (parameters ->> 'period_days')::int,
		(parameters ->> 'min_facilities')::int, make_date(b.year, 1, 1)) AS d
	WHERE d.possession_ratio >= (parameters ->> 'min_possession_ratio')::numeric;
	RETURN QUERY SELECT g.* FROM medaudit._fill_groups(true) AS g;
END
$$;

COMMENT ON FUNCTION _ask_many_facilities(bigint, text, jsonb) IS
	'多机构配药: drugs that came from min_facilities places within period_days, min_possession_ratio times as fast as they can be taken';

-- Two drugs of one class at one time.
CREATE OR REPLACE FUNCTION _ask_duplicate_therapy(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	exclude_classes text[] := medaudit._parameter_list(parameters, 'exclude_classes');
BEGIN
	CALL medaudit._run_gather_fills();
	PERFORM medaudit._empty('fill_group');
	-- of a facility: without the person two would be known by one key
	INSERT INTO medaudit_work.fill_group
	SELECT b.people_id, concat(b.people_id, chr(31), d.drug, '+', d.other_drug, '@', d.from_on, '@', b.year), b.year, ARRAY[d.drug, d.other_drug],
		d.fill_ids || d.other_fill_ids, m.amount, jsonb_build_object('class', d.class, 'drug', d.drug, 'other_drug', d.other_drug,
			'drug_name', medaudit._fill_drug_zh(b.people_id, d.drug, d.fill_ids),
			'other_drug_name', medaudit._fill_drug_zh(b.people_id, d.other_drug, d.other_fill_ids),
			'limit', (parameters ->> 'min_days')::int, 'unit', 'day', 'window', ARRAY[d.from_on, d.to_on], 'days', d.overlap_days,
			'formula', format('%s - %s + 1 = %s days, %s or more', d.to_on, d.from_on, d.overlap_days, parameters ->> 'min_days'))
	FROM medaudit_work.fill_book AS b
	CROSS JOIN LATERAL medaudit.duplicate_therapy(b.book, parameters ->> 'drug_level', parameters ->> 'class_level', (parameters ->> 'min_days')::int) AS d
	CROSS JOIN LATERAL (
		SELECT sum(c.amount) AS amount FROM medaudit.stock_curve(b.book, parameters ->> 'drug_level') AS c
		WHERE c.drug IN (d.drug, d.other_drug) AND c.dispensed_on BETWEEN d.from_on AND d.to_on
	) AS m
	WHERE NOT EXISTS (SELECT FROM unnest(exclude_classes) AS x (code) WHERE starts_with(d.class, medaudit.code_fold(x.code)));
	RETURN QUERY SELECT g.* FROM medaudit._fill_groups(false) AS g;
END
$$;

COMMENT ON FUNCTION _ask_duplicate_therapy(bigint, text, jsonb) IS
	'重复用药: runs of min_days dates that two drugs of one class cover, each dispensed within them';

CREATE OR REPLACE FUNCTION _long_supply_zh(name text, evidence jsonb) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat(name, evidence ->> 'packs', '盒，每盒', evidence ->> 'pack_units', '单位，每日', evidence ->> 'units_per_day', '单位，',
		evidence ->> 'limit', '天用量为', evidence ->> 'allowed_packs', '盒，超出', (evidence ->> 'packs')::numeric - (evidence ->> 'allowed_packs')::numeric, '盒');

COMMENT ON FUNCTION _long_supply_zh(text, jsonb) IS
	'超量说明: the beginning of a sentence on the packs of a drug in a visit, by the evidence of long_supply';

-- More packs of a drug in one visit than the longest prescription needs.  What is
-- taken how often must be known, and the smallest pack is not broken.  What came back is
-- taken off first, by a book of the visits with returns; what a person pays for himself
-- is no part of it.  Too much is what was dispensed last, as where charges have a cap:
-- lines are those of the bill, so that their money is counted once beside other rules.
CREATE OR REPLACE FUNCTION _ask_long_supply(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_fills();
	INSERT INTO medaudit_work.group_line (key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount, facility_id,
		person_id, excess_quantity, excess_amount, excess_claimed, evidence, evidence_text)
	WITH back AS MATERIALIZED (
		SELECT DISTINCT f.visit_id FROM medaudit_work.fill AS f
		JOIN medaudit_work.span AS s ON s.visit_id = f.visit_id AND s.judged
		WHERE f.quantity <= 0
	), numbered AS MATERIALIZED (
		SELECT f.*, to_char(row_number() OVER (ORDER BY f.fill_id COLLATE "C", f.item_code COLLATE "C", f.dispensed_at, f.quantity, f.amount),
			'FM000000000000') AS n
		FROM medaudit_work.fill AS f WHERE f.visit_id IN (SELECT b.visit_id FROM back AS b)
	), book AS (
		SELECT n.visit_id, medaudit.ledger(n.item_code, n.quantity, n.amount, n.dispensed_at, n.n, o.n, n.visit_id, n.claimed) AS book
		FROM numbered AS n
		LEFT JOIN (SELECT i.fill_id, min(i.n) AS n FROM numbered AS i WHERE i.quantity > 0 GROUP BY i.fill_id) AS o
			ON o.fill_id = n.visit_id || chr(31) || n.original_line_id
		GROUP BY n.visit_id
	), left_over AS MATERIALIZED (
		SELECT l.line_id AS n, l.quantity, l.amount, l.claimed FROM book AS b CROSS JOIN LATERAL medaudit.lines(b.book) AS l
		WHERE l.status IN ('kept', 'reduced') AND l.quantity > 0 AND l.claimed <> 0
	), line AS NOT MATERIALIZED (
		SELECT f.visit_id, f.facility_id, f.person_id, f.line_id, f.item_code, f.item_name, f.drug_code, f.take_home, f.visit_type, f.pack,
			f.units_per_day, f.dispensed_at, f.quantity, f.amount, coalesce(f.claimed, f.amount) AS claimed
		FROM medaudit_work.fill AS f
		JOIN medaudit_work.span AS s ON s.visit_id = f.visit_id AND s.judged
		WHERE f.quantity > 0 AND f.amount IS NOT NULL AND f.claimed IS DISTINCT FROM 0 AND f.pack IS NOT NULL AND f.units_per_day IS NOT NULL
			AND f.facility_id IS NOT NULL AND NOT EXISTS (SELECT FROM back AS b WHERE b.visit_id = f.visit_id)
		UNION ALL
		SELECT f.visit_id, f.facility_id, f.person_id, f.line_id, f.item_code, f.item_name, f.drug_code, f.take_home, f.visit_type, f.pack,
			f.units_per_day, f.dispensed_at, k.quantity, k.amount, coalesce(k.claimed, k.amount)
		FROM left_over AS k JOIN numbered AS f ON f.n = k.n
		WHERE f.pack IS NOT NULL AND f.units_per_day IS NOT NULL AND f.facility_id IS NOT NULL
	), beyond AS MATERIALIZED (
		SELECT p.*, p.quantity - p.allowed AS excess, jsonb_build_object('limit', p.limit_days, 'unit', 'day', 'packs', trim_scale(p.quantity),
			'allowed_packs', p.allowed, 'pack_units', trim_scale(p.pack), 'units_per_day', trim_scale(round(p.units_per_day, 4)),
			'formula', format('%s packs - ceil(%s days * %s / %s) = %s packs', trim_scale(p.quantity), p.limit_days,
				trim_scale(round(p.units_per_day, 4)), p.pack, trim_scale(p.quantity - p.allowed))) AS evidence
		FROM (
			SELECT n.*, l.limit_days, medaudit.packs_for(l.limit_days, n.units_per_day, n.pack) AS allowed
			FROM (
				SELECT i.visit_id, i.item_code, i.take_home, i.visit_type, i.pack, i.units_per_day, min(i.drug_code) AS drug_code, count(*) AS lines,
					sum(i.quantity) AS quantity
				FROM line AS i
				GROUP BY i.visit_id, i.item_code, i.take_home, i.visit_type, i.pack, i.units_per_day HAVING sum(i.claimed) > 0
			) AS n
			JOIN medaudit_work.visit AS v ON v.visit_id = n.visit_id
			LEFT JOIN medaudit_work.diagnosis AS d ON d.visit_id = n.visit_id
			CROSS JOIN LATERAL (SELECT medaudit._supply_limit(n.visit_type, n.drug_code, d.codes || d.main || v.main_diagnosis, n.take_home) AS limit_days) AS l
			WHERE l.limit_days IS NOT NULL
		) AS p
		WHERE p.quantity > p.allowed
	), shared AS (
		SELECT l.*, p.evidence, p.lines, least(l.quantity, p.excess - coalesce(sum(l.quantity) OVER later, 0)) AS excess
		FROM beyond AS p
		JOIN line AS l ON l.visit_id = p.visit_id AND l.item_code = p.item_code AND l.take_home = p.take_home AND l.pack = p.pack
			AND l.units_per_day = p.units_per_day
		WINDOW later AS (PARTITION BY l.visit_id, l.item_code, l.take_home, l.pack, l.units_per_day
			ORDER BY l.dispensed_at DESC, l.quantity DESC, l.amount DESC, l.line_id COLLATE "C" DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
	), summed AS (
		SELECT s.*, s.amount * s.excess / s.quantity AS gross, sum(s.amount * s.excess / s.quantity) OVER so_far AS gross_so_far,
			s.claimed * s.excess / s.quantity AS asked, sum(s.claimed * s.excess / s.quantity) OVER so_far AS asked_so_far
		FROM shared AS s
		WHERE s.excess > 0
		WINDOW so_far AS (PARTITION BY s.visit_id, s.item_code ORDER BY s.dispensed_at, s.quantity, s.amount, s.line_id COLLATE "C"
			ROWS UNBOUNDED PRECEDING)
	)
	SELECT m.visit_id, row_number() OVER (PARTITION BY m.visit_id ORDER BY m.dispensed_at, m.line_id COLLATE "C", m.item_code COLLATE "C", m.quantity,
			m.amount),
		m.visit_id, m.line_id, m.item_code, m.item_name, m.dispensed_at, trim_scale(m.quantity), m.amount, m.facility_id, m.person_id,
		trim_scale(m.excess), c.gross, round(m.asked_so_far, 2) - round(m.asked_so_far - m.asked, 2), m.evidence,
		concat(medaudit._long_supply_zh(coalesce(m.item_name, m.item_code), m.evidence),
			CASE WHEN m.lines > 1 THEN concat('，其中本条', trim_scale(m.quantity), '盒，超出', trim_scale(m.excess), '盒') END, '，金额' || c.gross || '元。')
	FROM summed AS m
	CROSS JOIN LATERAL (SELECT round(m.gross_so_far, 2) - round(m.gross_so_far - m.gross, 2) AS gross) AS c;
	RETURN QUERY
	SELECT (medaudit.run_group(
		key => v.visit_id,
		person_id => v.person_id,
		visit_id => v.visit_id,
		facility_id => v.facility_id,
		physician_id => v.physician_id,
		visit_ids => ARRAY[v.visit_id],
		excess_quantity => l.excess,
		gross_amount => l.gross,
		claimed_amount => l.claimed,
		involved_amount => l.gross,
		evidence => jsonb_build_object('limit', l.limit_days, 'unit', 'day', 'window', ARRAY[l.first_on, l.last_on], 'drugs', l.drugs,
			'formula', l.formula),
		evidence_text => concat(coalesce(v.person_name, v.person_id), '在', medaudit.facility_zh(v.facility_name, v.facility_id),
			medaudit.visit_zh(v.record_no, v.visit_id, v.stay), '：', l.text))).*
	FROM (
		SELECT d.visit_id, sum(d.excess) AS excess, sum(d.gross) AS gross, sum(d.claimed) AS claimed, count(*) AS drugs,
			min((d.evidence ->> 'limit')::numeric) AS limit_days, min(d.first_on) AS first_on, max(d.last_on) AS last_on,
			string_agg(d.evidence ->> 'formula', '; ' ORDER BY d.place) AS formula,
			string_agg(concat(medaudit._long_supply_zh(coalesce(d.item_name, d.item_code), d.evidence), '，金额', d.gross, '元。'), '' ORDER BY d.place) AS text
		FROM (
			SELECT i.visit_id, i.item_code, i.evidence, min(i.item_name COLLATE "C") AS item_name, min(i.line_no) AS place,
				sum(i.excess_quantity) AS excess, sum(i.excess_amount) AS gross, sum(i.excess_claimed) AS claimed,
				min(i.charged_at)::date AS first_on, max(i.charged_at)::date AS last_on
			FROM medaudit_work.group_line AS i GROUP BY i.visit_id, i.item_code, i.evidence
		) AS d
		GROUP BY d.visit_id
	) AS l
	JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_long_supply(bigint, text, jsonb) IS
	'超量开药: packs of a drug in a visit beyond those that last for the days that supply_limit allows';

-- Drugs from elsewhere while the hospital feeds the patient.  A family collects what
-- somebody has been taking: a drug that he had before the stay, and that comes no
-- earlier and not much later than the supply before it ends, is a refill at the normal
-- pace.  A dispensing of such drugs alone is left out; of which drugs the days are not
-- known is not.
CREATE OR REPLACE FUNCTION _ask_drugs_in_stay(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_fills();
	RETURN QUERY
	WITH fill AS MATERIALIZED (
		SELECT s.visit_id AS stay_id, s.admitted_at::date AS admitted_on, s.until::date AS until, f.people_id, f.visit_id, f.facility_id, f.dispensed_at::date AS day,
			medaudit.drug_level(medaudit.code_fold(f.book_code), parameters ->> 'drug_level') AS drug, sum(f.amount) AS amount, sum(f.quantity) AS quantity
		FROM medaudit_work.visit AS s
		JOIN medaudit_work.fill AS f ON f.people_id = s.people_id AND NOT f.stay AND f.visit_id <> s.visit_id
			AND f.dispensed_at::date > s.admitted_at::date AND f.dispensed_at::date < s.until::date
		JOIN medaudit_work.span AS o ON o.visit_id = f.visit_id AND NOT coalesce(o.referred, false) AND o.judged_at IS NOT NULL
		WHERE s.stay AND s.judged_at IS NOT NULL AND s.facility_id IS NOT NULL AND o.provider_id <> s.provider_id
			AND extract(year FROM s.admitted_at) IN (SELECT y.year FROM medaudit._fill_years() AS y (year))
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(f.quantity) > 0
	), curve AS MATERIALIZED (
		SELECT b.stay_id, c.drug, c.dispensed_on, c.stock_before, lag(c.dispensed_on) OVER w AS previous_on, lag(c.days_supply) OVER w AS previous_days
		FROM (
			SELECT s.stay_id, medaudit.fills(h.book_code, h.days_supply, coalesce(h.amount, 0), h.dispensed_at, h.facility_id, h.fill_id,
				h.visit_id || chr(31) || h.original_line_id) AS book
			FROM (SELECT DISTINCT f.stay_id, f.people_id, f.admitted_on, f.until FROM fill AS f) AS s
			JOIN medaudit_work.fill AS h ON h.people_id = s.people_id AND h.dispensed_at < s.until
				AND h.dispensed_at >= make_date(extract(year FROM s.admitted_on)::int - 1, 1, 1)
			WHERE (parameters ->> 'leave_out_refills')::bool
			GROUP BY s.stay_id
		) AS b
		CROSS JOIN LATERAL medaudit.stock_curve(b.book, parameters ->> 'drug_level') AS c
		WINDOW w AS (PARTITION BY b.stay_id, c.drug ORDER BY c.dispensed_on, c.facility_id COLLATE "C")
	), dispensing AS (
		SELECT f.stay_id, f.visit_id, f.facility_id, f.day, sum(f.amount) AS amount, bool_and(EXISTS (
			SELECT FROM curve AS c
			WHERE c.stay_id = f.stay_id AND c.drug = f.drug AND c.dispensed_on = f.day AND c.previous_on < f.admitted_on AND c.previous_days >= 7 AND c.stock_before <= greatest(3, 0.2 * c.previous_days)
				AND f.day - c.previous_on <= 2 * c.previous_days)) AS refill
		FROM fill AS f GROUP BY f.stay_id, f.visit_id, f.facility_id, f.day
	)
	SELECT (medaudit.run_group(
		key => a.visit_id,
		person_id => a.person_id,
		facility_id => a.facility_id,
		visit_ids => array_prepend(a.visit_id, e.visit_ids),
		involved_amount => e.amount,
		evidence => jsonb_strip_nulls(jsonb_build_object('limit', 0, 'window', ARRAY[a.admitted_at::date, a.until::date], 'dispensings', e.times,
			'amount', e.amount, 'refills_left_out', nullif(e.refills, 0),
			'formula', format('%s dispensings elsewhere between %s and %s', e.times, a.admitted_at::date, a.until::date))),
		evidence_text => concat(coalesce(a.person_name, a.person_id), '在',
			medaudit._stay_record_zh(a.facility_name, a.facility_id, a.admitted_at, a.discharged_at, a.record_no, a.visit_id),
			'住院期间，', e.text, CASE WHEN e.times > 3 THEN '等共' || e.times || '次' END, '，药费合计' || medaudit.money_zh(e.amount),
			'（另有' || nullif(e.refills, 0) || '次为住院前已用药品的按时续配，未计入）', '。'))).*
	FROM (
		SELECT d.stay_id, count(*) FILTER (WHERE NOT d.refill) AS times, count(*) FILTER (WHERE d.refill) AS refills,
			sum(d.amount) FILTER (WHERE NOT d.refill) AS amount, array_agg(DISTINCT d.visit_id) FILTER (WHERE NOT d.refill) AS visit_ids,
			string_agg(concat('于', medaudit.date_zh(d.day), '在', medaudit._fill_place_zh(d.facility_id), '配药'), '、' ORDER BY d.day, d.facility_id COLLATE "C")
				FILTER (WHERE d.place <= 3 AND NOT d.refill) AS text
		FROM (
			SELECT i.*, row_number() OVER (PARTITION BY i.stay_id, i.refill ORDER BY i.day, i.facility_id COLLATE "C", i.visit_id COLLATE "C") AS place
			FROM dispensing AS i
		) AS d
		GROUP BY d.stay_id HAVING count(*) FILTER (WHERE NOT d.refill) > 0
	) AS e
	JOIN medaudit_work.visit AS a ON a.visit_id = e.stay_id;
END
$$;

COMMENT ON FUNCTION _ask_drugs_in_stay(bigint, text, jsonb) IS
	'住院期间院外购药: stays on whose inner dates drugs were dispensed elsewhere, without a referral, and not merely refilled at the normal pace';

-- Of most drugs and visits a row of supply_limit holds, or none does, whatever the
-- diagnoses are: those are told once for all.
CREATE OR REPLACE FUNCTION _fills_without_limit() RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	work_mem_before text := current_setting('work_mem');
	without_limit bigint;
BEGIN
	PERFORM medaudit._share_work_mem(4);
	without_limit := (
		WITH dispensed AS MATERIALIZED (
			SELECT f.visit_id, f.visit_type, f.drug_code, f.take_home, v.main_diagnosis
			FROM medaudit_work.fill AS f
			JOIN medaudit_work.visit AS v ON v.visit_id = f.visit_id AND v.judged
			WHERE f.quantity > 0 AND f.claimed IS DISTINCT FROM 0
		), told AS MATERIALIZED (
			SELECT c.visit_type, c.drug_code, c.take_home, medaudit._supply_limit(c.visit_type, c.drug_code, NULL, c.take_home) AS limit_days,
				medaudit._supply_limit(c.visit_type, c.drug_code, ARRAY(SELECT l.diagnosis_prefix FROM medaudit.supply_limit AS l), c.take_home) IS NOT NULL AS may_hold
			FROM (SELECT DISTINCT d.visit_type, d.drug_code, d.take_home FROM dispensed AS d) AS c
		)
		SELECT count(*) FILTER (WHERE NOT t.may_hold OR (SELECT medaudit._supply_limit(d.visit_type, d.drug_code, g.codes || g.main || d.main_diagnosis, d.take_home)) IS NULL)
		FROM dispensed AS d
		JOIN told AS t ON t.limit_days IS NULL AND t.drug_code = d.drug_code AND coalesce(t.visit_type, '') = coalesce(d.visit_type, '')
			AND t.visit_type IS NOT DISTINCT FROM d.visit_type AND t.take_home IS NOT DISTINCT FROM d.take_home
		LEFT JOIN medaudit_work.diagnosis AS g ON t.may_hold AND g.visit_id = d.visit_id
	);
	PERFORM set_config('work_mem', work_mem_before, true);
	RETURN without_limit;
END
$$;

COMMENT ON FUNCTION _fills_without_limit() IS
	'无限量规定的配药: dispensings of judged visits that the fund was asked for and for which supply_limit has no row. Only within an audit run';

-- What was not judged for want of days, doses or limits.
CREATE OR REPLACE PROCEDURE _run_quality_fills(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked text[] := ARRAY(SELECT r.kind FROM medaudit._rules_of_run(run_no) AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.book = 'fills' WHERE r.missing IS NULL);
	n record;
BEGIN
	IF asked = '{}' THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_fills();
	SELECT count(*) FILTER (WHERE f.days_supply IS NULL) AS no_days,
		count(*) FILTER (WHERE (f.units_per_day IS NULL OR f.pack IS NULL) AND f.claimed IS DISTINCT FROM 0) AS no_dose
	INTO n
	FROM medaudit_work.fill AS f
	JOIN medaudit_work.visit AS v ON v.visit_id = f.visit_id AND v.judged
	WHERE f.quantity > 0;
	IF asked && '{early_refills,stockpiles,many_facilities,duplicate_therapy}'::text[] THEN
		CALL medaudit._run_note(run_no, 'charge', 'a dispensed drug whose days of supply are not known',
			'门诊或带药药品的用药天数无法确定，未计入持有量', n.no_days);
	END IF;
	IF 'long_supply' = ANY (asked) THEN
		CALL medaudit._run_note(run_no, 'charge', 'a dispensed drug whose dose or pack is not known: not compared with supply_limit',
			'药品的用法用量或包装数量无法确定，未与处方限量比较', n.no_dose);
		CALL medaudit._run_note(run_no, 'charge', 'a dispensed drug for which supply_limit has no row: not judged',
			'处方限量（supply_limit）没有适用于该药品的天数，未作判断', medaudit._fills_without_limit());
	END IF;
	IF 'drugs_in_stay' = ANY (asked) AND EXISTS (SELECT FROM medaudit_work.span AS o WHERE o.provider_id IS NULL) THEN
		SELECT count(DISTINCT f.visit_id) AS no_place INTO n
		FROM medaudit_work.visit AS s
		JOIN medaudit_work.fill AS f ON f.people_id = s.people_id AND NOT f.stay AND f.visit_id <> s.visit_id
			AND f.dispensed_at::date > s.admitted_at::date AND f.dispensed_at::date < s.until::date
		JOIN medaudit_work.span AS o ON o.visit_id = f.visit_id AND o.provider_id IS NULL
		WHERE s.stay AND s.judged AND s.facility_id IS NOT NULL;
		CALL medaudit._run_note(run_no, 'visit', 'a dispensing during a stay whose facility is not known: not judged',
			'住院期间的配药机构不明，未作判断', n.no_place);
	END IF;
	CALL medaudit._run_quality_prescriptions(run_no, asked);
END
$$;

COMMENT ON PROCEDURE _run_quality_fills(bigint) IS
	'配药数据质量: counts drugs of judged visits whose days, dose or limit is not known, where a run asks rules over them';
