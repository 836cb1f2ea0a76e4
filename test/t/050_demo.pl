# The demonstration on a small county: every planted case is found, no near
# miss is flagged, and the same county comes out of the same seed.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($demo) = grep { -r "$_/tour.sql" }
  ($FindBin::Bin . '/../demo', $FindBin::Bin . '/../../demo');

my $node = new_node('demo');

sub script
{
	my ($database, $name, %set) = @_;
	my @command = (
		'psql', '-X', '-q', '-d', $node->connstr($database), '-f',
		"$demo/$name.sql", map { ('-v', "$_=$set{$_}") } sort keys %set);

	return PostgreSQL::Test::Utils::run_log(\@command);
}

# Each chapter of the cases is read, in the order of its number.
my @chapters = map { s{.*/}{}r } sort glob "$demo/cases/*.sql";
is(join(' ', slurp_file("$demo/planted.sql") =~ m{^\\ir cases/(.*)$}mg), "@chapters", 'every chapter of cases is planted');

# Both are made; the second is only compared.
foreach my $database (qw(county again))
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION medaudit');
	ok(script($database, 'generate', persons => 1500), "made $database");
	ok(script($database, 'planted', instances => 6), "planted in $database");
}

my $sum = 'SELECT md5(string_agg(t::text, \'\' ORDER BY t::text)) FROM yb.%s AS t';
foreach my $table (qw(psn_info_b mdtrt_d fee_list_d setl_d setl_list_diag_d manual_reim_d opsp_reg_d medins_item_d setl_list_oprn_d psn_insu_d setl_fund_d drg_grp_d))
{
	my $query = sprintf $sum, $table;
	is($node->safe_psql('again', $query),
		$node->safe_psql('county', $query),
		"$table is the same of the same seed");
}

# Those on whom nothing about their number was planted.
my $as_made = q{WITH made AS MATERIALIZED (
	SELECT certno FROM yb.psn_info_b AS r WHERE NOT EXISTS (
		SELECT FROM demo.planted_person AS p JOIN demo.case_person USING (case_id, who)
		WHERE r.psn_no = 'R' || lpad(p.n::text, 8, '0')))};

