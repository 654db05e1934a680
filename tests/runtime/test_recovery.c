/* Failures that are not the end: a commit is taken back, or all is taken up anew, and the outcome is as
 * if nothing had happened. */
#include <stdlib.h>
#include <string.h>

#include <stateful/grouped.h>

#include "base/memory.h"
#include "check.h"
#include "support/refusing_broker.h"
#include "support/runtime_fixture.h"

enum { COUNT = 200, MINUTE_MS = 60 * 1000 };

/* Runs into the fault with work uncommitted, and on. */
static runtime_fixture *survive(const char *kind, commit_fault *fault)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, sums_topology("in", "out"));

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_start_with(fixture, fault);
    runtime_fixture_check(fixture, 2 * COUNT);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    assert_true(atomic_load(&fault->has_struck));
    return fixture;
}

static void a_commit_taken_back_is_done_again(void **test)
{
    static const char *const kinds[] = {"memory:", "file:"};

    (void)test;
    for (int step = 1; step <= 2; step++) {
        for (size_t k = 0; k < SF_ARRAY_LENGTH(kinds); k++) {
            commit_fault fault = {.step = step, .commit = 2, .status = SF_ABORT_COMMIT};
            runtime_fixture *fixture = survive(kinds[k], &fault);

            assert_int_equal(sums_app_counters(fixture->streams).aborts, 1);
            runtime_fixture_free(fixture);
        }
    }
}

static void the_first_commit_of_a_start_may_be_taken_back_too(void **test)
{
    commit_fault fault = {.step = 1, .commit = 1, .status = SF_ABORT_COMMIT};
    runtime_fixture *fixture = survive("memory:", &fault);

    (void)test;
    runtime_fixture_free(fixture);
}

/* The counters once its tasks run again: others see them a moment after the stores. */
static sf_streams_counters counters_after_rebuild(const sf_streams *streams)
{
    sf_streams_counters counters;

    do
        counters = sums_app_counters(streams);
    while (counters.rebuilds == 0 || counters.tasks_running < counters.tasks);
    return counters;
}

static void tasks_taken_up_anew_go_on_where_the_commit_was(void **test)
{
    (void)test;
    for (int step = 1; step <= 4; step++) {
        commit_fault fault = {.step = step, .commit = 2, .status = SF_REBUILD_TASK};
        runtime_fixture *fixture = survive("file:", &fault);
        sf_streams_counters counters = counters_after_rebuild(fixture->streams);

        assert_int_equal(counters.rebuilds, 1);
        if (step == 3) /* what counts already but is not on disk */
            assert_true(counters.restored > 0);
        else
            assert_int_equal(counters.restored, 0);
        runtime_fixture_free(fixture);
    }
}

/* What another process with the same instance id does when it starts. */
static void fence(runtime_fixture *fixture)
{
    char *id = sf_text_printf("app-%s-0", sf_streams_instance_id(fixture->streams));
    sf_producer *producer;

    assert_ok(sf_producer_new(fixture->broker, &(sf_producer_options){.transactional_id = id},
                              &producer, err));
    sf_producer_close(producer);
    free(id);
}

static void a_thread_that_was_fenced_comes_back_once_the_other_is_gone(void **test)
{
    static const char *const kinds[] = {"memory:", "file:"};

    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(kinds); k++) {
        runtime_fixture *fixture = runtime_fixture_new(kinds[k], sums_topology("in", "out"));

        runtime_fixture_start(fixture);
        sums_app_feed(fixture->broker, "in", 1, COUNT);
        numbers_wait(fixture->broker, "out", COUNT);
        fence(fixture);
        sums_app_feed(fixture->broker, "in", 2, COUNT);
        runtime_fixture_check(fixture, 2 * COUNT);
        assert_true(sums_app_counters(fixture->streams).rebuilds >= 1);
        runtime_fixture_free(fixture);
    }
}

