# The run: run_audit of a year of a county's claims, which the demo's generator
# makes for --persons, with the national rules where they lie beside the project.
# Everything is told as a ratio to sum(amount) per visit, serial, in the same
# session.  Each time it is asked the findings of the time before are gone; those
# of all kinds of runs must be the same.  Sourced by run, which this does not
# belong to by default: a county of 600,000 takes an hour.

run_year="'2025-01-01', '2026-01-01'"
county_sum="SELECT count(x) FROM (SELECT sum(det_item_fee_sumamt) AS x
	FROM yb.fee_list_d GROUP BY mdtrt_id) t;"
# what a server has unless told otherwise, but for work_mem
county_settings="SET client_min_messages = error; SET work_mem = '64MB'; SET maintenance_work_mem = '64MB';"

in_county()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d county "$@"
}

# The published files, where each that national_import.sql names is there.
national_is_there()
{
	local sheet

	for sheet in $(sed -n 's/^\\set sheet //p' "$PROJECT/demo/national_import.sql"); do
		[ -r "$MEDAUDIT_MATERIAL/nhsa/$sheet.csv" ] || return 1
	done
}

# A script of the demo; what it warns of (rules that meet no code of so small a
# catalogue) is told only where it fails.
demo_script()
{
	local name=$1

	shift
	in_county "$@" -f "$PROJECT/demo/$name.sql" >"$THROWAWAY/$name.log" 2>&1 || {
		cat "$THROWAWAY/$name.log" >&2
		fail "demo/$name.sql failed"
	}
}

make_county()
{
	progress "making a county of $1 persons"
	sql -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS county" \
		-c "CREATE DATABASE county" || exit 1
	in_county -c "CREATE EXTENSION medaudit" || exit 1
	demo_script generate -v persons="$1"
	demo_script planted
	demo_script binding
	county_rules="starter rules"
	if national_is_there; then
		demo_script national_import -v rules="$MEDAUDIT_MATERIAL/nhsa"
		county_rules="starter rules and national batches 1 to 17"
	fi
	# as a warehouse is that was not loaded a minute ago
	in_county -c "VACUUM (FREEZE, ANALYZE)" || exit 1
	lines_of[$1]=$(in_county -c "SELECT count(*) FROM yb.fee_list_d")
	visits_of[$1]=$(in_county -c "SELECT count(*) FROM yb.mdtrt_d")
	run_leaves=$(in_county -c "SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class AS c
		WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) = 0")
	progress "${lines_of[$1]} lines in ${visits_of[$1]} visits, $county_rules"
}

# Takes away what runs have left.
forget_runs()
{
	in_county -c "SET session_replication_role = replica; TRUNCATE $run_leaves" || exit 1
}

watched()
{
	printf '\\warn @begin %s\n%s\n\\warn @end %s\n' "$1" "$2" "$1"
}

# Reads how often the charge table was read up to now, into NAME_tuples and NAME_scans.
count_readings()
{
	cat <<SQL
SELECT pg_stat_force_next_flush();
SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS $1_tuples, seq_scan + coalesce(idx_scan, 0) AS $1_scans
FROM pg_stat_user_tables WHERE relid = 'yb.fee_list_d'::regclass \\gset
SQL
}

# Steps of the last run: each from its beginning to that of the next.  Before the
# first is what is prepared for all.
tell_steps()
{
	cat <<SQL
SELECT concat_ws('|', '@step', '$1/run', label, began, ended)
FROM (SELECT coalesce(rule_code, step) AS label, extract(epoch FROM started_at) AS began,
		extract(epoch FROM coalesce(lead(started_at) OVER (ORDER BY started_at), finished_at)) AS ended
	FROM medaudit.run_step WHERE run_id = (SELECT max(run_id) FROM medaudit.run) AND started_at IS NOT NULL
	UNION ALL
	SELECT 'prepare', extract(epoch FROM r.started_at), extract(epoch FROM min(s.started_at))
	FROM medaudit.run AS r JOIN medaudit.run_step AS s USING (run_id)
	WHERE run_id = (SELECT max(run_id) FROM medaudit.run) GROUP BY r.started_at) AS s
ORDER BY began;
SQL
}

