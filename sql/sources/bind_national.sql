-- The central extract (mdtrt_d, setl_d, fee_list_d, setl_list_diag_d, setl_list_oprn_d),
-- and what facilities upload of their stock, bound in one call.
--
-- Plain views over its tables stand in medaudit_data beside the bound ones, which bind()
-- makes over them.  A column that an extract does not have is left out, so that sources()
-- tells it.  Settlements of a visit are added up before they meet it, and never meet its
-- lines, so that nothing counts twice; a reversal stands beside its original, and both
-- add up; a settlement that was delivered twice counts once.
--
-- Cost: a few views, and a look at a thousand rows of each text column that has to be a
-- number or a time.  Read, a visit costs its row and a hash of the settlements; one alone
-- a look into two indexes.

-- Names that a column may have in an extract, the first that is there counts; of which of
-- its tables, and what is made of it: plain, it is given on to bind().
CREATE OR REPLACE FUNCTION _national_columns() RETURNS TABLE (relation text, column_name text, source text, candidates text[], way text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 90
BEGIN ATOMIC
	SELECT v.relation, v.column_name, v.source, v.candidates::text[], v.way
	FROM (VALUES
		('visit', 'visit_id', 'mdtrt_d', '{mdtrt_id}', 'key'), ('visit', 'person_id', 'mdtrt_d', '{psn_no}', 'plain'),
		('visit', 'facility_id', 'mdtrt_d', '{fixmedins_code}', 'plain'), ('visit', 'admitted_at', 'mdtrt_d', '{begntime}', 'plain'),
		('visit', 'discharged_at', 'mdtrt_d', '{endtime}', 'plain'), ('visit', 'record_no', 'mdtrt_d', '{ipt_otp_no}', 'plain'),
		('visit', 'visit_type', 'mdtrt_d', '{med_type}', 'plain'), ('visit', 'insurance_type', 'mdtrt_d', '{insutype}', 'plain'),
		('visit', 'department', 'mdtrt_d', '{adm_dept_codg,adm_dept_name}', 'plain'), ('visit', 'physician_id', 'mdtrt_d', '{chfpdr_code,atddr_no}', 'plain'),
		('visit', 'ward', 'mdtrt_d', '{wardarea_bed,wardarea}', 'plain'), ('visit', 'bed', 'mdtrt_d', '{dscg_bed}', 'plain'),
		('visit', 'main_diagnosis', 'mdtrt_d', '{dscg_maindiag_code}', 'plain'), ('visit', 'referral_visit_id', 'mdtrt_d', '{refl_old_mdtrt_id}', 'plain'),
		('visit', 'discharge_way', 'mdtrt_d', '{dscg_way}', 'plain'), ('visit', 'newborn', 'mdtrt_d', '{nwb_flag}', 'plain'),
		('visit', 'region', 'mdtrt_d', '{mdtrtarea_admdvs}', 'plain'),
		('visit', 'total_amount', 'setl_d', '{medfee_sumamt}', 'sum'), ('visit', 'scope_amount', 'setl_d', '{inscp_amt,inscp_scp_amt}', 'sum'),
		('visit', 'fund_amount', 'setl_d', '{fund_pay_sumamt}', 'sum'), ('visit', 'personal_amount', 'setl_d', '{psn_pay}', 'sum'),
		('visit', 'payment_method', 'setl_d', '{clr_way}', 'method'), ('visit', 'settled_at', 'setl_d', '{setl_time}', 'latest'),
		('visit', 'mid_settlement', 'setl_d', '{mid_setl_flag}', 'last'), ('visit', 'acct_amount', 'setl_d', '{acct_pay}', 'sum'),
		('visit', 'changed_at', 'mdtrt_d', '{updt_time}', 'read'), ('visit', 'changed_at', 'setl_d', '{updt_time}', 'latest'),
		('charge', 'visit_id', 'fee_list_d', '{mdtrt_id}', 'plain'), ('charge', 'quantity', 'fee_list_d', '{cnt}', 'plain'),
		('charge', 'amount', 'fee_list_d', '{det_item_fee_sumamt}', 'plain'), ('charge', 'charged_at', 'fee_list_d', '{fee_ocur_time}', 'plain'),
		('charge', 'line_id', 'fee_list_d', '{bkkp_sn,feedetl_sn}', 'line'), ('charge', 'original_line_id', 'fee_list_d', '{init_bkkp_sn,init_feedetl_sn}', 'line'),
		('charge', 'item_name', 'fee_list_d', '{hilist_name}', 'plain'), ('charge', 'local_code', 'fee_list_d', '{medins_list_codg}', 'plain'),
		('charge', 'local_name', 'fee_list_d', '{medins_list_name}', 'plain'), ('charge', 'category', 'fee_list_d', '{med_chrgitm_type}', 'two'),
		('charge', 'unit_price', 'fee_list_d', '{pric}', 'plain'), ('charge', 'prescription_id', 'fee_list_d', '{rx_drord_no}', 'plain'),
		('charge', 'physician_id', 'fee_list_d', '{bilg_dr_code,bilg_dr_codg}', 'plain'), ('charge', 'department', 'fee_list_d', '{bilg_dept_codg,bilg_dept_name}', 'plain'),
		('charge', 'days_supply', 'fee_list_d', '{prd_days}', 'plain'), ('charge', 'payment_class', 'fee_list_d', '{chrgitm_lv}', 'two'),
		('charge', 'take_home', 'fee_list_d', '{dscg_tkdrug_flag}', 'plain'), ('charge', 'person_id', 'fee_list_d', '{psn_no}', 'plain'),
		('charge', 'dose', 'fee_list_d', '{sin_dos_dscr}', 'plain'), ('charge', 'frequency', 'fee_list_d', '{used_frqu_dscr}', 'plain'),
		('charge', 'spec', 'fee_list_d', '{spec}', 'plain'), ('charge', 'procured', 'fee_list_d', '{prcu_drug_flag}', 'plain'),
		('charge', 'changed_at', 'fee_list_d', '{updt_time}', 'plain'),
		('diagnosis', 'visit_id', 'setl_list_diag_d', '{mdtrt_id}', 'plain'), ('diagnosis', 'diagnosis_code', 'setl_list_diag_d', '{diag_code}', 'plain'),
		('operation', 'visit_id', 'setl_list_oprn_d', '{mdtrt_id}', 'plain'), ('operation', 'operation_code', 'setl_list_oprn_d', '{oprn_oprt_code}', 'plain'),
		('operation', 'operated_at', 'setl_list_oprn_d', '{oprn_oprt_begntime,oprn_oprt_date}', 'plain'), ('operation', 'main', 'setl_list_oprn_d', '{main_oprn_flag}', 'plain'),
		('operation', 'physician_id', 'setl_list_oprn_d', '{oper_dr_code}', 'plain'), ('operation', 'anaesthesia', 'setl_list_oprn_d', '{anst_way}', 'plain'),
		('operation', 'ended_at', 'setl_list_oprn_d', '{oprn_oprt_endtime}', 'plain'),
		('person', 'person_id', 'person', '{psn_no}', 'key'), ('person', 'name', 'person', '{psn_name}', 'plain'),
		('person', 'resident_id', 'person', '{certno}', 'plain'), ('person', 'sex', 'person', '{gend}', 'plain'),
		('person', 'birth_date', 'person', '{brdy}', 'plain'), ('person', 'address', 'person', '{addr}', 'plain'),
		('person', 'phone', 'person', '{tel}', 'plain'), ('person', 'employer', 'person', '{emp_name}', 'plain'),
		('person', 'insurance_type', 'person', '{insutype}', 'plain'), ('person', 'person_class', 'person', '{psn_type}', 'plain'),
		('person', 'region', 'person', '{insu_admdvs}', 'plain'), ('person', 'household_id', 'person', '{hsecfc_no}', 'plain'),
		('person', 'death_date', 'person', '{die_date}', 'death'),
		('facility', 'facility_id', 'facility', '{fixmedins_code}', 'key'), ('facility', 'name', 'facility', '{fixmedins_name}', 'plain'),
		('facility', 'kind', 'facility', '{fixmedins_code}', 'kind'), ('facility', 'rank', 'facility', '{hosp_lv}', 'plain'),
		('facility', 'ownership', 'facility', '{econ_type}', 'plain'), ('facility', 'region', 'facility', '{fix_blng_admdvs}', 'plain'),
		('facility', 'beds', 'facility', '{aprv_bed_cnt}', 'plain'), ('facility', 'credit_code', 'facility', '{uscc}', 'plain'),
		('facility', 'longitude', 'facility', '{lnt}', 'plain'), ('facility', 'latitude', 'facility', '{lat}', 'plain'),
		('swipe', 'facility_id', 'setl_d', '{fixmedins_code}', 'plain'), ('swipe', 'swiped_at', 'setl_d', '{setl_time}', 'plain'),
		('swipe', 'amount', 'setl_d', '{acct_pay}', 'plain'), ('swipe', 'person_id', 'setl_d', '{psn_no}', 'plain'),
		('swipe', 'operator_id', 'setl_d', '{opter_id}', 'plain'), ('swipe', 'balance_after', 'setl_d', '{balc}', 'plain'),
		('swipe', 'terminal_id', 'setl_d', '{trns_dev_no}', 'plain'), ('swipe', 'credential', 'setl_d', '{mdtrt_cert_type}', 'two'),
		('swipe', 'swipe_id', 'setl_d', '{setl_id}', 'plain'),
		('stock_move', 'facility_id', 'stock', '{fixmedins_code}', 'text'), ('stock_move', 'price', 'stock', '{finl_trns_pric,pric}', 'text'),
		('stock_move', 'batch_no', 'stock', '{manu_lotnum}', 'text'), ('stock_move', 'split_pack', 'stock', '{trdn_flag}', 'text'),
		('stock_move', 'person_id', 'stock', '{psn_no}', 'text'), ('stock_move', 'pharmacist_id', 'stock', '{phar_prac_cert_no}', 'text'),
		('stock_move', 'prescription', 'stock', '{rx_flag}', 'text')
	) AS v (relation, column_name, source, candidates, way);
END;

COMMENT ON FUNCTION _national_columns() IS
	'全国字段: which columns of the central extract give a canonical column, the first that is there, and how it is read';

-- A table of the extract: as TABLES names it, else the first of the names that it may have.
CREATE OR REPLACE FUNCTION _national_table(schema_name text, tables jsonb, names text[]) RETURNS regclass
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	given text := tables ->> names[1];
	found regclass;
BEGIN
	IF given IS NOT NULL THEN
		found := coalesce(to_regclass(format('%I.%I', schema_name, given)), to_regclass(given));
		IF found IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = format(medaudit._say('there is no table "%s" for %s'), given, names[1]),
				HINT = format(medaudit._say('Names are looked for in schema "%s"; one of another schema is written with it: other.name.'), schema_name);
		END IF;
	ELSE
		SELECT r.oid INTO found FROM unnest(names) WITH ORDINALITY AS n (name, nth)
		CROSS JOIN LATERAL (SELECT to_regclass(format('%I.%I', schema_name, n.name)) AS oid) AS r
		WHERE r.oid IS NOT NULL ORDER BY n.nth LIMIT 1;
	END IF;
	IF found IS NOT NULL THEN
		PERFORM medaudit._check_source(found);
	END IF;
	RETURN found;
END
$$;

COMMENT ON FUNCTION _national_table(text, jsonb, text[]) IS
	'全国数据表: a table of the central extract by its given name, else by the first of its names that is there; NULL for none, 42P01 for a given one that is not there, 42501 for a view that would run functions of somebody else';

CREATE OR REPLACE FUNCTION _has_column(place regclass, name text) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = place AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped);

