-- What is damaged by the million (forms.c): values of each type in each form, and what
-- reads them.  psql variables: library, the path of forms.c as it was compiled.
CREATE SCHEMA fuzz;
CREATE FUNCTION fuzz.form(type regtype, form text, corpus bytea[], reading text, rounds bigint, seed bigint)
	RETURNS TABLE (outcome text, times bigint, example bytea)
	AS :'library', 'fuzz_form' LANGUAGE C VOLATILE STRICT;

-- REFUSED: how what is not accepted may end.
CREATE TABLE fuzz.target (what text PRIMARY KEY, type regtype NOT NULL, form text NOT NULL, corpus bytea[] NOT NULL,
	reading text NOT NULL, refused text NOT NULL, share numeric NOT NULL DEFAULT 1);
CREATE TABLE fuzz.outcome (what text, seed bigint, outcome text, times bigint, example bytea);

CREATE TABLE fuzz.ledger AS
SELECT b, medaudit.ledger(CASE WHEN i % 9 = 0 THEN '药' ELSE 'A' || i * b % 5 END, 1 + i * b % 4, 2.5 * (1 + i * b % 4),
		timestamp '2025-01-30' + i * b % 7 * interval '11 hours', CASE WHEN b % 2 = 0 THEN 'l' || i END, NULL,
		CASE WHEN b % 3 > 0 THEN 'v' || i % 3 END, CASE WHEN i % 4 = 0 THEN 1.25 END) AS book
FROM generate_series(1, 9) AS b CROSS JOIN generate_series(1, 12) AS i WHERE i <= 1 + b % 5 * 3 GROUP BY b
UNION ALL
SELECT 10, medaudit.ledger('A1', CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END, CASE WHEN i % 3 = 0 THEN -7 ELSE 7 END,
		timestamp '2025-01-01' + i * interval '1 day', 'l' || i, CASE WHEN i % 6 = 0 THEN 'l' || i - 1 END, 'v', NULL)
FROM generate_series(1, 15) AS i
UNION ALL
SELECT 11, medaudit.fills('XC09AAY001A001010100' || i % 2, 7 * (1 + i % 4), 10 + i, timestamp '2025-01-01' + i * interval '9 days',
		'F' || i % 3, 'x' || i, NULL)
FROM generate_series(1, 12) AS i
UNION ALL SELECT 12, medaudit.ledger(NULL, 1, 1, '2025-01-01');
CREATE TABLE fuzz.stays AS
SELECT b, medaudit.stays('v' || i, 'p' || i * b % 4, 'f' || i % 2, timestamp '2025-01-01 10:00' + i * b % 9 * interval '3 days',
		CASE WHEN i % 5 <> 0 THEN timestamp '2025-01-03 16:00' + (i + b) % 9 * interval '4 days' END,
		CASE WHEN i % 4 <> 0 THEN 'J18.' || i END, i * 100.25, CASE WHEN i % 3 = 0 THEN '{referral,化疗}' END::text[]) AS book
FROM generate_series(1, 8) AS b CROSS JOIN generate_series(1, 10) AS i WHERE i <= 1 + b % 4 * 3 GROUP BY b;
CREATE TABLE fuzz.rulebook AS
SELECT row_number() OVER () AS b, r.book::jsonb::medaudit.rulebook AS book FROM (VALUES
	('[{"rule_code": "dup", "kind": "duplicate", "name_zh": "重复", "item_code": "A1", "scope": "day"},
	{"rule_code": "ex", "kind": "exclusive", "name_zh": "互斥", "item_code": "A1", "other_code": "A2", "scope": "6 hours", "certainty": "violation"},
	{"rule_code": "price", "kind": "price", "name_zh": "限价", "item_code": "A3", "max_price": 3.5, "facility_ranks": [1, 2], "departments": ["内科"], "diagnosis_prefixes": ["J18"]}]'),
	('[{"rule_code": "cap", "kind": "quantity", "name_zh": "限量", "item_code": "A%", "item_group": "g", "scope": "15 days", "max_quantity": 1.5, "valid": "[2025-01-01,2026-01-01)", "note": "n"},
	{"rule_code": "money", "kind": "amount", "name_zh": "限额", "item_code": "%", "scope": "visit", "max_amount": 10},
	{"rule_code": "sec", "kind": "secondary", "item_code": "%", "item_group": "g", "scope": "day", "ratio": 0.5}]'),
	('[{"rule_code": "k", "kind": "package", "package_code": "P", "component_code": "A1", "package_price": 5},
	{"rule_code": "k", "kind": "package", "package_code": "P", "component_code": "A2", "package_price": 5},
	{"rule_code": "co", "kind": "course", "item_code": "A%", "max_days": 2}, {"rule_code": "re", "kind": "restriction", "item_code": "A1", "sex": "1", "min_age": 3}]'),
	('[]')) AS r (book);

