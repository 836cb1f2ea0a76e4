-- the report of a run, the sheet of an institution, the page of a person
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
\pset format unaligned
ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; DELETE FROM medaudit.finding_event; ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
DELETE FROM medaudit.run;
CREATE SCHEMA warehouse;
-- what a page says, without its style and its pictures, a cell from the other by a bar
CREATE FUNCTION warehouse.said(page text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT btrim(l, '| ') FROM regexp_split_to_table(regexp_replace(regexp_replace(regexp_replace(regexp_replace(page, '<style>.*?</style>', ''), '<svg[^>]*?>.*?</svg>', '', 'g'), '(<[^>]*>)+', '|', 'g'), '\|[ |]*\|', '|', 'g'), '\n') AS l
	WHERE btrim(l, '| ') <> '' $$;
-- rows of its tables
CREATE FUNCTION warehouse.rows(page text, pattern text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT btrim(regexp_replace(r[1], '(</?[a-z]+[^>]*>)+', '|', 'g'), '|') FROM regexp_matches(page, '<tr[^>]*?>(.*?)</tr>', 'g') WITH ORDINALITY AS m (r, n) WHERE r[1] ~ pattern ORDER BY n $$;

\set VERBOSITY sqlstate
SELECT medaudit.report();
SELECT medaudit.report(1);
SELECT medaudit.person_page('P1');
\set VERBOSITY default

-- two months of runs, one that failed, one of some people only
INSERT INTO medaudit.run (run_id, from_date, to_date, state, visits, started_by, started_at, finished_at, rules, scope) VALUES
	(9001, '2026-02-01', '2026-03-01', 'done', 90, 'ann', '2026-03-02 01:00+08', '2026-03-02 02:00+08', NULL, 'period'),
	(9002, '2026-03-01', '2026-04-01', 'done', 100, 'ann', '2026-04-02 01:00+08', '2026-04-02 02:00+08', NULL, 'period'),
	(9003, '2026-04-01', '2026-05-01', 'failed', 5, 'ann', '2026-05-02 01:00+08', '2026-05-02 02:00+08', '{r_b}', 'period'),
	(9004, '2026-04-01', '2026-04-02', 'done', 1, 'ann', '2026-05-02 01:00+08', '2026-05-02 02:00+08', NULL, 'persons');
INSERT INTO medaudit.run_step (run_id, step_no, step, rule_code, state, rows, insufficient, error) VALUES (9002, 1, 'charges', NULL, 'done', 9, 7, NULL),
	(9002, 2, 'companions', 'companions', 'done', 1, NULL, NULL), (9002, 3, 'over_capacity', 'over_capacity', 'skipped', NULL, NULL, 'not bound: facility.beds'),
	(9002, 4, 'similar_amounts', 'similar_amounts', 'skipped', NULL, NULL, 'run it over a whole quarter'), (9003, 1, 'charges', NULL, 'failed', NULL, NULL, 'division by zero of 11010519491231002X <script>');
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('r_a', 'duplicate', '重复收费<甲>'), ('r_b', 'quantity', '超量收费'), ('r_c', 'companions', '同进同出');
INSERT INTO medaudit.kept_rulebook (digest, rules) VALUES ('\xabcd', medaudit.compile_rules(VARIADIC '{}'));
INSERT INTO medaudit.run_asked VALUES (9002, '\xabcd', '{r_a,r_b}');
INSERT INTO medaudit.run_coverage VALUES (9002, 'F1', '一院', '2026-03-05', 90, 900, 2, 20, 1, 10, 30, 300), (9002, 'F2', '二院', '2026-03-06', 10, 100, 0, 0, 0, 0, 0, 0), (9002, 'F9', '九院', '2026-03-06', 1, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO medaudit.run_quality (run_id, relation, problem, problem_zh, rows, facility_id, facility_name, month, examples) VALUES
	(9002, 'charge', 'rule r_a could not judge: time of day missing', '规则重复收费无法判断，缺少：收费时刻', 7, NULL, NULL, NULL, NULL),
	(9002, 'rule', 'rule r_b meets no line', '规则超量收费未对应到任何费用明细', 3, NULL, NULL, NULL, NULL),
	(9002, 'visit', 'x', '就诊没有出院时间', 2, 'F1', '一院', '2026-03-01', '{V1}'), (9002, 'visit', 'x', '就诊没有出院时间', 5, 'F2', '二院', '2026-03-01', '{V2}');

-- 1 and 2 name one line, 1 surely; 3 will be confirmed in part, 4 dismissed, 5 exempt, 6 a pattern, 7 without fund money, 8 changed since
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, rule_name, certainty, subject_kind, subject_id, person_id, person_name, visit_id, facility_id, facility_name, record_no, gross_amount, claimed_amount, fund_amount,
	involved_amount, evidence, key, judged_on, evidence_text, article, fingerprint, state, people)
SELECT i, 9002, r, CASE r WHEN 'r_a' THEN '重复收费<甲>' WHEN 'r_b' THEN '超量收费' ELSE '同进同出' END, c, 'facility', 'F1', 'P' || i, '王小明', 'V' || least(i, 8), f, f || '院&', 'ZY' || i, g, g, CASE WHEN i <> 7 THEN g / 2 END, v,
	CASE i WHEN 6 THEN '{"partners": [{"visit_id": "V6", "person_id": "P6", "facility_id": "F2", "admitted_at": "2026-03-02T09:00:00", "discharged_at": "2026-03-06T09:00:00", "amount": 300}, {"visit_id": "W6", "person_id": "Q6", "facility_id": "F2", "admitted_at": "2026-03-02T09:00:00", "discharged_at": "2026-03-06T10:00:00", "amount": 500}]}'::jsonb
		ELSE '{"limit": 1, "unit": "次"}' END, 'K' || i, date '2026-03-01' + i, format('第%s条"说明"<b>，王小明', i), 'A38(3)', decode(lpad(to_hex(i), 64, '0'), 'hex'), CASE i WHEN 5 THEN 'exempt' ELSE 'open' END, '{王小明}'
FROM (VALUES (1, 'r_a', 'violation', 'F1', 100, NULL), (2, 'r_b', 'suspicion', 'F1', 130, NULL), (3, 'r_a', 'violation', 'F2', 40, NULL), (4, 'r_b', 'violation', 'F2', 10, NULL), (5, 'r_a', 'violation', 'F1', 9, NULL),
	(6, 'r_c', 'suspicion', 'F2', NULL, 800), (7, 'r_b', 'suspicion', 'F1', 6, NULL), (8, 'r_b', 'violation', 'F1', 1000, NULL)) AS o (i, r, c, f, g, v);
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount, excess_quantity, excess_amount, excess_claimed, fund_amount, facility_id, facility_name, person_id, record_no, evidence, evidence_text)
SELECT i, 1, CASE WHEN i < 3 THEN 'V1' ELSE 'V' || i END, CASE WHEN i < 3 THEN 'L1' ELSE 'L' || i END, '0012', '药<i>', '2026-03-05 10:00', 2, 200, 1, g, g, CASE WHEN i <> 7 THEN g / 2 END, CASE WHEN i IN (3, 4) THEN 'F2' ELSE 'F1' END,
	CASE WHEN i IN (3, 4) THEN '二院' ELSE '一院' END, 'P' || i, 'ZY' || i, '{"limit": 1, "unit": "次"}', format('第%s条', i) FROM (VALUES (1, 100), (2, 130), (3, 40), (4, 10), (5, 9), (7, 6), (8, 1000)) AS o (i, g);
INSERT INTO medaudit.run_finding (run_id, rule_code, identity, facility_id, fingerprint, claimed_amount)
SELECT 9002, f.rule_code, medaudit._finding_identity(f.subject_kind, f.subject_id, f.key), f.facility_id, CASE f.finding_id WHEN 8 THEN '\x00' ELSE substring(f.fingerprint FOR 16) END, f.claimed_amount FROM medaudit.finding AS f;
INSERT INTO medaudit.run_finding VALUES (9001, 'r_a', '\x01', 'F1', '\x01', 50), (9001, 'r_a', '\x02', 'F3', '\x01', 5), (9001, 'r_b', '\x03', 'F1', '\x01', 7);
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
SELECT medaudit.review_finding(3, 'confirm', confirmed_claimed => 30, actor => a), medaudit.review_finding(4, 'dismiss', 'documented', actor => a) FROM unnest('{ann,ben}'::text[]) AS a;
SELECT medaudit.open_case('二院重复收费', '{3}', 'model') AS case_id \gset
SELECT medaudit.record_recovery(:case_id, 'ordered', 30, '2026-05-01') > 0 AS ordered, medaudit.record_recovery(:case_id, 'received', 12, '2026-05-09') > 0 AS received;
INSERT INTO medaudit.exemption (rule_code, facility_id, person_id, reason_code, reason, valid, requested_by, approved_by) VALUES ('r_a', 'F1', 'P5', 'documented', '病历<证明>', '[2026-01-01,2027-01-01)', 'ann', 'ben');
INSERT INTO medaudit.self_report VALUES ('F1', 'r_b', 'V77', NULL, 88, '2026-03-20');

-- the whole page, but for when and by which version it was made; 9002 is the last run of a period that is done
SELECT regexp_replace(regexp_replace(s, '截至[0-9: -]+', '截至…'), 'medaudit [0-9.a-z]+', 'medaudit …') FROM warehouse.said(medaudit.report()) AS s;
SELECT medaudit.report() = medaudit.report(9002) AS last, medaudit.report() = medaudit.report(NULL, NULL) AS same;
-- it stands by itself, nothing of what stands in it is code, and it is the same whatever the session is set to
SELECT p ~ '<script|javascript:|<link|<img|@import|url\(|src=|href=' AS asks, p ~ '<b>，|药<i>|收费<甲>|院& ' AS raw, p ~ '&lt;甲&gt;' AS escaped, octet_length(p) BETWEEN 5000 AND 200000 AS size,
	p ~ '^<!DOCTYPE html>' AND p ~ '</html>$' AND p ~ 'charset="utf-8"' AND p ~ '@page\{size:A4' AS whole FROM medaudit.report(9002) AS p;
CREATE TABLE warehouse.page AS SELECT medaudit.report(9002) AS page, medaudit.report(9002, 'F1') AS sheet;
SET datestyle = german; SET timezone = 'America/New_York'; SET extra_float_digits = -3; SET search_path = pg_temp; SET bytea_output = escape; SET lc_monetary = 'C';
SELECT medaudit.report(9002) = page AND medaudit.report(9002, 'F1') = sheet AS same FROM warehouse.page;
RESET timezone; RESET extra_float_digits; RESET search_path; RESET bytea_output; SET datestyle = iso;
-- a name of the fund goes on top
SET medaudit.fund_name = '清溪县<医保>基金';
SELECT (SELECT string_agg(r, '; ') FROM warehouse.rows(medaudit.report(9002), '合计<') AS r) AS money, medaudit.report(9002) ~ '清溪县&lt;医保&gt;基金' AS named;
RESET medaudit.fund_name;
-- of a run that failed it is said, and why, without a number of a person
SELECT p ~ '有步骤失败' AS failed, substring(p FROM '失败的步骤[^。<]*') AS why, p ~ '11010519491231002X' AS shown, p ~ '<script' AS script FROM medaudit.report(9003) AS p;
SELECT medaudit.report(9004) ~ '仅数据有变化人员' AS persons;

-- where item is not bound it is not known how many codes are not in it, and of no money there is no share
INSERT INTO medaudit.run_coverage VALUES (9004, 'F1', '一院', '2026-04-01', 2, 50, NULL, NULL, 0, 0, 1, 20), (9003, 'F1', '一院', '2026-04-01', 2, 0, NULL, NULL, 0, 0, 1, 0);
SELECT i, s FROM unnest('{9004,9003}'::bigint[]) AS i, warehouse.said(medaudit.report(i)) AS s WHERE s ~ '^费用明细';
-- numbers of any size, and what is none
SELECT v AS value, medaudit._yuan(v) AS yuan, medaudit._yuan_short(v) AS short, medaudit._counted(v) AS counted, medaudit._share(v, 1) AS share, medaudit._share(1, v) AS of_it
FROM unnest('{0,-0.004,1,-1234567.885,99999999.994,1e8,1e15,1e18,-1e18,123456789012345678901234567890.12,1e32,1e33,Infinity,-Infinity,NaN,NULL}'::numeric[]) AS v;
-- a run of which nothing is known, and one that found nothing
INSERT INTO medaudit.run (run_id, from_date, to_date, state, scope, started_by, finished_at) VALUES (9005, '2026-06-01', '2026-07-01', 'done', 'period', 'ann', '2026-07-02 02:00+08'),
	(9006, '2026-06-01', '2026-07-01', 'running', 'period', 'ann', NULL);
SELECT * FROM warehouse.said(regexp_replace(regexp_replace(medaudit.report(9005), '截至[0-9: -]+', '截至…'), 'medaudit [0-9.a-z]+', 'medaudit …'));
INSERT INTO medaudit.run_coverage VALUES (9005, 'F1', '一院', '2026-06-01', 2, 50, 0, 0, 0, 0, 1, 20);
SELECT * FROM warehouse.said(medaudit.report(9005)) AS s WHERE s ~ '^费用明细|稽核范围|次就诊|^合计|两期均没有';
SELECT * FROM warehouse.said(medaudit.report(9005, 'F1')) AS s WHERE s ~ '没有发现';
SELECT medaudit.report(9006) ~ '本次运行尚未完成' AS running;
\set VERBOSITY sqlstate
SELECT medaudit.report(9006, 'F1');
\set VERBOSITY default
DELETE FROM medaudit.run WHERE run_id IN (9005, 9006);

-- the sheet: a cover, its lines with their limit, and room for the answer
SELECT * FROM warehouse.said(medaudit.report(9002, 'F1'));
SELECT medaudit.report(9002, ' f1 ') = medaudit.report(9002, 'F1') AS folded, medaudit.report(9002, 'F9') ~ '没有发现该机构的有效疑点' AS clean, medaudit.report(NULL, 'F1') = medaudit.report(9002, 'F1') AS last;
SELECT p ~ 'size:A4 landscape' AS paper, p ~ '药&lt;i&gt;' AS escaped, p ~ '药<i>' AS raw FROM medaudit.report(9002, 'F1') AS p;
\set VERBOSITY sqlstate
SELECT medaudit.report(9002, 'nowhere');
SELECT medaudit.report(77);
SELECT medaudit.report(77, 'F1');
\set VERBOSITY default

-- who was where, and with whom
SELECT * FROM warehouse.said(medaudit.person_page('P6', 9002));
SELECT p ~ '疑点涉及的就诊' AS unbound, p ~ '<svg' AS drawn FROM medaudit.person_page('P6') AS p;
CREATE TABLE warehouse.visit AS SELECT 'V6' AS visit_id, 'P6' AS person_id, 'F2' AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at, timestamp '2026-03-06 09:00' AS discharged_at, '21' AS visit_type, 300 AS total_amount
	UNION ALL SELECT 'X6', 'P6', 'F1', '2026-01-10 10:00', '2026-01-10 10:30', '11', 20 UNION ALL SELECT 'X7', 'P6', 'F1', '2022-01-10 10:00', '2022-01-10 10:30', '11', 20 UNION ALL SELECT 'Y1', 'P99', 'F1', '2026-01-10 10:00', '2026-01-10 10:30', '11', 20;
CREATE TABLE warehouse.person AS SELECT 'Q6' AS person_id, '李<同>行' AS name;
SET client_min_messages = error;
CALL medaudit.bind('visit', 'warehouse.visit'); CALL medaudit.bind('person', 'warehouse.person');
SET client_min_messages = warning;
SELECT * FROM warehouse.rows(medaudit.person_page('P6', 9002), 'F1|F2|一院|Q6');
SELECT medaudit.person_page('P99', 9002) ~ '没有发现涉及此人的疑点' AS nothing_found;
\set VERBOSITY sqlstate
SELECT medaudit.person_page('nobody', 9002);
SELECT medaudit.person_page(NULL, 9002);
SELECT medaudit.person_page('P6', 77);
\set VERBOSITY default
DROP VIEW medaudit_data.visit, medaudit_data.person; DELETE FROM medaudit.binding;

-- who reads masked findings gets a page of these, and of his region; names and numbers are not in it
CREATE ROLE regress_medaudit_reader; CREATE ROLE regress_medaudit_reviewer; CREATE ROLE regress_medaudit_analyst; CREATE ROLE regress_medaudit_nobody;
CALL medaudit.grant_access('regress_medaudit_reader', 'reader'); CALL medaudit.grant_access('regress_medaudit_reviewer', 'reviewer'); CALL medaudit.grant_access('regress_medaudit_analyst', 'analyst');
GRANT USAGE ON SCHEMA warehouse TO PUBLIC;
SET ROLE regress_medaudit_reader;
SELECT * FROM warehouse.said(medaudit.report(9002));
SELECT p ~ '王小明|ZY1' AS shown, p ~ '王\*\*' AS masked FROM medaudit.report(9002) AS p;
SELECT p ~ '王小明' AS shown, p ~ '已脱敏' AS said FROM medaudit.report(9002, 'F1') AS p;
\set VERBOSITY sqlstate
SELECT medaudit.report(9002, 'F9');
SELECT medaudit.report(77);
SELECT medaudit.person_page('P6', 9002);
SELECT visits FROM medaudit.run;
\set VERBOSITY default
SET ROLE regress_medaudit_reviewer;
SELECT p ~ '王小明' AS shown FROM medaudit.report(9002) AS p;
SET ROLE regress_medaudit_analyst;
SELECT p = page AS whole FROM medaudit.report(9002) AS p, (SELECT medaudit.report(9002) AS page) AS o;
SELECT p ~ '王小明' AS shown FROM medaudit.person_page('P6', 9002) AS p;
\set VERBOSITY sqlstate
SET ROLE regress_medaudit_nobody;
SELECT medaudit.report(9002);
RESET ROLE;
\set VERBOSITY default
-- what each level gets
CREATE ROLE regress_medaudit_chief; CREATE ROLE regress_medaudit_runner;
CALL medaudit.grant_access('regress_medaudit_chief', 'chief'); CALL medaudit.grant_access('regress_medaudit_runner', 'runner');
CREATE FUNCTION warehouse.gets(who name, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	page text;
BEGIN
	EXECUTE format('SET LOCAL ROLE %I', who);
	EXECUTE query INTO page;
	RESET ROLE;
	RETURN concat_ws(', ', CASE WHEN page ~ '已脱敏' THEN 'masked' ELSE 'whole' END, CASE WHEN page ~ '王小明' THEN 'with names' END);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT l AS level, warehouse.gets(who, 'SELECT medaudit.report(9002)') AS report, warehouse.gets(who, 'SELECT medaudit.report(9002, ''F1'')') AS sheet,
	warehouse.gets(who, 'SELECT medaudit.person_page(''P6'', 9002)') AS person, warehouse.gets(who, 'SELECT medaudit.report(77)') AS no_run
FROM unnest('{nobody,reader,reviewer,chief,analyst,runner}'::text[]) AS l CROSS JOIN LATERAL (SELECT 'regress_medaudit_' || l AS who) AS w;
INSERT INTO medaudit.reader_scope (role_name, facility_id) VALUES ('regress_medaudit_reader', 'F2');
SET ROLE regress_medaudit_reader;
SELECT * FROM warehouse.rows(medaudit.report(9002), '合计|F[12]');
\set VERBOSITY sqlstate
SELECT medaudit.report(9002, 'F1');
RESET ROLE;
\set VERBOSITY default
DELETE FROM medaudit.reader_scope;

-- whatever stands in a name it is text: of names that are plain and of names that are not a page has the same elements
CREATE FUNCTION warehouse.elements(page text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m[1], '' ORDER BY n) FROM regexp_matches(regexp_replace(regexp_replace(page, '<style>.*?</style>', ''), '"[^"]*"', '""', 'g'), '(<[^<>]*>)', 'g') WITH ORDINALITY AS r (m, n) $$;
CREATE FUNCTION warehouse.pages() RETURNS TABLE (kind text, page text) LANGUAGE sql AS $$
	SELECT 'report', medaudit.report(9002) UNION ALL SELECT 'sheet', medaudit.report(9002, 'F1') UNION ALL SELECT 'person', medaudit.person_page('P6', 9002) $$;
CREATE FUNCTION warehouse.call_all(label text) RETURNS void LANGUAGE sql AS $$
	UPDATE medaudit.rule SET name_zh = label WHERE rule_code IN ('r_a', 'r_b', 'r_c');
	UPDATE medaudit.finding SET rule_name = label, person_name = label, facility_name = label, record_no = label, evidence_text = label;
	UPDATE medaudit.finding_line SET item_name = label, facility_name = label, record_no = label, evidence_text = label;
	UPDATE medaudit.run SET started_by = label WHERE run_id = 9002;
	UPDATE medaudit.run_coverage SET facility_name = label;
	UPDATE medaudit.run_quality SET facility_name = CASE WHEN facility_id IS NOT NULL THEN label END, problem_zh = label || problem_zh;
	UPDATE medaudit.run_step SET error = label WHERE error IS NOT NULL;
	UPDATE medaudit.exemption SET reason = label, document_no = label;
	UPDATE medaudit.audit_case SET title = label;
	SELECT set_config('medaudit.fund_name', label, false) $$;
SET session_replication_role = replica;
SELECT FROM warehouse.call_all('甲');
CREATE TABLE warehouse.plain AS SELECT kind, warehouse.elements(page) AS elements FROM warehouse.pages();
CREATE TABLE warehouse.hostile AS SELECT * FROM unnest(ARRAY['<script>alert(1)</script><img src=x onerror=alert(2)>', '" onload="alert(1)" x="', ''' onload=''alert(1)''', '&lt;script&gt; &amp; &#60;', '</svg></title></td><b>', '%s %1$s %n', '{name} \1 $1',
	'-->', ']]>', U&'\202E\05D0\05D1\0645\0631\062D\0628\0627', repeat('很长的名字<', 2000)]) WITH ORDINALITY AS h (label, nth);
DO $$
DECLARE
	h record;
	p record;
	differ text[] := '{}';
BEGIN
	FOR h IN SELECT * FROM warehouse.hostile ORDER BY nth LOOP
		PERFORM warehouse.call_all(h.label);
		FOR p IN SELECT g.kind, warehouse.elements(g.page) = l.elements AND strpos(g.page, medaudit.html_escape(h.label)) > 0 AS same FROM warehouse.pages() AS g JOIN warehouse.plain AS l ON l.kind = g.kind LOOP
			IF NOT p.same THEN differ := differ || format('%s with %s', p.kind, left(h.label, 30)); END IF;
		END LOOP;
	END LOOP;
	RAISE WARNING 'pages that a name changed: %', differ;
END $$;
RESET medaudit.fund_name; RESET session_replication_role;

-- on generated findings, which a later run (9005) has found again, each line once by slow plain SQL
ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
DELETE FROM medaudit.case_finding; ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run;
INSERT INTO medaudit.run (run_id, from_date, to_date, state) VALUES (9002, '2026-03-01', '2026-04-01', 'done');
ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events;
SELECT setseed(0.4) \gset
CREATE TABLE warehouse.made AS SELECT i, 'r_' || (i % 7) AS rule_code, (ARRAY['violation', 'suspicion', 'notice'])[1 + (i * 5) % 3] AS certainty, 'V' || (i * 11) % 40 AS visit_id, 'F' || (i * 11) % 40 % 5 AS facility_id FROM generate_series(1, 280) AS i;
CREATE TABLE warehouse.made_line AS SELECT m.i, l, 'L' || (m.i + l) % 4 AS line_id, (random() * 90)::int + 1 AS excess FROM warehouse.made AS m, generate_series(1, 3) AS l;
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, rule_name, certainty, subject_kind, subject_id, visit_id, facility_id, facility_name, gross_amount, claimed_amount, fund_amount, evidence, key, judged_on, evidence_text, fingerprint)
SELECT m.i, 9005, m.rule_code, m.rule_code, m.certainty, 'facility', m.facility_id, m.visit_id, m.facility_id, m.facility_id, s.excess, s.excess, s.excess / 2.0, '{}', 'K' || m.i, '2026-03-09', 'x', sha256(m.i::text::bytea)
FROM warehouse.made AS m JOIN (SELECT i, sum(excess) AS excess FROM warehouse.made_line GROUP BY i) AS s USING (i);
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount, excess_claimed, fund_amount, facility_id)
SELECT l.i, l.l, m.visit_id, l.line_id, l.excess, l.excess, l.excess / 2.0, m.facility_id FROM warehouse.made_line AS l JOIN warehouse.made AS m USING (i);
INSERT INTO medaudit.run_finding (run_id, rule_code, identity, facility_id, fingerprint) SELECT 9002, rule_code, medaudit._finding_identity(subject_kind, subject_id, key), facility_id, substring(fingerprint FOR 16) FROM medaudit.finding;
CREATE TABLE warehouse.slow AS
WITH line AS (
	SELECT m.visit_id, m.facility_id, l.line_id, max(l.excess) FILTER (WHERE m.certainty = 'violation') AS sure, max(l.excess) FILTER (WHERE m.certainty <> 'notice') AS likely, max(l.excess) AS most
	FROM warehouse.made AS m JOIN warehouse.made_line AS l USING (i) GROUP BY 1, 2, 3
)
SELECT sum(sure) AS violation, sum(coalesce(likely, 0) - coalesce(sure, 0)) AS suspicion, sum(most - coalesce(likely, 0)) AS notice, sum(most) AS whole FROM line;
SELECT split_part(r, '|', 1) AS certainty, replace(split_part(r, '|', 3), ',', '')::numeric = CASE split_part(r, '|', 1) WHEN '明确违规' THEN s.violation WHEN '可疑' THEN s.suspicion WHEN '提示' THEN s.notice ELSE s.whole END AS gross,
	replace(split_part(r, '|', 5), ',', '')::numeric * 2 = CASE split_part(r, '|', 1) WHEN '明确违规' THEN s.violation WHEN '可疑' THEN s.suspicion WHEN '提示' THEN s.notice ELSE s.whole END AS fund
