/* Reads from outside: in order over all partitions, committed state only, while the application runs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <stateful/grouped.h>
#include <stateful/view.h>

#include "base/memory.h"
#include "check.h"
#include "support/runtime_fixture.h"

enum { COUNT = 400, HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000 };

static sf_view *view_of(runtime_fixture *fixture, const char *store)
{
    sf_view *view;

    assert_ok(sf_streams_view(fixture->streams, store, &view, err));
    return view;
}

static runtime_fixture *with_sums(void)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    return fixture;
}

/* How many entries; fails unless their keys ascend, or descend. */
static size_t walk(sf_view *view, const char *from, const char *to, bool backwards)
{
    char before[NUMBER_KEY_SIZE] = "";
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status;
    size_t count = 0;

    assert_ok(
        sf_view_range(view, sf_bytes_text(from), sf_bytes_text(to), backwards, &iterator, err));
    while (sf_view_iterator_next(iterator, &entry, &status, NULL)) {
        char key[NUMBER_KEY_SIZE] = "";

        memcpy(key, entry.key.data, entry.key.size);
        if (count++ > 0)
            assert_true(backwards ? strcmp(key, before) < 0 : strcmp(key, before) > 0);
        strcpy(before, key);
    }
    assert_int_equal(status, SF_OK);
    sf_view_iterator_free(iterator);
    return count;
}

