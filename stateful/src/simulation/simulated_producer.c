#include "simulation/simulated_producer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "simulation/simulated_consumer.h"

enum {
    QUEUE_RECORDS = 5000,
    USUAL_TRANSACTION_MS = 10000,
};

typedef struct client_topic {
    sf_producer_topic base;
    char *name;
    int32_t partitions;
    int64_t *ends; /* by partition */
} client_topic;

typedef struct waiting_record {
    client_topic *topic;
    int32_t partition;
    sf_record record; /* in the arena */
    void *tag;
} waiting_record;

typedef struct simulated_producer {
    sf_producer base;
    sf_simulated_host *host;
    char *id; /* NULL: no transactions */
    int32_t epoch;
    void (*on_delivery)(void *user, const sf_delivery *delivery);
    void *user;
    client_topic **topics;
    size_t topic_count;
    waiting_record *waiting;
    size_t waiting_count;
    size_t waiting_capacity;
    sf_arena *arena; /* of the waiting records */
    bool is_open;    /* a transaction is, as this client sees it */
    bool is_known;   /* the coordinator knows of it */
    bool is_fenced;
    bool has_failed; /* a delivery since the last begin, flush or abort */
    sf_error failure;
} simulated_producer;

static simulated_producer *of(sf_producer *producer)
{
    return (simulated_producer *)producer;
}

static sf_simulated_cluster *cluster_of(const simulated_producer *producer)
{
    return producer->host->cluster;
}

static int64_t now_ms(const simulated_producer *producer)
{
    return sf_simulated_cluster_now_ms(cluster_of(producer));
}

static sf_transaction_producer identity(const simulated_producer *producer)
{
    return (sf_transaction_producer){producer->id, producer->epoch};
}

static sf_status fenced(simulated_producer *producer, sf_error *err)
{
    producer->is_fenced = true;
    return sf_fail_with(err, SF_REBUILD_TASK, SF_FENCED, "a newer producer took the place of %s",
                        producer->id);
}

/* ---- life ---- */

static void forget_waiting(simulated_producer *producer)
{
    producer->waiting_count = 0;
    sf_arena_reset(producer->arena);
}

static void producer_close(sf_producer *base)
{
    simulated_producer *producer = of(base);

    for (size_t i = 0; i < producer->topic_count; i++) {
        free(producer->topics[i]->name);
        free(producer->topics[i]->ends);
        free(producer->topics[i]);
    }
    free(producer->topics);
    free(producer->waiting);
    sf_arena_free(producer->arena);
    free(producer->id);
    free(producer);
}

static sf_status topic_open(sf_producer *base, const char *name, sf_producer_topic **topic,
                            sf_error *err)
{
    simulated_producer *producer = of(base);
    const sf_simulated_topic *found;
    client_topic *made;

    for (size_t i = 0; i < producer->topic_count; i++) {
        if (!strcmp(producer->topics[i]->name, name)) {
            *topic = &producer->topics[i]->base;
            return SF_OK;
        }
    }
    if (sf_simulated_host_call(producer->host, false))
        return sf_simulated_host_no_answer(producer->host, err);
    found = sf_simulated_cluster_topic(cluster_of(producer), name);
    if (!found)
        return sf_fail(err, SF_NOT_FOUND, "there is no topic %s to send to", name);
    made = sf_zalloc(sizeof(*made));
    made->base.ops = base->ops;
    made->name = sf_text_copy(name);
    made->partitions = found->partitions;
    made->ends = sf_alloc((size_t)found->partitions * sizeof(made->ends[0]));
    for (int32_t p = 0; p < found->partitions; p++)
        made->ends[p] = SF_OFFSET_NONE;
    producer->topics =
        sf_realloc_array(producer->topics, producer->topic_count + 1, sizeof(producer->topics[0]));
    producer->topics[producer->topic_count++] = made;
    *topic = &made->base;
    return SF_OK;
}

static int64_t topic_end_offset(sf_producer_topic *base, int32_t partition)
{
    const client_topic *topic = (const client_topic *)base;

    return partition >= 0 && partition < topic->partitions ? topic->ends[partition]
                                                           : SF_OFFSET_NONE;
}

