-- What people decide about findings: events that are only ever added, each with the
-- hash of the one before it.  The state of a finding and the money that was confirmed
-- are shadows of its events (_finding_past).

CREATE SEQUENCE finding_event_id_seq;
COMMENT ON SEQUENCE finding_event_id_seq IS '处理记录序号: numbers the events of findings';

CREATE TABLE finding_event (
	event_id bigint PRIMARY KEY,
	finding_id bigint NOT NULL,
	step text NOT NULL CONSTRAINT finding_event_step CHECK (step IN ('review', 'issue', 'appeal', 'settle', 'note',
		'exempt', 'restore', 'recover', 'changed', 'superseded')),
	actor text NOT NULL DEFAULT session_user,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	verdict text,
	reason_code text,
	confirmed_gross numeric,
	confirmed_claimed numeric,
	confirmed_fund numeric,
	due_on date,
	document_no text,
	note text,
	prev_hash bytea,
	hash bytea NOT NULL,
	login text NOT NULL DEFAULT session_user,
	on_date date
);

-- Two events cannot follow the same one.
CREATE UNIQUE INDEX finding_event_chain ON finding_event (finding_id, prev_hash) NULLS NOT DISTINCT;
CREATE INDEX finding_event_order ON finding_event (finding_id, event_id);

COMMENT ON TABLE finding_event IS
	'疑点处理记录: what people and runs decided about each finding, one row per act, chained by hash; rows are added and never changed';
COMMENT ON COLUMN finding_event.event_id IS '记录编号: in the order of the acts';
COMMENT ON COLUMN finding_event.finding_id IS '发现编号: the finding';
COMMENT ON COLUMN finding_event.step IS
	'步骤: review, issue, appeal, settle, note, recover by people; exempt, restore, changed, superseded by runs';
COMMENT ON COLUMN finding_event.actor IS '经办人: who acted; behind a gateway whom it named';
COMMENT ON COLUMN finding_event.at IS '时间: when it was recorded';
COMMENT ON COLUMN finding_event.verdict IS
	'结论: of a review confirm or dismiss, of a settlement upheld, reduced or withdrawn';
COMMENT ON COLUMN finding_event.reason_code IS '排除理由: of dismissal_reason';
COMMENT ON COLUMN finding_event.confirmed_gross IS
	'认定金额(总额): yuan; NULL: as found; in proportion to confirmed_claimed where that alone was given';
COMMENT ON COLUMN finding_event.confirmed_claimed IS
	'认定金额(符合范围): yuan, of a pattern of its money involved; NULL: as found';
COMMENT ON COLUMN finding_event.confirmed_fund IS '认定金额(基金): yuan; NULL: as found, or not known';
COMMENT ON COLUMN finding_event.due_on IS '申诉期限: last day on which the institution may appeal';
COMMENT ON COLUMN finding_event.document_no IS '文书号: of what was sent';
COMMENT ON COLUMN finding_event.note IS '说明: in words';
COMMENT ON COLUMN finding_event.prev_hash IS '上一条摘要: hash of the last event of the finding before it; NULL: it is the first';
COMMENT ON COLUMN finding_event.hash IS '摘要: SHA-256 of prev_hash and what the row says';
COMMENT ON COLUMN finding_event.login IS '登录角色: who was connected';
COMMENT ON COLUMN finding_event.on_date IS '发生日期: of an appeal or settlement the day that counts';

CREATE TABLE dismissal_reason (
	reason_code text PRIMARY KEY CHECK (reason_code <> ''),
	name_zh text NOT NULL,
	note text,
	shipped bool NOT NULL DEFAULT false
);

COMMENT ON TABLE dismissal_reason IS '排除理由: why a finding is no violation; yours stand beside those that come with medaudit';
COMMENT ON COLUMN dismissal_reason.reason_code IS '理由编码: code';
COMMENT ON COLUMN dismissal_reason.name_zh IS '理由名称: in Chinese';
COMMENT ON COLUMN dismissal_reason.note IS '说明: when it is meant';
COMMENT ON COLUMN dismissal_reason.shipped IS '内置: comes with medaudit';

CREATE TABLE gateway (
	role_name name PRIMARY KEY,
	note text
);

COMMENT ON TABLE gateway IS '代理登录角色: roles of applications with one login, which may name another actor than themselves';
COMMENT ON COLUMN gateway.role_name IS '角色: the login';
COMMENT ON COLUMN gateway.note IS '说明: which application';

GRANT SELECT ON dismissal_reason, gateway TO PUBLIC;
SELECT pg_extension_config_dump('finding_event_id_seq', '');
SELECT pg_extension_config_dump('finding_event', '');
SELECT pg_extension_config_dump('dismissal_reason', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('gateway', '');
