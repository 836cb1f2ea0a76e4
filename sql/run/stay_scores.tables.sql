-- What a visit looks like, and how far a stay looks like one of the known
-- kinds of abuse: parts that can be checked one by one, and their weighted
-- mean.  Charges are read once, summed by visit, date, category and item.

CREATE FUNCTION _is_charge_class(class text) RETURNS bool
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN class IN ('bed', 'consultation', 'exam', 'laboratory', 'treatment', 'surgery',
		'nursing', 'material', 'drug', 'other');

COMMENT ON FUNCTION _is_charge_class(text) IS
	'是否收费分类: bed, consultation, exam, laboratory, treatment, surgery, nursing, material, drug or other; NULL for NULL';

CREATE TABLE charge_class (
	category text NOT NULL,
	class text NOT NULL CHECK (_is_charge_class(class)),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (category, shipped)
);

COMMENT ON TABLE charge_class IS
	'收费类别分类: class of charges by the longest beginning of item.class or charge.category that fits; yours (shipped false) go before';
COMMENT ON COLUMN charge_class.category IS
	'收费项目类别: beginning of item.class or charge.category, as med_chrgitm_type or its name, whatever its case and width';
COMMENT ON COLUMN charge_class.class IS
	'分类: bed, consultation, exam, laboratory, treatment, surgery, nursing, material, drug or other';
COMMENT ON COLUMN charge_class.shipped IS '内置: comes with medaudit';

CREATE TABLE code_class (
	code text NOT NULL,
	class text NOT NULL CHECK (_is_charge_class(class)),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (code, shipped)
);

COMMENT ON TABLE code_class IS
	'项目编码分类: class of charges by the longest beginning of the national code that fits, where neither item.class nor charge.category tells; yours (shipped false) go before';
COMMENT ON COLUMN code_class.code IS
	'编码: beginning of item.national_code, else of charge.item_code; shipped rows hold for national service codes (15 digits) only';
COMMENT ON COLUMN code_class.class IS '分类: as charge_class.class';
COMMENT ON COLUMN code_class.shipped IS '内置: comes with medaudit';

CREATE TABLE score_weight (
	score text NOT NULL CHECK (score IN ('split_stay', 'hang_bed', 'low_standard', 'resale')),
	part text NOT NULL,
	weight numeric NOT NULL CHECK (weight >= 0::numeric AND weight < 'infinity'),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (score, part, shipped)
);

COMMENT ON TABLE score_weight IS
	'评分权重: weight of each part of a score; yours (shipped false) go before';
COMMENT ON COLUMN score_weight.score IS '评分: split_stay, hang_bed, low_standard or resale';
COMMENT ON COLUMN score_weight.part IS '分项: column of the score without _part';
COMMENT ON COLUMN score_weight.weight IS '权重: from 0 (left out) on; only their proportion counts';
COMMENT ON COLUMN score_weight.shipped IS '内置: comes with medaudit';

GRANT SELECT ON charge_class, code_class, score_weight TO PUBLIC;
SELECT pg_extension_config_dump('charge_class', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('code_class', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('score_weight', 'WHERE NOT shipped');
