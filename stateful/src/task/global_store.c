#include "task/global_store.h"

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/log.h>

#include "base/memory.h"
#include "store/meta.h"
#include "task/record_queue.h"
#include "topology/topology_implementation.h"

enum { PARTITION = 0 }; /* of the state: the store has but one */

struct sf_global_store {
    const sf_topology_global *global;
    const char *topic;
    int32_t partitions;
    sf_state *state;
    sf_clock *clock;
    sf_state_db *db;
    sf_task_stores *stores;
    sf_key_value_store *rows;
    sf_record_queue *inputs; /* one a partition */
    int64_t written_ms;
    char *meta_name; /* for the time of the last batch */
    sf_state_commit *commit;
    sf_arena *arena;
    sf_global_counters counters;
    bool is_published;
};

/* ---- life ---- */

static sf_status read_meta(sf_global_store *store, sf_error *err)
{
    sf_status status = sf_meta_get(store->db, SF_META_WRITTEN, store->meta_name, PARTITION,
                                   &store->written_ms, err);

    for (int32_t i = 0; i < store->partitions && !status; i++)
        status =
            sf_meta_get(store->db, SF_META_INPUT, store->topic, i, &store->inputs[i].position, err);
    return status;
}

static sf_status open_rows(sf_global_store *store, sf_error *err)
{
    sf_status status = sf_task_stores_open(store->state, PARTITION, &store->global->options, 1,
                                           NULL, NULL, &store->stores, err);

    if (status)
        return status;
    sf_task_stores_set_cache_bytes(store->stores, 0); /* readers do not come this way */
    store->rows = sf_store_as_key_value(sf_task_stores_at(store->stores, 0));
    return SF_OK;
}

sf_status sf_global_store_open(const sf_global_store_options *options, sf_global_store **store,
                               sf_error *err)
{
    sf_global_store *made = sf_zalloc(sizeof(*made));
    sf_status status;

    made->global = &options->topology->globals[options->global];
    made->topic = options->topology->topics[made->global->source.topic].name;
    made->partitions = options->partitions;
    made->state = options->state;
    made->clock = options->clock;
    made->db = sf_state_database(options->state, made->global->options.in_memory);
    made->meta_name = sf_text_printf("global-%s", made->global->options.name);
    made->commit = sf_state_commit_new(options->state);
    made->arena = sf_arena_new();
    made->inputs = sf_zalloc((size_t)options->partitions * sizeof(*made->inputs));
    for (int32_t i = 0; i < options->partitions; i++)
        sf_record_queue_init(&made->inputs[i], &made->global->source, false);
    status = open_rows(made, err);
    if (!status)
        status = read_meta(made, err);
    if (status)
        sf_global_store_close(made);
    else
        *store = made;
    return status;
}

void sf_global_store_close(sf_global_store *store)
{
    if (!store)
        return;
    if (store->is_published)
        sf_task_stores_unpublish(store->stores);
    sf_task_stores_close(store->stores);
    for (int32_t i = 0; i < store->partitions; i++)
        sf_record_queue_done(&store->inputs[i]);
    free(store->inputs);
    sf_state_commit_free(store->commit);
    sf_arena_free(store->arena);
    free(store->meta_name);
    free(store);
}

/* ---- records ---- */

static sf_status put(sf_global_store *store, const sf_record *record, sf_error *err)
{
    sf_bytes key, value;
    sf_status status;

    if (sf_bytes_is_null(record->key)) {
        store->counters.dropped++;
        return SF_OK;
    }
    status = sf_serde_encode(store->global->key, record->key, store->arena, &key, err);
    if (!status)
        status = sf_serde_encode(store->global->value, record->value, store->arena, &value, err);
    if (status)
        return status;
    return sf_key_value_store_put(store->rows, key, value, record->timestamp, err);
}

static sf_status refuse(sf_global_store *store, int32_t partition, const sf_queue_head *head,
                        const sf_error *why, sf_error *err)
{
    int64_t offset = head->raw->offset;

    if (store->global->source.on_error == SF_ON_ERROR_FAIL)
        return sf_fail(err, why->code ? why->code : SF_BAD_DATA,
                       "record of %s/%" PRId32 " at offset %" PRId64 ": %s", store->topic,
                       partition, offset, why->text);
    sf_log(SF_LOG_WARN,
           "record skipped topic=%s partition=%" PRId32 " offset=%" PRId64 " reason=%s",
           store->topic, partition, offset, why->text);
    store->counters.skipped++;
    return SF_OK;
}

