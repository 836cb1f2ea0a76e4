# A run that is killed (kill -9: the server restarts, and what is UNLOGGED is
# empty) goes on where it stopped, and finds what an undisturbed run finds.
#
# A small county of the demonstration, in which every kind of rule has planted
# cases, is audited once in peace.  A copy of it is killed at every step of one
# run: each resumed run does one more step and is killed when the work of the next
# is done, but not committed.  With MEDAUDIT_KILLS=each a run of its own is killed
# where each step begins and where it ends, and then resumed to its end.
use strict;
use warnings;

use FindBin;
use IPC::Run qw(start finish);
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($demo) = grep { -r "$_/binding.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');
# With wal_level minimal a crash takes the first pages of UNLOGGED tables from a
# database that was copied (CREATE DATABASE) after the last checkpoint.
my $node = new_node('killed', bare => 1, conf => "restart_after_crash = on\nwal_level = replica");
my $run = "CALL medaudit.run_audit('2025-01-01', '2026-01-01')";
my $resume = "CALL medaudit.run_audit('2025-01-01', '2026-01-01', resume => true)";

sub ask
{
	my ($database, $query) = @_;

	return $node->safe_psql($database, $query);
}

sub script
{
	my ($name, %set) = @_;
	my @command = ('psql', '-X', '-q', '-d', $node->connstr('county'), '-f', "$demo/$name.sql",
		map { ('-v', "$_=$set{$_}") } sort keys %set);

	return PostgreSQL::Test::Utils::run_log(\@command);
}

# ------------------------------------------------------------- where to stop

# Whoever writes what stands in stop.place sleeps there, before the commit:
# "opened" (the run is noted), "prepared" (what is read stands in the working
# tables), "STEP running", "STEP done", "closed".
my $stops = q{
	CREATE SCHEMA stop;
	CREATE TABLE stop.place (name text);
	CREATE FUNCTION stop.here() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
	DECLARE
		row jsonb := to_jsonb(NEW);
		here text := CASE WHEN TG_TABLE_NAME = 'run_step' THEN concat_ws(' ', coalesce(row ->> 'rule_code', row ->> 'step'), row ->> 'state')
			WHEN TG_OP = 'INSERT' THEN 'opened'
			WHEN row ->> 'state' = 'done' THEN 'closed'
			WHEN row ->> 'visits' IS NOT NULL THEN 'prepared' END;
	BEGIN
		IF EXISTS (SELECT FROM stop.place WHERE name = here) THEN
			PERFORM pg_sleep(600);
		END IF;
		RETURN NEW;
	END $$;
	CREATE TRIGGER stop BEFORE INSERT OR UPDATE ON medaudit.run FOR EACH ROW EXECUTE FUNCTION stop.here();
	CREATE TRIGGER stop BEFORE UPDATE ON medaudit.run_step FOR EACH ROW EXECUTE FUNCTION stop.here()};

my $sleeps = q{SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'};

# Begins CALL in DATABASE, waits until it stops at PLACE, and kills its backend.
sub kill_at
{
	my ($database, $call, $place) = @_;
	my ($out, $err) = ('', '');

	ask($database, "TRUNCATE stop.place; INSERT INTO stop.place VALUES ('$place')");
	my $session = start [ 'psql', '-XAtq', '-d', $node->connstr($database), '-c', $call ],
	  '<', \undef, '>', \$out, '2>', \$err;
	$node->poll_query_until($database, $sleeps) or die "no run stops at $place: $err";
	kill_backend($node, ask($database, $sleeps =~ s/count.*?> 0/pid/r));
	finish $session;
	die "the run was not killed at $place: $err" unless $err =~ /server closed the connection|connection to server was lost/;
	return;
}

# Ends what was killed; no other run is on the list then, and each step is done.
sub resumed
{
	my ($database) = @_;

	ask($database, 'TRUNCATE stop.place');
	ask($database, "SET client_min_messages = error; $resume");
	return ask($database, q{SELECT count(DISTINCT run_id) || ' run, ' || string_agg(DISTINCT run_state || ', steps ' || state, ' and ')
		FROM medaudit.run_progress});
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
	'data quality' => q{SELECT concat_ws('|', relation, facility_id, month, problem, rows, examples::text) FROM medaudit.data_quality ORDER BY 1},
	'code coverage' => q{SELECT concat_ws('|', facility_id, month, lines) FROM medaudit.code_coverage ORDER BY 1},
	'lines without answer' => q{SELECT concat_ws('|', rule_code, visit_id, line_id, missing::text) FROM medaudit.run_insufficient ORDER BY 1});

sub is_as_in_peace
{
	my ($database, $where) = @_;

	foreach my $what (sort keys %left)
	{
		my %in_peace;
		$in_peace{$_}++ foreach split /\n/, ask('peace', $left{$what});
		my @other = grep { --$in_peace{$_} < 0 } split /\n/, ask($database, $left{$what});

		is(join("\n", (map { "+ $_" } @other), (map { "- $_" } sort grep { $in_peace{$_} > 0 } keys %in_peace)), '', "$where: $what as of a run in peace");
	}
	return;
}

# --------------------------------------------------------------- in peace

$node->safe_psql('postgres', 'CREATE DATABASE county');
ask('county', 'CREATE EXTENSION medaudit');
ok(script('generate', persons => 200), 'a small county');
ok(script('planted', instances => 1), 'planted');
ok(script('binding'), 'bound');
ask('county', q{SET client_min_messages = error; CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01')});
ask('county', $stops);
foreach my $database ('peace', 'killed')
{
	ask('postgres', "CREATE DATABASE $database TEMPLATE county");
}
ask('peace', "SET client_min_messages = error; $run");
my @step = split /\n/, ask('peace', q{SELECT coalesce(rule_code, step) FROM medaudit.run_step WHERE state = 'done' ORDER BY step_no});
is(ask('peace', "SELECT count(*) FROM medaudit.run_step WHERE state <> 'done'"), 0, 'every step is done');
cmp_ok(scalar @step, '>=', 18, 'all families of rules have steps');
is( ask('peace', q{SELECT string_agg(coalesce(rule_code, step), ', ' ORDER BY step_no) FROM medaudit.run_step WHERE coalesce(rows, 0) = 0}),
	'cards_together, out_of_catalogue', 'and each finds something, but for a ring of cards and months out of the catalogue in so small a county');

# ------------------------------------------------- one run, killed at each step

my $begun = $run;
foreach my $place ('opened', 'prepared', (map { "$_ done" } @step), 'closed')
{
	kill_at('killed', $begun, $place);
	is( ask('killed', q{SELECT string_agg(DISTINCT run_state, ', ') FROM medaudit.run_progress}),
		$place eq 'opened' ? '' : 'interrupted', "killed at $place, and that is seen");
	is(ask('killed', 'SELECT count(*) FROM medaudit_work.made'), 0, 'its working tables are empty');
	$begun = $resume unless $place eq 'opened';
}
is(resumed('killed'), '1 run, done, steps done', 'after all that it is resumed');
is_as_in_peace('killed', 'killed at each step');

# ------------------------------------------------- runs of their own, killed once

SKIP:
{
	skip 'MEDAUDIT_KILLS=each kills a run of its own at each place', 1 unless ($ENV{MEDAUDIT_KILLS} // '') eq 'each';
	foreach my $place ('prepared', (map { ("$_ running", "$_ done") } @step), 'closed')
	{
		ask('postgres', 'CREATE DATABASE once TEMPLATE county');
		kill_at('once', $run, $place);
		is(resumed('once'), '1 run, done, steps done', "killed at $place and resumed");
		is_as_in_peace('once', "killed at $place");
		ask('postgres', 'DROP DATABASE once');
	}
}

done_testing();
