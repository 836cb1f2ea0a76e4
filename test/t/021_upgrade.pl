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
	UPDATE medaudit.rule SET parameters = '{"min_times": 8, "within_days": 5}' WHERE rule_code = 'companions';
	UPDATE medaudit.rule SET parameters = '{"max_gap_days": 20}' WHERE rule_code = 'split_stays';
	UPDATE medaudit.rule_parameter SET default_value = '2' WHERE name = 'grace_days';
	-- a new version that says nothing of what is enabled does not ship what a fund has set
	UPDATE medaudit.rule SET name_zh = '新编码规则' WHERE rule_code = 'invalid_resident_id';
	-- one that ships what a fund has set already
	UPDATE medaudit.rule SET enabled = false, certainty = 'notice', parameters = '{"min_days": 3}' WHERE rule_code = 'over_capacity';
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
		medaudit.set_rule('events_after_death', parameters => '{"grace_days": 4}'),
		medaudit.set_rule('invalid_resident_id', false, 'suspicion', '{"max_share": 0.1}'),
		medaudit.set_rule('over_capacity', false, 'notice', '{"min_days": 3}');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('own', 'split_stays', '本地', '{"max_gap_days": 3}'), ('own_death', 'events_after_death', '本地', '{}');
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

my $rules = q{SELECT string_agg(concat_ws(' ', rule_code, name_zh, enabled, certainty, shipped,
		(SELECT string_agg(p.name || ' ' || p.value, ', ' ORDER BY p.name COLLATE "C") FROM medaudit.rule_parameters AS p
		WHERE p.rule_code = r.rule_code AND p.name NOT LIKE 'exclude%')), E'\n' ORDER BY rule_code COLLATE "C")
	FROM medaudit.rule AS r
	WHERE rule_code IN ('companions', 'split_stays', 'events_after_death', 'starter_price', 'starter_amount', 'invalid_resident_id', 'over_capacity')
		OR NOT shipped};

is(ask($rules), <<'END' =~ s/\n\z//r, 'what was set stays, what was not is as the new version ships it');
companions 新名称 t suspicion t max_p 0.0001, min_times 5, within_days 5
events_after_death 死亡日期之后仍发生医疗费用 t suspicion t grace_days 4
invalid_resident_id 新编码规则 f suspicion t max_share 0.1
over_capacity 在院人数超过床位数 f notice t min_days 3
own 本地 t suspicion f diagnosis_digits 3, max_gap_days 3, same_facility true
own_death 本地 t suspicion f grace_days 2
split_stays 新名称 f suspicion t diagnosis_digits 3, max_gap_days 20, same_facility true
starter_amount 单日费用超过封顶金额 t suspicion t
starter_price 单价超过政府指导价 t notice t
END
is(ask(q{SELECT string_agg(rule_code || ' ' || name || ' ' || value || ' ' || default_value, ', ' ORDER BY rule_code, name) FROM medaudit.rule_parameters WHERE changed}),
	'companions min_times 5 8, events_after_death grace_days 4 2, invalid_resident_id max_share 0.1 0.5, own max_gap_days 3 15', 'and what was changed is known');

ask('DELETE FROM medaudit.rule_setting');
is(ask($rules), <<'END' =~ s/\n\z//r, 'without the settings it is what the new version ships');
companions 新名称 f suspicion t max_p 0.0001, min_times 8, within_days 5
events_after_death 死亡日期之后仍发生医疗费用 t suspicion t grace_days 2
invalid_resident_id 新编码规则 t notice t max_share 0.5
over_capacity 在院人数超过床位数 f notice t min_days 3
own 本地 t suspicion f diagnosis_digits 3, max_gap_days 3, same_facility true
own_death 本地 t suspicion f grace_days 2
split_stays 新名称 f suspicion t diagnosis_digits 3, max_gap_days 20, same_facility true
starter_amount 单日费用超过封顶金额 t suspicion t
starter_price 单价超过政府指导价 t suspicion t
END

done_testing();
