-- The book of stays: its aggregates and what is read of it.

CREATE OR REPLACE FUNCTION _stays_to_jsonb(stays) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'stays_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
CREATE OR REPLACE FUNCTION _stays_from_jsonb(jsonb) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION _stays_to_jsonb(stays) IS '住院册转JSON: the text form of a book of stays as jsonb; used by the cast';
COMMENT ON FUNCTION _stays_from_jsonb(jsonb) IS '由JSON成住院册: a book of stays from its jsonb form; used by the cast; damaged input is 22P02';

-- What carries no other types than its own, an engine or a driver, carries bytes.
CREATE OR REPLACE FUNCTION stays_from_bytes(bytes bytea) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_from_bytes' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION stays_from_bytes(bytea) IS
	'住院册字节转入: a book of stays from the bytes of stays_send(), checked like binary input; damaged bytes are 22P03; NULL gives NULL';

CREATE OR REPLACE FUNCTION _stays_transition(internal, text, text, text, timestamp, timestamp, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_tagged_transition(internal, text, text, text, timestamp, timestamp, text, numeric, text[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_tagged_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_rollup_transition(internal, stays) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_rollup_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME', 'stays_serialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'stays_deserialize' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _stays_final(internal) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_final' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;

COMMENT ON FUNCTION _stays_transition(internal, text, text, text, timestamp, timestamp, text, numeric) IS '住院册聚合步: support function of aggregate stays';
COMMENT ON FUNCTION _stays_tagged_transition(internal, text, text, text, timestamp, timestamp, text, numeric, text[]) IS '住院册聚合步(带标签): support function of aggregate stays';
COMMENT ON FUNCTION _stays_rollup_transition(internal, stays) IS '住院册合并步: support function of aggregate rollup';
COMMENT ON FUNCTION _stays_combine(internal, internal) IS '住院册并行合并: support function of aggregates stays and rollup';
COMMENT ON FUNCTION _stays_serialize(internal) IS '住院册状态序列化: support function of aggregates stays and rollup';
COMMENT ON FUNCTION _stays_deserialize(bytea, internal) IS '住院册状态反序列化: support function of aggregates stays and rollup';
COMMENT ON FUNCTION _stays_final(internal) IS '住院册聚合终步: support function of aggregates stays and rollup';

CREATE OR REPLACE AGGREGATE stays(visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric) (
	SFUNC = _stays_transition, STYPE = internal, SSPACE = 384,
	FINALFUNC = _stays_final, COMBINEFUNC = _stays_combine,
	SERIALFUNC = _stays_serialize, DESERIALFUNC = _stays_deserialize,
	PARALLEL = SAFE
);
CREATE OR REPLACE AGGREGATE stays(visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric, tags text[]) (
	SFUNC = _stays_tagged_transition, STYPE = internal, SSPACE = 384,
	FINALFUNC = _stays_final, COMBINEFUNC = _stays_combine,
	SERIALFUNC = _stays_serialize, DESERIALFUNC = _stays_deserialize,
	PARALLEL = SAFE
);
CREATE OR REPLACE AGGREGATE rollup(stays) (
	SFUNC = _stays_rollup_transition, STYPE = internal, SSPACE = 1024,
	FINALFUNC = _stays_final, COMBINEFUNC = _stays_combine,
	SERIALFUNC = _stays_serialize, DESERIALFUNC = _stays_deserialize,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE stays(text, text, text, timestamp, timestamp, text, numeric) IS '住院册: gathers admissions into one book. discharged_at NULL: still in. Rows of one visit_id are one stay: earliest admission, latest discharge (NULL wins), amounts in yuan added, diagnosis of the last row. A row with NULL visit, person, facility or admission, or discharged before it is admitted, is left out and counted. Times outside the years 1 to 9999 are 22008, amounts out of range 22003. NULL where there is no row';
COMMENT ON AGGREGATE stays(text, text, text, timestamp, timestamp, text, numeric, text[]) IS '住院册(带标签): the same with tags of each row, which detectors may be told to leave out (exclude_tags); NULL: none; the rows of one visit add theirs';
COMMENT ON AGGREGATE rollup(stays) IS '住院册合并: several books as one; visits that stand in several become one stay; NULL books add nothing; NULL where there is no book';

CREATE OR REPLACE FUNCTION _stays_concatenate(stays, stays) RETURNS stays
	AS 'MODULE_PATHNAME', 'stays_concatenate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION _stays_concatenate(stays, stays) IS '住院册相加: function of the operator ||; NULL if either is NULL';

CREATE OR REPLACE FUNCTION stay_count(stays) RETURNS int
	AS 'MODULE_PATHNAME', 'stays_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OR REPLACE FUNCTION skipped_count(stays) RETURNS int
	AS 'MODULE_PATHNAME', 'stays_skipped_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION stay_count(stays) IS '住院次数: number of stays in a book, one per visit; NULL for a NULL book';
COMMENT ON FUNCTION skipped_count(stays) IS '未采用行数: rows that were left out for a NULL visit, person, facility or admission, or a discharge before the admission; NULL for a NULL book';

CREATE OR REPLACE FUNCTION stay_rows(s stays)
	RETURNS TABLE (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric, tags text[])
	AS 'MODULE_PATHNAME', 'stays_rows' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10 ROWS 10;
COMMENT ON FUNCTION stay_rows(stays) IS '住院册明细: the stays of a book in its order, merged by visit; discharged_at NULL: still in; amount in yuan, NULL: none was given; tags sorted, {} for none. A NULL book gives no rows';
