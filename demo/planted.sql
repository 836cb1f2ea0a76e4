-- Planted violations, and beside each the near miss that must stay silent.
--
-- A case is written once: its visits, its lines, what must come of it.  They
-- stand in cases/, a chapter a violation; each says what it plants and what its
-- near misses are.  A case is planted six times over, for other people,
-- hospitals of the same level and months, so that counts mean something.  The
-- people have no other claims.  demo.truth holds what must be found, with the
-- money to the cent, and what must not.
--
-- Times are written as 'day hour:minute', counted from the day on which an
-- instance begins.  Hospitals A to D are four county hospitals of one level, T is a
-- tertiary one, E are township ones, F is of the second level without grade;
-- G and I to L are houses of eight beds, one an instance, where nobody else goes; P to R
-- and U to W are pharmacies, one an instance, X is one in the city.

\set ON_ERROR_STOP 1
\if :{?instances} \else \set instances 6 \endif
SET client_min_messages = warning;
SET jit = off;

CREATE TABLE demo.case_ (
	case_id text PRIMARY KEY, rule text NOT NULL, expected text NOT NULL
		CHECK (expected IN ('found', 'silent')),
	gross numeric, anchor text NOT NULL DEFAULT 'day', note text NOT NULL,
	times int NOT NULL DEFAULT 1, also text);
COMMENT ON COLUMN demo.case_.gross IS 'yuan in excess, NULL for patterns of stays';
COMMENT ON COLUMN demo.case_.also IS 'another rule that rightly finds it too';
COMMENT ON COLUMN demo.case_.times IS 'findings that an instance must give, where it must be found';
-- Without a row here a case has one stay: from 0 09:00 to 6 10:00 at A.
CREATE TABLE demo.case_visit (
	case_id text REFERENCES demo.case_, v text, who int, home int, hospital text, med_type text,
	begins text, ends text, diag_code text, settlements int DEFAULT 1,
	flag text);
COMMENT ON COLUMN demo.case_visit.diag_code IS 'the main diagnosis, others after a comma';
COMMENT ON COLUMN demo.case_visit.flag IS 'referred, newborn, injured at work, male, female, "age N on day D", or "bed only from N to M"';
CREATE TABLE demo.case_line (
	case_id text REFERENCES demo.case_, v text, sn text, item text, quantity numeric, price numeric,
	at text, refund_of text, claimed bool DEFAULT true);
-- What is in the register of somebody: another number, sex or birth date than
-- the person has, or a death.
CREATE TABLE demo.case_person (
	case_id text REFERENCES demo.case_, who int, record text NOT NULL CHECK (record IN
		('wrong check character', 'fifteen digits', 'full width', 'masked', 'other sex',
		 'born a day later', 'number of 1', 'person 1 again', 'dies')),
	day int, PRIMARY KEY (case_id, who));
COMMENT ON COLUMN demo.case_person.day IS 'of the death, counted as times are';
-- The names by which the cases call what is charged.
CREATE TABLE demo.case_item (item text PRIMARY KEY, code text NOT NULL, price numeric NOT NULL);
CREATE TABLE demo.case_rule (rule text PRIMARY KEY, rule_code text NOT NULL);

\ir planted_items.sql

\ir cases/01_duplicate_charges.sql
\ir cases/02_exclusive_items.sql
\ir cases/03_quantities_over_time.sql
\ir cases/04_amounts_and_prices.sql
\ir cases/05_days_of_a_stay.sql
\ir cases/06_operations_and_prerequisites.sql
\ir cases/07_payment_conditions.sql
\ir cases/08_split_charges.sql
\ir cases/09_split_stays.sql
\ir cases/10_overlapping_stays.sql
\ir cases/11_household_admissions.sql
\ir cases/12_hang_bed_stays.sql
\ir cases/13_frequent_stays_and_companions.sql
\ir cases/14_bursts_and_capacity.sql
\ir cases/15_low_standard_stays.sql
\ir cases/16_similar_amounts.sql
\ir cases/17_who_somebody_is.sql
\ir cases/18_after_death.sql
\ir cases/19_national_rules.sql
\ir cases/20_national_lists.sql
\ir cases/21_dispensed_drugs.sql
\ir cases/22_cards.sql
\ir cases/23_stock.sql
\ir cases/24_small_duties.sql
\ir cases/25_prescriptions.sql

-- ---------------------------------------------------------------- planting

INSERT INTO demo.case_visit
SELECT case_id, 'a', 1, 1, 'A', '21', '0 09:00', '6 10:00', 'K80.200', 1
FROM demo.case_ AS c
WHERE NOT EXISTS (SELECT FROM demo.case_visit AS v WHERE v.case_id = c.case_id);

