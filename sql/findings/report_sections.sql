-- The sections of the report of a run, each a function of what the run stored.
--
-- What a run found is gathered once, in groups of rule, facility, certainty and state
-- (_report_groups); sections add these up.  Findings are those that the run found with the
-- content that they have now, however often later runs found them again; money is that of
-- each line once (ranked_line).  Of what was confirmed in part the same part of the money
-- that counts once is confirmed, so that a line that two findings name is confirmed once.
--
-- Who may not read findings gets what the masked views show him, and no section that needs
-- more.
--
-- Cost: the digests of all findings of the period are compared with those of the run, and
-- the ranked lines of each are looked up: 1.5 s of 100,000 findings.

-- The same columns twice: with the rights of the reader, and with those of the owner within
-- what the reader may see, as the masked views have it.
CREATE OR REPLACE VIEW _report_found WITH (security_invoker = true) AS
SELECT r.run_id AS found_by, f.finding_id, f.rule_code, f.rule_name, f.certainty, f.state, f.facility_id, f.facility_name, f.judged_on,
	f.gross_amount, f.claimed_amount, f.fund_amount, f.involved_amount, f.confirmed_gross, f.confirmed_claimed, f.confirmed_fund,
	sum(l.gross_once) AS gross_once, sum(l.claimed_once) AS claimed_once, sum(l.fund_once) AS fund_once, min(l.rank) AS place
FROM medaudit.run_finding AS r
JOIN medaudit.finding AS f ON f.rule_code = r.rule_code AND f.state NOT IN ('changed', 'superseded')
	AND medaudit._finding_identity(f.subject_kind, f.subject_id, f.key) = r.identity AND substring(f.fingerprint FOR 16) = r.fingerprint
LEFT JOIN medaudit.ranked_line AS l ON l.finding_id = f.finding_id
GROUP BY r.run_id, f.finding_id;

CREATE OR REPLACE VIEW _report_found_masked WITH (security_barrier = true, security_invoker = false) AS
SELECT r.run_id AS found_by, f.finding_id, f.rule_code, f.rule_name, f.certainty, f.state, f.facility_id, f.facility_name, f.judged_on,
	f.gross_amount, f.claimed_amount, f.fund_amount, f.involved_amount, f.confirmed_gross, f.confirmed_claimed, f.confirmed_fund,
	sum(l.gross_once) AS gross_once, sum(l.claimed_once) AS claimed_once, sum(l.fund_once) AS fund_once, min(l.rank) AS place
FROM medaudit.run_finding AS r
JOIN medaudit.finding AS f ON f.rule_code = r.rule_code AND f.state NOT IN ('changed', 'superseded')
	AND medaudit._finding_identity(f.subject_kind, f.subject_id, f.key) = r.identity AND substring(f.fingerprint FOR 16) = r.fingerprint
LEFT JOIN medaudit.ranked_line AS l ON l.finding_id = f.finding_id
CROSS JOIN medaudit._own_scope AS s
WHERE CASE WHEN s.lent THEN medaudit._refuse_lent(medaudit._say('masked findings are read by whoever may read them himself'),
	medaudit._say('Where readers have a scope (medaudit.reader_scope), a view over them lends nothing: grant the level reader.')) ELSE s.everywhere OR f.facility_id = ANY (s.facilities)
	OR f.facility_region = ANY (s.regions) OR f.facility_region ~ s.parts OR medaudit._in_scope(f.facility_id, f.facility_region, s.both_of) END
GROUP BY r.run_id, f.finding_id;

COMMENT ON VIEW _report_found IS
	'报告发现: what each run found and is there with the same content, and what it counts when each line counts once';
COMMENT ON VIEW _report_found_masked IS
	'报告发现(脱敏): _report_found of what the reader may see, nothing of persons; readers need no right to any table';

