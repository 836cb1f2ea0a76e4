-- Indications in words: the terms of diseases that they name, and what people made of
-- them.
CREATE TABLE indication_term (
	term text NOT NULL CONSTRAINT indication_term_term CHECK (btrim(term) <> ''),
	diagnosis_prefixes text[] NOT NULL CONSTRAINT indication_term_prefixes
		CHECK (cardinality(diagnosis_prefixes) > 0 AND array_position(diagnosis_prefixes, NULL) IS NULL),
	shipped bool NOT NULL DEFAULT false,
	PRIMARY KEY (term, shipped)
);

COMMENT ON TABLE indication_term IS
	'适应症用语: what a word for a disease in a text of indications is in diagnosis codes; a row of yours (shipped false) goes before the shipped one of the same term, and the longest term that stands in a text before those within it';
COMMENT ON COLUMN indication_term.term IS '用语: a disease as texts of indications call it, as 2型糖尿病';
COMMENT ON COLUMN indication_term.diagnosis_prefixes IS '诊断前缀: beginnings of the codes of its diagnoses, as {E11}';
COMMENT ON COLUMN indication_term.shipped IS '内置: comes with medaudit';

CREATE TABLE indication_decision (
	rule_code text NOT NULL,
	note text NOT NULL,
	terms text[],
	diagnosis_prefixes text[] NOT NULL,
	certainty text,
	decided_by text NOT NULL,
	decided_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (rule_code, note)
);

COMMENT ON TABLE indication_decision IS
	'适应症确认: by whom the diagnoses of a text of indications were accepted; what comes in later with the same text is proposed with them';
COMMENT ON COLUMN indication_decision.rule_code IS '规则编号: rule of the rows';
COMMENT ON COLUMN indication_decision.note IS '限定条件原文: name of the drug and text, as charge_rule.note has them';
COMMENT ON COLUMN indication_decision.terms IS '用语: terms that were found in the text';
COMMENT ON COLUMN indication_decision.diagnosis_prefixes IS '诊断前缀: what was accepted';
COMMENT ON COLUMN indication_decision.certainty IS
	'结果类型: suspicion where the text says more than a disease; NULL: that of the rule';
COMMENT ON COLUMN indication_decision.decided_by IS '确认人: who accepted it last';
COMMENT ON COLUMN indication_decision.decided_at IS '确认时间: when';

GRANT SELECT ON indication_term, indication_decision TO PUBLIC;
SELECT pg_extension_config_dump('indication_term', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('indication_decision', '');
