-- rule_settings: set_rule(), and what a fund changed of shipped rules
\set SHOW_CONTEXT never
SET search_path = medaudit, public;
SET datestyle = iso;
DELETE FROM rule_setting; -- of other topics
CREATE TEMP TABLE as_shipped AS
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) AS parameters FROM rule AS r;
-- every parameter of the kind: what the rule says, else the default
SELECT code, _rule_parameters(code) FROM unnest('{companions,events_after_death,starter_price,no_such,NULL}'::text[]) AS code;
SELECT rule_code, name, value, default_value, changed, unit, meaning_zh FROM rule_parameters WHERE rule_code IN ('companions', 'split_stays') ORDER BY 1, 2;

-- NULL leaves as is
SELECT set_rule('split_stays', enabled => false);
SELECT set_rule('split_stays', certainty => 'notice');
SELECT set_rule('split_stays', parameters => '{"max_gap_days": 10, "same_facility": false}');
SELECT set_rule('split_stays', parameters => '{"exclude_tags": ["planned", "dialysis"], "diagnosis_digits": 0.00e1}');
SELECT set_rule('split_stays');
SELECT enabled, certainty, parameters, shipped FROM rule WHERE rule_code = 'split_stays';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty, shipped_parameters, changed_by = current_user AS mine FROM rule_setting;
SELECT name, value, default_value FROM rule_parameters WHERE rule_code = 'split_stays' AND changed ORDER BY 1;
-- null goes back to what was shipped; nothing left changed is no setting
SELECT set_rule('split_stays', parameters => '{"max_gap_days": null, "exclude_tags": null}');
SELECT r.parameters, t.parameters AS changed FROM rule AS r JOIN rule_setting AS t USING (rule_code);
SELECT set_rule('events_after_death', parameters => '{"grace_days": 3}');
SELECT name, value, default_value, changed FROM rule_parameters WHERE rule_code = 'events_after_death';
SELECT set_rule('events_after_death', parameters => '{"grace_days": null}');
SELECT rule_code FROM rule_setting;
SELECT name, value, default_value, changed FROM rule_parameters WHERE rule_code = 'events_after_death';
-- several rules at once, as a script does
SELECT count(set_rule(rule_code, enabled => false)) FROM rule WHERE kind = 'over_capacity';
SELECT rule_code, enabled, certainty, parameters IS NULL AS as_shipped FROM rule_setting ORDER BY rule_code;
-- deleting brings back what was shipped
DELETE FROM rule_setting;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r EXCEPT TABLE as_shipped;

-- what it refuses, and what it says then
SELECT set_rule(NULL);
SELECT set_rule('split_stay', enabled => false);
SELECT set_rule('qwertz', enabled => false);
SELECT set_rule('split_stays', certainty => 'sure');
\set VERBOSITY terse
SELECT set_rule('split_stays', parameters => '{"max_gap": 10, "min_share": 1, "shipped": true}');
\set VERBOSITY default
SELECT set_rule('events_after_death', parameters => '{"max_gap_days": 10}');
SELECT set_rule('starter_price', parameters => '{"max_price": 10}');
SELECT set_rule('split_stays', parameters => '[1]');
SELECT set_rule('split_stays', parameters => '{"max_gap_days": "10", "same_facility": 1, "exclude_tags": "planned", "exclude_later_tags": ["planned", 1], "diagnosis_digits": 2.5}');
SELECT set_rule('admission_bursts', parameters => '{"weeks": 0, "min_excess": 3000000000, "max_p": true, "min_ratio": "NaN", "exclude_tags": [null]}');
SELECT set_rule('events_in_stay', parameters => '{"at_facility": "elsewhere"}');
SELECT set_rule('invalid_resident_id', parameters => '{"max_share": 1.5}');
SELECT set_rule('companions', parameters => '{"min_time": 2, "minimum": null}');
SELECT count(*) AS settings FROM rule_setting;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r EXCEPT TABLE as_shipped;

