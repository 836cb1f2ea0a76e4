-- How many months a fund's balance should last.

CREATE TABLE reserve_bound (
	fund text,
	short numeric NOT NULL,
	low numeric NOT NULL,
	high numeric NOT NULL,
	excess numeric NOT NULL,
	valid daterange,
	source text,
	shipped bool NOT NULL DEFAULT false,
	UNIQUE NULLS NOT DISTINCT (fund, valid, shipped),
	CONSTRAINT reserve_bound_rises CHECK (short >= 0::numeric AND short < low AND low < high AND high < excess AND excess < 'Infinity'::numeric)
);

COMMENT ON TABLE reserve_bound IS
	'结余控制区间: between how many months of spending the balance of a fund should lie, and below and above which it is too small or too great. Of the rows that hold the one with the longest fund, then one of yours (shipped false), then the one that begins last';
COMMENT ON COLUMN reserve_bound.fund IS '基金险种: beginning of fund_income.fund; NULL: any';
COMMENT ON COLUMN reserve_bound.short IS '结余不足: months below which the balance is too small';
COMMENT ON COLUMN reserve_bound.low IS '控制区间下限: months';
COMMENT ON COLUMN reserve_bound.high IS '控制区间上限: months';
COMMENT ON COLUMN reserve_bound.excess IS '结余过多: months above which the balance is too great';
COMMENT ON COLUMN reserve_bound.valid IS '有效期间: by the last day of the accounts of the year; NULL: always';
COMMENT ON COLUMN reserve_bound.source IS '依据: where the numbers stand';
COMMENT ON COLUMN reserve_bound.shipped IS '内置: comes with medaudit';

GRANT SELECT ON reserve_bound TO PUBLIC;
SELECT pg_extension_config_dump('reserve_bound', 'WHERE NOT shipped');
