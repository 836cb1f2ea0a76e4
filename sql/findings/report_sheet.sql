-- The sheet of an institution as a page to print and sign (机构疑点清单): a cover, then rule by
-- rule its lines, with room for its answer.  What is too long to print is drawn by lot, in a
-- way that anybody can repeat; the file of facility_lines() has all.

-- What stands on the sheet.  Who is shown masked findings sees what is on the worklist.
CREATE OR REPLACE FUNCTION _sheet_lines(run_no bigint, facility_id text, masked bool) RETURNS TABLE (rule_code text, rule_name text, certainty text, article text,
		finding_id bigint, line_no int, record_no text, charged_on date, item text, quantity numeric, most text, excess numeric, gross numeric, claimed numeric,
		fund numeric, involved numeric, gross_once numeric, claimed_once numeric, fund_once numeric, said text, facility_name text, due_on date)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
DECLARE
	ids bigint[];
BEGIN
	IF masked THEN
		RETURN QUERY SELECT w.rule_code, w.rule_name, w.certainty, w.article, w.finding_id, row_number() OVER (PARTITION BY w.finding_id ORDER BY w.rank)::int, w.record_no,
			coalesce(w.charged_at::date, w.judged_on), concat_ws(' ', w.item_name, w.item_code), w.quantity, NULL::text, w.excess_quantity, w.gross_amount, w.claimed_amount, w.fund_amount,
			w.involved_amount, w.gross_amount, w.claimed_amount, w.fund_amount, w.evidence_text, w.facility_name, NULL::date
		FROM medaudit.worklist_masked AS w
		WHERE w.facility_id = _sheet_lines.facility_id AND w.finding_id IN (SELECT f.finding_id FROM medaudit._report_found_masked AS f
			WHERE f.found_by = run_no AND f.facility_id = _sheet_lines.facility_id);
		RETURN;
	END IF;
	ids := ARRAY(SELECT f.finding_id FROM medaudit.finding AS f
		JOIN (SELECT i.finding_id FROM medaudit.finding AS i WHERE i.facility_id = _sheet_lines.facility_id
			UNION SELECT l.finding_id FROM medaudit.finding_line AS l WHERE l.facility_id = _sheet_lines.facility_id) AS o ON o.finding_id = f.finding_id
		WHERE medaudit._counts(f.state, f.confirmed_claimed) AND medaudit._found_by(run_no, f.rule_code, f.subject_kind, f.subject_id, f.key, f.fingerprint));
	RETURN QUERY SELECT f.rule_code, f.rule_name, f.certainty, f.article, f.finding_id, coalesce(l.line_no, 0), CASE WHEN l.visit_id IS NULL OR l.visit_id = f.visit_id
			THEN coalesce(l.record_no, f.record_no) ELSE l.record_no END, coalesce(l.charged_at::date, f.judged_on), coalesce(nullif(concat_ws(' ', l.item_name, l.item_code), ''), '就诊费用' || medaudit._yuan(coalesce(l.amount, f.involved_amount)) || '元'), l.quantity,
		concat(l.evidence ->> 'limit', l.evidence ->> 'unit'), l.excess_quantity, CASE WHEN l.finding_id IS NULL THEN f.gross_amount ELSE l.excess_amount END,
		CASE WHEN l.finding_id IS NULL THEN f.claimed_amount ELSE l.excess_claimed END, CASE WHEN l.finding_id IS NULL THEN f.fund_amount ELSE l.fund_amount END,
		CASE WHEN l.finding_id IS NULL THEN f.involved_amount WHEN l.excess_amount IS NULL THEN l.amount END, r.gross_once, r.claimed_once, r.fund_once,
		coalesce(l.evidence_text, f.evidence_text), CASE WHEN coalesce(l.facility_id, f.facility_id) = f.facility_id THEN f.facility_name ELSE l.facility_name END, p.due_on
	FROM medaudit.finding AS f
	LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
	LEFT JOIN medaudit.ranked_line AS r ON r.finding_id = f.finding_id AND r.line_no = coalesce(l.line_no, 0)
	LEFT JOIN LATERAL (SELECT e.due_on FROM medaudit.finding_event AS e
		WHERE e.finding_id = f.finding_id AND e.step = 'issue' AND f.state IN ('issued', 'appealed') ORDER BY e.event_id DESC LIMIT 1) AS p ON true
	WHERE f.finding_id = ANY (ids) AND coalesce(l.facility_id, f.facility_id) = _sheet_lines.facility_id;
END
$$;

COMMENT ON FUNCTION _sheet_lines(bigint, text, bool) IS
	'清单明细: lines of an institution in the standing findings of a run, whole or as the masked views show them';

