-- What a refresh compares the register of persons with.

CREATE UNLOGGED TABLE medaudit_work.register_due (person_id text);
COMMENT ON TABLE medaudit_work.register_due IS '待核对人员: persons whose rows of the register a refresh compares, where it does not compare all';

CREATE UNLOGGED TABLE medaudit_work.register_row (person_id text, digest numeric, rows int);
COMMENT ON TABLE medaudit_work.register_row IS '登记行摘要: digests of the rows of the register as they are now';

CREATE UNLOGGED TABLE medaudit_work.register_changed (person_id text, digest numeric, rows int);
COMMENT ON TABLE medaudit_work.register_changed IS '有变化的登记: persons whose rows of the register are not as the store has them; no rows: not there any more';

CREATE UNLOGGED TABLE medaudit_work.register_copy (person_id text, copies int, different int);
COMMENT ON TABLE medaudit_work.register_copy IS '重复登记: of persons with several rows of the register how many are copies, and how many differ';

CREATE UNLOGGED TABLE medaudit_work.register_home (kind text, value text, people bigint);
COMMENT ON TABLE medaudit_work.register_home IS '受影响家庭: households and addresses in which somebody lives or lived who changed, and how many of the people share each';

CREATE UNLOGGED TABLE medaudit_work.near_people (people_id text, core bool, place int);
CREATE INDEX ON medaudit_work.near_people USING hash (people_id);
COMMENT ON TABLE medaudit_work.near_people IS '相关人员: the people near to those whose stays a run judges; core: one goes on from them; place: after how many links';

CREATE UNLOGGED TABLE medaudit_work.near_value (kind text, value text, links bool, place int);
CREATE INDEX ON medaudit_work.near_value USING hash (value);
COMMENT ON TABLE medaudit_work.near_value IS '相关登记项: households, addresses and telephones of these; links: whether one goes on to who shares it';
