-- What audit_charges must find, in slow and obvious SQL: every kind of rule,
-- over tables instead of books, by comparing every line with every other.
--
--   slow.line      lines that netting left, of book b, in ledger order
--   slow.context   what is known of a visit
--   slow.rule_row  rows of the rulebook of book b; n numbers them
--   slow.answer()  rule_code, ord, outcome, excess quantity, amount, claimed
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
	package_code text, component_code text, package_price numeric, min_parts int,
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
		UNION ALL SELECT x->>'visit_type' = ANY (r.visit_types) WHERE r.visit_types IS NOT NULL
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

-- The lines each row looks at, and whether the row is known to apply.
CREATE TABLE slow.candidate (b int, n int, rule_code text, kind text, grp text, scope text, ord int, visit text, item text,
	q numeric, a numeric, c numeric, at timestamp, untimed bool, unsure bool);
CREATE INDEX ON slow.candidate (b, rule_code, grp);

CREATE FUNCTION slow.find_candidates() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.candidate
	SELECT r.b, r.n, r.rule_code, r.kind,
		   coalesce('g' || r.item_group, 'n' || r.n || CASE WHEN right(r.item_code, 1) = '%' THEN l.item ELSE '' END),
		   r.scope, l.ord, l.visit, l.item, l.q, l.a, l.c, l.at, l.untimed AND slow.fine(r.scope),
		   (r.kind <> 'restriction' AND slow.conditions(r, k.x, l.at::date, true) = 'u') OR slow.exclusions(r, k.x) = 'u'
	FROM slow.rule_row r
	JOIN slow.line l ON l.b = r.b AND slow.matches(l.item, CASE r.kind WHEN 'exclusive' THEN r.other_code ELSE r.item_code END, r.code_match)
		AND (r.valid IS NULL OR r.valid @> l.at::date)
	JOIN slow.context k ON k.b = l.b AND k.visit IS NOT DISTINCT FROM l.visit
	WHERE r.kind NOT IN ('diagnosis', 'package')
	  AND (r.kind = 'restriction' OR slow.conditions(r, k.x, l.at::date, true) <> 'f')
	  AND slow.exclusions(r, k.x) <> 'f'
$$;

-- Hits: the share of the line in excess as part / whole; unsure: insufficient.
CREATE TABLE slow.hit (b int, rule_code text, ord int, visit text, unsure bool, part numeric, whole numeric, xq numeric,
	gross numeric, claimed numeric);

CREATE FUNCTION slow.valid_for(book int, row_no int, d date) RETURNS bool LANGUAGE sql STABLE AS $$
	SELECT valid IS NULL OR valid @> d FROM slow.rule_row WHERE b = book AND n = row_no
$$;

CREATE FUNCTION slow.pairs() RETURNS void LANGUAGE sql AS $$
	-- exclusive: a partner for sure, else one that may be
	INSERT INTO slow.hit
	SELECT t.b, t.rule_code, t.ord, t.visit, NOT sure OR t.unsure, 1, 1, t.q
	FROM (SELECT c.*, (SELECT bool_or(NOT (c.untimed OR p.untimed AND slow.fine(c.scope)) AND slow.together(c.scope, c.at, c.visit, p.at, p.visit)) AS sure
					   FROM slow.line p
					   WHERE p.b = c.b AND p.ord <> c.ord AND slow.matches(p.item, r.item_code, r.code_match)
						 AND (r.valid IS NULL OR r.valid @> p.at::date)
						 AND CASE WHEN slow.fine(c.scope) AND (c.untimed OR p.untimed) THEN slow.maybe_together(c.scope, c.at, c.untimed, p.at, p.untimed)
								  ELSE slow.together(c.scope, c.at, c.visit, p.at, p.visit) END)
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n) WHERE c.kind = 'exclusive' AND c.c <> 0) t
	WHERE sure IS NOT NULL;
	-- prerequisite: none for sure, and perhaps none at all
	INSERT INTO slow.hit
	SELECT t.b, t.rule_code, t.ord, t.visit, sure IS NOT NULL OR t.unsure, 1, 1, t.q
	FROM (SELECT c.*, (SELECT bool_or(NOT (c.untimed OR p.untimed AND slow.fine(c.scope)) AND slow.together(c.scope, c.at, c.visit, p.at, p.visit)) AS sure
					   FROM slow.line p, slow.rule_row s
					   WHERE p.b = c.b AND p.ord <> c.ord AND s.b = c.b AND s.rule_code = c.rule_code
						 AND (s.n = c.n OR s.item_group = r.item_group) AND slow.matches(p.item, s.other_code, s.code_match)
						 AND (s.valid IS NULL OR s.valid @> p.at::date AND s.valid @> c.at::date)
						 AND (r.valid IS NULL OR r.valid @> p.at::date)
						 AND CASE WHEN slow.fine(c.scope) AND (c.untimed OR p.untimed) THEN slow.maybe_together(c.scope, c.at, c.untimed, p.at, p.untimed)
								  ELSE slow.together(c.scope, c.at, c.visit, p.at, p.visit) END)
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n) WHERE c.kind = 'prerequisite' AND c.c <> 0) t
	WHERE sure IS NOT true;
