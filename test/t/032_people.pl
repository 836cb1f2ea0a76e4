# Two persons with one resident number are one of the people in every rule over
# them: an audit in which half of the people have a second person_id, with half of
# what links them to others, finds what it finds where each has one; that they are
# two is a rule of its own.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('people');

sub ask
{
	return $node->safe_psql('postgres', shift);
}

ask(q{
	CREATE SCHEMA w;
	SELECT setseed(0.17);
	CREATE FUNCTION w.with_check(digits text) RETURNS text LANGUAGE sql RETURN digits || substring('10X98765432' FROM 1 + (
		SELECT sum(substring(digits FROM i::int FOR 1)::int * w)::int % 11
		FROM unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY AS t (w, i)) FOR 1);
	-- homes of three; some live together by address, some by telephone
	CREATE TABLE w.people AS
	SELECT i, 'P' || lpad(i::text, 3, '0') AS person_id, '人' || i AS name, (2 - i % 2)::text AS sex, date '1950-01-01' + i * 113 AS birth_date,
		'H' || i / 3 AS household_id, 13800000000 + i / 2 AS phone, '荆江县江汉街道光明路' || 1 + i / 4 || '号' AS address, i % 2 = 0 AS is_two,
		w.with_check('110105' || to_char(date '1950-01-01' + i * 113, 'YYYYMMDD') || lpad((2 * i + i % 2)::text, 3, '0')) AS resident_id
	FROM generate_series(1, 60) AS i;
	-- a newborn of P002, linked by the household of her other number
	INSERT INTO w.people VALUES (90, 'P090', '婴', '1', '2025-03-05', 'H0', NULL, NULL, false, NULL);
	CREATE TABLE w.one AS SELECT person_id, name, sex, birth_date, resident_id, household_id, phone::text AS phone, address FROM w.people;
	CREATE TABLE w.two AS
	SELECT person_id, name, sex, birth_date, resident_id, CASE WHEN NOT is_two THEN household_id END AS household_id, CASE WHEN NOT is_two OR i % 4 = 0 THEN phone END::text AS phone,
		CASE WHEN NOT is_two OR i % 3 = 0 THEN address END AS address FROM w.people
	UNION ALL
	-- of the other sex by a slip, or a year younger
	SELECT 'Q' || person_id, name, CASE WHEN i % 6 = 0 THEN '1' ELSE sex END, birth_date + CASE WHEN i % 6 = 2 THEN 365 ELSE 0 END, resident_id, household_id,
		CASE WHEN i % 4 <> 0 THEN phone END::text, CASE WHEN i % 3 <> 0 THEN address END FROM w.people WHERE is_two;
	-- children on the number of a parent, and spouses
	CREATE TABLE w.others AS
	SELECT person_id, name, CASE WHEN person_id NOT LIKE 'Q%' OR right(person_id, 1) IN ('2', '4', '6') THEN sex ELSE '1' END AS sex,
		birth_date + CASE WHEN person_id NOT LIKE 'Q%' THEN 0 WHEN right(person_id, 1) IN ('2', '4', '6') THEN 3660 ELSE 400 END AS birth_date, resident_id, household_id, phone, address
	FROM w.two;
	CREATE TABLE w.facility AS SELECT 'F' || i AS facility_id, '医院' || i AS name, 3 AS beds FROM generate_series(1, 3) AS i;
	CREATE TABLE w.made AS
	SELECT n, 'V' || lpad(n::text, 5, '0') AS visit_id, 'P' || lpad((1 + floor(power(random(), 1.5) * 60))::int::text, 3, '0') AS person_id,
		'F' || 1 + floor(random() * 3)::int AS facility_id, random() < 0.6 AS stay,
		timestamp '2025-01-01 08:00' + floor(random() * 340) * interval '1 day' AS admitted_at, floor(power(random(), 2) * 15)::int AS days, random() < 0.5 AS of_other,
		('{J18.900,I10.x00,Z51.100,K80.200}'::text[])[1 + floor(random() * 4)::int] AS main_diagnosis
	FROM generate_series(1, 700) AS n;
	-- a home in and out together, one and the other number in turn; one of the people under both numbers at once
	INSERT INTO w.made
	SELECT 10000 + 10 * n + p, 'T' || n || p, 'P' || lpad((3 * h + p)::text, 3, '0'), 'F' || 1 + n % 3, true, d, 6, n % 2 = 0, 'K80.200'
	FROM (SELECT n, 1 + n % 14 AS h, timestamp '2025-01-05 09:00' + n * interval '5 days' AS d FROM generate_series(1, 60) AS n) AS t, generate_series(0, 2) AS p
	WHERE p < 2 OR n % 3 = 0
	UNION ALL
	SELECT 20000 + 10 * n + p, 'U' || n || p, 'P' || lpad((2 * n)::text, 3, '0'), 'F' || 1 + n % 3, true, timestamp '2025-02-01 09:00' + n * interval '9 days', 5, p = 1, 'I10.x00'
	FROM generate_series(1, 30) AS n, generate_series(0, 1) AS p
	UNION ALL
	SELECT 30000, 'B1', 'P002', 'F1', true, '2025-03-04 08:00', 4, true, 'O80.000'
	UNION ALL
	SELECT 30001, 'B2', 'P090', 'F1', true, '2025-03-05 08:00', 3, false, 'Z38.000';
	CREATE TABLE w.visit AS
	SELECT visit_id, CASE WHEN of_other AND p.is_two THEN 'Q' || p.person_id ELSE p.person_id END AS person_id, p.person_id AS of_people, facility_id, 'R' || n AS record_no, admitted_at,
		admitted_at + CASE WHEN stay THEN (1 + days) * interval '1 day' ELSE interval '30 minutes' END AS discharged_at,
		CASE WHEN stay THEN '21' ELSE '11' END AS visit_type, main_diagnosis, 100 + n % 7 AS total_amount, 60::numeric AS fund_amount
	FROM w.made JOIN w.people AS p USING (person_id);
	CREATE TABLE w.charge AS
	SELECT visit_id, l::text AS line_id, 'A' AS item_code, 1::numeric AS quantity, 10::numeric AS amount, admitted_at + l * interval '1 day' AS charged_at,
		('{01,03,04}'::text[])[l] AS category
	FROM w.made, generate_series(1, 3) AS l WHERE stay OR l = 1;
	CALL medaudit.bind('facility', 'w.facility');
	CALL medaudit.bind('charge', 'w.charge');
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh)
	SELECT 's_' || kind, kind, kind FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,same_household_admissions,companions,hang_bed,low_standard_stay}'::text[]) AS kind;
	-- the thresholds that each kind takes
	UPDATE medaudit.rule AS r SET parameters = p.given
	FROM (SELECT p.kind, jsonb_object_agg(g.key, g.value) AS given
		FROM jsonb_each('{"min_stays": 3, "min_times": 2, "max_p": 1, "min_excess": 1, "min_ratio": 1, "weeks": 3, "min_alike": 3, "min_share": 0.1, "tolerance_abs": 2, "max_people": 4, "min_exam_share": 0.1, "exclude_tags": ["institution", "newborn"]}') AS g
		JOIN medaudit.rule_parameter AS p ON p.name = g.key GROUP BY p.kind) AS p
	WHERE p.kind = r.kind AND r.rule_code LIKE 's\_%';
	-- a home of four is none of an institution, though it has up to eight numbers
	INSERT INTO medaudit.stay_tag (tag, household_people) VALUES ('institution', 5);
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject) VALUES ('p_shared_resident_id', 'shared_resident_id', 'shared', 'person');
	CREATE VIEW w.standing AS
	SELECT rule_code, subject_kind, subject_id, key, certainty, judged_on, involved_amount, ltrim(person_id, 'Q') AS person_id, evidence - 'partners' AS evidence, evidence_text,
		(SELECT array_agg(l.visit_id ORDER BY l.visit_id COLLATE "C") FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id) AS visits
	FROM medaudit.finding AS f});