# watch_run NAME "settings" "statements": in one session the sums, then the run.
watch_run()
{
	local name=$1 settings=$2 statements=$3 round

	{
		cat <<SQL
$county_settings
SET max_parallel_workers_per_gather = 0;
SELECT pg_backend_pid() AS pid \\gset
\\warn @session :pid
\\o /dev/null
$county_sum
SQL
		for ((round = 1; round <= repeats; round++)); do
			watched "$name/sum" "$county_sum"
		done
		printf '%s\n' "$settings"
		count_readings before
		watched "$name/run" "$statements"
		count_readings after
		cat <<SQL
\\o
SELECT '$name/run tuples ' || :after_tuples - :before_tuples;
SELECT '$name/run scans ' || :after_scans - :before_scans;
SQL
		tell_steps "$name"
	} >"$THROWAWAY/session.sql"
	perl "$PROJECT/test/bench/watch.pl" "$SERVER_DATA" psql -X -q -A -t -v ON_ERROR_STOP=1 \
		-d county -f "$THROWAWAY/session.sql" >"$THROWAWAY/watched" || fail "$name failed"
	awk '{ print $1 "/" $2, $3 }' "$THROWAWAY/watched" >>"$THROWAWAY/times"
	progress "$(awk '$2 == "cpu" || $2 == "wall" { time[$1 " " $2] = $3 / 1000 }
		$2 == "peak" { peak[$1] = $3 / 1024 }
		END {
			run = "'"$name/run"'"
			printf "%s: %.2f s of CPU, %.2f s, %.0f MB, %.2f times the sum", run, time[run " cpu"],
				time[run " wall"], peak[run], time[run " cpu"] / time["'"$name/sum"' cpu"]
		}' "$THROWAWAY/watched")"
}

# Per rule what was found, as lines "PERSONS RULE COUNT MD5".
tell_findings()
{
	in_county -F ' ' -c "SELECT $1, rule_code, count(*), md5(string_agg(concat_ws('|', subject_kind, subject_id, key,
			encode(fingerprint, 'hex')), E'\n' ORDER BY concat_ws('|', subject_kind, subject_id, key,
			encode(fingerprint, 'hex')) COLLATE \"C\"))
		FROM medaudit.finding GROUP BY rule_code ORDER BY rule_code COLLATE \"C\""
}

same_findings()
{
	tell_findings "$1" >"$THROWAWAY/found" || exit 1
	if [ ! -e "$THROWAWAY/findings.$1" ]; then
		mv "$THROWAWAY/found" "$THROWAWAY/findings.$1"
		[ -z "$findings" ] || cat "$THROWAWAY/findings.$1" >>"$findings"
	elif ! diff "$THROWAWAY/findings.$1" "$THROWAWAY/found" >&2; then
		fail "$2 found something else"
	fi
}

