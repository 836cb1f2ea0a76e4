# Books in tables that are replicated row by row without a key: the subscriber
# finds the row that changed by comparing all its columns.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $publisher = new_node('publisher', conf => "wal_level = logical\nmax_wal_senders = 5\nmax_replication_slots = 5");
my $subscriber = new_node('subscriber');
my $table = 'CREATE TABLE book (charges medaudit.ledger, visits medaudit.stays, rules medaudit.rulebook)';
my $content = 'SELECT charges::text, visits::text, rules::text FROM book ORDER BY 1, 2, 3';

# Large ones go out of line, some compressed.
$publisher->safe_psql('postgres', "$table;
	ALTER TABLE book REPLICA IDENTITY FULL;
	INSERT INTO book
	SELECT medaudit.ledger('A' || i, n, n, timestamp '2025-01-01' + i * interval '7 minutes'),
		medaudit.stays('v' || i, 'p' || i % 5, 'f', timestamp '2025-01-01' + i * interval '1 day', NULL, NULL, n),
		jsonb_agg(jsonb_build_object('rule_code', 'r', 'kind', 'price', 'item_code', 'A' || i, 'max_price', n))::medaudit.rulebook
	FROM generate_series(1, 5) n, generate_series(1, 1 + (n ^ 4)::int) i GROUP BY n;
	INSERT INTO book VALUES (NULL, NULL, NULL);
	CREATE PUBLICATION books FOR TABLE book");
$subscriber->safe_psql('postgres', "$table;
	CREATE SUBSCRIPTION books CONNECTION '" . $publisher->connstr . " dbname=postgres' PUBLICATION books");
$subscriber->wait_for_subscription_sync($publisher, 'books');
is($subscriber->safe_psql('postgres', $content), $publisher->safe_psql('postgres', $content), 'books arrive');

$publisher->safe_psql('postgres', "
	UPDATE book SET charges = charges OPERATOR(medaudit.||) charges WHERE medaudit.line_count(charges) > 50;
	UPDATE book SET rules = '[]' WHERE charges IS NULL;
	DELETE FROM book WHERE medaudit.stay_count(visits) < 10");
$publisher->wait_for_catchup('books');
is($subscriber->safe_psql('postgres', $content), $publisher->safe_psql('postgres', $content),
	'and what changes or goes is found by its books');
is($subscriber->safe_psql('postgres', 'SELECT count(*), sum(medaudit.line_count(charges)) FROM book'),
	'5|1947', 'as it should be');

done_testing();
