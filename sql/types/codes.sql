-- Codes for comparing.

CREATE OR REPLACE FUNCTION code_fold(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_code_fold'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION code_fold(text) IS
	'编码归一: a code for comparing: half width, upper case, no blanks around, blanks within as plain ones; the code itself where it is so already. Nothing but blanks gives the empty text. Of other scripts nothing is folded; full width only in a UTF8 database. NULL gives NULL';

CREATE OR REPLACE FUNCTION _diagnosis_fold(code text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_diagnosis_fold'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1;

COMMENT ON FUNCTION _diagnosis_fold(text) IS
	'诊断编码归一: a diagnosis code for comparing: as code_fold(), and no dots and no blanks at all; NULL for NULL, and for a code of nothing else';
