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
1_drug_child_limit 文字另有年龄，按儿童判断 6 孟鲁司特钠口溶膜
4_drug_visit_type 文字另许急诊、抢救 1 安宫牛黄丸
5_drug_facility_level 文字仅限首次处方 3 利司那肽注射液
5_drug_facility_level 文字另许二级及以上眼科专科医院 6 地塞米松玻璃体内植入剂
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
	skip 'no rule files', 21 unless $pairs;
	ok(script('generate', persons => 1500), 'a small county');
	ok(script('planted', instances => 6), 'planted');
	ok(script('tour'), 'audited with the starter rules');
	(my $folder = $pairs) =~ s{/[^/]*$}{};
	ok(script('national_rules', rules => $folder), 'and with the national files');
	# Rows and points of each sheet: of batches 9 to 17 those that the authority counts.
	is( value(
			q{SELECT string_agg(concat_ws(' ', regexp_replace(sheet, '^nhsa\\.|_.*$', '', 'g'), points || '/' || rows), ', ' ORDER BY place, points)
			  FROM (SELECT sheet, points, rows, substring(sheet, 'b([0-9]+)_')::int AS place FROM medaudit.national_import
				WHERE sheet ~ 'b(9|1[0-7])_') AS b}),
		'b9 110/601, b10 22/232, b11 37/37, b11 116/116, b12 57/633, b13 66/1296, b14 43/1008, b15 34/455, b16 82/715, b17 228/957',
		'batches 9 to 17 have the points and codes that were published')
	  if -r "$folder/b17_codes.csv";
	is( value(
			q{SELECT sum(rows) || ' ' || sum(refused) FROM medaudit.national_import WHERE sheet ~ 'b[1-8]_'}),
		'15620 2', 'every row of the first eight was read, and two are none');
	is( value(
			q{SELECT string_agg(sheet, ', ') FROM medaudit.national_import WHERE rows <> imported + standing + refused OR rule_code IS NULL}),
		'', 'every row came in, stood or was told, and every sheet is known');
	is( value(
			q{SELECT sum(rows) || ' ' || sum(imported) || ' ' || sum(replaced) FROM medaudit.national_import WHERE sheet ~ 'u2026'}),
		'7696 519 186', 'the revision has what is new, and replaces what has other words or another rule')
	  if -r "$folder/u2026_01_codes.csv";
	is( value(
			q{WITH drug AS (SELECT coalesce(o.layout, c.rule_code) AS list, c.item_code, coalesce(c.valid, '(,)') AS valid, c.charge_rule_id
				FROM medaudit.charge_rule AS c LEFT JOIN medaudit.import_layout AS l ON l.rule_code = c.rule_code
				LEFT JOIN medaudit.import_layout_rule AS o ON o.rule_code = c.rule_code OR o.layout = l.layout WHERE c.rule_code ~ '^national_[1-6]_drug')
			  SELECT count(*) FROM drug AS a JOIN drug AS b USING (list, item_code) WHERE a.charge_rule_id < b.charge_rule_id AND a.valid && b.valid}),
		0, 'no two rows of a drug hold on one day');
	is( value(
			q{SELECT string_agg(concat_ws(' ', rule_code, rows, imported, replaced), ', ' ORDER BY rule_code COLLATE "C") FROM medaudit.national_import
			  WHERE sheet ~ 'u2026' AND layout IN ('drug_child', 'drug_insurance')}),
		'national_1_drug_child 2057 78 7, national_1_drug_child_limit 37 37 20, national_3_drug_insurance 94 94 84, national_3_drug_maternity 30 30 27',
		'each row of the revision is of its own rule')
	  if -r "$folder/u2026_01_codes.csv";
	my $stands = q{SELECT md5(string_agg(c::text, '' ORDER BY charge_rule_id)) FROM medaudit.charge_rule AS c};
	my $stood = value($stands);
	$node->safe_psql('postgres', q{CALL medaudit.import_national('nhsa')});
	is(value($stands), $stood, 'taken in again nothing changes');
	is(value('SELECT sum(imported) FROM medaudit.national_import'), 0, 'and nothing comes in');
	# Whichever comes first: what holds on the days before and after it.
	if (-r "$folder/u2026_01_codes.csv")
	{
		my $holds = q{SELECT md5(string_agg(concat_ws(' ', d, c.rule_code, c.item_code, c.scope, c.max_days, c.max_age, c.facility_ranks, c.visit_types, c.insurance_types),
					E'\n' ORDER BY d, c.rule_code, c.item_code)) || ' ' || count(*)
				FROM medaudit.charge_rule AS c, unnest('{2026-01-27,2026-01-28}'::date[]) AS d
				WHERE c.rule_code ~ '^national_[1-6]_drug' AND c.rule_code <> 'national_1_drug_sex' AND coalesce(c.valid @> d, true)};
		my %names = (
			drug_child => 'b1_drug_age', drug_insurance => 'b3_drug_insurance', drug_visit_type => 'b4_drug_visit_type',
			drug_facility_level => 'b5_drug_facility_level', drug_course => 'b6_drug_course');
		my $import = join '', map { "SELECT medaudit.import_rules('$_', 'nhsa.u2026_01_codes', check_codes => false);\n" } sort keys %names;
		$import .= join '', map { "SELECT medaudit.import_rules('$_', 'nhsa.$names{$_}_names', 'nhsa.$names{$_}_codes', check_codes => false);\n" } sort keys %names;
		my @got = split /\n/, value("BEGIN; DELETE FROM medaudit.charge_rule WHERE rule_code ~ '^national_[1-6]_drug';\n$import$holds; ROLLBACK;");
		is($got[-1], value($holds), 'the revision before the batches says the same of each day');
	}
	cmp_ok(value(q{SELECT count(*) FROM medaudit.propose_indications() WHERE terms <> '{}'}), '>', 400, 'for most indications a term is known');
	is(value(q{SELECT string_agg(rule_code, ' ') FROM demo.tally WHERE rule_code LIKE 'national%' AND (found < planted OR wrongly_flagged > 0 OR planted = 0 OR near_misses = 0)}),
		'', 'each rule has its planted cases and near misses, all as they should be');
	is( value(
			q{SELECT count(*) FROM medaudit.charge_rule WHERE max_price IS NULL
			  AND rule_code = 'national_2_secondary_procedure'}),
		value(q{SELECT rows - (SELECT count(*) FROM medaudit.charge_rule JOIN yb.hilist_b ON hilist_code = item_code
				WHERE rule_code = 'national_2_secondary_procedure') FROM medaudit.national_import WHERE layout = 'secondary_procedure'}),
		'batch 2 has no prices but those that the county knows');
	like( value(q{SELECT medaudit._import_idle('national_2_secondary_procedure')}),
		qr/3\d\d of 3\d\d rows have no max_price/, 'and says so');
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
