-- How a run stores what its steps find: candidates meet what stands under the
-- same identity.

-- What a step finds, before it meets what stands already.  FOUND names all
-- findings that are there, on whatever day they belong, and REACHED the standing
-- ones about which the step knows all that there is.  Candidates are those of the
-- period, and those of a day that an earlier run has covered which do not stand
-- as they are found now.
CREATE OR REPLACE PROCEDURE _run_clear_candidates()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('candidate', 'candidate_line', 'found', 'reached');
END
$$;

COMMENT ON PROCEDURE _run_clear_candidates() IS
	'清空候选发现: empties the working tables that hold what a step finds';

CREATE OR REPLACE FUNCTION _numbers_of_people(person_ids text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT array_agg(p.id ORDER BY length(p.id) DESC, p.id COLLATE "C") FROM unnest(person_ids) AS p (id)
		WHERE p.id ~ '[0-9０-９]{14}' AND medaudit.mask_person_id(p.id) <> p.id);

COMMENT ON FUNCTION _numbers_of_people(text[]) IS
	'证件号式人员编号: those of the numbers of people that are resident numbers or look like them; NULL for none';

-- No resident number stands in what a finding says, also where a fund numbers
-- its people by it.  PEOPLE are the names that its sentences may tell, where
-- these are not the one name of the finding.
CREATE OR REPLACE PROCEDURE _run_mask_candidates()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	-- nearly all findings are about one person, whose name they have
	UPDATE medaudit_work.candidate AS c
	SET people = CASE WHEN p.names <> ARRAY[c.person_name] OR c.person_name IS NULL THEN p.names END, numbers = p.numbers
	FROM (
		SELECT i.n, (SELECT array_agg(DISTINCT t.name) FROM unnest(array_agg(v.person_name) || min(k.person_name)) AS t (name)
				WHERE t.name <> '') AS names,
			medaudit._numbers_of_people(array_agg(DISTINCT v.person_id)) AS numbers
		FROM (
			SELECT l.n, l.visit_id FROM medaudit_work.candidate_line AS l
			UNION SELECT l.n, l.other_visit_id FROM medaudit_work.candidate_line AS l
			UNION SELECT k.n, k.visit_id FROM medaudit_work.candidate AS k
		) AS i
		JOIN medaudit_work.candidate AS k ON k.n = i.n
		JOIN medaudit_work.visit AS v ON v.visit_id = i.visit_id
		WHERE v.person_id IS DISTINCT FROM k.person_id OR k.person_name IS NULL AND v.person_name IS NOT NULL OR v.person_id ~ '[0-9０-９]{14}'
		GROUP BY i.n
	) AS p
	WHERE p.n = c.n;
	-- lines of no visit name their person themselves
	UPDATE medaudit_work.candidate AS c
	SET people = CASE WHEN p.names <> ARRAY[c.person_name] OR c.person_name IS NULL THEN p.names END, numbers = p.numbers
	FROM (
		SELECT l.n, array_agg(DISTINCT i.name) FILTER (WHERE i.name <> '') AS names, medaudit._numbers_of_people(array_agg(DISTINCT l.person_id)) AS numbers
		FROM medaudit_work.candidate_line AS l
		LEFT JOIN medaudit_work.person AS i ON i.person_id = l.person_id
		WHERE l.visit_id IS NULL AND l.person_id IS NOT NULL GROUP BY l.n
	) AS p
	WHERE p.n = c.n AND c.visit_id IS NULL;
	UPDATE medaudit_work.candidate AS c
	SET evidence_text = medaudit.mask_numbers(c.evidence_text, c.numbers),
		evidence = medaudit.mask_numbers(c.evidence::text, c.numbers)::jsonb
	WHERE c.numbers IS NOT NULL OR medaudit._tells_number(concat_ws(' ', c.evidence_text, c.evidence));
	UPDATE medaudit_work.candidate_line AS l
	SET evidence_text = medaudit.mask_numbers(l.evidence_text, c.numbers),
		evidence = medaudit.mask_numbers(l.evidence::text, c.numbers)::jsonb
	FROM medaudit_work.candidate AS c
	WHERE c.n = l.n AND (c.numbers IS NOT NULL OR medaudit._tells_number(concat_ws(' ', l.evidence_text, l.evidence)));
