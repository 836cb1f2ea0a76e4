-- The two diseases (两病) whose drugs residents have paid without a hospital: hypertension and
-- diabetes, by the ATC groups in the national drug codes.  Which codes a certificate has is
-- said by each province: any certificate counts until a row of yours names them.

INSERT INTO chronic_benefit (benefit, name_zh, name_en, drug_classes, diagnosis_prefixes, shipped) VALUES
	('hypertension', '高血压用药保障', 'drugs for hypertension', '{XC02,XC03,XC07,XC08,XC09}', '{I10,I11,I12,I13,I15}', true),
	('diabetes', '糖尿病用药保障', 'drugs for diabetes', '{XA10}', '{E10,E11,E12,E13,E14}', true);
