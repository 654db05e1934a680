#include "journal/journal_consumer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_fixture.h"
#include "support/watched_storage.h"

static sf_broker *open_in_memory(int32_t partitions, uint64_t random_gaps)
{
    sf_broker *broker;

    assert_ok(
        sf_journal_open_memory(&(sf_journal_options){.random_gaps = random_gaps}, &broker, err));
    journal_fixture_topic(broker, "t", partitions);
    return broker;
}

static sf_consumer *consumer_of(sf_broker *broker, size_t queue_size_bytes)
{
    sf_consumer_options options = {.queue_size_bytes = queue_size_bytes};
    sf_consumer *consumer;

    assert_ok(sf_consumer_new(broker, &options, &consumer, err));
    return consumer;
}

static sf_watermarks marks_of(sf_broker *broker, int32_t partition)
{
    sf_watermarks marks;

    assert_ok(sf_broker_watermarks(broker, "t", partition, &marks, err));
    return marks;
}

/* Numbers from ... to - 1 to a partition, in frames of several. */
static void send_numbers(sf_broker *broker, int32_t partition, int from, int to)
{
    sf_producer *producer;
    sf_outgoing out[50];
    char values[50][16];
    size_t sent;

    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    while (from < to) {
        size_t count = 0;

        for (; count < 50 && from < to; count++, from++) {
            (void)snprintf(values[count], sizeof(values[count]), "%d", from);
            out[count] = (sf_outgoing){.topic = open_topic(producer, "t"),
                                       .partition = partition,
                                       .record = {.value = sf_bytes_text(values[count])}};
        }
        assert_ok(sf_producer_send(producer, out, count, &sent, err));
    }
    sf_producer_close(producer);
}

/* Reads up to max records in one call and checks that they are the next numbers. */
static size_t check_numbers(sf_reader *reader, size_t max, int *next)
{
    sf_record_batch *batch;
    size_t count;

    assert_ok(sf_reader_read(reader, max, &batch, err));
    if (!batch)
        return 0;
    for (size_t i = 0; i < batch->count; i++) {
        char expected[16];

        (void)snprintf(expected, sizeof(expected), "%d", (*next)++);
        assert_bytes(batch->records[i].record.value, expected);
    }
    assert_int_equal(batch->position_after, sf_reader_position(reader));
    count = batch->count;
    assert_true(count > 0 && count <= max);
    batch->release(batch);
    return count;
}

/* ---- readers that share and part ---- */

