# Indicators: the month of a county (the first of --persons) made, against sum(amount) per
# visit of the lines of that month, CPU of the backend; and indicator_peers of two years of
# a city's 300 facilities and 40 indicators.  Sourced by run, which this does not belong to
# by default: making a county takes minutes.

bench_indicators()
{
	local persons=${counties[0]} round year_sum=$county_sum

	declare -gA lines_of visits_of
	make_county "$persons"
	county_sum="SELECT count(x) FROM (SELECT sum(det_item_fee_sumamt) AS x FROM yb.fee_list_d
		WHERE fee_ocur_time >= '2025-03-01' AND fee_ocur_time < '2025-04-01' GROUP BY mdtrt_id) t;"
	for ((round = 1; round <= repeats; round++)); do
		watch_run "$persons/indicators" "$serial" "CALL medaudit.refresh_indicators('2025-03-01', '2025-04-01');"
	done
	county_sum=$year_sum
	compare "\`refresh_indicators\` of a month, $(thousands "$persons") persons, CPU" "$persons/indicators/run/cpu" \
		"\`sum(amount)\` per visit of its lines" "$persons/indicators/sum/cpu" 3
	make_indicator_months
	measure "$serial" peer_groups "SELECT count(x) FROM (SELECT avg(numerator / denominator) AS x FROM medaudit.indicator_month
			GROUP BY month, indicator) t" \
		peers "SELECT count(z), count(rank), count(growth), count(flag) FROM medaudit.indicator_peers" \
		peers_of_month "SELECT count(z), count(rank), count(growth), count(flag) FROM medaudit.indicator_peers WHERE month = '2025-03-01'"
	compare "\`indicator_peers\`, 24 months, 300 facilities, 40 indicators" peers "\`avg\` per month and indicator" peer_groups ""
	compare "the same, one month" peers_of_month "\`avg\` per month and indicator" peer_groups ""
}

make_indicator_months()
{
	progress "generating 24 months of 300 facilities and 40 indicators"
	sql <<'SQL' || fail "the indicators failed"
CREATE EXTENSION IF NOT EXISTS medaudit;
SET client_min_messages = warning;
CREATE TABLE place AS SELECT 'F' || n AS facility_id, '机构' || n AS name, CASE WHEN n % 3 = 0 THEN 'hospital' ELSE 'clinic' END AS kind, n % 4 AS rank
FROM generate_series(1, 300) AS n;
CALL medaudit.bind('facility', 'place');
INSERT INTO medaudit.indicator (indicator, name_zh, denominator_zh, unit) SELECT 'own' || n, '指标' || n, '分母', 'rate' FROM generate_series(1, 4) AS n;
INSERT INTO medaudit.indicator_month
SELECT 'facility', p.facility_id, m::date, i.indicator, hashint8(ascii(p.facility_id) + length(i.indicator || p.facility_id) * 7919::bigint + i.n * m.n) & 511, 600 + (p.rank * i.n) % 100
FROM place AS p CROSS JOIN generate_series(timestamp '2024-01-01', '2025-12-01', interval '1 month') WITH ORDINALITY AS m (m, n)
CROSS JOIN (SELECT indicator, row_number() OVER (ORDER BY indicator) AS n FROM medaudit.indicator) AS i;
VACUUM ANALYZE medaudit.indicator_month;
SQL
}
