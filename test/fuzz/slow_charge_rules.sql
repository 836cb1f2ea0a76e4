-- What audit_charges must find, in slow and obvious SQL: every kind of rule,
-- over tables instead of books, by comparing every line with every other.
--
--   slow.line      lines that netting left, of book b, in ledger order
--   slow.context   what is known of a visit
--   slow.rule_row  rows of the rulebook of book b; n numbers them
--   slow.answer()  rule_code, ord, outcome, excess quantity, amount, claimed,
--                  certainty, doubt
CREATE SCHEMA slow;

CREATE TABLE slow.line (b int, ord int, visit text, item text, q numeric, a numeric, c numeric,
						at timestamp, untimed bool, PRIMARY KEY (b, ord));
CREATE TABLE slow.context (b int, visit text, x jsonb);
CREATE INDEX ON slow.context (b);
CREATE TABLE slow.rule_row (
	b int, n int, rule_code text, kind text, item_code text, other_code text, item_group text, scope text,
	code_match text, insurance_types text[], departments text[],
	max_quantity numeric, max_amount numeric, max_price numeric, ratio numeric, sex text,
	min_age interval, max_age interval, facility_ranks int[], visit_types text[],
	diagnosis_prefixes text[], excluded_diagnosis_prefixes text[], max_days int, days_before int, valid daterange,
	package_code text, component_code text, package_price numeric, min_parts int, unit text, certainty text, excluded_visit_types text[], note text,
	PRIMARY KEY (b, n));

-- The lines of books, as the ledger itself lists them.
CREATE FUNCTION slow.load(book_no int, book medaudit.ledger) RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.line
	SELECT book_no, ord, visit_id, item_code, quantity, amount, claimed, charged_at,
		   charged_at::time = '00:00' OR
		   (count(*) OVER w >= 5 AND min(charged_at) OVER w = max(charged_at) OVER w)
	FROM (SELECT l.*, row_number() OVER () AS ord FROM medaudit.lines(book) l) s
	WINDOW w AS (PARTITION BY visit_id, charged_at::date);
	DELETE FROM slow.line WHERE b = book_no AND (q <= 0 OR a < 0 OR c < 0);
$$;

