-- What holds for the tables of rules: checks, protection of shipped rows, and
-- their compilation.

CREATE OR REPLACE FUNCTION _in_extension_script() RETURNS bool
	AS 'MODULE_PATHNAME', 'rulebook_in_extension_script'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1;

COMMENT ON FUNCTION _in_extension_script() IS
	'扩展脚本中: true while CREATE EXTENSION or ALTER EXTENSION runs; whoever writes rule rows then ships them';

-- Tables of an extension exist, with all that belongs to them, before their rows
-- are restored; pg_restore -j brings these in any order and in transactions of
-- their own, so that a foreign key between two such tables loses rows.  Triggers
-- do instead what foreign keys do, and let what a restore brings in pass.  Every
-- dump begins by switching check_function_bodies off, so that order does not
-- matter to functions; here it does not matter to rows.
CREATE OR REPLACE FUNCTION _restoring() RETURNS bool
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN current_setting('check_function_bodies') = 'off'
		AND NOT medaudit._in_extension_script();

COMMENT ON FUNCTION _restoring() IS
	'恢复中: true while a dump is read in (check_function_bodies is off, as every dump sets it): rows come in any order, and no trigger refuses one for the lack of another';

CREATE OR REPLACE FUNCTION _check_parent() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	IF NOT medaudit._restoring() THEN
		EXECUTE format('SELECT c.%1$I FROM changed AS c
			WHERE NOT EXISTS (SELECT FROM medaudit.%2$I AS p WHERE p.%1$I = c.%1$I)
			ORDER BY c.%1$I LIMIT 1', TG_ARGV[1], TG_ARGV[0]) INTO missing;
		IF missing IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = '23503', MESSAGE = format(medaudit._say('table %s has no %s: %s'), TG_ARGV[0], TG_ARGV[1], missing),
				SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = TG_ARGV[1],
					HINT = format(medaudit._say('Rows of %s belong to one of %s, which comes first.'), TG_TABLE_NAME, TG_ARGV[0]);
		END IF;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_parent() IS
	'所属检查: trigger (table, column); a row that belongs to none of the table is 23503, but in a restore';

-- Names the tables whose rows go with a row of this one, and the column that
-- they share with it.
CREATE OR REPLACE FUNCTION _forget_children() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	child text;
BEGIN
	FOREACH child IN ARRAY TG_ARGV[1:] LOOP
		IF TG_OP = 'TRUNCATE' THEN
			EXECUTE format('DELETE FROM medaudit.%I', child);
		ELSE
			EXECUTE format('DELETE FROM medaudit.%1$I AS c USING gone AS g WHERE g.%2$I = c.%2$I', child, TG_ARGV[0]);
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _forget_children() IS
	'连带删除: trigger (column, tables); the rows of other tables that belong to a row go with it';

CREATE OR REPLACE FUNCTION _rename_children() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	child text;
BEGIN
	FOREACH child IN ARRAY TG_ARGV LOOP
		EXECUTE format('UPDATE medaudit.%I SET rule_code = $1 WHERE rule_code = $2', child)
		USING NEW.rule_code, OLD.rule_code;
	END LOOP;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _rename_children() IS
	'连带改名: trigger of rule (tables); the rows of other tables that belong to a rule take its new code';

CREATE OR REPLACE FUNCTION _check_rule_rows(rule_codes text[], codes text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'rulebook_check_rows'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10000;

COMMENT ON FUNCTION _check_rule_rows(text[], text[]) IS
	'规则行检查: checks the rows of charge_rule and package whose (rule_code, item_code or package_code) is among the pairs, as compile_rules() would; 22023 for an incomplete or contradictory row, 23P01 for overlapping validity';

CREATE OR REPLACE FUNCTION _check_rule() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NEW.rule_code = '' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('rule_code is empty');
	ELSIF NOT EXISTS (SELECT FROM medaudit.rule_kind AS k WHERE k.kind = NEW.kind)
			AND NOT medaudit._restoring() THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('rule "%s": unknown kind "%s"'), NEW.rule_code, NEW.kind),
			HINT = medaudit._say('Table medaudit.rule_kind lists the kinds.');
	ELSIF NEW.certainty NOT IN ('violation', 'suspicion', 'notice') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('rule "%s": "%s" is no certainty'), NEW.rule_code, NEW.certainty),
			HINT = medaudit._say('It is violation, suspicion or notice.');
	ELSIF NEW.subject NOT IN ('facility', 'pharmacy', 'physician', 'person', 'agency') THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('rule "%s": "%s" is no subject'), NEW.rule_code, NEW.subject),
			HINT = medaudit._say('It is facility, pharmacy, physician, person or agency.');
	END IF;
	-- the article in both forms, from the one that was given last
	IF TG_OP = 'INSERT' THEN
		NEW.article := coalesce(NEW.article, NEW.article_code);
	ELSIF NEW.article IS NOT DISTINCT FROM OLD.article AND NEW.article_code IS DISTINCT FROM OLD.article_code THEN
		NEW.article := NEW.article_code;
	END IF;
	NEW.article_code := medaudit.article_code(NEW.article);
	NEW.article := medaudit.article_zh(NEW.article);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _check_rule() IS
	'规则检查: trigger of rule; an unknown kind, certainty or subject is 22023; article and article_code become two forms of one';

