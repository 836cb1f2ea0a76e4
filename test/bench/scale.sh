# A province: run_audit of 100 million lines on one machine, and how it grows from 10
# million.  A county of the demonstration's generator is copied as often as it takes
# (scale.sql); then each step is watched: load, store, days, a month, the year.  What a
# step took is appended to a file at once, so that an interruption loses nothing, and
# the table is printed of all that stands in the file.  Sourced by run, which this does
# not belong to by default: 100 million lines take hours and 60 GB of disk.

scale_copies=6
# no county of the demonstration is larger
scale_county_most=100000

# note NAME WHAT VALUE: a figure, kept.
note()
{
	echo "$1 $2 $3" >>"$figures" || fail "cannot write $figures"
}

# Bytes of what stands in the database now: claims with their indexes, the store, what
# runs keep (findings and their lines), working tables.
note_sizes()
{
	in_county -F ' ' -c "SELECT CASE n.nspname WHEN 'yb' THEN 'claims' WHEN 'medaudit_data' THEN 'store'
			WHEN 'medaudit_work' THEN 'work' WHEN 'medaudit' THEN 'kept' END,
			sum(pg_total_relation_size(c.oid))
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('yb', 'medaudit_data', 'medaudit_work', 'medaudit') AND c.relkind IN ('r', 'm')
		GROUP BY 1" >"$THROWAWAY/sizes" || exit 1
	while read -r what bytes; do
		note "$1" "bytes_$what" "$bytes"
	done <"$THROWAWAY/sizes"
	note "$1" bytes_disk_free "$(df --output=avail -B1 "$THROWAWAY" | tail -n 1 | tr -d ' ')"
}

# The most that temporary files, and all files of the database with them, took at one
# time, looked at every second until it is told to stop.
watch_files()
{
	local most=0 most_of_all=0 now

	while [ ! -e "$THROWAWAY/step_ends" ]; do
		now=$(du -sb "$SERVER_DATA/base/pgsql_tmp" 2>/dev/null | cut -f 1)
		[ "${now:-0}" -le "$most" ] || most=$now
		now=$(du -sb "$SERVER_DATA/base" 2>/dev/null | cut -f 1)
		[ "${now:-0}" -le "$most_of_all" ] || most_of_all=$now
		sleep 1
	done
	echo "$most $most_of_all" >"$THROWAWAY/files"
}

# scale_step PERSONS STEP "statements": in a session of its own.
scale_step()
{
	local name=$1/$2 statements=$3 watcher before temporary all status=0

	[ "$(df --output=avail -B1 "$THROWAWAY" | tail -n 1)" -gt $((5 << 30)) ] || fail "less than 5 GB of disk are free before $name"
	progress "$name begins"
	{
		cat <<SQL
$county_settings
$serial
SELECT pg_backend_pid() AS pid \\gset
\\warn @session :pid
\\o /dev/null
SQL
		watched "$name" "$statements"
		echo '\o'
		[[ $statements != *run_audit* ]] || tell_steps "$name"
	} >"$THROWAWAY/session.sql"
	# steps of a run are told under the name that is watched
	sed -i "s|'$name/run'|'$name'|g" "$THROWAWAY/session.sql"
	rm -f "$THROWAWAY/step_ends"
	before=$(du -sb "$SERVER_DATA/base" | cut -f 1)
	watch_files &
	watcher=$!
	perl "$PROJECT/test/bench/watch.pl" "$SERVER_DATA" psql -X -q -A -t -v ON_ERROR_STOP=1 \
		-d county -f "$THROWAWAY/session.sql" >"$THROWAWAY/watched" || status=1
	: >"$THROWAWAY/step_ends"
	wait $watcher
	cat "$THROWAWAY/watched" >>"$figures"
	[ $status -eq 0 ] || fail "$name failed"
	read -r temporary all <"$THROWAWAY/files"
	note "$name" temporary "$temporary"
	note "$name" more "$((all - before))"
	note_sizes "$name"
	progress "$name: $(awk -v name="$name" '$1 == name { v[$2] = $3 }
		END { printf "%.1f s of CPU, %.1f s, %.0f MB", v["cpu"] / 1000, v["wall"] / 1000, v["peak"] / 1024 }' "$THROWAWAY/watched")"
}

