# Stays: a million of them (or as --lines has them, 10 lines a stay) in 300
# facilities of heavy-tailed size, of 400,000 people some of whom come often.
# Companions against the plain self-join, against DuckDB's joins, and against a
# tenth of the stays; co-admission groups against ST_ClusterDBSCAN; what asking
# adds to gathering.  Sourced by run.

# make_admissions table stays people: stays from hashes of their number.
make_admissions()
{
	sql -v name="$1" -v stays="$2" -v people="$3" <<'SQL' || fail "the stays failed"
CREATE UNLOGGED TABLE :name AS
SELECT 'v' || i AS visit_id, 'p' || floor(:people * power(u1, 1.5))::int AS person_id,
	'f' || floor(300 * power(u2, 3))::int AS facility_id,
	timestamp '2025-01-01' + floor(365 * u3) * interval '1 day' AS admitted_at,
	timestamp '2025-01-01' + (floor(365 * u3) + floor(2 - 6 * ln(u4))) * interval '1 day' AS discharged_at,
	'J18.' || i % 10 AS diagnosis, round((3000 * exp(u4))::numeric, 2) AS amount, i % 10 = 0 AS tenth
FROM (SELECT i, (hashint4(i) + 2147483649::float8) / 4294967297 AS u1,
		(hashint4(i + 10000000) + 2147483649::float8) / 4294967297 AS u2,
		(hashint4(i + 20000000) + 2147483649::float8) / 4294967297 AS u3,
		(hashint4(i + 30000000) + 2147483649::float8) / 4294967297 AS u4
	FROM generate_series(1, :stays) AS i) AS x;
VACUUM ANALYZE :name;
SQL
}

book_of="medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM"

make_stays()
{
	stays=$((lines / 10))
	[ "$stays" -le 1000000 ] || stays=1000000
	progress "generating $stays stays"
	make_admissions admission "$stays" $((stays * 4 / 10))
	make_admissions admission_small $((stays / 10)) $((stays * 4 / 100))
	sql -c "CREATE UNLOGGED TABLE whole AS SELECT $book_of admission" \
		-c "CREATE UNLOGGED TABLE part AS SELECT $book_of admission WHERE tenth" \
		-c "CREATE UNLOGGED TABLE small AS SELECT $book_of admission_small" \
		-c "CREATE UNLOGGED TABLE ward AS SELECT facility_id, $book_of admission GROUP BY facility_id" ||
		fail "the books of stays failed"
}

# same_pairs "who" pairs name: a pair with two matches that share no stay is one
# with two stays of each in matches (Kőnig), which a join can answer; so the
# answer has to be that of NAME.
same_pairs()
{
	[ "$(answer "$3")" = "$2" ] ||
		fail "$1 has $2 pairs of companions, companions() $(answer "$3")"
}

bench_companions()
{
	local joined="SELECT count(*) FROM (SELECT a.person_id, b.person_id
		FROM admission AS a JOIN (SELECT i.*, i.admitted_at + d * interval '1 day' AS near
			FROM admission AS i, generate_series(-1, 1) AS d) AS b
			ON a.facility_id = b.facility_id AND a.admitted_at = b.near
			AND a.person_id < b.person_id
			AND a.discharged_at - b.discharged_at BETWEEN '-1 day' AND '1 day'
		GROUP BY 1, 2 HAVING least(count(DISTINCT a.visit_id), count(DISTINCT b.visit_id)) >= 2) t"
	local begun pairs

	measure "$serial" \
		companions "SELECT count(*) FROM whole, medaudit.companions(s)" \
		companions_part "SELECT count(*) FROM part, medaudit.companions(s)" \
		companions_small "SELECT count(*) FROM small, medaudit.companions(s)"
	progress "the plain self-join, once"
	begun=$(date +%s%N)
	pairs=$(sql -c "$serial SET work_mem = '1GB'; $joined") || fail "the self-join failed"
	echo "companions_joined $((($(date +%s%N) - begun) / 1000000))" >>"$THROWAWAY/times"
	same_pairs "the self-join" "$pairs" companions
	compare "\`companions\`, $stays stays in one book" companions "plain self-join" companions_joined 50 least
	compare "the same" companions "a tenth of the stays, of as many people" companions_part 12
	compare "the same" companions "a tenth of the stays, of a tenth of the people" companions_small 12
}

# duckdb_form form name: the same question in DuckDB's SQL: only people with two
# stays, dates as such, two stays of each told by their least and greatest
# number; as a join of ranges, or as an equi-join with the days around.
duckdb_form()
{
	local other="often" near="a.admitted BETWEEN b.admitted - 1 AND b.admitted + 1"

	if [ "$1" = duckdb_by_day ]; then
		other="(SELECT often.*, admitted + CAST(d AS INTEGER) AS near FROM often, generate_series(-1, 1) AS g(d))"
		near="a.admitted = b.near"
	fi
	cat <<SQL
-- @$2
WITH often AS MATERIALIZED (SELECT *, rowid AS n FROM stay WHERE person_id IN
	(SELECT person_id FROM stay GROUP BY person_id HAVING count(*) > 1))
SELECT count(*) FROM (SELECT a.person_id, b.person_id
	FROM often a JOIN $other b ON a.facility_id = b.facility_id AND $near
		AND a.discharged BETWEEN b.discharged - 1 AND b.discharged + 1
		AND a.person_id < b.person_id
	GROUP BY ALL HAVING min(a.n) < max(a.n) AND min(b.n) < max(b.n));
SQL
}

