# A run reads visits from a horizon on, and by name what reaches beyond it; it
# finds and tells what it would if it read all of them.  Fourteen years of made-up
# claims with all that lies across a horizon: old settlements of visits that are
# settled anew, visits of many years, stays that go on under a new number for
# years, people who share a number and met long ago, visits without dates, without
# person, of two persons, taken back, delivered twice; lines of old visits, and
# findings that rest on visits which were taken back behind the horizon.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('horizon');

sub ask
{
	return $node->safe_psql('postgres', shift);
}

ask(q{
	CREATE SCHEMA w;
	SELECT setseed(0.34);
	CREATE TABLE w.person AS
	SELECT 'P' || lpad(i::text, 3, '0') AS person_id, '人' || i AS name, (1 + i % 2)::text AS sex,
		date '1940-01-01' + i * 113 AS birth_date, 'H' || i / 3 AS household_id,
		CASE WHEN i % 9 = 0 THEN '11010519491231002X' WHEN i % 10 = 3 THEN '110105194912310021' END AS resident_id
	FROM generate_series(1, 60) AS i;
	-- two of one number, one of whom comes in June and the other in February; 61 to 66 are in no register
	INSERT INTO w.person SELECT 'P08' || i, '双' || i, '1', '1990-03-07', 'H99' || i, '110101199003070257' FROM generate_series(1, 2) AS i;
	CREATE TABLE w.facility AS
	SELECT 'F' || i AS facility_id, '医院' || i AS name, 2 AS beds FROM generate_series(1, 4) AS i;
	CREATE TABLE w.made AS
	SELECT n, 'V' || lpad(n::text, 5, '0') AS visit_id, 'P' || lpad((1 + floor(power(random(), 1.3) * 66))::int::text, 3, '0') AS person_id,
		'F' || 1 + floor(random() * 4)::int AS facility_id, random() < 0.5 AS stay,
		timestamp '2012-06-01 08:00' + floor(random() * 5000) * interval '1 day' + floor(random() * 8) * interval '1 hour' AS admitted_at,
		CASE WHEN random() < 0.04 THEN floor(random() * 900) ELSE floor(power(random(), 2) * 25) END::int AS days,
		CASE WHEN random() < 0.1 THEN floor(random() * 2500) ELSE floor(power(random(), 3) * 100) END::int AS late,
		random() AS what, random() AS odd, ('{J18.900,J18.100,I10.x00,K80.200}'::text[])[1 + floor(random() * 4)::int] AS main_diagnosis
	FROM generate_series(1, 2500) AS n;
	CREATE TABLE w.visit AS
	SELECT visit_id, CASE WHEN odd < 0.01 THEN NULL WHEN odd < 0.02 AND part = 2 THEN 'P001' ELSE person_id END AS person_id, facility_id, 'R' || n AS record_no,
		CASE WHEN odd BETWEEN 0.10 AND 0.12 OR odd BETWEEN 0.12 AND 0.13 AND part = 1 THEN NULL ELSE admitted_at END AS admitted_at,
		CASE WHEN stay AND what < 0.05 OR odd BETWEEN 0.10 AND 0.105 THEN NULL WHEN stay THEN admitted_at + (1 + days) * interval '1 day' ELSE admitted_at + interval '30 minutes' END AS discharged_at,
		CASE WHEN stay AND what BETWEEN 0.02 AND 0.05 OR odd BETWEEN 0.10 AND 0.105 THEN NULL
			ELSE admitted_at + (CASE WHEN stay THEN 1 + days ELSE 0 END + (part - 1) * late) * interval '1 day' + interval '1 hour' END AS settled_at,
		CASE WHEN odd BETWEEN 0.20 AND 0.22 THEN NULL WHEN odd BETWEEN 0.22 AND 0.23 THEN 'x?(9' WHEN odd BETWEEN 0.23 AND 0.24 AND part = 2 THEN '11' WHEN stay THEN '21' ELSE '11' END AS visit_type,
		main_diagnosis, CASE WHEN what BETWEEN 0.94 AND 0.97 THEN CASE part WHEN 1 THEN 100 ELSE -100 END ELSE 100 + n % 7 END::numeric AS total_amount,
		90::numeric AS scope_amount, 60::numeric AS fund_amount, 'item' AS payment_method, what BETWEEN 0.05 AND 0.12 AS mid_settlement, false AS newborn, NULL::text AS continues_visit_id
	FROM w.made, generate_series(1, CASE WHEN what > 0.85 THEN 2 ELSE 1 END) AS part;
	-- stays that go on under a new number: over the turn of every year, by name after months, in one place by mid-settlement
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, main_diagnosis, total_amount, mid_settlement)
	SELECT 'Y' || p || y, 'P07' || (7 + p), 'F1', make_timestamp(y, 1, 1, 0, 5, 0), make_timestamp(y, 12, 31, 23, 50, 0), make_timestamp(y, 12, 31, 23, 55, 0), '21', 'F20.000', 500, p = 2
	FROM generate_series(1, 2) AS p, generate_series(2013, 2025) AS y WHERE p = 1 OR y < 2022;
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, main_diagnosis, total_amount, continues_visit_id)
	SELECT 'N' || p || n, 'P0' || (40 + p), 'F' || p, t, t + interval '5 days', t + interval '6 days', '21', 'I63.900', 300, CASE WHEN n > 1 THEN 'N' || p || n - 1 END
	FROM generate_series(1, 4) AS p, generate_series(1, 5) AS n, LATERAL (SELECT timestamp '2016-02-01' + p * interval '97 days' + (n - 1) * interval '27 months' AS t) AS t;
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, total_amount)
	SELECT 'D' || p, 'P08' || p, 'F1', t, t, t, '11', 10 FROM (VALUES (1, timestamp '2025-06-10 09:00'), (2, '2025-02-10 09:00')) AS v (p, t);
	-- visits elsewhere in the midst of these years
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, total_amount)
	SELECT 'E' || p || y, 'P07' || (7 + p), 'F2', make_timestamp(y, 5, 5, 9, 0, 0), make_timestamp(y, 5, 5, 10, 0, 0), make_timestamp(y, 6, 10, 10, 0, 0), '11', 20
	FROM generate_series(1, 2) AS p, generate_series(2014, 2025) AS y;
	-- who is still in, as long as the data go, which is told by an outpatient
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, total_amount)
	SELECT 'O' || n, 'P07' || n, 'F4', timestamp '2039-06-01', NULL::timestamp, NULL::timestamp, '21', 10 FROM generate_series(2, 6) AS n
	UNION ALL SELECT 'O7', 'P070', 'F1', '2026-02-01 09:00', '2026-02-01 10:00', '2039-09-01', '11', 10;
	UPDATE w.visit SET continues_visit_id = 'nowhere' WHERE visit_id IN ('V00100', 'V00200', 'V00300');
	-- rows without a visit, rows that were delivered twice
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at) VALUES
		(NULL, 'P005', 'F1', '2013-02-01', '2013-02-03', '2013-02-03'), (NULL, NULL, 'F1', '2025-02-01', NULL, NULL), (NULL, NULL, NULL, NULL, NULL, NULL);
	INSERT INTO w.visit SELECT v.* FROM w.visit AS v WHERE v.visit_id ~ '[37]7$';
	CREATE TABLE w.diagnosis AS
	SELECT visit_id, ('{J18.900,I10.x00,F20.000,K80.200}'::text[])[1 + (hashtext(visit_id || n) & 3)] AS diagnosis_code, n AS rank
	FROM (SELECT DISTINCT visit_id FROM w.visit WHERE visit_id ~ '[2-6]$') AS v, generate_series(1, 2) AS n;
	INSERT INTO w.diagnosis SELECT * FROM w.diagnosis WHERE visit_id ~ '[56]6$';
	CREATE TABLE w.charge AS
	SELECT visit_id, l::text AS line_id, ('{A,B,C,D,E}'::text[])[1 + floor(random() * 5)::int] AS item_code,
		(CASE WHEN random() < 0.06 THEN -1 ELSE 1 + floor(random() * 2) END)::numeric AS quantity, 10::numeric AS amount,
		CASE WHEN odd BETWEEN 0.3 AND 0.31 THEN timestamp '2025-06-10 10:00' WHEN odd BETWEEN 0.31 AND 0.315 THEN NULL
			ELSE date_trunc('day', admitted_at) + floor(random() * (CASE WHEN stay THEN 4 + days ELSE 1 END)) * interval '1 day' + floor(random() * 3) * interval '1 hour' END AS charged_at,
		'0' || 1 + l AS category
	FROM w.made, generate_series(1, 4) AS l;
	UPDATE w.charge SET amount = quantity * 10;
	-- the book of 2023, within reach of the year 2025, has a visit of three years in it, whose first lines meet those of one before
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, total_amount)
	SELECT 'L' || n, 'P071', 'F2', a, d, d, t, 50 FROM (VALUES (0, timestamp '2020-03-20 09:00', timestamp '2020-03-20 10:00', '11'), (1, '2020-05-01', '2023-03-01', '21'),
		(2, '2023-12-20 09:00', '2023-12-20 10:00', '11'), (3, '2025-01-10 09:00', '2025-01-10 10:00', '11')) AS v (n, a, d, t);
	INSERT INTO w.charge VALUES ('L0', '1', 'A', 1, 10, '2020-03-20 09:30', '01'), ('L1', '1', 'B', 1, 10, '2020-05-02 09:00', '01'), ('L3', '1', 'E', 1, 10, '2025-01-10 09:30', '01');
	-- of no visit, and what is required is missing, of an old visit
	INSERT INTO w.charge SELECT 'lost' || n, '1', 'A', 1, 10, '2025-06-10', '01' FROM generate_series(1, 3) AS n;
	INSERT INTO w.charge SELECT visit_id, '9', NULL, 1, 10, '2025-06-10', '01' FROM w.made WHERE admitted_at < '2013-01-01' LIMIT 3;
	CALL medaudit.bind('person', 'w.person');
	CALL medaudit.bind('facility', 'w.facility');
	CALL medaudit.bind('visit', 'w.visit');
	CALL medaudit.bind('diagnosis', 'w.diagnosis');
	CALL medaudit.bind('charge', 'w.charge');
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty)
	SELECT 'c_' || kind, kind, kind, 'violation' FROM unnest('{duplicate,exclusive,quantity,course,resettled,prerequisite}'::text[]) AS kind;
	INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, max_days) VALUES
		('c_duplicate', 'B', NULL, '20 days', NULL, NULL), ('c_exclusive', 'A', 'B', '60 days', NULL, NULL), ('c_quantity', 'D', NULL, 'quarter', 2, NULL),
		('c_course', 'E', NULL, NULL, NULL, 40), ('c_resettled', 'A', NULL, NULL, NULL, NULL), ('c_prerequisite', 'B', 'C', '90 days', NULL, NULL);
	INSERT INTO medaudit.rule (rule_code, kind, name_zh)
	SELECT 's_' || kind, kind, kind FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,same_household_admissions,companions,hang_bed,low_standard_stay}'::text[]) AS kind;
	UPDATE medaudit.rule AS r SET parameters = p.given
	FROM (SELECT p.kind, jsonb_object_agg(g.key, g.value) AS given
		FROM jsonb_each('{"min_stays": 3, "min_times": 2, "max_p": 1, "min_excess": 1, "min_ratio": 1, "weeks": 3, "min_alike": 2, "min_share": 0.1, "tolerance_abs": 2, "max_gap_days": 60}') AS g
		JOIN medaudit.rule_parameter AS p ON p.name = g.key GROUP BY p.kind) AS p
	WHERE p.kind = r.kind AND r.rule_code LIKE 's\_%';
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject)
	SELECT 'p_' || kind, kind, kind, 'person' FROM unnest('{invalid_resident_id,resident_id_mismatch,shared_resident_id}'::text[]) AS kind;
	UPDATE medaudit.rule SET parameters = '{"max_share": 1}' WHERE rule_code LIKE 'p\_%mi%' OR rule_code LIKE 'p\_inv%';
	-- a kind of a fund's own that names visits which nothing else reads
	CREATE FUNCTION w.first_visits(bigint, text, jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql
	SET search_path = pg_catalog AS $f$
		SELECT (medaudit.run_group(subject_kind => 'person', person_id => v.person_id, subject_id => v.person_id, visit_ids => ARRAY[v.last, v.first],
			evidence => '{}'::jsonb, evidence_text => v.first)).*
		FROM (SELECT i.person_id, (SELECT min(o.visit_id COLLATE "C") FROM w.visit AS o WHERE o.person_id = i.person_id AND o.visit_id ~ '^V0' AND o.admitted_at < '2014-01-01'
					AND NOT EXISTS (SELECT FROM w.visit AS b WHERE b.visit_id = o.visit_id AND b.record_no = 'back')) AS first,
				max(i.visit_id) AS last
			FROM medaudit_work.visit AS i WHERE i.judged AND i.person_id ~ '[1-5]$' GROUP BY i.person_id) AS v
		WHERE v.first IS NOT NULL
	$f$;
	SELECT medaudit.add_rule_kind('first_visits', 'persons', 'w.first_visits(bigint, text, jsonb)', '首诊');
	UPDATE medaudit.rule_kind SET reach = 'person' WHERE kind = 'first_visits';
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('o_first', 'first_visits', '首诊');
	-- all that a run leaves: findings with their lines, and what it tells of the data
	CREATE VIEW w.left_behind AS
	SELECT 'finding' AS what, concat_ws('|', f.rule_code, f.subject_kind, f.subject_id, f.key, f.certainty, f.state, f.judged_on, encode(f.fingerprint, 'hex'),
			f.gross_amount, f.claimed_amount, f.involved_amount, f.evidence_text, f.evidence) AS said
	FROM medaudit.finding AS f
	UNION ALL
	SELECT 'line', concat_ws('|', f.rule_code, f.subject_id, f.key, l.visit_id, l.line_id, l.item_code, l.charged_at, l.amount, l.excess_amount, l.evidence_text)
	FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id)
	UNION ALL
	SELECT 'quality', concat_ws('|', q.relation, q.problem, q.rows, q.facility_id, q.month, q.examples)
	FROM medaudit.run_quality AS q WHERE q.run_id = (SELECT max(run_id) FROM medaudit.run)});

