# What a run reads and the rules that it asks are changed by others in its midst: it says
# what is wrong, loses nothing that stands, and resumed it finds what a run in peace finds.
use strict;
use warnings;

use Faults;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = fault_node('altered');

sub ask
{
	return $node->safe_psql('altered', shift);
}

# A copy of the database in which a run stops before a step; what others do then; and
# what the run said when it was let go.
sub run_while
{
	my ($place, @acts) = @_;
	my $session;

	copy_of($node, 'altered');
	ask('CREATE SCHEMA kept; CREATE TABLE kept.charge AS TABLE w.charge; CREATE TABLE kept.visit AS TABLE w.visit');
	$session = stopped_at($node, 'altered', $place, $run, 'SET client_min_messages = warning');
	is(quiet_call($node, 'altered', @acts), '', "at $place: $acts[0]");
	go_on($node, 'altered');
	return said_by($session);
}

sub resumed_is_as_in_peace
{
	my ($where, @mended) = @_;

	is(quiet_call($node, 'altered', @mended), '', "$where: mended") if @mended;
	is(quiet_call($node, 'altered', $resume), '', "$where: resumed");
	is(steps_of($node, 'altered'), 'done: 10 done', "$where: all steps are done");
	is(ask('SELECT count(*) FROM medaudit.run'), 2, "$where: of the same run");
	is_as_in_peace($node, 'peace', 'altered', $where);
	drop_copy($node, 'altered');
	return;
}

# ------------------------------------------------------------------ what is read

my %gone = (
	'DROP VIEW medaudit_data.budget' => [ 'budget', 'CALL medaudit.rebind()' ],
	'DROP TABLE w.charge CASCADE' => [ 'charge', 'CREATE TABLE w.charge AS TABLE kept.charge', "CALL medaudit.bind('charge', 'w.charge')" ],
	'ALTER TABLE w.visit DROP COLUMN total_amount CASCADE' => [ 'visit', 'DROP TABLE w.visit', 'CREATE TABLE w.visit AS TABLE kept.visit', "CALL medaudit.bind('visit', 'w.visit')" ],
	q{CALL medaudit.bind('person', 'w.person', '{}', $$person_id < 'P020'$$)} => [ 'person', "CALL medaudit.bind('person', 'w.person')" ]);
foreach my $act (sort keys %gone)
{
	my ($relation, @mended) = @{ $gone{$act} };
	my $said = run_while('s_split_stays running', $act);

	like($said, qr/s_split_stays failed: 55000: relations were dropped or bound anew while the run went on: $relation\n/, "$act: the run names what is another now");
	like($said, qr/run 2 could not go on: 55000: .*: $relation\nHINT:  resume => true/, 'does not go on, and says how it does');
	is(scalar(() = $said =~ /WARNING/g), 2, 'and does not say so of each step');
	is(steps_of($node, 'altered'), 'failed: 1 done, 9 failed', 'nothing of it is done');
	is(differences($node, 'peace', 'altered', 'findings', 'lines'), '', 'and all that was found stands');
	resumed_is_as_in_peace($act, @mended);
}

# Resumed without what is missing it asks what it can, as a new run would.
run_while('s_companions running', 'DROP VIEW medaudit_data.budget');
is(quiet_call($node, 'altered', $resume), '', 'resumed without budgets');
is(steps_of($node, 'altered'), 'done: 9 done, 1 skipped', 'what needs them is left out');
is(ask("SELECT concat_ws(' ', rule_code, error, error_zh) FROM medaudit.run_progress WHERE run_id = 2 AND state = 'skipped'"),
	'fund_pace not bound: budget.quota 未绑定：budget.quota（预算额度）', 'with the reason');
is(differences($node, 'peace', 'altered', 'findings', 'lines'), '', 'and what was found with them stands');
drop_copy($node, 'altered');

# What the server follows by itself, or refuses.
is(run_while('charges running', 'ALTER TABLE w.charge RENAME COLUMN amount TO money', 'ALTER TABLE w.visit RENAME TO encounter') =~ /ERROR/, '', 'columns and tables of other names');
is(error_of($node, 'ALTER TABLE w.encounter ALTER total_amount TYPE text', 'altered'), '0A000', 'of another type they cannot become');
is_as_in_peace($node, 'peace', 'altered', 'renamed');
drop_copy($node, 'altered');

# ------------------------------------------------------------------------- rules

# A keeper changes a charge rule that was asked and one over stays that was not,
# switches one off, takes two away, and adds one.
my @rules = (q{UPDATE medaudit.charge_rule SET max_quantity = 1 WHERE rule_code = 'c_quantity1'},
	q{SELECT medaudit.set_rule('s_frequent_stays', parameters => '{"min_stays": 4}'), medaudit.set_rule('s_companions', false)},
	q{DELETE FROM medaudit.rule WHERE rule_code IN ('s_hang_bed', 'c_course1')},
	q{INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('s_longer', 'frequent_stays', '更长', '{"min_stays": 5}')});
copy_of($node, 'ruled');
is(quiet_call($node, 'ruled', @rules, $run), '', 'an undisturbed run under the rules as they will be');
my $by_rule = q{SELECT md5(string_agg(concat_ws('|', key, subject_id, gross_amount, evidence_text), ';' ORDER BY key, subject_id)) FROM medaudit.finding
	WHERE rule_code = '%s' AND state = 'open'};
foreach my $end ('goes on', 'is cut off and resumed')
{
	my $session;

	copy_of($node, 'altered');
	$session = stopped_at($node, 'altered', 's_split_stays running', $run);
	is(quiet_call($node, 'altered', @rules), '', "rules change; the run $end");
	ask("SELECT pg_terminate_backend($session->{pid})") if $end =~ /cut/;
	go_on($node, 'altered');
	my $said = said_by($session);
	is(quiet_call($node, 'altered', $resume), '', 'resumed') if $end =~ /cut/;
	unlike($said, qr/ERROR/, 'without an error') unless $end =~ /cut/;
	is(ask("SELECT string_agg(concat_ws(' ', rule_code, state, error, error_zh), ', ' ORDER BY step_no) FROM medaudit.run_progress WHERE run_id = 2 AND state <> 'done'"),
		join(', ', 's_hang_bed skipped the rule is no more 规则已删除',
			$end =~ /cut/ ? 's_companions skipped the rule was switched off or is of another kind now 规则已停用或已改类型' : ()), 'it says which it did not ask');
	is(ask(sprintf $by_rule, 'c_quantity1'), $node->safe_psql('peace', sprintf $by_rule, 'c_quantity1'), 'what had been asked was asked as it was');
	is(ask(sprintf $by_rule, 's_frequent_stays'), $node->safe_psql('ruled', sprintf $by_rule, 's_frequent_stays'), 'what had not, as it is');
	is(ask("SELECT count(*) FROM medaudit.finding WHERE rule_code IN ('s_hang_bed', 's_companions', 'c_course1')"), '0', 'what is asked no more is found no more');
	is(quiet_call($node, 'altered', $run), '', 'a run under the new rules');
	is_as_in_peace($node, 'ruled', 'altered', "rules change; the run $end; another one");
	drop_copy($node, 'altered');
}

done_testing();
