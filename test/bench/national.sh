# The rows of test/bench/run on the full national rulebook: batches 1 to 8 as
# published, with price and package rows, over claims that meet all of it.
# Sourced by test/bench/run.

# Layouts of import_rules() and their files: sheet, sheet of codes.
national_files="drug_sex:b1_drug_sex_names:b1_drug_sex_codes
drug_child:b1_drug_age_names:b1_drug_age_codes
service_sex:b1_service_sex: service_child:b1_service_age:
secondary_procedure:b2_secondary_procedure:
drug_insurance:b3_drug_insurance_names:b3_drug_insurance_codes
drug_visit_type:b4_drug_visit_type_names:b4_drug_visit_type_codes
drug_facility_level:b5_drug_facility_level_names:b5_drug_facility_level_codes
drug_course:b6_drug_course_names:b6_drug_course_codes
exclusive_pairs:b7_exclusive_pairs: daily_caps:b8_daily_caps:
service_age:b8_age: service_course:b8_course: period_caps:b8_period_caps:"

# A table of text columns with the headers of FILE, and its rows.
load_sheet()
{
	local file="$MEDAUDIT_MATERIAL/nhsa/$1.csv" header

	header=$(head -n 1 "$file" | sed 's/\r$//;s/^\xef\xbb\xbf//') || exit 1
	sql -c "CREATE TABLE sheet.$1 (\"${header//,/\" text, \"}\" text)" \
		-c "\\copy sheet.$1 FROM '$file' CSV HEADER" || fail "could not load $file"
}

# Imports every file, then makes the claims; once for all groups.
make_national()
{
	local entry layout sheet codes

	[ -z "${national_made:-}" ] || return 0
	national_made=yes
	progress "importing the national rules"
	sql -c "CREATE SCHEMA sheet"
	for entry in $national_files; do
		IFS=: read -r layout sheet codes <<<"$entry"
		load_sheet "$sheet"
		[ -z "$codes" ] || load_sheet "$codes"
		sql -c "SET client_min_messages = warning; SELECT medaudit.import_rules(
			'$layout', 'sheet.$sheet' ${codes:+, 'sheet.$codes'})" >/dev/null ||
			fail "could not import $sheet"
	done
	sql -v visits="$visits" -f "$PROJECT/test/bench/national.sql" ||
		fail "the claims failed"
	sql -c "CREATE UNLOGGED TABLE claim_book AS SELECT visit_id,
		medaudit.ledger(item_code, quantity, amount, charged_at) AS book
		FROM claim GROUP BY visit_id; ANALYZE claim_book" || exit 1
	progress "$(sql -c "SELECT medaudit.rule_count(rules) || ' rules of '
		|| (SELECT count(*) FROM medaudit.charge_rule WHERE rule_code ~ '^(national|bench_price)')
		|| ' rows and ' || (SELECT count(*) FROM medaudit.package WHERE rule_code = 'bench_package')
		|| ' package rows in ' || pg_column_size(rules) || ' bytes' FROM national")"
}

have_national()
{
	[ -r "$MEDAUDIT_MATERIAL/nhsa/b7_exclusive_pairs.csv" ] || {
		progress "$1: skipped, the national files are not there"
		return 1
	}
}

visit_context="medaudit.visit_context(sex, birth_date, facility_rank, visit_type,
	insurance_type, NULL, admitted_at, discharged_at, diagnosis_codes)"
sum_per_claim="SELECT count(x) FROM (SELECT sum(amount) AS x
	FROM claim GROUP BY visit_id) t"

# books "table of lines": the ledgers of its visits.
books()
{
	printf '(SELECT visit_id, medaudit.ledger(item_code, quantity, amount,
		charged_at) AS book FROM %s GROUP BY visit_id)' "$1"
}

# summed_excess "books" "rulebook" ["visits"]: per rule, as an analyst asks.
summed_excess()
{
	printf "SELECT string_agg(rule_code || ' ' || n || ' ' || excess, ', ' ORDER BY rule_code)
		FROM (SELECT rule_code, sum(lines) AS n, sum(excess_amount) AS excess
		FROM %s b LEFT JOIN %s v USING (visit_id), LATERAL medaudit.excess_by_rule(
			b.book, $visit_context, %s) f GROUP BY rule_code) t" "$1" "${3:-visit}" "$2"
}

# The same from the rows of audit_charges, evidence and all.
summed_findings()
{
	printf "SELECT string_agg(rule_code || ' ' || n || ' ' || excess, ', ' ORDER BY rule_code)
		FROM (SELECT rule_code, count(*) FILTER (WHERE outcome = 'excess') AS n, sum(excess_amount) AS excess
		FROM %s b JOIN visit v USING (visit_id), LATERAL medaudit.audit_charges(
			b.book, $visit_context, %s) f GROUP BY rule_code) t" "$1" "$2"
}

