-- rule_kinds: kinds of rule as data, shipped and a fund's own
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET search_path = medaudit, public;
SET datestyle = iso;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS fund CASCADE;
CREATE SCHEMA fund;
RESET client_min_messages;

-- in the order in which a run asks them
SELECT book, count(*) AS kinds, string_agg(kind, ' ' ORDER BY place, kind COLLATE "C") AS kinds FROM rule_kind WHERE shipped GROUP BY book ORDER BY min(place);
-- what they need is known to bind(), and whoever is asked can be
SELECT kind, needs FROM rule_kind WHERE needs <> '{}' ORDER BY place, kind;
SELECT kind, _unknown_needs(needs), asks FROM rule_kind WHERE _unknown_needs(needs) IS NOT NULL OR (_kind_function(asks) IS NULL) <> (asks IS NULL);
SELECT kind FROM rule_kind WHERE name_zh !~ '[一-龥]' OR asks IS NOT NULL AND book = 'charges';
-- what a server with some of the persons can ask, and what only one that sees all
SELECT scope, count(*) AS kinds, string_agg(kind, ' ' ORDER BY place, kind COLLATE "C") AS kinds FROM rule_kind WHERE shipped GROUP BY scope ORDER BY min(place);
SELECT kind, book FROM rule_kind WHERE reach IN ('visit', 'person') AND scope <> 'person';
SELECT count(*) AS rules, count(DISTINCT c) AS different, bool_and((c IS NOT NULL) = enabled) AS all_enabled, count(DISTINCT scope) AS scopes
FROM rule LEFT JOIN (SELECT scope, unnest(rules_by_scope(scope)) AS c FROM unnest('{person,facility,region}'::text[]) AS scope) AS s ON c = rule_code WHERE enabled OR c IS NOT NULL;
SELECT rules_by_scope('county');
SELECT rules_by_scope(NULL);

