-- Units: a cap or a price is for a unit, an item is charged in one.  Where the relation
-- item is bound with units, compile_rules() takes a row with a unit only for
-- items whose unit is the row's, or is related to it by unit_factor; the cap is
-- then turned into the item's unit.  What cannot be related is off, and listed.
--
-- Nothing of this is asked per line: a row that holds for items in several
-- units becomes a row per item when the rules are compiled.

-- The items as runs name them.  Local codes are of a hospital: where item says
-- which, the code is followed by the sign 0x1F and the hospital (see codes.h), and
-- the mapping of a code to two national ones is off; a code of everybody may have
-- another in each period of validity.  Rows on the plain code hold too.  A view
-- made by hand may lack a column.
CREATE OR REPLACE FUNCTION _item_forms() RETURNS TABLE (item_code text, plain_code text, national_code text,
	unit text, unit_factor numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	given text[] := ARRAY(SELECT a.attname FROM pg_attribute AS a
		WHERE a.attrelid = to_regclass('medaudit_data.item') AND a.attnum > 0 AND NOT a.attisdropped);
	unit text := CASE WHEN 'unit' = ANY (given) THEN 'c.unit::text' ELSE 'NULL::text' END;
	-- read softly: what is no number is unknown
	unit_factor text := (SELECT n.expression FROM medaudit._run_columns('item') AS n WHERE n.column_name = 'unit_factor');
	national text := CASE WHEN 'national_code' = ANY (given)
		THEN 'nullif(medaudit.code_fold(c.national_code::text), '''')' ELSE 'NULL::text' END;
BEGIN
	IF NOT 'item_code' = ANY (given) THEN
		RETURN;
	END IF;
	PERFORM medaudit._check_trusted('item');
	RETURN QUERY EXECUTE format($query$
		SELECT DISTINCT n.code, n.plain_code,
			CASE WHEN min(n.national_code) OVER same = max(n.national_code) OVER same THEN n.national_code END,
			n.unit, n.unit_factor
		FROM (
			SELECT medaudit.code_fold(c.item_code::text)
					|| coalesce(chr(31) || nullif(medaudit.code_fold(%s), ''), '') AS code,
				medaudit.code_fold(c.item_code::text) AS plain_code,
				%s AS national_code, %s AS unit, %s AS unit_factor, %s AS valid
			FROM medaudit_data.item AS c WHERE c.item_code IS NOT NULL
		) AS n
		WINDOW same AS (PARTITION BY n.code COLLATE "C", CASE WHEN n.code = n.plain_code THEN n.valid END)$query$,
		CASE WHEN 'facility_id' = ANY (given) THEN 'c.facility_id::text' ELSE 'NULL::text' END, national, unit, unit_factor,
		CASE WHEN 'valid' = ANY (given) THEN 'c.valid::text' ELSE 'NULL::text' END);
END
$$;

COMMENT ON FUNCTION _item_forms() IS
	'项目清单: the rows of item, codes folded; where they are of a hospital the code is that of the run, which names it too, and plain_code the code alone; national_code NULL: not mapped, or to two codes in one hospital or, of a code of everybody, in one period; no rows where item is not bound';

CREATE OR REPLACE FUNCTION _item_aliases() RETURNS TABLE (item_code text, national_code text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT f.item_code, f.national_code FROM medaudit._item_forms() AS f
	WHERE f.national_code <> f.item_code
	UNION
	SELECT f.item_code, f.plain_code FROM medaudit._item_forms() AS f
	WHERE f.plain_code <> f.item_code
$$;

COMMENT ON FUNCTION _item_aliases() IS
	'项目对照: the codes by whose rows an item is judged, too: its national code, and of a code that names its hospital the code alone; no rows where item is not bound';

-- How a unit is compared: without blanks and "per", and by one word for a day.
CREATE OR REPLACE FUNCTION _unit_key(unit text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT CASE
			WHEN u IN ('天', '床日', 'day', 'd') THEN '日'
			WHEN u IN ('时', '钟头', 'hour', 'h') THEN '小时'
			WHEN u IN ('人次', '项', '例', 'time') THEN '次'
			ELSE nullif(u, '') END
		FROM regexp_replace(lower(regexp_replace(unit, '[[:space:]　]', '', 'g')),
			'^(元)?[/每]', '') AS u);

COMMENT ON FUNCTION _unit_key(text) IS
	'单位归一: what is compared of a unit: 每天, 元/日 and 日 are one, and so are 次 and 项; NULL for NULL and for blanks';

-- What is compared of a code, as the rulebook does it: a code may end, and a
-- service code begin, where the comparison does.  Not STRICT, which it need not be:
-- so it is inlined.
CREATE OR REPLACE FUNCTION _code_key(code text, code_match text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE code_match
		WHEN 'service' THEN CASE WHEN code ~ '^([0-9]{2})?[0-9]{13}$' THEN right(code, 13) END
		WHEN 'product' THEN CASE
			WHEN code ~ '^X' AND octet_length(code) IN (18, 23) THEN left(code, 18)
			WHEN code ~ '^Z' AND octet_length(code) IN (15, 20) THEN left(code, 15) END
		WHEN 'generic' THEN CASE
			WHEN code ~ '^X' AND octet_length(code) IN (10, 23) THEN left(code, 10)
			WHEN code ~ '^Z' AND octet_length(code) IN (11, 20) THEN left(code, 11) END
		WHEN 'exact' THEN code END;

COMMENT ON FUNCTION _code_key(text, text) IS
	'编码比对值: the part of a code that code_match compares; NULL where the code has no such form, and for NULL';

-- Items that meet a row of charge_rule with a unit, and how many of the row's
-- units one charged unit is.
CREATE OR REPLACE FUNCTION _unit_relations() RETURNS TABLE (charge_rule_id bigint,
	item_code text, unit text, factor numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM medaudit.charge_rule AS c
			WHERE c.unit IS NOT NULL AND (c.max_quantity IS NOT NULL OR c.max_price IS NOT NULL))
		OR NOT EXISTS (SELECT FROM medaudit._bound_columns() AS b
			WHERE b.relation = 'item' AND b.bound
				AND b.column_name IN ('unit', 'unit_factor')) THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH item AS MATERIALIZED (
		SELECT f.* FROM medaudit._item_forms() AS f
	), limited AS MATERIALIZED (
		SELECT c.charge_rule_id, f.code AS item_code, c.unit, f.code LIKE '%\%' AS prefix,
			CASE WHEN medaudit._code_key(f.code, c.code_match) IS NULL
				THEN 'exact' ELSE c.code_match END AS code_match
		FROM medaudit.charge_rule AS c
		CROSS JOIN LATERAL (SELECT medaudit.code_fold(c.item_code)) AS f (code)
		WHERE c.unit IS NOT NULL AND c.item_code IS NOT NULL
			AND (c.max_quantity IS NOT NULL OR c.max_price IS NOT NULL)
	), form AS (
		-- of the ways of matching that are asked; what names a hospital is met as it is
		SELECT i.item_code, m.code_match, medaudit._code_key(c.code, m.code_match) AS key
		FROM item AS i
		CROSS JOIN LATERAL unnest(ARRAY[i.item_code, i.plain_code, i.national_code]) AS c (code)
		JOIN (SELECT CASE WHEN l.prefix THEN 'exact' ELSE l.code_match END AS code_match FROM limited AS l GROUP BY 1) AS m
			ON m.code_match = 'exact' OR strpos(c.code, chr(31)) = 0
		WHERE c.code IS NOT NULL
	), met AS (
		SELECT l.charge_rule_id, f.item_code
		FROM limited AS l
		JOIN form AS f ON f.code_match = l.code_match
			AND f.key = medaudit._code_key(l.item_code, l.code_match)
		WHERE NOT l.prefix
		UNION
		SELECT l.charge_rule_id, f.item_code
		FROM limited AS l
		JOIN form AS f ON f.code_match = 'exact'
			AND starts_with(f.key, left(l.item_code, -1))
		WHERE l.prefix
	), related AS (
		SELECT m.charge_rule_id, m.item_code, i.unit,
			CASE WHEN medaudit._unit_key(i.unit) = medaudit._unit_key(l.unit) THEN 1
				WHEN i.unit_factor > 0 THEN i.unit_factor END AS factor
		FROM met AS m
		JOIN limited AS l ON l.charge_rule_id = m.charge_rule_id
		JOIN item AS i ON i.item_code = m.item_code
	)
	-- an item that is listed with contradicting units is not related
	SELECT r.charge_rule_id, r.item_code, min(r.unit),
		CASE WHEN bool_and(r.factor IS NOT NULL)
				AND min(r.factor) = max(r.factor)
			THEN min(r.factor) END
	FROM related AS r
	GROUP BY r.charge_rule_id, r.item_code;
END
$$;

COMMENT ON FUNCTION _unit_relations() IS
	'单位换算关系: items that meet a row of charge_rule with a unit and a quantity or price, and how many units of the row one charged unit is (NULL: not related); no rows where item is not bound with units';

-- Rows that hold for items in other units too are not compiled as they stand (off).  In
-- their place: a row for each item that can be related, the cap or price in the item's
-- unit (condition).  Items of one factor share the cap, as they did in the row.  Both are
-- told together, so that items are related to rows once.
CREATE OR REPLACE FUNCTION _rows_by_unit() RETURNS TABLE (off bigint, condition medaudit.charge_rule)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 20
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH related AS MATERIALIZED (SELECT * FROM medaudit._unit_relations()), off AS MATERIALIZED (
		SELECT DISTINCT u.charge_rule_id FROM related AS u WHERE u.factor IS DISTINCT FROM 1
	)
	SELECT o.charge_rule_id, NULL::medaudit.charge_rule FROM off AS o
	UNION ALL
	SELECT NULL, r
	FROM related AS u
	JOIN medaudit.charge_rule AS c ON c.charge_rule_id = u.charge_rule_id
	-- what is not named here is as in the row
	CROSS JOIN LATERAL jsonb_populate_record(c, jsonb_build_object(
		'item_code', u.item_code, 'code_match', 'exact',
		'item_group', CASE WHEN c.max_quantity IS NULL THEN c.item_group
			WHEN c.item_group IS NOT NULL OR c.item_code NOT LIKE '%\%'
			THEN concat(coalesce(c.item_group, c.item_code), ' /', trim_scale(u.factor)) END,
		'max_quantity', round(c.max_quantity / u.factor, 4),
		'max_price', round(c.max_price * u.factor, 4),
		'unit', coalesce(u.unit, c.unit),
		'note', concat_ws(': ', c.note, CASE WHEN u.factor <> 1 THEN format('1%s = %s%s',
			coalesce(u.unit, '单位'), trim_scale(u.factor), c.unit) END),
		'shipped', false)) AS r
	WHERE u.factor IS NOT NULL
		AND u.charge_rule_id IN (SELECT o.charge_rule_id FROM off AS o)
		-- a row of the fund's own on the local code goes before; rows on one
		-- code stand beside each other, as from another date on
		AND NOT EXISTS (SELECT FROM medaudit.charge_rule AS own
			WHERE own.rule_code = c.rule_code AND medaudit.code_fold(coalesce(own.item_code, '')) = u.item_code
				AND medaudit.code_fold(own.item_code) <> medaudit.code_fold(c.item_code))
$$;

COMMENT ON FUNCTION _rows_by_unit() IS
	'按单位拆分的规则行: off: rows of charge_rule that meet items in other units than their own; condition: what compile_rules() takes in their place, a row per item that can be related, with the cap or price in the unit that the item is charged in';

CREATE OR REPLACE FUNCTION unit_problems() RETURNS TABLE (rule_code text, rule_item_code text,
	rule_unit text, item_code text, item_unit text, note text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 10
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH related AS MATERIALIZED (SELECT * FROM medaudit._unit_relations())
	SELECT c.rule_code, c.item_code, c.unit, split_part(u.item_code, chr(31), 1), u.unit, c.note
	FROM related AS u
	JOIN medaudit.charge_rule AS c ON c.charge_rule_id = u.charge_rule_id
	WHERE u.factor IS NULL
	UNION ALL
	SELECT c.rule_code, c.item_code, c.unit, NULL, NULL, c.note
	FROM (SELECT DISTINCT u.charge_rule_id FROM related AS u WHERE u.factor IS DISTINCT FROM 1) AS o
	JOIN medaudit.charge_rule AS c ON c.charge_rule_id = o.charge_rule_id
	ORDER BY 1, 2, 4 NULLS FIRST
$$;

COMMENT ON FUNCTION unit_problems() IS
	'单位无法换算: rows of charge_rule that are off for an item, because the item''s unit is not the row''s and no unit_factor relates them; item_code NULL: the row holds in other units, and is off for codes that item does not list; no rows where item is not bound with units';
