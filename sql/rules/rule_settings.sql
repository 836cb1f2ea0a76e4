-- ---------------------------------------------------------- parameters

-- Rules over stays and over persons have their parameters in tables that come
-- after this file; those over charges have rows of knowledge instead.
CREATE OR REPLACE FUNCTION _parameter_table(rule_code text) RETURNS regclass
	LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 100
	RETURN (SELECT to_regclass(CASE k.book WHEN 'stays' THEN 'medaudit.stay_rule'
			WHEN 'persons' THEN 'medaudit.person_rule' END)
		FROM medaudit.rule AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind
		WHERE r.rule_code = _parameter_table.rule_code);

COMMENT ON FUNCTION _parameter_table(text) IS
	'参数表: the table that holds the parameters of a rule; NULL: the rule has none, or is not known';

CREATE OR REPLACE FUNCTION _known_parameters(parameters regclass) RETURNS TABLE (name text, type regtype)
	LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT a.attname::text, a.atttypid::regtype
	FROM pg_attribute AS a
	WHERE a.attrelid = parameters AND a.attnum > 0 AND NOT a.attisdropped
		AND a.attname NOT IN ('rule_code', 'shipped')
	ORDER BY a.attnum
$$;

COMMENT ON FUNCTION _known_parameters(regclass) IS
	'参数清单: names and types of the parameters that a table of parameters has; no rows for NULL';

-- Numbers are counts, days, shares and yuan: none is negative.
CREATE OR REPLACE FUNCTION _parameter_fits(type regtype, value jsonb) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10
	RETURN CASE jsonb_typeof(value)
		WHEN 'null' THEN true
		WHEN 'boolean' THEN type = 'bool'::regtype
		WHEN 'string' THEN type = 'text'::regtype
		WHEN 'number' THEN CASE
			WHEN type = 'int4'::regtype THEN value::numeric BETWEEN 0::numeric AND 2147483647::numeric
				AND value::numeric = trunc(value::numeric)
			WHEN type IN ('float8'::regtype, 'numeric'::regtype)
				THEN value::numeric BETWEEN 0::numeric AND 1e15::numeric
			ELSE false END
		WHEN 'array' THEN type = 'text[]'::regtype
			AND NOT jsonb_path_exists(value, '$[*] ? (@.type() <> "string")')
		ELSE false END;

COMMENT ON FUNCTION _parameter_fits(regtype, jsonb) IS
	'参数值是否合适: whether a JSON value can be a parameter of a type: whole numbers for int4, none negative, lists of strings for text[]; null fits all';

CREATE OR REPLACE FUNCTION _rule_parameters(rule_code text) RETURNS jsonb
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	place regclass := medaudit._parameter_table(rule_code);
	parameters jsonb;
BEGIN
	IF place IS NOT NULL THEN
		EXECUTE format(
			'SELECT to_jsonb(p) - ''{rule_code,shipped}''::text[] FROM %s AS p WHERE p.rule_code = $1', place)
		INTO parameters USING rule_code;
	END IF;
	RETURN parameters;
END
$$;

COMMENT ON FUNCTION _rule_parameters(text) IS
	'规则参数: the parameters of a rule over stays or persons as they hold now; NULL: the rule has none, or is not known';

-- A parameter that is null gets the default of its column.
CREATE OR REPLACE PROCEDURE _write_parameters(rule_code text, parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	place regclass := medaudit._parameter_table(rule_code);
	given text;
	name text;
BEGIN
	EXECUTE format('INSERT INTO %s (rule_code) SELECT $1
		WHERE NOT EXISTS (SELECT FROM %1$s AS p WHERE p.rule_code = $1)', place) USING rule_code;
	SELECT string_agg(quote_ident(k.name), ', ') INTO given
	FROM medaudit._known_parameters(place) AS k
	WHERE jsonb_typeof(parameters -> k.name) <> 'null';
	IF given IS NOT NULL THEN
		EXECUTE format('UPDATE %s AS p SET (%s) = (
			SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $2)) WHERE p.rule_code = $1',
			place, given) USING rule_code, parameters;
	END IF;
	FOR name IN SELECT k.name FROM medaudit._known_parameters(place) AS k
		WHERE jsonb_typeof(parameters -> k.name) = 'null'
	LOOP
		EXECUTE format('UPDATE %s AS p SET %I = DEFAULT WHERE p.rule_code = $1', place, name)
		USING rule_code;
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _write_parameters(text, jsonb) IS
	'写入规则参数: sets the parameters that are named; null stands for the default of the column';

