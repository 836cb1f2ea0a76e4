# medaudit: audits medical-insurance claims inside PostgreSQL.
#
#   make                 build the library and the install script
#   make install         install into the server that PG_CONFIG names
#   make installcheck    run the regression tests against a running server
#   make bench           speed and size, see test/bench/run
#   make dist            a source archive of HEAD
#
# The version stands in medaudit.control and nowhere else.

EXTENSION = medaudit
MODULE_big = medaudit
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" medaudit.control)

# Topics of the install script, in the order in which they build on each other.
SQL_TOPICS = \
	medaudit \
	codes \
	ledger \
	stays \
	rulebook \
	equality \
	articles \
	rules \
	rule_settings \
	charge_rules \
	split_charge \
	bed_days \
	stay_gaps \
	occupancy \
	bursts \
	together \
	companions \
	normalize \
	identity \
	address \
	names \
	dose \
	starter_rules \
	soft \
	sources \
	national \
	item_units \
	findings \
	run_rulebook \
	ranking \
	run_record \
	views \
	sentences \
	calendar \
	calendar_days \
	stay_rules \
	run_read_stays \
	run_stays \
	stay_scores \
	persons \
	run_sources \
	run_read \
	run_store \
	run_charges \
	run_quality \
	coverage \
	masked \
	guards \
	audit
SQL_FILES := $(foreach topic,$(SQL_TOPICS),$(wildcard sql/*/$(topic).sql))

OBJS := $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
DATA := $(wildcard sql/medaudit--*--*.sql)
DATA_built = sql/medaudit--$(EXTVERSION).sql
DOCS := $(wildcard doc/*.md)

# Those parts of a run that have no test of their own are tested by the run's.
REGRESS := $(patsubst test/sql/%.sql,%,$(wildcard $(SQL_TOPICS:%=test/sql/%.sql)))
REGRESS_OUTPUT = build/regress
REGRESS_OPTS = --encoding=UTF8 --inputdir=test --outputdir=$(REGRESS_OUTPUT) --load-extension=medaudit

# Nothing but what SQL calls is seen from outside, and what is called inside is
# ours: a neighbour's function of the same name is never called instead, nor
# ours in its place.  Later majors hide most of it by themselves.
SHLIB_EXPORTS = src/exports.txt
comma := ,
BIND_INSIDE = $(if $(filter linux freebsd netbsd openbsd solaris,$(PORTNAME)),-Wl$(comma)-Bsymbolic)

EXTRA_CLEAN = build src/address/division_data.h src/exports.txt src/exports.list sql/medaudit--$(EXTVERSION).sql

# No bitcode: JIT would copy functions out of the library and look up by name
# what they call, which is hidden; none is so small that it would gain.
override with_llvm = no

PG_CONFIG ?= pg_config
PKG_CONFIG ?= pkg-config

# Say what is missing before the compiler does; cleaning needs none of it.
NEEDS_SERVER := $(filter-out clean dist,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_SERVER),)
  PG_VERSION := $(shell $(PG_CONFIG) --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
  ifeq ($(PG_VERSION),)
    $(error "$(PG_CONFIG)" was not found: install PostgreSQL 15 or later with its server headers (Debian: postgresql-server-dev-15) or set PG_CONFIG=/path/to/pg_config)
  endif
  ifeq ($(shell test $(PG_VERSION) -ge 15 && echo yes),)
    $(error medaudit needs PostgreSQL 15 or later, "$(PG_CONFIG)" is of $(PG_VERSION))
  endif
  ifeq ($(wildcard $(shell $(PG_CONFIG) --pgxs)),)
    $(error the PostgreSQL server headers are missing (Debian: postgresql-server-dev-$(PG_VERSION)))
  endif
  ifneq ($(shell $(PKG_CONFIG) --exists icu-uc icu-i18n 2>/dev/null && echo yes),yes)
    $(error ICU was not found through $(PKG_CONFIG) (Debian: libicu-dev pkgconf))
  endif
endif

# The quotes of the version must reach the compiler: it is a C string.
PG_CPPFLAGS = -I$(srcdir)/src -DMEDAUDIT_VERSION='"$(EXTVERSION)"' $(shell $(PKG_CONFIG) --cflags icu-uc icu-i18n 2>/dev/null)
SHLIB_LINK = $(shell $(PKG_CONFIG) --libs icu-uc icu-i18n 2>/dev/null) $(BIND_INSIDE)

ifneq ($(NEEDS_SERVER),)
  PGXS := $(shell $(PG_CONFIG) --pgxs)
  include $(PGXS)
else
clean:
	rm -rf build src/address/division_data.h src/exports.txt src/exports.list src/*.o src/*/*.o medaudit.so $(DATA_built)
endif

$(OBJS): $(wildcard src/*/*.h) medaudit.control

# The divisions of China, as one C string.
src/address/gazetteer.o: src/address/division_data.h
src/address/division_data.h: src/address/division/division.csv Makefile
	awk -F, 'NR > 1 { print "\"" $$1 " " $$2 "\\n\"" }' src/address/division/division.csv > $@

src/exports.txt: $(OBJS:%.o=%.c) Makefile
	{ echo Pg_magic_func; echo _PG_init; \
	  sed -n 's/^PG_FUNCTION_INFO_V1(\(.*\));.*/\1 pg_finfo_\1/p' $(sort $(OBJS:%.o=%.c)) | tr ' ' '\n'; } > $@

$(DATA_built): $(SQL_FILES) medaudit.control Makefile
	cat $(SQL_FILES) > $@

# PostgreSQL 15 looks for expected/ in the output directory first, later ones
# here; either way the answers stand in one place.
installcheck: regress-output
.PHONY: regress-output topics bench dist
regress-output:
	mkdir -p $(REGRESS_OUTPUT)
	ln -sfn $(CURDIR)/expected $(REGRESS_OUTPUT)/expected

# What test/run runs, in this order.
topics:
	@echo $(REGRESS)

bench:
	test/bench/run

dist:
	git archive --format=zip --prefix=medaudit-$(EXTVERSION)/ -o medaudit-$(EXTVERSION).zip HEAD
