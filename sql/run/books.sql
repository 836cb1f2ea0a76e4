-- The store of books: what a run would gather from the charge lines, kept from one
-- run to the next and made to follow the warehouse.
--
-- It is plain tables in schema medaudit_data, made by create_book_store() and owned
-- by its caller (_book_tables).  Nothing in them is known from nowhere else: they can
-- be dropped and made again at any time.
--
--	visit_book	a row per visit: its book, whose it is and when it is judged.  The
--		unit is the visit, for its lines change together and refunds are never netted
--		across visits; it is partitioned by the person, whose book is the rollup() of
--		the books of his visits.
--	book_state	one row: up to when changes were read, and how the last refresh went.
--	visit_change	which person, facility and day are to be judged again, because
--		something changed there after a run had judged it.
--	person_key	a row per person of the register, see books_register.sql.
--	kept_stay, due_person	the stays with their tags, and whose are to be made anew,
--		see books_stays.sql.
--
-- A refresh makes a list of the visits that are DUE and takes it in steps.  A step
-- gathers its visits whole, whatever changed of them, puts the rows that differ in
-- the place of those that stand, and commits: so the store is true to the lines at
-- each commit, and a refresh that was killed is gone on with by calling it again.
--
-- What is due the relation change says: visits with a row later than the WATERMARK,
-- the latest time that was read, less an hour, for a transaction may commit after a
-- later one.  They are taken in the order of these times, and each step moves the
-- watermark with what it wrote.  Days of which no visits were stored yet, a full
-- check, and a warehouse without the relation change need a list of all visits
-- (_books_list), which costs a pass over the visits and, for a full check, one over
-- the lines; that one makes digests of them and no books.
--
-- Cost of a day: what changed, found by the indexes that create_book_store() asks
-- for, and the sample.  What is looked for by an index is taken to be in memory
-- (random_page_cost), for each night looks at what the one before did.  Memory: that
-- of a hash of the visits of a step, within work_mem.

-- Visits of a step, that is of a transaction.  Each step over so many is a scan of the
-- lines, of the visits and of the diagnoses: no index is worth it.
CREATE OR REPLACE FUNCTION _books_per_step() RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 500000;

COMMENT ON FUNCTION _books_per_step() IS
	'每步就诊数: how many visits a refresh of the store of books gathers in a transaction';

-- With steps of one size a store of ten times the lines would be made of ten times the
-- scans, each of ten times the lines: 28 scans of 100 million.  There are eight at most.
CREATE OR REPLACE FUNCTION _books_step(nth bigint, visits bigint) RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN ((nth - 1) / greatest(medaudit._books_per_step(), ceil(visits / 8.0)::bigint))::int;

COMMENT ON FUNCTION _books_step(bigint, bigint) IS
	'步骤序号: in which step, from 0, a refresh of the store of books gathers the nth of so many visits; there are eight steps at most';

CREATE OR REPLACE FUNCTION _book_tables() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN '{visit_book,book_state,visit_change,person_key,kept_stay,due_person}'::text[];

COMMENT ON FUNCTION _book_tables() IS
	'账册库各表: names of the tables of the store of books, in schema medaudit_data';

CREATE OR REPLACE FUNCTION _has_book_store() RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN NOT EXISTS (SELECT FROM unnest(medaudit._book_tables()) AS t (name) WHERE to_regclass('medaudit_data.' || t.name) IS NULL);

COMMENT ON FUNCTION _has_book_store() IS
	'是否有账册库: whether create_book_store() has made a store in this database';

-- An engine that has spread the store plans a statement as a whole, and joins it with a
-- working table in few ways: what is asked of it is asked by a statement of its own.
CREATE OR REPLACE FUNCTION _books_spread() RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF to_regclass('pg_catalog.pg_dist_partition') IS NULL THEN
		RETURN false;
	END IF;
	RETURN EXISTS (SELECT FROM pg_dist_partition AS p WHERE p.logicalrelid = to_regclass('medaudit_data.visit_book'));
END
$$;

COMMENT ON FUNCTION _books_spread() IS
	'账册库是否分布: whether Citus has spread the books over servers, by person; false where there is no store';

-- ------------------------------------------------------------ making the store

-- Whether a condition on a column of a bound relation can go by an index, as the
-- planner says it where it may not read all: whatever view, table or foreign table
-- stands behind the relation.
CREATE OR REPLACE FUNCTION _books_index_serves(relation text, condition text, remote bool DEFAULT true) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_seqscan = off
AS $$
DECLARE
	plan json;
BEGIN
	PERFORM medaudit._check_trusted(relation);
	EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM medaudit_data.%I AS c WHERE %s', relation, condition) INTO plan;
	RETURN plan::text ~ '"Index Cond"' OR remote AND plan::text ~ '"Remote SQL"|"Foreign Scan"|"Custom Plan Provider": "Citus';
END
$$;

COMMENT ON FUNCTION _books_index_serves(text, text, bool) IS
	'索引是否可用: whether the planner finds rows of a bound relation, of alias c, by an index for a condition; of a foreign table, or one that an engine has spread, remote';

-- The statement that makes an index by which changes are found; for that of lines
-- and visits see _key_index().
CREATE OR REPLACE FUNCTION _books_change_index() RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('CREATE INDEX ON %s (%s)', b.source, replace(r.reader, '@', format('(%s)::%s', e.expression, r.given_type)))
	FROM medaudit.binding AS b
	JOIN pg_class AS t ON t.oid = to_regclass(b.source) AND t.relkind IN ('r', 'p', 'm')
	CROSS JOIN LATERAL (SELECT medaudit._source_expression(t.oid::regclass, b.columns, 'changed_at') AS expression) AS e
	CROSS JOIN LATERAL medaudit._source_reading('time',
		medaudit._source_expression_type(t.oid::regclass, e.expression)) AS r
	WHERE b.relation = 'change'
$$;

COMMENT ON FUNCTION _books_change_index() IS
	'变化时间索引: the statement that makes an index by which rows of change are found by changed_at; NULL where it is bound to no table';

-- Without them a day costs a scan of all lines, and that is all.
CREATE OR REPLACE PROCEDURE _books_ask_indexes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wanted record;
	index_made text;
	statistics_made text;
BEGIN
	FOR wanted IN
		SELECT w.relation, w.column_name, w.condition
		FROM (VALUES ('charge', 'visit_id', 'c.visit_id = ''1''::text'), ('visit', 'visit_id', 'c.visit_id = ''1''::text'),
			('diagnosis', 'visit_id', 'c.visit_id = ''1''::text'), ('person', 'person_id', 'c.person_id = ''1''::text'),
			('change', 'changed_at', 'c.changed_at > timestamp ''2199-12-31''')) AS w (relation, column_name, condition)
		WHERE to_regclass('medaudit_data.' || w.relation) IS NOT NULL
	LOOP
		index_made := CASE wanted.relation WHEN 'change' THEN medaudit._books_change_index() ELSE medaudit._key_index(wanted.relation) END;
		-- where several tables stand behind a view, an index may serve another than that of the key
		IF wanted.relation <> 'change' AND index_made IS NOT NULL OR NOT medaudit._books_index_serves(wanted.relation, wanted.condition) THEN
			RAISE NOTICE USING MESSAGE = format(medaudit._say('no index finds rows of %s by %s: each refresh will read all of it'), wanted.relation, wanted.column_name),
				HINT = coalesce(index_made || ';', medaudit._say('Make an index of the tables behind it that serves the view.'));
		END IF;
		statistics_made := medaudit._key_statistics(wanted.relation);
		IF statistics_made IS NOT NULL THEN
			RAISE NOTICE USING MESSAGE = format(medaudit._say('nothing tells the planner how many rows of %s one %s has: for some it may read all of it'),
				wanted.relation, wanted.column_name), HINT = statistics_made || ';';
		END IF;
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _books_ask_indexes() IS
	'提示索引: a notice, with the statement that makes it, for each index that a refresh of the store of books lacks, and for statistics without which it is not used';

