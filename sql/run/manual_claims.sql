-- Claims paid at the counter (手工报销): invoices that come twice, in rows or from nobody;
-- what was claimed at the counter and settled in the network too; and how the agency
-- itself paid them (经办内控).
--
-- The claims are read once in a run, all of them, for an invoice may come back after
-- years; few claims are made at the counter.  A claim whose amount is below 0 takes back
-- the latest earlier one of the same person, invoice and amount, and both are out of
-- everything.  A finding belongs to the day on which the last of its claims was paid,
-- so that however a time is cut into runs, each is found by one of them; what grows (the
-- claims of an operator, the people of an account) is known by the year.
--
-- Cost: a hash of the claims and a sort of them; claimed_twice reads the visits of the
-- people whose claims were paid in the period, in one pass over visit where they were
-- not read yet.  Memory: 300 bytes a claim in the working table.

-- By what an invoice is known: its code and number; fully electronic ones by the twenty
-- digits of their number alone; of others without a code, the number and who issued it.
CREATE OR REPLACE FUNCTION _invoice_key(invoice_code text, invoice_no text, issuer_code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN invoice_no IS NULL THEN NULL
		WHEN invoice_code IS NOT NULL THEN invoice_code || '/' || invoice_no
		WHEN invoice_no ~ '^[0-9]{20}$' THEN invoice_no
		WHEN issuer_code IS NOT NULL THEN issuer_code || '/' || invoice_no END;

COMMENT ON FUNCTION _invoice_key(text, text, text) IS
	'票据标识: code and number of an invoice; a number of twenty digits alone; else issuer and number; NULL where that does not tell which one it is';

-- A reversal takes back the claim that is open at its level, as brackets are matched.
CREATE OR REPLACE PROCEDURE _run_gather_claims(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	-- claims are few, and persons many
	SET random_page_cost = 1.1
AS $$
DECLARE
	copies bigint;
BEGIN
	IF medaudit._run_made('claim') THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_through('manual_claim');
	CALL medaudit._run_know_persons('SELECT c.person_id FROM pg_temp.medaudit_read_manual_claim() AS c');
	SELECT count(*) - count(DISTINCT c::text) INTO copies FROM pg_temp.medaudit_read_manual_claim() AS c;
	CALL medaudit._run_note(run_no, 'manual_claim', 'delivered twice: equal rows count once', '重复报送的相同记录，按一条计', copies);
	INSERT INTO medaudit_work.claim
	WITH signed AS (
		SELECT o.*, coalesce(p.people_id, o.person_id) AS people_id, p.name, s.sign,
			concat_ws('|', o.person_id, coalesce(o.invoice_code, ''), coalesce(o.invoice_no, ''), trim_scale(abs(s.money))) AS pair
		FROM (SELECT DISTINCT c.* FROM pg_temp.medaudit_read_manual_claim() AS c) AS o
		LEFT JOIN medaudit_work.person AS p ON p.person_id = o.person_id
		CROSS JOIN LATERAL (SELECT m.money, CASE WHEN m.money < 0::numeric THEN -1 ELSE 1 END AS sign
			FROM (SELECT coalesce(nullif(o.amount, 0::numeric), o.fund_amount) AS money) AS m) AS s
		WHERE o.claim_id IS NOT NULL AND o.person_id IS NOT NULL AND o.paid_on IS NOT NULL
	), leveled AS (
		SELECT s.*, row_number() OVER in_time AS nth, sum(s.sign) OVER in_time - least(s.sign, 0) AS level
		FROM signed AS s
		WINDOW in_time AS (PARTITION BY s.pair ORDER BY s.paid_on, s.sign DESC, s.entered_at, s.claim_id COLLATE "C", s.invoice_date, s.visit_id COLLATE "C"
			ROWS UNBOUNDED PRECEDING)
	), matched AS (
		SELECT l.*, lag(l.sign) OVER of_level AS before, lead(l.sign) OVER of_level AS after
		FROM leveled AS l
		WINDOW of_level AS (PARTITION BY l.pair, l.level ORDER BY l.nth)
	)
	SELECT row_number() OVER (ORDER BY m.paid_on, m.claim_id COLLATE "C", m.invoice_code COLLATE "C", m.invoice_no COLLATE "C", m.nth),
		m.claim_id, m.person_id, m.people_id, m.name, m.paid_on, m.invoice_code, m.invoice_no, m.issuer_code, m.invoice_date, m.amount,
		m.fund_amount, m.operator_id, m.approver_id, nullif(regexp_replace(m.payee_account, '[^0-9A-Z]', '', 'g'), ''), m.visit_id, m.facility_id, m.admitted_on, m.discharged_on,
		medaudit._invoice_key(m.invoice_code, m.invoice_no, m.issuer_code), coalesce(m.fund_amount, m.amount),
		CASE WHEN m.sign > 0 THEN CASE WHEN m.after < 0 THEN 'refunded' ELSE 'kept' END
			WHEN m.before > 0 THEN 'refund' ELSE 'orphan' END
	FROM matched AS m;
	PERFORM medaudit._analyze('claim');
END
$$;

COMMENT ON PROCEDURE _run_gather_claims(bigint) IS
	'汇集手工报销: reads, once in a run, the claims paid at the counter, and which of them were taken back, into a working table';

-- What a rule found, as groups of a run; the claims are their lines, unless they rest
-- on visits, which stand for themselves.
CREATE OR REPLACE FUNCTION _claim_groups() RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.group_line (key, subject_id, line_no, line_id, item_name, charged_at, amount, facility_id, person_id, evidence, evidence_text)
	SELECT g.key, g.subject_id, row_number() OVER (PARTITION BY g.key, g.subject_id ORDER BY c.n), c.claim_id, '手工报销', c.paid_on, c.amount,
		c.facility_id, c.person_id, jsonb_strip_nulls(jsonb_build_object('invoice_code', c.invoice_code, 'invoice_no', c.invoice_no,
			'issuer_code', c.issuer_code, 'invoice_date', c.invoice_date, 'fund_amount', c.fund_amount, 'operator_id', c.operator_id, 'visit_id', c.visit_id)),
		concat(coalesce(c.person_name, c.person_id), '，', medaudit.date_zh(c.paid_on), '支付的报销', c.claim_id,
			'，票据' || nullif(concat_ws('/', c.invoice_code, c.invoice_no), ''), '，金额' || medaudit.money_zh(c.amount),
			'，基金支付' || medaudit.money_zh(c.fund_amount), '。')
	FROM medaudit_work.claim_group AS g
	CROSS JOIN LATERAL unnest(g.claim_nos) AS m (claim_no)
	JOIN medaudit_work.claim AS c ON c.n = m.claim_no
	WHERE g.visit_ids IS NULL;
	-- a notice may become a suspicion by what is no line of it
	INSERT INTO medaudit_work.content (subject_id, key, content)
	SELECT g.subject_id, g.key, concat_ws('|', trim_scale(g.involved_amount), g.certainty, g.evidence) FROM medaudit_work.claim_group AS g
	WHERE g.certainty IS NOT NULL;
	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_id => g.subject_id,
		key => g.key,
		person_id => g.person_id,
		facility_id => g.facility_id,
		visit_ids => g.visit_ids,
		involved_amount => g.involved_amount,
		certainty => g.certainty,
		evidence => jsonb_strip_nulls(g.evidence),
		judged_on => g.judged_on)).*
	FROM medaudit_work.claim_group AS g;
