-- Stays in the store of books: what a run makes of the stays of two years, with their
-- tags, kept from one run to the next.
--
--	kept_stay	a row per stay as rules see it (medaudit_work.stay): visits that continue
--		one another as one, with what the registers say and the tags by which rules
--		leave stays out; all that ended on STAYS_FROM (book_state) or later.
--	due_person	whose stays are to be made anew: a visit of his changed, or the register
--		says something else of him, or more or fewer people live with him.
--
-- Rules about facilities, and about people who come and go together, look at all stays
-- of the years in question.  A run over days or some months asks only whose visits
-- it judges: the people of these visits, those with a visit that is neither settled
-- nor discharged, and those that are due.  Of them it reads all visits, by the index
-- that the store has on the person and the warehouse on the visit, and makes their stays
-- anew; of all others it takes the stays as they are kept, and then keeps what it made.
-- Visits that a finding names beside are read by name.  So a day costs what
-- its people cost, and a copy of the stays of the others, 6 microseconds each.
--
-- Stays are kept by each run that has a store and asks rules over stays: one over more
-- than a season reads and keeps all, as does one that finds them kept in another way
-- (_stays_reading) or from a later day on than it needs.
--
-- Not kept, for the run of the day tells it: what is judged, and newborns that are known by
-- a woman whom something links to them (_run_tag_newborns).

CREATE OR REPLACE FUNCTION _stays_from(from_date date, stay_days int) RETURNS date
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN make_date(least(extract(year FROM from_date)::int - 2, extract(year FROM from_date - coalesce(stay_days, 0))::int), 1, 1);

COMMENT ON FUNCTION _stays_from(date, int) IS
	'住院起始日期: the day from which on the stays that ended may matter to rules over facilities and all people, in a run from a date on whose rules look back so many days';

-- Whether a rule of the run leaves out stays by how many people live in a home.
CREATE OR REPLACE FUNCTION _run_asks_homes(run_no bigint) RETURNS bool
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM medaudit._rules_of_run(run_no) AS r
		CROSS JOIN LATERAL (SELECT medaudit._rule_parameters(r.rule_code) AS given OFFSET 0) AS s
		JOIN medaudit.stay_tag AS t ON t.tag = ANY (medaudit._parameter_list(s.given, 'exclude_tags')
			|| medaudit._parameter_list(s.given, 'exclude_later_tags'))
		WHERE t.household_people IS NOT NULL)
$$;

COMMENT ON FUNCTION _run_asks_homes(bigint) IS
	'是否需要户内人数: whether a rule of the run leaves out a tag that rests on how many people live in a home';

-- What decides a kept stay beside its visits and its person, who is read as
-- _register_reading() says.  Once the facilities of a run are read.
CREATE OR REPLACE FUNCTION _stays_reading(run_no bigint, register_reading bytea) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT medaudit._books_digest(concat_ws('|', pg_get_viewdef(to_regclass('medaudit_data.visit')),
		pg_get_viewdef(to_regclass('medaudit_data.diagnosis')),
		(SELECT string_agg(t::text, ';' ORDER BY t::text COLLATE "C") FROM medaudit.stay_tag AS t),
		(SELECT string_agg(v::text, ';' ORDER BY v::text COLLATE "C") FROM medaudit.visit_class AS v),
		(SELECT sum(hash_record_extended(ROW(f.facility_id, f.name, f.provider_id), 0)) FROM medaudit_work.facility AS f),
		medaudit._run_asks_homes(run_no), register_reading,
		(SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'medaudit')))
$$;

COMMENT ON FUNCTION _stays_reading(bigint, bytea) IS
	'住院读取方式摘要: digest of how visits are read, of the tables by which stays are told and tagged, of the facilities and of the version of medaudit. Only within an audit run';

-- ------------------------------------------------------------- what a run asks

CREATE OR REPLACE FUNCTION _visits_kept() RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM medaudit_work.made AS m WHERE m.name = 'kept visits');
END
$$;

COMMENT ON FUNCTION _visits_kept() IS
	'是否只读相关人员的就诊: whether the run reads the visits of the people whom it judges, and takes the stays of all others from the store. Only within an audit run';

