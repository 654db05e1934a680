/* Two inputs of one task: in which order their records meet, by max_task_idle_ms. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <stateful/builder.h>
#include <stateful/runtime_metrics.h>
#include <stateful/stream.h>

#include "check.h"
#include "support/runtime_fixture.h"

enum { FOR_EVER_MS = 3600 * 1000, PATIENCE_MS = 30000 };

static sf_topology *merging_topology(void)
{
    const sf_consumed numbers = {.key = &sf_string_serde, .value = &sf_int64_serde};
    sf_builder *builder = sf_builder_new();
    sf_stream *left = sf_builder_stream(builder, "in", &numbers);
    sf_stream *right = sf_builder_stream(builder, "right", &numbers);
    sf_topology *topology;

    sf_stream_to(sf_stream_merge(left, right), "out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static runtime_fixture *merging(int64_t max_task_idle_ms)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", merging_topology());

    numbers_topic(fixture->broker, "right", 2);
    fixture->config.max_task_idle_ms = max_task_idle_ms;
    return fixture;
}

/* One record, of one key: all lie in one partition. */
static void feed(runtime_fixture *fixture, const char *topic, int64_t timestamp)
{
    number_writer *writer = number_writer_open(fixture->broker);

    number_write(writer, topic, "k", timestamp, timestamp);
    number_writer_flush(writer);
    number_writer_close(writer);
}

/* Waits until so many records wait for their turn, all inputs together. */
static void wait_for_buffered(const runtime_fixture *fixture, uint64_t count)
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + PATIENCE_MS;
    uint64_t buffered = 0;

    while (buffered != count) {
        sf_arena *arena = sf_arena_new();
        sf_runtime_metrics metrics;

        sf_streams_metrics(fixture->streams, arena, &metrics);
        buffered = 0;
        for (size_t i = 0; i < metrics.threads[0].task_count; i++) {
            const sf_task_metrics *task = &metrics.threads[0].tasks[i];

            for (size_t k = 0; k < task->input_count; k++)
                buffered += task->inputs[k].buffered;
        }
        sf_arena_free(arena);
        if (sf_clock_now_ms(sf_clock_system()) > end)
            fail_msg("%llu records wait, not %llu", (unsigned long long)buffered,
                     (unsigned long long)count);
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* shorter is fine */
    }
}

/* What came out, in order: "5 10 ". */
static void check_out(runtime_fixture *fixture, size_t count, const char *expected)
{
    char text[128] = "";
    number_list list;

    numbers_wait(fixture->broker, "out", count);
    list = numbers_read(fixture->broker, "out");
    for (size_t i = 0; i < list.count; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%lld ",
                       (long long)list.items[i].value);
    number_list_free(list);
    assert_string_equal(text, expected);
}

static void records_wait_for_older_ones_of_an_input_that_is_empty(void **test)
{
    runtime_fixture *fixture = merging(FOR_EVER_MS);

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture, "in", 10);
    feed(fixture, "in", 20);
    wait_for_buffered(fixture, 2);
    feed(fixture, "right", 5);
    feed(fixture, "right", 15);
    feed(fixture, "right", 30);

    check_out(fixture, 4, "5 10 15 20 ");
    wait_for_buffered(fixture, 1); /* 30 waits for the other side */
    runtime_fixture_free(fixture);
}

static void the_wait_for_an_empty_input_ends(void **test)
{
    runtime_fixture *fixture = merging(50);

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture, "in", 10);
    feed(fixture, "in", 20);
    check_out(fixture, 2, "10 20 ");
    feed(fixture, "right", 5);

    check_out(fixture, 3, "10 20 5 ");
    runtime_fixture_free(fixture);
}

static void nobody_waits_if_it_is_switched_off(void **test)
{
    runtime_fixture *fixture = merging(-1);

    (void)test;
    runtime_fixture_start(fixture);
    feed(fixture, "right", 20);
    check_out(fixture, 1, "20 ");
    feed(fixture, "in", 10);

    check_out(fixture, 2, "20 10 ");
    runtime_fixture_free(fixture);
}

static void what_was_there_at_the_start_comes_out_by_time(void **test)
{
    runtime_fixture *fixture = merging(0);

    (void)test;
    for (int64_t time = 10; time <= 50; time += 20)
        feed(fixture, "right", time);
    for (int64_t time = 20; time <= 60; time += 20)
        feed(fixture, "in", time);
    runtime_fixture_start(fixture);

    check_out(fixture, 6, "10 20 30 40 50 60 ");
    feed(fixture, "in", 70); /* nothing unread is known: it does not wait */
    check_out(fixture, 7, "10 20 30 40 50 60 70 ");
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_wait_for_older_ones_of_an_input_that_is_empty),
        cmocka_unit_test(the_wait_for_an_empty_input_ends),
        cmocka_unit_test(nobody_waits_if_it_is_switched_off),
        cmocka_unit_test(what_was_there_at_the_start_comes_out_by_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
