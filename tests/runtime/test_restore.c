/* State that comes back: from the disk, from changelogs, or not at all when that would be wrong. */
#include <stdlib.h>
#include <string.h>

#include <stateful/builder.h>
#include <stateful/stream.h>
#include <stateful/view.h>

#include "base/memory.h"
#include "check.h"
#include "record/record_batch.h"
#include "runtime/streams_implementation.h"
#include "support/runtime_fixture.h"

enum { COUNT = 200, MINUTE_MS = 60 * 1000 };

static runtime_fixture *run_once(const char *kind)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, sums_topology("in", "out"));

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    return fixture;
}

/* Starts again, adds some, checks the whole; how many records were restored. */
static uint64_t run_again(runtime_fixture *fixture)
{
    uint64_t restored;

    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_check(fixture, 2 * COUNT);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    restored = sums_app_counters(fixture->streams).restored;
    runtime_fixture_stop(fixture);
    return restored;
}

static size_t changelog_records(runtime_fixture *fixture)
{
    size_t count = 0;
    sf_watermarks marks;

    for (int32_t p = 0; p < 2; p++) {
        assert_ok(sf_broker_watermarks(fixture->broker, "app-sums-changelog", p, &marks, err));
        count += (size_t)marks.high;
    }
    return count;
}

static void state_on_disk_is_not_restored(void **test)
{
    static const char *const kinds[] = {"memory:", "file:"};

    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(kinds); k++) {
        runtime_fixture *fixture = run_once(kinds[k]);

        assert_int_equal(run_again(fixture), 0);
        runtime_fixture_free(fixture);
    }
}

static void lost_state_comes_back_from_the_changelog(void **test)
{
    static const char *const kinds[] = {"memory:", "file:"};

    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(kinds); k++) {
        runtime_fixture *fixture = run_once(kinds[k]);
        size_t records = changelog_records(fixture);

        runtime_fixture_lose_state(fixture);
        assert_int_equal(run_again(fixture), records);
        runtime_fixture_free(fixture);
    }
}

/* Every restore a load, however little there is. */
static void start_with_loads(runtime_fixture *fixture)
{
    const sf_streams_machine machine = {.loads_always = true};

    assert_ok(
        sf_streams_new_on(fixture->topology, &fixture->config, &machine, &fixture->streams, err));
    assert_ok(sf_streams_start(fixture->streams, err));
    assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_RUNNING, 30000));
}

static void lost_state_comes_back_by_loads(void **test)
{
    runtime_fixture *fixture = run_once("file:");
    size_t records = changelog_records(fixture);

    (void)test;
    runtime_fixture_lose_state(fixture);
    start_with_loads(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).restored, records);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    runtime_fixture_stop(fixture);
    assert_int_equal(run_again(fixture), 0);
    runtime_fixture_free(fixture);
}

static void windows_come_back_by_loads(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", hour_sums_topology("in", "out"));

    (void)test;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    runtime_fixture_lose_state(fixture);
    start_with_loads(fixture);
    assert_true(sums_app_counters(fixture->streams).restored > 0);
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    numbers_wait(fixture->broker, "out", 2 * COUNT);
    runtime_fixture_stop(fixture);
    runtime_fixture_free(fixture);
}

static void state_in_memory_comes_back_from_the_changelog(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", sums_topology("in", "out"));

    (void)test;
    fixture->config.state_dir = SF_STATE_IN_MEMORY;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    numbers_wait(fixture->broker, "out", COUNT);
    runtime_fixture_stop(fixture);
    assert_true(run_again(fixture) > 0);
    runtime_fixture_free(fixture);
}

static void stream_time_survives_the_loss_of_the_disk(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("file:", hour_sums_topology("one", "out"));
    number_writer *writer;

    (void)test;
    numbers_topic(fixture->broker, "one", 1);
    writer = number_writer_open(fixture->broker);
    runtime_fixture_start(fixture);
    number_write(writer, "one", "b", 2, 200 * MINUTE_MS);
    number_writer_flush(writer);
    numbers_wait(fixture->broker, "out", 1);
    runtime_fixture_stop(fixture);
    runtime_fixture_lose_state(fixture);

    runtime_fixture_start(fixture);
    number_write(writer, "one", "a", 1, 10 * MINUTE_MS);  /* late */
    number_write(writer, "one", "b", 3, 190 * MINUTE_MS); /* in the window of the other b */
    number_writer_close(writer);
    numbers_wait(fixture->broker, "out", 2);
    assert_int_equal(sums_app_counters(fixture->streams).dropped, 1);
    runtime_fixture_stop(fixture);
    assert_int_equal(numbers_count(fixture->broker, "out"), 2);
    runtime_fixture_free(fixture);
}

