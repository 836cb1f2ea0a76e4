# Draws: 1,000 of a million units with weights, a plan of as many, and inspectors for
# a thousand facilities.  Sourced by run.

bench_draw()
{
	progress "generating a million units"
	sql <<'SQL' || fail "the units failed"
CREATE UNLOGGED TABLE unit AS
SELECT 'V' || i AS id, 'H' || i % 1000 AS stratum, 1 + abs(hashint4(i)) % 401 / 100.0 AS weight FROM generate_series(1, 1000000) AS i;
CREATE UNLOGGED TABLE units AS
SELECT array_agg(id) AS ids, array_agg(stratum) AS strata, array_agg(weight) AS weights FROM unit;
ANALYZE unit;
SQL
	measure "$serial" \
		draw_sorted "SELECT count(*), min(id) FROM (SELECT id FROM unit ORDER BY random() LIMIT 1000) AS s" \
		draw_weighted "SELECT count(*), min(id) FROM medaudit.draw_sample('seed', (SELECT ids FROM units), 1000, (SELECT weights FROM units))" \
		draw_alike "SELECT count(*), min(id) FROM medaudit.draw_sample('seed', (SELECT ids FROM units), 1000)" \
		assign "SELECT count(*), min(inspector) FROM medaudit.assign_inspectors('seed', ARRAY(SELECT 'T' || i FROM generate_series(1, 1000) AS i), ARRAY(SELECT 'I' || i FROM generate_series(1, 500) AS i), 3)"
	size_row "1,000 of a million weighted units drawn, ms" "$(median draw_weighted)" "5 s" 5000 \
		"$(awk "BEGIN { print $(median draw_weighted) / 5000 }")" 1
	size_row "1,000 of a million units drawn alike, ms" "$(median draw_alike)" "5 s" 5000 \
		"$(awk "BEGIN { print $(median draw_alike) / 5000 }")" 1
	compare "1,000 of a million weighted units" draw_weighted "ORDER BY random()" draw_sorted 20
	size_row "3 of 500 inspectors for each of 1,000 facilities, ms" "$(median assign)" "a second" 1000 \
		"$(awk "BEGIN { print $(median assign) / 1000 }")" 1
	sql <<'SQL' >"$THROWAWAY/measured" || fail "the plan failed"
SELECT medaudit.open_draw('bench', 'record_review', encode(sha256('seed'), 'hex'), strata, ids, weights) AS plan FROM units \gset
\timing on
SELECT medaudit.draw_plan(:plan, 'seed', 0.05);
SQL
	awk '/^Time: / { print "plan", $2 }' "$THROWAWAY/measured" >>"$THROWAWAY/times"
	progress "plan: $(median plan) ms"
	size_row "a plan of a million units in 1,000 strata drawn and kept, ms" "$(median plan)" "a minute" 60000 \
		"$(awk "BEGIN { print $(median plan) / 60000 }")" 1
}