-- Six instances, forty days apart; hospital A is another one each time.  Cards come last,
-- for what a hospital has on a day was tried with the days of the others.
CREATE TABLE demo.instance AS
SELECT case_id, i, number, gross, times, expected, r.rule_code, other.rule_code AS also, note,
	CASE anchor WHEN 'year' THEN '2024-12-30'
		WHEN 'week' THEN date_trunc('week', spread)
		WHEN 'month' THEN date_trunc('month', spread)
		ELSE spread END::date AS begins
FROM (SELECT row_number() OVER (ORDER BY case_id ~ '^刷卡 ', case_id COLLATE "C")::int AS number, * FROM demo.case_) AS c JOIN demo.case_rule AS r USING (rule)
	LEFT JOIN demo.case_rule AS other ON other.rule = c.also,
	generate_series(1, :instances) AS i,
	LATERAL (SELECT '2025-01-08'::timestamp + make_interval(days => 40 * (i - 1) + number * 3 % 28)) AS d(spread);

-- People, on from the last of the county; a home is one of the flats.
CREATE TABLE demo.planted_person AS
SELECT case_id, i, who, row_number() OVER (ORDER BY number, i, who)::int AS n,
	dense_rank() OVER (ORDER BY number, i, home)::int AS home
FROM (SELECT DISTINCT case_id, i, who, home, number
	  FROM demo.instance JOIN demo.case_visit USING (case_id)) AS p;
SELECT max(n) AS last_person FROM demo.person \gset
SELECT max(hh) AS last_home FROM demo.household \gset
UPDATE demo.planted_person SET n = n + :last_person, home = home + :last_home;
INSERT INTO demo.household
SELECT home, 'F' || lpad(home::text, 7, '0'), md5(home::text), count(*), true,
	1 + home / 400 % 12, 1 + home / 40 % 10, 1 + home % 40, 1 + home % 20 + home / 28800 * 20, 1 + home / 20 % 4,
	100 * (1 + home / 80 % 18) + 1 + home / 1440 % 4
FROM demo.planted_person GROUP BY home;
INSERT INTO demo.person
SELECT n, p.home, who, md5('planted' || n),
	CASE min(v.flag) WHEN 'male' THEN 1 WHEN 'female' THEN 2 ELSE 1 + n % 2 END,
	CASE WHEN min(v.flag) = 'newborn' THEN min(i.begins)
		WHEN min(v.flag) = 'female' THEN '1994-05-01'
		WHEN min(v.flag) ~ '^age' THEN (min(i.begins) + substring(min(v.flag), 'day (\d+)')::int
			- make_interval(years => substring(min(v.flag), 'age (\d+)')::int))::date
		ELSE '1958-03-01'::date + n % 7000 END
FROM demo.planted_person AS p JOIN demo.instance AS i USING (case_id, i)
	JOIN demo.case_visit AS v USING (case_id, who)
GROUP BY n, p.home, who;
SELECT demo.register(:last_person + 1, max(n)) AS planted_persons FROM demo.planted_person \gset
UPDATE yb.psn_info_b AS r SET
	certno = CASE record
		WHEN 'wrong check character' THEN left(r.certno, 17) || CASE right(r.certno, 1) WHEN '0' THEN '1' ELSE '0' END
		WHEN 'fifteen digits' THEN left(r.certno, 6) || substr(r.certno, 9, 9)
		WHEN 'full width' THEN ' ' || translate(r.certno, '0123456789X', '０１２３４５６７８９ｘ')
		WHEN 'masked' THEN overlay(r.certno PLACING '********' FROM 7)
		WHEN 'number of 1' THEN one.certno WHEN 'person 1 again' THEN one.certno ELSE r.certno END,
	psn_name = CASE record WHEN 'person 1 again' THEN one.psn_name ELSE r.psn_name END,
	gend = CASE record WHEN 'other sex' THEN (3 - r.gend::int)::text WHEN 'person 1 again' THEN one.gend ELSE r.gend END,
	brdy = CASE record WHEN 'born a day later' THEN r.brdy + 1 WHEN 'person 1 again' THEN one.brdy ELSE r.brdy END,
	die_date = CASE record WHEN 'dies' THEN i.begins + c.day END
FROM demo.case_person AS c JOIN demo.planted_person AS p USING (case_id, who)
	JOIN demo.instance AS i USING (case_id, i)
	JOIN demo.planted_person AS p1 ON p1.case_id = p.case_id AND p1.i = p.i AND p1.who = 1
	JOIN yb.psn_info_b AS one ON one.psn_no = 'R' || lpad(p1.n::text, 8, '0')
