-- What a run asks of the stock of facilities, by whole months: the movements of its
-- months and of the 730 days before them are gathered once, and each month is asked of
-- them as stock_check(), trace_uses() and card_price_gaps() ask the warehouse.
--
-- Cost: one pass over the movements and one over those of the months, for what was sent
-- again, then per month what these functions cost; of trace
-- codes only those are kept that come more than once, or of which parts were sold.

CREATE OR REPLACE PROCEDURE _run_gather_stock(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	months record;
BEGIN
	IF medaudit._run_made('stock_move') THEN
		RETURN;
	END IF;
	SELECT min(p.from_date) AS from_date, max(p.to_date) AS to_date INTO months FROM medaudit._run_periods(run_no, 'month') AS p;
	PERFORM medaudit._empty('stock_move', 'stock_use', 'stock_place', 'stock_month');
	EXECUTE format('INSERT INTO medaudit_work.stock_move SELECT s.* FROM %s AS s', medaudit._stock_query()) USING months.from_date, months.to_date;
	PERFORM medaudit._analyze('stock_move');
	INSERT INTO medaudit_work.stock_use
	SELECT m.* FROM medaudit_work.stock_move AS m
	WHERE m.class IN ('sale', 'sale_return') AND medaudit._is_trace_code(m.trace_code) AND (m.split_pack OR hashtextextended(m.trace_code, 0) IN (
		SELECT hashtextextended(i.trace_code, 0) FROM medaudit_work.stock_move AS i
		WHERE i.class IN ('sale', 'sale_return') AND i.trace_code IS NOT NULL GROUP BY 1 HAVING count(*) > 1));
	PERFORM medaudit._analyze('stock_use');
	CALL medaudit._run_read_stock_places();
END
$$;

COMMENT ON PROCEDURE _run_gather_stock(bigint) IS
	'汇集进销存: reads, once in a run, what moved in its whole months and the 730 days before them into working tables';

-- What is a pharmacy, the rules over cards ask the same function.
CREATE OR REPLACE PROCEDURE _run_read_stock_places()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.stock_place (facility_id, subject_kind)
	SELECT m.facility_id, CASE WHEN coalesce(p.pharmacy, medaudit._is_pharmacy(NULL, m.facility_id)) THEN 'pharmacy' ELSE 'facility' END
	FROM (SELECT DISTINCT i.facility_id FROM medaudit_work.stock_move AS i) AS m
	LEFT JOIN medaudit._swipe_places() AS p ON p.facility_id = m.facility_id;
END
$$;

COMMENT ON PROCEDURE _run_read_stock_places() IS
	'进销存机构: facilities whose movements the run has read, and whether each is a pharmacy. Only within an audit run';

-- Each month is checked once for all rules and for the data quality.
CREATE OR REPLACE PROCEDURE _run_check_stock(begins date, ends date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._run_made('stock_month ' || begins) THEN
		INSERT INTO medaudit_work.stock_month
		SELECT begins, c.* FROM medaudit._stock_check('medaudit_work.stock_move', begins, ends, false) AS c
		WHERE c.outcome <> 'balanced';
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_check_stock(date, date) IS
	'核对一个月: what stock_check() says of the products of a month that are not balanced. Only within an audit run';

-- The name under which the catalogue knows a product.
CREATE OR REPLACE FUNCTION _stock_names() RETURNS TABLE (product_code text, name text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._is_bound('item', 'name') THEN
		RETURN QUERY EXECUTE format('SELECT u.code, min(c.name COLLATE "C") FROM (SELECT %s FROM medaudit_data.item AS c) AS c '
			'CROSS JOIN LATERAL unnest(ARRAY[c.item_code, medaudit.code_fold(c.national_code)]) AS u (code) WHERE u.code IS NOT NULL AND c.name IS NOT NULL GROUP BY u.code',
			medaudit._bound_list('item', '{item_code,national_code,name}'));
	END IF;
END
$$;

COMMENT ON FUNCTION _stock_names() IS
	'商品名称: names of the bound catalogue by item code and by national code; no rows where none is bound';

-- Lines that tell what a finding rests on make the group; MONEY: they are in excess.
CREATE OR REPLACE FUNCTION _stock_groups(ends date) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit_work.group_line AS l SET item_name = n.name FROM medaudit._stock_names() AS n
	WHERE n.product_code = l.item_code AND l.item_name IS NULL;
	UPDATE medaudit_work.group_line AS l SET evidence_text = coalesce(l.item_name, l.item_code) || l.evidence_text
	WHERE starts_with(l.evidence_text, '：');
	-- its lines name no visits: what it is, its facts say
	INSERT INTO medaudit_work.content (subject_id, key, content)
	SELECT g.facility_id, g.key, concat_ws('|', trim_scale(g.gross_amount), trim_scale(g.involved_amount), g.certainty, g.evidence) FROM medaudit_work.stock_group AS g;
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_kind => p.subject_kind,
		subject_id => g.facility_id,
		key => g.key,
		facility_id => g.facility_id,
		excess_quantity => g.excess_quantity,
		gross_amount => g.gross_amount,
		involved_amount => coalesce(g.involved_amount, g.gross_amount),
		certainty => g.certainty,
		evidence => jsonb_strip_nulls(g.evidence || jsonb_build_object('product_name', coalesce(n.name, g.evidence ->> 'product'))),
		judged_on => ends - 1)).*
	FROM medaudit_work.stock_group AS g
	JOIN medaudit_work.stock_place AS p ON p.facility_id = g.facility_id
	LEFT JOIN medaudit._stock_names() AS n ON n.product_code = g.evidence ->> 'product';
END
$$;

COMMENT ON FUNCTION _stock_groups(date) IS
	'进销存判定结果: what stands in medaudit_work.stock_group as groups of a run, judged on the last day before a date. Only within an audit run';

-- Where nothing but transfers and adjustments leads below what was lacking before, they
-- may have been entered before their counterparts.
CREATE OR REPLACE FUNCTION _stock_short_of_moves(begins date, ends date) RETURNS TABLE (facility_id text, product_code text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
	SELECT l.facility_id, l.product_code
	FROM (
		SELECT d.facility_id, d.product_code, d.opening,
			d.opening + sum(sum(s.quantity) FILTER (WHERE s.class NOT IN ('transfer', 'adjustment'))) OVER (PARTITION BY d.facility_id, d.product_code ORDER BY s.at::date) AS level
		FROM medaudit_work.stock_month AS d
		JOIN medaudit_work.stock_move AS s ON s.facility_id = d.facility_id AND s.product_code = d.product_code
		WHERE d.month = begins AND d.outcome = 'deficit' AND s.at >= begins AND s.at < ends AND s.class NOT IN ('count', 'opening')
		GROUP BY d.facility_id, d.product_code, d.opening, s.at::date
	) AS l
	GROUP BY l.facility_id, l.product_code, l.opening
	HAVING coalesce(min(l.level), 0) >= least(l.opening, 0)
$$;

COMMENT ON FUNCTION _stock_short_of_moves(date, date) IS
	'仅因调拨、损溢短缺: products of a month that lack something, and without their transfers and adjustments would lack nothing more than before. Only within an audit run';

-- More was sold than there was, never more than was sold.  What the months before lack
-- already is theirs.
CREATE OR REPLACE FUNCTION _ask_stock_deficit(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	month record;
BEGIN
	CALL medaudit._run_gather_stock(run_no);
	SELECT p.from_date, p.to_date INTO month FROM medaudit_work.period AS p;
	CALL medaudit._run_check_stock(month.from_date, month.to_date);
	PERFORM medaudit._empty('stock_group');
	INSERT INTO medaudit_work.stock_group (facility_id, key, excess_quantity, gross_amount, evidence)
	SELECT d.facility_id, NULL, d.excess, round(d.oversold_amount * d.excess / d.oversold, 2),
		jsonb_build_object('product', d.product_code, 'window', ARRAY[month.from_date, month.to_date - 1], 'opening', d.opening, 'purchased', d.purchased,
			'sold', d.sold, 'other', d.other, 'closing', d.closing, 'lowest', d.lowest, 'carried', nullif(d.carried, 0),
			'formula', format('%s in excess of what there was: lowest balance %s at the end of a date, opening %s', d.excess, d.lowest, d.opening))
	FROM (SELECT m.*, greatest(-m.opening, 0) AS carried, least(m.oversold - greatest(-m.opening, 0), m.sold) AS excess FROM medaudit_work.stock_month AS m
		WHERE m.month = month.from_date AND m.outcome = 'deficit'
			AND (m.facility_id, m.product_code) NOT IN (SELECT o.facility_id, o.product_code FROM medaudit._stock_short_of_moves(month.from_date, month.to_date) AS o)) AS d
	WHERE d.excess > 0 AND d.sold > 0 AND d.excess >= (parameters ->> 'min_share')::numeric * d.sold
		AND coalesce(d.oversold_amount * d.excess / d.oversold, 0) >= (parameters ->> 'min_amount')::numeric;
	-- the dates on which the lack grew, in share
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, item_code, charged_at, quantity, amount, facility_id, excess_quantity, excess_amount, evidence,
		evidence_text)
	SELECT t.facility_id, t.product || '@' || min(t.day) OVER same, row_number() OVER so_far, t.product, t.day, trim_scale(t.sold), round(t.amount, 2),
		t.facility_id, trim_scale(t.lack - t.lack_before),
		round(t.gross * (t.lack - t.carried) / t.excess, 2) - round(t.gross * (t.lack_before - t.carried) / t.excess, 2),
		jsonb_build_object('balance', trim_scale(t.level)),
		concat('：', medaudit.date_zh(t.day), '销售', trim_scale(coalesce(t.sold, 0)), '，当日结存', trim_scale(t.level), '，超出库存', trim_scale(t.lack - t.lack_before),
			'，折合' || medaudit.money_zh(round(t.gross * (t.lack - t.carried) / t.excess, 2) - round(t.gross * (t.lack_before - t.carried) / t.excess, 2)), '。')
	FROM (
		SELECT l.*, coalesce(lag(l.lack) OVER (PARTITION BY l.facility_id, l.product ORDER BY l.day), l.carried) AS lack_before
		FROM (
			SELECT d.*, least(greatest(d.carried, -min(d.level) OVER (PARTITION BY d.facility_id, d.product ORDER BY d.day)), d.carried + d.excess) AS lack
			FROM (
				SELECT g.facility_id, g.evidence ->> 'product' AS product, g.gross_amount AS gross, g.excess_quantity AS excess, n.day, n.sold, n.amount,
					coalesce((g.evidence ->> 'carried')::numeric, 0) AS carried,
					(g.evidence ->> 'opening')::numeric + sum(n.net) OVER (PARTITION BY g.facility_id, g.evidence ->> 'product' ORDER BY n.day) AS level
				FROM medaudit_work.stock_group AS g
				JOIN (
					SELECT m.facility_id, m.product_code, m.at::date AS day, sum(m.quantity) AS net,
						-sum(m.quantity) FILTER (WHERE m.class IN ('sale', 'sale_return')) AS sold, sum(m.amount) FILTER (WHERE m.class IN ('sale', 'sale_return')) AS amount
					FROM medaudit_work.stock_move AS m
					WHERE m.at >= month.from_date AND m.at < month.to_date AND m.class NOT IN ('count', 'opening')
					GROUP BY m.facility_id, m.product_code, m.at::date
				) AS n ON n.facility_id = g.facility_id AND n.product_code = g.evidence ->> 'product'
			) AS d
		) AS l
	) AS t
	WHERE t.lack > t.lack_before
	WINDOW same AS (PARTITION BY t.facility_id, t.product), so_far AS (PARTITION BY t.facility_id, t.product ORDER BY t.day);
	UPDATE medaudit_work.stock_group AS g
	SET key = l.key, evidence = g.evidence || jsonb_build_object('first_negative_on', l.charged_at::date)
	FROM medaudit_work.group_line AS l
	WHERE l.subject_id = g.facility_id AND l.item_code = g.evidence ->> 'product' AND l.line_no = 1 AND l.key = concat(l.item_code, '@', l.charged_at::date)
		AND l.charged_at >= month.from_date;
	RETURN QUERY SELECT g.* FROM medaudit._stock_groups(month.to_date) AS g;
END
$$;

COMMENT ON FUNCTION _ask_stock_deficit(bigint, text, jsonb) IS
	'进销存不符: products of a month of which more was sold than there was, by min_amount yuan and min_share of what was sold at least';

-- What was sold and never came in.  Of facilities that send no purchases nothing is
-- known, and where their records are short it may have been there before.
CREATE OR REPLACE FUNCTION _ask_never_purchased(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	month record;
BEGIN
	CALL medaudit._run_gather_stock(run_no);
	SELECT p.from_date, p.to_date, to_char(p.from_date, 'YYYY-MM') AS name INTO month FROM medaudit_work.period AS p;
	CALL medaudit._run_check_stock(month.from_date, month.to_date);
	PERFORM medaudit._empty('stock_group');
	INSERT INTO medaudit_work.stock_group (facility_id, key, involved_amount, certainty, evidence)
	SELECT d.facility_id, concat(d.product_code, '@', month.name), d.sold_amount,
		CASE WHEN h.first_on > month.from_date - (parameters ->> 'min_history_days')::int THEN 'notice' END,
		jsonb_build_object('product', d.product_code, 'window', ARRAY[month.from_date, month.to_date - 1], 'sold', d.sold, 'sold_amount', d.sold_amount,
			'records_from', h.first_on, 'formula', format('%s sold, none purchased in 730 days, records read from %s on', d.sold, h.first_on))
	FROM medaudit_work.stock_month AS d
	JOIN (
		SELECT m.facility_id, min(m.at)::date AS first_on FROM medaudit_work.stock_move AS m
		WHERE m.at >= month.from_date - 730 AND m.at < month.to_date
		GROUP BY m.facility_id HAVING bool_or(m.class = 'purchase')
	) AS h ON h.facility_id = d.facility_id
	WHERE d.month = month.from_date AND d.outcome = 'never_purchased';
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, item_code, charged_at, quantity, amount, facility_id, person_id)
	SELECT g.facility_id, g.key, row_number() OVER (PARTITION BY g.facility_id, g.key ORDER BY m.at, m.person_id COLLATE "C", m.quantity, m.amount), m.product_code, m.at,
		trim_scale(-m.quantity), round(m.amount, 2), m.facility_id, m.person_id
	FROM medaudit_work.stock_group AS g
	JOIN medaudit_work.stock_move AS m ON m.facility_id = g.facility_id AND m.product_code = g.evidence ->> 'product' AND m.at >= month.from_date
		AND m.at < month.to_date AND m.class IN ('sale', 'sale_return');
	RETURN QUERY SELECT g.* FROM medaudit._stock_groups(month.to_date) AS g;
END
$$;

COMMENT ON FUNCTION _ask_never_purchased(bigint, text, jsonb) IS
	'无采购记录: products that a facility sold in a month and that never came in within 730 days; a notice where its records begin less than min_history_days before';

-- Codes of which a pack more is out at the end of the month than at its beginning, for
-- a sale in it.  The last to sell has to say where he had it from.
-- Which sale was the last is not known where one of its date elsewhere is at the same
-- time or either has no time of day: then all of them are named, and it is a notice.
CREATE OR REPLACE FUNCTION _ask_trace_reuse(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
DECLARE
	month record;
BEGIN
	CALL medaudit._run_gather_stock(run_no);
	SELECT p.from_date, p.to_date, to_char(p.from_date, 'YYYY-MM') AS name INTO month FROM medaudit_work.period AS p;
	PERFORM medaudit._empty('stock_group');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.stock_group (facility_id, key, involved_amount, certainty, evidence)
		SELECT l.facility_id, t.trace_code || '@' || $4, round(l.amount, 2), CASE WHEN e.facility_ids IS NOT NULL THEN 'notice' END, jsonb_build_object('trace_code', t.trace_code, 'product', l.product_code,
			'window', ARRAY[t.first_at::date, t.last_at::date], 'sold_at', l.at, 'sales', t.sales, 'returns', nullif(t.returns, 0), 'used', t.used,
			'excess_sales', t.excess_sales, 'facilities', t.facilities, 'persons', nullif(t.persons, 0), 'facility_ids', t.facility_ids, 'last_sellers', e.facility_ids,
			'formula', format('%%s packs of one code are out, %%s before the month', t.used, t.used_before))
		FROM (%s) AS t
		JOIN (
			SELECT DISTINCT ON (m.trace_code) m.trace_code, m.facility_id, m.product_code, m.at, m.amount
			FROM medaudit_work.stock_use AS m WHERE m.class = 'sale' AND m.at >= $1 AND m.at < $2
			ORDER BY m.trace_code, m.at DESC, m.facility_id COLLATE "C" DESC, m.amount DESC NULLS LAST, m.product_code
		) AS l ON l.trace_code = t.trace_code
		LEFT JOIN (
			SELECT m.trace_code, array_agg(DISTINCT m.facility_id COLLATE "C" ORDER BY m.facility_id COLLATE "C") AS facility_ids
			FROM medaudit_work.stock_use AS m
			JOIN (
				SELECT u.trace_code, max(u.at) AS at FROM medaudit_work.stock_use AS u WHERE u.class = 'sale' AND u.at >= $1 AND u.at < $2 GROUP BY u.trace_code
			) AS x ON x.trace_code = m.trace_code AND x.at::date = m.at::date AND (x.at = m.at OR m.at::time = '00:00')
			WHERE m.class = 'sale'
			GROUP BY m.trace_code HAVING count(DISTINCT m.facility_id) > 1
		) AS e ON e.trace_code = t.trace_code
		WHERE t.status = 'reused' AND t.used > greatest(t.used_before, 1) AND t.sales <= $3$sql$,
		medaudit._trace_query('medaudit_work.stock_use', 'medaudit_work.stock_move'))
	USING month.from_date, month.to_date, (parameters ->> 'max_sales')::int, month.name;
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, item_code, charged_at, quantity, amount, facility_id, person_id, evidence)
	SELECT g.facility_id, g.key, row_number() OVER (PARTITION BY g.facility_id, g.key ORDER BY m.at, m.class COLLATE "C", m.facility_id COLLATE "C", m.person_id COLLATE "C",
			m.quantity, m.amount, m.product_code COLLATE "C"),
		m.product_code, m.at, trim_scale(-m.quantity), round(m.amount, 2), m.facility_id, m.person_id, jsonb_build_object('class', m.class, 'split_pack', nullif(m.split_pack, false))
	FROM medaudit_work.stock_group AS g
	JOIN medaudit_work.stock_use AS m ON m.trace_code = g.evidence ->> 'trace_code' AND m.at >= month.from_date - 730 AND m.at < month.to_date;
	RETURN QUERY SELECT g.* FROM medaudit._stock_groups(month.to_date) AS g;
END
$$;

COMMENT ON FUNCTION _ask_trace_reuse(bigint, text, jsonb) IS
	'追溯码重复: trace codes that a sale of the month made used once more than before, of which there are max_sales sales at most: more are no code of a pack';

-- Dearer by card than for cash.
CREATE OR REPLACE FUNCTION _ask_card_price(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	month record;
BEGIN
	CALL medaudit._run_gather_stock(run_no);
	SELECT p.from_date, p.to_date INTO month FROM medaudit_work.period AS p;
	PERFORM medaudit._empty('stock_group');
	INSERT INTO medaudit_work.stock_group (facility_id, key, gross_amount, evidence)
	SELECT d.facility_id, concat(d.product_code, '@', greatest(d.week, month.from_date)), d.excess_amount,
		jsonb_build_object('product', d.product_code, 'week', d.week, 'window', ARRAY[greatest(d.week, month.from_date), least(d.week + 6, month.to_date - 1)],
			'card_price', d.card_price, 'cash_price', d.cash_price, 'card_sales', d.card_sales, 'cash_sales', d.cash_sales,
			'formula', format('median by card %s > %s for cash * (1 + %s)', d.card_price, d.cash_price, parameters ->> 'tolerance'))
	FROM medaudit._card_price_gaps('medaudit_work.stock_move', month.from_date, month.to_date, (parameters ->> 'tolerance')::numeric,
		(parameters ->> 'min_sales')::int) AS d
	WHERE d.excess_amount >= (parameters ->> 'min_amount')::numeric;
	-- a line for each price above that for cash
	INSERT INTO medaudit_work.group_line (subject_id, key, line_no, item_code, charged_at, quantity, amount, facility_id, excess_amount, evidence, evidence_text)
	SELECT k.facility_id, k.key, row_number() OVER so_far, k.product, k.at, trim_scale(k.quantity), round(k.quantity * k.price, 2), k.facility_id,
		round(sum(k.quantity * k.above) OVER so_far, 2) - round(sum(k.quantity * k.above) OVER so_far - k.quantity * k.above, 2),
		jsonb_build_object('price', trim_scale(round(k.price, 6))),
		concat('：', medaudit.date_zh(k.at::date), '起刷卡销售', trim_scale(k.quantity), '，单价', trim_scale(round(k.price, 6)), '元，现金中位单价',
			trim_scale(round(k.price - k.above, 6)), '元，高出', medaudit.money_zh(k.quantity * k.above), '。')
	FROM (
		SELECT g.facility_id, g.key, g.evidence ->> 'product' AS product, min(m.at) AS at, m.price, -sum(m.quantity) AS quantity,
			m.price - (g.evidence ->> 'cash_price')::numeric AS above
		FROM medaudit_work.stock_group AS g
		JOIN medaudit_work.stock_move AS m ON m.facility_id = g.facility_id AND m.product_code = g.evidence ->> 'product'
			AND m.at >= (g.evidence #>> '{window,0}')::date AND m.at < (g.evidence #>> '{window,1}')::date + 1
			AND m.class IN ('sale', 'sale_return') AND m.pay_method = 'insured' AND NOT m.split_pack AND m.price > (g.evidence ->> 'cash_price')::numeric
		GROUP BY g.facility_id, g.key, g.evidence, m.price HAVING sum(m.quantity) < 0
	) AS k
	WINDOW so_far AS (PARTITION BY k.facility_id, k.key ORDER BY k.price);
	RETURN QUERY SELECT g.* FROM medaudit._stock_groups(month.to_date) AS g;
END
$$;

COMMENT ON FUNCTION _ask_card_price(bigint, text, jsonb) IS
	'刷卡价高于现金价: products and weeks of a month whose median price by card is above that for cash by more than tolerance, min_sales sales of each and min_amount yuan at least';

-- What was not judged: what was there is not known, codes that are none.
CREATE OR REPLACE PROCEDURE _run_quality_stock(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
DECLARE
	asked text[] := ARRAY(SELECT r.kind FROM medaudit._rules_of_run(run_no) AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.book = 'stock' WHERE r.missing IS NULL);
	most int;
	month record;
	n record;
	many bigint := 0;
	unknown bigint := 0;
	short bigint := 0;
BEGIN
	IF asked = '{}' OR NOT EXISTS (SELECT FROM medaudit._run_periods(run_no, 'month')) THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_stock(run_no);
	CALL medaudit._run_quality_moves(run_no);
	IF asked && '{stock_deficit,never_purchased}'::text[] THEN
		FOR month IN SELECT p.from_date, p.to_date FROM medaudit._run_periods(run_no, 'month') AS p LOOP
			CALL medaudit._run_check_stock(month.from_date, month.to_date);
			short := short + (SELECT count(*) FROM medaudit._stock_short_of_moves(month.from_date, month.to_date) AS s);
		END LOOP;
		SELECT count(*) FILTER (WHERE m.outcome = 'insufficient' AND NOT m.opening_known) AS opening,
			count(*) FILTER (WHERE m.outcome = 'insufficient' AND m.opening_known) AS units,
			count(*) FILTER (WHERE m.outcome = 'deficit' AND m.oversold_amount IS NULL) AS price,
			count(*) FILTER (WHERE m.outcome = 'never_purchased' AND NOT EXISTS (SELECT FROM medaudit_work.stock_move AS s
				WHERE s.facility_id = m.facility_id AND s.class = 'purchase')) AS purchases
		INTO n FROM medaudit_work.stock_month AS m;
		CALL medaudit._run_note(run_no, 'stock_move', 'a product of a month whose balance is below 0, and whose opening stock is not known: not judged',
			'当月结存为负的商品没有期初或盘点数量，未作判断', n.opening);
		CALL medaudit._run_note(run_no, 'stock_move', 'a product of a month whose packs, of which parts were sold, do not say how many units they hold, or whose batches were counted on different dates while movements or counts name no batch: not judged',
			'有拆零销售而整盒没有单位换算，或各批次盘点日期不同而有记录没有批号的商品，未作判断', n.units);
		CALL medaudit._run_note(run_no, 'stock_move', 'a product of a month whose balance is below 0 only by transfers or adjustments, perhaps entered before their counterpart: not judged',
			'仅因调拨或损溢使当月结存为负的商品，对应记录可能尚未录入，未作判断', short);
		CALL medaudit._run_note(run_no, 'stock_move', 'a product of a month of which more was sold than there was, without any price: not judged',
			'超售商品没有销售单价，未作判断', n.price);
		CALL medaudit._run_note(run_no, 'stock_move', 'a product sold in a month by a facility that sends no purchases: not judged',
			'机构没有上传任何采购记录，其销售的商品未作判断', n.purchases);
	END IF;
	IF 'trace_reuse' = ANY (asked) THEN
		SELECT min((medaudit._rule_parameters(r.rule_code) ->> 'max_sales')::int) INTO most
		FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'trace_reuse' AND r.missing IS NULL;
		FOR month IN SELECT p.from_date, p.to_date FROM medaudit._run_periods(run_no, 'month') AS p LOOP
			EXECUTE format('SELECT count(*) FILTER (WHERE t.status = ''reused'' AND t.sales > $3) AS many, count(*) FILTER (WHERE t.status = ''insufficient'') AS unknown FROM (%s) AS t',
				medaudit._trace_query('medaudit_work.stock_use', 'medaudit_work.stock_move')) INTO n USING month.from_date, month.to_date, most;
			many := many + n.many;
			unknown := unknown + n.unknown;
		END LOOP;
		CALL medaudit._run_note(run_no, 'stock_move', 'a trace code with so many sales that it is no code of a pack: not judged', '销售次数过多、不是单盒编码的追溯码，未作判断', many);
		CALL medaudit._run_note(run_no, 'stock_move', 'a trace code of which parts were sold, of a product whose pack is not known: not judged',
			'拆零销售的追溯码所属商品的包装数量无法确定，未作判断', unknown);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_stock(bigint) IS
	'进销存数据质量: counts, by month, what rules over stock could not judge, where a run asks some';

CREATE OR REPLACE PROCEDURE _run_quality_moves(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	months record;
	n record;
BEGIN
	SELECT min(p.from_date) AS from_date, max(p.to_date) AS to_date INTO months FROM medaudit._run_periods(run_no, 'month') AS p;
	EXECUTE format($sql$
		SELECT count(*) FILTER (WHERE m.facility_id IS NULL OR m.product_code IS NULL OR m.at IS NULL OR m.quantity IS NULL) AS lacking,
			count(*) FILTER (WHERE NOT medaudit._is_trace_code(m.trace_code)) AS no_code
		FROM (SELECT %s FROM medaudit_data.stock_move AS c) AS m WHERE m.at >= $1 AND m.at < $2 OR m.at IS NULL$sql$,
		medaudit._bound_list('stock_move', '{facility_id,product_code,at,quantity,trace_code}'))
	INTO n USING months.from_date, months.to_date;
	CALL medaudit._run_note(run_no, 'stock_move', 'facility, product, time or quantity is missing', '进销存记录缺少机构、商品、时间或数量', n.lacking);
	CALL medaudit._run_note(run_no, 'stock_move', 'a trace code that names no pack: too short, of other characters, or a barcode',
		'追溯码不是单盒编码：过短、含其他字符或为商品条码', n.no_code);
	-- what the months sent, less what was kept of it; the query reads from 730 days before
	EXECUTE format('SELECT (SELECT count(*) FROM %s AS s WHERE medaudit._is_trace_code(s.trace_code) IS NOT TRUE AND medaudit._stock_once(s.class, s.trace_code, s.person_id, s.at)) '
		'- (SELECT count(*) FROM medaudit_work.stock_move AS s WHERE s.at >= $1 - 730 AND s.at < $2 AND medaudit._is_trace_code(s.trace_code) IS NOT TRUE '
		'AND medaudit._stock_once(s.class, s.trace_code, s.person_id, s.at)) AS again', medaudit._stock_query(once => false))
	INTO n USING months.from_date + 730, months.to_date;
	CALL medaudit._run_note(run_no, 'stock_move', 'a count, or a sale to one person at one time, that was sent again: counted once',
		'盘点或同一人同一时间的销售记录重复上传，只计一次', n.again);
	SELECT count(*) AS facilities INTO n
	FROM (SELECT FROM medaudit_work.stock_move AS m GROUP BY m.facility_id HAVING bool_or(m.class = 'sale_return') AND NOT bool_or(m.class = 'sale')) AS f;
	CALL medaudit._run_note(run_no, 'stock_move', 'a facility that sends returns of sales and no sale: the sign of its quantities may be wrong, nothing of it is found',
		'机构只有销售退回、没有任何销售记录，数量的正负号可能有误，无法发现问题', n.facilities);
END
$$;

COMMENT ON PROCEDURE _run_quality_moves(bigint) IS
	'进销存记录问题: counts movements of the whole months of a run that say too little, and trace codes that are none';
