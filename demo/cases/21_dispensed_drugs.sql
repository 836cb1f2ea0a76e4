-- 超量囤药, 提前配药, 多机构配药, 重复用药, 超量开药, 住院期间院外购药: drugs dispensed to a person.
-- Planted: five months of metformin at once; a box after ten days of thirty; three places in
-- twenty days; two sulfonylureas on one day; three packs of cold tablets where one lasts a week;
-- metformin from elsewhere on the fourth day of a stay.
-- Near misses: four months, or five of which a box came back; on day 24, and with twelve days
-- left; three places, each when the box before was used up; a change from one sulfonylurea to
-- the other; three packs for hypertension, and one pack, which lasts eight days; drugs on the
-- day of discharge, and by referral.

INSERT INTO demo.case_ VALUES
('领药 囤药 five months at once', 'stockpile', 'found', NULL, 'day', 'five boxes for thirty days each: 150 days, more than 120'),
('领药 囤药 four months at once', 'stockpile', 'silent', NULL, 'day', 'four boxes: at the limit'),
('领药 囤药 a box came back', 'stockpile', 'silent', NULL, 'day', 'five boxes, one of which was taken back an hour later'),
('领药 提前配药 after ten days', 'early', 'found', NULL, 'day', 'twenty of thirty days left, fourteen more than may be'),
('领药 提前配药 on day 24', 'early', 'silent', NULL, 'day', 'six of thirty days left: a fifth'),
('领药 提前配药 twelve days left', 'early', 'silent', NULL, 'day', 'six days more than may be: below seven'),
('领药 多机构 three places in twenty days', 'places', 'found', NULL, 'day', 'a box from each of three places in twenty days'),
('领药 多机构 at the normal pace', 'places', 'silent', NULL, 'day', 'three places, each when the box before was used up'),
('领药 重复用药 two sulfonylureas', 'twodrugs', 'found', NULL, 'day', 'two drugs of one class on one day'),
('领药 重复用药 a change', 'twodrugs', 'silent', NULL, 'day', 'from one drug to another, something left of the first'),
('领药 超量开药 three packs for a cold', 'longsupply', 'found', 24.00, 'day', 'three a day for seven days are 21 tablets: one pack of 24'),
('领药 超量开药 for hypertension', 'longsupply', 'silent', NULL, 'day', 'three packs within twelve weeks'),
('领药 超量开药 one pack', 'longsupply', 'silent', NULL, 'day', 'one pack lasts eight days and is not broken'),
('领药 院外购药 on the fourth day', 'drugsinstay', 'found', NULL, 'day', 'metformin from elsewhere while in hospital'),
('领药 院外购药 on the day of discharge', 'drugsinstay', 'silent', NULL, 'day', 'collected on the way home'),
('领药 院外购药 by referral', 'drugsinstay', 'silent', NULL, 'day', 'sent there by the hospital');
INSERT INTO demo.case_visit VALUES
('领药 囤药 five months at once', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 囤药 four months at once', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 囤药 a box came back', 'a', 1, 1, 'A', '41', '0 09:00', '0 11:00', 'E11.900'),
('领药 提前配药 after ten days', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 提前配药 after ten days', 'b', 1, 1, 'A', '41', '10 09:00', '10 10:00', 'E11.900'),
('领药 提前配药 on day 24', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 提前配药 on day 24', 'b', 1, 1, 'A', '41', '24 09:00', '24 10:00', 'E11.900'),
('领药 提前配药 twelve days left', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 提前配药 twelve days left', 'b', 1, 1, 'B', '41', '18 09:00', '18 10:00', 'E11.900'),
('领药 多机构 three places in twenty days', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 多机构 three places in twenty days', 'b', 1, 1, 'B', '41', '10 09:00', '10 10:00', 'E11.900'),
('领药 多机构 three places in twenty days', 'c', 1, 1, 'C', '41', '20 09:00', '20 10:00', 'E11.900'),
('领药 多机构 at the normal pace', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 多机构 at the normal pace', 'b', 1, 1, 'B', '41', '30 09:00', '30 10:00', 'E11.900'),
('领药 多机构 at the normal pace', 'c', 1, 1, 'C', '41', '60 09:00', '60 10:00', 'E11.900'),
('领药 重复用药 two sulfonylureas', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 重复用药 a change', 'a', 1, 1, 'A', '41', '0 09:00', '0 10:00', 'E11.900'),
('领药 重复用药 a change', 'b', 1, 1, 'A', '41', '15 09:00', '15 10:00', 'E11.900'),
('领药 超量开药 three packs for a cold', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'J00.x00'),
('领药 超量开药 for hypertension', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'J00.x00,I10.x00'),
('领药 超量开药 one pack', 'a', 1, 1, 'A', '11', '0 09:00', '0 10:00', 'J00.x00'),
('领药 院外购药 on the fourth day', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900'),
('领药 院外购药 on the fourth day', 'b', 1, 1, 'B', '41', '3 10:00', '3 11:00', 'E11.900'),
('领药 院外购药 on the day of discharge', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900'),
('领药 院外购药 on the day of discharge', 'b', 1, 1, 'B', '41', '8 14:00', '8 14:30', 'E11.900'),
('领药 院外购药 by referral', 'a', 1, 1, 'A', '21', '0 09:00', '8 10:00', 'I63.900'),
('领药 院外购药 by referral', 'b', 1, 1, 'B', '11', '3 10:00', '3 11:00', 'E11.900');
UPDATE demo.case_visit SET flag = 'referred' WHERE case_id = '领药 院外购药 by referral' AND v = 'b';
-- who goes to three places comes early; drugs alone are no care elsewhere, but drugs.
UPDATE demo.case_ SET also = 'early' WHERE case_id = '领药 多机构 three places in twenty days';
UPDATE demo.case_ SET also = 'drugsinstay' WHERE case_id = '挂床 drugs alone';
INSERT INTO demo.case_line
SELECT v.case_id, v.v, '1', CASE WHEN v.case_id ~ '^领药 超量开药' THEN 'cold' WHEN v.case_id ~ '^领药 重复用药' AND v.v = 'a' THEN 'glipizide'
		WHEN v.case_id ~ '^领药 重复用药' THEN 'glimepiride' ELSE 'metformin' END,
	CASE WHEN v.case_id ~ '(five|a box)' THEN 5 WHEN v.case_id ~ 'four months' THEN 4 WHEN v.case_id ~ '(three packs|hypertension)' THEN 3 ELSE 1 END,
	NULL, split_part(v.begins, ' ', 1) || CASE split_part(v.begins, ' ', 2) WHEN '14:00' THEN ' 14:10' WHEN '10:00' THEN ' 10:20' ELSE ' 09:20' END, NULL, true
FROM demo.case_visit AS v
WHERE v.case_id ~ '^领药 ' AND v.med_type <> '21';
INSERT INTO demo.case_line VALUES
('领药 囤药 a box came back', 'a', '2', 'metformin', -1, NULL, '0 10:30', '1', true),
('领药 重复用药 two sulfonylureas', 'a', '2', 'glimepiride', 1, NULL, '0 09:25', NULL, true);
