-- Stays of one person: split, overlapping, frequent, and events in their midst.

CREATE OR REPLACE FUNCTION split_stays(s stays, max_gap_days int DEFAULT 15, same_facility bool DEFAULT true, diagnosis_digits int DEFAULT 3, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, visit_id text, next_visit_id text, facility_id text, next_facility_id text, gap_days int, diagnosis text, next_diagnosis text, amount numeric, next_amount numeric)
	AS 'MODULE_PATHNAME', 'stay_gaps_split' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION split_stays(stays, int, bool, int, text[]) IS '分解住院: pairs of a stay and, of those of that person (same_facility: at that facility) that stand before it and are discharged on or before the date of its admission, the one that ended last, with at most max_gap_days days from discharge date to next admission date, whatever the clock says, and diagnoses that share their first diagnosis_digits characters, case, width, dots and blanks saying nothing (0: not asked; NULL matches nothing). Amounts in yuan. Stays with one of exclude_tags are left out before. A NULL book gives no rows; NULL thresholds are 22004, negative ones 22023';

CREATE OR REPLACE FUNCTION overlapping_stays(s stays, min_nights int DEFAULT 1, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, visit_id text, other_visit_id text, facility_id text, other_facility_id text, nights int, from_date date, to_date date)
	AS 'MODULE_PATHNAME', 'stay_gaps_overlapping' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION overlapping_stays(stays, int, text[]) IS '叠床住院: every pair of one person''s stays that share at least min_nights nights, from from_date to to_date; nights and to_date are NULL when neither has ended. visit_id is the earlier of the two. Stays with one of exclude_tags are left out before. A NULL book gives no rows; NULL thresholds are 22004, negative ones 22023';

CREATE OR REPLACE FUNCTION events_in_stay(s stays, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, visit_id text, event_visit_id text, facility_id text, event_facility_id text, event_at timestamp, day_of_stay int, event_tags text[])
	AS 'MODULE_PATHNAME', 'stay_gaps_events' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION events_in_stay(stays, text[]) IS '住院期间外出就医: visits of less than a night and a day (they end at most on the date after they begin) that begin on a date strictly inside another stay of the same person (neither its first nor its last day); what has not ended is a stay; day_of_stay counts from 1 on the admission date. Stays and visits with one of exclude_tags are left out before. A NULL book gives no rows; NULL exclude_tags are 22004';

CREATE OR REPLACE FUNCTION frequent_stays(s stays, period_days int DEFAULT 365, min_stays int DEFAULT 4, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, stay_count int, facilities int, first_admitted date, last_admitted date, visit_ids text[], amount numeric)
	AS 'MODULE_PATHNAME', 'stay_gaps_frequent' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION frequent_stays(stays, int, int, text[]) IS '住院频次高: per person the densest run of stays admitted within period_days consecutive dates, where it has at least min_stays; ties: the earliest. Amount in yuan, NULL: none was given. Stays with one of exclude_tags are left out before. A NULL book gives no rows; NULL thresholds are 22004, those below 1 22023';

CREATE OR REPLACE FUNCTION _frequent_stays(s stays, period_days int, min_stays int, exclude_tags text[], ends_from date)
	RETURNS TABLE (person_id text, stay_count int, facilities int, first_admitted date, last_admitted date, visit_ids text[], amount numeric)
	AS 'MODULE_PATHNAME', 'stay_gaps_frequent' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION _frequent_stays(stays, int, int, text[], date) IS '住院频次高（截至日起）: as frequent_stays(), the densest of the runs whose last stay was admitted on ends_from or later; NULL ends_from: of all';
