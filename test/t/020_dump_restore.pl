# What a fund keeps in medaudit survives dump and restore in every format of
# pg_dump, with any number of jobs and in any order: rules of its own, what it
# changed of shipped ones, aliases, sequences, stored books and rulebooks, runs,
# findings and what was decided of them, and what is built on medaudit's functions.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dump');

sub ask
{
	my ($query, $database) = @_;

	return $node->safe_psql($database // 'postgres', $query);
}

ask(q{
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, name_en, certainty, enabled)
	VALUES ('own_pair', 'exclusive', '本地互斥', 'local pair', 'violation', true),
		('own_package', 'package', '本地组合', NULL, 'suspicion', false);
	INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, valid, note)
	VALUES ('own_pair', 'A1', 'A2', '6 hours', '[2025-01-01,2026-01-01)', '注'),
		('own_pair', 'A1', 'A2', 'day', '[2026-01-01,)', NULL);
	INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price)
	VALUES ('own_package', 'P', 'C1', 60), ('own_package', 'P', 'C2', 60);
	INSERT INTO medaudit.address_word (kind, word, canonical) VALUES ('village', '寨', '村'), ('town', '镇', NULL);
	INSERT INTO medaudit.text_alias (alias, canonical, note) VALUES ('三院', '第三医院', 'x');
	INSERT INTO medaudit.calendar (day, working, note) VALUES ('2025-01-01', true, '照常上班');
	INSERT INTO medaudit.code_class (code, class) VALUES ('ZL', 'treatment');
	INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('staged', 'K80', '21');
	INSERT INTO medaudit.supply_limit (visit_type, drug_class, take_home, max_days) VALUES ('11', 'XN02', false, 3);
	INSERT INTO medaudit.prescription_cap (person_class, max_amount) VALUES ('离休', 450);
	INSERT INTO medaudit.usual_dose (drug_code, units_per_day) VALUES ('XC09', 1.5);
	INSERT INTO medaudit.recognised_exam (item_code, valid_days, valid) VALUES ('0021030%', 14, '[2025-01-01,)');

	-- A shipped rule switched off, one switched on, one made less certain.
	UPDATE medaudit.rule SET enabled = false
	WHERE rule_code = (SELECT min(rule_code) FROM medaudit.rule WHERE shipped AND enabled);
	UPDATE medaudit.rule SET certainty = 'notice'
	WHERE rule_code = (SELECT max(rule_code) FROM medaudit.rule
		WHERE shipped AND certainty <> 'notice');
	-- and parameters
	SELECT medaudit.set_rule('split_stays', false, 'notice', '{"max_gap_days": 9, "exclude_tags": ["planned"]}'),
		medaudit.set_rule('events_after_death', parameters => '{"grace_days": 4}');

	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.fee (visit text, item text, quantity numeric, amount numeric,
		at timestamp, hidden bool DEFAULT false);
	INSERT INTO warehouse.fee
	SELECT 'v' || i / 30, 'A' || i % 3, CASE WHEN i % 10 = 0 THEN -1 ELSE 1 END,
		CASE WHEN i % 10 = 0 THEN -12.5 ELSE 12.5 END,
		timestamp '2025-03-01' + i * interval '5 hours'
	FROM generate_series(1, 200) i;
	CREATE TABLE warehouse.stay AS
	SELECT 'v' || i AS visit_id, 'p' || i / 2 AS person_id, 'f' || i % 2 AS facility_id,
		timestamp '2025-03-01' + i * interval '150 hours' AS admitted_at,
		timestamp '2025-03-04' + i * interval '150 hours' AS discharged_at, '21' AS visit_type
	FROM generate_series(0, 6) i;
	CALL medaudit.bind('visit', 'warehouse.stay');
	CALL medaudit.bind('charge', 'warehouse.fee', '{"visit_id": "visit",
		"item_code": "item", "charged_at": "at"}', 'NOT hidden');

	CREATE TABLE warehouse.book AS
	SELECT visit, medaudit.ledger(item, quantity, amount, at) AS book,
		medaudit.stays('s' || visit, visit, 'f', at, at + interval '3 days', 'J18',
			amount, '{referral}') AS stays
	FROM warehouse.fee GROUP BY visit;
	CREATE TABLE warehouse.large AS
	SELECT medaudit.ledger('item' || i % 977, 1, i, timestamp '2025-01-01'
		+ i * interval '1 minute') AS book
	FROM generate_series(1, 50000) i;
	CREATE TABLE warehouse.kept_rules AS
	SELECT medaudit.compile_rules() AS rules, 'enabled' AS what
	UNION ALL SELECT medaudit.compile_rules('own_pair', 'own_package'), 'own';
	CREATE MATERIALIZED VIEW warehouse.totals AS
	SELECT visit, medaudit.net_amount(book) AS net,
		medaudit.split_charge_score(book, (SELECT rules FROM warehouse.kept_rules
			WHERE what = 'own')) AS score
	FROM warehouse.book;
	CREATE VIEW warehouse.pairs AS
	SELECT visit, f.item_code, f.charged_at, f.excess_amount, f.evidence
	FROM warehouse.book, medaudit.audit_charges(book, NULL::medaudit.visit_context,
		(SELECT rules FROM warehouse.kept_rules WHERE what = 'own')) f;
});