/* ---- state that does not fit the topics ---- */

static void state_of_an_earlier_incarnation_is_cleared(void **test)
{
    runtime_fixture *fixture = run_once("memory:");

    (void)test;
    sf_broker_close(fixture->broker);
    assert_ok(sf_broker_connect("memory:", NULL, &fixture->broker, err));
    fixture->config.broker = fixture->broker;
    numbers_topic(fixture->broker, "in", 2);
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 3, COUNT);
    runtime_fixture_check(fixture, COUNT);
    sums_app_check_view(fixture->streams, fixture->broker, "in");
    runtime_fixture_free(fixture);
}

static void the_instance_keeps_its_id_when_its_state_is_cleared(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    char *id;

    (void)test;
    runtime_fixture_start(fixture);
    id = sf_text_copy(sf_streams_instance_id(fixture->streams));
    runtime_fixture_stop(fixture);
    assert_ok(sf_broker_delete_topic(fixture->broker, "app-layout", err));
    for (int round = 0; round < 2; round++) {
        runtime_fixture_start(fixture);
        assert_string_equal(sf_streams_instance_id(fixture->streams), id);
        runtime_fixture_stop(fixture);
    }
    free(id);
    runtime_fixture_free(fixture);
}

/* Starts it and gives the error it ends with. */
static sf_error start_and_fail(runtime_fixture *fixture)
{
    sf_error error = {0};
    sf_streams *streams;

    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &streams, err));
    assert_ok(sf_streams_start(streams, err));
    assert_true(sf_streams_wait(streams, SF_STREAMS_ERROR, 30000));
    assert_true(sf_streams_error(streams, &error));
    sf_streams_free(streams);
    return error;
}

static void a_changelog_made_anew_stops_the_application(void **test)
{
    runtime_fixture *fixture = run_once("memory:");
    sf_error error;

    (void)test;
    assert_ok(sf_broker_delete_topic(fixture->broker, "app-sums-changelog", err));
    error = start_and_fail(fixture);
    assert_non_null(strstr(error.text, "app-sums-changelog"));
    assert_non_null(strstr(error.text, "it lost its end, or it was deleted and made anew"));
    runtime_fixture_free(fixture);
}

static void a_trimmed_changelog_is_restored_from_where_it_begins(void **test)
{
    commit_fault fault = {.step = 3, .commit = 2, .status = SF_STOP};
    runtime_fixture *fixture = run_once("memory:");
    sf_watermarks marks;
    int64_t kept = 0;

    (void)test;
    sums_app_feed(fixture->broker, "in", 2, COUNT);
    runtime_fixture_start_and_strike(fixture, &fault); /* the disk lacks a commit */
    for (int32_t p = 0; p < 2; p++) {
        assert_ok(sf_broker_watermarks(fixture->broker, "app-sums-changelog", p, &marks, err));
        assert_ok(sf_broker_delete_records(fixture->broker, "app-sums-changelog", p, marks.high - 1,
                                           err));
        kept += 1;
    }
    runtime_fixture_start(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).restored, kept);
    runtime_fixture_free(fixture);
}

/* ---- a machine that was off for long ---- */

static int64_t days_later;

static int64_t later_now_ms(sf_clock *clock)
{
    (void)clock;
    return sf_clock_now_ms(sf_clock_system()) + days_later * 24 * 3600 * 1000;
}

static int64_t later_monotonic_us(sf_clock *clock)
{
    (void)clock;
    return sf_clock_monotonic_us(sf_clock_system());
}

static void state_that_was_away_for_days_is_restored_in_full(void **test)
{
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = later_monotonic_us};
    runtime_fixture *fixture = run_once("memory:");
    size_t records = changelog_records(fixture);

    (void)test;
    fixture->config.clock = &later;
    days_later = 3; /* the changelog keeps deletions for 7 */
    runtime_fixture_start(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).restored, 0);
    runtime_fixture_stop(fixture);

    days_later = 7;
    assert_int_equal(run_again(fixture), records);
    runtime_fixture_free(fixture);
}

