/* layout.c - the records of the layout topic:
 *
 *   key "layout"                        value: lines "incarnation HEX", "task IDENTITY PARTITION" ...
 *   key "started TOPIC PARTITION"       value: "1"
 */
#include "runtime/layout.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/log.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/random.h"
#include "record/record_batch.h"
#include "runtime/app_topics.h"
#include "topology/topology_implementation.h"

enum {
    WAIT_MS = 50,
};

static const char STARTED[] = "started ";

struct sf_layout {
    uint64_t incarnation; /* 0: no record was found */
    sf_layout_task *tasks;
    size_t task_count;
    pthread_mutex_t lock; /* around started */
    sf_map *started;
};

static sf_layout *new_layout(void)
{
    sf_layout *layout = sf_zalloc(sizeof(*layout));

    layout->started = sf_map_new();
    pthread_mutex_init(&layout->lock, NULL);
    return layout;
}

static void clear_tasks(sf_layout *layout)
{
    for (size_t i = 0; i < layout->task_count; i++)
        free(layout->tasks[i].identity);
    layout->task_count = 0;
}

void sf_layout_free(sf_layout *layout)
{
    if (!layout)
        return;
    clear_tasks(layout);
    free(layout->tasks);
    sf_map_free(layout->started);
    pthread_mutex_destroy(&layout->lock);
    free(layout);
}

static void append(sf_layout *layout, const char *identity, int32_t partition)
{
    layout->tasks =
        sf_realloc_array(layout->tasks, layout->task_count + 1, sizeof(layout->tasks[0]));
    layout->tasks[layout->task_count++] = (sf_layout_task){
        .identity = sf_text_copy(identity),
        .subtopology = SF_NO_SUBTOPOLOGY,
        .partition = partition,
    };
}

/* ---- reading ---- */

static bool take_line(sf_layout *layout, const char *line)
{
    char identity[64];
    int32_t partition;

    if (sscanf(line, "incarnation %" SCNx64, &layout->incarnation) == 1)
        return layout->incarnation != 0;
    if (sscanf(line, "task %63s %" SCNd32, identity, &partition) != 2 || partition < 0)
        return false;
    append(layout, identity, partition);
    return true;
}

static sf_status take_layout(sf_layout *layout, sf_bytes value, sf_error *err)
{
    char *text = sf_text_printf("%.*s", (int)value.size, (const char *)value.data);
    char *rest = text;
    bool fine = true;

    clear_tasks(layout);
    layout->incarnation = 0;
    for (char *line = strsep(&rest, "\n"); fine && line; line = strsep(&rest, "\n"))
        fine = !line[0] || take_line(layout, line);
    free(text);
    if (!fine || !layout->incarnation)
        return sf_fail(err, SF_CORRUPT, "the application's layout record makes no sense");
    return SF_OK;
}

static sf_status take_record(sf_layout *layout, const sf_record *record, sf_error *err)
{
    if (sf_bytes_is_null(record->value))
        return SF_OK;
    if (sf_bytes_equal(record->key, sf_bytes_text("layout")))
        return take_layout(layout, record->value, err);
    if (record->key.size >= sizeof(STARTED) &&
        !memcmp(record->key.data, STARTED, sizeof(STARTED) - 1))
        (void)sf_map_put(layout->started, record->key, layout); /* there or not: it is now */
    return SF_OK;
}

static sf_status take_batch(sf_layout *layout, const sf_record_batch *batch, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; !status && i < batch->count; i++)
        status = take_record(layout, &batch->records[i].record, err);
    return status;
}

/* All that is there now; SF_RETRY if that is not yet the end. */
static sf_status read_some(sf_layout *layout, sf_consumer *consumer, sf_reader *reader, int64_t end,
                           sf_error *err)
{
    sf_status status = SF_OK;

    while (!status && sf_reader_position(reader) < end) {
        sf_record_batch *batch = NULL;

        status = sf_reader_read(reader, 1000, &batch, err);
        if (status)
            return status;
        if (batch) {
            status = take_batch(layout, batch, err);
            batch->release(batch);
        } else if (sf_reader_position(reader) < end) {
            sf_consumer_wait(consumer, WAIT_MS);
            status = sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "its end is not in sight");
        }
    }
    return status;
}

