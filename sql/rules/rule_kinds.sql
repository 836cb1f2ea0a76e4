-- ----------------------------------------------------------------- kinds

-- Rows that the extension ships change with it alone.
CREATE OR REPLACE FUNCTION _keep_shipped_row() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP <> 'INSERT' AND OLD.shipped AND NOT medaudit._in_extension_script() THEN
		RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('shipped rows of %s cannot be changed (kind "%s")'), TG_TABLE_NAME, OLD.kind),
			HINT = TG_ARGV[0];
	ELSIF TG_OP = 'DELETE' THEN
		RETURN OLD;
	END IF;
	NEW.shipped := medaudit._in_extension_script();
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _keep_shipped_row() IS
	'内置行保护: trigger (hint) of rule_kind, rule_parameter and evidence_template; marks rows that the extension ships and refuses their change and removal with 23001';

CREATE OR REPLACE FUNCTION _kind_function(asks text) RETURNS regprocedure
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT p.oid::regprocedure FROM pg_proc AS p
	WHERE p.oid = to_regprocedure(asks) AND p.prokind = 'f' AND p.proretset
		AND p.prorettype = 'medaudit.run_group'::regtype
		AND oidvectortypes(p.proargtypes) = 'bigint, text, jsonb'
$$;

COMMENT ON FUNCTION _kind_function(text) IS
	'判定函数: the function (bigint, text, jsonb) of this name that returns SETOF run_group; NULL: there is none, and for NULL';

