-- What readers see: of whole regions, or of some facilities.

CREATE TABLE reader_scope (
	role_name name NOT NULL,
	region text CONSTRAINT reader_scope_region CHECK (medaudit.code_fold(region) ~ '[^0-9]'
		OR medaudit.code_fold(region) ~ '^(0[1-9]|[1-9][0-9])([0-9]{2}|[0-9]{4}|[0-9]{7}|[0-9]{10})?$'),
	facility_id text CONSTRAINT reader_scope_facility CHECK (medaudit.code_fold(facility_id) <> ''),
	role_oid oid NOT NULL,
	CONSTRAINT reader_scope_narrow CHECK (num_nonnulls(region, facility_id) > 0),
	CONSTRAINT reader_scope_once UNIQUE NULLS NOT DISTINCT (role_name, region, facility_id)
);

COMMENT ON TABLE reader_scope IS
	'查看范围: what members of a role see in the masked views, the findings of all its rows together; whoever is in no role of it sees all, superusers too';
COMMENT ON COLUMN reader_scope.role_name IS '角色: it holds for all members of the role';
COMMENT ON COLUMN reader_scope.region IS
	'区划: code of a region; of digits (2, 4, 6, 9 or 12), those of its parts too (330100 has 330102); NULL: whatever region';
COMMENT ON COLUMN reader_scope.facility_id IS '定点医药机构编号: one facility; NULL: all of the region';
COMMENT ON COLUMN reader_scope.role_oid IS '角色标识: a trigger says which role that is, so that it holds under another name, too';

SELECT pg_extension_config_dump('reader_scope', '');
