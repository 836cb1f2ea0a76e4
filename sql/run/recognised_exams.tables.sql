-- Examinations whose result another facility accepts (检查检验结果互认), and for how long.

CREATE TABLE recognised_exam (
	item_code text NOT NULL CHECK (item_code <> ''),
	valid_days int NOT NULL CHECK (valid_days BETWEEN 1 AND 366),
	code_match text NOT NULL DEFAULT 'exact' CHECK (code_match IN ('exact', 'service')),
	valid daterange CHECK (NOT isempty(valid)),
	shipped bool NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX ON recognised_exam (item_code, code_match, coalesce(valid, '(,)'::daterange), shipped);

COMMENT ON TABLE recognised_exam IS
	'互认项目: examinations whose result other facilities recognise for some days, as provinces publish them; the row of the code itself goes before one of a beginning, a longer one before a shorter, of alike ones yours (shipped false). Ships empty: no such number holds everywhere';
COMMENT ON COLUMN recognised_exam.item_code IS
	'项目编码: code of the item, national or local; a trailing % is a beginning, and then each code that begins so is an examination of its own';
COMMENT ON COLUMN recognised_exam.valid_days IS '互认天数: days after the examination on which its result is recognised, 1 to 366';
COMMENT ON COLUMN recognised_exam.code_match IS '编码匹配: exact, or service: national service codes without the digits of the province';
COMMENT ON COLUMN recognised_exam.valid IS '有效期间: dates of the later examination for which the row holds; NULL: always';
COMMENT ON COLUMN recognised_exam.shipped IS '内置: comes with medaudit';

GRANT SELECT ON recognised_exam TO PUBLIC;
SELECT pg_extension_config_dump('recognised_exam', 'WHERE NOT shipped');

-- Working tables of a run, see run_work.tables.sql.


CREATE UNLOGGED TABLE medaudit_work.exam (
	people_id text, visit_id text, facility_id text, provider_id text, line_id text, item_code text, exam text, valid_days int,
	charged_at timestamp, quantity numeric, amount numeric, claimed numeric
);
CREATE INDEX ON medaudit_work.exam USING hash (people_id);
COMMENT ON TABLE medaudit_work.exam IS '互认检查: recognised examinations of the people of whom something was settled in the period; valid_days NULL: no row holds on its date';

CREATE UNLOGGED TABLE medaudit_work.exam_pair (
	people_id text, visit_id text, line_id text, item_code text, exam text, valid_days int, charged_at timestamp, quantity numeric, amount numeric,
	other_visit_id text, other_facility_id text, other_line_id text, other_charged_at timestamp
);
COMMENT ON TABLE medaudit_work.exam_pair IS '重复检查: later examinations, with the last one elsewhere whose result still held';

CREATE UNLOGGED TABLE medaudit_work.exam_surgery (people_id text, from_on date, to_on date);
COMMENT ON TABLE medaudit_work.exam_surgery IS '手术日期: between which dates people with a repeated examination were operated';
