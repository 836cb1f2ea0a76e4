-- Charge rules: what each kind flags and what it must not, by the cases D01 to
-- D08 of the field, bounds, missing knowledge, and a slow comparison.
SET search_path = medaudit, public;
SET DateStyle = 'ISO, YMD';
\pset null ~

-- a context costs no call for each visit: the row itself stands in the plan
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) ' || query INTO plan;
	RETURN plan;
END $$;
SELECT pg_temp.plan_of('SELECT visit_context(sex => x, facility_id => x) FROM (SELECT x::text FROM generate_series(1, 2) x OFFSET 0) s') ~ 'visit_context\(' AS text_is_called,
	pg_temp.plan_of('SELECT visit_context(sex => x) FROM generate_series(1, 2) x') ~ 'visit_context\(' AS number_is_called;

-- Each line: id|visit|item|quantity|amount|time[|claimed[|original id]]
CREATE FUNCTION pg_temp.book(lines text[]) RETURNS ledger LANGUAGE sql AS $$
	SELECT ledger(split_part(l, '|', 3), split_part(l, '|', 4)::numeric, split_part(l, '|', 5)::numeric,
				  split_part(l, '|', 6)::timestamp, split_part(l, '|', 1),
				  nullif(split_part(l, '|', 8), ''), nullif(split_part(l, '|', 2), ''),
				  nullif(split_part(l, '|', 7), '')::numeric)
	FROM unnest(lines) l
$$;

-- What is found: rule, line, excess quantity, gross and claimed, or what is missing.
CREATE FUNCTION pg_temp.found(lines text[], rules jsonb, contexts jsonb DEFAULT '{}') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT concat_ws(' ', rule_code, coalesce(line_id, 'visit ' || visit_id), outcome, excess_quantity, excess_amount, excess_claimed,
					 'by ' || other_code, 'of ' || other_visit_id, evidence->>'missing')
	FROM pg_temp.book(lines) b, audit_charges(b, contexts, rules::rulebook)
$$;

CREATE FUNCTION pg_temp.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- The cases of the field by their numbers: what each must flag, and the near
-- misses that it must not.  A line found is its identifier and the gross money
-- in excess (/ what was claimed of it, where that differs), or ? and what was
-- missing to judge it.
CREATE TEMP TABLE field_rule (name text PRIMARY KEY, rules jsonb);
INSERT INTO field_rule VALUES
	('A or B in 6 hours', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"6 hours"}]'),
	('A or B in a day', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day"}]'),
	('A or B in a visit', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"visit"}]'),
	('A twice a day', '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]'),
	('A twice at once', '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"instant"}]'),
	('bed by days', '[{"rule_code":"Q","kind":"per_bed_day","item_code":"BED","max_quantity":1,"scope":"bed_day"}]'),
	('bed by nights', '[{"rule_code":"Q","kind":"per_bed_day","item_code":"BED","max_quantity":1,"scope":"bed_night"}]'),
	('24 a day', '[{"rule_code":"Q","kind":"quantity","item_code":"M","max_quantity":24,"scope":"day"}]'),
	('2 a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"}]'),
	('4 a visit', '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":4,"scope":"visit"}]'),
	('3, from 2 March on 2', '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":3,"scope":"day","valid":"[2026-01-01,2026-03-02)"},{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day","valid":"[2026-03-02,)"}]'),
	('outside the stay', '[{"rule_code":"T","kind":"outside_stay","item_code":"A"}]'),
	('1 in 15 days', '[{"rule_code":"F","kind":"quantity","item_code":"H","max_quantity":1,"scope":"15 days"}]'),
	('3 in 15 days', '[{"rule_code":"F","kind":"quantity","item_code":"H","max_quantity":3,"scope":"15 days"}]'),
	('for women', '[{"rule_code":"S","kind":"restriction","item_code":"GXN","sex":"2"}]'),
	('below 14 years', '[{"rule_code":"S","kind":"restriction","item_code":"KID","max_age":"14 years"}]'),
	('below 16 years', '[{"rule_code":"S","kind":"restriction","item_code":"KID","max_age":"16 years"}]'),
	('second level and above', '[{"rule_code":"S","kind":"restriction","item_code":"L","facility_ranks":[2,3]}]'),
	('for cancer', '[{"rule_code":"S","kind":"restriction","item_code":"C","diagnosis_prefixes":["C34","D02"]}]'),
	('emergency or inpatient', '[{"rule_code":"S","kind":"restriction","item_code":"E","visit_types":["13","21"]}]'),
	('ICU', '[{"rule_code":"S","kind":"restriction","item_code":"U","departments":["ICU"]}]'),
	('once a day in the ICU', '[{"rule_code":"Q","kind":"quantity","item_code":"U","scope":"day","max_quantity":1,"departments":["ICU"]}]'),
	('30.00 in the ICU', '[{"rule_code":"P","kind":"price","item_code":"U","max_price":30,"departments":["ICU"]}]'),
	('12.00', '[{"rule_code":"P","kind":"price","item_code":"A","max_price":12}]'),
	('12.00, from 2 March on 13.00', '[{"rule_code":"P","kind":"price","item_code":"A","max_price":12,"valid":"[2026-01-01,2026-03-02)"},{"rule_code":"P","kind":"price","item_code":"A","max_price":13,"valid":"[2026-03-02,)"}]'),
	('12.00, at third level 13.00', '[{"rule_code":"P","kind":"price","item_code":"A","max_price":12,"facility_ranks":[1,2]},{"rule_code":"P","kind":"price","item_code":"A","max_price":13,"facility_ranks":[3]}]'),
	('12.00, below 6 years 15.60', '[{"rule_code":"P","kind":"price","item_code":"A","max_price":12,"min_age":"6 years"},{"rule_code":"P","kind":"price","item_code":"A","max_price":15.6,"max_age":"6 years"}]'),
	('second operation', '[{"rule_code":"O","kind":"secondary","item_code":"OP1","item_group":"g","ratio":0.5,"max_price":1000,"scope":"day"},{"rule_code":"O","kind":"secondary","item_code":"OP2","item_group":"g","ratio":0.5,"max_price":800,"scope":"day"},{"rule_code":"O","kind":"secondary","item_code":"OP3","item_group":"h","ratio":0.5,"max_price":800,"scope":"day"}]'),
	('package of 60', '[{"rule_code":"K","kind":"package","package_code":"P","component_code":"C1","package_price":60},{"rule_code":"K","kind":"package","package_code":"P","component_code":"C2","package_price":60},{"rule_code":"K","kind":"package","package_code":"P","component_code":"C3","package_price":60}]');

CREATE TEMP TABLE field_case (n int GENERATED ALWAYS AS IDENTITY, label text, rule text REFERENCES field_rule, lines text[], expected text, contexts jsonb DEFAULT '{}');
-- D01, duplicate and exclusive charges (V03)
INSERT INTO field_case (label, rule, lines, expected) VALUES
	('D01 flag: A 09:00, B 14:30', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30}', 'b 80.00'),
	('D01 flag: exactly 6 h 00 m, at the window''s end', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 15:00}', 'b 80.00'),
	('D01 flag: exactly 6 h 00 m before', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 03:00}', 'b 80.00'),
	('D01 flag: in-scope money of B only', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00|20,b|V|B|1|80|2026-03-02 14:30|60}', 'b 80.00/60.00'),
	('D01 not: B at 15:01', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 15:01}', '-'),
	('D01 not: B at 02:59', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 02:59}', '-'),
	('D01 not: B refunded', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30,c|V|B|-1|-80|2026-03-02 15:30}', '-'),
	('D01 not: partner refunded in full, the next day', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30,c|V|A|-1|-30|2026-03-03 15:30}', '-'),
	('D01 flag: partner refunded in part', 'A or B in 6 hours', '{a|V|A|2|60|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30,c|V|A|-1|-30|2026-03-02 15:30}', 'b 80.00'),
	('D01 flag: B refunded in part, what is left', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|3|240|2026-03-02 14:30,c|V|B|-1|-80|2026-03-02 15:30}', 'b 160.00'),
	('D01 not: only B, A is another patient''s', 'A or B in 6 hours', '{b|V|B|1|80|2026-03-02 14:30}', '-'),
	('D01 not: only A, twice', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 09:00,b|V|A|1|30|2026-03-02 10:00}', '-'),
	('D01 not: another visit of the patient', 'A or B in a visit', '{a|V|A|1|30|2026-03-02 09:00,b|W|B|1|80|2026-03-02 14:30}', '-'),
	('D01 flag: the same visit, weeks apart', 'A or B in a visit', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-30 14:30}', 'b 80.00'),
	('D01 flag: 23:50 and 00:10 in 6 hours', 'A or B in 6 hours', '{a|V|A|1|30|2026-03-02 23:50,b|V|B|1|80|2026-03-03 00:10}', 'b 80.00'),
	('D01 not: 23:50 and 00:10 are two days', 'A or B in a day', '{a|V|A|1|30|2026-03-02 23:50,b|V|B|1|80|2026-03-03 00:10}', '-'),
	('D01 flag: 00:10 and 23:50 are one day', 'A or B in a day', '{a|V|A|1|30|2026-03-02 00:10,b|V|B|1|80|2026-03-02 23:50}', 'b 80.00'),
	('D01 not: B self-paid', 'A or B in a day', '{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30|0}', '-'),
	('D01 flag: the same line twice', 'A twice a day', '{a|V|A|1|30|2026-03-02 09:00,b|V|A|1|30|2026-03-02 10:00}', 'b 30.00'),
	('D01 flag: in two visits', 'A twice a day', '{a|V|A|1|30|2026-03-02 09:00,b|W|A|1|30|2026-03-02 10:00}', 'b 30.00'),
	('D01 flag: at the same instant', 'A twice at once', '{a|V|A|1|30|2026-03-02 09:00:05,b|V|A|1|30|2026-03-02 09:00:05}', 'b 30.00'),
	('D01 not: a second later', 'A twice at once', '{a|V|A|1|30|2026-03-02 09:00:05,b|V|A|1|30|2026-03-02 09:00:06}', '-'),
	('D01 not: 23:50 and 00:10, twice on two days', 'A twice a day', '{a|V|A|1|30|2026-03-02 23:50,b|V|A|1|30|2026-03-03 00:10}', '-'),
	('D01 not: quantity 2 on one line (two limbs)', 'A twice a day', '{a|V|A|2|60|2026-03-02 09:00}', '-'),
	('D01 not: one of the two refunded', 'A twice a day', '{a|V|A|1|30|2026-03-02 09:00,b|V|A|1|30|2026-03-02 10:00,c|V|A|-1|-30|2026-03-05 09:00}', '-'),
	('D01 not: refunded and charged again', 'A twice a day', '{a|V|A|1|30|2026-03-02 09:00,b|V|A|-1|-30|2026-03-02 09:30,c|V|A|1|30|2026-03-02 10:00}', '-'),
	('D01 not: at another price', 'A twice a day', '{a|V|A|1|30|2026-03-02 09:00,b|V|A|1|31|2026-03-02 10:00}', '-');
