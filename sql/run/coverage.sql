-- Coverage (coverage.tables.sql says what it is): counted by a run, read by a view.

CREATE OR REPLACE FUNCTION _forget_coverage() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	DELETE FROM medaudit.run_coverage AS c
	WHERE NOT EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = c.run_id);
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _forget_coverage() IS
	'清理编码覆盖: trigger of run; what a run counted goes with it';

CREATE OR REPLACE TRIGGER forget_coverage AFTER DELETE OR TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_coverage();

CREATE OR REPLACE VIEW code_coverage WITH (security_invoker = true) AS
SELECT c.facility_id, max(c.facility_name) AS facility_name,
	date_trunc('month', c.settled_on::timestamp)::date AS month,
	sum(c.lines)::bigint AS lines, sum(c.amount)::numeric(14,2) AS amount,
	sum(c.unlisted_lines)::bigint AS unlisted_lines,
	sum(c.unlisted_amount)::numeric(14,2) AS unlisted_amount,
	sum(c.unmapped_lines)::bigint AS unmapped_lines,
	sum(c.unmapped_amount)::numeric(14,2) AS unmapped_amount,
	sum(c.unruled_lines)::bigint AS unruled_lines,
	sum(c.unruled_amount)::numeric(14,2) AS unruled_amount,
	(sum(c.unlisted_lines) / sum(c.lines))::numeric(5,4) AS unlisted_share,
	(sum(c.unmapped_lines) / sum(c.lines))::numeric(5,4) AS unmapped_share,
	(sum(c.unruled_lines) / sum(c.lines))::numeric(5,4) AS unruled_share,
	min(c.settled_on) AS from_date, max(c.settled_on) AS last_date,
	max(c.run_id) AS run_id
FROM medaudit.run_coverage AS c
GROUP BY c.facility_id, date_trunc('month', c.settled_on::timestamp);

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
CREATE OR REPLACE FUNCTION _rules_that_look(run_no bigint) RETURNS rulebook
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	codes text[];
	code text;
	rules medaudit.rulebook;
BEGIN
	SELECT coalesce(array_agg(r.rule_code), '{}') INTO codes
	FROM medaudit._run_rules(NULL) AS r WHERE r.step = 'charges' AND r.missing IS NULL;
	BEGIN
		RETURN medaudit._asked_rulebook(run_no, codes);
	EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN
		NULL;
	END;
	rules := medaudit.compile_rules(VARIADIC '{}');
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

COMMENT ON FUNCTION _rules_that_look(bigint) IS
	'启用的费用规则: the enabled rules over charges for which everything is bound, as a rulebook, without those that do not compile';

-- Over ledgers, so that no line is read again.
CREATE OR REPLACE FUNCTION _charged_items_transition(internal, ledger) RETURNS internal
	AS 'MODULE_PATHNAME', 'charged_items_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _charged_codes_final(internal) RETURNS text[]
	AS 'MODULE_PATHNAME', 'charged_codes_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _charged_counts_final(internal) RETURNS bigint[]
	AS 'MODULE_PATHNAME', 'charged_counts_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _coverage_transition(internal, ledger, text[], int[]) RETURNS internal
	AS 'MODULE_PATHNAME', 'coverage_transition' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE OR REPLACE FUNCTION _coverage_final(internal) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'coverage_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION _charged_items_transition(internal, ledger) IS
	'收费项目累积: support function of aggregates _charged_codes and _charged_counts';
COMMENT ON FUNCTION _charged_codes_final(internal) IS
	'收费项目编码完成: support function of aggregate _charged_codes';
COMMENT ON FUNCTION _charged_counts_final(internal) IS
	'收费项目行数完成: support function of aggregate _charged_counts';
COMMENT ON FUNCTION _coverage_transition(internal, ledger, text[], int[]) IS
	'编码覆盖累积: support function of aggregate _coverage';
COMMENT ON FUNCTION _coverage_final(internal) IS
	'编码覆盖完成: support function of aggregate _coverage';

