-- Who seems to be entitled to a benefit and has not applied for it (应享未享): people to whom
-- drugs for hypertension or diabetes were dispensed month after month, without a certificate
-- of a chronic disease.  A list of people to tell, no finding.
--
-- Of the twelve months up to the one asked for those count in which a drug of the benefit was
-- dispensed or lasted; a box that came back does not.  A month is one with a certificate where
-- one holds on some day of it, or where such a drug was paid as for a special disease; where
-- nobody's certificate holds in a month none were sent, and the month is not judged.  Who has
-- a certificate at the end, or one that is to begin, or was paid so the last time, has applied.
--
-- Only what was settled is seen: who pays for himself at a pharmacy is nowhere.  And drugs
-- are given for other diseases, too (heart failure, migraine): `diagnosed` says of whom a
-- diagnosis is known.
--
-- Cost: that of fill_rows() over fifteen months, a ledger a person and benefit, hashes of
-- register and certificates, and a pass over the diagnoses of who is listed.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON chronic_benefit
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION _chronic_benefits() RETURNS SETOF chronic_benefit
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT DISTINCT ON (b.benefit) b.* FROM chronic_benefit AS b ORDER BY b.benefit, b.shipped;
END;

COMMENT ON FUNCTION _chronic_benefits() IS
	'慢病待遇: rows of chronic_benefit, of two of one benefit yours';

-- The last month with visits, none in the future.
CREATE OR REPLACE FUNCTION _benefit_month(until date, min_months int) RETURNS date
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF min_months IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'min_months');
	ELSIF NOT min_months BETWEEN 1 AND 12 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('min_months must be from 1 to 12'), DETAIL = format(medaudit._say('It would be %s.'), min_months);
	ELSIF NOT coalesce(until BETWEEN date '1902-01-01' AND date '2199-12-31', true) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('until must lie in the years 1902 to 2199'), DETAIL = format(medaudit._say('It would be %s.'), until);
	END IF;
	PERFORM medaudit.check_bound('visit', 'charge', 'certificate');
	IF until IS NULL THEN
		EXECUTE format('SELECT max(v.admitted_at)::date FROM (SELECT %s FROM medaudit_data.visit AS c) AS v WHERE v.admitted_at >= ''1902-01-01'' AND v.admitted_at < current_date + 1',
			medaudit._bound_list('visit', '{admitted_at}')) INTO until;
	END IF;
	RETURN date_trunc('month', until::timestamp)::date;
END
$$;

COMMENT ON FUNCTION _benefit_month(date, int) IS
	'待遇月份: first day of the month of a day (NULL: of the last visit); NULL where there is no visit; 22004, 22023 or 55000 for what unclaimed_benefit() cannot answer';

