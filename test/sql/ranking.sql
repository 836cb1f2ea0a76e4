-- ranking: each line counts once in money, and the worklist keeps its order
\set SHOW_CONTEXT never
SET datestyle = iso;
SET client_min_messages = warning;
-- findings are written by hand here, which none but tests do
ALTER TABLE medaudit.finding DISABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line DISABLE TRIGGER guard;
CREATE FUNCTION pg_temp.put(id bigint, rule text, sure text, visit text, gross numeric DEFAULT NULL, involved numeric DEFAULT NULL, state text DEFAULT 'open',
	facility text DEFAULT 'F1') RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount, involved_amount,
		evidence, state, key, judged_on, rule_name, evidence_text, fingerprint)
	VALUES (id, 1, rule, sure, 'facility', facility, visit, facility, gross, involved, '{}', state, id, '2026-03-05', rule, 'finding ' || id, '\x00') $$;
CREATE FUNCTION pg_temp.put_line(id bigint, no int, visit text, line text, amount numeric, excess numeric, share numeric DEFAULT 0.8, fund numeric DEFAULT 0.4)
	RETURNS void LANGUAGE sql AS $$
	INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, item_code, quantity, amount, excess_quantity, excess_amount, excess_claimed, fund_amount, evidence_text)
	VALUES (id, no, visit, line, 'A', 1, amount, 1, excess, round(excess * share, 2), round(excess * fund, 2), 'line ' || id || '/' || no) $$;
CREATE VIEW pg_temp.listed AS SELECT rank, finding_id AS id, certainty, visit_id AS visit, line_id AS line, excess_amount AS excess, gross_amount AS gross, claimed_amount AS claimed,
	fund_amount AS fund, involved_amount AS involved, other_rules AS others, evidence_text AS says FROM medaudit.worklist;

-- the worked example: a line of 13.00, price 1.00 too high, charged twice
SELECT pg_temp.put(1, 'price', 'violation', 'V1', 1), pg_temp.put(2, 'twice', 'suspicion', 'V1', 13);
SELECT pg_temp.put_line(1, 1, 'V1', '1', 13, 1), pg_temp.put_line(2, 1, 'V1', '1', 13, 13);
TABLE pg_temp.listed ORDER BY rank;
SELECT finding_id, gross_once, claimed_once, fund_once, lines_once FROM medaudit.finding_shares ORDER BY 1;
-- the sure one finds as much: nothing is left for the doubt
UPDATE medaudit.finding_line SET excess_amount = 13, excess_claimed = 10.4, fund_amount = 5.2 WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
SELECT finding_id, gross_once, lines_once FROM medaudit.finding_shares ORDER BY 1;
-- set aside by a person, its money moves to the other; restored, it comes back
UPDATE medaudit.finding SET state = 'dismissed' WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
UPDATE medaudit.finding SET state = 'open' WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
-- what was reviewed or issued keeps its money and is on the list no more
UPDATE medaudit.finding SET state = 'issued' WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
SELECT sum(gross_once) FROM medaudit.finding_shares;
UPDATE medaudit.finding SET state = 'superseded' WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
-- certainty decides, too
UPDATE medaudit.finding SET state = 'open', certainty = 'notice' WHERE finding_id = 1;
TABLE pg_temp.listed ORDER BY rank;
DELETE FROM medaudit.finding WHERE finding_id = 2;
TABLE pg_temp.listed ORDER BY rank;
DELETE FROM medaudit.finding;
SELECT count(*) FROM medaudit.ranked_line;

-- down the three levels: violations 2 and 3, suspicions 5 and 4, notices 4 and 9 of one line count
-- 3 + 2 + 4; the higher of a level, the first rule of two alike
SELECT pg_temp.put(11, 'b', 'violation', 'V1', 2), pg_temp.put(12, 'a', 'violation', 'V1', 3), pg_temp.put(13, 'd', 'suspicion', 'V1', 5), pg_temp.put(14, 'c', 'suspicion', 'V1', 4),
	pg_temp.put(15, 'e', 'notice', 'V1', 4), pg_temp.put(16, 'g', 'notice', 'V1', 9), pg_temp.put(17, 'f', 'notice', 'V1', 9);
