-- Regulation 735 (医疗保障基金使用监督管理条例), in force since 2021-05-01, chapter 5.

INSERT INTO penalty_scale (article, paragraph, circumstance, valid, base, low_multiple, high_multiple, fixed_low, fixed_high,
	suspend_low, suspend_high, note, shipped)
SELECT s.article, s.paragraph, s.circumstance, '[2021-05-01,)', s.base, s.low_multiple, s.high_multiple, s.fixed_low, s.fixed_high,
	s.suspend_low, s.suspend_high, s.note, true
FROM (VALUES
	('A37', 1, NULL, 'fraud', 2::numeric, 5::numeric, NULL::numeric, NULL::numeric, NULL::int, NULL::int, '责令退回，处骗取金额2倍以上5倍以下的罚款'),
	('A38', 1, NULL, 'loss', 1, 2, NULL, NULL, NULL, NULL, '责令退回，处造成损失金额1倍以上2倍以下的罚款'),
	('A38', 1, 'serious', 'loss', 1, 2, NULL, NULL, 6, 12, '拒不改正或者造成严重后果的，并责令暂停相关责任部门6个月以上1年以下涉及医疗保障基金使用的医药服务'),
	('A39', 1, NULL, 'none', NULL, NULL, NULL, NULL, NULL, NULL, '责令改正，并可以约谈有关负责人'),
	('A39', 1, 'refused', 'none', NULL, NULL, 10000, 50000, NULL, NULL, '拒不改正的，处1万元以上5万元以下的罚款'),
	('A40', 1, NULL, 'fraud', 2, 5, NULL, NULL, 6, 12, '责令退回，处骗取金额2倍以上5倍以下的罚款；责令暂停相关责任部门6个月以上1年以下涉及医疗保障基金使用的医药服务，直至解除服务协议'),
	('A40', 2, NULL, 'fraud', 2, 5, NULL, NULL, 6, 12, '以骗取医疗保障基金为目的实施第三十八条规定行为的，按照本条规定处理'),
	('A41', 1, NULL, 'loss', NULL, NULL, NULL, NULL, 3, 12, '责令退回；暂停其医疗费用联网结算3个月至12个月'),
	('A41', 2, NULL, 'fraud', 2, 5, NULL, NULL, 3, 12, '除依照前款规定处理外，处骗取金额2倍以上5倍以下的罚款')
) AS s (article, paragraph, circumstance, base, low_multiple, high_multiple, fixed_low, fixed_high, suspend_low, suspend_high, note);
