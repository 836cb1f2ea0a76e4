# Doors: what those who may do something can do beyond it, and what a run that
# fails leaves behind.
use strict;
use warnings;

use IPC::Run qw(start finish);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('doors', conf => 'restart_after_crash = on');
my $run = "CALL medaudit.run_audit('2026-03-01', '2026-04-01');";
my $resume = "CALL medaudit.run_audit('2026-03-01', '2026-04-01', resume => true);";

sub ask
{
	return $node->safe_psql('postgres', shift);
}

# What QUERY says as ROLE: its answer, or "ERROR CODE".
sub said
{
	my ($role, $query) = @_;
	my ($code, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate\nSET client_min_messages = error;\nSET SESSION AUTHORIZATION $role;\n$query");

	return $code == 0 ? $out : $err =~ /(?:ERROR|FATAL):\s+(\w{5})/ ? "ERROR $1" : $err;
}

# A session of its own; give it to ended() for its messages.
sub session
{
	my ($role, $query) = @_;
	my %session = (out => '', err => '');
	my $script = PostgreSQL::Test::Utils::tempdir() . '/script.sql';

	append_to_file($script, "SET SESSION AUTHORIZATION $role;\n$query");
	$session{run} = start [ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-v', 'VERBOSITY=sqlstate', '-f', $script ],
	  '<', \undef, '>', \$session{out}, '2>', \$session{err};
	return \%session;
}

sub ended
{
	my ($session) = @_;

	finish $session->{run};
	return $session->{err};
}

# Waits until a session says that it sleeps, having done what stands before.
sub wait_for_sleep
{
	my ($mark) = @_;

	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity
		WHERE query ~ 'pg_sleep\\(600\\), ''$mark''' AND wait_event = 'PgSleep'")
	  or die "no session sleeps for $mark";
}

sub wake
{
	my ($mark, $session) = @_;

	ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query ~ 'pg_sleep\\(600\\), ''$mark''' AND pid <> pg_backend_pid()");
	return ended($session);
}

my $findings = q{SELECT string_agg(concat_ws(' ', finding_id, facility_id, rule_code, key, gross_amount, state), E'\n'
	ORDER BY finding_id) FROM medaudit.finding};

# 20 facilities, in each a visit with an item charged twice.  The step of the
# charges and the visits divide by what stands in warehouse.divisor.
ask(q{
	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.visit AS
	SELECT 'V' || i AS visit_id, 'P' || i AS person_id, 'F' || i AS facility_id, timestamp '2026-03-02 09:00' AS admitted_at,
		timestamp '2026-03-05 09:00' AS discharged_at, '21' AS type, 'I63.900' AS main_diagnosis
	FROM generate_series(1, 20) AS i;
	CREATE TABLE warehouse.line AS
	SELECT 'V' || i AS visit_id, 'F' || i AS facility_id, 'L' || l AS line_id, 'A' AS item_code, 1 AS quantity, 10 AS amount,
		timestamp '2026-03-02 10:00' + l * interval '1 minute' AS charged_at
	FROM generate_series(1, 20) AS i, generate_series(1, 2) AS l
	UNION ALL SELECT 'V' || i, 'F' || i, 'L3', 'B', 1, 10, timestamp '2026-03-03 10:00' FROM generate_series(1, 20) AS i;
	CREATE TABLE warehouse.divisor AS SELECT 1 AS lines, 1 AS visits;
	CREATE VIEW warehouse.charge WITH (security_invoker = true) AS SELECT l.*
	FROM warehouse.line AS l;
	CREATE FUNCTION warehouse.divide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1 / d.lines FROM warehouse.divisor AS d; RETURN NULL; END $$;
	CREATE TRIGGER divide BEFORE INSERT ON medaudit.run_insufficient FOR EACH STATEMENT EXECUTE FUNCTION warehouse.divide();
	CREATE VIEW warehouse.stay WITH (security_invoker = true) AS SELECT v.*, pg_catalog.repeat(v.type, 1 / d.visits) AS visit_type
	FROM warehouse.visit AS v CROSS JOIN warehouse.divisor AS d;
	CALL medaudit.bind('visit', 'warehouse.stay');
	CALL medaudit.bind('charge', 'warehouse.charge');
	UPDATE medaudit.rule SET enabled = rule_code IN ('split_stays', 'overlapping_stays');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'duplicate', '同日重复'), ('other', 'quantity', '每日一次');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('mine', 'A', 'day', NULL), ('other', 'B', 'day', 1);
	CREATE ROLE auditor LOGIN;
	CREATE ROLE reviewer LOGIN;
	CREATE ROLE plain LOGIN;
	CREATE ROLE city LOGIN;
	CREATE ROLE second LOGIN;
	GRANT USAGE ON SCHEMA medaudit, warehouse TO auditor, plain, city;
	GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO auditor, city;
	CALL medaudit.grant_access('auditor', 'runner');
	CALL medaudit.grant_access('city', 'runner');
	CALL medaudit.grant_access('reviewer', 'reviewer');
	CALL medaudit.grant_access('second', 'reviewer');
	GRANT TRUNCATE ON medaudit.finding, medaudit.finding_line TO auditor});
is(said('auditor', $run), '', 'a run of a role that is no superuser');
is(ask('SELECT count(*), count(DISTINCT facility_id) FROM medaudit.finding'), '20|20', 'finds what is there');
my $whole = ask($findings);
is(ask(q{SELECT string_agg(c.relname, ', ') FROM pg_class AS c WHERE c.relnamespace = 'medaudit_work'::regnamespace AND c.relkind = 'r'
	AND (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM medaudit_work.%I', c.relname), false, true, '')))[1]::text <> '0'}),
	'', 'and leaves nothing in its working tables');
ask('REVOKE TRUNCATE ON medaudit_work.span FROM auditor');
like(said('auditor', $run), qr/^ERROR 42501/, 'without the rights on working tables none is begun');
ask('GRANT TRUNCATE ON medaudit_work.span TO auditor; REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC');
my (undef, undef, $refused) = $node->psql('postgres', "SET SESSION AUTHORIZATION auditor;\n$run");
like($refused, qr/permission denied to create temporary tables in database "postgres"\nHINT:.*GRANT TEMPORARY ON DATABASE postgres/,
	'nor without the right to make temporary ones, and the hint says what to grant');
ask('GRANT TEMPORARY ON DATABASE postgres TO PUBLIC');
is(said('plain', q{SELECT medaudit._analyze('span')}), 'ERROR 42501', 'nor are they looked over');
is(said('auditor', q{SELECT medaudit._analyze('finding')}), 'ERROR 42P01', 'nor is another table');

# A run that fails says so
my $steps = "SELECT string_agg(concat(coalesce(rule_code, step), ' ', state), ', ' ORDER BY step_no) FROM medaudit.run_progress
	WHERE run_id = (SELECT max(run_id) FROM medaudit.run)";
my $states = "SELECT string_agg(DISTINCT concat_ws(' ', w.run_state, f.run_state), ', ') FROM medaudit.worklist AS w
	JOIN medaudit.findings AS f ON f.finding_id = w.finding_id";
is(ask($states), 'current current', 'findings are current');
ask('UPDATE warehouse.divisor SET lines = 0');
my ($code, $out, $err) = $node->psql('postgres', $run);
isnt($code, 0, 'psql sees that a run failed');
like($err, qr/ERROR:  run 2 failed in 1 of 4 steps: charges\nDETAIL:  22012: division by zero/, 'with the names of the steps');
is(error_of($node, $run), '38000', 'it is an error of a class of its own');
is(ask($steps), 'charges failed, split_stays done, overlapping_stays done, data_quality done',
	'an error of data is not asked again rule by rule');
is(ask('SELECT DISTINCT run_state FROM medaudit.run_progress WHERE run_id > 1'), 'failed', 'what the others found is committed');
is(ask($findings), $whole, 'and nothing has gone');
is(ask($states), 'failed failed', 'worklist and findings say that the last run failed');
is(error_of($node, $resume), '38000', 'to resume it fails again');
ask('UPDATE warehouse.divisor SET lines = 1, visits = 0');
(undef, undef, $err) = $node->psql('postgres', $run);
like($err, qr/could not read what is bound: 22012: division by zero\nHINT:  medaudit\.sources\(\) says/, 'what cannot be read is told, and where to look');
is(ask("SELECT relation, problems FROM medaudit.sources() WHERE problems <> '{}'"), 'visit|{"cannot be read: division by zero"}', 'sources() names it');
my $runs = ask('SELECT max(run_id) FROM medaudit.run');
is(error_of($node, $run), '38000', 'so does a run that cannot read the visits');
is(ask($steps), 'charges failed, split_stays failed, overlapping_stays failed, data_quality failed', 'which is a run of which all steps failed');
is(ask("SELECT run_id - $runs FROM medaudit.run WHERE state = 'failed' ORDER BY run_id DESC LIMIT 1"), '1', 'and has a number');
is(ask($states), 'failed failed', 'and the list says so');
ask('UPDATE warehouse.divisor SET visits = 1');
is(said('auditor', $resume), '', 'it can be resumed when it is mended');
is(ask($steps), 'charges done, split_stays done, overlapping_stays done, data_quality done', 'and does all that it had not done');
is(ask($findings) . ask($states), $whole . 'current current', 'and the list is as it was');

# one rule that does not compile takes no other with it
ask("SET session_replication_role = replica; INSERT INTO medaudit.rule (rule_code, kind, name_zh, enabled) VALUES ('broken', 'quantity', '坏规则', true);
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('broken', 'A', 'day')");
is(error_of($node, $run), '38000', 'a broken rule fails');
is(ask($steps), 'charges skipped, split_stays done, overlapping_stays done, data_quality done, broken failed, mine done, other done', 'by itself');
ask("SET session_replication_role = replica; DELETE FROM medaudit.charge_rule WHERE rule_code = 'broken'; DELETE FROM medaudit.rule WHERE rule_code = 'broken'");
is(said('auditor', $run), '', 'and is gone');
is(ask($findings), $whole, 'the findings are the same');

# Row security
ask("ALTER TABLE warehouse.line ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON warehouse.line TO city USING (facility_id = 'F1');
	CREATE POLICY others ON warehouse.line TO auditor USING (true)");
is(said('city', 'SELECT count(*) FROM warehouse.line'), '3', 'a role that sees one facility');
is(said('city', $run), 'ERROR 42501', 'may not run');
is(said('city', "SET row_security = on; $run"), 'ERROR 42501', 'whatever it set');
is(ask($findings), $whole, 'and the findings of others stand');
is(said('auditor', $run), 'ERROR 42501', 'nor may one of whom a policy hides nothing, for nobody knows');
ask('DROP POLICY own ON warehouse.line; DROP POLICY others ON warehouse.line; ALTER TABLE warehouse.line DISABLE ROW LEVEL SECURITY;
	ALTER TABLE warehouse.visit ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON warehouse.visit TO city USING (facility_id = $$F1$$)');
is(said('city', $run), 'ERROR 42501', 'visits');
ask('DROP POLICY own ON warehouse.visit; ALTER TABLE warehouse.visit DISABLE ROW LEVEL SECURITY;
	ALTER TABLE medaudit.finding ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON medaudit.finding TO city USING (facility_id = $$F1$$)');
is(said('city', $run), 'ERROR 42501', 'findings');
is(said('city', 'SELECT count(*) FROM medaudit.worklist'), '1', 'which it may read');
ask('DROP POLICY own ON medaudit.finding; ALTER TABLE medaudit.finding DISABLE ROW LEVEL SECURITY');
is(ask('SELECT count(*) FROM medaudit.run') . ask($findings), ask('SELECT max(run_id) FROM medaudit.run') . $whole, 'none of these left a trace');
is(said('city', "$run SHOW row_security"), 'on', 'a run leaves the setting as it was');
is(said('city', "SET row_security = on; SET statement_timeout = 1; \\set ON_ERROR_STOP 0\n$run\nSET statement_timeout = 0; SHOW row_security"), 'on', 'one that is cancelled too');
is(ask($findings), $whole, 'and finds the same');

# Plain statements that change findings
foreach my $role (qw(auditor postgres))
{
	foreach my $statement ("UPDATE medaudit.finding SET claimed_amount = 0", "UPDATE medaudit.finding SET state = 'dismissed' WHERE finding_id = 1",
		"UPDATE medaudit.finding SET decided_state = 'issued'", 'DELETE FROM medaudit.finding WHERE finding_id = 1', 'TRUNCATE medaudit.finding, medaudit.finding_line',
		"UPDATE medaudit.finding_line SET excess_amount = 0", 'DELETE FROM medaudit.finding_line',
		"UPDATE medaudit.run SET state = 'done'", "UPDATE medaudit.run_step SET state = 'done'", 'DELETE FROM medaudit.run_step',
		'DELETE FROM medaudit.run_quality', "UPDATE medaudit.run_quality SET rows = 0", 'DELETE FROM medaudit.run_finding',
		'DELETE FROM medaudit.run_asked', 'DELETE FROM medaudit.kept_rulebook', 'UPDATE medaudit.run_coverage SET lines = 0',
		"WITH gone AS (DELETE FROM medaudit.finding RETURNING 1) SELECT count(*) FROM gone",
		"BEGIN; SELECT medaudit._take_run_lock()")
	{
		my $wanted = $statement =~ /lock/ ? '2D000' : '23001';

		is(said($role, $statement), "ERROR $wanted", "$role: $statement");
	}
}
is(said('auditor', "INSERT INTO medaudit.finding SELECT 99, f.run_id, 'x' FROM medaudit.finding AS f LIMIT 0"), 'ERROR 23001', 'INSERT of others than the owner');
is(said('auditor', 'UPDATE medaudit.ranked_line SET gross_once = 0'), 'ERROR 23001', 'money on the list');
is(said('auditor', 'DELETE FROM medaudit.finding_sum'), 'ERROR 23001', 'what findings add up to');
is(said('reviewer', "UPDATE medaudit.finding SET state = 'reviewed'"), 'ERROR 23001', 'a reviewer sets no state by UPDATE');
is(said('reviewer', 'UPDATE medaudit.ranked_line SET gross_once = 0'), 'ERROR 23001', 'and no money');
is(ask($findings), $whole, 'nothing has changed');

# The functions made for it
is(said('reviewer', "SELECT medaudit.review_finding(f, 'confirm') FROM generate_series(1, 3) AS f"), "first_review\nfirst_review\nfirst_review", 'a reviewer reviews');
is(said('reviewer', "SELECT medaudit.review_finding(1, 'confirm')"), 'ERROR 42501', 'not twice');
is(said('reviewer', "SELECT medaudit.review_finding(1, 'confirm', actor => 'second')"), 'ERROR 42501', 'and not as somebody else');
is(said('second', "SELECT medaudit.review_finding(f, 'confirm') FROM generate_series(1, 3) AS f"), "reviewed\nreviewed\nreviewed", 'a second one decides');
is(ask("SELECT string_agg(finding_id::text, ',' ORDER BY finding_id) FROM medaudit.finding WHERE state = 'reviewed'"), '1,2,3', 'and the findings follow');
is(ask('SELECT count(*), count(DISTINCT rank), (SELECT count(gross_once) FROM medaudit.finding_shares) FROM medaudit.worklist'), '17|17|20', 'the list does, too');
is(said('reviewer', "SELECT medaudit.note_finding(1, 'seen') > 0; UPDATE medaudit.finding SET state = 'open'"), 'ERROR 23001', 'it leaves no door open');
is(said('reviewer', "SELECT medaudit._shadow_findings('{1,2,4}')"), '', 'who has findings follow their events');
is(ask("SELECT string_agg(state, ',' ORDER BY finding_id) FROM medaudit.finding WHERE finding_id < 5"), 'reviewed,reviewed,reviewed,open', 'makes nothing else of them');
is(said('reviewer', "INSERT INTO medaudit.finding_event (finding_id, step) VALUES (4, 'superseded')"), 'ERROR 42501', 'what runs say');
is(said('reviewer', "CALL medaudit._write_shadows('{1}')"), 'ERROR 23001', 'and nobody past the guard');
is(said('reviewer', 'UPDATE medaudit.finding_event SET note = NULL'), 'ERROR 42501', 'events are not changed');
is(said('auditor', 'DELETE FROM medaudit.finding_event'), 'ERROR 42501', 'nor taken away');
foreach my $statement ('UPDATE medaudit.finding_event SET note = NULL', 'DELETE FROM medaudit.finding_event', 'TRUNCATE medaudit.finding_event')
{
	is(said('postgres', $statement), 'ERROR 23001', "not by the owner either: $statement");
}
is(said('plain', "SELECT medaudit.review_finding(4, 'confirm')"), 'ERROR 42501', 'who may not review cannot');
is(ask('SELECT count(*) FROM medaudit.check_finding_log()'), '0', 'the log is whole');
ask(decided("SELECT finding_id FROM medaudit.finding WHERE facility_id = 'F5'", 'confirm'));
ask("UPDATE warehouse.line SET amount = 20 WHERE visit_id = 'V5'; SELECT medaudit.issue_findings(array_agg(finding_id), '2026-06-01') FROM medaudit.finding WHERE facility_id = 'F5'");
is(said('auditor', $run), '', 'a run after a decision');
is(said('reviewer', "SELECT medaudit.review_finding(finding_id, 'confirm') FROM medaudit.finding WHERE state = 'changed'"), 'ERROR 55000', 'what a run has put aside');
is(ask("SELECT string_agg(state || coalesce(' ' || decided_state, ''), ', ' ORDER BY finding_id) FROM medaudit.finding WHERE facility_id = 'F5'"), 'changed issued, open', 'stays so');
is(ask(q{SELECT string_agg(step || ' ' || actor, ', ' ORDER BY event_id) FROM medaudit.finding_event WHERE finding_id IN (SELECT finding_id FROM medaudit.finding WHERE state = 'changed')}),
	'review ann, review ben, issue postgres, changed auditor', 'and says who did it');

# What runs kept goes with them
is(said('auditor', 'DELETE FROM medaudit.run WHERE run_id = 1; SELECT count(*) FROM medaudit.run_finding WHERE run_id = 1'), '0', 'a run is dropped');
is(ask('SELECT count(*) FROM medaudit.run_step WHERE run_id = 1') . ask('SELECT count(*) FROM medaudit.run_asked WHERE run_id = 1'), '00', 'with all of it');

# The lock of a run
my $lock = "SELECT count(*) FROM pg_locks WHERE locktype = 'userlock'";
my $grab = session('plain', "BEGIN; SELECT pg_advisory_lock(1835361377, 1), pg_advisory_lock(1835361377, 2);
	PREPARE grab AS INSERT INTO medaudit.run (from_date) VALUES (NULL); PREPARE grab_too AS UPDATE medaudit.finding_sum SET findings = 0;
	PREPARE grab_it AS UPDATE medaudit.finding SET state = ''; SELECT pg_sleep(600), 'grab';");
wait_for_sleep('grab');
is(said('auditor', "SET statement_timeout = '60s'; $run"), '', 'who may only look cannot keep others from running');
is(said('reviewer', "SET statement_timeout = '60s'; SELECT medaudit.review_finding(5, 'confirm')"), 'first_review', 'nor from reviewing');
wake('grab', $grab);
is(said('plain', 'SELECT medaudit._take_run_lock()'), 'ERROR 42501', 'nor take the lock');
is(said('plain', 'DO $$ BEGIN PERFORM medaudit._take_run_lock(); END $$'), 'ERROR 42501', 'in whatever way');
is(said('plain', 'SELECT medaudit._take_rank_lock()'), 'ERROR 42501', 'nor that of the ranking');
is(said('plain', 'CALL medaudit._run_lock()'), 'ERROR 42501', 'nor by the procedure');
is(said('plain', 'BEGIN; LOCK TABLE medaudit.run'), 'ERROR 42501', 'nor the table');

# the statement ends, and with it the lock
my $idle = session('auditor', "CALL medaudit._run_lock(); SELECT pg_sleep(600), 'idle';");
wait_for_sleep('idle');
is(ask($lock), '0', 'who takes the lock by hand keeps it to the end of the statement');
is(said('auditor', $run), '', 'and others run');
wake('idle', $idle);

# a run whose note of a step fails
ask(q{CREATE FUNCTION warehouse.refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN IF NEW.state = 'done' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE UPDATE ON medaudit.run_step FOR EACH ROW EXECUTE FUNCTION warehouse.refuse()});
$idle = session('auditor', "$run SELECT pg_sleep(600), 'failed';");
wait_for_sleep('failed');
is(ask($lock), '0', 'a session whose run could not be noted holds nothing');
is(ask('SELECT DISTINCT run_state FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run)'), 'interrupted', 'the run is interrupted');
ask('DROP TRIGGER refuse ON medaudit.run_step');
is(said('auditor', $resume), '', 'and another session resumes it');
wake('failed', $idle);

# a run that hangs is alone; it ends by cancel, terminate and kill
foreach my $end ('pg_cancel_backend', 'pg_terminate_backend', 'kill')
{
	my $hold = session('postgres', "BEGIN; LOCK TABLE medaudit.stay_tag; SELECT pg_sleep(600), 'hold';");

	wait_for_sleep('hold');
	my $hanging = session('auditor', "$run SELECT pg_sleep(600), 'hanging';");
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks
		WHERE relation = 'medaudit.stay_tag'::regclass AND NOT granted") or die 'the run does not hang';
	is(said('auditor', $run), 'ERROR 55006', 'a second run is refused');
	is(ask($lock), '1', 'the run has its lock');
	if ($end eq 'kill')
	{
		kill_backend($node, ask("SELECT pid FROM pg_locks WHERE locktype = 'userlock'"));
		ended($_) foreach ($hanging, $hold);
	}
	else
	{
		ask("SELECT $end(pid) FROM pg_locks WHERE locktype = 'userlock'");
		$node->poll_query_until('postgres', "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'userlock'")
		  or die "$end does not end the run";
		wake('hold', $hold);
		$end =~ /terminate/ ? ended($hanging) : wake('hanging', $hanging);
	}
	is(ask($lock), '0', "$end ends the lock");
	is(said('auditor', $resume), '', 'and the run goes on');
}

# To install where somebody has been before.  What is planted would run with the
# rights of who installs: it makes its maker a superuser.
my $planted = q{
	CREATE FUNCTION medaudit.caught(a numeric, b int) RETURNS bool LANGUAGE plpgsql AS
		$$ BEGIN ALTER ROLE plain SUPERUSER; RETURN true; END $$;
	CREATE OPERATOR medaudit.>= (LEFTARG = numeric, RIGHTARG = int, FUNCTION = medaudit.caught);
	CREATE FUNCTION medaudit.caught(a oid, b int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN ALTER ROLE plain SUPERUSER; RETURN true; END $$;
	CREATE OPERATOR medaudit.> (LEFTARG = oid, RIGHTARG = int, FUNCTION = medaudit.caught)};
my %place = (
	'a schema of another role' => ['CREATE SCHEMA medaudit AUTHORIZATION plain', $planted],
	'a function of another role in it' => ['CREATE SCHEMA medaudit; GRANT USAGE, CREATE ON SCHEMA medaudit TO plain', $planted, 'REVOKE CREATE ON SCHEMA medaudit FROM plain'],
	'a table of another role in it' => ['CREATE SCHEMA medaudit; GRANT USAGE, CREATE ON SCHEMA medaudit TO plain', 'CREATE TABLE medaudit.rule ()', 'REVOKE CREATE ON SCHEMA medaudit FROM plain'],
	'a type of another role in it' => ['CREATE SCHEMA medaudit; GRANT USAGE, CREATE ON SCHEMA medaudit TO plain', 'CREATE DOMAIN medaudit.money AS text', 'REVOKE CREATE ON SCHEMA medaudit FROM plain'],
	'a schema in which another role may create' => ['CREATE SCHEMA medaudit; GRANT CREATE ON SCHEMA medaudit TO plain'],
	'a schema in which everybody may create' => ['CREATE SCHEMA medaudit; GRANT CREATE ON SCHEMA medaudit TO PUBLIC'],
	'a schema of working tables in which another role may create' => ['CREATE SCHEMA medaudit_work; GRANT CREATE ON SCHEMA medaudit_work TO plain'],
	'a schema of another role for the working tables' => ['CREATE SCHEMA medaudit_work AUTHORIZATION plain'],
	'a schema of another role for the data' => ['CREATE SCHEMA medaudit_data AUTHORIZATION plain'],
	'a view of another role among the data' => ['CREATE SCHEMA medaudit_data; GRANT USAGE, CREATE ON SCHEMA medaudit_data TO plain', 'CREATE VIEW medaudit_data.charge AS SELECT 1 AS x']);
ask('ALTER ROLE plain NOSUPERUSER');
foreach my $case (sort keys %place)
{
	my ($before, $theirs, $after) = @{ $place{$case} };

	ask('CREATE DATABASE besieged TEMPLATE template0');
	$node->safe_psql('besieged', $before);
	$node->safe_psql('besieged', "SET SESSION AUTHORIZATION plain;\nSET check_function_bodies = off;\n$theirs") if $theirs;
	$node->safe_psql('besieged', $after) if $after;
	is(error_of($node, 'CREATE EXTENSION medaudit', 'besieged'), '42501', "install: $case");
	is(ask("SELECT rolsuper FROM pg_roles WHERE rolname = 'plain'"), 'f', 'and nothing of it has run');
	ask('DROP DATABASE besieged');
}
ask('CREATE DATABASE besieged TEMPLATE template0; CREATE ROLE dba SUPERUSER');
$node->safe_psql('besieged', 'CREATE SCHEMA medaudit AUTHORIZATION dba; CREATE SCHEMA medaudit_data AUTHORIZATION dba; CREATE EXTENSION medaudit');
is($node->safe_psql('besieged', 'SELECT count(*) > 0 FROM medaudit.rule'), 't', 'a schema of another superuser will do, as a restore makes it');

done_testing();
