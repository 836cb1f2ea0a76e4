/*
 * full_disk.c
 *		A disk that is full, for tests that may not mount one.
 *
 * Loaded before the C library (LD_PRELOAD) by a server.  While there is a file of the
 * name in MEDAUDIT_FULL_DISK, a write that would make a regular file longer fails with
 * ENOSPC where the path of that file holds what stands in it; what is written within its
 * length goes on, as on a disk that is full.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int
no_room(int file, off_t end)
{
	const char *name = getenv("MEDAUDIT_FULL_DISK");
	char		place[64];
	char		path[4096];
	char		what[64];
	struct stat is;
	ssize_t		length;
	int			list;

	if (name == NULL || fstat(file, &is) != 0 || !S_ISREG(is.st_mode) || end <= is.st_size)
		return 0;
	list = open(name, O_RDONLY | O_CLOEXEC);
	if (list < 0)
		return 0;
	length = read(list, what, sizeof(what) - 1);
	close(list);
	what[length > 0 ? length : 0] = '\0';
	snprintf(place, sizeof(place), "/proc/self/fd/%d", file);
	length = readlink(place, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	if (strstr(path, what) == NULL)
		return 0;
	errno = ENOSPC;
	return 1;
}

static off_t
bytes(const struct iovec *parts, int count)
{
	off_t		all = 0;

	for (int i = 0; i < count; i++)
		all += parts[i].iov_len;
	return all;
}

#define NEXT(result, name, arguments) \
	static result (*next) arguments; \
	if (next == NULL) \
		next = (result (*) arguments) dlsym(RTLD_NEXT, #name)

ssize_t
write(int file, const void *from, size_t size)
{
	off_t		at = lseek(file, 0, SEEK_CUR);

	NEXT(ssize_t, write, (int, const void *, size_t));
	return at >= 0 && no_room(file, at + size) ? -1 : next(file, from, size);
}

ssize_t
pwrite64(int file, const void *from, size_t size, off64_t at)
{
	NEXT(ssize_t, pwrite64, (int, const void *, size_t, off64_t));
	return no_room(file, at + size) ? -1 : next(file, from, size, at);
}

ssize_t
pwrite(int file, const void *from, size_t size, off_t at)
{
	return pwrite64(file, from, size, at);
}

ssize_t
pwritev64(int file, const struct iovec *parts, int count, off64_t at)
{
	NEXT(ssize_t, pwritev64, (int, const struct iovec *, int, off64_t));
	return no_room(file, at + bytes(parts, count)) ? -1 : next(file, parts, count, at);
}

ssize_t
pwritev(int file, const struct iovec *parts, int count, off_t at)
{
	return pwritev64(file, parts, count, at);
}

int
posix_fallocate64(int file, off64_t at, off64_t size)
{
	NEXT(int, posix_fallocate64, (int, off64_t, off64_t));
	return no_room(file, at + size) ? ENOSPC : next(file, at, size);
}

int
posix_fallocate(int file, off_t at, off_t size)
{
	return posix_fallocate64(file, at, size);
}
