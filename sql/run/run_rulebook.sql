-- The rulebooks that runs asked.  Rules change, and a finding must be redone
-- as it was found: a run keeps the value that it asked, a value that many runs
-- ask is kept once.

CREATE TABLE kept_rulebook (
	digest bytea PRIMARY KEY,
	rules rulebook NOT NULL,
	kept_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);

COMMENT ON TABLE kept_rulebook IS
	'留存规则书: the rulebooks that runs asked, each once; they go with the last run that asked them';
COMMENT ON COLUMN kept_rulebook.digest IS '摘要: SHA-256 of the bytes of the rulebook';
COMMENT ON COLUMN kept_rulebook.rules IS '规则书: rules and item mapping as they were';
COMMENT ON COLUMN kept_rulebook.kept_at IS '留存时间: when it was asked first';

CREATE TABLE run_asked (
	run_id bigint NOT NULL,
	digest bytea NOT NULL,
	rule_codes text[] NOT NULL,
	PRIMARY KEY (run_id, digest)
);

CREATE INDEX run_asked_digest ON run_asked (digest);

COMMENT ON TABLE run_asked IS
	'运行所用规则书: which rulebooks a run asked: one, or one a rule where the group failed';
COMMENT ON COLUMN run_asked.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_asked.digest IS '摘要: of the rulebook, in kept_rulebook';
COMMENT ON COLUMN run_asked.rule_codes IS '规则编号: charge rules that it holds';

SELECT pg_catalog.pg_extension_config_dump('kept_rulebook', '');
SELECT pg_catalog.pg_extension_config_dump('run_asked', '');

-- See check_parent() for why no foreign key does this.
CREATE FUNCTION forget_asked() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_asked AS a
	WHERE NOT EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = a.run_id);
	DELETE FROM medaudit.kept_rulebook AS k
	WHERE NOT EXISTS (SELECT FROM medaudit.run_asked AS a WHERE a.digest = k.digest);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION forget_asked() IS
	'清理规则书: trigger of run; a rulebook goes with the last run that asked it';

CREATE TRIGGER check_inserted AFTER INSERT ON run_asked
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('kept_rulebook', 'digest');
CREATE TRIGGER forget_asked AFTER DELETE OR TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION forget_asked();

CREATE VIEW run_rulebook WITH (security_invoker = true) AS
SELECT a.run_id, a.digest, a.rule_codes, k.rules
FROM medaudit.run_asked AS a
JOIN medaudit.kept_rulebook AS k ON k.digest = a.digest;

COMMENT ON VIEW run_rulebook IS
	'运行规则书: the rulebooks that each run asked, to redo what it found: audit_charges(book, context, rules)';
COMMENT ON COLUMN run_rulebook.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_rulebook.digest IS '摘要: SHA-256 of the bytes of the rulebook';
COMMENT ON COLUMN run_rulebook.rule_codes IS '规则编号: charge rules that it holds';
COMMENT ON COLUMN run_rulebook.rules IS '规则书: rules and item mapping as they were';

CREATE PROCEDURE keep_rulebook(run_no bigint, rule_codes text[], rules rulebook)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	digest bytea := pg_catalog.sha256(medaudit.rulebook_send(rules));
BEGIN
	INSERT INTO medaudit.kept_rulebook (digest, rules) VALUES (digest, rules)
	ON CONFLICT ON CONSTRAINT kept_rulebook_pkey DO NOTHING;
	INSERT INTO medaudit.run_asked (run_id, digest, rule_codes) VALUES (run_no, digest, rule_codes)
	ON CONFLICT ON CONSTRAINT run_asked_pkey DO NOTHING;
END
$$;

COMMENT ON PROCEDURE keep_rulebook(bigint, text[], rulebook) IS
	'留存规则书: keeps the rulebook that a run asks';