# stays_in_duckdb table query: DuckDB with the stays of TABLE, asked QUERY once.
stays_in_duckdb()
{
	local folder=$THROWAWAY/duckdb_$1

	mkdir "$folder"
	sql -c "\\copy (SELECT visit_id, person_id, facility_id, admitted_at::date, discharged_at::date FROM $1) TO '$folder/stay.csv' CSV" ||
		fail "could not write the stays for DuckDB"
	cat >"$folder/load.sql" <<SQL
-- @load
CREATE TABLE stay AS SELECT * FROM read_csv('$folder/stay.csv', header = false,
	columns = {'visit_id': 'VARCHAR', 'person_id': 'VARCHAR', 'facility_id': 'VARCHAR',
		'admitted': 'DATE', 'discharged': 'DATE'});
SQL
	echo "$2" >"$folder/ask.sql"
	start_duckdb "$folder"
}

# The form that is faster with a tenth of the stays: joining ranges takes a
# hundred times as long with all of them.
bench_companions_duckdb()
{
	local round form best=duckdb_by_day

	have_duckdb stays || return 0
	stays_in_duckdb admission_small "$(for form in duckdb_by_range duckdb_by_day; do
		duckdb_form $form $form
	done)"
	echo >&"${DUCKDB[1]}"
	hear_duckdb
	stop_duckdb
	for form in duckdb_by_range duckdb_by_day; do
		progress "$form, a tenth: $(median $form) ms"
		same_pairs "DuckDB ($form)" "$(answer $form)" companions_small
	done
	! awk "BEGIN { exit !($(median duckdb_by_range) < $(median $best)) }" || best=duckdb_by_range
	stays_in_duckdb admission "$(duckdb_form $best duckdb_companions)"
	# in turn, so that both meet the same machine
	for ((round = 0; round < repeats; round++)); do
		repeats=1 measure "$serial" \
			companions_turn "SELECT count(*) FROM whole, medaudit.companions(s)" \
			companions_rows "SELECT count(*) FROM (SELECT $book_of admission) t, medaudit.companions(s)" \
			2>/dev/null
		echo >&"${DUCKDB[1]}"
		hear_duckdb
	done
	stop_duckdb
	same_pairs "DuckDB" "$(answer duckdb_companions)" companions
	progress "$(answer companions) pairs of companions, the same in DuckDB"
	compare "\`companions\` of the stored book, serial" companions_turn \
		"DuckDB, 2 threads, the faster of two joins ($best)" duckdb_companions 5 least
	compare "the same, the book gathered too" companions_rows "DuckDB" duckdb_companions "" least
}

# Installs PostGIS where it is not yet; false where that cannot be.
have_postgis()
{
	local major

	major=$(pg_major)
	(need_packages "the comparison with PostGIS" "postgresql-$major-postgis-3") >&2 &&
		sql -c "CREATE EXTENSION postgis" || {
		progress "stays: no PostGIS, postgresql-$major-postgis-3 could not be installed"
		return 1
	}
}

# Who came and went with others, per facility.  Points of (admission, discharge)
# within 1.5 are those with both dates at most a day apart.  DBSCAN joins what
# is near to what is near, so that a busy facility is one cluster; a group of
# ours spans a day at each end and holds a person once.  Whoever is in a group
# is in a cluster.
bench_together_postgis()
{
	local groups="count(*) || ' groups of ' || sum(people) || ' stays'"
	local asked="medaudit.same_household_admissions(s, max_people => 2147483647)"

	have_postgis || return 0
	sql -c "CREATE UNLOGGED TABLE point AS SELECT visit_id, facility_id,
		ST_MakePoint(admitted_at::date - date '2025-01-01', discharged_at::date - date '2025-01-01') AS at
		FROM admission" -c "VACUUM ANALYZE point" || fail "the points failed"
	measure "$serial" \
		together_books "SELECT $groups FROM ward, $asked" \
		together_rows "SELECT $groups FROM (SELECT $book_of admission GROUP BY facility_id) t, $asked" \
		clusters "SELECT count(DISTINCT (facility_id, cluster)) || ' clusters of ' || count(cluster) || ' stays'
			FROM (SELECT facility_id, ST_ClusterDBSCAN(at, 1.5, 2)
				OVER (PARTITION BY facility_id) AS cluster FROM point) t"
	progress "together: $(answer together_rows); ST_ClusterDBSCAN: $(answer clusters)"
	compare "gather per facility and \`same_household_admissions\`, groups of any size" together_rows \
		"\`ST_ClusterDBSCAN\` of ready points per facility" clusters 1
	compare "the same from stored books" together_books \
		"\`ST_ClusterDBSCAN\`" clusters ""
}

bench_stays()
{
	local by_person="(SELECT $book_of admission GROUP BY person_id) t"
	local by_facility="(SELECT $book_of admission GROUP BY facility_id) t"

	make_stays
	measure "$serial" \
		persons "SELECT count(s) FROM $by_person" \
		split "SELECT count(d) FROM (SELECT medaudit.split_stays(s) AS d FROM $by_person) x" \
		frequent "SELECT count(d) FROM (SELECT medaudit.frequent_stays(s) AS d FROM $by_person) x" \
		facilities "SELECT count(s) FROM $by_facility" \
		census "SELECT count(d) FROM (SELECT medaudit.occupancy(s) AS d FROM $by_facility) x"
	bench_companions
	bench_companions_duckdb
	compare "gather per person and \`split_stays\`" split "gather \`stays\` per person" persons 1.5
	compare "gather per person and \`frequent_stays\`" frequent "gather \`stays\` per person" persons 1.5
	compare "gather per facility and \`occupancy\`" census "gather \`stays\` per facility" facilities 1.5
	bench_together_postgis
}
