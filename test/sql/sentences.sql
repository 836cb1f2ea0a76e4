-- sentences: the full text of each kind's sentence, as a hospital would read it
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = error;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;

-- words that sentences share, by themselves
SELECT medaudit.date_zh('2025-03-01'), medaudit.time_zh('2025-03-01 08:05:59'), medaudit.time_zh('2025-12-31'), medaudit.date_zh(NULL);
SELECT medaudit.together_zh('2025-03-01', '2025-03-03'), medaudit.together_zh('2025-03-01', '2025-03-01'), medaudit.together_zh(NULL, NULL);
SELECT u, medaudit.quantity_zh(3.50, u) FROM unnest('{次,元/次,每日,/小时, 日 ,次/单侧,day,Hour,"",NULL}'::text[]) AS u;
SELECT medaudit.quantity_zh(NULL, '次'), medaudit.money_zh(1.005), medaudit.money_zh(NULL);
SELECT p, medaudit.price_zh(p, '每次'), medaudit.price_zh(p, NULL) FROM unnest('{12,10.012,3.33330,0.3}'::numeric[]) AS p;
SELECT medaudit.stay_zh('2025-03-01 10:00', '2025-03-05 09:00'), medaudit.stay_zh('2025-03-01', NULL), medaudit.stay_zh(NULL, '2025-03-05');
SELECT medaudit.stay_text_zh('县医院', 'H1', '2025-03-01 10:00', NULL), medaudit.stay_text_zh(NULL, 'H1', NULL, NULL);
SELECT medaudit.visit_zh('ZY001', 'V1', true), medaudit.visit_zh('MZ001', 'V1', false), medaudit.visit_zh('B01', 'V1', NULL),
	medaudit.visit_zh(' ', 'V1', true), medaudit.visit_zh('11010519491231002X', 'V1', false), medaudit.visit_zh(NULL, '11010519491231002X', false), medaudit.visit_zh(NULL, NULL, true);
SELECT medaudit.facility_zh('县医院', 'H1'), medaudit.facility_zh(NULL, 'H1'), medaudit.item_zh('彩超', 'A'), medaudit.item_zh(NULL, 'A'), medaudit.item_zh('彩超', NULL);
-- ages: days, months, years, and the day before each is reached
SELECT b, d, medaudit.age_zh(b, d) FROM (VALUES (date '2026-03-01', date '2026-03-01'), ('2026-03-01', '2026-04-29'), ('2026-03-01', '2026-04-30'),
	('2024-02-29', '2027-02-27'), ('2024-02-29', '2027-02-28'), ('2008-03-02', '2026-03-01'), ('2008-03-02', '2026-03-02'), ('2026-03-02', '2026-03-01'), (NULL, '2026-03-01')) AS v (b, d);
SELECT medaudit.missing_zh('{sex,birth_date,facility_rank,visit_type,insurance_type,department,admitted_at,discharged_at,diagnosis_codes,time of day,full price,facility_id,what is new}'),
	medaudit.missing_zh('{}'), medaudit.missing_zh(NULL);
SELECT medaudit.doubt_zh('{other_facility,other_session,posted_late,newborn_on_mother,exclusions_unknown,what is new}'), medaudit.doubt_zh(NULL);
SELECT string_agg(coalesce(medaudit.visit_type_zh(t), '~'), ' ') FROM unnest('{11,1301,2105,52,99,inpatient,急诊,NULL}'::text[]) AS t;
SELECT string_agg(medaudit.insurance_type_zh(t), ' ') FROM unnest('{310,390,501}'::text[]) AS t;
SELECT r, medaudit.ranks_zh(r) FROM unnest('{"[3]","[2, 3]","[1, 2, 3]","[1, 2]","[0, 1]","[5, 6]"}'::jsonb[]) AS r;
SELECT r, medaudit.ages_zh(r) FROM unnest('{"{\"min_age\":\"18 years\"}","{\"max_age\":\"65 years 6 mons\"}","{\"min_age\":\"10 years\",\"max_age\":\"60 years\"}","{\"max_age\":\"29 days\"}","{\"max_age\":\"1 year\"}","{}"}'::jsonb[]) AS r;
SELECT s, medaudit.scope_zh(s) FROM unnest('{visit,instant,hour,day,week,month,quarter,year,6 hours,15 days,1 day}'::text[]) AS s;

