-- One visit, before it is settled: what the charge rules say of it as of now.
--
-- A stay that goes on is asked as if it ended now (a bed night: tonight); what is planned
-- for later is asked beside all the rest, as if it had been done.  What the rest of the
-- visit may still bring, an item that must stand beside another, is not judged; where a
-- diagnosis that may still come could answer it, the row is in doubt.  Other visits of the
-- person are not read: a cap over months is asked of this visit alone.
--
-- Cost: a look into the rule tables, 3 ms of 16,000 rows, by which the session knows
-- that its compiled rules still hold; then what the visit has: its rows by the
-- indexes of the warehouse, 1 ms of planning a relation, and the audit of its book.

-- Of what the enabled rules are compiled: the rows of their tables as the snapshot
-- has them; and of the items of the warehouse, which nobody can compare so fast, those
-- of this hour, as the current user reads them.
CREATE OR REPLACE FUNCTION _rules_origin() RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN concat_ws(' ',
		(SELECT sum(hashtidextended(r.ctid, hashtextextended(r.xmin::text, 0))) FROM medaudit.rule AS r),
		(SELECT sum(hashtidextended(r.ctid, hashtextextended(r.xmin::text, 1))) FROM medaudit.charge_rule AS r),
		(SELECT sum(hashtidextended(r.ctid, hashtextextended(r.xmin::text, 2))) FROM medaudit.package AS r),
		(SELECT concat(c.oid, '/', c.xmin, '/', floor(extract(epoch FROM statement_timestamp()) / 3600), '/', current_user)
			FROM pg_class AS c WHERE c.oid = to_regclass('medaudit_data.item')));
END
$$;

COMMENT ON FUNCTION _rules_origin() IS
	'规则来源: a name of what compile_rules() would compile: another one as soon as a rule or a row of knowledge changes, and where item is bound every hour and for each role';

-- As _run_columns(), of those that are wanted; of a view as bind() makes it without a
-- look at how each is read.
CREATE OR REPLACE FUNCTION _columns_as_read(relation text, wanted text[]) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	columns text;
BEGIN
	SELECT string_agg(quote_ident(c.column_name), ', ') INTO columns
	FROM medaudit.relation_column AS c
	JOIN pg_attribute AS a ON a.attrelid = to_regclass(format('medaudit_data.%I', _columns_as_read.relation)) AND a.attname = c.column_name
		AND a.atttypid = c.type::regtype AND a.atttypmod = -1
	WHERE c.relation = _columns_as_read.relation AND c.column_name = ANY (wanted)
	HAVING count(*) = cardinality(wanted) AND EXISTS (SELECT FROM pg_attribute AS u
		WHERE u.attrelid = to_regclass(format('medaudit_data.%I', _columns_as_read.relation)) AND u.attname = 'unreadable' AND u.atttypid = 'text[]'::regtype);
	RETURN coalesce(columns || ', unreadable', (SELECT string_agg(format('%s AS %I', n.expression, n.column_name), ', ')
		FROM medaudit._run_columns(_columns_as_read.relation) AS n WHERE n.column_name = ANY (wanted || '{unreadable}'::text[])));
END
$$;

COMMENT ON FUNCTION _columns_as_read(text, text[]) IS
	'读取列清单: select list over a bound view, of alias c, that reads columns as a run does, and unreadable; NULL where the relation is unknown';

CREATE OR REPLACE FUNCTION _rows_of_key(relation text, key text, wanted text[]) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_trusted(relation);
	RETURN format('(SELECT i.* FROM (SELECT %s FROM %s AS c) AS i WHERE i.%I = $1)', medaudit._columns_as_read(relation, wanted || key),
		CASE WHEN to_regclass(format('medaudit_data.%I', relation)) IS NULL THEN '(SELECT WHERE false)' ELSE format('medaudit_data.%I', relation) END, key);
END
$$;

COMMENT ON FUNCTION _rows_of_key(text, text, text[]) IS
	'按键读取: query of the rows of a bound relation with one key, $1, as a run reads them; of no rows where it is not bound; 42501 where reading would run functions of somebody else';

-- When the stay began that a visit goes on with: that of the first of the visits that
-- name one another.
CREATE OR REPLACE FUNCTION _stay_began(continues_visit_id text, admitted_at timestamp) RETURNS timestamp
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	began timestamp := admitted_at;
	earlier text := continues_visit_id;
	link record;