CREATE FUNCTION fuzz.ledger_reading(book text) RETURNS text LANGUAGE sql AS $$
	SELECT replace($q$SELECT (SELECT sum(l.amount) FROM medaudit.lines(BOOK) AS l), medaudit.net_amount(BOOK), medaudit.net_claimed(BOOK),
		medaudit.line_count(BOOK), medaudit.item_count(BOOK), medaudit.skipped_count(BOOK), medaudit.rollup(BOOK), medaudit.fee_signature(BOOK), BOOK::jsonb,
		(SELECT count(*) FROM medaudit.bed_days(BOOK, '2025-01-01', '2025-01-05', '{A1}')), (SELECT count(*) FROM medaudit.supply(BOOK)),
		(SELECT count(*) FROM medaudit.stock_curve(BOOK)), (SELECT count(*) FROM medaudit.early_refills(BOOK)), (SELECT count(*) FROM medaudit.stockpiles(BOOK, 'code', 1)),
		(SELECT count(*) FROM medaudit.many_facilities(BOOK)), (SELECT count(*) FROM medaudit.duplicate_therapy(BOOK, 'code', 'generic')),
		(SELECT count(*) FROM medaudit._item_sums(BOOK)), medaudit._refunded_items(BOOK), medaudit._charged_dates(BOOK), medaudit._charged_codes(BOOK),
		medaudit._rollup_categories(BOOK, NULL), medaudit._distinct_item_categories(BOOK, NULL),
		(SELECT count(*) FROM fuzz.rulebook AS r, medaudit.audit_charges(BOOK, NULL::medaudit.visit_context, r.book)),
		(SELECT sum(medaudit.split_charge_score(BOOK, r.book)) FROM fuzz.rulebook AS r),
		(SELECT medaudit.rollup(b) FROM (VALUES (BOOK), (BOOK)) AS v (b))$q$, 'BOOK', book)
$$;
CREATE FUNCTION fuzz.stays_reading(book text) RETURNS text LANGUAGE sql AS $$
	SELECT replace($q$SELECT (SELECT sum(s.amount) FROM medaudit.stay_rows(BOOK) AS s), medaudit.stay_count(BOOK), medaudit.skipped_count(BOOK),
		medaudit.rollup(BOOK), BOOK::jsonb, (SELECT medaudit.rollup(b) FROM (VALUES (BOOK), (BOOK)) AS v (b))$q$
		|| string_agg(format(', (SELECT count(*) FROM medaudit.%I(BOOK))', n.name), ''), 'BOOK', book)
	FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,occupancy,similar_amounts,same_household_admissions,companions,companion_groups}'::text[]) AS n (name)
$$;
CREATE FUNCTION fuzz.rulebook_reading(book text) RETURNS text LANGUAGE sql AS $$
	SELECT replace($q$SELECT medaudit.rule_count(BOOK), (SELECT count(*) FROM medaudit.rule_match(BOOK, '{A1,A2,药,XA01}')), BOOK::jsonb,
		(SELECT count(*) FROM fuzz.ledger AS l, medaudit.audit_charges(l.book, NULL::medaudit.visit_context, BOOK) WHERE l.b IN (2, 4, 8)),
		(SELECT count(*) FROM fuzz.ledger AS l, medaudit.split_charges(l.book, BOOK) WHERE l.b = 8)$q$, 'BOOK', book)
$$;