# What a run finds in the county that is copied: as often as it is copied it must be
# found in the province.
audit_one_county()
{
	demo_script binding -d one
	county_rules="starter rules"
	if national_is_there; then
		demo_script national_import -d one -v rules="$MEDAUDIT_MATERIAL/nhsa"
		county_rules="starter rules and national batches 1 to 17"
	fi
	in_county -d one -c "VACUUM (FREEZE, ANALYZE)" -c "$county_settings" -c "CALL medaudit.run_audit($run_year)" || exit 1
	in_county -d one -F ' ' -c "SELECT rule_code, count(*) FROM medaudit.finding GROUP BY rule_code ORDER BY rule_code COLLATE \"C\"" \
		>"$THROWAWAY/found_in_one" || exit 1
	run_day=$(in_county -d one -c "SELECT setl_time::date FROM yb.setl_d
		WHERE setl_time >= '2025-03-01' AND setl_time < '2025-12-01' GROUP BY 1
		ORDER BY abs(count(DISTINCT mdtrt_id) - (SELECT count(*) FROM yb.mdtrt_d) / 365.0), 1 LIMIT 1")
	one_day="'$run_day', date '$run_day' + 1"
	next_day="date '$run_day' + 1, date '$run_day' + 2"
	one_month="date_trunc('month', date '$run_day')::date,
		(date_trunc('month', date '$run_day') + interval '1 month')::date"
}

make_province()
{
	local persons=$1 each

	each=$((persons / scale_copies))
	[ "$each" -le $scale_county_most ] || each=$scale_county_most
	copies=$(((persons + each - 1) / each))
	[ "$copies" -le 99 ] || fail "a province has at most $((99 * scale_county_most)) persons"
	progress "making a county of $each persons, to be copied $copies times"
	sql -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS county" -c "DROP DATABASE IF EXISTS one" \
		-c "CREATE DATABASE county" || exit 1
	in_county -c "CREATE EXTENSION medaudit" || exit 1
	demo_script generate -v persons="$each"
	demo_script planted
	sql -c "CREATE DATABASE one TEMPLATE county" || exit 1
	audit_one_county
	sql -c "DROP DATABASE one" || exit 1
	in_county -c "ALTER SCHEMA yb RENAME TO one" || exit 1
	scale_step "$persons" load "\\set copies $copies
SET maintenance_work_mem = '1GB';
\\i $PROJECT/test/bench/scale.sql
VACUUM (FREEZE, ANALYZE);"
	in_county -c "DROP SCHEMA one CASCADE" >"$THROWAWAY/dropped" 2>&1 || exit 1
	demo_script binding
	in_county -c "INSERT INTO medaudit.division (code, name)
		SELECT '9901' || lpad((k + 1)::text, 2, '0'), demo.county_name(k) || '县' FROM generate_series(1, $copies - 1) AS k" || exit 1
	! national_is_there || demo_script national_import -v rules="$MEDAUDIT_MATERIAL/nhsa"
	in_county -c "ANALYZE" || exit 1
	note "$persons" lines "$(in_county -c "SELECT count(*) FROM yb.fee_list_d")"
	note "$persons" visits "$(in_county -c "SELECT count(*) FROM yb.mdtrt_d")"
	note "$persons" counties "$copies"
	run_leaves=$(in_county -c "SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class AS c
		WHERE c.relnamespace = 'medaudit'::regnamespace AND c.relkind = 'r' AND pg_relation_size(c.oid) = 0")
}

# Rules that have not found in the province what they find in a county, so many times.
compare_with_one()
{
	in_county -F ' ' -c "SELECT rule_code, count(*) FROM medaudit.finding GROUP BY rule_code ORDER BY rule_code COLLATE \"C\"" \
		>"$THROWAWAY/found" || exit 1
	awk -v copies="$copies" 'NR == FNR { one[$1] = $2; next } { all[$1] = $2 }
		END {
			for (rule in one) { rules++; if (all[rule] != one[rule] * copies) print "differs", rule, one[rule] * copies, all[rule] + 0 }
			for (rule in all) { found += all[rule]; if (!(rule in one)) print "differs", rule, 0, all[rule] }
			print "rules", rules, "found", found
		}' "$THROWAWAY/found_in_one" "$THROWAWAY/found" >"$THROWAWAY/compared"
	note "$1/$2" found "$(awk '$1 == "rules" { print $4 }' "$THROWAWAY/compared")"
	note "$1/$2" rules_that_differ "$(grep -c '^differs' "$THROWAWAY/compared")"
	progress "$(cat "$THROWAWAY/compared")"
}

scale_of()
{
	local persons=$1

	make_province "$persons"
	prepare_store
	scale_step "$persons" store "CALL medaudit.refresh_books();"
	# the first run with a store makes the stays that are kept
	scale_step "$persons" first_day "CALL medaudit.run_audit($one_day);"
	change_visits "${next_day%%, date*}" "${next_day#*, }"
	scale_step "$persons" day "CALL medaudit.run_audit($next_day);"
	change_visits "${one_month%%,$'\n'*}" "${one_month#*,$'\n'}"
	scale_step "$persons" month "CALL medaudit.run_audit($one_month);"
	forget_runs
	scale_step "$persons" year "CALL medaudit.run_audit($run_year);"
	compare_with_one "$persons" year
	[ -z "$without_lines" ] || return 0
	in_county -c "DROP TABLE medaudit_data.visit_book, medaudit_data.book_state, medaudit_data.visit_change,
		medaudit_data.person_key, medaudit_data.kept_stay, medaudit_data.due_person" || exit 1
	forget_runs
	scale_step "$persons" year_from_lines "CALL medaudit.run_audit($run_year);"
	compare_with_one "$persons" year_from_lines
}

# The figures of all sizes in the file, the smallest first; the last of each counts.
print_scale_table()
{
	awk '
	{ split($1, part, "/"); size = part[1]; v[$1 " " $2] = $3
	  if ($2 == "lines") { if (!(size in lines)) sizes[++n] = size; lines[size] = $3 } }
	function million(x) { return x >= 1e6 ? sprintf("%.1f million", x / 1e6) : sprintf("%d", x) }
	function row(what, unit, name, column, divide, per, grows,    i, text, x, first, last) {
		text = ""; first = last = ""
		for (i = 1; i <= n; i++) {
			if (!((sizes[i] "/" name " " column) in v)) { text = text " |"; continue }
			x = v[sizes[i] "/" name " " column] / divide
			text = text sprintf(" " unit " |", x)
			if (first == "") { first = x / lines[sizes[i]]; of = i } else last = x / lines[sizes[i]]
		}
		if (text ~ /[0-9]/)
			printf("| %s |%s %s |\n", what, text, grows && last != "" && first > 0 ? sprintf("%.2f ×", last / first) : "")
	}
	END {
		for (i = 1; i < n; i++) for (j = i + 1; j <= n; j++) if (sizes[j] + 0 < sizes[i] + 0) { t = sizes[i]; sizes[i] = sizes[j]; sizes[j] = t }
		head = "| measured |"; rule = "|---|"
		for (i = 1; i <= n; i++) { head = head " " million(lines[sizes[i]]) " lines |"; rule = rule "---|" }
		print head " a line, by the first |"; print rule "---|"
		for (i = 1; i <= n; i++) { p = p " " million(sizes[i]) " |"; s = s " " million(v[sizes[i] " visits"]) " |" }
		print "| persons |" p " |"; print "| visits |" s " |"
		m = split("load store first_day day month year year_from_lines", step, " ")
		split("load, indexes, `VACUUM (FREEZE, ANALYZE)`|making the store (`refresh_books`)|first day from the store (makes the kept stays)|another day, all of its visits changed|a month, all of its visits changed|the year from the store|the year from lines", says, "|")
		for (i = 1; i <= m; i++) row(says[i] ", CPU", "%.1f s", step[i], "cpu", 1000, 1, 1)
		for (i = 1; i <= m; i++) row(says[i] ", wall", "%.1f s", step[i], "wall", 1000, 1, 1)
		for (i = 1; i <= m; i++) row(says[i] ", private memory", "%.0f MB", step[i], "peak", 1024, 0, 0)
		for (i = 1; i <= m; i++) row(says[i] ", temporary files at one time", "%.2f GB", step[i], "temporary", 1e9, 0, 1)
		for (i = 1; i <= m; i++) row(says[i] ", more disk at one time than before", "%.2f GB", step[i], "more", 1e9, 0, 1)
		row("claims with indexes", "%.2f GB", "load", "bytes_claims", 1e9, 1, 1)
		row("store with indexes", "%.2f GB", "store", "bytes_store", 1e9, 1, 1)
		row("the same after the year", "%.2f GB", "year", "bytes_store", 1e9, 1, 1)
		row("findings and what else a year leaves", "%.2f GB", "year", "bytes_kept", 1e9, 1, 1)
		row("findings of the year", "%d", "year", "found", 1, 1, 1)
		row("rules that have found something else than the county, times the copies", "%d", "year", "rules_that_differ", 1, 0, 0)
	}' "$figures"
}

bench_scale()
{
	local persons

	: >>"$figures" || fail "cannot write $figures"
	for persons in "${counties[@]}"; do
		scale_of "$persons"
	done
	cat <<-TABLE
	\`$command\`: $county_rules, PostgreSQL $(sql -c "SHOW server_version" | sed 's/ .*//'), $(nproc) cores,
	shared_buffers $buffers_mb MB, huge pages $huge_pages, work_mem 64 MB, jit off, no parallel workers.

	TABLE
	print_scale_table
}
