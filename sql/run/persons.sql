-- Persons: who cannot be who the record says, and who lives with whom.  Both
-- are judged over the working tables of an audit run, which calls here; see
-- audit.sql for the run, identity.sql and address.sql for the arithmetic.
--
-- Identity reads each person who has a visit in the run once, and asks four
-- rules of what is left.  A number that is encrypted, masked or of another
-- document is unknown, and unknown is never a finding.
--
-- Links read the register once (one household_key() a person), count who
-- shares what by hashing, and hand to link_groups() only what few people share
-- and somebody with a stay has: memory grows with the stays, not the register.

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

-- What the record and the number of every person of the register say, once for
-- all rules of a run.
CREATE OR REPLACE PROCEDURE _run_read_numbers()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._run_made('number') THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.number
	SELECT p.person_id, p.name, p.number, p.sex, p.birth_date, CASE WHEN p.number IS NOT NULL THEN
			coalesce(medaudit.resident_id_problem(p.number), '') END AS problem,
		medaudit.resident_id_sex(p.number) AS number_sex,
		medaudit.resident_id_birth_date(p.number) AS number_birth_date
	FROM (
		SELECT i.person_id, i.name, medaudit.readable_resident_id(i.resident_id) AS number,
			CASE WHEN i.sex IN ('1', '2') THEN i.sex END AS sex,
			medaudit._known_birth_date(i.birth_date) AS birth_date
		FROM pg_temp.medaudit_read_person() AS i
	) AS p;
	PERFORM medaudit._analyze('number');
END
$$;

COMMENT ON PROCEDURE _run_read_numbers() IS
	'读取证件号码: number, sex and birth date of every person of the register, and what the number says, into a working table';

