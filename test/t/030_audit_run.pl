# The audit run from outside: what other sessions see of it, cancel, crash and
# resume, one at a time, and what a dump carries over.
use strict;
use warnings;

use IPC::Run qw(start finish);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('audit_run');
my $run = "CALL medaudit.run_audit('2026-03-01', '2026-04-01');";
my $resume = "CALL medaudit.run_audit('2026-03-01', '2026-04-01', resume => true);";

sub ask
{
	return $node->safe_psql('postgres', shift);
}

# A session of its own that runs QUERY; give it to ended() for its messages.
sub session
{
	my ($query) = @_;
	my %session = (out => '', err => '');
	my $script = PostgreSQL::Test::Utils::tempdir() . '/script.sql';

	append_to_file($script, $query);
	$session{run} = start [
		'psql', '-XAtq', '-d', $node->connstr('postgres'),
		'-v', 'VERBOSITY=sqlstate', '-f', $script ],
	  '<', \undef, '>', \$session{out}, '2>', \$session{err};
	return \%session;
}

sub ended
{
	my ($session) = @_;

	finish $session->{run};
	return $session->{err};
}

# Holds TABLE until released.
sub hold
{
	my ($table) = @_;
	my $session = session("BEGIN; LOCK TABLE $table; SELECT pg_sleep(600);");

	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks
		WHERE relation = '$table'::regclass AND mode = 'AccessExclusiveLock' AND granted")
	  or die "$table was not locked";
	return $session;
}

sub release
{
	ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
	ended(shift);
}

# Starts a run and waits until its second step hangs on the held table.
sub hanging_run
{
	my $session = session($run);

	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM medaudit.run_progress
		WHERE run_id = (SELECT max(run_id) FROM medaudit.run)
		AND step <> 'charges' AND state = 'running'")
	  or die 'the run did not reach its second step';
	return $session;
}

sub steps
{
	return ask("SELECT string_agg(coalesce(rule_code, step) || ' ' || state, ', ' ORDER BY step_no)
		FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run)");
}

sub run_state
{
	return ask('SELECT DISTINCT run_state FROM medaudit.run_progress
		WHERE run_id = (SELECT max(run_id) FROM medaudit.run)');
}

my $findings = q{SELECT string_agg(concat_ws(' ', finding_id, rule_code, key, gross_amount,
	fund_amount, involved_amount, state), E'\n' ORDER BY finding_id) FROM medaudit.finding};

ask(q{
	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.visit AS
	SELECT 'V' || i AS visit_id, 'P' || i / 2 AS person_id, 'F' || i % 3 AS facility_id,
		timestamp '2026-03-01 09:00' + i % 7 * interval '1 day' + i % 2 * interval '7 days' AS admitted_at,
		timestamp '2026-03-05 09:00' + i % 7 * interval '1 day' + i % 2 * interval '7 days' AS discharged_at,
		'21' AS visit_type, 'I63.900' AS main_diagnosis, 100 AS total_amount, 80 AS scope_amount, 40 AS fund_amount
	FROM generate_series(1, 200) AS i;
	CREATE TABLE warehouse.charge AS
	SELECT 'V' || i AS visit_id, 'L' || l AS line_id, 'A' AS item_code, 1 AS quantity, 10 AS amount,
		timestamp '2026-03-02 10:00' + i % 7 * interval '1 day' + i % 2 * interval '7 days' AS charged_at
	FROM generate_series(1, 200) AS i, generate_series(1, 2) AS l
	-- so that the lines of a stay do not all lie on one date, which would be a doubt
	UNION ALL
	SELECT 'V' || i, 'L0', 'B', 1, 10, timestamp '2026-03-03 10:00' + i % 7 * interval '1 day' + i % 2 * interval '7 days'
	FROM generate_series(1, 200) AS i;
	CALL medaudit.bind('visit', 'warehouse.visit');
	CALL medaudit.bind('charge', 'warehouse.charge');
	UPDATE medaudit.rule SET enabled = rule_code IN ('split_stays', 'overlapping_stays');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'duplicate', '同日重复');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('mine', 'A', 'day')});

# A transaction block
like(ended(session("BEGIN; $run")), qr/2D000/, 'a run inside a transaction is refused');
is(ask('SELECT count(*) FROM medaudit.run'), '0', 'and leaves no trace');

