-- Points that people in charge lose (支付资格记分, 医保发〔2024〕48号), what they come to in a
-- year, and how they fade in a score of credit.
--
-- A row is an event that was decided: it is added, and withdrawn where the appeal had
-- success; nothing else of it changes, by whomever.  The views add up what stands, so that
-- a year begins with nothing, and a score is made anew each day.
--
-- Cost: the views read all points, some thousand rows a year.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON credit_level
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- What the owner inserts with its time is an entry of another database, as a restore
-- brings it.
CREATE OR REPLACE FUNCTION _guard_demerit() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		IF NEW.entered_at IS NOT NULL AND medaudit._owns(TG_RELID) THEN
			RETURN NEW;
		ELSIF NEW.case_id IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit.audit_case AS c WHERE c.case_id = NEW.case_id) THEN
			RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no case %s'), NEW.case_id);
		END IF;
		NEW.subject_kind := lower(btrim(NEW.subject_kind));
		NEW.subject_id := medaudit._as_subject(NEW.subject_kind, NEW.subject_id);
		NEW.entered_by := session_user;
		NEW.entered_at := clock_timestamp();
	ELSIF OLD.withdrawn_on IS NOT NULL OR NEW.withdrawn_on IS NULL
			OR (to_jsonb(NEW) - '{withdrawn_on,withdrawn_by,withdrawn_note}'::text[]) <> (to_jsonb(OLD) - '{withdrawn_on,withdrawn_by,withdrawn_note}'::text[]) THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('points %s are withdrawn once, and not changed'), OLD.demerit_id),
			HINT = medaudit._say('Withdraw them (withdrawn_on) and add others.');
	END IF;
	NEW.withdrawn_by := CASE WHEN NEW.withdrawn_on IS NOT NULL THEN session_user END;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_demerit() IS
	'记分防护: trigger of demerit; who entered and withdrew it is noted, an unknown case is 22023, and nothing but its withdrawal changes (23001)';

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON demerit
	FOR EACH ROW EXECUTE FUNCTION _guard_demerit();
CREATE OR REPLACE TRIGGER keep_rows BEFORE DELETE OR TRUNCATE ON demerit
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();

CREATE OR REPLACE FUNCTION payment_standing(total int, largest int) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(total, largest) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), CASE WHEN total IS NULL THEN 'total' ELSE 'largest' END);
	ELSIF total < 0 OR largest < 0 OR largest > total THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('largest is one of the points that add up to total'),
			DETAIL = format(medaudit._say('They are %s and %s.'), largest, total);
	END IF;
	RETURN CASE WHEN largest >= 12 THEN 'terminated_3_years' WHEN total >= 12 THEN 'terminated_1_year' WHEN total >= 9 THEN 'suspended' ELSE 'good' END;
END
$$;

COMMENT ON FUNCTION payment_standing(int, int) IS
	'医保支付资格状态: what the points of a calendar year come to, in all and by the largest event: from 12 in one event terminated_3_years, from 12 terminated_1_year, from 9 suspended (1 to 6 months), else good; below 0, or an event of more than all, is 22023, NULL 22004';

CREATE OR REPLACE VIEW demerit_year WITH (security_invoker = true) AS
SELECT concat_ws(' ', d.subject_kind, d.subject_id) AS subject, d.year, d.points, d.largest, s.standing, medaudit.label_zh(s.standing) AS standing_zh,
	d.subject_kind, medaudit.label_zh(d.subject_kind) AS subject_kind_zh, d.subject_id, d.events
FROM (
	SELECT i.subject_kind, i.subject_id, extract(year FROM i.on_date)::int AS year, sum(i.points)::int AS points, max(i.points) AS largest, count(*) AS events
	FROM medaudit.demerit AS i
	WHERE i.withdrawn_on IS NULL
	GROUP BY 1, 2, 3
) AS d
CROSS JOIN LATERAL (SELECT medaudit.payment_standing(d.points, d.largest) AS standing) AS s;

COMMENT ON VIEW demerit_year IS
	'年度记分: what the points of each calendar year come to; each 1 January begins with nothing, and what was withdrawn never was';