CREATE OR REPLACE PROCEDURE _describe_book_store()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told record;
BEGIN
	FOR told IN SELECT * FROM (VALUES
		('TABLE', 'visit_book', '就诊账册: the book of each visit, made and kept by medaudit.refresh_books(); derived data'),
		('TABLE', 'book_state', '账册库状态: how far the store of books has followed the warehouse'),
		('TABLE', 'visit_change', '就诊变化: what changed after a run had judged it; read medaudit.stale_visits'),
		('TABLE', 'person_key', '人员登记: what rules ask of each person of the register, and the keys of what links him to others; derived data'),
		('TABLE', 'kept_stay', '保存的住院: the stays of people whom a run does not judge, as rules see them; derived data'),
		('TABLE', 'due_person', '待重做住院的人员: whose stays the next run makes anew'),
		('COLUMN', 'due_person.person_id', '人员编号: the person'),
		('COLUMN', 'visit_book.last_on', '最后日期: the last day of any of its times; NULL: it has none'),
		('COLUMN', 'visit_book.open', '未结算: whether a row of it is neither settled nor discharged'),
		('COLUMN', 'visit_book.person_id', '人员编号: whose visit it is; NULL: not known'),
		('COLUMN', 'visit_book.visit_id', '就诊编号: the visit'),
		('COLUMN', 'visit_book.facility_id', '定点医药机构编号: where'),
		('COLUMN', 'visit_book.judged_on', '归属日期: day of its last settlement (else discharge); NULL: not settled yet'),
		('COLUMN', 'visit_book.book', '费用账册: ledger() of its lines; NULL: it has none'),
		('COLUMN', 'visit_book.lines', '明细行数: number of its lines'),
		('COLUMN', 'visit_book.problems', '明细问题计数: how many of its lines are incomplete, unreadable or contradict themselves, see gathered_lines; NULL: none'),
		('COLUMN', 'visit_book.digest', '明细摘要: digest of its lines; NULL: it has none'),
		('COLUMN', 'visit_book.gathered_at', '汇集时间: when the book was gathered'),
		('COLUMN', 'visit_book.changed_at', '变更时间: local time of the latest change that was read; NULL: none says'),
		('COLUMN', 'visit_book.judged_run', '已稽核运行: the last run that had judged its day when the book was gathered; NULL: none'),
		('COLUMN', 'visit_book.begins', '开始日期: day on which it began; NULL: not known'),
		('COLUMN', 'visit_book.visit_digest', '就诊摘要: digest of its rows in visit and diagnosis'),
		('COLUMN', 'visit_book.categories', '收费类别: category of each item of the book, in the order of its codes; NULL: none is known'),
		('COLUMN', 'visit_book.twice', '流水号重复: whether two of its lines have one number'),
		('COLUMN', 'book_state.relation', '关系: charge'),
		('COLUMN', 'book_state.watermark', '水位: local time of the latest change that was read; NULL: none'),
		('COLUMN', 'book_state.refreshed_at', '刷新时间: end of the last refresh; NULL: none has ended'),
		('COLUMN', 'book_state.visits', '就诊数: visits in the store'),
		('COLUMN', 'book_state.changed', '变化数: visits that the last refresh found new, changed or gone'),
		('COLUMN', 'book_state.gathered', '汇集数: visits that the last refresh gathered from their lines'),
		('COLUMN', 'book_state.filled', '已入库日期: days all visits of which were stored'),
		('COLUMN', 'book_state.reading', '读取方式摘要: digest of how lines and visits are read: of the bound views and the codes of hospitals'),
		('COLUMN', 'book_state.unchecked', '待核对分区: numbers of the partitions that the next refresh gathers again'),
		('COLUMN', 'book_state.sampled', '抽样数: visits that the last refresh drew'),
		('COLUMN', 'book_state.differing', '不一致数: drawn visits that were not as their lines are, and of which no run has told yet'),
		('COLUMN', 'book_state.examples', '不一致示例: the first three of these'),
		('COLUMN', 'book_state.persons', '人员数: persons in the store'),
		('COLUMN', 'book_state.readable', '可识别证件号码数: those of them whose resident number is readable'),
		('COLUMN', 'book_state.nameless', '无编号登记行数: rows of the register without person_id'),
		('COLUMN', 'book_state.register_reading', '登记读取方式摘要: digest of how the register and its addresses are read; NULL: it was not read yet'),
		('COLUMN', 'book_state.register_at', '整册核对时间: when the whole register was compared last'),
		('COLUMN', 'book_state.persons_changed', '登记变化数: persons that the last whole comparison, and those of single days since, found new, changed or gone'),
		('COLUMN', 'book_state.stays_reading', '住院读取方式摘要: digest of how the kept stays were read and tagged; NULL: none are kept'),
		('COLUMN', 'book_state.stays_from', '住院起始日期: all stays that ended from this day on are kept'),
		('COLUMN', 'person_key.person_id', '人员编号: the person'),
		('COLUMN', 'person_key.people_id', '同一人: the first of the persons with whom he is one of the people, by a valid resident number'),
		('COLUMN', 'person_key.number_owner', '同一证件: the first of the persons who have his valid resident number'),
		('COLUMN', 'person_key.number', '证件号码: resident number as far as it is readable; NULL: it is not'),
		('COLUMN', 'person_key.name', '姓名: as bound'),
		('COLUMN', 'person_key.sex', '性别: as bound'),
		('COLUMN', 'person_key.birth_date', '出生日期: NULL: not known'),
		('COLUMN', 'person_key.death_date', '死亡日期: as bound'),
		('COLUMN', 'person_key.insurance_type', '险种类型: as bound'),
		('COLUMN', 'person_key.own_household', '本人家庭编号: as bound'),
		('COLUMN', 'person_key.household', '家庭编号: his own, else that of his people'),
		('COLUMN', 'person_key.address', '住址键: household_key() of his address'),
		('COLUMN', 'person_key.phone', '电话: readable_phone()'),
		('COLUMN', 'person_key.household_people', '同户人数: people of his household; NULL: he has none'),
		('COLUMN', 'person_key.address_people', '同址人数: people of his address; NULL: it is not known'),
		('COLUMN', 'person_key.invalid', '证件号无效: whether the number cannot exist'),
		('COLUMN', 'person_key.differs', '证件号不一致: whether the number tells another sex or birth date'),
		('COLUMN', 'person_key.unreadable', '未读列: columns of his row that could not be read; NULL: all could'),
		('COLUMN', 'person_key.digest', '登记摘要: number that his rows of the register decide'),
		('COLUMN', 'person_key.rows', '登记行数: his rows of the register'),
		('COLUMN', 'person_key.copies', '重复行数: those of them that are copies of another one'),
		('COLUMN', 'person_key.different', '不同行数: different rows among them'),
		('COLUMN', 'visit_change.visit_id', '就诊编号: the visit that changed'),
		('COLUMN', 'visit_change.person_id', '人员编号: whose it is or was'),
		('COLUMN', 'visit_change.facility_id', '定点医药机构编号: where it is or was'),
		('COLUMN', 'visit_change.judged_on', '归属日期: day of settlement (else discharge; of what is not settled, of its beginning)'),
		('COLUMN', 'visit_change.changed_at', '变更时间: local time of the change; NULL: none says'),
		('COLUMN', 'visit_change.found_at', '发现时间: when a refresh found it'),
		('COLUMN', 'visit_change.judged_run', '已稽核运行: the last run that had judged the day; NULL: none, but others may have been judged beside it'),
		('COLUMN', 'visit_change.gone', '不再存在: what had been judged is not there any more')) AS d (kind, name, text)
		UNION ALL
		SELECT 'COLUMN', 'kept_stay.' || a.attname, coalesce(CASE a.attname WHEN 'members' THEN '组成就诊: the visits of the stay; NULL: itself alone'
				WHEN 'ends' THEN '结束日期: last day of the stay' WHEN 'referred' THEN '转诊: whether it names a referral'
				WHEN 'newborn' THEN '新生儿标志: as bound' WHEN 'judged' THEN '是否本期: false' WHEN 'judged_person' THEN '是否本期人员: false' END,
			col_description('medaudit.run_stay'::regclass, c.attnum))
		FROM pg_attribute AS a
		LEFT JOIN pg_attribute AS c ON c.attrelid = 'medaudit.run_stay'::regclass AND c.attname = a.attname
		WHERE a.attrelid = to_regclass('medaudit_data.kept_stay') AND a.attnum > 0
	LOOP
		EXECUTE format('COMMENT ON %s medaudit_data.%s IS %L', told.kind, told.name, told.text);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _describe_book_store() IS
	'账册库说明: comments of the tables of the store of books and their columns';

CREATE OR REPLACE PROCEDURE create_book_store(partitions int DEFAULT 16)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	made text;
BEGIN
	IF partitions IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('partitions must not be null');
	ELSIF partitions NOT BETWEEN 1 AND 1024 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('partitions must be between 1 and 1024'),
			DETAIL = format(medaudit._say('It is %s.'), partitions);
	END IF;
	-- what else was left of a store whose books somebody dropped
	FOREACH made IN ARRAY (medaudit._book_tables())[4:] LOOP
		IF to_regclass('medaudit_data.visit_book') IS NULL AND to_regclass('medaudit_data.' || made) IS NOT NULL THEN
			EXECUTE format('DROP TABLE medaudit_data.%I', made);
		END IF;
	END LOOP;
	CREATE TABLE medaudit_data.visit_book (
		person_id text, visit_id text NOT NULL, facility_id text, judged_on date, book medaudit.ledger,
		lines int NOT NULL, problems int[], digest bytea, gathered_at timestamptz NOT NULL, changed_at timestamp,
		judged_run bigint, begins date, visit_digest bytea NOT NULL, categories text[], twice bool NOT NULL,
		last_on date, open bool NOT NULL
	) PARTITION BY HASH (person_id);
	FOR n IN 0 .. partitions - 1 LOOP
		EXECUTE format('CREATE TABLE medaudit_data.visit_book_%s PARTITION OF medaudit_data.visit_book FOR VALUES WITH (MODULUS %s, REMAINDER %1$s)',
			n, partitions);
	END LOOP;
	CREATE INDEX ON medaudit_data.visit_book (visit_id);
	CREATE INDEX ON medaudit_data.visit_book (person_id);
	CREATE INDEX ON medaudit_data.visit_book (judged_on);
	CREATE INDEX ON medaudit_data.visit_book (last_on);
	CREATE INDEX ON medaudit_data.visit_book (person_id) WHERE open;
	CREATE TABLE medaudit_data.book_state (
		relation text PRIMARY KEY, watermark timestamp, refreshed_at timestamptz, visits bigint NOT NULL,
		changed bigint NOT NULL, gathered bigint NOT NULL, filled datemultirange NOT NULL, reading bytea,
		unchecked int[] NOT NULL, sampled bigint NOT NULL, differing bigint NOT NULL, examples text[] NOT NULL,
		persons bigint NOT NULL, readable bigint NOT NULL, nameless bigint NOT NULL, register_reading bytea, register_at timestamptz,
		persons_changed bigint NOT NULL, stays_reading bytea, stays_from date
	);
	INSERT INTO medaudit_data.book_state (relation, visits, changed, gathered, filled, unchecked, sampled, differing, examples,
		persons, readable, nameless, persons_changed)
	VALUES ('charge', 0, 0, 0, '{}', '{}', 0, 0, '{}', 0, 0, 0, 0);
	CREATE TABLE medaudit_data.visit_change (
		visit_id text NOT NULL, person_id text, facility_id text, judged_on date NOT NULL, changed_at timestamp,
		found_at timestamptz NOT NULL, judged_run bigint, gone bool NOT NULL
	);
	CREATE INDEX ON medaudit_data.visit_change (person_id);
	CREATE TABLE medaudit_data.person_key (
		person_id text NOT NULL, people_id text NOT NULL, number_owner text NOT NULL, number text, name text, sex text, birth_date date,
		death_date date, insurance_type text, own_household text, household text, address text, phone text, household_people bigint,
		address_people bigint, invalid bool NOT NULL, differs bool NOT NULL, unreadable text[], digest numeric NOT NULL, rows int NOT NULL,
		copies int NOT NULL, different int NOT NULL
	);
	CREATE UNIQUE INDEX ON medaudit_data.person_key (person_id);
	CREATE INDEX ON medaudit_data.person_key (number_owner);
	CREATE INDEX ON medaudit_data.person_key (number);
	CREATE INDEX ON medaudit_data.person_key (household);
	CREATE INDEX ON medaudit_data.person_key (address);
	CREATE INDEX ON medaudit_data.person_key (phone);
	CREATE INDEX ON medaudit_data.person_key (people_id);
	CREATE INDEX ON medaudit_data.person_key (person_id) WHERE people_id <> person_id;
	-- of few there is something to say
	CREATE INDEX ON medaudit_data.person_key (person_id) WHERE rows > 1;
	CREATE INDEX ON medaudit_data.person_key (person_id) WHERE unreadable IS NOT NULL;
	CREATE INDEX ON medaudit_data.person_key (person_id) WHERE invalid;
	CREATE INDEX ON medaudit_data.person_key (person_id) WHERE differs;
	CREATE TABLE medaudit_data.kept_stay (LIKE medaudit_work.stay, members text[]);
	CREATE INDEX ON medaudit_data.kept_stay (person_id);
	CREATE INDEX ON medaudit_data.kept_stay (visit_id) WHERE members IS NOT NULL;
	CREATE TABLE medaudit_data.due_person (person_id text NOT NULL);
	CALL medaudit._know_rows('medaudit_data');
	CALL medaudit._describe_book_store();
	FOREACH made IN ARRAY medaudit._book_tables() LOOP
		CALL medaudit._give_levels(relation => format('medaudit_data.%I', made));
	END LOOP;
	CALL medaudit._books_ask_indexes();
