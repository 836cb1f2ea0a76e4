-- What holds for the tables of rules over stays.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_rule
	FOR EACH ROW EXECUTE FUNCTION _keep_parameters();
CREATE OR REPLACE TRIGGER check_inserted_rule AFTER INSERT ON stay_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER check_updated_rule AFTER UPDATE ON stay_rule
	REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON stay_rule
	FOR EACH STATEMENT EXECUTE FUNCTION _refuse_truncate();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_tag
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON visit_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();
