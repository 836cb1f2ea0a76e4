-- Dear visits away from home (异地大额): those that the fund of the place of treatment is
-- asked to look into with ours (协查).  A list to work through, no finding: who is
-- registered elsewhere, or was sent there, is on it, too, and it says so.
--
-- Where a region is not known nothing can be compared: such visits are no rows, but a
-- NOTICE tells how many they are.
--
-- Cost: a pass over the visits of the period, and hashes of the registers.

-- Prefecture of a region: its first four digits; NULL where there are none.
CREATE OR REPLACE FUNCTION _prefecture(region text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN substring(medaudit.code_fold(region), '^[0-9]{4}');

COMMENT ON FUNCTION _prefecture(text) IS
	'地级区划: the first four digits of a region; NULL for NULL and where it does not begin with four';

-- Without regions nothing would be listed, and that would not be the answer.
CREATE OR REPLACE FUNCTION _check_remote_large(from_date date, to_date date, min_amount numeric) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text := CASE WHEN from_date IS NULL THEN 'from_date' WHEN to_date IS NULL THEN 'to_date' WHEN min_amount IS NULL THEN 'min_amount' END;
BEGIN
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), missing);
	ELSIF NOT from_date < to_date OR NOT isfinite(from_date) OR NOT isfinite(to_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('from_date must be before to_date, and both finite'),
			HINT = medaudit._say('to_date is the day after the last one: of March 2025 it is 2025-04-01.');
	ELSIF NOT (min_amount >= 0::numeric AND min_amount < 'Infinity'::numeric) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('min_amount must be at least 0 and finite, it is %s'), min_amount);
	END IF;
	PERFORM medaudit.check_bound('visit', 'person'), medaudit._check_trusted();
	missing := CASE WHEN NOT medaudit._is_bound('person', 'region') THEN 'person.region'
		WHEN NOT medaudit._is_bound('visit', 'total_amount') THEN 'visit.total_amount'
		WHEN NOT medaudit._is_bound('visit', 'region') AND NOT medaudit._is_bound('facility', 'region') THEN 'visit.region, facility.region' END;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('not bound: %s'), missing),
			HINT = medaudit._say('CALL medaudit.bind() with these columns; of two regions of a visit one will do.');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_remote_large(date, date, numeric) IS
	'检查异地大额参数: 22004, 22023 or 55000 for what remote_large() cannot answer';

CREATE OR REPLACE FUNCTION remote_large(from_date date, to_date date, min_amount numeric) RETURNS TABLE (visit_id text, person_id text,
	person_name text, insured_region text, facility_id text, facility_name text, visit_region text, admitted_at timestamp, discharged_at timestamp,
	settled_at timestamp, total_amount numeric, fund_amount numeric, referred bool, manual bool, findings bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	known bool;
	unknown bigint := 0;
BEGIN
	PERFORM medaudit._check_remote_large(from_date, to_date, min_amount);
	FOR visit_id, person_id, person_name, insured_region, facility_id, facility_name, visit_region, admitted_at, discharged_at, settled_at,
		total_amount, fund_amount, referred, manual, findings, known IN EXECUTE format($sql$
		WITH settled AS MATERIALIZED (
			SELECT v.visit_id, min(v.person_id) AS person_id, min(v.facility_id) AS facility_id, min(v.region) AS region, min(v.admitted_at) AS admitted_at,
				max(v.discharged_at) AS discharged_at, max(coalesce(v.settled_at, v.discharged_at)) AS settled_at, sum(v.total_amount) AS total_amount,
				sum(v.fund_amount) AS fund_amount, bool_or(v.referral_visit_id IS NOT NULL) AS referred
			FROM (SELECT DISTINCT c.* FROM (SELECT %s FROM medaudit_data.visit AS c) AS c WHERE c.visit_id IS NOT NULL) AS v
			GROUP BY v.visit_id HAVING max(coalesce(v.settled_at, v.discharged_at)) >= $1 AND max(coalesce(v.settled_at, v.discharged_at)) < $2
				AND sum(v.total_amount) >= $3
		), person AS MATERIALIZED (
			SELECT p.person_id, min(p.name) AS name, min(p.region) AS region FROM (SELECT %s FROM medaudit_data.person AS c) AS p
			WHERE p.person_id IN (SELECT s.person_id FROM settled AS s) GROUP BY p.person_id HAVING count(DISTINCT p.region) = 1
		), facility AS MATERIALIZED (
			SELECT f.facility_id, min(f.name) AS name, CASE WHEN count(DISTINCT f.region) = 1 THEN min(f.region) END AS region FROM (%s) AS f GROUP BY f.facility_id
		), claim AS MATERIALIZED (
			SELECT DISTINCT m.visit_id FROM (%s) AS m WHERE m.visit_id IS NOT NULL
		)
		SELECT s.visit_id, s.person_id, p.name, p.region, s.facility_id, f.name, coalesce(s.region, f.region), s.admitted_at, s.discharged_at, s.settled_at,
			s.total_amount, s.fund_amount, s.referred, c.visit_id IS NOT NULL,
			CASE WHEN k.known THEN (SELECT count(DISTINCT l.finding_id) FROM medaudit.finding_line AS l JOIN medaudit.finding AS o ON o.finding_id = l.finding_id
				WHERE l.visit_id = s.visit_id AND o.state = ANY (medaudit.standing_states())) END, k.known
		FROM settled AS s
		LEFT JOIN person AS p ON p.person_id = s.person_id
		LEFT JOIN facility AS f ON f.facility_id = s.facility_id
		LEFT JOIN claim AS c ON c.visit_id = s.visit_id
		CROSS JOIN LATERAL (SELECT medaudit._prefecture(p.region) <> medaudit._prefecture(coalesce(s.region, f.region)) AS elsewhere) AS e
		CROSS JOIN LATERAL (SELECT e.elsewhere IS NOT NULL AS known) AS k
		WHERE e.elsewhere IS NOT FALSE
		ORDER BY s.total_amount DESC, s.visit_id COLLATE "C"$sql$,
		medaudit._bound_list('visit'), medaudit._bound_list('person'),
		CASE WHEN to_regclass('medaudit_data.facility') IS NOT NULL THEN format('SELECT %s FROM medaudit_data.facility AS c', medaudit._bound_list('facility'))
			ELSE 'SELECT NULL::text AS facility_id, NULL::text AS name, NULL::text AS region WHERE false' END,
		CASE WHEN to_regclass('medaudit_data.manual_claim') IS NOT NULL THEN format('SELECT %s FROM medaudit_data.manual_claim AS c', medaudit._bound_list('manual_claim'))
			ELSE 'SELECT NULL::text AS visit_id WHERE false' END)
	USING from_date, to_date, min_amount
	LOOP
		IF known THEN
			RETURN NEXT;
		ELSE
			unknown := unknown + 1;
		END IF;
	END LOOP;
	IF unknown > 0 THEN
		RAISE NOTICE USING MESSAGE = format(medaudit._say('%s visits were left out: the region of the person or of the place is not known'), unknown);
	END IF;
END
$$;

COMMENT ON FUNCTION remote_large(date, date, numeric) IS
	'异地大额: visits settled (else discharged) in [from_date, to_date) in another prefecture (first four digits of region) than the person is insured in, of min_amount yuan or more, dearest first: the list for co-investigation; referred: sent there, manual: claimed at the counter, findings: how many standing ones rest on the visit; a NOTICE tells how many visits were left out because a region is not known. NULL is 22004, a period that is none or an amount below 0 22023, 55000 where visits, persons or their regions are not bound';
