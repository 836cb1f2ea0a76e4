-- The working tables of a run, in a schema of their own: UNLOGGED, for a crash
-- ends the run and the next one reads again; tables and not temporary ones, so
-- that parallel workers read them, and so does whoever looks into a run that
-- failed.  One run is made at a time; each begins by emptying them, and ends so
-- when it is done.  Whoever runs audits reads, writes and empties them and
-- nobody else needs any right.
--
-- Each is written by one procedure, which says what it means.

-- What was made once for all steps of the run.
CREATE UNLOGGED TABLE medaudit_work.made (name text PRIMARY KEY);
COMMENT ON TABLE medaudit_work.made IS '已准备: what was put together once for all steps of a run';

CREATE UNLOGGED TABLE medaudit_work.asked_rule (run_id bigint, rule_code text, kind text, step text, missing text);
COMMENT ON TABLE medaudit_work.asked_rule IS '运行规则: the rules of the run, see _run_rules()';

CREATE UNLOGGED TABLE medaudit_work.read_source (relation text, state text);
COMMENT ON TABLE medaudit_work.read_source IS '所读数据源: the relations that the run reads, as they were bound when it began to read, see _source_states()';

CREATE UNLOGGED TABLE medaudit_work.bad (
	relation text, problem text, problem_zh text, rows bigint, facility_id text,
	examples text[]
);
COMMENT ON TABLE medaudit_work.bad IS '问题记录: rows of the bound relations that a run met and could not use, by relation and problem';

CREATE UNLOGGED TABLE medaudit_work.own_item (facility_id text, item_code text, suffix text);
COMMENT ON TABLE medaudit_work.own_item IS '机构项目编码: local codes of hospitals, with the sign that tells them apart';

CREATE UNLOGGED TABLE medaudit_work.person (
	person_id text, name text, number text, sex text, birth_date date, death_date date,
	household_id text, address text, region text, phone text, insurance_type text,
	people_id text, number_owner text, own_household text, address_key text, phone_key text,
	home_people bigint, unreadable text[]
);
CREATE INDEX ON medaudit_work.person USING hash (person_id);
COMMENT ON TABLE medaudit_work.person IS '人员: one row per person of the register, with all that steps of a run ask of it; number: the resident number as far as it is readable; people_id: with whom he is one of the people, by a valid one; own_household to unreadable: what the store keeps of him';

CREATE UNLOGGED TABLE medaudit_work.facility (
	facility_id text, name text, rank int, beds int, provider_id text, region text
);
CREATE INDEX ON medaudit_work.facility USING hash (facility_id);
COMMENT ON TABLE medaudit_work.facility IS '机构: one row per facility with its class and the provider that it belongs to';

-- The columns that relation_column gives visit, as they are read, but for changed_at.
CREATE UNLOGGED TABLE medaudit_work.settlement (
	visit_id text, person_id text, facility_id text, admitted_at timestamp, discharged_at timestamp,
	record_no text, visit_type text, insurance_type text, department text, physician_id text,
	ward text, bed text, main_diagnosis text, total_amount numeric, scope_amount numeric,
	fund_amount numeric, personal_amount numeric, payment_method text, settled_at timestamp,
	referral_visit_id text, discharge_way text, newborn bool, region text, mid_settlement bool,
	continues_visit_id text, acct_amount numeric, basic_amount numeric, serious_illness_amount numeric, aid_amount numeric, unreadable text[], several bool NOT NULL DEFAULT false
);
COMMENT ON TABLE medaudit_work.settlement IS '结算行: the rows of visit that the run has read, equal ones of a visit once; several: the visit has had more than one';

CREATE UNLOGGED TABLE medaudit_work.horizon (from_date date, to_date date, ended_from date, every_visit bool, lines_from date);
COMMENT ON TABLE medaudit_work.horizon IS '读取起点: one row: the period of the run, from when on it has read all that ended, or every visit, and from when on it has read lines (NULL: all)';