# A day that has most nearly a day's share of the visits, and its month; not at the
# turn of the year, before which there is nothing to look back on.
choose_day()
{
	run_day=$(in_county -c "SELECT setl_time::date FROM yb.setl_d
		WHERE setl_time >= '2025-03-01' AND setl_time < '2025-12-01' GROUP BY 1
		ORDER BY abs(count(DISTINCT mdtrt_id) - (SELECT count(*) FROM yb.mdtrt_d) / 365.0), 1 LIMIT 1")
	one_day="'$run_day', date '$run_day' + 1"
	one_month="date_trunc('month', date '$run_day')::date,
		(date_trunc('month', date '$run_day') + interval '1 month')::date"
}

run_from_lines()
{
	local persons=$1 round

	for ((round = 1; round <= repeats; round++)); do
		forget_runs
		watch_run "$persons/serial" "$serial" "CALL medaudit.run_audit($run_year);"
		same_findings "$persons" "the serial run"
		forget_runs
		watch_run "$persons/workers" "SET max_parallel_workers_per_gather = 2;" \
			"CALL medaudit.run_audit($run_year);"
		same_findings "$persons" "the run with 2 workers"
	done
	watch_run "$persons/lines_day" "$serial" "CALL medaudit.run_audit($one_day);"
	watch_run "$persons/lines_month" "$serial" "CALL medaudit.run_audit($one_month);"
	same_findings "$persons" "a day and a month again"
}

has_store()
{
	[ "$(in_county -c "SELECT count(*) FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace
		AND proname = 'create_book_store'")" = 1 ]
}

# A table that says when a visit changed last: when it was settled.  The indexes and
# statistics are those that create_book_store asks for.
prepare_store()
{
	local asked

	progress "making the store of books"
	in_county >"$THROWAWAY/store.log" 2>&1 <<SQL || fail "the store failed: $(<"$THROWAWAY/store.log")"
CREATE TABLE yb.change_d AS SELECT mdtrt_id, max(setl_time) AS updt_time FROM yb.setl_d GROUP BY mdtrt_id;
CREATE INDEX ON yb.change_d (updt_time);
VACUUM (FREEZE, ANALYZE) yb.change_d;
CALL medaudit.bind('change', 'yb.change_d', '{"visit_id": "mdtrt_id", "changed_at": "updt_time"}');
CALL medaudit.create_book_store();
SQL
	sed -n 's/^HINT: *\(CREATE .*;\)$/\1/p' "$THROWAWAY/store.log" | while read -r asked; do
		in_county -c "$asked" || exit 1
	done || fail "what the store asks for failed"
	in_county -c "VACUUM (ANALYZE)"
}

make_store()
{
	prepare_store
	watch_run "$1/store" "$serial" "CALL medaudit.refresh_books();"
}

# What was settled in the period is changed now.
change_visits()
{
	in_county -c "UPDATE yb.change_d SET updt_time = clock_timestamp()::timestamp
		WHERE mdtrt_id IN (SELECT mdtrt_id FROM yb.setl_d WHERE setl_time >= ($1) AND setl_time < ($2))" \
		-c "VACUUM ANALYZE yb.change_d" || exit 1
}

# A tenth of a day's share of the visits, of the whole year, gets a refund now.
refund_late()
{
	in_county >/dev/null <<-SQL || fail "the late refunds failed"
	CREATE TEMPORARY TABLE late AS
	SELECT DISTINCT ON (mdtrt_id) f.* FROM yb.fee_list_d AS f
	WHERE ('x' || substr(md5('late' || $1 || mdtrt_id), 1, 8))::bit(32)::int8 < 4294967296.0 / 3650
		AND cnt > 0 AND feedetl_sn::int < 1000 ORDER BY mdtrt_id, feedetl_sn;
	INSERT INTO yb.fee_list_d
	SELECT mdtrt_id, (5000 + $1)::text, feedetl_sn, fee_ocur_time, med_list_codg, medins_list_name, med_chrgitm_type, chrgitm_lv,
		-cnt, pric, -det_item_fee_sumamt, -inscp_scp_amt, bilg_dr_code, bilg_dept_name
	FROM late;
	UPDATE yb.change_d SET updt_time = clock_timestamp()::timestamp WHERE mdtrt_id IN (SELECT mdtrt_id FROM late);
	VACUUM ANALYZE yb.change_d;
	SQL
}

# Has the last run taken in all that changed?
store_follows()
{
	[ "$(in_county -c "SELECT watermark = (SELECT max(updt_time) FROM yb.change_d) FROM medaudit_data.book_state")" = t ]
}

run_from_store()
{
	local persons=$1 round

	make_store "$persons"
	for ((round = 1; round <= repeats; round++)); do
		watch_run "$persons/store_year" "$serial" "CALL medaudit.run_audit($run_year);"
		same_findings "$persons" "the year from the store"
	done
	for ((round = 1; round <= repeats; round++)); do
		change_visits "${one_day%%, *}" "${one_day#*, }"
		watch_run "$persons/store_day" "$serial" "CALL medaudit.run_audit($one_day);"
		store_follows || return 1
	done
	for ((round = 1; round <= repeats; round++)); do
		change_visits "${one_month%%,$'\n'*}" "${one_month#*,$'\n'}"
		watch_run "$persons/store_month" "$serial" "CALL medaudit.run_audit($one_month);"
	done
	same_findings "$persons" "a day and a month from the store"
	for ((round = 1; round <= repeats; round++)); do
		refund_late "$round"
		watch_run "$persons/store_late" "$serial" "CALL medaudit.refresh_books(); CALL medaudit.audit_changes();"
		[ "$(in_county -c "SELECT count(*) FROM medaudit.stale_visits")" = 0 ] ||
			fail "audit_changes has not judged again all that changed"
	done
}

# per "name" "name" [scale]: a median by another.
per()
{
	awk -v a="$(median "$1")" -v b="$(median "$2")" -v scale="${3:-1}" 'BEGIN { print a / b * scale }'
}

greatest()
{
	awk -v name="$1" '$1 == name && $2 > most { most = $2 } END { print most }' "$THROWAWAY/times"
}

# run_row "what" unit "at most" "aim" value ...: a value per county, of which the
# last, the largest county's, is compared.
run_row()
{
	local what=$1 unit=$2 most=$3 aim=$4

	shift 4
	printf '%s\n' "$@" | awk -v what="$what" -v unit="$unit" -v most="$most" -v aim="$aim" '
		function shown(value) { return value == "" ? "" : sprintf(unit == " MB" ? "%.0f%s" : "%.2f%s", value, unit) }
		{ row = row " " shown($1) " |"; last = $1 }
		END {
			met = most == "" || last == "" ? "" : last > most ? "**no**" : aim != "" && last <= aim ? "yes, the aim" : "yes"
			printf "| %s |%s %s | %s | %s |\n", what, row, most == "" ? "" : "≤ " most unit,
				aim == "" ? "" : aim unit, met }'
}

# run_ratios "what" "at most" "aim" name: CPU of a run of each county by its sum.
run_ratios()
{
	local persons values=()

	for persons in "${counties[@]}"; do
		values+=("$(per "$persons/$4/run/cpu" "$persons/$4/sum/cpu")")
	done
	run_row "$1" " ×" "$2" "$3" "${values[@]}"
}

# The value of a function of a county for each of them, as arguments of run_row.
each_county()
{
	local persons

	values=()
	for persons in "${counties[@]}"; do
		values+=("$("$@" "$persons")")
	done
}

seconds_of_sum() { awk -v t="$(median "$1/serial/sum/cpu")" 'BEGIN { print t / 1000 }'; }
workers_by_serial() { per "$1/workers/run/wall" "$1/serial/run/wall"; }
seconds_of_wall() { awk -v t="$(median "$1/serial/run/wall")" 'BEGIN { print t / 1000 }'; }
readings() { awk -v t="$(median "$2/$1/run/tuples")" -v lines="${lines_of[$2]}" 'BEGIN { print t / lines }'; }
scans() { median "$1/serial/run/scans"; }
together() { awk -v kb="$(greatest "$1/workers/run/together")" 'BEGIN { print kb / 1024 }'; }

peak()
{
	printf '%s\n' "$(greatest "$1/serial/run/peak")" "$(greatest "$1/workers/run/peak")" |
		sort -n | awk 'END { print $1 / 1024 }'
}

growth()
{
	local first=${counties[0]}

	[ "$1" = "$first" ] || awk -v a="$(median "$1/serial/run/cpu")" -v b="$(median "$first/serial/run/cpu")" \
		-v m="${lines_of[$1]}" -v n="${lines_of[$first]}" 'BEGIN { print (a / m) / (b / n) }'
}

growth_of_peak()
{
	[ "$1" = "${counties[0]}" ] ||
		awk -v a="$(peak "$1")" -v b="$(peak "${counties[0]}")" 'BEGIN { print a / b }'
}

thousands()
{
	sed ':a;s/\B[0-9]\{3\}\>/,&/;ta' <<<"$1"
}

print_run_table()
{
	local head='' rule='' persons values

	for persons in "${counties[@]}"; do
		head+=" $(thousands "$persons") persons |" rule+='---|'
	done
	printf '| measured |%s at most | aim | met |\n|---|%s---|---|---|\n' "$head" "$rule"
	run_ratios "year from lines, all rules, CPU by \`sum(amount)\` per visit" 12 8 serial
	each_county workers_by_serial
	run_row "the same, wall with 2 workers by wall of one" " ×" 0.65 0.55 "${values[@]}"
	if [ -n "$stores" ]; then
		run_ratios "year from the store, nothing changed" 6 4 store_year
		run_ratios "one day from the store" 0.25 0.1 store_day
		run_ratios "one month from the store" 1.5 1 store_month
		run_ratios "a tenth of a day's visits, refunded late (\`refresh_books\`, \`audit_changes\`)" "" "" store_late
		run_ratios "making the store (\`refresh_books\`)" "" "" store
	fi
	run_ratios "one day from lines" "" "" lines_day
	run_ratios "one month from lines" "" "" lines_month
	each_county peak
	run_row "peak private memory of a process" " MB" 400 "" "${values[@]}"
	each_county growth_of_peak
	run_row "the same by that of the smallest county" " ×" 1.3 "" "${values[@]}"
	each_county together
	run_row "the backend and 2 workers together" " MB" "" "" "${values[@]}"
	each_county growth
	run_row "CPU of a line by that of the smallest county" " ×" 1.05 "" "${values[@]}"
	each_county readings serial
	run_row "readings of \`charge\`: lines read by lines there" "" 2 1 "${values[@]}"
	each_county readings workers
	run_row "the same with 2 workers" "" 2 1 "${values[@]}"
	each_county scans
	run_row "scans of \`charge\`, serial" "" "" "" "${values[@]}"
	each_county seconds_of_sum
	run_row "\`sum(amount)\` per visit, serial, CPU" " s" "" "" "${values[@]}"
	each_county seconds_of_wall
	run_row "year from lines, serial, wall" " s" "" "" "${values[@]}"
}

# Steps of the largest county, in their order.
print_step_table()
{
	local persons=${counties[-1]} step

	cat <<-HEAD

	| step, $(thousands "$persons") persons | CPU | by the sum | wall | CPU with 2 workers | wall with 2 workers |
	|---|---|---|---|---|---|
	HEAD
	awk -v run="$persons/serial/run:" 'index($1, run) == 1 && sub(/\/cpu$/, "", $1) && !seen[$1]++ {
		print substr($1, length(run) + 1) }' "$THROWAWAY/times" |
		while read -r step; do
			printf '| `%s` | %s |\n' "$step" "$(awk -v a="$(median "$persons/serial/run:$step/cpu")" \
				-v sum="$(median "$persons/serial/sum/cpu")" -v b="$(median "$persons/serial/run:$step/wall")" \
				-v c="$(median "$persons/workers/run:$step/cpu")" -v d="$(median "$persons/workers/run:$step/wall")" \
				'BEGIN { printf "%.2f s | %.2f × | %.2f s | %.2f s | %.2f s", a / 1000, a / sum, b / 1000, c / 1000, d / 1000 }')"
		done
}

