/* peer_streams.c - B4 on the engine: one of the five topologies that the Kafka Streams peer runs, measured
 * as the peer measures itself (marks at the first, the 20 % and the last step; the whole process's time).
 *
 * peer_streams name=value...
 *   mode=passthrough|filter-map|aggregate|windowed|analytics address=HOST:PORT in=TOPIC [products=TOPIC]
 *   [out=TOPIC] records=N steps=N (all that are counted) app=ID state=DIR [guarantee=eos|alos]
 *   [commit=MS] [idle=SECONDS: no records, only the footprint] [memory=MB]
 *   [codec=none|lz4] [batch=BYTES] [linger=MS] (of the producer; else the engine's own)
 * EXEC_MS in the environment: when it was started, ms since 1970. Prints one JSON line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "support/peer_topology.h"
#include "support/stopwatch.h"

enum { SETTINGS = 3 };

static int word_count;
static char **words;

static const char *word(const char *name, const char *otherwise)
{
    size_t size = strlen(name);

    for (int i = 1; i < word_count; i++)
        if (!strncmp(words[i], name, size) && words[i][size] == '=')
            return words[i] + size + 1;
    return otherwise;
}

static int64_t number(const char *name, const char *otherwise)
{
    return strtoll(word(name, otherwise), NULL, 10);
}

static void must(sf_status status, const sf_error *err)
{
    if (status) {
        fprintf(stderr, "peer_streams: %s\n", err->text);
        exit(1);
    }
}

/* ---- steps, on the stream thread ---- */

typedef struct mark {
    int64_t steps;
    stopwatch at;
} mark;

static struct {
    int64_t steps;
    int64_t fifth;
    int64_t all;
    mark first;
    mark at_fifth;
    mark last;
    _Atomic int is_done;
} progress;

static void count_step(void)
{
    int64_t steps = ++progress.steps;

    if (steps == 1)
        progress.first = (mark){steps, stopwatch_now()};
    if (steps == progress.fifth)
        progress.at_fifth = (mark){steps, stopwatch_now()};
    if (steps == progress.all) {
        progress.last = (mark){steps, stopwatch_now()};
        progress.is_done = 1;
    }
}

/* ---- what came of it ---- */

typedef struct found {
    int64_t entries;
    int64_t count; /* of records that the stores have taken */
    int64_t cents;
} found;

static found sum_store(sf_streams *app, const char *store, bool is_sales)
{
    found total = {0};
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status = SF_OK;
    sf_view *view;
    sf_error err;

    must(sf_streams_view(app, store, &view, &err), &err);
    if (sf_view_kind(view) == SF_WINDOW_STORE)
        must(sf_view_fetch_all(view, 0, INT64_MAX, &iterator, &err), &err);
    else
        must(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, &err), &err);
    while (sf_view_iterator_next(iterator, &entry, &status, &err)) {
        peer_sales sales;
        peer_sum sum;

        total.entries++;
        memcpy(is_sales ? (void *)&sales : (void *)&sum, entry.stored.value.data,
               entry.stored.value.size);
        total.count += is_sales ? sales.orders : sum.count;
        total.cents += is_sales ? sales.revenue_cents : sum.cents;
    }
    must(status, &err);
    sf_view_iterator_free(iterator);
    sf_view_free(view);
    return total;
}

static void print_store(sf_streams *app, const char *store, bool is_sales)
{
    found total = sum_store(app, store, is_sales);

    printf(",\"%s\":{\"entries\":%" PRId64 ",\"count\":%" PRId64 ",\"cents\":%" PRId64 "}", store,
           total.entries, total.count, total.cents);
}

static void print_stores(sf_streams *app, const char *mode)
{
    if (!strcmp(mode, "aggregate"))
        print_store(app, "sums", false);
    else if (!strcmp(mode, "windowed"))
        print_store(app, "hourly", false);
    else if (!strcmp(mode, "analytics")) {
        print_store(app, "product-sales", true);
        print_store(app, "category-revenue", true);
        print_store(app, "hourly-revenue", true);
    }
}

/* ---- measuring ---- */

static void print_span(const char *name, mark from, mark to, double steps_a_record)
{
    double wall = to.at.wall_s - from.at.wall_s;
    double cpu = to.at.process_s - from.at.process_s;
    double records = (double)(to.steps - from.steps) / steps_a_record;

    printf(",\"%s\":{\"wall_s\":%.3f,\"cpu_s\":%.3f,\"per_s\":%.0f,\"per_cpu_s\":%.0f}", name, wall,
           cpu, records / wall, records / cpu);
}

static void check_alive(sf_streams *app)
{
    sf_error err;

    if (sf_streams_error(app, &err))
        must(SF_STOP, &err);
}

