/* interop - our client as a program; Interop.java does the same with the official one, so that
 * test_interop.py can let each read what the other wrote. Records are lines: support/record_lines.h.
 *
 *   interop write SERVERS TOPIC [commit|abort] [NAME=VALUE]...   those of standard input, in one transaction
 *                                                  if told how it is to end; settings are librdkafka's
 *   interop read SERVERS TOPIC [uncommitted]       all that is there
 *   interop place PARTITIONS                       keys, one a line; prints where each belongs
 *   interop decode time SIZE | decode session      windowed keys, one a line; prints key TAB start TAB end
 *   interop encode time SIZE | encode session      the other way round
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/stateful.h>

#include "record/record_batch.h"
#include "support/record_lines.h"

enum { USAGE = 2, FLUSH_MS = 30000, SETTINGS = 8, LINE_SIZE = 1 << 16 };

/* ---- write ---- */

typedef struct writer {
    sf_producer *producer;
    sf_producer_topic *topic;
    const char *ending; /* of the transaction, NULL: there is none */
} writer;

static sf_status send_lines(const writer *to, sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_status status = SF_OK;
    record_line line;

    while (!status && record_line_read(stdin, arena, &line)) {
        const sf_outgoing record = {
            .topic = to->topic,
            .partition = line.partition < 0 ? SF_PARTITION_BY_KEY : line.partition,
            .record = line.record,
        };
        size_t sent;

        status = sf_producer_send(to->producer, &record, 1, &sent, err);
        sf_arena_reset(arena);
    }
    sf_arena_free(arena);
    return status ? status : sf_producer_flush(to->producer, FLUSH_MS, err);
}

static sf_status write_all(const writer *to, sf_error *err)
{
    sf_status status = to->ending ? sf_producer_begin(to->producer, err) : SF_OK;

    if (!status)
        status = send_lines(to, err);
    if (status || !to->ending)
        return status;
    return strcmp(to->ending, "abort") ? sf_producer_commit(to->producer, FLUSH_MS, err)
                                       : sf_producer_abort(to->producer, FLUSH_MS, err);
}

static sf_status write_topic(sf_broker *broker, const char *topic, const char *ending,
                             sf_error *err)
{
    writer to = {.ending = ending};
    const sf_producer_options options = {.transactional_id = ending ? topic : NULL};
    sf_status status = sf_producer_new(broker, &options, &to.producer, err);

    if (!status)
        status = sf_producer_topic_open(to.producer, topic, &to.topic, err);
    if (!status)
        status = write_all(&to, err);
    sf_producer_close(to.producer);
    return status;
}

static sf_status run_write(int argc, char **argv, sf_error *err)
{
    sf_broker_setting settings[SETTINGS];
    sf_broker_options options = {.settings = settings};
    const char *ending = NULL;
    sf_broker *broker = NULL;
    sf_status status;

    for (int i = 4; i < argc && options.setting_count < SETTINGS; i++) {
        char *value = strchr(argv[i], '=');

        if (value) {
            *value++ = '\0';
            settings[options.setting_count++] = (sf_broker_setting){argv[i], value};
        } else {
            ending = argv[i];
        }
    }
    status = sf_broker_connect(argv[2], &options, &broker, err);
    if (!status)
        status = write_topic(broker, argv[3], ending, err);
    sf_broker_close(broker);
    return status;
}

/* ---- read ---- */

static void print_batch(sf_record_batch *batch, int32_t partition)
{
    for (size_t i = 0; i < batch->count; i++)
        record_line_print(
            stdout, &(record_line){partition, batch->records[i].offset, batch->records[i].record});
    batch->release(batch);
}

static sf_status read_partition(sf_broker *broker, sf_consumer *consumer, const char *topic,
                                int32_t partition, sf_error *err)
{
    sf_watermarks marks;
    sf_reader *reader;
    sf_status status = sf_broker_watermarks(broker, topic, partition, &marks, err);

    if (status || marks.last_stable <= marks.low)
        return status;
    status = sf_consumer_add(consumer, topic, partition, SF_OFFSET_BEGINNING, &reader, err);
    while (!status && sf_reader_position(reader) < marks.last_stable) {
        sf_record_batch *batch = NULL;

        status = sf_reader_read(reader, 1000, &batch, err);
        if (batch)
            print_batch(batch, partition);
        else if (!status)
            sf_consumer_wait(consumer, 100);
    }
    return status;
}

