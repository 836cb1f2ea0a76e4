/*
 * excess_totals.c
 *		What rules find in many books: excess_by_rule() added up over a group.
 *
 * Who tries a rule, or asks for a year by rule, wants a number for each rule and
 * no row for each visit.  The state is a sum per rule code, so that millions of
 * books take what a few hundred rules take, about 100 bytes each, and workers
 * send these sums alone.  Books are judged in a context that is emptied after
 * each and keeps its first block.
 *
 * Cost of a book: charge_audit.c, and a look-up for each rule that finds something.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "base/array.h"
#include "base/dictionary.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "charge/charge.h"

#define STATE_VERSION	1

/* A usual book is judged in the first block of its context. */
#define CALL_BYTES		(32 * 1024)

typedef struct RuleTotal
{
	int64		books;			/* in which it found something */
	RuleSum		sum;
} RuleTotal;

typedef struct ExcessTotals
{
	MemoryContext context;
	MemoryContext call;			/* of one book; NULL: none has come yet */
	Dictionary	rules;			/* by code */
	RuleTotal  *totals;			/* beside rules */
	int32		allocated;
} ExcessTotals;

static ExcessTotals *
totals_create(MemoryContext context)
{
	ExcessTotals *totals = (ExcessTotals *) MemoryContextAllocZero(context, sizeof(ExcessTotals));

	totals->context = context;
	dictionary_init_copying(&totals->rules, context);
	return totals;
}

static void
totals_add(ExcessTotals *totals, TextSpan rule_code, const RuleTotal *more)
{
	bool		is_new;
	int32		rule = dictionary_add(&totals->rules, rule_code, &is_new);
	RuleTotal  *total;

	if (is_new)
	{
		array_reserve_in(totals->context, totals->totals, totals->allocated, rule + 1);
		memset(&totals->totals[rule], 0, sizeof(RuleTotal));
	}
	total = &totals->totals[rule];
	total->books = fixed_add(total->books, more->books);
	total->sum.lines = fixed_add(total->sum.lines, more->sum.lines);
	total->sum.insufficient = fixed_add(total->sum.insufficient, more->sum.insufficient);
	total->sum.gross = fixed_add(total->sum.gross, more->sum.gross);
	total->sum.claimed = fixed_add(total->sum.claimed, more->sum.claimed);
}

/* Adds what the audit has found, rule by rule. */
static void
totals_add_audit(ExcessTotals *totals, const ChargeAudit *audit)
{
	for (int i = 0; i < audit->answer_count;)
	{
		uint32		rule = audit->answer[i]->rule;
		RuleTotal	more = {.books = 1};

		i = sum_of_rule(audit, i, &more.sum);
		totals_add(totals, rule_text(audit->book, audit->book->rules[rule].rule_code), &more);
	}
}

/* Judges the book that is argument 1 and adds what is found. */
static Datum
transition(FunctionCallInfo fcinfo, ReadContexts read_contexts)
{
	MemoryContext context = aggregate_context(fcinfo);
	ExcessTotals *totals = PG_ARGISNULL(0) ? totals_create(context) : (ExcessTotals *) PG_GETARG_POINTER(0);
	RulebookCache *cache = rulebook_of_call(fcinfo, PG_NARGS() > 3 ? 3 : -1);
	MemoryContext outside;
	ChargeAudit audit;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(totals);
	if (totals->call == NULL)
		totals->call = AllocSetContextCreate(context, "medaudit book of excess_totals", 0, CALL_BYTES,
											 ALLOCSET_DEFAULT_MAXSIZE);
	outside = MemoryContextSwitchTo(totals->call);
	charge_audit_open(&audit, fcinfo, 1, cache);
	read_contexts(&audit.contexts, fcinfo, 2);
	charge_audit_run(&audit);
	totals_add_audit(totals, &audit);
	MemoryContextSwitchTo(outside);
	MemoryContextReset(totals->call);
	PG_RETURN_POINTER(totals);
}

PG_FUNCTION_INFO_V1(excess_totals_context);

/* (state, book, context [, rules]): a NULL book adds nothing, NULL rules are 22004. */
Datum
excess_totals_context(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, context_source_composite);
}

PG_FUNCTION_INFO_V1(excess_totals_contexts);

/* The same with contexts by visit_id, a JSON object. */
Datum
excess_totals_contexts(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, context_source_jsonb);
}

PG_FUNCTION_INFO_V1(excess_totals_literal);

/* The same with an untyped literal: NULL, or contexts by visit_id. */
Datum
excess_totals_literal(PG_FUNCTION_ARGS)
{
	return transition(fcinfo, context_source_text);
}

PG_FUNCTION_INFO_V1(excess_totals_combine);

/* Adds the second state to the first; either may be missing. */
Datum
excess_totals_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ExcessTotals *totals;
	const ExcessTotals *other;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	totals = PG_ARGISNULL(0) ? totals_create(context) : (ExcessTotals *) PG_GETARG_POINTER(0);
	other = (const ExcessTotals *) PG_GETARG_POINTER(1);
	for (int32 i = 0; i < other->rules.count; i++)
		totals_add(totals, other->rules.spans[i], &other->totals[i]);
	PG_RETURN_POINTER(totals);
}

