/*
 * book_text.h
 *		Text input of books: JSON, refused in the words of the type.
 */
#ifndef MEDAUDIT_BOOK_TEXT_H
#define MEDAUDIT_BOOK_TEXT_H

#include "utils/jsonb.h"

typedef struct BookText
{
	const char *type;
	const char *text;
	const char *hint;			/* what to write instead */
} BookText;

/* TEXT as jsonb; what is no JSON, or neither object nor array, is 22P02. */
extern Jsonb *book_text_to_jsonb(const BookText *input);

#endif							/* MEDAUDIT_BOOK_TEXT_H */
