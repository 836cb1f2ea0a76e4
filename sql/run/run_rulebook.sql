-- See _check_parent() for why no foreign key does this.
CREATE OR REPLACE FUNCTION _forget_asked() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_asked AS a
	WHERE NOT EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = a.run_id);
	DELETE FROM medaudit.kept_rulebook AS k
	WHERE NOT EXISTS (SELECT FROM medaudit.run_asked AS a WHERE a.digest = k.digest);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _forget_asked() IS
	'清理规则书: trigger of run; a rulebook goes with the last run that asked it';

CREATE OR REPLACE TRIGGER check_inserted AFTER INSERT ON run_asked
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('kept_rulebook', 'digest');
CREATE OR REPLACE TRIGGER forget_asked AFTER DELETE OR TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_asked();

CREATE OR REPLACE VIEW run_rulebook WITH (security_invoker = true) AS
SELECT a.run_id, a.digest, a.rule_codes, k.rules
FROM medaudit.run_asked AS a
JOIN medaudit.kept_rulebook AS k ON k.digest = a.digest;

COMMENT ON VIEW run_rulebook IS
	'运行规则书: the rulebooks that each run asked, to redo what it found: audit_charges(book, context, rules)';
COMMENT ON COLUMN run_rulebook.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_rulebook.digest IS '摘要: SHA-256 of the bytes of the rulebook';
COMMENT ON COLUMN run_rulebook.rule_codes IS '规则编号: charge rules that it holds';
COMMENT ON COLUMN run_rulebook.rules IS '规则书: rules and item mapping as they were';

CREATE OR REPLACE PROCEDURE _keep_rulebook(run_no bigint, rule_codes text[], rules rulebook)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	digest bytea := sha256(medaudit.rulebook_send(rules));
BEGIN
	INSERT INTO medaudit.kept_rulebook (digest, rules) VALUES (digest, rules)
	ON CONFLICT ON CONSTRAINT kept_rulebook_pkey DO NOTHING;
	INSERT INTO medaudit.run_asked (run_id, digest, rule_codes) VALUES (run_no, digest, rule_codes)
	ON CONFLICT ON CONSTRAINT run_asked_pkey DO NOTHING;
END
$$;

COMMENT ON PROCEDURE _keep_rulebook(bigint, text[], rulebook) IS
	'留存规则书: keeps the rulebook that a run asks';

-- To compile thousands of rules takes a tenth of a second.
CREATE OR REPLACE FUNCTION _asked_rulebook(run_no bigint, codes text[]) RETURNS rulebook
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	asked medaudit.rulebook;
BEGIN
	SELECT r.rules INTO asked FROM medaudit.run_rulebook AS r
	WHERE r.run_id = run_no AND r.rule_codes @> codes AND r.rule_codes <@ codes LIMIT 1;
	RETURN coalesce(asked, medaudit.compile_rules(VARIADIC codes));
END
$$;

COMMENT ON FUNCTION _asked_rulebook(bigint, text[]) IS
	'运行所用规则书: the rulebook of some charge rules as the run has asked it, or compiled where it has asked no such one';
