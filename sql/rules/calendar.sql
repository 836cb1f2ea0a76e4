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

-- Days are looked through in stretches that have as many working days in all but
-- the strangest calendars.
CREATE OR REPLACE FUNCTION add_workdays(from_date date, days int) RETURNS date
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	step int := sign(days);
	left_over int := abs(days);
	at date := from_date;
	stretch int;
	found_days date[];
BEGIN
	IF NOT isfinite(from_date) OR abs(days::bigint) > 100000 THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('from_date must be finite, and days between -100000 and 100000'),
			DETAIL = format(medaudit._say('They are %s and %s.'), from_date, days);
	END IF;
	WHILE left_over > 0 LOOP
		stretch := left_over * 2 + 30;
		SELECT array_agg(d.day ORDER BY d.n) INTO found_days
		FROM (SELECT n, at + step * n AS day FROM generate_series(1, stretch) AS n) AS d
		WHERE medaudit.day_class(d.day) < 6;
		IF cardinality(found_days) >= left_over THEN
			RETURN found_days[left_over];
		ELSIF abs(at - from_date) > 1000000 THEN
			RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('there are no such many working days');
		END IF;
		left_over := left_over - coalesce(cardinality(found_days), 0);
		at := at + step * stretch;
	END LOOP;
	RETURN at;
END
$$;

COMMENT ON FUNCTION add_workdays(date, int) IS
	'工作日推算: the day so many working days after (below 0: before) a day, by calendar; Saturdays and Sundays rest where the calendar does not say otherwise; 0 gives the day itself; 22023 beyond 100000 days, NULL for NULL';
