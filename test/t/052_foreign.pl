# Warehouses on other servers, through postgres_fdw: the judgement goes to where the lines
# are, with the rules of whoever asks, and no book comes back but as bytes; a run over
# foreign partitions reads each by its dates, and finds what a run over tables finds.
# Every database is one of one server, which a foreign table does not know.
use strict;
use warnings;

use JSON::PP;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('foreign');
my $host = $node->host;
my $port = $node->port;
my $set = 'SET search_path = public, medaudit; SET client_min_messages = error;';

sub ask
{
	my ($database, $query) = @_;

	return $node->safe_psql($database, "$set\n$query");
}

# The queries that a plan sends.
sub sent
{
	my ($query, $settings) = @_;
	my $plan = decode_json(ask('head', ($settings // '') . "EXPLAIN (VERBOSE, FORMAT JSON) $query"));
	my @sent;
	my @nodes = ($plan->[0]{Plan});

	while (my $one = shift @nodes)
	{
		push @sent, $one->{'Remote SQL'} if defined $one->{'Remote SQL'};
		push @nodes, @{ $one->{Plans} // [] };
	}
	return @sent;
}

made_claims($node);
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE postgres") foreach 'far', 'head';

# Far has the lines by month, and as a whole by share of the persons; of rules it has none.
ask('far', q{
	DO $$
	DECLARE
		month date;
	BEGIN
		FOR month IN SELECT DISTINCT date_trunc('month', charged_at)::date FROM w.charge LOOP
			EXECUTE format('CREATE TABLE w.charge_%s AS SELECT * FROM w.charge WHERE charged_at >= %L AND charged_at < %L',
				to_char(month, 'YYYYMM'), month, month + interval '1 month');
		END LOOP;
	END
	$$;
	CREATE TABLE w.lines (person_id text, LIKE w.charge) PARTITION BY HASH (person_id);
	CREATE TABLE w.lines_0 PARTITION OF w.lines FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE w.lines_1 PARTITION OF w.lines FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	INSERT INTO w.lines SELECT m.person_id, c.* FROM w.charge AS c JOIN w.made AS m USING (visit_id);
	DELETE FROM medaudit.charge_rule WHERE NOT shipped;
	CREATE TABLE w.sent_rules (rules medaudit.rulebook);
	CREATE VIEW w.judged AS
	SELECT b.visit_id AS of_visit, a.*
	FROM (SELECT visit_id, medaudit.ledger(item_code, quantity, amount, charged_at) AS book FROM w.charge GROUP BY visit_id) AS b
	CROSS JOIN LATERAL medaudit.audit_charges(b.book, NULL::medaudit.visit_context, (SELECT rules FROM w.sent_rules)) AS a;
	CREATE VIEW w.book AS
	SELECT visit_id, medaudit.ledger(item_code, quantity, amount, charged_at) AS book FROM w.charge GROUP BY visit_id;
	CREATE VIEW w.book_bytes AS SELECT visit_id, medaudit.ledger_send(book) AS bytes FROM w.book});
ask('head', "CREATE EXTENSION postgres_fdw;
	CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'far', extensions 'medaudit');
	CREATE SERVER plain FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'far');
	CREATE USER MAPPING FOR CURRENT_USER SERVER far;
	CREATE USER MAPPING FOR CURRENT_USER SERVER plain;
	CREATE SCHEMA f;
	CREATE SCHEMA p;
	IMPORT FOREIGN SCHEMA w LIMIT TO (charge, visit, person, facility, sent_rules, judged, book, book_bytes) FROM SERVER far INTO f;
	IMPORT FOREIGN SCHEMA w LIMIT TO (charge) FROM SERVER plain INTO p;");

# ------------------------------------------------- judged where the lines are

my $book = 'ledger(item_code, quantity, amount, charged_at)';
my $score = "excess_amount($book, NULL::visit_context, (SELECT compile_rules()))";
my $by_visit = "SELECT visit_id, $score AS excess FROM %s.charge GROUP BY visit_id";
my $answer = "SELECT count(*), count(*) FILTER (WHERE excess > 0), sum(excess) FROM (%s) AS s";

my @pushed = sent(sprintf($by_visit, 'f'));
is(scalar(@pushed), 1, 'one query is sent');
like($pushed[0], qr/^SELECT visit_id, medaudit\.excess_amount\(medaudit\.ledger\(item_code, quantity, amount, charged_at\), NULL::medaudit\.visit_context, \$1::medaudit\.rulebook\) FROM w\.charge GROUP BY 1$/,
	'and judges there, by the rules that go with it');
my $local = ask('head', sprintf($answer, sprintf($by_visit, 'w')));
is(ask('head', sprintf($answer, sprintf($by_visit, 'f'))), $local, 'as the same lines are judged here');
like($local, qr/^\d{3,}\|[1-9]\d+\|/, 'and some are in excess');
@pushed = sent(sprintf($by_visit, 'f') . " HAVING $score > 0");
like($pushed[0], qr/HAVING \(\(medaudit\.excess_amount\(/, 'only the visits in excess come back');
@pushed = sent("SELECT visit_id, rule_coverage($book, (SELECT compile_rules())), split_charge_score($book, (SELECT compile_rules())), net_amount($book)
	FROM f.charge GROUP BY visit_id");
like($pushed[0], qr/medaudit\.rule_coverage\(.*medaudit\.split_charge_score\(.*medaudit\.net_amount\(/, 'whatever gives one value is asked there');
unlike($pushed[0], qr/(?<!\()medaudit\.ledger\(/, 'and no book travels');

@pushed = sent("SELECT visit_id, excess_amount($book, NULL::visit_context) FROM f.charge GROUP BY visit_id");
unlike($pushed[0], qr/excess_amount/, 'a form that compiles by itself is not sent: far has other rules');
is(ask('head', sprintf($answer, "SELECT visit_id, excess_amount($book, NULL::visit_context) AS excess FROM f.charge GROUP BY visit_id")), $local, 'and judges by the rules here');
@pushed = sent(sprintf($by_visit, 'p'));
unlike($pushed[0], qr/medaudit\./, "without extensions 'medaudit' the lines travel");
is(ask('head', sprintf($answer, sprintf($by_visit, 'p'))), $local, 'and the answer is the same');

# Shares of the persons: a query goes to each, and nothing is put together here, once
# the planner knows how many lines that spares.
ask('head', q{
	CREATE TABLE f.lines (person_id text, visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, category text)
		PARTITION BY HASH (person_id);
	CREATE FOREIGN TABLE f.lines_0 PARTITION OF f.lines FOR VALUES WITH (MODULUS 2, REMAINDER 0) SERVER far OPTIONS (schema_name 'w', table_name 'lines_0');
	CREATE FOREIGN TABLE f.lines_1 PARTITION OF f.lines FOR VALUES WITH (MODULUS 2, REMAINDER 1) SERVER far OPTIONS (schema_name 'w', table_name 'lines_1');
	ANALYZE f.lines});
my $by_person = "SELECT person_id, $score AS excess FROM f.lines GROUP BY person_id";
@pushed = sent($by_person, 'SET enable_partitionwise_aggregate = on;');
is(scalar(grep { /medaudit\.excess_amount\(medaudit\.ledger\(.* FROM w\.lines_[01] GROUP BY 1$/ } @pushed), 2, 'of shares each judges its persons');
is(ask('head', 'SET enable_partitionwise_aggregate = on;' . sprintf($answer, $by_person)),
	ask('head', sprintf($answer, "SELECT person_id, $score AS excess FROM w.charge JOIN w.made USING (visit_id) GROUP BY person_id")), 'as one server does');

# What gives rows is asked by a view there, of the rules that were sent.
ask('head', 'INSERT INTO f.sent_rules SELECT compile_rules()');
is(join(' ', sent('SELECT rule_code, count(*) FROM f.judged GROUP BY rule_code')), 'SELECT rule_code, count(*) FROM w.judged GROUP BY 1', 'a view of findings is asked there');
my $rows = "SELECT count(*), md5(string_agg(concat_ws('|', rule_code, visit_id, item_code, charged_at, excess_amount, outcome, evidence), E'\\n' ORDER BY rule_code, of_visit, item_code, charged_at, evidence::text)) FROM ";
is(ask('head', "$rows f.judged"), ask('head', "$rows (SELECT b.visit_id AS of_visit, a.* FROM (SELECT visit_id, $book AS book FROM w.charge GROUP BY visit_id) AS b,
	audit_charges(book, NULL::visit_context, (SELECT compile_rules())) AS a) AS j"), 'by the rules from here, row by row');

# --------------------------------------------------- books as bytes

is(ask('head', "SELECT count(*), count(*) FILTER (WHERE ledger_send(ledger_from_bytes(f.bytes)) <> ledger_send(l.book)) FROM f.book_bytes AS f
	JOIN (SELECT visit_id, $book AS book FROM w.charge GROUP BY visit_id) AS l USING (visit_id)"),
	ask('head', 'SELECT count(DISTINCT visit_id), 0 FROM w.charge'), 'a book that must travel does as bytes, and is the same');
is(ask('head', 'SELECT count(*), count(*) FILTER (WHERE t.book IS DISTINCT FROM ledger_from_bytes(b.bytes)) FROM f.book AS t JOIN f.book_bytes AS b USING (visit_id)'),
	ask('head', 'SELECT count(DISTINCT visit_id), 0 FROM w.charge'), 'as text it is the same');
cmp_ok(ask('far', 'SELECT sum(2 + 2 * length(ledger_send(book)))::float8 / sum(length(book::text)) FROM w.book'), '<', 0.9, 'but longer');

# ------------------------------------------------- a run over foreign partitions

ask('head', q{
	CREATE TABLE f.dated (LIKE w.charge) PARTITION BY RANGE (charged_at);
	DO $$
	DECLARE
		month date;
	BEGIN
		FOR month IN SELECT DISTINCT date_trunc('month', charged_at)::date FROM w.charge LOOP
			EXECUTE format('CREATE FOREIGN TABLE f.charge_%s PARTITION OF f.dated FOR VALUES FROM (%L) TO (%L) SERVER far OPTIONS (schema_name ''w'', table_name ''charge_%1$s'')',
				to_char(month, 'YYYYMM'), month, month + interval '1 month');
		END LOOP;
	END
	$$;
	CALL medaudit.bind('person', 'f.person');
	CALL medaudit.bind('facility', 'f.facility');
	CALL medaudit.bind('visit', 'f.visit');
	CALL medaudit.bind('charge', 'f.dated')});
ask('postgres', "ALTER DATABASE far SET log_statement = 'all'");

my $standing = q{SELECT string_agg(concat_ws('|', rule_code, subject_kind, subject_id, key, encode(fingerprint, 'hex'), evidence_text, judged_on), E'\n'
	ORDER BY rule_code, subject_kind, subject_id, key) FROM medaudit.finding};

# What far was asked by a run of these days.
sub asked_by
{
	my ($from, $to) = @_;
	my $offset = -s $node->logfile;

	ask($_, "CALL medaudit.run_audit('$from', '$to')") foreach 'postgres', 'head';
	is(ask('head', $standing), ask('postgres', $standing), "$from to $to: findings over foreign tables are those over tables");
	is(ask('head', "SELECT string_agg(coalesce(rule_code, step) || ' ' || error, '; ') FROM medaudit.run_step WHERE error IS NOT NULL AND error !~ '^run it over a whole'"), '', 'no step failed');
	return slurp_file($node->logfile, $offset) =~ /CURSOR FOR\s+(SELECT .*)/g;
}

# Of a run from summer on lines of the spring before are of no visit that it reads.
my @asked = asked_by('2025-07-01', '2025-08-01');
my $horizon = ask('head', q{SELECT string_agg(DISTINCT m, ' ') FROM (SELECT substring(c, 'charge_(\d+)') AS m FROM unnest(ARRAY[} .
	  join(', ', map { "\$q\$$_\$q\$" } @asked) . q{]::text[]) AS c) AS s WHERE m IS NOT NULL});
my @partitions = split / /, $horizon;
my @lines = grep { /FROM w\.charge_\d+/ } @asked;
cmp_ok(scalar(@partitions), '>', 12, 'partitions are read');
is(scalar(grep { !/WHERE .*charged_at >= '\d{4}-\d\d-\d\d 00:00:00'/ } @lines), 0, 'each by its dates');
foreach my $month ('202507', '202412')
{
	my @of_month = grep { /FROM w\.charge_$month / } @lines;

	is(scalar(grep { /quantity, amount/ } @of_month), 1, "the lines of $month are gathered by one query");
	is(scalar(grep { !/quantity, amount/ } @of_month), scalar(@of_month) - 1, 'others ask for names alone');
	cmp_ok(scalar(@of_month), '<=', 2, 'and are one at most');
}
@asked = asked_by('2025-01-01', '2026-01-01');
ok((grep { /FROM w\.visit WHERE .*_read_time\(discharged_at\) >= '/ } @asked) > 0, 'visits are read by their dates');
cmp_ok(ask('head', 'SELECT count(*) FROM medaudit.finding'), '>', 500, 'the year has findings');

done_testing();
