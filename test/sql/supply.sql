-- Dispensed drugs: their book, what is one drug, stock, early refills, stockpiles, many places, two drugs of one class.
SET search_path = medaudit, public;
SET datestyle = ISO;

-- What is one drug
\set metformin 'XA10BAE101A001010100001'
SELECT l AS level, drug_level(:'metformin', l) AS western, drug_level('ZA04CBD0001010200003', l) AS patent, drug_level('local 7', l) AS local, drug_level(left(:'metformin', 18), l) AS cut, drug_level(lower(:'metformin'), l) AS lower, drug_level(NULL, l) AS nothing
FROM unnest('{code,product,strength,generic,class,subgroup}'::text[]) AS l;
\set VERBOSITY sqlstate
SELECT drug_level(:'metformin', NULL);
SELECT drug_level(NULL, NULL);
SELECT drug_level(:'metformin', 'Generic');
SELECT drug_level(:'metformin', '');
\set VERBOSITY default
-- no more and no less than the national form is cut
SELECT count(*) FILTER (WHERE drug_level(code, 'class') <> code) AS cut, count(*) FILTER (WHERE drug_level(code, 'class') = code) AS whole,
	count(*) FILTER (WHERE (drug_level(code, 'class') <> code) IS DISTINCT FROM (code ~ '^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{9}$' OR code ~ '^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{9}$')) AS wrong
FROM (SELECT DISTINCT overlay(code PLACING sign FROM place FOR 1) AS code FROM unnest(ARRAY[:'metformin', 'ZA04CBD0001010200003', :'metformin' || '1', 'ZA04CBD000101020000']) AS code, generate_series(1, length(code)) AS place, unnest('{A,Z,X,0,9,a,长,-}'::text[]) AS sign) AS c;

-- The book: a fill is a charge whose quantity counts days, its visit the place.
CREATE TABLE fill (book text, drug_code text, days numeric, amount numeric, at timestamp, place text, id text, original text);
CREATE FUNCTION pg_temp.fills(which text) RETURNS ledger LANGUAGE sql AS $$
	SELECT medaudit.fills(drug_code, days, amount, at, place, id, original ORDER BY md5(id)) FROM fill WHERE book = which
$$;
INSERT INTO fill VALUES
	('order', 'D', 30, 100, '2025-01-01', 'P1', 'f1', NULL), ('order', 'D', -30, -100, '2025-01-02', 'P1', 'r1', 'f1'),
	('order', 'D', 7.5, NULL, '2025-01-01', 'P1', 'f2', NULL), ('order', NULL, 7, 1, '2025-01-01', 'P1', 'f3', NULL),
	('order', 'D', NULL, 1, '2025-01-01', 'P1', 'f4', NULL), ('order', 'D', 7, 1, NULL, 'P1', 'f5', NULL), ('order', 'E', 7, 1, '2025-01-01 10:00', NULL, NULL, NULL);
SELECT pg_temp.fills('order') = ledger(drug_code, days, amount, at, id, original, place, NULL) AS same, skipped_count(pg_temp.fills('order')) AS skipped, pg_temp.fills('order')::text FROM fill WHERE book = 'order';
SELECT l.* FROM lines(pg_temp.fills('order')) l;
SELECT fills(drug_code, days, amount, at, place, id, original) IS NULL AS no_rows FROM fill WHERE false;
SELECT line_count(fills(NULL, NULL, NULL, NULL, NULL, NULL, NULL)), skipped_count(fills(NULL, NULL, NULL, NULL, NULL, NULL, NULL)) FROM fill WHERE book = 'order';
-- grouped, filtered, distinct, rolled up by ROLLUP, as a window, twice
SELECT drug_code, grouping(drug_code) AS total, line_count(fills(drug_code, days, amount, at, place, id, original)) AS lines, line_count(fills(drug_code, days, amount, at, place, id, original) FILTER (WHERE days > 0)) AS given,
	line_count(fills(DISTINCT drug_code, 1::numeric, 1::numeric, timestamp '2025-01-01', 'P', NULL, NULL)) AS distinct_lines, fills(drug_code, days, amount, at, place, id, original) = fills(drug_code, days, amount, at, place, id, original) AS twice
