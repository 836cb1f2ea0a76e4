-- The twins say what the views say.
DO $$
DECLARE
	item record;
BEGIN
	FOR item IN
		SELECT t.relname, a.attname, col_description(c.oid, a.attnum) || CASE
			WHEN a.attname OPERATOR(=) ANY ('{person_id,person_name,subject_id,visit_id,line_id,record_no,evidence_text}'::text[])
			THEN '; masked' ELSE '' END AS meaning
		FROM pg_class AS c
		JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0::int2
		JOIN pg_class AS t ON t.relname OPERATOR(=) (c.relname || '_masked')::name
			AND t.relnamespace = c.relnamespace
		WHERE c.oid IN ('medaudit.findings'::regclass, 'medaudit.worklist'::regclass)
	LOOP
		EXECUTE format('COMMENT ON COLUMN medaudit.%I.%I IS %L', item.relname, item.attname, item.meaning);
	END LOOP;
END
$$;
