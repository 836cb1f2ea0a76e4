-- What the one server found, and what the shares and the head found: the same findings
-- with the same lines, whatever their numbers.  Variable: shares.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;

-- A finding without its numbers, the run and the time, and its lines in order.
CREATE FUNCTION pg_temp.findings_of(place text) RETURNS TABLE (rule_code text, subject_id text, key text, content jsonb)
	LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT f.rule_code, f.subject_id, f.key, to_jsonb(f) - '{finding_id,run_id,found_at,person_key}'::text[]
			|| jsonb_build_object('lines', l.lines)
		FROM %1$I.finding AS f
		LEFT JOIN (SELECT i.finding_id, jsonb_agg(to_jsonb(i) - 'finding_id' ORDER BY i.line_no) AS lines
			FROM %1$I.finding_line AS i GROUP BY i.finding_id) AS l ON l.finding_id = f.finding_id$sql$, place);
END
$$;
CREATE TEMPORARY TABLE one AS SELECT * FROM pg_temp.findings_of('county');
CREATE TEMPORARY TABLE many AS
SELECT 'share ' || n AS place, f.* FROM generate_series(1, :shares) AS n, pg_temp.findings_of('share' || n) AS f
UNION ALL
SELECT 'head', f.* FROM pg_temp.findings_of('medaudit') AS f;
CREATE TEMPORARY TABLE missing AS SELECT * FROM one EXCEPT ALL SELECT rule_code, subject_id, key, content FROM many;
CREATE TEMPORARY TABLE extra AS SELECT rule_code, subject_id, key, content FROM many EXCEPT ALL SELECT * FROM one;

\echo
\echo Findings by what their rules must see at once, and where they were made:
SELECT k.scope, m.place, count(*) AS findings, count(DISTINCT m.rule_code) AS rules,
	coalesce(sum(jsonb_array_length(nullif(m.content -> 'lines', 'null'))), 0) AS lines
FROM many AS m JOIN medaudit.rule AS r USING (rule_code) JOIN medaudit.rule_kind AS k USING (kind)
GROUP BY k.scope, m.place ORDER BY k.scope, m.place;
SELECT (SELECT count(*) FROM one) AS one_server, (SELECT count(*) FROM many) AS shares_and_head,
	(SELECT count(*) FROM missing) AS missing, (SELECT count(*) FROM extra) AS extra;
SELECT 'missing' AS which, rule_code, subject_id, key, left(content::text, 300) AS content FROM missing
UNION ALL SELECT 'extra', rule_code, subject_id, key, left(content::text, 300) FROM extra ORDER BY 2, 4, 1 LIMIT 20;
DO $$
BEGIN
	IF EXISTS (SELECT FROM missing) OR EXISTS (SELECT FROM extra) OR NOT EXISTS (SELECT FROM one) THEN
		RAISE EXCEPTION 'the findings are not those of the one server';
	END IF;
END
$$;
