# What the tests of faults have in common: places at which a run stops, ways to end
# it there, and what it leaves, compared with what a run in peace leaves.
package Faults;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run qw(start finish);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw($lives %refresh fault_node copy_of drop_copy begin_call put_stops stopped_at go_on hold_table kill_server quiet_call said_by
  differences is_as_in_peace steps_of $run $resume);

our $run = "CALL medaudit.run_audit('2025-01-01', '2026-01-01')";
our $resume = "CALL medaudit.run_audit('2025-01-01', '2026-01-01', resume => true)";

# Visits that come, are changed and go, of which a store does not know yet; what refreshes,
# and what it makes, as a digest.
our $lives = q{
	INSERT INTO w.visit SELECT 'N' || visit_id, person_id, facility_id, record_no, admitted_at, discharged_at, settled_at, visit_type, main_diagnosis, total_amount,
		scope_amount, fund_amount, payment_method, mid_settlement, newborn FROM w.visit WHERE visit_id LIKE '%7';
	INSERT INTO w.charge SELECT 'N' || visit_id, line_id, item_code, quantity, amount, charged_at, category FROM w.charge WHERE visit_id LIKE '%7';
	DELETE FROM w.charge WHERE visit_id LIKE '%3' AND line_id = '2';
	DELETE FROM w.visit WHERE visit_id LIKE '%99';
	UPDATE w.visit SET person_id = 'P001' WHERE visit_id LIKE '%88';
	INSERT INTO w.change SELECT visit_id, timestamp '2026-06-02' FROM w.visit WHERE visit_id ~ '(3|7|88)$' UNION SELECT visit_id, '2026-06-02' FROM w.change WHERE visit_id LIKE '%99'};
