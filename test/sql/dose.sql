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
