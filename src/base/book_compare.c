/*
 * book_compare.c
 *		Equality, hashes and an order of books.
 *
 * Equal contents have equal bytes, in ledgers, books of stays and rulebooks
 * alike, so that the bytes decide, however a value is stored: plain, compressed
 * or out of line.  The order is that of the bytes and means nothing; it is
 * there for sorting, DISTINCT and merge joins.
 *
 * A comparison reads both values whole, but where their sizes tell them apart.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/detoast.h"
#include "common/hashfn.h"

/* Detoasted where need be. */
#define BOOK_ARGUMENT(n)	((struct varlena *) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)))

/* Below, at or above 0 as the first argument is to the second. */
static int
compare_arguments(FunctionCallInfo fcinfo)
{
	struct varlena *left = BOOK_ARGUMENT(0);
	struct varlena *right = BOOK_ARGUMENT(1);
	Size		left_size = VARSIZE_ANY_EXHDR(left);
	Size		right_size = VARSIZE_ANY_EXHDR(right);
	int			result = memcmp(VARDATA_ANY(left), VARDATA_ANY(right), Min(left_size, right_size));

	if (result == 0)
		result = (left_size > right_size) - (left_size < right_size);
	/* sorting an index frees nothing between its comparisons */
	PG_FREE_IF_COPY(left, 0);
	PG_FREE_IF_COPY(right, 1);
	return result;
}

static bool
arguments_are_equal(FunctionCallInfo fcinfo)
{
	return toast_raw_datum_size(PG_GETARG_DATUM(0)) == toast_raw_datum_size(PG_GETARG_DATUM(1)) &&
		compare_arguments(fcinfo) == 0;
}

PG_FUNCTION_INFO_V1(medaudit_book_eq);

Datum
medaudit_book_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(arguments_are_equal(fcinfo));
}

PG_FUNCTION_INFO_V1(medaudit_book_ne);

Datum
medaudit_book_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!arguments_are_equal(fcinfo));
}

PG_FUNCTION_INFO_V1(medaudit_book_lt);

Datum
medaudit_book_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(medaudit_book_le);

Datum
medaudit_book_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(medaudit_book_gt);

Datum
medaudit_book_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(medaudit_book_ge);

Datum
medaudit_book_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_arguments(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(medaudit_book_cmp);

Datum
medaudit_book_cmp(PG_FUNCTION_ARGS)
{
	int			result = compare_arguments(fcinfo);

	PG_RETURN_INT32((result > 0) - (result < 0));
}

PG_FUNCTION_INFO_V1(medaudit_book_hash);

Datum
medaudit_book_hash(PG_FUNCTION_ARGS)
{
	struct varlena *book = BOOK_ARGUMENT(0);
	Datum		hash = hash_any((unsigned char *) VARDATA_ANY(book), VARSIZE_ANY_EXHDR(book));

	PG_FREE_IF_COPY(book, 0);
	PG_RETURN_DATUM(hash);
}

PG_FUNCTION_INFO_V1(medaudit_book_hash_extended);

/* The same with a seed. */
Datum
medaudit_book_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *book = BOOK_ARGUMENT(0);
	Datum		hash = hash_any_extended((unsigned char *) VARDATA_ANY(book),
										 VARSIZE_ANY_EXHDR(book), PG_GETARG_INT64(1));

	PG_FREE_IF_COPY(book, 0);
	PG_RETURN_DATUM(hash);
}
