-- What a person's stays say by their order.
SET search_path = medaudit, public;
SET datestyle = ISO;

CREATE TABLE gap_input (n int, visit_id text, person_id text, facility_id text,
	admitted_at timestamp, discharged_at timestamp, diagnosis text, amount numeric, tags text[]);
CREATE FUNCTION pg_temp.book(of_person text) RETURNS stays LANGUAGE sql AS $$
	SELECT medaudit.stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags ORDER BY md5(visit_id))
	FROM gap_input WHERE person_id LIKE of_person
$$;

-- V21, D09 flag: out 1 May, in again 9 May, J18.900 and J18.000, one hospital
INSERT INTO gap_input VALUES
	(1, 'a1', 'A', 'h1', '2025-04-20 08:00', '2025-05-01 16:00', 'J18.900', 4000, NULL),
	(2, 'a2', 'A', 'h1', '2025-05-09 10:00', '2025-05-20 09:00', 'J18.000', 3500.55, NULL),
	-- V21, D09 not: a gap of 16 days
	(3, 'b1', 'B', 'h1', '2025-04-20', '2025-05-01', 'J18.900', 1, NULL),
	(4, 'b2', 'B', 'h1', '2025-05-17', '2025-05-20', 'J18.000', 1, NULL),
	-- V21 flag: 15 days by date, more by the clock; and a day's gap of minutes
	(5, 'c1', 'C', 'h1', '2025-04-20', '2025-05-01 00:10', 'J18.900', 1, NULL),
	(6, 'c2', 'C', 'h1', '2025-05-16 23:50', '2025-05-20 23:50', 'J18.000', 1, NULL),
	(7, 'c3', 'C', 'h1', '2025-05-21 00:10', '2025-05-22', 'J18.100', 1, NULL),
	-- V21, D09 not: planned cycle, transfer by referral (tags)
	(8, 'd1', 'D', 'h1', '2025-04-20', '2025-05-01', 'Z51.1', 1, '{cycle}'),
	(9, 'd2', 'D', 'h1', '2025-05-09', '2025-05-20', 'Z51.1', 1, '{cycle,chemotherapy}'),
	(10, 'e1', 'E', 'h1', '2025-04-20', '2025-05-01', 'I63.9', 1, NULL),
	(11, 'e2', 'E', 'h1', '2025-05-01', '2025-05-20', 'I63.9', 1, '{referral}'),
	-- V21, D09 not: settled in between, one visit
	(12, 'f1', 'F', 'h1', '2024-12-20', '2024-12-31', 'I63.9', 1, NULL),
	(13, 'f1', 'F', 'h1', '2025-01-01', '2025-01-20', 'I63.9', 1, NULL),
	-- V21, D09 not: overlapping goes to D10; nested stays too
	(14, 'g1', 'G', 'h1', '2025-05-01', '2025-05-10', 'I63.9', 1, NULL),
	(15, 'g2', 'G', 'h2', '2025-05-08', '2025-05-12', 'I63.8', 1, NULL),
	-- V21, D09 flag: three stays, two pairs; in again on the day of discharge
	(16, 'i1', 'I', 'h1', '2025-05-01', '2025-05-04 16:00', 'K29', 1, NULL),
	(17, 'i2', 'I', 'h1', '2025-05-04 10:00', '2025-05-08', 'K29.5', NULL, NULL),
	(18, 'i3', 'I', 'h1', '2025-05-10', NULL, 'K29.5', 1, NULL),
	(19, 'i4', 'I', 'h1', '2025-05-11', '2025-05-12', 'K29.5', 1, NULL),
	-- V21 flag: rotation; consecutive at the facility, not in all
	(20, 'j1', 'J', 'h1', '2025-05-01', '2025-05-04', 'K29', 1, NULL),
	(21, 'j2', 'J', 'h2', '2025-05-05', '2025-05-08', 'K29', 1, NULL),
	(22, 'j3', 'J', 'h1', '2025-05-09', '2025-05-12', 'K29', 1, NULL),
	-- a diagnosis missing, a diagnosis shorter than asked, four-byte characters
	(23, 'k1', 'K', 'h1', '2025-05-01', '2025-05-04', NULL, 1, NULL),
	(24, 'k2', 'K', 'h1', '2025-05-05', '2025-05-06', NULL, 1, NULL),
	(25, 'k3', 'K', 'h1', '2025-05-07', '2025-05-08', 'J1', 1, NULL),
	(26, 'k4', 'K', 'h1', '2025-05-09', '2025-05-10', 'J18', 1, NULL),
	(27, 'k5', 'K', 'h1', '2025-05-11', '2025-05-12', '病🏥甲1', 1, NULL),
	(28, 'k6', 'K', 'h1', '2025-05-13', '2025-05-14', '病🏥甲2', 1, NULL);
