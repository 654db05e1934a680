/* restore - sums of many keys, an application that is killed and comes back; what run-restore measures (B10).
 *
 *   restore feed ADDRESS TOPIC KEYS FROM COUNT SEED   records FROM to FROM + COUNT: the first KEYS of them have a
 *                                        key each, those behind have any; prints how many and what they sum up to
 *   restore run ADDRESS TOPIC KEYS RECORDS STATE APPLICATION INSTANCE [hold]
 *
 * run has default settings. It prints one line once a key of every partition is answered, and one once its
 * state holds RECORDS records; then, with hold, one in the midst of the next commit, when all is delivered and
 * nothing is published, and stands still. It is there to be killed, or closes by SIGTERM.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "base/hash.h"
#include "base/random.h"
#include "runtime/streams_implementation.h"
#include "support/stopwatch.h"

enum { CHUNK = 1000, KEY_SIZE = 17, PROBES = 64, LOOK_US = 1000, CLOSE_MS = 30000, DELIVERED = 2 };

/* What the state has of a key. */
typedef struct total {
    int64_t count;
    int64_t sum;
    uint64_t more[4]; /* an aggregate of usual size, which does not compress well */
} total;

static void must(sf_status status, const sf_error *err)
{
    if (!status)
        return;
    fprintf(stderr, "restore: %s\n", err->text);
    exit(1);
}

static sf_bytes key_of(uint64_t number, char text[KEY_SIZE])
{
    return sf_bytes_of(text, (size_t)snprintf(text, KEY_SIZE, "key-%012" PRIu64, number));
}

/* ---- feed ---- */

typedef struct feeding {
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_random random;
    uint64_t keys;
    int64_t sum;
} feeding;

static void send_chunk(feeding *to, uint64_t from, uint64_t count)
{
    static char keys[CHUNK][KEY_SIZE];
    static uint8_t values[CHUNK][8];
    sf_outgoing out[CHUNK];
    size_t sent;
    sf_error err;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = from + i < to->keys ? from + i : sf_random_below(&to->random, to->keys);
        int64_t amount = 1 + (int64_t)sf_random_below(&to->random, 100);

        memset(values[i], 0, 8);
        values[i][7] = (uint8_t)amount; /* big-endian, as sf_int64_serde */
        to->sum += amount;
        out[i] = (sf_outgoing){
            .topic = to->topic,
            .partition = SF_PARTITION_BY_KEY,
            .record = {key_of(number, keys[i]),
                       sf_bytes_of(values[i], 8),
                       sf_clock_now_ms(sf_clock_system()),
                       {0}},
        };
    }
    must(sf_producer_send(to->producer, out, count, &sent, &err), &err);
}

static int feed(char **words)
{
    uint64_t from = strtoull(words[5], NULL, 10);
    uint64_t count = strtoull(words[6], NULL, 10);
    feeding to = {.keys = strtoull(words[4], NULL, 10)};
    sf_broker *broker;
    sf_error err;

    sf_random_init(&to.random, strtoull(words[7], NULL, 10));
    must(sf_broker_connect(words[2], NULL, &broker, &err), &err);
    must(sf_broker_create_topic(broker, &(sf_topic_spec){.name = words[3], .partitions = 4}, NULL,
                                &err),
         &err);
    must(sf_producer_new(broker, NULL, &to.producer, &err), &err);
    must(sf_producer_topic_open(to.producer, words[3], &to.topic, &err), &err);
    for (uint64_t done = 0; done < count; done += CHUNK)
        send_chunk(&to, from + done, count - done < CHUNK ? count - done : CHUNK);
    must(sf_producer_flush(to.producer, 60000, &err), &err);
    sf_producer_close(to.producer);
    sf_broker_close(broker);
    printf("{\"records\":%" PRIu64 ",\"sum\":%" PRId64 "}\n", count, to.sum);
    return 0;
}

/* ---- run ---- */

static sf_status add(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                     sf_error *err)
{
    total *sum = sf_arena_zalloc(arena, sizeof(*sum));

    (void)user;
    (void)err;
    if (aggregate->data)
        memcpy(sum, aggregate->data, sizeof(*sum));
    sum->count++;
    sum->sum += sf_bytes_to_int64(record->value);
    for (size_t i = 0; i < 4; i++)
        sum->more[i] = sf_hash(record->key) * (2 * i + 1) ^ (uint64_t)sum->sum;
    *aggregate = sf_bytes_of(sum, sizeof(*sum));
    return SF_OK;
}

static sf_topology *make_topology(const char *topic)
{
    static const sf_aggregation totals = {.add = add};
    sf_builder *builder = sf_builder_new();
    sf_stream *amounts =
        sf_builder_stream(builder, topic, &(sf_consumed){.value = &sf_int64_serde});
    sf_topology *topology;
    sf_error err;

    (void)sf_grouped_aggregate(sf_stream_group_by_key(amounts, NULL), &totals,
                               &(sf_materialized){.name = "totals"});
    must(sf_builder_build(builder, &topology, &err), &err);
    sf_builder_free(builder);
    return topology;
}

/* When the library said what for the first time, ms after the start; 0: never. */
typedef struct stage {
    const char *name;
    const char *said;
    double at_ms;
} stage;