FROM warehouse.slow AS s, warehouse.rows(medaudit.report(9002), '((明确违规|可疑|提示)</span>|<td>合计)</td>(<td class="n">[0-9,.]+</td>){4}') AS r;
-- institutions add up to it, as do rules
SELECT sum(replace(split_part(r, '|', 3), ',', '')::numeric) = max(s.whole) AS facilities FROM warehouse.slow AS s, warehouse.rows(medaudit.report(9002), '^<td>F[0-9]</td>') AS r;
SELECT sum(replace(split_part(r, '|', 5), ',', '')::numeric) = max(s.whole) AS rules FROM warehouse.slow AS s, warehouse.rows(medaudit.report(9002), '^<td>r_[0-9]</td>(<td class="n">[0-9,.]+</td>){6}') AS r;
-- the sheet comes to what the report says of the institution
SELECT (SELECT split_part(r, '|', 3) FROM warehouse.rows(medaudit.report(9002), '^<td>F1</td>') AS r) = (SELECT split_part(r, '|', 4) FROM warehouse.rows(medaudit.report(9002, 'F1'), '合计') AS r) AS same;

-- more than 200 lines of a rule: 200 are drawn, as anybody can draw them
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount, excess_claimed, fund_amount, facility_id, item_name)
SELECT 7, 100 + i, 'V77', 'M' || i, 1, 1, 0.5, 'F2', 'drawn' || i FROM generate_series(1, 250) AS i;
CREATE TABLE warehouse.drawn AS SELECT medaudit.report(9002, 'F2') AS sheet;
SELECT count(*) AS lines FROM warehouse.drawn, regexp_matches(sheet, '>drawn[0-9]+<', 'g');
SELECT (regexp_matches(sheet, '共[0-9]+行，随机抽取200行列出，每行入样概率[0-9.]+；种子为“[^”]*”'))[1] FROM (SELECT replace(sheet, '&quot;', '"') AS sheet FROM warehouse.drawn) AS d;
WITH all_lines AS (
	SELECT l.finding_id, l.line_no, l.item_name, row_number() OVER (ORDER BY encode(sha256(convert_to('9002/F2' || E'\x1f' || l.finding_id || '/' || l.line_no, 'UTF8')), 'hex') COLLATE "C") AS lot
	FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) WHERE f.rule_code = 'r_0' AND l.facility_id = 'F2'
)
SELECT count(*) FILTER (WHERE a.lot <= 200 AND a.item_name IS NOT NULL) AS drawn, count(*) FILTER (WHERE (a.lot <= 200) <> (d.sheet ~ ('>' || a.item_name || '<'))) AS otherwise FROM all_lines AS a, warehouse.drawn AS d;

ALTER TABLE medaudit.recovery_entry DISABLE TRIGGER keep_rows;
DELETE FROM medaudit.recovery_entry; DELETE FROM medaudit.audit_case; DELETE FROM medaudit.finding; DELETE FROM medaudit.run; DELETE FROM medaudit.gateway; DELETE FROM medaudit.exemption; DELETE FROM medaudit.self_report;
ALTER TABLE medaudit.recovery_entry ENABLE TRIGGER keep_rows;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
DELETE FROM medaudit.rule WHERE rule_code IN ('r_a', 'r_b', 'r_c'); DELETE FROM medaudit.run_quality; DELETE FROM medaudit.run_step; DELETE FROM medaudit.access_grant;
DROP SCHEMA warehouse CASCADE;
DO $$ DECLARE r record; BEGIN FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^regress_medaudit_' LOOP EXECUTE format('DROP OWNED BY %I', r.rolname); EXECUTE format('DROP ROLE %I', r.rolname); END LOOP; END $$;