CREATE UNLOGGED TABLE medaudit_work.asked_person (person_id text);
COMMENT ON TABLE medaudit_work.asked_person IS '期内结算人员: who has a visit settled in a short period, and who has one number with him';

CREATE UNLOGGED TABLE medaudit_work.reaching (person_id text);
COMMENT ON TABLE medaudit_work.reaching IS '回溯人员: persons all of whose visits are read, for a finding may rest on something before the horizon';

CREATE UNLOGGED TABLE medaudit_work.unseen (visit_id text);
COMMENT ON TABLE medaudit_work.unseen IS '待补读就诊: visits that are named somewhere and were not read';

CREATE UNLOGGED TABLE medaudit_work.copied (relation text, visit_id text, rows bigint, codes text[]);
COMMENT ON TABLE medaudit_work.copied IS '重复报送: how many rows of a visit were delivered twice; codes: of diagnoses each different one';

CREATE UNLOGGED TABLE medaudit_work.diagnosis (visit_id text, main text, codes text[], twice bool);
COMMENT ON TABLE medaudit_work.diagnosis IS '诊断: the diagnoses of each visit; twice: some code of it seems to come more than once';

-- The one wide table of visits: a row is written once, and what is known only
-- later (LOOKED, JUDGED_PERSON, STAY_ID, what of UNTIL and MAIN_DIAGNOSIS is not in
-- the settlements) is put right in the few rows that need it.
CREATE UNLOGGED TABLE medaudit_work.span (
	visit_id text, person_id text, people_id text, number_owner text, on_mother bool,
	owner text, judged_at timestamp, begins date, ends date, settled bool, judged bool,
	void bool, looked bool, judged_person bool, stay bool, stay_id text, facility_id text,
	provider_id text, facility_rank int, admitted_at timestamp, discharged_at timestamp,
	until timestamp, continues_visit_id text, mid_settlement bool, main_diagnosis text,
	main_diagnoses text[], settled_at timestamp, record_no text, visit_type text,
	insurance_type text, department text, physician_id text, total_amount numeric,
	scope_amount numeric, fund_amount numeric, payment_method text, referred bool, newborn bool
);
CREATE INDEX ON medaudit_work.span USING hash (visit_id);
COMMENT ON TABLE medaudit_work.span IS '就诊时间: each visit that was read: when it was and when it is judged, and what else its settlements say; looked: one of the period, or its findings may rest on it; main_diagnoses: of a visit of several settlements';

CREATE UNLOGGED TABLE medaudit_work.chain (visit_id text, stay_id text);
COMMENT ON TABLE medaudit_work.chain IS '连续住院: visits that are one stay, with the first of them';

CREATE UNLOGGED TABLE medaudit_work.unasked (people_id text);
COMMENT ON TABLE medaudit_work.unasked IS '未问人员: people of whom nothing was settled in the period, and whose visits the run has read for a number that they share with somebody else';

CREATE UNLOGGED TABLE medaudit_work.charge_book (
	book_no int, owner text, year int, reads_from date, reads_to date, sex text, birth_date date, insurance_type text
);
COMMENT ON TABLE medaudit_work.charge_book IS '费用账簿范围: the books of a person and year that charge rules are asked of, between which days visits stand in each, and what rules ask of the person';

CREATE UNLOGGED TABLE medaudit_work.year (year int);
COMMENT ON TABLE medaudit_work.year IS '统计年度: calendar years whose books of stays the run asks';

-- What the registers say of it is looked up where it is asked: for some visits, not
-- for all.
CREATE VIEW medaudit_work.visit WITH (security_invoker = true) AS
SELECT s.visit_id, s.person_id, s.people_id, s.number_owner, s.facility_id, s.provider_id, s.record_no, s.admitted_at,
	s.discharged_at, s.until, s.begins, s.ends, s.judged_at, s.judged, s.judged_person, s.stay, s.visit_type,
	s.department, s.physician_id, s.main_diagnosis, s.total_amount, s.scope_amount, s.fund_amount, s.payment_method,
	s.referred, s.newborn, s.on_mother, s.stay_id, s.facility_rank,
	(SELECT f.name FROM medaudit_work.facility AS f WHERE f.facility_id = s.facility_id) AS facility_name,
	(SELECT p.name FROM medaudit_work.person AS p WHERE p.person_id = s.person_id) AS person_name