SELECT pg_temp.put_line(11, 1, 'V1', '1', 9, 2), pg_temp.put_line(12, 1, 'V1', '1', 9, 3), pg_temp.put_line(13, 1, 'V1', '1', 9, 5), pg_temp.put_line(14, 1, 'V1', '1', 9, 4),
	pg_temp.put_line(15, 1, 'V1', '1', 9, 4), pg_temp.put_line(16, 1, 'V1', '1', 9, 9), pg_temp.put_line(17, 1, 'V1', '1', 9, 9);
TABLE pg_temp.listed ORDER BY rank;
SELECT sum(gross), sum(claimed), sum(fund) FROM pg_temp.listed;
-- a notice that finds less than the sure ones adds nothing; nor does the middle one then
DELETE FROM medaudit.finding WHERE finding_id IN (16, 17);
UPDATE medaudit.finding_line SET excess_amount = 3, excess_claimed = 2.4 WHERE finding_id = 13;
SELECT id, gross, others FROM pg_temp.listed ORDER BY rank;
DELETE FROM medaudit.finding;

-- where the fund money of a surer one is not known, that of the rest is not either;
-- claimed money never counts below nothing for a cent of rounding
SELECT pg_temp.put(21, 'a', 'violation', 'V1', 10), pg_temp.put(22, 'b', 'suspicion', 'V1', 10.01);
SELECT pg_temp.put_line(21, 1, 'V1', '1', 20, 10, 0.8, NULL), pg_temp.put_line(22, 1, 'V1', '1', 20, 10.01, 0.79, 0.4);
SELECT id, gross, claimed, fund FROM pg_temp.listed ORDER BY rank;
-- two lines of one key are two, whatever finding of the rule has them
SELECT pg_temp.put(23, 'c', 'violation', 'V2', 5), pg_temp.put(24, 'c', 'suspicion', 'V2', 7), pg_temp.put(25, 'd', 'suspicion', 'V2', 9);
SELECT pg_temp.put_line(23, 1, 'V2', NULL, 9, 5), pg_temp.put_line(24, 1, 'V2', NULL, 9, 7), pg_temp.put_line(25, 1, 'V2', NULL, 9, 9);
SELECT id, gross, others FROM pg_temp.listed WHERE visit = 'V2' ORDER BY rank;
-- lines without a visit are told apart from others
SELECT pg_temp.put(26, 'e', 'notice', NULL, 3);
SELECT pg_temp.put_line(26, 1, NULL, '1', 3, 3);
SELECT id, visit, gross FROM pg_temp.listed WHERE id = 26;
TRUNCATE medaudit.finding, medaudit.finding_line;
SELECT count(*) FROM medaudit.ranked_line;

-- patterns, by the money involved; a finding with money but no line of its own; what gets lines is none any more
SELECT pg_temp.put(31, 'split', 'suspicion', 'V1', NULL, 900), pg_temp.put(32, 'split', 'suspicion', 'V2', NULL, 1000), pg_temp.put(33, 'own', 'suspicion', 'V3', 40), pg_temp.put(34, 'split', 'suspicion', 'V4');
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, evidence_text) VALUES (31, 1, 'V1', 'a stay');
TABLE pg_temp.listed ORDER BY rank;
SELECT pg_temp.put_line(33, 1, 'V3', '1', 40, 40), pg_temp.put_line(33, 2, 'V3', '2', 40, 0);
SELECT rank, id, line, gross, involved FROM pg_temp.listed ORDER BY rank;
UPDATE medaudit.finding SET involved_amount = 5, facility_id = 'F2' WHERE finding_id = 32;
SELECT rank, finding_id, facility_id, involved_amount FROM medaudit.worklist WHERE finding_id = 32;
TRUNCATE medaudit.finding_line CASCADE;
SELECT rank, id, line, gross, involved FROM pg_temp.listed ORDER BY rank;
TRUNCATE medaudit.finding CASCADE;

-- whatever is done, the tables say what slow plain SQL says
CREATE TABLE pg_temp.standing (finding_id bigint, rule_code text, line_no int, visit text, line text, excess numeric, sure int);
CREATE INDEX ON pg_temp.standing (visit, line);
CREATE VIEW pg_temp.slow AS
SELECT a.finding_id, a.line_no, a.excess - coalesce(s.highest, 0) AS gross, (SELECT count(*) FROM pg_temp.standing AS o WHERE (o.visit, o.line) = (a.visit, a.line)) - 1 AS others
FROM pg_temp.standing AS a, LATERAL (SELECT max(b.excess) AS highest FROM pg_temp.standing AS b WHERE (b.visit, b.line) = (a.visit, a.line) AND b.sure < a.sure) AS s
WHERE (s.highest IS NULL OR a.excess > s.highest) AND NOT EXISTS (SELECT FROM pg_temp.standing AS b
	WHERE (b.visit, b.line) = (a.visit, a.line) AND b.sure = a.sure AND (-b.excess, b.rule_code COLLATE "C", b.finding_id) < (-a.excess, a.rule_code COLLATE "C", a.finding_id));
