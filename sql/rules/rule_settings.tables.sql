-- What a fund changes of rules: whether one is asked, how sure it is, and its
-- parameters.  Of a shipped rule the change
-- stands in rule_setting and shows in the rule, so that dump, restore and
-- upgrade keep it, and deleting it brings back what was shipped.

CREATE TABLE rule_setting (
	rule_code text PRIMARY KEY,
	enabled bool,
	certainty text,
	parameters jsonb,
	shipped_enabled bool,
	shipped_certainty text,
	shipped_parameters jsonb,
	changed_at timestamptz NOT NULL DEFAULT now(),
	changed_by text NOT NULL DEFAULT CURRENT_USER
);

COMMENT ON TABLE rule_setting IS
	'规则设置: what a fund changed of shipped rules; survives dump, restore and upgrade. Written by set_rule(), by UPDATE of rule, or by hand; deleting a row brings back what was shipped';
COMMENT ON COLUMN rule_setting.rule_code IS '规则编号: the rule';
COMMENT ON COLUMN rule_setting.enabled IS '是否启用: NULL: as shipped';
COMMENT ON COLUMN rule_setting.certainty IS '结果类型: NULL: as shipped';
COMMENT ON COLUMN rule_setting.parameters IS
	'参数: those that were changed, as in rule.parameters; NULL: as shipped';
COMMENT ON COLUMN rule_setting.shipped_enabled IS '原启用状态: what was shipped';
COMMENT ON COLUMN rule_setting.shipped_certainty IS '原结果类型: what was shipped';
COMMENT ON COLUMN rule_setting.shipped_parameters IS
	'原参数: rule.parameters as shipped';
COMMENT ON COLUMN rule_setting.changed_at IS '修改时间: when it was changed last';
COMMENT ON COLUMN rule_setting.changed_by IS '修改人: role that changed it last';

GRANT SELECT ON rule_setting TO PUBLIC;
SELECT pg_extension_config_dump('rule_setting', '');
