-- What people call, to look through: the routines of medaudit without an
-- underscore in front, but for those that types and triggers call.  The build
-- writes _function_page from the files of the topics.
CREATE OR REPLACE VIEW functions AS
SELECT p.proname::text AS name, pg_get_function_arguments(p.oid) AS arguments,
	split_part(obj_description(p.oid, 'pg_proc'), ': ', 1) AS meaning_zh,
	(SELECT string_agg(t.page, ', ' ORDER BY t.page) FROM _function_page AS t WHERE t.name = p.proname) AS page,
	CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'function' END AS kind,
	pg_get_function_result(p.oid) AS returns,
	split_part(obj_description(p.oid, 'pg_proc'), ': ', 2) AS meaning
FROM pg_proc AS p
WHERE p.pronamespace = 'medaudit'::regnamespace AND NOT starts_with(p.proname::text, '_')
ORDER BY p.proname::text COLLATE "C", p.pronargs, p.oid;

COMMENT ON VIEW functions IS '函数目录: the functions, aggregates and procedures that people call, one row for each form';
COMMENT ON COLUMN functions.name IS '名称: of the routine';
COMMENT ON COLUMN functions.arguments IS '参数: names, types and defaults';
COMMENT ON COLUMN functions.meaning_zh IS '含义: its Chinese term';
COMMENT ON COLUMN functions.page IS '说明页: page of the documentation, of a name of several topics their pages; NULL: none';
COMMENT ON COLUMN functions.kind IS '种类: function, aggregate, procedure or window';
COMMENT ON COLUMN functions.returns IS '返回: type of what it gives; NULL: a procedure';
COMMENT ON COLUMN functions.meaning IS '说明: what it gives, in English';
GRANT SELECT ON functions TO PUBLIC;
