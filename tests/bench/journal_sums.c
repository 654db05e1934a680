/* journal_sums.c - what a record costs as things grow: sums by key, on the whole runtime over the journal, exactly-once
 * with a commit every 100 ms.
 *
 * journal_sums name=value...
 *   dir=DIR events=N keys=N zipf=S[,S...] windows=N (open for each key; 0: not windowed) depth=N (operators before the
 *   sums) partitions=N threads=N memory=MB
 *
 * First each key gets one record (in each of its windows), which is not measured; then, for each law, events records
 * are written while the application is paused, and the time of the whole process is taken from when it resumes
 * until all is committed. Prints one JSON line for each law, once the sums of all records that were ever
 * written have been found in the store.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "support/named_words.h"
#include "support/stopwatch.h"
#include "support/zipf.h"

enum {
    BATCH = 1000,
    KEY_SIZE = 16,
    PAYLOAD_SIZE = 100, /* of an input record: the amount, and what stands for the rest */
    ZIPFS_MAX = 8,
    WINDOW_MS = 60000,
    POLL_US = 2000,
};

#define IDLE_S 0.3
#define IDLE_WORK_S \
    0.01 /* of processor time: what an idle application uses in that time, and more */

#define BEGIN_MS INT64_C(1700000040000) /* a multiple of WINDOW_MS */

typedef struct total {
    int64_t count;
    int64_t amount;
    uint8_t rest[32]; /* what else such a row would hold */
} total;

typedef struct bench {
    uint64_t keys;
    uint64_t windows;
    int depth;
    sf_broker *broker;
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_streams *app;
    total sent; /* so far */
    sf_random random;
    int line_count;
    char *lines[ZIPFS_MAX];
} bench;

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        (void)fprintf(stderr, "journal_sums: %s\n", err->text);
        exit(1);
    }
}

/* ---- the topology ---- */

static sf_status pass_on(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                         sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->value = in->value;
    return SF_OK;
}

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                     sf_error *err)
{
    total *sum = (total *)(void *)(uintptr_t)aggregate->data;

    (void)user;
    (void)arena;
    (void)err;
    sum->count++;
    sum->amount += (int64_t)sf_get_be64(record->value.data);
    return SF_OK;
}

static sf_topology *make_topology(const bench *b)
{
    static const total nothing;
    sf_aggregation adding = {.add = add, .initial = sf_bytes_of(&nothing, sizeof nothing)};
    sf_window minute = {.size_ms = WINDOW_MS, .grace_ms = (int64_t)b->windows * WINDOW_MS};
    sf_builder *builder = sf_builder_new();
    sf_stream *stream = sf_builder_stream(builder, "amounts", NULL);
    sf_topology *topology;
    sf_grouped *grouped;
    sf_error err;

    for (int i = 0; i < b->depth; i++)
        stream = sf_stream_map_values(stream, pass_on, NULL);
    grouped = sf_stream_group_by_key(stream, NULL);
    if (b->windows)
        grouped = sf_grouped_windowed(grouped, minute);
    (void)sf_grouped_aggregate(grouped, &adding, &(sf_materialized){.name = "sums"});
    must(sf_builder_build(builder, &topology, &err), &err);
    sf_builder_free(builder);
    return topology;
}

/* ---- what is written ---- */

typedef struct amounts {
    sf_outgoing out[BATCH];
    char keys[BATCH][32];
    uint8_t values[BATCH][PAYLOAD_SIZE];
    size_t count;
} amounts;

static void send(bench *b, amounts *batch)
{
    size_t sent = 0, count;
    sf_error err;

    for (; sent < batch->count; sent += count)
        must(sf_producer_send(b->producer, batch->out + sent, batch->count - sent, &count, &err),
             &err);
    batch->count = 0;
}

