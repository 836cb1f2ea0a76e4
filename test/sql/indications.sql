-- indications: texts become conditions when a person accepts what is proposed
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
DELETE FROM medaudit.rule WHERE NOT shipped;
INSERT INTO medaudit.rule (rule_code, kind, name_zh, certainty) VALUES ('t_indication', 'restriction', '限适应症', 'violation'), ('t_other', 'restriction', '另一规则', 'suspicion');
CREATE TEMP TABLE said (item_code text, note text);
INSERT INTO said VALUES
	('A1', '甲片: 限2型糖尿病。'), ('A2', '甲片: 限2型糖尿病。'), ('B', '乙片: 限成人2型糖尿病患者的血糖控制。'), ('C', '丙片: 限：1.反流性食管炎；2.十二指肠溃疡。'),
	('D', '丁片: 限非肝硬化慢性丙型肝炎。'), ('E', '戊片: 限肝功能不全(严重肝功能不全者除外)患者的二线用药。'), ('F', '己片: 限间变性淋巴瘤激酶(ALK)阳性的局部晚期或转移性非小细胞肺癌(NSCLC)患者。'),
	('G', '糖尿病酮症片: 限艾滋病病毒感染。'), ('H', '庚片: 限头孢菌素耐药或重症感染患者。'), ('I', '辛片: 限成人单纯型甲型流感患者的治疗，不包括存在流感相关并发症高风险的患者。'), ('J', '壬片: 限医院获得性肺炎(HAP)，但呼吸机相关性肺炎(VAP)除外。'),
	('K', '癸片: 限与甲联合用于乳腺癌。'), ('L', '限痛风伴高尿酸血症患者'), ('M', '子片: 限缺铁，支付不超过14天。'), ('O', '寅片: 限既往化疗失败的乳腺癌。'), ('P', '卯片: 限对肿瘤坏死因子α拮抗剂应答不足的克罗恩病患者。'), ('Q', '辰片: 限放化疗。'), ('N', '丑片: 限绝经后女性骨质疏松症。');
INSERT INTO medaudit.charge_rule (rule_code, item_code, note) SELECT 't_indication', item_code, note FROM said;
INSERT INTO medaudit.charge_rule (rule_code, item_code, note) VALUES ('t_other', 'A1', '甲片: 限2型糖尿病。');
-- what is no text alone waits for nothing
INSERT INTO medaudit.charge_rule (rule_code, item_code, note, sex) VALUES ('t_indication', 'Z1', '限2型糖尿病。', '2');
INSERT INTO medaudit.charge_rule (rule_code, item_code, note, excluded_visit_types) VALUES ('t_indication', 'Z2', '限2型糖尿病。', '{14}');
SELECT note, rows, item_codes, terms, diagnosis_prefixes AS prefixes, disease_only AS only, says, rest, certainty, accepted_by FROM medaudit.propose_indications('t_indication');
SELECT count(*) AS all_rules, count(*) FILTER (WHERE rule_code = 't_other') AS other FROM medaudit.propose_indications();
SELECT count(*) AS none FROM medaudit.propose_indications('nowhere');
SELECT rows, rows_pending FROM medaudit.rule_match(medaudit.compile_rules('t_indication'), '{A1,B}');
-- what cannot be accepted, and then nothing is
SELECT medaudit.accept_indications(NULL);
SELECT medaudit.accept_indications('{"甲片: 限2型糖尿病。",NULL}');
SELECT medaudit.accept_indications('{"甲片: 限2型糖尿病。","没有这一条"}');
SELECT medaudit.accept_indications('{"甲片: 限2型糖尿病。","庚片: 限头孢菌素耐药或重症感染患者。"}');
SELECT medaudit.accept_indications('{"甲片: 限2型糖尿病。"}', '{}');
SELECT medaudit.accept_indications('{"癸片: 限与甲联合用于乳腺癌。"}', '{E11,""}');
SELECT medaudit.accept_indications('{"甲片: 限2型糖尿病。"}', actor => '王敏');
SELECT count(*) AS judging FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%' AND diagnosis_prefixes IS NOT NULL;
SELECT medaudit.accept_indications('{}') AS nothing;
-- accepted: those of one rule, the same text of another waits; a text that says more is a suspicion whatever the rule is
SELECT medaudit.accept_indications(array_agg(note), rule_code => 't_indication') AS rows FROM medaudit.propose_indications('t_indication') WHERE disease_only;
INSERT INTO medaudit.gateway VALUES (session_user, 'test') ON CONFLICT DO NOTHING;
SELECT medaudit.accept_indications('{"乙片: 限成人2型糖尿病患者的血糖控制。","癸片: 限与甲联合用于乳腺癌。"}', actor => ' 王敏 ') AS proposed, medaudit.accept_indications('{"庚片: 限头孢菌素耐药或重症感染患者。"}', '{A40,A41}', actor => '李强') AS said;
SELECT item_code, diagnosis_prefixes AS prefixes, certainty FROM medaudit.charge_rule WHERE rule_code LIKE 't\_%' AND diagnosis_prefixes IS NOT NULL ORDER BY rule_code, item_code COLLATE "C";
SELECT note, terms, diagnosis_prefixes AS prefixes, certainty, CASE WHEN decided_by = session_user THEN 'me' ELSE decided_by END AS who FROM medaudit.indication_decision ORDER BY note COLLATE "C";
SELECT rule_code, rows, rows_that_match, rows_pending FROM medaudit.rule_match(medaudit.compile_rules('t_indication', 't_other'), '{A1,B}');
-- what is judged now, and what is not: a diagnosis that allows it, another, none known, and a row that still waits
SELECT d.codes, i, a.outcome, a.certainty FROM (VALUES ('{E11.900}'::text[]), ('{J18.900}'), (NULL)) AS d (codes), (SELECT i, medaudit.ledger(i, 1, 10, timestamp '2026-05-01 08:00') AS book FROM unnest('{A1,B,D}'::text[]) AS i GROUP BY i) AS b,
	medaudit.audit_charges(b.book, medaudit.visit_context(diagnosis_codes => d.codes), medaudit.compile_rules('t_indication')) AS a ORDER BY d.codes, i;