END
$$;

COMMENT ON PROCEDURE _run_mask_candidates() IS
	'候选脱敏: masks the resident numbers in sentences and evidence of the candidates, and notes the names that the sentences tell';

-- Digest of what a finding says: its money and its lines, or its evidence where
-- it has no lines.  Statistics of the step before would say that all have one already.
CREATE OR REPLACE PROCEDURE _run_fingerprint()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
BEGIN
	UPDATE medaudit_work.candidate AS c
	SET fingerprint = sha256(convert_to(concat_ws('|',
		trim_scale(c.gross_amount), trim_scale(c.claimed_amount),
		trim_scale(c.fund_amount), trim_scale(c.involved_amount),
		coalesce(l.lines, c.evidence::text)), 'UTF8'))
	FROM medaudit_work.candidate AS k
	LEFT JOIN (
		SELECT i.n, string_agg(concat_ws('/', i.visit_id, i.line_id,
			trim_scale(i.excess_quantity), trim_scale(i.excess_amount)),
			';' ORDER BY i.line_no) AS lines
		FROM medaudit_work.candidate_line AS i GROUP BY i.n
	) AS l ON l.n = k.n
	WHERE k.n = c.n AND c.fingerprint IS NULL;
END
$$;

COMMENT ON PROCEDURE _run_fingerprint() IS
	'内容指纹: digests the money and lines of each candidate that has no digest of its own';

-- Whether an earlier run has asked the rule of this day: then what a later one
-- finds of it, because data changed in the meantime, is put right.
CREATE OR REPLACE FUNCTION _run_covered(rule_code text, day date) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM run AS r WHERE r.state <> 'running' AND r.scope = 'period' AND r.from_date <= day AND day < r.to_date
		AND (r.rules IS NULL OR _run_covered.rule_code = ANY (r.rules)));

COMMENT ON FUNCTION _run_covered(text, date) IS
	'是否已稽核: whether a run that has ended asked the rule of findings of this day; never NULL';

