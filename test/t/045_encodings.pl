# Databases that are not in UTF-8: books of charges and stays work, text
# functions refuse clearly with 0A000.
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

foreach my $encoding (qw(SQL_ASCII LATIN1))
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
}

# The comments are Chinese in UTF-8, which such a database finds out at once.
$node->safe_psql('postgres', "CREATE DATABASE euc_cn
	ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0");
is(error_of($node, 'CREATE EXTENSION medaudit', 'euc_cn'),
	'22021', 'EUC_CN: refused when created');

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

# Bytes above 127 stay what they are where the database does not look at them.
is( $node->safe_psql('latin1', "SELECT item_code = chr(233) || 'x' FROM
		(SELECT medaudit.ledger(chr(233) || 'x', 1, 1, '2025-01-01') AS book) b,
		medaudit.lines(book::text::medaudit.ledger)"),
	't', 'LATIN1: a code with an accent')
  if function_exists_in('latin1', 'ledger');

sub function_exists_in
{
	my ($database, $name) = @_;

	return $node->safe_psql($database, "SELECT count(*) FROM pg_proc
		WHERE proname = '$name'") ne '0';
}

done_testing();
