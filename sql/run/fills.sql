-- From charges to fills: which charges are dispensed drugs, and for how many days
-- each lasts.  Read from the bound relations; a run asks the same function.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON supply_limit
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();
CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON prescription_cap
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();
CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON usual_dose
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- Rounded before it goes up: three times a week is 3/7 a day, and that times 7 is
-- not more than 3.
CREATE OR REPLACE FUNCTION packs_for(days numeric, units_per_day numeric, pack_units numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 2
	RETURN CASE
		WHEN pack_units > 0 AND pack_units < 'Infinity'
			AND units_per_day > 0 AND units_per_day < 'Infinity'
			AND days >= 0 AND days < 'Infinity'
		THEN ceil(round(days * units_per_day / pack_units, 6))
	END;

COMMENT ON FUNCTION packs_for(numeric, numeric, numeric) IS
	'所需包装数: the smallest whole number of packs of pack_units units that lasts for so many days at units_per_day units a day; NULL when an argument is NULL or not finite, when pack or units are not positive, and for days below 0';

-- The row that says most of the case, yours before a shipped one that says as much.
CREATE OR REPLACE FUNCTION _supply_limit(visit_type text, drug_code text, diagnosis_codes text[], take_home bool) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT l.max_days FROM supply_limit AS l
		WHERE (coalesce(l.visit_type, '') = '' OR starts_with(code_fold(_supply_limit.visit_type), code_fold(l.visit_type)))
			AND (coalesce(l.drug_class, '') = '' OR starts_with(code_fold(drug_code), code_fold(l.drug_class)))
			AND (coalesce(l.diagnosis_prefix, '') = '' OR EXISTS (SELECT FROM unnest(diagnosis_codes) AS d (code)
				WHERE starts_with(_diagnosis_fold(d.code), _diagnosis_fold(l.diagnosis_prefix))))
			AND (l.take_home IS NULL OR l.take_home = coalesce(_supply_limit.take_home, false))
		ORDER BY length(coalesce(l.visit_type, '')) DESC, length(coalesce(l.drug_class, '')) DESC,
			length(coalesce(l.diagnosis_prefix, '')) DESC, l.take_home IS NULL, l.shipped, l.max_days DESC LIMIT 1);

COMMENT ON FUNCTION _supply_limit(text, text, text[], bool) IS
	'处方限量天数: most days of supply that supply_limit allows of a drug in a visit of that type with these diagnoses; NULL: no row holds';

-- Pieces of herbs are weighed for one decoction, and say nothing of days.
CREATE OR REPLACE FUNCTION _is_herbal(item_class text, category text, code text) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(code_kind(code_fold(code)) = 'drug_herbal', false)
		OR coalesce(code_fold(category) ~ '^10|饮片|草药', false)
		OR coalesce(code_fold(item_class) ~ '^(10$|102)|饮片|草药', false);

COMMENT ON FUNCTION _is_herbal(text, text, text) IS
	'是否中药饮片: by the national code (T), the category of the charge (med_chrgitm_type 10) or the class of the item (list_type 102), or their names; never NULL';

