-- Inspections (检查): who inspects, where he may not, who was drawn for what, and what was
-- done.

CREATE SEQUENCE inspection_id_seq;
COMMENT ON SEQUENCE inspection_id_seq IS '检查序号: numbers the inspections';

CREATE TABLE inspector (
	inspector_id text PRIMARY KEY CHECK (btrim(inspector_id) <> ''),
	name text,
	pool text,
	employer text,
	active bool NOT NULL DEFAULT true
);

COMMENT ON TABLE inspector IS '检查人员库: inspectors and experts who may be drawn';
COMMENT ON COLUMN inspector.inspector_id IS '人员编号';
COMMENT ON COLUMN inspector.name IS '姓名';
COMMENT ON COLUMN inspector.pool IS '库别: such as 执法人员 or 医学专家; each is drawn from by itself';
COMMENT ON COLUMN inspector.employer IS '所在单位: facility_id or credit_code of the institution that employs him, which he does not inspect; NULL: none';
COMMENT ON COLUMN inspector.active IS '在库: may be drawn';

CREATE TABLE recusal (
	inspector_id text NOT NULL,
	facility_id text NOT NULL,
	reason text NOT NULL CHECK (btrim(reason) <> ''),
	valid daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(valid)),
	CONSTRAINT recusal_once UNIQUE (inspector_id, facility_id, valid)
);

COMMENT ON TABLE recusal IS '回避: where an inspector may not inspect, besides his employer';
COMMENT ON COLUMN recusal.inspector_id IS '人员编号';
COMMENT ON COLUMN recusal.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN recusal.reason IS '原因: such as relatives who work there';
COMMENT ON COLUMN recusal.valid IS '有效期: days on which it holds';

CREATE TABLE plan_team (
	plan_id bigint NOT NULL,
	unit_id text NOT NULL,
	inspector_id text NOT NULL,
	role text,
	PRIMARY KEY (plan_id, unit_id, inspector_id)
);

COMMENT ON TABLE plan_team IS '检查分派: who was drawn for which unit of a plan; rows are added and never changed';
COMMENT ON COLUMN plan_team.plan_id IS '计划编号';
COMMENT ON COLUMN plan_team.unit_id IS '抽查对象编号: that was drawn';
COMMENT ON COLUMN plan_team.inspector_id IS '人员编号';
COMMENT ON COLUMN plan_team.role IS '角色: as what, such as 专家';

CREATE TABLE inspection (
	inspection_id bigint PRIMARY KEY DEFAULT nextval('medaudit.inspection_id_seq'),
	facility_id text NOT NULL CHECK (btrim(facility_id) <> ''),
	kind text NOT NULL CONSTRAINT inspection_kind CHECK (kind IN ('routine', 'double_random', 'special', 'look_back', 'supervision')),
	plan_id bigint,
	planned_on date CHECK (isfinite(planned_on)),
	done_on date CHECK (isfinite(done_on)),
	team text[] CHECK (array_position(team, NULL) IS NULL),
	result text,
	published_on date CHECK (isfinite(published_on))
);
CREATE INDEX inspection_facility ON inspection (facility_id, done_on);

COMMENT ON TABLE inspection IS '检查记录: inspections of facilities, planned and done';
COMMENT ON COLUMN inspection.inspection_id IS '检查编号';
COMMENT ON COLUMN inspection.facility_id IS '定点医药机构编号';
COMMENT ON COLUMN inspection.kind IS
	'类型: routine 日常检查, double_random 双随机抽查, special 专项检查, look_back 回头看, supervision 督查';
COMMENT ON COLUMN inspection.plan_id IS '抽查计划编号: by which it was drawn; NULL: by none';
COMMENT ON COLUMN inspection.planned_on IS '计划日期';
COMMENT ON COLUMN inspection.done_on IS '检查日期: NULL: not done yet';
COMMENT ON COLUMN inspection.team IS '检查人员: inspector_id of each who went';
COMMENT ON COLUMN inspection.result IS '检查结果';
COMMENT ON COLUMN inspection.published_on IS '公开日期: when the result was published';

CREATE TABLE draw_weight (
	part text NOT NULL CONSTRAINT draw_weight_part CHECK (part IN ('base', 'findings', 'violation', 'suspicion', 'notice')),
	weight numeric NOT NULL,
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (part, shipped),
	CONSTRAINT draw_weight_range CHECK (weight >= 0::numeric AND weight <= 1000::numeric AND (part <> 'base' OR weight >= 0.001)
		AND (part IN ('base', 'findings') OR weight <= 1::numeric))
);

COMMENT ON TABLE draw_weight IS
	'复审抽取权重: what a stay weighs in the draw of records for review: base + findings × the score of its open findings; yours (shipped false) go before';
COMMENT ON COLUMN draw_weight.part IS
	'分项: base; findings, the factor of the score; violation, suspicion and notice, the score of a stay whose surest open finding is one';
COMMENT ON COLUMN draw_weight.weight IS '权重: of base at least 0.001, scores from 0 to 1';
COMMENT ON COLUMN draw_weight.shipped IS '内置: comes with medaudit';

GRANT SELECT ON draw_weight TO PUBLIC;

CREATE TABLE record_review (
	plan_id bigint NOT NULL,
	unit_id text NOT NULL,
	claimed numeric NOT NULL CONSTRAINT record_review_claimed CHECK (claimed >= 0 AND claimed < 1e12),
	found numeric NOT NULL CONSTRAINT record_review_found CHECK (abs(found) < 1e12),
	reviewed_on date NOT NULL DEFAULT current_date CHECK (isfinite(reviewed_on)),
	reviewer text NOT NULL DEFAULT session_user,
	note text,
	PRIMARY KEY (plan_id, unit_id)
);

COMMENT ON TABLE record_review IS '病历复审记录: what the review of a drawn record found; rows are added and never changed';
COMMENT ON COLUMN record_review.plan_id IS '抽查计划编号';
COMMENT ON COLUMN record_review.unit_id IS '抽查对象编号: the record that was drawn, a stay''s visit_id';
COMMENT ON COLUMN record_review.claimed IS '申报金额: yuan claimed for it';
COMMENT ON COLUMN record_review.found IS '查出金额: yuan found in it; below 0 where too little was paid';
COMMENT ON COLUMN record_review.reviewed_on IS '复审日期';
COMMENT ON COLUMN record_review.reviewer IS '复审人';
COMMENT ON COLUMN record_review.note IS '说明';

SELECT pg_extension_config_dump('inspection_id_seq', '');
SELECT pg_extension_config_dump('inspector', '');
SELECT pg_extension_config_dump('recusal', '');
SELECT pg_extension_config_dump('plan_team', '');
SELECT pg_extension_config_dump('inspection', '');
SELECT pg_extension_config_dump('draw_weight', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('record_review', '');
