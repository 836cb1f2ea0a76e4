-- The book of stays: gathering, merging, forms, damage.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE TABLE stay_input (n int, visit_id text, person_id text, facility_id text,
	admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric, tags text[]);
INSERT INTO stay_input VALUES
	(1, 'v2', 'p1', 'h1', '2025-05-09 10:00', '2025-05-12 09:00', 'J18.000', 800.50, NULL),
	(2, 'v1', 'p1', 'h1', '2025-05-01 08:30', '2025-05-04 16:00', 'J18.900', 1200, '{transfer}'),
	-- one visit in two rows: settled in between, still in at the end
	(3, 'v3', 'p2', 'h2', '2024-12-20', '2024-12-31', 'I10', 5000, '{cycle,settled}'),
	(4, 'v3', 'p2', 'h2', '2024-12-20', NULL, 'I11', 300.0001, '{settled,中途结算}'),
	(5, 'v4', 'p3', '医院🏥', '2025-02-28 23:59:59.123456', '2025-03-01 00:00', NULL, NULL, '{}'),
	-- a discharge posted as a mere date is not before its own day
	(6, 'v5', 'p3', 'h1', '2025-04-01 10:00', '2025-04-01', 'A01', -1, '{NULL}'),
	-- left out and counted
	(7, NULL, 'p1', 'h1', '2025-05-01', '2025-05-02', 'X', 1, NULL),
	(8, 'v6', NULL, 'h1', '2025-05-01', '2025-05-02', 'X', 1, NULL),
	(9, 'v7', 'p1', NULL, '2025-05-01', '2025-05-02', 'X', 1, NULL),
	(10, 'v8', 'p1', 'h1', NULL, '2025-05-02', 'X', 1, NULL),
	(11, 'v9', 'p1', 'h1', '2025-05-02 10:00', '2025-05-02 09:59', 'X', 1, NULL),
	(12, 'v10', 'p1', 'h1', '2025-05-02 10:00', '2025-05-01', 'X', 1, NULL);

CREATE TEMP TABLE book AS
	SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags ORDER BY n) AS s
	FROM stay_input;
SELECT stay_count(s), skipped_count(s) FROM book;
SELECT r.* FROM book, stay_rows(s) r;
SELECT s FROM book;

-- seven arguments: no tags
SELECT r.visit_id, r.tags FROM (SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM stay_input) b, stay_rows(s) r;

-- forms: text, jsonb and binary give the same book
SELECT s::text::stays::text = s::text AS by_text, s::jsonb::stays::text = s::text AS by_jsonb,
	stays_send(s) = stays_send(s::text::stays) AS same_bytes FROM book;
SELECT stays_send(stays_from_bytes(stays_send(s))) = stays_send(s) AS by_bytes, stays_from_bytes(NULL) IS NULL AS null_given FROM book;
CREATE FUNCTION pg_temp.state_of_bytes(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM medaudit.stays_from_bytes(bytes);
	RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
SELECT pg_temp.state_of_bytes(substr(stays_send(s), 1, n)) AS cut, count(*) > 20 AS many FROM book, generate_series(0, length(stays_send(s)) - 1) AS n GROUP BY 1;
SELECT pg_temp.state_of_bytes(stays_send(s) || '\x00') AS longer, pg_temp.state_of_bytes(set_byte(stays_send(s), 0, 99)) AS another_version FROM book;
SELECT '{"v":1,"skipped":2,"stays":[]}'::stays;
SELECT '{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-01T00:00:00",null],["v","p","f","2025-01-03T00:00:00","2025-01-05T12:00:00.5","D",1.5,["t"]]]}'::stays;

-- any order of rows, any grouping into books: the same bytes
SELECT count(DISTINCT stays_send(s)) AS distinct_books FROM (
	SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags ORDER BY md5(n::text || seed)) AS s
	FROM stay_input, generate_series(1, 50) AS seed GROUP BY seed
	UNION ALL
	SELECT rollup(s ORDER BY part) FROM (
		SELECT seed, part, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s
		FROM (SELECT i.*, seed, hashtext(n::text || 'x' || seed) % 3 AS part FROM stay_input i, generate_series(1, 50) AS seed) x
		GROUP BY seed, part) parts
	GROUP BY seed) all_books;
-- visits of one person with the same times stand in the order of their numbers
SELECT array_agg(visits ORDER BY visits) AS visits FROM (SELECT DISTINCT (SELECT string_agg(visit_id, ' ') FROM stay_rows(s)) AS visits FROM (
	SELECT stays(v, 'p', 'h', '2025-01-01', '2025-01-03', NULL, 1 ORDER BY md5(v || seed)) AS s FROM unnest(ARRAY['b', 'a', 'c']) AS v, generate_series(1, 20) AS seed GROUP BY seed) AS t) AS d;
