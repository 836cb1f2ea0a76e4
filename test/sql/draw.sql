-- draw: what a seed draws, who does it again, and what is not changed afterwards
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
SET jit = off;

-- keys: as sha256sum has them
SELECT encode(medaudit.draw_key('2025-11-26', 'F13'), 'hex');
SELECT medaudit.draw_key('种子', '甲院') = sha256('\xe7a78de5ad901fe794b2e999a2'), medaudit.draw_key('', '') = sha256('\x1f');
SELECT medaudit.draw_uniform('2025-11-26', 'F13') = (x'05d200c33cc4b'::bigint + 0.5) / 2 ^ 52, medaudit.draw_uniform('2025-11-26', 'F13');
SELECT medaudit.draw_key(NULL, 'a') IS NULL, medaudit.draw_key('a', NULL) IS NULL, medaudit.draw_uniform(NULL, 'a') IS NULL;

-- sizes: up, at least the minimum, at most all
SELECT medaudit.draw_size(101, 0.05), medaudit.draw_size(100, 0.05), medaudit.draw_size(0, 0.05), medaudit.draw_size(2, 0.05, 3), medaudit.draw_size(7, 0, 0), medaudit.draw_size(7, 1), medaudit.draw_size(7, 0.0001);
\set VERBOSITY sqlstate
SELECT medaudit.draw_size(10, 1.01);
SELECT medaudit.draw_size(10, -0.01);
SELECT medaudit.draw_size(10, 'NaN');
SELECT medaudit.draw_size(-1, 0.5);
SELECT medaudit.draw_size(10, 0.5, -1);
SELECT medaudit.draw_size(NULL, 0.5);
SELECT medaudit.draw_size(10, NULL);
SELECT medaudit.draw_size(10, 0.5, NULL);
\set VERBOSITY default

-- chances: in proportion, who reaches 1 is certain, and the rest again without him
SELECT medaudit.draw_inclusion('{1,1,2}', 2), medaudit.draw_inclusion('{1,1,3}', 2), medaudit.draw_inclusion('{10,5,1,1}', 2), medaudit.draw_inclusion('{1,2,3}', 0), medaudit.draw_inclusion('{1,2,3}', 3), medaudit.draw_inclusion('{1,2,3}', 9), medaudit.draw_inclusion('{}', 3);
SELECT medaudit.draw_inclusion(array_fill(1::numeric, '{16}') || '{2,4,8,40}', 4);
\set VERBOSITY sqlstate
SELECT medaudit.draw_inclusion('{1,0}', 1);
SELECT medaudit.draw_inclusion('{1,-1}', 1);
SELECT medaudit.draw_inclusion('{1,NaN}', 1);
SELECT medaudit.draw_inclusion('{1,Infinity}', 1);
SELECT medaudit.draw_inclusion('{1,1e-13}', 1);
SELECT medaudit.draw_inclusion('{1,NULL}', 1);
SELECT medaudit.draw_inclusion('{1}', -1);
SELECT medaudit.draw_inclusion(NULL, 1);
SELECT medaudit.draw_inclusion('{1}', NULL);
\set VERBOSITY default

-- samples
CREATE TEMP TABLE place AS SELECT 'F' || lpad(i::text, 2, '0') AS id, CASE WHEN i > 16 THEN (ARRAY[2, 4, 8, 40])[i - 16] ELSE 1 END::numeric AS weight FROM generate_series(1, 20) AS i;
SELECT place, id, inclusion, left(key, 8) AS key FROM medaudit.draw_sample('2025-11-26', (SELECT array_agg(id) FROM place), 4);
SELECT place, id, inclusion, left(key, 8) AS key FROM medaudit.draw_sample('2025-11-26', (SELECT array_agg(id ORDER BY id) FROM place), 4, (SELECT array_agg(weight ORDER BY id) FROM place));
SELECT count(*), sum(inclusion), max(place) FROM medaudit.draw_sample('x', (SELECT array_agg(id) FROM place), 25);
SELECT count(*) FROM medaudit.draw_sample('x', (SELECT array_agg(id) FROM place), 0);
SELECT count(*) FROM medaudit.draw_sample('x', '{}', 3);
SELECT count(*) FROM medaudit.draw_sample('x', '{}', 3, '{}');
\set VERBOSITY terse
SELECT medaudit.draw_sample('x', '{a,b,c,b,a}', 1);
SELECT medaudit.draw_sample('x', '{a,b}', 1, '{1}');
SELECT medaudit.draw_sample('x', '{a,b}', 1, '{1,0}');
\set VERBOSITY sqlstate
SELECT medaudit.draw_sample('x', '{a,b}', -1);
SELECT medaudit.draw_sample('x', '{a,NULL}', 1);
SELECT medaudit.draw_sample('x', '{a,b}', 1, '{1,NULL}');
SELECT medaudit.draw_sample(NULL, '{a}', 1);
-- what orders the units checks what it is given, whoever calls it
SELECT medaudit._draw_order(NULL, '{a}', '{1}', NULL);
SELECT medaudit._draw_order('s', '{a}', NULL, NULL);
SELECT medaudit._draw_order('s', NULL, '{1}', NULL);
SELECT medaudit._draw_order('s', '{a}', '{1,1}', NULL);
SELECT medaudit._draw_order('s', '{a}', '{NULL}', NULL);
SELECT medaudit.draw_sample('x', NULL, 1);
SELECT medaudit.draw_sample('x', '{a}', NULL);
\set VERBOSITY default

