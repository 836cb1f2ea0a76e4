-- Red and black lists (红黑名单).

CREATE TABLE standing_list (
	subject_kind text NOT NULL CONSTRAINT standing_list_kind CHECK (subject_kind IN ('facility', 'pharmacy', 'physician', 'pharmacist',
		'person', 'agency', 'employer', 'supplier')),
	subject_code text NOT NULL CHECK (btrim(subject_code) <> ''),
	list text NOT NULL CONSTRAINT standing_list_list CHECK (list IN ('red', 'black')),
	reason text,
	document_no text,
	valid daterange NOT NULL CHECK (NOT isempty(valid)),
	entered_by text NOT NULL DEFAULT session_user,
	entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (subject_code, subject_kind, list, valid)
);

COMMENT ON TABLE standing_list IS
	'红黑名单: who stands on a red or black list, and when; known by code, never by name';
COMMENT ON COLUMN standing_list.subject_kind IS '主体类型: facility or pharmacy, physician or pharmacist, person: marked in the worklist; agency, employer, supplier';
COMMENT ON COLUMN standing_list.subject_code IS '主体编号: its number in the warehouse, of a facility as runs read it, however it was written';
COMMENT ON COLUMN standing_list.list IS '名单: red 红名单, black 黑名单';
COMMENT ON COLUMN standing_list.reason IS '列入事由';
COMMENT ON COLUMN standing_list.document_no IS '文书号';
COMMENT ON COLUMN standing_list.valid IS '有效期间: days on which it stands there';
COMMENT ON COLUMN standing_list.entered_by IS '登记人';
COMMENT ON COLUMN standing_list.entered_at IS '登记时间';

SELECT pg_extension_config_dump('standing_list', '');