CREATE VIEW pg_temp.fast AS SELECT finding_id, line_no, gross_once, other_rules FROM medaudit.ranked_line WHERE lines_once = 1;
-- what findings add up to, by plain SQL
CREATE VIEW pg_temp.of_each AS SELECT f.*, (SELECT sum(r.gross_once) FROM medaudit.ranked_line AS r WHERE r.finding_id = f.finding_id) AS gross_once,
	(SELECT sum(r.claimed_once) FROM medaudit.ranked_line AS r WHERE r.finding_id = f.finding_id) AS claimed_once,
	(SELECT sum(r.fund_once) FROM medaudit.ranked_line AS r WHERE r.finding_id = f.finding_id) AS fund_once
FROM medaudit.finding AS f WHERE f.state IN ('open', 'reviewed', 'issued');
CREATE FUNCTION pg_temp.slow_sums(of_what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT concat_ws(''|'', %1$I, count(*), count(*) FILTER (WHERE certainty = ''violation''), count(DISTINCT rule_code), count(DISTINCT person_id), count(DISTINCT facility_id),
		coalesce(sum(gross_amount)::numeric(14,2)::text, ''-''), coalesce(sum(claimed_amount)::numeric(14,2)::text, ''-''), coalesce(sum(fund_amount)::numeric(14,2)::text, ''-''),
		coalesce(sum(gross_once)::numeric(14,2)::text, ''-''), coalesce(sum(claimed_once)::numeric(14,2)::text, ''-''), coalesce(sum(fund_once)::numeric(14,2)::text, ''-''),
		coalesce(sum(involved_amount)::numeric(14,2)::text, ''-'')) FROM pg_temp.of_each WHERE %1$I IS NOT NULL GROUP BY %1$I', of_what);
END
$$;
CREATE FUNCTION pg_temp.kept_sums(of_what text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT concat_ws(''|'', %1$I, findings, violations, %2$s, %3$s, %4$s, coalesce(gross_amount::text, ''-''), coalesce(claimed_amount::text, ''-''), coalesce(fund_amount::text, ''-''),
		coalesce(gross_once::text, ''-''), coalesce(claimed_once::text, ''-''), coalesce(fund_once::text, ''-''), coalesce(involved_amount::text, ''-'')) FROM medaudit.%5$I', of_what,
		CASE of_what WHEN 'rule_code' THEN '1' ELSE 'rules' END, CASE of_what WHEN 'person_id' THEN '1' ELSE 'persons' END,
		CASE of_what WHEN 'facility_id' THEN '1' WHEN 'physician_id' THEN '(SELECT count(DISTINCT facility_id) FROM pg_temp.of_each AS o WHERE o.physician_id = v.physician_id)' ELSE 'facilities' END,
		'findings_by_' || replace(replace(of_what, '_id', ''), '_code', '')) || ' AS v';
END
$$;
CREATE FUNCTION pg_temp.wrong_sums() RETURNS bigint LANGUAGE sql AS $$
	SELECT sum((SELECT count(*) FROM ((SELECT pg_temp.slow_sums(k) EXCEPT SELECT pg_temp.kept_sums(k)) UNION ALL (SELECT pg_temp.kept_sums(k) EXCEPT SELECT pg_temp.slow_sums(k))) AS d))
	FROM unnest('{rule_code,facility_id,person_id,physician_id}'::text[]) AS k $$;
CREATE FUNCTION pg_temp.differences() RETURNS TABLE (counted bigint, ranked bigint, missing bigint, summed bigint) LANGUAGE plpgsql SET jit = off AS $$
BEGIN
	TRUNCATE pg_temp.standing;
	INSERT INTO pg_temp.standing
	SELECT f.finding_id, f.rule_code, l.line_no, l.visit_id, l.line_id, l.excess_amount, array_position('{violation,suspicion,notice}', f.certainty)
	FROM medaudit.finding AS f JOIN medaudit.finding_line AS l USING (finding_id) WHERE f.state IN ('open', 'reviewed', 'issued') AND l.excess_amount IS NOT NULL;
	ANALYZE pg_temp.standing;
	RETURN QUERY SELECT (SELECT count(*) FROM ((TABLE pg_temp.fast EXCEPT TABLE pg_temp.slow) UNION ALL (TABLE pg_temp.slow EXCEPT TABLE pg_temp.fast)) AS d),
		(SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY w.rank) AS rank, row_number() OVER (ORDER BY array_position('{violation,suspicion,notice}', w.certainty), w.fund_amount DESC NULLS LAST,
				w.claimed_amount DESC NULLS LAST, w.involved_amount DESC NULLS LAST, w.finding_id, l.line_no) AS right_one
			FROM medaudit.worklist AS w LEFT JOIN medaudit.finding_line AS l ON l.finding_id = w.finding_id AND l.line_id = w.line_id) AS r WHERE r.rank <> r.right_one),
		(SELECT count(*) FROM pg_temp.slow JOIN medaudit.finding USING (finding_id) WHERE state = 'open')
			+ (SELECT count(*) FROM medaudit.finding AS f WHERE state = 'open' AND NOT EXISTS (SELECT FROM medaudit.finding_line AS l WHERE l.finding_id = f.finding_id AND l.excess_amount IS NOT NULL))
			- (SELECT count(*) FROM medaudit.worklist), pg_temp.wrong_sums();
