-- The rules over stock that come with medaudit.

UPDATE rule_kind SET asks = format('medaudit._ask_%s(bigint,text,jsonb)', kind), natural_period = 'month' WHERE book = 'stock';

INSERT INTO rule (rule_code, kind, violation, name_zh, name_en, certainty,
	subject, article, behaviour_code, source, enabled, shipped) VALUES
	('stock_deficit', 'stock_deficit', '进销存不符', '销售数量超过库存数量',
		'more was sold than there was', 'suspicion', 'facility', 'A16', NULL, '条例第十六条', true, true),
	('never_purchased', 'never_purchased', '进销存不符', '销售的商品没有采购记录',
		'products that were sold and never purchased', 'suspicion', 'facility', 'A16', NULL, '条例第十六条', true, true),
	('trace_reuse', 'trace_reuse', '追溯码重复', '同一追溯码多次销售',
		'a pack that was sold more than once', 'suspicion', 'facility', 'A38(4)', NULL, '条例第三十八条第四项', true, true),
	('card_price', 'card_price', '刷卡价高于现金价', '刷卡销售价格高于现金销售价格',
		'dearer by card than for cash', 'suspicion', 'facility', 'A38(3)', NULL, '条例第三十八条第三项，定点零售药店服务协议', true, true);

UPDATE rule SET national_code = 'GZ10000202001000' WHERE rule_code IN ('stock_deficit', 'never_purchased');

INSERT INTO evidence_template (kind, zh, en) VALUES
	('stock_deficit',
		'{facility_name}的{product_name}（{product}）于{window.0:date}期初结存{opening}，至{window.1:date}采购{purchased}，销售{sold}，其他变动{other}；{first_negative_on:date}起销售超过库存，结存最低为{lowest}[，其中以前月份已缺{carried}][，折合{gross_amount:money}]。',
		'{facility_name}: of {product_name} ({product}) there was {opening} on {window.0}; until {window.1} {purchased} came in, {sold} were sold and {other} moved otherwise; from {first_negative_on} on more was sold than there was, {lowest} at the lowest[, of which {carried} were lacking before][, worth {gross_amount} yuan].'),
	('never_purchased',
		'{facility_name}于{window.0:date}至{window.1:date}销售{product_name}（{product}）{sold}[，金额{sold_amount:money}]，在查阅的进销存记录（当月及此前730天，最早一笔为{records_from:date}）中没有该商品的采购、调入或盘点记录。',
		'{facility_name} sold {sold} of {product_name} ({product}) from {window.0} to {window.1}[, for {sold_amount} yuan]; none was purchased, brought in or counted in its records of that month and the 730 days before it, the first of which is of {records_from}.'),
	('trace_reuse',
		'{facility_name}于{sold_at:time}销售的{product_name}（{product}），其追溯码{trace_code}自{window.0:date}以来在{facilities}家机构共销售{sales}次[、退回{returns}次]，多出{excess_sales}次[；{last_sellers}同日均有销售，先后不明]。',
		'{facility_name} sold {product_name} ({product}) at {sold_at} under trace code {trace_code}, which was sold {sales} times at {facilities} places since {window.0}[ and came back {returns} times]: {excess_sales} times too often[; {last_sellers} all sold it on that date, and which was the last is not known].'),
	('card_price',
		'{facility_name}于{window.0:date}至{window.1:date}销售{product_name}（{product}），刷卡{card_sales}次的中位单价{card_price}元，现金{cash_sales}次的中位单价{cash_price}元，刷卡高出现金价部分共{gross_amount:money}。',
		'{facility_name} sold {product_name} ({product}) from {window.0} to {window.1} by card at {card_price} yuan (median of {card_sales} sales) and for cash at {cash_price} ({cash_sales} sales); {gross_amount} yuan lie above the price for cash.');
