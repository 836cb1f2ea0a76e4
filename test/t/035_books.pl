# The store of books follows a warehouse that is written to every day: new visits,
# lines that come late, lines that are taken back, refunds to old visits,
# settlements that move, visits that are deleted or belong to somebody else, and
# rules that change.  After each day:
#
# - every stored book is ledger() of the present lines of its visit, byte by byte;
# - what stands after a refresh, a run of the day and audit_changes() is what one
#   run over the whole time finds from the lines, by rule, subject, key and
#   fingerprint, for all kinds that are judged by the day;
# - the same where each of them is killed at each of its commits, and called again;
# - as many visits are gathered as changed, however many there are.
#
# Twelve days; MEDAUDIT_DAYS=300 for as many, and MEDAUDIT_SEED=1 for other ones.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $days = $ENV{MEDAUDIT_DAYS} // 12;
my $seed = $ENV{MEDAUDIT_SEED} // 0;
my $node = new_node('books', conf => 'restart_after_crash = on');

sub ask
{
	my ($query, $database) = @_;

	return $node->safe_psql($database // 'postgres', $query);
}

# ---------------------------------------------------------------- the warehouse

ask("CREATE SCHEMA w; CREATE FUNCTION w.seed() RETURNS int LANGUAGE sql AS 'SELECT $seed'");
ask(q{
	CREATE TABLE w.person AS
	SELECT 'P' || lpad(i::text, 3, '0') AS person_id, '人' || i AS name, (1 + i % 2)::text AS sex,
		CASE WHEN i % 12 = 8 THEN date '2025-01-20' + i ELSE date '1940-01-01' + i * 113 END AS birth_date,
		'H' || i / CASE WHEN i > 20 THEN 6 ELSE 3 END AS household_id, '1391234' || lpad((i / 4)::text, 4, '0') AS phone, CASE WHEN i % 17 = 0 THEN date '2025-02-01' + i END AS death_date,
		CASE WHEN i % 9 = 0 THEN '11010519491231002X' WHEN i % 10 = 3 THEN '110105194912310021' END AS resident_id
	FROM generate_series(1, 30) AS i;
	CREATE TABLE w.facility AS
	SELECT 'F' || i AS facility_id, '医院' || i AS name, 3 AS beds, CASE WHEN i <= 2 THEN 'C1' ELSE 'C' || i END AS credit_code FROM generate_series(1, 5) AS i;
	CREATE TABLE w.visit_row (visit_id text PRIMARY KEY, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, settled_at timestamp,
		visit_type text, main_diagnosis text, total_amount numeric, scope_amount numeric, fund_amount numeric, payment_method text, valid bool, updt_time timestamp);
	CREATE TABLE w.line_row (visit_id text, line_id text, original_line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, category text,
		valid bool, updt_time timestamp, PRIMARY KEY (visit_id, line_id));
	CREATE TABLE w.diagnosis (visit_id text, diagnosis_code text, rank int);
	CREATE VIEW w.visit AS SELECT * FROM w.visit_row WHERE valid;
	CREATE VIEW w.line AS SELECT * FROM w.line_row WHERE valid;
	CREATE VIEW w.change AS SELECT visit_id, updt_time AS changed_at FROM w.visit_row UNION ALL SELECT visit_id, updt_time FROM w.line_row;
	CREATE SEQUENCE w.number;

	-- visits of some days, settled up to the last of them, with their lines
	CREATE FUNCTION w.add_visits(first_day date, last_day date, visits int, written timestamp) RETURNS void LANGUAGE sql AS $$
		WITH made AS (
			SELECT 'V' || lpad(nextval('w.number')::text, 6, '0') AS visit_id, 'P' || lpad((1 + floor(power(random(), 1.5) * 30))::int::text, 3, '0') AS person_id,
				'F' || 1 + floor(random() * 5)::int AS facility_id, random() < 0.5 AS stay,
				first_day + floor(random() * (last_day - first_day + 1))::int AS settled_on, floor(power(random(), 2) * 12)::int AS days, floor(random() * 8)::int AS hour, random() AS what,
				('{J18.900,J18.100,I10.x00,Z51.100,K80.200}'::text[])[1 + floor(random() * 5)::int] AS main_diagnosis
			FROM generate_series(1, visits)
		), placed AS (
			INSERT INTO w.visit_row
			SELECT visit_id, person_id, facility_id, settled_on - CASE WHEN stay THEN 1 + days ELSE 0 END + time '08:00' + hour * interval '1 hour',
				CASE WHEN what > 0.06 THEN settled_on + time '17:00' END, CASE WHEN what > 0.06 THEN settled_on + time '18:00' END,
				CASE WHEN stay THEN '21' ELSE '11' END, main_diagnosis, 100 + floor(what * 7), 90, 60, 'item', true, written
			FROM made RETURNING *
		)
		INSERT INTO w.line_row
		SELECT visit_id, l::text, NULL, i.item_code, i.quantity, i.quantity * 10, date_trunc('day', p.admitted_at) + i.place * (coalesce(settled_at, admitted_at) - admitted_at) / 2 + time '10:00' + (random() < 0.05)::int * interval '4 days',
			CASE i.item_code WHEN 'A' THEN '01' WHEN 'B' THEN '07' WHEN 'C' THEN '03' WHEN 'D' THEN '04' ELSE '09' END, true, written
		FROM placed AS p, generate_series(1, 4) AS l,
			LATERAL (SELECT ('{A,B,C,D,E}'::text[])[1 + floor(random() * 5)::int] AS item_code, 1 + floor(random() * 2) AS quantity, floor(random() * 3) AS place, p.visit_id AS v, l AS n) AS i
	$$;
	-- so many visits and lines drawn among all
	CREATE FUNCTION w.some_visits(n int) RETURNS SETOF text LANGUAGE sql AS $$
		SELECT visit_id FROM (SELECT visit_id, random() AS r FROM (SELECT visit_id FROM w.visit_row WHERE valid ORDER BY visit_id) AS i) AS v ORDER BY r LIMIT n $$;
	CREATE FUNCTION w.some_lines(n int) RETURNS SETOF w.line_row LANGUAGE sql AS $$
		SELECT (l).* FROM (SELECT l, random() AS r FROM (SELECT i AS l FROM w.line_row AS i WHERE valid ORDER BY visit_id, line_id) AS i) AS v ORDER BY r LIMIT n $$;
	CREATE FUNCTION w.live(today date) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM setseed(((today - date '2025-03-01' + 37 * w.seed()) % 1000) / 1000.0);
		PERFORM w.add_visits(today, today, 6, today + time '19:00');
		-- two of a household, in and out together
		INSERT INTO w.visit_row
		SELECT 'T' || today || p, 'P' || lpad((6 + p)::text, 3, '0'), 'F' || 1 + extract(day FROM today)::int % 2, today - 6 + time '09:00', today + time '09:00', today + time '10:00', '21', 'K80.200', 200, 100, 50, 'item', true, today + time '19:00'
		FROM generate_series(0, 1) AS p WHERE (today - date '2025-03-01') % 4 = 1;
		-- those who were still in
		UPDATE w.visit_row SET discharged_at = today + time '12:00', settled_at = today + time '13:00', updt_time = today + time '19:10'
		WHERE settled_at IS NULL AND valid AND random() < 0.5;
		-- late, taken back, refunded
		INSERT INTO w.line_row SELECT visit_id, 'late' || today, NULL, item_code, quantity, amount, charged_at, category, true, today + time '19:20' FROM w.some_lines(3)
		ON CONFLICT DO NOTHING;
		UPDATE w.line_row AS l SET valid = false, updt_time = today + time '19:30' FROM w.some_lines(2) AS s WHERE s.visit_id = l.visit_id AND s.line_id = l.line_id;
		INSERT INTO w.line_row SELECT visit_id, 'back' || today || line_id, line_id, item_code, -quantity, -amount, charged_at, category, true, today + time '19:40'
		FROM w.some_lines(3) WHERE quantity > 0 ON CONFLICT DO NOTHING;
		-- settled on another day, of somebody else, of another disease, for nothing, deleted
		UPDATE w.visit_row SET settled_at = date '2025-02-20' + floor(random() * (today - date '2025-02-20'))::int + time '18:30', updt_time = today + time '19:50'
		WHERE visit_id IN (SELECT w.some_visits(2)) AND settled_at IS NOT NULL;
		UPDATE w.visit_row SET person_id = 'P' || lpad((1 + floor(random() * 30))::int::text, 3, '0'), updt_time = today + time '20:00' WHERE visit_id IN (SELECT w.some_visits(1));
		UPDATE w.visit_row SET main_diagnosis = 'K80.200', total_amount = total_amount + 1, updt_time = today + time '20:10' WHERE visit_id IN (SELECT w.some_visits(1));
		UPDATE w.visit_row SET total_amount = 0, updt_time = today + time '20:20' WHERE visit_id IN (SELECT w.some_visits(1)) AND random() < 0.3;
		UPDATE w.visit_row SET valid = false, updt_time = today + time '20:30' WHERE visit_id IN (SELECT w.some_visits(1));
		-- of nobody, elsewhere, with other diagnoses, deleted and there again
		UPDATE w.visit_row SET person_id = NULL, updt_time = today + time '20:40' WHERE visit_id IN (SELECT w.some_visits(2));
		UPDATE w.visit_row SET facility_id = 'F' || 1 + floor(random() * 5)::int, updt_time = today + time '20:41' WHERE visit_id IN (SELECT w.some_visits(1));
		WITH other AS (
			UPDATE w.visit_row SET updt_time = today + time '20:42' WHERE visit_id IN (SELECT w.some_visits(2)) RETURNING visit_id
		)
		INSERT INTO w.diagnosis SELECT visit_id, ('{I10.x00,Z51.100}'::text[])[1 + floor(random() * 2)::int], 2 FROM other;
		UPDATE w.visit_row SET valid = true, updt_time = today + time '20:43'
		WHERE visit_id = (SELECT visit_id FROM w.visit_row WHERE NOT valid ORDER BY hashtext(visit_id || today) LIMIT 1) AND random() < 0.5;
	END $$;

	SELECT setseed(0.5);
	SELECT w.add_visits('2025-01-10', '2025-02-28', 260, '2025-03-01 02:00');
	UPDATE w.visit_row SET updt_time = date_trunc('day', admitted_at);
	UPDATE w.line_row AS l SET updt_time = v.updt_time FROM w.visit_row AS v WHERE v.visit_id = l.visit_id;
	INSERT INTO medaudit.stay_tag (tag, household_people) VALUES ('institution', 5);
	CALL medaudit.bind('person', 'w.person');
	CALL medaudit.bind('facility', 'w.facility');
	CALL medaudit.bind('visit', 'w.visit');
	CALL medaudit.bind('charge', 'w.line');
	CALL medaudit.bind('diagnosis', 'w.diagnosis');
	CALL medaudit.bind('change', 'w.change');
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty)
	SELECT 'c_' || kind, kind, kind, 'violation' FROM unnest('{duplicate,exclusive,quantity,amount,course,prerequisite,resettled,outside_stay,restriction}'::text[]) AS kind;
	INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, max_amount, max_days, sex) VALUES
		('c_duplicate', 'B', NULL, '20 days', NULL, NULL, NULL, NULL), ('c_exclusive', 'A', 'B', '10 days', NULL, NULL, NULL, NULL),
		('c_quantity', 'D', NULL, '30 days', 2, NULL, NULL, NULL), ('c_amount', 'A', NULL, 'quarter', NULL, 30, NULL, NULL), ('c_course', 'E', NULL, NULL, NULL, NULL, 2, NULL),
		('c_prerequisite', 'B', 'C', '60 days', NULL, NULL, NULL, NULL), ('c_resettled', 'A', NULL, NULL, NULL, NULL, NULL, NULL),
		('c_outside_stay', 'C', NULL, NULL, NULL, NULL, 0, NULL), ('c_restriction', 'D', NULL, NULL, NULL, NULL, NULL, '2');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, diagnosis_prefixes) VALUES ('c_restriction', 'E', '{I10,J18}');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh)
	SELECT 's_' || kind, kind, kind FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,same_household_admissions,companions,hang_bed,low_standard_stay}'::text[]) AS kind;
	UPDATE medaudit.rule AS r SET parameters = p.given
	FROM (SELECT p.kind, jsonb_object_agg(g.key, g.value) AS given
		FROM jsonb_each('{"min_stays": 3, "min_times": 2, "max_p": 1, "min_excess": 1, "min_ratio": 1, "weeks": 3, "min_alike": 3, "min_share": 0.1, "tolerance_abs": 2}') AS g
		JOIN medaudit.rule_parameter AS p ON p.name = g.key GROUP BY p.kind) AS p
	WHERE p.kind = r.kind AND r.rule_code LIKE 's\_%';
	UPDATE medaudit.rule SET parameters = parameters || '{"exclude_tags": ["institution", "newborn"]}'
	WHERE rule_code IN ('s_companions', 's_split_stays', 's_overlapping_stays');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject)
	SELECT 'p_' || kind, kind, kind, 'person' FROM unnest('{invalid_resident_id,resident_id_mismatch,shared_resident_id,events_after_death}'::text[]) AS kind;
	UPDATE medaudit.rule SET parameters = '{"max_share": 1}' WHERE rule_code IN ('p_invalid_resident_id', 'p_resident_id_mismatch');

	CREATE VIEW w.standing AS
	SELECT f.rule_code, f.subject_kind, f.subject_id, f.key, encode(f.fingerprint, 'hex') AS fingerprint, f.judged_on
	FROM medaudit.finding AS f
	JOIN medaudit.rule AS r ON r.rule_code = f.rule_code
	JOIN medaudit.rule_kind AS k ON k.kind = r.kind AND k.natural_period = 'day'
	WHERE f.state = 'open';
	CREATE FUNCTION w.wrong_books() RETURNS SETOF text LANGUAGE plpgsql AS $$
	BEGIN
		RETURN QUERY
		SELECT coalesce(b.visit_id, g.visit_id)
		FROM medaudit_data.visit_book AS b
		FULL JOIN (
			SELECT v.visit_id, v.person_id, v.facility_id, coalesce(v.settled_at, v.discharged_at)::date AS judged_on, medaudit.ledger_send(l.book) AS book
			FROM w.visit AS v
			LEFT JOIN (SELECT c.visit_id, medaudit.ledger(c.item_code, c.quantity, c.amount, c.charged_at, c.line_id, c.original_line_id, c.visit_id, NULL) AS book
				FROM w.line AS c GROUP BY c.visit_id) AS l ON l.visit_id = v.visit_id
		) AS g ON g.visit_id = b.visit_id
		WHERE (b.person_id, b.facility_id, b.judged_on, medaudit.ledger_send(b.book)) IS DISTINCT FROM (g.person_id, g.facility_id, g.judged_on, g.book)
		ORDER BY 1;
	END $$});

