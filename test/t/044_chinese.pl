# Messages in Chinese: a server with lc_messages zh_CN speaks Chinese, from C and
# from SQL, each session in its own language; by default, and in a database whose
# encoding has no Chinese, it speaks English.  A server looks for translations beside
# its own program, so the test makes one of copies, with our catalogue in it.
use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Copy qw(copy);
use File::Path qw(make_path);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my ($tree, %place) = staged_tree();
my $catalogue = (glob "$place{stage}$place{localedir}/zh_CN/LC_MESSAGES/medaudit-*.mo")[0];

plan skip_all => 'built without gettext' unless defined $catalogue;
plan skip_all => 'no sources of locales' unless -e '/usr/share/i18n/locales/zh_CN';

make_path("$tree$place{localedir}/zh_CN/LC_MESSAGES");
symlink $_, "$tree$_" foreach glob "$place{localedir}/zh_CN/LC_MESSAGES/postgres-*.mo";
copy($catalogue, "$tree$place{localedir}/zh_CN/LC_MESSAGES/") or die "$catalogue: $!";

# Locales of a folder: that of the server, and the Chinese one in two encodings.
my $locales = PostgreSQL::Test::Utils::tempdir();
system_or_bail('cp', '-R', '/usr/lib/locale/C.utf8', $locales) if -d '/usr/lib/locale/C.utf8';
foreach my $charset (qw(UTF-8 GB2312))
{
	system_or_bail('localedef', '-i', 'zh_CN', '-f', $charset, "$locales/zh_CN." . ($charset eq 'UTF-8' ? 'utf8' : 'gb2312'));
}
local $ENV{LOCPATH} = $locales;
delete local $ENV{LANGUAGE};

my $node = new_node('chinese', install_path => $place{server}, conf => "lc_messages = 'C'");

# What is said on stderr when SQL runs under a language.
sub said
{
	my ($language, $sql, $database) = @_;
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	my (undef, undef, $told) = $node->psql($database // 'postgres', encode('UTF-8', "SET lc_messages = '$language';\n$sql"));

	return decode('UTF-8', $told);
}

# Each is said in both languages; what is in it is the same.
my @messages = (
	[ 'C, with what is in it', q{SELECT * FROM medaudit.split_stays(NULL::medaudit.stays, max_gap_days => -1)},
		qr/argument "max_gap_days" must be at least 0/, qr/参数 "max_gap_days" 必须不小于 0/ ],
	[ 'C, a detail and a hint', q{SELECT '[1]'::medaudit.rulebook}, qr/rules as JSON must be an array of objects.*A member of the array is no object\./s,
		qr/JSON 形式的规则必须是对象数组.*数组中有元素不是对象。/s ],
	[ 'C, a column of a rule', q{SELECT '[{"rule_code": "r", "kind": "quantity", "item_code": "A"}]'::medaudit.rulebook}, qr/rule "r" \(quantity\), item "A": \w+ is missing/,
		qr/规则 "r"（quantity），项目 "A"：缺少 \w+/ ],
	[ 'bind()', q{CALL medaudit.bind('charges', 'pg_class')}, qr/relation "charges" is not known.*The relations are .*charge, /s, qr/关系 "charges" 不存在.*关系有 .*charge, /s ],
	[ 'bind(), columns', q{CREATE TABLE public.fee (item_code text); CALL medaudit.bind('charge', 'public.fee')},
		qr/"fee" cannot be bound as "charge": .*amount: missing, numeric is wanted/s, qr/"fee" 不能绑定为 "charge"：.*amount：缺少，需要 numeric/s ],
	[ 'run_audit()', q{CALL medaudit.run_audit('2025-02-01', '2025-01-01')}, qr/from_date must be before to_date.*The period would be 2025-02-01 to 2025-01-01\./s,
		qr/from_date 必须早于 to_date.*所给期间为 2025-02-01 至 2025-01-01。/s ],
	[ 'import_rules()', q{SELECT medaudit.import_rules('drugs', 'pg_class')}, qr/layout "drugs" is not known/, qr/格式 "drugs" 不存在/ ],
	[ 'set_rule()', q{SELECT medaudit.set_rule('split_stays', parameters => '{"max_gap_dais": 3}')}, qr/has no parameter.*Perhaps you mean/s, qr/规则 "split_stays" 没有参数.*是否指/s ],
	[ 'review_finding()', q{SELECT medaudit.review_finding(-1, 'confirm')}, qr/there is no finding -1/, qr/疑点 -1 不存在/ ],
	[ 'open_case()', q{SELECT medaudit.open_case('', '{1}', 'model')}, qr/a case has a title/, qr/案件必须有名称/ ],
	[ 'grant_access()', q{CALL medaudit.grant_access('nobody', 'boss')}, qr/"boss" is no level of access/, qr/"boss" 不是权限级别/ ],
);

foreach my $message (@messages)
{
	my ($name, $sql, $english, $chinese) = @$message;

	like(said('C', $sql), $english, "$name: English");
	$node->safe_psql('postgres', 'DROP TABLE IF EXISTS public.fee');
	like(said('zh_CN.UTF-8', $sql), $chinese, "$name: Chinese");
	$node->safe_psql('postgres', 'DROP TABLE IF EXISTS public.fee');
}

# Notices and warnings of a run, whose procedures have no path of their own.
made_claims($node);
my $run = said('zh_CN.UTF-8', q{CALL medaudit.run_audit('2025-01-01', '2025-02-01')});
like($run, qr/运行 \d+，第 \d+ 步，.*：\d+ 行，用时 [\d.]+ 秒/, 'run_audit(): its steps');
like($run, qr/运行 \d+ 已完成/, 'run_audit(): its end');

# What programs depend on does not change with the language.
foreach my $language ('C', 'zh_CN.UTF-8')
{
	like(said($language, "\\set VERBOSITY sqlstate\nCALL medaudit.bind('charges', 'pg_class')"), qr/ 22023$/m, "$language: SQLSTATE");
	is($node->safe_psql('postgres', "SET lc_messages = '$language'; SELECT medaudit._say(''), medaudit._say(NULL) IS NULL, medaudit._say('no such message')"),
		'|t|no such message', "$language: what is no message stays as it is");
}

# In another encoding that has Chinese it is told in its bytes.
$node->safe_psql('postgres', "CREATE DATABASE gb ENCODING 'EUC_CN' LOCALE 'C' TEMPLATE template0");
$node->safe_psql('gb', 'CREATE EXTENSION medaudit');
like(said('zh_CN.GB2312', q{SELECT '[1]'::medaudit.rulebook}, 'gb'), qr/JSON 形式的规则必须是对象数组/, 'EUC_CN: from C');
like(said('zh_CN.GB2312', q{SELECT medaudit.open_case('', '{1}', 'model')}, 'gb'), qr/案件必须有名称/, 'EUC_CN: from SQL');

done_testing();
