-- 结果互认, 慢特病备案, 未备案项目, 手工报销: small duties of facilities, persons and the fund's own office.
-- Planted: an examination again elsewhere after five days, within its fourteen; a visit for a
-- special disease without a certificate, and four days after one ended; an item that is on no
-- list of the hospital, and one that was on it until last year; an invoice paid twice; five
-- numbers in a row of five people; an issuer that cannot exist; a claim for days on which a
-- stay was settled; an operator who approves; an account of five homes.
-- Near misses: the same hospital, sixteen days, another part of the body, an operation between;
-- three days after a certificate ended and before one begins, another type of visit; an item
-- that is listed, and one that the patient paid; an invoice taken back and paid anew, two rows
-- of one claim; four numbers, five of one person, five over two months; a valid issuer, and a
-- tax number of fifteen digits; days that touch, another hospital; two operators; five of one
-- home, four people.

CREATE TABLE demo.case_claim (
	case_id text REFERENCES demo.case_, c text, who int, claim text, paid int, invoice int, amount numeric,
	issuer text, operator text, approver text, account text, hospital text, first_day int, last_day int);
COMMENT ON TABLE demo.case_claim IS 'claims at the counter; days are counted as times are; claim: another row of that claim';
CREATE TABLE demo.case_certificate (case_id text REFERENCES demo.case_, who int, first_day int, last_day int);
CREATE TABLE demo.case_operation (case_id text REFERENCES demo.case_, v text, day int);

INSERT INTO yb.hilist_b VALUES
	('002199000010000', '头部CT(互认项目)', '03', '次', 210, '01'), ('002199000020000', '胸部CT(互认项目)', '03', '次', 220, '01'),
	('004990000010000', '体外冲击波治疗', '05', '次', 320, '01'), ('004990000020000', '经颅磁刺激治疗', '05', '次', 260, '01'),
	('004990000030000', '高压氧治疗', '05', '次', 150, '01');
INSERT INTO demo.case_item VALUES
	('head', '002199000010000', 210), ('chest', '002199000020000', 220), ('unlisted', '004990000010000', 320),
	('listed', '004990000020000', 260), ('delisted', '004990000030000', 150);
INSERT INTO demo.case_rule VALUES
	('repeated', 'repeated_exam'), ('certificate', 'no_certificate'), ('unlisteditem', 'unlisted_item'), ('invoicetwice', 'invoice_twice'),
	('invoicerow', 'invoice_row'), ('issuer', 'issuer_invalid'), ('claimedtwice', 'claimed_twice'), ('operator', 'same_operator'), ('payee', 'payee_of_many');

