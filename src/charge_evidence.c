/*
 * charge_evidence.c
 *		Why a line is in excess, so that a person can redo the arithmetic.
 *
 * One shape for all kinds: {"limit", "window": [from, to], "partners": [...],
 * "formula", "missing": [...], "doubt": [...]}, as far as each applies.  The JSON is written as
 * text and read by jsonb's own input, once per row of the answer.  Dates and
 * times are ISO 8601 whatever DateStyle says.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "charge_audit.h"

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
append_time(StringInfo out, Timestamp at, bool date_only)
{
	char		buffer[MAXDATELEN + 1];

	if (date_only)
		JsonEncodeDateTime(buffer, DateADTGetDatum(day_of_timestamp(at)), DATEOID, NULL);
	else
		JsonEncodeDateTime(buffer, TimestampGetDatum(at), TIMESTAMPOID, NULL);
	appendStringInfo(out, "\"%s\"", buffer);
}

/* Begins a key of the object. */
static void
append_key(StringInfo out, const char *key)
{
	if (out->len > 1)
		appendStringInfoString(out, ", ");
	appendStringInfo(out, "\"%s\": ", key);
}

static void
append_partner(StringInfo out, const ChargeAudit *audit, int32 number)
{
	const LedgerLine *line = audit_line(audit, number);
	TextSpan	visit = audit->ledger->visits[line->visit];

	appendStringInfoChar(out, '{');
	if (line->line_id.data != NULL)
	{
		appendStringInfoString(out, "\"line_id\": ");
		append_text(out, line->line_id);
		appendStringInfoString(out, ", ");
	}
	if (visit.data != NULL)
	{
		appendStringInfoString(out, "\"visit_id\": ");
		append_text(out, visit);
		appendStringInfoString(out, ", ");
	}
	appendStringInfoString(out, "\"item_code\": ");
	append_text(out, audit->ledger->items[line->item]);
	appendStringInfoString(out, ", \"charged_at\": ");
	append_time(out, line->charged_at, false);
	appendStringInfoString(out, ", \"quantity\": ");
	append_quantity(out, line->left_quantity);
	appendStringInfoString(out, ", \"amount\": ");
	append_money(out, line->left_amount);
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

/* A number; of a kind that judges conditions, what its row asks of a visit. */
static void
append_limit(StringInfo out, const ChargeAudit *audit, const Excess *excess, RuleKind kind)
{
	bool		conditions = kind == RULE_RESTRICTION || kind == RULE_DIAGNOSIS;

	if (!conditions && excess->limit == FIXED_NULL)
		return;
	append_key(out, "limit");
	if (conditions)
		appendStringInfoString(out, rule_conditions_to_json(audit->book, audit_row(audit, excess->row)));
	else if (limit_is_money(kind))
		append_money(out, excess->limit);
	else
		append_quantity(out, excess->limit);
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

static void
say_bed_days(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	int64		daily = audit_row(audit, excess->row)->max_quantity;

	append_quantity(out, daily);
	appendStringInfo(out, " * " INT64_FORMAT " %s; ", daily == 0 ? 0 : excess->limit / daily,
					 audit_row(audit, excess->row)->scope == SCOPE_BED_DAY ? "days" : "nights");
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

/* Which conditions failed, and what the visit had instead. */
static void
say_failed(StringInfo out, const ChargeAudit *audit, const Excess *excess)
{
	const VisitContext *visit = audit_context(unconstify(ChargeAudit *, audit), excess->visit);
	const char *between = "";
	TextSpan	diagnosis = {NULL, 0};

	if (audit->book->rules[excess->rule].kind == RULE_DIAGNOSIS &&
		diagnoses_meet(visit, audit->book, audit_row(audit, excess->row)->diagnosis_prefixes, &diagnosis))
		appendStringInfo(out, "diagnosis %.*s with ", diagnosis.length, diagnosis.data);
	for (int bit = 0; bit < NEEDS_COUNT; bit++)
	{
		TextSpan	known = {NULL, 0};

		if (!(excess->failed & (1U << bit)))
			continue;
		appendStringInfo(out, "%s%s", between, needs_names[bit]);
		between = ", ";
		switch (1 << bit)
		{
			case NEEDS_SEX:
				appendStringInfo(out, " %d", visit->sex);
				break;
			case NEEDS_BIRTH_DATE:
				{
					char		buffer[MAXDATELEN + 1];

					JsonEncodeDateTime(buffer, DateADTGetDatum(visit->birth_date), DATEOID, NULL);
					appendStringInfo(out, " %s", buffer);
					break;
				}
			case NEEDS_FACILITY_RANK:
				appendStringInfo(out, " %d", visit->facility_rank);
				break;
			case NEEDS_VISIT_TYPE:
				known = visit->visit_type;
				break;
			case NEEDS_INSURANCE_TYPE:
				known = visit->insurance_type;
				break;
			case NEEDS_DEPARTMENT:
				known = excess->line < 0 ? visit->department :
					department_of_line(visit, audit_line(audit, excess->line)->line_id);
				break;
			case NEEDS_DIAGNOSES:
				appendStringInfoString(out, " without the required one");
				break;
		}
		if (known.data != NULL)
			appendStringInfo(out, " %.*s", known.length, known.data);
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
	const LedgerLine *line = excess->line < 0 ? NULL : audit_line(audit, excess->line);

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
			say_failed(out, audit, excess);
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
		case RULE_PACKAGE:
			say_package(out, line, excess);
			break;
	}
}

/* The evidence of one record as jsonb, in CurrentMemoryContext. */
Datum
evidence_of(const ChargeAudit *audit, const Excess *excess)
{
	RuleKind	kind = (RuleKind) audit->book->rules[excess->rule].kind;
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	append_limit(&out, audit, excess, kind);
	append_window(&out, audit, excess);
	append_partners(&out, audit, excess);
	if (excess->insufficient)
		append_names(&out, "missing", needs_names, NEEDS_COUNT, excess->missing);
	else
	{
		StringInfoData formula;

		initStringInfo(&formula);
		say_formula(&formula, audit, excess, kind);
		append_key(&out, "formula");
		escape_json(&out, formula.data);
	}
	if (excess->doubt != 0)
		append_names(&out, "doubt", doubt_names, DOUBT_COUNT, excess->doubt);
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}
