-- Features and scores of visits; stay_scores.tables.sql says what they are.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON charge_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON code_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

-- Classes go by their own names too.
CREATE OR REPLACE FUNCTION class_of_charge(category text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT coalesce((SELECT k.class FROM charge_class AS k
			WHERE starts_with(c.category, code_fold(k.category))
			ORDER BY length(k.category) DESC, k.shipped LIMIT 1),
			CASE WHEN _is_charge_class(lower(c.category)) THEN lower(c.category) END)
		FROM (SELECT code_fold(class_of_charge.category) AS category) AS c);

COMMENT ON FUNCTION class_of_charge(text) IS
	'收费分类: class of a category by the longest beginning in charge_class, or by its own name; NULL for NULL and for one that is not there';

CREATE OR REPLACE FUNCTION class_of_code(code text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT coalesce((SELECT k.class FROM code_class AS k
			WHERE starts_with(c.code, code_fold(k.code)) AND (c.kind = 'service' OR NOT k.shipped)
			ORDER BY length(k.code) DESC, k.shipped LIMIT 1),
			CASE c.kind WHEN 'drug_western' THEN 'drug' WHEN 'drug_patent' THEN 'drug'
				WHEN 'drug_herbal' THEN 'drug' WHEN 'material' THEN 'material' END)
		FROM (SELECT f.code, code_kind(f.code) AS kind
			FROM (SELECT code_fold(class_of_code.code) AS code) AS f) AS c);

COMMENT ON FUNCTION class_of_code(text) IS
	'编码分类: class of a charge by its national code: the longest beginning in code_class, else drug or material by its shape; NULL for NULL and for a code that tells nothing';

CREATE OR REPLACE FUNCTION class_of_charge(item_class text, category text, code text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce(class_of_charge(item_class), class_of_charge(category), class_of_code(code));

COMMENT ON FUNCTION class_of_charge(text, text, text) IS
	'收费分类: class of a charge: that of its item''s class, else of its category, else of its national code; NULL where none of them tells';

-- What the catalogue says of items, when it is bound.
CREATE OR REPLACE FUNCTION _item_classes() RETURNS TABLE (item_code text, class text, national_code text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF to_regclass('medaudit_data.item') IS NOT NULL THEN
		PERFORM medaudit._check_trusted('item');
		RETURN QUERY
		SELECT c.code, min(f.class), min(f.national_code)
		-- a view made by hand may lack columns: then those of absent are taken
		FROM (SELECT NULL::text AS facility_id, NULL::text AS class, NULL::text AS national_code) AS absent
		CROSS JOIN medaudit_data.item AS i
		CROSS JOIN LATERAL (SELECT medaudit.code_fold(facility_id::text) AS facility, class::text AS class,
			national_code::text AS national_code FROM (SELECT i.*) AS own) AS f
		CROSS JOIN LATERAL (SELECT i.item_code::text
			UNION ALL SELECT medaudit.code_fold(i.item_code::text) || chr(31) || f.facility WHERE f.facility <> '') AS c (code)
		WHERE c.code IS NOT NULL GROUP BY c.code;
	END IF;
END
$$;

COMMENT ON FUNCTION _item_classes() IS
	'项目类别: class and national code of each item of the bound catalogue, of a code of a hospital also under the code by which a run knows it (see _item_forms()); no rows where item is not bound';

-- The same of many charges at once: what tells is asked once for each class,
-- category and code.  A refund may come without the category of its charge: what
-- tells nothing is of the class that its item has elsewhere.
CREATE OR REPLACE FUNCTION _classes_of_charges(item_codes text[], categories text[])
	RETURNS TABLE (item_code text, category text, class text)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	WITH charge AS MATERIALIZED (
		SELECT c.item_code, c.category, coalesce(i.class, '') AS item_class,
			coalesce(c.category, '') AS word, coalesce(i.national_code, c.item_code) AS code
		FROM ROWS FROM (unnest(item_codes), unnest(categories)) AS c (item_code, category)
		LEFT JOIN medaudit._item_classes() AS i ON i.item_code = c.item_code
	), word AS MATERIALIZED (
		SELECT w.*, medaudit.class_of_charge(w.item_class, w.word, NULL) AS class
		FROM (SELECT DISTINCT c.item_class, c.word FROM charge AS c) AS w
	), told AS (
		SELECT c.item_code, c.category, coalesce(w.class,
			medaudit.class_of_charge(NULL, NULL, c.code)) AS class
		FROM charge AS c
		JOIN word AS w ON w.item_class = c.item_class AND w.word = c.word
	)
	SELECT t.item_code, t.category, coalesce(t.class,
		min(t.class) OVER (PARTITION BY t.item_code))
	FROM told AS t;
END
$$;

COMMENT ON FUNCTION _classes_of_charges(text[], text[]) IS
	'收费分类(批量): class of each pair of item_code and category, by class_of_charge() and the bound catalogue; class NULL where nothing tells; no rows for NULL';

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON score_weight
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION _score_weights(score text) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT jsonb_object_agg(t.part, t.weight) FROM (
		SELECT DISTINCT ON (w.part) w.part, w.weight FROM score_weight AS w
		WHERE w.score = _score_weights.score ORDER BY w.part, w.shipped) AS t);

COMMENT ON FUNCTION _score_weights(text) IS
	'权重: the weights of a score as {"part": weight}, yours before the shipped ones; NULL for NULL and for an unknown score';

CREATE OR REPLACE FUNCTION weighted_score(weights jsonb, parts jsonb) RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT round(sum(w.value::numeric * p.value::numeric)
			/ nullif(sum(w.value::numeric), 0), 4)
		FROM jsonb_each_text(parts) AS p (part, value)
		JOIN jsonb_each_text(weights) AS w (part, value) USING (part)
		WHERE p.value IS NOT NULL);

