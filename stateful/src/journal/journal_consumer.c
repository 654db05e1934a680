#include "journal/journal_consumer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "journal/cursors.h"
#include "journal/group_offsets.h"

enum {
    QUEUE_SIZE = 1024 * 1024,
    STEPS_A_READ = 16, /* some 4 MB of log: then others get their turn */
};

typedef struct journal_consumer journal_consumer;

typedef struct journal_reader {
    sf_reader reader; /* first: it is one */
    journal_consumer *consumer;
    const sf_journal_topic *topic; /* the catalog's */
    int64_t position;
    sf_follower follower;
    struct journal_reader *next;
} journal_reader;

struct journal_consumer {
    sf_consumer consumer; /* first: it is one */
    sf_shared_log *log;   /* borrowed */
    char *group;          /* NULL: none */
    size_t queue_size_bytes;
    journal_reader *readers;
    sf_cursors cursors;
    sf_log_waiter waiter;
    sf_batch_pool *batches;
    sf_arena *committed_texts;

    sf_rebalance_listener listener; /* of the subscription, if partitions is not NULL */
    int32_t *partitions;
    size_t partition_count;
};

typedef struct journal_token {
    sf_group_token token; /* first: it is one */
    char *group;
} journal_token;

static const sf_consumer_ops consumer_ops;

static journal_consumer *consumer_of(sf_consumer *consumer)
{
    return (journal_consumer *)consumer;
}

static journal_reader *reader_of(sf_reader *reader)
{
    return (journal_reader *)reader;
}

static const journal_reader *const_reader_of(const sf_reader *reader)
{
    return (const journal_reader *)reader;
}

static const sf_journal_partition *partition_of(const journal_reader *reader)
{
    return &reader->topic->partitions[reader->follower.target.partition];
}

sf_status sf_journal_consumer_new(sf_shared_log *log, const sf_consumer_options *options,
                                  sf_consumer **consumer, sf_error *err)
{
    static const sf_consumer_options usual = {0};
    const sf_consumer_options *given = options ? options : &usual;
    journal_consumer *made = sf_zalloc(sizeof(*made));
    sf_status status = sf_log_waiter_init(&made->waiter, sf_shared_log_storage(log), err);

    if (status) {
        free(made);
        return status;
    }
    made->consumer.ops = &consumer_ops;
    made->log = log;
    made->group = sf_text_copy(given->group);
    made->queue_size_bytes = given->queue_size_bytes ? given->queue_size_bytes : QUEUE_SIZE;
    made->batches = sf_batch_pool_new();
    made->committed_texts = sf_arena_new();
    sf_cursors_init(&made->cursors, sf_shared_log_storage(log));
    sf_shared_log_add_waiter(log, &made->waiter);
    *consumer = &made->consumer;
    return SF_OK;
}

/* ---- the group, which has one member here ---- */

static void revoke(journal_consumer *consumer)
{
    if (!consumer->partitions)
        return;
    if (consumer->listener.revoked)
        consumer->listener.revoked(consumer->listener.user, consumer->partitions,
                                   consumer->partition_count, false);
    free(consumer->partitions);
    consumer->partitions = NULL;
}

static sf_status journal_subscribe(sf_consumer *subscriber, const char *topic,
                                   const sf_rebalance_listener *listener, sf_error *err)
{
    journal_consumer *consumer = consumer_of(subscriber);
    sf_journal_topic *found;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(consumer->log, &catalog, err);

    if (status)
        return status;
    status = sf_catalog_partition(catalog, topic, 0, &found, err);
    sf_shared_log_unlock(consumer->log);
    if (status)
        return status;
    revoke(consumer);
    consumer->listener = *listener;
    consumer->partition_count = (size_t)found->partition_count;
    consumer->partitions =
        sf_realloc_array(NULL, consumer->partition_count, sizeof(*consumer->partitions));
    for (size_t i = 0; i < consumer->partition_count; i++)
        consumer->partitions[i] = (int32_t)i;
    if (listener->assigned)
        listener->assigned(listener->user, consumer->partitions, consumer->partition_count);
    return SF_OK;
}

static sf_status journal_poll(sf_consumer *consumer, sf_error *err)
{
    return sf_shared_log_refresh(consumer_of(consumer)->log, err);
}

