# A warehouse in the tables of the central extract with the mess of real ones
# (test/national_warehouse.sql), audited by the six statements of the page, from an
# empty database on.  What the views say is what plain SQL says over the tables;
# what was planted is found, and a near miss is not; what cannot be used is counted
# and stops nothing; and what is written later, a row that is not valid any more
# too, is a change, and judged again.
use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use Medaudit;
use PostgreSQL::Test::Utils;
use Test::More;

my $project = $ENV{MEDAUDIT_PROJECT};
my $node = new_node('national', bare => 1);

sub ask
{
	my ($query, $database) = @_;

	return decode('UTF-8', $node->safe_psql($database // 'postgres', encode('UTF-8', $query)));
}

sub page
{
	return decode('UTF-8', slurp_file("$project/$_[0]"));
}

sub make_warehouse
{
	my ($database, %variable) = @_;

	command_ok([ 'psql', '-XAqt', '-d', $node->connstr($database), (map { ('-v', "$_=$variable{$_}") } sort keys %variable),
			'-f', "$project/test/national_warehouse.sql" ], "a warehouse of seed $variable{seed}");
}

# ---------------------------------------------------------------- six statements

# The first block of the page; both READMEs say the same.
my ($six) = page('doc/bind_national.md') =~ /^```\n(CREATE EXTENSION .*?)^```/ms;
my @statement = split /(?<=;)\n/, $six // '';

is(scalar(@statement), 6, 'six statements lead to a worklist');
ok(index(page($_), $six) > 0, "$_ says the same six") foreach 'README.md', 'README.zh.md';

make_warehouse('postgres', seed => 'national', persons => 200, months => 4);
my @answer = map { ask($_) } @statement;
like($answer[2], qr/（facility）.*停用1条规则：.*（over_capacity）缺核定床位数（beds）。/, 'sources() tells in Chinese which rules are off, and for want of what');
ok($answer[5] =~ tr/\n// > 5, 'there is a worklist');
is(ask("SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM medaudit.run_progress WHERE error IS NULL OR error !~ '^not bound: |has no row\$'"), 'done', 'every step of the run is done');
is(ask("SELECT string_agg(rule_code, ' ' ORDER BY rule_code) FROM medaudit.run_progress WHERE error ~ '^not bound: |has no row\$'"),
	'card_price claimed_twice fund_pace indicator_outlier invoice_row invoice_twice issuer_invalid never_purchased no_certificate out_of_catalogue over_capacity payee_of_many prescription_amount'
	. ' repeated_exam same_operator split_prescriptions stock_deficit trace_reuse unlisted_item', 'but for what these tables do not have, or a fund must say');

# ---------------------------------------------------------------- what is planted

my $named = q{SELECT p.id, coalesce(p.rule_code, '') AS planted, coalesce((SELECT string_agg(DISTINCT f.rule_code, ' ' ORDER BY f.rule_code) FROM medaudit.finding AS f
	LEFT JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state = 'open' AND p.id IN (f.visit_id, l.visit_id)), '') AS found FROM made.planted AS p};

is(ask("SELECT string_agg(format('%s: %s, found %s', id, planted, found), E'\\n' ORDER BY id) FROM ($named) AS n
	WHERE planted <> ALL (string_to_array(found, ' ')) AND planted <> '' OR planted = '' AND found <> ''") // '', '', 'what was planted is found, a near miss is not');
is(ask("SELECT gross_amount, claimed_amount FROM medaudit.finding WHERE rule_code = 'starter_per_bed_day' AND visit_id = 'XWIDE' AND state = 'open'"), '80.00|72.00',
	'in full width, of a stay that was settled twice: its own money once');

# ---------------------------------------------------------------- sums

# Money, times, codes and keys of the tables, read without medaudit.
my $readers = q{
	CREATE SCHEMA plain;
	CREATE FUNCTION plain.money(text) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN CASE WHEN $1 ~ '[0-9０-９]' THEN translate($1, '０１２３４５６７８９．－,，￥元 ', '0123456789.-')::numeric END;
	CREATE FUNCTION plain.moment(text) RETURNS timestamp LANGUAGE sql IMMUTABLE RETURN to_timestamp(regexp_replace($1, '\D', '', 'g'), 'YYYYMMDDHH24MISS')::timestamp;
	CREATE FUNCTION plain.code(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN nullif(upper(btrim(normalize($1, NFKC))), '');
	CREATE VIEW plain.setl AS SELECT DISTINCT setl_id, rtrim(mdtrt_id) AS id, plain.money(medfee_sumamt) AS total, plain.money(inscp_amt) AS scope, plain.money(fund_pay_sumamt) AS fund,
		plain.money(psn_pay) AS own, acct_pay, plain.moment(setl_time) AS at, clr_way, setl_type, mid_setl_flag, rtrim(fixmedins_code) AS facility, coalesce(mdtrt_cert_no, rtrim(psn_no)) AS card
		FROM yb.setl_d WHERE rtrim(vali_flag) = '1';
	CREATE VIEW plain.visit AS SELECT DISTINCT rtrim(mdtrt_id) AS id, rtrim(psn_no) AS person FROM yb.mdtrt_d WHERE vali_flag = '1';
	-- delivered twice with another time of writing it is the same line
	CREATE VIEW plain.line AS SELECT rtrim(mdtrt_id) AS id, rtrim(bkkp_sn) AS number, coalesce(plain.code(med_list_codg), plain.code(hilist_code)) AS code, cnt, plain.money(det_item_fee_sumamt) AS amount,
		CASE hosp_appr_flag WHEN '2' THEN 0 ELSE inscp_amt END AS claimed, fee_ocur_time, med_chrgitm_type, prcu_drug_flag, dscg_tkdrug_flag, updt_time FROM yb.fee_list_d WHERE vali_flag = '1'};

# What the view says, and what plain SQL says.
my @sums = (
	[ 'visits', 'SELECT count(*), count(DISTINCT visit_id), count(DISTINCT person_id), sum(length(visit_id)) FROM medaudit_data.visit',
		'SELECT count(*), count(DISTINCT id), count(DISTINCT person), sum(length(id)) FROM plain.visit' ],
	[ 'money of visits', 'SELECT sum(total_amount), sum(scope_amount), sum(fund_amount), sum(personal_amount), sum(acct_amount), count(total_amount), count(unreadable) FROM medaudit_data.visit',
		q{SELECT sum(s.total), sum(s.scope), sum(s.fund), sum(s.own), sum(s.acct_pay), count(DISTINCT s.id), 0 FROM plain.setl AS s WHERE s.setl_type <> '3' AND s.id IN (SELECT v.id FROM plain.visit AS v)} ],
	[ 'each visit', q{SELECT md5(string_agg(format('%s %s %s %s %s', visit_id, total_amount, fund_amount, settled_at, payment_method), E'\n' ORDER BY visit_id COLLATE "C")) FROM medaudit_data.visit},
		q{SELECT md5(string_agg(format('%s %s %s %s %s', v.id, s.total, s.fund, s.at, CASE s.way WHEN '1' THEN 'item' WHEN '3' THEN 'dip' WHEN '4' THEN 'drg' END), E'\n' ORDER BY v.id COLLATE "C"))
		FROM plain.visit AS v LEFT JOIN (SELECT id, sum(total) AS total, sum(fund) AS fund, max(at) AS at, max(clr_way) AS way FROM plain.setl WHERE setl_type <> '3' GROUP BY id) AS s ON s.id = v.id} ],
	[ 'stays in the middle', 'SELECT count(*), sum(total_amount) FROM medaudit_data.visit WHERE NOT mid_settlement AND visit_type LIKE $$21%$$',
		q{SELECT count(*), sum(total) FROM (SELECT id, sum(total) AS total FROM plain.setl WHERE setl_type <> '3' AND id LIKE '%s' OR id IN ('XBED1', 'XBED0', 'XWIDE', 'XVOID', 'XPAID', 'XDROP', 'XBACK', 'XOUTS', 'XOVL1', 'XOVL2', 'XSPL1', 'XSPL2', 'XDIED') AND setl_type <> '3' GROUP BY id) AS s} ],
	[ 'lines', 'SELECT count(*), sum(amount), sum(claimed), sum(quantity), count(DISTINCT item_code), count(DISTINCT line_id), count(unreadable) FROM medaudit_data.charge',
		q{SELECT count(*), sum(amount), sum(claimed), sum(cnt), count(DISTINCT code), count(DISTINCT id || '/' || number), count(*) FILTER (WHERE amount IS NULL) FROM plain.line} ],
	[ 'lines by item', q{SELECT md5(string_agg(format('%s %s %s %s %s', item_code, n, amount, home, procured), E'\n' ORDER BY item_code COLLATE "C")) FROM (SELECT item_code, count(*) AS n, sum(amount) AS amount, count(*) FILTER (WHERE take_home) AS home, count(*) FILTER (WHERE procured) AS procured FROM medaudit_data.charge GROUP BY item_code) AS c},
		q{SELECT md5(string_agg(format('%s %s %s %s %s', code, n, amount, home, procured), E'\n' ORDER BY code COLLATE "C")) FROM (SELECT code, count(*) AS n, sum(amount) AS amount, count(*) FILTER (WHERE dscg_tkdrug_flag = '是') AS home, count(*) FILTER (WHERE prcu_drug_flag = '1') AS procured FROM plain.line GROUP BY code) AS c} ],
	[ 'categories', q{SELECT string_agg(DISTINCT category, ' ' ORDER BY category) FROM medaudit_data.charge}, q{SELECT string_agg(DISTINCT lpad(med_chrgitm_type::text, 2, '0'), ' ' ORDER BY lpad(med_chrgitm_type::text, 2, '0')) FROM plain.line} ],
	[ 'diagnoses', 'SELECT count(*), count(*) FILTER (WHERE rank = 1), count(DISTINCT diagnosis_code) FROM medaudit_data.diagnosis',
		q{SELECT count(*), count(*) FILTER (WHERE maindiag_flag = '1'), count(DISTINCT plain.code(diag_code)) FROM yb.setl_list_diag_d WHERE vali_flag = '1'} ],
	[ 'operations', 'SELECT count(*), min(operated_at::date) FROM medaudit_data.operation', 'SELECT count(*), min(oprn_oprt_date::date) FROM yb.setl_list_oprn_d' ],
	[ 'people', q{SELECT count(*), count(death_date), count(*) FILTER (WHERE name ~ '旧'), count(resident_id), string_agg(DISTINCT sex, '' ORDER BY sex) FROM medaudit_data.person},
		q{SELECT count(*), count(died), count(*) FILTER (WHERE name ~ '旧'), count(certno), string_agg(DISTINCT gend, '' ORDER BY gend) FROM (SELECT psn_no, (array_agg(psn_name ORDER BY begntime DESC))[1] AS name, max(die_date) AS died, max(certno) AS certno, max(gend) AS gend FROM yb.mdtrt_d WHERE vali_flag = '1' GROUP BY psn_no) AS p} ],
	[ 'card payments', q{SELECT count(*), sum(amount), count(DISTINCT card_id), count(DISTINCT swipe_id), min(swiped_at), string_agg(DISTINCT credential, ' ' ORDER BY credential) FROM medaudit_data.swipe},
		q{SELECT count(*), sum(acct_pay), count(DISTINCT card), count(DISTINCT setl_id), min(at), '01 02 03' FROM plain.setl WHERE acct_pay <> 0} ],
	[ 'changes', 'SELECT count(*), count(DISTINCT visit_id), max(changed_at) FROM medaudit_data.change',
		'SELECT count(*), count(DISTINCT rtrim(mdtrt_id)), max(updt_time) FROM (SELECT mdtrt_id, updt_time FROM yb.mdtrt_d UNION ALL SELECT mdtrt_id, updt_time FROM yb.setl_d UNION ALL SELECT mdtrt_id, updt_time FROM yb.fee_list_d UNION ALL SELECT mdtrt_id, updt_time FROM yb.setl_list_diag_d UNION ALL SELECT mdtrt_id, updt_time FROM yb.setl_list_oprn_d) AS t' ],
	[ 'stock', q{SELECT string_agg(format('%s %s %s %s', facility_id, kind, n, quantity), ', ' ORDER BY facility_id, kind) FROM (SELECT facility_id, kind, count(*) AS n, trim_scale(sum(quantity)) AS quantity FROM medaudit_data.stock_move GROUP BY facility_id, kind) AS m},
		q{SELECT string_agg(format('%s %s %s %s', f, k, n, q), ', ' ORDER BY f, k) FROM (SELECT rtrim(fixmedins_code) AS f, coalesce(inv_chg_type, infno) AS k, count(*) AS n,
			trim_scale(sum(CASE WHEN infno = '3505' OR inv_chg_type = '104' THEN -1 ELSE 1 END * coalesce(sel_retn_cnt, purc_retn_cnt, inv_cnt, cnt)::numeric)) AS q FROM yb.stock WHERE vali_flag = '1' GROUP BY 1, 2) AS m} ]);

sub compare_sums
{
	my ($database, $what) = @_;

	ask($readers, $database);
	foreach my $sum (@sums)
	{
		my ($name, $view, $plain) = @$sum;
		my $expected = ask($plain, $database);

		ok($expected =~ /[1-9a-z]/, "$what: there are $name");
		is(ask($view, $database), $expected, "$what: $name add up");
	}
}

ask(q{CALL medaudit.bind_national('yb', '{"stock": "stock"}')});
compare_sums('postgres', 'national');
# the messes that the sums must have met
is(ask(q{SELECT array_to_string(ARRAY(SELECT name FROM (VALUES
		('reversals', (SELECT count(*) FROM yb.setl_d WHERE refd_setl_flag = '1')), ('middle', (SELECT count(*) FROM yb.setl_d WHERE mid_setl_flag = '1')), ('aid', (SELECT count(*) FROM yb.setl_d WHERE setl_type = '3')),
		('invalid', (SELECT count(*) FROM yb.setl_d WHERE vali_flag = '0')), ('flags', (SELECT count(*) FROM yb.setl_d WHERE vali_flag = '1 ')), ('twice', (SELECT count(*) - count(DISTINCT setl_id) FROM yb.setl_d)),
		('late', (SELECT count(*) FROM yb.fee_list_d WHERE updt_time > to_date(pt, 'YYYYMMDD') + 15)), ('no number', (SELECT count(*) FROM yb.fee_list_d WHERE bkkp_sn IS NULL)), ('midnight', (SELECT count(*) FROM yb.fee_list_d WHERE fee_ocur_time::time = '00:00')),
		('wide', (SELECT count(*) FROM yb.fee_list_d WHERE med_list_codg ~ '[Ａ-Ｚ０-９]')), ('blank', (SELECT count(*) FROM yb.fee_list_d WHERE med_list_codg = ' ')), ('unread', (SELECT count(*) FROM yb.fee_list_d WHERE det_item_fee_sumamt !~ '[0-9０-９]')),
		('refunds', (SELECT count(*) FROM yb.fee_list_d WHERE cnt < 0)), ('renamed', (SELECT count(*) FROM yb.mdtrt_d WHERE psn_name ~ '旧')), ('unknown birth', (SELECT count(*) FROM yb.mdtrt_d WHERE brdy = '1900-01-01')),
		('still in', (SELECT count(*) FROM yb.mdtrt_d WHERE endtime IS NULL)), ('padded', (SELECT count(*) FROM yb.fee_list_d WHERE bkkp_sn ~ ' $')), ('invalid visits', (SELECT count(*) FROM yb.mdtrt_d WHERE vali_flag = '0'))) AS m (name, n)
	WHERE n = 0), ', ')}), '', 'every mess is there');

# ---------------------------------------------------------------- what is counted

is(ask(q{SELECT sum(rows) FROM medaudit.data_quality WHERE relation = 'charge' AND problem = 'column amount cannot be read'}),
	ask(q{SELECT count(DISTINCT (l.id, l.number)) FROM plain.line AS l JOIN plain.visit AS v ON v.id = l.id WHERE l.amount IS NULL}), 'amounts that are no numbers are counted');
is(ask(q{SELECT sum(rows) FROM medaudit.data_quality WHERE relation = 'charge' AND problem = 'delivered twice: equal rows count once'}),
	ask(q{SELECT count(*) - count(DISTINCT (l.id, l.number)) FROM plain.line AS l JOIN medaudit_data.visit AS v ON v.visit_id = l.id WHERE l.number IS NOT NULL AND v.settled_at IS NOT NULL AND v.total_amount <> 0}),
	'lines that were delivered twice count once, and are told');
is(ask(q{SELECT rows FROM medaudit.data_quality WHERE problem ~ '^its settlements add up to 0'}),
	ask(q{SELECT count(*) FROM (SELECT s.id FROM plain.setl AS s JOIN plain.visit AS v ON v.id = s.id WHERE s.setl_type <> '3' GROUP BY s.id HAVING sum(s.total) = 0) AS z}), 'what was taken back as a whole is judged by no rule, and counted');

# ---------------------------------------------------------------- what changes

my $before = ask(q{SELECT count(*) FROM medaudit.finding WHERE state = 'open'});

ask(q{CALL medaudit.refresh_books()});
ask(q{
	-- a line is not valid any more; one comes late; a settlement is taken back
	UPDATE yb.fee_list_d SET vali_flag = '0', updt_time = '2026-02-01 08:00' WHERE mdtrt_id = 'XBED1' AND bkkp_sn = '901';
	INSERT INTO yb.fee_list_d SELECT (jsonb_populate_record(f, '{"bkkp_sn": "950", "cnt": 3, "det_item_fee_sumamt": "１２０.00", "updt_time": "2026-02-02 08:00"}')).* FROM yb.fee_list_d AS f
		WHERE mdtrt_id = 'XBED0' AND med_list_codg ~ '001109000010000' LIMIT 1;
	INSERT INTO yb.fee_list_d SELECT (jsonb_populate_record(f, '{"bkkp_sn": "950", "cnt": 3, "det_item_fee_sumamt": "120.00", "med_list_codg": "001109000010000", "updt_time": "2026-02-02 08:00"}')).* FROM yb.fee_list_d AS f
		WHERE mdtrt_id = 'XBED0' AND NOT EXISTS (SELECT FROM yb.fee_list_d AS g WHERE g.mdtrt_id = 'XBED0' AND g.bkkp_sn = '950') LIMIT 1;
	INSERT INTO yb.setl_d SELECT (jsonb_populate_record(s, jsonb_build_object('setl_id', s.setl_id || 'R', 'init_setl_id', s.setl_id, 'medfee_sumamt', '-' || plain.money(s.medfee_sumamt), 'inscp_amt', '-' || plain.money(s.inscp_amt),
		'fund_pay_sumamt', '-' || plain.money(s.fund_pay_sumamt), 'refd_setl_flag', '1', 'updt_time', '2026-02-03 08:00'))).* FROM yb.setl_d AS s WHERE s.mdtrt_id = 'XHOUR' AND vali_flag = '1'});
is(ask(q{SELECT string_agg(DISTINCT visit_id || ' ' || changed_at, ', ' ORDER BY visit_id || ' ' || changed_at) FROM medaudit_data.change WHERE changed_at > '2026-01-31'}),
	'XBED0 2026-02-02 08:00:00, XBED1 2026-02-01 08:00:00, XHOUR 2026-02-03 08:00:00', 'each is a change, the row that is not valid any more too');
ask('CALL medaudit.refresh_books()');
is(ask(q{SELECT string_agg(DISTINCT visit_id, ' ' ORDER BY visit_id) FROM medaudit.stale_visits}), 'XBED0 XBED1 XHOUR', 'the store knows what is to be judged again');
ask('CALL medaudit.audit_changes()');
is(ask("SELECT string_agg(id || ' ' || found, ', ' ORDER BY id) FROM ($named) AS n WHERE id IN ('XBED0', 'XBED1', 'XHOUR', 'XWIDE')"),
	'XBED0 starter_per_bed_day, XBED1 , XHOUR , XWIDE starter_per_bed_day', 'the invalid line and the visit that was taken back are found no more, the late line is');
is(ask(q{SELECT count(*) FROM medaudit.finding WHERE state = 'open'}), $before - 1, 'and nothing else has changed');

# ---------------------------------------------------------------- other seeds

foreach my $seed ('乙', '7')
{
	my $database = "seed_" . ($seed eq '7' ? 'b' : 'a');

	ask("CREATE DATABASE $database");
	make_warehouse($database, seed => encode('UTF-8', $seed), persons => 60, months => 2);
	ask('CREATE EXTENSION medaudit', $database);
	ask(q{SET client_min_messages = error; CALL medaudit.bind_national('yb', '{"stock": "stock"}')}, $database);
	compare_sums($database, "seed $database");
}

# ---------------------------------------------------------------- indexes

# What the page shows is all that the notices of a store ask for.
my $indexes = join '', page('doc/bind_national.md') =~ /^(CREATE (?:INDEX|STATISTICS) .*\n)/mg;
my $told;
$node->psql('seed_b', 'CALL medaudit.create_book_store()', stderr => \$told);
is(join(' ', sort $told =~ /no index finds rows of (\w+)/g), 'change charge diagnosis person visit', 'a store asks for indexes');
ask($indexes, 'seed_b');
$node->psql('seed_b', 'CALL medaudit._books_ask_indexes()', stderr => \$told);
is($told, '', 'those of the page are all that it asks for');

$node->stop;
done_testing();
