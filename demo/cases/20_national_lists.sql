-- 国家规则: what the other published lists find, judged only where these are imported: no
-- starter rule knows these codes.
-- Planted: a drug for men given to a woman, one for children to a grown-up, services alike; a
-- second operation through one incision in full; drugs for work injuries, for stays, for a
-- hospital of the second level where none of these is; the fifteenth date of fourteen, 31 dates
-- of thirty; training for work at seventy; a second-line drug without another of its class; a
-- narcotic by internet care; herbs that are not paid, ever or alone; a drug for diabetes without it.
-- Near misses: a man, a child; half the price; insurance against injuries, a stay, level 13;
-- fourteen dates, thirty; forty years old; another drug of the class in spring; the same
-- narcotic at the counter; a herb that nobody claimed, one beside another; diabetes as second
-- diagnosis.

INSERT INTO demo.case_rule VALUES
('n_sex', 'national_1_drug_sex'), ('n_child', 'national_1_drug_child'), ('n_service_sex', 'national_1_service_sex'),
('n_service_child', 'national_1_service_child'), ('n_secondary', 'national_2_secondary_procedure'), ('n_insurance', 'national_3_drug_insurance'),
('n_visit', 'national_4_drug_visit_type'), ('n_level', 'national_5_drug_facility_level'), ('n_course', 'national_6_drug_course'),
('n_age', 'national_8_service_age'), ('n_service_course', 'national_8_service_course'), ('n_second', 'national_9_drug_second_line'),
('n_internet', 'national_10_drug_internet'), ('n_never', 'national_11_herb_not_payable'), ('n_alone', 'national_11_herb_alone'),
('n_indication', 'national_12_drug_indication');
INSERT INTO demo.case_item VALUES
('n.men', 'XL02BBA326A001010102180', 210), ('n.children', 'ZA04CAE0023010100166', 28), ('n.service.men', '002101030290000', 180),
('n.service.children', '001302000010000', 40), ('n.operation1', '003310010140000', 4200), ('n.operation2', '003310010160000', 1600),
('n.injury', 'XD11AXQ064F002010100319', 36), ('n.stay', 'XB05BAF150B002010100269', 22), ('n.level', 'ZC01AAA0042010105549', 64),
('n.course', 'XB01AXA223B004010180963', 58), ('n.work', '003402000320000', 45), ('n.standing', '003402000230000', 30),
('n.second', 'XL01ELA387E001010184513', 5800), ('n.first', 'XL01ELB001A001010100001', 90), ('n.narcotic', 'XN02ABF027V002010101389', 76),
('n.never', 'T001700233', 120), ('n.alone', 'T000700200', 18), ('n.herb', 'T009900001', 9), ('n.diabetes', 'XA10BJA085B002010106474', 260);
-- its fund has codes of its own for care by internet, and these come with it
INSERT INTO demo.case_ VALUES
('国家库 男用药, a woman', 'n_sex', 'found', 210, 'day', 'a drug for men'), ('国家库 男用药, a man', 'n_sex', 'silent', NULL, 'day', 'a man'),
('国家库 儿童药, grown up', 'n_child', 'found', 28, 'day', 'a drug for children at forty'), ('国家库 儿童药, a child', 'n_child', 'silent', NULL, 'day', 'at six'),
('国家库 男性检查, a woman', 'n_service_sex', 'found', 180, 'day', 'a service for men'), ('国家库 男性检查, a man', 'n_service_sex', 'silent', NULL, 'day', 'a man'),
('国家库 儿童项目, grown up', 'n_service_child', 'found', 40, 'day', 'a service for children at forty'), ('国家库 儿童项目, a child', 'n_service_child', 'silent', NULL, 'day', 'at six'),
('国家库 次要手术 in full', 'n_secondary', 'found', 800, 'day', 'the second operation through one incision in full'),
('国家库 次要手术 at half', 'n_secondary', 'silent', NULL, 'day', 'the second at half its price'),
('国家库 工伤药, employees', 'n_insurance', 'found', 36, 'day', 'a drug for work injuries, paid by another insurance'),
('国家库 工伤药, injured at work', 'n_insurance', 'silent', NULL, 'day', 'the insurance against work injuries'),
('国家库 住院药, outpatient', 'n_visit', 'found', 22, 'day', 'a drug for stays'), ('国家库 住院药, inpatient', 'n_visit', 'silent', NULL, 'day', 'in a stay'),
('国家库 二级药, township', 'n_level', 'found', 64, 'day', 'a hospital of the first level'), ('国家库 二级药, level 13', 'n_level', 'silent', NULL, 'day', 'code 13 is of the second'),
('国家库 疗程 fifteen', 'n_course', 'found', 58, 'day', 'fifteen dates where fourteen are paid'), ('国家库 疗程 fourteen', 'n_course', 'silent', NULL, 'day', 'fourteen'),
('国家库 职业训练 at seventy', 'n_age', 'found', 45, 'day', 'training for work at seventy'), ('国家库 职业训练 at forty', 'n_age', 'silent', NULL, 'day', 'at forty'),
('国家库 起立床 31 days', 'n_service_course', 'found', 30, 'day', '31 dates where thirty are paid'), ('国家库 起立床 30 days', 'n_service_course', 'silent', NULL, 'day', 'thirty'),
('国家库 二线药 alone', 'n_second', 'found', 5800, 'day', 'a second-line drug, and no other of its class within a year'),
('国家库 二线药 after another', 'n_second', 'silent', NULL, 'day', 'another drug of its class in spring'),
('国家库 麻醉药 by internet', 'n_internet', 'found', 76, 'day', 'a narcotic by internet care'), ('国家库 麻醉药 at the counter', 'n_internet', 'silent', NULL, 'day', 'as an outpatient'),
('国家库 饮片 never', 'n_never', 'found', 120, 'day', 'a herb that is never paid'), ('国家库 饮片 self-paid', 'n_never', 'silent', NULL, 'day', 'that nobody claimed'),
('国家库 饮片 alone', 'n_alone', 'found', 18, 'day', 'a herb that is not paid alone'), ('国家库 饮片 beside another', 'n_alone', 'silent', NULL, 'day', 'beside another herb'),
('国家库 适应症 without', 'n_indication', 'found', 260, 'day', 'a drug for diabetes without it'), ('国家库 适应症 with', 'n_indication', 'silent', NULL, 'day', 'diabetes as the second diagnosis');
INSERT INTO demo.case_visit
SELECT c, 'a', 1, 1, h, t, '1 08:00', '1 12:00', d, 1, f
FROM (VALUES
	('国家库 男用药, a woman', 'A', '11', 'K29.500', 'female'), ('国家库 男用药, a man', 'A', '11', 'K29.500', 'male'),
	('国家库 儿童药, grown up', 'A', '11', 'J06.900', 'age 40 on day 1'), ('国家库 儿童药, a child', 'A', '11', 'J06.900', 'age 6 on day 1'),
	('国家库 男性检查, a woman', 'A', '11', 'K29.500', 'female'), ('国家库 男性检查, a man', 'A', '11', 'K29.500', 'male'),
	('国家库 儿童项目, grown up', 'A', '11', 'J06.900', 'age 40 on day 1'), ('国家库 儿童项目, a child', 'A', '11', 'J06.900', 'age 6 on day 1'),
	('国家库 工伤药, employees', 'A', '11', 'S61.900', NULL), ('国家库 工伤药, injured at work', 'A', '11', 'S61.900', 'injured at work'),
	('国家库 住院药, outpatient', 'A', '11', 'K29.500', NULL), ('国家库 二级药, township', 'E', '11', 'K29.500', NULL), ('国家库 二级药, level 13', 'F', '11', 'K29.500', NULL),
	('国家库 职业训练 at seventy', 'A', '11', 'M54.500', 'age 70 on day 1'), ('国家库 职业训练 at forty', 'A', '11', 'M54.500', 'age 40 on day 1'),
	('国家库 二线药 alone', 'A', '11', 'C91.100', NULL),
	('国家库 麻醉药 by internet', 'A', '9101', 'M54.500', NULL), ('国家库 麻醉药 at the counter', 'A', '11', 'M54.500', NULL),
	('国家库 饮片 never', 'A', '11', 'K29.500', NULL), ('国家库 饮片 self-paid', 'A', '11', 'K29.500', NULL),
	('国家库 饮片 alone', 'A', '11', 'K29.500', NULL), ('国家库 饮片 beside another', 'A', '11', 'K29.500', NULL),
	('国家库 适应症 without', 'A', '11', 'K29.500', NULL), ('国家库 适应症 with', 'A', '11', 'K29.500,E11.900', NULL)) AS v (c, h, t, d, f);
