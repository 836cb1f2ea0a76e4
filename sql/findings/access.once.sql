-- The last topic: every table is there.

CALL _know_rows('medaudit');
