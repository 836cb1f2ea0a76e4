-- persons: findings about who somebody is, and who lives with whom
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;

-- what is a resident identity number at all: valid, misspelt, or unknown
SELECT id, medaudit.readable_resident_id(id) AS readable,
	medaudit.resident_id_problem(medaudit.readable_resident_id(id)) AS problem
FROM unnest(ARRAY['11010519491231002X', '11010519491231002x', ' 110105 19491231 002Ｘ', '110105491231002', '110105194912310021',
	'11010519491231O02X', '1101051949123102X', '1101051949123100022', '110105194913310024', 'CHN110199010119',
	'110105********002X', '1101051949****002X', '110105XXXXXXXX002X', 'E12345678', 'H1234567801', '1234567890123456',
	'0x8F3A22', '8f14e45fceea167a', 'q83vEjRWeJCrze8SNFZ4kA==', '12345678', '无', '', NULL]) AS id;
SELECT phone, medaudit.readable_phone(phone) FROM unnest(ARRAY['13800138000', '+86 138-0013-8000', '８６13800138000',
	'028-8500 0000', '(028)85000000', '138****8000', '13800000000', '00000000000', '12345', 'q83vEjRW', '', NULL]) AS phone;

-- against the same said in SQL, over texts of digits, separators, masks, letters,
-- wide and combining signs, and over numbers with one to three characters changed
CREATE SCHEMA warehouse;
CREATE FUNCTION warehouse.slow_resident_id(id text) RETURNS text LANGUAGE sql RETURN (
	SELECT CASE WHEN medaudit.resident_id_valid(n.id) OR n.id ~ '^([0-9]{14,15}|[0-9]{16}X|[0-9]{17}[0-9X]?|[0-9]{18}[0-9X])$'
		OR n.id ~ '^[0-9A-Z]{18}$' AND length(translate(n.id, '0123456789', '')) <= 3 THEN n.id END
	FROM (SELECT medaudit.resident_id_normalize($1) AS id) AS n);
CREATE FUNCTION warehouse.slow_phone(phone text) RETURNS text LANGUAGE sql RETURN (
	SELECT CASE WHEN $1 !~ '[*＊×#]' AND n.phone ~ '^[0-9]{7,12}$' AND n.phone !~ '^(.)\1*$' THEN n.phone END
	FROM (SELECT regexp_replace(regexp_replace(translate(medaudit.normalize_text($1), '()- ', ''), '^(\+|00)86', ''),
		'^86(1[0-9]{10})$', '\1') AS phone) AS n);
SELECT setseed(0.41);
CREATE TABLE warehouse.written AS
SELECT n, (SELECT string_agg(CASE WHEN random() < 0.85 THEN floor(random() * 10)::text
			ELSE ('{" ",-,(,),[,",","~","+",X,x,a,".","*","#",＊,×,０,８,Ｘ,ｘ,①,²,－,（,　,•,三,次,克,́,Ⅱ,"\t",.,/,_}'::text[])[1 + floor(random() * 35)::int] END, '')
		FROM generate_series(1, 4 + floor(random() * 18)::int + n * 0)) AS written
FROM generate_series(1, 6000) AS n
UNION ALL
SELECT n, ('{+86,0086,８６,86,+86 86,"(+86)",00 86-,""}'::text[])[1 + n % 8] || repeat(' ', n % 3)
	|| CASE WHEN n % 11 = 0 THEN repeat((n % 10)::text, 11) ELSE 1 || lpad((n * 7919 % 10000000000)::text, 9 + n % 3, '5') END
	|| CASE WHEN n % 13 = 0 THEN 'x8' WHEN n % 17 = 0 THEN '转8' ELSE '' END
FROM generate_series(1, 1000) AS n
UNION ALL
SELECT n, CASE n % 5 WHEN 0 THEN lower(i.id) WHEN 1 THEN left(i.id, n % 19) || ('{" ",O,l,Ｘ,７,x,-,9,"",é}'::text[])[1 + n % 10] || substr(i.id, 1 + n % 19 + n % 2)
	WHEN 2 THEN translate(i.id, substr('0123456789', 1 + n % 8, n % 3), 'OIZ') WHEN 3 THEN substr(i.id, 1, 6) || substr(i.id, 9, 9)
	ELSE 'CHN' || substr(i.id, 1, 12) END
