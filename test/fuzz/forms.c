/*
 * forms.c
 *		Damaged values by the million: a function of the server that changes values of
 *		a corpus at random and sends them in.
 *
 * fuzz_form(type, form, corpus, reading, rounds, seed) changes a value of the corpus,
 * and hands it to the receive function of TYPE (form 'binary', or 'sealed': with the
 * digest of a rulebook made to fit), to its input function ('text'), or to READING as
 * it is ('call': a query over $1, text).  What is accepted must come back the same from
 * text and from binary, and READING, a query over $1 of TYPE, must take it without any
 * error.  Returns, by SQLSTATE, how often that was the end, with an example of each:
 * 'read' where it was accepted and all went well, 'accepted, then ...' where not.
 *
 * Cost: a subtransaction a value, 2 to 20 microseconds, and READING for each that is
 * accepted.  Memory: one value at a time.
 */
#include "postgres.h"

#include <limits.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/sha2.h"
#include "common/cryptohash.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

/* -- chance -- */

static uint64 chance_state;

/* splitmix64 */
static uint64
chance(void)
{
	uint64		z = (chance_state += UINT64CONST(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64CONST(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64CONST(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static size_t
chance_below(size_t bound)
{
	return bound == 0 ? 0 : (size_t) (chance() % bound);
}

/* -- damage -- */

typedef struct Corpus
{
	int			count;
	bytea	  **values;
} Corpus;

/* Numbers at which counts and offsets go wrong. */
static const char numbers[][8] = {
	{0}, {1}, "\x7f", "\x80", {'\xff'}, "\xff\x7f", "\x80\x01", {'\xff', '\xff'},
	{'\xff', '\xff', '\xff', '\x7f'}, {0, 0, 0, '\x80'}, {'\xff', '\xff', '\xff', '\xff'},
	{'\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\xff', '\x7f'}, {0, 0, 0, 0, 0, 0, 0, '\x80'}
};

/* What stands in texts, numbers and objects. */
static const char *const words[] = {
	"{", "}", "[", "]", "\"", ",", ":", "null", "true", "-", "0", "1e9", "1e308", "-1", "NaN", "Infinity",
	"99999999999999999999", "0.00000001", "\\u0000", "\\ud800", "\\", "infinity", "-infinity", "2025-02-30",
	"2025-01-01T00:00:00", "294277-01-01", "医", "𠀀", "　", "％", "１", " ", "\t", "\n", "\x1f", "'", "%", "_", "\"v\":1",
	"片", "次", "每日", "×", "g", "盒", "/", "(", ")", "~", "bid", "q8h", "室", "号", "幢"
};

static void
replace_bytes(StringInfo value, size_t at, size_t gone, const char *with, size_t length)
{
	StringInfoData changed;

	initStringInfo(&changed);
	appendBinaryStringInfo(&changed, value->data, at);
	appendBinaryStringInfo(&changed, with, length);
	appendBinaryStringInfo(&changed, value->data + at + gone, value->len - at - gone);
	pfree(value->data);
	*value = changed;
}

static void
put_word(StringInfo value, size_t at, size_t gone, bool is_text)
{
	if (is_text)
	{
		const char *word = words[chance_below(lengthof(words))];

		replace_bytes(value, at, gone, word, strlen(word));
	}
	else
	{
		size_t		length = (size_t) 1 << chance_below(4);

		replace_bytes(value, at, Min(length, value->len - at), numbers[chance_below(lengthof(numbers))], length);
	}
}

/* One change: of bytes, of a word, of a piece of this or another value. */
static void
damage_once(StringInfo value, const Corpus *corpus, bool is_text)
{
	size_t		at = chance_below(value->len + 1);
	size_t		rest = value->len - at;
	size_t		many = 1 + chance_below(1 + chance_below(16));
	size_t		gone = Min(rest, many);
	const bytea *other = corpus->values[chance_below(corpus->count)];
	size_t		from = chance_below(VARSIZE_ANY_EXHDR(other) + 1);
	size_t		length = chance_below(64);
	size_t		piece = Min(VARSIZE_ANY_EXHDR(other) - from, length);
	char		byte = (char) chance();

	switch (chance_below(10))
	{
		case 0:
		case 1:
			if (rest > 0)
				value->data[at] = byte;
			break;
		case 2:
		case 3:
			if (rest > 0)
				value->data[at] ^= (char) (1 << chance_below(8));
			break;
		case 4:
			replace_bytes(value, at, gone, "", 0);
			break;
		case 5:
			replace_bytes(value, at, 0, value->data + at, gone);
			break;
		case 6:
			replace_bytes(value, at, 0, &byte, 1);
			break;
		case 7:
			replace_bytes(value, at, chance_below(2) ? Min(rest, piece) : 0, VARDATA_ANY(other) + from, piece);
			break;
		case 8:
			put_word(value, at, chance_below(2) ? gone : 0, is_text);
			break;
		default:
			if (chance_below(8) == 0)
				replace_bytes(value, at, rest, "", 0);
			else
				put_word(value, at, gone, is_text);
	}
}

/* A digest that fits the content of a rulebook. */
static void
seal(StringInfo value)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *hash;

	if (value->len < 28)
		return;
	memset(value->data + 12, 0, 16);
	hash = pg_cryptohash_create(PG_SHA256);
	if (pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, (uint8 *) value->data + 4, value->len - 4) < 0 ||
		pg_cryptohash_final(hash, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not make a digest");
	pg_cryptohash_free(hash);
	memcpy(value->data + 12, digest, 16);
}

/* A value of the corpus, changed once and more; texts stay texts. */
static StringInfo
damaged(const Corpus *corpus, bool is_text)
{
	for (;;)
	{
		const bytea *origin = corpus->values[chance_below(corpus->count)];
		StringInfo	value = makeStringInfo();

		appendBinaryStringInfo(value, VARDATA_ANY(origin), VARSIZE_ANY_EXHDR(origin));
		do
			damage_once(value, corpus, is_text);
		while (chance_below(3) > 0 && value->len < 1000000);
		if (!is_text || (memchr(value->data, 0, value->len) == NULL &&
						 pg_verify_mbstr(GetDatabaseEncoding(), value->data, value->len, true)))
			return value;
		CHECK_FOR_INTERRUPTS();
	}
}

/* -- a value on its way -- */

typedef struct Target
{
	Oid			type;
	bool		is_binary;
	bool		is_sealed;
	bool		is_call;
	Oid			receive;
	Oid			input;
	Oid			send;
	Oid			output;
	Oid			parameter;
	SPIPlanPtr	reading;
} Target;

/* Each is given a copy of its own size, so that a sanitizer sees a byte beyond it. */
static Datum
accept_value(const Target *target, StringInfo value)
{
	char	   *bytes;

	if (target->is_call)
		return PointerGetDatum(cstring_to_text_with_len(value->data, value->len));
	bytes = memcpy(palloc(value->len + 1), value->data, value->len + 1);
	if (target->is_binary)
	{
		StringInfoData message = {.data = bytes,.len = value->len,.maxlen = value->len + 1};
		Datum		got = OidReceiveFunctionCall(target->receive, &message, target->parameter, -1);

		if (message.cursor != message.len)
			ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("bytes are left over")));
		return got;
	}
	return OidInputFunctionCall(target->input, bytes, target->parameter, -1);
}

/* Text and binary bring back the same value. */
static void
check_stable(const Target *target, Datum value, StringInfo given)
{
	bytea	   *sent = OidSendFunctionCall(target->send, value);
	char	   *text = OidOutputFunctionCall(target->output, value);
	Datum		by_text = OidInputFunctionCall(target->input, text, target->parameter, -1);
	bytea	   *again = OidSendFunctionCall(target->send, by_text);
	StringInfoData message;
	Datum		by_binary;

	if (target->is_binary && (VARSIZE_ANY_EXHDR(sent) != (Size) given->len ||
							  memcmp(VARDATA_ANY(sent), given->data, given->len) != 0))
		elog(ERROR, "sent as other bytes");
	if (VARSIZE_ANY_EXHDR(sent) != VARSIZE_ANY_EXHDR(again) ||
		memcmp(VARDATA_ANY(sent), VARDATA_ANY(again), VARSIZE_ANY_EXHDR(sent)) != 0)
		elog(ERROR, "another by its text");
	initStringInfo(&message);
	appendBinaryStringInfo(&message, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	by_binary = OidReceiveFunctionCall(target->receive, &message, target->parameter, -1);
	if (strcmp(OidOutputFunctionCall(target->output, by_binary), text) != 0)
		elog(ERROR, "another by its bytes");
}

/* How it ended, as a word that outlives the subtransaction, in the caller's memory. */
static char *
try_value(const Target *target, StringInfo value, MemoryContext context)
{
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool accepted = false;
	char	   *outcome = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		Datum		got = accept_value(target, value);

		accepted = !target->is_call;
		if (!target->is_call)
			check_stable(target, got, value);
		if (SPI_execute_plan(target->reading, &got, NULL, true, 0) < 0)
			elog(ERROR, "the reading failed");
		SPI_freetuptable(SPI_tuptable);
		ReleaseCurrentSubTransaction();
		outcome = "read";
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN)
			ReThrowError(error);
		MemoryContextSwitchTo(context);
		outcome = accepted ? psprintf("accepted, then %s %s", unpack_sql_state(error->sqlerrcode), error->message) :
			pstrdup(unpack_sql_state(error->sqlerrcode));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return outcome;
}

/* -- what came of all -- */

typedef struct Outcome
{
	char	   *name;
	int64		times;
	bytea	   *example;
} Outcome;

#define MAX_OUTCOMES 100

static void
count_outcome(Outcome *outcomes, int *count, const char *name, StringInfo value, MemoryContext lasting)
{
	int			i;

	for (i = 0; i < *count && strcmp(outcomes[i].name, name) != 0; i++);
	if (i == MAX_OUTCOMES)
		return;
	if (i == *count)
	{
		MemoryContext before = MemoryContextSwitchTo(lasting);
		bytea	   *example = palloc(VARHDRSZ + value->len);

		SET_VARSIZE(example, VARHDRSZ + value->len);
		memcpy(VARDATA(example), value->data, value->len);
		outcomes[i].name = pstrdup(name);
		outcomes[i].example = example;
		(*count)++;
		MemoryContextSwitchTo(before);
	}
	outcomes[i].times++;
}

static void
take_corpus(Corpus *corpus, ArrayType *values)
{
	Datum	   *elements;
	bool	   *nulls;

	deconstruct_array(values, BYTEAOID, -1, false, TYPALIGN_INT, &elements, &nulls, &corpus->count);
	if (corpus->count == 0)
		elog(ERROR, "the corpus is empty");
	corpus->values = palloc(sizeof(bytea *) * corpus->count);
	for (int i = 0; i < corpus->count; i++)
	{
		if (nulls[i])
			elog(ERROR, "a value of the corpus is NULL");
		corpus->values[i] = DatumGetByteaPP(elements[i]);
	}
}

static void
take_target(Target *target, Oid type, const char *form, const char *reading)
{
	bool		varlena;

	memset(target, 0, sizeof(*target));
	target->type = type;
	target->is_call = strcmp(form, "call") == 0;
	target->is_sealed = strcmp(form, "sealed") == 0;
	target->is_binary = target->is_sealed || strcmp(form, "binary") == 0;
	getTypeBinaryInputInfo(type, &target->receive, &target->parameter);
	getTypeInputInfo(type, &target->input, &target->parameter);
	getTypeBinaryOutputInfo(type, &target->send, &varlena);
	getTypeOutputInfo(type, &target->output, &varlena);
	target->reading = SPI_prepare(reading, 1, &type);
	if (target->reading == NULL)
		elog(ERROR, "the reading cannot be prepared");
}

PG_FUNCTION_INFO_V1(fuzz_form);

Datum
fuzz_form(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext lasting = AllocSetContextCreate(CurrentMemoryContext, "outcomes", ALLOCSET_DEFAULT_SIZES);
	MemoryContext round;
	Corpus		corpus;
	Target		target;
	Outcome    *outcomes = palloc0(sizeof(Outcome) * MAX_OUTCOMES);
	int			count = 0;
	int64		rounds = PG_GETARG_INT64(4);
	MemoryContext before = CurrentMemoryContext;

	InitMaterializedSRF(fcinfo, 0);
	chance_state = (uint64) PG_GETARG_INT64(5);
	take_corpus(&corpus, PG_GETARG_ARRAYTYPE_P(2));
	SPI_connect();
	take_target(&target, PG_GETARG_OID(0), text_to_cstring(PG_GETARG_TEXT_PP(1)), text_to_cstring(PG_GETARG_TEXT_PP(3)));
	round = AllocSetContextCreate(CurrentMemoryContext, "round", ALLOCSET_DEFAULT_SIZES);
	for (int64 i = 0; i < rounds; i++)
	{
		StringInfo	value;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(round);
		value = damaged(&corpus, !target.is_binary);
		if (target.is_sealed)
			seal(value);
		count_outcome(outcomes, &count, try_value(&target, value, round), value, lasting);
		MemoryContextReset(round);
	}
	SPI_finish();
	MemoryContextSwitchTo(before);
	for (int i = 0; i < count; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(outcomes[i].name);
		values[1] = Int64GetDatum(outcomes[i].times);
		values[2] = PointerGetDatum(outcomes[i].example);
		tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
	}
	return (Datum) 0;
}