/* ---- deliveries ---- */

static void fail_delivery(simulated_producer *producer, sf_status status, sf_code code,
                          const char *why)
{
    if (producer->has_failed)
        return;
    producer->has_failed = true;
    (void)sf_fail_with(&producer->failure, status, code, "a record was not delivered: %s", why);
}

static void tell(const simulated_producer *producer, const waiting_record *waiting, int64_t offset)
{
    sf_delivery delivery = {
        .tag = waiting->tag,
        .topic = waiting->topic->name,
        .partition = waiting->partition,
        .offset = offset,
    };

    if (offset < 0) {
        delivery.status = SF_ABORT_COMMIT;
        delivery.error = producer->failure.text;
    }
    if (producer->on_delivery && !producer->host->is_dead)
        producer->on_delivery(producer->user, &delivery);
}

/* The part of the transaction that the record belongs to, *piece NULL without one. The client itself
 * waits while the transaction before is being ended. */
static bool find_piece(simulated_producer *producer, sf_simulated_log *log,
                       sf_simulated_piece **piece)
{
    sf_transaction_producer self = identity(producer);
    sf_transaction_answer answer;

    *piece = NULL;
    if (!producer->id)
        return true;
    while ((answer = sf_simulated_transactions_piece(cluster_of(producer)->transactions, &self, log,
                                                     now_ms(producer), piece)) ==
           SF_TRANSACTION_BUSY)
        sf_simulated_cluster_advance(cluster_of(producer), 1000);
    producer->is_known = producer->is_known || answer == SF_TRANSACTION_FINE;
    return answer == SF_TRANSACTION_FINE;
}

static void deliver_one(simulated_producer *producer, const waiting_record *waiting)
{
    sf_simulated_log *log =
        sf_simulated_cluster_log(cluster_of(producer), waiting->topic->name, waiting->partition);
    sf_simulated_piece *piece;
    int64_t offset = SF_OFFSET_NONE;

    if (!log) {
        fail_delivery(producer, SF_STOP, SF_NOT_FOUND, "its topic is gone");
    } else if (producer->has_failed && producer->id) {
        /* what follows a failure would make a gap: it is dropped with it */
    } else if (!find_piece(producer, log, &piece)) {
        bool is_plain = sf_random_below(&cluster_of(producer)->random, 2) == 0;

        fail_delivery(producer, is_plain ? SF_REBUILD_TASK : SF_ABORT_COMMIT,
                      is_plain ? SF_FENCED : SF_CLOSED, "the producer was fenced");
    } else {
        offset = sf_simulated_log_append(log, &waiting->record, piece);
        waiting->topic->ends[waiting->partition] = offset + 1;
        sf_trace_add(&cluster_of(producer)->trace, "%s/%" PRId32 " %" PRId64 " written by %s",
                     waiting->topic->name, waiting->partition, offset, producer->host->client_id);
        sf_trace_add_bytes(&cluster_of(producer)->trace, waiting->record.key);
        sf_trace_add_bytes(&cluster_of(producer)->trace, waiting->record.value);
    }
    tell(producer, waiting, offset);
}

static void deliver_all(simulated_producer *producer)
{
    for (size_t i = 0; i < producer->waiting_count; i++)
        deliver_one(producer, &producer->waiting[i]);
    forget_waiting(producer);
}

/* ---- sending ---- */

static int32_t partition_for(const simulated_producer *producer, const sf_outgoing *out,
                             const client_topic *topic)
{
    if (out->partition != SF_PARTITION_BY_KEY)
        return out->partition;
    return sf_bytes_is_null(out->record.key)
               ? (int32_t)sf_random_below(&cluster_of(producer)->random,
                                          (uint64_t)topic->partitions)
               : sf_partition_of_key(out->record.key, topic->partitions);
}

