#include "publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stateful/arena.h>
#include <stateful/log.h>

#include "base/map.h"
#include "base/memory.h"

enum {
    FLUSH_MS = 500, /* a round of waiting; in between we ask whether to give up */
};

struct publisher {
    publisher_options options;
    sf_producer *producer;       /* NULL: not open */
    sf_producer_topic **handles; /* one a topic */
    sf_outgoing *outgoing;       /* of the present wave */
    size_t outgoing_room;
    sf_arena *arena; /* the records of the present batch */
    bool has_called_meanwhile;
};

struct publisher *publisher_new(const publisher_options *options)
{
    struct publisher *publisher = sf_zalloc(sizeof(*publisher));

    publisher->options = *options;
    publisher->handles = sf_zalloc(options->topic_count * sizeof(*publisher->handles));
    publisher->arena = sf_arena_new();
    return publisher;
}

static void drop_producer(struct publisher *publisher)
{
    sf_producer_close(publisher->producer);
    publisher->producer = NULL;
}

void publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return;
    drop_producer(publisher);
    sf_arena_free(publisher->arena);
    free(publisher->outgoing);
    free(publisher->handles);
    free(publisher);
}

static bool gives_up(const struct publisher *publisher)
{
    return publisher->options.gives_up && publisher->options.gives_up(publisher->options.user);
}

/* Called inside _send and _flush. Only what is wrong with the record itself can never go well; what is
 * wrong with a topic or a right may be put right. */
static void on_delivery(void *user, const sf_delivery *delivery)
{
    outbox_row *row = delivery->tag;

    (void)user;
    if (!delivery->status) {
        row->state = OUTBOX_PUBLISHED;
        row->partition = delivery->partition;
        row->offset = delivery->offset;
    } else if (delivery->permanent && delivery->status == SF_REJECT) {
        row->state = OUTBOX_FAILED;
        snprintf(row->failure, sizeof(row->failure), "%.199s", delivery->error);
    }
}

/* The events are kept for ever: the topics are what views are rebuilt from. A topic that is there is
 * not touched, so that no right to make topics is needed then. */
static sf_status create_topic(const struct publisher *publisher, const char *name, sf_error *err)
{
    static const sf_topic_config configs[] = {
        {"cleanup.policy", "delete"},
        {"retention.ms", "-1"},
        {"retention.bytes", "-1"},
    };
    sf_topic_spec spec = {
        .name = name,
        .partitions = publisher->options.partitions,
        .configs = configs,
        .config_count = SF_ARRAY_LENGTH(configs),
    };
    bool created = false;
    int32_t partitions = 0;
    sf_status status = sf_broker_partition_count(publisher->options.broker, name, &partitions, err);

    if (!status && !partitions)
        status = sf_broker_create_topic(publisher->options.broker, &spec, &created, err);
    if (created)
        sf_log(SF_LOG_INFO, "topic created topic=%s partitions=%d", name, spec.partitions);
    return status;
}

static sf_status open_topics(struct publisher *publisher, sf_error *err)
{
    sf_status status = SF_OK;

    for (size_t i = 0; i < publisher->options.topic_count && !status; i++) {
        const char *name = publisher->options.topics[i].name;

        status = create_topic(publisher, name, err);
        if (!status)
            status = sf_producer_topic_open(publisher->producer, name, &publisher->handles[i], err);
    }
    return status;
}

sf_status publisher_open(struct publisher *publisher, sf_error *err)
{
    sf_producer_options options = {.on_delivery = on_delivery};
    sf_status status;

    if (publisher->producer)
        return SF_OK;
    status = sf_producer_new(publisher->options.broker, &options, &publisher->producer, err);
    if (status)
        return status;
    status = open_topics(publisher, err);
    if (status)
        drop_producer(publisher);
    return status;
}

/* Index into the topics; their count if there is none for that aggregate. */
static size_t topic_of(const struct publisher *publisher, const outbox_row *row)
{
    size_t i = 0;

    while (i < publisher->options.topic_count &&
           strcmp(publisher->options.topics[i].aggregate_type, row->event.aggregate_type) != 0)
        i++;
    return i;
}

static void fail_rows_without_topic(const struct publisher *publisher, outbox_row *rows,
                                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state == OUTBOX_PENDING &&
            topic_of(publisher, &rows[i]) == publisher->options.topic_count) {
            rows[i].state = OUTBOX_FAILED;
            snprintf(rows[i].failure, sizeof(rows[i].failure),
                     "there is no topic for events of '%s'", rows[i].event.aggregate_type);
        }
    }
}

