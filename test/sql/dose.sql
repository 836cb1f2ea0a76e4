-- How often: the forms of the dictionaries and of what doctors write.
SELECT given, medaudit.times_per_day(given) AS got, expected
FROM (VALUES
	('st', 1), ('ST', 1), ('qd', 1), ('qn', 1), ('hs', 1), ('bid', 2),
	('tid', 3), ('qid', 4), ('qod', 0.5), ('q2d', 0.5), ('q4d', 0.25),
	('qw', round(1 / 7.0, 20)), ('biw', round(2 / 7.0, 20)),
	('tiw', round(3 / 7.0, 20)), ('qow', round(1 / 14.0, 20)),
	('2W', round(1 / 14.0, 20)), ('3W', round(1 / 21.0, 20)),
	('4W', round(1 / 28.0, 20)), ('q1/2h', 48), ('qh', 24), ('q2h', 12),
	('q4h', 6), ('q6h', 4), ('q8h', 3), ('q12h', 2), ('Q.D.', 1),
	('b.i.d.', 2), ('BID', 2), ('ｔｉｄ', 3), ('tid po', 3), ('po tid', 3),
	('tid ac', 3), ('tid×7天', 3), ('q8h ivgtt', 3), ('q8小时', 3),
	('每日3次', 3), ('每日三次', 3), ('一日三次', 3), ('1日3次', 3), ('日三次', 3),
	('每天两次', 2), ('3次/日', 3), ('３次／天', 3), ('3/日', 3), ('3次每日', 3),
	('每日1次', 1), ('每日', 1), ('每8小时', 3), ('每8小时1次', 3),
	('12小时一次', 2), ('1次/12小时', 2), ('每12h', 2), ('每30分钟', 48),
	('隔日1次', 0.5), ('隔日', 0.5), ('隔天一次', 0.5), ('每2日1次', 0.5),
	('隔周一次', round(1 / 14.0, 20)), ('隔3日1次', 0.25),
	('每周三次', round(3 / 7.0, 20)), ('2次/周', round(2 / 7.0, 20)),
	('每星期一次', round(1 / 7.0, 20)), ('每两周一次', round(1 / 14.0, 20)),
	('每月1次', round(1 / 30.0, 20)), ('睡前', 1), ('睡前1次', 1), ('每晚睡前1次', 1),
	('每晚', 1), ('每晚1次', 1), ('每早一次', 1), ('早晚各1次', 2), ('早晚', 2),
	('早、晚各一次', 2), ('早中晚各1次', 3), ('每日早晚各1次', 2),
	('每天2次饭后', 2), ('1日3次(饭后)', 3), ('每日3次,餐前', 3)
) AS t(given, expected)
WHERE trim_scale(expected) IS DISTINCT FROM medaudit.times_per_day(given);

-- As needed, ranges, nonsense, nothing: NULL, never 0 and never a guess.
SELECT given, medaudit.times_per_day(given)
FROM unnest(ARRAY['prn', 'PRN', 'q8h prn', 'tid prn', 'sos', '必要时', '必要时1次',
	'疼痛时', '发热时1次', '备用', '2-3次/日', 'q4-6h', '每4-6小时', '0次/日', 'q0h',
	'适量', '遵医嘱', '3', '3次', '次', 'd', 'q', 'qx', 'tidd', '1日', '日', '每',
	'隔', '3日', '早晚1次', '每1/2', '每日3片', '99999999999999次/日', '1441次/日',
	'', ' ', repeat('每日3次', 100)]) AS given
WHERE medaudit.times_per_day(given) IS NOT NULL;
SELECT medaudit.times_per_day('1440次/日') AS once_a_minute;