END
$$;
CREATE FUNCTION pg_temp.draw(what text, n int) RETURNS int LANGUAGE sql IMMUTABLE RETURN ((hashtextextended(what, 7) & 2147483647) % n)::int;
-- 3,000 lines of 2,000 findings
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount, involved_amount, evidence, state, key, judged_on, rule_name, fingerprint,
	person_id, physician_id, claimed_amount)
SELECT i, 1, 'r' || pg_temp.draw('r' || i, 9), (ARRAY['violation', 'suspicion', 'notice'])[1 + pg_temp.draw('c' || i, 3)], 'facility', 'F1', 'V' || pg_temp.draw('v' || i, 300), 'F' || pg_temp.draw('f' || i, 5),
	1, CASE WHEN i % 5 = 0 THEN pg_temp.draw('i' || i, 99) END, '{}', 'open', i, '2026-03-05', 'r', '\x00',
	CASE WHEN i % 7 > 0 THEN 'P' || pg_temp.draw('p' || i, 200) END, CASE WHEN i % 3 > 0 THEN 'D' || pg_temp.draw('d' || i, 40) END, CASE WHEN i % 11 > 0 THEN i END FROM generate_series(1, 2000) AS i;
INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount, excess_claimed, fund_amount)
SELECT f.finding_id, n, CASE WHEN n = 2 AND f.finding_id % 6 = 0 THEN 'W' || f.finding_id ELSE f.visit_id END, 'L' || (pg_temp.draw('l' || f.finding_id, 5) + n) % 5, e.e, e.e * 0.5, CASE WHEN f.finding_id % 4 > 0 THEN e.e * 0.25 END
FROM medaudit.finding AS f, generate_series(1, 2) AS n, LATERAL (SELECT (4 * pg_temp.draw(concat('e', f.finding_id, n), 9))::numeric AS e) AS e
-- no rule names a line twice
WHERE f.finding_id % 5 > 0 AND NOT EXISTS (SELECT FROM medaudit.finding AS o WHERE o.visit_id = f.visit_id AND o.rule_code = f.rule_code AND o.finding_id < f.finding_id);
SELECT count(*) > 1000 AS many, max(rank) = count(*) AS from_1 FROM medaudit.worklist;
SELECT * FROM pg_temp.differences();
CREATE TABLE pg_temp.trouble (step int, what text, counted bigint, ranked bigint, missing bigint, summed bigint);
DO $$
DECLARE
	step int;
	few int;
	what text;