static void enqueue(simulated_producer *producer, const sf_outgoing *out)
{
    client_topic *topic = (client_topic *)out->topic;
    waiting_record *place;

    if (producer->waiting_count == producer->waiting_capacity) {
        producer->waiting_capacity = 2 * producer->waiting_capacity + 16;
        producer->waiting = sf_realloc_array(producer->waiting, producer->waiting_capacity,
                                             sizeof(producer->waiting[0]));
    }
    place = &producer->waiting[producer->waiting_count++];
    *place = (waiting_record){
        .topic = topic,
        .partition = partition_for(producer, out, topic),
        .record = sf_record_copy(&out->record, producer->arena),
        .tag = out->tag,
    };
    if (!place->record.timestamp) /* as the door to Kafka does */
        place->record.timestamp = 1;
}

static sf_status producer_send(sf_producer *base, const sf_outgoing *records, size_t count,
                               size_t *sent, sf_error *err)
{
    simulated_producer *producer = of(base);
    size_t done = 0;

    if (producer->host->is_dead) {
        *sent = 0;
        return sf_simulated_host_no_answer(producer->host, err);
    }
    while (done < count && producer->waiting_count < QUEUE_RECORDS)
        enqueue(producer, &records[done++]);
    *sent = done;
    if (sf_random_below(&cluster_of(producer)->random, 4) == 0 &&
        !sf_simulated_host_call(producer->host, false))
        deliver_all(producer);
    if (done < count)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "the queue is full");
    return SF_OK;
}

static void producer_poll(sf_producer *base)
{
    (void)base; /* deliveries are told when they come about */
}

static sf_status take_failure(simulated_producer *producer, sf_error *err)
{
    if (!producer->has_failed)
        return SF_OK;
    producer->has_failed = false;
    return sf_fail_with(err, producer->failure.status, producer->failure.code, "%s",
                        producer->failure.text);
}

static sf_status producer_flush(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, false);

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (fate != SF_CALL_LOST)
        deliver_all(producer);
    if (fate)
        return sf_simulated_host_no_answer(producer->host, err);
    return take_failure(producer, err);
}

/* ---- transactions ---- */

static sf_status producer_begin(sf_producer *base, sf_error *err)
{
    simulated_producer *producer = of(base);

    if (producer->host->is_dead)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    if (producer->is_open)
        return sf_fail(err, SF_INVALID, "a transaction is open already");
    producer->is_open = true;
    producer->is_known = false;
    producer->has_failed = false;
    return SF_OK;
}

static sf_status refuse_positions(sf_group_answer answer, sf_error *err)
{
    static const char *const sentences[] = {
        [SF_GROUP_REBALANCE_IN_PROGRESS] = "the group rebalances",
        [SF_GROUP_ILLEGAL_GENERATION] = "the generation is over",
        [SF_GROUP_UNKNOWN_MEMBER] = "the member is not known",
        [SF_GROUP_FENCED_INSTANCE] = "a newer member has this instance id",
    };

    if (answer == SF_GROUP_FENCED_INSTANCE)
        return sf_fail(err, SF_FENCED, "positions are refused: %s", sentences[answer]);
    if (answer == SF_GROUP_REBALANCE_IN_PROGRESS)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "positions are refused: %s", sentences[answer]);
    return sf_fail_with(err, SF_ABORT_COMMIT, SF_BROKER, "positions are refused: %s",
                        sentences[answer]);
}

static sf_status hold(simulated_producer *producer, sf_simulated_group *group,
                      const sf_group_identity *who, const sf_offset *offset, sf_error *err)
{
    sf_transaction_producer self = identity(producer);
    sf_transaction_answer answer;

    while ((answer = sf_simulated_transactions_hold(
                cluster_of(producer)->transactions, &self, sf_simulated_group_positions(group), who,
                offset, now_ms(producer))) == SF_TRANSACTION_BUSY)
        sf_simulated_cluster_advance(cluster_of(producer), 1000);
    if (answer == SF_TRANSACTION_FENCED)
        return fenced(producer, err);
    producer->is_known = true;
    return SF_OK;
}