FROM fill WHERE book = 'order' GROUP BY ROLLUP (drug_code) ORDER BY 2, 1;
SELECT id, line_count(fills(drug_code, days, amount, at, place, id, original) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) AS of_two FROM fill WHERE book = 'order' ORDER BY id;
\set VERBOSITY sqlstate
SELECT fills('D', 'NaN', 1, '2025-01-01', 'P', 'f', NULL);
SELECT fills('D', 1, 'Infinity', '2025-01-01', 'P', 'f', NULL);
SELECT fills('D', 1e14, 1, '2025-01-01', 'P', 'f', NULL);
SELECT fills('D', 1, 1, 'infinity', 'P', 'f', NULL);
-- by which SQLSTATE this is refused is the minor version's
DO $$ BEGIN PERFORM _fills_transition(NULL, 'D', 1, 1, '2025-01-01', 'P', 'f', NULL); RAISE 'a NULL was taken'; EXCEPTION WHEN undefined_function OR feature_not_supported THEN NULL; END $$;
\set VERBOSITY terse
SELECT fills('D', 'NaN', 1, '2025-01-01', 'P', 'f', NULL);
SELECT fills('D', 1, 1, '-infinity', 'P', 'f', NULL);
\set VERBOSITY default

-- V41, V63: 30 days of metformin every 8 days, from three places
INSERT INTO fill SELECT 'metformin', :'metformin', 30, 100, timestamp '2025-01-01 09:00' + i * interval '8 days', 'P' || i % 3, 'f' || i, NULL FROM generate_series(0, 4) AS i;
SELECT s.* FROM stock_curve(pg_temp.fills('metformin')) s;
SELECT s.* FROM supply(pg_temp.fills('metformin')) s;
SELECT s.* FROM supply(pg_temp.fills('metformin'), until => '2025-01-25') s;
SELECT e.* FROM early_refills(pg_temp.fills('metformin')) e;
SELECT p.* FROM stockpiles(pg_temp.fills('metformin'), 'generic', 84) p;
SELECT count(*) AS at_the_limit FROM stockpiles(pg_temp.fills('metformin'), 'generic', 118);
SELECT m.* FROM many_facilities(pg_temp.fills('metformin')) m;
SELECT m.* FROM many_facilities(pg_temp.fills('metformin'), period_days => 17) m;
SELECT count(*) AS too_short FROM many_facilities(pg_temp.fills('metformin'), period_days => 16);
SELECT count(*) AS no_place_more FROM many_facilities(pg_temp.fills('metformin'), min_facilities => 4);

-- PQA, as published: 270 of 282 days
INSERT INTO fill SELECT 'pqa', :'metformin', 90, 30, d, 'P', d::text, NULL FROM unnest('{2018-03-25,2018-07-05,2018-09-25}'::timestamp[]) AS d;
SELECT s.* FROM supply(pg_temp.fills('pqa'), until => '2019-01-01') s;
-- dispensed on until, or later: no row; one day: no ratio
SELECT count(*) AS none FROM supply(pg_temp.fills('pqa'), until => '2018-03-25');
SELECT days_supplied, days_observed, possession_ratio, covered_share FROM supply(pg_temp.fills('pqa'), until => '2018-03-26');
SELECT fill_count, days_supplied, days_observed, days_covered, possession_ratio, covered_share, peak_stock_days FROM supply('{"v": 1, "items": {"D": [["2025-01-01", 30, 1]]}}');

-- One dispensing: strengths stand side by side, packs and companies of one add up
INSERT INTO fill VALUES
	('warfarin', 'XB01AAW048A001010100001', 30, 10, '2025-01-01', 'P', 'b', NULL), ('warfarin', 'XB01AAW048A001020100001', 30, 12, '2025-01-01 12:00', 'P', 'a', NULL),
	('warfarin', 'XB01AAW048A001010200002', 5, 2, '2025-01-01', 'P', 'c', NULL), ('warfarin', 'XB01AAW048A001010100001', 30, 10, '2025-01-01', 'Q', 'd', NULL);
