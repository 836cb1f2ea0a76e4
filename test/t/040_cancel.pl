# Every heavy function can be cancelled: statement_timeout stops it soon, and
# the session goes on.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = new_node('cancel', conf => "work_mem = '64MB'");

sub have
{
	return !grep { !function_exists($node, $_) } @_;
}

# Is cancelled within seconds, however long it would have run.
sub check_cancel
{
	my ($what, $query) = @_;
	my $started = time;

	is( error_of($node, "SET statement_timeout = '200ms'; $query"),
		'57014', "$what is cancelled");
	cmp_ok(time - $started, '<', 5, 'and soon');
}

# However far it is: finding, or giving what it found.
sub check_cancel_anywhere
{
	my ($what, $query) = @_;

	foreach my $after (500, 1000, 2000, 4000)
	{
		my $started = time;

		$node->psql('postgres', "SET statement_timeout = '${after}ms'; $query");
		cmp_ok(time - $started, "<", $after / 1000 + 3, "$what ends or is cancelled after $after ms");
	}
}

# Calls a set-returning FUNCTION of TABLE's book again and again.
sub again
{
	my ($table, $function) = @_;

	return "SELECT (SELECT count(*) FROM $function r)
		FROM $table, generate_series(1, 1000)";
}

if (have('ledger'))
{
	$node->safe_psql('postgres', q{
		CREATE TABLE charges AS
		SELECT medaudit.ledger('item' || i % 50, 1 - 2 * (i % 3 / 2),
			5 - 10 * (i % 3 / 2), timestamp '2025-01-01' + i * interval '1 second',
			'l' || i, CASE WHEN i % 3 = 2 THEN 'l' || i - 50 END, NULL, NULL) AS book
		FROM generate_series(1, 1000000) i});
	check_cancel('ledger', q{SELECT medaudit.ledger('a' || i % 7, 1, 1, '2025-01-01')
		FROM generate_series(1, 4900000) i});
	check_cancel('lines', again('charges', 'medaudit.lines(book)'));
	check_cancel('rollup', 'SELECT medaudit.rollup(book)
		FROM charges, generate_series(1, 4)');
	check_cancel('_item_sums', again('charges', 'medaudit._item_sums(book)'));
	check_cancel('_bed_days', again('charges', q{medaudit._bed_days(book, NULL, '2025-01-01',
		'2025-01-20', ARRAY[E'item1\\x1f'], '{bed}')}));
	check_cancel('_gather_lines', q{SELECT medaudit._gather_lines('', 'a' || i % 999983, 1, 1, '2025-01-01',
		NULL, i::text, NULL, 'k' || i % 3, NULL, NULL, NULL, NULL) FROM generate_series(1, 4900000) i});
	check_cancel('ledger text', 'SELECT length(book::text) FROM charges');
	# Many refunds of one item and price are the hard case of netting.
	$node->safe_psql('postgres', q{
		CREATE TABLE refunds AS
		SELECT medaudit.ledger('a', CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * (1 + i % 977),
			CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * (1 + i % 977) * (1 + i % 7919),
			timestamp '2025-01-01' + i * interval '1 second') AS book
		FROM generate_series(1, 2000000) i});
	my $started = time;
	$node->psql('postgres', "SET statement_timeout = '200ms';
		SELECT medaudit.net_amount(book) FROM refunds");
	cmp_ok(time - $started, '<', 5, 'netting two million lines ends or is cancelled');
}

if (have('fills'))
{
	$node->safe_psql('postgres', q{
		CREATE TABLE dispensed AS
		SELECT medaudit.fills('XA10BBG' || lpad((i % 500)::text, 3, '0') || 'A001010100001', 7 + i % 30, 5,
			timestamp '2025-01-01' + i % 2000 * interval '1 day', 'p' || i % 99, 'f' || i, NULL) AS f
		FROM generate_series(1, 1000000) i});
	check_cancel('fills', q{SELECT medaudit.fills('a' || i % 7, 1, 1, '2025-01-01', 'p' || i % 9, NULL, NULL)
		FROM generate_series(1, 4900000) i});
	check_cancel($_, again('dispensed', "medaudit.$_"))
	  foreach 'stock_curve(f)', 'supply(f)', 'early_refills(f)', q{stockpiles(f, 'class', 84)},
	  'many_facilities(f)', 'duplicate_therapy(f)';
}

if (have('stays'))
{
	$node->safe_psql('postgres', q{
		CREATE TABLE admissions AS
		SELECT medaudit.stays('v' || i, 'p' || i % 20000, 'f' || i % 3,
			timestamp '2025-01-01' + i % 300 * interval '1 day',
			timestamp '2025-01-05' + (i % 300 + i % 60) * interval '1 day',
			'J18', 100 + i % 1000, NULL) AS book
		FROM generate_series(1, 400000) i});
	check_cancel('stays', q{SELECT medaudit.stays('v' || i, 'p' || i, 'f', '2025-01-01',
		'2025-01-02', 'J18', 1) FROM generate_series(1, 4900000) i});
	check_cancel('stay_rows', again('admissions', 'medaudit.stay_rows(book)'));
	foreach my $name (qw(split_stays overlapping_stays companions
		companion_groups same_household_admissions))
	{
		check_cancel($name, again('admissions', "medaudit.$name(book)"))
		  if have($name);
	}
}

if (have('audit_charges'))
{
	check_cancel('audit_charges', again('charges', q{
			medaudit.audit_charges(book, NULL::medaudit.visit_context, '[
			{"rule_code": "x", "kind": "exclusive", "name_zh": "x",
			 "item_code": "item1", "other_code": "item2", "scope": "6 hours"},
			{"rule_code": "q", "kind": "quantity", "name_zh": "q",
			 "item_code": "%", "scope": "15 days", "max_quantity": 1},
			{"rule_code": "d", "kind": "duplicate", "name_zh": "d",
			 "item_code": "%", "scope": "15 days"}
			]'::jsonb::medaudit.rulebook)}));
}

# A row for each of a million lines
if (have('audit_charges'))
{
	$node->safe_psql('postgres', q{
		CREATE TABLE dear AS SELECT medaudit.ledger('item' || i % 50, 1, 5,
			timestamp '2025-01-01' + i * interval '1 second', 'l' || i, NULL, 'v' || i % 1000, NULL) AS book
		FROM generate_series(1, 1000000) i});
	check_cancel_anywhere('audit_charges with many rows', q{
		SELECT count(*), sum(length(evidence::text)) FROM dear, medaudit.audit_charges(book, NULL::medaudit.visit_context,
			'[{"rule_code": "p", "kind": "price", "item_code": "%", "max_price": 1}]'::jsonb::medaudit.rulebook)});
	check_cancel_anywhere('lines', 'SELECT count(*) FROM dear, medaudit.lines(book)');
}

if (have('rule_count'))
{
	check_cancel('rulebook', q{
		SELECT medaudit.rule_count(jsonb_agg(jsonb_build_object(
			'rule_code', 'r', 'kind', 'quantity', 'name_zh', 'r', 'scope', 'day',
			'item_code', 'i' || i, 'max_quantity', 1))::medaudit.rulebook)
		FROM generate_series(1, 300000) i});
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server stands');

done_testing();
