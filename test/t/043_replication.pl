# Books in tables that are replicated row by row: with a key, and without one, where the
# subscriber finds the row that changed by comparing all its columns.  A publication of all
# tables, as one for reporting has it, stops neither runs nor decisions, and brings findings.
use strict;
use warnings;

use Kept;
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

# With a key: books that did not change are not sent, and stay.
my $keyed = 'CREATE TABLE keyed (visit_id text PRIMARY KEY, note text, charges medaudit.ledger, visits medaudit.stays, rules medaudit.rulebook)';
my $all_keyed = 'SELECT visit_id, note, charges::text, visits::text, rules::text FROM keyed ORDER BY visit_id';

$publisher->safe_psql('postgres', "$keyed;
	ALTER TABLE keyed ALTER charges SET STORAGE EXTERNAL;
	CREATE PUBLICATION keyed FOR TABLE keyed");
$subscriber->safe_psql('postgres', "$keyed;
	CREATE SUBSCRIPTION keyed CONNECTION '" . $publisher->connstr . " dbname=postgres' PUBLICATION keyed");
$subscriber->wait_for_subscription_sync($publisher, 'keyed');
$publisher->safe_psql('postgres', q{
	INSERT INTO keyed
	SELECT 'V' || n, 'first', medaudit.ledger(md5(i::text), n, n, timestamp '2025-01-01' + i * interval '7 minutes'),
		medaudit.stays('v' || i, 'p' || i % 5, 'f', timestamp '2025-01-01' + i * interval '1 day', NULL, NULL, n), '[]'
	FROM generate_series(1, 6) n, generate_series(1, (n ^ 4)::int) i GROUP BY n;
	UPDATE keyed SET note = 'second';
	UPDATE keyed SET visit_id = 'W' || visit_id WHERE visit_id > 'V4';
	UPDATE keyed SET charges = charges OPERATOR(medaudit.||) charges WHERE visit_id < 'V3';
	DELETE FROM keyed WHERE visit_id = 'V3'});
$publisher->wait_for_catchup('keyed');
is($subscriber->safe_psql('postgres', $all_keyed), $publisher->safe_psql('postgres', $all_keyed), 'by a key too, large books that stay as they were as well');
is($subscriber->safe_psql('postgres', q{SELECT count(*), count(*) FILTER (WHERE note = 'second'), sum(medaudit.line_count(charges)) FROM keyed}),
	'5|5|2211', 'as they should be');

# All tables, medaudit's own with them: each UPDATE needs something to know its row by.
$publisher->safe_psql('postgres', 'DROP PUBLICATION books, keyed; CREATE PUBLICATION everything FOR ALL TABLES');
make_kept($publisher);
$publisher->safe_psql('postgres', q{
	CREATE TABLE warehouse.change AS SELECT visit_id, admitted_at + interval '1 month' AS changed_at FROM warehouse.stay;
	CALL medaudit.bind('change', 'warehouse.change');
	CALL medaudit.create_book_store(4);
	CALL medaudit.refresh_books();
	CALL medaudit.run_audit('2025-03-01', '2025-05-01');
	CALL medaudit.refresh_books(full_check => true)});
is($publisher->safe_psql('postgres', q{SELECT count(*) FROM medaudit.run_step WHERE state = 'failed'}), '0', 'runs go on where all tables are published');
is($publisher->safe_psql('postgres', q{
	SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.oid::regclass::text) FROM pg_class AS c
	WHERE c.relnamespace IN ('medaudit'::regnamespace, to_regnamespace('medaudit_data')) AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
		AND (SELECT count(*) FROM pg_index AS i WHERE i.indrelid = c.oid AND (i.indisprimary AND c.relreplident = 'd' OR i.indisreplident)) = 0
		AND c.relreplident <> 'f'}), '', 'each table has what knows its rows');

# A table of medaudit's own, into a server that only reports
my $findings = 'SELECT finding_id, rule_code, visit_id, evidence_text, gross_amount FROM medaudit.finding ORDER BY finding_id';
$subscriber->safe_psql('postgres', "DROP SUBSCRIPTION books; DROP SUBSCRIPTION keyed");
$publisher->safe_psql('postgres', 'CREATE PUBLICATION findings FOR TABLE medaudit.finding');
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION findings CONNECTION '" . $publisher->connstr . " dbname=postgres' PUBLICATION findings");
$subscriber->wait_for_subscription_sync($publisher, 'findings');
like($subscriber->safe_psql('postgres', 'SELECT count(*) FROM medaudit.finding'), qr/^[1-9]/, 'findings arrive');
is($subscriber->safe_psql('postgres', $findings), $publisher->safe_psql('postgres', $findings), 'as they are');

done_testing();
