/*
 * trust_calls.h
 *		Functions that do what their arguments say.
 */
#ifndef MEDAUDIT_TRUST_CALLS_H
#define MEDAUDIT_TRUST_CALLS_H

#include "catalog/objectaddress.h"
#include "nodes/nodes.h"

/*
 * Whether there is in an expression or query a function that, whoever owns it,
 * runs or reads what it is given, or changes something, or a catalogue that not
 * everybody may read: the first.
 */
extern bool trust_find_obedient(Node *node, ObjectAddress *found);

#endif							/* MEDAUDIT_TRUST_CALLS_H */
