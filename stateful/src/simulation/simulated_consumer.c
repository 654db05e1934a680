#include "simulation/simulated_consumer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "simulation/simulated_member.h"
#include "simulation/simulated_reader.h"

typedef struct simulated_consumer {
    sf_consumer base;
    sf_simulated_host *host;
    sf_simulated_member member;
    bool read_uncommitted;
    bool is_woken;
    sf_simulated_reader **readers;
    size_t reader_count;
    sf_arena *texts; /* metadata of the last committed offsets */
} simulated_consumer;

typedef struct simulated_token {
    sf_group_token base;
    sf_simulated_group *group;
    sf_group_identity who;
} simulated_token;

static simulated_consumer *of(sf_consumer *consumer)
{
    return (simulated_consumer *)consumer;
}

static void consumer_close(sf_consumer *base)
{
    simulated_consumer *consumer = of(base);

    sf_simulated_member_done(&consumer->member);
    for (size_t i = 0; i < consumer->reader_count; i++)
        sf_simulated_reader_free(consumer->readers[i]);
    free(consumer->readers);
    sf_arena_free(consumer->texts);
    free(consumer);
}

static sf_status consumer_subscribe(sf_consumer *base, const char *topic,
                                    const sf_rebalance_listener *listener, sf_error *err)
{
    return sf_simulated_member_subscribe(&of(base)->member, topic, listener, err);
}

static sf_status consumer_poll(sf_consumer *base, sf_error *err)
{
    return sf_simulated_member_poll(&of(base)->member, err);
}

static bool has_something(const simulated_consumer *consumer)
{
    for (size_t i = 0; i < consumer->reader_count; i++) {
        if (sf_simulated_reader_is_ready((const sf_reader *)consumer->readers[i]))
            return true;
    }
    return consumer->is_woken;
}

static void consumer_wait(sf_consumer *base, int32_t timeout_ms)
{
    simulated_consumer *consumer = of(base);

    if (!has_something(consumer))
        sf_simulated_host_wait(consumer->host, timeout_ms < 10 ? timeout_ms : 10);
    consumer->is_woken = false;
}

static void consumer_wake(sf_consumer *base)
{
    of(base)->is_woken = true;
}

/* ---- readers ---- */

static sf_status consumer_add(sf_consumer *base, const char *topic, int32_t partition,
                              int64_t offset, sf_reader **reader, sf_error *err)
{
    simulated_consumer *consumer = of(base);
    sf_simulated_reader *made;
    sf_status status;

    for (size_t i = 0; i < consumer->reader_count; i++) {
        if (sf_simulated_reader_is_of(consumer->readers[i], topic, partition))
            return sf_fail(err, SF_EXISTS, "%s-%" PRId32 " is being read already", topic,
                           partition);
    }
    if (sf_simulated_host_call(consumer->host, false))
        return sf_simulated_host_no_answer(consumer->host, err);
    status = sf_simulated_reader_new(
        &(sf_simulated_reader_options){
            .ops = base->ops,
            .host = consumer->host,
            .topic = topic,
            .partition = partition,
            .offset = offset,
            .read_uncommitted = consumer->read_uncommitted,
        },
        &made, err);
    if (status)
        return status;
    consumer->readers =
        sf_realloc_array(consumer->readers, consumer->reader_count + 1, sizeof(made));
    consumer->readers[consumer->reader_count++] = made;
    *reader = (sf_reader *)made;
    if (!consumer->member.group && consumer->host->cluster->on_restore)
        consumer->host->cluster->on_restore(consumer->host->cluster->user, consumer->host, topic,
                                            partition, sf_simulated_reader_position(*reader));
    return SF_OK;
}

static void consumer_remove(sf_consumer *base, sf_reader *reader)
{
    simulated_consumer *consumer = of(base);
    size_t i = 0;

    while ((sf_reader *)consumer->readers[i] != reader)
        i++;
    sf_simulated_reader_free(consumer->readers[i]);
    consumer->readers[i] = consumer->readers[--consumer->reader_count];
}

/* ---- positions of the group ---- */