-- against slow SQL that says what Pareto sampling is, over weights of many sizes, in any order
\set ECHO none
CREATE FUNCTION pg_temp.slow_chances(weights numeric[], size int) RETURNS numeric[] LANGUAGE plpgsql AS $$
DECLARE chances numeric[] := array_fill(NULL::numeric, ARRAY[cardinality(weights)]); sure int := 0; rest numeric; again bool := true;
BEGIN
	WHILE again LOOP
		SELECT sum(w) INTO rest FROM unnest(weights, chances) AS u (w, c) WHERE c IS DISTINCT FROM 1;
		SELECT array_agg(CASE WHEN c = 1 OR (size - sure) * w >= rest THEN 1 ELSE (size - sure) * w / rest END ORDER BY n) INTO chances FROM unnest(weights, chances) WITH ORDINALITY AS u (w, c, n);
		SELECT count(*) FILTER (WHERE c = 1) > sure, count(*) FILTER (WHERE c = 1) INTO again, sure FROM unnest(chances) AS u (c);
		EXIT WHEN sure = cardinality(weights);
	END LOOP;
	RETURN chances;
END $$;
CREATE FUNCTION pg_temp.slow_sample(seed text, ids text[], size int, weights numeric[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s', id, round(chance, 9)), ' ' ORDER BY place) FROM (
		SELECT id, chance, row_number() OVER (ORDER BY u * (1 - chance) / ((1 - u) * chance), key) AS place FROM (
			SELECT i.id, i.chance::numeric, encode(sha256(convert_to(seed || chr(31) || i.id, 'UTF8')), 'hex') AS key,
				(('x0' || left(encode(sha256(convert_to(seed || chr(31) || i.id, 'UTF8')), 'hex'), 13) || '00')::bit(64)::bigint / 256 + 0.5) / 4503599627370496.0 AS u
			FROM unnest(ids, pg_temp.slow_chances(weights, size)) AS i (id, chance)) AS k) AS o WHERE place <= size $$;
CREATE TEMP TABLE random_draw AS
SELECT n, abs(hashint4(n * 7)) % 40 + 1 AS size, array_agg('U' || u ORDER BY hashint8(n * 1000 + u)) AS ids,
	array_agg((CASE n % 3 WHEN 0 THEN 1 + abs(hashint8(u * 31 + n)) % 4 WHEN 1 THEN power(10, abs(hashint8(u * 31 + n)) % 6)::int ELSE (1 + abs(hashint8(u * 31 + n)) % 1000) / 7.0 END)::numeric ORDER BY hashint8(n * 1000 + u)) AS weights,
	array_agg('U' || u ORDER BY u DESC) AS other_ids,
	array_agg((CASE n % 3 WHEN 0 THEN 1 + abs(hashint8(u * 31 + n)) % 4 WHEN 1 THEN power(10, abs(hashint8(u * 31 + n)) % 6)::int ELSE (1 + abs(hashint8(u * 31 + n)) % 1000) / 7.0 END)::numeric ORDER BY u DESC) AS other_weights
FROM generate_series(1, 300) AS n, generate_series(1, 60) AS u WHERE u <= 41 + n % 20 GROUP BY n;
CREATE FUNCTION pg_temp.drawn(seed text, ids text[], size int, weights numeric[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s', id, round(inclusion::numeric, 9)), ' ' ORDER BY place) FROM medaudit.draw_sample(seed, ids, size, weights) $$;
\set ECHO all
SELECT count(*), count(*) FILTER (WHERE pg_temp.drawn('s' || n, ids, size, weights) = pg_temp.slow_sample('s' || n, ids, size, weights)) AS same,
	count(*) FILTER (WHERE pg_temp.drawn('s' || n, ids, size, weights) = pg_temp.drawn('s' || n, other_ids, size, other_weights)) AS in_any_order,
	count(*) FILTER (WHERE pg_temp.drawn('s' || n, ids, size, weights) LIKE '% 1.000000000%') AS with_certain,
	count(*) FILTER (WHERE abs((SELECT sum(p) FROM unnest(medaudit.draw_inclusion(weights, size)) AS p) - size) < 1e-9) AS add_up FROM random_draw;
-- alike: in the order of the keys, with the weights said or not; a row more moves no other's number
SELECT count(*) FILTER (WHERE s.ids = k.ids) AS order_of_keys, count(*) FILTER (WHERE s.ids = w.ids) AS any_equal_weight, count(*) FILTER (WHERE m.ids = k.ids) AS with_more, count(*)
FROM random_draw AS r,
	LATERAL (SELECT array_agg(i.id ORDER BY i.key) AS ids FROM (SELECT u.id, medaudit.draw_key('s' || n, u.id) AS key FROM unnest(r.ids) AS u (id) ORDER BY 2 LIMIT size) AS i) AS k,
	LATERAL (SELECT array_agg(d.id ORDER BY d.place) AS ids FROM medaudit.draw_sample('s' || n, r.ids, size) AS d) AS s,
	LATERAL (SELECT array_agg(d.id ORDER BY d.place) AS ids FROM medaudit.draw_sample('s' || n, r.ids, size, array_fill(3.7, ARRAY[cardinality(r.ids)])) AS d) AS w,
	LATERAL (SELECT array_agg(d.id ORDER BY d.place) FILTER (WHERE d.id = ANY (k.ids)) AS ids FROM medaudit.draw_sample('s' || n, r.ids || '{M1,M2,M3}'::text[], size + 3) AS d) AS m;
-- what is promised is what comes, to some thousandths (Pareto sampling has that property for large samples): of 6,000 seeds,
-- the frequency of each unit against its chance
SELECT count(*) AS units, sum(drawn) AS drawn, bool_and(CASE WHEN inclusion = 1 THEN drawn = 6000 ELSE abs(drawn - 6000 * inclusion) < 4.5 * sqrt(6000 * inclusion * (1 - inclusion)) + 6000 * 0.002 END) AS as_promised
FROM (SELECT p.id, d.inclusion, count(*) AS drawn FROM generate_series(1, 6000) AS seed,
		LATERAL medaudit.draw_sample('seed ' || seed, (SELECT array_agg(id ORDER BY id) FROM place), 4, (SELECT array_agg(weight ORDER BY id) FROM place)) AS d JOIN place AS p ON p.id = d.id GROUP BY 1, 2) AS f;

-- a plan: frame and commitment first
SELECT encode(sha256('seed of the year'), 'hex') AS promised \gset
SELECT medaudit.open_draw('2026年双随机抽查', 'inspection', upper(:'promised'), array_agg(CASE WHEN weight > 1 THEN '三级' ELSE '一级' END ORDER BY id DESC), array_agg(id ORDER BY id DESC), array_agg(weight ORDER BY id DESC)) AS plan FROM place \gset
SELECT title, kind, commitment = :'promised' AS promised, frame_digest, frame_size, opened_by = session_user AS mine, seed, beacon, share, minimum, drawn_at, drawn_by FROM medaudit.inspection_plan WHERE plan_id = :plan \gx
SELECT medaudit.check_draw(:plan);
-- the digest is that of lines that a shell can make
SELECT frame_digest = encode(sha256(convert_to((SELECT string_agg(id || E'\x1f' || CASE WHEN weight > 1 THEN '三级' ELSE '一级' END || E'\x1f' || weight || E'\n', '' ORDER BY id COLLATE "C") FROM place), 'UTF8')), 'hex') FROM medaudit.inspection_plan WHERE plan_id = :plan;
-- what may not be
\set VERBOSITY sqlstate
SELECT medaudit.draw_plan(:plan, 'seed of the Year', 0.2);
SELECT medaudit.draw_plan(:plan, 'seed of the year', 1.2);
SELECT medaudit.draw_plan(:plan, NULL, 0.2);
SELECT medaudit.draw_plan(:plan, 'seed of the year', NULL);
SELECT medaudit.draw_plan(0, 'seed of the year', 0.2);
SELECT medaudit.draw_plan(NULL, 'seed of the year', 0.2);
SELECT medaudit.check_draw(0);
SELECT medaudit.check_draw(NULL);
SELECT medaudit.draw_plan(:plan, 'seed of the year', 0.2, minimum => 2, beacon => '07 11 19 23 30 + 04 09');
SELECT medaudit.draw_plan(:plan, 'seed of the year', 0.2);
\set VERBOSITY default
SELECT stratum, place, unit_id, weight, round(inclusion::numeric, 6) AS inclusion, left(key, 8) AS key FROM medaudit.plan_unit WHERE plan_id = :plan AND place IS NOT NULL ORDER BY 1, 2;
SELECT stratum, count(*), round(sum(inclusion)::numeric, 6) AS inclusion, count(key) AS keys, count(place) AS drawn FROM medaudit.plan_unit WHERE plan_id = :plan GROUP BY 1 ORDER BY 1;
SELECT medaudit.check_draw(:plan);
-- each stratum is a sample by itself, of the seed and the public number
SELECT stratum, drawn = (SELECT array_agg(d.id ORDER BY d.place) FROM medaudit.draw_sample(E'seed of the year\x1f07 11 19 23 30 + 04 09', ids, medaudit.draw_size(cardinality(ids), 0.2, 2)::int, weights) AS d) AS same
FROM (SELECT stratum, array_agg(unit_id ORDER BY place) FILTER (WHERE place IS NOT NULL) AS drawn, array_agg(unit_id) AS ids, array_agg(weight) AS weights FROM medaudit.plan_unit WHERE plan_id = :plan GROUP BY 1) AS s ORDER BY 1;
-- what is left out is said before, stands in the frame, and is not drawn
SELECT medaudit.open_draw('督查', 'supervision', :'promised', array_fill(''::text, '{5}'), '{A,B,C,D,E}', excluded => '{NULL,停业,NULL," ",NULL}') AS other \gset
SELECT frame_digest = encode(sha256(convert_to(E'A\x1f\x1f1\nB\x1f\x1f1\x1f停业\nC\x1f\x1f1\nD\x1f\x1f1\nE\x1f\x1f1\n', 'UTF8')), 'hex') FROM medaudit.inspection_plan WHERE plan_id = :other;
SELECT medaudit.draw_plan(:other, 'seed of the year', 1);
SELECT unit_id, weight, excluded, inclusion, place IS NOT NULL AS drawn FROM medaudit.plan_unit WHERE plan_id = :other ORDER BY 1;
SELECT medaudit.check_draw(:other);
-- a frame that is none
\set VERBOSITY terse
SELECT medaudit.open_draw('x', 'inspection', 'seed of the year', '{s}', '{A}');
SELECT medaudit.open_draw('x', 'raid', :'promised', '{s}', '{A}');
SELECT medaudit.open_draw(' ', 'inspection', :'promised', '{s}', '{A}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{}', '{}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,s}', '{A}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,t}', '{A,A}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,t}', '{A,B}', '{1,0}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s}', ARRAY[E'A\nB']);
\set VERBOSITY sqlstate
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s}', '{" "}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,t}', '{A,B}', '{1}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,NULL}', '{A,B}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s,t}', '{A,NULL}');
SELECT medaudit.open_draw('x', 'inspection', NULL, '{s}', '{A}');
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s}', '{A}', actor => 'somebody');

