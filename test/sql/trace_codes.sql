-- Trace codes: a pack is sold once.
SET search_path = medaudit, public;
SET client_min_messages = warning;
SET datestyle = ISO;
-- whatever other topics have bound
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM relation_column) \gexec
TRUNCATE binding;
\pset format unaligned
\set VERBOSITY terse
SELECT count(*) FROM trace_uses('2026-03-01', '2026-04-01');
CREATE SCHEMA shelf;
CREATE TABLE shelf.plain (facility_id text, product_code text, at timestamp, quantity numeric);
CALL bind('stock_move', 'shelf.plain');
SELECT count(*) FROM trace_uses('2026-03-01', '2026-04-01');
CREATE TABLE shelf.move (trace_code text, facility_id text, person_id text, at timestamp, quantity numeric DEFAULT -1, kind text DEFAULT 'sale', product_code text DEFAULT 'A', split_pack bool, unit_factor numeric);
CALL bind('stock_move', 'shelf.move');
SELECT count(*) FROM trace_uses(NULL, '2026-04-01');
SELECT count(*) FROM trace_uses('2026-03-01', NULL);
SELECT count(*) FROM trace_uses('2026-04-01', '2026-03-01');
SELECT count(*) FROM trace_uses('2026-03-01', 'infinity');
\set VERBOSITY default
SELECT count(*) FROM trace_uses('2026-03-01', '2026-04-01');

-- what is a code
SELECT c AS code, _is_trace_code(c) AS is FROM unnest('{81234567890123456789,1234567890123,123456789012,ABCDEFGHIJKLM,abc1234567890,0000000000000000,AAAAAAAAAAAAA,6901234567892,16901234567899,8123456789012345678-,81234567890123 45678,(01)06901234567892(21)A1B2,010690123456789221A1B2}'::text[] || '一二三四五六七八九十一二三'::text || ''::text || NULL::text) AS c;

-- the number of a case is its code: 8100000000000000 and four digits
CREATE FUNCTION shelf.code(n int) RETURNS text LANGUAGE sql RETURN '8100000000000000' || lpad(n::text, 4, '0');
INSERT INTO shelf.move (trace_code, facility_id, person_id, at) VALUES
	(shelf.code(1), 'S1', 'P1', '2026-03-03 10:00'),
	-- sold again elsewhere; in the period, and 730 days before; 731 days before; after it
	(shelf.code(2), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(2), 'S2', 'P2', '2026-03-09'),
	(shelf.code(3), 'S1', 'P1', '2024-03-01'), (shelf.code(3), 'S2', 'P2', '2026-03-01'), (shelf.code(4), 'S1', 'P1', '2024-02-29 23:59:59'), (shelf.code(4), 'S2', 'P2', '2026-03-31 23:59'), (shelf.code(5), 'S1', 'P1', '2026-03-03'), (shelf.code(5), 'S2', 'P2', '2026-04-01'),
	-- before the period only
	(shelf.code(6), 'S1', 'P1', '2026-02-03'), (shelf.code(6), 'S2', 'P2', '2026-02-09'),
	-- sent twice; twice on a date to one person; to another, on another date, another number
	(shelf.code(7), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(7), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(8), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(8), 'S1', 'P1', '2026-03-03 15:00'),
	(shelf.code(9), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(9), 'S1', 'P2', '2026-03-03 10:00'), (shelf.code(10), 'S1', 'P1', '2026-03-03 10:00'), (shelf.code(10), 'S1', 'P1', '2026-03-04 10:00'), (shelf.code(11), 'S1', NULL, '2026-03-03 10:00'), (shelf.code(11), 'S1', NULL, '2026-03-03 11:00');
