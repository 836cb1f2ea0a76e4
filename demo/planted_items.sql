-- What the cases of planted.sql charge, by the rows of the starter rules, and
-- the rules they are planted for.
INSERT INTO demo.case_item VALUES
	('twin', '002103000010000', 120),
	('exday.whole', '001201000010000', 40), ('exday.part', '001201000040000', 16),
	('exvisit.whole', '003310080200000', 900), ('exvisit.part', '003310080010000', 50),
	('exhours.whole', '003101000050000', 40), ('exhours.part', '003101000040000', 30),
	('daycap', '001201000150000', 30), ('hourcap', '003107010200000', 6),
	('period15', '002503020030000', 60), ('period14', '003402000390000', 60),
	('amountcap', '001206000010000', 100), ('price', '002203010010000', 100),
	('package', '002503050990000', 60),
	('part1', '002503050010000', 30), ('part2', '002503050020000', 25), ('part3', '002503050030000', 25),
	('filler', '001204000010000', 7);
INSERT INTO demo.case_rule VALUES
	('split', 'split_stays'), ('overlap', 'overlapping_stays'), ('household', 'same_household_admissions'),
	('dup', 'dup'), ('exday', 'exday'), ('exvisit', 'exvisit'), ('exhours', 'exhours'),
	('daycap', 'daycap'), ('hourcap', 'hourcap'), ('period15', 'period15'), ('period14', 'period14'),
	('amountcap', 'amountcap'), ('price', 'price'), ('package', 'package');
