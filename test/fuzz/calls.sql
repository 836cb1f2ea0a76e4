-- What test/fuzz/run calls: every function of medaudit, with arguments drawn
-- from values that are likely to hurt, and tables of books for sqlsmith.
CREATE TABLE ledgers AS
SELECT medaudit.ledger('item' || i % 7, 1 + i % 3, (1 + i % 3) * 12.5,
	timestamp '2025-01-01' + i * interval '5 hours', 'l' || i, NULL,
	'v' || i % 2, NULL) AS book, 'v1'::text AS visit_id, g AS place
FROM generate_series(1, 5) g, generate_series(1, 40) i GROUP BY g;
CREATE TABLE stay_books AS
SELECT medaudit.stays('v' || i, 'p' || i % 9, 'f' || i % 2, timestamp '2025-01-01'
	+ i % 20 * interval '1 day', timestamp '2025-01-04' + i % 21 * interval '1 day',
	'J18.' || i % 3, i * 10, '{referral}') AS book, g AS place
FROM generate_series(1, 5) g, generate_series(1, 60) i GROUP BY g;
CREATE TABLE rulebooks AS SELECT medaudit.compile_rules() AS rules, 1 AS place;

CREATE TABLE value_of (type regtype, value text);
INSERT INTO value_of
SELECT type::regtype, value FROM (VALUES
	('int', '{0,1,-1,2,15,2147483647,-2147483648}'::text[]),
	('bigint', '{0,1,-1,9223372036854775807,-9223372036854775808}'),
	('numeric', '{0,1,-1,0.00005,NaN,Infinity,-Infinity,1e15,1e300,12.345678}'),
	('float8', '{0,1,-1,0.5,NaN,Infinity,-Infinity,1e308,1e-308}'),
	('bool', '{true,false}'),
	('text', '{"",a,0,%,医保,"北京市海淀区中关村南大街5号院3号楼2单元501室",11010519491231002X,"A%","
","0.25g×24片","\\x01"}'::text[] || repeat('长', 3000)),
	('text[]', '{"{}","{NULL}","{a,a,NULL}","{item1,v1}","{{a,b},{c,d}}"}'),
	('int[]', '{"{}","{NULL}","{1,2}"}'),
	('date', '{2025-01-01,2024-02-29,infinity,-infinity,0001-01-01,5874897-12-31}'),
	('timestamp', '{2025-01-01,"2025-01-02 08:00:00.000001",infinity,-infinity,294276-12-31,4713-01-01 BC}'),
	('interval', '{0,"1 month","-1 day","178000000 years","00:00:00.000001"}'),
	('jsonb', '{"{}","[]","null","1","{\"v1\":{\"sex\":\"1\"}}","{\"v1\":null}","[{\"rule_code\":\"x\",\"kind\":\"price\"}]"}'),
	('bytea', '{"",\\x00,\\x0102030405060708}'),
	('daterange', '{empty,"[2025-01-01,)","(,)"}'),
	('numeric[]', '{"{}","{NULL}","{0,1,-1,NULL}","{NaN,1,Infinity}","{1e300,-1e300,0.00005}","{{1,2},{3,4}}"}'),
	('bigint[]', '{"{}","{NULL}","{1,2,NULL}","{9223372036854775807,9223372036854775807,-9223372036854775808}"}'),
	('float8[]', '{"{}","{NULL}","{0,1,-1,0.5}","{NaN,Infinity,-Infinity}","{1e308,1e308,-1e308,1e-308}"}'),
	('date[]', '{"{}","{NULL}","{2025-01-01,2025-01-01,2024-02-29}","{infinity,-infinity,NULL,5874897-12-31}"}'),
	('daterange[]', '{"{}","{empty,NULL,\"[2025-01-01,)\",\"(,)\"}"}'),
	('timestamptz', '{2025-01-01,infinity,-infinity,294276-12-31}'),
	('real', '{0,-1,0.5,NaN,Infinity,1e38}'),
	('name', '{"",medaudit,ledgers,"A\"%"}'),
	('regclass', '{ledgers,stay_books,medaudit.charge_rule,medaudit.finding,pg_catalog.pg_am}'),
	('oid', '{0,1,16384,4294967295}'),
	('regtype', '{text,medaudit.ledger,"numeric[]"}'),
	('regprocedure', '{medaudit.normalize_text(text),pg_catalog.now()}')) v (type, pool),
	unnest(pool) value;
INSERT INTO value_of SELECT 'medaudit.ledger', book::text FROM ledgers LIMIT 1;
INSERT INTO value_of SELECT 'medaudit.ledger', medaudit.fills('XA10BBG' || lpad((i % 3)::text, 3, '0') || 'A001010100001',
	CASE i % 9 WHEN 0 THEN -7 ELSE 30.5 END, 12.34, timestamp '2025-01-01' + i * interval '11 days', 'f' || i % 4, i::text, NULL)::text
FROM generate_series(1, 40) AS i;
INSERT INTO value_of SELECT 'text', level FROM unnest('{code,product,strength,generic,class,subgroup,XA10BBG059A001010100001}'::text[]) AS level;
INSERT INTO value_of SELECT 'medaudit.stays', book::text FROM stay_books LIMIT 1;
INSERT INTO value_of SELECT 'medaudit.rulebook', rules::text FROM rulebooks;
INSERT INTO value_of VALUES ('medaudit.rulebook', '[]'), ('medaudit.alert', 'yellow'),
	('medaudit.visit_context', '(,,,,,,,,,)'),
	('medaudit.visit_context', '(1,2020-02-29,3,in,x,y,2025-01-01,2025-01-05,"{J18}",F1)'),
	('medaudit.visit_context', '(9,infinity,-5,,,,infinity,-infinity,"{NULL}"," ")');
INSERT INTO value_of VALUES ('medaudit.visit_context[]', '{}'), ('medaudit.visit_context[]', '{NULL,NULL}'),
	('medaudit.visit_context[]', ARRAY['(1,2020-02-29,3,in,x,y,2025-01-01,2025-01-05,"{J18}",F1)', '(,,,,,,,,,)']::medaudit.visit_context[]::text);
-- What gathers nothing, and what gathers one line only.
INSERT INTO value_of
SELECT 'medaudit.ledger', medaudit.ledger('a', q, a, at)::text
FROM (VALUES (NULL, 1, timestamp '2025-01-01'), (1, 1, '2025-01-01'), (-1, -1, '4713-01-01 BC'),
	(0, 0, '294276-12-31'), (9e12, 9e12, '2025-01-01')) v (q, a, at) GROUP BY at, q;

-- Of other composite types a row of NULLs, and none; arrays of these.
INSERT INTO value_of
SELECT t.oid, v.value
FROM pg_type AS t CROSS JOIN LATERAL (SELECT '(' || repeat(',', (SELECT count(*) FROM pg_attribute AS a
	WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)::int - 1) || ')') AS r (empty)
CROSS JOIN LATERAL unnest(ARRAY[r.empty, NULL]) AS v (value)
WHERE t.typtype = 'c' AND t.oid <> 'medaudit.visit_context'::regtype
	AND EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind = 'f' AND t.oid = ANY (p.proargtypes))
