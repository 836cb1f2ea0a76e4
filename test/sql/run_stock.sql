-- run_stock: runs that ask of the stock of facilities, by whole months
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
DELETE FROM medaudit.rule WHERE NOT shipped;
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
DROP SCHEMA IF EXISTS shelf CASCADE;
CREATE SCHEMA shelf;
CREATE TABLE shelf.facility AS SELECT * FROM (VALUES ('H1', '第一医院', 'hospital'), ('S1', '甲药店', '零售药房'), ('S2', '乙药店', '2'), ('S3', '丙药店', '定点零售药店')) AS t (facility_id, name, kind);
CREATE TABLE shelf.visit AS SELECT 'V1' AS visit_id, 'P1' AS person_id, 'H1' AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at, timestamp '2026-03-02 10:00' AS discharged_at, '11' AS visit_type, 10.00 AS total_amount;
CREATE TABLE shelf.charge AS SELECT 'V1' AS visit_id, '1' AS line_id, 'X' AS item_code, 1.0 AS quantity, 10.00 AS amount, timestamp '2026-03-02 09:10' AS charged_at;
CREATE TABLE shelf.item AS SELECT 'A' AS item_code, NULL::text AS national_code, '阿莫西林' AS name UNION ALL SELECT 'x1', 'CARD', '降压片';
CREATE TABLE shelf.move (facility_id text, product_code text, at timestamp, quantity numeric, kind text, price numeric, trace_code text, person_id text, pay_method text, split_pack bool, unit_factor numeric);
CALL medaudit.bind('facility', 'shelf.facility');
CALL medaudit.bind('visit', 'shelf.visit');
CALL medaudit.bind('charge', 'shelf.charge');
CALL medaudit.bind('item', 'shelf.item');
CREATE PROCEDURE shelf.run(from_date date, to_date date) LANGUAGE plpgsql AS $$ BEGIN CALL medaudit.run_audit(from_date, to_date, '{stock_deficit,never_purchased,trace_reuse,card_price}'); END $$;
\pset format unaligned
-- not bound: off, with the reason
CALL shelf.run('2026-03-01', '2026-04-01');
SELECT coalesce(rule_code, step) AS step, state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
CALL medaudit.bind('stock_move', 'shelf.move');
CREATE FUNCTION shelf.code(n int) RETURNS text LANGUAGE sql RETURN '8100000000000000' || lpad(n::text, 4, '0');
-- S1 and S2 have bought something a year before, S3 and H1 half a month before March
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price) VALUES ('S1', 'OTHER', '2025-03-01', 5, '3503', 1), ('S2', 'OTHER', '2025-03-01', 5, '3503', 1), ('H1', 'OTHER', '2026-02-15', 5, '3503', 1), ('S3', 'OTHER', '2026-02-15', -1, '3505', 1),
	-- V65 flag: 10 of 130 beyond what there was, on 5 March and, after a purchase, on 20 March 4 more; 80 yuan each
	('S1', 'A', '2026-02-28', 20, '3501', NULL), ('S1', 'A', '2026-03-01', 100, '3503', 50), ('S1', 'A', '2026-03-03', -70, '3505', 80), ('S1', 'A', '2026-03-05', -60, '3505', 80), ('S1', 'A', '2026-03-06', 50, '3503', 50), ('S1', 'A', '2026-03-20', -54, '3505', 80),
	-- what is lacking in March is not lacking in April again; what is lacking then more, is
	('S1', 'A', '2026-04-03', -1, '3505', 80), ('S1', 'A', '2026-04-04', -19, '3505', 80),
	-- not: bought in the evening, little money, a small share, not known what there was
	('S1', 'EVENING', '2026-02-28', 0, 'count', NULL), ('S1', 'EVENING', '2026-03-05 09:00', -60, 'sale', 80), ('S1', 'EVENING', '2026-03-05 17:00', 60, 'purchase', 50), ('S1', 'CHEAP', '2026-02-28', 0, 'count', NULL), ('S1', 'CHEAP', '2026-03-01', 1, 'purchase', NULL), ('S1', 'CHEAP', '2026-03-02', -100, 'sale', 5.04),
	('S1', 'SMALL', '2026-02-28', 0, 'count', NULL), ('S1', 'SMALL', '2026-03-01', 951, 'purchase', NULL), ('S1', 'SMALL', '2026-03-02', -1000, 'sale', 80), ('S1', 'UNKNOWN', '2026-03-02', -100, 'sale', 80), ('S1', 'UNKNOWN', '2026-03-03', 100, 'purchase', 80), ('S1', 'UNPRICED', '2026-03-01', 1, 'opening', NULL), ('S1', 'UNPRICED', '2026-03-02', -100, 'sale', NULL),
	-- flag: exactly 500 yuan, exactly a twentieth
	('H1', 'BOUND', '2026-02-28', 0, 'count', NULL), ('H1', 'BOUND', '2026-03-01', 95, 'purchase', NULL), ('H1', 'BOUND', '2026-03-02', -100, 'sale', 100),
	-- flag: never bought; a notice where the records are short; not: bought, of a facility that sends no purchases
	('S1', 'NEVER', '2026-03-02', -5, '3505', 8), ('S1', 'NEVER', '2026-03-03', -7, '3505', 10), ('S1', 'NEVER', '2026-03-04', 2, '3506', 10), ('S1', 'NEVER', '2026-04-04', -1, '3505', 10), ('H1', 'NEVER', '2026-03-02', -5, '3505', 8), ('S3', 'NEVER', '2026-03-02', -5, '3505', 8), ('S2', 'BOUGHT', '2025-03-02', 10, '3503', 8), ('S2', 'BOUGHT', '2026-03-02', -5, '3505', 8);
