#include "journal/journal_consumer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "journal/group_offsets.h"
#include "journal/journal_reader.h"

enum { QUEUE_SIZE = 1024 * 1024 };

typedef struct journal_consumer {
    sf_consumer consumer; /* first: it is one */
    sf_shared_log *log;   /* borrowed */
    char *group;          /* NULL: none */
    sf_journal_readers readers;
    sf_log_waiter waiter;
    sf_arena *committed_texts;

    sf_rebalance_listener listener; /* of the subscription, if partitions is not NULL */
    int32_t *partitions;
    size_t partition_count;
} journal_consumer;

typedef struct journal_token {
    sf_group_token token; /* first: it is one */
    char *group;
} journal_token;

static const sf_consumer_ops consumer_ops;

static journal_consumer *consumer_of(sf_consumer *consumer)
{
    return (journal_consumer *)consumer;
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
    made->committed_texts = sf_arena_new();
    sf_journal_readers_init(&made->readers, log, &consumer_ops,
                            given->queue_size_bytes ? given->queue_size_bytes : QUEUE_SIZE);
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
    return status ? status : sf_shared_log_acknowledge(consumer->log, end, err);
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

/* ---- waiting ---- */

/* Takes in what came, so that only what is for its readers ends the wait. */
static sf_status look_for_news(journal_consumer *consumer)
{
    sf_status status = sf_shared_log_refresh(consumer->log, NULL);

    return status ? status : sf_journal_readers_fill(&consumer->readers, NULL);
}

/* Looks for news; if there are none, sleeps for a while. True when the wait is over. */
static bool wait_once(journal_consumer *consumer, int64_t left_ms)
{
    sf_log_waiter_prepare(&consumer->waiter);
    if (sf_log_waiter_take_wake(&consumer->waiter) || look_for_news(consumer) ||
        sf_journal_readers_announce(&consumer->readers) ||
        !left_ms) { /* a failure is told by the next read */
        sf_log_waiter_leave(&consumer->waiter);
        return true;
    }
    if (sf_journal_readers_are_at_end(&consumer->readers))
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
    sf_journal_readers_done(&consumer->readers);
    sf_shared_log_remove_waiter(consumer->log, &consumer->waiter);
    sf_log_waiter_done(&consumer->waiter);
    sf_arena_free(consumer->committed_texts);
    free(consumer->group);
    free(consumer);
}

static sf_status journal_add(sf_consumer *consumer, const char *topic, int32_t partition,
                             int64_t offset, sf_reader **reader, sf_error *err)
{
    return sf_journal_readers_add(&consumer_of(consumer)->readers, topic, partition, offset, reader,
                                  err);
}

static void journal_remove(sf_consumer *consumer, sf_reader *reader)
{
    sf_journal_readers_remove(&consumer_of(consumer)->readers, reader);
}

static const sf_consumer_ops consumer_ops = {
    .close = journal_close,
    .subscribe = journal_subscribe,
    .poll = journal_poll,
    .wait = journal_wait,
    .wake = journal_wake,
    .add = journal_add,
    .remove = journal_remove,
    .read = sf_journal_reader_read,
    .is_ready = sf_journal_reader_is_ready,
    .position = sf_journal_reader_position,
    .end = sf_journal_reader_end,
    .seek = sf_journal_reader_seek,
    .committed = journal_committed,
    .commit = journal_commit,
    .token = journal_token_of,
};
