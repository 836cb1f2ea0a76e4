-- One person on one page: when and where he was, what was found about him, and who came
-- along.  Visits are read as the warehouse has them now, where it is bound and the caller may
-- read it, else those that findings name; findings are those of a run.
--
-- Cost: a look through the findings and their lines, 0.3 s of 500,000; the visits of the
-- person by the index of the warehouse.

-- Visits of a person from a day to the day before another, as one JSON array.
CREATE OR REPLACE FUNCTION _person_visits(person_id text, from_date date, to_date date) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	visits jsonb;
BEGIN
	IF to_regclass('medaudit_data.visit') IS NULL OR NOT has_table_privilege('medaudit_data.visit', 'SELECT') THEN
		RETURN NULL;
	END IF;
	EXECUTE format($sql$
		SELECT coalesce(jsonb_agg(to_jsonb(g) ORDER BY g.admitted_at, g.visit_id), '[]')
		FROM (SELECT v.visit_id, min(v.facility_id) AS facility_id, min(v.admitted_at) AS admitted_at, CASE WHEN bool_and(v.discharged_at IS NOT NULL) THEN max(v.discharged_at) END AS discharged_at,
				coalesce(medaudit.class_of_visit(min(v.visit_type)) = 'stay', max(v.discharged_at)::date > min(v.admitted_at)::date, false) AS stay, min(v.record_no) AS record_no,
				min(v.main_diagnosis) AS diagnosis, sum(v.total_amount) AS amount
			FROM (SELECT DISTINCT d.* FROM %s AS d) AS v
			WHERE v.visit_id IS NOT NULL AND v.admitted_at IS NOT NULL GROUP BY v.visit_id) AS g
		WHERE g.admitted_at < $3 AND coalesce(g.discharged_at, g.admitted_at) >= $2$sql$,
		medaudit._rows_of_key('visit', 'person_id', '{visit_id,facility_id,admitted_at,discharged_at,visit_type,record_no,main_diagnosis,total_amount}'))
	INTO visits USING person_id, from_date, to_date;
	RETURN visits;
END
$$;

COMMENT ON FUNCTION _person_visits(text, date, date) IS
	'个人就诊: the visits of a person in a time as they are bound, as a JSON array; NULL where visit is not bound or not to be read';

-- Of people their names, where the register is bound and may be read: {"person": "name"}.
CREATE OR REPLACE FUNCTION _person_names(person_ids text[]) RETURNS jsonb
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	id text;
	name text;
	names jsonb := '{}';
BEGIN
	IF NOT medaudit._is_bound('person', 'name') OR NOT has_table_privilege('medaudit_data.person', 'SELECT') THEN
		RETURN names;
	END IF;
	FOREACH id IN ARRAY person_ids LOOP
		EXECUTE format('SELECT CASE WHEN count(DISTINCT p.name) = 1 THEN min(p.name) END FROM %s AS p', medaudit._rows_of_key('person', 'person_id', '{name}')) INTO name USING id;
		names := names || jsonb_strip_nulls(jsonb_build_object(id, name));
	END LOOP;
	RETURN names;
END
$$;

COMMENT ON FUNCTION _person_names(text[]) IS
	'姓名: names of people as they are bound, by their numbers; {}: none are bound, or not to be read';

CREATE OR REPLACE FUNCTION _person_findings(person_id text, run_no bigint) RETURNS bigint[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(array_agg(f.finding_id ORDER BY f.judged_on, f.finding_id), '{}')
	FROM medaudit.finding AS f
	WHERE (f.person_id = _person_findings.person_id OR f.finding_id IN (SELECT l.finding_id FROM medaudit.finding_line AS l WHERE l.person_id = _person_findings.person_id))
		AND f.state NOT IN ('changed', 'superseded')
		AND medaudit._found_by(run_no, f.rule_code, f.subject_kind, f.subject_id, f.key, f.fingerprint)
$$;

COMMENT ON FUNCTION _person_findings(text, bigint) IS
	'个人疑点: findings of a run that name a person, or a visit of his; {}: none';

-- Visits as findings name them in their evidence, of everybody: what a run stored of them.
CREATE OR REPLACE FUNCTION _named_visits(finding_ids bigint[]) RETURNS TABLE (finding_id bigint, person_id text, visit_id text, facility_id text,
		admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric)
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT f.finding_id, coalesce(p.one ->> 'person_id', f.person_id), p.one ->> 'visit_id', p.one ->> 'facility_id', (p.one ->> 'admitted_at')::timestamp, (p.one ->> 'discharged_at')::timestamp,
		p.one ->> 'diagnosis', (p.one ->> 'amount')::numeric
	FROM medaudit.finding AS f
	CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(f.evidence -> 'partners') WHEN 'array' THEN f.evidence -> 'partners' ELSE '[]' END) AS p (one)
	WHERE f.finding_id = ANY (finding_ids) AND p.one ? 'visit_id'
	UNION ALL
	SELECT f.finding_id, coalesce(l.person_id, f.person_id), l.visit_id, coalesce(l.facility_id, f.facility_id), NULL, NULL, NULL, NULL
	FROM medaudit.finding AS f LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
	WHERE f.finding_id = ANY (finding_ids) AND l.visit_id IS NOT NULL
	UNION ALL
	SELECT f.finding_id, f.person_id, f.visit_id, f.facility_id, NULL, NULL, NULL, NULL FROM medaudit.finding AS f WHERE f.finding_id = ANY (finding_ids) AND f.visit_id IS NOT NULL
