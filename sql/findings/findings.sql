-- See _check_parent() for why these are no foreign keys.
CREATE OR REPLACE TRIGGER a_check_inserted AFTER INSERT ON run_step
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('run', 'run_id');
CREATE OR REPLACE TRIGGER a_check_updated AFTER UPDATE ON run_step
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('run', 'run_id');
CREATE OR REPLACE TRIGGER a_check_inserted AFTER INSERT ON run_quality
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('run', 'run_id');
CREATE OR REPLACE TRIGGER a_check_updated AFTER UPDATE ON run_quality
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('run', 'run_id');
CREATE OR REPLACE TRIGGER a_check_inserted AFTER INSERT ON finding_line
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('finding', 'finding_id');
CREATE OR REPLACE TRIGGER a_check_updated AFTER UPDATE ON finding_line
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('finding', 'finding_id');
CREATE OR REPLACE TRIGGER a_forget_rows AFTER DELETE ON run
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('run_id', 'run_step', 'run_quality');
CREATE OR REPLACE TRIGGER a_forget_all AFTER TRUNCATE ON run
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('run_id', 'run_step', 'run_quality');
CREATE OR REPLACE TRIGGER a_forget_rows AFTER DELETE ON finding
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('finding_id', 'finding_line');
CREATE OR REPLACE TRIGGER a_forget_all AFTER TRUNCATE ON finding
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_children('finding_id', 'finding_line');

-- A run numbers the persons of its findings at once; this is for other rows.
CREATE OR REPLACE FUNCTION _number_person() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	-- planned while there are few, asked when there are many
	SET enable_seqscan = off
AS $$
BEGIN
	INSERT INTO medaudit.finding_person (person_id) SELECT NEW.person_id WHERE NEW.person_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM medaudit.finding_person AS p WHERE p.person_id = NEW.person_id)
	ON CONFLICT (person_id) DO NOTHING;
	NEW.person_key := (SELECT p.person_key FROM medaudit.finding_person AS p WHERE p.person_id = NEW.person_id);
	RETURN NEW;
END
$$;

COMMENT ON FUNCTION _number_person() IS
	'人员序号: trigger of finding; gives person_key the number of person_id, a new one where it has none';

CREATE OR REPLACE TRIGGER number_person BEFORE INSERT ON finding
	FOR EACH ROW WHEN (NEW.person_id IS NOT NULL AND NEW.person_key IS NULL) EXECUTE FUNCTION _number_person();
CREATE OR REPLACE TRIGGER number_other_person BEFORE UPDATE OF person_id ON finding
	FOR EACH ROW WHEN (OLD.person_id IS DISTINCT FROM NEW.person_id) EXECUTE FUNCTION _number_person();

-- Who is named by no finding any more is forgotten.
CREATE OR REPLACE FUNCTION _forget_persons() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF TG_OP = 'TRUNCATE' THEN
		DELETE FROM medaudit.finding_person;
	ELSE
		DELETE FROM medaudit.finding_person AS p USING (SELECT DISTINCT o.person_id FROM gone AS o) AS g
		WHERE p.person_id = g.person_id AND NOT EXISTS (SELECT FROM medaudit.finding AS f WHERE f.person_id = p.person_id);
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _forget_persons() IS
	'清除人员序号: trigger of finding; numbers of persons go with their last finding';

CREATE OR REPLACE TRIGGER b_forget_persons AFTER DELETE ON finding
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_persons();
CREATE OR REPLACE TRIGGER b_forget_all_persons AFTER TRUNCATE ON finding
	FOR EACH STATEMENT EXECUTE FUNCTION _forget_persons();

CREATE OR REPLACE FUNCTION label_zh(code text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE code
		WHEN 'violation' THEN '明确违规' WHEN 'suspicion' THEN '可疑' WHEN 'notice' THEN '提示'
		WHEN 'open' THEN '待核查' WHEN 'first_review' THEN '初审' WHEN 'reviewed' THEN '复审认定' WHEN 'issued' THEN '已下发'
		WHEN 'appealed' THEN '申诉中' WHEN 'settled' THEN '已认定' WHEN 'dismissed' THEN '已排除'
		WHEN 'exempt' THEN '豁免' WHEN 'self_reported' THEN '自查自纠'
		WHEN 'changed' THEN '内容已变' WHEN 'superseded' THEN '已失效'
		WHEN 'review' THEN '审核' WHEN 'issue' THEN '下发' WHEN 'appeal' THEN '申诉' WHEN 'settle' THEN '认定'
		WHEN 'note' THEN '说明' WHEN 'restore' THEN '恢复' WHEN 'recover' THEN '追回'
		WHEN 'confirm' THEN '认定违规' WHEN 'dismiss' THEN '排除' WHEN 'upheld' THEN '维持' WHEN 'reduced' THEN '核减'
		WHEN 'withdrawn' THEN '撤销'
		WHEN 'first_verdict' THEN '待初审' WHEN 'second_verdict' THEN '待复审' WHEN 'third_verdict' THEN '待第三人审核'
		WHEN 'issuing' THEN '待下发' WHEN 'answer' THEN '待机构反馈' WHEN 'settlement' THEN '待处理申诉'
		WHEN 'facility' THEN '医疗机构' WHEN 'pharmacy' THEN '药店' WHEN 'physician' THEN '医师'
		WHEN 'person' THEN '参保人' WHEN 'agency' THEN '经办机构'
		WHEN 'by_item' THEN '按项目付费' WHEN 'case_paid' THEN '按病例付费' WHEN 'unknown' THEN '无法确定'
		WHEN 'running' THEN '进行中' WHEN 'interrupted' THEN '已中断' WHEN 'done' THEN '完成'
		WHEN 'failed' THEN '失败' WHEN 'pending' THEN '等待' WHEN 'skipped' THEN '未执行'
		WHEN 'pre' THEN '事前' WHEN 'mid' THEN '事中' WHEN 'post' THEN '事后'
		WHEN 'current' THEN '最新' WHEN 'older' THEN '早于末次运行'
		WHEN 'good' THEN '正常' WHEN 'suspended' THEN '暂停' WHEN 'terminated_1_year' THEN '终止(一年)'
		WHEN 'terminated_3_years' THEN '终止(三年)' WHEN 'red' THEN '红名单' WHEN 'black' THEN '黑名单'
		WHEN 'pharmacist' THEN '药师' WHEN 'low' THEN '低' WHEN 'medium' THEN '中' WHEN 'high' THEN '高' WHEN 'extreme' THEN '极高'
		ELSE code END;

COMMENT ON FUNCTION label_zh(text) IS
	'中文标签: Chinese label of a code of the views; the code itself where it has none; NULL for NULL';

-- What makes two rows the same charge line within a visit.
CREATE OR REPLACE FUNCTION _line_key(line_id text, item_code text, charged_at timestamp, quantity numeric, amount numeric) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce(line_id, concat_ws('|', item_code, charged_at, quantity, amount));

COMMENT ON FUNCTION _line_key(text, text, timestamp, numeric, numeric) IS
	'明细标识: the line number, or what the line says where it has none; never NULL for a line';

-- Key of a finding that joins several visits or lines.
CREATE OR REPLACE FUNCTION finding_key(ids text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT encode(sha256(convert_to(
			string_agg(id, E'\x1f' ORDER BY id COLLATE "C"), 'UTF8')), 'hex')
		FROM unnest(ids) AS id);

COMMENT ON FUNCTION finding_key(text[]) IS
	'发现标识: SHA-256 in hex of the identifiers, sorted bytewise and joined by 0x1F; NULL for NULL';
