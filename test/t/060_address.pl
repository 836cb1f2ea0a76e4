# Measures household_key() and parse_address() on real, labelled addresses:
# does the key hold through every spelling of a home, does it tell neighbours
# apart, are building, unit and room those that people labelled?
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::RealBin/lib";
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $file = material_file('address/labelled_addresses.tsv');
plan skip_all => 'labelled addresses are not here' unless defined $file;

my @han = qw(零 一 二 三 四 五 六 七 八 九);

# 1 to 9999 in Chinese numerals, as people write floors, buildings and rooms.
sub in_numerals
{
	my ($number) = @_;
	return join '', map { $han[$_] } split //, $number if $number >= 100;
	my ($tens, $ones) = (int($number / 10), $number % 10);
	return $han[$ones] if $tens == 0;
	return ($tens == 1 ? '' : $han[$tens]) . '十' . ($ones ? $han[$ones] : '');
}

my $numeral = '一二三四五六七八九十百千零〇';

# The same with 十, 百 and 千: 1205 is 一千二百零五.
sub in_words
{
	my ($number) = @_;
	return in_numerals($number) if $number < 100;
	my $words = '';
	my $gap = 0;
	foreach ([ 1000, '千' ], [ 100, '百' ], [ 10, '十' ], [ 1, '' ])
	{
		my $digit = int($number / $_->[0]) % 10;
		$words .= ($gap ? '零' : '') . $han[$digit] . $_->[1] if $digit;
		$gap = $words ne '' && $digit == 0;
	}
	return $words;
}

# Each rewriting makes another spelling of the same address.
my %rewrite = (
	'numerals' => sub {
		my ($a) = @_;
		$a =~ s/(?<![0-9A-Za-z\-])([1-9][0-9]?)(?=栋|幢|座|号楼|单元|楼|层)/in_numerals($1)/ge;
		$a =~ s/(?<=单元)([1-9][0-9]{2,3})(?=室?$)/in_numerals($1)/ge;
		return $a;
	},
	'building word' => sub {
		my ($a) = @_;
		my %next = ('栋' => '幢', '幢' => '号楼', '号楼' => '橦', '座' => '栋');
		$a =~ s/(?<=[0-9])(栋|幢|座|号楼)/$next{$1}/g;
		return $a;
	},
	'unit and room word' => sub {
		my ($a) = @_;
		$a =~ s/(?<=[0-9])单元/门/g;
		$a =~ s/(?<=[0-9])室/房/ or $a =~ s/(?<=单元)([0-9]+)$/$1室/;
		return $a;
	},
	'full width' => sub {
		my ($a) = @_;
		$a =~ tr/0-9A-Za-z\-/０-９Ａ-Ｚａ-ｚ－/;
		return $a;
	},
	'dropped province' => sub {
		my ($a) = @_;
		$a =~ s/^(?:浙江|江苏|广东|四川|福建|湖北|湖南|河北|河南|山东|山西|安徽|江西|陕西|辽宁|吉林|云南|贵州)省(?=\p{Han}{2,3}市)//;
		return $a;
	},
	'spaces' => sub {
		my ($a) = @_;
		$a =~ s/(省|市|区|县|镇|街道|路|号|栋|幢|单元)(?=.)/$1 /g;
		return " $a ";
	},
	'all digits in numerals' => sub {
		my ($a) = @_;
		$a =~ s/([0-9])/$han[$1]/g;
		return $a;
	},
	'all numbers in words' => sub {
		my ($a) = @_;
		$a =~ s/(?<![0-9])([1-9][0-9]{0,3})(?![0-9])/in_words($1)/ge;
		return $a;
	},
	'numerals in digits' => sub {
		my ($a) = @_;
		$a =~ s/(?<![$numeral])([二三四五六七八九])(?=栋|幢|号楼|单元|楼|层|号|区|路|街)/index('零一二三四五六七八九', $1)/ge;
		return $a;
	},
	'division suffixes' => sub {
		my ($a) = @_;
		$a =~ s/^(浙江|江苏|广东|四川|福建|湖北|湖南|河北|河南|山东|山西|安徽|江西|陕西)省(?=\p{Han}{2}市)/$1/;
		$a =~ s/^((?:浙江|江苏)?)(杭州|宁波|温州|绍兴|金华|嘉兴|湖州|台州|衢州|丽水|舟山)市(?=\p{Han}{2}[区县市])/$1$2/;
		return $a;
	},
	'divisions twice' => sub {
		my ($a) = @_;
		$a =~ s/^((?:浙江省|江苏省)?\p{Han}{2}市\p{Han}{2}[区县市])/$1$1/;
		return $a;
	},
	'a blank behind every sign' => sub {
		my ($a) = @_;
		$a =~ s/(?<=\p{Han})(?=.)/　/g;
		return $a;
	},
	'another dash' => sub {
		my ($a) = @_;
		$a =~ s/(?<=[0-9])-(?=[0-9])/—/g;
		return $a;
	},
	'traditional' => sub {
		my ($a) = @_;
		$a =~ tr/号楼栋单层东门区县镇乡/號樓棟單層東門區縣鎮鄉/;
		return $a;
	},
	'leading zeros' => sub {
		my ($a) = @_;
		$a =~ s/(?<![0-9A-Za-z])([1-9])(?=栋|幢|号楼|单元)/0$1/g;
		return $a;
	});