INSERT INTO shelf.move (trace_code, facility_id, person_id, at, quantity, kind) VALUES
	-- sold, given back, sold again: on three dates, on one, without clock, elsewhere
	(shelf.code(20), 'S1', 'P1', '2026-03-03', -1, 'sale'), (shelf.code(20), 'S1', 'P1', '2026-03-04', 1, 'sale_return'), (shelf.code(20), 'S1', 'P2', '2026-03-05', -1, 'sale'),
	(shelf.code(21), 'S1', 'P1', '2026-03-03 09:00', -1, 'sale'), (shelf.code(21), 'S1', 'P1', '2026-03-03 10:00', 1, 'sale_return'), (shelf.code(21), 'S1', 'P1', '2026-03-03 11:00', -1, 'sale'),
	(shelf.code(22), 'S1', 'P1', '2026-03-03', 1, 'sale_return'), (shelf.code(22), 'S1', 'P1', '2026-03-03', -1, 'sale'), (shelf.code(23), 'S1', 'P1', '2026-03-03', -1, 'sale'), (shelf.code(23), 'S1', 'P1', '2026-03-04', 1, 'sale_return'), (shelf.code(23), 'S2', 'P2', '2026-03-05', -1, 'sale'),
	-- a return elsewhere closes nothing, nor one before the sale
	(shelf.code(24), 'S1', 'P1', '2026-03-03', -1, 'sale'), (shelf.code(24), 'S2', 'P1', '2026-03-04', 1, 'sale_return'), (shelf.code(24), 'S3', 'P2', '2026-03-05', -1, 'sale'),
	(shelf.code(25), 'S1', 'P1', '2026-03-02', 1, 'sale_return'), (shelf.code(25), 'S1', 'P1', '2026-03-03', -1, 'sale'), (shelf.code(25), 'S1', 'P2', '2026-03-05', -1, 'sale'), (shelf.code(26), 'S1', 'P1', '2026-03-05', 1, '3506'),
	-- sold three times, one came back; sales and returns of a batch sent twice
	(shelf.code(27), 'S1', 'P1', '2026-03-03', -1, '3505'), (shelf.code(27), 'S1', 'P2', '2026-03-04', -1, '3505'), (shelf.code(27), 'S1', 'P2', '2026-03-05', 1, '3506'), (shelf.code(27), 'S2', 'P3', '2026-03-06', -1, '3505'), (shelf.code(27), 'S3', 'P4', '2026-03-06', -1, '3505'),
	(shelf.code(28), 'S1', 'P1', '2026-03-03 09:00', -1, 'sale'), (shelf.code(28), 'S1', 'P1', '2026-03-03 10:00', 1, 'sale_return'), (shelf.code(28), 'S1', 'P1', '2026-03-03 09:00', -1, 'sale'), (shelf.code(28), 'S1', 'P1', '2026-03-03 10:00', 1, 'sale_return'),
	-- bought and moved between branches: no use
	(shelf.code(29), 'S1', NULL, '2026-03-02', 1, 'purchase'), (shelf.code(29), 'S1', NULL, '2026-03-03', -1, 'transfer'), (shelf.code(29), 'S2', NULL, '2026-03-03', 1, 'transfer'), (shelf.code(29), 'S2', 'P1', '2026-03-04', -1, 'sale'), (shelf.code(30), 'S1', NULL, '2026-03-02', 1, 'purchase');
INSERT INTO shelf.move (trace_code, facility_id, person_id, at, quantity, kind, product_code, split_pack, unit_factor) VALUES
	-- parts of one box of 24, from two places too; of more than one; given back; in all of a place, sent back at another
	(NULL, 'S1', NULL, '2026-03-01', 1, 'purchase', 'BOX', false, 24),
	(shelf.code(40), 'S1', 'P1', '2026-03-03', -12, 'sale', 'BOX', true, NULL), (shelf.code(40), 'S1', 'P2', '2026-03-04', -12, 'sale', 'BOX', true, NULL), (shelf.code(41), 'S1', 'P1', '2026-03-03', -12, 'sale', 'BOX', true, NULL), (shelf.code(41), 'S2', 'P2', '2026-03-04', -6, 'sale', 'BOX', true, NULL),
	(shelf.code(42), 'S1', 'P1', '2026-03-03', -12, 'sale', 'BOX', true, NULL), (shelf.code(42), 'S1', 'P2', '2026-03-04', -13, 'sale', 'BOX', true, NULL), (shelf.code(43), 'S1', 'P1', '2026-03-03', -12, 'sale', 'BOX', true, NULL), (shelf.code(43), 'S1', 'P1', '2026-03-04', 12, 'sale_return', 'BOX', true, NULL),
	(shelf.code(44), 'S1', 'P1', '2026-03-03', -24, 'sale', 'BOX', true, NULL), (shelf.code(44), 'S2', 'P1', '2026-03-04', 24, 'sale_return', 'BOX', true, NULL), (shelf.code(44), 'S3', 'P2', '2026-03-05', -24, 'sale', 'BOX', true, NULL),
	-- one row: 30 tablets of a box of 24; parts and the whole box; a pack that is not known
	(shelf.code(45), 'S1', 'P1', '2026-03-03', -30, 'sale', 'BOX', true, NULL), (shelf.code(46), 'S1', 'P1', '2026-03-03', -6, 'sale', 'BOX', true, NULL), (shelf.code(46), 'S1', 'P2', '2026-03-05', -1, 'sale', 'BOX', false, 24),
	(shelf.code(47), 'S1', 'P1', '2026-03-03', -6, 'sale', 'VIAL', true, NULL), (shelf.code(48), 'S1', 'P1', '2026-03-03', -6, 'sale', 'VIAL', true, NULL), (shelf.code(48), 'S1', 'P2', '2026-03-04', -600, 'sale', 'VIAL', true, NULL), (shelf.code(49), 'S1', 'P1', '2026-03-03', -6, 'sale', 'VIAL', true, NULL), (shelf.code(49), 'S1', 'P2', '2026-03-04', -1, 'sale', 'VIAL', false, NULL),
	-- one code, two products
	(shelf.code(50), 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), (shelf.code(50), 'S1', 'P1', '2026-03-04', 1, 'sale_return', 'B', NULL, NULL), (shelf.code(51), 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), (shelf.code(51), 'S1', 'P2', '2026-03-04', -1, 'sale', 'B', NULL, NULL),
	-- no codes, and nothing that was sold
	('12345', 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), ('12345', 'S2', 'P2', '2026-03-04', -1, 'sale', 'A', NULL, NULL), ('0000000000000000', 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), ('0000000000000000', 'S2', 'P2', '2026-03-04', -1, 'sale', 'A', NULL, NULL),
	('6901234567892', 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), ('6901234567892', 'S2', 'P2', '2026-03-04', -1, 'sale', 'A', NULL, NULL), (shelf.code(60), NULL, 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), (shelf.code(61), 'S1', 'P1', NULL, -1, 'sale', 'A', NULL, NULL), (shelf.code(62), 'S1', 'P1', '2026-03-03', 0, 'sale', 'A', NULL, NULL),
	-- spelt in another way it is the same code
	('abcd5678901234567890', 'S1', 'P1', '2026-03-03', -1, 'sale', 'A', NULL, NULL), (' ＡBCD5678901234567890', 'S2', 'P2', '2026-03-04', -1, 'sale', 'A', NULL, NULL);
