-- Working tables of a run, see run_work.tables.sql.

CREATE UNLOGGED TABLE medaudit_work.listed (facility_id text, item_code text, valid daterange);
CREATE INDEX ON medaudit_work.listed USING hash (item_code);
COMMENT ON TABLE medaudit_work.listed IS '机构开展项目: what each facility may charge, and when, by the codes in which its list has it; valid NULL: always';

CREATE UNLOGGED TABLE medaudit_work.unlisted (facility_id text, item_code text, codes text[], judged bool);
COMMENT ON TABLE medaudit_work.unlisted IS '待核项目: items that facilities charged and that their lists do not have for all days; codes: under which the list may have them; judged: the list has items of their class';

CREATE UNLOGGED TABLE medaudit_work.unlisted_line (
	visit_id text, line_id text, item_code text, charged_at timestamp, quantity numeric, amount numeric, claimed numeric
);
COMMENT ON TABLE medaudit_work.unlisted_line IS '未开展项目明细: lines claimed from the fund on a date on which the list of the facility does not have the item';