SELECT stays_send(a.s || b.s) = stays_send(book.s) AS by_operator
FROM (SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_input WHERE n % 2 = 0) a,
	(SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_input WHERE n % 2 = 1) b, book;

-- NULL and nothing
SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) IS NULL AS none FROM stay_input WHERE false;
SELECT stays(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) AS all_null FROM generate_series(1, 3);
SELECT rollup(NULL::stays) IS NULL AS rollup_of_null, (NULL::stays || s) IS NULL AS null_operand, stay_count(NULL::stays), skipped_count(NULL::stays) FROM book GROUP BY s::text, (NULL::stays || s) IS NULL;
SELECT count(*) FROM stay_rows(NULL);

-- the aggregate in every place an aggregate can stand
SELECT stay_count(stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) FILTER (WHERE person_id = 'p1')) AS filtered,
	stay_count(stays(DISTINCT visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount)) AS distinct_rows,
	stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount)::text = stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount)::text AS twice
FROM stay_input;
SELECT person_id, stay_count(stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount))
FROM stay_input WHERE person_id IS NOT NULL GROUP BY ROLLUP (person_id) ORDER BY 1;
SELECT n, stay_count(stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) OVER (ORDER BY n ROWS 3 PRECEDING)) AS frame,
	stay_count(stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) OVER (ORDER BY n)) AS growing,
	stay_count(rollup(s) OVER (ORDER BY n)) AS rolled
FROM stay_input, book ORDER BY n;

-- generated rows: packed and read back, against the plain rows
CREATE TABLE stay_many AS
SELECT 'V' || i AS visit_id, 'P' || h1 % 500 AS person_id, 'F' || h2 % 7 AS facility_id,
	timestamp '2024-01-01' + h3 % 31536000 * interval '1 second' AS admitted_at,
	CASE WHEN h1 % 50 <> 0 THEN timestamp '2024-01-01' + h3 % 31536000 * interval '1 second' + h2 % 1000000 * interval '1 second' END AS discharged_at,
	CASE WHEN h3 % 9 <> 0 THEN 'D' || h3 % 40 END AS diagnosis,
	CASE WHEN h2 % 11 <> 0 THEN (h1 % 1000000)::numeric / 100 END AS amount,
	CASE h1 % 4 WHEN 0 THEN '{a}'::text[] WHEN 1 THEN '{b,c}' WHEN 2 THEN '{}' END AS tags
FROM (SELECT i, abs(hashint4(i)::bigint) AS h1, abs(hashint4(i + 1000000)::bigint) AS h2, abs(hashint4(i + 2000000)::bigint) AS h3
	FROM generate_series(1, 20000) AS i) x;
ANALYZE stay_many;
SELECT count(*) AS differences FROM (
	(SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, coalesce(tags, '{}') FROM stay_many
	EXCEPT
	SELECT r.* FROM (SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many) b, stay_rows(s) r)
	UNION ALL
	(SELECT r.* FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many GROUP BY person_id) b, stay_rows(s) r
	EXCEPT
	SELECT visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, coalesce(tags, '{}') FROM stay_many)) d;
SELECT bool_and(in_order) AS in_order FROM (
	SELECT coalesce(row(lag(r.admitted_at) OVER w, coalesce(lag(r.discharged_at) OVER w, 'infinity'), lag(r.visit_id COLLATE "C") OVER w) < row(r.admitted_at, coalesce(r.discharged_at, 'infinity'), r.visit_id COLLATE "C"), true) AS in_order
	FROM (SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many) b, stay_rows(s) WITH ORDINALITY AS r
	WINDOW w AS (ORDER BY r.ordinality)) o;

-- serial, parallel and spilled give the same books
CREATE TEMP TABLE serial AS
	SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many GROUP BY person_id;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.plan_has(query text, node text, field text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF) ' || query INTO plan;
	RETURN plan::text ~ format('"%s": "%s"', field, node);
END $$;
SELECT pg_temp.plan_has('SELECT person_id, medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) FROM stay_many GROUP BY person_id', 'Partial', 'Partial Mode') AS is_parallel;
SELECT count(*) AS persons, count(*) FILTER (WHERE stays_send(p.s) <> stays_send(serial.s)) AS differ
FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many GROUP BY person_id) p JOIN serial USING (person_id);
SELECT stays_send((SELECT rollup(s) FROM serial)) = stays_send((SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) FROM stay_many)) AS rolled_up_the_same;
RESET max_parallel_workers_per_gather;
SET enable_sort = off;
SET work_mem = '64kB';
SELECT count(*) AS persons, count(*) FILTER (WHERE stays_send(p.s) <> stays_send(serial.s)) AS differ
FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many GROUP BY person_id) p JOIN serial USING (person_id);
RESET work_mem;
SET enable_sort = on;
SET enable_hashagg = off;
SELECT count(*) AS persons, count(*) FILTER (WHERE stays_send(p.s) <> stays_send(serial.s)) AS differ
FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many GROUP BY person_id) p JOIN serial USING (person_id);
RESET enable_hashagg;

