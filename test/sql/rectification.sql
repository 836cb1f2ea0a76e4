-- rectification: what an institution was told to put right, and whether it happens again
\set SHOW_CONTEXT never
\set VERBOSITY default
SET datestyle = iso;
SET client_min_messages = error;
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, finished_at) VALUES (9001, 'period', '2024-12-01', '2026-07-01', 'done', now());
CREATE FUNCTION pg_temp.put(id bigint, rule text, kind text, subject text, facility text, day date, claimed numeric) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, facility_name, gross_amount, claimed_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 9001, rule, 'violation', kind, subject, facility, facility || '院', claimed + 10, claimed, '{}', id, day, rule, 'finding ' || id, '\x00') $$;
-- eleven of H1 by one rule, in the middle of each month from July to May; and one each of H2, H4, of a person, of another rule
SELECT count(*) FROM generate_series(1, 11) AS i WHERE pg_temp.put(i, 'x_a', 'facility', 'H1', 'H1', (date '2025-06-15' + i * interval '1 month')::date, 8 * i) IS NULL;
SELECT pg_temp.put(21, 'x_a', 'facility', 'H2', 'H2', '2026-03-01', 400), pg_temp.put(22, 'x_a', 'person', 'P1', 'H1', '2026-03-02', 40), pg_temp.put(23, 'x_b', 'person', 'P1', 'H3', '2026-03-02', 60),
	pg_temp.put(24, 'x_a', 'facility', 'H4', 'H4', '2026-03-01', 600);

-- does it happen again: accepted on 15 December; July to November are 5 in the year before; December (on the day) to May and the one of the person are 7 since
INSERT INTO medaudit.rectification (facility_id, rule_codes, ordered_on, accepted_on, accepted_by) VALUES ('H1', '{x_a,x_b,x_a}', '2025-11-01', '2025-12-15', 'ann');
INSERT INTO medaudit.rectification (facility_id, rule_codes, ordered_on) VALUES ('H2', '{x_a}', '2026-04-01');
SELECT facility_id, facility_name, rule_code, accepted_on, before_per_month, after_per_month, findings_after, money_after FROM medaudit.recurrence ORDER BY rule_code;
SELECT round(7 / ((date '2026-07-01' - date '2025-12-15') / 30.4375), 2) AS after_per_month;
-- only days that runs have judged by the rule count: three months before, five after
INSERT INTO medaudit.run (run_id, scope, from_date, to_date, state, rules) VALUES (9002, 'period', '2025-09-15', '2025-12-15', 'done', '{x_a}'), (9003, 'period', '2026-02-01', '2026-07-01', 'done', '{x_a}'),
	(9004, 'period', '2025-01-01', '2025-12-01', 'failed', NULL), (9005, 'persons', '2025-01-01', '2025-12-01', 'done', NULL);
DELETE FROM medaudit.run WHERE run_id = 9001;
SELECT rule_code, before_per_month, after_per_month, round(5 / (91 / 30.4375), 2) AS before, round(7 / (150 / 30.4375), 2) AS after FROM medaudit.recurrence ORDER BY rule_code;
-- the worklist marks what recurs, in both its forms; the number of a facility however it is written; not what is not accepted
SELECT rule_code, facility_id, recurs, count(*), min(judged_on) AS first, max(judged_on) AS last FROM medaudit.worklist GROUP BY 1, 2, 3 ORDER BY 2, 1, 3;
UPDATE medaudit.rectification SET facility_id = ' ｈ1' WHERE facility_id = 'H1';
SELECT count(*) FILTER (WHERE w.recurs) AS marked, count(*) FILTER (WHERE w.recurs <> m.recurs) AS otherwise_masked FROM medaudit.worklist AS w JOIN medaudit.worklist_masked AS m USING (rank);
SELECT rule_code, findings_after FROM medaudit.recurrence ORDER BY rule_code;
UPDATE medaudit.rectification SET accepted_on = NULL;
SELECT count(*) FROM medaudit.worklist WHERE recurs;
-- who else: confirmed, and told nothing
SELECT * FROM medaudit.similar_facilities('x_a');
SELECT medaudit.review_finding(i, 'confirm', actor => a) FROM generate_series(21, 24) AS i, unnest('{ann,ben}'::text[]) AS a WHERE i <> 23;
SELECT * FROM medaudit.similar_facilities('x_a');
SELECT * FROM medaudit.similar_facilities('x_a', '2026-03-02');
SELECT * FROM medaudit.similar_facilities('nothing');
SELECT * FROM medaudit.similar_facilities(NULL);
SELECT * FROM medaudit.similar_facilities;
-- what was confirmed with nothing is not
SELECT pg_temp.put(31, 'x_c', 'facility', 'H5', 'H5', '2026-03-01', 10);
SELECT count(medaudit.review_finding(31, 'confirm', confirmed_claimed => 0, actor => a)) FROM unnest('{ann,ben}'::text[]) AS a;
SELECT * FROM medaudit.similar_facilities('x_c');

DELETE FROM medaudit.rectification;
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run; DELETE FROM medaudit.gateway;
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events; ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
