-- The report of a run, on one page: what a deputy director asks of the month, and what the
-- run could not say.  It is made of what the run stored and of what people decided since,
-- so that it can be made again.
--
-- Cost: 2 s of 100,000 findings; a page has some 50 KB.

CREATE OR REPLACE FUNCTION _run_report(run_no bigint, masked bool) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	run record;
	got record;
	charged jsonb;
	found bigint;
	head text;
	title text;
BEGIN
	SELECT r.* INTO run FROM medaudit._report_run(run_no) AS r;
	SELECT g.groups, g.first_ids, g.clear_ids INTO got FROM medaudit._report_groups(run_no, masked) AS g;
	title := format('医保基金稽核报告（%s）', medaudit._period_zh(run.from_date, run.to_date));
	head := format(E'<header>\n<h1>%s</h1>\n<p class="soft">%s</p>\n</header>\n', medaudit.html_escape(title),
		medaudit.html_escape(concat_ws('　', nullif(current_setting('medaudit.fund_name', true), ''), format('第%s次运行', run_no),
			CASE WHEN masked THEN '姓名与证件号已脱敏，仅含本账号可见的疑点' ELSE '内部资料，含个人信息' END)));
	IF run.state <> 'done' THEN
		head := head || medaudit._html_note(format('本次运行%s，以下结果不完整。', CASE run.state WHEN 'failed' THEN '有步骤失败（见页脚）' ELSE '尚未完成' END));
	END IF;
	IF masked THEN
		RETURN medaudit._html_page(title, concat(head,
			medaudit._html_facts(ARRAY['稽核期间', medaudit._period_zh(run.from_date, run.to_date), '本账号无权查看', '运行记录、数据质量、与上期比较、规则准确率、豁免与自查、追回情况']),
			medaudit._report_tiles(run_no, got.groups, true),
			medaudit._html_sections('{违规金额,按规则,按机构,异常模式涉及金额,典型案例,优先核查}', ARRAY[medaudit._report_money(got.groups), medaudit._report_rules(got.groups),
				medaudit._report_facilities(got.groups, NULL), medaudit._report_patterns(got.groups), medaudit._report_cases(got.clear_ids, true), medaudit._report_first(got.first_ids, true)])));
	END IF;
	SELECT jsonb_object_agg(c.facility_id, c.amount) INTO charged
	FROM (SELECT i.facility_id, sum(i.amount) AS amount FROM medaudit.run_coverage AS i WHERE i.run_id = run_no AND i.facility_id IS NOT NULL GROUP BY i.facility_id) AS c;
	SELECT count(*) INTO found FROM medaudit.run_finding AS f WHERE f.run_id = run_no;
	RETURN medaudit._html_page(title, concat(head, medaudit._report_head(run_no), medaudit._report_tiles(run_no, got.groups, false),
		medaudit._html_sections('{违规金额,未能判断的部分,与上期比较,按规则,按机构,总额进度,指标,异常模式涉及金额,典型案例,优先核查,处理情况与规则准确率,豁免与自查自纠,追回情况,数据质量}', ARRAY[
			medaudit._report_money(got.groups), medaudit._report_unjudged(run_no), medaudit._report_changes(run_no), medaudit._report_rules(got.groups), medaudit._report_facilities(got.groups, charged),
			medaudit._report_pace(run_no), medaudit._report_indicators(run_no),
			medaudit._report_patterns(got.groups), medaudit._report_cases(got.clear_ids, false), medaudit._report_first(got.first_ids, false),
			concat(medaudit._report_decisions(got.groups, found), medaudit._report_precision(got.groups)), medaudit._report_aside(got.groups, run.from_date, run.to_date),
			medaudit._report_recovery(run_no), medaudit._report_quality(run_no)]),
		medaudit._report_foot(run_no)));
END
$$;

COMMENT ON FUNCTION _run_report(bigint, bool) IS
	'运行报告: the page of a run, whole or as the masked views show it';

CREATE OR REPLACE FUNCTION report(run_id bigint DEFAULT NULL, facility_id text DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	run_no bigint := (SELECT r.run_id FROM medaudit._report_run(report.run_id) AS r);
	masked bool := NOT medaudit._reads_findings();
BEGIN
	RETURN CASE WHEN facility_id IS NULL THEN medaudit._run_report(run_no, masked) ELSE medaudit._facility_sheet(run_no, medaudit.code_fold(facility_id), masked) END;
END
$$;

COMMENT ON FUNCTION report(bigint, text) IS
	'稽核报告: one HTML page that stands by itself and prints on A4, of a run (NULL: the last of a period that is done), made of what the run stored; with a facility the sheet of that institution (机构疑点清单). Who may not read findings gets what the masked views show him. A run that is not there, or an institution of which it judged and found nothing, is 22023';
