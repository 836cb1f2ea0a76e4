-- How many were in on each day, and days with more people in than beds.

CREATE OR REPLACE FUNCTION occupancy(s stays, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (from_date date, to_date date, occupied int)
	AS 'MODULE_PATHNAME', 'occupancy_steps' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 100;
COMMENT ON FUNCTION occupancy(stays, text[]) IS '在院人数: the census at midnight in steps [from_date, to_date) that follow each other; a stay holds the nights from its admission date to the night before its discharge date; to_date NULL: the last ones are still in. Stays with one of exclude_tags are left out. A NULL book gives no rows; NULL exclude_tags are 22004';

CREATE OR REPLACE FUNCTION peak_occupancy(s stays, exclude_tags text[] DEFAULT '{}') RETURNS int
	AS 'MODULE_PATHNAME', 'occupancy_peak' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION peak_occupancy(stays, text[]) IS '最高在院人数: the highest census at midnight, 0 when nobody stays a night; NULL for a NULL book; NULL exclude_tags are 22004';

CREATE OR REPLACE FUNCTION over_capacity(s stays, beds int, min_days int DEFAULT 1, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (from_date date, to_date date, occupied int, excess int, excess_bed_days int, visit_ids text[])
	AS 'MODULE_PATHNAME', 'occupancy_over_capacity' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION over_capacity(stays, int, int, text[]) IS '超床位收治: runs [from_date, to_date) of at least min_days days with more people in than beds; occupied and excess are those of the worst day, excess_bed_days adds the excess of every day, visit_ids are the stays of the run; to_date and excess_bed_days NULL: it goes on. Stays with one of exclude_tags are left out. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range 22023';