COMMENT ON COLUMN demerit_year.subject IS '主体: kind and number';
COMMENT ON COLUMN demerit_year.year IS '年度';
COMMENT ON COLUMN demerit_year.points IS '累计记分';
COMMENT ON COLUMN demerit_year.largest IS '单次最高记分';
COMMENT ON COLUMN demerit_year.standing IS '支付资格状态: good, suspended, terminated_1_year or terminated_3_years';
COMMENT ON COLUMN demerit_year.standing_zh IS '支付资格状态';
COMMENT ON COLUMN demerit_year.subject_kind IS '主体类型: code';
COMMENT ON COLUMN demerit_year.subject_kind_zh IS '主体类型';
COMMENT ON COLUMN demerit_year.subject_id IS '主体编号';
COMMENT ON COLUMN demerit_year.events IS '记分次数';

-- What has not happened yet counts nothing.  From 200 half lives on less than half a
-- millionth is left of any number that passes.
CREATE OR REPLACE FUNCTION decayed(points numeric, on_date date, at date, half_life_days int DEFAULT 365) RETURNS numeric
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(points, on_date, at, half_life_days) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('points, on_date, at and half_life_days must not be null');
	ELSIF NOT (points >= 0::numeric AND points < 1e12) OR NOT isfinite(on_date) OR NOT isfinite(at) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('points must be 0 or more, and days finite');
	ELSIF half_life_days < 1 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('half_life_days must be at least 1'),
			DETAIL = format(medaudit._say('It is %s.'), half_life_days);
	END IF;
	RETURN round(CASE WHEN at < on_date OR (at - on_date) / half_life_days >= 200 THEN 0
		ELSE points * power(0.5::numeric, (at - on_date)::numeric / half_life_days) END, 6);
END
$$;

COMMENT ON FUNCTION decayed(numeric, date, date, int) IS
	'衰减记分: what is left on a day of points of an earlier one: points × 0.5^(days ÷ half life), to 6 decimals; 0 before they were given; points below 0, a half life below 1 day and infinite days are 22023, NULL 22004';

CREATE OR REPLACE FUNCTION _credit_level(score numeric) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT l.level FROM medaudit.credit_level AS l
		WHERE NOT l.shipped OR NOT EXISTS (SELECT FROM medaudit.credit_level AS o WHERE NOT o.shipped)
		ORDER BY l.at_least <= score DESC, CASE WHEN l.at_least <= score THEN -l.at_least ELSE l.at_least END LIMIT 1);

COMMENT ON FUNCTION _credit_level(numeric) IS
	'信用等级: the level of a score; below all of them the lowest';

CREATE OR REPLACE FUNCTION _credit_scores(at date) RETURNS TABLE (subject_kind text, subject_id text, score numeric, level text, events bigint, last_on date)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
	SELECT d.subject_kind, d.subject_id, d.score, medaudit._credit_level(d.score), d.events, d.last_on
	FROM (
		SELECT i.subject_kind, i.subject_id, 100 - sum(medaudit.decayed(i.points, i.on_date, _credit_scores.at)) AS score,
			count(*) AS events, max(i.on_date) AS last_on
		FROM medaudit.demerit AS i
		WHERE i.withdrawn_on IS NULL AND i.on_date <= _credit_scores.at
		GROUP BY i.subject_kind, i.subject_id
	) AS d;
END;

COMMENT ON FUNCTION _credit_scores(date) IS
	'信用评分: on a day, of everybody who has lost points by then';

CREATE OR REPLACE VIEW credit_score WITH (security_invoker = true) AS
SELECT concat_ws(' ', c.subject_kind, c.subject_id) AS subject, c.score::numeric(14,6) AS score, c.level, c.level || '级' AS level_zh, c.subject_kind, medaudit.label_zh(c.subject_kind) AS subject_kind_zh,
	c.subject_id, c.events, c.last_on
FROM medaudit._credit_scores(current_date) AS c;

COMMENT ON VIEW credit_score IS
	'信用评分: today, 100 less the points that stand, each half as much after 365 days; who is not here has lost none';
COMMENT ON COLUMN credit_score.subject IS '主体: kind and number';
COMMENT ON COLUMN credit_score.score IS '信用分: 100 - what is left of the points';
COMMENT ON COLUMN credit_score.level IS '信用等级: by credit_level';
COMMENT ON COLUMN credit_score.level_zh IS '信用等级';
COMMENT ON COLUMN credit_score.subject_kind IS '主体类型: code';
COMMENT ON COLUMN credit_score.subject_kind_zh IS '主体类型';
COMMENT ON COLUMN credit_score.subject_id IS '主体编号';
COMMENT ON COLUMN credit_score.events IS '记分次数';
COMMENT ON COLUMN credit_score.last_on IS '最近记分日期';
