# What a BI tool sees through its driver (PG JDBC): every view that people read is
# listed with comments on it and on each column, money has two decimals, there is
# no type that such tools cannot take, a day is a date, and a code has its Chinese
# label beside it.  Then it reads them: a reader the masked views, an analyst all,
# in a read-only transaction, some rows at a time.
use strict;
use warnings;

use Encode qw(decode_utf8);
use IPC::Run;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $driver = $ENV{MEDAUDIT_JDBC} // '/usr/share/java/postgresql.jar';
plan skip_all => 'PG JDBC is not installed' unless -r $driver;
plan skip_all => 'no Java compiler is installed' unless `java --list-modules 2>&1` =~ /^jdk\.compiler\b/m;

# The driver knows no Unix socket: who comes over the loopback has a password.
my $node = new_node('bi', conf => "listen_addresses = '127.0.0.1'\nclient_min_messages = error");
my $password = join '', map { ('a' .. 'z')[ rand 26 ] } 1 .. 24;
unlink $node->data_dir . '/pg_hba.conf';
$node->append_conf('pg_hba.conf', "local all all trust\nhost postgres bi_readers,analysts 127.0.0.1/32 scram-sha-256");
$node->reload;

sub ask
{
	return $node->safe_psql('postgres', shift);
}

made_claims($node);
ask(qq{CREATE ROLE bi_readers LOGIN PASSWORD '$password';
	CREATE ROLE analysts LOGIN PASSWORD '$password';
	CALL medaudit.grant_access('bi_readers', 'reader');
	CALL medaudit.grant_access('analysts', 'analyst');
	GRANT USAGE ON SCHEMA w TO analysts;
	GRANT SELECT ON ALL TABLES IN SCHEMA w TO analysts});
ask(q{CALL medaudit.run_audit('2025-01-01', '2025-04-01')});
ask(q{VACUUM ANALYZE});
# what the tool has to take for a table
ask(q{CREATE SCHEMA bi;
	CREATE MATERIALIZED VIEW bi.kept AS TABLE medaudit.findings_by_rule;
	CREATE VIEW bi.by_rule AS TABLE bi.kept;
	COMMENT ON VIEW bi.by_rule IS '按规则汇总'});

# Rows that BiTool prints for USER: kind to lists of cells.
sub seen_by
{
	my ($user, $schema, @query) = @_;
	my ($out, $err) = ('', '');
	local $ENV{PGUSER} = $user;
	local $ENV{PGPASSWORD} = $password;
	my $program = __FILE__ =~ s{[^/]*$}{lib/BiTool.java}r;
	# a program that runs for a second gains nothing by being optimized
	my $fine = IPC::Run::run([ 'java', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', $driver, $program,
			'jdbc:postgresql://127.0.0.1:' . $node->port . '/postgres', $schema, @query ], '>', \$out, '2>', \$err);
	my %seen;

	$fine or die "BiTool: $err";
	foreach my $line (split /\n/, decode_utf8($out))
	{
		my ($kind, @cell) = split /\t/, $line, -1;
		push @{ $seen{$kind} }, \@cell;
	}
	return \%seen;
}

# ------------------------------------------------------------- what is listed

# What people read: not what begins with an underscore.
my @view = split /\n/, ask(q{SELECT relname FROM pg_class WHERE relnamespace = 'medaudit'::regnamespace AND relkind = 'v'
	AND relname NOT LIKE '\_%' ORDER BY relname COLLATE "C"});
# Not for BI tools: settings whose values are jsonb, the rulebooks of runs, and what the
# functions of rules read while a run asks them.
my %not_for_bi = map { $_ => 1 } qw(rule_parameters run_rulebook run_stay run_stay_book run_period);
my %is_view = map { decode_utf8($_) => 1 } @view;
my @for_bi = grep { !$not_for_bi{$_} } @view;

my $analyst = seen_by('analysts', 'medaudit', map { qq{SELECT * FROM medaudit."$_"} } @for_bi);
my %listed = map { $_->[0] => $_ } @{ $analyst->{listed} };
is(join(' ', sort grep { $is_view{$_} && $listed{$_}[1] eq 'VIEW' } keys %listed), join(' ', sort keys %is_view), 'every view is listed as a view');
is(join(' ', sort grep { $is_view{$_} && $listed{$_}[2] !~ /^\p{Han}.*: ./ } keys %listed), '', 'each with what it is');

# java.sql.Types that tools take
my %taken = (
	-7 => 'bool',
	-5 => 'bigint',
	2 => 'numeric',
	4 => 'int',
	5 => 'smallint',
	8 => 'float8',
	12 => 'text',
	91 => 'date',
	93 => 'timestamp');
my %type_of;
my %odd = map { $_ => [] } qw(type comment money name day label);

