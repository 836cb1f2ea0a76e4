-- Members of one household admitted and discharged together.

CREATE OR REPLACE FUNCTION same_household_admissions(s stays, admit_within_days int DEFAULT 1, discharge_within_days int DEFAULT 1, min_people int DEFAULT 2, max_people int DEFAULT 15, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (facility_id text, people int, times int, person_ids text[], visit_ids text[], first_admitted date, last_admitted date, first_discharged date, last_discharged date, amount numeric)
	AS 'MODULE_PATHNAME', 'together_same_household' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION same_household_admissions(stays, int, int, int, int, text[]) IS '同进同出: groups of at least min_people people of one household''s book, each with one stay at one facility, all admitted within admit_within_days days and discharged within discharge_within_days days of each other; the largest group first, its stays are used once. times: groups of the book that share two of its people. More than max_people: an institution''s address, arrays NULL. Amount in yuan. Stays without discharge or with one of exclude_tags are left out. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range 22023';

CREATE OR REPLACE FUNCTION _stays_household_transition(internal, text, text, timestamp, timestamp) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_household_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _together_final(internal) RETURNS int
	AS 'MODULE_PATHNAME', 'together_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION _stays_household_transition(internal, text, text, timestamp, timestamp) IS '同进同出聚合步: support function of aggregate same_household_admissions';
COMMENT ON FUNCTION _together_final(internal) IS '同进同出聚合终步: support function of aggregate same_household_admissions';

CREATE OR REPLACE AGGREGATE same_household_admissions(person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp) (
	SFUNC = _stays_household_transition, STYPE = internal, SSPACE = 384,
	FINALFUNC = _together_final, COMBINEFUNC = _stays_combine,
	SERIALFUNC = _stays_serialize, DESERIALFUNC = _stays_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE same_household_admissions(text, text, timestamp, timestamp) IS '同进同出人次: number of stays in groups that the function same_household_admissions finds by its defaults, those of more than 15 people left out; grouped by household, without gathering a book. Rows with a NULL or with discharge before admission do not count. NULL where there is no row';