# What others see while it runs
my $hold = hold('medaudit.stay_tag');
my $session = hanging_run();
is(run_state(), 'running', 'others see that it runs');
like(steps(), qr/^charges done, overlapping_stays running, split_stays pending|^charges done, split_stays running/,
	'and its steps');
is(ask('SELECT count(*) FROM medaudit.finding'), '200', 'findings of a step are committed');
like(ask("SELECT application_name FROM pg_stat_activity WHERE query LIKE '%run_audit%' AND state = 'active'"),
	qr/medaudit run 1/, 'its application_name tells');
like(ended(session($run)), qr/55006/, 'a second run at once is refused');

# Cancel
ask("SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'userlock'");
like(ended($session), qr/57014/, 'a run is cancelled');
is(run_state(), 'interrupted', 'others see that it was interrupted');
release($hold);
my $kept = ask("SELECT finished_at FROM medaudit.run_step WHERE run_id = 1 AND step = 'charges'");
ask($resume);
is(run_state(), 'done', 'resume goes on');
is(ask('SELECT count(*) FROM medaudit.run'), '1', 'with the same run');
is(ask("SELECT finished_at FROM medaudit.run_step WHERE run_id = 1 AND step = 'charges'"),
	$kept, 'and does not repeat what was done');
my $whole = ask($findings);
ask($run);
is(ask($findings), $whole, 'a whole run finds the same under the same numbers');

# Whoever looks into a working table does not keep a run from its end
$hold = hold('medaudit.stay_tag');
$session = session("SET lock_timeout = '60s'; $run");
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'medaudit.stay_tag'::regclass AND NOT granted")
  or die 'the run did not reach its second step';
my $reader = session('BEGIN; SELECT count(*) FROM medaudit_work.visit; SELECT pg_sleep(599)');
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'medaudit_work.span'::regclass
	AND mode = 'AccessShareLock' AND pid <> (SELECT max(r.pid) FROM medaudit.run AS r WHERE r.state = 'running')")
  or die 'nobody reads';
release($hold);
unlike(ended($session), qr/ERROR/, 'a run ends while somebody looks into a working table');
is(run_state(), 'done', 'and says so');
# few rows are deleted beside whoever reads them; what is truncated may stay until the next run
is(ask('SELECT count(*) FROM medaudit_work.visit'), '0', 'what was looked at is emptied all the same');
ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(599)%' AND pid <> pg_backend_pid()");
ended($reader);
ask($run);
is(ask($findings), $whole, 'the next run finds the same');

# A cancelled session that stays open holds nothing
$hold = hold('medaudit.stay_tag');
$session = session("SET statement_timeout = '2s';\n$run\nSET statement_timeout = 0;\nSELECT pg_sleep(600), 'open';");
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_stat_activity
	WHERE query LIKE '%''open''%' AND state = 'active' AND pid <> pg_backend_pid()");
is(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'userlock'"), '0',
	'a session whose run timed out holds no lock');
release($hold);
ended($session);
ask($resume);
is(run_state(), 'done', 'another session resumes it');

# Crash
$hold = hold('medaudit.stay_tag');
$session = hanging_run();
$node->stop('immediate');
ended($session);
ended($hold);
$node->start;
is(run_state(), 'interrupted', 'after a crash the run is interrupted');
like(steps(), qr/^charges done/, 'what was done is kept');
ask($resume);
is(run_state(), 'done', 'resume after a crash');
is(ask($findings), $whole, 'finds the same');
like(ended(session("SET client_min_messages = notice; $resume")), qr/00000/,
	'resume without an interrupted run begins a new one and says so');

# Dump and restore
ask(decided('SELECT generate_series(1, 3)', 'confirm') . "SELECT medaudit.issue_findings('{2}', '2026-05-01');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('split_10', 'split_stays', '十日', '{\"max_gap_days\": 10}');
	INSERT INTO medaudit.national_term (term, max_age) VALUES ('儿童', '14 years')");
my $carried = "SELECT array_agg(x::text ORDER BY x::text) FROM (
	SELECT f::text FROM medaudit.finding f UNION ALL SELECT l::text FROM medaudit.finding_line l
	UNION ALL SELECT e::text FROM medaudit.finding_event e UNION ALL SELECT g::text FROM medaudit.gateway g
	UNION ALL SELECT r::text FROM medaudit.run r UNION ALL SELECT s::text FROM medaudit.run_step s
	UNION ALL SELECT b::text FROM medaudit.binding b UNION ALL SELECT p::text FROM medaudit.rule_parameters p
	UNION ALL SELECT k::text FROM medaudit.run_rulebook k UNION ALL SELECT c::text FROM medaudit.run_coverage c
	UNION ALL SELECT concat(k.digest, sha256(medaudit.rulebook_send(k.rules))) FROM medaudit.kept_rulebook k
	UNION ALL SELECT f::text FROM medaudit.run_finding f UNION ALL SELECT i::text FROM medaudit.run_insufficient i
	UNION ALL SELECT w::text FROM medaudit.worklist w UNION ALL SELECT s::text FROM medaudit.finding_shares s
	UNION ALL SELECT t::text FROM medaudit.national_term t UNION ALL SELECT c::text FROM medaudit.visit_class c
	UNION ALL SELECT r.rule_code || r.enabled || r.shipped FROM medaudit.rule r) AS all_of_it (x)";
