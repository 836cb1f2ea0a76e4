-- People who are admitted and discharged together time and again.

CREATE OR REPLACE FUNCTION companions(s stays, within_days int DEFAULT 1, min_times int DEFAULT 2, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, other_person_id text, times int, facilities int, first_admitted date, last_admitted date, expected float8, p_value float8, visit_ids text[], other_visit_ids text[])
	AS 'MODULE_PATHNAME', 'companions_pairs' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION companions(stays, int, int, text[]) IS '结伴住院: pairs of people (person_id before other_person_id, bytewise) with at least min_times stays that match: at one facility, admission dates and discharge dates each at most within_days days apart; no stay counts twice. expected: matches by chance, from the share of matching stay pairs at each facility; p_value: the Poisson chance of as many or more. Stays without discharge or with one of exclude_tags are left out. More than 5 million pairs are 54000. A NULL book gives no rows; NULL thresholds are 22004, thresholds out of range 22023';

CREATE OR REPLACE FUNCTION companions(s stays, within interval, min_times int DEFAULT 2, exclude_tags text[] DEFAULT '{}')
	RETURNS TABLE (person_id text, other_person_id text, times int, facilities int, first_admitted date, last_admitted date, expected float8, p_value float8, visit_ids text[], other_visit_ids text[])
	AS 'MODULE_PATHNAME', 'companions_pairs_by_clock' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION companions(stays, interval, int, text[]) IS '结伴刷卡: the same by the clock: admissions and discharges each at most within apart, ends inside, whole seconds; for cards that pay one after another (a payment is a stay of no length). within: 0 to 1 day without months (22023; NULL 22004); a book of more than 68 years is 22008';

CREATE OR REPLACE FUNCTION companion_groups(s stays, within_days int DEFAULT 1, min_times int DEFAULT 2, exclude_tags text[] DEFAULT '{}', max_p float8 DEFAULT 1)
	RETURNS TABLE (group_no int, person_ids text[], pairs int, times int)
	AS 'MODULE_PATHNAME', 'companions_groups' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION companion_groups(stays, int, int, text[], float8) IS '结伴住院团伙: people connected by companions whose p_value is at most max_p (0 to 1), numbered by their first person; pairs: companions among them, times: theirs added. Arguments and errors as companions';

CREATE OR REPLACE FUNCTION companion_groups(s stays, within interval, min_times int DEFAULT 2, exclude_tags text[] DEFAULT '{}', max_p float8 DEFAULT 1)
	RETURNS TABLE (group_no int, person_ids text[], pairs int, times int)
	AS 'MODULE_PATHNAME', 'companions_groups_by_clock' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 10;
COMMENT ON FUNCTION companion_groups(stays, interval, int, text[], float8) IS '结伴刷卡团伙: the same for companions by the clock; within as there';