-- How much, in the unit it is written in.
SELECT given, medaudit.dose_amount(given) AS got, amount, medaudit.dose_unit(given) AS got_unit, unit
FROM (VALUES
	('2片', 2, '片'), ('二片', 2, '片'), ('两粒', 2, '粒'), ('半片', 0.5, '片'),
	('1/2片', 0.5, '片'), ('½片', 0.5, '片'), ('0.5片', 0.5, '片'), ('1片半', 1.5, '片'),
	('1.0片', 1, '片'), ('2', 2, NULL), ('1支', 1, '支'), ('1#', 1, '片'),
	('2tab', 2, '片'), ('10滴', 10, '滴'), ('2喷', 2, '喷'), ('0.5g', 0.5, 'g'),
	('0.5克', 0.5, 'g'), ('500mg', 500, 'mg'), ('500毫克', 500, 'mg'),
	('５００ＭＧ', 500, 'mg'), ('50μg', 50, 'μg'), ('50ug', 50, 'μg'), ('50微克', 50, 'μg'),
	('5ml', 5, 'ml'), ('5毫升', 5, 'ml'), ('40IU', 40, 'u'), ('40单位', 40, 'u'),
	('40U', 40, 'u'), ('80万单位', 800000, 'u'), ('80万u', 800000, 'u'),
	('100万IU', 1000000, 'u'), ('每次2片', 2, '片'), ('一次2片', 2, '片'),
	('2片/次', 2, '片'), ('口服2片', 2, '片'), ('2片(0.5g)', 2, '片')
) AS t(given, amount, unit)
WHERE (amount, unit) IS DISTINCT FROM
	(medaudit.dose_amount(given), medaudit.dose_unit(given));
SELECT given, medaudit.dose_amount(given), medaudit.dose_unit(given)
FROM unnest(ARRAY['', ' ', '0', '0片', '0.0g', '-1片', '1-2片', '适量', '遵医嘱',
	'片', 'g', '0.25g×2片', '1万亿', '99999999999999片', '每日3次', '2片3次',
	'1..5g', 'NaN', repeat('1', 500)]) AS given
WHERE num_nonnulls(medaudit.dose_amount(given), medaudit.dose_unit(given)) > 0;

-- How much of a pack: tablets by their strength.
SELECT dose, spec, medaudit.dose_amount(dose, spec) AS units
FROM (VALUES
	(1, '0.5g', '0.25g×12片/盒'), (2, '500mg', '0.25g*12片'), (3, '125毫克', '0.25g×24粒'),
	(4, '2片', '0.25g×12片/盒'), (5, '2', '0.25g×12片/盒'), (6, '1g', '10ml:0.5g×5支'),
	(7, '10ml', '10ml:0.5g×5支'), (8, '160万单位', '80万单位×10支/盒'),
	(9, '0.1mg', '50μg×100片'), (10, '5ml', '0.25g×12片'), (11, '0.5g', '每盒12片'),
	(12, '适量', '0.25g×12片'), (13, '0.5g', '0g×12片'), (14, '0.5g', '')
) AS t(no, dose, spec) ORDER BY no;
SELECT spec, medaudit.pack_units(spec)
FROM unnest(ARRAY['0.25g×12片/盒', '0.25g*12片*2板/盒', '12片×2板', '10ml:0.5g×5支',
	'100片/瓶', '0.5g*24s', '0.25g', '盒', '0片', '']) WITH ORDINALITY AS t(spec, no)
ORDER BY no;

