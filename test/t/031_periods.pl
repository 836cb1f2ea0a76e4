# However a time is cut into runs over the same data, in whatever order, what
# stands at the end is the same: a year of made-up claims, with late and several
# settlements, open stays, stays that go on under a new number, and facilities of
# one owner, audited in 1, 4, 12 and 52 runs, in and out of order.  And as a fund
# lives it: month by month, each with what is settled by then.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('periods');

sub ask
{
	return $node->safe_psql('postgres', shift);
}

made_claims($node);

# One run after the other; each commits by itself.
sub runs
{
	my (@periods) = @_;

	$node->safe_psql('postgres', "SET client_min_messages = error;\n"
		  . join("\n", map { "CALL medaudit.run_audit('$_->[0]', '$_->[1]');" } @periods));
}

# The year in pieces that begin on these days.
sub pieces
{
	my ($step) = @_;
	my @days = split /\n/, ask("SELECT d::date FROM generate_series(timestamp '2025-01-01', '2025-12-31', '$step') AS d");

	return map { [ $days[$_], $_ < $#days ? $days[ $_ + 1 ] : '2026-01-01' ] } 0 .. $#days;
}

sub forget
{
	ask('ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard');
	ask('TRUNCATE medaudit.finding CASCADE; TRUNCATE medaudit.run CASCADE');
}

my $differs = q{
	SELECT string_agg(side || ' ' || d::text, E'\n') FROM (
		SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.standing EXCEPT ALL TABLE w.whole) AS s
		UNION ALL SELECT 'less', s.* FROM (TABLE w.whole EXCEPT ALL TABLE w.standing) AS s) AS i
		WHERE %s ORDER BY rule_code, key LIMIT 12) AS d};

runs([ '2025-01-01', '2026-01-01' ]);
ask('CREATE TABLE w.whole AS TABLE w.standing');
my $kinds = ask(q{SELECT string_agg(rule_code || ' ' || n, ', ' ORDER BY rule_code) FROM (SELECT rule_code, count(*) AS n FROM w.whole GROUP BY 1) AS t});
note($kinds);
is( ask(q{SELECT string_agg(rule_code, ' ' ORDER BY rule_code) FROM medaudit.rule AS r
	  WHERE enabled AND NOT EXISTS (SELECT FROM w.whole AS s WHERE s.rule_code = r.rule_code)}),
	'', 'every rule finds something in the year');
is(ask("SELECT string_agg(error, '; ') FROM medaudit.run_step WHERE error IS NOT NULL"), '', 'no rule failed or was skipped');
cmp_ok(ask('SELECT count(*) FROM w.whole WHERE rule_code ~ $$^c_(dup|exc|qua|amo|pre)$$ OR cardinality(string_to_array(key, $$@$$)) > 1'),
	'>', 100, 'many rest on several visits');

my %cut = (
	'a month, then a year with a turn of the year' => [ [ '2025-01-01', '2025-02-01' ], [ '2024-06-01', '2025-06-01' ], [ '2025-01-01', '2026-01-01' ] ],
	'four quarters' => [ pieces('3 months') ],
	'twelve months' => [ pieces('1 month') ],
	'twelve months backwards' => [ reverse pieces('1 month') ],
	'twelve months, the even ones first, and each again' => [
		(pieces('1 month'))[ 1, 3, 5, 7, 9, 11 ], (pieces('1 month'))[ 4, 2, 0, 10, 8, 6 ], reverse pieces('1 month') ],
	'the year after a month of it' => [ [ '2025-07-01', '2025-08-01' ], [ '2025-01-01', '2026-01-01' ] ],
	'52 weeks' => [ pieces('7 days') ]);

foreach my $name (sort keys %cut)
{
	my $only = $name =~ /weeks/ ? "rule_code <> 's_similar_amounts'" : 'true';

	forget();
	runs(@{ $cut{$name} });
	is(ask(sprintf($differs, "judged_on >= '2025-01-01' AND $only")), '', "$name leave what the year leaves");
}

# Another month changes nothing
forget();
runs([ '2025-01-01', '2026-01-01' ]);
ask('CREATE TABLE w.kept AS TABLE w.standing');
runs([ '2025-04-01', '2025-05-01' ], [ '2026-02-01', '2026-03-01' ], [ '2024-06-01', '2024-07-01' ]);
runs([ '2025-03-10', '2025-04-30' ]);
is( ask(q{SELECT state || ': ' || error FROM medaudit.run_step WHERE rule_code = 's_similar_amounts' ORDER BY run_id DESC LIMIT 1}),
	'skipped: run it over a whole month', 'what needs a month is skipped where none is whole');
is( ask(q{SELECT count(*) FROM (TABLE w.kept EXCEPT ALL TABLE w.standing) AS s WHERE rule_code <> 's_similar_amounts'}), '0',
	'a month again, and months of other years, leave what stands');

# As it comes: what is not settled by the end of a month is not there yet.  Rules
# of facilities and of all people measure what is there on the day.
forget();
foreach my $month (pieces('1 month'))
{
	my ($from, $to) = @$month;

	ask(qq{TRUNCATE w.visit, w.charge;
		INSERT INTO w.visit SELECT * FROM w.all_visits WHERE settled_at < '$to';
		INSERT INTO w.charge SELECT l.* FROM w.all_lines AS l WHERE visit_id IN (SELECT visit_id FROM w.visit)});
	runs($month);
}
ask('CREATE TABLE w.grown AS TABLE w.standing');
forget();
ask('DROP TABLE w.whole');
runs([ '2025-01-01', '2026-01-01' ]);
ask('CREATE TABLE w.whole AS TABLE w.standing; TRUNCATE medaudit.finding CASCADE');
is( ask(q{SELECT string_agg(side || ' ' || d::text, E'\n') FROM (
	SELECT * FROM (SELECT 'more' AS side, s.* FROM (TABLE w.grown EXCEPT ALL TABLE w.whole) AS s
		UNION ALL SELECT 'less', s.* FROM (TABLE w.whole EXCEPT ALL TABLE w.grown) AS s) AS i
	WHERE rule_code ~ '^c_|split|overlap|events_in|frequent|household|hang_bed|^p_' ORDER BY rule_code, key LIMIT 12) AS d}),
	'', 'month by month as it is settled leaves what the year leaves');

done_testing();