EXCEPTION WHEN duplicate_table THEN
	RAISE EXCEPTION USING ERRCODE = '42P07', MESSAGE = format(medaudit._say('there is a store of books already: %s'), SQLERRM),
		HINT = format(medaudit._say('To make it anew: DROP TABLE %s.'), (SELECT string_agg('medaudit_data.' || t.name, ', ' ORDER BY t.nth)
			FROM unnest(medaudit._book_tables()) WITH ORDINALITY AS t (name, nth) WHERE to_regclass('medaudit_data.' || t.name) IS NOT NULL));
END
$$;

COMMENT ON PROCEDURE create_book_store(int) IS
	'建立账册库: makes the tables of the store (_book_tables; visit_book in so many hash partitions by person) in schema medaudit_data, empty and owned by the caller, and names in notices the indexes that the warehouse lacks for them; 42P07 where they are there, 22023 outside 1 to 1024, NULL is 22004';

-- --------------------------------------------------------------- may it be used

-- A trigger on a table of the store would act with the rights of whoever refreshes
-- it.  With the lock nobody makes one until the end of the transaction.
CREATE OR REPLACE PROCEDURE _check_books_trusted()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	planted text;
BEGIN
	EXECUTE (SELECT format('LOCK TABLE %s IN ROW EXCLUSIVE MODE', string_agg('medaudit_data.' || t.name, ', '))
		FROM unnest(medaudit._book_tables()) AS t (name));
	PERFORM medaudit._check_trusted(t.name) FROM unnest(medaudit._book_tables()) AS t (name);
	SELECT min(p.what) INTO planted
	FROM (
		SELECT to_regclass('medaudit_data.' || t.name) AS oid FROM unnest(medaudit._book_tables()) AS t (name) WHERE t.name <> 'visit_book'
		UNION ALL SELECT t.relid FROM pg_partition_tree(to_regclass('medaudit_data.visit_book')) AS t
	) AS t
	CROSS JOIN LATERAL (
		SELECT format('trigger "%s" of %s', g.tgname, t.oid::regclass) AS what FROM pg_trigger AS g WHERE g.tgrelid = t.oid
			-- that of an engine over which the store is spread
			AND g.tgfoid IS DISTINCT FROM to_regproc('pg_catalog.citus_truncate_trigger')
		UNION ALL SELECT format('rule "%s" of %s', r.rulename, t.oid::regclass) FROM pg_rewrite AS r WHERE r.ev_class = t.oid
		UNION ALL SELECT format('default of %s of %s', a.attname, t.oid::regclass) FROM pg_attribute AS a
		WHERE a.attrelid = t.oid AND a.atthasdef AND NOT a.attisdropped
	) AS p;
	IF planted IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('the store of books has no triggers, rules or defaults: %s'), planted),
			HINT = medaudit._say('It would act with the rights of whoever refreshes the store: drop it.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_books_trusted() IS
	'检查账册库可信: 42501 where reading or writing the store of books would run something of another role, or it has triggers, rules or defaults';

CREATE OR REPLACE PROCEDURE _check_books_arguments(from_date date, to_date date, sample_share numeric)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF sample_share IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('sample_share must not be null');
	ELSIF NOT (sample_share >= 0 AND sample_share <= 1) THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('sample_share must be between 0 and 1'),
			DETAIL = format(medaudit._say('It is %s.'), sample_share);
	END IF;
	IF NOT medaudit._has_book_store() THEN
		RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = medaudit._say('there is no store of books'),
			HINT = medaudit._say('CALL medaudit.create_book_store();');
	END IF;
	CALL medaudit._check_run_arguments(coalesce(from_date, date '1900-01-01'), coalesce(to_date, date '2200-01-01'), NULL);
END
$$;

COMMENT ON PROCEDURE _check_books_arguments(date, date, numeric) IS
	'检查刷新参数: 22004, 22023, 42804 or 55000 for bounds, a share or sources with which the store of books cannot be refreshed';

-- ------------------------------------------------------------------ what is read

-- A sum of the hashes of rows does not depend on their order, and unlike an
-- exclusive or it tells two equal rows from none.  When a row was touched is no
-- part of what it says.
CREATE OR REPLACE FUNCTION _books_row_hash(relation text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN (SELECT format('sum(hash_record_extended(ROW(%s), 0))', string_agg(format('c.%I', n.column_name), ', '))
		FROM medaudit._run_columns(_books_row_hash.relation) AS n
		LEFT JOIN medaudit._bound_columns() AS b ON b.relation = _books_row_hash.relation AND b.column_name = n.column_name
		WHERE n.column_name <> 'changed_at' AND (b.bound OR n.column_name = 'unreadable'));

COMMENT ON FUNCTION _books_row_hash(text) IS
	'行摘要: SQL aggregate over rows, of alias c, of a relation as a run reads it: a number that their content decides';

-- Asked once a visit, so that it must be inlined.
CREATE OR REPLACE FUNCTION _books_digest(content text) RETURNS bytea
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN pg_catalog.substring(pg_catalog.sha256(pg_catalog.convert_to(content, 'UTF8')), 1, 16);

COMMENT ON FUNCTION _books_digest(text) IS
	'摘要: 16 bytes that a text decides; NULL for NULL';

-- The aggregate that makes the digest of a visit's lines.
CREATE OR REPLACE FUNCTION _books_line_digest() RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN format('medaudit._books_digest(concat(count(*), ''|'', sum(c.quantity), ''|'', sum(c.amount), ''|'', sum(c.claimed), ''|'', %s))',
		medaudit._books_row_hash('charge'));

COMMENT ON FUNCTION _books_line_digest() IS
	'明细摘要: SQL expression over the lines, of alias c, of a visit: number, sums and hash of them in 16 bytes';

-- The visits of a step, as _run_among() says it.
CREATE OR REPLACE FUNCTION _books_among(named text, step_no int) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN medaudit._run_among(named, format('medaudit_work.due AS d WHERE d.step = %s', step_no));

COMMENT ON FUNCTION _books_among(text, int) IS
	'步骤就诊条件: SQL condition that something is a visit of a step';

-- Visits as the run takes them (_run_read_spans): of several rows of one the least
-- person and facility, and the last settlement.  WANTED is a condition on a
-- visit_id, with @ for it, and DAYS one on the days of a visit, of alias v.
CREATE OR REPLACE FUNCTION _books_visits(wanted text, days text DEFAULT 'true')
	RETURNS TABLE (visit_id text, person_id text, facility_id text, judged_on date, begins date, visit_digest bytea,
		last_on date, open bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT v.visit_id, v.person_id, v.facility_id, v.judged_on, v.begins,
			medaudit._books_digest(concat(v.rows, '|', v.hash, '|', d.hash)), v.last_on, v.open
		FROM (
			SELECT c.visit_id, min(c.person_id) AS person_id, min(c.facility_id) AS facility_id,
				max(coalesce(medaudit._read_time(c.settled_at), medaudit._read_time(c.discharged_at)))::date AS judged_on,
				min(medaudit._read_time(c.admitted_at))::date AS begins, count(*) AS rows, %1$s AS hash,
				max(greatest(medaudit._read_time(c.admitted_at), medaudit._read_time(c.discharged_at), medaudit._read_time(c.settled_at)))::date AS last_on,
				bool_or(c.settled_at IS NULL AND c.discharged_at IS NULL) AS open
			FROM pg_temp.medaudit_read_visit() AS c
			WHERE c.visit_id IS NOT NULL AND %2$s GROUP BY c.visit_id
		) AS v
		LEFT JOIN (
			SELECT c.visit_id, %3$s AS hash FROM pg_temp.medaudit_read_diagnosis() AS c
			WHERE c.visit_id IS NOT NULL AND %2$s GROUP BY c.visit_id
		) AS d ON d.visit_id = v.visit_id
		WHERE %4$s$sql$,
		medaudit._books_row_hash('visit'), replace(wanted, '@', 'c.visit_id'), medaudit._books_row_hash('diagnosis'), days);
END
$$;

COMMENT ON FUNCTION _books_visits(text, text) IS
	'读取账册就诊: whose some visits are, when they are judged, and a digest of their rows. Only within a refresh of books';

-- Lines as a run reads them, of alias c, and what they are grouped by: where an engine has
-- spread them by person, so that its servers put visits together and send what is kept of
-- each; not where hospitals have codes of their own, for these are looked up here, nor
-- of visits with lines under several persons (APART).
CREATE OR REPLACE FUNCTION _books_lines(apart bool, OUT source text, OUT grouped text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	source := 'pg_temp.medaudit_read_charge() AS c';
	grouped := 'c.visit_id';
	IF NOT apart AND EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = to_regclass('medaudit_data.charge') AND a.attname = 'source_person' AND NOT a.attisdropped)
		AND NOT EXISTS (SELECT FROM medaudit_work.own_item) AND medaudit._is_distributed('charge') THEN
		SELECT format('(SELECT %s, c.source_person FROM medaudit_data.charge AS c) AS c', string_agg(format('%s AS %I', n.expression, n.column_name), ', '))
		INTO source FROM medaudit._run_columns('charge') AS n;
		grouped := 'c.source_person, c.visit_id';
	END IF;
END
$$;

COMMENT ON FUNCTION _books_lines(bool) IS
	'汇集来源: FROM and GROUP BY of the queries that gather lines for the store, of alias c. Only within a refresh of books';

CREATE OR REPLACE FUNCTION _books_query(kept text, wanted text, apart bool DEFAULT false) RETURNS text
	LANGUAGE sql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN (SELECT format('SELECT c.visit_id, %s FROM %s WHERE %s GROUP BY %s', kept, l.source, replace(wanted, '@', 'c.visit_id'), l.grouped)
		FROM medaudit._books_lines(apart) AS l);

COMMENT ON FUNCTION _books_query(text, text, bool) IS
	'汇集查询: query over the lines of some visits, a row per visit: a condition on a visit_id, with @ for it, and expressions over lines of alias c. Only within a refresh of books';

-- As a run gathers them.
CREATE OR REPLACE FUNCTION _books_gathered(wanted text, apart bool DEFAULT false)
	RETURNS TABLE (visit_id text, book ledger, lines int, problems int[], digest bytea, categories text[], twice bool)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	RETURN QUERY EXECUTE format($sql$
		SELECT g.visit_id, (g.kept).book, (g.kept).lines::int, (g.kept).problems, g.digest, (g.kept).categories,
			(g.kept).twice
		FROM (%s) AS g$sql$,
		medaudit._books_query(format('%s AS kept, %s AS digest', medaudit._gather_lines_call('NULL', 'NULL'), medaudit._books_line_digest()), wanted, apart));
END
$$;

COMMENT ON FUNCTION _books_gathered(text, bool) IS
	'汇集账册: what the store keeps of the lines of some visits, gathered from them. Only within a refresh of books';

CREATE OR REPLACE FUNCTION _books_digests(wanted text) RETURNS TABLE (visit_id text, digest bytea)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	RETURN QUERY EXECUTE medaudit._books_query(medaudit._books_line_digest(), wanted);
END
$$;

COMMENT ON FUNCTION _books_digests(text) IS
	'核对明细: digests of the lines of some visits, without books. Only within a refresh of books';

-- How lines and visits are read: where that changes, every book may.
CREATE OR REPLACE FUNCTION _books_reading() RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN medaudit._books_digest(concat(
		pg_get_viewdef(to_regclass('medaudit_data.charge')), pg_get_viewdef(to_regclass('medaudit_data.visit')),
		pg_get_viewdef(to_regclass('medaudit_data.diagnosis')),
		(SELECT concat(count(*), ' ', sum(hashtextextended(ROW(o.facility_id, o.item_code, o.suffix)::text, 0)))
			FROM medaudit_work.own_item AS o)));

COMMENT ON FUNCTION _books_reading() IS
	'读取方式摘要: digest of the bound views of lines and visits and of the codes of hospitals in own_item';

-- ---------------------------------------------------------------------- a step

-- Whose visits these are decides which codes of hospitals their lines have.
CREATE OR REPLACE PROCEDURE _books_place_visits()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('span');
	INSERT INTO medaudit_work.span (visit_id, person_id, facility_id)
	SELECT v.visit_id, v.person_id, v.facility_id FROM medaudit_work.book_visit AS v;
	PERFORM medaudit._analyze('book_visit', 'span');
END
$$;

COMMENT ON PROCEDURE _books_place_visits() IS
	'账册就诊机构: the visits in book_visit as the reading of lines asks for them';

CREATE OR REPLACE PROCEDURE _books_fill(step_no int, among text, apart bool DEFAULT false)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.fresh (visit_id, person_id, facility_id, judged_on, begins, visit_digest, book, lines, problems,
			digest, categories, twice, changed_at, last_on, open)
		SELECT v.visit_id, v.person_id, v.facility_id, v.judged_on, v.begins, v.visit_digest, g.book, coalesce(g.lines, 0), g.problems,
			g.digest, g.categories, coalesce(g.twice, false), d.changed_at, v.last_on, v.open
		FROM medaudit_work.book_visit AS v
		JOIN medaudit_work.due AS d ON d.step = %s AND d.visit_id = v.visit_id
		LEFT JOIN medaudit._books_gathered(%L, %L) AS g ON g.visit_id = v.visit_id
		WHERE %s$sql$,
		step_no, among, apart, replace(among, '@', 'v.visit_id'));
END
$$;

COMMENT ON PROCEDURE _books_fill(int, text, bool) IS
	'填充新账册: books of the visits of a step that fit a condition on a visit_id, with @ for it, gathered on the servers of an engine or (apart) here, into fresh';

-- Books of the visits of a step as their lines are now, and what stands and differs.
-- What a visit has in its rows and in its lines decides the digests, but a stored
-- book may have been spoilt: it is compared too.
CREATE OR REPLACE PROCEDURE _books_gather(step_no int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
DECLARE
	among text := medaudit._books_among('@', step_no);
	several text[];
BEGIN
	PERFORM medaudit._empty('book_visit', 'fresh', 'replaced', 'stored');
	INSERT INTO medaudit_work.book_visit SELECT * FROM medaudit._books_visits(among);
	CALL medaudit._books_place_visits();
	CALL medaudit._books_fill(step_no, among);
	-- lines of one visit under several persons lie on several servers
	IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
		SELECT array_agg(f.visit_id) INTO several
		FROM (SELECT i.visit_id FROM medaudit_work.fresh AS i GROUP BY i.visit_id HAVING count(*) > 1) AS f;
	END IF;
	IF several IS NOT NULL THEN
		DELETE FROM medaudit_work.fresh AS f WHERE f.visit_id = ANY (several);
		CALL medaudit._books_fill(step_no, format('@ = ANY (%L::text[])', several), apart => true);
	END IF;
	PERFORM medaudit._analyze('fresh');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.stored (visit_id, person_id, facility_id, judged_on, begins, part, gone, same, changed_at)
		SELECT b.visit_id, b.person_id, b.facility_id, b.judged_on, b.begins,
			substring(b.tableoid::regclass::text, 'visit_book_([0-9]+)')::int, f.visit_id IS NULL,
			(b.person_id, b.facility_id, b.judged_on, b.lines, b.problems, b.digest, b.visit_digest, b.categories, b.twice)
				IS NOT DISTINCT FROM
				(f.person_id, f.facility_id, f.judged_on, f.lines, f.problems, f.digest, f.visit_digest, f.categories, f.twice)
				AND medaudit.ledger_send(b.book) IS NOT DISTINCT FROM medaudit.ledger_send(f.book),
			CASE WHEN coalesce(f.changed_at > b.changed_at, true) THEN f.changed_at END
		FROM medaudit_data.visit_book AS b
		LEFT JOIN medaudit_work.fresh AS f ON f.visit_id = b.visit_id
		WHERE %s$sql$,
		replace(among, '@', 'b.visit_id'));
	PERFORM medaudit._analyze('stored');
	INSERT INTO medaudit_work.replaced (visit_id, person_id, facility_id, judged_on, begins, part, gone)
	SELECT b.visit_id, b.person_id, b.facility_id, b.judged_on, b.begins, b.part, b.gone
	FROM medaudit_work.stored AS b WHERE b.gone OR NOT b.same;
	PERFORM medaudit._analyze('replaced');
END
$$;

COMMENT ON PROCEDURE _books_gather(int) IS
	'汇集一步: the books of the visits of a step, into fresh, what is stored of them, into stored, and what of that differs, into replaced';

-- The last run that judged the visits of a day; one that judged some people of it
-- is none.
CREATE OR REPLACE FUNCTION _books_judged(day date) RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT max(r.run_id) FROM medaudit.run AS r
		WHERE r.scope = 'period' AND pg_catalog.daterange(r.from_date, r.to_date) OPERATOR(pg_catalog.@>) day);

