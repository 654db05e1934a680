#include "simulation/simulated_deliveries.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"

static sf_simulated_cluster *cluster_of(const sf_simulated_deliveries *deliveries)
{
    return deliveries->host->cluster;
}

void sf_simulated_deliveries_init(sf_simulated_deliveries *deliveries)
{
    deliveries->arena = sf_arena_new();
}

static bool is_waiting(const sf_simulated_delivery *item)
{
    return item->offset < 0 && !item->has_failed;
}

void sf_simulated_deliveries_add(sf_simulated_deliveries *deliveries, sf_simulated_target *target,
                                 const sf_outgoing *out)
{
    sf_simulated_delivery *place;

    if (deliveries->count == deliveries->capacity) {
        deliveries->capacity = 2 * deliveries->capacity + 16;
        deliveries->items =
            sf_realloc_array(deliveries->items, deliveries->capacity, sizeof(deliveries->items[0]));
    }
    place = &deliveries->items[deliveries->count++];
    *place = (sf_simulated_delivery){
        .target = target,
        .partition = out->partition,
        .record = sf_record_copy(&out->record, deliveries->arena),
        .tag = out->tag,
        .offset = SF_OFFSET_NONE,
    };
    if (!place->record.timestamp) /* as the door to Kafka does */
        place->record.timestamp = 1;
}

void sf_simulated_deliveries_forget(sf_simulated_deliveries *deliveries)
{
    deliveries->count = 0;
    sf_arena_reset(deliveries->arena);
}

/* ---- writing ---- */

static void fail(sf_simulated_deliveries *deliveries, sf_status status, sf_code code,
                 const char *why)
{
    if (deliveries->has_failed)
        return;
    deliveries->has_failed = true;
    (void)sf_fail_with(&deliveries->failure, status, code, "a record was not delivered: %s", why);
}

static sf_transaction_answer find_piece(sf_simulated_deliveries *deliveries, sf_simulated_log *log,
                                        sf_simulated_piece **piece)
{
    sf_simulated_cluster *cluster = cluster_of(deliveries);
    sf_transaction_answer answer = SF_TRANSACTION_FINE;

    *piece = NULL;
    if (deliveries->producer.id)
        answer = sf_simulated_transactions_piece(cluster->transactions, &deliveries->producer, log,
                                                 sf_simulated_cluster_now_ms(cluster), piece);
    deliveries->is_known = deliveries->is_known || answer == SF_TRANSACTION_FINE;
    return answer;
}

static int64_t append(sf_simulated_cluster *cluster, const char *topic, int32_t partition,
                      sf_simulated_log *log, const sf_record *record, sf_simulated_piece *piece,
                      const char *writer)
{
    int64_t offset = sf_simulated_log_append(log, record, piece);

    sf_trace_add(&cluster->trace, "%s/%" PRId32 " %" PRId64 " written by %s", topic, partition,
                 offset, writer);
    sf_trace_add_bytes(&cluster->trace, record->key);
    sf_trace_add_bytes(&cluster->trace, record->value);
    return offset;
}

/* Without a transaction the records behind one that was given up are delivered all the same. */
static bool is_given_up(const sf_simulated_deliveries *deliveries)
{
    sf_simulated_cluster *cluster = cluster_of(deliveries);
    int per_mille = cluster->weather.lost_record_per_mille;

    return !deliveries->producer.id && per_mille > 0 &&
           sf_random_below(&cluster->random, 1000) < (uint64_t)per_mille;
}

/* False while the transaction before is being ended: then everything waits. */
static bool write_one(sf_simulated_deliveries *deliveries, sf_simulated_delivery *item)
{
    sf_simulated_cluster *cluster = cluster_of(deliveries);
    sf_simulated_log *log = sf_simulated_cluster_log(cluster, item->target->name, item->partition);
    sf_transaction_answer answer;
    sf_simulated_piece *piece;

    /* What follows a failure in a transaction would make a gap: it is dropped with it. */
    item->has_failed = !log || (deliveries->has_failed && deliveries->producer.id);
    if (!log)
        fail(deliveries, SF_STOP, SF_NOT_FOUND, "its topic is gone");
    if (!item->has_failed && is_given_up(deliveries)) {
        item->has_failed = true;
        fail(deliveries, SF_ABORT_COMMIT, SF_TIMED_OUT, "its time was over");
    }
    if (item->has_failed)
        return true;
    answer = find_piece(deliveries, log, &piece);
    if (answer == SF_TRANSACTION_FINE) {
        item->offset = append(cluster, item->target->name, item->partition, log, &item->record,
                              piece, deliveries->host->client_id);
    } else if (answer == SF_TRANSACTION_FENCED) {
        bool is_plain = sf_random_below(&cluster->random, 2) == 0;

        item->has_failed = true;
        fail(deliveries, is_plain ? SF_REBUILD_TASK : SF_ABORT_COMMIT,
             is_plain ? SF_FENCED : SF_CLOSED, "the producer was fenced");
    }
    return answer != SF_TRANSACTION_BUSY;
}

