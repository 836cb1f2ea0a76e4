-- Statistics of peers, of digits and of samples.

-- Functions that stand in every row are one expression, so that they are
-- inlined; what they refuse is raised here.  REFUSED is the reason itself, and
-- not a constant, so that the planner does not ask in advance.
CREATE OR REPLACE FUNCTION _refuse_value(refused bool, argument text) RETURNS float8
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF refused AND argument = 'no digits' THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('digits must not be null');
	ELSIF refused THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE argument
			WHEN 'digits' THEN medaudit._say('digits must be between 1 and 9')
			WHEN 'counts' THEN medaudit._say('events and n must be at least 0')
			ELSE medaudit._say('x must be finite') END;
	END IF;
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION _refuse_value(bool, text) IS '拒绝取值: where refused, raises what is wrong with the argument: x, counts, digits, or that there are no digits; else NULL';

-- ---------------------------------------------------------------- peers

-- Aggregates that collect have array_append itself as their transition, which
-- appends in place: a function around it would copy the array for each row.

CREATE OR REPLACE FUNCTION _finite_values(collected float8[], name text) RETURNS float8[]
	AS 'MODULE_PATHNAME', 'medaudit_finite_values' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION _finite_values(float8[], text) IS '有限取值: the values that are not NULL, ascending; NaN and infinities are 22023';

CREATE OR REPLACE FUNCTION _robust_center_final(collected float8[]) RETURNS robust_center
	AS 'MODULE_PATHNAME', 'medaudit_robust_center_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION _robust_center_final(float8[]) IS '稳健中心(求值): final function of robust_center()';