static sf_status read_up_to(sf_layout *layout, const sf_layout_options *options, const char *topic,
                            const sf_watermarks *marks, sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_consumer *consumer = NULL;
    sf_reader *reader;
    sf_status status = sf_consumer_new(options->broker, NULL, &consumer, err);

    if (!status)
        status = sf_consumer_add(consumer, topic, 0, marks->low, &reader, err);
    if (!status) {
        do
            status = read_some(layout, consumer, reader, marks->last_stable, err);
        while (sf_retry_again(&retry, &status, err));
    }
    sf_consumer_close(consumer);
    return status;
}

static sf_status read_topic(sf_layout *layout, const sf_layout_options *options, const char *topic,
                            sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_watermarks marks;
    sf_status status;

    do
        status = sf_broker_watermarks(options->broker, topic, 0, &marks, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && marks.low < marks.last_stable)
        status = read_up_to(layout, options, topic, &marks, err);
    return sf_error_prefix(err, status, "reading topic %s", topic);
}

/* ---- against the program ---- */

static size_t find_subtopology(const sf_topology *topology, const char *identity)
{
    for (size_t i = 0; i < topology->subtopology_count; i++) {
        if (!strcmp(topology->subtopologies[i].identity, identity))
            return i;
    }
    return SF_NO_SUBTOPOLOGY;
}

static int32_t listed_partitions(const sf_layout *layout, size_t subtopology)
{
    int32_t count = 0;

    for (size_t i = 0; i < layout->task_count; i++)
        count += layout->tasks[i].subtopology == subtopology;
    return count;
}

static sf_status check(sf_layout *layout, const sf_layout_options *options, sf_error *err)
{
    const sf_topology *topology = options->topology;

    for (size_t i = 0; i < layout->task_count; i++)
        layout->tasks[i].subtopology = find_subtopology(topology, layout->tasks[i].identity);
    for (size_t s = 0; s < topology->subtopology_count; s++) {
        int32_t now = sf_topology_task_count(topology, s, options->counts);
        int32_t before = listed_partitions(layout, s);

        if (before && before != now)
            return sf_fail(err, SF_INVALID,
                           "the topics read by sub-topology %zu had %" PRId32
                           " partitions when the application first ran and have %" PRId32
                           " now: its state is kept by partition, so this needs a reset",
                           s, before, now);
    }
    return SF_OK;
}

/* Appends what is not listed, partition by partition over all new sub-topologies, so that
 * neighbouring indexes are different kinds of work. */
static bool append_missing(sf_layout *layout, const sf_layout_options *options)
{
    const sf_topology *topology = options->topology;
    bool *is_listed = sf_zalloc(topology->subtopology_count + 1);
    int32_t most = 0;
    size_t before = layout->task_count;

    for (size_t s = 0; s < topology->subtopology_count; s++) {
        int32_t count = sf_topology_task_count(topology, s, options->counts);

        is_listed[s] = listed_partitions(layout, s) > 0;
        most = count > most ? count : most;
    }
    for (int32_t p = 0; p < most; p++) {
        for (size_t s = 0; s < topology->subtopology_count; s++) {
            if (is_listed[s] || p >= sf_topology_task_count(topology, s, options->counts))
                continue;
            append(layout, topology->subtopologies[s].identity, p);
            layout->tasks[layout->task_count - 1].subtopology = s;
        }
    }
    free(is_listed);
    return layout->task_count > before;
}

/* ---- writing ---- */

static void draw_incarnation(sf_layout *layout)
{
    sf_random random;

    sf_random_init(&random, sf_random_seed_from_system());
    while (!layout->incarnation)
        layout->incarnation = sf_random_next(&random);
}

static void print(const sf_layout *layout, sf_buffer *text)
{
    sf_buffer_printf(text, "incarnation %016" PRIx64 "\n", layout->incarnation);
    for (size_t i = 0; i < layout->task_count; i++)
        sf_buffer_printf(text, "task %s %" PRId32 "\n", layout->tasks[i].identity,
                         layout->tasks[i].partition);
}