BEGIN
	FOR step IN 1 .. 40 LOOP
		few := CASE WHEN step % 10 = 0 THEN 40 ELSE 1 + pg_temp.draw('n' || step, 4) END;
		what := (ARRAY['state', 'certainty', 'facility', 'delete', 'lines', 'less', 'new', 'state', 'state', 'whole'])[1 + pg_temp.draw('w' || step, 10)];
		CASE what
			WHEN 'state' THEN UPDATE medaudit.finding SET state = (ARRAY['open', 'reviewed', 'issued', 'dismissed', 'open'])[1 + pg_temp.draw(concat('s', step, finding_id), 5)]
				WHERE pg_temp.draw(concat('u', step, finding_id), 2000) < few;
			WHEN 'certainty' THEN UPDATE medaudit.finding SET certainty = (ARRAY['violation', 'suspicion', 'notice'])[1 + pg_temp.draw(concat('s', step, finding_id), 3)]
				WHERE pg_temp.draw(concat('u', step, finding_id), 2000) < few;
			WHEN 'facility' THEN UPDATE medaudit.finding SET facility_id = 'F9' WHERE pg_temp.draw(concat('u', step, finding_id), 2000) < few;
			WHEN 'delete' THEN DELETE FROM medaudit.finding WHERE pg_temp.draw(concat('u', step, finding_id), 2000) < few;
			WHEN 'lines' THEN DELETE FROM medaudit.finding_line WHERE pg_temp.draw(concat('u', step, finding_id, line_no), 2000) < few;
			WHEN 'less' THEN UPDATE medaudit.finding_line SET excess_amount = excess_amount / 2, excess_claimed = excess_claimed / 2, fund_amount = fund_amount / 2
				WHERE pg_temp.draw(concat('u', step, finding_id, line_no), 2000) < few;
			WHEN 'whole' THEN UPDATE medaudit.finding SET involved_amount = pg_temp.draw(concat('a', step, finding_id), 99) WHERE finding_id % 5 = 0 AND pg_temp.draw(concat('u', step, finding_id), 400) < few;
			ELSE
				INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, visit_id, facility_id, gross_amount, evidence, state, key, judged_on, rule_name, fingerprint)
				SELECT 10000 + 100 * step + i, 1, 'n' || step, 'suspicion', 'facility', 'F1', 'V' || pg_temp.draw('v' || step, 300), 'F1', 1, '{}', 'open', step || ' ' || i, '2026-03-05', 'r', '\x00' FROM generate_series(1, few) AS i;
				INSERT INTO medaudit.finding_line (finding_id, line_no, visit_id, line_id, excess_amount, excess_claimed, fund_amount)
				SELECT 10000 + 100 * step + i, 1, 'V' || pg_temp.draw('v' || step, 300), 'L' || i, 30 + i % 7, 20, 10 FROM generate_series(1, few) AS i;
		END CASE;
		INSERT INTO pg_temp.trouble SELECT step, what, d.* FROM pg_temp.differences() AS d WHERE d.counted <> 0 OR d.ranked <> 0 OR d.missing <> 0 OR d.summed <> 0;
	END LOOP;
