# Who may bind does not become who reads: a function or operator of a third role
# is refused wherever it stands, and is not run before.
use strict;
use warnings;

use IPC::Run;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('binders');

sub ask
{
	return $node->safe_psql('postgres', $_[0]);
}

# SQL as a role, all of it in one session.
sub as
{
	my ($role, $query) = @_;

	return "SET SESSION AUTHORIZATION $role; $query";
}

ask(q{
	CREATE ROLE binder;
	CREATE ROLE auditor;
	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.visit AS SELECT 'V' || n AS visit_id, 'P' || n AS person_id, 'h1' AS facility_id,
		timestamp '2026-03-01 08:00' AS admitted_at, timestamp '2026-03-05 10:00' AS discharged_at, '21'::text AS visit_type
	FROM generate_series(1, 3) AS n;
	CREATE TABLE warehouse.charge AS SELECT 'V' || n AS visit_id, 'L' || l AS line_id, 'a' AS item_code, 1 AS quantity, 10.00 AS amount,
		timestamp '2026-03-02 10:00' AS charged_at, '1'::text AS vali_flag FROM generate_series(1, 3) AS n, generate_series(1, 2) AS l;
	CREATE TABLE warehouse.item AS SELECT 'a'::text AS item_code, 'N1'::text AS national_code;
	GRANT USAGE ON SCHEMA medaudit, warehouse TO binder, auditor;
	GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO binder, auditor;
	GRANT USAGE, CREATE ON SCHEMA medaudit_data TO binder;
	GRANT INSERT, UPDATE ON medaudit.binding TO binder;
	CREATE SCHEMA dirty AUTHORIZATION binder;
	GRANT USAGE ON SCHEMA dirty TO PUBLIC;
	SET ROLE binder;
	CREATE FUNCTION dirty.act() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
		EXECUTE 'ALTER ROLE binder SUPERUSER'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
	RESET ROLE;
	UPDATE medaudit.rule SET enabled = false;
	INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('mine', 'duplicate', '同日重复');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES ('mine', 'A', 'day')});

# Honest use: a binder who needs CREATE nowhere but there, a runner who is another
# role, tables of a superuser.
my $bind = q{
	CALL medaudit.bind('visit', 'warehouse.visit');
	CALL medaudit.bind('charge', 'warehouse.charge', '{"amount": "round(amount * 1.0, 2)"}', $$vali_flag = '1'$$);
	CALL medaudit.bind('item', 'warehouse.item');};
$node->safe_psql('postgres', as('binder', $bind));
ask(q{
	CALL medaudit.grant_access('auditor', 'runner');
	GRANT TRIGGER ON ALL TABLES IN SCHEMA medaudit_work TO auditor;
	GRANT CREATE, TEMPORARY ON DATABASE postgres TO auditor});
my $run = q{CALL medaudit.run_audit('2026-03-01', '2026-04-01')};
is(error_of($node, as('auditor', $run)), '', 'another role runs over the views of the binder');
is(ask('SELECT count(*) FROM medaudit.finding'), '3', 'and finds');
is(error_of($node, $run), '', 'a superuser, too');
is(error_of($node, 'CALL medaudit.rebind()'), '', 'and binds them again');
is(error_of($node, as('binder', $bind)), '', 'as the binder does');
is(ask(q{SELECT bool_and(problems = '{}') FROM medaudit.sources() WHERE source IS NOT NULL}), 't', 'sources() has nothing to say');

# What every attack plants: it makes its owner a superuser as soon as somebody
# who may do that runs it.
sub plant
{
	my ($head) = @_;

	return "CREATE OR REPLACE FUNCTION $head LANGUAGE plpgsql IMMUTABLE COST 0.1 AS \$\$ BEGIN
		PERFORM dirty.act(); RETURN \$1; END \$\$;";
}

sub is_harmless
{
	my ($what) = @_;
	my $super = ask(q{SELECT rolsuper FROM pg_roles WHERE rolname = 'binder'});

	ask('ALTER ROLE binder NOSUPERUSER') if $super eq 't';
	is($super, 'f', "$what: nothing of it was run");
}