FROM generate_series(1, 3000) AS n
CROSS JOIN LATERAL (SELECT medaudit.resident_id_normalize('110105' || to_char(date '1935-01-01' + n * 7 % 20000, 'YYMMDD') || lpad((n * 31 % 1000)::text, 3, '0')) AS id) AS i;
SELECT count(medaudit.readable_resident_id(written)) > 1500 AS numbers, count(medaudit.readable_phone(written)) > 1500 AS phones,
	count(*) FILTER (WHERE medaudit.readable_resident_id(written) IS DISTINCT FROM warehouse.slow_resident_id(written)
		OR medaudit.readable_phone(written) IS DISTINCT FROM warehouse.slow_phone(written)) AS different
FROM warehouse.written;
SELECT count(DISTINCT octet_length(written)) > 20 AS of_many_lengths, count(*) FILTER (WHERE written ~ '[^\x01-\x7f]' AND medaudit.readable_phone(written) IS NOT NULL) > 200 AS wide_phones,
	count(*) FILTER (WHERE written ~ '[^\x01-\x7f]' AND medaudit.readable_resident_id(written) IS NOT NULL) > 50 AS wide_numbers
FROM warehouse.written;

-- a number of this area by date of birth and sequence, odd for men
CREATE FUNCTION warehouse.id(born date, sequence int) RETURNS text LANGUAGE sql AS $$
	SELECT f || substr('10X98765432', 1 + (SELECT sum(substr(f, i, 1)::int * (1 << (18 - i)))::int % 11
		FROM generate_series(1, 17) AS i), 1)
	FROM (SELECT '110105' || to_char(born, 'YYYYMMDD') || lpad(sequence::text, 3, '0')) AS t (f) $$;
SELECT warehouse.id('1949-12-31', 2) = '11010519491231002X' AS as_published;
CREATE TABLE warehouse.person (person_id text, name text, resident_id text, sex text, birth_date date, death_date date,
	household_id text, address text, phone text, region text);
CREATE TABLE warehouse.facility (facility_id text, name text, rank int);
CREATE TABLE warehouse.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, visit_type text, main_diagnosis text, total_amount numeric, newborn bool);
CREATE TABLE warehouse.charge (visit_id text, line_id text, item_code text, item_name text, quantity numeric, amount numeric,
	claimed numeric, charged_at timestamp, original_line_id text);
INSERT INTO warehouse.facility VALUES ('F1', '县人民医院', 5), ('F2', '县中医院', 5), ('S1', '仁心药店', NULL);

INSERT INTO warehouse.person (person_id, name, resident_id, sex, birth_date) VALUES
	-- V23 flag: what must be found
	('bad_check', '甲', '110105194912310021', '2', '1949-12-31'), ('bad_date', '乙', '110105194913310024', '1', NULL),
	('bad_letter', '丙', '11010519491231O02X', NULL, NULL), ('bad_length', '丁', '1101051949123102X', NULL, NULL),
	('wrong_sex', '戊', warehouse.id('1980-05-11', 3), '2', '1980-05-11'), ('wrong_birth', '己', warehouse.id('1980-05-01', 3), '1', '1980-05-10'),
	('wrong_both', '庚', '110105491230002', '1', '1950-01-01'),
	-- V23 not: right, of fifteen digits, full width, unknown sex or birth date, nothing known
	('right', '辛', warehouse.id('1980-05-02', 5), '1', '1980-05-02'), ('fifteen', '壬', '110105491231002', '2', '1949-12-31'),
	('full_width', '癸', '１１０１０１１９９００１０１１２３７', '1', NULL), ('sex_9', '子', warehouse.id('1980-05-03', 3), '9', '1980-05-03'),
	('sex_null', '丑', warehouse.id('1980-05-04', 3), NULL, NULL), ('birth_unknown', '卫', warehouse.id('1980-05-12', 3), '1', '1900-01-01'), ('no_number', '寅', NULL, '1', '1980-05-05'),
	-- V23 not: encrypted, masked, another document: unknown
	('encrypted', '卯', 'q83vEjRWeJCrze8SNFZ4kA==', '1', '1980-05-06'), ('masked', '辰', '110105********002X', '1', '1980-05-07'),
	('passport', '巳', 'E12345678', '1', '1980-05-08'), ('hash', '午', '8614145699951674', '1', '1980-05-09'),
	-- V23 not: a child on its mother's number, by its age and by the visit, twins too; then too old
	('mother', '未', warehouse.id('1994-06-01', 8), '2', '1994-06-01'), ('child', '申', warehouse.id('1994-06-01', 8), '1', '2026-03-01'),
	('child_by_visit', '酉', warehouse.id('1994-06-02', 8), '1', NULL),
	('twin', '申', warehouse.id('1994-06-01', 8), '2', '2026-03-01'), ('older_child', '戌', warehouse.id('1994-06-03', 8), '1', '2025-03-02'),
	-- V23 flag: a mother whose newborn is on her record, and whose number is a man's
	('mother_of', '酉', warehouse.id('1994-06-04', 7), '2', '1994-06-04'),
	-- not treated in the period
	('elsewhen', '亥', '110105194912310021', '1', NULL);
