# The worklist and the views of findings: 580,000 lines in excess of 510,000
# findings, twelve rules, 60 facilities, 60,000 persons, 3,000 physicians.  What a
# click asks of them against 0.2 s, and against counting all lines once, which each
# query would do if it were not kept; and what keeping it costs.  Sourced by run.

make_findings()
{
	progress "generating 580000 lines of findings"
	sql <<'SQL' || fail "the findings failed"
INSERT INTO medaudit.run (run_id, from_date, to_date, state)
SELECT m, date '2024-12-01' + make_interval(months => m), date '2025-01-01' + make_interval(months => m), 'done'
FROM generate_series(1, 12) AS m;
CREATE UNLOGGED TABLE named AS
SELECT visit_id, line_id, rule, dense_rank() OVER (ORDER BY visit_id, rule) AS finding_id,
	row_number() OVER (PARTITION BY visit_id, rule ORDER BY line_id) AS line_no,
	'F' || abs(hashtext(visit_id)) % 60 AS facility_id, 'P' || abs(hashtext(visit_id || 'p')) % 60000 AS person_id,
	format('D%s-%s', abs(hashtext(visit_id)) % 60, abs(hashtext(visit_id || 'd')) % 50) AS physician_id,
	(1 + abs(hashtext(line_id || rule)) % 10000)::numeric / 100 AS excess
FROM (SELECT 'V' || i / 3 AS visit_id, 'L' || i AS line_id,
		(abs(hashint4(i)) + CASE n WHEN 2 THEN 1 + abs(hashint4(i + 7)) % 11 ELSE 0 END) % 12 AS rule
	FROM generate_series(0, 404999) AS i, generate_series(1, 2) AS n
	WHERE n = 1 OR i % 7 < 3) AS l;
SQL
}

# Stores them as a run does: all, then their lines, ranked once or not at all.
store_findings()
{
	sql <<SQL || fail "storing the findings failed"
\\timing on
BEGIN;
$1
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, person_id,
	visit_id, facility_id, gross_amount, claimed_amount, fund_amount, fund_basis, evidence, key, judged_on,
	rule_name, facility_name, person_name, fingerprint, physician_id)
SELECT finding_id, 1 + finding_id % 12, 'r' || min(rule), (ARRAY['violation', 'suspicion', 'notice'])[1 + min(rule) % 3], 'facility',
	min(facility_id), min(person_id), min(visit_id), min(facility_id), sum(excess), sum(excess), sum(excess),
	'by_item', '{"limit": 1, "unit": "次"}', min(visit_id), date '2025-01-01' + abs(hashtext(min(visit_id))) % 365,
	'规则' || min(rule), '县人民医院' || min(facility_id), '张三', sha256(min(visit_id)::bytea), min(physician_id)
FROM named GROUP BY finding_id;
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, item_name, charged_at, quantity,
	amount, excess_quantity, excess_amount, excess_claimed, fund_amount, facility_id, person_id, evidence,
	evidence_text, facility_name)
SELECT finding_id, line_no, visit_id, line_id, '003110000060000', '血液透析', timestamp '2025-03-01 08:00', 1, 100, 1,
	excess, round(excess * 0.8, 2), round(excess * 0.4, 2), facility_id, person_id,
	jsonb_build_object('limit', 1, 'unit', '次', 'partners', jsonb_build_array(jsonb_build_object('visit_id', visit_id,
		'line_id', line_id, 'item_code', '003110000060000', 'quantity', 1, 'amount', 60))),
	'2025年3月1日8时0分，血液透析（003110000060000）1次，金额100.00元：与同日另一次血液透析重复收费，超出金额' || excess || '元。',
	'县人民医院' || facility_id FROM named;
$2
COMMIT;
SQL
}

# keep_time name: the Time: lines of the input added.
keep_time()
{
	awk -v name="$1" '/^Time: / { sum += $2 } END { print name, sum }' >>"$THROWAWAY/times"
	progress "$1: $(median "$1") ms"
}

