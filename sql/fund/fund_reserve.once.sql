-- What policy says of the pooled fund of employees.

INSERT INTO reserve_bound (fund, short, low, high, excess, source, shipped) VALUES
	(NULL, 3, 6, 9, 15, '人社部发〔2009〕67号：统筹基金累计结余原则上控制在6至9个月平均支付水平', true);
