# make                build everything (libraries, the command stateful, both services)
# make run            the whole system on this machine; KAFKA=1: over a real Kafka
# make test           all tests; T=word only those whose path has the word
# make conformance    the cases of Kafka Streams' behaviour; CASES=DIR: others of that form; T=word
# make test-broker    those that need a real Kafka;  make test-long: the long forms
# make test-librdkafka  those on a newer librdkafka than the system's
# make simulate       seeded histories of faults; SEEDS=n, SEED=n, SUBJECT=name; simulate-mutants: does it find bugs;
#                     simulate-long: FIRST=n SEEDS=n, in parts; simulate-builds: the same by every build; simulate-traces: record what they do
# make asan, tsan     the tests under a sanitizer;   make fuzz: the fuzzers for a while
# make floors, format who may include whom; clang-format over the tree
# make check          what CI runs
# make bench          the benchmarks that need no broker, against their references; ROWS=B5,B6: some
# make bench-curves   how cost grows with keys, windows, depth, partitions, threads; CURVES=keys: some
# make bench-smoke    short benchmarks;   make bench-restore: killed with 1,000,000 keys, and back again
# make bench-kafka    against Kafka Streams and straight-line C, on a real Kafka; bench-commands: relay and POST to visible
# make rows           the features against the tests that show them
# make install        libraries, headers, stateful.pc, the programs; PREFIX, DESTDIR
# make docs           the reference of the public headers, into build/reference
# make deps, kafka    install missing system packages; obtain a broker into build/kafka/
# make clean
#
# Variables: VARIANT=release|debug|asan|tsan, WERROR=1, CC, KAFKA, SERVER_PORT, QUERY_SERVER_PORT.

VARIANT ?= release
CC = gcc
BUILD := build/$(VARIANT)
PACKAGES := rdkafka rocksdb libmicrohttpd libcjson libpq libxxhash libcrypto
QUERY_PACKAGES := libcurl
PYTHON := /usr/bin/python3

ifeq ($(VARIANT),asan)
CC := clang-14
VARIANT_FLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
else ifeq ($(VARIANT),tsan)
CC := clang-14
VARIANT_FLAGS := -O1 -fsanitize=thread -fno-omit-frame-pointer
else ifeq ($(VARIANT),debug)
VARIANT_FLAGS := -O0
else
VARIANT_FLAGS := -O2
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wvla -Wundef
ifdef WERROR
WARNINGS += -Werror
endif

# Evaluated when something is compiled, so that `make deps` can run first on a bare machine.
PACKAGE_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
PACKAGE_LIBS = $(shell pkg-config --libs $(PACKAGES))
QUERY_LIBS = $(shell pkg-config --libs $(QUERY_PACKAGES))
CFLAGS = -std=c11 -D_GNU_SOURCE -g -fPIC -pthread -fvisibility=default $(VARIANT_FLAGS) $(WARNINGS) -MMD -MP
INCLUDES := -Istateful/include -Istateful/src
VERSION := 0.1.0

