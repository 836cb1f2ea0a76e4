-- The rules over claims paid at the counter that come with medaudit.  Five people and
-- thirty days are where a row of numbers, or an account, is no family's any more.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind)
WHERE kind IN ('invoice_twice', 'invoice_row', 'issuer_invalid', 'claimed_twice', 'same_operator', 'payee_of_many');
UPDATE rule_kind SET reach = 'person' WHERE kind = 'claimed_twice';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('invoice_twice', 'invoice_twice', '票据重复报销', '同一票据在两笔报销中使用',
		'one invoice in two claims', 'suspicion', 'person', 'A41(2)', NULL, '条例第四十一条第二项', true, true),
	('invoice_row', 'invoice_row', '票据连号', '多名参保人短期内报销连号票据',
		'invoices in a row, claimed by different people', 'suspicion', 'facility', 'A40(1)', NULL, '条例第四十条第一项', true, true),
	('issuer_invalid', 'issuer_invalid', '虚假票据', '票据开票单位代码无效',
		'an invoice whose issuer cannot exist', 'suspicion', 'person', 'A41.2', NULL, '条例第四十一条第二款，GB 32100-2015', true, true),
	('claimed_twice', 'claimed_twice', '重复享受待遇', '手工报销与联网结算重复',
		'claimed at the counter and settled in the network', 'suspicion', 'person', 'A41(2)', NULL, '条例第四十一条第二项', true, true),
	('same_operator', 'same_operator', '经办内控缺失', '手工报销由同一人经办和复核',
		'a claim entered and approved by one operator', 'notice', 'agency', 'A37', NULL, '社会保险经办机构内部控制暂行办法', true, true),
	('payee_of_many', 'payee_of_many', '收款账户异常', '多户参保人的报销支付到同一账户',
		'claims of people of many homes paid to one account', 'suspicion', 'agency', 'A37', NULL,
		'条例第三十七条，社会保险经办机构内部控制暂行办法', true, true);

INSERT INTO evidence_template (kind, zh, en) VALUES
	('invoice_twice',
		'{person_name}于{paid_on:date}支付的报销{claim}使用票据{invoice}[，基金支付{amount:money}]，该票据已由{earlier_by}在{earlier_on:date}支付的报销{earlier_claim}中报销。',
		'Claim {claim} of {person_name}, paid on {paid_on}[ with {amount} yuan], has invoice {invoice}, which was paid on claim {earlier_claim} on {earlier_on}.'),
	('invoice_row',
		'票据{first_invoice}至{last_no}共{numbers}张号码相连，由{people}名参保人在{window.0:date}至{window.1:date}分别报销[，合计{amount:money}]。',
		'The invoices {first_invoice} to {last_no}, {numbers} in a row, were claimed by {people} people from {window.0} to {window.1}[, for {amount} yuan].'),
	('issuer_invalid',
		'{person_name}于{paid_on:date}支付的报销{claim}[，票据{invoices}]，开票单位统一社会信用代码{issuers}校验不符[，涉及{amount:money}]。',
		'Claim {claim} of {person_name}, paid on {paid_on}[, has invoices {invoices}], has an issuer whose credit code {issuers} cannot exist[; {amount} yuan].'),
	('claimed_twice',
		'{person_name}于{paid_on:date}支付的手工报销{claim}[（{amount:money}）]为{window.0:date}至{window.1:date}在{facility_name}的就诊，同一时段在该机构已有{visits}次联网结算[，基金支付{fund:money}]。',
		'Claim {claim} of {person_name}, paid on {paid_on}[ with {amount} yuan], is for {facility_name} from {window.0} to {window.1}, where {visits} visits at that time were settled in the network[, for {fund} yuan of the fund].'),
	('same_operator',
		'经办人{operator}在{year}年录入并由本人复核的手工报销有{claims}笔，涉及{people}名参保人[，合计{amount:money}]。',
		'Operator {operator} entered and approved {claims} claims of {people} people in {year}[, for {amount} yuan].'),
	('payee_of_many',
		'{year}年有{people}名参保人（已知分属{homes}户[，另有{unknown_homes}人住户不明]）的{claims}笔手工报销支付到同一账户（尾号{account_end}）[，合计{amount:money}]。',
		'In {year} {claims} claims of {people} people of {homes} known homes[ (of {unknown_homes} of them no home is known)] were paid to one account (ending in {account_end})[, {amount} yuan].');
