/*
 * book_text.c
 *		Text input of books: JSON, refused in the words of the type.
 *
 * A literal turns into a book where nobody meant it to: ledger('x') is a cast,
 * and so is the name of a rule in the place of rules.  That a token of JSON is
 * invalid helps nobody there, so the error of the JSON reader gets the name of
 * the type, the text, and a hint; its detail stays.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "base/book_text.h"

/* Bytes of a text that a message shows. */
#define SHOWN_BYTES	60

static int
own_words(const BookText *input)
{
	int			length = (int) strlen(input->text);
	int			shown = pg_mbcliplen(input->text, length, SHOWN_BYTES);

	errmsg("invalid input syntax for type %s: \"%.*s%s\"", input->type,
		   shown, input->text, shown < length ? "..." : "");
	return errhint("%s", _(input->hint));
}

/* Called while an error of the JSON reader is being made. */
static void
say_own_words(void *argument)
{
	if (geterrcode() == ERRCODE_INVALID_TEXT_REPRESENTATION)
		(void) own_words(argument);
}

Jsonb *
book_text_to_jsonb(const BookText *input)
{
	ErrorContextCallback callback;
	Jsonb	   *json;

	callback.callback = say_own_words;
	callback.arg = unconstify(BookText *, input);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	json = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(input->text)));
	error_context_stack = callback.previous;
	if (JB_ROOT_IS_SCALAR(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 own_words(input)));
	return json;
}