-- transfers: not where they alone lead below 0; flag: never more than was sold, 100 of 900 yuan on the first date and 800 on the second
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price) VALUES ('H1', 'MOVED', '2026-02-28', 5, 'count', NULL), ('H1', 'MOVED', '2026-03-02', -100, 'transfer', NULL), ('H1', 'MOVED', '2026-03-03', -1, 'sale', 2000),
	('H1', 'MUCH', '2026-02-28', 5, 'count', NULL), ('H1', 'MUCH', '2026-03-02', -6, 'sale', 100), ('H1', 'MUCH', '2026-03-03', -3, 'sale', 100), ('H1', 'MUCH', '2026-03-03', -100, 'transfer', NULL);
-- a sale and a count that were sent twice
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, person_id) SELECT 'H1', 'TWICE', v.at, v.q, v.k, v.p FROM (VALUES (timestamp '2026-03-01', 1, 'count', NULL), ('2026-03-02 09:00', -1, 'sale', 'P1')) AS v (at, q, k, p), generate_series(1, 2);
-- parts of packs that do not say what they hold
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, split_pack) VALUES ('S1', 'PARTS', '2026-02-28', 0, 'count', NULL, false), ('S1', 'PARTS', '2026-03-01', 2, 'purchase', 50, false), ('S1', 'PARTS', '2026-03-02', -48, 'sale', 20, true);
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, trace_code, person_id, split_pack) VALUES
	-- V05, V63 flag: sold in December and in March elsewhere; three times in a month; in February and again in April: not in March
	('S1', 'A', '2025-12-03 10:00', -1, '3505', 80, shelf.code(1), 'P1', NULL), ('S2', 'A', '2026-03-09 15:00', -1, '3505', 80, shelf.code(1), 'P2', NULL),
	('S1', 'A', '2026-02-10 10:00', -1, '3505', 80, shelf.code(2), 'P1', NULL), ('S1', 'A', '2026-02-11', -1, '3505', 80, shelf.code(2), 'P2', NULL), ('S2', 'A', '2026-02-12', -1, '3505', 80, shelf.code(2), 'P3', NULL), ('S2', 'A', '2026-04-12', -1, '3505', 80, shelf.code(2), 'P4', NULL),
	-- not: given back and sold again, sent twice, parts of a box, a return alone in March
	('S1', 'A', '2026-02-03', -1, '3505', 80, shelf.code(3), 'P1', NULL), ('S1', 'A', '2026-02-04', 1, '3506', 80, shelf.code(3), 'P1', NULL), ('S2', 'A', '2026-02-05', -1, '3505', 80, shelf.code(3), 'P2', NULL), ('S1', 'A', '2026-02-04', -1, '3505', 80, shelf.code(4), 'P1', NULL), ('S1', 'A', '2026-02-04', -1, '3505', 80, shelf.code(4), 'P1', NULL),
	('S2', 'VIAL', '2026-03-04', -3, '3505', 80, shelf.code(5), 'P1', true), ('S2', 'VIAL', '2026-03-05', -3, '3505', 80, shelf.code(5), 'P2', true), ('S2', 'A', '2026-03-20', 1, '3506', 80, shelf.code(2), 'P3', NULL),
	-- notice: last sold on one date at two places without times of day, or at one of them; flag: times tell
	('S1', 'A', '2026-02-06', -1, '3505', 80, shelf.code(6), 'P1', NULL), ('S2', 'A', '2026-02-06', -1, '3505', 80, shelf.code(6), 'P2', NULL), ('S1', 'A', '2026-02-06', -1, '3505', 80, shelf.code(7), 'P1', NULL), ('S2', 'A', '2026-02-06 10:00', -1, '3505', 80, shelf.code(7), 'P2', NULL),
	('S1', 'A', '2026-02-06 09:00', -1, '3505', 80, shelf.code(8), 'P1', NULL), ('S2', 'A', '2026-02-06 10:00', -1, '3505', 80, shelf.code(8), 'P2', NULL),
	-- no codes
	('S2', 'A', '2026-02-03', -1, '3505', 80, '123', 'P1', NULL), ('S2', 'A', '2026-03-03', -1, '3505', 80, '6901234567892', 'P1', NULL), ('S2', 'A', '2026-03-04', -1, '3505', 80, '6901234567892', 'P2', NULL);