# Runs and what was decided of their findings; a rule with many rows, settings and
# parameters of rules of its own, one of them of a kind of its own.
ask(q{
	CREATE FUNCTION warehouse.long_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group
	LANGUAGE sql STABLE AS 'SELECT NULL::medaudit.run_group WHERE false';
	SELECT medaudit.add_rule_kind('own_long', 'claims', 'warehouse.long_stays(bigint, text, jsonb)', '超长', '{visit.department|facility}', 'month', true);
	INSERT INTO medaudit.rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, meaning_en, choices)
	VALUES ('own_long', 'max_days', 'int', '60', 1, 365, '天', '最长天数', 'days, at most', NULL),
		('own_long', 'who', 'text[]', '["a"]', NULL, NULL, NULL, '谁', NULL, '{a,b}'), ('own_long', 'within', 'interval', NULL, 0, NULL, NULL, '间隔', NULL, NULL);
	INSERT INTO medaudit.evidence_template (kind, zh, en) VALUES ('own_long', '{days}天。', '{days} days.'), ('split_stays', '间隔{days}天。', NULL);
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty, parameters)
	VALUES ('own_cap', 'quantity', '限次', 'violation', '{}'), ('own_split', 'split_stays', '十日', 'notice', '{"max_gap_days": 10}'),
		('own_death', 'events_after_death', '死亡', 'notice', '{"grace_days": 3}'), ('own_long', 'own_long', '超长', 'notice', '{"max_days": 90, "who": ["b"], "within": "2 days"}');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity)
	SELECT 'own_cap', CASE WHEN i < 3 THEN 'A' || i ELSE 'X' || i END, 'day', 1 FROM generate_series(0, 20000) i;
	INSERT INTO medaudit.rule_setting (rule_code, enabled, parameters) VALUES ('own_split', false, '{"max_gap_days": 11}');
});
ask(q{CALL medaudit.run_audit('2025-03-01', '2025-05-01')}) for 1 .. 2;
ask(q{
} . decided(q{SELECT finding_id FROM medaudit.finding WHERE rule_code = 'own_cap' AND visit_id = 'v1'}, 'dismiss')
	. decided(q{SELECT finding_id FROM medaudit.finding WHERE rule_code = 'own_cap' AND visit_id = 'v2'}, 'confirm'));
