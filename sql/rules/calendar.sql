-- Working days and rest days: what a weekday does not say by itself.  The rows
-- that come with medaudit are made by sql/rules/calendar/make-calendar.

CREATE TABLE calendar (
	day date NOT NULL CHECK (isfinite(day)),
	working bool NOT NULL,
	note text,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (day, shipped)
);

CREATE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON calendar
	FOR EACH ROW EXECUTE FUNCTION keep_shipped_term();

COMMENT ON TABLE calendar IS
	'工作日历: days that are not what their weekday says: holidays, and Saturdays and Sundays on which people work (调休); of 2024 to 2026 as the State Council published them; yours (shipped false) go before';
COMMENT ON COLUMN calendar.day IS '日期: the day';
COMMENT ON COLUMN calendar.working IS '是否工作日: false: a holiday; true: people work';
COMMENT ON COLUMN calendar.note IS '说明: which holiday';
COMMENT ON COLUMN calendar.shipped IS '内置: comes with medaudit';

CREATE FUNCTION day_class(day date) RETURNS int
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	RETURN (SELECT CASE WHEN c.working THEN CASE WHEN d.weekday > 5 THEN 1 ELSE d.weekday END
				WHEN NOT c.working THEN 7
				ELSE d.weekday END
		FROM (SELECT extract(isodow FROM day_class.day)::int AS weekday) AS d
		LEFT JOIN (SELECT i.working FROM calendar AS i WHERE i.day = day_class.day
			ORDER BY i.shipped LIMIT 1) AS c ON true);

COMMENT ON FUNCTION day_class(date) IS
	'日期类别: the weekday that a day is like, 1 Monday to 7 Sunday, by calendar: a Saturday or Sunday on which people work is a Monday, a holiday a Sunday, any other day its own weekday; NULL for NULL and infinity';

CREATE FUNCTION day_class_zh(class int) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN '星期' || substr('一二三四五六日', class, 1);

COMMENT ON FUNCTION day_class_zh(int) IS
	'星期: weekday of a class of day_class(), as 星期一; NULL for NULL';

GRANT SELECT ON calendar TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('calendar', 'WHERE NOT shipped');
