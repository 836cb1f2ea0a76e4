-- Resident identity numbers: the vectors of the standard and of practice.
SELECT what, id, medaudit.resident_id_valid(id) AS valid,
	medaudit.resident_id_problem(id) AS problem,
	medaudit.resident_id_birth_date(id) AS born,
	medaudit.resident_id_sex(id) AS sex,
	medaudit.resident_id_region(id) AS region
FROM (VALUES
	(1, 'of the standard', '11010519491231002X'),
	(2, 'of the standard', '440524188001010014'),
	(3, 'male', '340200199003075519'),
	(4, 'female', '340200199003075527'),
	(5, 'check right, 29 February 1900', '110100190002290015'),
	(6, 'check digit wrong', '110105194912310021'),
	(7, 'small x', '11010519491231002x'),
	(8, '17 digits and a blank', '11010519491231002 '),
	(9, '17 digits', '11010519491231002'),
	(10, 'full width', '１１０１０５１９４９１２３１００２Ｘ'),
	(11, '15 digits', '110105491231002'),
	(12, '15 digits, born before 1900', '440524800101999'),
	(13, '15 digits, sequence 995', '440524800101995'),
	(14, '15 digits, month 13', '110105491331002'),
	(15, 'X inside', '1101051949123100X2'),
	(16, 'area 0', '010105194912310020'),
	(17, 'Hong Kong permit', '810000199408230021'),
	(18, 'Taiwan permit', '830000199201300022'),
	(19, 'foreigner of 2023', '91184019900101123X'),
	(20, 'foreigner before 2023', 'USA110190010112'),
	(21, 'foreigner, month 13', 'USA110190130112'),
	(22, 'made-up area of test data', '990000199001011239'),
	(23, '29 February 2000', '110105200002290013'),
	(24, 'year 1799', '110105179912310011'),
	(25, 'empty', ''),
	(26, 'masked', '110105********002X'),
	(27, 'not a number', '无')
) AS t(no, what, id) ORDER BY no;

-- Permits of Macao, and foreigners' cards, whatever their check digit is:
-- exactly one of the eleven is right.
SELECT prefix, count(*) FILTER (WHERE medaudit.resident_id_valid(prefix || c)) AS valid
FROM unnest(ARRAY['82000019940823002', '91184019900101123', '99000019900101123']) AS prefix,
	unnest(string_to_array('0123456789X', NULL)) AS c
GROUP BY prefix ORDER BY prefix;

-- Put right: width, blanks, capitals, length.
SELECT id, medaudit.resident_id_normalize(id) AS normal,
	medaudit.resident_id_valid(medaudit.resident_id_normalize(id)) AS valid
FROM unnest(ARRAY['１１０１０５１９４９１２３１００２Ｘ', '11010519491231002x',
	' 110105 19491231 002X ', '110105491231002', '440524800101999',
	'110105491331002', 'usa110190010112', '11010519491231002 ', '无', '']) AS id;
SELECT bool_and(medaudit.resident_id_normalize(n) = n) AS idempotent
FROM (SELECT medaudit.resident_id_normalize(id) AS n
	FROM unnest(ARRAY['１１０１０５491231002', '440524800101999', 'ａ-ｂ x', '']) AS id) AS t;

-- NULL gives NULL.
SELECT num_nonnulls(medaudit.resident_id_valid(NULL), medaudit.resident_id_problem(NULL),
	medaudit.resident_id_normalize(NULL), medaudit.resident_id_birth_date(NULL),
	medaudit.resident_id_sex(NULL), medaudit.resident_id_region(NULL),
	medaudit.credit_code_valid(NULL), medaudit.drug_code_generic(NULL),
	medaudit.drug_code_product(NULL), medaudit.service_code_parent(NULL),
	medaudit.code_kind(NULL), medaudit.trace_code_kind(NULL),
	medaudit.mask_name(NULL), medaudit.mask_id(NULL), medaudit.mask_address(NULL)) AS not_null;

-- Against the definition in plain SQL: every date from 1890 to 2030 with a
-- made-up area and sequence, right and wrong check digits, days that are none.
CREATE TEMP TABLE sample AS
SELECT no, '99' || lpad((no % 9973)::text, 4, '0')
	|| to_char(date '1890-01-01' + (no % 51499)::int, 'YYYYMMDD')
	|| lpad((no * 7 % 1000)::text, 3, '0') AS digits,
	date '1890-01-01' + (no % 51499)::int AS born
FROM generate_series(1, 60000) AS no;

CREATE FUNCTION pg_temp.check_digit(digits text) RETURNS text LANGUAGE sql AS $$
	SELECT substr('10X98765432', 1 + (sum(substr(digits, i, 1)::int
		* (2 ^ (18 - i))::int) % 11)::int, 1) FROM generate_series(1, 17) AS i $$;