SELECT l AS level, drug, facility_id, days_supply, stock_before, stock_after, amount, fill_ids FROM unnest('{code,product,strength,generic,subgroup}'::text[]) AS l, stock_curve(pg_temp.fills('warfarin'), l);
-- V42b near misses: day 24 of 30 (6 left are 20 %), two strengths on one date, 3 days; found: day 23
INSERT INTO fill VALUES ('day 24', 'D', 30, 1, '2025-01-01', 'P', '1', NULL), ('day 24', 'D', 30, 1, '2025-01-25', 'P', '2', NULL),
	('day 23', 'D', 30, 1, '2025-01-01', 'P', '1', NULL), ('day 23', 'D', 30, 1, '2025-01-24', 'P', '2', NULL),
	('short', 'D', 7, 1, '2025-01-01', 'P', '1', NULL), ('short', 'D', 7, 1, '2025-01-05', 'P', '2', NULL), ('short', 'D', 7, 1, '2025-01-08', 'P', '3', NULL);
INSERT INTO fill SELECT 'two strengths', drug_code, days, amount, at, place, id, original FROM fill WHERE book = 'warfarin' AND place = 'P';
SELECT b, e.* FROM unnest('{day 24,day 23,short,two strengths,warfarin}'::text[]) AS b, early_refills(pg_temp.fills(b)) e;
-- V41 near misses: 12 weeks refilled in time (at most 101 days, within 120), a return; found: returned elsewhere, two episodes that are one
INSERT INTO fill VALUES ('12 weeks', 'D', 84, 1, '2025-01-01', 'P', '1', NULL), ('12 weeks', 'D', 84, 1, '2025-03-10', 'P', '2', NULL),
	('return', 'D', 84, 90, '2025-01-01', 'P', '1', NULL), ('return', 'D', 84, 90, '2025-01-10', 'P', '2', NULL), ('return', 'D', -84, -90, '2025-01-11', 'P', '3', '2'),
	('elsewhere', 'D', 84, 90, '2025-01-01', 'P', '1', NULL), ('elsewhere', 'D', 84, 90, '2025-01-10', 'P', '2', NULL), ('elsewhere', 'D', -84, -90, '2025-01-11', 'Q', '3', '2'),
	('episodes', 'D', 60, 10, '2025-01-01', 'P', '1', NULL), ('episodes', 'D', 60, 20.01, '2025-01-31', 'P', '2', NULL), ('episodes', 'D', 10, 5, '2025-03-20', 'Q', '3', NULL),
	('episodes', 'D', 70, 10, '2025-05-10', 'P', '4', NULL), ('episodes', 'D', 70, 10, '2025-05-10', 'Q', '5', NULL), ('episodes', 'D', 7, 10, '2025-05-20', NULL, '6', NULL), ('episodes', 'D', 30, 10, '2025-09-26', 'P', '7', NULL);
SELECT b, m, p.* FROM unnest('{84,120}'::int[]) AS m, unnest('{12 weeks,return,elsewhere,episodes}'::text[]) AS b, stockpiles(pg_temp.fills(b), 'generic', m) p;
SELECT b, stock_after FROM unnest('{12 weeks,return}'::text[]) AS b, stock_curve(pg_temp.fills(b));
-- V63 near misses: unknown places are none; places at the normal pace have a ratio of 1
INSERT INTO fill SELECT 'unknown', 'D', 30, 1, timestamp '2025-01-01' + i * interval '30 days', nullif('P' || i, 'P2'), i::text, NULL FROM generate_series(1, 3) AS i;
INSERT INTO fill SELECT 'pace', 'D', 30, 1, timestamp '2025-01-01' + i * interval '30 days', 'P' || i, i::text, NULL FROM generate_series(1, 4) AS i;
SELECT b, m.* FROM unnest('{unknown,pace}'::text[]) AS b, many_facilities(pg_temp.fills(b), min_facilities => 2) m;
-- V42a: glipizide and glimepiride together; not: a switch, no class, of two classes, six days
\set glipizide 'XA10BBG059A001010100001'
\set glimepiride 'XA10BBG064A001010100001'
INSERT INTO fill VALUES ('both', :'glipizide', 30, 1, '2025-01-01', 'P', '1', NULL), ('both', :'glimepiride', 30, 1, '2025-01-10', 'Q', '2', NULL), ('both', :'glipizide', 30, 1, '2025-01-31', 'P', '3', NULL),
	('switch', :'glipizide', 30, 1, '2025-01-01', 'P', '1', NULL), ('switch', :'glimepiride', 30, 1, '2025-01-15', 'P', '2', NULL), ('switch', :'glimepiride', 30, 1, '2025-02-14', 'P', '3', NULL),
	('no class', 'A', 30, 1, '2025-01-01', 'P', '1', NULL), ('no class', 'B', 30, 1, '2025-01-01', 'P', '2', NULL),
	('two classes', :'glipizide', 30, 1, '2025-01-01', 'P', '1', NULL), ('two classes', :'metformin', 30, 1, '2025-01-01', 'P', '2', NULL),
	('six days', :'glipizide', 6, 1, '2025-01-01', 'P', '1', NULL), ('six days', :'glimepiride', 30, 1, '2025-01-01', 'P', '2', NULL),
	('part of a day', :'glipizide', 6.01, 1, '2025-01-01', 'P', '1', NULL), ('part of a day', :'glimepiride', 30, 1, '2025-01-01', 'P', '2', NULL);
