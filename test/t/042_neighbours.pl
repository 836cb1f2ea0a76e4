# What medaudit hands to the executor, seen by a library that stands beside it:
# extensions such as a distributed engine's copy and read the parameters of
# every query that they are given.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $folder = PostgreSQL::Test::Utils::tempdir();
my $headers = `pg_config --includedir-server`;
chomp $headers;
plan skip_all => 'no compiler and no headers of the server'
  unless -r "$headers/postgres.h" && system('gcc --version >/dev/null 2>&1') == 0;

open my $source, '>', "$folder/neighbour.c" or die $!;
print $source <<'C';
#include "postgres.h"
#include "executor/executor.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static ExecutorStart_hook_type next_hook;
static long queries;

static void
look_at_parameters(QueryDesc *query, int flags)
{
	queries++;
	if (query->params != NULL && query->params->numParams == 0)
		elog(ERROR, "a list of no parameters");
	if (next_hook)
		next_hook(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

PG_FUNCTION_INFO_V1(queries_seen);

Datum
queries_seen(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(queries);
}

void
_PG_init(void)
{
	next_hook = ExecutorStart_hook;
	ExecutorStart_hook = look_at_parameters;
}
C
close $source;
system_or_bail('gcc', '-shared', '-fPIC', "-I$headers", "$folder/neighbour.c", '-o', "$folder/neighbour.so");

my $node = new_node('neighbours');
my $loaded = "LOAD '$folder/neighbour.so';";

$node->safe_psql('postgres', "CREATE FUNCTION queries_seen() RETURNS bigint
	AS '$folder/neighbour.so' LANGUAGE C");
my %calls = (
	'enabled rules' => 'medaudit.compile_rules()',
	'named rules' => "medaudit.compile_rules('starter_price', 'starter_package')",
	'no rules' => "medaudit.compile_rules(VARIADIC '{}')");
foreach my $what (sort keys %calls)
{
	is( $node->safe_psql('postgres', "$loaded SELECT medaudit.rule_count($calls{$what})"),
		$node->safe_psql('postgres', "SELECT medaudit.rule_count($calls{$what})"),
		"$what are read without a list of no parameters");
}
cmp_ok( $node->safe_psql('postgres', "$loaded SELECT medaudit.rule_count(medaudit.compile_rules()) > 0 AND queries_seen() > 3"),
	'eq', 't', 'and the neighbour saw the queries');

done_testing();
