-- ------------------------------------------------------------ settings

CREATE OR REPLACE FUNCTION _kind_of_rule(rule_code text) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT r.kind FROM medaudit.rule AS r WHERE r.rule_code = _kind_of_rule.rule_code);

COMMENT ON FUNCTION _kind_of_rule(text) IS
	'规则的类型: kind of a rule; NULL: it is not known';

-- A change of a shipped rule is kept in rule_setting, and a setting shows in
-- the rule; each writes the other only where it differs.
CREATE OR REPLACE FUNCTION _keep_shipped_rule() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	-- a setting shows in the rule from its own trigger
	may_change text[] := '{enabled,certainty}'::text[] || CASE WHEN pg_trigger_depth() > 1 THEN 'parameters' END;
BEGIN
	IF NOT medaudit._in_extension_script() AND to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
		RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('of a shipped rule only enabled and certainty can be changed (rule "%s")'), OLD.rule_code),
			HINT = medaudit._say('medaudit.set_rule() changes its parameters; or disable it and add one of your own.');
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _keep_shipped_rule() IS
	'内置规则保护: trigger of rule; of a shipped rule only enabled and certainty change, and parameters by rule_setting, else 23001';

-- What an upgrade ships is noted, and what the fund set stays.  It fires when the
-- script names the column, so that one which ships nothing new of it is not taken
-- for shipping what the fund has set.  A script gives all parameters of a rule.
CREATE OR REPLACE FUNCTION _ship_column() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	kept medaudit.rule_setting;
BEGIN
	IF NOT medaudit._in_extension_script() THEN
		RETURN NEW;
	END IF;
	UPDATE medaudit.rule_setting AS s
	SET shipped_enabled = CASE TG_ARGV[0] WHEN 'enabled' THEN NEW.enabled ELSE s.shipped_enabled END,
		shipped_certainty = CASE TG_ARGV[0] WHEN 'certainty' THEN NEW.certainty ELSE s.shipped_certainty END,
		shipped_parameters = CASE TG_ARGV[0] WHEN 'parameters' THEN NEW.parameters ELSE s.shipped_parameters END
	WHERE s.rule_code = NEW.rule_code
	RETURNING s.* INTO kept;
	CASE TG_ARGV[0]
		WHEN 'enabled' THEN NEW.enabled := coalesce(kept.enabled, NEW.enabled);
		WHEN 'certainty' THEN NEW.certainty := coalesce(kept.certainty, NEW.certainty);
		ELSE NEW.parameters := NEW.parameters || coalesce(kept.parameters, '{}');
	END CASE;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _ship_column() IS
	'升级内置规则: trigger (column) of rule; notes what an upgrade ships, and leaves what rule_setting has';

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
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('setting of rule "%s": "%s" is no certainty'), NEW.rule_code, NEW.certainty),
			HINT = medaudit._say('It is violation, suspicion or notice.');
	END IF;
	IF NEW.parameters IS NOT NULL THEN
		IF NOT medaudit._restoring() THEN
			NEW.parameters := medaudit._checked_parameters(NEW.rule_code, medaudit._kind_of_rule(NEW.rule_code), NEW.parameters);
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
			r.parameters
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
	holds medaudit.rule_setting := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
	IF medaudit._in_extension_script() THEN
		RETURN NULL;
	ELSIF TG_OP = 'DELETE' THEN
		holds.enabled := NULL;
		holds.certainty := NULL;
		holds.parameters := NULL;
	END IF;
	holds.enabled := coalesce(holds.enabled, holds.shipped_enabled);
	holds.certainty := coalesce(holds.certainty, holds.shipped_certainty);
	holds.parameters := holds.shipped_parameters || coalesce(holds.parameters, '{}');
	UPDATE medaudit.rule AS r
	SET enabled = holds.enabled, certainty = holds.certainty, parameters = holds.parameters
	WHERE r.rule_code = holds.rule_code
	AND (r.enabled, r.certainty, r.parameters) IS DISTINCT FROM (holds.enabled, holds.certainty, holds.parameters);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _apply_setting() IS
	'应用规则设置: trigger of rule_setting; shows a setting in its rule, and what was shipped when the setting is deleted';

CREATE OR REPLACE TRIGGER b_keep_shipped_rule BEFORE UPDATE ON rule
	FOR EACH ROW WHEN (OLD.shipped OR NEW.shipped) EXECUTE FUNCTION _keep_shipped_rule();
CREATE OR REPLACE TRIGGER b_ship_enabled BEFORE UPDATE OF enabled ON rule
	FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION _ship_column('enabled');
CREATE OR REPLACE TRIGGER b_ship_certainty BEFORE UPDATE OF certainty ON rule
	FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION _ship_column('certainty');
