# The rows of test/bench/run against DuckDB: seven kinds of rules over the same
# rows in its own tables, with as many threads as PostgreSQL has workers.
#
# No refunds: DuckDB's SQL does not net them.  Each kind answers how many lines
# are in excess and by how much money; answers must agree.  Lines of one table are
# asked in ranges of visits, as doc/ledger.md says, so that each worker has whole
# ones.  Sourced by test/bench/run.

kinds="exclusive duplicate quantity rolling sex price course"

# No dates of the stay: in a stay a cap of a day holds for all of it, which the
# SQL does not do.
kind_context="medaudit.visit_context(sex)"

make_kinds()
{
	sql -v visits="$visits" -v context="$kind_context" <<'SQL' || fail "the rules by kind failed"
-- No refunds, and no two lines of a visit and item at one time, so that the
-- order of lines is the same everywhere; nothing at midnight, which is no time.
CREATE UNLOGGED TABLE charge_only AS
SELECT visit_id, item_code, quantity, amount, charged_at FROM (
	SELECT *, row_number() OVER (PARTITION BY visit_id, item_code, charged_at) AS n
	FROM claim WHERE quantity > 0 AND charged_at <> charged_at::date) once
WHERE n = 1;
INSERT INTO medaudit.rule (rule_code, kind, name_zh) VALUES
	('bench_quantity', 'quantity', '超量收费'), ('bench_rolling', 'quantity', '超频次收费'),
	('bench_course', 'course', '超疗程');
INSERT INTO medaudit.charge_rule (rule_code, item_code, scope, max_quantity)
SELECT 'bench_quantity', item_code, 'day', 1 + max(cap) FROM daily_cap GROUP BY item_code
UNION ALL
SELECT 'bench_rolling', code, '15 days', 4 FROM item WHERE place % 40 = 3;
INSERT INTO medaudit.charge_rule (rule_code, item_code, max_days)
SELECT 'bench_course', code, 4 FROM item WHERE place % 10 = 7;

CREATE INDEX ON charge_only (visit_id);

CREATE TABLE kind_rules (kind text, pattern text, rules medaudit.rulebook);
INSERT INTO kind_rules
SELECT kind, pattern, rules_of(pattern) FROM (VALUES
	('exclusive', '^national_7'), ('duplicate', '^bench_duplicate$'),
	('quantity', '^bench_quantity$'), ('rolling', '^bench_rolling$'),
	('sex', '^national_1_(drug|service)_sex$'), ('price', '^bench_price$'),
	('course', '^bench_course$')) k(kind, pattern);
INSERT INTO kind_rules SELECT 'all', NULL, rules_of(string_agg(pattern, '|'))
FROM kind_rules;
-- What a fund would keep: each visit's ledger beside its context.
CREATE UNLOGGED TABLE charge_book AS
SELECT visit_id, book, :context AS context
FROM (SELECT visit_id, medaudit.ledger(item_code, quantity, amount, charged_at) AS book
	FROM charge_only GROUP BY visit_id) b JOIN visit v USING (visit_id);
VACUUM ANALYZE;
SQL
}

# Rows as CSV, which DuckDB loads into its own tables before anything is timed.
export_for_duckdb()
{
	local folder=$1

	sql -c "\\copy charge_only TO '$folder/claim.csv' CSV" \
		-c "\\copy (SELECT visit_id, sex FROM visit) TO '$folder/visit.csv' CSV" \
		-c "\\copy (SELECT rule_code, item_code, other_code, scope, max_quantity, max_price, sex, max_days FROM medaudit.charge_rule WHERE rule_code ~ (SELECT string_agg(pattern, '|') FROM kind_rules)) TO '$folder/rule.csv' CSV" ||
		fail "could not write the rows for DuckDB"
	cat >"$folder/load.sql" <<SQL
-- @load
CREATE TABLE claim AS SELECT * FROM read_csv('$folder/claim.csv', header = false,
	columns = {'visit_id': 'VARCHAR', 'item_code': 'VARCHAR',
		'quantity': 'DECIMAL(12,4)', 'amount': 'DECIMAL(14,2)',
		'charged_at': 'TIMESTAMP'});
CREATE TABLE visit AS SELECT * FROM read_csv('$folder/visit.csv', header = false,
	columns = {'visit_id': 'VARCHAR', 'sex': 'VARCHAR'});
CREATE TABLE rule AS SELECT * FROM read_csv('$folder/rule.csv', header = false,
	columns = {'rule_code': 'VARCHAR', 'item_code': 'VARCHAR',
		'other_code': 'VARCHAR', 'scope': 'VARCHAR', 'cap': 'DECIMAL(12,4)',
		'max_price': 'DECIMAL(12,4)', 'sex': 'VARCHAR', 'max_days': 'INTEGER'});
SQL
	printf '%s\n' "$duckdb_queries" >"$folder/ask.sql"
}