COMMENT ON FUNCTION weighted_score(jsonb, jsonb) IS
	'加权得分: weighted mean of the parts that are known, from 0 to 1; NULL when none is known or all weigh nothing';

-- Whether a type of visit is an emergency.
CREATE OR REPLACE FUNCTION _is_emergency(visit_type text) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN code_fold(visit_type) ~ '^(13|24|120|210104|急诊|EMERGENCY)';

COMMENT ON FUNCTION _is_emergency(text) IS
	'是否急诊: visit types 13, 24, 120, 210104, 急诊, emergency and what begins so; NULL for NULL';

CREATE OR REPLACE FUNCTION class_of_visit(visit_type text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT k.class FROM visit_class AS k
		WHERE starts_with(code_fold(class_of_visit.visit_type), code_fold(k.visit_type))
		ORDER BY length(k.visit_type) DESC, k.shipped LIMIT 1);

COMMENT ON FUNCTION class_of_visit(text) IS
	'就诊分类: stay or visit, by the longest beginning in visit_class; NULL for NULL and for a type that is not there';

-- What is read outside of a run is asked for as in one.
CREATE OR REPLACE FUNCTION check_bound(VARIADIC relations text[]) RETURNS void
	LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	SELECT string_agg(r, ', ') INTO missing FROM unnest(relations) AS r
	WHERE to_regclass('medaudit_data.' || quote_ident(r)) IS NULL;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '55000',
			MESSAGE = format(medaudit._say('relations are not bound: %s'), missing),
			HINT = medaudit._say('See medaudit.bind() and medaudit.sources().');
	END IF;
	PERFORM medaudit._check_trusted(r) FROM unnest(relations) AS r;
END
$$;

COMMENT ON FUNCTION check_bound(text[]) IS
	'检查绑定: 55000 that names the relations that are not bound, 42501 where reading one would run a function of a third role; NULL for NULL';