sub runs
{
	$node->safe_psql('postgres', "SET client_min_messages = error;\n"
		  . join("\n", map { "CALL medaudit.run_audit('$_->[0]', '$_->[1]');" } @_));
}

sub forget
{
	ask('ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard');
	ask('TRUNCATE medaudit.finding CASCADE; TRUNCATE medaudit.run CASCADE');
}

# The twin that has no horizon: everything is near, as in a long period.
my $horizon = ask(q{SELECT pg_get_functiondef('medaudit._run_horizon'::regproc)});
my $is_long = ask(q{SELECT pg_get_functiondef('medaudit._run_is_long'::regproc)});

sub horizon
{
	my ($kept) = @_;

	ask($kept ? $horizon : q{CREATE OR REPLACE FUNCTION medaudit._run_horizon(from_date date, charge_days int, stay_days int, all_stays bool) RETURNS date
		LANGUAGE sql IMMUTABLE RETURN date '0001-01-01'});
	ask($kept ? $is_long : q{CREATE OR REPLACE FUNCTION medaudit._run_is_long(from_date date, to_date date) RETURNS bool LANGUAGE sql IMMUTABLE RETURN true});
}

# What QUERY answers within a run of the period, when it has read its visits.
sub prepared
{
	my ($from, $to, $query) = @_;

	return ask(qq{BEGIN;
		ALTER TABLE medaudit.run DISABLE TRIGGER USER;
		ALTER TABLE medaudit.run_step DISABLE TRIGGER USER;
		INSERT INTO medaudit.run (run_id, from_date, to_date) OVERRIDING SYSTEM VALUE VALUES (0, '$from', '$to');
		CALL medaudit._run_prepare(0);
		$query;
		ROLLBACK});
}

