# Dispensed drugs: what the detectors over stored books of fills cost by what the
# gathering of these costs, and what the kinds over fills add to the run of a month of
# a county of 60,000 persons.  There each outpatient's drug lasts seven days a box, so
# that all of them are in the books.  Sourced by run.

make_fills()
{
	local fills=$((lines / 5))

	progress "generating $fills dispensed drugs"
	sql -v fills="$fills" <<'SQL' || fail "the dispensed drugs failed"
CREATE UNLOGGED TABLE fill AS
SELECT (i % greatest(:fills / 40, 1))::text AS person_id,
	-- six drugs of a person, each of two makers
	'X' || chr(65 + k % 6) || '10BAE101A00101010000' || k % 2 AS drug_code,
	(ARRAY[7, 14, 28, 30])[1 + i % 4]::numeric AS days_supply, (10 + i % 90)::numeric AS amount,
	timestamp '2024-01-01 08:00' + (hashint4(i) & 1023) % 730 * interval '1 day' AS dispensed_at,
	'F' || (hashint4(i + 1) & 1023) % 20 AS facility_id, i::text AS fill_id
FROM generate_series(1, :fills) AS i CROSS JOIN LATERAL (SELECT hashint4(i + 2) & 1023 AS k) AS drawn;
VACUUM ANALYZE fill;
CREATE UNLOGGED TABLE fill_book AS
SELECT person_id, medaudit.fills(drug_code, days_supply, amount, dispensed_at, facility_id, fill_id, NULL) AS book FROM fill GROUP BY person_id;
VACUUM ANALYZE fill_book;
SQL
}

# The run of a month without the kinds over fills and with all of them.
bench_fills_run()
{
	local others round

	make_county 60000
	in_county >/dev/null <<'SQL' || fail "binding the drugs failed"
SET client_min_messages = error;
CALL medaudit.bind('charge', 'yb.fee_list_d', '{
	"visit_id": "mdtrt_id", "item_code": "med_list_codg", "quantity": "cnt", "amount": "det_item_fee_sumamt",
	"claimed": "inscp_scp_amt", "charged_at": "fee_ocur_time", "line_id": "feedetl_sn", "original_line_id": "init_feedetl_sn",
	"item_name": "medins_list_name", "category": "med_chrgitm_type", "unit_price": "pric", "physician_id": "bilg_dr_code",
	"department": "bilg_dept_name", "payment_class": "chrgitm_lv", "take_home": "false",
	"days_supply": "CASE WHEN med_chrgitm_type IN (''09'', ''11'') THEN 7 * cnt END", "spec": "''12片×2板''",
	"dose": "CASE WHEN med_list_codg LIKE ''XR05X%'' THEN ''1片'' END", "frequency": "CASE WHEN med_list_codg LIKE ''XR05X%'' THEN ''tid'' END"}');
SQL
	choose_day
	others=$(in_county -c "SELECT quote_literal(array_agg(r.rule_code)::text) FROM medaudit.rule AS r
		JOIN medaudit.rule_kind AS k ON k.kind = r.kind WHERE r.enabled AND k.book <> 'fills'") || exit 1
	for ((round = 1; round <= repeats; round++)); do
		forget_runs
		watch_run month/without "$serial" "CALL medaudit.run_audit($one_month, $others);"
		forget_runs
		watch_run month/with "$serial" "CALL medaudit.run_audit($one_month);"
	done
	compare "a month's run with the kinds over fills, 60,000 persons, CPU" month/with/run/cpu \
		"the run without them" month/without/run/cpu 1.4
}

bench_supply()
{
	make_fills
	measure "$serial" \
		fills "SELECT count(x) FROM (SELECT medaudit.fills(drug_code, days_supply, amount, dispensed_at, facility_id, fill_id, NULL) AS x
			FROM fill GROUP BY person_id) t" \
		supply "SELECT count(s) FROM (SELECT medaudit.supply(book) AS s FROM fill_book) t" \
		early "SELECT count(s) FROM (SELECT medaudit.early_refills(book) AS s FROM fill_book) t" \
		piles "SELECT count(s) FROM (SELECT medaudit.stockpiles(book, 'generic', 120) AS s FROM fill_book) t" \
		therapy "SELECT count(s) FROM (SELECT medaudit.duplicate_therapy(book) AS s FROM fill_book) t"
	compare "\`supply\` from stored ledgers" supply "gather \`fills\` per person" fills 0.5
	compare "\`early_refills\` from stored ledgers" early "gather \`fills\` per person" fills ""
	compare "\`stockpiles\` from stored ledgers" piles "gather \`fills\` per person" fills ""
	compare "\`duplicate_therapy\` from stored ledgers" therapy "gather \`fills\` per person" fills ""
	bench_fills_run
}