SELECT right(trace_code, 4) AS code, product_codes, sales, returns, net_sales AS net, facilities AS places, persons, to_char(first_at, 'YYYY-MM-DD HH24:MI') AS first_at, to_char(last_at, 'YYYY-MM-DD HH24:MI') AS last_at, excess_sales AS excess, status, facility_ids FROM trace_uses('2026-03-01', '2026-04-01') ORDER BY trace_code;
-- the catalogue knows the pack; where it says two things the movements tell
CREATE TABLE shelf.item (item_code text, national_code text, pack_units numeric, facility_id text);
INSERT INTO shelf.item VALUES ('V', 'VIAL', 10, NULL), ('BOX', NULL, 12, 'H1'), ('BOX', NULL, 24, 'H2');
CALL bind('item', 'shelf.item');
SELECT right(trace_code, 4) AS code, excess_sales, status FROM trace_uses('2026-03-01', '2026-04-01') WHERE 'VIAL' = ANY (product_codes) OR trace_code = shelf.code(42) ORDER BY 1;

-- against a slow count, code by code and row by row, at random
\set ECHO none
DROP VIEW medaudit_data.item;
TRUNCATE shelf.move;
\o /dev/null
SELECT setseed(0.5);
\o
INSERT INTO shelf.move (trace_code, facility_id, person_id, at, quantity, kind, product_code, split_pack, unit_factor)
SELECT shelf.code(c), 'S' || floor(random() * 3)::int, CASE WHEN random() < 0.8 THEN 'P' || floor(random() * 3)::int END,
	date '2024-01-01' + CASE WHEN c % 2 = 0 THEN floor(random() * 800)::int ELSE 700 + floor(random() * 90)::int END + CASE WHEN random() < 0.5 THEN floor(random() * 3)::int ELSE 0 END * interval '1 hour',
	CASE WHEN r < 0.65 THEN -1 ELSE 1 END * CASE WHEN c % 5 = 0 THEN 1 + floor(random() * 9)::int ELSE 1 END, CASE WHEN r < 0.65 THEN 'sale' ELSE 'sale_return' END,
	CASE WHEN c % 10 = 0 THEN 'VIAL' WHEN random() < 0.97 THEN 'BOX' ELSE 'TIN' END, c % 5 = 0 AND random() < 0.9, CASE WHEN c % 5 <> 0 THEN 12 END
