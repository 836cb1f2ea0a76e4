/*
 * charge_evidence.c
 *		Why a line is in excess, so that a person can redo the arithmetic.
 *
 * One shape for all kinds: {"limit", "unit", "scope", "window": [from, to],
 * "required": {...}, "partners": [...], "formula", "missing": [...],
 * "doubt": [...]} and the facts of the kind, as far as each applies.  Sentences
 * are written from these facts and from nothing else; the formula is for a
 * reader, nobody parses it.
 *
 * The JSON is written as text and read by jsonb's own input, once per row of
 * the answer.  Dates and times are ISO 8601 whatever DateStyle says, and lists
 * are in an order of their own, whatever order they were given in.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "base/sort.h"
#include "charge/charge.h"

static const char *const needs_names[NEEDS_COUNT] = {
	"sex", "birth_date", "facility_rank", "visit_type", "insurance_type", "department",
	"admitted_at", "discharged_at", "diagnosis_codes", "time of day", "full price", "facility_id"
};

static const char *const doubt_names[DOUBT_COUNT] = {
	"other_facility", "other_session", "posted_late", "newborn_on_mother", "exclusions_unknown"
};

static void
append_number(StringInfo out, Numeric number)
{
	appendStringInfoString(out, DatumGetCString(DirectFunctionCall1(numeric_out,
																	NumericGetDatum(number))));
}

static void
append_money(StringInfo out, int64 value)
{
	append_number(out, fixed_to_money(value));
}

static void
append_quantity(StringInfo out, int64 value)
{
	append_number(out, fixed_to_quantity(value));
}

static void
append_text(StringInfo out, TextSpan span)
{
	escape_json(out, pnstrdup(span.data, span.length));
}

static void
append_texts(StringInfo out, const TextSpan *spans, int count)
{
	appendStringInfoChar(out, '[');
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoString(out, ", ");
		append_text(out, spans[i]);
	}
	appendStringInfoChar(out, ']');
}

static void
append_time(StringInfo out, Timestamp at, bool date_only)
{
	char		buffer[MAXDATELEN + 1];

	if (date_only)
		JsonEncodeDateTime(buffer, DateADTGetDatum(day_of_timestamp(at)), DATEOID, NULL);
	else
		JsonEncodeDateTime(buffer, TimestampGetDatum(at), TIMESTAMPOID, NULL);
	appendStringInfo(out, "\"%s\"", buffer);
}

/* Begins a key of an object, which ends with its bracket or its last value. */
static void
append_key(StringInfo out, const char *key)
{
	if (out->data[out->len - 1] != '{')
		appendStringInfoString(out, ", ");
	appendStringInfo(out, "\"%s\": ", key);
}

/* Nothing for a text that is not known. */
static void
append_key_text(StringInfo out, const char *key, TextSpan span)
{
	if (span.data == NULL)
		return;
	append_key(out, key);
	append_text(out, span);
}

static void
append_key_money(StringInfo out, const char *key, int64 value)
{
	append_key(out, key);
	append_money(out, value);
}

static void
append_key_quantity(StringInfo out, const char *key, int64 value)
{
	append_key(out, key);
	append_quantity(out, value);
}

static void
append_key_count(StringInfo out, const char *key, int64 count)
{
	append_key(out, key);
	appendStringInfo(out, INT64_FORMAT, count);
}

static const VisitContext *
visit_of(const ChargeAudit *audit, int32 visit)
{
	return audit_context(unconstify(ChargeAudit *, audit), visit);
}

static void
append_partner(StringInfo out, const ChargeAudit *audit, int32 number)
{
	const LedgerLine *line = audit_line(audit, number);

	appendStringInfoChar(out, '{');
	append_key_text(out, "line_id", line->line_id);
	append_key_text(out, "visit_id", audit->ledger->visits[line->visit]);
	append_key_text(out, "facility_id", visit_of(audit, line->visit)->facility_id);
	append_key_text(out, "item_code", audit_line_code(audit, number));
	append_key(out, "charged_at");
	append_time(out, line->charged_at, false);
	append_key_quantity(out, "quantity", line->left_quantity);
	append_key_money(out, "amount", line->left_amount);
	appendStringInfoChar(out, '}');
}