sub quietly
{
	my ($database, @calls) = @_;

	return $node->psql($database, join("\n", 'SET client_min_messages = error;', map { "$_;" } @calls), on_error_stop => 1);
}

sub day
{
	return ask("SELECT date '2025-03-01' + $_[0]");
}

# What stands, against what one run over the whole time finds from the lines of a
# copy of the database.
sub stands_as_whole
{
	my ($database, $last, $name) = @_;

	ask("CREATE DATABASE whole TEMPLATE $database", 'template1');
	ask(q{DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key,
			medaudit_data.kept_stay, medaudit_data.due_person;
		CREATE TABLE w.grown AS TABLE w.standing;
		ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
		TRUNCATE medaudit.finding CASCADE; TRUNCATE medaudit.run CASCADE}, 'whole');
	is(scalar(quietly('whole', "CALL medaudit.run_audit('2025-01-01', '$last'::date + 1)")), 0, "$name: a run of the whole time");
	is( ask(q{SELECT string_agg(side || ' ' || d::text, E'\n') FROM (
			SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.grown EXCEPT ALL TABLE w.standing) AS s
				UNION ALL SELECT 'less', s.* FROM (TABLE w.standing EXCEPT ALL TABLE w.grown) AS s) AS i
			ORDER BY rule_code, key, side LIMIT 20) AS d}, 'whole'),
		'', "$name: what stands is what a run of the whole time finds");
	my $found = ask('SELECT count(*) FROM w.standing', 'whole');
	note("$found findings");
	ask('DROP DATABASE whole', 'template1');
	return $found;
}