foreach my $column (grep { $is_view{ $_->[0] } } @{ $analyst->{column} })
{
	my ($view, $name, $type, $type_name, $size, $digits, $comment) = @$column;
	my $column_name = "$view.$name";

	push @{ $odd{comment} }, $column_name unless $comment =~ /^\p{Han}/;
	# a view has English names, or Chinese ones for people who read no codes
	push @{ $odd{name} }, $column_name unless $name =~ /^[a-z][a-z0-9_]*$/ || $name =~ /^\p{Han}/ && $view =~ /_zh$|\p{Han}/;
	next if $not_for_bi{$view};
	$type_of{$view}{$name} = $taken{$type} // $type_name;
	push @{ $odd{type} }, "$column_name is $type_name" unless $taken{$type};
	# a driver says 0 of a numeric that may have any number of decimals, and tools round to it
	push @{ $odd{money} }, "$column_name has $digits decimals"
	  if $type == 2 && $digits != 2 && ($digits == 0 || $comment =~ /\byuan\b/);
	push @{ $odd{money} }, "$column_name is $type_name" if $type != 2 && $comment =~ /\byuan\b/;
	push @{ $odd{day} }, "$column_name is $type_name"
	  if $name =~ /_(on|date)$|^month$/ && $name ne 'year_to_date' && $type != 91 || $name =~ /_at$/ && $type != 93;
}
# Without names: visits as the warehouse has them.
my %nameless = map { $_ => 1 } qw(stale_visits.facility_id stale_visits.person_id visit_features.facility_id visit_features.person_id
	resale_scores.person_id swapped_diagnoses.person_id shifted_costs.person_id untreated_diagnoses.person_id
);
# what is told by a code
foreach my $view (sort keys %type_of)
{
	push @{ $odd{label} }, map { "$view.$_" } grep { $type_of{$view}{$_} && !$type_of{$view}{"${_}_zh"} }
	  qw(certainty state run_state fund_basis verdict waits_for level step relation);
	push @{ $odd{label} }, grep { !$nameless{$_} } map { "$view.$_" }
	  grep { $type_of{$view}{$_} && !$type_of{$view}{ s/_.*/_name/r } } qw(rule_code item_code facility_id person_id);
}
is(join(', ', @{ $odd{comment} }), '', 'each column has its comment, the Chinese term first');
is(join(', ', @{ $odd{name} }), '', 'names are ASCII in snake_case');
is(join(', ', @{ $odd{type} }), '', 'no column is of a type that tools cannot take');
is(join(', ', @{ $odd{money} }), '', 'money has two decimals, and no number is without scale');
is(join(', ', @{ $odd{day} }), '', 'days are dates, times are timestamps');
is(join(', ', @{ $odd{label} }), '', 'labels stand beside codes');

my $own = seen_by('analysts', 'bi');
is(join(' ', map { "$_->[0] $_->[1] $_->[2]" } @{ $own->{listed} }), decode_utf8('by_rule VIEW 按规则汇总'),
	'a materialized view is seen through a plain one');

# ---------------------------------------------------------------- what is read

# NAME/class/scale of a query that was read.
sub columns_read
{
	my ($seen, $query) = @_;
	my ($read) = grep { $_->[0] eq $query } @{ $seen->{read} };

	return map { my ($name, $class, $scale) = split m{/}; $name => "$class $scale" } split /,/, $read->[2];
}

my %rows = map { split /\t/ } map { "$_\t" . ask(qq{SELECT count(*) FROM medaudit."$_"}) } @for_bi;
my %read = map { $_->[0] => $_->[1] } @{ $analyst->{read} };
is_deeply($analyst->{refused} // [], [], 'an analyst is refused nothing');
is( join(', ', grep { $read{ decode_utf8(qq{SELECT * FROM medaudit."$_"}) } != $rows{$_} } @for_bi),
	'', 'and reads all rows of every view, some at a time');
cmp_ok($rows{$_}, '>', 7, "$_ has more rows than come at a time") foreach qw(worklist findings finding_lines findings_by_person visit_features);
my %class = columns_read($analyst, 'SELECT * FROM medaudit."worklist"');
is($class{claimed_amount}, 'java.math.BigDecimal 2', 'money comes as exact numbers');
is($class{judged_on}, 'java.sql.Date 0', 'days come as days');

# The list in pages, as a tool asks for them, whose tables count from the first row.
my $pages = join ' UNION ALL ', map { "(SELECT $_ AS page, rank FROM medaudit.worklist_masked ORDER BY rank LIMIT 10 OFFSET " . 10 * ($_ - 1) . ')' } 1 .. 3;
my $reader = seen_by(
	'bi_readers', 'medaudit',
	'SELECT * FROM medaudit.worklist_masked',
	'SELECT * FROM medaudit.findings_masked',
	'SELECT * FROM medaudit.worklist_masked ORDER BY rank LIMIT 10',
	"SELECT DISTINCT rank FROM ($pages) AS p",
	'SELECT * FROM medaudit.worklist',
	'SELECT * FROM medaudit.finding',
	'SELECT * FROM bi.by_rule',
	"SELECT medaudit.review_finding(1, 'confirm')");
is( join("\n", map { "$_->[0] $_->[1]" } @{ $reader->{read} }),
	"SELECT * FROM medaudit.worklist_masked $rows{worklist}
SELECT * FROM medaudit.findings_masked $rows{findings}
SELECT * FROM medaudit.worklist_masked ORDER BY rank LIMIT 10 10
SELECT DISTINCT rank FROM ($pages) AS p 30", 'a reader reads the masked twins, all rows');
is(join(' ', map { $_->[1] } @{ $reader->{refused} }), '42501 42501 42501 42501', 'and nothing else');
is(scalar @{ $reader->{listed} }, scalar @{ $analyst->{listed} }, 'though the tool lists it all');

done_testing();
