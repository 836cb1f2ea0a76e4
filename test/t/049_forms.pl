# Values damaged at random, thousands of each form of each type, and of texts for every
# function of one text: refused by the SQLSTATE of the form, or read by everything that
# reads such a value, and the same again through text and through binary.
# test/fuzz/forms does the same by the million.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $compiler = $ENV{CC} // 'cc';
plan skip_all => 'no C compiler' if system("$compiler --version >/dev/null 2>&1") != 0;
my ($fuzz) = grep { -r "$_/forms.c" } ($FindBin::Bin . '/../test/fuzz', $FindBin::Bin . '/../fuzz');
plan skip_all => 'the fuzzer is not there' unless $fuzz;

my $rounds = $ENV{MEDAUDIT_FUZZ_FORMS} || 20000;
my $seed = $ENV{MEDAUDIT_FUZZ_SEED} || 1;
my $node = new_node('forms');
my $folder = PostgreSQL::Test::Utils::tempdir();
chomp(my $headers = `pg_config --includedir-server`);

$node->command_ok([ $compiler, '-shared', '-fPIC', '-O2', '-w', "-I$headers", '-o', "$folder/forms.so", "$fuzz/forms.c" ],
	'the fuzzer compiles');
$node->command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-d', $node->connstr('postgres'), '-v', 'ON_ERROR_STOP=1',
		'-v', "library=$folder/forms.so", '-f', "$fuzz/forms.sql" ], 'and has values to damage');

foreach my $what (split /\n/, $node->safe_psql('postgres', 'SELECT what FROM fuzz.target WHERE share = 1 ORDER BY what COLLATE "C"'))
{
	my $ended = $node->safe_psql('postgres', "SELECT o.outcome || ' ' || o.times || CASE WHEN o.outcome = 'read' THEN ''
			WHEN o.outcome ~ t.refused THEN ' refused' ELSE ' WRONG, as ' || left(encode(o.example, 'escape'), 500) END
		FROM fuzz.target AS t CROSS JOIN LATERAL fuzz.form(t.type, t.form, t.corpus, t.reading, $rounds, $seed) AS o
		WHERE t.what = '$what' ORDER BY o.times DESC");

	unlike($ended, qr/WRONG/, "$rounds of $what");
	like($ended, qr/^read /m, "$what: some can be read");
	like($ended, qr/ refused$/m, "$what: most are refused");
	note($ended);
}

# what a function of one text makes of anything is a value, or a refusal
is( $node->safe_psql('postgres', "SELECT t.what, o.outcome, left(encode(o.example, 'escape'), 500)
		FROM fuzz.target AS t CROSS JOIN LATERAL fuzz.form(t.type, t.form, t.corpus, t.reading, ceil($rounds * t.share)::bigint, $seed) AS o
		WHERE t.share < 1 AND o.outcome <> 'read' AND o.outcome !~ t.refused"),
	'', 'functions of one text');
cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM fuzz.target WHERE share < 1'), '>', 30, 'which are many');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server stands');

done_testing();