-- V21 flag: a short stay nested in a long one hides nothing: each with what ended last
INSERT INTO gap_input VALUES
	(201, 'u1', 'U', 'h1', '2025-05-01', '2025-05-20', 'I10.x00', 1, NULL),
	(202, 'u2', 'U', 'h1', '2025-05-05', '2025-05-06', 'I10.x00', 1, NULL),
	(203, 'u3', 'U', 'h1', '2025-05-22', '2025-05-25', 'I10.x00', 1, NULL),
	-- of two that ended on one date the last in order
	(204, 'u4', 'U', 'h1', '2025-05-24', '2025-05-25', 'I10.x00', 1, NULL),
	(205, 'u5', 'U', 'h1', '2025-05-26', '2025-05-28', 'I10.x00', 1, NULL),
	-- two visits of one date: the second follows the first, never the first the second
	(206, 'u6', 'U', 'h1', '2025-05-30 08:00', '2025-05-30 09:00', 'I10.x00', 1, NULL),
	(207, 'u7', 'U', 'h1', '2025-05-30 10:00', '2025-05-30 11:00', 'I10.x00', 1, NULL),
	-- V21 flag: what ended last had another disease, but at another facility
	(208, 'w1', 'W', 'h1', '2025-05-01', '2025-05-10', 'I10.x00', 1, NULL),
	(209, 'w2', 'W', 'h2', '2025-05-03', '2025-05-12', 'K29.000', 1, NULL),
	(210, 'w3', 'W', 'h1', '2025-05-15', '2025-05-16', 'I10.x00', 1, NULL),
	-- V21 flag: one diagnosis, whatever its case, width, dots and blanks; not: codes of nothing
	(211, 'x1', 'X', 'h1', '2025-05-01', '2025-05-03', ' i10x00', 1, NULL),
	(212, 'x2', 'X', 'h1', '2025-05-05', '2025-05-07', 'Ｉ１０．Ｘ００', 1, NULL),
	(213, 'x3', 'X', 'h1', '2025-05-09', '2025-05-11', '..', 1, NULL),
	(214, 'x4', 'X', 'h1', '2025-05-13', '2025-05-15', ' ', 1, NULL);

SELECT r.* FROM split_stays(pg_temp.book('%')) r;
SELECT visit_id, next_visit_id FROM split_stays(pg_temp.book('%'), exclude_tags => '{cycle,referral,NULL}');
SELECT visit_id, next_visit_id, gap_days FROM split_stays(pg_temp.book('%'), 16, false, 0) WHERE person_id IN ('B', 'G', 'J', 'K', 'W');
SELECT visit_id, next_visit_id FROM split_stays(pg_temp.book('%'), max_gap_days => 0);
SELECT visit_id, next_visit_id FROM split_stays(pg_temp.book('K'), diagnosis_digits => 2);
SELECT visit_id, next_visit_id FROM split_stays(pg_temp.book('K'), diagnosis_digits => 100);
SELECT count(*) FROM split_stays(NULL);
SELECT count(*) FROM split_stays('{"v":1,"skipped":0,"stays":[]}');
-- per row, with books that find nothing among those that do
SELECT p, r.visit_id FROM unnest(ARRAY['A', 'B', 'C', NULL, 'I']) AS p, split_stays(pg_temp.book(p)) r;
SELECT p, (split_stays(pg_temp.book(p))).visit_id FROM unnest(ARRAY['B', 'A', 'B', 'I']) AS p;