COMMENT ON FUNCTION _has_column(regclass, text) IS '是否有列: whether a table has a column; false for NULL';

-- Text that must be a number or a time is tried on a thousand rows, so that a wrong column is
-- told now and by its name.
CREATE OR REPLACE PROCEDURE _check_national_text(source regclass, taken name, alias text, reading text, value text, unreadable text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wrong text;
BEGIN
	EXECUTE format('SELECT min(%s) FROM (SELECT t.* FROM %s AS t LIMIT 1000) AS %s WHERE %s', value, source, alias, unreadable) INTO wrong;
	IF wrong IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = CASE WHEN reading IN ('time', 'end', 'date') THEN '22007' ELSE '22P02' END,
			MESSAGE = format(CASE WHEN reading IN ('time', 'end', 'date') THEN medaudit._say('column %s of %s: "%s" is no time')
				ELSE medaudit._say('column %s of %s: "%s" is no number') END, taken, source, left(medaudit.mask_numbers(wrong), 80));
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_national_text(regclass, name, text, text, text, text) IS
	'检查文本列: 22P02 or 22007 where one of the first thousand rows of a column of text is no number, or no time';

-- How a column is read, by the dictionary of bind().  What is plain is given on, for bind()
-- reads it softly and tells what it cannot read; what is added up is read here.  A sum of
-- which one part cannot be read is not known.
CREATE OR REPLACE FUNCTION _national_value(source regclass, alias text, relation text, column_name text, candidates text[], way text) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	taken name := (SELECT c.name FROM unnest(candidates) WITH ORDINALITY AS c (name, nth) WHERE medaudit._has_column(source, c.name)
		ORDER BY c.nth LIMIT 1);
	reading text := (SELECT d.reading FROM medaudit.relation_column AS d
		WHERE d.relation = _national_value.relation AND d.column_name = _national_value.column_name);
	have regtype;
	read record;
	latest text;
BEGIN
	IF taken IS NULL THEN
		RETURN NULL;
	END IF;
	have := CASE WHEN reading IN ('rank', 'code', 'word') OR way IN ('kind', 'line') THEN 'text' ELSE medaudit._source_expression_type(source, quote_ident(taken)) END;
	SELECT g.given, w.given_type, replace(w.reader, '@', g.given) AS value, coalesce(replace(w.unreadable, '@', g.given), 'false') AS unreadable
	INTO read
	FROM medaudit._source_reading(reading, have) AS w
	CROSS JOIN LATERAL (SELECT format('%s.%I::%s', alias, taken, w.given_type) AS given) AS g;
	IF NOT FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = format(medaudit._say('column %s of %s is %s'), taken, source, have),
			HINT = CASE WHEN have = 'timestamptz'::regtype THEN medaudit._say('Say which local time it is: a view over it with AT TIME ZONE ''Asia/Shanghai''.')
				ELSE format(medaudit._say('It is read as %s of %s.'), column_name, relation) END;
	ELSIF read.given_type = 'text' AND reading IN ('amount', 'quantity', 'integer', 'time', 'end', 'date') THEN
		CALL medaudit._check_national_text(source, taken, alias, reading, read.given, read.unreadable);
	END IF;
	IF way IN ('last', 'method') THEN
		latest := format('(array_agg(%s ORDER BY %s%s)%s)[1]', read.given,
			medaudit._national_value(source, alias, 'visit', 'settled_at', '{setl_time}', 'read') || ' DESC NULLS LAST, ', read.given,
			-- one that does not say how it is paid decides nothing
			CASE way WHEN 'method' THEN format(' FILTER (WHERE %s IS NOT NULL)', read.value) END);
	END IF;
	RETURN CASE way
		WHEN 'plain' THEN read.given
		WHEN 'key' THEN read.value
		WHEN 'read' THEN read.value
		WHEN 'moment' THEN CASE read.given_type WHEN 'text' THEN read.value ELSE read.given || '::timestamp' END
		-- where one part cannot be read, that is what bind() is given, and tells
		WHEN 'sum' THEN CASE read.given_type WHEN 'text' THEN format('CASE WHEN bool_or(%1$s) THEN min(%2$s) FILTER (WHERE %1$s) ELSE sum(%3$s)::text END',
				read.unreadable, read.given, read.value)
			ELSE format('CASE WHEN bool_or(%s) THEN ''NaN''::numeric ELSE sum(%s) END', read.unreadable, read.value) END
		-- a code that was kept as a number has its zero again
		WHEN 'two' THEN format('CASE WHEN %1$s ~ ''^\s*[0-9]\s*$'' THEN ''0'' OPERATOR(pg_catalog.||) btrim(%1$s) ELSE %1$s END', read.given)
		WHEN 'text' THEN CASE read.given_type WHEN 'text' THEN read.given ELSE format('(%s)::text', read.value) END
		-- who was seen again after it is dead all the same
		WHEN 'death' THEN CASE alias WHEN 'v' THEN format('max(%s) OVER (PARTITION BY %s)', read.value,
				medaudit._national_value(source, alias, 'person', 'person_id', '{psn_no}', 'key')) ELSE read.given END
		WHEN 'latest' THEN format('max(%s)', read.value)
		WHEN 'last' THEN latest
		WHEN 'method' THEN format('CASE ltrim(medaudit._read_code(%s), ''0'') WHEN ''1'' THEN ''item'' WHEN ''2'' THEN ''case'' WHEN ''3'' THEN ''dip'' WHEN ''4'' THEN ''drg'' '
			'WHEN ''5'' THEN ''bed_day'' WHEN ''6'' THEN ''capitation'' END', latest)
		WHEN 'line' THEN format('medaudit._read_text(%s.mdtrt_id::text) || ''/'' || medaudit._read_text(%s)', alias, read.given)
		WHEN 'kind' THEN format('CASE upper(left(btrim(%s), 1)) WHEN ''H'' THEN ''hospital'' WHEN ''P'' THEN ''pharmacy'' END', read.given) END;
END
$$;

COMMENT ON FUNCTION _national_value(regclass, text, text, text, text[], text) IS
	'全国字段取值: SQL that reads the first of some columns that a table has, for a column of a relation; NULL where it has none; 42804 for a type that bind() does not take there, a time with zone too, and 22P02 or 22007 for text that is no number or time';

CREATE OR REPLACE FUNCTION _national_list(relation text, source text, place regclass, alias text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(format('%s AS %I', v.value, c.column_name), ', ' ORDER BY d.position)
	FROM medaudit._national_columns() AS c
	JOIN medaudit.relation_column AS d ON d.relation = c.relation AND d.column_name = c.column_name
	CROSS JOIN LATERAL (SELECT medaudit._national_value(place, alias, c.relation, c.column_name, c.candidates, c.way) AS value) AS v
	WHERE c.relation = _national_list.relation AND c.source = _national_list.source AND v.value IS NOT NULL
$$;

COMMENT ON FUNCTION _national_list(text, text, regclass, text) IS
	'全国字段清单: select list of the columns of a relation that a table of the extract gives; NULL for none';

CREATE OR REPLACE FUNCTION _national_flag(place regclass, alias text, name text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN CASE WHEN medaudit._has_column(place, name) THEN format('medaudit.to_flag(%s.%I::text)', alias, name) END;

COMMENT ON FUNCTION _national_flag(regclass, text, text) IS
	'标志条件: SQL that reads a flag of a table of the extract; NULL where it has none';

CREATE OR REPLACE FUNCTION _national_valid(place regclass, alias text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce(_national_flag(place, alias, 'vali_flag'), 'true');

COMMENT ON FUNCTION _national_valid(regclass, text) IS
	'有效标志条件: condition that a row of a table of the extract is valid; true where it does not say';

-- The first of some columns that says something; NULL where the table has none of them.
CREATE OR REPLACE FUNCTION _national_first(place regclass, alias text, candidates text[]) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN (SELECT format('coalesce(%s)', string_agg(format('medaudit._read_text(%s.%I::text)', alias, n.name), ', ' ORDER BY n.nth))
		FROM unnest(candidates) WITH ORDINALITY AS n (name, nth) WHERE medaudit._has_column(place, n.name) HAVING count(*) > 0);

COMMENT ON FUNCTION _national_first(regclass, text, text[]) IS
	'首个非空字段: SQL of the first of some columns that is not empty; NULL where the table has none of them';

-- In what order rows of a key were written, the latest first, by the times that the table has.
CREATE OR REPLACE FUNCTION _national_latest(place regclass, alias text, names text[]) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(string_agg(format(', %s DESC NULLS LAST', v.value), '' ORDER BY n.nth), '')
	FROM unnest(names) WITH ORDINALITY AS n (name, nth)
	CROSS JOIN LATERAL (SELECT medaudit._national_value(place, alias, 'change', 'changed_at', ARRAY[n.name], 'read') AS value) AS v
	WHERE v.value IS NOT NULL
$$;

COMMENT ON FUNCTION _national_latest(regclass, text, text[]) IS
	'先后次序: rest of an ORDER BY: the latest first, by those of some columns that a table has, each read as a time; empty where it has none';

-- What tells that a table has each key once, so that nothing need be sorted.
CREATE OR REPLACE FUNCTION _national_is_unique(place regclass, name text) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN EXISTS (SELECT FROM pg_index AS i
		JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = place AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1 AND a.attname = name);

COMMENT ON FUNCTION _national_is_unique(regclass, text) IS
	'是否唯一: whether a unique index holds a column of a table to one row each; never NULL';

-- Valid settlements, each once.  One that was delivered again counts as it came last; a
-- reversal that has the number of its original is told from it by its sign, and of
-- those without a number only equal rows are one.
CREATE OR REPLACE FUNCTION _national_settlements(s regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN NOT medaudit._has_column(s, 'setl_id') OR medaudit._national_is_unique(s, 'setl_id')
		THEN format('(SELECT s.* FROM %s AS s WHERE %s)', s, medaudit._national_valid(s, 's'))
		ELSE format('(SELECT DISTINCT ON (%1$s) s.* FROM %2$s AS s WHERE %3$s ORDER BY %1$s%4$s)', k.key, s, medaudit._national_valid(s, 's'),
			medaudit._national_latest(s, 's', '{updt_time}')) END
	FROM (SELECT concat_ws(', ', 'medaudit._read_text(s.mdtrt_id::text)', 'medaudit._read_text(s.setl_id::text)',
		'CASE WHEN medaudit._read_text(s.setl_id::text) IS NULL THEN s::text END',
		'sign(' || medaudit._national_value(s, 's', 'visit', 'total_amount', '{medfee_sumamt}', 'read') || ')',
		'sign(' || medaudit._national_value(s, 's', 'swipe', 'amount', '{acct_pay}', 'read') || ')') AS key) AS k
$$;

COMMENT ON FUNCTION _national_settlements(regclass) IS
	'有效结算: query, in brackets, of the valid settlements, what was delivered twice once';

-- A visit has one row and its money, whatever was settled how often.  Both keys are written
-- as bind() reads them, so that a visit is found by an index and blanks lose no money.
CREATE OR REPLACE FUNCTION _national_visit(m regclass, s regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('SELECT %s FROM (SELECT DISTINCT ON (medaudit._read_text(m.mdtrt_id::text)) %s FROM %s AS m WHERE %s '
			'ORDER BY medaudit._read_text(m.mdtrt_id::text)%s) AS v LEFT JOIN (SELECT medaudit._read_text(s.mdtrt_id::text) AS of_visit%s FROM %s AS s '
			'%s GROUP BY 1) AS p ON p.of_visit = medaudit._read_text(v.visit_id)',
		(SELECT string_agg(CASE WHEN n.sides > 1 THEN format('greatest(v.%1$I, p.%1$I) AS %1$I', n.column_name) ELSE format('%s.%I', n.side, n.column_name) END, ', '
				ORDER BY n.position)
			FROM (SELECT d.column_name, d.position, count(*) AS sides, min(CASE c.source WHEN 'mdtrt_d' THEN 'v' ELSE 'p' END) AS side
				FROM medaudit._national_columns() AS c
				JOIN medaudit.relation_column AS d ON d.relation = c.relation AND d.column_name = c.column_name
				WHERE c.relation = 'visit' AND EXISTS (SELECT FROM unnest(c.candidates) AS n (name)
					WHERE medaudit._has_column(CASE c.source WHEN 'mdtrt_d' THEN m ELSE s END, n.name))
				GROUP BY d.column_name, d.position) AS n),
		medaudit._national_list('visit', 'mdtrt_d', m, 'm'), m, medaudit._national_valid(m, 'm'),
		medaudit._national_latest(m, 'm', '{updt_time,endtime}'),
		', ' || medaudit._national_list('visit', 'setl_d', s, 's'), medaudit._national_settlements(s),
		-- medical aid is not the fund's
		CASE WHEN medaudit._has_column(s, 'setl_type') THEN 'WHERE coalesce(ltrim(medaudit._read_code(s.setl_type::text), ''0''), '''') <> ''3''' END)
$$;

COMMENT ON FUNCTION _national_visit(regclass, regclass) IS
	'全国就诊视图: query of visits with what their valid settlements, but those of medical aid, add up to';

CREATE OR REPLACE FUNCTION _national_charge(c regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('SELECT %s%s%s FROM %s AS c WHERE %s', medaudit._national_list('charge', 'fee_list_d', c, 'c'),
		', ' || medaudit._national_first(c, 'c', '{med_list_codg,hilist_code}') || ' AS item_code',
		', ' || (SELECT CASE WHEN medaudit._has_column(c, 'hosp_appr_flag') THEN format('CASE WHEN ltrim(medaudit._read_code(c.hosp_appr_flag::text), ''0'') = ''2'' THEN ''0'' ELSE %s END',
			coalesce(v.value, 'NULL::numeric')) ELSE v.value END
			FROM (SELECT medaudit._national_value(c, 'c', 'charge', 'claimed', '{inscp_amt,inscp_scp_amt}', 'plain') AS value) AS v) || ' AS claimed',
		c, medaudit._national_valid(c, 'c'))
$$;

COMMENT ON FUNCTION _national_charge(regclass) IS
	'全国费用视图: query of the valid lines; what the hospital did not claim has claimed 0';

-- Of a register its rows; without one, of the visits the latest that names each key.
CREATE OR REPLACE FUNCTION _national_register(relation text, key text, place regclass, visits regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN place IS NOT NULL THEN format('SELECT %s FROM %s AS r WHERE %s', medaudit._national_list(relation, relation, place, 'r'), place,
			medaudit._national_valid(place, 'r'))
		ELSE format('SELECT DISTINCT ON (%1$s) %2$s FROM %3$s AS v WHERE %4$s AND %1$s IS NOT NULL ORDER BY %1$s%5$s',
			medaudit._national_value(visits, 'v', relation, relation || '_id', ARRAY[key], 'key'), medaudit._national_list(relation, relation, visits, 'v'), visits,
			medaudit._national_valid(visits, 'v'), medaudit._national_latest(visits, 'v', '{begntime,updt_time}')) END
$$;

COMMENT ON FUNCTION _national_register(text, text, regclass, regclass) IS
	'全国人员、机构视图: query of a register, or where there is none of what the latest visit of each key says';

-- Where each kind of upload has its time and number: counts (3501), changes (3502),
-- purchases and what goes back (3503, 3504), sales and what comes back (3505, 3506).
CREATE OR REPLACE FUNCTION _national_uploads() RETURNS TABLE (kind text, moved_at text, counted text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
	SELECT v.kind, v.moved_at, v.counted
	FROM (VALUES ('3505', 'sel_retn_time', 'sel_retn_cnt'), ('3506', 'sel_retn_time', 'sel_retn_cnt'), ('3503', 'purc_retn_stoin_time', 'purc_retn_cnt'),
		('3504', 'purc_retn_stoin_time', 'purc_retn_cnt'), ('3502', 'inv_chg_time', 'cnt'), ('3501', 'invdate', 'inv_cnt')) AS v (kind, moved_at, counted);
END;

COMMENT ON FUNCTION _national_uploads() IS
	'进销存接口: interfaces by which facilities upload their stock, with the columns of time and quantity of each';

-- What moved in a table of uploads of one KIND, or of all of them, whose rows say by inv_chg_type,
-- infno or by the time that is filled which they are.  Uploads have no sign: the
-- kind says what goes in and what goes out, and a sale of less than nothing is one
-- that came back.  Text and times, so that several tables can be put together.
CREATE OR REPLACE FUNCTION _national_moves(place regclass, kind text) RETURNS TABLE (column_name text, expression text)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 14
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH filled AS MATERIALIZED (
		SELECT row_number() OVER () AS nth, u.kind, medaudit._national_value(place, 't', 'stock_move', 'at', ARRAY[u.moved_at], 'read') AS moved_at,
			medaudit._national_value(place, 't', 'stock_move', 'quantity', ARRAY[u.counted], 'read') AS counted,
			format('medaudit._read_text(t.%I::text)', u.counted) AS told
		FROM medaudit._national_uploads() AS u
		WHERE (_national_moves.kind IS NULL OR u.kind = _national_moves.kind) AND medaudit._has_column(place, u.counted)
	), said AS MATERIALIZED (
		SELECT CASE WHEN _national_moves.kind <> '3502' THEN quote_literal(_national_moves.kind)
			ELSE format('coalesce(%s)', concat_ws(', ', medaudit._national_first(place, 't', '{inv_chg_type}'),
				CASE WHEN _national_moves.kind IS NULL THEN medaudit._national_first(place, 't', '{infno}') END,
				CASE WHEN _national_moves.kind IS NULL THEN (SELECT 'CASE ' || string_agg(format('WHEN %s IS NOT NULL THEN %L', f.told, f.kind), ' ' ORDER BY f.nth) || ' END'
					FROM filled AS f WHERE f.kind IN ('3505', '3503', '3501')) END,
				'NULL::text')) END AS kind
	)
	SELECT 'product_code', medaudit._national_first(place, 't', '{med_list_codg,fixmedins_hilist_id}')
	UNION ALL
	SELECT 'at', format('coalesce(%s)', string_agg(f.moved_at, ', ' ORDER BY f.nth)) FROM filled AS f WHERE f.moved_at IS NOT NULL HAVING count(*) > 0
	UNION ALL
	SELECT 'counted', format('coalesce(%s)', string_agg(f.counted, ', ' ORDER BY f.nth)) FROM filled AS f HAVING count(*) > 0
	UNION ALL
	SELECT 'told', format('coalesce(%s)', string_agg(f.told, ', ' ORDER BY f.nth)) FROM filled AS f HAVING count(*) > 0
	UNION ALL
	SELECT 'said', format('medaudit._read_code(%s)', s.kind) FROM said AS s
	UNION ALL
	SELECT 'pay_method', CASE WHEN medaudit._has_column(place, 'mdtrt_setl_type') THEN
			'CASE ltrim(medaudit._read_code(t.mdtrt_setl_type::text), ''0'') WHEN ''1'' THEN ''insured'' WHEN ''2'' THEN ''cash'' END'
		WHEN medaudit._has_column(place, 'setl_id') THEN 'CASE WHEN medaudit._read_text(t.setl_id::text) IS NOT NULL THEN ''insured'' END' END
	UNION ALL
	SELECT c.column_name, medaudit._national_value(place, 't', 'stock_move', c.column_name, c.candidates, c.way)
	FROM medaudit._national_columns() AS c WHERE c.relation = 'stock_move'
$$;

COMMENT ON FUNCTION _national_moves(regclass, text) IS
	'进销存字段: columns of stock_move with SQL that reads each from a table of uploads, alias t, of one interface (3501 to 3506) or of all; counted, told and said are the quantity without its sign, its text, and the kind; NULL for one that the table does not have';

-- The codes of the packs of a row: one, or in newer uploads a list, among which the
-- quantity is divided.
CREATE OR REPLACE FUNCTION _national_traces(place regclass) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = place AND a.attname = 'drugtracinfo' AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype)
			AND a.attnum > 0 AND NOT a.attisdropped)
		THEN format('SELECT c.code, greatest(count(*) OVER (), 1) AS packs FROM (SELECT %s AS one) AS o CROSS JOIN LATERAL ('
			'SELECT o.one AS code WHERE o.one IS NOT NULL OR NOT jsonb_path_exists(coalesce(t.drugtracinfo::jsonb, ''null''), ''strict $.** ? (exists (@.drug_trac_codg))'') '
			'UNION ALL SELECT q.traced #>> ''{}'' FROM jsonb_path_query(t.drugtracinfo::jsonb, ''strict $.** ? (exists (@.drug_trac_codg)).drug_trac_codg'') AS q (traced) '
			'WHERE o.one IS NULL) AS c', coalesce(medaudit._national_first(place, 't', '{drug_trac_codg}'), 'NULL::text'))
		ELSE format('SELECT %s AS code, 1 AS packs', coalesce(medaudit._national_first(place, 't', '{drug_trac_codg}'), 'NULL::text')) END;

COMMENT ON FUNCTION _national_traces(regclass) IS
	'追溯码清单: query of the trace codes of a row, alias t, of a table of uploads, with how many packs they are; of a row without any one NULL';

-- Each must say where, what, when and how much.
CREATE OR REPLACE FUNCTION _national_stock_tables(schema_name text, stock jsonb) RETURNS TABLE (kind text, place regclass)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 2
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	lacking text;
BEGIN
	FOR kind, place IN
		SELECT CASE WHEN e.key <> 'stock' THEN e.key END, medaudit._national_table(schema_name, jsonb_build_object('stock', e.value), '{stock}')
		FROM jsonb_each(CASE jsonb_typeof(stock) WHEN 'object' THEN stock ELSE jsonb_build_object('stock', stock) END) AS e
	LOOP
		SELECT min(w.name) INTO lacking
		FROM (VALUES ('facility_id', 'fixmedins_code'), ('product_code', 'med_list_codg'), ('at', (SELECT string_agg(DISTINCT u.moved_at, ' or ')
				FROM medaudit._national_uploads() AS u WHERE u.kind = coalesce(_national_stock_tables.kind, u.kind))),
			('counted', (SELECT string_agg(DISTINCT u.counted, ' or ') FROM medaudit._national_uploads() AS u
				WHERE u.kind = coalesce(_national_stock_tables.kind, u.kind)))) AS w (column_name, name)
		LEFT JOIN medaudit._national_moves(place, kind) AS m ON m.column_name = w.column_name
		WHERE m.expression IS NULL;
		IF lacking IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format(medaudit._say('table %s has no column %s'), place, lacking);
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;

COMMENT ON FUNCTION _national_stock_tables(text, jsonb) IS
	'进销存来源表: the tables of uploads, each with its interface, NULL where it is of all of them; 42703 for one that does not say where, what, when or how much';

-- One table, or several by interface, put together.
CREATE OR REPLACE FUNCTION _national_stock(schema_name text, stock jsonb) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH place AS MATERIALIZED (
		SELECT row_number() OVER (ORDER BY p.kind) AS nth, p.kind, p.place AS oid FROM medaudit._national_stock_tables(schema_name, stock) AS p
	), taken AS MATERIALIZED (
		SELECT p.nth, p.oid, m.column_name, m.expression
		FROM place AS p CROSS JOIN LATERAL medaudit._national_moves(p.oid, p.kind) AS m
		WHERE m.expression IS NOT NULL
	), wanted AS MATERIALIZED (
		-- what no table has is left out, and told by sources()
		SELECT DISTINCT t.column_name FROM taken AS t
	), part AS (
		SELECT p.nth, format('SELECT %s, x.code AS trace_code, x.packs FROM %s AS t CROSS JOIN LATERAL (%s) AS x WHERE %s',
			(SELECT string_agg(format('%s AS %I', coalesce(t.expression, CASE w.column_name WHEN 'at' THEN 'NULL::timestamp' WHEN 'counted' THEN 'NULL::numeric'
					ELSE 'NULL::text' END), w.column_name), ', ' ORDER BY w.column_name)
				FROM wanted AS w LEFT JOIN taken AS t ON t.nth = p.nth AND t.column_name = w.column_name),
			p.oid, medaudit._national_traces(p.oid), medaudit._national_valid(p.oid, 't')) AS query
		FROM place AS p
	)
	SELECT format('SELECT %s FROM (%s) AS n CROSS JOIN LATERAL (SELECT CASE %s END AS kind, %s AS moved) AS k',
		(SELECT string_agg(CASE d.column_name WHEN 'quantity' THEN 'coalesce(CASE WHEN n.packs > 1 THEN trim_scale(round(k.moved / n.packs, 8)) ELSE k.moved END::text, n.told) AS quantity' WHEN 'kind' THEN 'k.kind'
				ELSE format('n.%I', d.column_name) END, ', ' ORDER BY d.position)
			FROM medaudit.relation_column AS d
			WHERE d.relation = 'stock_move' AND (d.column_name IN (SELECT w.column_name FROM wanted AS w) OR d.column_name IN ('kind', 'trace_code')
				OR d.column_name = 'quantity' AND EXISTS (SELECT FROM wanted AS w WHERE w.column_name = 'counted'))),
		(SELECT string_agg(q.query, ' UNION ALL ' ORDER BY q.nth) FROM part AS q),
		'WHEN n.said IN (''3505'', ''SALE'') AND n.counted < 0 THEN ''3506'' WHEN n.said IN (''3503'', ''PURCHASE'') AND n.counted < 0 THEN ''3504'' ELSE lower(n.said)',
		'CASE WHEN n.said IN (''3505'', ''SALE'') THEN -n.counted WHEN n.said IN (''3504'', ''PURCHASE_RETURN'', ''LOSS'', ''102'', ''104'', ''105'', ''107'') THEN -abs(n.counted) '
			'WHEN n.said IN (''3506'', ''SALE_RETURN'', ''101'', ''103'', ''106'', ''108'', ''OPENING'') THEN abs(n.counted) ELSE n.counted END')
$$;

COMMENT ON FUNCTION _national_stock(text, jsonb) IS
	'全国进销存视图: query of what moved, in positive and out negative, from one table of uploads or from several by interface';

-- Of tables that are there; names and what is wrong with them come before.
CREATE OR REPLACE FUNCTION _national_queries_of(m regclass, s regclass, c regclass, d regclass, o regclass, person regclass, facility regclass, schema_name text, stock jsonb)
	RETURNS TABLE (relation text, query text)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE ROWS 9
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT q.relation, q.query FROM (VALUES ('visit', medaudit._national_visit(m, s)), ('charge', medaudit._national_charge(c)),
		('person', medaudit._national_register('person', 'psn_no', person, m)), ('facility', medaudit._national_register('facility', 'fixmedins_code', facility, m)),
		('diagnosis', CASE WHEN d IS NOT NULL THEN format('SELECT %s%s FROM %s AS d WHERE %s', medaudit._national_list('diagnosis', 'setl_list_diag_d', d, 'd'),
			', CASE WHEN ' || medaudit._national_flag(d, 'd', 'maindiag_flag') || ' THEN 1 ELSE 2 END AS rank', d, medaudit._national_valid(d, 'd')) END),
		('operation', CASE WHEN o IS NOT NULL THEN format('SELECT %s FROM %s AS o WHERE %s', medaudit._national_list('operation', 'setl_list_oprn_d', o, 'o'), o,
			medaudit._national_valid(o, 'o')) END),
		('swipe', (SELECT format('SELECT %s, %s AS card_id FROM %s AS s WHERE %s <> 0', medaudit._national_list('swipe', 'setl_d', s, 's'), k.card,
				medaudit._national_settlements(s), medaudit._national_value(s, 's', 'swipe', 'amount', '{acct_pay}', 'read'))
			FROM medaudit._national_first(s, 's', '{mdtrt_cert_no,psn_no}') AS k (card) WHERE k.card IS NOT NULL AND medaudit._has_column(s, 'acct_pay'))),
		('stock_move', CASE WHEN stock IS NOT NULL THEN medaudit._national_stock(schema_name, stock) END),
		-- a row that is not valid any more is a change, too
		('change', (SELECT string_agg(format('SELECT t.mdtrt_id::text AS visit_id, %s AS changed_at FROM %s AS t',
				medaudit._national_value(p.place, 't', 'change', 'changed_at', '{updt_time}', 'moment'), p.place), ' UNION ALL ' ORDER BY p.nth)
			FROM unnest(ARRAY[s, m, c, d, o]) WITH ORDINALITY AS p (place, nth) WHERE medaudit._has_column(p.place, 'updt_time')))) AS q (relation, query)
	WHERE q.query IS NOT NULL
$$;

COMMENT ON FUNCTION _national_queries_of(regclass, regclass, regclass, regclass, regclass, regclass, regclass, text, jsonb) IS
	'全国数据视图来源: queries of the views over these tables of the central extract: visits, settlements, lines, and where there are any diagnoses, operations, registers of persons and facilities, and stock, which is looked for in a schema';

CREATE OR REPLACE FUNCTION _national_queries(schema_name text, tables jsonb) RETURNS TABLE (relation text, query text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 9
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	m regclass := medaudit._national_table(schema_name, tables, '{mdtrt_d}');
	s regclass := medaudit._national_table(schema_name, tables, '{setl_d}');
	c regclass := medaudit._national_table(schema_name, tables, '{fee_list_d}');
	d regclass := medaudit._national_table(schema_name, tables, '{setl_list_diag_d,setl_diag_list_d}');
	o regclass := medaudit._national_table(schema_name, tables, '{setl_list_oprn_d}');
	person regclass := CASE WHEN tables ? 'person' THEN medaudit._national_table(schema_name, tables, '{person}') END;
	facility regclass := CASE WHEN tables ? 'facility' THEN medaudit._national_table(schema_name, tables, '{facility}') END;
	lacking text := CASE WHEN m IS NULL THEN 'mdtrt_d' WHEN s IS NULL THEN 'setl_d' WHEN c IS NULL THEN 'fee_list_d' END;
	unkeyed record;
BEGIN
	IF lacking IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = format(medaudit._say('schema "%s" has no table %s'), schema_name, lacking),
			HINT = format(medaudit._say('Where it has another name: bind_national(%L, ''{"%s": "name"}'').'), schema_name, lacking);
	END IF;
	SELECT k.place, k.key INTO unkeyed
	FROM unnest(ARRAY[m, s, c, d, o, person, facility], '{mdtrt_id,mdtrt_id,mdtrt_id,mdtrt_id,mdtrt_id,psn_no,fixmedins_code}'::text[]) WITH ORDINALITY AS k (place, key, nth)
	WHERE k.place IS NOT NULL AND NOT medaudit._has_column(k.place, k.key) ORDER BY k.nth LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION USING ERRCODE = '42703', MESSAGE = format(medaudit._say('table %s has no column %s'), unkeyed.place, unkeyed.key);
	END IF;
	RETURN QUERY SELECT q.* FROM medaudit._national_queries_of(m, s, c, d, o, person, facility, schema_name, tables -> 'stock') AS q;
END
$$;

COMMENT ON FUNCTION _national_queries(text, jsonb) IS
	'全国数据视图: queries of the views over the central extract; 42P01 names a table that it lacks, 42703 one without its key';

-- What the views leave out without a word of bind().
CREATE OR REPLACE PROCEDURE _warn_of_national(schema_name text, tables jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	s regclass := medaudit._national_table(schema_name, tables, '{setl_d}');
	item record;
	found_rows bigint;
BEGIN
	FOR item IN SELECT p.place FROM unnest('{"{mdtrt_d}","{setl_d}","{fee_list_d}","{setl_list_diag_d,setl_diag_list_d}","{setl_list_oprn_d}"}'::text[]) AS n (names)
		CROSS JOIN LATERAL (SELECT medaudit._national_table(schema_name, tables, n.names::text[]) AS place) AS p
		WHERE medaudit._has_column(p.place, 'vali_flag')
	LOOP
		EXECUTE format('SELECT count(*) FROM (SELECT t.vali_flag::text AS flag FROM %s AS t LIMIT 100000) AS i WHERE medaudit.to_flag(i.flag) IS NULL', item.place)
		INTO found_rows;
		IF found_rows > 0 THEN
			RAISE WARNING USING MESSAGE = format(medaudit._say('"%s": rows whose vali_flag does not say whether they are valid are not read: %s'), item.place, found_rows),
				HINT = medaudit._say('Up to 100000 rows were looked at.');
		END IF;
	END LOOP;
	IF medaudit._has_column(s, 'setl_id') AND NOT medaudit._national_is_unique(s, 'setl_id') THEN
		EXECUTE format('SELECT (SELECT count(*) FROM %s AS s WHERE %s) - (SELECT count(*) FROM %s AS s)', s, medaudit._national_valid(s, 's'),
			medaudit._national_settlements(s)) INTO found_rows;
		IF found_rows > 0 THEN
			RAISE WARNING USING MESSAGE = format(medaudit._say('"%s": settlements that were delivered twice count once: %s'), s, found_rows);
		END IF;
	END IF;
EXCEPTION WHEN insufficient_privilege THEN
	-- who may bind and not read is told nothing
	NULL;
END
$$;

COMMENT ON PROCEDURE _warn_of_national(text, jsonb) IS
	'全国数据提醒: warnings of rows whose vali_flag cannot be read, and of settlements that were delivered twice';

-- What another extract had and this one has not: it is not read any more.
CREATE OR REPLACE PROCEDURE _unbind_national(kept text[])
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	gone text;
BEGIN
	FOR gone IN SELECT b.relation FROM medaudit.binding AS b
		WHERE b.source = 'medaudit_data.national_' || b.relation AND b.relation <> ALL (kept) ORDER BY b.relation
	LOOP
		EXECUTE format('DROP VIEW IF EXISTS medaudit_data.%I, medaudit_data.%I', gone, 'national_' || gone);
		DELETE FROM medaudit.binding AS b WHERE b.relation = gone;
		RAISE NOTICE USING MESSAGE = format(medaudit._say('relation "%s" is bound no more: this extract does not have it'), gone);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE _unbind_national(text[]) IS
	'解除绑定: drops the views of relations that bind_national() bound before, but for some';

CREATE OR REPLACE PROCEDURE _check_national_tables(tables jsonb)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	unknown text := (SELECT min(k.name) FROM jsonb_object_keys(tables) AS k (name)
		WHERE k.name <> ALL ('{mdtrt_d,setl_d,fee_list_d,setl_list_diag_d,setl_list_oprn_d,person,facility,stock}'::text[]));
	stock jsonb := tables -> 'stock';
BEGIN
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" is no table of the central extract'), unknown),
			HINT = medaudit._say('These are mdtrt_d, setl_d, fee_list_d, setl_list_diag_d, setl_list_oprn_d, registers person and facility, and stock.');
	END IF;
	unknown := (SELECT min(e.key) FROM jsonb_each(tables) AS e WHERE jsonb_typeof(e.value) <> 'string' AND (e.key <> 'stock' OR jsonb_typeof(e.value) <> 'object'));
	unknown := coalesce(unknown, CASE WHEN jsonb_typeof(stock) = 'object' AND (stock = '{}' OR EXISTS (SELECT FROM jsonb_each(stock) AS e
		WHERE jsonb_typeof(e.value) <> 'string' OR e.key <> ALL (ARRAY(SELECT u.kind FROM medaudit._national_uploads() AS u)))) THEN 'stock' END);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format(medaudit._say('"%s" must be the name of a table'), unknown),
			HINT = medaudit._say('Write {"stock": "name"}, or a table for each interface: {"stock": {"3503": "name", "3505": "name"}}, of 3501 to 3506.');
	END IF;
END
$$;

COMMENT ON PROCEDURE _check_national_tables(jsonb) IS
	'检查表名参数: 22023 for a name that is no table of the central extract, or names no table';

CREATE OR REPLACE PROCEDURE bind_national(schema_name text, tables jsonb DEFAULT '{}')
	LANGUAGE plpgsql
AS $$
DECLARE
	item record;
	made text[] := '{}';
BEGIN
	IF schema_name IS NULL OR tables IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = medaudit._say('schema_name and tables must not be null');
	ELSIF pg_catalog.jsonb_typeof(tables) OPERATOR(pg_catalog.<>) 'object'::pg_catalog.text THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = medaudit._say('tables must be an object');
	ELSIF pg_catalog.to_regnamespace(pg_catalog.quote_ident(schema_name)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = pg_catalog.format(medaudit._say('schema "%s" does not exist'), schema_name);
	END IF;
	CALL medaudit._check_national_tables(tables);
	FOR item IN SELECT q.relation, q.query FROM medaudit._national_queries(schema_name, tables) AS q LOOP
		PERFORM medaudit._check_query(item.query);
		CALL medaudit._check_view_owner('national_' OPERATOR(pg_catalog.||) item.relation);
		BEGIN
			EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW medaudit_data.%I WITH (security_invoker = true) AS %s', 'national_' OPERATOR(pg_catalog.||) item.relation, item.query);
		EXCEPTION WHEN invalid_table_definition THEN
			RAISE EXCEPTION USING ERRCODE = '42P16', MESSAGE = pg_catalog.format(medaudit._say('view medaudit_data.national_%s has other columns by now: %s'), item.relation, SQLERRM),
				HINT = pg_catalog.format(medaudit._say('Make it anew: DROP VIEW medaudit_data.national_%s CASCADE, then bind_national() again.'), item.relation);
		END;
		EXECUTE pg_catalog.format('COMMENT ON VIEW medaudit_data.%I IS %L', 'national_' OPERATOR(pg_catalog.||) item.relation,
			'全国数据视图: the central extract as medaudit reads it, made by medaudit.bind_national()');
		CALL medaudit._give_levels(relation => pg_catalog.format('medaudit_data.%I', 'national_' OPERATOR(pg_catalog.||) item.relation)::pg_catalog.regclass);
		CALL medaudit.bind(item.relation, pg_catalog.format('medaudit_data.%I', 'national_' OPERATOR(pg_catalog.||) item.relation)::pg_catalog.regclass);
		made := made OPERATOR(pg_catalog.||) item.relation;
	END LOOP;
	CALL medaudit._unbind_national(made);
	CALL medaudit._warn_of_national(schema_name, tables);
END
$$;

COMMENT ON PROCEDURE bind_national(text, jsonb) IS
	'绑定全国数据: makes plain views medaudit_data.national_<relation> over the tables of the central extract (mdtrt_d, setl_d, fee_list_d, setl_list_diag_d, setl_list_oprn_d) in a schema and binds them; tables names those that are called otherwise, registers of persons and facilities, and the stock of facilities; a missing optional column is told by sources(). A missing one of the first three is 42P01, an unknown schema 3F000, an unknown name in tables 22023, a time with zone 42804, NULL 22004; text that is no number 22P02, or no time 22007, with the name of its column, among the first thousand rows; what comes later is told row by row, as by bind(); a table without mdtrt_id, or a register without its key, 42703; a view that is there with other columns 42P16; what the extract bound before had and this one has not is bound no more';
