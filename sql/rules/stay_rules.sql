-- What holds for the tables of rules over stays.

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON stay_tag
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();

CREATE OR REPLACE TRIGGER keep_shipped BEFORE INSERT OR UPDATE OR DELETE ON visit_class
	FOR EACH ROW EXECUTE FUNCTION _keep_shipped_term();
