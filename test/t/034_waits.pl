# Others hold locks, time runs out, who called is gone, takes back or does not end what he
# began, and much goes on at once: what is said names the reason, nothing is lost, and
# resumed or called again everything ends as undisturbed.
use strict;
use warnings;

use Faults;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $indicators = q{CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01')};
my $node = fault_node('waits', with => sub { quiet_call($_[0], 'postgres', $indicators); });

sub ask
{
	return $node->safe_psql('waiting', shift);
}

# What stands in the copy in which something happened, once it is resumed.
sub resumed_is_as_in_peace
{
	my ($where) = @_;

	is(quiet_call($node, 'waiting', $resume), '', "$where: resumed");
	is(steps_of($node, 'waiting'), 'done: 10 done', "$where: all steps are done");
	is_as_in_peace($node, 'peace', 'waiting', $where);
	drop_copy($node, 'waiting');
	return;
}

sub let_go
{
	my ($session) = @_;

	ask("SELECT pg_terminate_backend($session->{pid})");
	return said_by($session);
}

# --------------------------------------------------------------------- lock_timeout

my $hurry = q{SET lock_timeout = '50ms'};
my $quiet = 'SET client_min_messages = warning';
my %held = (
	# a load of the warehouse: before a run begins, and in its midst
	'w.charge' => [ undef, 'ACCESS EXCLUSIVE', qr/^\S* ERROR:  canceling statement due to lock timeout/, qr/^done: 10 done$/ ],
	'w.visit' => [ 'charges running', 'ACCESS EXCLUSIVE', qr/charges failed: 55P03: .*run 2 failed in 10 of 10 steps/s, qr/^failed: 10 failed$/ ],
	# somebody writes findings by hand
	'medaudit.finding' => [ 's_split_stays running', 'SHARE', qr/s_split_stays failed: 55P03: /, qr/^failed: \d done, \d failed$/ ],
	# who keeps the run from noting what it did stops it
	'medaudit.run_step' => [ 's_split_stays running', 'SHARE', qr/ERROR:  canceling statement due to lock timeout/, qr/^interrupted: 1 done, 1 interrupted, 8 pending$/ ],
	'medaudit_work.stay' => [ 's_split_stays running', 'ACCESS EXCLUSIVE', qr/s_split_stays failed: 55P03: /, qr/^failed: / ]);
foreach my $table (($ENV{MEDAUDIT_KILLS} // '') eq 'each' ? sort keys %held : ('w.charge', 'w.visit', 'medaudit.run_step'))
{
	my ($place, $mode, $says, $steps) = @{ $held{$table} };
	my ($session, $hold);

	copy_of($node, 'waiting');
	if ($place)
	{
		$session = stopped_at($node, 'waiting', $place, $run, $quiet, $hurry);
		# run_step is being written where the run stops
		$hold = $table =~ /run_step/ ? begin_call($node, 'waiting', 'SELECT pg_sleep(600)', 'BEGIN', "LOCK TABLE $table IN $mode MODE") : hold_table($node, 'waiting', $table, $mode);
		if ($table =~ /run_step/)
		{
			$node->poll_query_until('waiting', "SELECT count(*) > 0 FROM pg_locks WHERE relation = '$table'::regclass AND NOT granted") or die;
			$hold->{pid} = ask("SELECT pid FROM pg_locks WHERE relation = '$table'::regclass AND NOT granted");
		}
		go_on($node, 'waiting');
	}
	else
	{
		$hold = hold_table($node, 'waiting', $table, $mode);
		$session = begin_call($node, 'waiting', $run, $quiet, $hurry);
	}
	like(said_by($session), $says, "$table is held: that is said");
	let_go($hold);
	like(steps_of($node, 'waiting'), $steps, 'and seen');
	is(differences($node, 'peace', 'waiting', 'findings', 'lines'), '', 'what was found stands');
	resumed_is_as_in_peace("$table is held");
}

# ------------------------------------------------------------------ statement_timeout

# Again and again, a little later each time.
copy_of($node, 'waiting');
my ($after, $times, $said) = (150, 0, '');
do
{
	$said = said_by(begin_call($node, 'waiting', $times ? $resume : $run, 'SET client_min_messages = error', "SET statement_timeout = $after"));
	like($said, qr/^$|ERROR:  canceling statement due to statement timeout/, "after $after ms");
	$times++ if $said;
	$after = int($after * 1.4);
} while $said && $after < 60_000;
cmp_ok($times, '>=', 2, "statement_timeout has cut it off $times times");
is(steps_of($node, 'waiting'), 'done: 10 done', 'and it is done');
is_as_in_peace($node, 'peace', 'waiting', 'statement_timeout');

# ---------------------------------------------------------------- who called is gone

drop_copy($node, 'waiting');
foreach my $messages ('notice', 'error')
{
	copy_of($node, 'waiting');
	my $session = stopped_at($node, 'waiting', 's_split_stays running', $run, "SET client_min_messages = $messages");
	$session->{run}->kill_kill(grace => 0);
	go_on($node, 'waiting');
	$node->poll_query_until('waiting', "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'userlock'") or die 'the run does not end';
	# whom nothing is told is not missed
	is(steps_of($node, 'waiting') =~ s/:.*//r, $messages eq 'notice' ? 'interrupted' : 'done', "the client is killed in mid-run, its messages $messages");
	is(differences($node, 'peace', 'waiting', 'findings', 'lines'), '', 'what was found stands');
	is(quiet_call($node, 'waiting', $resume), '', 'resumed');
	is_as_in_peace($node, 'peace', 'waiting', 'the client is killed');
	drop_copy($node, 'waiting') if $messages eq 'notice';
}

# -------------------------------------------------- who takes back, or does not end

my $months = $refresh{$indicators};
my $before = ask($months);
my $state = q{SELECT string_agg(concat_ws('|', finding_id, state, decided_state), ';' ORDER BY finding_id) FROM medaudit.finding};
my $stood = ask($state);
my $first = ask('SELECT min(finding_id) FROM medaudit.finding');
my $events = ask('SELECT count(*) FROM medaudit.finding_event');
my $act = "DELETE FROM w.visit WHERE visit_id LIKE '%1'; $indicators; SELECT medaudit.review_finding($first, 'confirm'), medaudit.open_case('案', ARRAY[$first, $first + 1], 'model') > 0;
	SELECT medaudit.set_rule('s_companions', false); CALL medaudit.bind('visit', 'w.visit', '{}', \$\$visit_id <> 'V00001'\$\$)";
is(quiet_call($node, 'waiting', 'BEGIN', $act, 'ROLLBACK'), '', 'all is taken back');
is(ask($months) . ask($state), $before . $stood, 'and nothing of it stands');
like(said_by(begin_call($node, 'waiting', 'SELECT pg_sleep(2)', 'SET client_min_messages = error', 'SET idle_in_transaction_session_timeout = 100', 'BEGIN', $act, '\! sleep 1')),
	qr/idle-in-transaction timeout|server closed the connection/, 'who does not end what he began is cut off');
is(ask($months) . ask($state), $before . $stood, 'and nothing of it stands, either');
is(ask('SELECT count(*) FROM medaudit.finding_event') . ask('SELECT count(*) FROM medaudit.audit_case'), $events . '0', 'no event, no case');
is(error_of($node, "BEGIN; $run;", 'waiting'), '2D000', 'a run is in no transaction of somebody');

# A reader in a transaction of his own sees what he saw, and keeps no run waiting.
my $count = 'SELECT count(*) FROM medaudit.findings';
my $gate = begin_call($node, 'waiting', 'SELECT pg_sleep(600)', 'SELECT pg_advisory_lock(1)');
$node->poll_query_until('waiting', q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted}) or die;
$gate->{pid} = ask(q{SELECT pid FROM pg_locks WHERE locktype = 'advisory'});
my $reader = begin_call($node, 'waiting', $count, 'BEGIN ISOLATION LEVEL REPEATABLE READ', $count, 'SELECT pg_advisory_lock(1)');
$node->poll_query_until('waiting', q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die;
my $seen = ask($count);
is(quiet_call($node, 'waiting', "DELETE FROM w.charge WHERE item_code = 'A'", $run), '', 'a run beside a reader in a transaction');
isnt(ask($count), $seen, 'finds other things');
let_go($gate);
said_by($reader);
is($reader->{out}, "$seen\n\n$seen\n", 'of which he sees nothing');
drop_copy($node, 'waiting');

# A reviewer has decided and not committed: the run waits for no longer than it may, and
# when he has ended it is resumed; what he decided is not lost.
copy_of($node, 'waiting');
my $reviewed = ask(q{SELECT min(finding_id) FROM medaudit.finding WHERE rule_code = 'c_duplicate1'});
$gate = begin_call($node, 'waiting', 'SELECT pg_sleep(600)', 'SELECT pg_advisory_lock(1)');
$node->poll_query_until('waiting', q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted}) or die;
$gate->{pid} = ask(q{SELECT pid FROM pg_locks WHERE locktype = 'advisory'});
my $reviewer = begin_call($node, 'waiting', 'COMMIT', 'BEGIN', "SELECT medaudit.review_finding($reviewed, 'confirm')", 'SELECT pg_advisory_lock(1)');
$node->poll_query_until('waiting', q{SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}) or die;
like(said_by(begin_call($node, 'waiting', $run, $quiet, $hurry)), qr/charges failed: 55P03/, 'a run beside a reviewer who does not commit');
let_go($gate);
is(said_by($reviewer), '', 'who then does');
is(ask("SELECT string_agg(step, ', ') FROM medaudit.finding_event WHERE finding_id = $reviewed"), 'review', 'and has reviewed');
is(quiet_call($node, 'waiting', $resume), '', 'the run is resumed');
is(steps_of($node, 'waiting'), 'done: 10 done', 'all steps are done');
is(differences($node, 'peace', 'waiting', 'lines', 'shares', 'the worklist', 'data quality'), '', 'as in peace, but for what he decided');
drop_copy($node, 'waiting');

# ------------------------------------------------------------------- much at once

copy_of($node, 'waiting');
my $session = stopped_at($node, 'waiting', 's_companions running', $run, $quiet);
my @refreshing = map { begin_call($node, 'waiting', $indicators, 'SET client_min_messages = error') } 1 .. 2;
is(error_of($node, $run, 'waiting'), '55006', 'a second run is refused');
is(error_of($node, $resume, 'waiting'), '55006', 'to resume what goes on, too');
is(quiet_call($node, 'waiting', 'BEGIN', "SELECT medaudit.set_rule('c_amount1', false)", 'ROLLBACK'), '', 'rules are looked at');
go_on($node, 'waiting');
unlike(said_by($_), qr/ERROR/, 'what was begun ends') foreach $session, @refreshing;
is(ask($months), $node->safe_psql('peace', $months), 'indicators as in peace, though two made them at once, beside a run');
is_as_in_peace($node, 'peace', 'waiting', 'much at once');

done_testing();
