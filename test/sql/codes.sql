-- Codes for comparing: what is folded, and what is left alone.
-- (unaligned: servers do not agree how wide some signs are)
\pset format unaligned
SELECT code, medaudit.code_fold(code) AS folded, medaudit._diagnosis_fold(code) AS diagnosis
FROM (VALUES (1, 'I10.X00'), (2, 'i10.x00'), (3, 'Ｉ１０．ｘ００'), (4, '  I10.x00 '), (5, E'\tI10 .x00\n'), (6, '　Ｉ10　x00　'), (7, U&'\00A0I10\FEFF'),
	(8, 'Ｉ10'), (9, '！～'), (10, '床位 '), (11, '病🏥甲a1'), (12, 'é'), (13, 'ｶ'), (14, '2105'), (15, 'xn02BEp'), (16, '{[_]}|'), (17, '..'), (18, ' '), (19, ''), (20, NULL)) AS t (n, code) ORDER BY n;
\pset format aligned
-- every code point: as plain SQL, folding twice is folding once, and only what is
-- listed here changes
CREATE TEMP TABLE sign AS SELECT n, chr(n) AS sign, 'a' || chr(n) || 'b' AS code FROM generate_series(1, 1114111) AS n WHERE n NOT BETWEEN 55296 AND 57343;
SELECT count(*) AS signs,
	count(*) FILTER (WHERE medaudit.code_fold(code) <> 'A' || CASE WHEN n BETWEEN 9 AND 13 OR n IN (32, 160, 12288, 65279) THEN ' ' WHEN n BETWEEN 97 AND 122 THEN upper(sign)
		WHEN n BETWEEN 65281 AND 65374 THEN CASE WHEN n BETWEEN 65345 AND 65370 THEN chr(n - 65248 - 32) ELSE chr(n - 65248) END ELSE sign END || 'B') AS wrong,
	count(*) FILTER (WHERE medaudit.code_fold(medaudit.code_fold(sign)) <> medaudit.code_fold(sign)) AS twice,
	count(*) FILTER (WHERE medaudit._diagnosis_fold(code) <> replace(replace(medaudit.code_fold(code), ' ', ''), '.', '')) AS diagnosis
FROM sign;
-- a long one, stored apart
CREATE TEMP TABLE long_code AS SELECT string_agg(md5(n::text), '') AS code FROM generate_series(1, 1000) AS n;
SELECT medaudit.code_fold(code) = upper(code) AS lower, medaudit.code_fold(upper(code)) = upper(code) AS upper, medaudit._diagnosis_fold(code) = upper(code) AS diagnosis FROM long_code;
SELECT proname, provolatile, proisstrict, proparallel FROM pg_proc WHERE pronamespace = 'medaudit'::regnamespace AND proname IN ('code_fold', '_diagnosis_fold') ORDER BY 1;
