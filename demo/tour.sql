-- The tour: bind the county's warehouse, audit its year, read the worklist,
-- and compare with what was planted.

\set ON_ERROR_STOP 1
\if :{?show} \else \set show 8 \endif
SET client_min_messages = warning;
SET jit = off;

\ir binding.sql

\echo
\echo Homes of the register, spellings of their addresses, and keys made of these:
SELECT count(DISTINCT hh_no) AS homes, count(DISTINCT addr) AS spellings,
	count(DISTINCT household_id) AS keys,
	count(DISTINCT (hh_no, household_id)) AS homes_with_keys
FROM yb.psn_info_b JOIN medaudit_data.person ON person_id = psn_no;

\echo What is bound, and what the warehouse does not have:
SELECT relation, source, array_to_string(optional_missing, ', ') AS optional_missing,
	array_to_string(rules_off, ', ') AS rules_off
FROM medaudit.sources() WHERE source IS NOT NULL;

\echo
\echo Tags of visits, by what (*: by any diagnosis), and how many rules over stays leave them out:
SELECT t.tag, coalesce(nullif(string_agg(concat_ws(' + ', t.diagnosis_prefix || CASE WHEN t.any_diagnosis THEN '*' ELSE '' END,
		t.visit_type, t.payment_method, t.household_people || ' people of one home'), ' '
		ORDER BY t.shipped DESC, t.diagnosis_prefix, t.visit_type, t.payment_method), ''), 'the visit itself') AS by_what,
	(SELECT count(DISTINCT p.rule_code) FROM medaudit.rule_parameters AS p WHERE p.name IN ('exclude_tags', 'exclude_later_tags') AND p.value ? t.tag) AS rules
FROM (SELECT tag, diagnosis_prefix, any_diagnosis, visit_type, payment_method, household_people, shipped FROM medaudit.stay_tag
	  UNION ALL SELECT unnest('{referral,newborn,refunded,drugs_only}'::text[]), NULL, false, NULL, NULL, NULL, true) AS t
GROUP BY t.tag ORDER BY t.tag;

-- ------------------------------------------------------------------ audit

CALL medaudit.refresh_indicators('2025-01-01', '2026-01-01');
CALL medaudit.run_audit('2025-01-01', '2026-01-01');

\echo
\echo What the run did, and what it could not judge for want of data (insufficient):
SELECT step_no AS no, coalesce(rule_code, step) AS step, state, rows, insufficient, seconds, error
FROM medaudit.run_progress ORDER BY run_id, step_no;

\echo
\echo The top of the worklist: certain things first, then by the money of the fund.
SELECT w.rank, w.rule_name, w.certainty_zh, w.facility_name, w.person_name,
	w.claimed_amount AS claimed, w.fund_amount AS fund, w.evidence_text
FROM medaudit.worklist AS w
ORDER BY w.rank LIMIT :show;

\echo The first of each rule:
SELECT DISTINCT ON (w.rule_code) w.rank, w.rule_code, w.certainty,
	w.claimed_amount AS claimed, w.involved_amount AS involved, w.evidence_text
FROM medaudit.worklist AS w
ORDER BY w.rule_code, w.rank;

-- ------------------------------------------------- planted, found, flagged

-- The visits, or claims, that a finding names, itself or through its lines.
CREATE VIEW demo.named AS
SELECT finding_id, visit_id FROM medaudit.finding WHERE visit_id IS NOT NULL
UNION
-- what rests on no visit has the numbers of claims
SELECT finding_id, coalesce(visit_id, line_id) FROM medaudit.finding_line
UNION
-- a payment has the number of its visit
SELECT l.finding_id, l.line_id FROM medaudit.finding_line AS l JOIN medaudit.finding AS f USING (finding_id) JOIN medaudit.rule AS r USING (rule_code)
	JOIN medaudit.rule_kind AS k USING (kind) WHERE k.book = 'cards'
