-- Indicators (统计指标): what each measures, and their months.

CREATE TABLE indicator (
	indicator text PRIMARY KEY CHECK (indicator ~ '^[a-z][a-z0-9_]{0,62}$'),
	name_zh text NOT NULL CHECK (btrim(name_zh) <> ''),
	name_en text,
	numerator_zh text,
	denominator_zh text,
	unit text,
	national_code text,
	direction text NOT NULL DEFAULT 'both' CHECK (direction IN ('high', 'low', 'both')),
	min_denominator int NOT NULL DEFAULT 20 CHECK (min_denominator >= 0),
	peers text NOT NULL DEFAULT 'rank,kind' CHECK (peers ~ '^((rank|kind|region)(,(rank|kind|region))*)?$'),
	enabled bool NOT NULL DEFAULT true,
	shipped bool NOT NULL DEFAULT false
);

COMMENT ON TABLE indicator IS
	'统计指标: what is measured month by month of facilities, physicians, diseases, regions, groups and pharmacies, and how their numbers are compared. A shipped row that you change, or write again, is yours from then on; deleting yours brings the shipped one back';
COMMENT ON COLUMN indicator.indicator IS '指标编码: name by which indicator_month knows it';
COMMENT ON COLUMN indicator.name_zh IS '指标名称';
COMMENT ON COLUMN indicator.name_en IS '英文名称';
COMMENT ON COLUMN indicator.numerator_zh IS '分子: what is counted or added up';
COMMENT ON COLUMN indicator.denominator_zh IS '分母: by what it is divided; NULL: a sum, divided by 1';
COMMENT ON COLUMN indicator.unit IS '单位: of the value: share (of money), rate (of what is counted, and drawn towards that of the peers), yuan, days …';
COMMENT ON COLUMN indicator.national_code IS '国家指标编码: code of the national rule framework; NULL: it has none';
COMMENT ON COLUMN indicator.direction IS '偏离方向: on which side of its peers a value is flagged: high, low or both';
COMMENT ON COLUMN indicator.min_denominator IS '最小分母: below it a value is flagged as few and compared no further';
COMMENT ON COLUMN indicator.peers IS '同组条件: what facilities (and pharmacies) are compared by: rank, kind and region, joined by commas; empty: with all of the month';
COMMENT ON COLUMN indicator.enabled IS '启用: refresh_indicators() makes it, and indicator_peers shows it';
COMMENT ON COLUMN indicator.shipped IS '内置: comes with medaudit';

CREATE TABLE indicator_month (
	subject_kind text COLLATE "C" NOT NULL CHECK (subject_kind IN ('facility', 'physician', 'disease', 'region', 'group', 'pharmacy')),
	subject_id text COLLATE "C" NOT NULL,
	month date NOT NULL CHECK (isfinite(month) AND extract(day FROM month) = 1),
	indicator text COLLATE "C" NOT NULL,
	numerator numeric CHECK (numerator > '-Infinity'::numeric AND numerator < 'Infinity'::numeric),
	denominator numeric CHECK (denominator > '-Infinity'::numeric AND denominator < 'Infinity'::numeric),
	PRIMARY KEY (subject_kind, subject_id, month, indicator)
);
CREATE INDEX indicator_month_month ON indicator_month (month, subject_kind);

COMMENT ON TABLE indicator_month IS
	'指标月值: numerator and denominator of each indicator, subject and month, made by refresh_indicators(); a fund writes rows of its own indicators itself. What could not be measured has no row';
COMMENT ON COLUMN indicator_month.subject_kind IS '统计对象类型: facility, physician, disease (main diagnosis, 3 characters), region (where persons are insured), group (person_class) or pharmacy';
COMMENT ON COLUMN indicator_month.subject_id IS '统计对象编号';
COMMENT ON COLUMN indicator_month.month IS '月份: its first day';
COMMENT ON COLUMN indicator_month.indicator IS '指标编码: indicator.indicator';
COMMENT ON COLUMN indicator_month.numerator IS '分子';
COMMENT ON COLUMN indicator_month.denominator IS '分母: 1 for a sum';

