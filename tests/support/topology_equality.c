#include "support/topology_equality.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "check.h"
#include "support/equality_application.h"

enum { PARTITIONS = 3, SEEDS = 3, SEEDS_LONG = 100, COMMIT_EVERY = 7 };

typedef enum crash_kind { NO_CRASH, KEEPS_STATE, LOSES_STATE } crash_kind;

typedef struct run_kind {
    const char *name;
    bool is_cached;
    crash_kind crash;
} run_kind;

static const run_kind RUNS[] = {
    {"caching on", true, NO_CRASH},
    {"caching off", false, NO_CRASH},
    {"crashes, state kept", false, KEEPS_STATE},
    {"crashes, state lost", false, LOSES_STATE},
    {"crashes with caching, state kept", true, KEEPS_STATE},
    {"crashes with caching, state lost", true, LOSES_STATE},
};

typedef struct outcome {
    equality_rows out;
    equality_rows stores[EQUALITY_NAMES_MAX];
} outcome;

static void outcome_init(outcome *made)
{
    equality_rows_init(&made->out);
    for (size_t i = 0; i < EQUALITY_NAMES_MAX; i++)
        equality_rows_init(&made->stores[i]);
}

static void outcome_done(outcome *made)
{
    equality_rows_done(&made->out);
    for (size_t i = 0; i < EQUALITY_NAMES_MAX; i++)
        equality_rows_done(&made->stores[i]);
}

/* ---- commits ---- */

static sf_status count_new(void *user, sf_context *context, void **state, sf_error *err)
{
    (void)user;
    (void)context;
    (void)err;
    *state = sf_zalloc(sizeof(int));
    return SF_OK;
}

static sf_status count_one(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    int *count = state;

    (void)record;
    (void)err;
    if (sf_context_origin(context) && ++*count % COMMIT_EVERY == 0)
        sf_context_request_commit(context);
    return SF_OK;
}

void equality_commit_often(sf_stream *stream)
{
    static const sf_processor counting = {.init = count_new, .process = count_one, .close = free};

    (void)sf_stream_process(stream, &counting, NULL); /* an end */
}

/* ---- topologies ---- */