CREATE OR REPLACE AGGREGATE _charged_codes(book ledger) (
	SFUNC = _charged_items_transition,
	STYPE = internal,
	FINALFUNC = _charged_codes_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _charged_codes(ledger) IS
	'收费项目编码: distinct item codes of the lines of all books, as they were written, in the order of _charged_counts(); NULL for no rows';

CREATE OR REPLACE AGGREGATE _charged_counts(book ledger) (
	SFUNC = _charged_items_transition,
	STYPE = internal,
	FINALFUNC = _charged_counts_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _charged_counts(ledger) IS
	'收费项目行数: how many lines, refunds included, each code of _charged_codes() has; NULL for no rows';

CREATE OR REPLACE AGGREGATE _coverage(book ledger, codes text[], kinds int[]) (
	SFUNC = _coverage_transition,
	STYPE = internal,
	SSPACE = 128,
	FINALFUNC = _coverage_final,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE _coverage(ledger, text[], int[]) IS
	'编码覆盖合计: lines and yuan (refunds taken off) of the books whose code is among codes, then of those whose kind has bit 1, bit 2 and bit 4: eight numbers; codes and kinds are those of the first row, NULL is 22004, of another number 22023; NULL for no rows';

-- Each code that was charged, once, with what is wrong with it.  The codes were
-- collected by _run_quality_lines().
CREATE OR REPLACE PROCEDURE _run_judge_codes(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	listed bool := to_regclass('medaudit_data.item') IS NOT NULL;
	rules medaudit.rulebook := medaudit._rules_that_look(run_no);
BEGIN
	PERFORM medaudit._empty('code');
	INSERT INTO medaudit_work.code
	SELECT c.item_code, CASE WHEN listed THEN true END AS unlisted,
		medaudit.code_kind(medaudit._shown_code(c.item_code)) IS NULL AS unmapped,
		medaudit.rule_coverage(medaudit.ledger(c.item_code, 1::numeric, 1::numeric,
			timestamp '2000-01-01 00:00:00'), rules) = 0 AS unruled
	FROM medaudit_work.charged_item AS c
	GROUP BY c.item_code;
	IF listed THEN
		UPDATE medaudit_work.code AS c SET unlisted = false
		WHERE EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS t WHERE t.item_code = c.item_code);
	END IF;
	IF medaudit._is_bound('item', 'national_code') THEN
		UPDATE medaudit_work.code AS c SET unmapped = false
		WHERE c.unmapped AND EXISTS (SELECT FROM pg_temp.medaudit_read_item() AS t
			WHERE t.item_code = c.item_code AND medaudit.code_kind(t.national_code) IS NOT NULL);
	END IF;
	PERFORM medaudit._analyze('code');
END
$$;

COMMENT ON PROCEDURE _run_judge_codes(bigint) IS
	'编码判断: each code charged to judged visits, and whether it is not in the catalogue, has no national form, or is one that no enabled rule looks at, into a working table';

-- Warns above 5 % of the lines or of the money, and keeps it in data_quality.
CREATE OR REPLACE PROCEDURE _run_tell_coverage(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
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
			SELECT w.what, w.what_zh, w.lines, round(100 * w.lines / c.lines, 1) AS of_lines,
				round(100 * w.amount / nullif(greatest(c.amount, 0), 0), 1) AS of_amount, w.place
			FROM (SELECT sum(r.lines) AS lines, sum(r.amount) AS amount,
					sum(r.unlisted_lines) AS unlisted_lines, sum(r.unlisted_amount) AS unlisted_amount,
					sum(r.unmapped_lines) AS unmapped_lines, sum(r.unmapped_amount) AS unmapped_amount,
					sum(r.unruled_lines) AS unruled_lines, sum(r.unruled_amount) AS unruled_amount
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
		warnings := warnings || format('%s: %s', told.what, told.shares);
		CALL medaudit._run_note(run_no, 'charge', format('%s (%s)', told.what, told.shares),
			format('%s（%s）', told.what_zh, told.shares_zh), told.lines::bigint);
	END LOOP;
	IF warnings <> '{}' THEN
		RAISE WARNING USING
			MESSAGE = format(medaudit._say('run %s: %s'), run_no, array_to_string(warnings, '; ')),
			HINT = medaudit._say('Nothing can be found there: see medaudit.code_coverage, by facility and month.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_tell_coverage(bigint) IS
	'提示编码覆盖: warns, and notes in data_quality, when more than 5 % of the lines or of the money of a run have codes in which nothing can be found';

CREATE OR REPLACE PROCEDURE _run_quality_coverage(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	known record;
BEGIN
	SELECT r.from_date, r.to_date INTO period FROM medaudit.run AS r WHERE r.run_id = run_no;
	CALL medaudit._run_judge_codes(run_no);
	DELETE FROM medaudit.run_coverage AS c
	WHERE c.settled_on >= period.from_date AND c.settled_on < period.to_date;
	SELECT coalesce(array_agg(c.item_code), '{}') AS codes,
		coalesce(array_agg(coalesce(c.unlisted::int, 0) + 2 * c.unmapped::int + 4 * c.unruled::int), '{}') AS kinds,
		bool_or(c.unlisted IS NOT NULL) AS listed
	INTO known FROM medaudit_work.code AS c;
	INSERT INTO medaudit.run_coverage (run_id, facility_id, facility_name, settled_on, lines, amount,
		unlisted_lines, unlisted_amount, unmapped_lines, unmapped_amount, unruled_lines, unruled_amount)
	SELECT run_no, k.facility_id, min(k.facility_name), k.settled_on, sum(k.sums[1]), sum(k.sums[2]),
		CASE WHEN known.listed THEN sum(k.sums[3]) END, CASE WHEN known.listed THEN sum(k.sums[4]) END,
		sum(k.sums[5]), sum(k.sums[6]), sum(k.sums[7]), sum(k.sums[8])
	FROM (
		SELECT b.facility_id, f.name AS facility_name, b.settled_on, b.sums
		FROM (
			SELECT g.facility_id, g.settled_on, medaudit._coverage(g.book, known.codes, known.kinds) AS sums
			FROM medaudit_work.gathered AS g WHERE g.judged
			GROUP BY g.facility_id, g.settled_on
		) AS b
		LEFT JOIN medaudit_work.facility AS f ON f.facility_id = b.facility_id
		UNION ALL
		SELECT v.facility_id, v.facility_name, v.judged_at::date, ARRAY[1, b.amount, c.unlisted::int, b.amount * c.unlisted::int,
			c.unmapped::int, b.amount * c.unmapped::int, c.unruled::int, b.amount * c.unruled::int]
		FROM medaudit_work.incomplete_line AS i
		CROSS JOIN LATERAL (SELECT coalesce(i.amount, 0) AS amount) AS b
		JOIN medaudit_work.visit AS v ON v.visit_id = i.visit_id
		JOIN medaudit_work.code AS c ON c.item_code = i.item_code
	) AS k
	GROUP BY k.facility_id, k.settled_on
	HAVING sum(k.sums[1]) > 0;
	CALL medaudit._run_tell_coverage(run_no);
END
$$;

COMMENT ON PROCEDURE _run_quality_coverage(bigint) IS
	'编码覆盖情况: counts the lines of judged visits, and those in whose code nothing can be found, by facility and day of settlement';
