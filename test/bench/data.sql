-- Claims as a county's fund stores them: :lines charge lines of :visits visits
-- over a year, in order of arrival, a hundredth of them refunds.
--
-- A visit uses about 20 items of 3,000, popular ones more often, and repeats
-- them over its days.  Items of the rules (beds, nursing, monitoring, common
-- tests) are among the popular ones: about a quarter of the lines.  Everything
-- comes from hashes of the line's number, so the data are always the same.

CREATE FUNCTION pg_temp.u(n bigint, seed bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((hashint8extended(n, seed) >> 11) + 4503599627370496.0)
	/ 9007199254740992.0;

-- The rules: tables that the national files were copied to, or made up in the
-- same number and shape where these are absent.
INSERT INTO pair_source
SELECT i, CASE WHEN i % 2 = 0 THEN '单次就诊' WHEN i % 43 = 0 THEN '6小时'
		ELSE '单日' END, 'main', '0031' || lpad((i % 157)::text, 11, '0'),
	'other', '0032' || lpad((i * 7 % 385)::text, 11, '0'), NULL
FROM generate_series(1, 900) i
WHERE NOT EXISTS (SELECT FROM pair_source);
INSERT INTO cap_source
SELECT i, 'item', CASE WHEN i % 2 = 0 THEN '24' ELSE '1' END,
	CASE WHEN i % 2 = 0 THEN '小时' ELSE '日' END,
	'0033' || lpad(i::text, 11, '0')
FROM generate_series(1, 70) i
WHERE NOT EXISTS (SELECT FROM cap_source);
INSERT INTO period_source
SELECT i, 'item', '1', CASE WHEN i % 3 = 0 THEN '15' ELSE '14' END, NULL,
	'0034' || lpad(i::text, 11, '0')
FROM generate_series(1, 14) i
WHERE NOT EXISTS (SELECT FROM period_source);

CREATE TABLE exclusive_pair AS
SELECT DISTINCT main_code, other_code,
	CASE frequency WHEN '单日' THEN 'day' WHEN '单次就诊' THEN 'visit'
		WHEN '同一小时' THEN 'hour' ELSE '6 hours' END AS scope
FROM pair_source WHERE main_code <> other_code;
CREATE TABLE daily_cap AS
SELECT item_code, max(cap::numeric) AS cap
FROM cap_source WHERE cap <> '' GROUP BY item_code;
CREATE TABLE period_cap AS
SELECT item_code, min(cap::numeric) AS cap, max(days::int) AS days
FROM period_source GROUP BY item_code;

CREATE TABLE item AS
WITH of_rules AS (
	SELECT main_code AS code FROM exclusive_pair
	UNION SELECT other_code FROM exclusive_pair
	UNION SELECT item_code FROM daily_cap
	UNION SELECT item_code FROM period_cap
), made AS (
	SELECT CASE WHEN i % 4 = 0 THEN '0039' || lpad((i * 13)::text, 9, '0') || '00'
		ELSE 'XA' || lpad((i % 97)::text, 2, '0') || 'BC'
			|| lpad((i * 37)::text, 9, '0') || '0101' || lpad(i::text, 4, '0')
		END AS code
	FROM generate_series(1, 3000) i
)
SELECT (row_number() OVER (ORDER BY pg_temp.u(hashtext(code), 7)
		* CASE WHEN of_rules THEN 0.5 ELSE 1 END) - 1)::int AS place, code, ((hashtextextended(code, 8) & 1023) + 1) * 0.37::numeric(12,2) AS price
FROM (SELECT code, true AS of_rules FROM of_rules
	UNION ALL (SELECT code, false FROM made
		LIMIT 3000 - (SELECT count(*) FROM of_rules))) c;
CREATE UNIQUE INDEX ON item (place);
ANALYZE item;

CREATE UNLOGGED TABLE line AS
WITH numbered AS (
	SELECT i, least((pg_temp.u(i, 1) * :visits)::bigint, :visits - 1) AS v
	FROM generate_series(1, :lines - :lines / 100) i
), placed AS (
	SELECT i, v,
		(3000 * power(pg_temp.u(v * 32 + (pg_temp.u(i, 2) * 20)::int, 3), 2))::int
			AS place,
		timestamp '2025-01-01' + v * interval '1 year' / :visits
			+ floor(pg_temp.u(i, 4) * (1 + pg_temp.u(v, 5) * 11) * 86400)
			* interval '1 second' AS charged_at,
		CASE WHEN pg_temp.u(i, 6) < 0.7 THEN 1 WHEN pg_temp.u(i, 6) < 0.9 THEN 2
			WHEN pg_temp.u(i, 6) < 0.98 THEN 3 ELSE 0.5 END AS quantity
	FROM numbered
), charge AS (
	SELECT i, '330100' || lpad(v::text, 9, '0') AS visit_id, code AS item_code,
		quantity::numeric(16,4) AS quantity,
		round(quantity * price, 2) AS amount,
		date_trunc('second', charged_at)::timestamp(0) AS charged_at
	FROM placed JOIN item ON item.place = least(placed.place, 2999)
)
SELECT visit_id, item_code, trim_scale(quantity) AS quantity, amount, charged_at
FROM (
	SELECT * FROM charge
	UNION ALL
	SELECT i, visit_id, item_code, -quantity, -amount, charged_at
	FROM charge WHERE i <= :lines / 100
) both_signs
ORDER BY charged_at, i;
ANALYZE line;

-- 200,000 stays of 120,000 households at the default size.
CREATE UNLOGGED TABLE stay AS
WITH made AS (
	SELECT i, (pg_temp.u(i, 11) * :visits * 0.6)::bigint AS household
	FROM generate_series(1, :visits) i
), dated AS (
	SELECT i, household,
		household || '-' || (pg_temp.u(i, 12) * 3)::int AS person_id,
		(pg_temp.u(household * 4 + (pg_temp.u(i, 13) * 3)::int, 14)
			* 365)::int AS day,
		(pg_temp.u(i, 15) * 2)::int AS later
	FROM made
)
SELECT 'H' || household AS household_id, 'P' || person_id AS person_id,
	'F' || (power(pg_temp.u(household, 16), 2) * 300)::int AS facility_id,
	timestamp '2025-01-01 09:00' + (day + later) * interval '1 day' AS admitted_at,
	timestamp '2025-01-01 15:00'
		+ (day + later + 3 + (pg_temp.u(i, 17) * 9)::int) * interval '1 day'
		AS discharged_at
FROM dated;
ANALYZE stay;