-- a small county
\set ECHO none
CREATE SCHEMA county;
CREATE TABLE county.person (person_id text, name text, sex text, birth_date date, insurance_type text);
CREATE TABLE county.facility (facility_id text, name text, rank int);
CREATE TABLE county.visit (visit_id text, person_id text, facility_id text, record_no text, visit_type text, admitted_at timestamp,
	discharged_at timestamp, department text, main_diagnosis text);
CREATE TABLE county.charge (visit_id text, line_id text, item_code text, quantity numeric, amount numeric, charged_at timestamp, department text, item_name text, claimed numeric);
CREATE TABLE county.item (item_code text, national_code text, name text, unit text);
INSERT INTO county.person VALUES ('P1', '张三', '1', '1960-05-01', '310'), ('P2', '李四', '2', '1990-05-01', '390'),
	('P3', '王小五', '1', '2018-07-01', '390'), ('P4', '赵六', NULL, NULL, NULL);
INSERT INTO county.facility VALUES ('F1', '县人民医院', 2), ('F2', '县中医院', 1), ('F3', NULL, NULL);
INSERT INTO county.item VALUES ('US', NULL, '彩色多普勒超声', '次'), ('CT', NULL, 'CT平扫', '元/次'), ('NT', NULL, '特级护理', '小时'), ('N1', NULL, 'Ⅰ级护理', '日'),
	('AN', NULL, '全身麻醉', '次'), ('AM', NULL, '麻醉中监测', '小时'), ('GA', NULL, '洗胃', '次'), ('GT', NULL, '胃管置入', '次'),
	('GLU', NULL, '葡萄糖测定', '项'), ('HB', NULL, '糖化血红蛋白测定', '次'), ('ECG', NULL, '心电监测', '小时'), ('NEB', NULL, '雾化吸入', NULL),
	('BED', NULL, '普通病房床位费', '日'), ('N2', NULL, 'Ⅱ级护理', '日'), ('OXY', NULL, '氧气吸入', '小时'), ('DRS', NULL, '换药', '次'),
	('NBC', NULL, '新生儿护理', '日'), ('BGM', NULL, '床旁血糖监测', '次'), ('OP1', NULL, '胆囊切除术', '次'), ('OP2', NULL, '阑尾切除术', '次'), ('PROS', NULL, '前列腺电切术', '次'),
	('DRG', NULL, '奥曲肽注射液', '支'), ('PED', NULL, '小儿静脉输液', '次'), ('BRO', NULL, '溴隐亭片', '片'), ('FAT', NULL, '脂肪乳注射液', '瓶'),
	('ALN', NULL, '阿仑膦酸钠片', '片'), ('EDA', NULL, '依达拉奉注射液', '支'), ('PT', NULL, '运动疗法', '次'), ('READ', NULL, '影像阅片会诊', '次'),
	('XR', 'X9', '数字化摄影', '次'), ('P', NULL, '肝功能组合', '次'), ('C1', NULL, '谷丙转氨酶测定', '项'), ('C2', NULL, '谷草转氨酶测定', '项'), ('C3', NULL, '总胆红素测定', '项');
INSERT INTO county.visit VALUES
	('S1', 'P1', 'F1', 'ZY2026001', '21', '2026-03-01 10:00', '2026-03-05 09:00', '外科', 'K80.100'),
	('S2', 'P2', 'F1', 'ZY2026002', '21', '2026-03-10 08:30', '2026-03-12 16:00', '妇科', 'N80.000'),
	('O1', 'P1', 'F2', 'MZ0301', '11', '2026-03-06 09:00', '2026-03-06 10:00', '内科', 'I10.x00'),
	('O2', 'P1', 'F1', 'MZ0302', '11', '2026-03-20 09:00', '2026-03-20 10:00', '内科', 'I10.x00'),
	('O3', 'P3', 'F2', NULL, '11', '2026-03-07 09:00', '2026-03-07 10:00', '儿科', 'J06.900'),
	('O4', 'P2', 'F3', '11010519491231002X', '11', '2026-03-21 09:00', '2026-03-21 10:00', '内科', 'J06.900'),
	('O5', 'P4', 'F3', 'MZ0305', '11', '2026-03-22 09:00', '2026-03-22 10:00', NULL, NULL),
	('S3', 'P1', 'F1', 'ZY2026003', '21', '2026-03-24 10:00', '2026-03-28 09:00', '外科', 'O80.000'),
	('S4', 'P2', 'F2', 'ZY5004', '21', '2026-03-24 10:00', '2026-03-30 09:00', '外科', 'K80.100');