static sf_topology *build(const equality_subject *subject, bool is_cached)
{
    sf_builder *builder = sf_builder_new();
    sf_topology *topology;

    subject->build(builder, is_cached);
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

/* ---- the test driver ---- */

static void add_key_value_rows(sf_key_value_store *store, equality_rows *rows)
{
    sf_key_value_iterator *iterator;
    equality_row row = {0};
    sf_stored stored;
    sf_status status;

    assert_ok(sf_key_value_store_range(store, SF_NULL, SF_NULL, false, &iterator, err));
    while (sf_key_value_iterator_next(iterator, &row.key, &stored, &status, NULL)) {
        row.value = stored.value;
        row.timestamp = stored.timestamp;
        equality_rows_add(rows, &row);
    }
    assert_int_equal(status, SF_OK);
    sf_key_value_iterator_free(iterator);
}

static void add_window_rows(sf_window_store *store, equality_rows *rows)
{
    sf_window_iterator *iterator;
    equality_row row = {0};
    sf_stored stored;
    sf_status status;

    assert_ok(sf_window_store_fetch_all(store, 0, INT64_MAX, &iterator, err));
    while (sf_window_iterator_next(iterator, &row.key, &row.start_ms, &stored, &status, NULL)) {
        row.value = stored.value;
        row.timestamp = stored.timestamp;
        equality_rows_add(rows, &row);
    }
    assert_int_equal(status, SF_OK);
    sf_window_iterator_free(iterator);
}

static void add_session_rows(sf_session_store *store, equality_rows *rows)
{
    sf_session_iterator *iterator;
    sf_session session;
    sf_stored stored;
    sf_status status;

    assert_ok(sf_session_store_find_ended(store, 0, INT64_MAX, &iterator, err));
    while (sf_session_iterator_next(iterator, &session, &stored, &status, NULL))
        equality_rows_add(rows, &(equality_row){.key = session.key,
                                                .start_ms = session.start_ms,
                                                .end_ms = session.end_ms,
                                                .value = stored.value,
                                                .timestamp = stored.timestamp});
    assert_int_equal(status, SF_OK);
    sf_session_iterator_free(iterator);
}

static void add_versions(sf_versioned_store *store, sf_bytes key, equality_rows *rows)
{
    sf_versioned_iterator *iterator;
    equality_row row = {.key = key};
    sf_stored stored;
    sf_status status;

    assert_ok(sf_versioned_store_versions(store, key, 0, INT64_MAX, true, &iterator, err));
    while (sf_versioned_iterator_next(iterator, &stored, &row.valid_to_ms, &status, NULL)) {
        row.value = stored.value;
        row.timestamp = stored.timestamp;
        equality_rows_add(rows, &row);
    }
    assert_int_equal(status, SF_OK);
    sf_versioned_iterator_free(iterator);
}

static void add_versioned_rows(sf_versioned_store *store, equality_rows *rows)
{
    sf_arena *arena = sf_arena_new();

    for (int key = 0; key < EQUALITY_KEYS; key++)
        add_versions(store, equality_key(key, arena), rows);
    sf_arena_free(arena);
}

/* false: the driver has no such store. */
static bool add_driver_rows(sf_test_driver *driver, const char *name, int32_t partition,
                            equality_rows *rows)
{
    sf_key_value_store *keys = sf_test_driver_key_value_store(driver, name, partition);
    sf_window_store *windows = sf_test_driver_window_store(driver, name, partition);
    sf_session_store *sessions = sf_test_driver_session_store(driver, name, partition);
    sf_versioned_store *versions = sf_test_driver_versioned_store(driver, name, partition);

    if (keys)
        add_key_value_rows(keys, rows);
    if (windows)
        add_window_rows(windows, rows);
    if (sessions)
        add_session_rows(sessions, rows);
    if (versions)
        add_versioned_rows(versions, rows);
    return keys || windows || sessions || versions;
}

/* Of all partitions that it has. */
static void read_driver_store(sf_test_driver *driver, const char *name, equality_rows *rows)
{
    int32_t partition = 0;

    while (partition < PARTITIONS && add_driver_rows(driver, name, partition, rows))
        partition++;
    if (partition == 0)
        fail_msg("the topology has no store '%s'", name);
}

static void read_driver(const equality_subject *subject, sf_test_driver *driver, outcome *found)
{
    sf_record record;

    while (subject->build && sf_test_driver_read(driver, "out", &record))
        equality_rows_add(&found->out, &(equality_row){.key = record.key,
                                                       .value = record.value,
                                                       .timestamp = record.timestamp});
    for (size_t i = 0; subject->stores[i]; i++)
        read_driver_store(driver, subject->stores[i], &found->stores[i]);
}

static void run_on_driver(const equality_subject *subject, const sf_topology *topology,
                          const equality_history *history, outcome *found)
{
    const sf_test_driver_options options = {.partitions = PARTITIONS};
    sf_test_driver *driver;

    assert_ok(sf_test_driver_new(topology, &options, &driver, err));
    for (size_t part = 0; part < history->parts; part++) {
        for (size_t i = equality_history_part(history, part); i < history->part_ends[part]; i++)
            assert_ok(sf_test_driver_append(driver, history->arrivals[i].topic,
                                            &history->arrivals[i].record, err));
        assert_ok(sf_test_driver_run(driver, err));
    }
    read_driver(subject, driver, found);
    sf_test_driver_free(driver);
}

/* ---- the runtime ---- */

/* It dies somewhere in the part, and goes on with what the crash has left. Returns whether it died. */
static bool crash_once(equality_application *application, crash_kind crash, sf_random *random)
{
    int threads = 1 + (int)sf_random_below(random, 2);
    int step = 1 + (int)sf_random_below(random, 4);
    int commit = 2 + (int)sf_random_below(random, 6);
    bool has_struck = equality_application_crash(application, threads, step, commit);

    if (crash == LOSES_STATE)
        equality_application_lose_state(application);
    return has_struck;
}

static size_t run_in_application(const equality_subject *subject, const sf_topology *topology,
                                 const equality_history *history, const run_kind *kind,
                                 sf_random *random, outcome *found)
{
    equality_application *application = equality_application_new(topology, PARTITIONS);
    size_t crashes = 0;

    for (size_t part = 0; part < history->parts; part++) {
        size_t begin = equality_history_part(history, part);

        equality_application_feed(application, history->arrivals + begin,
                                  history->part_ends[part] - begin);
        if (kind->crash)
            crashes += crash_once(application, kind->crash, random);
        equality_application_run(application, 1 + (int)sf_random_below(random, 2));
    }
    if (subject->build)
        equality_application_output(application, "out", &found->out);
    for (size_t i = 0; subject->stores[i]; i++)
        equality_application_store(application, subject->stores[i], &found->stores[i]);
    equality_application_free(application);
    return crashes;
}

/* ---- comparing ---- */

static bool times_are_compared(const equality_subject *subject, const run_kind *kind)
{
    return subject->times == EQUALITY_TIMES_ALWAYS ||
           (subject->times == EQUALITY_TIMES_UNCACHED && !kind->is_cached);
}

static void make_comparable(const equality_subject *subject, const run_kind *kind,
                            equality_rows *rows)
{
    if (!times_are_compared(subject, kind))
        equality_rows_forget_times(rows);
    if (subject->zero_is_nothing)
        equality_rows_drop_zeros(rows);
}

static void put_in_order(const equality_subject *subject, const run_kind *kind, equality_rows *out)
{
    if (subject->order_is_defined && !kind->is_cached)
        equality_rows_part_keyless(out);
    else
        equality_rows_leave_last(out);
}

static bool rows_are_equal(const equality_subject *subject, const run_kind *kind,
                           equality_rows *expected, equality_rows *found)
{
    make_comparable(subject, kind, expected);
    make_comparable(subject, kind, found);
    return equality_rows_equal(expected, found);
}

static bool outcome_is_equal(const equality_subject *subject, const run_kind *kind,
                             outcome *expected, outcome *found)
{
    bool is_equal;

    put_in_order(subject, kind, &expected->out);
    put_in_order(subject, kind, &found->out);
    is_equal = rows_are_equal(subject, kind, &expected->out, &found->out);
    for (size_t i = 0; is_equal && subject->stores[i]; i++) {
        equality_rows_sort(&expected->stores[i]);
        equality_rows_sort(&found->stores[i]);
        is_equal = rows_are_equal(subject, kind, &expected->stores[i], &found->stores[i]);
        if (!is_equal)
            printf("in the store %s\n", subject->stores[i]);
    }
    return is_equal;
}

static bool run_is_equal(const equality_subject *subject, const equality_history *history,
                         const run_kind *kind, sf_random *random, size_t *crashes)
{
    sf_topology *plain = subject->build ? build(subject, false) : NULL;
    sf_topology *cached = subject->build ? build(subject, true) : NULL;
    outcome expected, found;
    bool is_equal;

    outcome_init(&expected);
    outcome_init(&found);
    run_on_driver(subject, plain ? plain : subject->topology, history, &expected);
    *crashes += run_in_application(subject,
                                   !plain            ? subject->topology
                                   : kind->is_cached ? cached
                                                     : plain,
                                   history, kind, random, &found);
    is_equal = outcome_is_equal(subject, kind, &expected, &found);
    outcome_done(&expected);
    outcome_done(&found);
    sf_topology_free(plain);
    sf_topology_free(cached);
    return is_equal;
}

static size_t check_seed(const equality_subject *subject, uint64_t seed)
{
    equality_history history;
    sf_random random;
    size_t crashes = 0;

    sf_random_init(&random, seed);
    equality_history_init(&history);
    if (subject->draw)
        subject->draw(&history, &random);
    else
        equality_history_draw(&history, subject->inputs, &random);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(RUNS); i++) {
        if (RUNS[i].is_cached && subject->cache_is_left_out)
            continue;
        if (!run_is_equal(subject, &history, &RUNS[i], &random, &crashes))
            fail_msg("%s: TEST_SEED=%" PRIu64 " with %s is not as on the test driver",
                     subject->name, seed, RUNS[i].name);
    }
    equality_history_done(&history);
    return crashes;
}

static void be_quiet(void *user, sf_log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

void equality_check(const equality_subject *subject)
{
    const char *wanted = getenv("TEST_SEED");
    uint64_t first = wanted ? strtoull(wanted, NULL, 10) : 1;
    uint64_t count = wanted ? 1 : getenv("TEST_LONG") ? SEEDS_LONG : SEEDS;
    size_t crashes = 0;

    if (!wanted)
        sf_log_set(be_quiet, NULL, SF_LOG_ERROR); /* hundreds of starts */
    for (uint64_t seed = first; seed < first + count; seed++)
        crashes += check_seed(subject, seed);
    sf_log_set(NULL, NULL, SF_LOG_INFO);
    if (crashes == 0)
        fail_msg("%s: no crash came to happen", subject->name);
}
