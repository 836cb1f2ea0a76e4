# META.json is as PGXN wants it (its Meta Spec 1.0.0), agrees with the control file,
# the changelog and the Debian package, and PGXN's client installs by it what
# "make install" installs.
use strict;
use warnings;

use File::Find qw(find);
use JSON::PP qw(decode_json);
use PostgreSQL::Test::Utils;
use Test::More;

my $project = $ENV{MEDAUDIT_PROJECT} // '.';
my $meta = decode_json(slurp_file("$project/META.json"));
my $number = qr/(?:0|[1-9][0-9]*)/;
my $version = qr/^$number\.$number\.$number(?:-?[A-Za-z][-0-9A-Za-z]*)?$/;
my $term = qr{^[^\s/\\\x00-\x1f\x7f]{2,}$};

is(join(', ', grep { !defined $meta->{$_} } qw(abstract license maintainer meta-spec name provides version)), '', 'every key that must be there is');
is(join(', ', grep { !/^x_/i && !/^(?:abstract|license|maintainer|meta-spec|name|provides|version|description|generated_by|tags|no_index|prereqs|release_status|resources)$/ } keys %$meta),
	'', 'and none that is unknown');
like($meta->{name}, $term, 'the name is a term');
like($meta->{version}, $version, 'the version is a semantic one');
is($meta->{'meta-spec'}{version}, '1.0.0', 'the version of the specification');
like($meta->{license}, qr/^(?:agpl_3|apache_[12]_[01]|artistic_[12]|bsd|freebsd|gfdl_1_[23]|gpl_[123]|lgpl_2_1|lgpl_3_0|mit|mozilla_1_[01]|open_source|openssl|perl_5|postgresql|qpl_1_0|ssleay|sun|zlib|restricted|unrestricted|unknown)$/,
	'the licence is one that PGXN knows');
is(join(', ', grep { ref || !length || length > 255 } @{ $meta->{tags} }), '', 'tags are texts');
foreach my $name (sort keys %{ $meta->{provides} })
{
	my $extension = $meta->{provides}{$name};

	like($name, $term, "$name: its name is a term");
	like($extension->{version}, $version, "$name: its version");
	ok(-e "$project/$extension->{$_}", "$name: $_ $extension->{$_} is there") foreach grep { exists $extension->{$_} } qw(file docfile);
	ok(-e "$project/$name.control", "$name: it has a control file");
}
foreach my $phase (values %{ $meta->{prereqs} })
{
	my %wanted = map { %$_ } values %$phase;

	is(join(', ', grep { $wanted{$_} !~ $version && $wanted{$_} ne '0' } sort keys %wanted), '', 'versions of what it needs');
}

# One version everywhere.
my ($control) = slurp_file("$project/medaudit.control") =~ /^default_version = '(.*)'/m;
is($meta->{version}, $control, 'META.json has the version of the control file');
is($meta->{provides}{medaudit}{version}, $control, 'and so for the extension');
like(slurp_file("$project/CHANGELOG.md"), qr/^## \Q$control\E \(\d{4}-\d\d-\d\d\)$/m, 'the changelog tells of it, as released on a day');
like(slurp_file("$project/debian/changelog"), qr/\Amedaudit \(\Q$control\E-\d+\) /, 'the Debian package is of it');
is(slurp_file("$project/debian/control"), join('', map { s/PGVERSION/15/gr } slurp_file("$project/debian/control.in")), 'debian/control is made of control.in');

SKIP:
{
	skip 'pgxnclient is not installed', 2 if system('sh', '-c', 'command -v pgxn >/dev/null') != 0;
	my $source = PostgreSQL::Test::Utils::tempdir();
	my $stage = PostgreSQL::Test::Utils::tempdir();

	chmod 0755, $stage;
	system_or_bail('cp', '-R', "$project/.", $source);
	chomp(my $config = `sh -c 'command -v pg_config'`);
	{
		local $ENV{DESTDIR} = $stage;
		local $ENV{MAKEFLAGS} = '-j2 with_llvm=no';
		# env is a sudo that changes nothing: not to root, nor a folder of the system
		command_ok([ 'pgxn', 'install', '--sudo', 'env', "--pg_config=$config", "$source/" ], 'the client installs it');
	}
	my @files;
	find(sub { push @files, $File::Find::name =~ s/^\Q$stage\E//r if -f }, $stage);
	chomp(my ($pkglibdir, $sharedir) = map { scalar `pg_config --$_` } qw(pkglibdir sharedir));
	my %there = map { $_ => 1 } @files;
	is(join(', ', grep { !$there{$_} } "$pkglibdir/medaudit.so", map { "$sharedir/extension/$_" } 'medaudit.control', "medaudit--$control.sql"),
		'', 'the library, its control file and its script are there');
}

done_testing();
