# A session that calls and calls takes no more memory than one that has called a little:
# every function and aggregate in C, within one statement and after it.
#
# 5,000 calls of each; MEDAUDIT_CALLS=1000000 for a million, and MEDAUDIT_CALLS_OF='stays|lines'
# for those whose call has that: of all a million take hours.
use strict;
use warnings;

use Calls;
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $entries = 20;
my $calls = $ENV{MEDAUDIT_CALLS} // 5_000;
my $node = new_node('memory');

plan skip_all => 'no /proc to read the memory of a backend from' unless -r "/proc/$$/status";
put_books($node, $entries);

# Texts and numbers of one row, other ones in each call.
my @plain = map { +{ call => "medaudit.$_", of => 'nothing' } } (
	'version()', q{code_fold('Ａb' || n)}, 'compile_rules()', 'rulebook_reads()', q{signature_similarity(medaudit.fee_signature(NULL), NULL)},
	q{line_problems('2025-01-01', '2025-01-02', '2025-01-03', 1, 2, n % 9, 4)}, 'poisson_tail(n % 50, 3)', 'binomial_tail(10, 0.3, n % 9)', 'chi_square_tail(n % 50, 3)',
	'normal_quantile((n % 99 + 1) / 100.0)', 'student_quantile((n % 99 + 1) / 100.0, 3)', q{normalize_text('（ＡＢ）' || n)}, 'icu_version()', q{resident_id_valid('1101051949123100' || n % 100)},
	q{resident_id_problem('1101051949123100' || n % 100)}, q{resident_id_normalize('11010519491231002x' || n)}, q{resident_id_birth_date('11010519491231002X')}, q{resident_id_sex('11010519491231002X')},
	q{resident_id_region('11010519491231002X')}, q{credit_code_valid('91350100M000100Y4' || n % 10)}, q{drug_code_generic('XA10BBG00' || n % 10 || 'A001010100001')},
	q{drug_code_product('XA10BBG00' || n % 10 || 'A001010100001')}, q{service_code_parent('001203000010000-1203000010' || n % 10)}, q{code_kind('XA10BBG' || n)}, q{trace_code_kind('8' || lpad(n::text, 19, '0'))},
	q{mask_name('欧阳' || n)}, q{mask_id('11010519491231' || n)}, q{mask_address('浙江省杭州市西湖区文三路' || n || '号')}, q{name_key('欧阳修' || n)}, q{name_matches('欧阳修' || n, '欧陽修')}, q{name_pinyin('欧阳修' || n)},
	q{item_name_similarity('阿莫西林胶囊0.25g*' || n, '阿莫西林分散片')}, q{substitution_score('换药' || n, '大换药', 5, 9)}, q{times_per_day('每日' || n % 5 || '次')}, q{dose_amount(n || 'mg')}, q{dose_amount(n || 'mg', 'g')},
	q{dose_unit(n || 'mg')}, q{pack_units(n || '片/盒')}, q{drug_level('XA10BBG00' || n % 10 || 'A001010100001', 'generic')}, q{to_time('2025-01-0' || n % 10)}, q{to_amount(n || '.5元')}, q{to_flag('是' || n % 3)},
	q{parse_address('浙江省杭州市西湖区文三路' || n || '号')}, q{household_key('浙江省杭州市西湖区文三路' || n || '号3幢', '330106')}, q{readable_resident_id('11010519491231002' || n % 10)}, q{readable_phone('139' || lpad(n::text, 8, '0'))},
	q{_say('x' || n % 7)}, q{_diagnosis_fold('j18.90' || n % 10)}, q{_is_trace_code('8' || n)}, q{_tells_number('n' || n)}, q{_read_time('2025-01-01'::timestamp)}, q{_read_date('2025-01-01')}, q{_read_date('2025-01-01'::date)},
	'_time_is_open(NULL::timestamp)', '_read_amount(n::numeric)', '_read_quantity(n::text)', '_read_integer(n::text)', q{_read_period('[2025-01-01,2025-02-01)')}, q{_read_text(' x ' || n)}, q{_read_code('x' || n)},
	q{_check_query('SELECT ' || n % 3)}, q{_check_trusted('nothing')}, q{_untrusted('SELECT 1')}, q{bed_days(NULL, NULL, NULL)});
my $which = $ENV{MEDAUDIT_CALLS_OF} // '.';
# of comparisons, which are one function, two will do
my @all = grep { $_->{call} =~ /$which/ } grep({ !$_->{query} && $_->{call} !~ /_(ne|lt|le|gt|ge)\(/ } book_calls($entries)), @plain;

# A statement that makes a call N times, one after the other.
sub again
{
	my ($call, $n) = @_;
	my $from = $call->{of} eq 'rows' ? "generate_series(1, $entries) AS i" : $call->{of} eq 'nothing' ? '(SELECT) AS o' : $call->{of};
	my $one = $call->{set} ? "SELECT count(*) FROM $from, $call->{call} AS r" : $call->{of} eq 'nothing' ? "SELECT octet_length(($call->{call})::text)" : "SELECT octet_length(($call->{call})::text) FROM $from";

	return "SELECT count(q) FROM (SELECT ($one WHERE s.n IS NOT NULL) AS q FROM (SELECT generate_series(1, $n) AS n) AS s OFFSET 0) AS t;\n";
}

# kB that the backend holds, and held at most since it was asked last; bytes of its contexts
# that live as long as it does.
my $held = q{SELECT concat_ws(' ', 'held', substring(s, 'RssAnon:\s+(\d+)'), substring(s, 'VmHWM:\s+(\d+)'),
	(SELECT sum(used_bytes) FROM pg_backend_memory_contexts WHERE parent IS NULL OR name <> 'MessageContext' AND parent IN ('TopMemoryContext', 'CacheMemoryContext')))
	FROM pg_read_file('/proc/self/status') AS s} . ";\n";

foreach my $call (@all)
{
	my $name = substr $call->{call} =~ s/\s+/ /gr, 0, 90;
	my $answer = $node->safe_psql('postgres', "SET jit = off;\n" . again($call, $calls / 10) . $held . again($call, $calls) . $held);
	my ($before, $after) = map { [ split / / ] } $answer =~ /^held (.*)$/mg;
	my @grown = map { $after->[$_] - $before->[$_] } 0 .. 2;

	# pages come by and by; a leak of 300 bytes a call is 1.5 MB of 5,000
	note(sprintf '%s: %d and at most %d kB more, contexts %d bytes', $name, @grown);
	ok($grown[0] < 1200 && $grown[1] < 1600 && $grown[2] < 100_000, "$name: as much memory after $calls calls");
}

done_testing();