static sf_status run_read(int argc, char **argv, sf_error *err)
{
    const sf_consumer_options options = {.read_uncommitted = argc > 4};
    sf_broker *broker = NULL;
    sf_consumer *consumer = NULL;
    int32_t partitions = 0;
    sf_status status = sf_broker_connect(argv[2], NULL, &broker, err);

    if (!status)
        status = sf_broker_partition_count(broker, argv[3], &partitions, err);
    if (!status)
        status = sf_consumer_new(broker, &options, &consumer, err);
    for (int32_t i = 0; i < partitions && !status; i++)
        status = read_partition(broker, consumer, argv[3], i, err);
    sf_consumer_close(consumer);
    sf_broker_close(broker);
    return status;
}

/* ---- keys ---- */

/* What is done to each line of standard input. */
typedef sf_status (*line_fn)(const char *line, const void *how, sf_arena *arena, sf_error *err);

static sf_status each_line(line_fn fn, const void *how, sf_error *err)
{
    static char line[LINE_SIZE];
    sf_arena *arena = sf_arena_new();
    sf_status status = SF_OK;

    while (!status && fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        status = fn(line, how, arena, err);
        sf_arena_reset(arena);
    }
    sf_arena_free(arena);
    return status;
}

static sf_status place(const char *line, const void *how, sf_arena *arena, sf_error *err)
{
    (void)err; /* every key has a place */
    printf("%" PRId32 "\n",
           sf_partition_of_key(record_line_bytes(line, arena), *(const int32_t *)how));
    return SF_OK;
}

static sf_status decode(const char *line, const void *how, sf_arena *arena, sf_error *err)
{
    const sf_windowed *windowed;
    sf_bytes key;
    sf_status status = sf_serde_decode(how, record_line_bytes(line, arena), arena, &key, err);

    if (status)
        return status;
    windowed = sf_windowed_of(key);
    record_line_print_bytes(stdout, windowed->key);
    printf("\t%" PRId64 "\t%" PRId64 "\n", windowed->start_ms, windowed->end_ms);
    return SF_OK;
}

static sf_status encode(const char *line, const void *how, sf_arena *arena, sf_error *err)
{
    char *rest = sf_arena_text(arena, line);
    const char *key = strsep(&rest, "\t");
    sf_windowed windowed = {.key = record_line_bytes(key, arena)};
    sf_bytes wire;
    sf_status status;

    if (!rest || sscanf(rest, "%" SCNd64 "\t%" SCNd64, &windowed.start_ms, &windowed.end_ms) != 2)
        return sf_fail(err, SF_INVALID, "no key, start and end: %s", line);
    status = sf_serde_encode(how, sf_windowed_bytes(windowed, arena), arena, &wire, err);
    if (status)
        return status;
    record_line_print_bytes(stdout, wire);
    fputc('\n', stdout);
    return SF_OK;
}

static sf_status run_windowed(int argc, char **argv, sf_error *err)
{
    bool is_session = !strcmp(argv[2], "session");
    const sf_windowed_format format = {.size_ms = argc > 3 ? strtoll(argv[3], NULL, 10) : 0};
    const sf_serde serde =
        is_session ? sf_session_windowed_serde(&format) : sf_windowed_serde(&format);

    return each_line(strcmp(argv[1], "decode") ? encode : decode, &serde, err);
}

static sf_status run(int argc, char **argv, sf_error *err)
{
    if (argc >= 4 && !strcmp(argv[1], "write"))
        return run_write(argc, argv, err);
    if (argc >= 4 && !strcmp(argv[1], "read"))
        return run_read(argc, argv, err);
    if (argc == 3 && !strcmp(argv[1], "place")) {
        const int32_t partitions = (int32_t)strtol(argv[2], NULL, 10);

        return each_line(place, &partitions, err);
    }
    if (argc >= 3 && (!strcmp(argv[1], "decode") || !strcmp(argv[1], "encode")))
        return run_windowed(argc, argv, err);
    return sf_fail(err, SF_INVALID, "write, read, place, decode or encode; see interop.c");
}

int main(int argc, char **argv)
{
    sf_error err = {0};

    if (!run(argc, argv, &err))
        return 0;
    fprintf(stderr, "interop: %s\n", err.text);
    return err.code == SF_INVALID ? USAGE : 1;
}