# what came of it: a case with money, a rectification, an exemption that holds, a report
ask(q{
	WITH opened AS (SELECT medaudit.open_case('重复收费', array_agg(finding_id), 'model') AS id FROM medaudit.finding WHERE rule_code = 'own_cap' AND visit_id = 'v2')
	SELECT medaudit.record_recovery(id, 'ordered', 100, '2025-06-01'), id FROM opened;
	SELECT medaudit.record_recovery(max(case_id), 'received', 100, '2025-06-02', '转账') FROM medaudit.audit_case;
	INSERT INTO medaudit.rectification (facility_id, rule_codes, ordered_on, accepted_on) VALUES ('f1', '{own_cap}', '2025-06-01', '2025-07-01');
	SELECT medaudit.exempt('own_cap', 'other', '试点', '[2025-01-01,2026-01-01)', 'f1', actor => 'ann');
	SELECT medaudit.approve_exemption(max(exemption_id), actor => 'ben') FROM medaudit.exemption;
	INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id) VALUES ('f1', 'own_cap', 'v3');
	INSERT INTO medaudit.penalty_scale (article, circumstance, region, base, low_multiple, high_multiple) VALUES ('A38', 'light', '330000', 'loss', 1, 1.2);
	INSERT INTO medaudit.demerit (subject_kind, subject_id, on_date, points, case_id) SELECT 'physician', 'd' || i, '2025-06-01', i, max(case_id) FROM medaudit.audit_case, generate_series(1, 3) AS i GROUP BY i;
	UPDATE medaudit.demerit SET withdrawn_on = '2025-07-01' WHERE subject_id = 'd2';
	INSERT INTO medaudit.credit_level (level, at_least) VALUES ('AAA', 99);
	INSERT INTO medaudit.standing_list (subject_kind, subject_code, list, valid) VALUES ('facility', 'F1', 'black', '[2025-01-01,)');
	INSERT INTO medaudit.risk_cell (likelihood, impact, level) VALUES (1, 5, 'high');
	INSERT INTO medaudit.rule_focus (rule_code, weight) VALUES ('own_cap', 2);
	INSERT INTO medaudit.reserve_bound (fund, short, low, high, excess) VALUES ('390', 1, 2, 4, 6);
	UPDATE medaudit.indicator SET min_denominator = 7 WHERE indicator = 'stays';
	INSERT INTO medaudit.indicator (indicator, name_zh) VALUES ('own', '自有指标');
	INSERT INTO medaudit.indicator_month VALUES ('facility', 'f1', '2025-01-01', 'own', 1, 2);
	UPDATE medaudit.audit_case SET state = 'closed';
	CREATE ROLE reviewers;
	CALL medaudit.grant_access('reviewers', 'reviewer');
	INSERT INTO medaudit.reader_scope VALUES ('reviewers', '330102', NULL);
});

# Every table whose rows a dump carries, shipped rows and all.
sub tables
{
	my ($database) = @_;
	my @tables = split /\n/, ask(q{SELECT c.oid::regclass FROM pg_extension AS e
		CROSS JOIN LATERAL unnest(e.extconfig) AS t (oid) JOIN pg_class AS c ON c.oid = t.oid AND c.relkind = 'r'
		WHERE e.extname = 'medaudit' ORDER BY c.relname}, $database);

	return join "\n", map { "$_ " . ask("SELECT count(*) || ' ' || md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"))
		FROM $_ AS t", $database) } @tables;
}

my $all = tables();
my $list = q{SELECT string_agg(w::text, E'\n' ORDER BY rank) FROM medaudit.worklist AS w};
my $worklist = ask($list);

foreach my $table (qw(charge_rule package rule rule_kind rule_parameter evidence_template rule_setting run run_step run_quality finding
	finding_line ranked_line finding_sum finding_person kept_rulebook run_asked run_finding run_coverage binding
	finding_event audit_case case_finding recovery_entry rectification exemption self_report
	penalty_scale demerit credit_level standing_list risk_cell rule_focus focus_weight reserve_bound indicator indicator_month
	access_grant reader_scope))
{
	like($all, qr/^(?:medaudit\.)?$table [1-9]/m, "$table has rows");
}

my $kept = q{
	SELECT md5(string_agg(what || row, E'\n' ORDER BY what, row)) || ' ' || count(*)
	FROM (
		SELECT 'rule' AS what, r::text AS row FROM medaudit.rule r
		UNION ALL SELECT 'charge_rule', c::text FROM medaudit.charge_rule c
		UNION ALL SELECT 'package', p::text FROM medaudit.package p
		UNION ALL SELECT 'setting', s::text FROM medaudit.rule_setting s
		UNION ALL SELECT 'kind', k::text FROM medaudit.rule_kind k
		UNION ALL SELECT 'parameter', p::text FROM medaudit.rule_parameters p
		UNION ALL SELECT 'alias', a::text FROM medaudit.text_alias a
		UNION ALL SELECT 'word', w::text FROM medaudit.address_word w
		UNION ALL SELECT 'home', medaudit.household_key('武侯区红星寨5号', NULL, medaudit.compile_divisions())
		UNION ALL SELECT 'calendar', c::text FROM medaudit.calendar c
		UNION ALL SELECT 'code class', c::text FROM medaudit.code_class c
		UNION ALL SELECT 'tag', t::text FROM medaudit.stay_tag t
		UNION ALL SELECT 'limit', l::text FROM medaudit.supply_limit l
		UNION ALL SELECT 'cap', c::text FROM medaudit.prescription_cap c
		UNION ALL SELECT 'usual dose', d::text FROM medaudit.usual_dose d
		UNION ALL SELECT 'exam', e::text FROM medaudit.recognised_exam e
		UNION ALL SELECT 'binding', b::text FROM medaudit.binding b
		UNION ALL SELECT 'right', concat(c.relname, c.relacl::text, (SELECT string_agg(a.attname || a.attacl::text, ' ') FROM pg_attribute AS a WHERE a.attrelid = c.oid))
			FROM pg_class AS c WHERE c.relnamespace = 'medaudit'::regnamespace
		UNION ALL SELECT 'act', concat(p.proname, p.proacl::text) FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace
		UNION ALL SELECT 'book', b::text FROM warehouse.book b
		UNION ALL SELECT 'large', l::text FROM warehouse.large l
		UNION ALL SELECT 'rules', k::text FROM warehouse.kept_rules k
		UNION ALL SELECT 'totals', t::text FROM warehouse.totals t
		UNION ALL SELECT 'pairs', p::text FROM warehouse.pairs p) t};