-- rows that come in later with the same text are proposed as they were accepted, whatever the terms say since; one's own term goes before
INSERT INTO medaudit.indication_term (term, diagnosis_prefixes) VALUES ('2型糖尿病', '{E11,E14}'), ('重症感染', '{A40}');
INSERT INTO medaudit.charge_rule (rule_code, item_code, note) VALUES ('t_indication', 'B2', '乙片: 限成人2型糖尿病患者的血糖控制。');
SELECT rule_code, note, diagnosis_prefixes AS prefixes, certainty, accepted_by FROM medaudit.propose_indications() WHERE note ~ '2型糖尿病' ORDER BY 1;
SELECT medaudit.accept_indications('{"乙片: 限成人2型糖尿病患者的血糖控制。"}') AS rows;
SELECT item_code, diagnosis_prefixes AS prefixes, certainty FROM medaudit.charge_rule WHERE item_code IN ('B', 'B2') ORDER BY 1;
-- terms that say nothing, or come with medaudit
INSERT INTO medaudit.indication_term (term, diagnosis_prefixes) VALUES (' ', '{E11}');
INSERT INTO medaudit.indication_term (term, diagnosis_prefixes) VALUES ('某病', '{}');
UPDATE medaudit.indication_term SET diagnosis_prefixes = '{E12}' WHERE term = '糖尿病' AND shipped;
-- each shipped term is found by itself, and each of its prefixes begins as a code of ICD-10 does
SELECT t.term FROM medaudit.indication_term AS t WHERE t.shipped AND (medaudit._match_terms('限' || t.term || '患者。')).terms <> ARRAY[t.term];
SELECT t.term, p FROM medaudit.indication_term AS t, unnest(t.diagnosis_prefixes) AS p WHERE t.shipped AND p !~ '^[A-Z]([0-9]([0-9](\.[0-9]{1,2})?)?)?$';
SELECT medaudit._match_terms(NULL), medaudit._indication_says(NULL);

-- the texts as published, where they are at hand: how many of them a term is known for
\set have `test -r "$MEDAUDIT_MATERIAL/nhsa/b12_codes.csv" && echo true || echo false`
\if :have
DELETE FROM medaudit.indication_term WHERE NOT shipped;
CREATE TEMP TABLE sheet ("规则名称" text, "药品通用名" text, "限定条件" text, "检出逻辑" text, "药品代码" text, "公布日期" text, "附件" text);
\copy sheet FROM PROGRAM 'cd "$MEDAUDIT_MATERIAL/nhsa"; for f in b12 b13 b14 b15 b16 b17; do tail -n +2 "$f"_codes.csv; done' (FORMAT csv)
DO $$
DECLARE
	got record;
BEGIN
	IF medaudit.import_rules('drug_indication', 'sheet') <> 5064 THEN
		RAISE WARNING 'not 5,064 rows came in';
	END IF;
	SELECT count(*) AS texts, sum(p.rows) AS rows, count(*) FILTER (WHERE p.terms <> '{}') AS known, count(*) FILTER (WHERE p.disease_only) AS only,
		count(*) FILTER (WHERE 'age' = ANY (p.says)) AS age, count(*) FILTER (WHERE 'history' = ANY (p.says)) AS history
	INTO got FROM medaudit.propose_indications('national_12_drug_indication') AS p;
	IF got.texts <> 510 OR got.rows <> 5064 OR got.known < 480 OR got.only NOT BETWEEN 60 AND 160 OR got.age < 190 OR got.history < 190 THEN
		RAISE WARNING 'of the published texts: %', got;
	END IF;
	SELECT medaudit.accept_indications(array_agg(p.note)) AS rows INTO got FROM medaudit.propose_indications('national_12_drug_indication') AS p WHERE p.terms <> '{}';
	IF got.rows + (SELECT sum(p.rows) FROM medaudit.propose_indications('national_12_drug_indication') AS p) <> 5064 THEN
		RAISE WARNING 'accepted and waiting rows are not all';
	END IF;
END
$$;
\endif
DELETE FROM medaudit.indication_term WHERE NOT shipped;
TRUNCATE medaudit.indication_decision, medaudit.import_problem;
DELETE FROM medaudit.gateway WHERE role_name = session_user;
DELETE FROM medaudit.rule WHERE NOT shipped;