SELECT count(*) AS samples,
	bool_and(medaudit.resident_id_valid(digits || c)) AS right_is_valid,
	bool_and(medaudit.resident_id_birth_date(digits || c) = born) AS born_agrees,
	bool_and(medaudit.resident_id_sex(digits || c)
		= CASE WHEN substr(digits, 17, 1)::int % 2 = 1 THEN '1' ELSE '2' END) AS sex_agrees,
	bool_and(medaudit.resident_id_problem(digits || wrong) = 'check') AS wrong_is_not,
	bool_and(medaudit.resident_id_problem(substr(digits, 1, 12) || '32'
		|| substr(digits, 15) || c) = 'date') AS day_32_is_not
FROM (SELECT digits, born, pg_temp.check_digit(digits) AS c,
	translate(pg_temp.check_digit(digits), '0123456789X', '123456789X0') AS wrong
	FROM sample WHERE no % 6 = 0) AS t;

-- Two digits changed places, or one changed: never valid.
SELECT bool_or(medaudit.resident_id_valid(changed)) AS any_valid
FROM (SELECT overlay(id PLACING ((substr(id, i, 1)::int + 1 + no % 8) % 10)::text
		FROM i::int FOR 1) AS changed
	FROM (SELECT no, digits || pg_temp.check_digit(digits) AS id FROM sample
		WHERE no <= 200) AS t, generate_series(1, 17) AS i
	UNION ALL
	SELECT substr(id, 1, i - 1) || substr(id, i + 1, 1) || substr(id, i, 1) || substr(id, i + 2)
	FROM (SELECT digits || pg_temp.check_digit(digits) AS id FROM sample
		WHERE no <= 200) AS t, generate_series(1, 16) AS i
	WHERE substr(id, i, 1) <> substr(id, i + 1, 1)) AS c;

-- Organisations.
SELECT what, code, medaudit.credit_code_valid(code) AS valid
FROM (VALUES
	(1, 'of the standard', '91350100M000100Y43'),
	(2, 'remainder 0', '123101040000000490'),
	(3, 'check wrong', '91350100M000100Y44'),
	(4, 'small letters', '91350100m000100y43'),
	(5, 'a letter that is not used', '91350100I000100Y43'),
	(6, 'full width', '９1350100M000100Y43'),
	(7, 'short', '91350100M000100Y4'),
	(8, 'empty', '')
) AS t(no, what, code) ORDER BY no;

CREATE FUNCTION pg_temp.credit_check(digits text) RETURNS text LANGUAGE sql AS $$
	SELECT substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (31 - (sum(
		(strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(digits, i, 1)) - 1)
		* (ARRAY[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28])[i]) % 31)::int) % 31, 1)
	FROM generate_series(1, 17) AS i $$;
SELECT count(*) AS samples, bool_and(medaudit.credit_code_valid(code || c)) AS right_is_valid,
	bool_or(medaudit.credit_code_valid(code || translate(c,
		'0123456789ABCDEFGHJKLMNPQRTUWXY', '123456789ABCDEFGHJKLMNPQRTUWXY0'))) AS wrong_is
FROM (SELECT code, pg_temp.credit_check(code) AS c
	FROM (SELECT '91' || lpad((no * 13 % 1000000)::text, 6, '0') || 'MA'
		|| right(upper(to_hex(no * 2654435761 % 268435456 + 268435456)), 7) AS code
		FROM generate_series(1, 2000) AS no) AS s) AS t;

-- Codes of drugs and services.
SELECT code, medaudit.drug_code_generic(code) AS generic,
	medaudit.drug_code_product(code) AS product,
	medaudit.service_code_parent(code) AS parent
FROM unnest(ARRAY['XL02BBA326A001010102180', 'XL02BBA326A0010101', 'XL02BBA326',
	'XL02BBA32', 'ZA04CAE0023010100166', 'ZA04CAE00230101', 'ZA04CAE0023',
	'xl02bba326a001010102180', 'T630401178', '003310010160200', '00331001016020',
	'00331001016020A', '']) WITH ORDINALITY AS t(code, no) ORDER BY no;

-- What a code is.
SELECT code, medaudit.code_kind(code) AS kind
FROM unnest(ARRAY['XL02BBA326A001010102180', 'ZA04CAE0023010100166', 'T630401178',
	'003310010160200', 'C0101010010000100001', 'C01010100100001000010000001',
	'H31010600042', 'P31010600042', 'D310106000421', 'N310106000421',
	'HY310106000421', 'HJ310106000421', 'A00.000', 'I10.x00x002', '00.0100',
	'38.1200x003', '81234567890123456789', '国药准字H20123456',
	'11010519491231002X', '91350100M000100Y43', '6901234567892',
	'6901234567893', 'H3101060004', '110105491231002', 'A00000', 'x', ''])
	WITH ORDINALITY AS t(code, no) ORDER BY no;

-- What a trace code is: an issuer we do not know is not a defect.
SELECT code, medaudit.trace_code_kind(code) AS kind
FROM unnest(ARRAY['81234567890123456789', '84234567890123456789',
	'8123456789012345678', '24234567890123456789', '(01)06901234567892(21)A1B2',
	'010690123456789221A1B2', '(01)06901234567893(21)A1B2', '6901234567892',
	'00000000000000000000', '', '  ', 'ABC'])
	WITH ORDINALITY AS t(code, no) ORDER BY no;