-- The days [FROM_DATE, TO_DATE) that somebody asks of.
CREATE OR REPLACE FUNCTION _check_period(from_date date, to_date date) RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF from_date IS NULL OR to_date IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('argument "%s" must not be null'), CASE WHEN from_date IS NULL THEN 'from_date' ELSE 'to_date' END);
	ELSIF NOT from_date < to_date OR NOT isfinite(from_date) OR NOT isfinite(to_date) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('from_date must be before to_date, and both finite'),
			HINT = medaudit._say('to_date is the day after the last one: of March 2025 it is 2025-04-01.');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_period(date, date) IS
	'检查期间: 22004 where a date is NULL, 22023 where the first is not before the second or one is infinite';

-- --------------------------------------------------------------- features

CREATE OR REPLACE FUNCTION _read_visit_features() RETURNS TABLE (visit_id text, person_id text,
	facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text,
	main_diagnosis text, age int, days int, lines bigint, items bigint, amount numeric,
	exam_share numeric, laboratory_share numeric, drug_share numeric,
	treatment_share numeric, surgery_share numeric, nursing_share numeric,
	bed_share numeric, self_pay_share numeric, idle_days int, longest_idle int)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 100000 ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	persons bool := to_regclass('medaudit_data.person') IS NOT NULL;