# How many settlements a run of the period reads, and whether these are all.
sub reads
{
	return prepared(@_, q{SELECT (SELECT count(*) FROM medaudit_work.settlement) || ' ' || every_visit FROM medaudit_work.horizon});
}

my $count = ask('SELECT count(*) FROM (SELECT DISTINCT v FROM w.visit AS v) AS d');
my @periods = ([ '2025-01-01', '2026-01-01' ], [ '2025-06-01', '2025-07-01' ], [ '2025-06-10', '2025-06-11' ],
	[ '2025-12-31', '2026-01-02' ], [ '2018-03-01', '2018-06-15' ], [ '2020-01-01', '2020-02-01' ], [ '2019-07-01', '2020-07-01' ],
	[ '2039-06-01', '2039-06-03' ]);

foreach my $period (@periods)
{
	my $name = join ' to ', @$period;

	horizon(1);
	my ($read, $all) = split / /, reads(@$period);
	is($all, 'false', "$name: not every visit is read");
	cmp_ok($read, '<', $count, "$name: $read of $count settlements are");
	forget();
	runs($period);
	ask('DROP TABLE IF EXISTS w.kept; CREATE TABLE w.kept AS TABLE w.left_behind');
	is( ask("SELECT string_agg(coalesce(rule_code, step) || ': ' || error, '; ') FROM medaudit.run_step WHERE error !~ '^run it over a whole'"), '', "$name: no step failed");
	horizon(0);
	is(reads(@$period), "$count true", "$name: without a horizon every visit is");
	forget();
	runs($period);
	cmp_ok(ask('SELECT count(*) FROM w.left_behind'), '>', 0, "$name: something is left behind");
	is( ask(q{SELECT string_agg(side || ' ' || what || ' ' || said, E'\n') FROM (
		SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.kept EXCEPT ALL TABLE w.left_behind) AS s
			UNION ALL SELECT 'less', s.* FROM (TABLE w.left_behind EXCEPT ALL TABLE w.kept) AS s) AS i ORDER BY what, said LIMIT 12) AS d}),
		'', "$name: the same with a horizon and without");
}