-- V22 (a), V23, D10 flag: 1 to 10 May and 8 to 12 May at two hospitals: two nights
SELECT r.* FROM overlapping_stays(pg_temp.book('G')) r;
-- V22, D10 not: out 10 May 10:00 and in again at 15:00; newborn with its mother (tag)
INSERT INTO gap_input VALUES
	(30, 'l1', 'L', 'h1', '2025-05-01', '2025-05-10 10:00', 'A', 1, NULL),
	(31, 'l2', 'L', 'h2', '2025-05-10 15:00', '2025-05-12', 'A', 1, NULL),
	(32, 'm1', 'M', 'h1', '2025-05-01', '2025-05-10', 'A', 1, NULL),
	(33, 'm2', 'M', 'h1', '2025-05-02', '2025-05-09', 'A', 1, '{newborn}'),
	-- one within another within a third; two still in
	(34, 'n1', 'N', 'h1', '2025-05-01', NULL, 'A', 1, NULL),
	(35, 'n2', 'N', 'h1', '2025-05-02', '2025-05-20', 'A', 1, NULL),
	(36, 'n3', 'N', 'h2', '2025-05-05', '2025-05-06', 'A', 1, NULL),
	(37, 'n4', 'N', 'h2', '2025-05-19', NULL, 'A', 1, NULL);
SELECT r.* FROM overlapping_stays(pg_temp.book('L')) r;
SELECT r.* FROM overlapping_stays(pg_temp.book('L'), 0) r;
SELECT count(*) AS with_newborn, (SELECT count(*) FROM overlapping_stays(pg_temp.book('M'), exclude_tags => '{newborn}')) AS without FROM overlapping_stays(pg_temp.book('M'));
SELECT r.* FROM overlapping_stays(pg_temp.book('N')) r;
SELECT r.* FROM overlapping_stays(pg_temp.book('N'), 2) r;
SELECT count(*) FROM overlapping_stays(NULL);

-- V20 (b), V23, D11 flag: seen elsewhere during a stay; not: on its first or last day; V20, V23 not: drugs by a family's card (tag)
INSERT INTO gap_input VALUES
	(40, 'q1', 'Q', 'h1', '2025-05-01 10:00', '2025-05-10 10:00', 'A', 1, NULL),
	(41, 'q2', 'Q', 'pharmacy', '2025-05-05 09:30', '2025-05-05 09:35', NULL, 1, '{outpatient,drug}'),
	(42, 'q3', 'Q', 'h2', '2025-05-01 08:00', '2025-05-01 09:00', NULL, 1, NULL),
	(43, 'q4', 'Q', 'h2', '2025-05-10 18:00', '2025-05-10 19:00', NULL, 1, NULL),
	(44, 'q5', 'Q', 'h2', '2025-05-06', '2025-05-07', NULL, 1, NULL),
	(45, 'q6', 'Q', 'h2', '2025-05-09', '2025-05-09', NULL, 1, '{family}'),
	(46, 'q7', 'Q', 'h3', '2025-06-01', NULL, NULL, 1, NULL),
	(47, 'q8', 'Q', 'h2', '2025-06-02', '2025-06-02', NULL, 1, NULL),
	-- V20 flag: over midnight; not: two nights, which is another stay
	(48, 'q9', 'Q', 'h2', '2025-05-07 23:00', '2025-05-08 01:00', NULL, 1, NULL),
	(49, 'q0', 'Q', 'h2', '2025-05-06 23:00', '2025-05-08 01:00', NULL, 1, NULL);
