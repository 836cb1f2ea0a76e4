-- What ranking.sql keeps: how each line counts, its place in the order, and what
-- the findings of a rule, an institution, a person, a physician add up to.  Persons
-- are numbered: whoever decides moves rows, and must not read who they are.

CREATE TABLE ranked_line (
	finding_id bigint NOT NULL,
	line_no int NOT NULL,
	visit_id text NOT NULL,
	rule_code text NOT NULL,
	certainty text NOT NULL,
	facility_id text,
	person_key bigint,
	physician_id text,
	judged_on date NOT NULL,
	rule_name text NOT NULL,
	violation text,
	facility_name text,
	sureness int NOT NULL,
	gross_once numeric,
	claimed_once numeric,
	fund_once numeric,
	involved_amount numeric,
	lines_once int NOT NULL,
	other_rules bigint NOT NULL,
	findings int NOT NULL,
	found_gross numeric,
	found_claimed numeric,
	found_fund numeric,
	found_involved numeric,
	rank float8,
	weight numeric NOT NULL DEFAULT 1,
	PRIMARY KEY (finding_id, line_no)
) WITH (fillfactor = 80);

CREATE INDEX ranked_line_visit ON ranked_line (visit_id);
-- a page of the worklist, of all or of what is chosen, is read in its order
CREATE INDEX ranked_line_rank ON ranked_line (rank) WHERE rank IS NOT NULL;
CREATE INDEX ranked_line_facility ON ranked_line (facility_id, rank) WHERE rank IS NOT NULL;
CREATE INDEX ranked_line_rule ON ranked_line (rule_code, rank) WHERE rank IS NOT NULL;
-- between which two a row belongs; rank 0 has none yet
CREATE INDEX ranked_line_order ON ranked_line (sureness, coalesce(-fund_once * weight, 'Infinity'::numeric),
	coalesce(-claimed_once * weight, 'Infinity'::numeric), coalesce(-involved_amount * weight, 'Infinity'::numeric), finding_id, line_no)
	WHERE rank > 0;
-- how many persons a rule and an institution meet
CREATE INDEX ranked_line_rule_person ON ranked_line (rule_code, person_key);
CREATE INDEX ranked_line_facility_person ON ranked_line (facility_id, person_key);

COMMENT ON TABLE ranked_line IS
	'明细排名: what each line of the standing findings counts when lines count once, and its place on the worklist; kept by triggers, see rank_findings()';
COMMENT ON COLUMN ranked_line.finding_id IS '发现编号: the finding';
COMMENT ON COLUMN ranked_line.line_no IS
	'行号: the line; 0: the finding as a whole, none of whose lines is in excess by money';
COMMENT ON COLUMN ranked_line.visit_id IS '就诊编号: of the line; empty where it has none';
COMMENT ON COLUMN ranked_line.rule_code IS '规则编号: of the finding';
COMMENT ON COLUMN ranked_line.certainty IS '确定程度: of the finding';
COMMENT ON COLUMN ranked_line.facility_id IS '定点医药机构编号: of the finding';
COMMENT ON COLUMN ranked_line.person_key IS '人员序号: of the finding, see finding_person';
COMMENT ON COLUMN ranked_line.physician_id IS '医师编号: of the finding';
COMMENT ON COLUMN ranked_line.judged_on IS '归属日期: of the finding';
COMMENT ON COLUMN ranked_line.rule_name IS '规则名称: of the finding';
COMMENT ON COLUMN ranked_line.violation IS '违规类型: of the finding';
COMMENT ON COLUMN ranked_line.facility_name IS '定点医药机构名称: of the finding';
COMMENT ON COLUMN ranked_line.sureness IS '确定程度序号: 1 violation, 2 suspicion, 3 notice';
COMMENT ON COLUMN ranked_line.gross_once IS
	'去重金额(总额): yuan that count under this finding; NULL: the line counts under others';
COMMENT ON COLUMN ranked_line.claimed_once IS '去重金额(符合范围): yuan that count under this finding';
COMMENT ON COLUMN ranked_line.fund_once IS '去重金额(基金): yuan that count under this finding';
COMMENT ON COLUMN ranked_line.involved_amount IS '涉及金额: yuan of a pattern';
COMMENT ON COLUMN ranked_line.lines_once IS '去重行数: 1 where the line counts under this finding, else 0';
COMMENT ON COLUMN ranked_line.other_rules IS '其他规则数: standing findings of others that name the line';
COMMENT ON COLUMN ranked_line.findings IS '发现数: 1 in the first row of a finding, else 0';
COMMENT ON COLUMN ranked_line.found_gross IS '违规金额(总额): of the finding, in its first row';
COMMENT ON COLUMN ranked_line.found_claimed IS '违规金额(符合范围): of the finding, in its first row';
COMMENT ON COLUMN ranked_line.found_fund IS '违规金额(基金): of the finding, in its first row';
COMMENT ON COLUMN ranked_line.found_involved IS '涉及金额: of the finding, in its first row';
COMMENT ON COLUMN ranked_line.rank IS '排序: on the worklist; NULL: not on it';
COMMENT ON COLUMN ranked_line.weight IS '权重: factor of its money in the order, see rule_focus; 1 where it is not on the worklist';

