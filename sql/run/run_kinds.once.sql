-- The functions that a run asks for the kinds that come with medaudit.
UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind)
WHERE book IN ('stays', 'persons') OR kind = 'herb_alone';
UPDATE rule_kind AS k SET reach = r.reach
FROM (VALUES ('split_stays', 'person'), ('overlapping_stays', 'person'), ('events_in_stay', 'person'),
	('herb_alone', 'visit'), ('hang_bed', 'visit'), ('low_standard_stay', 'visit'), ('frequent_stays', 'person_year'),
	('same_household_admissions', 'person_year'), ('companions', 'year'), ('over_capacity', 'year'), ('admission_bursts', 'year'),
	('early_refills', 'person_year'), ('stockpiles', 'person_year'), ('many_facilities', 'person_year'), ('duplicate_therapy', 'person_year'),
	('long_supply', 'visit'), ('drugs_in_stay', 'person'), ('split_prescriptions', 'person'), ('prescription_amount', 'person'),
	('long_supply', 'visit'), ('drugs_in_stay', 'person'),
	('cards_together', 'quarter'), ('drained_balances', 'quarter'), ('swipes_in_stay', 'visit'),
	('invalid_resident_id', 'subject'), ('resident_id_mismatch', 'subject'), ('shared_resident_id', 'subject')
) AS r (kind, reach)
WHERE r.kind = k.kind;

-- What each judges by: most by one person's visits, wherever they were; what compares
-- facilities with each other, persons with their homes, or the register as a whole
-- needs everybody.
UPDATE rule_kind SET scope = 'person'
WHERE book IN ('charges', 'fills') OR kind IN ('split_stays', 'overlapping_stays', 'events_in_stay', 'hang_bed', 'low_standard_stay',
	'frequent_stays', 'events_after_death', 'swipes_in_stay', 'line_problems', 'herb_alone', 'repeated_exam', 'no_certificate',
	'unlisted_item', 'claimed_twice', 'issuer_invalid');
UPDATE rule_kind SET scope = 'facility'
WHERE kind IN ('over_capacity', 'admission_bursts', 'similar_amounts', 'card_bursts', 'round_amounts', 'same_amounts',
	'stock_deficit', 'never_purchased', 'card_price');

-- Sentences of those whose facts say all that the sentence does; the functions of
-- the others tell of several stays, and write theirs.
INSERT INTO evidence_template (kind, zh, en) VALUES
	('over_capacity',
		'{facility_name}核定床位{limit}张，{window.0:date}至{last_day:date}在院人数最多{occupied}人，超出{excess}人[，累计超出{excess_bed_days}床日]。',
		'{facility_name} has {limit} beds; from {window.0} to {last_day} up to {occupied} people were in, {excess} too many[, {excess_bed_days} bed days in all].'),
	('herb_alone',
		'{person_name}在{facility_name}，{visit}，{prescribed_on:date}的中药处方[{prescription}]全部由单方使用不予支付的饮片（{herbs}）组成，已申报{claimed:money}。',
		'{person_name} at {facility_name}: the herbal prescription [{prescription} ]of {prescribed_on} has only pieces that are not paid alone ({herbs}); {claimed} yuan were claimed.'),
	('early_refills',
		'{person_name}于{previous_on:date}在{previous_facility_name}配取{drug_name}{previous_days}天用量，{dispensed_on:date}又在{facility_name}配药，此时按用法用量推算尚余{stock_before}天，比允许的{allowed_days}天多{early_days}天。',
		'{person_name} was dispensed {previous_days} days of {drug_name} at {previous_facility_name} on {previous_on} and more of it at {facility_name} on {dispensed_on}, with {stock_before} days left, {early_days} more than the {allowed_days} that may be.'),
	('stockpiles',
		'{person_name}自{window.0:date}起在{facilities}家机构配取{drug_name}{fill_count}次，{peak_on:date}按用法用量推算存量达{peak_stock_days}天，超过{limit}天；超出部分{excess_days}天[，折合{excess_amount:money}]。',
		'{person_name} was dispensed {drug_name} {fill_count} times at {facilities} places from {window.0} on; on {peak_on} the stock came to {peak_stock_days} days, more than {limit}; {excess_days} days lie beyond[, worth {excess_amount} yuan].'),
	('many_facilities',
		'{person_name}于{window.0:date}至{window.1:date}在{facilities}家机构（{facility_names}）配取{drug_name}{fill_count}次，共{days_supplied}天用量，末次配药前的用量为同期天数的{possession_ratio}倍。',
		'{person_name} was dispensed {drug_name} {fill_count} times at {facilities} places ({facility_names}) from {window.0} to {window.1}, {days_supplied} days in all; what came before the last time is {possession_ratio} times the days that passed.'),
	('duplicate_therapy',
		'{person_name}于{window.0:date}至{window.1:date}同时持有{drug_name}与同类的{other_drug_name}（类别{class}），重叠{days}天，期间两种药品均有配取。',
		'{person_name} had {drug_name} and {other_drug_name}, of one class ({class}), at one time for {days} days, from {window.0} to {window.1}, and was dispensed both within these days.'),
	('split_prescriptions',
		'{person_name}因{diagnosis}于{window.0:date}[至{last_on:date}]在{facility_name}由同一[医师（{physician}）][科室（{department}）]开具{prescriptions}张处方，金额分别为{amounts:money}，均不超过处方金额上限{limit:money}，合计{total:money}[，其中{days_unknown}张的重复药品用药天数未知，可能为按日用药]。',
		'{person_name} was given {prescriptions} prescriptions for {diagnosis} at {facility_name} by one prescriber from {window.0} to {window.1}, of {amounts} yuan, each within the cap of {limit} and together {total}.'),
	('prescription_amount',
		'{person_name}在{facility_name}，{visit}，{prescribed_on:date}的处方[{prescription}]药费合计{total:money}，超过处方金额上限{limit:money}，超出{excess:money}。',
		'{person_name} at {facility_name}: the drugs of the prescription [{prescription} ]of {prescribed_on} cost {total} yuan, {excess} above the cap of {limit}.');
