# Materialized views over everything that people read, and over books, as a fund
# keeps them for its boards.  From PostgreSQL 17 on a refresh runs with the
# search_path pg_catalog, pg_temp, so that a name without its schema in some body
# fails there and nowhere else: here each is made and refreshed so, by a role that
# owns nothing of medaudit, and in a restore, which does likewise.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('refresh', conf => 'client_min_messages = error');

sub ask
{
	return $node->safe_psql($_[1] // 'postgres', $_[0]);
}

# As the role that keeps them, under what a refresh sees of the search_path; the
# error, if there is one.
sub keep
{
	my ($code, $out, $err) = $node->psql('postgres', "SET ROLE bi_keeper; SET search_path = pg_catalog, pg_temp; $_[0]");

	return $err;
}

made_claims($node);
ask(q{CREATE ROLE bi_keeper;
	CALL medaudit.grant_access('bi_keeper', 'analyst');
	GRANT USAGE ON SCHEMA w TO bi_keeper;
	CREATE TABLE w.change AS SELECT DISTINCT visit_id, timestamp '2026-06-01' AS changed_at FROM w.visit;
	GRANT SELECT ON ALL TABLES IN SCHEMA w TO bi_keeper;
	CREATE SCHEMA bi AUTHORIZATION bi_keeper;
	ALTER TABLE w.visit ADD physician_id text;
	UPDATE w.visit SET physician_id = 'D' || right(visit_id, 1);
	CALL medaudit.bind('visit', 'w.visit');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('parts', 'package', '组合');
	INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price) VALUES ('parts', 'K', 'A', 11), ('parts', 'K', 'B', 11), ('parts', 'K', 'C', 11);
	CALL medaudit.bind('change', 'w.change');
	CALL medaudit.create_book_store(2)});
ask(q{CALL medaudit.refresh_books()});
ask(q{CALL medaudit.run_audit('2025-01-01', '2025-02-01')});
ask(decided(q{SELECT finding_id FROM medaudit.finding WHERE finding_id % 20 = 0}, 'confirm'));

# --------------------------------------------------------- whatever is a view

# What a run shows to the functions of its rules is nobody's outside of it.
my @view = split /\n/, ask(q{SELECT relname FROM pg_class WHERE relnamespace = 'medaudit'::regnamespace AND relkind = 'v'
	AND relname NOT LIKE '\_%' AND relname NOT IN ('run_stay', 'run_stay_book', 'run_period') ORDER BY relname});
cmp_ok(scalar @view, '>', 20, 'views');
is(keep(join '', map { qq{CREATE MATERIALIZED VIEW bi."all_$_" AS TABLE medaudit."$_"; REFRESH MATERIALIZED VIEW bi."all_$_"; DROP MATERIALIZED VIEW bi."all_$_";\n} } @view),
	'', 'each view can be kept');

# ------------------------------------------------- what boards and models keep

my $lines = q{SELECT c.visit_id, medaudit.ledger(c.item_code, c.quantity, c.amount, c.charged_at, c.line_id, c.original_line_id, c.visit_id, c.claimed) AS book
	FROM medaudit_data.charge AS c GROUP BY c.visit_id};