$$;

COMMENT ON FUNCTION _named_visits(bigint[]) IS
	'疑点涉及就诊: the visits that findings name, as their subject, in their lines and in their evidence, with dates where the evidence has some';

CREATE OR REPLACE FUNCTION _person_companions(person_id text, finding_ids bigint[]) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	met jsonb;
	names jsonb;
BEGIN
	SELECT jsonb_agg(to_jsonb(m) ORDER BY m.visits DESC, m.other COLLATE "C") INTO met
	FROM (
		SELECT n.person_id AS other, string_agg(DISTINCT f.rule_name, '、') AS rules, count(DISTINCT n.visit_id) AS visits, count(DISTINCT n.facility_id) AS facilities,
			min(n.admitted_at)::date AS first_on, max(n.admitted_at)::date AS last_on
		FROM medaudit._named_visits(finding_ids) AS n
		JOIN medaudit.finding AS f ON f.finding_id = n.finding_id
		JOIN medaudit.rule AS r ON r.rule_code = f.rule_code AND r.kind IN ('companions', 'same_household_admissions')
		WHERE n.person_id <> _person_companions.person_id
		GROUP BY n.person_id ORDER BY 3 DESC, 1 LIMIT 20
	) AS m;
	names := medaudit._person_names(ARRAY(SELECT m ->> 'other' FROM jsonb_array_elements(met) AS m));
	RETURN (SELECT medaudit._html_table('ttnndd', '{同行人,依据的规则,其就诊次数,机构,首次,末次}', string_agg(medaudit._html_row('ttnndd', ARRAY[concat_ws(' ', names ->> (m ->> 'other'), m ->> 'other'),
			m ->> 'rules', m ->> 'visits', m ->> 'facilities', m ->> 'first_on', m ->> 'last_on']), '' ORDER BY m.place))
		FROM jsonb_array_elements(met) WITH ORDINALITY AS m (m, place));
END
$$;

COMMENT ON FUNCTION _person_companions(text, bigint[]) IS
	'同行人: who was admitted together with a person by findings, of the rules over companions and households; NULL: nobody';

