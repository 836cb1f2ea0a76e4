-- Random books, contexts and rulebooks, the number of books in :books; the same
-- in every run.  Needs slow_charge_rules.sql.
SELECT setseed(0.42) \gset
CREATE FUNCTION slow.pick(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT nullif(choices[1 + floor(random() * cardinality(choices))::int], '')
$$;
CREATE TABLE slow.raw AS
SELECT b, n, slow.pick('V1', 'V1', 'V2', CASE WHEN b % 3 = 0 THEN 'V1' ELSE 'V3' END) AS visit,
	   slow.pick('A1', 'A1', 'A2', 'A2', 'B1', 'B2', 'C1', 'P') AS item,
	   slow.pick('1', '1', '1', '2', '3', '0.5', '-1')::numeric AS q, slow.pick('10', '10', '10', '20.01', '33.34', '7.7777')::numeric AS price,
	   timestamp '2026-02-25' + make_interval(days => slow.pick('0', '1', '3', '4', '5', '6', '8', '9')::int)
		   + slow.pick('00:00', '08:00', '08:00', '08:30', '09:00', '14:00', '15:00', '23:50')::interval AS at,
	   slow.pick('', '', '', '0', '0.5')::numeric AS claimed
FROM generate_series(1, :books) b, generate_series(1, 6 + b % 9) n;
-- every fourth book repeats itself a lot
UPDATE slow.raw SET q = 1, price = 10, item = slow.pick('A1', 'B1'), at = at::date + slow.pick('08:00', '09:00', '23:50')::interval WHERE b % 4 = 0;
-- every sixth is of few items in few days, so that caps and stays meet
UPDATE slow.raw SET q = slow.pick('1', '1', '1', '2', '3')::numeric, price = 10, item = slow.pick('A1', 'A1', 'A2'), claimed = NULL, visit = slow.pick('V1', 'V1', 'V2', 'V3'),
	at = timestamp '2026-02-27' + make_interval(days => slow.pick('0', '1', '2', '2', '3', '8')::int) + slow.pick('08:00', '08:30', '15:00', '15:00', '00:00')::interval WHERE b % 6 = 5;
-- half of these count hours
UPDATE slow.raw SET q = slow.pick('1', '5', '10', '12', '24', '26')::numeric WHERE b % 12 = 5;
UPDATE slow.raw SET visit = NULL WHERE b % 7 = 0;
UPDATE slow.raw SET at = at::date + time '10:30' WHERE b % 11 = 0;
-- in every third book the bill of a visit is posted on one date
UPDATE slow.raw SET at = date '2026-03-01' + at::time WHERE b % 3 = 1 AND visit = 'V1';
-- every fifth book has codes of services and drugs, and local ones for them
INSERT INTO slow.alias VALUES ('L1', '110000000000001'), ('L2', 'XA01BBB001C001010100001');
UPDATE slow.raw SET item = slow.pick('110000000000001', '220000000000001', '110000000000002', 'L1', 'L2', 'XA01BBB001C001010100001', 'XA01BBB001C001010100002', 'XA01BBB001C002010100001', 'XA01BBB009C001010100001') WHERE b % 5 = 0;
CREATE INDEX ON slow.raw (b);
CREATE FUNCTION slow.book(book_no int, salt text) RETURNS ledger LANGUAGE sql AS $$
	SELECT ledger(item, q, round(price * q, 4), at, n::text, NULL, visit, round(price * q * claimed, 4) ORDER BY md5(salt || n)) FROM slow.raw WHERE b = book_no
$$;
DO $$ BEGIN PERFORM slow.load(b, slow.book(b, 'x')) FROM generate_series(1, (SELECT max(b) FROM slow.raw)) b; END $$;
INSERT INTO slow.context
SELECT b, visit, jsonb_strip_nulls(jsonb_build_object(
	'sex', slow.pick('1', '2', '9', ''), 'birth_date', slow.pick('2012-03-01', '2012-02-29', '1960-05-05', '2025-03-02', ''),
	'facility_rank', slow.pick('1', '2', '3', '')::int, 'facility_id', slow.pick('F1', 'F1', ' ｆ１', 'F2', '', ' '), 'visit_type', slow.pick('in', 'out', '', '5201', 'Ｉn2 ', '５２01'), 'insurance_type', slow.pick('310', '390', ''), 'department', slow.pick('ICU', '内科', ''),
	'admitted_at', slow.pick('2026-02-26 10:00', '2026-02-28 00:00', '2026-02-25 09:00', '2026-02-27 21:30', '2026-03-01 08:00', '', ''),
	'discharged_at', slow.pick('2026-03-01 10:00', '2026-03-03', '2026-02-27', '2026-03-06 08:15', '2026-03-01 23:00', '', ''),
	'diagnosis_codes', slow.pick('["J18.9"]', '["O80", "J18.9"]', '["Z37.0"]', '[]', '')::jsonb))
FROM (SELECT DISTINCT b, visit FROM slow.line) s;
UPDATE slow.context SET x = x || jsonb_build_object('facility_id', slow.pick('F1', 'F1', 'F2'), 'admitted_at', slow.pick('2026-02-26 10:00', '2026-02-27 08:15', '2026-03-01 08:00'),
	'discharged_at', slow.pick('2026-02-28 23:00', '2026-03-01 10:30', '2026-03-01 12:00', '2026-03-02 06:00', '2026-02-27 20:00', '2026-03-02')) WHERE b % 6 = 5 AND random() < 0.8;
-- a rule of one row, or of two in a group with scope and limits alike or not
INSERT INTO slow.rule_row (b, n, rule_code, kind, item_code, other_code, item_group, scope, sex, min_age, max_age,
	facility_ranks, visit_types, diagnosis_prefixes, excluded_diagnosis_prefixes, valid)
SELECT b, 10 * n + twin, 'R' || n, kind, item, other, CASE WHEN grouped THEN 'g' END, scope,
	   slow.pick('', '', '', '', '', '', '', '2'), slow.pick('', '', '', '', '', '', '14 years')::interval, slow.pick('', '', '', '', '', '', '14 years 1 day')::interval,
	   slow.pick('', '', '', '', '', '', '{2,3}')::int[], slow.pick('', '', '', '', '', '', '{in}', '{ iN,52}')::text[],
	   slow.pick('', '', '', '', '', '', '{O}')::text[], slow.pick('', '', '', '', '', '', '{O8,Q}')::text[],
	   slow.pick('', '', '', '[2026-03-01,)', '[2026-02-20,2026-03-02)')::daterange
FROM (SELECT b, n, kind, random() < 0.4 AS grouped,
			 CASE WHEN kind = 'per_bed_day' THEN slow.pick('bed_day', 'bed_night')
				  WHEN kind = 'course' THEN slow.pick('', 'visit', 'span')
				  WHEN kind = 'secondary' THEN slow.pick('visit', 'day', 'instant')
				  WHEN kind IN ('duplicate', 'exclusive', 'quantity', 'amount', 'prerequisite')
				  THEN slow.pick('visit', 'instant', 'hour', 'day', 'week', 'month', 'quarter', 'year', '1 hours', '6 hours', '30 hours', '1 days', '3 days', '7 days') END AS scope
	  FROM (SELECT b, n, slow.pick('duplicate', 'exclusive', 'quantity', 'quantity', 'amount', 'price', 'per_bed_day', 'secondary',
								   'restriction', 'course', 'prerequisite', 'outside_stay', 'resettled', 'not_payable') AS kind
			FROM generate_series(1, :books) b, generate_series(1, 6) n) s) r,
	 LATERAL (SELECT twin, (ARRAY[slow.pick('A1', 'B1', 'A%', '%'), slow.pick('A2', 'B2', 'B%')])[twin] AS item, slow.pick('A1', 'B%', 'C1', 'P', '%') AS other
			  FROM generate_series(1, 2) twin WHERE r.n > 0) t
WHERE twin = 1 OR grouped;
-- caps and repeats of a group may have other scopes
UPDATE slow.rule_row SET scope = slow.pick('visit', 'hour', 'day', '6 hours', 'week', '1 days') WHERE kind IN ('quantity', 'amount', 'duplicate') AND n % 10 = 2 AND b % 3 = 0;
UPDATE slow.rule_row r SET unit = slow.pick('日', '天', '次', '每次', '小时', 'h', '片', '') WHERE kind IN ('quantity', 'amount', 'exclusive');
UPDATE slow.rule_row r SET unit = o.unit FROM slow.rule_row o WHERE r.n % 10 = 2 AND o.b = r.b AND o.n = r.n - 1;
UPDATE slow.rule_row SET certainty = slow.pick('', 'violation', 'violation', 'notice', 'suspicion');
-- in every other book stays are dates and hours by the day
UPDATE slow.rule_row SET scope = slow.pick('day', 'hour') WHERE kind IN ('quantity', 'amount') AND b % 2 = 1 AND n % 10 = 1 AND item_group IS NULL;
UPDATE slow.rule_row SET max_age = slow.pick('28 days', '1 year', '1 year 1 day', '12 mons')::interval, min_age = NULL, sex = NULL, facility_ranks = NULL WHERE kind = 'restriction' AND n % 3 = 1;
UPDATE slow.rule_row SET sex = NULL, min_age = NULL, max_age = NULL, facility_ranks = NULL, visit_types = NULL, diagnosis_prefixes = NULL WHERE b % 6 = 5 AND kind <> 'restriction';
UPDATE slow.rule_row SET item_code = CASE n % 10 WHEN 1 THEN slow.pick('A1', 'A%') ELSE slow.pick('A2', '%') END, valid = CASE WHEN n % 3 = 0 THEN valid END WHERE b % 6 = 5 AND kind IN ('quantity', 'amount', 'duplicate', 'course', 'per_bed_day');
UPDATE slow.rule_row SET item_code = CASE n % 10 WHEN 1 THEN 'A1' ELSE 'A2' END, other_code = slow.pick('A1', 'A2', '%') WHERE b % 6 = 5 AND kind IN ('exclusive', 'prerequisite');
UPDATE slow.rule_row SET max_quantity = slow.pick('1', '2', '12', '24')::numeric, unit = slow.pick('小时', 'h', '', '日') WHERE b % 12 = 5 AND kind = 'quantity';
UPDATE slow.rule_row SET unit = '次', valid = slow.pick('', '', '[2026-03-01,)', '[2026-02-20,2026-03-01)')::daterange, max_quantity = 1 WHERE b % 12 = 11 AND kind = 'quantity';
UPDATE slow.rule_row SET scope = slow.pick('hour', 'day', '6 hours', 'instant', 'visit') WHERE b % 12 = 11 AND item_group IS NOT NULL AND kind IN ('duplicate', 'amount');
UPDATE slow.rule_row SET other_code = NULL WHERE kind NOT IN ('exclusive', 'prerequisite');
UPDATE slow.rule_row SET max_quantity = slow.pick('0', '0.4', '1', '1', '2', '3', '4.5')::numeric WHERE kind IN ('quantity', 'per_bed_day');
UPDATE slow.rule_row SET max_amount = slow.pick('5', '10', '33.33', '50')::numeric WHERE kind = 'amount';
UPDATE slow.rule_row SET max_price = slow.pick('10', '7.5', '20', '15.1234')::numeric WHERE kind = 'price';
UPDATE slow.rule_row SET max_price = slow.pick('10', '7.5', '20', '')::numeric, ratio = slow.pick('0.5', '0.3333')::numeric, item_group = 'g' WHERE kind = 'secondary';
UPDATE slow.rule_row SET max_days = slow.pick('1', '2', '3')::int WHERE kind = 'course';
UPDATE slow.rule_row SET max_days = slow.pick('', '0', '2')::int, days_before = slow.pick('', '0', '1')::int WHERE kind = 'outside_stay';
UPDATE slow.rule_row SET sex = CASE WHEN b % 9 <> 0 THEN '1' END, note = CASE WHEN b % 9 = 0 THEN '限成人' END WHERE kind = 'restriction' AND sex IS NULL AND min_age IS NULL AND max_age IS NULL AND facility_ranks IS NULL AND visit_types IS NULL AND diagnosis_prefixes IS NULL;
UPDATE slow.rule_row SET code_match = CASE WHEN right(item_code, 1) <> '%' THEN slow.pick('', 'exact', 'service', 'product', 'generic') END,
	item_code = CASE WHEN right(item_code, 1) = '%' THEN item_code WHEN item_code LIKE '%1' THEN slow.pick('330000000000001', '110000000000001', 'XA01BBB001C001010100001') ELSE slow.pick('110000000000002', 'XA01BBB001C001010100009') END,
	other_code = CASE WHEN other_code IS NOT NULL THEN slow.pick('440000000000002', 'XA01BBB001C002010100003', 'L1', '110000000000001') END WHERE b % 5 = 0;
-- another drug of the class of the drug itself
UPDATE slow.rule_row SET item_code = 'XA01BBB001C001010100001', code_match = slow.pick('', 'product', 'generic'),
	other_code = CASE n % 10 WHEN 1 THEN slow.pick('XA01BB%', 'X%') ELSE slow.pick('XA01BBB001%', 'L%') END, scope = slow.pick('365 days', '3 days', 'day') WHERE b % 10 = 5 AND kind = 'prerequisite';
UPDATE slow.rule_row SET insurance_types = slow.pick('', '', '', '', '{310}', '{310,390}')::text[], departments = slow.pick('', '', '', '', '{ICU}')::text[] WHERE b % 2 = 0;
UPDATE slow.rule_row SET excluded_visit_types = slow.pick('', '', '', '{out}', '{ｏut,5201}', '{52}')::text[] WHERE b % 4 = 2;
INSERT INTO slow.rule_row (b, n, rule_code, kind, sex, diagnosis_prefixes, excluded_diagnosis_prefixes, valid)
SELECT b, 100, 'G', 'diagnosis', '2', '{O}', slow.pick('', '{J}')::text[], slow.pick('', '[2026-02-27,)')::daterange FROM generate_series(1, :books, 3) b;
INSERT INTO slow.rule_row (b, n, rule_code, kind, max_age, diagnosis_prefixes, certainty)
SELECT b, 101, 'H', 'diagnosis', '28 days', '{J,Z}', 'violation' FROM generate_series(1, :books, 4) b;
-- two prices of P, for other ranks each, and one of C9, for some or all
INSERT INTO slow.rule_row (b, n, rule_code, kind, package_code, component_code, package_price, min_parts, valid, facility_ranks)
SELECT b, 200 + 10 * k + c, 'K', 'package', p, (CASE WHEN p = 'P' THEN '{A1,A2,B1}' ELSE '{B1,C1}' END::text[])[c], price, parts, valid, ranks
FROM (SELECT b, k, CASE k WHEN 2 THEN 'C9' ELSE 'P' END AS p, slow.pick('10', '15.55', '30')::numeric AS price, slow.pick('1', '2', '2', '3')::int AS parts, slow.pick('', '', '[2026-03-01,)')::daterange AS valid,
		CASE WHEN k = 3 THEN slow.pick('{1}', '{1,2}') ELSE slow.pick('', '', '{2,3}', '{3}') END::int[] AS ranks
	  FROM generate_series(1, :books, 2) b, generate_series(1, 3) k WHERE k < 3 OR b % 4 = 1) s, generate_series(1, 3) c WHERE p = 'P' OR c < 3;
ANALYZE slow.line, slow.context, slow.rule_row;

CREATE FUNCTION slow.rules(book_no int) RETURNS rulebook LANGUAGE sql AS $$
	SELECT (jsonb_agg(jsonb_strip_nulls(to_jsonb(r)) - 'b' - 'n') || '[{"rule_code": "K", "kind": "package", "certainty": "violation"}]' || (SELECT jsonb_agg(to_jsonb(a)) FROM slow.alias a))::rulebook FROM slow.rule_row r WHERE b = book_no
$$;
CREATE FUNCTION slow.contexts(book_no int) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(coalesce(visit, ''), x) FROM slow.context WHERE b = book_no
$$;
