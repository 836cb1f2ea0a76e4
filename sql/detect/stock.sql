-- Purchases, sales and stock of facilities (进销存), read from the relation stock_move.
--
-- Everything is counted in smallest units: quantity * unit_factor, and prices are those
-- of one such unit.  Whatever asks reads one query (_stock_query), in which the kind of
-- a movement has become its class; a run keeps the rows of that query in a working
-- table and asks the same functions of it.
--
-- Cost: stock_check() reads the movements of the period and of 730 days before it once,
-- and sorts the days of those products that moved; card_price_gaps() and
-- pharmacist_conflicts() read the period alone.  Memory: within work_mem.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stock_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- A sale that comes in is one that came back, a purchase that goes out likewise.
CREATE OR REPLACE FUNCTION _stock_classes() RETURNS TABLE (kind text, comes_in text, goes_out text)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 40
BEGIN ATOMIC
	SELECT c.kind, CASE c.class WHEN 'sale' THEN 'sale_return' ELSE c.class END, CASE c.class WHEN 'purchase' THEN 'purchase_return' ELSE c.class END
	FROM (SELECT DISTINCT ON (code_fold(t.kind)) code_fold(t.kind) AS kind, t.class FROM stock_class AS t ORDER BY code_fold(t.kind), t.shipped, t.kind, t.class) AS c
	UNION ALL
	SELECT r.kind, 'sale_return', 'purchase_return' FROM unnest('{RETURN,退货}'::text[]) AS r (kind)
	WHERE NOT EXISTS (SELECT FROM stock_class AS t WHERE code_fold(t.kind) = r.kind);
END;

COMMENT ON FUNCTION _stock_classes() IS
	'变动类别: what each kind of stock_class means, folded, where the quantity comes in and where it goes out';

-- A pack moves once, one thing is counted once at one instant, and nobody buys the same
-- twice within one second.  Without a time of day, or a person, equal sales may be two.
CREATE OR REPLACE FUNCTION _stock_once(class text, trace_code text, person_id text, at timestamp) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(_is_trace_code(trace_code), false) OR class IN ('count', 'opening') OR class = 'sale' AND person_id IS NOT NULL AND at > at::date;

COMMENT ON FUNCTION _stock_once(text, text, text, timestamp) IS
	'重复记录: whether movements that are equal in everything are one: with a trace code, counts and openings, sales to a person at a time of day';

CREATE OR REPLACE FUNCTION _stock_query(once bool DEFAULT true) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	query text;
	columns text := 's.facility_id, s.product_code, s.at, s.quantity, s.class, s.price, s.amount, s.trace_code, s.pay_method, s.batch_no, s.split_pack, s.person_id, s.pharmacist_id, s.prescription, s.unit_factor';
BEGIN
	-- each value is read once, though several ask for it: OFFSET 0 keeps what stands below apart
	SELECT format($sql$SELECT q.facility_id, q.product_code, q.at, q.factor * CASE q.class WHEN 'sale_return' THEN abs(q.quantity)
				WHEN 'purchase_return' THEN -abs(q.quantity) ELSE q.quantity END AS quantity, q.class, q.price / q.factor AS price,
			q.price * CASE q.class WHEN 'sale_return' THEN -abs(q.quantity) ELSE -q.quantity END AS amount, q.trace_code,
			CASE WHEN medaudit.code_fold(q.pay_method) IN ('INSURED', '医保', '刷卡') THEN 'insured'
				WHEN medaudit.code_fold(q.pay_method) IN ('CASH', '现金', '自费') THEN 'cash' END AS pay_method,
			q.batch_no, coalesce(q.split_pack, false) AS split_pack, q.person_id, q.pharmacist_id, q.prescription, q.unit_factor
		FROM (
			SELECT n.*, CASE WHEN n.unit_factor > 0 AND n.unit_factor < 'Infinity' THEN n.unit_factor ELSE 1 END AS factor,
				CASE WHEN n.quantity < 0 THEN coalesce(k.goes_out, 'sale') ELSE coalesce(k.comes_in, 'purchase') END AS class
			FROM (SELECT r.*, medaudit.code_fold(r.kind) AS folded FROM (SELECT %s FROM medaudit_data.stock_move AS c) AS r
				WHERE r.at >= $1 - 730 AND r.at < $2 OFFSET 0) AS n
			LEFT JOIN medaudit._stock_classes() AS k ON k.kind = n.folded
			WHERE n.facility_id IS NOT NULL AND n.product_code IS NOT NULL
				AND (n.quantity <> 0 OR n.quantity = 0 AND k.comes_in IN ('count', 'opening'))) AS q$sql$,
		medaudit._bound_list('stock_move')) INTO query;
	IF once THEN
		query := format('SELECT %1$s FROM (%2$s) AS s WHERE NOT medaudit._stock_once(s.class, s.trace_code, s.person_id, s.at) '
			'UNION ALL SELECT DISTINCT %1$s FROM (%2$s) AS s WHERE medaudit._stock_once(s.class, s.trace_code, s.person_id, s.at)', columns, query);
	END IF;
	RETURN '(' || query || ')';
