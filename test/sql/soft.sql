-- Soft reading: what is read, what is not, and never an error.
SET datestyle = 'ISO, MDY';
\pset null '-'
-- times in every form; the answer of one line is one time
SELECT written, medaudit.to_time(written) FROM (VALUES
	(1, '2025-01-31'), (2, '2025/1/31'), (3, '2025.01.31'), (4, '2025年1月31日'), (5, '20250131'), (6, '2025年01月31号'),
	(7, '2025-01-31 08:30'), (8, '2025-01-31T08:30:00'), (9, '2025/1/31   8:30:00'), (10, '20250131083000'), (11, '202501310830'),
	(12, '20250131 083000'), (13, '20250131T0830'), (14, '2025年1月31日8时30分'), (15, '2025年1月31日 8点'), (16, '2025年1月31日08:30:15'), (17, '2025年1月31日8时30分15秒'),
	(18, '２０２５－０１－３１　０８：３０：００'), (19, '  2025-01-31 08:30:00　'), (20, E'\t2025-01-31\r\n'),
	(21, '2025-01-31 08:30:00.5'), (22, '2025-01-31 08:30:00.123456'), (23, '2025-01-31 08:30:00.1234565'), (24, '2025-01-31 08:30:00.9999999'), (25, '20250131083000.25'),
	(26, '2025-01-31 24:00:00'), (27, '2025-01-31 24:00'), (28, '2025-01-31 23:59:60'), (29, '20250131240000'),
	(30, '2025-01-31 08:30:00+08'), (31, '2025-01-31T08:30:00+08:00'), (32, '2025-01-31 08:30:00 +0800'), (33, '2025-01-31 08:30+8'), (34, '2025-01-31t08:30:00'),
	(35, '2024-02-29'), (36, '1900-01-01'), (37, '2200-12-31 23:59:59.999999'), (38, '2025-1-1')) AS t (n, written) ORDER BY n;
-- what can be read in more than one way, or not at all
SELECT string_agg(written, ' | ' ORDER BY n) FILTER (WHERE medaudit.to_time(written) IS NOT NULL) AS read, count(*) AS unread FROM unnest(ARRAY[
	'', ' ', '　', '31/01/2025', '01/02/25', '25-01-31', '01-31-2025', '31.01.2025', '45688', '45688.354', '2025', '202501', '2025-01', '1738281600', '1738281600000', '2025013108',
	'0000-00-00', '0000-00-00 00:00:00', '2025-02-30', '2025-02-29', '2100-02-29', '2025-13-01', '2025-00-10', '2025-01-00', '20250230', '20251301', '99999999',
	'1899-12-31', '1899-12-31 23:59:59', '2200-12-31 24:00', '2201-01-01', '20250-01-31', '9999-12-31', '0025-01-31', '2025-01-31 BC', 'infinity', '-infinity', 'now', 'today', 'epoch', 'null', 'NULL', '-', '/',
	'2025-01-31 08:30:00Z', '2025-01-31 08:30:00+00', '2025-01-31 08:30:00+09', '2025-01-31 08:30:00-08', '2025-01-31 08:30:00+08:30', '2025-01-31 08:30:00 CST', '2025-01-31+08',
	'2025-01-31 25:00', '2025-01-31 24:00:01', '2025-01-31 08:60', '2025-01-31 08:30:61', '2025-01-31 08', '2025-01-31 08:', '2025-01-31 08:30:', '2025-01-31 08:30:00.', '2025-01-31T', '2025-01-31 8:30 PM', '2025-01-31 083', '20250131 ABC',
	'2025-01/31', '2025/01-31', '2025年1月31', '2025年1-31', '2025 01 31', '2025--1-31', '2025-001-31', '2025-1-031', '-2025-01-31', '二〇二五年一月三十一日', 'Jan 31 2025', '2025-01-31 08:30:00 x', '2025-01-31x', E'2025-01-31\x01',
	repeat('9', 100000), '2025-01-31 08:30:00.' || repeat('1', 10000) || 'x']) WITH ORDINALITY AS t (written, n);