CREATE OR REPLACE FUNCTION person_page(person_id text, run_id bigint DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	run record;
	ids bigint[];
	from_date date;
	visits jsonb;
	bound bool;
	facilities jsonb;
	name text;
	title text;
BEGIN
	IF person_id IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('person_id must not be null');
	ELSIF NOT medaudit._reads_findings() THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = medaudit._say('the page of a person is for who reads findings whole'),
			HINT = medaudit._say('The level analyst does: medaudit.grant_access().');
	END IF;
	SELECT r.* INTO run FROM medaudit._report_run(person_page.run_id) AS r;
	ids := medaudit._person_findings(person_id, run.run_id);
	SELECT least(run.from_date, run.to_date - 365, min(n.admitted_at)::date) INTO from_date
	FROM medaudit._named_visits(ids) AS n WHERE n.person_id = person_page.person_id AND n.admitted_at > run.to_date - interval '3 years';
	visits := medaudit._person_visits(person_id, from_date, run.to_date);
	bound := visits IS NOT NULL;
	IF NOT bound THEN
		SELECT jsonb_agg(to_jsonb(v) ORDER BY v.admitted_at, v.visit_id) INTO visits
		FROM (SELECT n.visit_id, max(n.facility_id) AS facility_id, min(n.admitted_at) AS admitted_at, max(n.discharged_at) AS discharged_at, bool_or(n.discharged_at::date > n.admitted_at::date) AS stay,
				max(n.diagnosis) AS diagnosis, max(n.amount) AS amount
			FROM medaudit._named_visits(ids) AS n WHERE n.person_id = person_page.person_id AND n.admitted_at IS NOT NULL GROUP BY n.visit_id) AS v;
	END IF;
	IF ids = '{}' AND coalesce(visits, '[]') = '[]' THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('nothing is known of this person'),
			DETAIL = format(CASE WHEN bound THEN medaudit._say('Run %s names no visit of his, and the relation visit has none in its time.')
				ELSE medaudit._say('Run %s names no visit of his.') END, run.run_id);
	END IF;
	SELECT coalesce(jsonb_agg(v || jsonb_build_object('findings', (SELECT string_agg(DISTINCT f.rule_name, '、') FROM medaudit._named_visits(ids) AS n
			JOIN medaudit.finding AS f ON f.finding_id = n.finding_id WHERE n.visit_id = v ->> 'visit_id')) ORDER BY v.nth), '[]') INTO visits
	FROM jsonb_array_elements(visits) WITH ORDINALITY AS v (v, nth);
	SELECT coalesce(jsonb_object_agg(c.facility_id, c.name), '{}') INTO facilities
	FROM (SELECT i.facility_id, max(i.facility_name) AS name FROM medaudit.run_coverage AS i
		WHERE i.facility_id IN (SELECT v ->> 'facility_id' FROM jsonb_array_elements(visits) AS v) AND i.facility_name IS NOT NULL GROUP BY i.facility_id) AS c;
	name := coalesce(medaudit._person_names(ARRAY[person_id]) ->> person_id, (SELECT max(f.person_name) FROM medaudit.finding AS f WHERE f.finding_id = ANY (ids) AND f.person_id = person_page.person_id));
	title := format('参保人就诊与疑点（%s）', concat_ws(' ', name, person_id));
	RETURN medaudit._html_page(title, concat(
		format(E'<header>\n<h1>参保人就诊与疑点</h1>\n<p class="soft">%s</p>\n</header>\n', medaudit.html_escape(concat_ws('　', nullif(current_setting('medaudit.fund_name', true), ''), '含个人信息，仅供核查'))),
		medaudit._html_facts(ARRAY['参保人', concat_ws(' ', name, person_id), '稽核期间', format('%s（第%s次运行）', medaudit._period_zh(run.from_date, run.to_date), run.run_id),
			'就诊', CASE WHEN bound THEN '按数据现状，列出' || medaudit._period_zh(from_date, run.to_date) || '的全部就诊' ELSE '就诊未绑定或无权读取，只列疑点涉及的就诊' END]),
		medaudit._html_sections('{时间轴,就诊,疑点,同行人}', ARRAY[
			CASE WHEN visits <> '[]' THEN medaudit._html_note('横条为住院，菱形为门诊等；红框为疑点涉及的就诊。', 'soft') || medaudit.svg_timeline((
				SELECT jsonb_agg(jsonb_build_object('row', coalesce(facilities ->> (v ->> 'facility_id'), v ->> 'facility_id'), 'kind', CASE WHEN (v ->> 'stay')::bool THEN 'stay' ELSE 'visit' END,
					'from', v ->> 'admitted_at', 'to', CASE WHEN (v ->> 'stay')::bool THEN coalesce(v ->> 'discharged_at', v ->> 'admitted_at') END, 'label', v ->> 'record_no',
					'flagged', v ->> 'findings' IS NOT NULL) ORDER BY v.nth) FROM jsonb_array_elements(visits) WITH ORDINALITY AS v (v, nth)), from_date, run.to_date, title) END,
			(SELECT medaudit._html_table('ddtddnt', '{入院或就诊,出院,机构,住院号或门诊号,主诊断,费用（元）,疑点}', string_agg(medaudit._html_row('ddtddnt', ARRAY[to_char((v ->> 'admitted_at')::timestamp, 'YYYY-MM-DD'),
					CASE WHEN (v ->> 'stay')::bool THEN coalesce(to_char((v ->> 'discharged_at')::timestamp, 'YYYY-MM-DD'), '未出院') ELSE '门诊' END, coalesce(facilities ->> (v ->> 'facility_id'), v ->> 'facility_id'),
					coalesce(v ->> 'record_no', v ->> 'visit_id'), v ->> 'diagnosis', medaudit._yuan((v ->> 'amount')::numeric), v ->> 'findings']), '' ORDER BY v.nth)
					FILTER (WHERE v.nth <= 300 OR v ->> 'findings' IS NOT NULL))
				|| CASE WHEN count(*) > 300 THEN medaudit._html_note(format('共%s次就诊，列出前300次和有疑点的。', count(*)), 'soft') ELSE '' END
				FROM jsonb_array_elements(visits) WITH ORDINALITY AS v (v, nth)),
			coalesce((SELECT medaudit._html_table('dthtnd', '{归属日期,规则,确定程度,证据说明,金额（元）,状态}', string_agg(medaudit._html_row('dthtnd', ARRAY[to_char(f.judged_on, 'YYYY-MM-DD'), f.rule_name,
					medaudit._certainty_mark(f.certainty), f.evidence_text, coalesce(medaudit._yuan(f.claimed_amount), '涉及' || medaudit._yuan(f.involved_amount)), f.state_zh]), '' ORDER BY f.judged_on, f.finding_id), NULL, 'first')
				FROM medaudit.findings AS f WHERE f.finding_id = ANY (ids)), medaudit._html_note('本次运行没有发现涉及此人的疑点。')),
			medaudit._person_companions(person_id, ids)])));
END
$$;

COMMENT ON FUNCTION person_page(text, bigint) IS
	'参保人页: one HTML page of a person: his visits of the year before the end of a run (NULL: the last of a period that is done) on a line of time, what the run found about him, and who came along; visits as they are bound now. Of whom nothing is known 22023, a run that is not there 22023, NULL person 22004, who does not read findings whole 42501';