static sf_status fail_without_group(sf_error *err)
{
    return sf_fail(err, SF_INVALID, "a consumer without a group has no committed offsets");
}

static sf_status journal_committed(sf_consumer *asking, sf_offset *offsets, size_t count,
                                   int32_t timeout_ms, sf_error *err)
{
    journal_consumer *consumer = consumer_of(asking);
    sf_catalog *catalog;
    sf_status status;

    (void)timeout_ms; /* no transaction of a predecessor is ever open */
    if (!consumer->group)
        return fail_without_group(err);
    status = sf_shared_log_lock_fresh(consumer->log, &catalog, err);
    if (status)
        return status;
    sf_arena_reset(consumer->committed_texts);
    sf_group_offsets_find(catalog, consumer->group, offsets, count, consumer->committed_texts);
    sf_shared_log_unlock(consumer->log);
    return SF_OK;
}

static sf_status append_offsets(journal_consumer *consumer, const sf_offset *offsets, size_t count,
                                int64_t *end, sf_error *err)
{
    sf_buffer facts = SF_BUFFER_EMPTY;
    sf_catalog *catalog;
    sf_status status = sf_shared_log_begin_append(consumer->log, &catalog, err);

    if (status)
        return status;
    status = sf_group_offsets_add(catalog, consumer->group, offsets, count, &facts, err);
    if (!status)
        status = sf_shared_log_append_facts(consumer->log, &facts, err);
    *end = sf_shared_log_end_append(consumer->log);
    sf_buffer_done(&facts);
    return status;
}

static sf_status journal_commit(sf_consumer *committing, const sf_offset *offsets, size_t count,
                                sf_error *err)
{
    journal_consumer *consumer = consumer_of(committing);
    sf_status status;
    int64_t end;

    if (!consumer->group)
        return fail_without_group(err);
    if (!count)
        return SF_OK;
    status = append_offsets(consumer, offsets, count, &end, err);
    return status ? status : sf_shared_log_sync(consumer->log, end, err);
}

static void token_free(sf_group_token *token)
{
    free(((journal_token *)token)->group);
    free(token);
}

static sf_group_token *journal_token_of(sf_consumer *consumer)
{
    journal_token *token = sf_zalloc(sizeof(*token));

    token->token.free = token_free;
    token->group = sf_text_copy(consumer_of(consumer)->group);
    return &token->token;
}

const char *sf_journal_token_group(const sf_group_token *token)
{
    return ((const journal_token *)token)->group;
}

/* ---- readers ---- */

/* The offset meant, and a place in the log before its record. */
static sf_status find_place(journal_reader *reader, int64_t offset, int64_t *start,
                            sf_log_place *place, sf_error *err)
{
    sf_shared_log *log = reader->consumer->log;
    const sf_journal_partition *partition = partition_of(reader);
    sf_catalog *catalog;
    sf_status status;
    bool is_at_end;

    if (offset < 0 && offset != SF_OFFSET_BEGINNING && offset != SF_OFFSET_END)
        return sf_fail(err, SF_INVALID, "%lld is no offset to read %s-%d from", (long long)offset,
                       reader->topic->name, (int)reader->follower.target.partition);
    status = sf_shared_log_lock_fresh(log, &catalog, err);
    if (status)
        return status;
    if (offset == SF_OFFSET_BEGINNING)
        offset = atomic_load(&partition->low);
    else if (offset == SF_OFFSET_END)
        offset = atomic_load(&partition->next);
    is_at_end = offset >= atomic_load(&partition->next);
    *place = sf_shared_log_end_place(log);
    sf_shared_log_unlock(log);
    *start = offset;
    if (is_at_end)
        return SF_OK;
    return sf_log_search_offset(sf_shared_log_storage(log), reader->follower.target, offset, place,
                                err);
}

static void start_at(journal_reader *reader, int64_t start, sf_log_place place)
{
    reader->position = start;
    reader->follower.wanted = start;
    sf_cursors_add(&reader->consumer->cursors, &reader->follower, place);
}

static sf_status find_topic(journal_consumer *consumer, const char *name, int32_t partition,
                            sf_journal_topic **topic, sf_error *err)
{
    sf_catalog *catalog;
    sf_status status = sf_shared_log_lock_fresh(consumer->log, &catalog, err);

    if (status)
        return status;
    status = sf_catalog_partition(catalog, name, partition, topic, err);
    sf_shared_log_unlock(consumer->log);
    return status;
}

