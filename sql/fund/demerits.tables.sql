-- Points that people lose (记分), and how a score reads (信用等级).

CREATE SEQUENCE demerit_id_seq;
COMMENT ON SEQUENCE demerit_id_seq IS '记分序号: numbers the entries of points';

CREATE TABLE demerit (
	demerit_id bigint PRIMARY KEY DEFAULT nextval('medaudit.demerit_id_seq'),
	subject_kind text NOT NULL CHECK (btrim(subject_kind) <> ''),
	subject_id text NOT NULL CHECK (btrim(subject_id) <> ''),
	on_date date NOT NULL CHECK (isfinite(on_date)),
	points int NOT NULL CONSTRAINT demerit_points CHECK (points BETWEEN 1 AND 12),
	responsibility text,
	case_id bigint,
	document_no text,
	withdrawn_on date CHECK (isfinite(withdrawn_on)),
	withdrawn_by text,
	withdrawn_note text,
	entered_by text NOT NULL,
	entered_at timestamptz NOT NULL
);
-- the same decision about somebody is not entered for each place where he works
CREATE UNIQUE INDEX demerit_once ON demerit (subject_kind, subject_id, on_date, document_no) WHERE withdrawn_on IS NULL;

COMMENT ON TABLE demerit IS
	'支付资格记分: points of a physician, pharmacist or other person in charge, one row per event, at however many places; rows are added and withdrawn, and otherwise never changed';
COMMENT ON COLUMN demerit.demerit_id IS '记分编号';
COMMENT ON COLUMN demerit.subject_kind IS '主体类型: physician, pharmacist, or another kind of yours';
COMMENT ON COLUMN demerit.subject_id IS '主体编号';
COMMENT ON COLUMN demerit.on_date IS '记分日期: its calendar year counts';
COMMENT ON COLUMN demerit.points IS '记分: 1 to 12';
COMMENT ON COLUMN demerit.responsibility IS '责任: as the decision has it, 一般责任, 重要责任 or 主要责任';
COMMENT ON COLUMN demerit.case_id IS '案件编号: NULL: of no case';
COMMENT ON COLUMN demerit.document_no IS '文书号: of the decision';
COMMENT ON COLUMN demerit.withdrawn_on IS '撤销日期: from then on it never was; NULL: it stands';
COMMENT ON COLUMN demerit.withdrawn_by IS '撤销人: a trigger says who';
COMMENT ON COLUMN demerit.withdrawn_note IS '撤销说明';
COMMENT ON COLUMN demerit.entered_by IS '登记人: a trigger says who';
COMMENT ON COLUMN demerit.entered_at IS '登记时间: a trigger says when';

CREATE TABLE credit_level (
	level text NOT NULL CHECK (btrim(level) <> ''),
	at_least numeric NOT NULL CHECK (at_least > '-infinity' AND at_least < 'infinity'),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (level, shipped)
);
CREATE UNIQUE INDEX ON credit_level (at_least, shipped);

COMMENT ON TABLE credit_level IS
	'信用等级: from which score on which level; what is below all of them has the lowest. Where any row is yours, yours alone hold';
COMMENT ON COLUMN credit_level.level IS '等级: as A';
COMMENT ON COLUMN credit_level.at_least IS '最低分: the least score of the level';
COMMENT ON COLUMN credit_level.shipped IS '内置: comes with medaudit, as an example: each province has its own';

GRANT SELECT ON credit_level TO PUBLIC;
SELECT pg_extension_config_dump('demerit_id_seq', '');
SELECT pg_extension_config_dump('demerit', '');
SELECT pg_extension_config_dump('credit_level', 'WHERE NOT shipped');
