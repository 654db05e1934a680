/* Global tables in a running application: whole before the first record, followed afterwards, back
 * after a restart, read through views. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stateful/stream.h>
#include <stateful/view.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "check.h"
#include "runtime/streams_implementation.h"
#include "store/meta.h"
#include "support/refusing_broker.h"
#include "support/runtime_fixture.h"

enum { RATES = 500, RATE_PARTITIONS = 3, PATIENCE = 6000 };

static const char *const KINDS[] = {"memory:", "file:"};

/* ---- the application: numbers of "in" times the rate of their key, to "out" ---- */

static sf_status own_key(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                         sf_error *err)
{
    (void)user;
    (void)arena;
    (void)in;
    (void)out; /* has it already */
    (void)err;
    return SF_OK;
}

static sf_status times(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                       sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = sf_bytes_from_int64(sf_bytes_to_int64(left->value) * sf_bytes_to_int64(right), arena);
    return SF_OK;
}

static sf_topology *rates_topology(bool in_memory, sf_on_error on_error)
{
    sf_builder *builder = sf_builder_new();
    sf_consumed numbers = {.value = &sf_int64_serde, .on_error = on_error};
    sf_stream *in = sf_builder_stream(builder, "in", &(sf_consumed){.value = &sf_int64_serde});
    sf_global_table *rates = sf_builder_global_table(
        builder, "rates", &numbers, &(sf_materialized){.name = "rates", .in_memory = in_memory});
    sf_topology *topology;

    sf_stream_to(sf_stream_join_global(in, rates, own_key, times, NULL), "out");
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static void key_of(size_t rate, char key[NUMBER_KEY_SIZE])
{
    (void)snprintf(key, NUMBER_KEY_SIZE, "rate-%zu", rate);
}

static void write_rates(sf_broker *broker, size_t from, size_t to, int64_t factor)
{
    number_writer *writer = number_writer_open(broker);
    char key[NUMBER_KEY_SIZE];

    for (size_t i = from; i < to; i++) {
        key_of(i, key);
        number_write(writer, "rates", key, (int64_t)i * factor, 1000);
    }
    number_writer_close(writer);
}

/* One number a rate. */
static void write_numbers(sf_broker *broker, int64_t amount)
{
    number_writer *writer = number_writer_open(broker);
    char key[NUMBER_KEY_SIZE];

    for (size_t i = 0; i < RATES; i++) {
        key_of(i, key);
        number_write(writer, "in", key, amount, 2000);
    }
    number_writer_close(writer);
}

static runtime_fixture *fixture_of(const char *kind, sf_topology *topology)
{
    runtime_fixture *fixture = runtime_fixture_new(kind, topology);

    numbers_topic(fixture->broker, "rates", RATE_PARTITIONS);
    return fixture;
}

static runtime_fixture *with_rates(const char *kind)
{
    runtime_fixture *fixture = fixture_of(kind, rates_topology(false, SF_ON_ERROR_FAIL));

    write_rates(fixture->broker, 0, RATES, 10);
    return fixture;
}

/* The records of out from a place on are those of rates by a number, in any order. */
static void check_products(runtime_fixture *fixture, size_t from, int64_t amount, int64_t factor)
{
    number_list list;
    bool seen[RATES] = {false};
    size_t fresh = 0;

    numbers_wait(fixture->broker, "out", from + RATES);
    list = numbers_read(fixture->broker, "out");
    assert_int_equal(list.count, from + RATES);
    for (size_t i = 0; i < list.count; i++) {
        size_t rate = strtoul(list.items[i].key + strlen("rate-"), NULL, 10);

        if (list.items[i].value != amount * factor * (int64_t)rate || (rate && seen[rate]))
            continue;
        fresh += !seen[rate];
        seen[rate] = true;
    }
    assert_int_equal(fresh, RATES);
    number_list_free(list);
}

static uint64_t taken(const runtime_fixture *fixture)
{
    return sf_global_tables_taken(fixture->streams->globals);
}

/* ---- views ---- */

static sf_view *rates_view(runtime_fixture *fixture)
{
    sf_view *view;

    assert_ok(sf_streams_view(fixture->streams, "rates", &view, err));
    return view;
}

static bool rate_is(sf_view *view, const char *key, int64_t wanted)
{
    int64_t rate;
    bool known;

    assert_ok(sf_view_get_int64(view, sf_bytes_text(key), &rate, &known, err));
    return known ? rate == wanted : wanted < 0;
}

/* Negative: that it is gone. */
static void wait_for_rate(runtime_fixture *fixture, const char *key, int64_t wanted)
{
    const struct timespec moment = {0, 5 * 1000000};
    sf_view *view = rates_view(fixture);

    for (int i = 0; i < PATIENCE && !rate_is(view, key, wanted); i++)
        (void)nanosleep(&moment, NULL);
    assert_true(rate_is(view, key, wanted));
    sf_view_free(view);
}

static size_t count_rates(runtime_fixture *fixture)
{
    sf_view *view = rates_view(fixture);
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status;
    size_t count = 0;

    assert_ok(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, err));
    while (sf_view_iterator_next(iterator, &entry, &status, NULL))
        count++;
    sf_view_iterator_free(iterator);
    sf_view_free(view);
    assert_int_equal(status, SF_OK);
    return count;
}

