-- By what a diagnosis is treated or watched.

CREATE TABLE diagnosis_treatment (
	diagnosis_prefix text NOT NULL CONSTRAINT diagnosis_treatment_prefix CHECK (medaudit._diagnosis_fold(diagnosis_prefix) IS NOT NULL),
	item_code text NOT NULL CONSTRAINT diagnosis_treatment_item CHECK (btrim(item_code, E' %\t') <> ''::text),
	code_match text NOT NULL DEFAULT 'exact' CONSTRAINT diagnosis_treatment_match CHECK (code_match IN ('exact', 'service', 'product', 'generic')),
	note text,
	PRIMARY KEY (diagnosis_prefix, item_code, code_match)
);

COMMENT ON TABLE diagnosis_treatment IS
	'诊断与诊疗对照: what a stay with a diagnosis is treated or watched with, of which one row charged is enough; of a diagnosis without any row nothing is said. Ships empty: physicians of the fund write it';
COMMENT ON COLUMN diagnosis_treatment.diagnosis_prefix IS '诊断前缀: beginning of the code, whatever its case, width, dots and blanks';
COMMENT ON COLUMN diagnosis_treatment.item_code IS '项目编码: drug, examination, laboratory test, treatment or material; ending in % the beginning of codes, as XA10%';
COMMENT ON COLUMN diagnosis_treatment.code_match IS '比对方式: exact, service, product or generic, as charge_rule.code_match';
COMMENT ON COLUMN diagnosis_treatment.note IS '说明: whatever one wants to remember';

GRANT SELECT ON diagnosis_treatment TO PUBLIC;
SELECT pg_extension_config_dump('diagnosis_treatment', '');