# A neighbour: one number of house, building, unit, floor or room changed.
sub neighbour
{
	my ($a, $segments, $turn) = @_;
	my @numbers = grep { /[0-9]/ } map { (split /=/, $_, 2)[1] }
	  grep { /^(?:roadno|subroadno|houseno|cellno|floorno|roomno)=/ }
	  split /\|/, $segments;
	return unless @numbers;
	my $part = $numbers[ $turn % @numbers ];
	my $at = rindex $a, $part;
	return if $at < 0;
	my $other = $part;
	$other =~ s/([0-9]+)/$turn % 2 ? $1 + 1 : "1$1"/e;
	substr($a, $at, length $part) = $other;
	return $a;
}

# Canonical form of a label, written apart from the code under test.
sub label
{
	my ($segments, $name) = @_;
	my ($value) = map { (split /=/, $_, 2)[1] } grep { /^$name=/ }
	  split /\|/, $segments;
	return '' unless defined $value;
	$value = lc $value;
	$value =~ s/(号楼|号|栋|幢|座|单元|梯|室|楼|房间|办公室|档)+$//;
	$value =~ s/^([二三四五六七八九])?十([一二三四五六七八九])?$/
	  (defined $1 ? index('零一二三四五六七八九', $1) : 1) * 10
	  + (defined $2 ? index('零一二三四五六七八九', $2) : 0)/ex;
	$value =~ tr/零一二三四五六七八九/0-9/;
	$value =~ s/^0+(?=[0-9])//;
	return $value;
}

my (@pairs, @labels);
open my $in, '<:encoding(UTF-8)', $file or die "$file: $!";
<$in>;
while (my $line = <$in>)
{
	chomp $line;
	my ($address, $segments) = split /\t/, $line;
	next unless $segments =~ /roomno=/ && $address !~ /\\/;
	push @labels, join "\t", $address,
	  map { label($segments, $_) } qw(houseno cellno roomno);
	foreach my $kind (sort keys %rewrite)
	{
		my $other = $rewrite{$kind}->($address);
		push @pairs, join "\t", $kind, 't', $address, $other
		  if $other ne $address;
	}
	foreach my $turn (0 .. 5)
	{
		my $other = neighbour($address, $segments, $turn);
		push @pairs, join "\t", 'neighbour', 'f', $address, $other
		  if defined $other && $other ne $address;
	}
}
close $in;

my $node = new_node('address');
my $pair_file = PostgreSQL::Test::Utils::tempdir() . '/pairs.tsv';
my $label_file = PostgreSQL::Test::Utils::tempdir() . '/labels.tsv';
foreach ([ $pair_file, \@pairs ], [ $label_file, \@labels ])
{
	open my $out, '>:encoding(UTF-8)', $_->[0] or die "$_->[0]: $!";
	print $out map { "$_\n" } @{ $_->[1] };
	close $out;
}
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE pair (kind text, same boolean, a text, b text);
CREATE TABLE labelled (address text, building text, unit text, room text);
\\copy pair FROM '$pair_file'
\\copy labelled FROM '$label_file'
CREATE TABLE verdict AS
SELECT kind, same, a, b,
	   medaudit.household_key(a) = medaudit.household_key(b) IS TRUE AS equal,
	   medaudit.household_key(a) IS NULL AS no_key
FROM pair;
SQL

note $node->safe_psql('postgres', <<'SQL');
SELECT kind, count(*) AS pairs, count(*) FILTER (WHERE equal) AS equal,
	   count(*) FILTER (WHERE no_key) AS no_key
FROM verdict GROUP BY kind ORDER BY kind
SQL
note 'missed: ', $_ foreach split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT kind, a, b, medaudit.household_key(a), medaudit.household_key(b)
FROM verdict WHERE equal <> same AND NOT no_key ORDER BY md5(a || b) LIMIT 40
SQL

my ($precision, $recall) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT round(count(*) FILTER (WHERE equal AND same)::numeric / count(*) FILTER (WHERE equal), 4),
	   round(count(*) FILTER (WHERE equal AND same)::numeric / count(*) FILTER (WHERE same), 4)
FROM verdict
SQL
my ($tuples, $homes) = split /\|/, $node->safe_psql('postgres', <<'SQL');
SELECT round(avg((ROW(coalesce(p.building, ''), coalesce(p.unit, ''), coalesce(p.room, ''))
				  = ROW(l.building, l.unit, l.room))::int), 4), count(*)
FROM labelled l, medaudit.parse_address(l.address) p
SQL
diag "$homes addresses with a room, " . @pairs . " pairs: "
  . "pair precision $precision, recall $recall; "
  . "(building, unit, room) as labelled: $tuples";
note 'label: ', $_ foreach split /\n/, $node->safe_psql('postgres', <<'SQL');
SELECT l.*, p.house, p.poi, p.building, p.unit, p.floor, p.room
FROM labelled l, medaudit.parse_address(l.address) p
WHERE ROW(coalesce(p.building, ''), coalesce(p.unit, ''), coalesce(p.room, ''))
	  <> ROW(l.building, l.unit, l.room) ORDER BY md5(l.address) LIMIT 60
SQL

cmp_ok($homes, '>', 500, 'the file is read');
cmp_ok($precision, '>=', 0.99, 'pair precision');
cmp_ok($recall, '>=', 0.90, 'pair recall');
cmp_ok($tuples, '>=', 0.80, 'building, unit and room as labelled');
is($node->safe_psql('postgres', <<'SQL'), '0', 'a key of a normal text is the key');
SELECT count(*) FROM pair
WHERE medaudit.household_key(b) IS DISTINCT FROM medaudit.household_key(medaudit.normalize_text(b))
SQL

$node->stop;
done_testing();