# A session that lasts: what it found trusted is remembered until it changes.
my ($said, $answered) = ('', '');
my $lasting = IPC::Run::start([ 'psql', '-XAqt', '-d', $node->connstr('postgres') ], '<', \$said, '>', \$answered, '2>&1',
	IPC::Run::timeout(180));

sub lasting
{
	my ($query) = @_;

	$answered = '';
	$said .= "\\set VERBOSITY sqlstate\n$query;\n\\echo that is all\n";
	$lasting->pump until $answered =~ /that is all/;
	return $answered =~ /ERROR:\s+(\w{5})/ ? $1 : '';
}

my $look = 'SELECT medaudit._check_trusted()';

# PLANTED by the binder, who makes the views by himself; then everything that
# reads is refused.  ITEM: it is in the view of items, else of visits.
sub attack
{
	my ($what, $planted, $item) = @_;
	my ($code, $out, $err);

	ask('ALTER ROLE binder NOSUPERUSER');
	is(lasting($look) . lasting($look), '', "before $what all is trusted");
	is(error_of($node, as('binder', $planted)), '', "$what is planted");
	is(lasting($look), '42501', "$what: a session that had looked before sees it");
	is_harmless($what);
	is(error_of($node, $run), '42501', "$what: a run is refused");
	is(error_of($node, as('auditor', $run)), '42501', "$what: that of another, too");
	is_harmless($what);
	is(error_of($node, "SELECT medaudit.compile_rules('mine')"), $item ? '42501' : '', "$what: compile_rules() reads items only");
	is(error_of($node, "SELECT count(*) FROM $_"), '42501', "$what: so is $_")
	  foreach ($item ? qw(medaudit._item_classes() medaudit.item_conflicts() medaudit._item_forms()) : 'medaudit.split_stay_scores()',
		qw(medaudit.visit_features medaudit.hang_bed_scores()));
	is_harmless($what);
	is(error_of($node, 'SELECT medaudit._check_trusted()'), '42501', "$what is seen");
	like(ask(q{SELECT string_agg(problems::text, ' ') FROM medaudit.sources() WHERE problems <> '{}'}), qr/of binder in/, "$what: sources() tells");
	is_harmless($what);
	($code, $out, $err) = $node->psql('postgres', 'CALL medaudit.rebind()');
	is($code, 0, "$what: rebind() goes on");
	is_harmless($what);
	$node->safe_psql('postgres', as('binder', $bind));
	is(error_of($node, $run), '', "$what: without it the run goes on");
	is(lasting($look), '', "$what: without it the session goes on, too");
	is_harmless($what);
}