SELECT r.* FROM events_in_stay(pg_temp.book('Q')) r;
SELECT event_visit_id FROM events_in_stay(pg_temp.book('Q'), '{family}');
SELECT count(*) FROM events_in_stay(NULL);

-- V30 flag: four within 365 dates; not: the fourth on day 366; cycles (tag)
INSERT INTO gap_input SELECT 50 + n, 'r' || n, 'R', 'h' || n % 2, d, d + interval '3 days', 'A', 10.5, NULL
	FROM unnest(ARRAY['2024-01-01 23:00', '2024-03-01', '2024-06-01', '2024-12-30 01:00']::timestamp[]) WITH ORDINALITY AS t(d, n);
INSERT INTO gap_input SELECT 60 + n, 's' || n, 'S', 'h1', d, d + interval '3 days', 'A', NULL, CASE WHEN n = 5 THEN '{cycle}'::text[] END
	FROM unnest(ARRAY['2024-01-01', '2024-03-01', '2024-06-01', '2024-12-31', '2024-12-31']::timestamp[]) WITH ORDINALITY AS t(d, n);
SELECT r.* FROM frequent_stays(pg_temp.book('R')) r;
SELECT r.* FROM frequent_stays(pg_temp.book('S')) r;
SELECT r.* FROM frequent_stays(pg_temp.book('S'), exclude_tags => '{cycle}') r;
SELECT r.* FROM frequent_stays(pg_temp.book('S'), 366, exclude_tags => '{cycle}') r;
SELECT r.* FROM frequent_stays(pg_temp.book('S'), 1, 1) r;
SELECT count(*) FROM frequent_stays(NULL);

-- thresholds
\set VERBOSITY sqlstate
SELECT * FROM split_stays(NULL, NULL);
SELECT * FROM split_stays(NULL, 1, NULL);
SELECT * FROM split_stays(NULL, 1, true, NULL);
SELECT * FROM split_stays(NULL, exclude_tags => NULL);
SELECT * FROM split_stays(NULL, -1);
SELECT * FROM split_stays(NULL, 1, true, -1);
SELECT * FROM overlapping_stays(NULL, NULL);
SELECT * FROM overlapping_stays(NULL, -1);
SELECT * FROM events_in_stay(NULL, NULL);
SELECT * FROM frequent_stays(NULL, NULL);
SELECT * FROM frequent_stays(NULL, 0);
SELECT * FROM frequent_stays(NULL, 1, NULL);
SELECT * FROM frequent_stays(NULL, 1, 0);
\set VERBOSITY default

-- against slow plain SQL, on crowded lives: 100 of fifteen stays, and 2,000 of
-- six on average
CREATE TABLE gap_many AS
SELECT 'V' || i AS visit_id, 'P' || h1 % 100 AS person_id, 'F' || h2 % 4 AS facility_id, date '2025-01-01' + (h3 % 100)::int + h1 % 86400 * interval '1 second' AS admitted_at,
	CASE WHEN h2 % 60 <> 0 THEN date '2025-01-01' + (h3 % 100)::int + h1 % 86400 * interval '1 second' + h2 % 864000 * interval '1 second' END AS discharged_at,
	CASE WHEN h3 % 13 <> 0 THEN (ARRAY['D%s.%s', 'd%s%s', ' Ｄ%s．%s ', 'D %s.%s'])[1 + h1 % 4] END AS diagnosis, 1::numeric AS amount,
	CASE WHEN h1 % 17 = 0 THEN '{out}'::text[] END AS tags
FROM (SELECT i, abs(hashint4(i)::bigint) / 7 AS h1, abs(hashint4(i + 1000000)::bigint) / 7 AS h2, abs(hashint4(i + 2000000)::bigint) / 7 AS h3
	FROM generate_series(1, 1500) AS i) x;
