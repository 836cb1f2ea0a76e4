-- The tags by which rules over stays leave out visits, and which visits are stays.

CREATE TABLE stay_tag (
	tag text NOT NULL,
	diagnosis_prefix text,
	visit_type text,
	payment_method text,
	household_people int,
	any_diagnosis bool NOT NULL DEFAULT false,
	shipped bool NOT NULL DEFAULT false,
	CHECK (coalesce(diagnosis_prefix, visit_type, payment_method,
		household_people::text) IS NOT NULL),
	CHECK (diagnosis_prefix IS NULL OR _diagnosis_fold(diagnosis_prefix) IS NOT NULL),
	CHECK (code_fold(visit_type) <> ''::text AND code_fold(payment_method) <> ''::text)
);

COMMENT ON TABLE stay_tag IS
	'住院标签: which visits carry a tag, by diagnosis, type of visit, payment and household; all conditions of a row must hold; of the rows of a tag that name a type of visit those with the longest beginning that fits decide; the tags referral, newborn, refunded and drugs_only come from the visit itself';
COMMENT ON COLUMN stay_tag.tag IS '标签: name that the parameters exclude_tags and exclude_later_tags use';
COMMENT ON COLUMN stay_tag.diagnosis_prefix IS
	'诊断前缀: beginning of the main diagnosis, whatever its case, width, dots and blanks; NULL: any';
COMMENT ON COLUMN stay_tag.any_diagnosis IS
	'任一诊断: diagnosis_prefix may begin any diagnosis of the visit; false: the main one';
COMMENT ON COLUMN stay_tag.visit_type IS
	'医疗类别: beginning of the type of the visit, whatever its case and width; NULL: any';
COMMENT ON COLUMN stay_tag.payment_method IS
	'支付方式: payment_method of the visit, whatever its case and width; NULL: any';
COMMENT ON COLUMN stay_tag.household_people IS
	'户内人数: people of the register with the same household_id or the same key of their address, at least; NULL: any';
COMMENT ON COLUMN stay_tag.shipped IS '内置: comes with medaudit';

CREATE TABLE visit_class (
	visit_type text NOT NULL,
	class text NOT NULL CHECK (class IN ('stay', 'visit')),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (visit_type, shipped)
);

COMMENT ON TABLE visit_class IS
	'就诊分类: which types of visit are hospital stays, by the longest beginning that fits; yours (shipped false) go before. A type that is not here, or NULL, is a stay when it lasts a night';
COMMENT ON COLUMN visit_class.visit_type IS
	'医疗类别: beginning of visit.visit_type';
COMMENT ON COLUMN visit_class.class IS '分类: stay or visit';
COMMENT ON COLUMN visit_class.shipped IS '内置: comes with medaudit';

GRANT SELECT ON stay_tag, visit_class TO PUBLIC;
SELECT pg_extension_config_dump('stay_tag', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('visit_class', 'WHERE NOT shipped');
