# Dirty data never stops a run, and bends nothing beside itself.  Each kind of bad
# value as one among good ones and alone, in bound views and such made by hand,
# over columns of text and typed ones; then random damage from fixed seeds, of
# which MEDAUDIT_DIRTY_SCRIPTS (10) are tried.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('dirty');

sub ask
{
	return $node->safe_psql('postgres', encode('UTF-8', shift));
}

# Runs a year; gives psql's exit code, and what it wrote to stderr.
sub run_audit
{
	my ($rules, $from, $to) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "SET client_min_messages = warning;\nCALL medaudit.run_audit('"
		  . ($from // '2025-01-01') . "', '" . ($to // '2026-01-01') . "', $rules)");

	return ($code, $err);
}

ask(q{
	CREATE SCHEMA w;
	CREATE SCHEMA clean;
	SELECT setseed(0.23);
	CREATE TABLE clean.facility AS
	SELECT 'F' || i AS facility_id, '医院' || i AS name, (1 + i % 3)::text AS rank, '3' AS beds, 'C' || i AS credit_code FROM generate_series(1, 6) AS i;
	CREATE TABLE clean.person AS
	SELECT 'P' || lpad(i::text, 3, '0') AS person_id, '人' || i AS name, (1 + i % 2)::text AS sex, (date '1940-01-01' + i * 113)::text AS birth_date,
		CASE WHEN i % 17 = 0 THEN (date '2025-05-01' + i)::text END AS death_date, CASE WHEN i % 10 = 3 THEN '110105194912310021' END AS resident_id, 'H' || i / 3 AS household_id
	FROM generate_series(1, 80) AS i;
	CREATE TABLE clean.made AS
	SELECT n, 'V' || lpad(n::text, 4, '0') AS visit_id, 'P' || lpad((1 + floor(power(random(), 1.3) * 80))::int::text, 3, '0') AS person_id,
		'F' || 1 + floor(random() * 6)::int AS facility_id, random() < 0.5 AS stay, date '2025-01-05' + floor(random() * 330)::int AS day, 2 + floor(power(random(), 2) * 12)::int AS days,
		('{J18.900,I10.X00,Z51.100,K80.200}'::text[])[1 + floor(random() * 4)::int] AS main_diagnosis
	FROM generate_series(1, 300) AS n;
	CREATE TABLE clean.visit AS
	SELECT visit_id, person_id, facility_id, day || ' 08:00:00' AS admitted_at, day + CASE WHEN stay THEN days ELSE 0 END || ' 11:30:00' AS discharged_at,
		day + CASE WHEN stay THEN days ELSE 0 END || ' 12:00:00' AS settled_at, CASE WHEN stay THEN '21' ELSE '11' END AS visit_type, main_diagnosis,
		(100 + n)::text AS total_amount, '90.00' AS scope_amount, '60.00' AS fund_amount, '0' AS newborn
	FROM clean.made;
	CREATE TABLE clean.charge AS
	SELECT visit_id, l::text AS line_id, ('{A,B,C,D,E}'::text[])[1 + floor(random() * 5)::int] AS item_code, (1 + floor(random() * 2))::int::text AS quantity, '10.00' AS amount,
		day + CASE WHEN stay THEN floor(random() * days)::int ELSE 0 END || ' 0' || l || ':00:00' AS charged_at, '10.00' AS claimed, '0' || 1 + l % 4 AS category
	FROM clean.made, generate_series(1, 5) AS l;
	CREATE TABLE clean.diagnosis AS SELECT visit_id, main_diagnosis AS diagnosis_code, '1' AS rank FROM clean.made;
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('c_cap', 'quantity', 'cap', 'violation'), ('c_twice', 'duplicate', 'twice', 'violation'),
		('c_pair', 'exclusive', 'pair', 'violation'), ('c_sex', 'restriction', 'sex', 'violation'), ('c_month', 'quantity', 'month', 'violation');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, other_code, scope, max_quantity, sex) VALUES ('c_cap', 'A', NULL, 'day', 1, NULL), ('c_twice', 'B', NULL, 'day', NULL, NULL),
		('c_pair', 'C', 'D', 'visit', NULL, NULL), ('c_sex', 'E', NULL, NULL, NULL, '2'), ('c_month', 'D', NULL, 'month', 2, NULL);
	INSERT INTO medaudit.rule (rule_code, kind, name_zh)
	SELECT 's_' || kind, kind, kind FROM unnest('{split_stays,overlapping_stays,events_in_stay,frequent_stays,over_capacity,admission_bursts,similar_amounts,same_household_admissions,companions,hang_bed,low_standard_stay}'::text[]) AS kind;
	-- the thresholds that each kind takes
	UPDATE medaudit.rule AS r SET parameters = p.given
	FROM (SELECT p.kind, jsonb_object_agg(g.key, g.value) AS given
		FROM jsonb_each('{"min_stays": 3, "min_times": 2, "max_p": 1, "min_excess": 1, "min_ratio": 1, "weeks": 3, "min_alike": 3, "min_share": 0.1, "tolerance_abs": 2}') AS g
		JOIN medaudit.rule_parameter AS p ON p.name = g.key GROUP BY p.kind) AS p
	WHERE p.kind = r.kind AND r.rule_code LIKE 's\_%';
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, subject)
	SELECT 'p_' || kind, kind, kind, 'person' FROM unnest('{invalid_resident_id,resident_id_mismatch,shared_resident_id,events_after_death}'::text[]) AS kind;
	UPDATE medaudit.rule SET parameters = '{"max_share": 1}' WHERE rule_code IN ('p_invalid_resident_id', 'p_resident_id_mismatch');
	CREATE VIEW w.standing AS
	SELECT rule_code, subject_kind, subject_id, key, certainty, judged_on, gross_amount, claimed_amount, fund_amount, involved_amount,
		ARRAY(SELECT DISTINCT l.visit_id FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id ORDER BY 1) AS visits
	FROM medaudit.finding AS f WHERE state = 'open';
	CREATE VIEW w.told AS
	SELECT relation, facility_id, problem, rows, examples FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND examples IS NOT NULL
		-- said of the column, too
		AND problem NOT IN ('the person is missing', 'the facility is missing')});