static void deletions_are_kept_for_as_long_as_the_broker_says(void **test)
{
    static const sf_topic_config configs[] = {
        {"cleanup.policy", "compact"}, {"delete.retention.ms", "432000000"}, /* 5 days */
    };
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = later_monotonic_us};
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    size_t records;

    (void)test;
    assert_ok(sf_broker_create_topic(fixture->broker,
                                     &(sf_topic_spec){.name = "app-sums-changelog",
                                                      .partitions = 2,
                                                      .configs = configs,
                                                      .config_count = SF_ARRAY_LENGTH(configs)},
                                     NULL, err));
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    runtime_fixture_start(fixture);
    runtime_fixture_check(fixture, COUNT);
    runtime_fixture_stop(fixture);
    records = changelog_records(fixture);
    fixture->config.clock = &later;
    days_later = 2;
    runtime_fixture_start(fixture);
    assert_int_equal(sums_app_counters(fixture->streams).restored, 0);
    runtime_fixture_stop(fixture);

    days_later = 5; /* three more, fewer than half of the usual seven */
    assert_int_equal(run_again(fixture), records);
    runtime_fixture_free(fixture);
}

/* Before its first commit of its own: what was restored has no date but that of the restore. */
static void a_restore_that_nobody_committed_upon_grows_old_too(void **test)
{
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = later_monotonic_us};
    commit_fault fault = {.step = 1, .commit = 1, .status = SF_STOP};
    runtime_fixture *fixture = run_once("memory:");
    size_t records = changelog_records(fixture);

    (void)test;
    runtime_fixture_lose_state(fixture);
    runtime_fixture_start_and_strike(fixture, &fault);
    fixture->config.clock = &later;
    days_later = 7;
    assert_int_equal(run_again(fixture), records);
    runtime_fixture_free(fixture);
}

/* ---- a broker that forgets the positions of quiet groups ---- */

static _Atomic int64_t hours_later;

static int64_t hours_later_us(sf_clock *clock)
{
    (void)clock;
    return sf_clock_monotonic_us(sf_clock_system()) + hours_later * 3600 * 1000000;
}

/* The clock of the application is not ours. */
static void wait_for_commits(const runtime_fixture *fixture, uint64_t more_than)
{
    const int64_t end = sf_clock_monotonic_us(sf_clock_system()) + 30 * 1000000;

    while (sums_app_counters(fixture->streams).commits <= more_than) {
        assert_true(sf_clock_monotonic_us(sf_clock_system()) < end);
        sf_clock_pause(sf_clock_system(), 5);
    }
}

static void positions_are_committed_hourly_though_nothing_comes(void **test)
{
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = hours_later_us};
    runtime_fixture *fixture = runtime_fixture_new("memory:", sums_topology("in", "out"));
    uint64_t commits;

    (void)test;
    days_later = 0;
    fixture->config.clock = &later;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, COUNT);
    runtime_fixture_check(fixture, COUNT);
    for (int hour = 0; hour < 3; hour++) {
        commits = sums_app_counters(fixture->streams).commits;
        hours_later++;
        wait_for_commits(fixture, commits);
    }
    runtime_fixture_free(fixture);
    hours_later = 0;
}

/* ---- positions that the broker has lost ---- */

static void copy_partition(sf_broker *from, sf_broker *to, const char *name, int32_t partition)
{
    sf_watermarks marks;
    sf_consumer *consumer;
    sf_producer *producer;
    sf_reader *reader;
    sf_outgoing out = {.partition = partition};

    assert_ok(sf_broker_watermarks(from, name, partition, &marks, err));
    assert_ok(sf_consumer_new(from, NULL, &consumer, err));
    assert_ok(sf_producer_new(to, NULL, &producer, err));
    assert_ok(sf_producer_topic_open(producer, name, &out.topic, err));
    assert_ok(sf_consumer_add(consumer, name, partition, 0, &reader, err));
    while (sf_reader_position(reader) < marks.high) {
        sf_record_batch *batch;
        size_t sent;

        assert_ok(sf_reader_read(reader, 1000, &batch, err));
        for (size_t i = 0; batch && i < batch->count; i++) {
            out.record = batch->records[i].record;
            assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
        }
        if (batch)
            batch->release(batch);
    }
    assert_ok(sf_producer_flush(producer, 30000, err));
    sf_producer_close(producer);
    sf_consumer_close(consumer);
}