static void write_amount(bench *b, amounts *batch, uint64_t key, uint64_t window)
{
    size_t at = batch->count++;
    uint64_t amount = sf_random_below(&b->random, 10000);

    (void)snprintf(batch->keys[at], sizeof(batch->keys[at]), "key-%012" PRIu64, key); /* fits */
    sf_put_be64(batch->values[at], amount);
    batch->out[at] = (sf_outgoing){
        .topic = b->topic,
        .partition = SF_PARTITION_BY_KEY,
        .record = {.key = sf_bytes_of(batch->keys[at], KEY_SIZE),
                   .value = sf_bytes_of(batch->values[at], PAYLOAD_SIZE),
                   .timestamp = BEGIN_MS + (int64_t)window * WINDOW_MS},
    };
    b->sent.count++;
    b->sent.amount += (int64_t)amount;
    if (batch->count == BATCH)
        send(b, batch);
}

static void write_each_key(bench *b)
{
    amounts *batch = sf_zalloc(sizeof(*batch));
    sf_error err;

    for (uint64_t window = 0; window < (b->windows ? b->windows : 1); window++)
        for (uint64_t key = 0; key < b->keys; key++)
            write_amount(b, batch, key, window);
    send(b, batch);
    must(sf_producer_flush(b->producer, -1, &err), &err);
    free(batch);
}

static void write_by_law(bench *b, uint64_t events, double exponent)
{
    amounts *batch = sf_zalloc(sizeof(*batch));
    sf_error err;
    zipf law;

    zipf_init(&law, b->keys, exponent);
    for (uint64_t i = 0; i < events; i++)
        write_amount(b, batch, zipf_next_scattered(&law, &b->random),
                     b->windows ? sf_random_below(&b->random, b->windows) : 0);
    send(b, batch);
    must(sf_producer_flush(b->producer, -1, &err), &err);
    free(batch);
}

/* ---- what comes of it ---- */

static sf_streams_counters counters_of(const bench *b)
{
    sf_streams_counters counters;
    sf_error err;

    if (sf_streams_error(b->app, &err))
        must(SF_STOP, &err);
    sf_streams_counters_get(b->app, &counters);
    return counters;
}

/* All that was sent is processed, and for a while there was neither a commit nor work: the time when that
 * while began. */
static stopwatch wait_until_idle(const bench *b)
{
    stopwatch since = stopwatch_now();
    uint64_t commits = 0;

    for (;;) {
        stopwatch now = stopwatch_now();
        sf_streams_counters counters = counters_of(b);
        bool is_busy = counters.processed < (uint64_t)b->sent.count ||
                       counters.commits != commits || now.process_s - since.process_s > IDLE_WORK_S;

        if (is_busy)
            since = now;
        else if (now.wall_s - since.wall_s > IDLE_S)
            return since;
        commits = counters.commits;
        usleep(POLL_US);
    }
}

static void check_sums(const bench *b)
{
    sf_view_iterator *iterator;
    sf_status status = SF_OK;
    sf_view_entry entry;
    total found = {0}, row;
    sf_view *view;
    sf_error err;

    must(sf_streams_view(b->app, "sums", &view, &err), &err);
    if (b->windows)
        must(sf_view_fetch_all(view, 0, INT64_MAX, &iterator, &err), &err);
    else
        must(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, &err), &err);
    while (sf_view_iterator_next(iterator, &entry, &status, &err)) {
        memcpy(&row, entry.stored.value.data, sizeof(row));
        found.count += row.count;
        found.amount += row.amount;
    }
    must(status, &err);
    sf_view_iterator_free(iterator);
    sf_view_free(view);
    if (found.count != b->sent.count || found.amount != b->sent.amount)
        must(sf_fail(&err, SF_CORRUPT, "the store holds %lld worth %lld, sent were %lld worth %lld",
                     (long long)found.count, (long long)found.amount, (long long)b->sent.count,
                     (long long)b->sent.amount),
             &err);
}

/* Bytes that the process has had written to its files so far; 0 where the system does not say. */
static uint64_t written_bytes(void)
{
    FILE *io = fopen("/proc/self/io", "r");
    uint64_t bytes = 0;
    char line[64];

    while (io && fgets(line, sizeof(line), io))
        if (sscanf(line, "wchar: %" SCNu64, &bytes) == 1)
            break;
    if (io)
        (void)fclose(io); /* read only */
    return bytes;
}

