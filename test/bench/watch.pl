# One session of a server, watched: CPU, wall clock and private memory of what it
# asks, the parallel workers included.
#
#   perl test/bench/watch.pl DATA_DIRECTORY psql ... -f FILE
#
# FILE tells by \warn what it does, since psql writes that at once:
#
#   \warn @session PID      the backend's process
#   \warn @begin NAME       a measurement begins, or
#   \warn @end NAME         ends
#
# and may print rows "@step|NAME|STEP|FROM|UNTIL" with seconds since 1970 of steps
# within a measurement.  Printed are, on lines of "NAME WHAT VALUE":
#
#   NAME cpu, wall          in milliseconds
#   NAME peak               greatest private memory of one process, in kB
#   NAME together           the same of the backend and its workers at one time
#   NAME:STEP cpu, wall     of a step
#
# and what FILE prints besides, as it is.
#
# CPU is user and system time of the backend, of workers that live, and of what
# the postmaster has reaped, which is workers alone: processes that were there
# before the session (checkpointer, writers) are left out, and there must be no
# autovacuum and no other session.  It is read where a measurement begins and ends
# and every 50 ms between; at the bounds of steps it is interpolated.  The clock
# of processes ticks every 10 ms.
use strict;
use warnings;

use IO::Select;
use IPC::Open3;
use Symbol qw(gensym);
use Time::HiRes qw(time);

my ($data, @psql) = @ARGV;
my ($postmaster) = slurp("$data/postmaster.pid") =~ /^(\d+)/;
my $tick = 1000 / 100;
my (%before, $backend, %open, %trace, @printed);

sub slurp
{
	my ($file) = @_;

	open my $handle, '<', $file or return '';
	local $/;
	return <$handle> // '';
}

# Fields of /proc/PID/stat from the state on: the name of a process may have blanks.
sub stat_of
{
	my ($pid) = @_;

	return split / /, slurp("/proc/$pid/stat") =~ s/^.*\) //sr;
}

# Milliseconds of a process, and of those that it has reaped.
sub times_of
{
	my @field = stat_of($_[0]);

	return @field ? (($field[11] + $field[12]) * $tick, ($field[13] + $field[14]) * $tick) : (0, 0);
}

sub workers
{
	return grep { !$before{$_} && $_ != $backend }
	  split / /, slurp("/proc/$postmaster/task/$postmaster/children");
}

# A worker that is reaped while one reads would count twice, or not at all.
sub cpu
{
	my ($reaped, $again, $own) = (-1);

	while (1)
	{
		(undef, $again) = times_of($postmaster);
		return $reaped + $own if $again == $reaped;
		$reaped = $again;
		$own = 0;
		$own += (times_of($_))[0] foreach $backend, workers();
	}
}

# Private memory of the backend and each worker: the greatest, and all.
sub memory
{
	my ($greatest, $all) = (0, 0);

	foreach my $pid ($backend, workers())
	{
		my $kb = slurp("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m ? $1 : 0;

		$greatest = $kb if $kb > $greatest;
		$all += $kb;
	}
	return ($greatest, $all);
}

sub sample
{
	my @seen = (time, cpu(), memory());

	push @{ $trace{$_} }, \@seen foreach keys %open;
	return \@seen;
}

# CPU at a time, between the samples around it.
sub cpu_at
{
	my ($trace, $time) = @_;
	my $low = $trace->[0];

	foreach my $high (@$trace)
	{
		if ($high->[0] >= $time)
		{
			my $span = $high->[0] - $low->[0];
			return $low->[1] + ($span > 0 ? ($high->[1] - $low->[1]) * ($time - $low->[0]) / $span : 0);
		}
		$low = $high;
	}
	return $low->[1];
}

sub greatest
{
	my ($trace, $column) = @_;
	my $greatest = 0;

	foreach (@$trace)
	{
		$greatest = $_->[$column] if $_->[$column] > $greatest;
	}
	return $greatest;
}

sub told
{
	my ($name, $what, $value) = @_;

	printf "%s %s %.0f\n", $name, $what, $value;
}

sub hear
{
	my ($line) = @_;

	if ($line =~ /^\@session (\d+)/)
	{
		$backend = $1;
	}
	elsif ($line =~ /^\@begin (\S+)/)
	{
		$open{$1} = 1;
		$trace{$1} = [];
		sample();
	}
	elsif ($line =~ /^\@end (\S+)/)
	{
		my $trace = $trace{$1};

		sample();
		delete $open{$1};
		told($1, 'cpu', $trace->[-1][1] - $trace->[0][1]);
		told($1, 'wall', 1000 * ($trace->[-1][0] - $trace->[0][0]));
		told($1, 'peak', greatest($trace, 2));
		told($1, 'together', greatest($trace, 3));
	}
	else
	{
		print STDERR "$line\n";
	}
}

sub step
{
	my ($name, $step, $from, $until) = @_;

	told("$name:$step", 'cpu', cpu_at($trace{$name}, $until) - cpu_at($trace{$name}, $from));
	told("$name:$step", 'wall', 1000 * ($until - $from));
}

die "usage: watch.pl DATA_DIRECTORY psql ...\n" unless @psql;
die "$data has no server\n" unless $postmaster;
$before{$_} = 1 foreach split / /, slurp("/proc/$postmaster/task/$postmaster/children");

my $error = gensym;
my $pid = open3('<&STDIN', my $output, $error, @psql);
my $select = IO::Select->new($output, $error);
my %rest = ($output => '', $error => '');

while ($select->count)
{
	sample() if %open;
	foreach my $handle ($select->can_read(0.05))
	{
		if (!sysread $handle, $rest{$handle}, 65536, length $rest{$handle})
		{
			$select->remove($handle);
			next;
		}
		while ($rest{$handle} =~ s/^(.*)\n//)
		{
			$handle eq $error ? hear($1) : push @printed, $1;
		}
	}
}
waitpid $pid, 0;
my $status = $? >> 8;

foreach my $line (@printed)
{
	$line =~ /^\@step\|(.*)/ ? step(split /\|/, $1) : print "$line\n";
}
exit $status;