CREATE OR REPLACE PROCEDURE _run_put_aside(step text, finding_ids bigint[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF coalesce(finding_ids, '{}') = '{}' THEN
		RETURN;
	END IF;
	UPDATE medaudit.finding AS f SET decided_state = f.state WHERE f.finding_id = ANY (finding_ids);
	INSERT INTO medaudit.finding_event (finding_id, step)
	SELECT f.finding_id, _run_put_aside.step FROM medaudit.finding AS f
	WHERE f.finding_id = ANY (finding_ids) ORDER BY f.finding_id;
END
$$;

COMMENT ON PROCEDURE _run_put_aside(text, bigint[]) IS
	'搁置疑点: puts findings aside as changed or superseded, by an event that says so; decided_state keeps what they were';

-- What was set aside as a whole and is found again without that is the same finding,
-- open again.
CREATE OR REPLACE PROCEDURE _run_restore_findings(rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	restored bigint[];
BEGIN
	-- of most rules nothing is set aside
	IF NOT EXISTS (SELECT FROM medaudit_work.candidate) OR NOT EXISTS (SELECT FROM medaudit.finding AS f
			WHERE f.rule_code = ANY (rule_codes) AND f.state IN ('exempt', 'self_reported')) THEN
		RETURN;
	END IF;
	WITH aside AS (
		UPDATE medaudit.finding AS f SET key = c.key, evidence = c.evidence, evidence_text = c.evidence_text
		FROM medaudit_work.candidate AS c
		WHERE f.rule_code = ANY (rule_codes) AND f.state IN ('exempt', 'self_reported') AND c.rule_code = f.rule_code
			AND c.subject_kind = f.subject_kind AND c.subject_id = f.subject_id AND c.fingerprint = f.fingerprint
			AND (c.key = f.key AND c.evidence <> f.evidence OR c.key = medaudit._plain_key(f.key) AND c.key <> f.key
				AND NOT EXISTS (SELECT FROM medaudit.finding AS s WHERE s.rule_code = f.rule_code AND s.subject_kind = f.subject_kind
					AND s.subject_id = f.subject_id AND s.key = c.key AND s.state NOT IN ('changed', 'superseded')))
		RETURNING f.finding_id, c.n, c.key = medaudit._plain_key(c.key) AS back
	), line AS (
		UPDATE medaudit.finding_line AS l SET evidence = c.evidence
		FROM aside AS a
		JOIN medaudit_work.candidate_line AS c ON c.n = a.n
		WHERE l.finding_id = a.finding_id AND l.line_no = c.line_no
	)
	SELECT array_agg(a.finding_id) FILTER (WHERE a.back) INTO restored FROM aside AS a;
	IF restored IS NOT NULL THEN
		INSERT INTO medaudit.finding_event (finding_id, step)
		SELECT r.finding_id, 'restore' FROM unnest(restored) AS r (finding_id) ORDER BY r.finding_id;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_restore_findings(text[]) IS
	'恢复疑点: findings that were set aside as a whole, and that the run finds as any, are open again; those that stay aside name what now sets them aside';

-- Standing findings are as many as the candidates, and how many there are of a rule the
-- planner knows only if somebody has analysed them since: they are hashed whatever it expects.
CREATE OR REPLACE FUNCTION _run_gone_findings(rule_codes text[], from_date date, to_date date) RETURNS bigint[]
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
	SET enable_mergejoin = off
AS $$
	SELECT array_agg(f.finding_id)
	FROM medaudit.finding AS f
	WHERE f.rule_code = ANY (rule_codes) AND f.state = ANY (medaudit._met_states())
		AND (f.judged_on >= from_date AND f.judged_on < to_date
			OR f.finding_id IN (SELECT r.finding_id FROM medaudit_work.reached AS r))
		AND NOT EXISTS (SELECT FROM medaudit_work.candidate AS c
			WHERE c.finding_id = f.finding_id)
		AND NOT EXISTS (SELECT FROM medaudit_work.found AS n
			-- the second says what the third does, but by one value, which a hash can find
			WHERE n.rule_code = f.rule_code AND medaudit._plain_key(n.key) = medaudit._plain_key(f.key) AND n.key IN (f.key, medaudit._plain_key(f.key))
				AND coalesce(n.subject_id, f.subject_id) = f.subject_id AND n.wanted IS NOT TRUE
				AND NOT (n.judged_on >= from_date AND n.judged_on < to_date))
$$;

COMMENT ON FUNCTION _run_gone_findings(text[], date, date) IS
	'不再成立的发现: standing findings of rules that belong to the period (or are in reached) and are not among the candidates, but for those that another period found; NULL: none. Only within an audit run';

-- Meets the candidates with what stands, of whatever day.  A finding is replaced only
-- while it is open and nobody has said anything of it.  One that has events stays
-- where it is found the same again, and needs no second; with other content it is put
-- aside as changed; what is found no more, of the period or within reach, goes, or is
-- put aside as superseded where it has events.  What may be put aside is locked
-- first, and before it the ranking, as decisions do: whoever is just deciding is
-- waited for.
CREATE OR REPLACE PROCEDURE _run_meet_findings(rule_codes text[], from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	gone bigint[];
	other bigint[];
BEGIN
	-- few need no statistics
	IF EXISTS (SELECT FROM medaudit_work.found OFFSET 1000) OR EXISTS (SELECT FROM medaudit_work.candidate OFFSET 1000) THEN
		PERFORM medaudit._analyze('candidate', 'found', 'reached');
	END IF;
	PERFORM medaudit._take_rank_lock();
	PERFORM f.finding_id FROM medaudit.finding AS f
	WHERE f.rule_code = ANY (rule_codes) AND f.state NOT IN ('changed', 'superseded')
		AND f.finding_id IN (
			SELECT i.finding_id FROM medaudit.finding AS i WHERE i.rule_code = ANY (rule_codes) AND i.judged_on >= from_date AND i.judged_on < to_date
			UNION ALL SELECT r.finding_id FROM medaudit_work.reached AS r
			UNION ALL SELECT i.finding_id FROM medaudit_work.candidate AS c
			JOIN medaudit.finding AS i ON i.rule_code = c.rule_code AND i.subject_kind = c.subject_kind AND i.subject_id = c.subject_id
				AND medaudit._plain_key(i.key) = medaudit._plain_key(c.key))
	ORDER BY f.finding_id FOR UPDATE;
	CALL medaudit._run_restore_findings(rule_codes);
	UPDATE medaudit_work.candidate AS c
	SET finding_id = f.finding_id, same = f.fingerprint = c.fingerprint,
		standing = CASE WHEN f.state = 'open' AND EXISTS (SELECT FROM medaudit.finding_event AS e WHERE e.finding_id = f.finding_id)
			THEN 'noted' ELSE f.state END
	FROM medaudit.finding AS f
	WHERE f.rule_code = c.rule_code AND f.subject_kind = c.subject_kind
		AND f.subject_id = c.subject_id AND f.key = c.key
		AND f.state NOT IN ('changed', 'superseded');

	gone := medaudit._run_gone_findings(rule_codes, from_date, to_date);
	IF gone <> '{}' THEN
		DELETE FROM medaudit.finding AS f WHERE f.finding_id = ANY (gone)
			AND NOT EXISTS (SELECT FROM medaudit.finding_event AS e WHERE e.finding_id = f.finding_id);
		CALL medaudit._run_put_aside('superseded', gone);
	END IF;
	other := ARRAY(SELECT c.finding_id FROM medaudit_work.candidate AS c WHERE c.standing <> 'open' AND NOT c.same);
	CALL medaudit._run_put_aside('changed', other);

	UPDATE medaudit_work.candidate AS c
	SET finding_id = nextval('medaudit.finding_id_seq'), standing = NULL
	WHERE c.standing IS NULL OR c.standing <> 'open' AND NOT c.same;
END
$$;

COMMENT ON PROCEDURE _run_meet_findings(text[], date, date) IS
	'比对既有发现: gives each candidate the number of the standing finding or a new one, and puts aside what changed or is found no more';

-- Columns of a table of findings that a run writes, in order.
CREATE OR REPLACE FUNCTION _written_columns(findings regclass, prefix text, without text[] DEFAULT '{}') RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
	RETURN (SELECT string_agg(prefix || quote_ident(a.attname), ', ' ORDER BY a.attnum)
		FROM pg_attribute AS a
		WHERE a.attrelid = findings AND a.attnum > 0 AND NOT a.attisdropped
			AND a.attname <> ALL ('{found_at,state,decided_state,confirmed_gross,confirmed_claimed,confirmed_fund,person_key}'::text[] || without));
END
$$;

COMMENT ON FUNCTION _written_columns(regclass, text, text[]) IS
	'写入列: names of the columns of finding or finding_line that a run writes, each after a prefix: all but the time, the number of the person and the states, which are those of what stands, and those that are named';

-- A new finding is inserted, one that stands open gets what it is now.
CREATE OR REPLACE PROCEDURE _run_write_findings()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	fields text := medaudit._written_columns('medaudit.finding', '');
	of_others text[] := '{finding_id,record_no}';
BEGIN
	DELETE FROM medaudit.finding_line AS l USING medaudit_work.candidate AS c
	WHERE c.finding_id = l.finding_id AND c.standing = 'open';
	-- what stays as it is was found by this run, too
	UPDATE medaudit.finding AS f SET run_id = c.run_id FROM medaudit_work.candidate AS c
	WHERE c.finding_id = f.finding_id AND c.standing <> 'open' AND c.same;
	INSERT INTO medaudit.finding_person (person_id)
	SELECT DISTINCT c.person_id FROM medaudit_work.candidate AS c WHERE c.person_id IS NOT NULL
	ON CONFLICT (person_id) DO NOTHING;
	EXECUTE format('INSERT INTO medaudit.finding (%1$s, person_key) SELECT %2$s, p.person_key FROM medaudit_work.candidate AS c
		LEFT JOIN medaudit.finding_person AS p ON p.person_id = c.person_id
		WHERE c.standing IS NULL OR c.standing = ''open''
		ON CONFLICT (finding_id) DO UPDATE SET (%1$s, person_key) = ROW (%3$s, excluded.person_key)',
		fields, medaudit._written_columns('medaudit.finding', 'c.'), medaudit._written_columns('medaudit.finding', 'excluded.'));
	EXECUTE format('INSERT INTO medaudit.finding_line (finding_id, record_no, %s)
		SELECT c.finding_id, v.record_no, %s FROM medaudit_work.candidate_line AS l
		JOIN medaudit_work.candidate AS c ON c.n = l.n
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
		WHERE c.standing IS NULL OR c.standing = ''open''',
		medaudit._written_columns('medaudit.finding_line', '', of_others),
		medaudit._written_columns('medaudit.finding_line', 'l.', of_others));
	-- what is set aside is so by an event, too
	IF EXISTS (SELECT FROM medaudit_work.candidate AS c WHERE c.standing IS NULL AND c.key <> medaudit._plain_key(c.key)) THEN
		INSERT INTO medaudit.finding_event (finding_id, step, verdict, reason_code, document_no)
		SELECT c.finding_id, 'exempt', CASE WHEN c.key LIKE '% self_reported' THEN 'self_reported' END,
			c.evidence #>> '{exemption,reason_code}', c.evidence #>> '{exemption,document_no}'
		FROM medaudit_work.candidate AS c
		WHERE c.standing IS NULL AND c.key <> medaudit._plain_key(c.key) ORDER BY c.finding_id;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_write_findings() IS
	'写入发现: stores the candidates that do not stand decided, with their lines';

-- Stores the candidates of a step; returns how many findings it has.
CREATE OR REPLACE FUNCTION _run_store(run_no bigint, rule_codes text[]) RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	period record;
	found_rows bigint;
BEGIN
	-- of what is judged by the month only whole ones were asked
	SELECT min(p.from_date) AS from_date, max(p.to_date) AS to_date INTO period
	FROM medaudit.rule AS r
	JOIN medaudit.rule_kind AS k ON k.kind = r.kind
	CROSS JOIN LATERAL medaudit._run_periods(run_no, k.natural_period) AS p
	WHERE r.rule_code = rule_codes[1];
	IF EXISTS (SELECT FROM medaudit_work.candidate) THEN
		CALL medaudit._run_fingerprint();
		CALL medaudit._run_mask_candidates();
	END IF;
	IF medaudit._run_of_persons(run_no) THEN
		-- of no day it knows all that there is
		CALL medaudit._run_reach_changed(rule_codes);
		period.to_date := period.from_date;
	END IF;
	CALL medaudit._run_meet_findings(rule_codes, period.from_date, period.to_date);

	IF EXISTS (SELECT FROM medaudit_work.candidate) THEN
		UPDATE medaudit_work.candidate AS c
		SET run_id = run_no, violation = r.violation, behaviour_code = r.behaviour_code,
			certainty = coalesce(c.certainty, r.certainty), rule_name = r.name_zh, article = a.article,
			article_code = CASE WHEN a.article = r.article THEN r.article_code ELSE medaudit.article_code(a.article) END,
			record_no = v.record_no, department = v.department, facility_region = p.region
		FROM medaudit.rule AS r, medaudit_work.candidate AS i
		LEFT JOIN medaudit_work.visit AS v ON v.visit_id = i.visit_id
		LEFT JOIN medaudit_work.facility AS p ON p.facility_id = i.facility_id
		CROSS JOIN LATERAL (SELECT medaudit.finding_article(k.kind, k.article, v.judged_at::date) AS article
			FROM medaudit.rule AS k WHERE k.rule_code = i.rule_code) AS a
		WHERE r.rule_code = c.rule_code AND i.n = c.n;
		CALL medaudit._run_write_findings();
	END IF;

	CALL medaudit._run_keep_found(run_no, rule_codes);
	SELECT count(*) INTO found_rows FROM medaudit_work.candidate;
	RETURN found_rows;
END
$$;

COMMENT ON FUNCTION _run_store(bigint, text[]) IS
	'保存发现: stores what a step found, replacing the open findings of its rules in the period; returns the number of findings';