CREATE OR REPLACE FUNCTION _unknown_needs(needs text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(coalesce(a.name, 'NULL'), ', ')
	FROM unnest(needs) AS n (need)
	LEFT JOIN LATERAL string_to_table(n.need, '|') AS a (name) ON true
	WHERE NOT EXISTS (SELECT FROM medaudit.relation_column AS c
		WHERE a.name IN (c.relation, c.relation || '.' || c.column_name))
$$;

COMMENT ON FUNCTION _unknown_needs(text[]) IS
	'未知数据: which of the relations and columns that a kind needs nothing can be bound to; NULL: none';

-- The owner of what is called does what he likes with the rights of whoever calls it.
CREATE OR REPLACE FUNCTION _is_trusted_function(asked regprocedure) RETURNS bool
	LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- looked at in each step of a run, and planned once
	RETURN (SELECT r.rolsuper OR r.rolname = CURRENT_USER
			OR r.oid = (SELECT e.extowner FROM pg_extension AS e WHERE e.extname = 'medaudit')
		FROM pg_proc AS p
		JOIN pg_roles AS r ON r.oid = p.proowner
		WHERE p.oid = asked);
END
$$;

COMMENT ON FUNCTION _is_trusted_function(regprocedure) IS
	'函数是否可信: whether a function is the current user''s, a superuser''s or the extension owner''s; NULL for NULL';

-- Rows of one's own are checked when they come in, by add_rule_kind() or by hand.
CREATE OR REPLACE FUNCTION _check_own_kind(kind rule_kind) RETURNS void
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked regprocedure := medaudit._kind_function(kind.asks);
	unknown text := medaudit._unknown_needs(kind.needs);
BEGIN
	IF kind.book = 'charges' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('kind "%s": rules over charges are rows of charge_rule and package'), kind.kind),
			HINT = medaudit._say('A function that reads charges by itself is of book claims.');
	ELSIF asked IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('kind "%s": %s is no function (bigint, text, jsonb) that returns SETOF medaudit.run_group'),
				kind.kind, coalesce(kind.asks, 'NULL'));
	ELSIF (SELECT p.pronamespace = pg_my_temp_schema() FROM pg_proc AS p WHERE p.oid = asked) THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('kind "%s": %s ends with the session'), kind.kind, kind.asks);
	ELSIF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('kind "%s" needs what nothing can be bound to: %s'), kind.kind, unknown),
			HINT = medaudit._say('medaudit.sources() lists the relations, medaudit.relation_column their columns; write person, person.phone or person.phone|person.address.');
	END IF;
	-- it must plan as a run will call it; planning runs some of what is in it
	IF medaudit._is_trusted_function(asked) THEN
		EXECUTE format('EXPLAIN SELECT * FROM %s(0::bigint, ''''::text, ''{}''::jsonb)', asked::regproc);
	END IF;
END
$$;

COMMENT ON FUNCTION _check_own_kind(rule_kind) IS
	'自定义规则类型检查: 22023 for a kind over charges, a function that no run can ask and needs that nothing can be bound to; the planner''s own error where the function does not plan';

CREATE OR REPLACE FUNCTION _check_rule_kind() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	-- the order in which a run asks; shipped kinds leave room behind them
	books text[] := '{charges,stays,persons,fills,cards,stock,claims,indicators}';
BEGIN
	IF medaudit._restoring() THEN
		RETURN NEW;
	ELSIF TG_OP = 'UPDATE' AND NEW.kind <> OLD.kind THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('a kind of rule cannot be renamed (kind "%s")'), OLD.kind);
	ELSIF NEW.kind !~ '^[a-z][a-z0-9_]*$' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no name of a kind'), NEW.kind),
			HINT = medaudit._say('It is of lower-case letters, digits and underscores.');
	ELSIF NEW.book <> ALL (books) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('kind "%s": "%s" is no book'), NEW.kind, NEW.book),
			HINT = format(medaudit._say('It is one of %s.'), array_to_string(books, ', '));
	ELSIF NEW.natural_period NOT IN ('day', 'month', 'quarter', 'year') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('kind "%s": "%s" is no natural period'), NEW.kind, NEW.natural_period),
			HINT = medaudit._say('It is day, month, quarter or year.');
	END IF;
	NEW.place := coalesce(NEW.place, 100 * array_position(books, NEW.book) + 99);
	IF NOT medaudit._in_extension_script() THEN
		PERFORM medaudit._check_own_kind(NEW);
	END IF;
	-- as it is written whatever the search_path
	SELECT format('%I.%I(bigint,text,jsonb)', s.nspname, p.proname) INTO NEW.asks
	FROM pg_proc AS p
	JOIN pg_namespace AS s ON s.oid = p.pronamespace
	WHERE p.oid = medaudit._kind_function(NEW.asks);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_rule_kind() IS
	'规则类型检查: trigger of rule_kind; names, book, function and needs, else 22023, but in a restore';

CREATE OR REPLACE FUNCTION _refuse_kind_in_use() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	used record;
BEGIN
	SELECT r.kind, string_agg(r.rule_code, ', ' ORDER BY r.rule_code COLLATE "C") AS rules INTO used
	FROM medaudit.rule AS r
	JOIN gone AS g ON g.kind = r.kind
	GROUP BY r.kind ORDER BY r.kind COLLATE "C" LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '23503', MESSAGE = format(medaudit._say('there are rules of kind "%s": %s'), used.kind, used.rules),
			HINT = medaudit._say('Delete the rules first.');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _refuse_kind_in_use() IS
	'在用类型保护: trigger of rule_kind; 23503 for the removal of a kind that rules have';

CREATE OR REPLACE TRIGGER a_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON rule_kind
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_row('medaudit.add_rule_kind() adds a kind of your own.');
CREATE OR REPLACE TRIGGER b_check BEFORE INSERT OR UPDATE ON rule_kind
	FOR EACH ROW EXECUTE FUNCTION _check_rule_kind();
CREATE OR REPLACE TRIGGER c_refuse_in_use AFTER DELETE ON rule_kind
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_kind_in_use();
CREATE OR REPLACE TRIGGER d_forget_rows AFTER DELETE ON rule_kind
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('kind', 'rule_parameter', 'evidence_template');
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON rule_kind
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();

-- By name: run_group(visit_ids => …, evidence => …); what is not given is NULL.
CREATE OR REPLACE FUNCTION run_group(
	subject_kind text DEFAULT NULL, subject_id text DEFAULT NULL, key text DEFAULT NULL,
	person_id text DEFAULT NULL, visit_id text DEFAULT NULL, facility_id text DEFAULT NULL,
	physician_id text DEFAULT NULL, visit_ids text[] DEFAULT NULL, line_ids text[] DEFAULT NULL,
	excess_quantity numeric DEFAULT NULL, gross_amount numeric DEFAULT NULL,
	claimed_amount numeric DEFAULT NULL, involved_amount numeric DEFAULT NULL, score float8 DEFAULT NULL,
	certainty text DEFAULT NULL, evidence jsonb DEFAULT NULL, evidence_text text DEFAULT NULL,
	judged_on date DEFAULT NULL)
	RETURNS run_group
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ROW (
		run_group.subject_kind, run_group.subject_id, run_group.key, run_group.person_id, run_group.visit_id,
		run_group.facility_id, run_group.physician_id, run_group.visit_ids, run_group.line_ids,
		run_group.excess_quantity, run_group.gross_amount, run_group.claimed_amount, run_group.involved_amount,
		run_group.score, run_group.certainty, run_group.evidence, run_group.evidence_text, run_group.judged_on)::run_group;

COMMENT ON FUNCTION run_group(text, text, text, text, text, text, text, text[], text[], numeric, numeric, numeric, numeric, double precision, text, jsonb, text, date) IS
	'判定结果: one thing that the function of a kind found, by named arguments; see the type run_group';

CREATE OR REPLACE FUNCTION add_rule_kind(kind text, book text, asks regprocedure, name_zh text,
	needs text[] DEFAULT '{}', natural_period text DEFAULT 'day', anchored bool DEFAULT false) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	given jsonb := jsonb_build_object('kind', kind, 'book', book, 'asks', asks, 'name_zh', name_zh,
		'needs', needs, 'natural_period', natural_period, 'anchored', anchored);
	name text;
BEGIN
	SELECT g.key INTO name FROM jsonb_each(given) AS g WHERE g.value = 'null' LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), name);
	ELSIF EXISTS (SELECT FROM medaudit.rule_kind AS k WHERE k.kind = add_rule_kind.kind AND k.shipped) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('kind "%s" comes with medaudit'), kind),
			HINT = medaudit._say('Give yours another name.');
	END IF;
	INSERT INTO medaudit.rule_kind AS k (kind, book, asks, name_zh, needs, natural_period, anchored)
	VALUES (add_rule_kind.kind, add_rule_kind.book, add_rule_kind.asks::text, add_rule_kind.name_zh,
		add_rule_kind.needs, add_rule_kind.natural_period, add_rule_kind.anchored)
	ON CONFLICT ON CONSTRAINT rule_kind_pkey DO UPDATE
	SET book = excluded.book, asks = excluded.asks, name_zh = excluded.name_zh, needs = excluded.needs,
		natural_period = excluded.natural_period, anchored = excluded.anchored,
		place = CASE WHEN k.book = excluded.book THEN k.place ELSE excluded.place END;
END
$$;

COMMENT ON FUNCTION add_rule_kind(text, text, regprocedure, text, text[], text, bool) IS
	'登记规则类型: a kind of rule of one''s own: a function asks (run_id bigint, rule_code text, parameters jsonb) that returns SETOF run_group and is asked by runs for each enabled rule of the kind; called again it replaces what was given; a shipped kind, an unknown book, relation or column, and a function that no run can ask are 22023, NULL is 22004';

-- What a server with a share of the persons asks, and what the one above it.
CREATE OR REPLACE FUNCTION rules_by_scope(scope text) RETURNS text[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF scope IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = format(medaudit._say('%s must not be null'), 'scope');
	ELSIF scope NOT IN ('person', 'facility', 'region') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('scope must be person, facility or region'),
			DETAIL = format(medaudit._say('It is %s.'), quote_literal(scope));
	END IF;
	RETURN ARRAY(SELECT r.rule_code FROM medaudit.rule AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind
		WHERE r.enabled AND k.scope = rules_by_scope.scope ORDER BY r.rule_code COLLATE "C");
END
$$;

COMMENT ON FUNCTION rules_by_scope(text) IS
	'按判定范围取规则: codes of the enabled rules whose kind needs to see all of a person, of a facility, or of the region at once (rule_kind.scope), for run_audit(); {} where there are none; another word is 22023, NULL is 22004';

CREATE OR REPLACE FUNCTION _callable_kind(kind text) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asks text := (SELECT k.asks FROM medaudit.rule_kind AS k WHERE k.kind = _callable_kind.kind);
	asked regprocedure := medaudit._kind_function(asks);
BEGIN
	IF asked IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42883', MESSAGE = format(medaudit._say('kind "%s": there is no function %s'), kind, coalesce(asks, medaudit._say('that a run could ask'))),
			HINT = medaudit._say('medaudit.add_rule_kind() names the function of a kind.');
	ELSIF NOT medaudit._is_trusted_function(asked) THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('kind "%s": function %s belongs to role "%s"'), kind, asks,
			(SELECT pg_get_userbyid(p.proowner) FROM pg_proc AS p WHERE p.oid = asked)),
			HINT = medaudit._say('It would run with the rights of whoever makes the run: let a superuser, or the role that runs, own it.');
	END IF;
	RETURN (SELECT format('%I.%I', s.nspname, p.proname) FROM pg_proc AS p
		JOIN pg_namespace AS s ON s.oid = p.pronamespace WHERE p.oid = asked);
END
$$;

COMMENT ON FUNCTION _callable_kind(text) IS
	'可调用的判定函数: name of the function that a run asks for rules of a kind, to be written into a statement; 42883 where there is none, 42501 where it is neither the current user''s nor a superuser''s nor the extension owner''s';

-- ------------------------------------------------------------ parameters

CREATE OR REPLACE FUNCTION _interval_seconds(value text) RETURNS numeric
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN extract(epoch FROM value::interval);
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR interval_field_overflow THEN
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _interval_seconds(text) IS
	'间隔秒数: seconds of the text of an interval; NULL for text that is none, and for NULL';

CREATE OR REPLACE FUNCTION _parameter_fits(p rule_parameter, value jsonb) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE COST 20
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(CASE jsonb_typeof(value)
		WHEN 'boolean' THEN p.type = 'bool'
		WHEN 'array' THEN p.type = 'text[]' AND NOT jsonb_path_exists(value, '$[*] ? (@.type() <> "string")')
			AND (p.choices IS NULL OR ARRAY(SELECT jsonb_array_elements_text(value)) <@ p.choices)
		WHEN 'number' THEN value::numeric BETWEEN coalesce(p.minimum, '-infinity') AND coalesce(p.maximum, 'infinity')
			AND CASE p.type WHEN 'int' THEN value::numeric = trunc(value::numeric)
					AND value::numeric BETWEEN -2147483648::numeric AND 2147483647::numeric
				WHEN 'float8' THEN abs(value::numeric) <= 1e308 WHEN 'numeric' THEN true END
		WHEN 'string' THEN CASE p.type
			WHEN 'text' THEN p.choices IS NULL OR value #>> '{}' = ANY (p.choices)
			WHEN 'interval' THEN medaudit._interval_seconds(value #>> '{}')
				BETWEEN coalesce(p.minimum, '-infinity') AND coalesce(p.maximum, 'infinity') END
		END, false)
$$;

COMMENT ON FUNCTION _parameter_fits(rule_parameter, jsonb) IS
	'参数值是否合适: whether a JSON value is of the type of a parameter, within its range and among its choices; never NULL';

-- What a value must be, in words.
CREATE OR REPLACE FUNCTION _parameter_wants(p rule_parameter) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE p.type WHEN 'int' THEN _say('a whole number') WHEN 'bool' THEN _say('true or false') WHEN 'text' THEN _say('a string')
			WHEN 'text[]' THEN _say('a list of strings') WHEN 'interval' THEN _say('an interval, as "30 minutes",') ELSE _say('a number') END
		|| CASE WHEN p.minimum IS NOT NULL AND p.maximum IS NOT NULL THEN format(_say(' from %s to %s'), p.minimum, p.maximum)
			WHEN p.minimum IS NOT NULL THEN format(_say(' not below %s'), p.minimum)
			WHEN p.maximum IS NOT NULL THEN format(_say(' not above %s'), p.maximum) ELSE '' END
		|| CASE WHEN p.type = 'interval' AND (p.minimum IS NOT NULL OR p.maximum IS NOT NULL) THEN _say(' seconds') ELSE '' END
		|| CASE WHEN p.choices IS NULL THEN '' ELSE format(_say(' among %s'), array_to_string(p.choices, ', ')) END
$$;

COMMENT ON FUNCTION _parameter_wants(rule_parameter) IS
	'参数要求: what a value of a parameter must be, in words';

CREATE OR REPLACE FUNCTION _unknown_parameters(kind text, parameters jsonb) RETURNS TABLE (name text, near text[])
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT g.name, medaudit._near_names(g.name, ARRAY(SELECT p.name FROM medaudit.rule_parameter AS p
		WHERE p.kind = _unknown_parameters.kind))
	FROM jsonb_object_keys(parameters) AS g (name)
	WHERE NOT EXISTS (SELECT FROM medaudit.rule_parameter AS p
		WHERE p.kind = _unknown_parameters.kind AND p.name = g.name)
	ORDER BY g.name COLLATE "C"
$$;

COMMENT ON FUNCTION _unknown_parameters(text, jsonb) IS
	'未知参数: names that a kind does not take, each with those that it may stand for';

-- In the form in which they are kept: no null, whole numbers without decimals.
CREATE OR REPLACE FUNCTION _checked_parameters(rule_code text, kind text, parameters jsonb) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong text;
	near text;
	taken text := (SELECT string_agg(p.name, ', ' ORDER BY p.name COLLATE "C")
		FROM medaudit.rule_parameter AS p WHERE p.kind = _checked_parameters.kind);
BEGIN
	IF jsonb_typeof(parameters) <> 'object' THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('rule "%s": parameters must be a JSON object'), rule_code), HINT = medaudit._say('Write {"name": value}.');
	END IF;
	SELECT string_agg(u.name, ', '), string_agg(array_to_string(u.near, ', '), ', ') FILTER (WHERE u.near <> '{}')
	INTO wrong, near
	FROM medaudit._unknown_parameters(kind, parameters) AS u;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('rule "%s" has no parameter %s'), rule_code, wrong),
			HINT = concat_ws(' ', CASE WHEN near IS NOT NULL THEN format(medaudit._say('Perhaps you mean %s.'), near) END, CASE WHEN taken IS NULL
				THEN format(medaudit._say('Rules of kind %s have none.'), kind) ELSE format(medaudit._say('Its parameters are %s.'), taken) END);
	END IF;
	SELECT string_agg(format(medaudit._say('%s must be %s: %s'), p.name, medaudit._parameter_wants(p), g.value), '; '
		ORDER BY p.name COLLATE "C") INTO wrong
	FROM jsonb_each(jsonb_strip_nulls(parameters)) AS g (name, value)
	JOIN medaudit.rule_parameter AS p ON p.kind = _checked_parameters.kind AND p.name = g.name
	WHERE NOT medaudit._parameter_fits(p, g.value);
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('rule "%s": %s'), rule_code, wrong),
			HINT = format(medaudit._say('Its parameters are %s.'), taken);
	END IF;
	RETURN (SELECT coalesce(jsonb_object_agg(g.name, CASE p.type WHEN 'int' THEN to_jsonb(g.value::int) ELSE g.value END), '{}')
		FROM jsonb_each(jsonb_strip_nulls(parameters)) AS g (name, value)
		JOIN medaudit.rule_parameter AS p ON p.kind = _checked_parameters.kind AND p.name = g.name);
END
$$;

COMMENT ON FUNCTION _checked_parameters(text, text, jsonb) IS
	'检查规则参数: the parameters of a rule as they are kept, without those that are null; 22023 for a name that the kind does not take (the hint lists those that it takes) and for a value of another type, out of range or not among the choices';

CREATE OR REPLACE FUNCTION _check_rule_parameters() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._restoring() AND (TG_OP = 'INSERT' OR NEW.kind <> OLD.kind
			OR NEW.parameters IS DISTINCT FROM OLD.parameters) THEN
		NEW.parameters := medaudit._checked_parameters(NEW.rule_code, NEW.kind, NEW.parameters);
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_rule_parameters() IS
	'规则参数检查: trigger of rule; see _checked_parameters(); nothing is checked in a restore';

CREATE OR REPLACE TRIGGER a_check_rule_parameters BEFORE INSERT OR UPDATE ON rule
	FOR EACH ROW EXECUTE FUNCTION _check_rule_parameters();

CREATE OR REPLACE FUNCTION _check_parameter() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong text;
BEGIN
	IF medaudit._restoring() THEN
		RETURN NEW;
	END IF;
	NEW.default_value := nullif(NEW.default_value, 'null');
	wrong := CASE
		WHEN NEW.name !~ '^[a-z][a-z0-9_]*$' THEN medaudit._say('its name is of lower-case letters, digits and underscores')
		WHEN NEW.type NOT IN ('int', 'numeric', 'float8', 'text', 'text[]', 'bool', 'interval')
			THEN medaudit._say('its type is int, numeric, float8, text, text[], bool or interval')
		WHEN NEW.type NOT IN ('int', 'numeric', 'float8', 'interval') AND coalesce(NEW.minimum, NEW.maximum) IS NOT NULL
			THEN medaudit._say('only numbers and intervals have a minimum and a maximum')
		WHEN NOT coalesce(NEW.minimum, '-infinity') <= coalesce(NEW.maximum, 'infinity') OR NEW.maximum = 'NaN' THEN medaudit._say('its minimum is above its maximum')
		WHEN NEW.type NOT IN ('text', 'text[]') AND NEW.choices IS NOT NULL THEN medaudit._say('only texts have choices')
		WHEN NEW.default_value IS NOT NULL AND NOT medaudit._parameter_fits(NEW, NEW.default_value)
			THEN format(medaudit._say('its default must be %s: %s'), medaudit._parameter_wants(NEW), NEW.default_value)
		END;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('parameter "%s" of kind "%s": %s'), NEW.name, NEW.kind, wrong);
	ELSIF NOT NEW.shipped AND EXISTS (SELECT FROM medaudit.rule_kind AS k WHERE k.kind = NEW.kind AND k.shipped) THEN
		RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('kind "%s" comes with medaudit, and its parameters too'), NEW.kind),
			HINT = medaudit._say('medaudit.add_rule_kind() adds a kind of your own.');
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_parameter() IS
	'参数定义检查: trigger of rule_parameter; 22023 for a row that says nothing, 23001 for a parameter of a shipped kind, but in a restore';

-- What rules say must still fit.
CREATE OR REPLACE FUNCTION _check_given_parameters() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._restoring() THEN
		PERFORM medaudit._checked_parameters(r.rule_code, r.kind, r.parameters)
		FROM medaudit.rule AS r
		WHERE r.kind IN (SELECT c.kind FROM changed AS c) AND r.parameters <> '{}';
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_given_parameters() IS
	'参数定义变更检查: trigger of rule_parameter; 22023 where a rule gives a parameter that goes, or a value that does not fit any more';

CREATE OR REPLACE TRIGGER a_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON rule_parameter
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_row('medaudit.set_rule() changes the parameters of a rule.');
CREATE OR REPLACE TRIGGER b_check BEFORE INSERT OR UPDATE ON rule_parameter
	FOR EACH ROW EXECUTE FUNCTION _check_parameter();
CREATE OR REPLACE TRIGGER c_check_inserted_kind AFTER INSERT ON rule_parameter
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule_kind', 'kind');
CREATE OR REPLACE TRIGGER c_check_updated_kind AFTER UPDATE ON rule_parameter
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule_kind', 'kind');
CREATE OR REPLACE TRIGGER d_check_updated_rules AFTER UPDATE ON rule_parameter
	REFERENCING OLD TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_given_parameters();
CREATE OR REPLACE TRIGGER d_check_deleted_rules AFTER DELETE ON rule_parameter
	REFERENCING OLD TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_given_parameters();
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON rule_parameter
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();

CREATE OR REPLACE FUNCTION _rule_parameters(rule_code text) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(jsonb_object_agg(p.name, coalesce(r.parameters -> p.name, p.default_value))
		FILTER (WHERE p.name IS NOT NULL), '{}')
	FROM medaudit.rule AS r
	LEFT JOIN medaudit.rule_parameter AS p ON p.kind = r.kind
	WHERE r.rule_code = _rule_parameters.rule_code
	GROUP BY r.rule_code
$$;

COMMENT ON FUNCTION _rule_parameters(text) IS
	'规则参数: every parameter of the kind of a rule with the value that holds, null where there is none; {} for a kind without parameters; NULL: the rule is not known';

-- -------------------------------------------------------------- sentences

-- A fact as a sentence has it; a list is told one by one.
CREATE OR REPLACE FUNCTION _fact_text(fact jsonb, style text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	plain text := nullif(fact, 'null') #>> '{}';
BEGIN
	IF jsonb_typeof(fact) = 'array' THEN
		RETURN (SELECT string_agg(medaudit._fact_text(f.value, style), '、' ORDER BY f.place)
			FROM jsonb_array_elements(fact) WITH ORDINALITY AS f (value, place));
	ELSIF style IS NULL THEN
		RETURN plain;
	END IF;
	BEGIN
		RETURN CASE style WHEN 'date' THEN medaudit.date_zh(plain::timestamp::date)
			WHEN 'time' THEN medaudit.time_zh(plain::timestamp)
			WHEN 'money' THEN medaudit.money_zh(plain::numeric)
			WHEN 'percent' THEN trim_scale(round(100 * plain::numeric, 2)) || '%' END;
	EXCEPTION WHEN data_exception THEN
		RETURN plain;
	END;
END
$$;

COMMENT ON FUNCTION _fact_text(jsonb, text) IS
	'事实文字: a fact of evidence as text, a list with 、 between; with a style (date, time, money, percent) as the Chinese sentences write it, or as it is where it is nothing of the kind; NULL for null, [] and NULL';

CREATE OR REPLACE FUNCTION _fill_template(template text, facts jsonb) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(p.filled, '' ORDER BY p.place)
	FROM (
		SELECT o.place, CASE WHEN o.part NOT LIKE '[%' OR bool_and(t.token NOT LIKE '{%' OR f.fact IS NOT NULL)
			THEN string_agg(CASE WHEN t.token LIKE '{%' THEN coalesce(f.fact, '…') ELSE t.token END, '' ORDER BY t.place) END AS filled
		FROM regexp_matches(template, '\[[^]]*\]|[^[]+', 'g') WITH ORDINALITY AS m (parts, place)
		CROSS JOIN LATERAL (SELECT m.parts[1] AS part, m.place) AS o
		CROSS JOIN LATERAL (
			SELECT r.tokens[1] AS token, r.place
			FROM regexp_matches(btrim(o.part, '[]'), '\{[^}]*\}|[^{]+', 'g') WITH ORDINALITY AS r (tokens, place)
		) AS t
		LEFT JOIN LATERAL (
			SELECT medaudit._fact_text(facts #> string_to_array(split_part(btrim(t.token, '{}'), ':', 1), '.'),
				nullif(split_part(btrim(t.token, '{}'), ':', 2), '')) AS fact
			WHERE t.token LIKE '{%'
		) AS f ON true
		GROUP BY o.place, o.part
	) AS p
$$;

COMMENT ON FUNCTION _fill_template(text, jsonb) IS
	'填写模板: a sentence of evidence_template with the facts in their places: {name}, {name.of.member}, {window.0:date}; [ … ] is left out where a fact in it is not known, elsewhere such a fact is …; NULL for NULL';

CREATE OR REPLACE FUNCTION _check_template() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	template text;
	fact text := '\{[a-z_][a-z0-9_]*(\.[a-z0-9_]+)*(:(date|time|money|percent))?\}';
BEGIN
	IF medaudit._restoring() THEN
		RETURN NEW;
	END IF;
	FOREACH template IN ARRAY array_remove(ARRAY[NEW.zh, NEW.en], NULL) LOOP
		IF template = '' OR regexp_replace(regexp_replace(template, fact, '', 'g'), '\[[^][{}]*\]', '', 'g') ~ '[][{}]' THEN
			RAISE EXCEPTION USING ERRCODE = '22023',
				MESSAGE = format(medaudit._say('kind "%s": a template that cannot be filled: %s'), NEW.kind, template),
				HINT = medaudit._say('Facts are {name}, {name.member} or {name:date} (time, money, percent); what is in [ ] is left out where a fact in it is not known.');
		END IF;
	END LOOP;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_template() IS
	'模板检查: trigger of evidence_template; 22023 for a template that cannot be filled, but in a restore';

CREATE OR REPLACE TRIGGER a_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON evidence_template
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_row('Add a row of your own: it goes before the shipped one.');
CREATE OR REPLACE TRIGGER b_check BEFORE INSERT OR UPDATE ON evidence_template
	FOR EACH ROW EXECUTE FUNCTION _check_template();
CREATE OR REPLACE TRIGGER c_check_inserted_kind AFTER INSERT ON evidence_template
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule_kind', 'kind');
CREATE OR REPLACE TRIGGER c_check_updated_kind AFTER UPDATE ON evidence_template
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule_kind', 'kind');
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON evidence_template
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();