END
$$;

COMMENT ON FUNCTION _stock_query(bool) IS
	'进销存查询: SQL of the movements of the bound stock_move from 730 days before $1 to before $2 that say where, what, when and how much, in smallest units and with their class; once: equal rows of which _stock_once() says so are one';

-- For each product (and batch) that moved in the period.  The opening is what was
-- counted last, and what moved since.  Batches that were counted last on different dates
-- each have their own count and their own movements since; batches that were never
-- counted begin with nothing on the first of these dates.  A count that names no batch
-- is one of the whole product.  Where movements that name no batch, or an earlier count
-- of the whole, lie beside such counts, the opening is unsure.  Whether a count without a time of day was made
-- before or after the movements of its date is not known: it is taken in the way that
-- leaves more.  Units are unsure where parts of packs went out and some whole packs do
-- not say how many units they hold; batches where some movement of the product names none.
CREATE OR REPLACE FUNCTION _stock_check(source text, from_date date, to_date date, by_batch bool)
	RETURNS TABLE (facility_id text, product_code text, batch_no text, opening numeric, opening_known bool, purchased numeric,
	sold numeric, other numeric, closing numeric, lowest numeric, first_negative_on date, oversold numeric, sold_amount numeric,
	oversold_amount numeric, outcome text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	-- of what is put together nobody knows how much it is
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
	WITH move AS MATERIALIZED (
		SELECT s.facility_id, s.product_code, CASE WHEN $3 THEN coalesce(s.batch_no, '') ELSE '' END AS lot, s.batch_no, s.at,
			s.at::date AS day, s.quantity, s.class, s.class IN ('count', 'opening') AS told, s.amount, s.split_pack, s.unit_factor
		FROM %s AS s WHERE s.at >= $1 - 730 AND s.at < $2
	), product AS MATERIALIZED (
		SELECT m.facility_id, m.product_code, $3 AND bool_or(m.batch_no IS NULL) AS lots_unsure,
			bool_or(m.split_pack) AND bool_or(NOT m.split_pack AND m.unit_factor IS NULL AND m.quantity <> 0) AS units_unsure
		FROM move AS m GROUP BY m.facility_id, m.product_code
		HAVING bool_or(m.at >= $1 AND NOT m.told)
	), lot AS MATERIALIZED (
		SELECT m.facility_id, m.product_code, m.lot, bool_or(m.quantity > 0 AND m.class NOT IN ('sale', 'sale_return', 'purchase_return')) AS inbound
		FROM move AS m GROUP BY m.facility_id, m.product_code, m.lot
		HAVING bool_or(m.at >= $1 AND NOT m.told)
	), last_told AS (
		-- apart: what was told last of some batch lies on an earlier date than that of another, and none was told of the whole since
		SELECT t.*, t.first_on < t.last_on AND t.whole_on IS DISTINCT FROM t.last_on AS apart
		FROM (
			SELECT b.*, min(b.told_on) OVER w AS first_on, max(b.told_on) OVER w AS last_on, max(b.told_on) FILTER (WHERE b.batch_no IS NULL) OVER w AS whole_on
			FROM (
				SELECT c.facility_id, c.product_code, c.lot, c.batch_no, c.day AS told_on, sum(c.quantity) AS quantity, c.at, bool_or(c.class = 'count') AS counted
				FROM (
					SELECT m.*, max(m.at) OVER (PARTITION BY m.facility_id, m.product_code, m.lot, m.batch_no) AS last_at
					FROM lot AS l
					JOIN move AS m ON m.facility_id = l.facility_id AND m.product_code = l.product_code AND m.lot = l.lot AND m.day <= $1 AND m.told
				) AS c
				WHERE c.at = c.last_at
				GROUP BY c.facility_id, c.product_code, c.lot, c.batch_no, c.day, c.at
			) AS b
			WINDOW w AS (PARTITION BY b.facility_id, b.product_code, b.lot)
		) AS t
	), told AS MATERIALIZED (
		SELECT t.facility_id, t.product_code, t.lot, t.apart, CASE WHEN t.apart THEN coalesce(t.batch_no, '') END AS part, t.told_on,
			sum(t.quantity) AS quantity, max(t.at) AS at, bool_or(t.counted) AS counted
		FROM last_told AS t WHERE t.apart OR t.told_on = t.last_on
		GROUP BY t.facility_id, t.product_code, t.lot, t.apart, 5, t.told_on
	), apart AS MATERIALIZED (
		SELECT t.facility_id, t.product_code, t.lot, min(t.told_on) AS first_on, bool_or(t.part = '') AS whole
		FROM told AS t WHERE t.apart GROUP BY t.facility_id, t.product_code, t.lot
	), moved AS (
		SELECT m.facility_id, m.product_code, m.lot, w.told_on, w.rest, t.part, coalesce(t.quantity, 0) AS told, coalesce(t.counted, false) AS counted,
			bool_or(a.whole OR m.batch_no IS NULL AND m.day >= a.first_on) AS counts_unsure,
			sum(m.quantity) FILTER (WHERE m.at < $1 AND (w.told_on IS NULL OR w.side > 0)) AS since,
			sum(m.quantity) FILTER (WHERE w.side = 0) AS unsure,
			sum(m.quantity) FILTER (WHERE m.at >= $1 AND w.side < 0) AS before,
			sum(m.quantity) FILTER (WHERE m.at >= $1 AND m.class IN ('purchase', 'purchase_return')) AS purchased,
			-sum(m.quantity) FILTER (WHERE m.at >= $1 AND m.class IN ('sale', 'sale_return')) AS sold,
			sum(m.quantity) FILTER (WHERE m.at >= $1 AND m.class IN ('transfer', 'adjustment')) AS other,
			sum(m.amount) FILTER (WHERE m.at >= $1 AND m.class IN ('sale', 'sale_return')) AS sold_amount,
			-sum(m.quantity) FILTER (WHERE m.at >= $1 AND m.class IN ('sale', 'sale_return') AND m.amount IS NOT NULL) AS priced
		FROM (
			SELECT m.facility_id, m.product_code, m.lot, m.batch_no, m.at, m.day, m.quantity, m.class, m.amount FROM move AS m WHERE NOT m.told
			UNION ALL
			-- a batch of which nothing moved is there as well
			SELECT t.facility_id, t.product_code, t.lot, t.part, t.at, t.told_on, 0, 'none', NULL FROM told AS t WHERE t.apart
		) AS m
		JOIN lot AS l ON l.facility_id = m.facility_id AND l.product_code = m.product_code AND l.lot = m.lot
		LEFT JOIN told AS t ON t.facility_id = m.facility_id AND t.product_code = m.product_code AND t.lot = m.lot
			AND (NOT t.apart OR t.part = coalesce(m.batch_no, ''))
		LEFT JOIN apart AS a ON a.facility_id = m.facility_id AND a.product_code = m.product_code AND a.lot = m.lot
		-- of what was told: before it (-1), after it, or nobody knows (0); the rest: batches of which nothing was told, from the first date on
		CROSS JOIN LATERAL (SELECT coalesce(t.told_on, a.first_on) AS told_on, t.told_on IS NULL AND a.first_on IS NOT NULL AS rest,
			CASE WHEN t.told_on IS NULL THEN sign(m.day - a.first_on) WHEN t.at > t.told_on THEN sign(extract(epoch FROM m.at - t.at))
			ELSE sign(m.day - t.told_on) END AS side) AS w
		GROUP BY m.facility_id, m.product_code, m.lot, w.told_on, w.rest, t.part, t.quantity, t.counted
	), opened_part AS (
		SELECT m.*, CASE WHEN m.told_on IS NULL THEN 0 ELSE m.told + coalesce(m.since, 0)
			+ CASE WHEN m.told_on < $1 AND m.counted THEN greatest(coalesce(m.unsure, 0), 0) WHEN m.told_on < $1 THEN coalesce(m.unsure, 0)
				ELSE CASE WHEN m.counted THEN greatest(-coalesce(m.unsure, 0), 0) ELSE 0 END - coalesce(m.before, 0) END END AS opening
		FROM moved AS m
	), opened AS (
		SELECT o.facility_id, o.product_code, o.lot, max(o.told_on) AS told_on, sum(CASE WHEN o.rest THEN greatest(o.opening, 0) ELSE o.opening END) AS opening,
			coalesce(bool_or(o.counts_unsure), false) AS counts_unsure, sum(o.purchased) AS purchased, sum(o.sold) AS sold, sum(o.other) AS other,
			sum(o.sold_amount) AS sold_amount, sum(o.priced) AS priced
		FROM opened_part AS o GROUP BY o.facility_id, o.product_code, o.lot
	), level AS (
		SELECT d.facility_id, d.product_code, d.lot, min(d.level) AS lowest, min(d.day) FILTER (WHERE d.level < 0) AS below_on
		FROM (
			SELECT n.facility_id, n.product_code, n.lot, n.day, o.opening + sum(n.net) OVER (PARTITION BY n.facility_id, n.product_code, n.lot ORDER BY n.day) AS level
			FROM (
				SELECT m.facility_id, m.product_code, m.lot, m.day, sum(m.quantity) AS net
				FROM move AS m WHERE m.at >= $1 AND NOT m.told GROUP BY m.facility_id, m.product_code, m.lot, m.day
			) AS n
			JOIN opened AS o ON o.facility_id = n.facility_id AND o.product_code = n.product_code AND o.lot = n.lot
		) AS d
		GROUP BY d.facility_id, d.product_code, d.lot
	)
	SELECT o.facility_id, o.product_code, nullif(o.lot, ''), trim_scale(o.opening), o.told_on IS NOT NULL, trim_scale(coalesce(o.purchased, 0)),
		trim_scale(coalesce(o.sold, 0)), trim_scale(coalesce(o.other, 0)),
		trim_scale(o.opening + coalesce(o.purchased, 0) - coalesce(o.sold, 0) + coalesce(o.other, 0)), trim_scale(b.lowest),
		CASE WHEN b.sure AND o.opening < 0 THEN $1 WHEN b.sure THEN v.below_on END, CASE WHEN b.sure THEN trim_scale(b.oversold) END,
		round(o.sold_amount, 2), CASE WHEN b.sure AND b.oversold = 0 THEN 0.00 WHEN b.sure THEN round(b.oversold * o.sold_amount / nullif(greatest(o.priced, 0), 0), 2) END,
		CASE WHEN o.sold > 0 AND NOT l.inbound THEN CASE WHEN p.lots_unsure THEN 'insufficient' ELSE 'never_purchased' END
			WHEN b.lowest >= 0 THEN 'balanced' WHEN b.sure AND NOT p.lots_unsure THEN 'deficit' ELSE 'insufficient' END
	FROM opened AS o
	JOIN level AS v ON v.facility_id = o.facility_id AND v.product_code = o.product_code AND v.lot = o.lot
	JOIN lot AS l ON l.facility_id = o.facility_id AND l.product_code = o.product_code AND l.lot = o.lot
	JOIN product AS p ON p.facility_id = o.facility_id AND p.product_code = o.product_code
	CROSS JOIN LATERAL (SELECT least(o.opening, v.lowest) AS lowest, greatest(-least(o.opening, v.lowest), 0) AS oversold,
		o.told_on IS NOT NULL AND NOT p.units_unsure AND NOT o.counts_unsure AS sure) AS b$sql$, source) USING from_date, to_date, by_batch;