-- as PostgreSQL reads them, whatever the settings
CREATE TEMP TABLE moment AS SELECT timestamp '1900-01-01' + n * interval '3 days 11:17:23.517' AS at FROM generate_series(0, 31600, 7) AS n;
SELECT count(*) AS times, count(*) FILTER (WHERE at IS DISTINCT FROM medaudit.to_time(to_char(at, 'YYYY-MM-DD HH24:MI:SS.US'))) AS iso,
	count(*) FILTER (WHERE date_trunc('second', at) IS DISTINCT FROM medaudit.to_time(to_char(at, 'YYYYMMDDHH24MISS'))) AS compact,
	count(*) FILTER (WHERE date_trunc('minute', at) IS DISTINCT FROM medaudit.to_time(to_char(at, 'FMYYYY/FMMM/FMDD FMHH24:MI'))) AS short,
	count(*) FILTER (WHERE at::date IS DISTINCT FROM medaudit._read_date(to_char(at, 'FMYYYY年FMMM月FMDD日'))) AS chinese FROM moment;
-- every day number of every month: those that PostgreSQL takes, and no other
CREATE FUNCTION pg_temp.as_date(y int, m int, d int) RETURNS date LANGUAGE plpgsql AS $$ BEGIN RETURN make_date(y, m, d); EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
SELECT count(*) AS days, count(medaudit.to_time(written)) AS read, count(*) FILTER (WHERE medaudit.to_time(written) IS DISTINCT FROM pg_temp.as_date(y, m, d)) AS wrong
FROM (SELECT y, m, d, format('%s-%s-%s', y, m, d) AS written FROM unnest('{1900,2000,2023,2024,2100,2200}'::int[]) AS y, generate_series(0, 13) AS m, generate_series(0, 32) AS d) AS t;
SET datestyle = 'German, DMY'; SET timezone = 'America/New_York'; SET intervalstyle = 'iso_8601';
SELECT count(*) FILTER (WHERE at IS DISTINCT FROM medaudit.to_time(to_char(at, 'YYYY/MM/DD HH24:MI:SS.US'))) AS wrong FROM moment;
RESET datestyle; RESET timezone; RESET intervalstyle; SET datestyle = iso;

-- money
SELECT written, medaudit.to_amount(written) FROM (VALUES
	(1, '12.50'), (2, '0'), (3, '-3'), (4, '+3'), (5, ' 12 '), (6, '１２．５０'), (7, '－３'), (8, '＋３'), (9, '−3.20'), (10, '1,234.50'), (11, '1,234,567'), (12, '12，345'), (13, '￥1,234.50'), (14, '¥ 12'), (15, '12元'), (16, '12.50 元'),
	(17, '-￥12'), (18, '￥-12'), (19, '¥ - 12元'), (20, '.5'), (21, '5.'), (22, '1.5e3'), (23, '1E-2'), (24, '1e+11'), (25, '100000000000'), (26, '-100000000000.00'), (27, '007'), (28, '1234567.89'), (29, '0.000001'), (30, '0e99'), (31, '　12.5　')) AS t (n, written) ORDER BY n;
SELECT string_agg(written, ' | ' ORDER BY n) FILTER (WHERE medaudit.to_amount(written) IS NOT NULL) AS read, count(*) AS unread FROM unnest(ARRAY[
	'', ' ', '　', '-', '+', '.', '-.', ',', 'NaN', 'nan', 'inf', 'Infinity', '-Infinity', 'null', 'x', '12x', '1 2', '1-2', '--1', '+-1', '1-', '(12)', '12%', '￥', '元', '￥￥1', '1元元', '元1', '1￥',
	'1,2345', '12,34', '1234,567', ',123', '1,,234', '1,234,', '1,23.4', '0,123', '0,5', '1.234.567', '1.5,0', '1e', '1e+', 'e5', '1e1.5', '1e1000', '1e999999999999', '1e-9999', '100000000001', '-100000000001', '1e12', '1e100', '0x10', '1_000', '0b1', '十二', '12.5０x',
	repeat('9', 1000), repeat('0', 1000), '0.' || repeat('1', 1000), '1e' || repeat('1', 1000)]) WITH ORDINALITY AS t (written, n);
