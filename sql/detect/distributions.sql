-- Tails and quantiles of distributions.

CREATE OR REPLACE FUNCTION poisson_tail(expected float8, count float8) RETURNS float8
	AS 'MODULE_PATHNAME', 'distributions_poisson_tail' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION poisson_tail(float8, float8) IS '泊松上尾概率: P(X >= count) where X is Poisson with mean expected, relative error at most 1e-12; expected from 0 to 2^53 - 1, count any number (one between two whole numbers is the next); NULL gives NULL, NaN and expected out of range 22023';

CREATE OR REPLACE FUNCTION binomial_tail(trials float8, p float8, count float8) RETURNS float8
	AS 'MODULE_PATHNAME', 'distributions_binomial_tail' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION binomial_tail(float8, float8, float8) IS '二项上尾概率: P(X >= count) where X counts successes of probability p in trials, relative error at most 1e-12; trials whole, from 0 to 2^53 - 1, p from 0 to 1, count any number (one between two whole numbers is the next); NULL gives NULL, NaN and what is out of range 22023';

CREATE OR REPLACE FUNCTION chi_square_tail(x float8, degrees int) RETURNS float8
	AS 'MODULE_PATHNAME', 'distributions_chi_square_tail' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION chi_square_tail(float8, int) IS '卡方上尾概率: P(X >= x) where X is chi square with degrees of freedom, relative error at most 1e-12; 1 where x is not above 0; NULL gives NULL, NaN and degrees below 1 22023';

CREATE OR REPLACE FUNCTION normal_quantile(p float8) RETURNS float8
	AS 'MODULE_PATHNAME', 'distributions_normal_quantile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION normal_quantile(float8) IS '正态分位数: below which a standard normal variable is with probability p, by algorithm AS 241; NULL gives NULL, p not between 0 and 1, or one of these, 22023';

CREATE OR REPLACE FUNCTION student_quantile(p float8, degrees int) RETURNS float8
	AS 'MODULE_PATHNAME', 'distributions_student_quantile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 300;
COMMENT ON FUNCTION student_quantile(float8, int) IS '学生t分布分位数: below which Student''s t with degrees of freedom is with probability p, relative error at most 1e-12; NULL gives NULL, p not between 0 and 1, or one of these, and degrees below 1 22023; a quantile beyond the range of float8 (1 degree, p below 1e-308) 22003';
