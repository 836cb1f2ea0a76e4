-- One published sheet into a table of text columns under its own headers; one that is
-- not there is left out.
--
-- psql variables: rules the folder, sheet the name of the file without .csv.

\set path :rules '/' :sheet '.csv'
\set have `test -r :'path' && echo true || echo false`
\if :have
\set header `head -n 1 :'path' | tr -d '\r'`
SELECT format('CREATE TABLE nhsa.%I (%s)', :'sheet', string_agg(
	format('%I text', btrim(name, ' "' || chr(65279))), ', ' ORDER BY n))
FROM string_to_table(:'header', ',') WITH ORDINALITY AS h (name, n) \gexec
\set read '\\copy nhsa.' :sheet ' FROM ' :'path' ' WITH (FORMAT csv, HEADER)'
:read
\endif
