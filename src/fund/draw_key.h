/*
 * draw_key.h
 *		The numbers of a draw: SHA-256 of its seed and what may be drawn.
 *
 *		DrawKeys keys;
 *
 *		draw_keys_begin(&keys, seed);
 *		draw_key(&keys, parts, 2, digest);		-- seed 1F part 1F part
 *		draw_keys_end(&keys);
 *
 * The texts are in UTF-8 (draw_text()), whatever the database has, so that a key
 * is what sha256sum says of them.
 */
#ifndef MEDAUDIT_DRAW_KEY_H
#define MEDAUDIT_DRAW_KEY_H

#include "common/cryptohash.h"
#include "common/sha2.h"

#include "base/packed.h"

typedef struct DrawKeys
{
	pg_cryptohash_ctx *hash;
	TextSpan	seed;
} DrawKeys;

extern TextSpan draw_text(TextSpan span);
extern void draw_keys_begin(DrawKeys *keys, TextSpan seed);
extern void draw_key(DrawKeys *keys, const TextSpan *parts, int count, uint8 *digest);
extern void draw_keys_end(DrawKeys *keys);

/* The first 64 bits of a key, whose order is that of the keys. */
static inline uint64
draw_key_bits(const uint8 *digest)
{
	uint64		bits = 0;

	for (int i = 0; i < 8; i++)
		bits = bits << 8 | digest[i];
	return bits;
}

#endif							/* MEDAUDIT_DRAW_KEY_H */
