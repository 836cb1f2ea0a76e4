-- Persons: who cannot be who the record says, and who lives with whom.  Both
-- are judged over the working tables of an audit run, which calls here; see
-- audit.sql for the run, identity.sql and address.sql for the arithmetic.
--
-- The register is read once, into medaudit_work.person, with all that a later
-- step asks of a person, or taken from the store of books (books_register.sql); what
-- follows are passes over that table, and hashes of its keys that work_mem bounds.
-- A run that reads the visits of some people looks around these only, as far as one
-- thing after the other links them (_run_read_near_people).
--
-- Identity looks at the number of each person, and keeps those of whom a rule
-- could say something: few.  Their visits are read once for all rules.  A number
-- that is encrypted, masked or of another document is unknown, and unknown is
-- never a finding.
--
-- Links: who shares what is counted over the register, one household_key() a
-- person, and only what several share and somebody with a stay has is kept; of
-- it link_groups() gets what few share.  Its memory grows with the stays, not
-- with the register.

-- -------------------------------------------------------- what can be read

CREATE OR REPLACE FUNCTION readable_resident_id(id text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_readable_resident_id'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;

COMMENT ON FUNCTION readable_resident_id(text) IS
	'可识别的身份证号: the number, normalized, when it is a resident identity number or a misspelt one (a digit lost or added, up to three letters for digits); NULL for what is encrypted, masked, empty, of another document, and for NULL';

CREATE OR REPLACE FUNCTION readable_phone(phone text) RETURNS text
	AS 'MODULE_PATHNAME', 'medaudit_readable_phone'
	LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 3;

COMMENT ON FUNCTION readable_phone(text) IS
	'可识别的电话: digits of a telephone number without +86, blanks and hyphens; NULL for what is masked or encrypted, for one digit repeated, and for NULL';

-- Of the usual eleven digits the first three and last four, of less a third and a quarter.
CREATE OR REPLACE FUNCTION mask_phone(phone text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN length($1) >= 11 THEN left($1, 3) || '****' || right($1, 4) ELSE medaudit.mask_id($1) END;

COMMENT ON FUNCTION mask_phone(text) IS
	'电话脱敏: of eleven digits and more the first three and the last four, of fewer as mask_id(); NULL for NULL';

CREATE OR REPLACE FUNCTION mask_person_id(person_id text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN medaudit.readable_resident_id($1) IS NULL THEN medaudit.mask_numbers($1) ELSE medaudit.mask_id($1) END;

COMMENT ON FUNCTION mask_person_id(text) IS
	'人员编号脱敏: mask_id() of a number of a person that is a resident number or looks like one, or of the one within it; other numbers as they are; NULL for NULL';

-- ------------------------------------------------------------ the register

-- Rows of the register under a condition, of alias p.  KEYED: with the keys of what
-- links people, and what of the row could not be read, for the store.  Resident
-- numbers are normalized text, which needs UTF8.
CREATE OR REPLACE PROCEDURE _run_add_persons(condition text, keyed bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	has_text bool := getdatabaseencoding() = 'UTF8';
BEGIN
	EXECUTE format($sql$
		INSERT INTO medaudit_work.person (person_id, name, number, sex, birth_date, death_date, household_id,
			insurance_type, people_id, number_owner, %s)
		SELECT p.person_id, p.name, %s, p.sex, medaudit._known_birth_date(p.birth_date), p.death_date, p.household_id,
			p.insurance_type, p.person_id, p.person_id, %s
		FROM pg_temp.medaudit_read_person() AS p
		WHERE p.person_id IS NOT NULL AND %s$sql$,
		CASE WHEN keyed THEN 'own_household, address_key, phone_key, unreadable' ELSE 'address, region, phone' END,
		CASE WHEN has_text THEN 'medaudit.readable_resident_id(p.resident_id)' ELSE 'NULL' END,
		CASE WHEN NOT keyed THEN 'p.address, p.region, p.phone' WHEN has_text
			THEN 'p.household_id, medaudit.household_key(p.address, p.region, $1), medaudit.readable_phone(p.phone), p.unreadable'
			ELSE 'p.household_id, NULL, NULL, p.unreadable' END,
		condition)
	USING CASE WHEN keyed THEN medaudit.compile_divisions() END;
END
$$;

COMMENT ON PROCEDURE _run_add_persons(text, bool) IS
	'读取人员记录: the rows of the register under a SQL condition, of alias p, into the working table person, with the keys of what links people where these are kept';

-- Two persons of one valid resident number are one of the people, whatever clerks
-- wrote of either; but a child on the number of a parent is not, born ten years
-- after it, nor a spouse, born on another day and of the other sex.
CREATE OR REPLACE FUNCTION _holds_number(birth_date date, sex text, number text) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN (SELECT coalesce(_holds_number.birth_date < b.birth_date + interval '10 years', true)
			AND NOT coalesce(_holds_number.birth_date <> b.birth_date AND _holds_number.sex <> resident_id_sex(number), false)
		FROM (SELECT resident_id_birth_date(number) AS birth_date) AS b);

COMMENT ON FUNCTION _holds_number(date, text, text) IS
	'号码是否属于本人: whether a resident number can be of somebody of that birth date and sex, not of a parent or spouse; never NULL';

-- The same without a run, of the register as it is bound.
CREATE OR REPLACE FUNCTION _bound_people() RETURNS TABLE (person_id text, people_id text, name text, death_date date, insurance_type text,
	person_class text, aid_class text, region text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100000
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
	WITH person AS MATERIALIZED (
		SELECT b.*, CASE WHEN getdatabaseencoding() = 'UTF8' THEN medaudit.readable_resident_id(b.resident_id) END AS number
		FROM medaudit._bound_persons() AS b
	), one AS MATERIALIZED (
		SELECT p.person_id, p.number FROM person AS p
		WHERE p.number IN (SELECT s.number FROM person AS s WHERE s.number IS NOT NULL GROUP BY s.number HAVING count(*) > 1)
			AND medaudit.resident_id_valid(p.number) AND medaudit._holds_number(medaudit._known_birth_date(p.birth_date), p.sex, p.number)
	)
	SELECT p.person_id, coalesce(w.people_id, p.person_id), p.name, p.death_date, p.insurance_type, p.person_class, p.aid_class, p.region
	FROM person AS p
	LEFT JOIN one AS o ON o.person_id = p.person_id
	LEFT JOIN (SELECT i.number, min(i.person_id COLLATE "C") AS people_id FROM one AS i GROUP BY i.number) AS w ON w.number = o.number
$$;

COMMENT ON FUNCTION _bound_people() IS
	'人员归并: the persons of the register as they are bound, each with the first of those with whom he is one of the people by a valid resident number; no rows where person is not bound';

-- NUMBER_OWNER is the first of all who have the number, one of the people or not.  The
-- household of one of the people is that of all their persons that have none.
CREATE OR REPLACE PROCEDURE _run_join_persons()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	WITH shared AS MATERIALIZED (
		SELECT p.number FROM medaudit_work.person AS p
		WHERE p.number IS NOT NULL GROUP BY p.number HAVING count(*) > 1
	), one AS MATERIALIZED (
		SELECT p.person_id, p.number, p.household_id, medaudit._holds_number(p.birth_date, p.sex, p.number) AS agrees
		FROM shared AS s
		JOIN medaudit_work.person AS p ON p.number = s.number
		WHERE medaudit.resident_id_valid(s.number)
	)
	UPDATE medaudit_work.person AS p
	SET number_owner = o.number_owner, people_id = coalesce(o.people_id, p.people_id),
		household_id = coalesce(p.household_id, o.household_id)
	FROM (
		SELECT i.person_id, min(w.number_owner) AS number_owner,
			min(w.people_id) FILTER (WHERE i.agrees) AS people_id,
			min(w.household_id) FILTER (WHERE i.agrees) AS household_id
		FROM one AS i
		JOIN (SELECT k.number, min(k.person_id COLLATE "C") AS number_owner,
				min(k.person_id COLLATE "C") FILTER (WHERE k.agrees) AS people_id,
				min(k.household_id COLLATE "C") FILTER (WHERE k.agrees) AS household_id
			FROM one AS k GROUP BY k.number) AS w ON w.number = i.number
		GROUP BY i.person_id
	) AS o
	WHERE o.person_id = p.person_id;
END
$$;

COMMENT ON PROCEDURE _run_join_persons() IS
	'合并人员: with whom each person of the working table is one of the people, by a valid resident number';

-- Whether the register has persons twice is seen when it is read, so that it is
-- read again only for these.
CREATE OR REPLACE PROCEDURE _run_read_person_rows(condition text, keyed bool)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE medaudit_twice_person (key text);
	CALL medaudit._run_add_persons(condition, keyed);
	INSERT INTO pg_temp.medaudit_twice_person
	SELECT p.person_id FROM medaudit_work.person AS p GROUP BY p.person_id HAVING count(*) > 1;
	IF FOUND THEN
		ANALYZE pg_temp.medaudit_twice_person;
		IF keyed THEN
			INSERT INTO medaudit_work.register_copy (person_id, copies, different)
			SELECT t.person_id, sum(t.rows - 1), count(*)
			FROM (SELECT p.person_id, count(*) AS rows FROM pg_temp.medaudit_read_person() AS p
				WHERE p.person_id IN (SELECT t.key FROM pg_temp.medaudit_twice_person AS t) GROUP BY p.person_id, p) AS t
			GROUP BY t.person_id;
		END IF;
		CALL medaudit._run_mend_twice('person', '{person_id}', 'c.person_id', '人员编号');
		DELETE FROM medaudit_work.person AS p
		WHERE p.person_id IN (SELECT t.key FROM pg_temp.medaudit_twice_person AS t);
		CALL medaudit._run_add_persons('p.person_id IN (SELECT t.key FROM pg_temp.medaudit_twice_person AS t)', keyed);
	END IF;
END
$$;

COMMENT ON PROCEDURE _run_read_person_rows(text, bool) IS
	'读取登记: one row per person of the register under a SQL condition, of alias p, into the working table person; empty where nothing is bound';

CREATE OR REPLACE PROCEDURE _run_read_persons()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_person_rows('true', false);
	CALL medaudit._run_join_persons();
END
$$;

COMMENT ON PROCEDURE _run_read_persons() IS
	'读取人员: one row per person, with whom he is one of the people by a valid resident number, into a working table; empty where nothing is bound';

-- ---------------------------------------------------------------- identity

-- The numbers of which a rule could say something.
CREATE OR REPLACE PROCEDURE _run_read_numbers()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('number') THEN
		RETURN;
	END IF;
	IF getdatabaseencoding() <> 'UTF8' THEN
		-- refused by name, as far as there are numbers
		PERFORM medaudit.readable_resident_id(p.resident_id) FROM pg_temp.medaudit_read_person() AS p;
	END IF;
	INSERT INTO medaudit_work.number
	SELECT n.person_id, n.name, n.number, n.sex, n.birth_date, n.problem, n.number_sex, n.number_birth_date
	FROM (
		SELECT p.person_id, p.name, p.number, CASE WHEN p.sex IN ('1', '2') THEN p.sex END AS sex, p.birth_date,
			p.number_owner, coalesce(medaudit.resident_id_problem(p.number), '') AS problem,
			medaudit.resident_id_sex(p.number) AS number_sex,
			medaudit.resident_id_birth_date(p.number) AS number_birth_date
		-- each computed once
		FROM medaudit_work.person AS p WHERE p.number IS NOT NULL OFFSET 0
	) AS n
	-- few, which the planner does not know
	LEFT JOIN (SELECT DISTINCT o.number_owner FROM medaudit_work.person AS o WHERE o.number_owner <> o.person_id) AS s ON s.number_owner = n.number_owner
	WHERE n.problem <> '' OR n.sex <> n.number_sex OR n.birth_date <> n.number_birth_date OR s.number_owner IS NOT NULL;
END
$$;

COMMENT ON PROCEDURE _run_read_numbers() IS
	'读取可疑证件号码: persons of the register whose number is wrong, contradicts the record or is shared, into a working table';

-- The persons in number who have a visit in the run, or share the number of one,
-- by calendar YEAR of their visits; OF_PERSON: that of the last one.
CREATE OR REPLACE PROCEDURE _run_read_identities()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	PERFORM medaudit._empty('suspect');
	CALL medaudit._run_read_numbers();
	IF medaudit._run_made('identity') THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.number_visit
	SELECT v.person_id, extract(year FROM v.begins)::int, v.visit_id, v.facility_id, v.admitted_at,
		coalesce(v.discharged_at, v.judged_at, v.admitted_at), v.judged_at, v.newborn
	FROM medaudit_work.number AS p
	JOIN medaudit_work.visit AS v ON v.person_id = p.person_id
	WHERE v.judged_person AND v.judged_at IS NOT NULL;
	INSERT INTO medaudit_work.identity
	SELECT p.*, v.year, v.year = max(v.year) OVER (PARTITION BY v.person_id), v.first_at, v.last_at, v.newborn
	FROM medaudit_work.number AS p
	JOIN (
		SELECT i.person_id, i.year, min(i.admitted_at) AS first_at, max(i.last_at) AS last_at,
			bool_or(i.newborn) AS newborn
		FROM medaudit_work.number_visit AS i GROUP BY i.person_id, i.year
	) AS v ON v.person_id = p.person_id;
END
$$;

COMMENT ON PROCEDURE _run_read_identities() IS
	'读取身份: the persons whose number is suspicious and who have visits in a run, by year, into a working table; and no suspects yet';

-- So young at the first visit of the year, or newborn there by what the visit
-- says, that the number of a parent stands for it: born ten years after it.
CREATE OR REPLACE FUNCTION _on_parents_number(identity medaudit_work.identity, newborn_days int) RETURNS bool
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(identity.first_at::date - identity.birth_date <= newborn_days, identity.newborn)
		AND (identity.newborn OR coalesce(identity.birth_date
			>= identity.number_birth_date + interval '10 years', false));

COMMENT ON FUNCTION _on_parents_number(medaudit_work.identity, int) IS
	'使用父母证件: whether a row of identity is a child on the number of a parent, at most so many days old; NULL for NULL';

-- ------------------------------------------------------------ the findings

CREATE OR REPLACE FUNCTION _resident_id_problem_zh(problem text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE problem WHEN 'length' THEN '位数不符' WHEN 'characters' THEN '含非法字符'
		WHEN 'area' THEN '地区码不存在' WHEN 'date' THEN '出生日期不存在'
		WHEN 'check' THEN '校验码不符' ELSE problem END;

COMMENT ON FUNCTION _resident_id_problem_zh(text) IS
	'身份证号问题说明: the word of resident_id_problem() in Chinese; other text as it is; NULL for NULL';

CREATE OR REPLACE FUNCTION _ask_invalid_resident_id(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_identities();
	IF medaudit._numbers_lie(run_no, rule_code, 'invalid_resident_id', (parameters ->> 'max_share')::float8) THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.suspect (person_ids, year, content, evidence, evidence_text)
	SELECT DISTINCT ON (i.person_id) ARRAY[i.person_id], i.year, i.number,
		jsonb_build_object('resident_id', medaudit.mask_id(i.number), 'problem', i.problem,
			'formula', format('GB 11643: %s', i.problem)),
		concat(coalesce(i.name, i.person_id), '登记的身份证号码',
			medaudit.mask_id(i.number), medaudit._resident_id_problem_zh(i.problem), '。')
	FROM medaudit_work.identity AS i
	WHERE i.of_person AND i.problem <> ''
	ORDER BY i.person_id, i.number, i.name;
	RETURN QUERY SELECT g.* FROM medaudit._suspect_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_invalid_resident_id(bigint, text, jsonb) IS
	'身份证号无效: persons of the run whose number cannot exist';

CREATE OR REPLACE FUNCTION _ask_resident_id_mismatch(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	newborn_days int := parameters ->> 'newborn_days';
BEGIN
	CALL medaudit._run_read_identities();
	IF medaudit._numbers_lie(run_no, rule_code, 'resident_id_mismatch', (parameters ->> 'max_share')::float8) THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.suspect (person_ids, year, content, evidence, evidence_text)
	SELECT DISTINCT ON (i.person_id) ARRAY[i.person_id], i.year,
		concat_ws('|', i.number, i.sex, i.birth_date),
		jsonb_build_object('resident_id', medaudit.mask_id(i.number), 'formula',
			concat_ws('; ', CASE WHEN i.sex <> i.number_sex THEN
					format('sex %s in the record, %s in the number', i.sex, i.number_sex) END,
				CASE WHEN i.birth_date <> i.number_birth_date THEN format(
					'birth date %s in the record, %s in the number', i.birth_date, i.number_birth_date) END)),
		concat(coalesce(i.name, i.person_id), concat_ws('，',
			CASE WHEN i.sex <> i.number_sex THEN concat('登记性别为',
				CASE i.sex WHEN '1' THEN '男' ELSE '女' END, '，而身份证号码所示为',
				CASE i.number_sex WHEN '1' THEN '男' ELSE '女' END) END,
			CASE WHEN i.birth_date <> i.number_birth_date THEN concat('登记出生日期为',
				medaudit.date_zh(i.birth_date), '，而身份证号码所示为',
				medaudit.date_zh(i.number_birth_date)) END), '。')
	FROM medaudit_work.identity AS i
	WHERE i.of_person AND NOT medaudit._on_parents_number(i, newborn_days)
		AND (i.sex <> i.number_sex OR i.birth_date <> i.number_birth_date)
	ORDER BY i.person_id, i.number, i.sex, i.birth_date, i.name;
	RETURN QUERY SELECT g.* FROM medaudit._suspect_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_resident_id_mismatch(bigint, text, jsonb) IS
	'身份不一致: persons of the run whose valid number tells another sex or birth date than their record; children on the number of a parent are left out';

-- Who moves from one area to another has two numbers of a person one after the
-- other; side by side is what cannot be.  The last year counts in which it was.
CREATE OR REPLACE FUNCTION _ask_shared_resident_id(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	newborn_days int := parameters ->> 'newborn_days';
BEGIN
	CALL medaudit._run_read_identities();
	INSERT INTO medaudit_work.suspect (person_ids, year, content, evidence, evidence_text)
	SELECT DISTINCT ON (s.number) array_agg(s.person_id ORDER BY s.person_id COLLATE "C"), s.year, s.number,
		jsonb_build_object('resident_id', medaudit.mask_id(s.number), 'people', count(*),
			'partners', jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
				'person_id', s.person_id, 'first_at', s.first_at, 'last_at', s.last_at))
				ORDER BY s.person_id COLLATE "C"),
			'formula', format('%s persons on one number, their visits side by side',
				count(*))),
		concat('身份证号码', medaudit.mask_id(s.number), '对应',
			count(*), '个人员编号（', string_agg(s.person_id, '、'
				ORDER BY s.person_id COLLATE "C") FILTER (WHERE s.place <= 5),
			CASE WHEN count(*) > 5 THEN '等' END, '），且就医时间交叉。')
	FROM (
		SELECT o.*, row_number() OVER (PARTITION BY o.number, o.year
			ORDER BY o.person_id COLLATE "C") AS place
		FROM (
			SELECT u.*, u.first_at <= max(u.last_at) OVER (PARTITION BY u.number, u.year
					ORDER BY u.first_at, u.person_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after_one,
				u.last_at >= min(u.first_at) OVER (PARTITION BY u.number, u.year
					ORDER BY u.first_at, u.person_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS before_one
			FROM (
				SELECT i.person_id, i.number, i.year, min(i.first_at) AS first_at,
					max(i.last_at) AS last_at
				FROM medaudit_work.identity AS i
				WHERE i.problem = '' AND NOT medaudit._on_parents_number(i, newborn_days)
				GROUP BY i.person_id, i.number, i.year
			) AS u
		) AS o
		WHERE o.after_one OR o.before_one
	) AS s
	GROUP BY s.number, s.year
	ORDER BY s.number, s.year DESC;
	RETURN QUERY SELECT g.* FROM medaudit._suspect_groups() AS g;
END
$$;

COMMENT ON FUNCTION _ask_shared_resident_id(bigint, text, jsonb) IS
	'身份证号重复: valid numbers on several persons whose visits of the year of the last one lie side by side in time; children on the number of a parent are left out';

-- Findings about who somebody is: the subject is the person, its visits are his of
-- the calendar year of the last, the latest hundred of them.  The content is the
-- number, not the visits, so that what was decided once is not opened again by
-- the next month.
-- However few the planner expects, no visit is paired with all suspects.
CREATE OR REPLACE FUNCTION _suspect_groups() RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
	SET enable_nestloop = off
AS $$
BEGIN
	INSERT INTO medaudit_work.content (subject_id, key, content)
	SELECT s.person_ids[1], medaudit._suspect_key(s.person_ids), s.content FROM medaudit_work.suspect AS s;
	RETURN QUERY
	WITH member AS MATERIALIZED (
		SELECT t.n, t.year, p.person_id FROM medaudit_work.suspect AS t CROSS JOIN LATERAL unnest(t.person_ids) AS p (person_id)
	)
	SELECT (medaudit.run_group(
		subject_kind => 'person',
		subject_id => s.person_ids[1],
		key => medaudit._suspect_key(s.person_ids),
		person_id => CASE WHEN cardinality(s.person_ids) = 1 THEN s.person_ids[1] END,
		visit_id => v.visit_ids[1],
		facility_id => v.facility_id,
		visit_ids => v.visit_ids,
		evidence => s.evidence,
		evidence_text => s.evidence_text,
		judged_on => v.judged_on)).*
	FROM medaudit_work.suspect AS s
	JOIN (
		SELECT l.n, array_agg(l.visit_id ORDER BY l.place) AS visit_ids, max(l.judged_at)::date AS judged_on,
			(array_agg(l.facility_id ORDER BY l.place))[1] AS facility_id
		FROM (
			SELECT m.n, i.visit_id, i.facility_id, i.judged_at,
				row_number() OVER (PARTITION BY m.n ORDER BY i.judged_at DESC, i.visit_id COLLATE "C") AS place
			FROM member AS m
			JOIN medaudit_work.number_visit AS i ON i.person_id = m.person_id AND i.year = m.year
		) AS l
		WHERE l.place <= 100
		GROUP BY l.n
	) AS v ON v.n = s.n;
END
$$;

COMMENT ON FUNCTION _suspect_groups() IS
	'身份发现: a group per suspect, with the visits of a year';

CREATE OR REPLACE FUNCTION _suspect_key(person_ids text[]) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN cardinality(person_ids) = 1 THEN person_ids[1] ELSE finding_key(person_ids) END;

COMMENT ON FUNCTION _suspect_key(text[]) IS '身份发现标识: the person, or a digest of several';

-- Too many in the register is a sign that the column holds something else.
CREATE OR REPLACE FUNCTION _numbers_lie(run_no bigint, rule_code text, kind text, max_share float8) RETURNS bool
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	readable bigint;
	met bigint;
BEGIN
	IF medaudit._register_kept() THEN
		SELECT CASE WHEN kind = 'invalid_resident_id' THEN (SELECT count(*) FROM medaudit_data.person_key AS k WHERE k.invalid)
			ELSE (SELECT count(*) FROM medaudit_data.person_key AS k WHERE k.differs) END, s.readable
		INTO met, readable FROM medaudit_data.book_state AS s;
	ELSE
		SELECT count(*) INTO met FROM medaudit_work.number AS i
		WHERE CASE WHEN kind = 'invalid_resident_id' THEN i.problem <> ''
			ELSE i.sex <> i.number_sex OR i.birth_date <> i.number_birth_date END;
		SELECT count(p.number) INTO readable FROM medaudit_work.person AS p;
	END IF;
	IF readable < 100 OR met <= max_share * readable THEN
		RETURN false;
	END IF;
	CALL medaudit._run_note(run_no, 'person', format('rule %s: the numbers are not what they say (encrypted?)', rule_code),
		medaudit._run_rule_zh(rule_code) || '未执行：证件号码多数不符，疑为加密数据', met);
	RETURN true;
END
$$;

COMMENT ON FUNCTION _numbers_lie(bigint, text, text, float8) IS
	'疑为加密: whether a rule about numbers meets more than max_share of at least 100 in the register; then the data quality says so';

-- Judged visits of persons with a date of death.
CREATE OR REPLACE PROCEDURE _run_read_dead()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('dead') THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.dead
	SELECT v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, v.total_amount,
		d.death_date
	FROM medaudit_work.person AS d
	JOIN medaudit_work.visit AS v ON v.person_id = d.person_id
	-- what a newborn has on the number of a mother who died is the child's
	WHERE d.death_date >= coalesce(d.birth_date, '-infinity') AND v.judged AND NOT v.on_mother;
	-- few of the charges are theirs
	PERFORM medaudit._analyze('dead');
END
$$;

COMMENT ON PROCEDURE _run_read_dead() IS
	'死亡人员: judged visits of persons with a date of death, but for those of newborns on the number of their mother, into a working table';

-- Names of what was charged in them, where the charge rules have not read them yet.
CREATE OR REPLACE PROCEDURE _run_name_dead()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_dead();
	IF medaudit._run_made('dead_line') OR NOT EXISTS (SELECT FROM medaudit_work.dead) THEN
		RETURN;
	END IF;
	PERFORM medaudit._empty('met');
	INSERT INTO medaudit_work.met (visit_id) SELECT DISTINCT d.visit_id FROM medaudit_work.dead AS d;
	PERFORM medaudit._analyze('met');
	INSERT INTO medaudit_work.dead_line SELECT d.visit_id, medaudit._shown_code(d.item_code), d.item_name
	FROM medaudit._run_read_details(false) AS d;
END
$$;

COMMENT ON PROCEDURE _run_name_dead() IS
	'死亡人员收费名称: names of the charges of the visits in dead, into a working table';

-- Events after death: what was charged, whatever day it was settled on, less
-- what was refunded, without what the fund was not asked to pay; and visits
-- begun then for which no charge came.
CREATE OR REPLACE FUNCTION _ask_events_after_death(run_no bigint, rule_code text, parameters jsonb) RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	grace_days int := parameters ->> 'grace_days';
BEGIN
	CALL medaudit._run_name_dead();
	INSERT INTO medaudit_work.group_line (key, line_no, visit_id, line_id, item_code,
		item_name, charged_at, quantity, amount, facility_id, person_id, evidence, evidence_text)
	SELECT e.visit_id, row_number() OVER (PARTITION BY e.visit_id ORDER BY e.at, e.item_code COLLATE "C",
			e.line_id COLLATE "C"),
		e.visit_id, e.line_id, e.item_code, e.item_name, e.at, e.quantity, e.amount, d.facility_id,
		d.person_id, jsonb_build_object('formula', format('%s - %s = %s days > %s',
			e.at::date, d.death_date, e.at::date - d.death_date, grace_days)),
		concat(medaudit.time_zh(e.at), '，', CASE WHEN e.item_code IS NULL THEN '就诊'
			ELSE coalesce(e.item_name, e.item_code) END, '，死亡后第', e.at::date - d.death_date, '天',
			'，金额' || round(e.amount, 2) || '元', '。')
	FROM (
		SELECT x.visit_id, l.line_id, medaudit._shown_code(l.item_code) AS item_code, n.item_name,
			l.charged_at AS at, l.quantity, l.amount
		FROM medaudit_work.dead AS x
		JOIN medaudit_work.gathered AS g ON g.visit_id = x.visit_id
		CROSS JOIN LATERAL medaudit.lines(g.book) AS l
		LEFT JOIN (SELECT i.visit_id, i.item_code, min(i.item_name COLLATE "C") AS item_name FROM medaudit_work.dead_line AS i
			GROUP BY i.visit_id, i.item_code) AS n ON n.visit_id = x.visit_id AND n.item_code = medaudit._shown_code(l.item_code)
		WHERE l.status IN ('kept', 'reduced') AND l.claimed > 0
			AND l.charged_at::date - x.death_date > grace_days
		UNION ALL
		SELECT x.visit_id, NULL, NULL, NULL, x.admitted_at, NULL, x.total_amount
		FROM medaudit_work.dead AS x
		WHERE x.admitted_at::date - x.death_date > grace_days
			AND NOT EXISTS (SELECT FROM medaudit_work.gathered AS g WHERE g.visit_id = x.visit_id)
	) AS e
	JOIN medaudit_work.dead AS d ON d.visit_id = e.visit_id;

	RETURN QUERY
	SELECT (medaudit.run_group(
		subject_kind => 'person',
		subject_id => v.person_id,
		person_id => v.person_id,
		visit_id => v.visit_id,
		facility_id => v.facility_id,
		physician_id => v.physician_id,
		visit_ids => ARRAY[v.visit_id],
		involved_amount => l.amount,
		evidence => jsonb_build_object('limit', grace_days,
			'window', ARRAY[d.death_date, l.last_at::date], 'lines', l.lines,
			'formula', format('%s - %s = %s days > %s', l.last_at::date, d.death_date,
				l.last_at::date - d.death_date, grace_days)),
		evidence_text => concat(coalesce(v.person_name, v.person_id), '登记的死亡日期为',
			medaudit.date_zh(d.death_date), '，此后在',
			medaudit.facility_zh(v.facility_name, v.facility_id), medaudit.visit_zh(v.record_no, v.visit_id, v.stay), '仍有', l.lines,
			CASE WHEN l.charges THEN '笔费用' ELSE '次就诊' END, '，最晚为',
			medaudit.date_zh(l.last_at::date),
			'，合计' || round(l.amount, 2) || '元', '。'))).*
	FROM (
		SELECT c.visit_id, count(*) AS lines, sum(c.amount) AS amount,
			max(c.charged_at) AS last_at, bool_or(c.item_code IS NOT NULL) AS charges
		FROM medaudit_work.group_line AS c GROUP BY c.visit_id
	) AS l
	JOIN medaudit_work.visit AS v ON v.visit_id = l.visit_id
	JOIN medaudit_work.dead AS d ON d.visit_id = l.visit_id;
END
$$;

COMMENT ON FUNCTION _ask_events_after_death(bigint, text, jsonb) IS
	'死亡后就医: a group per visit with charges more than grace_days after the date of death';

-- ------------------------------------------------------------------- homes

-- What links the people of the register: the household they are registered in,
-- the key of their address, their telephone, as the store has them or made here.
-- HOME: the first of their addresses, else of their households.
CREATE OR REPLACE PROCEDURE _run_read_contacts()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	has_text bool := getdatabaseencoding() = 'UTF8';
	kept bool := medaudit._register_kept();
	everybody bool := true;
BEGIN
	IF medaudit._visits_kept() THEN
		CALL medaudit._run_read_near_people(everybody);
	END IF;
	EXECUTE format($sql$
		INSERT INTO medaudit_work.contact (people_id, household, address, phone, home, first, stayed)
		SELECT k.people_id, k.household, k.address, k.phone, coalesce('a' || k.address, 'h' || k.household), true,
			s.people_id IS NOT NULL
		FROM (%s) AS k
		-- joined: what is asked of each row is hashed only as far as memory goes
		LEFT JOIN (SELECT o.people_id FROM medaudit_work.span AS o WHERE o.stay AND NOT o.void
			-- of others as they are kept
			UNION SELECT t.people_id FROM medaudit_work.stay AS t WHERE t.stay) AS s ON s.people_id = k.people_id
		WHERE num_nonnulls(k.household, k.address, k.phone) > 0$sql$,
		CASE WHEN kept THEN $sql$SELECT p.people_id, nullif(p.household, '') AS household, p.address, p.phone FROM medaudit_data.person_key AS p$sql$
				|| CASE WHEN NOT everybody THEN ' WHERE p.people_id IN (SELECT n.people_id FROM medaudit_work.near_people AS n)' ELSE '' END
			-- each computed once
			ELSE format($sql$SELECT p.people_id, nullif(p.household_id, '') AS household, %s FROM medaudit_work.person AS p OFFSET 0$sql$,
				CASE WHEN has_text THEN 'medaudit.household_key(p.address, p.region, $1) AS address, medaudit.readable_phone(p.phone) AS phone'
					ELSE 'NULL::text AS address, NULL::text AS phone' END) END)
	USING CASE WHEN NOT kept THEN medaudit.compile_divisions() END;
	CALL medaudit._run_join_contacts(CASE WHEN kept THEN 'medaudit_data.person_key' ELSE 'medaudit_work.person' END::regclass);
END
$$;

COMMENT ON PROCEDURE _run_read_contacts() IS
	'读取联系方式: household, key of the address and telephone of all people of the register, or of those near to whom the run judges, into a working table';

-- Persons with one resident number are one of the people, with the contacts of
-- all: each value stands in one row, and the first row has the first of each kind.
CREATE OR REPLACE PROCEDURE _run_join_contacts(persons regclass)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	EXECUTE format($sql$
		WITH apart AS (
			DELETE FROM medaudit_work.contact AS c
			WHERE c.people_id IN (SELECT p.people_id FROM %s AS p WHERE p.people_id <> p.person_id)
			RETURNING c.*
		), joined AS (
			SELECT a.people_id, bool_or(a.stayed) AS stayed,
				array_agg(DISTINCT a.household COLLATE "C") FILTER (WHERE a.household IS NOT NULL) AS households,
				array_agg(DISTINCT a.address COLLATE "C") FILTER (WHERE a.address IS NOT NULL) AS addresses,
				array_agg(DISTINCT a.phone COLLATE "C") FILTER (WHERE a.phone IS NOT NULL) AS phones
			FROM apart AS a GROUP BY a.people_id
		)
		INSERT INTO medaudit_work.contact (people_id, household, address, phone, home, first, stayed)
		SELECT j.people_id, v.household, v.address, v.phone,
			coalesce('a' || j.addresses[1], 'h' || j.households[1]), v.nth = 1, j.stayed
		FROM joined AS j
		CROSS JOIN LATERAL unnest(j.households, j.addresses, j.phones) WITH ORDINALITY AS v (household, address, phone, nth)$sql$, persons);
END
$$;

COMMENT ON PROCEDURE _run_join_contacts(regclass) IS
	'合并联系方式: gives the people who have several persons, as a table of persons says, the contacts of all, each value once';

-- What links somebody who has a stay to others.
CREATE OR REPLACE PROCEDURE _run_read_links()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	kind text;
	work_mem_before text := current_setting('work_mem');
BEGIN
	IF medaudit._run_made('link') THEN
		RETURN;
	END IF;
	CALL medaudit._run_read_contacts();
	PERFORM medaudit._share_work_mem(4);
	FOREACH kind IN ARRAY '{household,address,phone}'::text[] LOOP
		EXECUTE format($sql$
			INSERT INTO medaudit_work.link (people_id, kind, value, value_no, people, home, stayed)
			WITH who AS MATERIALIZED (
				SELECT c.people_id, c.%1$I AS value, c.home, c.stayed FROM medaudit_work.contact AS c
				WHERE c.%1$I IN (SELECT s.%1$I FROM medaudit_work.contact AS s WHERE s.stayed)
			)
			SELECT w.people_id, %1$L, w.value, v.value_no, v.people, w.home, w.stayed
			FROM (
				SELECT i.value, count(*) AS people, row_number() OVER () AS value_no
				FROM who AS i GROUP BY i.value HAVING count(*) > 1
			) AS v
			JOIN who AS w ON w.value = v.value$sql$, kind);
	END LOOP;
	PERFORM set_config('work_mem', work_mem_before, true);
END
$$;

COMMENT ON PROCEDURE _run_read_links() IS
	'读取关联: households, keys of addresses and telephones that people with a stay share with others, into a working table';

-- Homes: persons who hang together by what at most MAX_PEOPLE persons share.
-- A telephone links at most two homes, for more is a hospital's own or an
-- agent's, and nobody whose own home is too large, for it is the institution's.
CREATE OR REPLACE PROCEDURE _run_read_homes(most_people int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	work_mem_before text := current_setting('work_mem');
BEGIN
	IF most_people < 2 THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format(medaudit._say('max_people must be at least 2, it is %s'), most_people);
	END IF;
	CALL medaudit._run_read_links();
	IF medaudit._run_made('home of ' || most_people) THEN
		RETURN;
	END IF;
	PERFORM medaudit._share_work_mem(4);
	INSERT INTO medaudit_work.home
	WITH crowded AS MATERIALIZED (
		SELECT c.home FROM medaudit_work.contact AS c
		WHERE c.first AND c.home IS NOT NULL GROUP BY c.home HAVING count(*) > most_people
	), phone AS (
		SELECT l.people_id, l.value_no, l.home, l.stayed FROM medaudit_work.link AS l
		WHERE l.kind = 'phone' AND (l.home IS NULL OR l.home NOT IN (SELECT c.home FROM crowded AS c))
	), few AS (
		SELECT h.value_no
		FROM (SELECT p.value_no, p.home, count(*) AS people, bool_or(p.stayed) AS stayed
			FROM phone AS p GROUP BY p.value_no, p.home) AS h
		GROUP BY h.value_no
		HAVING sum(h.people) BETWEEN 2 AND most_people AND bool_or(h.stayed) AND count(h.home) <= 2
	), linking AS (
		SELECT l.people_id, l.kind, l.value_no FROM medaudit_work.link AS l
		WHERE l.kind <> 'phone' AND l.people <= most_people
		UNION ALL
		SELECT p.people_id, 'phone', p.value_no FROM phone AS p
		JOIN few AS f ON f.value_no = p.value_no
	)
	SELECT most_people, m.people_id, (f.g).group_no
	FROM (
		SELECT unnest(medaudit.link_groups(l.people_id, l.kind, l.value_no::text, most_people)) AS g
		FROM linking AS l
	) AS f
	CROSS JOIN LATERAL unnest((f.g).person_ids) AS m (people_id);
	PERFORM set_config('work_mem', work_mem_before, true);
END
$$;

COMMENT ON PROCEDURE _run_read_homes(int) IS
	'读取家庭: persons linked by household, address or telephone that at most this many people share, into a working table';

-- What of it the people of one group have in common.
CREATE OR REPLACE FUNCTION _shared_links(person_ids text[]) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', s.kind,
			'value', CASE s.kind WHEN 'phone' THEN medaudit.mask_phone(s.value) END,
			'people', s.people)) ORDER BY s.people DESC,
			array_position('{household,address,phone}', s.kind), s.value COLLATE "C"), '[]')
		FROM (
			SELECT l.kind, l.value, count(*) AS people
			FROM medaudit_work.link AS l
			WHERE l.people_id = ANY (_shared_links.person_ids) AND l.stayed
			GROUP BY l.kind, l.value HAVING count(*) > 1
		) AS s);
END
$$;

COMMENT ON FUNCTION _shared_links(text[]) IS
	'共同关联: household, address and telephone (masked; where they live is not told) that at least two of the people share, with how many; [] when only others link them, and for NULL. Only within an audit run';

-- How to call them: a home only where all share it.
CREATE OR REPLACE FUNCTION _home_zh(links jsonb, people int) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN EXISTS (SELECT FROM jsonb_array_elements(links) AS l
			WHERE l ->> 'kind' IN ('household', 'address') AND (l ->> 'people')::int >= people)
			THEN '同一家庭'
		WHEN EXISTS (SELECT FROM jsonb_array_elements(links) AS l
			WHERE (l ->> 'people')::int >= people) THEN '使用同一联系电话的'
		ELSE '家庭、住址或电话相互关联的' END;

COMMENT ON FUNCTION _home_zh(jsonb, int) IS
	'关联说明: 同一家庭 when all share a household or address, else how they are linked';
