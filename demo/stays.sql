-- Real stays: split stays and overlapping stays in a file of hospital claims,
-- each answer checked against slow plain SQL over the same rows.
--
-- psql variable stays: a CSV file with the columns CLM_ID, DESYNPUF_ID,
-- PRVDR_NUM, CLM_ADMSN_DT and NCH_BENE_DSCHRG_DT (yyyymmdd), CLM_PMT_AMT,
-- ICD9_DGNS_CD_1, CLM_DRG_CD.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
SET jit = off;
CREATE SCHEMA claims;
CREATE TABLE claims.inpatient (
	clm_id text, desynpuf_id text, prvdr_num text, clm_admsn_dt text,
	nch_bene_dschrg_dt text, clm_pmt_amt text, icd9_dgns_cd_1 text, clm_drg_cd text);
\set read '\\copy claims.inpatient FROM ' :'stays' ' WITH (FORMAT csv, HEADER)'
:read

CREATE VIEW claims.stay AS
SELECT clm_id AS visit_id, desynpuf_id AS person_id, prvdr_num AS facility_id,
	to_date(clm_admsn_dt, 'YYYYMMDD') AS admitted_on,
	to_date(nch_bene_dschrg_dt, 'YYYYMMDD') AS discharged_on,
	nullif(icd9_dgns_cd_1, '') AS diagnosis, clm_pmt_amt::numeric AS amount
FROM claims.inpatient;

-- Gathered once: a book of stays per person, from which everything is read.
CREATE TABLE claims.book AS
SELECT person_id, medaudit.stays(visit_id, person_id, facility_id, admitted_on::timestamp,
		discharged_on::timestamp, diagnosis, amount) AS stays
FROM claims.stay GROUP BY person_id;

CREATE TABLE claims.answer AS
SELECT 'split: 0 to 15 days, any diagnosis, any facility' AS question, d.visit_id, d.next_visit_id AS other_visit_id
FROM claims.book, medaudit.split_stays(stays, max_gap_days => 15, same_facility => false, diagnosis_digits => 0) AS d
UNION ALL
SELECT 'split: 0 to 15 days, any diagnosis, same facility', d.visit_id, d.next_visit_id
FROM claims.book, medaudit.split_stays(stays, diagnosis_digits => 0) AS d
UNION ALL
SELECT 'split: 0 to 15 days, same three digits, same facility', d.visit_id, d.next_visit_id
FROM claims.book, medaudit.split_stays(stays) AS d
UNION ALL
SELECT 'overlapping: at least one night', d.visit_id, d.other_visit_id
FROM claims.book, medaudit.overlapping_stays(stays) AS d;

-- The same from the rows, as an auditor would write it down: of what ended by
-- the admission, the one that ended last.
CREATE TABLE claims.checked AS
WITH of_person AS (
	SELECT *, row_number() OVER (PARTITION BY person_id
		ORDER BY admitted_on, discharged_on, visit_id COLLATE "C") AS n
	FROM claims.stay),
asked AS (
	SELECT * FROM (VALUES ('split: 0 to 15 days, any diagnosis, any facility', false, false),
		('split: 0 to 15 days, any diagnosis, same facility', true, false),
		('split: 0 to 15 days, same three digits, same facility', true, true)) AS w(question, there, related)),
before AS (
	SELECT DISTINCT ON (w.question, b.visit_id) w.question, w.related, a.visit_id, b.visit_id AS other_visit_id,
		b.admitted_on - a.discharged_on AS gap, a.diagnosis, b.diagnosis AS other_diagnosis
	FROM asked AS w, of_person AS a
		JOIN of_person AS b ON b.person_id = a.person_id AND b.n > a.n AND a.discharged_on <= b.admitted_on
	WHERE NOT w.there OR b.facility_id = a.facility_id
	ORDER BY w.question, b.visit_id, a.discharged_on DESC, a.n DESC)
SELECT question, visit_id, other_visit_id
FROM before
WHERE gap <= 15 AND (NOT related OR left(diagnosis, 3) = left(other_diagnosis, 3))
UNION ALL
SELECT 'overlapping: at least one night', a.visit_id, b.visit_id
FROM of_person AS a JOIN of_person AS b ON b.person_id = a.person_id AND b.n > a.n
WHERE least(a.discharged_on, b.discharged_on) - greatest(a.admitted_on, b.admitted_on) >= 1;

SELECT count(*) AS stays, count(DISTINCT person_id) AS persons,
	count(DISTINCT facility_id) AS facilities, min(admitted_on) AS from_date, max(discharged_on) AS to_date
FROM claims.stay;

CREATE TABLE claims.difference AS
(TABLE claims.answer EXCEPT ALL TABLE claims.checked)
UNION ALL
(TABLE claims.checked EXCEPT ALL TABLE claims.answer);
SELECT a.question, count(*) AS pairs, count(DISTINCT s.person_id) AS persons,
	sum(o.amount)::numeric(14,2) AS paid_for_the_second,
	(SELECT count(*) FROM claims.checked AS c WHERE c.question = a.question) AS by_plain_sql,
	(SELECT count(*) FROM claims.difference AS c WHERE c.question = a.question) AS differences
FROM claims.answer AS a
	JOIN claims.stay AS s USING (visit_id)
	JOIN claims.stay AS o ON o.visit_id = a.other_visit_id
GROUP BY a.question ORDER BY pairs DESC;
SELECT count(*) AS differences, count(*) > 0 AS differs FROM claims.difference \gset
\if :differs
	TABLE claims.difference LIMIT 20;
	DO $$BEGIN RAISE 'split or overlapping stays differ from plain SQL'; END$$;
\endif
