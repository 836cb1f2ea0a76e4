/*
 * trust.h
 *		Whose functions reading a relation would run.
 */
#ifndef MEDAUDIT_TRUST_H
#define MEDAUDIT_TRUST_H

/*
 * Raises 42501 where reading RELATION would run a function or operator that
 * is not the current user's own, a superuser's or the owner's of the
 * extension.  What was looked at stays locked until the end of the
 * transaction, so that it is what is read.
 */
extern void trust_check_relation(Oid relation);

/* The same for making a value of a type. */
extern void trust_check_type(Oid type);

#endif							/* MEDAUDIT_TRUST_H */
