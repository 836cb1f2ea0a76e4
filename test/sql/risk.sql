-- risk: the matrix, profiles of facilities, and what is looked at first
\set SHOW_CONTEXT never
\set VERBOSITY default
SET datestyle = iso;
SET client_min_messages = warning;
\pset null (null)
-- low < 4, medium < 8, high < 15, extreme
SELECT l AS likelihood, string_agg(medaudit.risk_level(l, i), ' ' ORDER BY i) AS by_impact FROM generate_series(1, 5) AS l, generate_series(1, 5) AS i GROUP BY l ORDER BY l;
SELECT count(*) AS cells, bool_and(c.level = CASE WHEN c.likelihood * c.impact < 4 THEN 'low' WHEN c.likelihood * c.impact < 8 THEN 'medium' WHEN c.likelihood * c.impact < 15 THEN 'high' ELSE 'extreme' END) AS by_product FROM medaudit.risk_cell AS c;
\set VERBOSITY terse
SELECT medaudit.risk_level(0, 3);
SELECT medaudit.risk_level(3, 6);
SELECT medaudit.risk_level(NULL, 3);
SELECT medaudit.risk_level(3, NULL);
-- cells of one's own go before, as long as more is never less; the shipped ones stay
INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (1, 5, 'high'), (2, 5, 'extreme');
SELECT medaudit.risk_level(1, 5), medaudit.risk_level(2, 5), medaudit.risk_level(3, 5), medaudit.risk_level(1, 4);
\set VERBOSITY default
INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (1, 1, 'medium');
\set VERBOSITY terse
UPDATE medaudit.risk_cell SET level = 'low' WHERE NOT shipped AND likelihood = 2;
UPDATE medaudit.risk_cell SET level = 'extreme' WHERE likelihood = 1 AND impact = 1;
INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (3, 3, 'none');
INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (6, 3, 'high');
DELETE FROM medaudit.risk_cell WHERE NOT shipped;
\set VERBOSITY default

-- a register: H1 a private hospital, H2 a public one of the third rank, P1 a pharmacy
CREATE TABLE warehouse_facility (facility_id text, name text, kind text, ownership text, rank int);
INSERT INTO warehouse_facility VALUES ('H1', '一院', 'hospital', 'private', 1), ('H2', '二院', 'hospital', 'public', 3), ('P1', '一药', 'pharmacy', 'private', NULL);
CALL medaudit.bind('facility', 'warehouse_facility');
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, finished_at) VALUES (9001, 'period', '2026-01-01', '2026-07-01', 'done', now());
CREATE FUNCTION pg_temp.put(id bigint, rule text, facility text, claimed numeric, sure text DEFAULT 'suspicion') RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_name, gross_amount, claimed_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 9001, rule, sure, 'facility', coalesce(facility, '-'), facility, facility || '院', claimed, claimed, '{}', id, '2026-03-01', rule, 'finding ' || id, '\x00') $$;
CREATE FUNCTION pg_temp.judge(id bigint, verdict text) RETURNS text LANGUAGE sql AS $$
	SELECT max(medaudit.review_finding(id, verdict, CASE verdict WHEN 'dismiss' THEN 'other' END, actor => a)) FROM unnest('{ann,ben}'::text[]) AS a $$;
-- decided: split_stays 3 of 4 at hospitals and 0 of 1 at the pharmacy, frequent_stays 1 of 2, companions 1 of 1 at hospitals; nothing about low_standard_stays
SELECT count(pg_temp.put(i, r, f, 10)) FROM (VALUES (1, 'split_stays', 'H1'), (2, 'split_stays', 'H1'), (3, 'split_stays', 'H2'), (4, 'split_stays', 'H2'), (5, 'split_stays', 'P1'), (6, 'frequent_stays', 'H1'), (7, 'frequent_stays', 'H2'), (8, 'companions', 'H2')) AS v (i, r, f);
SELECT count(pg_temp.judge(i, CASE WHEN i IN (4, 5, 7) THEN 'dismiss' ELSE 'confirm' END)) FROM generate_series(1, 8) AS i;
SELECT count(pg_temp.put(i, r, f, 100)) FROM (VALUES (11, 'split_stays', 'H1'), (12, 'split_stays', 'H1'), (13, 'frequent_stays', 'H1'), (14, 'low_standard_stays', 'H1'), (15, 'companions', 'H2'), (16, 'split_stays', 'H2'), (17, 'split_stays', 'P1'), (18, 'companions', 'P1'),
	(19, 'low_standard_stays', 'H3'), (20, 'frequent_stays', 'H4')) AS v (i, r, f);