sub run_with
{
	my ($persons, $columns) = @_;

	ask('ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard; TRUNCATE medaudit.finding CASCADE');
	ask("CALL medaudit.bind('person', '$persons'); CALL medaudit.bind('visit', 'w.visit', '$columns')");
	$node->safe_psql('postgres', "SET client_min_messages = error;\nCALL medaudit.run_audit('2025-01-01', '2026-01-01')");
	is(ask("SELECT string_agg(DISTINCT state, ' ') FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run)"), 'done', 'every step is done');
}

run_with('w.one', '{"person_id": "of_people"}');
ask('CREATE TABLE w.whole AS TABLE w.standing');
run_with('w.two', '{}');

foreach my $rule (split /\n/, ask("SELECT rule_code FROM medaudit.rule WHERE enabled AND rule_code LIKE 's\\_%' ORDER BY 1"))
{
	cmp_ok(ask("SELECT count(*) FROM w.whole WHERE rule_code = '$rule'"), '>', 0, "$rule finds something");
	is( ask(qq{SELECT string_agg(side || ' ' || d::text, E'\n') FROM (
			SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.standing EXCEPT ALL TABLE w.whole) AS s
			UNION ALL SELECT 'less', s.* FROM (TABLE w.whole EXCEPT ALL TABLE w.standing) AS s) AS i
			WHERE rule_code = '$rule' ORDER BY key, side LIMIT 4) AS d}),
		'', "$rule finds the same where people have two numbers");
}
is(ask("SELECT count(*) FROM w.whole WHERE rule_code LIKE 'p\\_%'"), '0', 'one number each is no finding');
is( ask(q{SELECT count(*) || ' of ' || (SELECT count(DISTINCT of_people) FROM w.visit WHERE person_id LIKE 'Q%') > '20' AND bool_and(subject_id LIKE 'P%')
	FROM w.standing WHERE rule_code LIKE 'p\_%'}), 't', 'that people are two is told by shared_resident_id');

my $of_both = q{SELECT count(*) FROM w.standing AS s WHERE rule_code ~ 'overlapping|frequent|split'
	AND (SELECT count(DISTINCT v.person_id) FROM w.visit AS v WHERE v.visit_id = ANY (s.visits)) > 1};
cmp_ok(ask($of_both), '>', 0, 'stays under both numbers are of one person');
run_with('w.others', '{}');
cmp_ok(ask("SELECT count(*) FROM w.standing WHERE rule_code ~ 'overlapping|frequent|split'"), '>', 0, 'children and spouses have stays');
is(ask($of_both), '0', 'of their own');

done_testing();
