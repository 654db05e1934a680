/* What an application tells of itself: counters by thread and task, lag by partition, memory. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/runtime_metrics.h>

#include "base/memory.h"
#include "check.h"
#include "runtime/latency.h"
#include "support/runtime_fixture.h"

enum { RECORDS = 500, PATIENCE_MS = 30000 };

/* Asks again until the condition holds; the picture lies in the arena. */
static void wait_for(runtime_fixture *fixture, sf_arena *arena, sf_runtime_metrics *metrics,
                     bool (*holds)(const sf_runtime_metrics *metrics))
{
    int64_t end = sf_clock_now_ms(sf_clock_system()) + PATIENCE_MS;

    do {
        sf_arena_reset(arena);
        sf_streams_metrics(fixture->streams, arena, metrics);
        if (sf_clock_now_ms(sf_clock_system()) > end)
            fail_msg("the metrics never came to what was waited for");
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* shorter is fine */
    } while (!holds(metrics));
}

static uint64_t processed_by_tasks(const sf_runtime_metrics *metrics)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < metrics->thread_count; i++)
        for (size_t k = 0; k < metrics->threads[i].task_count; k++)
            sum += metrics->threads[i].tasks[k].processed;
    return sum;
}

static int64_t lag(const sf_runtime_metrics *metrics)
{
    int64_t sum = 0;

    for (size_t i = 0; i < metrics->thread_count; i++)
        for (size_t k = 0; k < metrics->threads[i].task_count; k++)
            for (size_t n = 0; n < metrics->threads[i].tasks[k].input_count; n++) {
                const sf_input_metrics *input = &metrics->threads[i].tasks[k].inputs[n];

                if (input->lag < 0)
                    return -1;
                sum += input->lag;
            }
    return sum;
}

static bool all_is_processed_and_committed(const sf_runtime_metrics *metrics)
{
    return processed_by_tasks(metrics) == RECORDS && metrics->totals.processed == RECORDS &&
           !lag(metrics) && !metrics->memory.dirty_bytes;
}

static void tasks_tell_what_they_did_and_that_nothing_is_left(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));
    sf_arena *arena = sf_arena_new();
    sf_runtime_metrics metrics;

    (void)test;
    fixture->config.num_stream_threads = 2;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, RECORDS);
    wait_for(fixture, arena, &metrics, all_is_processed_and_committed);

    assert_int_equal(metrics.state, SF_STREAMS_RUNNING);
    assert_int_equal(metrics.thread_count, 2);
    assert_int_equal(metrics.totals.processed, RECORDS);
    for (size_t i = 0; i < 2; i++) {
        const sf_thread_metrics *thread = &metrics.threads[i];
        const sf_task_metrics *task = &thread->tasks[0];

        assert_int_equal(thread->number, i);
        assert_true(thread->is_running);
        assert_int_equal(thread->task_count, 1);
        assert_true(thread->commits > 0);
        assert_int_equal(thread->commit_latency.count, thread->commits);
        assert_int_equal(thread->processed, task->processed);
        assert_string_equal(task->state, "running");
        assert_string_equal(task->id, i == 0 ? "0_0" : "0_1");
        assert_int_equal(task->input_count, 1);
        assert_string_equal(task->inputs[0].topic, "in");
        assert_int_equal(task->inputs[0].partition, i);
        assert_int_equal(task->inputs[0].position, task->inputs[0].end);
        assert_int_equal(task->inputs[0].buffered, 0);
    }
    assert_true(metrics.memory.memtable_bytes > 0);
    assert_int_equal(metrics.memory.max_bytes, 128 * 1024 * 1024);
    sf_arena_free(arena);
    runtime_fixture_free(fixture);
}

static bool one_was_dropped(const sf_runtime_metrics *metrics)
{
    return metrics->totals.dropped == 1 && metrics->threads[0].dropped_by[SF_DROP_NULL];
}

static void drops_are_told_by_their_reason(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_arena *arena = sf_arena_new();
    sf_producer *producer;
    sf_outgoing out = {
        .record = {.value = sf_bytes_of((const uint8_t *)"12345678", 8), .timestamp = 1}};
    sf_runtime_metrics metrics;
    size_t sent;

    (void)test;
    runtime_fixture_start(fixture);
    assert_ok(sf_producer_new(fixture->broker, NULL, &producer, err));
    assert_ok(sf_producer_topic_open(producer, "in", &out.topic, err));
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err)); /* without a key */
    assert_ok(sf_producer_flush(producer, 10000, err));
    wait_for(fixture, arena, &metrics, one_was_dropped);

    assert_int_equal(metrics.threads[0].dropped_by[SF_DROP_LATE], 0);
    assert_int_equal(metrics.threads[0].dropped_by[SF_DROP_OTHER], 0);
    assert_string_equal(sf_drop_reason_name(SF_DROP_NULL), "null");
    assert_string_equal(sf_drop_reason_name(SF_DROP_OUT_OF_ORDER), "out-of-order");
    sf_producer_close(producer);
    sf_arena_free(arena);
    runtime_fixture_free(fixture);
}

static void nothing_but_its_state_is_told_before_the_start_and_after_the_end(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    sf_arena *arena = sf_arena_new();
    sf_runtime_metrics metrics;
    sf_streams *streams;

    (void)test;
    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    sf_streams_metrics(streams, arena, &metrics);
    assert_int_equal(metrics.state, SF_STREAMS_CREATED);
    assert_int_equal(metrics.thread_count, 0);
    assert_ok(sf_streams_start(streams, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, PATIENCE_MS));
    assert_ok(sf_streams_close(streams, -1, err));

    sf_streams_metrics(streams, arena, &metrics);
    assert_int_equal(metrics.state, SF_STREAMS_NOT_RUNNING);
    assert_int_equal(metrics.thread_count, 1);
    assert_true(metrics.threads[0].has_ended);
    assert_false(metrics.threads[0].is_running);
    assert_int_equal(metrics.threads[0].task_count, 0);
    sf_streams_free(streams);
    sf_arena_free(arena);
    runtime_fixture_free(fixture);
}

static void durations_fall_into_their_classes(void **test)
{
    sf_latency latency = {0};

    (void)test;
    sf_latency_add(&latency, 0);
    sf_latency_add(&latency, 1000);
    sf_latency_add(&latency, 1001);
    sf_latency_add(&latency, 999999999);

    assert_int_equal(latency.count, 4);
    assert_int_equal(latency.sum_us, 1000000000 + 2000);
    assert_int_equal(latency.max_us, 999999999);
    assert_int_equal(latency.buckets[0], 2);
    assert_int_equal(latency.buckets[1], 1);
    assert_int_equal(latency.buckets[SF_LATENCY_BUCKETS - 1], 1);
    for (size_t i = 1; i < SF_LATENCY_BUCKETS; i++)
        assert_true(sf_latency_bound_us(i) > sf_latency_bound_us(i - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_tell_what_they_did_and_that_nothing_is_left),
        cmocka_unit_test(drops_are_told_by_their_reason),
        cmocka_unit_test(nothing_but_its_state_is_told_before_the_start_and_after_the_end),
        cmocka_unit_test(durations_fall_into_their_classes),
    };

    return run_tests(tests);
}