DO $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT v.relation, c.name, c.meaning FROM unnest('{_report_found,_report_found_masked}'::text[]) AS v (relation)
		CROSS JOIN (VALUES ('found_by', '运行编号: the run that found it'), ('finding_id', '发现编号'), ('rule_code', '规则编号'), ('rule_name', '规则名称'),
			('certainty', '确定程度: code'), ('state', '状态: code'), ('facility_id', '定点医药机构编号'), ('facility_name', '定点医药机构名称'),
			('judged_on', '归属日期'), ('gross_amount', '违规金额(总额): yuan'), ('claimed_amount', '违规金额(符合范围): yuan'),
			('fund_amount', '违规金额(基金): yuan'), ('involved_amount', '涉及金额: yuan'), ('confirmed_gross', '认定金额(总额): yuan'),
			('confirmed_claimed', '认定金额(符合范围): yuan'), ('confirmed_fund', '认定金额(基金): yuan'), ('gross_once', '去重金额(总额): yuan'),
			('claimed_once', '去重金额(符合范围): yuan'), ('fund_once', '去重金额(基金): yuan'), ('place', '清单次序: of its first line; NULL: not on the worklist'))
			AS c (name, meaning)
	LOOP
		EXECUTE format('COMMENT ON COLUMN medaudit.%I.%I IS %L', item.relation, item.name, item.meaning);
	END LOOP;
END
$$;

-- ----------------------------------------------------------------- what is gathered

CREATE OR REPLACE FUNCTION _reads_findings() RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT bool_and(has_table_privilege(t, 'SELECT')) FROM unnest(ARRAY['medaudit.run', 'medaudit.run_step', 'medaudit.run_quality', 'medaudit.run_finding',
		'medaudit.run_coverage', 'medaudit.finding', 'medaudit.finding_line', 'medaudit.finding_event', 'medaudit.ranked_line']) AS t
$$;

COMMENT ON FUNCTION _reads_findings() IS
	'可否读取疑点: whether the current user reads runs, findings and events whole, or is shown what the masked views show';

-- The run that is meant, of which everybody who reads may know so much.
CREATE OR REPLACE FUNCTION _report_run(INOUT run_id bigint, OUT from_date date, OUT to_date date, OUT state text, OUT scope text, OUT rules text[])
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wanted bigint := run_id;
BEGIN
	SELECT r.run_id, r.from_date, r.to_date, r.state, r.scope, r.rules
	INTO run_id, from_date, to_date, state, scope, rules
	FROM medaudit.run AS r
	WHERE CASE WHEN wanted IS NULL THEN r.state = 'done' AND r.scope = 'period' ELSE r.run_id = wanted END
	ORDER BY r.run_id DESC LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = CASE WHEN wanted IS NULL THEN medaudit._say('no run is done yet')
				ELSE format(medaudit._say('there is no run %s'), wanted) END,
			HINT = medaudit._say('The runs stand in medaudit.run; medaudit.run_audit() makes one.');
	END IF;
END
$$;

COMMENT ON FUNCTION _report_run(bigint) IS
	'报告运行: a run by its number, NULL: the last run of a period that is done; 22023 where there is none';

