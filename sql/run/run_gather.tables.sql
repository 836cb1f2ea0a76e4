-- All that is kept of the lines of a visit, as _gather_lines() makes it.
CREATE TYPE gathered_lines AS (
	book ledger,
	categories text[],
	lines bigint,
	problems int[],
	in_period bigint,
	incomplete bigint,
	twice bool
);
COMMENT ON TYPE gathered_lines IS
	'汇集结果: all that is kept of the lines of a visit';
COMMENT ON COLUMN gathered_lines.book IS '费用账册: its lines; NULL: none is of a known visit';
COMMENT ON COLUMN gathered_lines.categories IS '项目类别: the category of each distinct item code of the book in bytewise order, an empty text where no line of the item has one or where they disagree; NULL where no line has one';
COMMENT ON COLUMN gathered_lines.lines IS '明细行数: how many lines came';
COMMENT ON COLUMN gathered_lines.problems IS '明细问题计数: in how many of the lines item, quantity, amount or time is missing; something required is missing or something could not be read; signs contradict each other; the amount is not quantity times price; more is claimed than charged, as line_problems() tells the last three; and of how many items the lines have several categories; NULL: none';
COMMENT ON COLUMN gathered_lines.in_period IS '期内明细行数: lines of the period and at no known time';
COMMENT ON COLUMN gathered_lines.incomplete IS '期内缺项行数: those of them that lack item, quantity, amount or time';
COMMENT ON COLUMN gathered_lines.twice IS '是否重复: whether a line number comes more than once, as far as hashes of 64 bits tell: true may be mistaken once in a while, false is certain';

CREATE UNLOGGED TABLE medaudit_work.mixed_book (place text NOT NULL);

COMMENT ON TABLE medaudit_work.mixed_book IS '非库内账册: owners some of whose visits the run has read from their lines, where the store is spread over servers';

CREATE UNLOGGED TABLE medaudit_work.sent_book (
	place text NOT NULL, book_no int NOT NULL, visit_id text, asked bool, context visit_context, departments jsonb
);

COMMENT ON TABLE medaudit_work.sent_book IS '送往库内判定: what goes to the servers over which the store is spread, of the visits of each book';