-- Cents, half away from zero, of a sum whose last digits division has cut.
CREATE FUNCTION slow.cents(exact numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT round(exact + sign(exact) * 1e-30, 2)
$$;

CREATE FUNCTION slow.matches_code(code text, pattern text, match text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN right(pattern, 1) = '%' THEN starts_with(code, left(pattern, -1))
				WHEN match = 'service' AND pattern ~ '^\d{15}$' THEN code ~ '^\d{15}$' AND right(code, 13) = right(pattern, 13)
				WHEN match IN ('product', 'generic') AND pattern ~ '^X.{22}$' THEN code ~ '^X.{22}$'
					AND left(code, CASE match WHEN 'product' THEN 18 ELSE 10 END) = left(pattern, CASE match WHEN 'product' THEN 18 ELSE 10 END)
				ELSE code = pattern END
$$;

-- Local codes that stand for national ones.
CREATE TABLE slow.alias (item_code text, national_code text);

CREATE FUNCTION slow.matches(code text, pattern text, match text) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT slow.matches_code(code, pattern, match)
		   OR EXISTS (SELECT FROM slow.alias a WHERE a.item_code = code AND slow.matches_code(a.national_code, pattern, match))
$$;

-- Another drug of a class is asked for by how the drug itself begins: is the code
-- the same drug?
CREATE FUNCTION slow.generic(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN code ~ '^X(.{22}|.{9})$' THEN left(code, 10) WHEN code ~ '^Z(.{19}|.{10})$' THEN left(code, 11) END
$$;
CREATE FUNCTION slow.same_drug(code text, drug text, class text) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT coalesce(class LIKE '_%\%' AND starts_with(drug, left(class, -1)) AND (slow.generic(code) = slow.generic(drug)
		OR EXISTS (SELECT FROM slow.alias a WHERE a.item_code = code AND slow.generic(a.national_code) = slow.generic(drug))), false)
$$;

CREATE FUNCTION slow.fine(scope text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(scope IN ('instant', 'hour') OR scope LIKE '%hours', false)
$$;

-- Do two times lie in one scope?
CREATE FUNCTION slow.together(scope text, at1 timestamp, visit1 text, at2 timestamp, visit2 text) RETURNS bool
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN scope = 'visit' OR scope LIKE 'bed_%' THEN visit1 IS NOT DISTINCT FROM visit2
		WHEN scope = 'instant' THEN at1 = at2
		WHEN scope IN ('hour', 'day', 'week', 'month', 'quarter', 'year') THEN date_trunc(scope, at1) = date_trunc(scope, at2)
		WHEN scope LIKE '%hours' THEN abs(extract(epoch FROM at1) - extract(epoch FROM at2)) <= 3600 * split_part(scope, ' ', 1)::int
		WHEN scope LIKE '%days' THEN abs(at1::date - at2::date) < split_part(scope, ' ', 1)::int
		ELSE true END
$$;

-- Could they, if a time of day that is not known were the right one?
CREATE FUNCTION slow.maybe_together(scope text, at1 timestamp, u1 bool, at2 timestamp, u2 bool) RETURNS bool
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN scope IN ('instant', 'hour') THEN at1::date = at2::date
		ELSE greatest(CASE WHEN u1 THEN at1::date ELSE at1 END - CASE WHEN u2 THEN at2::date + interval '1 day' - interval '1 us' ELSE at2 END,
					  CASE WHEN u2 THEN at2::date ELSE at2 END - CASE WHEN u1 THEN at1::date + interval '1 day' - interval '1 us' ELSE at1 END)
			 <= make_interval(hours => split_part(scope, ' ', 1)::int) END
$$;

CREATE FUNCTION slow.has_diagnosis(x jsonb, prefixes text[]) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
	SELECT EXISTS (SELECT FROM jsonb_array_elements_text(x->'diagnosis_codes') d, unnest(prefixes) p WHERE starts_with(d, p))
$$;

-- Conditions of a row: 'f' fails, 'u' unknown, 'ok'.  Diagnoses only where asked.
CREATE FUNCTION slow.conditions(r slow.rule_row, x jsonb, on_date date, diagnoses bool) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN bool_or(NOT holds) THEN 'f' WHEN bool_or(holds IS NULL) THEN 'u' ELSE 'ok' END
	FROM (
		SELECT CASE WHEN x->>'sex' IN ('1', '2') THEN x->>'sex' = r.sex END AS holds WHERE r.sex IS NOT NULL
		UNION ALL SELECT (x->>'birth_date')::date + r.min_age <= on_date WHERE r.min_age IS NOT NULL
		UNION ALL SELECT (x->>'birth_date')::date + r.max_age > on_date WHERE r.max_age IS NOT NULL
		UNION ALL SELECT (x->>'facility_rank')::int = ANY (r.facility_ranks) WHERE r.facility_ranks IS NOT NULL
		UNION ALL SELECT (SELECT bool_or(starts_with(medaudit.code_fold(x->>'visit_type'), medaudit.code_fold(t))) FROM unnest(r.visit_types) t) WHERE r.visit_types IS NOT NULL
		UNION ALL SELECT NOT (SELECT bool_or(starts_with(medaudit.code_fold(x->>'visit_type'), medaudit.code_fold(t))) FROM unnest(r.excluded_visit_types) t) WHERE r.excluded_visit_types IS NOT NULL
		UNION ALL SELECT x->>'insurance_type' = ANY (r.insurance_types) WHERE r.insurance_types IS NOT NULL
		UNION ALL SELECT x->>'department' = ANY (r.departments) WHERE r.departments IS NOT NULL
		UNION ALL SELECT CASE WHEN x->'diagnosis_codes' IS NOT NULL THEN slow.has_diagnosis(x, r.diagnosis_prefixes) END
				  WHERE r.diagnosis_prefixes IS NOT NULL AND diagnoses
	) s
$$;

CREATE FUNCTION slow.exclusions(r slow.rule_row, x jsonb) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN r.excluded_diagnosis_prefixes IS NULL THEN 'ok'
				WHEN x->'diagnosis_codes' IS NULL THEN 'u'
				WHEN slow.has_diagnosis(x, r.excluded_diagnosis_prefixes) THEN 'f' ELSE 'ok' END
$$;

-- One date or hour by the calendar; a day or finer.
CREATE FUNCTION slow.calendar(scope text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(scope IN ('hour', 'day', '1 days'), false)
$$;
CREATE FUNCTION slow.within_day(scope text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(scope IN ('instant', 'hour', 'day', '1 days') OR scope LIKE '%hours' AND split_part(scope, ' ', 1)::int <= 24, false)
$$;

-- What the dates of a visit say, and whose it is: a provider that is not known
-- is one of its own.
CREATE TABLE slow.visit (b int, visit text, provider text, known bool, stay text, dates int, hours int, hours_known bool,
	discharged_on date, late bool);
CREATE INDEX ON slow.visit (b);
CREATE FUNCTION slow.find_visits() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.visit
	SELECT b, visit, coalesce('F' || nullif(medaudit.code_fold(x->>'facility_id'), ''), 'V' || visit, 'none'), nullif(medaudit.code_fold(x->>'facility_id'), '') IS NOT NULL, stay, dates,
		   ceil(extract(epoch FROM d + CASE WHEN d::time = '00:00' THEN interval '1 day' ELSE '0' END - a) / 3600)::int,
		   a::time <> '00:00' AND d::time <> '00:00', d::date,
		   stay = 'closed' AND dates >= 3 AND (SELECT count(DISTINCT at::date) = 1 FROM slow.line l WHERE l.b = s.b AND l.visit IS NOT DISTINCT FROM s.visit)
	FROM (SELECT *, d::date - a::date + 1 AS dates, CASE WHEN a IS NULL AND d IS NULL THEN 'none' WHEN d::date = a::date THEN 'one date'
			WHEN d::date > a::date THEN 'closed' ELSE 'open' END AS stay
		  FROM (SELECT *, (x->>'admitted_at')::timestamp AS a, (x->>'discharged_at')::timestamp AS d FROM slow.context) k) s
$$;

-- The lines each row looks at, whether the row is known to apply (unsure:
-- conditions, excl: exclusions), and for what its cap holds.
CREATE TABLE slow.candidate (b int, n int, rule_code text, kind text, grp text, scope text, ord int, visit text, item text,
	q numeric, a numeric, c numeric, at timestamp, untimed bool, unsure bool, excl bool, provider text, late bool, hold text, clocked bool);
CREATE INDEX ON slow.candidate (b, rule_code, grp);

CREATE FUNCTION slow.find_candidates() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.candidate
	SELECT r.b, r.n, r.rule_code, r.kind,
		   coalesce('g' || r.item_group, 'n' || r.n || CASE WHEN right(r.item_code, 1) = '%' THEN l.item ELSE '' END)
			   || CASE WHEN r.scope = 'visit' THEN 'v' ELSE '' END,
		   r.scope, l.ord, l.visit, l.item, l.q, l.a, l.c, l.at, l.untimed AND slow.fine(r.scope),
		   r.kind <> 'restriction' AND slow.conditions(r, k.x, l.at::date, true) = 'u', slow.exclusions(r, k.x) = 'u',
		   v.provider, v.late,
		   CASE WHEN NOT slow.within_day(r.scope) OR r.kind NOT IN ('quantity', 'amount') THEN 'date'
				WHEN NOT slow.calendar(r.scope) THEN CASE WHEN v.late THEN 'posted' ELSE 'date' END
				ELSE CASE v.stay WHEN 'closed' THEN 'stay' WHEN 'open' THEN 'open' ELSE 'date' END END, false
	FROM slow.rule_row r
	JOIN slow.line l ON l.b = r.b AND slow.matches(l.item, CASE r.kind WHEN 'exclusive' THEN r.other_code ELSE r.item_code END, r.code_match)
		AND (r.valid IS NULL OR r.valid @> l.at::date)
	JOIN slow.context k ON k.b = l.b AND k.visit IS NOT DISTINCT FROM l.visit
	JOIN slow.visit v ON v.b = l.b AND v.visit IS NOT DISTINCT FROM l.visit
	WHERE r.kind NOT IN ('diagnosis', 'package')
	  AND (r.kind = 'restriction' OR slow.conditions(r, k.x, l.at::date, true) <> 'f')
	  AND slow.exclusions(r, k.x) <> 'f';
	-- in times, on a date before the discharge with different clock times
	UPDATE slow.candidate c SET hold = 'timed'
	FROM slow.rule_row r, slow.visit v
	WHERE c.hold IN ('stay', 'posted') AND r.b = c.b AND r.n = c.n AND r.unit IN ('次', '每次') AND v.b = c.b AND v.visit IS NOT DISTINCT FROM c.visit
	  AND c.at::date < v.discharged_on
	  AND (SELECT count(DISTINCT o.at) FROM slow.candidate o WHERE o.b = c.b AND o.rule_code = c.rule_code AND o.grp = c.grp AND o.c <> 0
			AND o.visit IS NOT DISTINCT FROM c.visit AND o.at::date = c.at::date AND o.at::time <> '00:00') > 1;
	UPDATE slow.candidate c SET clocked = true
	FROM (SELECT DISTINCT b, rule_code, grp, ord FROM slow.candidate WHERE hold = 'timed') o
	WHERE o.b = c.b AND o.rule_code = c.rule_code AND o.grp = c.grp AND o.ord = c.ord;
$$;

-- The lines of a smaller world: of one provider; but those whose date may be of
-- posting, to a cap of date or hour ('capped') or to another day or less
-- ('fine'); but those of visits that the row may leave out.
CREATE FUNCTION slow.in_world(c slow.candidate, whose text, dated text, sure bool) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT (whose IS NULL OR c.provider = whose) AND NOT (sure AND c.excl)
		   AND CASE WHEN c.clocked OR coalesce(dated, 'long') = 'long' THEN true
					WHEN dated = 'fine' THEN NOT c.late
					ELSE (SELECT v.stay IN ('none', 'one date') FROM slow.visit v WHERE v.b = c.b AND v.visit IS NOT DISTINCT FROM c.visit) END
$$;
CREATE FUNCTION slow.dated(kind text, scope text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN NOT slow.within_day(scope) THEN 'long' WHEN kind IN ('quantity', 'amount') AND slow.calendar(scope) THEN 'capped' ELSE 'fine' END
$$;

-- Doubts as the bits of a number, in this order.
CREATE FUNCTION slow.bits(other_facility bool, other_session bool, posted_late bool, newborn bool, exclusions bool) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(other_facility, false)::int + 2 * coalesce(other_session, false)::int + 4 * coalesce(posted_late, false)::int
		   + 8 * coalesce(newborn, false)::int + 16 * coalesce(exclusions, false)::int
$$;
-- What a row that is so large in the full world, among its provider's lines, the
-- dated ones of these and the sure ones of those owes to the others.
CREATE FUNCTION slow.by_worlds(whole numeric, own numeric, dated numeric, sure numeric) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT slow.bits(coalesce(own, 0) < whole, false, coalesce(dated, 0) < coalesce(own, 0), false, coalesce(sure, 0) < coalesce(dated, 0))
$$;

-- Hits: the share of the line in excess as part / whole; unsure: insufficient.
CREATE TABLE slow.hit (b int, rule_code text, ord int, visit text, unsure bool, part numeric, whole numeric, xq numeric,
	gross numeric, claimed numeric, n int, doubt int DEFAULT 0);
CREATE INDEX ON slow.hit (b, rule_code, ord);

CREATE FUNCTION slow.valid_for(book int, row_no int, d date) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT valid IS NULL OR valid @> d FROM slow.rule_row WHERE b = book AND n = row_no
$$;

-- Counts the line more than one day of what is charged by the day?  Without a
-- unit as many as its stay has may be days.
CREATE FUNCTION slow.counts_days(r slow.rule_row, q numeric, v slow.visit) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT r.scope IN ('day', '1 days') AND q > 1
		   AND CASE WHEN r.unit IS NULL THEN v.stay = 'open' OR v.stay = 'closed' AND q <= v.dates ELSE r.unit IN ('日', '天') END
$$;

CREATE FUNCTION slow.pairs() RETURNS void LANGUAGE sql AS $$
	-- exclusive: a partner of the same provider for sure, else one that may be
	INSERT INTO slow.hit
	SELECT t.b, t.rule_code, t.ord, t.visit, NOT sure OR t.unsure, 1, 1, t.q, NULL, NULL, t.n,
		   slow.bits(false, t.scope = 'visit' AND NOT same_date, slow.within_day(t.scope) AND (t.late OR slow.counts_days(t.r, t.q, own) OR NOT clear), false, t.excl)
	FROM (SELECT c.*, r, p.*
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n),
			   LATERAL (SELECT bool_or(sure) AS sure, bool_or(sure AND p.at::date = c.at::date) AS same_date,
							   bool_or(sure AND NOT p.late AND NOT slow.counts_days(r, p.q, w)) AS clear
						FROM (SELECT p.at, p.q, w, w.late, c.provider = w.provider AND NOT (c.untimed OR p.untimed AND slow.fine(c.scope))
									 AND slow.together(c.scope, c.at, c.visit, p.at, p.visit) AS sure
							  FROM slow.line p JOIN slow.visit w ON w.b = p.b AND w.visit IS NOT DISTINCT FROM p.visit
							  JOIN slow.visit v ON v.b = c.b AND v.visit IS NOT DISTINCT FROM c.visit
							  WHERE p.b = c.b AND p.ord <> c.ord AND slow.matches(p.item, r.item_code, r.code_match)
								AND (r.valid IS NULL OR r.valid @> p.at::date)
								AND (c.provider = w.provider OR NOT v.known OR NOT w.known)
								AND CASE WHEN slow.fine(c.scope) AND (c.untimed OR p.untimed) THEN slow.maybe_together(c.scope, c.at, c.untimed, p.at, p.untimed)
										 ELSE slow.together(c.scope, c.at, c.visit, p.at, p.visit) END) p) p
		  WHERE c.kind = 'exclusive' AND c.c <> 0) t JOIN slow.visit own ON own.b = t.b AND own.visit IS NOT DISTINCT FROM t.visit
	WHERE sure IS NOT NULL;
	-- prerequisite: none for sure, and perhaps none at all
	INSERT INTO slow.hit
	SELECT t.b, t.rule_code, t.ord, t.visit, sure IS NOT NULL OR t.unsure, 1, 1, t.q, NULL, NULL, t.n,
		   slow.bits(false, false, slow.within_day(t.scope) AND t.late, false, t.excl)
	FROM (SELECT c.*, (SELECT bool_or(NOT (c.untimed OR p.untimed AND slow.fine(c.scope)) AND slow.together(c.scope, c.at, c.visit, p.at, p.visit)) AS sure
					   FROM slow.line p, slow.rule_row s
					   WHERE p.b = c.b AND p.ord <> c.ord AND s.b = c.b AND s.rule_code = c.rule_code
						 AND (s.n = c.n OR s.item_group = r.item_group) AND slow.matches(p.item, s.other_code, s.code_match)
						 AND NOT slow.same_drug(p.item, r.item_code, s.other_code)
						 AND (s.valid IS NULL OR s.valid @> p.at::date AND s.valid @> c.at::date)
						 AND (r.valid IS NULL OR r.valid @> p.at::date)
						 AND CASE WHEN slow.fine(c.scope) AND (c.untimed OR p.untimed) THEN slow.maybe_together(c.scope, c.at, c.untimed, p.at, p.untimed)
								  ELSE slow.together(c.scope, c.at, c.visit, p.at, p.visit) END)
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n) WHERE c.kind = 'prerequisite' AND c.c <> 0) t
	WHERE sure IS NOT true;
$$;

-- A child was born in the visit, and nothing but an age of a year at most fails.
CREATE FUNCTION slow.on_mother(r slow.rule_row, x jsonb, on_date date, diagnoses bool) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT coalesce(r.max_age IS NOT NULL AND (x->>'birth_date')::date + r.max_age <= (x->>'birth_date')::date + interval '1 year'
		AND (x->>'birth_date')::date + r.max_age <= on_date
		AND slow.conditions(jsonb_populate_record(r, '{"max_age": null}'), x, on_date, diagnoses) <> 'f'
		AND (medaudit.code_fold(x->>'visit_type') LIKE '52%' OR slow.has_diagnosis(x, '{O80,O81,O82,O83,O84,Z37}')), false)
$$;

CREATE FUNCTION slow.singles() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, c.unsure, c.a - c.q * r.max_price, c.a, NULL, NULL, NULL, c.n, slow.bits(false, false, false, false, c.excl)
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
	WHERE c.kind = 'price' AND c.c <> 0 AND c.a - c.q * r.max_price > 0.01 AND c.a - c.q * r.max_price > c.q * r.max_price / 1000;

	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, slow.conditions(r, k.x, c.at::date, true) = 'u', 1, 1, c.q, NULL, NULL, c.n,
		   slow.bits(false, false, false, slow.on_mother(r, k.x, c.at::date, true), c.excl)
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n) JOIN slow.context k ON k.b = c.b AND k.visit IS NOT DISTINCT FROM c.visit
	WHERE c.kind = 'restriction' AND c.c <> 0 AND slow.conditions(r, k.x, c.at::date, true) <> 'ok';

	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure, 1, 1, q, NULL, NULL, n, slow.bits(false, false, false, false, excl)
	FROM slow.candidate WHERE kind = 'not_payable' AND c <> 0;

	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure OR outside IS NULL, 1, 1, q, NULL, NULL, n, slow.bits(false, false, false, false, excl)
	FROM (SELECT c.*, c.at::date < (k.x->>'admitted_at')::date - coalesce(r.days_before, 0)
				 OR c.at::date > (k.x->>'discharged_at')::date + coalesce(r.max_days, 1) AS outside
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n) JOIN slow.context k ON k.b = c.b AND k.visit IS NOT DISTINCT FROM c.visit
		  WHERE c.kind = 'outside_stay' AND c.c <> 0) t
	WHERE outside IS NOT false;

	-- another visit that began before, of any provider, of this one, and known not to be left out
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, c.unsure, 1, 1, c.q, NULL, NULL, c.n,
		   slow.by_worlds(1, max((p.provider = c.provider)::int), max((p.provider = c.provider)::int), max((p.provider = c.provider AND NOT p.excl AND NOT c.excl)::int))
			   | slow.bits(false, false, false, false, c.excl)
	FROM slow.candidate c JOIN slow.candidate p ON p.b = c.b AND p.rule_code = c.rule_code AND p.grp = c.grp AND p.item = c.item
		AND p.at = c.at AND p.q = c.q AND p.a = c.a
	JOIN LATERAL (SELECT coalesce((x->>'admitted_at')::timestamp, (SELECT min(at) FROM slow.line l WHERE l.b = c.b AND l.visit = c.visit)) AS begins
				  FROM slow.context k WHERE k.b = c.b AND k.visit = c.visit) cv ON true
	JOIN LATERAL (SELECT coalesce((x->>'admitted_at')::timestamp, (SELECT min(at) FROM slow.line l WHERE l.b = p.b AND l.visit = p.visit)) AS begins
				  FROM slow.context k WHERE k.b = p.b AND k.visit = p.visit) pv ON true
	WHERE c.kind = 'resettled' AND c.c <> 0 AND (pv.begins, p.visit) < (cv.begins, c.visit)
	GROUP BY c.b, c.rule_code, c.ord, c.visit, c.unsure, c.q, c.n, c.excl;

	INSERT INTO slow.hit
	SELECT r.b, r.rule_code, NULL, k.visit, slow.conditions(r, k.x, day, false) = 'u' OR k.x->'diagnosis_codes' IS NULL, NULL, NULL, NULL, NULL, NULL, r.n,
		   slow.bits(false, false, false, slow.on_mother(r, k.x, day, false), false)
	FROM slow.rule_row r JOIN slow.context k ON k.b = r.b,
		 LATERAL (SELECT CASE WHEN birth > day AND birth <= greatest((k.x->>'discharged_at')::timestamp, first)::date THEN birth ELSE day END AS day
				  FROM (SELECT coalesce((k.x->>'admitted_at')::date, min(at)::date) AS day, min(at) AS first, (k.x->>'birth_date')::date AS birth FROM slow.line l
						WHERE l.b = k.b AND l.visit IS NOT DISTINCT FROM k.visit HAVING count(*) > 0) f) d
	WHERE r.kind = 'diagnosis' AND (r.valid IS NULL OR r.valid @> day)
	  AND slow.conditions(r, k.x, day, false) <> 'ok' AND slow.exclusions(r, k.x) <> 'f'
	  AND (k.x->'diagnosis_codes' IS NULL OR slow.has_diagnosis(k.x, r.diagnosis_prefixes));
$$;

-- The date of a course that a line is of, among the lines of a world.
CREATE FUNCTION slow.nth_day(c slow.candidate, unsure_too bool, whose text, sure bool) RETURNS int LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN c.scope = 'span' THEN c.at::date - min(o.at::date) ELSE count(DISTINCT o.at::date) FILTER (WHERE o.at::date <= c.at::date) END
	FROM slow.candidate o
	WHERE o.b = c.b AND o.rule_code = c.rule_code AND o.grp = c.grp AND o.c <> 0 AND (unsure_too OR NOT o.unsure)
	  AND slow.in_world(o, whose, NULL, sure) AND (c.scope IS DISTINCT FROM 'visit' OR o.visit IS NOT DISTINCT FROM c.visit)
$$;

-- course: dates are ranked, among those that apply for sure and among all
CREATE FUNCTION slow.courses() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, c.unsure, 1, 1, c.q, NULL, NULL, c.n,
		   CASE WHEN NOT c.unsure THEN slow.by_worlds(1, o.own, o.own, CASE WHEN c.excl THEN 0 ELSE o.sure END) | slow.bits(false, false, false, false, c.excl) ELSE 0 END
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n),
		 LATERAL (SELECT (slow.nth_day(c.*, false, c.provider, false) > r.max_days)::int AS own, (slow.nth_day(c.*, false, c.provider, true) > r.max_days)::int AS sure) o
	WHERE c.kind = 'course' AND c.c <> 0 AND slow.nth_day(c.*, c.unsure, NULL, false) > r.max_days
$$;

-- Caps by the calendar, line after line, in a world.  PASS 1 knows; pass 2 lets
-- in what is not known.  KEPT is what counts on of a line.
CREATE TABLE slow.over (b int, rule_code text, grp text, pass int, world text, ord int, n int, over numeric, lacks bool, val numeric, kept numeric);
CREATE INDEX ON slow.over (b, rule_code, grp, pass, world, ord);
CREATE FUNCTION slow.go_through(book int, rule text, g text, k text, pass int, called text, whose text, dated text, sure bool) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	l record;
	r record;
	ats timestamp[] := '{}';
	visits text[] := '{}';
	accepted numeric[] := '{}';
	before numeric;
	most numeric;
	seen bool;
	above numeric;
	cap numeric;
	lacks bool;
	days int;
	val numeric;
	x jsonb;
BEGIN
	-- a world that is all of it
	IF called <> 'full' AND NOT EXISTS (SELECT FROM slow.candidate c WHERE b = book AND rule_code = rule AND grp = g AND NOT slow.in_world(c.*, whose, dated, sure)) THEN
		INSERT INTO slow.over SELECT o.b, o.rule_code, o.grp, o.pass, called, o.ord, o.n, o.over, o.lacks, o.val, o.kept FROM slow.over o
		WHERE (o.b, o.rule_code, o.grp, o.pass, o.world) = (book, rule, g, go_through.pass, 'full');
		RETURN;
	END IF;
	FOR l IN SELECT DISTINCT at, ord, visit, q, a FROM slow.candidate c
			 WHERE b = book AND rule_code = rule AND grp = g AND c.c <> 0 AND NOT untimed ORDER BY at, ord LOOP
		val := CASE WHEN k = 'amount' THEN l.a ELSE l.q END;
		most := 0; seen := false;
		FOR r IN SELECT rr.*, c.unsure FROM slow.candidate c JOIN slow.rule_row rr USING (b, n)
				 WHERE c.b = book AND c.rule_code = rule AND c.grp = g AND c.ord = l.ord AND NOT c.untimed AND slow.in_world(c.*, whose, dated, sure) ORDER BY n LOOP
			lacks := r.unsure;
			cap := CASE WHEN k = 'amount' THEN r.max_amount ELSE r.max_quantity END;
			IF k = 'per_bed_day' THEN
				SELECT c.x INTO x FROM slow.context c WHERE c.b = book AND c.visit IS NOT DISTINCT FROM l.visit;
				days := (x->>'discharged_at')::date - (x->>'admitted_at')::date;
				IF days IS NULL OR days < 0 THEN
					lacks := true; days := 1;
				ELSE
					days := CASE WHEN r.scope = 'bed_day' THEN days + 1 ELSE greatest(days, 1) END;
				END IF;
				cap := cap * days;
			END IF;
			IF lacks AND pass = 1 THEN
				CONTINUE;
			END IF;
			seen := true;
			before := 0;
			FOR i IN 1 .. cardinality(ats) LOOP
				IF slow.together(r.scope, l.at, l.visit, ats[i], visits[i]) AND (r.valid IS NULL OR r.valid @> ats[i]::date) THEN
					before := before + accepted[i];
				END IF;
			END LOOP;
			above := greatest(val - greatest(cap - before, 0), 0);
			most := greatest(most, above);
			INSERT INTO slow.over VALUES (book, rule, g, pass, called, l.ord, r.n, above, lacks, val, 0);
		END LOOP;
		UPDATE slow.over o SET kept = o.val - most WHERE (o.b, o.rule_code, o.grp, o.pass, o.world, o.ord) = (book, rule, g, go_through.pass, called, l.ord);
		IF seen THEN
			ats := ats || l.at; visits := array_append(visits, l.visit); accepted := accepted || (val - most);
		END IF;
	END LOOP;
END $$;

-- The stays of a set: cap times dates or hours, no more than the hours.  What
-- was charged by the clock counts as the calendar has kept it.
CREATE FUNCTION slow.stays(book int, rule text, g text, k text, pass int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v slow.visit;
	l record;
	r record;
	ats timestamp[];
	accepted numeric[];
	most numeric;
	seen bool;
	above numeric;
	most_units numeric;
	before numeric;
BEGIN
	FOR v IN SELECT * FROM slow.visit s WHERE b = book AND stay = 'closed' LOOP
		ats := '{}'; accepted := '{}';
		-- these come first: they are there, whatever the others do
		FOR l IN SELECT DISTINCT at, ord FROM slow.candidate c WHERE b = book AND rule_code = rule AND grp = g AND visit IS NOT DISTINCT FROM v.visit
				 AND c.c <> 0 AND clocked LOOP
			ats := ats || l.at;
			accepted := accepted || coalesce((SELECT max(kept) FROM slow.over o WHERE (o.b, o.rule_code, o.grp, o.pass, o.world, o.ord) = (book, rule, g, stays.pass, 'full', l.ord)), 0);
		END LOOP;
		FOR l IN SELECT DISTINCT at, ord, visit, q, a, CASE WHEN k = 'amount' THEN a ELSE q END AS val FROM slow.candidate c
				 WHERE b = book AND rule_code = rule AND grp = g AND visit IS NOT DISTINCT FROM v.visit AND c.c <> 0 AND hold = 'stay' AND NOT clocked ORDER BY at, ord LOOP
			most := 0; seen := false;
			FOR r IN SELECT rr.*, c.unsure, c.excl FROM slow.candidate c JOIN slow.rule_row rr USING (b, n)
					 WHERE c.b = book AND c.rule_code = rule AND c.grp = g AND c.ord = l.ord AND hold = 'stay' AND (pass = 2 OR NOT c.unsure) LOOP
				most_units := CASE WHEN k = 'amount' THEN r.max_amount ELSE r.max_quantity END * CASE r.scope WHEN 'hour' THEN v.hours ELSE v.dates END;
				IF k = 'quantity' AND r.scope <> 'hour' AND r.unit IN ('小时', 'h') AND v.hours_known THEN
					most_units := least(most_units, v.hours);
				END IF;
				SELECT coalesce(sum(a), 0) INTO before FROM unnest(ats, accepted) u(t, a) WHERE r.valid IS NULL OR r.valid @> t::date;
				seen := true;
				above := greatest(l.val - greatest(most_units - before, 0), 0);
				most := greatest(most, above);
				IF above > 0 AND r.unsure = (pass = 2) THEN
					INSERT INTO slow.hit VALUES (book, rule, l.ord, l.visit, r.unsure, above, l.val, CASE WHEN k <> 'amount' THEN above END, NULL, NULL, r.n,
						slow.bits(false, false, false, false, r.excl));
				END IF;
			END LOOP;
			IF seen THEN
				ats := ats || l.at; accepted := accepted || (l.val - most);
			END IF;
		END LOOP;
	END LOOP;
END $$;

CREATE FUNCTION slow.caps(pass int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s record;
	w record;
BEGIN
	FOR s IN SELECT DISTINCT b, rule_code, grp, kind FROM slow.candidate WHERE kind IN ('quantity', 'amount', 'per_bed_day') LOOP
		PERFORM slow.go_through(s.b, s.rule_code, s.grp, s.kind, pass, 'full', NULL, NULL, false);
		FOR w IN SELECT DISTINCT c.provider, slow.dated(c.kind, c.scope) AS dated FROM slow.over o JOIN slow.candidate c ON c.b = s.b AND c.rule_code = s.rule_code AND c.grp = s.grp AND c.ord = o.ord AND c.n = o.n
				 WHERE caps.pass = 1 AND (o.b, o.rule_code, o.grp, o.pass, o.world) = (s.b, s.rule_code, s.grp, 1, 'full') AND o.over > 0 LOOP
			PERFORM slow.go_through(s.b, s.rule_code, s.grp, s.kind, pass, 'own' || w.dated, w.provider, NULL, false),
					slow.go_through(s.b, s.rule_code, s.grp, s.kind, pass, 'dated' || w.dated, w.provider, w.dated, false),
					slow.go_through(s.b, s.rule_code, s.grp, s.kind, pass, 'sure' || w.dated, w.provider, w.dated, true);
		END LOOP;
		INSERT INTO slow.hit
		SELECT s.b, s.rule_code, o.ord, c.visit, o.pass = 2 OR c.hold = 'open', o.over, o.val, CASE WHEN s.kind <> 'amount' THEN o.over END, NULL, NULL, o.n,
			   slow.bits(false, false, c.hold IN ('stay', 'posted'), false, c.excl)
				   | CASE WHEN o.pass = 2 THEN 0 ELSE slow.by_worlds(o.over, own.over, dated.over, sure.over) END
		FROM slow.over o JOIN slow.candidate c ON c.b = s.b AND c.rule_code = s.rule_code AND c.grp = s.grp AND c.ord = o.ord AND c.n = o.n
		LEFT JOIN slow.over own ON (own.b, own.rule_code, own.grp, own.pass, own.world, own.ord, own.n) = (o.b, o.rule_code, o.grp, 1, 'own' || slow.dated(c.kind, c.scope), o.ord, o.n)
		LEFT JOIN slow.over dated ON (dated.b, dated.rule_code, dated.grp, dated.pass, dated.world, dated.ord, dated.n) = (o.b, o.rule_code, o.grp, 1, 'dated' || slow.dated(c.kind, c.scope), o.ord, o.n)
		LEFT JOIN slow.over sure ON (sure.b, sure.rule_code, sure.grp, sure.pass, sure.world, sure.ord, sure.n) = (o.b, o.rule_code, o.grp, 1, 'sure' || slow.dated(c.kind, c.scope), o.ord, o.n)
		WHERE (o.b, o.rule_code, o.grp, o.pass, o.world) = (s.b, s.rule_code, s.grp, caps.pass, 'full') AND o.over > 0 AND o.lacks = (o.pass = 2);
		PERFORM slow.stays(s.b, s.rule_code, s.grp, s.kind, pass);
	END LOOP;
END $$;

-- Lines without a time of day that may be above a cap of hours.
CREATE FUNCTION slow.untimed_caps() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, true
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
	WHERE c.kind IN ('quantity', 'amount') AND c.untimed AND c.c <> 0
	  AND (SELECT sum(CASE WHEN c.kind = 'amount' THEN o.a ELSE o.q END)
		   FROM (SELECT DISTINCT ON (ord) ord, at, untimed, a, q FROM slow.candidate
				 WHERE b = c.b AND rule_code = c.rule_code AND grp = c.grp AND c <> 0 ORDER BY ord, untimed DESC) o
		   WHERE slow.maybe_together(c.scope, c.at, true, o.at, o.untimed))
		  > CASE WHEN c.kind = 'amount' THEN r.max_amount ELSE r.max_quantity END
$$;

-- The repeats among equal lines of a world.
CREATE TABLE slow.repeat (s int, world text, ord int, n int, unsure bool);
CREATE INDEX ON slow.repeat (s);
CREATE FUNCTION slow.repeats(set_no int, s slow.candidate, called text, whose text, dated text, sure bool) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	l record;
	r record;
	ats timestamp[] := '{}';
	visits text[] := '{}';
	excess bool;
	hit bool;
BEGIN
	FOR l IN SELECT DISTINCT at, ord, visit, c, untimed FROM slow.candidate d
			 WHERE (d.b, d.rule_code, d.grp, d.item, d.q, d.a) = (s.b, s.rule_code, s.grp, s.item, s.q, s.a) AND slow.in_world(d, whose, dated, sure) ORDER BY at, ord LOOP
		excess := false;
		FOR r IN SELECT rr.scope, rr.valid, d.unsure, d.n FROM slow.candidate d JOIN slow.rule_row rr USING (b, n)
				 WHERE d.b = s.b AND d.rule_code = s.rule_code AND d.grp = s.grp AND d.ord = l.ord AND d.untimed = l.untimed AND slow.in_world(d, whose, dated, sure) LOOP
			IF l.untimed THEN
				IF l.c <> 0 AND called = 'full' AND EXISTS (SELECT FROM slow.candidate o WHERE (o.b, o.rule_code, o.grp, o.item, o.q, o.a) = (s.b, s.rule_code, s.grp, s.item, s.q, s.a)
						   AND o.ord <> l.ord AND slow.maybe_together(r.scope, l.at, true, o.at, o.untimed)) THEN
					INSERT INTO slow.repeat VALUES (set_no, called, l.ord, r.n, true);
				END IF;
				CONTINUE;
			END IF;
			hit := false;
			FOR i IN 1 .. cardinality(ats) LOOP
				hit := hit OR slow.together(r.scope, l.at, l.visit, ats[i], visits[i]) AND (r.valid IS NULL OR r.valid @> ats[i]::date);
			END LOOP;
			IF hit AND l.c <> 0 THEN
				INSERT INTO slow.repeat VALUES (set_no, called, l.ord, r.n, r.unsure);
				excess := excess OR NOT r.unsure;
			END IF;
		END LOOP;
		IF NOT excess AND NOT l.untimed THEN
			ats := ats || l.at; visits := array_append(visits, l.visit);
		END IF;
	END LOOP;
END $$;

CREATE FUNCTION slow.duplicates() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s slow.candidate;
	w record;
	i int := 0;
BEGIN
	FOR s IN SELECT DISTINCT ON (b, rule_code, grp, item, q, a) * FROM slow.candidate WHERE kind = 'duplicate' LOOP
		i := i + 1;
		PERFORM slow.repeats(i, s, 'full', NULL, NULL, false);
		FOR w IN SELECT DISTINCT c.provider, slow.dated(c.kind, c.scope) AS dated FROM slow.repeat r JOIN slow.candidate c ON c.b = s.b AND c.rule_code = s.rule_code AND c.ord = r.ord AND c.n = r.n
				 WHERE r.s = i AND r.world = 'full' AND NOT r.unsure LOOP
			PERFORM slow.repeats(i, s, 'own' || w.dated, w.provider, NULL, false), slow.repeats(i, s, 'dated' || w.dated, w.provider, w.dated, false),
					slow.repeats(i, s, 'sure' || w.dated, w.provider, w.dated, true);
		END LOOP;
		INSERT INTO slow.hit
		SELECT s.b, s.rule_code, r.ord, c.visit, r.unsure, 1, 1, s.q, NULL, NULL, r.n,
			   CASE WHEN r.unsure THEN 0 ELSE slow.bits(false, false, slow.within_day(c.scope) AND c.late, false, c.excl)
				   | slow.by_worlds(1, (own.ord IS NOT NULL)::int, (dated.ord IS NOT NULL)::int, (sure.ord IS NOT NULL)::int) END
		FROM slow.repeat r JOIN slow.candidate c ON c.b = s.b AND c.rule_code = s.rule_code AND c.ord = r.ord AND c.n = r.n
		LEFT JOIN slow.repeat own ON own.s = i AND own.world = 'own' || slow.dated(c.kind, c.scope) AND own.ord = r.ord AND own.n = r.n
		LEFT JOIN slow.repeat dated ON dated.s = i AND dated.world = 'dated' || slow.dated(c.kind, c.scope) AND dated.ord = r.ord AND dated.n = r.n
		LEFT JOIN slow.repeat sure ON sure.s = i AND sure.world = 'sure' || slow.dated(c.kind, c.scope) AND sure.ord = r.ord AND sure.n = r.n
		WHERE r.s = i AND r.world = 'full';
	END LOOP;
END $$;

-- secondary (scopes visit, day and instant): all but the first unit of the dearest,
-- of one provider; POSSIBLE: beyond a dearer one of a visit that may be of it.
-- Lines without a time of day are judged among all lines of their day.
CREATE TABLE slow.member (b int, rule_code text, grp text, key text, n int, ord int, visit text, at timestamp, q numeric, a numeric, c numeric, untimed bool, unsure bool, excl bool,
	late bool, provider text, known bool, scope text, ratio numeric, max_price numeric, dear numeric);
CREATE INDEX ON slow.member (b, rule_code);
CREATE FUNCTION slow.secondaries(by_day bool, possible bool) RETURNS void LANGUAGE sql AS $$
	TRUNCATE slow.member;
	INSERT INTO slow.member
	SELECT c.b, c.rule_code, c.grp, CASE WHEN by_day THEN c.at::date::text WHEN c.scope = 'visit' THEN c.visit ELSE date_trunc(CASE c.scope WHEN 'day' THEN 'day' ELSE 'microseconds' END, c.at)::text END
			   || CASE WHEN possible THEN '' ELSE c.provider END,
		   c.n, c.ord, c.visit, c.at, c.q, c.a, c.c, c.untimed, c.unsure, c.excl, c.late, c.provider, v.known, c.scope, r.ratio, r.max_price, coalesce(r.max_price, c.a / c.q)
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n) JOIN slow.visit v ON v.b = c.b AND v.visit IS NOT DISTINCT FROM c.visit
	WHERE c.kind = 'secondary' AND CASE WHEN by_day THEN
		EXISTS (SELECT FROM slow.candidate u WHERE u.untimed AND u.b = c.b AND u.rule_code = c.rule_code AND u.grp = c.grp AND (possible OR u.provider = c.provider)) ELSE NOT c.untimed END;
	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, lacks OR by_day OR possible OR max_price IS NULL, units * (a::numeric(80, 50) / q - ratio * max_price), a, NULL, NULL, NULL, n,
		   slow.bits(false, false, slow.within_day(scope) AND (late OR first_late), false, excl OR first_excl)
	FROM (SELECT m.*, m.q - CASE WHEN m.ord = f.ord THEN least(m.q, 1) ELSE 0 END AS units, f.ord <> m.ord AND f.late AS first_late, f.ord <> m.ord AND f.excl AS first_excl, f.provider AS first_provider,
				 (SELECT bool_or(unsure) FROM slow.member o WHERE (o.b, o.rule_code, o.grp) = (m.b, m.rule_code, m.grp) AND o.key IS NOT DISTINCT FROM m.key) AS lacks
		  FROM slow.member m, LATERAL (SELECT * FROM slow.member o WHERE (o.b, o.rule_code, o.grp) = (m.b, m.rule_code, m.grp) AND o.key IS NOT DISTINCT FROM m.key
				AND (NOT possible OR o.provider = m.provider OR NOT o.known OR NOT m.known)
				ORDER BY dear DESC, at, ord LIMIT 1) f) u
	WHERE c <> 0 AND units > 0 AND untimed = by_day AND (NOT possible OR first_provider <> provider)
	  AND (max_price IS NULL OR units * (a / q - ratio * max_price) > 0.01)
$$;

-- A price for some ranks holds where the rank is one of them, and perhaps where
-- it is not known.
CREATE FUNCTION slow.packages() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure, NULL, NULL, NULL,
		   slow.cents(sum(a * excess / amount) OVER w) - coalesce(slow.cents(sum(a * excess / amount) OVER before), 0),
		   slow.cents(sum(c * excess / amount) OVER w) - coalesce(slow.cents(sum(c * excess / amount) OVER before), 0), NULL,
		   slow.bits(false, false, late, false, false)
	FROM (SELECT l.b, p.rule_code, p.package_code, p.facility_ranks, l.ord, l.visit, l.at, l.c::numeric(80, 50), l.a::numeric(80, 50), d.amount, d.excess, v.late,
				 p.facility_ranks IS NOT NULL AND k.x->>'facility_rank' IS NULL AS unsure
		  FROM (SELECT DISTINCT b, rule_code, package_code, package_price, min_parts, valid, facility_ranks FROM slow.rule_row WHERE kind = 'package') p,
			   LATERAL (SELECT visit, day, sum(a) AS amount,
							   CASE WHEN EXISTS (SELECT FROM slow.line m WHERE m.b = p.b AND m.item = p.package_code
												 AND m.visit IS NOT DISTINCT FROM i.visit AND m.at::date = i.day) THEN sum(a)
									ELSE greatest(0, sum(a) - ceil(max(q)) * p.package_price) END AS excess
						FROM (SELECT visit, at::date AS day, item, sum(q) AS q, sum(a) AS a FROM slow.line m
							  WHERE m.b = p.b AND c <> 0 AND (p.valid IS NULL OR p.valid @> at::date)
								AND item IN (SELECT component_code FROM slow.rule_row r WHERE r.b = p.b AND r.rule_code = p.rule_code
											 AND r.package_code = p.package_code AND r.facility_ranks IS NOT DISTINCT FROM p.facility_ranks)
							  GROUP BY visit, at::date, item) i
						GROUP BY visit, day HAVING count(*) >= p.min_parts) d,
			   slow.context k, slow.line l, slow.visit v
		  WHERE excess > 0 AND l.b = p.b AND l.c <> 0 AND l.visit IS NOT DISTINCT FROM d.visit AND l.at::date = d.day
			AND k.b = p.b AND k.visit IS NOT DISTINCT FROM d.visit AND v.b = p.b AND v.visit IS NOT DISTINCT FROM d.visit
			AND (p.facility_ranks IS NULL OR coalesce((k.x->>'facility_rank')::int = ANY (p.facility_ranks), true))
			AND l.item IN (SELECT component_code FROM slow.rule_row r WHERE r.b = p.b AND r.rule_code = p.rule_code
						   AND r.package_code = p.package_code AND r.facility_ranks IS NOT DISTINCT FROM p.facility_ranks)) t
	WINDOW w AS (PARTITION BY b, rule_code, package_code, facility_ranks, visit, at::date ORDER BY ord),
		   before AS (PARTITION BY b, rule_code, package_code, facility_ranks, visit, at::date ORDER BY ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
$$;

-- One hit per rule and line: what is known before what is not, then the surest,
-- of these the highest.
CREATE FUNCTION slow.answer() RETURNS TABLE (b int, rule_code text, visit text, ord int, outcome text, xq numeric, gross numeric, claimed numeric, certainty text, doubt jsonb)
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE slow.visit, slow.candidate, slow.hit, slow.over, slow.repeat;
	PERFORM slow.find_visits();
	ANALYZE slow.visit;
	PERFORM slow.find_candidates();
	ANALYZE slow.candidate;
	PERFORM slow.pairs(), slow.singles(), slow.courses(), slow.caps(1), slow.caps(2), slow.untimed_caps(), slow.duplicates(),
			slow.secondaries(false, false), slow.secondaries(true, false), slow.secondaries(false, true), slow.secondaries(true, true), slow.packages();
	RETURN QUERY
	WITH sure AS (
		SELECT h.*, CASE WHEN h.doubt > 0 AND own.c = 'violation' THEN 'suspicion' ELSE own.c END AS c
		FROM slow.hit h LEFT JOIN slow.rule_row r ON r.b = h.b AND r.n = h.n,
			 LATERAL (SELECT coalesce(r.certainty, CASE h.rule_code WHEN 'K' THEN 'violation' ELSE 'suspicion' END) AS c) own
	), best AS (
		SELECT DISTINCT ON (h.b, h.rule_code, h.visit, h.ord) h.*, l.item,
			   l.a::numeric(80, 50) * h.part / h.whole AS a_exact, l.c::numeric(80, 50) * h.part / h.whole AS c_exact
		FROM sure h LEFT JOIN slow.line l ON l.b = h.b AND l.ord = h.ord
		ORDER BY h.b, h.rule_code, h.visit, h.ord, h.unsure, array_position('{violation,suspicion,notice}', h.c), (h.doubt > 0), h.gross DESC, h.part / h.whole DESC, h.doubt)
	SELECT t.b, t.rule_code, t.visit, t.ord, CASE WHEN unsure THEN 'insufficient' ELSE 'excess' END,
		   CASE WHEN NOT unsure THEN t.xq END,
		   CASE WHEN NOT unsure THEN coalesce(t.gross, slow.cents(sum(a_exact) OVER w) - coalesce(slow.cents(sum(a_exact) OVER before), 0)) END,
		   CASE WHEN NOT unsure THEN coalesce(t.claimed, slow.cents(sum(c_exact) OVER w) - coalesce(slow.cents(sum(c_exact) OVER before), 0)) END,
		   CASE WHEN NOT unsure THEN c END,
		   CASE WHEN NOT unsure AND t.doubt > 0 THEN (SELECT jsonb_agg(name ORDER BY bit)
				FROM unnest('{other_facility,other_session,posted_late,newborn_on_mother,exclusions_unknown}'::text[]) WITH ORDINALITY d(name, bit)
				WHERE t.doubt & (1 << (bit - 1)::int) > 0) END
	FROM best t
	WINDOW w AS (PARTITION BY t.b, t.rule_code, t.visit, item, unsure ORDER BY t.ord),
		   before AS (PARTITION BY t.b, t.rule_code, t.visit, item, unsure ORDER BY t.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
END $$;
