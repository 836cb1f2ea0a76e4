# Every aggregate gives one answer, whatever the plan: parallel and serial,
# hashed, spilled and sorted, shuffled, by partition, as a window, rolled up.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('parallel', conf => 'max_parallel_workers = 4');

# Charges and stays of many groups, ids and refunds among them, then the same
# rows in other orders and partitioned by the group and by something else.
$node->safe_psql('postgres', q{
	CREATE TABLE charge AS
	SELECT 'g' || i % 300 AS grp,
		'item' || hashint4(i) % 40 AS item_code,
		CASE WHEN i % 11 = 0 THEN -1 ELSE 1 + i % 3 END::numeric AS quantity,
		CASE WHEN i % 11 = 0 THEN -1 ELSE 1 + i % 3 END * 12.34 AS amount,
		timestamp '2025-03-01' + (abs(hashint4(i + 7)) % 700) * interval '1 hour'
			AS charged_at,
		CASE WHEN i % 17 <> 0 THEN 'line' || i END AS line_id,
		CASE WHEN i % 22 = 0 THEN 'line' || i - 300 END AS original_line_id,
		'visit' || (i / 300) % 3 AS visit_id,
		CASE WHEN i % 5 <> 0 THEN 6.17 END AS claimed
	FROM generate_series(1, 15000) i;
	-- Every form of a missing value, too.
	INSERT INTO charge (grp, item_code, quantity, amount, charged_at)
	SELECT 'g' || i, CASE WHEN i % 4 <> 0 THEN 'a' END,
		CASE WHEN i % 4 <> 1 THEN 1 END, CASE WHEN i % 4 <> 2 THEN 1 END,
		CASE WHEN i % 4 <> 3 THEN timestamp '2025-03-01' END
	FROM generate_series(1, 50) i;

	CREATE TABLE stay AS
	SELECT 'g' || i % 300 AS grp, 'v' || i - i % 7 / 6 AS visit_id,
		'p' || i % 900 AS person_id, 'f' || abs(hashint4(i)) % 9 AS facility_id,
		timestamp '2025-01-01 10:00'
			+ (abs(hashint4(i + 3)) % 200) * interval '12 hours' AS admitted_at,
		timestamp '2025-01-01 16:00' + CASE WHEN i % 29 <> 0 THEN
			(abs(hashint4(i + 3)) % 200 / 2 + i % 15 - 1) * interval '1 day' END
			AS discharged_at,
		CASE WHEN i % 13 <> 0 THEN 'I' || 10 + i % 4 || '.9' END AS diagnosis,
		round(i % 977 * 3.7, 2) AS amount,
		CASE i % 4 WHEN 0 THEN '{}' WHEN 1 THEN '{referral}'
			WHEN 2 THEN '{chemo,referral}' END::text[] AS tags
	FROM generate_series(1, 15000) i;

	-- Books of a few lines, and categories beside them.
	CREATE TABLE gathered AS
	SELECT grp, sum(amount) AS amount, medaudit.ledger(item_code, quantity, amount, charged_at) AS book,
		(medaudit._gather_lines(visit_id, item_code, quantity, amount, charged_at, NULL, NULL, NULL,
			'k' || left(line_id, 5), NULL, NULL, NULL, NULL)).categories
	FROM charge GROUP BY grp, visit_id, left(item_code, 5), charged_at::date;

	INSERT INTO medaudit.rule (rule_code, kind, name_zh)
	VALUES ('split', 'package', '分解收费');
	INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price)
	SELECT 'split', 'package', 'item' || i, 20 FROM generate_series(1, 20) i;

	DO $do$
	DECLARE source text; part int;
	BEGIN
		FOREACH source IN ARRAY '{charge,stay,gathered}'::text[] LOOP
			EXECUTE format('CREATE TABLE %1$s_shuffled AS SELECT * FROM %1$s
				ORDER BY md5(%1$s::text)', source);
			EXECUTE format('CREATE TABLE %1$s_by_group (LIKE %1$s)
				PARTITION BY HASH (grp)', source);
			EXECUTE format('CREATE TABLE %1$s_by_time (LIKE %1$s)
				PARTITION BY HASH (amount)', source);
			FOR part IN 0..3 LOOP
				EXECUTE format('CREATE TABLE %1$s_by_group_%2$s PARTITION OF
					%1$s_by_group FOR VALUES WITH (MODULUS 4, REMAINDER %2$s)',
					source, part);
				EXECUTE format('CREATE TABLE %1$s_by_time_%2$s PARTITION OF
					%1$s_by_time FOR VALUES WITH (MODULUS 4, REMAINDER %2$s)',
					source, part);
			END LOOP;
			EXECUTE format('INSERT INTO %1$s_by_group SELECT * FROM %1$s', source);
			EXECUTE format('INSERT INTO %1$s_by_time SELECT * FROM %1$s', source);
		END LOOP;
	END $do$;
	ANALYZE;
});

my %serial = (max_parallel_workers_per_gather => 0);
my %parallel = (
	max_parallel_workers_per_gather => 2,
	parallel_setup_cost => 0,
	parallel_tuple_cost => 0,
	min_parallel_table_scan_size => 0,
	parallel_leader_participation => 'off');
my %hashed = (%serial, enable_sort => 'off');

# Name of the function, its call, the table.
my @aggregates = (
	[ 'ledger', 'ledger(item_code, quantity, amount, charged_at)', 'charge' ],
	[ 'ledger', 'ledger(item_code, quantity, amount, charged_at, line_id)',
		'charge' ],
	[ 'ledger', 'ledger(item_code, quantity, amount, charged_at, line_id,
		original_line_id, visit_id, claimed)', 'charge' ],
	[ 'fills', 'fills(item_code, quantity, amount, charged_at, visit_id, line_id, original_line_id)', 'charge' ],
	[ 'stays', 'stays(visit_id, person_id, facility_id, admitted_at,
		discharged_at, diagnosis, amount)', 'stay' ],
	[ 'stays', 'stays(visit_id, person_id, facility_id, admitted_at,
		discharged_at, diagnosis, amount, tags)', 'stay' ],
	[ 'same_household_admissions', 'same_household_admissions(person_id,
		facility_id, admitted_at, discharged_at)', 'stay' ],
	[ 'split_charge_score',
		'split_charge_score(item_code, quantity, amount, charged_at)', 'charge' ],
	[ '_gather_lines', q{_gather_lines(visit_id, item_code, quantity, amount, charged_at, claimed * 3,
		line_id || item_code, original_line_id, 'k' || left(line_id, 5), 12.34, quantity > 2,
		'2025-01-10', '2025-02-10')}, 'charge' ],
	[ '_rollup_categories', '_rollup_categories(book, categories)', 'gathered' ],
	[ '_distinct_item_categories', '_distinct_item_categories(book, categories)', 'gathered' ],
	[ 'excess_totals', q{excess_totals(book, '{}'::jsonb, '[{"rule_code": "twice", "kind": "duplicate", "item_code": "item1%", "scope": "day"},
		{"rule_code": "cap", "kind": "quantity", "item_code": "item2", "scope": "day", "max_quantity": 1},
		{"rule_code": "women", "kind": "restriction", "item_code": "item3", "sex": "2"}]'::jsonb::medaudit.rulebook)}, 'gathered' ],
	[ 'link_groups', 'link_groups(person_id, facility_id, left(visit_id, 4), 50)',
		'stay' ],
	[ '_sum_vectors', '_sum_vectors(ARRAY[quantity::bigint, (claimed * 100)::bigint, hashtext(item_code)])', 'charge' ],
	[ '_count_different', '_count_different(hashtextextended(item_code, 0) % 25)', 'charge' ],
	[ '_comes_twice', '_comes_twice(visit_id || coalesce(line_id, item_code))', 'charge' ]);

# What is small, or counts without growing, does not spill.
my %small = map { $_ => 1 } qw(same_household_admissions excess_totals _comes_twice _sum_vectors _count_different);

sub digest
{
	my ($call, $table, $key) = @_;

	$key //= 'grp';
	return "SELECT md5(string_agg($key || coalesce(x, '-'), ' ' ORDER BY $key))
		FROM (SELECT $key, medaudit.$call\::text AS x FROM $table
			GROUP BY $key) t";
}

sub grouped
{
	my ($call, $table) = @_;

	return "SELECT grp, medaudit.$call AS x FROM $table GROUP BY grp";
}

sub check_plans
{
	my ($name, $call, $table) = @_;
	my $right = answer_under($node, \%serial, digest($call, $table));
	my $output = qr/\b\Q$name\E\(/;

	is(answer_under($node, { %hashed, work_mem => '64kB' }, digest($call, $table)),
		$right, 'hashed with little memory');
	ok(plan_has(plan_nodes($node, \%hashed, grouped($call, $table)),
			'Strategy' => 'Hashed', 'Output' => $output), 'the plan hashes');
	like(join("\n", map { $_->{'HashAgg Batches'} // 0 } @{ plan_nodes($node,
				{ %hashed, work_mem => '64kB' }, grouped($call, $table), 'ANALYZE') }),
		qr/^([2-9]|\d\d+)$/m, 'and spills')
	  unless $small{$name};
	is(answer_under($node, { %serial, enable_hashagg => 'off' },
			digest($call, $table)), $right, 'sorted');
	is(answer_under($node, \%serial, digest($call, "${table}_shuffled")),
		$right, 'shuffled');
	check_parallel($call, $table, $output, $right);
	check_partitions($call, $table, $output, $right);
	check_forms($call, $table, $right);
}

sub check_parallel
{
	my ($call, $table, $output, $right) = @_;

	foreach my $hash ('on', 'off')
	{
		my $settings = { %parallel, enable_hashagg => $hash };

		is(answer_under($node, $settings, digest($call, $table)),
			$right, "parallel, enable_hashagg $hash");
		ok(plan_has(plan_nodes($node, $settings, grouped($call, $table)),
				'Partial Mode' => 'Partial', 'Output' => $output),
			'the plan has Partial Aggregate');
	}
	is(answer_under($node, \%parallel, digest($call, "${table}_shuffled")),
		$right, 'parallel and shuffled');
}

sub check_partitions
{
	my ($call, $table, $output, $right) = @_;
	my $wise = { %serial, enable_partitionwise_aggregate => 'on' };
	my $nodes;

	is(answer_under($node, $wise, digest($call, "${table}_by_group")),
		$right, 'partitionwise');
	$nodes = plan_nodes($node, $wise, grouped($call, "${table}_by_group"));
	is(scalar(grep { $_->{'Node Type'} eq 'Aggregate' } @$nodes),
		4, 'the plan aggregates each partition');
	is(answer_under($node, $wise, digest($call, "${table}_by_time")),
		$right, 'partly partitionwise');
	$nodes = plan_nodes($node, { %$wise, enable_sort => 'off' },
		grouped($call, "${table}_by_time"));
	ok(plan_has($nodes, 'Partial Mode' => 'Partial', 'Output' => $output),
		'the plan has a Partial Aggregate of each partition');
}

# Window, FILTER, ROLLUP, no rows, and the same call twice.
sub check_forms
{
	my ($call, $table, $right) = @_;

	is(answer_under($node, \%serial, "
			SELECT md5(string_agg(grp || coalesce(x, '-'), ' ' ORDER BY grp))
			FROM (SELECT DISTINCT grp,
				(medaudit.$call OVER (PARTITION BY grp))::text AS x
				FROM $table) t"), $right, 'as a window');
	is(answer_under($node, \%serial, "
			SELECT md5(string_agg(grp || coalesce(x, '-'), ' ' ORDER BY grp))
			FROM (SELECT grp, (medaudit.$call FILTER (WHERE mine))::text AS x
				FROM (SELECT *, true AS mine FROM $table
					UNION ALL SELECT *, false FROM $table) u GROUP BY grp) t"),
		$right, 'with FILTER');
	is(answer_under($node, \%serial, "
			SELECT (SELECT medaudit.$call\::text FROM $table) IS NOT DISTINCT FROM
				(SELECT x FROM (SELECT grp, medaudit.$call\::text AS x,
					grouping(grp) AS total FROM $table GROUP BY ROLLUP (grp)) t
				WHERE total = 1)"), 't', 'with ROLLUP');
	is(answer_under($node, \%serial, "
			SELECT count(*) FROM (SELECT medaudit.$call\::text AS x,
				(medaudit.$call FILTER (WHERE true))::text AS y
				FROM $table GROUP BY grp) t WHERE x IS DISTINCT FROM y"),
		'0', 'twice in one query');
	is(answer_under($node, \%serial, "
			SELECT count(*) FROM (SELECT count(*), medaudit.$call AS x
				FROM $table WHERE false) t"), '1', 'no rows');
	# A frame that grows asks the same state for its result again and again.
	is(answer_under($node, \%serial, "
			SELECT count(*) FROM (SELECT (medaudit.$call OVER w)::text AS x,
				last_value(place) OVER w = max(place) OVER () AS last
				FROM (SELECT *, row_number() OVER () AS place FROM $table
					WHERE grp = 'g1') n
				WINDOW w AS (ORDER BY place)) t
			WHERE last AND x IS DISTINCT FROM
				(SELECT medaudit.$call\::text FROM $table WHERE grp = 'g1')"),
		'0', 'as a growing window frame');
}

# Books of parts rolled up are the book of the whole.
sub check_rollup
{
	my ($call, $table) = @_;
	my $parts = "(SELECT grp, medaudit.$call AS book FROM ${table}_shuffled
		GROUP BY grp, coalesce(amount < 30, false))";
	my $right = answer_under($node, \%serial, digest($call, $table));

	is(answer_under($node, \%serial, digest('rollup(book)', "$parts b")),
		$right, 'rollup of parts');
	$node->safe_psql('postgres', "CREATE TABLE part AS SELECT * FROM $parts b;
		INSERT INTO part SELECT 'g1', NULL FROM generate_series(1, 3); ANALYZE part");
	# Few large groups, so that the planner finds it worth while.
	$node->safe_psql('postgres', "CREATE TABLE coarse_part AS
		SELECT left(grp, 2) AS grp, book FROM part; ANALYZE coarse_part");
	is(answer_under($node, \%parallel, digest('rollup(book)', 'coarse_part')),
		answer_under($node, \%serial, digest($call,
			"(SELECT left(grp, 2) AS coarse, * FROM $table) c",
			'coarse')), 'rollup of stored parts, parallel');
	ok(plan_has(plan_nodes($node, \%parallel,
				grouped('rollup(book)', 'coarse_part')),
			'Partial Mode' => 'Partial', 'Output' => qr/\brollup\(/),
		'the plan has Partial Aggregate');
	is(answer_under($node, { %hashed, work_mem => '64kB' },
			digest('rollup(book)', 'part')), $right, 'rollup, spilled');
	is(answer_under($node, \%serial, "
			SELECT count(*) FROM (SELECT grp, book OPERATOR(medaudit.||) (lead(book) OVER w) AS x,
				row_number() OVER w AS place
				FROM part WHERE book IS NOT NULL WINDOW w AS (PARTITION BY grp)) t
			WHERE place = 1 AND x IS NOT NULL AND x::text <>
				(SELECT medaudit.$call\::text FROM $table c WHERE c.grp = t.grp)"),
		'0', '|| of two parts');
	$node->safe_psql('postgres', 'DROP TABLE part, coarse_part');
}

foreach my $aggregate (@aggregates)
{
	my ($name, $call, $table) = @$aggregate;

	subtest $call =~ s/\s+/ /gr => sub {
		check_plans($name, $call, $table);
		check_rollup($call, $table)
		  if $name eq 'ledger' || $name eq 'fills' || $name eq 'stays';
	};
}
# What is asked of books of stays and of fills: the same rows whether the book was
# gathered serially, in parallel, from shuffled rows or rolled up from parts.
my %book_of = (
	stay => 'stays(visit_id, person_id, facility_id, admitted_at, discharged_at,
		diagnosis, amount, tags)',
	charge => q{fills(overlay('XA10BBG000A001010100001' PLACING right(item_code, 1) FROM 10), quantity * 5,
		amount, charged_at, visit_id, line_id, original_line_id)});
my @questions = (
	[ 'stay', 'grp', 'split_stays(x, diagnosis_digits => 0)' ],
	[ 'stay', 'grp', 'overlapping_stays(x)' ],
	[ 'stay', 'grp', 'events_in_stay(x)' ],
	[ 'stay', 'grp', 'frequent_stays(x, 60, 3)' ],
	[ 'stay', 'grp', q{_frequent_stays(x, 60, 3, '{}', '2025-02-01')} ],
	[ 'stay', 'grp', 'same_household_admissions(x)' ],
	[ 'stay', 'facility_id', 'occupancy(x)' ],
	[ 'stay', 'grp', 'over_capacity(x, 3)' ],
	[ 'stay', 'facility_id', 'admission_bursts(x, 2, 1, 1, 1)' ],
	[ 'stay', 'facility_id', q{_admission_bursts(x, 2, 1, 1, 1, '{}', '{2025-02-01}', '{7}')} ],
	[ 'stay', 'grp', 'similar_amounts(x, min_stays => 2, min_share => 0)' ],
	[ 'stay', 'facility_id', 'companions(x)' ],
	[ 'stay', 'facility_id', 'companion_groups(x, 1, 3)' ],
	[ 'stay', 'facility_id', q{companions(x, interval '20 hours')} ],
	[ 'stay', 'facility_id', q{companion_groups(x, interval '20 hours', 2, '{}', 0.5)} ],
	[ 'charge', 'grp', 'stock_curve(x)' ],
	[ 'charge', 'grp', q{supply(x, 'class')} ],
	[ 'charge', 'grp', 'early_refills(x)' ],
	[ 'charge', 'grp', q{stockpiles(x, 'subgroup', 20)} ],
	[ 'charge', 'grp', 'many_facilities(x, min_facilities => 2)' ],
	[ 'charge', 'grp', q{_many_facilities(x, 'generic', 20, 2, '2025-03-10')} ],
	[ 'charge', 'grp', 'duplicate_therapy(x, min_days => 2)' ]);

sub answers
{
	my ($key, $question, $call, $table) = @_;

	return "SELECT count(*) || ' ' || md5(string_agg($key || d, ' ' ORDER BY $key, d))
		FROM (SELECT $key, row(d.*)::text AS d FROM (SELECT $key, medaudit.$call AS x
			FROM $table GROUP BY $key) b,
			medaudit.$question WITH ORDINALITY AS d) a";
}

sub check_question
{
	my ($table, $key, $question) = @_;
	my $book = $book_of{$table};
	my ($name) = $book =~ /^(\w+)/;
	my $parts = "(SELECT $key, medaudit.$book AS book FROM ${table}_shuffled
		GROUP BY $key, coalesce(amount < " . ($table eq 'stay' ? 1500 : 30) . ", false)) p";
	my $right = answer_under($node, \%serial, answers($key, $question, $book, $table));

	cmp_ok((split ' ', $right)[0], '>', 20, "$question has something to say");
	is(answer_under($node, \%serial,
			answers($key, $question, $book, "${table}_shuffled")), $right, 'shuffled');
	is(answer_under($node, \%serial,
			answers($key, $question, 'rollup(book)', $parts)), $right, 'rolled up');
	is(answer_under($node, \%parallel, answers($key, $question, $book, $table)),
		$right, 'in parallel');
	ok(plan_has(plan_nodes($node, \%parallel,
				answers($key, $question, $book, $table)),
			'Partial Mode' => 'Partial', 'Output' => qr/\b$name\(/),
		'the plan has Partial Aggregate');
}

foreach my $question (@questions)
{
	my ($table, $key, $asked) = @$question;

	subtest "asked: $asked" => sub { check_question($table, $key, $asked) };
}
is( $node->safe_psql('postgres', "SELECT string_agg(proname, ',') FROM pg_proc
		WHERE pronamespace = 'medaudit'::regnamespace AND proretset
		AND proargtypes[0] = 'medaudit.stays'::regtype AND proname NOT IN ('stay_rows', '"
		  . join("', '", map { $_->[2] =~ s/\(.*//r } @questions) . "')"),
	'', 'no detector of stays is left out');
is( $node->safe_psql('postgres', "SELECT string_agg(proname, ',') FROM pg_proc
		WHERE pronamespace = 'medaudit'::regnamespace AND proretset
		AND 'f' = proargnames[1] AND proargtypes[0] = 'medaudit.ledger'::regtype AND proname NOT IN ('"
		  . join("', '", map { $_->[2] =~ s/\(.*//r } @questions) . "')"),
	'', 'nor one of fills');

# Lines stand in _visit_lines as they came: what is said of them does not.
sub visit_sums
{
	my ($table, $key) = @_;
	my $kinds = "(SELECT medaudit._visit_line_kinds(lines, '2025-03-01', '2025-03-01', '2025-04-01') AS k FROM g) AS s";

	return "WITH g AS MATERIALIZED (SELECT grp, medaudit._visit_lines(item_code, left(line_id, 5), CASE WHEN claimed IS NULL THEN '03' END,
			charged_at, quantity, amount, claimed, true, line_id, visit_id, original_line_id, quantity = 2) AS lines FROM $table GROUP BY grp),
		k AS MATERIALIZED (SELECT (s.k).item_codes AS i, (s.k).categories AS c, (s.k).payment_classes AS p, (s.k).procured_kinds AS b FROM $kinds)
		SELECT count(*) || ' ' || md5(string_agg(grp || x::text, ' ' ORDER BY grp)) FROM (
			SELECT grp, medaudit._visit_line_sums(lines, '2025-03-01', '2025-03-01', '2025-04-01', grp < 'g2', '2025-03-02', '2025-03-20', 'd', 5000,
				i, c, p, ARRAY(SELECT hashtext(x) & 127 % 8 + 1 FROM unnest(i) AS x), ARRAY(SELECT length(x) FROM unnest(i) AS x),
				ARRAY(SELECT 2.5 FROM unnest(i)), '{2025-03-01}', '{6}') AS x FROM g, k) AS t";
}

subtest '_visit_lines' => sub {
	my $right = answer_under($node, \%serial, visit_sums('charge'));

	like($right, qr/^300 /, 'of each group something is said');
	is(answer_under($node, { %hashed, work_mem => '64kB' }, visit_sums('charge')), $right, 'hashed with little memory');
	is(answer_under($node, { %serial, enable_hashagg => 'off' }, visit_sums('charge')), $right, 'sorted');
	is(answer_under($node, \%serial, visit_sums('charge_shuffled')), $right, 'shuffled');
	is(answer_under($node, { %serial, enable_partitionwise_aggregate => 'on' }, visit_sums($_)), $right, "partitions of $_")
	  foreach 'charge_by_group', 'charge_by_time';
	is(answer_under($node, \%parallel, visit_sums('charge_shuffled')), $right, 'in parallel');
	ok(plan_has(plan_nodes($node, \%parallel, visit_sums('charge')), 'Partial Mode' => 'Partial', 'Output' => qr/\b_visit_lines\(/),
		'the plan has Partial Aggregate');
};

# those that count what books hold take a group as it comes, in one process, and so
# do _codes, which is array_agg(), _first_known, which goes by an order, and statistics
# of measures (topic statistics)
is( $node->safe_psql('postgres', "SELECT string_agg(DISTINCT proname, ',')
		FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace AND prokind = 'a'
		AND proname NOT IN ('rollup', '_charged_codes', '_charged_counts', '_codes', '_first_known', '_coverage', '_visit_lines', '_visit_line_kinds', 'robust_center', 'peer_fences', 'rate_prior',
			'gini', 'product', 'benford', 'benford_second', 'ratio_estimate', '"
		  . join("', '", map { $_->[0] } @aggregates) . "')"),
	'', 'no aggregate is left out');

done_testing();