-- The persons who have a visit in the run, or share the number of one, by
-- calendar YEAR of their visits; OF_PERSON: that of the last one.  INFANT: so
-- young at a visit that the number of a parent stands for it.
CREATE OR REPLACE PROCEDURE _run_read_identities(newborn_days int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	CALL medaudit._run_read_numbers();
	PERFORM medaudit._empty('identity');
	INSERT INTO medaudit_work.identity
	SELECT p.*, v.year, v.of_person, v.first_at, v.last_at,
		coalesce(v.first_at::date - p.birth_date <= newborn_days, v.newborn)
			AND (v.newborn OR coalesce(p.birth_date
				>= p.number_birth_date + interval '10 years', false)) AS infant
	FROM medaudit_work.number AS p
	JOIN (
		SELECT i.person_id, i.year, bool_or(i.year = i.person_year) AS of_person,
			min(i.admitted_at) AS first_at,
			max(coalesce(i.discharged_at, i.judged_at, i.admitted_at)) AS last_at,
			bool_or(i.newborn) AS newborn
		FROM (
			SELECT k.*, extract(year FROM k.begins)::int AS year,
				extract(year FROM max(k.begins) OVER (PARTITION BY k.person_id))::int AS person_year
			FROM medaudit_work.visit AS k
			WHERE k.judged_person AND k.person_id IS NOT NULL AND k.judged_at IS NOT NULL
		) AS i
		GROUP BY i.person_id, i.year
	) AS v ON v.person_id = p.person_id;
	PERFORM medaudit._analyze('identity');

	PERFORM medaudit._empty('suspect');
END
$$;

COMMENT ON PROCEDURE _run_read_identities(int) IS
	'读取身份: the persons who have visits in a run, in the year of their last visit, their number, sex and birth date, and what the number says, into a working table';

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
	CALL medaudit._run_read_identities(0);
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
BEGIN
	CALL medaudit._run_read_identities((parameters ->> 'newborn_days')::int);
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
	WHERE i.of_person AND NOT i.infant
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
BEGIN
	CALL medaudit._run_read_identities((parameters ->> 'newborn_days')::int);
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
				WHERE i.problem = '' AND NOT i.infant
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
CREATE OR REPLACE FUNCTION _suspect_groups() RETURNS SETOF run_group
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	INSERT INTO medaudit_work.content (subject_id, key, content)
	SELECT s.person_ids[1], medaudit._suspect_key(s.person_ids), s.content FROM medaudit_work.suspect AS s;
	RETURN QUERY
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
	CROSS JOIN LATERAL (
		SELECT array_agg(l.visit_id ORDER BY l.place) AS visit_ids, max(l.judged_at)::date AS judged_on,
			(array_agg(l.facility_id ORDER BY l.place))[1] AS facility_id
		FROM (
			SELECT i.visit_id, i.facility_id, i.judged_at,
				row_number() OVER (ORDER BY i.judged_at DESC, i.visit_id COLLATE "C") AS place
			FROM unnest(s.person_ids) AS p (person_id)
			JOIN medaudit_work.visit AS i ON i.person_id = p.person_id
				AND extract(year FROM i.begins) = s.year AND i.judged_at IS NOT NULL
		) AS l
		WHERE l.place <= 100
	) AS v
	WHERE v.visit_ids IS NOT NULL;
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
	SELECT count(DISTINCT i.person_id), count(DISTINCT i.person_id)
		FILTER (WHERE CASE WHEN kind = 'invalid_resident_id' THEN i.problem <> ''
			ELSE i.sex <> i.number_sex OR i.birth_date <> i.number_birth_date END)
	INTO readable, met
	FROM medaudit_work.number AS i WHERE i.number IS NOT NULL;
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
	PERFORM medaudit._empty('dead');
	INSERT INTO medaudit_work.dead
	SELECT v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, v.total_amount,
		d.death_date
	FROM (
		SELECT p.person_id, p.death_date
		FROM pg_temp.medaudit_read_person() AS p
		WHERE p.death_date >= coalesce(p.birth_date, '-infinity')
	) AS d
	JOIN medaudit_work.visit AS v ON v.person_id = d.person_id
	WHERE v.judged;
	-- few of the charges are theirs
	PERFORM medaudit._analyze('dead');

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
		SELECT x.visit_id, l.line_id, medaudit._shown_code(l.item_code) AS item_code, b.names ->> l.item_code AS item_name,
			l.charged_at AS at, l.quantity, l.amount
		FROM (
			SELECT c.visit_id, medaudit.ledger(c.item_code, c.quantity, c.amount, c.charged_at,
					c.line_id, c.original_line_id, c.visit_id, c.claimed) AS book,
				jsonb_object_agg(c.item_code, c.item_name)
					FILTER (WHERE c.item_code IS NOT NULL) AS names
			FROM pg_temp.medaudit_read_charge() AS c
			JOIN medaudit_work.dead AS x ON x.visit_id = c.visit_id
			GROUP BY c.visit_id
		) AS b
		JOIN medaudit_work.dead AS x ON x.visit_id = b.visit_id
		CROSS JOIN LATERAL medaudit.lines(b.book) AS l
		WHERE l.status IN ('kept', 'reduced') AND l.claimed > 0
			AND l.charged_at::date - x.death_date > grace_days
		UNION ALL
		SELECT x.visit_id, NULL, NULL, NULL, x.admitted_at, NULL, x.total_amount
		FROM medaudit_work.dead AS x
		WHERE x.admitted_at::date - x.death_date > grace_days
			AND NOT EXISTS (SELECT FROM pg_temp.medaudit_read_charge() AS c WHERE c.visit_id = x.visit_id)
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

-- What links the people of the register: the household they are registered
-- in, the key of their address, their telephone.  Persons with one resident number
-- are one of them, with the links of all.
CREATE OR REPLACE PROCEDURE _run_read_links()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	divisions text := medaudit.compile_divisions();
	has_text bool := getdatabaseencoding() = 'UTF8';
BEGIN
	IF medaudit._run_made('link') THEN
		RETURN;
	END IF;
	-- Not as lateral VALUES: these would compile the divisions for each row.
	INSERT INTO medaudit_work.link
	SELECT DISTINCT o.people_id, k.kind, k.value
	FROM (
		SELECT p.person_id, 'household' AS kind, nullif(p.household_id, '') AS value
		FROM pg_temp.medaudit_read_person() AS p
		UNION ALL
		SELECT p.person_id, 'address', medaudit.household_key(p.address, p.region, divisions)
		FROM pg_temp.medaudit_read_person() AS p WHERE has_text
		UNION ALL
		SELECT p.person_id, 'phone', medaudit.readable_phone(p.phone)
		FROM pg_temp.medaudit_read_person() AS p WHERE has_text
	) AS k
	JOIN medaudit_work.person AS o ON o.person_id = k.person_id
	WHERE k.value IS NOT NULL;
	PERFORM medaudit._analyze('link');
END
$$;

COMMENT ON PROCEDURE _run_read_links() IS
	'读取关联: household, key of the address and telephone of all people of the register, into a working table';

-- Homes: persons who hang together by what at most MAX_PEOPLE persons share.
-- A telephone links at most two homes, for more is a hospital's own or an
-- agent's, and nobody whose own home is too large, for it is the institution's.
CREATE OR REPLACE PROCEDURE _run_read_homes(most_people int)
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF most_people < 2 THEN
		RAISE EXCEPTION USING ERRCODE = '22023',
			MESSAGE = format('max_people must be at least 2, it is %s', most_people);
	END IF;
	CALL medaudit._run_read_links();
	IF EXISTS (SELECT FROM medaudit_work.home AS h
			WHERE h.most_people = _run_read_homes.most_people) THEN
		RETURN;
	END IF;
	INSERT INTO medaudit_work.home
	WITH home AS (
		SELECT l.people_id, min(l.kind || l.value) AS home
		FROM medaudit_work.link AS l WHERE l.kind = 'address' GROUP BY l.people_id
		UNION ALL
		SELECT l.people_id, min(l.kind || l.value)
		FROM medaudit_work.link AS l
		WHERE l.kind = 'household' AND NOT EXISTS (SELECT FROM medaudit_work.link AS a
			WHERE a.people_id = l.people_id AND a.kind = 'address')
		GROUP BY l.people_id
	), crowded AS (
		SELECT h.home FROM home AS h GROUP BY h.home HAVING count(*) > most_people
	), link AS MATERIALIZED (
		SELECT l.people_id, l.kind, l.value
		FROM medaudit_work.link AS l
		WHERE l.kind <> 'phone' OR NOT EXISTS (SELECT FROM home AS h
			JOIN crowded AS c ON c.home = h.home WHERE h.people_id = l.people_id)
	), shared AS MATERIALIZED (
		SELECT l.kind, l.value, row_number() OVER () AS value_no
		FROM link AS l
		LEFT JOIN home AS h ON h.people_id = l.people_id AND l.kind = 'phone'
		LEFT JOIN (SELECT DISTINCT s.people_id FROM medaudit_work.span AS s WHERE s.stay AND NOT s.void) AS s
			ON s.people_id = l.people_id
		GROUP BY l.kind, l.value
		HAVING count(*) BETWEEN 2 AND most_people
			AND count(s.people_id) > 0 AND count(DISTINCT h.home) <= 2
	)
	SELECT most_people, m.people_id, (g).group_no
	FROM (
		SELECT unnest(medaudit.link_groups(l.people_id, l.kind, s.value_no::text,
			most_people)) AS g
		FROM link AS l
		JOIN shared AS s ON s.kind = l.kind AND s.value = l.value
	) AS f
	CROSS JOIN LATERAL unnest((f.g).person_ids) AS m (people_id);
	PERFORM medaudit._analyze('home');
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
			WHERE l.people_id = ANY (_shared_links.person_ids)
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
