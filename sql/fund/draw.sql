-- Draws that anybody can do again (双随机抽查).
--
-- Each unit gets the SHA-256 of the seed and its identifier, a number that nobody
-- chose; those with the smallest are drawn.  With weights it is Pareto sampling (Rosén
-- 1997): the number u in (0, 1) becomes u / (1 - u) * (1 - p) / p, where p is the chance
-- that the unit shall have, and the smallest are drawn, of a number fixed before and
-- without replacement.  No number depends on another unit, so that a row more moves
-- only the end of the list, and no answer depends on the order of rows.
--
-- Who draws must not choose.  A plan fixes its frame and the SHA-256 of the seed before;
-- the seed is said afterwards, and a public number that nobody could know may be part of
-- it.  Triggers see to it, whoever writes: a plan takes no seed but the one promised,
-- its units are what the seed makes of them (a function past the guard writes that and
-- nothing else), and neither is changed again.
--
-- Cost: of a million units with weights a draw takes some seconds, memory for their keys
-- if all are wanted, for the drawn ones else; a plan writes all its rows once more.

CREATE OR REPLACE FUNCTION draw_key(seed text, id text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 20
	RETURN sha256(convert_to(seed || chr(31) || id, 'UTF8'));

COMMENT ON FUNCTION draw_key(text, text) IS
	'抽取值: SHA-256 of seed, the byte 1F and id (in UTF-8), as printf ''%s\x1f%s'' "$seed" "$id" | sha256sum has it; NULL for NULL';

-- The number in (0, 1) that the first 52 bits of a key say, in the middle of its step.
CREATE OR REPLACE FUNCTION _key_uniform(key bytea) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
	RETURN ((('x' || "left"(encode(key, 'hex'), 13))::bit(52))::bigint + 0.5::float8) / 4503599627370496::float8;

COMMENT ON FUNCTION _key_uniform(bytea) IS
	'均匀数: (first 13 hexadecimal digits + 0.5) / 2^52 of a key; NULL for NULL';

CREATE OR REPLACE FUNCTION draw_uniform(seed text, id text) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 25
	RETURN _key_uniform(draw_key(seed, id));

COMMENT ON FUNCTION draw_uniform(text, text) IS
	'抽取均匀数: (first 13 hexadecimal digits of draw_key + 0.5) / 2^52, between 0 and 1 and never one of these; NULL for NULL';

CREATE OR REPLACE FUNCTION draw_size(population bigint, share numeric, minimum bigint DEFAULT 1) RETURNS bigint
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF num_nulls(population, share, minimum) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('population, share and minimum must not be null');
	ELSIF NOT (population >= 0 AND share >= 0::numeric AND share <= 1::numeric AND minimum >= 0) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('population and minimum must be at least 0, share between 0 and 1');
	END IF;
	RETURN least(population, greatest(minimum, ceil(share * population)::bigint));
END
$$;

COMMENT ON FUNCTION draw_size(bigint, numeric, bigint) IS
	'抽取数量: how many of a population are drawn at a share, rounded up, at least minimum and at most all; a share not between 0 and 1 or a number below 0 is 22023, NULL 22004';

CREATE OR REPLACE FUNCTION _first_repeated(texts text[]) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_first_repeated'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION _first_repeated(text[]) IS
	'首个重复项: the first of some texts that has come before, byte by byte; NULL where none has, and for NULL';

CREATE OR REPLACE FUNCTION _check_distinct(ids text[]) RETURNS void
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	repeated text := medaudit._first_repeated(ids);
BEGIN
	IF repeated IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" stands in the list twice'), repeated);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_distinct(text[]) IS
	'检查重复: 22023 that names the first identifier that has come before; NULL for NULL';

-- So that no chance, and nothing made of it, leaves float8.
CREATE OR REPLACE FUNCTION _check_weights(weights numeric[]) RETURNS void
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	seen record;
BEGIN
	SELECT bool_or(w.weight IS NULL) AS missing, bool_or(NOT (w.weight >= 1e-12 AND w.weight <= 1e12)) AS wrong INTO seen FROM unnest(weights) AS w (weight);
	IF seen.missing THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('weights must not be null');
	ELSIF seen.wrong THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('weights must be greater than 0, from 1e-12 to 1e12');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_weights(numeric[]) IS
	'检查权重: 22004 where a weight is NULL, 22023 where one is not positive, or so small or large that it cannot be one; NULL for NULL';

-- Who reaches 1 has a weight at least as great as all others who do: so they are found from
-- the greatest on, and one by one is as all of a round at once.
CREATE OR REPLACE FUNCTION _certain_units(weights numeric[], size int, OUT certain int, OUT least_certain numeric, OUT rest numeric)
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	weight numeric;
	greatest_weight numeric;
BEGIN
	certain := 0;
	SELECT sum(w.weight), max(w.weight) INTO rest, greatest_weight FROM unnest(weights) AS w (weight);
	IF greatest_weight * size < rest THEN
		RETURN;
	END IF;
	FOR weight IN SELECT w.weight FROM unnest(weights) AS w (weight) ORDER BY w.weight DESC LIMIT size LOOP
		EXIT WHEN weight * (size - certain) < rest;
		certain := certain + 1;
		rest := rest - weight;
		least_certain := weight;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _certain_units(numeric[], int) IS
	'必抽对象: of how many the chance reaches 1 when so many are drawn, the least weight of these (NULL: none), and the weight of all others together; NULLs for NULL';

CREATE OR REPLACE FUNCTION draw_inclusion(weights numeric[], size int) RETURNS float8[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	bound record;
	places float8;
	rest float8;
BEGIN
	IF num_nulls(weights, size) > 0 THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('weights and size must not be null');
	ELSIF NOT (size >= 0) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('size must be at least 0');
	END IF;
	PERFORM medaudit._check_weights(weights);
	SELECT c.* INTO bound FROM medaudit._certain_units(weights, size) AS c;
	places := size - bound.certain;
	rest := bound.rest;
	RETURN ARRAY(
		SELECT CASE WHEN w.weight >= bound.least_certain THEN 1 ELSE least(1, places * w.weight::float8 / rest) END
		FROM unnest(weights) AS w (weight));
END
$$;

COMMENT ON FUNCTION draw_inclusion(numeric[], int) IS
	'入样概率: the chance of each of some units to be among size drawn ones: size * weight / sum of weights; who reaches 1 is certain, and the rest is shared out again without him; no weights give {}, a weight that is not positive or a size below 0 22023, NULL 22004';

CREATE OR REPLACE FUNCTION _draw_order(seed text, ids text[], inclusions float8[], most int)
	RETURNS TABLE (place int, id text, inclusion float8, key bytea)
	AS 'MODULE_PATHNAME', 'medaudit_draw_order'
	LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 ROWS 1000;

COMMENT ON FUNCTION _draw_order(text, text[], float8[], int) IS
	'抽取次序: units, each with its chance, in the order in which they are drawn, the first most of them (NULL: all), with their keys; arguments are checked by who calls';

-- Without weights all have the same chance.
CREATE OR REPLACE FUNCTION _draw_chances(weights numeric[], units int, size int) RETURNS float8[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN weights IS NOT NULL THEN draw_inclusion(weights, size)
		WHEN units > 0 THEN array_fill(least(1::float8, size / units::float8), ARRAY[units]) ELSE '{}'::float8[] END;

COMMENT ON FUNCTION _draw_chances(numeric[], int, int) IS
	'入样概率: draw_inclusion() of weights, or of so many units that are all alike; never NULL where numbers are none';
CREATE OR REPLACE FUNCTION _check_lists(words text[], numbers numeric[]) RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF greatest(array_ndims(words), array_ndims(numbers)) > 1 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('lists must have one dimension');
	END IF;
END
$$;

COMMENT ON FUNCTION _check_lists(text[], numeric[]) IS
	'检查列表: 22023 where a list has several dimensions; NULL lists pass';


CREATE OR REPLACE FUNCTION draw_sample(seed text, ids text[], size int, weights numeric[] DEFAULT NULL)
	RETURNS TABLE (place int, id text, inclusion float8, key text)
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._check_lists(ids, weights);
	IF num_nulls(seed, ids, size) > 0 OR array_position(ids, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('seed, ids and size must not be null');
	ELSIF NOT (size >= 0) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('size must be at least 0');
	ELSIF cardinality(weights) <> cardinality(ids) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('there must be one weight for each id');
	END IF;
	PERFORM medaudit._check_distinct(ids);
	RETURN QUERY
	SELECT o.place, o.id, o.inclusion, encode(o.key, 'hex')
	FROM medaudit._draw_order(seed, ids, medaudit._draw_chances(weights, cardinality(ids), size), size) AS o;
END
$$;

COMMENT ON FUNCTION draw_sample(text, text[], int, numeric[]) IS
	'抽取样本: draws size of ids, all where there are not so many, by Pareto sampling: place, chance and key of each; without weights in the order of draw_key; the same id twice, a weight that is not positive, another number of weights or a size below 0 is 22023, NULL 22004';

-- ------------------------------------------------------------------ the plan

-- As lines that a shell can make from the published frame.
CREATE OR REPLACE FUNCTION _frame_digest(plan_id bigint, OUT digest text, OUT size bigint)
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT encode(sha256(coalesce(string_agg(convert_to(concat_ws(chr(31), u.unit_id, u.stratum, trim_scale(u.weight), u.excluded) || E'\n', 'UTF8'), ''::bytea
		ORDER BY convert_to(u.unit_id, 'UTF8')), ''::bytea)), 'hex'), count(*)
	FROM plan_unit AS u WHERE u.plan_id = _frame_digest.plan_id;
END;

COMMENT ON FUNCTION _frame_digest(bigint) IS
	'名单摘要: SHA-256 of the frame of a plan and its size: units in the order of their bytes, a line each of unit, stratum, weight and, where it is left out, why, between them the byte 1F, each line ended by 0A';

CREATE OR REPLACE FUNCTION _plan_seed(seed text, beacon text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat_ws(chr(31), seed, beacon);

COMMENT ON FUNCTION _plan_seed(text, text) IS
	'抽取种子: the seed of a draw: what was promised and, where there is one, the byte 1F and the public number';

-- What the seed makes of a plan.  Strata are drawn by themselves.
CREATE OR REPLACE FUNCTION _plan_draw(plan_id bigint) RETURNS TABLE (unit_id text, inclusion float8, key text, place int)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT o.id, o.inclusion, encode(o.key, 'hex'), CASE WHEN o.place <= s.size THEN o.place END
	FROM (
		SELECT count(*)::int AS units, array_agg(u.unit_id) AS ids, CASE WHEN min(u.weight) < max(u.weight) THEN array_agg(u.weight) END AS weights,
			medaudit.draw_size(count(*), min(p.share), min(p.minimum))::int AS size, medaudit._plan_seed(min(p.seed), min(p.beacon)) AS seed
		FROM medaudit.inspection_plan AS p
		JOIN medaudit.plan_unit AS u ON u.plan_id = p.plan_id
		WHERE p.plan_id = _plan_draw.plan_id AND p.drawn_at IS NOT NULL AND u.excluded IS NULL
		GROUP BY u.stratum
	) AS s
	CROSS JOIN LATERAL medaudit._draw_order(s.seed, s.ids, medaudit._draw_chances(s.weights, s.units, s.size), NULL) AS o
$$;

COMMENT ON FUNCTION _plan_draw(bigint) IS
	'计划抽取结果: chance, key and, where it is drawn, place of each unit of a plan that is not left out, by its seed; no rows before it is drawn';

CREATE OR REPLACE PROCEDURE _write_draw(plan_id bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	-- how many units there are the planner cannot know
	SET enable_nestloop = off
AS $$
BEGIN
	UPDATE medaudit.plan_unit AS u SET inclusion = d.inclusion, key = d.key, place = d.place
	FROM medaudit._plan_draw(_write_draw.plan_id) AS d
	WHERE u.plan_id = _write_draw.plan_id AND u.unit_id = d.unit_id;
END
$$;

COMMENT ON PROCEDURE _write_draw(bigint) IS
	'写入抽取结果: gives the units of a plan what its seed makes of them; 23001 unless _draw_units() calls it';

CREATE OR REPLACE FUNCTION _draw_units(plan_id bigint) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_draw_units'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _draw_units(bigint) IS
	'抽取对象: calls _write_draw() past the guard of plan_unit, with the rights of the caller; NULL for NULL';

CREATE OR REPLACE FUNCTION _drawing() RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_drawing'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION _drawing() IS
	'是否正在抽取: whether a plan is just being drawn by this session; never NULL';

-- ----------------------------------------------------------- what is refused

-- What the owner inserts is taken as it is, for so a restore brings it.
CREATE OR REPLACE FUNCTION _guard_plan() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		IF medaudit._owns(TG_RELID) THEN
			RETURN NEW;
		END IF;
		CALL medaudit._check_other_actor(NEW.opened_by);
		NEW.opened_at := clock_timestamp();
		IF NEW.seed IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = medaudit._say('a plan is opened before it is drawn'),
				HINT = medaudit._say('See medaudit.open_draw() and medaudit.draw_plan().');
		END IF;
		RETURN NEW;
	END IF;
	IF OLD.drawn_at IS NOT NULL OR NEW.drawn_at IS NULL
			OR to_jsonb(NEW) - '{seed,beacon,share,minimum,drawn_at,drawn_by}'::text[]
				<> to_jsonb(OLD) - '{seed,beacon,share,minimum,drawn_at,drawn_by}'::text[] THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('plan %s is drawn once, and not changed'), OLD.plan_id),
			HINT = medaudit._say('Open another one.');
	ELSIF encode(sha256(convert_to(NEW.seed, 'UTF8')), 'hex') <> OLD.commitment THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('that is not the seed that was promised for plan %s'), OLD.plan_id),
			DETAIL = format(medaudit._say('Its SHA-256 is %s, promised was %s.'), encode(sha256(convert_to(NEW.seed, 'UTF8')), 'hex'), OLD.commitment);
	END IF;
	CALL medaudit._check_other_actor(NEW.drawn_by);
	PERFORM medaudit.draw_size(0, NEW.share, NEW.minimum);
	NEW.drawn_at := clock_timestamp();
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _guard_plan() IS
	'计划防护: trigger of inspection_plan; it is opened by who says so (42501), drawn once with the promised seed (22023), and else not changed (23001)';

CREATE OR REPLACE FUNCTION _follow_plan() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._draw_units(NEW.plan_id);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _follow_plan() IS
	'执行抽取: trigger of inspection_plan; a plan that has its seed is drawn';

CREATE OR REPLACE FUNCTION _guard_unit() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._drawing() THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('rows of %s are added and never changed'), TG_TABLE_NAME),
			HINT = medaudit._say('The seed of the plan draws them: see medaudit.draw_plan().');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _guard_unit() IS
	'名单防护: trigger of plan_unit; a statement that no draw makes is 23001, for everybody';

-- A frame comes whole, as its plan says, or not at all.
CREATE OR REPLACE FUNCTION _check_frame() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	problem bigint;
BEGIN
	IF medaudit._owns(TG_RELID) THEN
		RETURN NULL;
	ELSIF EXISTS (SELECT FROM added AS a WHERE num_nonnulls(a.inclusion, a.key, a.place) > 0) THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = medaudit._say('a plan is opened before it is drawn'),
			HINT = medaudit._say('See medaudit.open_draw() and medaudit.draw_plan().');
	END IF;
	SELECT a.plan_id INTO problem FROM (SELECT DISTINCT i.plan_id FROM added AS i) AS a
	CROSS JOIN LATERAL medaudit._frame_digest(a.plan_id) AS f
	WHERE NOT EXISTS (SELECT FROM medaudit.inspection_plan AS p
		WHERE p.plan_id = a.plan_id AND p.drawn_at IS NULL AND p.frame_digest = f.digest AND p.frame_size = f.size) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('plan %s has another frame'), problem),
			HINT = medaudit._say('Open another one.');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_frame() IS
	'检查名单: trigger of plan_unit; rows after which the frame is not what its plan promises are 23001, drawn ones 55000';

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON inspection_plan
	FOR EACH ROW EXECUTE FUNCTION _guard_plan();
CREATE OR REPLACE TRIGGER follow_plan AFTER UPDATE ON inspection_plan
	FOR EACH ROW WHEN (OLD.drawn_at IS NULL) EXECUTE FUNCTION _follow_plan();
CREATE OR REPLACE TRIGGER keep_rows BEFORE DELETE OR TRUNCATE ON inspection_plan
	FOR EACH STATEMENT EXECUTE FUNCTION _keep_rows();
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_unit
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_unit();
CREATE OR REPLACE TRIGGER check_frame AFTER INSERT ON plan_unit
	REFERENCING NEW TABLE AS added
	FOR EACH STATEMENT EXECUTE FUNCTION _check_frame();

-- ------------------------------------------------------------------ the acts

CREATE OR REPLACE FUNCTION open_draw(title text, kind text, commitment text, strata text[], ids text[], weights numeric[] DEFAULT NULL,
		excluded text[] DEFAULT NULL, actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	opened bigint;
	digest text;
BEGIN
	PERFORM medaudit._check_lists(ids, weights), medaudit._check_lists(strata, NULL), medaudit._check_lists(excluded, NULL);
	IF num_nulls(title, kind, commitment, strata, ids) > 0 OR array_position(strata, NULL) IS NOT NULL OR array_position(ids, NULL) IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('title, kind, commitment, strata and ids must not be null');
	ELSIF kind NOT IN ('inspection', 'record_review', 'supervision') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no kind of plan'), kind),
			HINT = medaudit._say('It is inspection, record_review or supervision.');
	ELSIF commitment !~ '^[0-9a-fA-F]{64}$' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('commitment must be the SHA-256 of the seed, 64 hexadecimal digits'),
			HINT = medaudit._say('In a shell: printf %s "$seed" | sha256sum');
	ELSIF medaudit.code_fold(title) = '' OR cardinality(ids) = 0 OR EXISTS (SELECT FROM unnest(ids) AS i (id) WHERE btrim(i.id) = '') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN medaudit.code_fold(title) = '' THEN medaudit._say('a plan has a title')
			ELSE medaudit._say('a frame has units, and each has an identifier') END;
	ELSIF cardinality(strata) <> cardinality(ids) OR cardinality(weights) <> cardinality(ids) OR cardinality(excluded) <> cardinality(ids) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('strata, weights and excluded must be as many as ids');
	ELSIF EXISTS (SELECT FROM unnest(ids || strata || excluded) AS t (part) WHERE t.part ~ E'[\x01-\x1f]') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('identifiers, strata and reasons must be without control characters');
	END IF;
	CALL medaudit._check_other_actor(medaudit._acting(actor));
	PERFORM medaudit._check_weights(weights);
	PERFORM medaudit._check_distinct(ids);
	IF lower(commitment) = encode(sha256(''), 'hex') OR EXISTS (SELECT FROM medaudit.inspection_plan AS o
			WHERE o.commitment = lower(open_draw.commitment) AND o.seed IS NOT NULL) THEN
		RAISE WARNING USING MESSAGE = medaudit._say('the seed of this commitment is known already: anybody knows what will be drawn'),
			HINT = medaudit._say('Each plan has a seed of its own, long and by chance: openssl rand -hex 32');
	END IF;
	SELECT encode(sha256(string_agg(convert_to(concat_ws(chr(31), u.id, u.stratum, trim_scale(coalesce(u.weight, 1)), nullif(btrim(u.reason), '')) || E'\n',
		'UTF8'), ''::bytea ORDER BY convert_to(u.id, 'UTF8'))), 'hex')
	INTO digest FROM unnest(ids, strata, weights, excluded) AS u (id, stratum, weight, reason);
	INSERT INTO medaudit.inspection_plan AS p (title, kind, commitment, frame_digest, frame_size, opened_by)
	VALUES (title, kind, lower(commitment), digest, cardinality(ids), medaudit._acting(actor))
	RETURNING p.plan_id INTO opened;
	INSERT INTO medaudit.plan_unit (plan_id, unit_id, stratum, weight, excluded)
	SELECT opened, u.id, u.stratum, coalesce(u.weight, 1), nullif(btrim(u.reason), '')
	FROM unnest(ids, strata, weights, excluded) AS u (id, stratum, weight, reason);
	RETURN opened;
END
$$;

COMMENT ON FUNCTION open_draw(text, text, text, text[], text[], numeric[], text[], text) IS
	'公布抽查名单: keeps the frame of a draw, with the stratum of each unit, its weight (all alike where NULL) and, where it is to be left out, why (NULL: it is not), and the SHA-256 of the seed and of the frame; returns the number of the plan; an unknown kind, a commitment that is none, no unit, one twice, a weight that is not positive, lists of other lengths or of several dimensions are 22023, NULL 22004, a commitment whose seed is known a WARNING, another name than one''s own 42501';

CREATE OR REPLACE FUNCTION _drawn_plan(plan_id bigint) RETURNS inspection_plan
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plan medaudit.inspection_plan;
BEGIN
	IF plan_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'plan_id');
	END IF;
	SELECT p.* INTO plan FROM medaudit.inspection_plan AS p WHERE p.plan_id = _drawn_plan.plan_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('there is no plan %s'), plan_id);
	END IF;
	RETURN plan;
END
$$;

COMMENT ON FUNCTION _drawn_plan(bigint) IS
	'抽查计划: a plan, drawn or not; an unknown one is 22023, NULL 22004';

CREATE OR REPLACE FUNCTION draw_plan(plan_id bigint, seed text, share numeric, minimum bigint DEFAULT 1, beacon text DEFAULT NULL,
		actor text DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF seed IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'seed');
	ELSIF beacon = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('beacon must say something; NULL where there is none');
	END IF;
	PERFORM medaudit._drawn_plan(plan_id), medaudit.draw_size(0, share, minimum);
	UPDATE medaudit.inspection_plan AS p
	SET seed = draw_plan.seed, beacon = draw_plan.beacon, share = draw_plan.share, minimum = draw_plan.minimum,
		drawn_at = clock_timestamp(), drawn_by = medaudit._acting(actor)
	WHERE p.plan_id = draw_plan.plan_id AND p.drawn_at IS NULL;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = format(medaudit._say('plan %s is drawn already'), plan_id),
			HINT = medaudit._say('Open another one.');
	END IF;
	RETURN (SELECT count(u.place) FROM medaudit.plan_unit AS u WHERE u.plan_id = draw_plan.plan_id);
END
$$;

COMMENT ON FUNCTION draw_plan(bigint, text, numeric, bigint, text, text) IS
	'抽取: draws of each stratum of a plan a share, rounded up, and at least minimum, by the seed and, where there is one, the public number, and returns how many were drawn; an unknown plan, a seed whose SHA-256 is not what was promised or a share not between 0 and 1 is 22023, a plan that is drawn 55000, NULL 22004';

CREATE OR REPLACE FUNCTION check_draw(plan_id bigint) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
DECLARE
	plan medaudit.inspection_plan := medaudit._drawn_plan(plan_id);
	frame record;
BEGIN
	SELECT f.* INTO frame FROM medaudit._frame_digest(plan_id) AS f;
	IF (frame.digest, frame.size) IS DISTINCT FROM (plan.frame_digest, plan.frame_size)
			OR encode(sha256(convert_to(plan.seed, 'UTF8')), 'hex') <> plan.commitment THEN
		RETURN false;
	ELSIF plan.drawn_at IS NULL THEN
		RETURN CASE WHEN EXISTS (SELECT FROM medaudit.plan_unit AS u WHERE u.plan_id = check_draw.plan_id
			AND num_nonnulls(u.inclusion, u.key, u.place) > 0) THEN false END;
	END IF;
	RETURN NOT EXISTS (
		SELECT FROM medaudit.plan_unit AS u
		LEFT JOIN medaudit._plan_draw(check_draw.plan_id) AS d ON d.unit_id = u.unit_id
		WHERE u.plan_id = check_draw.plan_id AND (u.inclusion, u.key, u.place) IS DISTINCT FROM (d.inclusion, d.key, d.place));
END
$$;

COMMENT ON FUNCTION check_draw(bigint) IS
	'复核抽取: whether the frame is the one whose SHA-256 was published, the seed the one promised, and the draw, done again, the same; NULL where all that is but the draw is still to come; an unknown plan is 22023, NULL 22004';
