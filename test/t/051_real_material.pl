# Real material, where it is there: the published rule files against a small
# county, and real hospital stays against plain SQL.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use Test::More;

my ($demo) = grep { -r "$_/tour.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');
my $stays = shared_file('stays/desynpuf_stays.csv');
my $pairs = shared_file('nhsa/b7_exclusive_pairs.csv');

plan skip_all => 'the real material is not there'
  unless $stays || $pairs;

my $node = new_node('real');

sub script
{
	my ($name, %set) = @_;
	my @command = (
		'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-f',
		"$demo/$name.sql", map { ('-v', "$_=$set{$_}") } sort keys %set);

	return PostgreSQL::Test::Utils::run_log(\@command);
}

sub value
{
	return $node->safe_psql('postgres', $_[0]);
}

SKIP:
{
	skip 'no stays', 3 unless $stays;
	ok(script('stays', stays => $stays),
		'split and overlapping stays are those of plain SQL');
	is(value('SELECT count(*) FROM claims.difference'), 0, 'to the pair');
	is( value('SELECT count(DISTINCT question) FROM claims.answer'),
		4, 'each question has an answer');
}

SKIP:
{
	skip 'no rule files', 5 unless $pairs;
	ok(script('generate', persons => 500), 'a small county');
	ok(script('planted', instances => 2), 'planted');
	ok(script('tour'), 'audited with the starter rules');
	(my $folder = $pairs) =~ s{/[^/]*$}{};
	ok(script('national_rules', rules => $folder), 'and with the national files');
	is( value(
			q{SELECT count(*) FROM (
				SELECT 'exclusive_pairs' AS layout, count(*) AS n FROM nhsa.b7_exclusive_pairs UNION ALL
				SELECT 'daily_caps', count(*) FROM nhsa.b8_daily_caps UNION ALL
				SELECT 'period_caps', count(*) FROM nhsa.b8_period_caps) AS f
			  JOIN medaudit.import_layout USING (layout)
			  WHERE n <> (SELECT count(*) FROM medaudit.charge_rule AS r WHERE r.rule_code = import_layout.rule_code)
				+ (SELECT count(*) FROM medaudit.import_problem AS p WHERE p.layout = f.layout)}),
		0, 'every row of the files came in or was told');
}

done_testing();
