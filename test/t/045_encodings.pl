# Databases that are not in UTF-8: what is Chinese in medaudit is converted, or
# where it cannot be CREATE EXTENSION says so; books and rules work, text functions
# refuse clearly with 0A000.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('encodings', bare => 1);

# What needs ICU and so UTF-8.
my %text_calls = (
	normalize_text => q{normalize_text('ABC')},
	name_key => q{name_key('ABC')},
	name_pinyin => q{name_pinyin('ABC')},
	item_name_similarity => q{item_name_similarity('a', 'b')},
	household_key => q{household_key('abc')},
	parse_address => q{parse_address('abc')},
	resident_id_normalize => q{resident_id_normalize('11010519491231002x')},
	readable_resident_id => q{readable_resident_id('11010519491231002x')},
	readable_phone => q{readable_phone('13800138000')},
	mask_address => q{mask_address('abc')},
);

foreach my $encoding (qw(SQL_ASCII EUC_CN))
{
	my $database = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $database
		ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	is(error_of($node, 'CREATE EXTENSION medaudit', $database),
		'', "$encoding: created");
	check_books($database, $encoding);
	foreach my $name (sort keys %text_calls)
	{
		next if $node->safe_psql($database, "SELECT count(*) FROM pg_proc
			WHERE proname = '$name'") eq '0';
		is(error_of($node, "SELECT medaudit.$text_calls{$name}", $database),
			'0A000', "$encoding: $name refuses");
	}
	is($node->safe_psql($database, q{INSERT INTO medaudit.run (from_date, to_date, state) VALUES ('2026-01-01', '2026-02-01', 'done');
		SELECT medaudit.report() ~ '</html>$'; DELETE FROM medaudit.run}), 't', "$encoding: a report is made");
}

# Encodings without these signs are refused at once, and named.
foreach my $encoding (qw(LATIN1 EUC_JIS_2004 EUC_KR))
{
	my $database = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $database
		ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	my ($code, $out, $err) = $node->psql($database, 'CREATE EXTENSION medaudit');
	like($err, qr/in encoding "UTF8" has no equivalent in encoding "$encoding"/, "$encoding: refused when created");
	is(error_of($node, 'CREATE EXTENSION medaudit', $database), '22P05', "$encoding: with its code");
}

# EUC_CN: Chinese is stored in its bytes, and reads right from a client in UTF-8.
sub ask_chinese
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';

	return $node->safe_psql('euc_cn', shift);
}

is(ask_chinese(q{SELECT name_zh, encode(name_zh::bytea, 'hex') = encode(convert_to(name_zh, 'EUC_CN'), 'hex'), octet_length(name_zh) < 2 * char_length(name_zh) + 1,
		obj_description('medaudit.rule'::regclass, 'pg_class')
	FROM medaudit.rule WHERE rule_code = 'starter_per_bed_day'}),
	'按日计价项目数量超过住院天数|t|t|规则: what a rule is; its knowledge rows stand in charge_rule and package', 'EUC_CN: names and comments');
is(ask_chinese(q{SELECT item_code, (book::text::medaudit.ledger)::text = book::text, book::text
	FROM (SELECT medaudit.ledger('床位费', 1, 2.5, '2025-01-01') AS book) AS b, medaudit.lines(book)}),
	'床位费|t|{"v":1,"items":{"床位费":[["2025-01-01T00:00:00",1,2.5]]}}', 'EUC_CN: a ledger of Chinese codes');
is(ask_chinese(q{SELECT medaudit.code_fold('床a1 '), medaudit.mask_name('张三'), medaudit.label_zh('violation'), medaudit.article_zh('A38(3)')}),
	'床A1|张*|明确违规|条例第三十八条第三项', 'EUC_CN: what needs no Unicode');
ask_chinese(q{
	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.visit AS
	SELECT 'V' || i AS visit_id, 'P' || i AS person_id, '市一院' AS facility_id, timestamp '2026-03-01 09:00' AS admitted_at,
		timestamp '2026-03-05 09:00' AS discharged_at, '21' AS visit_type
	FROM generate_series(1, 2) AS i;
	CREATE TABLE warehouse.charge AS
	SELECT 'V' || i AS visit_id, 'L' || i || l AS line_id, '护a' AS item_code, '护理费' AS item_name, 1 AS quantity, 10 AS amount,
		timestamp '2026-03-02 10:00' AS charged_at
	FROM generate_series(1, 2) AS i, generate_series(1, i) AS l;
	CALL medaudit.bind('visit', 'warehouse.visit');
	CALL medaudit.bind('charge', 'warehouse.charge');
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'duplicate', '同日重复');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('mine', '护A', 'day')});
ask_chinese(q{CALL medaudit.run_audit('2026-03-01', '2026-04-01')});
like(ask_chinese('SELECT rule_name, facility_id, visit_id, gross_amount, evidence_text FROM medaudit.finding'),
	qr/^同日重复\|市一院\|V2\|10\.00\|就诊号V2，2026年3月2日10:00收取护理费（护A）数量1计10\.00元：与.*，为同日重复收费，超出金额10\.00元[^\n]*$/,
	'EUC_CN: a run finds and says what it should');

sub check_books
{
	my ($database, $encoding) = @_;
	my ($exists) = $node->safe_psql($database, "SELECT to_regtype('medaudit.ledger')
		IS NOT NULL, to_regtype('medaudit.stays') IS NOT NULL");

	is( $node->safe_psql($database, "SELECT medaudit.net_amount(book),
			(SELECT string_agg(item_code, ',') FROM medaudit.lines(book)),
			book::text::medaudit.ledger::text = book::text
			FROM (SELECT medaudit.ledger(code, 1, 2.5, '2025-01-01') AS book
			FROM (VALUES ('b'), ('a\"')) v (code)) b"),
		'5.00|a",b|t', "$encoding: a ledger out and in")
	  if $exists =~ /^t/;
	is( $node->safe_psql($database, "SELECT count(*) FROM
			(SELECT medaudit.stays('v' || i, 'p', 'f', timestamp '2025-01-01'
				+ i * interval '10 days', timestamp '2025-01-05'
				+ i * interval '10 days', 'J18', 100) AS book
			FROM generate_series(1, 3) i) b, medaudit.stay_rows(book)"),
		'3', "$encoding: stays")
	  if $exists =~ /t$/;
}

done_testing();
