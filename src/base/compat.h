/*
 * compat.h
 *		The one place that knows which PostgreSQL this is (15 to 19).
 *
 * Every other file includes this one right after postgres.h and contains no
 * PG_VERSION_NUM of its own.
 */
#ifndef MEDAUDIT_COMPAT_H
#define MEDAUDIT_COMPAT_H

#include <limits.h>

#if PG_VERSION_NUM < 150000
#error "medaudit needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#include "access/tupdesc.h"
#include "common/int.h"
#include "fmgr.h"
#include "storage/proc.h"

/* Messages are looked up in our own catalogue (po/), not in the server's. */
#undef TEXTDOMAIN
#define TEXTDOMAIN PG_TEXTDOMAIN("medaudit")
#undef _
#define _(x) dgettext(TEXTDOMAIN, x)

/* 16 took the macro away in favour of one function per type. */
#ifndef Abs
#define Abs(x) ((x) >= 0 ? (x) : -(x))
#endif

/* 18 renamed it and wants it in front; behind, compilers take it as before. */
#ifndef pg_attribute_noreturn
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* 18 lets a module say its name and version. */
#if PG_VERSION_NUM >= 180000
#define MEDAUDIT_MODULE_MAGIC(version_string) \
	PG_MODULE_MAGIC_EXT(.name = "medaudit", .version = (version_string))
#else
#define MEDAUDIT_MODULE_MAGIC(version_string) PG_MODULE_MAGIC
#endif

/* 19 wants a tuple descriptor built by hand to be finished before use. */
#if PG_VERSION_NUM < 190000
#define TupleDescFinalize(desc) ((void) (desc))
#endif

/* 19 says besides why there is none. */
#if PG_VERSION_NUM >= 190000
#define function_candidates(names) \
	FuncnameGetCandidates(names, -1, NIL, false, false, false, true, &(int) {0})
#define operator_candidates(names) OpernameGetCandidates(names, '\0', true, &(int) {0})
#else
#define function_candidates(names) \
	FuncnameGetCandidates(names, -1, NIL, false, false, false, true)
#define operator_candidates(names) OpernameGetCandidates(names, '\0', true)
#endif

/* 17 has what every order of numbers comes down to. */
#if PG_VERSION_NUM < 170000
static inline int
pg_cmp_s32(int32 a, int32 b)
{
	return (a > b) - (a < b);
}

static inline int
pg_cmp_s64(int64 a, int64 b)
{
	return (a > b) - (a < b);
}

static inline int
pg_cmp_u64(uint64 a, uint64 b)
{
	return (a > b) - (a < b);
}
#endif

/* 17 moved the local transaction id into a struct. */
#if PG_VERSION_NUM >= 170000
#define my_local_transaction_id() (MyProc->vxid.lxid)
#else
#define my_local_transaction_id() (MyProc->lxid)
#endif

/* 16 lets the decoder of dates say more about an error. */
#if PG_VERSION_NUM >= 160000
#define decode_datetime(field, ftype, nf, dtype, tm, fsec, tz) \
	DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tz, &(DateTimeErrorExtra) {0})
#else
#define decode_datetime(field, ftype, nf, dtype, tm, fsec, tz) \
	DecodeDateTime(field, ftype, nf, dtype, tm, fsec, tz)
#endif

/* 16 lets a range be refused without an error. */
#if PG_VERSION_NUM >= 160000
#define make_bounded_range(type, lower, upper) make_range(type, lower, upper, false, NULL)
#else
#define make_bounded_range(type, lower, upper) make_range(type, lower, upper, false)
#endif

#endif							/* MEDAUDIT_COMPAT_H */
