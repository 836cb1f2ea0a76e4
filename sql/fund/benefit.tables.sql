-- What a fund pays of a stay, as policies say it.

CREATE TYPE benefit_policy AS (deductibles numeric[], band_tops numeric[], personal_shares numeric[], fund_cap numeric, yearly_bands bool);
COMMENT ON TYPE benefit_policy IS '待遇政策: deductible of the first, second … stay of a year (later stays have the last one); upper ends of the bands of cost in scope, and what share of each band, and of what lies above the last, the person pays; what the fund pays in a year at most (NULL: no limit); whether bands count the cost of the year instead of the stay';

CREATE TABLE benefit_rule (
	policy_id text NOT NULL,
	insurance_type text,
	person_class text,
	facility_rank int,
	years_paid int4range,
	valid daterange,
	deductibles numeric[],
	band_tops numeric[],
	personal_shares numeric[] NOT NULL,
	fund_cap numeric,
	yearly_bands bool NOT NULL DEFAULT false
);

COMMENT ON TABLE benefit_rule IS
	'待遇政策: what the fund pays of a stay, by whom and where it is. Ships empty: each pooling area has its own. Of the rows all of whose conditions hold the one that says most of the case: longest insurance_type, then person_class, then facility_rank and years_paid, then the one that begins last';
COMMENT ON COLUMN benefit_rule.policy_id IS '政策编号: name of the policy, as benefit_check() tells it';
COMMENT ON COLUMN benefit_rule.insurance_type IS '险种类型: beginning of visit.insurance_type, else of person.insurance_type; NULL: any';
COMMENT ON COLUMN benefit_rule.person_class IS '人员类别: beginning of person.person_class (11 in work, 12 retired); NULL: any';
COMMENT ON COLUMN benefit_rule.facility_rank IS '机构等级: 3, 2, 1 or 0 as facility.rank has it; NULL: any';
COMMENT ON COLUMN benefit_rule.years_paid IS '缴费年限: years for which the person has paid (person.years_paid); NULL: any. A gap between the rows of a policy is answered insufficient, never by a guess';
COMMENT ON COLUMN benefit_rule.valid IS '有效期间: by the day of admission; NULL: always';
COMMENT ON COLUMN benefit_rule.deductibles IS '起付线: yuan of the first, second … stay of a year; later stays have the last one; NULL or {}: none';
COMMENT ON COLUMN benefit_rule.band_tops IS '分段上限: upper ends of the bands of cost in scope, in yuan, rising; NULL or {}: one band';
COMMENT ON COLUMN benefit_rule.personal_shares IS '个人负担比例: from 0 to 1, of each band and of what lies above the last';
COMMENT ON COLUMN benefit_rule.fund_cap IS '年度最高支付限额: yuan that the fund pays in a year; NULL: no limit';
COMMENT ON COLUMN benefit_rule.yearly_bands IS '按年累计分段: whether bands count the cost of the year instead of the stay';

GRANT SELECT ON benefit_rule TO PUBLIC;
SELECT pg_extension_config_dump('benefit_rule', '');
