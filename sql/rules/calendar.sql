-- The calendar of calendar.tables.sql, and the class of a day.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON calendar
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE FUNCTION day_class(day date) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT CASE WHEN c.working THEN CASE WHEN d.weekday > 5 THEN 1 ELSE d.weekday END
				WHEN NOT c.working THEN 7
				ELSE d.weekday END
		FROM (SELECT extract(isodow FROM day_class.day)::int AS weekday) AS d
		LEFT JOIN (SELECT i.working FROM calendar AS i WHERE i.day = day_class.day
			ORDER BY i.shipped LIMIT 1) AS c ON true);

COMMENT ON FUNCTION day_class(date) IS
	'日期类别: the weekday that a day is like, 1 Monday to 7 Sunday, by calendar: a Saturday or Sunday on which people work is a Monday, a holiday a Sunday, any other day its own weekday; NULL for NULL and infinity';

CREATE OR REPLACE FUNCTION _day_class_zh(class int) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN '星期' || substr('一二三四五六日', class, 1);

COMMENT ON FUNCTION _day_class_zh(int) IS
	'星期: weekday of a class of day_class(), as 星期一; NULL for NULL';