UNION
-- of stock, by its product, which no other case has
SELECT l.finding_id, m.mdtrt_id FROM medaudit.finding_line AS l JOIN demo.planted_move AS m ON m.product = l.item_code;

-- What came of each planted instance: the findings that name its visits.  What
-- is planted for a rule that is not there (yet) must stay silent.  Rules that
-- count the days of a hospital meet whoever comes on them: they answer for
-- their own cases only.
CREATE VIEW demo.outcome AS
SELECT t.case_id, t.instance, t.rule_code, t.also, t.gross, t.times, t.persons, t.note,
	CASE WHEN r.rule_code IS NULL THEN 'silent' ELSE t.expected END AS expected,
	r.rule_code IS NOT NULL AS asked,
	count(f.finding_id) FILTER (WHERE f.rule_code = t.rule_code) AS hits,
	sum(f.gross_amount) FILTER (WHERE f.rule_code = t.rule_code) AS found_gross,
	array_agg(DISTINCT f.rule_code) FILTER (WHERE f.rule_code <> t.rule_code
		AND f.rule_code IS DISTINCT FROM t.also
		AND f.rule_code NOT IN ('admission_bursts', 'similar_amounts', 'over_capacity')) AS other_rules
FROM demo.truth AS t
	LEFT JOIN medaudit.rule AS r USING (rule_code)
	LEFT JOIN (SELECT DISTINCT finding_id, t.case_id, t.instance
			   FROM demo.named JOIN demo.truth AS t ON visit_id = ANY (t.visits)) AS n
		USING (case_id, instance)
	LEFT JOIN medaudit.finding AS f USING (finding_id)
GROUP BY t.case_id, t.instance, t.rule_code, t.also, t.expected, t.gross, t.times, t.persons, t.note,
	r.rule_code;

CREATE VIEW demo.wrong AS
SELECT case_id, instance, rule_code, persons,
	CASE WHEN expected = 'found' AND hits = 0 THEN 'missed'
		WHEN expected = 'found' AND found_gross <> gross THEN format('found with %s yuan, not %s', found_gross, gross)
		WHEN expected = 'found' AND hits <> times THEN format('found %s times, not %s', hits, times)
		WHEN expected = 'silent' AND hits > 0 THEN 'near miss flagged'
		ELSE format('flagged by %s too', array_to_string(other_rules, ', ')) END AS what
FROM demo.outcome
WHERE hits <> CASE expected WHEN 'found' THEN times ELSE 0 END
	OR (expected = 'found' AND found_gross <> gross)
	OR other_rules IS NOT NULL
UNION ALL
SELECT format('quota of %s, %s', q.fixmedins_code, q.month), NULL, 'fund_pace', NULL, CASE WHEN q.ahead THEN 'missed' ELSE 'near miss flagged' END
FROM demo.quota AS q
WHERE q.ahead <> EXISTS (SELECT FROM medaudit.finding AS f WHERE f.rule_code = 'fund_pace' AND f.subject_id = q.fixmedins_code AND f.key = q.month)
UNION ALL
SELECT format('%s: %s', c.case_id, c.told_id), NULL, 'case_payment', NULL, c.what FROM demo.case_wrong AS c
UNION ALL
SELECT format('%s of %s', o.key, o.fixmedins_code), NULL, 'indicator_outlier', NULL, CASE WHEN o.expected THEN 'missed' ELSE 'near miss flagged' END
FROM demo.outlier AS o
WHERE o.expected <> EXISTS (SELECT FROM medaudit.finding AS f WHERE f.rule_code = 'indicator_outlier' AND f.subject_id = o.fixmedins_code AND f.key = o.key);

\echo
\echo Per rule: what was planted and found, near misses wrongly flagged, and what the made-up background adds by chance.
CREATE VIEW demo.tally AS
WITH background AS (
	SELECT f.rule_code, count(*) AS findings, sum(f.gross_amount) AS gross
	FROM medaudit.finding AS f
	WHERE NOT EXISTS (SELECT FROM demo.named AS n JOIN demo.planted_id AS v ON v.id = n.visit_id
					  WHERE n.finding_id = f.finding_id)
	GROUP BY f.rule_code)