CREATE OR REPLACE FUNCTION _report_groups(run_no bigint, masked bool, OUT groups _report_group[], OUT first_ids bigint[], OUT clear_ids bigint[])
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	EXECUTE format($sql$
		WITH found AS MATERIALIZED (
			SELECT f.*, medaudit._counts(f.state, f.confirmed_claimed) AS stands, f.state = ANY (medaudit._decided_states()) AS decided,
				f.gross_amount IS NULL AND f.claimed_amount IS NULL AS pattern
			FROM medaudit.%I AS f WHERE f.found_by = $1
		), summed AS (
			SELECT ROW(f.rule_code, max(f.rule_name), f.facility_id, max(f.facility_name), f.certainty, f.state, f.stands, f.decided, f.pattern, count(*),
				sum(CASE WHEN f.stands THEN f.gross_once ELSE f.gross_amount END), sum(CASE WHEN f.stands THEN f.claimed_once ELSE f.claimed_amount END),
				sum(CASE WHEN f.stands THEN f.fund_once ELSE f.fund_amount END), sum(f.involved_amount),
				count(*) FILTER (WHERE NOT f.pattern AND f.fund_amount IS NULL),
				sum(round(f.gross_once * coalesce(f.confirmed_gross / nullif(f.gross_amount, 0), CASE WHEN f.confirmed_claimed IS NULL THEN 1 END), 2)) FILTER (WHERE f.decided),
				sum(round(f.claimed_once * coalesce(f.confirmed_claimed / nullif(f.claimed_amount, 0), 1), 2)) FILTER (WHERE f.decided),
				sum(round(f.fund_once * coalesce(f.confirmed_fund / nullif(f.fund_amount, 0), CASE WHEN f.confirmed_claimed IS NULL THEN 1 END), 2)) FILTER (WHERE f.decided),
				sum(coalesce(f.claimed_amount, f.involved_amount)), sum(coalesce(f.confirmed_claimed, f.claimed_amount, f.involved_amount)) FILTER (WHERE f.decided))::medaudit._report_group AS one
			FROM found AS f
			GROUP BY f.rule_code, f.facility_id, f.certainty, f.state, f.stands, f.decided, f.pattern
		), clear AS (
			SELECT f.finding_id, row_number() OVER (ORDER BY f.sureness, f.nth, f.decided DESC, f.fund_once DESC NULLS LAST, f.claimed_once DESC NULLS LAST, f.finding_id) AS place
			FROM (SELECT i.*, array_position('{violation,suspicion,notice}', i.certainty) AS sureness,
					row_number() OVER (PARTITION BY i.certainty, i.rule_code ORDER BY i.decided DESC, i.fund_once DESC NULLS LAST, i.claimed_once DESC NULLS LAST, i.finding_id) AS nth
				FROM found AS i WHERE i.stands AND NOT i.pattern AND i.gross_once > 0) AS f
		)
		SELECT (SELECT coalesce(array_agg(s.one), '{}') FROM summed AS s),
			(SELECT array_agg(p.finding_id ORDER BY p.place) FROM (SELECT f.finding_id, f.place FROM found AS f WHERE f.place IS NOT NULL ORDER BY f.place LIMIT 10) AS p),
			(SELECT array_agg(c.finding_id ORDER BY c.place) FROM clear AS c WHERE c.place <= 3)$sql$,
		CASE WHEN masked THEN '_report_found_masked' ELSE '_report_found' END)
	INTO groups, first_ids, clear_ids USING run_no;
END
$$;

COMMENT ON FUNCTION _report_groups(bigint, bool) IS
	'报告汇总: what a run found, in groups; the ten findings that stand first on the worklist; and three to show: of the surest, of each rule the one with the most fund money, those that people have confirmed first';

-- ----------------------------------------------------------------- the honest header

-- Why a rule was not asked, as the run wrote it.
CREATE OR REPLACE FUNCTION _why_off_zh(error text) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN CASE WHEN starts_with(error, 'not bound: ') THEN '缺少数据：' || (
			SELECT string_agg(coalesce(c.name_zh, n.name) || '（' || n.name || '）', '、' ORDER BY n.nth)
			FROM unnest(string_to_array(substr(error, 12), ', ')) WITH ORDINALITY AS n (name, nth)
			LEFT JOIN medaudit.relation_column AS c ON c.relation || '.' || c.column_name = n.name)
		WHEN error = 'run it over a whole year' THEN '须按整年运行' WHEN error = 'run it over a whole quarter' THEN '须按整季运行'
		WHEN error = 'run it over a whole month' THEN '须按整月运行' WHEN error = 'run_audit does not ask this kind' THEN '不由稽核运行执行'
		WHEN error = 'prescription_cap has no row' THEN '未设处方金额上限'
		WHEN error = 'indicator_month has no row' THEN '未计算月度指标'
		WHEN error = 'recognised_exam has no row' THEN '未设结果互认项目'
		ELSE medaudit._step_error_zh(error) END;
