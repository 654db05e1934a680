/* Reads from outside: in order over all partitions, committed state only, while the application runs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <stateful/view.h>

#include "check.h"
#include "support/runtime_fixture.h"

enum { COUNT = 400, HOUR_MS = 3600 * 1000 };

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

static void no_answer_is_ever_taken_back(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    commit_fault fault = {.step = 2, .commit = 9, .status = SF_ABORT_COMMIT};
    reading shared = {0};
    pthread_t readers[2];

    (void)test;
    fixture->config.num_stream_threads = 2;
    runtime_fixture_start_with(fixture, &fault);
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
    assert_true(atomic_load(&fault.has_struck));
    sf_view_free(shared.view);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_has_the_keys_of_all_partitions_in_order),
        cmocka_unit_test(a_key_that_was_never_seen_is_not_known),
        cmocka_unit_test(a_value_comes_with_its_time),
        cmocka_unit_test(windows_come_by_start_and_then_by_key),
        cmocka_unit_test(reads_before_the_start_and_after_the_end_ask_to_come_again),
        cmocka_unit_test(a_store_that_is_not_in_the_topology_is_an_error),
        cmocka_unit_test(no_answer_is_ever_taken_back),
    };

    return run_tests(tests);
}