BEGIN
	PERFORM medaudit.check_bound('visit', 'charge');
	RETURN QUERY
	WITH merged AS (
		SELECT v.visit_id, min(v.person_id) AS person_id,
			min(v.facility_id) AS facility_id, min(v.admitted_at) AS admitted_at,
			CASE WHEN bool_and(v.discharged_at IS NOT NULL)
				THEN max(v.discharged_at) END AS discharged_at,
			min(v.visit_type) AS visit_type, min(v.main_diagnosis) AS main_diagnosis
		FROM medaudit_data.visit AS v WHERE v.visit_id IS NOT NULL GROUP BY v.visit_id
	), item AS MATERIALIZED (
		SELECT c.visit_id, c.charged_at::date AS day, c.category, c.item_code,
			count(*) AS lines, sum(c.amount) AS amount,
			sum(coalesce(c.claimed, c.amount)) AS claimed
		FROM medaudit_data.charge AS c WHERE c.visit_id IS NOT NULL
		GROUP BY c.visit_id, c.charged_at::date, c.category, c.item_code
	), class_of AS MATERIALIZED (
		SELECT c.* FROM (
			SELECT array_agg(i.item_code) AS item_codes, array_agg(i.category) AS categories
			FROM (SELECT DISTINCT t.item_code, t.category FROM item AS t) AS i
		) AS d
		CROSS JOIN LATERAL medaudit._classes_of_charges(d.item_codes, d.categories) AS c
	), classed AS MATERIALIZED (
		SELECT i.*, c.class
		FROM item AS i
		LEFT JOIN class_of AS c ON c.item_code = i.item_code AND c.category IS NOT DISTINCT FROM i.category
	), total AS (
		SELECT c.visit_id, sum(c.lines)::bigint AS lines,
			count(DISTINCT c.item_code) AS items, sum(c.amount) AS amount,
			CASE WHEN sum(c.amount) > 0 AND count(c.class) > 0
				THEN sum(c.amount) END AS whole,
			sum(c.claimed) AS claimed,
			sum(c.amount) FILTER (WHERE c.class = 'exam') AS exam,
			sum(c.amount) FILTER (WHERE c.class = 'laboratory') AS laboratory,
			sum(c.amount) FILTER (WHERE c.class = 'drug') AS drug,
			sum(c.amount) FILTER (WHERE c.class = 'treatment') AS treatment,
			sum(c.amount) FILTER (WHERE c.class = 'surgery') AS surgery,
			sum(c.amount) FILTER (WHERE c.class = 'nursing') AS nursing,
			sum(c.amount) FILTER (WHERE c.class = 'bed') AS bed
		FROM classed AS c GROUP BY c.visit_id
	), active AS (
		SELECT a.visit_id, a.day, a.day - coalesce(lag(a.day) OVER (
				PARTITION BY a.visit_id ORDER BY a.day), m.admitted_at::date) - 1 AS idle_before
		FROM (
			SELECT c.visit_id, c.day FROM classed AS c
			WHERE coalesce(c.class, 'other') NOT IN ('bed', 'nursing', 'consultation')
			GROUP BY c.visit_id, c.day HAVING sum(c.amount) > 0
		) AS a
		JOIN merged AS m ON m.visit_id = a.visit_id
		WHERE a.day > m.admitted_at::date AND a.day < m.discharged_at::date
	), care AS (
		SELECT a.visit_id, count(*) AS days, max(a.idle_before) AS longest,
			max(a.day) AS last_day
		FROM active AS a GROUP BY a.visit_id
	), birth AS (
		SELECT b.person_id, b.birth_date
		FROM medaudit._persons_born() AS b
		WHERE persons
	)
	SELECT m.visit_id, m.person_id, m.facility_id, m.admitted_at, m.discharged_at,
		m.visit_type, m.main_diagnosis,
		extract(year FROM age(m.admitted_at::date, b.birth_date))::int,
		m.discharged_at::date - m.admitted_at::date, coalesce(t.lines, 0), coalesce(t.items, 0),
		coalesce(t.amount, 0),
		round(coalesce(t.exam, 0) / t.whole, 4),
		round(coalesce(t.laboratory, 0) / t.whole, 4),
		round(coalesce(t.drug, 0) / t.whole, 4),
		round(coalesce(t.treatment, 0) / t.whole, 4),
		round(coalesce(t.surgery, 0) / t.whole, 4),
		round(coalesce(t.nursing, 0) / t.whole, 4),
		round(coalesce(t.bed, 0) / t.whole, 4),
		CASE WHEN t.amount > 0 THEN round((t.amount - t.claimed) / t.amount, 4) END,
		CASE WHEN m.discharged_at IS NOT NULL AND t.lines > 0
			THEN greatest(m.discharged_at::date - m.admitted_at::date - 1, 0) - coalesce(c.days, 0)::int END,
		CASE WHEN m.discharged_at IS NOT NULL AND t.lines > 0 THEN greatest(coalesce(c.longest, 0),
			m.discharged_at::date - coalesce(c.last_day, m.admitted_at::date) - 1, 0) END
	FROM merged AS m
	LEFT JOIN total AS t ON t.visit_id = m.visit_id
	LEFT JOIN care AS c ON c.visit_id = m.visit_id
	LEFT JOIN birth AS b ON b.person_id = m.person_id;
END
$$;

COMMENT ON FUNCTION _read_visit_features() IS
	'就诊特征: the rows of the view visit_features; 55000 where visit or charge is not bound';

-- Birth dates, when persons are bound.
CREATE OR REPLACE FUNCTION _persons_born() RETURNS TABLE (person_id text, birth_date date)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF to_regclass('medaudit_data.person') IS NOT NULL THEN
		PERFORM medaudit._check_trusted('person');
		RETURN QUERY SELECT p.person_id, min(medaudit._known_birth_date(p.birth_date))
		FROM medaudit_data.person AS p WHERE p.person_id IS NOT NULL GROUP BY p.person_id;
	END IF;
END
$$;

COMMENT ON FUNCTION _persons_born() IS
	'出生日期: of each person, NULL where it is not known; no rows where persons are not bound';

-- Dates on which a person's card paid, when swipes are bound.
CREATE OR REPLACE FUNCTION _swipe_days() RETURNS TABLE (person_id text, facility_id text, on_date date)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF to_regclass('medaudit_data.swipe') IS NOT NULL THEN
		PERFORM medaudit._check_trusted('swipe');
		RETURN QUERY SELECT DISTINCT s.person_id, s.facility_id, s.swiped_at::date
		FROM medaudit_data.swipe AS s WHERE s.person_id IS NOT NULL AND s.amount > 0;
	END IF;