bench_run()
{
	local persons

	declare -gA lines_of visits_of
	stores=
	[ -z "$findings" ] || : >"$findings" || fail "cannot write $findings"
	for persons in "${counties[@]}"; do
		make_county "$persons"
		choose_day
		run_from_lines "$persons"
		if has_store; then
			run_from_store "$persons" && stores=yes || stores=
		fi
	done
	cat <<-TABLE
	\`$command\`: run_audit of a year, $county_rules, PostgreSQL $(sql -c "SHOW server_version" | sed 's/ .*//'),
	$(nproc) cores, shared_buffers $buffers_mb MB, huge pages $huge_pages, work_mem 64 MB, jit off, medians of $repeats;
	$(for persons in "${counties[@]}"; do
		printf '%s lines in %s visits of %s persons; ' "$(thousands "${lines_of[$persons]}")" \
			"$(thousands "${visits_of[$persons]}")" "$(thousands "$persons")"
	done)one day is $run_day.

	TABLE
	print_run_table
	print_step_table
	! has_store || [ -n "$stores" ] || fail "run_audit has not taken into the store what changed"
}

# What the kinds over drugs, cards, stock, claims at the counter and permits add to a
# month that is asked of charges, stays and persons; turn by turn, from lines.
bench_month()
{
	local persons round kinds values
	local -A asked=(
		[first]="k.book IN ('charges', 'stays', 'persons') OR k.kind IN ('line_problems', 'herb_alone')"
		[all]="k.kind <> 'fund_pace'")

	declare -gA lines_of visits_of
	for persons in "${counties[@]}"; do
		make_county "$persons"
		choose_day
		for ((round = 1; round <= repeats; round++)); do
			for kinds in first all; do
				watch_run "$persons/month_$kinds" "$serial" "CALL medaudit.run_audit($one_month, $(in_county -c \
					"SELECT quote_literal(array_agg(r.rule_code)) FROM medaudit.rule AS r
					JOIN medaudit.rule_kind AS k ON k.kind = r.kind WHERE r.enabled AND (${asked[$kinds]})"));"
			done
		done
	done
	printf '`%s`: run_audit of the month of %s, %s, CPU, medians of %s.\n\n' "$command" "$run_day" "$county_rules" "$repeats"
	printf '| measured |%s at most | aim | met |\n|---|%s---|---|---|\n' \
		"$(for persons in "${counties[@]}"; do printf ' %s persons |' "$(thousands "$persons")"; done)" \
		"$(printf -- '---|%.0s' "${counties[@]}")"
	each_county seconds_of_month
	run_row "a month, charges, stays and persons" " s" "" "" "${values[@]}"
	each_county all_by_first
	run_row "the same with all kinds" " ×" 1.4 "" "${values[@]}"
}

seconds_of_month() { awk -v t="$(median "$1/month_first/run/cpu")" 'BEGIN { print t / 1000 }'; }
all_by_first() { per "$1/month_all/run/cpu" "$1/month_first/run/cpu"; }