-- nobody changes what was drawn, nor what it was drawn of
UPDATE medaudit.plan_unit SET place = 1;
UPDATE medaudit.plan_unit SET weight = 2 WHERE unit_id = 'A';
DELETE FROM medaudit.plan_unit;
TRUNCATE medaudit.plan_unit;
DELETE FROM medaudit.inspection_plan;
TRUNCATE medaudit.inspection_plan;
UPDATE medaudit.inspection_plan SET seed = 'another' WHERE plan_id = :plan;
UPDATE medaudit.inspection_plan SET title = 'another' WHERE plan_id = :plan;
CALL medaudit._write_draw(:plan);
SELECT medaudit.check_draw(:plan), medaudit.check_draw(:other);
-- who could, would be found out
\set VERBOSITY default
BEGIN;
ALTER TABLE medaudit.plan_unit DISABLE TRIGGER guard;
UPDATE medaudit.plan_unit AS u SET place = 3 - place WHERE plan_id = :plan AND stratum = '三级' AND place IS NOT NULL;
SELECT medaudit.check_draw(:plan), medaudit.check_draw(:other);
ROLLBACK;
BEGIN;
ALTER TABLE medaudit.plan_unit DISABLE TRIGGER guard;
DELETE FROM medaudit.plan_unit WHERE plan_id = :plan AND unit_id = 'F01';
SELECT medaudit.check_draw(:plan);
ROLLBACK;
BEGIN;
ALTER TABLE medaudit.plan_unit DISABLE TRIGGER guard;
UPDATE medaudit.plan_unit SET excluded = '关系户' WHERE plan_id = :plan AND unit_id = 'F20';
SELECT medaudit.check_draw(:plan);
ROLLBACK;
BEGIN;
ALTER TABLE medaudit.inspection_plan DISABLE TRIGGER guard;
UPDATE medaudit.inspection_plan SET beacon = '1' WHERE plan_id = :plan;
UPDATE medaudit.inspection_plan SET commitment = repeat('0', 64) WHERE plan_id = :other;
SELECT medaudit.check_draw(:plan), medaudit.check_draw(:other);
ROLLBACK;