PG_FUNCTION_INFO_V1(excess_totals_serialize);

/* Codes and sums, for another process. */
Datum
excess_totals_serialize(PG_FUNCTION_ARGS)
{
	const ExcessTotals *totals = (const ExcessTotals *) PG_GETARG_POINTER(0);
	StringInfoData message;

	aggregate_context(fcinfo);
	pq_begintypsend(&message);
	pq_sendbyte(&message, STATE_VERSION);
	pq_sendint32(&message, totals->rules.count);
	for (int32 i = 0; i < totals->rules.count; i++)
	{
		const RuleTotal *total = &totals->totals[i];

		pq_sendint32(&message, totals->rules.spans[i].length);
		pq_sendbytes(&message, totals->rules.spans[i].data, totals->rules.spans[i].length);
		pq_sendint64(&message, total->books);
		pq_sendint64(&message, total->sum.lines);
		pq_sendint64(&message, total->sum.insufficient);
		pq_sendint64(&message, total->sum.gross);
		pq_sendint64(&message, total->sum.claimed);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

PG_FUNCTION_INFO_V1(excess_totals_deserialize);

/* What excess_totals_serialize() wrote. */
Datum
excess_totals_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	ExcessTotals *totals;
	StringInfoData message;
	int32		count;

	aggregate_context(fcinfo);
	totals = totals_create(CurrentMemoryContext);
	message.data = VARDATA_ANY(bytes);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(bytes);
	message.cursor = 0;
	if (pq_getmsgbyte(&message) != STATE_VERSION)
		elog(ERROR, "unexpected version of an excess_totals state");
	count = pq_getmsgint(&message, 4);
	for (int32 i = 0; i < count; i++)
	{
		TextSpan	code;
		RuleTotal	total;

		code.length = pq_getmsgint(&message, 4);
		code.data = pq_getmsgbytes(&message, code.length);
		total.books = pq_getmsgint64(&message);
		total.sum.lines = pq_getmsgint64(&message);
		total.sum.insufficient = pq_getmsgint64(&message);
		total.sum.gross = pq_getmsgint64(&message);
		total.sum.claimed = pq_getmsgint64(&message);
		totals_add(totals, code, &total);
	}
	PG_RETURN_POINTER(totals);
}

/* ---- the answer: an array of excess_total ---- */

enum
{
	TOTAL_RULE_CODE,
	TOTAL_BOOKS,
	TOTAL_LINES,
	TOTAL_EXCESS_AMOUNT,
	TOTAL_EXCESS_CLAIMED,
	TOTAL_INSUFFICIENT,
	TOTAL_COLUMNS
};

/* A rule of the answer. */
typedef struct TotalOfRule
{
	TextSpan	code;
	const RuleTotal *total;
} TotalOfRule;

static int
compare_codes(const void *a, const void *b)
{
	return text_span_compare(((const TotalOfRule *) a)->code, ((const TotalOfRule *) b)->code);
}

static Datum
make_total(TupleDesc desc, const TotalOfRule *rule)
{
	Datum		values[TOTAL_COLUMNS];
	bool		nulls[TOTAL_COLUMNS] = {false};

	values[TOTAL_RULE_CODE] = detector_text(rule->code);
	values[TOTAL_BOOKS] = Int64GetDatum(rule->total->books);
	values[TOTAL_LINES] = Int64GetDatum(rule->total->sum.lines);
	values[TOTAL_EXCESS_AMOUNT] = NumericGetDatum(fixed_to_money(rule->total->sum.gross));
	values[TOTAL_EXCESS_CLAIMED] = NumericGetDatum(fixed_to_money(rule->total->sum.claimed));
	values[TOTAL_INSUFFICIENT] = Int64GetDatum(rule->total->sum.insufficient);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

PG_FUNCTION_INFO_V1(excess_totals_final);

/* By rule_code; no rows give NULL, books in which nothing is found an empty array. */
Datum
excess_totals_final(PG_FUNCTION_ARGS)
{
	const ExcessTotals *totals;
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	TotalOfRule *rules;
	Datum	   *elements;
	TupleDesc	desc;

	aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	totals = (const ExcessTotals *) PG_GETARG_POINTER(0);
	rules = (TotalOfRule *) palloc(mul_size(Max(totals->rules.count, 1), sizeof(TotalOfRule)));
	elements = (Datum *) palloc(mul_size(Max(totals->rules.count, 1), sizeof(Datum)));
	for (int32 i = 0; i < totals->rules.count; i++)
	{
		rules[i].code = totals->rules.spans[i];
		rules[i].total = &totals->totals[i];
	}
	qsort(rules, totals->rules.count, sizeof(TotalOfRule), compare_codes);
	desc = lookup_rowtype_tupdesc(type, -1);
	for (int32 i = 0; i < totals->rules.count; i++)
		elements[i] = make_total(desc, &rules[i]);
	ReleaseTupleDesc(desc);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, totals->rules.count, type, -1, false, TYPALIGN_DOUBLE));
}