-- partitionwise
CREATE TABLE stay_parts (LIKE stay_many) PARTITION BY HASH (person_id);
CREATE TABLE stay_part0 PARTITION OF stay_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE stay_part1 PARTITION OF stay_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO stay_parts SELECT * FROM stay_many;
SET enable_partitionwise_aggregate = on;
SELECT count(*) AS persons, count(*) FILTER (WHERE stays_send(p.s) <> stays_send(serial.s)) AS differ
FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_parts GROUP BY person_id) p JOIN serial USING (person_id);

-- stored
CREATE TABLE stay_books AS SELECT 1 AS id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM stay_many;
SELECT stay_count(s), pg_column_size(s) < (SELECT sum(pg_column_size(m.*)) FROM stay_many m) AS smaller FROM stay_books;

-- bad input: what, its state
CREATE FUNCTION pg_temp.state_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'fine';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT input, pg_temp.state_of(format('SELECT %L::medaudit.stays', input)) AS state FROM unnest(ARRAY[
	'', 'x', '[]', '1', '{}', '{"v":1,"skipped":0}', '{"v":2,"skipped":0,"stays":[]}', '{"v":1,"skipped":-1,"stays":[]}',
	'{"v":1,"skipped":0.5,"stays":[]}', '{"v":1,"skipped":0,"stays":{}}', '{"v":1,"skipped":0,"stays":[1]}', '{"v":1,"skipped":0,"stays":[[]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-01T00:00:00"]]}',
	'{"v":1,"skipped":0,"stays":[["v","p",null,"2025-01-01T00:00:00",null]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-02-29T00:00:00",null]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-01 00:00:00",null]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00","2025-01-01T00:00:00"]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,1]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,"1"]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,1e30]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,1,["a",null]]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,1,[],["2025-01-01T00:00:00",null]]]}',
	'{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,1,[],[]]]}',
	'{"v":1,"skipped":7,"stays":[["v","p","f","2025-01-02T00:00:00",null,null,1,[],null]]}']) AS input;
SELECT pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', '2025-01-01', NULL, NULL, 'NaN'::numeric)$$) AS nan,
	pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', '2025-01-01', NULL, NULL, 1e15)$$) AS amount_range,
	pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', 'infinity', NULL, NULL, 1)$$) AS infinite,
	pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', '2025-01-01', 'infinity', NULL, 1)$$) AS infinite_discharge,
	pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', '0044-01-01 BC', NULL, NULL, 1)$$) AS before_christ,
	pg_temp.state_of($$SELECT medaudit.stays('v', 'p', 'f', '2025-01-01', NULL, NULL, 5e12) FROM generate_series(1, 2000000)$$) AS sum_range;
