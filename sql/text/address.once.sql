-- The divisions and the words that come with medaudit.

INSERT INTO division (code, name, shipped)
SELECT left(line, 6), substr(line, 8), true
FROM regexp_split_to_table(shipped_divisions(), E'\n') AS line
WHERE line <> '';

-- An upgrade to a build with other words begins with DELETE FROM address_word WHERE shipped, and repeats this.
INSERT INTO address_word (kind, word, canonical, not_before, shipped)
SELECT split_part(head, ' ', 1), split_part(head, ' ', 2), nullif(split_part(line, E'\t', 2), ''),
	nullif(split_part(line, E'\t', 3), ''), true
FROM regexp_split_to_table(shipped_address_words(), E'\n') AS line, split_part(line, E'\t', 1) AS head
WHERE line <> '';
