#include "simulation/simulated_producer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "simulation/simulated_consumer.h"
#include "simulation/simulated_deliveries.h"

enum {
    QUEUE_RECORDS = 5000,
    USUAL_TRANSACTION_MS = 10000,
};

typedef struct simulated_producer {
    sf_producer base;
    sf_simulated_host *host;
    char *id; /* NULL: no transactions */
    int32_t epoch;
    sf_simulated_target **targets;
    size_t target_count;
    sf_simulated_deliveries deliveries;
    bool is_open; /* a transaction is, as this client sees it */
    bool is_fenced;
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

static void producer_close(sf_producer *base)
{
    simulated_producer *producer = of(base);

    sf_simulated_deliveries_done(&producer->deliveries);
    for (size_t i = 0; i < producer->target_count; i++) {
        free(producer->targets[i]->name);
        free(producer->targets[i]->ends);
        free(producer->targets[i]);
    }
    free(producer->targets);
    free(producer->id);
    free(producer);
}

static sf_simulated_target *add_target(simulated_producer *producer, const char *name,
                                       int32_t partitions)
{
    sf_simulated_target *made = sf_zalloc(sizeof(*made));

    made->base.ops = producer->base.ops;
    made->name = sf_text_copy(name);
    made->number = producer->target_count;
    made->partitions = partitions;
    made->ends = sf_alloc((size_t)partitions * sizeof(made->ends[0]));
    for (int32_t p = 0; p < partitions; p++)
        made->ends[p] = SF_OFFSET_NONE;
    producer->targets =
        sf_realloc_array(producer->targets, producer->target_count + 1, sizeof(made));
    producer->targets[producer->target_count++] = made;
    return made;
}

static sf_status topic_open(sf_producer *base, const char *name, sf_producer_topic **topic,
                            sf_error *err)
{
    simulated_producer *producer = of(base);
    const sf_simulated_topic *found;

    for (size_t i = 0; i < producer->target_count; i++) {
        if (!strcmp(producer->targets[i]->name, name)) {
            *topic = &producer->targets[i]->base;
            return SF_OK;
        }
    }
    if (sf_simulated_host_call(producer->host, false))
        return sf_simulated_host_no_answer(producer->host, err);
    found = sf_simulated_cluster_topic(cluster_of(producer), name);
    if (!found)
        return sf_fail(err, SF_NOT_FOUND, "there is no topic %s to send to", name);
    *topic = &add_target(producer, name, found->partitions)->base;
    return SF_OK;
}

static int64_t topic_end_offset(sf_producer_topic *base, int32_t partition)
{
    const sf_simulated_target *target = (const sf_simulated_target *)base;

    return partition >= 0 && partition < target->partitions ? target->ends[partition]
                                                            : SF_OFFSET_NONE;
}

/* ---- sending ---- */

static int32_t partition_for(const simulated_producer *producer, const sf_outgoing *out,
                             const sf_simulated_target *target)
{
    if (out->partition != SF_PARTITION_BY_KEY)
        return out->partition;
    return sf_bytes_is_null(out->record.key)
               ? (int32_t)sf_random_below(&cluster_of(producer)->random,
                                          (uint64_t)target->partitions)
               : sf_partition_of_key(out->record.key, target->partitions);
}

static void enqueue(simulated_producer *producer, const sf_outgoing *out)
{
    sf_simulated_target *target = (sf_simulated_target *)out->topic;
    sf_outgoing placed = *out;

    placed.partition = partition_for(producer, out, target);
    sf_simulated_deliveries_add(&producer->deliveries, target, &placed);
}

/* As far as a call that met this fate gets. */
static void deliver(simulated_producer *producer, sf_call_fate fate)
{
    if (fate != SF_CALL_LOST)
        sf_simulated_deliveries_write(&producer->deliveries, fate == SF_CALL_FINE);
    if (fate == SF_CALL_FINE)
        sf_simulated_deliveries_report(&producer->deliveries);
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
    while (done < count && producer->deliveries.count < QUEUE_RECORDS)
        enqueue(producer, &records[done++]);
    *sent = done;
    if (sf_random_below(&cluster_of(producer)->random, 4) == 0)
        deliver(producer, sf_simulated_host_call(producer->host, false));
    if (done < count)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "the queue is full");
    return SF_OK;
}

static void producer_poll(sf_producer *base)
{
    (void)base; /* deliveries are told when they come about */
}

static sf_status not_all_delivered(const simulated_producer *producer, sf_error *err)
{
    return sf_fail_with(err, SF_RETRY, SF_TIMED_OUT, "%zu records are not delivered yet",
                        producer->deliveries.count);
}

