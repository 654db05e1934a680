#include "topology/customer_processor.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "state/customer_state.h"

typedef struct customer_task {
    sf_key_value_store *customers;
    event_progress *progress;
} customer_task;

static sf_status init(void *user, sf_context *context, void **state, sf_error *err)
{
    customer_task task = {
        .customers = sf_context_key_value_store(context, CUSTOMERS_STORE),
        .progress = user,
    };

    if (!task.customers)
        return sf_fail(err, SF_INVALID, "%s is not connected", CUSTOMERS_STORE);
    *state = sf_memory_copy(&task, sizeof task);
    return SF_OK;
}

static sf_status apply(sf_key_value_store *customers, sf_context *context, const sf_record *record,
                       sf_error *err)
{
    const customer_event *event = (const customer_event *)record->value.data;
    sf_arena *arena = sf_context_arena(context);
    customer_state customer;
    sf_stored stored;
    uint8_t key[8];
    sf_status status;

    sf_put_be64(key, (uint64_t)event->customer_id);
    status = sf_key_value_store_get(customers, sf_bytes_of(key, sizeof key), &stored, err);
    if (!status)
        status = customer_state_decode(sf_arena_copy(arena, stored.value), &customer, err);
    if (status)
        return status;
    if (!customer_state_apply(&customer, event)) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    return sf_key_value_store_put(customers, sf_bytes_of(key, sizeof key),
                                  customer_state_encode(&customer, arena), record->timestamp, err);
}

static sf_status process(void *state, sf_context *context, const sf_record *record, sf_error *err)
{
    const customer_event *event = (const customer_event *)record->value.data;
    customer_task *task = state;
    int64_t time_ms;
    sf_status status;

    if (!event) {
        sf_context_count_dropped(context);
        return SF_OK;
    }
    status = event_check_key(record->key, event->customer_id, err);
    if (!status)
        status = event_time(event->occurred_at, record->timestamp, &time_ms, err);
    if (!status)
        status = apply(task->customers, context, record, err);
    if (!status)
        event_progress_note(task->progress, time_ms);
    return status;
}

sf_processor customer_processor(event_progress *progress)
{
    return (sf_processor){.init = init, .process = process, .close = free, .user = progress};
}
