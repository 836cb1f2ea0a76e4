/*
 * charge_kinds.h
 *		The evaluators: what each kind of charge rule finds.
 *
 * One that looks at items gets the matches of a set, or of one item of it where
 * its rows say so; charge_audit.c has the table of who evaluates which kind.
 * Each gathers the lines, judges them and records what is in excess.
 */
#ifndef MEDAUDIT_CHARGE_KINDS_H
#define MEDAUDIT_CHARGE_KINDS_H

#include "charge/charge.h"

extern void evaluate_cap(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_duplicate(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_resettled(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_exclusive(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_prerequisite(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_price(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_secondary(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_restriction(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_course(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_outside_stay(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_not_payable(ChargeAudit *audit, const SetMatch *matches, int count);
extern void evaluate_diagnosis(ChargeAudit *audit, uint32 row);
extern void evaluate_packages(ChargeAudit *audit);

/* One cent, in the 10^-8 yuan of quantity times price. */
#define CENT_OF_PRODUCT		(FIXED_CENT * FIXED_ONE)

static inline int128
multiply_wide(int128 a, int128 b)
{
	int128		result;

	if (__builtin_mul_overflow(a, b, &result))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("price comparison is out of range")));
	return result;
}

#endif							/* MEDAUDIT_CHARGE_KINDS_H */