-- D02, impossible quantities (V06)
INSERT INTO field_case (label, rule, lines, expected, contexts) VALUES
	('D02 flag: bed 8 x 40, 1 to 5 March, N 5 days', 'bed by days', '{a|V|BED|8|320|2026-03-05 08:00}', 'a 120.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}'),
	('D02 flag: bed 8 x 40, 1 to 6 March, N 6 days', 'bed by days', '{a|V|BED|8|320|2026-03-05 08:00}', 'a 80.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-06 09:00"}}'),
	('D02 flag: bed 8 x 40, 1 to 6 March, N 5 nights', 'bed by nights', '{a|V|BED|8|320|2026-03-05 08:00}', 'a 120.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-06 09:00"}}'),
	('D02 not: N exactly, all on the day of discharge', 'bed by days', '{a|V|BED|5|200|2026-03-05 08:00}', '-', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}'),
	('D02 not: in and out on one day, 1', 'bed by days', '{a|V|BED|1|40|2026-03-01 08:00}', '-', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-01 19:00"}}'),
	('D02 not: in and out on one day, 1, by nights', 'bed by nights', '{a|V|BED|1|40|2026-03-01 08:00}', '-', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-01 19:00"}}'),
	('D02 flag: in and out on one day, 2', 'bed by nights', '{a|V|BED|2|80|2026-03-01 08:00}', 'a 40.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-01 19:00"}}'),
	('D02 not: a refund makes it 5', 'bed by days', '{a|V|BED|6|240|2026-03-05 08:00,b|V|BED|-1|-40|2026-03-05 09:00}', '-', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}'),
	('D02 not: monitor 12 + 24 + 10 hours on three dates', '24 a day', '{a|V|M|12|60|2026-03-01 23:00,b|V|M|24|120|2026-03-02 23:00,c|V|M|10|50|2026-03-03 10:00}', '-', '{}'),
	('D02 flag: monitor 20 + 5 hours on one date', '24 a day', '{a|V|M|20|100|2026-03-02 22:00,b|V|M|5|25|2026-03-02 23:00}', 'b 5.00', '{}'),
	('D02 not: 23:50 and 00:10 are two days of a cap', '2 a day', '{a|V|A|2|20|2026-03-02 23:50,b|V|A|2|20|2026-03-03 00:10}', '-', '{}'),
	('D02 flag: 00:10 and 23:50 are one', '2 a day', '{a|V|A|2|20|2026-03-02 00:10,b|V|A|2|20|2026-03-02 23:50}', 'b 20.00', '{}'),
	('D02 flag: pro rata in cents, 100.00 x 3 / 7', '4 a visit', '{a|V|A|7|100|2026-03-02 08:00}', 'a 42.86', '{}'),
	('D02 flag: pro rata of two lines, 5 of 9 for 50.00', '4 a visit', '{a|V|A|6|33.33|2026-03-02 08:00,b|V|A|3|16.67|2026-03-03 08:00}', 'a 11.11, b 16.67', '{}'),
	('D02 flag: three times a third of 10.00 is 10.00', '2 a day', '{a|V|A|3|10|2026-03-02 08:00,b|V|A|3|10|2026-03-03 08:00,c|V|A|3|10|2026-03-04 08:00}', 'a 3.33, b 3.34, c 3.33', '{}'),
	('D02 flag: the cap that holds from that day', '3, from 2 March on 2', '{a|V|A|3|30|2026-03-02 00:00}', 'a 10.00', '{}'),
	('D02 not: the day before, 23:59', '3, from 2 March on 2', '{a|V|A|3|30|2026-03-01 23:59}', '-', '{}'),
	('D02 flag: charged the day before admission', 'outside the stay', '{a|V|A|1|5|2026-02-28 23:59}', 'a 5.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}'),
	('D02 flag: charged two days after discharge', 'outside the stay', '{a|V|A|1|5|2026-03-07 00:00}', 'a 5.00', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}'),
	('D02 not: admission day before the hour, day after discharge', 'outside the stay', '{a|V|A|1|5|2026-03-01 00:00,b|V|A|1|5|2026-03-06 23:59}', '-', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}');
-- D03, too often in a period (V40)
INSERT INTO field_case (label, rule, lines, expected) VALUES
	('D03 flag: 3 and 12 March, in two visits', '1 in 15 days', '{a|V|H|1|60|2026-03-03 10:00,b|W|H|1|60|2026-03-12 09:00}', 'b 60.00'),
	('D03 flag: the 15th date, 17 March 23:59', '1 in 15 days', '{a|V|H|1|60|2026-03-03 10:00,b|W|H|1|60|2026-03-17 23:59}', 'b 60.00'),
	('D03 not: a gap of exactly 15 days, an hour earlier', '1 in 15 days', '{a|V|H|1|60|2026-03-03 10:00,b|W|H|1|60|2026-03-18 09:00}', '-'),
	('D03 flag: a gap of 14 days from the one before', '1 in 15 days', '{a|V|H|1|60|2026-03-03 10:00,b|W|H|1|60|2026-02-17 12:00}', 'a 60.00'),
	('D03 not: 20 February, 6 March of a leap year: 15 days', '1 in 15 days', '{a|V|H|1|60|2024-02-20 10:00,b|V|H|1|60|2024-03-06 10:00}', '-'),
	('D03 flag: 20 February, 6 March of another: 14 days', '1 in 15 days', '{a|V|H|1|60|2025-02-20 10:00,b|V|H|1|60|2025-03-06 10:00}', 'b 60.00'),
	('D03 flag: 28 February and 1 March', '1 in 15 days', '{a|V|H|1|60|2024-02-28 23:59,b|V|H|1|60|2024-03-01 00:10}', 'b 60.00'),
	('D03 flag: 30 January and 2 February, two months', '1 in 15 days', '{a|V|H|1|60|2026-01-30 10:00,b|V|H|1|60|2026-02-02 10:00}', 'b 60.00'),
	('D03 not: one sample booked twice, once refunded', '1 in 15 days', '{a|V|H|1|60|2026-03-03 10:00,b|V|H|1|60|2026-03-03 11:00,c|V|H|-1|-60|2026-03-03 12:00}', '-'),
	('D03 flag: of every 8 days each second, what was accepted counts', '1 in 15 days', '{a|V|H|1|60|2026-03-01 10:00,b|V|H|1|60|2026-03-09 10:00,c|V|H|1|60|2026-03-17 10:00,d|V|H|1|60|2026-03-25 10:00}', 'b 60.00, d 60.00'),
	('D03 flag: of three allowed the 4th; not the 5th, outside the window', '3 in 15 days', '{a|V|H|1|60|2026-03-01 10:00,b|V|H|1|60|2026-03-04 10:00,c|V|H|1|60|2026-03-06 10:00,d|V|H|1|60|2026-03-10 10:00,e|V|H|1|60|2026-03-16 10:00}', 'd 60.00'),
	('D03 not: the 4th on the day after the window', '3 in 15 days', '{a|V|H|1|60|2026-03-01 10:00,b|V|H|1|60|2026-03-04 10:00,c|V|H|1|60|2026-03-06 10:00,d|V|H|1|60|2026-03-16 00:00}', '-');
-- D04, payment limits (V07)
INSERT INTO field_case (label, rule, lines, expected, contexts) VALUES
	('D04 flag: male', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"sex":"1"}}'),
	('D04 flag: male, the code a number', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"sex":1}}'),
	('D04 not: female', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', '-', '{"V":{"sex":"2"}}'),
	('D04 not: sex 9, insufficient', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a ? sex', '{"V":{"sex":"9"}}'),
	('D04 not: sex 0, insufficient', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a ? sex', '{"V":{"sex":0}}'),
	('D04 not: sex NULL, insufficient', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a ? sex', '{"V":{"sex":null}}'),
	('D04 not: nothing known, insufficient', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00}', 'a ? sex', '{}'),
	('D04 not: self-paid, amount 0', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00|0}', '-', '{"V":{"sex":"1"}}'),
	('D04 flag: male, but only what the fund was asked for', 'for women', '{a|V|GXN|1|35|2026-03-02 08:00|7}', 'a 35.00/7.00', '{"V":{"sex":"1"}}'),
	('D04 flag: 14 years to the day', 'below 14 years', '{a|V|KID|1|35|2026-03-02 00:00}', 'a 35.00', '{"V":{"birth_date":"2012-03-02"}}'),
	('D04 not: 14 years tomorrow', 'below 14 years', '{a|V|KID|1|35|2026-03-01 23:59}', '-', '{"V":{"birth_date":"2012-03-02"}}'),
	('D04 flag: born on 29 February, 14 on 28 February', 'below 14 years', '{a|V|KID|1|35|2026-02-28 08:00}', 'a 35.00', '{"V":{"birth_date":"2012-02-29"}}'),
	('D04 not: born on 29 February, the day before', 'below 14 years', '{a|V|KID|1|35|2026-02-27 08:00}', '-', '{"V":{"birth_date":"2012-02-29"}}'),
	('D04 flag: born on 29 February, 16 on 29 February', 'below 16 years', '{a|V|KID|1|35|2028-02-29 08:00}', 'a 35.00', '{"V":{"birth_date":"2012-02-29"}}'),
	('D04 not: born on 29 February, not 16 on 28 February', 'below 16 years', '{a|V|KID|1|35|2028-02-28 08:00}', '-', '{"V":{"birth_date":"2012-02-29"}}'),
	('D04 flag: within the stay from the birthday on', 'below 14 years', '{a|V|KID|1|35|2026-03-01 08:00,b|V|KID|1|35|2026-03-02 08:00}', 'b 35.00', '{"V":{"birth_date":"2012-03-02","admitted_at":"2026-02-27"}}'),
	('D04 not: birth date unknown, insufficient', 'below 14 years', '{a|V|KID|1|35|2026-03-02 08:00}', 'a ? birth_date', '{"V":{"sex":"1"}}'),
	('D04 not: born on the day of the charge', 'below 14 years', '{a|V|KID|1|35|2026-03-02 08:00}', '-', '{"V":{"birth_date":"2026-03-02"}}'),
	('D04 not: born after the charge, insufficient', 'below 14 years', '{a|V|KID|1|35|2026-03-02 08:00,b|W|KID|1|36|2026-03-02 08:00}', 'a ? birth_date, b ? birth_date', '{"V":{"birth_date":"2026-03-03"},"W":{"birth_date":"5874897-12-31"}}'),
	('D04 flag: a hospital of the first level (08)', 'second level and above', '{a|V|L|1|35|2026-03-02 08:00}', 'a 35.00', jsonb_build_object('V', jsonb_build_object('facility_rank', facility_rank('08')))),
	('D04 not: level 12, third level without class', 'second level and above', '{a|V|L|1|35|2026-03-02 08:00}', '-', jsonb_build_object('V', jsonb_build_object('facility_rank', facility_rank(12)))),
	('D04 not: level 05', 'second level and above', '{a|V|L|1|35|2026-03-02 08:00}', '-', jsonb_build_object('V', jsonb_build_object('facility_rank', facility_rank('05')))),
	('D04 flag: level 11, none', 'second level and above', '{a|V|L|1|35|2026-03-02 08:00}', 'a 35.00', jsonb_build_object('V', jsonb_build_object('facility_rank', facility_rank('11')))),
	('D04 not: level unknown, insufficient', 'second level and above', '{a|V|L|1|35|2026-03-02 08:00}', 'a ? facility_rank', jsonb_build_object('V', jsonb_build_object('facility_rank', facility_rank('99')))),
	('D04 flag: no diagnosis of the list', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"diagnosis_codes":["J18.9","C3","XC34"]}}'),
	('D04 not: a secondary diagnosis matches', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', '-', '{"V":{"diagnosis_codes":["J18.9","C34.1"]}}'),
	('D04 not: written c341, C3.41 or d02', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00,b|W|C|1|35|2026-03-02 08:00,c|X|C|1|35|2026-03-02 08:00}', '-', '{"V":{"diagnosis_codes":["c341"]},"W":{"diagnosis_codes":["C3.41"]},"X":{"diagnosis_codes":["d02"]}}'),
	('D04 not: written in full width, with blanks', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00,b|W|C|1|35|2026-03-02 08:00,c|X|C|1|35|2026-03-02 08:00}', '-', '{"V":{"diagnosis_codes":["Ｃ３４．１"]},"W":{"diagnosis_codes":["　 c34"]},"X":{"diagnosis_codes":["C 34.100"]}}'),
	('D04 flag: other full-width codes', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"diagnosis_codes":["Ｃ３３", "Ｃ", "癌", "\u00ef"]}}'),
	('D04 flag: shorter than the prefix, and another', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00,b|W|C|1|35|2026-03-02 08:00}', 'a 35.00, b 35.00', '{"V":{"diagnosis_codes":["c3."]},"W":{"diagnosis_codes":[".D2"]}}'),
	('D04 flag: the diagnosis is another visit''s', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00,b|W|C|1|35|2026-03-02 09:00}', 'a 35.00', '{"V":{"diagnosis_codes":[]},"W":{"diagnosis_codes":["C34.1"]}}'),
	('D04 not: diagnoses unknown, insufficient', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a ? diagnosis_codes', '{"V":{"diagnosis_codes":null}}'),
	('D04 flag: an outpatient visit', 'emergency or inpatient', '{a|V|E|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"visit_type":"11"}}'),
	('D04 not: an emergency, the code a number', 'emergency or inpatient', '{a|V|E|1|35|2026-03-02 08:00}', '-', '{"V":{"visit_type":13}}'),
	('D04 not: a blank visit type says nothing, insufficient', 'emergency or inpatient', '{a|V|E|1|35|2026-03-02 08:00}', 'a ? visit_type', '{"V":{"visit_type":" "}}'),
	('D04 not: a blank diagnosis says nothing, insufficient', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a ? diagnosis_codes', '{"V":{"diagnosis_codes":["",null]}}'),
	('D04 not: a full-width blank and a dot say nothing, insufficient', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a ? diagnosis_codes', '{"V":{"diagnosis_codes":["　","．"]}}'),
	('D04 flag: a blank diagnosis beside another', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"diagnosis_codes":["","I10"]}}'),
	('D04 flag: no diagnosis at all', 'for cancer', '{a|V|C|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"diagnosis_codes":[]}}'),
	('D04 not: a blank birth date says nothing, insufficient', 'below 14 years', '{a|V|KID|1|35|2026-03-02 08:00}', 'a ? birth_date', '{"V":{"birth_date":""}}'),
	('D04 flag: another department', 'ICU', '{a|V|U|1|35|2026-03-02 08:00}', 'a 35.00', '{"V":{"department":"内科"}}'),
	('D04 not: the department of the line goes before that of the visit', 'ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 08:00}', 'b 36.00', '{"V":{"department":"内科","line_departments":{"a":"ICU","x":"ICU"}}}'),
	('D04 flag: another department of the line only', 'ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 08:00}', 'b 36.00', '{"V":{"department":"ICU","line_departments":{"b":"内科"}}}'),
	('D04 not: department of one line only known', 'ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 08:00}', 'b ? department', '{"V":{"line_departments":{"a":"ICU","b":null}}}'),
	('D04 not: departments of lines without line_id not known, insufficient', 'ICU', '{|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 09:00}', ' ? department', '{"V":{"department":"内科","line_departments":{"":null,"b":"ICU"}}}'),
	('D04 not: a blank one is not known either', 'ICU', '{|V|U|1|35|2026-03-02 08:00}', ' ? department', '{"V":{"department":"内科","line_departments":{"":" "}}}'),
	('D04 flag: the department of lines without line_id', 'ICU', '{|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 09:00}', ' 35.00', '{"V":{"department":"ICU","line_departments":{"":"内科"}}}'),
	('D02 flag: two lines of the department, not the third of another', 'once a day in the ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 09:00,c|V|U|1|37|2026-03-02 10:00}', 'c 37.00', '{"V":{"department":"ICU","line_departments":{"b":"内科"}}}'),
	('D02 not: one line of the department', 'once a day in the ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 09:00}', '-', '{"V":{"department":"内科","line_departments":{"b":"ICU"}}}'),
	('D05 flag: the price of the department of the line', '30.00 in the ICU', '{a|V|U|1|35|2026-03-02 08:00,b|V|U|1|36|2026-03-02 09:00}', 'b 6.00', '{"V":{"department":"内科","line_departments":{"b":"ICU"}}}');
-- D05, prices and discounts (V02)
INSERT INTO field_case (label, rule, lines, expected, contexts) VALUES
	('D05 flag: 2 x 12.50 against 12.00', '12.00', '{a|V|A|2|25|2026-03-02 08:00|20}', 'a 1.00/0.80', '{}'),
	('D05 not: a cent is rounding', '12.00', '{a|V|A|1|12.01|2026-03-02 08:00}', '-', '{}'),
	('D05 not: 0.1 % is rounding', '12.00', '{a|V|A|1000|12012|2026-03-02 08:00}', '-', '{}'),
	('D05 flag: more is not', '12.00', '{a|V|A|1000|12013|2026-03-02 08:00}', 'a 13.00', '{}'),
	('D05 not: self-paid', '12.00', '{a|V|A|2|25|2026-03-02 08:00|0}', '-', '{}'),
	('D05 not: too dear, refunded', '12.00', '{a|V|A|2|25|2026-03-02 08:00,b|V|A|-2|-25|2026-03-02 09:00}', '-', '{}'),
	('D05 flag: refunded in part, of what is left', '12.00', '{a|V|A|2|25|2026-03-02 08:00,b|V|A|-1|-12.50|2026-03-02 09:00}', 'a 0.50', '{}'),
	('D05 not: the cap changed that day', '12.00, from 2 March on 13.00', '{a|V|A|1|12.50|2026-03-02 00:00}', '-', '{}'),
	('D05 flag: the day before, 23:59', '12.00, from 2 March on 13.00', '{a|V|A|1|12.50|2026-03-01 23:59}', 'a 0.50', '{}'),
	('D05 not: before any cap', '12.00, from 2 March on 13.00', '{a|V|A|1|99|2025-12-31 23:59}', '-', '{}'),
	('D05 flag: the cap of the second level', '12.00, at third level 13.00', '{a|V|A|1|12.50|2026-03-01 08:00}', 'a 0.50', '{"V":{"facility_rank":2}}'),
	('D05 not: the cap of the third level', '12.00, at third level 13.00', '{a|V|A|1|12.50|2026-03-01 08:00}', '-', '{"V":{"facility_rank":3}}'),
	('D05 not: level unknown, insufficient', '12.00, at third level 13.00', '{a|V|A|1|12.50|2026-03-01 08:00}', 'a ? facility_rank', '{}'),
	('D05 not: the surcharge for children', '12.00, below 6 years 15.60', '{a|V|A|1|15.60|2026-03-01 08:00}', '-', '{"V":{"birth_date":"2020-03-02"}}'),
	('D05 flag: the surcharge at 6 years to the day', '12.00, below 6 years 15.60', '{a|V|A|1|15.60|2026-03-02 08:00}', 'a 3.60', '{"V":{"birth_date":"2020-03-02"}}'),
	('D05 flag: two operations at 100 %, half of the cheaper', 'second operation', '{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP2|1|800|2026-03-02 10:00}', 'b 400.00', '{}'),
	('D05 not: the second at half price', 'second operation', '{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP2|1|400|2026-03-02 10:00}', '-', '{}'),
	('D05 not: another incision group', 'second operation', '{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP3|1|800|2026-03-02 10:00}', '-', '{}'),
	('D05 not: another day', 'second operation', '{a|V|OP1|1|1000|2026-03-02 23:50,b|V|OP2|1|800|2026-03-03 00:10}', '-', '{}'),
	('D05 not: the first one refunded', 'second operation', '{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP2|1|800|2026-03-02 10:00,c|V|OP1|-1|-1000|2026-03-04 10:00}', '-', '{}');
-- D06, packages on their component lines; more in split_charge
INSERT INTO field_case (label, rule, lines, expected) VALUES
	('D06 flag: 30 + 25 + 25 against 60, spread by amount', 'package of 60', '{a|V|C1|1|30|2026-03-02 10:00|15,b|V|C2|1|25|2026-03-02 11:00,c|V|C3|1|25|2026-03-02 12:00}', 'a 7.50/3.75, b 6.25, c 6.25'),
	('D06 not: three parts over two days', 'package of 60', '{a|V|C1|1|30|2026-03-02 10:00,b|V|C2|1|25|2026-03-02 23:50,c|V|C3|1|25|2026-03-03 00:10}', '-');
-- D07, net before any judgement; the netting itself in ledger
INSERT INTO field_case (label, rule, lines, expected) VALUES
	('D07 flag: +4, -1 leaves 3 under a cap of 2', '2 a day', '{a|V|A|4|40|2026-03-02 08:00,b|V|A|-1|-10|2026-03-05 08:00}', 'a 10.00'),
	('D07 not: +4, -2 leaves 2', '2 a day', '{a|V|A|4|40|2026-03-02 08:00,b|V|A|-2|-20|2026-03-05 08:00}', '-'),
	('D07 flag: a refund of another visit takes nothing', '2 a day', '{a|V|A|4|40|2026-03-02 08:00,b|W|A|-2|-20|2026-03-02 09:00}', 'a 20.00');
CREATE TEMP VIEW field_answer AS
SELECT n, label, rule, expected, got FROM field_case JOIN field_rule ON name = rule, LATERAL (
	SELECT coalesce(string_agg(concat(line_id, ' ', CASE outcome WHEN 'excess' THEN concat_ws('/', excess_amount, nullif(excess_claimed, excess_amount))
		ELSE '? ' || (SELECT string_agg(m, ' ') FROM jsonb_array_elements_text(evidence->'missing') m) END), ', ' ORDER BY line_id), '-') AS got
	FROM pg_temp.book(lines) b, audit_charges(b, contexts, rules::rulebook)) f;
SELECT label, rule, expected, got FROM field_answer ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM field_answer;

-- 23:50 and 00:10 are one 6-hour window, but two days
SELECT s, pg_temp.found('{a|V|A|1|30|2026-03-02 23:50,b|V|B|1|80|2026-03-03 00:10}',
	format('[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"%s"}]', s)::jsonb)
FROM unnest('{6 hours,day,hour,instant,2 days,1 day,week,month,visit}'::text[]) WITH ORDINALITY u(s, n) ORDER BY n;
-- weeks run from Monday to Sunday, quarters and years by the calendar
SELECT s, t, pg_temp.found(ARRAY['a|V|A|1|30|2024-12-29 08:00', 'b|V|B|1|80|' || t || ' 08:00'],
	format('[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"%s"}]', s)::jsonb)
FROM unnest('{week,month,quarter,year}'::text[]) WITH ORDINALITY u(s, n), unnest('{2024-12-23,2024-12-22,2024-12-30,2024-11-30,2024-10-01,2024-09-30,2024-01-01,2023-12-31,2025-01-01}'::text[]) t
ORDER BY n, t;
-- self-paid: present as a partner, never in excess; a line is not its own partner
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 09:00|0,b|V|B|1|80|2026-03-02 14:30|60,c|V|B|1|80|2026-03-02 14:31|0}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day"}]');
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 09:00}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"%","other_code":"A","scope":"day"}]');
SELECT pg_temp.found('{a|V|A1|1|30|2026-03-02 09:00,b|V|A2|1|30|2026-03-02 09:30,c|V|B|1|1|2026-03-02 07:00}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"%","other_code":"A%","scope":"day"}]');
-- no time of day: at 00:00:00, or all of a day's five lines at one clock time
SELECT s, pg_temp.found('{a|V|A|1|30|2026-03-02,b|V|B|1|80|2026-03-02}',
	format('[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"%s"}]', s)::jsonb)
FROM unnest('{6 hours,hour,instant,day}'::text[]) WITH ORDINALITY u(s, n) ORDER BY n;
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 10:00,b|V|B|1|80|2026-03-02 10:00,c|V|C|1|1|2026-03-02 10:00,d|V|D|1|1|2026-03-02 10:00,e|V|E|1|1|2026-03-02 10:00}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"hour"}]');
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 10:00,b|V|B|1|80|2026-03-02 10:00,c|V|C|1|1|2026-03-02 10:00,d|V|D|1|1|2026-03-02 10:00}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"hour"}]');
-- only one of the two without a time: cannot be judged; the next day, it can
SELECT pg_temp.found(ARRAY['a|V|A|1|30|2026-03-02 09:00', 'b|V|B|1|80|' || t],
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"6 hours"}]')
FROM unnest('{2026-03-02,2026-03-03,2026-03-01,2026-03-04}'::text[]) t;
-- across visits of a person at one facility; the partner's visit is named
SELECT f, pg_temp.found('{a|V|A|1|30|2026-03-02 09:00,b|W|B|1|80|2026-03-02 14:30}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day"}]',
	jsonb_build_object('V', jsonb_build_object('facility_id', 'F1'), 'W', jsonb_build_object('facility_id', f)))
FROM unnest('{F1,F2,NULL," "}'::text[]) f;
-- valid must hold for both lines
SELECT v, pg_temp.found('{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-03 08:30}',
	format('[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"2 days","valid":"%s"}]', v)::jsonb)
FROM unnest('{[2026-03-02\,),[2026-03-03\,),[2026-01-01\,2026-03-03),[2026-03-02\,2026-03-04)}'::text[]) v;

-- duplicate: the first stays; quantity and amount must be the same
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 09:00,b|V|A|1|30|2026-03-02 10:00,c|V|A|1|30|2026-03-02 11:00,d|V|A|2|60|2026-03-02 12:00,e|V|A|1|31|2026-03-02 12:00,f|V|A|1|30|2026-03-03 09:00}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]');
-- rolling: only accepted lines count, so a b c at 0, 4 and 8 hours: b goes, c stays
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 08:00,b|V|A|1|30|2026-03-02 12:00,c|V|A|1|30|2026-03-02 16:00}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"6 hours"}]');
-- the same line number in two visits is no duplicate within a visit
SELECT pg_temp.found('{1|V|A|1|30|2026-03-02 08:00,1|W|A|1|30|2026-03-02 08:00}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"%","scope":"visit"}]');
-- a self-paid first is what the second repeats; a refunded one is not
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 08:00|0,b|V|A|1|30|2026-03-02 09:00}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]');
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 08:00,b|V|A|1|30|2026-03-02 09:00,c|V|A|-1|-30|2026-03-05 09:00}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]');
-- posted by day: to an instant, not to be judged
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02,b|V|A|1|30|2026-03-02,c|V|A|1|30|2026-03-03}',
	'[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"instant"}]');

-- a stay that is not known: what is above one day's quantity cannot be judged
SELECT pg_temp.found('{a|V|BED|1|40|2026-03-01 08:00,b|V|BED|1|40|2026-03-02 08:00}',
	'[{"rule_code":"Q","kind":"per_bed_day","item_code":"BED","max_quantity":1,"scope":"bed_day"}]',
	'{"V":{"admitted_at":"2026-03-01 10:00"}}');
