-- The kinds of rule.  Those that are about charges have rows in charge_rule or
-- package and are compiled into rulebooks; the others name a detector over
-- another book, which the audit run asks with thresholds of its own tables.
CREATE TABLE rule_kind (
	kind text PRIMARY KEY,
	book text NOT NULL,
	name_zh text NOT NULL,
	natural_period text NOT NULL DEFAULT 'day'
		CHECK (natural_period IN ('day', 'month', 'quarter', 'year')),
	anchored bool NOT NULL DEFAULT false
);

COMMENT ON TABLE rule_kind IS
	'规则类型: the kinds that rule.kind may have';
COMMENT ON COLUMN rule_kind.kind IS '类型: ASCII name';
COMMENT ON COLUMN rule_kind.book IS
	'数据簿: book that the rule reads: ledger (compiled into a rulebook), stays, fills, swipes, persons or none';
COMMENT ON COLUMN rule_kind.name_zh IS '中文名称: name of the kind';
COMMENT ON COLUMN rule_kind.natural_period IS
	'自然周期: day, month, quarter or year; a run whose period does not hold a whole one skips the kind, a longer one judges each whole one by itself';
COMMENT ON COLUMN rule_kind.anchored IS
	'是否锚定: the finding is known by what does not change when it grows (person and year, first day of a spell), not by its visits';

INSERT INTO rule_kind (kind, book, name_zh) VALUES
	('duplicate', 'ledger', '重复收费'),
	('exclusive', 'ledger', '互斥收费'),
	('quantity', 'ledger', '限频次'),
	('amount', 'ledger', '限金额'),
	('per_bed_day', 'ledger', '超住院天数'),
	('price', 'ledger', '超标准收费'),
	('secondary', 'ledger', '未按规定折价'),
	('restriction', 'ledger', '限定支付范围'),
	('diagnosis', 'ledger', '诊断与条件不符'),
	('course', 'ledger', '限支付疗程'),
	('prerequisite', 'ledger', '缺少关联项目'),
	('outside_stay', 'ledger', '住院期间外收费'),
	('resettled', 'ledger', '重复结算'),
	('package', 'ledger', '分解收费'),
	('split_stays', 'stays', '分解住院'),
	('overlapping_stays', 'stays', '重叠住院'),
	('events_in_stay', 'stays', '住院期间门诊'),
	('frequent_stays', 'stays', '频繁住院'),
	('over_capacity', 'stays', '超床位收治'),
	('admission_bursts', 'stays', '集中入院'),
	('similar_amounts', 'stays', '费用雷同'),
	('same_household_admissions', 'stays', '同户同住院'),
	('companions', 'stays', '结伴住院'),
	('hang_bed', 'stays', '挂床住院'),
	('low_standard_stay', 'stays', '低标准入院'),
	('early_refills', 'fills', '提前配药'),
	('stockpiles', 'fills', '超量囤药'),
	('many_facilities', 'fills', '多机构配药'),
	('duplicate_therapy', 'fills', '重复用药'),
	('trace_reuse', 'fills', '追溯码重复'),
	('card_bursts', 'swipes', '集中刷卡'),
	('cards_together', 'swipes', '成组刷卡'),
	('round_amounts', 'swipes', '整额刷卡'),
	('drained_balances', 'swipes', '清空余额'),
	('line_problems', 'none', '明细数据问题'),
	('invalid_resident_id', 'persons', '身份证号无效'),
	('resident_id_mismatch', 'persons', '身份不一致'),
	('shared_resident_id', 'persons', '身份证号重复'),
	('events_after_death', 'persons', '死亡后就医');

UPDATE rule_kind SET natural_period = 'month' WHERE kind = 'similar_amounts';
UPDATE rule_kind SET anchored = true WHERE kind IN ('frequent_stays', 'companions', 'over_capacity',
	'invalid_resident_id', 'resident_id_mismatch', 'shared_resident_id');

