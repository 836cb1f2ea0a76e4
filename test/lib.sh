# test/lib.sh: what test/run, test/bench/run and demo/run have in common.
#
# To be sourced by bash.  Nothing here touches the user's own build, an
# installed server or an existing cluster: builds go to build/<flavour>, and
# servers are throwaway ones in a temporary folder, on a Unix socket only.
#
#   need_packages "for what" package ...   install what is missing (Debian)
#   build flavour "compiler flags"         compile into build/<flavour>
#   throwaway_begin                        make $THROWAWAY, remove it at exit
#   stage_install flavour                  install into $THROWAWAY/stage
#   server_start [setting=value ...]       initdb and start; sets PGHOST, ...
#   server_stop                            stop it (also done at exit)
#   as_server command ...                  run as the server's user
#   prepare_tap                            copy what TAP files read into $THROWAWAY/tap
#   run_tap name                           one of them, its output into a log there
#   at_exit command                        run it at exit, latest first
#   new_root release folder [package ...]  a clean Debian, by root
#   in_root folder <script                 run it there
#
# MEDAUDIT_MATERIAL names the folder of the real material that tests and the
# bench compare with: nhsa/ (published rule files), stays/, address/.  Unset, it
# is ../shared/data beside the project; what is not there is left out.

export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8
unset PGDATABASE PGHOSTADDR PGSERVICE PGOPTIONS PGPASSWORD PGSSLMODE

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
STARTED=$SECONDS

# The packages that build the extension, with Debian 12's server where none is there yet,
# and those that test it besides.
BUILD_PACKAGES=(libicu-dev pkgconf gcc make libc6-dev gettext)
TEST_PACKAGES=(libipc-run-perl perl diffutils locales)

# What the tests are compiled with: users compile with plain flags.
STRICT_FLAGS="-Wall -Wextra -Werror -DUSE_ASSERT_CHECKING"

say()
{
	printf '[%3d s] %s\n' $((SECONDS - STARTED)) "$*"
}

fail()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

if [ -z "${MEDAUDIT_MATERIAL:-}" ]; then
	# empty where it is not there, so that a script that this one calls finds the same
	MEDAUDIT_MATERIAL=$(cd "$PROJECT/../shared/data" 2>/dev/null && pwd) || :
elif ! MEDAUDIT_MATERIAL=$(cd "$MEDAUDIT_MATERIAL" 2>/dev/null && pwd); then
	fail "MEDAUDIT_MATERIAL names no folder"
fi
export MEDAUDIT_MATERIAL

exit_commands=()
at_exit()
{
	exit_commands=("$1" "${exit_commands[@]}")
	trap run_exit_commands EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

run_exit_commands()
{
	local status=$? command

	trap - EXIT
	for command in "${exit_commands[@]}"; do
		$command || [ "$status" -ne 0 ] || status=1
	done
	exit "$status"
}

package_missing()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" != installed ]
}

# packages_of_tap NAME MAJOR: what a TAP file leaves out where it cannot be had.
packages_of_tap()
{
	case $1 in
		002_pgxn) echo pgxnclient ;;
		035_scheduled) echo "postgresql-$2-cron" ;;
		# what a BI tool connects with
		038_bi) echo libpostgresql-jdbc-java default-jdk-headless ;;
		# a browser and Chinese letters
		072_report) echo chromium fonts-noto-cjk ;;
	esac
}

# need_packages "what for" package ...: installs what is missing, as root.
need_packages()
{
	local what=$1 package missing=()

	shift
	if ! command -v dpkg-query >/dev/null; then
		say "not a Debian system: taking for granted what $what needs"
		return 0
	fi
	for package in "$@"; do
		! package_missing "$package" || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" -eq 0 ] ||
		fail "$what needs packages: apt-get install ${missing[*]}"
	say "installing ${missing[*]}"
	apt_quietly update || fail "apt-get update failed"
	apt_quietly install -y --no-install-recommends "${missing[@]}" ||
		fail "apt-get could not install ${missing[*]}"
}

# The package makes a cluster of its own; it stays stopped and untouched.
apt_quietly()
{
	local log

	log=$(mktemp)
	if DEBIAN_FRONTEND=noninteractive apt-get -q "$@" >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	tail -n 30 "$log" >&2
	rm -f "$log"
	return 1
}

