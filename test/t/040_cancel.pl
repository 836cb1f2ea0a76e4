# Whatever takes a book or gathers rows can be cancelled: it ends within a second, at
# whatever it is, and the session goes on.  What there is to try stands in the catalogue:
# a function that is added and not called here fails the test.
#
# Books of 60,000 entries; MEDAUDIT_CANCEL_ENTRIES=5000000 for the largest that there are,
# which takes an hour and 4 GB; MEDAUDIT_CALLS_OF='stays|lines' for calls that have that.
use strict;
use warnings;

use Calls;
use IPC::Run;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

my $entries = $ENV{MEDAUDIT_CANCEL_ENTRIES} // 60_000;
my @moment = (0.35, 0.75);
my $node = new_node('cancel', conf => "work_mem = '64MB'");

plan skip_all => 'no /proc to read the time of a backend from' unless -r "/proc/$$/stat";
put_books($node, $entries);
my @calls = book_calls($entries);
are_all_there($node, @calls);

# Makes QUERY, cancels it AFTER seconds (undef: never), and says whether it was, what else went
# wrong, how long it took, and for how long its backend went on computing after the cancel:
# seconds of its own, for a machine may have much to do besides.
sub cancelled
{
	my ($query, $after) = @_;
	my ($out, $err) = ('', '');
	my $script = PostgreSQL::Test::Utils::tempdir() . '/script.sql';
	my $busy = sub { my @field = split / /, $_[0] =~ s/.*\) //r; return ($field[11] + $field[12]) / 100 };

	append_to_file($script, "\\set VERBOSITY sqlstate\nSET statement_timeout = '20s';\nSELECT 'pid ' || pg_backend_pid();\n$query;\nSELECT 'stat ' || pg_read_file('/proc/self/stat');\n");
	my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-f', $script ], '<', \undef, '>', \$out, '2>', \$err);
	$session->pump until $out =~ /pid (\d+)\n/;
	my ($pid, $started, $before) = ($1, time, 0);

	if ($after)
	{
		usleep($after * 1e6);
		# it may have ended
		$before = -r "/proc/$pid/stat" ? $busy->(slurp_file("/proc/$pid/stat")) : 1e9;
		kill 'INT', $pid;
	}
	$session->finish;
	my ($wrong) = $err =~ /ERROR:\s+(\w{5})/;
	return ($wrong // '', time - $started, $busy->($out =~ /stat (.*)/) - $before);
}

my ($slowest, $slowest_is, $cancelled) = (0, '', 0);
my $which = $ENV{MEDAUDIT_CALLS_OF} // '.';
foreach my $call (grep { $_->{call} =~ /$which/ } @calls)
{
	my $query = query_of($call, $entries);
	my $name = substr $call->{call} =~ s/\s+/ /gr, 0, 90;
	my ($wrong, $takes) = cancelled($query);
	my @late;

	# beyond what a value may hold is an answer, too
	like($wrong, qr/^(57014|54000|)$/, sprintf '%s ends, or is told to, after %.2f s', $name, $takes);
	foreach my $after ($takes < 0.15 ? () : map { $_ * $takes } @moment)
	{
		my ($end, undef, $late) = cancelled($query, $after);

		$cancelled++ if $end eq '57014';
		push @late, sprintf '%.2f s after a cancel at %.2f s', $late, $after if $late >= 1;
		($slowest, $slowest_is) = ($late, $name) if $late > $slowest;
	}
	is(join(', ', @late), '', 'and ends within a second of a cancel') unless $takes < 0.15;
}
note(sprintf '%d cancels; the slowest took %.2f s: %s', $cancelled, $slowest, $slowest_is);
cmp_ok($cancelled, '>', 5, 'some were in the midst of it');
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server stands');

done_testing();