COMMENT ON FUNCTION _books_judged(date) IS
	'已稽核运行: the last run that judged the visits of a day; NULL where none has, and for NULL';

-- Where a run has judged what is not so any more: the person, facility and day of a
-- visit as it stood and as it is.  What is new came late where its day had been
-- stored whole; a visit of a day that is still to be judged is judged then, and its
-- person with it.  But rules look at what is not settled too, and what was there is
-- missed by others of the person, whatever its day: no run of a day says so of them.
CREATE OR REPLACE PROCEDURE _books_note_changes(late datemultirange)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	last_day date := (SELECT max(r.to_date) - 1 FROM medaudit.run AS r WHERE r.scope = 'period');
BEGIN
	INSERT INTO medaudit_data.visit_change (visit_id, person_id, facility_id, judged_on, changed_at, found_at, judged_run, gone)
	WITH place AS MATERIALIZED (
		SELECT r.visit_id, r.person_id, r.facility_id, r.judged_on, r.begins, true AS gone,
			r.gone OR r.person_id IS DISTINCT FROM f.person_id AS beside
		FROM medaudit_work.replaced AS r
		LEFT JOIN medaudit_work.fresh AS f ON f.visit_id = r.visit_id
		UNION ALL
		SELECT f.visit_id, f.person_id, f.facility_id, f.judged_on, f.begins, false, f.judged_on IS NULL
		FROM medaudit_work.fresh AS f
		WHERE late @> coalesce(f.judged_on, f.begins)
			OR EXISTS (SELECT FROM medaudit_work.replaced AS r WHERE r.visit_id = f.visit_id)
	), judged AS MATERIALIZED (
		-- days are few, runs may be thousands
		SELECT i.judged_on, medaudit._books_judged(i.judged_on) AS judged_run FROM (SELECT DISTINCT p.judged_on FROM place AS p) AS i
	)
	SELECT p.visit_id, p.person_id, p.facility_id, coalesce(p.judged_on, p.begins, last_day), d.changed_at, clock_timestamp(),
		j.judged_run, bool_and(p.gone)
	FROM place AS p
	JOIN medaudit_work.due AS d ON d.visit_id = p.visit_id
	LEFT JOIN judged AS j ON j.judged_on = p.judged_on
	WHERE j.judged_run IS NOT NULL OR p.beside AND p.person_id IS NOT NULL AND last_day IS NOT NULL
	GROUP BY p.visit_id, p.person_id, p.facility_id, coalesce(p.judged_on, p.begins, last_day), d.changed_at, j.judged_run;