SELECT rule_code,
	count(*) FILTER (WHERE expected = 'found') AS planted,
	count(*) FILTER (WHERE expected = 'found' AND hits > 0) AS found,
	sum(found_gross) FILTER (WHERE expected = 'found') AS yuan,
	count(*) FILTER (WHERE expected = 'silent') AS near_misses,
	count(*) FILTER (WHERE expected = 'silent' AND hits > 0) AS wrongly_flagged,
	coalesce(min(b.findings), 0) AS background, min(b.gross)::numeric(14,2) AS background_yuan
FROM (SELECT * FROM demo.outcome WHERE asked) AS o FULL JOIN background AS b USING (rule_code)
GROUP BY rule_code;
SELECT * FROM demo.tally ORDER BY rule_code;

-- Of what the made-up background has by chance nothing may be said to be a
-- violation: nobody planted it, and its hospital could answer.
CREATE VIEW demo.unplanted AS
SELECT f.rule_code, f.finding_id, f.facility_id, f.visit_id, f.gross_amount, f.evidence_text
FROM medaudit.finding AS f
WHERE f.certainty = 'violation' AND f.state = 'open'
	AND NOT EXISTS (SELECT FROM demo.named AS n JOIN demo.planted_id AS v ON v.id = n.visit_id
		WHERE n.finding_id = f.finding_id);

\echo Near misses that a tag decides:
SELECT case_id, note, count(*) AS planted, sum(hits) AS findings
FROM demo.outcome WHERE expected = 'silent' AND note ~ '\mtag'
GROUP BY case_id, note ORDER BY case_id;

-- ---------------------------------------------------------- first queries

\echo The fund against the quotas of the year to the end of September, and what the colours ask for:
SELECT facility_name, quota, fund_to_date AS fund, round(100 * fund_pace, 1) AS ahead_percent, stays_to_date AS stays, cost_per_stay,
	medaudit.alert_zh(alert) AS alert, action_zh
FROM medaudit.fund_monitor('2025-09-01') WHERE quota IS NOT NULL;

\echo The funds of the year: what came in, what settlements cost, and for how many months the balance lasts:
SELECT fund, income, spending, balance, cumulative, months_of_reserve, flag_zh FROM medaudit.fund_reserve(2025);
SELECT string_agg(concat_ws(' ', fund, months_of_reserve, flag), ', ' ORDER BY fund) IS DISTINCT FROM '310 7.00 ok, 390 2.00 short' AS is_wrong
FROM medaudit.fund_reserve(2025) \gset
\if :is_wrong
	DO $$BEGIN RAISE 'a fund does not last as long as planted'; END$$;
\endif

\echo How many of the residents and of the employees are admitted, quarter by quarter:
SELECT "group" AS insurance, quarter, people, persons_admitted, admissions, round(100 * rate, 2) AS percent, round(100 * annualised, 2) AS a_year, flag
FROM medaudit.admission_rates('2025-01-01', '2026-01-01', 'insurance_type');

\echo Stays paid by case: whose weights rise without sicker people, and how many stays there is something to ask about:
SELECT facility_name, base_index, case_mix_index, growth, severity_growth, peer_z, notice_zh
FROM medaudit.case_mix_drift('2025-07-01', '2026-01-01', '2025-01-01', '2025-07-01', 5) WHERE drift;
SELECT facility_name, untreated_stays || '/' || untreated_of AS untreated, swapped_stays || '/' || swapped_of AS swapped, shifted_stays || '/' || shifted_of AS shifted, shifted_amount
FROM medaudit.case_payment_facilities WHERE untreated_stays + swapped_stays + shifted_stays > 0 ORDER BY untreated_stays + swapped_stays DESC, facility_id LIMIT :show;