-- What the bound catalogue says of the items of everybody and of each hospital: what
-- several rows say differently is not known.
CREATE OR REPLACE FUNCTION _fill_items() RETURNS TABLE (item_code text, facility_id text, national_code text, class text, pack_units numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('medaudit_data.item') IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit.check_bound('item');
	RETURN QUERY EXECUTE format($sql$
		SELECT i.item_code, i.facility_id, CASE WHEN min(i.national_code) = max(i.national_code) THEN min(i.national_code) END,
			CASE WHEN min(i.class) = max(i.class) THEN min(i.class) END,
			CASE WHEN min(i.pack_units) = max(i.pack_units) THEN min(i.pack_units) END
		FROM (SELECT %s FROM medaudit_data.item AS c) AS i
		WHERE i.item_code IS NOT NULL GROUP BY i.item_code, i.facility_id$sql$,
		(SELECT string_agg(CASE WHEN n.column_name IN ('facility_id', 'national_code') THEN format('nullif(medaudit.code_fold(%s), '''') AS %I', n.expression, n.column_name)
				ELSE format('%s AS %I', n.expression, n.column_name) END, ', ')
			FROM medaudit._run_columns('item') AS n WHERE n.column_name IN ('item_code', 'facility_id', 'national_code', 'class', 'pack_units')));
END
$$;

COMMENT ON FUNCTION _fill_items() IS
	'药品目录: national code, class and pack of each item of the bound catalogue, of everybody (facility_id NULL) and of hospitals; NULL where several rows differ; no rows where item is not bound';

-- No supply lasts for so long: what says so was read wrongly.  Not STRICT, so that it
-- is inlined.
CREATE OR REPLACE FUNCTION _known_days(days numeric) RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN abs(days) <= 3660::numeric THEN days END;

COMMENT ON FUNCTION _known_days(numeric) IS
	'有效天数: days of supply, NULL where there would be more than 3660 of them, or for NULL';

-- Lines as they were charged, what text says of how they are taken, and by what the
-- catalogue knows the drug.  A line that was delivered twice counts once; different
-- charges of one number are nobody's.  What several lines share is worked out once.
-- Of visits that a run has read (READ) it has gathered the lines, too, and knows of which
-- no number came twice: of those, what the catalogue calls no drug is left out at once.
CREATE OR REPLACE FUNCTION _fill_rows(from_date date, to_date date, persons text[] DEFAULT NULL, read bool DEFAULT false, among regclass DEFAULT NULL, only_drugs bool DEFAULT true) RETURNS TABLE (person_id text, visit_id text,
	line_id text, original_line_id text, facility_id text, physician_id text, department text, visit_type text, stay bool, item_code text,
	item_name text, drug_code text, own bool, dispensed_at timestamp, quantity numeric, amount numeric, claimed numeric, take_home bool,
	prescription_id text, pack numeric, units_per_day numeric, days_supply numeric, basis text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	-- how many visits there are, and how many lines share a text, the planner cannot know
	SET enable_nestloop = off
	SET jit = off
	SET enable_mergejoin = off
AS $$
DECLARE
	source text := CASE WHEN read THEN 'medaudit._run_standing_visits()' ELSE '(SELECT s.*, false AS once FROM medaudit._standing_visits($3, $6) AS s)' END;
	gathered_from date;
	visits text[];
BEGIN
	-- only who makes a run may look at what it has read
	IF read THEN
		SELECT coalesce(h.lines_from, '-infinity') INTO gathered_from FROM medaudit_work.horizon AS h;
	END IF;
	-- the lines of few visits are found by them, where an index does that
	IF cardinality(persons) <= 2000 THEN
		EXECUTE format('SELECT array_agg(v.visit_id) FROM %s AS v HAVING count(*) <= 20000', source)
		INTO visits USING from_date, to_date, persons, visits, only_drugs, among;
	END IF;
	RETURN QUERY EXECUTE format($sql$
		WITH visit AS MATERIALIZED (
			SELECT v.* FROM %4$s AS v WHERE v.person_id IS NOT NULL
		), item AS MATERIALIZED (
			SELECT i.* FROM medaudit._fill_items() AS i
		), no_drug AS MATERIALIZED (
			-- whatever is said of it besides
			SELECT i.item_code
			FROM item AS i
			LEFT JOIN (SELECT c.class, medaudit.class_of_charge(c.class) <> 'drug' OR medaudit._is_herbal(c.class, NULL, NULL) AS other
				FROM (SELECT DISTINCT n.class FROM item AS n) AS c) AS k ON k.class = i.class
			WHERE $5 GROUP BY i.item_code HAVING bool_and(coalesce(k.other, false)) AND bool_or(i.facility_id IS NULL)
		), line AS MATERIALIZED (
			-- few visits are expected, and hashed: lines are many, and are neither sorted nor
			-- hashed; most are of other visits, and nothing else is asked of them
			SELECT l.* FROM (
				SELECT c.*, v.person_id AS of_person, v.facility_id AS of_facility, v.physician_id AS of_physician, v.department AS of_department,
					v.visit_type AS of_type, v.stay AS of_stay, v.once AND c.charged_at >= $7 AS of_once
				FROM (SELECT %1$s FROM medaudit_data.charge AS c WHERE %2$s) AS c
				JOIN visit AS v ON v.visit_id = c.visit_id
				WHERE (NOT v.stay OR c.take_home)%3$s
					AND (NOT v.once OR c.charged_at < $7 OR c.item_code NOT IN (SELECT n.item_code FROM no_drug AS n))
				OFFSET 0
			) AS l
			WHERE l.charged_at >= $1 AND l.charged_at < $2 AND l.item_code IS NOT NULL AND l.quantity IS NOT NULL
		), twice AS MATERIALIZED (
			SELECT l.visit_id, l.line_id FROM line AS l
			WHERE l.line_id IS NOT NULL AND l.visit_id IN (SELECT i.visit_id FROM line AS i WHERE NOT i.of_once)
			GROUP BY l.visit_id, l.line_id HAVING count(*) > 1
		), kind AS MATERIALIZED (
			-- what lines say in the same words is made out once, and joined once: joined by
			-- few words alone it would be the lines that are hashed, and a hash that few
			-- words fill is all in memory
			SELECT DISTINCT l.item_code, coalesce(l.of_facility, '') AS facility_id, coalesce(l.category, '') AS category,
				CASE WHEN $5 THEN coalesce(l.spec, '') ELSE '' END AS spec, CASE WHEN $5 THEN coalesce(l.dose, '') ELSE '' END AS dose,
				CASE WHEN $5 THEN coalesce(l.frequency, '') ELSE '' END AS frequency
			FROM line AS l
		), coded AS MATERIALIZED (
			SELECT d.item_code, d.facility_id, d.category, nullif(d.category, '') AS said,
				coalesce(o.national_code, e.national_code, d.item_code) AS drug_code, o.item_code IS NOT NULL AND o.national_code IS NULL AS own,
				coalesce(o.class, e.class) AS class, coalesce(o.pack_units, e.pack_units) AS pack
			FROM (SELECT DISTINCT k.item_code, k.facility_id, k.category FROM kind AS k) AS d
			LEFT JOIN item AS o ON o.item_code = d.item_code AND o.facility_id = medaudit.code_fold(nullif(d.facility_id, ''))
			LEFT JOIN item AS e ON e.item_code = d.item_code AND e.facility_id IS NULL
		), told AS MATERIALIZED (
			SELECT coalesce(t.class, '') AS class, coalesce(t.said, '') AS category, t.drug_code,
				(SELECT u.units_per_day FROM medaudit.usual_dose AS u
					WHERE starts_with(t.drug_code, medaudit.code_fold(u.drug_code)) ORDER BY length(u.drug_code) DESC, u.shipped LIMIT 1) AS usual
			FROM (SELECT DISTINCT c.class, c.said, c.drug_code FROM coded AS c OFFSET 0) AS t
			WHERE NOT $5 OR medaudit.class_of_charge(t.class, t.said, t.drug_code) = 'drug'
				AND NOT medaudit._is_herbal(t.class, t.said, t.drug_code)
		), drug AS MATERIALIZED (
			SELECT DISTINCT c.item_code, c.facility_id, c.category, c.drug_code, c.own, c.pack, t.usual
			FROM coded AS c
			JOIN told AS t ON t.drug_code = c.drug_code AND t.class = coalesce(c.class, '') AND t.category = c.category
		), words AS MATERIALIZED (
			SELECT w.spec, w.dose, w.frequency, medaudit.pack_units(nullif(w.spec, '')) AS pack,
				medaudit.dose_amount(nullif(w.dose, ''), nullif(w.spec, '')) AS amount, medaudit.times_per_day(nullif(w.frequency, '')) AS times
			FROM (SELECT DISTINCT k.spec, k.dose, k.frequency FROM kind AS k) AS w
			WHERE $5
		), drug_kind AS MATERIALIZED (
			SELECT k.*, d.drug_code, d.own, d.usual, coalesce(w.pack, d.pack) AS pack, w.amount AS dose_amount, w.times
			FROM kind AS k
			JOIN drug AS d ON d.item_code = k.item_code AND d.facility_id = k.facility_id AND d.category = k.category
			LEFT JOIN words AS w ON w.spec = k.spec AND w.dose = k.dose AND w.frequency = k.frequency
		), once AS (
			SELECT l.*, 0 AS charges FROM line AS l
			WHERE NOT EXISTS (SELECT FROM twice AS t WHERE t.visit_id = l.visit_id AND t.line_id = l.line_id)
			UNION ALL
			SELECT n.*, count(*) FILTER (WHERE n.quantity > 0) OVER (PARTITION BY n.visit_id, n.line_id)
			FROM (SELECT DISTINCT l.* FROM line AS l JOIN twice AS t ON t.visit_id = l.visit_id AND t.line_id = l.line_id) AS n
		), dosed AS (
			SELECT o.*, k.drug_code, k.own, k.pack, k.usual, k.dose_amount * k.times AS per_day,
				medaudit.days_supply(o.quantity, k.pack, k.dose_amount, k.times) AS by_dose,
				CASE WHEN o.days_supply > 0 AND (o.days_supply <> 1 OR k.pack IS NULL) THEN o.days_supply * sign(o.quantity) END AS by_upload,
				medaudit.days_supply(o.quantity, k.pack, k.usual, 1) AS by_usual
			FROM once AS o
			JOIN drug_kind AS k ON k.item_code = o.item_code AND k.facility_id = coalesce(o.of_facility, '') AND k.category = coalesce(o.category, '')
				AND k.spec = CASE WHEN $5 THEN coalesce(o.spec, '') ELSE '' END AND k.dose = CASE WHEN $5 THEN coalesce(o.dose, '') ELSE '' END
				AND k.frequency = CASE WHEN $5 THEN coalesce(o.frequency, '') ELSE '' END
			WHERE o.charges < 2
			-- each computed once
			OFFSET 0
		), bounded AS (
			SELECT d.*, medaudit._known_days(d.by_dose) AS dose_days, medaudit._known_days(d.by_upload) AS upload_days, medaudit._known_days(d.by_usual) AS usual_days
			FROM dosed AS d
		), known AS MATERIALIZED (
			SELECT b.of_person AS person_id, b.visit_id, b.line_id, b.original_line_id, b.of_facility AS facility_id, coalesce(b.physician_id, b.of_physician) AS physician_id,
				coalesce(b.department, b.of_department) AS department, b.of_type AS visit_type, b.of_stay AS stay, b.item_code, b.item_name, b.drug_code, b.own,
				b.charged_at, b.quantity, b.amount, b.claimed, coalesce(b.take_home, false) AS take_home, b.prescription_id, b.pack, b.per_day, b.usual,
				coalesce(b.dose_days, b.upload_days, b.usual_days) AS days,
				CASE WHEN b.dose_days IS NOT NULL THEN 'dose' WHEN b.upload_days IS NOT NULL THEN 'given' WHEN b.usual_days IS NOT NULL THEN 'usual' END AS said
			FROM bounded AS b
		), box AS (
			-- a box that comes back takes its days with it, whatever the return says of the dose
			SELECT k.person_id, coalesce(k.facility_id, '') AS facility_id, k.drug_code, max(k.days / k.quantity) AS days, min(k.said) AS said
			FROM known AS k
			WHERE k.quantity > 0 AND k.person_id IN (SELECT r.person_id FROM known AS r WHERE r.quantity < 0 AND r.days IS NULL)
			GROUP BY k.person_id, coalesce(k.facility_id, ''), k.drug_code
		)
		SELECT f.person_id, f.visit_id, f.line_id, f.original_line_id, f.facility_id, f.physician_id, f.department, f.visit_type, f.stay, f.item_code,
			f.item_name, f.drug_code, f.own, f.charged_at, f.quantity, f.amount, f.claimed, f.take_home, f.prescription_id, f.pack,
			CASE f.said WHEN 'dose' THEN f.per_day WHEN 'usual' THEN f.usual END,
			coalesce(f.days, medaudit._known_days(trim_scale(round(f.quantity * x.days, 6)))), coalesce(f.said, x.said)
		FROM known AS f
		LEFT JOIN box AS x ON x.person_id = f.person_id AND x.facility_id = coalesce(f.facility_id, '') AND x.drug_code = f.drug_code
			AND f.quantity < 0 AND f.days IS NULL$sql$,
		medaudit._bound_list('charge'),
		medaudit._run_charged_within(from_date, to_date), CASE WHEN visits IS NOT NULL THEN ' AND c.visit_id = ANY ($4)' END, source)
	USING from_date, to_date, persons, visits, only_drugs, among, gathered_from;
END
$$;

COMMENT ON FUNCTION _fill_rows(date, date, text[], bool, regclass, bool) IS
	'配药记录: fill_rows() with what a run asks besides: own: the code is of a hospital and no national one is known; pack: units of a pack; units_per_day: where basis is dose or usual; of some persons, or of those in a table; read: of the visits that a run has read; without only_drugs all that is charged outside of stays or taken home from them, without what doses say';

CREATE OR REPLACE FUNCTION fill_rows(from_date date, to_date date) RETURNS TABLE (person_id text, visit_id text, line_id text, facility_id text,
	physician_id text, drug_code text, dispensed_at timestamp, quantity numeric, days_supply numeric, basis text, amount numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit._check_period(from_date, to_date);
	PERFORM medaudit.check_bound('visit', 'charge');
	RETURN QUERY SELECT f.person_id, f.visit_id, f.line_id, f.facility_id, f.physician_id, f.drug_code, f.dispensed_at, f.quantity,
		f.days_supply, f.basis, f.amount
	FROM medaudit._fill_rows(from_date, to_date) AS f;
END
$$;

COMMENT ON FUNCTION fill_rows(date, date) IS
	'配药记录: the bound charges of [from_date, to_date) that are dispensed drugs (class drug, no herbal pieces) of visits that are no stay, and what is taken home from stays, with the days that each lasts: basis dose (pack, dose and frequency), given (as uploaded, unless that is 1 and the pack is known) or usual (usual_dose); NULL days: not known. NULL is 22004, dates that are no period 22023; 55000 where visit or charge is not bound';
