-- The rulebooks that runs asked.  Rules change, and a finding must be redone
-- as it was found: a run keeps the value that it asked, a value that many runs
-- ask is kept once.

CREATE TABLE kept_rulebook (
	digest bytea PRIMARY KEY,
	rules rulebook NOT NULL,
	kept_at timestamptz NOT NULL DEFAULT now()
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

SELECT pg_extension_config_dump('kept_rulebook', '');
SELECT pg_extension_config_dump('run_asked', '');