BEGIN
	FOR i IN 1 .. 24 LOOP
		EXIT WHEN earlier IS NULL;
		EXECUTE format('SELECT min(v.admitted_at) AS admitted_at, min(v.continues_visit_id) AS continues, count(*) AS rows FROM %s AS v',
			medaudit._rows_of_key('visit', 'visit_id', '{admitted_at,continues_visit_id}')) INTO link USING earlier;
		-- one that is not there: nobody knows
		began := CASE WHEN link.rows > 0 THEN least(began, link.admitted_at) END;
		earlier := link.continues;
	END LOOP;
	RETURN began;
END
$$;

COMMENT ON FUNCTION _stay_began(text, timestamp) IS
	'住院开始: the earliest admission of the visits that a visit continues, one after the other; NULL where one of them is not there';

-- What a run makes of the settlements of a visit.  Of one that is settled in the midst, and
-- of one whose discharge is planned, the end is not known.
CREATE OR REPLACE FUNCTION _visit_now(visit_id text, present timestamp) RETURNS TABLE (person_id text, facility_id text, visit_type text,
		insurance_type text, department text, main_diagnoses text[], record_no text, admitted_at timestamp, discharged_at timestamp,
		settled bool, void bool, judged_at timestamp, newborn bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT s.person_id, s.facility_id, s.visit_type, s.insurance_type, s.department, s.main_diagnoses, s.record_no,
			CASE WHEN s.continues IS NULL THEN s.admitted_at ELSE medaudit._stay_began(s.continues, s.admitted_at) END,
			CASE WHEN NOT s.mid AND (s.settled OR s.discharged_at <= $2) THEN s.discharged_at END,
			s.settled AND NOT s.mid, s.settled AND NOT s.mid AND s.total = 0::numeric, s.judged_at, s.newborn
		FROM (
			SELECT min(v.person_id) AS person_id, min(v.facility_id) AS facility_id,
				medaudit._first_known(v.visit_type ORDER BY coalesce(v.settled_at, v.discharged_at) DESC NULLS LAST, v.visit_type COLLATE "C") AS visit_type,
				medaudit._first_known(v.insurance_type ORDER BY coalesce(v.settled_at, v.discharged_at) DESC NULLS LAST, v.insurance_type COLLATE "C") AS insurance_type,
				medaudit._first_known(v.department ORDER BY coalesce(v.settled_at, v.discharged_at) DESC NULLS LAST, v.department COLLATE "C") AS department,
				array_agg(DISTINCT v.main_diagnosis) FILTER (WHERE v.main_diagnosis IS NOT NULL) AS main_diagnoses,
				min(v.record_no) AS record_no, min(v.admitted_at) AS admitted_at,
				CASE WHEN bool_and(v.discharged_at IS NOT NULL) THEN max(v.discharged_at) END AS discharged_at,
				bool_and(CASE WHEN $3 THEN v.settled_at IS NOT NULL ELSE v.discharged_at <= $2 END) IS TRUE AS settled, sum(v.total_amount) AS total,
				coalesce((array_agg(v.mid_settlement ORDER BY coalesce(v.settled_at, v.discharged_at) DESC NULLS LAST, v.mid_settlement))[1], false) AS mid,
				max(coalesce(v.settled_at, v.discharged_at)) AS judged_at, coalesce(bool_or(v.newborn), false) AS newborn,
				min(v.continues_visit_id) AS continues
			FROM (SELECT DISTINCT d.* FROM %s AS d) AS v HAVING count(*) > 0
		) AS s$sql$, medaudit._rows_of_key('visit', 'visit_id', '{person_id,facility_id,visit_type,insurance_type,department,
			main_diagnosis,record_no,admitted_at,discharged_at,settled_at,mid_settlement,newborn,total_amount,continues_visit_id}')) USING visit_id, present, medaudit._is_bound('visit', 'settled_at');
END
$$;

COMMENT ON FUNCTION _visit_now(text, timestamp) IS
	'当前就诊: a visit as its rows have it now, admitted when its stay began; settled: finally, where no settlement is bound by the discharge; void: all of it was taken back; no row for an unknown one';

-- Different lines of one number are unclear, but for a refund under the number of its
-- charge (_run_part_lines); equal ones are one.
CREATE OR REPLACE FUNCTION _lines_now(visit_id text, facility_id text) RETURNS TABLE (item_code text, quantity numeric, amount numeric,
		charged_at timestamp, claimed numeric, line_id text, original_line_id text, item_name text, category text, unit_price numeric,
		department text, bad bool, unclear bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wanted text[] := '{item_code,quantity,amount,charged_at,claimed,line_id,original_line_id,item_name,category,unit_price,department}';
	columns text := (SELECT string_agg('d.' || w.name, ', ') FROM unnest(wanted || 'unreadable'::text) AS w (name));
	-- codes that item lists by hospital are of this one
	own text := CASE WHEN medaudit._is_bound('item', 'facility_id')
		THEN format('CASE WHEN l.item_code IN (SELECT o.item_code FROM %s AS o) THEN chr(31) || $2 END',
			replace(medaudit._rows_of_key('item', 'facility_id', '{item_code}'), '$1', '$2')) ELSE 'NULL::text' END;
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT l.item_code || coalesce(%s, ''), l.quantity, l.amount, l.charged_at, l.claimed,
			CASE WHEN l.refund THEN l.line_id || ' #' || l.nth ELSE l.line_id END,
			CASE WHEN l.refund THEN coalesce(nullif(l.original_line_id, ''), l.line_id) ELSE l.original_line_id END,
			l.item_name, l.category, l.unit_price, btrim(l.department), l.unreadable IS NOT NULL, l.unclear
		FROM (
			SELECT n.*, n.several AND (n.charges <> 1 OR n.items > 1) AS unclear,
				n.several AND n.charges = 1 AND n.items = 1 AND n.negative AS refund
			FROM (
				SELECT c.*, c.complete AND coalesce(c.line_id, '') <> '' AND count(*) OVER number > 1 AS several,
					count(*) FILTER (WHERE NOT c.negative) OVER number AS charges,
					CASE WHEN min(c.item_code) OVER number = max(c.item_code) OVER number THEN 1 ELSE 2 END AS items,
					row_number() OVER (PARTITION BY c.line_id, c.complete, c.negative ORDER BY c.charged_at, c.quantity, c.amount) AS nth
				FROM (
					SELECT %2$s, num_nulls(d.item_code, d.quantity, d.amount, d.charged_at) = 0 AS complete,
						coalesce(d.quantity < 0::numeric OR d.quantity = 0::numeric AND d.amount < 0::numeric, false) AS negative,
						count(*) AS copies
					FROM %3$s AS d GROUP BY %2$s
				) AS c
				WINDOW number AS (PARTITION BY c.line_id, c.complete)
			) AS n
		) AS l
		CROSS JOIN LATERAL generate_series(1, CASE WHEN coalesce(l.line_id, '') = '' THEN l.copies ELSE 1 END)$sql$,
		own, columns, medaudit._rows_of_key('charge', 'visit_id', wanted)) USING visit_id, facility_id;
END
$$;

COMMENT ON FUNCTION _lines_now(text, text) IS
	'当前费用明细: the lines of a visit as a run reads them; unclear: different ones have one number, and nobody judges them; bad: something could not be read';

-- What the rules ask beside the lines.  Of a register that contradicts itself what differs
-- is not known.
CREATE OR REPLACE FUNCTION _context_now(visit record, visit_id text, begins timestamp, ends timestamp) RETURNS visit_context
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	who record;
	place record;
	codes text[];
BEGIN
	EXECUTE format($sql$SELECT CASE WHEN count(DISTINCT p.sex) = 1 THEN min(p.sex) END AS sex,
			CASE WHEN count(DISTINCT p.birth_date) = 1 THEN medaudit._known_birth_date(min(p.birth_date)) END AS birth_date,
			CASE WHEN count(DISTINCT p.insurance_type) = 1 THEN min(p.insurance_type) END AS insurance_type FROM %s AS p$sql$,
		medaudit._rows_of_key('person', 'person_id', '{sex,birth_date,insurance_type}')) INTO who USING visit.person_id;
	IF visit.newborn AND NOT coalesce(visit.admitted_at < who.birth_date + interval '1 year', false) THEN
		-- a child on its mother's number
		SELECT NULL::text AS sex, NULL::date AS birth_date, NULL::text AS insurance_type INTO who;
	END IF;
	EXECUTE format('SELECT CASE WHEN count(DISTINCT f.rank) = 1 THEN min(f.rank) END AS rank FROM %s AS f',
		medaudit._rows_of_key('facility', 'facility_id', '{rank}')) INTO place USING visit.facility_id;
	IF place.rank > 3 AND NOT EXISTS (SELECT FROM medaudit.charge_rule AS c JOIN medaudit.rule AS r ON r.rule_code = c.rule_code
			WHERE r.enabled AND 3 < ANY (c.facility_ranks))
		AND NOT EXISTS (SELECT FROM medaudit.package AS k JOIN medaudit.rule AS r ON r.rule_code = k.rule_code
			WHERE r.enabled AND 3 < ANY (k.facility_ranks)) THEN
		place.rank := medaudit.facility_rank(place.rank);
	END IF;
	EXECUTE format('SELECT array_agg(DISTINCT d.diagnosis_code) FILTER (WHERE d.diagnosis_code IS NOT NULL) FROM %s AS d',
		medaudit._rows_of_key('diagnosis', 'visit_id', '{diagnosis_code}')) INTO codes USING visit_id;
	RETURN medaudit.visit_context(who.sex, who.birth_date, place.rank, visit.visit_type, coalesce(visit.insurance_type, who.insurance_type),
		visit.department, begins, ends, medaudit._visit_diagnoses(codes, NULL, visit.main_diagnoses), visit.facility_id);
END
$$;

COMMENT ON FUNCTION _context_now(record, text, timestamp, timestamp) IS
	'当前就诊信息: the context of a visit of _visit_now(), with the days of the stay, as the warehouse has it now';

-- The national codes of some items, where an exemption could be by them.
CREATE OR REPLACE FUNCTION _national_codes_now(item_codes text[], facility_id text) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes jsonb;
BEGIN
	IF medaudit._is_bound('item', 'national_code') AND EXISTS (SELECT FROM medaudit.exemption AS e
			WHERE e.item_code IS NOT NULL AND e.approved_by IS NOT NULL AND e.revoked_on IS NULL) THEN
		PERFORM medaudit._check_trusted('item');
		EXECUTE format('SELECT jsonb_object_agg(i.item_code, i.national_code) FROM (SELECT %s FROM medaudit_data.item AS c) AS i '
			'WHERE i.item_code = ANY ($1) AND i.national_code IS NOT NULL AND coalesce(i.facility_id = $2, true)',
			medaudit._columns_as_read('item', '{item_code,national_code,facility_id}'))
		INTO codes USING item_codes, facility_id;
	END IF;
	RETURN coalesce(codes, '{}');
END
$$;

COMMENT ON FUNCTION _national_codes_now(text[], text) IS
	'国家编码对照: national codes by the code of items at a facility, where an exemption by item holds; {} where none does or none is known';

-- The other charges that evidence names, as sentences have them (_run_partners); dates of
-- a course.
CREATE OR REPLACE FUNCTION _partners_now(kind text, evidence jsonb, names jsonb, line_id text, item_code text, charged_at timestamp) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT CASE WHEN kind = 'course' THEN (SELECT string_agg(date_zh(d.day), '、' ORDER BY d.day) FROM (SELECT DISTINCT unnest(array_agg(p.at::date)) AS day) AS d)
			ELSE _some_zh(array_agg(_charge_zh(p.at, '的', item_zh(names ->> p.code, p.code), p.quantity, evidence ->> 'unit', p.amount) ORDER BY p.nth)) END
		FROM (SELECT e.partner ->> 'line_id' AS line_id, e.partner ->> 'item_code' AS code, (e.partner ->> 'charged_at')::timestamp AS at,
				(e.partner ->> 'quantity')::numeric AS quantity, (e.partner ->> 'amount')::numeric AS amount, e.nth
			FROM jsonb_array_elements(evidence -> 'partners') WITH ORDINALITY AS e (partner, nth)) AS p
		WHERE (p.nth = 1 OR evidence ->> 'mode' IS DISTINCT FROM 'beside')
			AND (p.line_id IS DISTINCT FROM _partners_now.line_id OR p.code <> _partners_now.item_code OR p.at <> _partners_now.charged_at));

