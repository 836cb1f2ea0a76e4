# The row of test/bench/run on the whole national rule library: every published
# file through import_rules, price and package rows besides, and each visit's
# context.  Needs the national files.  Sourced by test/bench/run.

# layout, source and (where it has one) sheet of codes
national_layouts="drug_sex b1_drug_sex_names b1_drug_sex_codes
service_sex b1_service_sex
drug_child b1_drug_age_names b1_drug_age_codes
service_child b1_service_age
secondary_procedure b2_secondary_procedure
drug_insurance b3_drug_insurance_names b3_drug_insurance_codes
drug_visit_type b4_drug_visit_type_names b4_drug_visit_type_codes
drug_facility_level b5_drug_facility_level_names b5_drug_facility_level_codes
drug_course b6_drug_course_names b6_drug_course_codes
exclusive_pairs b7_exclusive_pairs
daily_caps b8_daily_caps
service_age b8_age
service_course b8_course
period_caps b8_period_caps"

# Text columns under the published headers, as import_rules reads them.
load_sheet()
{
	local file=$1/$2.csv columns

	columns=$(head -n 1 "$file" | tr -d '\r' |
		sed 's/^\xef\xbb\xbf//;s/,/" text, "/g;s/.*/"&" text/')
	sql -c "CREATE TABLE nhsa.$2 ($columns)" \
		-c "\\copy nhsa.$2 FROM '$file' CSV HEADER"
}

import_national()
{
	local folder=$1 layout source codes file

	sql -c "CREATE SCHEMA nhsa" || return 1
	for file in "$folder"/*.csv; do
		load_sheet "$folder" "$(basename "$file" .csv)" || return 1
	done
	while read -r layout source codes; do
		sql -c "SET client_min_messages = error;
			SELECT medaudit.import_rules('$layout', 'nhsa.$source'${codes:+, 'nhsa.$codes'})" \
			>/dev/null || return 1
	done <<<"$national_layouts"
}

# Half of the made-up drugs become drugs of the national sheets, so that these
# rules meet lines, too; prices for every fifth item, packages of three.
make_national_data()
{
	sql <<'SQL'
UPDATE medaudit.rule SET enabled = rule_code ~ '^national';
CREATE TABLE national_rules AS
SELECT medaudit.compile_rules() OPERATOR(medaudit.||) (
	SELECT jsonb_agg(rule)::medaudit.rulebook FROM (
	SELECT jsonb_build_object('rule_code', 'price', 'kind', 'price',
		'name_zh', '超标准收费', 'item_code', code, 'max_price', price) AS rule
	FROM item WHERE place % 5 = 0
	UNION ALL
	SELECT jsonb_build_object('rule_code', 'package', 'kind', 'package',
		'name_zh', '分解收费', 'package_code', 'whole' || a.place,
		'component_code', b.code, 'package_price', 100)
	FROM item a JOIN item b ON b.place BETWEEN a.place AND a.place + 2
	WHERE a.place % 60 = 0) r) AS rules;
CREATE TABLE renamed AS
SELECT made.code, national.code AS national_code
FROM (SELECT code, row_number() OVER (ORDER BY code) AS no
	FROM item WHERE code LIKE 'X%' AND place % 2 = 0) made
JOIN (SELECT code, row_number() OVER (ORDER BY hashtext(code)) AS no FROM (
	SELECT 药品代码 AS code FROM nhsa.b1_drug_sex_codes UNION
	SELECT 国标代码 FROM nhsa.b1_drug_age_codes UNION
	SELECT 国标代码 FROM nhsa.b3_drug_insurance_codes UNION
	SELECT 国标代码 FROM nhsa.b4_drug_visit_type_codes UNION
	SELECT 国标代码 FROM nhsa.b5_drug_facility_level_codes UNION
	SELECT 国标代码 FROM nhsa.b6_drug_course_codes) c) national USING (no);
CREATE UNLOGGED TABLE national_line AS
SELECT visit_id, coalesce(national_code, item_code) AS item_code, quantity, amount,
	charged_at
FROM line LEFT JOIN renamed ON code = item_code;
CREATE UNLOGGED TABLE national_visit AS
SELECT visit_id, medaudit.visit_context(
	sex => (hashtext(visit_id) & 1) + 1,
	birth_date => (date '1940-01-01' + (hashtext(visit_id) & 31000)),
	facility_rank => (hashtext(visit_id) & 2) + 1, visit_type => '住院',
	insurance_type => '310', admitted_at => min(charged_at)::date::timestamp,
	discharged_at => max(charged_at), diagnosis_codes => '{J18.9}') AS context,
	medaudit.ledger(item_code, quantity, amount, charged_at) AS book
FROM national_line GROUP BY visit_id;
ANALYZE national_line; ANALYZE national_visit;
SQL
}

bench_national()
{
	local folder="$PROJECT/../shared/data/nhsa" from_book from_lines
	local sum="SELECT count(x) FROM (SELECT sum(amount) AS x
		FROM national_line GROUP BY visit_id) t"

	if [ ! -r "$folder/b7_exclusive_pairs.csv" ]; then
		progress "the national files are absent: no row on them"
		return
	fi
	progress "importing the national files"
	import_national "$folder" || fail "the national files could not be imported"
	make_national_data || fail "the national data failed"
	progress "$(sql -c "SELECT (SELECT count(*) FROM medaudit.charge_rule
			WHERE rule_code ~ '^national') || ' rows of the national files, '
		|| (SELECT sum(rows_that_match) || ' of ' || sum(rows) FROM medaudit.rule_match(
			rules, ARRAY(SELECT DISTINCT item_code FROM national_line)))
		|| ' rows meet an item' FROM national_rules")"
	from_book="SELECT sum(medaudit.excess_amount(book, context,
		(SELECT rules FROM national_rules))) FROM national_visit"
	from_lines="SELECT sum(medaudit.excess_amount(gathered, context,
		(SELECT rules FROM national_rules)))
		FROM (SELECT visit_id, medaudit.ledger(item_code, quantity, amount,
			charged_at) AS gathered FROM national_line GROUP BY visit_id) l
		JOIN (SELECT visit_id, context FROM national_visit) v USING (visit_id)"
	in_plan "$serial" "$from_lines" 'ledger('
	measure "$serial" national_sum "$sum" national_lines "$from_lines" \
		national_stored "$from_book"
	[ "$(answer national_lines)" = "$(answer national_stored)" ] ||
		fail "stored ledgers and lines give different excess"
	compare "audit from the lines, whole national library" national_lines \
		"\`sum(amount)\` per visit" national_sum 4
	compare "audit stored ledgers, whole national library" national_stored \
		"\`sum(amount)\` per visit" national_sum 0.8
}