INSERT INTO fuzz.target (what, type, form, corpus, reading, refused)
SELECT 'ledger, binary', 'medaudit.ledger'::regtype, 'binary', array_agg(medaudit.ledger_send(l.book)), fuzz.ledger_reading('$1'), '^22P03$' FROM fuzz.ledger AS l
UNION ALL SELECT 'ledger, text', 'medaudit.ledger', 'text', array_agg(convert_to(l.book::text, 'UTF8')), fuzz.ledger_reading('$1'), '^22' FROM fuzz.ledger AS l
UNION ALL SELECT 'stays, binary', 'medaudit.stays', 'binary', array_agg(medaudit.stays_send(s.book)), fuzz.stays_reading('$1'), '^22P03$' FROM fuzz.stays AS s
UNION ALL SELECT 'stays, text', 'medaudit.stays', 'text', array_agg(convert_to(s.book::text, 'UTF8')), fuzz.stays_reading('$1'), '^22' FROM fuzz.stays AS s
UNION ALL SELECT 'stays, jsonb', 'text', 'call', array_agg(convert_to(s.book::text, 'UTF8')), fuzz.stays_reading('(SELECT $1::jsonb::medaudit.stays)'), '^22' FROM fuzz.stays AS s
UNION ALL SELECT 'rulebook, binary', 'medaudit.rulebook', 'binary', array_agg(medaudit.rulebook_send(r.book)), fuzz.rulebook_reading('$1'), '^22P03$' FROM fuzz.rulebook AS r
UNION ALL SELECT 'rulebook, binary with a digest that fits', 'medaudit.rulebook', 'sealed', array_agg(medaudit.rulebook_send(r.book)), fuzz.rulebook_reading('$1'), '^22P03$' FROM fuzz.rulebook AS r
UNION ALL SELECT 'rulebook, text', 'medaudit.rulebook', 'text', array_agg(convert_to(r.book::text, 'UTF8')), fuzz.rulebook_reading('$1'), '^22' FROM fuzz.rulebook AS r
UNION ALL SELECT 'rulebook, jsonb', 'text', 'call', array_agg(convert_to((r.book::jsonb)::text, 'UTF8')), fuzz.rulebook_reading('(SELECT $1::jsonb::medaudit.rulebook)'), '^22' FROM fuzz.rulebook AS r
UNION ALL SELECT 'visit_context, text', 'text', 'call', array_agg(convert_to(c.context::text, 'UTF8')),
	'SELECT count(*) FROM fuzz.ledger AS l, fuzz.rulebook AS r, medaudit.audit_charges(l.book, $1::medaudit.visit_context, r.book) WHERE l.b IN (2, 4, 8)', '^22'
FROM (VALUES (medaudit.visit_context('1', '2000-02-29', 2, '21', '310', '内科', '2025-01-01', '2025-02-01 10:00', '{J18.1,I10}', 'F1')),
	(medaudit.visit_context('2')), (medaudit.visit_context(NULL::text, '1950-01-01', 3, '11', '390', NULL, '2025-01-30 08:00', NULL, NULL, NULL))) AS c (context)
UNION ALL SELECT 'visit_context, jsonb', 'text', 'call', array_agg(convert_to(c.context, 'UTF8')),
	'SELECT count(*) FROM fuzz.ledger AS l, fuzz.rulebook AS r, medaudit.audit_charges(l.book, $1::jsonb, r.book) WHERE l.b IN (2, 4, 8)', '^22'
FROM (VALUES ('{"v1": {"sex": "1", "birth_date": "2000-02-29", "facility_rank": 2, "visit_type": "21", "admitted_at": "2025-01-01T08:00:00", "diagnosis_codes": ["J18"]}}'),
	('{"v0": {"sex": "2", "department": "内科"}, "v2": {"insurance_type": "390", "discharged_at": "2025-02-01"}}'), ('{}')) AS c (context);

-- Counts of rows left out, and amounts of one visit twice, may be greater than can be said of them, or added.
UPDATE fuzz.target SET refused = refused || '|^accepted, then 22003 (integer|number of rows left out of a book is|sum of amounts of visit ".*" is) out of range$'
WHERE what ~ '^(ledger|stays), ';
-- two rows of one key that are valid on the same day
UPDATE fuzz.target SET refused = refused || '|^23P01$' WHERE what IN ('rulebook, text', 'rulebook, jsonb');

-- Every public function of one text, each by itself.
INSERT INTO fuzz.target (what, type, form, corpus, reading, refused, share)
SELECT f.name || '(text)', 'text'::regtype, 'call', w.corpus, format('SELECT medaudit.%I($1)', f.name), '^22', 0.1
FROM (
	SELECT DISTINCT p.proname AS name FROM pg_proc AS p
	WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prokind = 'f' AND p.provolatile = 'i' AND p.proname !~ '^_' AND p.proname NOT IN ('run_group', 'visit_context')
		AND p.pronargs >= 1 AND p.proargtypes[0] = 'text'::regtype AND p.pronargs - p.pronargdefaults <= 1
) AS f
CROSS JOIN (SELECT array_agg(convert_to(t.word, 'UTF8')) AS corpus FROM unnest(ARRAY['0.25g×12片/盒', '一次2片，每日三次', 'tid', 'q8h', '每周3次',
	'10ml:0.5g*6支', '江苏省苏州市姑苏区干将东路1号2幢301室', '东圩村3组12号', '11010519491231002X', '13800138000', '张三丰', '欧阳娜娜',
	'头孢克肟分散片(国产)', 'XC09AAY001A001010100', 'ＣＴ平掃（胸部）', '2025-02-29 10:00', '1,234.56', '91320500MA1MXXXXXX', 'A41.2', '[2025-01-01,2026-01-01)', '']) AS t (word)) AS w;