-- Half understood is not understood: prescriptions as hospitals type them.
-- Ranges, alternatives, sequences, stops, as needed: NULL; the near misses
-- beside them keep their value.
CREATE TEMP TABLE prescription (frequency text, expected numeric);
INSERT INTO prescription VALUES
	-- ranges and alternatives
	('一日两三次', NULL), ('每日三四次', NULL), ('一日二、三次', NULL), ('一日2～3次', NULL),
	('一日2~3次', NULL), ('一日2-3次', NULL), ('一日2一3次', NULL), ('一日2至3次', NULL),
	('每天2到3次', NULL), ('每日2或3次', NULL), ('2—3次/日', NULL), ('1日1次-2次', NULL),
	('一天三五次', NULL), ('一日十二三次', NULL), ('一日十几次', NULL), ('每日数次', NULL),
	('每日3次左右', NULL), ('每日3次以上', NULL), ('每日至多4次', NULL), ('不超过4次/日', NULL),
	('≤4次/日', NULL), ('约3次/日', NULL), ('bid~tid', NULL), ('bid-tid', NULL), ('bid/tid', NULL),
	('bid或tid', NULL), ('bid or tid', NULL), ('qd~bid', NULL), ('qd-bid', NULL), ('q6-8h', NULL),
	('q4~6h', NULL), ('q6h-q8h', NULL), ('每6～8小时一次', NULL), ('每8小时或每12小时', NULL),
	('每周2-3次', NULL), ('每周一、三、五', NULL), ('每周一三五', NULL), ('每一两天一次', NULL),
	('3次/日或2次/日', NULL), ('每日3次(或2次)', NULL), ('每日3次(2-3次)', NULL),
	('每日2次(2-3)', NULL), ('1 2次/日', NULL), ('1½次/日', NULL), ('-3次/日', NULL),
	('1日3三次', NULL), ('两 三次/日', NULL), ('一日兩三次', NULL),
	-- sequences and stops
	('先每日3次后每日1次', NULL), ('每日3次,然后每日1次', NULL), ('bid×3天然后qd', NULL),
	('bid×3天,然后qd', NULL), ('bid×3天,qd×5天', NULL), ('qd×3天,qd×5天', NULL),
	('前3天tid,以后bid', NULL), ('首日2次,次日起1次', NULL), ('用3天停4天', NULL),
	('qd,用3天停4天', NULL), ('qd(用3天停4天)', NULL), ('每日1次,连用5天停2天', NULL),
	('qd×21天,停7天', NULL), ('每日1次,吃五休二', NULL), ('qd,逐渐减量', NULL), ('bid停用', NULL),
	('每日1次,7天后停药', NULL), ('每日3次,症状缓解后改为每日1次', NULL), ('q3w d1', NULL),
	('qd d1-5', NULL), ('每日1次,每周2次', NULL), ('每周3天,每天1次', NULL), ('tid,qn', NULL),
	('tid+qn', NULL), ('bid及睡前', NULL), ('tid,睡前', NULL), ('每日3次,早晚', NULL),
	('每天早上一次,晚上一次', NULL), ('早2片晚1片', NULL), ('早1片,晚1片', NULL), ('qd早1片晚1片', NULL),
	('每晚1次,早上', NULL), ('早上,中午', 2), ('qd,bid', NULL), ('qd tid', NULL), ('每日3次/每日2次', NULL),
	-- as needed, in any spelling
	('p.r.n.', NULL), ('P R N', NULL), ('ＰＲＮ', NULL), ('SOS', NULL), ('s.o.s', NULL),
	('必要時', NULL), ('按需服用', NULL), ('按需要', NULL), ('酌情', NULL), ('疼时', NULL), ('痛时1片', NULL),
	('发烧时', NULL), ('体温>38.5℃时', NULL), ('睡不着时', NULL), ('失眠时睡前', NULL), ('咳嗽时服', NULL),
	('不适时', NULL), ('临时', NULL), ('as needed', NULL), ('if necessary', NULL),
	('tid 必要时', NULL), ('tid(必要时)', NULL), ('tid,睡不着时', NULL), ('tid(睡不着时)', NULL),
	('q8h(prn)', NULL), ('q8h,prn', NULL), ('qnprn', NULL), ('每日3次(疼痛时)', NULL),
	('每日3次,发热时', NULL), ('q6h(体温>38.5)', NULL), ('bid sos', NULL), ('st prn', NULL),
	('每日3次或遵医嘱', NULL), ('tid,遵医嘱', NULL), ('q4h,需要时', NULL),
	-- not to its end
	('tid×3', NULL), ('bid abc', NULL), ('每日3次每次2', NULL), ('每日3次每次2片每次1片', NULL),
	('每日3次×7天×2', NULL), ('qd(', 1), ('qd)', NULL), ('qd((早))', NULL), ('每日3次,3', NULL),
	('tid(每日2次)', NULL), ('每日2次(qd)', NULL), ('bid(8-12-16)', NULL), ('每8小时1次2次', NULL),
	-- understood, and to stay so
	('qd', 1), ('bid', 2), ('tid', 3), ('qid', 4), ('q8h', 3), ('qn', 1), ('qod', 0.5),
	('一日三次', 3), ('每日3次', 3), ('每8小时一次', 3), ('隔日一次', 0.5), ('每周两次', 2 / 7.0),
	('3次/日', 3), ('一日３次', 3), ('每日三次。', 3), ('tid.', 3), ('t.i.d., p.o.', 3), ('Ｔ．Ｉ．Ｄ', 3),
	('每天三回', 3), ('一天叁次', 3), ('一日十二次', 12), ('每十二小时一次', 2), ('每半小时1次', 48),
	('tid 7天', 3), ('tid*7天', 3), ('tid x 7天', 3), ('tid×7d', 3), ('tid-7天', 3), ('bid×2周', 2),
	('每日3次,连服7天', 3), ('每日3次，共7天', 3), ('一日三次,连用三天', 3), ('睡前×7天', 1),
	('tid(每日3次)', 3), ('每日三次(tid)', 3), ('每日3次(q8h)', 3), ('bid 每日两次', 2),
	('每日2次,早晚', 2), ('每日2次,早晚各1次', 2), ('bid(早晚)', 2), ('qd(早)', 1), ('qd 早上', 1),
	('qd am', NULL), ('隔日1次,早上', 0.5), ('每晚1次(睡前)', 1), ('睡前 qd', 1), ('qd hs', 1),
	('早上qd', 1), ('早晚 bid', 2), ('早晚 qd', NULL), ('bid(8-16)', 2), ('tid(8-12-16)', 3),
	('qd(8:00)', 1), ('bid(8:00,20:00)', 2), ('bid(8点,20点)', 2), ('q12h(8-20)', 2), ('qd(8am)', 1),
	('每日3次,每次2片', 3), ('口服,一次2片,一日3次', 3), ('一次2片，一日3次，饭后服用。', 3),
	('每次0.5g 每日2次', 2), ('2片 tid', 3), ('2片tid饭后', 3), ('早晚各1片', 2), ('睡前2片', 1),
	('每日3次,饭后半小时', 3), ('每日3次饭后30分钟服', 3), ('饭后2小时 bid', 2), ('每日3片', NULL), ('每周2片', NULL), ('2片每日', NULL), ('每8小时2片', 3), ('每晚2片', 1),
	('每日1片,每日1次', NULL), ('每日早晚各1次', 2), ('每日早上1次', 1),  ('睡前半小时', 1),
	('每日饭后3次', 3), ('每日口服3次', 3), ('每日服3次', 3), ('1日3次(饭后)', 3), ('(饭后)每日3次', 3),
	('随餐 tid', 3), ('1次/晚', 1), ('1次/d', 1), ('2次/w', 2 / 7.0), ('每8个小时一次', 3),
	('每隔8小时一次', 3), ('隔8小时1次', 3), ('每隔一天1次', 0.5), ('每隔2日1次', 1 / 3.0),
	('每3个月一次', 1 / 90.0), ('上午、下午各1次', 2), ('早上、中午、晚上', 3), ('每日早晨空腹1次', 1);