CREATE TABLE rule (
	rule_code text PRIMARY KEY,
	kind text NOT NULL,
	violation text,
	name_zh text NOT NULL,
	name_en text,
	certainty text NOT NULL DEFAULT 'suspicion',
	subject text NOT NULL DEFAULT 'facility',
	article text,
	behaviour_code text,
	source text,
	enabled bool NOT NULL DEFAULT true,
	shipped bool NOT NULL DEFAULT false,
	article_code text,
	national_code text
);

COMMENT ON TABLE rule IS
	'规则: what a rule is; its knowledge rows stand in charge_rule and package';
COMMENT ON COLUMN rule.rule_code IS '规则编号: stable ASCII name';
COMMENT ON COLUMN rule.kind IS '类型: one of rule_kind';
COMMENT ON COLUMN rule.violation IS '违规行为: free text, as 重复收费';
COMMENT ON COLUMN rule.name_zh IS '中文名称: name that reports show';
COMMENT ON COLUMN rule.name_en IS '英文名称: name in English';
COMMENT ON COLUMN rule.certainty IS
	'结果类型: violation (明确违规; arithmetic rules only), suspicion (可疑), notice (提示)';
COMMENT ON COLUMN rule.subject IS
	'违规主体: facility, pharmacy, physician, person or agency';
COMMENT ON COLUMN rule.article IS
	'法律依据: articles of law as printed (条例第三十八条第三项); written in either form, see article_zh()';
COMMENT ON COLUMN rule.behaviour_code IS
	'违规行为代码: national code, as T380301';
COMMENT ON COLUMN rule.source IS '来源: where the knowledge comes from';
COMMENT ON COLUMN rule.enabled IS
	'是否启用: whether compile_rules() takes it; of a shipped rule a change is kept in rule_setting';
COMMENT ON COLUMN rule.shipped IS
	'是否内置: comes with medaudit; set by the extension only';
COMMENT ON COLUMN rule.article_code IS
	'条款编码: code of article, as A38(3), see article_code(); NULL where its text is not understood';
COMMENT ON COLUMN rule.national_code IS
	'国家规则编码: of the national rule framework, as GZ10000102012000; NULL: none';

CREATE TABLE charge_rule (
	rule_code text NOT NULL,
	item_code text,
	code_match text DEFAULT 'exact',
	other_code text,
	item_group text,
	scope text,
	max_quantity numeric,
	max_amount numeric,
	max_price numeric,
	ratio numeric,
	unit text,
	sex text,
	min_age interval,
	max_age interval,
	facility_ranks int[],
	visit_types text[],
	insurance_types text[],
	departments text[],
	diagnosis_prefixes text[],
	excluded_diagnosis_prefixes text[],
	max_days int,
	days_before int,
	certainty text,
	valid daterange,
	note text,
	shipped bool NOT NULL DEFAULT false,
	charge_rule_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY
);

CREATE INDEX charge_rule_key ON charge_rule (rule_code, code_fold(coalesce(item_code, '')));

COMMENT ON TABLE charge_rule IS
	'规则知识: one row of knowledge of a rule about charges; what each kind needs stands in doc/rules.md';
COMMENT ON COLUMN charge_rule.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN charge_rule.item_code IS
	'项目编码: item that the row is about; % is every item, a trailing % a prefix';
COMMENT ON COLUMN charge_rule.code_match IS
	'编码匹配: exact, service (诊疗项目 without province), product (药品 without company), generic (同通用名)';
COMMENT ON COLUMN charge_rule.other_code IS
	'关联项目编码: the other item of exclusive and prerequisite';
COMMENT ON COLUMN charge_rule.item_group IS
	'项目组: rows of one rule and group form a set, whose sum a cap bounds';
COMMENT ON COLUMN charge_rule.scope IS
	'时间范围: visit, instant, hour, day, week, month, quarter, year, "N hours", "N days", bed_day, bed_night, span';
COMMENT ON COLUMN charge_rule.max_quantity IS '数量上限: in units of the item';
COMMENT ON COLUMN charge_rule.max_amount IS '金额上限: yuan';
COMMENT ON COLUMN charge_rule.max_price IS '价格上限: yuan per unit';
COMMENT ON COLUMN charge_rule.ratio IS
	'计费比例: above 0, at most 1; share of the price that second items may charge';