static void lagging_readers_get_all_in_order_with_small_queues(void **state)
{
    enum { PARTITIONS = 5, COUNT = 4000 };
    sf_broker *broker = open_in_memory(PARTITIONS, 0);
    sf_consumer *consumer = consumer_of(broker, 2000);
    sf_reader *readers[PARTITIONS];
    int next[PARTITIONS] = {0};
    unsigned seed = 17;
    bool goes_on = true;

    (void)state;
    for (int32_t i = 0; i < PARTITIONS; i++)
        send_numbers(broker, i, 0, COUNT / 2); /* one behind the other in the log */
    for (int32_t i = 0; i < PARTITIONS; i++)
        readers[i] = read_from(consumer, "t", i, 0);
    for (int round = 0; round < COUNT / 2; round += 40)
        for (int32_t i = 0; i < PARTITIONS; i++)
            send_numbers(broker, i, COUNT / 2 + round, COUNT / 2 + round + 40);
    for (int step = 0; goes_on; step++) {
        int chosen = rand_r(&seed) % PARTITIONS;

        (void)check_numbers(readers[chosen], 1 + (size_t)(rand_r(&seed) % 300), &next[chosen]);
        goes_on = false;
        for (int i = 0; i < PARTITIONS; i++)
            goes_on |= sf_reader_is_ready(readers[i]);
    }

    for (int i = 0; i < PARTITIONS; i++)
        assert_int_equal(next[i], COUNT);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void reader_behind_a_full_one_is_served(void **state)
{
    sf_broker *broker = open_in_memory(2, 0);
    sf_consumer *consumer = consumer_of(broker, 1000);
    sf_reader *first = read_from(consumer, "t", 0, 0);
    sf_reader *second = read_from(consumer, "t", 1, 0);
    int next_of_first = 0, next_of_second = 0;

    (void)state;
    send_numbers(broker, 0, 0, 5000);
    send_numbers(broker, 1, 0, 10);
    assert_int_equal(check_numbers(first, 1, &next_of_first), 1);
    while (next_of_second < 10)
        (void)check_numbers(second, 100, &next_of_second); /* the first is full and not read */
    while (next_of_first < 5000)
        assert_true(check_numbers(first, 4096, &next_of_first) > 0);

    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void readers_of_one_log_read_it_once(void **state)
{
    enum { PARTITIONS = 16, COUNT = 2000 };
    sf_broker *broker = watched_storage_open(journal_fixture_directory(), NULL);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *readers[PARTITIONS];
    size_t log_size;
    size_t before;

    (void)state;
    journal_fixture_topic(broker, "t", PARTITIONS);
    for (int round = 0; round < COUNT; round += 50)
        for (int32_t i = 0; i < PARTITIONS; i++)
            send_numbers(broker, i, round, round + 50);
    log_size = (size_t)COUNT * PARTITIONS * 8; /* at least */
    for (int32_t i = 0; i < PARTITIONS; i++)
        readers[i] = read_from(consumer, "t", i, 0);
    before = watched_storage_bytes_read();
    for (int32_t i = 0; i < PARTITIONS; i++) {
        int next = 0;

        while (next < COUNT)
            assert_true(check_numbers(readers[i], 500, &next) > 0);
    }

    assert_true(watched_storage_bytes_read() - before < 4 * log_size);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void what_is_queued_is_bounded(void **state)
{
    sf_broker *broker = watched_storage_open(journal_fixture_directory(), NULL);
    sf_consumer *consumer = consumer_of(broker, 10000);
    sf_reader *reader;
    size_t before;
    int next = 0;

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    for (int i = 0; i < 100; i++)
        send_numbers(broker, 0, i * 1000, (i + 1) * 1000);
    reader = read_from(consumer, "t", 0, 0);
    before = watched_storage_bytes_read();
    (void)check_numbers(reader, 1, &next);

    assert_true(watched_storage_bytes_read() - before < 600000); /* of more than 1 MB */
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void two_readers_of_a_partition_go_their_own_ways(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *one;
    sf_reader *other;

    (void)state;
    send_numbers(broker, 0, 0, 6);
    one = read_from(consumer, "t", 0, 0);
    other = read_from(consumer, "t", 0, 3);

    assert_next_values(consumer, one, "0,1,2,3,4,5");
    assert_next_values(consumer, other, "3,4,5");
    sf_consumer_remove(consumer, one);
    send_numbers(broker, 0, 6, 7);
    assert_next_values(consumer, other, "6");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void batch_stays_valid_after_its_reader_is_gone(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *reader;
    sf_record_batch *batch;

    (void)state;
    send_numbers(broker, 0, 0, 3);
    reader = read_from(consumer, "t", 0, 0);
    batch = next_batch(consumer, reader, 3);
    sf_consumer_remove(consumer, reader);

    assert_int_equal(batch->count, 3);
    assert_bytes(batch->records[2].record.value, "2");
    batch->release(batch);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

/* ---- offsets ---- */

static void every_offset_is_found_over_many_segments(void **state)
{
    sf_journal_options small = {.segment_size_bytes = 700};
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, &small);
    sf_consumer *consumer;

    (void)state;
    journal_fixture_topic(broker, "t", 2);
    for (int i = 0; i < 120; i += 4) {
        send_numbers(broker, 0, i, i + 4);
        send_numbers(broker, 1, i, i + 1);
    }
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, &small);
    consumer = consumer_of(broker, 0);
    for (int offset = 0; offset < 120; offset++) {
        sf_reader *reader = read_from(consumer, "t", 0, offset);
        int next = offset;

        assert_true(check_numbers(reader, 3, &next) > 0);
        sf_consumer_remove(consumer, reader);
    }
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void positions_pass_the_gaps(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        sf_broker *broker = open_in_memory(1, seed);
        sf_consumer *consumer = consumer_of(broker, 0);
        int64_t last = -1;
        int next = 0;
        sf_reader *reader;

        send_numbers(broker, 0, 0, 120);
        reader = read_from(consumer, "t", 0, 0);
        while (sf_reader_position(reader) < marks_of(broker, 0).high) {
            int64_t before = sf_reader_position(reader);

            if (!check_numbers(reader, 7, &next) && sf_reader_position(reader) == before)
                fail_msg("seed %llu: position stays at %lld", (unsigned long long)seed,
                         (long long)before);
            assert_true(sf_reader_position(reader) > last);
            last = sf_reader_position(reader);
        }
        assert_int_equal(next, 120);
        assert_true(marks_of(broker, 0).high > 120);
        sf_consumer_close(consumer);
        sf_broker_close(broker);
    }
}

static void reader_that_begins_in_a_gap_passes_it_without_records(void **state)
{
    sf_broker *broker = open_in_memory(1, 3);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_record_batch *batch;
    sf_reader *reader;
    int64_t end = 0;

    (void)state;
    assert_ok(sf_producer_new(broker, NULL, &producer, err));
    topic = open_topic(producer, "t");
    while (end == marks_of(broker, 0).high) { /* until a gap ends the log */
        send_text(producer, topic, 0, NULL, "v");
        assert_ok(sf_producer_flush(producer, 0, err));
        end = sf_producer_end_offset(topic, 0);
    }
    reader = read_from(consumer, "t", 0, end);
    assert_int_equal(sf_reader_position(reader), end);
    assert_true(sf_reader_is_ready(reader));
    assert_ok(sf_reader_read(reader, 10, &batch, err));

    assert_null(batch);
    assert_int_equal(sf_reader_position(reader), marks_of(broker, 0).high);
    sf_producer_close(producer);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void offset_beyond_the_end_is_not_found(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_record_batch *batch;
    sf_reader *reader;
    sf_error error = {0};

    (void)state;
    send_numbers(broker, 0, 0, 3);
    reader = read_from(consumer, "t", 0, 4);
    assert_true(sf_reader_is_ready(reader));
    assert_int_equal(sf_reader_read(reader, 1, &batch, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);

    assert_ok(sf_reader_seek(reader, 3, err)); /* the very end is fine */
    assert_ok(sf_reader_read(reader, 1, &batch, err));
    assert_null(batch);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void reader_of_a_deleted_topic_is_told(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *reader = read_from(consumer, "t", 0, 0);
    sf_record_batch *batch;
    sf_error error = {0};

    (void)state;
    send_numbers(broker, 0, 0, 3);
    assert_ok(sf_broker_delete_topic(broker, "t", err));
    journal_fixture_topic(broker, "t", 1);
    send_numbers(broker, 0, 7, 8);

    assert_int_equal(sf_reader_read(reader, 1, &batch, &error), SF_STOP);
    assert_int_equal(error.code, SF_NOT_FOUND);
    sf_consumer_remove(consumer, reader);
    assert_next_values(consumer, read_from(consumer, "t", 0, 0), "7");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

/* ---- waiting ---- */

typedef struct later {
    sf_broker *broker;
    pthread_t thread;
} later;

static void *send_later(void *user)
{
    send_alone(((later *)user)->broker, "t", 0, NULL, "late");
    return NULL;
}

static void wait_ends_when_a_thread_appends(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *reader = read_from(consumer, "t", 0, SF_OFFSET_END);
    later sender = {.broker = broker};

    (void)state;
    for (int i = 0; i < 200; i++) {
        sf_record_batch *batch;

        assert_int_equal(pthread_create(&sender.thread, NULL, send_later, &sender), 0);
        sf_consumer_wait(consumer, -1);
        assert_ok(sf_reader_read(reader, 10, &batch, err));
        assert_non_null(batch);
        assert_int_equal(batch->count, 1);
        batch->release(batch);
        pthread_join(sender.thread, NULL);
    }
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void wait_ends_when_another_process_appends(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_broker *broker = journal_fixture_open(directory, NULL);
    sf_consumer *consumer;
    sf_reader *reader;
    int ended;

    (void)state;
    journal_fixture_topic(broker, "t", 1);
    consumer = consumer_of(broker, 0);
    reader = read_from(consumer, "t", 0, SF_OFFSET_END);
    for (int i = 0; i < 10; i++) {
        sf_record_batch *batch;
        pid_t child = fork();

        if (!child) {
            sf_broker *own = journal_fixture_open(directory, NULL);

            send_alone(own, "t", 0, NULL, "late");
            sf_broker_close(own);
            _exit(0);
        }
        sf_consumer_wait(consumer, -1);
        assert_ok(sf_reader_read(reader, 10, &batch, err));
        assert_non_null(batch);
        batch->release(batch);
        assert_int_equal(waitpid(child, &ended, 0), child);
        assert_int_equal(ended, 0);
    }
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void wait_goes_on_over_what_is_for_others(void **state)
{
    sf_broker *broker = open_in_memory(2, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *reader = read_from(consumer, "t", 1, 0);
    sf_clock *clock = sf_clock_system();
    int64_t began = sf_clock_monotonic_us(clock);

    (void)state;
    send_numbers(broker, 0, 0, 100); /* of the other partition */
    sf_consumer_wait(consumer, 30);

    assert_true(sf_clock_monotonic_us(clock) - began >= 30000);
    assert_false(sf_reader_is_ready(reader));
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

static void wait_ends_once_for_what_is_left_unread(void **state)
{
    sf_broker *broker = open_in_memory(1, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    sf_reader *reader = read_from(consumer, "t", 0, 0);
    sf_clock *clock = sf_clock_system();
    int64_t began;
    int next = 0;

    (void)state;
    send_numbers(broker, 0, 0, 5);
    sf_consumer_wait(consumer, -1);
    began = sf_clock_monotonic_us(clock);
    sf_consumer_wait(consumer, 20); /* nobody read: this one lasts */
    assert_true(sf_clock_monotonic_us(clock) - began >= 20000);
    assert_true(sf_reader_is_ready(reader));
    assert_int_equal(check_numbers(reader, 2, &next), 2);
    sf_consumer_wait(consumer, -1); /* there is more of it */

    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

/* ---- the group ---- */

typedef struct calls {
    int assigned;
    int revoked;
    size_t count;
} calls;

static void assigned(void *user, const int32_t *partitions, size_t count)
{
    ((calls *)user)->assigned++;
    ((calls *)user)->count = count;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(partitions[i], i);
}

static void revoked(void *user, const int32_t *partitions, size_t count, bool lost)
{
    (void)partitions;
    ((calls *)user)->revoked++;
    assert_int_equal(count, ((calls *)user)->count);
    assert_false(lost);
}

static void subscriber_is_assigned_all_at_once_and_revoked_at_close(void **state)
{
    sf_broker *broker = open_in_memory(4, 0);
    sf_consumer *consumer = consumer_of(broker, 0);
    calls seen = {0};

    (void)state;
    assert_false(sf_broker_has_groups(broker));
    assert_ok(sf_consumer_subscribe(consumer, "t",
                                    &(sf_rebalance_listener){assigned, revoked, &seen}, err));
    assert_int_equal(seen.assigned, 1);
    assert_int_equal(seen.count, 4);
    assert_ok(sf_consumer_poll(consumer, err));
    assert_int_equal(seen.assigned, 1);
    sf_consumer_close(consumer);

    assert_int_equal(seen.revoked, 1);
    sf_broker_close(broker);
}

static void offsets_of_groups_outlive_segments_and_the_broker(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 500};
    sf_broker *broker = journal_fixture_open(directory, &small);
    sf_offset offset = {"t", 1, 42, "times=1,2"};
    sf_offset found[2] = {{"t", 0, 0, NULL}, {"t", 1, 0, NULL}};
    sf_consumer *consumer;

    (void)state;
    journal_fixture_topic(broker, "t", 2);
    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &consumer, err));
    assert_ok(sf_consumer_commit(consumer, &offset, 1, err));
    sf_consumer_close(consumer);
    send_numbers(broker, 0, 0, 1000);
    sf_broker_close(broker);
    broker = journal_fixture_open(directory, &small);
    assert_ok(sf_consumer_new(broker, &(sf_consumer_options){.group = "g"}, &consumer, err));
    assert_ok(sf_consumer_committed(consumer, found, 2, 0, err));

    assert_int_equal(found[0].offset, SF_OFFSET_NONE);
    assert_int_equal(found[1].offset, 42);
    assert_string_equal(found[1].metadata, "times=1,2");
    sf_consumer_close(consumer);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lagging_readers_get_all_in_order_with_small_queues),
        cmocka_unit_test(reader_behind_a_full_one_is_served),
        cmocka_unit_test(readers_of_one_log_read_it_once),
        cmocka_unit_test(what_is_queued_is_bounded),
        cmocka_unit_test(two_readers_of_a_partition_go_their_own_ways),
        cmocka_unit_test(batch_stays_valid_after_its_reader_is_gone),
        cmocka_unit_test(every_offset_is_found_over_many_segments),
        cmocka_unit_test(positions_pass_the_gaps),
        cmocka_unit_test(reader_that_begins_in_a_gap_passes_it_without_records),
        cmocka_unit_test(offset_beyond_the_end_is_not_found),
        cmocka_unit_test(reader_of_a_deleted_topic_is_told),
        cmocka_unit_test(wait_ends_when_a_thread_appends),
        cmocka_unit_test(wait_ends_when_another_process_appends),
        cmocka_unit_test(wait_goes_on_over_what_is_for_others),
        cmocka_unit_test(wait_ends_once_for_what_is_left_unread),
        cmocka_unit_test(subscriber_is_assigned_all_at_once_and_revoked_at_close),
        cmocka_unit_test(offsets_of_groups_outlive_segments_and_the_broker),
    };

    return run_tests(tests);
}