void sf_simulated_deliveries_write(sf_simulated_deliveries *deliveries, bool all)
{
    uint64_t chosen = all ? UINT64_MAX : sf_random_next(&cluster_of(deliveries)->random);

    for (size_t i = 0; i < deliveries->count; i++) {
        sf_simulated_delivery *item = &deliveries->items[i];
        uint64_t place = (item->target->number * 8 + (uint64_t)item->partition) % 64;

        if (is_waiting(item) && chosen >> place & 1 && !write_one(deliveries, item))
            break;
    }
}

/* ---- reports ---- */

static void tell(const sf_simulated_deliveries *deliveries, const sf_simulated_delivery *item)
{
    sf_delivery delivery = {
        .tag = item->tag,
        .topic = item->target->name,
        .partition = item->partition,
        .offset = item->offset,
    };

    if (item->has_failed) {
        delivery.status = SF_ABORT_COMMIT;
        delivery.error = deliveries->failure.text;
    }
    if (deliveries->on_delivery && !deliveries->host->is_dead)
        deliveries->on_delivery(deliveries->user, &delivery);
}

void sf_simulated_deliveries_report(sf_simulated_deliveries *deliveries)
{
    size_t left = 0;

    for (size_t i = 0; i < deliveries->count; i++) {
        const sf_simulated_delivery *item = &deliveries->items[i];

        if (is_waiting(item)) {
            deliveries->items[left++] = *item;
            continue;
        }
        if (!item->has_failed)
            item->target->ends[item->partition] = item->offset + 1;
        tell(deliveries, item);
    }
    deliveries->count = left;
    if (!left)
        sf_arena_reset(deliveries->arena);
}

sf_status sf_simulated_deliveries_take_failure(sf_simulated_deliveries *deliveries, sf_error *err)
{
    if (!deliveries->has_failed)
        return SF_OK;
    deliveries->has_failed = false;
    return sf_fail_with(err, deliveries->failure.status, deliveries->failure.code, "%s",
                        deliveries->failure.text);
}

/* ---- what is still on its way when the producer is gone ---- */

typedef struct late_records {
    sf_simulated_cluster *cluster;
    uint64_t transaction; /* 0: none */
    sf_simulated_delivery *items;
    const char **topics; /* of the items, in the arena */
    size_t count;
    sf_arena *arena;
} late_records;

static void arrive_one(const late_records *late, size_t index)
{
    const sf_simulated_delivery *item = &late->items[index];
    sf_simulated_log *log =
        sf_simulated_cluster_log(late->cluster, late->topics[index], item->partition);
    sf_simulated_piece *piece = NULL;

    if (log && late->transaction)
        piece = sf_simulated_transactions_late_piece(late->cluster->transactions, late->transaction,
                                                     log);
    if (log && (piece || !late->transaction))
        (void)append(late->cluster, late->topics[index], item->partition, log, &item->record, piece,
                     "one who is gone"); /* whom its offset does not reach */
}

static void arrive(void *user, bool in_vain)
{
    late_records *late = user;

    for (size_t i = 0; !in_vain && i < late->count; i++)
        arrive_one(late, i);
    sf_arena_free(late->arena);
    free(late->items);
    free(late);
}

/* Takes items and arena over. */
static void post(sf_simulated_deliveries *deliveries, uint64_t transaction)
{
    sf_simulated_cluster *cluster = cluster_of(deliveries);
    late_records *late = sf_zalloc(sizeof(*late));
    uint64_t most_ms = sf_random_below(&cluster->random, 2) ? 30 : 4000;

    *late = (late_records){
        .cluster = cluster,
        .transaction = transaction,
        .items = deliveries->items,
        .arena = deliveries->arena,
        .topics = sf_arena_zalloc(deliveries->arena, deliveries->count * sizeof(late->topics[0])),
    };
    for (size_t i = 0; i < deliveries->count; i++) {
        if (!is_waiting(&late->items[i]))
            continue;
        late->items[late->count] = late->items[i];
        late->topics[late->count++] = sf_arena_text(late->arena, late->items[i].target->name);
    }
    deliveries->items = NULL;
    deliveries->arena = NULL;
    sf_simulated_cluster_post(cluster,
                              (sf_simulated_request){
                                  .due_ms = sf_simulated_cluster_now_ms(cluster) + 1 +
                                            (int64_t)sf_random_below(&cluster->random, most_ms),
                                  .arrive = arrive,
                                  .user = late,
                              });
}

void sf_simulated_deliveries_done(sf_simulated_deliveries *deliveries)
{
    sf_simulated_cluster *cluster = cluster_of(deliveries);
    uint64_t number = 0;

    if (deliveries->producer.id)
        number = sf_simulated_transactions_number(cluster->transactions, &deliveries->producer);
    if (deliveries->count > 0 && (number || !deliveries->producer.id) &&
        sf_random_below(&cluster->random, 2))
        post(deliveries, number);
    free(deliveries->items);
    sf_arena_free(deliveries->arena);
}
