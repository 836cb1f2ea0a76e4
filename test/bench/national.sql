-- Claims that meet the whole national rulebook, from the lines of data.sql:
-- some of its made-up items become drugs and services of batches 1 to 6, and
-- every visit gets what rules ask about it.  :visits is their number.

CREATE FUNCTION pg_temp.u(n bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((hashint8extended(n, seed) >> 11) + 4503599627370496.0)
	/ 9007199254740992.0;

-- A fifteenth of the items are of the rules of batches 1 to 6 and 8, as many
-- of each rule as a county's hospitals may use.
CREATE TABLE restricted AS
WITH rows AS (
	SELECT DISTINCT rule_code, item_code FROM medaudit.charge_rule
	WHERE rule_code LIKE 'national%' AND item_code NOT LIKE '%\%'
		AND item_code NOT IN (SELECT code FROM item)
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY rule_code
		ORDER BY hashtextextended(item_code, 21), item_code) AS rank
	FROM rows
), chosen AS (
	SELECT DISTINCT item_code FROM ranked
	WHERE rank <= CASE rule_code
		WHEN 'national_2_secondary_procedure' THEN 40
		WHEN 'national_5_drug_facility_level' THEN 40
		WHEN 'national_3_drug_insurance' THEN 3 ELSE 18 END
), numbered AS (
	SELECT item_code, row_number() OVER (ORDER BY hashtextextended(item_code, 22))
		AS number
	FROM chosen
), made AS (
	SELECT code, row_number() OVER (ORDER BY hashtextextended(code, 23)) AS number
	FROM item WHERE code LIKE 'XA%' AND place > 300
)
SELECT code AS made_code, item_code FROM numbered JOIN made USING (number);

CREATE UNLOGGED TABLE claim AS
SELECT visit_id, coalesce(r.item_code, l.item_code) AS item_code, quantity,
	amount, charged_at
FROM line l LEFT JOIN restricted r ON r.made_code = l.item_code;
ANALYZE claim;

CREATE UNLOGGED TABLE visit AS
SELECT '330100' || lpad((v - 1)::text, 9, '0') AS visit_id,
	CASE WHEN pg_temp.u(v, 31) < 0.01 THEN '9' WHEN pg_temp.u(v, 31) < 0.5 THEN '1' ELSE '2' END AS sex,
	date '1935-01-01' + (pg_temp.u(v, 32) * 32000)::int AS birth_date,
	CASE WHEN pg_temp.u(v, 33) < 0.3 THEN 3 WHEN pg_temp.u(v, 33) < 0.7 THEN 6 ELSE 9 END AS facility_rank,
	CASE WHEN pg_temp.u(v, 34) < 0.9 THEN '21' ELSE '11' END AS visit_type,
	CASE WHEN pg_temp.u(v, 35) < 0.3 THEN '310' ELSE '390' END AS insurance_type,
	timestamp '2025-01-01' + (v - 1) * interval '1 year' / :visits AS admitted_at,
	timestamp '2025-01-13' + (v - 1) * interval '1 year' / :visits AS discharged_at,
	ARRAY['I10', 'E11.9'] AS diagnosis_codes
FROM generate_series(1, :visits) AS v;
ANALYZE visit;

-- Prices of 500 items, a twentieth of them below what is charged, and 40
-- packages of three to six components at four fifths of their prices.
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES
	('bench_price', 'price', '超标准收费'), ('bench_package', 'package', '分解收费'),
	('bench_duplicate', 'duplicate', '重复收费');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope) VALUES
	('bench_duplicate', '%', 'day');
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_price)
SELECT 'bench_price', coalesce(r.item_code, i.code),
	CASE WHEN place % 120 = 0 THEN round(price * 0.45, 2) * 2
		ELSE ceil(price * 55) / 50 END
FROM item i LEFT JOIN restricted r ON r.made_code = i.code
WHERE place % 6 = 0;
INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price)
SELECT 'bench_package', 'PACKAGE' || place / 70, code,
	round(sum(price) OVER (PARTITION BY place / 70) * 0.8, 2)
FROM item WHERE place < 2800 AND place % 70 / 7 <= 2 + place / 70 % 4 AND place % 7 = 0;

CREATE FUNCTION rules_of(pattern text) RETURNS medaudit.rulebook
LANGUAGE sql STABLE
RETURN medaudit.compile_rules(VARIADIC (SELECT array_agg(rule_code)
	FROM medaudit.rule WHERE rule_code ~ pattern));

CREATE TABLE national AS
SELECT rules_of('^(national_|bench_price|bench_package)') AS rules;
