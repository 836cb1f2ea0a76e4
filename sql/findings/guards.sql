-- Who may write what a run says.  Findings, what they count and what a run tells
-- of itself are written by a run, and follow what people decide; triggers
-- refuse plain statements, those of the owner and of superusers too.  But for
-- INSERT of the owner, for that is how a restore brings rows in, and for what
-- is derived from findings, which the owner may make again.  What a run told of
-- itself may go with the run.

-- A table that is published takes no UPDATE and no DELETE unless it says by what its rows
-- are known elsewhere: its key, and where it has none the whole row.  Else a publication of
-- all tables would stop runs and decisions.  It costs the old row in the WAL of a server
-- with wal_level logical, and nothing elsewhere.
CREATE OR REPLACE PROCEDURE _know_rows(schema name)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	keyless regclass;
BEGIN
	FOR keyless IN
		SELECT c.oid FROM pg_class AS c
		WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = schema) AND c.relkind IN ('r', 'p')
			AND c.relpersistence = 'p' AND c.relreplident = 'd'
			AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
			AND (schema = 'medaudit' OR regexp_replace(c.relname, '^(visit_book)_[0-9]+$', '\1') = ANY (medaudit._book_tables()))
		ORDER BY c.relname
	LOOP
		EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', keyless);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _know_rows(name) IS
	'行标识: makes tables without a key (medaudit''s own, or those of the store of books in medaudit_data) known by whole rows where they are replicated, so that publishing them stops no run';

CREATE OR REPLACE FUNCTION _take_run_lock() RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_take_run_lock'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _take_run_lock() IS
	'取得运行锁: takes the lock of an audit run until the procedure that asks has ended, however it ends; false where another session has it; 42501 for who may not write runs, 2D000 where the caller may not commit';

CREATE OR REPLACE FUNCTION _release_run_lock() RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_release_run_lock'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _release_run_lock() IS
	'释放运行锁: gives the lock of an audit run back, where this session has it';

CREATE OR REPLACE FUNCTION _take_rank_lock() RETURNS void
	AS 'MODULE_PATHNAME', 'medaudit_take_rank_lock'
	LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;

COMMENT ON FUNCTION _take_rank_lock() IS
	'取得排名锁: waits until nobody else ranks, and keeps others waiting until the end of the transaction; 42501 for who may not write the ranking';

CREATE OR REPLACE FUNCTION _findings_open() RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_findings_open'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION _findings_open() IS
	'可否写入发现: whether this session is running an audit, or a finding is just following its events; never NULL';

CREATE OR REPLACE FUNCTION _run_lock_held() RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_run_lock_held'
	LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;

COMMENT ON FUNCTION _run_lock_held() IS
	'是否正在运行: whether this session is running an audit; never NULL';

CREATE OR REPLACE FUNCTION _owns(relation oid) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class AS c WHERE c.oid = relation);

COMMENT ON FUNCTION _owns(oid) IS
	'是否属主: whether the current user is the owner of a table, or has the rights of the owner; NULL for none';

CREATE OR REPLACE FUNCTION _guard_findings() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._findings_open()
			OR (TG_OP = 'INSERT' OR TG_ARGV[0] = 'derived') AND medaudit._owns(TG_RELID) THEN
		RETURN NULL;
	END IF;
	RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
		MESSAGE = format(medaudit._say('%s is written by audit runs alone'), TG_TABLE_NAME),
		HINT = CASE WHEN TG_ARGV[0] = 'derived' THEN medaudit._say('It is made of findings, and made again by its owner: CALL medaudit.rank_findings().')
			ELSE medaudit._say('What people decide about findings are events: see medaudit.review_finding().') END;
END
$$;

COMMENT ON FUNCTION _guard_findings() IS
	'发现防护: trigger; a statement that neither a run makes nor an event is 23001, but for INSERT of the owner (a restore), and of what is derived all that the owner does';

CREATE OR REPLACE FUNCTION _guard_records() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	kept bool;
BEGIN
	IF medaudit._findings_open() THEN
		RETURN NULL;
	ELSIF TG_OP = 'TRUNCATE' THEN
		EXECUTE format('SELECT EXISTS (SELECT FROM medaudit.%I)', TG_ARGV[0]) INTO kept;
	ELSE
		EXECUTE format('SELECT EXISTS (SELECT FROM gone AS g JOIN medaudit.%1$I AS p ON p.%2$I = g.%2$I)',
			TG_ARGV[0], TG_ARGV[1]) INTO kept;
	END IF;
	IF kept THEN
		RAISE EXCEPTION USING ERRCODE = '23001', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
			MESSAGE = format(medaudit._say('rows of %s go with their run'), TG_TABLE_NAME),
			HINT = medaudit._say('DELETE FROM medaudit.run drops a run with all that it kept.');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _guard_records() IS
	'运行记录防护: trigger (table, column); to delete what belongs to a row that is still there is 23001 outside of a run';

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON finding
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON finding_line
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings();
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON ranked_line
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings('derived');
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON finding_sum
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings('derived');
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON finding_person
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings('derived');

CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION _guard_findings();
