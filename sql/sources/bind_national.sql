-- The central extract (mdtrt_d, setl_d, fee_list_d, setl_list_diag_d) bound in one call.
--
-- Plain views over its tables stand in medaudit_data beside the bound ones, which bind()
-- makes over them.  A column that an extract does not have is left out, so that sources()
-- tells it.  Settlements of a visit are added up before they meet it, and never meet its
-- lines, so that nothing counts twice; a reversal stands beside its original, and both
-- add up.
--
-- Cost: a few views, and a look at a thousand rows of each text column that has to be a
-- number or a time.  Read, a visit costs its row and a hash of the settlements.

-- Names that a column may have in an extract, the first that is there counts; of which of
-- its tables.
CREATE OR REPLACE FUNCTION _national_columns() RETURNS TABLE (relation text, column_name text, source text, candidates text[], type text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 60
BEGIN ATOMIC
	SELECT v.relation, v.column_name, v.source, v.candidates::text[], v.type
	FROM (VALUES
		('visit', 'visit_id', 'mdtrt_d', '{mdtrt_id}', 'text'), ('visit', 'person_id', 'mdtrt_d', '{psn_no}', 'text'),
		('visit', 'facility_id', 'mdtrt_d', '{fixmedins_code}', 'text'), ('visit', 'admitted_at', 'mdtrt_d', '{begntime}', 'time'),
		('visit', 'discharged_at', 'mdtrt_d', '{endtime}', 'time'), ('visit', 'record_no', 'mdtrt_d', '{ipt_otp_no}', 'text'),
		('visit', 'visit_type', 'mdtrt_d', '{med_type}', 'text'), ('visit', 'insurance_type', 'mdtrt_d', '{insutype}', 'text'),
		('visit', 'department', 'mdtrt_d', '{adm_dept_codg,adm_dept_name}', 'text'), ('visit', 'physician_id', 'mdtrt_d', '{chfpdr_code,atddr_no}', 'text'),
		('visit', 'ward', 'mdtrt_d', '{wardarea_bed,wardarea}', 'text'), ('visit', 'bed', 'mdtrt_d', '{dscg_bed}', 'text'),
		('visit', 'main_diagnosis', 'mdtrt_d', '{dscg_maindiag_code}', 'text'), ('visit', 'referral_visit_id', 'mdtrt_d', '{refl_old_mdtrt_id}', 'text'),
		('visit', 'discharge_way', 'mdtrt_d', '{dscg_way}', 'text'), ('visit', 'newborn', 'mdtrt_d', '{nwb_flag}', 'flag'),
		('visit', 'region', 'mdtrt_d', '{mdtrtarea_admdvs}', 'text'),
		('visit', 'total_amount', 'setl_d', '{medfee_sumamt}', 'sum'), ('visit', 'scope_amount', 'setl_d', '{inscp_amt,inscp_scp_amt}', 'sum'),
		('visit', 'fund_amount', 'setl_d', '{fund_pay_sumamt}', 'sum'), ('visit', 'personal_amount', 'setl_d', '{psn_pay}', 'sum'),
		('visit', 'payment_method', 'setl_d', '{clr_way}', 'way'), ('visit', 'settled_at', 'setl_d', '{setl_time}', 'latest'),
		('visit', 'mid_settlement', 'setl_d', '{mid_setl_flag}', 'last flag'),
		('charge', 'visit_id', 'fee_list_d', '{mdtrt_id}', 'text'), ('charge', 'quantity', 'fee_list_d', '{cnt}', 'number'),
		('charge', 'amount', 'fee_list_d', '{det_item_fee_sumamt}', 'number'), ('charge', 'charged_at', 'fee_list_d', '{fee_ocur_time}', 'time'),
		('charge', 'line_id', 'fee_list_d', '{bkkp_sn,feedetl_sn}', 'line'), ('charge', 'original_line_id', 'fee_list_d', '{init_bkkp_sn,init_feedetl_sn}', 'line'),
		('charge', 'item_name', 'fee_list_d', '{hilist_name}', 'text'), ('charge', 'local_code', 'fee_list_d', '{medins_list_codg}', 'text'),
		('charge', 'local_name', 'fee_list_d', '{medins_list_name}', 'text'), ('charge', 'category', 'fee_list_d', '{med_chrgitm_type}', 'text'),
		('charge', 'unit_price', 'fee_list_d', '{pric}', 'number'), ('charge', 'prescription_id', 'fee_list_d', '{rx_drord_no}', 'text'),
		('charge', 'physician_id', 'fee_list_d', '{bilg_dr_code,bilg_dr_codg}', 'text'), ('charge', 'department', 'fee_list_d', '{bilg_dept_codg,bilg_dept_name}', 'text'),
		('charge', 'days_supply', 'fee_list_d', '{prd_days}', 'number'), ('charge', 'payment_class', 'fee_list_d', '{chrgitm_lv}', 'text'),
		('charge', 'take_home', 'fee_list_d', '{dscg_tkdrug_flag}', 'flag'), ('charge', 'person_id', 'fee_list_d', '{psn_no}', 'text'),
		('diagnosis', 'visit_id', 'setl_list_diag_d', '{mdtrt_id}', 'text'), ('diagnosis', 'diagnosis_code', 'setl_list_diag_d', '{diag_code}', 'text'),
		('person', 'person_id', 'person', '{psn_no}', 'text'), ('person', 'name', 'person', '{psn_name}', 'text'),
		('person', 'resident_id', 'person', '{certno}', 'text'), ('person', 'sex', 'person', '{gend}', 'text'),
		('person', 'birth_date', 'person', '{brdy}', 'date'), ('person', 'address', 'person', '{addr}', 'text'),
		('person', 'phone', 'person', '{tel}', 'text'), ('person', 'employer', 'person', '{emp_name}', 'text'),
		('person', 'insurance_type', 'person', '{insutype}', 'text'), ('person', 'person_class', 'person', '{psn_type}', 'text'),
		('person', 'region', 'person', '{insu_admdvs}', 'text'), ('person', 'household_id', 'person', '{hsecfc_no}', 'text'),
		('person', 'death_date', 'person', '{die_date}', 'date'),
		('facility', 'facility_id', 'facility', '{fixmedins_code}', 'text'), ('facility', 'name', 'facility', '{fixmedins_name}', 'text'),
		('facility', 'kind', 'facility', '{fixmedins_code}', 'kind'), ('facility', 'rank', 'facility', '{hosp_lv}', 'rank'),
		('facility', 'ownership', 'facility', '{econ_type}', 'text'), ('facility', 'region', 'facility', '{fix_blng_admdvs}', 'text'),
		('facility', 'beds', 'facility', '{aprv_bed_cnt}', 'number'), ('facility', 'credit_code', 'facility', '{uscc}', 'text'),
		('swipe', 'facility_id', 'setl_d', '{fixmedins_code}', 'text'), ('swipe', 'swiped_at', 'setl_d', '{setl_time}', 'time'),
		('swipe', 'amount', 'setl_d', '{acct_pay}', 'number'), ('swipe', 'person_id', 'setl_d', '{psn_no}', 'text'),
		('swipe', 'operator_id', 'setl_d', '{opter_id}', 'text'), ('swipe', 'balance_after', 'setl_d', '{balc}', 'number'),
		('swipe', 'terminal_id', 'setl_d', '{trns_dev_no}', 'text'), ('swipe', 'credential', 'setl_d', '{mdtrt_cert_type}', 'text')
	) AS v (relation, column_name, source, candidates, type);
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
			RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = format('there is no table "%s" for %s', given, names[1]);
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

-- How a column is read; text that must be a number or a time is tried on a thousand rows, so
-- that a wrong one is told now and by its name.
CREATE OR REPLACE FUNCTION _national_value(source regclass, alias text, candidates text[], type text) RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	taken record;
	given text;
	plain text;
	wanted text := CASE WHEN type IN ('number', 'sum') THEN 'numeric' WHEN type IN ('time', 'latest') THEN 'timestamp' WHEN type = 'date' THEN 'date' END;
	flag text;
BEGIN
	SELECT a.attname, t.oid::regtype AS type, t.typcategory INTO taken
	FROM unnest(candidates) WITH ORDINALITY AS c (name, nth)
	JOIN pg_attribute AS a ON a.attrelid = source AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped
	JOIN pg_type AS t ON t.oid = a.atttypid
	ORDER BY c.nth LIMIT 1;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	given := format('%s.%I', alias, taken.attname);
	plain := format('nullif(btrim(%s::text), '''')', given);
	IF wanted IN ('timestamp', 'date') AND taken.type = 'timestamptz'::regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804', MESSAGE = format('column %s of %s has a time zone', taken.attname, source),
			HINT = 'Say which: a view over it with AT TIME ZONE ''Asia/Shanghai''.';
	ELSIF wanted IS NOT NULL AND taken.typcategory = 'S' THEN
		BEGIN
			EXECUTE format('SELECT count(%s::%s) FROM (SELECT t.* FROM %s AS t LIMIT 1000) AS %s', plain, wanted, source, alias);
		EXCEPTION WHEN data_exception THEN
			RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = format('column %s of %s: %s', taken.attname, source, SQLERRM);
		END;
		given := plain;
	END IF;
	flag := format('CASE WHEN lower(btrim(%s::text)) IN (''1'', ''t'', ''true'', ''y'') THEN true WHEN lower(btrim(%1$s::text)) IN (''0'', ''f'', ''false'', ''n'') THEN false END', given);
	RETURN CASE type
		WHEN 'text' THEN given || '::text'
		WHEN 'number' THEN given || '::numeric' WHEN 'time' THEN given || '::timestamp' WHEN 'date' THEN given || '::date'
		WHEN 'sum' THEN format('sum(%s::numeric)', given) WHEN 'latest' THEN format('max(%s::timestamp)', given)
		WHEN 'flag' THEN flag WHEN 'last flag' THEN format('(array_agg(%s ORDER BY %s.setl_time DESC NULLS LAST))[1]', flag, alias)
		WHEN 'way' THEN format('CASE (array_agg(btrim(%s::text) ORDER BY %s.setl_time DESC NULLS LAST))[1] WHEN ''1'' THEN ''item'' WHEN ''2'' THEN ''case'' '
			'WHEN ''3'' THEN ''dip'' WHEN ''4'' THEN ''drg'' WHEN ''5'' THEN ''bed_day'' WHEN ''6'' THEN ''capitation'' END', given, alias)
		WHEN 'line' THEN format('%s.mdtrt_id::text || ''/'' || %s', alias, plain)
		WHEN 'kind' THEN format('CASE upper(left(btrim(%s::text), 1)) WHEN ''H'' THEN ''hospital'' WHEN ''P'' THEN ''pharmacy'' END', given)
		WHEN 'rank' THEN format('medaudit.facility_rank(%s::text)', given) END;
END
$$;

COMMENT ON FUNCTION _national_value(regclass, text, text[], text) IS
	'全国字段取值: SQL that reads the first of some columns that a table has; NULL where it has none; 42804 for a time with zone, and the error of the cast, with the name of the column, for text that is no number or time';

CREATE OR REPLACE FUNCTION _national_list(relation text, source text, place regclass, alias text) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(format('%s AS %I', v.value, c.column_name), ', ')
	FROM medaudit._national_columns() AS c
	CROSS JOIN LATERAL (SELECT medaudit._national_value(place, alias, c.candidates, c.type) AS value) AS v
	WHERE c.relation = _national_list.relation AND c.source = _national_list.source AND v.value IS NOT NULL
$$;

COMMENT ON FUNCTION _national_list(text, text, regclass, text) IS
	'全国字段清单: select list of the columns of a relation that a table of the extract gives; NULL for none';

CREATE OR REPLACE FUNCTION _national_valid(place regclass, alias text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN CASE WHEN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = place AND a.attname = 'vali_flag' AND NOT a.attisdropped)
		THEN format('lower(btrim(%s.vali_flag::text)) IN (''1'', ''t'', ''true'')', alias) ELSE 'true' END;

COMMENT ON FUNCTION _national_valid(regclass, text) IS
	'有效标志条件: condition that a row of a table of the extract is valid; true where it does not say';

CREATE OR REPLACE FUNCTION _has_column(place regclass, name text) RETURNS bool
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = place AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped);

COMMENT ON FUNCTION _has_column(regclass, text) IS '是否有列: whether a table has a column; false for NULL';

-- A visit has one row and its money, whatever was settled how often.  Both keys are written
-- as bind() reads them, so that a visit is found by an index and blanks lose no money.
CREATE OR REPLACE FUNCTION _national_visit(m regclass, s regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('SELECT v.*%s FROM (SELECT DISTINCT ON (m.mdtrt_id::text) %s FROM %s AS m WHERE %s ORDER BY m.mdtrt_id::text%s) AS v '
			'LEFT JOIN (SELECT medaudit._read_text(s.mdtrt_id::text) AS of_visit, %s FROM %s AS s WHERE %s%s GROUP BY 1) AS p ON p.of_visit = medaudit._read_text(v.visit_id)',
		(SELECT string_agg(format(', p.%I', c.column_name), '') FROM medaudit._national_columns() AS c
			WHERE c.relation = 'visit' AND c.source = 'setl_d' AND medaudit._national_value(s, 's', c.candidates, c.type) IS NOT NULL),
		medaudit._national_list('visit', 'mdtrt_d', m, 'm'), m, medaudit._national_valid(m, 'm'),
		CASE WHEN medaudit._has_column(m, 'updt_time') THEN ', m.updt_time DESC NULLS LAST' END,
		medaudit._national_list('visit', 'setl_d', s, 's'), s, medaudit._national_valid(s, 's'),
		-- medical aid is not the fund's
		CASE WHEN medaudit._has_column(s, 'setl_type') THEN ' AND coalesce(btrim(s.setl_type::text), '''') <> ''3''' END)
$$;

COMMENT ON FUNCTION _national_visit(regclass, regclass) IS
	'全国就诊视图: query of visits with what their valid settlements, but those of medical aid, add up to';

CREATE OR REPLACE FUNCTION _national_charge(c regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT format('SELECT %s%s%s FROM %s AS c WHERE %s', medaudit._national_list('charge', 'fee_list_d', c, 'c'),
		', coalesce(' || (SELECT string_agg(format('nullif(btrim(c.%I::text), '''')', n.name), ', ' ORDER BY n.nth)
			FROM unnest('{med_list_codg,hilist_code}'::text[]) WITH ORDINALITY AS n (name, nth) WHERE medaudit._has_column(c, n.name)) || ') AS item_code',
		', ' || (SELECT CASE WHEN medaudit._has_column(c, 'hosp_appr_flag') THEN format('CASE WHEN btrim(c.hosp_appr_flag::text) = ''2'' THEN 0 ELSE %s END', v.value)
				ELSE v.value END FROM (SELECT medaudit._national_value(c, 'c', '{inscp_amt,inscp_scp_amt}', 'number') AS value) AS v) || ' AS claimed',
		c, medaudit._national_valid(c, 'c'))
$$;

COMMENT ON FUNCTION _national_charge(regclass) IS
	'全国费用视图: query of the valid lines; what the hospital did not claim has claimed 0';

-- Of a register one row a key; of visits the latest that names it.
CREATE OR REPLACE FUNCTION _national_register(relation text, key text, place regclass, visits regclass) RETURNS text
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT CASE WHEN place IS NOT NULL THEN format('SELECT %s FROM %s AS r WHERE %s', medaudit._national_list(relation, relation, place, 'r'), place,
			medaudit._national_valid(place, 'r'))
		ELSE format('SELECT DISTINCT ON (r.%1$I) %2$s FROM %3$s AS r WHERE %4$s AND r.%1$I IS NOT NULL ORDER BY r.%1$I, r.begntime DESC NULLS LAST',
			key, medaudit._national_list(relation, relation, visits, 'r'), visits, medaudit._national_valid(visits, 'r')) END
$$;

COMMENT ON FUNCTION _national_register(text, text, regclass, regclass) IS
	'全国人员、机构视图: query of a register, or where there is none of what the latest visit of each key says';

CREATE OR REPLACE FUNCTION _national_queries(schema_name text, tables jsonb) RETURNS TABLE (relation text, query text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 7
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	m regclass := medaudit._national_table(schema_name, tables, '{mdtrt_d}');
	s regclass := medaudit._national_table(schema_name, tables, '{setl_d}');
	c regclass := medaudit._national_table(schema_name, tables, '{fee_list_d}');
	d regclass := medaudit._national_table(schema_name, tables, '{setl_list_diag_d,setl_diag_list_d}');
	lacking text := CASE WHEN m IS NULL THEN 'mdtrt_d' WHEN s IS NULL THEN 'setl_d' WHEN c IS NULL THEN 'fee_list_d' END;
BEGIN
	IF lacking IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42P01', MESSAGE = format('schema "%s" has no table %s', schema_name, lacking),
			HINT = format('Where it has another name: bind_national(%L, ''{"%s": "name"}'').', schema_name, lacking);
	END IF;
	RETURN QUERY VALUES ('visit', medaudit._national_visit(m, s)), ('charge', medaudit._national_charge(c)),
		('person', medaudit._national_register('person', 'psn_no', CASE WHEN tables ? 'person' THEN medaudit._national_table(schema_name, tables, '{person}') END, m)),
		('facility', medaudit._national_register('facility', 'fixmedins_code', CASE WHEN tables ? 'facility' THEN medaudit._national_table(schema_name, tables, '{facility}') END, m));
	IF d IS NOT NULL THEN
		RETURN QUERY SELECT 'diagnosis', format('SELECT %s%s FROM %s AS d WHERE %s', medaudit._national_list('diagnosis', 'setl_list_diag_d', d, 'd'),
			', CASE WHEN ' || medaudit._national_value(d, 'd', '{maindiag_flag}', 'flag') || ' THEN 1 ELSE 2 END AS rank', d, medaudit._national_valid(d, 'd'));
	END IF;
	IF medaudit._has_column(s, 'acct_pay') THEN
		RETURN QUERY SELECT 'swipe', format('SELECT %s, coalesce(%s) AS card_id FROM %s AS s WHERE %s AND %s <> 0', medaudit._national_list('swipe', 'setl_d', s, 's'),
			(SELECT string_agg(format('nullif(btrim(s.%I::text), '''')', n.name), ', ' ORDER BY n.nth)
				FROM unnest('{mdtrt_cert_no,psn_no}'::text[]) WITH ORDINALITY AS n (name, nth) WHERE medaudit._has_column(s, n.name)),
			s, medaudit._national_valid(s, 's'), medaudit._national_value(s, 's', '{acct_pay}', 'number'));
	END IF;
	-- a row that is not valid any more is a change, too
	RETURN QUERY SELECT 'change', string_agg(format('SELECT t.mdtrt_id::text AS visit_id, %s AS changed_at FROM %s AS t',
			medaudit._national_value(p.place, 't', '{updt_time}', 'time'), p.place), ' UNION ALL ' ORDER BY p.nth)
	FROM unnest(ARRAY[s, m, c]) WITH ORDINALITY AS p (place, nth) WHERE medaudit._has_column(p.place, 'updt_time') HAVING count(*) > 0;
END
$$;

COMMENT ON FUNCTION _national_queries(text, jsonb) IS
	'全国数据视图: queries of the views over the central extract; 42P01 names a table that it lacks';

CREATE OR REPLACE PROCEDURE bind_national(schema_name text, tables jsonb DEFAULT '{}')
	LANGUAGE plpgsql
AS $$
DECLARE
	item record;
	unknown text;
BEGIN
	IF schema_name IS NULL OR tables IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'schema_name and tables must not be null';
	ELSIF pg_catalog.jsonb_typeof(tables) OPERATOR(pg_catalog.<>) 'object'::pg_catalog.text THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'tables must be an object';
	ELSIF pg_catalog.to_regnamespace(pg_catalog.quote_ident(schema_name)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = pg_catalog.format('schema "%s" does not exist', schema_name);
	END IF;
	SELECT pg_catalog.min(k.name) INTO unknown FROM pg_catalog.jsonb_object_keys(tables) AS k (name)
	WHERE k.name OPERATOR(pg_catalog.<>) ALL ('{mdtrt_d,setl_d,fee_list_d,setl_list_diag_d,person,facility}'::pg_catalog.text[]);
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = pg_catalog.format('"%s" is no table of the central extract', unknown),
			HINT = 'These are mdtrt_d, setl_d, fee_list_d, setl_list_diag_d, and registers person and facility.';
	END IF;
	FOR item IN SELECT q.relation, q.query FROM medaudit._national_queries(schema_name, tables) AS q LOOP
		PERFORM medaudit._check_query(item.query);
		BEGIN
			EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW medaudit_data.%I WITH (security_invoker = true) AS %s', 'national_' OPERATOR(pg_catalog.||) item.relation, item.query);
		EXCEPTION WHEN invalid_table_definition THEN
			RAISE EXCEPTION USING ERRCODE = '42P16', MESSAGE = pg_catalog.format('view medaudit_data.national_%s has other columns by now: %s', item.relation, SQLERRM),
				HINT = pg_catalog.format('Make it anew: DROP VIEW medaudit_data.national_%s CASCADE, then bind_national() again.', item.relation);
		END;
		EXECUTE pg_catalog.format('COMMENT ON VIEW medaudit_data.%I IS %L', 'national_' OPERATOR(pg_catalog.||) item.relation,
			'全国数据视图: the central extract as medaudit reads it, made by medaudit.bind_national()');
		CALL medaudit.bind(item.relation, pg_catalog.format('medaudit_data.%I', 'national_' OPERATOR(pg_catalog.||) item.relation)::pg_catalog.regclass);
	END LOOP;
END
$$;

COMMENT ON PROCEDURE bind_national(text, jsonb) IS
	'绑定全国数据: makes plain views medaudit_data.national_<relation> over the tables of the central extract (mdtrt_d, setl_d, fee_list_d, setl_list_diag_d) in a schema and binds them; tables names those that are called otherwise, and registers of persons and facilities; a missing optional column is told by sources(). A missing one of the first three is 42P01, an unknown schema 3F000, an unknown name in tables 22023, a time with zone 42804, NULL 22004; text that is no number or time is the error of the cast with the name of its column; a view that is there with other columns 42P16';