-- what a line adds above the cap, in cents that add up: 3 x 10.00 cut to a third
SELECT pg_temp.found('{a|V|A|3|10|2026-03-02 08:00,b|V|A|3|10|2026-03-03 08:00,c|V|A|3|10|2026-03-04 08:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"}]');
-- and what was claimed of it
SELECT pg_temp.found('{a|V|A|3|10|2026-03-02 08:00|5,b|V|A|3|10|2026-03-03 08:00|5,c|V|A|3|10|2026-03-04 08:00|5}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"}]');
-- a self-paid line counts toward no cap
SELECT pg_temp.found('{a|V|A|2|20|2026-03-02 08:00|0,b|V|A|2|20|2026-03-02 09:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"}]');
-- an item group shares its cap, a prefix does not
SELECT pg_temp.found('{a|V|A1|2|20|2026-03-02 08:00,b|V|A2|2|30|2026-03-02 07:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A1","item_group":"g","max_quantity":3,"scope":"day"},{"rule_code":"Q","kind":"quantity","item_code":"A2","item_group":"g","max_quantity":3,"scope":"day"}]');
SELECT pg_temp.found('{a|V|A1|2|20|2026-03-02 08:00,b|V|A2|2|30|2026-03-02 07:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A%","max_quantity":3,"scope":"day"}]');
-- a group with a cap a day and one a visit
SELECT pg_temp.found('{a|V|A1|2|20|2026-03-02 08:00,b|V|A2|2|30|2026-03-03 07:00,c|W|A2|4|40|2026-03-04 07:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A%","item_group":"g","max_quantity":3,"scope":"day"},{"rule_code":"Q","kind":"quantity","item_code":"A%","item_group":"g","max_quantity":3,"scope":"visit"}]');
-- hours need a time of day
SELECT pg_temp.found('{a|V|A|1|10|2026-03-02,b|V|A|1|10|2026-03-02,c|V|A|1|10|2026-03-02 09:00}',
	'[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":1,"scope":"hour"}]');

-- amount: money above the cap
SELECT pg_temp.found('{a|V|A|1|90|2026-03-02 08:00|45,b|V|A|1|20|2026-03-02 09:00|10}',
	'[{"rule_code":"M","kind":"amount","item_code":"A","max_amount":100,"scope":"day"}]');

-- D04 newborn: at most 28 days; from 60 years on
SELECT d, pg_temp.found(ARRAY['a|V|NB|1|35|' || d || ' 08:00'], '[{"rule_code":"S","kind":"restriction","item_code":"NB","max_age":"29 days"}]',
	'{"V":{"birth_date":"2026-02-01"}}') FROM unnest('{2026-03-01,2026-03-02}'::text[]) d;
SELECT d, pg_temp.found(ARRAY['a|V|OLD|1|35|' || d || ' 08:00'], '[{"rule_code":"S","kind":"restriction","item_code":"OLD","min_age":"60 years"}]',
	'{"V":{"birth_date":"1966-03-02"}}') FROM unnest('{2026-03-01,2026-03-02}'::text[]) d;
-- D04 visit type, insurance, department; a known failure comes before what is unknown
SELECT pg_temp.found('{a|V|C|1|35|2026-03-02 08:00}', '[{"rule_code":"S","kind":"restriction","item_code":"C","visit_types":["inpatient"],"insurance_types":["310"],"departments":["ICU"],"sex":"1"}]', c)
FROM unnest('{"{\"V\":{\"visit_type\":\"clinic\"}}","{\"V\":{\"visit_type\":\"inpatient\",\"insurance_type\":\"310\",\"sex\":\"1\"}}","{\"V\":{\"visit_type\":\"inpatient\",\"insurance_type\":\"310\",\"department\":\"ICU\",\"sex\":\"1\"}}"}'::jsonb[]) c;
-- a type of visit begins with one that the rule knows; width, case and blanks around say nothing
SELECT known, wanted, ARRAY(SELECT pg_temp.found('{a|V|C|1|35|2026-03-02 08:00}', jsonb_build_array(jsonb_build_object('rule_code', 'S', 'kind', 'restriction', 'item_code', 'C', 'visit_types', wanted::text[])),
	jsonb_build_object('V', jsonb_build_object('visit_type', known)))) AS found
FROM (VALUES (1, '2105', '{21}'), (2, '21', '{2105}'), (3, '1105', '{21,13}'), (4, '１３ ', '{21,13}'), (5, '　2105', '{"２１ "}'), (6, ' in patient', '{"ＩN P"}'), (7, 'inpatient', '{"in p"}'), (8, '　 ', '{21}'), (9, '住院', '{住}'), (10, '住', '{住院}')) v(n, known, wanted)
ORDER BY n;
-- excluded types of visit: one of them, another, one that only begins alike, unknown; beside types that are wanted
SELECT known, wanted, ARRAY(SELECT pg_temp.found('{a|V|C|1|35|2026-03-02 08:00}', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('rule_code', 'S', 'kind', 'restriction', 'item_code', 'C',
	'visit_types', wanted::text[], 'excluded_visit_types', '{14,"Ｎet "}'::text[]))), jsonb_build_object('V', jsonb_build_object('visit_type', known)))) AS found
FROM (VALUES (1, '14', NULL), (2, '1401', NULL), (3, 'nＥt', NULL), (4, '1', NULL), (5, '41', NULL), (6, NULL, NULL), (7, '　', NULL), (8, '11', '{11}'), (9, '14', '{1}'), (10, '21', '{11}')) v(n, known, wanted)
ORDER BY n;
SELECT item_code, outcome, evidence FROM pg_temp.book('{a|V|A|2|20|2026-03-02 10:00,b|W|A|1|10|2026-03-02 10:00}') b,
	 audit_charges(b, '{"V":{"visit_type":"1401"}}', '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"1","excluded_visit_types":["14","15"]}]');
-- of a diagnosis, and of a price, where it says which visits the row is for
SELECT t, pg_temp.found('{a|V|A|2|30|2026-03-02 08:00}', '[{"rule_code":"G","kind":"diagnosis","diagnosis_prefixes":["O"],"excluded_visit_types":["14"]},{"rule_code":"P","kind":"price","item_code":"A","max_price":10,"excluded_visit_types":["14"]}]',
	jsonb_build_object('V', jsonb_build_object('visit_type', t, 'diagnosis_codes', '["O80"]'::jsonb))) FROM unnest('{14,11,NULL}'::text[]) t;
-- excluded diagnoses: known, none, unknown
SELECT d, pg_temp.found('{a|V|GXN|1|35|2026-03-02 08:00}', '[{"rule_code":"S","kind":"restriction","item_code":"GXN","sex":"2","excluded_diagnosis_prefixes":["Q56"]}]',
	jsonb_build_object('V', jsonb_build_object('sex', 1, 'diagnosis_codes', d)))
FROM unnest('{"[\"Q56.0\"]","[\"J18\"]","null"}'::jsonb[]) d;
-- conditions of other kinds say where a row applies
SELECT s, pg_temp.found('{a|V|A|3|30|2026-03-02 08:00}', '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day","sex":"2"}]',
	jsonb_build_object('V', jsonb_build_object('sex', s)))
FROM unnest('{1,2,9}'::text[]) s;
SELECT pg_temp.found('{a|V|A|1|30|2026-03-02 08:00,b|V|A|1|30|2026-03-02 09:00,c|V|A|1|30|2026-03-02 10:00}', '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day","sex":"2"}]');

-- D05 secondary without full prices: dearest unit first, the others insufficient; three of one: one is the first
SELECT pg_temp.found('{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP2|1|800|2026-03-02 09:00}',
	'[{"rule_code":"O","kind":"secondary","item_code":"OP%","item_group":"g","ratio":0.5,"scope":"day"}]');
SELECT pg_temp.found('{a|V|OP1|3|3000|2026-03-02 10:00}',
	'[{"rule_code":"O","kind":"secondary","item_code":"OP1","item_group":"g","ratio":0.5,"max_price":1000,"scope":"day"}]');

-- D06 packages on component lines: see split_charge, too
SELECT pg_temp.found('{a|V|C1|1|30|2026-03-02 10:00|15,b|V|C2|1|25|2026-03-02 11:00,c|V|C3|1|25|2026-03-02 12:00}',
	'[{"rule_code":"K","kind":"package","package_code":"P","component_code":"C1","package_price":60},{"rule_code":"K","kind":"package","package_code":"P","component_code":"C2","package_price":60},{"rule_code":"K","kind":"package","package_code":"P","component_code":"C3","package_price":60}]');

-- diagnosis: one row per visit, its net amount involved
SELECT visit_id, item_code, amount, excess_amount, outcome, evidence
FROM pg_temp.book('{a|V|A|2|20|2026-03-02 10:00,b|V|A|-1|-10|2026-03-02 11:00,c|W|A|1|5|2026-03-02 11:00,d|U|A|1|5|2026-03-02 11:00,e|T|A|1|7|2026-03-02 11:00}') b,
	 audit_charges(b, '{"V":{"sex":1,"diagnosis_codes":["I10","O80.0"]},"W":{"sex":2,"diagnosis_codes":["O80.0"]},"U":{"sex":1},"T":{"sex":1,"diagnosis_codes":["I10"]}}',
	 '[{"rule_code":"G","kind":"diagnosis","sex":"2","diagnosis_prefixes":["O"]}]'::jsonb::rulebook);

-- a child born during the stay is judged on the day of birth, one born after it not at all
SELECT pg_temp.found('{a|V|A|1|20|2026-03-01 10:00,b|W|A|1|20|2026-03-01 10:00,c|U|A|1|20|2026-03-01 10:00,d|T|A|1|20|2026-03-01 10:00}',
	 '[{"rule_code":"G","kind":"diagnosis","max_age":"28 days","diagnosis_prefixes":["P"]}]',
	 '{"V":{"birth_date":"2026-03-02","admitted_at":"2026-02-28","discharged_at":"2026-03-06","diagnosis_codes":["P22"]},
	   "W":{"birth_date":"2026-03-08","admitted_at":"2026-02-28","discharged_at":"2026-03-06","diagnosis_codes":["P22"]},
	   "U":{"birth_date":"2026-03-01","admitted_at":"2026-02-28","diagnosis_codes":["P22"]},
	   "T":{"birth_date":"2026-01-31","admitted_at":"2026-02-28","diagnosis_codes":["P22"]}}');

-- course: three dates allowed, the fourth goes; twice a day is one date; a span counts from the first
SELECT pg_temp.found('{a|V|A|1|5|2026-03-01 08:00,b|V|A|1|5|2026-03-01 18:00,c|V|A|1|5|2026-03-05 08:00,d|W|A|1|5|2026-03-09 08:00,e|W|A|1|5|2026-03-10 08:00}',
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":3}]');
SELECT pg_temp.found('{a|V|A|1|5|2026-03-01 08:00,b|V|A|1|5|2026-03-01 18:00,c|V|A|1|5|2026-03-05 08:00,d|W|A|1|5|2026-03-09 08:00,e|W|A|1|5|2026-03-10 08:00}',
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":1,"scope":"visit"}]');
SELECT pg_temp.found('{a|V|A|1|5|2026-03-01 18:00,b|V|A|1|5|2026-03-15 08:00,c|V|A|1|5|2026-03-16 08:00}',
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":14,"scope":"span"}]');

-- prerequisite: reading without the picture; any of a group of others will do
SELECT pg_temp.found('{a|V|READ|1|5|2026-03-01 08:00,b|V|PIC|1|50|2026-03-01 07:00|0,c|V|READ|1|5|2026-03-02 08:00}',
	'[{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"PIC","scope":"day"}]');
SELECT pg_temp.found('{a|V|READ|1|5|2026-03-01 08:00,b|V|CT|1|50|2026-03-01 07:00,c|V|READ|1|5|2026-03-02 08:00}',
	'[{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"PIC","item_group":"g","scope":"day"},{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"CT","item_group":"g","scope":"day"}]');
SELECT pg_temp.found('{a|V|READ|1|5|2026-03-01,b|V|PIC|1|50|2026-03-01 07:00,c|V|READ|1|5|2026-03-03}',
	'[{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"PIC","scope":"6 hours"}]');

-- another drug of its class: not the drug itself, whatever its strength, pack and company, not by a local code
-- either; another one within 365 dates, before or after, will do; asked by another beginning the same one will
SELECT n, pg_temp.found(lines, '[{"rule_code":"N","kind":"prerequisite","item_code":"XL01ELA387E001010184513","other_code":"XL01EL%","scope":"365 days"},
	{"item_code":"L1","national_code":"XL01ELA387E001010184519"},{"item_code":"L2","national_code":"XL01ELA388A001010100001"}]')
FROM (VALUES (1, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00}'::text[]), (2, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|V|XL01ELA387E001010184513|1|5|2026-03-02 08:00,c|V|XL01ELA387E002020199999|1|5|2026-03-02 08:00}'),
	(3, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|W|XL01ELA388A001010100001|1|5|2025-03-02 08:00}'), (4, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|W|XL01ELA388A001010100001|1|5|2025-03-01 08:00}'),
	(5, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|W|L1|1|5|2026-02-01 08:00}'), (6, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|W|L2|1|5|2026-02-01 08:00}'),
	(7, '{a|V|XL01ELA387E001010184513|1|5|2026-03-01 08:00,b|W|XL01ELA387|1|5|2026-02-01 08:00,c|W|XL01ELA38|1|5|2024-02-01 08:00}')) AS t (n, lines);
SELECT pg_temp.found('{a|V|ZC01AAA0042010105549|1|5|2026-03-01 08:00,b|V|ZC01AAA0042010305549|1|5|2026-02-01 08:00,c|V|A1|1|5|2026-03-01 08:00,d|V|A1|1|5|2026-03-02 08:00,e|V|XB01|1|5|2026-03-01 08:00,f|V|XB01|1|5|2026-03-02 08:00}',
	'[{"rule_code":"N","kind":"prerequisite","item_code":"ZC01AAA0042010105549","other_code":"ZC01AA%","scope":"365 days"},{"rule_code":"O","kind":"prerequisite","item_code":"ZC01AAA0042010105549","other_code":"ZC01AAA0042010305549","scope":"365 days"},
	{"rule_code":"P","kind":"prerequisite","item_code":"A1","other_code":"A%","scope":"365 days"},{"rule_code":"Q","kind":"prerequisite","item_code":"XB01","other_code":"%","scope":"365 days"}]');
-- a restriction in words alone judges nobody and covers nothing, beside one that does
SELECT pg_temp.found('{a|V|D1|1|5|2026-03-01 08:00,b|V|D2|1|5|2026-03-01 08:00}',
	'[{"rule_code":"I","kind":"restriction","item_code":"D1","note":"限2型糖尿病。"},{"rule_code":"I","kind":"restriction","item_code":"D2","note":"限成人高血压。","diagnosis_prefixes":["I10"]}]', '{"V":{"diagnosis_codes":["J18.9"]}}');
SELECT rule_coverage(ledger(i, 1, 10, '2026-03-01 08:00'), '[{"rule_code":"I","kind":"restriction","item_code":"D1","note":"限2型糖尿病。"},{"item_code":"L","national_code":"D1"}]') FROM unnest('{D1,L}'::text[]) AS i;

-- outside_stay: the day before admission; two days after discharge; 23:59 on the day after is inside
SELECT pg_temp.found('{a|V|A|1|5|2026-02-28 23:59,b|V|A|1|5|2026-03-01 00:01,c|V|A|1|5|2026-03-06 23:59,d|V|A|1|5|2026-03-07 00:01}',
	'[{"rule_code":"T","kind":"outside_stay","item_code":"%"}]', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}');
SELECT pg_temp.found('{a|V|A|1|5|2026-02-28 23:59,b|V|A|1|5|2026-03-01 00:01}',
	'[{"rule_code":"T","kind":"outside_stay","item_code":"A"}]', '{"V":{"admitted_at":"2026-03-01 10:00"}}');
SELECT pg_temp.found('{a|V|A|1|5|2026-02-28 23:59,b|V|A|1|5|2026-03-06 00:01}',
	'[{"rule_code":"T","kind":"outside_stay","item_code":"A","days_before":1,"max_days":0}]', '{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}');

-- not_payable: whatever was claimed of the line, whole; nothing of what nobody claimed, is not on the list or was taken back
SELECT pg_temp.found('{a|V|N1|1|80|2026-03-02 08:00|60,b|V|N1|1|80|2026-03-02 09:00|0,c|V|N1|1|80|2026-03-02 10:00,d|V|N10|1|80|2026-03-02 11:00,e|V|N2|2|80|2026-03-03 08:00|60,f|V|N2|-2|-80|2026-03-03 08:00|-60,g|V|N3|2|80|2026-03-03 08:00|40,h|V|N3|-1|-40|2026-03-04 08:00|-20}',
	'[{"rule_code":"B","kind":"not_payable","item_code":"N1"},{"rule_code":"B","kind":"not_payable","item_code":"N2"},{"rule_code":"B","kind":"not_payable","item_code":"N3"}]');
-- for whom and from when on; an unknown type of visit; exclusions unknown
SELECT t, pg_temp.found('{a|V|N1|1|80|2026-03-02 08:00|60,b|V|N1|1|80|2026-02-28 08:00|60}',
	'[{"rule_code":"B","kind":"not_payable","item_code":"N%","visit_types":["11"],"valid":"[2026-03-01,)","excluded_diagnosis_prefixes":["Z"]}]', jsonb_build_object('V', jsonb_build_object('visit_type', t)))
FROM unnest('{11,21,NULL}'::text[]) t;
SELECT excess_amount, excess_claimed, certainty, evidence FROM pg_temp.book('{a|V|N1|2|160|2026-03-02 08:00|60}') b,
	audit_charges(b, NULL::jsonb, '[{"rule_code":"B","kind":"not_payable","certainty":"violation"},{"rule_code":"B","kind":"not_payable","item_code":"N1","note":"美容","excluded_diagnosis_prefixes":["Z"]}]');
-- resettled: the same charge at the same time under a later visit
SELECT pg_temp.found('{1|V|A|1|5|2026-03-01 08:00:05,2|W|A|1|5|2026-03-01 08:00:05,3|W|A|1|6|2026-03-01 08:00:05,4|W|B|1|5|2026-03-02 08:00}',
	'[{"rule_code":"Z","kind":"resettled","item_code":"%"}]');
SELECT pg_temp.found('{1|V|A|1|5|2026-03-01 08:00:05,2|W|A|1|5|2026-03-01 08:00:05}',
	'[{"rule_code":"Z","kind":"resettled","item_code":"%"}]', '{"V":{"admitted_at":"2026-03-01 10:00"},"W":{"admitted_at":"2026-03-01 09:00"}}');

-- Evidence: the arithmetic of each kind
SELECT rule_code, line_id, jsonb_pretty(evidence) FROM pg_temp.book('{a|V|A|3|10|2026-03-02 08:00,b|V|A|3|10|2026-03-02 09:00|9}') b,
	audit_charges(b, visit_context(sex => 1, admitted_at => '2026-03-02', discharged_at => '2026-03-04'),
	'[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":4,"scope":"day"},{"rule_code":"2","kind":"amount","item_code":"A","max_amount":15,"scope":"12 hours"},{"rule_code":"3","kind":"price","item_code":"A","max_price":3},{"rule_code":"4","kind":"per_bed_day","item_code":"A","max_quantity":1,"scope":"bed_night"},{"rule_code":"5","kind":"restriction","item_code":"A","sex":"2","min_age":"3 years"}]'::jsonb::rulebook);

-- a rolling cap says what lay before the line; a condition says what was asked for, and judges what is not known
SELECT rule_code, line_id, outcome, evidence->'limit' AS "limit", evidence->'window' AS "window", evidence->'required' AS required
FROM pg_temp.book('{a|V|A|1|10|2026-03-01 08:00,b|V|A|1|10|2026-03-10 09:00}') b,
	audit_charges(b, visit_context(sex => 1, diagnosis_codes => '{I10}'),
	'[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":1,"scope":"15 days"},{"rule_code":"2","kind":"restriction","item_code":"A","sex":"2","diagnosis_prefixes":["O","N80"],"valid":"[2026-03-10,)"},{"rule_code":"3","kind":"restriction","item_code":"A","min_age":"18 years","max_age":"65 years 6 mons","valid":"[2026-03-10,)"},{"rule_code":"4","kind":"restriction","item_code":"A","facility_ranks":[2,3],"visit_types":["21"],"departments":["儿科"],"valid":"[2026-03-10,)"}]'::jsonb::rulebook);