static sf_status journal_add(sf_consumer *adding, const char *name, int32_t partition,
                             int64_t offset, sf_reader **reader, sf_error *err)
{
    journal_consumer *consumer = consumer_of(adding);
    sf_journal_topic *topic;
    journal_reader *made;
    sf_log_place place;
    sf_status status = find_topic(consumer, name, partition, &topic, err);
    int64_t start;

    if (status)
        return status;
    made = sf_zalloc(sizeof(*made));
    made->reader.ops = &consumer_ops;
    made->consumer = consumer;
    made->topic = topic;
    made->follower.target = (sf_log_target){topic->id, partition};
    made->follower.queue_size_bytes = consumer->queue_size_bytes;
    status = find_place(made, offset, &start, &place, err);
    if (status) {
        free(made);
        return status;
    }
    start_at(made, start, place);
    made->next = consumer->readers;
    consumer->readers = made;
    *reader = &made->reader;
    return SF_OK;
}

static void journal_remove(sf_consumer *removing, sf_reader *removed)
{
    journal_consumer *consumer = consumer_of(removing);
    journal_reader *reader = reader_of(removed);
    journal_reader **link = &consumer->readers;

    while (*link != reader)
        link = &(*link)->next;
    *link = reader->next;
    sf_cursors_remove(&consumer->cursors, &reader->follower);
    sf_block_queue_done(&reader->follower.queue);
    free(reader);
}

static sf_status journal_seek(sf_reader *seeking, int64_t offset, sf_error *err)
{
    journal_reader *reader = reader_of(seeking);
    sf_log_place place;
    int64_t start;
    sf_status status = find_place(reader, offset, &start, &place, err);

    if (status)
        return status;
    sf_cursors_remove(&reader->consumer->cursors, &reader->follower);
    sf_block_queue_clear(&reader->follower.queue);
    reader->follower.is_announced = false;
    start_at(reader, start, place);
    return SF_OK;
}

static bool is_off_the_log(const journal_reader *reader)
{
    const sf_journal_partition *partition = partition_of(reader);

    return atomic_load(&reader->topic->is_deleted) ||
           reader->position < atomic_load(&partition->low) ||
           reader->position > atomic_load(&partition->next);
}

static sf_status fail_off_the_log(const journal_reader *reader, sf_error *err)
{
    const sf_journal_partition *partition = partition_of(reader);
    int number = reader->follower.target.partition;
    const char *topic = reader->topic->name;

    if (atomic_load(&reader->topic->is_deleted))
        return sf_fail(err, SF_NOT_FOUND, "topic %s was deleted", topic);
    if (reader->position < atomic_load(&partition->low))
        return sf_fail(
            err, SF_NOT_FOUND, "offset %lld of %s-%d is not there any more: it begins at %lld",
            (long long)reader->position, topic, number, (long long)atomic_load(&partition->low));
    return sf_fail(err, SF_NOT_FOUND,
                   "offset %lld of %s-%d is not there yet: it ends at %lld, so the log was "
                   "replaced or has lost its end",
                   (long long)reader->position, topic, number,
                   (long long)atomic_load(&partition->next));
}

static bool has_log_to_read(const journal_reader *reader)
{
    return sf_follower_log_position(&reader->follower) < sf_shared_log_end(reader->consumer->log);
}

/* Reads on for a reader that has nothing queued, for a while. */
static sf_status fill_queue(journal_reader *reader, sf_error *err)
{
    journal_consumer *consumer = reader->consumer;
    sf_status status = SF_OK;

    for (int step = 0;
         !status && step < STEPS_A_READ && !reader->follower.queue.count && has_log_to_read(reader);
         step++)
        status = sf_cursors_advance(&consumer->cursors, &reader->follower,
                                    sf_shared_log_end(consumer->log), err);
    return status;
}