INSERT INTO warehouse.visit
SELECT 'V_' || person_id, person_id, 'F1', CASE person_id WHEN 'elsewhen' THEN timestamp '2026-02-03 09:00' ELSE '2026-03-03 09:00' END,
	CASE person_id WHEN 'elsewhen' THEN timestamp '2026-02-03 10:00' ELSE '2026-03-03 10:00' END, NULL, '11', 'I10.x00', 50,
	person_id IN ('child_by_visit', 'mother_of')
FROM warehouse.person;
-- a second visit of the month
INSERT INTO warehouse.visit VALUES
	('V_wrong_sex_2', 'wrong_sex', 'F2', '2026-03-20 09:00', '2026-03-20 10:00', NULL, '11', 'I10.x00', 70, false);

-- V23: one number on two persons: side by side (found), one after the other (moved,
-- none), with a number of fifteen and of eighteen digits, encrypted (unknown)
INSERT INTO warehouse.person (person_id, name, resident_id) VALUES
	('twice_a', '周', warehouse.id('1960-01-01', 11)), ('twice_b', '周', warehouse.id('1960-01-01', 11)),
	('moved_a', '吴', warehouse.id('1960-01-02', 11)), ('moved_b', '吴', warehouse.id('1960-01-02', 11)),
	('old_a', '郑', '110105600103011'), ('old_b', '郑', medaudit.resident_id_normalize('110105600103011')), ('old_c', '郑', '110105600103011'),
	('secret_a', '王', 'q83vEjRWeJCrze8SNFZ4kB=='), ('secret_b', '王', 'q83vEjRWeJCrze8SNFZ4kB==');
INSERT INTO warehouse.visit
SELECT p || '_' || d, p, 'F1', d, d + interval '1 hour', NULL, '11', 'I10.x00', 10, false
FROM (VALUES ('twice_a', timestamp '2026-02-01'), ('twice_a', '2026-03-20'), ('twice_b', '2026-03-10'),
	('moved_a', '2026-01-10'), ('moved_a', '2026-02-10'), ('moved_b', '2026-03-05'), ('moved_b', '2026-03-15'),
	('old_a', '2026-03-01'), ('old_a', '2026-03-05'), ('old_b', '2026-03-03'), ('old_b', '2026-03-09'), ('old_c', '2026-03-29'),
	('secret_a', '2026-03-01'), ('secret_a', '2026-03-20'), ('secret_b', '2026-03-10')) AS v (p, d);

-- V23, D23: after death (on 2026-03-10): drugs ten days later, a visit without charges,
-- two days later; and what is none: a day later, the fees of before settled
-- afterwards, refunded, self-paid, a refund itself, no date, a record of a
-- death before birth, two records of which one is later
INSERT INTO warehouse.person (person_id, name, birth_date, death_date) VALUES
	('dead', '孙', '1940-01-01', '2026-03-10'), ('dead_late_bill', '钱', '1940-01-01', '2026-03-10'),
	('alive', '李', '1940-01-01', NULL), ('unborn', '赵', '1940-01-01', '1939-12-31'),
	('twice_dead', '冯', '1940-01-01', '2026-02-10'), ('twice_dead', '冯', '1940-01-01', '2026-03-19'), ('mother', '蒋', '1990-01-01', '2026-03-10');
