-- The register of persons in the store of books: what a run computes of each person,
-- kept from one run to the next.
--
--	person_key	a row per person: what rules ask of him, the keys of what links him to
--		others (household, address, telephone, resident number), with whom he is one
--		of the people, how many live where he does; and a DIGEST of his rows in the
--		register, by which one sees that none of it has changed.
--
-- A refresh compares the digests of all persons, or in the run of some days only
-- those of the people of these days and of the visits that changed: their rows are
-- found by an index on the register, and a register of millions is not read each
-- night.  Only of who is another one the keys are made anew; whom he is one of the
-- people with, and how many share a home, is made anew for the numbers, households
-- and addresses that he has or had.
--
-- So the run of a day knows the people of its day as the register has them now, and
-- all others as the last whole comparison left them: who moved in with them, and was
-- not seen by a doctor since, is found by the next run of more days than
-- _register_days(), or by refresh_books().  BOOK_STATE says when that was, and
-- how many persons it found changed.
--
-- Cost: a comparison is a pass over the register with a hash of each row, 3
-- microseconds a person or so and what the bound view computes; making a person anew
-- ten times as much.  Memory: a hash of the persons, within work_mem.

-- ---------------------------------------------------------- how it is read

-- What decides the keys beside the rows themselves.
CREATE OR REPLACE FUNCTION _register_reading() RETURNS bytea
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN medaudit._books_digest(concat(pg_get_viewdef(to_regclass('medaudit_data.person')), '|', medaudit.compile_divisions(), '|',
		(SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'medaudit')));
END
$$;

COMMENT ON FUNCTION _register_reading() IS
	'登记读取方式摘要: digest of the bound view of persons, of the divisions by which addresses are read and of the version of medaudit';

-- Days of a run from which on it compares the whole register.
CREATE OR REPLACE FUNCTION _register_days() RETURNS int
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 7;

COMMENT ON FUNCTION _register_days() IS
	'整册核对天数: a run over more days compares the whole register with the store, one over fewer the people of its days';

CREATE OR REPLACE FUNCTION _register_whole(from_date date, to_date date) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	RETURN coalesce(to_date - from_date > medaudit._register_days(), true);

COMMENT ON FUNCTION _register_whole(date, date) IS
	'是否整册核对: whether a run or refresh over these days compares the whole register; true without bounds';

-- Within a run, that asks once.
CREATE OR REPLACE FUNCTION _register_kept() RETURNS bool
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM medaudit_work.made AS m WHERE m.name = 'kept register');
END
$$;

COMMENT ON FUNCTION _register_kept() IS
	'是否取用保存的登记: whether the run takes what it knows of persons from the store. Only within an audit run';

-- -------------------------------------------------------------- comparing it

