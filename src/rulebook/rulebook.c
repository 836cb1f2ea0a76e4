/*
 * rulebook.c
 *		The type rulebook: input and output, concatenation, count of rules.
 *
 * Binary input takes the records out, builds the rulebook anew and requires
 * the same bytes, so that digest, order, index and rules are all right.
 */
#include "postgres.h"
#include "base/compat.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/book_text.h"
#include "rulebook/rulebook_build.h"
#include "rulebook/rulebook_value.h"

static Rulebook *
open_datum(Datum value)
{
	return rulebook_open(PG_DETOAST_DATUM(value), CurrentMemoryContext);
}

/* For text that is no rulebook; where it may be the name of a rule, by name. */
static char *
rulebook_hint(const char *text)
{
	if (text[0] == '\0' || strlen(text) > NAMEDATALEN || strpbrk(text, " \t\r\n\"'\\[]{},:") != NULL)
		return gettext_noop("The text of a rulebook is a JSON array of rules; compile_rules() gives the rules of the tables.");
	return psprintf(_("compile_rules(%s) gives the rules of that name."), quote_literal_cstr(text));
}

PG_FUNCTION_INFO_V1(rulebook_in);

/* Text is the JSON form; what is not such JSON is 22P02. */
Datum
rulebook_in(PG_FUNCTION_ARGS)
{
	BookText	input = {"rulebook", PG_GETARG_CSTRING(0), NULL};
	Jsonb	   *document;

	input.hint = rulebook_hint(input.text);
	document = book_text_to_jsonb(&input);
	PG_RETURN_POINTER(rulebook_from_jsonb(JsonbPGetDatum(document),
										  ERRCODE_INVALID_TEXT_REPRESENTATION));
}

PG_FUNCTION_INFO_V1(rulebook_out);

Datum
rulebook_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(rulebook_to_json(open_datum(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(rulebook_from_json);

/* jsonb::rulebook: an array of objects; anything else is 22023. */
Datum
rulebook_from_json(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(rulebook_from_jsonb(PG_GETARG_DATUM(0),
										  ERRCODE_INVALID_PARAMETER_VALUE));
}

PG_FUNCTION_INFO_V1(rulebook_as_json);

Datum
rulebook_as_json(PG_FUNCTION_ARGS)
{
	char	   *json = rulebook_to_json(open_datum(PG_GETARG_DATUM(0)));

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
}

static void
refuse_binary(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("damaged value of type rulebook")));
}

/* The same rules built anew, all texts checked for their encoding. */
static struct varlena *
rebuild(const Rulebook *book)
{
	RulebookBuilder *builder = rulebook_builder();
	PackedReader reader;

	packed_reader_init(&reader, NULL, 0, "rulebook",
					   ERRCODE_INVALID_BINARY_REPRESENTATION);
	builder_book(builder, book);
	for (int32 i = 0; i < builder->texts.strings.count; i++)
		packed_check_text(&reader, builder->texts.strings.spans[i]);
	return builder_finish(builder);
}

/* Called while an error about rules of a forged value is being made. */
static void
say_damaged(void *argument)
{
	int			category = ERRCODE_TO_CATEGORY(geterrcode());

	(void) argument;
	/* the message may show texts that are none; rules that overlap are 23P01 */
	if (category == ERRCODE_DATA_EXCEPTION ||
		category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION)
	{
		errcode(ERRCODE_INVALID_BINARY_REPRESENTATION);
		errmsg("damaged value of type rulebook");
		errdetail("Its rules contradict themselves.");
	}
}

/* As rebuild(); rules that are none are damage like any other. */
static struct varlena *
rebuild_from_outside(const Rulebook *book)
{
	ErrorContextCallback callback;
	struct varlena *again;

	callback.callback = say_damaged;
	callback.arg = NULL;
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	again = rebuild(book);
	error_context_stack = callback.previous;
	return again;
}

/*
 * A value from outside: lead, lengths and digest must be right, everything
 * must point inside, and building the same rules again must give these bytes.
 */
static struct varlena *
receive_value(const char *data, Size size)
{
	const Size	lead = RULEBOOK_LEAD - VARHDRSZ;
	struct varlena *value;
	struct varlena *again;
	Rulebook	book;
	char	   *base;
	uint8		digest[16];

	if (size < RULEBOOK_HEAD_SIZE || !rulebook_good_lead(data))
		refuse_binary();
	size -= lead;
	base = MemoryContextAllocHuge(CurrentMemoryContext, size);
	memcpy(base, data + lead, size);
	rulebook_digest(base, size, digest);
	if (memcmp(digest, base + offsetof(RulebookHeader, digest), 16) != 0 ||
		!rulebook_open_content(&book, base, size))
		refuse_binary();
	again = rebuild_from_outside(&book);
	pfree(base);
	if (VARSIZE(again) != VARHDRSZ + lead + size ||
		memcmp(VARDATA(again), data, lead + size) != 0)
		refuse_binary();
	value = palloc(VARSIZE(again));
	memcpy(value, again, VARSIZE(again));
	return value;
}

PG_FUNCTION_INFO_V1(rulebook_recv);

/* Binary input; whatever is not exactly a rulebook is 22P03. */
Datum
rulebook_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;

	PG_RETURN_POINTER(receive_value(pq_getmsgbytes(buffer, size), size));
}

PG_FUNCTION_INFO_V1(rulebook_from_bytes);

/* As binary input, from a bytea such as rulebook_send() gives. */
Datum
rulebook_from_bytes(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_POINTER(receive_value(VARDATA_ANY(bytes),
									VARSIZE_ANY_EXHDR(bytes)));
}

PG_FUNCTION_INFO_V1(rulebook_send);

/* The stored bytes, which are the same on every platform. */
Datum
rulebook_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	bytea	   *copy = palloc(VARSIZE(value));

	memcpy(copy, value, VARSIZE(value));
	PG_RETURN_BYTEA_P(copy);
}

PG_FUNCTION_INFO_V1(rulebook_concat);

/* Rules and rows of both; equal rows count once, overlaps are 23P01. */
Datum
rulebook_concat(PG_FUNCTION_ARGS)
{
	RulebookBuilder *builder = rulebook_builder();

	builder_allow_repeats(builder);
	builder_book(builder, open_datum(PG_GETARG_DATUM(0)));
	builder_book(builder, open_datum(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(builder_finish(builder));
}

PG_FUNCTION_INFO_V1(rulebook_rule_count);

/* The number of rules; only the first bytes of a stored value are read. */
Datum
rulebook_rule_count(PG_FUNCTION_ARGS)
{
	struct varlena *head = PG_DETOAST_DATUM_SLICE(PG_GETARG_DATUM(0), 0,
												  RULEBOOK_HEAD_SIZE);
	RulebookHeader header;

	if (VARSIZE_ANY_EXHDR(head) < RULEBOOK_HEAD_SIZE || !rulebook_good_lead(VARDATA_ANY(head)))
		open_datum(PG_GETARG_DATUM(0));
	memcpy(&header, VARDATA_ANY(head) + RULEBOOK_LEAD - VARHDRSZ,
		   sizeof(header));
	rulebook_swap_header((char *) &header);
	PG_RETURN_INT32((int32) header.rule_count);
}
