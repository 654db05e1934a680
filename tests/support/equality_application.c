#include "support/equality_application.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stateful/connect.h>
#include <stateful/streams.h>
#include <stateful/view.h>

#include "base/file.h"
#include "base/memory.h"
#include "check.h"
#include "record/record_batch.h"
#include "support/commit_fault.h"
#include "support/state_directory_fixture.h"
#include "topology/topology_implementation.h"

enum { PATIENCE_MS = 30000, CLOCK_STEP_MS = 1001, MEMORY_BYTES = 16 << 20 };

struct equality_application {
    char *directory;
    sf_broker *broker;
    const sf_topology *topology;
    sf_config config;
    sf_streams *streams; /* while it runs */
};

/* ---- time ---- */

static _Atomic int64_t ahead_ms;

static int64_t hasty_now_ms(sf_clock *clock)
{
    (void)clock;
    return sf_clock_now_ms(sf_clock_system()) + atomic_fetch_add(&ahead_ms, CLOCK_STEP_MS);
}

static int64_t hasty_monotonic_us(sf_clock *clock)
{
    (void)clock;
    return sf_clock_monotonic_us(sf_clock_system());
}

static sf_clock hasty = {.now_ms = hasty_now_ms, .monotonic_us = hasty_monotonic_us};

static void wait_a_moment(void)
{
    const struct timespec moment = {0, 1000000};

    (void)nanosleep(&moment, NULL);
}

static int64_t begun_ms(void)
{
    return sf_clock_monotonic_us(sf_clock_system()) / 1000;
}

static void check_patience(int64_t began_ms, const char *what)
{
    if (begun_ms() - began_ms > PATIENCE_MS)
        fail_msg("%s takes longer than %d ms", what, PATIENCE_MS);
}

/* ---- life ---- */

equality_application *equality_application_new(const sf_topology *topology, int32_t partitions)
{
    equality_application *made = sf_zalloc(sizeof(*made));

    made->directory = sf_test_directory_make_quick();
    made->topology = topology;
    assert_ok(sf_broker_connect("memory:", NULL, &made->broker, err));
    made->config = (sf_config){
        .application_id = "app",
        .broker = made->broker,
        .state_dir = made->directory,
        .input_partitions = partitions,
        .commit_interval_ms = 1,
        .commit_min_interval_ms = 1,
        .memory_max_bytes = MEMORY_BYTES,
        .clock = &hasty,
    };
    for (size_t i = 0; i < topology->topic_count; i++) {
        const sf_topic *topic = &topology->topics[i];

        if (!topic->is_internal)
            assert_ok(sf_broker_create_topic(
                made->broker, &(sf_topic_spec){.name = topic->name, .partitions = partitions}, NULL,
                err));
    }
    return made;
}

void equality_application_free(equality_application *application)
{
    sf_broker_close(application->broker);
    sf_test_directory_remove(application->directory);
    free(application);
}

void equality_application_lose_state(equality_application *application)
{
    char *path = sf_text_printf("%s/app", application->directory);

    assert_ok(sf_directory_remove(path, err));
    free(path);
}

void equality_application_feed(equality_application *application, const equality_arrival *arrivals,
                               size_t count)
{
    sf_producer *producer;

    assert_ok(sf_producer_new(application->broker, NULL, &producer, err));
    for (size_t i = 0; i < count; i++) {
        sf_outgoing out = {
            /* without a key where the test driver puts it */
            .partition = arrivals[i].record.key.data ? SF_PARTITION_BY_KEY : 0,
            .record = arrivals[i].record,
        };
        size_t sent;

        assert_ok(sf_producer_topic_open(producer, arrivals[i].topic, &out.topic, err));
        assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
    }
    assert_ok(sf_producer_flush(producer, PATIENCE_MS, err));
    sf_producer_close(producer);
}

/* ---- whether all is processed ---- */