is( $node->safe_psql('county', "$as_made SELECT count(*) FROM made
		 WHERE right(certno, 1) <> demo.check_character(left(certno, 17))"),
	0, 'identity numbers have their check characters');
is( $node->safe_psql('county',
		"$as_made SELECT count(*) - count(DISTINCT certno) FROM made"),
	0, 'and no two persons share one');

ok(script('county', 'tour'), 'the tour ends well');
is( $node->safe_psql('county',
		q{SELECT count(*) FROM (
			SELECT count(DISTINCT household_id) AS keys, count(DISTINCT hh_no) AS homes
			FROM yb.psn_info_b JOIN medaudit_data.person ON person_id = psn_no
			GROUP BY GROUPING SETS (hh_no, household_id)) AS h
		  WHERE keys <> 1 OR homes <> 1}),
	0, 'one home, one key, however its members spell it');
is($node->safe_psql('county', 'SELECT count(*) FROM demo.wrong'),
	0, 'nothing planted was missed, no near miss was flagged');
is( $node->safe_psql('county',
		q{SELECT count(*) FROM demo.outcome
		  WHERE expected = 'found' AND hits = 0}),
	0, 'every planted case was found');
is( $node->safe_psql('county',
		q{SELECT string_agg(rule_code, ' ' ORDER BY rule_code COLLATE "C") FROM medaudit.rule AS r
		  WHERE kind NOT IN (SELECT kind FROM medaudit.rule JOIN demo.outcome USING (rule_code)
			WHERE expected = 'found')
			AND NOT (kind = 'fund_pace' AND EXISTS (SELECT FROM demo.quota WHERE ahead) AND EXISTS (SELECT FROM demo.quota WHERE NOT ahead))
			AND NOT (kind = 'indicator_outlier' AND EXISTS (SELECT FROM demo.outlier WHERE expected) AND EXISTS (SELECT FROM demo.outlier WHERE NOT expected))}),
	'', 'no kind of rule that is asked is without a planted case');
is( $node->safe_psql('county',
		q{SELECT string_agg(DISTINCT rule_code, ' ') FROM demo.truth AS t
		  WHERE NOT EXISTS (SELECT FROM demo.truth AS o
			WHERE o.rule_code = t.rule_code AND o.expected = 'silent')}),
	'', 'nor one without a near miss');
is( $node->safe_psql('county',
		'SELECT count(*) FROM medaudit.worklist WHERE evidence_text IS NULL'),
	0, 'each row of the worklist says in a sentence what to check');
is($node->safe_psql('county', 'SELECT count(*) FROM demo.duty_wrong'), 0, 'what is owed to people is told of those alone of whom it was planted');
is( $node->safe_psql('county',
		q{SELECT string_agg(DISTINCT format('%s %s', duty, coalesce(outcome, 'silent')), ', ' ORDER BY format('%s %s', duty, coalesce(outcome, 'silent'))) FROM demo.duty_person}),
	'benefit silent, benefit unclaimed, cover lost, cover silent, cover uncovered', 'with near misses');
cmp_ok(
	$node->safe_psql('county',
		q{SELECT count(*) FROM demo.outcome WHERE expected = 'silent'}),
	'>', 100, 'near misses were there');

# The judgement can fail: of the other county a planted line is taken away,
# and a near miss is moved by one day.
$node->safe_psql('again', q{
	DELETE FROM yb.fee_list_d USING demo.planted_visit AS v
	WHERE v.mdtrt_id = fee_list_d.mdtrt_id AND v.i = 1 AND feedetl_sn = '2'
		AND case_id = '重复 twice in a day';
	UPDATE yb.fee_list_d SET fee_ocur_time = fee_ocur_time - interval '1 day'
	FROM demo.planted_visit AS v
	WHERE v.mdtrt_id = fee_list_d.mdtrt_id AND v.i = 2 AND v.v = 'b'
		AND case_id = '周期 15 days by date, not by clock'});
ok(!script('again', 'tour'), 'a changed county does not pass');
# A list of duties can fail, too: somebody who renewed did not.
$node->safe_psql('again', q{DELETE FROM yb.psn_insu_d AS e USING demo.duty_person AS d
	WHERE e.psn_no = 'R' || lpad(d.n::text, 8, '0') AND d.case_id = 'renewed' AND d.i = 1 AND e.psn_insu_date = '2025-01-01'});
is($node->safe_psql('again', 'SELECT string_agg(concat_ws($$ $$, person_id = (SELECT $$R$$ || lpad(n::text, 8, $$0$$) FROM demo.duty_person WHERE case_id = $$renewed$$ AND i = 1), expected, told), $$; $$) FROM demo.duty_wrong'),
	't lost', 'somebody whose cover was lost is seen');
is( $node->safe_psql('again',
		'SELECT string_agg(instance || what, $$; $$ ORDER BY instance) FROM demo.wrong'),
	'1missed; 2near miss flagged',
	'both changes are seen');

# The sheets: a file per institution, as spreadsheets open it, with every line, and back.
my $folder = PostgreSQL::Test::Utils::tempdir();
my (@sheet, $institutions);
{
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'county');
	my $wrong = '';

	ok(PostgreSQL::Test::Utils::run_log([ "$demo/sheets", $folder ]), 'demo/sheets runs');
	my $of_run = PostgreSQL::Test::Utils::tempdir();
	$node->safe_psql('county', q{CALL medaudit.run_audit('2025-03-01', '2025-04-01', '{starter_price}')});
	ok(PostgreSQL::Test::Utils::run_log([ "$demo/sheets", $of_run, $node->safe_psql('county', 'SELECT max(run_id) FROM medaudit.run') ]), 'and of one run');
	my @lines = map { scalar(() = slurp_file($_) =~ /^[0-9]+,[0-9]+,/mg) } glob "$of_run/*.csv";
	is(join(' ', scalar @lines, eval { my $sum = 0; $sum += $_ for @lines; $sum }), $node->safe_psql('county', q{SELECT count(DISTINCT coalesce(l.facility_id, f.facility_id)) || ' ' || count(*)
		FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.rule_code = 'starter_price' AND f.judged_on BETWEEN '2025-03-01' AND '2025-03-31'}),
		'which has what that run found, and no sheet without');
	ok(!IPC::Run::run([ "$demo/sheets", $folder, 'last' ], '2>', \$wrong), 'and not of a run that is no number');
	like($wrong, qr/all standing findings, or those that a run found/, 'but says how to call it');
	ok(!IPC::Run::run([ "$demo/sheets", $folder ], '2>', \$wrong), 'nor into a folder that has some');
	like($wrong, qr/has sheets already/, 'which it says');
	@sheet = glob "$folder/*.csv";
	$institutions = $node->safe_psql('county', q{SELECT count(DISTINCT coalesce(l.facility_id, f.facility_id)) FROM medaudit.finding AS f
		LEFT JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state = ANY (medaudit.standing_states())});
	my $odd = PostgreSQL::Test::Utils::tempdir();
	$node->safe_psql('county', q{CREATE TABLE demo.as_was AS SELECT finding_id, facility_id FROM medaudit.finding;
		SET session_replication_role = replica; UPDATE medaudit.finding SET facility_id = CASE finding_id % 4 WHEN 0 THEN '../x' WHEN 1 THEN E'-a\nb' WHEN 2 THEN '市''医院' ELSE repeat('长', 100) END
		WHERE finding_id IN (SELECT finding_id FROM medaudit.finding WHERE state = 'open' AND NOT EXISTS (SELECT FROM medaudit.finding_line AS l WHERE l.finding_id = finding.finding_id AND l.facility_id IS NOT NULL) LIMIT 8)});
	ok(PostgreSQL::Test::Utils::run_log([ "$demo/sheets", $odd ]), 'names that no file can have');
	is(scalar(() = glob "$odd/*.csv"), $node->safe_psql('county', q{SELECT count(DISTINCT coalesce(l.facility_id, f.facility_id)) FROM medaudit.finding AS f
		LEFT JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state = ANY (medaudit.standing_states())}), 'have a sheet each');
	$node->safe_psql('county', q{SET session_replication_role = replica; UPDATE medaudit.finding AS f SET facility_id = w.facility_id
		FROM demo.as_was AS w WHERE w.finding_id = f.finding_id AND w.facility_id IS DISTINCT FROM f.facility_id});
	$ENV{PGUSER} = 'nobody_of_this_name';
	ok(!IPC::Run::run([ "$demo/sheets", PostgreSQL::Test::Utils::tempdir() ], '>', \my $out, '2>', \$wrong), 'nor without a server that lets it in');
}
is(scalar @sheet, $institutions, 'one of each institution');
is(join(' ', grep { slurp_file($_) !~ /\A\xEF\xBB\xBF序号,疑点编号,/ } @sheet), '', 'with a byte order mark and Chinese headings');
$node->safe_psql('county', 'CREATE TABLE sheet AS SELECT * FROM medaudit.facility_lines($$$$);'
	. q{DO $$DECLARE c text; BEGIN FOR c IN SELECT attname FROM pg_attribute WHERE attrelid = 'sheet'::regclass AND attnum > 0
		LOOP EXECUTE format('ALTER TABLE sheet ALTER %I TYPE text', c); END LOOP; END$$;}
	. join ';', map { "COPY sheet FROM '$_' (FORMAT csv, HEADER)" } @sheet);
