-- Coverage: how much of what was charged no rule can find anything in, because
-- the code is not in the catalogue, has no national form, or is one that no
-- enabled rule looks at.  A run counts it by facility and day of settlement,
-- so that months add up however the year is cut into runs; a later run of a
-- day replaces what an earlier one counted.

CREATE TABLE run_coverage (
	run_id bigint NOT NULL,
	facility_id text,
	facility_name text,
	settled_on date NOT NULL,
	lines bigint NOT NULL,
	amount numeric NOT NULL,
	unlisted_lines bigint,
	unlisted_amount numeric,
	unmapped_lines bigint NOT NULL,
	unmapped_amount numeric NOT NULL,
	unruled_lines bigint NOT NULL,
	unruled_amount numeric NOT NULL
);

CREATE INDEX run_coverage_day ON run_coverage (settled_on);

COMMENT ON TABLE run_coverage IS
	'编码覆盖明细: charge lines of the visits that the last run of each day judged, and those whose code finds nothing; read code_coverage';
COMMENT ON COLUMN run_coverage.run_id IS '运行编号: the run that counted';
COMMENT ON COLUMN run_coverage.facility_id IS '定点医药机构编号: where; NULL: not known';
COMMENT ON COLUMN run_coverage.facility_name IS '定点医药机构名称: as it was then';
COMMENT ON COLUMN run_coverage.settled_on IS
	'归属日期: day of settlement (else discharge) of the visits';
COMMENT ON COLUMN run_coverage.lines IS '明细行数: charge lines that carry a code';
COMMENT ON COLUMN run_coverage.amount IS '金额: yuan of these lines, refunds taken off';
COMMENT ON COLUMN run_coverage.unlisted_lines IS
	'未列入目录行数: the code is not in the relation item; NULL: item is not bound';
COMMENT ON COLUMN run_coverage.unlisted_amount IS '未列入目录金额: yuan of these';
COMMENT ON COLUMN run_coverage.unmapped_lines IS
	'无国家编码行数: neither the code nor its national_code is a national one (see code_kind)';
COMMENT ON COLUMN run_coverage.unmapped_amount IS '无国家编码金额: yuan of these';
COMMENT ON COLUMN run_coverage.unruled_lines IS
	'无规则行数: no enabled rule over charges looks at the code';
COMMENT ON COLUMN run_coverage.unruled_amount IS '无规则金额: yuan of these';

SELECT pg_catalog.pg_extension_config_dump('run_coverage', '');

CREATE FUNCTION forget_coverage() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_coverage AS c
	WHERE NOT EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = c.run_id);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION forget_coverage() IS
	'清理编码覆盖: trigger of run; what a run counted goes with it';

CREATE TRIGGER forget_coverage AFTER DELETE OR TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION forget_coverage();

CREATE VIEW code_coverage WITH (security_invoker = true) AS
SELECT c.facility_id, pg_catalog.max(c.facility_name) AS facility_name,
	pg_catalog.date_trunc('month', c.settled_on::timestamp)::date AS month,
	pg_catalog.sum(c.lines)::bigint AS lines, pg_catalog.sum(c.amount)::numeric(14,2) AS amount,
	pg_catalog.sum(c.unlisted_lines)::bigint AS unlisted_lines,
	pg_catalog.sum(c.unlisted_amount)::numeric(14,2) AS unlisted_amount,
	pg_catalog.sum(c.unmapped_lines)::bigint AS unmapped_lines,
	pg_catalog.sum(c.unmapped_amount)::numeric(14,2) AS unmapped_amount,
	pg_catalog.sum(c.unruled_lines)::bigint AS unruled_lines,
	pg_catalog.sum(c.unruled_amount)::numeric(14,2) AS unruled_amount,
	pg_catalog.round(pg_catalog.sum(c.unlisted_lines) / pg_catalog.sum(c.lines), 4) AS unlisted_share,
	pg_catalog.round(pg_catalog.sum(c.unmapped_lines) / pg_catalog.sum(c.lines), 4) AS unmapped_share,
	pg_catalog.round(pg_catalog.sum(c.unruled_lines) / pg_catalog.sum(c.lines), 4) AS unruled_share,
	pg_catalog.min(c.settled_on) AS from_date, pg_catalog.max(c.settled_on) AS last_date,
	pg_catalog.max(c.run_id) AS run_id
FROM medaudit.run_coverage AS c
GROUP BY c.facility_id, pg_catalog.date_trunc('month', c.settled_on::timestamp);

COMMENT ON VIEW code_coverage IS
	'编码覆盖: per facility and month, lines and yuan whose code is not in the catalogue, has no national form, or that no enabled rule looks at, as the last run of each day counted them; reads no charges';