static sf_status send(sf_producer *producer, const char *topic, const sf_record *record,
                      sf_error *err)
{
    sf_outgoing outgoing = {.record = *record};
    size_t sent;
    sf_status status = sf_producer_topic_open(producer, topic, &outgoing.topic, err);

    if (!status)
        status = sf_producer_send(producer, &outgoing, 1, &sent, err);
    if (!status)
        status = sf_producer_flush(producer, 1000, err);
    return status;
}

static sf_status write(const sf_layout *layout, const sf_layout_options *options, const char *topic,
                       sf_error *err)
{
    sf_retry retry = sf_retry_begin(options->retry);
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_record record = {.key = sf_bytes_text("layout")};
    sf_producer *producer = NULL;
    sf_status status = sf_producer_new(options->broker, NULL, &producer, err);

    print(layout, &text);
    record.value = sf_buffer_bytes(&text);
    record.timestamp = sf_clock_now_ms(options->retry.clock);
    if (!status) {
        do
            status = send(producer, topic, &record, err);
        while (sf_retry_again(&retry, &status, err));
    }
    sf_producer_close(producer);
    sf_buffer_done(&text);
    return sf_error_prefix(err, status, "writing topic %s", topic);
}

static sf_status write_if_new(sf_layout *layout, const sf_layout_options *options,
                              const char *topic, sf_error *err)
{
    bool is_new = !layout->incarnation;
    sf_status status;

    if (!append_missing(layout, options) && !is_new)
        return SF_OK;
    if (is_new)
        draw_incarnation(layout);
    status = write(layout, options, topic, err);
    if (!status)
        sf_log(SF_LOG_INFO, "layout written tasks=%zu incarnation=%016" PRIx64, layout->task_count,
               layout->incarnation);
    return status;
}

sf_status sf_layout_open(const sf_layout_options *options, sf_layout **layout, sf_error *err)
{
    char *topic = sf_app_topics_layout_name(options->application_id);
    sf_layout *opened = new_layout();
    sf_status status = read_topic(opened, options, topic, err);

    if (!status)
        status = check(opened, options, err);
    if (!status)
        status = write_if_new(opened, options, topic, err);
    free(topic);
    if (status)
        sf_layout_free(opened);
    else
        *layout = opened;
    return status;
}

uint64_t sf_layout_incarnation(const sf_layout *layout)
{
    return layout->incarnation;
}

size_t sf_layout_task_count(const sf_layout *layout)
{
    return layout->task_count;
}

const sf_layout_task *sf_layout_task_at(const sf_layout *layout, size_t index)
{
    return &layout->tasks[index];
}

/* ---- started inputs ---- */

static void print_started(const char *topic, int32_t partition, sf_buffer *text)
{
    sf_buffer_clear(text);
    sf_buffer_printf(text, "%s%s %" PRId32, STARTED, topic, partition);
}

bool sf_layout_has_started(sf_layout *layout, const char *topic, int32_t partition)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    bool has;

    print_started(topic, partition, &text);
    pthread_mutex_lock(&layout->lock);
    has = sf_map_get(layout->started, sf_buffer_bytes(&text)) != NULL;
    pthread_mutex_unlock(&layout->lock);
    sf_buffer_done(&text);
    return has;
}

void sf_layout_set_started(sf_layout *layout, const char *topic, int32_t partition)
{
    sf_buffer text = SF_BUFFER_EMPTY;

    print_started(topic, partition, &text);
    pthread_mutex_lock(&layout->lock);
    (void)sf_map_put(layout->started, sf_buffer_bytes(&text), layout); /* there or not: it is now */
    pthread_mutex_unlock(&layout->lock);
    sf_buffer_done(&text);
}

sf_record sf_layout_started_record(const char *topic, int32_t partition, int64_t now_ms,
                                   sf_buffer *text)
{
    print_started(topic, partition, text);
    return (sf_record){
        .key = sf_buffer_bytes(text),
        .value = sf_bytes_text("1"),
        .timestamp = now_ms,
    };
}
