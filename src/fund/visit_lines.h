/*
 * visit_lines.h
 *		Charge lines of a visit as indicators ask for them, in one value.
 */
#ifndef MEDAUDIT_VISIT_LINES_H
#define MEDAUDIT_VISIT_LINES_H

#include "base/packed.h"

/* What is not known of a line. */
#define NO_DAY	PG_INT32_MIN

typedef enum Claim
{
	CLAIM_UNKNOWN,				/* what is claimed is not delivered */
	CLAIM_SOME,
	CLAIM_NONE
} Claim;

typedef struct VisitLine
{
	uint64		number;			/* hash of its number; 0: it has none */
	int64		amount;			/* FIXED_NULL: not known */
	int64		quantity;		/* FIXED_NULL: not known */
	int32		day;			/* NO_DAY: not known */
	Claim		claim;
	bool		procured;
	TextSpan	kind;			/* packed: see LineKind */
	TextSpan	physician;		/* of no length: not known */
	TextSpan	prescription;	/* of no length: none */
} VisitLine;

/* The three texts of a kind; none is NULL. */
typedef struct LineKind
{
	TextSpan	item_code;
	TextSpan	category;
	TextSpan	payment_class;
} LineKind;

extern void visit_lines_read(PackedReader *reader, struct varlena *lines);
extern bool visit_lines_next(PackedReader *reader, VisitLine *line);
extern LineKind line_kind_read(TextSpan kind);
extern TextSpan line_kind_pack(PackedWriter *writer, const LineKind *kind);

#endif							/* MEDAUDIT_VISIT_LINES_H */
