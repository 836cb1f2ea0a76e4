/* placeholder */
#include "postgres.h"
#include "compat.h"

#include "rulebook_build.h"

struct varlena *
rulebook_compile(ArrayType *rule_codes)
{
	(void) rule_codes;
	return builder_finish(rulebook_builder(CurrentMemoryContext));
}
