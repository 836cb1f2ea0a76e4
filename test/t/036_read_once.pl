# A run reads the charges at most twice, gathers and judges them in parallel where
# the server does so, and finds the same whether or not it does; and neither it nor a
# refresh of the store looks through all of something for each of something else.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('read_once', conf => "max_parallel_workers = 4\nautovacuum = off");
my $year = "CALL medaudit.run_audit('2025-01-01', '2026-01-01')";

sub ask
{
	return $node->safe_psql('postgres', shift);
}

# The findings of a run of the year under SETTINGS, each with its content.
sub found_under
{
	my ($settings) = @_;

	ask('ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
		TRUNCATE medaudit.finding CASCADE; TRUNCATE medaudit.run CASCADE');
	ask("SET client_min_messages = error;\n$settings\n$year;");
	return ask("SELECT string_agg(concat_ws('|', rule_code, subject_kind, subject_id, key, encode(fingerprint, 'hex'), evidence_text, judged_on), E'\\n'
		ORDER BY rule_code, subject_kind, subject_id, key) FROM medaudit.finding");
}

# How often the table of charges has been scanned from end to end.
sub scans
{
	return ask("SELECT pg_stat_force_next_flush(); SELECT seq_scan FROM pg_stat_user_tables WHERE relid = 'w.charge'::regclass") =~ s/\s//gr;
}

# What COUNTED says most of, of all that a run and the store keep, since it was asked last:
# the table and how often.
sub most
{
	my ($counted) = @_;
	my $told = ask(qq{SELECT pg_stat_force_next_flush();
		SELECT relname || ' ' || $counted FROM pg_stat_user_tables WHERE schemaname IN ('medaudit_work', 'medaudit_data') ORDER BY $counted DESC, relname LIMIT 1;
		SELECT pg_stat_reset()});

	return $told =~ /^(\w+) (\d+)$/m;
}

made_claims($node);
my $before = scans();
my $serial = found_under('SET max_parallel_workers_per_gather = 0;');
cmp_ok(scans() - $before, '<=', 2, 'the charges are scanned twice at most');
cmp_ok(scans() - $before, '>', 0, 'scans are counted');
cmp_ok(scalar(split /\n/, $serial), '>', 500, 'the year has findings');
is(ask("SELECT string_agg(coalesce(rule_code, step) || ' ' || error, '; ') FROM medaudit.run_step WHERE error IS NOT NULL"),
	'', 'no step failed');

my $offset = -s $node->logfile;
my $parallel = found_under(q{
	LOAD 'auto_explain';
	SET auto_explain.log_min_duration = 0;
	SET auto_explain.log_nested_statements = on;
	SET max_parallel_workers_per_gather = 2;
	SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0;});
is($parallel, $serial, 'workers find the same');
my $log = slurp_file($node->logfile, $offset);
my @plans = split /^(?=\d{4}-\d\d-\d\d )/m, $log;

# Is there a plan of a query that calls FUNCTION in which all of these stand?
sub planned
{
	my ($function, @words) = @_;

	foreach my $plan (grep { index($_, "medaudit.$function(") >= 0 } @plans)
	{
		return 1 unless grep { index($plan, $_) < 0 } @words;
	}
	return 0;
}

# The most rows that a node of a plan gave or passed over, in all its loops, and its line.
sub most_rows
{
	my ($most, $line, $loops, $node) = (0, '', 1, '');

	foreach (split /\n/, shift)
	{
		my $rows = 0;

		($rows, $loops, $node) = ($1 * $2, $2, $_) if /actual time=\S+ rows=([\d.]+) loops=(\d+)/;
		$rows = $1 * $loops if /Rows Removed by [\w ]+: (\d+)/;
		($most, $line) = ($rows, $node) if $rows > $most;
	}
	return ($most, $line);
}

# The most memory in kB that a hash of rows took, and its line.
sub most_hashed
{
	my ($most, $line, $node) = (0, '', '');

	foreach (split /\n/, shift)
	{
		$node = $_ if /->  Hash  \(/;
		($most, $line) = ($1, $node) if /Buckets: .* Memory Usage: (\d+)kB/ && $1 > $most;
	}
	return ($most, $line);
}

ok(planned('_gather_lines', 'Gather', '->  Partial '), 'charges are gathered by workers');
ok(planned('rollup', 'Gather', 'Parallel Append', '_audit_charges'), 'books are rolled up and judged by workers');

# Visits enough that what is looked through for each of them is seen, and a rule that finds
# as many.  Who looks after the server does so while nothing of that is there: then the
# planner takes it to be so.
ask(q{
	INSERT INTO w.visit (visit_id, person_id, facility_id, admitted_at, discharged_at, settled_at, visit_type, total_amount, newborn)
	SELECT 'M' || n, 'P' || n % 5000, 'F1', d, d, d, '11', 10, false FROM generate_series(1, 10000) AS n, LATERAL (SELECT timestamp '2025-02-01' + n % 300 * interval '1 day' AS d) AS t;
	INSERT INTO w.charge (visit_id, line_id, item_code, quantity, amount, charged_at)
	SELECT visit_id, i.place, i.code, 1, 10, admitted_at FROM w.visit
	CROSS JOIN (VALUES ('1', 'A'), ('2', 'XA10BAE037A001010100001')) AS i (place, code) WHERE visit_id LIKE 'M%';
	CREATE FUNCTION w.many(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql AS $$
		SELECT (medaudit.run_group(key => v.visit_id, person_id => v.person_id, visit_id => v.visit_id, facility_id => v.facility_id)).*
		FROM medaudit_work.visit AS v WHERE v.judged AND v.visit_id LIKE 'M%' $$;
	SELECT medaudit.add_rule_kind('many', 'persons', 'w.many(bigint, text, jsonb)', '每次就诊');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('many', 'many', '每次就诊');
	-- of the people some share a number with another
	CREATE TABLE w.people AS SELECT 'P' || p.n AS person_id, i.resident_id FROM generate_series(0, 4999) AS p (n)
	LEFT JOIN (SELECT t.n, min(t.front || c) AS resident_id
		FROM (SELECT n, '110105' || to_char(date '1950-01-01' + n, 'YYYYMMDD') || '002' AS front FROM generate_series(0, 399) AS n) AS t
		CROSS JOIN unnest('{0,1,2,3,4,5,6,7,8,9,X}'::text[]) AS c WHERE medaudit.resident_id_valid(t.front || c) GROUP BY t.n) AS i ON p.n < 800 AND i.n = p.n % 400;
	CALL medaudit.bind('person', 'w.people');
	ANALYZE w.visit, w.charge, w.people});
ask('VACUUM (ANALYZE)');
# With little memory, too: what is asked of each row (IN under OR, or as a value) is hashed
# only as far as that goes, and else looked through for each.
$offset = -s $node->logfile;
foreach my $run ($year, $year, "CALL medaudit.run_audit('2025-05-01', '2025-06-01')", "SELECT FROM medaudit.fill_rows('2025-01-01', '2026-01-01')")
{
	ask("SET client_min_messages = error;
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 5;
		SET auto_explain.log_nested_statements = on;
		SET auto_explain.log_analyze = on;
		SET work_mem = '64kB';
		$run;");
}
$log = slurp_file($node->logfile, $offset);
my ($rows, $where) = most_rows($log);
my ($kb, $hashed) = most_hashed($log);
cmp_ok($kb, '>', 64, 'hashes are seen');
cmp_ok($kb, '<=', 1024, "$kb kB: none holds what would not fit, for it falls into few parts: $hashed");
cmp_ok(ask("SELECT count(*) FROM medaudit.finding WHERE rule_code = 'many'"), '>', 9000, 'a rule finds much');
cmp_ok($rows, '<=', 50 * ask('SELECT count(*) FROM w.visit'), "a run, and one that finds the same again, pairs nothing with all of something else: $where");

most('seq_scan');
ask(q{CREATE VIEW w.change AS SELECT visit_id, settled_at AS changed_at FROM w.visit; CALL medaudit.bind('change', 'w.change')});
ask("SET client_min_messages = error;\nCALL medaudit.create_book_store();");
ask("SET client_min_messages = error;\nCALL medaudit.refresh_books();");
# rows that a statement has itself written are passed over, and not counted
my ($table, $times) = most('seq_scan * least(n_tup_ins, 1)');
cmp_ok(ask('SELECT visits FROM medaudit_data.book_state'), '>', 10000, 'visits are stored');
cmp_ok($times, '<=', 500, "nor by a refresh of the store: $table is scanned most, $times times");

done_testing();