COMMENT ON FUNCTION _partners_now(text, jsonb, jsonb, text, text, timestamp) IS
	'关联收费说明: texts of the charges of the visit that evidence names beside a line; names by item code; NULL where there are none';

-- A row of the charge audit as a hint that can be read.
CREATE OR REPLACE FUNCTION _hint_zh(kind text, rule_name text, evidence jsonb, line_id text, item_code text, charged_at timestamp,
		quantity numeric, amount numeric, excess_quantity numeric, excess_amount numeric, names jsonb) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN concat(CASE WHEN item_code IS NULL THEN '费用合计' || money_zh(amount)
			ELSE _charge_zh(charged_at, NULL, item_zh(names ->> item_code, item_code), quantity, evidence ->> 'unit', amount) END, '：',
		CASE WHEN evidence -> 'missing' IS NOT NULL THEN concat(rule_name, '，缺少', missing_zh(evidence_names(evidence, 'missing')), '，无法判断。')
			ELSE _charge_reason_zh(kind, rule_name, evidence, charged_at, quantity, evidence ->> 'unit',
					_partners_now(kind, evidence, names, line_id, item_code, charged_at), coalesce((SELECT string_agg(item_zh(names ->> o.code, o.code), '或' ORDER BY o.nth)
						FROM jsonb_array_elements_text(evidence -> 'other_codes') WITH ORDINALITY AS o (code, nth)),
						item_zh(names ->> (evidence ->> 'package'), evidence ->> 'package')))
				|| _excess_zh(kind, excess_quantity, evidence ->> 'unit', excess_amount, evidence) END);

