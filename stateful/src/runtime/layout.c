/* layout.c - the records of the layout topic:
 *
 *   key "layout"                        value: see layout_record.h
 *   key "started TOPIC PARTITION"       value: "1"
 *   key "stop"                          value: a sentence; for those that were running when it came
 */
#include "runtime/layout.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "runtime/layout_change.h"
#include "runtime/layout_topic.h"

static const char STARTED[] = "started ";
static const char STOP[] = "stop";

struct sf_layout {
    sf_layout_record record;
    sf_buffer text; /* of the record */

    pthread_mutex_t reading_lock; /* around what follows */
    sf_layout_topic topic;
    sf_buffer newest; /* text of the last record read */
    bool has_newest;
    sf_buffer stop; /* why all are to stop, since this was opened; empty: they are not */

    pthread_mutex_t lock; /* around started */
    sf_map *started;
};

static sf_layout *new_layout(const sf_layout_options *options)
{
    sf_layout *layout = sf_zalloc(sizeof(*layout));

    sf_layout_topic_init(&layout->topic, options->broker, options->application_id);
    layout->started = sf_map_new();
    pthread_mutex_init(&layout->lock, NULL);
    pthread_mutex_init(&layout->reading_lock, NULL);
    return layout;
}

void sf_layout_free(sf_layout *layout)
{
    if (!layout)
        return;
    sf_layout_record_done(&layout->record);
    sf_buffer_done(&layout->text);
    sf_buffer_done(&layout->newest);
    sf_buffer_done(&layout->stop);
    sf_layout_topic_done(&layout->topic);
    sf_map_free(layout->started);
    pthread_mutex_destroy(&layout->lock);
    pthread_mutex_destroy(&layout->reading_lock);
    free(layout);
}

/* ---- reading ---- */

static void note_started(sf_layout *layout, sf_bytes key)
{
    pthread_mutex_lock(&layout->lock);
    (void)sf_map_put(layout->started, key, layout); /* there or not: it is now */
    pthread_mutex_unlock(&layout->lock);
}

static sf_status take(void *user, const sf_record *record, sf_error *err)
{
    sf_layout *layout = user;

    (void)err;
    if (sf_bytes_is_null(record->value))
        return SF_OK;
    if (sf_bytes_equal(record->key, sf_bytes_text(SF_LAYOUT_KEY))) {
        sf_buffer_clear(&layout->newest);
        sf_buffer_add_bytes(&layout->newest, record->value);
        layout->has_newest = true;
    } else if (record->key.size >= sizeof(STARTED) &&
               !memcmp(record->key.data, STARTED, sizeof(STARTED) - 1)) {
        note_started(layout, record->key);
    } else if (sf_bytes_equal(record->key, sf_bytes_text(STOP))) {
        sf_buffer_clear(&layout->stop);
        sf_buffer_add_bytes(&layout->stop, record->value);
    }
    return SF_OK;
}

sf_status sf_layout_refresh(sf_layout *layout, sf_retry_policy retry, bool *is_end, sf_error *err)
{
    sf_status status;

    pthread_mutex_lock(&layout->reading_lock);
    status = sf_layout_topic_read(&layout->topic, retry, take, layout, is_end, err);
    if (!status &&
        !sf_bytes_equal(sf_buffer_bytes(&layout->newest), sf_buffer_bytes(&layout->text)))
        status = sf_fail(err, SF_INVALID,
                         "another program with the same application id has changed the layout of "
                         "the tasks while this one was starting: this one leaves");
    if (!status && layout->stop.size > 0)
        status = sf_fail(err, SF_CLOSED, "%s", sf_buffer_text(&layout->stop));
    pthread_mutex_unlock(&layout->reading_lock);
    return status;
}

/* ---- opening ---- */

typedef struct opening {
    sf_layout *layout;
    sf_retry_policy retry;
} opening;

/* What the topic says now. Behind a transaction that is open there may be a newer record. */
static sf_status read_now(void *user, sf_layout_record *record, sf_error *err)
{
    const opening *under_way = user;
    sf_layout *layout = under_way->layout;
    sf_status status =
        sf_layout_topic_read(&layout->topic, under_way->retry, take, layout, NULL, err);

    sf_layout_record_done(record);
    if (!status && layout->has_newest)
        status = sf_layout_record_read(record, sf_buffer_bytes(&layout->newest), err);
    return status;
}

sf_status sf_layout_open(const sf_layout_options *options, sf_layout **layout, sf_error *err)
{
    sf_layout *opened = new_layout(options);
    opening under_way = {.layout = opened, .retry = options->retry};
    sf_status status = sf_layout_settle(
        &(sf_layout_change){
            .broker = options->broker,
            .group = options->application_id,
            .topology = options->topology,
            .counts = options->counts,
            .topic = &opened->topic,
            .read = read_now,
            .user = &under_way,
            .retry = options->retry,
            .empty_within_ms = options->empty_within_ms,
            .seed = options->seed,
        },
        &opened->record, err);

    if (status) {
        sf_layout_free(opened);
        return status;
    }
    sf_layout_record_print(&opened->record, &opened->text);
    sf_buffer_clear(&opened->newest); /* it may have been written just now */
    sf_buffer_add_bytes(&opened->newest, sf_buffer_bytes(&opened->text));
    sf_buffer_clear(&opened->stop); /* of an earlier run */
    *layout = opened;
    return SF_OK;
}

uint64_t sf_layout_incarnation(const sf_layout *layout)
{
    return layout->record.incarnation;
}

size_t sf_layout_task_count(const sf_layout *layout)
{
    return layout->record.task_count;
}

const sf_layout_task *sf_layout_task_at(const sf_layout *layout, size_t index)
{
    return &layout->record.tasks[index];
}

/* ---- stopping ---- */

sf_status sf_layout_ask_to_stop(sf_layout *layout, sf_retry_policy retry, const char *who,
                                const char *why, sf_error *err)
{
    sf_buffer text = SF_BUFFER_EMPTY;
    sf_record record = {.key = sf_bytes_text(STOP)};
    sf_status status;

    sf_buffer_printf(&text, "instance %s has stopped the application: %s", who, why);
    record.value = sf_buffer_bytes(&text);
    record.timestamp = sf_clock_now_ms(retry.clock);
    status = sf_layout_topic_send(&layout->topic, retry, &record, err);
    sf_buffer_done(&text);
    return status;
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
    note_started(layout, sf_buffer_bytes(&text));
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
