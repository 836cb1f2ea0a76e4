/*
 * rulebook_words.h
 *		Names of kinds, certainties, ways of matching and scopes, and the
 *		numbers that a rulebook keeps instead.
 */
#ifndef MEDAUDIT_RULEBOOK_WORDS_H
#define MEDAUDIT_RULEBOOK_WORDS_H

#include "rulebook/rulebook.h"

/* False where NAME is no such word; the result is unspecified then. */
extern bool rule_kind_parse(TextSpan name, uint8 *kind);
extern bool rule_certainty_parse(TextSpan name, uint8 *certainty);
extern bool rule_match_parse(TextSpan name, uint8 *match);
extern bool rule_scope_parse(TextSpan name, uint8 *scope, int32 *length);

extern const char *rule_match_name(uint8 match);
extern bool rule_scope_length_in_range(uint8 scope, int64 length);
extern bool rule_word_is(TextSpan span, const char *word);

#endif							/* MEDAUDIT_RULEBOOK_WORDS_H */