END
$$;

COMMENT ON FUNCTION _why_off_zh(text) IS
	'未执行原因: why a run skipped a rule, in Chinese; what it does not know as it is; NULL for NULL';

-- What could be shown and has no data yet: as soon as its table is there, its section goes in.
CREATE OR REPLACE FUNCTION _report_unbound() RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN (SELECT string_agg(s.name || '（' || s.relation || '）', '、' ORDER BY s.nth)
		FROM (VALUES (1, '基金支出与均衡进度', 'medaudit_data.budget')) AS s (nth, name, relation)
		WHERE to_regclass(s.relation) IS NULL);
END
$$;

COMMENT ON FUNCTION _report_unbound() IS
	'未绑定章节: sections for which no data are bound; NULL: none';

CREATE OR REPLACE FUNCTION _report_head(run_no bigint) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	run medaudit.run;
	seen record;
	asked int;
	off int;
BEGIN
	SELECT r.* INTO run FROM medaudit.run AS r WHERE r.run_id = run_no;
	SELECT sum(c.lines) AS lines, sum(c.amount) AS amount, sum(c.unruled_amount) AS unruled, count(DISTINCT c.facility_id) AS facilities
	INTO seen FROM medaudit.run_coverage AS c WHERE c.run_id = run_no;
	SELECT count(DISTINCT c.code) INTO asked
	FROM (SELECT unnest(a.rule_codes) FROM medaudit.run_asked AS a WHERE a.run_id = run_no
		UNION SELECT s.rule_code FROM medaudit.run_step AS s WHERE s.run_id = run_no AND s.rule_code IS NOT NULL AND s.state = 'done') AS c (code);
	SELECT count(*) INTO off FROM medaudit.run_step AS s WHERE s.run_id = run_no AND s.rule_code IS NOT NULL AND s.state = 'skipped';
	RETURN medaudit._html_facts(ARRAY[
		'稽核期间', medaudit._period_zh(run.from_date, run.to_date) || CASE run.scope WHEN 'persons' THEN '（仅数据有变化人员）' ELSE '' END,
		'日期口径', '归属日期：就诊的结算日期，未记录的为出院日期；疑点归入其最后一次就诊结算的期间',
		'稽核范围', concat_ws('，', medaudit._counted(run.visits) || '次就诊', medaudit._counted(seen.lines) || '行费用明细，金额' || medaudit._yuan(seen.amount) || '元',
			medaudit._counted(nullif(seen.facilities, 0)) || '家机构', CASE WHEN seen.lines IS NULL THEN '明细数已由后一次运行重新统计或未统计' END),
		'规则', format('%s，执行%s条', CASE WHEN run.rules IS NULL THEN '全部启用的规则' ELSE format('指定的%s条规则', cardinality(run.rules)) END, asked)
			|| CASE WHEN off > 0 THEN format('，未执行%s条（原因见“未能判断的部分”）', off) ELSE '' END,
		'规则覆盖', '有规则涉及的金额占' || medaudit._share(seen.amount - seen.unruled, seen.amount) || '；其余金额未受任何费用规则检查，不等于没有问题',
		'运行', format('第%s次运行，%s发起，%s，%s', run_no, run.started_by, medaudit.label_zh(run.state), coalesce(medaudit._moment_zh(run.finished_at) || '完成', '未完成')),
		'未绑定', medaudit._report_unbound() || '：没有数据，未列出']);
END
$$;

COMMENT ON FUNCTION _report_head(bigint) IS
	'报告抬头: of what period, data and rules a report speaks, and of what it does not';

