-- Interfaces 3501 to 3506 and inv_chg_type of the national upload, and words.

INSERT INTO stock_class (kind, class, shipped)
SELECT t.kind, t.class, true
FROM (VALUES ('3501', 'count'), ('3502', 'adjustment'), ('3503', 'purchase'), ('3504', 'purchase_return'), ('3505', 'sale'), ('3506', 'sale_return'),
	('101', 'transfer'), ('102', 'transfer'), ('103', 'adjustment'), ('104', 'adjustment'), ('105', 'adjustment'), ('106', 'adjustment'),
	('107', 'adjustment'), ('108', 'opening'), ('opening', 'opening'), ('count', 'count'), ('purchase', 'purchase'),
	('purchase_return', 'purchase_return'), ('sale', 'sale'), ('sale_return', 'sale_return'), ('transfer', 'transfer'),
	('adjustment', 'adjustment'), ('loss', 'adjustment'), ('期初', 'opening'), ('盘点', 'count'), ('采购', 'purchase'), ('入库', 'purchase'),
	('采购退货', 'purchase_return'), ('销售', 'sale'), ('销售退货', 'sale_return'), ('调拨', 'transfer'), ('损益', 'adjustment'), ('报损', 'adjustment'))
	AS t (kind, class);