-- The draw: the lines with the least SHA-256 of seed, 0x1F, finding/line.
CREATE OR REPLACE FUNCTION _sheet_rule(lines jsonb, seed text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH drawn AS (
		SELECT l.*, row_number() OVER (ORDER BY sha256(convert_to(concat(seed, E'\x1f', l.finding_id, '/', l.line_no), 'UTF8'))) AS lot, count(*) OVER () AS lines
		FROM jsonb_to_recordset(lines) AS l (place bigint, finding_id bigint, line_no int, record_no text, charged_on date, item text, quantity numeric, most text,
			excess numeric, gross numeric, claimed numeric, fund numeric, said text)
	)
	SELECT concat(CASE WHEN max(d.lines) > 200 THEN medaudit._html_note(format('共%s行，随机抽取200行列出，每行入样概率%s；种子为“%s”：对每行计算 SHA-256(种子, 0x1F, 疑点编号/行号)，取最小的200行，任何人可以重做。全部明细见同附的表格文件（facility_lines）。',
			medaudit._counted(max(d.lines)), round(200.0 / max(d.lines), 4), seed)) END,
		'<table class="sheet"><colgroup>', (SELECT string_agg(format('<col style="width:%s%%">', w), '') FROM unnest('{3.5,5,8,7,13,4.5,4.5,4.5,6.5,6.5,6.5,11,8,6,5.5}'::numeric[]) AS w), E'</colgroup>\n<thead>',
		medaudit._html_row('nntttnnnnnntttt', '{序号,疑点编号,住院号,日期,项目,数量,限量,超出,总额,符合范围,基金,机构说明,核实结果,认定金额,签字}', NULL, 'th'), E'</thead>\n',
		string_agg(format(E'<tbody><tr><td rowspan=2>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td rowspan=2><td rowspan=2><td rowspan=2><td rowspan=2>\n<tr><td colspan=10>%s\n',
			d.place, d.finding_id, coalesce(medaudit.html_escape(d.record_no), '&mdash;'), to_char(d.charged_on, 'YYYY-MM-DD'), medaudit.html_escape(d.item), trim_scale(d.quantity), medaudit.html_escape(d.most), trim_scale(d.excess),
			medaudit._yuan(d.gross), medaudit._yuan(d.claimed), medaudit._yuan(d.fund), medaudit.html_escape(coalesce(d.said, ''))), '' ORDER BY d.place), E'</table>\n')
	FROM drawn AS d WHERE d.lot <= 200
$$;

COMMENT ON FUNCTION _sheet_rule(jsonb, text) IS
	'清单规则表: the lines of a rule with room for the answer, all of them or 200 that are drawn by a seed';

CREATE OR REPLACE FUNCTION _sheet_cover(lines jsonb) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH line AS (
		SELECT * FROM jsonb_to_recordset(lines) AS l (rule_code text, rule_name text, certainty text, article text, finding_id bigint, gross numeric, claimed numeric, fund numeric, involved numeric,
			gross_once numeric, claimed_once numeric, fund_once numeric)
	)
	SELECT medaudit._html_table('thtnnnnnn', '{规则,确定程度,依据,疑点,明细,总额（元）,符合范围（元）,基金（元）,涉及金额（元，不计入）}',
		string_agg(medaudit._html_row('thtnnnnnn', ARRAY[r.rule_name, medaudit._certainty_mark(r.certainty), r.article, medaudit._counted(r.findings), medaudit._counted(r.lines), medaudit._yuan(r.gross),
			medaudit._yuan(r.claimed), medaudit._yuan(r.fund), medaudit._yuan(r.involved)]), '' ORDER BY r.certainty_place, r.rule_code COLLATE "C")
		|| (SELECT medaudit._html_row('tttnnnnnn', ARRAY['合计（同一明细只计一次）', '', '', medaudit._counted(count(DISTINCT l.finding_id)), medaudit._counted(count(*)), medaudit._yuan(coalesce(sum(l.gross_once), 0)),
			medaudit._yuan(coalesce(sum(l.claimed_once), 0)), medaudit._yuan(coalesce(sum(l.fund_once), 0)), ''], 'sum') FROM line AS l))
	FROM (SELECT l.rule_code, max(l.rule_name) AS rule_name, l.certainty, array_position('{violation,suspicion,notice}', l.certainty) AS certainty_place, medaudit.article_zh(max(l.article)) AS article,
			count(DISTINCT l.finding_id) AS findings, count(*) AS lines, sum(l.gross) AS gross, sum(l.claimed) AS claimed, sum(l.fund) AS fund, sum(l.involved) AS involved
		FROM line AS l GROUP BY l.rule_code, l.certainty) AS r
$$;

COMMENT ON FUNCTION _sheet_cover(jsonb) IS
	'清单封面: the rules of a sheet with what they found, and what it comes to when each line counts once';

CREATE OR REPLACE FUNCTION _facility_sheet(run_no bigint, facility_id text, masked bool) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	run record;
	lines jsonb;
	about record;
	title text;
BEGIN
	SELECT r.* INTO run FROM medaudit._report_run(run_no) AS r;
	SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.place), '[]') AS lines, max(l.facility_name) AS name, min(l.due_on) AS due_on, max(l.due_on) AS last_due_on INTO about
	FROM (SELECT s.*, row_number() OVER (ORDER BY s.rule_code COLLATE "C", s.charged_on, s.finding_id, s.line_no) AS place
		FROM medaudit._sheet_lines(run_no, _facility_sheet.facility_id, masked) AS s) AS l;
	lines := about.lines;
	IF lines = '[]' AND NOT masked THEN
		SELECT c.facility_name INTO about.name FROM medaudit.run_coverage AS c WHERE c.run_id = run_no AND c.facility_id = _facility_sheet.facility_id LIMIT 1;
	END IF;
	IF lines = '[]' AND (masked OR NOT FOUND) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('run %s has nothing of facility "%s"'), run_no, facility_id),
			DETAIL = CASE WHEN masked THEN medaudit._say('Nothing that was found of it is shown to the current user.')
				ELSE medaudit._say('It found nothing there, and judged no charge of it.') END,
			HINT = medaudit._say('A facility is named by its facility_id, not by its name.');
	END IF;
	title := format('机构疑点清单（%s）', coalesce(about.name, facility_id));
	RETURN medaudit._html_page(title, concat(
		format(E'<header>\n<h1>机构疑点清单</h1>\n<p class="soft">%s</p>\n</header>\n', medaudit.html_escape(concat_ws('　', nullif(current_setting('medaudit.fund_name', true), ''),
			CASE WHEN masked THEN '已脱敏，仅含待核查的疑点' ELSE '含个人信息，仅供该机构核对' END))),
		medaudit._html_facts(ARRAY['定点医药机构', concat_ws(' ', about.name, facility_id), '稽核期间', medaudit._period_zh(run.from_date, run.to_date), '稽核运行', format('第%s次', run_no),
			'申诉期限', CASE WHEN about.due_on < about.last_due_on THEN format('%s至%s（各疑点不同）', medaudit.date_zh(about.due_on), medaudit.date_zh(about.last_due_on)) ELSE medaudit.date_zh(about.due_on) END,
			'填写', '请逐行填写“机构说明”，附证明材料，签字盖章后返回；“核实结果”“认定金额”由经办机构填写。金额为元；限量为规则允许的数量或金额。']),
		CASE WHEN lines = '[]' THEN medaudit._html_note('本次运行没有发现该机构的有效疑点。') ELSE medaudit._sheet_cover(lines) END,
		E'<div class="sign"><div>机构经办人（签字）　　　　　　　　　　年　　月　　日</div><div>机构负责人（签字盖章）　　　　　　　　年　　月　　日</div>'
		'<div>核查人员（签字）　　　　　　　　　　　年　　月　　日</div><div>复核人员（签字）　　　　　　　　　　　年　　月　　日</div></div>\n',
		(SELECT string_agg(format(E'<section%s>\n<h2>%s</h2>\n<p class="soft">%s</p>\n%s</section>\n', CASE WHEN r.nth = 1 THEN ' class="newpage"' ELSE '' END, medaudit.html_escape(r.rule_name),
				medaudit.html_escape(concat_ws('　', '依据：' || medaudit.article_zh(r.article), format('%s行明细', medaudit._counted(r.lines)))), medaudit._sheet_rule(r.of_rule, format('%s/%s', run_no, facility_id))), '' ORDER BY r.nth)
			FROM (SELECT row_number() OVER (ORDER BY l.rule_code COLLATE "C") AS nth, max(l.line ->> 'rule_name') AS rule_name, max(l.line ->> 'article') AS article, count(*) AS lines, jsonb_agg(l.line) AS of_rule
				FROM (SELECT e.line, e.line ->> 'rule_code' AS rule_code FROM jsonb_array_elements(lines) AS e (line)) AS l GROUP BY l.rule_code) AS r)), 'A4 landscape', 'wide');
END
$$;

COMMENT ON FUNCTION _facility_sheet(bigint, text, bool) IS
	'机构疑点清单页: the page of what a run found of an institution, whole or as the masked views show it; 22023 where it judged nothing of it';