CREATE OR REPLACE TRIGGER b_ship_parameters BEFORE UPDATE OF parameters ON rule
	FOR EACH ROW WHEN (NEW.shipped) EXECUTE FUNCTION _ship_column('parameters');
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

CREATE OR REPLACE FUNCTION _near_rules(rule_codes text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format(medaudit._say('Perhaps you mean %s.'), string_agg(DISTINCT n.name, ', '))
	FROM unnest(rule_codes) AS c (code)
	CROSS JOIN LATERAL unnest(medaudit._near_names(c.code, (SELECT array_agg(r.rule_code) FROM medaudit.rule AS r))) AS n (name)
	HAVING count(*) > 0
$$;

COMMENT ON FUNCTION _near_rules(text[]) IS
	'相近规则: the hint that names the rules for which misspelt codes may stand; NULL: none is near';

CREATE OR REPLACE PROCEDURE _check_setting(rule_code text, certainty text, parameters jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF rule_code IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('rule_code must not be null');
	END IF;
	IF NOT EXISTS (SELECT FROM medaudit.rule AS r WHERE r.rule_code = _check_setting.rule_code) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s" is not known'), rule_code),
			HINT = coalesce(medaudit._near_rules(ARRAY[rule_code]), medaudit._say('The rules stand in medaudit.rule.'));
	END IF;
	IF certainty NOT IN ('violation', 'suspicion', 'notice') THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": "%s" is no certainty'), rule_code, certainty),
			HINT = medaudit._say('It is violation, suspicion or notice.');
	END IF;
	IF parameters IS NOT NULL THEN
		PERFORM medaudit._checked_parameters(rule_code, medaudit._kind_of_rule(rule_code), parameters);
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
	SET enabled = coalesce(set_rule.enabled, r.enabled), certainty = coalesce(set_rule.certainty, r.certainty),
		parameters = r.parameters || coalesce(set_rule.parameters, '{}')
	WHERE r.rule_code = set_rule.rule_code;
END
$$;

COMMENT ON FUNCTION set_rule(text, bool, text, jsonb) IS
	'设置规则: switches a rule on or off, changes its certainty and some of its parameters; NULL leaves as is, a parameter that is null goes back to what was shipped (of one''s own rule: to the default of its kind); of a shipped rule the change is kept in rule_setting; an unknown rule, certainty or parameter, or a value of another type or out of range, is 22023, a NULL rule_code 22004';

-- ------------------------------------------------------ what holds

-- Of a shipped rule what is compared with is what was shipped.
CREATE OR REPLACE VIEW rule_parameters WITH (security_invoker = true) AS
SELECT r.rule_code, p.name, coalesce(r.parameters -> p.name, p.default_value) AS value, d.default_value,
	coalesce(r.parameters -> p.name, p.default_value) IS DISTINCT FROM d.default_value AS changed,
	p.unit, p.meaning_zh, p.meaning_en, p.type, p.minimum, p.maximum, p.choices
FROM rule AS r
JOIN rule_parameter AS p ON p.kind = r.kind
LEFT JOIN rule_setting AS s ON s.rule_code = r.rule_code
CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN r.shipped THEN coalesce(s.shipped_parameters, r.parameters) -> p.name END,
	p.default_value) AS default_value) AS d;

COMMENT ON VIEW rule_parameters IS
	'规则参数: each parameter of each rule that has some: the value that holds, what it goes back to (of a shipped rule what was shipped, else the default of its kind), whether it was changed, and what it means';
COMMENT ON COLUMN rule_parameters.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN rule_parameters.name IS '参数: name';
COMMENT ON COLUMN rule_parameters.value IS '现值: what holds';
COMMENT ON COLUMN rule_parameters.default_value IS '缺省值: what it goes back to: of a shipped rule what was shipped, else the default of the kind';
COMMENT ON COLUMN rule_parameters.changed IS '是否改过: whether the two differ';
COMMENT ON COLUMN rule_parameters.unit IS '单位: of the value; NULL: none';
COMMENT ON COLUMN rule_parameters.meaning_zh IS '含义: in Chinese';
COMMENT ON COLUMN rule_parameters.meaning_en IS '英文含义: in English';
COMMENT ON COLUMN rule_parameters.type IS '类型: of the value';
COMMENT ON COLUMN rule_parameters.minimum IS '最小值: at least; NULL: no bound';
COMMENT ON COLUMN rule_parameters.maximum IS '最大值: at most; NULL: no bound';
COMMENT ON COLUMN rule_parameters.choices IS '可选值: words that it may be; NULL: any';

GRANT SELECT ON rule_parameters TO PUBLIC;
