/*
 * item_categories.c
 *		Categories of items, which stand beside a book.
 *
 * A book keeps no categories.  Where they are wanted they stand beside it as a
 * text[]: element i is of the book's i-th distinct code, as it was given and in
 * bytewise order; '' where nothing is known.
 */
#include "postgres.h"
#include "base/compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/rows.h"
#include "ledger/ledger.h"

TextSpan *
ledger_categories(FunctionCallInfo fcinfo, int argument, int32 items)
{
	TextSpan   *categories;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argument))
		return NULL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false, TYPALIGN_INT,
					  &values, &nulls, &count);
	if (count != items)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("categories are of %d items, the ledger has %d", count, items)));
	categories = (TextSpan *) palloc_extended(mul_size(Max(count, 1), sizeof(TextSpan)),
											  MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		static const TextSpan unknown = {"", 0};

		categories[i] = nulls[i] ? unknown : text_span(DatumGetTextPP(values[i]));
	}
	return categories;
}