my @relations = qw(facility person visit charge diagnosis);
my %type = (
	'visit.admitted_at' => 'timestamp', 'visit.discharged_at' => 'timestamp', 'visit.settled_at' => 'timestamp', 'charge.charged_at' => 'timestamp',
	'person.birth_date' => 'date', 'person.death_date' => 'date', 'charge.quantity' => 'numeric', 'charge.amount' => 'numeric', 'charge.claimed' => 'numeric',
	'visit.total_amount' => 'numeric', 'visit.scope_amount' => 'numeric', 'visit.fund_amount' => 'numeric', 'visit.newborn' => 'bool', 'facility.rank' => 'int', 'facility.beds' => 'int', 'diagnosis.rank' => 'int');

# The tables of w, of text or typed, under bound views or such made by hand.
sub set_up
{
	my ($typed, $by_hand) = @_;

	foreach my $relation (@relations)
	{
		my $columns = join ', ', map { $typed && $type{"$relation.$_"} ? "$_\::" . $type{"$relation.$_"} : $_ }
		  split /,/, ask("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'clean.$relation'::regclass AND attnum > 0");

		ask("DROP VIEW IF EXISTS medaudit_data.$relation; DELETE FROM medaudit.binding WHERE relation = '$relation'; DROP TABLE IF EXISTS w.$relation;
			CREATE TABLE w.$relation AS SELECT $columns FROM clean.$relation;"
			  . ($by_hand ? "CREATE VIEW medaudit_data.$relation AS TABLE w.$relation" : "SET client_min_messages = error; CALL medaudit.bind('$relation', 'w.$relation')"));
	}
}

sub forget
{
	ask('ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard; TRUNCATE medaudit.finding CASCADE; DELETE FROM medaudit.run');
}

sub steps_of_last_run
{
	return ask("SELECT string_agg(DISTINCT state, ' ') FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run)");
}

# What w and clean have in common of findings on none of these visits.
my $differs = q{SELECT string_agg(side || ' ' || d::text, E'\n') FROM (
	SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.standing EXCEPT ALL TABLE w.whole) AS s
		UNION ALL SELECT 'less', s.* FROM (TABLE w.whole EXCEPT ALL TABLE w.standing) AS s) AS i
	WHERE %s ORDER BY rule_code, key, side LIMIT 6) AS d};

my %charge_rules = (charges => q{'{c_cap,c_twice,c_pair,c_sex,c_month}'});