END
$$;

COMMENT ON FUNCTION _swipe_days() IS
	'刷卡日期: dates and places where a person''s card paid; no rows where swipes are not bound';

CREATE OR REPLACE VIEW visit_features WITH (security_invoker = true) AS
SELECT f.visit_id, f.person_id, f.facility_id, f.admitted_at, f.discharged_at, f.visit_type, f.main_diagnosis,
	f.age, f.days, f.lines, f.items, f.amount::numeric(18,2) AS amount,
	f.exam_share::numeric(20,4) AS exam_share,
	f.laboratory_share::numeric(20,4) AS laboratory_share,
	f.drug_share::numeric(20,4) AS drug_share,
	f.treatment_share::numeric(20,4) AS treatment_share,
	f.surgery_share::numeric(20,4) AS surgery_share,
	f.nursing_share::numeric(20,4) AS nursing_share,
	f.bed_share::numeric(20,4) AS bed_share,
	f.self_pay_share::numeric(20,4) AS self_pay_share,
	f.idle_days, f.longest_idle
FROM _read_visit_features() AS f;

COMMENT ON VIEW visit_features IS
	'就诊特征: a row per bound visit, from one pass over the charges; shares are of the net gross amount, NULL without amount or category';
COMMENT ON COLUMN visit_features.visit_id IS '就诊编号';
COMMENT ON COLUMN visit_features.person_id IS '人员编号';
COMMENT ON COLUMN visit_features.facility_id IS '机构编号';
COMMENT ON COLUMN visit_features.admitted_at IS '入院时间: the earliest of the visit';
COMMENT ON COLUMN visit_features.discharged_at IS '出院时间: the latest of the visit, NULL: still in';
COMMENT ON COLUMN visit_features.visit_type IS '医疗类别';
COMMENT ON COLUMN visit_features.main_diagnosis IS '主要诊断';
COMMENT ON COLUMN visit_features.age IS '年龄: full years on admission; NULL where unknown';
COMMENT ON COLUMN visit_features.days IS '住院天数: discharge date - admission date';
COMMENT ON COLUMN visit_features.lines IS '明细行数';
COMMENT ON COLUMN visit_features.items IS '项目数: different item codes';
COMMENT ON COLUMN visit_features.amount IS '费用总额: yuan, refunds taken off';
COMMENT ON COLUMN visit_features.exam_share IS '检查费占比';
COMMENT ON COLUMN visit_features.laboratory_share IS '化验费占比';
COMMENT ON COLUMN visit_features.drug_share IS '药费占比';
COMMENT ON COLUMN visit_features.treatment_share IS '治疗费占比';
COMMENT ON COLUMN visit_features.surgery_share IS '手术费占比';
COMMENT ON COLUMN visit_features.nursing_share IS '护理费占比';
COMMENT ON COLUMN visit_features.bed_share IS '床位费占比';
COMMENT ON COLUMN visit_features.self_pay_share IS '自费占比: amount not claimed ÷ amount';
COMMENT ON COLUMN visit_features.idle_days IS
	'空床天数: dates between admission and discharge on which no more than bed, nursing and consultation is charged; NULL while the stay goes on, and without charges';
COMMENT ON COLUMN visit_features.longest_idle IS '最长连续空床天数: NULL like idle_days';

-- ----------------------------------------------------------------- scores