# Well-written SQL for the same: one pass where one is enough, rules joined by
# hash, only the items of the rules carried into joins and windows.
duckdb_queries="-- @duckdb_exclusive
WITH pair AS MATERIALIZED (SELECT DISTINCT item_code, other_code, scope
	FROM rule WHERE rule_code = 'national_7_exclusive_pairs'),
main AS MATERIALIZED (SELECT visit_id, item_code, charged_at FROM claim
	WHERE item_code IN (SELECT item_code FROM pair)),
other AS MATERIALIZED (SELECT rowid AS line, visit_id, item_code, charged_at, amount
	FROM claim WHERE item_code IN (SELECT other_code FROM pair))
SELECT count(*), sum(amount) FROM (SELECT DISTINCT o.line, o.amount
	FROM other o JOIN pair p ON p.other_code = o.item_code
	JOIN main m ON m.visit_id = o.visit_id AND m.item_code = p.item_code
	WHERE CASE p.scope WHEN 'visit' THEN true
		WHEN 'day' THEN m.charged_at::date = o.charged_at::date
		WHEN 'hour' THEN date_trunc('hour', m.charged_at) = date_trunc('hour', o.charged_at)
		ELSE m.charged_at BETWEEN o.charged_at - INTERVAL 6 HOURS
			AND o.charged_at + INTERVAL 6 HOURS END);
-- @duckdb_duplicate
SELECT sum(n - 1), sum((n - 1) * amount) FROM (SELECT amount, count(*) AS n FROM claim
	GROUP BY visit_id, item_code, quantity, amount, charged_at::date HAVING n > 1);
-- @duckdb_quantity
SELECT count(*), sum(amount * least(quantity, run - cap) / quantity) FROM (
	SELECT c.amount, c.quantity, r.cap, sum(c.quantity) OVER (PARTITION BY c.visit_id,
		c.item_code, c.charged_at::date ORDER BY c.charged_at) AS run
	FROM claim c JOIN rule r ON r.item_code = c.item_code AND r.rule_code = 'bench_quantity')
WHERE run > cap;
-- @duckdb_rolling
SELECT count(*), sum(amount * least(quantity, run - cap) / quantity) FROM (
	SELECT c.amount, c.quantity, r.cap, sum(c.quantity) OVER (PARTITION BY c.visit_id,
		c.item_code ORDER BY c.charged_at
		RANGE BETWEEN INTERVAL 14 DAYS PRECEDING AND CURRENT ROW) AS run
	FROM claim c JOIN rule r ON r.item_code = c.item_code AND r.rule_code = 'bench_rolling')
WHERE run > cap;
-- @duckdb_sex
SELECT count(*), sum(c.amount) FROM claim c
	JOIN (SELECT DISTINCT rule_code, item_code, sex FROM rule WHERE rule_code IN
		('national_1_drug_sex', 'national_1_service_sex')) r USING (item_code)
	JOIN visit v USING (visit_id)
WHERE v.sex IN ('1', '2') AND v.sex <> r.sex;
-- @duckdb_price
SELECT count(*), sum(c.amount - c.quantity * r.max_price) FROM claim c
	JOIN rule r ON r.item_code = c.item_code AND r.rule_code = 'bench_price'
