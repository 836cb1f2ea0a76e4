-- What a fund took in and spent in a year, and how long its balance lasts (收支结余).
--
-- Months of reserve (统筹基金可支付月数) are the balance at the end over what a month of the
-- year cost.  Accounts say what came in, and may say what was spent and what the year began
-- with; else spending is what settlements add up to, and the beginning what the year before
-- left.  Where something of that is not known the months are not: missing says what.
--
-- Cost: where accounts do not say what was spent, a pass over the settlements; a row for
-- each type of insurance and day; the rest is a row for each period of the accounts.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON reserve_bound
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION _reserve_bound(fund text, on_date date) RETURNS reserve_bound
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT b FROM reserve_bound AS b
		WHERE (b.fund IS NULL OR starts_with(_reserve_bound.fund, code_fold(b.fund))) AND (b.valid IS NULL OR b.valid @> on_date)
		ORDER BY length(b.fund) DESC NULLS LAST, b.shipped, lower(b.valid) DESC NULLS LAST, b.low, b.high, b.short, b.excess LIMIT 1);

COMMENT ON FUNCTION _reserve_bound(text, date) IS
	'适用控制区间: the row of reserve_bound that holds for a fund on a day; NULL: there is none';

CREATE OR REPLACE FUNCTION reserve_zh(flag text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE flag WHEN 'short' THEN '结余不足' WHEN 'low' THEN '低于控制区间' WHEN 'ok' THEN '正常' WHEN 'high' THEN '高于控制区间'
		WHEN 'excess' THEN '结余过多' WHEN 'insufficient' THEN '无法判断' END;

COMMENT ON FUNCTION reserve_zh(text) IS
	'结余状况名称: the Chinese term of a flag of fund_reserve(); NULL for NULL and for anything else';

-- The accounts, each row once.
CREATE OR REPLACE FUNCTION _fund_accounts() RETURNS TABLE (fund text, period daterange, income numeric, spending numeric, other_spending numeric, opening_balance numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT DISTINCT a.fund, a.period, a.income, a.spending, a.other_spending, a.opening_balance
		FROM (SELECT %s FROM medaudit_data.fund_income AS c) AS a', medaudit._bound_list('fund_income'));
END
$$;

COMMENT ON FUNCTION _fund_accounts() IS
	'基金账: the bound rows of fund_income, equal ones once';

-- By type of insurance and day, settled_at else discharged_at; a refund on its own day.
CREATE OR REPLACE FUNCTION _fund_spending(from_date date, to_date date) RETURNS TABLE (insurance_type text, on_date date, amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	IF NOT (medaudit._is_bound('visit', 'fund_amount')
			AND (medaudit._is_bound('visit', 'insurance_type') OR medaudit._is_bound('person', 'insurance_type'))) THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('visit');
	RETURN QUERY EXECUTE format($sql$
		SELECT coalesce(s.insurance_type, p.insurance_type), s.on_date, sum(s.fund_amount)
		FROM (SELECT DISTINCT v.*, coalesce(v.settled_at, v.discharged_at)::date AS on_date FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			WHERE coalesce(v.settled_at, v.discharged_at) >= $1 AND coalesce(v.settled_at, v.discharged_at) < $2) AS s
		LEFT JOIN medaudit._bound_persons() AS p ON p.person_id = s.person_id AND s.insurance_type IS NULL
		WHERE s.fund_amount IS NOT NULL
		GROUP BY 1, 2$sql$, medaudit._bound_list('visit')) USING from_date, to_date;
END
$$;

COMMENT ON FUNCTION _fund_spending(date, date) IS
	'结算支出: fund money settled in [from_date, to_date) by type of insurance (of the visit, else of the person) and day; no rows where money or types are not bound';

-- What each period of the accounts spent by settlements: NULL where a month of it has
-- none, for what is not there yet is not known.
CREATE OR REPLACE FUNCTION _fund_periods(from_date date, to_date date) RETURNS TABLE (fund text, period daterange, income numeric, spending numeric, other_spending numeric,
	opening_balance numeric, settled bool, unknown numeric)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
	WITH account AS MATERIALIZED (
		SELECT a.* FROM medaudit._fund_accounts() AS a
		WHERE a.fund IS NOT NULL AND NOT isempty(a.period) AND isfinite(lower(a.period)) AND isfinite(upper(a.period))
			AND lower(a.period) >= $1 AND lower(a.period) < $2
	), money AS MATERIALIZED (
		SELECT s.*, (SELECT f.fund FROM (SELECT DISTINCT a.fund FROM account AS a) AS f WHERE starts_with(s.insurance_type, f.fund) ORDER BY length(f.fund) DESC LIMIT 1) AS fund
		FROM (SELECT min(lower(a.period)) AS begins, max(upper(a.period)) AS ends FROM account AS a WHERE a.spending IS NULL) AS d
		CROSS JOIN LATERAL medaudit._fund_spending(d.begins, d.ends) AS s
	)
	SELECT a.fund, a.period, a.income,
		coalesce(a.spending, CASE WHEN m.months = (SELECT count(*) FROM generate_series(date_trunc('month', lower(a.period)), upper(a.period) - 1, interval '1 month')) THEN m.amount END),
		coalesce(a.other_spending, 0), a.opening_balance, a.spending IS NULL,
		(SELECT sum(u.amount) FROM money AS u WHERE u.insurance_type IS NULL)
	FROM account AS a
	CROSS JOIN LATERAL (SELECT sum(i.amount) AS amount, count(DISTINCT date_trunc('month', i.on_date)) AS months
		FROM money AS i WHERE a.spending IS NULL AND i.fund = a.fund AND a.period @> i.on_date) AS m
$$;

COMMENT ON FUNCTION _fund_periods(date, date) IS
	'会计期间收支: the periods of the accounts that begin in [from_date, to_date), with what was spent by them or else (settled) by settlements, NULL where a month has none; unknown: money of settlements whose type of insurance is not known';

-- The years of each fund, and what is wrong with their periods.
CREATE OR REPLACE FUNCTION _fund_years(to_year int) RETURNS TABLE (fund text, year int, begins date, ends date, months numeric, income numeric, spending numeric,
	other_spending numeric, opening_balance numeric, settled bool, problem text, unknown numeric)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.fund, p.year, min(lower(p.period)), max(upper(p.period)), medaudit._months_between(min(lower(p.period)), max(upper(p.period))),
		CASE WHEN bool_and(p.income IS NOT NULL) THEN sum(p.income) END, CASE WHEN bool_and(p.spending IS NOT NULL) THEN sum(p.spending) END, sum(p.other_spending),
		(array_agg(p.opening_balance ORDER BY lower(p.period), upper(p.period)))[1], bool_or(p.settled),
		CASE WHEN extract(year FROM max(upper(p.period)) - 1) > p.year THEN 'year'
			WHEN sum(upper(p.period) - lower(p.period)) > (SELECT sum(upper(r) - lower(r)) FROM unnest(range_agg(p.period)) AS r) THEN 'overlap'
			WHEN max(upper(p.period)) - min(lower(p.period)) > sum(upper(p.period) - lower(p.period)) THEN 'gap' END,
		max(p.unknown)
	FROM (SELECT i.*, extract(year FROM lower(i.period))::int AS year FROM medaudit._fund_periods('-infinity', make_date($1 + 1, 1, 1)) AS i) AS p
	GROUP BY p.fund, p.year
$$;

COMMENT ON FUNCTION _fund_years(int) IS
	'年度收支: the accounts of each fund by year, up to to_year; problem: year (a period goes on into the next), overlap or gap; NULL: none';

CREATE OR REPLACE FUNCTION _check_years(from_year int, to_year int) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	unusable bigint;
BEGIN
	PERFORM medaudit._check_argument('from_year', from_year IS NULL, from_year BETWEEN 1901 AND 2199, format(medaudit._say('between %s and %s'), 1901, 2199)),
		medaudit._check_argument('to_year', to_year IS NULL, to_year BETWEEN from_year AND 2199, format(medaudit._say('between %s and %s'), from_year, 2199)),
		medaudit.check_bound('fund_income');
	SELECT count(*) INTO unusable FROM medaudit._fund_accounts() AS a
	WHERE (a.fund IS NOT NULL AND NOT isempty(a.period) AND isfinite(lower(a.period)) AND isfinite(upper(a.period))) IS NOT TRUE;
	IF unusable > 0 THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s rows of fund_income were left out: without a fund, or without a period that begins and ends'), unusable);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_years(int, int) IS
	'检查年份: 22004, 22023 or 55000 for what fund_reserve() cannot answer; a NOTICE of rows that it cannot use';

-- What a year began with, and what it left: one year after the other.
CREATE OR REPLACE FUNCTION _fund_balances(to_year int) RETURNS TABLE (fund text, year int, months numeric, income numeric, spending numeric, other_spending numeric,
	balance numeric, opening numeric, cumulative numeric, ends date, settled bool, missing text, unknown numeric)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH RECURSIVE known AS MATERIALIZED (
		SELECT y.*, CASE WHEN y.problem IS NULL THEN y.income - y.spending - y.other_spending END AS balance,
			row_number() OVER (PARTITION BY y.fund ORDER BY y.year) AS n
		FROM medaudit._fund_years($1) AS y
	), carried AS (
		SELECT k.*, k.opening_balance AS opening, k.opening_balance + k.balance AS cumulative FROM known AS k WHERE k.n = 1
		UNION ALL
		SELECT k.*, o.opening, o.opening + k.balance
		FROM carried AS c
		JOIN known AS k ON k.fund = c.fund AND k.n = c.n + 1
		CROSS JOIN LATERAL (SELECT coalesce(k.opening_balance, CASE WHEN c.ends = k.begins THEN c.cumulative END) AS opening) AS o
	)
	SELECT c.fund, c.year, c.months, c.income, c.spending, c.other_spending, c.balance, c.opening, c.cumulative, c.ends, c.settled,
		coalesce(c.problem, CASE WHEN c.income IS NULL THEN 'income' WHEN c.spending IS NULL OR NOT c.spending + c.other_spending > 0 THEN 'spending'
			WHEN c.opening IS NULL THEN 'opening_balance' END), c.unknown
	FROM carried AS c
$$;

COMMENT ON FUNCTION _fund_balances(int) IS
	'结余结转: of fund_reserve(): each year with what it began with, opening_balance or what the year before left, and what of it is missing';

CREATE OR REPLACE FUNCTION fund_reserve(from_year int, to_year int DEFAULT NULL) RETURNS TABLE (fund text, year int, income numeric, spending numeric, balance numeric,
	cumulative numeric, months_of_reserve numeric, flag text, flag_zh text, months numeric, other_spending numeric, opening_balance numeric, spending_from text, missing text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	last_year int := coalesce(to_year, from_year);
	unknown numeric;
	left_out numeric;
BEGIN
	PERFORM medaudit._check_years(from_year, last_year);
	FOR fund, year, income, spending, balance, cumulative, months_of_reserve, flag, months, other_spending, opening_balance, spending_from, missing, unknown IN
		SELECT b.fund, b.year, round(b.income, 2), round(b.spending, 2), round(b.balance, 2), round(b.cumulative, 2), r.months,
			CASE WHEN r.months IS NULL OR l.low IS NULL THEN 'insufficient' WHEN r.months < l.short THEN 'short' WHEN r.months < l.low THEN 'low' WHEN r.months > l.excess THEN 'excess'
				WHEN r.months > l.high THEN 'high' ELSE 'ok' END,
			round(b.months, 2), round(b.other_spending, 2), round(b.opening, 2), CASE WHEN b.spending IS NOT NULL THEN CASE WHEN b.settled THEN 'settlements' ELSE 'accounts' END END,
			coalesce(b.missing, CASE WHEN l.low IS NULL THEN 'reserve_bound' END), CASE WHEN b.settled THEN b.unknown END
		FROM medaudit._fund_balances(last_year) AS b
		CROSS JOIN LATERAL (SELECT CASE WHEN b.missing IS NULL THEN round(b.cumulative * b.months / (b.spending + b.other_spending), 2) END AS months) AS r
		CROSS JOIN LATERAL medaudit._reserve_bound(b.fund, b.ends - 1) AS l
		WHERE b.year >= from_year
		ORDER BY b.fund COLLATE "C", b.year
	LOOP
		left_out := coalesce(unknown, left_out);
		flag_zh := medaudit.reserve_zh(flag);
		RETURN NEXT;
	END LOOP;
	IF left_out <> 0 THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('settlements of %s yuan were left out: their type of insurance is not known'), round(left_out, 2));
	END IF;
END
$$;

COMMENT ON FUNCTION fund_reserve(int, int) IS
	'基金收支结余: per fund and year from from_year to to_year (NULL: that year) what came in, what was paid for treatment, the balance of the year (income less spending and other_spending), the balance at its end, and for how many months of such spending it lasts (统筹基金可支付月数), against reserve_bound: short, low, ok, high, excess; insufficient where something is missing (income, spending, opening_balance; year, overlap, gap: of the periods; reserve_bound). spending_from: accounts or settlements. A NOTICE tells what could not be used. NULL from_year is 22004, years outside 1901 to 2199 or in the wrong order 22023; 55000 where fund_income is not bound';