WHERE r.psn_no = 'R' || lpad(p.n::text, 8, '0');

INSERT INTO demo.facility
SELECT n, 'H990000' || lpad(n::text, 5, '0'), '清溪康养医院' || n - 130 || '部', '1', '11', 8, 0.8
FROM generate_series(131, 160) AS n;
INSERT INTO yb.fixmedins_b
SELECT code, name, kind, level, beds, '990000' FROM demo.facility WHERE n > 130;

CREATE FUNCTION demo.at(begins date, written text) RETURNS timestamp
	LANGUAGE sql IMMUTABLE
	RETURN begins + split_part(written, ' ', 1)::int + split_part(written, ' ', 2)::time;

CREATE TABLE demo.planted_visit AS
SELECT v.*, p.n, i.i, i.number, i.begins AS day_0,
	'P' || lpad(i.number::text, 4, '0') || i.i || upper(v.v) AS mdtrt_id,
	CASE WHEN hospital = 'T' THEN 1 WHEN hospital = 'E' THEN 9 + i.i WHEN hospital = 'F' THEN 8
		WHEN hospital = 'X' THEN 127 + i.i % 4 WHEN hospital ~ '[PQRUVW]' THEN 90 + 6 * (strpos('PQRUVW', hospital) - 1) + i.i
		WHEN hospital ~ '[GIJKL]' THEN 130 + 6 * (strpos('GIJKL', hospital) - 1) + i.i
		ELSE 4 + (strpos('ABCD', hospital) - 1 + i.i) % 4 END AS facility,
	split_part(v.diag_code, ',', 1) AS main_code
FROM demo.case_visit AS v JOIN demo.instance AS i USING (case_id)
	JOIN demo.planted_person AS p USING (case_id, i, who);
INSERT INTO yb.mdtrt_d
SELECT mdtrt_id, psn_no, f.code, v.med_type, CASE v.flag WHEN 'injured at work' THEN '410' ELSE insutype END, demo.at(day_0, v.begins), demo.at(day_0, v.ends),
	mdtrt_id, g.dept, 'D990000' || lpad((f.n * 100 + v.n % 12)::text, 6, '0'),
	CASE v.med_type WHEN '21' THEN g.dept || '病区' END,
	CASE v.med_type WHEN '21' THEN 1 + v.n % 60 || '床' END, main_code,
	CASE v.med_type WHEN '21' THEN '1' END,
	CASE v.flag WHEN 'referred' THEN overlay(mdtrt_id PLACING 'A' FROM length(mdtrt_id)) END,
	CASE v.flag WHEN 'newborn' THEN '1' ELSE '0' END
FROM demo.planted_visit AS v JOIN demo.facility AS f ON f.n = v.facility
	JOIN yb.psn_info_b ON psn_no = 'R' || lpad(v.n::text, 8, '0')
	LEFT JOIN demo.diagnosis AS g ON g.diag_code = v.main_code;
INSERT INTO yb.setl_list_diag_d
SELECT mdtrt_id, k, CASE k WHEN 1 THEN '1' ELSE '0' END, code, diag_name
FROM demo.planted_visit AS v,
	string_to_table(v.diag_code, ',') WITH ORDINALITY AS c(code, k)
	LEFT JOIN demo.diagnosis AS g ON g.diag_code = c.code;

-- The planted lines, and what any visit has besides: a little salt water,
-- every day a little more, so that no two visits look the same; or the bed only.
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, l.sn, l.refund_of, demo.at(v.day_0, l.at), t.code,
	coalesce(h.hilist_name, t.code), h.med_chrgitm_type,
	CASE WHEN l.claimed THEN '01' ELSE '03' END, l.quantity, p.price,
	round(l.quantity * p.price, 2), CASE WHEN l.claimed THEN round(l.quantity * p.price, 2) ELSE 0 END,
	m.chfpdr_code, m.adm_dept_name
FROM demo.planted_visit AS v JOIN demo.case_line AS l USING (case_id, v)
	JOIN demo.case_item AS t USING (item)
	JOIN yb.mdtrt_d AS m USING (mdtrt_id)
	LEFT JOIN yb.hilist_b AS h ON h.hilist_code = t.code,
	LATERAL (SELECT CASE item WHEN 'price' THEN t.price + coalesce(l.price, 0)
						WHEN 'amountcap' THEN t.price * coalesce(l.price, 1)
						WHEN 'amountcap.other' THEN t.price * coalesce(l.price, 1)
						ELSE coalesce(l.price, t.price) END AS price) AS p;
