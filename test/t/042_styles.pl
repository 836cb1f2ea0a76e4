# What a run stores says the same whatever the session's way of writing dates,
# intervals, numbers and bytes: on the demonstration's county, where every kind
# of rule finds something.
use strict;
use warnings;

use FindBin;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($demo) = grep { -r "$_/tour.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');

my $node = new_node('styles');
my $run = "CALL medaudit.run_audit('2025-01-01', '2026-01-01')";

foreach my $script ([ 'generate', persons => 200 ], [ 'planted', instances => 1 ], ['tour'])
{
	my ($name, %set) = @$script;

	PostgreSQL::Test::Utils::run_log([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-f', "$demo/$name.sql",
			map { ('-v', "$_=$set{$_}") } sort keys %set ]);
}

# Every table that a run fills, but for its numbers and times
sub stored
{
	my %stored;

	foreach my $table (qw(finding finding_line run_quality run_insufficient run_finding run_coverage kept_rulebook run_step))
	{
		$stored{$table} = $node->safe_psql('postgres', "SELECT string_agg(row, E'\\n' ORDER BY row COLLATE \"C\") FROM (
			SELECT (to_jsonb(t) - '{run_id,finding_id,person_key,found_at,started_at,finished_at,seconds,kept_at}'::text[])::text
			FROM medaudit.$table AS t) AS r (row)");
	}
	return \%stored;
}

my $plain = stored();
my %kinds = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT rule_code FROM medaudit.finding');
cmp_ok(scalar keys %kinds, '>', 25, 'most rules find something');
like($plain->{$_}, qr/2025-/, "$_ has dates") foreach qw(finding finding_line run_insufficient run_coverage);

my %sessions = (
	German => '-c DateStyle=German,DMY -c IntervalStyle=sql_standard -c TimeZone=America/New_York -c extra_float_digits=-10 -c bytea_output=escape',
	American => '-c DateStyle=SQL,MDY -c IntervalStyle=iso_8601 -c TimeZone=Asia/Tokyo -c extra_float_digits=3',
	Postgres => '-c DateStyle=Postgres,DMY -c IntervalStyle=postgres_verbose');
foreach my $name (sort keys %sessions)
{
	$node->safe_psql('postgres', 'ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
		TRUNCATE medaudit.run, medaudit.finding, medaudit.finding_line, medaudit.kept_rulebook');
	{
		local $ENV{PGOPTIONS} = $sessions{$name};

		$node->safe_psql('postgres', $run);
		is($node->safe_psql('postgres', "$run; SHOW DateStyle; SHOW IntervalStyle"),
			join("\n", map { ($sessions{$name} =~ /$_=(\S+)/)[0] =~ s/,/, /r } qw(DateStyle IntervalStyle)),
			"$name: the session keeps its styles");
	}
	is($node->safe_psql('postgres', "SELECT count(*) FROM medaudit.finding WHERE state <> 'open'"), 0,
		"$name: a second run finds the same");
	$node->safe_psql('postgres', 'DELETE FROM medaudit.run WHERE run_id < (SELECT max(run_id) FROM medaudit.run)');
	my $stored = stored();
	foreach my $table (sort keys %$plain)
	{
		my %was = map { $_ => 1 } split /\n/, $plain->{$table};

		is(join("\n", (grep { !$was{$_} } split /\n/, $stored->{$table})[0 .. 0]) // '', '', "$name: $table is the same")
		  if $stored->{$table} ne $plain->{$table};
		ok($stored->{$table} eq $plain->{$table}, "$name: $table, to the byte");
	}
}

done_testing();