bench_national()
{
	local rules="(SELECT rules FROM national)"
	local stored lines findings

	have_national national || return 0
	make_national
	stored=$(summed_excess claim_book "$rules")
	lines=$(summed_excess "$(books claim)" "$rules")
	findings=$(summed_findings claim_book "$rules")
	in_plan "$serial" "$lines" 'ledger('
	measure "$serial" national_sum "$sum_per_claim" national_lines "$lines" \
		national_stored "$stored" national_findings "$findings"
	[ "$(answer national_stored)" = "$(answer national_lines)" ] ||
		fail "stored ledgers and lines give different excess"
	progress "lines in excess and yuan by rule: $(answer national_stored)"
	compare "full national rulebook, from lines to summed excess per rule ($node)" \
		national_lines "\`sum(amount)\` per visit" national_sum 4
	compare "the same from stored ledgers" national_stored \
		"\`sum(amount)\` per visit" national_sum 0.8
	compare "the same, every finding a row with its evidence" national_findings \
		"\`sum(amount)\` per visit" national_sum ""
}

# per_line name lines: nanoseconds a line.
per_line()
{
	awk -v ms="$(median "$1")" -v lines="$2" 'BEGIN { printf "%.1f", ms * 1e6 / lines }'
}

# growth_row "what" name lines name lines "target"
growth_row()
{
	local large small

	large=$(per_line "$2" "$3") && small=$(per_line "$4" "$5") || exit 1
	size_row "$1, $3 lines, ns a line" "$large" "$5 lines" "$small" \
		"$(awk "BEGIN { print $large / $small }")" "$6"
}

# partitions_by_visit "table" "source": SQL for the same rows in partitions by
# visit, in order of visit and with an index on it: one worker has whole visits.
partitions_by_visit()
{
	cat <<SQL
CREATE UNLOGGED TABLE $1 (LIKE $2) PARTITION BY HASH (visit_id);
SELECT format('CREATE UNLOGGED TABLE $1_%s PARTITION OF $1
	FOR VALUES WITH (MODULUS 64, REMAINDER %s)', i, i) FROM generate_series(0, 63) i \gexec
INSERT INTO $1 SELECT * FROM $2 ORDER BY visit_id;
CREATE INDEX ON $1 (visit_id);
SQL
}

# Reads partitions by the index on visit_id, a whole visit at a time.
by_visit="SET enable_partitionwise_aggregate = on; SET enable_hashagg = off;"

# make_size few|many "claims" "visits": tables of the bench in another size.
make_size()
{
	sql <<SQL || fail "the claims of another size failed"
CREATE UNLOGGED TABLE claim_$1 AS $2;
CREATE UNLOGGED TABLE visit_$1 AS $3;
CREATE UNLOGGED TABLE book_$1 AS SELECT * FROM $(books "claim_$1") b;
VACUUM ANALYZE claim_$1, visit_$1, book_$1;
SQL
}

# measure_sizes "settings" prefix "table" ["books"]: lines, sum and, where given,
# stored ledgers in both sizes.
measure_sizes()
{
	local size queries=() rules="(SELECT rules FROM national)"

	for size in few many; do
		queries+=("$2_lines_$size" "$(summed_excess "$(books "$3_$size")" "$rules" "visit_$size")"
			"$2_sum_$size" "${sum_per_claim/FROM claim/FROM $3_$size}")
		[ -z "${4:-}" ] ||
			queries+=("$2_stored_$size" "$(summed_excess "$4_$size" "$rules" "visit_$size")")
	done
	measure "$1" "${queries[@]}"
}

# One visit of 50 lines by the whole library, as a hospital asks before it settles.
bench_check()
{
	have_national check || return 0
	make_national
	progress "binding claims"
	sql <<'SQL' || fail "the claims could not be bound"
SET client_min_messages = error;
CREATE SCHEMA desk;
CREATE VIEW desk.visit AS SELECT v.visit_id, v.visit_id AS person_id, 'F1' AS facility_id, v.admitted_at, v.discharged_at, v.visit_type,
	v.insurance_type, NULL::timestamp AS settled_at FROM visit AS v;
CREATE VIEW desk.person AS SELECT v.visit_id AS person_id, v.sex, v.birth_date FROM visit AS v;
CALL medaudit.bind('visit', 'desk.visit');
CALL medaudit.bind('person', 'desk.person');
CALL medaudit.bind('charge', 'claim');
CREATE INDEX ON visit (medaudit._read_text(visit_id));
CREATE INDEX ON claim (medaudit._read_text(visit_id));
UPDATE medaudit.rule SET enabled = true WHERE rule_code ~ '^(national|bench_price|bench_package)';
ANALYZE;
SQL
	local visit found="SELECT count(*) FROM medaudit.check_visit('330100%s', '2025-06-01 12:00')"
	visit=$(printf "$found" "$(printf '%09d' $((visits / 3)))")
	measure "" check_visit "$visit" compile "SELECT medaudit.rule_count(medaudit.compile_rules())"
	progress "check_visit: $(answer check_visit) rows"
	size_row "check_visit(), one visit of 50 lines, $(sql -c "SELECT count(*) FROM medaudit.charge_rule") rows of rules compiled in the session" \
		"$(median check_visit)" "ms" 20 "$(awk "BEGIN { print $(median check_visit) / 20 }")" 1
	compare "the same" check_visit "compiling the rules" compile ""
}

# Cost per line from a tenth of the lines to twice as many.
bench_growth()
{
	local few many last="visit_id < '330100' || lpad(($visits / 10)::text, 9, '0')"
	local again="overlay(visit_id PLACING '44' FROM 1)"

	have_national growth || return 0
	make_national
	progress "claims of other sizes"
	make_size few "SELECT * FROM claim WHERE $last" "SELECT * FROM visit WHERE $last"
	make_size many "SELECT * FROM claim UNION ALL SELECT $again, item_code, quantity,
		amount, charged_at FROM claim" "SELECT * FROM visit UNION ALL SELECT $again, sex, birth_date,
		facility_rank, visit_type, insurance_type, admitted_at, discharged_at, diagnosis_codes FROM visit"
	few=$(sql -c "SELECT count(*) FROM claim_few")
	many=$(sql -c "SELECT count(*) FROM claim_many")
	measure_sizes "$serial" table claim book
	progress "the same in partitions by visit"
	{
		partitions_by_visit parted_few claim_few
		partitions_by_visit parted_many claim_many
		echo "DROP TABLE claim_few, claim_many; VACUUM ANALYZE parted_few, parted_many;"
	} | sql -f - || fail "the partitions failed"
	measure_sizes "$serial $by_visit" parted parted
	growth_row "national rulebook from stored ledgers" table_stored_many "$many" \
		table_stored_few "$few" 1.1
	growth_row "from lines in 64 partitions by visit, read by the index" parted_lines_many "$many" \
		parted_lines_few "$few" 1.1
	growth_row "from lines in one table in order of arrival, hashed" table_lines_many "$many" \
		table_lines_few "$few" 1.1
	growth_row "\`sum(amount)\` per visit of the partitions" parted_sum_many "$many" parted_sum_few "$few" ""
	growth_row "\`sum(amount)\` per visit of the one table" table_sum_many "$many" table_sum_few "$few" ""
}

# From 1,000 to 1,000,000 rows; compiling them against reading them.
bench_rows()
{
	local columns thousand million

	have_national rows || return 0
	make_national
	progress "a million rule rows"
	sql <<'SQL' || fail "the rule rows failed"
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES
	('bench_thousand', 'quantity', '超量收费'), ('bench_million', 'quantity', '超量收费');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity)
SELECT 'bench_thousand', code, 'day', 2 FROM item ORDER BY place LIMIT 1000;
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity)
SELECT 'bench_million', 'XB' || lpad(i::text, 8, '0') || '010102' || i % 1000, 'day', 2
FROM generate_series(1, 999000) i;
ANALYZE medaudit.charge_rule;
CREATE FUNCTION read_rows() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
	row record;
	n bigint := 0;