my $before = ask($kept);

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
	my ($database, $format) = @_;

	is(ask($kept, $database), $before, "$format: everything is as it was");
	is( ask(q{INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope)
			VALUES ('own_pair', 'B1', 'B2', 'visit')
			RETURNING charge_rule_id > 0 AND charge_rule_id =
				(SELECT max(charge_rule_id) FROM medaudit.charge_rule) + 1}, $database),
		't', "$format: row numbers go on");
	is( error_of($node, q{INSERT INTO medaudit.charge_rule (rule_code, item_code)
			VALUES ('own_pair', 'X')}, $database),
		'22023', "$format: the checks are in force");
	is( error_of($node, q{INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope)
			VALUES ('nobody', 'B1', 'B2', 'visit')}, $database),
		'23503', "$format: rows of no rule are refused");
	is( error_of($node, q{UPDATE medaudit.rule SET parameters = '{"max_days": 366}' WHERE rule_code = 'own_long'}, $database),
		'22023', "$format: those of parameters too");
	is(ask(q{SELECT medaudit._callable_kind('own_long')}, $database), 'warehouse.long_stays', "$format: a kind knows its function");
	is( ask(q{BEGIN; DELETE FROM medaudit.rule_setting; SELECT parameters FROM medaudit.rule WHERE rule_code = 'events_after_death';
			SELECT parameters FROM medaudit.rule WHERE rule_code = 'own_split'; ROLLBACK}, $database),
		qq({}\n{"max_gap_days": 10}), "$format: what was shipped, and what was before a setting, is known");
	ask('CALL medaudit.rebind(); REFRESH MATERIALIZED VIEW warehouse.totals',
		$database);
	is( ask('SELECT count(*), sum(amount) FROM medaudit_data.charge', $database),
		ask('SELECT count(*), sum(amount) FROM medaudit_data.charge'),
		"$format: bound again");
}

my $folder = PostgreSQL::Test::Utils::tempdir();

foreach my $format (qw(plain custom directory))
{
	my $dump = "$folder/$format";
	my @into = ('-d', $node->connstr($format));

	$node->command_ok([ 'pg_dump', '-F', $format, '-f', $dump,
			'-d', $node->connstr('postgres') ], "$format: dump");
	ask("CREATE DATABASE $format TEMPLATE template0");
	$node->command_ok($format eq 'plain'
		? [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, @into ]
		: [ 'pg_restore', '--exit-on-error', '-j', 8, @into, $dump ],
		"$format: restore");
	is(tables($format), $all, "$format: every row came back");
	is(ask($list, $format), $worklist, "$format: the worklist is as it was");
	check_restored($format, $format);
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
	is(tables($database), $all, "$database: every row came back");
	is(ask($list, $database), $worklist, "$database: the worklist is as it was");
}

ask('CREATE DATABASE reversed TEMPLATE template0');
restore_reversed('reversed', "$folder/custom");
check_restored('reversed', 'reversed');

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
		is(tables($database), $all, "$database: every row came back");
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
		'-d', $node->connstr('plain') ], 'dump of the restored');
ask('CREATE DATABASE again TEMPLATE template0');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/again",
		'-d', $node->connstr('again') ], 'restore of it');
is(ask($kept, 'again'), ask($kept, 'plain'), 'twice is as once');

done_testing();
