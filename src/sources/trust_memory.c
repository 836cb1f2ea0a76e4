/*
 * trust_memory.c
 *		Relations and types whose reading was found trusted before.
 *
 * A run asks before each of its steps whether everything that it reads may be
 * read, and a bill is checked before it is paid: each time some twenty views
 * are taken apart (trust.c), 2 ms in all, of which most is spent on parsing
 * their rules.  So what was trusted is remembered, by session and user, until
 * something changes on which that depends.  The server tells of that as it
 * tells its own caches: what changes a relation, its rule, columns, policies,
 * indexes, statistics, checks, partitions or who may read it, invalidates it
 * in the relation cache; functions, operators, types, constraints, roles and
 * schemas have caches of their own, of which any change counts.  (To which
 * extension a function belongs, and to whom the extension, has none.  Nobody
 * but its owner takes his own function into an extension, and who takes over
 * another's things takes the functions, too.)
 *
 * The order is: lock what it reaches, take in what others have changed, and
 * only then ask whether it still holds.  To lock is not enough: what the
 * transaction has locked already takes in nothing, and an index, statistics, a
 * partition or a constraint of a domain may come in spite of the lock.  Whatever
 * changes during the walk itself makes its answer good for this time only.
 *
 * Data structure: a hash from user and object to the relations it reaches, and
 * a hash of these relations.  Any change empties both at the next question.
 * Cost: a lock per relation; memory some 100 bytes for each.
 */
#include "postgres.h"
#include "base/compat.h"

#include "access/transam.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "sources/trust_memory.h"

typedef struct TrustedKey
{
	Oid			reader;
	Oid			class_id;
	Oid			object_id;
} TrustedKey;

typedef struct Trusted
{
	TrustedKey	key;
	Oid		   *relations;		/* in the order of being found */
	int			count;
} Trusted;

static MemoryContext memory = NULL;
static HTAB *trusted = NULL;	/* of Trusted */
static HTAB *reached = NULL;	/* of Oid: the relations of all of them */
static bool is_stale = false;	/* something remembered may have changed */
static bool has_changed = false;	/* anything has, since trust_watch() */

/* Catalogues may be looked at without being reached: who may read them counts. */
static void
forget_relation(Datum unused, Oid relation)
{
	(void) unused;
	has_changed = true;
	if (relation < FirstNormalObjectId || (reached != NULL && hash_search(reached, &relation, HASH_FIND, NULL) != NULL))
		is_stale = true;
}

static void
forget_object(Datum unused, int cache, uint32 hash)
{
	(void) unused;
	(void) cache;
	(void) hash;
	has_changed = is_stale = true;
}

static HTAB *
new_hash(const char *name, Size key_size, Size entry_size)
{
	HASHCTL		control = {0};

	control.keysize = key_size;
	control.entrysize = entry_size;
	control.hcxt = memory;
	return hash_create(name, 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
empty_memory(void)
{
	static const int caches[] = {AUTHOID, CONSTROID, NAMESPACEOID, OPEROID, PROCOID, TYPEOID};

	if (memory == NULL)
	{
		memory = AllocSetContextCreate(TopMemoryContext, "medaudit trusted relations", ALLOCSET_SMALL_SIZES);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
		for (int i = 0; i < (int) lengthof(caches); i++)
			CacheRegisterSyscacheCallback(caches[i], forget_object, (Datum) 0);
	}
	/* until both are made, nothing is remembered */
	is_stale = true;
	trusted = reached = NULL;
	MemoryContextReset(memory);
	trusted = new_hash("medaudit trusted", sizeof(TrustedKey), sizeof(Trusted));
	reached = new_hash("medaudit trusted relations", sizeof(Oid), sizeof(Oid));
	is_stale = false;
}

static TrustedKey
key_of(Oid class_id, Oid object_id)
{
	TrustedKey	key = {GetUserId(), class_id, object_id};

	return key;
}

bool
trust_remembers(Oid class_id, Oid object_id)
{
	TrustedKey	key = key_of(class_id, object_id);
	Trusted    *entry;

	if (trusted == NULL || is_stale)
		return false;
	entry = hash_search(trusted, &key, HASH_FIND, NULL);
	if (entry == NULL)
		return false;
	/* what a lock takes in makes it stale, but frees nothing */
	for (int i = 0; i < entry->count && !is_stale; i++)
		LockRelationOid(entry->relations[i], AccessShareLock);
	AcceptInvalidationMessages();
	return !is_stale;
}

void
trust_watch(void)
{
	if (trusted == NULL || is_stale)
		empty_memory();
	has_changed = false;
}

void
trust_remember(Oid class_id, Oid object_id, const Oid *relations, int count)
{
	TrustedKey	key = key_of(class_id, object_id);
	Trusted    *entry;
	Oid		   *kept;

	if (has_changed || is_stale)
		return;
	kept = MemoryContextAlloc(memory, Max(count, 1) * sizeof(Oid));
	for (int i = 0; i < count; i++)
	{
		kept[i] = relations[i];
		hash_search(reached, &kept[i], HASH_ENTER, NULL);
	}
	entry = hash_search(trusted, &key, HASH_ENTER, NULL);
	entry->relations = kept;
	entry->count = count;
}
