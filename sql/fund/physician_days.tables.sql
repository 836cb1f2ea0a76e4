-- A stay of a physician.

CREATE TYPE _physician_away AS (physician_id text, visit_id text, facility_id text, admitted_on date, discharged_on date, days daterange);
COMMENT ON TYPE _physician_away IS '医师本人住院: as _physicians_away()';
