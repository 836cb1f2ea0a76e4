-- The indicators that come with medaudit.

INSERT INTO indicator SELECT i.* FROM _shipped_indicators() AS i;