static sf_status consumer_committed(sf_consumer *base, sf_offset *offsets, size_t count,
                                    int32_t timeout_ms, sf_error *err)
{
    simulated_consumer *consumer = of(base);
    const sf_simulated_positions *positions = sf_simulated_group_positions(consumer->member.group);

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (sf_simulated_host_call(consumer->host, true))
        return sf_simulated_host_no_answer(consumer->host, err);
    for (size_t i = 0; i < count; i++) {
        sf_offset wanted = offsets[i];

        if (!sf_simulated_positions_get(positions, &wanted))
            return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT,
                                "a transaction holds the position of %s/%" PRId32, offsets[i].topic,
                                offsets[i].partition);
    }
    sf_arena_reset(consumer->texts);
    for (size_t i = 0; i < count; i++) {
        (void)sf_simulated_positions_get(positions, &offsets[i]); /* asked above */
        if (offsets[i].metadata)
            offsets[i].metadata = sf_arena_text(consumer->texts, offsets[i].metadata);
    }
    return SF_OK;
}

static sf_status refuse(sf_group_answer answer, sf_error *err)
{
    if (answer == SF_GROUP_FENCED_INSTANCE)
        return sf_fail(err, SF_FENCED, "a newer member has this instance id");
    if (answer == SF_GROUP_REBALANCE_IN_PROGRESS)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "the group rebalances");
    return sf_fail_with(err, SF_ABORT_COMMIT, SF_BROKER, "the member was put out of its group");
}

static sf_status consumer_commit(sf_consumer *base, const sf_offset *offsets, size_t count,
                                 sf_error *err)
{
    simulated_consumer *consumer = of(base);
    sf_call_fate fate = sf_simulated_host_call(consumer->host, true);
    sf_group_identity self = sf_simulated_member_identity(&consumer->member);
    sf_group_answer answer;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(consumer->host, err);
    answer = sf_simulated_group_check(consumer->member.group, &self, false);
    if (answer)
        return refuse(answer, err);
    for (size_t i = 0; i < count; i++) {
        if (offsets[i].offset >= 0)
            sf_simulated_positions_put(sf_simulated_group_positions(consumer->member.group), &self,
                                       &offsets[i]);
    }
    return fate ? sf_simulated_host_no_answer(consumer->host, err) : SF_OK;
}

static void token_free(sf_group_token *base)
{
    simulated_token *token = (simulated_token *)base;

    free((char *)token->who.instance);
    free(token);
}

static sf_group_token *consumer_token(sf_consumer *base)
{
    simulated_consumer *consumer = of(base);
    simulated_token *token;

    if (!consumer->member.group)
        return NULL;
    token = sf_zalloc(sizeof(*token));
    token->base.free = token_free;
    token->group = consumer->member.group;
    token->who = sf_simulated_member_identity(&consumer->member);
    token->who.instance = sf_text_copy(token->who.instance);
    return &token->base;
}

sf_simulated_group *sf_simulated_token_group(const sf_group_token *token)
{
    return ((const simulated_token *)token)->group;
}

sf_group_identity sf_simulated_token_identity(const sf_group_token *token)
{
    return ((const simulated_token *)token)->who;
}

static const sf_consumer_ops ops = {
    .close = consumer_close,
    .subscribe = consumer_subscribe,
    .poll = consumer_poll,
    .wait = consumer_wait,
    .wake = consumer_wake,
    .add = consumer_add,
    .remove = consumer_remove,
    .read = sf_simulated_reader_read,
    .is_ready = sf_simulated_reader_is_ready,
    .position = sf_simulated_reader_position,
    .seek = sf_simulated_reader_seek,
    .committed = consumer_committed,
    .commit = consumer_commit,
    .token = consumer_token,
};

sf_consumer *sf_simulated_consumer_new(sf_simulated_host *host, const sf_consumer_options *options)
{
    simulated_consumer *consumer = sf_zalloc(sizeof(*consumer));

    consumer->base.ops = &ops;
    consumer->host = host;
    consumer->read_uncommitted = options->read_uncommitted;
    consumer->texts = sf_arena_new();
    sf_simulated_member_init(&consumer->member, host, options);
    return &consumer->base;
}
