# Stays: a million of them (or as --lines has them, 10 lines a stay) in 300
# facilities of heavy-tailed size, of 400,000 people some of whom come often.
# Companions against the plain self-join and against a tenth of the stays; what
# asking adds to gathering.  Sourced by run.

make_stays()
{
	stays=$((lines / 10))
	[ "$stays" -le 1000000 ] || stays=1000000
	progress "generating $stays stays"
	sql -v stays="$stays" <<'SQL' || fail "the stays failed"
CREATE UNLOGGED TABLE admission AS
SELECT 'v' || i AS visit_id, 'p' || floor(0.4 * :stays * power(u1, 1.5))::int AS person_id,
	'f' || floor(300 * power(u2, 3))::int AS facility_id,
	timestamp '2025-01-01' + floor(365 * u3) * interval '1 day' AS admitted_at,
	timestamp '2025-01-01' + (floor(365 * u3) + floor(2 - 6 * ln(u4))) * interval '1 day' AS discharged_at,
	'J18.' || i % 10 AS diagnosis, round((3000 * exp(u4))::numeric, 2) AS amount, i % 10 = 0 AS tenth
FROM (SELECT i, (hashint4(i) + 2147483649::float8) / 4294967297 AS u1,
		(hashint4(i + 10000000) + 2147483649::float8) / 4294967297 AS u2,
		(hashint4(i + 20000000) + 2147483649::float8) / 4294967297 AS u3,
		(hashint4(i + 30000000) + 2147483649::float8) / 4294967297 AS u4
	FROM generate_series(1, :stays) AS i) AS x;
VACUUM ANALYZE admission;
CREATE UNLOGGED TABLE whole AS
SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM admission;
CREATE UNLOGGED TABLE part AS
SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM admission WHERE tenth;
SQL
}

bench_stays()
{
	local book="medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM admission"
	local by_person="(SELECT $book GROUP BY person_id) t"
	local by_facility="(SELECT $book GROUP BY facility_id) t"
	# Each pair that meets once is met here too: what must be joined to know.
	local joined="SELECT count(*) FROM (SELECT a.person_id, b.person_id
		FROM admission AS a JOIN (SELECT i.*, i.admitted_at + d * interval '1 day' AS near
			FROM admission AS i, generate_series(-1, 1) AS d) AS b
			ON a.facility_id = b.facility_id AND a.admitted_at = b.near
			AND a.person_id < b.person_id
			AND a.discharged_at - b.discharged_at BETWEEN '-1 day' AND '1 day'
		GROUP BY 1, 2 HAVING least(count(DISTINCT a.visit_id), count(DISTINCT b.visit_id)) >= 2) t"
	local begun pairs

	make_stays
	measure "$serial" \
		companions "SELECT count(*) FROM whole, medaudit.companions(s)" \
		companions_part "SELECT count(*) FROM part, medaudit.companions(s)" \
		persons "SELECT count(s) FROM $by_person" \
		split "SELECT count(d) FROM (SELECT medaudit.split_stays(s) AS d FROM $by_person) x" \
		frequent "SELECT count(d) FROM (SELECT medaudit.frequent_stays(s) AS d FROM $by_person) x" \
		facilities "SELECT count(s) FROM $by_facility" \
		census "SELECT count(d) FROM (SELECT medaudit.occupancy(s) AS d FROM $by_facility) x"
	progress "the plain self-join, once"
	begun=$(date +%s%N)
	pairs=$(sql -c "$serial SET work_mem = '1GB'; $joined") || fail "the self-join failed"
	echo "companions_joined $((($(date +%s%N) - begun) / 1000000))" >>"$THROWAWAY/times"
	[ "$pairs" = "$(answer companions)" ] || progress "the self-join has $pairs pairs," \
		"companions $(answer companions): a stay counts once there"
	compare "\`companions\`, $stays stays" companions "plain self-join" companions_joined 50 least
	compare "the same" companions "a tenth of the stays" companions_part 12
	compare "gather per person and \`split_stays\`" split "gather \`stays\` per person" persons 1.5
	compare "gather per person and \`frequent_stays\`" frequent "gather \`stays\` per person" persons 1.5
	compare "gather per facility and \`occupancy\`" census "gather \`stays\` per facility" facilities 1.5
}
