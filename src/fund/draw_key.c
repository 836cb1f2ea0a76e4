/*
 * draw_key.c
 *		The numbers of a draw: SHA-256 of its seed and what may be drawn.
 *
 * One context of hashing serves a whole draw: some tenths of a microsecond a
 * key.  It goes with the resource owner where an error ends the draw.
 */
#include "postgres.h"
#include "base/compat.h"

#include "mb/pg_wchar.h"

#include "fund/draw_key.h"

/* SPAN in UTF-8: itself, where the database has that. */
TextSpan
draw_text(TextSpan span)
{
	char	   *converted = pg_server_to_any(span.data, span.length, PG_UTF8);
	TextSpan	result = {converted, span.length};

	if (converted != span.data)
		result.length = strlen(converted);
	return result;
}

void
draw_keys_begin(DrawKeys *keys, TextSpan seed)
{
	keys->hash = pg_cryptohash_create(PG_SHA256);
	keys->seed = seed;
	if (keys->hash == NULL)
		elog(ERROR, "could not compute a SHA-256 hash");
}

void
draw_key(DrawKeys *keys, const TextSpan *parts, int count, uint8 *digest)
{
	static const uint8 separator = 0x1F;
	pg_cryptohash_ctx *hash = keys->hash;
	bool		failed = pg_cryptohash_init(hash) < 0 ||
	pg_cryptohash_update(hash, (const uint8 *) keys->seed.data, keys->seed.length) < 0;

	for (int i = 0; i < count && !failed; i++)
		failed = pg_cryptohash_update(hash, &separator, 1) < 0 ||
			pg_cryptohash_update(hash, (const uint8 *) parts[i].data, parts[i].length) < 0;
	if (failed || pg_cryptohash_final(hash, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute a SHA-256 hash");
}

void
draw_keys_end(DrawKeys *keys)
{
	pg_cryptohash_free(keys->hash);
}
