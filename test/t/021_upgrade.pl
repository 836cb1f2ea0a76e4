# What a fund set of shipped rules survives an upgrade that ships other values,
# and deleting the setting then brings what the new version ships.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('upgrade', bare => 1);

sub ask
{
	return $node->safe_psql('postgres', $_[0]);
}

# A copy of the staged extension with one more script.
my ($setting) = ask(q{SELECT name FROM pg_settings
	WHERE name IN ('extension_destdir', 'extension_control_path')});
plan skip_all => 'the server takes extensions from one place only'
  unless $setting;
chomp(my $share = `pg_config --sharedir`);
my ($stage) = split /:/, ask("SHOW $setting");
$stage =~ s/\Q$share\E$//;
my $folder = PostgreSQL::Test::Utils::tempdir();
system('cp', '-R', "$stage/.", $folder) == 0 or die;
my ($version) = slurp_file("$folder$share/extension/medaudit.control") =~ /default_version = '(.*)'/;
# The next version as the build makes it: what changes of the tables, then all
# routines, views and triggers again.
my $project = $ENV{MEDAUDIT_PROJECT} // '.';
my $next = PostgreSQL::Test::Utils::tempdir();
system('cp', '-RL', (map { "$project/$_" } qw(Makefile medaudit.control sql src doc)), $next) == 0 or die;
mkdir "$next/sql/updates";
append_to_file("$next/sql/updates/$version--99.0.0.sql", q{
	UPDATE medaudit.rule SET certainty = 'suspicion', enabled = true
	WHERE rule_code IN ('starter_price', 'starter_amount');
	UPDATE medaudit.rule SET enabled = false, name_zh = '新名称' WHERE rule_code IN ('companions', 'split_stays');
	UPDATE medaudit.stay_rule SET max_gap_days = 20, min_times = 8
	WHERE rule_code IN ('companions', 'split_stays');
	DELETE FROM medaudit.person_rule WHERE rule_code = 'events_after_death';
	INSERT INTO medaudit.person_rule (rule_code, grace_days, newborn_days, shipped)
	VALUES ('events_after_death', 2, 99, true);
});
my ($words) = slurp_file("$project/sql/text/address.once.sql") =~ /(INSERT INTO address_word .*?;\n)/s;
append_to_file("$next/sql/updates/$version--99.0.0.once.sql", q{
	CREATE TABLE made_by_the_upgrade AS SELECT count(*) FROM functions;
	DELETE FROM address_word WHERE shipped;
} . $words);
my $control = slurp_file("$next/medaudit.control") =~ s/^default_version.*/default_version = '99.0.0'/mr;
unlink "$next/medaudit.control";
append_to_file("$next/medaudit.control", $control);
system("make -s -C $next PG_CONFIG=" . ($ENV{PG_CONFIG} // 'pg_config') . " sql/medaudit--$version--99.0.0.sql") == 0 or die;
system('cp', "$next/sql/medaudit--$version--99.0.0.sql", "$folder$share/extension") == 0 or die;
$node->append_conf('postgresql.conf', $setting eq 'extension_destdir'
	? "extension_destdir = '$folder'" : "extension_control_path = '$folder$share:\$system'");
$node->restart;
$node->safe_psql('postgres', 'CREATE EXTENSION medaudit');

# All that belongs to the extension, as it is.
my $members = q{
	SELECT pg_describe_object(d.classid, d.objid, 0) || ': ' || coalesce(obj_description(d.objid, d.classid::regclass::name), 'no comment')
		|| CASE d.classid WHEN 'pg_proc'::regclass THEN (SELECT CASE WHEN p.prokind = 'a' THEN (SELECT a::text FROM pg_aggregate AS a
				WHERE a.aggfnoid = p.oid) ELSE pg_get_functiondef(p.oid) END || coalesce(p.proacl::text, '') FROM pg_proc AS p WHERE p.oid = d.objid)
			WHEN 'pg_class'::regclass THEN (SELECT concat(c.relacl, CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) END,
				(SELECT string_agg(concat_ws(' ', a.attname, a.atttypid::regtype, a.attnotnull, col_description(c.oid, a.attnum)), ', ' ORDER BY a.attnum)
				FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0),
				(SELECT string_agg(pg_get_triggerdef(t.oid), '; ' ORDER BY t.tgname) FROM pg_trigger AS t WHERE t.tgrelid = c.oid))
				FROM pg_class AS c WHERE c.oid = d.objid)
			ELSE '' END
	FROM pg_depend AS d
	JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
	WHERE e.extname = 'medaudit' AND pg_describe_object(d.classid, d.objid, 0) !~ 'made_by_the_upgrade'
	ORDER BY 1};
my $before = ask($members);

ask(q{
	SELECT medaudit.set_rule('starter_price', certainty => 'notice'),
		medaudit.set_rule('companions', enabled => true, parameters => '{"min_times": 5}'),
		medaudit.set_rule('events_after_death', parameters => '{"grace_days": 4}');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('own', 'split_stays', '本地');
	INSERT INTO medaudit.stay_rule (rule_code, max_gap_days) VALUES ('own', 3);
	INSERT INTO medaudit.address_word (kind, word) VALUES ('town', '镇'), ('building', '斋');
	ALTER EXTENSION medaudit UPDATE TO '99.0.0';
});

is(ask('SELECT count = (SELECT count(*) FROM medaudit.functions) FROM medaudit.made_by_the_upgrade'), 't',
	'what an upgrade makes after the routines is made');
ok(ask($members) eq $before, 'routines, views and triggers made again are what they were, with their comments and rights');
cmp_ok(scalar(() = $before =~ /^function /mg), '>', 300, 'and there are many');

is(ask(q{SELECT count(*) FILTER (WHERE shipped) = cardinality(string_to_array(medaudit.shipped_address_words(), E'\n')) - 1,
		string_agg(kind || ' ' || word, ', ' ORDER BY kind) FILTER (WHERE NOT shipped) FROM medaudit.address_word}),
	't|building 斋, town 镇', 'shipped words of addresses are those of the build, own ones stay beside them');

my $rules = q{SELECT string_agg(concat_ws(' ', rule_code, name_zh, enabled, certainty, max_gap_days, min_times,
		grace_days, newborn_days, r.shipped), E'\n' ORDER BY rule_code COLLATE "C")
	FROM medaudit.rule AS r
	LEFT JOIN medaudit.stay_rule AS s USING (rule_code)
	LEFT JOIN medaudit.person_rule AS p USING (rule_code)
	WHERE rule_code IN ('companions', 'split_stays', 'events_after_death', 'starter_price', 'starter_amount', 'own')};

is(ask($rules), <<'END' =~ s/\n\z//r, 'what was set stays, what was not is as the new version ships it');
companions 新名称 t suspicion 20 5 t
events_after_death 死亡日期之后仍发生医疗费用 t suspicion 4 99 t
own 本地 t suspicion 3 2 f
split_stays 新名称 f suspicion 20 8 t
starter_amount 单日费用超过封顶金额 t suspicion t
starter_price 单价超过政府指导价 t notice t
END

ask('DELETE FROM medaudit.rule_setting');
is(ask($rules), <<'END' =~ s/\n\z//r, 'without the settings it is what the new version ships');
companions 新名称 f suspicion 20 8 t
events_after_death 死亡日期之后仍发生医疗费用 t suspicion 2 99 t
own 本地 t suspicion 3 2 f
split_stays 新名称 f suspicion 20 8 t
starter_amount 单日费用超过封顶金额 t suspicion t
starter_price 单价超过政府指导价 t suspicion t
END

done_testing();