SELECT frequency, medaudit.times_per_day(frequency) AS got, expected
FROM prescription
WHERE round(medaudit.times_per_day(frequency), 12) IS DISTINCT FROM round(expected, 12);
-- the same of the normal form, but for blanks and signs that it drops
SELECT frequency, medaudit.times_per_day(medaudit.normalize_text(frequency)) AS got, expected
FROM prescription
WHERE frequency !~ '1 2|½' AND medaudit.times_per_day(medaudit.normalize_text(frequency)) IS NOT NULL
	AND round(medaudit.times_per_day(medaudit.normalize_text(frequency)), 12) IS DISTINCT FROM round(expected, 12);
-- anything behind a frequency that is understood must be understood, too
SELECT word, tail, medaudit.times_per_day(word || tail)
FROM unnest(ARRAY['qd', 'bid', 'tid', 'q8h', 'qod', '每日3次', '一日两次', '每8小时一次', '3次/日', '每周2次',
		'隔日1次', '早晚各1次', '睡前', '每晚1次']) AS word,
	unnest(ARRAY['必要时', ',必要时', '(必要时)', ' prn', ',prn', '(prn)', '-5次', '~5次', '或5次', ',5次/日',
		'(5次/日)', '然后停药', ',停4天', ',然后5次/日', '×3天停4天', '×3天,停4天', '?', ',?', '(?)', ' 痛时',
		'(睡不着时)', ',减量', '以上', '左右', '(2~3)', ',遵医嘱']) AS tail
