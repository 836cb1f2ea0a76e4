# What somebody has put in front of the server's own functions, operators, casts,
# types and relations in the search_path of a caller is not called: of every operator
# and function of pg_catalog that can be written in SQL there is one of the same
# signature here that says so, of those that take any type one that fits better, and
# a type or view of each name of a type or relation of the server and of medaudit.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('planted');

sub ask
{
	return $node->safe_psql('postgres', shift);
}

ask(q{
	CREATE SCHEMA warehouse;
	CREATE TABLE warehouse.person AS
	SELECT 'P' || i AS person_id, '张' || i AS name, '11010519491231002X' AS resident_id, (1 + i % 2)::text AS sex, date '1949-12-31' AS birth_date,
		'H' || i / 3 AS household_id, '某市某区某街道佳灵路5号3栋1单元20' || i / 3 || '室' AS address, '1380013800' || i / 3 AS phone, CASE i WHEN 3 THEN date '2026-03-01' END AS death_date
	FROM generate_series(1, 9) AS i;
	CREATE TABLE warehouse.facility AS SELECT 'F1' AS facility_id, '县医院' AS name, 2 AS rank, 3 AS beds;
	CREATE TABLE warehouse.visit AS
	SELECT 'V' || n || '_' || i AS visit_id, 'P' || i AS person_id, 'F1' AS facility_id, timestamp '2026-01-05 09:00' + n * interval '9 days' + i % 2 * interval '1 hour' AS admitted_at,
		timestamp '2026-01-10 09:00' + n * interval '9 days' AS discharged_at, '21' AS visit_type, 'Z' || n AS record_no, 1000.00 AS total_amount, 800.00 AS scope_amount,
		500.00 AS fund_amount, 'item' AS payment_method, 'I10' AS main_diagnosis, '内科' AS department
	FROM generate_series(1, 9) AS i, generate_series(1, 8) AS n;
	CREATE TABLE warehouse.charge AS
	SELECT v.visit_id, 'L' || l AS line_id, (ARRAY['A', 'B', 'C'])[1 + l % 3] AS item_code, 1.0 AS quantity, 10.00 AS amount, v.admitted_at + l * interval '5 hours' AS charged_at,
		'项目' || l % 3 AS item_name, '检查费' AS category, 9.00 AS claimed
	FROM warehouse.visit AS v, generate_series(1, 6) AS l;
	CREATE TABLE warehouse.item AS SELECT c AS item_code, 'N' || c AS national_code, '项目' || c AS name, '检查' AS class, '次' AS unit FROM unnest('{A,B,C}'::text[]) AS c;
	CREATE TABLE warehouse.diagnosis AS SELECT visit_id, 'I10' AS diagnosis_code FROM warehouse.visit;
	CALL medaudit.bind('person', 'warehouse.person');
	CALL medaudit.bind('facility', 'warehouse.facility');
	CALL medaudit.bind('visit', 'warehouse.visit');
	CALL medaudit.bind('charge', 'warehouse.charge');
	CALL medaudit.bind('item', 'warehouse.item');
	CALL medaudit.bind('diagnosis', 'warehouse.diagnosis');
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_twice', 'duplicate', '重复', 'violation'), ('t_cap', 'quantity', '限次', 'violation'),
		('t_price', 'price', '限价', 'violation'), ('t_sex', 'restriction', '限性别', 'violation'), ('t_pair', 'exclusive', '互斥', 'violation');
	INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity, max_price, sex, other_code) VALUES ('t_twice', 'A', 'day', NULL, NULL, NULL, NULL),
		('t_cap', 'B', 'day', 1, NULL, NULL, NULL), ('t_price', 'C', NULL, NULL, 5, NULL, NULL), ('t_sex', 'A', NULL, NULL, NULL, '2', NULL), ('t_pair', 'A', 'day', NULL, NULL, NULL, 'B');
	UPDATE medaudit.rule SET enabled = true WHERE kind IN (SELECT kind FROM medaudit.rule_kind WHERE book IN ('charges', 'stays', 'persons'));
	CREATE FUNCTION warehouse.ask(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE
		SET search_path = pg_catalog AS 'SELECT (pg_catalog.jsonb_populate_record(NULL::medaudit.run_group, parameters)).* WHERE false';
	CREATE SCHEMA evil});