-- one code for everything
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, trace_code, person_id) SELECT 'S2', 'A', timestamp '2026-02-01' + n * interval '1 hour', -1, '3505', 80, shelf.code(9), 'P' || n FROM generate_series(1, 51) AS n;
-- V12 flag: five at 12 and one at 13 by card, five at 10 for cash; not: four of each, two percent, cut by the month
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price, pay_method)
SELECT 'S2', v.p, v.at + n * interval '1 hour', -1, '3505', CASE WHEN n % 2 = 0 THEN v.x + CASE n WHEN 12 THEN 1 ELSE 0 END ELSE 10 END, CASE WHEN n % 2 = 0 THEN 'insured' ELSE 'cash' END
FROM (VALUES ('CARD', timestamp '2026-03-02 09:00', 12, 12), ('FOUR', '2026-03-02 09:00', 12, 8), ('LITTLE', '2026-03-02 09:00', 10.2, 10), ('CUT', '2026-03-31 19:30', 12, 9)) AS v (p, at, x, times), generate_series(1, v.times) AS n;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind) SELECT 'S2', p, '2026-02-28', 100, 'count' FROM unnest('{CARD,FOUR,LITTLE,CUT,A,VIAL}'::text[]) AS p;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind) VALUES (NULL, 'A', '2026-03-05', -6, 'sale'), ('S2', 'A', NULL, -6, 'sale');
CREATE VIEW shelf.found AS
SELECT f.rule_code, f.subject_kind AS subject, f.subject_id, f.key, f.facility_id, f.certainty, f.excess_quantity AS excess, f.gross_amount AS gross, f.fund_amount AS fund, f.involved_amount AS involved, f.judged_on,
	(SELECT string_agg(concat_ws('/', to_char(l.charged_at, 'MM-DD'), l.facility_id, l.person_id, l.quantity, l.amount, l.excess_quantity, l.excess_amount), ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS lines, f.evidence, f.evidence_text
FROM medaudit.finding AS f;
-- sales that come in, of a facility that has no others
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind, price) SELECT 'H9', 'SIGN', date '2026-02-01' + n, 5, '3505', 8 FROM generate_series(1, 3) AS n;
CALL shelf.run('2026-01-01', '2026-05-01');
SELECT coalesce(rule_code, step) AS step, state, rows, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, subject, subject_id, key, certainty, excess, gross, fund, involved, judged_on, lines FROM shelf.found ORDER BY rule_code, subject_id COLLATE "C", key COLLATE "C";
SELECT DISTINCT ON (rule_code) rule_code, evidence, evidence_text FROM shelf.found ORDER BY rule_code, judged_on, subject_id COLLATE "C" DESC, key COLLATE "C" DESC;
SELECT certainty, evidence -> 'last_sellers' AS last_sellers, evidence_text FROM shelf.found WHERE rule_code = 'trace_reuse' ORDER BY key COLLATE "C";
SELECT problem, problem_zh, rows FROM medaudit.data_quality WHERE relation = 'stock_move' ORDER BY problem;
SELECT DISTINCT ON (f.rule_code) f.rule_code, l.item_name, l.evidence_text FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) ORDER BY f.rule_code, f.facility_id DESC, f.judged_on, l.line_no;
SELECT count(*) FILTER (WHERE evidence_text IS NULL) AS without_sentence, count(*) AS rows FROM medaudit.worklist;
-- money in lines adds up
SELECT count(*) AS wrong FROM (SELECT f.finding_id FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.gross_amount IS NOT NULL GROUP BY f.finding_id, f.gross_amount, f.excess_quantity
	HAVING sum(l.excess_amount) <> f.gross_amount OR sum(l.excess_quantity) <> f.excess_quantity) AS d;
