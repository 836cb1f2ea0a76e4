-- What ranking.sql keeps: how each line counts, and the blocks of the order.

CREATE TABLE ranked_line (
	finding_id bigint NOT NULL,
	line_no int NOT NULL,
	visit_id text NOT NULL,
	facility_id text,
	sureness int NOT NULL,
	gross_once numeric,
	claimed_once numeric,
	fund_once numeric,
	involved_amount numeric,
	lines_once int NOT NULL,
	other_rules bigint NOT NULL,
	block int,
	place int,
	PRIMARY KEY (finding_id, line_no)
) WITH (fillfactor = 80);

CREATE INDEX ranked_line_visit ON ranked_line (visit_id);
CREATE INDEX ranked_line_facility ON ranked_line (facility_id) WHERE block IS NOT NULL;
CREATE INDEX ranked_line_block ON ranked_line (block) WHERE block IS NOT NULL;

COMMENT ON TABLE ranked_line IS
	'明细排名: what each line of the standing findings counts when lines count once, and its place on the worklist; kept by triggers, see rank_findings()';
COMMENT ON COLUMN ranked_line.finding_id IS '发现编号: the finding';
COMMENT ON COLUMN ranked_line.line_no IS
	'行号: the line; 0: the finding as a whole, none of whose lines is in excess by money';
COMMENT ON COLUMN ranked_line.visit_id IS '就诊编号: of the line; empty where it has none';
COMMENT ON COLUMN ranked_line.facility_id IS '定点医药机构编号: of the finding';
COMMENT ON COLUMN ranked_line.sureness IS '确定程度序号: 1 violation, 2 suspicion, 3 notice';
COMMENT ON COLUMN ranked_line.gross_once IS
	'去重金额(总额): yuan that count under this finding; NULL: the line counts under others';
COMMENT ON COLUMN ranked_line.claimed_once IS '去重金额(符合范围): yuan that count under this finding';
COMMENT ON COLUMN ranked_line.fund_once IS '去重金额(基金): yuan that count under this finding';
COMMENT ON COLUMN ranked_line.involved_amount IS '涉及金额: yuan of a pattern';
COMMENT ON COLUMN ranked_line.lines_once IS '去重行数: 1 where the line counts under this finding, else 0';
COMMENT ON COLUMN ranked_line.other_rules IS '其他规则数: standing findings of others that name the line';
COMMENT ON COLUMN ranked_line.block IS '区段: part of the worklist; NULL: not on it';
COMMENT ON COLUMN ranked_line.place IS '区段内序号: 1 is the first of its block';

CREATE TABLE rank_block (
	block int PRIMARY KEY,
	rows bigint NOT NULL,
	sureness int NOT NULL,
	fund_once numeric,
	claimed_once numeric,
	involved_amount numeric,
	finding_id bigint NOT NULL,
	line_no int NOT NULL
) WITH (fillfactor = 50);

COMMENT ON TABLE rank_block IS
	'清单区段: parts of the worklist in its order, how many rows each has, and where each began when they were made';
COMMENT ON COLUMN rank_block.block IS '区段: numbered in the order of the worklist';
COMMENT ON COLUMN rank_block.rows IS '行数: rows of the worklist in it';
COMMENT ON COLUMN rank_block.sureness IS '确定程度序号: of its first row';
COMMENT ON COLUMN rank_block.fund_once IS '去重金额(基金): of its first row';
COMMENT ON COLUMN rank_block.claimed_once IS '去重金额(符合范围): of its first row';
COMMENT ON COLUMN rank_block.involved_amount IS '涉及金额: of its first row';
COMMENT ON COLUMN rank_block.finding_id IS '发现编号: of its first row';
COMMENT ON COLUMN rank_block.line_no IS '行号: of its first row';

SELECT pg_extension_config_dump('ranked_line', '');
SELECT pg_extension_config_dump('rank_block', '');
