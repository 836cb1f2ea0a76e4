# Hostile text.  Every argument of text, of arrays of it and of jsonb of whatever
# people call, found in the catalogue, is given each of a list of hostile names; so
# are roles, schemas, tables and columns of such names, and all that a warehouse
# tells.  Nothing of it is run as SQL (a sequence of a third role would know, also
# of what was rolled back), nothing fails with an internal error or with an error
# of syntax or of format(), and no page of HTML takes it for tags.  What fails
# writes nobody's name into the server's log.
use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use JSON::PP;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('security');

sub ask
{
	return decode('UTF-8', $node->safe_psql('postgres', encode('UTF-8', shift)));
}

# What a query gives as json.
sub list_of
{
	return @{ decode_json(encode('UTF-8', ask("SELECT coalesce(json_agg(q), '[]') FROM ($_[0]) AS t (q)"))) };
}

# Many statements, each by itself; those that fail, behind their SQLSTATE.
sub try_each
{
	my (@statements) = @_;
	my $number = 0;
	my @failed;
	my ($code, $out, $err) = $node->psql('postgres', encode('UTF-8', "\\set VERBOSITY sqlstate\nSET client_min_messages = error;\n"
		  . join('', map { $number++; "$_;\n\\warn ENDED $number\n" } @statements)), on_error_stop => 0);

	foreach my $part (split /(?<=ENDED \d)(?=\n)|(?<=ENDED \d\d)(?=\n)|(?<=ENDED \d\d\d)(?=\n)|(?<=ENDED \d\d\d\d)(?=\n)/, $err)
	{
		my ($which) = $part =~ /ENDED (\d+)$/;

		push @failed, "$1 " . ($which ? $statements[$which - 1] : '') foreach $part =~ /(?:ERROR|FATAL):\s+(\w{5})/g;
		push @failed, $part unless $which || $part =~ /^\s*$/;
	}
	push @failed, "only $number statements" unless $err =~ /ENDED $number\s*$/;
	return @failed;
}

# Of what failed, what has one of these SQLSTATEs.
sub with_state
{
	my ($states, @failed) = @_;

	return join "\n", map { substr $_, 0, 300 } grep { /^(?:$states)/ } @failed;
}

sub is_harmless
{
	my ($what) = @_;

	is(ask("SELECT is_called OR last_value > 1 FROM canary.fired"), 'f', "$what: nothing of it was run");
	is(ask("SELECT rolsuper FROM pg_roles WHERE rolname = 'attacker'"), 'f', "$what: and nobody is more than he was");
}

