-- Alerts, and above which growth each begins.

CREATE TYPE alert AS ENUM ('none', 'yellow', 'orange', 'red');
COMMENT ON TYPE alert IS '预警级别: none 正常, yellow 黄色, orange 橙色, red 红色, in this order';

CREATE TABLE alert_bound (
	metric text NOT NULL CHECK (metric IN ('fund', 'stays', 'cost')),
	facility_id text,
	facility_kind text,
	yellow numeric NOT NULL,
	orange numeric NOT NULL,
	red numeric NOT NULL,
	valid daterange,
	CHECK (yellow > 0::numeric AND yellow < orange AND orange < red AND red < 'Infinity'::numeric)
);

COMMENT ON TABLE alert_bound IS
	'预警界限: above which growth of a metric a facility is told, reports, is inspected. Ships empty: agreements say it; without a row the alert is NULL. Of the rows that hold on the last day of the month the one of the facility goes before that of its kind, that before the one of all, and among these the one that begins last';
COMMENT ON COLUMN alert_bound.metric IS '指标: fund (spent against even pace), stays (admissions) or cost (money of a stay), both against the same months of the year before';
COMMENT ON COLUMN alert_bound.facility_id IS '定点医药机构编号: NULL: any';
COMMENT ON COLUMN alert_bound.facility_kind IS '机构类型: as facility.kind has it, whatever its case and width; NULL: any';
COMMENT ON COLUMN alert_bound.yellow IS '黄色预警: growth above which it is yellow, as a share: 0.05 is 5 per cent';
COMMENT ON COLUMN alert_bound.orange IS '橙色预警: growth above which it is orange';
COMMENT ON COLUMN alert_bound.red IS '红色预警: growth above which it is red';
COMMENT ON COLUMN alert_bound.valid IS '有效期间: NULL: always';

GRANT SELECT ON alert_bound TO PUBLIC;
SELECT pg_extension_config_dump('alert_bound', '');

-- As fund_monitor().
CREATE UNLOGGED TABLE medaudit_work.fund_month (
	facility_id text, facility_name text, month date, quota numeric, elapsed numeric, fund_to_date numeric, fund_pace numeric, fund_alert alert,
	stays_to_date bigint, stays_last_year bigint, stays_growth numeric, stays_alert alert, cost_per_stay numeric, cost_last_year numeric,
	cost_growth numeric, cost_alert alert, alert alert, hold_next_month bool, action_zh text
);
COMMENT ON TABLE medaudit_work.fund_month IS '基金运行监测: fund_monitor() of the whole months of the run';