$$;

CREATE FUNCTION slow.singles() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, c.unsure, c.a - c.q * r.max_price, c.a, NULL
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
	WHERE c.kind = 'price' AND c.c <> 0 AND c.a - c.q * r.max_price > 0.01 AND c.a - c.q * r.max_price > c.q * r.max_price / 1000;

	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, c.unsure OR slow.conditions(r, k.x, c.at::date, true) = 'u', 1, 1, c.q
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n) JOIN slow.context k ON k.b = c.b AND k.visit IS NOT DISTINCT FROM c.visit
	WHERE c.kind = 'restriction' AND c.c <> 0 AND slow.conditions(r, k.x, c.at::date, true) <> 'ok';

	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure OR outside IS NULL, 1, 1, q
	FROM (SELECT c.*, c.at::date < (k.x->>'admitted_at')::date - coalesce(r.days_before, 0)
				 OR c.at::date > (k.x->>'discharged_at')::date + coalesce(r.max_days, 1) AS outside
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n) JOIN slow.context k ON k.b = c.b AND k.visit IS NOT DISTINCT FROM c.visit
		  WHERE c.kind = 'outside_stay' AND c.c <> 0) t
	WHERE outside IS NOT false;

	INSERT INTO slow.hit
	SELECT DISTINCT c.b, c.rule_code, c.ord, c.visit, c.unsure, 1, 1, c.q
	FROM slow.candidate c JOIN slow.candidate p ON p.b = c.b AND p.rule_code = c.rule_code AND p.grp = c.grp AND p.item = c.item
		AND p.at = c.at AND p.q = c.q AND p.a = c.a
	JOIN LATERAL (SELECT coalesce((x->>'admitted_at')::timestamp, (SELECT min(at) FROM slow.line l WHERE l.b = c.b AND l.visit = c.visit)) AS begins
				  FROM slow.context k WHERE k.b = c.b AND k.visit = c.visit) cv ON true
	JOIN LATERAL (SELECT coalesce((x->>'admitted_at')::timestamp, (SELECT min(at) FROM slow.line l WHERE l.b = p.b AND l.visit = p.visit)) AS begins
				  FROM slow.context k WHERE k.b = p.b AND k.visit = p.visit) pv ON true
	WHERE c.kind = 'resettled' AND c.c <> 0 AND (pv.begins, p.visit) < (cv.begins, c.visit);

	INSERT INTO slow.hit
	SELECT r.b, r.rule_code, NULL, k.visit,
		   slow.conditions(r, k.x, day, false) = 'u' OR slow.exclusions(r, k.x) = 'u' OR k.x->'diagnosis_codes' IS NULL, NULL, NULL, NULL
	FROM slow.rule_row r JOIN slow.context k ON k.b = r.b,
		 LATERAL (SELECT coalesce((k.x->>'admitted_at')::date, min(at)::date) AS day FROM slow.line l
				  WHERE l.b = k.b AND l.visit IS NOT DISTINCT FROM k.visit HAVING count(*) > 0) d
	WHERE r.kind = 'diagnosis' AND (r.valid IS NULL OR r.valid @> day)
	  AND slow.conditions(r, k.x, day, false) <> 'ok' AND slow.exclusions(r, k.x) <> 'f'
	  AND (k.x->'diagnosis_codes' IS NULL OR slow.has_diagnosis(k.x, r.diagnosis_prefixes));
