/*
 * trust_words.h
 *		Types that analysing an expression would make values of.
 */
#ifndef MEDAUDIT_TRUST_WORDS_H
#define MEDAUDIT_TRUST_WORDS_H

/*
 * Raises 42501 where analysing QUERY, one or more statements as text, could
 * make a value of a type that runs a function of somebody else.
 */
extern void trust_check_words(const char *query);

#endif							/* MEDAUDIT_TRUST_WORDS_H */
