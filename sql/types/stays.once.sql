-- Casts and operators of the book of stays.

CREATE CAST (stays AS jsonb) WITH FUNCTION _stays_to_jsonb(stays);
CREATE CAST (jsonb AS stays) WITH FUNCTION _stays_from_jsonb(jsonb);
COMMENT ON CAST (stays AS jsonb) IS '住院册转JSON: {"v", "skipped", "stays": [[visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, [tags]], …]}';
COMMENT ON CAST (jsonb AS stays) IS '由JSON成住院册: reads what the cast to jsonb writes';

CREATE OPERATOR || (
	LEFTARG = stays, RIGHTARG = stays, FUNCTION = _stays_concatenate, COMMUTATOR = ||
);
COMMENT ON OPERATOR || (stays, stays) IS '住院册相加: both books as one; NULL if either is NULL';
