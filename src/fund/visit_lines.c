/*
 * visit_lines.c
 *		Charge lines of a visit as indicators ask for them, in one value.
 *
 * What is asked of a line hangs on what its kind is (item, category and payment
 * class), and that is known only when all kinds have been seen.  So an aggregate
 * puts the lines of each visit, as they come, one behind the other into a value,
 * and functions (indicators.c) read these values as often as they like; the charge
 * table is read once.
 *
 * The state is the value itself, which grows: a line is one append of some 55
 * bytes, 60 ns or so, and a visit of 8 lines takes half a kilobyte.  The value is
 * not stored beyond the statement that makes it.
 */
#include "postgres.h"
#include "base/compat.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "base/days.h"
#include "base/fixed.h"
#include "base/rows.h"
#include "fund/visit_lines.h"

#define VALUE_VERSION	1

/* Room of a new state. */
#define FIRST_BYTES		240

/* What a line says beside its numbers. */
#define HAS_DAY			0x01
#define HAS_AMOUNT		0x02
#define HAS_QUANTITY	0x04
#define IS_PROCURED		0x08
#define CLAIM_SHIFT		4

/* The most that a line takes beside its texts. */
#define LINE_BYTES		96

enum
{
	ARG_STATE,
	ARG_ITEM_CODE,
	ARG_CATEGORY,
	ARG_PAYMENT_CLASS,
	ARG_CHARGED_AT,
	ARG_QUANTITY,
	ARG_AMOUNT,
	ARG_CLAIMED,
	ARG_CLAIM_BOUND,
	ARG_LINE_ID,
	ARG_PHYSICIAN_ID,
	ARG_PRESCRIPTION_ID,
	ARG_PROCURED
};

/* Nobody has paid as much for one thing: what says so was read wrongly. */
#define AMOUNT_BOUND	(INT64CONST(1000000000000) * FIXED_ONE)

PG_FUNCTION_INFO_V1(medaudit_fixed);

/*
 * _fixed(numeric)
 *		Ten-thousandths; NULL for what is no amount.
 */
Datum
medaudit_fixed(PG_FUNCTION_ARGS)
{
	int64		value;

	if (!fixed_try_from_numeric(PG_GETARG_DATUM(0), &value) || value <= -AMOUNT_BOUND || value >= AMOUNT_BOUND)
		PG_RETURN_NULL();
	PG_RETURN_INT64(value);
}

static PackedWriter *
lines_create(MemoryContext context)
{
	PackedWriter *lines = MemoryContextAlloc(context, sizeof(PackedWriter));

	packed_writer_init(lines, context, FIRST_BYTES);
	packed_byte(lines, VALUE_VERSION);
	return lines;
}

static PackedWriter *
state_of_call(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (likely(!PG_ARGISNULL(ARG_STATE)))
		return (PackedWriter *) PG_GETARG_POINTER(ARG_STATE);
	context = aggregate_context(fcinfo);
	return lines_create(context);
}

/* NULL has no length. */
static inline TextSpan
text_argument(FunctionCallInfo fcinfo, int argument)
{
	TextSpan	none = {"", 0};

	return PG_ARGISNULL(argument) ? none : text_span(PG_GETARG_TEXT_PP(argument));
}

/* As btrim() of SQL. */
static inline TextSpan
trimmed(TextSpan span)
{
	while (span.length > 0 && span.data[0] == ' ')
		span.data++, span.length--;
	while (span.length > 0 && span.data[span.length - 1] == ' ')
		span.length--;
	return span;
}

/* FIXED_NULL for NULL and for what is no number of its kind. */
static inline int64
number_argument(FunctionCallInfo fcinfo, int argument)
{
	int64		value;

	if (PG_ARGISNULL(argument) || !fixed_try_from_numeric(PG_GETARG_DATUM(argument), &value) ||
		value <= -AMOUNT_BOUND || value >= AMOUNT_BOUND)
		return FIXED_NULL;
	return value;
}

/* What is not delivered as claimed is claimed whole. */
static inline Claim
claim_of(FunctionCallInfo fcinfo, int64 amount)
{
	int64		claimed;
	bool		exact = false;

	if (PG_ARGISNULL(ARG_CLAIM_BOUND) || !PG_GETARG_BOOL(ARG_CLAIM_BOUND))
		return CLAIM_UNKNOWN;
	if (PG_ARGISNULL(ARG_CLAIMED))
		return amount == FIXED_NULL ? CLAIM_UNKNOWN : amount == 0 ? CLAIM_NONE : CLAIM_SOME;
	if (!fixed_try_from_numeric(PG_GETARG_DATUM(ARG_CLAIMED), &claimed) || claimed != 0)
		return CLAIM_SOME;
	(void) fixed_read_numeric(PG_GETARG_DATUM(ARG_CLAIMED), "claimed", &exact);
	return exact ? CLAIM_NONE : CLAIM_SOME;
}

