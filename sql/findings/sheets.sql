-- The sheet of an institution (机构疑点清单): what stands about it, in the order in which
-- an auditor reads, with empty columns for the answer.  It goes out as a file
-- (demo/sheets) and comes back by import_reviews().
--
-- Cost: the standing findings and their lines are read, and those of the institution
-- sorted: 0.4 s of 500,000 findings.

-- A cell that a spreadsheet shows as it is: a number of many digits or with zeros in
-- front is no number there, 1-2 no day, and text that begins like a formula is none.
CREATE OR REPLACE FUNCTION sheet_text(cell text) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN cell ~ '^\s*[=+@＝＋＠-]' OR cell ~ '^[\t\r\n]' THEN '''' || cell
		WHEN cell ~ '[0-9]' AND (cell ~ '^[\s0-9eE.,:/%()￥$年月日时分秒+-]+$'
			OR cell ~* '^\s*([0-9]+[ -]?)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -]?[0-9]*\s*$') THEN '="' || cell || '"'
		ELSE cell END;

COMMENT ON FUNCTION sheet_text(text) IS
	'表格文本: a code or text for a CSV file that spreadsheets open, which would take away zeros in front and digits beyond the 15th, make a day of 1-2, or run what begins like a formula: what they could read as a number or a day as ="…", what begins like a formula or with a tab or new line with an apostrophe in front, else as it is; NULL for NULL';

CREATE OR REPLACE FUNCTION facility_lines(facility_id text, run_id bigint DEFAULT NULL) RETURNS TABLE ("序号" bigint, "疑点编号" bigint,
		"规则编号" text, "规则名称" text, "确定程度" text, "状态" text, "归属日期" date, "就诊编号" text, "住院号" text, "科室" text,
		"人员编号" text, "姓名" text, "费用明细流水号" text, "收费时间" timestamp, "项目编码" text, "项目名称" text, "数量" numeric,
		"金额" numeric, "超出数量" numeric, "违规金额" numeric, "符合范围金额" numeric, "基金金额" numeric, "申诉期限" date, "证据" text,
		"条款" text, "机构说明" text, "核实结果" text, "认定金额" numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
	SELECT row_number() OVER (ORDER BY f.rule_code, f.judged_on, f.finding_id, l.line_no), f.finding_id, f.rule_code, f.rule_name,
		label_zh(f.certainty), label_zh(f.state), f.judged_on, coalesce(l.visit_id, f.visit_id),
		CASE WHEN l.visit_id IS NULL OR l.visit_id = f.visit_id THEN coalesce(l.record_no, f.record_no) ELSE l.record_no END,
		CASE WHEN l.visit_id IS NULL OR l.visit_id = f.visit_id THEN f.department END, coalesce(l.person_id, f.person_id),
		CASE WHEN l.person_id IS NULL OR l.person_id = f.person_id THEN f.person_name END, l.line_id, l.charged_at, l.item_code,
		l.item_name, l.quantity, CASE WHEN l.finding_id IS NULL THEN f.involved_amount ELSE l.amount END::numeric(14,2), l.excess_quantity,
		CASE WHEN l.finding_id IS NULL THEN f.gross_amount ELSE l.excess_amount END::numeric(14,2),
		CASE WHEN l.finding_id IS NULL THEN f.claimed_amount ELSE l.excess_claimed END::numeric(14,2),
		CASE WHEN l.finding_id IS NULL THEN f.fund_amount ELSE l.fund_amount END::numeric(14,2),
		p.due_on, coalesce(l.evidence_text, f.evidence_text), f.article, NULL::text, NULL::text, NULL::numeric
	FROM medaudit.finding AS f
	LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
	LEFT JOIN LATERAL (SELECT e.due_on FROM medaudit.finding_event AS e
		WHERE e.finding_id = f.finding_id AND e.step = 'issue' AND f.state IN ('issued', 'appealed')
		ORDER BY e.event_id DESC LIMIT 1) AS p ON true
	WHERE medaudit._counts(f.state, f.confirmed_claimed) AND coalesce(l.facility_id, f.facility_id) = facility_lines.facility_id
		AND (facility_lines.run_id IS NULL OR medaudit._found_by(facility_lines.run_id, f.rule_code, f.subject_kind, f.subject_id, f.key, f.fingerprint))
	ORDER BY 1;
END;

COMMENT ON FUNCTION facility_lines(text, bigint) IS
	'机构疑点清单: the lines of an institution in standing findings, of those that a run found (NULL: of all), by rule, day and finding, under Chinese headings, with empty columns for its statement, what was verified and the money that was confirmed; lines of other institutions in a finding are theirs; no rows for an unknown institution or run, or NULL institution';