INSERT INTO demo.case_visit VALUES
('国家库 二线药 after another', 'a', 1, 1, 'A', '11', '0 08:00', '0 12:00', 'C91.100', 1, NULL), ('国家库 二线药 after another', 'b', 1, 1, 'B', '11', '60 08:00', '60 12:00', 'C91.100', 1, NULL),
('国家库 疗程 fifteen', 'a', 1, 1, 'A', '21', '0 08:00', '15 10:00', 'I63.900', 1, NULL), ('国家库 疗程 fourteen', 'a', 1, 1, 'A', '21', '0 08:00', '15 10:00', 'I63.900', 1, NULL),
('国家库 起立床 31 days', 'a', 1, 1, 'A', '21', '0 08:00', '31 10:00', 'I63.900', 1, NULL), ('国家库 起立床 30 days', 'a', 1, 1, 'A', '21', '0 08:00', '31 10:00', 'I63.900', 1, NULL);
INSERT INTO demo.case_line
SELECT c, 'a', '1', i, 1, NULL::numeric, '1 09:00', NULL, i <> 'n.never' OR c ~ 'never'
FROM (VALUES
	('国家库 男用药, a woman', 'n.men'), ('国家库 男用药, a man', 'n.men'), ('国家库 儿童药, grown up', 'n.children'), ('国家库 儿童药, a child', 'n.children'),
	('国家库 男性检查, a woman', 'n.service.men'), ('国家库 男性检查, a man', 'n.service.men'),
	('国家库 儿童项目, grown up', 'n.service.children'), ('国家库 儿童项目, a child', 'n.service.children'),
	('国家库 工伤药, employees', 'n.injury'), ('国家库 工伤药, injured at work', 'n.injury'),
	('国家库 住院药, outpatient', 'n.stay'), ('国家库 住院药, inpatient', 'n.stay'), ('国家库 二级药, township', 'n.level'), ('国家库 二级药, level 13', 'n.level'),
	('国家库 职业训练 at seventy', 'n.work'), ('国家库 职业训练 at forty', 'n.work'), ('国家库 二线药 alone', 'n.second'),
	('国家库 麻醉药 by internet', 'n.narcotic'), ('国家库 麻醉药 at the counter', 'n.narcotic'),
	('国家库 饮片 never', 'n.never'), ('国家库 饮片 self-paid', 'n.never'), ('国家库 饮片 alone', 'n.alone'), ('国家库 饮片 beside another', 'n.alone'),
	('国家库 适应症 without', 'n.diabetes'), ('国家库 适应症 with', 'n.diabetes')) AS l (c, i);