static inline int32
day_argument(FunctionCallInfo fcinfo)
{
	Timestamp	charged_at;

	if (PG_ARGISNULL(ARG_CHARGED_AT))
		return NO_DAY;
	charged_at = PG_GETARG_TIMESTAMP(ARG_CHARGED_AT);
	if (TIMESTAMP_NOT_FINITE(charged_at))
		return NO_DAY;
	return day_of_timestamp(charged_at);
}

/* Never 0. */
static inline uint64
number_hash(TextSpan line_id)
{
	uint64		hash;

	if (line_id.length == 0)
		return 0;
	hash = hash_bytes_extended((const unsigned char *) line_id.data, line_id.length, 0);
	return hash == 0 ? 1 : hash;
}

static inline int
varint_size(uint64 value)
{
	int			size = 1;

	while (value >= 0x80)
	{
		value >>= 7;
		size++;
	}
	return size;
}

/* Two lengths and the texts; the third is what is left. */
static inline int
kind_size(const LineKind *kind)
{
	return varint_size(kind->item_code.length) + varint_size(kind->category.length) +
		kind->item_code.length + kind->category.length + kind->payment_class.length;
}

static inline void
write_kind(PackedWriter *writer, const LineKind *kind)
{
	packed_unsigned(writer, kind->item_code.length);
	packed_unsigned(writer, kind->category.length);
	packed_bytes(writer, kind->item_code.data, kind->item_code.length);
	packed_bytes(writer, kind->category.data, kind->category.length);
	packed_bytes(writer, kind->payment_class.data, kind->payment_class.length);
}

/* A kind as it stands in a value, in what the writer holds. */
TextSpan
line_kind_pack(PackedWriter *writer, const LineKind *kind)
{
	TextSpan	packed;

	writer->used = VARHDRSZ;
	write_kind(writer, kind);
	packed.data = (const char *) writer->data + VARHDRSZ;
	packed.length = writer->used - VARHDRSZ;
	return packed;
}

static TextSpan
take(PackedReader *reader, int64 length)
{
	TextSpan	span = {(const char *) reader->at, (int) length};

	if (unlikely(length < 0 || length > reader->end - reader->at))
		packed_damaged(reader);
	reader->at += length;
	return span;
}

LineKind
line_kind_read(TextSpan kind)
{
	PackedReader reader;
	LineKind	read;
	int64		item;
	int64		category;

	packed_reader_init(&reader, kind.data, kind.length, "visit lines", ERRCODE_DATA_CORRUPTED);
	item = packed_read_unsigned(&reader);
	category = packed_read_unsigned(&reader);
	read.item_code = take(&reader, item);
	read.category = take(&reader, category);
	read.payment_class = take(&reader, reader.end - reader.at);
	return read;
}

PG_FUNCTION_INFO_V1(visit_lines_transition);

/*
 * (state, item_code, category, payment_class, charged_at, quantity, amount, claimed,
 * claim_bound, line_id, physician_id, prescription_id, procured): each may be NULL; a
 * line of no item is none.
 */