# cell, value of text, value where typed (undef: there is none), what is told of
# it (undef: nothing)
my @cases = (
	[ 'charge.quantity', 'NaN', 'NaN', 'column quantity cannot be read' ],
	[ 'charge.quantity', '1e15', '1e15', 'column quantity cannot be read' ],
	[ 'charge.quantity', '-Infinity', '-Infinity', 'column quantity cannot be read' ],
	[ 'charge.quantity', ' ', undef, 'column quantity is missing' ],
	[ 'charge.amount', 'NaN', 'NaN', 'column amount cannot be read' ],
	[ 'charge.amount', '1e15', '1e15', 'column amount cannot be read' ],
	[ 'charge.amount', '１０元整', undef, 'column amount cannot be read' ],
	[ 'charge.amount', undef, undef, 'column amount is missing' ],
	[ 'charge.charged_at', '2025-02-30', undef, 'column charged_at cannot be read' ],
	[ 'charge.charged_at', 'infinity', 'infinity', 'column charged_at cannot be read' ],
	[ 'charge.charged_at', '20250-01-01', '20250-01-01', 'column charged_at cannot be read' ],
	[ 'charge.charged_at', '0044-03-15 BC', '0044-03-15 BC', 'column charged_at cannot be read' ],
	[ 'charge.claimed', 'Infinity', 'Infinity', 'column claimed cannot be read' ],
	[ 'charge.item_code', '', '', 'column item_code is missing' ],
	[ 'visit.discharged_at', 'infinity', 'infinity', undef ],
	[ 'visit.discharged_at', '9999-12-31', '9999-12-31', undef ],
	[ 'visit.discharged_at', '20250-01-31', '20250-01-31', 'column discharged_at cannot be read' ],
	[ 'visit.admitted_at', 'yesterday', '-infinity', 'column admitted_at cannot be read' ],
	[ 'visit.settled_at', '0001-01-01 BC', '0001-01-01 BC', 'column settled_at cannot be read' ],
	[ 'visit.total_amount', 'NaN', 'NaN', 'column total_amount cannot be read' ],
	[ 'visit.person_id', undef, undef, 'column person_id is missing' ],
	[ 'visit.facility_id', ' ', ' ', 'column facility_id is missing' ]);

