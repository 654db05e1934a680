/* A commit that ends after each of its steps, as if the process had died there: the next start makes all
 * count, exactly once or at least once. */
#include <stdio.h>

#include <stateful/view.h>

#include "check.h"
#include "support/runtime_fixture.h"

enum { BEFORE = 100, COUNT = 300, KEYS = 23 };

/* Commits some work, then dies after a step of the commit of the rest, and is started again. */
static runtime_fixture *die_and_go_on(const char *kind, int step, sf_guarantee guarantee)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, sums_topology("in", "out"));
    commit_fault fault = {.step = step, .commit = 2, .status = SF_STOP};

    fixture->config.guarantee = guarantee;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 7, BEFORE);
    numbers_wait(fixture->broker, "out", BEFORE);
    runtime_fixture_stop(fixture);
    sums_app_feed(fixture->broker, "in", 8, COUNT - BEFORE);
    runtime_fixture_start_and_strike(fixture, &fault);
    runtime_fixture_start(fixture);
    numbers_wait(fixture->broker, "out", COUNT);
    return fixture;
}

static uint64_t restored_exactly_once(const char *kind, int step)
{
    runtime_fixture *fixture = die_and_go_on(kind, step, SF_EXACTLY_ONCE_V2);
    uint64_t restored = sums_app_counters(fixture->streams).restored;

    sums_app_check(fixture->broker, "in", "out");
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    runtime_fixture_stop(fixture);
    sums_app_check(fixture->broker, "in", "out");
    runtime_fixture_free(fixture);
    return restored;
}

static void after_flush_all_is_done_again(void **test)
{
    (void)test;
    assert_int_equal(restored_exactly_once("memory:", 1), 0);
    assert_int_equal(restored_exactly_once("file:", 1), 0);
}

static void after_delivery_all_is_done_again(void **test)
{
    (void)test;
    assert_int_equal(restored_exactly_once("memory:", 2), 0);
    assert_int_equal(restored_exactly_once("file:", 2), 0);
}

static void after_the_transaction_its_changes_alone_are_restored(void **test)
{
    uint64_t in_memory = restored_exactly_once("memory:", 3);
    uint64_t on_disk = restored_exactly_once("file:", 3);

    (void)test;
    assert_in_range(in_memory, 1, KEYS); /* each changed key once */
    assert_in_range(on_disk, 1, KEYS);
}

static void after_the_state_was_written_nothing_is_left_to_do(void **test)
{
    (void)test;
    assert_int_equal(restored_exactly_once("memory:", 4), 0);
    assert_int_equal(restored_exactly_once("file:", 4), 0);
}

static int64_t total_of(runtime_fixture *fixture)
{
    int64_t total = 0;
    sf_view *view;

    assert_ok(sf_streams_view(fixture->streams, "sums", &view, err));
    for (int i = 0; i < KEYS; i++) {
        char key[NUMBER_KEY_SIZE];
        int64_t sum;

        snprintf(key, sizeof(key), "key-%d", i);
        assert_ok(sf_view_get_int64(view, sf_bytes_text(key), &sum, NULL, err));
        total += sum;
    }
    sf_view_free(view);
    return total;
}

static int64_t total_of_input(runtime_fixture *fixture)
{
    number_list inputs = numbers_read(fixture->broker, "in");
    int64_t total = 0;

    for (size_t i = 0; i < inputs.count; i++)
        total += inputs.items[i].value;
    number_list_free(inputs);
    return total;
}

static void at_least_once_loses_nothing_after_any_step(void **test)
{
    (void)test;
    for (int step = 1; step <= 4; step++) {
        runtime_fixture *fixture = die_and_go_on("file:", step, SF_AT_LEAST_ONCE);

        runtime_fixture_stop(fixture);
        runtime_fixture_start(fixture);
        assert_true(total_of(fixture) >= total_of_input(fixture));
        if (step == 4) /* the positions were committed: nothing was done again */
            assert_int_equal(total_of(fixture), total_of_input(fixture));
        runtime_fixture_free(fixture);
    }
}

static void at_least_once_without_a_fault_is_exact(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));

    (void)test;
    fixture->config.guarantee = SF_AT_LEAST_ONCE;
    for (uint64_t round = 1; round <= 3; round++) {
        runtime_fixture_start(fixture);
        sums_app_feed(fixture->broker, "in", round, BEFORE);
        numbers_wait(fixture->broker, "out", round * BEFORE);
        runtime_fixture_stop(fixture);
    }
    sums_app_check(fixture->broker, "in", "out");
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_flush_all_is_done_again),
        cmocka_unit_test(after_delivery_all_is_done_again),
        cmocka_unit_test(after_the_transaction_its_changes_alone_are_restored),
        cmocka_unit_test(after_the_state_was_written_nothing_is_left_to_do),
        cmocka_unit_test(at_least_once_loses_nothing_after_any_step),
        cmocka_unit_test(at_least_once_without_a_fault_is_exact),
    };

    return run_tests(tests);
}