INSERT INTO warehouse.visit VALUES
	('D1', 'dead', 'S1', '2026-03-20 09:00', '2026-03-20 09:10', NULL, '41', NULL, 80, false),
	('D2', 'dead', 'F1', '2026-03-05 09:00', '2026-03-12 09:10', '2026-03-25', '21', 'I63.900', 999, false),
	('D3', 'dead', 'F2', '2026-03-12 00:00', '2026-03-12 09:10', NULL, '11', NULL, 30, false),
	('D4', 'dead', 'F2', '2026-03-11 23:59', '2026-03-11 23:59', NULL, '11', NULL, 30, false),
	('D5', 'dead', 'F2', '2026-03-15 09:00', '2026-03-15 10:00', NULL, '11', NULL, 0, false),
	('D6', 'dead', 'F2', '2026-03-15 09:00', '2026-03-15 10:00', NULL, '11', NULL, 30, false),
	('D7', 'dead_late_bill', 'F1', '2026-03-01 09:00', '2026-03-10 09:10', '2026-03-30', '21', 'I63.900', 500, false),
	('D8', 'alive', 'F1', '2026-03-20 09:00', '2026-03-20 09:10', NULL, '11', NULL, 500, false),
	('D9', 'unborn', 'F1', '2026-03-20 09:00', '2026-03-20 09:10', NULL, '11', NULL, 500, false),
	('D10', 'twice_dead', 'F1', '2026-03-20 09:00', '2026-03-20 09:10', NULL, '11', NULL, 500, false),
	-- the child of a mother who died, on her number
	('D11', 'mother', 'F1', '2026-03-10 22:00', '2026-03-20 09:10', NULL, '21', 'P07.900', 500, true);
INSERT INTO warehouse.charge VALUES
	('D1', '1', 'X1', '阿司匹林', 2, 80, 80, '2026-03-20 09:05', NULL),
	('D2', '1', 'B1', '床位费', 1, 100, 100, '2026-03-10 08:00', NULL), ('D2', '2', 'B1', '床位费', 1, 100, 100, '2026-03-11 23:59', NULL),
	('D2', '3', 'B1', '床位费', 1, 100, NULL, '2026-03-12 00:00', NULL), ('D2', '4', 'B2', '遗体料理', 1, 300, 0, '2026-03-12 08:00', NULL),
	('D4', '1', 'X1', '阿司匹林', 1, 30, 30, '2026-03-11 23:59', NULL),
	('D5', '1', 'X1', '阿司匹林', 2, 60, 60, '2026-03-15 09:00', NULL), ('D5', '2', 'X1', '阿司匹林', -2, -60, -60, '2026-03-15 09:30', NULL),
	('D6', '1', 'X1', '阿司匹林', 2, 60, 60, '2026-03-15 09:00', NULL), ('D6', '2', 'X1', '阿司匹林', -1, -30, -30, '2026-03-15 09:30', '1'),
	('D7', '1', 'B1', '床位费', 5, 500, 500, '2026-03-09 08:00', NULL),
	('D8', '1', 'X1', '阿司匹林', 2, 60, 60, '2026-03-20 09:00', NULL), ('D9', '1', 'X1', '阿司匹林', 2, 60, 60, '2026-03-20 09:00', NULL),
	('D10', '1', 'X1', '阿司匹林', 2, 60, 60, '2026-03-20 09:00', NULL), ('D11', '1', 'B1', '床位费', 8, 60, 60, '2026-03-18 09:00', NULL);

CALL medaudit.bind('visit', 'warehouse.visit');
CALL medaudit.bind('charge', 'warehouse.charge');
CALL medaudit.bind('facility', 'warehouse.facility');
-- off for want of data, and sources() says so
SELECT relation, rules_off FROM medaudit.sources() WHERE 'events_after_death' = ANY (rules_off);
CALL medaudit.bind('person', 'warehouse.person', '{"sex": null, "death_date": null, "household_id": null, "address": null}');
SELECT relation, rules_off FROM medaudit.sources() WHERE relation = 'person';
CALL medaudit.bind('person', 'warehouse.person', '{"sex": null, "birth_date": null, "phone": null, "household_id": null, "address": null}');
SELECT relation, rules_off FROM medaudit.sources() WHERE relation = 'person';
CALL medaudit.bind('person', 'warehouse.person', '{"resident_id": null}');
SELECT relation, rules_off FROM medaudit.sources() WHERE relation = 'person';
\set four '{invalid_resident_id,resident_id_mismatch,shared_resident_id,events_after_death}'
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'four');
SELECT step, state, rows, error FROM medaudit.run_progress ORDER BY step_no;

CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'four');
SELECT step, state, rows, error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT rule_code, certainty, violation, article, subject_kind FROM medaudit.finding GROUP BY 1, 2, 3, 4, 5 ORDER BY rule_code COLLATE "C";
SELECT rule_code, subject_id, visit_id, involved_amount, gross_amount, evidence_text
FROM medaudit.finding ORDER BY rule_code COLLATE "C", subject_id COLLATE "C", visit_id COLLATE "C";
SELECT rule_code, subject_id, evidence FROM medaudit.finding
WHERE subject_id IN ('bad_check', 'wrong_both', 'old_a', 'dead') ORDER BY rule_code COLLATE "C", subject_id COLLATE "C", visit_id COLLATE "C";
SELECT l.visit_id, l.line_id, l.item_name, l.quantity, l.amount, l.evidence ->> 'formula' AS formula, l.evidence_text
FROM medaudit.finding JOIN medaudit.finding_line AS l USING (finding_id)
WHERE rule_code = 'events_after_death' ORDER BY l.visit_id COLLATE "C", l.line_no;
SELECT subject_id, l.line_no, l.visit_id, l.amount
FROM medaudit.finding JOIN medaudit.finding_line AS l USING (finding_id)
WHERE subject_id IN ('wrong_sex', 'twice_a') ORDER BY subject_id COLLATE "C", 2;

-- what was decided about a number stays decided: the next month finds the
-- same again, and a corrected number takes it away
CREATE FUNCTION pg_temp.decide(ids bigint[], verdict text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
	INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, actor)
	SELECT i, 'review', verdict, 'other', a FROM unnest(ids) AS i CROSS JOIN unnest('{ann,ben}'::text[]) AS a ORDER BY i $$;
SELECT pg_temp.decide(array_agg(finding_id), 'dismiss') FROM medaudit.finding WHERE subject_id IN ('bad_check', 'bad_date');
UPDATE warehouse.person SET resident_id = '11010519491231002X' WHERE person_id = 'bad_letter';
INSERT INTO warehouse.visit SELECT visit_id || '_4', person_id, facility_id, admitted_at + interval '1 month', discharged_at + interval '1 month',
	NULL, visit_type, main_diagnosis, total_amount, newborn FROM warehouse.visit WHERE person_id LIKE 'bad%';
UPDATE warehouse.person SET resident_id = '110105194913310023' WHERE person_id = 'bad_date';
CALL medaudit.run_audit('2026-03-01', '2026-05-01', '{invalid_resident_id}');
SELECT subject_id, state, decided_state, evidence ->> 'resident_id' AS number, judged_on FROM medaudit.finding
WHERE rule_code = 'invalid_resident_id' ORDER BY subject_id COLLATE "C", 2;

-- rules of one's own: no grace, no age for a child on a parent's number
INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject) VALUES
	('t_death', 'events_after_death', '死亡当日之后', 'person'), ('t_mismatch', 'resident_id_mismatch', '身份不一致', 'person'),
	('t_default', 'events_after_death', '无参数', 'person');
SELECT medaudit.set_rule('t_death', parameters => '{"grace_days": 0}'), medaudit.set_rule('t_mismatch', parameters => '{"newborn_days": 400}');
SELECT medaudit.set_rule('t_default', parameters => '{"grace_days": -1}');
UPDATE medaudit.rule SET parameters = '{"grace_days": 9}' WHERE rule_code = 'events_after_death';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_death,t_mismatch,t_default}');
SELECT rule_code, subject_id, visit_id, involved_amount FROM medaudit.finding WHERE rule_code LIKE 't\_%'
ORDER BY rule_code COLLATE "C", subject_id COLLATE "C", visit_id COLLATE "C";

-- numbers encrypted digit by digit look like numbers and fail like noise:
-- nothing is found, and it is said
CREATE TABLE warehouse.encrypted AS
SELECT 'E' || i AS person_id, '110105' || to_char(date '1960-01-01' + i * 37 % 15000, 'YYYYMMDD') || lpad((i * 7919 % 10000)::text, 4, '0') AS resident_id,
	'1'::text AS sex FROM generate_series(1, 300) AS i;