CREATE OR REPLACE FUNCTION _report_tiles(run_no bigint, groups _report_group[], masked bool) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	insufficient numeric;
BEGIN
	IF NOT masked THEN
		SELECT sum(s.insufficient) INTO insufficient FROM medaudit.run_step AS s WHERE s.run_id = run_no;
	END IF;
	RETURN (SELECT concat(E'<div class="tiles">\n',
			format(E'<div class="tile violation"><span>明确违规（基金）</span><b>%s</b><span>%s条疑点%s</span></div>\n',
				CASE WHEN t.unsure_violations < t.violations OR t.violations = 0 THEN medaudit._yuan_short(t.violation_fund) || '元' ELSE '未知' END,
				medaudit._counted(t.violations), '，其中' || medaudit._counted(nullif(t.unsure_violations, 0)) || '条金额未知'),
			format(E'<div class="tile suspicion"><span>可疑（基金）</span><b>%s</b><span>%s条疑点，待核查%s</span></div>\n',
				CASE WHEN t.unsure_suspicions < t.suspicions OR t.suspicions = 0 THEN medaudit._yuan_short(t.suspicion_fund) || '元' ELSE '未知' END,
				medaudit._counted(t.suspicions), '，其中' || medaudit._counted(nullif(t.unsure_suspicions, 0)) || '条金额未知'),
			format(E'<div class="tile involved"><span>异常模式涉及金额</span><b>%s元</b><span>%s条，不计入违规金额</span></div>\n', medaudit._yuan_short(t.involved),
				medaudit._counted(t.patterns)),
			CASE WHEN masked THEN format(E'<div class="tile unjudged"><span>已认定（基金）</span><b>%s元</b><span>%s条疑点</span></div>\n', medaudit._yuan_short(t.confirmed_fund),
					medaudit._counted(t.decided))
				ELSE format(E'<div class="tile unjudged"><span>缺数据未能判断</span><b>%s行</b><span>费用明细，按规则计次</span></div>\n', medaudit._counted(coalesce(insufficient, 0))) END,
			E'</div>\n')
		FROM (
			SELECT coalesce(sum(g.findings) FILTER (WHERE g.certainty = 'violation'), 0) AS violations,
				coalesce(sum(g.fund) FILTER (WHERE g.certainty = 'violation'), 0) AS violation_fund,
				coalesce(sum(g.fund_unknown) FILTER (WHERE g.certainty = 'violation'), 0) AS unsure_violations,
				coalesce(sum(g.findings) FILTER (WHERE g.certainty = 'suspicion' AND NOT g.pattern), 0) AS suspicions,
				coalesce(sum(g.fund) FILTER (WHERE g.certainty = 'suspicion'), 0) AS suspicion_fund,
				coalesce(sum(g.fund_unknown) FILTER (WHERE g.certainty = 'suspicion' AND NOT g.pattern), 0) AS unsure_suspicions,
				coalesce(sum(g.involved) FILTER (WHERE g.pattern), 0) AS involved, coalesce(sum(g.findings) FILTER (WHERE g.pattern), 0) AS patterns,
				coalesce(sum(g.confirmed_fund), 0) AS confirmed_fund, coalesce(sum(g.findings) FILTER (WHERE g.decided), 0) AS decided
			FROM unnest(groups) AS g WHERE g.stands
		) AS t);
END
$$;

COMMENT ON FUNCTION _report_tiles(bigint, _report_group[], bool) IS
	'要点: four numbers that a report begins with';

-- ----------------------------------------------------------------- money