foreach my $mode ([ 0, 0 ], [ 1, 0 ], [ 0, 1 ], [ 1, 1 ])
{
	my ($typed, $by_hand) = @$mode;
	my $name = ($typed ? 'typed' : 'text') . ', ' . ($by_hand ? 'by hand' : 'bound');
	my (@damage, %told, @touched);
	my $n = 5;

	set_up(@$mode);
	forget();
	run_audit($charge_rules{charges});
	ask('DROP TABLE IF EXISTS w.whole; CREATE TABLE w.whole AS TABLE w.standing');
	cmp_ok(ask('SELECT count(*) FROM w.whole'), '>', 100, "$name: clean data have findings");
	is(ask('SELECT count(*) FROM w.told'), '0', "$name: and nothing to tell");
	foreach my $case (@cases)
	{
		my ($cell, $text, $value, $problem) = @$case;
		my ($relation, $column) = split /\./, $cell;
		my $visit = sprintf 'V%04d', $n += 3;
		my $facility = $column eq 'facility_id' ? '' : ask("SELECT facility_id FROM clean.visit WHERE visit_id = '$visit'");
		my $where = "visit_id = '$visit'" . ($relation eq 'charge' ? " AND line_id = '2'" : '');

		$value = $text unless $typed;
		next if $typed && defined $text && !defined $value;
		push @damage, "UPDATE w.$relation SET $column = " . (defined $value ? "'$value'" : 'NULL') . " WHERE $where";
		push @touched, $visit;
		push @{ $told{"$relation|$facility|$problem"} }, $relation eq 'charge' ? "$visit/2" : $visit if $problem;
	}
	ask(join ";\n", @damage);
	my ($code, $err) = run_audit($charge_rules{charges});
	is($code, 0, "$name: psql is content");
	is(steps_of_last_run(), 'done', "$name: every step is done");
	my $persons = "visits && ARRAY(SELECT v.visit_id FROM clean.visit AS v WHERE v.person_id IN (SELECT o.person_id FROM clean.visit AS o WHERE o.visit_id IN ('" . join("', '", @touched) . "')))";
	is(ask(sprintf $differs, "NOT $persons"), '', "$name: others are judged as before");
	cmp_ok(ask("SELECT count(*) FROM w.standing WHERE NOT $persons"), '>', 50, "$name: of which there are many");
	is( ask(q{SELECT string_agg(concat_ws('|', relation, coalesce(facility_id, ''), problem, rows, replace(examples, ', ', ' ')), E'\n'
			ORDER BY relation COLLATE "C", facility_id COLLATE "C", problem COLLATE "C") FROM w.told}),
		join("\n", map { my @rows = sort @{ $told{$_} }; join '|', $_, scalar @rows, join ' ', grep { defined } @rows[ 0 .. 2 ] }
			  sort { my @a = split /\|/, $a; my @b = split /\|/, $b; $a[0] cmp $b[0] || ($a[1] eq '') <=> ($b[1] eq '') || $a[1] cmp $b[1] || $a[2] cmp $b[2] } keys %told),
		"$name: each is told with facility, column and identifier");
	# alone: nothing but the damaged row
	next if $by_hand;
	ask("DELETE FROM w.visit WHERE visit_id <> ALL ('{" . join(',', @touched) . "}');
		DELETE FROM w.charge WHERE line_id <> '2' OR visit_id <> ALL ('{" . join(',', @touched) . "}')");
	ask("CREATE TABLE w.visits AS TABLE w.visit; CREATE TABLE w.charges AS TABLE w.charge");
	my @bad;
	foreach my $visit (@touched)
	{
		ask("TRUNCATE w.visit, w.charge; INSERT INTO w.visit SELECT * FROM w.visits WHERE visit_id = '$visit'; INSERT INTO w.charge SELECT * FROM w.charges WHERE visit_id = '$visit'");
		my ($exit) = run_audit($charge_rules{charges});
		my $states = steps_of_last_run();
		my $expected = join "\n", map { my @t = split /\|/; "$t[0]|$t[2]|1" } grep { grep { m{^$visit} } @{ $told{$_} } } keys %told;
		my $got = ask(q{SELECT string_agg(concat_ws('|', relation, problem, rows), E'\n') FROM w.told});

		push @bad, "$visit: $exit, $states, told '$got' not '$expected'" if $exit != 0 || $states ne 'done' || $got ne $expected;
	}
	is(join("\n", @bad), '', "$name: so is each alone");
	ask('DROP TABLE w.visits, w.charges');
}

# A visit that is not there, a person of no register, a facility unknown
set_up(0, 0);
forget();
run_audit($charge_rules{charges});
ask('DROP TABLE w.whole; CREATE TABLE w.whole AS TABLE w.standing');
ask(q{INSERT INTO w.charge SELECT 'X1', line_id, item_code, quantity, amount, charged_at, claimed, category FROM w.charge WHERE visit_id = 'V0001';
	UPDATE w.charge SET visit_id = NULL WHERE visit_id = 'V0002';
	DELETE FROM w.person WHERE person_id = (SELECT person_id FROM w.visit WHERE visit_id = 'V0003');
	DELETE FROM w.facility WHERE facility_id = 'F1'});
my ($exit) = run_audit('NULL');
is("$exit " . steps_of_last_run(), '0 done', 'what names nobody known stops nothing');
is( ask(sprintf $differs, q{rule_code LIKE 'c\_%' AND rule_code <> 'c_sex' AND NOT visits && ARRAY(SELECT visit_id FROM clean.visit WHERE person_id = (SELECT person_id FROM clean.visit WHERE visit_id = 'V0002'))}),
	'', 'and bends nothing');
is( ask(q{SELECT string_agg(problem || ' ' || rows, ', ' ORDER BY problem) FROM medaudit.data_quality WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND problem ~ 'no visit is named|not bound|visit_id is missing'}),
	'column visit_id is missing 5, no visit is named 5, the visit is not bound 5', 'and is counted');

# A catalogue made by hand that says nothing of its items
ask(q{CREATE VIEW medaudit_data.item AS SELECT 'A'::text AS item_code});
($exit) = run_audit('NULL');
is("$exit " . steps_of_last_run(), '0 done', 'items without any of their columns');
# and one whose factors of units are no numbers, as text and as what they are
ask("UPDATE medaudit.charge_rule SET unit = '小时' WHERE rule_code = 'c_cap'");
foreach my $factor ("'x'::text", "'NaN'::numeric", "'Infinity'::float8")
{
	ask("DROP VIEW medaudit_data.item; CREATE VIEW medaudit_data.item AS SELECT 'A'::text AS item_code, '日'::text AS unit, $factor AS unit_factor");
	($exit) = run_audit('NULL');
	is("$exit " . steps_of_last_run(), '0 done', "a factor $factor");
	is(ask(q{SELECT problem || ' ' || examples::text FROM w.told WHERE relation = 'item'}), 'column unit_factor cannot be read A', 'is told');
}
ask("DROP VIEW medaudit_data.item; UPDATE medaudit.charge_rule SET unit = NULL WHERE rule_code = 'c_cap'");

# A diagnosis of no visit is of no period, so that every run tells of it
ask("INSERT INTO w.diagnosis VALUES (NULL, 'J18', '1'), (NULL, NULL, NULL)");
($exit) = run_audit('NULL');
is( ask(q{SELECT string_agg(problem || ' ' || rows, ', ' ORDER BY problem) FROM w.told WHERE relation = 'diagnosis'}),
	'column diagnosis_code is missing 1, column visit_id is missing 2', 'a diagnosis of no visit is told');

# Periods that nobody can mean
foreach my $period ([ '20250-01-01', '20251-01-01' ], [ '-infinity', '2026-01-01' ], [ '2025-01-01', 'infinity' ], [ '0044-01-01 BC', '2026-01-01' ], [ '2025-01-01', '2300-01-01' ], [ '1800-01-01', '2026-01-01' ])
{
	is(error_of($node, "CALL medaudit.run_audit('$period->[0]', '$period->[1]')"), '22023', "a period from $period->[0] to $period->[1] is refused");
}

# Random damage: the same seed, the same cells.
my @nasty = ('', ' ', 'NULL', 'null', '-', 'NaN', 'inf', '-inf', '1e400', '9999-12-31', '0001-01-01', '20250230', '二〇二五年', '１２', "\x{1F600}", 'x' x 10_000, "\x01", '-5', '-99999999999999999999',
	'99999999999999999999999999', '1e15', '0', '0.00001', "'; DROP TABLE w.visit; --", '\\', '2025-13-45', '1900-01-01', '2199-12-31 23:59:59', 'infinity', '{}', "\t", "\n", '０１', '1,234.50', '￥5', 't', '2025-06-01T00:00:00+08:00', 'epoch', 'now', '%', 'P001');
my $seed;

sub draw
{
	my ($most) = @_;

	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $most;
}

set_up(0, 0);
forget();
run_audit('NULL');
is(steps_of_last_run(), 'done', 'all rules, clean');
ask('DROP TABLE w.whole; CREATE TABLE w.whole AS TABLE w.standing');
my %columns = map { my $r = $_; $r => [ split /,/, ask("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'clean.$r'::regclass AND attnum > 0") ] } @relations;
my %rows = map { $_ => ask("SELECT count(*) FROM clean.$_") } @relations;
my %order = (facility => 'facility_id', person => 'person_id', visit => 'visit_id', charge => 'visit_id, line_id', diagnosis => 'visit_id');
my %of_person = (person => 'person_id', visit => 'person_id', charge => "(SELECT v.person_id FROM clean.visit AS v WHERE v.visit_id = c.visit_id)", diagnosis => "(SELECT v.person_id FROM clean.visit AS v WHERE v.visit_id = c.visit_id)");

foreach my $script (1 .. $ENV{MEDAUDIT_DIRTY_SCRIPTS} // 10)
{
	my @damage;

	$seed = $script;
	foreach my $relation (@relations)
	{
		push @damage, "TRUNCATE w.$relation; INSERT INTO w.$relation TABLE clean.$relation";
	}
	push @damage, 'CREATE TABLE w.touched (person_id text, facility_id text)';
	foreach (1 .. 1 + draw(12))
	{
		my $relation = ('charge', 'charge', 'charge', 'visit', 'visit', 'person', 'diagnosis', 'facility')[ draw(8) ];
		my $column = $columns{$relation}[ draw(scalar @{ $columns{$relation} }) ];
		my $row = draw($rows{$relation});
		my $value = $nasty[ draw(scalar @nasty) ];
		my $quoted = draw(8) == 0 ? 'NULL' : "E'" . ($value =~ s/\\/\\\\/gr =~ s/'/''/gr) . "'";
		my $chosen = "(SELECT c.* FROM clean.$relation AS c ORDER BY $order{$relation} OFFSET $row LIMIT 1)";
		my $match = join ' AND ', map { "t.$_ = c.$_" } split /, /, $order{$relation};

		push @damage, $relation eq 'facility' ? "INSERT INTO w.touched SELECT NULL, c.facility_id FROM $chosen AS c"
		  : "INSERT INTO w.touched SELECT $of_person{$relation}, " . ($relation eq 'person' ? 'NULL' : "(SELECT v.facility_id FROM clean.visit AS v WHERE v.visit_id = c.visit_id)") . " FROM $chosen AS c";
		push @damage, "UPDATE w.$relation AS t SET $column = $quoted FROM $chosen AS c WHERE $match";
		# a person or facility that the value names is touched too
		push @damage, "INSERT INTO w.touched VALUES ($quoted, $quoted)";
	}
	ask(join ";\n", 'DROP TABLE IF EXISTS w.touched', @damage);
	forget();
	my ($code, $err) = run_audit('NULL');
	my $states = steps_of_last_run();
	my $where = q{visits <@ ARRAY(SELECT visit_id FROM clean.visit) AND NOT EXISTS (SELECT FROM clean.visit AS v JOIN clean.person AS p USING (person_id) WHERE v.visit_id = ANY (visits)
			AND (v.person_id IN (SELECT person_id FROM w.touched) OR p.household_id IN (SELECT household_id FROM clean.person WHERE person_id IN (SELECT person_id FROM w.touched)) OR v.facility_id IN (SELECT facility_id FROM w.touched WHERE facility_id IS NOT NULL AND rule_code ~ 'capacity|bursts|similar' OR person_id IS NULL)))
		AND rule_code !~ 'companions'};
	my $bent = ask(sprintf $differs, $where);
	my $count = ask(q{SELECT concat_ws(', ', CASE WHEN q.rows IS DISTINCT FROM d.rows THEN d.name || ' ' || coalesce(q.rows, 0) || ' of ' || d.rows END) FROM (
			SELECT 'charge quantity' AS name, count(*) AS rows FROM w.charge WHERE medaudit._read_quantity(quantity) IS NULL
			UNION ALL SELECT 'charge amount', count(*) FROM w.charge WHERE medaudit.to_amount(amount) IS NULL
			UNION ALL SELECT 'charge charged_at', count(*) FROM w.charge WHERE medaudit.to_time(charged_at) IS NULL
			UNION ALL SELECT 'charge item_code', count(*) FROM w.charge WHERE medaudit._read_code(item_code) IS NULL
			UNION ALL SELECT 'charge visit_id', count(*) FROM w.charge WHERE medaudit._read_text(visit_id) IS NULL
			UNION ALL SELECT 'visit visit_id', count(*) FROM w.visit WHERE medaudit._read_text(visit_id) IS NULL
			UNION ALL SELECT 'visit person_id', count(*) FROM w.visit WHERE medaudit._read_text(person_id) IS NULL
			UNION ALL SELECT 'visit facility_id', count(*) FROM w.visit WHERE medaudit._read_code(facility_id) IS NULL
			UNION ALL SELECT 'visit admitted_at', count(*) FROM w.visit WHERE medaudit.to_time(admitted_at) IS NULL
			UNION ALL SELECT 'person person_id', count(*) FROM w.person WHERE medaudit._read_text(person_id) IS NULL
			UNION ALL SELECT 'facility facility_id', count(*) FROM w.facility WHERE medaudit._read_code(facility_id) IS NULL
			UNION ALL SELECT 'diagnosis diagnosis_code', count(*) FROM w.diagnosis WHERE medaudit._read_code(diagnosis_code) IS NULL) AS d
		LEFT JOIN (SELECT relation || ' ' || split_part(problem, ' ', 2) AS name, sum(rows) AS rows FROM w.told WHERE problem LIKE 'column %' GROUP BY 1) AS q USING (name)
		WHERE coalesce(q.rows, 0) <> d.rows});

	is("$code $states|$bent|$count", "0 done||", "script $script: run done, others as before, all counted")
	  or diag(join("\n", grep { /^UPDATE/ } map { encode('UTF-8', substr $_, 0, 300) } @damage), "\n", $err, ask("SELECT string_agg(rule_code || ': ' || error, E'\n') FROM medaudit.run_step WHERE error IS NOT NULL"));
}

done_testing();