CREATE OR REPLACE PROCEDURE _check_parameters(rule_code text, parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	place regclass := medaudit._parameter_table(rule_code);
	wrong text;
BEGIN
	IF jsonb_typeof(parameters) <> 'object' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'parameters must be a JSON object',
			HINT = 'Write {"name": value}.';
	END IF;
	SELECT string_agg(n, ', ' ORDER BY n COLLATE "C") INTO wrong
	FROM jsonb_object_keys(parameters) AS n
	WHERE NOT EXISTS (SELECT FROM medaudit._known_parameters(place) AS k WHERE k.name = n);
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('rule "%s" has no parameter %s', rule_code, wrong),
			HINT = coalesce('Its parameters are ' || (SELECT string_agg(k.name, ', ')
				FROM medaudit._known_parameters(place) AS k) || '.',
				'Rules over charges have rows in medaudit.charge_rule and package, and no parameters.');
	END IF;
	SELECT string_agg(format('%s must be %s: %s', k.name, CASE
			WHEN k.type = 'int4'::regtype THEN 'a whole number, not negative'
			WHEN k.type = 'text[]'::regtype THEN 'a list of strings'
			WHEN k.type = 'bool'::regtype THEN 'true or false'
			WHEN k.type = 'text'::regtype THEN 'a string'
			ELSE 'a number, not negative' END, parameters -> k.name), '; ' ORDER BY k.name COLLATE "C")
	INTO wrong
	FROM medaudit._known_parameters(place) AS k
	WHERE NOT medaudit._parameter_fits(k.type, parameters -> k.name);
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('rule "%s": %s', rule_code, wrong);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_parameters(text, jsonb) IS
	'检查规则参数: 22023 for names that the rule does not have (the hint lists those that it has) and for values of another type';

-- A shipped row of parameters changes through its setting only.  An upgrade
-- that ships another value keeps the fund's.
CREATE OR REPLACE FUNCTION _keep_parameters() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	changed jsonb;
BEGIN
	IF medaudit._in_extension_script() AND TG_OP <> 'DELETE' THEN
		NEW.shipped := true;
		UPDATE medaudit.rule_setting AS s
		SET shipped_parameters = to_jsonb(NEW) - '{rule_code,shipped}'::text[]
		WHERE s.rule_code = NEW.rule_code
		RETURNING s.parameters INTO changed;
		NEW := jsonb_populate_record(NEW, coalesce(changed, '{}'));
	ELSIF TG_OP = 'INSERT' THEN
		NEW.shipped := false;
	ELSIF OLD.shipped AND NOT medaudit._in_extension_script()
			AND (TG_OP = 'DELETE' OR pg_trigger_depth() = 1) THEN
		RAISE EXCEPTION 'shipped rows of % cannot be changed (rule "%")', TG_TABLE_NAME, OLD.rule_code
			USING ERRCODE = '23001',
				HINT = 'medaudit.set_rule() changes the parameters of a shipped rule; or disable it and add one of your own.';
	ELSIF TG_OP = 'UPDATE' THEN
		NEW.shipped := OLD.shipped;
	END IF;
	RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

COMMENT ON FUNCTION _keep_parameters() IS
	'内置参数保护: trigger of stay_rule and person_rule; shipped rows change through rule_setting only, else 23001';

-- ------------------------------------------------------------ settings

-- A change of a shipped rule is kept in rule_setting, and a setting shows in
-- the rule; each writes the other only where it differs.
CREATE OR REPLACE FUNCTION _keep_shipped_rule() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	kept medaudit.rule_setting;
BEGIN
	IF medaudit._in_extension_script() THEN
		-- what an upgrade ships is noted, and what the fund set stays
		UPDATE medaudit.rule_setting AS s
		SET shipped_enabled = NEW.enabled, shipped_certainty = NEW.certainty
		WHERE s.rule_code = NEW.rule_code
		RETURNING s.* INTO kept;
		NEW.enabled := coalesce(kept.enabled, NEW.enabled);
		NEW.certainty := coalesce(kept.certainty, NEW.certainty);
		RETURN NEW;
	END IF;
	IF ROW (NEW.rule_code, NEW.kind, NEW.violation, NEW.name_zh, NEW.name_en, NEW.subject,
			NEW.article, NEW.behaviour_code, NEW.source, NEW.shipped, NEW.article_code, NEW.national_code)
		IS DISTINCT FROM ROW (OLD.rule_code, OLD.kind, OLD.violation, OLD.name_zh, OLD.name_en,
			OLD.subject, OLD.article, OLD.behaviour_code, OLD.source, OLD.shipped, OLD.article_code,
			OLD.national_code) THEN
		RAISE EXCEPTION 'of a shipped rule only enabled and certainty can be changed (rule "%")', OLD.rule_code
			USING ERRCODE = '23001', HINT = 'Disable it and add one of your own.';
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _keep_shipped_rule() IS
	'内置规则保护: trigger of rule; of a shipped rule only enabled and certainty change, else 23001; an upgrade leaves what rule_setting has';

CREATE OR REPLACE FUNCTION _write_setting() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	enabled bool := CASE WHEN NEW.enabled <> OLD.enabled THEN NEW.enabled END;
	certainty text := CASE WHEN NEW.certainty <> OLD.certainty THEN NEW.certainty END;
BEGIN
	IF medaudit._in_extension_script() OR pg_trigger_depth() > 1 THEN
		RETURN NULL;
	END IF;
	INSERT INTO medaudit.rule_setting AS s
		(rule_code, enabled, certainty, shipped_enabled, shipped_certainty)
	VALUES (NEW.rule_code, enabled, certainty, OLD.enabled, OLD.certainty)
	ON CONFLICT (rule_code) DO UPDATE
	SET enabled = coalesce(excluded.enabled, s.enabled),
		certainty = coalesce(excluded.certainty, s.certainty),
		changed_at = now(), changed_by = CURRENT_USER;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _write_setting() IS
	'写入规则设置: trigger of rule; keeps what was changed of a shipped rule in rule_setting';

-- What was shipped is read when a setting comes in, also from a dump of an
-- older version; only UPDATE of rule tells it, for then the rule has changed.
CREATE OR REPLACE FUNCTION _complete_setting() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told bool := pg_trigger_depth() > 1;
BEGIN
	IF NEW.certainty NOT IN ('violation', 'suspicion', 'notice') THEN
		RAISE EXCEPTION 'setting of rule "%": "%" is no certainty', NEW.rule_code, NEW.certainty
			USING ERRCODE = '22023', HINT = 'It is violation, suspicion or notice.';
	END IF;
	IF NEW.parameters IS NOT NULL THEN
		IF NOT medaudit._restoring() THEN
			CALL medaudit._check_parameters(NEW.rule_code, NEW.parameters);
		END IF;
		NEW.parameters := nullif(jsonb_strip_nulls(NEW.parameters), '{}');
	END IF;
	IF TG_OP = 'INSERT' AND medaudit._restoring()
			AND NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = NEW.rule_code AND r.shipped) THEN
		-- of a rule that does not come with medaudit the dump alone knows it
		NULL;
	ELSIF TG_OP = 'INSERT' THEN
		SELECT CASE WHEN told THEN coalesce(NEW.shipped_enabled, r.enabled) ELSE r.enabled END,
			CASE WHEN told THEN coalesce(NEW.shipped_certainty, r.certainty) ELSE r.certainty END,
			medaudit._rule_parameters(r.rule_code)
		INTO NEW.shipped_enabled, NEW.shipped_certainty, NEW.shipped_parameters
		FROM medaudit.rule AS r WHERE r.rule_code = NEW.rule_code;
	ELSIF NOT medaudit._in_extension_script() THEN
		NEW.shipped_enabled := OLD.shipped_enabled;
		NEW.shipped_certainty := OLD.shipped_certainty;
		NEW.shipped_parameters := OLD.shipped_parameters;
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _complete_setting() IS
	'补全规则设置: trigger of rule_setting; checks certainty and parameters (22023) and notes what was shipped';

