-- Days on which many more were admitted than usual, and months of amounts too much alike: asked of the stays of a facility.

CREATE OR REPLACE FUNCTION admission_bursts(s stays, weeks int DEFAULT 8, min_excess int DEFAULT 5, min_ratio float8 DEFAULT 1.5, max_p float8 DEFAULT 1e-4, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (on_date date, admissions int, expected float8, p_value float8, visit_ids text[])
	AS 'MODULE_PATHNAME', 'bursts_admissions' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION admission_bursts(stays, int, int, float8, float8, text[]) IS '入院时间集中: dates with at least min_excess admissions more, and min_ratio times as many, as the same weekday of the weeks before had on average (expected); p_value: the chance of as many or more, Poisson, or negative binomial when the variance exceeds the mean; at most max_p. Dates without that many weeks before them in the book are not judged. Stays with one of exclude_tags are left out. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range 22023';

CREATE OR REPLACE FUNCTION _admission_bursts(s stays, weeks int, min_excess int, min_ratio float8, max_p float8, exclude_tags text[], days date[], classes int[])
	RETURNS TABLE (on_date date, admissions int, expected float8, p_value float8, visit_ids text[], baseline_days date[], baseline_admissions int[])
	AS 'MODULE_PATHNAME', 'bursts_admissions_by_class' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION _admission_bursts(stays, int, int, float8, float8, text[], date[], int[]) IS '入院时间集中(按日期类别): as admission_bursts(), each date against the last weeks dates of its class before it: its weekday (1 Monday to 7 Sunday), or what classes say of it where it is one of days, which ascend; with the dates compared with and their admissions. NULL arrays, and NULLs in them, are 22004, unequal, unordered or other ones 22023';

CREATE OR REPLACE FUNCTION similar_amounts(s stays, tolerance_rel numeric DEFAULT 0.01, tolerance_abs numeric DEFAULT 20, min_stays int DEFAULT 5, min_share float8 DEFAULT 0.3, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (low numeric, high numeric, stay_count int, share float8, expected float8, p_value float8, visit_ids text[])
	AS 'MODULE_PATHNAME', 'bursts_similar_amounts' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION similar_amounts(stays, numeric, numeric, int, float8, text[]) IS '出院报销金额接近: bands of amounts from low to high yuan, no wider than the larger of tolerance_abs yuan and tolerance_rel times low, with at least min_stays stays and min_share of all stays with a positive amount; the fullest first, disjoint. expected and p_value by a log-normal distribution fitted by median and MAD to the stays outside the band, corrected for the number of bands (Bonferroni); NULL where fewer than 5 lie outside. Stays with one of exclude_tags are left out. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range 22023';
