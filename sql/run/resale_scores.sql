-- How far what a person was dispensed looks like drugs that are bought to be sold
-- again (倒卖): parts from 0 to 1 that can be checked one by one, and their weighted
-- mean.  Read are the fills of a period and of the year before its end, once; cost and
-- memory are those of fill_rows() and of a ledger a person.

-- Codes that were sold to somebody, and that trace_uses() says were sold more often than
-- they came back, last after him.  Parts of packs share a code.
CREATE OR REPLACE FUNCTION _sold_again(from_date date, to_date date) RETURNS TABLE (person_id text, codes bigint, again bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.stock_move') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('stock_move');
	RETURN QUERY EXECUTE format($sql$
		SELECT s.person_id, count(*), count(u.trace_code)
		FROM (
			SELECT m.person_id, m.trace_code, min(m.at) AS at FROM (%s) AS m
			WHERE m.class = 'sale' AND m.person_id IS NOT NULL AND m.at >= $1 AND m.at < $2 AND NOT coalesce(m.split_pack, false)
				AND medaudit._is_trace_code(m.trace_code)
			GROUP BY m.person_id, m.trace_code
		) AS s
		LEFT JOIN medaudit.trace_uses($1, $2) AS u ON u.trace_code = s.trace_code AND u.status = 'reused' AND u.last_at > s.at
		GROUP BY s.person_id$sql$, medaudit._stock_query())
	USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _sold_again(date, date) IS
	'再次销售的追溯码: of each person how many trace codes were sold to him in [from_date, to_date), and how many of these were sold again before to_date; no rows where stock_move is not bound';

CREATE OR REPLACE FUNCTION resale_score(possession_ratio numeric, facilities int, early_fills int, fills int, sold_again bool, amount_rank numeric)
	RETURNS TABLE (supply_part numeric, places_part numeric, early_part numeric, traced_part numeric, amount_part numeric, score numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.*, medaudit.weighted_score(medaudit._score_weights('resale'),
		jsonb_build_object('supply', p.supply_part, 'places', p.places_part, 'early', p.early_part,
			'traced', p.traced_part, 'amount', p.amount_part))
	FROM (SELECT
		CASE WHEN possession_ratio < 'NaN' THEN round(least(1, greatest(0, possession_ratio - 1)), 4) END AS supply_part,
		CASE WHEN facilities IS NOT NULL THEN round(least(1, greatest(0, facilities::numeric - 1) / 4), 4) END AS places_part,
		CASE WHEN fills > 0 THEN round(least(1, greatest(0, early_fills) / fills::numeric), 4) END AS early_part,
		sold_again::int::numeric AS traced_part,
		CASE WHEN amount_rank < 'NaN' THEN round(least(1, greatest(0, amount_rank)), 4) END AS amount_part
	) AS p
$$;

COMMENT ON FUNCTION resale_score(numeric, int, int, int, bool, numeric) IS
	'倒卖药品评分: parts from 0 to 1 and their weighted mean: possession ratio (1: 0, 2 and more: 1), places (1: 0, 5 and more: 1), early refills of the dispensings, a trace code sold again, rank of the money; an argument that is NULL or NaN leaves its part NULL and out of the score';

CREATE OR REPLACE FUNCTION resale_scores(from_date date, to_date date) RETURNS TABLE (person_id text, fills int, early_fills int, facilities int,
	possession_ratio numeric, drug text, class text, amount numeric, trace_codes int, codes_sold_again int,
	supply_part numeric, places_part numeric, early_part numeric, traced_part numeric, amount_part numeric, score numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
#variable_conflict use_column
DECLARE
	reads_from date;
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit.check_bound('visit', 'charge');
	reads_from := least(from_date, to_date - 366);
	RETURN QUERY
	WITH fill AS MATERIALIZED (
		SELECT f.*, CASE WHEN f.own THEN f.drug_code || chr(31) || coalesce(f.facility_id, '') ELSE f.drug_code END AS book_code
		FROM medaudit._fill_rows(reads_from, to_date) AS f
	), book AS MATERIALIZED (
		SELECT f.person_id, medaudit.fills(f.book_code, f.days_supply, coalesce(f.amount, 0), f.dispensed_at, f.facility_id,
			f.visit_id || chr(31) || coalesce(f.line_id, ''), f.visit_id || chr(31) || f.original_line_id) AS book
		FROM fill AS f GROUP BY f.person_id HAVING bool_or(f.dispensed_at >= from_date AND f.quantity > 0)
	), supplied AS (
		SELECT b.person_id, sum(s.fill_count)::int AS fills, max(s.facilities) AS facilities, max(s.possession_ratio) AS possession_ratio,
			(array_agg(s.drug ORDER BY s.possession_ratio DESC NULLS LAST, s.fill_count DESC, s.drug COLLATE "C"))[1] AS drug
		FROM book AS b CROSS JOIN LATERAL medaudit.supply(b.book) AS s GROUP BY b.person_id
	), early AS (
		SELECT b.person_id, count(*)::int AS fills FROM book AS b CROSS JOIN LATERAL medaudit.early_refills(b.book) AS e GROUP BY b.person_id
	), spent AS (
		SELECT t.*, CASE WHEN count(*) OVER (PARTITION BY t.class) > 1
			THEN (percent_rank() OVER (PARTITION BY t.class ORDER BY t.amount))::numeric END AS amount_rank
		FROM (
			SELECT f.person_id, medaudit.drug_level(medaudit.code_fold(f.book_code), 'class') AS class, sum(f.amount) AS amount
			FROM fill AS f GROUP BY 1, 2 HAVING sum(f.amount) > 0
		) AS t
	), most AS (
		SELECT DISTINCT ON (s.person_id) s.* FROM spent AS s ORDER BY s.person_id, s.amount DESC, s.class COLLATE "C"
	), sold AS (
		SELECT c.* FROM medaudit._sold_again(reads_from, to_date) AS c
	)
	SELECT b.person_id, s.fills, CASE WHEN s.fills IS NOT NULL THEN coalesce(e.fills, 0) END, s.facilities, s.possession_ratio,
		medaudit._shown_code(s.drug), medaudit._shown_code(m.class), round(m.amount, 2), c.codes::int, c.again::int, p.*
	FROM book AS b
	LEFT JOIN supplied AS s ON s.person_id = b.person_id
	LEFT JOIN early AS e ON e.person_id = b.person_id
	LEFT JOIN most AS m ON m.person_id = b.person_id
	LEFT JOIN sold AS c ON c.person_id = b.person_id
	CROSS JOIN LATERAL medaudit.resale_score(s.possession_ratio, s.facilities, CASE WHEN s.fills IS NOT NULL THEN coalesce(e.fills, 0) END,
		s.fills, c.again > 0, m.amount_rank) AS p;
END
$$;

COMMENT ON FUNCTION resale_scores(date, date) IS
	'倒卖药品评分: each person to whom a drug was dispensed in [from_date, to_date), with the parts of resale_score over what was dispensed in it, and in the 366 days before its end where it is shorter; NULL is 22004, dates that are no period 22023; 55000 where visit or charge is not bound';

CREATE OR REPLACE VIEW resale_scores WITH (security_invoker = true) AS
SELECT r.run_id, r.from_date, r.to_date, s.person_id, s.fills, s.early_fills, s.facilities, s.possession_ratio::numeric(14,6) AS possession_ratio,
	s.drug, s.class, s.amount::numeric(14,2) AS amount, s.trace_codes, s.codes_sold_again, s.supply_part::numeric(5,4) AS supply_part,
	s.places_part::numeric(5,4) AS places_part, s.early_part::numeric(5,4) AS early_part, s.traced_part::numeric(5,4) AS traced_part,
	s.amount_part::numeric(5,4) AS amount_part, s.score::numeric(5,4) AS score
FROM (SELECT i.run_id, i.from_date, i.to_date FROM run AS i WHERE i.state = 'done' AND i.scope = 'period' ORDER BY i.run_id DESC LIMIT 1) AS r
CROSS JOIN LATERAL resale_scores(r.from_date, r.to_date) AS s;

COMMENT ON VIEW resale_scores IS
	'倒卖药品评分: resale_scores() of the period of the last run that is done; signals, no verdicts';
COMMENT ON COLUMN resale_scores.run_id IS '运行编号: of the last run over a period that is done';
COMMENT ON COLUMN resale_scores.from_date IS '开始日期: of its period';
COMMENT ON COLUMN resale_scores.to_date IS '结束日期: day after the last';
COMMENT ON COLUMN resale_scores.person_id IS '人员编号: to whom a drug was dispensed in the period';
COMMENT ON COLUMN resale_scores.fills IS '配药次数: dispensings whose days are known; NULL: none is';
COMMENT ON COLUMN resale_scores.early_fills IS '提前配药次数: as early_refills() has them';
COMMENT ON COLUMN resale_scores.facilities IS '机构数: most places from which one drug came';
COMMENT ON COLUMN resale_scores.possession_ratio IS '持有比: greatest of days dispensed before the last time ÷ days that passed, over drugs; NULL: none was dispensed twice';
COMMENT ON COLUMN resale_scores.drug IS '药品: the one of that ratio';
COMMENT ON COLUMN resale_scores.class IS '药品类别: on which most was spent';
COMMENT ON COLUMN resale_scores.amount IS '金额: yuan spent on that class, after returns';
COMMENT ON COLUMN resale_scores.trace_codes IS '追溯码数: of packs sold to the person; NULL: none is known';
COMMENT ON COLUMN resale_scores.codes_sold_again IS '再次销售的追溯码数: of these';
COMMENT ON COLUMN resale_scores.supply_part IS '用药量分项: ratio - 1, from 0 to 1';
COMMENT ON COLUMN resale_scores.places_part IS '机构分项: (places - 1) ÷ 4, from 0 to 1';
COMMENT ON COLUMN resale_scores.early_part IS '提前配药分项: early refills ÷ dispensings';
COMMENT ON COLUMN resale_scores.traced_part IS '追溯码分项: 1: a code was sold again; NULL: no code is known';
COMMENT ON COLUMN resale_scores.amount_part IS '金额分项: share of the other persons with a drug of the class who spent less on it; NULL: there are none';
COMMENT ON COLUMN resale_scores.score IS '得分: weighted mean of the parts that are known';