is($node->safe_psql('county', 'SELECT count(*) FROM sheet'), $node->safe_psql('county', q{SELECT count(*) FROM medaudit.finding AS f
	LEFT JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state = ANY (medaudit.standing_states()) AND coalesce(l.facility_id, f.facility_id) IS NOT NULL}),
	'each line is in one of them');
is($node->safe_psql('county', q{SELECT count(*) > 0 FROM sheet WHERE "费用明细流水号" ~ '^="[0-9]+"$'}), 't', 'with codes as text');
is($node->safe_psql('county', q{UPDATE sheet SET "机构说明" = '见病历' WHERE "序号" = '1'; SELECT medaudit.import_reviews('sheet') = (SELECT count(DISTINCT "疑点编号") FROM sheet WHERE "序号" = '1')}),
	't', 'what institutions wrote into them comes back');
is($node->safe_psql('county', q{SELECT count(*) > 0, bool_and(note = '见病历') FROM medaudit.finding_event WHERE step = 'note'}), 't|t', 'as notes');

# A wrong folder is told at once, by what it lacks, before anything is built.
my $empty = PostgreSQL::Test::Utils::tempdir();
foreach my $wrong ([ "$empty/nowhere", qr/--rules: there is no folder \Q$empty\E\/nowhere/ ],
	[ $empty, qr/lacks 30 published files: b1_drug_sex_names\.csv / ])
{
	my ($out, $err) = ('', '');
	ok(!IPC::Run::run([ ($ENV{MEDAUDIT_PROJECT} // "$demo/..") . '/demo/run', '--rules', $wrong->[0] ], '>', \$out, '2>', \$err),
		"demo/run refuses the rules of $wrong->[0]");
	like($err, $wrong->[1], 'and says what is wrong with it');
	is($out, '', 'before it does anything');
}

# Findings live on after the audit, and what happens again next month is met by what was
# decided; where it is not, the script says so.
$node->safe_psql('postgres', 'CREATE DATABASE otherwise TEMPLATE county');
ok(script('county', 'life'), 'a life of findings ends well');
is( $node->safe_psql('county', q{SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM medaudit.finding
		WHERE rule_code = 'starter_exclusive' AND state <> 'open'}), 'dismissed exempt reviewed settled', 'in all the states it shows');
is($node->safe_psql('county', 'SELECT count(*) FROM medaudit.check_finding_log()'), 0, 'with a log that is whole');
$node->safe_psql('otherwise', q{CREATE FUNCTION demo.later() RETURNS trigger LANGUAGE plpgsql
		AS 'BEGIN NEW.valid := daterange(''2030-01-01'', ''2031-01-01''); RETURN NEW; END';
	CREATE TRIGGER later BEFORE INSERT ON medaudit.exemption FOR EACH ROW EXECUTE FUNCTION demo.later()});
IPC::Run::run([ 'psql', '-Xq', '-d', $node->connstr('otherwise'), '-f', "$demo/life.sql" ], '>', \my $shown, '2>', \my $told);
like($told, qr/ERROR:  a life of findings went otherwise/, 'an exemption that does not hold yet is seen');

done_testing();
