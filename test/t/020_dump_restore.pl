# What a fund keeps in medaudit survives dump and restore in every format of
# pg_dump, with any number of jobs and in any order: rules of its own, what it
# changed of shipped ones, aliases, sequences, stored books and rulebooks, runs,
# findings and what was decided of them, and what is built on medaudit's functions.
use strict;
use warnings;

use Kept;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');

sub ask
{
	my ($query, $database) = @_;

	return $node->safe_psql($database // 'postgres', $query);
}

make_kept($node);

my $all = kept_tables($node);
my $worklist = worklist_of($node);

foreach my $table (qw(charge_rule package rule rule_kind rule_parameter evidence_template rule_setting run run_step run_quality finding
	finding_line ranked_line finding_sum finding_person kept_rulebook run_asked run_finding run_coverage binding
	finding_event audit_case case_finding recovery_entry rectification exemption self_report
	penalty_scale demerit credit_level standing_list risk_cell rule_focus focus_weight reserve_bound indicator indicator_month
	access_grant reader_scope))
{
	like($all, qr/^(?:medaudit\.)?$table [1-9]/m, "$table has rows");
}

my $before = kept_answer($node);

is(ask(q{SELECT medaudit.household_key('武侯区红星寨5号', NULL, medaudit.compile_divisions())}), '510107|红星村5号',
	'a word of the fund counts');
isnt(ask('SELECT count(*) FROM medaudit.rule_setting'), '0',
	'changes of shipped rules are kept as settings');
is( ask(q{SELECT string_agg(concat_ws(' ', name, value, default_value), '; ' ORDER BY name)
		FROM medaudit.rule_parameters AS p WHERE changed AND rule_code IN ('events_after_death', 'own_long')}),
	'grace_days 4 1; max_days 90 60; who ["b"] ["a"]; within "2 days"', 'so are changes of their parameters');
isnt(ask('SELECT count(*) FROM warehouse.pairs'), '0', 'the rules find something');

sub check_restored
{
	my ($database) = @_;

	is(kept_answer($node, $database), $before, "$database: everything is as it was");
	is( ask(q{INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope)
			VALUES ('own_pair', 'B1', 'B2', 'visit')
			RETURNING charge_rule_id > 0 AND charge_rule_id =
				(SELECT max(charge_rule_id) FROM medaudit.charge_rule) + 1}, $database),
		't', "$database: row numbers go on");
	is( error_of($node, q{INSERT INTO medaudit.charge_rule (rule_code, item_code)
			VALUES ('own_pair', 'X')}, $database),
		'22023', "$database: the checks are in force");
	is( error_of($node, q{INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope)
			VALUES ('nobody', 'B1', 'B2', 'visit')}, $database),
		'23503', "$database: rows of no rule are refused");
	is( error_of($node, q{UPDATE medaudit.rule SET parameters = '{"max_days": 366}' WHERE rule_code = 'own_long'}, $database),
		'22023', "$database: those of parameters too");
	is(ask(q{SELECT medaudit._callable_kind('own_long')}, $database), 'warehouse.long_stays', "$database: a kind knows its function");
	is( ask(q{BEGIN; DELETE FROM medaudit.rule_setting; SELECT parameters FROM medaudit.rule WHERE rule_code = 'events_after_death';
			SELECT parameters FROM medaudit.rule WHERE rule_code = 'own_split'; ROLLBACK}, $database),
		qq({}\n{"max_gap_days": 10}), "$database: what was shipped, and what was before a setting, is known");
	ask('CALL medaudit.rebind(); REFRESH MATERIALIZED VIEW warehouse.totals',
		$database);
	is( ask('SELECT count(*), sum(amount) FROM medaudit_data.charge', $database),
		ask('SELECT count(*), sum(amount) FROM medaudit_data.charge'),
		"$database: bound again");
}

my $folder = PostgreSQL::Test::Utils::tempdir();

foreach my $way ([ 'plain', 1 ], [ 'custom', 1 ], [ 'custom', 2 ], [ 'directory', 8 ])
{
	my ($format, $jobs) = @$way;
	my $database = "${format}_$jobs";
	my $dump = "$folder/$format";
	my @into = ('-d', $node->connstr($database));

	$node->command_ok([ 'pg_dump', '-F', $format, '-j', $format eq 'directory' ? $jobs : 1, '-f', $dump,
			'-d', $node->connstr('postgres') ], "$database: dump");
	ask("CREATE DATABASE $database TEMPLATE template0");
	$node->command_ok($format eq 'plain'
		? [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, @into ]
		: [ 'pg_restore', '--exit-on-error', '-j', $jobs, @into, $dump ],
		"$database: restore");
	is(kept_tables($node, $database), $all, "$database: every row came back");
	is(worklist_of($node, $database), $worklist, "$database: the worklist is as it was");
	check_restored($database);
}