# The persons and stays in the store are those that one makes anew: nothing of what
# was taken from day to day has been left behind.
my $kept = q{SELECT md5(string_agg(t::text, E'\n' ORDER BY t::text COLLATE "C")) FROM (
	SELECT to_jsonb(k) AS t FROM medaudit_data.person_key AS k
	UNION ALL SELECT to_jsonb(s) FROM medaudit_data.kept_stay AS s) AS t};
sub kept_as_made_anew
{
	my ($last, $name, @over_all_days) = @_;

	ask('CREATE DATABASE anew TEMPLATE postgres', 'template1');
	ask('DELETE FROM medaudit_data.person_key; DELETE FROM medaudit_data.kept_stay;
		UPDATE medaudit_data.book_state SET register_reading = NULL, stays_from = NULL, stays_reading = NULL', 'anew');
	is(scalar(quietly($_, "CALL medaudit.run_audit('2025-01-01', '$last'::date + 1)")), 0, "$name: a run over all days, $_") foreach @over_all_days, 'anew';
	is(ask($kept), ask($kept, 'anew'), "$name: persons and stays are kept as they are made anew");
	ask('DROP DATABASE anew', 'template1');
}

# ------------------------------------------------------------------- the days

ask('CALL medaudit.create_book_store(4)');
is(scalar(quietly('postgres', 'CALL medaudit.refresh_books()', "CALL medaudit.run_audit('2025-01-01', '2025-03-01')")), 0, 'the time before');
is(ask('SELECT string_agg(b, $$ $$) FROM w.wrong_books() AS b'), '', 'every book is that of its lines');

my ($visits, $most) = (0, 0);
foreach my $n (0 .. $days - 1)
{
	my $today = day($n);

	ask("SELECT w.live('$today')");
	# killed at each of its commits on some days, but for those on which rules change after this
	my $kills = $n % 5 == 4 && $n % 6 != 5;
	ask("CREATE DATABASE killed TEMPLATE postgres", 'template1') if $kills;
	is(scalar(quietly('postgres', 'CALL medaudit.refresh_books(sample_share => 0.1)')), 0, "$today: refreshed");
	is(ask('SELECT string_agg(b, $$ $$) FROM w.wrong_books() AS b'), '', "$today: every book is that of its lines");
	my ($changed, $gathered, $all) = split /\|/, ask(qq{SELECT s.changed, s.gathered, (SELECT count(DISTINCT visit_id) FROM w.change
		WHERE changed_at > (SELECT max(changed_at) FROM w.change WHERE changed_at < '$today') - interval '1 hour')
		FROM medaudit_data.book_state AS s});
	is($gathered, $all, "$today: as many visits are gathered as changed: $gathered, $changed of them other ones");
	# rules change: all days are judged again
	if ($n % 6 == 5)
	{
		ask("UPDATE medaudit.charge_rule SET max_quantity = 5 - max_quantity WHERE rule_code = 'c_quantity'");
		is(scalar(quietly('postgres', "CALL medaudit.run_audit('2025-01-01', '$today')")), 0, "$today: rules change");
	}
	is(scalar(quietly('postgres', "CALL medaudit.run_audit('$today', '$today'::date + 1)", 'CALL medaudit.audit_changes()')), 0, "$today: judged, judged again");
	is(ask('SELECT count(*) FROM medaudit.stale_visits'), '0', "$today: nothing is stale");
	if ($n % 4 == 3 || $n == $days - 1)
	{
		stands_as_whole('postgres', $today, $today);
		kept_as_made_anew($today, $today);
	}
	killed_at_each($today) if $kills;
}
cmp_ok(ask('SELECT count(*) FROM w.standing'), '>', 100, 'much was found');
cmp_ok(ask('SELECT count(DISTINCT rule_code) FROM w.standing'), '>=', $days < 12 ? 15 : 19, 'by nearly every rule');

# --------------------------------------------------------------- the register

my $yesterday = day($days - 1);
cmp_ok(ask('SELECT count(*) FROM medaudit_data.kept_stay'), '>', 100, 'stays are kept');
cmp_ok(ask("SELECT count(*) FROM medaudit_data.kept_stay WHERE 'institution' = ANY (tags)"), '>', 0, 'with their tags');
kept_as_made_anew($yesterday, 'after the days', 'postgres');
# people move, are registered under another number, are born, go, and come back
foreach my $change (
	"UPDATE w.person SET household_id = 'H1' WHERE person_id IN ('P009', 'P010', 'P022')",
	"UPDATE w.person SET resident_id = '110105194912310021' WHERE person_id IN ('P005', 'P014')",
	"UPDATE w.person SET resident_id = NULL WHERE person_id IN ('P009', 'P023'); UPDATE w.person SET sex = '2' WHERE person_id = 'P003'",
	"CREATE TABLE w.away AS SELECT * FROM w.person WHERE person_id IN ('P002', 'P013', 'P026'); DELETE FROM w.person WHERE person_id IN ('P002', 'P013', 'P026')",
	"UPDATE w.facility SET credit_code = 'C1', beds = 1 WHERE facility_id = 'F3'",
	"INSERT INTO w.person SELECT * FROM w.away; INSERT INTO w.person SELECT * FROM w.away WHERE person_id = 'P013'; INSERT INTO w.person SELECT * FROM w.person WHERE person_id = 'P004'; UPDATE w.person SET phone = NULL WHERE person_id > 'P020'")
{
	ask($change);
	# a day sees its own people, all are compared by a run of more days
	is(scalar(quietly('postgres', "CALL medaudit.run_audit('$yesterday', '$yesterday'::date + 1)")), 0, "a day after: $change");
	kept_as_made_anew($yesterday, $change, 'postgres');
	stands_as_whole('postgres', $yesterday, $change);
}

# A refresh is killed when it has taken the visits of somebody whom the register has
# since today, and the register not: a day later he is compared as well.
{
	my ($tomorrow, $next) = (day($days), day($days + 1));
	my $taken = 'SELECT count(*) FROM medaudit_data.person_key WHERE person_id = $$P031$$';

	ask("INSERT INTO w.person SELECT 'P031', '人31', '1', birth_date, household_id, phone, NULL, resident_id FROM w.person WHERE person_id = 'P006';
		UPDATE w.visit_row SET person_id = 'P031', updt_time = date '$yesterday' + time '21:00' WHERE person_id = 'P006' AND valid");
	ask("SELECT w.live('$tomorrow')");
	is(scalar(quietly('postgres', 'CALL medaudit._books_follow(NULL)')), 0, 'the visits are taken');
	is(ask($taken), '0', 'and the register is not');
	ask("SELECT w.live('$next')");
	is(scalar(quietly('postgres', map { "CALL medaudit.run_audit('$_', '$_'::date + 1)" } $tomorrow, $next)), 0, 'days later');
	is(scalar(quietly('postgres', 'CALL medaudit.audit_changes()')), 0, 'what changed is judged again');
	is(ask($taken), '1', 'of whom visits were taken is compared');
	stands_as_whole('postgres', $next, 'killed before the register');
	kept_as_made_anew($next, 'killed before the register', 'postgres');
}

# The store is dropped and made again, and days go on.
{
	my $next = day($days + 2);

	ask('DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key,
		medaudit_data.kept_stay, medaudit_data.due_person; CALL medaudit.create_book_store(2)');
	ask("SELECT w.live('$next')");
	is(scalar(quietly('postgres', 'CALL medaudit.refresh_books()', "CALL medaudit.run_audit('2025-01-01', '$next'::date + 1)")), 0, 'the store made again');
	stands_as_whole('postgres', $next, 'the store made again');
}

# Who pays with a card, and has no visit of the run, is registered all the same: a family
# that shops together is none for a run that takes its persons from the store either.
{
	my $month = "CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{b_cards}')";
	my $paid = q{SELECT string_agg(concat_ws(' ', f.subject_id, f.evidence ->> 'people', f.people, f.evidence_text, encode(f.fingerprint, 'hex')), E'\n' ORDER BY f.subject_id)
		FROM medaudit.finding AS f WHERE f.rule_code = 'b_cards' AND f.state = 'open'};

	ask(q{INSERT INTO w.person (person_id, name, sex, birth_date, household_id)
		SELECT 'Q0' || i, '客' || i, '1', date '1970-01-01', CASE WHEN i <= 3 THEN 'HQ' ELSE 'HQ' || i END FROM generate_series(1, 6) AS i;
		INSERT INTO w.person (person_id, name, sex, birth_date, household_id, resident_id)
		SELECT 'Q0' || i, '客' || i, '1', date '1949-12-31', 'HQ' || i, '110105194912310011' FROM generate_series(7, 9) AS i;
		CREATE TABLE w.swipe AS
		SELECT 'P9900000000' || CASE WHEN i <= 3 THEN 1 WHEN i <= 6 THEN 2 ELSE 3 END AS facility_id, 'K' || i AS card_id, d + time '10:00' + i * interval '1 minute' AS swiped_at, 20.00 AS amount, 'Q0' || i AS person_id
		FROM generate_series(1, 9) AS i, generate_series(timestamp '2025-03-03', '2025-03-24', '7 days') AS d
		UNION ALL
		SELECT 'P9900000000' || 1 + i % 3, 'L' || i, timestamp '2025-03-01 08:00' + i * interval '31 minutes', 10, NULL FROM generate_series(1, 900) AS i;
		CALL medaudit.bind('swipe', 'w.swipe');
		INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject) VALUES ('b_cards', 'cards_together', '成组刷卡', 'pharmacy')});
	is(scalar(quietly('postgres', $month)), 0, 'cards, persons from the store');
	ask('CREATE DATABASE whole TEMPLATE postgres', 'template1');
	ask('DROP TABLE medaudit_data.book_state; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
		TRUNCATE medaudit.finding CASCADE; TRUNCATE medaudit.run CASCADE', 'whole');
	is(scalar(quietly('whole', $month)), 0, 'cards, persons from the register');
	like(ask($paid), qr/^P99000000002 3 \{客4,客5,客6\} [^\n]+$/, 'of strangers, not of a family, nor of one person under several numbers');
	is(ask($paid), ask($paid, 'whole'), 'the same of persons from the store and from the register');
	ask('DROP DATABASE whole', 'template1');
}

# ------------------------------------------------------------------- killed

# The day of a copy of the database, whose sessions end where their second, third,
# ... transaction begins: what was committed stays.  Each is called again.
sub killed_at_each
{
	my ($today) = @_;
	my @calls = ([ 'CALL medaudit.refresh_books(sample_share => 0.1)', 'CALL medaudit.refresh_books(sample_share => 0.1)' ],
		[ "CALL medaudit.run_audit('$today', '$today'::date + 1)", "CALL medaudit.run_audit('$today', '$today'::date + 1, resume => true)" ],
		[ 'CALL medaudit.audit_changes()', 'CALL medaudit.audit_changes()' ]);
	my $kills = 0;

	ask(q{
		CREATE FUNCTION medaudit._books_per_step_kept() RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE OR REPLACE FUNCTION medaudit._books_per_step() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 5';
		CREATE SEQUENCE w.transactions;
		GRANT ALL ON SEQUENCE w.transactions TO PUBLIC;
		CREATE TABLE w.ends_at (nth bigint);
		INSERT INTO w.ends_at VALUES (0);
		ALTER PROCEDURE medaudit._check_work_rights() RENAME TO _check_work_rights_of_old;
		CREATE PROCEDURE medaudit._check_work_rights() LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
		BEGIN
			IF nextval('w.transactions') = (SELECT nth FROM w.ends_at) THEN
				PERFORM pg_terminate_backend(pg_backend_pid());
				PERFORM pg_sleep(10);
			END IF;
			CALL medaudit._check_work_rights_of_old();
		END $$}, 'killed');
	foreach my $call (@calls)
	{
		my ($first, $again) = @$call;

		foreach my $nth (2 .. 200)
		{
			ask("SELECT setval('w.transactions', 1, false); UPDATE w.ends_at SET nth = $nth", 'killed');
			last if quietly('killed', $nth == 2 ? $first : $again) == 0;
			$kills++;
		}
	}
	cmp_ok($kills, '>', 10, "$today: killed $kills times");
	is(ask('SELECT string_agg(b, $$ $$) FROM w.wrong_books() AS b', 'killed'), '', "$today: every book is that of its lines, killed at each commit");
	ask(q{DROP PROCEDURE medaudit._check_work_rights();
		ALTER PROCEDURE medaudit._check_work_rights_of_old() RENAME TO _check_work_rights;
		CREATE TABLE w.killed AS TABLE w.standing}, 'killed');
	my $told = ask(q{SELECT string_agg(t::text, E'\n' ORDER BY t::text) FROM w.killed AS t}, 'killed');
	is($told, ask(q{SELECT string_agg(t::text, E'\n' ORDER BY t::text) FROM w.standing AS t}), "$today: what stands is the same, killed at each commit");
	ask('DROP DATABASE killed', 'template1');
}

# The server itself: what is UNLOGGED is empty after it, and the store is not.
my $late = day($days + 3);
ask("SELECT w.live('$late')");
ask(q{CREATE OR REPLACE FUNCTION medaudit._books_believed() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT pg_catalog.now()::timestamp + interval ''1 day'' FROM pg_catalog.pg_sleep(CASE WHEN EXISTS (SELECT FROM medaudit_work.fresh) THEN 60 ELSE 0 END)'});
my $refresh = IPC::Run::start([ 'psql', '-XAqt', '-d', $node->connstr('postgres'), '-c', 'CALL medaudit.refresh_books()' ], '>', \my $out, '2>', \my $err);
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE 'CALL medaudit.refresh_books%' AND wait_event = 'PgSleep'}) or die;
kill_backend($node, ask(q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL medaudit.refresh_books%'}));
$refresh->finish;
ask(q{CREATE OR REPLACE FUNCTION medaudit._books_believed() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT pg_catalog.now()::timestamp + interval ''1 day'''});
cmp_ok(ask('SELECT count(*) FROM w.wrong_books()'), '>', 0, 'a backend killed in the midst of its step: the step is undone');
is(scalar(quietly('postgres', 'CALL medaudit.refresh_books()')), 0, 'and called again');
is(ask('SELECT string_agg(b, $$ $$) FROM w.wrong_books() AS b'), '', 'every book is that of its lines');

done_testing();
