-- Names of persons and items: keys, likeness, substitution.

CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_name_key'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION name_key(text) IS
	'姓名键: a person''s name for comparing: folded, without blanks, middle dots and other separators; hidden characters (* × ? 某) become *. NULL gives NULL. Needs a UTF8 database (else 0A000); IMMUTABLE for one icu_version()';

CREATE OR REPLACE FUNCTION name_matches(name text, other_name text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'medaudit_name_matches'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;

COMMENT ON FUNCTION name_matches(text, text) IS
	'姓名相符: true when the keys are equal, a hidden character standing for any one (张* and 张三); an empty name matches none. NULL gives NULL. Needs a UTF8 database';

CREATE OR REPLACE FUNCTION name_pinyin(name text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_name_pinyin'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;

COMMENT ON FUNCTION name_pinyin(text) IS
	'姓名拼音: pinyin of a name without tones and blanks, surnames in their own reading: a key to find candidates by, not to decide by. Of longer text the first 64 characters. NULL gives NULL. Needs a UTF8 database; IMMUTABLE for one icu_version()';

CREATE OR REPLACE FUNCTION item_name_similarity(a text, b text) RETURNS float8
	AS 'MODULE_PATHNAME', 'medaudit_item_name_similarity'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;

COMMENT ON FUNCTION item_name_similarity(text, text) IS
	'项目名称相似度: likeness of two names of a drug, service or material in [0,1]: Dice coefficient of bigrams over the core names. 0 when numbers of one kind (strength, pack, leads, count, 五分类/三分类) contradict, a veto word (左/右, 平扫/增强, 首次/每增加, 第二组, 浓 …) stands in one only, or words or codes that exclude each other differ (抗原/抗体, IgG/IgM). An empty name is like none. NULL gives NULL. Needs a UTF8 database; names of more than 4000 characters are 54000';

CREATE OR REPLACE FUNCTION substitution_score(local_name text, national_name text, local_price numeric, national_price numeric)
	RETURNS float8
	AS 'MODULE_PATHNAME', 'medaudit_substitution_score'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;

COMMENT ON FUNCTION substitution_score(text, text, numeric, numeric) IS
	'串换评分: how far an item delivered (local name and price, yuan) was charged as another, dearer one (national name and price), in [0,1]: (1 - item_name_similarity) × (1 - local_price ÷ national_price); 0 when the national price is not higher. NULL gives NULL; a negative price is 22023, NaN or infinity an error';