INSERT INTO demo.case_line VALUES
('国家库 饮片 beside another', 'a', '2', 'n.herb', 1, NULL, '1 09:00', NULL, true),
('国家库 次要手术 in full', 'a', '1', 'n.operation1', 1, NULL, '1 09:00', NULL, true), ('国家库 次要手术 in full', 'a', '2', 'n.operation2', 1, NULL, '1 10:00', NULL, true),
('国家库 次要手术 at half', 'a', '1', 'n.operation1', 1, NULL, '1 09:00', NULL, true), ('国家库 次要手术 at half', 'a', '2', 'n.operation2', 1, 800, '1 10:00', NULL, true),
('国家库 二线药 after another', 'a', '1', 'n.first', 1, NULL, '0 09:00', NULL, true), ('国家库 二线药 after another', 'b', '1', 'n.second', 1, NULL, '60 09:00', NULL, true);
INSERT INTO demo.case_line
SELECT c, 'a', k::text, i, 1, NULL::numeric, k || ' 09:00', NULL, true
FROM (VALUES ('国家库 疗程 fifteen', 'n.course', 15), ('国家库 疗程 fourteen', 'n.course', 14),
	('国家库 起立床 31 days', 'n.standing', 31), ('国家库 起立床 30 days', 'n.standing', 30)) AS d (c, i, days), generate_series(1, days) AS k;