bench_worklist()
{
	local page="ORDER BY rank LIMIT 50) AS w" list="SELECT count(rank), sum(gross_amount) FROM (SELECT * FROM medaudit.worklist"
	local of="SELECT count(w) FROM (SELECT * FROM medaudit."

	make_findings
	store_findings "SET LOCAL session_replication_role = replica;" "" | keep_time store_only
	sql -c "SET session_replication_role = replica; TRUNCATE medaudit.finding, medaudit.finding_line"
	store_findings "CALL medaudit._rank_later();" "CALL medaudit._rank_now();" | keep_time store_ranked
	sql -c "INSERT INTO medaudit.gateway VALUES (session_user)"
	sql -c "VACUUM ANALYZE medaudit.finding, medaudit.finding_line, medaudit.ranked_line, medaudit.finding_sum, medaudit.finding_person, medaudit.run"
	measure "$serial" \
		rank_all "SELECT count(*), sum(gross_once) FROM medaudit._ranked_lines()" \
		of_facility "$list WHERE facility_id = 'F7' OFFSET 0) AS w" \
		page_of_all "$list $page" page_of_facility "$list WHERE facility_id = 'F7' $page" \
		page_of_rule "$list WHERE rule_code = 'r3' $page" page_of_certainty "$list WHERE certainty = 'suspicion' $page" \
		page_of_month "$list WHERE judged_on BETWEEN '2025-03-01' AND '2025-03-31' $page" of_person "$list WHERE person_id = 'P777' $page" \
		masked_page "${of}worklist_masked $page" list_count "SELECT count(*) FROM medaudit.worklist" \
		newest "${of}findings ORDER BY found_at DESC LIMIT 50) AS w" findings_of_facility "${of}findings WHERE facility_id = 'F7' ORDER BY judged_on DESC LIMIT 50) AS w" \
		findings_of_person "${of}findings WHERE person_id = 'P777') AS w" lines_of_visit "${of}finding_lines WHERE visit_id = 'V7777') AS w" \
		by_rule "${of}findings_by_rule) AS w" by_facility "${of}findings_by_facility) AS w" \
		by_person "${of}findings_by_person ORDER BY fund_amount DESC NULLS LAST LIMIT 50) AS w" \
		by_physician "${of}findings_by_physician ORDER BY fund_amount DESC NULLS LAST LIMIT 50) AS w" \
		by_money "${of}findings ORDER BY fund_amount DESC NULLS LAST LIMIT 50) AS w" \
		set_state "SELECT medaudit.review_finding(f.finding_id, 'dismiss', 'other', actor => a.actor)
			FROM (SELECT min(finding_id) AS finding_id FROM medaudit.finding WHERE state = 'open') AS f CROSS JOIN unnest('{ann,ben}'::text[]) AS a (actor)"
	[ "$(sql -c "SELECT count(*) FROM (SELECT finding_id, line_no, gross_once FROM medaudit.ranked_line WHERE lines_once = 1
		EXCEPT SELECT finding_id, line_no, gross_once FROM medaudit._ranked_lines()) AS d")" = 0 ] ||
		fail "what is kept differs from what is counted"
	progress "rows and yuan of one facility: $(answer of_facility)"
	echo "fifth_of_a_second 200" >>"$THROWAWAY/times"
	for click in "first 50 of the worklist:page_of_all" "of a facility:page_of_facility" "of a rule:page_of_rule" "of the suspicions:page_of_certainty" \
		"of a month:page_of_month" "of a person:of_person" "first 50 of \`worklist_masked\`:masked_page" "worklist of one facility of 60, all of it:of_facility" \
		"count of the worklist:list_count" "newest 50 findings:newest" "findings of a facility, the latest 50:findings_of_facility" \
		"findings of a person:findings_of_person" "lines of a visit:lines_of_visit" "\`findings_by_rule\`:by_rule" "\`findings_by_facility\`:by_facility" \
		"\`findings_by_person\`, 50 by money:by_person" "\`findings_by_physician\`, 50 by money:by_physician" "\`findings\`, 50 by money:by_money"; do
		compare "${click%:*}" "${click##*:}" "0.2 s" fifth_of_a_second 1
	done
	compare "the first 50 of the worklist" page_of_all "counting all lines once" rank_all ""
	compare "two people dismiss one finding" set_state "counting all lines once" rank_all ""
	compare "storing 580000 lines of findings, ranked" store_ranked "without the ranking" store_only ""
}
