# medaudit: audits medical-insurance claims inside PostgreSQL.
#
#   make                 build the library and the install script
#   make install         install into the server that PG_CONFIG names
#   make installcheck    run the regression tests against a running server
#   make bench           speed and size, see test/bench/run
#   make dist            a source archive of HEAD
#   make deb             Debian packages of HEAD, in build/deb
#
# The version stands in medaudit.control, and in META.json, which cannot read it.

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
	rule_kinds \
	rule_settings \
	charge_rules \
	excess_totals \
	split_charge \
	bed_days \
	stay_gaps \
	occupancy \
	bursts \
	together \
	companions \
	distributions \
	statistics \
	normalize \
	identity \
	names \
	dose \
	supply \
	starter_rules \
	soft \
	sources \
	national \
	national_import \
	indications \
	bind_national \
	address \
	item_units \
	findings \
	run_rulebook \
	focus \
	ranking \
	rectification \
	run_record \
	standing_lists \
	views \
	sentences \
	calendar \
	calendar_days \
	stay_rules \
	run_work \
	run_read_stays \
	run_stays \
	stay_scores \
	persons \
	national_rules \
	herbs \
	fills \
	cards \
	stock \
	trace_codes \
	run_kinds \
	run_fills \
	prescriptions \
	resale_scores \
	recognised_exams \
	permits \
	manual_claims \
	run_cards \
	run_stock \
	run_sources \
	run_settlements \
	run_gather \
	run_read \
	run_store \
	run_charges \
	run_quality \
	budget \
	indicators \
	benefit \
	admission_rates \
	fund_reserve \
	case_payment \
	physician_days \
	lost_cover \
	unclaimed_benefit \
	threefold_cover \
	coverage \
	stream_gaps \
	remote_large \
	masked \
	chinese_views \
	guards \
	decisions \
	exemptions \
	cases \
	penalties \
	demerits \
	risk \
	sheets \
	draw \
	inspection \
	audit \
	books \
	books_register \
	books_stays \
	check_visit \
	report_svg \
	report_page \
	report_sections \
	report_followup \
	report_fund \
	report_sheet \
	report \
	person_page \
	access

OBJS := $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))