END
$$;

COMMENT ON PROCEDURE _books_note_changes(datemultirange) IS
	'登记就诊变化: notes in visit_change where a run has judged what a step finds changed, gone or come late';

-- A step: the rows that differ are put in the place of those that stand.
CREATE OR REPLACE PROCEDURE _books_take(step_no int, late datemultirange)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
DECLARE
	read_up_to timestamp;
	taken bigint;
	dropped bigint;
	added bigint;
	gone bigint;
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._check_trusted();
	CALL medaudit._check_work_rights();
	CALL medaudit._books_gather(step_no);
	INSERT INTO medaudit_work.register_due (person_id) SELECT DISTINCT f.person_id FROM medaudit_work.fresh AS f WHERE f.person_id IS NOT NULL;
	SELECT count(*) FILTER (WHERE r.gone), count(*) INTO gone, dropped FROM medaudit_work.replaced AS r;
	IF dropped > 0 THEN
		DELETE FROM medaudit_work.stored AS b WHERE b.visit_id IN (SELECT r.visit_id FROM medaudit_work.replaced AS r);
	END IF;
	-- what is the same was read again up to a later time; in fresh stays what is new or changed
	IF EXISTS (SELECT FROM medaudit_work.stored) THEN
		DELETE FROM medaudit_work.fresh AS f WHERE f.visit_id IN (SELECT b.visit_id FROM medaudit_work.stored AS b);
		UPDATE medaudit_data.visit_book AS b SET changed_at = s.changed_at
		FROM medaudit_work.stored AS s
		WHERE s.visit_id = b.visit_id AND s.person_id = b.person_id AND s.changed_at IS NOT NULL;
		UPDATE medaudit_data.visit_book AS b SET changed_at = s.changed_at
		FROM medaudit_work.stored AS s
		WHERE s.visit_id = b.visit_id AND s.person_id IS NULL AND b.person_id IS NULL AND s.changed_at IS NOT NULL;
	END IF;
	CALL medaudit._books_note_changes(late);
	INSERT INTO medaudit_data.due_person (person_id)
	SELECT p.person_id
	FROM (SELECT r.person_id FROM medaudit_work.replaced AS r UNION SELECT f.person_id FROM medaudit_work.fresh AS f) AS p
	WHERE p.person_id IS NOT NULL AND (SELECT s.stays_from IS NOT NULL FROM medaudit_data.book_state AS s);
	IF dropped > 0 THEN
		DELETE FROM medaudit_data.visit_book AS b
		WHERE b.visit_id IN (SELECT r.visit_id FROM medaudit_work.replaced AS r);
		GET DIAGNOSTICS dropped = ROW_COUNT;
	END IF;
	INSERT INTO medaudit_data.visit_book (person_id, visit_id, facility_id, judged_on, book, lines, problems, digest,
		gathered_at, changed_at, judged_run, begins, visit_digest, categories, twice, last_on, open)
	SELECT f.person_id, f.visit_id, f.facility_id, f.judged_on, f.book, f.lines, f.problems, f.digest,
		clock_timestamp(), f.changed_at, j.judged_run, f.begins, f.visit_digest, f.categories, f.twice, f.last_on, f.open
	FROM medaudit_work.fresh AS f
	LEFT JOIN (
		SELECT k.judged_on, medaudit._books_judged(k.judged_on) AS judged_run
		FROM (SELECT DISTINCT i.judged_on FROM medaudit_work.fresh AS i) AS k
	) AS j ON j.judged_on = f.judged_on
	-- whom nobody knows has no place in a store that is spread by person
	WHERE f.person_id IS NOT NULL OR NOT medaudit._books_spread();
	GET DIAGNOSTICS added = ROW_COUNT;
	SELECT max(d.changed_at) FILTER (WHERE d.changed_at <= medaudit._books_believed()), count(*) INTO read_up_to, taken
	FROM medaudit_work.due AS d WHERE d.step = step_no;
	UPDATE medaudit_data.book_state AS s
	SET watermark = greatest(s.watermark, read_up_to), visits = s.visits + added - dropped,
		gathered = s.gathered + taken, changed = s.changed + added + gone;
END
$$;

COMMENT ON PROCEDURE _books_take(int, datemultirange) IS
	'刷新一步: gathers the visits of a step, replaces what differs and moves the watermark';

-- --------------------------------------------------------------- what is due

-- A refresh reads as a run does, without the register of facilities, which is no part
-- of the store.
CREATE OR REPLACE PROCEDURE _books_read_sources()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	relation text;
BEGIN
	FOREACH relation IN ARRAY '{person,visit,diagnosis,charge,item,change}'::text[] LOOP
		CALL medaudit._run_read_through(relation);
	END LOOP;
	IF medaudit._is_bound('item', 'facility_id') THEN
		CALL medaudit._run_mend_register('item', '{item_code,facility_id,valid}', '项目编码');
		CALL medaudit._run_own_items();
	END IF;
END
$$;

COMMENT ON PROCEDURE _books_read_sources() IS
	'读取账册来源: makes the functions of the session through which a refresh reads lines, visits and changes';

CREATE OR REPLACE FUNCTION _book_partitions() RETURNS int[]
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN ARRAY(SELECT substring(t.relid::text, '[0-9]+$')::int FROM pg_partition_tree(to_regclass('medaudit_data.visit_book')) AS t
		WHERE t.isleaf ORDER BY 1);

COMMENT ON FUNCTION _book_partitions() IS
	'账册分区: numbers of the partitions of visit_book';

-- A time that lies ahead is a slip of a clerk or of a clock: its visit is gathered
-- as long as it does, and the watermark stays behind it.
CREATE OR REPLACE FUNCTION _books_believed() RETURNS timestamp
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN pg_catalog.now()::timestamp + interval '1 day';

COMMENT ON FUNCTION _books_believed() IS
	'可信变更时间上限: changes later than this do not move the watermark';

-- Changed visits in the order of their changes.  Before anything is gathered for
-- the first time it is kept up to when changes need no second look.
CREATE OR REPLACE PROCEDURE _books_begin()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	state record;
	read_as bytea;
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._check_trusted();
	CALL medaudit._check_work_rights();
	CALL medaudit._run_clear();
	CALL medaudit._books_read_sources();
	read_as := medaudit._books_reading();
	UPDATE medaudit_data.book_state AS s
	SET changed = 0, gathered = 0, sampled = 0, reading = read_as,
		-- read in another way any book may be another one
		unchecked = CASE WHEN s.reading <> read_as THEN medaudit._book_partitions() ELSE s.unchecked END
	RETURNING s.watermark INTO state;
	IF NOT medaudit._is_bound('change', 'changed_at') THEN
		RETURN;
	END IF;
	IF state.watermark IS NULL THEN
		UPDATE medaudit_data.book_state AS s
		SET watermark = (SELECT max(c.changed_at) FROM pg_temp.medaudit_read_change() AS c
			WHERE c.changed_at <= medaudit._books_believed());
		RETURN;
	END IF;
	INSERT INTO medaudit_work.due (visit_id, changed_at, step)
	SELECT c.visit_id, c.changed_at, medaudit._books_step(row_number() OVER (ORDER BY c.changed_at, c.visit_id), count(*) OVER ())
	FROM (
		SELECT i.visit_id, max(i.changed_at) AS changed_at FROM pg_temp.medaudit_read_change() AS i
		WHERE i.changed_at > state.watermark - interval '1 hour' AND i.visit_id IS NOT NULL
		GROUP BY i.visit_id
	) AS c;
	PERFORM medaudit._analyze('due');
END
$$;

COMMENT ON PROCEDURE _books_begin() IS
	'开始刷新: makes ready to read, and lists in due the visits that the relation change names since the watermark';