-- Asked once, when a run is prepared and has its facilities: what it takes from the
-- store stands in made.
CREATE OR REPLACE PROCEDURE _run_look_into_store(run_no bigint, stay_days int, all_stays bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	run record;
	state record;
BEGIN
	IF NOT medaudit._books_usable() THEN
		RETURN;
	END IF;
	SELECT s.register_reading, s.stays_reading, s.stays_from INTO state FROM medaudit_data.book_state AS s;
	IF state.register_reading IS DISTINCT FROM medaudit._register_reading() THEN
		RETURN;
	END IF;
	PERFORM medaudit._run_made('kept register');
	SELECT r.from_date, r.to_date, r.scope INTO run FROM medaudit.run AS r WHERE r.run_id = run_no;
	-- rows of a few people are looked up in the store only where it is here
	IF NOT medaudit._books_spread() AND (run.scope = 'persons' OR NOT medaudit._run_is_long(run.from_date, run.to_date))
		AND (NOT all_stays OR state.stays_from <= medaudit._stays_from(run.from_date, stay_days)
			AND state.stays_reading = medaudit._stays_reading(run_no, state.register_reading)) THEN
		PERFORM medaudit._run_made('kept visits');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_look_into_store(bigint, int, bool) IS
	'查看账册库: notes whether the run may take persons from the store of books, and the stays of people whom it does not judge';

-- Whose visits the run reads: those of its days and whose stays are to be made anew, all
-- of them; asked_person may hold some already.
CREATE OR REPLACE PROCEDURE _run_ask_people(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	INSERT INTO medaudit_work.asked_person
	WITH wanted AS MATERIALIZED (
		SELECT b.person_id FROM medaudit_data.visit_book AS b WHERE b.judged_on >= from_date AND b.judged_on < to_date
		UNION
		SELECT b.person_id FROM medaudit_data.visit_book AS b WHERE b.open
		UNION
		SELECT d.person_id FROM medaudit_data.due_person AS d
		UNION
		SELECT a.person_id FROM medaudit_work.asked_person AS a
	), owner AS MATERIALIZED (
		SELECT DISTINCT k.number_owner FROM medaudit_data.person_key AS k WHERE k.person_id IN (SELECT w.person_id FROM wanted AS w)
	), had AS MATERIALIZED (
		-- a table looked through as it is filled is looked through ever longer
		SELECT a.person_id FROM medaudit_work.asked_person AS a
	)
	SELECT i.person_id
	FROM (
		SELECT w.person_id FROM wanted AS w
		UNION
		SELECT k.person_id FROM medaudit_data.person_key AS k WHERE k.number_owner IN (SELECT o.number_owner FROM owner AS o)
	) AS i
	WHERE i.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM had AS h WHERE h.person_id = i.person_id);
	PERFORM medaudit._analyze('asked_person');
END
$$;

COMMENT ON PROCEDURE _run_ask_people(date, date) IS
	'所涉人员: adds the people of some days, those with an open visit and those whose stays are due, and who has one number with them, to asked_person';

-- The settlements of these people, and of visits of nobody.
CREATE OR REPLACE PROCEDURE _run_read_kept_settlements(from_date date, to_date date, horizon date, of_persons bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	IF NOT of_persons THEN
		PERFORM medaudit._empty('asked_person');
	END IF;
	CALL medaudit._run_ask_people(from_date, CASE WHEN of_persons THEN from_date ELSE to_date END);
	EXECUTE format($sql$
		INSERT INTO medaudit_work.unseen (visit_id)
		SELECT b.visit_id FROM medaudit_work.asked_person AS a
		CROSS JOIN LATERAL (SELECT i.visit_id FROM medaudit_data.visit_book AS i WHERE i.person_id = a.person_id%s) AS b$sql$,
		CASE WHEN medaudit._are_few('medaudit_work.asked_person') THEN ' OFFSET 0' END);
	INSERT INTO medaudit_work.unseen (visit_id)
	SELECT b.visit_id FROM medaudit_data.visit_book AS b
	WHERE b.person_id IS NULL AND (b.open OR NOT of_persons AND b.judged_on >= from_date AND b.judged_on < to_date);
	PERFORM medaudit._analyze('unseen');
	CALL medaudit._run_keep_settlements('medaudit_read_visit', 'c.visit_id IN (SELECT u.visit_id FROM medaudit_work.unseen AS u)');
	CALL medaudit._run_keep_settlements('medaudit_read_visit', 'c.visit_id IS NULL');
	PERFORM medaudit._empty('unseen');
	PERFORM medaudit._analyze('settlement');
	INSERT INTO medaudit_work.horizon (from_date, to_date, ended_from, every_visit) VALUES (from_date, to_date, horizon, false);
	CALL medaudit._run_mend_settlements();
END
$$;

COMMENT ON PROCEDURE _run_read_kept_settlements(date, date, date, bool) IS
	'读取相关人员的结算行: the rows of the visits of the people in question, found by the store of books, into a working table';

-- ------------------------------------------------------------- taken and kept

-- The stays of all others.
CREATE OR REPLACE PROCEDURE _run_take_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.stay (%1$s)
		SELECT %2$s FROM medaudit_data.kept_stay AS k
		WHERE k.ends >= (SELECT medaudit._stays_from(r.from_date, d.days) FROM medaudit.run AS r, medaudit._stay_days(r.rules) AS d WHERE r.run_id = $1)
			AND NOT EXISTS (SELECT FROM medaudit_work.asked_person AS a WHERE a.person_id = k.person_id)$sql$,
		medaudit._kept_stay_columns(''), medaudit._kept_stay_columns('k.'))
	USING run_no;
	INSERT INTO medaudit_work.chain (visit_id, stay_id)
	SELECT m.visit_id, k.visit_id
	FROM medaudit_data.kept_stay AS k
	CROSS JOIN LATERAL unnest(k.members) AS m (visit_id)
	WHERE k.members IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit_work.asked_person AS a WHERE a.person_id = k.person_id);
	IF FOUND THEN
		INSERT INTO medaudit_work.member (visit_id, stay_id)
		SELECT c.visit_id, c.stay_id FROM medaudit_work.chain AS c
		WHERE NOT EXISTS (SELECT FROM medaudit_work.member AS m WHERE m.stay_id = c.stay_id AND m.visit_id = c.visit_id)
			AND EXISTS (SELECT FROM medaudit_work.stay AS s WHERE s.visit_id = c.stay_id);
		PERFORM medaudit._analyze('chain', 'member');
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_take_stays(bigint) IS
	'取用保存的住院: the stays of people whose visits the run does not read, from the store, into the working table stay';