# PG_CONFIG of the caller, else the one in the path, else the newest of Debian.
find_pg_config()
{
	local found

	[ -z "${PG_CONFIG:-}" ] || return 0
	if command -v pg_config >/dev/null; then
		PG_CONFIG=$(command -v pg_config)
	else
		for found in /usr/lib/postgresql/*/bin/pg_config; do
			PG_CONFIG=$found
		done
	fi
	[ -x "${PG_CONFIG:-}" ] || fail "pg_config was not found, set PG_CONFIG"
	export PG_CONFIG
}

# Is there a server?  Debian's client alone brings pg_config, too.
server_there()
{
	(find_pg_config && [ -x "$("$PG_CONFIG" --bindir)/initdb" ]) 2>/dev/null
}

# Are there its headers?  PGXS comes with Debian's client, without them.
headers_there()
{
	(find_pg_config && [ -e "$("$PG_CONFIG" --pgxs)" ] && [ -e "$("$PG_CONFIG" --includedir-server)/postgres.h" ]) 2>/dev/null
}

# The major version of PG_CONFIG's server.
pg_major()
{
	"$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/'
}

if ! server_there; then
	BUILD_PACKAGES=(postgresql-15 postgresql-server-dev-15 "${BUILD_PACKAGES[@]}")
elif ! headers_there; then
	BUILD_PACKAGES=("postgresql-server-dev-$(find_pg_config && pg_major)" "${BUILD_PACKAGES[@]}")
fi

# build flavour "flags": compiles a tree of links to the sources, so that the
# user's own build keeps its flags and a second run only compiles what changed.
build()
{
	local flavour=$1 flags=$2 tree="$PROJECT/build/$1" stamp

	find_pg_config
	stamp="$("$PG_CONFIG" --version) $flags"
	if [ "$(cat "$tree/flags" 2>/dev/null)" != "$stamp" ]; then
		rm -rf "$tree"
	fi
	mkdir -p "$tree"
	link_sources "$tree"
	make -s -j "$(nproc)" -C "$tree" with_llvm=no PG_CONFIG="$PG_CONFIG" \
		PG_CFLAGS="$flags" all || return 1
	printf '%s' "$stamp" >"$tree/flags"
}

link_sources()
{
	local tree=$1 file folder

	if [ -n "$(find "$tree" -xtype l -print -delete)" ]; then
		rm -f "$tree"/*.so
	fi
	(cd "$PROJECT" && find . -type f ! -path './.git/*' ! -path './build/*' \
		! -path './test/*' ! -path './demo/*' ! -path './expected/*' \
		! -path '*/node_modules/*' ! -name '*.o' ! -name '*.bc' \
		! -name '*.so' ! -name '*.mo' ! -name 'medaudit--*.sql' \
		! -path './src/address/*_data.h' ! -path './src/exports.*' ! -path ./sql/function_page.sql) |
	while read -r file; do
		folder=${file%/*}
		mkdir -p "$tree/$folder"
		[ -e "$tree/$file" ] || ln -s "$PROJECT/$file" "$tree/$file"
	done
}

# Makes $THROWAWAY, a folder of the server's user that goes away at exit.
throwaway_begin()
{
	THROWAWAY=$(mktemp -d "${TMPDIR:-/tmp}/medaudit.XXXXXX")
	at_exit throwaway_end
	if [ "$(id -u)" -eq 0 ]; then
		chown postgres: "$THROWAWAY"
	fi
	chmod 755 "$THROWAWAY"
}

throwaway_end()
{
	server_stop
	cd /
	rm -rf "$THROWAWAY"
}

# As root, a server needs another user; else it runs as who calls.
as_server()
{
	if [ "$(id -u)" -eq 0 ]; then
		(cd "$THROWAWAY" && runuser -u postgres -- "$@")
	else
		(cd "$THROWAWAY" && "$@")
	fi
}

stage_install()
{
	STAGE=$THROWAWAY/stage
	mkdir -p "$STAGE"
	chmod 755 "$STAGE"
	make -s -C "$PROJECT/build/$1" with_llvm=no PG_CONFIG="$PG_CONFIG" \
		DESTDIR="$STAGE" install >/dev/null || return 1
	chmod -R a+rX "$STAGE"
}

# The settings through which Debian's server finds an extension in $STAGE.
stage_settings()
{
	local major share

	major=$(pg_major)
	share=$("$PG_CONFIG" --sharedir)
	if [ "$major" -ge 18 ]; then
		printf "extension_control_path = '%s:\$system'\n" "$STAGE$share"
	else
		printf "extension_destdir = '%s'\n" "$STAGE"
	fi
	printf "dynamic_library_path = '%s:\$libdir'\n" \
		"$STAGE$("$PG_CONFIG" --pkglibdir)"
}

# server_start [setting=value ...]: a new cluster in UTF-8, reached by socket.
server_start()
{
	local bin setting

	bin=$("$PG_CONFIG" --bindir)
	SERVER_DATA=$THROWAWAY/data
	as_server "$bin/initdb" -D "$SERVER_DATA" -U postgres -A trust -N \
		--encoding=UTF8 --locale=C.UTF-8 >"$THROWAWAY/initdb.log" 2>&1 || {
		cat "$THROWAWAY/initdb.log" >&2
		return 1
	}
	mkdir -p "$THROWAWAY/socket"
	chmod 700 "$THROWAWAY/socket"
	[ "$(id -u)" -ne 0 ] || chown postgres: "$THROWAWAY/socket"
	{
		printf "listen_addresses = ''\n"
		printf "unix_socket_directories = '%s'\n" "$THROWAWAY/socket"
		printf "fsync = off\nlog_min_messages = warning\n"
		printf "timezone = 'Asia/Shanghai'\n"
		[ -z "${STAGE:-}" ] || stage_settings
		for setting in "$@"; do
			printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
		done
	} >>"$SERVER_DATA/postgresql.conf"
	# a Ctrl-C from here on meets a server that may be up already
	SERVER_RUNS=yes
	as_server "$bin/pg_ctl" -D "$SERVER_DATA" -l "$THROWAWAY/server.log" \
		-w -t 60 start >/dev/null || {
		cat "$THROWAWAY/server.log" >&2
		return 1
	}
	export PGHOST=$THROWAWAY/socket PGPORT=5432 PGUSER=postgres
}

server_stop()
{
	[ "${SERVER_RUNS:-}" = yes ] || return 0
	SERVER_RUNS=
	as_server "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$SERVER_DATA" \
		-m immediate -w stop >/dev/null 2>&1 || true
}

# What TAP files read, where the server's user may look.
prepare_tap()
{
	mkdir -p "$THROWAWAY/tap/tmp_check/log"
	cp -R test/t "$THROWAWAY/tap/t"
	cp -R demo "$THROWAWAY/tap/demo"
	cp -R test/fuzz "$THROWAWAY/tap/fuzz"
	# the project may lie where the server's user may not look
	mkdir "$THROWAWAY/tap/project"
	tar --exclude=./build --exclude=./.git -cf - . | tar -C "$THROWAWAY/tap/project" -xf -
	stage_settings >"$THROWAWAY/tap/conf"
	[ "$(id -u)" -ne 0 ] || chown -R postgres: "$THROWAWAY/tap"
	small_disk
}

# A small file system that a test may fill, where root may mount one.
small_disk()
{
	local folder=$THROWAWAY/small

	mkdir "$folder"
	if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o "size=400m,mode=700,uid=$(id -u postgres)" medaudit "$folder" 2>/dev/null; then
		at_exit small_disk_end
		export MEDAUDIT_SMALL_DISK=$folder
	fi
}

small_disk_end()
{
	umount -l "$THROWAWAY/small"
}

# One TAP file, as the server's user, which reads a copy of the files; leaves
# its output in $THROWAWAY/tap/NAME.log and exit code and seconds in NAME.done.  It has
# twenty minutes, or MEDAUDIT_TAP_SECONDS where it is told to do more than usual.
run_tap()
{
	local base=$THROWAWAY/tap/$1 pgxs perl started=$SECONDS

	pgxs=$(dirname "$("$PG_CONFIG" --pgxs)")
	perl=${pgxs%/makefiles}/test/perl
	as_server env -u PG_TEST_NOCLEAN PATH="$("$PG_CONFIG" --bindir):$PATH" \
		PG_REGRESS="${pgxs%/makefiles}/test/regress/pg_regress" \
		TESTDIR="$THROWAWAY/tap" TESTDATADIR="$THROWAWAY/tap/tmp_check" \
		TESTLOGDIR="$THROWAWAY/tap/tmp_check/log" TEMP_CONFIG="$THROWAWAY/tap/conf" \
		MEDAUDIT_PROJECT="$THROWAWAY/tap/project" \
		timeout "${MEDAUDIT_TAP_SECONDS:-1200}" prove -v -I "$perl" -I "$THROWAWAY/tap/t/lib" \
		"$THROWAWAY/tap/t/$1.pl" >"$base.log" 2>&1
	echo "$? $((SECONDS - started))" >"$base.end"
	mv "$base.end" "$base.done"
}

# new_root RELEASE FOLDER [PACKAGE ...]: a clean Debian of the release in FOLDER, with
# packages, in which a server's package makes no cluster.
new_root()
{
	local release=$1 folder=$2 packages options=()

	shift 2
	packages=$(IFS=, && echo "$*")
	# its lists are what they are, even of an archive that stands still
	[ "$release" != sid ] || options=(--aptopt='Acquire::Check-Valid-Until "false"')
	say "mmdebstrap $release ${folder##*/}${packages:+ with $packages}"
	mmdebstrap --quiet --variant=apt ${packages:+--include="$packages"} "${options[@]}" \
		--setup-hook='mkdir -p "$1/etc/postgresql-common/createcluster.d"' \
		--setup-hook='echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"' \
		"$release" "$folder" >"$folder.log" 2>&1 || {
		tail -n 20 "$folder.log"
		fail "no clean Debian"
	}
}

# in_root FOLDER: runs the script on stdin there, with processes and mounts of its own, which
# end with it.
in_root()
{
	cat >"$1/root/script"
	unshare --mount --pid --fork --kill-child --mount-proc="$1/proc" \
		chroot "$1" bash -euo pipefail /root/script </dev/null
}
