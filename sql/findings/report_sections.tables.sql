-- What a report gathers once and all its sections read.

CREATE TYPE _report_group AS (
	rule_code text,
	rule_name text,
	facility_id text,
	facility_name text,
	certainty text,
	state text,
	stands bool,
	decided bool,
	pattern bool,
	findings bigint,
	gross numeric,
	claimed numeric,
	fund numeric,
	involved numeric,
	fund_unknown bigint,
	confirmed_gross numeric,
	confirmed_claimed numeric,
	confirmed_fund numeric,
	found_claimed numeric,
	confirmed_money numeric
);

COMMENT ON TYPE _report_group IS
	'报告分组: findings of a run of one rule, facility, certainty and state, and what they come to';
