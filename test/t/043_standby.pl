# On a hot standby: rules are compiled there, and what arrives while a loop goes
# on is seen by its next statement, whichever transaction ended last.
use strict;
use warnings;

use IPC::Run qw(start finish);
use Medaudit;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$primary->append_conf('postgresql.conf', "jit = off\nlog_statement = none");
$primary->start;
$primary->safe_psql('postgres', q{
	CREATE EXTENSION medaudit;
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'price', '限价');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('mine', 'A', 9);
	CREATE TABLE other (i int);
	CREATE TABLE book AS SELECT medaudit.ledger('A', 1, 10, timestamp '2025-03-01') AS book;
	CREATE TABLE kept AS SELECT medaudit.compile_rules() AS rules});
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

is($standby->safe_psql('postgres', 'SELECT pg_is_in_recovery(), medaudit.excess_amount(book, NULL::medaudit.visit_context)
		FROM book'), 't|1.00', 'rules are compiled on a standby');
is($standby->safe_psql('postgres', 'SELECT medaudit.compile_rules()::text = rules::text,
	sha256(medaudit.rulebook_send(medaudit.compile_rules())) = sha256(medaudit.rulebook_send(rules)) FROM kept'),
	't|t', 'to the same bytes');

# A session that asks in a loop, always at the same place, until the limit has
# changed, and says what it got at first and then.
sub loop
{
	my ($question) = @_;
	my %loop = (out => '', err => '');

	$loop{run} = start [ 'psql', '-XAtq', '-d', $standby->connstr('postgres'), '-c', "DO \$\$
		DECLARE
			first numeric := (SELECT max_price FROM medaudit.charge_rule WHERE rule_code = 'mine');
			book medaudit.ledger := (SELECT b.book FROM book AS b);
			changed bool := false;
			got text;
		BEGIN
			FOR i IN 1 .. 1200 LOOP
				got := $question;
				IF i = 1 OR changed THEN
					RAISE WARNING 'got %', got;
				END IF;
				EXIT WHEN changed;
				changed := (SELECT max_price FROM medaudit.charge_rule WHERE rule_code = 'mine') <> first;
				PERFORM pg_sleep(0.1) WHERE NOT changed;
			END LOOP;
		END \$\$" ], '<', \undef, '>', \$loop{out}, '2>', \$loop{err};
	$loop{run}->pump until $loop{err} =~ /got/;
	return \%loop;
}

sub ended
{
	my ($loop) = @_;

	finish $loop->{run};
	return join ' ', $loop->{err} =~ /got (\S+)/g;
}

my %questions = (
	'compiled by the function' => 'medaudit.excess_amount(book, NULL::medaudit.visit_context)',
	'compiled beside it' => 'medaudit.excess_amount(book, NULL::medaudit.visit_context, (SELECT medaudit.compile_rules()))',
	'named' => "medaudit.excess_amount(book, NULL::medaudit.visit_context, medaudit.compile_rules('mine'))",
	'stored' => 'medaudit.excess_amount(book, NULL::medaudit.visit_context, (SELECT rules FROM kept))');
my $change = q{UPDATE medaudit.charge_rule SET max_price = 17 - max_price WHERE rule_code = 'mine';
	UPDATE kept SET rules = medaudit.compile_rules();};
my @gone = ('1.00', '2.00');
foreach my $name (sort keys %questions)
{
	my $loop = loop($questions{$name});

	$primary->safe_psql('postgres', $change);
	is(ended($loop), "$gone[0] $gone[1]", "$name: a change is seen");
	@gone = reverse @gone;

	# One that began before another which has ended already
	my $early = $primary->background_psql('postgres', on_error_stop => 1);
	$early->query_safe("BEGIN; $change") if $early->can('query_safe');

	SKIP:
	{
		skip 'no background session', 1 unless $early->can('query_safe');
		$primary->safe_psql('postgres', 'INSERT INTO other VALUES (1)');
		$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));
		$loop = loop($questions{$name});
		$early->query_safe('COMMIT');
		is(ended($loop), "$gone[0] $gone[1]", "$name: also of one that began before others which ended");
		@gone = reverse @gone;
	}
	$early->quit if $early->can('quit');
}

done_testing();
