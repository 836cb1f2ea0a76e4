-- What a refresh of the store of books works with; the store itself is made by
-- create_book_store() and belongs to whoever makes it.

CREATE UNLOGGED TABLE medaudit_work.due (visit_id text, changed_at timestamp, step int);
CREATE INDEX ON medaudit_work.due (step);
COMMENT ON TABLE medaudit_work.due IS '待汇集就诊: visits whose books a refresh gathers, by the step that does it';

CREATE UNLOGGED TABLE medaudit_work.book_visit (
	visit_id text, person_id text, facility_id text, judged_on date, begins date, visit_digest bytea,
	last_on date, open bool
);
COMMENT ON TABLE medaudit_work.book_visit IS '账册就诊: whose the visits are that a refresh looks at, and when they are judged';

CREATE UNLOGGED TABLE medaudit_work.book_digest (visit_id text, digest bytea);
COMMENT ON TABLE medaudit_work.book_digest IS '明细摘要: digests of the lines of visits whose books are checked';

CREATE UNLOGGED TABLE medaudit_work.fresh (
	visit_id text, person_id text, facility_id text, judged_on date, begins date, visit_digest bytea,
	book ledger, lines int, problems int[], digest bytea, categories text[], twice bool,
	changed_at timestamp, last_on date, open bool
);
COMMENT ON TABLE medaudit_work.fresh IS '新汇集账册: books of the visits of a step, as their lines are now';

CREATE UNLOGGED TABLE medaudit_work.replaced (
	visit_id text, person_id text, facility_id text, judged_on date, begins date, part int, gone bool
);
COMMENT ON TABLE medaudit_work.replaced IS '待替换账册: what is stored of the visits of a step and is not so any more';

CREATE UNLOGGED TABLE medaudit_work.changed_person (number_owner text, since date);
COMMENT ON TABLE medaudit_work.changed_person IS '有变化的人员: people whose visits are judged again, and from which day on';

CREATE UNLOGGED TABLE medaudit_work.changed_visit (visit_id text);
COMMENT ON TABLE medaudit_work.changed_visit IS '有变化的就诊: visits that changed after a run had judged them';

CREATE UNLOGGED TABLE medaudit_work.stored (
	visit_id text, person_id text, facility_id text, judged_on date, visit_digest bytea, digest bytea, part int,
	begins date, gone bool, same bool, changed_at timestamp
);

COMMENT ON TABLE medaudit_work.stored IS '已入库就诊: what a step asks of the store, read by a statement of its own: an engine that has spread the store joins it with working tables in few ways';
