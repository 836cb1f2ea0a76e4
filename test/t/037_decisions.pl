# Decisions and runs, at once and by turns.
#
# Two people at one finding, a run while somebody decides, thousands issued while
# others review: no event is lost, nobody waits for ever.  Then random scripts of
# runs, reviews, appeals, refunds, corrections and rules that change, from a fixed
# seed; after each step what must hold does: one standing finding per identity, the
# lines of a finding add up to it, the log is whole, and nothing of which somebody
# has said something has changed or gone.  MEDAUDIT_STEPS=400 is the long form.
use strict;
use warnings;

use IPC::Run qw(start finish);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('decisions');
my $steps = $ENV{MEDAUDIT_STEPS} // 24;

sub ask
{
	return $node->safe_psql('postgres', $_[0]);
}

# What statements answer, or their errors.
sub told
{
	my ($code, $out, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSET client_min_messages = error;\n$_[0]", on_error_stop => 0);

	return join(' ', map { "ERROR $_" } $err =~ /ERROR:\s+(\w+)/g) || $out;
}

# A session that works while the test goes on.
sub session
{
	my ($sql) = @_;
	my $text = '';

	return { handle => start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', $sql ], '>&', \$text), text => \$text };
}

sub ended
{
	my ($session) = @_;

	finish $session->{handle};
	return ${ $session->{text} };
}

sub wait_for
{
	my ($query) = @_;

	$node->poll_query_until('postgres', $query) or die "not: $query";
}

my $put = q{INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount, claimed_amount, fund_amount,
		evidence, key, judged_on, rule_name, evidence_text, fingerprint)
	SELECT i, 1, 'r', 'suspicion', 'facility', 'F' || i % 60, 'V' || i, 'F' || i % 60, 100, 80, 40, '{}', i, '2026-03-05', 'r', 'x', '\x00'
	FROM generate_series(%d, %d) AS i};
ask("INSERT INTO medaudit.gateway VALUES (session_user)");
ask(sprintf $put, 1, 12000);

# ------------------------------------------------------------- at the same time

my $first = session(q{BEGIN; SELECT medaudit.review_finding(1, 'confirm', actor => 'ann'); SELECT pg_sleep(2); COMMIT});
wait_for("SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'");
my $second = session("SELECT medaudit.review_finding(1, 'confirm', actor => 'ben')");
is(ended($second) . '', "reviewed\n", 'the second reviewer waits for the first');
like(ended($first), qr/first_review/, 'who has not seen him');
is(told("SELECT medaudit.review_finding(1, 'confirm', actor => 'cat')"), 'ERROR 55000', 'a third comes too late');

$first = session(q{BEGIN; SELECT medaudit.review_finding(2, 'confirm', actor => 'ann'); SELECT pg_sleep(2); COMMIT});
wait_for("SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'");
is(told("SELECT medaudit.review_finding(2, 'dismiss', 'other', actor => 'ann')"), 'ERROR 42501', 'one person in two sessions counts once');
ended($first);

# Many at once, in orders that cross; who reviews the same ones meanwhile waits.
ask(q{INSERT INTO medaudit.finding_event (finding_id, step, verdict, actor)
	SELECT i, 'review', 'confirm', a FROM generate_series(101, 10100) AS i CROSS JOIN unnest('{ann,ben}'::text[]) AS a ORDER BY i, a});
my @many = (
	session(q{SELECT medaudit.issue_findings(array_agg(i ORDER BY i DESC), '2026-05-01') FROM generate_series(101, 10100) AS i}),
	session(q{DO $$ BEGIN FOR i IN REVERSE 12000 .. 11500 LOOP PERFORM medaudit.review_finding(i, 'confirm', actor => 'ann'); END LOOP; END $$}),
	session(q{DO $$ BEGIN FOR i IN 11500 .. 12000 LOOP PERFORM medaudit.note_finding(i, 'seen', actor => 'cat'); COMMIT; END LOOP; END $$}),
	session(q{SELECT count(medaudit.note_finding(i, 'seen', actor => 'zoe')) FROM generate_series(5000, 4500, -1) AS i}));
my $said = join '', map { ended($_) } @many;
unlike($said, qr/deadlock|ERROR/, 'nobody is refused');
is(ask(q{SELECT count(*) FILTER (WHERE state = 'issued'), count(*) FILTER (WHERE state = 'first_review') FROM medaudit.finding}), '10000|502', 'all is issued and reviewed');
is(ask(q{SELECT count(*), count(DISTINCT (finding_id, prev_hash)) FROM medaudit.finding_event WHERE finding_id > 100}), '31503|31503', 'no event is lost');
is(ask('SELECT count(*) FROM medaudit.check_finding_log()'), '0', 'and the log is whole');
ask(q{ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
	DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding;
	ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events; ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard});

# ------------------------------------------------------- a run while one decides

made_claims($node);
my $whole = "CALL medaudit.run_audit('2024-01-01', '2026-07-01')";
ask($whole);
my ($id) = ask("SELECT min(finding_id) FROM medaudit.finding WHERE rule_code = 'c_quantity1'");
my ($visit) = ask("SELECT visit_id FROM medaudit.finding WHERE finding_id = $id");
ask("UPDATE w.charge SET amount = amount + 1 WHERE visit_id = '$visit'");
$first = session(qq{BEGIN; SELECT medaudit.review_finding($id, 'confirm', actor => 'ann'); SELECT pg_sleep(600)});
wait_for("SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND wait_event = 'PgSleep'");
my $run = session($whole);
wait_for("SELECT count(*) > 0 FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid) WHERE NOT l.granted AND a.query LIKE 'CALL medaudit.run_audit%'");
ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
ended($first);
unlike(ended($run), qr/ERROR/, 'a run waits for who is just deciding');
is(ask("SELECT state, (SELECT count(*) FROM medaudit.finding_event) FROM medaudit.finding WHERE finding_id = $id"), 'open|0', 'who did not');
ask("UPDATE w.charge SET amount = amount + 1 WHERE visit_id = '$visit'");
$first = session(qq{BEGIN; SELECT medaudit.review_finding($id, 'confirm', actor => 'ann'); SELECT pg_sleep(3); COMMIT});
wait_for("SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND wait_event = 'PgSleep'");
$run = session($whole);
unlike(ended($first) . ended($run), qr/ERROR/, 'and for who did');
is(ask("SELECT state, decided_state FROM medaudit.finding WHERE finding_id = $id"), 'changed|first_review', 'whose finding is put aside, not replaced');
is(ask("SELECT string_agg(step, ',' ORDER BY event_id) FROM medaudit.finding_event WHERE finding_id = $id"), 'review,changed', 'and says so');

# --------------------------------------------------------------- random scripts

srand(20260305);
ask(q{CREATE TABLE w.seen (finding_id bigint PRIMARY KEY, what text)});
# What somebody has spoken of stays as it was then.
my $content = q{SELECT f.finding_id, concat_ws('|', f.rule_code, f.subject_id, f.key, f.judged_on, f.gross_amount, f.fund_amount, f.evidence, f.evidence_text, encode(f.fingerprint, 'hex'),
		(SELECT md5(string_agg(to_jsonb(l)::text, ',' ORDER BY l.line_no)) FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id)) AS what
	FROM medaudit.finding AS f WHERE EXISTS (SELECT FROM medaudit.finding_event AS e WHERE e.finding_id = f.finding_id AND e.step NOT IN ('exempt', 'restore', 'superseded'))};
my %broken = (
	'one standing finding per identity' => q{SELECT count(*) FROM (SELECT FROM medaudit.finding WHERE state NOT IN ('changed', 'superseded')
		GROUP BY rule_code, subject_kind, subject_id, key HAVING count(*) > 1) AS d},
	'the lines of a finding add up to it' => q{SELECT count(*) FROM medaudit.finding AS f JOIN (SELECT finding_id, sum(excess_amount) AS gross, sum(excess_claimed) AS claimed, sum(fund_amount) AS fund
		FROM medaudit.finding_line WHERE excess_amount IS NOT NULL GROUP BY finding_id) AS l USING (finding_id)
		WHERE (f.gross_amount, f.claimed_amount, f.fund_amount) IS DISTINCT FROM (l.gross, l.claimed, l.fund)},
	'the log is whole' => 'SELECT count(*) FROM medaudit.check_finding_log()',
	'no event is without its finding' => 'SELECT count(*) FROM medaudit.finding_event AS e WHERE NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.finding_id = e.finding_id)',
	'what somebody spoke of is as it was' => "SELECT count(*) FROM w.seen AS s LEFT JOIN ($content) AS c USING (finding_id) WHERE c.what IS DISTINCT FROM s.what",
	'what is put aside was spoken of' => q{SELECT count(*) FROM medaudit.finding WHERE state IN ('changed', 'superseded') AND decided_state IS NULL},
	'money counts as it is ranked anew' => q{SELECT count(*) FROM (SELECT finding_id, line_no, gross_once FROM medaudit.ranked_line WHERE line_no > 0
		EXCEPT SELECT finding_id, line_no, gross_once FROM medaudit._ranked_lines()) AS d});

sub some_findings
{
	my ($state, $count) = @_;

	return split /\n/, ask("SELECT finding_id FROM medaudit.finding WHERE state IN ($state) ORDER BY md5(finding_id || '" . rand() . "') LIMIT $count");
}

my %act = (
	run => sub { return $whole },
	quarter => sub { my $q = int(rand(8)); return "CALL medaudit.run_audit((date '2024-01-01' + interval '3 months' * $q)::date, (date '2024-04-01' + interval '3 months' * $q)::date)" },
	review => sub {
		return join ';', map {
			my $id = $_;
			map {
				my $verdict = rand() < 0.75 ? "'confirm'" : "'dismiss', 'documented'";
				"SELECT medaudit.review_finding($id, $verdict, actor => '" . (qw(ann ben cat))[ rand 3 ] . "'"
				  . (rand() < 0.3 && $verdict =~ /confirm/ ? ", confirmed_claimed => " . int(rand(10)) : '') . ')' } 1 .. 3 } some_findings("'open', 'first_review', 'reviewed'", 40) },
	issue => sub { my @id = some_findings("'reviewed'", 10); return "SELECT medaudit.issue_findings('{" . join(',', @id) . "}', '2026-05-01')" },
	appeal => sub { return join ';', map { "SELECT medaudit.appeal_finding($_, 'no', '2026-04-01')" } some_findings("'issued'", 5) },
	settle => sub { return join ';', map { "SELECT medaudit.settle_finding($_, '" . (qw(upheld withdrawn reduced))[ rand 3 ] . "', 1, actor => 'zoe')" } some_findings("'appealed'", 5) },
	due => sub { return rand() < 0.3 ? "SELECT medaudit.settle_due('2026-06-01')" : "SELECT medaudit.settle_due('2026-05-01')" },
	note => sub { return join ';', map { "SELECT medaudit.note_finding($_, 'seen')" } some_findings("'open', 'reviewed', 'dismissed', 'settled'", 4) },
	refund => sub { return "INSERT INTO w.charge SELECT visit_id, line_id || 'r' || " . int(rand(1e6)) . ", item_code, - quantity, - amount, charged_at, category FROM w.charge
		WHERE quantity > 0 ORDER BY md5(visit_id || line_id || '" . rand() . "') LIMIT 8" },
	correct => sub { return "UPDATE w.charge SET amount = amount + 5 WHERE ctid IN (SELECT ctid FROM w.charge WHERE quantity > 0 ORDER BY md5(visit_id || line_id || '" . rand() . "') LIMIT 40)" },
	exempt => sub { return "SELECT medaudit.approve_exemption(medaudit.exempt(rule_code, 'other', 'x', '[2024-01-01,2026-12-31)', facility_id => 'F" . (1 + int(rand(5))) . "'"
		. (rand() < 0.5 ? ", person_id => 'P0' || (10 + " . int(rand(20)) . ")" : '') . ", actor => 'ann'), 'ben') FROM medaudit.rule WHERE enabled ORDER BY md5(rule_code || '" . rand() . "') LIMIT 1" },
	report => sub { return "INSERT INTO medaudit.self_report (facility_id, rule_code, visit_id, line_id) SELECT l.facility_id, f.rule_code, l.visit_id, l.line_id
		FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state = 'open' AND l.excess_amount IS NOT NULL ORDER BY md5(l.visit_id || '" . rand() . "') LIMIT 6 ON CONFLICT DO NOTHING" },
	revoke => sub { return "SELECT medaudit.revoke_exemption(min(exemption_id), 'x') FROM medaudit.exemption WHERE revoked_on IS NULL HAVING count(*) > 0" },
	rule => sub { return "UPDATE medaudit.rule SET enabled = NOT enabled WHERE rule_code = (SELECT rule_code FROM medaudit.rule WHERE rule_code LIKE 'c\\_%' ORDER BY md5(rule_code || '" . rand() . "') LIMIT 1)" });
my @often = qw(review issue appeal settle due note refund correct correct rule quarter exempt exempt report revoke);
my (%done, %wrong, @odd);

for my $step (1 .. $steps)
{
	my $name = $step % 12 == 0 || $step == $steps ? 'run' : $step < 6 ? (qw(x review issue appeal exempt correct))[$step] : $often[ rand @often ];
	my $answer = told($act{$name}->() || 'SELECT 1');

	$done{$name}++;
	push @odd, "$step $name: $answer" if $answer =~ /ERROR (?!42501|55000|23514)/;
	foreach my $what (sort keys %broken)
	{
		my $count = ask($broken{$what});
		$wrong{$what} .= " $step $name $count" if $count ne '0';
	}
	ask("INSERT INTO w.seen $content ON CONFLICT DO NOTHING");
}
note join ', ', map { "$_ $done{$_}" } sort keys %done;
is("@odd", '', 'nothing fails but what may not be');
is($wrong{$_} // '', '', $_) foreach sort keys %broken;
cmp_ok(ask("SELECT count(DISTINCT state) FROM medaudit.finding"), '>=', 6, 'findings of most states were met');
cmp_ok(ask("SELECT count(*) FROM medaudit.finding WHERE state IN ('changed', 'superseded')"), '>', 5, 'and some were put aside');

# After a run over all of it what stands is what a run finds that knows nothing of before.
my $standing = q{SELECT rule_code, subject_kind, subject_id, key, encode(fingerprint, 'hex') AS fingerprint, state FROM medaudit.finding WHERE state NOT IN ('changed', 'superseded')};
ask("CREATE TABLE w.stood AS $standing");
ask(q{ALTER TABLE medaudit.finding_event DISABLE TRIGGER keep_events; ALTER TABLE medaudit.finding DISABLE TRIGGER guard; ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
	DELETE FROM medaudit.finding_event; DELETE FROM medaudit.finding; DELETE FROM medaudit.run;
	ALTER TABLE medaudit.finding_event ENABLE TRIGGER keep_events; ALTER TABLE medaudit.finding ENABLE TRIGGER guard; ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard});
ask($whole);
ask("CREATE TABLE w.fresh AS $standing");
is(ask('SELECT count(*) FROM (SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM w.fresh EXCEPT SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM w.stood) AS d'), '0',
	'all that a run finds stands, or was dismissed as it is');
is(ask(q{SELECT count(*) FROM (SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM w.stood WHERE state <> 'dismissed'
	EXCEPT SELECT rule_code, subject_kind, subject_id, key, fingerprint FROM w.fresh) AS d}), '0', 'and nothing stands that it does not find');

done_testing();
