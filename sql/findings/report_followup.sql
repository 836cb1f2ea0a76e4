-- The sections of the report that are not about money found: what was not judged, what is
-- new against the period before, what people decided, what is set aside, what came back, and
-- what the data were like.  Who reads them reads runs and findings whole.

CREATE OR REPLACE FUNCTION _report_unjudged(run_no bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT concat(
		(SELECT medaudit._html_note(format('费用明细%s行、%s元中，%s元%s没有任何启用的规则涉及；%s，%s元没有国家编码。', medaudit._counted(sum(c.lines)), medaudit._yuan(sum(c.amount)),
				medaudit._yuan(sum(c.unruled_amount)), coalesce('（' || medaudit._share(sum(c.unruled_amount), sum(c.amount)) || '）', ''),
				coalesce(medaudit._yuan(sum(c.unlisted_amount)) || '元的项目编码未列入目录', '未绑定项目目录（item），不知有多少项目编码未列入目录'),
				medaudit._yuan(sum(c.unmapped_amount))), '')
			FROM medaudit.run_coverage AS c WHERE c.run_id = run_no HAVING count(*) > 0),
		(SELECT medaudit._html_table('tn', '{缺少数据而未能判断,明细行数}', string_agg(medaudit._html_row('tn', ARRAY[q.problem_zh, medaudit._counted(q.rows)]), '' ORDER BY q.rows DESC, q.problem COLLATE "C"))
			FROM (SELECT i.problem, i.problem_zh, i.rows FROM medaudit.run_quality AS i WHERE i.run_id = run_no AND i.problem LIKE 'rule % could not judge: %' AND i.problem NOT LIKE '%: not all lines are listed%' ORDER BY i.rows DESC, i.problem COLLATE "C" LIMIT 15) AS q),
		(SELECT medaudit._html_table('tt', '{未执行的规则,原因}', string_agg(medaudit._html_row('tt', ARRAY[coalesce(r.name_zh, s.rule_code), medaudit._why_off_zh(s.error)]), '' ORDER BY s.step_no))
			FROM medaudit.run_step AS s LEFT JOIN medaudit.rule AS r ON r.rule_code = s.rule_code
			WHERE s.run_id = run_no AND s.rule_code IS NOT NULL AND s.state = 'skipped'),
		(SELECT medaudit._html_note(format('%s条费用规则在本期没有对应到任何费用明细（多为编码未对应）：%s。', count(*),
				string_agg(coalesce(r.name_zh, m.code), '、' ORDER BY m.code COLLATE "C") FILTER (WHERE m.place <= 12) || CASE WHEN count(*) > 12 THEN '等' ELSE '' END), 'soft')
			FROM (SELECT i.code, row_number() OVER (ORDER BY i.code COLLATE "C") AS place
				FROM (SELECT substring(q.problem FROM '^rule (.*) meets no line$') AS code FROM medaudit.run_quality AS q WHERE q.run_id = run_no AND q.relation = 'rule') AS i WHERE i.code IS NOT NULL) AS m
			LEFT JOIN medaudit.rule AS r ON r.rule_code = m.code HAVING count(*) > 0),
		(SELECT CASE WHEN bool_and(s.state IN ('done', 'skipped')) AND coalesce(sum(s.insufficient), 0) = 0 AND bool_and(s.state = 'done')
			THEN medaudit._html_note('执行的规则对涉及的费用明细均已作出判断。', 'soft') END FROM medaudit.run_step AS s WHERE s.run_id = run_no))
$$;

COMMENT ON FUNCTION _report_unjudged(bigint) IS
	'未能判断: what no rule looked at, what rules could not judge for want of data, and which rules were not asked and why';

-- The run of the period before: of the month or months before for whole months, else of
-- as many days.
CREATE OR REPLACE FUNCTION _run_before(run_no bigint) RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT b.run_id
	FROM medaudit.run AS r
	CROSS JOIN LATERAL (SELECT CASE WHEN extract(day FROM r.from_date) = 1 AND extract(day FROM r.to_date) = 1
		THEN (r.from_date - make_interval(months => (12 * (extract(year FROM r.to_date) - extract(year FROM r.from_date)) + extract(month FROM r.to_date) - extract(month FROM r.from_date))::int))::date
		ELSE r.from_date - (r.to_date - r.from_date) END AS from_date) AS p
	JOIN medaudit.run AS b ON b.from_date = p.from_date AND b.to_date = r.from_date AND b.state = 'done' AND b.scope = 'period'
		AND (b.rules IS NULL OR b.rules && r.rules)
	WHERE r.run_id = run_no AND r.scope = 'period'
	ORDER BY b.run_id DESC LIMIT 1
$$;

COMMENT ON FUNCTION _run_before(bigint) IS
	'上一期间运行: the last run that is done of the period of the same length just before that of a run; NULL where there is none';

-- Findings of two periods are not the same ones; what comes again is a rule at an
-- institution.
CREATE OR REPLACE FUNCTION _report_changes(run_no bigint) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	before bigint := medaudit._run_before(run_no);
	again bigint;
	said text;
BEGIN
	IF before IS NULL THEN
		said := medaudit._html_note('没有上一期间（等长、紧接其前）的运行，未作比较。', 'soft');
	ELSE
		SELECT medaudit._html_note(format('上一期间为%s（第%s次运行）。数量和金额为两次运行当时所得，不因以后的处理而变；机构按规则比较：新增为上期没有，再现为两期都有，消失为本期没有。',
				(SELECT medaudit._period_zh(r.from_date, r.to_date) FROM medaudit.run AS r WHERE r.run_id = before), before), 'soft')
			|| coalesce(medaudit._html_table('tnnnnnnn', '{规则,上期疑点,本期疑点,新增机构,再现机构,消失机构,上期符合范围（元）,本期符合范围（元）}',
				string_agg(medaudit._html_row('tnnnnnnn', ARRAY[coalesce(r.name_zh, c.rule_code), medaudit._counted(c.earlier), medaudit._counted(c.later), medaudit._counted(c.new), medaudit._counted(c.again),
					medaudit._counted(c.gone), medaudit._yuan(c.earlier_money), medaudit._yuan(c.later_money)]), '' ORDER BY c.later_money DESC NULLS LAST, c.later DESC, c.rule_code COLLATE "C")),
				medaudit._html_note('两期均没有发现疑点。', 'soft'))
		INTO said
		FROM (
			SELECT p.rule_code, sum(p.earlier) AS earlier, sum(p.later) AS later, count(*) FILTER (WHERE p.earlier = 0) AS new, count(*) FILTER (WHERE p.earlier > 0 AND p.later > 0) AS again,
				count(*) FILTER (WHERE p.later = 0) AS gone, sum(p.earlier_money) AS earlier_money, sum(p.later_money) AS later_money
			FROM (SELECT f.rule_code, f.facility_id, count(*) FILTER (WHERE f.run_id = before) AS earlier, count(*) FILTER (WHERE f.run_id = run_no) AS later,
					sum(f.claimed_amount) FILTER (WHERE f.run_id = before) AS earlier_money, sum(f.claimed_amount) FILTER (WHERE f.run_id = run_no) AS later_money
				FROM medaudit.run_finding AS f WHERE f.run_id IN (before, run_no) GROUP BY f.rule_code, f.facility_id) AS p
			GROUP BY p.rule_code
		) AS c
		LEFT JOIN medaudit.rule AS r ON r.rule_code = c.rule_code;
	END IF;
	SELECT max(b.run_id) INTO again
	FROM medaudit.run AS r JOIN medaudit.run AS b ON b.from_date = r.from_date AND b.to_date = r.to_date AND b.scope = r.scope AND b.state = 'done' AND b.run_id < r.run_id
	WHERE r.run_id = run_no;
	RETURN said || coalesce((SELECT medaudit._html_note(format('与同一期间的前一次运行（第%s次）相比：新发现%s条，不再发现%s条，内容变化%s条，相同%s条。', again, coalesce(sum(c.findings) FILTER (WHERE c.change = 'new'), 0),
			coalesce(sum(c.findings) FILTER (WHERE c.change = 'gone'), 0), coalesce(sum(c.findings) FILTER (WHERE c.change = 'changed'), 0), coalesce(sum(c.findings) FILTER (WHERE c.change = 'same'), 0)), '')
		FROM medaudit.run_changes(again, run_no) AS c WHERE again IS NOT NULL HAVING again IS NOT NULL), '')
		|| coalesce((SELECT medaudit._html_note(format('整改验收后再次发生：%s家机构、%s条疑点，见视图 recurrence。', count(DISTINCT c.facility_id), sum(c.findings_after)), '')
			FROM medaudit.recurrence AS c WHERE c.findings_after > 0 HAVING count(*) > 0), '');
END
$$;

COMMENT ON FUNCTION _report_changes(bigint) IS
	'与上期比较: what a run found by rule against the run of the period before, with the institutions that are new, there again and gone; and against an earlier run of the same period';

-- ----------------------------------------------------------------- what people did

CREATE OR REPLACE FUNCTION _report_decisions(groups _report_group[], all_found bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT concat(medaudit._html_table('tnnn', '{处理状态,疑点,发现金额（元）,认定金额（元）}',
			string_agg(medaudit._html_row('tnnn', ARRAY[medaudit.label_zh(s.state), medaudit._counted(s.findings), medaudit._yuan(s.found), medaudit._yuan(s.confirmed)]), ''
				ORDER BY array_position('{open,first_review,reviewed,issued,appealed,settled,dismissed,exempt,self_reported}', s.state)),
			'符合范围金额，异常模式为涉及金额，按疑点合计（与去重后的金额不同）'),
		CASE WHEN all_found > sum(s.findings) THEN medaudit._html_note(format('本次运行共发现%s条，其中%s条以后的运行已不再发现或内容已变，不在上表。', medaudit._counted(all_found), medaudit._counted(all_found - sum(s.findings))), 'soft') END)
	FROM (
		SELECT g.state, sum(g.findings) AS findings, sum(g.found_claimed) AS found,
			CASE WHEN g.state = 'dismissed' THEN 0 WHEN bool_or(g.decided) THEN sum(g.confirmed_money) END AS confirmed
		FROM unnest(groups) AS g GROUP BY g.state
	) AS s
$$;

COMMENT ON FUNCTION _report_decisions(_report_group[], bigint) IS
	'处理情况: findings of a run by state with the money found and confirmed, and how many of those it found (so many) are another matter by now';

-- A rate with its interval, as a bar of 0 to 100 %.
CREATE OR REPLACE FUNCTION _svg_interval(rate float8, low float8, high float8) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN format('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 14" role="img" style="width:200px"><path d="M0 7H200" stroke="#d5dce2"/>'
		'<rect x="%s" y="3" width="%s" height="8" fill="#56B4E9"/><rect x="%s" y="1" width="3" height="12" fill="#0072B2"/></svg>', _svg_at((200 * low)::numeric),
		_svg_at(greatest(200 * (high - low), 1)::numeric), _svg_at(least(200 * rate, 197)::numeric));

COMMENT ON FUNCTION _svg_interval(float8, float8, float8) IS
	'区间图: a rate of 0 to 1 and its interval on a line; NULL for NULL';

CREATE OR REPLACE FUNCTION _report_precision(groups _report_group[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._html_table('tnnnnhnn', '{规则,已决,认定,准确率,95%区间,"",发现金额（元）,认定金额（元）}',
		string_agg(medaudit._html_row('tnnnnhnn', ARRAY[p.rule_name, medaudit._counted(p.decided), medaudit._counted(p.confirmed), round(100 * p.rate::numeric) || '%',
			format('%s%%至%s%%', round(100 * p.low::numeric), round(100 * p.high::numeric)), medaudit._svg_interval(p.rate, p.low, p.high), medaudit._yuan(p.found_claimed), medaudit._yuan(p.confirmed_claimed)]),
			'' ORDER BY p.decided DESC, p.rule_code COLLATE "C"),
		'历次处理累计（不限本期）：认定数÷已决数，威尔逊区间；已决少的规则区间宽，不足以下结论')
	FROM medaudit.rule_precision AS p
	WHERE p.rule_code IN (SELECT g.rule_code FROM unnest(groups) AS g)
$$;

COMMENT ON FUNCTION _report_precision(_report_group[]) IS
	'规则准确率: of the rules that found something, what people confirmed of what they decided, with its interval; NULL where nothing is decided';

CREATE OR REPLACE FUNCTION _report_aside(groups _report_group[], from_date date, to_date date) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT nullif(concat(
		(SELECT medaudit._html_table('tnnnnn', '{"",疑点,总额（元）,符合范围（元）,基金（元）,涉及金额（元）}', string_agg(medaudit._html_row('tnnnnn', ARRAY[medaudit.label_zh(s.state), medaudit._counted(s.findings), medaudit._yuan(s.gross),
				medaudit._yuan(s.claimed), medaudit._yuan(s.fund), medaudit._yuan(s.involved)]), '' ORDER BY s.state), '搁置的疑点，不计入本报告的违规金额')
			FROM (SELECT g.state, sum(g.findings) AS findings, sum(g.gross) AS gross, sum(g.claimed) AS claimed, sum(g.fund) AS fund, sum(g.involved) AS involved
				FROM unnest(groups) AS g WHERE g.state IN ('exempt', 'self_reported') GROUP BY g.state) AS s),
		(SELECT medaudit._html_table('ttttt', '{豁免的规则,对象,理由,有效期,文书号}', string_agg(medaudit._html_row('ttttt', ARRAY[coalesce(r.name_zh, e.rule_code),
				concat_ws('，', e.facility_id, CASE WHEN e.person_id IS NOT NULL THEN '某一参保人' END, e.item_code), concat_ws('：', d.name_zh, e.reason),
				to_char(lower(e.valid), 'YYYY-MM-DD') || '至' || to_char(upper(e.valid) - 1, 'YYYY-MM-DD'), e.document_no]), '' ORDER BY e.exemption_id))
			FROM (SELECT i.* FROM medaudit.exemption AS i WHERE i.approved_by IS NOT NULL AND i.revoked_on IS NULL AND i.valid && daterange(_report_aside.from_date, _report_aside.to_date) ORDER BY i.exemption_id LIMIT 20) AS e
			LEFT JOIN medaudit.rule AS r ON r.rule_code = e.rule_code LEFT JOIN medaudit.dismissal_reason AS d ON d.reason_code = e.reason_code),
		(SELECT medaudit._html_note(format('机构自查上报%s笔，涉及%s家机构，上报退回%s元。', count(*), count(DISTINCT medaudit.code_fold(s.facility_id)), medaudit._yuan(coalesce(sum(s.amount), 0))), '')
			FROM medaudit.self_report AS s WHERE s.reported_on >= _report_aside.from_date HAVING count(*) > 0)), '')
$$;

COMMENT ON FUNCTION _report_aside(_report_group[], date, date) IS
	'豁免与自查: findings set aside with their money, the exemptions that hold in the period, and what institutions reported since it began; NULL where there is nothing';

CREATE OR REPLACE FUNCTION _report_recovery(run_no bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH one AS (
		SELECT b.*, EXISTS (SELECT FROM medaudit.case_finding AS c JOIN medaudit.finding AS f ON f.finding_id = c.finding_id
			WHERE c.case_id = b.case_id AND medaudit._found_by(run_no, f.rule_code, f.subject_kind, f.subject_id, f.key, f.fingerprint)) AS of_run
		FROM medaudit.recovery_balance AS b
	)
	SELECT medaudit._html_table('tnnnnd', '{案件,应退（元）,已退（元）,免予追回（元）,未退（元）,最近日期}',
		coalesce(string_agg(medaudit._html_row('tnnnnd', ARRAY[o.title, medaudit._yuan(o.ordered), medaudit._yuan(o.received), medaudit._yuan(o.waived), medaudit._yuan(o.outstanding), to_char(o.last_on, 'YYYY-MM-DD')]), ''
			ORDER BY o.outstanding DESC, o.case_id) FILTER (WHERE o.of_run), '')
		|| medaudit._html_row('tnnnnd', ARRAY[format('全部案件（%s件）', count(*)), medaudit._yuan(sum(o.ordered)), medaudit._yuan(sum(o.received)), medaudit._yuan(sum(o.waived)),
			medaudit._yuan(sum(o.outstanding)), to_char(max(o.last_on), 'YYYY-MM-DD')], 'sum'), '含本次运行疑点的案件，及全部案件合计')
	FROM one AS o HAVING count(*) > 0
$$;

COMMENT ON FUNCTION _report_recovery(bigint) IS
	'追回情况: of the cases with findings of a run what was ordered back, came and is still out, and of all cases together; NULL where there is no case';

-- ----------------------------------------------------------------- what the data were

-- Of each problem its rows, of several facilities those of the worst; no example, for that
-- is somebody's visit.
CREATE OR REPLACE FUNCTION _report_quality(run_no bigint) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH problem AS (
		SELECT q.relation, q.problem_zh, sum(q.rows) AS rows, count(DISTINCT q.facility_id) AS facilities,
			(array_agg(coalesce(q.facility_name, q.facility_id) ORDER BY q.rows DESC, q.facility_id COLLATE "C") FILTER (WHERE q.facility_id IS NOT NULL))[1] AS worst
		FROM medaudit.run_quality AS q
		WHERE q.run_id = run_no AND q.relation <> 'rule' AND (q.problem NOT LIKE 'rule % could not judge: %' OR q.problem LIKE '%: not all lines are listed%')
		GROUP BY q.relation, q.problem_zh
	)
	SELECT medaudit._html_table('ttnnt', '{数据,问题,行数,机构,最多的机构}',
			string_agg(medaudit._html_row('ttnnt', ARRAY[medaudit._relation_zh(p.relation), p.problem_zh, medaudit._counted(p.rows), medaudit._counted(nullif(p.facilities, 0)), p.worst]), ''
				ORDER BY p.relation COLLATE "C", p.rows DESC, p.problem_zh COLLATE "C") FILTER (WHERE p.place <= 30))
		|| CASE WHEN count(*) > 30 THEN medaudit._html_note(format('另有%s类问题，见视图 data_quality。', count(*) - 30), 'soft') ELSE '' END
	FROM (SELECT i.*, row_number() OVER (ORDER BY i.rows DESC, i.problem_zh COLLATE "C") AS place FROM problem AS i) AS p
$$;

COMMENT ON FUNCTION _report_quality(bigint) IS
	'数据质量: what a run could not use of the data, by relation and problem; NULL where it could use all';

CREATE OR REPLACE FUNCTION _report_foot(run_no bigint) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN concat('<footer>',
		(SELECT medaudit._html_note(format('运行%s，规则书摘要（SHA-256）%s。', run_no, coalesce(string_agg(encode(a.digest, 'hex'), '、' ORDER BY a.digest), '无：没有执行费用规则')), 'foot')
			FROM medaudit.run_asked AS a WHERE a.run_id = run_no),
		(SELECT medaudit._html_note(CASE WHEN count(*) > 0 THEN '失败的步骤：' || string_agg(concat(coalesce(s.rule_code, s.step), '（', medaudit.mask_numbers(s.error), '）'), '；' ORDER BY s.step_no)
				ELSE '没有失败的步骤。' END, 'foot')
			FROM medaudit.run_step AS s WHERE s.run_id = run_no AND s.state = 'failed'),
		medaudit._html_note(concat('疑点是可供核查的线索及其计算，不是结论；认定以两人审核一致为准。', coalesce('处理情况截至' || (SELECT medaudit._moment_zh(max(e.at)) FROM medaudit.finding_event AS e), '尚无处理'),
			'。由 medaudit ', medaudit.version(), ' 依据该次运行留存的结果生成，数据不变则页面不变。'), 'foot'), E'</footer>\n');
END
$$;

COMMENT ON FUNCTION _report_foot(bigint) IS
	'报告页脚: which run and rulebook a report rests on, which steps failed, and until when decisions are in it';
