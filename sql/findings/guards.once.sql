-- The triggers of guards.sql stand on every table that a run writes.

DO $$
DECLARE
	part record;
BEGIN
	FOR part IN
		SELECT i.name, 'run' AS parent, 'run_id' AS key
		FROM unnest('{run_step,run_quality,run_finding,run_insufficient,run_asked,run_coverage}'::text[]) AS i (name)
		UNION ALL SELECT 'kept_rulebook', 'run_asked', 'digest'
	LOOP
		EXECUTE format('CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON medaudit.%1$I
			FOR EACH STATEMENT EXECUTE FUNCTION medaudit._guard_findings();
			CREATE TRIGGER guard_deleted AFTER DELETE ON medaudit.%1$I REFERENCING OLD TABLE AS gone
			FOR EACH STATEMENT EXECUTE FUNCTION medaudit._guard_records(%2$L, %3$L);
			CREATE TRIGGER guard_emptied AFTER TRUNCATE ON medaudit.%1$I
			FOR EACH STATEMENT EXECUTE FUNCTION medaudit._guard_records(%2$L, %3$L);', part.name, part.parent, part.key);
	END LOOP;
END
$$;
