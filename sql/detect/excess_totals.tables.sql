-- What one rule finds in many books.

CREATE TYPE excess_total AS (
	rule_code text,
	books bigint,
	lines bigint,
	excess_amount numeric,
	excess_claimed numeric,
	insufficient bigint
);
COMMENT ON TYPE excess_total IS '规则合计: what one rule finds in many books, of excess_totals()';
COMMENT ON COLUMN excess_total.rule_code IS '规则编号';
COMMENT ON COLUMN excess_total.books IS '涉及册数: books in which the rule found a line or could not judge one';
COMMENT ON COLUMN excess_total.lines IS '超出条数: lines in excess, a visit counts as one';
COMMENT ON COLUMN excess_total.excess_amount IS '超出金额: yuan, gross';
COMMENT ON COLUMN excess_total.excess_claimed IS '超出报销额: yuan, claimed from the fund';
COMMENT ON COLUMN excess_total.insufficient IS '无法判断条数: lines that cannot be judged';