CREATE OR REPLACE FUNCTION _report_money(groups _report_group[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH summed AS (
		SELECT c.certainty, c.place, coalesce(sum(g.findings), 0) AS findings, coalesce(sum(g.gross), 0) AS gross, coalesce(sum(g.claimed), 0) AS claimed, coalesce(sum(g.fund), 0) AS fund,
			coalesce(sum(g.findings) FILTER (WHERE g.decided), 0) AS confirmed, coalesce(sum(g.confirmed_gross), 0) AS confirmed_gross,
			coalesce(sum(g.confirmed_claimed), 0) AS confirmed_claimed, coalesce(sum(g.confirmed_fund), 0) AS confirmed_fund, coalesce(sum(g.fund_unknown), 0) AS unknown
		FROM unnest('{violation,suspicion,notice}'::text[]) WITH ORDINALITY AS c (certainty, place)
		LEFT JOIN unnest(groups) AS g ON g.certainty = c.certainty AND g.stands AND NOT g.pattern
		GROUP BY GROUPING SETS ((c.certainty, c.place), ())
	)
	SELECT medaudit._html_table('hnnnn', '{确定程度,疑点,总额（元）,符合范围（元）,基金（元）}',
			string_agg(medaudit._html_row('hnnnn', ARRAY[coalesce(medaudit._certainty_mark(s.certainty), '合计'), medaudit._counted(s.findings), medaudit._yuan(s.gross),
				medaudit._yuan(s.claimed), medaudit._yuan(s.fund)], CASE WHEN s.certainty IS NULL THEN 'sum' END)
				|| CASE WHEN s.confirmed > 0 THEN medaudit._html_row('hnnnn', ARRAY['<span class="of">其中已认定</span>', medaudit._counted(s.confirmed), medaudit._yuan(s.confirmed_gross),
					medaudit._yuan(s.confirmed_claimed), medaudit._yuan(s.confirmed_fund)]) ELSE '' END, '' ORDER BY s.place NULLS LAST),
			'现有效疑点的违规金额；同一费用明细被多条疑点指出的只计一次，计入最确定的一条；认定为两人审核一致以后的金额')
		|| coalesce((SELECT medaudit._html_note(format('其中%s条疑点的基金金额无法确定（支付方式、基金支付或符合范围金额未知），基金一列未计。', medaudit._counted(s.unknown)), 'soft')
			FROM summed AS s WHERE s.certainty IS NULL AND s.unknown > 0), '')
	FROM summed AS s
$$;

COMMENT ON FUNCTION _report_money(_report_group[]) IS
	'金额: what stands by certainty, found and confirmed, in the three amounts, each line once';

CREATE OR REPLACE FUNCTION _report_rules(groups _report_group[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH rule AS (
		SELECT g.rule_code, max(g.rule_name) AS rule_name, sum(g.findings) AS findings, count(DISTINCT g.facility_id) AS facilities, sum(g.gross) AS gross, sum(g.claimed) AS claimed, sum(g.fund) AS fund,
			coalesce(sum(g.fund) FILTER (WHERE g.certainty = 'violation'), 0) AS sure, sum(g.findings) FILTER (WHERE g.certainty = 'violation') AS violations,
			row_number() OVER (ORDER BY sum(g.fund) DESC NULLS LAST, sum(g.claimed) DESC NULLS LAST, g.rule_code COLLATE "C") AS place
		FROM unnest(groups) AS g WHERE g.stands AND NOT g.pattern GROUP BY g.rule_code
	)
	SELECT CASE WHEN count(*) > 0 THEN medaudit._html_note('按基金金额由大到小；深色为明确违规。表中没有金额的规则，其费用明细已计入更确定或金额更高的规则。', 'soft')
		|| (SELECT medaudit.svg_bars(array_agg(r.rule_name ORDER BY r.place), array_agg(r.fund ORDER BY r.place), array_agg(r.sure ORDER BY r.place), '元', '各规则基金金额', true)
			FROM (SELECT least(i.place, 13) AS place, CASE WHEN min(i.place) < 13 THEN min(i.rule_name) ELSE format('其余%s条规则', count(*)) END AS rule_name, coalesce(sum(i.fund), 0) AS fund, sum(i.sure) AS sure
				FROM rule AS i GROUP BY least(i.place, 13)) AS r)
		|| medaudit._html_table('tnnnnnn', '{规则,疑点,其中明确违规,机构,总额（元）,符合范围（元）,基金（元）}',
			string_agg(medaudit._html_row('tnnnnnn', ARRAY[r.rule_name, medaudit._counted(r.findings), medaudit._counted(coalesce(r.violations, 0)), medaudit._counted(r.facilities),
				medaudit._yuan(r.gross), medaudit._yuan(r.claimed), medaudit._yuan(r.fund)]), '' ORDER BY r.place) FILTER (WHERE r.place <= 40))
		|| CASE WHEN count(*) > 40 THEN medaudit._html_note(format('另有%s条规则有疑点，见视图 findings_by_rule。', count(*) - 40), 'soft') ELSE '' END END
	FROM rule AS r
$$;

COMMENT ON FUNCTION _report_rules(_report_group[]) IS
	'按规则: rules that found money in excess, by fund money, as bars and in a table';

-- What institutions were paid by the fund is not stored; what they charged in the period is.
CREATE OR REPLACE FUNCTION _report_facilities(groups _report_group[], charged jsonb) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH facility AS (
		SELECT g.facility_id, coalesce(max(g.facility_name), g.facility_id, '机构未知') AS name, sum(g.findings) FILTER (WHERE NOT g.pattern) AS findings, sum(g.gross) AS gross, sum(g.fund) AS fund,
			coalesce(sum(g.fund) FILTER (WHERE g.certainty = 'violation'), 0) AS sure, sum(g.involved) FILTER (WHERE g.pattern) AS involved, sum(g.confirmed_fund) AS confirmed,
			(charged ->> g.facility_id)::numeric AS charged,
			row_number() OVER (ORDER BY sum(g.fund) DESC NULLS LAST, sum(g.gross) DESC NULLS LAST, sum(g.involved) DESC NULLS LAST, g.facility_id COLLATE "C") AS place
		FROM unnest(groups) AS g WHERE g.stands GROUP BY g.facility_id
	), shared AS (
		SELECT f.name, round(100 * f.gross / f.charged, 3) AS share, row_number() OVER (ORDER BY f.gross / f.charged DESC, f.facility_id COLLATE "C") AS place
		FROM facility AS f WHERE f.charged > 0 AND f.gross > 0
	)
	SELECT CASE WHEN count(*) > 0 THEN concat('<h3>基金金额最多的机构</h3>',
		(SELECT medaudit._html_note('深色为明确违规。', 'soft') || medaudit.svg_bars(array_agg(i.name ORDER BY i.place), array_agg(coalesce(i.fund, 0) ORDER BY i.place), array_agg(i.sure ORDER BY i.place), '元', '各机构基金金额')
			FROM facility AS i WHERE i.place <= 10 AND i.fund > 0 HAVING count(*) > 0),
		medaudit._html_table('tnnnnnn', '{机构,疑点,总额（元）,占其费用,基金（元）,认定基金（元）,涉及金额（元，不计入）}',
			string_agg(medaudit._html_row('tnnnnnn', ARRAY[f.name, medaudit._counted(coalesce(f.findings, 0)), medaudit._yuan(f.gross), medaudit._share(f.gross, f.charged), medaudit._yuan(f.fund),
				medaudit._yuan(f.confirmed), medaudit._yuan(f.involved)]), '' ORDER BY f.place) FILTER (WHERE f.place <= 15)),
		CASE WHEN count(*) > 15 THEN medaudit._html_note(format('另有%s家机构有疑点，见视图 findings_by_facility。', count(*) - 15), 'soft') END,
		(SELECT concat('<h3>违规总额占其费用最高的机构</h3>', medaudit._html_note('违规总额与该机构本期费用明细总额之比，%；规模小的机构占比波动大，宜结合金额看。', 'soft'),
				medaudit.svg_bars(array_agg(s.name ORDER BY s.place), array_agg(s.share ORDER BY s.place), NULL, '%', '违规总额占其费用的比例'))
			FROM shared AS s WHERE s.place <= 10 HAVING count(*) > 0)) END
	FROM facility AS f
$$;

COMMENT ON FUNCTION _report_facilities(_report_group[], jsonb) IS
	'按机构: institutions by fund money and by the share of what they charged ({"facility": yuan}; NULL: not known)';

CREATE OR REPLACE FUNCTION _report_patterns(groups _report_group[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._html_note('住院与就诊的异常模式只说明需要核查的就诊及其费用，不是违规金额，不与上表相加；同一就诊可能出现在几种模式中，各行之间也不相加。', 'soft')
		|| medaudit._html_table('thnnn', '{规则,确定程度,疑点,机构,涉及金额（元）}',
			string_agg(medaudit._html_row('thnnn', ARRAY[p.rule_name, medaudit._certainty_mark(p.certainty), medaudit._counted(p.findings), medaudit._counted(p.facilities), medaudit._yuan(p.involved)]),
				'' ORDER BY p.involved DESC NULLS LAST, p.rule_code COLLATE "C"))
	FROM (SELECT g.rule_code, g.certainty, max(g.rule_name) AS rule_name, sum(g.findings) AS findings, count(DISTINCT g.facility_id) AS facilities, sum(g.involved) AS involved
		FROM unnest(groups) AS g WHERE g.stands AND g.pattern GROUP BY g.rule_code, g.certainty) AS p
$$;

COMMENT ON FUNCTION _report_patterns(_report_group[]) IS
	'异常模式: patterns with the money involved, which is never added to money in excess; NULL where there are none';

-- ----------------------------------------------------------------- what to look at

CREATE OR REPLACE FUNCTION _report_cases(ids bigint[], masked bool) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	said text;
BEGIN
	EXECUTE format($sql$
		SELECT string_agg(format(E'<div class="case">\n<p><b>%%s</b>　%%s　%%s</p>\n<p>%%s</p>\n<p class="soft">%%s</p>\n</div>\n', medaudit.html_escape(f.rule_name), medaudit._certainty_mark(f.certainty),
			medaudit.html_escape(coalesce(f.facility_name, f.facility_id, '')), medaudit.html_escape(f.evidence_text),
			medaudit.html_escape(concat_ws('　', '依据：' || medaudit.article_zh(f.article), '总额' || medaudit._yuan(f.gross_amount) || '元',
				'符合范围' || medaudit._yuan(f.claimed_amount) || '元', coalesce('基金' || medaudit._yuan(f.fund_amount) || '元', '基金金额未知'),
				f.state_zh, '疑点编号' || f.finding_id))), '' ORDER BY array_position($1, f.finding_id))
		FROM medaudit.%I AS f WHERE f.finding_id = ANY ($1)$sql$, CASE WHEN masked THEN 'findings_masked' ELSE 'findings' END)
	INTO said USING ids;
	RETURN said;
END
$$;

COMMENT ON FUNCTION _report_cases(bigint[], bool) IS
	'典型案例: findings with their sentence, article of law and money; NULL where there are none';

CREATE OR REPLACE FUNCTION _report_first(ids bigint[], masked bool) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	said text;
BEGIN
	EXECUTE format($sql$
		SELECT medaudit._html_table('nthtnn', '{序,规则与机构,确定程度,证据说明,符合范围（元）,基金（元）}', string_agg(medaudit._html_row('nhhtnn', ARRAY[array_position($1, f.finding_id)::text,
			medaudit.html_escape(f.rule_name) || '<br><span class="soft">' || medaudit.html_escape(coalesce(f.facility_name, f.facility_id, '')) || '</span>', medaudit._certainty_mark(f.certainty),
			f.evidence_text, coalesce(medaudit._yuan(f.claimed_amount), '涉及' || medaudit._yuan(f.involved_amount)), medaudit._yuan(f.fund_amount)]), '' ORDER BY array_position($1, f.finding_id)), NULL, 'first')
		FROM medaudit.%I AS f WHERE f.finding_id = ANY ($1)$sql$, CASE WHEN masked THEN 'findings_masked' ELSE 'findings' END)
	INTO said USING ids;
	RETURN said;
END
$$;

COMMENT ON FUNCTION _report_first(bigint[], bool) IS
	'优先核查: findings in their order with their sentences; NULL where there are none';