static sf_status producer_flush(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, false);

    (void)timeout_ms; /* an answer comes at once, or not at all */
    deliver(producer, fate);
    if (fate)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->deliveries.count > 0)
        return not_all_delivered(producer, err);
    return sf_simulated_deliveries_take_failure(&producer->deliveries, err);
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
    producer->deliveries.is_known = false;
    producer->deliveries.has_failed = false;
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
    sf_transaction_answer answer = sf_simulated_transactions_hold(
        cluster_of(producer)->transactions, &self, sf_simulated_group_positions(group), who, offset,
        now_ms(producer));

    if (answer == SF_TRANSACTION_FENCED)
        return fenced(producer, err);
    if (answer == SF_TRANSACTION_BUSY)
        return sf_fail_with(err, SF_RETRY, SF_BUSY, "the transaction before is being ended");
    producer->deliveries.is_known = true;
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

/* A request to end a transaction that is on its way. */
typedef struct late_end {
    sf_simulated_cluster *cluster;
    uint64_t transaction;
    bool commit;
} late_end;

static void arrive(void *user, bool in_vain)
{
    late_end *late = user;

    if (!in_vain)
        sf_simulated_transactions_late_end(late->cluster->transactions, late->transaction,
                                           late->commit,
                                           sf_simulated_cluster_now_ms(late->cluster));
    free(late);
}

static void end_later(const simulated_producer *producer, bool commit)
{
    sf_simulated_cluster *cluster = cluster_of(producer);
    sf_transaction_producer self = identity(producer);
    late_end *late = sf_zalloc(sizeof(*late));
    uint64_t most_ms = sf_random_below(&cluster->random, 2) ? 100 : 8000;

    *late = (late_end){
        .cluster = cluster,
        .transaction = sf_simulated_transactions_number(cluster->transactions, &self),
        .commit = commit,
    };
    sf_simulated_cluster_post(
        cluster,
        (sf_simulated_request){
            .due_ms = now_ms(producer) + (int64_t)sf_random_below(&cluster->random, most_ms),
            .arrive = arrive,
            .user = late,
        });
}

/* An empty one never reaches the broker, and so no fence. */
static sf_status end_known(simulated_producer *producer, bool commit, sf_error *err)
{
    sf_transaction_producer self = identity(producer);

    if (!producer->deliveries.is_known)
        return SF_OK;
    return sf_simulated_transactions_end(cluster_of(producer)->transactions, &self, commit,
                                         now_ms(producer)) == SF_TRANSACTION_FENCED
               ? fenced(producer, err)
               : SF_OK;
}

/* A request without an answer is carried out at once, or arrives later. */
static sf_status end(simulated_producer *producer, bool commit, sf_call_fate fate, sf_error *err)
{
    sf_status status = SF_OK;

    if (fate == SF_CALL_UNANSWERED && producer->deliveries.is_known &&
        sf_random_below(&cluster_of(producer)->random, 2))
        end_later(producer, commit);
    else
        status = end_known(producer, commit, err);
    if (!status && fate)
        status = sf_simulated_host_no_answer(producer->host, err);
    if (status)
        return status;
    producer->is_open = false;
    producer->deliveries.is_known = false;
    producer->deliveries.has_failed = false;
    sf_simulated_deliveries_forget(&producer->deliveries);
    return SF_OK;
}

static sf_status producer_commit(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_simulated_deliveries *deliveries = &producer->deliveries;
    sf_call_fate fate = sf_simulated_host_call(producer->host, true);

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    if (!producer->is_open)
        return sf_fail(err, SF_INVALID, "no transaction is open");
    deliver(producer, SF_CALL_FINE);
    if (deliveries->has_failed)
        return sf_fail_with(err, SF_ABORT_COMMIT, deliveries->failure.code, "%s",
                            deliveries->failure.text);
    if (deliveries->count > 0)
        return not_all_delivered(producer, err);
    return end(producer, true, fate, err);
}

static sf_status producer_abort(sf_producer *base, int32_t timeout_ms, sf_error *err)
{
    simulated_producer *producer = of(base);
    sf_call_fate fate = sf_simulated_host_call(producer->host, true);

    (void)timeout_ms; /* an answer comes at once, or not at all */
    if (fate == SF_CALL_LOST)
        return sf_simulated_host_no_answer(producer->host, err);
    if (producer->is_fenced)
        return fenced(producer, err);
    sf_simulated_deliveries_forget(&producer->deliveries);
    return end(producer, false, fate, err);
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
    made->deliveries = (sf_simulated_deliveries){
        .host = host,
        .producer = {made->id, epoch},
        .on_delivery = options->on_delivery,
        .user = options->user,
    };
    sf_simulated_deliveries_init(&made->deliveries);
    *producer = &made->base;
    return SF_OK;
}