SELECT b, d.* FROM unnest('{both,switch,no class,two classes,six days,part of a day}'::text[]) AS b, duplicate_therapy(pg_temp.fills(b)) d;
SELECT b, d.* FROM unnest('{two classes,both}'::text[]) AS b, duplicate_therapy(pg_temp.fills(b), 'generic', 'subgroup') d;
SELECT count(*) AS one_of_each_class FROM duplicate_therapy(pg_temp.fills('both'), 'class', 'class');

-- nothing, and bad thresholds
SELECT (SELECT count(*) FROM stock_curve(f)) + (SELECT count(*) FROM supply(f)) + (SELECT count(*) FROM early_refills(f)) + (SELECT count(*) FROM stockpiles(f, 'generic', 0)) + (SELECT count(*) FROM many_facilities(f, min_facilities => 1)) + (SELECT count(*) FROM duplicate_therapy(f)) AS rows
FROM (VALUES (NULL::ledger), ((SELECT fills(NULL, NULL, NULL, NULL, NULL, NULL, NULL))), ('{"v": 1, "items": {"D": [["2025-01-01", -3, -1], ["2025-01-02", 0, 5], ["2025-01-02", 3, -5]]}}')) AS b (f);
-- the greatest that there is: 10^13 days and dates
SELECT stock_after, fill_ids FROM stock_curve('{"v": 1, "items": {"D": [["2025-01-01", 10000000000000, 10000000000000], ["2025-01-02", 10000000000000, 10000000000000]]}}');
SELECT s.* FROM supply('{"v": 1, "items": {"D": [["0001-01-01", 10000000000000, 1], ["9999-12-31", 10000000000000, 1]]}}', until => '5874897-12-31') s;
SELECT s.possession_ratio FROM supply('{"v": 1, "items": {"D": [["2025-01-01", 9999999999999.9999, 1], ["2025-01-01", 10000000000000, 1], ["2025-01-08", 1, 1]]}}') s;
SELECT from_on, to_on FROM duplicate_therapy(format('{"v": 1, "items": {"%s": [["2025-01-01", 10000000000000, 1]], "%s": [["2025-01-01", 10000000000000, 1]]}}', :'glipizide', :'glimepiride')::ledger);
SELECT excess_days, excess_amount FROM stockpiles('{"v": 1, "items": {"D": [["2025-01-01", 10000000000000, 10000000000000]]}}', 'generic', 1);
\set VERBOSITY sqlstate
SELECT stock_curve(NULL, NULL);
SELECT stock_curve(NULL, 'drug');
SELECT supply(NULL, NULL);
SELECT supply(NULL, 'x');
SELECT supply(NULL, until => 'infinity');
SELECT supply(NULL, until => '-infinity');
SELECT early_refills(NULL, NULL);
SELECT early_refills(NULL, tolerance => NULL);
SELECT early_refills(NULL, min_days => NULL);
SELECT early_refills(NULL, tolerance => -0.0001);
SELECT early_refills(NULL, tolerance => 'NaN');
SELECT early_refills(NULL, min_days => 'Infinity');
SELECT early_refills(NULL, min_days => 1e14);
SELECT stockpiles(NULL, NULL, 84);
SELECT stockpiles(NULL, 'generic', NULL);
SELECT stockpiles(NULL, 'generic', -1);
SELECT stockpiles(NULL, 'generic', 'NaN');
SELECT many_facilities(NULL, NULL);
SELECT many_facilities(NULL, period_days => NULL);
SELECT many_facilities(NULL, min_facilities => NULL);
SELECT many_facilities(NULL, period_days => 0);
SELECT many_facilities(NULL, min_facilities => 0);
SELECT duplicate_therapy(NULL, NULL);
SELECT duplicate_therapy(NULL, class_level => NULL);
SELECT duplicate_therapy(NULL, min_days => NULL);
SELECT duplicate_therapy(NULL, class_level => 'atc');
SELECT duplicate_therapy(NULL, min_days => 0);
SELECT duplicate_therapy(NULL, 'class', 'generic');
\set VERBOSITY terse
SELECT supply(NULL, 'x');
SELECT early_refills(NULL, tolerance => -1);
SELECT duplicate_therapy(NULL, 'class', 'generic');
\set VERBOSITY default