Datum
visit_lines_transition(PG_FUNCTION_ARGS)
{
	PackedWriter *lines = state_of_call(fcinfo);
	LineKind	kind;
	TextSpan	physician;
	TextSpan	prescription;
	int64		amount;
	int64		quantity;
	int32		day;
	uint64		number;

	if (PG_ARGISNULL(ARG_ITEM_CODE))
		PG_RETURN_POINTER(lines);
	kind.item_code = text_argument(fcinfo, ARG_ITEM_CODE);
	kind.category = text_argument(fcinfo, ARG_CATEGORY);
	kind.payment_class = text_argument(fcinfo, ARG_PAYMENT_CLASS);
	physician = trimmed(text_argument(fcinfo, ARG_PHYSICIAN_ID));
	prescription = text_argument(fcinfo, ARG_PRESCRIPTION_ID);
	amount = number_argument(fcinfo, ARG_AMOUNT);
	quantity = number_argument(fcinfo, ARG_QUANTITY);
	day = day_argument(fcinfo);
	number = number_hash(text_argument(fcinfo, ARG_LINE_ID));
	packed_reserve(lines, add_size(LINE_BYTES, (Size) kind.item_code.length + kind.category.length +
								   kind.payment_class.length + physician.length + prescription.length));
	packed_byte(lines, (day != NO_DAY ? HAS_DAY : 0) | (amount != FIXED_NULL ? HAS_AMOUNT : 0) |
				(quantity != FIXED_NULL ? HAS_QUANTITY : 0) |
				(!PG_ARGISNULL(ARG_PROCURED) && PG_GETARG_BOOL(ARG_PROCURED) ? IS_PROCURED : 0) |
				claim_of(fcinfo, amount) << CLAIM_SHIFT);
	packed_bytes(lines, &number, sizeof(number));
	packed_signed(lines, day != NO_DAY ? day : 0);
	packed_signed(lines, amount != FIXED_NULL ? amount : 0);
	packed_signed(lines, quantity != FIXED_NULL ? quantity : 0);
	packed_unsigned(lines, kind_size(&kind));
	write_kind(lines, &kind);
	packed_text(lines, physician);
	packed_text(lines, prescription);
	PG_RETURN_POINTER(lines);
}

PG_FUNCTION_INFO_V1(visit_lines_combine);

/* Joins two states; either may be missing. */
Datum
visit_lines_combine(PG_FUNCTION_ARGS)
{
	const PackedWriter *other;
	PackedWriter *lines;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	lines = state_of_call(fcinfo);
	other = (const PackedWriter *) PG_GETARG_POINTER(1);
	packed_bytes(lines, other->data + VARHDRSZ + 1, other->used - VARHDRSZ - 1);
	PG_RETURN_POINTER(lines);
}

PG_FUNCTION_INFO_V1(visit_lines_serialize);

Datum
visit_lines_serialize(PG_FUNCTION_ARGS)
{
	aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(packed_finish((PackedWriter *) PG_GETARG_POINTER(0)));
}

PG_FUNCTION_INFO_V1(visit_lines_deserialize);

Datum
visit_lines_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	PackedWriter *lines;

	aggregate_context(fcinfo);
	if (VARSIZE_ANY_EXHDR(bytes) < 1 || *(const uint8 *) VARDATA_ANY(bytes) != VALUE_VERSION)
		elog(ERROR, "unexpected version of an aggregate state");
	lines = lines_create(CurrentMemoryContext);
	packed_bytes(lines, VARDATA_ANY(bytes) + 1, VARSIZE_ANY_EXHDR(bytes) - 1);
	PG_RETURN_POINTER(lines);
}

PG_FUNCTION_INFO_V1(visit_lines_final);

/* NULL where no row came at all. */
Datum
visit_lines_final(PG_FUNCTION_ARGS)
{
	aggregate_context(fcinfo);
	if (PG_ARGISNULL(ARG_STATE))
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(packed_finish((PackedWriter *) PG_GETARG_POINTER(ARG_STATE)));
}

/* Begins to read a value, which is not toasted away. */
void
visit_lines_read(PackedReader *reader, struct varlena *lines)
{
	packed_reader_init(reader, VARDATA_ANY(lines), VARSIZE_ANY_EXHDR(lines), "visit lines",
					   ERRCODE_DATA_CORRUPTED);
	if (packed_read_byte(reader) != VALUE_VERSION)
		packed_damaged(reader);
}

/* The next line; false where there is none. */
bool
visit_lines_next(PackedReader *reader, VisitLine *line)
{
	uint8		flags;

	if (reader->at == reader->end)
		return false;
	flags = packed_read_byte(reader);
	memcpy(&line->number, take(reader, sizeof(line->number)).data, sizeof(line->number));
	line->day = (int32) packed_read_signed(reader);
	line->amount = packed_read_signed(reader);
	line->quantity = packed_read_signed(reader);
	if ((flags & HAS_DAY) == 0)
		line->day = NO_DAY;
	if ((flags & HAS_AMOUNT) == 0)
		line->amount = FIXED_NULL;
	if ((flags & HAS_QUANTITY) == 0)
		line->quantity = FIXED_NULL;
	line->procured = (flags & IS_PROCURED) != 0;
	line->claim = (Claim) (flags >> CLAIM_SHIFT);
	line->kind = take(reader, packed_read_unsigned(reader));
	line->physician = take(reader, packed_read_unsigned(reader));
	line->prescription = take(reader, packed_read_unsigned(reader));
	return true;
}
