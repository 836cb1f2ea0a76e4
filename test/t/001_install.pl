# The extension installs, drops and installs again, and says its version.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('install');

is( $node->safe_psql('postgres',
		"SELECT medaudit.version() = extversion
		 FROM pg_extension WHERE extname = 'medaudit'"),
	't', 'the library has the version of the extension');

$node->safe_psql('postgres',
	'DROP EXTENSION medaudit; DROP SCHEMA IF EXISTS medaudit;
	 CREATE EXTENSION medaudit');
is( $node->safe_psql('postgres', 'SELECT count(*) FROM pg_extension
	 WHERE extname = \'medaudit\''),
	'1', 'dropped and created again');

# What stands in the schema belongs to the extension and explains itself.
# The term ends at the first colon; Chinese takes more bytes than characters.
is( $node->safe_psql('postgres', q{
	SELECT string_agg(name, ', ')
	FROM (SELECT p.oid::regprocedure::text AS name,
			coalesce(split_part(obj_description(p.oid, 'pg_proc'), ':', 1), '')
				AS term
		FROM pg_proc p WHERE p.pronamespace = 'medaudit'::regnamespace) f
	WHERE octet_length(term) = char_length(term)}),
	'', 'every function has a comment that begins with its Chinese term');
is( $node->safe_psql('postgres', q{
	SELECT string_agg(c.oid::regclass || coalesce('.' || a.attname, ''), ', ')
	FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid
		AND a.attnum > 0 AND NOT a.attisdropped
	WHERE c.relnamespace = 'medaudit'::regnamespace
	AND c.relkind IN ('r', 'v', 'm')
	AND (obj_description(c.oid, 'pg_class') IS NULL
		OR col_description(c.oid, a.attnum) IS NULL)}),
	'', 'every table, view and column has a comment');
is( $node->safe_psql('postgres', q{
	SELECT string_agg(p.oid::regprocedure::text, ', ')
	FROM pg_proc p
	WHERE p.pronamespace = 'medaudit'::regnamespace AND p.prosecdef}),
	'', 'no SECURITY DEFINER');

done_testing();
