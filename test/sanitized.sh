# test/sanitized.sh: a server that tells of every wrong byte, for the tests that can run on one.
#
# To be sourced by bash after test/lib.sh, before anything is built.
#
#   sanitized_server       has PG_CONFIG name such a server, made from source where it is not
#                          there yet, and FLAVOUR and FLAGS what to build for it
#   sanitizer_reports      prints what was found; fails where anything was
#
# The server is PostgreSQL with AddressSanitizer, UndefinedBehaviorSanitizer and assertions,
# in which every palloc() is a malloc() of that many bytes (but for those of sorting), so that
# a byte beyond a chunk, and a chunk that was freed, are seen.  medaudit is built with the same,
# and with overflows of signed numbers, which the server allows itself (-fwrapv), and of
# conversions from float.  Off are: leaks (a backend ends without freeing), and stacks of
# functions that have returned (check_stack_depth() measures the real one).
#
# The source is what apt-get source gives for the major version of the server that is there;
# or MEDAUDIT_POSTGRES_SOURCE names the archive (postgresql-15.18.tar.bz2).  The server stays in
# build/sanitized-server, 240 MB, and is made once, in eight minutes on one core; each test
# copies it, and installs into the copy.

SANITIZED=$PROJECT/build/sanitized-server
SANITIZERS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
SANITIZER_SAYS='ERROR: AddressSanitizer|: runtime error: |TRAP:'
FLAVOUR=strict FLAGS=$STRICT_FLAGS

# The source's archive, found or brought; its name in $source.
find_source()
{
	local versions version package

	source=${MEDAUDIT_POSTGRES_SOURCE:-}
	if [ -n "$source" ]; then
		[ -r "$source" ] || fail "MEDAUDIT_POSTGRES_SOURCE names no archive"
		return 0
	fi
	package=postgresql-$(pg_major)
	command -v apt-get >/dev/null ||
		fail "the source of PostgreSQL is not there: set MEDAUDIT_POSTGRES_SOURCE to its archive"
	say "apt-get source $package"
	source_lists
	apt_for_sources update >"$SANITIZED/apt.log" 2>&1
	# the newest may be told of and not be there
	versions=$(apt_cache_for_sources showsrc "$package" 2>>"$SANITIZED/apt.log" | sed -n 's/^Version: //p' | sort -Vru)
	for version in $versions; do
		(cd "$SANITIZED/apt" && apt_for_sources source --download-only "$package=$version") >>"$SANITIZED/apt.log" 2>&1 || continue
		source=$(compgen -G "$SANITIZED/apt/*.orig.tar.*" | grep -v '\.asc$' | head -n 1)
		[ -z "$source" ] || return 0
	done
	tail -n 20 "$SANITIZED/apt.log" >&2
	fail "the source of $package cannot be had: set MEDAUDIT_POSTGRES_SOURCE to its archive"
}

# The archives that this system has its packages from, asked for sources; the system's own
# lists stay as they are.
source_lists()
{
	local file to=$SANITIZED/apt/sources

	rm -rf "$SANITIZED/apt"
	mkdir -p "$to" "$SANITIZED/apt/lists/partial" "$SANITIZED/apt/cache/archives/partial"
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -e "$file" ] || sed -n 's/^deb \(.*\)/deb-src \1/p' "$file" >"$to/${file##*/}.list"
	done
	for file in /etc/apt/sources.list.d/*.sources; do
		[ ! -e "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"$to/${file##*/}"
	done
}

apt_for_sources()
{
	apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$SANITIZED/apt/sources" \
		-o Dir::State::lists="$SANITIZED/apt/lists" -o Dir::Cache="$SANITIZED/apt/cache" "$@"
}

apt_cache_for_sources()
{
	apt-cache -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$SANITIZED/apt/sources" \
		-o Dir::State::lists="$SANITIZED/apt/lists" -o Dir::Cache="$SANITIZED/apt/cache" "$@"
}

# Chunks of a context are blocks of their own from malloc(), not a byte longer than asked for:
# the limit from which aset.c gives large chunks a block is none, and sizes are not rounded up.
# Then its own marks behind chunks have no place, and are not needed.
one_malloc_each()
{
	local tree=$1 aset=$1/src/backend/utils/mmgr/aset.c

	sed -i '/^#define MEMORY_CONTEXT_CHECKING$/d' "$tree/src/include/pg_config_manual.h"
	sed -i -e 's/^\t\tset->allocChunkLimit >>= 1;$/&\n\tset->allocChunkLimit = 0;/' \
		-e 's/^\t\tchunk_size = MAXALIGN(size);$/\t\tchunk_size = size;/' \
		-e '/^\t\tchksize = MAXALIGN(chksize);$/d' \
		-e 's/^\tif (size > set->allocChunkLimit)$/\tif (size == 0)\n\t\tsize = 1;\n&/' "$aset"
	[ "$(grep -cE '^\s(set->allocChunkLimit = 0|\schunk_size = size|if \(size == 0\)$)' "$aset")" = 3 ] &&
		! grep -q 'MAXALIGN(chksize)' "$aset" ||
		fail "aset.c of this version is another: see one_malloc_each() in test/sanitized.sh"
}

