/* global_feed.c - a topic that every instance has whole.
 *
 * 1 Where it is read from: behind what the table has. State of which records are gone that it has not
 *   seen, or so old that deletions may have been compacted away, is cleared first, and the topic read
 *   from the beginning.
 * 2 A table is whole when it has all that could be read when it was opened; nobody finds it before.
 * 3 Each batch is written with the position behind it: after a crash the table goes on from there.
 * 4 While a table is as new as its topic that is noted hourly, so that only time away makes it old.
 */
#include "runtime/global_feed.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "runtime/deletion_retention.h"
#include "runtime/restore_progress_implementation.h"
#include "topology/topology_implementation.h"

enum {
    BATCH_RECORDS = 1000,
    SLICE_BATCHES = 4,
    RENEWAL_MS = 3600 * 1000,
};

typedef struct input {
    sf_reader *reader;
    int64_t begin;    /* where reading began */
    int64_t end;      /* to be reached before others find the table */
    uint64_t records; /* on the way there */
    bool is_being_restored;
} input;

struct sf_global_feed {
    sf_global_feed_options options;
    const char *name; /* of the store */
    sf_global_store *store;
    input *inputs;    /* one a partition */
    int64_t began_us; /* monotonic */
};

/* ---- where to begin ---- */

static sf_status watermarks(const sf_global_feed *feed, int32_t partition, sf_watermarks *marks,
                            sf_error *err)
{
    sf_retry retry = sf_retry_begin(feed->options.retry);
    sf_status status;

    do
        status = sf_broker_watermarks(feed->options.broker, sf_global_store_topic(feed->store),
                                      partition, marks, err);
    while (sf_retry_again(&retry, &status, err));
    return status;
}

static sf_status check_end(const sf_global_store *store, int32_t partition,
                           const sf_watermarks *marks, sf_error *err)
{
    int64_t position = sf_global_store_position(store, partition);

    if (position <= marks->high)
        return SF_OK;
    return sf_fail(err, SF_CORRUPT,
                   "a global table has %s/%" PRId32 " up to offset %" PRId64
                   ", but the topic ends at %" PRId64
                   ": it was deleted and made anew; reset the application or remove its state",
                   sf_global_store_topic(store), partition, position, marks->high);
}

static sf_status was_long_away(const sf_global_feed *feed, bool *was, sf_error *err)
{
    sf_deletion_retention *retention =
        sf_deletion_retention_new(feed->options.broker, feed->options.store.clock);
    sf_retry retry = sf_retry_begin(feed->options.retry);
    sf_status status;

    do
        status = sf_deletion_retention_outlived(retention, sf_global_store_topic(feed->store),
                                                sf_global_store_written_ms(feed->store), was, err);
    while (sf_retry_again(&retry, &status, err));
    sf_deletion_retention_free(retention);
    return status;
}

/* *reason = NULL: it can be built upon. */
static sf_status find_clearing_reason(const sf_global_feed *feed, const sf_watermarks *marks,
                                      const char **reason, sf_error *err)
{
    bool has_rows = false, was_away = false;
    sf_status status = SF_OK;

    *reason = NULL;
    for (int32_t i = 0; i < sf_global_store_partitions(feed->store); i++) {
        int64_t position = sf_global_store_position(feed->store, i);

        has_rows = has_rows || position >= 0;
        if (position >= 0 && position < marks[i].low)
            *reason = "records were trimmed that it had not seen";
    }
    if (has_rows && !*reason)
        status = was_long_away(feed, &was_away, err);
    if (was_away)
        *reason = "it was away for longer than deletions are kept";
    return status;
}

static sf_status clear(const sf_global_feed *feed, const char *reason, sf_error *err)
{
    sf_log(SF_LOG_WARN, "global table is read from the beginning topic=%s reason=\"%s\"",
           sf_global_store_topic(feed->store), reason);
    return sf_global_store_clear(feed->store, err);
}

/* ---- telling ---- */

static void tell(const sf_global_feed *feed, void (*fn)(void *, const sf_restore_progress *),
                 int32_t partition)
{
    const input *from = &feed->inputs[partition];
    int64_t position = sf_reader_position(from->reader); /* -1 at first; later records come too */
    sf_restore_progress progress = {
        .store = feed->name,
        .topic = sf_global_store_topic(feed->store),
        .partition = partition,
        .begin = from->begin,
        .position = position < from->begin ? from->begin
                    : position < from->end ? position
                                           : from->end,
        .end = from->end,
        .records = from->records,
        .elapsed_ms = (sf_clock_monotonic_us(feed->options.store.clock) - feed->began_us) / 1000,
    };

    if (!fn)
        return;
    progress.left_ms = sf_restore_progress_left_ms(&progress);
    fn(feed->options.listener->user, &progress);
}

static void tell_progress(sf_global_feed *feed, int32_t partition, uint64_t taken)
{
    const sf_restore_listener *listener = feed->options.listener;
    input *from = &feed->inputs[partition];

    if (!from->is_being_restored)
        return;
    from->records += taken;
    if (taken)
        tell(feed, listener->advanced, partition);
    if (sf_reader_position(from->reader) < from->end)
        return;
    from->is_being_restored = false;
    tell(feed, listener->ended, partition);
}

/* ---- opening ---- */

static sf_status add_reader(sf_global_feed *feed, int32_t partition, sf_error *err)
{
    sf_retry retry = sf_retry_begin(feed->options.retry);
    input *from = &feed->inputs[partition];
    sf_status status;

    do
        status = sf_consumer_add(feed->options.consumer, sf_global_store_topic(feed->store),
                                 partition, from->begin, &from->reader, err);
    while (sf_retry_again(&retry, &status, err));
    if (!status && from->begin < from->end) {
        from->is_being_restored = true;
        tell(feed, feed->options.listener->began, partition);
    }
    return status;
}