-- one of a fund's own
CREATE FUNCTION fund.long_stays(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE
	AS 'SELECT (pg_catalog.jsonb_populate_record(NULL::medaudit.run_group, pg_catalog.jsonb_build_object($$person_id$$, rule_code))).*';
SELECT add_rule_kind('long_stays', 'stays', 'fund.long_stays(bigint, text, jsonb)', '超长住院');
SELECT * FROM rule_kind WHERE NOT shipped;
SELECT person_id, visit_id IS NULL AS rest_null FROM fund.long_stays(1, 'P', '{}');
-- again: what was given is replaced, a place that was set stays in its book
UPDATE rule_kind SET place = 207 WHERE kind = 'long_stays';
SELECT add_rule_kind('long_stays', 'stays', 'fund.long_stays(bigint, text, jsonb)', '住院过长', '{diagnosis,person.phone|person.address,swipe|visit.fund_amount}', 'quarter', true);
SELECT name_zh, place, needs, natural_period, anchored FROM rule_kind WHERE kind = 'long_stays';
-- which of it is not there: of a relation its required columns, of several of which one will do all
SELECT array_agg(name ORDER BY name COLLATE "C") AS unmet FROM _unmet_needs() WHERE kind = 'long_stays';
CREATE TABLE fund.person AS SELECT 'P'::text AS person_id, '13800138000'::text AS phone;
CREATE TABLE fund.diagnosis AS SELECT 'V'::text AS visit_id, 'I10'::text AS diagnosis_code;
SET client_min_messages = error;
CALL bind('person', 'fund.person');
CALL bind('diagnosis', 'fund.diagnosis');
RESET client_min_messages;
SELECT array_agg(name ORDER BY name COLLATE "C") AS unmet FROM _unmet_needs() WHERE kind = 'long_stays';
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('own_needy', 'long_stays', '住院过长');
SELECT relation, column_name FROM _rules_off() WHERE rule_code = 'own_needy' AND relation NOT IN ('visit', 'charge') ORDER BY relation, column_name;
DELETE FROM rule WHERE rule_code = 'own_needy';
-- half of a relation is not the relation
DROP VIEW medaudit_data.diagnosis;
CREATE VIEW medaudit_data.diagnosis AS SELECT visit_id FROM fund.diagnosis;
SELECT array_agg(name ORDER BY name COLLATE "C") AS unmet FROM _unmet_needs() WHERE kind = 'long_stays' AND name LIKE 'diagnosis%';
DROP VIEW medaudit_data.person, medaudit_data.diagnosis;
TRUNCATE binding;
SELECT add_rule_kind('long_stays', 'claims', 'fund.long_stays(bigint, text, jsonb)', '住院过长');
SELECT book, place, needs, natural_period, anchored FROM rule_kind WHERE kind = 'long_stays';

-- what it refuses
SELECT add_rule_kind(NULL, 'stays', 'fund.long_stays(bigint, text, jsonb)', '名');
SELECT add_rule_kind('k', 'stays', NULL, '名');
SELECT add_rule_kind('k', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名', NULL);
SELECT add_rule_kind('split_stays', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名');
SELECT add_rule_kind('Long stays', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名');
SELECT add_rule_kind('k', 'ledger', 'fund.long_stays(bigint, text, jsonb)', '名');
SELECT add_rule_kind('k', 'charges', 'fund.long_stays(bigint, text, jsonb)', '名');
SELECT add_rule_kind('k', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名', natural_period => 'week');
SELECT add_rule_kind('k', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名', '{visit.colour,dreams|visit,visit.beds}');
SELECT add_rule_kind('k', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名', '{visit|,NULL}');
SELECT add_rule_kind('k', 'stays', 'fund.long_stay(bigint, text, jsonb)', '名');
CREATE FUNCTION fund.one(bigint, text, jsonb) RETURNS medaudit.run_group LANGUAGE sql AS 'SELECT NULL::medaudit.run_group';
CREATE FUNCTION fund.two(int, text, jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql AS 'SELECT NULL::medaudit.run_group';
CREATE FUNCTION fund.three(bigint, text, jsonb) RETURNS SETOF medaudit.rule LANGUAGE sql AS 'SELECT NULL::medaudit.rule';
CREATE FUNCTION pg_temp.four(bigint, text, jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql AS 'SELECT NULL::medaudit.run_group';
SELECT add_rule_kind('k', 'stays', 'fund.one(bigint, text, jsonb)', '名');
SELECT add_rule_kind('k', 'stays', 'fund.two(int, text, jsonb)', '名');
SELECT add_rule_kind('k', 'stays', 'fund.three(bigint, text, jsonb)', '名');
\set VERBOSITY sqlstate
SELECT add_rule_kind('k', 'stays', 'pg_temp.four(bigint, text, jsonb)', '名');
\set VERBOSITY terse
-- one that does not plan: its table has gone
CREATE TABLE fund.note (n int);
CREATE FUNCTION fund.notes(bigint, text, jsonb) RETURNS SETOF medaudit.run_group LANGUAGE sql STABLE
	AS 'SELECT (pg_catalog.jsonb_populate_record(NULL::medaudit.run_group, pg_catalog.to_jsonb(n))).* FROM fund.note AS n';
SELECT add_rule_kind('notes', 'stays', 'fund.notes(bigint, text, jsonb)', '名');
DROP TABLE fund.note;
SELECT add_rule_kind('notes_2', 'stays', 'fund.notes(bigint, text, jsonb)', '名');
SELECT kind FROM rule_kind WHERE NOT shipped ORDER BY kind;

-- by hand: the same checks, and shipped rows stay as they are
INSERT INTO rule_kind (kind, book, name_zh) VALUES ('k', 'stays', '名');
INSERT INTO rule_kind (kind, book, name_zh, asks, shipped) VALUES ('k', 'cards', '名', 'fund.long_stays(bigint,text,jsonb)', true) RETURNING place, shipped;
UPDATE rule_kind SET kind = 'q' WHERE kind = 'k';
UPDATE rule_kind SET name_zh = '名' WHERE kind = 'split_stays';
DELETE FROM rule_kind WHERE kind = 'split_stays';
TRUNCATE rule_kind;
-- one that rules have does not go, the others take with them what is theirs
INSERT INTO rule (rule_code, kind, name_zh) VALUES ('own_long', 'long_stays', '住院过长'), ('own_longer', 'long_stays', '住院过长');
INSERT INTO evidence_template (kind, zh) VALUES ('long_stays', '{days}天。'), ('k', '{days}天。');
DELETE FROM rule_kind WHERE NOT shipped;
DELETE FROM rule_kind WHERE kind = 'k';
SELECT kind, zh, en, shipped FROM evidence_template WHERE NOT shipped;

-- parameters: every one has a meaning, a default that fits, and a kind with a book
SELECT book, kind, string_agg(p.name || ' ' || type || coalesce(' ' || default_value::text, ''), ', ' ORDER BY p.name COLLATE "C") AS parameters
FROM rule_kind AS k JOIN rule_parameter AS p USING (kind) WHERE p.shipped GROUP BY book, place, kind ORDER BY place;
SELECT kind, name FROM rule_parameter AS p WHERE default_value IS NULL OR NOT _parameter_fits(p, default_value) OR meaning_zh !~ '[一-龥]' OR meaning_en IS NULL OR type IN ('int', 'numeric', 'float8') AND minimum IS NULL;
-- each at its bounds, beyond them, and of other types: what is refused (no: not refused)
CREATE FUNCTION pg_temp.refused(kind text, name text, value jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM medaudit._checked_parameters('r', kind, jsonb_build_object(name, value));
	RETURN 'no';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT p.type, t.what, pg_temp.refused(p.kind, p.name, t.value) AS refused, count(*)
FROM rule_parameter AS p CROSS JOIN LATERAL (VALUES ('the minimum', to_jsonb(p.minimum)), ('the maximum', to_jsonb(p.maximum)), ('below the minimum', to_jsonb(p.minimum - 0.001)), ('one less', to_jsonb(p.minimum - 1)),
	('above the maximum', to_jsonb(p.maximum + 0.001)), ('one more', to_jsonb(p.maximum + 1)), ('as text', to_jsonb(p.default_value #>> '{}')), ('NaN', '"NaN"'), ('1e308', '1e308'), ('1e309', '1e309'), ('a half', '0.5'), ('2147483648', '2147483648'),
	('true', 'true'), ('list', '["a"]'), ('list of numbers', '[1]'), ('object', '{}'), ('null', 'null')) AS t (what, value)
WHERE p.shipped AND t.value IS NOT NULL AND (t.what <> 'a half' OR p.type = 'int') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- of the thresholds no kind takes another's
SELECT count(*) AS pairs, count(*) FILTER (WHERE pg_temp.refused(k.kind, n.name, 'null') = '22023') AS refused, (SELECT count(*) FROM rule_parameter WHERE shipped) AS taken
FROM rule_kind AS k, (SELECT DISTINCT name FROM rule_parameter WHERE shipped) AS n WHERE k.shipped;

-- those of a fund's own kind
INSERT INTO rule_parameter (kind, name, type, default_value, minimum, maximum, unit, meaning_zh, choices) VALUES
	('long_stays', 'max_days', 'int', '60', 1, 365, '天', '最长天数', NULL), ('long_stays', 'within', 'interval', '"1 day"', 0, 172800, NULL, '间隔', NULL),
	('long_stays', 'who', 'text', NULL, NULL, NULL, NULL, '谁', '{all,some}'), ('long_stays', 'which', 'text[]', '["a"]', NULL, NULL, NULL, '哪些', '{a,b}'), ('long_stays', 'rate', 'numeric', 'null', NULL, 1, NULL, '比例', NULL);
SELECT name, type, default_value, shipped FROM rule_parameter WHERE NOT shipped ORDER BY name;
UPDATE rule SET parameters = '{"max_days": 365, "within": "2 days", "who": "some", "which": [], "rate": -1e5}' WHERE rule_code = 'own_long';
SELECT rule_code, name, value, default_value, changed, unit, minimum, maximum, choices FROM rule_parameters WHERE rule_code LIKE 'own%' ORDER BY 1, 2;
SELECT _rule_parameters('own_longer'::text);
\set VERBOSITY default
UPDATE rule SET parameters = '{"max_days": 0}' WHERE rule_code = 'own_long';
UPDATE rule SET parameters = '{"max_days": 366, "within": "3 days"}' WHERE rule_code = 'own_long';
UPDATE rule SET parameters = '{"within": "-1 second", "who": "none", "which": ["a", "c"], "rate": 1.01}' WHERE rule_code = 'own_long';
UPDATE rule SET parameters = '{"within": "soon", "who": ["all"], "which": "a"}' WHERE rule_code = 'own_long';
UPDATE rule SET parameters = '{"with": 1, "max_day": 1}' WHERE rule_code = 'own_long';
\set VERBOSITY terse
-- rows that say nothing
INSERT INTO rule_parameter (kind, name, type) VALUES ('no_such', 'n', 'int');
INSERT INTO rule_parameter (kind, name, type) VALUES ('split_stays', 'n', 'int');
INSERT INTO rule_parameter (kind, name, type) VALUES ('long_stays', 'N', 'int');
INSERT INTO rule_parameter (kind, name, type) VALUES ('long_stays', 'n', 'date');
INSERT INTO rule_parameter (kind, name, type, minimum) VALUES ('long_stays', 'n', 'text', 1);
INSERT INTO rule_parameter (kind, name, type, minimum, maximum) VALUES ('long_stays', 'n', 'int', 2, 1);
INSERT INTO rule_parameter (kind, name, type, maximum) VALUES ('long_stays', 'n', 'int', 'NaN');
INSERT INTO rule_parameter (kind, name, type, choices) VALUES ('long_stays', 'n', 'int', '{a}');
INSERT INTO rule_parameter (kind, name, type, default_value, minimum) VALUES ('long_stays', 'n', 'int', '0', 1);
INSERT INTO rule_parameter (kind, name, type, default_value, choices) VALUES ('long_stays', 'n', 'text', '"c"', '{a,b}');
UPDATE rule_parameter SET default_value = '16' WHERE kind = 'split_stays' AND name = 'max_gap_days';
DELETE FROM rule_parameter WHERE kind = 'split_stays';
TRUNCATE rule_parameter;
-- and changes that what rules say does not fit
UPDATE rule_parameter SET maximum = 300 WHERE kind = 'long_stays' AND name = 'max_days';
UPDATE rule_parameter SET name = 'days' WHERE kind = 'long_stays' AND name = 'max_days';
DELETE FROM rule_parameter WHERE kind = 'long_stays';
UPDATE rule_parameter SET default_value = '90', meaning_en = 'days, at most' WHERE kind = 'long_stays' AND name = 'max_days';
SELECT set_rule('own_long', parameters => '{"which": null, "who": null, "within": null, "rate": null}');
DELETE FROM rule_parameter WHERE kind = 'long_stays' AND name <> 'max_days';
SELECT name, value, default_value, changed FROM rule_parameters WHERE rule_code LIKE 'own_long%' ORDER BY value;

-- what a run is to call is there and of somebody it trusts
SELECT _callable_kind('long_stays'), _callable_kind('no_such');
CREATE ROLE regress_medaudit_keeper;
ALTER FUNCTION fund.long_stays(bigint, text, jsonb) OWNER TO regress_medaudit_keeper;
CREATE ROLE regress_medaudit_runner;
GRANT USAGE ON SCHEMA medaudit TO regress_medaudit_keeper, regress_medaudit_runner;
GRANT USAGE ON SCHEMA fund TO regress_medaudit_keeper, regress_medaudit_runner;
SET ROLE regress_medaudit_runner;
SELECT medaudit._callable_kind('long_stays');
SET ROLE regress_medaudit_keeper;
SELECT medaudit._callable_kind('long_stays');
RESET ROLE;
ALTER FUNCTION fund.long_stays(bigint, text, jsonb) OWNER TO CURRENT_USER;
SELECT _callable_kind('long_stays');
ALTER FUNCTION fund.long_stays(bigint, text, jsonb) RENAME TO longest_stays;
SELECT _callable_kind('long_stays');
ALTER FUNCTION fund.longest_stays(bigint, text, jsonb) RENAME TO long_stays;
-- a reader of rules adds none
SET ROLE regress_medaudit_runner;
SELECT medaudit.add_rule_kind('mine', 'stays', 'fund.long_stays(bigint, text, jsonb)', '名');
RESET ROLE;
DROP OWNED BY regress_medaudit_keeper, regress_medaudit_runner;
DROP ROLE regress_medaudit_keeper, regress_medaudit_runner;

-- sentences from facts
SELECT _fill_template('{who}住院{stays}次[，费用合计{money.total:money}][，首次{window.0:date}]。{share:percent}{none}',
	'{"who": "张三", "stays": 4, "money": {"total": 1234.5}, "window": ["2026-03-01", "2026-03-09"], "share": 0.125}');
SELECT _fill_template('{who}[，{none}][，{null}][，{empty}]{at:time}，{who:date}，{days:date}', '{"who": "{at}[x]", "null": null, "empty": [], "at": "2026-03-01 08:30:00", "days": ["2026-03-01", "2026-03-02T10:00:00"]}');
SELECT _fill_template('no fact', '{}') AS plain, _fill_template('', '{}') AS empty, _fill_template(NULL, '{}') AS a, _fill_template('{x}', NULL) AS b;
INSERT INTO evidence_template (kind, zh) VALUES ('long_stays', '{days');
INSERT INTO evidence_template (kind, zh, en) VALUES ('split_stays', '{days}', '[{days}');
INSERT INTO evidence_template (kind, zh) VALUES ('split_stays', '[{a}[{b}]]');
INSERT INTO evidence_template (kind, zh) VALUES ('split_stays', '{a:euro}');
INSERT INTO evidence_template (kind, zh) VALUES ('split_stays', '');
INSERT INTO evidence_template (kind, zh) VALUES ('no_such', '{a}');
UPDATE evidence_template SET kind = 'no_such' WHERE kind = 'long_stays';
INSERT INTO evidence_template (kind, zh, en, shipped) VALUES ('split_stays', '间隔{days}天。', '{days} days.', true) RETURNING shipped;
TRUNCATE evidence_template;

-- in a restore everything comes in any order
SET check_function_bodies = off;
INSERT INTO evidence_template (kind, zh) VALUES ('restored', '{days');
INSERT INTO rule (rule_code, kind, name_zh, parameters) VALUES ('restored', 'restored', '名', '{"n": 7, "gone": true}');
INSERT INTO rule_parameter (kind, name, type, default_value, maximum) VALUES ('restored', 'n', 'int', '2', 1);
INSERT INTO rule_kind (kind, book, name_zh, place, asks) VALUES ('restored', 'stays', '名', 1, 'fund.none(bigint,text,jsonb)');
RESET check_function_bodies;
SELECT kind, place, asks, shipped FROM rule_kind WHERE kind = 'restored';
-- what came in so does not stand in the way of what is said later
UPDATE rule SET enabled = false WHERE rule_code = 'restored' RETURNING parameters, _rule_parameters(rule_code);

DELETE FROM rule WHERE NOT shipped;
DELETE FROM evidence_template WHERE NOT shipped;
DELETE FROM rule_kind WHERE NOT shipped;
SELECT count(*) AS left_behind FROM rule_parameter WHERE NOT shipped;
SET client_min_messages = warning;
DROP SCHEMA fund CASCADE;
