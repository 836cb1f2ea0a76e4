/*
 * trust_memory.h
 *		Relations and types whose reading was found trusted before.
 */
#ifndef MEDAUDIT_TRUST_MEMORY_H
#define MEDAUDIT_TRUST_MEMORY_H

/*
 * Whether what reading an object would run was found to be trusted, for the
 * current user, and nothing of it has changed since.  The relations that it
 * reaches are locked then, as by looking at them.
 */
extern bool trust_remembers(Oid class_id, Oid object_id);

/* From here on it is noted whether anything changes before trust_remember(). */
extern void trust_watch(void);

/* Remembers an object that is trusted, with the relations that it reaches. */
extern void trust_remember(Oid class_id, Oid object_id, const Oid *relations, int count);

#endif							/* MEDAUDIT_TRUST_MEMORY_H */
