/*
 * charge_rules.c
 *		audit_charges and its sums: the SQL side of the charge audit.
 *
 * Each function comes with the rulebook as its last argument, or without it and
 * then compiles the enabled rules once per statement.  A call that finds nothing
 * builds no row store and no evidence.
 *
 * Cost: charge_audit.c; plus a few microseconds per row of the answer.
 */
#include "postgres.h"
#include "base/compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/rows.h"
#include "charge/charge.h"

typedef RulebookCache *(*OpenRules) (FunctionCallInfo fcinfo, int argument);

/* ---- audit_charges ---- */

enum
{
	COLUMN_RULE_CODE,
	COLUMN_VISIT_ID,
	COLUMN_ITEM_CODE,
	COLUMN_OTHER_CODE,
	COLUMN_OTHER_VISIT_ID,
	COLUMN_CHARGED_AT,
	COLUMN_LINE_ID,
	COLUMN_QUANTITY,
	COLUMN_AMOUNT,
	COLUMN_EXCESS_QUANTITY,
	COLUMN_EXCESS_AMOUNT,
	COLUMN_EXCESS_CLAIMED,
	COLUMN_OUTCOME,
	COLUMN_EVIDENCE,
	COLUMN_CERTAINTY,
	COLUMNS
};

typedef struct ChargeRow
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
} ChargeRow;

static void
set_text(ChargeRow *row, int column, TextSpan span)
{
	row->nulls[column] = span.data == NULL;
	if (span.data != NULL)
		row->values[column] = detector_text(span);
}

static void
set_number(ChargeRow *row, int column, Numeric number)
{
	row->nulls[column] = false;
	row->values[column] = NumericGetDatum(number);
}

/* The other code of a record: its partner's, its package's, or what it lacks. */
static TextSpan
other_code_of(const ChargeAudit *audit, const Excess *excess)
{
	RuleKind	kind = (RuleKind) audit->book->rules[excess->rule].kind;
	TextSpan	none = {NULL, 0};

	if (excess->package != RULE_NONE)
		return code_shown(rule_text(audit->book, audit->book->packages[excess->package].package_code));
	if (kind == RULE_PREREQUISITE)
		return code_shown(rule_text(audit->book, audit_row(audit, excess->row)->other_code));
	if ((kind == RULE_EXCLUSIVE || kind == RULE_SECONDARY) && excess->partner >= 0)
		return audit_line_code(audit, excess->partner);
	return none;
}

/* Kept lines of a visit: what a finding about the whole visit involves; rules over visits have all lines read. */
static int64
visit_net_amount(const Ledger *ledger, int32 visit)
{
	int64		sum = 0;

	for (int32 run = first_run_of_visit(ledger, visit);
		 run < ledger->run_count && ledger->runs[run].visit == visit; run++)
		for (int32 i = 0; i < ledger->runs[run].count; i++)
		{
			const LedgerLine *line = &ledger->lines[ledger->runs[run].first + i];

			if (line->status != LEDGER_ORPHAN)
				sum = fixed_add(sum, line->left_amount);
		}
	return sum;
}

static void
set_line(ChargeRow *row, const ChargeAudit *audit, const Excess *excess)
{
	const LedgerLine *line;

	if (excess->line < 0)
	{
		set_number(row, COLUMN_AMOUNT,
				   fixed_to_money(visit_net_amount(audit->ledger, excess->visit)));
		return;
	}
	line = audit_line(audit, excess->line);
	set_text(row, COLUMN_ITEM_CODE, audit_line_code(audit, excess->line));
	row->nulls[COLUMN_CHARGED_AT] = false;
	row->values[COLUMN_CHARGED_AT] = TimestampGetDatum(line->charged_at);
	set_text(row, COLUMN_LINE_ID, line->line_id);
	set_number(row, COLUMN_QUANTITY, fixed_to_quantity(line->left_quantity));
	set_number(row, COLUMN_AMOUNT, fixed_to_money(line->left_amount));
}

