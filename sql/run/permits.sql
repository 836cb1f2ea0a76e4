-- What somebody must be permitted: to be paid for a special disease as an outpatient, by
-- a certificate (门诊慢特病备案), and to charge an item, by the list of the facility.
--
-- Certificates are looked up for the judged visits of the types in question.  Lists are
-- compared with the codes that each facility charged, of which its books give each one
-- once: lines are opened only in books of facilities that charged something which their
-- list does not have for all days, and whose books have such a code.
--
-- A facility without any list has sent none: that is told, and nothing is said of it.
-- Lists may be of services alone, or of drugs: an item is compared with those of its
-- class, and where the list has none of these, that is told likewise.  Where no
-- certificate of anybody holds in a month, these have not been sent either.
--
-- Cost: a hash of the certificates, one of the lists, and a pass over the books that
-- reads their codes; where lists name days up to which they hold, the lines of the items
-- concerned.

CREATE OR REPLACE FUNCTION _run_types_of(prefixes text[]) RETURNS text[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT ARRAY(SELECT t.visit_type FROM medaudit._run_judged_types() AS t (visit_type)
		WHERE EXISTS (SELECT FROM unnest(prefixes) AS p (code) WHERE medaudit.code_fold(p.code) <> '' AND starts_with(medaudit.code_fold(t.visit_type), medaudit.code_fold(p.code))))
$$;

COMMENT ON FUNCTION _run_types_of(text[]) IS
	'就诊类型: the types of judged visits that begin as one of these. Only within an audit run';

-- Months in which no certificate of anybody holds say that certificates were not sent.
-- Months of the calendar, for it must not matter how the time of a run is cut.
CREATE OR REPLACE FUNCTION _run_uncertified_months(visit_types text[]) RETURNS TABLE (month date, visits bigint)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 12
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_through('certificate');
	RETURN QUERY
	WITH months AS MATERIALIZED (
		SELECT date_trunc('month', v.admitted_at)::date AS month, count(*) AS visits
		FROM medaudit_work.visit AS v
		WHERE v.judged AND v.admitted_at IS NOT NULL AND v.facility_id IS NOT NULL AND v.people_id IS NOT NULL
			AND v.visit_type = ANY (visit_types)
		GROUP BY 1
	)
	-- months are few, and nearly all have one among the first certificates
	SELECT m.month, m.visits FROM months AS m
	WHERE NOT EXISTS (SELECT FROM pg_temp.medaudit_read_certificate() AS c
		WHERE c.person_id IS NOT NULL AND isempty(c.valid) IS NOT TRUE
			AND coalesce(c.valid && daterange(m.month, (m.month + interval '1 month')::date), true) OFFSET 0);
END
$$;

COMMENT ON FUNCTION _run_uncertified_months(text[]) IS
	'无备案月份: months of judged visits of these types in which no certificate of anybody holds, and how many visits. Only within an audit run';

-- The time of a visit that a certificate must cover is its first day; GRACE_DAYS before
-- a certificate begins, for papers may come after a rescue, and after it ends, for they
-- may be renewed late.
CREATE OR REPLACE FUNCTION _ask_no_certificate(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	grace_days int := parameters ->> 'grace_days';
	visit_types text[] := medaudit._run_types_of(medaudit._parameter_list(parameters, 'visit_types'));
BEGIN
	CALL medaudit._run_read_through('certificate');
	RETURN QUERY
	WITH unsent AS MATERIALIZED (
		SELECT u.month FROM medaudit._run_uncertified_months(visit_types) AS u
	), visit AS MATERIALIZED (
		SELECT v.visit_id, v.people_id, v.person_id, v.facility_id, v.physician_id, v.admitted_at, v.visit_type, v.record_no, v.stay, v.total_amount
		FROM medaudit_work.visit AS v
		WHERE v.judged AND v.admitted_at IS NOT NULL AND v.facility_id IS NOT NULL AND v.people_id IS NOT NULL
			AND v.visit_type = ANY (visit_types)
			AND date_trunc('month', v.admitted_at)::date NOT IN (SELECT u.month FROM unsent AS u)
	), certificate AS MATERIALIZED (
		-- whose each is first: of all certificates and all these visits there are too many pairs
		SELECT DISTINCT k.people_id, k.disease_code, k.valid
		FROM (
			SELECT coalesce(p.people_id, c.person_id) AS people_id, c.disease_code, c.valid
			FROM pg_temp.medaudit_read_certificate() AS c
			LEFT JOIN (SELECT DISTINCT i.person_id, i.people_id FROM medaudit_work.person AS i WHERE i.people_id <> i.person_id) AS p ON p.person_id = c.person_id
			WHERE isempty(c.valid) IS NOT TRUE OFFSET 0
		) AS k
		WHERE k.people_id IN (SELECT v.people_id FROM visit AS v)
	), compared AS (
		SELECT v.visit_id, count(*) AS certificates, max(upper(k.valid) - 1) FILTER (WHERE upper(k.valid) <= v.admitted_at::date) AS ended_on,
			min(lower(k.valid)) FILTER (WHERE lower(k.valid) > v.admitted_at::date) AS begins_on,
			-- without a first or last day it holds from or for ever; one that cannot be read accuses nobody
			bool_or(coalesce(lower(k.valid) <= v.admitted_at::date + grace_days, true) AND coalesce(upper(k.valid) > v.admitted_at::date - grace_days, true)) AS holds
		FROM visit AS v
		JOIN certificate AS k ON k.people_id = v.people_id
		GROUP BY v.visit_id
	)
	SELECT (medaudit.run_group(
		key => v.visit_id,
		person_id => v.person_id,
		visit_id => v.visit_id,
		facility_id => v.facility_id,
		physician_id => v.physician_id,
		visit_ids => ARRAY[v.visit_id],
		involved_amount => v.total_amount,
		-- of somebody of whom none was ever sent, it may have been filed elsewhere
		certainty => CASE WHEN c.certificates IS NULL THEN 'notice' END,
		evidence => jsonb_strip_nulls(jsonb_build_object('limit', grace_days, 'unit', 'day', 'visit_type', v.visit_type,
			'visit', medaudit.visit_zh(v.record_no, v.visit_id, v.stay), 'visited_on', v.admitted_at::date, 'amount', v.total_amount,
			'certificates', coalesce(c.certificates, 0), 'ended_on', c.ended_on, 'begins_on', c.begins_on,
			'formula', CASE WHEN c.certificates IS NULL THEN 'no certificate of this person'
				ELSE concat_ws('; ', 'last before: ended ' || c.ended_on || format(', %s days > %s', v.admitted_at::date - c.ended_on, grace_days),
					'next: begins ' || c.begins_on || format(', %s days > %s', c.begins_on - v.admitted_at::date, grace_days)) END)))).*
	FROM visit AS v
	LEFT JOIN compared AS c ON c.visit_id = v.visit_id
	WHERE c.holds IS NOT TRUE;
END
$$;

COMMENT ON FUNCTION _ask_no_certificate(bigint, text, jsonb) IS
	'无慢特病备案: judged visits of visit_types on whose first day, and grace_days around it, no certificate of the person holds; a notice of a person without any certificate; not in months in which nobody has one';

-- What facilities may charge.  Days that cannot be read accuse nobody: they are all days.
CREATE OR REPLACE PROCEDURE _run_read_listed()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('listed') THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_through('facility_item');
	INSERT INTO medaudit_work.listed
	SELECT DISTINCT f.facility_id, f.item_code, f.valid
	FROM pg_temp.medaudit_read_facility_item() AS f
	WHERE f.facility_id IS NOT NULL AND f.item_code IS NOT NULL;
	PERFORM medaudit._analyze('listed');
END
$$;

COMMENT ON PROCEDURE _run_read_listed() IS
	'读取机构开展项目: what facilities may charge, once in a run, into a working table';

-- Services, drugs and materials: by the shape of a national code, else by the class that
-- the catalogue gives; '' where neither tells.
CREATE OR REPLACE FUNCTION _permit_class(codes text[], class text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce((SELECT CASE WHEN starts_with(k.kind, 'drug') THEN 'drug' ELSE k.kind END
			FROM (SELECT medaudit.code_kind(c.code) AS kind FROM unnest(codes) AS c (code)) AS k
			WHERE k.kind IN ('service', 'material', 'drug_western', 'drug_patent', 'drug_herbal') ORDER BY 1 LIMIT 1),
		(SELECT CASE WHEN t.class IN ('drug', 'material') THEN t.class WHEN t.class <> 'other' THEN 'service' END
			FROM (SELECT medaudit.class_of_charge(_permit_class.class) AS class) AS t), '')
$$;

COMMENT ON FUNCTION _permit_class(text[], text) IS
	'目录类别: service, drug or material, by the codes of an item or its class in the catalogue; empty where these do not tell';

CREATE OR REPLACE FUNCTION _permit_item_classes() RETURNS TABLE (item_code text, class text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._is_bound('item', 'class') THEN
		RETURN QUERY EXECUTE format('SELECT c.item_code, min(c.class COLLATE "C") FROM (SELECT %s FROM medaudit_data.item AS c) AS c WHERE c.item_code IS NOT NULL AND c.class IS NOT NULL GROUP BY c.item_code',
			medaudit._bound_list('item', '{item_code,class}'));
	END IF;
END
$$;

COMMENT ON FUNCTION _permit_item_classes() IS
	'目录类别: classes of the bound catalogue by item code; no rows where it has none';

-- An item is listed under its own code or the national one.  One that is listed on all
-- days that a line of the run can have needs no look at its lines.
CREATE OR REPLACE PROCEDURE _run_read_unlisted()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date := (SELECT coalesce(h.lines_from, '-infinity') FROM medaudit_work.horizon AS h);
BEGIN
	IF medaudit._run_made('unlisted') THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('unlisted');
	INSERT INTO medaudit_work.unlisted
	WITH alias AS MATERIALIZED (
		SELECT a.item_code, array_agg(DISTINCT medaudit.code_fold(a.national_code)) AS codes FROM medaudit._item_aliases() AS a GROUP BY a.item_code
	), charged AS MATERIALIZED (
		SELECT g.facility_id, unnest(medaudit._charged_codes(g.book)) AS item_code
		FROM medaudit_work.gathered AS g
		WHERE g.judged AND g.facility_id IN (SELECT l.facility_id FROM medaudit_work.listed AS l)
		GROUP BY g.facility_id
	), item AS MATERIALIZED (
		SELECT i.item_code, i.class FROM medaudit._permit_item_classes() AS i
	), named AS MATERIALIZED (
		SELECT c.facility_id, c.item_code, medaudit.code_fold(medaudit._shown_code(c.item_code)) || coalesce(a.codes, '{}') AS codes
		FROM charged AS c LEFT JOIN alias AS a ON a.item_code = c.item_code
	), known AS MATERIALIZED (
		SELECT n.item_code, n.codes, medaudit._permit_class(n.codes, i.class) AS class
		FROM (SELECT DISTINCT d.item_code, d.codes FROM named AS d) AS n
		LEFT JOIN item AS i ON i.item_code = n.codes[1]
	), listed_class AS MATERIALIZED (
		SELECT DISTINCT l.facility_id, c.class
		FROM (
			SELECT d.item_code, medaudit._permit_class(d.item_code || coalesce(a.codes, '{}'), i.class) AS class
			FROM (SELECT DISTINCT l.item_code FROM medaudit_work.listed AS l) AS d
			LEFT JOIN (
				SELECT medaudit.code_fold(medaudit._shown_code(s.item_code)) AS item_code, array_agg(DISTINCT k.code) AS codes
				FROM alias AS s CROSS JOIN LATERAL unnest(s.codes) AS k (code) GROUP BY 1
			) AS a ON a.item_code = d.item_code
			LEFT JOIN item AS i ON i.item_code = d.item_code
		) AS c
		JOIN medaudit_work.listed AS l ON l.item_code = c.item_code
	), always AS MATERIALIZED (
		SELECT n.facility_id, n.item_code
		FROM named AS n
		CROSS JOIN LATERAL unnest(n.codes) AS k (code)
		JOIN medaudit_work.listed AS l ON l.item_code = k.code AND l.facility_id = n.facility_id
		WHERE coalesce(l.valid @> daterange(first_day, 'infinity'), true)
	)
	SELECT n.facility_id, n.item_code, n.codes,
		EXISTS (SELECT FROM known AS k JOIN listed_class AS c ON c.class = k.class WHERE k.item_code = n.item_code AND c.facility_id = n.facility_id)
	FROM named AS n
	WHERE NOT EXISTS (SELECT FROM always AS a WHERE a.facility_id = n.facility_id AND a.item_code = n.item_code);
END
$$;

COMMENT ON PROCEDURE _run_read_unlisted() IS
	'待核项目: items that facilities with a list charged in judged visits and that it does not have for all days, and whether it has items of their class, once in a run, into a working table';

-- A rulebook of these codes says which books claim one of them.
CREATE OR REPLACE PROCEDURE _run_read_unlisted_lines()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	rules medaudit.rulebook := (SELECT jsonb_agg(jsonb_build_object('rule_code', 'unlisted', 'kind', 'not_payable', 'item_code', u.item_code))::medaudit.rulebook
		FROM (SELECT DISTINCT i.item_code FROM medaudit_work.unlisted AS i WHERE i.judged) AS u);
BEGIN
	PERFORM medaudit._empty('unlisted_line');
	INSERT INTO medaudit_work.unlisted_line
	SELECT g.visit_id, l.line_id, l.item_code, l.charged_at, l.quantity, l.amount, l.claimed
	FROM medaudit_work.gathered AS g
	CROSS JOIN LATERAL medaudit.lines(g.book) AS l
	JOIN medaudit_work.unlisted AS u ON u.facility_id = g.facility_id AND u.item_code = l.item_code AND u.judged
	WHERE g.judged AND medaudit.excess_amount(g.book, NULL::medaudit.visit_context, rules) > 0 AND l.status IN ('kept', 'reduced') AND l.claimed > 0
		AND NOT EXISTS (SELECT FROM unnest(u.codes) AS k (code)
			JOIN medaudit_work.listed AS i ON i.item_code = k.code AND i.facility_id = u.facility_id
			WHERE coalesce(i.valid @> l.charged_at::date, true));
END
$$;

COMMENT ON PROCEDURE _run_read_unlisted_lines() IS
	'未开展项目明细: the lines of judged visits with a code of medaudit_work.unlisted that were claimed on a date on which the list does not have it, into a working table';

-- Once in a run: the charge rules ask for their names, too.
CREATE OR REPLACE PROCEDURE _run_meet_unlisted(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._run_made('unlisted_line') THEN
		CALL medaudit._run_read_listed();
		CALL medaudit._run_read_unlisted();
		IF EXISTS (SELECT FROM medaudit_work.unlisted AS u WHERE u.judged) THEN
			CALL medaudit._run_read_unlisted_lines();
		END IF;
	END IF;
	INSERT INTO medaudit_work.met (visit_id, line_id, later) SELECT DISTINCT l.visit_id, l.line_id, true FROM medaudit_work.unlisted_line AS l;
END
$$;

COMMENT ON PROCEDURE _run_meet_unlisted(bigint) IS
	'涉及未开展项目: adds the lines of items that no list has, which are told once in a run, to met';

CREATE OR REPLACE FUNCTION _ask_unlisted_item(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('met');
	CALL medaudit._run_meet_unlisted(run_no);
	IF NOT EXISTS (SELECT FROM medaudit_work.unlisted_line) THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.group_line (key, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity, amount, facility_id,
		person_id, evidence, evidence_text)
	SELECT l.visit_id, row_number() OVER (PARTITION BY l.visit_id ORDER BY l.charged_at, l.item_code COLLATE "C", l.line_id COLLATE "C"),
		l.visit_id, l.line_id, medaudit._shown_code(l.item_code), d.item_name, l.charged_at, l.quantity, l.amount, v.facility_id, v.person_id,
		jsonb_build_object('claimed', l.claimed),
		concat(medaudit.time_zh(l.charged_at), '，', medaudit.item_zh(d.item_name, medaudit._shown_code(l.item_code)), '，金额', medaudit.money_zh(l.amount),
			'，符合范围', medaudit.money_zh(l.claimed), '，当日不在该机构的开展项目目录内。')
	FROM medaudit_work.unlisted_line AS l
	JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
	LEFT JOIN medaudit._run_line_names() AS d ON d.visit_id = l.visit_id AND d.item_code = medaudit._shown_code(l.item_code)
		AND d.line_id IS NOT DISTINCT FROM l.line_id;
	RETURN QUERY
	SELECT (medaudit.run_group(
		key => g.visit_id,
		person_id => v.person_id,
		visit_id => g.visit_id,
		facility_id => v.facility_id,
		physician_id => v.physician_id,
		visit_ids => ARRAY[g.visit_id],
		involved_amount => g.claimed,
		evidence => jsonb_strip_nulls(jsonb_build_object('visit', medaudit.visit_zh(v.record_no, v.visit_id, v.stay), 'lines', g.lines,
			'items', to_jsonb(g.items), 'claimed', g.claimed, 'window', ARRAY[g.first_on, g.last_on],
			'formula', format('%s lines of items that facility_item does not have on their date', g.lines))))).*
	FROM (
		SELECT l.visit_id, count(*) AS lines, array_agg(DISTINCT coalesce(l.item_name, l.item_code)) AS items,
			sum((l.evidence ->> 'claimed')::numeric) AS claimed, min(l.charged_at)::date AS first_on, max(l.charged_at)::date AS last_on
		FROM medaudit_work.group_line AS l GROUP BY l.visit_id
	) AS g
	JOIN medaudit_work.visit AS v ON v.visit_id = g.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_unlisted_item(bigint, text, jsonb) IS
	'开展未备案项目: a group per visit with lines claimed from the fund whose item the list of the facility does not have on their date';

-- What was not judged for want of a date, or of a list.
CREATE OR REPLACE PROCEDURE _run_quality_permits(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	types text[] := medaudit._run_types_of(ARRAY(SELECT DISTINCT t.code FROM medaudit._rules_of_run(run_no) AS r
		CROSS JOIN LATERAL unnest(medaudit._parameter_list(medaudit._rule_parameters(r.rule_code), 'visit_types')) AS t (code)
		WHERE r.kind = 'no_certificate' AND r.missing IS NULL));
	no_date bigint := (SELECT count(*) FROM medaudit_work.visit AS v
		WHERE v.judged AND (v.admitted_at IS NULL OR v.facility_id IS NULL OR v.people_id IS NULL)
			AND v.visit_type = ANY (types));
	no_certificates bigint;
	told record;
BEGIN
	CALL medaudit._run_note(run_no, 'visit', 'a visit for a special disease without person, facility or date: not compared with certificates',
		'慢特病就诊缺少人员、机构或日期，未与备案核对', no_date);
	IF types <> '{}' THEN
		SELECT sum(u.visits) INTO no_certificates FROM medaudit._run_uncertified_months(types) AS u;
		CALL medaudit._run_note(run_no, 'certificate', 'a visit for a special disease in a month in which no certificate of anybody holds: not judged',
			'就诊当月没有任何人的有效备案，慢特病就诊未作判断', no_certificates);
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r WHERE r.kind = 'unlisted_item' AND r.missing IS NULL) THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_listed();
	FOR told IN
		SELECT g.facility_id, min(f.name) AS name, count(*) AS visits
		FROM medaudit_work.gathered AS g
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = g.facility_id
		WHERE g.judged AND g.facility_id IS NOT NULL AND g.facility_id NOT IN (SELECT l.facility_id FROM medaudit_work.listed AS l)
		GROUP BY g.facility_id
	LOOP
		CALL medaudit._run_note(run_no, 'facility_item', 'a facility without any list of items: its visits were not judged',
			'机构没有开展项目目录，其就诊未作判断', told.visits, told.facility_id, told.name);
	END LOOP;
	CALL medaudit._run_read_unlisted();
	FOR told IN
		SELECT u.facility_id, min(f.name) AS name, count(DISTINCT u.item_code) AS items
		FROM medaudit_work.unlisted AS u
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = u.facility_id
		WHERE NOT u.judged
		GROUP BY u.facility_id
	LOOP
		CALL medaudit._run_note(run_no, 'facility_item', 'an item that was charged, of a class (services, drugs, materials) of which the list of the facility has none: not judged',
			'收费项目所属类别（服务项目、药品、耗材）在机构目录中没有任何项目，未作判断', told.items, told.facility_id, told.name);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _run_quality_permits(bigint) IS
	'备案数据质量: counts judged visits that could not be compared with certificates, and by facility those of which no list of items is known, where a run asks';