END
$$;
TABLE pg_temp.trouble;
SELECT count(DISTINCT state) AS states, count(*) > 1500 AS findings FROM medaudit.finding;
-- half of it at once, by one statement
UPDATE medaudit.finding SET state = 'reviewed' WHERE finding_id % 2 = 0;
SELECT * FROM pg_temp.differences();
-- more than a sixteenth comes: all is numbered from 1
INSERT INTO medaudit.finding (finding_id, run_id, rule_code, certainty, subject_kind, subject_id, facility_id, involved_amount, evidence, key, judged_on, rule_name, fingerprint)
SELECT 50000 + i, 1, 'p', 'suspicion', 'facility', 'F1', 'F1', 50, '{}', i, '2026-03-05', 'r', '\x00' FROM generate_series(1, 1200) AS i;
SELECT * FROM pg_temp.differences();
SELECT max(rank) = count(*) AS from_1 FROM medaudit.worklist;
-- all again by hand: the same
CREATE TABLE pg_temp.kept AS SELECT * FROM medaudit.worklist;
CREATE TABLE pg_temp.kept_lines AS SELECT finding_id, line_no, visit_id, facility_id, sureness, gross_once, claimed_once, fund_once, involved_amount, lines_once, other_rules FROM medaudit.ranked_line;
CALL medaudit.rank_findings();
SELECT count(*) FROM (SELECT * FROM medaudit.worklist EXCEPT TABLE pg_temp.kept) AS d;
SELECT count(*), (SELECT count(*) FROM pg_temp.kept_lines) = (SELECT count(*) FROM medaudit.ranked_line) AS as_many FROM (SELECT finding_id, line_no, visit_id, facility_id, sureness, gross_once, claimed_once, fund_once, involved_amount, lines_once, other_rules FROM medaudit.ranked_line EXCEPT TABLE pg_temp.kept_lines) AS d;
-- few come and go: the others keep their numbers, and what comes between has one between theirs
CREATE TABLE pg_temp.numbered AS SELECT rank, finding_id, line_no, gross_once FROM medaudit.ranked_line WHERE rank IS NOT NULL;
SELECT finding_id AS first, rank FROM pg_temp.numbered WHERE rank = 10 \gset first_
SELECT f.certainty AS sure, r.involved_amount AS involved, r.rank AS at FROM medaudit.ranked_line AS r JOIN medaudit.finding AS f USING (finding_id)
WHERE r.involved_amount > 0 AND r.claimed_once IS NULL AND r.rank IS NOT NULL ORDER BY r.rank LIMIT 1 \gset like_
UPDATE medaudit.finding SET state = 'dismissed' WHERE finding_id = :first_first;
SELECT pg_temp.put(60001, 'between', :'like_sure', 'V9999', NULL, :like_involved + 0.01), pg_temp.put(60002, 'between', :'like_sure', 'V9999', NULL, :like_involved + 0.02);
SELECT finding_id, rank > :like_at - 1 AND rank < :like_at AS between, round(rank::numeric - :like_at, 2) AS from_it FROM medaudit.worklist WHERE finding_id > 60000 ORDER BY rank;
SELECT count(*) FILTER (WHERE r.gross_once = n.gross_once) AS moved, count(*) AS for_their_money FROM pg_temp.numbered AS n JOIN medaudit.ranked_line AS r USING (finding_id, line_no) WHERE r.rank <> n.rank;
SELECT * FROM pg_temp.differences();
-- of a finding over two visits one is counted anew: the other stays in the sums
SELECT pg_temp.put(60003, 'two', 'suspicion', 'V70', 9), pg_temp.put(60004, 'sure', 'violation', 'V70', 2);
UPDATE medaudit.finding SET person_id = 'P' || finding_id, physician_id = 'D' || finding_id WHERE finding_id IN (60003, 60004);
SELECT pg_temp.put_line(60003, 1, 'V70', '70', 9, 5), pg_temp.put_line(60003, 2, 'W70', '70', 9, 4), pg_temp.put_line(60004, 1, 'V70', '70', 9, 2);
UPDATE medaudit.finding SET state = 'dismissed' WHERE finding_id = 60004;
SELECT findings, gross_once FROM medaudit.findings_by_person WHERE person_id = 'P60003';
SELECT * FROM pg_temp.differences();
-- many times between the same two: no number is used up
DO $$ BEGIN
	FOR i IN 1 .. 60 LOOP
		PERFORM pg_temp.put(61000 + i, 'between', 'suspicion', 'V9999', NULL, 40 + 10.0 / (i + 1));
	END LOOP;
END $$;
SELECT count(DISTINCT rank) = count(*) AS all_apart, bool_and(rank > 0) AS numbered FROM medaudit.worklist;
SELECT * FROM pg_temp.differences();
DELETE FROM medaudit.finding WHERE finding_id > 60000;
UPDATE medaudit.finding SET state = 'open' WHERE finding_id = :first_first;
SELECT medaudit._rank_between(12, 13, 1, 1), medaudit._rank_between(12, 13, 3, 9), medaudit._rank_between(12.5, NULL, 2, 2), medaudit._rank_between(0, 1, 1, 2), medaudit._rank_between(1, 1.000000001, 1, 1);
SELECT bool_and(b.rank > p.low AND b.rank < p.high AND (b.before IS NULL OR b.rank > b.before)) AS apart
FROM (SELECT 7 + draw::float8 / 1000 AS low, 8::float8 AS high, k FROM generate_series(0, 999, 37) AS draw, generate_series(1, 40) AS k) AS p
CROSS JOIN LATERAL (SELECT r.rank, lag(r.rank) OVER (ORDER BY i) AS before FROM generate_series(1, p.k) AS i CROSS JOIN LATERAL (SELECT medaudit._rank_between(p.low, p.high, i, p.k) AS rank) AS r) AS b;
DROP TABLE pg_temp.kept; CALL medaudit.rank_findings(); CREATE TABLE pg_temp.kept AS SELECT * FROM medaudit.worklist;
-- the facility asked alone has the ranks of the whole list
SELECT count(*) FROM ((SELECT rank, finding_id, line_id FROM medaudit.worklist WHERE facility_id = 'F3') EXCEPT (SELECT rank, finding_id, line_id FROM pg_temp.kept)) AS d;
-- by an index
DO $$
DECLARE
	plan json;
