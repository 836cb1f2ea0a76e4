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
INSERT INTO rule_kind (kind, book, name_zh, place, asks) VALUES ('restored', 'stays', '名', 1, 'fund.none(bigint,text,jsonb)');
RESET check_function_bodies;
SELECT kind, place, asks, shipped FROM rule_kind WHERE kind = 'restored';

DELETE FROM rule WHERE NOT shipped;
DELETE FROM evidence_template WHERE NOT shipped;
DELETE FROM rule_kind WHERE NOT shipped;
SET client_min_messages = warning;
DROP SCHEMA fund CASCADE;