static sf_status take_one(sf_global_store *store, int32_t partition, const sf_queue_head *head,
                          sf_error *err)
{
    sf_record_queue *input = &store->inputs[partition];
    sf_error why = input->head_error;
    sf_status status = head->status;

    sf_arena_reset(store->arena);
    if (!status) {
        if (head->timestamp > input->partition_time)
            input->partition_time = head->timestamp;
        why = (sf_error){0};
        status = put(store, &head->record, &why);
    }
    if (status == SF_REJECT)
        return refuse(store, partition, head, &why, err);
    if (status && err)
        *err = why;
    return status;
}

/* ---- batches ---- */

static sf_status put_meta(sf_global_store *store, int32_t partition, int64_t position,
                          sf_error *err)
{
    sf_state_batch *batch = sf_state_commit_batch(store->commit, store->global->options.in_memory);
    int64_t now_ms = sf_clock_now_ms(store->clock);
    sf_status status =
        sf_meta_put(store->db, batch, SF_META_INPUT, store->topic, partition, position, err);

    if (!status)
        status = sf_meta_put(store->db, batch, SF_META_WRITTEN, store->meta_name, PARTITION, now_ms,
                             err);
    if (!status)
        store->written_ms = now_ms;
    return status;
}

/* Rows and position, at once. */
static sf_status write(sf_global_store *store, int32_t partition, int64_t position, sf_error *err)
{
    sf_status status;

    sf_state_commit_clear(store->commit);
    status = sf_task_stores_flush(store->stores, store->commit, err);
    if (!status)
        status = put_meta(store, partition, position, err);
    if (!status)
        status = sf_state_commit_write(store->commit, err);
    if (!status)
        sf_task_stores_committed(store->stores);
    return status;
}

/* Puts what has come into the buffer of the store. */
static sf_status put_all(sf_global_store *store, int32_t partition, sf_error *err)
{
    sf_record_queue *input = &store->inputs[partition];
    const sf_queue_head *head;
    sf_status status = SF_OK;

    while (!status && (head = sf_record_queue_head(input))) {
        status = take_one(store, partition, head, err);
        if (!status)
            sf_record_queue_pop(input);
    }
    return status;
}

sf_status sf_global_store_take(sf_global_store *store, int32_t partition, sf_record_batch *batch,
                               sf_error *err)
{
    sf_record_queue *input = &store->inputs[partition];
    int64_t position = input->position;
    uint64_t count = batch->count;
    sf_status status;

    sf_record_queue_push(input, batch);
    status = put_all(store, partition, err);
    if (!status)
        status = write(store, partition, input->position, err);
    if (!status) {
        store->counters.taken += count;
        return SF_OK;
    }
    sf_record_queue_clear(input);
    sf_task_stores_abort(store->stores);
    input->position = position;
    return status;
}

sf_status sf_global_store_reached(sf_global_store *store, int32_t partition, int64_t position,
                                  sf_error *err)
{
    sf_record_queue *input = &store->inputs[partition];

    if (position > input->position)
        input->position = position;
    return write(store, partition, input->position, err);
}

static sf_status put_clearing(sf_global_store *store, sf_error *err)
{
    sf_state_batch *batch = sf_state_commit_batch(store->commit, store->global->options.in_memory);
    sf_status status = sf_task_stores_clear(store->stores, 0, store->commit, err);

    for (int32_t i = 0; i < store->partitions && !status; i++)
        status = sf_meta_delete(store->db, batch, SF_META_INPUT, store->topic, i, err);
    return status;
}

sf_status sf_global_store_clear(sf_global_store *store, sf_error *err)
{
    sf_status status;

    sf_state_commit_clear(store->commit);
    status = put_clearing(store, err);
    if (!status)
        status = sf_state_commit_write(store->commit, err);
    for (int32_t i = 0; i < store->partitions && !status; i++)
        store->inputs[i].position = -1;
    return status;
}

void sf_global_store_publish(sf_global_store *store)
{
    if (!store->is_published)
        sf_task_stores_publish(store->stores);
    store->is_published = true;
}

/* ---- what it is ---- */

const char *sf_global_store_topic(const sf_global_store *store)
{
    return store->topic;
}

int32_t sf_global_store_partitions(const sf_global_store *store)
{
    return store->partitions;
}

int64_t sf_global_store_position(const sf_global_store *store, int32_t partition)
{
    return store->inputs[partition].position;
}

int64_t sf_global_store_written_ms(const sf_global_store *store)
{
    return store->written_ms;
}

sf_store *sf_global_store_rows(const sf_global_store *store)
{
    return sf_task_stores_at(store->stores, 0);
}

const sf_global_counters *sf_global_store_counters(const sf_global_store *store)
{
    return &store->counters;
}