static void
set_excess(ChargeRow *row, const Excess *excess)
{
	if (excess->insufficient || excess->line < 0)
		return;
	if (excess->quantity != FIXED_NULL)
		set_number(row, COLUMN_EXCESS_QUANTITY, fixed_to_quantity(excess->quantity));
	set_number(row, COLUMN_EXCESS_AMOUNT, fixed_to_money(excess->gross));
	set_number(row, COLUMN_EXCESS_CLAIMED, fixed_to_money(excess->claimed));
}

static void
set_verdict(ChargeRow *row, const ChargeAudit *audit, const Excess *excess)
{
	row->nulls[COLUMN_OUTCOME] = row->nulls[COLUMN_EVIDENCE] = false;
	row->values[COLUMN_OUTCOME] = CStringGetTextDatum(excess->insufficient ? "insufficient" : "excess");
	row->values[COLUMN_EVIDENCE] = evidence_of(audit, excess);
	row->nulls[COLUMN_CERTAINTY] = excess->insufficient;
	if (!excess->insufficient)
		row->values[COLUMN_CERTAINTY] =
			CStringGetTextDatum(rule_certainty_name(certainty_of(audit, excess)));
}

static void
emit(DetectorRows *rows, ChargeAudit *audit, const Excess *excess)
{
	ChargeRow	row;

	detector_row_start(rows);
	memset(row.values, 0, sizeof(row.values));
	memset(row.nulls, true, sizeof(row.nulls));
	set_text(&row, COLUMN_RULE_CODE,
			 rule_text(audit->book, audit->book->rules[excess->rule].rule_code));
	set_text(&row, COLUMN_VISIT_ID, audit->ledger->visits[excess->visit]);
	set_text(&row, COLUMN_OTHER_CODE, other_code_of(audit, excess));
	if (excess->partner >= 0)
		set_text(&row, COLUMN_OTHER_VISIT_ID,
				 audit->ledger->visits[audit_line(audit, excess->partner)->visit]);
	set_line(&row, audit, excess);
	set_excess(&row, excess);
	set_verdict(&row, audit, excess);
	detector_row(rows, row.values, row.nulls);
}

/* The rulebook that argument RULES brings; where there are not so many, the enabled rules. */
static RulebookCache *
rules_of_call(FunctionCallInfo fcinfo, int rules)
{
	return rulebook_of_call(fcinfo, PG_NARGS() > rules ? rules : -1);
}

/* The enabled rules as the session keeps them, by the origin that argument RULES names. */
static RulebookCache *
rules_of_session(FunctionCallInfo fcinfo, int rules)
{
	if (PG_ARGISNULL(rules))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("origin must not be null")));
	return rulebook_of_session(fcinfo, text_to_cstring(PG_GETARG_TEXT_PP(rules)));
}

