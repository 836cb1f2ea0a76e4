# What people decide: 100,000 events appended to 500,000 findings, and the state of
# all of them.  Sourced by run.

bench_decisions()
{
	progress "generating 500000 findings"
	sql <<'SQL' || fail "the findings failed"
SET session_replication_role = replica;
TRUNCATE medaudit.run, medaudit.finding, medaudit.finding_line, medaudit.ranked_line, medaudit.finding_sum, medaudit.finding_event;
SET session_replication_role = origin;
INSERT INTO medaudit.run (run_id, from_date, to_date, state) VALUES (1, '2025-01-01', '2026-01-01', 'done');
INSERT INTO medaudit.gateway VALUES (session_user) ON CONFLICT DO NOTHING;
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount,
	claimed_amount, fund_amount, evidence, key, judged_on, rule_name, evidence_text, fingerprint)
SELECT i, 1, 'r' || i % 12, 'suspicion', 'facility', 'F' || i % 60, 'V' || i, 'F' || i % 60, 100, 80, 40, '{}', i,
	date '2025-01-01' + i % 365, '规则' || i % 12, 'x', '\x00' FROM generate_series(1, 500000) AS i;
ANALYZE;
SQL
	sql <<'SQL' >"$THROWAWAY/measured" || fail "the events failed"
\timing on
INSERT INTO medaudit.finding_event (finding_id, step, verdict, actor)
SELECT i, 'review', 'confirm', a FROM generate_series(1, 50000) AS i CROSS JOIN unnest('{ann,ben}'::text[]) AS a;
SQL
	awk '/^Time: / { print "append", $2 }' "$THROWAWAY/measured" >>"$THROWAWAY/times"
	progress "append: $(median append) ms"
	size_row "100,000 events appended, ms" "$(median append)" "at 5,000 a second" 20000 \
		"$(awk "BEGIN { print $(median append) / 20000 }")" 1
	sql -c "VACUUM ANALYZE medaudit.finding, medaudit.finding_event"
	measure "$serial" states "SELECT count(*), sum(confirmed_claimed) FROM medaudit.finding_states"
	size_row "\`finding_states\` of 500,000 findings, ms" "$(median states)" "a second" 1000 \
		"$(awk "BEGIN { print $(median states) / 1000 }")" 1
}
