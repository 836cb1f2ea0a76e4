# An upgrade leaves each object as a fresh install of the new version makes it.  What a fund
# set of shipped rules survives an upgrade that ships other values, and deleting the setting
# then brings what the new version ships.
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
system("make -s -C $next PG_CONFIG=" . ($ENV{PG_CONFIG} // 'pg_config') . " sql/medaudit--$version--99.0.0.sql sql/medaudit--99.0.0.sql") == 0 or die;
system('cp', "$next/sql/medaudit--$version--99.0.0.sql", "$next/sql/medaudit--99.0.0.sql", "$folder$share/extension") == 0 or die;
$node->append_conf('postgresql.conf', $setting eq 'extension_destdir'
	? "extension_destdir = '$folder'" : "extension_control_path = '$folder$share:\$system'");
$node->restart;
$node->safe_psql('postgres', 'CREATE EXTENSION medaudit');

# All that belongs to the extension, as it is: each member with what its catalogues have of
# it, and what hangs on its tables, types, operators and operator classes.
my $members = q{
	WITH member AS MATERIALIZED (
		SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS object
		FROM pg_depend AS d
		JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
		WHERE e.extname = 'medaudit' AND pg_describe_object(d.classid, d.objid, 0) !~ 'made_by_the_upgrade'
	), relation AS (
		SELECT m.object, c.* FROM member AS m JOIN pg_class AS c ON c.oid = m.objid WHERE m.classid = 'pg_class'::regclass
	), said (object, what, text) AS (
		SELECT object, 'comment', obj_description(objid, classid::regclass::name) FROM member
		UNION ALL SELECT m.object, 'routine', concat(CASE p.prokind WHEN 'a' THEN (SELECT to_jsonb(a)::text FROM pg_aggregate AS a WHERE a.aggfnoid = p.oid)
				ELSE pg_get_functiondef(p.oid) END, p.procost, ' ', p.prorows, ' ', p.prosupport, ' ', p.proleakproof, ' ', p.proacl)
		FROM member AS m JOIN pg_proc AS p ON p.oid = m.objid WHERE m.classid = 'pg_proc'::regclass
		UNION ALL SELECT r.object, 'relation', concat_ws(' ', r.relkind, r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.relreplident, r.reloptions, r.relacl,
			CASE WHEN r.relkind IN ('v', 'm') THEN pg_get_viewdef(r.oid) END) FROM relation AS r
		UNION ALL SELECT r.object, 'column ' || a.attname, concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
			a.attstorage, a.attcompression, a.attcollation::regcollation, a.attacl, pg_get_expr(d.adbin, d.adrelid), col_description(r.oid, a.attnum))
		FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
		UNION ALL SELECT r.object, 'constraint ' || c.conname, pg_get_constraintdef(c.oid) FROM relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid
		UNION ALL SELECT r.object, 'index', pg_get_indexdef(i.indexrelid) FROM relation AS r JOIN pg_index AS i ON i.indrelid = r.oid
		UNION ALL SELECT r.object, 'trigger', concat(pg_get_triggerdef(t.oid), t.tgenabled) FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
		UNION ALL SELECT r.object, 'policy', to_jsonb(p)::text FROM relation AS r JOIN pg_policies AS p ON (p.schemaname, p.tablename) = (r.relnamespace::regnamespace::name, r.relname)
		UNION ALL SELECT r.object, 'rule', pg_get_ruledef(w.oid) FROM relation AS r JOIN pg_rewrite AS w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
		UNION ALL SELECT r.object, 'sequence', concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
		FROM relation AS r JOIN pg_sequence AS s ON s.seqrelid = r.oid
		UNION ALL SELECT r.object, 'dumped', coalesce(e.extcondition[k.at], 'all') FROM relation AS r
		JOIN pg_extension AS e ON e.extname = 'medaudit' CROSS JOIN LATERAL unnest(e.extconfig) WITH ORDINALITY AS k (oid, at) WHERE k.oid = r.oid
		UNION ALL SELECT m.object, 'type', concat_ws(' ', t.typlen, t.typtype, t.typcategory, t.typalign, t.typstorage, t.typinput, t.typoutput, t.typreceive, t.typsend,
			t.typmodin, t.typanalyze, t.typsubscript, t.typdefault, t.typnotnull, t.typacl,
			(SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid),
			(SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)), ', ' ORDER BY a.attnum)
			FROM pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND t.typtype = 'c'))
		FROM member AS m JOIN pg_type AS t ON t.oid = m.objid WHERE m.classid = 'pg_type'::regclass
		UNION ALL SELECT m.object, 'operator', concat_ws(' ', o.oprcode, o.oprcom::regoperator, o.oprnegate::regoperator, o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash)
		FROM member AS m JOIN pg_operator AS o ON o.oid = m.objid WHERE m.classid = 'pg_operator'::regclass
		UNION ALL SELECT m.object, 'of the family', concat_ws(' ', a.amopstrategy, a.amopopr::regoperator) FROM member AS m JOIN pg_amop AS a ON a.amopfamily = m.objid WHERE m.classid = 'pg_opfamily'::regclass
		UNION ALL SELECT m.object, 'of the family', concat_ws(' ', a.amprocnum, a.amproc::regprocedure) FROM member AS m JOIN pg_amproc AS a ON a.amprocfamily = m.objid WHERE m.classid = 'pg_opfamily'::regclass
		UNION ALL SELECT m.object, 'cast', concat_ws(' ', c.castfunc::regprocedure, c.castcontext, c.castmethod) FROM member AS m JOIN pg_cast AS c ON c.oid = m.objid WHERE m.classid = 'pg_cast'::regclass
		UNION ALL SELECT m.object, 'schema', n.nspacl::text FROM member AS m JOIN pg_namespace AS n ON n.oid = m.objid WHERE m.classid = 'pg_namespace'::regclass
	)
	SELECT concat_ws(': ', object, what, replace(coalesce(text, 'none'), chr(10), ' ')) FROM said ORDER BY concat_ws(': ', object, what, text) COLLATE "C"};
# Lines of one and not of the other.
sub changes
{
	my ($before, $after) = @_;
	my %had = map { $_ => 1 } split /\n/, $before;
	my %has = map { $_ => 1 } split /\n/, $after;

	return join "\n", (map { "- $_" } grep { !$has{$_} } sort keys %had), (map { "+ $_" } grep { !$had{$_} } sort keys %has);
}

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
is(changes($before, ask($members)), '', 'every object is what it was, with its comments and rights');
cmp_ok(scalar(() = $before =~ /^function /mg), '>', 300, 'and there are many');
ask('CREATE DATABASE fresh TEMPLATE template0');
$node->safe_psql('fresh', q{CREATE EXTENSION medaudit VERSION '99.0.0'});
is(changes($node->safe_psql('fresh', $members), ask($members)), '', 'and what a fresh install of the new version makes');
foreach my $kind (qw(relation column constraint index trigger sequence dumped type operator cast schema), 'of the family')
{
	ok($before =~ /: $kind/m, "there is: $kind");
}

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