END
$$;

COMMENT ON FUNCTION _stock_check(text, date, date, bool) IS
	'进销存核对: stock_check() of the movements that a query gives, see _stock_query()';

CREATE OR REPLACE FUNCTION stock_check(from_date date, to_date date, by_batch bool DEFAULT false)
	RETURNS TABLE (facility_id text, product_code text, batch_no text, opening numeric, opening_known bool, purchased numeric,
	sold numeric, other numeric, closing numeric, lowest numeric, first_negative_on date, oversold numeric, sold_amount numeric,
	oversold_amount numeric, outcome text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	IF by_batch IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'by_batch');
	END IF;
	PERFORM medaudit.check_bound('stock_move');
	RETURN QUERY SELECT c.* FROM medaudit._stock_check(medaudit._stock_query(), from_date, to_date, by_batch) AS c;
END
$$;

COMMENT ON FUNCTION stock_check(date, date, bool) IS
	'进销存核对: for each facility and product (and batch) that moved in [from_date, to_date), in smallest units: what there was (the latest count or opening of the 730 days up to from_date, and what moved since; none: 0, not known), what came and went, the least balance at the end of a date and, where the opening is known, by how much and from when on more was sold than there was, at the average price of the sales; outcome never_purchased, deficit, insufficient or balanced. A count within the period is compared, not believed: see stock_counts. NULL is 22004, dates that are no period 22023; 55000 where stock_move is not bound';

