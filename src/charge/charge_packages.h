/*
 * charge_packages.h
 *		Packages charged part by part: what their readers share.
 */
#ifndef MEDAUDIT_CHARGE_PACKAGES_H
#define MEDAUDIT_CHARGE_PACKAGES_H

#include "charge/charge.h"

/* A line that is charged for a component, or as the package itself. */
typedef struct PackagePart
{
	int32		visit;
	DateADT		day;
	uint32		component;
	int32		line;
} PackagePart;

/* A visit and date on which a package was charged by its parts. */
typedef struct PackageDay
{
	uint32		package;
	int32		visit;
	DateADT		day;
	bool		beside;			/* the package itself is charged that day */
	int			parts;			/* distinct components */
	int64		times;			/* n: packages that the parts make up */
	int64		amount;			/* of the components */
	int64		excess;
	double		score;
	uint32		missing;
	const PackagePart *lines;	/* by component, then ledger order; of the
								 * package itself behind them */
	int			line_count;		/* of the components */
} PackageDay;

typedef void (*PackageVisitor) (ChargeAudit *audit, const PackageDay *day, void *extra);

extern void packages_evaluate(ChargeAudit *audit, PackageVisitor visitor, void *extra);

#endif							/* MEDAUDIT_CHARGE_PACKAGES_H */