BEGIN
	SET LOCAL enable_seqscan = off;
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM medaudit.worklist WHERE facility_id = $a$F3$a$' INTO plan;
	RAISE WARNING 'by the index of facilities: %', plan::text LIKE '%ranked_line_facility%';
	-- a page can be read in order: nothing is sorted
	SET LOCAL enable_sort = off;
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM medaudit.worklist ORDER BY rank LIMIT 5' INTO plan;
	RAISE WARNING 'by the index of ranks: %, sorted: %', plan::text LIKE '%ranked_line_rank%', plan::text ~ '"Sort Key": [[][^]]*rank';
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM medaudit.worklist WHERE rule_code = $a$r3$a$ ORDER BY rank LIMIT 5' INTO plan;
	RAISE WARNING 'of a rule: %, sorted: %', plan::text LIKE '%ranked_line_rule%', plan::text ~ '"Sort Key": [[][^]]*rank';
END
$$;
-- names go with the last finding that has them, and follow one that is renamed
UPDATE medaudit.finding SET rule_name = rule_code, facility_name = facility_id || '医院', violation = 'v' || finding_id % 2;
UPDATE medaudit.finding SET rule_name = '龥旧名', facility_name = '龥旧院', violation = 'z' WHERE finding_id = (SELECT min(finding_id) FROM medaudit.finding WHERE state = 'open' AND rule_code = 'r3' AND facility_id = 'F3' AND physician_id IS NOT NULL);
CREATE VIEW pg_temp.wrong_names AS
SELECT 'rule' AS of, v.rule_code AS id FROM medaudit.findings_by_rule AS v JOIN (SELECT rule_code, max(rule_name) AS n, max(violation) AS w FROM pg_temp.of_each GROUP BY 1) AS e USING (rule_code) WHERE (v.rule_name, v.violation) IS DISTINCT FROM (e.n, e.w)
UNION ALL SELECT 'facility', v.facility_id FROM medaudit.findings_by_facility AS v JOIN (SELECT facility_id, max(facility_name) AS n FROM pg_temp.of_each GROUP BY 1) AS e USING (facility_id) WHERE v.facility_name IS DISTINCT FROM e.n
UNION ALL SELECT 'physician', v.physician_id FROM medaudit.findings_by_physician AS v JOIN (SELECT physician_id, facility_id, max(facility_name) AS n FROM pg_temp.of_each GROUP BY 1, 2) AS e USING (physician_id, facility_id) WHERE v.facility_name IS DISTINCT FROM e.n;
SELECT count(*) AS old_names FROM medaudit.findings_by_rule WHERE rule_name = '龥旧名';
TABLE pg_temp.wrong_names;
UPDATE medaudit.finding SET state = 'dismissed' WHERE rule_name = '龥旧名';
SELECT count(*) AS old_names FROM medaudit.findings_by_rule WHERE rule_name = '龥旧名' OR violation = 'z';
SELECT count(*) AS old_names FROM medaudit.findings_by_facility WHERE facility_name = '龥旧院';
TABLE pg_temp.wrong_names;
SELECT * FROM pg_temp.differences();
-- to whom row security shows some, the views add these up
CREATE ROLE regress_medaudit_part;
GRANT USAGE ON SCHEMA medaudit TO regress_medaudit_part;
GRANT SELECT ON ALL TABLES IN SCHEMA medaudit TO regress_medaudit_part;
CREATE VIEW pg_temp.all_sums AS SELECT (SELECT md5(string_agg(r::text, '|' ORDER BY r.rule_code)) FROM medaudit.findings_by_rule AS r) AS rules, (SELECT md5(string_agg(r::text, '|' ORDER BY r.facility_id)) FROM medaudit.findings_by_facility AS r) AS facilities,
	(SELECT md5(string_agg(r::text, '|' ORDER BY r.person_id)) FROM medaudit.findings_by_person AS r) AS persons, (SELECT md5(string_agg(r::text, '|' ORDER BY r.physician_id)) FROM medaudit.findings_by_physician AS r) AS physicians,
	(SELECT count(*) FROM medaudit.worklist) AS listed;
