# Calls of everything in medaudit that takes a book or a list, or gathers rows, over books
# of as many entries as one likes.
package Calls;

use strict;
use warnings;

use Exporter 'import';
use Test::More;

our @EXPORT = qw(put_books book_calls query_of are_all_there);

# Some rules of charges, and of packages.
my $rules = q{'[{"rule_code": "x", "kind": "exclusive", "name_zh": "x", "item_code": "item1", "other_code": "item2", "scope": "6 hours"},
	{"rule_code": "q", "kind": "quantity", "name_zh": "q", "item_code": "item3", "scope": "15 days", "max_quantity": 1},
	{"rule_code": "d", "kind": "duplicate", "name_zh": "d", "item_code": "item4", "scope": "day"}, {"rule_code": "p", "kind": "price", "name_zh": "p", "item_code": "%", "max_price": 1}]'::jsonb::medaudit.rulebook};
my $package = q{'[{"rule_code": "s", "kind": "package", "name_zh": "s", "package_code": "K", "component_code": "item1", "package_price": 3},
	{"rule_code": "s", "kind": "package", "name_zh": "s", "package_code": "K", "component_code": "item2", "package_price": 3}]'::jsonb::medaudit.rulebook};

# How each kind of book is gathered, for so many entries.
sub _books
{
	my ($entries) = @_;
	# Numbers that are in no order, within the entries: 7919 divides no count of them.
	my $i = "(i::bigint * 7919 % $entries)";
	return (
		# of a year, of many items, with refunds
		charges => qq{medaudit.ledger('item' || i % 50, 1 - 2 * (i % 3 / 2), 5 - 10 * (i % 3 / 2), timestamp '2025-01-01' + $i * (interval '300 days' / $entries),
			'l' || i, CASE WHEN i % 3 = 2 THEN 'l' || i - 50 END, 'v' || i % 1000, 4)},
		# many refunds of one item and price are the hard case of netting
		refunds => qq{medaudit.ledger('a', CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * (1 + i % 977), CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END * (1 + i % 977) * (1 + i % 7919),
			timestamp '2025-01-01' + $i * interval '1 second')},
		stays => qq{medaudit.stays('v' || i, 'p' || i % ($entries / 20), 'f' || i % 3, timestamp '2025-01-01' + $i % 300 * interval '1 day',
			timestamp '2025-01-05' + ($i % 300 + i % 9) * interval '1 day', 'J18', 100 + $i % 1000, NULL)},
		# of one household
		home => qq{medaudit.stays('v' || i, 'p' || i % 12, 'f' || i % 3, timestamp '2020-01-01' + $i % 50000 * interval '1 hour',
			timestamp '2020-01-03' + $i % 50000 * interval '1 hour', 'J18', 100 + $i % 977, NULL)},
		dispensed => qq{medaudit.fills('XA10BBG' || lpad((i % 500)::text, 3, '0') || 'A001010100001', 7 + i % 30, 5,
			timestamp '2025-01-01' + $i % 2000 * interval '1 day', 'p' || i % 99, 'f' || i, NULL)});
}

