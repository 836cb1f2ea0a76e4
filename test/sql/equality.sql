-- Equality of books: operators, classes, and every plan and place that asks them.
SET search_path = medaudit, public;

-- Six books each, some in several ways: rows in another order, parts added,
-- through text; one that is large.
CREATE TABLE equal_ledger (n int, way text, book ledger);
INSERT INTO equal_ledger
SELECT n, way, book FROM generate_series(1, 6) n, LATERAL (
	SELECT 'rows' AS way, ledger('A' || i % 7, n, n, timestamp '2025-01-01' + i * interval '1 hour' ORDER BY i) AS book FROM generate_series(1, 1 + (n ^ 4)::int) i
	UNION ALL SELECT 'backwards', ledger('A' || i % 7, n, n, timestamp '2025-01-01' + i * interval '1 hour' ORDER BY i DESC) FROM generate_series(1, 1 + (n ^ 4)::int) i) b;
INSERT INTO equal_ledger SELECT n, 'text', book::text::ledger FROM equal_ledger WHERE way = 'rows';
INSERT INTO equal_ledger VALUES (NULL, 'null', NULL), (NULL, 'null', NULL);
CREATE TABLE equal_stays (n int, way text, book stays);
INSERT INTO equal_stays
SELECT n, way, book FROM generate_series(1, 6) n, LATERAL (
	SELECT 'rows' AS way, stays('v' || i, 'p' || i % 7, 'f', timestamp '2025-01-01' + i * interval '1 day', NULL, NULL, n ORDER BY i) AS book FROM generate_series(1, 1 + (n ^ 4)::int) i
	UNION ALL SELECT 'backwards', stays('v' || i, 'p' || i % 7, 'f', timestamp '2025-01-01' + i * interval '1 day', NULL, NULL, n ORDER BY i DESC) FROM generate_series(1, 1 + (n ^ 4)::int) i) b;
INSERT INTO equal_stays SELECT n, 'text', book::text::stays FROM equal_stays WHERE way = 'rows';
INSERT INTO equal_stays VALUES (NULL, 'null', NULL), (NULL, 'null', NULL);
CREATE TABLE equal_rulebook (n int, way text, book rulebook);
INSERT INTO equal_rulebook
SELECT n, way, book::rulebook FROM generate_series(1, 6) n, LATERAL (
	SELECT 'rows' AS way, jsonb_agg(jsonb_build_object('rule_code', 'r' || i % 3, 'kind', 'price', 'item_code', 'A' || i, 'max_price', n) ORDER BY i) AS book FROM generate_series(1, 1 + (n ^ 4)::int) i
	UNION ALL SELECT 'backwards', jsonb_agg(jsonb_build_object('rule_code', 'r' || i % 3, 'kind', 'price', 'item_code', 'A' || i, 'max_price', n) ORDER BY i DESC) FROM generate_series(1, 1 + (n ^ 4)::int) i) b;
INSERT INTO equal_rulebook SELECT n, 'text', book::text::rulebook FROM equal_rulebook WHERE way = 'rows';
INSERT INTO equal_rulebook VALUES (NULL, 'null', NULL), (NULL, 'null', NULL);
-- The same, compressed where it helps, and kept in line.
CREATE TABLE pressed_ledger AS TABLE equal_ledger WITH NO DATA;
CREATE TABLE pressed_stays AS TABLE equal_stays WITH NO DATA;
CREATE TABLE pressed_rulebook AS TABLE equal_rulebook WITH NO DATA;
ALTER TABLE pressed_ledger ALTER book SET STORAGE main;
ALTER TABLE pressed_stays ALTER book SET STORAGE external;
ALTER TABLE pressed_rulebook ALTER book SET STORAGE extended;
-- what passes a page is stored anew, as bytes of its own
INSERT INTO pressed_ledger SELECT n, 'pressed', book::text::ledger FROM equal_ledger WHERE way = 'rows';
INSERT INTO pressed_stays SELECT n, 'pressed', book::text::stays FROM equal_stays WHERE way = 'rows';
INSERT INTO pressed_rulebook SELECT n, 'pressed', book::text::rulebook FROM equal_rulebook WHERE way = 'rows';
SELECT t, bool_or(NOT stored_alike) AS stored_otherwise FROM (
	SELECT 'ledger' AS t, n, pg_column_size(e.book) = pg_column_size(p.book) AS stored_alike FROM equal_ledger e JOIN pressed_ledger p USING (n) WHERE e.way = 'rows'
	UNION ALL SELECT 'stays', n, pg_column_size(e.book) = pg_column_size(p.book) FROM equal_stays e JOIN pressed_stays p USING (n) WHERE e.way = 'rows'
	UNION ALL SELECT 'rulebook', n, pg_column_size(e.book) = pg_column_size(p.book) FROM equal_rulebook e JOIN pressed_rulebook p USING (n) WHERE e.way = 'rows') s
