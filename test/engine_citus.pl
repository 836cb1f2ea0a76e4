# A warehouse that Citus has spread by person over two workers, beside the same one on a
# server without it: the coordinator's rules judge, on the workers; the store of books is
# refreshed and judged where it lies; runs find the same, byte for byte.  Called by
# test/engines, where Citus is installed.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $set = 'SET search_path = public, medaudit; SET client_min_messages = error;';
my $loaded = "shared_preload_libraries = 'citus'\ncitus.node_conninfo = 'sslmode=disable'\nmax_connections = 200\nmax_prepared_transactions = 200\n";
my $alone = new_node('alone');
my ($coordinator, @worker) = map { new_node($_, bare => 1, conf => $loaded) } 'coordinator', 'worker1', 'worker2';

sub ask
{
	my ($node, $query) = @_;

	return $node->safe_psql('postgres', "$set\n$query");
}

ask($_, 'CREATE EXTENSION citus') foreach $coordinator, @worker;
ask($coordinator, sprintf("SELECT citus_set_coordinator_host('%s', %d)", $coordinator->host, $coordinator->port));
ask($coordinator, sprintf("SELECT citus_add_node('%s', %d)", $_->host, $_->port)) foreach @worker;
ask($coordinator, 'CREATE EXTENSION medaudit');
is(ask($_, "SELECT count(*) FROM pg_extension WHERE extname = 'medaudit'"), 1, 'the extension comes to each worker') foreach @worker;

# ------------------------------------------------------------------ the rules

