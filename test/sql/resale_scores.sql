-- resale_scores: how far dispensed drugs look like drugs for sale
\set SHOW_CONTEXT never
SET search_path = medaudit, public;
SET datestyle = iso;
SET client_min_messages = error;
SELECT format('DROP VIEW medaudit_data.%I', relname) FROM pg_class WHERE relnamespace = 'medaudit_data'::regnamespace AND relkind = 'v' AND relname IN (SELECT relation FROM medaudit.relation_column) \gexec
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
-- the parts by their bounds, and what is not known
SELECT * FROM resale_score(3.75, 3, 4, 5, false, 1);
SELECT * FROM resale_score(1.5, 5, 0, 4, true, 0.25) UNION ALL SELECT * FROM resale_score(0.9, 9, 9, 3, NULL, NULL) UNION ALL SELECT * FROM resale_score(NULL, NULL, NULL, 0, NULL, NULL) ORDER BY score;
SELECT * FROM resale_score('NaN', -2147483648, 1, 1, NULL, 'NaN');
SELECT resale_scores('2025-01-01', '2025-02-01');
SELECT resale_scores(NULL, '2025-02-01');
SELECT resale_scores('2025-02-01', '2025-02-01');
SELECT resale_scores('2025-02-01', 'infinity');
SELECT count(*) AS no_run FROM medaudit.resale_scores;

DROP SCHEMA IF EXISTS resale CASCADE;
CREATE SCHEMA resale;
CREATE TABLE resale.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, total_amount numeric);
CREATE TABLE resale.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, days_supply numeric, category text);
CREATE FUNCTION resale.dispense(person text, place text, day date, days numeric DEFAULT 30, yuan numeric DEFAULT 100, drug text DEFAULT 'XA10BAE101A001010100001', packs numeric DEFAULT 1) RETURNS void LANGUAGE sql AS $$
	INSERT INTO resale.visit SELECT concat_ws('-', person, place, day, drug), person, place, day + time '09:00', day + time '09:10', '41', yuan;
	INSERT INTO resale.charge VALUES (concat_ws('-', person, place, day, drug), '1', drug, packs, yuan, day + time '09:05', days, '09');
$$;
DO $$
BEGIN
	-- P1: metformin every eight days from three places; P2: in time from one; P3: once; P4: days not known; P5: not in March
	FOR i IN 0..4 LOOP PERFORM resale.dispense('P1', 'S' || i % 3, date '2025-02-01' + 8 * i); END LOOP;
	FOR i IN 0..3 LOOP PERFORM resale.dispense('P2', 'S0', date '2024-12-10' + 30 * i, yuan => 40); END LOOP;
	PERFORM resale.dispense('P3', 'S0', '2025-03-05', yuan => 20), resale.dispense('P4', 'S0', '2025-03-05', NULL, 5, 'XC08CAA001A001010100001'), resale.dispense('P5', 'S0', '2025-02-05', yuan => 900);
	-- what came back counts for nothing
	PERFORM resale.dispense('P6', 'S0', '2025-03-01', yuan => 60), resale.dispense('P6', 'S0', '2025-03-02', 30, 60, packs => 1), resale.dispense('P6', 'S0', '2025-03-03', 30, -60, packs => -1);
END $$;
CALL medaudit.bind('visit', 'resale.visit');
CALL medaudit.bind('charge', 'resale.charge');
SELECT person_id, fills, early_fills, facilities, possession_ratio AS ratio, drug, class, amount, trace_codes AS codes, supply_part AS supply, places_part AS places, early_part AS early, traced_part AS traced, amount_part AS money, score FROM resale_scores('2025-03-01', '2025-04-01') ORDER BY person_id;
-- trace codes: P1 had one that was sold again, and one that came back; P2 one sold once, sent twice, and a part; P3 only what is no code
CREATE TABLE resale.move (facility_id text, product_code text, at timestamp, quantity numeric, kind text, trace_code text, split_pack text, person_id text);
INSERT INTO resale.move VALUES ('S0', 'X', '2025-01-01', 1, 'purchase', '81000000000000000001', NULL, NULL), ('S0', 'X', '2025-02-01 09:00', -1, 'sale', '81000000000000000001', NULL, 'P1'), ('S2', 'X', '2025-03-10', -1, 'sale', '81000000000000000001', NULL, NULL),
	('S0', 'X', '2025-02-02', -1, 'sale', '81000000000000000002', NULL, 'P1'), ('S0', 'X', '2025-02-03', 1, 'return', '81000000000000000002', NULL, 'P1'), ('S0', 'X', '2025-02-04', -1, 'sale', '81000000000000000002', NULL, 'P6'),
	('S0', 'X', '2025-02-05 09:00', -1, 'sale', '81000000000000000003', NULL, 'P2'), ('S0', 'X', '2025-02-05 09:00:07', -1, 'sale', '81000000000000000003', NULL, 'P2'), ('S0', 'X', '2025-02-06', -1, 'sale', '81000000000000000004', '1', 'P2'), ('S1', 'X', '2025-02-07', -1, 'sale', '81000000000000000004', '1', 'P2'),
	('S0', 'X', '2025-02-05', -1, 'sale', '00000000000000000000', NULL, 'P3'), ('S1', 'X', '2025-02-06', -1, 'sale', '00000000000000000000', NULL, 'P3'), ('S1', 'X', '2025-02-06', -1, 'sale', '123', NULL, 'P3');
CALL medaudit.bind('stock_move', 'resale.move');
SELECT person_id, trace_codes AS codes, codes_sold_again AS again, traced_part AS traced, score FROM resale_scores('2025-03-01', '2025-04-01') ORDER BY person_id;
-- as the last run that is done has it; weights of one's own
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{stockpiles}');
SELECT from_date, to_date, person_id, fills, score FROM medaudit.resale_scores ORDER BY score DESC NULLS LAST, person_id LIMIT 2;
SELECT count(*) AS differ FROM (SELECT person_id, score, amount FROM medaudit.resale_scores EXCEPT SELECT person_id, score, amount FROM resale_scores('2025-03-01', '2025-04-01')) AS d;
INSERT INTO medaudit.score_weight (score, part, weight) VALUES ('resale', 'traced', 0), ('resale', 'amount', 0);
SELECT person_id, score FROM medaudit.resale_scores WHERE person_id IN ('P1', 'P2', 'P3') ORDER BY person_id;
DELETE FROM medaudit.score_weight WHERE NOT shipped;
-- a year that ends before the last of them; the share of others who spent less, in plain SQL
SELECT person_id, fills, amount FROM resale_scores('2024-06-01', '2025-02-15') ORDER BY person_id;
SELECT count(*) AS persons, count(*) FILTER (WHERE s.amount_part IS DISTINCT FROM o.share) AS differ FROM resale_scores('2025-03-01', '2025-04-01') AS s
CROSS JOIN LATERAL (SELECT round(count(*) FILTER (WHERE a.amount < s.amount)::numeric / nullif(count(*) - 1, 0), 4) AS share
	FROM (SELECT v.person_id, sum(c.amount) AS amount FROM resale.charge AS c JOIN resale.visit AS v USING (visit_id) WHERE left(c.item_code, 6) = s.class GROUP BY v.person_id) AS a) AS o;
DROP SCHEMA resale CASCADE;
TRUNCATE medaudit.run, medaudit.finding, medaudit.binding;
