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
append_to_file("$folder$share/extension/medaudit--$version--upgraded.sql", q{
	UPDATE medaudit.rule SET certainty = 'suspicion', enabled = true
	WHERE rule_code IN ('starter_price', 'starter_amount');
	UPDATE medaudit.rule SET enabled = false, name_zh = '新名称' WHERE rule_code IN ('companions', 'split_stays');
	UPDATE medaudit.stay_rule SET max_gap_days = 20, min_times = 8
	WHERE rule_code IN ('companions', 'split_stays');
	DELETE FROM medaudit.person_rule WHERE rule_code = 'events_after_death';
	INSERT INTO medaudit.person_rule (rule_code, grace_days, newborn_days, shipped)
	VALUES ('events_after_death', 2, 99, true);
});
$node->append_conf('postgresql.conf', $setting eq 'extension_destdir'
	? "extension_destdir = '$folder'" : "extension_control_path = '$folder$share:\$system'");
$node->restart;
$node->safe_psql('postgres', 'CREATE EXTENSION medaudit');

ask(q{
	SELECT medaudit.set_rule('starter_price', certainty => 'notice'),
		medaudit.set_rule('companions', enabled => true, parameters => '{"min_times": 5}'),
		medaudit.set_rule('events_after_death', parameters => '{"grace_days": 4}');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('own', 'split_stays', '本地');
	INSERT INTO medaudit.stay_rule (rule_code, max_gap_days) VALUES ('own', 3);
	ALTER EXTENSION medaudit UPDATE TO 'upgraded';
});

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