# Where the one stay that is still open has a row with a discharge and no settlement,
# it asks how far the data go just the same, which only a visit far off tells.
ask(q{CREATE TABLE w.held AS TABLE w.visit;
	DELETE FROM w.visit WHERE visit_id IN (SELECT v.visit_id FROM w.visit AS v WHERE v.discharged_at IS NULL);
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, visit_type, total_amount)
	VALUES ('M1', 'P072', 'F4', '2025-06-05', '2025-06-08', '21', 10), ('M1', 'P072', 'F4', '2025-06-05', NULL, '21', 10)});
foreach my $kept (1, 0)
{
	horizon($kept);
	is(prepared('2025-06-01', '2025-07-01', 'SELECT medaudit._run_last_day()'), '2039-09-01',
		'a stay half discharged: the last day of all data, ' . ($kept ? 'with a horizon' : 'without'));
}
ask('TRUNCATE w.visit; INSERT INTO w.visit TABLE w.held');

# What stands and rests on visits behind the horizon that were taken back since.
my @after;
foreach my $kept (1, 0)
{
	horizon(0);
	forget();
	ask(q{DELETE FROM w.visit WHERE record_no = 'back'});
	runs([ '2012-01-01', '2026-01-01' ]);
	ask(q{INSERT INTO w.visit (visit_id, person_id, facility_id, record_no, admitted_at, discharged_at, settled_at, visit_type, main_diagnosis, total_amount)
		SELECT v.visit_id, min(v.person_id), min(v.facility_id), 'back', min(v.admitted_at), max(v.discharged_at), max(v.settled_at), min(v.visit_type), min(v.main_diagnosis), - sum(v.total_amount)
		FROM (SELECT DISTINCT i.* FROM w.visit AS i) AS v
		WHERE v.visit_id ~ '^(V.*[05]|Y.*|N.*)$' GROUP BY v.visit_id HAVING max(v.settled_at) < '2022-01-01'});
	horizon($kept);
	runs([ '2025-05-01', '2025-06-01' ], [ '2025-02-01', '2025-10-01' ]);
	push @after, ask(q{SELECT string_agg(what || ' ' || said, E'\n' ORDER BY what, said COLLATE "C") FROM w.left_behind});
}
ok($after[0] eq $after[1], 'and what stood and rests on what was taken back long ago goes all the same');

done_testing();