$$;

-- course: dates are ranked, among those that apply for sure and among all
CREATE FUNCTION slow.courses() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure, 1, 1, q
	FROM (SELECT c.*, r.max_days,
				 CASE WHEN c.scope = 'span'
					  THEN c.at::date - min(c.at::date) FILTER (WHERE NOT c.unsure) OVER w
					  ELSE (SELECT count(DISTINCT o.at::date) FROM slow.candidate o WHERE o.b = c.b AND o.rule_code = c.rule_code AND o.grp = c.grp
							  AND o.c <> 0 AND NOT o.unsure AND o.at::date <= c.at::date AND (c.scope IS NULL OR o.visit IS NOT DISTINCT FROM c.visit)) END AS sure_days,
				 CASE WHEN c.scope = 'span'
					  THEN c.at::date - min(c.at::date) OVER w
					  ELSE (SELECT count(DISTINCT o.at::date) FROM slow.candidate o WHERE o.b = c.b AND o.rule_code = c.rule_code AND o.grp = c.grp
							  AND o.c <> 0 AND o.at::date <= c.at::date AND (c.scope IS NULL OR o.visit IS NOT DISTINCT FROM c.visit)) END AS all_days
		  FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
		  WHERE c.kind = 'course' AND c.c <> 0
		  WINDOW w AS (PARTITION BY c.b, c.rule_code, c.grp)) t
	WHERE CASE WHEN unsure THEN all_days ELSE sure_days END > max_days
$$;