my $before = ask($carried);
my $dump = $node->backup_dir . '.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'dump');
ask('CREATE DATABASE restored TEMPLATE template0');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d', $node->connstr('restored') ],
	'restore');
is($node->safe_psql('restored', $carried), $before, 'everything is carried over');
$node->safe_psql('restored', 'CALL medaudit.rebind()');
$node->safe_psql('restored', "INSERT INTO warehouse.charge VALUES ('V9', 'L3', 'A', 1, 10, '2026-03-11 11:00');"
	. decided("SELECT finding_id FROM medaudit.finding WHERE visit_id = 'V9' AND rule_code = 'mine'", 'dismiss'));
is($node->safe_psql('restored', 'SELECT count(*) FROM medaudit.check_finding_log()'), '0', 'and what people decided is whole');
$node->safe_psql('restored', $run);
is($node->safe_psql('restored', "SELECT string_agg(state || ' ' || gross_amount, ', ' ORDER BY finding_id)
	FROM medaudit.finding WHERE visit_id = 'V9' AND rule_code = 'mine'"), 'changed 10.00, open 20.00',
	'a run after the restore goes on from there');
is($node->safe_psql('restored', "SELECT max(finding_id) - (SELECT count(*) FROM medaudit.finding WHERE NOT state = 'x')
	>= 0 AND max(run_id) > 1 FROM medaudit.finding"), 't', 'numbers go on');

# Before a run has told of itself it is alone, too
$hold = hold('warehouse.visit');
$session = session($run);
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'userlock'")
  or die 'the run did not begin';
like(ended(session($run)), qr/55006/, 'a second run is refused while the first reads the visits');
release($hold);
unlike(ended($session), qr/ERROR/, 'which goes on');

# Two who set states of one line at a time: the second waits, and sees the first
ask(q{
	CREATE TABLE warehouse.gate ();
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id,
		facility_id, evidence, key, judged_on, rule_name, fingerprint)
	SELECT 900000 + i, 1, 'r' || i, 'violation', 'facility', 'F0', 'Z', 'F0', '{}', 'Z', '2026-03-05', 'r', ''
	FROM generate_series(1, 3) AS i;
	INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount)
	SELECT 900000 + i, 1, 'Z', '1', 10 - i FROM generate_series(1, 3) AS i});
my $counted = q{SELECT string_agg(finding_id || ' ' || gross_once, ', ') FROM medaudit.finding_shares
	WHERE finding_id > 900000 AND gross_once IS NOT NULL};
is(ask($counted), '900001 9.00', 'a line counts under the highest of its findings');
ask("SELECT medaudit.review_finding(f, 'dismiss', 'other', actor => 'ann') FROM generate_series(900001, 900002) AS f");
$hold = hold('warehouse.gate');
my $first = session("BEGIN; DO 'BEGIN PERFORM medaudit.review_finding(900001, ''dismiss'', ''other'', actor => ''ben''); END';
	SELECT count(*) FROM warehouse.gate; COMMIT;");
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'userlock' AND granted")
  or die 'the first did not begin';
my $second = session("DO 'BEGIN PERFORM medaudit.review_finding(900002, ''dismiss'', ''other'', actor => ''ben''); END';");
$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'userlock' AND NOT granted")
  or die 'the second does not wait';
is(ask($counted), '900001 9.00', 'others see the list as it was');
release($hold);
is(ended($first) . ended($second), '', 'both go on');
is(ask($counted), '900003 7.00', 'and what they did together counts');
is(ask("SELECT count(*) - count(DISTINCT rank) FROM medaudit.worklist"), '0', 'no two have one rank');

done_testing();