INSERT INTO yb.fee_list_d
SELECT v.mdtrt_id, (500 + k)::text, NULL, demo.at(day_0, v.begins)::date + k + time '20:00:00'
		+ make_interval(secs => v.number * 7 + ascii(v.v)),
	h.hilist_code, h.hilist_name, h.med_chrgitm_type, h.chrgitm_lv, q.quantity, h.pric,
	q.quantity * h.pric, q.quantity * h.pric, m.chfpdr_code, m.adm_dept_name
FROM demo.planted_visit AS v JOIN yb.mdtrt_d AS m USING (mdtrt_id)
	CROSS JOIN generate_series(0, greatest(0, split_part(v.ends, ' ', 1)::int - split_part(v.begins, ' ', 1)::int - 1)) AS k
	CROSS JOIN LATERAL (SELECT coalesce(k BETWEEN substring(v.flag, '^bed only from (\d+)')::int
			AND substring(v.flag, '^bed only from \d+ to (\d+)')::int, false) AS bed_only) AS b
	CROSS JOIN LATERAL (SELECT CASE WHEN bed_only THEN 1 ELSE 1 + k % 5 + 6 * (ascii(v.v) - ascii('a')) END AS quantity) AS q
	JOIN yb.hilist_b AS h ON hilist_code = CASE WHEN bed_only THEN '001109000010000' ELSE 'XB05XAL199B002010100009' END
WHERE v.med_type IN ('21', '24', '52') AND split_part(v.ends, ' ', 1) <> split_part(v.begins, ' ', 1);

-- -------------------------------------------------------------- settlement

-- One settlement a visit, two where it was settled in mid-stay.
CREATE TABLE yb.setl_d AS
SELECT mdtrt_id || '-' || part AS setl_id, mdtrt_id, part < parts AS mid_setl_flag,
	CASE WHEN part < parts THEN begntime + (endtime - begntime) / 2 ELSE endtime END AS setl_time,
	round(total / parts, 2) AS medfee_sumamt, round(in_scope / parts, 2) AS inscp_scp_amt,
	round(in_scope * paid / parts, 2) AS fund_pay_sumamt,
	round((total - in_scope * paid) / parts, 2) AS psn_pay
FROM (SELECT m.mdtrt_id, m.begntime, m.endtime, coalesce(max(v.settlements), 1) AS parts,
			 sum(det_item_fee_sumamt) AS total, sum(inscp_scp_amt) AS in_scope,
			 CASE WHEN m.med_type = '21' THEN 0.72 ELSE 0.55 END AS paid
	  FROM yb.mdtrt_d AS m JOIN yb.fee_list_d USING (mdtrt_id)
		LEFT JOIN demo.planted_visit AS v USING (mdtrt_id)
	  GROUP BY m.mdtrt_id, m.begntime, m.endtime, m.med_type) AS s,
	generate_series(1, parts) AS part;
COMMENT ON TABLE yb.setl_d IS '结算信息: several rows of a visit where it was settled in mid-stay';

\ir card_payments.sql
\ir stock.sql

-- What must come of it: one row an instance.
CREATE TABLE demo.truth AS
SELECT case_id, i AS instance, rule_code, also, expected, gross, times,
	array_agg(DISTINCT 'R' || lpad(v.n::text, 8, '0')) AS persons, array_agg(mdtrt_id ORDER BY mdtrt_id) AS visits, note
FROM demo.instance JOIN demo.planted_visit AS v USING (case_id, i)
GROUP BY case_id, i, rule_code, also, expected, gross, times, note;

\ir small_duties.sql
-- people of their own, whom no card knows
\ir cases/26_indicators.sql
\ir public_duties.sql

ALTER TABLE yb.mdtrt_d ADD PRIMARY KEY (mdtrt_id);
ALTER TABLE yb.fee_list_d ADD PRIMARY KEY (mdtrt_id, feedetl_sn);
ALTER TABLE yb.setl_d ADD PRIMARY KEY (setl_id);
ALTER TABLE yb.setl_fund_d ADD PRIMARY KEY (setl_id);
CREATE INDEX ON yb.setl_d (mdtrt_id);

-- quotas are made of what was paid, groups of what was done
\ir cases/27_quotas.sql
\ir cases/28_case_groups.sql
-- and the accounts of the funds of all that was settled
\ir fund_accounts.sql
ANALYZE;

SELECT count(*) FILTER (WHERE expected = 'found') AS planted,
	count(*) FILTER (WHERE expected = 'silent') AS near_misses,
	count(DISTINCT case_id) AS cases, count(DISTINCT rule_code) AS rules, :planted_persons AS persons
FROM demo.truth;
