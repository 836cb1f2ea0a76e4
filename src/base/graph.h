/*
 * graph.h
 *		Which of n things hang together: union-find.
 */
#ifndef MEDAUDIT_GRAPH_H
#define MEDAUDIT_GRAPH_H

typedef struct Forest
{
	int32	   *parent;			/* of a root: itself */
	int32		count;
} Forest;

extern void forest_init(Forest *forest, int32 count);
extern void forest_join(Forest *forest, int32 a, int32 b);
extern int32 *forest_groups(Forest *forest, int32 *starts);

/* The least member of the group of NODE; halves the path on its way. */
static inline int32
forest_find(Forest *forest, int32 node)
{
	int32	   *parent = forest->parent;

	while (parent[node] != node)
	{
		parent[node] = parent[parent[node]];
		node = parent[node];
	}
	return node;
}

#endif							/* MEDAUDIT_GRAPH_H */
