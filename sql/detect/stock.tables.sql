-- What each kind of movement of stock means.

CREATE TABLE stock_class (
	kind text NOT NULL CHECK (kind <> ''),
	class text NOT NULL CONSTRAINT stock_class_class CHECK (class IN
		('opening', 'count', 'purchase', 'purchase_return', 'sale', 'sale_return', 'transfer', 'adjustment')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (kind, shipped)
);

COMMENT ON TABLE stock_class IS
	'进销存变动类别: what stock_move.kind means, compared folded; of alike kinds yours (shipped false). A kind that is not there, and none, is a sale where the quantity goes out, else a purchase; return (退货) is what comes back from a buyer where it comes in, else what goes back to a supplier';
COMMENT ON COLUMN stock_class.kind IS '变动类型: as the facility uploads it: 3501 to 3506, inv_chg_type 101 to 108, or a word';
COMMENT ON COLUMN stock_class.class IS '变动类别: opening (期初), count (盘点: how much there is, no movement), purchase, purchase_return, sale, sale_return, transfer (调拨), adjustment (损益)';
COMMENT ON COLUMN stock_class.shipped IS '内置: comes with medaudit';

GRANT SELECT ON stock_class TO PUBLIC;
SELECT pg_extension_config_dump('stock_class', 'WHERE NOT shipped');
