-- What readers see: of whole regions, or of some facilities.

CREATE TABLE reader_scope (
	role_name name NOT NULL,
	region text CHECK (region <> ''),
	facility_id text CHECK (facility_id <> ''),
	CONSTRAINT reader_scope_narrow CHECK (num_nonnulls(region, facility_id) > 0),
	CONSTRAINT reader_scope_once UNIQUE NULLS NOT DISTINCT (role_name, region, facility_id)
);

COMMENT ON TABLE reader_scope IS
	'查看范围: what members of a role see in the masked views, the findings of all its rows together; whoever is in no role of it sees all, superusers too';
COMMENT ON COLUMN reader_scope.role_name IS '角色: it holds for all members of the role';
COMMENT ON COLUMN reader_scope.region IS
	'区划: code of a region; of digits, those of its parts too (330100 has 330102); NULL: whatever region';
COMMENT ON COLUMN reader_scope.facility_id IS '定点医药机构编号: one facility; NULL: all of the region';

SELECT pg_extension_config_dump('reader_scope', '');
