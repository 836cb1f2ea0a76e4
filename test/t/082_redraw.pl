# A published draw done again by a shell: demo/redraw has the frame and the seed,
# no database, and agrees; with a seed or a frame that is not the promised one it
# says so.
use strict;
use warnings;

use IPC::Run;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $project = $ENV{MEDAUDIT_PROJECT} // '.';
my $node = new_node('redraw');
my $folder = PostgreSQL::Test::Utils::tempdir();
my $seed = "a secret of '26 种子";

sub ask
{
	return $node->safe_psql('postgres', $_[0]);
}

# [exit code, what it printed, what it said]
sub redraw
{
	my ($out, $err) = ('', '');

	IPC::Run::run([ 'bash', "$project/demo/redraw", @_ ], '>', \$out, '2>', \$err);
	return [ $? >> 8, $out, $err ];
}

# units, weights and strata of 400 facilities, as SQL of i
my @draw = (
	{ name => 'alike', weight => '1', stratum => "'全部'", share => '0.05', minimum => 1 },
	{ name => 'alike, some left out', weight => '2.50', stratum => "'s' || i % 3", share => '0.07', minimum => 3, excluded => "CASE WHEN i % 10 = 4 THEN '停业整顿' END" },
	{ name => 'by weight', weight => '1 + i % 5', stratum => "CASE WHEN i % 4 = 0 THEN '三级' ELSE '一级' END", share => '0.1', minimum => 1, beacon => '07 11 19' },
	{ name => 'some certain', weight => 'power(10, i % 4)::numeric', stratum => "'s' || i % 2", share => '0.2', minimum => 1 },
	{ name => 'all of small strata', weight => '1.5 + i', stratum => "'s' || i / 3", share => '0.3', minimum => 5 });

foreach my $draw (@draw)
{
	my $excluded = $draw->{excluded} // 'NULL';
	my $beacon = $draw->{beacon};
	my $plan = ask("SELECT medaudit.open_draw('$draw->{name}', 'inspection', encode(sha256(convert_to(\$\$$seed\$\$, 'UTF8')), 'hex'),
		array_agg(($draw->{stratum})::text ORDER BY i), array_agg('机构' || i ORDER BY i), array_agg(($draw->{weight})::numeric ORDER BY i), array_agg(($excluded)::text ORDER BY i))
		FROM (SELECT generate_series(1, 400)) AS g (i)");
	my ($commitment, $digest) = split /\|/, ask("SELECT commitment, frame_digest FROM medaudit.inspection_plan WHERE plan_id = $plan");
	my $frame = "$folder/frame$plan.csv";

	ask("SELECT medaudit.draw_plan($plan, \$\$$seed\$\$, $draw->{share}, $draw->{minimum}" . (defined $beacon ? ", '$beacon'" : '') . ')');
	# published in any order
	append_to_file($frame, ask("SELECT concat_ws(',', unit_id, stratum, trim_scale(weight), excluded) FROM medaudit.plan_unit WHERE plan_id = $plan ORDER BY md5(unit_id)") . "\n");
	my @told = ('--seed', $seed, '--share', $draw->{share}, '--minimum', $draw->{minimum}, (defined $beacon ? ('--beacon', $beacon) : ()));
	my $drawn = ask("SELECT concat_ws(',', stratum, place, unit_id) FROM medaudit.plan_unit WHERE plan_id = $plan AND place IS NOT NULL ORDER BY stratum COLLATE \"C\", place");

	is_deeply(redraw(@told, '--commitment', $commitment, '--digest', $digest, $frame), [ 0, "$drawn\n", '' ], "$draw->{name}: the shell draws the same");
	is(ask("SELECT medaudit.check_draw($plan)"), 't', "$draw->{name}: as the database says");
	isnt(redraw('--seed', "$seed.", @told[ 2 .. $#told ], $frame)->[1], "$drawn\n", "$draw->{name}: another seed draws others") unless $draw->{minimum} == 5;
	like(redraw('--seed', "$seed.", @told[ 2 .. $#told ], '--commitment', $commitment, $frame)->[2], qr/not the seed that was promised/, "$draw->{name}: another seed is refused");
	append_to_file($frame, "机构401,全部,1\n");
	like(redraw(@told, '--digest', $digest, $frame)->[2], qr/not the frame that was published/, "$draw->{name}: another frame is refused");
}

done_testing();
