# What the TAP files have in common: a server with the extension, and plans
# read as data.
package Medaudit;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(basename);
use File::Copy qw(copy);
use File::Path qw(make_path);
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT = qw(decided new_node staged_tree plan_nodes plan_has error_of answer_under
  function_exists material_file made_claims kill_backend);

# A running server with medaudit in database "postgres"; TEMP_CONFIG (set by
# test/run) tells it where the staged extension is.  initdb => [...]: to initdb.
sub new_node
{
	my ($name, %option) = @_;
	my $encoding = $option{encoding} // 'UTF8';
	my $locale = $option{locale} // 'C.UTF-8';
	my $node = PostgreSQL::Test::Cluster->new($name, $option{install_path} ? (install_path => $option{install_path}) : ());

	$node->init(extra => [ "--encoding=$encoding", "--locale=$locale", @{ $option{initdb} // [] } ]);
	$node->append_conf('postgresql.conf', "jit = off\nlog_statement = none");
	$node->append_conf('postgresql.conf', $option{conf}) if $option{conf};
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION medaudit')
	  unless $option{bare};
	return $node;
}

# A tree in which the server's programs are copies and medaudit is installed, for what
# looks beside the program alone: translations, and pg_upgrade. Its folder, and where things
# are: those of pg_config, "server" in the tree (an install_path), "stage" as test/run made it.
sub staged_tree
{
	my %place = map { my $what = $_; chomp(my $path = `pg_config --$what`); $what => $path } qw(bindir pkglibdir sharedir localedir);
	my $tree = PostgreSQL::Test::Utils::tempdir();

	($place{stage}) = slurp_file($ENV{TEMP_CONFIG}) =~ /^dynamic_library_path = '(.*?)\Q$place{pkglibdir}\E:/m;
	$place{server} = $tree . $place{bindir} =~ s{/bin$}{}r;
	make_path(map { $tree . $_ } $place{bindir}, $place{pkglibdir}, "$place{sharedir}/extension");
	foreach my $program (glob "$place{bindir}/*")
	{
		my $copy = "$tree$place{bindir}/" . basename($program);

		copy($program, $copy) or die "$program: $!";
		chmod 0755, $copy;
	}
	symlink $_, "$tree$_" foreach grep { !m{/extension$} } glob "$place{sharedir}/*";
	foreach my $folder ($place{pkglibdir}, "$place{sharedir}/extension")
	{
		symlink $_, "$tree$folder/" . basename($_) foreach map { glob "$_$folder/*" } $place{stage}, '';
	}
	return ($tree, %place);
}

# Kills a backend (kill -9) and waits until the server, which restarts, is there
# again: it says so in its log, while a session that asks may be too early or lost.
sub kill_backend
{
	my ($node, $pid) = @_;
	my $ready = sub { scalar(() = slurp_file($node->logfile) =~ /is ready to accept connections/g) };
	my $before = $ready->();
	my $tries = 0;

	kill 'KILL', $pid;
	while ($ready->() == $before)
	{
		die "the server did not come back" if $tries++ > 2400;
		usleep(50_000);
	}
}

# Statements by which two people give findings, those that a query names, one verdict.
sub decided
{
	my ($findings, $verdict) = @_;

	return "INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
		INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, actor)
		SELECT i, 'review', '$verdict', 'other', a FROM ($findings) AS f (i) CROSS JOIN unnest('{ann,ben}'::text[]) AS a ORDER BY i;";
}

# A warehouse of made-up claims in schema w, bound, and rules of all kinds over it.
sub made_claims
{
	my ($node) = @_;

	$node->safe_psql('postgres', slurp_file(__FILE__ =~ s{[^/]*$}{claims.sql}r));
}

# Runs QUERY under SETTINGS (a hash), gives psql's unaligned answer.
sub answer_under
{
	my ($node, $settings, $query) = @_;

	return $node->safe_psql('postgres', _set($settings) . $query);
}

# Every node of QUERY's plan under SETTINGS as a flat list of hashes; with
# ANALYZE as OPTION also what happened.
sub plan_nodes
{
	my ($node, $settings, $query, $option) = @_;
	my $options = join ', ', 'VERBOSE', 'FORMAT JSON', $option // ();
	my $json = $node->safe_psql('postgres',
		_set($settings) . "EXPLAIN ($options) $query");

	return _flatten(decode_json($json)->[0]{Plan});
}

# Is there a node of which all of WANTED (a hash) holds, strings as they are,
# patterns matched?
sub plan_has
{
	my ($nodes, %wanted) = @_;

	foreach my $plan (@$nodes)
	{
		return 1 unless grep { !_holds($plan->{$_}, $wanted{$_}) } keys %wanted;
	}
	return 0;
}

# SQLSTATE of what QUERY fails with, '' where it does not fail.
sub error_of
{
	my ($node, $query, $database) = @_;
	my ($code, $out, $err) = $node->psql($database // 'postgres',
		"\\set VERBOSITY sqlstate\n$query");

	return '' if $code == 0;
	return $err =~ /(?:ERROR|FATAL):\s+(\w{5})/ ? $1 : "no SQLSTATE in: $err";
}

# Does medaudit have a function of this name?
sub function_exists
{
	my ($node, $name) = @_;

	return $node->safe_psql('postgres',
		"SELECT count(*) > 0 FROM pg_proc WHERE proname = '$name'
		 AND pronamespace = 'medaudit'::regnamespace") eq 't';
}

# Path of a file of the real material, whose folder test/lib.sh names; undef
# where it is absent.
sub material_file
{
	my ($name) = @_;
	my $path = ($ENV{MEDAUDIT_MATERIAL} // '') . "/$name";

	return -r $path ? $path : undef;
}

sub _set
{
	my ($settings) = @_;

	return join '', map { "SET $_ = '$settings->{$_}';\n" }
	  sort keys %$settings;
}

sub _flatten
{
	my ($plan) = @_;

	return [ $plan, map { @{ _flatten($_) } } @{ $plan->{Plans} // [] } ];
}

sub _holds
{
	my ($value, $wanted) = @_;

	return 0 unless defined $value;
	$value = join "\n", @$value if ref $value eq 'ARRAY';
	return ref $wanted ? $value =~ $wanted : $value eq $wanted;
}

1;
