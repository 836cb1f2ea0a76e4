# The whole server is killed (kill -9 of its first process, or stopped as if the power
# were cut) at steps of a run, of a refresh of books and of one of indicators: after its
# recovery nothing half-written stands, and what is resumed or called again leaves what an
# undisturbed one leaves.
#
# One run is killed at some of its places; with MEDAUDIT_KILLS=each at each, and a run of
# its own besides.
use strict;
use warnings;

use Faults;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $each = ($ENV{MEDAUDIT_KILLS} // '') eq 'each';
my @how = ('kill -9', 'immediate');
my $node = fault_node('server_killed', with => sub {
		$_[0]->safe_psql('postgres', 'CALL medaudit.create_book_store(2)');
		quiet_call($_[0], 'postgres', q{CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01')});
	});

sub ask
{
	return $node->safe_psql('killed', shift);
}

sub killed_at
{
	my ($place, $call) = @_;
	my $session = stopped_at($node, 'killed', $place, $call);

	kill_server($node, $how[0]);
	@how = reverse @how;
	like(said_by($session), qr/server closed the connection|connection to server was lost|terminating connection/, "killed at $place");
	is(ask('SELECT count(*) FROM medaudit_work.made'), '0', 'what was being made is gone');
	return;
}

# ------------------------------------------------------------------------- a run

my @step = split /\n/, $node->safe_psql('peace', 'SELECT coalesce(rule_code, step) FROM medaudit.run_step WHERE run_id = 2 ORDER BY step_no');
my @place = $each ? ('opened', 'prepared', (map { ("$_ running", "$_ done") } @step), 'closed')
  : ('opened', 'charges done', 's_companions running', 'closed');

copy_of($node, 'killed');
my $call = $run;
foreach my $place (@place)
{
	killed_at($place, $call);
	is(steps_of($node, 'killed') =~ s/:.*//r, $place eq 'opened' ? 'done' : 'interrupted', 'and that is seen') unless $place eq 'prepared' && !$each;
	$call = $resume unless $place eq 'opened';
}
go_on($node, 'killed');
is(quiet_call($node, 'killed', $resume), '', 'resumed');
is(steps_of($node, 'killed'), 'done: 10 done', 'after all that it is done');
is_as_in_peace($node, 'peace', 'killed', 'killed at ' . scalar(@place) . ' places');
drop_copy($node, 'killed');
foreach my $place ($each ? grep { $_ ne 'opened' } @place : ())
{
	copy_of($node, 'killed');
	killed_at($place, $run);
	go_on($node, 'killed');
	is(quiet_call($node, 'killed', $resume), '', 'resumed');
	is_as_in_peace($node, 'peace', 'killed', "killed at $place");
	drop_copy($node, 'killed');
}

# ----------------------------------------------- a refresh of books, of indicators

my %written = (
	books => [ 'medaudit_data.visit_book_0', 'medaudit_data.book_state', 'medaudit_data.person_key', 'medaudit_data.kept_stay' ],
	indicators => [ 'medaudit.indicator_month', $each ? 'medaudit_work.indicator_visit' : () ]);

$node->safe_psql('postgres', $lives);
foreach my $call (sort keys %refresh)
{
	my $state = $refresh{$call};
	my @table = @{ $written{ $call =~ /books/ ? 'books' : 'indicators' } };

	copy_of($node, 'changed');
	my $before = $node->safe_psql('changed', $state);
	is(quiet_call($node, 'changed', $call), '', "$call, undisturbed");
	my $after = $node->safe_psql('changed', $state);
	isnt($after, $before, 'does something');
	copy_of($node, 'killed');
	foreach my $table (@table)
	{
		# it waits where it would write there, with what it wrote before uncommitted
		my $hold = hold_table($node, 'killed', $table, 'SHARE');
		my $session = begin_call($node, 'killed', $call);
		$node->poll_query_until('killed', "SELECT count(*) > 0 FROM pg_locks WHERE relation = '$table'::regclass AND NOT granted") or die "$call does not wait for $table";
		kill_server($node, $how[0]);
		@how = reverse @how;
		said_by($_) foreach $session, $hold;
		is(ask("SELECT count(*) FROM pg_locks WHERE locktype = 'userlock'"), '0', "killed where it writes into $table");
		is(ask($state), $before, 'nothing of it is there') if $table eq $table[0] && @table <= 2;
	}
	is(quiet_call($node, 'killed', $call), '', 'called again');
	is(ask($state), $after, 'and all is as if nothing had been');
	if ($call =~ /books/)
	{
		is(quiet_call($node, $_, $run), '', 'a run after it') foreach 'changed', 'killed';
		is(differences($node, 'changed', 'killed'), '', 'finds the same');
	}
	drop_copy($node, $_) foreach 'changed', 'killed';
}

done_testing();