CREATE FUNCTION county.charge(visit text, item text, VARIADIC lines text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO county.charge (visit_id, line_id, item_code, quantity, amount, charged_at)
	SELECT visit, visit || '-' || item || '-' || l.nth, item, split_part(l.line, ' ', 1)::numeric, split_part(l.line, ' ', 2)::numeric,
		('2026-' || substr(l.line, length(split_part(l.line, ' ', 1)) + length(split_part(l.line, ' ', 2)) + 3))::timestamp
	FROM unnest(lines) WITH ORDINALITY AS l (line, nth)
$$;
CREATE FUNCTION county.rule(code text, kind text, name text, VARIADIC rows jsonb[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES (code, kind, name, 'violation');
	INSERT INTO medaudit.package (rule_code, package_code, component_code, package_price, min_parts)
	SELECT code, p.package_code, p.component_code, p.package_price, 2 FROM unnest(rows) AS r,
		jsonb_to_record(r) AS p (package_code text, component_code text, package_price numeric) WHERE kind = 'package';
	INSERT INTO medaudit.charge_rule SELECT c.* FROM unnest(rows) AS r, jsonb_populate_record(NULL::medaudit.charge_rule,
		r || jsonb_build_object('rule_code', code, 'shipped', false, 'charge_rule_id', nextval(pg_get_serial_sequence('medaudit.charge_rule', 'charge_rule_id')))) AS c WHERE kind <> 'package';
$$;
DO $$ BEGIN
	-- the same twice: in a visit, at another hospital
	PERFORM county.rule('duplicate', 'duplicate', '同日重复检查', '{"item_code":"US","scope":"day"}');
	PERFORM county.charge('S1', 'US', '1 120 03-02 08:00', '1 120 03-02 15:30', '1 120 03-03 08:00');
	PERFORM county.rule('duplicate_elsewhere', 'duplicate', '七日内重复检查', '{"item_code":"CT","scope":"7 days"}');
	PERFORM county.charge('S1', 'CT', '1 260 03-03 09:00');
	PERFORM county.charge('O1', 'CT', '1 260 03-06 09:20');
	-- which the two hospitals call by their own names
	UPDATE county.charge SET item_name = 'CT（计算机体层）平扫' WHERE line_id = 'S1-CT-1';
	-- one contained in another, grades of nursing, by day, visit and hours
	PERFORM county.rule('exclusive_nursing', 'exclusive', '项目内涵已含另收费用', '{"item_code":"NT","other_code":"N1","scope":"day","note":"特级护理与Ⅰ级护理同日只收一项"}');
	PERFORM county.charge('S1', 'NT', '10 150 03-04');
	PERFORM county.charge('S1', 'N1', '1 40 03-04');
	PERFORM county.rule('exclusive_visit', 'exclusive', '全身麻醉含麻醉中监测', '{"item_code":"AN","other_code":"AM","scope":"visit"}');
	PERFORM county.charge('S1', 'AN', '1 900 03-02 09:00');
	PERFORM county.charge('S1', 'AM', '2.5 75 03-02 11:40');
	PERFORM county.rule('exclusive_hours', 'exclusive', '洗胃含胃管置入', '{"item_code":"GA","other_code":"GT","scope":"6 hours"}');
	PERFORM county.charge('O2', 'GA', '1 80 03-20 09:10');
	PERFORM county.charge('O2', 'GT', '1 25 03-20 09:05');
	-- caps: a day, rolling over visits of two hospitals, an hour, a sum of money
	PERFORM county.rule('quantity_day', 'quantity', '每日限次', '{"item_code":"GLU","scope":"day","max_quantity":4,"unit":"次"}');
	PERFORM county.charge('O2', 'GLU', '3 15 03-20 09:00', '2 10 03-20 09:30', '1 5 03-20 09:40');
	PERFORM county.charge('O4', 'GLU', '6 30 03-21 09:30');
	PERFORM county.rule('quantity_rolling', 'quantity', '十五日限一次', '{"item_code":"HB","scope":"15 days","max_quantity":1}');
	PERFORM county.charge('O1', 'HB', '1 60 03-06 09:20');
	PERFORM county.charge('O2', 'HB', '1 60 03-20 09:30');
	PERFORM county.rule('quantity_hour', 'quantity', '每小时限一次', '{"item_code":"ECG","scope":"hour","max_quantity":1,"unit":"小时"}');
	PERFORM county.charge('O2', 'ECG', '1 10 03-20 09:05', '0.5 5 03-20 09:45');
	PERFORM county.rule('amount', 'amount', '单日封顶', '{"item_code":"NEB","scope":"day","max_amount":50}');
	PERFORM county.charge('O1', 'NEB', '2 30 03-06 09:10', '1 15 03-06 09:20', '1 15 03-06 09:30', '1 15 03-06 09:40', '1 15 03-06 09:50');
	-- caps a day that hold for a stay: of days, of its hours, of money
	PERFORM county.rule('quantity_stay', 'quantity', '护理每日一次', '{"item_code":"N2","scope":"day","max_quantity":1,"unit":"日"}');
	PERFORM county.charge('S4', 'N2', '5 100 03-26', '4 80 03-29');
	PERFORM county.rule('quantity_stay_hours', 'quantity', '每日24小时', '{"item_code":"OXY","scope":"day","max_quantity":24,"unit":"小时"}');
	PERFORM county.charge('S2', 'OXY', '60 180 03-12 08:00');
	PERFORM county.rule('amount_stay', 'amount', '换药单日封顶', '{"item_code":"DRS","scope":"day","max_amount":50}');
	PERFORM county.charge('S2', 'DRS', '2 120 03-11 08:00', '1 60 03-12 08:00');
	-- what a hospital could answer: another operation, a child on the bill of its mother, diagnoses that nobody sent
	PERFORM county.charge('S4', 'AN', '1 900 03-25 09:00');
	PERFORM county.charge('S4', 'AM', '1 30 03-27 11:40');
	INSERT INTO county.visit VALUES ('S6', 'P2', 'F1', 'ZY2026006', '52', '2026-03-16 08:00', '2026-03-18 09:00', '产科', 'O80.000');
	PERFORM county.rule('only_newborns', 'restriction', '限新生儿', '{"item_code":"NBC","max_age":"29 days"}');
	PERFORM county.charge('S6', 'NBC', '1 35 03-17 08:00');
	PERFORM county.rule('quantity_but', 'quantity', '除糖尿病外每日一次', '{"item_code":"BGM","scope":"day","max_quantity":1,"excluded_diagnosis_prefixes":["E10","E11"]}');
	PERFORM county.charge('O5', 'BGM', '1 5 03-22 09:10', '1 5 03-22 09:40');
	-- by days of the stay, both dates counted or nights
	PERFORM county.rule('bed_day', 'per_bed_day', '床位费超住院天数', '{"item_code":"BED","scope":"bed_day","max_quantity":1,"unit":"日"}');
	PERFORM county.charge('S1', 'BED', '4 160 03-02 08:00', '4 160 03-05 08:00');
	PERFORM county.rule('bed_night', 'per_bed_day', '监测超住院小时', '{"item_code":"ECG","scope":"bed_night","max_quantity":24,"unit":"小时"}');
	PERFORM county.charge('S2', 'ECG', '50 500 03-11 08:00');
	-- prices of a class of hospital, and one that differs in the third decimal
	PERFORM county.rule('price', 'price', '超最高限价', '{"item_code":"US","max_price":110,"facility_ranks":[2]}', '{"item_code":"DRG","max_price":10}');
	PERFORM county.charge('S2', 'DRG', '300 3003.60 03-11 08:00');
	-- the second of two operations, and two of one
	PERFORM county.rule('secondary', 'secondary', '同一切口第二手术', '{"item_code":"OP1","item_group":"腹部","scope":"day","ratio":0.5,"max_price":1400}', '{"item_code":"OP2","item_group":"腹部","scope":"day","ratio":0.5,"max_price":900}');
	PERFORM county.charge('S1', 'OP1', '1 1400 03-02 10:00');
	PERFORM county.charge('S1', 'OP2', '1 900 03-02 10:00');
	PERFORM county.charge('S2', 'OP2', '3 2700 03-11 10:00');
	-- conditions, one by one and two at once
	PERFORM county.rule('only_men', 'restriction', '限男性', '{"item_code":"PROS","sex":"1"}');
	PERFORM county.charge('S2', 'PROS', '1 800 03-11 10:00');
	PERFORM county.rule('only_children', 'restriction', '限儿童', '{"item_code":"PED","max_age":"7 years"}');
	PERFORM county.charge('O3', 'PED', '1 12 03-07 09:30');
	PERFORM county.rule('only_women_of_age', 'restriction', '限成年女性', '{"item_code":"BRO","sex":"2","min_age":"18 years"}');
	PERFORM county.charge('O3', 'BRO', '30 45 03-07 09:30');
	PERFORM county.rule('only_secondary_hospitals', 'restriction', '限二级及以上医疗机构', '{"item_code":"DRG","facility_ranks":[2,3]}');
	PERFORM county.charge('O1', 'DRG', '2 18 03-06 09:30', '1 9 03-06 09:40');
	PERFORM county.rule('only_inpatients', 'restriction', '限住院', '{"item_code":"FAT","visit_types":["21","22","52"]}');
	PERFORM county.charge('O2', 'FAT', '1 98 03-20 09:30');
	PERFORM county.rule('not_for_outpatients', 'restriction', '门诊不予支付', '{"item_code":"FAT","excluded_visit_types":["11","12"]}');
	PERFORM county.rule('only_employees', 'restriction', '限职工医保', '{"item_code":"CT","insurance_types":["310","340"]}');
	PERFORM county.charge('S2', 'CT', '1 260 03-11 09:30');
	PERFORM county.rule('only_department', 'restriction', '限骨科', '{"item_code":"ALN","departments":["骨科","内分泌科"]}');
	PERFORM county.charge('S1', 'ALN', '7 35 03-02 09:30');
	PERFORM county.rule('only_diagnosis', 'restriction', '限骨质疏松', '{"item_code":"ALN","diagnosis_prefixes":["M80","M81","M82"]}');
	-- a diagnosis that the person cannot have
	PERFORM county.rule('diagnosis', 'diagnosis', '妊娠分娩诊断限10至59岁女性', '{"diagnosis_prefixes":["O"],"sex":"2","min_age":"10 years","max_age":"60 years"}');
	PERFORM county.charge('S3', 'BED', '1 40 03-24 12:00');
	-- a course over the dates of a visit, of several visits, and a span
	PERFORM county.rule('course_visit', 'course', '支付不超过4天', '{"item_code":"EDA","scope":"visit","max_days":4}');
	PERFORM county.charge('S4', 'EDA', '1 80 03-24 12:00', '1 80 03-25 12:00', '1 80 03-26 12:00', '1 80 03-27 12:00', '2 160 03-29 12:00', '2 160 03-30 08:00');
	PERFORM county.rule('course_visits', 'course', '疗程不超过2天', '{"item_code":"NEB","max_days":2}');
	PERFORM county.charge('O2', 'NEB', '1 15 03-20 09:40');
	PERFORM county.charge('S3', 'NEB', '1 15 03-25 09:40');
	PERFORM county.rule('course_span', 'course', '疗程14日', '{"item_code":"PT","scope":"span","max_days":14}');
	PERFORM county.charge('O1', 'PT', '1 30 03-06 09:40');
	PERFORM county.charge('S3', 'PT', '1 30 03-25 09:40');
	-- what is lacking: known by name here, by the national code, not at all
	PERFORM county.rule('prerequisite', 'prerequisite', '会诊须有影像检查', '{"item_code":"READ","other_code":"CT","item_group":"影像","scope":"day"}', '{"item_code":"READ","other_code":"X9","item_group":"影像","scope":"day"}', '{"item_code":"READ","other_code":"MR9","item_group":"影像","scope":"day"}');
	PERFORM county.charge('O2', 'READ', '1 20 03-20 09:40');
	-- before the admission and after the discharge
	PERFORM county.rule('outside_stay', 'outside_stay', '住院期间外收费', '{"item_code":"N1"}', '{"item_code":"BED","max_days":0}');
	PERFORM county.charge('S2', 'N1', '1 40 03-08 08:00', '1 40 03-15 08:00');
	PERFORM county.charge('S2', 'BED', '1 40 03-13 08:00');
	-- on the list of what is not paid
	PERFORM county.rule('not_payable', 'not_payable', '美容项目不予支付', '{"item_code":"PT","visit_types":["11"]}', '{"item_code":"PROS","note":"非治疗性项目"}');
	UPDATE county.charge SET claimed = 12.5 WHERE item_code = 'PT' AND visit_id = 'O1';
	-- settled twice, at another hospital
	PERFORM county.rule('resettled', 'resettled', '同一费用重复结算', '{"item_code":"OP1"}');
	PERFORM county.charge('S4', 'OP1', '1 1400 03-25 10:00:05');
	INSERT INTO county.visit VALUES ('S5', 'P2', 'F1', 'ZY2026005', '21', '2026-03-25 08:00', '2026-03-31 09:00', '外科', 'K80.100');
	PERFORM county.charge('S5', 'OP1', '1 1400 03-25 10:00:05');
	-- parts of a package, twice each, and beside the package
	PERFORM county.rule('package', 'package', '肝功能组合分解收费', '{"package_code":"P","component_code":"C1","package_price":24}', '{"package_code":"P","component_code":"C2","package_price":24}', '{"package_code":"P","component_code":"C3","package_price":24}');
	PERFORM county.charge('S1', 'C1', '1 12 03-02 07:00', '1 12 03-03 07:00');
	PERFORM county.charge('S1', 'C2', '1 12 03-02 07:00', '1 12 03-03 07:00');
	PERFORM county.charge('S1', 'C3', '1 6 03-02 07:00');
	PERFORM county.charge('S1', 'P', '1 24 03-03 07:00');
	PERFORM county.charge('O2', 'C1', '2 24 03-20 09:40');
	PERFORM county.charge('O2', 'C3', '2 36 03-20 09:40');
	-- nothing is known of the person, the hospital or the time of day
	PERFORM county.charge('O5', 'PED', '1 12 03-22');
	PERFORM county.charge('O5', 'DRG', '1 9 03-22');
	PERFORM county.charge('O5', 'BRO', '1 9 03-22');
	PERFORM county.charge('O5', 'ECG', '2 9 03-22');
	PERFORM county.charge('O5', 'GA', '1 80 03-22');
	PERFORM county.charge('O5', 'GT', '1 25 03-22');
END $$;
\set ECHO all
CALL medaudit.bind('person', 'county.person');
CALL medaudit.bind('facility', 'county.facility');
CALL medaudit.bind('visit', 'county.visit');
CALL medaudit.bind('charge', 'county.charge');
CALL medaudit.bind('item', 'county.item');
SELECT array_agg(rule_code) AS rules FROM medaudit.rule WHERE NOT shipped \gset
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
\pset format unaligned
\pset tuples_only on
SELECT rule_code || coalesce(' ' || certainty, ''), visit_id, evidence_text FROM medaudit.finding ORDER BY rule_code COLLATE "C", visit_id COLLATE "C", key COLLATE "C";
-- each line of findings that have several
SELECT f.rule_code, l.line_id, l.evidence_text FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id)
WHERE f.evidence ->> 'lines' <> '1' ORDER BY f.rule_code COLLATE "C", l.visit_id COLLATE "C", l.line_no, f.key COLLATE "C";
-- what could not be judged
SELECT rows, problem_zh FROM medaudit.data_quality WHERE problem LIKE 'rule %' AND problem LIKE '%missing' ORDER BY problem_zh COLLATE "C";
-- one form of dates, and nothing of the formula
\pset tuples_only off
\pset format aligned
SELECT count(*) FROM medaudit.finding_line AS l WHERE l.evidence_text ~ '[0-9]{4}-|NULL|condition|whole line|unknown' OR l.evidence_text !~ '。$';
-- the same words and facts whatever the order of rows and the style of dates
CREATE TABLE county.said AS SELECT rule_code, key, evidence, evidence_text FROM medaudit.finding;
CREATE TABLE county.backwards AS SELECT * FROM county.charge ORDER BY line_id DESC;
CREATE TABLE county.visit_backwards AS SELECT * FROM county.visit ORDER BY visit_id DESC;
CALL medaudit.bind('charge', 'county.backwards');
CALL medaudit.bind('visit', 'county.visit_backwards');
SET datestyle = 'German, DMY';
SET intervalstyle = sql_standard;
CALL medaudit.run_audit('2026-03-01', '2026-04-01', :'rules');
SELECT count(*) AS findings, count(*) FILTER (WHERE f.evidence IS NOT DISTINCT FROM s.evidence AND f.evidence_text IS NOT DISTINCT FROM s.evidence_text) AS same
FROM medaudit.finding AS f FULL JOIN county.said AS s ON s.rule_code = f.rule_code AND s.key = f.key;

RESET datestyle;
RESET intervalstyle;
DROP VIEW medaudit_data.visit, medaudit_data.charge, medaudit_data.person, medaudit_data.facility, medaudit_data.item;
TRUNCATE medaudit.binding, medaudit.run, medaudit.run_step, medaudit.run_quality, medaudit.finding, medaudit.finding_line;
DELETE FROM medaudit.rule WHERE NOT shipped;
DROP SCHEMA county CASCADE;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