WHERE medaudit.times_per_day(word || tail) IS NOT NULL;

CREATE TEMP TABLE dose_text (dose text, expected numeric, unit text);
INSERT INTO dose_text VALUES
	('一两片', NULL, NULL), ('两三片', NULL, NULL), ('三五粒', NULL, NULL), ('1-2片', NULL, NULL),
	('1～2片', NULL, NULL), ('1~2片', NULL, NULL), ('1—2片', NULL, NULL), ('1至2片', NULL, NULL),
	('一到两片', NULL, NULL), ('1一2片', NULL, NULL), ('1、2片', NULL, NULL), ('1或2片', NULL, NULL),
	('1片或2片', NULL, NULL), ('1片-2片', NULL, NULL), ('半片-1片', NULL, NULL), ('半到一片', NULL, NULL),
	('两半片', NULL, NULL), ('1 2片', NULL, NULL), ('1½片', NULL, NULL), ('1 1/2片', NULL, NULL),
	('1二片', NULL, NULL), ('十二三片', NULL, NULL), ('十几片', NULL, NULL), ('一百五mg', NULL, NULL),
	('0.5-1g', NULL, NULL), ('0.5g~1g', NULL, NULL), ('10-20ml', NULL, NULL), ('2片(1-2片)', NULL, NULL),
	('2片(1片)', NULL, NULL), ('2片(或3片)', NULL, NULL), ('2片(0.5g-1g)', NULL, NULL),
	('2片(必要时)', NULL, NULL), ('2片 必要时', NULL, NULL), ('2片prn', NULL, NULL), ('1片,疼痛时', NULL, NULL),
	('首剂2片', NULL, NULL), ('首次2片,以后1片', NULL, NULL), ('2片然后1片', NULL, NULL), ('早2片晚1片', NULL, NULL),
	('2片/日', NULL, NULL), ('每日2片', NULL, NULL), ('10mg/kg', NULL, NULL), ('5mg/ml', NULL, NULL),
	('约2片', NULL, NULL), ('2片左右', NULL, NULL), ('2片以上', NULL, NULL), ('每侧2喷', NULL, NULL),
	('2片×3次', NULL, NULL), ('1.5片半', NULL, NULL), ('5单', NULL, NULL), ('1,000mg', NULL, NULL),
	('2片,3片', NULL, NULL), ('2片(?)', NULL, NULL), ('2片(0.5', NULL, NULL), ('二两', NULL, NULL), ('5cm', NULL, NULL),
	('2片', 2, '片'), ('两片', 2, '片'), ('一片半', 1.5, '片'), ('十二片', 12, '片'), ('半片', 0.5, '片'),
	('½片', 0.5, '片'), ('1/3支', round(1 / 3.0, 20), '支'), ('五百毫克', 500, 'mg'), ('二毫升', 2, 'ml'),
	('80万单', 800000, 'u'), ('80万单位', 800000, 'u'), ('口服，每次2片', 2, '片'), ('一次一片', 1, '片'),
	('2片,饭后', 2, '片'), ('2片(饭后)', 2, '片'), ('2片 po', 2, '片'), ('1支(2ml:10mg)', 1, '支'),
	('2片(每片0.25g)', 2, '片'), ('0.5g(500mg)', 0.5, 'g'), ('0.5g(2片)', 0.5, 'g'), ('1袋(3g)', 1, '袋'),
	('一百五十mg', 150, 'mg'), ('一百零五mg', 105, 'mg'), ('1.5kg', 1.5, 'kg'), ('1千克', 1, 'kg');