static sf_status journal_read(sf_reader *reading, size_t max, sf_record_batch **batch,
                              sf_error *err)
{
    journal_reader *reader = reader_of(reading);
    sf_block_queue *queue = &reader->follower.queue;
    sf_status status = SF_OK;

    if (!queue->count && !has_log_to_read(reader))
        status = sf_shared_log_refresh(reader->consumer->log, err);
    if (status)
        return status;
    if (is_off_the_log(reader))
        return fail_off_the_log(reader, err);
    if (!queue->count)
        status = fill_queue(reader, err);
    if (status)
        return status;
    reader->follower.is_announced = false;
    return sf_block_queue_take(queue, reader->consumer->batches, max, &reader->position, batch,
                               err);
}

static bool journal_is_ready(const sf_reader *asked)
{
    const journal_reader *reader = const_reader_of(asked);

    return reader->follower.queue.count || has_log_to_read(reader) || is_off_the_log(reader);
}

static int64_t journal_position(const sf_reader *reader)
{
    return const_reader_of(reader)->position;
}

/* ---- waiting ---- */

/* Whether some reader has what no wait has ended for yet. */
static bool announce(journal_consumer *consumer)
{
    bool has_news = false;

    for (journal_reader *reader = consumer->readers; reader; reader = reader->next) {
        if (!reader->follower.queue.count && !is_off_the_log(reader))
            continue;
        has_news |= !reader->follower.is_announced;
        reader->follower.is_announced = true;
    }
    return has_news;
}

/* Reads on for all that lack something, so that only what is theirs ends the wait. */
static sf_status fill_queues(journal_consumer *consumer)
{
    sf_status status = sf_shared_log_refresh(consumer->log, NULL);

    for (journal_reader *reader = consumer->readers; !status && reader; reader = reader->next)
        if (!reader->follower.queue.count)
            status = fill_queue(reader, NULL);
    return status;
}

static bool all_have_read_all(const journal_consumer *consumer)
{
    for (const journal_reader *reader = consumer->readers; reader; reader = reader->next)
        if (!reader->follower.queue.count && has_log_to_read(reader))
            return false;
    return true;
}

/* Looks for news; if there are none, sleeps for a while. True when the wait is over. */
static bool wait_once(journal_consumer *consumer, int64_t left_ms)
{
    sf_log_waiter_prepare(&consumer->waiter);
    if (sf_log_waiter_take_wake(&consumer->waiter) || fill_queues(consumer) || announce(consumer) ||
        !left_ms) { /* a failure is told by the next read */
        sf_log_waiter_leave(&consumer->waiter);
        return true;
    }
    if (all_have_read_all(consumer))
        sf_log_waiter_sleep(&consumer->waiter, left_ms);
    return false;
}

static void journal_wait(sf_consumer *waiting, int32_t timeout_ms)
{
    sf_clock *clock = sf_clock_system(); /* the sleep is real, whatever clock records go by */
    int64_t end_us = sf_clock_monotonic_us(clock) + (int64_t)timeout_ms * 1000;
    int64_t left_ms = timeout_ms;

    while (!wait_once(consumer_of(waiting), left_ms))
        if (timeout_ms >= 0) {
            left_ms = (end_us - sf_clock_monotonic_us(clock) + 999) / 1000;
            left_ms = left_ms > 0 ? left_ms : 0;
        }
}

static void journal_wake(sf_consumer *consumer)
{
    sf_log_waiter_wake(&consumer_of(consumer)->waiter);
}

static void journal_close(sf_consumer *closing)
{
    journal_consumer *consumer = consumer_of(closing);

    revoke(consumer);
    while (consumer->readers)
        journal_remove(closing, &consumer->readers->reader);
    sf_shared_log_remove_waiter(consumer->log, &consumer->waiter);
    sf_log_waiter_done(&consumer->waiter);
    sf_cursors_done(&consumer->cursors);
    sf_batch_pool_close(consumer->batches);
    sf_arena_free(consumer->committed_texts);
    free(consumer->group);
    free(consumer);
}

static const sf_consumer_ops consumer_ops = {
    .close = journal_close,
    .subscribe = journal_subscribe,
    .poll = journal_poll,
    .wait = journal_wait,
    .wake = journal_wake,
    .add = journal_add,
    .remove = journal_remove,
    .read = journal_read,
    .is_ready = journal_is_ready,
    .position = journal_position,
    .seek = journal_seek,
    .committed = journal_committed,
    .commit = journal_commit,
    .token = journal_token_of,
};
