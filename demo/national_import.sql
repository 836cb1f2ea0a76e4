-- The rule files of the national authority, read as published and made into rules.
--
-- psql variable rules: the folder with the files of batches 1 to 8, named as
-- the list below has them.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE SCHEMA nhsa;
CREATE TABLE nhsa.sheet (name text, rows bigint);
\set sheet b1_drug_sex_names
\ir national_sheet.sql
\set sheet b1_drug_sex_codes
\ir national_sheet.sql
\set sheet b1_drug_age_names
\ir national_sheet.sql
\set sheet b1_drug_age_codes
\ir national_sheet.sql
\set sheet b1_service_sex
\ir national_sheet.sql
\set sheet b1_service_age
\ir national_sheet.sql
\set sheet b2_secondary_procedure
\ir national_sheet.sql
\set sheet b3_drug_insurance_names
\ir national_sheet.sql
\set sheet b3_drug_insurance_codes
\ir national_sheet.sql
\set sheet b4_drug_visit_type_names
\ir national_sheet.sql
\set sheet b4_drug_visit_type_codes
\ir national_sheet.sql
\set sheet b5_drug_facility_level_names
\ir national_sheet.sql
\set sheet b5_drug_facility_level_codes
\ir national_sheet.sql
\set sheet b6_drug_course_names
\ir national_sheet.sql
\set sheet b6_drug_course_codes
\ir national_sheet.sql
\set sheet b7_exclusive_pairs
\ir national_sheet.sql
\set sheet b8_daily_caps
\ir national_sheet.sql
\set sheet b8_period_caps
\ir national_sheet.sql
\set sheet b8_age
\ir national_sheet.sql
\set sheet b8_course
\ir national_sheet.sql

CREATE TABLE nhsa.import AS
SELECT l.rule_code, f.layout, f.sheet, f.codes, s.rows AS rows_read, c.rows AS codes_read,
	medaudit.import_rules(f.layout, ('nhsa.' || f.sheet)::regclass, ('nhsa.' || f.codes)::regclass) AS rules_made
FROM (VALUES
	('drug_sex', 'b1_drug_sex_names', 'b1_drug_sex_codes'),
	('drug_child', 'b1_drug_age_names', 'b1_drug_age_codes'),
	('service_sex', 'b1_service_sex', NULL),
	('service_child', 'b1_service_age', NULL),
	('secondary_procedure', 'b2_secondary_procedure', NULL),
	('drug_insurance', 'b3_drug_insurance_names', 'b3_drug_insurance_codes'),
	('drug_visit_type', 'b4_drug_visit_type_names', 'b4_drug_visit_type_codes'),
	('drug_facility_level', 'b5_drug_facility_level_names', 'b5_drug_facility_level_codes'),
	('drug_course', 'b6_drug_course_names', 'b6_drug_course_codes'),
	('exclusive_pairs', 'b7_exclusive_pairs', NULL),
	('daily_caps', 'b8_daily_caps', NULL),
	('period_caps', 'b8_period_caps', NULL),
	('service_age', 'b8_age', NULL),
	('service_course', 'b8_course', NULL)) AS f (layout, sheet, codes)
JOIN medaudit.import_layout AS l USING (layout)
JOIN nhsa.sheet AS s ON s.name = f.sheet
LEFT JOIN nhsa.sheet AS c ON c.name = f.codes;