\echo Split charge of a visit, straight from its ledger:
SELECT visit_id, medaudit.split_charge_score(book) AS score
FROM (SELECT visit_id, medaudit.ledger(item_code, quantity, amount, charged_at) AS book
	  FROM medaudit_data.charge GROUP BY visit_id) AS v
ORDER BY score DESC NULLS LAST, visit_id LIMIT 5;

\echo Who of a home goes in and out of hospital together, from a book of stays per home:
SELECT household_id, g.people, g.times, g.first_admitted::date AS from_date, g.last_discharged::date AS to_date, g.person_ids
FROM (SELECT p.household_id,
			 medaudit.stays(v.visit_id, v.person_id, v.facility_id, v.admitted_at, v.discharged_at, v.main_diagnosis, v.total_amount) AS book
	  FROM medaudit_data.visit AS v JOIN medaudit_data.person AS p USING (person_id)
	  WHERE v.visit_type = '21'
	  GROUP BY p.household_id) AS h,
	medaudit.same_household_admissions(h.book) AS g
WHERE g.person_ids IS NOT NULL -- more than 15 people are an institution's address
ORDER BY g.people DESC, household_id, g.first_admitted LIMIT 5;

\echo What the enabled rules say of one visit:
SELECT a.rule_code, a.item_code, a.line_id, a.quantity, a.amount, a.excess_amount, a.outcome,
	a.evidence ->> 'formula' AS formula
FROM (SELECT medaudit.ledger(item_code, quantity, amount, charged_at, line_id, original_line_id, visit_id, claimed) AS book
	  FROM medaudit_data.charge WHERE visit_id = (SELECT min(visits[1]) FROM demo.truth WHERE case_id = '分解收费 all parts')) AS v,
	medaudit.audit_charges(v.book, medaudit.visit_context(sex => '2', birth_date => '1961-05-04',
		facility_rank => medaudit.facility_rank('06'), visit_type => '21', diagnosis_codes => '{K80.200}')) AS a;

\echo Whom to inspect: a tenth of the facilities of each kind, drawn by a seed that was promised, with more weight where findings are open:
SELECT medaudit.open_draw('2026年上半年双随机抽查', 'inspection', encode(sha256('a secret until the draw'), 'hex'),
	array_agg(coalesce(f.kind, '其他')), array_agg(f.facility_id), array_agg(1 + least(4, coalesce(n.findings, 0)))) AS plan
FROM medaudit_data.facility AS f
LEFT JOIN (SELECT facility_id, count(*) AS findings FROM medaudit.finding WHERE state = 'open' AND certainty = 'violation' GROUP BY 1) AS n USING (facility_id) \gset
SELECT medaudit.draw_plan(:plan, 'a secret until the draw', 0.1, beacon => '07 11 19 23 30 + 04 09') AS drawn;
INSERT INTO medaudit.inspector (inspector_id, name, pool)
SELECT p || i, p || '人员' || i, p FROM unnest('{执法,专家}'::text[]) AS p, generate_series(1, 5) AS i;
SELECT count(*) AS inspectors FROM medaudit.draw_team(:plan, 2, '执法');
SELECT count(*) AS experts FROM medaudit.draw_team(:plan, 2, '专家');
SELECT u.stratum, u.place, u.unit_id, u.weight, round(u.inclusion::numeric, 4) AS inclusion, left(u.key, 12) AS key,
	string_agg(t.inspector_id, ' ' ORDER BY t.inspector_id) AS team
FROM medaudit.plan_unit AS u LEFT JOIN medaudit.plan_team AS t USING (plan_id, unit_id)
WHERE u.plan_id = :plan AND u.place IS NOT NULL GROUP BY u.plan_id, u.unit_id ORDER BY u.stratum, u.place LIMIT 12;
SELECT medaudit.check_draw(:plan) AS checked;

