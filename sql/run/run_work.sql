-- The working tables of a run: emptied, and looked over for the planner.

CREATE OR REPLACE FUNCTION _analyze(VARIADIC names text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_analyze'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _analyze(text[]) IS
	'统计工作表: ANALYZE of working tables of a run, for which up to PostgreSQL 16 one would have to own them; 42501 for who may not write them, 42P01 for what is none';

-- What is only shown or added up, no plan hangs on: to sample these columns is most of the
-- time in wide tables, for each is sorted.  Columns that are joined, grouped by, or of which
-- a step takes few rows, are not among them.
DO $$
DECLARE
	shown record;
BEGIN
	FOR shown IN
		SELECT a.attrelid::regclass AS place, a.attname AS name
		FROM (VALUES
			('{settlement}'::text[], '{record_no,insurance_type,department,physician_id,ward,bed,main_diagnosis,total_amount,scope_amount,fund_amount,personal_amount,payment_method,discharge_way,region,acct_amount,basic_amount,serious_illness_amount,aid_amount,unreadable}'::text[]),
			('{span}', '{record_no,insurance_type,department,physician_id,main_diagnosis,main_diagnoses,total_amount,scope_amount,fund_amount,payment_method,facility_rank}'),
			('{tagged,stay}', '{record_no,insurance_type,department,physician_id,main_diagnosis,diagnosis_codes,total_amount,scope_amount,fund_amount,payment_method,person_name,sex,birth_date,facility_name}'),
			('{person}', '{name,sex,birth_date,address,phone,region,insurance_type,unreadable}'),
			('{fill}', '{line_id,original_line_id,physician_id,department,item_name,amount,claimed,prescription_id,pack,units_per_day,basis}'),
			('{prescribed}', '{person_id,line_id,item_code,item_name,drug,quantity,amount,claimed,days_supply,prescription_id,physician_id,department,visit_type}'),
			('{prescription}', '{person_id,prescription_id,department,visit_ids,claimed}'),
			('{swipe}', '{swipe_id,credential}'),
			('{stock_move}', '{price,amount,pay_method,batch_no,person_id,pharmacist_id,unit_factor}')) AS t (names, columns)
		CROSS JOIN LATERAL unnest(t.names) AS n (name)
		JOIN pg_catalog.pg_attribute AS a ON a.attrelid = format('medaudit_work.%I', n.name)::regclass AND a.attname = ANY (t.columns)
		WHERE NOT a.attisdropped
	LOOP
		EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', shown.place, shown.name);
	END LOOP;
END
$$;

-- To truncate an unlogged table is some files made and synced, which takes longer than to
-- delete what stands in a few pages; what is empty is left alone.  More pages than a few
-- would tell the planner of rows that are not there.
CREATE OR REPLACE FUNCTION _empty(VARIADIC names text[]) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
	filled record;
	large text;
BEGIN
	FOR filled IN
		SELECT s.place, s.bytes
		FROM (
			SELECT c.oid::regclass AS place, CASE c.relkind WHEN 'p' THEN (SELECT sum(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) AS t)
				ELSE pg_relation_size(c.oid) END AS bytes
			FROM pg_class AS c
			WHERE c.relnamespace = 'medaudit_work'::regnamespace AND c.relname = ANY (names)
		) AS s
		WHERE s.bytes > 0
	LOOP
		IF filled.bytes > 65536 THEN
			large := concat_ws(', ', large, filled.place);
		ELSE
			EXECUTE format('DELETE FROM %s', filled.place);
		END IF;
	END LOOP;
	IF large IS NOT NULL THEN
		EXECUTE 'TRUNCATE ' || large;
	END IF;
END
$$;

COMMENT ON FUNCTION _empty(text[]) IS
	'清空工作表: empties those of the named working tables in which there is something';

-- Until the transaction ends, or the caller puts back what was set before.
CREATE OR REPLACE FUNCTION _share_work_mem(shares int) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT set_config('work_mem', greatest(pg_size_bytes(current_setting('work_mem')) / 1024 / shares, 64) || 'kB', true)
$$;

COMMENT ON FUNCTION _share_work_mem(int) IS
	'分配内存: lets each sort and hash of the next statements take that part of work_mem, at least 64 kB';

CREATE OR REPLACE FUNCTION _run_made(made text) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.made (name) VALUES (made) ON CONFLICT DO NOTHING;
	RETURN NOT FOUND;
END
$$;

COMMENT ON FUNCTION _run_made(text) IS
	'是否已准备: whether a step of the run has made this before; from now on it has';

-- A trigger on a working table would act with the rights of whoever runs, and a
-- key that refers to one keeps it from being emptied: neither belongs there.
CREATE OR REPLACE PROCEDURE _check_work_rights()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	lacking text := CASE WHEN NOT has_schema_privilege('medaudit_work', 'USAGE') THEN 'schema medaudit_work'
		ELSE (SELECT 'table medaudit_work.' || min(c.relname) FROM pg_class AS c
			CROSS JOIN unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS r (wanted)
			WHERE c.relnamespace = 'medaudit_work'::regnamespace AND (c.relkind IN ('r', 'p') OR c.relkind = 'v' AND r.wanted = 'SELECT')
				AND NOT has_table_privilege(c.oid, r.wanted)) END;
	planted text := (SELECT min(format('"%s" of medaudit_work.%s', t.tgname, c.relname)) FROM pg_trigger AS t
		JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'medaudit_work'::regnamespace);
BEGIN
	-- what came twice is told apart in tables of the session
	IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
		RAISE EXCEPTION USING ERRCODE = '42501',
			MESSAGE = format(medaudit._say('permission denied to create temporary tables in database "%s"'), current_database()),
			HINT = format(medaudit._say('Whoever runs an audit needs: GRANT TEMPORARY ON DATABASE %I.'), current_database());
	END IF;
	IF lacking IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('permission denied for %s'), lacking),
			HINT = format(medaudit._say('Whoever runs an audit needs: CALL medaudit.grant_access(%L, ''runner'').'), current_user);
	ELSIF planted IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = format(medaudit._say('working tables have no triggers: %s'), planted),
			HINT = medaudit._say('It would act with the rights of whoever makes the run: drop it, and do not grant TRIGGER or REFERENCES there.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_work_rights() IS
	'检查工作表权限: 42501 where the caller may not write the working tables of a run, or make temporary ones, or one of them has a trigger';

-- What a run makes for itself besides belongs to the session: the tables of what
-- came twice, and the functions through which it reads.
CREATE OR REPLACE PROCEDURE _run_clear()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	own record;
BEGIN
	FOR own IN
		SELECT format('TABLE pg_temp.%I', c.relname) AS name FROM pg_class AS c
		WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind = 'r' AND c.relname ~ '^medaudit_(twice_|mended_|merged$)'
		UNION ALL
		SELECT format('FUNCTION pg_temp.%I()', p.proname) FROM pg_proc AS p
		WHERE p.pronamespace = pg_my_temp_schema() AND p.proname LIKE 'medaudit\_read\_%' AND p.pronargs = 0
	LOOP
		EXECUTE 'DROP ' || own.name;
	END LOOP;
	PERFORM medaudit._empty(VARIADIC (SELECT array_agg(c.relname) FROM pg_class AS c
		WHERE c.relnamespace = 'medaudit_work'::regnamespace AND c.relkind = 'r'));
END
$$;

COMMENT ON PROCEDURE _run_clear() IS
	'清空工作表: empties the working tables, and drops what a run has made in this session';

-- Visits are many, their types few: what is asked of a type is asked once (OFFSET 0).
CREATE OR REPLACE FUNCTION _run_judged_types() RETURNS SETOF text
	LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
	SELECT DISTINCT s.visit_type FROM medaudit_work.span AS s WHERE s.judged OFFSET 0;
END;

COMMENT ON FUNCTION _run_judged_types() IS
	'已判就诊类型: the different types of judged visits, NULL among them. Only within an audit run';