-- Visits that are not stored as they are: of the days that were asked for, and
-- those of partitions in which a book was not as its lines are.
CREATE OR REPLACE PROCEDURE _books_list(from_date date, to_date date, full_check bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
DECLARE
	state record;
	days text := CASE WHEN from_date IS NULL AND to_date IS NULL THEN 'true'
		ELSE format('(%1$L::daterange @> v.judged_on OR v.judged_on IS NULL AND %1$L::daterange @> v.begins)', daterange(from_date, to_date)) END;
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._check_trusted();
	PERFORM medaudit._empty('due', 'book_visit', 'book_digest');
	SELECT s.unchecked, full_check OR NOT s.filled @> daterange(from_date, to_date)
		OR NOT medaudit._is_bound('change', 'changed_at') AS all_visits
	INTO state FROM medaudit_data.book_state AS s;
	IF state.all_visits THEN
		INSERT INTO medaudit_work.book_visit SELECT * FROM medaudit._books_visits('true', days);
		CALL medaudit._books_place_visits();
		IF full_check THEN
			INSERT INTO medaudit_work.book_digest
			SELECT * FROM medaudit._books_digests('@ IN (SELECT v.visit_id FROM medaudit_work.book_visit AS v)');
			PERFORM medaudit._analyze('book_digest');
		END IF;
	END IF;
	IF NOT state.all_visits AND state.unchecked = '{}' THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('stored');
	INSERT INTO medaudit_work.stored (visit_id, person_id, facility_id, judged_on, visit_digest, digest, part)
	SELECT b.visit_id, b.person_id, b.facility_id, b.judged_on, b.visit_digest, CASE WHEN full_check THEN b.digest END, substring(b.tableoid::regclass::text, 'visit_book_([0-9]+)')::int
	FROM medaudit_data.visit_book AS b;
	PERFORM medaudit._analyze('stored');
	INSERT INTO medaudit_work.due (visit_id, step)
	SELECT d.visit_id, medaudit._books_step(row_number() OVER (ORDER BY d.judged_on, d.visit_id), count(*) OVER ())
	FROM (
		SELECT v.visit_id, v.judged_on
		FROM medaudit_work.book_visit AS v
		LEFT JOIN medaudit_work.stored AS b ON b.visit_id = v.visit_id
		LEFT JOIN medaudit_work.book_digest AS d ON d.visit_id = v.visit_id
		WHERE (b.visit_digest, b.person_id, b.facility_id, b.judged_on)
				IS DISTINCT FROM (v.visit_digest, v.person_id, v.facility_id, v.judged_on)
			OR full_check AND b.digest IS DISTINCT FROM d.digest
		UNION
		SELECT b.visit_id, b.judged_on
		FROM medaudit_work.stored AS b
		WHERE b.part = ANY (state.unchecked)
			OR state.all_visits AND (daterange(from_date, to_date) @> b.judged_on OR from_date IS NULL AND to_date IS NULL)
				AND NOT EXISTS (SELECT FROM medaudit_work.book_visit AS v WHERE v.visit_id = b.visit_id)
	) AS d;
	PERFORM medaudit._analyze('due');
END
$$;

COMMENT ON PROCEDURE _books_list(date, date, bool) IS
	'列出待汇集就诊: lists in due the visits of some days that are not stored as they are, where the relation change does not say which, and all of the partitions that are to be checked';

CREATE OR REPLACE PROCEDURE _books_end(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	filled_before datemultirange;
BEGIN
	CALL medaudit._check_books_trusted();
	SELECT s.filled INTO filled_before FROM medaudit_data.book_state AS s;
	UPDATE medaudit_data.book_state AS s
	SET refreshed_at = clock_timestamp(), unchecked = '{}',
		filled = s.filled + datemultirange(daterange(from_date, to_date));
	-- a change that has been judged again, over all people of its day, is none any more
	DELETE FROM medaudit_data.visit_change AS c WHERE medaudit._change_is_judged(c.judged_on, c.judged_run, c.gone);
	IF NOT filled_before @> daterange(from_date, to_date) AND pg_has_role((SELECT t.relowner FROM pg_class AS t
			WHERE t.oid = 'medaudit_data.visit_book'::regclass), 'USAGE') THEN
		ANALYZE medaudit_data.visit_book;
	END IF;
END
$$;

COMMENT ON PROCEDURE _books_end(date, date) IS
	'结束刷新: the days are stored and all partitions checked; statistics of the store, when days were added by its owner';

-- ------------------------------------------------------------------ the sample

-- A number from 0 to below 1 that day and visit decide: nobody knows beforehand
-- which visits a day draws, and everybody can draw them again.
CREATE OR REPLACE FUNCTION _book_draw(day date, visit_id text) RETURNS float8
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN (SELECT (get_byte(h.h, 0) * 16777216::int8 + get_byte(h.h, 1) * 65536 + get_byte(h.h, 2) * 256 + get_byte(h.h, 3)) / 4294967296.0::float8
		FROM (SELECT sha256(convert_to(concat(day, E'\x1f', visit_id), 'UTF8')) AS h) AS h);

COMMENT ON FUNCTION _book_draw(date, text) IS
	'抽样数: a number of [0, 1) that a day and a visit decide, by SHA-256';

CREATE OR REPLACE PROCEDURE _books_draw(sample_share numeric)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._empty('due');
	INSERT INTO medaudit_work.due (visit_id, step)
	SELECT b.visit_id, medaudit._books_step(row_number() OVER (ORDER BY b.visit_id), count(*) OVER ())
	FROM medaudit_data.visit_book AS b
	WHERE sample_share > 0::numeric AND medaudit._book_draw(current_date, b.visit_id) < sample_share;
	PERFORM medaudit._analyze('due');
END
$$;

COMMENT ON PROCEDURE _books_draw(numeric) IS
	'抽取账册: lists in due the visits that today draws, about so large a share of the store';

-- What the change relation names by now is no fault: the next refresh takes it.
CREATE OR REPLACE PROCEDURE _books_compare(step_no int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong record;
	drawn bigint := (SELECT count(*) FROM medaudit_work.due AS d WHERE d.step = step_no);
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._check_trusted();
	CALL medaudit._books_gather(step_no);
	IF medaudit._is_bound('change', 'changed_at') AND EXISTS (SELECT FROM medaudit_work.replaced AS r) THEN
		DELETE FROM medaudit_work.replaced AS r
		WHERE r.visit_id IN (SELECT c.visit_id FROM pg_temp.medaudit_read_change() AS c
			WHERE c.changed_at > (SELECT s.watermark - interval '1 hour' FROM medaudit_data.book_state AS s));
	END IF;
	SELECT count(*) AS visits, coalesce(array_agg(DISTINCT r.part), '{}') AS parts,
		coalesce((array_agg(r.visit_id ORDER BY r.visit_id COLLATE "C"))[:3], '{}') AS examples
	INTO wrong FROM medaudit_work.replaced AS r;
	UPDATE medaudit_data.book_state AS s
	SET sampled = s.sampled + drawn, differing = s.differing + wrong.visits, examples = (s.examples || wrong.examples)[:3],
		unchecked = ARRAY(SELECT DISTINCT p FROM unnest(s.unchecked || wrong.parts) AS p ORDER BY p);
	IF wrong.visits > 0 THEN
		RAISE WARNING USING MESSAGE = format(medaudit._say('stored books are not as their lines are: %s of %s visits drawn'), wrong.visits, drawn),
			DETAIL = format(medaudit._say('Such as %s.'), (SELECT string_agg(medaudit.mask_numbers(e), ', ') FROM unnest(wrong.examples) AS e)),
			HINT = CASE WHEN medaudit._is_bound('change', 'changed_at')
				THEN medaudit._say('The relation change has not named them, or the store was written to; the next refresh gathers their partitions again.')
				ELSE medaudit._say('No relation change is bound, so that changed lines are found by full_check => true alone; the next refresh gathers their partitions again.') END;
	END IF;
END
$$;

COMMENT ON PROCEDURE _books_compare(int) IS
	'核对账册: compares drawn visits with their lines, byte by byte; warns of those that differ and marks their partitions for the next refresh';

-- What the sample found is told by the data quality of the last run, where there
-- is one, else of the next.
CREATE OR REPLACE PROCEDURE _run_quality_books(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	told record;
BEGIN
	IF run_no IS NULL OR NOT medaudit._has_book_store() THEN
		RETURN;
	END IF;
	SELECT s.differing, s.examples INTO told FROM medaudit_data.book_state AS s;
	IF told.differing > 0 THEN
		CALL medaudit._check_books_trusted();
		CALL medaudit._run_note(run_no, 'charge', 'stored books that were not as their lines are, among those drawn',
			'抽样核对中与费用明细不一致的账册', told.differing, examples => told.examples);
		UPDATE medaudit_data.book_state AS s SET differing = 0, examples = '{}';
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_quality_books(bigint) IS
	'账册核对情况: keeps in the data quality of a run how many drawn books were not as their lines are';

-- ----------------------------------------------------------------- the refresh

CREATE OR REPLACE PROCEDURE _books_take_all(late datemultirange)
	LANGUAGE plpgsql
AS $$
DECLARE
	step_no pg_catalog.int4 := -1;
BEGIN
	LOOP
		CALL medaudit._run_see_all();
		step_no := (SELECT pg_catalog.min(d.step) FROM medaudit_work.due AS d WHERE d.step > step_no);
		EXIT WHEN step_no IS NULL;
		CALL medaudit._books_take(step_no, late);
		COMMIT;
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _books_take_all(datemultirange) IS
	'逐步刷新: takes the visits in due step by step and commits after each';

-- What changed since the last refresh, and nothing else; LATE: the days that were
-- stored whole before.
CREATE OR REPLACE PROCEDURE _books_follow(INOUT late datemultirange)
	LANGUAGE plpgsql
AS $$
BEGIN
	CALL medaudit._run_see_all();
	CALL medaudit._books_begin();
	late := (SELECT s.filled FROM medaudit_data.book_state AS s);
	COMMIT;
	CALL medaudit._books_take_all(late);
END
$$;

COMMENT ON PROCEDURE _books_follow(datemultirange) IS
	'跟随变化: takes the visits that the relation change names since the last refresh, for whoever has the lock; nothing without the relation';

-- The register, for whoever has the lock, after the visits: all of it, or as far as it
-- is about the people of these and of the days from FROM_DATE on and before TO_DATE.
CREATE OR REPLACE PROCEDURE _books_take_register(from_date date, to_date date, whole bool)
	LANGUAGE plpgsql
AS $$
BEGIN
	CALL medaudit._run_see_all();
	IF NOT whole THEN
		CALL medaudit._register_ask_days(from_date, to_date);
	END IF;
	CALL medaudit._register_refresh(whole);
	COMMIT;
END
$$;

COMMENT ON PROCEDURE _books_take_register(date, date, bool) IS
	'刷新登记一步: compares the register with the store, all of it or the people of the visits that were just taken and of some days, and commits';

-- As refresh_books(), for whoever has the lock.
CREATE OR REPLACE PROCEDURE _books_refresh(from_date date, to_date date, full_check bool, sample_share numeric)
	LANGUAGE plpgsql
AS $$
DECLARE
	late pg_catalog.datemultirange;
	step_no pg_catalog.int4 := -1;
	last_run pg_catalog.int8;
BEGIN
	CALL medaudit._books_follow(late);

	CALL medaudit._run_see_all();
	CALL medaudit._books_list(from_date, to_date, full_check);
	COMMIT;
	CALL medaudit._books_take_all(late);
	CALL medaudit._books_take_register(from_date, to_date, medaudit._register_whole(from_date, to_date));

	CALL medaudit._run_see_all();
	CALL medaudit._books_end(from_date, to_date);
	CALL medaudit._books_draw(sample_share);
	COMMIT;
	LOOP
		CALL medaudit._run_see_all();
		step_no := (SELECT pg_catalog.min(d.step) FROM medaudit_work.due AS d WHERE d.step > step_no);
		EXIT WHEN step_no IS NULL;
		CALL medaudit._books_compare(step_no);
		COMMIT;
	END LOOP;
	last_run := (SELECT pg_catalog.max(r.run_id) FROM medaudit.run AS r);
	CALL medaudit._run_quality_books(last_run);
	CALL medaudit._run_clear();
	COMMIT;
END
$$;

COMMENT ON PROCEDURE _books_refresh(date, date, bool, numeric) IS
	'刷新账册库: what refresh_books() does when it has the lock';

-- A refresh that finds nothing changed would be taken for an answer.
CREATE OR REPLACE PROCEDURE _tell_no_changes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._is_bound('change', 'changed_at') THEN
		RAISE NOTICE USING MESSAGE = medaudit._say('the relation change is not bound: changed lines are not seen'),
			HINT = medaudit._say('CALL medaudit.bind(''change'', ...), or refresh_books(full_check => true), which reads all lines.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _tell_no_changes() IS
	'提示未绑定变化: a notice where the relation change is not bound';

CREATE OR REPLACE PROCEDURE refresh_books(from_date date DEFAULT NULL, to_date date DEFAULT NULL,
	full_check bool DEFAULT false, sample_share numeric DEFAULT 0.01)
	LANGUAGE plpgsql
AS $$
DECLARE
	state pg_catalog.record;
BEGIN
	CALL medaudit._run_see_all();
	CALL medaudit._run_lock('refresh_books');
	CALL medaudit._check_books_arguments(from_date, to_date, sample_share);
	CALL medaudit._check_rows_seen();
	CALL medaudit._check_work_rights();
	IF NOT coalesce(full_check, false) THEN
		CALL medaudit._tell_no_changes();
	END IF;
	COMMIT;
	CALL medaudit._books_refresh(from_date, to_date, coalesce(full_check, false), sample_share);
	CALL medaudit._run_see_all();
	SELECT s.visits, s.gathered, s.changed INTO state FROM medaudit_data.book_state AS s;
	PERFORM medaudit._release_run_lock();
	RAISE NOTICE USING MESSAGE = pg_catalog.format(medaudit._say('%s visits in the store of books, %s gathered from their lines, %s new, changed or gone'), state.visits, state.gathered, state.changed);
END
$$;

COMMENT ON PROCEDURE refresh_books(date, date, bool, numeric) IS
	'刷新账册库: gathers again the visits that the relation change names since the last refresh, those settled (else discharged) in [from_date, to_date) that are not stored (NULL: without bound), with full_check all whose lines differ from the stored digest, and drops what is gone; then draws about sample_share of the store, compares it with the lines and warns of what differs. Commits after each step, so it stops with 2D000 inside a transaction; 55000 without a store, 55006 while a run or a refresh is going on; 22023 for a share outside 0 to 1';

-- Books that nobody vouches for are not judged: without the relation change a
-- changed line is not seen by a refresh.
CREATE OR REPLACE FUNCTION _books_usable() RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF NOT medaudit._has_book_store() OR NOT medaudit._is_bound('change', 'changed_at') THEN
		RETURN false;
	END IF;
	RETURN EXISTS (SELECT FROM medaudit_data.book_state AS s
		WHERE s.refreshed_at IS NOT NULL AND s.unchecked = '{}' AND s.reading = medaudit._books_reading());
END
$$;

COMMENT ON FUNCTION _books_usable() IS
	'账册库是否可用: whether a run may judge stored books: there is a store that follows the relation change, no partition of it is in doubt, and lines are read as when it was refreshed; visits that are not stored are still to be gathered. Within a run, once own_item is filled';

-- Whether the rows of a working table are so few that to look up each in the store costs
-- less than to read all of that, as the planner, which thinks that all partitions would be
-- searched, does not know.
CREATE OR REPLACE FUNCTION _are_few(rows regclass) RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	counted bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %s', rows) INTO counted;
	RETURN counted * 20 < (SELECT s.visits FROM medaudit_data.book_state AS s);
END
$$;

COMMENT ON FUNCTION _are_few(regclass) IS
	'是否少量: whether a working table has fewer rows than a twentieth of the visits in the store of books';

-- ------------------------------------------------------------- what is stale

CREATE OR REPLACE FUNCTION _change_is_judged(judged_on date, judged_run bigint, gone bool) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN NOT gone AND EXISTS (SELECT FROM medaudit.run AS r
		WHERE r.run_id > judged_run AND r.state = 'done' AND r.rules IS NULL AND r.scope = 'period'
			AND pg_catalog.daterange(r.from_date, r.to_date) OPERATOR(pg_catalog.@>) judged_on);

COMMENT ON FUNCTION _change_is_judged(date, bigint, bool) IS
	'变化是否已重新稽核: whether a later run than that of judged_run has judged the visit by all enabled rules: that of its day has, but not of what is gone, whose person it may not have judged; NULL judged_run is false';

-- Days over which enabled rules look from one visit of a person to another.
CREATE OR REPLACE FUNCTION _books_reach() RETURNS int
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN (SELECT greatest(medaudit._charge_days(NULL), s.days) FROM medaudit._stay_days(NULL) AS s);

COMMENT ON FUNCTION _books_reach() IS
	'最长回溯天数: days before or after a visit of a person that some enabled rule looks at';

CREATE OR REPLACE FUNCTION _stale_visits() RETURNS TABLE (visit_id text, person_id text, facility_id text,
	judged_on date, judged_run bigint, changed bool, gone bool, changed_on date, changed_at timestamp, found_at timestamptz)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT medaudit._has_book_store() THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH change AS MATERIALIZED (
		SELECT c.* FROM medaudit_data.visit_change AS c WHERE NOT medaudit._change_is_judged(c.judged_on, c.judged_run, c.gone)
	), person AS MATERIALIZED (
		SELECT c.person_id, min(c.judged_on) AS changed_on, max(c.changed_at) AS changed_at, max(c.found_at) AS found_at
		FROM change AS c WHERE c.person_id IS NOT NULL GROUP BY c.person_id
	)
	SELECT s.visit_id, s.person_id, s.facility_id, s.judged_on, s.judged_run, s.changed, s.gone, s.changed_on, s.changed_at, s.found_at
	FROM (
		SELECT b.visit_id, b.person_id, b.facility_id, b.judged_on, medaudit._books_judged(b.judged_on) AS judged_run,
			EXISTS (SELECT FROM change AS c WHERE c.visit_id = b.visit_id) AS changed, false AS gone,
			p.changed_on, p.changed_at, p.found_at
		FROM person AS p
		JOIN medaudit_data.visit_book AS b ON b.person_id = p.person_id
			AND b.judged_on >= p.changed_on - (SELECT medaudit._books_reach())
		UNION ALL
		-- what stood there and is not there any more, and visits of nobody
		SELECT c.visit_id, c.person_id, c.facility_id, c.judged_on, c.judged_run, true, c.gone, c.judged_on, c.changed_at, c.found_at
		FROM change AS c
		WHERE c.gone OR c.person_id IS NULL
	) AS s
	WHERE s.judged_run IS NOT NULL;
END
$$;

COMMENT ON FUNCTION _stale_visits() IS
	'待重新稽核就诊: rows of the view stale_visits; none where there is no store of books';

CREATE OR REPLACE VIEW stale_visits WITH (security_invoker = true) AS
SELECT s.visit_id, s.person_id, s.facility_id, s.judged_on, s.judged_run, s.changed, s.gone, s.changed_on, s.changed_at, s.found_at
FROM medaudit._stale_visits() AS s;

COMMENT ON VIEW stale_visits IS
	'待重新稽核就诊: visits that a run has judged and that are to be judged again, because they, or others of the person so near that a rule looks from one to the other, changed since; none where there is no store of books';
COMMENT ON COLUMN stale_visits.visit_id IS '就诊编号: the visit';
COMMENT ON COLUMN stale_visits.person_id IS '人员编号: whose it is, or was';
COMMENT ON COLUMN stale_visits.facility_id IS '定点医药机构编号: where it is, or was';
COMMENT ON COLUMN stale_visits.judged_on IS '归属日期: day of settlement (else discharge), or of what was judged and is not there any more';
COMMENT ON COLUMN stale_visits.judged_run IS '已稽核运行: the last run that judged that day';
COMMENT ON COLUMN stale_visits.changed IS '本次就诊有变化: the visit itself changed; false: another one of the person did';
COMMENT ON COLUMN stale_visits.gone IS '不再存在: it is not there any more, or not with this person, facility and day';
COMMENT ON COLUMN stale_visits.changed_on IS '变化日期: first day of visits of the person that changed';
COMMENT ON COLUMN stale_visits.changed_at IS '变更时间: local time of the last change, as the relation change has it; NULL: not known';
COMMENT ON COLUMN stale_visits.found_at IS '发现时间: when a refresh of the store found the last change';

CREATE OR REPLACE FUNCTION _book_coverage() RETURNS TABLE (month date, visits bigint, without_lines bigint, lines bigint,
	bytes bigint, complete bool, first_gathered_at timestamptz, last_gathered_at timestamptz, last_changed_at timestamp)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 50
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	IF NOT medaudit._has_book_store() THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT m.month, m.visits, m.without_lines, m.lines, m.bytes,
		s.filled @> daterange(m.month, (m.month + interval '1 month')::date), m.first_gathered_at, m.last_gathered_at, m.last_changed_at
	FROM (
		SELECT date_trunc('month', b.judged_on::timestamp)::date AS month, count(*) AS visits,
			count(*) FILTER (WHERE b.lines = 0) AS without_lines, sum(b.lines) AS lines,
			sum(pg_column_size(b.book))::bigint AS bytes, min(b.gathered_at) AS first_gathered_at,
			max(b.gathered_at) AS last_gathered_at, max(b.changed_at) AS last_changed_at
		FROM medaudit_data.visit_book AS b
		GROUP BY date_trunc('month', b.judged_on::timestamp)
	) AS m
	CROSS JOIN medaudit_data.book_state AS s;
END
$$;

COMMENT ON FUNCTION _book_coverage() IS
	'账册库覆盖: rows of the view book_coverage; none where there is no store of books';

CREATE OR REPLACE VIEW book_coverage WITH (security_invoker = true) AS
SELECT c.month, c.visits, c.without_lines, c.lines, c.bytes, c.complete, c.first_gathered_at, c.last_gathered_at, c.last_changed_at
FROM medaudit._book_coverage() AS c;

COMMENT ON VIEW book_coverage IS
	'账册库覆盖: what the store of books holds, by month of settlement (else discharge); nothing where there is no store';
COMMENT ON COLUMN book_coverage.month IS '月份: first day of the month; NULL: visits that are not settled yet';
COMMENT ON COLUMN book_coverage.visits IS '就诊数: visits stored';
COMMENT ON COLUMN book_coverage.without_lines IS '无明细就诊数: those of them that have no lines';
COMMENT ON COLUMN book_coverage.lines IS '明细行数: lines in their books';
COMMENT ON COLUMN book_coverage.bytes IS '字节数: size of the books';
COMMENT ON COLUMN book_coverage.complete IS '是否完整: all visits of the month were stored; NULL: not settled';
COMMENT ON COLUMN book_coverage.first_gathered_at IS '最早汇集时间: when the oldest of the books was gathered';
COMMENT ON COLUMN book_coverage.last_gathered_at IS '最近汇集时间: when the newest was';
COMMENT ON COLUMN book_coverage.last_changed_at IS '最近变更时间: local time of the latest change among them, as the relation change has it';

-- --------------------------------------------------------- judging it again

-- A run of scope PERSONS judges the visits of those people of whom something
-- changed, from so long before the change on as rules look.  Of no day does it know
-- all that there is, so that it meets what stands as any run does beyond its period:
-- what it finds of days that were judged is put right, and what it finds no more
-- goes where all that it rests on was read, or where it rests on a visit that
-- changed: for whoever had it, and has it now, is judged.
CREATE OR REPLACE FUNCTION _run_of_persons(run_no bigint) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN EXISTS (SELECT FROM medaudit.run AS r WHERE r.run_id = run_no AND r.scope = 'persons');

COMMENT ON FUNCTION _run_of_persons(bigint) IS
	'是否按人员: whether a run judges the visits of some people, and not all of its days; never NULL';

-- Whatever else was settled, and whenever it is read, is not judged.
CREATE OR REPLACE PROCEDURE _run_judge_changed()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	UPDATE medaudit_work.span AS s SET settled = false, judged = false, looked = false, judged_person = false
	WHERE s.settled AND NOT EXISTS (SELECT FROM medaudit_work.changed_person AS k
			WHERE k.number_owner = s.number_owner AND s.judged_at >= k.since)
		AND NOT EXISTS (SELECT FROM medaudit_work.changed_visit AS c WHERE c.visit_id = s.visit_id);
END
$$;

COMMENT ON PROCEDURE _run_judge_changed() IS
	'只判有变化的: of the visits that a run over changes has read only those of the people of whom something changed are judged';

CREATE OR REPLACE PROCEDURE _run_read_changed(charge_days int, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	first_day date;
	changed_on date := (SELECT min(c.judged_on) FROM medaudit_data.visit_change AS c);
	last_day date := (SELECT max(r.to_date) FROM medaudit.run AS r WHERE r.scope = 'period');
	persons regclass := CASE WHEN medaudit._register_kept() THEN 'medaudit_data.person_key' ELSE 'medaudit_work.person' END;
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._empty('changed_person', 'changed_visit', 'asked_person');
	INSERT INTO medaudit_work.changed_visit SELECT DISTINCT c.visit_id FROM medaudit_data.visit_change AS c;
	PERFORM medaudit._empty('stored');
	INSERT INTO medaudit_work.stored (visit_id, person_id, judged_on)
	SELECT b.visit_id, b.person_id, b.judged_on FROM medaudit_data.visit_book AS b
	WHERE b.visit_id IN (SELECT c.visit_id FROM medaudit_work.changed_visit AS c);
	EXECUTE format($sql$
		INSERT INTO medaudit_work.changed_person
		SELECT coalesce(p.number_owner, c.person_id), min(c.judged_on) - (SELECT medaudit._books_reach())
		FROM (
			SELECT v.person_id, v.judged_on FROM medaudit_data.visit_change AS v
			UNION ALL
			-- whoever has it now: what rests on it is his, and all of his is asked
			SELECT b.person_id, least(v.judged_on, b.judged_on)
			FROM medaudit_data.visit_change AS v
			JOIN medaudit_work.stored AS b ON b.visit_id = v.visit_id
		) AS c
		LEFT JOIN %s AS p ON p.person_id = c.person_id
		WHERE c.person_id IS NOT NULL
		GROUP BY coalesce(p.number_owner, c.person_id)$sql$, persons);
	PERFORM medaudit._analyze('changed_person', 'changed_visit');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.asked_person
		SELECT k.number_owner FROM medaudit_work.changed_person AS k
		UNION
		SELECT p.person_id FROM %s AS p
		WHERE p.number_owner IN (SELECT k.number_owner FROM medaudit_work.changed_person AS k)$sql$, persons);
	PERFORM medaudit._analyze('asked_person');
	SELECT least(min(k.since), changed_on) INTO first_day FROM medaudit_work.changed_person AS k;
	CALL medaudit._run_read_settlements(first_day, last_day,
		medaudit._run_horizon(changed_on, charge_days, stay_days, all_stays), all_stays, of_persons => true);
	-- visits of nobody
	INSERT INTO medaudit_work.unseen SELECT c.visit_id FROM medaudit_work.changed_visit AS c;
	CALL medaudit._run_make_spans();
	CALL medaudit._run_read_unseen();
	CALL medaudit._run_reach_back(charge_days, stay_days);
	CALL medaudit._run_judge_changed();
	PERFORM medaudit._analyze('span');
END
$$;

COMMENT ON PROCEDURE _run_read_changed(int, int, bool) IS
	'有变化的就诊时间: when each visit of the warehouse was, and which are judged again because something changed';

CREATE OR REPLACE PROCEDURE _run_reach_changed(rule_codes text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.reached (finding_id)
	SELECT DISTINCT f.finding_id
	FROM medaudit.finding AS f
	LEFT JOIN medaudit.finding_line AS l ON l.finding_id = f.finding_id
	WHERE f.rule_code = ANY (rule_codes) AND f.state = ANY (medaudit._met_states())
		AND (f.visit_id IN (SELECT c.visit_id FROM medaudit_work.changed_visit AS c)
			OR l.visit_id IN (SELECT c.visit_id FROM medaudit_work.changed_visit AS c)
			OR l.other_visit_id IN (SELECT c.visit_id FROM medaudit_work.changed_visit AS c));
END
$$;

COMMENT ON PROCEDURE _run_reach_changed(text[]) IS
	'有变化的发现: standing findings of some rules that rest on a visit that changed';

CREATE OR REPLACE PROCEDURE _forget_changes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._check_books_trusted();
	DELETE FROM medaudit_data.visit_change;
END
$$;

COMMENT ON PROCEDURE _forget_changes() IS
	'清空就诊变化: what changed has been judged again; within the lock of a run, for a refresh notes more';

-- Number of a new run of the people of whom something changed, NULL where nothing
-- did.  One that was killed is not gone on with: what changed is still noted, and
-- is judged as it is now.
CREATE OR REPLACE FUNCTION _run_open_changed() RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	run_no bigint;
BEGIN
	CALL medaudit._check_books_trusted();
	UPDATE medaudit.run AS r SET state = 'failed', finished_at = clock_timestamp()
	WHERE r.scope = 'persons' AND r.state = 'running';
	DELETE FROM medaudit_data.visit_change AS c WHERE medaudit._change_is_judged(c.judged_on, c.judged_run, c.gone);
	INSERT INTO medaudit.run (from_date, to_date, scope)
	SELECT min(c.judged_on), max(c.judged_on) + 1, 'persons' FROM medaudit_data.visit_change AS c
	HAVING count(*) > 0
	RETURNING run_id INTO run_no;
	IF FOUND THEN
		CALL medaudit._run_plan_steps(run_no);
	END IF;
	RETURN run_no;
END
$$;

COMMENT ON FUNCTION _run_open_changed() IS
	'登记变化稽核: number of a new run that judges again what changed, with its steps; NULL: nothing did';

CREATE OR REPLACE PROCEDURE audit_changes()
	LANGUAGE plpgsql
AS $$
DECLARE
	run_no pg_catalog.int8;
	late pg_catalog.datemultirange;
BEGIN
	CALL medaudit._run_see_all();
	CALL medaudit._run_lock('audit_changes');
	CALL medaudit._check_books_arguments(NULL, NULL, 0);
	CALL medaudit._check_rows_seen();
	CALL medaudit._check_work_rights();
	CALL medaudit._tell_no_changes();
	COMMIT;
	IF EXISTS (SELECT FROM medaudit_data.book_state AS s WHERE s.refreshed_at IS NOT NULL)
		AND medaudit._is_bound('change', 'changed_at') THEN
		CALL medaudit._books_follow(late);
		CALL medaudit._books_take_register(NULL, NULL, false);
	END IF;
	CALL medaudit._run_see_all();
	run_no := medaudit._run_open_changed();
	COMMIT;
	IF run_no IS NULL THEN
		PERFORM medaudit._release_run_lock();
		RAISE NOTICE USING MESSAGE = medaudit._say('nothing changed after it was judged');
		RETURN;
	END IF;
	CALL medaudit._run_through(run_no);
END
$$;

COMMENT ON PROCEDURE audit_changes() IS
	'变化稽核: reads what changed since the last refresh of the store, and judges again, by all enabled rules, the visits of stale_visits: puts right what stands of them, on whatever day some run has judged; kinds that are judged by the month wait for a run of the month. A run of its own (run.scope persons), which commits after each step, so it stops with 2D000 inside a transaction; 55000 without a store, 55006 while a run or a refresh is going on, 38000 where steps failed';