-- Caps, line after line.  PASS 1 knows; pass 2 lets in what is not known.
CREATE FUNCTION slow.caps(pass int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s record;
	l record;
	r record;
	ats timestamp[];
	visits text[];
	accepted numeric[];
	before numeric;
	over numeric;
	most numeric;
	most_unsure bool;
	seen bool;
	cap numeric;
	lacks bool;
	days int;
	val numeric;
	x jsonb;
BEGIN
	FOR s IN SELECT DISTINCT b, rule_code, grp, kind FROM slow.candidate WHERE kind IN ('quantity', 'amount', 'per_bed_day') LOOP
		ats := '{}'; visits := '{}'; accepted := '{}';
		FOR l IN SELECT DISTINCT at, ord, visit, q, a FROM slow.candidate
				 WHERE b = s.b AND rule_code = s.rule_code AND grp = s.grp AND c <> 0 AND NOT untimed ORDER BY at, ord LOOP
			val := CASE WHEN s.kind = 'amount' THEN l.a ELSE l.q END;
			most := 0; most_unsure := false; seen := false;
			FOR r IN SELECT rr.*, c.unsure FROM slow.candidate c JOIN slow.rule_row rr USING (b, n)
					 WHERE c.b = s.b AND c.rule_code = s.rule_code AND c.grp = s.grp AND c.ord = l.ord ORDER BY n LOOP
				lacks := r.unsure;
				cap := CASE WHEN s.kind = 'amount' THEN r.max_amount ELSE r.max_quantity END;
				IF s.kind = 'per_bed_day' THEN
					SELECT k.x INTO x FROM slow.context k WHERE k.b = s.b AND k.visit IS NOT DISTINCT FROM l.visit;
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
				over := greatest(val - greatest(cap - before, 0), 0);
				IF over > most THEN
					most := over; most_unsure := lacks;
				END IF;
			END LOOP;
			IF most > 0 AND most_unsure = (pass = 2) THEN
				INSERT INTO slow.hit VALUES (s.b, s.rule_code, l.ord, l.visit, most_unsure, most, val, CASE WHEN s.kind <> 'amount' THEN most END);
			END IF;
			IF seen THEN
				ats := ats || l.at; visits := array_append(visits, l.visit); accepted := accepted || (val - most);
			END IF;
		END LOOP;
	END LOOP;
END $$;

-- Lines without a time of day that may be above a cap of hours.
CREATE FUNCTION slow.untimed_caps() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT c.b, c.rule_code, c.ord, c.visit, true
	FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
	WHERE c.kind IN ('quantity', 'amount') AND c.untimed AND c.c <> 0
	  AND (SELECT sum(CASE WHEN c.kind = 'amount' THEN o.a ELSE o.q END)
		   FROM (SELECT DISTINCT ord, at, untimed, a, q FROM slow.candidate
				 WHERE b = c.b AND rule_code = c.rule_code AND grp = c.grp AND c <> 0) o
		   WHERE slow.maybe_together(c.scope, c.at, true, o.at, o.untimed))
		  > CASE WHEN c.kind = 'amount' THEN r.max_amount ELSE r.max_quantity END
$$;

CREATE FUNCTION slow.duplicates() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s record;
	l record;
	r record;
	ats timestamp[];
	visits text[];
	excess bool;
	hit bool;
BEGIN
	FOR s IN SELECT DISTINCT b, rule_code, grp, item, q, a FROM slow.candidate WHERE kind = 'duplicate' LOOP
		ats := '{}'; visits := '{}';
		FOR l IN SELECT DISTINCT at, ord, visit, c, untimed FROM slow.candidate d
				 WHERE (d.b, d.rule_code, d.grp, d.item, d.q, d.a) = (s.b, s.rule_code, s.grp, s.item, s.q, s.a) ORDER BY at, ord LOOP
			excess := false;
			FOR r IN SELECT rr.scope, rr.valid, d.unsure FROM slow.candidate d JOIN slow.rule_row rr USING (b, n)
					 WHERE d.b = s.b AND d.rule_code = s.rule_code AND d.grp = s.grp AND d.ord = l.ord LOOP
				IF l.untimed THEN
					IF l.c <> 0 AND EXISTS (SELECT FROM slow.candidate o WHERE (o.b, o.rule_code, o.grp, o.item, o.q, o.a) = (s.b, s.rule_code, s.grp, s.item, s.q, s.a)
							   AND o.ord <> l.ord AND slow.maybe_together(r.scope, l.at, true, o.at, o.untimed)) THEN
						INSERT INTO slow.hit VALUES (s.b, s.rule_code, l.ord, l.visit, true);
					END IF;
					CONTINUE;
				END IF;
				hit := false;
				FOR i IN 1 .. cardinality(ats) LOOP
					hit := hit OR slow.together(r.scope, l.at, l.visit, ats[i], visits[i]) AND (r.valid IS NULL OR r.valid @> ats[i]::date);
				END LOOP;
				IF hit AND l.c <> 0 THEN
					INSERT INTO slow.hit VALUES (s.b, s.rule_code, l.ord, l.visit, r.unsure, 1, 1, s.q);
					excess := excess OR NOT r.unsure;
				END IF;
			END LOOP;
			IF NOT excess AND NOT l.untimed THEN
				ats := ats || l.at; visits := array_append(visits, l.visit);
			END IF;
		END LOOP;
	END LOOP;
END $$;

-- secondary (scopes visit, day and instant): all but the first unit of the dearest.  Lines
-- without a time of day are judged among all lines of their day.
CREATE FUNCTION slow.secondaries(by_day bool) RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, lacks OR by_day OR max_price IS NULL, units * (a / q - ratio * max_price), a
	FROM (SELECT t.*, t.q - CASE WHEN ord = first_value(ord) OVER f THEN least(t.q, 1) ELSE 0 END AS units,
				 bool_or(unsure) OVER (PARTITION BY t.b, t.rule_code, t.grp, key) AS lacks
		  FROM (SELECT c.*, r.ratio, r.max_price,
					   CASE WHEN by_day THEN c.at::date::text WHEN c.scope = 'visit' THEN c.visit ELSE date_trunc(CASE c.scope WHEN 'day' THEN 'day' ELSE 'microseconds' END, c.at)::text END AS key
				FROM slow.candidate c JOIN slow.rule_row r USING (b, n)
				WHERE c.kind = 'secondary' AND CASE WHEN by_day THEN
					EXISTS (SELECT FROM slow.candidate u WHERE u.untimed AND u.b = c.b AND u.rule_code = c.rule_code AND u.grp = c.grp) ELSE NOT c.untimed END) t
		  WINDOW f AS (PARTITION BY t.b, t.rule_code, t.grp, key ORDER BY coalesce(max_price, t.a / t.q) DESC, t.at, t.ord)) u
	WHERE c <> 0 AND units > 0 AND untimed = by_day
	  AND (max_price IS NULL OR units * (a / q - ratio * max_price) > 0.01)
$$;

-- A price for some ranks holds where the rank is one of them, and perhaps where
-- it is not known.
CREATE FUNCTION slow.packages() RETURNS void LANGUAGE sql AS $$
	INSERT INTO slow.hit
	SELECT b, rule_code, ord, visit, unsure, NULL, NULL, NULL,
		   slow.cents(sum(a * excess / amount) OVER w) - coalesce(slow.cents(sum(a * excess / amount) OVER before), 0),
		   slow.cents(sum(c * excess / amount) OVER w) - coalesce(slow.cents(sum(c * excess / amount) OVER before), 0)
	FROM (SELECT l.b, p.rule_code, p.package_code, p.facility_ranks, l.ord, l.visit, l.at, l.c, l.a::numeric(80, 50), d.amount, d.excess,
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
			   slow.context k, slow.line l
		  WHERE excess > 0 AND l.b = p.b AND l.c <> 0 AND l.visit IS NOT DISTINCT FROM d.visit AND l.at::date = d.day
			AND k.b = p.b AND k.visit IS NOT DISTINCT FROM d.visit
			AND (p.facility_ranks IS NULL OR coalesce((k.x->>'facility_rank')::int = ANY (p.facility_ranks), true))
			AND l.item IN (SELECT component_code FROM slow.rule_row r WHERE r.b = p.b AND r.rule_code = p.rule_code
						   AND r.package_code = p.package_code AND r.facility_ranks IS NOT DISTINCT FROM p.facility_ranks)) t
	WINDOW w AS (PARTITION BY b, rule_code, package_code, facility_ranks, visit, at::date ORDER BY ord),
		   before AS (PARTITION BY b, rule_code, package_code, facility_ranks, visit, at::date ORDER BY ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
$$;

-- One hit per rule and line: what is known before what is not, then the highest.
CREATE FUNCTION slow.answer() RETURNS TABLE (b int, rule_code text, visit text, ord int, outcome text, xq numeric, gross numeric, claimed numeric)
LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE slow.candidate, slow.hit;
	PERFORM slow.find_candidates();
	ANALYZE slow.candidate;
	PERFORM slow.pairs(), slow.singles(), slow.courses(), slow.caps(1), slow.caps(2), slow.untimed_caps(), slow.duplicates(),
			slow.secondaries(false), slow.secondaries(true), slow.packages();
	RETURN QUERY
	WITH best AS (
		SELECT DISTINCT ON (h.b, h.rule_code, h.visit, h.ord) h.*, l.item,
			   l.a::numeric(80, 50) * h.part / h.whole AS a_exact, l.c::numeric(80, 50) * h.part / h.whole AS c_exact
		FROM slow.hit h LEFT JOIN slow.line l ON l.b = h.b AND l.ord = h.ord
		ORDER BY h.b, h.rule_code, h.visit, h.ord, h.unsure, h.gross DESC, h.part / h.whole DESC)
	SELECT t.b, t.rule_code, t.visit, t.ord, CASE WHEN unsure THEN 'insufficient' ELSE 'excess' END,
		   CASE WHEN NOT unsure THEN t.xq END,
		   CASE WHEN NOT unsure THEN coalesce(t.gross, slow.cents(sum(a_exact) OVER w) - coalesce(slow.cents(sum(a_exact) OVER before), 0)) END,
		   CASE WHEN NOT unsure THEN coalesce(t.claimed, slow.cents(sum(c_exact) OVER w) - coalesce(slow.cents(sum(c_exact) OVER before), 0)) END
	FROM best t
	WINDOW w AS (PARTITION BY t.b, t.rule_code, t.visit, item, unsure ORDER BY t.ord),
		   before AS (PARTITION BY t.b, t.rule_code, t.visit, item, unsure ORDER BY t.ord ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
END $$;