WHERE c.amount - c.quantity * r.max_price > 0.01
	AND (c.amount - c.quantity * r.max_price) * 1000 > c.quantity * r.max_price;
-- @duckdb_course
SELECT count(*), sum(amount) FROM (
	SELECT c.amount, r.max_days, dense_rank() OVER (PARTITION BY c.visit_id, c.item_code
		ORDER BY c.charged_at::date) AS day
	FROM claim c JOIN rule r ON r.item_code = c.item_code AND r.rule_code = 'bench_course')
WHERE day > max_days;"

# Installs DuckDB where it is not yet; false where that cannot be.
have_duckdb()
{
	local here="$PROJECT/test/bench"

	command -v npm >/dev/null && command -v node >/dev/null || {
		progress "$1: no DuckDB, npm and node are not there"
		return 1
	}
	[ ! -d "$here/node_modules/@duckdb/node-api" ] || return 0
	npm install --silent --no-save --no-package-lock --no-audit --no-fund \
		--prefix "$here" @duckdb/node-api >/dev/null 2>&1 || {
		progress "$1: no DuckDB, npm could not install @duckdb/node-api"
		return 1
	}
}

# Starts DuckDB with two threads on a folder with load.sql and ask.sql, waits
# until it has loaded and asked everything once, and drops what it has loaded.
start_duckdb()
{
	progress "DuckDB loads"
	coproc DUCKDB { node "$PROJECT/test/bench/duckdb.mjs" "$1" 2; }
	hear_duckdb
	rm -f "$1"/*.csv
}

stop_duckdb()
{
	local pid=$DUCKDB_PID

	exec {DUCKDB[1]}>&-
	wait "$pid"
}

# Keeps what DuckDB says until it is done with its round.
hear_duckdb()
{
	local name rest

	while read -r name rest <&"${DUCKDB[0]}"; do
		case "$name $rest" in
			"done ") return 0 ;;
			*" = "*) printf '%s %s\n' "$name" "${rest#= }" >>"$THROWAWAY/answers" ;;
			*) printf '%s %s\n' "$name" "$rest" >>"$THROWAWAY/times" ;;
		esac
	done
	fail "DuckDB failed"
}

# kind_query "books with their contexts" kind
kind_query()
{
	printf "SELECT sum(t.lines), sum(t.excess_amount) FROM (SELECT medaudit.excess_totals(book, context,
		(SELECT rules FROM kind_rules WHERE kind = '%s')) AS totals FROM %s) s, unnest(s.totals) AS t" "$2" "$1"
}

# with_context "books": with their contexts, if known.
with_context()
{
	printf "(SELECT book, $kind_context AS context FROM %s b LEFT JOIN visit v USING (visit_id)) g" "$1"
}

# The ledgers of charge_only as a view that reads ranges of visits one by one, by its index.
make_ranges()
{
	sql <<'SQL' || fail "the ranges of visits failed"
SELECT format('CREATE VIEW charge_by_range AS %s', string_agg(format(
	'SELECT visit_id, medaudit.ledger(item_code, quantity, amount, charged_at) AS book FROM charge_only WHERE %s GROUP BY visit_id',
	concat_ws(' AND ', 'visit_id >= ' || quote_literal(low), 'visit_id < ' || quote_literal(high))), ' UNION ALL '))
FROM (SELECT bound AS low, lead(bound) OVER (ORDER BY bound NULLS FIRST) AS high
	FROM (SELECT NULL AS bound UNION ALL
		SELECT b FROM pg_stats, unnest(histogram_bounds::text::text[]) WITH ORDINALITY AS u (b, n)
		WHERE tablename = 'charge_only' AND attname = 'visit_id' AND n % 10 = 0) AS bounds) AS ranges \gexec
SQL
}

# Lines must agree, and money to a millionth: our parts of a line are cents.
same_answer()
{
	awk -v a="$(answer "$1" | tr '|' ' ')" -v b="$(answer "$2")" 'BEGIN {
		split(a, x, " "); split(b, y, " "); d = x[2] - y[2]
		exit !(x[1] > 0 && x[1] == y[1] && d * d <= (x[2] / 1e6) ^ 2) }'
}

# sum_times name name ...: the times of one round added, as a name of its own.
add_total()
{
	local total=$1 name sum=0

	shift
	for name; do
		sum=$(awk "BEGIN { print $sum + $(median "$name") }")
	done
	printf '%s %s\n' "$total" "$sum" >>"$THROWAWAY/times"
}

# slower_than name name "what": says so in SLOWER where the first took longer.
slower_than()
{
	! awk "BEGIN { exit !($(median "$1") > $(median "$2")) }" || slower+=("$3")
}

bench_duckdb()
{
	local kind round queries=() slower=()

	have_national duckdb || return 0
	have_duckdb duckdb || return 0
	make_national
	progress "rules by kind"
	make_kinds
	{
		partitions_by_visit charge_parted charge_only
		echo "VACUUM ANALYZE charge_parted;"
	} | sql -f - || fail "the partitions failed"
	mkdir "$THROWAWAY/duckdb" && export_for_duckdb "$THROWAWAY/duckdb"
	make_ranges
	start_duckdb "$THROWAWAY/duckdb"
	for kind in $kinds all; do
		queries+=("stored_$kind" "$(kind_query charge_book "$kind")"
			"lines_$kind" "$(kind_query "$(with_context "$(books charge_parted)")" "$kind")")
	done
	queries+=(plain_all "$(kind_query "$(with_context charge_by_range)" all)"
		hashed_all "$(kind_query "$(with_context "$(books charge_only)")" all)"
		charge_sum "SELECT count(x) FROM (SELECT sum(amount) AS x FROM charge_only GROUP BY visit_id) t")
	in_plan "$workers" "$(kind_query "$(with_context charge_by_range)" all)" 'ledger('
	in_plan "$workers $by_visit" "$(kind_query "$(with_context "$(books charge_parted)")" all)" 'ledger('
	# in turn, so that both meet the same machine
	for ((round = 0; round < repeats; round++)); do
		repeats=1 measure "$workers $by_visit" "${queries[@]}" 2>/dev/null
		echo >&"${DUCKDB[1]}"
		hear_duckdb
	done
	stop_duckdb
	for kind in $kinds; do
		same_answer "stored_$kind" "duckdb_$kind" && same_answer "lines_$kind" "duckdb_$kind" ||
			fail "$kind: $(answer "stored_$kind"), $(answer "lines_$kind"), DuckDB $(answer "duckdb_$kind")"
		progress "$kind: $(answer "stored_$kind") lines and yuan in excess, the same in DuckDB"
		compare "$kind from lines, 2 workers" "lines_$kind" "DuckDB, 2 threads" "duckdb_$kind" "" least
		compare "$kind from stored ledgers, 2 workers" "stored_$kind" "DuckDB, 2 threads" "duckdb_$kind" 1.2 least
	done
	for kind in $kinds; do
		slower_than "lines_$kind" "duckdb_$kind" "$kind from lines"
		slower_than "stored_$kind" "duckdb_$kind" "$kind from stored ledgers"
	done
	table+=("| slower than DuckDB when asked alone | $(printf '%s; ' "${slower[@]:-nothing}") | | | | | |")
	add_total duckdb_total $(printf 'duckdb_%s ' $kinds)
	compare "all seven kinds from lines in one query ($node), lines in 64 partitions by visit" lines_all \
		"DuckDB, the seven queries" duckdb_total 1.5 least
	compare "the same from lines in one table, in ranges of visits by its index" plain_all \
		"DuckDB, the seven queries" duckdb_total 1.5 least
	compare "the same without ranges, workers gather parts of visits" hashed_all "DuckDB, the seven queries" duckdb_total "" least
	compare "all seven kinds from stored ledgers in one query" stored_all \
		"DuckDB, the seven queries" duckdb_total 10 least
	compare "nothing but \`sum(amount)\` per visit of one table" charge_sum \
		"DuckDB, the seven queries" duckdb_total "" least
}