-- Parts of a pair of stays, each from 0 to 1, NULL where unknown.
CREATE OR REPLACE FUNCTION split_stay_score(gap_days int, same_facility bool, diagnosis text,
	next_diagnosis text, emergency bool, transferred bool, amount numeric, next_amount numeric)
	RETURNS TABLE (gap_part numeric, facility_part numeric, diagnosis_part numeric,
		emergency_part numeric, transfer_part numeric, amount_part numeric, score numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.*, medaudit.weighted_score(medaudit._score_weights('split_stay'),
		jsonb_build_object('gap', p.gap_part, 'facility', p.facility_part,
			'diagnosis', p.diagnosis_part, 'emergency', p.emergency_part,
			'transfer', p.transfer_part, 'amount', p.amount_part))
	FROM (SELECT
		CASE WHEN gap_days < 0 OR gap_days > 30 THEN 0
			WHEN gap_days IS NOT NULL THEN round(1 - gap_days / 30.0, 4) END AS gap_part,
		same_facility::int::numeric AS facility_part,
		CASE WHEN "left"(d.code, 3) = "left"(d.next_code, 3) THEN 1
			WHEN "left"(d.code, 1) = "left"(d.next_code, 1) THEN 0.3
			WHEN d.code IS NOT NULL AND d.next_code IS NOT NULL THEN 0 END AS diagnosis_part,
		(NOT emergency)::int::numeric AS emergency_part,
		(NOT transferred)::int::numeric AS transfer_part,
		CASE WHEN amount > 0 AND next_amount > 0
			THEN round(least(amount, next_amount) / greatest(amount, next_amount), 4) END AS amount_part
		FROM (SELECT medaudit._diagnosis_fold(diagnosis) AS code,
			medaudit._diagnosis_fold(next_diagnosis) AS next_code) AS d
	) AS p
$$;

COMMENT ON FUNCTION split_stay_score(int, bool, text, text, bool, bool, numeric, numeric) IS
	'分解住院评分: parts from 0 to 1 of a pair of stays and their weighted mean: days between (1 at 0, 0 from 30 on), same facility, diagnosis (3 characters 1, the first 0.3), no emergency, no transfer, likeness of the amounts; a NULL argument leaves its part NULL and out of the score';

CREATE OR REPLACE FUNCTION split_stay_scores(max_gap_days int DEFAULT 30) RETURNS TABLE (person_id text,
	visit_id text, next_visit_id text, facility_id text, next_facility_id text, gap_days int,
	diagnosis text, next_diagnosis text, amount numeric, next_amount numeric,
	gap_part numeric, facility_part numeric, diagnosis_part numeric,
	emergency_part numeric, transfer_part numeric, amount_part numeric, score numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit.check_bound('visit');
	RETURN QUERY
	WITH stay AS (
		SELECT v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at,
			v.main_diagnosis, v.total_amount, v.visit_type, v.referral_visit_id
		FROM medaudit_data.visit AS v
		WHERE coalesce(medaudit.class_of_visit(v.visit_type) = 'stay',
			v.discharged_at::date > v.admitted_at::date)
	), book AS (
		SELECT medaudit.stays(s.visit_id, s.person_id, s.facility_id, s.admitted_at,
			s.discharged_at, s.main_diagnosis, s.total_amount) AS s
		FROM stay AS s GROUP BY s.person_id HAVING count(*) > 1
	)
	SELECT d.*, p.*
	FROM book AS b
	CROSS JOIN LATERAL medaudit.split_stays(b.s, max_gap_days, false, 0) AS d
	JOIN (SELECT s.visit_id, bool_or(medaudit._is_emergency(s.visit_type)) AS emergency,
			bool_or(s.referral_visit_id IS NOT NULL) AS transferred
		FROM stay AS s GROUP BY s.visit_id) AS n ON n.visit_id = d.next_visit_id
	CROSS JOIN LATERAL medaudit.split_stay_score(d.gap_days, d.facility_id = d.next_facility_id,
		d.diagnosis, d.next_diagnosis, n.emergency, n.transferred, d.amount, d.next_amount) AS p;
END
$$;

COMMENT ON FUNCTION split_stay_scores(int) IS
	'分解住院评分: every pair of a stay and the one of the person that ended last before it (split_stays) with at most max_gap_days between them, whatever the facility and diagnosis, with the parts of split_stay_score; 55000 where visit is not bound, NULL is 22004';

CREATE OR REPLACE FUNCTION hang_bed_score(inner_days int, idle_days int, longest_idle int,
	bed_share numeric, away int)
	RETURNS TABLE (idle_part numeric, run_part numeric, bed_part numeric, away_part numeric,
		score numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.*, medaudit.weighted_score(medaudit._score_weights('hang_bed'),
		jsonb_build_object('idle', p.idle_part, 'run', p.run_part,
			'bed', p.bed_part, 'away', p.away_part))
	FROM (SELECT
		CASE WHEN inner_days > 0 AND idle_days IS NOT NULL
			THEN round(least(1, 2.0 * idle_days / inner_days), 4) END AS idle_part,
		CASE WHEN longest_idle IS NOT NULL
			THEN round(least(1, greatest(longest_idle - 1, 0) / 2.0), 4) END AS run_part,
		CASE WHEN bed_share IS NOT NULL
			THEN round(least(1, greatest(0, bed_share)), 4) END AS bed_part,
		CASE WHEN away > 0 THEN 1 WHEN away IS NOT NULL THEN 0 END::numeric AS away_part
	) AS p
$$;

COMMENT ON FUNCTION hang_bed_score(int, int, int, numeric, int) IS
	'挂床评分: parts from 0 to 1 and their weighted mean: idle days of the inner days (1 from half on), the longest run (1 day 0, 3 days 1), share of bed and nursing in the money, presence elsewhere (any: 1); a NULL argument leaves its part NULL and out of the score';

CREATE OR REPLACE FUNCTION hang_bed_scores() RETURNS TABLE (visit_id text, person_id text,
	facility_id text, admitted_at timestamp, discharged_at timestamp, inner_days int,
	idle_days int, longest_idle int, bed_share numeric, away_visits int, away_swipes int,
	idle_part numeric, run_part numeric, bed_part numeric, away_part numeric, score numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	PERFORM medaudit.check_bound('visit', 'charge');
	RETURN QUERY
	WITH visit AS MATERIALIZED (
		SELECT f.* FROM medaudit._read_visit_features() AS f
	), stay AS MATERIALIZED (
		SELECT v.* FROM visit AS v
		WHERE v.days > 1 AND coalesce(medaudit.class_of_visit(v.visit_type), 'stay') = 'stay'
	), pharmacy AS (
		SELECT t.visit_type FROM medaudit.stay_tag AS t
		WHERE t.tag = 'pharmacy' AND t.visit_type IS NOT NULL
	), referred AS (
		SELECT r.visit_id FROM medaudit_data.visit AS r
		WHERE r.referral_visit_id IS NOT NULL AND r.visit_id IS NOT NULL
	), away AS (
		SELECT s.visit_id, count(*)::int AS visits
		FROM stay AS s
		JOIN visit AS e ON e.person_id = s.person_id
			AND (e.days = 0 OR coalesce(e.days, 1) = 1 AND medaudit.class_of_visit(e.visit_type) = 'visit')
			AND e.admitted_at::date > s.admitted_at::date
			AND e.admitted_at::date < s.discharged_at::date
		WHERE NOT EXISTS (SELECT FROM pharmacy AS i
				WHERE starts_with(medaudit.code_fold(e.visit_type), medaudit.code_fold(i.visit_type)))
			AND e.visit_id NOT IN (SELECT r.visit_id FROM referred AS r)
			AND (e.lines = 0 OR e.amount > 0)
		GROUP BY s.visit_id
	), swiped AS (
		SELECT s.visit_id, count(*)::int AS days
		FROM stay AS s
		JOIN medaudit._swipe_days() AS w ON w.person_id = s.person_id
			AND w.facility_id <> s.facility_id AND w.on_date > s.admitted_at::date
			AND w.on_date < s.discharged_at::date
		GROUP BY s.visit_id
	)
	SELECT s.visit_id, s.person_id, s.facility_id, s.admitted_at, s.discharged_at,
		s.days - 1, s.idle_days, s.longest_idle, s.bed_share + s.nursing_share,
		coalesce(a.visits, 0), coalesce(w.days, 0), p.*
	FROM stay AS s
	LEFT JOIN away AS a ON a.visit_id = s.visit_id
	LEFT JOIN swiped AS w ON w.visit_id = s.visit_id
	CROSS JOIN LATERAL medaudit.hang_bed_score(s.days - 1, s.idle_days, s.longest_idle,
		s.bed_share + s.nursing_share, coalesce(a.visits, 0) + coalesce(w.days, 0)) AS p;
END
$$;

COMMENT ON FUNCTION hang_bed_scores() IS
	'挂床评分: each bound stay (see visit_class) of two nights and more with the parts of hang_bed_score; presence elsewhere: visits of less than a night and a day (pharmacies, referrals and what was taken back left out) and card payments at other facilities between the first and the last day; 55000 where visit or charge is not bound';

CREATE OR REPLACE FUNCTION low_standard_score(exam_share numeric, treatment_share numeric, days int, age int)
	RETURNS TABLE (exam_part numeric, treatment_part numeric, days_part numeric,
		age_part numeric, score numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.*, medaudit.weighted_score(medaudit._score_weights('low_standard'),
		jsonb_build_object('exam', p.exam_part, 'treatment', p.treatment_part,
			'days', p.days_part, 'age', p.age_part))
	FROM (SELECT
		CASE WHEN exam_share >= 0.8 THEN 1 WHEN exam_share IS NOT NULL THEN 0 END::numeric AS exam_part,
		CASE WHEN treatment_share > 0 THEN 0 WHEN treatment_share IS NOT NULL THEN 1 END::numeric AS treatment_part,
		CASE WHEN days <= 3 THEN 1 WHEN days < 7 THEN round((7 - days) / 4.0, 4)
			WHEN days IS NOT NULL THEN 0 END::numeric AS days_part,
		CASE WHEN age >= 75 OR age < 1 THEN 0 WHEN age IS NOT NULL THEN 1 END::numeric AS age_part
	) AS p
$$;

COMMENT ON FUNCTION low_standard_score(numeric, numeric, int, int) IS
	'低标准入院评分: parts from 0 to 1 and their weighted mean: examination and laboratory at least 80 % of the money, no treatment or surgery, days (to 3: 1, from 7 on: 0), age (below 1 and from 75 on: 0); a NULL argument leaves its part NULL and out of the score';

CREATE OR REPLACE FUNCTION low_standard_scores() RETURNS TABLE (visit_id text, person_id text,
	facility_id text, admitted_at timestamp, discharged_at timestamp, main_diagnosis text,
	days int, age int, exam_share numeric, treatment_share numeric, amount numeric,
	exam_part numeric, treatment_part numeric, days_part numeric, age_part numeric, score numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT f.visit_id, f.person_id, f.facility_id, f.admitted_at, f.discharged_at,
		f.main_diagnosis, f.days, f.age, f.exam_share + f.laboratory_share,
		f.treatment_share + f.surgery_share, f.amount, p.*
	FROM medaudit._read_visit_features() AS f
	CROSS JOIN LATERAL medaudit.low_standard_score(f.exam_share + f.laboratory_share,
		f.treatment_share + f.surgery_share, f.days, f.age) AS p
	WHERE f.days > 0 AND coalesce(medaudit.class_of_visit(f.visit_type), 'stay') = 'stay';
END
$$;

COMMENT ON FUNCTION low_standard_scores() IS
	'低标准入院评分: each bound stay (see visit_class) of a night and more with the parts of low_standard_score; 55000 where visit or charge is not bound';