static void measure(bench *b, uint64_t events, double exponent)
{
    uint64_t commits = counters_of(b).commits, written;
    stopwatch began, ended;

    sf_streams_pause(b->app);
    write_by_law(b, events, exponent);
    written = written_bytes();
    began = stopwatch_now();
    sf_streams_resume(b->app);
    ended = wait_until_idle(b);
    b->lines[b->line_count++] = sf_text_printf(
        "\"zipf\":%.1f,\"events\":%" PRIu64
        ",\"process_ns\":%.0f,\"wall_ns\":%.0f,\"events_per_cpu_s\":%.0f,\"commits\":%" PRIu64
        ",\"written_per_event\":%.0f,\"resident_kib\":%ld",
        exponent, events, (ended.process_s - began.process_s) * 1e9 / (double)events,
        (ended.wall_s - began.wall_s) * 1e9 / (double)events,
        (double)events / (ended.process_s - began.process_s), counters_of(b).commits - commits,
        (double)(written_bytes() - written) / (double)events, stopwatch_resident_kib());
}

static void open_topic(bench *b, int32_t partitions)
{
    sf_topic_spec spec = {.name = "amounts", .partitions = partitions};
    sf_error err;

    must(sf_broker_create_topic(b->broker, &spec, NULL, &err), &err);
    must(sf_producer_new(b->broker, NULL, &b->producer, &err), &err);
    must(sf_producer_topic_open(b->producer, spec.name, &b->topic, &err), &err);
}

static void print(const bench *b, const sf_config *config, int32_t partitions)
{
    for (int i = 0; i < b->line_count; i++)
        (void)printf("{\"bench\":\"journal_sums\",\"count\":%" PRId64 ",\"amount\":%" PRId64
                     ",\"keys\":%" PRIu64 ",\"windows\":%" PRIu64
                     ",\"depth\":%d,\"partitions\":%d,\"threads\":%d,%s,\"peak_kib\":%ld}\n",
                     b->sent.count, b->sent.amount, b->keys, b->windows, b->depth, partitions,
                     config->num_stream_threads, b->lines[i], stopwatch_peak_kib());
}

int main(int count, char **arguments)
{
    named_words words = {count, arguments};
    bench b = {.keys = (uint64_t)named_number(words, "keys", 10000),
               .windows = (uint64_t)named_number(words, "windows", 0),
               .depth = (int)named_number(words, "depth", 1)};
    int32_t partitions = (int32_t)named_number(words, "partitions", 4);
    double exponents[ZIPFS_MAX];
    int laws = named_numbers(words, "zipf", "1.0", exponents, ZIPFS_MAX);
    const char *directory = named_word(words, "dir", NULL);
    sf_config config = {
        .application_id = "sums",
        .num_stream_threads = (int32_t)named_number(words, "threads", 1),
        .memory_max_bytes = (size_t)named_number(words, "memory", 0) << 20,
    };
    sf_topology *topology = make_topology(&b);
    char *address, *state;
    sf_error err;

    if (!directory)
        must(sf_fail(&err, SF_INVALID, "dir=DIR is missing: where journal and state are put"),
             &err);
    address = sf_text_printf("file:%s/journal", directory);
    config.state_dir = state = sf_text_printf("%s/state", directory);
    sf_log_set(NULL, NULL, SF_LOG_WARN);
    sf_random_init(&b.random, 7);
    must(sf_broker_connect(address, NULL, &b.broker, &err), &err);
    config.broker = b.broker;
    open_topic(&b, partitions);
    write_each_key(&b);
    must(sf_streams_new(topology, &config, &b.app, &err), &err);
    must(sf_streams_start(b.app, &err), &err);
    (void)wait_until_idle(&b); /* when it was done does not matter here */
    for (int i = 0; i < laws; i++)
        measure(&b, (uint64_t)named_number(words, "events", 1000000), exponents[i]);
    check_sums(&b);
    print(&b, &config, partitions);
    (void)fflush(stdout);
    _exit(0); /* the directory goes as a whole: nothing of it needs to be closed */
}