SELECT dose, medaudit.dose_amount(dose), expected, medaudit.dose_unit(dose), unit
FROM dose_text
WHERE (expected, unit) IS DISTINCT FROM
	(round(medaudit.dose_amount(dose), 20), medaudit.dose_unit(dose));
SELECT dose, medaudit.dose_amount(medaudit.normalize_text(dose)), expected
FROM dose_text
WHERE dose !~ '1 [12]|1½' AND round(medaudit.dose_amount(medaudit.normalize_text(dose)), 16) <> coalesce(round(expected, 16), -1);

CREATE TEMP TABLE pack (spec text, expected numeric);
INSERT INTO pack VALUES
	('12片×2板/盒(24片)', 24), ('12片×2板/盒(30片)', NULL), ('24片/盒(12片×2板)', 24), ('24片/盒(12片×3板)', NULL),
	('12片×2板=24片', 24), ('12片×2板=36片', NULL), ('每盒2板,每板12片,共24片', 24), ('每盒2板,每板12片,共36片', NULL),
	('0.25g*12片*2板/盒,共24片', 24), ('1盒(24片)', 24), ('1盒×24片', 24), ('24片(2板)', NULL), ('一盒24片', 24),
	('12~24片', NULL), ('12-24片', NULL), ('12片-24片', NULL), ('12片或24片', NULL), ('12片/24片', NULL),
	('12片、24片', NULL), ('十二三片', NULL), ('两三片', NULL), ('12片×24粒', NULL), ('12片×2片', NULL),
	('12片/2板', NULL), ('12片/瓶×2板', NULL), ('12片(或24片)', NULL), ('12片(赠2片)', NULL), ('12片+2片', NULL),
	('12片左右', NULL), ('约12片', NULL), ('0.25-0.5g×12片', NULL), ('0.25g×12片?', NULL), ('12 24片', NULL),
	('0.25g×12片/盒,0.25g×24片/盒', NULL), ('-12片', NULL), ('5×7×10片', 350), ('5cm×7cm×10片', 10),
	('5×7cm×10片', NULL), ('5mg/ml×10支', NULL), ('12片×0板', NULL), ('12片()', 12), ('12片)', NULL), ('((12片))', NULL),
	('0.3g*10*2板', 20), ('0.3g*10*2', 20), ('0.25g*24', 24), ('24', NULL), ('0.25g/片×12片', 12),
	('0.25g/片,12片/盒', 12), ('0.25g/12片', 12), ('12片/板×2板/盒', 24), ('12片/板,2板/盒', 24), ('2板×12片', 24),
	('每板12片×2板', 24), ('每盒24片', 24), ('24片装', 24), ('0.25g×24片(薄膜衣片)', 24), ('0.25g(以阿莫西林计)×24粒', 24),
	('每片装0.25g', NULL), ('每片0.25g×12片', 12), ('2ml:80mg(8万单位)×10支', 10), ('3ml:300单位(10.92mg)(笔芯)×1支', 1),
	('100μg/喷×200喷', 200), ('每瓶200揿,每揿含50μg', 200), ('50μg/揿,120揿/瓶', 120), ('0.9%,100ml:0.9g', NULL),
	('0.625g(0.5g:0.125g)×12片', 12), ('6g×10袋', 10), ('10ml×6支×2盒', 12), ('十片×三板', 30), ('20mg*7粒*4板', 28),
	('0.25gX24粒', 24), ('100片/瓶(塑料瓶)', 100), ('5片×10袋', 50), ('12片/板*3板/盒*10盒', 360), ('10ml*5', 5);
