# What doc/operation.md and doc/bi.md schedule works when pasted: each line makes a
# job of pg_cron, and each job does its work, in a session of its own, and says so.
# To wait for no night, a job is told to begin with the server.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $project = $ENV{MEDAUDIT_PROJECT} // '.';
chomp(my $libraries = `pg_config --pkglibdir`);
plan skip_all => 'pg_cron is not installed' unless -e "$libraries/pg_cron.so";
plan skip_all => 'the pages are not there' unless -r "$project/doc/operation.md";

my $node = new_node('scheduled', bare => 1, conf => "shared_preload_libraries = 'pg_cron'\ntimezone = 'Asia/Shanghai'");
$node->append_conf('postgresql.conf', "cron.host = '" . $node->host . "'");
$node->restart;

sub ask
{
	return $node->safe_psql('postgres', shift);
}

# Lines of a page that schedule something.
sub lines_of
{
	return slurp_file("$project/$_[0]") =~ /^(SELECT cron\.\w+\(.*\);)/mg;
}

# Begins the job with the server, and says how it ended.
sub outcome_of
{
	my ($job) = @_;

	ask('DELETE FROM cron.job_run_details');
	ask("SELECT cron.alter_job(jobid, schedule => '\@reboot', active => jobname = '$job') FROM cron.job");
	$node->restart;
	$node->poll_query_until('postgres', "SELECT count(*) > 0 FROM cron.job_run_details JOIN cron.job USING (jobid)
		WHERE jobname = '$job' AND end_time IS NOT NULL") or die "$job does not end";
	return ask("SELECT status || CASE status WHEN 'failed' THEN ' ' || return_message ELSE '' END
		FROM cron.job_run_details JOIN cron.job USING (jobid) WHERE jobname = '$job'");
}

my $standing = q{SELECT string_agg(visit_id, ', ' ORDER BY visit_id) FROM medaudit.worklist};

# Somebody who was charged twice, yesterday and last month, and not again this year.
ask(q{
	CREATE EXTENSION pg_cron;
	CREATE EXTENSION medaudit;
	CREATE SCHEMA dw;
	CREATE TABLE dw.visit AS
	SELECT v.visit_id, v.settled_at, 'P' || visit_id AS person_id, 'F1' AS facility_id, settled_at - interval '2 hours' AS admitted_at,
		settled_at AS discharged_at, '11' AS visit_type
	FROM (VALUES ('V1', current_date - 1 + time '10:00'),
		('V2', (date_trunc('month', current_date) - interval '1 month' + interval '9 days 10 hours')::timestamp),
		('V3', current_date + time '00:30')) AS v (visit_id, settled_at);
	CREATE TABLE dw.charge AS
	SELECT visit_id, line_id, 'A' AS item_code, 1 AS quantity, 10 AS amount, admitted_at + interval '10 minutes' AS charged_at
	FROM dw.visit, unnest('{1,2}'::text[]) AS l (line_id);
	CREATE TABLE dw.change AS SELECT visit_id, settled_at AS changed_at FROM dw.visit;
	CALL medaudit.bind('visit', 'dw.visit');
	CALL medaudit.bind('charge', 'dw.charge');
	CALL medaudit.bind('change', 'dw.change');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'duplicate', '同日重复');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('mine', 'A', 'day');
	CALL medaudit.create_book_store();
	CALL medaudit.refresh_books()});

my @line = lines_of('doc/operation.md');
is_deeply([ lines_of('doc/zh/operation.md') ], \@line, 'both pages schedule the same');
ask($_) foreach @line;
is(ask(q{SELECT string_agg(jobname, ', ' ORDER BY jobid) FROM cron.job WHERE active}),
	'medaudit day, medaudit changes, medaudit indicators, medaudit month, medaudit check, medaudit due', 'each line makes a job');
# hours of pg_cron are GMT
is( ask(q{SELECT string_agg(jobname, ', ') FROM cron.job
		WHERE (split_part(schedule, ' ', 2)::int + 8) % 24 NOT BETWEEN 0 AND 6}),
	'', 'at night');

# What boards keep, as the page has it, by somebody who is no superuser.
my ($kept) = slurp_file("$project/doc/bi.md") =~ /^(## Many people at once.*?)^## /ms;
ask('CREATE ROLE bi_readers; CREATE ROLE analysts');
ask(join '', 'SET search_path = public, medaudit;', $kept =~ /^```sql\n(.*?)^```/msg);
ask('GRANT USAGE ON SCHEMA cron TO bi_keeper');
@line = lines_of('doc/bi.md');
is_deeply([ lines_of('doc/zh/bi.md') ], \@line, 'both pages refresh the same');
ask("SET ROLE bi_keeper; $_") foreach @line;
is(ask('SELECT count(*) FROM bi.worklist'), '0', 'nothing is found yet');
is( ask(q{SELECT string_agg(c.relname || '.' || a.attname, ', ') FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
		WHERE c.relnamespace = 'bi'::regnamespace AND c.relkind = 'v' AND c.relname <> 'excess_by_visit' AND col_description(c.oid, a.attnum) IS NULL}),
	'', 'each column of the plain views has its comment');

is(outcome_of('medaudit day'), 'succeeded', 'the day');
is(ask('SELECT from_date = current_date - 1 AND to_date = current_date FROM medaudit.run'), 't', 'of yesterday');
is(ask($standing), 'V1', 'finds what yesterday left');
is(outcome_of('medaudit indicators'), 'succeeded', 'indicators');
is( ask(q{SELECT numerator >= 1 FROM medaudit.indicator_month WHERE indicator = 'visits' AND subject_kind = 'facility' AND subject_id = 'F1'
		AND month = (date_trunc('month', current_date) - interval '1 month')::date}),
	't', 'of last month are there');
is(outcome_of('medaudit month'), 'succeeded', 'the month');
is(ask($standing), 'V1, V2', 'finds what last month left');
is(ask(q{SELECT count(*) FROM bi.worklist}), '0', 'boards show what was kept');
is(outcome_of('bi day'), 'succeeded', 'what is kept is refreshed by a job');
is(ask($standing =~ s/medaudit\./bi./r), 'V1, V2', 'and boards show what was found');
ask(q{INSERT INTO dw.charge SELECT visit_id, '3', 'B', 1, 5, charged_at FROM dw.charge WHERE visit_id = 'V3' AND line_id = '1'});
is(outcome_of('bi month'), 'succeeded', 'so is what reads all lines, each month');
is(ask(q{SELECT lines FROM bi.visit_features WHERE visit_id = 'V3'}), '3', 'and it has the new one');
is(ask(q{DELETE FROM dw.charge WHERE item_code = 'B'; SELECT lines FROM bi.excess_by_visit WHERE visit_id = 'V3'}), '1',
	'detectors are asked of the books that are kept');
is(outcome_of('medaudit changes'), 'succeeded', 'changes, of which there are none');
is(ask($standing), 'V1, V2', 'leave what stands');
ask(q{INSERT INTO dw.charge SELECT visit_id, '3', 'A', -1, -10, charged_at + interval '1 day' FROM dw.charge WHERE visit_id = 'V2' AND line_id = '2';
	UPDATE dw.change SET changed_at = localtimestamp WHERE visit_id = 'V2'});
is(outcome_of('medaudit check'), 'succeeded', 'the check');
is(ask('SELECT visit_id FROM medaudit.stale_visits'), 'V2', 'meets it');
is(outcome_of('medaudit changes'), 'succeeded', 'changes');
is(ask($standing), 'V1', 'and a refund that came late takes back what was found');
is(ask('SELECT count(*) FROM medaudit.stale_visits'), '0', 'nothing is left to be judged again');

ask(q{INSERT INTO medaudit.gateway VALUES (session_user);
	SELECT medaudit.review_finding(f.finding_id, 'confirm', actor => a) FROM medaudit.finding AS f, unnest('{ann,ben}'::text[]) AS a WHERE f.visit_id = 'V1';
	SELECT medaudit.issue_findings(array_agg(f.finding_id), current_date - 1) FROM medaudit.finding AS f WHERE f.visit_id = 'V1'});
is(outcome_of('medaudit due'), 'succeeded', 'what is due');
is(ask(q{SELECT state FROM medaudit.finding WHERE visit_id = 'V1'}), 'settled', 'is settled');

# a job that fails says so
ask('DROP VIEW medaudit_data.charge CASCADE');
like(outcome_of('medaudit day'), qr/^failed ERROR:  the relations visit and charge must be bound before a run/, 'a job that fails says why');

done_testing();