INSERT INTO demo.case_ VALUES
('验单 again after five days', 'repeated', 'found', NULL, 'day', 'the result of another hospital held for fourteen days'),
('验单 on the last day', 'repeated', 'found', NULL, 'day', 'fourteen days after'),
('验单 at the same hospital', 'repeated', 'silent', NULL, 'day', 'a check of its own work'),
('验单 after sixteen days', 'repeated', 'silent', NULL, 'day', 'the result held no more'),
('验单 another part of the body', 'repeated', 'silent', NULL, 'day', 'another code'),
('验单 an operation between', 'repeated', 'silent', NULL, 'day', 'the patient was operated after the first'),
('领证 no certificate', 'certificate', 'found', NULL, 'day', 'paid for a special disease without any certificate'),
('领证 four days after it ended', 'certificate', 'found', NULL, 'day', 'a day beyond the grace'),
('领证 three days after it ended', 'certificate', 'silent', NULL, 'day', 'renewed late'),
('领证 three days before it begins', 'certificate', 'silent', NULL, 'day', 'papers after a rescue'),
('领证 a plain visit', 'certificate', 'silent', NULL, 'day', 'no special disease'),
('项目 not on the list', 'unlisteditem', 'found', NULL, 'day', 'the hospital may not charge it'),
('项目 no longer on the list', 'unlisteditem', 'found', NULL, 'day', 'it was listed until last year'),
('项目 on the list', 'unlisteditem', 'silent', NULL, 'day', 'listed from last year on'),
('项目 paid by the patient', 'unlisteditem', 'silent', NULL, 'day', 'nothing was claimed'),
('零星票据 paid twice', 'invoicetwice', 'found', NULL, 'day', 'one invoice in two claims'),
('零星票据 taken back and paid anew', 'invoicetwice', 'silent', NULL, 'day', 'the first claim was reversed'),
('零星票据 two rows of one claim', 'invoicetwice', 'silent', NULL, 'day', 'one claim paid in two parts'),
('零星票据 five in a row', 'invoicerow', 'found', NULL, 'day', 'five numbers of five people in thirty days'),
('零星票据 four in a row', 'invoicerow', 'silent', NULL, 'day', 'one number too few'),
('零星票据 five of one person', 'invoicerow', 'silent', NULL, 'day', 'the receipts of one stay'),
('零星票据 five over two months', 'invoicerow', 'silent', NULL, 'day', 'not within thirty days'),
('零星票据 an issuer that cannot exist', 'issuer', 'found', NULL, 'day', 'its check character is wrong'),
('零星票据 an issuer that exists', 'issuer', 'silent', NULL, 'day', 'a valid credit code'),
('零星票据 an older tax number', 'issuer', 'silent', NULL, 'day', 'fifteen digits'),
('零星报销 settled too', 'claimedtwice', 'found', NULL, 'day', 'days of a stay that was settled in the network'),
('零星报销 days that touch', 'claimedtwice', 'silent', NULL, 'day', 'from the day of discharge on'),
('零星报销 another hospital', 'claimedtwice', 'silent', NULL, 'day', 'days of the stay, elsewhere'),
('零星报销 entered and approved', 'operator', 'found', NULL, 'day', 'by one operator'),
('零星报销 two operators', 'operator', 'silent', NULL, 'day', 'as it should be'),
('零星报销 an account of five homes', 'payee', 'found', NULL, 'day', 'five people of five homes'),
('零星报销 an account of one home', 'payee', 'silent', NULL, 'day', 'a family'),
('零星报销 an account of four homes', 'payee', 'silent', NULL, 'day', 'one too few');
INSERT INTO demo.case_visit
SELECT case_id, v, 1, 1, hospital, '11', day || ' 09:00', day || ' 10:00', 'S06.000'
FROM (VALUES ('again after five days', 'a', 'A', 0), ('again after five days', 'b', 'B', 5), ('on the last day', 'a', 'A', 0), ('on the last day', 'b', 'B', 14),
	('at the same hospital', 'a', 'A', 0), ('at the same hospital', 'b', 'A', 5), ('after sixteen days', 'a', 'A', 0), ('after sixteen days', 'b', 'B', 16),
	('another part of the body', 'a', 'A', 0), ('another part of the body', 'b', 'B', 5),
	('an operation between', 'a', 'A', 0), ('an operation between', 'b', 'A', 2), ('an operation between', 'c', 'B', 5)) AS t (name, v, hospital, day)
CROSS JOIN LATERAL (SELECT '验单 ' || name AS case_id) AS k
UNION ALL
SELECT case_id, 'a', 1, 1, 'A', CASE case_id WHEN '领证 a plain visit' THEN '11' ELSE '140104' END, '10 09:00', '10 10:00', 'E11.900'
FROM demo.case_ WHERE case_id LIKE '领证 %'
UNION ALL
-- people of claims come to the doctor, so that they are known
SELECT case_id, chr(96 + n), n, CASE case_id WHEN '零星报销 an account of one home' THEN 1 ELSE n END, 'A', '11', '0 09:00', '0 10:00', 'J06.900'
FROM (VALUES ('零星票据 five in a row', 5), ('零星票据 four in a row', 4), ('零星票据 five over two months', 5), ('零星报销 an account of five homes', 5), ('零星报销 an account of one home', 5),
	('零星报销 an account of four homes', 4)) AS t (case_id, people) CROSS JOIN generate_series(1, people) AS n;
