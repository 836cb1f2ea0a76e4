-- Numbers and codes of persons, facilities, drugs and services, and their masks.

CREATE OR REPLACE FUNCTION resident_id_valid(id text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_valid'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION resident_id_valid(text) IS
	'身份证号校验: true for a valid resident identity number (GB 11643-1999, 18 characters or 15 digits; permits of Hong Kong, Macao, Taiwan residents and foreigners included), exactly as written: small x, blanks and full width are wrong until resident_id_normalize(). Unknown areas are not rejected. NULL gives NULL';

CREATE OR REPLACE FUNCTION resident_id_problem(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_problem'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION resident_id_problem(text) IS
	'身份证号问题: what is wrong with a resident identity number in one word: length, characters, area (begins with 0), date, check. NULL when it is valid, and for NULL';

CREATE OR REPLACE FUNCTION resident_id_normalize(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_normalize'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;

COMMENT ON FUNCTION resident_id_normalize(text) IS
	'身份证号归一: full width to half width, blanks removed, capital X, a valid 15-digit number upgraded to 18. Text that is no valid number comes back folded. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION resident_id_birth_date(id text) RETURNS date
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_birth_date'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION resident_id_birth_date(text) IS
	'出生日期: the birth date in a resident identity number; NULL when the number is not valid, and for the old letter form of foreigners, which has no century';

CREATE OR REPLACE FUNCTION resident_id_sex(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_sex'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION resident_id_sex(text) IS
	'性别: 1 male, 2 female by the sequence number; NULL when the number is not valid or does not say';

CREATE OR REPLACE FUNCTION resident_id_region(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_resident_id_region'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION resident_id_region(text) IS
	'行政区划: the six digits of the area in a resident identity number, former areas included; of foreigners (9…) the issuing province and 0000; NULL when the number is not valid';

CREATE OR REPLACE FUNCTION credit_code_valid(code text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'medaudit_credit_code_valid'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION credit_code_valid(text) IS
	'统一社会信用代码校验: true for a valid unified social credit code (GB 32100-2015, 18 capitals and digits). NULL gives NULL';

CREATE OR REPLACE FUNCTION drug_code_generic(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_drug_code_generic'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION drug_code_generic(text) IS
	'通用名码: the part of a national drug code that names the generic and form of substance: 10 characters of an X code, 11 of a Z code; NULL for anything else';

CREATE OR REPLACE FUNCTION drug_code_product(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_drug_code_product'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION drug_code_product(text) IS
	'药品码(不含企业): a national drug code without its last five digits, the company; NULL for anything else';

CREATE OR REPLACE FUNCTION service_code_parent(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_service_code_parent'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION service_code_parent(text) IS
	'项目主码: the first 11 of the 15 digits of a national service code, without sub-item and surcharge; NULL for anything else';

CREATE OR REPLACE FUNCTION code_kind(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_code_kind'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION code_kind(text) IS
	'编码类别: drug_western, drug_patent, drug_herbal, service, material, facility, physician, nurse, pharmacist, technician, diagnosis, procedure, trace, approval, resident_id, credit_code, barcode; NULL when the shape is none of these';

CREATE OR REPLACE FUNCTION trace_code_kind(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_trace_code_kind'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION trace_code_kind(text) IS
	'追溯码类别: mashangfangxin (20 digits that begin with 8), gs1 (elements (01)…), barcode (names a product, not a pack), defect (blank or zeros), unknown (another issuer, not wrong). NULL gives NULL';

CREATE OR REPLACE FUNCTION _is_trace_code(code text) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_is_trace_code'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _is_trace_code(text) IS
	'是否有效追溯码: whether a code can name one pack: 13 letters and digits or more, not all the same, and no barcode of a product. NULL gives NULL';

CREATE OR REPLACE FUNCTION mask_name(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_mask_name'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION mask_name(text) IS
	'姓名脱敏: the first character and a star for each other one; a name of one character is a star. NULL gives NULL';

CREATE OR REPLACE FUNCTION mask_id(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_mask_id'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION mask_id(text) IS
	'证件号脱敏: of 18 characters the first 6 and last 4, between them stars; shorter numbers keep a third and a quarter. NULL gives NULL';

CREATE OR REPLACE FUNCTION mask_address(address text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_mask_address'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION mask_address(text) IS
	'地址脱敏: province to town stay, the rest is four stars. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION _tells_number(value text) RETURNS bool
	AS 'MODULE_PATHNAME', 'medaudit_tells_number'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;

COMMENT ON FUNCTION _tells_number(text) IS
	'含证件号: whether a valid resident number, in half or full width, stands in a text, one of 15 digits by itself; NULL for NULL';

-- Resident numbers in a text: those that are valid, of 15 digits where they stand by
-- themselves, of 18, which have a check digit, wherever; and those that are known to
-- be numbers of people, however they are written.
CREATE OR REPLACE FUNCTION mask_numbers(value text, numbers text[] DEFAULT NULL) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	half text;
	number text;
	masked text := value;
BEGIN
	FOREACH number IN ARRAY coalesce(numbers, '{}') LOOP
		masked := replace(masked, nullif(number, ''), medaudit.mask_id(number));
	END LOOP;
	IF NOT coalesce(medaudit._tells_number(masked), false) THEN
		RETURN masked;
	END IF;
	half := translate(masked, '０１２３４５６７８９Ｘｘ', '0123456789Xx');
	FOR number IN
		-- a record number may begin or go on with one
		SELECT DISTINCT substr(m[1], i, 18) FROM regexp_matches(half, '([0-9]{17,}[Xx]?)', 'g') AS m
		CROSS JOIN generate_series(1, length(m[1]) - 17) AS i
		UNION ALL
		SELECT DISTINCT m[1] FROM regexp_matches(half,
			'(?<![0-9A-Za-z.])([0-9]{15})(?![0-9A-Za-z]|\.[0-9])', 'g') AS m
	LOOP
		IF medaudit.resident_id_valid(translate(number, 'x', 'X')) THEN
			half := replace(half, number, medaudit.mask_id(number));
			masked := half;
		END IF;
	END LOOP;
	RETURN masked;
END
$$;

COMMENT ON FUNCTION mask_numbers(text, text[]) IS
	'文中证件号脱敏: mask_id() of every valid resident number in a text, of 15 digits where it stands by itself, and of each of the numbers; the rest as it is; NULL for NULL';