/* Appends the partitions of a topic; the name is theirs. */
static size_t add_partitions(equality_application *application, const sf_topic *topic,
                             sf_offset **offsets, size_t count)
{
    char *name = sf_topology_topic_name(topic, application->config.application_id);
    int32_t partitions;

    assert_ok(sf_broker_partition_count(application->broker, name, &partitions, err));
    *offsets = sf_realloc_array(*offsets, count + (size_t)partitions + 1, sizeof(**offsets));
    for (int32_t partition = 0; partition < partitions; partition++)
        (*offsets)[count++] = (sf_offset){.topic = name, .partition = partition};
    if (partitions == 0)
        free(name);
    return count;
}

static void free_offsets(sf_offset *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (offsets[i].partition == 0)
            free((char *)offsets[i].topic);
    free(offsets);
}

/* First the positions, then the ends: what a record led to is committed together with the position
 * behind it, so nothing is on its way between two topics unless a position is short of its end. */
static bool is_at_end(equality_application *application, const sf_offset *offsets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sf_watermarks marks;

        assert_ok(sf_broker_watermarks(application->broker, offsets[i].topic, offsets[i].partition,
                                       &marks, err));
        if (offsets[i].offset != marks.high)
            return false;
    }
    return true;
}

static bool is_drained(equality_application *application)
{
    const sf_topology *topology = application->topology;
    const sf_consumer_options options = {.group = application->config.application_id};
    sf_offset *offsets = NULL;
    size_t count = 0;
    sf_consumer *consumer;
    bool drained;

    for (size_t i = 0; i < topology->topic_count; i++)
        if (topology->topics[i].is_source && !topology->topics[i].is_global)
            count = add_partitions(application, &topology->topics[i], &offsets, count);
    assert_ok(sf_consumer_new(application->broker, &options, &consumer, err));
    assert_ok(sf_consumer_committed(consumer, offsets, count, PATIENCE_MS, err));
    drained = is_at_end(application, offsets, count);
    sf_consumer_close(consumer);
    free_offsets(offsets, count);
    return drained;
}

/* ---- running ---- */

static void start(equality_application *application, int threads, commit_fault *fault)
{
    application->config.num_stream_threads = threads;
    assert_ok(
        sf_streams_new(application->topology, &application->config, &application->streams, err));
    if (fault)
        commit_fault_install(application->streams, fault);
    assert_ok(sf_streams_start(application->streams, err));
}

static void fail_if_it_ended(equality_application *application)
{
    sf_error error = {0};

    if (sf_streams_error(application->streams, &error))
        fail_msg("the application ended: %s", error.text);
}

static void stop(equality_application *application)
{
    assert_ok(sf_streams_close(application->streams, PATIENCE_MS, err));
    fail_if_it_ended(application);
    sf_streams_free(application->streams);
    application->streams = NULL;
}

static void wait_until_running(equality_application *application)
{
    if (!sf_streams_wait(application->streams, SF_STREAMS_RUNNING, PATIENCE_MS)) {
        fail_if_it_ended(application);
        fail_msg("the application does not come to run");
    }
}

void equality_application_run(equality_application *application, int threads)
{
    int64_t began_ms = begun_ms();

    start(application, threads, NULL);
    wait_until_running(application);
    while (!is_drained(application)) {
        fail_if_it_ended(application);
        check_patience(began_ms, "processing");
        wait_a_moment();
    }
    stop(application);
}

bool equality_application_crash(equality_application *application, int threads, int step,
                                int commit)
{
    commit_fault fault = {.step = step, .commit = commit, .status = SF_STOP};
    int64_t began_ms = begun_ms();

    start(application, threads, &fault);
    while (!atomic_load(&fault.has_struck) && !is_drained(application)) {
        check_patience(began_ms, "the way to a crash");
        wait_a_moment();
    }
    if (!atomic_load(&fault.has_struck))
        (void)sf_streams_close(application->streams, PATIENCE_MS, NULL); /* or it dies now */
    else
        assert_true(sf_streams_wait(application->streams, SF_STREAMS_ERROR, PATIENCE_MS));
    sf_streams_free(application->streams);
    application->streams = NULL;
    return atomic_load(&fault.has_struck);
}