# Options of UndefinedBehaviorSanitizer are read at its first report, when a backend has put
# its title where the environment was: they stand in the server itself, as since 16.
options_within()
{
	cat >>"$1/src/backend/main/main.c" <<'END'

const char *__ubsan_default_options(void);

const char *
__ubsan_default_options(void)
{
	return "print_stacktrace=1:abort_on_error=1";
}
END
}

make_server()
{
	local tree=$SANITIZED/source

	mkdir -p "$tree"
	tar -xf "$source" -C "$tree" --strip-components=1 || return 1
	one_malloc_each "$tree"
	options_within "$tree"
	say "making a server with sanitizers from ${source##*/}"
	(
		cd "$tree" && ./configure -q --prefix="$SANITIZED/server" --enable-cassert --enable-debug --enable-tap-tests \
			--enable-nls --with-icu --without-readline --without-zlib \
			CFLAGS="-O1 -g $SANITIZERS" LDFLAGS="${SANITIZERS%% *}" &&
			make -s -C src/backend generated-headers && make -s -j "$(nproc)" -C src &&
			make -s -C src DESTDIR="$SANITIZED/root" install && make -s -C contrib/postgres_fdw DESTDIR="$SANITIZED/root" install
	) >"$SANITIZED/make.log" 2>&1 || { tail -n 30 "$SANITIZED/make.log" >&2; return 1; }
	# whatever a source has as its folders, it went nowhere else
	mv "$SANITIZED/root$SANITIZED/server" "$SANITIZED/server" || return 1
	rm -rf "$tree" "$SANITIZED/apt" "$SANITIZED/root"
}

sanitized_server()
{
	local stamp source

	need_packages "a server with sanitizers" "${BUILD_PACKAGES[@]}" bison flex bzip2 xz-utils libipc-run-perl perl
	find_pg_config
	export ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:disable_coredump=1
	ASAN_OPTIONS+=:allocator_may_return_null=1:quarantine_size_mb=64:strict_string_checks=1
	# of another major, or made otherwise: made anew
	stamp="$(pg_major) $(declare -f one_malloc_each options_within make_server | cksum)"
	if [ "$(cat "$SANITIZED/ready" 2>/dev/null)" != "$stamp" ]; then
		rm -rf "$SANITIZED"
		mkdir -p "$SANITIZED"
		find_source
		make_server || fail "the server could not be made"
		printf '%s' "$stamp" >"$SANITIZED/ready"
	fi
	PG_CONFIG=$SANITIZED/server/bin/pg_config
	FLAVOUR=sanitized
	FLAGS="$STRICT_FLAGS -Wno-maybe-uninitialized -fno-wrapv -fsanitize=signed-integer-overflow,float-cast-overflow"
	installs_in_copy
}

# installs_in_copy: from here on an installation goes into a copy of the server, which needs
# no setting to find it; and the server's user may not look into the project.
installs_in_copy()
{
	stage_install()
	{
		cp -R "$SANITIZED/server" "$THROWAWAY/server" || return 1
		PG_CONFIG=$THROWAWAY/server/bin/pg_config
		[[ $("$PG_CONFIG" --pkglibdir) == "$THROWAWAY"/* ]] || fail "this server has libraries elsewhere: take PostgreSQL's own source"
		make -s -C "$PROJECT/build/$1" with_llvm=no PG_CONFIG="$PG_CONFIG" install >/dev/null || return 1
		chmod -R a+rX "$THROWAWAY/server"
	}
	stage_settings()
	{
		:
	}
}

# sanitizer_reports [LOG ...]: what sanitizers wrote there, 60 lines of each; default the server's log.
sanitizer_reports()
{
	local log found=0

	[ $# -gt 0 ] || set -- "$THROWAWAY/server.log"
	for log in "$@"; do
		! grep -qE "$SANITIZER_SAYS" "$log" || {
			grep -hE -A 60 "$SANITIZER_SAYS" "$log"
			found=1
		}
	done
	return $found
}