INSERT INTO warehouse.visit SELECT 'VE' || person_id, person_id, 'F1', '2026-06-03 09:00', '2026-06-03 10:00', NULL, '11', NULL, 50, false
FROM warehouse.encrypted;
CALL medaudit.bind('person', 'warehouse.encrypted');
CALL medaudit.run_audit('2026-06-01', '2026-07-01', '{invalid_resident_id}');
SELECT q.problem, q.problem_zh, q.rows > 200 AS most FROM medaudit.data_quality AS q WHERE q.relation = 'person'
	AND q.run_id = (SELECT max(run_id) FROM medaudit.run);
SELECT count(*) FROM medaudit.finding WHERE judged_on >= '2026-06-01';
-- against plain SQL, where a number of them is taken out of the check
UPDATE medaudit.rule SET enabled = false WHERE rule_code = 'invalid_resident_id';
INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject, parameters) VALUES ('t_all', 'invalid_resident_id', '全部', 'person', '{"max_share": 1}');
CALL medaudit.run_audit('2026-06-01', '2026-07-01', '{t_all}');
SELECT count(*) = (SELECT count(*) FROM warehouse.encrypted WHERE NOT medaudit.resident_id_valid(resident_id)) AS all_of_them
FROM medaudit.finding WHERE judged_on >= '2026-06-01';

-- homes: by household, else by the key of the address however it is spelt,
-- else by telephone; nothing that many share is a link
TRUNCATE warehouse.person, warehouse.visit, warehouse.charge;
INSERT INTO warehouse.person (person_id, household_id, address, phone, region) VALUES
	('h1', 'H1', NULL, NULL, NULL), ('h2', 'H1', NULL, NULL, NULL),
	-- V27, D12 flag: spellings of one home
	('a1', NULL, '四川省成都市武侯区佳灵路5号3栋2单元501室', NULL, '510107'), ('a2', NULL, '佳灵路五号3幢2单元501', NULL, '510107'),
	('a3', NULL, '成都武侯区佳灵路５号３号楼２-501', NULL, NULL),
	-- V27, D12 not: next door, another building: no home of theirs
	('n1', NULL, '武侯区佳灵路5号3栋2单元502室', NULL, '510107'), ('n2', NULL, '武侯区佳灵路5号13栋2单元501室', NULL, '510107'),
	-- household of one, address of the other, through a third who is never ill
	('l1', 'H2', NULL, NULL, NULL), ('l2', 'H2', '武侯区佳灵路9号1栋1单元101', NULL, NULL), ('l3', NULL, '武侯区佳灵路9号1幢1-101', NULL, '510107'),
	-- V27 flag: a telephone of one home and of a son elsewhere
	('p1', NULL, '武侯区佳灵路11号1栋1单元101', '139 0000 1111', NULL), ('p2', NULL, '武侯区佳灵路12号1栋1单元101', '+8613900001111', NULL),
	-- masked telephones are all alike and say nothing
	('m1', NULL, NULL, '138****8000', NULL), ('m2', NULL, NULL, '138****8000', NULL),
	-- V27, D12 not: a village, not a house
	('v1', NULL, '武侯区簇桥街道高碑村', NULL, NULL), ('v2', NULL, '武侯区簇桥街道高碑村', NULL, NULL),
	-- V27 not: an agent's telephone: three homes
	('g1', NULL, '武侯区佳灵路21号1栋1单元101', '13900002222', NULL), ('g2', NULL, '武侯区佳灵路22号1栋1单元101', '13900002222', NULL),
	('g3', NULL, '武侯区佳灵路23号1栋1单元101', '13900002222', NULL);
-- V27, D12 not: the hospital's own telephone, a dormitory (fifteen of it on one telephone),
-- an institution's household: with sixteen people, and with fifteen
INSERT INTO warehouse.person (person_id, household_id, address, phone)
SELECT kind || i, CASE kind WHEN 'big_home' THEN 'BIG' WHEN 'home_of_15_' THEN 'H15' END,
	CASE kind WHEN 'dormitory' THEN '武侯区佳灵路50号1栋101' END, CASE WHEN kind = 'big_phone' THEN '02885001234' WHEN kind = 'dormitory' AND i > 1 THEN '02885005678' END
