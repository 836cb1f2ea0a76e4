-- Who has which level of access.

CREATE TABLE access_grant (
	role_name name NOT NULL,
	level text NOT NULL CHECK (level IN ('reader', 'analyst', 'reviewer', 'chief', 'runner')),
	granted_by text NOT NULL DEFAULT session_user,
	granted_at timestamptz NOT NULL DEFAULT now(),
	role_oid oid NOT NULL,
	PRIMARY KEY (role_name, level)
);

COMMENT ON TABLE access_grant IS
	'权限登记: which levels grant_access() gave to which roles; what is bound or stored later is granted by it';
COMMENT ON COLUMN access_grant.role_name IS '角色: to whom';
COMMENT ON COLUMN access_grant.level IS '级别: reader, analyst, reviewer, chief or runner';
COMMENT ON COLUMN access_grant.granted_by IS '授权人: who was connected';
COMMENT ON COLUMN access_grant.granted_at IS '授权时间';
COMMENT ON COLUMN access_grant.role_oid IS '角色标识: a trigger says which role that is, so that it holds under another name, too';

GRANT SELECT ON access_grant TO PUBLIC;
SELECT pg_extension_config_dump('access_grant', '');
