/* journal.c - what the journal does on its own: batches written and read back, small commits made
 * durable by one thread and by several at once.
 *
 * journal [DIRECTORY] [RECORDS]; without a directory: one under /tmp, removed afterwards. Prints one
 * JSON line a measurement.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/broker.h>

#include "base/file.h"
#include "journal/journal.h"
#include "record/record_batch.h"
#include "support/stopwatch.h"

enum {
    PARTITIONS = 4,
    BATCH = 1000,
    VALUE_SIZE = 100,
    COMMITS = 2000,
    THREADS_MAX = 8,
};

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "journal: %s\n", err->text);
        exit(1);
    }
}

static sf_broker *open_journal(const char *directory)
{
    sf_broker *broker;
    sf_error err;

    must(directory ? sf_journal_open_directory(directory, NULL, &broker, &err)
                   : sf_journal_open_memory(NULL, &broker, &err),
         &err);
    must(sf_broker_create_topic(
             broker, &(sf_topic_spec){.name = "records", .partitions = PARTITIONS}, NULL, &err),
         &err);
    return broker;
}

static void print_rate(const char *what, const char *where, uint64_t records, stopwatch spent)
{
    printf("{\"bench\":\"%s\",\"log\":\"%s\",\"records\":%" PRIu64
           ",\"per_second\":%.0f,\"cpu_ns\":%.0f}\n",
           what, where, records, (double)records / spent.wall_s,
           spent.process_s * 1e9 / (double)records);
}

/* Records of 100 bytes over all partitions, one transaction a batch if there is an id. */
static void write_batches(sf_broker *broker, const char *id, uint64_t records)
{
    static char value[VALUE_SIZE];
    static char keys[BATCH][16];
    static sf_outgoing batch[BATCH];
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_error err;
    size_t sent;

    must(sf_producer_new(broker, &(sf_producer_options){.transactional_id = id}, &producer, &err),
         &err);
    must(sf_producer_topic_open(producer, "records", &topic, &err), &err);
    for (uint64_t done = 0; done < records; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++) {
            int size = snprintf(keys[i], sizeof(keys[i]), "k%" PRIu64, done + i);

            batch[i] = (sf_outgoing){topic,
                                     SF_PARTITION_BY_KEY,
                                     {sf_bytes_of(keys[i], (size_t)size),
                                      sf_bytes_of(value, VALUE_SIZE),
                                      1700000000000 + (int64_t)done,
                                      {NULL, 0}},
                                     NULL};
        }
        if (id)
            must(sf_producer_begin(producer, &err), &err);
        must(sf_producer_send(producer, batch, BATCH, &sent, &err), &err);
        if (id)
            must(sf_producer_commit(producer, -1, &err), &err);
    }
    must(sf_producer_flush(producer, -1, &err), &err);
    sf_producer_close(producer);
}

static uint64_t read_batches(sf_consumer *consumer, sf_reader *const *readers)
{
    uint64_t count = 0;
    bool goes_on = true;
    sf_error err;

    while (goes_on) {
        goes_on = false;
        for (int i = 0; i < PARTITIONS; i++) {
            sf_record_batch *batch;

            must(sf_reader_read(readers[i], 4096, &batch, &err), &err);
            if (batch) {
                count += batch->count;
                batch->release(batch);
            }
            goes_on |= sf_reader_is_ready(readers[i]);
        }
    }
    sf_consumer_close(consumer);
    return count;
}

static void measure_reading(sf_broker *broker, const char *where, uint64_t records)
{
    sf_reader *readers[PARTITIONS];
    sf_consumer *consumer;
    stopwatch began = stopwatch_now();
    sf_error err;

    must(sf_consumer_new(broker, NULL, &consumer, &err), &err);
    for (int i = 0; i < PARTITIONS; i++)
        must(sf_consumer_add(consumer, "records", i, 0, &readers[i], &err), &err);
    if (read_batches(consumer, readers) != records) {
        fprintf(stderr, "journal: not all records came back\n");
        exit(1);
    }
    print_rate("read", where, records, stopwatch_since(began));
}

static void measure_batches(const char *where, sf_broker *broker, uint64_t records)
{
    stopwatch began = stopwatch_now();

    write_batches(broker, NULL, records);
    print_rate("write", where, records, stopwatch_since(began));
    began = stopwatch_now();
    write_batches(broker, "bench", records);
    print_rate("write in transactions", where, records, stopwatch_since(began));
    measure_reading(broker, where, 2 * records);
}

static void *commit_small(void *broker)
{
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_error err;
    size_t sent;

    must(sf_producer_new(broker, NULL, &producer, &err), &err);
    must(sf_producer_topic_open(producer, "records", &topic, &err), &err);
    for (int i = 0; i < COMMITS; i++) {
        sf_outgoing out = {
            topic, i % PARTITIONS, {SF_NULL, sf_bytes_text("v"), i, {NULL, 0}}, NULL};

        must(sf_producer_send(producer, &out, 1, &sent, &err), &err);
        must(sf_producer_flush(producer, -1, &err), &err);
    }
    sf_producer_close(producer);
    return NULL;
}

static void measure_commits(sf_broker *broker, int thread_count)
{
    pthread_t threads[THREADS_MAX];
    stopwatch began = stopwatch_now();
    double seconds;

    for (int i = 0; i < thread_count; i++)
        pthread_create(&threads[i], NULL, commit_small, broker);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    seconds = stopwatch_since(began).wall_s;
    printf("{\"bench\":\"durable frames of one record\",\"threads\":%d,\"per_second\":%.0f,"
           "\"us_each\":%.0f}\n",
           thread_count, thread_count * COMMITS / seconds, seconds * 1e6 / COMMITS);
}

static void measure_reopening(const char *directory)
{
    stopwatch began = stopwatch_now();
    sf_broker *broker = open_journal(directory);

    printf("{\"bench\":\"reopen\",\"ms\":%.1f}\n", stopwatch_since(began).wall_s * 1e3);
    sf_broker_close(broker);
}

int main(int count, char **arguments)
{
    char template[] = "/tmp/stateful-journal-bench-XXXXXX";
    const char *directory = count > 1 ? arguments[1] : mkdtemp(template);
    uint64_t records = count > 2 ? strtoull(arguments[2], NULL, 10) : 1000000;
    sf_broker *broker = open_journal(NULL);

    records -= records % BATCH;
    measure_batches("memory", broker, records);
    sf_broker_close(broker);
    broker = open_journal(directory);
    measure_batches("directory", broker, records);
    for (int threads = 1; threads <= THREADS_MAX; threads *= 2)
        measure_commits(broker, threads);
    sf_broker_close(broker);
    measure_reopening(directory);
    printf("{\"bench\":\"memory\",\"peak_kib\":%ld}\n", stopwatch_peak_kib());
    if (count < 2)
        (void)sf_directory_remove(directory, NULL); /* ours, under /tmp */
    return 0;
}