# The same claims, lines with their persons, in both.
made_claims($alone);
ask($alone, 'CREATE TABLE w.lines AS SELECT c.*, m.person_id FROM w.charge AS c JOIN w.made AS m USING (visit_id);
	DROP TABLE w.charge CASCADE; ALTER TABLE w.lines RENAME TO charge');
ask($alone, "CALL medaudit.bind('charge', 'w.charge')");
my $claims = slurp_file($ENV{MEDAUDIT_PROJECT} . '/test/t/lib/claims.sql');
$claims =~ s{^CREATE TABLE w\.charge AS TABLE w\.all_lines;}{CREATE TABLE w.charge AS SELECT l.*, m.person_id FROM w.all_lines AS l JOIN w.made AS m USING (visit_id);
	SELECT create_distributed_table('w.person', 'person_id', shard_count => 8);
	SELECT create_distributed_table('w.visit', 'person_id', colocate_with => 'w.person');
	SELECT create_distributed_table('w.charge', 'person_id', colocate_with => 'w.person');
	SELECT create_reference_table('w.facility');}m or die 'claims.sql has no table of charges';
my ($code, $out, $err) = $coordinator->psql('postgres', "SET client_min_messages = warning;\n$claims");
is($code, 0, 'claims are made and spread');
unlike($err, qr/cannot be read/, 'bind() reads what is spread');
is(ask($coordinator, "SELECT string_agg(relation || ' ' || problems::text, ', ' ORDER BY relation) FROM sources() WHERE source IS NOT NULL"),
	'charge {}, facility {}, person {}, visit {}', 'and sources() finds nothing amiss');

ok(ask($coordinator, 'SELECT rule_count(compile_rules()) > 10') eq 't', 'compile_rules() compiles on the coordinator');
is(error_of($worker[0], "$set SELECT compile_rules()"), '55000', 'and on a worker refuses: its rules are not those of the fund');
my $book = 'ledger(item_code, quantity, amount, charged_at)';
my $judged = 'SELECT person_id, excess_amount(' . $book . ', NULL::visit_context, (SELECT compile_rules())) AS excess FROM w.charge GROUP BY person_id';
my $plan = ask($coordinator, "EXPLAIN (VERBOSE, COSTS OFF) $judged");
like($plan, qr/Task Count: 8/, 'a query by person goes to all shards');
like($plan, qr/Query: SELECT .*medaudit\.excess_amount\(medaudit\.ledger\(.* GROUP BY/, 'and judges there');
my $answer = "SELECT count(*), sum(excess) FROM ($judged) AS j";
is(ask($coordinator, $answer), ask($alone, $answer), 'by the rules of the coordinator, as one server does');
is(error_of($coordinator, "$set SELECT person_id, excess_amount($book, NULL::visit_context) FROM w.charge GROUP BY person_id"), '55000',
	'a form that compiles by itself does not judge by the rules of a worker');

# -------------------------------------------------------------- runs without a store

my $standing = q{SELECT string_agg(concat_ws('|', rule_code, subject_kind, subject_id, key, encode(fingerprint, 'hex'), evidence_text, evidence, judged_on, gross_amount, state), E'\n'
	ORDER BY rule_code, subject_kind, subject_id, key, state, fingerprint) FROM medaudit.finding};

# Runs of both; what stands is the same, and no step failed.
sub same_after
{
	my ($statement, $what) = @_;

	ask($_, $statement) foreach $alone, $coordinator;
	is(ask($coordinator, $standing), ask($alone, $standing), "$what: findings are those of one server, byte for byte");
	is(ask($coordinator, "SELECT string_agg(DISTINCT coalesce(rule_code, step) || ' ' || error, '; ') FROM medaudit.run_step WHERE error IS NOT NULL AND error !~ '^run it over a whole'"),
		'', 'no step failed');
}

same_after("CALL medaudit.run_audit('2025-01-01', '2025-07-01')", 'half a year from lines');
cmp_ok(ask($coordinator, 'SELECT count(*) FROM medaudit.finding'), '>', 300, 'there are many');

# -------------------------------------------------------------- the store of books

ask($_, 'CREATE TABLE w.change (visit_id text, changed_at timestamp); CALL medaudit.create_book_store(4)') foreach $alone, $coordinator;
ask($coordinator, "SELECT create_distributed_table('medaudit_data.visit_book', 'person_id', colocate_with => 'w.person')");
ask($_, "CALL medaudit.bind('change', 'w.change'); CALL medaudit.refresh_books()") foreach $alone, $coordinator;
my $stored = q{SELECT count(*) || ' ' || md5(string_agg(concat_ws('|', person_id, visit_id, facility_id, judged_on, encode(medaudit.ledger_send(book), 'hex'), lines, problems, encode(digest, 'hex'),
	encode(visit_digest, 'hex'), categories, twice), E'\n' ORDER BY visit_id)) FROM medaudit_data.visit_book};
is(ask($coordinator, $stored), ask($alone, $stored), 'the store has the same books, byte for byte');
my $gathers = ask($coordinator, "CALL medaudit._books_read_sources(); SELECT medaudit._books_query(medaudit._gather_lines_call('NULL', 'NULL') || ' AS kept', 'true')");
$plan = ask($coordinator, "EXPLAIN (VERBOSE, COSTS OFF) $gathers");
like($plan, qr/^Custom Scan \(Citus Adaptive\)/, 'a refresh gathers by one distributed query');
like($plan, qr/Task Count: 8.*Query: SELECT .*medaudit\._gather_lines\(.*Aggregate\n/s, 'of which each shard puts its visits together');
unlike($plan, qr/^\s*(?:Sort|Group|Hash).*\n.*->  Custom Scan/m, 'and nothing is grouped here');

foreach my $node (@worker)
{
	ask($node, "ALTER SYSTEM SET log_statement = 'all'");
	$node->reload;
}
my @logged = map { -s $_->logfile } @worker;
same_after("CALL medaudit.run_audit('2025-01-01', '2026-01-01')", 'a year from the store');
like(slurp_file($worker[$_]->logfile, $logged[$_]), qr/medaudit\.rollup\(.*medaudit\._audit_charges\(/, 'worker ' . ($_ + 1) . ' judges its persons') foreach 0, 1;
$plan = ask($coordinator, "PREPARE judged (medaudit.rulebook) AS " . ask($coordinator, 'SELECT medaudit._judge_stored_query()')
	  . ";\nSELECT compile_rules() AS rules \\gset\nEXPLAIN (VERBOSE, COSTS OFF) EXECUTE judged(:'rules')");
like($plan, qr/Task Count: 8.*Query: .*medaudit\.rollup\(.*medaudit\._audit_charges\(/s, 'books are rolled up and judged where they are stored');
like($plan, qr/^Custom Scan \(Citus Adaptive\)/, 'and what is in excess comes back');
# Late lines, a settlement that moves, a visit that is gone.
my @later = (
	"INSERT INTO w.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, person_id)
		SELECT visit_id, 'late', 'A', 1, 10, admitted_at, '01', person_id FROM w.visit WHERE person_id IN ('P004', 'P007')",
	"UPDATE w.visit SET total_amount = total_amount + 1 WHERE person_id = 'P002'",
	"DELETE FROM w.visit WHERE visit_id IN (SELECT max(visit_id) FROM w.visit WHERE person_id = 'P009')");
foreach my $node ($alone, $coordinator)
{
	ask($node, "INSERT INTO w.change SELECT visit_id, localtimestamp FROM w.visit WHERE person_id IN ('P002', 'P004', 'P007', 'P009')");
	ask($node, $_) foreach @later;
	ask($node, 'CALL medaudit.refresh_books(sample_share => 1)');
}
is(ask($coordinator, $stored), ask($alone, $stored), 'changes come into the store');
same_after('CALL medaudit.audit_changes()', 'what changed');
same_after("CALL medaudit.run_audit('2025-11-01', '2025-12-01')", 'a month');
same_after("CALL medaudit.run_audit('2026-01-05', '2026-01-06')", 'a day');
foreach my $node ($alone, $coordinator)
{
	# without a word of it: a full check finds it
	ask($node, "UPDATE w.charge SET quantity = quantity + 1 WHERE person_id = 'P011' AND item_code = 'A'");
	ask($node, 'CALL medaudit.refresh_books(full_check => true)');
}
is(ask($coordinator, $stored), ask($alone, $stored), 'a full check finds what nobody told');
is(ask($coordinator, 'SELECT sum(visits) FROM book_coverage'), ask($alone, 'SELECT sum(visits) FROM book_coverage'), 'book_coverage reads it');

# A line under another person than its visit's lies on another server.
ask($_, "INSERT INTO w.charge (visit_id, line_id, item_code, quantity, amount, charged_at, category, person_id)
	SELECT visit_id, 'astray', 'B', 1, 10, admitted_at, '07', 'P013' FROM w.visit WHERE person_id = 'P012'") foreach $alone, $coordinator;
ask($_, 'CALL medaudit.refresh_books(full_check => true)') foreach $alone, $coordinator;
is(ask($coordinator, $stored), ask($alone, $stored), 'a line under another person is put into its visit all the same');

done_testing();
