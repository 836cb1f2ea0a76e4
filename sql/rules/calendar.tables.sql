-- Working days and rest days: what a weekday does not say by itself.  The rows
-- that come with medaudit are made by sql/rules/calendar/make-calendar.

CREATE TABLE calendar (
	day date NOT NULL CHECK (isfinite(day)),
	working bool NOT NULL,
	note text,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (day, shipped)
);

COMMENT ON TABLE calendar IS
	'工作日历: days that are not what their weekday says: holidays, and Saturdays and Sundays on which people work (调休); of 2024 to 2026 as the State Council published them; yours (shipped false) go before';
COMMENT ON COLUMN calendar.day IS '日期: the day';
COMMENT ON COLUMN calendar.working IS '是否工作日: false: a holiday; true: people work';
COMMENT ON COLUMN calendar.note IS '说明: which holiday';
COMMENT ON COLUMN calendar.shipped IS '内置: comes with medaudit';

GRANT SELECT ON calendar TO PUBLIC;
SELECT pg_extension_config_dump('calendar', 'WHERE NOT shipped');
