# The report as people see it: pages of a small county in a browser, on a screen and as
# they print.  Text fits where it stands and lies on no other, also where names and money
# are longer than any county has them; what is wrong with a page is found.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'chromium is not there'
  if system('command -v chromium >/dev/null 2>&1') != 0;
my ($demo) = grep { -r "$_/tour.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');

my $node = new_node('report');
local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'county');

sub script
{
	my ($name, %set) = @_;

	return PostgreSQL::Test::Utils::run_log([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$demo/$name.sql",
		map { ('-v', "$_=$set{$_}") } sort keys %set ]);
}

# What demo/report says, and whether it ended well.
sub report
{
	my ($out, $err) = ('', '');
	my $well = IPC::Run::run([ "$demo/report", @_ ], '>', \$out, '2>', \$err);

	note($err);
	return ($well, $err);
}

# Width and height of a PNG.
sub size_of
{
	return unpack 'x16NN', slurp_file($_[0]);
}

$node->safe_psql('postgres', 'CREATE DATABASE county');
$node->safe_psql('county', 'CREATE EXTENSION medaudit');
ok(script('generate', persons => 800) && script('planted', instances => 6) && script('binding'), 'a county');
$node->safe_psql('county', q{SET client_min_messages = error; CALL medaudit.run_audit('2025-02-01', '2025-03-01')});
$node->safe_psql('county', q{SET client_min_messages = error; CALL medaudit.run_audit('2025-03-01', '2025-04-01')});
$node->safe_psql('county', q{SET client_min_messages = error; CALL medaudit.run_audit('2025-01-01', '2026-01-01')});
ok(script('life'), 'whose findings live');

# The county's year and a month of it against the month before.
my $year = PostgreSQL::Test::Utils::tempdir();
my ($well, $said) = report($year, 3);
ok($well, 'the pages of a year look as they should');
is($said, '', 'nothing is told of them');
foreach my $page ('report', 'sheet', 'person')
{
	my $text = slurp_file("$year/$page.html");
	my ($width, $height) = size_of("$year/$page.png");

	is($width, 1280, "$page: a picture as wide as a screen");
	cmp_ok($height, '>', 700, 'and as high as the page');
	like(slurp_file("$year/$page.pdf"), $page eq 'sheet' ? qr{/MediaBox \[0 0 841\.9\d* 59[45]\.?\d*\]} : qr{/MediaBox \[0 0 59[45]\.?\d* 841\.9\d*\]}, 'prints on A4');
	unlike($text, qr/<script|<link|<img|\@import|url\(|href=|src=/, 'asks for nothing');
	# a sheet has each line of the rules that were found
	cmp_ok(length $text, '<', $page eq 'sheet' ? 300_000 : 200_000, 'and is not large');
}
like(slurp_file("$year/report.html"), qr/追回情况.*应退/s, 'it tells what came back');
my $month = PostgreSQL::Test::Utils::tempdir();
append_to_file("$month/report.html", $node->safe_psql('county', 'SELECT medaudit.report(2)'));
($well, $said) = report('--look', $month);
ok($well, 'so does that of a month');
is($said, '', 'of which nothing is told');
like(slurp_file("$month/report.html"), qr/上一期间为2025年2月（第1次运行）/, 'against the month before');

# Longer than any: names without a blank, names that are code, money by the thousand million.
my $worst = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('county', q{
	SET session_replication_role = replica;
	UPDATE medaudit.finding SET facility_name = repeat('很长的机构名称', 12) || '<b>&"', rule_name = repeat('规则', 30), person_name = repeat('长', 40), record_no = repeat('9', 60),
		gross_amount = gross_amount * 1e5, claimed_amount = claimed_amount * 1e5, fund_amount = fund_amount * 1e5, involved_amount = involved_amount * 1e4,
		evidence_text = repeat('ABCDEFGHIJ', 30) || evidence_text;
	UPDATE medaudit.finding_line SET facility_name = repeat('X', 90), item_name = repeat('药', 60), item_code = repeat('0', 60), record_no = repeat('9', 60), quantity = 123456789, excess_quantity = 123456789.1234,
		evidence_text = repeat('ABCDEFGHIJ', 30), excess_amount = excess_amount * 1e5, excess_claimed = excess_claimed * 1e5, fund_amount = fund_amount * 1e5;
	UPDATE medaudit.run_coverage SET facility_name = repeat('X', 90);
	UPDATE medaudit.rule SET name_zh = repeat('规则', 30);
	UPDATE medaudit.audit_case SET title = repeat('案', 80);
	SET session_replication_role = origin;
	CALL medaudit.rank_findings();});
($well, $said) = report($worst, 3);
ok($well, 'nor does what is too long break a page');
is($said, '', 'of which nothing is told');
unlike(slurp_file("$worst/report.html"), qr/<b>&"/, 'and names are text');

# What is wrong is found, page by page.
my $wrong = PostgreSQL::Test::Utils::tempdir();
my $page = '<!DOCTYPE html><html><head><meta charset="utf-8"><style>main{position:relative;width:600px;height:300px}table{width:100%%;table-layout:fixed}%s</style></head>'
  . '<body><main><p>%s</p><table><tr><td>甲</td><td>%s</td></tr></table></main></body></html>';
my %case = (
	'right' => [ '', '上', '乙' ],
	'over' => [ 'p,table{position:absolute;top:20px;left:20px;width:500px;margin:0}', '这里有字', '乙' ],
	'cell' => [ '', '上', 'X' x 200 ],
	'wide' => [ 'main{width:3000px}', '上', '乙' ]);
append_to_file("$wrong/$_.html", sprintf($page, @{ $case{$_} })) foreach keys %case;
($well, $said) = report('--look', $wrong);
ok(!$well, 'a page on which text does not fit is an error');
unlike($said, qr/right\.html/, 'unlike one on which it does');
like($said, qr/over\.html: on one another: 这里有字 \| 甲/, 'text on other text is told');
like($said, qr/cell\.html: does not fit: X/, 'text beyond its cell, too');
like($said, qr/wide\.html: the page is 30\d\d wide/, 'and a page that is too wide');

done_testing();