/* The same topics with the same offsets, but no positions of any group. */
static void forget_positions(runtime_fixture *fixture)
{
    static const struct {
        const char *name;
        int32_t partitions;
    } topics[] = {{"in", 2}, {"out", 2}, {"app-sums-changelog", 2}, {"app-layout", 1}};
    int32_t there;
    sf_broker *old = fixture->broker;

    assert_ok(sf_broker_connect("memory:", NULL, &fixture->broker, err));
    fixture->config.broker = fixture->broker;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(topics); i++) {
        assert_ok(sf_broker_partition_count(old, topics[i].name, &there, err));
        if (!there)
            continue;
        numbers_topic(fixture->broker, topics[i].name, topics[i].partitions);
        for (int32_t p = 0; p < topics[i].partitions; p++)
            copy_partition(old, fixture->broker, topics[i].name, p);
    }
    sf_broker_close(old);
}

static void a_position_that_the_broker_forgot_is_taken_from_the_state(void **test)
{
    runtime_fixture *fixture = run_once("memory:");

    (void)test;
    forget_positions(fixture);
    assert_int_equal(run_again(fixture), 0);
    runtime_fixture_free(fixture);
}

static void a_position_that_nobody_knows_is_never_guessed(void **test)
{
    runtime_fixture *fixture = run_once("memory:");
    sf_error error;

    (void)test;
    forget_positions(fixture);
    runtime_fixture_lose_state(fixture);
    error = start_and_fail(fixture);
    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_non_null(strstr(error.text, "lost the group's position of topic in"));
    runtime_fixture_free(fixture);
}

static sf_topology *passing_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_topology *topology;

    sf_stream_to(sf_builder_stream(builder, "in", NULL), "out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

/* Others may have had the task since, and nothing would show it. */
static void a_position_in_the_state_is_not_trusted_without_a_changelog(void **test)
{
    runtime_fixture *fixture = runtime_fixture_new("memory:", passing_topology());
    sf_error error;

    (void)test;
    runtime_fixture_start(fixture);
    sums_app_feed(fixture->broker, "in", 1, 100);
    numbers_wait(fixture->broker, "out", 100);
    runtime_fixture_stop(fixture);
    forget_positions(fixture);
    error = start_and_fail(fixture);

    assert_int_equal(error.code, SF_NOT_FOUND);
    assert_non_null(strstr(error.text, "lost the group's position of topic in"));
    assert_non_null(strstr(error.text, "no changelog"));
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_on_disk_is_not_restored),
        cmocka_unit_test(lost_state_comes_back_from_the_changelog),
        cmocka_unit_test(lost_state_comes_back_by_loads),
        cmocka_unit_test(windows_come_back_by_loads),
        cmocka_unit_test(state_in_memory_comes_back_from_the_changelog),
        cmocka_unit_test(stream_time_survives_the_loss_of_the_disk),
        cmocka_unit_test(state_of_an_earlier_incarnation_is_cleared),
        cmocka_unit_test(the_instance_keeps_its_id_when_its_state_is_cleared),
        cmocka_unit_test(a_changelog_made_anew_stops_the_application),
        cmocka_unit_test(a_trimmed_changelog_is_restored_from_where_it_begins),
        cmocka_unit_test(state_that_was_away_for_days_is_restored_in_full),
        cmocka_unit_test(deletions_are_kept_for_as_long_as_the_broker_says),
        cmocka_unit_test(a_restore_that_nobody_committed_upon_grows_old_too),
        cmocka_unit_test(positions_are_committed_hourly_though_nothing_comes),
        cmocka_unit_test(a_position_that_the_broker_forgot_is_taken_from_the_state),
        cmocka_unit_test(a_position_that_nobody_knows_is_never_guessed),
        cmocka_unit_test(a_position_in_the_state_is_not_trusted_without_a_changelog),
    };

    return run_tests(tests);
}