/* ---- tests ---- */

static void a_table_is_whole_before_the_first_record(void **test)
{
    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(KINDS); k++) {
        runtime_fixture *fixture = with_rates(KINDS[k]);

        write_numbers(fixture->broker, 3);
        runtime_fixture_start(fixture);

        check_products(fixture, 0, 3, 10);
        assert_int_equal(count_rates(fixture), RATES);
        runtime_fixture_free(fixture);
    }
}

static void a_table_follows_its_topic(void **test)
{
    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(KINDS); k++) {
        runtime_fixture *fixture = with_rates(KINDS[k]);

        runtime_fixture_start(fixture);
        wait_for_rate(fixture, "rate-7", 70);
        write_rates(fixture->broker, 0, RATES, 11);
        for (size_t i = 0; i < RATES; i++) {
            char key[NUMBER_KEY_SIZE];

            key_of(i, key);
            wait_for_rate(fixture, key, (int64_t)i * 11);
        }
        write_numbers(fixture->broker, 3);

        check_products(fixture, 0, 3, 11);
        runtime_fixture_free(fixture);
    }
}

static void a_table_on_disk_goes_on_where_it_was(void **test)
{
    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(KINDS); k++) {
        runtime_fixture *fixture = with_rates(KINDS[k]);

        runtime_fixture_start(fixture);
        assert_int_equal(taken(fixture), RATES);
        runtime_fixture_stop(fixture);
        write_rates(fixture->broker, 0, 5, 12);
        runtime_fixture_start(fixture);

        assert_int_equal(taken(fixture), 5);
        wait_for_rate(fixture, "rate-4", 48);
        wait_for_rate(fixture, "rate-5", 50);
        runtime_fixture_free(fixture);
    }
}

static void a_lost_table_is_read_again(void **test)
{
    (void)test;
    for (size_t k = 0; k < SF_ARRAY_LENGTH(KINDS); k++) {
        runtime_fixture *fixture = with_rates(KINDS[k]);

        runtime_fixture_start(fixture);
        runtime_fixture_stop(fixture);
        runtime_fixture_lose_state(fixture);
        write_numbers(fixture->broker, 3);
        runtime_fixture_start(fixture);

        assert_int_equal(taken(fixture), RATES);
        check_products(fixture, 0, 3, 10);
        runtime_fixture_free(fixture);
    }
}