/* ---- what it leaves ---- */

static void read_partition(sf_consumer *consumer, sf_reader *reader, int64_t end,
                           equality_rows *rows)
{
    int64_t began_ms = begun_ms();

    while (sf_reader_position(reader) < end) {
        sf_record_batch *batch;

        check_patience(began_ms, "reading a topic");
        assert_ok(sf_reader_read(reader, 4096, &batch, err));
        if (!batch)
            sf_consumer_wait(consumer, 50);
        for (size_t i = 0; batch && i < batch->count; i++) {
            const sf_record *record = &batch->records[i].record;

            equality_rows_add(rows, &(equality_row){.key = record->key,
                                                    .value = record->value,
                                                    .timestamp = record->timestamp});
        }
        if (batch)
            batch->release(batch);
    }
}

void equality_application_output(equality_application *application, const char *topic,
                                 equality_rows *rows)
{
    sf_consumer *consumer;
    int32_t partitions;

    assert_ok(sf_broker_partition_count(application->broker, topic, &partitions, err));
    assert_ok(sf_consumer_new(application->broker, NULL, &consumer, err));
    for (int32_t partition = 0; partition < partitions; partition++) {
        sf_watermarks marks;
        sf_reader *reader;

        assert_ok(sf_broker_watermarks(application->broker, topic, partition, &marks, err));
        assert_int_equal(marks.last_stable, marks.high); /* no transaction is left open */
        assert_ok(sf_consumer_add(consumer, topic, partition, SF_OFFSET_BEGINNING, &reader, err));
        read_partition(consumer, reader, marks.high, rows);
        sf_consumer_remove(consumer, reader);
    }
    sf_consumer_close(consumer);
}

static void read_all(sf_view_iterator *iterator, equality_rows *rows)
{
    sf_view_entry entry;
    sf_status status;

    while (sf_view_iterator_next(iterator, &entry, &status, NULL))
        equality_rows_add(rows, &(equality_row){.key = entry.key,
                                                .start_ms = entry.start_ms,
                                                .end_ms = entry.end_ms,
                                                .valid_to_ms = entry.valid_to_ms,
                                                .value = entry.stored.value,
                                                .timestamp = entry.stored.timestamp});
    assert_int_equal(status, SF_OK);
    sf_view_iterator_free(iterator);
}

static void read_versions(sf_view *view, equality_rows *rows)
{
    sf_arena *arena = sf_arena_new();
    sf_view_iterator *iterator;

    for (int key = 0; key < EQUALITY_KEYS; key++) {
        assert_ok(
            sf_view_versions(view, equality_key(key, arena), 0, INT64_MAX, true, &iterator, err));
        read_all(iterator, rows);
    }
    sf_arena_free(arena);
}

static void read_view(sf_view *view, equality_rows *rows)
{
    sf_view_iterator *iterator;

    switch (sf_view_kind(view)) {
    case SF_KEY_VALUE_STORE:
        assert_ok(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, err));
        read_all(iterator, rows);
        break;
    case SF_WINDOW_STORE:
        assert_ok(sf_view_fetch_all(view, 0, INT64_MAX, &iterator, err));
        read_all(iterator, rows);
        break;
    case SF_SESSION_STORE:
        assert_ok(sf_view_find_sessions_ended(view, 0, INT64_MAX, &iterator, err));
        read_all(iterator, rows);
        break;
    case SF_VERSIONED_STORE:
        read_versions(view, rows);
        break;
    }
}

void equality_application_store(equality_application *application, const char *store,
                                equality_rows *rows)
{
    sf_view *view;

    start(application, 1, NULL);
    wait_until_running(application);
    assert_ok(sf_streams_view(application->streams, store, &view, err));
    read_view(view, rows);
    sf_view_free(view);
    stop(application);
}
