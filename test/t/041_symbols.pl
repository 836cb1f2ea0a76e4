# What the library shows of itself, and what it calls: a neighbour that is loaded
# before it and has functions of the same names changes no answer.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $compiler = $ENV{CC} // 'cc';
plan skip_all => 'no C compiler' if system("$compiler --version >/dev/null 2>&1") != 0;

sub lines_of
{
	my (@command) = @_;
	my ($out, $err) = run_command(\@command);

	return split /\n/, $out;
}

my $node = new_node('symbols');
my $path = (split /:/, $node->safe_psql('postgres', 'SHOW dynamic_library_path'))[0];
my $library = "$path/medaudit.so";

# Seen from outside: what SQL calls, and what the server looks for in a module
my %sql = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', q{
	SELECT p.prosrc FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
	WHERE l.lanname = 'c' AND p.probin LIKE '%medaudit'});
my @seen = map { (split)[2] } grep { /\s[A-Z]\s/ } lines_of('nm', '-D', '--defined-only', $library);
cmp_ok(scalar @seen, '>', 100, 'the library shows something');
is(join(' ', grep { !$sql{ s/^pg_finfo_//r } && $_ ne 'Pg_magic_func' && $_ ne '_PG_init' } @seen), '',
	'and nothing but what SQL calls');
my %seen = map { $_ => 1 } @seen;
is(join(' ', grep { !$seen{$_} } sort keys %sql), '', 'which is all there');

# Called inside: our own
my %inside = map { $_ => 1 } grep { /^[a-z]\w+$/ && !/^pg_/ } map { (split)[2] }
  grep { /\s[Tt]\s/ } lines_of('nm', '--defined-only', $library);
delete @inside{qw(deregister_tm_clones register_tm_clones frame_dummy)};
ok($inside{$_}, "$_ is a function of the library") foreach qw(record gather ledger_open rulebook_match);
cmp_ok(scalar keys %inside, '>', 300, 'as are many more');

my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/neighbour.c", join "\n", '#include "postgres.h"', '#include "fmgr.h"',
	'#pragma GCC visibility push(default)', '#pragma GCC diagnostic ignored "-Wmissing-prototypes"', 'PG_MODULE_MAGIC;',
	(map { "#undef $_\nvoid $_(void); void $_(void) { elog(FATAL, \"a neighbour's $_\"); }" } sort keys %inside), '');
chomp(my $headers = `pg_config --includedir-server`);
$node->command_ok([ $compiler, '-shared', '-fPIC', '-w', '-fno-builtin', "-I$headers", '-o', "$folder/neighbour.so",
		"$folder/neighbour.c" ], 'a neighbour with the same names');

my $answers = q{
	SET search_path = medaudit, public;
	CREATE TEMP TABLE book AS SELECT ledger(CASE i % 3 WHEN 0 THEN 'a' ELSE 'B' || i % 4 END, 1 + i % 2, 10 + i, timestamp '2025-03-01' + i * interval '3 hours', 'l' || i, NULL, 'v' || i % 3, NULL) AS book,
		stays('v' || i, 'p' || i % 5, 'f' || i % 2, timestamp '2025-03-01' + i * interval '1 day', timestamp '2025-03-03' + i * interval '1 day', 'J18', 100, NULL) AS stays
		FROM generate_series(1, 60) AS i;
	SELECT md5(string_agg(f::text, '' ORDER BY f::text)), count(*) FROM book, audit_charges(book, '{}'::jsonb, '[
		{"rule_code":"d","kind":"duplicate","item_code":"%","scope":"3 days"},{"rule_code":"q","kind":"quantity","item_code":"%","scope":"day","max_quantity":2},{"rule_code":"x","kind":"exclusive","item_code":"A","other_code":"B1","scope":"day"},
		{"rule_code":"s","kind":"secondary","item_code":"%","item_group":"g","scope":"day","ratio":0.5},{"rule_code":"k","kind":"package","package_code":"P","component_code":"A","package_price":5},{"rule_code":"k","kind":"package","package_code":"P","component_code":"B1","package_price":5}]'::rulebook) AS f;
	SELECT md5(book::text || stays::text || compile_rules()::text), net_amount(book), encode(fee_signature(book), 'hex') FROM book;
	SELECT (SELECT md5(string_agg(s::text, '' ORDER BY s::text)) FROM split_stays(stays) AS s), (SELECT md5(string_agg(c::text, '' ORDER BY c::text)) FROM companions(stays) AS c),
		(SELECT md5(string_agg(c::text, '' ORDER BY c::text)) FROM same_household_admissions(stays) AS c) FROM book;
	SELECT household_key('江苏省苏州市姑苏区干将东路1号2幢301室'), name_pinyin('张三'), normalize_text('（ＣＴ）平掃'), item_name_similarity('头孢克肟片', '头孢克肟胶囊'), times_per_day('一日三次'), resident_id_valid('11010519491231002X'), code_fold('ａ1')};
my $alone = $node->safe_psql('postgres', $answers);
cmp_ok(length($alone), '>', 300, 'answers without the neighbour');
is($node->safe_psql('postgres', "LOAD '$folder/neighbour.so'; $answers"), $alone, 'the same with it loaded before');
$node->append_conf('postgresql.conf', "shared_preload_libraries = '$folder/neighbour.so'");
$node->restart;
is($node->safe_psql('postgres', $answers), $alone, 'and with it preloaded');

done_testing();