static void a_table_in_memory_is_read_at_each_start(void **test)
{
    runtime_fixture *fixture = fixture_of("memory:", rates_topology(true, SF_ON_ERROR_FAIL));

    (void)test;
    write_rates(fixture->broker, 0, RATES, 10);
    for (int i = 0; i < 2; i++) {
        runtime_fixture_start(fixture);
        assert_int_equal(taken(fixture), RATES);
        wait_for_rate(fixture, "rate-9", 90);
        runtime_fixture_stop(fixture);
    }
    runtime_fixture_free(fixture);
}

static void every_thread_sees_it(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");

    (void)test;
    fixture->config.num_stream_threads = 2;
    write_numbers(fixture->broker, 5);
    runtime_fixture_start(fixture);

    check_products(fixture, 0, 5, 10);
    runtime_fixture_free(fixture);
}

static void send_rate(sf_producer *producer, const char *key, int64_t rate)
{
    uint8_t wire[8];
    sf_outgoing out = {.partition = SF_PARTITION_BY_KEY};
    size_t sent;

    sf_put_be64(wire, (uint64_t)rate);
    out.record = (sf_record){.key = sf_bytes_text(key),
                             .value = rate < 0 ? SF_NULL : sf_bytes_of(wire, sizeof(wire)),
                             .timestamp = 1000};
    assert_ok(sf_producer_topic_open(producer, "rates", &out.topic, err));
    assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
}

static void what_is_aborted_is_never_seen(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");
    sf_producer *producer;

    (void)test;
    runtime_fixture_start(fixture);
    assert_ok(sf_producer_new(fixture->broker, &(sf_producer_options){.transactional_id = "other"},
                              &producer, err));
    assert_ok(sf_producer_begin(producer, err));
    send_rate(producer, "rate-1", 666);
    send_rate(producer, "rate-2", 666);
    assert_ok(sf_producer_abort(producer, 10000, err));
    assert_ok(sf_producer_begin(producer, err));
    send_rate(producer, "rate-1", 17);
    send_rate(producer, "rate-3", -1);
    assert_ok(sf_producer_commit(producer, 10000, err));
    sf_producer_close(producer);

    wait_for_rate(fixture, "rate-3", -1);
    wait_for_rate(fixture, "rate-1", 17);
    wait_for_rate(fixture, "rate-2", 20);
    while (taken(fixture) < RATES + 2) /* counted a moment after they can be read */
        usleep(1000);
    assert_int_equal(taken(fixture), RATES + 2);
    runtime_fixture_free(fixture);
}

/* Time that the test moves on by hours; the monotonic clock is the system's. */
static _Atomic int64_t hours_later;

static int64_t later_now_ms(sf_clock *clock)
{
    (void)clock;
    return sf_clock_now_ms(sf_clock_system()) + hours_later * 3600 * 1000;
}

static int64_t later_monotonic_us(sf_clock *clock)
{
    (void)clock;
    return sf_clock_monotonic_us(sf_clock_system());
}

static void a_table_that_was_away_for_long_is_read_anew(void **test)
{
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = later_monotonic_us};
    runtime_fixture *fixture = with_rates("memory:");

    (void)test;
    hours_later = 0;
    fixture->config.clock = &later;
    runtime_fixture_start(fixture);
    runtime_fixture_stop(fixture);
    hours_later = 11;
    runtime_fixture_start(fixture);
    assert_int_equal(taken(fixture), 0);
    runtime_fixture_stop(fixture);
    hours_later += 13;
    runtime_fixture_start(fixture);

    assert_int_equal(taken(fixture), RATES);
    assert_int_equal(count_rates(fixture), RATES);
    runtime_fixture_free(fixture);
}

static void time_without_news_is_no_time_away(void **test)
{
    const struct timespec moment = {0, 5 * 1000000};
    sf_clock later = {.now_ms = later_now_ms, .monotonic_us = later_monotonic_us};
    runtime_fixture *fixture = with_rates("memory:");
    sf_state *state;

    (void)test;
    hours_later = 0;
    fixture->config.clock = &later;
    runtime_fixture_start(fixture);
    state = fixture->streams->state;
    hours_later = 10;
    for (int i = 0; i < PATIENCE; i++) {
        int64_t written_ms;

        assert_ok(sf_meta_get(sf_state_database(state, false), SF_META_WRITTEN, "global-rates", 0,
                              &written_ms, err));
        if (later_now_ms(NULL) - written_ms < 3600 * 1000)
            break;
        (void)nanosleep(&moment, NULL);
    }
    runtime_fixture_stop(fixture);
    hours_later += 10;
    runtime_fixture_start(fixture);

    assert_int_equal(taken(fixture), 0);
    runtime_fixture_free(fixture);
}

