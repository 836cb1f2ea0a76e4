-- Draws (双随机抽查): what could be drawn, the seed that was promised, and what was drawn.

CREATE SEQUENCE inspection_plan_id_seq;
COMMENT ON SEQUENCE inspection_plan_id_seq IS '抽查计划序号: numbers the plans';

CREATE TABLE inspection_plan (
	plan_id bigint PRIMARY KEY DEFAULT nextval('medaudit.inspection_plan_id_seq'),
	title text NOT NULL CHECK (btrim(title) <> ''),
	kind text NOT NULL CONSTRAINT inspection_plan_kind CHECK (kind IN ('inspection', 'record_review', 'supervision')),
	commitment text NOT NULL CONSTRAINT inspection_plan_commitment CHECK (commitment ~ '^[0-9a-f]{64}$'),
	frame_digest text NOT NULL,
	frame_size bigint NOT NULL CHECK (frame_size > 0),
	opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	opened_by text NOT NULL DEFAULT session_user,
	seed text,
	beacon text,
	share numeric,
	minimum bigint,
	drawn_at timestamptz,
	drawn_by text,
	CONSTRAINT inspection_plan_drawn CHECK (num_nulls(seed, share, minimum, drawn_at, drawn_by) IN (0, 5) AND (seed IS NOT NULL OR beacon IS NULL))
);

COMMENT ON TABLE inspection_plan IS
	'抽查计划: a draw: opened with its frame and the SHA-256 of its seed, drawn once; neither is changed afterwards';
COMMENT ON COLUMN inspection_plan.plan_id IS '计划编号';
COMMENT ON COLUMN inspection_plan.title IS '计划名称';
COMMENT ON COLUMN inspection_plan.kind IS '类型: inspection 检查, record_review 病历复审, supervision 督查';
COMMENT ON COLUMN inspection_plan.commitment IS '种子承诺值: SHA-256 of the seed, 64 hexadecimal digits, published before the draw';
COMMENT ON COLUMN inspection_plan.frame_digest IS '名单摘要: SHA-256 of the frame, to be published with it';
COMMENT ON COLUMN inspection_plan.frame_size IS '名单数: units of the frame, those left out too';
COMMENT ON COLUMN inspection_plan.opened_at IS '公布时间: when the frame was fixed';
COMMENT ON COLUMN inspection_plan.opened_by IS '公布人';
COMMENT ON COLUMN inspection_plan.seed IS '种子: what was promised; NULL: not drawn';
COMMENT ON COLUMN inspection_plan.beacon IS '公开随机数: a public number that nobody knew before, part of the seed of the draw; NULL: none';
COMMENT ON COLUMN inspection_plan.share IS '抽查比例: of each stratum, rounded up';
COMMENT ON COLUMN inspection_plan.minimum IS '最少抽取数: of each stratum, as far as it has so many';
COMMENT ON COLUMN inspection_plan.drawn_at IS '抽取时间';
COMMENT ON COLUMN inspection_plan.drawn_by IS '抽取人';

-- Each row is written twice, by the opening and by the draw: the second in the place
-- that is left for it.
CREATE TABLE plan_unit (
	plan_id bigint NOT NULL,
	unit_id text NOT NULL,
	stratum text NOT NULL,
	weight numeric NOT NULL,
	excluded text,
	inclusion float8,
	key text,
	place int,
	PRIMARY KEY (plan_id, unit_id)
) WITH (fillfactor = 45);

COMMENT ON TABLE plan_unit IS
	'抽查名单: the frame of each plan, one row per unit, and what the draw made of it; rows are not changed afterwards';
COMMENT ON COLUMN plan_unit.plan_id IS '计划编号';
COMMENT ON COLUMN plan_unit.unit_id IS '抽查对象编号: a facility, a stay, or what else the plan draws of';
COMMENT ON COLUMN plan_unit.stratum IS '分层: each is drawn by itself';
COMMENT ON COLUMN plan_unit.weight IS '权重: in proportion to which it is drawn';
COMMENT ON COLUMN plan_unit.excluded IS '不参加抽取原因: why it is not drawn, said before the draw; NULL: it may be';
COMMENT ON COLUMN plan_unit.inclusion IS '入样概率: its chance to be drawn, 0 to 1; NULL: not drawn yet, or excluded';
COMMENT ON COLUMN plan_unit.key IS '抽取值: draw_key(), hexadecimal; NULL: not drawn yet, or excluded';
COMMENT ON COLUMN plan_unit.place IS '抽中次序: within its stratum, from 1; NULL: not drawn';

SELECT pg_extension_config_dump('inspection_plan_id_seq', '');
SELECT pg_extension_config_dump('inspection_plan', '');
SELECT pg_extension_config_dump('plan_unit', '');