# A topic has tables, made once (NAME.tables.sql); routines, views and triggers,
# which CREATE OR REPLACE (NAME.sql); and what is made once after them: operators,
# casts, shipped rows (NAME.once.sql).  So the routines alone are most of an
# upgrade: sql/updates/A--B.sql says what changes of the tables before them, and
# sql/updates/A--B.once.sql, where there is one, what comes after.
INSTALL_SQL := $(foreach topic,$(SQL_TOPICS),$(foreach part,tables.sql sql once.sql,$(wildcard sql/*/$(topic).$(part))))
ROUTINE_SQL := $(foreach topic,$(SQL_TOPICS),$(wildcard sql/*/$(topic).sql))
FUNCTIONS_SQL = sql/function_page.sql sql/types/functions.sql
UPDATES := $(filter-out %.once.sql,$(wildcard sql/updates/*--$(EXTVERSION).sql))
UPGRADES := $(UPDATES:sql/updates/%=sql/medaudit--%)
DATA_built = sql/medaudit--$(EXTVERSION).sql $(UPGRADES)
# The index would meet those of others where pages of all extensions are installed.
DOCS := $(filter-out doc/README.md,$(wildcard doc/*.md))

# Those parts of a run that have no test of their own are tested by the run's.
REGRESS := $(patsubst test/sql/%.sql,%,$(wildcard $(SQL_TOPICS:%=test/sql/%.sql) test/sql/functions.sql))
REGRESS_OUTPUT = build/regress
REGRESS_OPTS = --encoding=UTF8 --inputdir=test --outputdir=$(REGRESS_OUTPUT) --load-extension=medaudit

# Nothing but what SQL calls is seen from outside, and what is called inside is
# ours: a neighbour's function of the same name is never called instead, nor
# ours in its place.  Later majors hide most of it by themselves.
SHLIB_EXPORTS = src/exports.txt
comma := ,
BIND_INSIDE = $(if $(filter linux freebsd netbsd openbsd solaris,$(PORTNAME)),-Wl$(comma)-Bsymbolic)

EXTRA_CLEAN = build src/address/division_data.h src/address/word_data.h src/exports.txt src/exports.list sql/function_page.sql $(DATA_built)

# No bitcode: JIT would copy functions out of the library and look up by name
# what they call, which is hidden; none is so small that it would gain.
override with_llvm = no

# Messages in other languages (po/) are built where gettext is there, and the
# server speaks them; without it medaudit speaks English.
ifeq ($(shell command -v msgfmt),)
  override LANGUAGES =
endif

PG_CONFIG ?= pg_config
PKG_CONFIG ?= pkg-config

# Say what is missing before the compiler does; cleaning needs none of it.
NEEDS_SERVER := $(filter-out clean dist deb,$(or $(MAKECMDGOALS),all))
ifneq ($(NEEDS_SERVER),)
  PG_VERSION := $(shell $(PG_CONFIG) --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
  ifeq ($(PG_VERSION),)
    $(error "$(PG_CONFIG)" was not found: install PostgreSQL 15 or later with its server headers (Debian: postgresql-server-dev-15) or set PG_CONFIG=/path/to/pg_config)
  endif
  ifeq ($(shell test $(PG_VERSION) -ge 15 && echo yes),)
    $(error medaudit needs PostgreSQL 15 or later, "$(PG_CONFIG)" is of $(PG_VERSION))
  endif
  # Debian's client brings pg_config and PGXS, without headers
  ifeq ($(and $(wildcard $(shell $(PG_CONFIG) --pgxs)),$(wildcard $(shell $(PG_CONFIG) --includedir-server)/postgres.h)),)
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
	rm -rf build src/address/division_data.h src/address/word_data.h src/exports.txt src/exports.list src/*.o src/*/*.o po/*.mo medaudit.so sql/function_page.sql $(DATA_built)
endif

$(OBJS): $(wildcard src/*/*.h) medaudit.control

# The divisions of China and the words of addresses, each as one C string.
src/address/gazetteer.o: src/address/division_data.h
src/address/division_data.h: src/address/division/division.csv Makefile
	awk -F, 'NR > 1 { print "\"" $$1 " " $$2 "\\n\"" }' src/address/division/division.csv > $@
src/address/address_words.o: src/address/word_data.h
src/address/word_data.h: src/address/address_words.csv Makefile
	awk -F, 'NR > 1 { print "\"" $$1 " " $$2 "\\t" $$3 "\\t" $$4 "\\n\"" }' src/address/address_words.csv > $@

src/exports.txt: $(OBJS:%.o=%.c) Makefile
	{ echo Pg_magic_func; echo _PG_init; \
	  sed -n 's/^PG_FUNCTION_INFO_V1(\(.*\));.*/\1 pg_finfo_\1/p' $(sort $(OBJS:%.o=%.c)) | tr ' ' '\n'; } > $@

# Which page tells of a routine: that of the topic whose file makes it.
sql/function_page.sql: $(INSTALL_SQL) $(DOCS) Makefile
	{ echo 'CREATE OR REPLACE VIEW _function_page (name, page) AS VALUES'; \
	  for file in $(INSTALL_SQL); do \
	    topic=$$(basename $$file .sql); topic=$${topic%%.*}; \
	    page=NULL; [ ! -e doc/$$topic.md ] || page="'doc/$$topic.md'"; \
	    sed -nE "s!^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE|AGGREGATE) ([a-z]\\w*).*!	('\\3', $$page),!p" $$file; \
	  done | LC_ALL=C sort -u | sed '$$s/,$$/;/'; \
	  echo "COMMENT ON VIEW _function_page IS '函数说明页: which page of the documentation tells of a routine';"; \
	  echo "COMMENT ON COLUMN _function_page.name IS '名称: of the routine';"; \
	  echo "COMMENT ON COLUMN _function_page.page IS '说明页: the page; NULL: none';"; } > $@

sql/medaudit--$(EXTVERSION).sql: $(INSTALL_SQL) $(FUNCTIONS_SQL) medaudit.control Makefile
	cat $(INSTALL_SQL) $(FUNCTIONS_SQL) > $@

$(UPGRADES): sql/medaudit--%.sql: sql/updates/%.sql $(ROUTINE_SQL) $(FUNCTIONS_SQL) medaudit.control Makefile
	cat $< $(ROUTINE_SQL) $(FUNCTIONS_SQL) $(wildcard sql/updates/$*.once.sql) > $@

# PostgreSQL 15 looks for expected/ in the output directory first, later ones
# here; either way the answers stand in one place.
installcheck: regress-output
.PHONY: regress-output topics bench dist deb
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

deb: dist
	rm -rf build/deb
	mkdir -p build/deb
	cd build/deb && unzip -q ../../medaudit-$(EXTVERSION).zip && cd medaudit-$(EXTVERSION) && dpkg-buildpackage -b -us -uc
	rm -rf build/deb/medaudit-$(EXTVERSION)
