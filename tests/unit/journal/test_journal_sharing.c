/* One journal, many threads and processes at once. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "support/broker_reading.h"
#include "support/journal_fixture.h"

enum { WRITERS = 4, PARTITIONS = 3, BATCHES = 60, BATCH = 5 };

/* ---- writing ---- */

typedef struct writer {
    sf_broker *broker;
    int number;
    bool has_transactions;
    pthread_t thread;
} writer;

/* Batches to each partition in turn; a value names its writer and counts per partition. */
static void write_all(const writer *by)
{
    sf_producer_options options = {0};
    sf_producer *producer;
    char id[16];

    (void)snprintf(id, sizeof(id), "w%d", by->number);
    if (by->has_transactions)
        options.transactional_id = id;
    assert_ok(sf_producer_new(by->broker, &options, &producer, err));
    for (int i = 0; i < BATCHES; i++) {
        if (by->has_transactions)
            assert_ok(sf_producer_begin(producer, err));
        for (int j = 0; j < BATCH * PARTITIONS; j++) {
            char value[32];

            (void)snprintf(value, sizeof(value), "%d %d", by->number, i * BATCH + j / PARTITIONS);
            send_text(producer, open_topic(producer, "t"), j % PARTITIONS, NULL, value);
        }
        if (by->has_transactions)
            assert_ok(sf_producer_commit(producer, -1, err));
        else
            assert_ok(sf_producer_flush(producer, -1, err));
    }
    sf_producer_close(producer);
}

static void *run_writer(void *user)
{
    write_all(user);
    return NULL;
}

/* ---- reading ---- */

typedef struct follower {
    sf_broker *broker;
    pthread_t thread;
    int next[PARTITIONS][2 * WRITERS]; /* number expected of each writer */
    int64_t offset[PARTITIONS];        /* likewise */
    int left;
} follower;

static void check(follower *by, int partition, const sf_consumed_record *record)
{
    char text[32];
    int from, number;

    (void)snprintf(text, sizeof(text), "%.*s", (int)record->record.value.size,
                   (const char *)record->record.value.data);
    assert_int_equal(sscanf(text, "%d %d", &from, &number), 2);
    assert_int_equal(record->offset, by->offset[partition]++);
    assert_int_equal(number, by->next[partition][from]++);
    by->left--;
}

static void read_some(follower *by, sf_reader *reader, int partition)
{
    sf_record_batch *batch;

    assert_ok(sf_reader_read(reader, 100, &batch, err));
    if (!batch)
        return;
    for (size_t i = 0; i < batch->count; i++)
        check(by, partition, &batch->records[i]);
    batch->release(batch);
}

/* Follows the log until all has come, by waiting alone. */
static void *follow(void *user)
{
    follower *by = user;
    sf_reader *readers[PARTITIONS];
    sf_consumer *consumer;

    assert_ok(sf_consumer_new(by->broker, NULL, &consumer, err));
    for (int i = 0; i < PARTITIONS; i++)
        readers[i] = read_from(consumer, "t", i, 0);
    while (by->left > 0) {
        sf_consumer_wait(consumer, -1);
        for (int i = 0; i < PARTITIONS; i++)
            while (sf_reader_is_ready(readers[i]))
                read_some(by, readers[i], i);
    }
    sf_consumer_close(consumer);
    return NULL;
}

static follower start_following(sf_broker *broker, int writers)
{
    return (follower){.broker = broker, .left = writers * PARTITIONS * BATCHES * BATCH};
}

/* ---- tests ---- */

/* Half of the writers and one follower use each of the brokers, which may be the same. */
static void write_and_follow(sf_broker *one, sf_broker *other)
{
    writer writers[WRITERS];
    follower followers[2] = {start_following(one, WRITERS), start_following(other, WRITERS)};

    for (int i = 0; i < 2; i++)
        pthread_create(&followers[i].thread, NULL, follow, &followers[i]);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] =
            (writer){.broker = i % 2 ? one : other, .number = i, .has_transactions = i / 2};
        pthread_create(&writers[i].thread, NULL, run_writer, &writers[i]);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    for (int i = 0; i < 2; i++) {
        pthread_join(followers[i].thread, NULL);
        assert_int_equal(followers[i].left, 0);
    }
}

static void threads_share_a_journal_in_memory(void **state)
{
    sf_broker *broker;

    (void)state;
    assert_ok(
        sf_journal_open_memory(&(sf_journal_options){.segment_size_bytes = 10000}, &broker, err));
    journal_fixture_topic(broker, "t", PARTITIONS);
    write_and_follow(broker, broker);
    sf_broker_close(broker);
}

static void threads_share_a_journal_in_a_directory(void **state)
{
    sf_broker *broker = journal_fixture_open(journal_fixture_directory(),
                                             &(sf_journal_options){.segment_size_bytes = 10000});

    (void)state;
    journal_fixture_topic(broker, "t", PARTITIONS);
    write_and_follow(broker, broker);
    sf_broker_close(broker);
}

static void brokers_of_one_process_share_a_directory(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 10000};
    sf_broker *one = journal_fixture_open(directory, &small);
    sf_broker *other = journal_fixture_open(directory, &small);

    (void)state;
    journal_fixture_topic(one, "t", PARTITIONS);
    write_and_follow(one, other);
    sf_broker_close(one);
    sf_broker_close(other);
}

static void processes_share_a_directory(void **state)
{
    const char *directory = journal_fixture_directory();
    sf_journal_options small = {.segment_size_bytes = 20000};
    sf_broker *broker = journal_fixture_open(directory, &small);
    follower reading = start_following(broker, WRITERS);
    pid_t children[WRITERS];
    int ended;

    (void)state;
    journal_fixture_topic(broker, "t", PARTITIONS);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (!children[i]) {
            sf_broker *own = journal_fixture_open(directory, &small);

            write_all(&(writer){.broker = own, .number = i, .has_transactions = i % 2});
            sf_broker_close(own);
            _exit(0);
        }
    }
    (void)follow(&reading);

    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(waitpid(children[i], &ended, 0), children[i]);
        assert_int_equal(ended, 0);
    }
    assert_int_equal(reading.left, 0);
    sf_broker_close(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_a_journal_in_memory),
        cmocka_unit_test(threads_share_a_journal_in_a_directory),
        cmocka_unit_test(brokers_of_one_process_share_a_directory),
        cmocka_unit_test(processes_share_a_directory),
    };

    return run_tests(tests);
}