our %refresh = (
	'CALL medaudit.refresh_books(full_check => true, sample_share => 0)' => q{SELECT md5(string_agg(t, E'\n' ORDER BY t COLLATE "C")) FROM (
		SELECT concat_ws('|', 'book', visit_id, person_id, facility_id, judged_on, medaudit.ledger_send(book)) AS t FROM medaudit_data.visit_book
		UNION ALL SELECT concat_ws('|', 'person', to_jsonb(k)) FROM medaudit_data.person_key AS k
		UNION ALL SELECT concat_ws('|', 'stay', to_jsonb(s)) FROM medaudit_data.kept_stay AS s
		UNION ALL SELECT concat_ws('|', 'state', watermark, visits, filled, unchecked) FROM medaudit_data.book_state) AS t},
	q{CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01')} =>
	  q{SELECT md5(string_agg(m::text, E'\n' ORDER BY m::text COLLATE "C")) FROM medaudit.indicator_month AS m});

# A server with a warehouse of made-up claims in database postgres, over which one run
# has been made, so that there is something to lose; places at which another stops;
# and in database peace what that leaves undisturbed.  wal_level replica: with minimal
# a crash takes the first pages of UNLOGGED tables from a copied database.
sub fault_node
{
	my ($name, %option) = @_;
	my $node = new_node($name, %option, conf => join("\n", 'wal_level = replica', $option{conf} // ()));

	made_claims($node);
	$node->safe_psql('postgres', q{
		CREATE TABLE w.budget AS SELECT 'F' || i AS facility_id, 9000 AS quota, daterange('2025-01-01', '2026-01-01') AS valid FROM generate_series(1, 5) AS i;
		CREATE TABLE w.change AS SELECT DISTINCT visit_id, timestamp '2026-06-01' AS changed_at FROM w.visit;
		CALL medaudit.bind('budget', 'w.budget');
		CALL medaudit.bind('change', 'w.change');
		UPDATE medaudit.rule SET enabled = rule_code = 'fund_pace' OR kind NOT IN ('events_in_stay', 'low_standard_stay', 'same_household_admissions', 'over_capacity',
			'admission_bursts', 'similar_amounts', 'invalid_resident_id', 'resident_id_mismatch') WHERE enabled OR rule_code = 'fund_pace'});
	$option{with}->($node) if $option{with};
	die quiet_call($node, 'postgres', $run) if quiet_call($node, 'postgres', $run);
	put_stops($node, 'postgres');
	copy_of($node, 'peace');
	is(quiet_call($node, 'peace', $run), '', 'a run in peace');
	return $node;
}

sub copy_of
{
	my ($node, $name, $options) = @_;

	$node->safe_psql('template1', "CREATE DATABASE $name TEMPLATE postgres" . ($options // ''));
	return $name;
}

sub drop_copy
{
	my ($node, $name) = @_;

	$node->safe_psql('template1', "DROP DATABASE $name");
	return;
}

# Whoever writes what stands in stop.place stays there, before the commit, until it
# stands there no more: "opened" (a run is noted), "prepared" (what is read stands in
# the working tables), "STEP running", "STEP done", "STEP failed", "closed".  A
# sequence says who stays, for what it says does not wait for a commit.
my $stops = q{
	CREATE SCHEMA stop;
	CREATE TABLE stop.place (name text);
	CREATE SEQUENCE stop.pid;
	CREATE FUNCTION stop.here() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
	DECLARE
		row jsonb := to_jsonb(NEW);
		here text := CASE WHEN TG_TABLE_NAME = 'run_step' THEN concat_ws(' ', coalesce(row ->> 'rule_code', row ->> 'step'), row ->> 'state')
			WHEN TG_OP = 'INSERT' THEN 'opened'
			WHEN row ->> 'state' IN ('done', 'failed') THEN 'closed'
			WHEN row ->> 'visits' IS NOT NULL THEN 'prepared' END;
	BEGIN
		WHILE EXISTS (SELECT FROM stop.place WHERE name = here) LOOP
			PERFORM setval('stop.pid', pg_backend_pid()), pg_sleep(0.02);
		END LOOP;
		RETURN NEW;
	END $$;
	CREATE TRIGGER stop BEFORE INSERT OR UPDATE ON medaudit.run FOR EACH ROW EXECUTE FUNCTION stop.here();
	CREATE TRIGGER stop BEFORE UPDATE ON medaudit.run_step FOR EACH ROW EXECUTE FUNCTION stop.here();
	GRANT USAGE ON SCHEMA stop TO PUBLIC;
	GRANT SELECT ON stop.place TO PUBLIC;
	GRANT UPDATE ON SEQUENCE stop.pid TO PUBLIC};

sub put_stops
{
	my ($node, $database) = @_;

	$node->safe_psql($database, $stops);
	return;
}

# A session of its own that makes CALL, under what is set before it; give it to
# said_by() for what it said.
sub begin_call
{
	my ($node, $database, $call, @before) = @_;
	my %session = (out => '', err => '');
	my $script = PostgreSQL::Test::Utils::tempdir() . '/script.sql';

	append_to_file($script, join '', map { "$_;\n" } @before, $call);
	$session{run} = start [ 'psql', '-XAtq', '-d', $node->connstr($database), '-v', 'ON_ERROR_STOP=1', '-f', $script ],
	  '<', \undef, '>', \$session{out}, '2>', \$session{err};
	return \%session;
}

sub said_by
{
	my ($session) = @_;

	finish $session->{run};
	return $session->{err};
}

# Such a session when it stays at PLACE, with the pid of its backend.
sub stopped_at
{
	my ($node, $database, $place, $call, @before) = @_;

	$node->safe_psql($database, "SELECT setval('stop.pid', 1, false); DELETE FROM stop.place; INSERT INTO stop.place VALUES ('$place')");
	my $session = begin_call($node, $database, $call, @before);
	$node->poll_query_until($database, 'SELECT is_called FROM stop.pid')
	  or die "no run stops at $place: " . said_by($session);
	$session->{pid} = $node->safe_psql($database, 'SELECT last_value FROM stop.pid');
	return $session;
}

sub go_on
{
	my ($node, $database) = @_;

	$node->safe_psql($database, 'DELETE FROM stop.place');
	return;
}

# A session that holds a lock on a table, in a MODE; it ends with said_by() after
# its backend, pid, was ended.
sub hold_table
{
	my ($node, $database, $table, $mode) = @_;
	my $session = begin_call($node, $database, 'SELECT pg_sleep(600)', 'BEGIN', "LOCK TABLE $table IN $mode MODE");
	my $holder = "SELECT pid FROM pg_locks WHERE relation = '$table'::regclass AND mode = replace(initcap('$mode'), ' ', '') || 'Lock' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

	$node->poll_query_until($database, "SELECT count(*) > 0 FROM ($holder) AS h") or die "$table was not locked";
	$session->{pid} = $node->safe_psql($database, "$holder ORDER BY pid LIMIT 1");
	return $session;
}

# Kills the server (kill -9 of its first process, or HOW: what pg_ctl stop -m takes)
# and starts it again, as soon as its other processes have noticed.
sub kill_server
{
	my ($node, $how) = @_;
	my @process = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
	my $tries = 0;

	$how eq 'kill -9' ? $node->kill9 : $node->stop($how);
	while (grep { kill 0, $_ } @process)
	{
		die 'processes of the server do not end' if $tries++ > 600;
		usleep(50_000);
	}
	$node->start;
	return;
}

# Makes a call whose notices nobody wants to read; what went wrong.
sub quiet_call
{
	my ($node, $database, @calls) = @_;
	my (undef, undef, $err) = $node->psql($database, join("\n", 'SET client_min_messages = error;', map { "$_;" } @calls));

	return $err;
}

# How the steps of the last run stand, by state, and the run itself.
sub steps_of
{
	my ($node, $database) = @_;

	return $node->safe_psql($database, q{SELECT min(run_state) || ': ' || string_agg(concat(n, ' ', state), ', ' ORDER BY state)
		FROM (SELECT run_state, state, count(*) AS n FROM medaudit.run_progress WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY run_state, state) AS s});
}

# What a run leaves: findings with their identity and content, their lines, the
# worklist, what the data did not allow to judge; numbers of findings aside.
my %left = (
	'findings' => q{SELECT concat_ws('|', rule_code, subject_kind, subject_id, key, encode(fingerprint, 'hex'), judged_on, state,
		gross_amount, claimed_amount, fund_amount, involved_amount, evidence_text) FROM medaudit.finding ORDER BY 1},
	'lines' => q{SELECT concat_ws('|', rule_code, key, line_no, l.visit_id, line_id, excess_amount, l.evidence_text)
		FROM medaudit.finding JOIN medaudit.finding_line AS l USING (finding_id) ORDER BY 1},
	# where nothing else decides, ranks go by the numbers of findings
	'the worklist' => q{SELECT concat_ws('|', rule_code, person_id, visit_id, line_id, claimed_amount) FROM medaudit.worklist ORDER BY 1},
	'shares' => q{SELECT concat_ws('|', f.rule_code, f.key, s.gross_once, s.claimed_once, s.lines_once)
		FROM medaudit.finding_shares AS s JOIN medaudit.finding AS f USING (finding_id) ORDER BY 1},
	'data quality' => q{SELECT concat_ws('|', relation, facility_id, month, problem, rows, examples::text) FROM medaudit.data_quality
		WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1},
	'code coverage' => q{SELECT concat_ws('|', facility_id, month, lines) FROM medaudit.code_coverage
		WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1},
	'lines without answer' => q{SELECT concat_ws('|', rule_code, visit_id, line_id, missing::text) FROM medaudit.run_insufficient
		WHERE run_id = (SELECT max(run_id) FROM medaudit.run) ORDER BY 1});

# What one database has that the other has not, of WHAT a run leaves: all, unless named.
my %in_peace;
sub differences
{
	my ($node, $peace, $database, @what) = @_;
	my @differing;

	foreach my $what (@what ? @what : sort keys %left)
	{
		my %there;

		$in_peace{$peace}{$what} //= $node->safe_psql($peace, $left{$what});
		$there{$_}++ foreach split /\n/, $in_peace{$peace}{$what};
		my @other = grep { --$there{$_} < 0 } split /\n/, $node->safe_psql($database, $left{$what});
		push @differing, "$what:", (map { "+ $_" } @other), (map { "- $_" } sort grep { $there{$_} > 0 } keys %there)
		  if @other || grep { $_ > 0 } values %there;
	}
	return join "\n", @differing;
}

sub is_as_in_peace
{
	my ($node, $peace, $database, $where) = @_;

	is(differences($node, $peace, $database), '', "$where: findings, their lines, the worklist, data quality as of a run in peace");
	return;
}

1;