-- ------------------------------------------------------------------ counts

CREATE OR REPLACE FUNCTION _stock_counts() RETURNS TABLE (facility_id text, product_code text, counted_on date, previous_on date,
	previous numeric, moved numeric, computed numeric, counted numeric, difference numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	IF to_regclass('medaudit_data.stock_move') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('stock_move');
	RETURN QUERY EXECUTE format($sql$
	WITH move AS MATERIALIZED (
		SELECT s.facility_id, s.product_code, s.batch_no, s.at, s.at::date AS day, s.quantity, s.class FROM %s AS s
	), told AS (
		-- of each date what was told last of each batch
		SELECT c.facility_id, c.product_code, c.day, sum(c.quantity) AS quantity, max(c.at) AS at, bool_or(c.class = 'count') AS counted
		FROM (SELECT m.*, max(m.at) OVER (PARTITION BY m.facility_id, m.product_code, m.batch_no, m.day) AS last_at
			FROM move AS m WHERE m.class IN ('count', 'opening')) AS c
		WHERE c.at = c.last_at GROUP BY c.facility_id, c.product_code, c.day
	), step AS (
		SELECT m.facility_id, m.product_code, m.day, m.at, m.quantity, NULL::numeric AS told, NULL::bool AS counted, 0 AS later
		FROM move AS m WHERE m.class NOT IN ('count', 'opening')
		UNION ALL
		-- without a time of day a count is that of the end of its date, an opening that of its beginning
		SELECT t.facility_id, t.product_code, t.day, CASE WHEN t.at > t.day OR NOT t.counted THEN t.at ELSE t.day + interval '1 day' END, 0,
			t.quantity, t.counted, CASE WHEN t.counted AND t.at > t.day THEN 1 ELSE -1 END
		FROM told AS t
	), running AS (
		SELECT s.*, sum(s.quantity) OVER (PARTITION BY s.facility_id, s.product_code ORDER BY s.at, s.later RANGE UNBOUNDED PRECEDING) AS total
		FROM step AS s
	), ordered AS (
		SELECT r.*, lag(r.day) OVER w AS previous_on, lag(r.told) OVER w AS previous, r.total - lag(r.total) OVER w AS moved
		FROM running AS r WHERE r.told IS NOT NULL
		WINDOW w AS (PARTITION BY r.facility_id, r.product_code ORDER BY r.at, r.later)
	)
	SELECT o.facility_id, o.product_code, o.day, o.previous_on, trim_scale(o.previous), trim_scale(o.moved), trim_scale(o.previous + o.moved),
		trim_scale(o.told), trim_scale(o.told - (o.previous + o.moved))
	FROM ordered AS o WHERE o.counted$sql$, medaudit._stock_query()) USING date '1901-01-01', date '2200-01-01';
END
$$;

COMMENT ON FUNCTION _stock_counts() IS
	'盘点核对: every count of a product, with what the count or opening before it and the movements since make of it; no rows where stock_move is not bound';

CREATE OR REPLACE VIEW stock_counts WITH (security_invoker = true) AS
SELECT c.facility_id, f.name AS facility_name, c.product_code, c.counted_on, c.previous_on, c.previous::numeric(18,4) AS previous,
	c.moved::numeric(18,4) AS moved, c.computed::numeric(18,4) AS computed, c.counted::numeric(18,4) AS counted, c.difference::numeric(18,4) AS difference
FROM medaudit._stock_counts() AS c
LEFT JOIN medaudit._bound_facilities() AS f ON f.facility_id = c.facility_id;

COMMENT ON VIEW stock_counts IS
	'盘点核对: every count (盘点) of a product beside what the count or opening before it and the movements since make of it, in smallest units; a count without a time of day is that of the end of its date. Empty where stock_move is not bound';
COMMENT ON COLUMN stock_counts.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN stock_counts.facility_name IS '定点医药机构名称: where facility is bound';
COMMENT ON COLUMN stock_counts.product_code IS '医疗目录编码: of what';
COMMENT ON COLUMN stock_counts.counted_on IS '盘点日期: date of the count';
COMMENT ON COLUMN stock_counts.previous_on IS '上次盘点日期: date of the count or opening before it; NULL: there is none';
COMMENT ON COLUMN stock_counts.previous IS '上次盘点数量: what there was then';
COMMENT ON COLUMN stock_counts.moved IS '期间变动: what came in since, less what went out';
COMMENT ON COLUMN stock_counts.computed IS '账面数量: both together; NULL: nothing was counted before';
COMMENT ON COLUMN stock_counts.counted IS '盘点数量: what was counted, of all batches';
COMMENT ON COLUMN stock_counts.difference IS '差异: counted - computed; below 0: less is there than the movements say';

-- ------------------------------------------------------------------ prices

-- Parts of packs have prices of their own and are left out.  What was given back at a
-- price is not in excess at it.
CREATE OR REPLACE FUNCTION _card_price_gaps(source text, from_date date, to_date date, tolerance numeric, min_sales int)
	RETURNS TABLE (facility_id text, product_code text, week date, card_price numeric, cash_price numeric, card_sales int,
	cash_sales int, excess_amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
	WITH sale AS MATERIALIZED (
		SELECT s.facility_id, s.product_code, date_trunc('week', s.at)::date AS week, s.pay_method, s.price, s.quantity, s.class
		FROM %s AS s
		WHERE s.at >= $1 AND s.at < $2 AND s.class IN ('sale', 'sale_return') AND s.pay_method IS NOT NULL AND s.price IS NOT NULL AND NOT s.split_pack
	), kept AS (
		SELECT s.facility_id, s.product_code, s.week, s.pay_method, s.price, count(*) FILTER (WHERE s.class = 'sale') AS sales, -sum(s.quantity) AS quantity
		FROM sale AS s GROUP BY s.facility_id, s.product_code, s.week, s.pay_method, s.price HAVING sum(s.quantity) < 0
	), median AS (
		SELECT s.facility_id, s.product_code, s.week,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY s.price) FILTER (WHERE s.pay_method = 'insured') AS card_price,
			percentile_disc(0.5) WITHIN GROUP (ORDER BY s.price) FILTER (WHERE s.pay_method = 'cash') AS cash_price,
			count(*) FILTER (WHERE s.pay_method = 'insured') AS card_sales, count(*) FILTER (WHERE s.pay_method = 'cash') AS cash_sales
		FROM sale AS s
		WHERE s.class = 'sale' AND EXISTS (SELECT FROM kept AS k WHERE k.facility_id = s.facility_id AND k.product_code = s.product_code
			AND k.week = s.week AND k.pay_method = s.pay_method AND k.price = s.price)
		GROUP BY s.facility_id, s.product_code, s.week
	)
	SELECT m.facility_id, m.product_code, m.week, trim_scale(round(m.card_price, 6)), trim_scale(round(m.cash_price, 6)), m.card_sales::int, m.cash_sales::int,
		round(sum(k.quantity * greatest(k.price - m.cash_price, 0)), 2)
	FROM median AS m
	JOIN kept AS k ON k.facility_id = m.facility_id AND k.product_code = m.product_code AND k.week = m.week AND k.pay_method = 'insured'
	WHERE m.card_sales >= $4 AND m.cash_sales >= $4 AND m.card_price > m.cash_price * (1 + $3)
	GROUP BY m.facility_id, m.product_code, m.week, m.card_price, m.cash_price, m.card_sales, m.cash_sales$sql$, source)
	USING from_date, to_date, tolerance, min_sales;
