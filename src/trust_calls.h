/*
 * trust_calls.h
 *		Functions that do what their arguments say.
 */
#ifndef MEDAUDIT_TRUST_CALLS_H
#define MEDAUDIT_TRUST_CALLS_H

#include "nodes/nodes.h"

/*
 * The first function in an expression or query that, whoever owns it, runs or
 * reads what it is given, or changes something; InvalidOid: none does.
 */
extern Oid	trust_find_obedient(Node *node);

#endif							/* MEDAUDIT_TRUST_CALLS_H */
