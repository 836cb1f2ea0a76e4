# What the pages show works when pasted.  README's queries run on a database
# that has nothing, and its first worklist holds what an auditor would send;
# every block of SQL of doc/ runs on a database with README's small warehouse,
# and where a comment behind a SELECT, or a table below it, tells the answer,
# that is the answer.  Blocks that are not meant to run are not marked as sql.
#
# The reference is whole: each function, procedure, aggregate and view that
# people call has a heading in doc/, with the arguments that it takes, and no
# heading names what is not there.  A heading reads
#
#	### name(argument type DEFAULT value, other type [, may be left out]) → type
#	### View name
#
# with types or, where the line would be too long, with a table of the
# arguments and their types below it; "a or b" stands for two forms, "…" at
# the end for the rest of the table.  A table of columns names the columns.
# Below it stands an example that is run.
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
		SELECT count(*) FROM medaudit.疑点清单_脱敏;
		SELECT count(*) FROM medaudit.疑点台账_脱敏;
		RESET ROLE;};
my $analysts = q{
		SET ROLE analysts;
		} . join("\n", map { "SELECT count(*) FROM medaudit.$_;" }
	  qw(worklist findings finding_lines findings_by_rule findings_by_facility findings_by_person
	  findings_by_physician finding_shares national_findings data_quality code_coverage run_progress run_rulebook
	  疑点清单 疑点台账 规则汇总 机构汇总 人员汇总 医师汇总 数据质量 运行进度 指标同组比较)) . q{
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
	findings => "$readers$analysts",
	access => q{
		SET ROLE city_readers;
		SELECT 1 / (min(facility_id) = 'H1' AND max(facility_id) = 'H1')::int FROM medaudit.findings_masked;
		SET ROLE city_analysts;
		SELECT 1 / (count(*) = 0)::int FROM medaudit.findings;
		RESET ROLE;
		SELECT 1 / (count(*) > 1)::int FROM medaudit.findings;
		GRANT USAGE ON SCHEMA dw TO auditor;
		GRANT SELECT ON ALL TABLES IN SCHEMA dw TO auditor;
		CALL medaudit.grant_access('auditor', 'runner');
		ALTER ROLE auditor BYPASSRLS;
		SET ROLE auditor;
		CALL medaudit.run_audit('2025-03-01', '2025-04-01');
		RESET ROLE;
		ALTER ROLE auditor NOBYPASSRLS;
	},
	bi => q{
		SET ROLE superset;
		SELECT 1 / (count(*) = 5)::int FROM bi.worklist;
		SELECT 1 / (count(*) = 5)::int FROM medaudit.worklist_masked;
		SET ROLE bi_hospital;
		SELECT 1 / (count(*) = 2 AND min(facility_id) = 'H2')::int FROM medaudit.worklist_masked;
		SELECT 1 / (count(*) = 2 AND min(facility_id) = 'H2')::int FROM bi.worklist;
		SET ROLE analysts;
		SELECT 1 / (count(*) = 5)::int FROM bi.findings_by_rule;
		SELECT count(*) FROM bi.excess_by_visit;
		SET ROLE bi_keeper;
		CREATE MATERIALIZED VIEW bi.all_features AS TABLE medaudit.visit_features;
		REFRESH MATERIALIZED VIEW bi.all_features;
	},
	decisions => q{
		SET ROLE auditor;
		SELECT medaudit.review_finding(3, 'confirm', actor => 'Wang'), medaudit.review_finding(3, 'confirm', actor => 'Li');
		SELECT medaudit.issue_findings('{3}', '2026-01-01');
		SELECT medaudit.settle_due('2026-01-02');
	},
	sources => q{
		DROP VIEW IF EXISTS medaudit_data.item;
		CREATE TABLE dw.item_b (item_code text, name text);
		GRANT USAGE ON SCHEMA dw TO binder;
		GRANT SELECT ON dw.item_b TO binder;
		SET ROLE binder;
		CALL medaudit.bind('item', 'dw.item_b');
		CALL medaudit.bind('item', 'dw.item_b', '{"name": null}');
		SELECT count(*) FROM medaudit_data.item;
	},
	rules => q{
		CREATE SCHEMA keepers AUTHORIZATION rule_keeper;
		SET ROLE rule_keeper;
		CREATE FUNCTION keepers.none(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group
			LANGUAGE sql STABLE AS 'SELECT (medaudit.run_group()).* WHERE false';
		SELECT medaudit.add_rule_kind('own_kind', 'claims', 'keepers.none(bigint, text, jsonb)', 'x');
		INSERT INTO medaudit.rule_parameter (kind, name, type, meaning_zh) VALUES ('own_kind', 'n', 'int', 'x');
		INSERT INTO medaudit.evidence_template (kind, zh) VALUES ('own_kind', 'x');
		INSERT INTO medaudit.division (code, name) VALUES ('330102', 'x');
		INSERT INTO medaudit.address_word (kind, word) VALUES ('building', 'x');
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
		CREATE TABLE keepers.listed (规则名称 text, 药品通用名 text, 限定条件 text, 检出逻辑 text, 药品代码 text, 公布日期 text, 附件 text);
		INSERT INTO keepers.listed VALUES ('药品限适应症', '达格列净片', '限2型糖尿病。', NULL, 'XA10BKD001A001010100001', '2026-05-23', NULL);
		CALL medaudit.import_national('keepers');
		UPDATE keepers.listed SET 限定条件 = '限1型或2型糖尿病。', 公布日期 = '2026-09-01';
		SELECT medaudit.import_rules('drug_indication', 'keepers.listed', check_codes => false);
		SELECT medaudit.accept_indications(array_agg(note)) FROM medaudit.propose_indications('national_12_drug_indication');
		DELETE FROM medaudit.rule WHERE rule_code LIKE 'national%';
		DELETE FROM medaudit.rule WHERE rule_code IN ('own', 'own_set');
		DELETE FROM medaudit.rule_kind WHERE kind = 'own_kind';
	});

sub work_as
{
	my ($page) = @_;
	my $work = $work{ $page =~ s{.*/}{}r };

	return unless defined $work;
	ok(defined run_script('page', $work), "doc/$page.md: its grants are enough");
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
	my ($list) = page_text($name) =~ /^## (?:Not yet|尚未实现)\n(.*?)^## /ms or next;
	my @name = $list =~ /^\|[^|]*\| (`.*`) \|$/mg;
	my $names = join ', ', map { s/`/'/gr } @name;

	cmp_ok(scalar(() = $names =~ /\w+/g), '>', 0, "$name: names of what is not yet there");
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

foreach my $path (glob "$project/doc/*.md $project/doc/zh/*.md")
{
	my ($name) = $path =~ m{doc/(.*)\.md$};
	my @of_page = sql_blocks(page_text("doc/$name.md")) or next;
	my @wrong;

	$node->safe_psql('postgres', "CREATE DATABASE page TEMPLATE pages");
	$node->safe_psql('page', 'ALTER DATABASE page SET search_path = public, medaudit');
	# what a page grants, and to whom
	my $granted = join '', grep { /^GRANT|^CALL grant_access/m } map { $_->[0] } @of_page;
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
# Both pages of sources have each relation with its columns, in their order.
foreach my $name ('sources', 'zh/sources')
{
	my $told = join "\n", map { my ($relation) = /^`(\w+)`/; $relation ? map { "$relation.$_" } /^\| `(\w+)`/mg : () }
	  split /^### /m, page_text("doc/$name.md");

	is( join("\n", sort split /\n/, $told),
		join("\n", sort split /\n/, $node->safe_psql('pages', q{SELECT relation || '.' || column_name FROM medaudit.relation_column})),
		"doc/$name.md: it names the columns of each relation");
}

# Lines can be read side by side: 120 characters at most, but in tables and SQL.
my @wide;
foreach my $page ('README.md', 'README.zh.md', 'CONTRIBUTING.md', map { s{^\Q$project\E/}{}r } glob "$project/doc/*.md $project/doc/zh/*.md")
{
	my $text = decode_utf8(page_text($page) =~ s/^```.*?^```$/"\n" x ($& =~ tr{\n}{})/msger);
	my @line = split /\n/, $text;

	push @wide, map { "$page:" . ($_ + 1) } grep { length($line[$_]) > 120 && $line[$_] !~ /^\s*\|/ } 0 .. $#line;
}
is(join("\n", @wide), '', 'no line of prose has more than 120 characters');

# Both READMEs say the same things in the same order.
is(scalar(() = page_text('README.zh.md') =~ /^## /mg), scalar(() = page_text('README.md') =~ /^## /mg),
	'README.zh.md has as many sections as README.md');

# ------------------------------------------------------------------- links

# What a heading is called in a link: lower case, no punctuation, - for blanks.
sub anchors_of
{
	my $text = decode_utf8($_[0] =~ s/^```.*?^```$//msgr);

	return map { lc(s/[^\w\- ]//gr) =~ s/ /-/gr } $text =~ /^#+ (.*)$/mg;
}

my @page = map { s{^\Q$project\E/}{}r } glob "$project/*.md $project/doc/*.md $project/doc/*/*.md";
my (%anchor, @broken);

$anchor{$_} = { map { $_ => 1 } anchors_of(page_text($_)) } foreach @page;
foreach my $page (@page)
{
	my ($folder) = $page =~ m{^(.*/)?};
	my $text = page_text($page) =~ s/^```.*?^```$//msgr;

	while ($text =~ /\]\(([^)\s:]*?)(?:#([^)\s]*))?\)/g)
	{
		my ($file, $place) = ($1, $2);
		my $target = $file eq '' ? $page : ($folder // '') . $file;

		1 while $target =~ s{[^/]+/\.\./}{};
		push @broken, "$page: $file is not there" unless -e "$project/$target";
		push @broken, "$page: $target has no heading $place"
		  if defined $place && $anchor{$target} && !$anchor{$target}{ decode_utf8($place) };
	}
}
is(join("\n", @broken), '', 'links of the pages lead somewhere');

# What a page says of files and of names inside is there; capitals stand for any
# name, and a name without its beginning for one that ends so.  CHANGELOG tells of what was.
my $inside = $node->safe_psql('pages', q{SELECT proname FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace
	UNION SELECT relname FROM pg_class WHERE relnamespace = 'medaudit'::regnamespace
	UNION SELECT attname FROM pg_attribute WHERE attrelid = 'medaudit.worklist'::regclass
	UNION SELECT rule_code FROM medaudit.rule});
my @absent;
foreach my $page (grep { $_ ne 'CHANGELOG.md' } @page)
{
	my $text = page_text($page) =~ s/^```.*?^```$//msgr;

	push @absent, map { "$page: $_" } grep { !/[A-Z]{2}|A--B/ && !-e "$project/$_" } $text =~ m{`((?:src|sql|test|demo|doc|expected)/[\w./-]+)`}g;
	push @absent, map { "$page: $_" } grep { $inside !~ /\Q$_\E$/m } $text =~ /`(?:medaudit\.)?(_\w+)(?:\(\w*\))?`/g;
}
is(join("\n", @absent), '', 'files and routines that the pages name are there');
my $index = page_text('doc/README.md');
is(join("\n", grep { m{^doc/(.*)} && $1 ne 'README.md' && $index !~ /\(\Q$1\E\)/ } @page), '', 'each page of doc/ is in its index');
my ($chinese) = page_text('README.zh.md') =~ /^## 参考文档\n(.*?)^## /ms;
is(join("\n", grep { m{^(doc/zh/.*)} && $chinese !~ /\(\Q$1\E\)/ } @page), '', 'each Chinese page is in README.zh.md');
# ... and once in the table of all pages; nor has a table two rows of one name, as a merge may leave them.
my ($all) = $index =~ /^## All pages\n(.*)/ms;
my %linked;
$linked{$_}++ for $all =~ /\((\w+\.md)\)/g;
is(join("\n", grep { m{^doc/(\w+\.md)$} && $1 ne 'README.md' && ($linked{$1} // 0) != 1 } @page), '', 'each page stands once in the table of all');
my @twice;
foreach my $table ($index =~ /((?:^\|[^\n]*\n)+)/mg)
{
	my %row;
	$row{ (split /\s*\|\s*/)[1] }++ for split /\n/, $table;
	push @twice, grep { $row{$_} > 1 } sort keys %row;
}
is(join("\n", @twice), '', 'no table of the index has a row twice');

# --------------------------------------------------------------- reference

# The types as pages write them.
my %short = (
	'integer' => 'int',
	'boolean' => 'bool',
	'double precision' => 'float8',
	'timestamp without time zone' => 'timestamp');

sub short_type
{
	my ($type) = @_;

	return ($type =~ s/(\[\])$//) ? ($short{$type} // $type) . '[]' : $short{$type} // $type;
}

# Routine or view to the Chinese terms with which its comments begin.
my %term;
foreach my $line (split /\n/, $node->safe_psql('pages', q{SELECT name, meaning_zh FROM medaudit.functions
	UNION SELECT relname, split_part(obj_description(oid, 'pg_class'), ': ', 1) FROM pg_class
	WHERE relnamespace = 'medaudit'::regnamespace AND relkind = 'v'}))
{
	my ($name, $term) = split /\|/, $line;
	push @{ $term{$name} }, $term;
}

# Does the text below a heading begin with the term, as the comment does?
sub begins_with_term
{
	my ($name, $section) = @_;

	return grep { $section =~ /^\s*(?:Aggregate \()?\Q$_\E/ } @{ $term{$name} };
}

# What people call: no underscore in front, and nothing that only the server
# calls (triggers, input and output of types, casts, operators, aggregates' parts).
my $catalogue = q{
	WITH inside AS (
		SELECT unnest(ARRAY[a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn]::oid[]) FROM pg_aggregate AS a
		UNION SELECT unnest(ARRAY[typinput, typoutput, typreceive]::oid[]) FROM pg_type
		UNION SELECT castfunc FROM pg_cast UNION SELECT oprcode FROM pg_operator UNION SELECT amproc FROM pg_amproc)
	SELECT p.proname,
		(SELECT string_agg(concat(nullif(names[n], ''), '=', format_type(t, NULL)), ';' ORDER BY n)
			FROM unnest(p.proargtypes) WITH ORDINALITY AS a(t, n)),
		(SELECT string_agg(names[n], ';' ORDER BY n) FROM unnest(p.proallargtypes) WITH ORDINALITY AS a(t, n)
			WHERE modes[n] IN ('o', 't')),
		regexp_replace(pg_get_function_result(p.oid), '^SETOF ', '')
	FROM pg_proc AS p CROSS JOIN LATERAL (SELECT coalesce(p.proargnames, '{}'), coalesce(p.proargmodes::text[], '{}')) AS a(names, modes)
	WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname NOT LIKE '\_%' AND p.prorettype <> 'trigger'::regtype
		AND p.oid NOT IN (SELECT * FROM inside WHERE unnest IS NOT NULL)
	ORDER BY p.proname, p.oid};
my (%routine, %form, %column);

foreach my $line (split /\n/, $node->safe_psql('pages', "SET search_path = medaudit, pg_catalog; $catalogue"))
{
	my ($name, $arguments, $columns, $result) = split /\|/, $line, -1;
	my @argument = map { [ split /=/ ] } split /;/, $arguments;
	my @name = map { $_->[0] ne '' ? $_->[0] : short_type($_->[1]) } @argument;

	my $this = {
		name => $name,
		names => \@name,
		types => [ map { short_type($_->[1]) } @argument ],
		columns => $columns,
		result => short_type($result) };
	push @{ $routine{$name} }, $this;
	push @{ $form{"$name(" . join(', ', @name) . ')'} }, $this;
}
foreach my $line (split /\n/, $node->safe_psql('pages', q{
	SELECT c.relname, c.relkind, string_agg(a.attname, ';' ORDER BY a.attnum) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind IN ('v', 'r') AND a.attnum > 0 AND NOT a.attisdropped
	GROUP BY c.oid}))
{
	my ($name, $kind, $columns) = split /\|/, $line;
	$column{$name} = { view => $kind eq 'v' && $name !~ /^_/, names => { map { $_ => 1 } split /;/, $columns } };
}

# Splits at commas that stand in no bracket.
sub split_arguments
{
	my ($text) = @_;
	my ($depth, @part) = (0, '');

	foreach my $sign (split //, $text)
	{
		$depth += $sign =~ /[(\[{]/ ? 1 : $sign =~ /[)\]}]/ ? -1 : 0;
		if ($sign eq ',' && $depth == 0) { push @part, '' }
		else { $part[-1] .= $sign }
	}
	return grep { /\S/ } map { s/^\s+|\s+$//gr } @part;
}

# The forms that a heading stands for: lists of [name, type or undef].
sub forms_of
{
	my ($text) = @_;

	if ($text =~ /^(.*?)\s*\[,?\s+(.*)\]\s*$/ || $text =~ /^(.*?)\s*\[(,.*)\]\s*$/)
	{
		my ($short, $more) = ($1, $2 =~ s/^,\s*//r);
		return (forms_of($short), forms_of("$short, $more"));
	}
	my @form = ([]);
	foreach my $argument (split_arguments($text))
	{
		my @one = map { [ $_->[0], $_->[1] ] }
		  map { [ s/^VARIADIC //r =~ /^(\S+)(?:\s+(.*?))?(?:\s+DEFAULT\s.*)?$/ ] }
		  map { s/\s+DEFAULT\s.*//r } split / or /, $argument;
		@form = map { my $so_far = $_; map { [ @$so_far, $_ ] } @one } @form;
	}
	return @form;
}

# First and second cells of the table whose first column has this title.
sub table_of
{
	my ($section, $title) = @_;

	my ($rows) = $section =~ /^\| $title \|[^\n]*\n\|[-|: ]+\|\n((?:^\|[^\n]*\n)+)/m or return;
	return map { my @cell = split /\s*\|\s*/; [ $cell[1], $cell[2] ] } split /\n/, $rows;
}

# Argument to type, of the rows of a table.
sub types_told
{
	return map { my $type = $_->[1]; map { $_ => $type } names_in($_->[0]) } @_;
}

sub names_in
{
	return $_[0] =~ /`([^`\s()]+)`/g;
}

my (%told_form, %told_view, %told_columns, %page_of, @odd);

# A heading of a routine, and the text below it; types that it does not tell
# itself are those of the page.
sub check_routine
{
	my ($page, $heading, $name, $arguments, $result, $section, $of_page) = @_;
	my @mine = @{ $routine{$name} // [] };
	my @table = table_of($section, 'argument');
	my %told = types_told(@table);
	my @fits;

	return push @odd, "$page: no function of the name: $heading" unless @mine;
	my %known = map { $_ => 1 } map { @{ $_->{names} } } @mine;
	push @odd, map { "$page: $name has no argument $_" } grep { !$known{$_} } keys %told;
	%told = (%$of_page, %told);

	$arguments = join ', ', map { names_in($_->[0]) } @table if $arguments =~ /…$/;
	foreach my $form (forms_of($arguments))
	{
		my $key = "$name(" . join(', ', map { $_->[0] } @$form) . ')';

		push @odd, "$page: $key is not there: $heading" unless $form{$key};
		push @fits, @{ $form{$key} // [] };
		$told_form{$key} = 1;
		foreach my $n (0 .. $#$form)
		{
			my ($argument, $type) = @{ $form->[$n] };
			my %type = map { $_->{types}[$n] => 1 } @{ $form{$key} // [] };
			my @said = split / or /, $type // $told{$argument} // $argument;

			push @odd, "$page: $argument of $key is " . join(' or ', sort keys %type) . ', not ' . join(' or ', @said)
			  if join(';', sort keys %type) ne join(';', sort @said);
		}
	}

	push @odd, "$page: no example of $heading" unless $section =~ /^```sql$/m;
	push @odd, "$page: $heading does not begin with " . join(' or ', @{ $term{$name} })
	  unless $page =~ m{/zh/} || begins_with_term($name, $section);
	$page_of{$name}{$page} = 1;

	# The columns are told once for all forms that have them, and in English.
	return if $page =~ m{/zh/};
	my @columns = map { names_in($_->[0]) } table_of($section, 'column');
	my %columns = map { $_->{columns} => 1 } grep { $_->{columns} ne '' } @fits;
	if (%columns)
	{
		push @odd, "$page: columns of $name are " . join(' or ', keys %columns) . ', not ' . join(';', @columns)
		  unless $columns{ join ';', @columns } || (!@columns && $told_columns{ join ';', keys %columns });
		$told_columns{ join ';', keys %columns } = 1;
	}
	elsif (defined $result)
	{
		push @odd, "$page: $name gives " . join(' or ', map { $_->{result} } @fits) . ", not $result"
		  if grep { $_->{result} ne $result } @fits;
	}
}

foreach my $path (glob "$project/doc/*.md $project/doc/zh/*.md")
{
	my ($page) = $path =~ m{(doc/.*)$};
	my $text = page_text($page) =~ s/^(```\w*)\n.*?^```$/$1/msgr;

	my %of_page;
	while ($text =~ /^#{2,4} (.*)\n((?:(?!#{1,4} ).*\n)*)/mg)
	{
		my ($heading, $section) = ($1, $2);
		if ($heading =~ /^View (\S+)/)
		{
			my $view = $column{$1};
			push @odd, "$page: no view of the name: $heading" unless $view && $view->{view};
			my @columns = sort map { names_in($_->[0]) } table_of($section, 'column');
			my @there = sort keys %{ $view->{names} };
			push @odd, "$page: columns of $1 are @there, not @columns" if @columns && "@columns" ne "@there";
			push @odd, "$page: $heading does not begin with @{ $term{$1} }" unless begins_with_term($1, $section);
			$told_view{$1} = 1 unless $page =~ m{/zh/};
		}
		elsif ($heading =~ /^([a-z_0-9]+)\((.*?)\)(?: → (.*))?$/)
		{
			check_routine($page, $heading, $1, $2, $3, $section, \%of_page);
		}
		else
		{
			%of_page = (%of_page, types_told(table_of($section, 'argument')));
		}
	}
}
is(join("\n", @odd), '', 'headings of doc/ name what is there, as it is');
is(join("\n", grep { !$told_form{$_} } sort keys %form), '', 'each function that people call has a heading');
is(join("\n", grep { $column{$_}{view} && !$told_view{$_} } sort keys %column), '', 'each view has a heading');

# The page that the view of functions names is the one where it is told.
my @elsewhere = grep { my ($name, $pages) = split /\|/; !grep { $page_of{$name}{$_} } split /, /, $pages }
  split /\n/, $node->safe_psql('pages', 'SELECT DISTINCT name, page FROM medaudit.functions ORDER BY name');
is(join("\n", @elsewhere), '', 'medaudit.functions names the page of each');

cmp_ok($blocks, '>', 200, 'blocks of SQL were run');
note("$blocks blocks, $told answers");
cmp_ok($told, '>', 180, 'and many tell their answer');

done_testing();