CREATE TEMP TABLE of_owner AS TABLE pg_temp.all_sums;
CREATE POLICY whole ON medaudit.finding USING (true);
CREATE POLICY some_less ON medaudit.finding AS RESTRICTIVE TO regress_medaudit_part USING (current_setting('regress.shown', true) IS DISTINCT FROM 'F3' OR facility_id = 'F3');
ALTER TABLE medaudit.finding ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION pg_temp.shown() RETURNS TABLE (rules text, facilities text, persons text, physicians text, listed bigint) LANGUAGE sql AS $$
	SELECT (SELECT md5(string_agg(r::text, '|' ORDER BY r.rule_code)) FROM medaudit.findings_by_rule AS r), (SELECT md5(string_agg(r::text, '|' ORDER BY r.facility_id)) FROM medaudit.findings_by_facility AS r),
	(SELECT md5(string_agg(r::text, '|' ORDER BY r.person_id)) FROM medaudit.findings_by_person AS r), (SELECT md5(string_agg(r::text, '|' ORDER BY r.physician_id)) FROM medaudit.findings_by_physician AS r),
	(SELECT count(*) FROM medaudit.worklist) $$;
SELECT count(*) AS listed_of_f3 FROM medaudit.worklist WHERE facility_id = 'F3' \gset
GRANT SELECT ON pg_temp.of_owner TO regress_medaudit_part;
SET ROLE regress_medaudit_part;
SELECT row_security_active('medaudit.finding') AS active, s = o AS the_same FROM pg_temp.shown() AS s, pg_temp.of_owner AS o;
SET regress.shown = 'F3';
SELECT array_agg(facility_id) AS facilities, min(findings) > 0 AS some FROM medaudit.findings_by_facility;
SELECT count(*) = :listed_of_f3 AS listed_of_f3, count(finding_id) = :listed_of_f3 AND bool_and(rule_name IS NOT NULL) AS whole FROM medaudit.worklist;
RESET ROLE; RESET regress.shown;
ALTER TABLE medaudit.finding DISABLE ROW LEVEL SECURITY; DROP POLICY whole ON medaudit.finding; DROP POLICY some_less ON medaudit.finding;
DROP TABLE pg_temp.of_owner; DROP OWNED BY regress_medaudit_part; DROP ROLE regress_medaudit_part;
-- triggers off, and made right afterwards
SET session_replication_role = replica;
DELETE FROM medaudit.finding_line WHERE finding_id % 3 = 0;
SET session_replication_role = DEFAULT;
SELECT counted > 0 AS wrong FROM pg_temp.differences();
CALL medaudit.rank_findings();
SELECT * FROM pg_temp.differences();
-- noted and ranked once
BEGIN;
CALL medaudit._rank_later();
UPDATE medaudit.finding SET state = 'dismissed' WHERE finding_id < 100;
DELETE FROM medaudit.finding WHERE finding_id BETWEEN 100 AND 120;
SELECT counted > 0 AS not_yet FROM pg_temp.differences();
CALL medaudit._rank_now();
SELECT * FROM pg_temp.differences();
COMMIT;
-- a change that is taken back leaves no trace, nor does one that changes nothing that counts
BEGIN;
UPDATE medaudit.finding SET state = 'dismissed';
SELECT count(*) FROM medaudit.worklist;
ROLLBACK;
SELECT * FROM pg_temp.differences();
SELECT sum(xmin::text::bigint) AS before FROM medaudit.ranked_line
\gset
UPDATE medaudit.finding SET person_name = '李四', evidence_text = 'other';
SELECT sum(xmin::text::bigint) = :before AS untouched FROM medaudit.ranked_line;
TRUNCATE medaudit.finding, medaudit.finding_line;
SELECT (SELECT count(*) FROM medaudit.ranked_line) AS lines, (SELECT count(*) FROM medaudit.finding_sum) AS sums, (SELECT count(*) FROM medaudit.worklist) AS listed;
ALTER TABLE medaudit.finding ENABLE TRIGGER guard;
ALTER TABLE medaudit.finding_line ENABLE TRIGGER guard;