ENGINE_SOURCES := $(shell find stateful/src -name '*.c' -not -path 'stateful/src/service/*' -not -path 'stateful/src/base/*')
BASE_SOURCES := $(wildcard stateful/src/base/*.c)
SERVICE_SOURCES := $(wildcard stateful/src/service/*.c)
COMMAND_SOURCES := $(wildcard command-service/src/*.c command-service/src/*/*.c)
QUERY_SOURCES := $(wildcard query-service/src/*.c query-service/src/*/*.c)
CLI_SOURCES := $(wildcard stateful/cli/*.c)
EXAMPLE_SOURCES := $(wildcard stateful/examples/*.c)
TEST_SOURCES := $(shell find tests/unit tests/topology tests/conformance tests/runtime tests/broker tests/simulation -name 'test_*.c' 2>/dev/null)
SUPPORT_SOURCES := $(wildcard tests/support/*.c)
SIMULATION_SOURCES := $(filter-out tests/simulation/simulate.c tests/simulation/test_%,$(wildcard tests/simulation/*.c))
CONFORMANCE_SOURCES := $(wildcard tests/conformance/spec_*.c)
BENCH_SOURCES := $(wildcard tests/bench/*.c)

object = $(patsubst %.c,$(BUILD)/%.o,$(1))
BASE_OBJECTS := $(call object,$(BASE_SOURCES))
ENGINE_OBJECTS := $(call object,$(ENGINE_SOURCES))
SERVICE_OBJECTS := $(call object,$(SERVICE_SOURCES)) $(BUILD)/stateful/src/service/docs_page.o
COMMAND_OBJECTS := $(call object,$(COMMAND_SOURCES)) $(if $(wildcard command-service/sql),$(BUILD)/command-service/migrations.o) $(BUILD)/command-service/openapi.o
QUERY_OBJECTS := $(call object,$(QUERY_SOURCES)) $(BUILD)/query-service/openapi.o
CLI_OBJECTS := $(call object,$(CLI_SOURCES))
SUPPORT_OBJECTS := $(call object,$(SUPPORT_SOURCES))
CONFORMANCE_OBJECTS := $(call object,$(CONFORMANCE_SOURCES))
CONFORMANCE := $(BUILD)/tests/conformance/test_conformance
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(TEST_SOURCES))
EXAMPLE_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(EXAMPLE_SOURCES))
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(BENCH_SOURCES))

LIBRARY := $(BUILD)/libstateful.a
SHARED_LIBRARY := $(BUILD)/libstateful.so.0
SERVICE_LIBRARY := $(BUILD)/libstateful-service.a
COMMAND_SERVICE := $(BUILD)/command-service/command-service
QUERY_SERVICE := $(BUILD)/query-service/query-service
CLI := $(BUILD)/stateful/cli/stateful

.DEFAULT_GOAL := all
.PHONY: all deps docs run test simulate simulate-long simulate-mutants simulate-builds simulate-traces conformance test-broker test-long test-librdkafka asan tsan fuzz floors format check-format check \
	bench bench-curves bench-smoke bench-kafka bench-commands bench-restore rows kafka tests benches install clean
.SECONDARY:

all: $(LIBRARY) $(SHARED_LIBRARY) $(SERVICE_LIBRARY) $(if $(COMMAND_SOURCES),$(COMMAND_SERVICE)) \
	$(if $(QUERY_SOURCES),$(QUERY_SERVICE)) $(CLI) $(EXAMPLE_PROGRAMS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INCLUDES) $(EXTRA_INCLUDES) $(PACKAGE_CFLAGS) -c $< -o $@

# The libraries and their private headers for tests; the services see only what is theirs.
$(BUILD)/command-service/%.o: EXTRA_INCLUDES = -Icommand-service/src
$(BUILD)/query-service/%.o: EXTRA_INCLUDES = -Iquery-service/src
$(BUILD)/stateful/cli/%.o: EXTRA_INCLUDES = -Istateful/cli -DSTATEFUL_VERSION='"$(VERSION)"'
$(BUILD)/tests/%.o: EXTRA_INCLUDES = -Itests -Icommand-service/src -Iquery-service/src
$(BUILD)/tests/fuzz/%.o: EXTRA_INCLUDES += -Istateful/cli

$(LIBRARY): $(BASE_OBJECTS) $(ENGINE_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

PUBLIC_HEADERS := $(wildcard stateful/include/stateful/*.h)
$(BUILD)/public.map: $(PUBLIC_HEADERS) stateful/public-symbols
	@mkdir -p $(@D)
	stateful/public-symbols $(PUBLIC_HEADERS) > $@

# Only what the public headers declare is exported.
ENGINE_LIBS = $(shell pkg-config --libs rdkafka rocksdb libxxhash)
$(SHARED_LIBRARY): $(BASE_OBJECTS) $(ENGINE_OBJECTS) $(BUILD)/public.map
	$(CC) $(CFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(BUILD)/public.map \
		$(filter %.o,$^) $(ENGINE_LIBS) -o $@
	@ln -sf $(@F) $(BUILD)/libstateful.so

$(SERVICE_LIBRARY): $(SERVICE_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# The numbered SQL files become a C table, so that the binary carries its own migrations.
$(BUILD)/command-service/migrations.c: $(wildcard command-service/sql/*.sql) command-service/embed-migrations
	@mkdir -p $(@D)
	command-service/embed-migrations command-service/sql > $@

$(BUILD)/command-service/migrations.o: $(BUILD)/command-service/migrations.c
	$(CC) $(CFLAGS) $(INCLUDES) -Icommand-service/src -c $< -o $@

# So do pages and documents that are served.
$(BUILD)/stateful/src/service/docs_page.c: stateful/src/service/docs.html stateful/embed
	@mkdir -p $(@D)
	stateful/embed $< sf_docs_page > $@
$(BUILD)/command-service/openapi.c: command-service/openapi.json stateful/embed
	@mkdir -p $(@D)
	stateful/embed $< command_openapi > $@
$(BUILD)/query-service/openapi.c: query-service/openapi.json stateful/embed
	@mkdir -p $(@D)
	stateful/embed $< query_openapi > $@
$(BUILD)/stateful/src/service/docs_page.o $(BUILD)/command-service/openapi.o $(BUILD)/query-service/openapi.o: %.o: %.c
	$(CC) $(CFLAGS) $(INCLUDES) -c $< -o $@

$(COMMAND_SERVICE): $(COMMAND_OBJECTS) $(SERVICE_LIBRARY) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(PACKAGE_LIBS) -lm -o $@

$(QUERY_SERVICE): $(QUERY_OBJECTS) $(SERVICE_LIBRARY) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(PACKAGE_LIBS) $(QUERY_LIBS) -lm -o $@

$(CLI): $(CLI_OBJECTS) $(SERVICE_LIBRARY) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(ENGINE_LIBS) -lm -o $@

$(BUILD)/stateful/examples/%: $(BUILD)/stateful/examples/%.o $(LIBRARY)
	$(CC) $(CFLAGS) $^ $(PACKAGE_LIBS) -lm -o $@

# Tests may use every room of the engine and of both services, but not the services' main().
LIBRARY_OF_SERVICES := $(filter-out %/main.o,$(COMMAND_OBJECTS) $(QUERY_OBJECTS))
$(BUILD)/libtested-services.a: $(LIBRARY_OF_SERVICES)
	@rm -f $@
	ar rcs $@ $^
TESTED := $(if $(LIBRARY_OF_SERVICES),$(BUILD)/libtested-services.a) $(SERVICE_LIBRARY) $(LIBRARY)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT_OBJECTS) $(TESTED)
	$(CC) $(CFLAGS) $(filter %.o,$^) $(TESTED) $(PACKAGE_LIBS) $(QUERY_LIBS) -lcmocka -lm -o $@

$(filter $(BUILD)/tests/conformance/%,$(TEST_PROGRAMS)): $(CONFORMANCE_OBJECTS)
SIMULATE := $(BUILD)/tests/simulation/simulate
$(filter $(BUILD)/tests/simulation/%,$(TEST_PROGRAMS)) $(SIMULATE): $(call object,$(SIMULATION_SOURCES))

# Beside the tests themselves, what tests in Python call.
tests: $(TEST_PROGRAMS) $(patsubst %.c,$(BUILD)/%,$(filter-out tests/broker/test_%,$(wildcard tests/services/*.c tests/cli/*.c tests/broker/*.c)))
benches: $(BENCH_PROGRAMS)

deps:
	@sh tests/support/install-packages

docs:
	@docs/make-reference build/reference $(PUBLIC_HEADERS)

kafka:
	@sh tests/support/obtain-kafka

run:
	@sh tests/support/run-system

test:
	@sh tests/support/install-packages run test
	@$(MAKE) --no-print-directory -s -j2 all tests
	@tests/support/run-tests $(BUILD) $(T)

CASES = tests/conformance/cases
conformance: $(CONFORMANCE)
	@$(CONFORMANCE) '$(CASES)' '$(T)'

# SEED=n: one history, with its trace hash; TRACE=1: and all that happens. SUBJECT=name: that one alone.
SEEDS = 200
FIRST = 1
simulate: $(SIMULATE)
	@$(SIMULATE) $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --from $(FIRST)) $(if $(TRACE),--trace) \
		$(if $(SUBJECT),--subject $(SUBJECT)) --rocksdb 200

# Seeds from FIRST on, some at a time, with the sums so far after each: parts may be run one by one.
simulate-long: $(SIMULATE)
	@tests/simulation/run-histories $(BUILD) $(FIRST) $(SEEDS)

simulate-mutants: $(SIMULATE)
	@tests/simulation/run-mutants $(BUILD) $(T)

# Another compiler, other flags, a sanitizer: the same seeds, the same traces.
simulate-builds: $(SIMULATE)
	@$(MAKE) --no-print-directory -s VARIANT=asan build/asan/tests/simulation/simulate
	@$(MAKE) --no-print-directory -s VARIANT=debug build/debug/tests/simulation/simulate
	@tests/simulation/compare-builds release asan debug

simulate-traces: $(SIMULATE)
	@tests/simulation/compare-builds --record release

test-broker: all tests
	@KAFKA_REQUIRED=1 tests/support/run-tests $(BUILD) $(or $(T),broker)

test-long: all tests
	@TEST_LONG=1 tests/support/run-tests $(BUILD) $(T)
	@$(MAKE) --no-print-directory test-librdkafka

# What needs a Kafka, on a newer librdkafka than the one it was built with.
test-librdkafka: all tests
	@sh tests/support/obtain-librdkafka build/librdkafka
	@KAFKA_REQUIRED=1 LD_LIBRARY_PATH=$(CURDIR)/build/librdkafka tests/support/run-tests $(BUILD) $(or $(T),broker)

# Broker tests are left out here: a sanitizer adds nothing over a real network but time.
ASAN_TESTS := tests/unit,tests/topology,tests/conformance,tests/runtime,tests/simulation
TSAN_TESTS := unit/journal,unit/store,unit/service,unit/command,unit/query,tests/runtime
asan:
	@$(MAKE) --no-print-directory -s VARIANT=asan tests
	@tests/support/run-tests build/asan $(or $(T),$(ASAN_TESTS))

tsan:
	@$(MAKE) --no-print-directory -s VARIANT=tsan tests
	@tests/support/run-tests build/tsan $(or $(T),$(TSAN_TESTS))

fuzz:
	@sh tests/support/run-fuzz

rows:
	@tests/services/rows

bench: all benches
	@$(if $(ROWS),BENCH_ROWS=$(ROWS)) tests/bench/run-bench $(BUILD)

bench-curves: all benches
	@$(if $(CURVES),BENCH_CURVES=$(CURVES)) tests/bench/run-curves $(BUILD)

bench-smoke: all benches
	@tests/bench/run-smoke $(BUILD)
	@tests/bench/durable-orders $(BUILD)
	@tests/bench/rest-reads $(BUILD)

bench-restore: all benches
	@tests/bench/run-restore $(BUILD)

bench-kafka: all benches
	@tests/bench/run-kafka $(BUILD)
	@tests/bench/query-twin $(BUILD)

bench-commands: all benches
	@tests/bench/relay-drain $(BUILD) kafka
	@tests/bench/post-to-visible $(BUILD) kafka

floors:
	@.ci/check-floors && echo "floors: fine"

FORMATTED = $(shell git ls-files '*.c' '*.h')
format:
	clang-format-14 --style=file:.ci/clang-format -i $(FORMATTED)

check-format:
	@clang-format-14 --style=file:.ci/clang-format --dry-run -Werror $(FORMATTED) && echo "format: fine"

check:
	@.ci/check

PREFIX ?= /usr/local
install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin include/stateful lib/pkgconfig)
	install -m 644 $(PUBLIC_HEADERS) $(DESTDIR)$(PREFIX)/include/stateful
	install -m 644 $(LIBRARY) $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(SHARED_LIBRARY) $(DESTDIR)$(PREFIX)/lib
	ln -sf $(notdir $(SHARED_LIBRARY)) $(DESTDIR)$(PREFIX)/lib/libstateful.so
	install -m 755 $(COMMAND_SERVICE) $(QUERY_SERVICE) $(CLI) $(DESTDIR)$(PREFIX)/bin
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: stateful' \
		'Description: stream processing with local state, exactly once, on Kafka' \
		'Version: $(VERSION)' 'Requires.private: rdkafka rocksdb libxxhash' \
		'Libs: -L$${prefix}/lib -lstateful' 'Cflags: -I$${prefix}/include' \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/stateful.pc

clean:
	rm -rf build/release build/debug build/asan build/tsan build/fuzz

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
