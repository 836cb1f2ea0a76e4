# What the pages show works when pasted.  README's queries run on a database
# that has nothing, and its first worklist holds what an auditor would send;
# every block of SQL of doc/ runs on a database with README's small warehouse,
# and where a comment behind a SELECT, or a table below it, tells the answer,
# that is the answer.  Blocks that are not meant to run are not marked as sql.
use strict;
use warnings;

use Encode qw(decode_utf8);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $project = $ENV{MEDAUDIT_PROJECT} // '.';
plan skip_all => 'the pages are not there' unless -r "$project/README.md";

my $node = new_node('pages', bare => 1);
my $folder = PostgreSQL::Test::Utils::tempdir();
my ($blocks, $told) = (0, 0);

# [text, table below it] of each block of SQL of a page.
sub sql_blocks
{
	my ($page) = @_;
	my @found;

	while ($page =~ /^```sql\n(.*?)^```\n\s*((?:^\|[^\n]*\n)*)/msg)
	{
		push @found, [ $1, $2 ];
	}
	return @found;
}

# [statement, comment behind it] of a block: a statement ends with its line.
sub statements
{
	my ($block) = @_;
	my (@found, $open);

	foreach my $line (split /\n/, $block)
	{
		if (!defined $open && $line =~ /^\s*--\s?(.*)/)
		{
			$found[-1][1] .= "$1\n" if @found;
			next;
		}
		$open .= "$line\n";
		if ($line =~ /^\\/ || $line =~ /;\s*(?:--\s*(.*))?$/)
		{
			push @found, [ $open, defined $1 ? "$1\n" : '' ];
			undef $open;
		}
	}
	push @found, [ $open, '' ] if defined $open && $open =~ /\S/;
	return @found;
}