static stage stages[] = {
    {"threads_ms", "memory shared out", 0}, {"assigned_ms", "tasks assigned", 0},
    {"reading_ms", "changelog is read", 0}, {"read_ms", "changelog was read", 0},
    {"running_ms", "task running", 0},
};
static stopwatch began;

static double since_start_ms(void)
{
    return stopwatch_since(began).wall_s * 1000;
}

/* Threads log at once: a stage may be noted twice, a moment apart. */
static void on_log(void *user, sf_log_level level, const char *line)
{
    (void)user;
    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
        if (!stages[i].at_ms && !strncmp(line, stages[i].said, strlen(stages[i].said)))
            stages[i].at_ms = since_start_ms();
    }
    if (level >= SF_LOG_WARN || getenv("RESTORE_LOG"))
        fprintf(stderr, "%8.1f %s\n", since_start_ms(), line);
}

static void look_alive(const sf_streams *app)
{
    sf_error err;

    if (sf_streams_error(app, &err))
        must(SF_STOP, &err);
}

static bool answers(sf_view *view, uint64_t number)
{
    sf_arena *arena = sf_arena_new();
    char text[KEY_SIZE];
    sf_stored stored;
    sf_error err;
    sf_status status = sf_view_get(view, key_of(number, text), arena, &stored, &err);

    sf_arena_free(arena);
    if (status && status != SF_RETRY)
        must(status, &err);
    return !status;
}

/* Some keys of each partition. */
static void wait_until_serving(sf_streams *app, sf_view *view, uint64_t keys)
{
    for (uint64_t i = 0; i < PROBES; i++) {
        while (!answers(view, i % keys)) {
            look_alive(app);
            usleep(LOOK_US);
        }
    }
}

static void print_serving(const sf_streams *app, double start_ms)
{
    sf_streams_counters counters;

    sf_streams_counters_get(app, &counters);
    printf("{\"opened_ms\":%.0f", start_ms);
    for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
        printf(",\"%s\":%.0f", stages[i].name, stages[i].at_ms);
    printf(",\"serving_ms\":%.0f,\"process_ms\":%.0f,\"restored\":%" PRIu64 ",\"peak_kib\":%ld}\n",
           since_start_ms(), stopwatch_since(began).process_s * 1000, counters.restored,
           stopwatch_peak_kib());
    fflush(stdout);
}

static total total_of(sf_view *view, uint64_t *keys)
{
    total whole = {0};
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status = SF_OK;
    sf_error err;

    *keys = 0;
    must(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, &err), &err);
    while (sf_view_iterator_next(iterator, &entry, &status, &err)) {
        total one;

        memcpy(&one, entry.stored.value.data, sizeof(one));
        whole.count += one.count;
        whole.sum += one.sum;
        ++*keys;
    }
    must(status, &err);
    sf_view_iterator_free(iterator);
    return whole;
}

static void print_totals(sf_streams *app, sf_view *view, int64_t records)
{
    uint64_t keys;
    total whole;

    for (whole = total_of(view, &keys); whole.count < records; whole = total_of(view, &keys)) {
        look_alive(app);
        usleep(100 * 1000);
    }
    printf("{\"keys\":%" PRIu64 ",\"records\":%" PRId64 ",\"sum\":%" PRId64 "}\n", keys,
           whole.count, whole.sum);
    fflush(stdout);
}

static volatile sig_atomic_t holds;

static sf_status after_step(void *user, int step, sf_error *err)
{
    (void)user;
    (void)err;
    if (step != DELIVERED || !holds)
        return SF_OK;
    puts("held");
    fflush(stdout);
    (void)raise(SIGSTOP); /* cannot fail */
    return SF_OK;
}

static int run(int count, char **words)
{
    const sf_config config = {
        .bootstrap_servers = words[2],
        .state_dir = words[6],
        .application_id = words[7],
        .instance_id = words[8],
    };
    sf_topology *topology = make_topology(words[3]);
    double opened_ms;
    sigset_t signals;
    sf_streams *app;
    sf_view *view;
    int signal;
    sf_error err;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* before there are threads: theirs too */
    sf_log_set(on_log, NULL, SF_LOG_INFO);
    must(sf_streams_new(topology, &config, &app, &err), &err);
    opened_ms = since_start_ms();
    sf_streams_set_commit_hook(app, after_step, NULL);
    must(sf_streams_start(app, &err), &err);
    must(sf_streams_view(app, "totals", &view, &err), &err);
    wait_until_serving(app, view, strtoull(words[4], NULL, 10));
    print_serving(app, opened_ms);
    print_totals(app, view, strtoll(words[5], NULL, 10));
    holds = count > 9;
    (void)sigwait(&signals, &signal); /* the set is valid */
    sf_view_free(view);
    must(sf_streams_close(app, CLOSE_MS, &err), &err);
    sf_streams_free(app);
    sf_topology_free(topology);
    return 0;
}

int main(int count, char **words)
{
    began = stopwatch_now();
    if (count == 8 && !strcmp(words[1], "feed"))
        return feed(words);
    if (count >= 9 && !strcmp(words[1], "run"))
        return run(count, words);
    fprintf(stderr, "restore feed ADDRESS TOPIC KEYS FROM COUNT SEED\n"
                    "restore run ADDRESS TOPIC KEYS RECORDS STATE APPLICATION INSTANCE [hold]\n");
    return 2;
}
