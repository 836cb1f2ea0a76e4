/*
 * charge_context.h
 *		What is known about a visit beside its lines.
 *
 * Every field may be unknown: an unknown condition is never a failed one.
 */
#ifndef MEDAUDIT_CHARGE_CONTEXT_H
#define MEDAUDIT_CHARGE_CONTEXT_H

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "ledger/ledger.h"
#include "rulebook/rulebook.h"
#include "utils/array.h"
#include "utils/date.h"
#include "utils/jsonb.h"

/* What a row may ask of a visit or line; what was missing to judge it. */
#define NEEDS_SEX				(1 << 0)
#define NEEDS_BIRTH_DATE		(1 << 1)
#define NEEDS_FACILITY_RANK		(1 << 2)
#define NEEDS_VISIT_TYPE		(1 << 3)
#define NEEDS_INSURANCE_TYPE	(1 << 4)
#define NEEDS_DEPARTMENT		(1 << 5)
#define NEEDS_ADMITTED_AT		(1 << 6)
#define NEEDS_DISCHARGED_AT		(1 << 7)
#define NEEDS_DIAGNOSES			(1 << 8)
#define NEEDS_TIME_OF_DAY		(1 << 9)
#define NEEDS_FULL_PRICE		(1 << 10)
#define NEEDS_FACILITY_ID		(1 << 11)
#define NEEDS_COUNT				12

typedef struct VisitContext
{
	int			sex;			/* 1, 2; 0: unknown */
	DateADT		birth_date;		/* DATEVAL_NOBEGIN: unknown */
	int32		facility_rank;	/* RULE_INT_NULL: unknown */
	TextSpan	visit_type;		/* data NULL: unknown */
	TextSpan	insurance_type;
	TextSpan	department;
	TextSpan	facility_id;	/* of its provider: equal bytes, equal
								 * provider */
	JsonbContainer *line_departments;	/* by line_id; NULL: none given */
	Timestamp	admitted_at;	/* DT_NOBEGIN: unknown */
	Timestamp	discharged_at;	/* DT_NOBEGIN: unknown */
	TextSpan	stay_id;		/* of several visits; data NULL: of this one */
	Timestamp	part_from;		/* of several: the part that this one is */
	Timestamp	part_to;		/* DT_NOBEGIN: unknown */
	struct varlena *diagnosis_array;	/* a text[] not yet read */
	TextSpan   *diagnoses;		/* ask context_diagnoses() first */
	int			diagnosis_count;	/* -1: unknown */
} VisitContext;

/* The row type of the contexts that a statement brings: looked up once. */
typedef struct ContextShape
{
	MemoryContext context;		/* where the copy lies */
	Oid			type;
	int32		typmod;
	TupleDesc	desc;			/* NULL: none met yet */
} ContextShape;

/* Contexts as rows: those of VISIT_IDS, in its order. */
typedef struct ContextRows
{
	ArrayType  *visit_ids;		/* NULL: nothing is known */
	ArrayType  *contexts;
	Jsonb	   *line_departments;	/* by visit, then line; NULL: none given */
	struct varlena **of_visit;	/* by visit of the ledger, once one is asked
								 * for */
} ContextRows;

/*
 * Where the contexts of a call come from; they are read when first asked for.
 * The call begins with all of it zero but the shape.
 */
typedef struct ContextSource
{
	bool		by_visit;		/* contexts by visit, else one for all */
	struct varlena *one;		/* a visit_context; NULL: nothing is known */
	Jsonb	   *contexts;		/* NULL: nothing is known, or rows bring it */
	ContextRows rows;
	ContextShape *shape;		/* kept for the statement */
	VisitContext **visits;		/* of the ledger, where already read */
} ContextSource;

extern void context_source_composite(ContextSource *source, FunctionCallInfo fcinfo,
									 int argument);
extern void context_source_rows(ContextSource *source, FunctionCallInfo fcinfo,
								int argument);
extern void context_source_jsonb(ContextSource *source, FunctionCallInfo fcinfo,
								 int argument);
extern void context_source_text(ContextSource *source, FunctionCallInfo fcinfo,
								int argument);
extern const VisitContext *context_of_visit(ContextSource *source,
											const Ledger *ledger, int32 visit);

extern int	context_diagnoses(const VisitContext *visit);
extern TextSpan department_of_line(const VisitContext *visit, TextSpan line_id);
extern bool visit_bore_child(const VisitContext *visit);
extern bool fails_as_mother(const VisitContext *visit, const RuleRow *row, DateADT on,
							uint32 failed);
extern bool diagnoses_meet(const VisitContext *visit, const Rulebook *book,
						   RuleList prefixes, TextSpan *which);
extern void conditions_judge(const VisitContext *visit, const Rulebook *book,
							 const RuleRow *row, DateADT on, TextSpan department,
							 uint32 asked, uint32 *failed, uint32 *missing);

#endif							/* MEDAUDIT_CHARGE_CONTEXT_H */