static Datum
audit_charges(FunctionCallInfo fcinfo, ReadContexts read_contexts, OpenRules open_rules, int rules)
{
	DetectorRows rows;
	ChargeAudit audit;

	detector_begin(&rows, fcinfo);
	if (!charge_audit_open(&audit, fcinfo, 0, open_rules(fcinfo, rules)))
		return detector_end(&rows);
	read_contexts(&audit.contexts, fcinfo, 1);
	audit.want_evidence = true;
	charge_audit_run(&audit);
	for (int i = 0; i < audit.answer_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		evidence_prepare(&audit, audit.answer[i]);
	}
	for (int i = 0; i < audit.answer_count; i++)
		emit(&rows, &audit, audit.answer[i]);
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(audit_charges_context);

/* One context for the whole book; NULL: nothing is known. */
Datum
audit_charges_context(PG_FUNCTION_ARGS)
{
	return audit_charges(fcinfo, context_source_composite, rules_of_call, 2);
}

PG_FUNCTION_INFO_V1(audit_charges_contexts);

/* Contexts by visit_id as a JSON object; visits not in it: nothing is known. */
Datum
audit_charges_contexts(PG_FUNCTION_ARGS)
{
	return audit_charges(fcinfo, context_source_jsonb, rules_of_call, 2);
}

PG_FUNCTION_INFO_V1(audit_charges_literal);

/* An untyped literal: NULL, or contexts by visit_id. */
Datum
audit_charges_literal(PG_FUNCTION_ARGS)
{
	return audit_charges(fcinfo, context_source_text, rules_of_call, 2);
}

PG_FUNCTION_INFO_V1(audit_charges_rows);

/* Visits, their contexts and the departments of their lines, then the rules. */
Datum
audit_charges_rows(PG_FUNCTION_ARGS)
{
	return audit_charges(fcinfo, context_source_rows, rules_of_call, 4);
}

PG_FUNCTION_INFO_V1(audit_charges_session);

/* The same by the enabled rules, which the session keeps by the name of their origin. */
Datum
audit_charges_session(PG_FUNCTION_ARGS)
{
	return audit_charges(fcinfo, context_source_rows, rules_of_session, 4);
}

/* ---- excess_by_rule ---- */

enum
{
	SUM_RULE_CODE,
	SUM_LINES,
	SUM_EXCESS_AMOUNT,
	SUM_EXCESS_CLAIMED,
	SUM_INSUFFICIENT,
	SUM_COLUMNS
};

/* Emits the sums of the records from FROM that are of one rule; returns their end. */
static int
emit_rule(DetectorRows *rows, const ChargeAudit *audit, int from)
{
	Datum		values[SUM_COLUMNS];
	bool		nulls[SUM_COLUMNS] = {false};
	uint32		rule = audit->answer[from]->rule;
	RuleSum		sum;
	int			to = sum_of_rule(audit, from, &sum);

	detector_row_start(rows);
	values[SUM_RULE_CODE] = detector_text(rule_text(audit->book, audit->book->rules[rule].rule_code));
	values[SUM_LINES] = Int32GetDatum((int32) sum.lines);
	values[SUM_EXCESS_AMOUNT] = NumericGetDatum(fixed_to_money(sum.gross));
	values[SUM_EXCESS_CLAIMED] = NumericGetDatum(fixed_to_money(sum.claimed));
	values[SUM_INSUFFICIENT] = Int32GetDatum((int32) sum.insufficient);
	detector_row(rows, values, nulls);
	return to;
}

static Datum
excess_by_rule(FunctionCallInfo fcinfo, ReadContexts read_contexts)
{
	DetectorRows rows;
	ChargeAudit audit;

	detector_begin(&rows, fcinfo);
	if (!charge_audit_open(&audit, fcinfo, 0, rules_of_call(fcinfo, 2)))
		return detector_end(&rows);
	read_contexts(&audit.contexts, fcinfo, 1);
	charge_audit_run(&audit);
	for (int i = 0; i < audit.answer_count;)
		i = emit_rule(&rows, &audit, i);
	return detector_end(&rows);
}

PG_FUNCTION_INFO_V1(excess_by_rule_context);

/* What audit_charges finds, summed per rule; contexts as there. */
Datum
excess_by_rule_context(PG_FUNCTION_ARGS)
{
	return excess_by_rule(fcinfo, context_source_composite);
}

PG_FUNCTION_INFO_V1(excess_by_rule_contexts);

Datum
excess_by_rule_contexts(PG_FUNCTION_ARGS)
{
	return excess_by_rule(fcinfo, context_source_jsonb);
}

PG_FUNCTION_INFO_V1(excess_by_rule_literal);

Datum
excess_by_rule_literal(PG_FUNCTION_ARGS)
{
	return excess_by_rule(fcinfo, context_source_text);
}

/* ---- excess_amount, excess_claimed ---- */

/* Each line once, at its highest excess. */
static int64
sum_of_highest(ChargeAudit *audit, bool claimed)
{
	int64	   *highest;
	int64		sum = 0;

	if (audit->answer_count == 0)
		return 0;
	highest = (int64 *) MemoryContextAllocExtended(CurrentMemoryContext,
												   mul_size(audit->ledger->line_count, sizeof(int64)),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < audit->answer_count; i++)
	{
		const Excess *excess = audit->answer[i];
		int64		value = claimed ? excess->claimed : excess->gross;

		if (excess->insufficient || excess->line < 0 || value <= highest[excess->line])
			continue;
		sum = fixed_add(sum, value - highest[excess->line]);
		highest[excess->line] = value;
	}
	return sum;
}

static Datum
excess_sum(FunctionCallInfo fcinfo, ReadContexts read_contexts, bool claimed)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit detector",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(scratch);
	ChargeAudit audit;
	int64		sum = 0;
	bool		judged = charge_audit_open(&audit, fcinfo, 0, rules_of_call(fcinfo, 2));

	if (judged)
	{
		read_contexts(&audit.contexts, fcinfo, 1);
		charge_audit_run(&audit);
		sum = sum_of_highest(&audit, claimed);
	}
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	if (!judged)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(fixed_to_money(sum));
}

