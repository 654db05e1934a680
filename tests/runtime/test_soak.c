/* Memory stays within what it was promised, for as long as one looks: an application on the journal with far more
 * state than memory, fed by another process as fast as it follows.
 *
 * The promise is memory_max_bytes and a constant, MEMORY_CONSTANT_BYTES of docs/OPERATING.md, for all that
 * the number cannot cover. The long form (TEST_LONG) takes 20 minutes and 10,000,000 keys; SOAK_SECONDS and
 * SOAK_KEYS say otherwise. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <stateful/stateful.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "support/sanitizer.h"
#include "support/state_directory_fixture.h"

#define MEGABYTE ((int64_t)1024 * 1024)
#define MEMORY_MAX_BYTES (32 * MEGABYTE)
#define MEMORY_CONSTANT_BYTES (64 * MEGABYTE)

enum { CHUNK = 1000, AHEAD = 20, KEY_SIZE = 24, SAMPLES = 16384, SAMPLE_MS = 100, PARTITIONS = 2 };

/* Unsynced, in small files, so that the disk does not decide how fast it goes and how large it grows. */
static const sf_broker_setting settings[] = {
    {"journal.fsync", "never"},
    {"journal.segment.bytes", "16777216"},
    {"journal.cleaner.interval.ms", "2000"},
    {"journal.cleaner.memory.bytes", "16777216"}, /* of the constant: enough for a segment */
};
static const sf_broker_options broker_options = {.settings = settings, .setting_count = 4};

typedef struct soak {
    char *directory;
    char *address;
    uint64_t keys;
    int64_t duration_ms;
    uint64_t allowed; /* chunks that the feeder may have sent */
    int order;        /* a pipe to it: a byte a chunk */
    pid_t feeder;
    int64_t *resident; /* bytes, one a sample */
    size_t samples;
} soak;

/* ---- the feeder, a process of its own ---- */

static void send_chunk(sf_producer *producer, sf_producer_topic *topic, sf_random *random,
                       uint64_t from, uint64_t keys)
{
    static char names[CHUNK][KEY_SIZE];
    sf_outgoing out[CHUNK];
    size_t sent;

    for (uint64_t i = 0; i < CHUNK; i++) {
        uint64_t number = from + i < keys ? from + i : sf_random_below(random, keys);
        int size = snprintf(names[i], KEY_SIZE, "key-%012" PRIu64, number);

        out[i] = (sf_outgoing){
            .topic = topic,
            .partition = SF_PARTITION_BY_KEY,
            .record = {sf_bytes_of(names[i], (size_t)size),
                       sf_bytes_text("a value"),
                       sf_clock_now_ms(sf_clock_system()),
                       {0}},
        };
    }
    if (sf_producer_send(producer, out, CHUNK, &sent, NULL))
        _exit(1);
}

static void feed(const char *address, uint64_t keys, int orders)
{
    sf_broker *broker;
    sf_producer *producer;
    sf_producer_topic *topic;
    sf_random random;
    uint64_t sent = 0;
    char order;

    sf_random_init(&random, keys);
    if (sf_broker_connect(address, &broker_options, &broker, NULL) ||
        sf_producer_new(broker, NULL, &producer, NULL) ||
        sf_producer_topic_open(producer, "in", &topic, NULL))
        _exit(1);
    for (; read(orders, &order, 1) == 1; sent += CHUNK) {
        send_chunk(producer, topic, &random, sent, keys);
        if (sf_producer_flush(producer, 60000, NULL))
            _exit(1);
    }
    _exit(0);
}

/* Before this process has threads. */
static void start_feeder(soak *test)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    test->feeder = fork();
    assert_true(test->feeder >= 0);
    if (!test->feeder) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed leaves none behind */
        close(ends[1]);
        feed(test->address, test->keys, ends[0]);
    }
    close(ends[0]);
    test->order = ends[1];
}

static void stop_feeder(soak *test)
{
    int how;

    close(test->order);
    assert_int_equal(waitpid(test->feeder, &how, 0), test->feeder);
    assert_true(WIFEXITED(how) && !WEXITSTATUS(how));
}

/* ---- memory ---- */

/* What the process has for itself; pages of files that are mapped go when others want memory. */
static int64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    long long kibibytes = 0;

    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "RssAnon: %lld", &kibibytes) == 1)
            break;
    }
    fclose(file);
    assert_true(kibibytes > 0);
    return kibibytes * 1024;
}

static int64_t largest(const soak *test)
{
    int64_t most = 0;

    for (size_t i = 0; i < test->samples; i++)
        most = test->resident[i] > most ? test->resident[i] : most;
    return most;
}

