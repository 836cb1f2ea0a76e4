-- What is looked at first (分类打击): rules by class of institution.

CREATE TABLE rule_focus (
	rule_code text NOT NULL,
	kind text CHECK (btrim(kind) <> ''),
	ownership text CHECK (btrim(ownership) <> ''),
	rank int,
	weight numeric NOT NULL CONSTRAINT rule_focus_weight CHECK (weight > 0::numeric AND weight <= 1000::numeric),
	note text,
	CONSTRAINT rule_focus_once UNIQUE NULLS NOT DISTINCT (rule_code, kind, ownership, rank)
);

COMMENT ON TABLE rule_focus IS
	'分类打击重点: which rules matter more, or less, at which class of institution: a factor of the money by which the worklist is ordered; of the rows that hold the one that says most of kind, ownership and rank, then the greatest weight';
COMMENT ON COLUMN rule_focus.rule_code IS '规则编号';
COMMENT ON COLUMN rule_focus.kind IS '机构类型: as facility.kind is bound; NULL: any';
COMMENT ON COLUMN rule_focus.ownership IS '经济类型: as facility.ownership is bound; NULL: any';
COMMENT ON COLUMN rule_focus.rank IS '机构等级: as facility.rank is bound; NULL: any';
COMMENT ON COLUMN rule_focus.weight IS '权重: 2: its money counts twice in the order, 0.5: half; above 0, at most 1000';
COMMENT ON COLUMN rule_focus.note IS '说明';

-- What the rows above come to in the register: kept, for whoever decides moves rows of the
-- ranking, and must not need the register.
CREATE TABLE focus_weight (
	rule_code text NOT NULL,
	facility_id text,
	weight numeric NOT NULL,
	UNIQUE NULLS NOT DISTINCT (rule_code, facility_id)
);

COMMENT ON TABLE focus_weight IS
	'重点权重: what rule_focus comes to for each facility of the register, as of the last run or change; made from them';
COMMENT ON COLUMN focus_weight.rule_code IS '规则编号';
COMMENT ON COLUMN focus_weight.facility_id IS '定点医药机构编号: NULL: any other, and findings of none';
COMMENT ON COLUMN focus_weight.weight IS '权重';

SELECT pg_extension_config_dump('rule_focus', '');
SELECT pg_extension_config_dump('focus_weight', '');
