-- A province of :copies counties, each a copy of the one in schema ONE under a region,
-- people, hospitals and numbers of its own.  Charge lines, visits and settlements are
-- partitioned by month and come in as a warehouse gets them: day by day, of a day
-- county by county.  Nothing is drawn, so what a county's run finds a province's finds
-- as often as there are counties, and each statement is a set.
--
-- psql variable copies: 1 to 99, for so many counties a city may have.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

-- What tells a county from another: its region in numbers that have one, a prefix of
-- other numbers, its name.  By the name of the column.
CREATE FUNCTION demo.elsewhere(place text, content text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT CASE
		WHEN place IN ('mdtrt_id', 'psn_no', 'setl_id', 'refl_old_mdtrt_id', 'hh_no', 'pay_sn', 'mdtrt_cert_no', 'reim_id',
			'bill_code', 'opter_id', 'chker_id', 'bankacct') THEN format('lpad(k::text, 3, ''0'') || %s', content)
		WHEN place IN ('fixmedins_code', 'chfpdr_code', 'bilg_dr_code', 'insu_admdvs', 'fix_blng_admdvs')
			THEN format('replace(%s, ''990000'', ''99'' || lpad(k::text, 4, ''0''))', content)
		WHEN place = 'drug_trac_codg' THEN format('overlay(%s PLACING lpad(k::text, 3, ''0'') FROM 3)', content)
		WHEN place = 'certno' THEN format('demo.resident_elsewhere(%s, k)', content)
		WHEN place = 'tel' THEN format('overlay(%s PLACING lpad(k::text, 2, ''0'') FROM 4)', content)
		WHEN place IN ('addr', 'emp_name', 'fixmedins_name') THEN format('replace(%s, ''清溪'', demo.county_name(k))', content) END);

-- Counties of which there are none: after the first hundred letters of 千字文.
CREATE FUNCTION demo.county_name(k int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE k WHEN 0 THEN '清溪' ELSE '溪' || substr('天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈'
		|| '剑号巨阙珠称夜光果珍李柰菜重芥姜海咸河淡鳞潜羽翔龙师火帝鸟官人皇始制文字乃服衣裳推位让国', k, 1) END;

-- The number of somebody of another region, written as it was.  The check character
-- moves on by what the four digits that change weigh, so that a wrong one stays wrong.
CREATE FUNCTION demo.moved_on(plain text, k int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '99' || lpad(k::text, 4, '0') || substr(plain, 7, 11) || substr('10X98765432', 1 + (strpos('10X98765432', right(plain, 1)) - 1
		+ 10 * (k / 1000) + 5 * (k / 100 % 10) + 8 * (k / 10 % 10) + 4 * (k % 10)) % 11, 1);
CREATE FUNCTION demo.resident_elsewhere(number text, k int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN number ~ '^990000[0-9]{11}[0-9X]$' THEN demo.moved_on(number, k)
		WHEN number ~ '^ ９９００００.{12}$'
			THEN ' ' || translate(demo.moved_on(translate(btrim(number), '０１２３４５６７８９ｘ', '0123456789X'), k), '0123456789X', '０１２３４５６７８９ｘ')
		ELSE regexp_replace(number, '^990000', '99' || lpad(k::text, 4, '0')) END;

-- The tables of the warehouse, and by what they are partitioned.
CREATE TABLE demo.copied AS
SELECT c.relname AS name, p.by,
	(SELECT string_agg(coalesce(demo.elsewhere(a.attname, format('t.%I', a.attname)),
			-- what the funds took in is of all counties
			CASE WHEN c.relname = 'fund_acct_b' AND a.atttypid = 'numeric'::regtype THEN format(:'copies' || ' * t.%I', a.attname) END,
			format('t.%I', a.attname)), ', ' ORDER BY a.attnum)
		FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
	EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND demo.elsewhere(a.attname, '') IS NOT NULL) AS of_a_county
FROM pg_class AS c
LEFT JOIN (VALUES ('fee_list_d', 'fee_ocur_time'), ('mdtrt_d', 'begntime'), ('setl_d', 'setl_time')) AS p (name, by) ON p.name = c.relname
WHERE c.relnamespace = 'one'::regnamespace AND c.relkind = 'r';

CREATE SCHEMA yb;
-- the county is read day by day
SELECT format('CREATE INDEX ON one.%I (%I)', name, by) FROM demo.copied WHERE by IS NOT NULL
\gexec
SELECT CASE WHEN by IS NULL THEN format('CREATE TABLE yb.%I (LIKE one.%1$I INCLUDING INDEXES INCLUDING COMMENTS)', name)
	ELSE format('CREATE TABLE yb.%I (LIKE one.%1$I INCLUDING COMMENTS) PARTITION BY RANGE (%I)', name, by) END
FROM demo.copied
\gexec
SELECT format('INSERT INTO yb.%I SELECT %s FROM generate_series(0, %s) AS k CROSS JOIN one.%1$I AS t',
	name, columns, CASE WHEN of_a_county THEN :copies - 1 ELSE 0 END)
FROM demo.copied WHERE by IS NULL ORDER BY name COLLATE "C"
\gexec
CREATE TABLE demo.month AS
SELECT DISTINCT 'fee_list_d' AS name, date_trunc('month', fee_ocur_time) AS begins FROM one.fee_list_d
UNION SELECT 'mdtrt_d', date_trunc('month', begntime) FROM one.mdtrt_d
UNION SELECT 'setl_d', date_trunc('month', setl_time) FROM one.setl_d;
-- a month is made and filled in one transaction
SELECT 'BEGIN',
	CASE WHEN m.begins IS NULL THEN format('CREATE TABLE yb.%I PARTITION OF yb.%I DEFAULT', c.name || '_none', c.name)
		ELSE format('CREATE TABLE yb.%I PARTITION OF yb.%I FOR VALUES FROM (%L) TO (%L)', c.name || to_char(m.begins, '_YYYYMM'), c.name,
			m.begins, m.begins + interval '1 month') END,
	CASE WHEN m.begins IS NULL
		THEN format('INSERT INTO yb.%I SELECT %s FROM generate_series(0, %s) AS k CROSS JOIN one.%I AS t WHERE t.%I IS NULL',
			c.name || '_none', c.columns, :copies - 1, c.name, c.by)
		ELSE format('INSERT INTO yb.%I SELECT %s FROM (SELECT day, k FROM generate_series(%L::timestamp, %L, ''1 day'') AS day, generate_series(0, %s) AS k
				ORDER BY day, k) AS d (day, k)
			CROSS JOIN LATERAL (SELECT * FROM one.%I AS i WHERE i.%I >= d.day AND i.%7$I < d.day + interval ''1 day'' OFFSET 0) AS t',
			c.name || to_char(m.begins, '_YYYYMM'), c.columns, m.begins, m.begins + interval '1 month - 1 day', :copies - 1, c.name, c.by) END,
	'COMMIT'
FROM demo.copied AS c JOIN demo.month AS m ON m.name = c.name ORDER BY c.name COLLATE "C", m.begins
\gexec
CREATE INDEX ON yb.fee_list_d (mdtrt_id);
CREATE INDEX ON yb.mdtrt_d (mdtrt_id);
CREATE INDEX ON yb.mdtrt_d (psn_no);
CREATE INDEX ON yb.setl_d (mdtrt_id);
CREATE INDEX ON yb.setl_list_diag_d (mdtrt_id);