PG_FUNCTION_INFO_V1(excess_amount_context);

/* Gross money in excess; NULL book gives NULL, NULL rules 22004. */
Datum
excess_amount_context(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_composite, false);
}

PG_FUNCTION_INFO_V1(excess_amount_contexts);

Datum
excess_amount_contexts(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_jsonb, false);
}

PG_FUNCTION_INFO_V1(excess_amount_literal);

Datum
excess_amount_literal(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_text, false);
}

PG_FUNCTION_INFO_V1(excess_claimed_context);

/* The same of what was claimed from the fund. */
Datum
excess_claimed_context(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_composite, true);
}

PG_FUNCTION_INFO_V1(excess_claimed_contexts);

Datum
excess_claimed_contexts(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_jsonb, true);
}

PG_FUNCTION_INFO_V1(excess_claimed_literal);

Datum
excess_claimed_literal(PG_FUNCTION_ARGS)
{
	return excess_sum(fcinfo, context_source_text, true);
}

/* ---- rule_coverage ---- */

/* Net amounts of the whole book and of the items that some rule looks at. */
static void
coverage_of(ChargeAudit *audit, int64 *covered, int64 *total)
{
	Ledger	   *ledger = audit->ledger;
	bool	   *is_covered = (bool *) MemoryContextAllocExtended(CurrentMemoryContext,
																 Max(ledger->item_count, 1),
																 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	*covered = *total = 0;
	charge_audit_match(audit);
	ledger_read_rest(ledger);
	for (int i = 0; i < audit->scratch->filed_count; i++)
		is_covered[audit->scratch->filed[i].item] = true;
	for (int kind = 0; kind < RULE_KINDS; kind++)
		for (int i = 0; i < audit->scratch->alone[kind].count; i++)
			is_covered[audit->scratch->alone[kind].list[i].item] = true;
	for (int32 i = 0; i < ledger->line_count; i++)
	{
		if (ledger->lines[i].status == LEDGER_ORPHAN)
			continue;
		*total = fixed_add(*total, ledger->lines[i].left_amount);
		if (is_covered[ledger->lines[i].item])
			*covered = fixed_add(*covered, ledger->lines[i].left_amount);
	}
}

PG_FUNCTION_INFO_V1(rule_coverage);

/* A share between 0 and 1; NULL for a NULL book or a net amount of 0. */
Datum
rule_coverage(PG_FUNCTION_ARGS)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "medaudit detector",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext outside = MemoryContextSwitchTo(scratch);
	ChargeAudit audit;
	int64		covered = 0;
	int64		total = 0;

	if (charge_audit_open(&audit, fcinfo, 0, rules_of_call(fcinfo, 1)))
		coverage_of(&audit, &covered, &total);
	MemoryContextSwitchTo(outside);
	MemoryContextDelete(scratch);
	if (total == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(DirectFunctionCall2(numeric_div, NumericGetDatum(fixed_to_money(covered)),
										NumericGetDatum(fixed_to_money(total))));
}