-- H1: 1 - (1 - 0.75) × (1 - 0.5); H2: certain; P1: not split stays, companions as anywhere; H3: nobody knows; H4: of a kind that nobody knows
SELECT * FROM medaudit.risk_profile ORDER BY facility_id;
-- and the same in slow words
SELECT p.facility_id, p.risk, (SELECT round(1 - exp(sum(ln(nullif(1 - coalesce((SELECT k.rate FROM medaudit.rule_precision_by_kind AS k WHERE k.rule_code = r.rule_code AND k.facility_kind = p.facility_kind),
		(SELECT a.rate FROM medaudit.rule_precision AS a WHERE a.rule_code = r.rule_code)), 0))))::numeric, 4)
	FROM (SELECT DISTINCT f.rule_code FROM medaudit.finding AS f WHERE f.facility_id = p.facility_id AND f.state = 'open') AS r) AS slow
FROM medaudit.risk_profile AS p WHERE p.risk < 1 ORDER BY 1;

-- rules matter more at some: the order follows at once, the money does not
CREATE VIEW pg_temp.listed AS SELECT string_agg(w.finding_id::text, ' ' ORDER BY w.rank) AS ids, sum(w.claimed_amount) AS money FROM medaudit.worklist AS w;
SELECT count(pg_temp.put(30 + i, r, f, m, s)) FROM (VALUES (1, 'split_stays', 'H1', 50, 'suspicion'), (2, 'split_stays', 'H2', 60, 'suspicion'), (3, 'companions', 'H1', 70, 'suspicion'), (4, 'split_stays', 'P1', 40, 'violation'), (5, 'split_stays', NULL, 45, 'suspicion'), (6, 'split_stays', 'H2', 5, 'violation')) AS v (i, r, f, m, s);
TABLE pg_temp.listed;
INSERT INTO medaudit.rule_focus (rule_code, ownership, weight) VALUES ('split_stays', 'PRIVATE', 3);
TABLE pg_temp.listed;
-- what says more goes before; for everybody else, and for findings of no facility
INSERT INTO medaudit.rule_focus (rule_code, kind, ownership, rank, weight) VALUES ('split_stays', 'hospital', 'private', NULL, 0.5), ('split_stays', NULL, NULL, NULL, 10), ('split_stays', NULL, 'private', 1, 0.1);
TABLE pg_temp.listed;
SELECT facility_id, weight FROM medaudit.focus_weight ORDER BY 1;
-- a finding that comes is placed by it, one that goes up and down as well
SELECT pg_temp.put(40, 'split_stays', 'H2', 7);
TABLE pg_temp.listed;
-- the register says otherwise from the next run on
UPDATE warehouse_facility SET ownership = 'public' WHERE facility_id = 'H1';
CALL medaudit._refresh_focus();
TABLE pg_temp.listed;
UPDATE warehouse_facility SET ownership = 'private' WHERE facility_id = 'H1';
CALL medaudit._refresh_focus();
-- numbered anew it is the same
CALL medaudit.rank_findings();
TABLE pg_temp.listed;
UPDATE medaudit.rule_focus SET weight = 1 WHERE kind IS NULL;
DELETE FROM medaudit.rule_focus WHERE ownership = 'private';
TABLE pg_temp.listed;
DELETE FROM medaudit.rule_focus;
TABLE pg_temp.listed;
SELECT count(*) AS kept, (SELECT count(*) FROM medaudit.ranked_line WHERE weight <> 1) AS weighted FROM medaudit.focus_weight;
\set VERBOSITY terse
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('split_stay', 2);
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('split_stays', 0);
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('split_stays', 'NaN');
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('split_stays', 2), ('split_stays', 3);
\set VERBOSITY default

