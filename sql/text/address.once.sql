-- The divisions that come with medaudit.

INSERT INTO division (code, name, shipped)
SELECT left(line, 6), substr(line, 8), true
FROM regexp_split_to_table(shipped_divisions(), E'\n') AS line
WHERE line <> '';
