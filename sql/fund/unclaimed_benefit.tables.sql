-- Which drugs tell of a chronic disease for which there is a benefit that has to be applied for.

CREATE TABLE chronic_benefit (
	benefit text NOT NULL CHECK (benefit <> ''),
	name_zh text NOT NULL,
	name_en text NOT NULL,
	drug_classes text[] NOT NULL CONSTRAINT chronic_benefit_classes CHECK (cardinality(drug_classes) > 0 AND array_ndims(drug_classes) = 1
		AND array_position(drug_classes, NULL) IS NULL AND array_position(drug_classes, '') IS NULL),
	diagnosis_prefixes text[],
	certificate_codes text[],
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (benefit, shipped)
);

COMMENT ON TABLE chronic_benefit IS
	'慢病待遇: benefits of chronic diseases that somebody must apply for, and the drugs by which one sees who could; of two rows of one benefit yours (shipped false)';
COMMENT ON COLUMN chronic_benefit.benefit IS '待遇: its code';
COMMENT ON COLUMN chronic_benefit.name_zh IS '待遇名称: in Chinese';
COMMENT ON COLUMN chronic_benefit.name_en IS '待遇英文名称: in English';
COMMENT ON COLUMN chronic_benefit.drug_classes IS '药品编码前缀: beginnings of national drug codes';
COMMENT ON COLUMN chronic_benefit.diagnosis_prefixes IS '诊断编码前缀: beginnings of diagnoses that say the same; NULL: none';
COMMENT ON COLUMN chronic_benefit.certificate_codes IS '备案病种编码前缀: beginnings of certificate.disease_code that give the benefit; NULL: any certificate does';
COMMENT ON COLUMN chronic_benefit.shipped IS '内置: comes with medaudit';

GRANT SELECT ON chronic_benefit TO PUBLIC;
SELECT pg_extension_config_dump('chronic_benefit', 'WHERE NOT shipped');
