-- The rule files of the national authority, read as published and made into rules.
--
-- psql variable rules: the folder with the files of batches 1 to 17 and of the
-- revision of January 2026, named as the list below has them; those that are not there
-- are left out.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE SCHEMA nhsa;
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
\set sheet b9_codes
\ir national_sheet.sql
\set sheet b10_codes
\ir national_sheet.sql
\set sheet b11_codes
\ir national_sheet.sql
\set sheet b12_codes
\ir national_sheet.sql
\set sheet b13_codes
\ir national_sheet.sql
\set sheet b14_codes
\ir national_sheet.sql
\set sheet b15_codes
\ir national_sheet.sql
\set sheet b16_codes
\ir national_sheet.sql
\set sheet b17_codes
\ir national_sheet.sql
\set sheet u2026_01_codes
\ir national_sheet.sql

-- Which types of visit are care by internet is for the fund to say, before the rules come.
INSERT INTO medaudit.national_term (term, visit_types) VALUES ('互联网', '{9101}') ON CONFLICT DO NOTHING;
CALL medaudit.import_national('nhsa');
