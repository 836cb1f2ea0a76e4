# What a fund keeps in medaudit survives dump and restore in every format of
# pg_dump: rules of its own, what it changed of shipped ones, aliases, sequences,
# stored books and rulebooks, and what is built on medaudit's functions.
# (Findings and runs: 030_audit_run.)
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
	INSERT INTO medaudit.text_alias (alias, canonical, note) VALUES ('三院', '第三医院', 'x');
	INSERT INTO medaudit.calendar (day, working, note) VALUES ('2025-01-01', true, '照常上班');
	INSERT INTO medaudit.code_class (code, class) VALUES ('ZL', 'treatment');
	INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix, visit_type) VALUES ('staged', 'K80', '21');

	-- A shipped rule switched off, one switched on, one made less certain.
	UPDATE medaudit.rule SET enabled = false
	WHERE rule_code = (SELECT min(rule_code) FROM medaudit.rule WHERE shipped AND enabled);
	UPDATE medaudit.rule SET certainty = 'notice'
	WHERE rule_code = (SELECT max(rule_code) FROM medaudit.rule
		WHERE shipped AND certainty <> 'notice');
	-- and parameters of rules over stays and persons
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

my $kept = q{
	SELECT md5(string_agg(what || row, E'\n' ORDER BY what, row)) || ' ' || count(*)
	FROM (
		SELECT 'rule' AS what, r::text AS row FROM medaudit.rule r
		UNION ALL SELECT 'charge_rule', c::text FROM medaudit.charge_rule c
		UNION ALL SELECT 'package', p::text FROM medaudit.package p
		UNION ALL SELECT 'setting', s::text FROM medaudit.rule_setting s
		UNION ALL SELECT 'stays', s::text FROM medaudit.stay_rule s
		UNION ALL SELECT 'persons', p::text FROM medaudit.person_rule p
		UNION ALL SELECT 'alias', a::text FROM medaudit.text_alias a
		UNION ALL SELECT 'calendar', c::text FROM medaudit.calendar c
		UNION ALL SELECT 'code class', c::text FROM medaudit.code_class c
		UNION ALL SELECT 'tag', t::text FROM medaudit.stay_tag t
		UNION ALL SELECT 'binding', b::text FROM medaudit.binding b
		UNION ALL SELECT 'book', b::text FROM warehouse.book b
		UNION ALL SELECT 'large', l::text FROM warehouse.large l
		UNION ALL SELECT 'rules', k::text FROM warehouse.kept_rules k
		UNION ALL SELECT 'totals', t::text FROM warehouse.totals t
		UNION ALL SELECT 'pairs', p::text FROM warehouse.pairs p) t};
my $before = ask($kept);

isnt(ask('SELECT count(*) FROM medaudit.rule_setting'), '0',
	'changes of shipped rules are kept as settings');
is( ask(q{SELECT concat_ws(' ', max_gap_days, exclude_tags, grace_days)
		FROM medaudit.stay_rule AS s, medaudit.person_rule AS p
		WHERE s.rule_code = 'split_stays' AND p.rule_code = 'events_after_death'}),
	'9 {planned} 4', 'so are changes of their parameters');
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
		: [ 'pg_restore', '--exit-on-error', '-j', 2, @into, $dump ],
		"$format: restore");
	check_restored($format, $format);
}

# Once more from the restored one: a dump of a dump is no different.
$node->command_ok([ 'pg_dump', '-f', "$folder/again",
		'-d', $node->connstr('plain') ], 'dump of the restored');
ask('CREATE DATABASE again TEMPLATE template0');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/again",
		'-d', $node->connstr('again') ], 'restore of it');
is(ask($kept, 'again'), ask($kept, 'plain'), 'twice is as once');

done_testing();
