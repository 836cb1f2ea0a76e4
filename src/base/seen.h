/*
 * seen.h
 *		Whether one of some texts has come before: the numbers of a visit's lines.
 *
 * Hashes of 64 bits, no copy of any text: two texts of one hash look alike, and
 * whoever asks reads again what looks so.  Texts of up to 8 bytes are told apart
 * for certain.  Nothing is allocated before the first one comes.
 */
#ifndef MEDAUDIT_SEEN_H
#define MEDAUDIT_SEEN_H

#include "lib/stringinfo.h"

#include "base/packed.h"

typedef struct Seen
{
	MemoryContext context;
	uint64	   *slots;			/* 0: free */
	uint64		slot_count;		/* a power of two */
	uint64		used;
	bool		twice;			/* some text has come twice */
} Seen;

extern void seen_init(Seen *seen, MemoryContext context);
extern void seen_text(Seen *seen, TextSpan span);
extern void seen_join(Seen *seen, const Seen *other);
extern void seen_send(StringInfo message, const Seen *seen);
extern void seen_receive(StringInfo message, Seen *seen);

#endif							/* MEDAUDIT_SEEN_H */