CREATE OR REPLACE FUNCTION _apply_setting() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	holds medaudit.rule_setting;
	parameters jsonb;
BEGIN
	IF medaudit._in_extension_script() THEN
		RETURN NULL;
	ELSIF TG_OP = 'DELETE' THEN
		holds := OLD;
		holds.enabled := OLD.shipped_enabled;
		holds.certainty := OLD.shipped_certainty;
		parameters := OLD.shipped_parameters;
	ELSE
		holds := NEW;
		holds.enabled := coalesce(NEW.enabled, NEW.shipped_enabled);
		holds.certainty := coalesce(NEW.certainty, NEW.shipped_certainty);
		parameters := NEW.shipped_parameters || coalesce(NEW.parameters, '{}');
	END IF;
	UPDATE medaudit.rule AS r
	SET enabled = holds.enabled, certainty = holds.certainty
	WHERE r.rule_code = holds.rule_code
	AND (r.enabled, r.certainty) IS DISTINCT FROM (holds.enabled, holds.certainty);
	IF parameters <> medaudit._rule_parameters(holds.rule_code) THEN
		CALL medaudit._write_parameters(holds.rule_code, parameters);
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _apply_setting() IS
	'应用规则设置: trigger of rule_setting; shows a setting in its rule and its parameters, and what was shipped when the setting is deleted';

CREATE OR REPLACE TRIGGER b_keep_shipped_rule BEFORE UPDATE ON rule
	FOR EACH ROW WHEN (OLD.shipped OR NEW.shipped) EXECUTE FUNCTION _keep_shipped_rule();
CREATE OR REPLACE TRIGGER c_write_setting AFTER UPDATE ON rule
	FOR EACH ROW WHEN (OLD.shipped AND (OLD.enabled, OLD.certainty) IS DISTINCT FROM (NEW.enabled, NEW.certainty))
	EXECUTE FUNCTION _write_setting();