COMMENT ON COLUMN code_coverage.facility_id IS '定点医药机构编号: where; NULL: not known';
COMMENT ON COLUMN code_coverage.facility_name IS '定点医药机构名称: name of the facility';
COMMENT ON COLUMN code_coverage.month IS '月份: first day of the month of settlement';
COMMENT ON COLUMN code_coverage.lines IS '明细行数: charge lines that carry a code';
COMMENT ON COLUMN code_coverage.amount IS '金额: yuan of these lines, refunds taken off';
COMMENT ON COLUMN code_coverage.unlisted_lines IS
	'未列入目录行数: the code is not in the relation item; NULL: item is not bound';
COMMENT ON COLUMN code_coverage.unlisted_amount IS '未列入目录金额: yuan of these';
COMMENT ON COLUMN code_coverage.unmapped_lines IS
	'无国家编码行数: neither the code nor its national_code is a national one';
COMMENT ON COLUMN code_coverage.unmapped_amount IS '无国家编码金额: yuan of these';
COMMENT ON COLUMN code_coverage.unruled_lines IS
	'无规则行数: no enabled rule over charges looks at the code';
COMMENT ON COLUMN code_coverage.unruled_amount IS '无规则金额: yuan of these';
COMMENT ON COLUMN code_coverage.unlisted_share IS '未列入目录占比: share of the lines, 0 to 1';
COMMENT ON COLUMN code_coverage.unmapped_share IS '无国家编码占比: share of the lines, 0 to 1';
COMMENT ON COLUMN code_coverage.unruled_share IS '无规则占比: share of the lines, 0 to 1';
COMMENT ON COLUMN code_coverage.from_date IS '首日: first day that has lines';
COMMENT ON COLUMN code_coverage.last_date IS '末日: last day that has lines';
COMMENT ON COLUMN code_coverage.run_id IS '运行编号: the last run that counted a day of it';

-- The enabled rules over charges that a run can ask.  One that does not compile
-- looks at nothing, and does not take the others with it.
CREATE FUNCTION rules_that_look() RETURNS rulebook
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	codes text[];
	code text;
	rules medaudit.rulebook := medaudit.compile_rules(VARIADIC '{}');
BEGIN
	SELECT coalesce(pg_catalog.array_agg(r.rule_code), '{}') INTO codes
	FROM medaudit.run_rules(NULL) AS r WHERE r.step = 'charges' AND r.missing IS NULL;
	BEGIN
		RETURN medaudit.compile_rules(VARIADIC codes);
	EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
		NULL;
	END;
	FOREACH code IN ARRAY codes LOOP
		BEGIN
			rules := rules OPERATOR(medaudit.||) medaudit.compile_rules(code);
		EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
			NULL;
		END;
	END LOOP;
	RETURN rules;
END
$$;

COMMENT ON FUNCTION rules_that_look() IS
	'启用的费用规则: the enabled rules over charges for which everything is bound, as a rulebook, without those that do not compile';

-- Each code that was charged, once, with what is wrong with it.  The codes were
-- collected by run_quality_lines().
CREATE PROCEDURE run_judge_codes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	listed bool := pg_catalog.to_regclass('medaudit_data.item') IS NOT NULL;
	rules medaudit.rulebook := medaudit.rules_that_look();
BEGIN
	CREATE TEMPORARY TABLE medaudit_code AS
	SELECT c.item_code, CASE WHEN listed THEN true END AS unlisted,
		medaudit.code_kind(medaudit.shown_code(c.item_code)) IS NULL AS unmapped,
		medaudit.rule_coverage(medaudit.ledger(c.item_code, 1::numeric, 1::numeric,
			timestamp '2000-01-01 00:00:00'), rules) = 0 AS unruled
	FROM pg_temp.medaudit_charged AS c WHERE c.item_code IS NOT NULL
	GROUP BY c.item_code;
	IF listed THEN
		UPDATE pg_temp.medaudit_code AS c SET unlisted = false
		WHERE EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS t WHERE t.item_code = c.item_code);
	END IF;
	IF EXISTS (SELECT FROM medaudit.bound_columns() AS b
			WHERE b.relation = 'item' AND b.column_name = 'national_code' AND b.bound) THEN
		UPDATE pg_temp.medaudit_code AS c SET unmapped = false
		WHERE c.unmapped AND EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS t
			WHERE t.item_code = c.item_code AND medaudit.code_kind(t.national_code) IS NOT NULL);
	END IF;
	ANALYZE pg_temp.medaudit_code;
END
$$;

COMMENT ON PROCEDURE run_judge_codes() IS
	'编码判断: each code charged to judged visits, and whether it is not in the catalogue, has no national form, or is one that no enabled rule looks at, into a temporary table';