FROM unnest(ARRAY['big_home', 'dormitory', 'big_phone']) AS kind, generate_series(1, 16) AS i
UNION ALL
SELECT 'home_of_15_' || i, 'H15', NULL, NULL FROM generate_series(1, 15) AS i;
-- the first two of each (all three of the agent's) go in and out together
INSERT INTO warehouse.visit
SELECT 'S_' || person_id, person_id, CASE WHEN person_id ~ '^[alp]' THEN 'F2' ELSE 'F1' END, '2026-03-02 09:00',
	'2026-03-09 10:00', NULL, '21', 'J18.900', 100, false
FROM warehouse.person WHERE person_id NOT IN ('l2') AND person_id !~ '[a-z_](1?[3-9]|1[0-2])$' OR person_id = 'dormitory3' OR person_id IN ('a3', 'g3', 'l3', 'home_of_15_1', 'home_of_15_2');
CALL medaudit.bind('person', 'warehouse.person');
-- two who came together once are no finding of the shipped rule: links are shown by one that asks for no more
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_home', 'same_household_admissions', '一次即报', '{"min_times_of_two": 1}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{same_household_admissions}');
SELECT DISTINCT (SELECT count(*) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS people FROM medaudit.finding AS f WHERE f.rule_code = 'same_household_admissions';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_home}');
CREATE VIEW warehouse.together AS
SELECT (SELECT string_agg(l.person_id, ' ' ORDER BY l.person_id COLLATE "C") FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS people,
	(SELECT string_agg(format('%s %s', l ->> 'kind', l ->> 'people'), ', ') FROM jsonb_array_elements(f.evidence -> 'links') AS l) AS links,
	substring(f.evidence_text, '^(.*?)\d') AS called
FROM medaudit.finding AS f WHERE f.rule_code = 't_home' AND f.state = 'open';
SELECT * FROM warehouse.together ORDER BY people COLLATE "C";
SELECT problem, rows FROM medaudit.data_quality WHERE relation = 'person' AND run_id = (SELECT max(run_id) FROM medaudit.run);
-- the same with a limit of 16, where all of them are homes, and with no home at all
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_16', 'same_household_admissions', '十六人', '{"max_people": 16, "min_times_of_two": 1}'), ('t_1', 'same_household_admissions', '一人', '{}');
SET session_replication_role = replica;
UPDATE medaudit.rule SET parameters = '{"max_people": 1, "min_times_of_two": 1}' WHERE rule_code = 't_1';
RESET session_replication_role;
SET client_min_messages = error;
\set VERBOSITY sqlstate
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_16,t_1}');
\set VERBOSITY default
SET client_min_messages = error;
SELECT step, rule_code, state, rows, error FROM medaudit.run_progress
WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
-- without household, address or telephone the rule is off
CALL medaudit.bind('person', 'warehouse.person', '{"household_id": null, "phone": null}');
SELECT 'same_household_admissions' = ANY (rules_off) AS off FROM medaudit.sources() WHERE relation = 'person';
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_home}');
SELECT people, links FROM warehouse.together ORDER BY people COLLATE "C";
CALL medaudit.bind('person', 'warehouse.person', '{"household_id": null, "phone": null, "address": null}');
SELECT 'same_household_admissions' = ANY (rules_off) AS off FROM medaudit.sources() WHERE relation = 'person';

-- a made-up register against plain SQL that follows links until nothing changes
TRUNCATE warehouse.person, warehouse.visit;
INSERT INTO warehouse.person (person_id, household_id, address, phone)
SELECT 'R' || i, CASE WHEN i % 10 = 7 THEN 'BIG' WHEN i % 3 > 0 THEN 'H' || i * 7919 % 200 END,
	CASE WHEN i % 2 = 0 THEN '武侯区佳灵路' || i * 31 % 150 + 1 || '号' || CASE i % 4 WHEN 0 THEN '3栋' ELSE '三幢' END || '501' END,
	CASE WHEN i % 5 = 0 THEN '1390000' || lpad((i * 17 % 90)::text, 4, '0') WHEN i % 10 = 7 THEN '1390000' || lpad(((i - 2) * 17 % 90)::text, 4, '0') END