-- as numeric reads them
SELECT count(*) AS numbers, count(*) FILTER (WHERE medaudit.to_amount(n::text) IS DISTINCT FROM n) AS plain, count(*) FILTER (WHERE medaudit.to_amount(trim(to_char(n, '999,999,999,990.0000'))) IS DISTINCT FROM round(n, 4)) AS grouped,
	count(*) FILTER (WHERE medaudit.to_amount(to_char(n, '9.999999999999EEEE')) IS DISTINCT FROM to_char(n, '9.999999999999EEEE')::numeric) AS exponent
FROM (SELECT (n * 7919 % 200003 - 100001) * 0.0001 * (n % 9 + 1)::numeric ^ 3 AS n FROM generate_series(1, 5000) AS n) AS t;
-- flags
SELECT string_agg(written, ' ' ORDER BY n) FILTER (WHERE f) AS yes, string_agg(written, ' ' ORDER BY n) FILTER (WHERE NOT f) AS no, count(*) FILTER (WHERE f IS NULL) AS neither
FROM (SELECT written, n, medaudit.to_flag(written) AS f FROM unnest(ARRAY['1', '0', '是', '否', '有', '无', 'y', 'N', 'Yes', 'no', 't', 'F', 'TRUE', 'false', '１', 'ｙ', ' 是　', '', ' ', '2', '-1', '01', '10', 'on', 'off', 'x', '是的', '不是', 'nul', 'yess']) WITH ORDINALITY AS u (written, n)) AS t;
SELECT medaudit.to_time(NULL) AS t, medaudit.to_amount(NULL) AS a, medaudit.to_flag(NULL) AS f;