-- Months in which somebody had drugs of a benefit, and in which of them he was paid them as
-- for a special disease.  Returns take their box with them.
CREATE OR REPLACE FUNCTION _benefit_months(from_month date, to_month date, visit_types text[]) RETURNS TABLE (benefit text, person_id text, month date, special bool)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH fill AS MATERIALIZED (
		-- what was dispensed for twelve weeks lasts into the first months
		SELECT f.person_id, f.drug_code, f.days_supply, f.quantity, f.amount, f.dispensed_at, f.facility_id, f.visit_id, f.line_id, f.original_line_id,
			EXISTS (SELECT FROM unnest(visit_types) AS t (code) WHERE starts_with(medaudit.code_fold(f.visit_type), t.code)) AS special
		FROM medaudit._fill_rows(from_month - 92, (to_month + interval '1 month')::date) AS f
		WHERE EXISTS (SELECT FROM medaudit._chronic_benefits() AS b CROSS JOIN LATERAL unnest(b.drug_classes) AS c (code)
			WHERE starts_with(f.drug_code, medaudit.code_fold(c.code)))
	), left_over AS MATERIALIZED (
		SELECT b.person_id, b.special, l.item_code, l.charged_at::date AS on_date, ceil(l.quantity)::int AS days
		FROM (
			SELECT f.person_id, f.special, medaudit.fills(f.drug_code, coalesce(f.days_supply, sign(f.quantity)), coalesce(f.amount, 0), f.dispensed_at, f.facility_id,
				f.visit_id || chr(31) || coalesce(f.line_id, ''), f.visit_id || chr(31) || f.original_line_id) AS book
			FROM fill AS f GROUP BY f.person_id, f.special
		) AS b
		CROSS JOIN LATERAL medaudit.lines(b.book) AS l
		WHERE l.status IN ('kept', 'reduced') AND l.quantity > 0
	)
	SELECT b.benefit, o.person_id, m.at::date, bool_or(o.special)
	FROM left_over AS o
	JOIN medaudit._chronic_benefits() AS b ON EXISTS (SELECT FROM unnest(b.drug_classes) AS c (code) WHERE starts_with(medaudit.code_fold(o.item_code), medaudit.code_fold(c.code)))
	CROSS JOIN LATERAL generate_series(greatest(from_month, date_trunc('month', o.on_date)::date)::timestamp,
		least(to_month, o.on_date + o.days - 1)::timestamp, interval '1 month') AS m (at)
	GROUP BY b.benefit, o.person_id, m.at;
END
$$;

COMMENT ON FUNCTION _benefit_months(date, date, text[]) IS
	'用药月份: by benefit and person the months in which its drugs were dispensed or lasted, and whether some of them were paid in a visit of some types';

-- Certificates as they bear on each benefit; one whose days cannot be read holds always.
CREATE OR REPLACE FUNCTION _benefit_certificates() RETURNS TABLE (benefit text, person_id text, valid daterange)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT DISTINCT b.benefit, k.person_id, coalesce(k.valid, '(,)'::daterange)
		FROM (SELECT %s FROM medaudit_data.certificate AS c) AS k
		JOIN medaudit._chronic_benefits() AS b ON b.certificate_codes IS NULL
			OR EXISTS (SELECT FROM unnest(b.certificate_codes) AS d (code) WHERE starts_with(medaudit.code_fold(k.disease_code), medaudit.code_fold(d.code)))
		WHERE k.person_id IS NOT NULL AND isempty(k.valid) IS NOT TRUE$sql$, medaudit._bound_list('certificate'));
END
$$;

COMMENT ON FUNCTION _benefit_certificates() IS
	'待遇备案: certificates that give each benefit of chronic_benefit, with the days on which they hold';