BEGIN
	FOR row IN SELECT * FROM medaudit.charge_rule
		WHERE rule_code IN ('bench_thousand', 'bench_million') LOOP
		n := n + 1;
	END LOOP;
	RETURN n;
END
$$;
CREATE TABLE thousand AS SELECT medaudit.compile_rules('bench_thousand') AS rules;
CREATE TABLE million AS SELECT medaudit.compile_rules('bench_thousand', 'bench_million') AS rules;
SQL
	columns=$(sql -c "SELECT string_agg(format('count(%I)', attname), ', ') FROM pg_attribute
		WHERE attrelid = 'medaudit.charge_rule'::regclass AND attnum > 0 AND NOT attisdropped")
	thousand=$(summed_excess claim_book "(SELECT rules FROM thousand)")
	million=$(summed_excess claim_book "(SELECT rules FROM million)")
	measure "$serial" with_thousand "$thousand" with_million "$million" \
		compile_million "SELECT medaudit.rule_count(medaudit.compile_rules('bench_thousand', 'bench_million'))" \
		fetch_million "SELECT read_rows()" \
		read_million "SELECT $columns FROM medaudit.charge_rule
			WHERE rule_code IN ('bench_thousand', 'bench_million')"
	[ "$(answer with_thousand)" = "$(answer with_million)" ] ||
		fail "rows that meet nothing change the answer"
	compare "stored ledgers audited with 1,000,000 rule rows" with_million \
		"with 1,000" with_thousand 2
	compare "compiling 1,000,000 rule rows" compile_million \
		"reading all their columns" read_million 5
	compare "the same" compile_million "a loop over the rows that looks at no column" \
		fetch_million ""
}