-- A sum is NULL where none of its amounts is known: hence how many are.  Names are
-- part of what is added up, for a name goes with the last finding that has it.
CREATE TABLE finding_sum (
	rule_code text,
	person_key bigint,
	physician_id text,
	facility_id text,
	rule_name text,
	violation text,
	facility_name text,
	findings bigint NOT NULL,
	violations bigint NOT NULL,
	suspicions bigint NOT NULL,
	gross_amount numeric NOT NULL,
	gross_known bigint NOT NULL,
	claimed_amount numeric NOT NULL,
	claimed_known bigint NOT NULL,
	fund_amount numeric NOT NULL,
	fund_known bigint NOT NULL,
	involved_amount numeric NOT NULL,
	involved_known bigint NOT NULL,
	gross_once numeric NOT NULL,
	gross_once_known bigint NOT NULL,
	claimed_once numeric NOT NULL,
	claimed_once_known bigint NOT NULL,
	fund_once numeric NOT NULL,
	fund_once_known bigint NOT NULL,
	UNIQUE NULLS NOT DISTINCT (rule_code, person_key, physician_id, facility_id, rule_name, violation, facility_name)
) WITH (fillfactor = 60);

CREATE INDEX finding_sum_facility ON finding_sum (facility_id) WHERE rule_code IS NOT NULL;
CREATE INDEX finding_sum_person ON finding_sum (person_key) WHERE person_key IS NOT NULL;
CREATE INDEX finding_sum_physician ON finding_sum (physician_id) WHERE physician_id IS NOT NULL;
CREATE INDEX finding_sum_empty ON finding_sum (findings) WHERE findings = 0;

COMMENT ON TABLE finding_sum IS
	'发现合计: what the standing findings add up to: of a rule in an institution, of a person, of a physician in an institution, by the names that they have in the findings; kept by triggers on ranked_line';
COMMENT ON COLUMN finding_sum.rule_code IS '规则编号: NULL: of a person or physician';
COMMENT ON COLUMN finding_sum.person_key IS '人员序号: NULL: of a rule or physician';
COMMENT ON COLUMN finding_sum.physician_id IS '医师编号: NULL: of a rule or person';
COMMENT ON COLUMN finding_sum.facility_id IS '定点医药机构编号: of the findings; NULL: they name none, or they are of a person';
COMMENT ON COLUMN finding_sum.rule_name IS '规则名称';
COMMENT ON COLUMN finding_sum.violation IS '违规类型';
COMMENT ON COLUMN finding_sum.facility_name IS '定点医药机构名称';
COMMENT ON COLUMN finding_sum.findings IS '发现数';
COMMENT ON COLUMN finding_sum.violations IS '明确违规数';
COMMENT ON COLUMN finding_sum.suspicions IS '可疑数';
COMMENT ON COLUMN finding_sum.gross_amount IS '违规金额(总额): yuan';
COMMENT ON COLUMN finding_sum.gross_known IS '违规金额(总额)已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.claimed_amount IS '违规金额(符合范围): yuan';
COMMENT ON COLUMN finding_sum.claimed_known IS '违规金额(符合范围)已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.fund_amount IS '违规金额(基金): yuan';
COMMENT ON COLUMN finding_sum.fund_known IS '违规金额(基金)已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.involved_amount IS '涉及金额: yuan';
COMMENT ON COLUMN finding_sum.involved_known IS '涉及金额已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.gross_once IS '去重金额(总额): yuan';
COMMENT ON COLUMN finding_sum.gross_once_known IS '去重金额(总额)已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.claimed_once IS '去重金额(符合范围): yuan';
COMMENT ON COLUMN finding_sum.claimed_once_known IS '去重金额(符合范围)已知数: of how many it is known';
COMMENT ON COLUMN finding_sum.fund_once IS '去重金额(基金): yuan';
COMMENT ON COLUMN finding_sum.fund_once_known IS '去重金额(基金)已知数: of how many it is known';

SELECT pg_extension_config_dump('ranked_line', '');
SELECT pg_extension_config_dump('finding_sum', '');