COMMENT ON COLUMN charge_rule.unit IS '计价单位: unit that the limit counts in';
COMMENT ON COLUMN charge_rule.sex IS '限定性别: 1 (男) or 2 (女)';
COMMENT ON COLUMN charge_rule.min_age IS '年龄下限: reached on the charge date';
COMMENT ON COLUMN charge_rule.max_age IS '年龄上限: not yet reached on the charge date';
COMMENT ON COLUMN charge_rule.facility_ranks IS
	'机构等级: classes as facility_rank() gives them (3, 2, 1, 0), or the scale of the fund''s own facility.rank';
COMMENT ON COLUMN charge_rule.visit_types IS '就医方式: codes of med_type';
COMMENT ON COLUMN charge_rule.insurance_types IS '险种: codes of insutype';
COMMENT ON COLUMN charge_rule.departments IS '科室: codes or names of departments';
COMMENT ON COLUMN charge_rule.diagnosis_prefixes IS
	'诊断前缀: beginnings of diagnosis codes, met by any diagnosis of the visit';
COMMENT ON COLUMN charge_rule.excluded_diagnosis_prefixes IS
	'排除诊断前缀: the row does not apply to a visit that has one; where no diagnosis of the visit is known it applies, in doubt (exclusions_unknown)';
COMMENT ON COLUMN charge_rule.max_days IS
	'天数上限: days of a course; outside_stay: days after discharge';
COMMENT ON COLUMN charge_rule.days_before IS
	'入院前天数: outside_stay, days before admission';
COMMENT ON COLUMN charge_rule.certainty IS
	'结果类型: of this row; NULL: that of the rule';
COMMENT ON COLUMN charge_rule.valid IS
	'有效期: dates on which the row holds; NULL: always';
COMMENT ON COLUMN charge_rule.note IS '说明: shown with findings';
COMMENT ON COLUMN charge_rule.shipped IS
	'是否内置: comes with medaudit; set by the extension only';
COMMENT ON COLUMN charge_rule.charge_rule_id IS
	'行号: of no meaning; negative for shipped rows';

CREATE TABLE package (
	rule_code text NOT NULL,
	package_code text NOT NULL,
	component_code text NOT NULL,
	package_price numeric,
	min_parts int NOT NULL DEFAULT 2,
	facility_ranks int[],
	valid daterange,
	shipped bool NOT NULL DEFAULT false,
	package_id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY
);

CREATE INDEX package_key ON package (rule_code, code_fold(package_code));

COMMENT ON TABLE package IS
	'组合项目: the components that one priced item contains; knowledge of the rules of kind package (分解收费)';
COMMENT ON COLUMN package.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN package.package_code IS '组合项目编码: the item that contains the others';
COMMENT ON COLUMN package.component_code IS '组成项目编码: an item contained in it';
COMMENT ON COLUMN package.package_price IS
	'组合项目价格: yuan; the same in all rows of one package, ranks and validity';
COMMENT ON COLUMN package.min_parts IS
	'最少组成数: distinct components on one day from which the package is looked at';
COMMENT ON COLUMN package.facility_ranks IS '机构等级: where this price holds; NULL: everywhere';
COMMENT ON COLUMN package.valid IS '有效期: dates on which the row holds; NULL: always';
COMMENT ON COLUMN package.shipped IS
	'是否内置: comes with medaudit; set by the extension only';
COMMENT ON COLUMN package.package_id IS
	'行号: of no meaning; negative for shipped rows';

-- Shipped rows are numbered downwards from -1, so that those of a newer version
-- never meet the numbers of users' rows in a dump.
CREATE SEQUENCE shipped_row_number INCREMENT -1 START -1 MINVALUE -9000000000000000000;

COMMENT ON SEQUENCE shipped_row_number IS '内置行号: numbers of shipped rows';

CREATE FUNCTION in_extension_script() RETURNS bool
	AS 'MODULE_PATHNAME', 'rulebook_in_extension_script'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 1;