my $context = q{medaudit.visit_context(sex => '1')};
my @kept = (
	[ 'findings', 'TABLE medaudit.findings', 'finding_id' ],
	[ 'findings_by_rule', 'TABLE medaudit.findings_by_rule', 'rule_code' ],
	[ 'findings_by_facility', 'TABLE medaudit.findings_by_facility', 'facility_id' ],
	[ 'findings_by_person', 'TABLE medaudit.findings_by_person', 'person_id' ],
	[ 'findings_by_physician', 'TABLE medaudit.findings_by_physician', 'physician_id' ],
	[ 'worklist', 'TABLE medaudit.worklist', 'rank' ],
	[ 'worklist_masked', 'TABLE medaudit.worklist_masked', 'rank' ],
	[ 'national_findings', 'TABLE medaudit.national_findings', 'jr_id, jrd_id' ],
	[ 'finding_states', 'TABLE medaudit.finding_states', 'finding_id' ],
	[ 'code_coverage', 'TABLE medaudit.code_coverage', 'facility_id, month' ],
	[ 'stale_visits', 'TABLE medaudit.stale_visits', 'visit_id, judged_on' ],
	[ 'visit_features', 'TABLE medaudit.visit_features', 'visit_id' ],
	[ 'split_scores', 'SELECT * FROM medaudit.split_stay_scores()', 'visit_id, next_visit_id' ],
	[ 'hang_scores', 'SELECT * FROM medaudit.hang_bed_scores()', 'visit_id' ],
	[ 'low_scores', 'SELECT * FROM medaudit.low_standard_scores()', 'visit_id' ],
	# books, and rules that are compiled where they are asked
	[ 'books', $lines, 'visit_id' ],
	[ 'excess', "SELECT b.visit_id AS of_visit, a.* FROM ($lines) AS b, medaudit.audit_charges(b.book, $context) AS a", 'of_visit, rule_code, item_code, line_id' ],
	[ 'excess_by_rule', "SELECT b.visit_id, e.* FROM medaudit_data.visit_book AS b, medaudit.excess_by_rule(b.book, $context) AS e", 'visit_id, rule_code' ],
	[ 'excess_of_persons', "SELECT p.person_id, e.* FROM (SELECT person_id, medaudit.rollup(book) AS book FROM medaudit_data.visit_book GROUP BY person_id) AS p,
		medaudit.excess_by_rule(p.book, $context, (SELECT medaudit.compile_rules())) AS e", 'person_id, rule_code' ],
	[ 'split_charges', 'SELECT s.* FROM medaudit_data.visit_book AS b, medaudit.split_charges(b.book) AS s', 'visit_id, rule_code, package_code, charged_on' ],
	[ 'bed_days', "SELECT v.visit_id, d.* FROM (SELECT visit_id, min(admitted_at)::date AS first, max(discharged_at)::date AS last FROM medaudit_data.visit
		GROUP BY visit_id HAVING bool_and(discharged_at IS NOT NULL)) AS v JOIN medaudit_data.visit_book AS b USING (visit_id), medaudit.bed_days(b.book, v.first, v.last) AS d", 'visit_id' ],
	[ 'stays', q{SELECT person_id, medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount) AS book FROM medaudit_data.visit
		WHERE visit_type = '21' GROUP BY person_id}, 'person_id' ],
	[ 'split_stays', q{SELECT s.* FROM (SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount) AS book FROM medaudit_data.visit
		WHERE visit_type = '21' GROUP BY person_id) AS p, medaudit.split_stays(p.book, max_gap_days => 30) AS s}, 'visit_id, next_visit_id' ],
	[ 'names', q{SELECT person_id, medaudit.name_key(name) AS key, medaudit.mask_name(name) AS masked, medaudit.normalize_text(name) AS plain FROM medaudit_data.person}, 'person_id' ]);

is( keep(join '', map {
			"CREATE MATERIALIZED VIEW bi.kept_$_->[0] AS $_->[1];
			CREATE UNIQUE INDEX ON bi.kept_$_->[0] ($_->[2]) NULLS NOT DISTINCT;
			CREATE VIEW bi.$_->[0] AS TABLE bi.kept_$_->[0];\n" } @kept),
	'', 'each of these has its unique index and a plain view');
is(ask(join ' UNION ALL ', map { "SELECT '$_->[0]' WHERE NOT EXISTS (SELECT FROM bi.$_->[0])" } @kept),
	'stale_visits', 'all have rows but one, for nothing has changed yet');

# More is found, something is decided, charges come and go.
ask(q{CALL medaudit.run_audit('2025-02-01', '2025-03-01')});
ask(decided(q{SELECT finding_id FROM medaudit.finding WHERE finding_id % 20 = 7}, 'dismiss'));
ask(q{INSERT INTO w.charge SELECT visit_id, '9', 'A', 3, 30, charged_at, category FROM w.charge WHERE line_id = '1' AND visit_id LIKE '%7';
	DELETE FROM w.charge WHERE line_id = '2' AND visit_id LIKE '%3';
	UPDATE w.change SET changed_at = '2026-06-02' WHERE visit_id ~ '[37]$'});
ask(q{CALL medaudit.refresh_books()});
my $out_of_date = join ' UNION ALL ', map {
	"(WITH now AS MATERIALIZED ($_->[1]) SELECT '$_->[0]' WHERE (SELECT count(*) FROM now) <> (SELECT count(*) FROM bi.$_->[0])
		OR EXISTS (TABLE now EXCEPT ALL TABLE bi.$_->[0]))" } @kept;
my %same = map { $_ => 1 } qw(split_scores stays split_stays names);
is(ask($out_of_date), join("\n", grep { !$same{$_} } map { $_->[0] } @kept), 'what the changes touch is out of date');
is(keep(join '', map { "REFRESH MATERIALIZED VIEW CONCURRENTLY bi.kept_$_->[0];\n" } @kept), '', 'each is refreshed while it is read');
is(ask($out_of_date), '', 'and is then what it is asked now');

# ---------------------------------------------------------------------- restore

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'a dump');
ask('CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'is restored with what is kept');
is( ask('SELECT count(*), sum(claimed_once) FROM bi.findings_by_rule', 'restored'),
	ask('SELECT count(*), sum(claimed_once) FROM bi.findings_by_rule'), 'and shows the same');

done_testing();