CREATE OR REPLACE PROCEDURE _register_compare(whole bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	PERFORM medaudit._empty('register_row', 'register_changed');
	EXECUTE format($sql$
		INSERT INTO medaudit_work.register_row (person_id, digest, rows)
		SELECT c.person_id, %s, count(*) FROM pg_temp.medaudit_read_person() AS c%s GROUP BY c.person_id$sql$,
		medaudit._books_row_hash('person'),
		CASE WHEN NOT whole THEN ' WHERE c.person_id IN (SELECT d.person_id FROM medaudit_work.register_due AS d)' END);
	PERFORM medaudit._analyze('register_row');
	INSERT INTO medaudit_work.register_changed (person_id, digest, rows)
	SELECT r.person_id, r.digest, r.rows
	FROM medaudit_work.register_row AS r
	LEFT JOIN medaudit_data.person_key AS k ON k.person_id = r.person_id
	WHERE r.person_id IS NOT NULL AND (k.digest, k.rows) IS DISTINCT FROM (r.digest, r.rows);
	IF whole THEN
		INSERT INTO medaudit_work.register_changed (person_id, rows)
		SELECT k.person_id, 0 FROM medaudit_data.person_key AS k
		WHERE NOT EXISTS (SELECT FROM medaudit_work.register_row AS r WHERE r.person_id = k.person_id);
	ELSE
		INSERT INTO medaudit_work.register_changed (person_id, rows)
		SELECT k.person_id, 0 FROM medaudit_data.person_key AS k
		JOIN (SELECT DISTINCT d.person_id FROM medaudit_work.register_due AS d) AS d ON d.person_id = k.person_id
		WHERE NOT EXISTS (SELECT FROM medaudit_work.register_row AS r WHERE r.person_id = k.person_id);
	END IF;
	PERFORM medaudit._analyze('register_changed');
END
$$;

COMMENT ON PROCEDURE _register_compare(bool) IS
	'核对登记: lists in register_changed the persons whose rows of the register, all or those of register_due, are not as the store has them';

-- ------------------------------------------------------------- making it anew

-- Those of whom something changed as they are now, and all that have or had a number
-- with one of them, in the working table person: with whom they are one of the people.
CREATE OR REPLACE PROCEDURE _register_read_changed()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	PERFORM medaudit._empty('person', 'register_copy');
	CALL medaudit._run_read_person_rows('p.person_id IN (SELECT c.person_id FROM medaudit_work.register_changed AS c WHERE c.rows > 0)', true);
	INSERT INTO medaudit_work.person (person_id, name, number, sex, birth_date, death_date, household_id, own_household, address_key,
		phone_key, unreadable, insurance_type, people_id, number_owner)
	SELECT k.person_id, k.name, k.number, k.sex, k.birth_date, k.death_date, k.own_household, k.own_household, k.address,
		k.phone, k.unreadable, k.insurance_type, k.person_id, k.person_id
	FROM medaudit_data.person_key AS k
	WHERE k.number IN (SELECT p.number FROM medaudit_work.person AS p
			UNION SELECT o.number FROM medaudit_data.person_key AS o
			WHERE o.person_id IN (SELECT c.person_id FROM medaudit_work.register_changed AS c))
		AND NOT EXISTS (SELECT FROM medaudit_work.register_changed AS c WHERE c.person_id = k.person_id);
	PERFORM medaudit._analyze('person');
	CALL medaudit._run_join_persons();
END
$$;

COMMENT ON PROCEDURE _register_read_changed() IS
	'读取有变化的登记: reads the persons in register_changed, and adds those who have or had a number with one of them, in the working table person';

-- How many share the households and addresses of those who changed, and did before:
-- the people in the working table, and of the store those who are not in it.
CREATE OR REPLACE PROCEDURE _register_count_homes()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	PERFORM medaudit._empty('register_home');
	INSERT INTO medaudit_work.register_home (kind, value)
	SELECT DISTINCT v.kind, v.value
	FROM (
		SELECT k.household, k.address FROM medaudit_data.person_key AS k
		WHERE k.person_id IN (SELECT c.person_id FROM medaudit_work.register_changed AS c UNION ALL SELECT p.person_id FROM medaudit_work.person AS p)
		UNION ALL
		SELECT p.household_id, p.address_key FROM medaudit_work.person AS p
	) AS i
	CROSS JOIN LATERAL (VALUES ('household', nullif(i.household, '')), ('address', i.address)) AS v (kind, value)
	WHERE v.value IS NOT NULL;
	PERFORM medaudit._analyze('register_home');
	UPDATE medaudit_work.register_home AS h SET people = n.people
	FROM (
		SELECT d.kind, d.value, count(*) AS people
		FROM (
			SELECT v.kind, v.value, v.people_id
			FROM (
				SELECT 'household' AS kind, nullif(p.household_id, '') AS value, p.people_id FROM medaudit_work.person AS p
				UNION ALL
				SELECT 'address', p.address_key, p.people_id FROM medaudit_work.person AS p
				UNION ALL
				SELECT h.kind, h.value, k.people_id FROM medaudit_work.register_home AS h
				JOIN medaudit_data.person_key AS k ON k.household = h.value AND h.kind = 'household'
				WHERE NOT EXISTS (SELECT FROM medaudit_work.person AS p WHERE p.person_id = k.person_id)
					AND NOT EXISTS (SELECT FROM medaudit_work.register_changed AS c WHERE c.person_id = k.person_id)
				UNION ALL
				SELECT h.kind, h.value, k.people_id FROM medaudit_work.register_home AS h
				JOIN medaudit_data.person_key AS k ON k.address = h.value AND h.kind = 'address'
				WHERE NOT EXISTS (SELECT FROM medaudit_work.person AS p WHERE p.person_id = k.person_id)
					AND NOT EXISTS (SELECT FROM medaudit_work.register_changed AS c WHERE c.person_id = k.person_id)
			) AS v
			WHERE v.value IS NOT NULL
			GROUP BY v.kind, v.value, v.people_id
		) AS d
		GROUP BY d.kind, d.value
	) AS n
	WHERE n.kind = h.kind AND n.value = h.value;
	PERFORM medaudit._analyze('register_home');
END
$$;

COMMENT ON PROCEDURE _register_count_homes() IS
	'户内人数: into register_home the households and addresses of the people who changed, with how many of the people share each now';

-- Puts what changed in the place of what stands.  The stays of whoever is another
-- one, or lives with more or fewer people, are made anew.
CREATE OR REPLACE PROCEDURE _register_replace()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
DECLARE
	has_text bool := getdatabaseencoding() = 'UTF8';
	gone record;
	come bigint;
BEGIN
	-- who was read beside the others has the digest that he had
	INSERT INTO medaudit_work.register_changed (person_id, digest, rows)
	SELECT k.person_id, k.digest, k.rows FROM medaudit_data.person_key AS k
	JOIN medaudit_work.person AS p ON p.person_id = k.person_id
	WHERE NOT EXISTS (SELECT FROM medaudit_work.register_changed AS c WHERE c.person_id = k.person_id);
	INSERT INTO medaudit_work.register_copy (person_id, copies, different)
	SELECT k.person_id, k.copies, k.different FROM medaudit_data.person_key AS k
	JOIN medaudit_work.register_changed AS c ON c.person_id = k.person_id AND c.digest = k.digest AND c.rows = k.rows
	WHERE k.rows > 1;
	WITH k AS (
		DELETE FROM medaudit_data.person_key AS k
		WHERE k.person_id IN (SELECT c.person_id FROM medaudit_work.register_changed AS c) RETURNING k.number
	)
	SELECT count(*) AS persons, count(k.number) AS readable INTO gone FROM k;
	INSERT INTO medaudit_data.due_person (person_id)
	SELECT c.person_id FROM medaudit_work.register_changed AS c
	WHERE (SELECT s.stays_from IS NOT NULL FROM medaudit_data.book_state AS s);
	INSERT INTO medaudit_data.person_key (person_id, people_id, number_owner, number, name, sex, birth_date, death_date, insurance_type,
		own_household, household, address, phone, household_people, address_people, invalid, differs, unreadable, digest, rows, copies, different)
	SELECT p.person_id, p.people_id, p.number_owner, p.number, p.name, p.sex, p.birth_date, p.death_date, p.insurance_type,
		p.own_household, p.household_id, p.address_key, p.phone_key, h.people, a.people,
		coalesce(has_text AND medaudit.resident_id_problem(p.number) IS NOT NULL, false),
		coalesce(has_text AND (CASE WHEN p.sex IN ('1', '2') THEN p.sex END <> medaudit.resident_id_sex(p.number)
			OR p.birth_date <> medaudit.resident_id_birth_date(p.number)), false),
		p.unreadable, c.digest, c.rows, coalesce(n.copies, 0), coalesce(n.different, 1)
	FROM medaudit_work.person AS p
	JOIN medaudit_work.register_changed AS c ON c.person_id = p.person_id
	LEFT JOIN medaudit_work.register_copy AS n ON n.person_id = p.person_id
	LEFT JOIN medaudit_work.register_home AS h ON h.kind = 'household' AND h.value = nullif(p.household_id, '')
	LEFT JOIN medaudit_work.register_home AS a ON a.kind = 'address' AND a.value = p.address_key;
	GET DIAGNOSTICS come = ROW_COUNT;
	UPDATE medaudit_data.book_state AS s
	SET persons = s.persons + come - gone.persons,
		readable = s.readable - gone.readable + (SELECT count(p.number) FROM medaudit_work.person AS p);
	IF come < (SELECT s.persons FROM medaudit_data.book_state AS s) THEN
		WITH other AS (
			UPDATE medaudit_data.person_key AS k SET household_people = h.people
			FROM medaudit_work.register_home AS h
			WHERE h.kind = 'household' AND h.value = k.household AND h.people <> k.household_people RETURNING k.person_id
		)
		INSERT INTO medaudit_data.due_person (person_id) SELECT o.person_id FROM other AS o;
		WITH other AS (
			UPDATE medaudit_data.person_key AS k SET address_people = h.people
			FROM medaudit_work.register_home AS h
			WHERE h.kind = 'address' AND h.value = k.address AND h.people <> k.address_people RETURNING k.person_id
		)
		INSERT INTO medaudit_data.due_person (person_id) SELECT o.person_id FROM other AS o;
	END IF;
END
$$;

COMMENT ON PROCEDURE _register_replace() IS
	'替换登记: the persons in the working table, and how many live in the homes concerned, in the place of what the store has of those in register_changed';

CREATE OR REPLACE PROCEDURE _register_ask_days(from_date date, to_date date)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.register_due (person_id)
	SELECT i.person_id
	FROM (
		SELECT b.person_id FROM medaudit_data.visit_book AS b WHERE b.judged_on >= from_date AND b.judged_on < to_date
		-- whose visits a refresh took that was killed before it came to the register
		UNION SELECT d.person_id FROM medaudit_data.due_person AS d
		UNION SELECT c.person_id FROM medaudit_data.visit_change AS c
	) AS i
	WHERE i.person_id IS NOT NULL;
	PERFORM medaudit._analyze('register_due');
END
$$;

COMMENT ON PROCEDURE _register_ask_days(date, date) IS
	'待核对人员: adds to register_due the persons of the visits that belong to some days, and those of visits that changed and that no run has judged since';

-- Compares the register with the store, all of it or the persons in register_due, and
-- makes anew what is another one.
CREATE OR REPLACE PROCEDURE _register_refresh(whole bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	read_as bytea := medaudit._register_reading();
	read_otherwise bool;
	changed_persons bigint;
BEGIN
	CALL medaudit._check_books_trusted();
	PERFORM medaudit._check_trusted();
	CALL medaudit._check_work_rights();
	SELECT s.register_reading IS DISTINCT FROM read_as INTO read_otherwise FROM medaudit_data.book_state AS s;
	whole := whole OR read_otherwise;
	IF read_otherwise THEN
		DELETE FROM medaudit_data.person_key;
		DELETE FROM medaudit_data.kept_stay;
		DELETE FROM medaudit_data.due_person;
		UPDATE medaudit_data.book_state AS s SET persons = 0, readable = 0, register_reading = NULL, stays_reading = NULL, stays_from = NULL;
	END IF;
	CALL medaudit._register_compare(whole);
	SELECT count(*) INTO changed_persons FROM medaudit_work.register_changed;
	IF changed_persons > 0 THEN
		CALL medaudit._register_read_changed();
		CALL medaudit._register_count_homes();
		CALL medaudit._register_replace();
	END IF;
	UPDATE medaudit_data.book_state AS s
	SET register_reading = read_as, persons_changed = CASE WHEN whole THEN changed_persons ELSE s.persons_changed + changed_persons END,
		register_at = CASE WHEN whole THEN clock_timestamp() ELSE s.register_at END,
		nameless = CASE WHEN whole THEN coalesce((SELECT r.rows FROM medaudit_work.register_row AS r WHERE r.person_id IS NULL), 0)
			ELSE s.nameless END;
	IF 10 * changed_persons > (SELECT s.persons FROM medaudit_data.book_state AS s) AND pg_has_role((SELECT t.relowner
			FROM pg_class AS t WHERE t.oid = 'medaudit_data.person_key'::regclass), 'USAGE') THEN
		ANALYZE medaudit_data.person_key;
	END IF;
	-- what was read of persons belongs to no run
	PERFORM medaudit._empty('person', 'bad', 'register_row', 'register_changed', 'register_copy', 'register_home');
END
$$;

COMMENT ON PROCEDURE _register_refresh(bool) IS
	'刷新登记: makes the persons in the store as the register has them: all, where that is asked or it is read in another way than before, or those of register_due';

-- ------------------------------------------------------------ what a run takes

-- Persons that the run has not taken yet: all, or some and whoever has a number with them.
CREATE OR REPLACE PROCEDURE _run_take_person_rows(whose text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET jit = off
	SET random_page_cost = 1.1
AS $$
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.person (person_id, name, number, sex, birth_date, death_date, household_id, insurance_type, people_id,
			number_owner, address_key, phone_key, home_people)
		-- a table looked through as it is filled is looked through ever longer
		WITH had AS MATERIALIZED (
			SELECT p.person_id FROM medaudit_work.person AS p
		)
		SELECT k.person_id, k.name, k.number, k.sex, k.birth_date, k.death_date, k.household, k.insurance_type, k.people_id,
			k.number_owner, k.address, k.phone, greatest(k.household_people, k.address_people)
		FROM medaudit_data.person_key AS k%s$sql$,
		' WHERE k.number_owner IN (SELECT o.number_owner FROM medaudit_data.person_key AS o WHERE o.person_id ' || whose || ')'
			' AND NOT EXISTS (SELECT FROM had AS h WHERE h.person_id = k.person_id)');
END
$$;

COMMENT ON PROCEDURE _run_take_person_rows(text) IS
	'取用登记记录: takes from the store the persons that the run has not taken yet, of whom a SQL condition holds that follows their person_id, and who has one number with them, or all where that is NULL, into the working table person';

CREATE OR REPLACE PROCEDURE _run_take_persons(everybody bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	whose text := CASE WHEN NOT everybody THEN concat('IN (SELECT s.person_id FROM medaudit_work.settlement AS s',
		CASE WHEN EXISTS (SELECT FROM medaudit_work.span) THEN ' WHERE s.visit_id IN (SELECT u.visit_id FROM medaudit_work.unseen AS u)' END, ')') END;
BEGIN
	CALL medaudit._run_take_person_rows(whose);
END
$$;

COMMENT ON PROCEDURE _run_take_persons(bool) IS
	'取用保存的登记: takes from the store all persons, or those of the visits that a run has read and who has one number with them, into the working table person';

-- Whom a finding may name is not always one of those whose visits were read: who paid
-- with a card, bought what is in stock, was paid a claim.
CREATE OR REPLACE PROCEDURE _run_know_persons(people text)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	missing text[];
BEGIN
	IF medaudit._visits_kept() THEN
		EXECUTE format('SELECT array_agg(DISTINCT w.person_id) FROM (%s) AS w (person_id)'
			' WHERE w.person_id IS NOT NULL AND NOT EXISTS (SELECT FROM medaudit_work.person AS p WHERE p.person_id = w.person_id)', people) INTO missing;
		IF missing IS NOT NULL THEN
			CALL medaudit._run_take_person_rows(format('= ANY (%L)', missing));
		END IF;
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_know_persons(text) IS
	'补取人员: where the run has taken the persons of its visits alone, takes those of a query too, and who has one number with them';

-- What the register had twice or could not say, as reading it tells (_run_tell_twice,
-- _run_tell_cells).
CREATE OR REPLACE PROCEDURE _run_tell_register()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.bad (relation, problem, problem_zh, rows, examples)
	SELECT 'person', t.problem, t.problem_zh, sum(t.rows), (array_agg(t.name ORDER BY t.name COLLATE "C") FILTER (WHERE t.name IS NOT NULL))[:3]
	FROM (
		SELECT 'delivered twice: equal rows count once' AS problem, '重复报送的相同记录，按一条计' AS problem_zh, k.copies AS rows, k.person_id AS name
		FROM medaudit_data.person_key AS k WHERE k.rows > 1 AND k.copies > 0
		UNION ALL
		SELECT 'different rows of one person_id: what differs is not known', '同一人员编号有多条不同记录，不一致的内容按未知处理', k.different, k.person_id
		FROM medaudit_data.person_key AS k WHERE k.rows > 1 AND k.different > 1
		UNION ALL
		SELECT format('column %s cannot be read', n.column_name), format('%s（%s）无法读取', n.name_zh, n.column_name), 1, k.person_id
		FROM medaudit_data.person_key AS k
		CROSS JOIN LATERAL unnest(k.unreadable) AS u (column_name)
		JOIN medaudit.relation_column AS n ON n.relation = 'person' AND n.column_name = u.column_name
		WHERE k.unreadable IS NOT NULL
		UNION ALL
		SELECT 'column person_id is missing', format('缺少%s（person_id）', n.name_zh), s.nameless, NULL
		FROM medaudit_data.book_state AS s
		JOIN medaudit.relation_column AS n ON n.relation = 'person' AND n.column_name = 'person_id'
		WHERE s.nameless > 0
	) AS t
	GROUP BY t.problem, t.problem_zh;
	UPDATE medaudit_work.bad AS b SET examples = '{}' WHERE b.relation = 'person' AND b.examples IS NULL;
END
$$;

COMMENT ON PROCEDURE _run_tell_register() IS
	'提示登记问题: notes, as the store has it, what persons of the register were delivered twice and what of it could not be read';

-- ------------------------------------------------------------- who is near

-- Largest number of people who may be a home, of the rules of a run.
CREATE OR REPLACE FUNCTION _run_most_people() RETURNS int
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	SELECT coalesce(max((medaudit._rule_parameters(r.rule_code) ->> 'max_people')::int), 2)
	FROM medaudit_work.asked_rule AS r WHERE r.kind = 'same_household_admissions'
$$;

COMMENT ON FUNCTION _run_most_people() IS
	'最多户内人数: how many people at most may share what links them, by the rules of a run. Only within an audit run';

-- The people with whom those whose stays the run judges, and children who may have been
-- born during a stay, hang together: whoever shares something with one of them is here, so
-- that each thing that one of them has is here with all who share it.  One goes on
-- from those to whom a home may link, by a household or address that not too many
-- share and by any telephone: whether one links is seen in all that its people have.
-- Others are here but not gone on from; what these share among themselves is told
-- of no home in which somebody is judged.  Where it leads to more than EVERYBODY is
-- worth, or a telephone belongs to a thousand, all are read.
CREATE OR REPLACE PROCEDURE _run_read_near_people(INOUT everybody bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
	SET random_page_cost = 1.1
	SET enable_mergejoin = off
	SET jit = off
AS $$
DECLARE
	most_people int := medaudit._run_most_people();
	most bigint := (SELECT greatest(s.persons / 25, 1000) FROM medaudit_data.book_state AS s);
	round int := 0;
	kind text;
BEGIN
	everybody := true;
	PERFORM medaudit._empty('near_people', 'near_value');
	INSERT INTO medaudit_work.near_people (people_id, core, place)
	SELECT s.people_id, true, 0 FROM medaudit_work.stay AS s WHERE s.stay AND s.judged_person
	UNION
	SELECT c.people_id, true, 0 FROM medaudit_work.child AS c;
	LOOP
		EXIT WHEN NOT EXISTS (SELECT FROM medaudit_work.near_people AS n WHERE n.place = round AND n.core);
		IF (SELECT count(*) FROM medaudit_work.near_people) > most THEN
			RETURN;
		END IF;
		PERFORM medaudit._analyze('near_people');
		INSERT INTO medaudit_work.near_value (kind, value, links, place)
		SELECT DISTINCT v.kind, v.value, v.links, round
		FROM medaudit_work.near_people AS n
		JOIN medaudit_data.person_key AS k ON k.people_id = n.people_id
		CROSS JOIN LATERAL (VALUES ('household', nullif(k.household, ''), k.household_people <= most_people),
			('address', k.address, k.address_people <= most_people), ('phone', k.phone, true)) AS v (kind, value, links)
		WHERE n.place = round AND n.core AND v.value IS NOT NULL
			AND NOT EXISTS (SELECT FROM medaudit_work.near_value AS o WHERE o.kind = v.kind AND o.value = v.value);
		PERFORM medaudit._analyze('near_value');
		FOREACH kind IN ARRAY '{household,address,phone}'::text[] LOOP
			EXECUTE format($sql$
				INSERT INTO medaudit_work.near_people (people_id, core, place)
				SELECT k.people_id, v.links, $1 + 1
				FROM medaudit_work.near_value AS v
				JOIN medaudit_data.person_key AS k ON k.%1$I = v.value
				WHERE v.kind = %1$L AND v.place = $1
					AND NOT EXISTS (SELECT FROM medaudit_work.near_people AS n WHERE n.people_id = k.people_id AND (n.core OR NOT v.links))
				GROUP BY k.people_id, v.links$sql$, kind) USING round;
		END LOOP;
		-- counted by the index, and no further
		IF EXISTS (SELECT FROM medaudit_work.near_value AS v WHERE v.kind = 'phone' AND v.place = round
				AND (SELECT count(*) FROM (SELECT FROM medaudit_data.person_key AS k WHERE k.phone = v.value LIMIT 1001) AS s) > 1000) THEN
			RETURN;
		END IF;
		round := round + 1;
	END LOOP;
	PERFORM medaudit._analyze('near_people');
	everybody := false;
END
$$;

COMMENT ON PROCEDURE _run_read_near_people(bool) IS
	'相关人员: the people with whom those whose stays a run judges hang together by household, address or telephone, into a working table; everybody: that would be too many, and all are to be read';