\echo What the county owes its people, without findings: cover lost between two years, benefits that nobody claimed, and what three layers of cover paid.
SELECT person_class, coalesce(aid_class, '-') AS aid_class, covered_before, kept, moved, died, left_cover, lost, lost_rate, joined, uncovered, cover_rate FROM medaudit.lost_cover;
SELECT benefit_zh, persons, claimed, unclaimed, unclaimed_rate FROM medaudit.unclaimed_benefit('2025-12-31', by => '{}');
SELECT coalesce(aid_class, '-') AS aid_class, persons, visits, scope_amount, basic_share, serious_illness_share, aid_share, threefold_share, actual_share
FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{aid_class}');
-- exactly those who were planted, and the sums that plain SQL has
CREATE VIEW demo.duty_wrong AS
SELECT coalesce(d.case_id, 'nobody''s') AS case_id, coalesce(d.psn_no, f.person_id) AS person_id, d.outcome AS expected, f.outcome AS told
FROM (SELECT p.*, 'R' || lpad(n::text, 8, '0') AS psn_no FROM demo.duty_person AS p WHERE outcome IS NOT NULL) AS d
FULL JOIN (SELECT 'cover' AS duty, person_id, outcome FROM medaudit.lost_cover_persons
	UNION ALL SELECT 'benefit', person_id, 'unclaimed' FROM medaudit.unclaimed_benefit_persons('2025-12-31')) AS f
	ON f.duty = d.duty AND f.person_id = d.psn_no
WHERE f.outcome IS DISTINCT FROM d.outcome
UNION ALL
SELECT 'layers', psn_idet_type, format('%s %s', fund, aid), format('%s %s', threefold_amount, aid_amount)
FROM (SELECT coalesce(r.psn_idet_type, '') AS psn_idet_type, round(sum(s.fund_pay_sumamt), 2) AS fund,
		round(coalesce(sum(p.maf_pay), 0), 2) AS aid
	FROM yb.setl_d AS s JOIN yb.setl_fund_d AS p USING (setl_id) JOIN yb.mdtrt_d AS m USING (mdtrt_id) JOIN yb.psn_info_b AS r USING (psn_no)
	WHERE s.setl_time >= '2025-01-01' AND s.setl_time < '2026-01-01' GROUP BY 1) AS s
FULL JOIN (SELECT coalesce(aid_class, '') AS psn_idet_type, threefold_amount, aid_amount, aid_share FROM medaudit.threefold_cover('2025-01-01', '2026-01-01', by => '{aid_class}')) AS f USING (psn_idet_type)
WHERE (s.fund, s.aid) IS DISTINCT FROM (f.threefold_amount, f.aid_amount) OR (f.aid_share > 0) IS DISTINCT FROM (psn_idet_type IN ('02', '03'));

SELECT count(*) > 0 AS is_duty_wrong FROM demo.duty_wrong \gset
\if :is_duty_wrong
	\echo What the lists of duties do not say as planted:
	SELECT * FROM demo.duty_wrong ORDER BY case_id, person_id LIMIT 60;
	DO $$BEGIN RAISE 'somebody to whom something is owed was missed, or is listed wrongly'; END$$;
\endif
SELECT count(*) > 0 AS is_unplanted FROM demo.unplanted \gset
\if :is_unplanted
	\echo Violations in the background that nobody planted:
	SELECT rule_code, count(*) AS findings, min(evidence_text) AS first FROM demo.unplanted GROUP BY rule_code ORDER BY rule_code;
	DO $$BEGIN RAISE 'violations that nobody planted'; END$$;
\endif
SELECT count(*) AS wrong, count(*) > 0 AS is_wrong FROM demo.wrong \gset
\if :is_wrong
	\echo What is not as planted:
	SELECT * FROM demo.wrong ORDER BY rule_code, case_id, instance LIMIT 60;
	DO $$BEGIN RAISE 'planted cases were missed or near misses flagged'; END$$;
\endif