CREATE OR REPLACE AGGREGATE robust_center(x float8) (
	SFUNC = array_append,
	STYPE = float8[],
	SSPACE = 4096,
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _robust_center_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE robust_center(float8) IS '稳健中心: how many values, their median, and the median (mad) and mean of the absolute deviations from it; NULLs are left out, no values give n 0 and NULLs, NaN and infinities are 22023';

CREATE OR REPLACE FUNCTION robust_zscore(x float8, c robust_center) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN NOT (x > '-Infinity'::float8 AND x < 'Infinity'::float8)
			THEN medaudit._refuse_value(NOT (x > '-Infinity'::float8 AND x < 'Infinity'::float8), 'x')
		WHEN (c).n < 5 THEN NULL
		WHEN (c).mad > 0 THEN (x - (c).median) / (1.4826::float8 * (c).mad)
		WHEN (c).mean_deviation > 0 THEN (x - (c).median) / (1.2533::float8 * (c).mean_deviation)
	END;
COMMENT ON FUNCTION robust_zscore(float8, robust_center) IS '稳健Z值: (x - median) / (1.4826 mad); where mad is 0 by 1.2533 times the mean deviation; NULL where both are 0, for less than 5 values and for NULLs; an x that is not finite is 22023';

CREATE OR REPLACE FUNCTION _peer_fences_final(collected float8[]) RETURNS peer_fences
	AS 'MODULE_PATHNAME', 'medaudit_peer_fences_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION _peer_fences_final(float8[]) IS '同级界限(求值): final function of peer_fences()';

CREATE OR REPLACE AGGREGATE peer_fences(x float8) (
	SFUNC = array_append,
	STYPE = float8[],
	SSPACE = 4096,
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _peer_fences_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE peer_fences(float8) IS '同级界限: n, low = q1 - 1.5 (q3 - q1), quartiles of type 7 (percentile_cont), high = q3 + 1.5 (q3 - q1), as Tukey''s box; NULLs are left out, no values give n 0 and NULLs, NaN and infinities are 22023';

CREATE OR REPLACE FUNCTION rate_interval(events bigint, n bigint, confidence float8 DEFAULT 0.95,
	OUT rate float8, OUT low float8, OUT high float8) RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	z float8;
	seen float8 := events;
	others float8 := n - events;
BEGIN
	IF confidence IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('confidence must not be null');
	ELSIF NOT (confidence > 0 AND confidence < 1) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('confidence must be greater than 0 and less than 1');
	ELSIF events < 0 OR n < 0 OR events > n THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('events must be between 0 and n: %s of %s'), events, n);
	ELSIF events IS NULL OR n IS NULL OR n = 0 THEN
		RETURN;
	END IF;
	z := -normal_quantile((1 - confidence) / 2);
	rate := seen / n;
	-- Each end as a quotient whose parts are positive: nothing cancels, and of
	-- no event the lower end is 0 to the last digit.
	low := 2 * seen * rate / (2 * seen + z * z + z * sqrt(z * z + 4 * others * rate));
	high := 1 - 2 * others * (others / n) / (2 * others + z * z + z * sqrt(z * z + 4 * others * rate));
END
$$;
COMMENT ON FUNCTION rate_interval(bigint, bigint, float8) IS '比率置信区间: events / n with its interval after Wilson (1927); low is 0 for no event, high 1 where all are events; n 0 and NULLs give NULLs; events not between 0 and n, confidence not between 0 and 1 22023, NULL confidence 22004';

CREATE OR REPLACE FUNCTION funnel_limits(n bigint, rate float8, sigmas float8 DEFAULT 3, OUT low float8, OUT high float8) RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	width float8;
BEGIN
	IF sigmas IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('sigmas must not be null');
	ELSIF NOT (sigmas > 0 AND sigmas < 'Infinity') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('sigmas must be greater than 0 and finite');
	ELSIF n < 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('n must be at least 0');
	ELSIF NOT (rate >= 0 AND rate <= 1) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('rate must be between 0 and 1');
	ELSIF n IS NULL OR rate IS NULL OR n = 0 THEN
		RETURN;
	END IF;
	width := sigmas * sqrt(rate * (1 - rate) / n);
	low := greatest(rate - width, 0);
	high := least(rate + width, 1);
END
$$;
COMMENT ON FUNCTION funnel_limits(bigint, float8, float8) IS '漏斗图控制限: rate -/+ sigmas * sqrt(rate (1 - rate) / n), cut to 0 to 1, within which the rate of a group of n lies by chance (Spiegelhalter 2005); n 0 and NULLs give NULLs; n below 0, rate not between 0 and 1, sigmas not above 0 22023, NULL sigmas 22004';

-- Sums of numeric are exact, so that neither the order of rows nor workers change
-- a digit.  The state: groups, events, n, events^2 / n.
CREATE OR REPLACE FUNCTION _rate_prior_add(state numeric[], events bigint, n bigint) RETURNS numeric[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN events < 0 OR n < 0
			THEN ARRAY[medaudit._refuse_value(events < 0 OR n < 0, 'counts')::numeric]
		WHEN events IS NULL OR n IS NULL OR n = 0 THEN state
		ELSE ARRAY[state[1] + 1, state[2] + events, state[3] + n,
			state[4] + (events::numeric * events + 0.000000000000000000000000000000) / n]
	END;
COMMENT ON FUNCTION _rate_prior_add(numeric[], bigint, bigint) IS '比率先验(累加): transition function of rate_prior()';

CREATE OR REPLACE FUNCTION _add_sums(a numeric[], b numeric[]) RETURNS numeric[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT array_agg(x + y ORDER BY i) FROM unnest(a, b) WITH ORDINALITY AS s (x, y, i));
COMMENT ON FUNCTION _add_sums(numeric[], numeric[]) IS '合并求和: adds two lists of sums number by number';

CREATE OR REPLACE FUNCTION _rate_prior_final(state numeric[]) RETURNS rate_prior
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT ROW(groups, rate,
			CASE WHEN n IS NOT NULL THEN greatest((squares - events * events / n) / n - rate * groups / n, 0) END)::medaudit.rate_prior
		FROM (SELECT state[1]::bigint, state[2], nullif(state[3], 0), state[4]) AS s (groups, events, n, squares),
			LATERAL (SELECT (events + 0.000000000000000000000000000000) / n) AS r (rate));
COMMENT ON FUNCTION _rate_prior_final(numeric[]) IS '比率先验(求值): final function of rate_prior()';

CREATE OR REPLACE AGGREGATE rate_prior(events bigint, n bigint) (
	SFUNC = _rate_prior_add,
	STYPE = numeric[],
	INITCOND = '{0,0,0,0}',
	COMBINEFUNC = _add_sums,
	FINALFUNC = _rate_prior_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE rate_prior(bigint, bigint) IS '比率先验: of groups with events of n: how many, the rate p of all, and the variance between groups beyond chance, max(0, sum n (events / n - p)^2 / sum n - p / (sum n / groups)), for shrunk_rate(); rows with a NULL or n 0 are left out, no rows give groups 0 and NULLs, numbers below 0 are 22023';

CREATE OR REPLACE FUNCTION shrunk_rate(events bigint, n bigint, prior rate_prior) RETURNS float8
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN events < 0 OR n < 0
			THEN medaudit._refuse_value(events < 0 OR n < 0, 'counts')
		WHEN events IS NULL OR n IS NULL OR n = 0 OR (prior).groups < 5 THEN NULL
		WHEN (prior).variance > 0
			THEN (prior).rate + (prior).variance / ((prior).variance + (prior).rate / n) * (events / n::float8 - (prior).rate)
		ELSE (prior).rate
	END;
COMMENT ON FUNCTION shrunk_rate(bigint, bigint, rate_prior) IS '收缩比率: the rate of a small group drawn towards that of all (global empirical Bayes, Marshall 1991): p + A / (A + p / n) * (events / n - p), with p and A the rate and variance of prior; NULL for less than 5 groups, n 0 and NULLs; numbers below 0 are 22023';

CREATE OR REPLACE FUNCTION _gini_final(collected float8[]) RETURNS float8
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	sorted float8[] := _finite_values(collected, 'gini()');
	n int := cardinality(sorted);
BEGIN
	IF sorted[1] < 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('values of gini() must be at least 0');
	END IF;
	-- by the largest: sums of large values do not overflow
	RETURN (SELECT sum((2 * i - n - 1) * (v / sorted[n]) ORDER BY i) / (n * sum(v / sorted[n] ORDER BY i))
		FROM unnest(sorted) WITH ORDINALITY AS s (v, i) WHERE sorted[n] > 0);
END
$$;
COMMENT ON FUNCTION _gini_final(float8[]) IS '基尼系数(求值): final function of gini()';

CREATE OR REPLACE AGGREGATE gini(x float8) (
	SFUNC = array_append,
	STYPE = float8[],
	SSPACE = 4096,
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _gini_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE gini(float8) IS '基尼系数: how unequally a sum is spread, sum (2 i - n - 1) x / (n sum x) with x ascending, 0 for equal shares, (n - 1) / n where one has all; NULLs are left out, NULL where there is no value or their sum is 0; values below 0, NaN and infinities are 22023';

-- The largest and the smallest in turn, whichever leads back to 1, so that
-- nothing on the way leaves the range that the product itself does not leave.
CREATE OR REPLACE FUNCTION _product_final(collected float8[]) RETURNS float8
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	factors float8[];
	first int := 1;
	last int;
	factor float8;
	so_far float8 := 1;
BEGIN
	SELECT array_agg(v ORDER BY abs(v), v) INTO factors FROM unnest(_finite_values(collected, 'product()')) AS v;
	last := cardinality(factors);
	IF last IS NULL THEN
		RETURN NULL;
	ELSIF factors[1] = 0 THEN
		RETURN 0;
	END IF;
	WHILE first <= last LOOP
		IF abs(so_far) >= 1 THEN
			factor := factors[first];
			first := first + 1;
		ELSE
			factor := factors[last];
			last := last - 1;
		END IF;
		-- where the server would say underflow, 0 is what is left
		IF ln(abs(so_far)) + ln(abs(factor)) < -744 THEN
			RETURN 0;
		END IF;
		so_far := so_far * factor;
	END LOOP;
	RETURN so_far;
END
$$;
COMMENT ON FUNCTION _product_final(float8[]) IS '连乘(求值): final function of product()';

CREATE OR REPLACE AGGREGATE product(x float8) (
	SFUNC = array_append,
	STYPE = float8[],
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _product_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE product(float8) IS '连乘: the product of the values; 1 - product(1 - p) is the chance of at least one of independent signs (noisy or); NULLs are left out, no values give NULL, a product smaller than float8 can hold is 0, one larger 22003; NaN and infinities are 22023';

-- ---------------------------------------------------------------- digits

CREATE OR REPLACE FUNCTION leading_digits(x numeric, digits int DEFAULT 1) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN digits IS NULL THEN medaudit._refuse_value(digits IS NULL, 'no digits')::int
		WHEN digits NOT BETWEEN 1 AND 9
			THEN medaudit._refuse_value(digits NOT BETWEEN 1 AND 9, 'digits')::int
		WHEN x <> 0::numeric AND x > '-Infinity'::numeric AND x < 'Infinity'::numeric
			THEN rpad("left"(ltrim(translate(x::text, '-.', ''), '0'), digits), digits, '0')::int
	END;
COMMENT ON FUNCTION leading_digits(numeric, int) IS '首位数字: the first digits of x that count, exactly from its decimal text, filled up by zeros: 0.0520 has 5 and 52, 5 has 50; signs do not matter; NULL for 0, NULL, NaN and infinities; digits not between 1 and 9 22023, NULL digits 22004';

-- What to expect of each of the digits, for all lengths that limits are known of;
-- log10(1 + 1 / d) as an inverse hyperbolic tangent keeps its last digits.
CREATE OR REPLACE FUNCTION _benford_shares(digits int, of_second bool) RETURNS float8[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT array_agg(share ORDER BY digit)
		FROM (SELECT CASE WHEN of_second THEN d % 10 ELSE d END,
				sum(2 * atanh(1 / (2 * d + 1)::float8) / ln(10::float8) ORDER BY d)
			FROM generate_series((10 ^ (digits - 1))::int, (10 ^ digits)::int - 1) AS d
			GROUP BY 1) AS shares (digit, share));
COMMENT ON FUNCTION _benford_shares(int, bool) IS '本福特分布: shares by Benford''s law of the leading digits of this length, ascending; of_second: of the last of them';

CREATE OR REPLACE FUNCTION _benford_conformity(mad float8, limits float8[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN mad <= limits[1] THEN 'close' WHEN mad <= limits[2] THEN 'acceptable'
		WHEN mad <= limits[3] THEN 'marginal' ELSE 'nonconforming' END;
COMMENT ON FUNCTION _benford_conformity(float8, float8[]) IS '符合程度: close, acceptable, marginal up to each of three limits, else nonconforming';

CREATE OR REPLACE FUNCTION _benford_result(counts bigint[], digits int, of_second bool) RETURNS benford_result
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	-- of M. J. Nigrini, Benford's Law (2012)
	limits float8[] := CASE WHEN of_second THEN '{0.008,0.010,0.012}' WHEN digits = 1 THEN '{0.006,0.012,0.015}'
		WHEN digits = 2 THEN '{0.0012,0.0018,0.0022}' ELSE '{0.00036,0.00044,0.0005}' END;
	result benford_result;
BEGIN
	result.digits := digits;
	result.counts := counts;
	result.degrees := cardinality(counts) - 1;
	SELECT sum(c) INTO result.n FROM unnest(counts) AS c;
	SELECT avg(abs(c / result.n::float8 - share) ORDER BY i), avg(sqrt(2 * share * (1 - share) / (pi() * result.n)) ORDER BY i),
		sum((c - result.n * share) ^ 2 / (result.n * share) ORDER BY i)
	INTO result.mad, result.expected_mad, result.chi_square
	FROM unnest(counts, _benford_shares(digits, of_second)) WITH ORDINALITY AS s (c, share, i);
	result.excess_mad := result.mad - result.expected_mad;
	result.p_value := chi_square_tail(result.chi_square, result.degrees);
	result.conformity := _benford_conformity(result.mad, limits);
	result.corrected := _benford_conformity(result.excess_mad, limits);
	RETURN result;
END
$$;
COMMENT ON FUNCTION _benford_result(bigint[], int, bool) IS '本福特检验(结果): what counts of leading digits, or of second ones, say';

CREATE OR REPLACE FUNCTION _benford_of(collected int[], of_second bool) RETURNS benford_result
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	least_digits int;
	most_digits int;
	digits int;
	counts bigint[];
BEGIN
	SELECT min(d), max(d), length(min(d)::text) INTO least_digits, most_digits, digits FROM unnest(collected) AS d;
	IF least_digits IS NULL THEN
		RETURN NULL;
	ELSIF of_second AND (least_digits < 10 OR most_digits > 99) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('benford_second() takes two leading digits, from 10 to 99, not %s'), CASE WHEN least_digits < 10 THEN least_digits ELSE most_digits END),
			HINT = medaudit._say('Take them by leading_digits(x, 2).');
	ELSIF least_digits < 1 OR most_digits > 999 OR length(most_digits::text) <> digits THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('leading digits must all be one, two or three: %s and %s'), least_digits, most_digits),
			HINT = medaudit._say('Take them by leading_digits(x, 1), or 2, or 3.');
	END IF;
	SELECT array_agg(coalesce(n, 0) ORDER BY digit) INTO counts
	FROM generate_series(CASE WHEN of_second THEN 0 ELSE (10 ^ (digits - 1))::int END, CASE WHEN of_second THEN 9 ELSE (10 ^ digits)::int - 1 END) AS digit
	LEFT JOIN (SELECT CASE WHEN of_second THEN d % 10 ELSE d END, count(*) FROM unnest(collected) AS d WHERE d IS NOT NULL GROUP BY 1) AS seen (d, n) ON seen.d = digit;
	RETURN _benford_result(counts, digits, of_second);
END
$$;
COMMENT ON FUNCTION _benford_of(int[], bool) IS '本福特检验(计数): counts leading digits, or the second of two, and says what they say';

CREATE OR REPLACE FUNCTION _benford_final(collected int[]) RETURNS benford_result
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN medaudit._benford_of(collected, false);
COMMENT ON FUNCTION _benford_final(int[]) IS '本福特检验(求值): final function of benford()';

CREATE OR REPLACE AGGREGATE benford("leading" int) (
	SFUNC = array_append,
	STYPE = int[],
	SSPACE = 16384,
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _benford_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE benford(int) IS '本福特检验: compares leading digits, by leading_digits(), with Benford''s law; report mad and corrected: p_value rejects everything for large n; NULLs are left out, no digits give NULL; digits that are not all one, two or three are 22023';

CREATE OR REPLACE FUNCTION _benford_second_final(collected int[]) RETURNS benford_result
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN medaudit._benford_of(collected, true);
COMMENT ON FUNCTION _benford_second_final(int[]) IS '本福特检验(第二位, 求值): final function of benford_second()';

CREATE OR REPLACE AGGREGATE benford_second("leading" int) (
	SFUNC = array_append,
	STYPE = int[],
	SSPACE = 16384,
	INITCOND = '{}',
	COMBINEFUNC = array_cat,
	FINALFUNC = _benford_second_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE benford_second(int) IS '本福特检验(第二位): compares the second of two leading digits, by leading_digits(x, 2), with Benford''s law; NULLs are left out, no digits give NULL; digits that are not two are 22023';

-- --------------------------------------------------------------- samples

-- The state: n, found, claimed, and by weight w: w found, w claimed, and of
-- their squares w^2 found^2, w^2 found claimed, w^2 claimed^2.
CREATE OR REPLACE FUNCTION _ratio_estimate_add(state numeric[], finding numeric, claimed numeric, weight numeric) RETURNS numeric[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF finding IS NULL OR claimed IS NULL OR weight IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('found, claimed and weight of a record in the sample must not be null'),
			DETAIL = medaudit._say('A record that was drawn and not judged says nothing, and leaving it out in silence would bend the estimate.'),
			HINT = medaudit._say('Judge it, or take it out of the sample by FILTER and say so.');
	ELSIF NOT (finding > '-Infinity' AND finding < 'Infinity' AND claimed >= 0 AND claimed < 'Infinity' AND weight > 0 AND weight < 'Infinity') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('found must be finite, claimed at least 0, and weight greater than 0');
	END IF;
	RETURN ARRAY[state[1] + 1, state[2] + finding, state[3] + claimed, state[4] + weight * finding, state[5] + weight * claimed,
		state[6] + weight * weight * finding * finding, state[7] + weight * weight * finding * claimed, state[8] + weight * weight * claimed * claimed];
END
$$;
COMMENT ON FUNCTION _ratio_estimate_add(numeric[], numeric, numeric, numeric) IS '比率估计(累加): transition function of ratio_estimate()';

-- The sum of squares about the ratio, from exact sums and by one division.
CREATE OR REPLACE FUNCTION _ratio_estimate_final(state numeric[]) RETURNS sample_ratio
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT ROW(state[1]::bigint, state[2], state[3], found, state[5],
			(found + 0.000000000000000000000000000000) / claimed,
			(state[6] * claimed ^ 2 - 2 * found * claimed * state[7] + found ^ 2 * state[8]
				+ 0.000000000000000000000000000000) / claimed ^ 2)::medaudit.sample_ratio
		FROM (SELECT state[4], nullif(state[5], 0)) AS weighted (found, claimed));
COMMENT ON FUNCTION _ratio_estimate_final(numeric[]) IS '比率估计(求值): final function of ratio_estimate()';

CREATE OR REPLACE AGGREGATE ratio_estimate(found numeric, claimed numeric, weight numeric) (
	SFUNC = _ratio_estimate_add,
	STYPE = numeric[],
	SSPACE = 512,
	INITCOND = '{0,0,0,0,0,0,0,0}',
	COMBINEFUNC = _add_sums,
	FINALFUNC = _ratio_estimate_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE ratio_estimate(numeric, numeric, numeric) IS '比率估计: what a sample of records says: found and claimed of each in yuan, weight = 1 / its chance to be drawn; for extrapolation(); no rows give n 0; ratio and squares are NULL where nothing was claimed; a NULL in a row is 22004, found not finite, claimed below 0 or weight not above 0 22023';

CREATE OR REPLACE FUNCTION extrapolation(e sample_ratio, population bigint, population_claimed numeric DEFAULT NULL,
	confidence float8 DEFAULT 0.9, OUT total numeric, OUT standard_error numeric, OUT low numeric, OUT high numeric, OUT demand numeric) RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	scale numeric;
	variance numeric;
	reach numeric;
BEGIN
	IF population IS NULL OR confidence IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('population and confidence must not be null');
	ELSIF NOT (confidence > 0 AND confidence < 1) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('confidence must be greater than 0 and less than 1');
	ELSIF population < coalesce(e.n, 0) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('population must be at least the %s records of the sample'), coalesce(e.n, 0));
	ELSIF NOT (population_claimed >= 0 AND population_claimed < 'Infinity') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('population_claimed must be at least 0 and finite');
	END IF;
	scale := coalesce(population_claimed, e.weighted_claimed);
	total := round(e.ratio * scale, 2);
	IF e.n < 2 OR e.ratio IS NULL THEN
		RETURN;
	END IF;
	variance := (1 - e.n / population::numeric) * e.n / (e.n - 1) * e.squares * (scale / e.weighted_claimed) ^ 2;
	reach := -student_quantile((1 - confidence) / 2, least(e.n - 1, 2147483647)::int)::numeric * sqrt(variance);
	standard_error := round(sqrt(variance), 2);
	low := greatest(round(e.ratio * scale - reach, 2), 0.00);
	high := round(e.ratio * scale + reach, 2);
	demand := greatest(low, round(e.found, 2));
END
$$;
COMMENT ON FUNCTION extrapolation(sample_ratio, bigint, numeric, float8) IS '抽样外推: what a sample says of all population records, in yuan: total = ratio * population_claimed (NULL: the sample''s weighted claims), its standard error, the limits of the two-sided interval (low at least 0), and demand, the larger of low and what the sample itself found; an estimate with its doubt, never a claim. Fewer than 2 records: total alone; e NULL, or nothing claimed: NULLs. Population below the sample, population_claimed below 0, confidence not between 0 and 1 22023, NULL population or confidence 22004';