CREATE OR REPLACE FUNCTION _kept_stay_columns(prefix text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT string_agg(prefix || quote_ident(a.attname), ', ' ORDER BY a.attnum)
	FROM pg_attribute AS a
	WHERE a.attrelid = 'medaudit_work.stay'::regclass AND a.attnum > 0 AND NOT a.attisdropped
$$;

COMMENT ON FUNCTION _kept_stay_columns(text) IS
	'保存住院列: names of the columns of the working table stay, each after a prefix, as the store has them too';

-- What the run has made of stays, in the place of what was kept: of the people whose
-- visits it read, or of all.
CREATE OR REPLACE PROCEDURE _run_keep_stays(run_no bigint)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
DECLARE
	of_people bool := medaudit._visits_kept();
	kept bigint;
BEGIN
	IF NOT medaudit._register_kept() THEN
		RETURN;
	END IF;
	CALL medaudit._check_books_trusted();
	IF of_people THEN
		DELETE FROM medaudit_data.kept_stay AS k USING medaudit_work.asked_person AS a WHERE a.person_id = k.person_id;
	ELSE
		DELETE FROM medaudit_data.kept_stay;
	END IF;
	EXECUTE format($sql$
		INSERT INTO medaudit_data.kept_stay (%1$s, members)
		SELECT %2$s, m.members
		FROM medaudit_work.stay AS s
		LEFT JOIN (
			SELECT i.stay_id, array_agg(i.visit_id ORDER BY i.visit_id COLLATE "C") AS members
			FROM medaudit_work.member AS i GROUP BY i.stay_id HAVING count(*) > 1
		) AS m ON m.stay_id = s.visit_id
		WHERE s.stay%3$s$sql$,
		medaudit._kept_stay_columns(''),
		(SELECT string_agg(CASE WHEN a.attname IN ('judged', 'judged_person') THEN 'false' ELSE format('s.%I', a.attname) END, ', ' ORDER BY a.attnum)
			FROM pg_attribute AS a WHERE a.attrelid = 'medaudit_work.stay'::regclass AND a.attnum > 0 AND NOT a.attisdropped),
		CASE WHEN of_people THEN ' AND s.person_id IN (SELECT a.person_id FROM medaudit_work.asked_person AS a)' END);
	GET DIAGNOSTICS kept = ROW_COUNT;
	DELETE FROM medaudit_data.due_person;
	IF NOT of_people THEN
		UPDATE medaudit_data.book_state AS b
		SET stays_reading = medaudit._stays_reading(run_no, medaudit._register_reading()),
			stays_from = (SELECT medaudit._stays_from(r.from_date, d.days) FROM medaudit.run AS r, medaudit._stay_days(r.rules) AS d WHERE r.run_id = run_no);
		IF pg_has_role((SELECT t.relowner FROM pg_class AS t WHERE t.oid = 'medaudit_data.kept_stay'::regclass), 'USAGE') THEN
			ANALYZE medaudit_data.kept_stay;
		END IF;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_keep_stays(bigint) IS
	'保存住院: puts the stays that the run has made into the store, those of the people whose visits it read or all; nothing where it takes nothing from a store';

-- Visits that groups name and whose stays were taken as they are kept.
CREATE OR REPLACE PROCEDURE _run_look_at_kept()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
AS $$
BEGIN
	IF NOT medaudit._visits_kept() THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.unseen (visit_id)
	WITH named AS MATERIALIZED (
		SELECT DISTINCT m.visit_id FROM medaudit_work.found_group AS g CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id)
	)
	SELECT n.visit_id FROM named AS n
	UNION
	SELECT c.visit_id FROM medaudit_work.chain AS c WHERE c.stay_id IN (SELECT n.visit_id FROM named AS n);
	CALL medaudit._run_read_unseen();
	UPDATE medaudit_work.span AS s SET looked = true, stay_id = k.stay_id
	FROM (
		SELECT coalesce(c.visit_id, t.visit_id) AS visit_id, t.visit_id AS stay_id
		FROM medaudit_work.found_group AS g
		CROSS JOIN LATERAL unnest(g.visit_ids) AS m (visit_id)
		JOIN medaudit_work.stay AS t ON t.visit_id = m.visit_id AND t.stay
		LEFT JOIN medaudit_work.chain AS c ON c.stay_id = t.visit_id
	) AS k
	WHERE k.visit_id = s.visit_id AND NOT s.looked;
END
$$;

COMMENT ON PROCEDURE _run_look_at_kept() IS
	'补读保存住院的就诊: reads the visits of the stays that groups name and the run took from the store';