INSERT INTO demo.case_visit
SELECT case_id, 'a', 1, 1, 'A', '11', '1 09:00', '1 11:00', 'M54.500' FROM demo.case_ AS c
WHERE case_id ~ '^(项目 |零星票据 |零星报销 (entered|two))' AND NOT EXISTS (SELECT FROM demo.case_visit AS v WHERE v.case_id = c.case_id);
INSERT INTO demo.case_line
SELECT v.case_id, v.v, '1', CASE WHEN v.case_id !~ '^验单' OR v.case_id ~ 'operation' AND v.v = 'b' THEN 'filler' WHEN v.case_id ~ 'another part' AND v.v = 'b' THEN 'chest' ELSE 'head' END,
	1, NULL, split_part(v.begins, ' ', 1) || ' 09:20', NULL, true
FROM demo.case_visit AS v WHERE v.case_id ~ '^(验单|领证|零星票据|零星报销) ';
INSERT INTO demo.case_line VALUES
('项目 not on the list', 'a', '1', 'unlisted', 1, NULL, '1 10:00', NULL, true),
('项目 no longer on the list', 'a', '1', 'delisted', 1, NULL, '1 10:00', NULL, true),
('项目 on the list', 'a', '1', 'listed', 1, NULL, '1 10:00', NULL, true),
('项目 paid by the patient', 'a', '1', 'unlisted', 1, NULL, '1 10:00', NULL, false);
INSERT INTO demo.case_operation VALUES ('验单 an operation between', 'b', 2);
INSERT INTO demo.case_certificate VALUES
('领证 four days after it ended', 1, -300, 6), ('领证 three days after it ended', 1, -300, 7), ('领证 three days before it begins', 1, 13, 300);
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount) VALUES
('零星票据 paid twice', 'a', 1, 10, 100, 800), ('零星票据 paid twice', 'b', 1, 45, 100, 800),
('零星票据 taken back and paid anew', 'a', 1, 10, 100, 800), ('零星票据 taken back and paid anew', 'b', 1, 20, 100, -800), ('零星票据 taken back and paid anew', 'c', 1, 21, 100, 800),
('零星票据 two rows of one claim', 'a', 1, 10, 100, 500);
INSERT INTO demo.case_claim (case_id, c, who, claim, paid, invoice, amount) VALUES ('零星票据 two rows of one claim', 'b', 1, 'a', 10, 100, 300);
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount)
SELECT case_id, chr(96 + n), CASE case_id WHEN '零星票据 five of one person' THEN 1 ELSE n END,
	CASE case_id WHEN '零星票据 five over two months' THEN 11 * n ELSE 7 * n END, 200 + n, 400 + n
FROM (VALUES ('零星票据 five in a row', 5), ('零星票据 four in a row', 4), ('零星票据 five of one person', 5), ('零星票据 five over two months', 5)) AS t (case_id, numbers)
CROSS JOIN generate_series(1, numbers) AS n;
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount, issuer) VALUES
('零星票据 an issuer that cannot exist', 'a', 1, 10, 300, 900, '91350100M000100Y44'), ('零星票据 an issuer that exists', 'a', 1, 10, 300, 900, '91350100M000100Y43'),
('零星票据 an older tax number', 'a', 1, 10, 300, 900, '330100000012345');
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount, hospital, first_day, last_day) VALUES
('零星报销 settled too', 'a', 1, 30, 400, 1500, 'A', 1, 3), ('零星报销 days that touch', 'a', 1, 30, 400, 1500, 'A', 6, 8), ('零星报销 another hospital', 'a', 1, 30, 400, 1500, 'B', 1, 3);
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount, operator, approver) VALUES
('零星报销 entered and approved', 'a', 1, 10, 500, 600, 'own', 'own'), ('零星报销 two operators', 'a', 1, 10, 500, 600, 'own', 'other');
INSERT INTO demo.case_claim (case_id, c, who, paid, invoice, amount, account)
SELECT case_id, chr(96 + n), n, 3 * n, 600 + 10 * n, 700, 'shared'
FROM (VALUES ('零星报销 an account of five homes', 5), ('零星报销 an account of one home', 5), ('零星报销 an account of four homes', 4)) AS t (case_id, people)
CROSS JOIN generate_series(1, people) AS n;
