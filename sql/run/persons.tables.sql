-- Persons: who cannot be who the record says, and who lives with whom.  Both
-- are judged over the working tables of an audit run, which calls here; see
-- audit.sql for the run, identity.sql and address.sql for the arithmetic.
--
-- Identity reads each person who has a visit in the run once, and asks four
-- rules of what is left.  A number that is encrypted, masked or of another
-- document is unknown, and unknown is never a finding.
--
-- Links read the register once (one household_key() a person), count who
-- shares what by hashing, and hand to link_groups() only what few people share
-- and somebody with a stay has: memory grows with the stays, not the register.

CREATE TABLE person_rule (
	rule_code text PRIMARY KEY,
	grace_days int NOT NULL DEFAULT 1 CHECK (grace_days >= 0),
	newborn_days int NOT NULL DEFAULT 365 CHECK (newborn_days >= 0),
	max_share float8 NOT NULL DEFAULT 0.5 CHECK (max_share > 0::float8 AND max_share <= 1::float8),
	shipped bool NOT NULL DEFAULT false
);

COMMENT ON TABLE person_rule IS
	'人员规则参数: thresholds of the rules over persons (kinds invalid_resident_id, resident_id_mismatch, shared_resident_id, events_after_death); a rule without a row has the defaults';
COMMENT ON COLUMN person_rule.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN person_rule.grace_days IS
	'宽限天数: events_after_death, days after the date of death that are no event';
COMMENT ON COLUMN person_rule.newborn_days IS
	'新生儿天数: resident_id_mismatch and shared_resident_id, age in days up to which a child may be on the number of a parent';
COMMENT ON COLUMN person_rule.max_share IS
	'最大比例: invalid_resident_id and resident_id_mismatch: when a greater share of at least 100 numbers of the register is met, the column is not what it says (encrypted digit by digit), and nothing is found';
COMMENT ON COLUMN person_rule.shipped IS '内置: comes with medaudit';

GRANT SELECT ON person_rule TO PUBLIC;
SELECT pg_extension_config_dump('person_rule', 'WHERE NOT shipped');