# Rows as they compare: cells without blanks around, NULL as nothing.
sub rows_of
{
	my ($text) = @_;
	my @rows = map { join '|', map { s/^\s+|\s+$|`//gr =~ s/^\(null\)$//r } split /\|/, $_, -1 }
	  grep { /\S/ } split /\n/, $text;

	return join "\n", @rows;
}

sub table_rows
{
	my @lines = grep { !/^\|[-|: ]+\|$/ } split /\n/, $_[0];

	return rows_of(join "\n", map { s/^\||\|$//gr } @lines);
}

# Runs a script from $folder; what it printed, or undef and the error told.
sub run_script
{
	my ($database, $script, @option) = @_;
	my ($out, $err) = ('', '');
	my $file = "$folder/script.sql";

	open my $handle, '>', $file or die;
	print $handle $script;
	close $handle;
	my $fine = IPC::Run::run([ 'psql', '-XAq', '-v', 'ON_ERROR_STOP=1', @option,
			'-d', $node->connstr($database), '-f', $file ], '>', \$out, '2>', \$err);
	diag("$script$err") unless $fine;
	return $fine ? $out : undef;
}

sub page_text
{
	return slurp_file("$project/$_[0]");
}

# The roles that README makes, in both languages, and those of the pages.
my @role = page_text('README.md') =~ /'CREATE ROLE (\w+)'/g;
is_deeply([ page_text('README.zh.md') =~ /'CREATE ROLE (\w+)'/g ], \@role, 'both pages make the same roles');
$node->safe_psql('postgres', join ';', map { "CREATE ROLE $_" } @role, qw(auditor binder rule_keeper));
# national.md copies a published file from where psql stands.
append_to_file("$folder/b7_exclusive_pairs.csv",
	"序号,频度,主项名称,主项编码,从项名称,从项编码,备注\n"
	. "1,单日,急诊监护费,001103000010000,急诊诊查费,001102000030000,含监护\n");
chdir $folder or die;

# The grants that a page names are enough for what it promises.
my $readers = q{
		SET ROLE bi_readers;
		SELECT count(*) FROM medaudit.worklist_masked;
		SELECT count(*) FROM medaudit.findings_masked;
		RESET ROLE;};
my $analysts = q{
		SET ROLE analysts;
		} . join("\n", map { "SELECT count(*) FROM medaudit.$_;" }
	  qw(worklist findings finding_lines findings_by_rule findings_by_facility findings_by_person
	  findings_by_physician finding_shares national_findings data_quality code_coverage run_progress run_rulebook)) . q{
		SELECT count(*) FROM medaudit.run_changes(1, 1);
		SELECT count(*) FROM medaudit.insufficient_lines(1);
		SELECT count(*) FROM medaudit.sources();
		RESET ROLE;};
my %work = (
	audit => q{
		GRANT USAGE ON SCHEMA dw TO auditor;
		GRANT SELECT ON ALL TABLES IN SCHEMA dw TO auditor;
		SET ROLE auditor;
		CALL medaudit.run_audit('2025-03-01', '2025-04-01');
		SELECT count(*) FROM medaudit.data_quality;
	},
	findings => "$readers$analysts" . q{
		SET ROLE auditor;
		SELECT medaudit.set_finding_states(ARRAY(SELECT finding_id FROM medaudit.findings WHERE state = 'open'), 'reviewed');
	},
	sources => q{
		CREATE TABLE dw.item_b (item_code text, name text);
		GRANT USAGE ON SCHEMA dw TO binder;
		GRANT SELECT ON dw.item_b TO binder;
		SET ROLE binder;
		CALL medaudit.bind('item', 'dw.item_b');
		CALL medaudit.bind('item', 'dw.item_b', '{"name": null}');
		SELECT count(*) FROM medaudit_data.item;
	},
	rules => q{
		SET ROLE rule_keeper;
		INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('own', 'price', 'x'), ('own_set', 'package', 'x');
		INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price) VALUES ('own', 'A', 1);
		INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price) VALUES ('own_set', 'A', 'B', 1);
		UPDATE medaudit.charge_rule SET max_price = 2 WHERE rule_code = 'own';
		SELECT medaudit.set_rule('split_stays', enabled => false);
		INSERT INTO medaudit.stay_tag (tag, diagnosis_prefix) VALUES ('own', 'Z99');
		INSERT INTO medaudit.calendar (day, working) VALUES ('2031-01-01', false);
		INSERT INTO medaudit.visit_class (visit_type, class) VALUES ('99', 'stay');
		CREATE TEMPORARY TABLE cap (项目编码 text, 项目名称 text, 限制数量 text, 数量单位 text);
		INSERT INTO cap VALUES ('001102000010000', '普通门诊诊查费', '1', '次');
		SELECT medaudit.import_rules('daily_caps', 'cap', check_codes => false);
		DELETE FROM medaudit.rule WHERE rule_code IN ('own', 'own_set');
	});

sub work_as
{
	my ($page) = @_;

	return unless defined $work{$page};
	ok(defined run_script('page', $work{$page}), "doc/$page.md: its grants are enough");
}

# ------------------------------------------------------------------ README

# What the small warehouse does wrong, and nothing else.
my $worklist = <<'END' =~ s/\n\z//r;
bed_price|violation|V1|1|50.00|50.00
starter_per_bed_day|violation|V1|3|48.00|48.00
starter_hours|violation|V2|2|12.00|12.00
starter_resettled|suspicion|V4|1|200.00|180.00
starter_outside_stay|suspicion|V5|2|24.00|24.00
END

foreach my $name ('README.md', 'README.zh.md')
{
	my $database = lc($name) =~ s/\W/_/gr;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	my $script = join "\n", map { $_->[0] } sql_blocks(page_text($name));
	my $out = run_script($database, $script, '-v', 'VERBOSITY=terse', '-F', ' | ');
	ok(defined $out, "$name: every query works when pasted");
	is( $node->safe_psql($database, q{SELECT rule_code, certainty, visit_id, line_id, gross_amount, claimed_amount
			FROM medaudit.worklist ORDER BY rank}),
		$worklist, "$name: the worklist holds what was done wrong, and nothing else");
	ok(defined run_script($database, "$readers$analysts"), "$name: its grants are enough");
	is( $node->safe_psql($database, q{SELECT count(*) FROM medaudit.worklist WHERE evidence_text IS NULL}),
		0, "$name: each with its sentence");
	is( $node->safe_psql($database, q{SELECT string_agg(rule_code, ', ') FROM medaudit.rule WHERE source IS NULL AND enabled}),
		'', "$name: each rule that was asked says where it comes from");
}

# What a page says is not there yet is not, so that the list grows shorter in time.
foreach my $name ('README.md', 'README.zh.md')
{
	my ($list) = page_text($name) =~ /^## (?:Not yet|尚未实现)\n(.*?)^## /ms;
	my @name = $list =~ /^\|[^|]*\| (`.*`) \|$/mg;
	my $names = join ', ', map { s/`/'/gr } @name;

	cmp_ok(scalar(() = $names =~ /\w+/g), '>', 20, "$name: names of what is not yet there");
	is( $node->safe_psql('readme_md', "SELECT string_agg(p.proname, ', ') FROM pg_proc AS p
			WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname IN ($names)"),
		'', "$name: and none of them is");
}

# --------------------------------------------------------------------- doc

# A database that has the extension and README's warehouse, audited, and a
# register of its people.
$node->safe_psql('postgres', 'CREATE DATABASE pages TEMPLATE readme_md');
$node->safe_psql('pages', q{
	DELETE FROM medaudit.rule WHERE NOT shipped;
	CREATE TABLE dw.psn_info_b (person_id text, name text, sex text, address text, region text, phone text);
	INSERT INTO dw.psn_info_b VALUES ('P1', '张三', '1', '佳灵路5号3栋501室', '510107', '13800000001');
	CALL medaudit.bind('person', 'dw.psn_info_b')});

foreach my $path (glob "$project/doc/*.md")
{
	my ($name) = $path =~ m{([^/]+)\.md$};
	my @of_page = sql_blocks(page_text("doc/$name.md")) or next;
	my @wrong;

	$node->safe_psql('postgres', "CREATE DATABASE page TEMPLATE pages");
	$node->safe_psql('page', 'ALTER DATABASE page SET search_path = public, medaudit');
	# what a page grants, and to whom
	my $granted = join '', grep { /^GRANT/m } map { $_->[0] } @of_page;
	foreach my $block (@of_page)
	{
		my ($text, $table) = @$block;
		my @statements = statements($text);
		$blocks++;
		foreach my $statement (@statements)
		{
			my ($sql, $answer) = @$statement;
			my $out = run_script('page', $sql, '-P', 'footer=off', '-F', '|');
			if (!defined $out)
			{
				push @wrong, "fails: $sql";
				last;
			}
			my ($head, $rows) = split /\n/, $out, 2;
			if ($sql =~ /^\s*SELECT/ && $answer ne '')
			{
				$told++;
				push @wrong, "$sql gives\n$rows, not\n$answer"
				  if rows_of($rows) ne rows_of($answer);
			}
			elsif ($statement == $statements[-1] && $table ne ''
				&& (split /\n/, table_rows($table))[0] eq rows_of($head))
			{
				$told++;
				push @wrong, "$sql gives\n$out, not\n$table"
				  if rows_of($out) ne table_rows($table);
			}
		}
	}
	is(join("\n", @wrong), '', "doc/$name.md: its SQL runs and gives what it says");
	work_as($name) if $granted ne '';
	$node->safe_psql('postgres', 'DROP DATABASE page');
}
cmp_ok($blocks, '>', 30, 'blocks of SQL were run');
note("$blocks blocks, $told answers");
cmp_ok($told, '>', 20, 'and many tell their answer');

done_testing();