static void
append_partners(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	if (excess->partner_count == 0)
		return;
	append_key(out, "partners");
	appendStringInfoChar(out, '[');
	for (int i = 0; i < excess->partner_count; i++)
	{
		if (i > 0)
			appendStringInfoString(out, ", ");
		append_partner(out, audit, excess->partners[i]);
	}
	appendStringInfoChar(out, ']');
}

/* Where not all partners are told: the other visits that they are of. */
static void
append_visits(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	TextSpan   *tags;
	int			count = 0;

	if (excess->visit_count == 0)
		return;
	tags = (TextSpan *) palloc(mul_size(excess->visit_count, sizeof(TextSpan)));
	for (int i = 0; i < excess->visit_count; i++)
		if (audit->ledger->visits[excess->visits[i]].data != NULL)
			tags[count++] = audit->ledger->visits[excess->visits[i]];
	append_key(out, "visits");
	append_texts(out, tags, count);
}

/* An array of those of NAMES whose bit is set. */
static void
append_names(StringInfo out, const char *key, const char *const *names, int count, uint32 bits)
{
	const char *between = "";

	append_key(out, key);
	appendStringInfoChar(out, '[');
	for (int bit = 0; bit < count; bit++)
		if (bits & (1U << bit))
		{
			appendStringInfo(out, "%s\"%s\"", between, names[bit]);
			between = ", ";
		}
	appendStringInfoChar(out, ']');
}

/* Are the kind's windows told in days?  Then midnight is no news. */
static bool
window_is_in_days(const ChargeAudit *audit, const Excess *excess)
{
	if (excess->row == RULE_NONE)
		return true;
	return !scope_is_fine((RuleScope) audit_row(audit, excess->row)->scope) &&
		audit->book->rules[excess->rule].kind != RULE_RESETTLED;
}

static void
append_window(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	bool		days = window_is_in_days(audit, excess);

	if (!excess->has_window ||
		(excess->window.from == PG_INT64_MIN && excess->window.to == PG_INT64_MAX))
		return;
	append_key(out, "window");
	appendStringInfoChar(out, '[');
	if (excess->window.from == PG_INT64_MIN)
		appendStringInfoString(out, "null");
	else
		append_time(out, excess->window.from, days);
	appendStringInfoString(out, ", ");
	if (excess->window.to == PG_INT64_MAX)
		appendStringInfoString(out, "null");
	else
		append_time(out, excess->window.to, days);
	appendStringInfoChar(out, ']');
}

/* Is the limit money? */
static bool
limit_is_money(RuleKind kind)
{
	return kind == RULE_AMOUNT || kind == RULE_PRICE || kind == RULE_SECONDARY ||
		kind == RULE_PACKAGE;
}

static void
append_limit(StringInfo out, const Excess *excess, RuleKind kind)
{
	if (excess->limit == FIXED_NULL)
		return;
	if (limit_is_money(kind))
		append_key_money(out, "limit", excess->limit);
	else
		append_key_quantity(out, "limit", excess->limit);
}

/* What the rule row asks of a visit: unit, scope and conditions, and its note. */
static void
append_row(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	const RuleRow *row;
	char	   *conditions;

	if (excess->row == RULE_NONE)
		return;
	row = audit_row(audit, excess->row);
	append_key_text(out, "unit", rule_text(audit->book, row->unit));
	if (row->scope != SCOPE_NONE)
	{
		append_key(out, "scope");
		escape_json(out, rule_scope_name(row->scope, row->scope_length));
	}
	conditions = rule_conditions_to_json(audit->book, row);
	if (strcmp(conditions, "{}") != 0)
	{
		append_key(out, "required");
		appendStringInfoString(out, conditions);
	}
	append_key_text(out, "note", rule_text(audit->book, row->note));
}