typedef struct heard {
    int began, ended;
    uint64_t records;
    int64_t left; /* offsets, when they began */
    bool advanced_within;
} heard;

static void on_began(void *user, const sf_restore_progress *progress)
{
    heard *all = user;

    assert_string_equal(progress->store, "rates");
    assert_string_equal(progress->topic, "rates");
    assert_in_range(progress->partition, 0, RATE_PARTITIONS - 1);
    assert_int_equal(progress->position, progress->begin);
    all->began++;
    all->left += progress->end - progress->begin;
}

static void on_advanced(void *user, const sf_restore_progress *progress)
{
    heard *all = user;

    all->advanced_within =
        progress->position > progress->begin && progress->position <= progress->end;
}

static void on_ended(void *user, const sf_restore_progress *progress)
{
    heard *all = user;

    assert_int_equal(progress->position, progress->end);
    assert_int_equal(progress->left_ms, 0);
    all->ended++;
    all->records += progress->records;
}

static heard start_and_listen(runtime_fixture *fixture)
{
    heard all = {0};
    const sf_restore_listener listener = {
        .began = on_began, .advanced = on_advanced, .ended = on_ended, .user = &all};

    assert_ok(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, err));
    sf_streams_set_restore_listener(fixture->streams, &listener);
    assert_ok(sf_streams_start(fixture->streams, err));
    runtime_fixture_stop(fixture);
    return all;
}

static void the_restore_of_a_table_is_told(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");
    heard first = start_and_listen(fixture);
    heard second = start_and_listen(fixture);

    (void)test;
    assert_int_equal(first.began, RATE_PARTITIONS);
    assert_int_equal(first.ended, RATE_PARTITIONS);
    assert_int_equal(first.records, RATES);
    assert_int_equal(first.left, RATES);
    assert_true(first.advanced_within);
    assert_int_equal(second.began, 0); /* the disk has all of it */
    assert_int_equal(second.ended, 0);
    runtime_fixture_free(fixture);
}

static void a_table_whose_readers_are_refused_at_first_becomes_whole(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");

    (void)test;
    refusing_broker_begin(fixture->broker);
    runtime_fixture_start(fixture);
    assert_int_equal(taken(fixture), RATES);
    assert_int_equal(count_rates(fixture), RATES);
    runtime_fixture_stop(fixture);
    assert_true(refusing_broker_end(fixture->broker) >= RATE_PARTITIONS);
    runtime_fixture_free(fixture);
}

static void a_trimmed_topic_is_read_from_where_it_begins(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");
    int32_t partition = sf_partition_of_key(sf_bytes_text("new-1"), RATE_PARTITIONS);
    sf_watermarks marks;
    number_writer *writer;

    (void)test;
    runtime_fixture_start(fixture);
    runtime_fixture_stop(fixture);
    writer = number_writer_open(fixture->broker);
    number_write(writer, "rates", "new-1", 1, 1000);
    number_write(writer, "rates", "new-1", 2, 1000);
    number_writer_close(writer);
    assert_ok(sf_broker_watermarks(fixture->broker, "rates", partition, &marks, err));
    assert_ok(sf_broker_delete_records(fixture->broker, "rates", partition, marks.high - 1, err));
    runtime_fixture_start(fixture);

    wait_for_rate(fixture, "new-1", 2);
    assert_true(count_rates(fixture) < RATES);
    runtime_fixture_free(fixture);
}

