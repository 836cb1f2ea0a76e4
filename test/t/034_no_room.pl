# There is no room: a run, a refresh of books and one of indicators on a disk that is full
# of data, of temporary files or of WAL, and beyond temp_file_limit.  What is said names
# the reason, nothing that stands is lost, and with room again it ends as undisturbed.
#
# MEDAUDIT_SMALL_DISK names a folder on a file system of its own of 100 to 1000 MB, which
# test/run makes as root where it may mount one.  Else writes are told that there is no
# room by a library that stands between the server and the system (full_disk.c).
use strict;
use warnings;

use Cwd qw(abs_path);
use Faults;
use FindBin;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $small = $ENV{MEDAUDIT_SMALL_DISK};
my $folder = PostgreSQL::Test::Utils::tempdir();
my $full = "$folder/full";
my $library = "$folder/full_disk.so";

unless ($small)
{
	plan skip_all => 'neither a small file system nor a C compiler'
	  if system('cc', '-shared', '-fPIC', '-O2', '-o', $library, __FILE__ =~ s{[^/]*$}{lib/full_disk.c}r, '-ldl') != 0;
	$ENV{MEDAUDIT_FULL_DISK} = $full;
}
my $place = abs_path($small // $folder);
mkdir "$place/data" or die $!;

# With the library only servers are started.
sub with_library
{
	my ($start) = @_;

	local $ENV{LD_PRELOAD} = $small ? '' : $library;
	return $start->();
}

my $node = with_library(sub {
	return fault_node('no_room', initdb => [ "--waldir=$place/wal", '--wal-segsize=1' ], conf => "restart_after_crash = on\nmax_wal_size = 8MB\nmin_wal_size = 2MB",
		with => sub {
			$_[0]->safe_psql('postgres', 'CALL medaudit.create_book_store(2)');
			$_[0]->safe_psql('template1', "CREATE TABLESPACE small LOCATION '$place/data'");
		});
});

# No more room for files whose path holds WHAT; on a disk of its own for none.
sub fill
{
	my ($what) = @_;

	if ($small)
	{
		open my $ballast, '>', "$small/ballast" or die $!;
		1 while syswrite $ballast, 'x' x 65536;
		1 while syswrite $ballast, 'x' x 512;
		close $ballast;
	}
	append_to_file("$full.new", $what);
	rename "$full.new", $full or die $!;
	return;
}

# A server that cannot write its WAL goes down, and does not come up before it can.
sub make_room
{
	unlink $full;
	unlink "$small/ballast" if $small;
	for (my $tries = 0; system('pg_isready', '-q', '-h', $node->host, '-p', $node->port) != 0; $tries++)
	{
		die 'the server does not come up' if $tries > 1000;
		unless (kill 0, $node->{_pid})
		{
			$node->{_pid} = undef;
			with_library(sub { $node->start });
		}
		usleep(100_000);
	}
	return;
}

my $says = qr/No space left on device/;
my $crashes = qr/server closed the connection|connection to server was lost|terminating connection|could not connect|Connection refused|No such file/;

# ------------------------------------------------------------------------ a run

foreach my $case ([ 'of data', 'charges running', '/PG_', $says ], [ 'of data', 's_companions running', '/PG_', $says ],
	[ 'of temporary files', 'charges running', 'pgsql_tmp', $says ], [ 'of WAL', 'charges running', '/wal/', $crashes ])
{
	my ($of, $at, $what, $expected) = @$case;

	# any disk of its own is full of all at once
	next if $small && $of ne 'of data';
	copy_of($node, 'filled', ' TABLESPACE small');
	my $session = stopped_at($node, 'filled', $at, $run, q{SET client_min_messages = warning}, q{SET work_mem = '64kB'}, q{SET temp_tablespaces = small});
	fill($what);
	# that is a write, too, and may be the one that brings the server down
	$node->psql('filled', 'DELETE FROM stop.place');
	my $said = said_by($session);
	like($said, $small ? qr/$says|$crashes/ : $expected, "a disk full $of at $at: that is said");
	make_room();
	like(steps_of($node, 'filled'), qr/^(failed|interrupted): /, 'the run has failed, or was interrupted');
	is($node->safe_psql('filled', q{SELECT string_agg(error, ' ') FROM medaudit.run_step WHERE state = 'failed' AND error !~ '^53100: .*No space left'}), '', 'and a step that failed says why');
	is(differences($node, 'peace', 'filled', 'findings', 'lines'), '', 'all that was found stands');
	is(quiet_call($node, 'filled', $resume), '', 'with room again it is resumed');
	is(steps_of($node, 'filled'), 'done: 10 done', 'and done');
	is_as_in_peace($node, 'peace', 'filled', "a disk full $of at $at");
	drop_copy($node, 'filled');
}

# -------------------------------------------------------------- temp_file_limit

copy_of($node, 'limited');
# or the refresh before the run would be the first to meet it
$node->safe_psql('limited', 'DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change, medaudit_data.person_key,
	medaudit_data.kept_stay, medaudit_data.due_person');
my $said = said_by(begin_call($node, 'limited', $run, q{SET client_min_messages = warning}, q{SET temp_file_limit = '128kB'}, q{SET work_mem = '64kB'}));
like($said, qr/ERROR: .*(temporary file size exceeds temp_file_limit|run 2 failed in \d+ of 10 steps)/, 'a run beyond temp_file_limit says so');
is($node->safe_psql('limited', q{SELECT string_agg(error, ' ') FROM medaudit.run_step WHERE state = 'failed' AND error !~ '^53400: temporary file size exceeds'}), '',
	'and a step that failed says why');
is(differences($node, 'peace', 'limited', 'findings', 'lines'), '', 'all that was found stands');
is(quiet_call($node, 'limited', $resume), '', 'with more it is resumed');
is_as_in_peace($node, 'peace', 'limited', 'temp_file_limit');

# ------------------------------------------------------------------- a refresh

$node->safe_psql('postgres', $lives);
foreach my $call (sort keys %refresh)
{
	copy_of($node, 'changed');
	copy_of($node, 'filled', ' TABLESPACE small');
	my $before = $node->safe_psql('filled', $refresh{$call});
	is(quiet_call($node, 'changed', $call), '', "$call with room");
	fill('/PG_');
	like(quiet_call($node, 'filled', $call), $small ? qr/$says|$crashes/ : qr/ERROR:  could not extend file .*$says/, "$call without");
	make_room();
	is($node->safe_psql('filled', $refresh{$call}), $before, 'leaves nothing') if $call =~ /indicators/;
	is(quiet_call($node, 'filled', $call), '', 'called again');
	is($node->safe_psql('filled', $refresh{$call}), $node->safe_psql('changed', $refresh{$call}), 'it leaves what it leaves with room');
	drop_copy($node, $_) foreach 'changed', 'filled';
}

done_testing();
