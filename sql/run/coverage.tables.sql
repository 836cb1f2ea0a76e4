-- Coverage: how much of what was charged no rule can find anything in, because
-- the code is not in the catalogue, has no national form, or is one that no
-- enabled rule looks at.  A run counts it by facility and day of settlement,
-- so that months add up however the year is cut into runs; a later run of a
-- day replaces what an earlier one counted.

CREATE TABLE run_coverage (
	run_id bigint NOT NULL,
	facility_id text,
	facility_name text,
	settled_on date NOT NULL,
	lines bigint NOT NULL,
	amount numeric NOT NULL,
	unlisted_lines bigint,
	unlisted_amount numeric,
	unmapped_lines bigint NOT NULL,
	unmapped_amount numeric NOT NULL,
	unruled_lines bigint NOT NULL,
	unruled_amount numeric NOT NULL
);

CREATE INDEX run_coverage_day ON run_coverage (settled_on);

COMMENT ON TABLE run_coverage IS
	'编码覆盖明细: charge lines of the visits that the last run of each day judged, and those whose code finds nothing; read code_coverage';
COMMENT ON COLUMN run_coverage.run_id IS '运行编号: the run that counted';
COMMENT ON COLUMN run_coverage.facility_id IS '定点医药机构编号: where; NULL: not known';
COMMENT ON COLUMN run_coverage.facility_name IS '定点医药机构名称: as it was then';
COMMENT ON COLUMN run_coverage.settled_on IS
	'归属日期: day of settlement (else discharge) of the visits';
COMMENT ON COLUMN run_coverage.lines IS '明细行数: charge lines that carry a code';
COMMENT ON COLUMN run_coverage.amount IS '金额: yuan of these lines, refunds taken off';
COMMENT ON COLUMN run_coverage.unlisted_lines IS
	'未列入目录行数: the code is not in the relation item; NULL: item is not bound';
COMMENT ON COLUMN run_coverage.unlisted_amount IS '未列入目录金额: yuan of these';
COMMENT ON COLUMN run_coverage.unmapped_lines IS
	'无国家编码行数: neither the code nor its national_code is a national one (see code_kind)';
COMMENT ON COLUMN run_coverage.unmapped_amount IS '无国家编码金额: yuan of these';
COMMENT ON COLUMN run_coverage.unruled_lines IS
	'无规则行数: no enabled rule over charges looks at the code';
COMMENT ON COLUMN run_coverage.unruled_amount IS '无规则金额: yuan of these';

SELECT pg_extension_config_dump('run_coverage', '');
