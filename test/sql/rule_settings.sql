-- rule_settings: set_rule(), and what a fund changed of shipped rules
\set SHOW_CONTEXT never
SET search_path = medaudit, public;
SET datestyle = iso;
DELETE FROM rule_setting; -- of other topics
CREATE TEMP TABLE as_shipped AS
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) AS parameters FROM rule AS r;
SELECT _rule_parameters('split_stays') - '{exclude_tags,exclude_later_tags}'::text[] @> '{"max_gap_days": 15, "same_facility": true, "max_p": 0.0001}' AS stays,
	_rule_parameters('events_after_death') AS persons, _rule_parameters('starter_price') AS charges, _rule_parameters('no_such') AS unknown, _rule_parameters(NULL) AS none;

-- NULL leaves as is
SELECT set_rule('split_stays', enabled => false);
SELECT set_rule('split_stays', certainty => 'notice');
SELECT set_rule('split_stays', parameters => '{"max_gap_days": 10, "same_facility": false}');
SELECT set_rule('split_stays', parameters => '{"exclude_tags": ["planned", "dialysis"], "max_p": 0.01, "tolerance_rel": 0.5}');
SELECT set_rule('split_stays');
SELECT enabled, certainty, max_gap_days, same_facility, exclude_tags, max_p, tolerance_rel, min_times, s.shipped FROM rule AS r JOIN stay_rule AS s USING (rule_code) WHERE rule_code = 'split_stays';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty, shipped_parameters ->> 'max_gap_days' AS shipped_gap, changed_by = current_user AS mine FROM rule_setting;
-- null goes back to what was shipped; nothing left changed is no setting
SELECT set_rule('split_stays', parameters => '{"max_gap_days": null, "max_p": null}');
SELECT s.max_gap_days, s.same_facility, s.max_p, t.parameters FROM stay_rule AS s JOIN rule_setting AS t USING (rule_code);
SELECT set_rule('events_after_death', parameters => '{"grace_days": 3}');
SELECT grace_days, newborn_days FROM person_rule WHERE rule_code = 'events_after_death';
SELECT set_rule('events_after_death', parameters => '{"grace_days": null}');
SELECT rule_code FROM rule_setting;
SELECT grace_days FROM person_rule WHERE rule_code = 'events_after_death';
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
SELECT set_rule('split_stays', parameters => '{"max_gap_days": "10", "same_facility": 1, "exclude_tags": "planned", "max_p": -0.1, "min_stays": 2.5}');
SELECT set_rule('split_stays', parameters => '{"exclude_tags": ["planned", 1], "min_days": -1, "min_excess": 3000000000, "max_p": true}');
SELECT set_rule('invalid_resident_id', parameters => '{"max_share": 1.5}');
SELECT count(*) AS settings FROM rule_setting;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r EXCEPT TABLE as_shipped;

-- rules of one's own change in place; null is the default of the column
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('own_split', 'split_stays', '十日内再入院'), ('own_death', 'events_after_death', '死亡'), ('own_price', 'price', '价格');
SELECT set_rule('own_split', enabled => false, certainty => 'notice', parameters => '{"max_gap_days": 10, "exclude_tags": ["planned"]}');
SELECT set_rule('own_death', parameters => '{"grace_days": 0}'), set_rule('own_price', certainty => 'violation');
SELECT r.rule_code, enabled, certainty, max_gap_days, exclude_tags, grace_days FROM rule AS r LEFT JOIN stay_rule USING (rule_code) LEFT JOIN person_rule USING (rule_code)
WHERE r.rule_code LIKE 'own\_%' ORDER BY 1;
SELECT set_rule('own_split', parameters => '{"max_gap_days": null}');
SELECT max_gap_days, exclude_tags FROM stay_rule WHERE rule_code = 'own_split';
SELECT count(*) AS settings FROM rule_setting;

-- by hand: the same checks; what was shipped is read, not believed (a dump of
-- another version); the parameters themselves stay as they are
INSERT INTO rule_setting (rule_code, parameters, shipped_enabled, shipped_certainty, shipped_parameters)
VALUES ('companions', '{"min_times": 5}', false, 'violation', '{"min_times": 99}');
SELECT enabled, certainty, shipped_enabled, shipped_certainty, shipped_parameters ->> 'min_times' AS shipped_times FROM rule_setting;
SELECT enabled, certainty, min_times FROM rule JOIN stay_rule USING (rule_code) WHERE rule_code = 'companions';
UPDATE rule_setting SET parameters = '{"min_times": 6, "min_share": null}', shipped_enabled = NULL;
SELECT parameters, shipped_enabled, (SELECT min_times FROM stay_rule WHERE rule_code = 'companions') AS min_times FROM rule_setting;
\set VERBOSITY terse
INSERT INTO rule_setting (rule_code, parameters) VALUES ('split_stays', '{"gap": 1}');
\set VERBOSITY default
UPDATE rule_setting SET parameters = '{"min_times": "6"}';
UPDATE stay_rule SET min_times = 1 WHERE rule_code = 'companions';
DELETE FROM stay_rule WHERE rule_code = 'companions';
DELETE FROM rule_setting;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r WHERE shipped EXCEPT TABLE as_shipped;

-- UPDATE of rule keeps what it changed and no more
UPDATE rule SET certainty = 'notice' WHERE rule_code = 'companions';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty FROM rule_setting;
SELECT set_rule('companions', enabled => false, parameters => '{"min_times": 4}');
UPDATE rule SET enabled = true WHERE rule_code = 'companions';
SELECT enabled, certainty, parameters, shipped_enabled, shipped_certainty, (SELECT min_times FROM stay_rule WHERE rule_code = 'companions') FROM rule_setting;
DELETE FROM rule_setting;

-- a role that keeps the rules sets them; a reader does not
CREATE ROLE regress_medaudit_keeper;
CREATE ROLE regress_medaudit_reader;
GRANT USAGE ON SCHEMA medaudit TO regress_medaudit_keeper, regress_medaudit_reader;
GRANT INSERT, UPDATE, DELETE ON rule, stay_rule, person_rule, rule_setting TO regress_medaudit_keeper;
SET ROLE regress_medaudit_keeper;
SELECT set_rule('split_stays', enabled => false, parameters => '{"max_gap_days": 7}');
SET ROLE regress_medaudit_reader;
SELECT set_rule('split_stays', enabled => true);
RESET ROLE;
SELECT max_gap_days, changed_by FROM stay_rule JOIN rule_setting USING (rule_code);
DROP OWNED BY regress_medaudit_keeper, regress_medaudit_reader;
DROP ROLE regress_medaudit_keeper, regress_medaudit_reader;

SELECT _near_names('spilt_stays', '{split_stays,overlapping_stays,similar_amounts}'), _near_names('x', '{a}'), _near_names('', '{a}'), _near_names(NULL, '{a}');
SELECT _parameter_fits('text', '"a"'), _parameter_fits('text', '1'), _parameter_fits('date', '1'), _parameter_fits('int4', '{}'), _parameter_fits('float8', '1e300'), _parameter_fits(NULL, '1');

DELETE FROM rule_setting;
DELETE FROM stay_rule WHERE NOT shipped;
DELETE FROM person_rule WHERE NOT shipped;
DELETE FROM rule WHERE NOT shipped;
SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r EXCEPT TABLE as_shipped;
TABLE as_shipped EXCEPT SELECT r.rule_code, enabled, certainty, _rule_parameters(r.rule_code) FROM rule AS r;