made_claims($node);
ask(<<'SQL');
	CREATE ROLE attacker;
	CREATE SCHEMA canary AUTHORIZATION attacker;
	GRANT USAGE ON SCHEMA canary TO PUBLIC;
	SET ROLE attacker;
	CREATE SEQUENCE canary.fired;
	GRANT ALL ON SEQUENCE canary.fired TO PUBLIC;
	CREATE FUNCTION canary.fire() RETURNS text LANGUAGE sql AS $$ SELECT nextval('canary.fired')::text $$;
	RESET ROLE;
	CREATE TABLE canary.hostile (n int GENERATED ALWAYS AS IDENTITY, name text UNIQUE);
	INSERT INTO canary.hostile (name)
	SELECT h FROM unnest(ARRAY['', ' ', '''', '"', '\', '$$', '$1', '$body$', '%', '%s%I%L%n', '%1$s', '{}', '{"', '{a', '[', '(', ');', '--', '/*', ';', '.', 'a.b.c', '::', '=cmd()',
		'''; SELECT canary.fire(); --', '"; SELECT canary.fire(); --', '); SELECT canary.fire(); --', '$$; SELECT canary.fire(); $$', '\''; SELECT canary.fire(); --',
		'$body$; SELECT canary.fire(); --', ''' || canary.fire() || ''', '" || canary.fire() || "', 'canary.fire()', '(SELECT canary.fire())', '''||(SELECT canary.fire())||''',
		'x'' = canary.fire() OR ''x', 'x); DROP SCHEMA medaudit CASCADE; --', '; ALTER ROLE attacker SUPERUSER', E'a\n; SELECT canary.fire();\n--', E'a\r\nb\tc', E'\x01\x7f',
		'a' || U&'\200B' || 'b', U&'\200B', U&'\FEFF' || 'x', U&'\202E' || 'x', U&'\FF07\FF1B' || 'SELECT canary.fire()' || U&'\FF1B' || '--', '＂；ｓｅｌｅｃｔ', '医保', repeat('长', 21), repeat('n', 63), repeat('n', 64),
		repeat('x', 61) || '"', repeat('医', 20) || '''; ', 'select', 'user', 'null', 'NULL', 'table', 'all', 'current_user', 'public', 'pg_catalog', 'medaudit', 'medaudit_data', 'visit', 'rule', 'finding',
		'medaudit.finding', 'pg_temp', 'regclass', '../../../etc/passwd', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '&lt;', repeat('(', 2000), repeat('"', 3001)]) AS h ON CONFLICT DO NOTHING;
SQL
my $hostile = ask('SELECT count(*) FROM canary.hostile');

is(ask('SELECT count(*) FROM medaudit.run'), 0, 'a warehouse of which nothing is audited');
ask("SET client_min_messages = error; CALL medaudit.run_audit('2024-01-01', '2025-01-01')");
cmp_ok(ask('SELECT count(*) FROM medaudit.finding'), '>', 10, 'and then is');

# ------------------------------------------------------- arguments of whatever is called

# What stands in the other arguments: by name where a name has a meaning, else by type.
ask(q{
	CREATE TABLE canary.neutral (name text, type regtype, value text);
	INSERT INTO canary.neutral VALUES ('relation', 'text', 'visit'), ('relations', 'text[]', '{visit}'), ('rule_code', 'text', 'c_quantity1'), ('kind', 'text', 'quantity'), ('book', 'text', 'claims'),
		('reason_code', 'text', 'other'), ('verdict', 'text', 'confirm'), ('visit_id', 'text', 'V00001'), ('facility_id', 'text', 'F1'), ('person_id', 'text', 'P001'), ('level', 'text', 'reader'),
		('schema_name', 'text', 'w'), ('directory_schema', 'text', 'w'), ('layout', 'text', 'daily_caps'), ('by', 'text', 'person_class'), ('role_name', 'name', 'attacker'), ('drug_level', 'text', 'generic'),
		('contexts', 'jsonb', '{}'), ('contexts', 'text', '{}'), ('weights', 'jsonb', '{"a": 1}'), ('source', 'text', 'model'), ('article_code', 'text', 'A38');
	INSERT INTO canary.neutral SELECT NULL, type::regtype, value FROM (VALUES ('text', 'a'), ('name', 'a'), ('text[]', '{a}'), ('jsonb', '{}'), ('int', '1'), ('bigint', '1'), ('numeric', '1'), ('float8', '1'), ('bool', 'true'),
		('date', '2024-03-01'), ('timestamp', '2024-03-01 08:00'), ('interval', '1 day'), ('daterange', '[2024-01-01,2025-01-01)'), ('int[]', '{1}'), ('bigint[]', '{1}'), ('numeric[]', '{1}'), ('date[]', '{2024-03-01}'),
		('regclass', 'w.visit')) AS v (type, value);
	INSERT INTO canary.neutral SELECT NULL, 'medaudit.ledger', medaudit.ledger(item_code, quantity, amount, charged_at, line_id)::text FROM w.charge WHERE visit_id < 'V00005';
	INSERT INTO canary.neutral SELECT NULL, 'medaudit.stays', medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount, '{}')::text FROM w.visit WHERE visit_id < 'V00090';
	INSERT INTO canary.neutral VALUES (NULL, 'medaudit.rulebook', medaudit.compile_rules('c_quantity1')::text);
	-- every argument that takes text
	CREATE VIEW canary.argument AS
	SELECT p.oid, p.prokind, p.proname, i.place, i.name, i.type, i.place > p.pronargs - p.pronargdefaults AS has_default, i.mode = 'v' AS variadic,
		i.type IN ('text'::regtype, 'text[]'::regtype, 'name'::regtype, 'jsonb'::regtype) AS attacked
	FROM pg_proc AS p CROSS JOIN LATERAL (SELECT row_number() OVER (ORDER BY a.n) AS place, a.type::regtype AS type, coalesce(p.proargmodes[a.n], 'i') AS mode, nullif(p.proargnames[a.n], '') AS name
		FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) WITH ORDINALITY AS a (type, n) WHERE coalesce(p.proargmodes[a.n], 'i') IN ('i', 'b', 'v')) AS i
	WHERE p.pronamespace = 'medaudit'::regnamespace AND p.proname !~ '^_' AND p.prokind IN ('f', 'a', 'p') AND p.prorettype <> 'trigger'::regtype;
	-- the hostile text as a value of the type, in all its forms
	CREATE FUNCTION canary.forms(type regtype, name text) RETURNS SETOF text LANGUAGE sql SET search_path = pg_catalog AS $$
		SELECT quote_literal(name) WHERE type IN ('text'::regtype, 'name'::regtype)
		UNION ALL SELECT quote_literal(ARRAY[name, name]::text) WHERE type = 'text[]'::regtype
		UNION ALL SELECT quote_literal(j::text) FROM unnest(ARRAY[jsonb_build_object(name, name), jsonb_build_array(name)]) AS j WHERE type = 'jsonb'::regtype $$;
	-- and the calls: one argument hostile, those that must be given neutral
	CREATE VIEW canary.call AS
	SELECT t.oid, t.proname, t.prokind, t.place, t.name AS argument, h.n,
		format(CASE t.prokind WHEN 'p' THEN 'CALL medaudit.%I(%s)' ELSE 'SELECT count(x::text) FROM (SELECT medaudit.%I(%s) AS x OFFSET 0) AS t' END, t.proname,
			(SELECT string_agg(CASE WHEN a.variadic THEN 'VARIADIC ' ELSE '' END || CASE WHEN t.prokind = 'a' OR a.name IS NULL THEN '' ELSE format('%I => ', a.name) END
				|| CASE WHEN a.place = t.place THEN f ELSE coalesce((SELECT quote_literal(v.value) FROM canary.neutral AS v WHERE v.type = a.type AND coalesce(v.name, a.name) = a.name ORDER BY v.name LIMIT 1), 'NULL') END
				|| '::' || a.type, ', ' ORDER BY a.place)
			FROM canary.argument AS a WHERE a.oid = t.oid AND (a.place = t.place OR NOT a.has_default OR t.prokind = 'a'))) AS call
	FROM canary.argument AS t CROSS JOIN canary.hostile AS h CROSS JOIN LATERAL canary.forms(t.type, h.name) AS f WHERE t.attacked;
	CREATE TABLE canary.tried (oid oid, place int, call text, state text, message text);
	-- calls and takes back what it did
	CREATE FUNCTION canary.attempt(one canary.call) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		state text;
		message text;
	BEGIN
		BEGIN
			EXECUTE one.call;
			RAISE EXCEPTION USING ERRCODE = 'HX000', MESSAGE = 'taken back';
		EXCEPTION WHEN OTHERS THEN
			state := CASE SQLSTATE WHEN 'HX000' THEN '00000' ELSE SQLSTATE END;
			message := SQLERRM;
		END;
		INSERT INTO canary.tried VALUES (one.oid, one.place, one.call, state, message);
	END $$;
	INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING});
ask("SET client_min_messages = error; SET statement_timeout = '600s'; SELECT count(canary.attempt(c)) FROM canary.call AS c WHERE prokind <> 'p'");
note("$hostile texts, " . ask('SELECT count(*) FROM canary.tried') . ' calls: ' . ask("SELECT string_agg(state || ': ' || n, ', ' ORDER BY n DESC) FROM (SELECT state, count(*) AS n FROM canary.tried GROUP BY 1) AS s"));
is(ask("SELECT count(*) FROM (SELECT oid, place FROM canary.argument WHERE attacked AND prokind <> 'p' EXCEPT SELECT oid, place FROM canary.tried GROUP BY 1, 2 HAVING count(*) >= $hostile) AS a"), 0,
	'every argument of every function and aggregate met every hostile text');
cmp_ok(ask('SELECT count(*) FROM canary.argument WHERE attacked'), '>', 200, 'and there are many');
cmp_ok(ask("SELECT count(DISTINCT (oid, place)) * 2 FROM canary.tried WHERE state = '00000'"), '>', ask('SELECT count(DISTINCT (oid, place)) FROM canary.tried'), 'most of which take some of it');
is_harmless('functions');
my $wrong = "SELECT string_agg(w, E'\\n') FROM (SELECT DISTINCT ON (oid, place, state) state || ' ' || message || ' in ' || left(call, 300) AS w FROM canary.tried WHERE";
is(ask("$wrong state ~ '^(XX|58|38|57)') AS w"), '', 'no internal error');
is(ask("$wrong state IN ('42601', '42P01', '42703', '42883', '42P02')) AS w"), '', 'nothing is read as SQL');
is(ask("$wrong message ~ 'format\\(\\)|conversion specifier') AS w"), '', 'nor as a format');

# procedures, which may commit, by themselves; bind() takes SQL, which is read and not run
my @procedures = list_of(q{SELECT call FROM canary.call WHERE prokind = 'p' AND argument <> 'row_filter' ORDER BY oid, place, n});
cmp_ok(scalar(@procedures), '>', 5 * $hostile, 'procedures are called');
is(with_state('XX|58|38|57|42601|42883|only', try_each(@procedures)), '', 'nothing is read as SQL by a procedure');
is_harmless('procedures');
my @failed = try_each(list_of(q{SELECT format(f, name) FROM canary.hostile,
	unnest(ARRAY['CALL medaudit.bind(''visit'', ''w.visit'', row_filter => %L)', 'CALL medaudit.bind(''visit'', ''w.visit'', jsonb_build_object(''visit_type'', %L::text))']) AS f ORDER BY n, f}));
is(with_state('XX|58|57|only', @failed), '', 'what is no expression is refused');
like(with_state('42501', @failed), qr/fire/, "and so is a third role's function in one");
is_harmless('expressions');
ask("CALL medaudit.bind('visit', 'w.visit')");

# ----------------------------------------------------------------------- names

my $names = 'FROM canary.hostile WHERE octet_length(name) BETWEEN 1 AND 63 AND name !~ $$^(pg_|public$|medaudit|current_user$|user$|null$|NULL$|all$)$$';
ask("SELECT format('CREATE ROLE %I', name) $names \\gexec\nSELECT format('CREATE SCHEMA %I', name) $names \\gexec\nSELECT format('CREATE TABLE %I.%1\$I (%1\$I text)', name) $names \\gexec
	SELECT format('INSERT INTO %I.%1\$I VALUES (%L)', name, name) $names \\gexec");
my $roles = "SELECT format('CALL medaudit.%s(%L, %L)', act, name, level) FROM (SELECT name $names) AS h, unnest('{reader,analyst,reviewer,chief,runner}'::text[]) AS level, (VALUES ('%s')) AS a (act)";
is(join("\n", try_each(list_of($roles =~ s/'%s'\)\)/'grant_access'))/r))), '', 'levels are given to roles of hostile names');
is(ask('SELECT count(*) FROM medaudit.access_grant'), ask("SELECT 5 * count(*) $names"), 'all of them');
is_harmless('names of roles');
is(join("\n", try_each(list_of("SELECT format('CALL medaudit.bind(%L, %L, %L); SELECT 1 / (length(name) > 0 AND strpos(%L, name) > 0)::int FROM medaudit_data.person', 'person', quote_ident(name) || '.' || quote_ident(name),
	jsonb_build_object('person_id', '1', 'name', quote_ident(name)), name) $names"))), '', 'tables and columns of hostile names are bound, and read');
is(join("\n", try_each('CALL medaudit.rebind()', 'SELECT count(*) FROM medaudit.sources()')), '', 'and bound again');
is(with_state('XX|42601|only', try_each(list_of("SELECT format('CALL medaudit.bind_national(%L)', name) $names"))), '', 'schemas of hostile names are looked into');
is_harmless('names of tables');
is(join("\n", try_each(list_of($roles =~ s/'%s'\)\)/'revoke_access'))/r))), '', 'levels are taken back');

# ------------------------------------------------- what stands in the rows of a warehouse

ask(q{
	CREATE FUNCTION canary.any_of(place text) RETURNS text LANGUAGE sql AS $$ SELECT name FROM canary.hostile WHERE octet_length(name) < 1000 ORDER BY md5(place || n) LIMIT 1 $$;
	UPDATE w.person SET name = '机密' || person_id || canary.any_of(person_id);
	UPDATE w.facility SET name = '医院' || canary.any_of(facility_id), facility_id = facility_id || canary.any_of('f' || facility_id);
	UPDATE w.visit AS v SET visit_id = visit_id || canary.any_of(visit_id), facility_id = (SELECT f.facility_id FROM w.facility AS f WHERE starts_with(f.facility_id, v.facility_id)), record_no = canary.any_of(visit_id || 'r');
	UPDATE w.charge SET visit_id = visit_id || canary.any_of(visit_id), line_id = line_id || canary.any_of('l' || line_id);
	CALL medaudit.bind('person', 'w.person')});
ask(q{INSERT INTO medaudit.rule (rule_code, kind, name_zh) SELECT 'h' || n || name, 'quantity', '限次' || name FROM canary.hostile WHERE octet_length(name) < 40;
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, note) SELECT rule_code, 'A', 'day', 0.5, name_zh FROM medaudit.rule WHERE starts_with(name_zh, '限次')});
is(join("\n", try_each("CALL medaudit.run_audit('2024-01-01', '2025-01-01')")), '', 'a run over hostile rows, by rules of hostile codes');
is(ask(q{SELECT string_agg(rule_code, ' ') FROM medaudit.rule WHERE rule_code ~ '^h[0-9]' AND rule_code NOT IN (SELECT rule_code FROM medaudit.finding)}), '', 'each of which found');
is(join("\n", try_each(list_of(q{SELECT format('SELECT count(v::text) FROM medaudit.%I AS v', relname) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'medaudit'::regnamespace}))), '', 'and every view is read');
is_harmless('rows');
my $pages = q{(SELECT string_agg(p, '') FROM (SELECT medaudit.report() UNION ALL SELECT medaudit.report(NULL, facility_id) FROM w.facility
	UNION ALL SELECT medaudit.person_page(person_id) FROM w.person WHERE person_id < 'P009') AS p (p))};
is(ask("SELECT string_agg(DISTINCT t[1], ' ') FROM regexp_matches($pages, '<(script|img)[^>]*alert', 'gi') AS t"), '', 'no page has a tag of theirs');
like(ask("SELECT string_agg(DISTINCT t[1], ' ') FROM regexp_matches($pages, '(&lt;script|onerror)', 'g') AS t"), qr/&lt;script/, 'but the words');

# ------------------------------------------------------------ nobody's name in the log

my $mark = -s $node->logfile;
ask(q{CREATE TABLE w.people AS SELECT person_id, name, sex, resident_id, birth_date::text, death_date::text FROM w.person;
	UPDATE w.people SET birth_date = '机密生日' || person_id, death_date = '1949-12-机密' WHERE person_id < 'P020'; CALL medaudit.bind('person', 'w.people')});
is(join("\n", try_each("CALL medaudit.run_audit('2024-01-01', '2025-01-01')")), '', 'a run over dates that are none');
$node->psql('postgres', encode('UTF-8', $_)) foreach (q{CALL medaudit.check_bound('swipe')}, q{SELECT medaudit.review_finding(-1, 'confirm')}, q{SELECT medaudit.check_visit('none')}, q{SELECT medaudit.person_page('none')},
	q{CALL medaudit.run_audit('2024-01-01', '2023-01-01')}, q{SET statement_timeout = '50ms'; CALL medaudit.run_audit('2024-01-01', '2025-01-01')});
my $log = decode('UTF-8', substr(slurp_file($node->logfile), $mark));
is(substr(join("\n", grep { /机密\w?P0|1949-12-机密|机密生日/ } split /\n/, $log), 0, 2000), '', 'the log has nothing of a row');
like($log, qr/ERROR/, 'though there were errors');
is_harmless('dirty rows');

# Somebody who had not quoted would have been seen.
ask(q{CREATE FUNCTION medaudit.careless(value text) RETURNS text LANGUAGE plpgsql AS $$ DECLARE said text; BEGIN EXECUTE 'SELECT ''' || value || '''' INTO said; RETURN said; END $$});
ask("SELECT count(canary.attempt(c)) FROM canary.call AS c WHERE proname = 'careless'");
is(ask('SELECT is_called FROM canary.fired'), 't', 'a careless function fires');
like(ask("$wrong state = '42601') AS w"), qr/careless/, 'and has errors of syntax');
$node->stop;
done_testing();