COMMENT ON FUNCTION _hint_zh(text, text, jsonb, text, text, timestamp, numeric, numeric, numeric, numeric, jsonb) IS
	'提示说明: one Chinese sentence about a line that a charge rule finds in excess or cannot judge; names by item code';

-- What the charge rules say of the lines.  A stay that goes on ends then, at midnight, for
-- of that day nobody counts hours; bed nights are those until tomorrow.
CREATE OR REPLACE FUNCTION _judge_now(visit record, visit_id text, then_at timestamp, book ledger, departments jsonb, origin text) RETURNS TABLE (rule_code text,
		item_code text, other_code text, charged_at timestamp, line_id text, quantity numeric, amount numeric, excess_quantity numeric,
		excess_amount numeric, excess_claimed numeric, outcome text, evidence jsonb, certainty text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 5
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	goes_on bool := NOT visit.settled AND visit.discharged_at IS NULL;
	ends timestamp := CASE WHEN NOT goes_on THEN visit.discharged_at WHEN then_at::date > visit.admitted_at::date THEN date_trunc('day', then_at)
		ELSE greatest(then_at, visit.admitted_at) END;
	stay bool := coalesce(medaudit.class_of_visit(visit.visit_type) = 'stay', ends::date > visit.admitted_at::date, false);
	context medaudit.visit_context := medaudit._context_now(visit, visit_id, CASE WHEN stay THEN visit.admitted_at END, CASE WHEN stay THEN ends END);
	later medaudit.visit_context := context;
BEGIN
	goes_on := goes_on AND stay;
	later.discharged_at := date_trunc('day', ends) + interval '1 day';
	RETURN QUERY
	SELECT h.rule_code, medaudit._shown_code(h.item_code), medaudit._shown_code(h.other_code), h.charged_at, h.line_id, h.quantity, h.amount,
		h.excess_quantity, h.excess_amount, h.excess_claimed, h.outcome, e.evidence, h.certainty
	FROM (
		SELECT t.* FROM medaudit._audit_charges_now(book, ARRAY[visit_id], ARRAY[context], departments, origin) AS t
		WHERE NOT goes_on OR coalesce(t.evidence ->> 'scope', '') <> 'bed_night'
		UNION ALL
		SELECT t.* FROM medaudit._audit_charges_now(CASE WHEN goes_on THEN book END, ARRAY[visit_id], ARRAY[later], departments, origin) AS t
		WHERE t.evidence ->> 'scope' = 'bed_night'
	) AS h
	CROSS JOIN LATERAL (SELECT CASE WHEN strpos(h.evidence::text, '\u001f') > 0
		THEN regexp_replace(h.evidence::text, '\\u001f[^"]*"', '"', 'g')::jsonb ELSE h.evidence END AS evidence) AS c
	-- the end that is only assumed is not told
	CROSS JOIN LATERAL (SELECT CASE WHEN goes_on AND c.evidence -> 'stay' IS NOT NULL THEN jsonb_set(c.evidence, '{stay,1}', 'null')
		ELSE c.evidence END AS evidence) AS e
	-- what asks for the dates of a stay does not ask a visit that is none
	WHERE h.outcome = 'excess' OR stay OR visit.admitted_at IS NULL OR NOT '["admitted_at", "discharged_at"]'::jsonb @> (h.evidence -> 'missing');
END
$$;

COMMENT ON FUNCTION _judge_now(record, text, timestamp, ledger, jsonb, text) IS
	'当前判定: what the enabled charge rules say of the book of one visit, whose stay, while it goes on, is taken to end then';

-- What is done, as of now; what is planned, as if all of it had been done, and what it adds
-- to the excess of a line that is done.  Where by the plan something done is in excess by
-- less than now (a later end allows more), what moves between the lines of that rule is
-- no addition.
CREATE OR REPLACE FUNCTION _judge_ahead(visit record, visit_id text, present timestamp, last_at timestamp, done ledger, planned ledger,
		departments jsonb, origin text) RETURNS TABLE (rule_code text, item_code text, other_code text, charged_at timestamp, line_id text,
		quantity numeric, amount numeric, excess_quantity numeric, excess_amount numeric, excess_claimed numeric, outcome text, evidence jsonb,
		certainty text, ahead bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 5
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF last_at IS NULL THEN
		RETURN QUERY SELECT n.*, false FROM medaudit._judge_now(visit, _judge_ahead.visit_id, present, done, departments, origin) AS n;
		RETURN;
	END IF;
	RETURN QUERY
	WITH now AS MATERIALIZED (
		SELECT j.*, row_number() OVER line AS nth, concat_ws(chr(31), j.rule_code, j.item_code, j.line_id, j.other_code, j.charged_at) AS place
		FROM medaudit._judge_now(visit, _judge_ahead.visit_id, present, done, departments, origin) AS j
		WINDOW line AS (PARTITION BY j.rule_code, j.item_code, j.line_id, j.other_code, j.charged_at ORDER BY j.quantity, j.amount, j.excess_amount)
	), later AS MATERIALIZED (
		SELECT j.*, row_number() OVER line AS nth, concat_ws(chr(31), j.rule_code, j.item_code, j.line_id, j.other_code, j.charged_at) AS place
		FROM medaudit._judge_now(visit, _judge_ahead.visit_id, last_at, planned, departments, origin) AS j
		WINDOW line AS (PARTITION BY j.rule_code, j.item_code, j.line_id, j.other_code, j.charged_at ORDER BY j.quantity, j.amount, j.excess_amount)
	)
	SELECT n.rule_code, n.item_code, n.other_code, n.charged_at, n.line_id, n.quantity, n.amount, n.excess_quantity, n.excess_amount,
		n.excess_claimed, n.outcome, n.evidence, n.certainty, false
	FROM now AS n
	UNION ALL
	SELECT l.rule_code, l.item_code, l.other_code, l.charged_at, l.line_id, l.quantity, l.amount, l.excess_quantity - coalesce(n.excess_quantity, 0),
		l.excess_amount - coalesce(n.excess_amount, 0), l.excess_claimed - coalesce(n.excess_claimed, 0), l.outcome, l.evidence, l.certainty, true
	FROM later AS l
	LEFT JOIN now AS n ON n.place = l.place AND n.nth = l.nth
	WHERE l.charged_at > present
		OR l.outcome = 'excess' AND l.excess_amount > coalesce(n.excess_amount, 0) AND coalesce(n.outcome, 'excess') = 'excess'
			AND NOT EXISTS (SELECT FROM now AS o LEFT JOIN later AS p ON p.place = o.place AND p.nth = o.nth
				WHERE o.rule_code = l.rule_code AND o.outcome = 'excess' AND o.excess_amount > coalesce(p.excess_amount, 0));
END
$$;

COMMENT ON FUNCTION _judge_ahead(record, text, timestamp, timestamp, ledger, ledger, jsonb, text) IS
	'预先判定: _judge_now() of what is done, and (ahead) of what is planned until last_at (NULL: nothing), with what this adds to lines that are done';

-- What of a row is still open: MISSING: the rest of the visit may bring it; UNTOLD: only a
-- diagnosis is lacking, and these are written last.
CREATE OR REPLACE FUNCTION _still_open(kind text, rule_code text, outcome text, evidence jsonb, unclear jsonb, item_code text, settled bool, OUT missing text, OUT untold bool)
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT ROW(CASE WHEN outcome = 'excess' AND EXISTS (
				SELECT FROM jsonb_to_recordset(unclear) AS u (item_code text, quantity numeric, amount numeric)
				WHERE u.item_code = _still_open.item_code AND u.quantity <= 0::numeric AND u.amount <= 0::numeric
					OR kind = 'prerequisite' AND evidence -> 'other_codes' ? u.item_code) THEN 'line_id'
			WHEN outcome = 'excess' AND kind = 'prerequisite' AND NOT settled THEN 'rest of the visit' END,
		outcome = 'excess' AND NOT settled AND (coalesce((evidence -> 'failed') ? 'diagnosis_codes' AND (evidence -> 'failed') - 'diagnosis_codes' = '{}', false)
			OR EXISTS (SELECT FROM medaudit.charge_rule AS c WHERE c.rule_code = _still_open.rule_code AND c.excluded_diagnosis_prefixes IS NOT NULL))));

COMMENT ON FUNCTION _still_open(text, text, text, jsonb, jsonb, text, bool) IS
	'尚不能判断: what is missing to judge a row in excess of a visit that goes on, or of which some lines are unclear (NULL: nothing), and whether a diagnosis that may still come could answer it';

CREATE OR REPLACE FUNCTION check_visit(visit_id text, as_of timestamp DEFAULT NULL) RETURNS TABLE (rule_code text, rule_name text, violation text,
		certainty text, scene text, scene_zh text, trig_scen text, outcome text, line_id text, item_code text, item_name text,
		charged_at timestamp, quantity numeric, amount numeric, excess_quantity numeric, excess_amount numeric, excess_claimed numeric,
		other_code text, article text, evidence jsonb, evidence_text text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	visit record;
	lines record;
	-- the warehouse has the local times of China
	present timestamp := coalesce(as_of, statement_timestamp() AT TIME ZONE 'Asia/Shanghai');
	number text := medaudit._read_text(check_visit.visit_id);
	origin text := medaudit._rules_origin();
	claims bool := medaudit._is_bound('charge', 'claimed');
	national jsonb;
	day date;
BEGIN
	IF check_visit.visit_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('visit_id must not be null');
	ELSIF NOT present BETWEEN '1900-01-01' AND '2199-12-31' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('as_of must be within the years 1900 to 2199');
	ELSIF to_regclass('medaudit_data.visit') IS NULL OR to_regclass('medaudit_data.charge') IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = medaudit._say('visit and charge must be bound'), HINT = medaudit._say('See medaudit.bind().');
	END IF;
	SELECT v.* INTO visit FROM medaudit._visit_now(number, present) AS v;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no visit "%s"'), medaudit.mask_numbers(check_visit.visit_id)),
			HINT = medaudit._say('Visits are those of medaudit_data.visit.');
	ELSIF visit.void THEN
		-- all of it was taken back
		RETURN;
	END IF;
	SELECT (medaudit._gather_lines(number, l.item_code, l.quantity, l.amount, l.charged_at, l.claimed, l.line_id, l.original_line_id, l.category,
				l.unit_price, l.bad, NULL, NULL) FILTER (WHERE NOT l.unclear AND (visit.settled OR (l.charged_at > present) IS NOT TRUE))).book AS done,
		(medaudit._gather_lines(number, l.item_code, l.quantity, l.amount, l.charged_at, l.claimed, l.line_id, l.original_line_id, l.category,
				l.unit_price, l.bad, NULL, NULL) FILTER (WHERE NOT l.unclear)).book AS planned,
		jsonb_object_agg(coalesce(l.line_id, ''), CASE WHEN l.line_id <> '' THEN l.department END)
			FILTER (WHERE l.department NOT IN ('', coalesce(btrim(visit.department), ''))) AS departments,
		coalesce(jsonb_object_agg(medaudit._shown_code(l.item_code), l.item_name ORDER BY l.item_name COLLATE "C" DESC)
			FILTER (WHERE l.item_code IS NOT NULL AND l.item_name IS NOT NULL), '{}') AS names,
		coalesce(jsonb_object_agg(medaudit._shown_code(l.item_code), true) FILTER (WHERE l.item_code IS NOT NULL), '{}') AS codes,
		max(l.charged_at) FILTER (WHERE NOT l.unclear AND NOT visit.settled AND l.charged_at > present
			AND num_nulls(l.item_code, l.quantity, l.amount) = 0) AS last_at,
		count(*) FILTER (WHERE num_nulls(l.item_code, l.quantity, l.amount, l.charged_at) > 0) AS incomplete,
		to_jsonb(array_remove(ARRAY[CASE WHEN bool_or(l.item_code IS NULL) THEN 'item_code' END, CASE WHEN bool_or(l.quantity IS NULL) THEN 'quantity' END,
			CASE WHEN bool_or(l.amount IS NULL) THEN 'amount' END, CASE WHEN bool_or(l.charged_at IS NULL) THEN 'charged_at' END], NULL)) AS lacking,
		coalesce(jsonb_agg(jsonb_build_object('line_id', l.line_id, 'item_code', medaudit._shown_code(l.item_code), 'charged_at', l.charged_at,
			'quantity', l.quantity, 'amount', l.amount) ORDER BY l.charged_at, l.line_id, l.quantity, l.amount) FILTER (WHERE l.unclear), '[]') AS unclear
	INTO lines
	FROM medaudit._lines_now(number, visit.facility_id) AS l;

	national := medaudit._national_codes_now(ARRAY(SELECT jsonb_object_keys(lines.codes)), visit.facility_id);
	day := CASE WHEN visit.settled THEN visit.judged_at ELSE present END;

	RETURN QUERY
	SELECT t.rule_code, t.rule_name, t.violation, t.certainty, s.scene, medaudit.label_zh(s.scene),
		CASE s.scene WHEN 'pre' THEN '1' WHEN 'mid' THEN '2' ELSE '3' END, t.outcome, t.line_id, t.item_code, lines.names ->> t.item_code,
		t.charged_at, t.quantity, t.amount, t.excess_quantity, t.excess_amount, t.excess_claimed, t.other_code, t.article, t.evidence, t.evidence_text
	FROM (
		SELECT r.rule_code, r.name_zh AS rule_name, r.violation, h.ahead,
			CASE WHEN o.missing IS NULL THEN CASE WHEN o.untold AND h.certainty = 'violation' THEN 'suspicion' ELSE h.certainty END END AS certainty,
			CASE WHEN o.missing IS NOT NULL THEN 'insufficient' ELSE coalesce(btrim(x.suffix), h.outcome) END AS outcome,
			h.line_id, h.item_code, h.charged_at, h.quantity, h.amount, CASE WHEN o.missing IS NULL THEN h.excess_quantity END AS excess_quantity,
			CASE WHEN o.missing IS NULL THEN h.excess_amount END AS excess_amount, CASE WHEN o.missing IS NULL THEN h.excess_claimed END AS excess_claimed,
			h.other_code, medaudit.finding_article(r.kind, r.article, day) AS article, e.evidence,
			medaudit._hint_zh(r.kind, r.name_zh, e.evidence, h.line_id, h.item_code, h.charged_at, h.quantity, h.amount, h.excess_quantity, h.excess_amount,
				lines.names) AS evidence_text
		FROM (
			SELECT j.*, sum(j.excess_amount) OVER (PARTITION BY j.rule_code) AS visit_excess
			FROM medaudit._judge_ahead(visit, number, present, lines.last_at, lines.done, lines.planned, jsonb_build_object(number, lines.departments),
				origin) AS j
		) AS h
		JOIN medaudit.rule AS r ON r.rule_code = h.rule_code
		CROSS JOIN LATERAL medaudit._still_open(r.kind, r.rule_code, h.outcome, h.evidence, lines.unclear, h.item_code, visit.settled) AS o
		LEFT JOIN LATERAL medaudit._set_aside(h.rule_code, visit.facility_id, visit.person_id, ARRAY[h.item_code, national ->> h.item_code], day, number, h.line_id,
			h.excess_amount, h.visit_excess) AS x ON h.outcome = 'excess' AND o.missing IS NULL
		CROSS JOIN LATERAL (SELECT CASE WHEN o.missing IS NOT NULL THEN jsonb_build_object('missing', jsonb_build_array(o.missing))
			ELSE h.evidence || coalesce(x.fact, '{}') || CASE WHEN o.untold
				THEN jsonb_build_object('doubt', coalesce(h.evidence -> 'doubt', '[]') || '["open_visit"]'::jsonb) ELSE '{}' END END AS evidence) AS e
		WHERE r.kind <> 'not_payable' OR claims
		UNION ALL
		SELECT NULL, NULL, NULL, false, NULL, 'insufficient', u.line_id, u.item_code, u.charged_at,
			u.quantity, u.amount, NULL, NULL, NULL, NULL, NULL, '{"missing": ["line_id"]}',
			medaudit._hint_zh(NULL, '同一流水号有多条不同明细', '{"missing": ["line_id"]}', u.line_id, u.item_code, u.charged_at, u.quantity, u.amount, NULL, NULL, lines.names)
		FROM jsonb_to_recordset(lines.unclear) AS u (line_id text, item_code text, charged_at timestamp, quantity numeric, amount numeric)
		UNION ALL
		SELECT NULL, NULL, NULL, false, NULL, 'insufficient', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
			jsonb_build_object('missing', lines.lacking, 'lines', lines.incomplete),
			concat(lines.incomplete, '条明细缺少', medaudit.missing_zh(medaudit.evidence_names(jsonb_build_object('missing', lines.lacking), 'missing')), '，无法判断。')
		WHERE lines.incomplete > 0
	) AS t
	CROSS JOIN LATERAL (SELECT CASE WHEN visit.settled THEN 'post' WHEN t.ahead OR coalesce(t.charged_at, visit.admitted_at) > present THEN 'pre'
		ELSE 'mid' END AS scene) AS s
	ORDER BY array_position('{excess,exempt,self_reported,insufficient}', t.outcome), array_position('{violation,suspicion,notice}', t.certainty),
		t.excess_amount DESC NULLS LAST, t.rule_code, t.charged_at, t.line_id;
END
$$;

COMMENT ON FUNCTION check_visit(text, timestamp) IS
	'就诊事前事中检查: what the enabled charge rules say of one visit as it is now (as_of; NULL: the time in China), of the lines in excess and of those that cannot be judged: scene pre (planned for later), mid (not settled) or post, a sentence, and the evidence. A stay that goes on is taken to end now; other visits of the person are not read. An unknown visit or infinite as_of is 22023, NULL 22004, without visit and charge bound 55000';
