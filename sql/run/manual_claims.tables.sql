-- Working tables of a run, see run_work.tables.sql.

CREATE UNLOGGED TABLE medaudit_work.claim (
	n bigint, claim_id text, person_id text, people_id text, person_name text, paid_on date, invoice_code text, invoice_no text,
	issuer_code text, invoice_date date, amount numeric, fund_amount numeric, operator_id text, approver_id text, payee_account text,
	visit_id text, facility_id text, admitted_on date, discharged_on date, invoice text, money numeric, status text
);
CREATE INDEX ON medaudit_work.claim USING hash (people_id);
COMMENT ON TABLE medaudit_work.claim IS '手工报销: claims paid at the counter, numbered, what was delivered twice once; invoice: by what its invoice is known, NULL: by nothing; payee_account: its digits and capitals; money: what the fund paid, else the amount; status: kept, refunded (taken back), refund or orphan';

CREATE UNLOGGED TABLE medaudit_work.claim_group (
	subject_id text, key text, claim_nos bigint[], person_id text, facility_id text, visit_ids text[], involved_amount numeric, evidence jsonb,
	judged_on date, certainty text
);
COMMENT ON TABLE medaudit_work.claim_group IS '报销判定: what a rule found, with the claims of each group';

CREATE UNLOGGED TABLE medaudit_work.claim_place (
	claim_no bigint, people_id text, facility_id text, provider_id text, begins date, ends date
);
COMMENT ON TABLE medaudit_work.claim_place IS '报销就诊: for which place and dates each claim was made; NULL: not known';

CREATE UNLOGGED TABLE medaudit_work.claimant (payee text, people_id text, household text, address text, phone text);
COMMENT ON TABLE medaudit_work.claimant IS '收款人员: people whose claims went to one account in a year, with what links them to a home';