-- values of proper types: the bounds, both sides
SELECT t, medaudit._read_time(t), medaudit._time_is_open(t) FROM unnest('{-infinity,"0044-03-15 BC","1899-12-31 23:59:59.999999",1900-01-01,2025-01-31 08:30:00.5,"2200-12-31 23:59:59.999999",2201-01-01,9999-12-30 23:59:59,9999-12-31,9999-12-31 23:59:59,10000-01-01,20250-01-31,infinity,NULL}'::timestamp[]) AS t;
SELECT t, medaudit._time_is_open(t) FROM unnest('{infinity,INFINITY,-infinity,9999-12-31,99991231,9999/12/31 23:59:59,9999-12-31 00:00,9999年12月31日,9999-12-30,2999-12-31,"",x,NULL}'::text[]) AS t;
SELECT d, medaudit._read_date(d) FROM unnest('{-infinity,"0044-03-15 BC",1899-12-31,1900-01-01,2200-12-31,2201-01-01,9999-12-31,infinity,NULL}'::date[]) AS d;
SELECT d, medaudit._read_date(d) FROM unnest('{1950-02-28,"1950/2/28 0:00:00",19500228,1950年2月28日,1950-02-30,1950,""}'::text[]) AS d;
SELECT n, medaudit._read_amount(n), medaudit._read_quantity(n), medaudit._read_integer(n)
FROM unnest('{NaN,Infinity,-Infinity,0,-1,1.50,1e9,1000000000.01,-1e9,-1000000000.01,1e11,100000000000.01,-1e11,-100000000000.01,1e15,1e40,1e-40,2147483647,2147483648,-2147483648,-2147483649,NULL}'::numeric[]) AS n;
SELECT f, medaudit._read_amount(f), medaudit._read_quantity(f) FROM unnest('{0.1,12.35,-0.30000000000000004,1e11,1.1e11,1e-7,NaN,Infinity,1e300,NULL}'::float8[]) AS f;
SET extra_float_digits = -10;
SELECT medaudit._read_amount(12345678.91::float8) AS f8, medaudit._read_amount(0.1::float4) AS f4, medaudit._read_quantity(1234.56::float4) AS q4;
RESET extra_float_digits;
SELECT t, medaudit._read_quantity(t), medaudit._read_integer(t) FROM unnest('{3,３,3.0,3.5,-2,1e9,1e10,"1,000",x,"",2147483648,NULL}'::text[]) AS t;
SELECT r, medaudit._read_period(r) FROM unnest(ARRAY['[2025-01-01,2026-01-01)', 'empty', '(,)', '[2025-01-01,)', '[2025-01-01,infinity)', '[2025-01-01,9999-12-31]', '[2025-01-01,9999-12-31)', '[2025-01-01,9999-12-30)', '[2025-01-01,20250-01-01)', '[0025-01-01,2026-01-01)', '[-infinity,2026-01-01)', '(,2201-01-01)', '(,2201-01-02)']::daterange[]) AS r;
SELECT t, medaudit._read_period(t) FROM unnest(ARRAY['[2025-01-01,2026-01-01)', '[2025/1/1, 2025年12月31日]', '(20250101,20250201)', '[2025-01-01,)', '[,2025-01-01]', '(,)', '[2025-01-01,9999-12-31]', '[2025-01-01,2025-01-01]', '[2025-01-01,2025-01-01)', '[2026-01-01,2025-01-01)', '[2025-02-30,)', '[2025-01-01', '2025-01-01,2026-01-01', '[x,y]', '[]', '[', '', ',', '[1,2,3]', '[9999-12-31,)']) AS t;
SELECT w, medaudit._read_weights(w) FROM unnest(ARRAY['a', 'b', 'c', 'd', 'e']) WITH ORDINALITY AS k (k, n), LATERAL (VALUES (('{"{1,2.5}","{}","{1,NULL}","{1,NaN}","{1e12}"}'::text[])[n]::numeric[])) AS t (w) ORDER BY n;
\pset format unaligned
SELECT '<' || t || '>' AS text, '<' || medaudit._read_text(t) || '>' AS plain, '<' || medaudit._read_code(t) || '>' AS code
FROM unnest(ARRAY['V1', ' v1 ', '　Ｖ１　', E'\tv 1\n', '', ' ', '　', E'\u00a0a\ufeff', '张三', ' 张三　', '元']) AS t;
\pset format aligned
-- all of them: NULL gives NULL, the same rows in every plan
SELECT count(*) AS functions, bool_and(proisstrict AND provolatile = 'i' AND proparallel = 's') AS pure FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace AND proname ~ '^(_read|to)_(?!visit|indicator)|_time_is_open';
-- nothing that anybody can write is an error: 60,000 damaged inputs
SELECT count(*) AS inputs, count(medaudit.to_time(w)) > 100 AS times, count(medaudit.to_amount(w)) > 100 AS amounts, count(medaudit._read_period(w)) >= 0 AS periods, count(medaudit._read_integer(w)) > 100 AS integers, count(medaudit.to_flag(w)) >= 0 AS flags, count(medaudit._read_quantity(w)) > 100 AS quantities, count(medaudit._time_is_open(w)) AS open
FROM (SELECT overlay(base PLACING substr('0123456789-/:.,+eE年月日元￥[)　xT', (n * 31 + k * 17)::int % 29 + 1, 1) FROM (n * 7 + k)::int % 20 + 1 FOR (n + k)::int % 3) AS w
	FROM unnest(ARRAY['2025-01-31 08:30:00', '20250131083000', '1,234,567.50', '-12.5e3', '[2025-01-01,2026-01-01)', '123']) WITH ORDINALITY AS b (base, k), generate_series(1, 10000) AS n) AS t;
