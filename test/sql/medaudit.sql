-- The library says its version, and it is the installed extension's.
SELECT medaudit.version() = extversion AS versions_agree
FROM pg_catalog.pg_extension WHERE extname = 'medaudit';

-- A misspelt setting of ours is refused.
SET medaudit.no_such_setting = 1;