/* Bytes a minute over the second half, by least squares. */
static double slope(const soak *test)
{
    size_t first = test->samples / 2;
    double n = (double)(test->samples - first);
    double x = 0, y = 0, xx = 0, xy = 0;
    double minutes_each = (double)test->duration_ms / (double)test->samples / 60000;

    for (size_t i = first; i < test->samples; i++) {
        double at = (double)i * minutes_each;
        double bytes = (double)test->resident[i];

        x += at;
        y += bytes;
        xx += at * at;
        xy += at * bytes;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

/* ---- the application ---- */

static sf_topology *counts_topology(void)
{
    sf_builder *builder = sf_builder_new();
    sf_stream *records = sf_builder_stream(builder, "in", NULL);
    sf_topology *topology;

    (void)sf_grouped_count(sf_stream_group_by_key(records, NULL), "counts"); /* read by a view */
    assert_ok(sf_builder_build(builder, &topology, err));
    sf_builder_free(builder);
    return topology;
}

static void make_input(const soak *test)
{
    static const sf_topic_config configs[] = {{"retention.bytes", "67108864"}};
    sf_broker *broker;

    assert_ok(sf_broker_connect(test->address, &broker_options, &broker, err));
    assert_ok(sf_broker_create_topic(
        broker,
        &(sf_topic_spec){
            .name = "in", .partitions = PARTITIONS, .configs = configs, .config_count = 1},
        NULL, err));
    sf_broker_close(broker);
}

static sf_streams *start(const soak *test, const sf_topology *topology)
{
    const sf_config config = {
        .application_id = "soak",
        .bootstrap_servers = test->address,
        .state_dir = test->directory,
        .memory_max_bytes = MEMORY_MAX_BYTES,
        .settings = settings,
        .setting_count = 4,
    };
    sf_streams *streams;

    assert_ok(sf_streams_new(topology, &config, &streams, err));
    assert_ok(sf_streams_start(streams, err));
    return streams;
}

static uint64_t processed(const sf_streams *streams)
{
    sf_streams_counters counters;
    sf_error error = {0};

    if (sf_streams_error(streams, &error))
        fail_msg("the application ended: %s", error.text);
    sf_streams_counters_get(streams, &counters);
    return counters.processed;
}

static void pause_ms(int64_t ms)
{
    const struct timespec time = {ms / 1000, (ms % 1000) * 1000000};

    (void)nanosleep(&time, NULL); /* shorter is as good */
}

/* The feeder is so much ahead of the application that it never waits, and never further. */
static void keep_fed(soak *test, const sf_streams *streams)
{
    while (test->allowed * CHUNK < processed(streams) + AHEAD * CHUNK) {
        assert_int_equal(write(test->order, "x", 1), 1);
        test->allowed++;
    }
}

static void run(soak *test, const sf_streams *streams)
{
    const int64_t began = sf_clock_now_ms(sf_clock_system());
    int64_t passed = 0;

    while (passed < test->duration_ms) {
        keep_fed(test, streams);
        pause_ms(1);
        passed = sf_clock_now_ms(sf_clock_system()) - began;
        if (test->samples < SAMPLES && passed >= (int64_t)test->samples * SAMPLE_MS)
            test->resident[test->samples++] = resident_bytes();
    }
}

/* Every record counts once: keys come one after the other, then at random. */
static void check_counts(const soak *test, sf_streams *streams, uint64_t records)
{
    sf_arena *arena = sf_arena_new();
    uint64_t keys = records < test->keys ? records : test->keys;
    uint64_t sum = 0, found = 0;
    sf_view_iterator *iterator;
    sf_view_entry entry;
    sf_status status;
    sf_view *view;

    assert_ok(sf_streams_view(streams, "counts", &view, err));
    assert_ok(sf_view_range(view, SF_NULL, SF_NULL, false, &iterator, err));
    while (sf_view_iterator_next(iterator, &entry, &status, NULL)) {
        sf_bytes count;

        assert_ok(sf_serde_decode(&sf_int64_serde, entry.stored.value, arena, &count, err));
        sum += (uint64_t)sf_bytes_to_int64(count);
        found++;
        sf_arena_reset(arena);
    }
    assert_int_equal(status, SF_OK);
    assert_int_equal(found, keys);
    assert_int_equal(sum, records);
    sf_view_iterator_free(iterator);
    sf_view_free(view);
    sf_arena_free(arena);
}

static void check_memory(const soak *test, uint64_t records)
{
    int64_t bound = MEMORY_MAX_BYTES + MEMORY_CONSTANT_BYTES;

    print_message("soak: %" PRIu64 " records, %" PRIu64 " keys, %" PRId64 " s: at most %" PRId64
                  " MB resident of %" PRId64 ", in the second half %+.0f KB a minute\n",
                  records, records < test->keys ? records : test->keys, test->duration_ms / 1000,
                  largest(test) / MEGABYTE, bound / MEGABYTE, slope(test) / 1024);
    if (largest(test) > bound)
        fail_msg("%" PRId64 " bytes are resident, %" PRId64 " are promised", largest(test), bound);
}

static int64_t wanted(const char *name, int64_t usual)
{
    const char *text = getenv(name);

    return text ? strtoll(text, NULL, 10) : usual;
}

static void memory_stays_within_its_bound_while_state_grows_beyond_it(void **state)
{
    soak test = {
        .keys = (uint64_t)wanted("SOAK_KEYS", sf_test_rounds(400000, 10000000)),
        .duration_ms = wanted("SOAK_SECONDS", sf_test_rounds(12, 20 * 60)) * 1000,
    };
    sf_topology *topology;
    sf_streams *streams;
    uint64_t records;

    (void)state;
    if (UNDER_SANITIZER) {
        puts("skip: what a sanitizer keeps beside the memory is no measure of it");
        skip();
    }
    test.directory = sf_test_directory_make();
    test.resident = sf_zalloc(SAMPLES * sizeof(int64_t));
    topology = counts_topology();
    test.address = sf_text_printf("file:%s/log", test.directory);
    make_input(&test);
    start_feeder(&test);
    streams = start(&test, topology);
    run(&test, streams);
    stop_feeder(&test);
    records = test.allowed * CHUNK;
    while (processed(streams) < records)
        pause_ms(10);
    assert_ok(sf_streams_close(streams, 60000, err));
    check_memory(&test, records);
    sf_streams_free(streams);

    streams = start(&test, topology);
    assert_true(sf_streams_wait(streams, SF_STREAMS_RUNNING, 60000));
    check_counts(&test, streams, records);
    sf_streams_free(streams);
    sf_topology_free(topology);
    sf_test_directory_remove(test.directory);
    free(test.resident);
    free(test.address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_stays_within_its_bound_while_state_grows_beyond_it),
    };

    return run_tests(tests);
}
