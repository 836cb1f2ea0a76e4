-- The tables of a share, and what it found, as foreign tables in a schema of its name.
-- Variables: share, socket, port, database.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE SERVER :"share" FOREIGN DATA WRAPPER postgres_fdw
	OPTIONS (host :'socket', port :'port', dbname :'database', extensions 'medaudit', fetch_size '10000', use_remote_estimate 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER :"share";
CREATE SCHEMA :"share";
IMPORT FOREIGN SCHEMA yb LIMIT TO (mdtrt_d, setl_d, setl_fund_d, setl_list_diag_d, setl_list_oprn_d, drg_grp_d, fee_list_d, acct_pay_d,
	manual_reim_d, opsp_reg_d) FROM SERVER :"share" INTO :"share";
IMPORT FOREIGN SCHEMA medaudit LIMIT TO (finding, finding_line) FROM SERVER :"share" INTO :"share";