FROM medaudit_work.span AS s WHERE s.looked;
COMMENT ON VIEW medaudit_work.visit IS '就诊: one row per visit of the period and of what its findings may rest on';

CREATE UNLOGGED TABLE medaudit_work.member (visit_id text, stay_id text);
CREATE INDEX ON medaudit_work.member USING hash (stay_id);
COMMENT ON TABLE medaudit_work.member IS '住院组成: the visits of each stay';

CREATE UNLOGGED TABLE medaudit_work.to_gather (visit_id text, department text);
COMMENT ON TABLE medaudit_work.to_gather IS '待汇集就诊: those whose lines are read, where not all are';

CREATE UNLOGGED TABLE medaudit_work.parted (visit_id text);
COMMENT ON TABLE medaudit_work.parted IS '同项目多类别就诊: visits, and those of a stay, in which lines of one item have several categories';

-- By PLACE, the person (of a visit without one, the visit): so that each partition
-- holds whole persons, and workers judge one partition each.
CREATE TABLE medaudit_work.gathered (
	place text, visit_id text, book ledger, categories text[], lines bigint, problems int[],
	in_period bigint, incomplete bigint, twice bool, departments jsonb, facility_id text,
	settled_on date, judged bool, stay bool, admitted_at timestamp, discharged_at timestamp,
	until timestamp, class_book ledger, class_categories text[]
) PARTITION BY HASH (place);
COMMENT ON TABLE medaudit_work.gathered IS '就诊账册: the lines of each visit in one ledger, with what else is asked of them; of a judged visit where and when it was';

CREATE UNLOGGED TABLE medaudit_work.unclear (
	visit_id text, line_id text, item_code text, charged_at timestamp, quantity numeric,
	amount numeric
);
COMMENT ON TABLE medaudit_work.unclear IS '同号明细: different lines of one number of a visit, which nobody judges';

-- As finding, with what a step knows of it besides: its number among the lines,
-- the state and content of what stands, and numbers that must not be told.
CREATE UNLOGGED TABLE medaudit_work.candidate AS
SELECT NULL::bigint AS n, f.*, NULL::text AS standing, NULL::bool AS same, NULL::text[] AS numbers
FROM finding AS f WITH NO DATA;
COMMENT ON TABLE medaudit_work.candidate IS '候选发现: what a step found, before it meets what stands';

-- As finding_line, so that its columns stand in one place.
CREATE UNLOGGED TABLE medaudit_work.candidate_line AS
SELECT NULL::bigint AS n, l.* FROM finding_line AS l WITH NO DATA;
COMMENT ON TABLE medaudit_work.candidate_line IS '候选发现明细: lines of the candidates';

CREATE UNLOGGED TABLE medaudit_work.found (
	rule_code text, visit_id text, subject_id text, key text, judged_on date,
	gross_amount numeric, wanted bool
);
COMMENT ON TABLE medaudit_work.found IS '已知发现: all findings that a step knows to be there, on whatever day they belong';

CREATE UNLOGGED TABLE medaudit_work.reached (finding_id bigint);
COMMENT ON TABLE medaudit_work.reached IS '可及发现: standing findings about which a step knows all that there is';

CREATE TABLE medaudit_work.context (
	place text, book_no int, visit_id text, asked bool, context visit_context
) PARTITION BY HASH (place);
COMMENT ON TABLE medaudit_work.context IS '就诊背景: the visits of each book of a person and year, with what charge rules ask of them';