-- the facts of the other kinds: which facility, how much in all, what else was there
CREATE FUNCTION pg_temp.facts(lines text[], rules jsonb, contexts jsonb DEFAULT '{}') RETURNS SETOF jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('line', coalesce(line_id, visit_id)) || evidence
	FROM pg_temp.book(lines) b, audit_charges(b, contexts, rules::rulebook)
$$;
SELECT pg_temp.facts('{a|V|A|1|30|2026-03-02 09:00,b|V|B|1|80|2026-03-02 14:30}',
	'[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day"}]', '{"V":{"facility_id":"F1"}}');
-- counted before the line, and charged in the window in all, later lines and those in excess with it
SELECT f->>'line' AS line, f->'limit' AS "limit", f->'counted' AS counted, f->'total' AS total, f->'days' AS days, jsonb_array_length(f->'partners') AS partners
FROM pg_temp.facts('{a|V|A|3|30|2026-03-02 08:00,b|V|A|2|20|2026-03-02 09:00,c|V|A|1|10|2026-03-02 10:00,d|W|A|4|40|2026-03-02 11:00,e|W|A|9|90|2026-03-02 12:00|0,f|W|A|9|90|2026-03-03 12:00}',
	'[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":4,"scope":"day"},{"rule_code":"2","kind":"amount","item_code":"A","max_amount":55,"scope":"2 hours"},{"rule_code":"3","kind":"per_bed_day","item_code":"A","max_quantity":1,"scope":"bed_day"}]',
	'{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}') f;
SELECT pg_temp.facts('{1|V|A|1|5|2026-03-01 08:00:05,2|W|A|1|5|2026-03-01 08:00:05}',
	'[{"rule_code":"Z","kind":"resettled","item_code":"%"}]', '{"V":{"facility_id":"F1"},"W":{"facility_id":"F2"}}');
SELECT pg_temp.facts('{a|V|OP1|1|1000|2026-03-02 10:00,b|V|OP2|2|1700|2026-03-02 10:00}',
	'[{"rule_code":"O","kind":"secondary","item_code":"OP1","item_group":"g","ratio":0.5,"max_price":1000,"unit":"次","scope":"day"},{"rule_code":"O","kind":"secondary","item_code":"OP2","item_group":"g","ratio":0.5,"max_price":900,"unit":"次","scope":"day"}]');
SELECT pg_temp.facts('{a|V|READ|1|5|2026-03-01 08:00}',
	'[{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"PIC","item_group":"g","scope":"day"},{"rule_code":"N","kind":"prerequisite","item_code":"READ","other_code":"CT","item_group":"g","scope":"day"},{"rule_code":"N","kind":"prerequisite","item_code":"X","other_code":"Y","scope":"day"}]');
SELECT pg_temp.facts('{a|V|A|1|5|2026-02-28 23:59,b|W|A|1|5|2026-03-07 00:01}', '[{"rule_code":"T","kind":"outside_stay","item_code":"A"}]',
	'{"V":{"admitted_at":"2026-03-01 10:00"},"W":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 09:00"}}');
SELECT pg_temp.facts('{a|V|C1|1|30|2026-03-02 10:00,b|V|C2|1.5|50|2026-03-02 11:00}', k) FROM unnest('{
	"[{\"rule_code\":\"K\",\"kind\":\"package\",\"package_code\":\"P\",\"component_code\":\"C1\",\"package_price\":20},{\"rule_code\":\"K\",\"kind\":\"package\",\"package_code\":\"P\",\"component_code\":\"C2\",\"package_price\":20}]"}'::jsonb[]) k;
SELECT pg_temp.facts('{a|V|C1|1|30|2026-03-02 10:00,b|V|C2|1.5|50|2026-03-02 11:00,c|V|P|1|20|2026-03-02 12:00,d|V|P|1|20|2026-03-02 09:00|0}',
	'[{"rule_code":"K","kind":"package","package_code":"P","component_code":"C1","package_price":20},{"rule_code":"K","kind":"package","package_code":"P","component_code":"C2","package_price":20}]');
-- a course tells a line of each date that counts: the first and, of the others, the last 19
SELECT pg_temp.facts('{a|V|A|1|5|2026-03-01 08:00,b|V|A|1|5|2026-03-01 18:00,c|W|A|1|5|2026-03-09 08:00,d|W|A|1|5|2026-03-10 08:00}',
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":2}]', '{"V":{"facility_id":"F1"},"W":{"facility_id":"F2"}}');
SELECT pg_temp.facts('{a|V|A|1|5|2026-03-01 18:00,b|V|A|1|5|2026-03-15 08:00,c|V|A|1|5|2026-03-16 08:00}',
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":14,"scope":"span"}]');
SELECT f->>'line' AS line, f->>'days' AS days, f->'partners'->0->>'line_id' AS first, f->'partners'->1->>'line_id' AS second, f->'partners'->-1->>'line_id' AS last,
	jsonb_array_length(f->'partners') AS partners
FROM pg_temp.facts(ARRAY(SELECT 'n' || d || '|V|A|1|5|' || date '2026-03-01' + d FROM generate_series(1, 27) d),
	'[{"rule_code":"C","kind":"course","item_code":"A","max_days":25}]') f;
-- where more partners count than are told, their visits are: of a cap, and of a course; not those of the line's own visit
SELECT f->>'rule' AS rule, f->>'line' AS line, f->'counted' AS counted, f->'total' AS total, jsonb_array_length(f->'partners') AS partners, f->'visits' AS visits
FROM (SELECT jsonb_build_object('rule', rule_code, 'line', line_id) || evidence AS f
	FROM pg_temp.book(ARRAY(SELECT 'n' || d || '|' || CASE WHEN d % 12 = 0 THEN 'W' WHEN d = 26 THEN 'X' ELSE 'V' END || '|A|1|5|' || date '2026-03-01' + d || ' 08:00' FROM generate_series(1, 28) d)) b,
		audit_charges(b, '{}'::jsonb, '[{"rule_code":"Q","kind":"quantity","item_code":"A","max_quantity":25,"scope":"year"},{"rule_code":"C","kind":"course","item_code":"A","max_days":25}]'::jsonb::rulebook)) x;
-- what was charged in all: of the line's own visit, and of others what came before it; but where the line is as much in excess without them, nothing of them
SELECT f->>'line' AS line, f->'counted' AS counted, f->'total' AS total
FROM pg_temp.facts('{a|V|A|3|30|2026-03-02 08:00,b|W|A|2|20|2026-03-02 09:00,c|V|A|1|10|2026-03-02 10:00,d|V|A|2|20|2026-03-02 10:00,e|W|A|4|40|2026-03-02 11:00,f|U|A|1|10|2026-03-02 12:00}',
	'[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":4,"scope":"day"}]') f;
-- and of others what came at the same instant before it
SELECT f->>'line' AS line, f->'counted' AS counted, f->'total' AS total
FROM pg_temp.facts('{a|V|A|1|10|2026-03-02 08:00,b|W|A|2|20|2026-03-02 08:00,c|X|A|4|40|2026-03-02 08:00}', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"month","max_quantity":1}]') f;
-- the least of several diagnoses, and all that the visit had, in order and once, whatever order they came in
SELECT DISTINCT pg_temp.facts('{a|V|A|1|5|2026-03-01 08:00}', '[{"rule_code":"G","kind":"diagnosis","sex":"2","diagnosis_prefixes":["O","N7"]},
	{"rule_code":"R","kind":"restriction","item_code":"A","diagnosis_prefixes":["M80"],"departments":["内科"]}]',
	jsonb_build_object('V', jsonb_build_object('sex', 1, 'department', '儿科', 'diagnosis_codes', c)))
FROM unnest('{"[\"O80\",\"J18\",\"N70\",\"J18\"]","[\"N70\",\"O80\",\"J18\"]","[\"J18\",\"N70\",\"O80\"]"}'::jsonb[]) c;
-- what a visit had where a condition failed
SELECT pg_temp.facts('{a|V|A|1|5|2026-03-01 08:00}', jsonb_build_array(jsonb_build_object('rule_code', 'S', 'kind', 'restriction', 'item_code', 'A') || c),
	'{"V":{"sex":1,"birth_date":"2010-05-01","facility_rank":1,"visit_type":"11","insurance_type":"390","department":"外科","line_departments":{"a":"儿科"},"diagnosis_codes":[]}}')->'failed' AS failed
FROM unnest('{"{\"sex\":\"2\",\"min_age\":\"18 years\",\"facility_ranks\":[2,3],\"visit_types\":[\"21\"],\"insurance_types\":[\"310\"],\"departments\":[\"外科\"],\"diagnosis_prefixes\":[\"M80\"]}",
	"{\"max_age\":\"7 years\"}"}'::jsonb[]) c;
-- dates are ISO whatever DateStyle says
SET DateStyle = 'German, DMY';
SELECT pg_temp.facts('{a|V|A|1|5|2026-02-28 23:59,b|V|A|1|5|2026-03-01 12:00:00.5}', '[{"rule_code":"T","kind":"outside_stay","item_code":"A"},{"rule_code":"S","kind":"restriction","item_code":"A","min_age":"18 years"},{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"36 hours"}]',
	'{"V":{"admitted_at":"2026-03-01 10:00","discharged_at":"2026-03-05 10:00:30","birth_date":"2010-12-01"}}');
SET DateStyle = 'ISO, YMD';

-- One record per line and rule, each line once in money at its highest excess
SELECT rule_code, line_id, excess_amount FROM pg_temp.book('{a|V|A|3|30|2026-03-02 08:00}') b,
	audit_charges(b, NULL, '[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"},{"rule_code":"1","kind":"quantity","item_code":"A%","max_quantity":1,"scope":"month"},{"rule_code":"2","kind":"price","item_code":"A","max_price":9}]'::jsonb::rulebook);
SELECT excess_amount(b, NULL, r), excess_claimed(b, visit_context(), r), excess_amount(b, '{}'::jsonb, r), rule_coverage(b, r)
FROM pg_temp.book('{a|V|A|3|30|2026-03-02 08:00|15,b|V|B|1|10|2026-03-02 08:00}') b,
	(SELECT '[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"},{"rule_code":"1","kind":"quantity","item_code":"A%","max_quantity":1,"scope":"month"},{"rule_code":"2","kind":"price","item_code":"A","max_price":9}]'::jsonb::rulebook AS r) x;
-- Summed per rule, a line under each rule that it breaks
SELECT f.* FROM pg_temp.book('{a|V|A|3|30|2026-03-02 08:00|15,b|V|B|1|10|2026-03-02 08:00}') b,
	excess_by_rule(b, NULL, '[{"rule_code":"1","kind":"quantity","item_code":"A","max_quantity":2,"scope":"day"},{"rule_code":"1","kind":"quantity","item_code":"A%","max_quantity":1,"scope":"month"},{"rule_code":"2","kind":"price","item_code":"A","max_price":9},{"rule_code":"3","kind":"restriction","item_code":"%","sex":"2"},{"rule_code":"4","kind":"price","item_code":"A","max_price":99}]'::jsonb::rulebook) f;
-- NULLs and bad input
SELECT count(*) FROM audit_charges(NULL::ledger, visit_context(), '[]'::jsonb::rulebook);
SELECT count(*) FROM excess_by_rule(NULL::ledger, visit_context(), '[]'::jsonb::rulebook);
SELECT excess_amount(NULL, visit_context(), '[]'::jsonb::rulebook), excess_claimed(NULL, '{}'::jsonb, '[]'::jsonb::rulebook),
	rule_coverage(NULL, '[]'::jsonb::rulebook), excess_amount(pg_temp.book('{a|V|A|1|1|2026-03-02 08:00}'), NULL, '[]'::jsonb::rulebook),
	rule_coverage(pg_temp.book('{a|V|A|1|1|2026-03-02 08:00}'), '[]'::jsonb::rulebook),
	rule_coverage(pg_temp.book('{a|V|A|1|1|2026-03-02 08:00,b|V|A|-1|-1|2026-03-02 08:00}'), '[]'::jsonb::rulebook);
SELECT pg_temp.fails(s) FROM unnest(ARRAY[
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), medaudit.visit_context(), NULL::medaudit.rulebook)$$,
	$$SELECT medaudit.excess_amount(pg_temp.book('{a|V|A|1|1|2026-03-02}'), medaudit.visit_context(), NULL::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.excess_by_rule(pg_temp.book('{a|V|A|1|1|2026-03-02}'), medaudit.visit_context(), NULL::medaudit.rulebook)$$,
	$$SELECT medaudit.rule_coverage(pg_temp.book('{a|V|A|1|1|2026-03-02}'), NULL::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '[1]'::jsonb, '[]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":3}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2"}]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":{"sex":[2]}}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2"}]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":{"diagnosis_codes":"J18"}}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2"}]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":{"line_departments":["ICU"]}}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","departments":["ICU"]}]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":{"line_departments":{"a":["ICU"]}}}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","departments":["ICU"]}]'::jsonb::medaudit.rulebook)$$,
	$$SELECT * FROM medaudit.audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), '{"V":{"birth_date":"soon"}}'::jsonb, '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2"}]'::jsonb::medaudit.rulebook)$$
]) s;

-- Certainty: what may be called a violation.  A line found is its identifier,
-- the quantity (else the money) in excess and its certainty, v, s or n, with
-- what is in doubt; or ? and what was missing.  Of rules of violation, where
-- the rule does not say otherwise.
CREATE TEMP TABLE sure_rule (name text PRIMARY KEY, rules jsonb);
INSERT INTO sure_rule VALUES
	('1 a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1}]'),
	('1 in 1 days', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"1 days","max_quantity":1}]'),
	('1 a day, a notice', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"certainty":"notice"}]'),
	('1 a day, a suspicion', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"certainty":"suspicion"}]'),
	('1 time a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"unit":"次"}]'),
	('1 time an hour', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"hour","max_quantity":1,"unit":"元/次"}]'),
	('1 an hour', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"hour","max_quantity":1}]'),
	('2 an hour', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"hour","max_quantity":2}]'),
	('1 in 6 hours', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"6 hours","max_quantity":1}]'),
	('1 time in 6 hours', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"6 hours","max_quantity":1,"unit":"次"}]'),
	('1 in 30 hours', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"30 hours","max_quantity":1}]'),
	('1 a week', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"week","max_quantity":1}]'),
	('24 hours a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":24,"unit":"小时"}]'),
	('24 a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":24}]'),
	('12 hours a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":12,"unit":"小时"}]'),
	('10.00 a day', '[{"rule_code":"Q","kind":"amount","item_code":"A","scope":"day","max_amount":10}]'),
	('2 a day, from 2 March on 1', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":2,"valid":"[2026-01-01,2026-03-02)"},{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"valid":"[2026-03-02,)"}]'),
	('5 a day, from 2 March on 1 time', '[{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"day","max_quantity":5,"unit":"次","valid":"[2026-01-01,2026-03-02)"},{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"day","max_quantity":1,"unit":"次","valid":"[2026-03-02,)"}]'),
	('A twice an hour, or a day', '[{"rule_code":"D","kind":"duplicate","item_code":"A","item_group":"g","scope":"hour"},{"rule_code":"D","kind":"duplicate","item_code":"A","item_group":"g","scope":"day"}]'),
	('1 an hour, and 2 a day', '[{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"hour","max_quantity":1},{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"day","max_quantity":2}]'),
	('1 a day of women', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":1,"sex":"2"}]'),
	('2 a day, 1 of women', '[{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"day","max_quantity":2},{"rule_code":"Q","kind":"quantity","item_code":"A%","item_group":"g","scope":"day","max_quantity":1,"sex":"2"}]'),
	('1 a day and 2 a month', '[{"rule_code":"Q","kind":"quantity","item_code":"A","item_group":"g","scope":"day","max_quantity":1},{"rule_code":"Q","kind":"quantity","item_code":"A%","item_group":"g","scope":"month","max_quantity":2}]'),
	('bed by days', '[{"rule_code":"Q","kind":"per_bed_day","item_code":"A","max_quantity":1,"scope":"bed_day"}]'),
	('A or B in a day', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day"}]'),
	('A or B in a day, times', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day","unit":"次"}]'),
	('A or B in a day, days', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"day","unit":"每天"}]'),
	('A or B in an hour', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"hour"}]'),
	('A or B in 30 hours', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"30 hours"}]'),
	('A or B in a visit', '[{"rule_code":"X","kind":"exclusive","item_code":"A","other_code":"B","scope":"visit"}]'),
	('A twice a day', '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]'),
	('A twice a week', '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"week"}]'),
	('A twice at once', '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"instant"}]'),
	('A needs B', '[{"rule_code":"N","kind":"prerequisite","item_code":"A","other_code":"B","scope":"day"}]'),
	('A in 2 dates', '[{"rule_code":"C","kind":"course","item_code":"A","max_days":2}]'),
	('A in a span of 2', '[{"rule_code":"C","kind":"course","item_code":"A","max_days":2,"scope":"span"}]'),
	('settled again', '[{"rule_code":"Z","kind":"resettled","item_code":"A"}]'),
	('second operation', '[{"rule_code":"O","kind":"secondary","item_code":"A","item_group":"g","ratio":0.5,"max_price":1000,"scope":"day"},{"rule_code":"O","kind":"secondary","item_code":"B","item_group":"g","ratio":0.5,"max_price":800,"scope":"day"}]'),
	('second operation at once', '[{"rule_code":"O","kind":"secondary","item_code":"A","item_group":"g","ratio":0.5,"max_price":1000,"scope":"instant"},{"rule_code":"O","kind":"secondary","item_code":"B","item_group":"g","ratio":0.5,"max_price":800,"scope":"instant"}]'),
	('second operation in a visit', '[{"rule_code":"O","kind":"secondary","item_code":"A","item_group":"g","ratio":0.5,"max_price":1000,"scope":"visit"},{"rule_code":"O","kind":"secondary","item_code":"B","item_group":"g","ratio":0.5,"max_price":800,"scope":"visit"}]'),
	('package of 10', '[{"rule_code":"K","kind":"package","package_code":"P","component_code":"A","package_price":10},{"rule_code":"K","kind":"package","package_code":"P","component_code":"B","package_price":10}]'),
	('under 1 year', '[{"rule_code":"S","kind":"restriction","item_code":"A","max_age":"1 year"}]'),
	('under 28 days', '[{"rule_code":"S","kind":"restriction","item_code":"A","max_age":"28 days"}]'),
	('under 366 days', '[{"rule_code":"S","kind":"restriction","item_code":"A","max_age":"366 days"}]'),
	('under 1 year, for men', '[{"rule_code":"S","kind":"restriction","item_code":"A","max_age":"1 year","sex":"1"}]'),
	('visit under 28 days', '[{"rule_code":"G","kind":"diagnosis","max_age":"28 days","diagnosis_prefixes":["P"]}]'),
	('for women, but not Q56', '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2","excluded_diagnosis_prefixes":["Q56"]}]'),
	('1 a visit, but not Q56', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"visit","max_quantity":1,"excluded_diagnosis_prefixes":["q5.6"]}]'),
	('1 a month, but not Q56', '[{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"month","max_quantity":1,"excluded_diagnosis_prefixes":["Q56"]}]'),
	('3.00, but not Q56', '[{"rule_code":"P","kind":"price","item_code":"A","max_price":3,"excluded_diagnosis_prefixes":["Q56"]}]');