UNION ALL
SELECT t.typarray, v.value
FROM pg_type AS t CROSS JOIN unnest('{"{}","{NULL}"}'::text[]) AS v (value)
WHERE t.typtype = 'c' AND t.oid <> 'medaudit.visit_context'::regtype
	AND EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind = 'f' AND t.typarray = ANY (p.proargtypes));

-- Functions that can be called with these, and aggregates of three equal rows; NULL is in
-- every pool.
CREATE VIEW callable AS
SELECT p.oid, p.proname, p.proargtypes::oid[] AS types, CASE WHEN p.prokind = 'a' THEN ' FROM generate_series(1, 3)' ELSE '' END AS rows
FROM pg_proc p
WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind IN ('a', 'f')
AND p.prorettype NOT IN ('trigger'::regtype, 'internal'::regtype)
AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) t
	WHERE t NOT IN (SELECT type FROM value_of));

CREATE TABLE called (place bigint GENERATED ALWAYS AS IDENTITY, call text,
	state text, message text);

-- Calls N times, and says so in the log before; what fails is kept with its SQLSTATE.
CREATE FUNCTION call_at_random(seed float8, n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	one record;
	call text;
BEGIN
	PERFORM setseed(seed);
	FOR one IN
		SELECT proname, types, rows, random() AS place FROM callable, generate_series(1, n)
		ORDER BY place LIMIT n
	LOOP
		SELECT format('SELECT count(x) FROM (SELECT medaudit.%I(%s) AS x%s) t',
			one.proname, coalesce(string_agg((SELECT CASE WHEN random() < 0.1
				THEN 'NULL' ELSE quote_nullable(value) END
				|| '::' || format_type(a.type, NULL)
				FROM value_of v WHERE v.type = a.type ORDER BY random() LIMIT 1),
				', ' ORDER BY a.place), ''), one.rows)
		INTO call
		FROM unnest(one.types) WITH ORDINALITY a (type, place);
		-- the last before a crash is the one
		RAISE LOG 'calls %', left(call, 1000);
		BEGIN
			EXECUTE call;
			INSERT INTO called (call, state) VALUES (call, '00000');
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO called (call, state, message)
			VALUES (call, SQLSTATE, SQLERRM);
		END;
	END LOOP;
END $$;