static void a_range_has_the_keys_of_all_partitions_in_order(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");

    (void)test;
    assert_int_equal(walk(view, NULL, NULL, false), 23);
    assert_int_equal(walk(view, NULL, NULL, true), 23);
    assert_int_equal(walk(view, "key-1", "key-2", false), 11); /* 1, 10 to 19 */
    assert_int_equal(walk(view, "key-3", "key-9", true), 6);
    assert_int_equal(walk(view, "l", NULL, false), 0);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_view_of_one_partition_reads_that_one_alone(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_error error;
    sf_view *view;
    size_t count = 0;

    (void)test;
    for (int32_t p = 0; p < 2; p++) {
        assert_ok(sf_streams_view_partitions(fixture->streams, "sums", &p, 1, &view, err));
        count += walk(view, NULL, NULL, false);
        for (int i = 0; i < 23; i++) {
            char key[NUMBER_KEY_SIZE];
            int64_t sum;
            bool known;

            snprintf(key, sizeof(key), "key-%d", i);
            assert_ok(sf_view_get_int64(view, sf_bytes_text(key), &sum, &known, err));
            assert_int_equal(known, sf_partition_of_key(sf_bytes_text(key), 2) == p);
        }
        sf_view_free(view);
    }
    assert_int_equal(count, 23);

    assert_ok(sf_streams_view_partitions(fixture->streams, "sums", &(int32_t){2}, 1, &view, err));
    assert_int_equal(sf_view_get_int64(view, sf_bytes_text("key-1"), &(int64_t){0}, NULL, &error),
                     SF_RETRY); /* nobody has it here */
    assert_int_equal(error.code, SF_CLOSED);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_view_of_some_partitions_needs_all_of_them(void **test)
{
    static const int32_t both[] = {1, 0}, absent[] = {0, 2}, twice[] = {1, 1}, negative[] = {-1};
    runtime_fixture *fixture = with_sums();
    sf_view_iterator *rows;
    sf_error error;
    sf_view *view;

    (void)test;
    assert_ok(sf_streams_view_partitions(fixture->streams, "sums", both, 2, &view, err));
    assert_int_equal(walk(view, NULL, NULL, false), 23);
    sf_view_free(view);

    assert_ok(sf_streams_view_partitions(fixture->streams, "sums", absent, 2, &view, err));
    assert_int_equal(sf_view_range(view, SF_NULL, SF_NULL, false, &rows, &error), SF_RETRY);
    sf_view_free(view);

    assert_int_equal(sf_streams_view_partitions(fixture->streams, "sums", twice, 2, &view, &error),
                     SF_STOP);
    assert_string_equal(error.text, "partition 1 of store sums is named twice");
    assert_int_equal(
        sf_streams_view_partitions(fixture->streams, "sums", negative, 1, &view, &error), SF_STOP);
    assert_int_equal(sf_streams_view_partitions(fixture->streams, "sums", both, 0, &view, &error),
                     SF_STOP);
    runtime_fixture_free(fixture);
}

static void a_key_is_looked_for_where_its_record_went(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");
    sf_arena *arena = sf_arena_new();
    sf_bytes key = sf_bytes_text("key-1"), record_key = key;
    char other[NUMBER_KEY_SIZE];
    sf_stored stored;

    (void)test;
    assert_ok(sf_view_get_of(view, record_key, key, arena, &stored, err));
    assert_false(sf_bytes_is_null(stored.value));

    for (int i = 2; sf_partition_of_key(record_key, 2) == sf_partition_of_key(key, 2); i++) {
        snprintf(other, sizeof(other), "key-%d", i);
        record_key = sf_bytes_text(other);
    }
    assert_ok(sf_view_get_of(view, record_key, key, arena, &stored, err));
    assert_true(sf_bytes_is_null(stored.value)); /* it is in the other partition */
    sf_arena_free(arena);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_key_that_was_never_seen_is_not_known(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");
    int64_t sum = 7;
    bool known = true;

    (void)test;
    assert_ok(sf_view_get_int64(view, sf_bytes_text("nobody"), &sum, &known, err));
    assert_false(known);
    assert_int_equal(sum, 0);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_value_comes_with_its_time(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");
    sf_arena *arena = sf_arena_new();
    sf_stored stored;

    (void)test;
    assert_ok(sf_view_get(view, sf_bytes_text("key-1"), arena, &stored, err));
    assert_int_equal(stored.value.size, 8);
    assert_in_range(stored.timestamp, 1000000, 1000000 + COUNT - 1);
    sf_arena_free(arena);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* ---- windows ---- */

static void write_hours(runtime_fixture *fixture)
{
    number_writer *writer = number_writer_open(fixture->broker);

    for (int hour = 0; hour < 4; hour++) {
        number_write(writer, "in", "a", 10 + hour, hour * (int64_t)HOUR_MS + 1);
        number_write(writer, "in", "b", 20 + hour, hour * (int64_t)HOUR_MS + 2);
        number_write(writer, "in", "c", 30 + hour, hour * (int64_t)HOUR_MS + 3);
        number_writer_flush(writer);
        numbers_wait(fixture->broker, "out", 3 * (size_t)(hour + 1));
    }
    number_writer_close(writer);
}

/* Waits until a window's value is there: outputs are seen a moment before. */
static void wait_for_window(sf_view *view, const char *key, int64_t start_ms)
{
    sf_arena *arena = sf_arena_new();
    sf_stored stored = {0};

    while (sf_bytes_is_null(stored.value))
        assert_ok(sf_view_get_window(view, sf_bytes_text(key), start_ms, arena, &stored, err));
    sf_arena_free(arena);
}

static void print(sf_view_iterator *iterator, char *text)
{
    sf_view_entry entry;
    sf_status status;

    while (sf_view_iterator_next(iterator, &entry, &status, NULL))
        text += sprintf(text, "%.*s%d ", (int)entry.key.size, (const char *)entry.key.data,
                        (int)(entry.start_ms / HOUR_MS));
    assert_int_equal(status, SF_OK);
    sf_view_iterator_free(iterator);
}

static void windows_come_by_start_and_then_by_key(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", hour_sums_topology("in", "out"));
    sf_view_iterator *iterator;
    char text[200] = "";
    sf_view *view;

    (void)test;
    runtime_fixture_start(fixture);
    write_hours(fixture);
    view = view_of(fixture, "hours");
    for (const char *key = "abc"; *key; key++)
        wait_for_window(view, (const char[]){*key, 0}, 3 * HOUR_MS);
    assert_ok(sf_view_fetch_all(view, 2 * (int64_t)HOUR_MS, 3 * (int64_t)HOUR_MS, &iterator, err));
    print(iterator, text);
    assert_string_equal(text, "a2 b2 c2 a3 b3 c3 ");

    assert_ok(sf_view_fetch(view, sf_bytes_text("b"), 0, 9 * (int64_t)HOUR_MS, &iterator, err));
    print(iterator, text);
    assert_string_equal(text, "b2 b3 "); /* the others are past their retention */
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* ---- sessions and versions ---- */

static const sf_consumed NUMBERS = {.value = &sf_int64_serde};

static sf_topology *built(sf_builder *builder)
{
    sf_topology *topology;

    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

/* How many records each session of "in" has, in the store "visits"; a minute without one ends it. */
static sf_topology *visits(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *in = sf_builder_stream(builder, "in", &NUMBERS);
    sf_grouped *sessions =
        sf_grouped_sessions(sf_stream_group_by_key(in, NULL), (sf_session_window){MINUTE_MS, 0});

    (void)sf_grouped_count_with(sessions, /* it is read by the view */
                                &(sf_materialized){.name = "visits", .retention_ms = HOUR_MS});
    sf_stream_to(in, "out");
    return built(builder);
}

/* The rows of "in" with an hour of history, in the store "prices". */
static sf_topology *prices(void)
{
    sf_builder *builder = sf_builder_new();
    sf_table *table = sf_builder_table(builder, "in", &NUMBERS,
                                       &(sf_materialized){.name = "prices", .history_ms = HOUR_MS});

    sf_stream_to(sf_table_to_stream(table), "out");
    return built(builder);
}

/* Each key's records at these minutes, 1, 2, ... */
static void write_at(runtime_fixture *fixture, const char *keys, const int *minutes, size_t count)
{
    number_writer *writer = number_writer_open(fixture->broker);

    for (size_t i = 0; i < count; i++)
        for (const char *key = keys; *key; key++)
            number_write(writer, "in", (const char[]){*key, 0}, (int64_t)i + 1,
                         (int64_t)minutes[i] * MINUTE_MS);
    number_writer_close(writer);
}

static runtime_fixture *with(sf_topology *topology, const char *keys, const int *minutes,
                             size_t count)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", topology);

    runtime_fixture_start(fixture);
    write_at(fixture, keys, minutes, count);
    numbers_wait(fixture->broker, "out", count * strlen(keys));
    runtime_fixture_stop(fixture);
    runtime_fixture_start(fixture); /* all that was committed can be seen from the start */
    return fixture;
}

/* "a1-2=3 ": key, first and last minute, count. */
static const char *sessions_text(sf_view_iterator *iterator)
{
    static char text[200];
    size_t length = 0;
    sf_view_entry entry;
    sf_status status;

    text[0] = 0;
    while (sf_view_iterator_next(iterator, &entry, &status, NULL))
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%.*s%d-%d=%d ",
                                   (int)entry.key.size, (const char *)entry.key.data,
                                   (int)(entry.start_ms / MINUTE_MS),
                                   (int)(entry.end_ms / MINUTE_MS), entry.stored.value.data[7]);
    assert_int_equal(status, SF_OK);
    sf_view_iterator_free(iterator);
    return text;
}

static void sessions_are_found_by_key_and_by_their_end(void **test)
{
    static const int minutes[] = {1, 2, 3, 10, 11, 20};
    runtime_fixture *fixture = with(visits(), "abc", minutes, SF_ARRAY_LENGTH(minutes));
    sf_session wanted = {sf_bytes_text("b"), 10 * MINUTE_MS, 11 * MINUTE_MS};
    sf_view *view = view_of(fixture, "visits");
    sf_arena *arena = sf_arena_new();
    sf_view_iterator *iterator;
    sf_stored stored;

    (void)test;
    assert_int_equal(sf_view_kind(view), SF_SESSION_STORE);
    assert_ok(sf_view_find_sessions(view, sf_bytes_text("b"), 0, 19 * MINUTE_MS, &iterator, err));
    assert_string_equal(sessions_text(iterator), "b1-3=3 b10-11=2 ");
    assert_ok(sf_view_find_sessions_ended(view, 11 * MINUTE_MS, 20 * MINUTE_MS, &iterator, err));
    assert_string_equal(sessions_text(iterator),
                        "a10-11=2 b10-11=2 c10-11=2 a20-20=1 b20-20=1 c20-20=1 ");

    assert_ok(sf_view_get_session(view, &wanted, arena, &stored, err));
    assert_int_equal(stored.value.data[7], 2);
    assert_int_equal(stored.timestamp, wanted.end_ms);
    wanted.start_ms++;
    assert_ok(sf_view_get_session(view, &wanted, arena, &stored, err));
    assert_null(stored.value.data);
    sf_arena_free(arena);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* "3@10-20 ": value, from and to what minute it was valid; -1: it still is. */
static const char *versions_text(sf_view_iterator *iterator)
{
    static char text[200];
    size_t length = 0;
    sf_view_entry entry;
    sf_status status;

    text[0] = 0;
    while (sf_view_iterator_next(iterator, &entry, &status, NULL)) {
        bool is_over = entry.valid_to_ms != SF_VERSION_NOW;

        length +=
            (size_t)snprintf(text + length, sizeof(text) - length, "%d@%d-%d ",
                             entry.stored.value.data[7], (int)(entry.stored.timestamp / MINUTE_MS),
                             is_over ? (int)(entry.valid_to_ms / MINUTE_MS) : -1);
        assert_true(sf_bytes_equal(entry.key, sf_bytes_text("b")));
    }
    assert_int_equal(status, SF_OK);
    sf_view_iterator_free(iterator);
    return text;
}

static int version_at(sf_view *view, const char *key, int64_t minute)
{
    sf_arena *arena = sf_arena_new();
    sf_stored stored;
    int value;

    assert_ok(sf_view_get_as_of(view, sf_bytes_text(key), minute * MINUTE_MS, arena, &stored, err));
    value = stored.value.data ? stored.value.data[7] : -1;
    sf_arena_free(arena);
    return value;
}

static void versions_are_found_as_of_a_time(void **test)
{
    static const int minutes[] = {1, 20, 10, 30};
    runtime_fixture *fixture = with(prices(), "abc", minutes, SF_ARRAY_LENGTH(minutes));
    sf_view *view = view_of(fixture, "prices");
    sf_view_iterator *iterator;
    int64_t newest;

    (void)test;
    assert_int_equal(sf_view_kind(view), SF_VERSIONED_STORE);
    assert_int_equal(version_at(view, "b", 0), -1);
    assert_int_equal(version_at(view, "b", 19), 3);
    assert_int_equal(version_at(view, "b", 20), 2);
    assert_int_equal(version_at(view, "b", 99), 4);
    assert_int_equal(version_at(view, "d", 20), -1);
    assert_ok(sf_view_get_int64(view, sf_bytes_text("b"), &newest, NULL, err));
    assert_int_equal(newest, 4);

    assert_ok(sf_view_versions(view, sf_bytes_text("b"), 12 * MINUTE_MS, 20 * MINUTE_MS, true,
                               &iterator, err));
    assert_string_equal(versions_text(iterator), "3@10-20 2@20-30 ");
    assert_ok(sf_view_versions(view, sf_bytes_text("b"), 0, INT64_MAX, false, &iterator, err));
    assert_string_equal(versions_text(iterator), "4@30--1 2@20-30 3@10-20 1@1-10 ");
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_read_of_another_kind_of_store_says_which_it_is(void **test)
{
    runtime_fixture *fixture = with(prices(), "b", (const int[]){1}, 1);
    sf_view *view = view_of(fixture, "prices");
    sf_view_iterator *iterator;
    sf_error error;

    (void)test;
    assert_int_equal(sf_view_find_sessions_ended(view, 0, 1, &iterator, &error), SF_STOP);
    assert_string_equal(error.text, "store prices is a versioned store, not a session one");
    assert_int_equal(sf_view_versions(view, SF_NULL, 0, 1, true, &iterator, &error), SF_STOP);
    assert_string_equal(error.text, "store prices: the key is null");
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* ---- versions ---- */

static sf_view_version version_of(sf_view *view)
{
    sf_view_version version;

    assert_ok(sf_view_version_get(view, &version, err));
    return version;
}

/* The application is idle, so that no commit comes in between. */
static void a_version_stays_while_nothing_is_committed(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");
    sf_view_version before = version_of(view), after;

    (void)test;
    for (int i = 0; i < 100; i++) {
        (void)walk(view, NULL, NULL, false);
        after = version_of(view);
        if (sf_view_version_equal(before, after))
            break;
        before = after; /* of a commit that was still under way */
    }
    assert_true(sf_view_version_equal(before, after));
    sums_app_feed(fixture->broker, "in", COUNT + 1, COUNT);
    numbers_wait(fixture->broker, "out", 2 * COUNT);
    sums_app_check_view(fixture->streams, fixture->broker, "in"); /* committed */
    assert_false(sf_view_version_equal(version_of(view), before));
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

static void a_version_is_asked_for_again_when_reads_are(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view *view = view_of(fixture, "sums");
    sf_view_version version;
    sf_error error;

    (void)test;
    assert_ok(sf_streams_close(fixture->streams, -1, err));
    assert_int_equal(sf_view_version_get(view, &version, &error), SF_RETRY);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* ---- when it cannot be read ---- */

static void reads_before_the_start_and_after_the_end_ask_to_come_again(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_streams *streams;
    sf_error error;
    sf_view *view;
    int64_t sum;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_ok(sf_streams_view(streams, "sums", &view, err));
    assert_int_equal(sf_view_get_int64(view, sf_bytes_text("a"), &sum, NULL, &error), SF_RETRY);
    assert_int_equal(error.code, SF_CLOSED);
    assert_ok(sf_streams_start(streams, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, 30000));
    assert_ok(sf_view_get_int64(view, sf_bytes_text("a"), &sum, NULL, err));
    assert_ok(sf_streams_close(streams, -1, err));
    assert_int_equal(sf_view_get_int64(view, sf_bytes_text("a"), &sum, NULL, &error), SF_RETRY);
    assert_non_null(strstr(error.text, "NOT_RUNNING"));
    sf_view_free(view);
    sf_streams_free(streams);
    runtime_fixture_free(fixture);
}

static void a_store_that_is_not_in_the_topology_is_an_error(void **test)
{
    runtime_fixture *fixture = with_sums();
    sf_view_iterator *iterator;
    sf_error error;
    sf_view *view;

    (void)test;
    assert_int_equal(sf_streams_view(fixture->streams, "nothing", &view, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    view = view_of(fixture, "sums");
    assert_int_equal(sf_view_fetch_all(view, 0, 1, &iterator, &error), SF_STOP);
    assert_int_equal(error.code, SF_INVALID); /* it is of the other kind */
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

/* ---- many readers ---- */

typedef struct reading {
    sf_view *view;
    atomic_bool is_over;
    atomic_size_t reads;
    atomic_size_t taken_back; /* sums that became smaller: must not be */
} reading;

static void *read_on(void *user)
{
    reading *shared = user;
    int64_t before[23] = {0};

    while (!atomic_load(&shared->is_over)) {
        for (int i = 0; i < 23; i++) {
            char key[NUMBER_KEY_SIZE];
            int64_t sum;

            snprintf(key, sizeof(key), "key-%d", i);
            if (sf_view_get_int64(shared->view, sf_bytes_text(key), &sum, NULL, NULL))
                continue; /* not there for a moment */
            if (sum < before[i])
                atomic_fetch_add(&shared->taken_back, 1);
            before[i] = sum;
            atomic_fetch_add(&shared->reads, 1);
        }
    }
    return NULL;
}

/* Two threads read all the time, from the start through a fault and behind the end. */
static void read_through(commit_fault *fault)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    reading shared = {0};
    pthread_t readers[2];

    fixture->config.num_stream_threads = 2;
    runtime_fixture_start_with(fixture, fault);
    shared.view = view_of(fixture, "sums");
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &shared), 0);
    for (size_t round = 1; round <= 10; round++) {
        sums_app_feed(fixture->broker, "in", round, COUNT);
        numbers_wait(fixture->broker, "out", round * COUNT);
    }
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    assert_ok(sf_streams_close(fixture->streams, -1, err)); /* under the readers */
    atomic_store(&shared.is_over, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(readers[i], NULL), 0);
    assert_true(atomic_load(&shared.reads) > 0);
    assert_int_equal(atomic_load(&shared.taken_back), 0);
    assert_true(atomic_load(&fault->has_struck));
    sf_view_free(shared.view);
    runtime_fixture_free(fixture);
}

static void no_answer_is_ever_taken_back(void **test)
{
    commit_fault fault = {.step = 2, .commit = 9, .status = SF_ABORT_COMMIT};

    (void)test;
    read_through(&fault);
}

/* Its stores are closed under the readers and opened anew. */
static void a_view_is_read_while_its_tasks_are_let_go_and_taken_up_anew(void **test)
{
    commit_fault fault = {.step = 3, .commit = 9, .status = SF_REBUILD_TASK};

    (void)test;
    read_through(&fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_has_the_keys_of_all_partitions_in_order),
        cmocka_unit_test(a_view_of_one_partition_reads_that_one_alone),
        cmocka_unit_test(a_view_of_some_partitions_needs_all_of_them),
        cmocka_unit_test(a_key_is_looked_for_where_its_record_went),
        cmocka_unit_test(a_key_that_was_never_seen_is_not_known),
        cmocka_unit_test(a_value_comes_with_its_time),
        cmocka_unit_test(windows_come_by_start_and_then_by_key),
        cmocka_unit_test(sessions_are_found_by_key_and_by_their_end),
        cmocka_unit_test(versions_are_found_as_of_a_time),
        cmocka_unit_test(a_read_of_another_kind_of_store_says_which_it_is),
        cmocka_unit_test(a_version_stays_while_nothing_is_committed),
        cmocka_unit_test(a_version_is_asked_for_again_when_reads_are),
        cmocka_unit_test(reads_before_the_start_and_after_the_end_ask_to_come_again),
        cmocka_unit_test(a_store_that_is_not_in_the_topology_is_an_error),
        cmocka_unit_test(no_answer_is_ever_taken_back),
        cmocka_unit_test(a_view_is_read_while_its_tasks_are_let_go_and_taken_up_anew),
    };

    return run_tests(tests);
}