-- Against slow SQL on 400 random books: two classes of western drugs, a patent drug, local codes, packs, companies and strengths,
-- returns with and without the fill they name, parts of days, several places and none, many on one date.
SELECT setseed(0.42);
CREATE TABLE random_fill AS
SELECT b, i, (ARRAY['XA10BAE101A001010100001', 'XA10BAE101A001010200002', 'XA10BAE101A001020100001', 'XA10BBG059A001010100001', 'XA10BBG064A001010100001', 'XA10BBG064A001010100009', 'ZA04CBD0001010200003', 'ZA04CBD0002010200003', 'local 1', 'xa10bbg064A001010100009'])[1 + floor(random() * 10)::int] AS code,
	CASE WHEN random() < 0.15 THEN -1 ELSE 1 END * (ARRAY[3, 7, 7.5, 14, 30, 30.3333, 90, 0.5])[1 + floor(random() * 8)::int] AS days, round((random() * 100)::numeric, 2) AS yuan,
	timestamp '2025-01-01' + floor(random() * (30 + b % 5 * 60))::int * interval '1 day' + floor(random() * 3)::int * interval '4 hours' AS at,
	(ARRAY['P1', 'P2', 'P3', 'P4', NULL])[1 + floor(random() * (1 + b % 5))::int] AS place, nullif('f' || floor(random() * 100)::int, 'f7') AS id, CASE WHEN random() < 0.5 THEN 'f' || floor(random() * 100)::int END AS original
FROM generate_series(1, 400) AS b, generate_series(1, 4 + b % 23) AS i;
CREATE TABLE random_book AS SELECT b, fills(code, days, sign(days) * yuan, at, place, id, CASE WHEN days < 0 THEN original END ORDER BY md5(b || ' ' || i)) AS f FROM random_fill GROUP BY b;
CREATE TABLE book_of_parts AS SELECT b, rollup(f ORDER BY part DESC) AS f FROM (SELECT b, i % 3 AS part, fills(code, days, sign(days) * yuan, at, place, id, CASE WHEN days < 0 THEN original END ORDER BY i DESC) AS f FROM random_fill GROUP BY b, i % 3) AS p GROUP BY b;
SELECT count(*) AS books, count(*) FILTER (WHERE a.f <> p.f) AS differ FROM random_book AS a JOIN book_of_parts AS p USING (b);