static sf_status send_offsets(sf_producer *base, const sf_offset *offsets, size_t count,
                              const sf_group_token *token, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, true);
    sf_simulated_group *group = sf_simulated_token_group(token);
    sf_group_identity who = sf_simulated_token_identity(token);
    sf_group_answer answer;
    sf_status status = SF_OK;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    answer = sf_simulated_group_check(group, &who, true);
    if (answer)
        return refuse_positions(answer, err);
    for (size_t i = 0; !status && i < count; i++) {
        if (offsets[i].offset >= 0)
            status = hold(producer, group, &who, &offsets[i], err);
    }
    if (status)
        return status;
    return fate ? sf_simulated_host_no_answer(producer->host, err) : SF_OK;
}

/* An empty one never reaches the broker, and so no fence. */
static sf_status end_known(simulated_producer *producer, bool commit, sf_error *err)
{
    sf_transaction_producer self = identity(producer);

    if (!producer->is_known)
        return SF_OK;
    return sf_simulated_transactions_end(cluster_of(producer)->transactions, &self, commit,
                                         now_ms(producer)) == SF_TRANSACTION_FENCED
               ? fenced(producer, err)
               : SF_OK;
}

static void close_transaction(simulated_producer *producer)
{
    producer->is_open = false;
    producer->is_known = false;
    producer->has_failed = false;
    forget_waiting(producer);
}

static sf_status producer_commit(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, true);
    sf_status status;

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    if (!producer->is_open)
        return sf_fail(err, SF_INVALID, "no transaction is open");
    deliver_all(producer);
    if (producer->has_failed)
        return sf_fail_with(err, SF_ABORT_COMMIT, producer->failure.code, "%s",
                            producer->failure.text);
    status = end_known(producer, true, err);
    if (status)
        return status;
    if (fate)
        return sf_simulated_host_no_answer(producer->host, err);
    close_transaction(producer);
    return SF_OK;
}

static sf_status producer_abort(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, true);
    sf_status status;

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    forget_waiting(producer);
    status = end_known(producer, false, err);
    if (status)
        return status;
    if (fate)
        return sf_simulated_host_no_answer(producer->host, err);
    close_transaction(producer);
    return SF_OK;
}

/* ---- a new one ---- */

static const sf_producer_ops ops = {
    .close = producer_close,
    .topic_open = topic_open,
    .send = producer_send,
    .poll = producer_poll,
    .flush = producer_flush,
    .end_offset = topic_end_offset,
    .begin = producer_begin,
    .send_offsets = send_offsets,
    .commit = producer_commit,
    .abort = producer_abort,
};

/* Takes the transactional id over. */
static sf_status init_transactions(sf_simulated_host *host, const sf_producer_options *options,
                                   int32_t *epoch, sf_error *err)
{
    sf_simulated_cluster *cluster = host->cluster;
    sf_call_fate fate = sf_simulated_host_call(host, true);
    sf_transaction_answer answer;

    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(host, err);
    answer = sf_simulated_transactions_init(
        cluster->transactions, options->transactional_id,
        options->transaction_timeout_ms ? options->transaction_timeout_ms : USUAL_TRANSACTION_MS,
        sf_simulated_cluster_now_ms(cluster), epoch);
    if (answer == SF_TRANSACTION_BUSY)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "the transaction before is being ended");
    return fate ? sf_simulated_host_no_answer(host, err) : SF_OK;
}

sf_status sf_simulated_producer_new(sf_simulated_host *host, const sf_producer_options *options,
                                    sf_producer **producer, sf_error *err)
{
    int32_t epoch = 0;
    simulated_producer *made;
    sf_status status = SF_OK;

    if (host->is_dead)
        return sf_simulated_host_no_answer(host, err);
    if (options->transactional_id)
        status = init_transactions(host, options, &epoch, err);
    if (status)
        return status;
    made = sf_zalloc(sizeof(*made));
    made->base.ops = &ops;
    made->host = host;
    made->id = sf_text_copy(options->transactional_id);
    made->epoch = epoch;
    made->on_delivery = options->on_delivery;
    made->user = options->user;
    made->arena = sf_arena_new();
    *producer = &made->base;
    return SF_OK;
}