/* The visit with its diagnoses in an order of their own. */
static VisitContext
visit_in_order(const VisitContext *visit)
{
	VisitContext ordered = *visit;
	int			count = context_diagnoses(visit);

	if (count <= 0)
		return ordered;
	ordered.diagnoses = (TextSpan *) palloc(mul_size(count, sizeof(TextSpan)));
	memcpy(ordered.diagnoses, visit->diagnoses, count * sizeof(TextSpan));
	ordered.diagnosis_count = distinct_texts(ordered.diagnoses, count);
	return ordered;
}

/* What the visit had where a condition failed: one of the NEEDS_ bits. */
static void
append_known(StringInfo out, const ChargeAudit *audit, const Excess *excess, uint32 need)
{
	VisitContext visit = visit_in_order(visit_of(audit, excess->visit));

	switch (need)
	{
		case NEEDS_SEX:
			appendStringInfo(out, "\"%d\"", visit.sex);
			break;
		case NEEDS_BIRTH_DATE:
			append_time(out, midnight_of_day(visit.birth_date), true);
			break;
		case NEEDS_FACILITY_RANK:
			appendStringInfo(out, "%d", visit.facility_rank);
			break;
		case NEEDS_VISIT_TYPE:
			append_text(out, visit.visit_type);
			break;
		case NEEDS_INSURANCE_TYPE:
			append_text(out, visit.insurance_type);
			break;
		case NEEDS_DEPARTMENT:
			append_text(out, excess->line < 0 ? visit.department :
						department_of_line(&visit, audit_line(audit, excess->line)->line_id));
			break;
		case NEEDS_DIAGNOSES:
			append_texts(out, visit.diagnoses, visit.diagnosis_count);
			break;
		default:
			appendStringInfoString(out, "null");
	}
}

static void
append_failed(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	if (excess->failed == 0)
		return;
	append_key(out, "failed");
	appendStringInfoChar(out, '{');
	for (int bit = 0; bit < NEEDS_COUNT; bit++)
		if (excess->failed & (1U << bit))
		{
			append_key(out, needs_names[bit]);
			append_known(out, audit, excess, 1U << bit);
		}
	appendStringInfoChar(out, '}');
}

/* The diagnosis that the row speaks of; of several the least. */
static void
append_diagnosis(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	VisitContext visit = visit_in_order(visit_of(audit, excess->visit));
	TextSpan	diagnosis = {NULL, 0};

	(void) diagnoses_meet(&visit, audit->book, audit_row(audit, excess->row)->diagnosis_prefixes,
						  &diagnosis);
	append_key_text(out, "diagnosis", diagnosis);
}

/* The times of a stay, where one of them is known. */
static void
append_times(StringInfo out, const char *key, Timestamp from, Timestamp to)
{
	if (from == DT_NOBEGIN && to == DT_NOBEGIN)
		return;
	append_key(out, key);
	appendStringInfoChar(out, '[');
	if (from == DT_NOBEGIN)
		appendStringInfoString(out, "null");
	else
		append_time(out, from, false);
	appendStringInfoString(out, ", ");
	if (to == DT_NOBEGIN)
		appendStringInfoString(out, "null");
	else
		append_time(out, to, false);
	appendStringInfoChar(out, ']');
}

/* Does a cap of the stay hold for the visit by the part of it that the visit is? */
static bool
is_capped_part(const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	return (kind == RULE_PER_BED_DAY || excess->of_stay) && audit->stays != NULL &&
		audit->stays[excess->visit].is_part;
}

/* Admission and discharge; of a part that is capped its own, and those of the whole. */
static void
append_stay(StringInfo out, const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	const VisitContext *visit = visit_of(audit, excess->visit);
	bool		is_part = is_capped_part(audit, excess, kind);

	if (is_part)
		append_times(out, "stay", visit->part_from, visit->part_to);
	append_times(out, is_part ? "whole_stay" : "stay", visit->admitted_at, visit->discharged_at);
}

/* Do its dates decide, or leave it in doubt? */
static bool
rests_on_stay(const Excess *excess, RuleKind kind)
{
	return kind == RULE_OUTSIDE_STAY || kind == RULE_PER_BED_DAY || excess->of_stay ||
		(excess->doubt & DOUBT_POSTED_LATE) ||
		(excess->missing & (NEEDS_ADMITTED_AT | NEEDS_DISCHARGED_AT));
}