static size_t collect_wave(struct publisher *publisher, outbox_row *rows, size_t count, int wave)
{
    size_t collected = 0;

    for (size_t i = 0; i < count; i++) {
        size_t topic;

        if (rows[i].state != OUTBOX_PENDING)
            continue;
        topic = topic_of(publisher, &rows[i]);
        if (publisher->options.topics[topic].wave != wave)
            continue;
        publisher->outgoing[collected++] = (sf_outgoing){
            .topic = publisher->handles[topic],
            .partition = SF_PARTITION_BY_KEY,
            .record = event_record(&rows[i].event, publisher->arena),
            .tag = &rows[i],
        };
    }
    return collected;
}

static sf_status flush(struct publisher *publisher, sf_error *err)
{
    sf_status status;

    while ((status = sf_producer_flush(publisher->producer, FLUSH_MS, err)) == SF_RETRY)
        if (gives_up(publisher))
            break;
    return status;
}

/* A record that the producer refuses to take can never be sent; the others go on. */
static void fail_refused(sf_outgoing *refused, const sf_error *err)
{
    outbox_row *row = refused->tag;

    row->state = OUTBOX_FAILED;
    snprintf(row->failure, sizeof(row->failure), "%.199s", err->text);
}

static sf_status send_all(struct publisher *publisher, size_t count, sf_error *err)
{
    size_t taken = 0;

    while (taken < count) {
        sf_error why = {0};
        size_t sent = 0;
        sf_status status = sf_producer_send(publisher->producer, publisher->outgoing + taken,
                                            count - taken, &sent, &why);

        taken += sent;
        if (status == SF_REJECT && taken < count) {
            fail_refused(&publisher->outgoing[taken], &why);
            taken++;
        } else if (status && (status != SF_RETRY || gives_up(publisher))) {
            return sf_fail_with(err, status, why.code, "%s", why.text);
        }
    }
    return SF_OK;
}

static void call_meanwhile(struct publisher *publisher)
{
    if (publisher->options.meanwhile && !publisher->has_called_meanwhile)
        publisher->options.meanwhile(publisher->options.user);
    publisher->has_called_meanwhile = true;
}

/* A failed delivery is told row by row; here only what is still pending makes the wave fail. */
static sf_status send_wave(struct publisher *publisher, outbox_row *rows, size_t count, int wave,
                           sf_error *err)
{
    size_t collected = collect_wave(publisher, rows, count, wave);
    sf_status status = send_all(publisher, collected, err);

    if (!status && collected) {
        call_meanwhile(publisher);
        status = flush(publisher, err);
    }
    for (size_t i = 0; i < collected; i++) {
        const outbox_row *row = publisher->outgoing[i].tag;

        if (row->state == OUTBOX_PENDING)
            return status ? status
                          : sf_fail_with(err, SF_RETRY, SF_BROKER, "a delivery is missing");
    }
    return SF_OK;
}

static sf_bytes aggregate_key(const outbox_row *row, sf_arena *arena)
{
    return sf_bytes_text(sf_arena_printf(arena, "%s/%lld", row->event.aggregate_type,
                                         (long long)row->event.aggregate_id));
}

/* Invariant 3: behind a row that is not published, its aggregate stands still. What is held already stays
 * so. */
static void hold_back_followers(outbox_row *rows, size_t count, sf_arena *arena)
{
    sf_map *stopped = sf_map_new();

    for (size_t i = 0; i < count; i++) {
        sf_bytes key;

        if (rows[i].state == OUTBOX_GONE)
            continue;
        key = aggregate_key(&rows[i], arena);
        if (sf_map_get(stopped, key))
            rows[i].state = rows[i].state == OUTBOX_HELD ? OUTBOX_HELD : OUTBOX_PENDING;
        else if (rows[i].state != OUTBOX_PUBLISHED)
            sf_map_put(stopped, key, &rows[i]);
    }
    sf_map_free(stopped);
}

static int last_wave(const struct publisher *publisher)
{
    int last = 0;

    for (size_t i = 0; i < publisher->options.topic_count; i++)
        if (publisher->options.topics[i].wave > last)
            last = publisher->options.topics[i].wave;
    return last;
}

static void make_room(struct publisher *publisher, size_t count)
{
    if (publisher->outgoing_room >= count)
        return;
    publisher->outgoing =
        sf_realloc_array(publisher->outgoing, count, sizeof(*publisher->outgoing));
    publisher->outgoing_room = count;
}

static bool all_published(const outbox_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].state != OUTBOX_PUBLISHED)
            return false;
    return true;
}

sf_status publisher_send(struct publisher *publisher, outbox_row *rows, size_t count, sf_error *err)
{
    sf_status status = SF_OK;
    int last = last_wave(publisher);

    publisher->has_called_meanwhile = false;
    make_room(publisher, count);
    fail_rows_without_topic(publisher, rows, count);
    for (int wave = 0; wave <= last && !status; wave++)
        status = send_wave(publisher, rows, count, wave, err);
    if (status)
        drop_producer(publisher); /* no delivery comes after this: the rows may go */
    if (!all_published(rows, count))
        hold_back_followers(rows, count, publisher->arena);
    sf_arena_reset(publisher->arena);
    return status;
}