GRANT SELECT ON indicator TO PUBLIC;
SELECT pg_extension_config_dump('indicator', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('indicator_month', '');

-- ---------------------------------------------------- while they are made
-- Money in ten-thousandths of a yuan, as in books.

CREATE UNLOGGED TABLE medaudit_work.indicator_visit (
	visit_no int PRIMARY KEY, visit_id text, month date, person_id text, facility_id text, physician_id text, disease text, region text,
	person_class text, visit_type text, stay bool, admitted_at timestamp, discharged_at timestamp, nights int, days int,
	total bigint, scope bigint, fund bigint, personal bigint, main_diagnosis text, mid_settlement bool, charged_from date, charged_to date
);
COMMENT ON TABLE medaudit_work.indicator_visit IS '指标就诊: the visits of the months that refresh_indicators() makes, each once; nights: NULL where they are not known; days: the same, of one date 1; charged_from, charged_to: between which dates its charges lie';

CREATE UNLOGGED TABLE medaudit_work.indicator_near (
	visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp, visit_type text, main_diagnosis text,
	payment_method text, total_amount numeric, referral_visit_id text, newborn bool, continues_visit_id text
);
COMMENT ON TABLE medaudit_work.indicator_near IS '指标相邻就诊: settlements of the people who have a stay in the months that refresh_indicators() makes, of the time of these stays';

CREATE UNLOGGED TABLE medaudit_work.indicator_stay (visit_no int PRIMARY KEY, readmitted bool, seen_before bool, agrees bool);
COMMENT ON TABLE medaudit_work.indicator_stay IS '指标住院: stays of indicator_visit: whether the person came again within 31 days unplanned, was an outpatient at the place on the date of admission or the one before, and left with the diagnosis of admission (NULL: one of them is not known)';

CREATE UNLOGGED TABLE medaudit_work.indicator_total (
	visit_no int, sums bigint[], one_date bool, last_active date, prescriptions int, large int
);
COMMENT ON TABLE medaudit_work.indicator_total IS '指标费用合计: what was charged in the visits of indicator_visit that have a charge; the sums stand in the order of _indicator_totals(); last_active: last date of a stay on which more was charged than bed, nursing and consultation';

CREATE UNLOGGED TABLE medaudit_work.indicator_physician (physician_id text, month date, days bigint, persons bigint, minutes numeric);
COMMENT ON TABLE medaudit_work.indicator_physician IS '指标医师: on how many dates physicians ordered what was charged, for how many persons, and how many minutes of work it takes';

CREATE UNLOGGED TABLE medaudit_work.indicator_change (
	subject_kind text COLLATE "C", subject_id text COLLATE "C", month date, indicator text COLLATE "C", numerator numeric, denominator numeric, made bool, kept bool
);
COMMENT ON TABLE medaudit_work.indicator_change IS '指标变化: rows of indicator_month that differ from what refresh_indicators() has made; made: there is such a row now, kept: there was one before';

-- What _visit_line_kinds() and _visit_line_sums() give.

CREATE TYPE visit_line_kinds AS (item_codes text[], categories text[], payment_classes text[], procured_months date[], procured_kinds int[]);
COMMENT ON TYPE visit_line_kinds IS '费用种类: the different items, categories and payment classes of charges, an element of three arrays for each, an empty text where one is not known';
COMMENT ON COLUMN visit_line_kinds.item_codes IS '项目编码';
COMMENT ON COLUMN visit_line_kinds.categories IS '收费类别';
COMMENT ON COLUMN visit_line_kinds.payment_classes IS '收费项目等级';
COMMENT ON COLUMN visit_line_kinds.procured_months IS '集采月份: months in which one was charged as procured';
COMMENT ON COLUMN visit_line_kinds.procured_kinds IS '集采种类: which that was in each of these: its place in the other arrays';

CREATE TYPE visit_line_sums AS (
	sums bigint[], one_date bool, last_active date, prescriptions int, large int, cap_days date[], cap_amounts bigint[],
	physicians text[], days date[], minutes bigint[]
);
COMMENT ON TYPE visit_line_sums IS '就诊费用合计: what the charges of a visit add up to';
COMMENT ON COLUMN visit_line_sums.sums IS '合计: lines and money, in ten-thousandths, in the order of _indicator_totals()';
COMMENT ON COLUMN visit_line_sums.one_date IS '是否同日: all charges bear one date; NULL: none has one';
COMMENT ON COLUMN visit_line_sums.last_active IS '末次诊疗日: last date of a stay on which more was charged than bed, nursing and consultation';
COMMENT ON COLUMN visit_line_sums.prescriptions IS '处方数: of an outpatient';
COMMENT ON COLUMN visit_line_sums.large IS '大处方数: those of five drugs or more';
COMMENT ON COLUMN visit_line_sums.cap_days IS '待核处方日期: of those of fewer drugs that cost more than the cap, their first date';
COMMENT ON COLUMN visit_line_sums.cap_amounts IS '待核处方金额: what these cost, in ten-thousandths';
COMMENT ON COLUMN visit_line_sums.physicians IS '医师: who ordered, once for each date';
COMMENT ON COLUMN visit_line_sums.days IS '日期: these dates';
COMMENT ON COLUMN visit_line_sums.minutes IS '时长: minutes of work of each, in hundred-millionths; NULL: not known';
