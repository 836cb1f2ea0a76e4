-- What a run leaves behind besides findings: what it found, so that two runs can
-- be compared when the findings have long changed; and the lines that it could
-- not judge.  Both go with the run (DELETE FROM medaudit.run).

CREATE INDEX run_dates ON run USING gist (daterange(from_date, to_date));

-- ------------------------------------------------------------ what it found

CREATE TABLE run_finding (
	run_id bigint NOT NULL,
	rule_code text NOT NULL,
	identity bytea NOT NULL,
	facility_id text,
	fingerprint bytea NOT NULL,
	claimed_amount numeric,
	PRIMARY KEY (run_id, rule_code, identity)
);

COMMENT ON TABLE run_finding IS
	'运行结果: what each run found, in short; kept as long as the run';
COMMENT ON COLUMN run_finding.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_finding.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN run_finding.identity IS '标识: _finding_identity() of subject and key';
COMMENT ON COLUMN run_finding.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN run_finding.fingerprint IS '内容指纹: first half of that of the finding';
COMMENT ON COLUMN run_finding.claimed_amount IS '违规金额(符合范围): yuan';

-- ------------------------------------------------- what it could not judge

CREATE TABLE run_insufficient (
	run_id bigint NOT NULL,
	rule_code text NOT NULL,
	facility_id text,
	visit_id text NOT NULL,
	line_id text,
	item_code text,
	charged_at timestamp,
	missing text[] NOT NULL
);

CREATE INDEX run_insufficient_rule ON run_insufficient (run_id, rule_code);

COMMENT ON TABLE run_insufficient IS
	'无法判断明细: charge lines that rules could not judge for want of data; at most 100,000 of a rule and run, kept as long as the run';
COMMENT ON COLUMN run_insufficient.run_id IS '运行编号: the run';
COMMENT ON COLUMN run_insufficient.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN run_insufficient.facility_id IS '定点医药机构编号: where';
COMMENT ON COLUMN run_insufficient.visit_id IS '就诊编号: the visit';
COMMENT ON COLUMN run_insufficient.line_id IS
	'费用明细流水号: within the visit; NULL: the rule is about the visit';
COMMENT ON COLUMN run_insufficient.item_code IS '医疗目录编码: what was charged';
COMMENT ON COLUMN run_insufficient.charged_at IS '费用发生时间: when';
COMMENT ON COLUMN run_insufficient.missing IS '缺少的数据: what the rule would have to know';

SELECT pg_extension_config_dump('run_finding', '');
SELECT pg_extension_config_dump('run_insufficient', '');
