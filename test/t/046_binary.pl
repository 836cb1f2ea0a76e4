# Damaged books are refused, never believed: every truncation, every byte
# changed in several ways, and many random changes, through binary COPY; what
# still passes must be readable by everything that reads such a book, and come
# back the same, byte for byte, through binary and through text.  Rulebooks also
# with a digest that fits what was changed.  The same for the text form.
use strict;
use warnings;

use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('binary');
my $file = PostgreSQL::Test::Utils::tempdir() . '/damaged';
my $random = $ENV{MEDAUDIT_FUZZ_DAMAGES} || 600;

$node->safe_psql('postgres', q{
	CREATE TABLE damage (what text, bytes bytea,
		place int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

	-- Bytes of VALUE cut at each length, each byte changed (in fewer ways where
	-- there are many), and some at random.
	CREATE FUNCTION damage_all(value bytea, random int) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		place int;
		other int;
		changed bytea;
	BEGIN
		TRUNCATE damage;
		FOR place IN 0 .. length(value) - 1 LOOP
			INSERT INTO damage VALUES ('cut ' || place, substr(value, 1, place));
			FOREACH other IN ARRAY CASE WHEN length(value) > 1000 THEN
				ARRAY[get_byte(value, place) # (1 << place % 8)]
			ELSE
				ARRAY[0, 255, get_byte(value, place) + 1 & 255,
					get_byte(value, place) + 255 & 255,
					get_byte(value, place) # (1 << 1 + place % 6),
					get_byte(value, place) # 128]
			END LOOP
				INSERT INTO damage VALUES ('byte ' || place || ' = ' || other,
					set_byte(value, place, other));
			END LOOP;
			CONTINUE WHEN length(value) > 1000;
			INSERT INTO damage VALUES ('without byte ' || place,
				substr(value, 1, place) || substr(value, place + 2));
			INSERT INTO damage VALUES ('byte ' || place || ' twice',
				substr(value, 1, place + 1) || substr(value, place + 1));
		END LOOP;
		INSERT INTO damage VALUES ('longer', value || '\x00');
		PERFORM setseed(0.25);
		FOR place IN 1 .. random LOOP
			INSERT INTO damage VALUES ('random ' || place, damaged(value));
		END LOOP;
		DELETE FROM damage WHERE bytes = value;
	END $$;

	-- Bytes changed, put in, left out, said twice or exchanged, mostly one or two
	-- of them; or whole numbers of four or eight bytes put in their place.
	CREATE FUNCTION damaged(value bytea) RETURNS bytea LANGUAGE plpgsql AS $$
	DECLARE
		other int;
		at int;
		many int;
		number text;
		way float;
	BEGIN
		FOR other IN 0 .. floor(-ln(1 - random()) * 1.5)::int LOOP
			at := floor(random() * length(value))::int;
			many := least(1 + floor(-ln(1 - random()) * 1.5)::int, length(value) - at);
			way := random();
			number := (ARRAY['00000000', '01000000', '80000000', 'ffffffff', 'ffffff7f', '00000080', '00007f00',
				'0100000000000000', 'ffffffffffffffff', '0000000000000080', '000064a7b3b6e00d', 'ffff63a7b3b6e00d'])[1 + floor(random() * 12)::int];
			value := CASE
				WHEN way < 0.3 THEN set_byte(value, at, floor(random() * 256)::int)
				WHEN way < 0.5 THEN set_byte(value, at, get_byte(value, at) # (1 << floor(random() * 8)::int))
				WHEN way < 0.6 THEN substr(value, 1, at) || substr(value, at + 1 + many)
				WHEN way < 0.7 THEN substr(value, 1, at + many) || substr(value, at + 1)
				WHEN way < 0.8 THEN substr(value, 1, at) || set_byte('\x00', 0, floor(random() * 256)::int) || substr(value, at + 1)
				WHEN way < 0.9 THEN overlay(value PLACING substr(value, 1 + floor(random() * length(value))::int, many) FROM at + 1)
				ELSE substr(overlay(value PLACING decode(number, 'hex') FROM at / 4 * 4 + 1), 1, length(value))
			END;
		END LOOP;
		RETURN value;
	END $$;

	-- A rulebook whose digest is that of its content.
	CREATE FUNCTION sealed(bytes bytea) RETURNS bytea LANGUAGE sql AS $$
		SELECT CASE WHEN length(bytes) < 32 THEN bytes ELSE overlay(bytes PLACING
			substr(sha256(overlay(substr(bytes, 5) PLACING decode(repeat('00', 16), 'hex') FROM 9)), 1, 16) FROM 13) END
	$$;

	-- Sends each damaged value in; gives SQLSTATE, or how reading it ended.
	CREATE FUNCTION try_all(target text, type text, file text, reading text)
	RETURNS TABLE (outcome text, times bigint, example text)
	LANGUAGE plpgsql AS $$
	DECLARE
		one damage;
		state text;
		by_binary bytea;
		by_text bytea;
	BEGIN
		CREATE TEMP TABLE outcomes (outcome text, what text) ON COMMIT DROP;
		FOR one IN SELECT * FROM damage LOOP
			EXECUTE format('COPY (SELECT bytes FROM damage WHERE place = %s)
				TO %L (FORMAT binary)', one.place, file);
			BEGIN
				EXECUTE format('COPY %I FROM %L (FORMAT binary)', target, file);
				BEGIN
					EXECUTE reading;
					EXECUTE format('SELECT medaudit.%1$s_send(book), medaudit.%1$s_send(book::text::medaudit.%1$s) FROM %2$I', type, target)
						INTO by_binary, by_text;
					state := CASE WHEN by_binary <> one.bytes THEN 'accepted, and sent as other bytes'
						WHEN by_text <> one.bytes THEN 'accepted, and another by its text'
						ELSE 'read' END;
				EXCEPTION WHEN OTHERS THEN
					state := 'accepted, then ' || SQLSTATE || ' ' || SQLERRM;
				END;
				RAISE EXCEPTION 'take the row back' USING ERRCODE = 'ZZ000';
			EXCEPTION
				WHEN SQLSTATE 'ZZ000' THEN NULL;
				WHEN OTHERS THEN state := SQLSTATE;
			END;
			INSERT INTO outcomes VALUES (state, one.what);
		END LOOP;
		RETURN QUERY SELECT o.outcome, count(*), min(o.what) FROM outcomes o
			GROUP BY 1 ORDER BY 1;
	END $$;

	CREATE FUNCTION try_text(type text, value text, reading text)
	RETURNS TABLE (outcome text, times bigint, example text)
	LANGUAGE plpgsql AS $$
	DECLARE
		changed text;
		place int;
		state text;
	BEGIN
		CREATE TEMP TABLE outcomes (outcome text, what text) ON COMMIT DROP;
		PERFORM setseed(0.5);
		FOR place IN 1 .. 1200 LOOP
			IF place <= length(value) THEN
				changed := left(value, place - 1);
			ELSE
				changed := overlay(value PLACING
					substr('{}[]",:0123456789.-eEnulltrue\u医𠀀 ',
						1 + floor(random() * 34)::int, 1)
					FROM 1 + floor(random() * length(value))::int
					FOR floor(random() * 3)::int);
			END IF;
			BEGIN
				EXECUTE format('SELECT %L::%s', changed, type);
				BEGIN
					EXECUTE replace(reading, 'SOURCE',
						format('(SELECT %L::%s AS book) s', changed, type));
					state := 'read';
				EXCEPTION WHEN OTHERS THEN
					state := 'accepted, then ' || SQLSTATE || ' ' || SQLERRM;
				END;
			EXCEPTION WHEN OTHERS THEN
				state := SQLSTATE;
			END;
			INSERT INTO outcomes VALUES (state, changed);
		END LOOP;
		RETURN QUERY SELECT o.outcome, count(*), min(o.what) FROM outcomes o
			GROUP BY 1 ORDER BY 1;
	END $$;
});

# SQL that makes a value, and calls that read it (left out where not built).
my %values = (
	ledger => q{
		SELECT medaudit.ledger(item_code, quantity, amount, charged_at, line_id,
			original_line_id, visit_id, claimed)
		FROM (VALUES
			('A1', 2, 20.00, timestamp '2025-01-01 08:00:01', 'l1', NULL, 'v1', 10.00),
			('A1', -1, -10.00, '2025-01-02 08:00', 'l2', 'l1', 'v1', NULL),
			('A12', 0.5, 3.33, '2025-01-02 08:00', NULL, NULL, 'v1', 0),
			('药', 1, 1, '2025-02-01', '行', NULL, NULL, NULL),
			('B', 3, 1234567.89, '1999-12-31 23:59:59.999999', 'l9', NULL, 'v2', 1),
			(NULL, 1, 1, '2025-01-01', NULL, NULL, NULL, NULL))
		v (item_code, quantity, amount, charged_at, line_id, original_line_id,
			visit_id, claimed)},
	'ledger without ids' => q{
		SELECT medaudit.ledger('item' || i % 3, i % 4 - 1, (i % 4 - 1) * 7.5,
			timestamp '2025-01-01' + i * interval '1 hour')
		FROM generate_series(1, 12) i},
	stays => q{
		SELECT medaudit.stays('v' || i, 'p' || i % 3, 'f' || i % 2,
			timestamp '2025-01-01 10:00' + i * interval '3 days',
			timestamp '2025-01-03 16:00' + CASE WHEN i % 5 <> 0
				THEN i * interval '4 days' END,
			CASE WHEN i % 4 <> 0 THEN 'J18.' || i END, i * 100.25,
			CASE WHEN i % 3 = 0 THEN '{referral,化疗}' END::text[])
		FROM generate_series(1, 7) i},
	rulebook => q{
		SELECT '[
		{"rule_code": "dup", "kind": "duplicate", "name_zh": "重复", "item_code": "A1", "scope": "day"},
		{"rule_code": "ex", "kind": "exclusive", "name_zh": "互斥", "item_code": "A1", "other_code": "A12", "scope": "6 hours", "certainty": "violation"},
		{"rule_code": "cap", "kind": "quantity", "name_zh": "限量", "item_code": "A%", "item_group": "g", "scope": "15 days", "max_quantity": 1.5, "valid": "[2025-01-01,2026-01-01)", "note": "n"},
		{"rule_code": "money", "kind": "amount", "name_zh": "限额", "item_code": "%", "scope": "visit", "max_amount": 10},
		{"rule_code": "price", "kind": "price", "name_zh": "限价", "item_code": "B", "max_price": 3.5, "facility_ranks": [1, 2], "departments": ["内科"], "diagnosis_prefixes": ["J18"]}
		]'::jsonb::medaudit.rulebook},
);

my %readers = (
	ledger => [
		[ 'lines', 'SELECT count(*), sum(amount) FROM SOURCE, medaudit.lines(book)' ],
		[ 'net_amount', 'SELECT medaudit.net_amount(book), medaudit.net_claimed(book),
			medaudit.line_count(book), medaudit.item_count(book),
			medaudit.skipped_count(book) FROM SOURCE' ],
		[ 'rollup', 'SELECT medaudit.rollup(book)::text FROM SOURCE' ],
		[ 'ledger_send', 'SELECT medaudit.ledger_send(book) FROM SOURCE' ],
		[ 'bed_days', q{SELECT count(*) FROM SOURCE,
			medaudit.bed_days(book, '2025-01-01', '2025-01-05', '{A}')} ],
		[ '_bed_days', q{SELECT medaudit._bed_days(book, NULL, '2025-01-01', '2025-01-05',
			ARRAY[E'A1\\x1f'], '{bed}') FROM SOURCE} ],
		[ 'fee_signature', 'SELECT medaudit.fee_signature(book) FROM SOURCE' ],
		[ 'supply', q{SELECT count(*), sum(d.amount) FROM SOURCE, medaudit.supply(book) d,
			medaudit.stock_curve(book), medaudit.early_refills(book), medaudit.stockpiles(book, 'code', 1),
			medaudit.many_facilities(book), medaudit.duplicate_therapy(book, 'code', 'generic')} ],
		[ '_item_sums', q{SELECT count(*), sum(amount), max(medaudit._refunded_items(book)),
			max(medaudit._charged_dates(book)::text),
			max(medaudit._lines_outside(book, '2025-01-02', '2025-01-03')::text)
			FROM SOURCE, medaudit._item_sums(book)} ],
		[ '_rollup_categories', 'SELECT medaudit._rollup_categories(book, NULL),
			medaudit._distinct_item_categories(book, NULL) FROM SOURCE' ] ],
	stays => [
		[ 'stay_rows', 'SELECT count(*), sum(amount) FROM SOURCE,
			medaudit.stay_rows(book)' ],
		[ 'stay_count', 'SELECT medaudit.stay_count(book),
			medaudit.skipped_count(book) FROM SOURCE' ],
		[ 'rollup', 'SELECT medaudit.rollup(book)::text FROM SOURCE' ],
		map { [ $_, "SELECT count(*) FROM SOURCE, medaudit.$_(book)" ] }
		  qw(split_stays overlapping_stays events_in_stay frequent_stays
		  occupancy similar_amounts
		  same_household_admissions companions companion_groups) ],
	rulebook => [
		[ 'rule_count', 'SELECT medaudit.rule_count(book) FROM SOURCE' ],
		[ 'rule_match', q{SELECT count(*) FROM SOURCE,
			medaudit.rule_match(book, '{A1,A12,B,XA01}')} ],
		[ 'audit_charges', q{SELECT count(*) FROM SOURCE,
			(SELECT medaudit.ledger('A' || i % 13, i, i, '2025-01-01') AS charges
			FROM generate_series(1, 30) i) l,
			medaudit.audit_charges(charges, NULL::medaudit.visit_context, book)} ],
		[ 'split_charges', q{SELECT count(*) FROM SOURCE,
			(SELECT medaudit.ledger('A' || i % 13, i, i, '2025-01-01') AS charges
			FROM generate_series(1, 30) i) l,
			medaudit.split_charges(charges, book)} ] ],
);

sub type_exists
{
	return $node->safe_psql('postgres',
		"SELECT to_regtype('medaudit.$_[0]') IS NOT NULL") eq 't';
}

# Each reader as a PERFORM of one block.
sub reading
{
	my ($type, $source) = @_;
	my @calls = map { $_->[1] }
	  grep { function_exists($node, $_->[0]) } @{ $readers{$type} };

	push @calls, 'SELECT book::text FROM SOURCE', 'SELECT book::jsonb FROM SOURCE';
	s/SOURCE/$source/ foreach @calls;
	return "DO \$read\$ BEGIN "
	  . join('', map { "PERFORM * FROM ($_) q; " } @calls)
	  . "END \$read\$";
}

# Only refusals with STATE and values that read well.
sub judge
{
	my ($outcomes, $state, $what) = @_;
	my @wrong = grep { !/^(?:$state|read)\|/ } split /\n/, $outcomes;

	is(join("\n", @wrong), '', "$what: nothing but $state or a readable book");
	like($outcomes, qr/^$state\|/m, "$what: damage is refused");
	note($outcomes);
}

sub try_binary
{
	my ($type, $what) = @_;

	judge($node->safe_psql('postgres', "SELECT * FROM try_all('target', '$type', '$file',
		\$sql\$" . reading($type, 'target') . "\$sql\$)"), '22P03', $what);
}

foreach my $what (sort keys %values)
{
	my ($type) = $what =~ /^(\w+)/;
	my $readers;

	next unless type_exists($type);
	$node->safe_psql('postgres', "DROP TABLE IF EXISTS target, valid;
		CREATE TABLE target (book medaudit.$type);
		CREATE TABLE valid AS SELECT ($values{$what}) AS book");
	is( $node->safe_psql('postgres', "
			COPY valid TO '$file' (FORMAT binary);
			COPY target FROM '$file' (FORMAT binary);
				SELECT target.book::text = valid.book::text FROM target, valid;
			TRUNCATE target"),
		't', "$what: out and in");
	is( $node->safe_psql('postgres', "SELECT book::text::medaudit.$type\::text
			= book::text FROM valid"), 't', "$what: text and back");

	$node->safe_psql('postgres', "SELECT damage_all(medaudit.${type}_send(book), $random) FROM valid");
	try_binary($type, "$what, binary");
	if ($type eq 'rulebook')
	{
		$node->safe_psql('postgres', "DELETE FROM damage WHERE what LIKE 'cut%';
			UPDATE damage SET bytes = sealed(bytes);
			DELETE FROM damage USING valid WHERE bytes = medaudit.rulebook_send(book)");
		try_binary($type, "$what, sealed");
	}
	judge($node->safe_psql('postgres', "SELECT t.outcome, t.times,
			regexp_replace(t.example, '\\s+', ' ', 'g')
		FROM valid, try_text('medaudit.$type', book::text,
		\$sql\$" . reading($type, 'SOURCE') . "\$sql\$) t"), '22(?:P02|003|007|008|009|023)',
		"$what, text");
}
is($node->safe_psql('postgres', 'SELECT 1'), '1', 'the server stands');

done_testing();
