-- Rules over stays in a run: what is no stay, what has no end, what a day of a
-- stay says; beside each case that is found the near miss that is not.
SET client_min_messages = error;
SET datestyle = ISO;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE SCHEMA inn;
CREATE TABLE inn.visit (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp,
	visit_type text DEFAULT '21', main_diagnosis text DEFAULT 'J18.900', total_amount numeric DEFAULT 1000, payment_method text DEFAULT 'item', record_no text);
CREATE TABLE inn.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, category text);
CREATE TABLE inn.diagnosis (visit_id text, diagnosis_code text, rank int);
CREATE TABLE inn.person AS SELECT 'anybody' AS person_id, '某人' AS name;
CREATE TABLE inn.facility (facility_id text, name text, beds int, credit_code text);
INSERT INTO inn.facility VALUES ('F1', '县人民医院', NULL, 'C1'), ('F2', '康复医院', NULL, 'C2'), ('F1b', '县人民医院东院', NULL, 'c1 ');
CREATE TABLE inn.case_ (n int GENERATED ALWAYS AS IDENTITY, rule text, expected int, label text PRIMARY KEY);
-- A case is a person; each visit is 'facility type diagnosis begin end settled',
-- in days and hours of 2025, - where there is none.
CREATE FUNCTION inn.told(rule text, expected int, label text, VARIADIC visits text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v text[];
BEGIN
	INSERT INTO inn.case_ (rule, expected, label) VALUES (rule, expected, label);
	FOR i IN 1..cardinality(visits) LOOP
		v := string_to_array(visits[i], ' ', '-');
		INSERT INTO inn.visit (visit_id, person_id, facility_id, visit_type, main_diagnosis, admitted_at, discharged_at, settled_at)
		VALUES (label || '/' || i, label, v[1], v[2], translate(v[3], '_', ' '), timestamp '2025-01-01' + v[4]::interval - interval '1 day', timestamp '2025-01-01' + v[5]::interval - interval '1 day', timestamp '2025-01-01' + v[6]::interval - interval '1 day');
	END LOOP;
END $$;
-- lines of the last visit of a case: 'day item quantity category'
CREATE FUNCTION inn.charged(VARIADIC lines text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO inn.charge
	SELECT v.visit_id, i::text, l[2], l[3]::numeric, 10 * l[3]::numeric, v.admitted_at::date + l[1]::int - 1 + time '10:00', l[4]
	FROM (SELECT visit_id, admitted_at FROM inn.visit JOIN inn.case_ ON label = person_id ORDER BY n DESC, visit_id DESC LIMIT 1) AS v, unnest(lines) WITH ORDINALITY AS t (line, i), string_to_array(line, ' ', '-') AS l
$$;

DO $$ BEGIN
	-- D09: what a readmission is held against, and with which diagnosis
	PERFORM inn.told('split_stays', 1, 'V21 flag: a short stay nested in a long one', 'F1 21 I10.x00 60d 79d -', 'F1 21 I10.x00 64d 65d -', 'F1 21 I10.x00 81d 85d -');
	PERFORM inn.told('split_stays', 1, 'V21 flag: one diagnosis in other letters', 'F1 21 J18.900 60d 65d -', 'F1 21 _ｊ18900_ 70d 75d -');
	PERFORM inn.told('split_stays', 0, 'V21 not: transfusions for MDS', 'F1 21 D46.900 60d 65d -', 'F1 21 D46.900 70d 75d -');
	PERFORM inn.told('split_stays', 0, 'V21 not: transfusions, by a code in small letters', 'F1 21 d61_900 60d 65d -', 'F1 21 d61_900 70d 75d -');
	PERFORM inn.told('split_stays', 1, 'V21 flag: bleeding is no cycle', 'F1 21 D62.x00 60d 65d -', 'F1 21 D62.x00 70d 75d -');
	PERFORM inn.told('split_stays', 1, 'V21 flag: never discharged, five days after the settlement', 'F1 21 J18.900 60d - 65d', 'F1 21 J18.900 70d 75d -');
	PERFORM inn.told('split_stays', 1, 'V21 flag: back at the other place of the provider', 'F1 21 J18.900 60d 65d -', 'F1b 21 J18.900 70d 75d -');
	PERFORM inn.told('split_stays', 0, 'V21 not: back at another provider', 'F1 21 J18.900 60d 65d -', 'F2 21 J18.900 70d 75d -');
	PERFORM inn.told('split_stays', 0, 'V21 not: never discharged nor settled, a year ago', 'F1 21 J18.900 -300d - -', 'F1 21 J18.900 70d 75d -');

	-- D10: stays without an end
	PERFORM inn.told('overlapping_stays', 1, 'V22 flag: never discharged, before its settlement', 'F1 21 J18.900 60d - 80d', 'F2 21 J18.900 70d 75d -');
	PERFORM inn.told('overlapping_stays', 0, 'V22 not: never discharged, after its settlement', 'F1 21 J18.900 60d - 69d', 'F2 21 J18.900 70d 75d -');
	PERFORM inn.told('overlapping_stays', 1, 'V22 flag: never settled either, found with the other', 'F1 21 J18.900 60d - -', 'F2 21 J18.900 100d 105d -');
	PERFORM inn.told('overlapping_stays', 0, 'V22 not: never settled either, 366 days later', 'F1 21 J18.900 -300d - -', 'F2 21 J18.900 66d 75d -');
	PERFORM inn.told('overlapping_stays', 1, 'V22 flag: never settled either, 365 days later', 'F1 21 J18.900 -300d - -', 'F2 21 J18.900 65d 75d -');
	PERFORM inn.told('overlapping_stays', 0, 'V22 not yet: neither of them is settled', 'F1 21 J18.900 60d - -', 'F2 21 J18.900 70d - -');

	-- D11, D27: visits in the midst of a stay
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: seen elsewhere', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: an emergency over midnight', 'F1 21 J18.900 60d 70d -', 'F2 13 I10.x00 64d23h 65d1h -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: an outpatient without an end', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h - 64d9h');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: without an end, on the last day', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 70d9h - 70d9h');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: a registration over weeks', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 62d 68d -');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: a registration over weeks is no stay', 'F1 11 J18.900 60d 80d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: day surgery elsewhere', 'F1 21 J18.900 60d 70d -', 'F2 28 I10.x00 64d9h 64d16h -');
	PERFORM inn.told('events_in_stay', 0, 'V22, not V20: a night in another bed', 'F1 21 J18.900 60d 70d -', 'F2 21 I10.x00 64d9h 65d16h -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: never discharged, before its settlement', 'F1 21 J18.900 60d - 80d', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: never discharged, after its settlement', 'F1 21 J18.900 60d - 62d', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: never settled either, found with the visit', 'F1 21 J18.900 60d - -', 'F2 11 I10.x00 164d9h 164d10h -');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: never settled either, 366 days later', 'F1 21 J18.900 -300d - -', 'F2 11 I10.x00 66d9h 66d10h -');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: drugs alone, which a relative collects', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 D1 2 09', '1 D2 1 11');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: drugs alone, by the national code', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 XM01AEB170E001010100011 2 -');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: drugs and an examination', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 D1 2 09', '1 CT 1 03');
	PERFORM inn.told('events_in_stay', 1, 'V20 flag: drugs and what nobody knows', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 D1 2 09', '1 ZZ 1 99');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: the examination was taken back, without its category', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 D1 2 09', '1 CT 1 03', '1 CT -1 -');
	PERFORM inn.told('events_in_stay', 0, 'V20 not: all of it was taken back', 'F1 21 J18.900 60d 70d -', 'F2 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 CT 1 03', '1 CT -1 03');
	PERFORM inn.told('outpatient_in_stay', 1, 'V34 flag: examined as an outpatient of the hospital', 'F1 21 J18.900 60d 70d -', 'F1 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 CT 1 03');
	PERFORM inn.told('outpatient_in_stay', 1, 'V34 flag: in another house of it', 'F1 21 J18.900 60d 70d -', 'F1b 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.told('outpatient_in_stay', 0, 'V34 not: drugs alone', 'F1 21 J18.900 60d 70d -', 'F1 11 I10.x00 64d9h 64d10h -');
	PERFORM inn.charged('1 D1 2 09');
	PERFORM inn.told('outpatient_in_stay', 0, 'V34 not: on the day of admission', 'F1 21 J18.900 60d9h 70d -', 'F1 11 I10.x00 60d8h 60d9h -');

	-- D11: days without care of a stay of ten dates; a bed each day, a drug on the
	-- first, third and eighth but where something else is said
	PERFORM inn.told('hang_bed', 1, 'V20, D11 flag: care on two of eight inner days', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged(VARIADIC '{1 BED 1 01,2 BED 1 01,3 BED 1 01,4 BED 1 01,5 BED 1 01,6 BED 1 01,7 BED 1 01,8 BED 1 01,9 BED 1 01,1 D 1 09,3 D 1 09,8 D 1 09}'::text[]);
	PERFORM inn.told('hang_bed', 1, 'V20 flag: a bed by the national code alone', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged(VARIADIC '{1 001109000010000 1 -,4 001109000010000 1 -,5 001109000010000 1 -,6 001201000030000 1 -,7 001109000010000 1 -,1 D 1 09,3 D 1 09,8 D 1 09}'::text[]);
	PERFORM inn.told('hang_bed', 0, 'V20 not known: all charges on one date', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('10 BED 9 01', '10 D 3 09', '10 CT 1 03');
	PERFORM inn.told('hang_bed', 0, 'V20 not known: all charges on one date, one given back on another', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('9 BED 9 01', '9 D 3 09', '10 D -1 09');
	PERFORM inn.told('hang_bed', 0, 'V20 not known: all charges on one date, beside one of another that was taken back whole', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('10 BED 9 01', '10 D 3 09', '3 CT 1 03', '4 CT -1 -');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: a drug on the day of discharge makes two dates', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('9 BED 9 01', '9 D 3 09', '10 D 1 09');
	PERFORM inn.told('hang_bed', 0, 'V20, D11 not: a week of therapy, billed at its end', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '9 REHA 7 05');
	PERFORM inn.told('hang_bed', 0, 'V20, D11 not: a week of therapy, billed at its beginning', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '2 REHA 7 05', '10 D 1 09');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: four of seven sessions given back', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '9 REHA 7 05', '9 REHA -4 05');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: drugs for seven days cover one', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '9 D 7 09');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: so does material', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '9 TAPE 7 08');
	PERFORM inn.told('hang_bed', 0, 'V20 not: what nobody knows may be care', 'F1 21 J18.900 121d9h 130d10h -');
	PERFORM inn.charged(VARIADIC '{1 ZZ 1 99,2 ZZ 1 99,3 ZZ 1 99,4 ZZ 1 99,5 ZZ 1 99,6 ZZ 1 99,7 ZZ 1 99,8 ZZ 1 99,9 ZZ 1 99}'::text[]);
	PERFORM inn.told('hang_bed', 0, 'V20 not: discharged 367 days after the last charge, so still in', 'F1 21 J18.900 -250d9h 119d10h -');
	PERFORM inn.charged('1 D 1 09', '2 D 1 09', '3 D 1 09');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: discharged 366 days after it', 'F1 21 J18.900 -250d9h 118d10h -');
	PERFORM inn.charged('1 D 1 09', '2 D 1 09', '3 D 1 09');
	PERFORM inn.told('hang_bed', 1, 'V20 flag, but a notice: no diagnosis is known, it may be planned', 'F1 21 .. 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '2 BED 9 01', '10 D 1 09');
	PERFORM inn.told('hang_bed', 1, 'V20 flag: another diagnosis of it is known', 'F1 21 - 121d9h 130d10h -');
	PERFORM inn.charged('1 D 1 09', '2 BED 9 01', '10 D 1 09');
	INSERT INTO inn.diagnosis SELECT visit_id, 'I10.x00', 2 FROM inn.visit WHERE person_id LIKE '%another diagnosis%';
	PERFORM inn.told('hang_bed', 1, 'V20 flag: under two numbers, settled in February and March', 'F1 21 J18.900 -7d9h 0d23h59m 40d', 'F1 21 J18.900 1d 15d10h 70d');
	PERFORM inn.charged('1 D 1 09', '15 D 1 09');

	-- D25: the class of the item goes before the category
	PERFORM inn.told('low_standard_stay', 1, 'V26 flag: examinations by the class of the item', 'F1 21 K29.500 121d9h 123d10h -');
	PERFORM inn.charged('1 SCAN 9 05', '1 BED 1 01');
	PERFORM inn.told('low_standard_stay', 0, 'V26 not known: most of it of no known class', 'F1 21 K29.500 121d9h 123d10h -');
	PERFORM inn.charged('1 CT 4 03', '1 ZZ 5 99', '1 BED 1 01');
	PERFORM inn.told('low_standard_stay', 0, 'V26 not: treated, by the national code alone', 'F1 21 K29.500 121d9h 123d10h -');
	PERFORM inn.charged('1 CT 9 03', '1 003402000010000 1 -');
	PERFORM inn.told('low_standard_stay', 1, 'V26 flag: under two numbers, settled in February and March', 'F1 21 K29.500 0d9h 0d23h59m 40d', 'F1 21 K29.500 1d 2d10h 70d');
	PERFORM inn.charged('1 CT 9 03', '1 BED 1 01');
END $$;
UPDATE inn.visit SET record_no = 'ZY' || length(person_id) || right(visit_id, 1) WHERE visit_type = '21';
CREATE TABLE inn.item AS SELECT 'SCAN' AS item_code, '03' AS class;
CALL medaudit.bind('visit', 'inn.visit');
CALL medaudit.bind('charge', 'inn.charge');
CALL medaudit.bind('diagnosis', 'inn.diagnosis');
CALL medaudit.bind('person', 'inn.person');
CALL medaudit.bind('facility', 'inn.facility');
CALL medaudit.bind('item', 'inn.item');
\set rules '{split_stays,overlapping_stays,events_in_stay,outpatient_in_stay,hang_bed,low_standard_stay}'
CALL medaudit.run_audit('2025-01-01', '2026-01-01', :'rules');
SELECT step, state, error FROM medaudit.run_progress WHERE state <> 'done' OR error IS NOT NULL;
CREATE VIEW inn.found AS
SELECT c.n, c.rule, c.label, c.expected, count(DISTINCT f.finding_id) AS found, string_agg(DISTINCT f.certainty, ' ') AS certainty, string_agg(DISTINCT f.judged_on::text, ' ') AS judged_on
FROM inn.case_ AS c LEFT JOIN medaudit.finding_line AS l ON l.visit_id LIKE c.label || '/%' LEFT JOIN medaudit.finding AS f ON f.finding_id = l.finding_id AND f.rule_code = c.rule
GROUP BY c.n, c.rule, c.label, c.expected;
\pset format unaligned
SELECT rule, label, expected, found, certainty, judged_on FROM inn.found ORDER BY n;
SELECT count(*) AS cases, count(*) FILTER (WHERE expected <> found) AS wrong FROM inn.found;
-- nothing else is found than what is said; the night in another bed is two stays at once
SELECT c.label, f.rule_code FROM inn.case_ AS c JOIN medaudit.finding_line AS l ON l.visit_id LIKE c.label || '/%' JOIN medaudit.finding AS f USING (finding_id) WHERE f.rule_code <> c.rule GROUP BY 1, 2 ORDER BY 1, 2;
-- each kind in words
SELECT DISTINCT ON (f.rule_code COLLATE "C") f.violation, f.article, f.behaviour_code, replace(f.evidence_text, c.label, '张三') AS sentence FROM inn.case_ AS c JOIN medaudit.finding AS f ON f.rule_code = c.rule
JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id AND l.visit_id LIKE c.label || '/%' ORDER BY f.rule_code COLLATE "C", c.n;
SELECT replace(f.evidence_text, c.label, '张三') AS sentence, f.evidence -> 'doubt' AS doubt, f.key LIKE '%/1 doubt' AS key, f.certainty FROM inn.case_ AS c JOIN medaudit.finding AS f ON f.person_id = c.label
WHERE c.label ~ 'notice|never settled either, found|over midnight|another house|other letters|after the settlement' ORDER BY c.n;
SELECT evidence - 'partners' - 'formula' AS evidence FROM inn.case_ AS c JOIN medaudit.finding AS f ON f.person_id = c.label WHERE c.label ~ 'two of eight|nested|found with the visit|class of the item' ORDER BY c.n;
SELECT problem, problem_zh, rows, facility_id, facility_name FROM medaudit.data_quality WHERE problem ~ 'days|care|class|still' AND problem !~ 'rule' ORDER BY 1, 4;

-- twelve months leave what the year left, in whatever order
CREATE TABLE inn.year AS SELECT rule_code, subject_id, key, judged_on, certainty, involved_amount FROM medaudit.finding;
TRUNCATE medaudit.finding, medaudit.finding_line;
DO $$ DECLARE m int; BEGIN
	FOR m IN SELECT month FROM generate_series(0, 11) AS month ORDER BY month * 7 % 12 LOOP
		CALL medaudit.run_audit((date '2025-01-01' + make_interval(months => m))::date, (date '2025-02-01' + make_interval(months => m))::date,
			'{split_stays,overlapping_stays,events_in_stay,outpatient_in_stay,hang_bed,low_standard_stay}');
	END LOOP;
END $$;
SELECT count(*) FILTER (WHERE f.key IS NULL) AS lost, count(*) FILTER (WHERE y.key IS NULL) AS more, count(*) > 20 AS some FROM inn.year AS y FULL JOIN medaudit.finding AS f USING (rule_code, subject_id, key, judged_on, certainty, involved_amount);
-- of a stay under two numbers care that comes to be known takes it away, in the month of the last settlement; so does what takes back one of them
CREATE VIEW inn.two AS SELECT count(*) FILTER (WHERE rule_code = 'hang_bed') AS hang_bed, count(*) FILTER (WHERE rule_code = 'low_standard_stay') AS low_standard FROM medaudit.finding WHERE person_id ~ 'under two numbers';
INSERT INTO inn.charge SELECT visit_id, 'x' || d, 'CT', 1, 10, admitted_at::date + d + time '10:00', '03' FROM inn.visit, generate_series(1, 13) AS d WHERE person_id ~ '^V20 .*under two numbers' AND d < discharged_at::date - admitted_at::date;
CALL medaudit.run_audit('2025-02-01', '2025-03-01', '{hang_bed,low_standard_stay}');
TABLE inn.two;
CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{hang_bed,low_standard_stay}');
TABLE inn.two;
UPDATE inn.visit SET total_amount = 0, settled_at = '2025-05-05' WHERE visit_id ~ '^V26 .*under two numbers.*/2$';
CALL medaudit.run_audit('2025-05-01', '2025-06-01', '{hang_bed,low_standard_stay}');
TABLE inn.two;

-- tags: 21 holds for 2105; of the rows of a tag the longest type that fits decides; codes are folded
TRUNCATE inn.visit, inn.charge, inn.diagnosis, inn.case_, medaudit.finding, medaudit.finding_line;
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type, payment_method) VALUES ('plain', NULL, '21', NULL), ('narrow', 'K80', '21', NULL), ('narrow', 'I10', '2105', NULL), ('paid', 'ｋ 80', NULL, ' ｄrg'), ('typed', NULL, ' ｉnpatient', NULL);
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) SELECT 't_' || t, 'overlapping_stays', t, jsonb_build_object('exclude_tags', ARRAY[t]) FROM unnest('{plain,narrow,paid,typed,all}'::text[]) AS t;
SELECT inn.told('t_all', 1, label, format('F1 %s %s 60d 70d -', type, diagnosis), format('F2 %s %s 65d 75d -', type, diagnosis)) FROM (VALUES
	('2105 K80', '2105', 'K80.200'), ('2105 I10', '2105', 'I10.x00'), ('2101 K80', '2101', 'K80.200'), ('2101 I10', '2101', 'I10.x00'), ('26 K80', '26', 'K80.200'), ('Inpatient k80', 'Inpatient', 'k80200'), ('２１05 K80', '２１05', 'Ｋ80.200')) AS t (label, type, diagnosis);
UPDATE inn.visit SET payment_method = 'DRG ' WHERE person_id = '26 K80';
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_plain,t_narrow,t_paid,t_typed,t_all}');
SELECT c.label, string_agg(substr(r.rule_code, 3), ' ' ORDER BY r.rule_code) FILTER (WHERE f.finding_id IS NULL) AS tags FROM inn.case_ AS c CROSS JOIN medaudit.rule AS r LEFT JOIN medaudit.finding AS f ON f.rule_code = r.rule_code AND f.person_id = c.label
WHERE r.rule_code LIKE 't\_%' GROUP BY c.label, c.n ORDER BY c.n;
\set VERBOSITY sqlstate
INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix) VALUES ('none', '. ');
INSERT INTO medaudit.stay_tag (tag, visit_type) VALUES ('none', '　');
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_none', 'events_in_stay', 't', '{"at_facility": "elsewhere"}');
\set VERBOSITY default
-- a rule that leaves out nothing by diagnosis has no doubt where none is known
UPDATE inn.visit SET main_diagnosis = NULL WHERE person_id = '26 K80';
DELETE FROM medaudit.finding;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_plain,t_narrow}');
SELECT rule_code, certainty, evidence -> 'doubt' AS doubt FROM medaudit.finding WHERE person_id = '26 K80' ORDER BY 1;
-- of several stays it is a notice only where those that are known are too few
TRUNCATE inn.visit, inn.case_;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('t_often', 'frequent_stays', 't', '{"min_stays": 3, "exclude_tags": ["narrow"]}'),
	('t_burst', 'admission_bursts', 't', '{"exclude_tags": ["narrow"]}'), ('t_alike', 'similar_amounts', 't', '{"max_p": 1, "exclude_tags": ["narrow"], "min_alike": 6}');
INSERT INTO inn.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis)
SELECT p || n, p, 'F1', date '2025-01-10' + 30 * n, date '2025-01-12' + 30 * n, CASE WHEN n > known THEN 'J18.900' END FROM (VALUES ('three of four', 1), ('two of four', 2)) AS t (p, known), generate_series(1, 4) AS n;
INSERT INTO inn.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount)
SELECT f || d || '/' || n, f || d || '/' || n, f, date '2025-06-10' - d, date '2025-06-12' - d, CASE WHEN d > 0 OR n > unknown THEN 'J18.900' END, CASE d WHEN 0 THEN 3000 ELSE 100 * 1.3 ^ (d / 7 + n) END
FROM (VALUES ('B1', 4), ('B2', 5)) AS t (f, unknown), generate_series(0, 63) AS d, generate_series(1, CASE d WHEN 0 THEN 10 ELSE 1 END) AS n WHERE d % 7 = 0;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_often,t_burst,t_alike}');
SELECT rule_code, coalesce(person_id, facility_id) AS whose, certainty, evidence ->> 'expected' AS expected FROM medaudit.finding WHERE rule_code IN ('t_often', 't_burst') OR rule_code = 't_alike' AND facility_id LIKE 'B%' ORDER BY 1, 2;
-- at the hospital of the stay, elsewhere, or both
TRUNCATE inn.visit, inn.charge, inn.case_;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) SELECT 't_at_' || f, 'events_in_stay', f, jsonb_build_object('at_facility', f) FROM unnest('{both,same,other}'::text[]) AS f;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_at_default', 'events_in_stay', 'both');
INSERT INTO inn.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type)
VALUES ('stay', 'P', 'F1', '2025-03-01', '2025-03-09', '21'), ('here', 'P', 'F1', '2025-03-03 09:00', '2025-03-03 10:00', '11'), ('there', 'P', 'F2', '2025-03-04 09:00', '2025-03-04 10:00', '11');
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{t_at_both,t_at_same,t_at_other,t_at_default}');
SELECT rule_code, (SELECT string_agg(l.visit_id, ' ' ORDER BY l.line_no) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS visits FROM medaudit.finding AS f WHERE rule_code LIKE 't\_at\_%' ORDER BY 1;
DELETE FROM medaudit.rule WHERE rule_code LIKE 't\_%';
DELETE FROM medaudit.stay_tag WHERE NOT shipped;

-- V28, D14: days of one class.  Four on working days, one on days of rest, but: five on a Sunday on which people
-- work (not), nine on a Friday of rest (flag), many on a Wednesday before and after the holidays, and on a Monday (flag)
TRUNCATE inn.visit, medaudit.finding, medaudit.finding_line;
INSERT INTO inn.visit (visit_id, person_id, facility_id, admitted_at, discharged_at)
SELECT day || '/' || n, day || '/' || n, 'F1', day + time '09:00', day + 3
FROM (SELECT date '2025-06-02' + d AS day FROM generate_series(0, 151) AS d) AS t, generate_series(1, CASE day WHEN '2025-09-28' THEN 5 WHEN '2025-10-03' THEN 9 WHEN '2025-07-30' THEN 14 WHEN '2025-10-15' THEN 16 WHEN '2025-10-13' THEN 16
	ELSE CASE WHEN medaudit.day_class(day) < 6 THEN 4 ELSE 1 END END) AS n;
-- a facility that admitted somebody a year and a day before is a new one, a year before it is not
INSERT INTO inn.visit (visit_id, person_id, facility_id, admitted_at, discharged_at)
SELECT f || n, f || n, f, CASE n WHEN 0 THEN first ELSE date '2025-07-16' END, CASE n WHEN 0 THEN first ELSE date '2025-07-19' END FROM (VALUES ('new', date '2024-07-14'), ('old', '2024-07-15')) AS t (f, first), generate_series(0, 6) AS n;
CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{admission_bursts}');
SELECT evidence_text, jsonb_path_query_array(evidence, '$.baseline[*].admissions') AS admissions FROM medaudit.finding ORDER BY judged_on, facility_id;
SELECT evidence - 'partners' - 'baseline' AS evidence, evidence #> '{baseline,0}' AS first_day FROM medaudit.finding WHERE judged_on = '2025-10-03';
CREATE TABLE inn.bursts AS SELECT key, judged_on FROM medaudit.finding;
TRUNCATE medaudit.finding, medaudit.finding_line;
DO $$ BEGIN
	FOR m IN 0..11 LOOP
		CALL medaudit.run_audit((date '2025-01-01' + make_interval(months => m))::date, (date '2025-02-01' + make_interval(months => m))::date, '{admission_bursts}');
	END LOOP;
END $$;
SELECT count(*) FILTER (WHERE f.key IS NULL) AS lost, count(*) FILTER (WHERE b.key IS NULL) AS more FROM inn.bursts AS b FULL JOIN medaudit.finding AS f USING (key, judged_on);
-- a fund's own day
INSERT INTO medaudit.calendar (day, working, note) VALUES ('2025-07-30', false, '本地假日');
CALL medaudit.run_audit('2025-07-01', '2025-08-01', '{admission_bursts}');
SELECT evidence_text FROM medaudit.finding WHERE judged_on = '2025-07-30';
DELETE FROM medaudit.calendar WHERE NOT shipped;

DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.diagnosis, medaudit_data.person, medaudit_data.facility, medaudit_data.item;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DROP SCHEMA inn CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