static void a_topic_made_anew_stops_the_start(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");
    sf_error err = {0};

    (void)test;
    runtime_fixture_start(fixture);
    runtime_fixture_stop(fixture);
    assert_int_equal(sf_broker_delete_topic(fixture->broker, "rates", &err), SF_OK);
    numbers_topic(fixture->broker, "rates", RATE_PARTITIONS);
    assert_int_equal(sf_streams_new(fixture->topology, &fixture->config, &fixture->streams, &err),
                     SF_OK);

    assert_int_equal(sf_streams_start(fixture->streams, &err), SF_STOP);
    assert_non_null(strstr(err.text, "it was deleted and made anew"));
    assert_int_equal(sf_streams_state(fixture->streams), SF_STREAMS_CREATED);
    runtime_fixture_free(fixture);
}

static void a_row_that_makes_no_sense_goes_by_policy(void **test)
{
    static const sf_on_error policies[] = {SF_ON_ERROR_SKIP, SF_ON_ERROR_FAIL};

    (void)test;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(policies); i++) {
        runtime_fixture *fixture = fixture_of("memory:", rates_topology(false, policies[i]));
        sf_outgoing out = {.record = {.key = sf_bytes_text("k"), .value = sf_bytes_text("short")}};
        sf_producer *producer;
        sf_error error = {0};
        size_t sent;

        runtime_fixture_start(fixture);
        assert_ok(sf_producer_new(fixture->broker, NULL, &producer, err));
        assert_ok(sf_producer_topic_open(producer, "rates", &out.topic, err));
        assert_ok(sf_producer_send(producer, &out, 1, &sent, err));
        assert_ok(sf_producer_flush(producer, 10000, err));
        sf_producer_close(producer);
        if (policies[i] == SF_ON_ERROR_FAIL) {
            assert_true(sf_streams_wait(fixture->streams, SF_STREAMS_ERROR, 30000));
            assert_true(sf_streams_error(fixture->streams, &error));
            assert_non_null(strstr(error.text, "record of rates/0 at offset 0: value"));
            sf_streams_free(fixture->streams);
            fixture->streams = NULL;
        } else {
            write_rates(fixture->broker, 0, 10, 10);
            wait_for_rate(fixture, "rate-9", 90);
        }
        runtime_fixture_free(fixture);
    }
}

static void a_closed_application_is_not_read(void **test)
{
    runtime_fixture *fixture = with_rates("memory:");
    sf_error err = {0};
    sf_view *view;
    int64_t rate;

    (void)test;
    runtime_fixture_start(fixture);
    view = rates_view(fixture);
    assert_int_equal(sf_streams_close(fixture->streams, -1, &err), SF_OK);

    assert_int_equal(sf_view_get_int64(view, sf_bytes_text("rate-1"), &rate, NULL, &err), SF_RETRY);
    assert_int_equal(err.code, SF_CLOSED);
    sf_view_free(view);
    runtime_fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_whole_before_the_first_record),
        cmocka_unit_test(a_table_follows_its_topic),
        cmocka_unit_test(a_table_on_disk_goes_on_where_it_was),
        cmocka_unit_test(a_lost_table_is_read_again),
        cmocka_unit_test(a_table_in_memory_is_read_at_each_start),
        cmocka_unit_test(every_thread_sees_it),
        cmocka_unit_test(what_is_aborted_is_never_seen),
        cmocka_unit_test(a_table_that_was_away_for_long_is_read_anew),
        cmocka_unit_test(time_without_news_is_no_time_away),
        cmocka_unit_test(the_restore_of_a_table_is_told),
        cmocka_unit_test(a_table_whose_readers_are_refused_at_first_becomes_whole),
        cmocka_unit_test(a_trimmed_topic_is_read_from_where_it_begins),
        cmocka_unit_test(a_topic_made_anew_stops_the_start),
        cmocka_unit_test(a_row_that_makes_no_sense_goes_by_policy),
        cmocka_unit_test(a_closed_application_is_not_read),
    };

    return run_tests(tests);
}
