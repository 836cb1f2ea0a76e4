# What a fund keeps in medaudit is there after pg_upgrade: bindings, rules, runs, findings,
# cases and the store of books answer as before, and the next run finds nothing anew.
# From this server to one of the same major, and from those that MEDAUDIT_OLD_SERVERS
# names, folders with bin/ in which medaudit is installed (test/majors --upgrade).
use strict;
use warnings;

use Kept;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

# The old cluster: fuller than what a dump of it has, for the store is copied too.
sub old_node
{
	my ($name, %option) = @_;
	my $node;

	if ($option{install_path})
	{
		# settings that say where the staged extension is are those of the new server
		delete local $ENV{TEMP_CONFIG};
		$node = new_node($name, %option);
	}
	else
	{
		$node = new_node($name);
	}
	make_kept($node);
	$node->safe_psql('postgres', q{
		CREATE TABLE warehouse.change AS SELECT visit_id, admitted_at + interval '1 month' AS changed_at FROM warehouse.stay;
		CALL medaudit.bind('change', 'warehouse.change');
		CALL medaudit.create_book_store(4);
		CALL medaudit.refresh_books();
		CALL medaudit.run_audit('2025-03-01', '2025-05-01');
	});
	return $node;
}

# pg_upgrade asks for libraries by the name that the catalogue has, not by the path of a stage.
my ($tree, %place) = staged_tree();

# A cluster for it without anything in it.  18 checksums pages unless told not to, and
# the old one has to be like it.
sub new_cluster
{
	my ($name, $old) = @_;
	my @checksums = $old->safe_psql('postgres', 'SHOW data_checksums') eq 'off' &&
	  `$place{bindir}/initdb --version` =~ /\) (\d+)/ && $1 >= 18 ? ('--no-data-checksums') : ();
	my $node = new_node($name, bare => 1, initdb => \@checksums, install_path => $place{server});

	$node->stop;
	return $node;
}

my $store = q{SELECT md5(string_agg(b::text, E'\n' ORDER BY b.visit_id)), count(*) FROM medaudit_data.visit_book AS b};
my $findings = q{SELECT count(*), max(finding_id) FROM medaudit.finding};

sub upgrade
{
	my ($what, $old) = @_;
	my $new = new_cluster("new_$what", $old);
	my %before = (
		tables => kept_tables($old),
		answer => kept_answer($old),
		worklist => worklist_of($old),
		store => $old->safe_psql('postgres', $store));
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my $bin = $new->config_data('--bindir');

	like($before{store}, qr/\|7$/, "$what: there is a store");
	$old->stop;
	chdir $folder or die;
	ok(run_log([ "$bin/pg_upgrade", '--no-sync', '-d', $old->data_dir, '-D', $new->data_dir,
			'-b', $old->config_data('--bindir'), '-B', $bin, '-s', $new->host, '-p', $old->port, '-P', $new->port ]),
		"$what: pg_upgrade")
	  or die join('', "$what: pg_upgrade failed\n", grep { /error/i } map { split /^/, slurp_file($_) }
		glob($new->data_dir . '/pg_upgrade_output.d/*/log/pg_upgrade_dump_*.log'));
	$new->start;
	is(kept_tables($new), $before{tables}, "$what: every row is there");
	is(kept_answer($new), $before{answer}, "$what: and answers as before");
	is(worklist_of($new), $before{worklist}, "$what: the worklist is as it was");
	is($new->safe_psql('postgres', $store), $before{store}, "$what: so are the stored books");
	goes_on($what, $new);
}

# A new month of work
sub goes_on
{
	my ($what, $node) = @_;
	my $before = $node->safe_psql('postgres', $findings);

	$node->safe_psql('postgres', q{CALL medaudit.run_audit('2025-03-01', '2025-05-01')});
	is($node->safe_psql('postgres', $findings), $before, "$what: a run finds nothing anew");
	is( $node->safe_psql('postgres', q{SELECT string_agg(error, '; ') FROM medaudit.run_step WHERE state = 'failed'}),
		'', "$what: and no step fails");
	$node->safe_psql('postgres', q{
		INSERT INTO warehouse.fee SELECT 'v6', 'A' || i, 1, 90, '2025-04-09 10:00', false FROM generate_series(1, 2) AS i;
		INSERT INTO warehouse.change VALUES ('v6', '2026-01-01');
		CALL medaudit.refresh_books()});
	is($node->safe_psql('postgres', q{SELECT changed, gathered FROM medaudit_data.book_state}), '1|1',
		"$what: the store takes in what changed");
	$node->safe_psql('postgres', q{CALL medaudit.run_audit('2025-03-01', '2025-05-01')});
	is($node->safe_psql('postgres', q{SELECT count(*) > 0 FROM medaudit.finding WHERE run_id = (SELECT max(run_id) FROM medaudit.run)}), 't',
		"$what: and a run finds what is new in it");
}

upgrade('same_major', old_node('same_major'));
foreach my $server (split ' ', $ENV{MEDAUDIT_OLD_SERVERS} // '')
{
	my $name = 'from_' . ($server =~ s{.*/}{}r);

	upgrade($name, old_node($name, install_path => $server));
}

done_testing();
