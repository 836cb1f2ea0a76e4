/*
 * codes.h
 *		Codes of items, diagnoses, types of visit and facilities for comparing.
 *
 * Hospitals write one code in several ways: I10.x00, I10.X00, I10x00 and, with
 * full-width signs or blanks, Ｉ10 .x00.
 */
#ifndef MEDAUDIT_CODES_H
#define MEDAUDIT_CODES_H

#include "base/packed.h"

/*
 * The next letter or digit of a diagnosis code, half width and upper case, or 0
 * at the end: width, case, dots and blanks say nothing.  What is not ASCII
 * comes byte by byte.
 */
extern unsigned char diagnosis_next(TextSpan *code);

/* All of it, in CurrentMemoryContext; data NULL where nothing is left. */
extern TextSpan diagnosis_fold(TextSpan code);

/* The code without the blanks around it; data NULL where nothing is left. */
extern TextSpan code_trim(TextSpan code);

/*
 * The code for comparing: half width, upper case, no blanks around, those within
 * plain ones.  Itself where it is so already, else in CurrentMemoryContext; data
 * NULL where nothing is left.
 */
extern TextSpan code_fold(TextSpan code);

/* Is the code so already?  Costs a glance where it is clean ASCII. */
extern bool code_is_folded(TextSpan code);

/* Are two codes one when folded? */
extern bool code_equal(TextSpan a, TextSpan b);

/*
 * Internal: a run tells the local codes of two hospitals apart by what follows
 * this sign, the hospital.  It is part of the code wherever codes are compared,
 * and is not shown.
 */
#define CODE_SUFFIX		'\x1F'

/* The code as it is shown. */
extern TextSpan code_shown(TextSpan code);

/* Does the one code, folded, begin with the other?  None does with blanks. */
extern bool code_begins_with(TextSpan code, TextSpan prefix);

/* FORM: @ a capital letter, # a digit, % a digit or x, others themselves. */
extern bool code_has_form(const char *data, int length, const char *form);

#endif							/* MEDAUDIT_CODES_H */