COMMENT ON FUNCTION in_extension_script() IS
	'扩展脚本中: true while CREATE EXTENSION or ALTER EXTENSION runs; whoever writes rule rows then ships them';

-- Tables of an extension exist, with all that belongs to them, before their rows
-- are restored; pg_restore -j brings these in any order and in transactions of
-- their own, so that a foreign key between two such tables loses rows.  Triggers
-- do instead what foreign keys do, and let what a restore brings in pass.  Every
-- dump begins by switching check_function_bodies off, so that order does not
-- matter to functions; here it does not matter to rows.
CREATE FUNCTION restoring() RETURNS bool
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN pg_catalog.current_setting('check_function_bodies') = 'off'
		AND NOT medaudit.in_extension_script();

COMMENT ON FUNCTION restoring() IS
	'恢复中: true while a dump is read in (check_function_bodies is off, as every dump sets it): rows come in any order, and no trigger refuses one for the lack of another';

CREATE FUNCTION check_parent() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	missing text;
BEGIN
	IF NOT medaudit.restoring() THEN
		EXECUTE format('SELECT c.%1$I FROM changed AS c
			WHERE NOT EXISTS (SELECT FROM medaudit.%2$I AS p WHERE p.%1$I = c.%1$I)
			ORDER BY c.%1$I LIMIT 1', TG_ARGV[1], TG_ARGV[0]) INTO missing;
		IF missing IS NOT NULL THEN
			RAISE EXCEPTION 'table % has no %: %', TG_ARGV[0], TG_ARGV[1], missing
				USING ERRCODE = '23503', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = TG_ARGV[1],
					HINT = format('Rows of %s belong to one of %s, which comes first.', TG_TABLE_NAME, TG_ARGV[0]);
		END IF;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION check_parent() IS
	'所属检查: trigger (table, column); a row that belongs to none of the table is 23503, but in a restore';

-- Names the tables whose rows go with a row of this one, and the column that
-- they share with it.
CREATE FUNCTION forget_children() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	child text;
BEGIN
	FOREACH child IN ARRAY TG_ARGV[1:] LOOP
		IF TG_OP = 'TRUNCATE' THEN
			EXECUTE format('DELETE FROM medaudit.%I', child);
		ELSE
			EXECUTE format('DELETE FROM medaudit.%1$I AS c USING gone AS g WHERE g.%2$I = c.%2$I', child, TG_ARGV[0]);
		END IF;
	END LOOP;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION forget_children() IS
	'连带删除: trigger (column, tables); the rows of other tables that belong to a row go with it';

CREATE FUNCTION rename_children() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	child text;
BEGIN
	FOREACH child IN ARRAY TG_ARGV LOOP
		EXECUTE format('UPDATE medaudit.%I SET rule_code = $1 WHERE rule_code = $2', child)
		USING NEW.rule_code, OLD.rule_code;
	END LOOP;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION rename_children() IS
	'连带改名: trigger of rule (tables); the rows of other tables that belong to a rule take its new code';

CREATE FUNCTION check_rule_rows(rule_codes text[], codes text[]) RETURNS void
	AS 'MODULE_PATHNAME', 'rulebook_check_rows'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10000;

COMMENT ON FUNCTION check_rule_rows(text[], text[]) IS
	'规则行检查: checks the rows of charge_rule and package whose (rule_code, item_code or package_code) is among the pairs, as compile_rules() would; 22023 for an incomplete or contradictory row, 23P01 for overlapping validity';

CREATE FUNCTION check_rule() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NEW.rule_code = '' THEN
		RAISE EXCEPTION 'rule_code is empty' USING ERRCODE = '22023';
	ELSIF NOT EXISTS (SELECT FROM medaudit.rule_kind AS k WHERE k.kind = NEW.kind)
			AND NOT medaudit.restoring() THEN
		RAISE EXCEPTION 'rule "%": unknown kind "%"', NEW.rule_code, NEW.kind
			USING ERRCODE = '22023', HINT = 'Table medaudit.rule_kind lists the kinds.';
	ELSIF NEW.certainty NOT IN ('violation', 'suspicion', 'notice') THEN
		RAISE EXCEPTION 'rule "%": "%" is no certainty', NEW.rule_code, NEW.certainty
			USING ERRCODE = '22023', HINT = 'It is violation, suspicion or notice.';
	ELSIF NEW.subject NOT IN ('facility', 'pharmacy', 'physician', 'person', 'agency') THEN
		RAISE EXCEPTION 'rule "%": "%" is no subject', NEW.rule_code, NEW.subject
			USING ERRCODE = '22023', HINT = 'It is facility, pharmacy, physician, person or agency.';
	END IF;
	-- the article in both forms, from the one that was given last
	IF TG_OP = 'INSERT' THEN
		NEW.article := coalesce(NEW.article, NEW.article_code);
	ELSIF NEW.article IS NOT DISTINCT FROM OLD.article AND NEW.article_code IS DISTINCT FROM OLD.article_code THEN
		NEW.article := NEW.article_code;
	END IF;
	NEW.article_code := medaudit.article_code(NEW.article);
	NEW.article := medaudit.article_zh(NEW.article);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION check_rule() IS
	'规则检查: trigger of rule; an unknown kind, certainty or subject is 22023; article and article_code become two forms of one';

CREATE FUNCTION keep_shipped() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF medaudit.in_extension_script() THEN
		IF TG_OP <> 'DELETE' THEN
			NEW.shipped := true;
		END IF;
	ELSIF TG_OP = 'INSERT' THEN
		NEW.shipped := false;
	ELSIF OLD.shipped THEN
		RAISE EXCEPTION 'shipped rows of % cannot be changed (rule "%")', TG_TABLE_NAME, OLD.rule_code
			USING ERRCODE = '23001',
				HINT = 'Disable the rule (UPDATE medaudit.rule SET enabled = false) and add one of your own.';
	ELSIF TG_OP = 'UPDATE' THEN
		NEW.shipped := false;
	END IF;
	IF TG_OP = 'DELETE' THEN
		RETURN OLD;
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION keep_shipped() IS
	'内置行保护: trigger of charge_rule, package and rule; marks rows that the extension ships and refuses their change and removal with 23001';

CREATE FUNCTION number_shipped() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NEW.shipped AND TG_TABLE_NAME = 'charge_rule' THEN
		NEW.charge_rule_id := pg_catalog.nextval('medaudit.shipped_row_number');
	ELSIF NEW.shipped THEN
		NEW.package_id := pg_catalog.nextval('medaudit.shipped_row_number');
	END IF;
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION number_shipped() IS
	'内置行编号: trigger of charge_rule and package; shipped rows have negative numbers';

CREATE FUNCTION refuse_truncate() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RAISE EXCEPTION 'table % holds shipped rows and cannot be truncated', TG_TABLE_NAME
		USING ERRCODE = '23001', HINT = 'DELETE your own rows: WHERE NOT shipped.';
END
$$;

COMMENT ON FUNCTION refuse_truncate() IS
	'禁止清空: trigger of the rule tables; TRUNCATE is 23001';

CREATE FUNCTION check_changed_rows() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF medaudit.restoring() THEN
		RETURN NULL;
	ELSIF TG_TABLE_NAME = 'package' THEN
		PERFORM medaudit.check_rule_rows(pg_catalog.array_agg(c.rule_code), pg_catalog.array_agg(c.package_code))
		FROM (SELECT DISTINCT rule_code, package_code FROM changed) AS c;
	ELSE
		PERFORM medaudit.check_rule_rows(pg_catalog.array_agg(c.rule_code), pg_catalog.array_agg(c.item_code))
		FROM (SELECT DISTINCT rule_code, item_code FROM changed) AS c;
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION check_changed_rows() IS
	'规则行检查: trigger of charge_rule and package; what does not compile is refused, with the error of compile_rules(), but in a restore';

CREATE FUNCTION check_changed_kinds() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM medaudit.compile_rules(VARIADIC pg_catalog.array_agg(n.rule_code))
	FROM new_rule AS n
	JOIN medaudit.rule_kind AS k ON k.kind = n.kind AND k.book = 'ledger'
	JOIN old_rule AS o ON o.rule_code = n.rule_code AND o.kind <> n.kind
	HAVING pg_catalog.count(*) > 0;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION check_changed_kinds() IS
	'规则类型变更检查: trigger of rule; the rows of a rule must fit its new kind';

CREATE FUNCTION compile_rules() RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_compile_enabled'
	LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100000;

COMMENT ON FUNCTION compile_rules() IS
	'编译规则: the enabled rules of the tables as a rulebook, compiled once per statement; with the item mapping where item is bound';

CREATE FUNCTION compile_rules(VARIADIC rule_codes text[]) RETURNS rulebook
	AS 'MODULE_PATHNAME', 'rulebook_compile_named'
	LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000;

COMMENT ON FUNCTION compile_rules(text[]) IS
	'编译指定规则: the named rules, enabled or not, as a rulebook; an unknown code, or a rule that is not about charges, is 22023, NULL is 22004';

CREATE TRIGGER a_check_rule BEFORE INSERT OR UPDATE ON rule
	FOR EACH ROW EXECUTE FUNCTION check_rule();
CREATE TRIGGER b_keep_shipped BEFORE INSERT OR DELETE ON rule
	FOR EACH ROW EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER d_check_kinds AFTER UPDATE ON rule
	REFERENCING OLD TABLE AS old_rule NEW TABLE AS new_rule
	FOR EACH STATEMENT EXECUTE FUNCTION check_changed_kinds();
CREATE TRIGGER d_forget_rows AFTER DELETE ON rule
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION forget_children('rule_code', 'charge_rule', 'package', 'rule_setting',
		'stay_rule', 'person_rule');
CREATE TRIGGER c_rename_rows AFTER UPDATE ON rule
	FOR EACH ROW WHEN (OLD.rule_code <> NEW.rule_code)
	EXECUTE FUNCTION rename_children('charge_rule', 'package', 'rule_setting', 'stay_rule', 'person_rule');
CREATE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON rule
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER b_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON charge_rule
	FOR EACH ROW EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER c_number_shipped BEFORE INSERT ON charge_rule
	FOR EACH ROW EXECUTE FUNCTION number_shipped();
CREATE TRIGGER c_check_inserted_rule AFTER INSERT ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER d_check_inserted AFTER INSERT ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_changed_rows();
CREATE TRIGGER c_check_updated_rule AFTER UPDATE ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER d_check_updated AFTER UPDATE ON charge_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_changed_rows();
CREATE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON charge_rule
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER b_keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON package
	FOR EACH ROW EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER c_number_shipped BEFORE INSERT ON package
	FOR EACH ROW EXECUTE FUNCTION number_shipped();
CREATE TRIGGER c_check_inserted_rule AFTER INSERT ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER d_check_inserted AFTER INSERT ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_changed_rows();
CREATE TRIGGER c_check_updated_rule AFTER UPDATE ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_parent('rule', 'rule_code');
CREATE TRIGGER d_check_updated AFTER UPDATE ON package
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION check_changed_rows();
CREATE TRIGGER e_refuse_truncate BEFORE TRUNCATE ON package
	FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Whoever may use the schema may read the rules, and what else functions look
-- up: detectors without a rulebook compile them with the rights of the caller.
GRANT SELECT ON rule_kind, rule, charge_rule, package TO PUBLIC;

COMMENT ON SEQUENCE charge_rule_charge_rule_id_seq IS '知识行序号: numbers the rows of charge_rule';
COMMENT ON SEQUENCE package_package_id_seq IS '组合项目行序号: numbers the rows of package';

SELECT pg_catalog.pg_extension_config_dump('rule', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('charge_rule', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('package', 'WHERE NOT shipped');
SELECT pg_catalog.pg_extension_config_dump('charge_rule_charge_rule_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('package_package_id_seq', '');