# Tables of one book each, of some of their parts, of rulebooks and of books written out.
sub put_books
{
	my ($node, $entries) = @_;
	my %book = _books($entries);

	foreach my $name (sort keys %book)
	{
		$node->safe_psql('postgres', "CREATE TABLE $name AS SELECT $book{$name} AS book FROM generate_series(1, $entries) AS i; ALTER TABLE $name ALTER book SET STORAGE EXTERNAL");
	}
	$node->safe_psql('postgres', "CREATE TABLE parts AS SELECT medaudit.ledger('item' || i % 50, 1, 5, timestamp '2025-01-01' + i * interval '1 second') AS book,
	array_fill('01'::text, ARRAY[count(DISTINCT i % 50)::int]) AS categories FROM generate_series(1, $entries) AS i GROUP BY i % 1000;
	CREATE TABLE stay_parts AS SELECT medaudit.stays('v' || i, 'p' || i, 'f', timestamp '2025-01-01' + i % 300 * interval '1 day', '2026-01-01', 'J18', 1) AS book
	FROM generate_series(1, $entries) AS i GROUP BY i % 1000;
	CREATE TABLE visit_lines AS SELECT medaudit._visit_lines('XA1', '09', '01', timestamp '2025-01-01', 1, 1, 0, true, i::text, NULL, NULL, NULL) AS lines
	FROM generate_series(1, $entries) AS i;
	CREATE TABLE written AS SELECT book::text AS text FROM charges;
	CREATE TABLE stays_written AS SELECT book::text AS text FROM stays;
	CREATE TABLE rules AS SELECT jsonb_agg(jsonb_build_object('rule_code', 'r' || i % 100, 'kind', 'quantity', 'name_zh', 'r', 'scope', 'day', 'item_code', 'i' || i, 'max_quantity', 1)) AS list
	FROM generate_series(1, least($entries / 5, 500000)) AS i;
	CREATE TABLE rulebook AS SELECT list::medaudit.rulebook AS rules FROM rules");
	return;
}

# A call by what it is asked of: rows, a table, or of a table as a set of rows (*); or as a
# whole query.
sub _rows { return map { +{ call => $_, of => 'rows' } } @_ }
sub _of { my ($table, @calls) = @_; return map { +{ call => s/^\*//r, of => $table, set => !!/^\*/ } } @calls }
sub _query { my ($call, $query) = @_; return { call => $call, query => $query } }

sub book_calls
{
	my ($entries) = @_;
	my %book = _books($entries);
	my $i = "(i::bigint * 7919 % $entries)";

	return (
		(map { _rows($book{$_}) } sort keys %book),
		_rows(q{medaudit.ledger('item' || i % 50, 1, 1, timestamp '2025-01-01' + i * interval '1 second', 'l' || i)}),
		_rows(q{medaudit._gather_lines('', 'a' || i % 999983, 1, 1, '2025-01-01', NULL, i::text, NULL, 'k' || i % 3, NULL, NULL, NULL, NULL)}),
		_rows(qq{medaudit.split_charge_score('item' || i % 50, 1, 5, timestamp '2025-01-01' + $i * interval '1 minute')}),
		_rows(qq{medaudit.same_household_admissions('p' || i % 12, 'f' || i % 3, timestamp '2020-01-01' + $i % 50000 * interval '1 hour', timestamp '2020-01-03' + $i % 50000 * interval '1 hour')}),
		_rows(q{medaudit.link_groups('p' || i, 'phone', (i / 3)::text, 5)}),
		(map { _rows("medaudit.$_(($i * 0.7 + 1)::float8)") } qw(robust_center peer_fences gini)), _rows('medaudit.product(1 + i * 1e-16::float8)'),
		_rows('medaudit.rate_prior(i % 7, 100)'), _rows('medaudit.ratio_estimate(i % 7, i % 11 + 1, 1)'), _rows('medaudit.benford(i % 9 + 1)'), _rows('medaudit.benford_second(i % 90 + 10)'),
		_rows(q{medaudit._comes_twice(i::text)}), _rows(q{medaudit._codes(i::text)}), _rows(q{medaudit._first_known(i::text)}),
		_rows(q{medaudit._visit_lines('a' || i % 97, '09', '01', timestamp '2025-01-01', 1, 1, 0, true, i::text, NULL, NULL, NULL)}),
		_rows('medaudit._sum_vectors(ARRAY[i, 1]::bigint[])'), _rows('medaudit._count_different(i::bigint)'),
		_of('visit_lines', q{medaudit._visit_line_kinds(lines, '2025-01-01', '2025-01-01', '2025-02-01')},
			q{medaudit._visit_line_sums(lines, '2025-01-01', '2025-01-01', '2025-02-01', false, NULL, NULL, NULL, 5, '{XA1}', '{09}', '{01}', '{129}', '{0}', '{1.5}', '{2025-01-01}', '{0}')}),
		_query('_add_vectors', "SELECT medaudit._add_vectors(v, v) FROM (SELECT array_agg(i::bigint) AS v FROM generate_series(1, $entries) AS i) AS t"),
		_of('parts', map { "medaudit.$_" } 'rollup(book)', '_rollup_categories(book, categories)', '_distinct_item_categories(book, categories)',
			'_charged_codes(book)', '_charged_counts(book)', "_coverage(book, ARRAY['item1'], ARRAY[1])"),
		_of('stay_parts', 'medaudit.rollup(book)'),
		# one pass over a book, or more
		_of('charges', '*medaudit.lines(book)', 'medaudit.line_count(book)', 'medaudit.item_count(book)', 'medaudit.skipped_count(book)', 'medaudit.net_amount(book)', 'medaudit.net_claimed(book)',
			'medaudit.ledger_send(book)', 'medaudit._ledger_out(book)', 'medaudit._ledger_to_jsonb(book)', 'medaudit._ledger_concat(book, book)', 'medaudit._refunded_items(book)',
			q{medaudit._lines_outside(book, '2025-02-01', '2025-03-01')}, 'medaudit._charged_dates(book)', '*medaudit._item_sums(book)',
			q{medaudit.bed_days(book, '2025-01-01', '2025-12-01')}, q{medaudit._bed_days(book, NULL, '2025-01-01', '2025-01-20', ARRAY[E'item1\x1f'], '{bed}')}, 'medaudit.fee_signature(book)',
			"*medaudit.audit_charges(book, NULL::medaudit.visit_context, $rules)", "*medaudit.excess_by_rule(book, NULL::medaudit.visit_context, $rules)",
			"medaudit.excess_amount(book, NULL::medaudit.visit_context, $rules)", "medaudit.excess_claimed(book, NULL::medaudit.visit_context, $rules)",
			"medaudit.excess_totals(book, NULL::medaudit.visit_context, $rules)", "medaudit.rule_coverage(book, $rules)", "*medaudit.split_charges(book, $package)", "medaudit.split_charge_score(book, $package)",
			"*medaudit._audit_charges(book, '{v1}', ARRAY[NULL::medaudit.visit_context], '{}', $rules)", "*medaudit._audit_charges_now(book, '{v1}', ARRAY[NULL::medaudit.visit_context], '{}', 'p')",
			(map { "medaudit._ledger_$_(book, book)" } qw(eq ne lt le gt ge cmp)), 'medaudit._ledger_hash(book)', 'medaudit._ledger_hash_extended(book, 1)'),
		_of('refunds', 'medaudit.net_amount(book)'),
		_of('written', 'medaudit.line_count(text::medaudit.ledger)'),
		_of('dispensed', map { "*medaudit.$_" } 'stock_curve(book)', 'supply(book)', 'early_refills(book)', q{stockpiles(book, 'class', 84)},
			'many_facilities(book)', q{_many_facilities(book, 'generic', 30, 3, '2025-06-01')}, 'duplicate_therapy(book)'),
		_of('stays', 'medaudit.stay_count(book)', 'medaudit.skipped_count(book)', 'medaudit.stays_send(book)', '*medaudit.stay_rows(book)', 'medaudit._stays_out(book)', 'medaudit._stays_to_jsonb(book)',
			'medaudit._stays_concatenate(book, book)', (map { "*medaudit.$_" } 'split_stays(book)', 'overlapping_stays(book)', 'events_in_stay(book)', 'frequent_stays(book)',
				q{_frequent_stays(book, 365, 4, '{}', '2025-06-01')}, 'occupancy(book)', 'over_capacity(book, 3)', 'admission_bursts(book)',
				q{_admission_bursts(book, 8, 5, 1.5, 0.0001, '{}', '{2025-01-01}', '{1}')}, 'similar_amounts(book)', 'same_household_admissions(book)',
				'companions(book)', 'companion_groups(book)', q{companions(book, interval '1 hour')}, q{companion_groups(book, interval '1 hour')}), 'medaudit.peak_occupancy(book)',
			(map { "medaudit._stays_$_(book, book)" } qw(eq ne lt le gt ge cmp)), 'medaudit._stays_hash(book)', 'medaudit._stays_hash_extended(book, 1)'),
		_of('home', map { "*medaudit.$_(book)" } 'same_household_admissions', 'companions', 'similar_amounts', 'overlapping_stays'),
		_of('stays_written', 'medaudit.stay_count(text::medaudit.stays)'),
		_of('stays', 'medaudit._stays_from_jsonb(medaudit._stays_to_jsonb(book))'),
		_of('rules', 'medaudit._rulebook_from_json(list)'),
		_of('rulebook', 'medaudit.rule_count(rules)', 'medaudit.rulebook_send(rules)', 'medaudit.rulebook_from_bytes(medaudit.rulebook_send(rules))',
			"*medaudit.rule_match(rules, (SELECT array_agg('i' || i) FROM generate_series(1, $entries) AS i))",
			'medaudit._rulebook_out(rules)', 'medaudit._rulebook_as_json(rules)', 'medaudit._rulebook_concat(rules, rules)', (map { "medaudit._rulebook_$_(rules, rules)" } qw(eq ne lt le gt ge cmp)),
			'medaudit._rulebook_hash(rules)', 'medaudit._rulebook_hash_extended(rules, 1)'),
		_query('_draw_order', "SELECT count(*) FROM medaudit._draw_order('s', (SELECT array_agg(i::text) FROM generate_series(1, $entries) AS i), (SELECT array_agg(0.5::float8) FROM generate_series(1, $entries) AS i), $entries)"),
		_query('_first_repeated', "SELECT medaudit._first_repeated((SELECT array_agg(i::text) FROM generate_series(1, $entries) AS i))"),
		_query('assign_inspectors', q{SELECT count(*) FROM medaudit.assign_inspectors('s', (SELECT array_agg('t' || i) FROM generate_series(1, 1000) AS i), (SELECT array_agg('n' || i) FROM generate_series(1, 1000) AS i), 3)}),
		_query('_finite_values', "SELECT count(medaudit._finite_values((SELECT array_agg(i::float8) FROM generate_series(1, $entries) AS i), 'x'))"));
}

# The query that makes a call once.
sub query_of
{
	my ($call, $entries) = @_;

	return $call->{query} if $call->{query};
	return "SELECT octet_length(($call->{call})::text) FROM generate_series(1, $entries) AS i" if $call->{of} eq 'rows';
	return $call->{set} ? "SELECT count(*) FROM $call->{of}, $call->{call} AS r" : "SELECT octet_length(($call->{call})::text) FROM $call->{of}";
}

# What takes a book or a list or gathers rows, and is in none of the calls: few names of
# rules, of columns or of findings; twelve weights; last steps of robust_center() and
# peer_fences().
sub are_all_there
{
	my ($node, @calls) = @_;
	my %there = map { $_ => 1 } map { (($_->{call} // '') =~ /(\w+)\(/g, ($_->{call} // '') =~ /^(\w+)$/) } @calls;

	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT p.proname, ' ' ORDER BY p.proname) FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
			WHERE p.pronamespace = 'medaudit'::regnamespace AND (l.lanname = 'c' OR p.prokind = 'a')
				AND NOT 'internal'::regtype = ANY (p.proargtypes) AND p.prorettype NOT IN ('internal'::regtype, 'trigger'::regtype)
				AND (p.prokind = 'a' OR EXISTS (SELECT FROM unnest(p.proargtypes) AS t (oid) JOIN pg_type AS i ON i.oid = t.oid
					WHERE i.typelem <> 0 AND i.typlen = -1 OR i.oid IN ('medaudit.ledger'::regtype, 'medaudit.stays'::regtype, 'medaudit.rulebook'::regtype)))
				AND NOT p.proname = ANY (string_to_array('} . join(',', sort keys %there) . q{', ','))}),
		'_analyze _check_rule_rows _peer_fences_final _read_weights _robust_center_final _shadow_findings compile_rules', 'every function over books and lists is called');
	return;
}

1;