/* What one unit of the line cost, to four decimals. */
static void
append_unit_price(StringInfo out, const LedgerLine *line)
{
	append_key_money(out, "unit_price", fixed_part(line->left_amount, FIXED_ONE, line->left_quantity));
}

static void
append_secondary(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	const RuleRow *row = audit_row(audit, excess->row);

	append_unit_price(out, audit_line(audit, excess->line));
	append_key_money(out, "full_price", row->max_price);
	append_key_quantity(out, "ratio", row->ratio);
	append_key_quantity(out, "units", excess->units);
}

/* What was counted before the line, and what was charged in all. */
static void
append_cap(StringInfo out, const Excess *excess, RuleKind kind)
{
	void		(*number) (StringInfo, const char *, int64) =
	limit_is_money(kind) ? append_key_money : append_key_quantity;

	if (excess->of_stay)
		append_key_count(out, excess->stay_in_hours ? "hours" : "days", excess->units);
	if (excess->rest > 0)
		number(out, "rest", excess->rest);
	number(out, "counted", excess->before);
	if (excess->total != FIXED_NULL)
		number(out, "total", excess->total);
}

/* Days or nights of the stay that a per_bed_day row multiplies with. */
static int64
bed_days_counted(const ChargeAudit *audit, const Excess *excess)
{
	int64		daily = audit_row(audit, excess->row)->max_quantity;

	return daily == 0 ? 0 : (excess->limit - excess->rest) / daily;
}

static void
append_bed_days(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	append_key_count(out, "days", bed_days_counted(audit, excess));
	append_cap(out, excess, RULE_PER_BED_DAY);
}

/* The codes of which a prerequisite wants one: rows of one set stand together. */
static void
append_other_codes(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	const Rulebook *book = audit->book;
	uint32		set = audit_row(audit, excess->row)->set;
	uint32		first = excess->row;
	uint32		last = excess->row;
	TextSpan   *codes;
	int			count = 0;

	while (first > 0 && book->rows[first - 1].set == set)
		first--;
	while (last + 1 < book->row_count && book->rows[last + 1].set == set)
		last++;
	codes = (TextSpan *) palloc(mul_size(last - first + 1, sizeof(TextSpan)));
	for (uint32 i = first; i <= last; i++)
		codes[count++] = code_shown(rule_text(book, book->rows[i].other_code));
	count = distinct_texts(codes, count);
	append_key(out, "other_codes");
	append_texts(out, codes, Min(count, EVIDENCE_PARTNERS));
}

static void
append_package(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	const RulePackage *package = &audit->book->packages[excess->package];

	append_key_text(out, "package", code_shown(rule_text(audit->book, package->package_code)));
	append_key(out, "mode");
	appendStringInfoString(out, excess->units == 0 ? "\"beside\"" : "\"instead\"");
	if (excess->units > 0)
		append_key_count(out, "times", excess->units);
	append_key_count(out, "parts", excess->parts);
	append_key_money(out, "total", excess->before);
}

/* The facts of the kind, beside those that all kinds share. */
static void
append_facts(StringInfo out, const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	switch (kind)
	{
		case RULE_QUANTITY:
		case RULE_AMOUNT:
			append_cap(out, excess, kind);
			break;
		case RULE_PER_BED_DAY:
			append_bed_days(out, audit, excess);
			break;
		case RULE_PRICE:
			append_unit_price(out, audit_line(audit, excess->line));
			break;
		case RULE_SECONDARY:
			append_secondary(out, audit, excess);
			break;
		case RULE_RESTRICTION:
			append_failed(out, audit, excess);
			break;
		case RULE_DIAGNOSIS:
			append_diagnosis(out, audit, excess);
			append_failed(out, audit, excess);
			break;
		case RULE_COURSE:
			append_key_count(out, "days", excess->units);
			break;
		case RULE_PREREQUISITE:
			append_other_codes(out, audit, excess);
			break;
		case RULE_PACKAGE:
			append_package(out, audit, excess);
			break;
		case RULE_NOT_PAYABLE:
			append_key_money(out, "claimed", audit_line(audit, excess->line)->left_claimed);
			break;
		case RULE_DUPLICATE:
		case RULE_EXCLUSIVE:
		case RULE_OUTSIDE_STAY:
		case RULE_RESETTLED:
			break;
	}
}