-- Contexts are V's, W's and U's: facility, admission, discharge and the rest as JSON.
CREATE FUNCTION pg_temp.at(facility text, admitted text DEFAULT NULL, discharged text DEFAULT NULL, rest jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('facility_id', facility, 'admitted_at', admitted, 'discharged_at', discharged)) || rest
$$;
CREATE TEMP TABLE sure_case (n int GENERATED ALWAYS AS IDENTITY, label text, rule text REFERENCES sure_rule, lines text[], expected text, v jsonb, w jsonb DEFAULT '{}', u jsonb DEFAULT '{}');

-- A cap per day in a stay: the worked examples, three dates of 1 to 3 March
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('3 on the last date', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('3 on the last date, in lines', '1 a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 08:00,c|V|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late, c 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('4 there', '1 a day', '{a|V|A|4|40|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('4 there, in lines', '1 a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 08:00,c|V|A|1|10|2026-03-03 08:00,d|V|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late, c 1 s posted_late, d 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('1 on the first, 2 and then 1 on the last', '1 a day', '{a|V|A|1|10|2026-03-01 12:00,b|V|A|2|20|2026-03-03 08:00,c|V|A|1|10|2026-03-03 09:00}', 'b 1 s posted_late, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('50 hours in one line, of 50 on three dates', '24 hours a day', '{a|V|A|50|500|2026-03-03 08:00}', 'a 26 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('51 hours', '24 hours a day', '{a|V|A|51|510|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('51, not of hours', '24 a day', '{a|V|A|51|510|2026-03-03 08:00}', 'a 27 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('72, not of hours', '24 a day', '{a|V|A|72|720|2026-03-03 08:00}', 'a 48 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('73, not of hours', '24 a day', '{a|V|A|73|730|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('hours are rounded up: 49:01 of 50', '24 hours a day', '{a|V|A|50|500|2026-03-03 08:00}', 'a 26 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 11:01')),
	('to 49 where none is begun', '24 hours a day', '{a|V|A|50|500|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 11:00')),
	('without a time of day the hours are not known: 72', '24 hours a day', '{a|V|A|70|700|2026-03-03 08:00}', 'a 46 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03')),
	('73 are too many even so', '24 hours a day', '{a|V|A|73|730|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01', '2026-03-03')),
	('12 hours a date are 36, not 50', '12 hours a day', '{a|V|A|37|370|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('more than the hours of the stay, no date above 24', '24 hours a day', '{a|V|A|10|100|2026-03-01 23:00,b|V|A|24|240|2026-03-02 23:00,c|V|A|24|240|2026-03-03 08:00}', 'c 8 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('12 hours in a stay of 10, over midnight', '24 hours a day', '{a|V|A|12|120|2026-03-02 05:00}', 'a 2 v', pg_temp.at('F1', '2026-03-01 20:00', '2026-03-02 06:00')),
	('as many as dates, each on its own', '1 a day', '{a|V|A|1|10|2026-03-01 12:00,b|V|A|1|10|2026-03-02 12:00,c|V|A|1|10|2026-03-03 08:00}', '-', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('as many as dates, two on the second', '1 a day', '{a|V|A|1|10|2026-03-02 12:00,b|V|A|1|10|2026-03-02 13:00,c|V|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('money', '10.00 a day', '{a|V|A|1|35|2026-03-03 08:00}', 'a 5.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('money that fits', '10.00 a day', '{a|V|A|1|30|2026-03-03 08:00}', 'a 20.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('a part of the last line and all of it', '1 a day', '{a|V|A|2|20|2026-03-03 07:00,b|V|A|2|20|2026-03-03 08:00,c|V|A|1|10|2026-03-03 09:00}', 'a 1 s posted_late, b 1 v, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('a self-paid line counts for nothing', '1 a day', '{a|V|A|3|30|2026-03-03 07:00,b|V|A|1|10|2026-03-03 08:00|0}', 'a 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('nor what was refunded', '1 a day', '{a|V|A|4|40|2026-03-03 07:00,b|V|A|-1|-10|2026-03-05 08:00}', 'a 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('one day by its dates is a day', '1 in 1 days', '{a|V|A|4|40|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('a notice stays one, and says its doubt', '1 a day, a notice', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 n posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('so does a suspicion', '1 a day, a suspicion', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('and is one where it is sure', '1 a day, a suspicion', '{a|V|A|4|40|2026-03-03 08:00}', 'a 1 s', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('posted the day after the discharge', '1 a day', '{a|V|A|3|30|2026-03-04 08:00}', 'a 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('a cap that changes: by the row of each date', '2 a day, from 2 March on 1', '{a|V|A|3|30|2026-03-01 12:00,b|V|A|3|30|2026-03-03 08:00}', 'a 1 s posted_late, b 2 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('above what the row of each allows', '2 a day, from 2 March on 1', '{a|V|A|3|30|2026-03-01 12:00,b|V|A|4|40|2026-03-03 08:00}', 'a 1 s posted_late, b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('a cap of a month is as sure as ever', '1 a day and 2 a month', '{a|V|A|3|30|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('for women, sex unknown', '1 a day of women', '{a|V|A|4|40|2026-03-03 08:00}', 'a ? sex', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'));
-- Visits of one date, of dates that are not known, and stays not discharged
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('in and out on one date is the plain cap', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 v', pg_temp.at('F1', '2026-03-03 07:00', '2026-03-03 19:00')),
	('no dates: the plain cap', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 v', pg_temp.at('F1')),
	('over midnight: two dates', '1 a day', '{a|V|A|2|20|2026-03-03 08:00}', 'a 1 s posted_late', pg_temp.at('F1', '2026-03-02 23:50', '2026-03-03 00:10')),
	('three in two dates', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-02 23:50', '2026-03-03 00:10')),
	('not discharged', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a ? discharged_at', pg_temp.at('F1', '2026-03-01 10:00')),
	('not discharged, under the cap', '1 a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-04 08:00}', '-', pg_temp.at('F1', '2026-03-01 10:00')),
	('not admitted', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a ? admitted_at', pg_temp.at('F1', NULL, '2026-03-03 10:00')),
	('discharged before the admission', '1 a day', '{a|V|A|3|30|2026-03-03 08:00}', 'a ? admitted_at discharged_at', pg_temp.at('F1', '2026-03-03 10:00', '2026-03-01 10:00')),
	('not discharged, and a cap of a week', '1 a week', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 v', pg_temp.at('F1', '2026-03-01 10:00')),
	('eight bed days in a stay of five', 'bed by days', '{a|V|A|8|320|2026-03-05 08:00}', 'a 3 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-05 09:00'));
-- One stay of 31 dates under several numbers: each has its own dates and what the others leave of the whole
CREATE FUNCTION pg_temp.part(begins text, ends text, facility text DEFAULT 'F1') RETURNS jsonb LANGUAGE sql AS $$
	SELECT pg_temp.at(facility, '2026-03-01 09:00', '2026-03-31 10:00', jsonb_build_object('stay_id', 'V', 'part_from', '2026-03-' || begins, 'part_to', '2026-03-' || ends))
$$;
INSERT INTO sure_case (label, rule, lines, expected, v, w, u) VALUES
	('both charge the date between', 'bed by days', '{a|V|A|15|150|2026-03-14,b|W|A|17|170|2026-03-19}', '-', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('the second has days that the first charged', 'bed by days', '{a|V|A|15|150|2026-03-14,b|W|A|31|310|2026-03-19}', 'b 14 v', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('the first has them, which is first in order', 'bed by days', '{a|V|A|40|400|2026-03-14,b|W|A|17|170|2026-03-19}', 'a 25 v', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('all posted under the second', 'bed by days', '{b|W|A|31|310|2026-03-19}', '-', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('all but one', 'bed by days', '{a|V|A|1|10|2026-03-14,b|W|A|31|310|2026-03-19}', 'b 1 v', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('what one leaves is there once: 34 for 31 dates', 'bed by days', '{a|V|A|2|20|2026-03-05,b|W|A|16|160|2026-03-14,c|U|A|16|160|2026-03-29}', 'c 3 v', pg_temp.part('01 09:00', '10 10:00'), pg_temp.part('10 10:00', '20 10:00'), pg_temp.part('20 10:00', '31 10:00')),
	('the dates at another provider are not known to be used', 'bed by days', '{a|V|A|15|150|2026-03-14,b|W|A|31|310|2026-03-19}', '-', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00', 'F2'), '{}'),
	('a part that ends before it begins is none', 'bed by days', '{b|W|A|31|310|2026-03-19}', '-', '{}', pg_temp.part('31 10:00', '15 10:00'), '{}'),
	('a cap of a day', '1 a day', '{a|V|A|15|150|2026-03-14 08:00,b|W|A|31|310|2026-03-19 08:00}', 'a 14 s posted_late, b 14 v', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}'),
	('a cap of a day, posted under the second', '1 a day', '{a|V|A|1|10|2026-03-14 08:00,b|W|A|31|310|2026-03-19 08:00}', 'b 1 v', pg_temp.part('01 09:00', '15 10:00'), pg_temp.part('15 10:00', '31 10:00'), '{}');
-- Caps per hour: the hours between, rounded up
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('50 hours, 50 times', '1 an hour', '{a|V|A|50|500|2026-03-03 08:00}', 'a 49 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('50 hours, 51 times', '1 an hour', '{a|V|A|51|510|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('2 an hour are 100', '2 an hour', '{a|V|A|101|1010|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('a discharge without a time of day may be at its end: 62 hours', '1 an hour', '{a|V|A|62|620|2026-03-03 08:00}', 'a 61 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03')),
	('63 are too many even so', '1 an hour', '{a|V|A|63|630|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03')),
	('lines without a time of day count for the stay', '1 an hour', '{a|V|A|11|110|2026-03-03,b|V|A|40|400|2026-03-03}', 'a ? time of day, b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 12:00')),
	('one date: the plain cap', '1 an hour', '{a|V|A|2|20|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'a 1 v', pg_temp.at('F1', '2026-03-03 07:00', '2026-03-03 12:00'));
-- What counts in times and was charged by the clock before the discharge: the plain cap
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('two times on the first date', '1 time a day', '{a|V|A|1|10|2026-03-01 11:00,b|V|A|1|10|2026-03-01 15:00}', 'b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('not in times', '1 a day', '{a|V|A|1|10|2026-03-01 11:00,b|V|A|1|10|2026-03-01 15:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('on the date of the discharge', '1 time a day', '{a|V|A|1|10|2026-03-03 07:00,b|V|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('at one clock time', '1 time a day', '{a|V|A|1|10|2026-03-01 11:00,b|V|A|1|10|2026-03-01 11:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('midnight is no clock time', '1 time a day', '{a|V|A|1|10|2026-03-01 00:00,b|V|A|1|10|2026-03-01 11:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('two clock times on different dates', '1 time a day', '{a|V|A|2|20|2026-03-01 11:00,b|V|A|1|10|2026-03-02 15:00}', 'a 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('times an hour', '1 time an hour', '{a|V|A|2|20|2026-03-01 11:05,b|V|A|1|10|2026-03-01 15:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('the rest of the stay as well: 1 of the first date and 2 of the others fit', '1 time a day', '{a|V|A|1|10|2026-03-01 11:00,b|V|A|1|10|2026-03-01 15:00,c|V|A|2|20|2026-03-03 08:00}', 'b 1 v, c 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('3 of the others do not', '1 time a day', '{a|V|A|1|10|2026-03-01 11:00,b|V|A|1|10|2026-03-01 15:00,c|V|A|3|30|2026-03-03 08:00}', 'b 1 v, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('of a cap that changes, those of its own dates only', '5 a day, from 2 March on 1 time', '{a|V|A|25|250|2026-03-01 11:00,b|V|A|1|10|2026-03-02 11:00,c|V|A|1|10|2026-03-02 15:00}', 'a 20 s posted_late, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-05 09:00')),
	('clock times of a later date are there for a line before', '1 time a day', '{a|V|A|3|30|2026-03-01 11:00,b|V|A|1|10|2026-03-02 11:00,c|V|A|1|10|2026-03-02 15:00}', 'a 1 v, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'));
-- Posted late: all lines of a stay of three dates or more on one date, and a scope of a day or finer
INSERT INTO sure_case (label, rule, lines, expected, v, w) VALUES
	('the same line twice', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in a stay of two dates', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-02 10:00', '2026-03-03 09:00'), '{}'),
	('another line on another date', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('that was refunded', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00,d|V|C|-1|-1|2026-03-02 10:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('twice at one instant', 'A twice at once', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 08:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('twice a week', 'A twice a week', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in 6 hours', '1 in 6 hours', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in 6 hours, lines on two dates', '1 in 6 hours', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00}', 'b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in 30 hours', '1 in 30 hours', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in 6 hours, times by the clock before the discharge', '1 time in 6 hours', '{a|V|A|1|10|2026-03-02 08:00,b|V|A|1|10|2026-03-02 09:00}', 'b 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('in 6 hours, times on the date of the discharge', '1 time in 6 hours', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('a week', '1 a week', '{a|V|A|3|30|2026-03-03 08:00}', 'a 2 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('a pair in a day', 'A or B in a day', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('a pair in an hour', 'A or B in an hour', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 08:30}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('a pair in 30 hours', 'A or B in 30 hours', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 08:30}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('the partner in such a stay', 'A or B in a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|B|1|10|2026-03-03 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1')),
	('and another in the visit itself', 'A or B in a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|B|1|10|2026-03-03 09:00,c|W|A|1|11|2026-03-03 10:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1')),
	('what is needed is not there', 'A needs B', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('what is needed was charged elsewhere', 'A needs B', '{a|V|A|1|10|2026-03-03 08:00,b|W|B|1|10|2026-03-03 09:00}', '-', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F2')),
	('what is needed is not there in a visit of one date', 'A needs B', '{a|V|A|1|10|2026-03-03 08:00,b|W|C|1|10|2026-03-03 09:00}', 'a 10.00 v', pg_temp.at('F1'), pg_temp.at('F2')),
	('the parts of a package', 'package of 10', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 08:30}', 'a 5.00 s posted_late, b 5.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('the parts of a package on two dates of lines', 'package of 10', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 08:30,c|V|C|1|1|2026-03-02 08:00}', 'a 5.00 v, b 5.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('the second of two operations', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|V|B|1|800|2026-03-03 08:30}', 'b 400.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}'),
	('the dearer one in such a stay', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|W|B|1|800|2026-03-03 08:30}', 'b 400.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1')),
	('in a visit', 'second operation in a visit', '{a|V|A|1|1000|2026-03-03 08:00,b|V|B|1|800|2026-03-03 08:30}', 'b 400.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), '{}');
-- A pair by day of which one line counts more than one day
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('5 days of the item', 'A or B in a day, days', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1')),
	('5 days of the other', 'A or B in a day, days', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|5|50|2026-03-03 09:00}', 'b 50.00 s posted_late', pg_temp.at('F1')),
	('one day each', 'A or B in a day, days', '{a|V|A|1|10|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1')),
	('5 and another of one day', 'A or B in a day, days', '{a|V|A|5|50|2026-03-03 08:00,c|V|A|1|10|2026-03-03 08:30,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1')),
	('5 times are no days', 'A or B in a day, times', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|5|50|2026-03-03 09:00}', 'b 50.00 v', pg_temp.at('F1')),
	('no unit: of a stay of 5 dates they may be days', 'A or B in a day', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-05 09:00')),
	('no unit: of one of 4 not', 'A or B in a day', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-04 09:00')),
	('no unit: of one not discharged they may', 'A or B in a day', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00,c|V|C|1|1|2026-03-02 09:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00')),
	('no unit: of no stay', 'A or B in a day', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1')),
	('by the hour nothing counts days', 'A or B in an hour', '{a|V|A|5|50|2026-03-03 08:00,b|V|B|1|10|2026-03-03 08:30}', 'b 10.00 v', pg_temp.at('F1'));
-- Another session: a pair in a visit on different dates
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('on different dates', 'A or B in a visit', '{a|V|A|1|10|2026-03-02 08:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 s other_session', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('on one date', 'A or B in a visit', '{a|V|A|1|10|2026-03-03 23:59,b|V|B|1|10|2026-03-03 00:01}', 'b 10.00 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00')),
	('on both', 'A or B in a visit', '{a|V|A|1|10|2026-03-02 08:00,b|V|B|1|10|2026-03-03 09:00,c|V|A|1|10|2026-03-03 10:00}', 'b 10.00 v', pg_temp.at('F1')),
	('two lines, one of them on the date', 'A or B in a visit', '{a|V|A|1|10|2026-03-02 08:00,b|V|B|1|10|2026-03-03 09:00,c|V|B|1|10|2026-03-02 10:00}', 'b 10.00 s other_session, c 10.00 v', pg_temp.at('F1'));
-- Containment is a matter of one provider
INSERT INTO sure_case (label, rule, lines, expected, v, w, u) VALUES
	('a clinic on the morning of an admission elsewhere', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,x|V|C|1|1|2026-03-04 08:00,b|W|B|1|10|2026-03-03 09:00}', '-', pg_temp.at('F1', '2026-03-03 17:00', '2026-03-05 10:00'), pg_temp.at('F2'), '{}'),
	('of the hospital itself', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,x|V|C|1|1|2026-03-04 08:00,b|W|B|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1', '2026-03-03 17:00', '2026-03-05 10:00'), pg_temp.at('F1'), '{}'),
	('facility of one not known', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|W|B|1|10|2026-03-03 09:00}', 'b ? facility_id', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('facility of neither known', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|W|B|1|10|2026-03-03 09:00}', 'b ? facility_id', pg_temp.at(NULL), pg_temp.at(NULL), '{}'),
	('neither known, one visit', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|V|B|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at(NULL), '{}', '{}'),
	('one not known, and a partner in the visit', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|W|B|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-03 10:00}', 'b 10.00 v', pg_temp.at(NULL), pg_temp.at('F1'), '{}'),
	('one not known, and a partner of the facility', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|W|B|1|10|2026-03-03 09:00,c|U|A|1|10|2026-03-03 10:00}', 'b 10.00 v', pg_temp.at(NULL), pg_temp.at('F1'), pg_temp.at('F1')),
	('one not known, and one elsewhere', 'A or B in a day', '{a|V|A|1|10|2026-03-03 18:00,b|W|B|1|10|2026-03-03 09:00,c|U|A|1|10|2026-03-03 10:00}', 'b ? facility_id', pg_temp.at(NULL), pg_temp.at('F1'), pg_temp.at('F2')),
	('not known, and without a time of day', 'A or B in an hour', '{a|V|A|1|10|2026-03-03,b|W|B|1|10|2026-03-03 09:00}', 'b ? time of day facility_id', pg_temp.at(NULL), pg_temp.at('F1'), '{}'),
	('elsewhere, and without a time of day', 'A or B in an hour', '{a|V|A|1|10|2026-03-03,b|W|B|1|10|2026-03-03 09:00}', '-', pg_temp.at('F2'), pg_temp.at('F1'), '{}'),
	('operations at two hospitals', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|W|B|1|800|2026-03-03 08:30}', '-', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('operations at one', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|W|B|1|800|2026-03-03 08:30}', 'b 400.00 v', pg_temp.at('F1'), pg_temp.at('F1'), '{}'),
	('operations at one that is not known', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|W|B|1|800|2026-03-03 08:30}', 'b ? facility_id', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('a dearer one in the visit', 'second operation', '{a|V|A|1|1000|2026-03-03 08:00,b|W|B|1|800|2026-03-03 08:30,c|W|A|1|1000|2026-03-03 08:30}', 'b 400.00 v, c ? facility_id', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('at once, without a time of day, at one that is not known', 'second operation at once', '{a|V|A|1|1000|2026-03-03,b|W|B|1|800|2026-03-03 08:30}', '-', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('at once, the second without a time of day', 'second operation at once', '{a|V|A|1|1000|2026-03-03 08:30,b|W|B|1|800|2026-03-03}', 'b ? time of day facility_id', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('at once, the second without a time of day, elsewhere', 'second operation at once', '{a|V|A|1|1000|2026-03-03 08:30,b|W|B|1|800|2026-03-03}', '-', pg_temp.at('F1'), pg_temp.at('F2'), '{}');
-- A row that may not apply beside one that does: what the latter finds is sure, the rest not to be judged
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('sex not known', '2 a day, 1 of women', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|A|2|20|2026-03-03 10:00}', 'b ? sex, c 2 v', pg_temp.at('F1')),
	('a woman', '2 a day, 1 of women', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|A|2|20|2026-03-03 10:00}', 'b 1 v, c 2 v', pg_temp.at('F1', NULL, NULL, '{"sex":"2"}')),
	('a man', '2 a day, 1 of women', '{a|V|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 09:00,c|V|A|2|20|2026-03-03 10:00}', 'c 2 v', pg_temp.at('F1', NULL, NULL, '{"sex":"1"}'));
-- Across facilities: in doubt only where the row would be smaller without the others
INSERT INTO sure_case (label, rule, lines, expected, v, w, u) VALUES
	('twice, once elsewhere', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 09:00}', 'b 10.00 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('twice, the facility written in two ways', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('f1 '), pg_temp.at('　Ｆ１'), '{}'),
	('twice, once at one that is not known', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 09:00}', 'b 10.00 s other_facility', pg_temp.at('F1'), pg_temp.at(NULL), '{}'),
	('twice at one facility', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 09:00}', 'b 10.00 v', pg_temp.at('F1'), pg_temp.at('F1'), '{}'),
	('elsewhere, and then twice here: the second of these is sure', 'A twice a day', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-03 10:00}', 'b 10.00 s other_facility, c 10.00 v', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a cap that the others fill', '1 a week', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-04 09:00}', 'b 1 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a cap that it passes by itself', '1 a week', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|2|20|2026-03-02 09:00}', 'a 1 s other_facility, b 1 v', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a cap that it passes by less', '1 a week', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|2|20|2026-03-04 09:00}', 'b 2 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('its own lines fill it as well', '1 a week', '{a|V|A|1|10|2026-03-02 08:00,b|W|A|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-04 09:00}', 'b 1 s other_facility, c 1 v', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a course of dates elsewhere', 'A in 2 dates', '{a|V|A|1|10|2026-03-02 08:00,b|W|A|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-04 09:00}', 'c 10.00 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a course of its own dates', 'A in 2 dates', '{a|V|A|1|10|2026-03-02 08:00,b|W|A|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-04 09:00,d|W|A|1|10|2026-03-05 09:00}', 'c 10.00 s other_facility, d 10.00 v', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('a span that began elsewhere', 'A in a span of 2', '{a|V|A|1|10|2026-03-02 08:00,b|W|A|1|10|2026-03-03 09:00,c|W|A|1|10|2026-03-05 09:00}', 'c 10.00 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('settled again elsewhere', 'settled again', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 08:00}', 'b 10.00 s other_facility', pg_temp.at('F1'), pg_temp.at('F2'), '{}'),
	('settled again here', 'settled again', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-03 08:00}', 'b 10.00 v', pg_temp.at('F1'), pg_temp.at('F1'), '{}'),
	('settled before elsewhere and here', 'settled again', '{a|U|A|1|10|2026-03-03 08:00,b|V|A|1|10|2026-03-03 08:00,c|W|A|1|10|2026-03-03 08:00}', 'b 10.00 s other_facility, c 10.00 v', pg_temp.at('F2'), pg_temp.at('F2'), pg_temp.at('F1')),
	('the cap of the stay is of its own lines', '1 a day', '{a|V|A|4|40|2026-03-03 08:00,b|W|A|1|10|2026-03-03 07:00}', 'a 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F2'), '{}'),
	('posted late, and more for the line elsewhere', '1 a day', '{a|V|A|3|30|2026-03-03 08:00,b|W|A|1|10|2026-03-03 07:00}', 'a 3 s other_facility posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F2'), '{}'),
	('an outpatient line beside one of a stay, that may be of another date', '1 a day', '{a|V|A|1|10|2026-03-03 07:00,b|W|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1'), '{}'),
	('beside one of another visit of one date', '1 a day', '{a|V|A|1|10|2026-03-03 07:00,b|W|A|1|10|2026-03-03 08:00}', 'b 1 v', pg_temp.at('F1', '2026-03-03 06:00', '2026-03-03 09:00'), pg_temp.at('F1'), '{}'),
	('beside one charged by the clock', '1 time a day', '{a|V|A|1|10|2026-03-02 07:00,c|V|A|1|10|2026-03-02 09:00,b|W|A|1|10|2026-03-02 10:00}', 'b 1 v, c 1 v', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1'), '{}'),
	('twice, the first in a stay posted late', 'A twice a day', '{a|V|A|1|10|2026-03-03 07:00,b|W|A|1|10|2026-03-03 08:00}', 'b 10.00 s posted_late', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1'), '{}'),
	('without one elsewhere and without one posted late: either would do', '1 a day', '{a|V|A|1|10|2026-03-03 07:00,b|W|A|1|10|2026-03-03 09:00,c|U|A|1|10|2026-03-03 08:00}', 'b 1 s posted_late, c 1 s other_facility', pg_temp.at('F1', '2026-03-01 10:00', '2026-03-03 09:00'), pg_temp.at('F1'), pg_temp.at('F2'));
-- Rows of a set with and without a time of day: a line without one is judged by the others
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('twice, without a time of day', 'A twice an hour, or a day', '{a|V|A|1|10|2026-03-03,b|V|A|1|10|2026-03-03}', 'a ? time of day, b 10.00 v', pg_temp.at('F1')),
	('a cap, without a time of day', '1 an hour, and 2 a day', '{a|V|A|1|10|2026-03-03,b|V|A|1|11|2026-03-03,c|V|A|1|12|2026-03-03}', 'a ? time of day, b ? time of day, c 1 v', pg_temp.at('F1')),
	('one that fits, without a time of day', '1 an hour, and 2 a day', '{a|V|A|1|10|2026-03-03}', '-', pg_temp.at('F1'));
-- A newborn's items on the bill of its mother
INSERT INTO sure_case (label, rule, lines, expected, v) VALUES
	('a birth by diagnosis', 'under 1 year', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["J18","o82.1"]}')),
	('that a child was born', 'under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["Z37.001"]}')),
	('by the type of the visit', 'under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","visit_type":"5201"}')),
	('another type', 'under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","visit_type":"2152"}')),
	('another diagnosis of childbed', 'under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["O85","Z38"]}')),
	('no diagnosis known', 'under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01"}')),
	('an age limit above a year', 'under 366 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1997-05-01","diagnosis_codes":["O80"]}')),
	('the year of 366 days', 'under 366 days', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-01-01","diagnosis_codes":["O80"]}')),
	('something else fails as well', 'under 1 year, for men', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","sex":"2","diagnosis_codes":["O80"]}')),
	('something else is not known', 'under 1 year, for men', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["O80"]}')),
	('nothing but something else fails', 'under 1 year, for men', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"2026-02-01","sex":"2","diagnosis_codes":["O80"]}')),
	('a diagnosis of newborns', 'visit under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'visit s newborn_on_mother', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["O80","P22"]}')),
	('a diagnosis of newborns, no birth', 'visit under 28 days', '{a|V|A|1|10|2026-03-03 08:00}', 'visit v', pg_temp.at('F1', NULL, NULL, '{"birth_date":"1996-05-01","diagnosis_codes":["P22"]}'));
-- Visits left out by diagnosis, and none known
INSERT INTO sure_case (label, rule, lines, expected, v, w) VALUES
	('none known', 'for women, but not Q56', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 s exclusions_unknown', pg_temp.at('F1', NULL, NULL, '{"sex":"1"}'), '{}'),
	('there are none', 'for women, but not Q56', '{a|V|A|1|10|2026-03-03 08:00}', 'a 10.00 v', pg_temp.at('F1', NULL, NULL, '{"sex":"1","diagnosis_codes":[]}'), '{}'),
	('left out', 'for women, but not Q56', '{a|V|A|1|10|2026-03-03 08:00}', '-', pg_temp.at('F1', NULL, NULL, '{"sex":"1","diagnosis_codes":["q56.0"]}'), '{}'),
	('sex not known either', 'for women, but not Q56', '{a|V|A|1|10|2026-03-03 08:00}', 'a ? sex', pg_temp.at('F1'), '{}'),
	('a cap', '1 a visit, but not Q56', '{a|V|A|2|20|2026-03-03 08:00}', 'a 1 s exclusions_unknown', pg_temp.at('F1'), '{}'),
	('a cap, another diagnosis', '1 a visit, but not Q56', '{a|V|A|2|20|2026-03-03 08:00}', 'a 1 v', pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":["I10"]}'), '{}'),
	('a price', '3.00, but not Q56', '{a|V|A|1|10|2026-03-03 08:00}', 'a 7.00 s exclusions_unknown', pg_temp.at('F1'), '{}'),
	('a line beside one that may be left out', '1 a month, but not Q56', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-04 08:00}', 'b 1 s exclusions_unknown', pg_temp.at('F1'), pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":["I10"]}')),
	('beside one that is not', '1 a month, but not Q56', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-04 08:00}', 'b 1 v', pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":[]}'), pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":["I10"]}')),
	('beside one that is left out', '1 a month, but not Q56', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-04 08:00}', '-', pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":["Q56"]}'), pg_temp.at('F1', NULL, NULL, '{"diagnosis_codes":["I10"]}')),
	('elsewhere, and perhaps left out', '1 a month, but not Q56', '{a|V|A|1|10|2026-03-03 08:00,b|W|A|1|10|2026-03-04 08:00}', 'b 1 s other_facility exclusions_unknown', pg_temp.at('F2', NULL, NULL, '{"diagnosis_codes":[]}'), pg_temp.at('F1'));
CREATE TEMP VIEW sure_answer AS
SELECT n, label, rule, expected, got FROM sure_case JOIN sure_rule ON name = rule, LATERAL (
	SELECT coalesce(string_agg(concat_ws(' ', coalesce(line_id, 'visit'), CASE outcome WHEN 'excess' THEN concat_ws(' ',
			CASE WHEN rule_code = 'Q' THEN coalesce(excess_quantity, excess_amount) ELSE excess_amount END, left(certainty, 1),
			(SELECT string_agg(d, ' ') FROM jsonb_array_elements_text(evidence->'doubt') d))
		ELSE '? ' || (SELECT string_agg(m, ' ') FROM jsonb_array_elements_text(evidence->'missing') m) || coalesce(certainty, '') END), ', ' ORDER BY line_id), '-') AS got
	FROM pg_temp.book(lines) b, audit_charges(b, jsonb_build_object('V', v, 'W', w, 'U', u), (rules || jsonb_build_array(jsonb_build_object(
		'rule_code', rules->0->'rule_code', 'kind', rules->0->'kind', 'certainty', 'violation')))::rulebook)) f;
SELECT label, rule, expected, got FROM sure_answer ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE got IS DISTINCT FROM expected) AS wrong FROM sure_answer;

-- One rule gives a line one row: the surest, of these the highest.
SELECT a.line_id, a.excess_quantity, a.certainty, a.evidence->>'formula' AS formula
FROM pg_temp.book('{a|V|A|6|60|2026-03-03 08:00}') b, audit_charges(b, visit_context(admitted_at => '2026-03-01 10:00', discharged_at => '2026-03-03 09:00'),
	'[{"rule_code":"Q","kind":"quantity","certainty":"violation"},{"rule_code":"Q","kind":"quantity","item_code":"A","scope":"day","max_quantity":3},
	  {"rule_code":"Q","kind":"quantity","item_code":"A%","scope":"month","max_quantity":5},{"rule_code":"Q","kind":"quantity","item_code":"%","scope":"year","max_quantity":1,"certainty":"notice"}]'::jsonb::rulebook) a;
-- Rows of other certainty count in money: a line once, at its highest.
SELECT r.rule_code, r.lines, r.excess_amount, excess_amount(b, c, rules), excess_claimed(b, c, rules)
FROM pg_temp.book('{a|V|A|1|13|2026-03-03 08:00|6.50,b|V|A|1|13|2026-03-03 08:00|6.50}') b, visit_context(admitted_at => '2026-03-01 10:00', discharged_at => '2026-03-03 09:00') c,
	(SELECT '[{"rule_code":"P","kind":"price","certainty":"violation"},{"rule_code":"P","kind":"price","item_code":"A","max_price":12},
		{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]'::jsonb::rulebook AS rules) r1, excess_by_rule(b, c, rules) r ORDER BY 1;
-- Evidence of a stay: its dates, how many units it has, what was charged in it.
SELECT rule_code, line_id, evidence - 'partners' AS evidence FROM pg_temp.book('{a|V|A|2|20|2026-03-01 12:00,b|V|A|51|510|2026-03-03 08:00}') b,
	audit_charges(b, visit_context(admitted_at => '2026-03-01 10:00', discharged_at => '2026-03-03 12:00', facility_id => 'F1'),
	'[{"rule_code":"1","kind":"quantity","item_code":"A","scope":"day","max_quantity":1},{"rule_code":"2","kind":"quantity","item_code":"A","scope":"day","max_quantity":24,"unit":"小时"},
	  {"rule_code":"3","kind":"quantity","item_code":"A","scope":"hour","max_quantity":1},{"rule_code":"4","kind":"amount","item_code":"A","scope":"day","max_amount":170}]'::jsonb::rulebook);

-- What stands without the lines of another facility is told without them; what rests on them names them.
CREATE FUNCTION pg_temp.rests_on(lines text[], rule jsonb) RETURNS TABLE (line_id text, certainty text, doubt text, partners text, visits text, total text, "window" text, formula text) LANGUAGE sql AS $$
	SELECT a.line_id, a.certainty, evidence->>'doubt', (SELECT string_agg(p->>'line_id', ' ' ORDER BY n) FROM jsonb_array_elements(evidence->'partners') WITH ORDINALITY e(p, n)),
		evidence->>'visits', evidence->>'total', evidence->>'window', evidence->>'formula'
	FROM pg_temp.book(lines) b, audit_charges(b, '{"V":{"facility_id":"F1"},"U":{"facility_id":"F1"},"W":{"facility_id":"F2"}}', (jsonb_build_array(rule || '{"rule_code":"R","certainty":"violation"}'))::rulebook) a
	ORDER BY a.line_id
$$;
SELECT rule->>'kind' AS kind, f.* FROM unnest('{"{\"kind\":\"quantity\",\"item_code\":\"A\",\"max_quantity\":1,\"scope\":\"month\"}","{\"kind\":\"amount\",\"item_code\":\"A\",\"max_amount\":10,\"scope\":\"month\"}",
	"{\"kind\":\"course\",\"item_code\":\"A\",\"max_days\":1}","{\"kind\":\"duplicate\",\"item_code\":\"A\",\"scope\":\"month\"}"}'::jsonb[]) WITH ORDINALITY r(rule, n),
	pg_temp.rests_on('{a|W|A|1|10|2026-03-02 08:00,b|V|A|1|10|2026-03-05 08:00,c|V|A|1|10|2026-03-06 08:00}', rule) f ORDER BY n, line_id;
-- of many partners, too, and of several lines with the same ones
SELECT f.* FROM pg_temp.rests_on((SELECT '{w|W|A|1|10|2026-03-01 08:00,x|U|A|1|10|2026-03-30 08:00,y|U|A|1|10|2026-03-30 09:00,z|U|A|1|10|2026-03-30 10:00}' || array_agg(concat_ws('|', 'v' || to_char(i, 'FM00'), 'V', 'A', 1, 10, timestamp '2026-03-01 09:00' + i * interval '1 day')) FROM generate_series(1, 22) i),
	'{"kind":"quantity","item_code":"A","max_quantity":23,"scope":"month"}') f;

-- The enabled rules: compiled once per statement, the same answer
BEGIN;
UPDATE rule SET enabled = false;
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('t_dup', 'duplicate', '重复收费'), ('t_off', 'price', '超标准收费');
INSERT INTO charge_rule (rule_code, item_code, scope) VALUES ('t_dup', 'TX', 'day');
INSERT INTO charge_rule (rule_code, item_code, max_price) VALUES ('t_off', 'TX', 1);
UPDATE rule SET enabled = false WHERE rule_code = 't_off';
CREATE TEMP TABLE enabled_books AS SELECT v, pg_temp.book(ARRAY['a|V|TX|1|30|2026-03-02 08:00', CASE WHEN v % 2 = 0 THEN 'b|V|TX|1|30|2026-03-02 09:00' END]) AS book FROM generate_series(1, 4) v;
SELECT v, rule_code, line_id, excess_amount FROM enabled_books, audit_charges(book, visit_context()) ORDER BY v;
SELECT v, rule_code, line_id, excess_amount FROM enabled_books, audit_charges(book, '{}'::jsonb) ORDER BY v;
SELECT v, f.*, j.* = f.* AND l.* = f.* AS same FROM enabled_books, excess_by_rule(book, visit_context()) f,
	excess_by_rule(book, '{}'::jsonb) j, excess_by_rule(book, '{}') l ORDER BY v;
SELECT v, excess_amount(book, visit_context()), excess_claimed(book, '{}'::jsonb), excess_amount(book, NULL), rule_coverage(book) FROM enabled_books ORDER BY v;
ROLLBACK;
-- in the target list, in a LATERAL that finds nothing, and twice in one statement
SELECT (audit_charges(b, NULL, '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]'::jsonb::rulebook)).line_id
FROM pg_temp.book('{a|V|A|1|30|2026-03-02 08:00,b|V|A|1|30|2026-03-02 09:00}') b;
SELECT n, a.line_id FROM generate_series(1, 2) n
LEFT JOIN LATERAL audit_charges(pg_temp.book(ARRAY['a|V|A|1|30|2026-03-02 08:00', CASE n WHEN 2 THEN 'b|V|A|1|30|2026-03-02 09:00' END]), NULL, '[{"rule_code":"D","kind":"duplicate","item_code":"A","scope":"day"}]'::jsonb::rulebook) a ON true;
-- blank is unknown in a context of its own, too
SELECT evidence->'missing' AS missing FROM pg_temp.book('{a|V|A|1|30|2026-03-02 08:00}') b, audit_charges(b, visit_context(visit_type => '', insurance_type => ' ', department => '', diagnosis_codes => '{"",NULL}'),
	'[{"rule_code":"S","kind":"restriction","item_code":"A","visit_types":["21"],"insurance_types":["310"],"departments":["ICU"],"diagnosis_prefixes":["I"]}]'::jsonb::rulebook);
-- a discharge that cannot be meant stands for none yet, an admission or a birth for none known
SELECT coalesce(a, '') AS admitted, coalesce(d, '') AS discharged, r.found AS of_row, j.found AS of_json, r.found = j.found AS same
FROM (VALUES (1, '2026-03-01', '9999-12-31'), (2, '2026-03-01', '2200-01-01'), (3, '2026-03-01', '2199-12-31 23:59:59.999999'), (4, '2026-03-01', 'infinity'), (5, '2026-03-01', '-infinity'), (6, '2026-03-01', NULL),
	(7, '2026-03-01', '0001-12-31 BC'), (8, 'infinity', '2026-03-03'), (9, '0001-12-31 BC', '2026-03-03'), (10, '0001-01-01', '2026-03-03'), (11, '2200-01-01', '2026-03-03'), (12, '9999-12-31', '9999-12-31')) v(n, a, d),
	(SELECT '[{"rule_code":"B","kind":"per_bed_day","item_code":"A","scope":"bed_day","max_quantity":1},{"rule_code":"O","kind":"outside_stay","item_code":"A","max_days":0},{"rule_code":"S","kind":"restriction","item_code":"A","min_age":"1 year"}]'::jsonb::rulebook AS rules) s,
	pg_temp.book('{a|V|A|4|40|2026-03-04 08:00}') b,
	LATERAL (SELECT string_agg(concat_ws(' ', rule_code, excess_quantity, evidence->>'missing'), ', ' ORDER BY rule_code) AS found
		FROM audit_charges(b, visit_context(admitted_at => a::timestamp, discharged_at => d::timestamp, birth_date => a::date), rules)) r,
	LATERAL (SELECT string_agg(concat_ws(' ', rule_code, excess_quantity, evidence->>'missing'), ', ' ORDER BY rule_code) AS found
		FROM audit_charges(b, jsonb_build_object('V', jsonb_build_object('admitted_at', a, 'discharged_at', d, 'birth_date', a::date)), rules)) j
ORDER BY n;
-- constructors
SELECT visit_context(), visit_context(sex => 1), visit_context(sex => '2', diagnosis_codes => '{J18}'), visit_context('1', '2000-01-01', 3, 'in', '310', 'ICU', '2026-01-01', '2026-01-02', '{A,B}', 'F1');

-- The example of the reference
SELECT rule_code, line_id, excess_quantity, excess_amount, evidence->>'formula' AS formula
FROM (SELECT ledger(i, q, a, t, id) AS book FROM (VALUES
	('1', 'BED', 8, 320, timestamp '2026-03-05 08:00'),
	('2', 'HBA1C', 1, 60, '2026-03-03 10:00'), ('3', 'HBA1C', 1, 60, '2026-03-12 09:00')) v(id, i, q, a, t)) b,
	audit_charges(book, visit_context(admitted_at => '2026-03-01 10:00', discharged_at => '2026-03-05 09:00'),
	'[{"rule_code": "bed", "kind": "per_bed_day", "item_code": "BED", "scope": "bed_day", "max_quantity": 1},
	  {"rule_code": "hba1c", "kind": "quantity", "item_code": "HBA1C", "scope": "15 days", "max_quantity": 1}]'::jsonb::rulebook);

-- A slow comparison: random books against random rulebooks, every kind, to the
-- cent.  MEDAUDIT_FUZZ_BOOKS says how many; the lines come in three orders, as
-- text, in two halves added, by rollup, stored, serial and parallel.
\getenv books MEDAUDIT_FUZZ_BOOKS
\if :{?books}
\else
\set books 300
\endif
\getenv test_directory PG_ABS_SRCDIR
\set slow :test_directory '/fuzz/slow_charge_rules.sql'
\set random :test_directory '/fuzz/random_charges.sql'
\set ECHO none
\i :slow
\i :random
\set ECHO all
CREATE FUNCTION slow.found(b int, book ledger, contexts jsonb, rules rulebook) RETURNS TABLE
	(b int, rule_code text, visit text, line_id text, outcome text, xq numeric, gross numeric, claimed numeric, certainty text, doubt jsonb, evidence jsonb) LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT b, a.rule_code, a.visit_id, a.line_id, outcome, excess_quantity, excess_amount, excess_claimed, certainty, evidence->'doubt', evidence
	FROM medaudit.audit_charges(book, contexts, rules) a
$$;
CREATE TABLE slow.stored AS
SELECT b, slow.book(b, 'stored') AS book, slow.contexts(b) AS contexts, slow.rules(b) AS rules FROM generate_series(1, :books) b;
CREATE TABLE slow.fast AS SELECT f.* FROM slow.stored s, slow.found(s.b, book, contexts, rules) f;
CREATE TABLE slow.expected AS
SELECT e.b, rule_code, visit, line_id, outcome, xq, gross, claimed, certainty, doubt FROM slow.answer() e
LEFT JOIN (SELECT s.b, row_number() OVER (PARTITION BY s.b) AS ord, line_id FROM slow.stored s, lines(book)) l USING (b, ord);
SELECT count(*) FROM ((TABLE slow.expected EXCEPT ALL SELECT b, rule_code, visit, line_id, outcome, xq, gross, claimed, certainty, doubt FROM slow.fast)
	UNION ALL (SELECT b, rule_code, visit, line_id, outcome, xq, gross, claimed, certainty, doubt FROM slow.fast EXCEPT ALL TABLE slow.expected)) differences;
SELECT string_agg(kind, ' ' ORDER BY kind) AS kinds_never_in_excess
FROM (SELECT kind FROM slow.rule_row EXCEPT SELECT kind FROM slow.expected JOIN slow.rule_row USING (b, rule_code) WHERE outcome = 'excess') s;
SELECT string_agg(d, ' ' ORDER BY d) AS doubts_never_met FROM unnest('{other_facility,other_session,posted_late,newborn_on_mother,exclusions_unknown}'::text[]) d
WHERE NOT EXISTS (SELECT FROM slow.expected WHERE doubt ? d AND certainty = 'suspicion');
SELECT count(*) FILTER (WHERE evidence ?| '{days,hours}') > 10 AS stays_are_capped, count(*) FILTER (WHERE doubt ? 'posted_late') > 10 AS posted_late
FROM slow.fast JOIN (SELECT DISTINCT b, rule_code FROM slow.rule_row WHERE kind IN ('quantity', 'amount')) r USING (b, rule_code) WHERE certainty <> 'notice';
-- contexts as arrays, in any order, visits left out, contexts NULL, departments by line: the same as JSON, in the same order
CREATE TABLE slow.arrays AS
SELECT s.b, book, rules, jsonb_object_agg(k.visit, coalesce(to_jsonb(k.context), '{}') || jsonb_build_object('line_departments', d.departments)) AS contexts,
	array_agg(k.visit ORDER BY md5(k.visit || s.b)) FILTER (WHERE NOT k.left_out) || CASE WHEN s.b % 2 = 0 THEN '{elsewhere}'::text[] ELSE '{}' END AS visit_ids,
	array_agg(k.context ORDER BY md5(k.visit || s.b)) FILTER (WHERE NOT k.left_out) || CASE WHEN s.b % 2 = 0 THEN ARRAY[visit_context('1')] END AS rows,
	jsonb_object_agg(k.visit, d.departments) FILTER (WHERE d.departments IS NOT NULL) AS line_departments
FROM slow.stored s,
	 LATERAL (SELECT c.visit, hashtext(c.visit || s.b) % 9 = 0 AS left_out, CASE WHEN hashtext(c.visit || s.b) % 9 NOT IN (0, 1) THEN jsonb_populate_record(NULL::visit_context, x) END AS context
			  FROM jsonb_each(s.contexts) AS c (visit, x)) k,
	 LATERAL (SELECT jsonb_object_agg(n::text, CASE hashtext(r.n || 'd') % 3 WHEN 0 THEN 'ICU' WHEN 1 THEN '内科' END) AS departments
			  FROM slow.raw r WHERE r.b = s.b AND coalesce(r.visit, '') = k.visit AND r.n % 2 = 0 AND s.b % 4 < 2) d
GROUP BY s.b, book, rules;
SELECT count(*) > 0 AS books, count(*) FILTER (WHERE typed IS DISTINCT FROM json) AS wrong, sum(jsonb_array_length(json)) > 100 AS findings,
	count(*) FILTER (WHERE typed IS DISTINCT FROM plain) > 0 AS departments_matter, count(*) FILTER (WHERE typed IS DISTINCT FROM unknown) > 100 AS contexts_matter
FROM slow.arrays,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS json FROM audit_charges(book, contexts, rules) a) j,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS typed FROM _audit_charges(book, visit_ids, rows, line_departments, rules) a) t,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS plain FROM _audit_charges(book, visit_ids, rows, NULL, rules) a) p,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS unknown FROM _audit_charges(book, NULL, NULL, NULL, rules) a) u;
CREATE TABLE slow.typed AS SELECT b, a.* FROM slow.arrays, _audit_charges(book, visit_ids, rows, line_departments, rules) a;
CREATE TABLE slow.json AS SELECT b, a.* FROM slow.arrays, audit_charges(book, contexts, rules) a;
SELECT count(*) AS differences FROM ((TABLE slow.typed EXCEPT ALL TABLE slow.json) UNION ALL (TABLE slow.json EXCEPT ALL TABLE slow.typed)) d;
SELECT count(*) AS books, bool_and(nothing IS NOT DISTINCT FROM json) AS as_nothing FROM slow.stored,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS json FROM audit_charges(book, NULL::jsonb, rules) a) j,
	 LATERAL (SELECT jsonb_agg(to_jsonb(a)) AS nothing FROM (SELECT * FROM _audit_charges(book, CASE b % 3 WHEN 0 THEN '{}' WHEN 1 THEN '{V1}' END::text[], CASE b % 3 WHEN 0 THEN '{}' WHEN 2 THEN ARRAY[visit_context('1')] END, CASE WHEN b % 2 = 0 THEN '{}'::jsonb END, rules)) a) n;
SELECT count(*) AS of_no_book FROM _audit_charges(NULL, '{V}', ARRAY[visit_context('1')], NULL, '[]'::jsonb::rulebook);
SELECT statement, pg_temp.fails(format($$SELECT * FROM medaudit._audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02,b|W|A|1|1|2026-03-02}'), %s)$$,
	coalesce(statement, 'NULL, NULL, NULL, NULL')))
FROM (SELECT n, a || $$, '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2","departments":["ICU"]}]'::jsonb::medaudit.rulebook$$ AS statement
	FROM unnest(ARRAY[$$'{V,W}', ARRAY[medaudit.visit_context('1')], NULL$$, $$'{V,V}', ARRAY[medaudit.visit_context('1'), medaudit.visit_context('2')], NULL$$,
		$$'{V,NULL}', ARRAY[medaudit.visit_context('1'), medaudit.visit_context('2')], NULL$$, $$'{V,W}', ARRAY[medaudit.visit_context('1'), NULL], '[1]'$$,
		$$'{V,W}', ARRAY[medaudit.visit_context('1'), NULL], '{"V":["ICU"]}'$$, $$NULL, NULL, '{"V":{"a":["ICU"]}}'$$, NULL]) WITH ORDINALITY AS u (a, n)) s ORDER BY n;
-- the shape of a context is looked up once: rows of both forms in one statement, each call with its own
SELECT count(*) AS rows, count(*) FILTER (WHERE outcome = 'excess') AS men
FROM generate_series(1, 20) n, audit_charges(pg_temp.book('{a|V|A|1|1|2026-03-02}'), visit_context((n % 3)::text), '[{"rule_code":"S","kind":"restriction","item_code":"A","sex":"2"}]'::jsonb::rulebook);
-- each line once, at its highest
SELECT count(*) AS wrong_sums FROM slow.stored s LEFT JOIN (
	SELECT b, sum(gross) AS gross, sum(claimed) AS claimed FROM (SELECT b, line_id, max(gross) AS gross, max(claimed) AS claimed FROM slow.fast WHERE outcome = 'excess' GROUP BY b, line_id) l GROUP BY b) e USING (b)
WHERE excess_amount(book, contexts, rules) IS DISTINCT FROM coalesce(e.gross, 0) OR excess_claimed(book, contexts, rules) IS DISTINCT FROM coalesce(e.claimed, 0);
-- summed per rule
SELECT count(*) AS wrong_sums FROM (SELECT s.b, f.* FROM slow.stored s, excess_by_rule(book, contexts, rules) f) f
FULL JOIN (SELECT b, rule_code, count(*) FILTER (WHERE outcome = 'excess') AS lines, coalesce(sum(gross) FILTER (WHERE outcome = 'excess'), 0) AS gross,
	coalesce(sum(claimed) FILTER (WHERE outcome = 'excess'), 0) AS claimed, count(*) FILTER (WHERE outcome = 'insufficient') AS insufficient
	FROM slow.expected GROUP BY b, rule_code) e USING (b, rule_code)
WHERE (f.lines, f.excess_amount, f.excess_claimed, f.insufficient) IS DISTINCT FROM (e.lines, e.gross, e.claimed, e.insufficient);
-- Of lines without identifiers those of the items of the rules alone are read: each rule by itself finds
-- what it finds beside one that looks at whole visits, for which all lines are read; evidence and all.
CREATE TABLE slow.plain AS
SELECT s.b, l.book, s.contexts, o.rule || a.aliases AS rule
FROM slow.stored s, LATERAL (SELECT ledger(item_code, quantity, amount, charged_at, NULL, NULL, visit_id, CASE WHEN s.b % 3 > 0 THEN claimed END) AS book FROM lines(s.book)) l,
	 LATERAL (SELECT coalesce(jsonb_agg(r), '[]') AS aliases FROM jsonb_array_elements(rules::text::jsonb) r WHERE NOT r ? 'rule_code') a,
	 LATERAL (SELECT jsonb_agg(r) AS rule FROM jsonb_array_elements(rules::text::jsonb) r WHERE r ? 'rule_code' GROUP BY r ->> 'rule_code') o;
CREATE TABLE slow.alone AS SELECT b, a.* FROM slow.plain, audit_charges(book, contexts, rule::rulebook) a;
CREATE TABLE slow.beside AS SELECT b, a.* FROM slow.plain,
	 audit_charges(book, contexts, (rule || '[{"rule_code": "zz", "kind": "diagnosis", "sex": "2", "diagnosis_prefixes": ["ZZZ"]}]')::rulebook) a WHERE rule_code <> 'zz';
SELECT (SELECT count(*) FROM slow.alone) > 1000 AS findings, count(*) AS differences
FROM ((TABLE slow.alone EXCEPT ALL TABLE slow.beside) UNION ALL (TABLE slow.beside EXCEPT ALL TABLE slow.alone)) d;
-- What asks for other lines of the visit reads them: whether all were posted on one date, at one time, and which visit begins first.
SELECT other_at, coalesce(evidence ->> 'doubt', 'none') AS doubt, certainty
FROM unnest(ARRAY['2025-03-02 09:00', '2025-03-03 09:00']::timestamp[]) other_at,
	 LATERAL (SELECT ledger(i, 1, 10, t) AS book FROM (VALUES ('A', timestamp '2025-03-02 08:00'), ('A', '2025-03-02 09:00'), ('B', other_at)) l (i, t)) b,
	 audit_charges(book, visit_context(admitted_at => '2025-03-01 10:00', discharged_at => '2025-03-05 09:00'), '[{"rule_code": "twice", "kind": "duplicate", "item_code": "A", "scope": "day"}]'::jsonb::rulebook);
SELECT others, count(*) FILTER (WHERE outcome = 'excess') AS in_excess, count(*) FILTER (WHERE outcome = 'insufficient') AS no_time
FROM unnest(ARRAY[2, 3]) others,
	 LATERAL (SELECT ledger(CASE WHEN n > 2 THEN 'B' ELSE 'A' END, 1, 10, timestamp '2025-03-02 08:00') AS book FROM generate_series(1, 2 + others) n) b,
	 audit_charges(book, visit_context(), '[{"rule_code": "hourly", "kind": "quantity", "item_code": "A", "scope": "hour", "max_quantity": 1}]'::jsonb::rulebook) GROUP BY others ORDER BY others;
SELECT w_begins, string_agg(a.visit_id, ' ') AS later
FROM unnest(ARRAY['2025-03-01 08:00', '2025-03-03 08:00']::timestamp[]) w_begins,
	 LATERAL (SELECT ledger(i, 1, 10, t, NULL, NULL, v, NULL) AS book FROM (VALUES ('V', 'A', timestamp '2025-03-04 08:00'), ('W', 'A', '2025-03-04 08:00'), ('V', 'B', '2025-03-02 08:00'), ('W', 'B', w_begins)) l (v, i, t)) b,
	 audit_charges(book, '{"V": {"facility_id": "F"}, "W": {"facility_id": "F"}}', '[{"rule_code": "again", "kind": "resettled", "item_code": "A"}]'::jsonb::rulebook) a GROUP BY w_begins ORDER BY w_begins;
-- Of two records of a line that are equally strong the one of the stay is told, however many there are.
SELECT rules, count(*) AS lines, count(*) FILTER (WHERE evidence ? 'stay') AS of_stay
FROM (SELECT ledger(i, 1, 10, t::timestamp) AS book FROM unnest('{A1,A1,A1,A1,B1,B1,B1,B1}'::text[],
		'{2026-02-25 09:00,2026-03-01 23:50,2026-03-02 08:00,2026-03-05 09:00,2026-02-26 08:00,2026-03-03 08:00,2026-03-03 08:00,2026-03-03 09:00}'::text[]) l (i, t)) b,
	 generate_series(1, 12) rules, LATERAL (SELECT jsonb_agg(jsonb_build_object('rule_code', 'R' || n, 'kind', 'quantity', 'scope', 'day', 'item_code', '%', 'max_quantity', 0, 'diagnosis_prefixes', ARRAY['O'])) AS r
		FROM generate_series(1, rules) n) r, audit_charges(book, visit_context(admitted_at => '2026-02-26 10:00', discharged_at => '2026-03-01 23:00'), r::rulebook) GROUP BY rules ORDER BY rules;
-- other ways to the same book
CREATE TABLE slow.binary (b int, book ledger);
\getenv builddir PG_ABS_BUILDDIR
\set file :builddir '/results/charge_rules.books'
\set ECHO none
\set copy '\\copy (SELECT b, book FROM slow.stored) TO ' :'file' ' WITH (FORMAT binary)'
:copy
\set copy '\\copy slow.binary FROM ' :'file' ' WITH (FORMAT binary)'
:copy
\set ECHO all
SELECT way, bool_and(same) AS same FROM (
	SELECT way, (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM slow.found(s.b, other, contexts, rules) f)
				= (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM slow.found(s.b, book, contexts, rules) f) AS same
	FROM slow.stored s, LATERAL (VALUES
		('order x', slow.book(b, 'x')), ('order y', slow.book(b, 'y')), ('text', book::text::ledger), ('binary', (SELECT w.book FROM slow.binary w WHERE w.b = s.b)),
		('halves', (SELECT ledger(item, q, round(price * q, 4), at, n::text, NULL, visit, round(price * q * claimed, 4)) FILTER (WHERE n % 2 = 0)
						|| ledger(item, q, round(price * q, 4), at, n::text, NULL, visit, round(price * q * claimed, 4)) FILTER (WHERE n % 2 = 1) FROM slow.raw r WHERE r.b = s.b)),
		('rollup', (SELECT rollup(part) FROM (SELECT ledger(item, q, round(price * q, 4), at, n::text, NULL, visit, round(price * q * claimed, 4)) AS part FROM slow.raw r WHERE r.b = s.b GROUP BY n % 3) p))
		) v(way, other)) t
GROUP BY way ORDER BY way;
-- other ways to the same rulebook
SELECT way, bool_and(same) AS same FROM (
	SELECT way, (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM slow.found(s.b, book, contexts, other) f)
				= (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM slow.found(s.b, book, contexts, rules) f) AS same
	FROM slow.stored s, LATERAL (VALUES ('text', rules::text::rulebook), ('jsonb', rules::jsonb::rulebook),
		('binary', rulebook_from_bytes(rulebook_send(rules))), ('||', rules || rules)) v(way, other)) t
GROUP BY way ORDER BY way;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
CREATE TEMP TABLE parallel_fast AS SELECT f.* FROM slow.stored s, slow.found(s.b, book, contexts, rules) f;
SELECT count(*) AS differences FROM ((TABLE slow.fast EXCEPT ALL TABLE parallel_fast) UNION ALL (TABLE parallel_fast EXCEPT ALL TABLE slow.fast)) d;
SELECT sum(excess_amount(book, contexts, rules)) = (SELECT sum(gross) FROM (SELECT max(gross) AS gross FROM slow.fast WHERE outcome = 'excess' GROUP BY b, line_id) l) AS parallel_sum FROM slow.stored;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
SET client_min_messages = warning;
DROP SCHEMA slow CASCADE;

-- The certainty of the row that speaks: its own, else its rule's; none where it says nothing.
SELECT item_code, outcome, certainty
FROM (SELECT medaudit.ledger(i, q, q, timestamp '2025-03-01') AS book FROM (VALUES ('A', 2), ('B', 2), ('C', 2), ('D', 2)) l(i, q)) b,
	 medaudit.audit_charges(book, '{}', '[{"rule_code": "cap", "kind": "quantity", "certainty": "violation"},
		{"rule_code": "cap", "item_code": "A", "scope": "day", "max_quantity": 1},
		{"rule_code": "cap", "item_code": "B", "scope": "day", "max_quantity": 1, "certainty": "notice"},
		{"rule_code": "cap", "item_code": "D", "scope": "day", "max_quantity": 1, "sex": "2"},
		{"rule_code": "plain", "kind": "quantity", "item_code": "C", "scope": "day", "max_quantity": 1}]'::jsonb::medaudit.rulebook)
ORDER BY item_code;

-- Repeats of many lines are judged as those of few: days, the visit, and what the patient paid.
CREATE FUNCTION pg_temp.many_lines(n int, seed int) RETURNS TABLE (at timestamp, amount numeric, claimed numeric) LANGUAGE sql AS $$
	SELECT timestamp '2025-03-01' + hashint8(seed * 1000 + i) % 40000 * interval '13 seconds' + i * interval '1 microsecond',
		   1 + hashint8(seed * 1000 + i + 500) % 2, CASE WHEN hashint8(seed * 7000 + i) % 4 = 0 THEN 0 ELSE 1 END
	FROM generate_series(1, n) i
$$;
SELECT scope, sum(lines) AS lines, bool_and(lines = expected) AS same, count(DISTINCT n) AS sizes
FROM (SELECT scope, n, seed, sum(f.lines) AS lines, (SELECT count(*) FROM (
			SELECT claimed, row_number() OVER (PARTITION BY amount, CASE scope WHEN 'day' THEN at::date END ORDER BY at) AS nth
			FROM pg_temp.many_lines(n, seed)) r WHERE nth > 1 AND claimed > 0) AS expected
	FROM unnest(ARRAY['day', 'visit']) scope, unnest(ARRAY[2, 3, 31, 32, 33, 100]) n, generate_series(1, 20) seed,
		 LATERAL (SELECT medaudit.ledger('A', 1, amount, at, NULL, NULL, NULL, claimed) AS book FROM pg_temp.many_lines(n, seed)) b,
		 LATERAL (SELECT coalesce(sum(e.lines), 0) AS lines FROM medaudit.excess_by_rule(book, '{}',
			jsonb_build_array(jsonb_build_object('rule_code', 'r', 'kind', 'duplicate', 'item_code', '%', 'scope', scope))::medaudit.rulebook) e) f
	GROUP BY scope, n, seed) t
GROUP BY scope ORDER BY scope;
-- The same lines among many others, which are then sorted: the same repeats, whatever the scope.
SELECT scope, count(*) AS books, bool_and(few IS NOT DISTINCT FROM many) AS same, sum(cardinality(few)) AS repeats
FROM unnest(ARRAY['instant', 'hour', '5 hours', 'day', '2 days', '5 days', 'week', 'month', 'year', 'visit']) scope, generate_series(1, 40) seed,
	 LATERAL (SELECT medaudit.ledger('A', 1, amount, at, at::text, NULL, NULL, claimed) AS book FROM pg_temp.many_lines(3 + seed % 30, seed)) b,
	 LATERAL (SELECT medaudit.ledger('A', 1, 1000 + i, timestamp '2024-01-01' + i * interval '1 day') AS others FROM generate_series(1, 33) i) o,
	 LATERAL (SELECT jsonb_build_array(jsonb_build_object('rule_code', 'r', 'kind', 'duplicate', 'item_code', '%', 'scope', scope))::medaudit.rulebook AS rules) r,
	 LATERAL (SELECT array_agg(line_id || evidence::text) AS few FROM medaudit.audit_charges(book, '{}', rules)) f,
	 LATERAL (SELECT array_agg(line_id || evidence::text) AS many FROM medaudit.audit_charges(book || others, '{}', rules)) m
GROUP BY scope ORDER BY scope;

-- More codes in a statement than are kept, of every length: each book is judged as if it were alone.
SELECT count(*) AS books, sum(f.lines) AS lines, sum(f.excess_amount) AS excess,
	   sum(f.lines) = sum(CASE WHEN b % 7 = 0 THEN 100 ELSE 0 END) AS as_expected
FROM (SELECT b, medaudit.ledger(code, q, 10 * q, timestamp '2025-03-01') AS book
	  FROM (SELECT b, CASE WHEN b % 7 = 0 THEN 'cap' ELSE 'free' END || repeat('x', i % 30) || (b % 700) * 100 + i AS code, 1 + i % 2 AS q
			FROM generate_series(1, 1400) b, generate_series(1, 200) i) line
	  GROUP BY b) s,
	 medaudit.excess_by_rule(book, NULL::medaudit.visit_context, '[{"rule_code": "r", "kind": "quantity", "item_code": "cap%", "scope": "visit", "max_quantity": 1}]'::jsonb::medaudit.rulebook) f;

-- Diagnoses of a context that is a row, asked for by conditions, exclusions, the kind diagnosis, and evidence.
SELECT codes, string_agg(rule_code || ' ' || outcome || coalesce(' ' || (evidence ->> 'missing'), ''), ', ' ORDER BY rule_code, line_id) AS found
FROM (VALUES (NULL::text[]), ('{}'), ('{I10}'), ('{I10,E11.9}'), ('{e119}')) c(codes),
	 (SELECT medaudit.ledger(i, 1, 1, timestamp '2025-03-01', i || n) AS book FROM unnest(ARRAY['A', 'B', 'C']) i, generate_series(1, 2) n) b,
	 medaudit.audit_charges(book, medaudit.visit_context('1', '1960-01-01', 6, '21', '310', NULL, '2025-03-01', '2025-03-03', codes),
		'[{"rule_code": "cap", "kind": "quantity", "item_code": "A", "scope": "visit", "max_quantity": 1, "diagnosis_prefixes": ["E11"]},
		  {"rule_code": "free", "kind": "quantity", "item_code": "B", "scope": "visit", "max_quantity": 1, "excluded_diagnosis_prefixes": ["E11"]},
		  {"rule_code": "only", "kind": "restriction", "item_code": "C", "diagnosis_prefixes": ["E11"]},
		  {"rule_code": "sick", "kind": "diagnosis", "sex": "2", "diagnosis_prefixes": ["I10"]}]'::jsonb::medaudit.rulebook)
GROUP BY codes ORDER BY codes;

-- Codes are compared folded, on both sides: three spellings are one item, and what is found keeps the spelling.
CREATE TEMP TABLE spelling AS
SELECT pg_temp.book(ARRAY['1||a01|1|10|2025-03-01 08:00', '2||Ａ01 |1|10|2025-03-01 09:00', '3||A01|1|10|2025-03-01 10:00', '4||b1|2|20|2025-03-01 10:00', '5||Ｂ1|1|8|2025-03-01 11:00',
		'6||ｃ 1|1|30|2025-03-01 12:00', '7||XN02bep|1|5|2025-03-01 12:00']) AS told,
	pg_temp.book(ARRAY['1||A01|1|10|2025-03-01 08:00', '2||A01|1|10|2025-03-01 09:00', '3||A01|1|10|2025-03-01 10:00', '4||B1|2|20|2025-03-01 10:00', '5||B1|1|8|2025-03-01 11:00',
		'6||C 1|1|30|2025-03-01 12:00', '7||XN02BEP|1|5|2025-03-01 12:00']) AS clean,
	'[{"rule_code":"cap","kind":"quantity","item_code":"a01 ","scope":"day","max_quantity":1},
	  {"rule_code":"dup","kind":"duplicate","item_code":"Ａ０％","scope":"day"},
	  {"rule_code":"excl","kind":"exclusive","item_code":"b1","other_code":"　Ａ01","scope":"day"},
	  {"rule_code":"set","kind":"quantity","item_code":"b1","item_group":"g","scope":"day","max_quantity":3},
	  {"rule_code":"set","kind":"quantity","item_code":"c 1","item_group":"g","scope":"day","max_quantity":3},
	  {"rule_code":"each","kind":"quantity","item_code":"%","scope":"day","max_quantity":2},
	  {"rule_code":"gen","kind":"price","item_code":"xn02bep001","code_match":"generic","max_price":1},
	  {"rule_code":"needs","kind":"prerequisite","item_code":"b1","other_code":"zz","scope":"day"},
	  {"rule_code":"pack","kind":"package","package_code":"p1","component_code":"a01","package_price":1},
	  {"rule_code":"pack","kind":"package","package_code":"Ｐ1","component_code":"ｂ1","package_price":1}]'::jsonb::rulebook AS rules;
SELECT rule_code, line_id, item_code, other_code, excess_quantity, excess_amount, evidence -> 'partners' -> 0 ->> 'item_code' AS partner
FROM spelling, audit_charges(told, '{}', rules);
SELECT count(*) AS clean, bool_and(to_jsonb(c) - '{item_code,other_code,evidence}'::text[] IS NOT DISTINCT FROM to_jsonb(t) - '{item_code,other_code,evidence}'::text[]) AS as_clean
FROM (SELECT c, row_number() OVER () AS n FROM spelling, audit_charges(clean, '{}', rules) AS c) AS x
FULL JOIN (SELECT t, row_number() OVER () AS n FROM spelling, audit_charges(told, '{}', rules) AS t) AS y USING (n);
SELECT rule_coverage(told, rules) = rule_coverage(clean, rules) AS covered, split_charge_score(told, rules) = split_charge_score(clean, rules) AS split,
	item_count(told) AS items, item_count(clean), bed_days(told, '2025-02-27', '2025-03-03', '{ａ,b1,C%,xn}') = bed_days(clean, '2025-02-27', '2025-03-03', '{A,B1,C,XN}') AS idle,
	fee_signature(told) = fee_signature(clean) AS signature
FROM spelling;
SELECT package_code, mode, parts, components, excess_amount FROM spelling, split_charges(told, rules);
SELECT rule_code, items_matched FROM spelling, rule_match(rules, '{a01,A01,"Ａ01 ",b1,P1}') WHERE items_matched > 0;
SELECT s.n, excess_amount(told, NULL::visit_context, jsonb_build_array(jsonb_build_object('rule_code', 's', 'kind', 'price', 'item_code', s.code, 'code_match', s.match, 'max_price', 1))::rulebook)
FROM (VALUES (1, '110200000010001', '310200000010001', 'service'), (2, 'XN02BEP001A001010112345', 'xn02bep001a001010154321', 'product'), (3, 'ＸN02BEP001A001010112345', 'xn02bep001b001010154321', 'generic'),
		(4, 'XN02BEP001A001010112345', 'xn02bep001b001010154321', 'product')) AS s (n, given, code, match),
	pg_temp.book(ARRAY['1||' || lower(given) || '|1|10|2025-03-01 08:00']) AS told ORDER BY n;
-- a refund takes from its charge, however that was spelt; lines show what was given
SELECT line_id, item_code, quantity, amount, status FROM lines(pg_temp.book(ARRAY['1||a01|1|10|2025-03-01 08:00', '2||A01|-1|-10|2025-03-02 08:00', '3||b|1|10|2025-03-01 08:00', '4|| |1|1|2025-03-01 08:00']));
-- conditions: types of insurance are codes, departments are compared as such
SELECT c.kind, string_agg(outcome, ',') AS outcome
FROM (VALUES ('310', '{"insurance_type":"３１０ ","department":"Ｉcu"}'::jsonb), ('390', '{"insurance_type":"310","department":"icu 2"}')) AS c (kind, context)
LEFT JOIN LATERAL audit_charges(pg_temp.book(ARRAY['1||A01|1|10|2025-03-01 08:00']), jsonb_build_object('', c.context),
	format('[{"rule_code":"i","kind":"restriction","item_code":"a01","insurance_types":[" %s"]},{"rule_code":"j","kind":"restriction","item_code":"a01","departments":["ICU　"]}]', c.kind)::rulebook) ON true
GROUP BY c.kind ORDER BY 1;
-- two rows of one code are two rows of one key; a blank code is none
SELECT pg_temp.fails($$SELECT '[{"rule_code":"r","kind":"quantity","item_code":"a1","scope":"day","max_quantity":1},{"rule_code":"r","kind":"quantity","item_code":"Ａ1","scope":"day","max_quantity":2}]'::rulebook$$);
SELECT pg_temp.fails($$SELECT '[{"rule_code":"r","kind":"quantity","item_code":"　 ","scope":"day","max_quantity":1}]'::rulebook$$);
SELECT pg_temp.fails($$SELECT '[{"rule_code":"r","kind":"package","package_code":"p","component_code":" P","package_price":1}]'::rulebook$$);

-- Internal: what follows the sign 0x1F tells two hospitals apart.  It is compared with the code and not shown.
SELECT rule_code, line_id, item_code, other_code, excess_quantity, evidence -> 'partners' -> 0 ->> 'item_code' AS partner,
	position(E'\x1f' IN concat(item_code, other_code)) + position('001f' IN evidence::text) AS shown
FROM audit_charges(pg_temp.book(ARRAY[E'1||x1\x1ff1|1|10|2025-03-01 08:00', E'2||X1\x1fF1|1|10|2025-03-01 09:00', E'3||X1\x1fF2|1|10|2025-03-01 09:30', E'4||X1|1|10|2025-03-01 09:40', E'5||Y\x1fF1|1|7|2025-03-01 10:00']), '{}',
	jsonb_build_array('{"rule_code":"all","kind":"quantity","item_code":"x%","scope":"day","max_quantity":1}'::jsonb, '{"rule_code":"plain","kind":"price","item_code":"x1","max_price":9}'::jsonb,
		jsonb_build_object('rule_code', 'f1', 'kind', 'price', 'item_code', E'x1\x1fF1', 'max_price', 9), jsonb_build_object('rule_code', 'excl', 'kind', 'exclusive', 'item_code', E'Y\x1ff1', 'other_code', E'X1\x1ff2', 'scope', 'day'),
		jsonb_build_object('rule_code', 'needs', 'kind', 'prerequisite', 'item_code', E'Y\x1ff1', 'other_code', E'Z\x1ff2', 'scope', 'day'),
		jsonb_build_object('rule_code', 'pack', 'kind', 'package', 'package_code', E'P\x1ff1', 'component_code', E'X1\x1ff1', 'package_price', 1),
		jsonb_build_object('rule_code', 'pack', 'kind', 'package', 'package_code', E'P\x1fF1', 'component_code', E'Y\x1ff1', 'package_price', 1))::rulebook);
SELECT package_code, components FROM split_charges(pg_temp.book(ARRAY[E'1||x1\x1ff1|1|10|2025-03-01 08:00', E'5||Y\x1fF1|1|7|2025-03-01 10:00']),
	jsonb_build_array(jsonb_build_object('rule_code', 'pack', 'kind', 'package', 'package_code', E'P\x1ff1', 'component_code', E'X1\x1ff1', 'package_price', 1),
		jsonb_build_object('rule_code', 'pack', 'kind', 'package', 'package_code', E'P\x1fF1', 'component_code', E'Y\x1ff1', 'package_price', 1))::rulebook);

-- The same lines, spelt at random, are judged as the clean ones, by every kind.
SELECT count(*) AS books, sum(lines) AS found, bool_and(same) AS same
FROM generate_series(1, 200) AS seed,
	LATERAL (SELECT pg_temp.book(array_agg(format('%s|v%s|%s|%s|%s|2025-03-%s %s:00', n, n % 2, code, q, 10 * q, to_char(1 + n % 3, 'FM00'), 8 + n % 7))) AS clean,
			pg_temp.book(array_agg(format('%s|v%s|%s|%s|%s|2025-03-%s %s:00', n, n % 2, CASE hashint4(n * 31 + seed) & 3 WHEN 0 THEN lower(code) WHEN 1 THEN ' ' || translate(code, 'AB1', 'ＡＢ１') WHEN 2 THEN code || '　' ELSE code END, q, 10 * q,
				to_char(1 + n % 3, 'FM00'), 8 + n % 7))) AS told
		FROM (SELECT n, (ARRAY['A1', 'A2', 'B1', 'B12', 'C'])[1 + (hashint4(n * 7 + seed * 101) & 65535) % 5] AS code, CASE WHEN (hashint4(n + seed * 13) & 7) = 0 THEN -1 ELSE 1 + (hashint4(n + seed) & 1) END AS q FROM generate_series(1, 14) n) AS l) AS b,
	LATERAL (SELECT '[{"rule_code":"a","kind":"duplicate","item_code":"%","scope":"day"},{"rule_code":"b","kind":"exclusive","item_code":"A%","other_code":"b1","scope":"visit"},{"rule_code":"c","kind":"quantity","item_code":"b%","scope":"3 days","max_quantity":2},
		{"rule_code":"d","kind":"amount","item_code":"a1","item_group":"x","scope":"day","max_amount":15},{"rule_code":"d","kind":"amount","item_code":"C","item_group":"x","scope":"day","max_amount":15},
		{"rule_code":"e","kind":"secondary","item_code":"%","item_group":"y","scope":"visit","ratio":0.5},{"rule_code":"f","kind":"prerequisite","item_code":"b12","other_code":"c","scope":"day"},{"rule_code":"g","kind":"price","item_code":"b1%","max_price":8},
		{"rule_code":"h","kind":"package","package_code":"C","component_code":"a1","package_price":5},{"rule_code":"h","kind":"package","package_code":"c","component_code":"A2","package_price":5}]'::jsonb::rulebook AS rules) AS r,
	LATERAL (SELECT array_agg(concat_ws(' ', rule_code, line_id, excess_quantity, excess_amount, excess_claimed, outcome, other_visit_id)) AS found, count(*) AS lines FROM audit_charges(clean, '{}', rules)) AS x,
	LATERAL (SELECT array_agg(concat_ws(' ', rule_code, line_id, excess_quantity, excess_amount, excess_claimed, outcome, other_visit_id)) IS NOT DISTINCT FROM x.found AS same FROM audit_charges(told, '{}', rules)) AS y;
