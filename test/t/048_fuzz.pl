# The charge rules against slow and obvious SQL: 2,000 random books, every kind
# of rule, to the cent, serial and parallel.  The regression test does the same
# with fewer books, and in other forms of the same book.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($fuzz) = grep { -r "$_/slow_charge_rules.sql" }
  ($FindBin::Bin . '/../test/fuzz', $FindBin::Bin . '/../fuzz');
plan skip_all => 'the slow rules are not there' unless $fuzz;

my $books = $ENV{MEDAUDIT_FUZZ_BOOKS} || 2000;
my $node = new_node('fuzz');
my $found = q{CREATE TABLE slow.%s AS
	SELECT s.b, a.rule_code, a.visit_id AS visit, a.line_id, a.outcome,
		a.excess_quantity AS xq, a.excess_amount AS gross, a.excess_claimed AS claimed
	FROM slow.stored s, medaudit.audit_charges(s.book, s.contexts, s.rules) a};

ok( PostgreSQL::Test::Utils::run_log(
		[
			'psql', '-X', '-q', '-o', '/dev/null', '-d',
			$node->connstr('postgres'), '-v', 'ON_ERROR_STOP=1', '-v',
			"books=$books", '-c', 'SET search_path = medaudit, public',
			'-f', "$fuzz/slow_charge_rules.sql", '-f',
			"$fuzz/random_charges.sql"
		]),
	"$books random books and rulebooks");
$node->safe_psql('postgres',
	"SET search_path = medaudit, public; CREATE TABLE slow.stored AS
	 SELECT b, slow.book(b, 'stored') AS book, slow.contexts(b) AS contexts, slow.rules(b) AS rules
	 FROM generate_series(1, $books) b;
	 CREATE TABLE slow.expected AS
	 SELECT e.b, rule_code, visit, line_id, outcome, xq, gross, claimed FROM slow.answer() e
	 LEFT JOIN (SELECT s.b, row_number() OVER (PARTITION BY s.b) AS ord, line_id
		FROM slow.stored s, lines(book)) l USING (b, ord);" . sprintf($found, 'serial'));
$node->safe_psql('postgres',
	'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
	 SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;'
	  . sprintf($found, 'parallel'));
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM slow.expected'),
	'>', $books, 'there is something to find');
foreach my $way (qw(serial parallel))
{
	is( $node->safe_psql('postgres',
			"SELECT count(*) FROM ((TABLE slow.expected EXCEPT ALL TABLE slow.$way)
				UNION ALL (TABLE slow.$way EXCEPT ALL TABLE slow.expected)) d"),
		0, "the same to the cent, $way");
}
is( $node->safe_psql('postgres',
		q{SELECT count(DISTINCT kind) FROM slow.rule_row WHERE kind NOT IN (
			SELECT kind FROM slow.expected JOIN slow.rule_row USING (b, rule_code) WHERE outcome = 'excess')}),
	0, 'every kind found something');

done_testing();
