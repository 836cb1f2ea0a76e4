-- The functions that a run asks for the kinds that come with medaudit.
UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind)
WHERE book IN ('stays', 'persons');
UPDATE rule_kind AS k SET reach = r.reach
FROM (VALUES ('split_stays', 'person'), ('overlapping_stays', 'person'), ('events_in_stay', 'person'),
	('hang_bed', 'visit'), ('low_standard_stay', 'visit'), ('frequent_stays', 'person_year'),
	('same_household_admissions', 'person_year'), ('companions', 'year'), ('over_capacity', 'year'),
	('invalid_resident_id', 'subject'), ('resident_id_mismatch', 'subject'), ('shared_resident_id', 'subject')
) AS r (kind, reach)
WHERE r.kind = k.kind;
