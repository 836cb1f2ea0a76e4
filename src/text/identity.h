/*
 * identity.h
 *		Resident numbers, for those who read them in a register.
 */
#ifndef MEDAUDIT_IDENTITY_H
#define MEDAUDIT_IDENTITY_H

#define RESIDENT_LENGTH		18
#define OLD_LENGTH			15

/*
 * Is DATA a valid resident number?  One of 15 digits is written into UPGRADED,
 * of RESIDENT_LENGTH, and *IS_OLD says so.
 */
extern bool resident_number_valid(const char *data, int length,
								  char *upgraded, bool *is_old);

#endif							/* MEDAUDIT_IDENTITY_H */