-- rules of one's own change in place; null is the default of the kind
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('own_split', 'split_stays', '十日内再入院'), ('own_death', 'events_after_death', '死亡'), ('own_price', 'price', '价格');
SELECT set_rule('own_split', enabled => false, certainty => 'notice', parameters => '{"max_gap_days": 10, "exclude_tags": ["planned"]}');
SELECT set_rule('own_death', parameters => '{"grace_days": 0}'), set_rule('own_price', certainty => 'violation');
SELECT rule_code, enabled, certainty, parameters FROM rule WHERE rule_code LIKE 'own\_%' ORDER BY 1;
SELECT set_rule('own_split', parameters => '{"max_gap_days": null}');
SELECT name, value, default_value, changed FROM rule_parameters WHERE rule_code = 'own_split' ORDER BY 1;
-- by hand too, checked and written in one way
UPDATE rule SET parameters = '{"max_gap_days": 7.0, "same_facility": null}' WHERE rule_code = 'own_split' RETURNING parameters;
UPDATE rule SET parameters = '{"max_gap_days": 3661}' WHERE rule_code = 'own_split';
UPDATE rule SET kind = 'overlapping_stays' WHERE rule_code = 'own_split';
UPDATE rule SET kind = 'low_standard_stay', name_zh = '短期' WHERE rule_code = 'own_split' RETURNING parameters;
INSERT INTO rule (rule_code, kind, name_zh, parameters) VALUES ('own_times', 'companions', '结伴', '{"min_times": 0}');
INSERT INTO rule (rule_code, kind, name_zh, parameters) VALUES ('own_price_2', 'price', '价格', '{"max_price": 1}');
INSERT INTO rule (rule_code, kind, name_zh, parameters) VALUES ('own_times', 'companions', '结伴', NULL);
SELECT count(*) AS settings FROM rule_setting;

-- by hand: the same checks; what was shipped is read, not believed (a dump of
-- another version); the parameters themselves stay as they are
INSERT INTO rule_setting (rule_code, parameters, shipped_enabled, shipped_certainty, shipped_parameters)
VALUES ('companions', '{"min_times": 5}', false, 'violation', '{"min_times": 99}');
SELECT enabled, certainty, shipped_enabled, shipped_certainty, shipped_parameters ->> 'min_times' AS shipped_times FROM rule_setting;
SELECT enabled, certainty, parameters -> 'min_times' AS min_times FROM rule WHERE rule_code = 'companions';
UPDATE rule_setting SET parameters = '{"min_times": 6, "max_p": null}', shipped_enabled = NULL;
SELECT s.parameters, shipped_enabled, r.parameters -> 'min_times' AS min_times, r.parameters -> 'max_p' AS max_p FROM rule_setting AS s JOIN rule AS r USING (rule_code);
\set VERBOSITY terse
INSERT INTO rule_setting (rule_code, parameters) VALUES ('split_stays', '{"gap": 1}');
\set VERBOSITY default
UPDATE rule_setting SET parameters = '{"min_times": "6"}';
UPDATE rule SET parameters = '{"min_times": 1}' WHERE rule_code = 'companions';
DELETE FROM rule_setting;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r WHERE shipped EXCEPT TABLE as_shipped;

-- UPDATE of rule keeps what it changed and no more
UPDATE rule SET certainty = 'notice' WHERE rule_code = 'companions';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty FROM rule_setting;
SELECT set_rule('companions', enabled => false, parameters => '{"min_times": 4}');
UPDATE rule SET enabled = true WHERE rule_code = 'companions';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty, (SELECT r.parameters -> 'min_times' FROM rule AS r WHERE rule_code = 'companions') AS min_times FROM rule_setting;
DELETE FROM rule_setting;

-- a role that keeps the rules sets them; a reader does not
CREATE ROLE regress_medaudit_keeper;
CREATE ROLE regress_medaudit_reader;
GRANT USAGE ON SCHEMA medaudit TO regress_medaudit_keeper, regress_medaudit_reader;
GRANT INSERT, UPDATE, DELETE ON rule, rule_setting TO regress_medaudit_keeper;
SET ROLE regress_medaudit_keeper;
SELECT set_rule('split_stays', enabled => false, parameters => '{"max_gap_days": 7}');
SET ROLE regress_medaudit_reader;
SELECT set_rule('split_stays', enabled => true);
RESET ROLE;
SELECT r.parameters -> 'max_gap_days' AS max_gap_days, changed_by FROM rule AS r JOIN rule_setting USING (rule_code);
DROP OWNED BY regress_medaudit_keeper, regress_medaudit_reader;
DROP ROLE regress_medaudit_keeper, regress_medaudit_reader;

SELECT _near_names('spilt_stays', '{split_stays,overlapping_stays,similar_amounts}'), _near_names('x', '{a}'), _near_names('', '{a}'), _near_names(NULL, '{a}');

DELETE FROM rule_setting;
DELETE FROM rule WHERE NOT shipped;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r EXCEPT TABLE as_shipped;
TABLE as_shipped EXCEPT SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r;
