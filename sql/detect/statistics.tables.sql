-- What the statistics of peers, digits and samples give: rows of one value.
CREATE TYPE robust_center AS (n bigint, median float8, mad float8, mean_deviation float8);
COMMENT ON TYPE robust_center IS '稳健中心: how many values, their median, the median and the mean of the absolute deviations from it';

CREATE TYPE peer_fences AS (n bigint, low float8, q1 float8, median float8, q3 float8, high float8);
COMMENT ON TYPE peer_fences IS '同级界限: how many values, their quartiles (type 7), and one and a half times the distance of q1 and q3 below q1 and above q3';

CREATE TYPE rate_prior AS (groups bigint, rate float8, variance float8);
COMMENT ON TYPE rate_prior IS '比率先验: how many groups, the rate of all of them together, and by how much their rates vary beyond chance';

CREATE TYPE benford_result AS (n bigint, digits int, mad float8, expected_mad float8, excess_mad float8, chi_square float8,
	degrees int, p_value float8, conformity text, corrected text, counts bigint[]);
COMMENT ON TYPE benford_result IS '本福特检验结果: mad: mean absolute deviation of the shares from Benford''s law; expected_mad: what chance alone gives for n, excess_mad: what is above it; conformity: of mad, by the limits of Nigrini, close, acceptable, marginal or nonconforming; corrected: the same of excess_mad; counts: from the smallest digits to the largest';

CREATE TYPE sample_ratio AS (n bigint, found numeric, claimed numeric, weighted_found numeric, weighted_claimed numeric, ratio numeric, squares numeric);
COMMENT ON TYPE sample_ratio IS '样本比率: how many records, what was found and claimed in them, the same by weight, weighted_found / weighted_claimed, and the sum of the squares of weight * (found - ratio * claimed)';