FROM generate_series(1, 600) AS i;
INSERT INTO warehouse.visit
SELECT 'W' || i, 'R' || i, 'F' || 1 + i % 2, date '2026-03-01' + i * 7 % 9, date '2026-03-08' + i * 7 % 9 + i % 2, NULL, '21', 'J18.900', 100, false
FROM generate_series(1, 600) AS i WHERE i % 4 > 0;
CALL medaudit.bind('person', 'warehouse.person');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_home}');
CREATE TABLE warehouse.slow AS
WITH RECURSIVE register AS (SELECT person_id, household_id, phone, replace(address, '三幢', '3栋') AS address,
		coalesce(replace(address, '三幢', '3栋'), household_id) AS home FROM warehouse.person),
crowded AS (SELECT home FROM register WHERE home IS NOT NULL GROUP BY home HAVING count(*) > 15),
link AS (
	SELECT person_id, 'h' AS kind, household_id AS value, home FROM register WHERE household_id IS NOT NULL
	UNION ALL SELECT person_id, 'a', address, home FROM register WHERE address IS NOT NULL
	UNION ALL SELECT person_id, 'p', phone, home FROM register WHERE phone IS NOT NULL AND (home IS NULL OR home NOT IN (SELECT home FROM crowded))),
few AS (
	SELECT kind, value FROM link GROUP BY kind, value HAVING count(*) BETWEEN 2 AND 15
		AND (kind <> 'p' OR count(DISTINCT home) <= 2)),
pair AS (SELECT a.person_id AS a, b.person_id AS b FROM few JOIN link AS a USING (kind, value) JOIN link AS b USING (kind, value)),
reach AS (SELECT a, b FROM pair UNION SELECT r.a, p.b FROM reach AS r JOIN pair AS p ON p.a = r.b)
SELECT a AS person_id, min(b COLLATE "C") AS home FROM reach GROUP BY a;
SELECT count(*) AS groups, count(*) FILTER (WHERE f.n IS DISTINCT FROM s.n) AS different
FROM (SELECT CASE WHEN g.people = 2 THEN array_to_string(g.person_ids, E'\x1f') || '@2026' ELSE encode(sha256(convert_to(array_to_string(ARRAY(SELECT v FROM unnest(g.visit_ids) AS v ORDER BY v COLLATE "C"), E'\x1f'), 'UTF8')), 'hex') END AS key, 1 AS n
	FROM (SELECT medaudit.stays(v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, v.main_diagnosis, v.total_amount, '{}') AS book
		FROM warehouse.slow JOIN warehouse.visit AS v USING (person_id) GROUP BY home) AS b,
		medaudit.same_household_admissions(b.book) AS g WHERE g.visit_ids IS NOT NULL) AS s
FULL JOIN (SELECT key, 1 AS n FROM medaudit.finding WHERE rule_code = 't_home' AND state = 'open') AS f USING (key);
-- a tag by the number of people at home, from one on: only those of no known home stay
INSERT INTO medaudit.stay_tag (tag, household_people) VALUES ('t_housed', 1);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_unhoused', 'same_household_admissions', '无住址', '{"min_times_of_two": 1, "exclude_tags": ["t_housed"]}');
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{t_unhoused}');
SELECT count(*) > 0 AS some, bool_and(p.household_id IS NULL AND p.address IS NULL) AS unhoused
FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) JOIN warehouse.person AS p ON p.person_id = l.person_id WHERE f.rule_code = 't_unhoused';
DELETE FROM medaudit.stay_tag WHERE tag = 't_housed';

-- bodies work under a restricted search_path; no temporary table of a run stays,
-- what one left is in nobody's way, and the user's own stay
CREATE TEMPORARY TABLE medaudit_merged (x int);
CREATE TEMPORARY TABLE medaudit_unjudged AS SELECT 1 AS x;
SET search_path = pg_catalog, pg_temp;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', '{same_household_admissions,invalid_resident_id,shared_resident_id,events_after_death,resident_id_mismatch}');
RESET search_path;
SELECT step, state FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY step_no;
SELECT relname FROM pg_class WHERE relname LIKE 'medaudit\_%' AND relpersistence = 't';
DROP TABLE medaudit_unjudged;

UPDATE medaudit.rule SET enabled = true WHERE rule_code = 'invalid_resident_id';
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DROP SCHEMA warehouse CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