/* amount * part / whole, where the excess is a part of the quantity */
static void
say_part(StringInfo out, const LedgerLine *line, const Excess *excess)
{
	append_money(out, line->left_amount);
	appendStringInfoString(out, " * ");
	append_quantity(out, excess->part);
	appendStringInfoString(out, " / ");
	append_quantity(out, excess->whole);
}

static void
say_cap(StringInfo out, const LedgerLine *line, const Excess *excess, bool money)
{
	void		(*number) (StringInfo, int64) = money ? append_money : append_quantity;

	number(out, excess->before);
	appendStringInfoString(out, " + ");
	number(out, money ? line->left_amount : line->left_quantity);
	appendStringInfoString(out, " - ");
	number(out, excess->limit);
	appendStringInfoString(out, " -> ");
	number(out, excess->part);
	if (!money)
	{
		appendStringInfoString(out, "; ");
		say_part(out, line, excess);
	}
}

/* What other numbers of the stay have left. */
static void
say_rest(StringInfo out, const Excess *excess, bool money)
{
	if (excess->rest > 0)
	{
		appendStringInfoString(out, "+ ");
		if (money)
			append_money(out, excess->rest);
		else
			append_quantity(out, excess->rest);
		appendStringInfoString(out, " left by other numbers; ");
	}
}

/* Cap times dates or hours of the stay, or no more than its hours. */
static void
say_stay(StringInfo out, const ChargeAudit *audit, const Excess *excess, bool money)
{
	const RuleRow *row = audit_row(audit, excess->row);
	int64		cap = money ? row->max_amount : row->max_quantity;

	if (row->scope == SCOPE_HOUR || !excess->stay_in_hours)
	{
		if (money)
			append_money(out, cap);
		else
			append_quantity(out, cap);
		appendStringInfoString(out, " * ");
	}
	appendStringInfo(out, INT64_FORMAT " %s; ", excess->units, excess->stay_in_hours ? "hours" : "days");
	say_rest(out, excess, money);
}

static void
say_bed_days(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	append_quantity(out, audit_row(audit, excess->row)->max_quantity);
	appendStringInfo(out, " * " INT64_FORMAT " %s; ", bed_days_counted(audit, excess),
					 audit_row(audit, excess->row)->scope == SCOPE_BED_DAY ? "days" : "nights");
	say_rest(out, excess, false);
}

static void
say_secondary(StringInfo out, const ChargeAudit *audit, const LedgerLine *line,
			  const Excess *excess)
{
	const RuleRow *row = audit_row(audit, excess->row);

	append_money(out, line->left_amount);
	if (excess->units != line->left_quantity)
	{
		appendStringInfoString(out, " * ");
		append_quantity(out, excess->units);
		appendStringInfoString(out, " / ");
		append_quantity(out, line->left_quantity);
	}
	appendStringInfoString(out, " - ");
	append_quantity(out, excess->units);
	appendStringInfoString(out, " * ");
	append_quantity(out, row->ratio);
	appendStringInfoString(out, " * ");
	append_money(out, row->max_price);
}

static void
say_package(StringInfo out, const LedgerLine *line, const Excess *excess)
{
	append_money(out, excess->before);
	if (excess->units > 0)
	{
		appendStringInfo(out, " - " INT64_FORMAT " * ", excess->units);
		append_money(out, excess->limit);
		appendStringInfoString(out, " = ");
		append_money(out, excess->part);
	}
	else
		appendStringInfoString(out, " beside the package");
	appendStringInfoString(out, "; of it ");
	append_money(out, line->left_amount);
	appendStringInfoString(out, " / ");
	append_money(out, excess->whole);
}