attack('a function in an expression', plant('dirty.f(text) RETURNS text') .
	q{CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "dirty.f(visit_type)"}')});
attack('a constant function', plant('dirty.f(text) RETURNS text') .
	q{CALL medaudit.bind('visit', 'warehouse.visit', $${"visit_type": "dirty.f('21')"}$$)});
attack('a function in a row filter', plant('dirty.yes(bool) RETURNS bool') .
	q{CALL medaudit.bind('item', 'warehouse.item', row_filter => 'dirty.yes(true)')}, 1);
attack('a function in the view of items', plant('dirty.f(text) RETURNS text') .
	q{CALL medaudit.bind('item', 'warehouse.item', '{"national_code": "dirty.f(national_code)"}')}, 1);
attack('an overload that fits better', plant('medaudit_data.lower(varchar) RETURNS varchar') .
	q{SET search_path = medaudit_data, pg_catalog;
	CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "lower(visit_type::varchar)"}'); RESET search_path});
attack('an operator', q{CREATE OR REPLACE FUNCTION medaudit_data.same(text[], text[]) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
		PERFORM dirty.act(); RETURN true; END $$;
	CREATE OPERATOR medaudit_data.= (LEFTARG = text[], RIGHTARG = text[], FUNCTION = medaudit_data.same);
	SET search_path = medaudit_data, pg_catalog;
	CALL medaudit.bind('visit', 'warehouse.visit', row_filter => 'ARRAY[visit_type] = ARRAY[visit_type]'); RESET search_path;});
attack('a nested view', plant('dirty.f(text) RETURNS text') .
	q{CREATE OR REPLACE VIEW dirty.inner_view AS SELECT v.*, dirty.f(v.visit_id) AS extra FROM warehouse.visit AS v;
	CREATE OR REPLACE VIEW dirty.outer_view AS SELECT * FROM (SELECT * FROM dirty.inner_view) AS i;
	GRANT SELECT ON dirty.inner_view, dirty.outer_view TO PUBLIC;
	CALL medaudit.bind('visit', 'dirty.outer_view')});
attack('a cast', q{CREATE TYPE dirty.code AS (value text);} . plant('dirty.f(dirty.code) RETURNS dirty.code') .
	q{CREATE OR REPLACE FUNCTION dirty.as_text(dirty.code) RETURNS text LANGUAGE sql AS $$ SELECT (dirty.f($1)).value $$;
	CREATE CAST (dirty.code AS text) WITH FUNCTION dirty.as_text(dirty.code);
	CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "ROW(visit_type)::dirty.code::text"}')});
attack('an aggregate', plant('dirty.f(text, text) RETURNS text') .
	q{CREATE AGGREGATE dirty.any_of(text) (SFUNC = dirty.f, STYPE = text);
	CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "(SELECT dirty.any_of(x) FROM unnest(ARRAY[''21'', ''22'']) AS x)"}')});
attack('a domain', plant('dirty.yes(bool) RETURNS bool') .
	q{CREATE DOMAIN dirty.code AS text CHECK (dirty.yes(VALUE IS NOT NULL));
	CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "visit_type::dirty.code"}')})
  if ask('DROP TYPE dirty.code CASCADE; SELECT true') eq 't';
attack('a window function over a function in FROM', plant('dirty.f(int) RETURNS int') .
	q{CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "(SELECT ''21'' FROM dirty.f(1) AS f LIMIT 1)"}')});
attack('a row policy', plant('dirty.yes(bool) RETURNS bool') .
	q{CREATE TABLE dirty.visit AS SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.visit TO PUBLIC;
	ALTER TABLE dirty.visit ENABLE ROW LEVEL SECURITY;
	CREATE POLICY p ON dirty.visit USING (dirty.yes(true));
	CALL medaudit.bind('visit', 'dirty.visit')});
attack('an index', plant('dirty.f(text) RETURNS text') .
	q{CREATE TABLE dirty.indexed AS SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.indexed TO PUBLIC;
	CREATE INDEX ON dirty.indexed ((dirty.f('x') || visit_id));
	CALL medaudit.bind('visit', 'dirty.indexed')});
attack('statistics', plant('dirty.f(text) RETURNS text') .
	q{CREATE TABLE dirty.counted AS SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.counted TO PUBLIC;
	CREATE STATISTICS dirty.s ON (dirty.f('x') || visit_id) FROM dirty.counted;
	CALL medaudit.bind('visit', 'dirty.counted')});
attack('a check', plant('dirty.f(text) RETURNS text') .
	q{CREATE TABLE dirty.checked AS SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.checked TO PUBLIC;
	ALTER TABLE dirty.checked ADD CHECK (dirty.f('x') || visit_id <> '');
	CALL medaudit.bind('visit', 'dirty.checked')});
attack('a partition key', plant('dirty.f(text) RETURNS text') .
	q{CREATE TABLE dirty.parted (LIKE warehouse.visit) PARTITION BY LIST ((dirty.f('x') || facility_id));
	CREATE TABLE dirty.parted_1 PARTITION OF dirty.parted DEFAULT;
	INSERT INTO dirty.parted SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.parted TO PUBLIC;
	CALL medaudit.bind('visit', 'dirty.parted')});
attack('an index of a partition', plant('dirty.f(text) RETURNS text') .
	q{CREATE TABLE dirty.split (LIKE warehouse.visit) PARTITION BY LIST (facility_id);
	CREATE TABLE dirty.split_1 PARTITION OF dirty.split DEFAULT;
	CREATE INDEX ON dirty.split_1 ((dirty.f('x') || visit_id));
	INSERT INTO dirty.split SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.split TO PUBLIC;
	CALL medaudit.bind('visit', 'dirty.split')});
attack('a domain in a row type', plant('dirty.yes(bool) RETURNS bool') .
	q{CREATE DOMAIN dirty.inner_code AS text CHECK (dirty.yes(VALUE IS NOT NULL));
	CREATE TYPE dirty.pair AS (code dirty.inner_code, n int);
	CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "((''('' || visit_type || '',1)'')::dirty.pair).code"}')});

# What runs or reads what it is told, whoever owns it
sub refuse_call
{
	my ($what, $expression, $told) = @_;
	my $view = 'SELECT v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, ' . "$expression AS visit_type FROM warehouse.visit AS v";

	is(error_of($node, as('binder', "CALL medaudit.bind('visit', 'warehouse.visit', jsonb_build_object('visit_type', \$x\$$expression\$x\$))")), '42501', "$what is refused");
	$node->safe_psql('postgres', as('binder', "DROP VIEW medaudit_data.visit; CREATE VIEW medaudit_data.visit WITH (security_invoker = true) AS $view;
		GRANT SELECT ON medaudit_data.visit TO auditor"));
	is(error_of($node, $run), '42501', "$what in a view made by hand");
	like(ask(q{SELECT string_agg(problems::text, ' ') FROM medaudit.sources() WHERE problems <> '{}'}), $told // qr/does what it is told/, "$what: sources() tells");
	is_harmless($what);
	$node->safe_psql('postgres', as('binder', "CREATE OR REPLACE VIEW dirty.told AS $view;
		DROP VIEW medaudit_data.visit; CREATE VIEW medaudit_data.visit WITH (security_invoker = true) AS TABLE dirty.told"));
	is(error_of($node, $run), '42501', "$what in a view below");
	is_harmless($what);
	$node->safe_psql('postgres', as('binder', "DROP VIEW medaudit_data.visit; DROP VIEW dirty.told; $bind GRANT SELECT ON medaudit_data.visit TO auditor"));
	is(error_of($node, $run), '', "$what: without it the run goes on");
}

$node->safe_psql('postgres', as('binder', plant('dirty.f(text) RETURNS text') . 'CREATE VIEW dirty.bait AS SELECT dirty.f($$x$$) AS x'));
ask(q{CREATE SCHEMA tools; CREATE EXTENSION tablefunc SCHEMA tools; GRANT USAGE ON SCHEMA tools TO PUBLIC})
  if ask(q{SELECT count(*) FROM pg_available_extensions WHERE name = 'tablefunc'}) eq '1';
refuse_call('a query as text', q{left(query_to_xml('SELECT dirty.f(''x'')', false, false, '')::text, 0)});
refuse_call('a view by name', q{left(table_to_xml(('dirty.' || 'bait')::regclass, false, false, '')::text, 0)});
refuse_call('a view as a sheet', q{(SELECT min(s.row_number)::text FROM medaudit._import_sheet(('dirty.' || 'bait')::regclass) AS s)});
refuse_call('a query for statistics of words', q{(SELECT max(word) FROM ts_stat('SELECT dirty.f(''x'')::tsvector'))});
refuse_call('a setting', q{set_config('session_replication_role', 'replica', false)});
refuse_call('a type by number', q{left((record_in('(x,1)', (SELECT t.oid FROM pg_type AS t WHERE t.typname = 'pair'), -1))::text, 0)});
refuse_call('a query for a tool', q{(SELECT min(a) FROM tools.crosstab('SELECT ''a''::text, ''b''::text, dirty.f(''x'')') AS c (a text, b text))})
  if ask(q{SELECT count(*) FROM pg_extension WHERE extname = 'tablefunc'}) eq '1';
refuse_call('a catalogue that is not for everybody', q{(SELECT max(a.rolpassword) FROM pg_catalog.pg_authid AS a)}, qr/not everybody may read/);
# a view of a superuser is his act
ask(q{CREATE VIEW warehouse.dated AS SELECT v.*, random() AS drawn FROM warehouse.visit AS v; GRANT SELECT ON warehouse.dated TO binder, auditor});
is(error_of($node, as('binder', "CALL medaudit.bind('visit', 'warehouse.dated')")), '', 'a view of a superuser may draw');
is(error_of($node, $run), '', 'and a run reads it');
$node->safe_psql('postgres', as('binder', $bind));
# of a materialized view only what stands in it is read
$node->safe_psql('postgres', as('binder', plant('dirty.f(text) RETURNS text') .
	q{CREATE MATERIALIZED VIEW dirty.kept AS SELECT v.*, dirty.f(visit_id) AS extra FROM warehouse.visit AS v;
	GRANT SELECT ON dirty.kept TO PUBLIC;
	CALL medaudit.bind('visit', 'dirty.kept')}));
is(error_of($node, $run), '', 'a materialized view is data');
is_harmless('a materialized view');
$node->safe_psql('postgres', as('binder', $bind));
attack('a view made by hand', plant('dirty.f(text) RETURNS text') .
	q{DROP VIEW medaudit_data.item; CREATE VIEW medaudit_data.item AS SELECT dirty.f(item_code) AS item_code, national_code FROM warehouse.item;
	GRANT SELECT ON medaudit_data.item TO PUBLIC}, 1)
  if ask('ALTER VIEW medaudit_data.item OWNER TO binder; SELECT true') eq 't';

# What else of medaudit reads what is bound, outside of a run
foreach my $read (
	[ 'charge', 'item_code', q{SELECT medaudit.import_rules('daily_caps', 'warehouse.cap')} ],
	[ 'person', 'person_id', 'SELECT count(*) FROM medaudit.visit_features' ],
	[ 'swipe', 'person_id', 'SELECT count(*) FROM medaudit.hang_bed_scores()' ])
{
	my ($relation, $column, $query) = @$read;

	ask(qq{CREATE TABLE IF NOT EXISTS warehouse.cap (项目编码 text, 项目名称 text, 限制数量 text, 数量单位 text);
		TRUNCATE warehouse.cap; INSERT INTO warehouse.cap VALUES ('001102000010000', '普通门诊诊查费', '1', '次');
		CREATE TABLE IF NOT EXISTS warehouse.person AS SELECT 'P1'::text AS person_id;
		CREATE TABLE IF NOT EXISTS warehouse.swipe AS SELECT 'h9'::text AS facility_id, 'C1'::text AS card_id, timestamp '2026-03-02 10:00' AS swiped_at, 1 AS amount, 'P1'::text AS person_id;
		GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO binder});
	is(error_of($node, as('binder', plant('dirty.f(text) RETURNS text') . qq{CALL medaudit.bind('$relation', 'warehouse.$relation', '{"$column": "dirty.f($column)"}')})), '', "planted in $relation");
	is(error_of($node, $query), '42501', "$query is refused");
	is_harmless($query);
	is(error_of($node, as('binder', "CALL medaudit.bind('$relation', 'warehouse.$relation')")), '', "bound without it");
	is(error_of($node, $query), '', "$query is not");
}
ask(q{DROP VIEW medaudit_data.person, medaudit_data.swipe; DELETE FROM medaudit.binding WHERE relation IN ('person', 'swipe')});

# What a literal runs when it is read outlives an error only outside of the
# database: a sequence does, too.
$node->safe_psql('postgres', as('binder', q{CREATE SEQUENCE dirty.called;
	CREATE OR REPLACE FUNCTION dirty.yes(bool) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
		IF current_user = 'postgres' THEN PERFORM nextval('dirty.called'); END IF; RETURN true; END $$;
	CREATE FUNCTION dirty.first_of(dirty.pair) RETURNS text LANGUAGE sql AS 'SELECT ($1).n::text';
	CREATE TABLE dirty.pairs (pair dirty.pair)}));
# A row in binding: whoever calls rebind() must not run it.
foreach my $row (
	[ 'a function', q{'{"visit_type": "dirty.f(visit_type)"}', NULL::text} ],
	[ 'a constant function', q{$${"visit_type": "dirty.f('21')"}$$, NULL::text} ],
	[ 'a filter', q{'{}', $$dirty.f('x') = 'x'$$} ],
	[ 'a second statement', q{$${"visit_type": "visit_type) AS x; ALTER ROLE binder SUPERUSER; SELECT (1"}$$, NULL::text} ],
	[ 'a second statement in a filter', q{'{}', 'true); ALTER ROLE binder SUPERUSER; SELECT (true'} ],
	[ 'a literal of a row', q{$${"visit_type": "(('(x,1)'::dirty.pair).code)::text"}$$, NULL::text} ],
	[ 'a literal of a row by the name of its type', q{$${"visit_type": "(dirty.pair('(x,1)')).code::text"}$$, NULL::text} ],
	[ 'a literal of an array of rows', q{$${"visit_type": "('{\"(x,1)\"}'::dirty.pair[])[1].n::text"}$$, NULL::text} ],
	[ 'a literal that a function takes', q{$${"visit_type": "dirty.first_of('(x,1)')"}$$, NULL::text} ],
	[ 'a literal beside a column', q{$${"visit_type": "(SELECT '21' FROM dirty.pairs AS p WHERE p.pair = '(x,1)')"}$$, NULL::text} ],
	[ 'a function in a subquery', q{$${"visit_type": "(SELECT max(f) FROM dirty.f('21') AS f)"}$$, NULL::text} ])
{
	my ($what, $values) = @$row;
	my ($code, $out, $err);

	$node->safe_psql('postgres', as('binder', plant('dirty.f(text) RETURNS text') .
		"UPDATE medaudit.binding SET (columns, row_filter) = (SELECT c::jsonb, f FROM (VALUES ($values)) AS v (c, f)) WHERE relation = 'visit'"));
	($code, $out, $err) = $node->psql('postgres', 'CALL medaudit.rebind()');
	like($err, qr/relation "visit" was not bound/, "$what in a row of binding is refused by rebind()");
	is_harmless("$what in a row of binding");
	$node->safe_psql('postgres', as('binder', $bind));
}

is(ask('SELECT is_called FROM dirty.called'), 'f', 'no literal was read');

# By a superuser's own hand: told before it is run.
is(error_of($node, q{CALL medaudit.bind('visit', 'warehouse.visit', $${"visit_type": "dirty.f('21')"}$$)}), '42501',
	"somebody's function in an expression of a superuser is refused");
is_harmless("somebody's function");
$node->psql('postgres', q{ALTER FUNCTION dirty.f(text) OWNER TO CURRENT_USER;
	CREATE OR REPLACE FUNCTION dirty.f(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'});
is(error_of($node, q{CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "dirty.f(visit_type)"}')}), '', 'what a superuser owns is taken');
is(error_of($node, as('auditor', $run)), '', 'whoever runs');

# What the binder calls as medaudit does is not called by README's search_path.
my ($path) = slurp_file(($ENV{MEDAUDIT_PROJECT} // ".") . "/README.md") =~ /^SET search_path = (.*);$/m;
$node->safe_psql('postgres', as('binder', "CREATE FUNCTION medaudit_data.code_fold(text) RETURNS text LANGUAGE sql AS 'SELECT \$\$planted\$\$'"));
is(ask("SET search_path = $path; SELECT code_fold('a'::text)"), 'A', 'a function beside the bound views is not before that of medaudit');
$node->safe_psql('postgres', as('binder', 'DROP FUNCTION medaudit_data.code_fold(text)'));

# Nor is an operator called that fits the types of the catalog better than the server's
# own, nor a type taken that stands before it on the path of whoever binds.
ask(q{CREATE SCHEMA open; GRANT USAGE, CREATE ON SCHEMA open TO binder});
foreach my $types (['oid', 'regclass'], ['oid', 'regtype'], ['regtype', 'regtype'])
{
	my ($left, $right) = @$types;

	$node->safe_psql('postgres', as('binder', "CREATE FUNCTION open.same($left, $right) RETURNS bool LANGUAGE plpgsql AS
		\$\$ BEGIN PERFORM dirty.act(); RETURN \$1::oid OPERATOR(pg_catalog.=) \$2::oid; END \$\$;
		CREATE FUNCTION open.other($left, $right) RETURNS bool LANGUAGE plpgsql AS
		\$\$ BEGIN PERFORM dirty.act(); RETURN \$1::oid OPERATOR(pg_catalog.<>) \$2::oid; END \$\$;
		CREATE OPERATOR open.= (LEFTARG = $left, RIGHTARG = $right, FUNCTION = open.same);
		CREATE OPERATOR open.<> (LEFTARG = $left, RIGHTARG = $right, FUNCTION = open.other)"));
}
$node->safe_psql('postgres', as('binder', q{CREATE FUNCTION open.joined(text, bigint) RETURNS text LANGUAGE plpgsql AS
	$$ BEGIN PERFORM dirty.act(); RETURN $1; END $$;
	CREATE OPERATOR open.|| (LEFTARG = text, RIGHTARG = bigint, FUNCTION = open.joined)}));
is(error_of($node, q{SET search_path = open; CALL medaudit.bind('charge', 'warehouse.charge', '{"charged_at": "charged_at::text || $$?$$"}', 'true');
	CALL medaudit.rebind()}), '', 'who binds with what others planted on his path');
is_harmless('an operator between types of the catalog');
is(error_of($node, q{CREATE TEMP TABLE date (); CREATE TEMP TABLE "timestamp" (); CREATE TEMP TABLE "numeric" ();
	CALL medaudit.bind('charge', 'warehouse.charge'); CALL medaudit.rebind()}), '', 'and who has types of those names');
ask(q{DROP SCHEMA open CASCADE});

# Nor does a trigger act that a runner has put on a working table, as he may where
# he was granted all.
ask(q{CREATE SCHEMA hers AUTHORIZATION auditor});
$node->safe_psql('postgres', as('auditor', q{CREATE FUNCTION hers.act() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN EXECUTE 'ALTER ROLE binder SUPERUSER'; RETURN NULL; END $$;
	CREATE TRIGGER act AFTER INSERT ON medaudit_work.span FOR EACH STATEMENT EXECUTE FUNCTION hers.act()}));
is(error_of($node, $run), '42501', 'a trigger on a working table: a run is refused');
is_harmless('a trigger on a working table');
ask('DROP SCHEMA hers CASCADE');
is(error_of($node, $run), '', 'and goes on without it');

# Membership does not count: a superuser is a member of every role.
ask(q{GRANT binder TO auditor; ALTER FUNCTION dirty.f(text) OWNER TO binder});
is(error_of($node, as('auditor', $run)), '42501', 'a member of the role of the function is not its owner');
ask('ALTER FUNCTION dirty.f(text) OWNER TO auditor');
is(error_of($node, as('auditor', $run)), '', 'a function of the runner is');
is(error_of($node, $run), '42501', 'but not before a superuser');

# What is remembered goes with the role of an owner, and with who may read a catalogue.
is(lasting($look), '42501', 'nor in a session that lasts');
ask('ALTER ROLE auditor SUPERUSER');
is(lasting($look) . lasting($look), '', 'what a superuser owns is trusted');
is(lasting("SET ROLE binder; $look; RESET ROLE"), '', 'by whoever reads');
ask('ALTER ROLE auditor NOSUPERUSER');
is(lasting($look), '42501', 'until he is none');
ask('ALTER FUNCTION dirty.f(text) OWNER TO CURRENT_USER');
is(lasting($look), '', 'or the owner is another');
is(lasting("SET ROLE binder; $look; RESET ROLE"), '', 'also by who bound');
ask('ALTER FUNCTION dirty.f(text) OWNER TO binder');
is(lasting("SET ROLE binder; $look; RESET ROLE"), '', 'who may run what is his');
is(lasting($look), '42501', 'while nobody else may');
$node->safe_psql('postgres', as('binder', q{CALL medaudit.bind('visit', 'warehouse.visit',
	'{"visit_type": "(SELECT visit_type FROM pg_catalog.pg_am LIMIT 1)"}')}));
is(lasting($look) . lasting($look), '', 'a catalogue that everybody may read is trusted');
ask('REVOKE SELECT ON pg_catalog.pg_am FROM PUBLIC');
is(lasting($look), '42501', 'until not everybody may');
ask('GRANT SELECT ON pg_catalog.pg_am TO PUBLIC');
is(lasting($look), '', 'and again when they may');
# of a transaction that comes to nothing nothing is remembered
$node->safe_psql('postgres', as('binder', $bind));
is(lasting(qq{BEGIN; SET LOCAL ROLE binder; CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "dirty.f(visit_type)"}'); $look; ROLLBACK}) . lasting($look),
	'', 'one who binds in a transaction that is rolled back leaves what was');
is(lasting(qq{SET ROLE binder; CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "dirty.f(visit_type)"}'); RESET ROLE; $look}), '42501',
	'one who binds in the session itself is seen in it');
# nor is anything trusted because it was so earlier in the same transaction: what the
# binder adds in spite of its locks is seen
$node->safe_psql('postgres', as('binder', plant('dirty.f(text) RETURNS text') . q{
	CREATE TABLE dirty.late (LIKE warehouse.visit) PARTITION BY LIST (facility_id);
	CREATE TABLE dirty.late_1 PARTITION OF dirty.late DEFAULT;
	CREATE TABLE dirty.late_2 (LIKE dirty.late);
	CREATE INDEX ON dirty.late_2 ((dirty.f('x') || visit_id));
	CREATE DOMAIN dirty.late_code AS text;
	CREATE TYPE dirty.late_pair AS (code dirty.late_code, n int);
	INSERT INTO dirty.late SELECT * FROM warehouse.visit;
	GRANT SELECT ON dirty.late TO PUBLIC;
	CALL medaudit.bind('visit', 'dirty.late', '{"visit_type": "visit_type::dirty.late_code"}')}));
my $visits = q{SELECT medaudit._check_trusted('visit')};
my $literal = q{SELECT medaudit._source_expression_type('warehouse.visit', $$(('(x,1)'::dirty.late_pair).code)::text || 'a'$$)};
foreach my $late (
	[ 'an index', q{CREATE INDEX late_index ON dirty.late_1 ((dirty.f('x') || visit_id))}, 'DROP INDEX dirty.late_index' ],
	[ 'statistics', q{CREATE STATISTICS dirty.late_statistics ON (dirty.f('x') || visit_id) FROM dirty.late_1}, 'DROP STATISTICS dirty.late_statistics' ],
	[ 'a partition', q{ALTER TABLE dirty.late DETACH PARTITION dirty.late_1; ALTER TABLE dirty.late ATTACH PARTITION dirty.late_2 FOR VALUES IN ('h2')},
		q{ALTER TABLE dirty.late DETACH PARTITION dirty.late_2; ALTER TABLE dirty.late ATTACH PARTITION dirty.late_1 DEFAULT}, 'first' ],
	[ 'a constraint of a domain', q{ALTER DOMAIN dirty.late_code ADD CONSTRAINT late CHECK (dirty.yes(VALUE IS NOT NULL))},
		'ALTER DOMAIN dirty.late_code DROP CONSTRAINT late', '', $literal ])
{
	my ($what, $planted, $undone, $first, $read) = @$late;
	my ($detach, $attach) = $first ? split(/; /, $planted) : ('', $planted);

	$node->safe_psql('postgres', as('binder', $detach)) if $detach;
	foreach my $asked ($visits, $read // ())
	{
		is(lasting($asked) . lasting("BEGIN; $asked"), '', "$what: trusted in a transaction");
		$node->safe_psql('postgres', as('binder', $attach));
		is(lasting($asked) , '42501', "$what is seen later in the same transaction");
		is(lasting('ROLLBACK'), '', "$what: the transaction ends");
		is_harmless($what);
		$node->safe_psql('postgres', as('binder', $first ? 'ALTER TABLE dirty.late DETACH PARTITION dirty.late_2' : $undone));
	}
	$node->safe_psql('postgres', as('binder', 'ALTER TABLE dirty.late ATTACH PARTITION dirty.late_1 DEFAULT')) if $first;
}
$said .= "\\q\n";
$lasting->finish;
$node->safe_psql('postgres', as('binder', q{CALL medaudit.bind('visit', 'warehouse.visit', '{"visit_type": "dirty.f(visit_type)"}')}));
ask('ALTER FUNCTION dirty.f(text) OWNER TO auditor');
my ($code, $out, $err) = $node->psql('postgres', 'SELECT medaudit._check_trusted()');
like($err, qr/view medaudit_data\.visit is not read: it would run function dirty\.f\(text\) of auditor.*It stands in view medaudit_data\.visit.*HINT/s,
	'the error names the function, its owner and the view');

$node->stop;
done_testing();
