# Large books: a visit of two million lines is gathered, stored and read; one
# of more than five million is refused with 54000, in one piece or merged.
# Netting hundreds of thousands of refunds of one visit and item, whatever they
# name.  What thousands of small books take when they are rolled up, and what
# one takes that is made to unfold.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('large', conf => "work_mem = '64MB'");
my %parallel = (
	max_parallel_workers_per_gather => 2,
	parallel_setup_cost => 0,
	parallel_tuple_cost => 0);

plan skip_all => 'no ledger yet' unless function_exists($node, 'ledger');

sub gathered
{
	my ($from, $to) = @_;

	return "SELECT medaudit.ledger('item' || i % 1000, 1 + i % 3, (1 + i % 3) * 2.5,
			timestamp '2025-01-01' + i % 8640 * interval '10 seconds') AS book
		FROM generate_series($from, $to) i";
}

$node->safe_psql('postgres',
	'CREATE TABLE book AS ' . gathered(1, 2_000_000));
is( $node->safe_psql('postgres', 'SELECT medaudit.line_count(book),
		medaudit.item_count(book), medaudit.net_amount(book) FROM book'),
	'2000000|1000|10000002.50', 'two million lines in one visit');
is( $node->safe_psql('postgres', 'SELECT count(*), sum(quantity), sum(amount)
		FROM book, medaudit.lines(book)'),
	'2000000|4000001|10000002.50', 'and read line by line');
cmp_ok( $node->safe_psql('postgres', 'SELECT pg_column_size(book) FROM book'),
	'<', 2_000_000 * 18, 'in at most 18 bytes a line');

$node->safe_psql('postgres', 'CREATE TABLE line AS
	SELECT i FROM generate_series(1, 500000) i; ANALYZE line');
my $call = "md5(medaudit.ledger('item' || i % 1000, 1, 1,
	timestamp '2025-01-01' + i * interval '1 second')::text)";
is( answer_under($node, \%parallel, "SELECT $call FROM line"),
	answer_under($node, { max_parallel_workers_per_gather => 0 },
		"SELECT $call FROM line"), 'one large group, parallel = serial');

is( error_of($node, 'SELECT medaudit.line_count(book) FROM ('
		. gathered(1, 5_000_001) . ') b'),
	'54000', 'more than five million lines');
is( error_of($node, 'SELECT medaudit.line_count(medaudit.rollup(book))
		FROM book, generate_series(1, 3)'),
	'54000', 'more than five million lines by rollup');
is( error_of($node, 'SELECT medaudit.line_count(
		book OPERATOR(medaudit.||) book OPERATOR(medaudit.||) book) FROM book'),
	'54000', 'more than five million lines by ||');
is( $node->safe_psql('postgres', 'SELECT medaudit.line_count(book) FROM ('
		. gathered(1, 5_000_000) . ') b'), '5000000', 'five million lines');

# 320,000 lines of one visit and item, half of them refunds.  Where each refund
# looks at the charges one by one this takes minutes, otherwise a second or two.
sub netted
{
	my ($refund, $id, $named) = @_;

	return $node->safe_psql('postgres', "SET statement_timeout = '30s';
		SELECT status, count(*), sum(quantity), sum(amount)
		FROM (SELECT medaudit.ledger('A', q, a, timestamp '2025-01-01' + i * interval '1 minute',
				$id, $named, NULL, NULL) AS book
			FROM (SELECT i, 1 AS q, 10 AS a FROM generate_series(1, 160000) i
				UNION ALL SELECT i, $refund FROM generate_series(160001, 320000) i) l) b,
			medaudit.lines(book)
		GROUP BY status ORDER BY status");
}

my $zero = "cancelled|160000|0|0.00\nrefund|160000|0|0.00";
is(netted('-1, -10', "'0'", "'0'"), $zero, 'every line and every reference is 0');
is(netted('-1, -10', 'NULL', "'0'"), $zero, 'references to nothing');
is(netted('-1, -9.5', 'NULL', 'NULL'), "cancelled|160000|0|80000.00\nrefund|160000|0|0.00",
	'no unit price agrees');
is(netted('0, -10.01', 'NULL', 'NULL'), "kept|160000|160000|1600000.00\norphan|160000|0|-1601600.00",
	'no charge suffices for any refund of money');
is(netted('0, -10.01', "'0'", "'0'"), "kept|160000|160000|1600000.00\norphan|160000|0|-1601600.00",
	'nor does the line that they all name');
is(netted('0, -4', "'0'", "'0'"), "kept|80000|80000|800000.00\nreduced|80000|80000|160000.00\nrefund|160000|0|0.00",
	'refunds of money take from the line that they all name');
is(netted('0, -7', 'NULL', 'NULL'), "reduced|160000|160000|480000.00\nrefund|160000|0|0.00",
	'each refund of money finds its charge');

# Kilobytes that a fresh backend takes at most for QUERY.
sub peak_memory
{
	my ($query) = @_;
	my $answer = $node->safe_psql('postgres', "$query; SELECT substring(
		pg_read_file('/proc/' || pg_backend_pid() || '/status'), 'VmHWM:\\s+(\\d+)')");

	return (split /\n/, $answer)[-1];
}

# The bytes of a ledger of COUNT lines whose ids share LENGTH bytes.
sub crafted
{
	my ($count, $length) = @_;
	my $varint = sub {
		my ($n) = @_;
		my $packed = '';
		for (; $n >= 0x80; $n >>= 7) { $packed .= chr($n & 0x7F | 0x80) }
		return $packed . chr($n);
	};
	my $bytes = pack('CC', 1, 2) . $varint->($count) . pack('C*', 0, 5, 4, 4, 0)
	  . pack('C*', 1, 0, 1) . 'A' . $varint->($count);
	foreach my $i (0 .. $count - 1)
	{
		my $id = pack('n', 0x6161 + 256 * ($i % 20) + $i / 20 % 20);
		$bytes .= pack('C*', $i > 0, 2, 2);
		$bytes .= $i == 0
		  ? $varint->(1) . $varint->($length + 2) . 'x' x $length . $id
		  : $varint->($length + 1) . $varint->(2) . $id;
	}
	return $bytes;
}

my $file = PostgreSQL::Test::Utils::tempdir() . '/crafted';
sub send_in
{
	my ($bytes) = @_;

	open my $out, '>:raw', $file or die $!;
	print $out "PGCOPY\n\xFF\r\n\0", pack('NN n N', 0, 0, 1, length $bytes), $bytes, pack('n', 0xFFFF);
	close $out;
	return error_of($node, "COPY crafted FROM '$file' (FORMAT binary)");
}

$node->safe_psql('postgres', 'CREATE TABLE crafted (book medaudit.ledger)');
is(send_in(crafted(25_000, 9_000)), '22P03', 'lines that share more of an id than is ever left out');
is(send_in(crafted(25_000, 127)), '', 'lines that share as much as may be left out');
is( $node->safe_psql('postgres', 'SELECT medaudit.line_count(book), medaudit.net_amount(book),
		book::text::medaudit.ledger::text = book::text FROM crafted'),
	'25000|25000.00|t', 'are a book');

SKIP:
{
	skip 'no /proc to read the memory of a backend from', 4
	  unless -r "/proc/$$/status";
	$node->safe_psql('postgres', "
		CREATE TABLE visit AS
		SELECT medaudit.ledger('item' || i % 50, 1, 10, timestamp '2025-01-01',
				'line' || i || '-' || k, NULL, 'visit' || i, NULL) AS book,
			medaudit.stays('visit' || i || '-' || k, 'person' || i, 'facility' || i % 9,
				timestamp '2025-01-01', timestamp '2025-01-05', 'I10', 100) AS stays
		FROM generate_series(1, 50000) i, generate_series(1, 3) k GROUP BY i;
		VACUUM ANALYZE visit");
	my $little = peak_memory('SELECT count(*) FROM visit');
	cmp_ok(peak_memory('SELECT medaudit.line_count(medaudit.rollup(book)) FROM visit') - $little,
		'<', 150_000 * 0.6, 'rolling up ledgers of three lines takes less than 600 bytes a line');
	cmp_ok(peak_memory('SELECT medaudit.stay_count(medaudit.rollup(stays)) FROM visit') - $little,
		'<', 150_000 * 0.9, 'rolling up three stays of each person takes less than 900 bytes a stay');
	# a warehouse partitioned by month; as an array its persons would be copied for each month
	$node->safe_psql('postgres', "
		CREATE TABLE by_month (visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp) PARTITION BY RANGE (admitted_at);
		DO \$\$ BEGIN FOR m IN 0 .. 23 LOOP
			EXECUTE format('CREATE TABLE by_month_%s PARTITION OF by_month FOR VALUES FROM (%L) TO (%L)', m,
				date '2024-01-01' + m * interval '1 month', date '2024-01-01' + (m + 1) * interval '1 month');
		END LOOP; END \$\$;
		INSERT INTO by_month SELECT 'v' || i, 'person' || i, 'H', date '2024-01-01' + i % 730, date '2024-01-01' + i % 730 FROM generate_series(1, 2000) i;
		CREATE TABLE asked AS SELECT 'person' || i AS person_id FROM generate_series(1001, 101000) i;
		VACUUM ANALYZE by_month, asked;
		CALL medaudit.bind('visit', 'by_month')");
	cmp_ok(peak_memory("SELECT count(*) FROM medaudit._standing_visits(NULL, 'asked')") - $little,
		'<', 50_000, 'visits of 100,000 persons in 24 partitions are found in less than 50 MB');
	my $size = $node->safe_psql('postgres', 'SELECT octet_length(medaudit.ledger_send(book)) FROM crafted');
	cmp_ok((peak_memory('SELECT medaudit.net_amount(book) FROM crafted') - $little) * 1024,
		'<', $size * 64, 'netting takes no more than 64 bytes for each byte of a book');
}

done_testing();