static void
say_failed(StringInfo out, const Excess *excess)
{
	const char *between = "";

	for (int bit = 0; bit < NEEDS_COUNT; bit++)
		if (excess->failed & (1U << bit))
		{
			appendStringInfo(out, "%s%s", between, needs_names[bit]);
			between = ", ";
		}
	appendStringInfoString(out, ": condition fails");
}

static void
say_whole(StringInfo out, const LedgerLine *line, const char *why)
{
	appendStringInfoString(out, why);
	appendStringInfoString(out, ": whole line ");
	append_money(out, line->left_amount);
}

static void
say_price(StringInfo out, const LedgerLine *line, const Excess *excess)
{
	append_money(out, line->left_amount);
	appendStringInfoString(out, " - ");
	append_quantity(out, line->left_quantity);
	appendStringInfoString(out, " * ");
	append_money(out, excess->limit);
}

static void
say_formula(StringInfo out, const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	const LedgerLine *line;

	if (excess->line < 0)
	{
		/* of a visit as a whole something was asked that it is not */
		say_failed(out, excess);
		return;
	}
	line = audit_line(audit, excess->line);
	switch (kind)
	{
		case RULE_DUPLICATE:
			say_whole(out, line, "same item, quantity and amount as the partner");
			break;
		case RULE_EXCLUSIVE:
			say_whole(out, line, "charged beside the partner");
			break;
		case RULE_PER_BED_DAY:
			say_bed_days(out, audit, excess);
			say_cap(out, line, excess, false);
			break;
		case RULE_QUANTITY:
		case RULE_AMOUNT:
			if (excess->of_stay)
				say_stay(out, audit, excess, kind == RULE_AMOUNT);
			say_cap(out, line, excess, kind == RULE_AMOUNT);
			break;
		case RULE_PRICE:
			say_price(out, line, excess);
			break;
		case RULE_SECONDARY:
			say_secondary(out, audit, line, excess);
			break;
		case RULE_RESTRICTION:
		case RULE_DIAGNOSIS:
			say_failed(out, excess);
			break;
		case RULE_COURSE:
			appendStringInfo(out, "day " INT64_FORMAT " > %d", excess->units,
							 audit_row(audit, excess->row)->max_days);
			break;
		case RULE_PREREQUISITE:
			say_whole(out, line, "without the required item");
			break;
		case RULE_OUTSIDE_STAY:
			say_whole(out, line, "charged outside the window");
			break;
		case RULE_RESETTLED:
			say_whole(out, line, "the partner's item, time, quantity and amount under a later visit");
			break;
		case RULE_NOT_PAYABLE:
			say_whole(out, line, "claimed, though not payable");
			break;
		case RULE_PACKAGE:
			say_package(out, line, excess);
			break;
	}
}

/* Reads what evidence asks of visits, in memory that outlives its row. */
void
evidence_prepare(ChargeAudit *audit, const Excess *excess)
{
	(void) context_diagnoses(audit_context(audit, excess->visit));
	for (int i = 0; i < excess->partner_count; i++)
		(void) audit_context(audit, audit_line(audit, excess->partners[i])->visit);
}

static void
append_formula(StringInfo out, const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	StringInfoData formula;

	initStringInfo(&formula);
	say_formula(&formula, audit, excess, kind);
	append_key(out, "formula");
	escape_json(out, formula.data);
}

/* The evidence of one record as jsonb, in CurrentMemoryContext. */
Datum
evidence_of(const ChargeAudit *audit, const Excess *excess)
{
	RuleKind	kind = (RuleKind) audit->book->rules[excess->rule].kind;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	append_limit(&out, excess, kind);
	append_row(&out, audit, excess);
	append_window(&out, audit, excess);
	append_partners(&out, audit, excess);
	append_visits(&out, audit, excess);
	if (rests_on_stay(excess, kind))
		append_stay(&out, audit, excess, kind);
	if (excess->insufficient)
		append_names(&out, "missing", needs_names, NEEDS_COUNT, excess->missing);
	else
	{
		append_facts(&out, audit, excess, kind);
		append_formula(&out, audit, excess, kind);
	}
	if (excess->doubt != 0)
		append_names(&out, "doubt", doubt_names, DOUBT_COUNT, excess->doubt);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}