DO $$
BEGIN
	FOR part IN 0 .. 7 LOOP
		EXECUTE format('CREATE UNLOGGED TABLE medaudit_work.gathered_%1$s PARTITION OF medaudit_work.gathered FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
		EXECUTE format('COMMENT ON TABLE medaudit_work.gathered_%s IS %L', part, '就诊账册分区: those of an eighth of the persons');
		EXECUTE format('CREATE UNLOGGED TABLE medaudit_work.context_%1$s PARTITION OF medaudit_work.context FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
		EXECUTE format('COMMENT ON TABLE medaudit_work.context_%s IS %L', part, '就诊背景分区: those of the same persons');
	END LOOP;
END
$$;

CREATE UNLOGGED TABLE medaudit_work.hit (
	hit_no bigint, rule_code text, visit_id text, item_code text, other_code text,
	other_visit_id text, charged_at timestamp, line_id text, quantity numeric,
	amount numeric, excess_quantity numeric, excess_amount numeric, excess_claimed numeric,
	outcome text, evidence jsonb, certainty text, key text
);
COMMENT ON TABLE medaudit_work.hit IS '费用结果: what the charge rules said of the books';

CREATE UNLOGGED TABLE medaudit_work.partner (
	hit_no bigint, nth bigint, visit_id text, line_id text, item_code text,
	charged_at timestamp, quantity numeric, amount numeric, elsewhere bool
);
COMMENT ON TABLE medaudit_work.partner IS '关联收费: charges that evidence names beside the lines in excess';

CREATE UNLOGGED TABLE medaudit_work.met (visit_id text, line_id text, later bool NOT NULL DEFAULT false);
COMMENT ON TABLE medaudit_work.met IS '涉及明细: lines whose names and physicians findings print; without a number all of the visit; later: by steps after that of the charge rules';

CREATE UNLOGGED TABLE medaudit_work.line_name (visit_id text, line_id text, item_code text, item_name text);
COMMENT ON TABLE medaudit_work.line_name IS '明细名称: names of the lines that later steps print';

CREATE UNLOGGED TABLE medaudit_work.detail (
	visit_id text, line_id text, item_code text, item_name text, unit text, physician_id text,
	own bool
);
COMMENT ON TABLE medaudit_work.detail IS '收费名称: names and physicians of the lines that were met';

CREATE UNLOGGED TABLE medaudit_work.item (item_code text, name text, unit text, national_code text);
COMMENT ON TABLE medaudit_work.item IS '项目名称: names, units and national codes of the items that evidence names';

CREATE UNLOGGED TABLE medaudit_work.told (hit_no bigint, partners text, others text);
COMMENT ON TABLE medaudit_work.told IS '关联收费说明: what sentences say of the charges beside each line';

CREATE UNLOGGED TABLE medaudit_work.line (
	LIKE medaudit_work.hit, kind text, rule_name text, person_id text, facility_id text,
	facility_name text, person_name text, judged_on date, visit_physician text,
	line_physician text, item_name text, unit text, partners text, others text, visit_zh text,
	stay_zh text, fund_basis text, visit_fund numeric, visit_scope numeric,
	subject_kind text, physician_id text, subject_id text, said text, n bigint,
	line_no bigint, evidence_text text, largest bool
);
COMMENT ON TABLE medaudit_work.line IS '超出明细: lines in excess with all that a finding says of them';

CREATE UNLOGGED TABLE medaudit_work.tagged (
	visit_id text, person_id text, people_id text, facility_id text, provider_id text, record_no text,
	admitted_at timestamp, discharged_at timestamp, until timestamp, ends date, judged_at timestamp,
	judged bool, judged_person bool, stay bool, visit_type text, insurance_type text, department text,
	physician_id text, main_diagnosis text, diagnosis_codes text[], total_amount numeric,
	scope_amount numeric, fund_amount numeric, payment_method text, referred bool, newborn bool,
	person_name text, sex text, birth_date date, household_id text, facility_name text
);
COMMENT ON TABLE medaudit_work.tagged IS '待标签住院: the stays, those that continue one another as one, and visits of a day inside one';

CREATE UNLOGGED TABLE medaudit_work.tag_row (
	n bigint, tag text, household_people int, any_diagnosis bool, diagnosis_prefix text,
	visit_type text, payment_method text
);
COMMENT ON TABLE medaudit_work.tag_row IS '标签规则: rows of stay_tag with folded codes';

CREATE UNLOGGED TABLE medaudit_work.tag_kind (kind text[], n bigint);
COMMENT ON TABLE medaudit_work.tag_kind IS '标签类别: which rows of stay_tag hold for a type of visit and payment';

CREATE UNLOGGED TABLE medaudit_work.contact (
	people_id text, household text, address text, phone text, home text, first bool,
	stayed bool
);
COMMENT ON TABLE medaudit_work.contact IS '联系方式: household, key of the address and telephone of the people of the register, each value of one of them once; home: where he lives, address before household; first: one row of each of the people; stayed: whether he has a stay';

CREATE UNLOGGED TABLE medaudit_work.link (
	people_id text, kind text, value text, value_no bigint, people bigint, home text,
	stayed bool
);
CREATE INDEX ON medaudit_work.link USING hash (people_id) WHERE stayed;
COMMENT ON TABLE medaudit_work.link IS '关联: what several of the people of the register share and somebody with a stay has; value_no: its number among those of its kind; people: how many share it; home, stayed: of contact';

CREATE UNLOGGED TABLE medaudit_work.home (most_people int, people_id text, owner int);
COMMENT ON TABLE medaudit_work.home IS '家庭: people who hang together by what at most so many share';

CREATE UNLOGGED TABLE medaudit_work.stay (LIKE medaudit_work.tagged, tags text[]);
CREATE INDEX ON medaudit_work.stay USING hash (visit_id);
COMMENT ON TABLE medaudit_work.stay IS '住院及标签: stays of the run with their tags, and visits of one date inside a stay';

CREATE UNLOGGED TABLE medaudit_work.child (visit_id text, people_id text, birth_date date, begins date);
COMMENT ON TABLE medaudit_work.child IS '新生儿: stays begun within a year of birth';

CREATE UNLOGGED TABLE medaudit_work.stay_book (
	gathered_by text, owner text, facility_id text, year int, book stays
);
COMMENT ON TABLE medaudit_work.stay_book IS '住院册: books of stays per person, year, facility and month';

-- As run_group.
CREATE UNLOGGED TABLE medaudit_work.found_group (
	subject_kind text, subject_id text, key text, person_id text, visit_id text, facility_id text, physician_id text,
	visit_ids text[], line_ids text[], excess_quantity numeric, gross_amount numeric, claimed_amount numeric,
	involved_amount numeric, score float8, certainty text, evidence jsonb, evidence_text text, judged_on date,
	n bigint GENERATED ALWAYS AS IDENTITY
);
COMMENT ON SEQUENCE medaudit_work.found_group_n_seq IS '判定结果序号: numbers the groups';
COMMENT ON TABLE medaudit_work.found_group IS '判定结果: what the function of a kind of rule returned';

-- Lines of a group that its function tells itself; else they are the visits, or
-- the charges that LINE_IDS names.
CREATE UNLOGGED TABLE medaudit_work.group_line (
	key text, line_no bigint, visit_id text, line_id text, item_code text, item_name text, charged_at timestamp,
	quantity numeric, amount numeric, facility_id text, person_id text, evidence jsonb, evidence_text text,
	subject_id text, excess_quantity numeric, excess_amount numeric, excess_claimed numeric
);
COMMENT ON TABLE medaudit_work.group_line IS '判定明细: lines of groups, where the function of the kind tells them itself; subject_id: whose the group is, where its key alone does not tell it from others';

CREATE UNLOGGED TABLE medaudit_work.fill_person (person_id text);
COMMENT ON TABLE medaudit_work.fill_person IS '配药人员: the persons whose dispensed drugs a run reads: those of whom something was settled in the period, and who share a number with them';

-- As _fill_rows(), and whose it is among people.
CREATE UNLOGGED TABLE medaudit_work.fill (
	person_id text, visit_id text, line_id text, original_line_id text, facility_id text, physician_id text,
	department text, visit_type text, stay bool, item_code text, item_name text, drug_code text, own bool,
	dispensed_at timestamp, quantity numeric, amount numeric, claimed numeric, take_home bool, prescription_id text,
	pack numeric, units_per_day numeric, days_supply numeric, basis text, people_id text, fill_id text, book_code text
);
CREATE INDEX ON medaudit_work.fill USING hash (fill_id);
COMMENT ON TABLE medaudit_work.fill IS '配药记录: drugs dispensed to the people of whom something was settled in the period, in the years whose books the run asks';

CREATE UNLOGGED TABLE medaudit_work.fill_book (people_id text, year int, book ledger);
COMMENT ON TABLE medaudit_work.fill_book IS '配药账册: what was dispensed to one of the people in a calendar year and the one before';

CREATE UNLOGGED TABLE medaudit_work.fill_group (
	people_id text, key text, year int, drugs text[], fill_ids text[], involved_amount numeric, evidence jsonb
);
COMMENT ON TABLE medaudit_work.fill_group IS '配药判定: what a detector found in these books';

CREATE UNLOGGED TABLE medaudit_work.prescribed (
	people_id text, person_id text, facility_id text, visit_id text, line_id text, item_code text, item_name text, drug text,
	dispensed_at timestamp, quantity numeric, amount numeric, claimed numeric, days_supply numeric, prescription_id text,
	physician_id text, department text, visit_type text, key text
);
COMMENT ON TABLE medaudit_work.prescribed IS '处方明细: drugs dispensed outside stays, net of what came back; key: the prescription, among those of the facility';

CREATE UNLOGGED TABLE medaudit_work.prescription (
	facility_id text, key text, people_id text, person_id text, prescription_id text, day date, physician_id text,
	department text, diagnosis text, visit_ids text[], amount numeric, claimed numeric, looked bool, judged bool,
	asked bool, class_unknown bool, cap numeric
);
COMMENT ON TABLE medaudit_work.prescription IS '处方: what each costs and may cost; looked: the run looks at all of its visits; asked: it is of a year that the run asks; diagnosis: the first three characters of the main one';

CREATE UNLOGGED TABLE medaudit_work.prescription_set (facility_id text, key text, set_key text, day date, refill bool, unknown bool);
COMMENT ON TABLE medaudit_work.prescription_set IS '同组处方: prescriptions near the cap that one prescriber wrote for one person and disease within days';
-- As swipe_rows(), and whose card it is among people.
CREATE UNLOGGED TABLE medaudit_work.swipe (
	swipe_no bigint, swipe_id text, facility_id text, terminal_id text, card_id text, person_id text, swiped_at timestamp,
	amount numeric, balance_after numeric, credential text, status text, people_id text, pharmacy bool
);
CREATE INDEX ON medaudit_work.swipe (facility_id, swiped_at);
COMMENT ON TABLE medaudit_work.swipe IS '刷卡记录: card payments that the rules of the run look at, numbered';

CREATE UNLOGGED TABLE medaudit_work.swipe_quarter (first_day date);
COMMENT ON TABLE medaudit_work.swipe_quarter IS '刷卡季度: calendar quarters of which all card payments were read';

CREATE UNLOGGED TABLE medaudit_work.swipe_book (facility_id text, quarter date, book stays);
COMMENT ON TABLE medaudit_work.swipe_book IS '刷卡账册: card payments of a pharmacy and calendar quarter, as stays of no length by their numbers';

CREATE UNLOGGED TABLE medaudit_work.card_group (
	facility_id text, quarter date, card_ids text[], pairs bigint, times bigint, least_times int, swipe_nos bigint[]
);
COMMENT ON TABLE medaudit_work.card_group IS '成组卡: cards that pay together at a pharmacy in a quarter, with the payments of their pairs';

CREATE UNLOGGED TABLE medaudit_work.swipe_group (
	subject_kind text, subject_id text, key text, visit_id text, facility_id text, swipe_nos bigint[], certainty text, evidence jsonb
);
COMMENT ON TABLE medaudit_work.swipe_group IS '刷卡判定: what a rule over cards found, with the numbers of its payments';
-- As _stock_query().
CREATE UNLOGGED TABLE medaudit_work.stock_move (
	facility_id text, product_code text, at timestamp, quantity numeric, class text, price numeric, amount numeric, trace_code text,
	pay_method text, batch_no text, split_pack bool, person_id text, pharmacist_id text, prescription bool, unit_factor numeric
);
COMMENT ON TABLE medaudit_work.stock_move IS '进销存记录: movements of the whole months of the run and of the 730 days before them, in smallest units';

CREATE UNLOGGED TABLE medaudit_work.stock_use (LIKE medaudit_work.stock_move);
COMMENT ON TABLE medaudit_work.stock_use IS '追溯码销售: sales and returns of trace codes that come more than once, or of which parts were sold';

CREATE UNLOGGED TABLE medaudit_work.stock_place (facility_id text, subject_kind text);
COMMENT ON TABLE medaudit_work.stock_place IS '进销存机构: facilities with movements, and whether each is a pharmacy';

-- As stock_check().
CREATE UNLOGGED TABLE medaudit_work.stock_month (
	month date, facility_id text, product_code text, batch_no text, opening numeric, opening_known bool, purchased numeric, sold numeric,
	other numeric, closing numeric, lowest numeric, first_negative_on date, oversold numeric, sold_amount numeric, oversold_amount numeric, outcome text
);
COMMENT ON TABLE medaudit_work.stock_month IS '月度进销存核对: products of a month that are not balanced';

CREATE UNLOGGED TABLE medaudit_work.stock_group (
	facility_id text, key text, excess_quantity numeric, gross_amount numeric, involved_amount numeric, certainty text, evidence jsonb
);
COMMENT ON TABLE medaudit_work.stock_group IS '进销存判定: what a rule found in a month';

CREATE UNLOGGED TABLE medaudit_work.herb_line (
	key text, visit_id text, line_id text, item_code text, item_name text, charged_at timestamp, quantity numeric, amount numeric,
	prescription_id text, physician_id text, listed bool, excess_amount numeric, excess_claimed numeric
);
COMMENT ON TABLE medaudit_work.herb_line IS '中药饮片明细: herbal lines of the visits that claim some that are not paid alone; listed: it is one of these; NULL: not known to be, or to be no herb';

CREATE UNLOGGED TABLE medaudit_work.unread (LIKE medaudit_work.span);
CREATE INDEX ON medaudit_work.unread USING hash (visit_id);
COMMENT ON TABLE medaudit_work.unread IS '补读就诊: visits that a kind names and that the run had no need to read';

CREATE UNLOGGED TABLE medaudit_work.touched (visit_id text, finding_id bigint);
COMMENT ON TABLE medaudit_work.touched IS '待排名: visits and findings that a step changes, to be ranked once at its end';

CREATE UNLOGGED TABLE medaudit_work.content (subject_id text, key text, content text);
COMMENT ON TABLE medaudit_work.content IS '发现内容: what makes a group another one, where that is not its lines and money';

CREATE UNLOGGED TABLE medaudit_work.period (from_date date, to_date date);
COMMENT ON TABLE medaudit_work.period IS '判定周期: the part of the period of the run that is judged: a whole natural period of the kind, or all of it';

CREATE UNLOGGED TABLE medaudit_work.bed (
	visit_id text, member_id text, facility_id text, admitted_at timestamp,
	discharged_at timestamp
);
COMMENT ON TABLE medaudit_work.bed IS '住院日: stays whose days without care are looked at';

CREATE UNLOGGED TABLE medaudit_work.idle (
	visit_id text, facility_id text, one_date bool, unknown bool, still_in bool,
	stay_days int, active_days int, idle_days int, longest_idle int, idle_share float8,
	bare_days int, idle_dates date[]
);
COMMENT ON TABLE medaudit_work.idle IS '无诊疗日: days without care of each';

CREATE UNLOGGED TABLE medaudit_work.short (visit_id text, people_id text, left_on date);
COMMENT ON TABLE medaudit_work.short IS '短期住院: short stays that a rule about low standards looks at';

CREATE UNLOGGED TABLE medaudit_work.next (visit_id text, next_visit_id text);
COMMENT ON TABLE medaudit_work.next IS '后续住院: what follows each within days';

CREATE UNLOGGED TABLE medaudit_work.spent (
	visit_id text, amount numeric, exam numeric, treatment numeric, unknown numeric
);
COMMENT ON TABLE medaudit_work.spent IS '住院费用: money of them by class';

CREATE UNLOGGED TABLE medaudit_work.low (
	visit_id text, amount numeric, exam numeric, bare bool, unknown bool
);
COMMENT ON TABLE medaudit_work.low IS '低标准入院: those without treatment';

CREATE UNLOGGED TABLE medaudit_work.together (
	year int, facility_id text, people int, times int, person_ids text[], visit_ids text[],
	first_admitted date, last_admitted date, first_discharged date, last_discharged date,
	amount numeric
);
COMMENT ON TABLE medaudit_work.together IS '同进同出: members of homes who came and went together';

CREATE UNLOGGED TABLE medaudit_work.number (
	person_id text, name text, number text, sex text, birth_date date, problem text,
	number_sex text, number_birth_date date
);
COMMENT ON TABLE medaudit_work.number IS '可疑证件号码: persons whose readable number cannot exist, says another sex or birth date than the record, or is that of others too; problem: empty where it is valid';

CREATE UNLOGGED TABLE medaudit_work.number_visit (
	person_id text, year int, visit_id text, facility_id text, admitted_at timestamp,
	last_at timestamp, judged_at timestamp, newborn bool
);
COMMENT ON TABLE medaudit_work.number_visit IS '可疑证件就诊: visits of the persons in number, where the run judges one of theirs';

CREATE UNLOGGED TABLE medaudit_work.identity (
	person_id text, name text, number text, sex text, birth_date date, problem text,
	number_sex text, number_birth_date date, year int, of_person bool, first_at timestamp,
	last_at timestamp, newborn bool
);
COMMENT ON TABLE medaudit_work.identity IS '身份: the persons in number who have visits in the run, by calendar year of these';

CREATE UNLOGGED TABLE medaudit_work.suspect (
	n bigint GENERATED ALWAYS AS IDENTITY, person_ids text[], year int, content text,
	evidence jsonb, evidence_text text
);
COMMENT ON SEQUENCE medaudit_work.suspect_n_seq IS '可疑身份序号: numbers the suspects';
COMMENT ON TABLE medaudit_work.suspect IS '可疑身份: persons whom a rule about identity met';

CREATE UNLOGGED TABLE medaudit_work.dead (
	visit_id text, person_id text, facility_id text, admitted_at timestamp,
	discharged_at timestamp, total_amount numeric, death_date date
);
COMMENT ON TABLE medaudit_work.dead IS '死亡人员: judged visits of persons with a date of death';

CREATE UNLOGGED TABLE medaudit_work.dead_line (visit_id text, item_code text, item_name text);
COMMENT ON TABLE medaudit_work.dead_line IS '死亡人员收费: names of what was charged in these visits';

CREATE UNLOGGED TABLE medaudit_work.incomplete_line (visit_id text, item_code text, charged_at timestamp, amount numeric, judged bool);
COMMENT ON TABLE medaudit_work.incomplete_line IS '缺项明细: lines of judged visits, and of those taken back, that lack something that is required';

CREATE UNLOGGED TABLE medaudit_work.charged_item (item_code text, lines bigint);
COMMENT ON TABLE medaudit_work.charged_item IS '收费项目: what was charged in the judged visits';

CREATE UNLOGGED TABLE medaudit_work.code (item_code text, unlisted bool, unmapped bool, unruled bool);
COMMENT ON TABLE medaudit_work.code IS '编码判断: codes in which no rule can find anything';

CREATE UNLOGGED TABLE medaudit_work.unjudged (
	visit_id text, line_id text, item_code text, charged_at timestamp
);
COMMENT ON TABLE medaudit_work.unjudged IS '无法判断明细: lines that some rule could not judge';