END
$$;

COMMENT ON FUNCTION _card_price_gaps(text, date, date, numeric, int) IS
	'刷卡价高于现金价: card_price_gaps() of the movements that a query gives, see _stock_query()';

CREATE OR REPLACE FUNCTION card_price_gaps(from_date date, to_date date, tolerance numeric DEFAULT 0.02, min_sales int DEFAULT 5)
	RETURNS TABLE (facility_id text, product_code text, week date, card_price numeric, cash_price numeric, card_sales int,
	cash_sales int, excess_amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	IF tolerance IS NULL OR min_sales IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), CASE WHEN tolerance IS NULL THEN 'tolerance' ELSE 'min_sales' END);
	ELSIF NOT (tolerance >= 0 AND tolerance <= 1000) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('%s must be from %s to %s'), 'tolerance', 0, 1000);
	ELSIF min_sales < 1 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('%s must be at least %s'), 'min_sales', 1);
	END IF;
	PERFORM medaudit.check_bound('stock_move');
	RETURN QUERY SELECT g.* FROM medaudit._card_price_gaps(medaudit._stock_query(), from_date, to_date, tolerance, min_sales) AS g;
END
$$;

COMMENT ON FUNCTION card_price_gaps(date, date, numeric, int) IS
	'刷卡价高于现金价: facilities, products and ISO weeks (their Monday; of a week that the period cuts its part) in which the median price of what was sold by card is above that of what was sold for cash by more than tolerance, each of min_sales sales at least; per smallest unit, without parts of packs. excess_amount: what was paid by card above the cash price. NULL is 22004, out of range 22023; 55000 where stock_move is not bound';

