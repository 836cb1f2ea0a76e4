-- The functions that a run asks for the kinds that come with medaudit.
UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind)
WHERE book IN ('stays', 'persons') OR kind = 'herb_alone';
UPDATE rule_kind AS k SET reach = r.reach
FROM (VALUES ('split_stays', 'person'), ('overlapping_stays', 'person'), ('events_in_stay', 'person'),
	('herb_alone', 'visit'), ('hang_bed', 'visit'), ('low_standard_stay', 'visit'), ('frequent_stays', 'person_year'),
	('same_household_admissions', 'person_year'), ('companions', 'year'), ('over_capacity', 'year'), ('admission_bursts', 'year'),
	('invalid_resident_id', 'subject'), ('resident_id_mismatch', 'subject'), ('shared_resident_id', 'subject')
) AS r (kind, reach)
WHERE r.kind = k.kind;

-- Sentences of those whose facts say all that the sentence does; the functions of
-- the others tell of several stays, and write theirs.
INSERT INTO evidence_template (kind, zh, en) VALUES
	('over_capacity',
		'{facility_name}核定床位{limit}张，{window.0:date}至{last_day:date}在院人数最多{occupied}人，超出{excess}人[，累计超出{excess_bed_days}床日]。',
		'{facility_name} has {limit} beds; from {window.0} to {last_day} up to {occupied} people were in, {excess} too many[, {excess_bed_days} bed days in all].'),
	('herb_alone',
		'{person_name}在{facility_name}，{visit}，{prescribed_on:date}的中药处方[{prescription}]全部由单方使用不予支付的饮片（{herbs}）组成，已申报{claimed:money}。',
		'{person_name} at {facility_name}: the herbal prescription [{prescription} ]of {prescribed_on} has only pieces that are not paid alone ({herbs}); {claimed} yuan were claimed.');