# Each says its name once a statement, and does what the one meant does.
my $planted = ask(q{
	SET check_function_bodies = off;
	SET client_min_messages = error;
	CREATE FUNCTION evil.told(name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
	BEGIN RAISE WARNING 'PLANTED %', name; END $$;
	DO $$
	DECLARE
		o record;
		n int := 0;
		pseudo oid[] := ARRAY(SELECT oid FROM pg_type WHERE typtype = 'p' AND typname NOT IN ('record', 'void'));
	BEGIN
		FOR o IN SELECT p.oid, p.oprname, p.oprleft, p.oprright, p.oprresult FROM pg_operator AS p
			WHERE p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprright <> 0 AND NOT p.oprright = ANY (pseudo) AND NOT p.oprleft = ANY (pseudo) AND NOT p.oprresult = ANY (pseudo)
			UNION ALL SELECT p.oid, p.oprname, l.oid, l.oid, CASE p.oprname WHEN '||' THEN l.oid ELSE 'bool'::regtype END FROM pg_operator AS p
			CROSS JOIN pg_type AS l WHERE p.oprnamespace = 'pg_catalog'::regnamespace AND p.oprleft = 'anyarray'::regtype AND p.oprright = 'anyarray'::regtype AND l.oid IN ('text[]'::regtype, 'int8[]'::regtype, 'int4[]'::regtype)
			UNION ALL SELECT p.oid, p.oprname, t.l, t.r, 'bool'::regtype FROM (VALUES ('numeric'::regtype, 'int4'::regtype), ('int4', 'numeric'), ('int8', 'numeric'), ('numeric', 'int8'), ('float8', 'int4'), ('float8', 'numeric')) AS t (l, r)
			CROSS JOIN pg_operator AS p WHERE p.oprleft = 'numeric'::regtype AND p.oprright = 'numeric'::regtype AND p.oprresult = 'bool'::regtype AND p.oprnamespace = 'pg_catalog'::regnamespace
		LOOP
			n := n + 1;
			BEGIN
				EXECUTE format('CREATE FUNCTION evil.f%s(%s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.told(%L); RETURN %s OPERATOR(pg_catalog.%s) %s; END $f$', n,
					CASE o.oprleft WHEN 0 THEN 'b ' || format_type(o.oprright, NULL) ELSE 'a ' || format_type(o.oprleft, NULL) || ', b ' || format_type(o.oprright, NULL) END, format_type(o.oprresult, NULL),
					format('%s (%s, %s)', o.oprname, o.oprleft::regtype, o.oprright::regtype), CASE o.oprleft WHEN 0 THEN '' ELSE 'a' END, o.oprname, 'b');
				EXECUTE format('CREATE OPERATOR evil.%s (%s RIGHTARG = %s, FUNCTION = evil.f%s)', o.oprname,
					CASE o.oprleft WHEN 0 THEN '' ELSE format('LEFTARG = %s,', format_type(o.oprleft, NULL)) END, format_type(o.oprright, NULL), n);
			EXCEPTION WHEN OTHERS THEN RAISE LOG 'not planted: % %', o, SQLERRM;
			END;
		END LOOP;
		FOR o IN SELECT p.*, format_type(p.prorettype, NULL) AS result, array_to_string(ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) AS t), ', ') AS arguments,
				array_to_string(ARRAY(SELECT '$' || i FROM generate_series(1, p.pronargs) AS i), ', ') AS given
			FROM pg_proc AS p WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind IN ('f', 'a', 'w') AND NOT p.proargtypes::oid[] && pseudo AND NOT p.prorettype = ANY (pseudo)
				AND p.provariadic = 0
		LOOP
			n := n + 1;
			BEGIN
				EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s%s LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.told(%L); %s END $f$', o.proname, o.arguments,
					CASE WHEN o.proretset THEN 'SETOF ' ELSE '' END, o.result, format('%s(%s)', o.proname, o.arguments),
					CASE WHEN o.prokind <> 'f' THEN 'RAISE EXCEPTION ''planted aggregate''; ' WHEN o.prorettype = 'void'::regtype THEN format('PERFORM pg_catalog.%I(%s);', o.proname, o.given)
						WHEN o.proretset THEN format('RETURN QUERY SELECT * FROM pg_catalog.%I(%s);', o.proname, o.given) ELSE format('RETURN pg_catalog.%I(%s);', o.proname, o.given) END);
			EXCEPTION WHEN OTHERS THEN RAISE LOG 'not planted: % %', o.proname, SQLERRM;
			END;
		END LOOP;
	END $$;
	CREATE FUNCTION evil.checked(name text) RETURNS bool LANGUAGE plpgsql SET search_path = pg_catalog AS $$
	BEGIN PERFORM evil.told('type ' || name); RETURN true; END $$;
	DO $$
	DECLARE
		t text;
	BEGIN
		FOREACH t IN ARRAY '{text,bool,date,jsonb,json,bytea,name,float8,float4,int8,int4,int2,timestamptz,oid,regclass,regtype,regprocedure,regrole,daterange,numrange,tsrange,uuid,xid8}'::text[] LOOP
			EXECUTE format('CREATE DOMAIN evil.%1$I AS pg_catalog.%1$I CHECK (evil.checked(%1$L))', t);
		END LOOP;
		FOR t IN SELECT typname FROM pg_type WHERE typnamespace = 'medaudit'::regnamespace AND typcategory <> 'A'
			AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = typrelid AND c.relkind <> 'c') LOOP
			EXECUTE format('CREATE DOMAIN evil.%1$I AS medaudit.%1$I CHECK (evil.checked(%1$L))', t);
		END LOOP;
		-- functions of any type, for the types that they are mostly called with
		FOREACH t IN ARRAY ARRAY['unnest(text[])', 'array_length(text[], int)', 'cardinality(text[])', 'array_to_string(text[], text)', 'array_to_string(text[], text, text)', 'array_append(text[], text)',
			'array_remove(text[], text)', 'array_position(text[], text)', 'array_cat(text[], text[])', 'array_ndims(text[])', 'to_jsonb(text)', 'to_jsonb(text[])', 'to_json(text)', 'pg_typeof(text)',
			'format(text)', 'format(text, text)', 'format(text, text, text)', 'format(text, text, text, text)', 'format(text, bigint)', 'format(text, name)', 'format(text, text, bigint)', 'concat(text, text)', 'concat_ws(text, text, text)', 'concat_ws(text, text)',
			'jsonb_build_object(text, text)', 'jsonb_build_object(text, bigint)', 'jsonb_build_array(text)', 'jsonb_build_array(text, text)', 'num_nulls(text, text)', 'num_nonnulls(text, text)', 'lower(daterange)', 'upper(daterange)', 'isempty(daterange)',
			'range_merge(daterange, daterange)', 'coalesce(text, text)', 'count(text)', 'count(bigint)', 'array_agg(text)', 'jsonb_agg(text)', 'lag(text)', 'first_value(text)', 'generate_subscripts(text[], int)']
		LOOP
			EXECUTE format('CREATE OR REPLACE FUNCTION evil.%s RETURNS pg_catalog.text LANGUAGE plpgsql AS $f$ BEGIN PERFORM evil.told(%L); RETURN NULL; END $f$', t, t);
		END LOOP;
	END $$;
	SELECT (SELECT count(*) FROM pg_operator WHERE oprnamespace = 'evil'::regnamespace) > 600 AND (SELECT count(*) FROM pg_proc WHERE pronamespace = 'evil'::regnamespace) > 2500});