-- -------------------------------------------------------------- pharmacists

-- Without a time of day nobody is at two places at one time.
CREATE OR REPLACE FUNCTION pharmacist_conflicts(from_date date, to_date date, within interval DEFAULT '30 minutes')
	RETURNS TABLE (problem text, pharmacist_id text, facility_id text, other_facility_id text, at timestamp, other_at timestamp,
	minutes numeric, month date, sales int, sales_of_month int)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	lacking text;
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	IF within IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'within');
	ELSIF NOT (within >= interval '0' AND within <= interval '1 day') OR extract(year FROM within) <> 0 OR extract(month FROM within) <> 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('%s must be from %s to %s'), 'within', '00:00:00', '1 day');
	END IF;
	PERFORM medaudit.check_bound('stock_move');
	SELECT string_agg('stock_move.' || c.column_name, ', ' ORDER BY c.column_name) INTO lacking
	FROM medaudit._bound_columns() AS c WHERE c.relation = 'stock_move' AND c.column_name IN ('pharmacist_id', 'prescription') AND NOT c.bound;
	IF lacking IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('columns are not bound: %s'), lacking),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	END IF;
	RETURN QUERY EXECUTE format($sql$
	WITH sale AS MATERIALIZED (
		SELECT s.pharmacist_id, s.facility_id, s.at, s.prescription FROM %s AS s
		WHERE s.at >= $1 AND s.at < $2 AND s.class = 'sale'
	), successive AS (
		SELECT t.pharmacist_id, lag(t.facility_id) OVER w AS facility_id, t.facility_id AS other_facility_id, lag(t.at) OVER w AS at, t.at AS other_at
		FROM (SELECT DISTINCT s.pharmacist_id, s.facility_id, s.at FROM sale AS s WHERE s.pharmacist_id IS NOT NULL AND s.at > s.at::date) AS t
		WINDOW w AS (PARTITION BY t.pharmacist_id ORDER BY t.at, t.facility_id COLLATE "C")
	)
	SELECT 'two_places', c.pharmacist_id, c.facility_id, c.other_facility_id, c.at, c.other_at, round(extract(epoch FROM c.other_at - c.at) / 60, 1),
		date_trunc('month', c.other_at)::date, NULL::int, NULL::int
	FROM successive AS c WHERE c.facility_id <> c.other_facility_id AND c.other_at - c.at <= $3
	UNION ALL
	SELECT 'no_pharmacist', NULL, s.facility_id, NULL, NULL, NULL, NULL, date_trunc('month', s.at)::date,
		(count(*) FILTER (WHERE s.pharmacist_id IS NULL))::int, count(*)::int
	FROM sale AS s WHERE s.prescription
	GROUP BY s.facility_id, date_trunc('month', s.at)::date HAVING count(*) FILTER (WHERE s.pharmacist_id IS NULL) > 0$sql$,
		medaudit._stock_query()) USING from_date, to_date, within;
END
$$;

COMMENT ON FUNCTION pharmacist_conflicts(date, date, interval) IS
	'药师不在岗: two_places: successive sales of one pharmacist at two facilities, at most within apart by the clock (sales without a time of day left out); no_pharmacist: by facility and month, how many sales of prescription drugs name no pharmacist, of how many. NULL is 22004, an interval not from 0 to 1 day 22023; 55000 where stock_move or its pharmacist_id or prescription is not bound';
