-- What is looked at first (分类打击): a factor of the money by which the worklist is
-- ordered, by rule and class of institution.
--
-- The order stays one of certainty first: no weight lifts a suspicion above a violation.
-- What the rows of rule_focus come to for each facility is kept (focus_weight), and looked
-- up by key for each line that is ranked; a run makes it anew from its register, and so
-- does a change by the owner, who ranks at once the findings that it meets.  Money that is
-- shown is what it was.
--
-- Cost: a look into a small table per line that is ranked, some 6 microseconds, and
-- nothing where no rule has a weight; a change, what the open findings of its rules cost
-- to rank.

CREATE OR REPLACE FUNCTION _focus_wanted() RETURNS TABLE (rule_code text, facility_id text, weight numeric)
	LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
BEGIN ATOMIC
	SELECT f.rule_code, NULL::text, f.weight FROM medaudit.rule_focus AS f WHERE num_nonnulls(f.kind, f.ownership, f.rank) = 0
	UNION ALL
	SELECT c.rule_code, c.facility_id, c.weight
	FROM (
		SELECT DISTINCT ON (f.rule_code, i.facility_id) f.rule_code, i.facility_id, f.weight
		FROM medaudit.rule_focus AS f
		JOIN medaudit._bound_facilities() AS i ON (f.kind IS NULL OR code_fold(f.kind) = code_fold(i.kind))
			AND (f.ownership IS NULL OR code_fold(f.ownership) = code_fold(i.ownership)) AND (f.rank IS NULL OR f.rank = i.rank)
		WHERE num_nonnulls(f.kind, f.ownership, f.rank) > 0 AND i.facility_id IS NOT NULL
		ORDER BY f.rule_code, i.facility_id, num_nonnulls(f.kind, f.ownership, f.rank) DESC, f.weight DESC
	) AS c;
END;

COMMENT ON FUNCTION _focus_wanted() IS
	'应有权重: what focus_weight should say by rule_focus and the register that is bound';

CREATE OR REPLACE FUNCTION _focus_of(rule_code text, facility_id text) RETURNS numeric
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN coalesce((SELECT w.weight FROM medaudit.focus_weight AS w WHERE w.rule_code = _focus_of.rule_code AND w.facility_id = _focus_of.facility_id),
		(SELECT w.weight FROM medaudit.focus_weight AS w WHERE w.rule_code = _focus_of.rule_code AND w.facility_id IS NULL), 1);

COMMENT ON FUNCTION _focus_of(text, text) IS
	'重点权重: the weight of a rule at a facility; 1 where nothing is said of them';

CREATE OR REPLACE PROCEDURE _refresh_focus()
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
DECLARE
	wanted medaudit.focus_weight[];
	changed text[];
	touched bigint[];
	visits text[];
BEGIN
	SELECT array_agg(ROW(w.rule_code, w.facility_id, w.weight)::medaudit.focus_weight) INTO wanted FROM medaudit._focus_wanted() AS w;
	SELECT array_agg(DISTINCT coalesce(k.rule_code, w.rule_code)) INTO changed
	FROM medaudit.focus_weight AS k
	FULL JOIN unnest(wanted) AS w ON w.rule_code = k.rule_code AND coalesce(w.facility_id, '') = coalesce(k.facility_id, '')
	WHERE w.weight IS DISTINCT FROM k.weight;
	IF changed IS NULL THEN
		RETURN;
	END IF;
	PERFORM medaudit._take_rank_lock();
	DELETE FROM medaudit.focus_weight AS k WHERE k.rule_code = ANY (changed);
	INSERT INTO medaudit.focus_weight SELECT w.* FROM unnest(wanted) AS w WHERE w.rule_code = ANY (changed);
	SELECT array_agg(DISTINCT r.finding_id), array_agg(DISTINCT r.visit_id) FILTER (WHERE r.line_no > 0) INTO touched, visits
	FROM medaudit.ranked_line AS r
	WHERE r.rule_code = ANY (changed) AND r.rank IS NOT NULL AND r.weight <> medaudit._focus_of(r.rule_code, r.facility_id);
	IF touched IS NOT NULL THEN
		CALL medaudit._rank_touched(visits, touched);
	END IF;
END
$$;

COMMENT ON PROCEDURE _refresh_focus() IS
	'更新重点权重: makes focus_weight anew where it is not what rule_focus and the register say, and ranks the open findings that this meets';

CREATE OR REPLACE FUNCTION _follow_focus() RETURNS trigger
	LANGUAGE plpgsql
	SET search_path = pg_catalog, medaudit, pg_temp
AS $$
BEGIN
	IF medaudit._restoring() THEN
		RETURN NULL;
	ELSIF medaudit._owns('medaudit.focus_weight'::regclass) THEN
		CALL medaudit._refresh_focus();
	ELSE
		RAISE NOTICE USING MESSAGE = medaudit._say('the worklist is ordered by it from the next run on');
	END IF;
	RETURN NULL;
END
$$;

COMMENT ON FUNCTION _follow_focus() IS
	'重点变动: trigger of rule_focus; by the owner the worklist is ordered anew at once, by others from the next run on, which a notice says';

CREATE OR REPLACE TRIGGER check_inserted AFTER INSERT ON rule_focus REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER check_updated AFTER UPDATE ON rule_focus REFERENCING NEW TABLE AS changed
	FOR EACH STATEMENT EXECUTE FUNCTION _check_parent('rule', 'rule_code');
CREATE OR REPLACE TRIGGER follow_focus AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_focus
	FOR EACH STATEMENT EXECUTE FUNCTION _follow_focus();