FROM (SELECT floor(power(random(), 2) * 900)::int AS c, random() AS r FROM generate_series(1, 3000)) AS x;
INSERT INTO shelf.move SELECT * FROM shelf.move WHERE random() < 0.15;
UPDATE shelf.move SET quantity = quantity / 12 WHERE unit_factor = 12;
CREATE FUNCTION pg_temp.slow(c text, d date, e date) RETURNS TABLE (sales int, returns int, used int, status text) LANGUAGE plpgsql AS $$
DECLARE
	u record;
	place text := '';
	packs int := 0;
	out numeric := 0;
	all_parts numeric := 0;
	parts numeric := 0;
	sold int := 0;
	back int := 0;
	seen text[] := '{}';
	sign text;
BEGIN
	sales := 0; returns := 0; used := 0;
	FOR u IN SELECT m.* FROM shelf.move AS m WHERE m.trace_code = c AND m.at >= d - 730 AND m.at < e ORDER BY m.facility_id, m.at, m.kind LOOP
		IF u.facility_id <> place THEN
			used := used + out; all_parts := all_parts + parts; out := 0; parts := 0; place := u.facility_id; seen := '{}';
		END IF;
		-- rows that are equal count as often as they come for what lies between
		sold := (SELECT count(*) FROM shelf.move AS m WHERE m.trace_code = c AND m.facility_id = place AND m.kind = 'sale' AND m.at <= u.at AND m.at >= d - 730);
		back := (SELECT count(*) FROM shelf.move AS m WHERE m.trace_code = c AND m.facility_id = place AND m.kind = 'sale_return' AND m.at < u.at AND m.at >= d - 730);
		sign := concat_ws('/', u.kind, coalesce(u.person_id, '-'), u.at::date, u.quantity, coalesce(u.split_pack, false), CASE u.kind WHEN 'sale' THEN back ELSE sold END);
		CONTINUE WHEN sign = ANY (seen);
		seen := seen || sign;
		IF u.kind = 'sale' THEN sales := sales + 1; ELSE returns := returns + 1; END IF;
		IF u.split_pack THEN parts := greatest(0, parts - u.quantity * coalesce(u.unit_factor, 1));
		ELSE out := greatest(0, out + CASE u.kind WHEN 'sale' THEN 1 ELSE -1 END);
		END IF;
	END LOOP;
	used := used + out; all_parts := all_parts + parts;
	used := used + CASE WHEN all_parts > 0 THEN greatest(1, coalesce(ceil(all_parts / (SELECT max(m.unit_factor) FROM shelf.move AS m WHERE m.product_code IN (SELECT i.product_code FROM shelf.move AS i WHERE i.trace_code = c AND i.split_pack AND i.at >= d - 730 AND i.at < e) AND m.at >= d - 730 AND m.at < e)), 1)) ELSE 0 END;
	RETURN NEXT;
END $$;
CREATE TEMP TABLE quick AS SELECT d::date AS from_date, t.* FROM generate_series(timestamp '2026-01-01', '2026-03-01', interval '1 month') AS d, trace_uses(d::date, (d + interval '1 month')::date) AS t;
CREATE TEMP TABLE slow AS SELECT c.from_date, c.trace_code, s.* FROM (SELECT DISTINCT date_trunc('month', at)::date AS from_date, trace_code FROM shelf.move WHERE at >= '2026-01-01') AS c, pg_temp.slow(c.trace_code, c.from_date, (c.from_date + interval '1 month')::date) AS s;
\set ECHO all
SELECT count(*) > 500 AS some, count(DISTINCT q.status) AS statuses, count(*) FILTER (WHERE q.excess_sales > 0) > 50 AS reused, count(*) FILTER (WHERE q.sales + q.returns = 1) > 50 AS alone,
	count(*) FILTER (WHERE (q.sales, q.returns, q.excess_sales) IS DISTINCT FROM (s.sales, s.returns, greatest(s.used - 1, 0))) AS differ, count(*) FILTER (WHERE (q.status = 'returned') <> (s.used = 0 AND cardinality(q.product_codes) = 1)) AS other
FROM quick AS q FULL JOIN slow AS s USING (from_date, trace_code);
-- in another order
CREATE TEMP TABLE shuffled AS SELECT * FROM shelf.move AS m ORDER BY md5(m::text);
TRUNCATE shelf.move;
INSERT INTO shelf.move SELECT * FROM shuffled;
SELECT count(*) AS differ FROM ((SELECT * FROM trace_uses('2026-02-01', '2026-03-01')) EXCEPT ALL (SELECT trace_code, product_codes, sales, returns, net_sales, facilities, persons, first_at, last_at, excess_sales, status, facility_ids FROM quick WHERE from_date = '2026-02-01')) AS d;
DROP TABLE quick, slow, shuffled;
DROP SCHEMA shelf CASCADE;
TRUNCATE binding;