-- whatever was said in whatever order, the list is what it would be from the start
\set ECHO none
SELECT setseed(0.27) \g /dev/null
SELECT count(pg_temp.put(100 + i, (ARRAY['split_stays', 'companions', 'frequent_stays'])[1 + (i * 7) % 3], (ARRAY['H1', 'H2', 'P1', NULL])[1 + (i * 13) % 4], ((i * 7919) % 997)::numeric, (ARRAY['violation', 'suspicion', 'notice'])[1 + (i * 31) % 3])) FROM generate_series(1, 120) AS i \g /dev/null
CREATE TABLE pg_temp.trouble (step int);
DO $$
DECLARE
	wrong bigint;
BEGIN
	FOR step IN 1 .. 30 LOOP
		IF random() < 0.4 THEN
			DELETE FROM medaudit.rule_focus WHERE random() < 0.5;
		ELSE
			INSERT INTO medaudit.rule_focus (rule_code, kind, ownership, rank, weight)
			SELECT r, k, o, n, round((0.1 + random() * 5)::numeric, 2) FROM unnest('{split_stays,companions,frequent_stays}'::text[]) AS r, unnest('{hospital,pharmacy,NULL}'::text[]) AS k,
				unnest('{private,public,NULL}'::text[]) AS o, unnest('{1,3,NULL}'::int[]) AS n WHERE random() < 0.06 ON CONFLICT DO NOTHING;
		END IF;
		SELECT count(*) INTO wrong FROM (
			SELECT row_number() OVER (ORDER BY w.rank) AS place, row_number() OVER (ORDER BY array_position('{violation,suspicion,notice}', w.certainty),
				w.claimed_amount * coalesce((SELECT f.weight FROM medaudit.rule_focus AS f LEFT JOIN warehouse_facility AS i ON i.facility_id = w.facility_id
					WHERE f.rule_code = w.rule_code AND (f.kind IS NULL OR f.kind = i.kind) AND (f.ownership IS NULL OR f.ownership = i.ownership) AND (f.rank IS NULL OR f.rank = i.rank)
					ORDER BY num_nonnulls(f.kind, f.ownership, f.rank) DESC, f.weight DESC LIMIT 1), 1) DESC NULLS LAST, w.finding_id) AS right_one
			FROM medaudit.worklist AS w) AS x WHERE x.place <> x.right_one;
		IF wrong > 0 THEN INSERT INTO pg_temp.trouble VALUES (step); END IF;
	END LOOP;
END $$;
\set ECHO all
SELECT count(*) AS steps_with_trouble FROM pg_temp.trouble;
SELECT count(DISTINCT weight) > 3 AS weighted FROM medaudit.ranked_line;
TRUNCATE medaudit.rule_focus;
SELECT count(*) FROM medaudit.focus_weight;

-- a chief says what comes first, from the next run on; reviewers decide about what is weighted; nobody else says
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('split_stays', 4);
CREATE ROLE chief; CALL medaudit.grant_access('chief', 'chief');
CREATE ROLE reviewer; CALL medaudit.grant_access('reviewer', 'reviewer');
SET client_min_messages = notice;
SET SESSION AUTHORIZATION chief;
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('companions', 5);
\set VERBOSITY sqlstate
UPDATE medaudit.focus_weight SET weight = 5;
SET SESSION AUTHORIZATION reviewer;
SELECT medaudit.review_finding(40, 'confirm');
INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('frequent_stays', 5);
SELECT count(*) FROM medaudit.risk_profile;
RESET SESSION AUTHORIZATION;
\set VERBOSITY default
SET client_min_messages = warning;
SELECT rule_code, weight FROM medaudit.focus_weight;
CALL medaudit._refresh_focus();
SELECT rule_code, weight FROM medaudit.focus_weight ORDER BY 1;
DROP OWNED BY chief, reviewer; DROP ROLE chief, reviewer;

DELETE FROM medaudit.rule_focus;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run; DELETE FROM medaudit.gateway;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events; ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DROP VIEW medaudit_data.facility; DELETE FROM medaudit.binding WHERE relation = 'facility'; DROP TABLE warehouse_facility;
