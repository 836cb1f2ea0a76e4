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
my $stays = material_file('stays/desynpuf_stays.csv');
my $pairs = material_file('nhsa/b7_exclusive_pairs.csv');

my $differences = <<'END' =~ s/\n\z//r;
1_drug_child 文字另有年龄，按儿童判断 12 复方聚乙二醇(3350)电解质散
1_drug_child 文字另有成人用法 3 小儿乳酸菌素片
4_drug_visit_type 文字另许急诊、抢救 1 安宫牛黄丸
5_drug_facility_level 文字仅限首次处方 3 利司那肽注射液
5_drug_facility_level 文字另许二级及以上眼科专科医院 5 地塞米松玻璃体内植入剂
6_drug_course 文字为12个月，按首次收费后365天判断 1 帕妥珠单抗注射液
6_drug_course 文字为14天 1 注射用益气复脉(冻干)
8_service_course 文字为一个疾病过程，按全部收费日期累计 3 关节松动训练(大关节)
8_service_course 文字为一年，按首次收费后365天判断；文字另限间隔或频次 1 儿童听力障碍语言训练
8_service_course 文字另限间隔或频次 3 手功能评定
END

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
	skip 'no rule files', 14 unless $pairs;
	ok(script('generate', persons => 1500), 'a small county');
	ok(script('planted', instances => 6), 'planted');
	ok(script('tour'), 'audited with the starter rules');
	(my $folder = $pairs) =~ s{/[^/]*$}{};
	ok(script('national_rules', rules => $folder), 'and with the national files');
	is(value('SELECT sum(rows) FROM nhsa.sheet'),
		16521, 'every row of the twenty files was read');
	is( value(
			q{SELECT string_agg(rule_code || ' ' || rules_made, ', ' ORDER BY rule_code COLLATE "C")
			  FROM nhsa.import WHERE rules_made <> (SELECT count(*)
				FROM medaudit.charge_rule AS r WHERE r.rule_code = import.rule_code)}),
		'', 'and every rule that was made stands');

	# A sheet without codes: its rows came in or were told.  With codes: each
	# code, and each name without one.
	is( value(
			q{SELECT string_agg(layout, ', ') FROM nhsa.import AS i
			  WHERE codes IS NULL AND rows_read <> rules_made
				+ (SELECT count(*) FROM medaudit.import_problem AS p WHERE p.layout = i.layout)}),
		'', 'every row came in or was told');
	is(value('SELECT sum(coalesce(codes_read, rows_read)) - sum(rules_made) FROM nhsa.import'),
		value(q{SELECT count(*) FROM medaudit.import_problem
			WHERE reason NOT LIKE 'no row of the sheet of codes%'}),
		'and so did every code');
	is( value(
			q{SELECT count(*) FROM medaudit.charge_rule WHERE max_price IS NULL
			  AND rule_code = 'national_2_secondary_procedure'}),
		value(q{SELECT rules_made FROM nhsa.import WHERE layout = 'secondary_procedure'}),
		'batch 2 has no prices');
	like( value(q{SELECT medaudit._import_idle('national_2_secondary_procedure')}),
		qr/of 3\d\d rows have no max_price/, 'and says so');
	is( value(
			q{SELECT string_agg(DISTINCT facility_ranks::text, ' ' ORDER BY facility_ranks::text)
			  FROM medaudit.charge_rule WHERE rule_code = 'national_5_drug_facility_level'}),
		'{2,3} {3}', 'levels are classes');
	# What every row says that is judged otherwise: how many names, and one.
	is( value(
			q{SELECT string_agg(concat_ws(' ', substr(rule_code, 10), differs, names, example), E'\n'
				ORDER BY rule_code COLLATE "C", differs COLLATE "C")
			  FROM (SELECT rule_code, substring(note, ' \\(((?:文字|值为).*)\\)$') AS differs,
					count(DISTINCT split_part(note, ':', 1)) AS names, min(split_part(note, ':', 1) COLLATE "C") AS example
				FROM medaudit.charge_rule
				WHERE rule_code LIKE 'national%' AND certainty = 'suspicion' GROUP BY 1, 2) AS d}),
		$differences,
		'where text and value differ the rule is a suspicion with a note');
	is( value(
			q{SELECT count(*) FROM medaudit.charge_rule
			  WHERE rule_code LIKE 'national%' AND certainty IS NULL AND note ~ '\\((文字|值为)'}),
		0, 'and no row with a note is more');
	is( value(
			q{SELECT DISTINCT scope || ' ' || max_days FROM medaudit.charge_rule
			  WHERE rule_code = 'national_6_drug_course' AND note LIKE '帕妥珠单抗%'}),
		'span 365', 'twelve months are a span');
}

done_testing();