END
$$;

COMMENT ON FUNCTION _claim_groups() IS
	'报销判定结果: what stands in medaudit_work.claim_group as groups of a run, with the claims as their lines. Only within an audit run';

-- An invoice of a claim that was paid on another one before.  Each later claim is a
-- finding of its own, so that a third one changes nothing of the second; rows of one
-- claim that name one invoice are one.
CREATE OR REPLACE FUNCTION _ask_invoice_twice(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT l.person_id, concat(l.invoice, '@', l.claim_id), ARRAY[e.n, l.n], l.person_id, l.facility_id, NULL, l.paid,
		jsonb_build_object('invoice', l.invoice, 'claim', l.claim_id, 'paid_on', l.paid_on, 'amount', l.paid, 'earlier_claim', e.claim_id,
			'earlier_on', e.paid_on, 'earlier_by', CASE WHEN e.people_id = l.people_id THEN '本人' ELSE '其他参保人' END,
			'same_person', e.people_id = l.people_id,
			'formula', format('claims %s (%s) and %s (%s) name invoice %s', e.claim_id, e.paid_on, l.claim_id, l.paid_on, l.invoice)),
		l.paid_on
	FROM (
		SELECT c.*, first_value(c.n) OVER (PARTITION BY c.invoice ORDER BY c.n) AS first_no,
			row_number() OVER (PARTITION BY c.invoice, c.claim_id ORDER BY c.n) AS nth, sum(c.money) OVER (PARTITION BY c.invoice, c.claim_id) AS paid
		FROM medaudit_work.claim AS c
		WHERE c.status = 'kept' AND c.invoice IS NOT NULL
	) AS l
	JOIN medaudit_work.claim AS e ON e.n = l.first_no AND e.claim_id <> l.claim_id
	WHERE l.nth = 1;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_invoice_twice(bigint, text, jsonb) IS
	'票据重复报销: claims whose invoice was paid on an earlier claim, too';

-- Invoices whose numbers follow one another, each once, by its first claim: of the last
-- ones those that were paid within so many days of the next and of each other go on with
-- it.  What was reported is in no other row.
CREATE OR REPLACE FUNCTION _invoice_rows(min_numbers int, within_days int) RETURNS TABLE (claim_nos bigint[])
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	item record;
	book text;
	number numeric;
	nos bigint[] := '{}';
	days date[] := '{}';
	people text[] := '{}';
	first_day date;
	last_day date;
	gone int;
BEGIN
	FOR item IN
		SELECT i.* FROM (
			SELECT DISTINCT ON (k.book, k.number) c.n, c.people_id, c.paid_on, k.book, k.number
			FROM medaudit_work.claim AS c
			CROSS JOIN LATERAL (SELECT coalesce(c.invoice_code, CASE WHEN c.invoice_no !~ '^[0-9]{20}$' THEN c.issuer_code END, '') AS book,
				CASE WHEN c.invoice_no ~ '^[0-9]{1,30}$' THEN c.invoice_no::numeric END AS number) AS k
			WHERE c.status = 'kept' AND c.invoice IS NOT NULL AND k.number IS NOT NULL
			ORDER BY k.book, k.number, c.n
		) AS i
		UNION ALL SELECT NULL, NULL, NULL, NULL, NULL
	LOOP
		-- the last row, of NULLs, ends what is open; days are looked through where one is too far
		gone := CASE WHEN (item.book = book AND item.number = number + 1) IS NOT TRUE THEN cardinality(nos)
			WHEN greatest(last_day, item.paid_on) - least(first_day, item.paid_on) <= within_days THEN 0
			ELSE coalesce((SELECT max(d.nth) FROM unnest(days) WITH ORDINALITY AS d (day, nth) WHERE abs(d.day - item.paid_on) > within_days), 0) END;
		IF gone > 0 AND (SELECT count(DISTINCT p.id) FROM unnest(people) AS p (id)) >= min_numbers THEN
			claim_nos := nos;
			RETURN NEXT;
			gone := cardinality(nos);
		END IF;
		IF gone > 0 THEN
			nos := nos[gone + 1:];
			days := days[gone + 1:];
			people := people[gone + 1:];
			SELECT min(d.day), max(d.day) INTO first_day, last_day FROM unnest(days) AS d (day);
		END IF;
		nos := nos || item.n;
		days := days || item.paid_on;
		people := people || item.people_id;
		first_day := least(first_day, item.paid_on);
		last_day := greatest(last_day, item.paid_on);
		book := item.book;
		number := item.number;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _invoice_rows(int, int) IS
	'连号票据: the claims whose invoices have numbers that follow one another, of at least min_numbers people, paid within so many days. Only within an audit run';

-- They are of whoever issued them: a facility where its credit code is known.
CREATE OR REPLACE FUNCTION _ask_invoice_row(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_numbers int := parameters ->> 'min_numbers';
	within_days int := parameters ->> 'within_days';
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT coalesce(r.facility_id, r.issuer_code, r.first_invoice), r.first_invoice, r.claim_nos, NULL, r.facility_id, NULL, r.money,
		jsonb_build_object('limit', min_numbers, 'window', ARRAY[r.first_on, r.last_on], 'first_invoice', r.first_invoice, 'last_no', r.last_no,
			'numbers', r.numbers, 'people', r.people, 'issuer', r.issuer_code, 'amount', r.money,
			'formula', format('%s numbers in a row of %s people (%s or more), paid within %s days (%s or fewer)', r.numbers, r.people, min_numbers,
				r.last_on - r.first_on, within_days)), r.last_on
	FROM (
		SELECT array_agg(m.claim_no ORDER BY m.place) AS claim_nos, min(c.facility_id) AS facility_id, min(c.issuer_code) AS issuer_code, (array_agg(c.invoice ORDER BY c.invoice_no::numeric))[1] AS first_invoice,
			(array_agg(c.invoice_no ORDER BY c.invoice_no::numeric DESC))[1] AS last_no, count(*) AS numbers, count(DISTINCT c.people_id) AS people,
			sum(c.money) AS money, min(c.paid_on) AS first_on, max(c.paid_on) AS last_on
		FROM (SELECT row_number() OVER () AS row_no, f.claim_nos FROM medaudit._invoice_rows(min_numbers, within_days) AS f) AS i
		CROSS JOIN LATERAL unnest(i.claim_nos) WITH ORDINALITY AS m (claim_no, place)
		JOIN medaudit_work.claim AS c ON c.n = m.claim_no
		GROUP BY i.row_no
	) AS r;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_invoice_row(bigint, text, jsonb) IS
	'票据连号: invoices in a row, claimed by min_numbers people or more within within_days';

-- Only what has the form of a credit code can have a wrong one.  Numbers from before 2015
-- are no forgeries, nor is what stands where there is no code (a dash, 'none', 'abroad'),
-- nor are tax numbers of a person, by his own number.
CREATE OR REPLACE FUNCTION _is_other_issuer_code(code text) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN medaudit.code_fold(code) !~ '^[0-9A-Z]{18}$' OR medaudit.resident_id_valid(code);

COMMENT ON FUNCTION _is_other_issuer_code(text) IS
	'是否非统一社会信用代码: whether what is given as the code of an issuer has not the form of a unified credit code (18 digits or capitals), or is the number of a person; NULL for NULL';

CREATE OR REPLACE FUNCTION _ask_issuer_invalid(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT c.person_id, c.claim_id, array_agg(c.n ORDER BY c.n), c.person_id, NULL, NULL, sum(c.money),
		jsonb_build_object('claim', c.claim_id, 'paid_on', max(c.paid_on), 'issuers', to_jsonb(array_agg(DISTINCT c.issuer_code)),
			'invoices', to_jsonb(array_agg(DISTINCT coalesce(c.invoice, c.invoice_no)) FILTER (WHERE c.invoice_no IS NOT NULL)), 'amount', sum(c.money),
			'formula', 'credit_code_valid() is false'), max(c.paid_on)
	FROM medaudit_work.claim AS c
	WHERE c.status = 'kept' AND NOT medaudit.credit_code_valid(c.issuer_code) AND NOT medaudit._is_other_issuer_code(c.issuer_code)
	GROUP BY c.person_id, c.claim_id;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_issuer_invalid(bigint, text, jsonb) IS
	'开票单位代码无效: claims with an invoice whose issuer has a credit code that cannot exist';

-- Claims about which the run can say something: paid in its period, or of people of
-- whom it judges a visit.
CREATE OR REPLACE FUNCTION _run_compared_claims() RETURNS SETOF medaudit_work.claim
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT c.* FROM medaudit_work.claim AS c
	LEFT JOIN (SELECT DISTINCT s.people_id FROM medaudit_work.span AS s WHERE s.settled) AS o ON o.people_id = c.people_id
	WHERE c.status = 'kept' AND coalesce(c.money, 1) > 0::numeric AND (o.people_id IS NOT NULL
		OR EXISTS (SELECT FROM medaudit_work.period AS p WHERE c.paid_on >= p.from_date AND c.paid_on < p.to_date))
$$;

COMMENT ON FUNCTION _run_compared_claims() IS
	'待比对报销: claims paid in the period of the run, or of people of whom something was settled in it. Only within an audit run';

-- Before it reads any visit, so that they are read with all others.  Where claims cannot
-- be read, the rule says so in its step.
CREATE OR REPLACE FUNCTION _run_paid_persons(from_date date, to_date date) RETURNS SETOF text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.asked_rule AS r WHERE r.kind = 'claimed_twice' AND r.missing IS NULL) THEN
		RETURN QUERY EXECUTE format('SELECT DISTINCT c.person_id FROM (SELECT %s FROM medaudit_data.manual_claim AS c) AS c'
			' WHERE c.person_id IS NOT NULL AND c.paid_on >= $1 AND c.paid_on < $2', medaudit._bound_list('manual_claim', '{person_id,paid_on}'))
		USING from_date, to_date;
	END IF;
EXCEPTION WHEN OTHERS THEN
	RETURN;
END
$$;

COMMENT ON FUNCTION _run_paid_persons(date, date) IS
	'期内报销人员: who was paid a claim in the period, where a rule of the run compares claims with visits. Only within an audit run';

-- All visits of these people, and those under which the claims themselves stand.  Who
-- is among asked_person was read whole.
CREATE OR REPLACE PROCEDURE _run_read_claimed_visits()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
DECLARE
	who text[];
	named text[];
BEGIN
	IF EXISTS (SELECT FROM medaudit_work.horizon AS h WHERE NOT h.every_visit) THEN
		PERFORM medaudit._empty('unseen');
		WITH compared AS MATERIALIZED (
			SELECT c.person_id, c.people_id, c.visit_id FROM medaudit._run_compared_claims() AS c
		)
		SELECT array_agg(w.person_id), (SELECT array_agg(DISTINCT c.visit_id) FROM compared AS c WHERE c.visit_id IS NOT NULL) INTO who, named FROM (
			SELECT c.person_id FROM compared AS c
			UNION SELECT p.person_id FROM medaudit_work.person AS p WHERE p.people_id IN (SELECT c.people_id FROM compared AS c)
			EXCEPT SELECT a.person_id FROM medaudit_work.asked_person AS a
		) AS w;
		IF who IS NOT NULL THEN
			-- the store knows them by an index
			EXECUTE format('INSERT INTO medaudit_work.unseen SELECT DISTINCT v.visit_id FROM %s AS v WHERE v.person_id IN (SELECT w.person_id FROM unnest($1) AS w (person_id))',
				CASE WHEN medaudit._visits_kept() THEN 'medaudit_data.visit_book' ELSE 'pg_temp.medaudit_read_visit()' END) USING who;
		END IF;
		INSERT INTO medaudit_work.unseen SELECT n FROM unnest(named) AS n;
		CALL medaudit._run_read_unseen();
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_read_claimed_visits() IS
	'读取报销人员就诊: all visits of the people whose claims the run compares with visits';

-- For what a claim was made: as it says, else as the visit under which it stands says;
-- the place also by the credit code of who issued the invoice, a day by the invoice.
CREATE OR REPLACE PROCEDURE _run_place_claims()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('claim_place') THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_claimed_visits();
	PERFORM medaudit._empty('claim_place');
	INSERT INTO medaudit_work.claim_place
	SELECT c.n, c.people_id, p.facility_id, coalesce(f.provider_id, p.facility_id),
		coalesce(c.admitted_on, s.begins, c.invoice_date), coalesce(c.discharged_on, c.admitted_on, s.discharged_at::date, s.ends, c.invoice_date)
	FROM medaudit._run_compared_claims() AS c
	LEFT JOIN medaudit_work.span AS s ON s.visit_id = c.visit_id
	LEFT JOIN (
		SELECT upper(btrim(i.credit_code)) AS code, min(i.facility_id COLLATE "C") AS facility_id
		FROM pg_temp.medaudit_read_facility() AS i WHERE i.credit_code <> '' GROUP BY 1
	) AS o ON o.code = c.issuer_code
	CROSS JOIN LATERAL (SELECT coalesce(c.facility_id, s.facility_id, o.facility_id) AS facility_id) AS p
	LEFT JOIN medaudit_work.facility AS f ON f.facility_id = p.facility_id;
	PERFORM medaudit._analyze('claim_place');
END
$$;

COMMENT ON PROCEDURE _run_place_claims() IS
	'报销就诊: for which place and dates each compared claim was made, once in a run, into a working table';

-- Dates that only touch are none: who leaves and comes in on one date was here and
-- there.  A visit that a claim names is the claim's own record, and a visit of which the
-- fund paid nothing is what is claimed at the counter.  On one date a person may be there
-- twice, once by card: unless the amounts agree, that is a notice.
CREATE OR REPLACE FUNCTION _ask_claimed_twice(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	CALL medaudit._run_place_claims();
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT c.person_id, c.claim_id, array_agg(DISTINCT c.n), c.person_id, min(s.facility_id), array_agg(DISTINCT s.visit_id),
		(SELECT sum(d.money) FROM medaudit_work.claim AS d WHERE d.n = ANY (array_agg(DISTINCT c.n))),
		jsonb_build_object('claim', c.claim_id, 'paid_on', max(c.paid_on), 'window', ARRAY[min(p.begins), max(p.ends)],
			'amount', (SELECT sum(d.money) FROM medaudit_work.claim AS d WHERE d.n = ANY (array_agg(DISTINCT c.n))),
			'visits', count(DISTINCT s.visit_id), 'fund', (SELECT sum(v.fund_amount) FROM medaudit_work.span AS v WHERE v.visit_id = ANY (array_agg(DISTINCT s.visit_id))),
			'formula', string_agg(DISTINCT format('%s to %s and %s to %s overlap', p.begins, p.ends, s.begins, d.ends), '; ')),
		greatest(max(c.paid_on), max(s.judged_at)::date),
		CASE WHEN NOT bool_or(p.begins < p.ends OR s.begins < d.ends
			OR coalesce(s.total_amount IN (c.amount, (SELECT sum(o.amount) FROM medaudit_work.claim AS o
				WHERE o.claim_id = c.claim_id AND o.person_id = c.person_id AND o.status = 'kept')), false)) THEN 'notice' END
	FROM medaudit_work.claim_place AS p
	JOIN medaudit_work.claim AS c ON c.n = p.claim_no
	JOIN medaudit_work.span AS s ON s.people_id = p.people_id AND s.provider_id = p.provider_id
	CROSS JOIN LATERAL (SELECT coalesce(s.discharged_at::date, s.ends) AS ends) AS d
	WHERE NOT s.void AND s.fund_amount > 0::numeric AND s.judged_at IS NOT NULL AND s.facility_id IS NOT NULL
		AND s.visit_id NOT IN (SELECT o.visit_id FROM medaudit_work.claim AS o WHERE o.visit_id IS NOT NULL)
		AND (p.begins < d.ends AND s.begins < p.ends OR p.begins = p.ends AND s.begins = d.ends AND p.begins = s.begins)
	GROUP BY c.person_id, c.claim_id;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_claimed_twice(bigint, text, jsonb) IS
	'重复报销: claims for a place and dates at which a visit of the same person was settled in the network';

-- Who enters a claim must not approve it.  Known by operator and year: it grows.
CREATE OR REPLACE FUNCTION _ask_same_operator(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT o.operator, concat(o.operator, '@', o.year), array_agg(c.n ORDER BY c.n), NULL, NULL, NULL, sum(c.money),
		jsonb_build_object('operator', o.operator, 'year', o.year, 'window', ARRAY[min(c.paid_on), max(c.paid_on)], 'claims', count(DISTINCT c.claim_id),
			'people', count(DISTINCT c.people_id), 'amount', sum(c.money), 'formula', 'operator_id = approver_id'), max(c.paid_on)
	FROM medaudit_work.claim AS c
	CROSS JOIN LATERAL (SELECT medaudit.code_fold(c.operator_id) AS operator, extract(year FROM c.paid_on)::int AS year) AS o
	WHERE c.status = 'kept' AND o.operator <> '' AND o.operator = medaudit.code_fold(c.approver_id)
	GROUP BY o.operator, o.year;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_same_operator(bigint, text, jsonb) IS
	'经办复核同一人: claims of a year that one operator entered and approved';

-- People of one account in a year, with what links them to a home.
CREATE OR REPLACE PROCEDURE _run_read_payees(min_people int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('claimant');
	INSERT INTO medaudit_work.claimant
	WITH payee AS MATERIALIZED (
		SELECT k.payee FROM (SELECT concat(c.payee_account, '@', extract(year FROM c.paid_on)) AS payee, c.people_id
			FROM medaudit_work.claim AS c WHERE c.status = 'kept' AND c.payee_account IS NOT NULL) AS k
		GROUP BY k.payee HAVING count(DISTINCT k.people_id) >= min_people
	), member AS MATERIALIZED (
		SELECT DISTINCT concat(c.payee_account, '@', extract(year FROM c.paid_on)) AS payee, c.people_id
		FROM medaudit_work.claim AS c
		WHERE c.status = 'kept' AND concat(c.payee_account, '@', extract(year FROM c.paid_on)) IN (SELECT p.payee FROM payee AS p)
	)
	SELECT m.payee, m.people_id, nullif(p.household_id, ''), p.address_key, p.phone_key
	FROM member AS m
	LEFT JOIN medaudit_work.person AS p ON p.people_id = m.people_id;
	IF NOT medaudit._register_kept() AND getdatabaseencoding() = 'UTF8' THEN
		UPDATE medaudit_work.claimant AS c SET address = k.address, phone = k.phone
		FROM (SELECT p.people_id, min(medaudit.household_key(p.address, p.region, (SELECT medaudit.compile_divisions()))) AS address,
				min(medaudit.readable_phone(p.phone)) AS phone
			FROM medaudit_work.person AS p
			WHERE p.people_id IN (SELECT i.people_id FROM medaudit_work.claimant AS i) GROUP BY p.people_id) AS k
		WHERE k.people_id = c.people_id;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_read_payees(int) IS
	'读取收款人员: people whose claims of a year went to an account of at least so many, with what links them to a home, into a working table';

-- People of one home count once; what more than 15 share is no home.  Of whom no home is
-- known, they may be one: with them it is a notice.  Of the account only its end is told.
CREATE OR REPLACE FUNCTION _ask_payee_of_many(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	min_people int := parameters ->> 'min_people';
BEGIN
	CALL medaudit._run_gather_claims(run_no);
	CALL medaudit._run_read_payees(min_people);
	PERFORM medaudit._empty('claim_group');
	INSERT INTO medaudit_work.claim_group
	SELECT k.account, concat(k.account, '@', k.year), array_agg(c.n ORDER BY c.n), NULL, NULL, NULL, sum(c.money),
		jsonb_build_object('limit', min_people, 'year', k.year, 'account_end', k.account_end, 'window', ARRAY[min(c.paid_on), max(c.paid_on)],
			'claims', count(DISTINCT c.claim_id), 'people', k.people, 'homes', k.homes, 'unknown_homes', nullif(k.unknown, 0), 'amount', sum(c.money),
			'formula', concat(format('%s people of %s homes', k.people, k.homes), ' and ' || nullif(k.unknown, 0) || ' of whom none is known',
				format(' (%s or more) were paid to one account', min_people))), max(c.paid_on),
		CASE WHEN k.homes < min_people THEN 'notice' END
	FROM (
		SELECT h.payee, left(encode(sha256(convert_to(split_part(h.payee, '@', 1), 'UTF8')), 'hex'), 16) AS account, split_part(h.payee, '@', 2) AS year,
			right(split_part(h.payee, '@', 1), 4) AS account_end, h.people, h.unknown,
			h.people - h.unknown - coalesce((SELECT sum(cardinality(g.person_ids) - 1) FROM unnest(h.linked) AS g), 0) AS homes
		FROM (
			SELECT c.payee, count(DISTINCT c.people_id) AS people, medaudit.link_groups(c.people_id, l.kind, l.value, 15) AS linked,
				count(DISTINCT c.people_id) - count(DISTINCT c.people_id) FILTER (WHERE num_nonnulls(c.household, c.address, c.phone) > 0) AS unknown
			FROM medaudit_work.claimant AS c
			CROSS JOIN LATERAL (VALUES ('household', c.household), ('address', c.address), ('phone', c.phone)) AS l (kind, value)
			GROUP BY c.payee
		) AS h
	) AS k
	JOIN medaudit_work.claim AS c ON c.status = 'kept' AND concat(c.payee_account, '@', extract(year FROM c.paid_on)) = k.payee
	WHERE k.homes + k.unknown >= min_people
	GROUP BY k.account, k.year, k.account_end, k.people, k.homes, k.unknown;
	RETURN QUERY SELECT g.* FROM medaudit._claim_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_payee_of_many(bigint, text, jsonb) IS
	'多人同一收款账户: accounts to which claims of people of min_people homes or more were paid in a year';

-- What of the claims paid in the period could not be judged.
CREATE OR REPLACE PROCEDURE _run_quality_claims(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked text[] := ARRAY(SELECT r.kind FROM medaudit._rules_of_run(run_no) AS r WHERE r.missing IS NULL
		AND r.kind IN ('invoice_twice', 'invoice_row', 'issuer_invalid', 'claimed_twice', 'same_operator', 'payee_of_many'));
	told record;
BEGIN
	IF asked = '{}' THEN
		RETURN;
	END IF;
	CALL medaudit._run_gather_claims(run_no);
	PERFORM medaudit._empty('period');
	INSERT INTO medaudit_work.period SELECT r.from_date, r.to_date FROM medaudit.run AS r WHERE r.run_id = run_no;
	IF 'claimed_twice' = ANY (asked) THEN
		CALL medaudit._run_place_claims();
	END IF;
	FOR told IN
		SELECT t.problem, t.problem_zh, t.rows
		FROM (
			SELECT count(*) FILTER (WHERE c.invoice IS NULL) AS no_invoice,
				count(*) FILTER (WHERE c.invoice_no !~ '^[0-9]{1,30}$') AS no_number,
				count(*) FILTER (WHERE c.issuer_code IS NULL OR medaudit._is_other_issuer_code(c.issuer_code) AND NOT medaudit.credit_code_valid(c.issuer_code)) AS no_issuer,
				count(*) FILTER (WHERE c.operator_id IS NULL OR c.approver_id IS NULL) AS no_operator,
				count(*) FILTER (WHERE c.payee_account IS NULL) AS no_account,
				count(*) FILTER (WHERE p.claim_no IS NOT NULL AND (p.provider_id IS NULL OR p.begins IS NULL OR p.ends IS NULL)) AS no_place
			FROM medaudit_work.claim AS c
			JOIN medaudit_work.period AS i ON c.paid_on >= i.from_date AND c.paid_on < i.to_date
			LEFT JOIN medaudit_work.claim_place AS p ON p.claim_no = c.n
			WHERE c.status = 'kept'
		) AS n
		CROSS JOIN LATERAL (VALUES
			('{invoice_twice,invoice_row}'::text[], 'a claim that does not tell which invoice it is: not compared with others', '报销没有可识别的票据代码和号码，未与其他报销核对', n.no_invoice),
			('{invoice_row}', 'a claim whose invoice number has other characters than digits: in no row', '报销的票据号码含有数字以外的字符，未判断连号', n.no_number),
			('{issuer_invalid}', 'a claim without a credit code of who issued the invoice, or with one of another form: not checked', '报销没有开票单位统一社会信用代码，或所填不是18位统一社会信用代码（旧式代码、个人税号等），未校验', n.no_issuer),
			('{claimed_twice}', 'a claim whose place or dates are not known: not compared with visits', '报销的就诊机构或日期无法确定，未与联网结算核对', n.no_place),
			('{same_operator}', 'a claim without operator or approver: not compared', '报销缺少经办人或复核人，未作判断', n.no_operator),
			('{payee_of_many}', 'a claim without an account to which it was paid', '报销缺少收款账号，未作判断', n.no_account)) AS t (kinds, problem, problem_zh, rows)
		WHERE t.kinds && asked
	LOOP
		CALL medaudit._run_note(run_no, 'manual_claim', told.problem, told.problem_zh, told.rows);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_quality_claims(bigint) IS
	'手工报销数据质量: counts claims paid in the period that lack what the rules of the run ask of them';