CREATE FUNCTION pg_temp.cut(code text, length int, patent int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN code ~ '^X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{9}$' THEN left(code, length) WHEN code ~ '^Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{9}$' THEN left(code, patent) ELSE code END
$$;
CREATE TABLE level (level text, western int, patent int);
INSERT INTO level VALUES ('code', 23, 20), ('generic', 10, 11), ('class', 6, 6);
-- dispensings: within a strength days add up, over strengths the greatest counts
CREATE TABLE dispensed AS
SELECT b, level, drug, day, place, max(days) AS days, sum(amount) AS amount
FROM (SELECT b, level, pg_temp.cut(upper(item_code), western, patent) AS drug, charged_at::date AS day, visit_id AS place, pg_temp.cut(upper(item_code), 16, 13) AS strength, sum(quantity) AS days, sum(amount) AS amount
	FROM random_book, lines(f), level WHERE status IN ('kept', 'reduced') GROUP BY 1, 2, 3, 4, 5, 6) AS s GROUP BY 1, 2, 3, 4, 5;
CREATE TABLE dispensed_id AS
SELECT b, level, pg_temp.cut(upper(item_code), western, patent) AS drug, charged_at::date AS day, visit_id AS place, array_agg(line_id ORDER BY line_id COLLATE "C") FILTER (WHERE line_id IS NOT NULL) AS ids
FROM random_book, lines(f), level WHERE status IN ('kept', 'reduced') GROUP BY 1, 2, 3, 4, 5;
CREATE TABLE numbered AS SELECT d.*, ids, row_number() OVER w AS n, lead(d.day) OVER w AS next_day FROM dispensed AS d JOIN dispensed_id AS i ON (i.b, i.level, i.drug, i.day) = (d.b, d.level, d.drug, d.day) AND i.place IS NOT DISTINCT FROM d.place
	WINDOW w AS (PARTITION BY d.b, d.level, d.drug ORDER BY d.day, d.place COLLATE "C" NULLS FIRST);
CREATE INDEX ON numbered (b, level, drug, n);
ANALYZE numbered;
-- what is left of any run of dispensings before: the most of it
CREATE TABLE slow_stock AS
SELECT x.*, before, before + days AS after FROM numbered AS x, LATERAL (SELECT greatest(0, max(run)) AS before FROM (SELECT sum(y.days) OVER (ORDER BY y.n DESC) - (x.day - y.day) AS run FROM numbered AS y WHERE (y.b, y.level, y.drug) = (x.b, x.level, x.drug) AND y.n < x.n) AS r) AS s;
CREATE INDEX ON slow_stock (b, level, drug, n);
ANALYZE slow_stock;
SELECT level, count(*) > 1000 AS some, count(*) FILTER (WHERE before > 0) > 200 AS some_left, count(*) FILTER (WHERE cardinality(ids) > 1) > 20 AS some_together FROM slow_stock GROUP BY level ORDER BY level;
SELECT count(*) > 4000 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT b, level, row(drug, day, place, days, before, after, amount, coalesce(ids, '{}'))::text AS said FROM (SELECT b, level, drug, day, place, trim_scale(days) AS days, trim_scale(before) AS before, trim_scale(after) AS after, trim_scale(amount) AS amount, ids FROM slow_stock) AS x) AS s
FULL JOIN (SELECT b, level, row(drug, dispensed_on, facility_id, trim_scale(days_supply), trim_scale(stock_before), trim_scale(stock_after), trim_scale(amount), fill_ids)::text AS said FROM random_book, level, stock_curve(f, level)) AS c USING (b, level, said);
-- CMA1 and 2: days before the end ÷ dates; CMA5 and 6: day by day
CREATE FUNCTION pg_temp.covered(dates date[], days numeric[], until date) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	stock numeric := 0;
	covered numeric := 0;
BEGIN
	FOR day IN 0..until - dates[1] - 1 LOOP
		FOR i IN 1..cardinality(dates) LOOP
			IF dates[i] = dates[1] + day THEN
				stock := stock + days[i];
			END IF;
		END LOOP;
		covered := covered + least(stock, 1);
		stock := greatest(stock - 1, 0);
	END LOOP;
	RETURN covered;
END $$;
CREATE TABLE slow_supply AS
SELECT b, level, u, drug, count(*) AS fills, count(DISTINCT place) AS places, min(day) AS first_on, max(day) AS last_on, coalesce(sum(days) FILTER (WHERE day < e), 0) AS supplied, e - min(day) AS observed,
	pg_temp.covered(array_agg(day ORDER BY n), array_agg(days ORDER BY n), e) AS covered, max(after) AS peak, sum(amount) AS amount
