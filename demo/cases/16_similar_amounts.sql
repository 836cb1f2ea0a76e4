-- 金额接近: stays of a month for which the fund paid much the same.
-- Planted: twelve of twenty stays at 2,995 to 3,011 yuan, in a house of eight beds of its
-- own.
-- Near misses: five of twenty, below 30 %; twelve of twenty that are planned cycles of one
-- kind.

INSERT INTO demo.case_ VALUES
('金额接近 twelve of twenty', 'similar', 'found', NULL, 'month', 'twelve of twenty stays of a month for which the fund paid 2,995 to 3,011 yuan'),
('金额接近 five of twenty', 'similar', 'silent', NULL, 'month', 'five of twenty: below 30 %'),
('金额接近 chemotherapy', 'similar', 'silent', NULL, 'month', 'twelve of twenty, but these are planned cycles of one kind: tagged so');
INSERT INTO demo.case_visit
SELECT c, chr(97 + j), 1 + j, 1 + j, hospital, '21', format('%s 09:00', 1 + j), format('%s 10:00', 4 + j),
	CASE WHEN j < alike THEN diag ELSE 'K80.200' END
FROM (VALUES ('金额接近 twelve of twenty', 'J', 12, 'J18.900'), ('金额接近 five of twenty', 'K', 5, 'J18.900'),
			 ('金额接近 chemotherapy', 'L', 12, 'Z51.102')) AS t(c, hospital, alike, diag), generate_series(0, 19) AS j;
-- What the fund pays is 0.72 of the scope; the salt water of three days comes to
-- 19.20, and 57.60 more for each letter.
INSERT INTO demo.case_line
SELECT c, chr(97 + j), '1', 'implant', 1, CASE WHEN j < alike THEN 4160 + 2 * j ELSE round(1500 * 1.17 ^ (j - 5), 2) END - 19.2 - 57.6 * j,
	format('%s 11:00', 2 + j), NULL, true
FROM (VALUES ('金额接近 twelve of twenty', 12), ('金额接近 five of twenty', 5), ('金额接近 chemotherapy', 12)) AS t(c, alike),
	generate_series(0, 19) AS j;
