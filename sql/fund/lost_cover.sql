-- Whose cover was lost between two years (断保), and who of the register has none in either
-- (漏保): counts with their denominators, and the people, so that somebody asks them.  No
-- findings: nobody has done wrong.
--
-- People, not numbers: who has a new number in another region is found by his resident
-- number, where the register has both.  A year is covered by any day of it; whoever changed
-- insurance or region has kept his cover, and who died, or left for a reason that the
-- register of cover gives, has not lost it.  What cannot be told is counted apart: periods
-- that cannot be read, and regions and insurances of which nobody has any cover in the year,
-- for these have sent none.
--
-- Cost: a pass over the periods of cover and one over the register, a sort by person of those
-- that touch the two years.

-- By what counts are divided: classes that are asked for, the others stay NULL.
CREATE OR REPLACE FUNCTION _check_divisions(by text[]) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF by IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), 'by');
	ELSIF NOT by <@ '{region,insurance_type,person_class,aid_class}'::text[] THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('by must name some of region, insurance_type, person_class and aid_class'),
			DETAIL = format(medaudit._say('It would be %s.'), by);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_divisions(text[]) IS
	'检查分组: 22004 for NULL, 22023 for what is none of region, insurance_type, person_class and aid_class; {} divides by nothing';

-- The year in which a cover began last, not after today.
CREATE OR REPLACE FUNCTION _cover_year(year int) RETURNS int
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT coalesce(year BETWEEN 1902 AND 2199, true) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('year must be from 1902 to 2199'), DETAIL = format(medaudit._say('It would be %s.'), year);
	END IF;
	PERFORM medaudit.check_bound('enrolment');
	IF year IS NULL THEN
		EXECUTE format('SELECT extract(year FROM max(lower(e.valid))) FROM (SELECT %s FROM medaudit_data.enrolment AS c) AS e
			WHERE isfinite(lower(e.valid)) AND lower(e.valid) <= current_date', medaudit._bound_list('enrolment')) INTO year;
	END IF;
	RETURN year;
END
$$;

COMMENT ON FUNCTION _cover_year(int) IS
	'参保年度: the year, else the last in which a cover begins that has begun; 22023 outside 1902 to 2199, 55000 where enrolment is not bound';

CREATE OR REPLACE FUNCTION _cover_outcomes(year int) RETURNS TABLE (person_id text, person_name text, region text, insurance_type text,
	person_class text, aid_class text, covered_on date, outcome text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	-- how many are covered the planner cannot know
	SET enable_nestloop = off
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	first date := make_date(year - 1, 1, 1);
	turn date := make_date(year, 1, 1);
	last date := make_date(year + 1, 1, 1);
BEGIN
	RETURN QUERY
	WITH person AS MATERIALIZED (
		SELECT p.* FROM medaudit._bound_people() AS p
	), cover AS MATERIALIZED (
		SELECT coalesce(p.people_id, e.person_id) COLLATE "C" AS people_id, e.person_id, p.name, e.valid, e.exit_reason, coalesce(e.region, p.region) AS region,
			coalesce(e.insurance_type, p.insurance_type) AS insurance_type, coalesce(e.person_class, p.person_class) AS person_class,
			coalesce(e.aid_class, p.aid_class) AS aid_class
		FROM medaudit._bound_enrolments(first, last) AS e
		LEFT JOIN person AS p ON p.person_id = e.person_id
	), before AS MATERIALIZED (
		-- how he was covered last in the year before
		SELECT DISTINCT ON (c.people_id) c.* FROM cover AS c WHERE c.valid && daterange(first, turn)
		ORDER BY c.people_id, least(upper(c.valid), turn) DESC NULLS FIRST, upper(c.valid) DESC NULLS FIRST, lower(c.valid) DESC NULLS LAST,
			c.person_id COLLATE "C", c.region COLLATE "C", c.insurance_type COLLATE "C", c.person_class COLLATE "C", c.aid_class COLLATE "C",
			c.exit_reason COLLATE "C"
	), after AS MATERIALIZED (
		SELECT DISTINCT ON (c.people_id) c.* FROM cover AS c WHERE c.valid && daterange(turn, last)
		ORDER BY c.people_id, lower(c.valid) NULLS FIRST, upper(c.valid), c.person_id COLLATE "C", c.region COLLATE "C", c.insurance_type COLLATE "C",
			c.person_class COLLATE "C", c.aid_class COLLATE "C"
	), same AS MATERIALIZED (
		SELECT DISTINCT a.people_id
		FROM cover AS a
		JOIN cover AS b ON b.people_id = a.people_id AND b.valid && daterange(first, turn)
		WHERE a.valid && daterange(turn, last) AND (a.region = b.region OR num_nulls(a.region, b.region) > 0)
			AND (a.insurance_type = b.insurance_type OR num_nulls(a.insurance_type, b.insurance_type) > 0)
	), unread AS MATERIALIZED (
		SELECT DISTINCT c.people_id FROM cover AS c WHERE c.valid IS NULL
	), sent AS MATERIALIZED (
		SELECT DISTINCT coalesce(c.region, '') AS region, coalesce(c.insurance_type, '') AS insurance_type
		FROM cover AS c WHERE c.valid && daterange(turn, last)
	), died AS MATERIALIZED (
		SELECT p.people_id FROM person AS p GROUP BY p.people_id HAVING max(p.death_date) < last
	)
	SELECT b.person_id, b.name, b.region, b.insurance_type, b.person_class, b.aid_class, least(upper(b.valid), turn) - 1,
		CASE WHEN k.people_id IS NOT NULL THEN 'kept' WHEN a.people_id IS NOT NULL THEN 'moved' WHEN d.people_id IS NOT NULL THEN 'died'
			WHEN b.exit_reason IS NOT NULL THEN 'left' WHEN u.people_id IS NOT NULL OR s.region IS NULL THEN 'insufficient' ELSE 'lost' END
	FROM before AS b
	LEFT JOIN after AS a ON a.people_id = b.people_id
	LEFT JOIN same AS k ON k.people_id = b.people_id
	LEFT JOIN died AS d ON d.people_id = b.people_id
	LEFT JOIN unread AS u ON u.people_id = b.people_id
	LEFT JOIN sent AS s ON s.region = coalesce(b.region, '') AND s.insurance_type = coalesce(b.insurance_type, '')
	UNION ALL
	SELECT a.person_id, a.name, a.region, a.insurance_type, a.person_class, a.aid_class, NULL, 'joined'
	FROM after AS a WHERE NOT EXISTS (SELECT FROM before AS b WHERE b.people_id = a.people_id)
	UNION ALL
	-- of the regions and insurances that sent their cover, who is not among the covered
	SELECT p.person_id, p.name, p.region, p.insurance_type, p.person_class, p.aid_class, NULL, 'uncovered'
	FROM person AS p
	WHERE p.person_id = p.people_id AND EXISTS (SELECT FROM sent AS s WHERE s.region = coalesce(p.region, '') AND coalesce(s.insurance_type = p.insurance_type, true))
		AND NOT EXISTS (SELECT FROM cover AS c WHERE c.people_id = p.people_id) AND NOT EXISTS (SELECT FROM died AS d WHERE d.people_id = p.people_id);
END
$$;

COMMENT ON FUNCTION _cover_outcomes(int) IS
	'参保去向: what became, in a year, of each of the people who were covered in the year before (kept, moved, died, left, insufficient, lost), with their class then and the last day of it; and who was covered in the year alone (joined) or, by the register, in neither (uncovered)';

CREATE OR REPLACE FUNCTION _cover_outcome_zh(outcome text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE outcome WHEN 'kept' THEN '续保' WHEN 'moved' THEN '转移接续' WHEN 'died' THEN '死亡' WHEN 'left' THEN '终止参保'
		WHEN 'insufficient' THEN '无法判断' WHEN 'lost' THEN '断保' WHEN 'joined' THEN '新参保' WHEN 'uncovered' THEN '漏保' END;

COMMENT ON FUNCTION _cover_outcome_zh(text) IS '参保去向名称: the Chinese term; NULL for another word, and for NULL';

CREATE OR REPLACE FUNCTION lost_cover(of_year int DEFAULT NULL, by text[] DEFAULT '{region,person_class,aid_class}') RETURNS TABLE (year int, region text,
	insurance_type text, person_class text, aid_class text, covered_before bigint, kept bigint, moved bigint, died bigint, left_cover bigint,
	insufficient bigint, lost bigint, lost_rate numeric, joined bigint, uncovered bigint, cover_rate numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	asked int := medaudit._cover_year(of_year);
	registered bool := medaudit._is_bound('person', 'person_id');
BEGIN
	PERFORM medaudit._check_divisions(by);
	RETURN QUERY
	SELECT asked, s.region, s.insurance_type, s.person_class, s.aid_class, s.kept + s.moved + s.died + s.left_cover + s.insufficient + s.lost,
		s.kept, s.moved, s.died, s.left_cover, s.insufficient, s.lost, round(s.lost / nullif(s.kept + s.moved + s.lost, 0)::numeric, 6), s.joined,
		CASE WHEN registered THEN s.uncovered END,
		CASE WHEN registered THEN round((s.kept + s.moved + s.joined) / nullif(s.kept + s.moved + s.joined + s.lost + s.uncovered, 0)::numeric, 6) END
	FROM (
		SELECT g.*, count(*) FILTER (WHERE o.outcome = 'kept') AS kept, count(*) FILTER (WHERE o.outcome = 'moved') AS moved,
			count(*) FILTER (WHERE o.outcome = 'died') AS died, count(*) FILTER (WHERE o.outcome = 'left') AS left_cover,
			count(*) FILTER (WHERE o.outcome = 'insufficient') AS insufficient, count(*) FILTER (WHERE o.outcome = 'lost') AS lost,
			count(*) FILTER (WHERE o.outcome = 'joined') AS joined, count(*) FILTER (WHERE o.outcome = 'uncovered') AS uncovered
		FROM medaudit._cover_outcomes(asked) AS o
		CROSS JOIN LATERAL (SELECT CASE WHEN 'region' = ANY (by) THEN o.region END AS region,
			CASE WHEN 'insurance_type' = ANY (by) THEN o.insurance_type END AS insurance_type,
			CASE WHEN 'person_class' = ANY (by) THEN o.person_class END AS person_class,
			CASE WHEN 'aid_class' = ANY (by) THEN o.aid_class END AS aid_class) AS g
		GROUP BY g.region, g.insurance_type, g.person_class, g.aid_class
	) AS s
	ORDER BY s.region COLLATE "C", s.insurance_type COLLATE "C", s.person_class COLLATE "C", s.aid_class COLLATE "C";
END
$$;

COMMENT ON FUNCTION lost_cover(int, text[]) IS
	'断保漏保: of the people covered in the year before, by region and class (by), how many are covered in the year by the same insurance (kept) or another or elsewhere (moved), died before its end, left for a reason (left_cover), cannot be judged (insufficient) or lost their cover; lost_rate: lost ÷ (kept + moved + lost); joined: covered in the year alone; uncovered: living people of the register in neither; cover_rate: (kept + moved + joined) ÷ (these + lost + uncovered); both NULL without a register. NULL of_year: the last in which a cover begins; one outside 1902 to 2199, and divisions that are none, are 22023, NULL by 22004; 55000 where enrolment is not bound';

CREATE OR REPLACE FUNCTION lost_cover_persons(of_year int DEFAULT NULL) RETURNS TABLE (year int, person_id text, person_name text, region text,
	insurance_type text, person_class text, aid_class text, covered_on date, outcome text, outcome_zh text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	asked int := medaudit._cover_year(of_year);
BEGIN
	RETURN QUERY
	SELECT asked, o.person_id, o.person_name, o.region, o.insurance_type, o.person_class, o.aid_class, o.covered_on, o.outcome, medaudit._cover_outcome_zh(o.outcome)
	FROM medaudit._cover_outcomes(asked) AS o WHERE o.outcome IN ('lost', 'uncovered')
	ORDER BY o.outcome COLLATE "C", o.region COLLATE "C", o.person_id COLLATE "C";
END
$$;

COMMENT ON FUNCTION lost_cover_persons(int) IS
	'断保漏保人员: the people whom lost_cover() counts as lost, with the last day on which they were covered, and as uncovered; arguments and errors as there';

CREATE OR REPLACE VIEW lost_cover WITH (security_invoker = true) AS
SELECT l.year, l.region, l.person_class, l.aid_class, l.covered_before, l.kept, l.moved, l.died, l.left_cover, l.insufficient, l.lost,
	l.lost_rate::numeric(7,6) AS lost_rate, l.joined, l.uncovered, l.cover_rate::numeric(7,6) AS cover_rate
FROM (SELECT NULL::int AS year WHERE _is_bound('enrolment', 'person_id') OFFSET 0) AS b
CROSS JOIN LATERAL lost_cover(b.year) AS l;

COMMENT ON VIEW lost_cover IS
	'断保漏保: lost_cover() of the last year in which a cover begins, by region and class; empty where enrolment is not bound';
COMMENT ON COLUMN lost_cover.year IS '年度: whose cover is compared with that of the year before';
COMMENT ON COLUMN lost_cover.region IS '参保区划: in the year before, of joined and uncovered people now; NULL: not known';
COMMENT ON COLUMN lost_cover.person_class IS '人员类别: likewise';
COMMENT ON COLUMN lost_cover.aid_class IS '人员身份类别: likewise; NULL: nobody for whom medical aid is';
COMMENT ON COLUMN lost_cover.covered_before IS '上年参保人数: people covered on some day of the year before: what became of them are the next six';
COMMENT ON COLUMN lost_cover.kept IS '续保人数: covered in the year by the same insurance in the same region';
COMMENT ON COLUMN lost_cover.moved IS '转移接续人数: covered in the year by another insurance or elsewhere';
COMMENT ON COLUMN lost_cover.died IS '死亡人数: dead before the end of the year, and not covered in it';
COMMENT ON COLUMN lost_cover.left_cover IS '终止参保人数: whose cover ended for a reason that enrolment gives';
COMMENT ON COLUMN lost_cover.insufficient IS '无法判断人数: with a period of cover that cannot be read, or of a region and insurance that sent none of the year';
COMMENT ON COLUMN lost_cover.lost IS '断保人数: covered in the year before and nowhere in the year';
COMMENT ON COLUMN lost_cover.lost_rate IS '断保率: lost ÷ (kept + moved + lost), from 0 to 1; NULL: there are none';
COMMENT ON COLUMN lost_cover.joined IS '新参保人数: covered in the year and not in the year before';
COMMENT ON COLUMN lost_cover.uncovered IS '漏保人数: living people of the register who are covered in neither year; NULL: no register';
COMMENT ON COLUMN lost_cover.cover_rate IS '参保率: (kept + moved + joined) ÷ (these + lost + uncovered), from 0 to 1; NULL: no register, or nobody';

CREATE OR REPLACE VIEW lost_cover_persons WITH (security_invoker = true) AS
SELECT l.year, l.outcome, l.outcome_zh, l.person_id, l.person_name, l.region, l.insurance_type, l.person_class, l.aid_class, l.covered_on
FROM (SELECT NULL::int AS year WHERE _is_bound('enrolment', 'person_id') OFFSET 0) AS b
CROSS JOIN LATERAL lost_cover_persons(b.year) AS l;

COMMENT ON VIEW lost_cover_persons IS
	'断保漏保人员: lost_cover_persons() of the last year in which a cover begins; whom to ask; empty where enrolment is not bound';
COMMENT ON COLUMN lost_cover_persons.year IS '年度: whose cover is compared with that of the year before';
COMMENT ON COLUMN lost_cover_persons.outcome IS '参保去向: lost: covered in the year before only; uncovered: in neither year';
COMMENT ON COLUMN lost_cover_persons.outcome_zh IS '参保去向: the same in Chinese';
COMMENT ON COLUMN lost_cover_persons.person_id IS '人员编号: under which he was covered, or stands in the register';
COMMENT ON COLUMN lost_cover_persons.person_name IS '姓名: NULL: not known';
COMMENT ON COLUMN lost_cover_persons.region IS '参保区划: in the year before, of uncovered people by the register';
COMMENT ON COLUMN lost_cover_persons.insurance_type IS '险种类型: likewise';
COMMENT ON COLUMN lost_cover_persons.person_class IS '人员类别: likewise';
COMMENT ON COLUMN lost_cover_persons.aid_class IS '人员身份类别: likewise';
COMMENT ON COLUMN lost_cover_persons.covered_on IS '参保末日: last day of the year before on which he was covered; NULL: uncovered';