CREATE OR REPLACE FUNCTION _benefit_outcomes(to_month date, min_months int) RETURNS TABLE (benefit text, people_id text, person_id text, person_name text, region text,
	insurance_type text, person_class text, aid_class text, months int, months_without int, ended_on date, outcome text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET jit = off
AS $$
#variable_conflict use_column
DECLARE
	from_month date := to_month - interval '11 months';
	day_after date := to_month + interval '1 month';
	visit_types text[] := ARRAY(SELECT medaudit.code_fold(t.code) FROM unnest(medaudit._parameter_list(medaudit._rule_parameters('no_certificate'::text), 'visit_types')) AS t (code)
		WHERE t.code <> '');
BEGIN
	RETURN QUERY
	WITH person AS MATERIALIZED (
		SELECT p.* FROM medaudit._bound_people() AS p
	), dead AS (
		SELECT p.people_id FROM person AS p GROUP BY p.people_id HAVING max(p.death_date) < day_after
	), supplied AS MATERIALIZED (
		SELECT m.benefit, coalesce(p.people_id, m.person_id) AS people_id, min(m.person_id COLLATE "C") AS person_id, m.month, bool_or(m.special) AS special
		FROM medaudit._benefit_months(from_month, to_month, visit_types) AS m
		LEFT JOIN person AS p ON p.person_id = m.person_id
		GROUP BY m.benefit, coalesce(p.people_id, m.person_id), m.month
	), certificate AS MATERIALIZED (
		SELECT DISTINCT c.benefit, coalesce(p.people_id, c.person_id) AS people_id, c.valid
		FROM medaudit._benefit_certificates() AS c
		LEFT JOIN person AS p ON p.person_id = c.person_id
	), sent AS (
		SELECT g.at::date AS month, (g.at + interval '1 month')::date AS ends FROM generate_series(from_month::timestamp, to_month::timestamp, interval '1 month') AS g (at)
		WHERE EXISTS (SELECT FROM certificate AS c WHERE c.valid && daterange(g.at::date, (g.at + interval '1 month')::date))
	), held AS MATERIALIZED (
		SELECT DISTINCT c.benefit, c.people_id, s.month FROM certificate AS c JOIN sent AS s ON c.valid && daterange(s.month, s.ends)
	), applied AS MATERIALIZED (
		SELECT c.benefit, c.people_id, bool_or(coalesce(upper(c.valid) >= day_after, true)) AS holds, max(upper(c.valid) - 1) AS ended_on
		FROM certificate AS c GROUP BY c.benefit, c.people_id
	), counted AS (
		SELECT s.benefit, s.people_id, min(s.person_id COLLATE "C") AS person_id, count(*)::int AS months,
			count(*) FILTER (WHERE NOT s.special AND h.month IS NULL AND n.month IS NOT NULL)::int AS without,
			count(*) FILTER (WHERE NOT s.special AND h.month IS NULL AND n.month IS NULL)::int AS unknown,
			(array_agg(s.special ORDER BY s.month DESC))[1] AS special
		FROM supplied AS s
		LEFT JOIN held AS h ON h.benefit = s.benefit AND h.people_id = s.people_id AND h.month = s.month
		LEFT JOIN sent AS n ON n.month = s.month
		GROUP BY s.benefit, s.people_id
		HAVING count(*) >= min_months
	)
	SELECT c.benefit, c.people_id, c.person_id, p.name, p.region, p.insurance_type, p.person_class, p.aid_class, c.months, c.without,
		CASE WHEN isfinite(a.ended_on) THEN a.ended_on END,
		CASE WHEN a.holds OR c.special OR c.without + c.unknown < min_months THEN 'claimed' WHEN c.without < min_months THEN 'insufficient' ELSE 'unclaimed' END
	FROM counted AS c
	LEFT JOIN person AS p ON p.person_id = c.person_id
	LEFT JOIN applied AS a ON a.benefit = c.benefit AND a.people_id = c.people_id
	WHERE NOT EXISTS (SELECT FROM dead AS d WHERE d.people_id = c.people_id);
END
$$;

COMMENT ON FUNCTION _benefit_outcomes(date, int) IS
	'待遇享受情况: living people with drugs of a benefit in min_months of the twelve months up to to_month: claimed (a certificate holds at the end or later, the last month was paid as for a special disease, or there are too few months without one), unclaimed, or insufficient (of too many months no certificates were sent)';

CREATE OR REPLACE FUNCTION unclaimed_benefit(until date DEFAULT NULL, min_months int DEFAULT 9, by text[] DEFAULT '{region,person_class,aid_class}')
	RETURNS TABLE (benefit text, benefit_zh text, from_month date, to_month date, region text, insurance_type text, person_class text, aid_class text,
	persons bigint, claimed bigint, insufficient bigint, unclaimed bigint, unclaimed_rate numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	asked date := medaudit._benefit_month(until, min_months);
BEGIN
	PERFORM medaudit._check_divisions(by);
	RETURN QUERY
	SELECT s.benefit, b.name_zh, (asked - interval '11 months')::date, asked, s.region, s.insurance_type, s.person_class, s.aid_class, s.persons, s.claimed,
		s.insufficient, s.unclaimed, round(s.unclaimed / nullif(s.claimed + s.unclaimed, 0)::numeric, 6)
	FROM (
		SELECT o.benefit, g.*, count(*) AS persons, count(*) FILTER (WHERE o.outcome = 'claimed') AS claimed,
			count(*) FILTER (WHERE o.outcome = 'insufficient') AS insufficient, count(*) FILTER (WHERE o.outcome = 'unclaimed') AS unclaimed
		FROM medaudit._benefit_outcomes(asked, min_months) AS o
		CROSS JOIN LATERAL (SELECT CASE WHEN 'region' = ANY (by) THEN o.region END AS region,
			CASE WHEN 'insurance_type' = ANY (by) THEN o.insurance_type END AS insurance_type,
			CASE WHEN 'person_class' = ANY (by) THEN o.person_class END AS person_class,
			CASE WHEN 'aid_class' = ANY (by) THEN o.aid_class END AS aid_class) AS g
		GROUP BY o.benefit, g.region, g.insurance_type, g.person_class, g.aid_class
	) AS s
	JOIN medaudit._chronic_benefits() AS b ON b.benefit = s.benefit
	ORDER BY s.benefit COLLATE "C", s.region COLLATE "C", s.insurance_type COLLATE "C", s.person_class COLLATE "C", s.aid_class COLLATE "C";
END
$$;

COMMENT ON FUNCTION unclaimed_benefit(date, int, text[]) IS
	'应享未享: by benefit of chronic_benefit, region and class (by) the living people who had its drugs in min_months of the twelve months up to that of until (NULL: of the last visit): how many have a certificate (claimed), cannot be judged because none were sent (insufficient), or had the drugs for so many months without one and have none at the end (unclaimed); unclaimed_rate: unclaimed ÷ (claimed + unclaimed). NULL min_months or by is 22004, months not from 1 to 12, a day outside the years 1902 to 2199 and divisions that are none 22023; 55000 where visit, charge or certificate is not bound';

-- Of who is listed alone it is asked whether a diagnosis is known.
CREATE OR REPLACE FUNCTION _benefit_diagnosed(benefits text[], people text[], from_month date, day_after date) RETURNS TABLE (benefit text, people_id text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		WITH asked AS MATERIALIZED (
			SELECT a.benefit, a.people_id, b.diagnosis_prefixes FROM unnest($1, $2) AS a (benefit, people_id)
			JOIN medaudit._chronic_benefits() AS b ON b.benefit = a.benefit
		), visit AS MATERIALIZED (
			SELECT v.visit_id, coalesce(p.people_id, v.person_id) AS people_id, v.main_diagnosis
			FROM (SELECT %s FROM medaudit_data.visit AS c) AS v
			LEFT JOIN medaudit._bound_people() AS p ON p.person_id = v.person_id
			WHERE v.admitted_at >= $3 AND v.admitted_at < $4 AND coalesce(p.people_id, v.person_id) = ANY ($2)
		), known AS MATERIALIZED (
			SELECT DISTINCT d.people_id, medaudit._diagnosis_fold(d.code) AS code
			FROM (
				SELECT v.people_id, v.main_diagnosis AS code FROM visit AS v
				UNION ALL SELECT v.people_id, i.diagnosis_code FROM visit AS v JOIN (%s) AS i ON i.visit_id = v.visit_id
			) AS d
		)
		SELECT a.benefit, a.people_id FROM asked AS a
		WHERE EXISTS (SELECT FROM known AS k CROSS JOIN LATERAL unnest(a.diagnosis_prefixes) AS d (prefix)
			WHERE k.people_id = a.people_id AND starts_with(k.code, medaudit._diagnosis_fold(d.prefix)))$sql$,
		medaudit._bound_list('visit', '{visit_id,person_id,admitted_at,main_diagnosis}'),
		CASE WHEN to_regclass('medaudit_data.diagnosis') IS NOT NULL THEN format('SELECT %s FROM medaudit_data.diagnosis AS c', medaudit._bound_list('diagnosis'))
			ELSE 'SELECT NULL::text AS visit_id, NULL::text AS diagnosis_code WHERE false' END)
	USING benefits, people, from_month, day_after;
END
$$;

COMMENT ON FUNCTION _benefit_diagnosed(text[], text[], date, date) IS
	'有相关诊断人员: of pairs of benefits and people those of whom a visit of a period has a diagnosis of the benefit';

CREATE OR REPLACE FUNCTION unclaimed_benefit_persons(until date DEFAULT NULL, min_months int DEFAULT 9) RETURNS TABLE (benefit text, benefit_zh text,
	from_month date, to_month date, person_id text, person_name text, region text, insurance_type text, person_class text, aid_class text,
	months int, months_without int, ended_on date, diagnosed bool)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	asked date := medaudit._benefit_month(until, min_months);
	diagnoses_known bool := medaudit._is_bound('visit', 'main_diagnosis') OR medaudit._is_bound('diagnosis', 'diagnosis_code');
BEGIN
	IF to_regclass('medaudit_data.diagnosis') IS NOT NULL THEN
		PERFORM medaudit.check_bound('diagnosis');
	END IF;
	RETURN QUERY
	WITH listed AS MATERIALIZED (
		SELECT o.* FROM medaudit._benefit_outcomes(asked, min_months) AS o WHERE o.outcome = 'unclaimed'
	), diagnosed AS MATERIALIZED (
		SELECT d.* FROM (SELECT array_agg(l.benefit) AS benefits, array_agg(l.people_id) AS people FROM listed AS l HAVING count(*) > 0) AS a
		CROSS JOIN LATERAL medaudit._benefit_diagnosed(a.benefits, a.people, (asked - interval '11 months')::date, (asked + interval '1 month')::date) AS d
	)
	SELECT l.benefit, b.name_zh, (asked - interval '11 months')::date, asked, l.person_id, l.person_name, l.region, l.insurance_type, l.person_class, l.aid_class,
		l.months, l.months_without, l.ended_on, CASE WHEN diagnoses_known AND b.diagnosis_prefixes IS NOT NULL THEN d.people_id IS NOT NULL END
	FROM listed AS l
	JOIN medaudit._chronic_benefits() AS b ON b.benefit = l.benefit
	LEFT JOIN diagnosed AS d ON d.benefit = l.benefit AND d.people_id = l.people_id
	ORDER BY l.benefit COLLATE "C", l.region COLLATE "C", l.person_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION unclaimed_benefit_persons(date, int) IS
	'应享未享人员: the people whom unclaimed_benefit() counts as unclaimed, with the months of drugs, those of them without a certificate, when the last one ended, and whether a diagnosis says the same (diagnosed; NULL: none are bound); arguments and errors as there';

CREATE OR REPLACE VIEW unclaimed_benefit WITH (security_invoker = true) AS
SELECT u.benefit, u.benefit_zh, u.from_month, u.to_month, u.region, u.person_class, u.aid_class, u.persons, u.claimed, u.insufficient, u.unclaimed,
	u.unclaimed_rate::numeric(7,6) AS unclaimed_rate
FROM (SELECT NULL::date AS until WHERE _is_bound('visit', 'visit_id') AND _is_bound('charge', 'visit_id') AND _is_bound('certificate', 'person_id') OFFSET 0) AS b
CROSS JOIN LATERAL unclaimed_benefit(b.until) AS u;

COMMENT ON VIEW unclaimed_benefit IS
	'应享未享: unclaimed_benefit() of the twelve months up to the last visit, by region and class; empty where visit, charge or certificate is not bound';
COMMENT ON COLUMN unclaimed_benefit.benefit IS '待遇: of chronic_benefit';
COMMENT ON COLUMN unclaimed_benefit.benefit_zh IS '待遇名称: in Chinese';
COMMENT ON COLUMN unclaimed_benefit.from_month IS '起始月份: first day of the first of the twelve months';
COMMENT ON COLUMN unclaimed_benefit.to_month IS '终止月份: first day of the last';
COMMENT ON COLUMN unclaimed_benefit.region IS '参保区划: by the register; NULL: not known';
COMMENT ON COLUMN unclaimed_benefit.person_class IS '人员类别: by the register';
COMMENT ON COLUMN unclaimed_benefit.aid_class IS '人员身份类别: by the register; NULL: nobody for whom medical aid is';
COMMENT ON COLUMN unclaimed_benefit.persons IS '长期用药人数: living people with drugs of the benefit in nine of the twelve months';
COMMENT ON COLUMN unclaimed_benefit.claimed IS '已享受人数: of these, who have a certificate at the end or had too few months without one';
COMMENT ON COLUMN unclaimed_benefit.insufficient IS '无法判断人数: of these, for whom months are missing of which certificates were sent';
COMMENT ON COLUMN unclaimed_benefit.unclaimed IS '应享未享人数: of these, who had drugs for nine months without a certificate, and have none at the end';
COMMENT ON COLUMN unclaimed_benefit.unclaimed_rate IS '应享未享率: unclaimed ÷ (claimed + unclaimed), from 0 to 1; NULL: there are none';

CREATE OR REPLACE VIEW unclaimed_benefit_persons WITH (security_invoker = true) AS
SELECT u.benefit, u.benefit_zh, u.from_month, u.to_month, u.person_id, u.person_name, u.region, u.insurance_type, u.person_class, u.aid_class,
	u.months, u.months_without, u.ended_on, u.diagnosed
FROM (SELECT NULL::date AS until WHERE _is_bound('visit', 'visit_id') AND _is_bound('charge', 'visit_id') AND _is_bound('certificate', 'person_id') OFFSET 0) AS b
CROSS JOIN LATERAL unclaimed_benefit_persons(b.until) AS u;

COMMENT ON VIEW unclaimed_benefit_persons IS
	'应享未享人员: unclaimed_benefit_persons() of the twelve months up to the last visit; whom to tell; empty where visit, charge or certificate is not bound';
COMMENT ON COLUMN unclaimed_benefit_persons.benefit IS '待遇: of chronic_benefit';
COMMENT ON COLUMN unclaimed_benefit_persons.benefit_zh IS '待遇名称: in Chinese';
COMMENT ON COLUMN unclaimed_benefit_persons.from_month IS '起始月份: first day of the first of the twelve months';
COMMENT ON COLUMN unclaimed_benefit_persons.to_month IS '终止月份: first day of the last';
COMMENT ON COLUMN unclaimed_benefit_persons.person_id IS '人员编号: under which the drugs were dispensed';
COMMENT ON COLUMN unclaimed_benefit_persons.person_name IS '姓名: NULL: not known';
COMMENT ON COLUMN unclaimed_benefit_persons.region IS '参保区划: by the register; NULL: not known';
COMMENT ON COLUMN unclaimed_benefit_persons.insurance_type IS '险种类型: by the register';
COMMENT ON COLUMN unclaimed_benefit_persons.person_class IS '人员类别: by the register';
COMMENT ON COLUMN unclaimed_benefit_persons.aid_class IS '人员身份类别: by the register';
COMMENT ON COLUMN unclaimed_benefit_persons.months IS '用药月数: of the twelve, in which drugs of the benefit were dispensed or lasted';
COMMENT ON COLUMN unclaimed_benefit_persons.months_without IS '无备案用药月数: of these, without a certificate';
COMMENT ON COLUMN unclaimed_benefit_persons.ended_on IS '上一备案截止日期: last day of the last certificate; NULL: there was none';
COMMENT ON COLUMN unclaimed_benefit_persons.diagnosed IS '是否有相关诊断: whether a visit of the twelve months has a diagnosis of the disease; NULL: no diagnoses are bound';
