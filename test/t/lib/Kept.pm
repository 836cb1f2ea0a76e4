# What a fund keeps in medaudit, made and compared: for tests of what moves it elsewhere.
package Kept;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT = qw(make_kept kept_tables kept_answer worklist_of);

# Makes it in database "postgres", in schema warehouse and in medaudit's own tables.
sub make_kept
{
	my ($node) = @_;

	$node->safe_psql('postgres', slurp_file(__FILE__ =~ s{[^/]*$}{kept.sql}r));
}

# Every table whose rows a dump carries, shipped rows and all.
sub kept_tables
{
	my ($node, $database) = @_;
	my $ask = sub { $node->safe_psql($database // 'postgres', $_[0]) };
	my @tables = split /\n/, $ask->(q{SELECT c.oid::regclass FROM pg_extension AS e
		CROSS JOIN LATERAL unnest(e.extconfig) AS t (oid) JOIN pg_class AS c ON c.oid = t.oid AND c.relkind = 'r'
		WHERE e.extname = 'medaudit' ORDER BY c.relname});

	return join "\n", map { "$_ " . $ask->("SELECT count(*) || ' ' || md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"))
		FROM $_ AS t") } @tables;
}

# What is answered from it, with rights, as one line.  17 has a right more, of owners too.
sub kept_answer
{
	my ($node, $database) = @_;

	return $node->safe_psql($database // 'postgres', q{
	SELECT md5(string_agg(what || row, E'\n' ORDER BY what, row)) || ' ' || count(*)
	FROM (
		SELECT 'rule' AS what, r::text AS row FROM medaudit.rule r
		UNION ALL SELECT 'charge_rule', c::text FROM medaudit.charge_rule c
		UNION ALL SELECT 'package', p::text FROM medaudit.package p
		UNION ALL SELECT 'setting', s::text FROM medaudit.rule_setting s
		UNION ALL SELECT 'kind', k::text FROM medaudit.rule_kind k
		UNION ALL SELECT 'parameter', p::text FROM medaudit.rule_parameters p
		UNION ALL SELECT 'alias', a::text FROM medaudit.text_alias a
		UNION ALL SELECT 'word', w::text FROM medaudit.address_word w
		UNION ALL SELECT 'home', medaudit.household_key('武侯区红星寨5号', NULL, medaudit.compile_divisions())
		UNION ALL SELECT 'calendar', c::text FROM medaudit.calendar c
		UNION ALL SELECT 'code class', c::text FROM medaudit.code_class c
		UNION ALL SELECT 'tag', t::text FROM medaudit.stay_tag t
		UNION ALL SELECT 'limit', l::text FROM medaudit.supply_limit l
		UNION ALL SELECT 'cap', c::text FROM medaudit.prescription_cap c
		UNION ALL SELECT 'usual dose', d::text FROM medaudit.usual_dose d
		UNION ALL SELECT 'exam', e::text FROM medaudit.recognised_exam e
		UNION ALL SELECT 'binding', b::text FROM medaudit.binding b
		UNION ALL SELECT 'right', concat(c.relname, replace(c.relacl::text, 'Dxtm', 'Dxt'), (SELECT string_agg(a.attname || a.attacl::text, ' ') FROM pg_attribute AS a WHERE a.attrelid = c.oid))
			FROM pg_class AS c WHERE c.relnamespace = 'medaudit'::regnamespace
		UNION ALL SELECT 'act', concat(p.proname, p.proacl::text) FROM pg_proc AS p WHERE p.pronamespace = 'medaudit'::regnamespace
		UNION ALL SELECT 'book', b::text FROM warehouse.book b
		UNION ALL SELECT 'large', l::text FROM warehouse.large l
		UNION ALL SELECT 'rules', k::text FROM warehouse.kept_rules k
		UNION ALL SELECT 'totals', t::text FROM warehouse.totals t
		UNION ALL SELECT 'pairs', p::text FROM warehouse.pairs p) t});
}

sub worklist_of
{
	my ($node, $database) = @_;

	return $node->safe_psql($database // 'postgres',
		q{SELECT string_agg(w::text, E'\n' ORDER BY rank) FROM medaudit.worklist AS w});
}

1;
