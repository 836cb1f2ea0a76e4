-- Trace codes (追溯码): a code names one pack, which is sold once.
--
-- Most codes come once, and of them all is known when they are read.  So codes are
-- first counted by a hash of 8 bytes; the rows of those that come more often (and of the
-- few that share a hash with another) are put in order, the others go out as they are
-- read.  A pack that was sold whole is out at a place as long as its sales there are more
-- than its returns; running sums that are floored at 0 let a return before the sale, or
-- at another place, close nothing.  Parts of a pack add up over places.
--
-- Cost: three passes over the movements, one with a hash per code; sorting only what
-- comes more than once.

-- Units in a pack: of the catalogue where it says one thing, else the most that
-- movements of the product say.
CREATE OR REPLACE FUNCTION _trace_packs(source text) RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN medaudit._is_bound('stock_move', 'split_pack') THEN format($sql$
		SELECT coalesce(i.code, m.code) AS product_code, coalesce(i.pack, m.pack) AS pack
		FROM (SELECT u.code, CASE WHEN min(c.pack_units) = max(c.pack_units) THEN min(c.pack_units) END AS pack
			FROM medaudit._fill_items() AS c CROSS JOIN LATERAL unnest(ARRAY[c.item_code, c.national_code]) AS u (code)
			WHERE u.code IS NOT NULL AND c.pack_units > 0 AND c.pack_units < 'Infinity' GROUP BY u.code) AS i
		FULL JOIN (%s) AS m ON m.code = i.code$sql$,
		CASE WHEN medaudit._is_bound('stock_move', 'unit_factor')
			THEN format('SELECT s.product_code AS code, max(s.unit_factor) AS pack FROM %s AS s WHERE s.unit_factor > 1 AND s.unit_factor < ''Infinity'' '
				'AND s.at >= $1 - 730 AND s.at < $2 GROUP BY s.product_code', source)
			ELSE 'SELECT NULL::text AS code, NULL::numeric AS pack WHERE false' END)
		ELSE 'SELECT NULL::text AS product_code, NULL::numeric AS pack WHERE false' END
$$;

COMMENT ON FUNCTION _trace_packs(text) IS
	'包装单位查询: SQL of how many units a pack of each product holds, of the bound catalogue or of the movements of a query, for the days $1 to $2';

CREATE OR REPLACE FUNCTION _trace_query(source text, moves text DEFAULT NULL) RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format($sql$
	WITH twice AS MATERIALIZED (
		SELECT hashtextextended(s.trace_code, 0) AS code FROM %1$s AS s
		WHERE s.at >= $1 - 730 AND s.at < $2 AND s.class IN ('sale', 'sale_return') AND s.trace_code IS NOT NULL
		GROUP BY 1 HAVING count(*) > 1 AND max(s.at) >= $1
	), pack AS MATERIALIZED (%2$s), use AS MATERIALIZED (
		SELECT s.trace_code COLLATE "C" AS trace_code, s.facility_id COLLATE "C" AS facility_id, s.product_code COLLATE "C" AS product_code, s.person_id, s.at,
			s.class, s.split_pack, s.quantity, count(*) FILTER (WHERE s.class = 'sale') OVER place AS sales, count(*) FILTER (WHERE s.class = 'sale_return') OVER place AS returns
		FROM %1$s AS s
		WHERE s.at >= $1 - 730 AND s.at < $2 AND s.class IN ('sale', 'sale_return') AND medaudit._is_trace_code(s.trace_code)
			AND hashtextextended(s.trace_code, 0) IN (SELECT t.code FROM twice AS t)
		-- of one instant the sale comes first
		WINDOW place AS (PARTITION BY s.trace_code COLLATE "C", s.facility_id COLLATE "C" ORDER BY s.at, s.class COLLATE "C")
	), once AS MATERIALIZED (
		-- what was sent twice is told from what was sold again by a return between them
		SELECT DISTINCT ON (u.trace_code, u.facility_id, u.class, u.person_id, u.at::date, u.quantity, u.split_pack, u.between) u.*
		FROM (SELECT i.*, CASE i.class WHEN 'sale' THEN i.returns ELSE i.sales END AS between,
				CASE WHEN i.class = 'sale' THEN 1 ELSE -1 END * CASE WHEN i.split_pack THEN abs(i.quantity) ELSE 1 END AS step FROM use AS i) AS u
		ORDER BY u.trace_code, u.facility_id, u.class, u.person_id, u.at::date, u.quantity, u.split_pack, u.between, u.at, u.product_code
	), place AS (
		SELECT r.trace_code, r.split_pack, sum(r.step) - least(min(r.total), 0) AS out,
			coalesce(sum(r.step) FILTER (WHERE r.at < $1) - least(min(r.total) FILTER (WHERE r.at < $1), 0), 0) AS out_before
		FROM (SELECT o.*, sum(o.step) OVER (PARTITION BY o.trace_code, o.facility_id, o.split_pack ORDER BY o.at, o.class COLLATE "C") AS total FROM once AS o) AS r
		GROUP BY r.trace_code, r.facility_id, r.split_pack
	), used AS (
		SELECT p.trace_code, coalesce(sum(p.out) FILTER (WHERE NOT p.split_pack), 0) AS packs, coalesce(sum(p.out) FILTER (WHERE p.split_pack), 0) AS parts,
			coalesce(sum(p.out_before) FILTER (WHERE NOT p.split_pack), 0) AS packs_before, coalesce(sum(p.out_before) FILTER (WHERE p.split_pack), 0) AS parts_before
		FROM place AS p GROUP BY p.trace_code
	), told AS (
		SELECT o.trace_code, array_agg(DISTINCT o.product_code ORDER BY o.product_code) AS product_codes, count(*) FILTER (WHERE o.class = 'sale') AS sales,
			count(*) FILTER (WHERE o.class = 'sale_return') AS returns, count(DISTINCT o.person_id) AS persons, min(o.at) AS first_at, max(o.at) AS last_at,
			array_agg(DISTINCT o.facility_id ORDER BY o.facility_id) AS facility_ids, max(k.pack) FILTER (WHERE o.split_pack) AS pack
		FROM once AS o
		LEFT JOIN pack AS k ON k.product_code = o.product_code
		GROUP BY o.trace_code HAVING max(o.at) >= $1
	)
	SELECT c.trace_code, c.product_codes, c.sales::int AS sales, c.returns::int AS returns, (c.sales - c.returns)::int AS net_sales,
		cardinality(c.facility_ids) AS facilities, c.persons::int AS persons, c.first_at, c.last_at, greatest(c.used - 1, 0) AS excess_sales,
		CASE WHEN c.used > 1 THEN 'reused' WHEN c.parts > 0 AND c.pack IS NULL THEN 'insufficient' WHEN cardinality(c.product_codes) > 1 THEN 'other_product'
			WHEN c.parts > 0 THEN 'split' WHEN c.used = 0 THEN 'returned' ELSE 'once' END AS status,
		c.facility_ids, c.used, c.used_before
	FROM (
		SELECT t.*, u.parts, (u.packs + medaudit._packs_opened(u.parts, t.pack))::int AS used,
			(u.packs_before + medaudit._packs_opened(u.parts_before, t.pack))::int AS used_before
		FROM told AS t
		JOIN used AS u ON u.trace_code = t.trace_code
	) AS c
	UNION ALL
	SELECT s.trace_code, ARRAY[s.product_code], s.sold, 1 - s.sold, 2 * s.sold - 1, 1, CASE WHEN s.person_id IS NULL THEN 0 ELSE 1 END, s.at, s.at,
		greatest(s.used - 1, 0), CASE WHEN s.used > 1 THEN 'reused' WHEN s.sold = 0 THEN 'returned' WHEN NOT s.split_pack THEN 'once'
			WHEN s.pack IS NULL THEN 'insufficient' ELSE 'split' END, ARRAY[s.facility_id], s.used, 0
	FROM (
		SELECT i.*, CASE WHEN i.split_pack AND i.sold = 1 THEN medaudit._packs_opened(-i.quantity, i.pack)::int ELSE i.sold END AS used
		FROM (
			SELECT m.*, k.pack, CASE m.class WHEN 'sale' THEN 1 ELSE 0 END AS sold
			FROM %1$s AS m
			LEFT JOIN pack AS k ON m.split_pack AND k.product_code = m.product_code
			WHERE m.at >= $1 AND m.at < $2 AND m.class IN ('sale', 'sale_return') AND medaudit._is_trace_code(m.trace_code)
				AND NOT EXISTS (SELECT FROM twice AS t WHERE t.code = hashtextextended(m.trace_code, 0)) OFFSET 0
		) AS i
	) AS s$sql$,
		source, medaudit._trace_packs(coalesce(moves, source)))