-- Warns above 5 % of the lines or of the money, and keeps it in data_quality.
CREATE PROCEDURE run_tell_coverage(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	told record;
	warnings text[] := '{}';
BEGIN
	FOR told IN
		SELECT k.what, k.what_zh, k.lines, k.of_lines || ' % of the lines'
				|| coalesce(', ' || k.of_amount || ' % of the money', '') AS shares,
			'占明细' || k.of_lines || '%' || coalesce('、金额' || k.of_amount || '%', '') AS shares_zh
		FROM (
			SELECT w.what, w.what_zh, w.lines, pg_catalog.round(100 * w.lines / c.lines, 1) AS of_lines,
				pg_catalog.round(100 * w.amount / nullif(greatest(c.amount, 0), 0), 1) AS of_amount, w.place
			FROM (SELECT pg_catalog.sum(r.lines) AS lines, pg_catalog.sum(r.amount) AS amount,
					pg_catalog.sum(r.unlisted_lines) AS unlisted_lines, pg_catalog.sum(r.unlisted_amount) AS unlisted_amount,
					pg_catalog.sum(r.unmapped_lines) AS unmapped_lines, pg_catalog.sum(r.unmapped_amount) AS unmapped_amount,
					pg_catalog.sum(r.unruled_lines) AS unruled_lines, pg_catalog.sum(r.unruled_amount) AS unruled_amount
				FROM medaudit.run_coverage AS r WHERE r.run_id = run_no) AS c
			CROSS JOIN LATERAL (VALUES
				(1, 'the code is not in item', '项目编码未列入目录', c.unlisted_lines, c.unlisted_amount),
				(2, 'the code has no national form', '项目编码没有对应的国家编码', c.unmapped_lines, c.unmapped_amount),
				(3, 'no enabled rule looks at the code', '没有启用的规则涉及该项目编码', c.unruled_lines, c.unruled_amount))
				AS w (place, what, what_zh, lines, amount)
			WHERE w.lines > 0.05 * c.lines OR w.amount > 0.05 * c.amount
		) AS k
		ORDER BY k.place
	LOOP
		warnings := warnings || pg_catalog.format('%s: %s', told.what, told.shares);
		CALL medaudit.run_note(run_no, 'charge', pg_catalog.format('%s (%s)', told.what, told.shares),
			pg_catalog.format('%s（%s）', told.what_zh, told.shares_zh), told.lines::bigint);
	END LOOP;
	IF warnings <> '{}' THEN
		RAISE WARNING USING
			MESSAGE = pg_catalog.format('run %s: %s', run_no, pg_catalog.array_to_string(warnings, '; ')),
			HINT = 'Nothing can be found there: see medaudit.code_coverage, by facility and month.';
	END IF;
END
$$;

COMMENT ON PROCEDURE run_tell_coverage(bigint) IS
	'提示编码覆盖: warns, and notes in data_quality, when more than 5 % of the lines or of the money of a run have codes in which nothing can be found';

CREATE PROCEDURE run_quality_coverage(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	period record;
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	IF pg_catalog.to_regclass('pg_temp.medaudit_code') IS NOT NULL THEN
		DROP TABLE pg_temp.medaudit_code;
	END IF;
	CALL medaudit.run_judge_codes();
	DELETE FROM medaudit.run_coverage AS c
	WHERE c.settled_on >= period.from_date AND c.settled_on < period.to_date;
	INSERT INTO medaudit.run_coverage (run_id, facility_id, facility_name, settled_on, lines, amount,
		unlisted_lines, unlisted_amount, unmapped_lines, unmapped_amount, unruled_lines, unruled_amount)
	-- money is added once a line, and then by class
	SELECT run_no, k.facility_id, pg_catalog.min(k.facility_name), k.settled_on,
		pg_catalog.sum(k.lines), pg_catalog.sum(k.amount),
		pg_catalog.sum(k.lines * k.unlisted::int), pg_catalog.sum(k.amount * k.unlisted::int),
		pg_catalog.sum(k.lines * k.unmapped::int), pg_catalog.sum(k.amount * k.unmapped::int),
		pg_catalog.sum(k.lines * k.unruled::int), pg_catalog.sum(k.amount * k.unruled::int)
	FROM (
		SELECT v.facility_id, pg_catalog.min(v.facility_name) AS facility_name, v.judged_at::date AS settled_on,
			c.unlisted, c.unmapped, c.unruled, pg_catalog.count(*) AS lines,
			coalesce(pg_catalog.sum(f.amount), 0) AS amount
		FROM pg_temp.medaudit_read_charge() AS f
		JOIN pg_temp.medaudit_visit AS v ON v.visit_id = f.visit_id AND v.judged
		JOIN pg_temp.medaudit_code AS c ON c.item_code = f.item_code
		GROUP BY v.facility_id, v.judged_at::date, c.unlisted, c.unmapped, c.unruled
	) AS k
	GROUP BY k.facility_id, k.settled_on;
	CALL medaudit.run_tell_coverage(run_no);
	DROP TABLE pg_temp.medaudit_code;
END
$$;

COMMENT ON PROCEDURE run_quality_coverage(bigint) IS
	'编码覆盖情况: counts the lines of judged visits, and those in whose code nothing can be found, by facility and day of settlement';