static sf_status add_readers(sf_global_feed *feed, const sf_watermarks *marks, sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(feed->store) && !status; i++) {
        int64_t position = sf_global_store_position(feed->store, i);

        feed->inputs[i].begin = position < marks[i].low ? marks[i].low : position;
        feed->inputs[i].end = marks[i].last_stable;
        status = add_reader(feed, i, err);
    }
    return status;
}

static sf_status begin(sf_global_feed *feed, sf_watermarks *marks, sf_error *err)
{
    const char *reason = NULL;
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(feed->store) && !status; i++) {
        status = watermarks(feed, i, &marks[i], err);
        if (!status)
            status = check_end(feed->store, i, &marks[i], err);
    }
    if (!status)
        status = find_clearing_reason(feed, marks, &reason, err);
    if (!status && reason)
        status = clear(feed, reason, err);
    return status ? status : add_readers(feed, marks, err);
}

sf_status sf_global_feed_open(const sf_global_feed_options *options, sf_global_feed **feed,
                              sf_error *err)
{
    const sf_global_store_options *store = &options->store;
    size_t partitions = (size_t)store->partitions;
    sf_global_feed *made = sf_zalloc(sizeof(*made));
    sf_watermarks *marks = sf_zalloc(partitions * sizeof(marks[0]));
    sf_status status = sf_global_store_open(store, &made->store, err);

    made->options = *options;
    made->name = store->topology->globals[store->global].options.name;
    made->inputs = sf_zalloc(partitions * sizeof(made->inputs[0]));
    made->began_us = sf_clock_monotonic_us(store->clock);
    if (!status)
        status = begin(made, marks, err);
    free(marks);
    if (status)
        sf_global_feed_close(made);
    else
        *feed = made;
    return status;
}

void sf_global_feed_close(sf_global_feed *feed)
{
    if (!feed)
        return;
    sf_global_store_close(feed->store);
    free(feed->inputs);
    free(feed);
}

/* ---- records ---- */

static sf_status take_batch(sf_global_feed *feed, int32_t partition, uint64_t *taken, sf_error *err)
{
    sf_record_batch *batch = NULL;
    uint64_t count;
    sf_status status = sf_reader_read(feed->inputs[partition].reader, BATCH_RECORDS, &batch, err);

    if (status == SF_RETRY)
        return SF_OK; /* the broker is away: the next step asks again */
    if (status || !batch)
        return status;
    count = batch->count;
    status = sf_global_store_take(feed->store, partition, batch, err);
    if (!status)
        *taken += count;
    return status;
}

static sf_status take_slice(sf_global_feed *feed, int32_t partition, uint64_t *taken, sf_error *err)
{
    uint64_t before = *taken, last;
    int batches = 0;
    sf_status status;

    do {
        last = *taken;
        status = take_batch(feed, partition, taken, err);
        batches++;
    } while (!status && *taken > last && batches < SLICE_BATCHES);
    if (!status)
        tell_progress(feed, partition, *taken - before);
    return status;
}

sf_status sf_global_feed_step(sf_global_feed *feed, uint64_t *taken, sf_error *err)
{
    sf_status status = SF_OK;

    *taken = 0;
    for (int32_t i = 0; i < sf_global_store_partitions(feed->store) && !status; i++)
        status = take_slice(feed, i, taken, err);
    return status;
}

/* ---- time away ---- */

static sf_status look_for_end(const sf_global_feed *feed, bool *is_at_end, sf_error *err)
{
    sf_status status = SF_OK;

    *is_at_end = true;
    for (int32_t i = 0; i < sf_global_store_partitions(feed->store) && !status; i++) {
        sf_watermarks marks;

        status = sf_broker_watermarks(feed->options.broker, sf_global_store_topic(feed->store), i,
                                      &marks, err);
        if (!status && sf_reader_position(feed->inputs[i].reader) < marks.last_stable)
            *is_at_end = false;
    }
    return status;
}

sf_status sf_global_feed_renew(sf_global_feed *feed, sf_error *err)
{
    int64_t age_ms =
        sf_clock_now_ms(feed->options.store.clock) - sf_global_store_written_ms(feed->store);
    bool is_at_end = false;
    sf_status status = SF_OK;

    if (age_ms < RENEWAL_MS)
        return SF_OK;
    status = look_for_end(feed, &is_at_end, err);
    if (status == SF_RETRY)
        return SF_OK; /* not now */
    if (status || !is_at_end)
        return status;
    return sf_global_store_reached(feed->store, 0, sf_reader_position(feed->inputs[0].reader), err);
}

/* ---- the whole ---- */

bool sf_global_feed_is_whole(const sf_global_feed *feed)
{
    for (int32_t i = 0; i < sf_global_store_partitions(feed->store); i++)
        if (sf_reader_position(feed->inputs[i].reader) < feed->inputs[i].end)
            return false;
    return true;
}

/* Positions behind markers are kept too: a start finds nothing to read then. */
sf_status sf_global_feed_publish(sf_global_feed *feed, sf_error *err)
{
    sf_status status = SF_OK;

    for (int32_t i = 0; i < sf_global_store_partitions(feed->store) && !status; i++)
        status = sf_global_store_reached(feed->store, i, sf_reader_position(feed->inputs[i].reader),
                                         err);
    if (!status)
        sf_global_store_publish(feed->store);
    return status;
}