static double ms_since_exec(void)
{
    const char *exec_ms = getenv("EXEC_MS");
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return exec_ms ? (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6 - atof(exec_ms) : -1;
}

static void wait_for_commit(sf_streams *app)
{
    sf_streams_counters counters, later;

    sf_streams_counters_get(app, &counters);
    do { /* an idle thread commits at once, so the next one holds all */
        usleep(20000);
        check_alive(app);
        sf_streams_counters_get(app, &later);
    } while (later.commits == counters.commits);
    usleep(200000);
}

static void measure(sf_streams *app, const char *mode)
{
    sf_streams_counters counters;
    double running_ms = ms_since_exec();
    long peak_kib; /* before the stores are read to check them */
    mark closed;
    sf_error err;

    while (!progress.is_done) {
        usleep(5000);
        check_alive(app);
    }
    if (number("commit", "100") < 1000)
        wait_for_commit(app);
    else
        usleep(1500000);
    sf_streams_counters_get(app, &counters);
    peak_kib = stopwatch_peak_kib();
    printf("{\"bench\":\"peer_streams\",\"mode\":\"%s\",\"guarantee\":\"%s\",\"commit_ms\":%s",
           mode, word("guarantee", "eos"), word("commit", "100"));
    print_stores(app, mode);
    must(sf_streams_close(app, 60000, &err), &err);
    closed = (mark){progress.steps, stopwatch_now()};
    double steps_a_record = (double)progress.all / (double)number("records", "1");
    print_span("whole", progress.first, progress.last, steps_a_record);
    print_span("steady", progress.at_fifth, progress.last, steps_a_record);
    print_span("closed", progress.first, closed, steps_a_record);
    printf(",\"commits\":%" PRIu64 ",\"running_ms\":%.0f,\"peak_kib\":%ld}\n", counters.commits,
           running_ms, peak_kib);
}

static void measure_idle(sf_streams *app, const char *mode)
{
    double running_ms = ms_since_exec();
    stopwatch began = stopwatch_now(), spent;
    double seconds = atof(word("idle", "10"));
    sf_error err;

    usleep((useconds_t)(seconds * 1e6));
    check_alive(app);
    spent = stopwatch_since(began);
    printf("{\"bench\":\"peer_streams\",\"mode\":\"%s\",\"guarantee\":\"%s\",\"running_ms\":%.0f,"
           "\"idle_kib\":%ld,\"peak_kib\":%ld,\"idle_cpu_percent\":%.2f}\n",
           mode, word("guarantee", "eos"), running_ms, stopwatch_resident_kib(),
           stopwatch_peak_kib(), spent.process_s / spent.wall_s * 100);
    must(sf_streams_close(app, 60000, &err), &err);
}

/* Those that are given; returns how many. */
static size_t read_settings(sf_broker_setting settings[SETTINGS])
{
    static const sf_broker_setting known[SETTINGS] = {
        {"producer.compression.codec", "codec"},
        {"producer.batch.size", "batch"},
        {"producer.linger.ms", "linger"},
    };
    size_t count = 0;

    for (size_t i = 0; i < SETTINGS; i++) {
        const char *value = word(known[i].value, NULL);

        if (value)
            settings[count++] = (sf_broker_setting){known[i].name, value};
    }
    return count;
}

int main(int count, char **arguments)
{
    sf_config config = {0};
    sf_broker_setting settings[SETTINGS];
    const char *mode;
    peer_topics topics;
    sf_topology *topology;
    sf_streams *app;
    sf_error err;

    word_count = count;
    words = arguments;
    mode = word("mode", "passthrough");
    topics = (peer_topics){word("in", "simple"), word("products", NULL), word("out", NULL)};
    progress.all = number("steps", word("records", "0"));
    progress.fifth = progress.all / 5;
    topology = peer_topology(mode, &topics, count_step);
    if (!topology)
        return 2;
    config.bootstrap_servers = word("address", "127.0.0.1:9092");
    config.application_id = word("app", "peer");
    config.state_dir = word("state", "state");
    config.guarantee =
        strcmp(word("guarantee", "eos"), "alos") ? SF_EXACTLY_ONCE_V2 : SF_AT_LEAST_ONCE;
    config.commit_interval_ms = number("commit", "100");
    config.memory_max_bytes = (size_t)number("memory", "0") << 20;
    config.settings = settings;
    config.setting_count = read_settings(settings);
    must(sf_streams_new(topology, &config, &app, &err), &err);
    must(sf_streams_start(app, &err), &err);
    if (!sf_streams_wait(app, SF_STREAMS_RUNNING, 60000)) {
        check_alive(app);
        fprintf(stderr, "peer_streams: not running after 60 s\n");
        return 1;
    }
    if (word("idle", NULL))
        measure_idle(app, mode);
    else
        measure(app, mode);
    sf_streams_free(app);
    sf_topology_free(topology);
    return 0;
}