is($planted, 't', 'operators and functions are planted');

my $front = "SET search_path = evil, pg_catalog, medaudit;\n";

# What of the planted has said its name under QUERY, and from where.
sub caught
{
	my ($query) = @_;
	my ($code, $out, $err) = $node->psql('postgres', "\\set SHOW_CONTEXT always\nSET client_min_messages = warning; $front$query");
	my %seen;

	$err .= "\n";

	foreach my $part (split /^(?=\S*(?:WARNING|ERROR|NOTICE))/m, $err)
	{
		next unless $part =~ /PLANTED ([^\n]*)/;
		my $what = $1;
		my ($from) = grep { !/ evil\.|^SQL (?:statement|expression) "(?:SELECT )?evil|IF NOT|PERFORM evil|SELECT evil/ } $part =~ /((?:PL\/pgSQL function|SQL function|SQL statement|SQL expression) [^\n]*)/g;

		$seen{"$what from " . ($from // 'the statement')} = 1;
	}
	$seen{"ERROR $1"} = 1 if $code != 0 && $err =~ /ERROR:\s+(.*)/;
	return join "\n", (sort keys %seen)[ 0 .. ($#{ [ keys %seen ] } > 20 ? 20 : $#{ [ keys %seen ] }) ];
}

like(caught("SELECT 'a'::pg_catalog.text || 'b'::pg_catalog.text"), qr/^\|\| \(text, text\)/, 'what is planted is in front');
like(caught("SELECT lower('A'::pg_catalog.text)"), qr/^lower\(text\)/, 'functions too');
like(caught("SELECT 'A'::text"), qr/^type text/, 'and types');
like(caught('SELECT sum(relpages) FROM pg_class'), qr/^ERROR planted aggregate/, 'and aggregates');

# What is read by a name alone would not have its columns.
ask(q{DO $$
	DECLARE
		r text;
	BEGIN
		FOR r IN SELECT relname FROM pg_class WHERE relnamespace IN ('medaudit'::regnamespace, 'medaudit_work'::regnamespace, 'medaudit_data'::regnamespace, 'pg_catalog'::regnamespace) AND relkind IN ('r', 'v', 'p')
			AND NOT EXISTS (SELECT FROM pg_type WHERE typnamespace = 'evil'::regnamespace AND typname = relname) GROUP BY 1
		LOOP
			EXECUTE format('CREATE VIEW evil.%I AS SELECT evil.checked(%L) AS told', r, 'of relation ' || r);
		END LOOP;
	END $$});
like(caught('SELECT told FROM pg_class'), qr/^type of relation pg_class/, 'and relations');
like(caught("SELECT format('%s', 'a'::pg_catalog.text)"), qr/^format\(text, text\)/, 'and functions of any type');

# Statements as people give them; what they write themselves has no operator.
my %statement = (
	'a run' => "CALL medaudit.run_audit('2026-01-01', '2026-07-01')",
	'a run that is resumed' => "CALL medaudit.run_audit('2026-01-01', '2026-07-01', resume => true)",
	'a run of a broken rule' => "CALL medaudit.run_audit('2026-01-01', '2026-07-01', '{t_cap}')",
	'set_rule' => q{SELECT medaudit.set_rule('split_stays', enabled => true, parameters => '{"max_gap_days": 7}')},
	'a kind' => q{SELECT medaudit.add_rule_kind('own_kind', 'claims', 'warehouse.ask(pg_catalog.int8, pg_catalog.text, pg_catalog.jsonb)', '自定', '{visit,person.phone|person.address}');
		INSERT INTO medaudit.rule_parameter (kind, name, type, default_value, minimum, choices) VALUES ('own_kind', 'n', 'int', '1', 0, NULL), ('own_kind', 'w', 'interval', '"1 day"', 0, NULL), ('own_kind', 'c', 'text[]', '["a"]', NULL, '{a,b}');
		INSERT INTO medaudit.rule (rule_code, kind, name_zh, parameters) VALUES ('own_of_kind', 'own_kind', '自定', '{"n": 2, "w": "2 days", "c": ["b"]}');
		UPDATE medaudit.rule_parameter SET maximum = 9 WHERE kind OPERATOR(pg_catalog.=) 'own_kind' AND name OPERATOR(pg_catalog.=) 'n';
		INSERT INTO medaudit.evidence_template (kind, zh) VALUES ('own_kind', '{n}[，{d:date}]')},
	'sentences' => q{SELECT medaudit._fill_template('{n}[，{d:date}]{m:money}{p:percent}{l}', '{"n": 1, "d": "2026-01-01", "m": 2, "p": 0.5, "l": ["a"]}')},
	'what a kind calls' => q{SELECT medaudit._callable_kind('own_kind'), medaudit._rule_parameters('own_of_kind'::pg_catalog.text)},
	'rules of their tables' => "SELECT medaudit.compile_rules(VARIADIC '{t_cap,t_twice}'), 1",
	'detectors' => "SELECT medaudit.audit_charges(b.book, NULL, medaudit.compile_rules()) FROM (SELECT medaudit.ledger(item_code, quantity, amount, charged_at, line_id) AS book FROM warehouse.charge) AS b;
		SELECT medaudit.split_stays(b.book) FROM (SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, main_diagnosis, total_amount, NULL) AS book FROM warehouse.visit) AS b",
	'sources' => 'SELECT medaudit.sources(); SELECT medaudit._rules_off(); SELECT medaudit._bound_columns()',
	'a rule' => q{INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES ('t_new', 'quantity', '新'); INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity) VALUES ('t_new', 'A', 'day', 2)},
	'rules again' => q{DELETE FROM medaudit.charge_rule WHERE NOT shipped; DELETE FROM medaudit.rule WHERE NOT shipped; UPDATE medaudit.rule SET name_zh = name_zh},
	'kinds again' => q{DELETE FROM medaudit.rule_parameter WHERE kind OPERATOR(pg_catalog.=) 'own_kind' AND name OPERATOR(pg_catalog.=) 'n'; DELETE FROM medaudit.rule_kind WHERE NOT shipped},
	'compile_rules' => 'SELECT medaudit.compile_rules() IS NULL',
	'states' => "INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING; SELECT medaudit.review_finding(f, 'confirm', actor => a) FROM pg_catalog.generate_series(1, 2) AS f, pg_catalog.unnest('{ann,ben}'::pg_catalog.text[]) AS a; SELECT medaudit.issue_findings('{1,2}', '2026-06-01')",
	'ranking' => 'CALL medaudit.rank_findings()',
	'changes' => 'SELECT medaudit.run_changes(1, 1); SELECT medaudit.insufficient_lines(1)',
	'scores' => 'SELECT medaudit.split_stay_scores(30); SELECT medaudit.hang_bed_scores(); SELECT medaudit.low_standard_scores()',
	'masks' => "SELECT medaudit.mask_numbers('11010519491231002X'), medaudit._mask_sentence('张三', '{张三}'), medaudit.mask_person_id('P'), medaudit.mask_phone('8886666')",
	'text' => "SELECT medaudit.readable_resident_id('11010519491231002X'), medaudit.household_key('某市某区某街道佳灵路5号3栋1单元201室')",
	'dropping a run' => 'DELETE FROM medaudit.run',
	map { ("view $_" => "SELECT * FROM medaudit.$_") } split /\n/, ask("SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'medaudit'::regnamespace"));
my @order = ('a run', 'a run that is resumed', 'a run of a broken rule', (grep { !/^a run|^dropping| again$/ } sort keys %statement), 'rules again', 'kinds again', 'dropping a run');

foreach my $name (@order)
{
	next unless $statement{$name};
	is(caught($statement{$name}), '', $name);
}
done_testing();