-- what is no JSON at all is refused in the words of the type, with a hint
CREATE FUNCTION pg_temp.words(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, hint);
END $$;
SELECT pg_temp.words(s) FROM unnest(ARRAY[$$SELECT medaudit.stays('x')$$, $$SELECT medaudit.stays('7')$$, $$SELECT '{"v":1,'::medaudit.stays$$]) s;
-- the amounts of one visit add up to more than reads back, wherever rows meet
CREATE TABLE stay_sum AS
SELECT 'v' || i % 10000 AS v, 'p' AS p, 'f' AS f, timestamp '2025-01-01' AS at, CASE WHEN i % 10000 = 77 THEN 9e12 ELSE 1 END AS amount
FROM generate_series(1, 20000) i;
ANALYZE stay_sum;
CREATE FUNCTION pg_temp.sum_state(way text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.state_of(CASE way
		WHEN 'rows' THEN 'SELECT medaudit.stays(v, p, f, at, NULL, NULL, amount) FROM stay_sum'
		WHEN 'grouped' THEN 'SELECT v, medaudit.stays(v, p, f, at, NULL, NULL, amount) FROM stay_sum GROUP BY v'
		WHEN 'rollup' THEN 'SELECT medaudit.rollup(s) FROM (SELECT ctid, medaudit.stays(v, p, f, at, NULL, NULL, amount) AS s FROM stay_sum WHERE v = ''v77'' GROUP BY ctid) x'
		WHEN 'operator' THEN 'SELECT s OPERATOR(medaudit.||) s FROM (SELECT medaudit.stays(v, p, f, at, NULL, NULL, 9e12) AS s FROM stay_sum WHERE v = ''v1'' AND ctid < ''(9,1)'') x'
		WHEN 'text' THEN 'SELECT ''{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-01T00:00:00",null,null,9e12],["v","p","f","2025-01-02T00:00:00",null,null,9e12]]}''::medaudit.stays'
		WHEN 'jsonb' THEN 'SELECT ''{"v":1,"skipped":0,"stays":[["v","p","f","2025-01-01T00:00:00",null,null,-9e12],["v","p","f","2025-01-02T00:00:00",null,null,-9e12]]}''::jsonb::medaudit.stays'
		WHEN 'skipped' THEN 'SELECT s OPERATOR(medaudit.||) s FROM (SELECT ''{"v":1,"skipped":9000000000000,"stays":[]}''::medaudit.stays AS s) x'
		WHEN 'skipped lines' THEN 'SELECT s OPERATOR(medaudit.||) s FROM (SELECT ''{"v":1,"skipped":9000000000000}''::medaudit.ledger AS s) x' END)
$$;
SELECT way, pg_temp.sum_state(way) FROM unnest(ARRAY['rows', 'grouped', 'rollup', 'operator', 'text', 'jsonb', 'skipped', 'skipped lines']) way;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT way, pg_temp.sum_state(way) AS parallel FROM unnest(ARRAY['rows', 'grouped']) way;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE stay_sum;
-- what is out of range only in between is no error, in whatever order it comes
SELECT stays('v', 'p', 'f', '2025-01-01', NULL, NULL, a ORDER BY a)::text = s::text AS upwards, stays('v', 'p', 'f', '2025-01-01', NULL, NULL, a ORDER BY a DESC)::text = s::text AS downwards,
	stays('v', 'p', 'f', '2025-01-01', NULL, NULL, a ORDER BY md5(i::text))::text = s::text AS mixed, s::text
FROM (SELECT i, CASE WHEN i <= 3000 THEN -1e13 WHEN i <= 6000 THEN 1e13 ELSE 7.25 END AS a FROM generate_series(1, 6001) i) x,
	(SELECT stays('v', 'p', 'f', '2025-01-01', NULL, NULL, 7.25) AS s) y GROUP BY s::text;

-- damaged bytes: every prefix is refused with 22P03, every changed byte is
-- refused or read as some book, and nothing else happens
CREATE FUNCTION pg_temp.copy_file() RETURNS text LANGUAGE sql AS $$
	SELECT current_setting('data_directory') || '/medaudit_stays_' || pg_backend_pid() || '.bin'
$$;
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message bytea := '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) || int2send(1::int2) || int4send(length(bytes)) || bytes || int2send((-1)::int2);
	object oid;
BEGIN
	object := lo_from_bytea(0, message);
	PERFORM lo_export(object, pg_temp.copy_file());
	PERFORM lo_unlink(object);
	CREATE TEMP TABLE IF NOT EXISTS received (s medaudit.stays);
	DELETE FROM received;
	EXECUTE format('COPY received FROM %L (FORMAT binary)', pg_temp.copy_file());
	PERFORM count(*) FROM received, medaudit.stay_rows(s);
	RETURN 'read';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SET client_min_messages = warning;
SELECT pg_temp.receive(stays_send(s)) AS whole FROM book;
SELECT bool_and(stays_send(r.s) = stays_send(b.s)) AS by_binary FROM received r, book b;
SELECT pg_temp.receive(substr(stays_send(s), 1, n)) AS prefix, count(*) FROM book, generate_series(0, length(stays_send(s)) - 1) AS n GROUP BY 1;
SELECT DISTINCT pg_temp.receive(set_byte(stays_send(s), n, (get_byte(stays_send(s), n) + change) % 256)) AS changed
FROM book, generate_series(0, length(stays_send(s)) - 1) AS n, unnest(ARRAY[1, 127, 128, 255]) AS change ORDER BY 1;
SELECT pg_temp.receive(stays_send(s) || '\x00') AS longer, pg_temp.receive('\x02000000') AS other_version,
	pg_temp.receive('\x0100ffffffffff7f') AS many FROM book;
DO $$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', format('cat > /dev/null; rm -f "%s"', pg_temp.copy_file())); END $$;

-- the example of the manual
SELECT r.* FROM (SELECT stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s
	FROM (VALUES ('v3', 'p2', 'h2', timestamp '2024-12-20', timestamp '2024-12-31', 'I10', 5000, '{cycle}'::text[]),
		('v3', 'p2', 'h2', '2024-12-20', NULL, 'I11', 300, NULL)) AS t(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags)) b,
	stay_rows(s) r;