# The order that loses most: each table before those that it follows.  Eight jobs
# meet it now and then; a list in reverse does always.
sub restore_reversed
{
	my ($database, $dump, @option) = @_;
	my ($contents, $error);

	IPC::Run::run([ 'pg_restore', '-l', $dump ], '>', \$contents, '2>', \$error) or die $error;
	my @lines = grep { /\S/ && !/^;/ } split /\n/, $contents;
	my @data = reverse grep { /TABLE DATA medaudit / } @lines;
	my @before = grep { !/TABLE DATA medaudit / } @lines;
	my ($first) = grep { $before[$_] =~ /TABLE DATA|SEQUENCE SET|MATERIALIZED VIEW DATA/ } 0 .. $#before;

	PostgreSQL::Test::Utils::append_to_file("$dump.list",
		join "\n", @before[0 .. $first - 1], @data, @before[$first .. $#before], '');
	$node->command_ok([ 'pg_restore', '--exit-on-error', '-L', "$dump.list", @option,
			'-d', $node->connstr($database), $dump ], "$database: restore");
	is(kept_tables($node, $database), $all, "$database: every row came back");
	is(worklist_of($node, $database), $worklist, "$database: the worklist is as it was");
}

ask('CREATE DATABASE reversed TEMPLATE template0');
restore_reversed('reversed', "$folder/custom");
check_restored('reversed');

# Data only, into what a dump of the schema made; rows as INSERTs, too.
$node->command_ok([ 'pg_dump', '-s', '-f', "$folder/schema", '-d', $node->connstr('postgres') ], 'dump of the schema');
foreach my $kind (qw(copy insert jobs))
{
	my $database = "data_$kind";
	my @option = $kind eq 'insert' ? ('--inserts') : ();

	ask("CREATE DATABASE $database TEMPLATE template0");
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/schema", '-d',
			$node->connstr($database) ], "$database: schema");
	$node->command_ok([ 'pg_dump', '--data-only', @option, '-F', 'custom', '-f', "$folder/$database",
			'-d', $node->connstr('postgres') ], "$database: dump");
	if ($kind eq 'jobs')
	{
		$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', 8, '-d', $node->connstr($database),
				"$folder/$database" ], "$database: restore");
		is(kept_tables($node, $database), $all, "$database: every row came back");
	}
	else
	{
		restore_reversed($database, "$folder/$database", '--data-only');
	}
}

# What foreign keys would do is done
is(ask(q{
	DELETE FROM medaudit.rule WHERE rule_code = 'own_split';
	UPDATE medaudit.rule SET rule_code = 'own_cap_2' WHERE rule_code = 'own_cap';
	DELETE FROM medaudit.rule WHERE rule_code = 'own_pair';
	SELECT (SELECT count(*) FROM medaudit.rule_setting WHERE rule_code = 'own_split'),
		(SELECT count(*) FROM medaudit.charge_rule WHERE rule_code = 'own_pair'),
		(SELECT count(*) FROM medaudit.charge_rule WHERE rule_code = 'own_cap_2')}, 'reversed'),
	'0|0|20001', 'rows of a rule go and change with it');
is(ask(q{
	ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
	ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
	DELETE FROM medaudit.run WHERE run_id = 1;
	DELETE FROM medaudit.finding WHERE visit_id = 'v1';
	SELECT (SELECT count(*) FROM medaudit.run_step WHERE run_id = 1), (SELECT count(*) FROM medaudit.run_quality WHERE run_id = 1),
		(SELECT count(*) > 0 FROM medaudit.run_step), (SELECT count(*) FROM medaudit.finding_line AS l
			WHERE NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = l.finding_id));
	TRUNCATE medaudit.run; TRUNCATE medaudit.finding;
	SELECT (SELECT count(*) FROM medaudit.run_step) + (SELECT count(*) FROM medaudit.run_quality)
		+ (SELECT count(*) FROM medaudit.finding_line) + (SELECT count(*) FROM medaudit.ranked_line)}, 'reversed'),
	"0|0|t|0\n0", 'rows of a run and of a finding go with it');
foreach my $orphan ("charge_rule (rule_code, item_code) VALUES ('x', 'Y')",
	"package (rule_code, package_code, component_code) VALUES ('x', 'Y', 'Z')",
	"rule_setting (rule_code, enabled) VALUES ('x', true)", "rule_parameter (kind, name, type) VALUES ('x', 'y', 'int')",
	"evidence_template (kind, zh) VALUES ('x', 'y')", "run_step (run_id, step_no, step) VALUES (9, 1, 'x')",
	"run_quality (run_id, relation, problem, problem_zh, rows) VALUES (9, 'x', 'x', 'x', 1)",
	"finding_line (finding_id, line_no) VALUES (900, 1)",
	"run_asked (run_id, digest, rule_codes) VALUES (1, '', '{}')")
{
	is(error_of($node, "INSERT INTO medaudit.$orphan", 'reversed'), '23503', "of none: $orphan");
}
is(error_of($node, "UPDATE medaudit.charge_rule SET rule_code = 'x' WHERE rule_code = 'own_cap_2' AND item_code = 'A1'",
		'reversed'), '23503', 'a row cannot be moved to a rule that is not there');

# Once more from the restored one: a dump of a dump is no different.
$node->command_ok([ 'pg_dump', '-f', "$folder/again",
		'-d', $node->connstr('plain_1') ], 'dump of the restored');
ask('CREATE DATABASE again TEMPLATE template0');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/again",
		'-d', $node->connstr('again') ], 'restore of it');
is(kept_answer($node, 'again'), kept_answer($node, 'plain_1'), 'twice is as once');

done_testing();