CREATE OR REPLACE TRIGGER a_complete_setting BEFORE INSERT OR UPDATE ON rule_setting
	FOR EACH ROW EXECUTE FUNCTION _complete_setting();
CREATE OR REPLACE TRIGGER a_check_inserted_rule AFTER INSERT ON rule_setting
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER a_check_updated_rule AFTER UPDATE ON rule_setting
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER b_apply_setting AFTER INSERT OR UPDATE OR DELETE ON rule_setting
	FOR EACH ROW EXECUTE FUNCTION _apply_setting();

-- ------------------------------------------------------------ set_rule

-- Likeness of two names by the pairs of letters that they share.
CREATE OR REPLACE FUNCTION _near_names(name text, known text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 10000
	RETURN ARRAY(
		SELECT k.name
		FROM (SELECT DISTINCT n.name, (
				SELECT count(*) * 2.0 / greatest(length(n.name) + length(_near_names.name) - 2, 1)
				FROM (SELECT substr(n.name, i, 2) AS pair FROM generate_series(1, length(n.name) - 1) AS i
					INTERSECT
					SELECT substr(_near_names.name, i, 2) FROM generate_series(1, length(_near_names.name) - 1) AS i) AS p
			) AS likeness
			FROM unnest(known) AS n (name)) AS k
		WHERE k.likeness >= 0.5
		ORDER BY k.likeness DESC, k.name COLLATE "C" LIMIT 3);

COMMENT ON FUNCTION _near_names(text, text[]) IS
	'相近名称: at most three of the known names that a misspelt one may stand for, the likest first; {}: none is near';

CREATE OR REPLACE PROCEDURE _check_setting(rule_code text, certainty text, parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF rule_code IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'rule_code must not be null';
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = _check_setting.rule_code) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('rule "%s" is not known', rule_code),
			HINT = coalesce('Perhaps you mean ' || nullif(array_to_string(medaudit._near_names(
				rule_code, (SELECT array_agg(r.rule_code) FROM medaudit.rule AS r)), ', '), '') || '.',
				'The rules stand in medaudit.rule.');
	END IF;
	IF certainty NOT IN ('violation', 'suspicion', 'notice') THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('rule "%s": "%s" is no certainty', rule_code, certainty),
			HINT = 'It is violation, suspicion or notice.';
	END IF;
	IF parameters IS NOT NULL THEN
		CALL medaudit._check_parameters(rule_code, parameters);
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_setting(text, text, jsonb) IS
	'检查规则设置: 22004 or 22023 for arguments that set_rule() cannot take';

CREATE OR REPLACE FUNCTION set_rule(rule_code text, enabled bool DEFAULT NULL, certainty text DEFAULT NULL,
	parameters jsonb DEFAULT NULL) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._check_setting(rule_code, certainty, parameters);
	IF EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = set_rule.rule_code AND r.shipped) THEN
		INSERT INTO medaudit.rule_setting AS s (rule_code, enabled, certainty, parameters)
		VALUES (set_rule.rule_code, set_rule.enabled, set_rule.certainty, set_rule.parameters)
		ON CONFLICT ON CONSTRAINT rule_setting_pkey DO UPDATE
		SET enabled = coalesce(excluded.enabled, s.enabled),
			certainty = coalesce(excluded.certainty, s.certainty),
			parameters = coalesce(s.parameters, '{}') || coalesce(set_rule.parameters, '{}'),
			changed_at = now(), changed_by = CURRENT_USER;
		DELETE FROM medaudit.rule_setting AS s
		WHERE s.rule_code = set_rule.rule_code
			AND s.enabled IS NULL AND s.certainty IS NULL AND s.parameters IS NULL;
		RETURN;
	END IF;
	UPDATE medaudit.rule AS r
	SET enabled = coalesce(set_rule.enabled, r.enabled), certainty = coalesce(set_rule.certainty, r.certainty)
	WHERE r.rule_code = set_rule.rule_code;
	IF parameters IS NOT NULL THEN
		CALL medaudit._write_parameters(rule_code, parameters);
	END IF;
EXCEPTION WHEN check_violation THEN
	RAISE EXCEPTION USING ERRCODE = '22023',
		MESSAGE = format('rule "%s": a parameter is out of range', rule_code), DETAIL = SQLERRM;
END
$$;

COMMENT ON FUNCTION set_rule(text, bool, text, jsonb) IS
	'设置规则: switches a rule on or off, changes its certainty and, of a rule over stays or persons, some of its parameters; NULL leaves as is, a parameter that is null goes back to what was shipped (of one''s own rule: to the default); of a shipped rule the change is kept in rule_setting; an unknown rule, certainty or parameter, or a value of another type, is 22023, a NULL rule_code 22004';