-- with the rights of a chief, and no others
CREATE ROLE regress_medaudit_draws; CALL medaudit.grant_access('regress_medaudit_draws', 'chief');
CREATE ROLE regress_medaudit_looks; CALL medaudit.grant_access('regress_medaudit_looks', 'analyst');
SET SESSION AUTHORIZATION regress_medaudit_draws;
SELECT medaudit.open_draw('复查', 'inspection', :'promised', '{s,s,s}', '{A,B,C}') AS third \gset
\set VERBOSITY sqlstate
INSERT INTO medaudit.plan_unit (plan_id, unit_id, stratum, weight) VALUES (:third, 'D', 's', 1);
INSERT INTO medaudit.plan_unit (plan_id, unit_id, stratum, weight, place) VALUES (:third, 'D', 's', 1, 1);
INSERT INTO medaudit.inspection_plan (title, kind, commitment, frame_digest, frame_size, opened_by) VALUES ('x', 'inspection', :'promised', 'x', 1, 'somebody');
INSERT INTO medaudit.inspection_plan (title, kind, commitment, frame_digest, frame_size, seed, share, minimum, drawn_at, drawn_by) VALUES ('x', 'inspection', :'promised', 'x', 1, 'seed of the year', 1, 1, now(), session_user);
UPDATE medaudit.plan_unit SET key = 'x' WHERE plan_id = :third;
UPDATE medaudit.inspection_plan SET drawn_by = 'somebody', seed = 'seed of the year', share = 0.5, minimum = 1, drawn_at = now() WHERE plan_id = :third;
\set VERBOSITY default
SELECT medaudit.draw_plan(:third, 'seed of the year', 0.5);
SELECT medaudit.check_draw(:third);
SELECT opened_by, drawn_by FROM medaudit.inspection_plan WHERE plan_id = :third;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_medaudit_looks;
SELECT medaudit.check_draw(:third), count(*) FROM medaudit.plan_unit WHERE plan_id = :third;
\set VERBOSITY sqlstate
SELECT medaudit.open_draw('x', 'inspection', :'promised', '{s}', '{A}');
SELECT medaudit.draw_plan(:third, 'seed of the year', 0.5);
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
-- a seed that is known, lists of several dimensions, a beacon that says nothing
SELECT medaudit.open_draw('y', 'inspection', encode(sha256(''), 'hex'), '{s}', '{A}') AS known \gset
SELECT medaudit.open_draw('y', 'inspection', repeat('a', 64), '{s,s}', '{{A},{B}}');
SELECT medaudit.open_draw('y', 'inspection', repeat('a', 64), '{{s},{s}}', '{A,B}');
SELECT medaudit.draw_sample('s', '{{a,b},{c,d}}', 2);
SELECT medaudit.draw_sample('s', '{a,b}', 2, '{{1,2}}');
SELECT medaudit.draw_plan(:known, '', 0.5, 1, '');