-- Masks.
SELECT medaudit.mask_name(name) FROM unnest(ARRAY['张三', '张三丰', '欧阳娜娜',
	'王', '阿卜杜·热合曼', U&'\+020000三', '']) AS name;
SELECT medaudit.mask_id(id) FROM unnest(ARRAY['11010519491231002X',
	'110105491231002', 'H12345678', '1234', '1', '']) AS id;
SELECT medaudit.mask_address(address) FROM unnest(ARRAY[
	'四川省成都市武侯区红牌楼街道佳灵路5号3栋2单元501',
	'武侯区阳光小区3栋', '江苏省苏州市常熟市虞山镇红星村2组',
	'杭州市西湖区文三路1号', '南京市鼓楼区湖南路', '内蒙古自治区锡林郭勒盟苏尼特右旗',
	'红星村2组', '某某市场3楼', '武侯区阳光城市花园', '浙江省', '']) AS address;

-- Numbers in texts: those of 18 wherever they stand, of 15 by themselves, in half
-- and full width, at both ends.
SELECT t, medaudit._tells_number(t) AS tells FROM unnest(ARRAY['11010519491231002X', '号码１１０１０５１９４９１２３１００２Ｘ。', '11010519491231002x等2人',
	'甲110105491231002', '110105491231002.', '110105491231002.5', '0.110105491231002', 'B110105491231002', '110105491231002-1', '11010519491231002',
	'110105194912310021', 'A11010519491231002X', '0111010519491231002X1', '9911010519491231002X', '11010519491231002X.5',
	'001102000010000', '330204007000000', 'AAA110149123100', '', '（ｘ）', U&'\FF11\FF1A', NULL]) AS t;
-- as the patterns that it stands for, on random texts
SELECT count(*) AS texts, count(*) FILTER (WHERE tells) > 50 AS some, count(*) FILTER (WHERE NOT tells) > 50 AS others, count(*) FILTER (WHERE tells <> (
	EXISTS (SELECT FROM regexp_matches(half, '([0-9]{17,}[Xx]?)', 'g') AS m CROSS JOIN generate_series(1, length(m[1]) - 17) AS i
		WHERE medaudit.resident_id_valid(upper(substr(m[1], i, 18))))
	OR EXISTS (SELECT FROM regexp_matches(half, '(?<![0-9A-Za-z.])([0-9]{15})(?![0-9A-Za-z]|\.[0-9])', 'g') AS m WHERE medaudit.resident_id_valid(m[1])))) AS wrong
FROM (
	SELECT medaudit._tells_number(r.t) AS tells, translate(r.t, '０１２３４５６７８９Ｘｘ', '0123456789Xx') AS half
	FROM (
		SELECT overlay(h.base PLACING (ARRAY['', ' ', 'a', '.', '，', '５', 'ｘ', 'X', '病', '.5', '11'])[1 + abs(hashint4(n)) % 11]
			FROM 1 + abs(hashint4(n * 7)) % length(h.base) FOR abs(hashint4(n * 13)) % 2) AS t
		FROM generate_series(1, 5000) AS n,
		LATERAL (SELECT (ARRAY['见11010519491231002X的', '110105491231002', 'a 110105491231002 b', '１１０１０５１９４９１２３１００２Ｘ', '0111010519491231002X9'])[1 + n % 5] AS base) AS h
	) AS r
) AS c;

-- Numbers index, also under a restricted search_path.
CREATE TEMP TABLE insured (resident_id text);
INSERT INTO insured SELECT digits || pg_temp.check_digit(digits) FROM sample WHERE no <= 100;
INSERT INTO insured VALUES ('110105491231002');
SET search_path = pg_catalog, pg_temp;
CREATE INDEX ON insured (medaudit.resident_id_normalize(resident_id));
CREATE INDEX ON insured (medaudit.resident_id_birth_date(resident_id));
SET enable_seqscan = off;
SELECT resident_id FROM insured
WHERE medaudit.resident_id_normalize(resident_id) = '11010519491231002X';
RESET enable_seqscan;
RESET search_path;

-- Against the national rule library, where it is at hand: every drug and
-- service code of it has the shape we say.
\set library `cd "$MEDAUDIT_MATERIAL/nhsa" 2>/dev/null && cut -d, -f3 b1_drug_sex_codes.csv b3_drug_insurance_codes.csv b4_drug_visit_type_codes.csv b5_drug_facility_level_codes.csv b6_drug_course_codes.csv | tr -d '\r' | grep '^[XZ]' | sort -u | tr '\n' ' '`
SELECT count(*) FILTER (WHERE medaudit.code_kind(code) IS DISTINCT FROM
	CASE left(code, 1) WHEN 'X' THEN 'drug_western' WHEN 'Z' THEN 'drug_patent' END) AS odd
FROM regexp_split_to_table(:'library', '\s+') AS code WHERE code <> '';
