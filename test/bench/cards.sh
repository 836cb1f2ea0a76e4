# Cards: a million payments of 100,000 cards in 2,000 shops of heavy-tailed size
# within a quarter.  Companions by the clock against what it costs to count the
# payments of each shop, and against the self-join.  And the year of 2,000 shops in
# which nobody does anything wrong, which a run must leave alone.  Sourced by run.

make_payments()
{
	progress "generating 1000000 card payments"
	sql <<'SQL' || fail "the card payments failed"
CREATE UNLOGGED TABLE payment AS
SELECT 's' || i AS swipe_id, 'c' || floor(100000 * power(u1, 1.5))::int AS card_id,
	'f' || floor(2000 * power(u2, 1.5))::int AS facility_id,
	timestamp '2025-01-01 08:00' + (floor(90 * u3) * 86400 + floor(43200 * u4)) * interval '1 second' AS swiped_at
FROM (SELECT i, (hashint4(i) + 2147483649::float8) / 4294967297 AS u1,
		(hashint4(i + 10000000) + 2147483649::float8) / 4294967297 AS u2,
		(hashint4(i + 20000000) + 2147483649::float8) / 4294967297 AS u3,
		(hashint4(i + 30000000) + 2147483649::float8) / 4294967297 AS u4
	FROM generate_series(1, 1000000) AS i) AS x;
VACUUM ANALYZE payment;
CREATE UNLOGGED TABLE payments AS SELECT medaudit.stays(swipe_id, card_id, facility_id, swiped_at, swiped_at, NULL, NULL) AS s FROM payment;
CREATE UNLOGGED TABLE counter AS SELECT facility_id, medaudit.stays(swipe_id, card_id, facility_id, swiped_at, swiped_at, NULL, NULL) AS s FROM payment GROUP BY facility_id;
SQL
}

bench_cards()
{
	local joined="SELECT count(*) FROM (SELECT a.card_id, b.card_id
		FROM payment AS a JOIN payment AS b ON a.facility_id = b.facility_id AND a.card_id < b.card_id
			AND a.swiped_at BETWEEN b.swiped_at - interval '30 minutes' AND b.swiped_at + interval '30 minutes'
		GROUP BY 1, 2 HAVING least(count(DISTINCT a.swipe_id), count(DISTINCT b.swipe_id)) >= 2) t"
	local begun pairs

	make_payments
	measure "$serial" \
		payments_counted "SELECT count(x) FROM (SELECT count(*) AS x FROM payment GROUP BY facility_id) t" \
		clock "SELECT count(*) FROM payments, medaudit.companions(s, interval '30 minutes')" \
		clock_by_shop "SELECT count(c) FROM counter, medaudit.companions(s, interval '30 minutes') AS c" \
		clock_gathered "SELECT count(*) FROM (SELECT medaudit.stays(swipe_id, card_id, facility_id, swiped_at, swiped_at, NULL, NULL) AS s
			FROM payment) t, medaudit.companions(s, interval '30 minutes')"
	progress "the plain self-join, once"
	begun=$(date +%s%N)
	pairs=$(sql -c "$serial SET work_mem = '1GB'; $joined") || fail "the self-join failed"
	echo "clock_joined $((($(date +%s%N) - begun) / 1000000))" >>"$THROWAWAY/times"
	same_pairs "the self-join" "$pairs" clock
	compare "\`companions\` by the clock, 1000000 payments in 2000 shops, one book" clock \
		"\`count(*)\` per shop" payments_counted 10
	compare "the same, a book per shop" clock_by_shop "\`count(*)\` per shop" payments_counted 10
	compare "the same, the book gathered too" clock_gathered "\`count(*)\` per shop" payments_counted ""
	compare "\`companions\` by the clock, one book" clock "plain self-join" clock_joined 50 least
}

# No flood: under half a finding in 1,000 weeks of a shop.
bench_card_year()
{
	local begun findings

	progress "generating a year of card payments in 2000 shops"
	sql -v shops=2000 -v days=365 -v payments=4 -f "$PROJECT/test/card_year.sql" || fail "the year of card payments failed"
	sql -c "CALL medaudit.bind('facility', 'street.facility')" -c "CALL medaudit.bind('visit', 'street.visit')" \
		-c "CALL medaudit.bind('charge', 'street.charge')" -c "CALL medaudit.bind('swipe', 'street.swipe')" || fail "binding failed"
	begun=$(date +%s)
	sql -c "SET client_min_messages = error" \
		-c "CALL medaudit.run_audit('2025-01-01', '2026-01-01', '{card_bursts,cards_together,drained_balances,same_amounts,impossible_travel}')" ||
		fail "the run failed"
	progress "the run took $(($(date +%s) - begun)) s; findings: $(sql -F ' ' -c "SELECT string_agg(rule_code || ' ' || n, ', ')
		FROM (SELECT rule_code, count(*) AS n FROM medaudit.finding GROUP BY 1) AS f")"
	findings=$(sql -c "SELECT count(*) FROM medaudit.finding")
	size_row "findings of a clean year, $(sql -c 'SELECT count(*) FROM street.swipe') payments" "$findings" \
		"1,000 weeks of a shop" 104.3 "$(awk "BEGIN { print $findings / 104.3 }")" 0.5
}