-- the run finds what the functions find
SELECT (SELECT count(*) FROM medaudit.trace_uses('2026-02-01', '2026-03-01') WHERE status = 'reused' AND sales <= 50) = (SELECT count(*) FROM shelf.found WHERE rule_code = 'trace_reuse' AND judged_on = '2026-02-28') AS traces,
	(SELECT string_agg(product_code || oversold_amount, ' ') FROM medaudit.stock_check('2026-03-01', '2026-04-01') WHERE outcome = 'deficit' AND oversold_amount >= 500 AND oversold >= 0.05 * sold AND other = 0) = (SELECT string_agg((evidence ->> 'product') || gross, ' ' ORDER BY subject_id) FROM shelf.found WHERE rule_code = 'stock_deficit' AND judged_on = '2026-03-31' AND (evidence ->> 'other')::numeric = 0) AS deficits;

-- however the time is cut: months in any order; parts of months are nothing
CREATE TABLE shelf.stood AS SELECT * FROM shelf.found;
TRUNCATE medaudit.run, medaudit.finding;
CALL shelf.run('2026-04-01', '2026-05-01');
CALL shelf.run('2026-01-01', '2026-02-01');
CALL shelf.run('2026-02-14', '2026-04-01');
CALL shelf.run('2026-02-01', '2026-03-01');
SELECT count(*) AS differ FROM ((TABLE shelf.stood EXCEPT ALL TABLE shelf.found) UNION ALL (TABLE shelf.found EXCEPT ALL TABLE shelf.stood)) AS d;
CALL shelf.run('2026-03-02', '2026-04-01');
SELECT coalesce(rule_code, step) AS step, state, error FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT count(*) AS differ FROM ((TABLE shelf.stood EXCEPT ALL TABLE shelf.found) UNION ALL (TABLE shelf.found EXCEPT ALL TABLE shelf.stood)) AS d;
-- the same once more is the same; a purchase that comes in late takes it away
CALL shelf.run('2026-03-01', '2026-04-01');
SELECT count(*) AS differ FROM ((TABLE shelf.stood EXCEPT ALL TABLE shelf.found) UNION ALL (TABLE shelf.found EXCEPT ALL TABLE shelf.stood)) AS d;
INSERT INTO shelf.move (facility_id, product_code, at, quantity, kind) VALUES ('S1', 'A', '2026-03-05', 20, '3503'), ('S1', 'NEVER', '2026-03-01', 20, '3503');
CALL shelf.run('2026-03-01', '2026-04-01');
SELECT rule_code, subject_id, key FROM shelf.stood EXCEPT SELECT rule_code, subject_id, key FROM shelf.found ORDER BY 1, 2, 3;
-- thresholds of the rule
SELECT medaudit.set_rule('stock_deficit', parameters => '{"min_amount": 0, "min_share": 0}');
SELECT medaudit.set_rule('never_purchased', parameters => '{"min_history_days": 0}');
SELECT medaudit.set_rule('trace_reuse', parameters => '{"max_sales": 1000}');
SELECT medaudit.set_rule('card_price', parameters => '{"min_sales": 4, "tolerance": 0.01, "min_amount": 5}');
CALL shelf.run('2026-02-01', '2026-04-01');
SELECT rule_code, subject_id, key, certainty, gross FROM shelf.found WHERE judged_on < '2026-04-01' AND (rule_code, subject_id, key, certainty) NOT IN (SELECT rule_code, subject_id, key, certainty FROM shelf.stood) ORDER BY 1, 2, 3;
SELECT count(medaudit.set_rule(r, parameters => '{}')) AS back FROM unnest('{stock_deficit,never_purchased,trace_reuse,card_price}'::text[]) AS r;
\set VERBOSITY sqlstate
SELECT medaudit.set_rule('stock_deficit', parameters => '{"min_share": 2}');
SELECT medaudit.set_rule('trace_reuse', parameters => '{"max_sales": 1}');
DROP SCHEMA shelf CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