FROM (SELECT s.*, u, coalesce(u, max(day) OVER (PARTITION BY b, level, drug, u)) AS e FROM slow_stock AS s, (VALUES (NULL::date), ('2025-02-15'), ('2026-01-01')) AS v (u) WHERE u IS NULL OR day < u) AS s GROUP BY b, level, u, drug, e;
SELECT u, count(*) > 1000 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT b, level, coalesce(u::text, '') AS u, row(drug, fills, places, first_on, last_on, trim_scale(supplied), observed, trim_scale(covered), trim_scale(round(supplied / nullif(observed, 0), 6)), trim_scale(round(covered / nullif(observed, 0), 6)), trim_scale(supplied - covered), trim_scale(peak), trim_scale(amount))::text AS said FROM slow_supply) AS s
FULL JOIN (SELECT b, level, coalesce(u::text, '') AS u, row(drug, fill_count, c.facilities, first_on, last_on, days_supplied, days_observed, days_covered, possession_ratio, covered_share, oversupply_days, peak_stock_days, trim_scale(amount))::text AS said
	FROM random_book, level, (VALUES (NULL::date), ('2025-02-15'), ('2026-01-01')) AS v (u), supply(f, level, u) AS c) AS c USING (b, level, u, said) GROUP BY u ORDER BY u;
-- early refills
SELECT t, m, count(s.b) > 200 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT x.b, x.level, t, m, row(x.drug, x.day, x.place, p.day, p.place, trim_scale(p.days), trim_scale(x.before), trim_scale(greatest(m, round(t * p.days, 4))), trim_scale(x.before - greatest(m, round(t * p.days, 4))), trim_scale(x.amount), coalesce(x.ids, '{}'))::text AS said
	FROM (VALUES (0.2, 3), (0, 0), (0.3333, 1.5)) AS v (t, m), slow_stock AS x JOIN slow_stock AS p ON (p.b, p.level, p.drug, p.n) = (x.b, x.level, x.drug, x.n - 1) WHERE x.before > greatest(m, round(t * p.days, 4))) AS s
FULL JOIN (SELECT b, level, t, m, row(drug, dispensed_on, facility_id, previous_on, previous_facility_id, previous_days, stock_before, allowed_days, early_days, trim_scale(amount), fill_ids)::text AS said FROM random_book, level, (VALUES (0.2, 3), (0, 0), (0.3333, 1.5)) AS v (t, m), early_refills(f, level, t, m)) AS c USING (b, level, t, m, said) GROUP BY t, m ORDER BY t;
-- stockpiles
CREATE TABLE slow_pile AS
SELECT b, level, most, drug, min(day) AS from_on, min(day) FILTER (WHERE after > most) AS reached, (array_agg(day ORDER BY after DESC, n))[1] AS peak_on, max(after) AS peak, sum(least(days, after - most)) FILTER (WHERE after > most) AS excess,
	count(*) AS fills, count(DISTINCT place) AS places, sum(amount) AS amount, round(sum(amount * least(days, after - most) / days) FILTER (WHERE after > most), 2) AS money, string_agg(array_to_string(ids, ','), ',' ORDER BY n) AS ids
FROM (SELECT e.*, max(n) FILTER (WHERE after > most) OVER (PARTITION BY b, level, most, drug, episode) AS last FROM (SELECT s.*, most, count(*) FILTER (WHERE before = 0) OVER (PARTITION BY b, level, drug, most ORDER BY n) AS episode FROM slow_stock AS s, unnest('{0,20,84.5}'::numeric[]) AS most) AS e) AS e
WHERE n <= last GROUP BY b, level, most, drug, episode;
SELECT most, count(s.b) > 100 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT b, level, most, row(drug, from_on, reached, peak_on, trim_scale(peak), trim_scale(excess), fills, places, trim_scale(amount), trim_scale(money), coalesce(ids, ''))::text AS said FROM slow_pile) AS s
FULL JOIN (SELECT b, level, most, row(drug, episode_from, reached_on, peak_on, peak_stock_days, excess_days, fill_count, c.facilities, trim_scale(amount), trim_scale(excess_amount), array_to_string(fill_ids, ','))::text AS said
	FROM random_book, level, unnest('{0,20,84.5}'::numeric[]) AS most, stockpiles(f, level, most) AS c) AS c USING (b, level, most, said) GROUP BY most ORDER BY most;