CREATE OR REPLACE FUNCTION _keep_shipped() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._in_extension_script() THEN
		IF TG_OP <> 'DELETE' THEN
			NEW.shipped := true;
		END IF;
	ELSIF TG_OP = 'INSERT' THEN
		NEW.shipped := false;
	ELSIF OLD.shipped THEN
		RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('shipped rows of %s cannot be changed (rule "%s")'), TG_TABLE_NAME, OLD.rule_code),
			HINT = medaudit._say('Disable the rule (UPDATE medaudit.rule SET enabled = false) and add one of your own.');
	ELSIF TG_OP = 'UPDATE' THEN
		NEW.shipped := false;
	END IF;
	IF TG_OP = 'DELETE' THEN
		RETURN OLD;
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _keep_shipped() IS
	'内置行保护: trigger of charge_rule, package and rule; marks rows that the extension ships and refuses their change and removal with 23001';

CREATE OR REPLACE FUNCTION _number_shipped() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NEW.shipped AND TG_TABLE_NAME = 'charge_rule' THEN
		NEW.charge_rule_id := nextval('medaudit.shipped_row_number');
	ELSIF NEW.shipped THEN
		NEW.package_id := nextval('medaudit.shipped_row_number');
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _number_shipped() IS
	'内置行编号: trigger of charge_rule and package; shipped rows have negative numbers';

CREATE OR REPLACE FUNCTION _refuse_truncate() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION USING ERRCODE = '23001', MESSAGE = format(medaudit._say('table %s holds shipped rows and cannot be truncated'), TG_TABLE_NAME),
		HINT = medaudit._say('DELETE your own rows: WHERE NOT shipped.');
END
$$;

COMMENT ON FUNCTION _refuse_truncate() IS
	'禁止清空: trigger of the rule tables; TRUNCATE is 23001';

CREATE OR REPLACE FUNCTION _check_changed_rows() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._restoring() THEN
		RETURN NULL;
	ELSIF TG_TABLE_NAME = 'package' THEN
		PERFORM medaudit._check_rule_rows(array_agg(c.rule_code), array_agg(c.package_code))
		FROM (SELECT DISTINCT rule_code, package_code FROM changed) AS c;
	ELSE
		PERFORM medaudit._check_rule_rows(array_agg(c.rule_code), array_agg(c.item_code))
		FROM (SELECT DISTINCT rule_code, item_code FROM changed) AS c;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_changed_rows() IS
	'规则行检查: trigger of charge_rule and package; what does not compile is refused, with the error of compile_rules(), but in a restore';

CREATE OR REPLACE FUNCTION _check_changed_kinds() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit.compile_rules(VARIADIC array_agg(n.rule_code))
	FROM new_rule AS n
	JOIN medaudit.rule_kind AS k ON k.kind = n.kind AND k.book = 'charges'
	JOIN old_rule AS o ON o.rule_code = n.rule_code AND o.kind <> n.kind
	HAVING count(*) > 0;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _check_changed_kinds() IS
	'规则类型变更检查: trigger of rule; the rows of a rule must fit its new kind';

CREATE OR REPLACE FUNCTION compile_rules() RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_compile_enabled'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100000;

COMMENT ON FUNCTION compile_rules() IS
	'编译规则: the enabled rules of the tables as a rulebook, compiled once per statement; with the item mapping where item is bound';

CREATE OR REPLACE FUNCTION compile_rules(VARIADIC rule_codes text[]) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_compile_named'
	LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000;

COMMENT ON FUNCTION compile_rules(text[]) IS
	'编译指定规则: the named rules, enabled or not, as a rulebook; an unknown code, or a rule that is not about charges, is 22023, NULL is 22004';

CREATE OR REPLACE TRIGGER a_check_rule BEFORE INSERT OR UPDATE ON rule
	FOR EACH ROW EXECUTE FUNCTION _check_rule();
CREATE OR REPLACE TRIGGER b_keep_shipped BEFORE INSERT OR DELETE ON rule
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped();
CREATE OR REPLACE TRIGGER d_check_kinds AFTER UPDATE ON rule
	REFERENCING OLD TABLE AS old_rule NEW TABLE AS new_rule
	FOR EACH STATEMENT EXECUTE FUNCTION _check_changed_kinds();
CREATE OR REPLACE TRIGGER d_forget_rows AFTER DELETE ON rule
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('rule_code', 'charge_rule', 'package', 'rule_setting');
CREATE OR REPLACE TRIGGER c_rename_rows AFTER UPDATE ON rule
	FOR EACH ROW WHEN (OLD.rule_code <> NEW.rule_code)
	EXECUTE FUNCTION _rename_children('charge_rule', 'package', 'rule_setting');
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON rule
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();

CREATE OR REPLACE TRIGGER b_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON charge_rule
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped();
CREATE OR REPLACE TRIGGER c_number_shipped BEFORE INSERT ON charge_rule
	FOR EACH ROW EXECUTE FUNCTION _number_shipped();
CREATE OR REPLACE TRIGGER c_check_inserted_rule AFTER INSERT ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER d_check_inserted AFTER INSERT ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_changed_rows();
CREATE OR REPLACE TRIGGER c_check_updated_rule AFTER UPDATE ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER d_check_updated AFTER UPDATE ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_changed_rows();
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON charge_rule
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();

CREATE OR REPLACE TRIGGER b_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON package
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped();
CREATE OR REPLACE TRIGGER c_number_shipped BEFORE INSERT ON package
	FOR EACH ROW EXECUTE FUNCTION _number_shipped();
CREATE OR REPLACE TRIGGER c_check_inserted_rule AFTER INSERT ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER d_check_inserted AFTER INSERT ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_changed_rows();
CREATE OR REPLACE TRIGGER c_check_updated_rule AFTER UPDATE ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER d_check_updated AFTER UPDATE ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_changed_rows();
CREATE OR REPLACE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON package
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();