SELECT spec, medaudit.pack_units(spec), expected
FROM pack WHERE medaudit.pack_units(spec) IS DISTINCT FROM expected;
SELECT spec, medaudit.pack_units(medaudit.normalize_text(spec)), expected
FROM pack WHERE spec <> '12 24片' AND medaudit.pack_units(medaudit.normalize_text(spec)) <> coalesce(expected, -1);
-- the dose in a pack that is not understood, or that has no one strength
SELECT dose, spec, medaudit.dose_amount(dose, spec) AS got, expected
FROM (VALUES
	('0.5g', '0.25-0.5g×12片', NULL), ('0.5g', '0.625g(0.5g:0.125g)×12片', NULL), ('0.5g', '0.25g或0.5g', NULL),
	('0.5g', '0.25g(250mg)×12片', 2), ('0.5g', '每片0.25g×12片', 2), ('1盒', '0.25g×12片/盒', NULL),
	('1板', '12片×2板', NULL), ('1袋', '6g×10袋', 1), ('1瓶', '100ml', 1), ('1~2片', '0.25g×12片', NULL),
	('20mg', '2ml:80mg(8万单位)×10支', 0.25), ('4万单位', '2ml:80mg(8万单位)×10支', 0.5)
) AS t(dose, spec, expected)
WHERE medaudit.dose_amount(dose, spec) IS DISTINCT FROM expected;

-- How long it lasts: two packs of 12, two tablets three times a day: 4 days.
SELECT medaudit.days_supply(2, 12, 2, 3) AS days,
	medaudit.days_supply(quantity => 1, pack_units => 12, dose_per_time => 1,
		times_per_day => medaudit.times_per_day('qw')) AS weekly,
	medaudit.days_supply(-1, 12, 1, 1) AS refund,
	medaudit.days_supply(1, medaudit.pack_units('0.25g×12片/盒'),
		medaudit.dose_amount('0.5g', '0.25g×12片/盒'),
		medaudit.times_per_day('每日三次')) AS from_text;
SELECT num_nonnulls(
	medaudit.days_supply(NULL, 12, 1, 1), medaudit.days_supply(1, NULL, 1, 1),
	medaudit.days_supply(1, 12, NULL, 1), medaudit.days_supply(1, 12, 1, NULL),
	medaudit.days_supply(1, 12, 1, medaudit.times_per_day('prn')),
	medaudit.days_supply(1, 0, 1, 1), medaudit.days_supply(1, 12, 0, 1),
	medaudit.days_supply(1, 12, 1, 0), medaudit.days_supply(1, 12, -1, 1),
	medaudit.days_supply('NaN', 12, 1, 1), medaudit.days_supply('Infinity', 12, 1, 1),
	medaudit.days_supply(1, 'NaN', 1, 1), medaudit.days_supply(1, 12, 'Infinity', 1),
	medaudit.days_supply(1, 12, 1, 'NaN'),
	medaudit.times_per_day(NULL), medaudit.dose_amount(NULL),
	medaudit.dose_amount(NULL, '1g'), medaudit.dose_amount('1g', NULL),
	medaudit.pack_units(NULL)) AS not_null;

-- Against slow plain SQL on every regular form.
SELECT count(*) AS forms, bool_and(medaudit.times_per_day(form) IS NOT DISTINCT FROM expected) AS agree
FROM (SELECT replace(replace(replace(pattern, 'U', unit), 'N', n::text), 'M', m::text) AS form,
		trim_scale(m::numeric / (n * days)) AS expected
	FROM unnest(ARRAY['每NUM次', 'M次/NU', '每N UM次', 'NUM次']) AS pattern,
		(VALUES ('日', 1), ('天', 1), ('周', 7), ('月', 30), ('星期', 7)) AS u(unit, days),
		generate_series(1, 4) AS n, generate_series(1, 4) AS m) AS t;