/* The error a lasting fault ends in. */
static sf_error end_of(commit_fault *fault, int32_t task_timeout_ms)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_error error = {0};

    fixture->config.task_timeout_ms = task_timeout_ms;
    runtime_fixture_start_with(fixture, fault);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, 30000));
    assert_true(sf_streams_error(fixture->streams, &error));
    assert_ok(sf_streams_close(fixture->streams, -1, err));
    assert_int_equal(sf_streams_state(fixture->streams), SF_STREAMS_ERROR);
    assert_int_equal(numbers_count(fixture->broker, "out"), 0);
    sf_streams_free(fixture->streams);
    fixture->streams = NULL;
    runtime_fixture_free(fixture);
    return error;
}

static void commits_that_never_come_through_are_the_end(void **test)
{
    commit_fault fault = {.step = 1, .status = SF_ABORT_COMMIT};
    sf_error error = end_of(&fault, 100);

    (void)test;
    assert_non_null(strstr(error.text, "no commit came through for 100 ms"));
}

static void being_pushed_out_again_and_again_is_the_end(void **test)
{
    commit_fault fault = {.step = 1, .status = SF_REBUILD_TASK};
    sf_error error = end_of(&fault, 0);

    (void)test;
    assert_non_null(strstr(error.text, "another instance"));
}

/* One commit holds a record and one that is hours younger; it is taken back. */
static void nothing_is_late_after_a_rewind(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", hour_sums_topology("one", "out"));
    commit_fault fault = {.step = 2, .commit = 2, .status = SF_ABORT_COMMIT};
    number_writer *writer;

    (void)test;
    numbers_topic(fixture->broker, "one", 1);
    writer = number_writer_open(fixture->broker);
    number_write(writer, "one", "a", 1, 10 * MINUTE_MS);
    number_write(writer, "one", "b", 2, 200 * MINUTE_MS);
    number_writer_close(writer);
    runtime_fixture_start_with(fixture, &fault);
    numbers_wait(fixture->broker, "out", 2);

    assert_int_equal(sums_app_counters(fixture->streams).aborts, 1);
    assert_int_equal(sums_app_counters(fixture->streams).dropped, 0);
    runtime_fixture_free(fixture);
}

/* ---- a broker that has just started ---- */

static sf_topology *two_inputs_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *one = sf_builder_stream(builder, "in", NULL);
    sf_stream *other = sf_builder_stream(builder, "other", NULL);
    sf_stream *both = sf_stream_merge(one, other);
    sf_topology *topology;

    (void)sf_grouped_count(sf_stream_group_by_key(both, NULL), "counts"); /* restored */
    sf_stream_to(both, "out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static void readers_that_are_refused_at_first_are_added_later(void **test)
{
    enum { LAYOUT = 1, INPUTS = 4, CHANGELOGS = 2 };
    runtime_fixture *fixture = runtime_fixture_new("memory:", two_inputs_topology());

    (void)test;
    numbers_topic(fixture->broker, "other", 2);
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    runtime_fixture_lose_state(fixture);

    refusing_broker_begin(fixture->broker);
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "other", 2, COUNT);
    numbers_wait(fixture->broker, "out", 2 * COUNT);
    assert_true(sums_app_counters(fixture->streams).restored > 0);
    runtime_fixture_stop(fixture);
    assert_true(refusing_broker_end(fixture->broker) >= LAYOUT + INPUTS + CHANGELOGS);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_taken_back_is_done_again),
        cmocka_unit_test(the_first_commit_of_a_start_may_be_taken_back_too),
        cmocka_unit_test(tasks_taken_up_anew_go_on_where_the_commit_was),
        cmocka_unit_test(a_thread_that_was_fenced_comes_back_once_the_other_is_gone),
        cmocka_unit_test(commits_that_never_come_through_are_the_end),
        cmocka_unit_test(being_pushed_out_again_and_again_is_the_end),
        cmocka_unit_test(nothing_is_late_after_a_rewind),
        cmocka_unit_test(readers_that_are_refused_at_first_are_added_later),
    };

    return run_tests(tests);
}