GROUP BY t ORDER BY t;

-- What is equal is what has equal text, whatever the storage; a hash agrees.
CREATE FUNCTION pg_temp.compared(type text) RETURNS TABLE (pairs bigint, equal bigint, wrong bigint, hashes_wrong bigint, order_wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE replace($q$
		WITH every AS MATERIALIZED (SELECT * FROM equal_TYPE UNION ALL SELECT * FROM pressed_TYPE)
		SELECT count(*), count(*) FILTER (WHERE a.book = b.book),
			count(*) FILTER (WHERE (a.book = b.book) IS DISTINCT FROM (a.n = b.n) OR (a.book <> b.book) IS DISTINCT FROM (a.n <> b.n)),
			count(*) FILTER (WHERE (_TYPE_hash(a.book) = _TYPE_hash(b.book)) IS DISTINCT FROM (a.n = b.n)
				OR (_TYPE_hash_extended(a.book, 7) = _TYPE_hash_extended(b.book, 7)) IS DISTINCT FROM (a.n = b.n)
				OR _TYPE_hash_extended(a.book, 7) = _TYPE_hash_extended(a.book, 8)
				OR _TYPE_hash_extended(a.book, 0)::bit(32)::int <> _TYPE_hash(a.book)),
			count(*) FILTER (WHERE (a.book < b.book) IS DISTINCT FROM (TYPE_send(a.book) < TYPE_send(b.book))
				OR (a.book <= b.book) IS DISTINCT FROM (TYPE_send(a.book) <= TYPE_send(b.book))
				OR (a.book > b.book) IS DISTINCT FROM (TYPE_send(a.book) > TYPE_send(b.book))
				OR (a.book >= b.book) IS DISTINCT FROM (TYPE_send(a.book) >= TYPE_send(b.book))
				OR sign(_TYPE_cmp(a.book, b.book)) IS DISTINCT FROM sign(byteacmp(TYPE_send(a.book), TYPE_send(b.book))))
		FROM every a, every b$q$, 'TYPE', type);
END $$;
SELECT type, c.* FROM unnest(ARRAY['ledger', 'stays', 'rulebook']) type, pg_temp.compared(type) c;

-- Places that ask for equality
SELECT (SELECT count(DISTINCT book) FROM equal_ledger) AS "distinct", (SELECT count(*) FROM (SELECT DISTINCT book FROM equal_stays) d) AS rows,
	(SELECT count(*) FROM (SELECT book FROM equal_rulebook GROUP BY book HAVING count(*) = 3) g) AS thrice,
	(SELECT count(*) FROM (SELECT book FROM equal_ledger UNION SELECT book FROM pressed_ledger) u) AS "union",
	(SELECT count(*) FROM (SELECT book FROM equal_stays EXCEPT SELECT book FROM pressed_stays) u) AS "except",
	(SELECT count(*) FROM (SELECT book FROM equal_rulebook INTERSECT ALL SELECT book FROM pressed_rulebook) u) AS "intersect",
	(SELECT count(*) FROM equal_ledger WHERE book IN (SELECT book FROM pressed_ledger WHERE n < 4)) AS "in",
	(SELECT count(*) FROM equal_stays WHERE book = ANY (ARRAY(SELECT book FROM pressed_stays WHERE n > 4))) AS "any",
	(SELECT count(*) FROM equal_rulebook e JOIN pressed_rulebook p ON e.book IS NOT DISTINCT FROM p.book) AS not_distinct,
	(SELECT count(*) FROM equal_ledger e JOIN pressed_ledger p ON row(e.n, e.book) = row(p.n, p.book)) AS rows_equal;

-- Joins and grouping by hash and by order
CREATE FUNCTION pg_temp.plan_has(query text, node text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN plan::text ~ node;
END $$;
CREATE FUNCTION pg_temp.joined(node text) RETURNS TABLE (type text, planned bool, rows bigint) LANGUAGE plpgsql AS $$
DECLARE query text;
BEGIN
	FOREACH type IN ARRAY ARRAY['ledger', 'stays', 'rulebook'] LOOP
		query := format('SELECT count(*) FROM equal_%1$s e JOIN pressed_%1$s p ON e.book = p.book', type);
		planned := pg_temp.plan_has(query, node);
		EXECUTE query INTO rows;
		RETURN NEXT;
	END LOOP;
END $$;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT * FROM pg_temp.joined('"Hash Join"');
RESET enable_mergejoin;
SET enable_hashjoin = off;
SELECT * FROM pg_temp.joined('"Merge Join"');
RESET enable_hashjoin;
RESET enable_nestloop;

-- Groups, parallel and not, by hash and by order: the same.
CREATE TABLE many_books AS
SELECT i AS n, ledger('A' || i % 50, 1 + i % 3, 1, '2025-01-01') AS charges, stays('v' || i % 70, 'p', 'f', '2025-01-01', NULL, NULL, i % 2) AS visits,
	jsonb_build_array(jsonb_build_object('rule_code', 'r', 'kind', 'price', 'item_code', 'A' || i % 90, 'max_price', 1))::rulebook AS rules
FROM generate_series(1, 6000) i GROUP BY i;
ANALYZE many_books;
CREATE FUNCTION pg_temp.groups() RETURNS TABLE (ledgers bigint, stays bigint, rulebooks bigint) LANGUAGE sql AS $$
	SELECT (SELECT count(*) FROM (SELECT charges FROM many_books GROUP BY charges HAVING count(*) = 6000 / 150) g),
		(SELECT count(*) FROM (SELECT visits, sum(n) FROM many_books GROUP BY visits) g), (SELECT count(*) FROM (SELECT rules, sum(n) FROM many_books GROUP BY rules) g)
$$;
SET enable_sort = off;
SET max_parallel_workers_per_gather = 0;
SELECT * FROM pg_temp.groups();
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT pg_temp.plan_has('SELECT charges, sum(n) FROM many_books GROUP BY charges', '"Partial Mode": "Partial"') AS partial;
SELECT * FROM pg_temp.groups();
RESET enable_sort;
SET enable_hashagg = off;
SELECT * FROM pg_temp.groups();
RESET enable_hashagg;
SET max_parallel_workers_per_gather = 0;

-- Indexes, constraints, partitions, statistics
CREATE UNIQUE INDEX ON pressed_stays (book) WHERE n < 4;
CREATE INDEX hashed ON many_books USING hash (charges);
SET enable_seqscan = off;
SELECT pg_temp.plan_has($$SELECT count(*) FROM many_books WHERE charges = medaudit._ledger_in('{"v":1,"items":{"A7":[["2025-01-01",2,1]]}}')$$, '"hashed"') AS by_index;
SELECT count(*) FROM many_books WHERE charges = '{"v":1,"items":{"A7":[["2025-01-01",2,1]]}}';
RESET enable_seqscan;
CREATE TABLE once (book rulebook UNIQUE);
INSERT INTO once VALUES ('[]');
INSERT INTO once SELECT rules FROM many_books ON CONFLICT DO NOTHING;
INSERT INTO once SELECT rules FROM many_books ON CONFLICT DO NOTHING;
SELECT count(*) FROM once;
CREATE TABLE parted (book ledger) PARTITION BY HASH (book);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT charges FROM many_books;
SELECT count(*) AS both_of_one FROM (SELECT book FROM parted_0 INTERSECT SELECT book FROM parted_1) i;
SELECT n_distinct FROM pg_stats WHERE tablename = 'many_books' AND attname IN ('charges', 'visits', 'rules') ORDER BY attname;

-- Operators and classes are what they should be.
SELECT opcname, amname, amvalidate(c.oid), opcdefault FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod
WHERE opcnamespace = 'medaudit'::regnamespace ORDER BY opcname, amname;
SELECT oprname, oprcom::regoperator, oprnegate::regoperator, oprcanhash, oprcanmerge, oprrest, oprjoin FROM pg_operator
WHERE oprnamespace = 'medaudit'::regnamespace AND oprleft = 'ledger'::regtype AND oprname <> '||' ORDER BY oprname;
SELECT count(*) AS others_alike FROM pg_operator o JOIN pg_operator l USING (oprname, oprcanhash, oprcanmerge, oprrest, oprjoin)
WHERE o.oprnamespace = 'medaudit'::regnamespace AND l.oprleft = 'ledger'::regtype AND l.oprright = l.oprleft AND o.oprright = o.oprleft
	AND o.oprleft IN ('stays'::regtype, 'rulebook'::regtype) AND o.oprname <> '||'
	AND (SELECT oprname FROM pg_operator WHERE oid = o.oprcom) = (SELECT oprname FROM pg_operator WHERE oid = l.oprcom)
	AND (SELECT oprname FROM pg_operator WHERE oid = o.oprnegate) = (SELECT oprname FROM pg_operator WHERE oid = l.oprnegate);

SET client_min_messages = warning;
DROP TABLE equal_ledger, equal_stays, equal_rulebook, pressed_ledger, pressed_stays, pressed_rulebook, many_books, once, parted;
