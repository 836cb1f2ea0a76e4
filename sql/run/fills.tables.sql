-- What a fund knows of how long drugs may last: most days of a prescription, most
-- money of one, and how much of a drug is usually taken.

CREATE TABLE supply_limit (
	visit_type text,
	drug_class text,
	diagnosis_prefix text,
	take_home bool,
	max_days numeric NOT NULL CHECK (max_days > 0::numeric AND max_days < 'infinity'),
	shipped bool NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX ON supply_limit (coalesce(visit_type, ''), coalesce(drug_class, ''), coalesce(diagnosis_prefix, ''), coalesce(take_home::int, -1), shipped);

COMMENT ON TABLE supply_limit IS
	'处方限量: days of supply that one prescription may give; of the rows whose conditions all hold the one with the longest visit_type, then drug_class, then diagnosis_prefix, then the one that says take_home; of alike ones yours (shipped false)';
COMMENT ON COLUMN supply_limit.visit_type IS '医疗类别: beginning of visit.visit_type; NULL: any';
COMMENT ON COLUMN supply_limit.drug_class IS '药品编码前缀: beginning of the national drug code; NULL: any';
COMMENT ON COLUMN supply_limit.diagnosis_prefix IS '诊断编码前缀: beginning of some diagnosis of the visit; NULL: any';
COMMENT ON COLUMN supply_limit.take_home IS '出院带药: true: only what is taken home from a stay, false: only what is not; NULL: either';
COMMENT ON COLUMN supply_limit.max_days IS '最多天数: days of supply, above 0';
COMMENT ON COLUMN supply_limit.shipped IS '内置: comes with medaudit';

CREATE TABLE prescription_cap (
	person_class text,
	visit_type text,
	max_amount numeric NOT NULL CHECK (max_amount > 0::numeric AND max_amount < 'infinity'),
	valid daterange CHECK (NOT isempty(valid)),
	shipped bool NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX ON prescription_cap (coalesce(person_class, ''), coalesce(visit_type, ''), coalesce(valid, '(,)'::daterange), shipped);

COMMENT ON TABLE prescription_cap IS
	'处方金额上限: yuan that the drugs of one prescription may cost; of the rows whose conditions all hold the one with the longest person_class, then visit_type, then the one that begins latest. Ships empty: no such number holds everywhere';
COMMENT ON COLUMN prescription_cap.person_class IS '人员类别: beginning of person.person_class; NULL: any';
COMMENT ON COLUMN prescription_cap.visit_type IS '医疗类别: beginning of visit.visit_type; NULL: any';
COMMENT ON COLUMN prescription_cap.max_amount IS '最高金额: yuan, above 0';
COMMENT ON COLUMN prescription_cap.valid IS '有效期间: dates of prescription for which it holds; NULL: always';
COMMENT ON COLUMN prescription_cap.shipped IS '内置: comes with medaudit';

CREATE TABLE usual_dose (
	drug_code text NOT NULL CHECK (drug_code <> ''),
	units_per_day numeric NOT NULL CHECK (units_per_day > 0::numeric AND units_per_day < 'infinity'),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (drug_code, shipped)
);

COMMENT ON TABLE usual_dose IS
	'常用日剂量: how many units of the pack are usually taken a day, by the longest beginning of the drug code that fits, where neither the prescription nor the upload tells; of alike ones yours (shipped false). Ships empty';
COMMENT ON COLUMN usual_dose.drug_code IS '药品编码前缀: beginning of the national drug code';
COMMENT ON COLUMN usual_dose.units_per_day IS '每日用量: units of the pack (tablets, vials …) a day, above 0';
COMMENT ON COLUMN usual_dose.shipped IS '内置: comes with medaudit';

GRANT SELECT ON supply_limit, prescription_cap, usual_dose TO PUBLIC;
SELECT pg_extension_config_dump('supply_limit', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('prescription_cap', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('usual_dose', 'WHERE NOT shipped');
