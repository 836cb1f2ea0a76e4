# The charge rules against slow and obvious SQL: 2,000 random books, every kind
# of rule, to the cent, certainty and doubt, serial and parallel, and every way to
# the same book: three orders of its lines, text, binary, two halves added, rollup.
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
my $file = PostgreSQL::Test::Utils::tempdir() . '/books';

sub ask
{
	return $node->safe_psql('postgres', "SET search_path = medaudit, public; $_[0]");
}

# The book of LINES, added in the order of SORT.
sub gather
{
	my ($sort, $lines) = @_;

	return "SELECT b, ledger(item, q, round(price * q, 4), at, n::text, NULL, visit,
			round(price * q * claimed, 4) ORDER BY $sort) AS book
		FROM slow.raw $lines GROUP BY b";
}

my $found = "SELECT f.way, s.b, a.rule_code, a.visit_id AS visit, a.line_id, a.outcome,
		a.excess_quantity AS xq, a.excess_amount AS gross, a.excess_claimed AS claimed,
		a.certainty, a.evidence->'doubt' AS doubt
	FROM slow.form f, slow.stored s, audit_charges(f.book, s.contexts, s.rules) a
	WHERE s.b = f.b";
my $parallel = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;';

ok( PostgreSQL::Test::Utils::run_log(
		[
			'psql', '-X', '-q', '-o', '/dev/null', '-d',
			$node->connstr('postgres'), '-v', 'ON_ERROR_STOP=1', '-v',
			"books=$books", '-c', 'SET search_path = medaudit, public',
			'-f', "$fuzz/slow_charge_rules.sql", '-f',
			"$fuzz/random_charges.sql"
		]),
	"$books random books and rulebooks");

ask("CREATE TABLE slow.stored AS
	SELECT b, slow.contexts(b) AS contexts, slow.rules(b) AS rules
	FROM generate_series(1, $books) b;
	CREATE TABLE slow.form (way text, b int, book ledger);
	INSERT INTO slow.form SELECT 'as it came', * FROM (" . gather('n', '') . ") g;
	INSERT INTO slow.form SELECT 'backwards', * FROM (" . gather('n DESC', '') . ") g;
	INSERT INTO slow.form SELECT 'shuffled', * FROM (" . gather('md5(b || $$/$$ || n)', '') . ") g;
	INSERT INTO slow.form SELECT 'text', b, book::text::ledger FROM slow.form WHERE way = 'as it came';
	CREATE TABLE slow.out AS SELECT b, book FROM slow.form WHERE way = 'as it came';
	COPY slow.out TO '$file' (FORMAT binary);
	TRUNCATE slow.out;
	COPY slow.out FROM '$file' (FORMAT binary);
	INSERT INTO slow.form SELECT 'binary', * FROM slow.out;
	INSERT INTO slow.form SELECT 'halves', b, x.book || y.book
	FROM (" . gather('n', 'WHERE n % 2 = 0') . ") x JOIN (" . gather('n', 'WHERE n % 2 = 1') . ") y USING (b);
	INSERT INTO slow.form SELECT 'rollup', b, rollup(book ORDER BY part DESC)
	FROM (SELECT b, n % 3 AS part, ledger(item, q, round(price * q, 4), at, n::text, NULL, visit,
			round(price * q * claimed, 4)) AS book FROM slow.raw GROUP BY b, n % 3) p GROUP BY b;
	ANALYZE slow.form, slow.stored;");
is(ask('SELECT count(*) FROM slow.form GROUP BY way ORDER BY 1'),
	join("\n", ($books) x 7), 'each way has every book');
is( ask(q{SELECT string_agg(DISTINCT f.way, ', ') FROM slow.form f JOIN slow.form s ON s.b = f.b
		WHERE s.way = 'as it came' AND ledger_send(f.book) IS DISTINCT FROM ledger_send(s.book)}),
	'', 'every way to a book gives the same bytes');

ask("CREATE TABLE slow.expected AS
	SELECT e.b, rule_code, visit, line_id, outcome, xq, gross, claimed, certainty, doubt FROM slow.answer() e
	LEFT JOIN (SELECT f.b, l.ordinality AS ord, l.line_id
		FROM slow.form f, lines(book) WITH ORDINALITY l WHERE way = 'as it came') l USING (b, ord)");
ask("SET max_parallel_workers_per_gather = 0; CREATE TABLE slow.serial AS $found");
ask("$parallel CREATE TABLE slow.parallel AS $found");
like(ask("$parallel EXPLAIN (FORMAT json) $found"), qr/"Gather"/, 'two workers help');
cmp_ok(ask('SELECT count(*) FROM slow.expected'), '>', $books, 'there is something to find');
foreach my $plan (qw(serial parallel))
{
	is( ask("SELECT string_agg(DISTINCT way, ', ') FROM (
			SELECT way, e.* FROM slow.expected e, (SELECT DISTINCT way FROM slow.form) w
			EXCEPT ALL TABLE slow.$plan) d"),
		'', "nothing is missed, $plan");
	is( ask("SELECT string_agg(DISTINCT way, ', ') FROM (TABLE slow.$plan EXCEPT ALL
			SELECT way, e.* FROM slow.expected e, (SELECT DISTINCT way FROM slow.form) w) d"),
		'', "and nothing is too many or another amount, $plan");
}
is( ask(q{SELECT count(DISTINCT kind) FROM slow.rule_row WHERE kind NOT IN (
			SELECT kind FROM slow.expected JOIN slow.rule_row USING (b, rule_code) WHERE outcome = 'excess')}),
	0, 'every kind found something');
is( ask(q{SELECT string_agg(DISTINCT d, ' ' ORDER BY d) FROM slow.expected, jsonb_array_elements_text(doubt) d
		WHERE certainty = 'suspicion'}),
	'exclusions_unknown newborn_on_mother other_facility other_session posted_late',
	'and every doubt lowered something');
is( ask(q{SELECT count(*) > 100 FROM slow.expected e JOIN slow.visit v USING (b, visit)
		JOIN (SELECT DISTINCT b, rule_code, kind, scope FROM slow.rule_row) r USING (b, rule_code)
		WHERE v.stay = 'closed' AND r.kind IN ('quantity', 'amount') AND r.scope IN ('day', 'hour')
		AND e.outcome = 'excess' AND e.doubt IS NULL}),
	't', 'and caps of stays were passed for sure');
is( ask(q{SELECT string_agg(DISTINCT outcome, ' ' ORDER BY outcome) FROM slow.expected e
		WHERE NOT EXISTS (SELECT FROM slow.rule_row r WHERE (r.b, r.rule_code) = (e.b, e.rule_code)
			AND (r.kind <> 'package' OR r.facility_ranks IS NULL))}),
	'excess insufficient', 'and prices for some ranks of hospitals did, known and not known');

done_testing();
