# Trace codes: 5 million sales of packs, of which one in a hundred was sold before,
# against a plain GROUP BY of the codes.  Sourced by run.

make_moves()
{
	progress "generating 5 million sales"
	sql <<'SQL' || fail "the sales failed"
CREATE TABLE stock_upload AS
SELECT 'P4201020' || lpad((i % 400)::text, 4, '0') AS facility_id, 'XA10BAE101A00101' || lpad((i % 3000)::text, 7, '0') AS product_code,
	timestamp '2025-01-01 08:00' + (i % 366) * interval '1 day' + (i % 43000) * interval '1 second' AS at, -1::numeric AS quantity, '3505' AS kind,
	12.5::numeric AS price, 'R' || lpad((hashint8(i) & 65535)::text, 8, '0') AS person_id,
	'8' || lpad((abs(hashint8extended(CASE WHEN i % 100 = 0 THEN i - 50 ELSE i END, 0)) % 10000000000000000000)::text, 19, '0') AS trace_code
FROM generate_series(1::bigint, 5000000) AS i;
VACUUM ANALYZE stock_upload;
CALL medaudit.bind('stock_move', 'stock_upload');
SQL
}

bench_stock()
{
	local codes="SELECT count(x) FROM (SELECT count(*) AS x FROM stock_upload GROUP BY trace_code) t"
	local uses="SELECT count(status) FROM medaudit.trace_uses('2025-01-01', '2026-02-01')"

	make_moves
	[ "$(sql -c "SELECT count(*) FROM medaudit.trace_uses('2025-01-01', '2026-02-01') WHERE status = 'reused'")" -gt 40000 ] ||
		fail "codes that were sold twice are not found"
	measure "$serial" codes "$codes" uses "$uses"
	compare "\`trace_uses\`, 5 million sales" uses "\`GROUP BY\` of the codes" codes 3
	measure "$workers" codes_2 "$codes" uses_2 "$uses"
	compare "\`trace_uses\`, 5 million sales, 2 workers" uses_2 "\`GROUP BY\` of the codes, 2 workers" codes_2 ""
}