-- many places: of the windows that begin with each dispensing the best
CREATE TABLE slow_window AS
SELECT DISTINCT ON (b, level, period, drug) b, level, period, drug, day AS first_on, w.*
FROM slow_stock AS s, unnest('{1,30,180}'::int[]) AS period, LATERAL (SELECT max(y.day) AS last_on, count(DISTINCT y.place) AS places, count(*) AS fills, sum(y.days) AS days, sum(y.amount) AS amount, array_agg(DISTINCT y.place COLLATE "C") FILTER (WHERE y.place IS NOT NULL) AS facilities, string_agg(array_to_string(y.ids, ','), ',' ORDER BY y.n) AS ids,
	sum(y.days) FILTER (WHERE y.day < (SELECT max(z.day) FROM slow_stock AS z WHERE (z.b, z.level, z.drug) = (s.b, s.level, s.drug) AND z.day < s.day + period)) AS before FROM slow_stock AS y WHERE (y.b, y.level, y.drug) = (s.b, s.level, s.drug) AND y.n >= s.n AND y.day < s.day + period) AS w
ORDER BY b, level, period, drug, places DESC, fills DESC, first_on;
SELECT period, least, count(s.b) > 50 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT b, level, period, least, row(drug, first_on, last_on, places, fills, trim_scale(days), trim_scale(round(coalesce(before, 0) / nullif(last_on - first_on, 0), 6)), trim_scale(amount), facilities, coalesce(ids, ''))::text AS said FROM slow_window, unnest('{2,3}'::int[]) AS least WHERE places >= least) AS s
FULL JOIN (SELECT b, level, period, least, row(drug, first_on, last_on, c.facilities, fill_count, days_supplied, possession_ratio, trim_scale(amount), facility_ids, array_to_string(fill_ids, ','))::text AS said
	FROM random_book, level, unnest('{1,30,180}'::int[]) AS period, unnest('{2,3}'::int[]) AS least, many_facilities(f, level, period, least) AS c) AS c USING (b, level, period, least, said) GROUP BY 1, 2 ORDER BY 1, 2;
-- two drugs of one class: date by date
CREATE TABLE slow_date AS
SELECT DISTINCT b, level, drug, s.class, d::date AS date FROM (SELECT x.*, left(drug, 6) AS class FROM slow_stock AS x WHERE level <> 'class' AND drug ~ '^[XZ][A-Z]\d') AS s, generate_series(day, least(day + ceil(after)::int - 1, next_day - 1), interval '1 day') AS d;
CREATE INDEX ON slow_date (b, level, class, date);
ANALYZE slow_date;
CREATE TABLE slow_run AS
SELECT b, level, class, drug, other, min(date) AS from_on, max(date) AS to_on, count(*) AS dates
FROM (SELECT *, date - row_number() OVER (PARTITION BY b, level, drug, other ORDER BY date)::int AS run FROM (SELECT x.b, x.level, x.class, x.drug, y.drug AS other, date FROM slow_date AS x JOIN slow_date AS y USING (b, level, class, date) WHERE x.drug < y.drug COLLATE "C") AS p) AS r GROUP BY b, level, class, drug, other, run;
CREATE FUNCTION pg_temp.ids(r slow_run, which text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(string_agg(array_to_string(ids, ','), ',' ORDER BY n), '') FROM slow_stock AS s WHERE (s.b, s.level, s.drug) = (r.b, r.level, which) AND day BETWEEN r.from_on AND r.to_on HAVING count(*) > 0 $$;
SELECT level, least, count(s.b) > 50 AS some, count(*) FILTER (WHERE s.b IS NULL OR c.b IS NULL) AS differ
FROM (SELECT b, level, least, row(class, drug, other, from_on, to_on, dates, i, o)::text AS said FROM slow_run AS r, unnest('{1,7}'::int[]) AS least, LATERAL (SELECT pg_temp.ids(r, drug) AS i, pg_temp.ids(r, other) AS o) AS x WHERE dates >= least AND i IS NOT NULL AND o IS NOT NULL) AS s
FULL JOIN (SELECT b, level, least, row(class, drug, other_drug, from_on, to_on, overlap_days, array_to_string(fill_ids, ','), array_to_string(other_fill_ids, ','))::text AS said
	FROM random_book, level, unnest('{1,7}'::int[]) AS least, duplicate_therapy(f, level, 'class', least) WHERE level <> 'class') AS c USING (b, level, least, said) GROUP BY 1, 2 ORDER BY 1, 2;