$$;

COMMENT ON FUNCTION _trace_query(text, text) IS
	'追溯码查询: SQL of trace_uses() of the movements of a query (see _stock_query()), for the days $1 to $2; moves: those that say how many units a pack holds, where these do not stand among them; used: how many times a pack of the code is out, used_before: likewise before $1';

-- Numbers beyond all measure are no sales.
CREATE OR REPLACE FUNCTION _packs_opened(parts numeric, pack numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2
	RETURN CASE WHEN parts > 0 AND pack > 0 THEN greatest(least(ceil(parts / pack), 1000000), 1) WHEN parts > 0 THEN 1 ELSE 0 END;

COMMENT ON FUNCTION _packs_opened(numeric, numeric) IS
	'拆零盒数: packs from which so many parts came, at least one where there are any; pack NULL: not known';

CREATE OR REPLACE FUNCTION trace_uses(from_date date, to_date date) RETURNS TABLE (trace_code text, product_codes text[], sales int,
	returns int, net_sales int, facilities int, persons int, first_at timestamp, last_at timestamp, excess_sales int, status text,
	facility_ids text[])
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	-- of what is put together nobody knows how much it is
	SET enable_nestloop = off
	SET jit = off
AS $$
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit.check_bound('stock_move');
	IF NOT medaudit._is_bound('stock_move', 'trace_code') THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('columns are not bound: %s'), 'stock_move.trace_code'),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	END IF;
	RETURN QUERY EXECUTE format('SELECT t.trace_code, t.product_codes, t.sales, t.returns, t.net_sales, t.facilities, t.persons, t.first_at, t.last_at, '
		't.excess_sales, t.status, t.facility_ids FROM (%s) AS t', medaudit._trace_query(medaudit._stock_query(once => false))) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION trace_uses(date, date) IS
	'追溯码使用: each code that was sold or came back in [from_date, to_date), with all its sales and returns of these days and the 730 before: status reused (a pack of it is out more than once), insufficient (parts were sold and how many a pack holds is not known), other_product (one code, two products), split (parts of one pack), returned (none is out) or once; excess_sales: packs out beyond the first. Equal rows of one place, person, date and quantity are one. Codes of fewer than 13 letters and digits, or of one character, and barcodes of products are none. NULL is 22004, dates that are no period 22023; 55000 where stock_move or its trace_code is not bound';
