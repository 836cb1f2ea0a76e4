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

use Faults;
use FindBin;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($demo) = grep { -r "$_/binding.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');
# With wal_level minimal a crash takes the first pages of UNLOGGED tables from a
# database that was copied (CREATE DATABASE) after the last checkpoint.
my $node = new_node('killed', bare => 1, conf => "restart_after_crash = on\nwal_level = replica");

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

# Begins CALL in DATABASE, waits until it stops at PLACE, and kills its backend.
sub kill_at
{
	my ($database, $call, $place) = @_;
	my $session = stopped_at($node, $database, $place, $call);

	kill_backend($node, $session->{pid});
	my $said = said_by($session);
	die "the run was not killed at $place: $said" unless $said =~ /server closed the connection|connection to server was lost/;
	return;
}

# Ends what was killed; no other run is on the list then, and each step is done.
sub resumed
{
	my ($database) = @_;

	go_on($node, $database);
	ask($database, "SET client_min_messages = error; $resume");
	return ask($database, q{SELECT count(DISTINCT run_id) || ' run, ' || string_agg(DISTINCT run_state || ', steps ' || state, ' and ')
		FROM medaudit.run_progress});
}

# --------------------------------------------------------------- in peace

$node->safe_psql('postgres', 'CREATE DATABASE county');
ask('county', 'CREATE EXTENSION medaudit');
ok(script('generate', persons => 200), 'a small county');
ok(script('planted', instances => 1), 'planted');
ok(script('binding'), 'bound');
ask('county', q{SET client_min_messages = error; CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01')});
put_stops($node, 'county');
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
is_as_in_peace($node, 'peace', 'killed', 'killed at each step');

# ------------------------------------------------- runs of their own, killed once

SKIP:
{
	skip 'MEDAUDIT_KILLS=each kills a run of its own at each place', 1 unless ($ENV{MEDAUDIT_KILLS} // '') eq 'each';
	foreach my $place ('prepared', (map { ("$_ running", "$_ done") } @step), 'closed')
	{
		ask('postgres', 'CREATE DATABASE once TEMPLATE county');
		kill_at('once', $run, $place);
		is(resumed('once'), '1 run, done, steps done', "killed at $place and resumed");
		is_as_in_peace($node, 'peace', 'once', "killed at $place");
		ask('postgres', 'DROP DATABASE once');
	}
}

done_testing();
