# On a hot standby a fund's people read all there is to read: every view, the worklist,
# the report and the page of a person answer as on the primary; what writes is refused.
use strict;
use warnings;

use Kept;
use Medaudit;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1, extra => [ '--encoding=UTF8', '--locale=C.UTF-8' ]);
$primary->append_conf('postgresql.conf', "jit = off\nlog_statement = none");
$primary->start;
$primary->safe_psql('postgres', 'CREATE EXTENSION medaudit');
$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

# while it streams
make_kept($primary);
$primary->safe_psql('postgres', q{
	CREATE TABLE warehouse.change AS SELECT visit_id, admitted_at + interval '1 month' AS changed_at FROM warehouse.stay;
	CALL medaudit.bind('change', 'warehouse.change');
	CALL medaudit.create_book_store(4);
	CALL medaudit.refresh_books();
	CALL medaudit.run_audit('2025-03-01', '2025-05-01')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

sub answers
{
	my ($query) = @_;

	return map { my ($code, $out, $err) = $_->psql('postgres', $query); $code == 0 ? $out : $err } $standby, $primary;
}

sub same
{
	my ($query, $what) = @_;
	my ($there, $here) = answers($query);

	unlike($here, qr/ERROR/, "$what: the primary answers");
	is($there, $here, "$what: and the standby as it does");
}

my @views = split /\n/, $primary->safe_psql('postgres', q{
	SELECT c.oid::regclass FROM pg_class AS c
	WHERE c.relnamespace IN ('medaudit'::regnamespace, 'medaudit_data'::regnamespace) AND c.relkind IN ('v', 'm', 'r', 'p') ORDER BY c.relname});
cmp_ok(scalar @views, '>', 100, 'there are many views and tables');
my (%differs, @within);
foreach my $view (@views)
{
	my ($there, $here) = answers("SELECT count(*), md5(string_agg(v::text, E'\\n' ORDER BY v::text COLLATE \"C\")) FROM $view AS v");

	if ($there =~ /unlogged relations during recovery/)
	{
		push @within, $view;
	}
	elsif ($there ne $here)
	{
		$differs{$view} = "$there not $here";
	}
}
is(join("\n", map { "$_ $differs{$_}" } sort keys %differs), '', 'each answers as on the primary');
is("@within", 'medaudit.run_period medaudit.run_stay medaudit.run_stay_book',
	'but what functions of rules read within a run, which no standby makes');

is(kept_tables($standby), kept_tables($primary), 'every row of every table is there');
is(kept_answer($standby), kept_answer($primary), 'books and rulebooks answer as on the primary');
same('SELECT medaudit.report()', 'report');
same(q{SELECT medaudit.report(NULL, 'f1')}, 'report of a facility');
same(q{SELECT medaudit.person_page('p0')}, 'page of a person');
same(q{SELECT rule_code, excess_amount FROM medaudit.check_visit('v2')}, 'check of a visit');
foreach my $write ("CALL medaudit.run_audit('2025-03-01', '2025-05-01')", 'CALL medaudit.refresh_books()',
	q{SELECT medaudit.set_rule('split_stays', false)})
{
	is(error_of($standby, $write), '25006', "read-only: $write");
}

# A promoted one goes on where the primary stood.
$primary->stop;
$standby->promote;
my $findings = $standby->safe_psql('postgres', 'SELECT count(*), max(finding_id) FROM medaudit.finding');
$standby->safe_psql('postgres', q{CALL medaudit.run_audit('2025-03-01', '2025-05-01')});
is($standby->safe_psql('postgres', 'SELECT count(*), max(finding_id) FROM medaudit.finding'), $findings,
	'after a promotion a run finds nothing anew');
is($standby->safe_psql('postgres', q{SELECT string_agg(error, '; ') FROM medaudit.run_step WHERE state = 'failed'}),
	'', 'and no step fails');

done_testing();