INSERT INTO gap_many
SELECT 'W' || i, 'Q' || h1 % 2000, 'F' || h2 % 3, date '2025-01-01' + (h3 % 40)::int + h1 % 86400 * interval '1 second',
	CASE WHEN h2 % 60 <> 0 THEN date '2025-01-01' + (h3 % 40)::int + h1 % 86400 * interval '1 second' + h2 % 604800 * interval '1 second' END, CASE WHEN h3 % 13 <> 0 THEN (ARRAY['D%s.%s', 'd%s%s', ' Ｄ%s．%s ', 'D %s.%s'])[1 + h1 % 4] END, 1, CASE WHEN h1 % 17 = 0 THEN '{out}'::text[] END
FROM (SELECT i, abs(hashint4(i)::bigint) / 7 AS h1, abs(hashint4(i + 1000000)::bigint) / 7 AS h2, abs(hashint4(i + 2000000)::bigint) / 7 AS h3
	FROM generate_series(2001, 14000) AS i) x;
UPDATE gap_many SET diagnosis = format(diagnosis, abs(hashtext(visit_id)) % 3, abs(hashtext(visit_id)) / 3 % 3);
ANALYZE gap_many;
CREATE TABLE gap_books AS SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount, tags) AS s FROM gap_many GROUP BY person_id;
CREATE TABLE gap_order AS
	SELECT m.*, row_number() OVER (PARTITION BY person_id ORDER BY admitted_at, discharged_at, visit_id COLLATE "C") AS place,
		translate(upper(normalize(diagnosis, NFKC)), ' .', '') AS folded
	FROM gap_many m;
CREATE FUNCTION pg_temp.slow_splits(gap int, same_facility bool, digits int) RETURNS TABLE (visit_id text, next_visit_id text, gap_days int) LANGUAGE sql AS $$
	SELECT a.visit_id, a.next_visit_id, a.gap_days FROM (
		SELECT DISTINCT ON (b.visit_id) a.visit_id, b.visit_id AS next_visit_id, b.admitted_at::date - a.discharged_at::date AS gap_days,
			digits = 0 OR left(a.folded, digits) = left(b.folded, digits) AS alike
		FROM gap_order a JOIN gap_order b USING (person_id)
		WHERE a.place < b.place AND a.discharged_at::date <= b.admitted_at::date AND (NOT same_facility OR a.facility_id = b.facility_id)
		ORDER BY b.visit_id, a.discharged_at::date DESC, a.place DESC) a
	WHERE gap_days <= gap AND alike
$$;
SELECT gap, same, digits, (SELECT count(*) FROM pg_temp.slow_splits(gap, same, digits)) > 0 AS some,
	(SELECT count(*) FROM ((SELECT * FROM pg_temp.slow_splits(gap, same, digits) EXCEPT ALL SELECT r.visit_id, r.next_visit_id, r.gap_days FROM gap_books, split_stays(s, gap, same, digits) r)
	UNION ALL (SELECT r.visit_id, r.next_visit_id, r.gap_days FROM gap_books, split_stays(s, gap, same, digits) r EXCEPT ALL SELECT * FROM pg_temp.slow_splits(gap, same, digits))) d) AS differ
FROM (VALUES (15, true, 3), (15, false, 0), (3, true, 2), (0, false, 0), (1000, true, 4)) AS t(gap, same, digits);
SELECT min_nights, count(slow) AS slow, count(*) FILTER (WHERE slow IS DISTINCT FROM fast) AS differ
FROM generate_series(0, 4) AS min_nights,
LATERAL (SELECT * FROM (
	SELECT least(a.visit_id COLLATE "C", b.visit_id COLLATE "C") || '/' || greatest(a.visit_id COLLATE "C", b.visit_id COLLATE "C") || '/' ||
		coalesce((least(a.discharged_at, b.discharged_at)::date - greatest(a.admitted_at, b.admitted_at)::date)::text, '') AS slow
	FROM gap_order a JOIN gap_order b ON a.person_id = b.person_id AND a.place < b.place
	WHERE coalesce(least(a.discharged_at, b.discharged_at)::date - greatest(a.admitted_at, b.admitted_at)::date, min_nights) >= min_nights) x
	FULL JOIN (SELECT least(visit_id COLLATE "C", other_visit_id COLLATE "C") || '/' || greatest(visit_id COLLATE "C", other_visit_id COLLATE "C") || '/' || coalesce(nights::text, '') AS fast
		FROM gap_books, overlapping_stays(s, min_nights)) y ON slow = fast) z
GROUP BY min_nights ORDER BY min_nights;
SELECT count(slow) > 10 AS some, count(*) FILTER (WHERE slow IS DISTINCT FROM fast) AS differ
FROM (SELECT a.visit_id || '/' || b.visit_id || '/' || (b.admitted_at::date - a.admitted_at::date + 1) AS slow
	FROM gap_many a JOIN gap_many b ON a.person_id = b.person_id AND b.discharged_at::date - b.admitted_at::date <= 1
		AND a.admitted_at::date < b.admitted_at::date AND coalesce(a.discharged_at, 'infinity')::date > b.admitted_at::date) x
FULL JOIN (SELECT visit_id || '/' || event_visit_id || '/' || day_of_stay AS fast FROM gap_books, events_in_stay(s)) y ON slow = fast;
SELECT period, least_stays, count(slow) AS slow, count(*) FILTER (WHERE slow IS DISTINCT FROM fast) AS differ
FROM (VALUES (30, 4), (10, 3), (365, 12), (1, 1)) AS t(period, least_stays),
LATERAL (SELECT * FROM (
	SELECT DISTINCT ON (person_id) person_id || '/' || stays || '/' || facilities || '/' || first || '/' || last || '/' || ids::text AS slow FROM (
		SELECT a.person_id, a.place, count(*) AS stays, count(DISTINCT b.facility_id) AS facilities, min(b.admitted_at)::date AS first, max(b.admitted_at)::date AS last, array_agg(b.visit_id ORDER BY b.place) AS ids
		FROM gap_order a JOIN gap_order b ON a.person_id = b.person_id AND b.place >= a.place AND b.admitted_at::date - a.admitted_at::date < period
		GROUP BY a.person_id, a.place) w
	WHERE stays >= least_stays ORDER BY person_id, stays DESC, place) x
	FULL JOIN (SELECT person_id || '/' || stay_count || '/' || facilities || '/' || first_admitted || '/' || last_admitted || '/' || visit_ids::text AS fast
		FROM (SELECT rollup(s) AS s FROM gap_books) b, frequent_stays(s, period, least_stays)) y ON slow = fast) z
GROUP BY period, least_stays ORDER BY period;
-- one book of all persons says the same
SELECT count(*) AS differ FROM (
	(SELECT r.* FROM gap_books, split_stays(s, exclude_tags => '{out}') r EXCEPT SELECT r.* FROM (SELECT rollup(s) AS s FROM gap_books) a, split_stays(s, exclude_tags => '{out}') r)
	UNION ALL
	(SELECT r.* FROM (SELECT rollup(s) AS s FROM gap_books) a, split_stays(s, exclude_tags => '{out}') r EXCEPT
	SELECT r.* FROM (SELECT person_id, stays(visit_id, person_id, facility_id, admitted_at, discharged_at, diagnosis, amount) AS s FROM gap_many WHERE tags IS NULL GROUP BY person_id) b, split_stays(s) r)) d;

-- a long search can be cancelled
SET statement_timeout = '1ms';
\set VERBOSITY sqlstate
SELECT count(*) FROM (SELECT rollup(s) AS s FROM gap_books, generate_series(1, 1000)) b, overlapping_stays(s);
RESET statement_timeout;

-- the example of the manual
SELECT visit_id, next_visit_id, gap_days FROM split_stays(
	'{"v": 1, "skipped": 0, "stays": [["a1", "A", "h1", "2025-04-20T08:00:00", "2025-05-01T16:00:00", "J18.900", 4000],
	["a2", "A", "h1", "2025-05-09T10:00:00", "2025-05-20T09:00:00", "J18.000", 3500.55]]}');
