#include "dsl/operators/unmatched.h"

#include <string.h>

#include "base/encoding.h"
#include "dsl/operators/emit_throttle.h"
#include "topology/processor_implementation.h"

/* The key of a row: time (8 bytes big-endian), side, key. Its value: each value with its size (4
 * bytes big-endian) before it. */
enum { TIME_SIZE = 8, HEAD_SIZE = TIME_SIZE + 1, LENGTH_SIZE = 4 };

/* As sorted: right, then left. */
static const uint8_t SIDE_BYTES[SF_JOIN_SIDES] = {[SF_JOIN_LEFT] = 1, [SF_JOIN_RIGHT] = 0};

typedef struct row_key {
    int64_t timestamp;
    int side;
    sf_bytes key;
} row_key;

static sf_bytes encode(const row_key *row, sf_arena *arena)
{
    uint8_t *bytes = sf_arena_alloc(arena, HEAD_SIZE + row->key.size);

    sf_put_be64(bytes, (uint64_t)row->timestamp);
    bytes[TIME_SIZE] = SIDE_BYTES[row->side];
    if (row->key.size)
        memcpy(bytes + HEAD_SIZE, row->key.data, row->key.size);
    return sf_bytes_of(bytes, HEAD_SIZE + row->key.size);
}

static bool decode(sf_bytes bytes, row_key *row)
{
    if (bytes.size < HEAD_SIZE)
        return false;
    row->timestamp = (int64_t)sf_get_be64(bytes.data);
    row->side = bytes.data[TIME_SIZE] ? SF_JOIN_LEFT : SF_JOIN_RIGHT;
    row->key = sf_bytes_of(bytes.data + HEAD_SIZE, bytes.size - HEAD_SIZE);
    return true;
}

static sf_status refuse(const sf_unmatched *unmatched, sf_bytes key, sf_error *err)
{
    return sf_fail(err, SF_CORRUPT, "the store '%s' has a key of %zu bytes",
                   unmatched->plan->unmatched, key.size);
}

/* ---- life ---- */

/* What waits since before a restart or an abort. */
static sf_status find_earliest(sf_unmatched *unmatched, sf_error *err)
{
    sf_key_value_iterator *iterator;
    sf_bytes key;
    sf_stored stored;
    row_key row;
    sf_status status =
        sf_key_value_store_range(unmatched->rows, SF_NULL, SF_NULL, false, &iterator, err);

    if (status)
        return status;
    *unmatched->earliest = -1;
    if (sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        if (decode(key, &row))
            *unmatched->earliest = row.timestamp;
        else
            status = refuse(unmatched, key, err);
    }
    sf_key_value_iterator_free(iterator);
    return status;
}

sf_status sf_unmatched_init(sf_unmatched *unmatched, const sf_stream_join_plan *plan,
                            sf_context *context, sf_error *err)
{
    const char *store = plan->unmatched;
    sf_status status;

    *unmatched = (sf_unmatched){.plan = plan, .context = context};
    unmatched->rows = sf_context_key_value_store(context, store);
    if (!unmatched->rows)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a key-value store", store);
    status = sf_context_time(context, "seen", store, &unmatched->seen, err);
    if (!status)
        status = sf_context_time(context, "earliest", store, &unmatched->earliest, err);
    if (!status)
        status = sf_context_time(context, "next look", store, &unmatched->next_look_ms, err);
    return status ? status : find_earliest(unmatched, err);
}

void sf_unmatched_observe(sf_unmatched *unmatched, int64_t timestamp)
{
    if (timestamp > *unmatched->seen)
        *unmatched->seen = timestamp;
}

/* ---- rows ---- */

static sf_bytes with_one_more(sf_bytes list, sf_bytes value, sf_arena *arena)
{
    size_t size = list.size + LENGTH_SIZE + value.size;
    uint8_t *bytes = sf_arena_alloc(arena, size);
    uint8_t *end = bytes + list.size;

    if (list.size)
        memcpy(bytes, list.data, list.size);
    sf_put_be32(end, (uint32_t)value.size);
    if (value.size)
        memcpy(end + LENGTH_SIZE, value.data, value.size);
    return sf_bytes_of(bytes, size);
}

/* Takes the first value of a list; false: there is none, or it is cut. */
static bool take_value(sf_bytes *list, sf_bytes *value)
{
    size_t size;

    if (list->size < LENGTH_SIZE)
        return false;
    size = sf_get_be32(list->data);
    if (size > list->size - LENGTH_SIZE)
        return false;
    *value = sf_bytes_of(list->data + LENGTH_SIZE, size);
    *list = sf_bytes_of(value->data + size, list->size - LENGTH_SIZE - size);
    return true;
}

sf_status sf_unmatched_add(sf_unmatched *unmatched, int side, sf_bytes key, sf_bytes value,
                           int64_t timestamp, sf_error *err)
{
    sf_arena *arena = sf_context_arena(unmatched->context);
    sf_bytes row = encode(&(row_key){timestamp, side, key}, arena);
    sf_stored stored;
    sf_status status = sf_key_value_store_get(unmatched->rows, row, &stored, err);

    if (status)
        return status;
    if (*unmatched->earliest < 0 || timestamp < *unmatched->earliest)
        *unmatched->earliest = timestamp;
    return sf_key_value_store_put(unmatched->rows, row, with_one_more(stored.value, value, arena),
                                  timestamp, err);
}

sf_status sf_unmatched_remove(sf_unmatched *unmatched, int side, sf_bytes key, int64_t timestamp,
                              sf_error *err)
{
    sf_bytes row;
    sf_stored stored;
    sf_status status;

    if (!unmatched->plan->sides[side].is_outer || *unmatched->earliest < 0 ||
        timestamp < *unmatched->earliest)
        return SF_OK; /* it does not wait */
    row = encode(&(row_key){timestamp, side, key}, sf_context_arena(unmatched->context));
    status = sf_key_value_store_get(unmatched->rows, row, &stored, err);
    if (status || sf_bytes_is_null(stored.value))
        return status;
    return sf_key_value_store_put(unmatched->rows, row, SF_NULL, timestamp, err);
}

/* ---- results ---- */

static bool is_over(const sf_unmatched *unmatched, int64_t timestamp, int side)
{
    const sf_stream_join_plan *plan = unmatched->plan;

    return sf_join_time(sf_join_time(timestamp, plan->sides[side].after_ms), plan->grace_ms) <
           *unmatched->seen;
}

static sf_status forward_half(sf_unmatched *unmatched, int side, sf_bytes stored,
                              const sf_record *result, sf_error *err)
{
    sf_arena *arena = sf_context_arena(unmatched->context);
    bool is_left = side == SF_JOIN_LEFT;
    sf_bytes value;
    sf_status status = sf_serde_decode(unmatched->plan->sides[side].value,
                                       sf_arena_copy(arena, stored), arena, &value, err);

    if (status)
        return status;
    return sf_joiner_forward(&unmatched->plan->joiner, unmatched->context, result,
                             is_left ? value : SF_NULL, is_left ? SF_NULL : value, err);
}

static sf_status emit_row(sf_unmatched *unmatched, const row_key *row, sf_bytes list,
                          const sf_record *trigger, sf_error *err)
{
    sf_arena *arena = sf_context_arena(unmatched->context);
    sf_record result = *trigger;
    sf_bytes value;
    sf_status status = sf_serde_decode(unmatched->plan->sides[row->side].key,
                                       sf_arena_copy(arena, row->key), arena, &result.key, err);

    result.timestamp = row->timestamp;
    while (!status && take_value(&list, &value))
        status = forward_half(unmatched, row->side, value, &result, err);
    if (!status && list.size)
        status = sf_fail(err, SF_CORRUPT, "the store '%s' has a list that is cut",
                         unmatched->plan->unmatched);
    if (status)
        return status;
    return sf_key_value_store_put(unmatched->rows, encode(row, arena), SF_NULL, row->timestamp,
                                  err);
}

/* Rows by time: once each side has one that is not over, no other is. */
static sf_status emit_rows(sf_unmatched *unmatched, sf_key_value_iterator *iterator,
                           const sf_record *trigger, sf_error *err)
{
    const sf_stream_side *sides = unmatched->plan->sides;
    bool is_open[SF_JOIN_SIDES] = {!sides[SF_JOIN_LEFT].is_outer, !sides[SF_JOIN_RIGHT].is_outer};
    int64_t earliest = -1;
    sf_bytes key;
    sf_stored stored;
    row_key row;
    sf_status status = SF_OK;

    while (!status && !(is_open[SF_JOIN_LEFT] && is_open[SF_JOIN_RIGHT]) &&
           sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        if (!decode(key, &row))
            return refuse(unmatched, key, err);
        if (is_over(unmatched, row.timestamp, row.side)) {
            status = emit_row(unmatched, &row, stored.value, trigger, err);
            continue;
        }
        is_open[row.side] = true;
        if (earliest < 0)
            earliest = row.timestamp;
    }
    *unmatched->earliest = earliest;
    return status;
}

static bool may_look(sf_unmatched *unmatched)
{
    sf_emit_throttle throttle = {*unmatched->next_look_ms};
    bool passes = sf_emit_throttle_passes(&throttle, unmatched->context);

    *unmatched->next_look_ms = throttle.next_ms;
    return passes;
}

sf_status sf_unmatched_emit(sf_unmatched *unmatched, int side, const sf_record *trigger,
                            sf_error *err)
{
    sf_key_value_iterator *iterator;
    sf_status status;

    if (trigger->timestamp != *unmatched->seen || *unmatched->earliest < 0 ||
        !is_over(unmatched, *unmatched->earliest, side) || !may_look(unmatched))
        return SF_OK;
    status = sf_key_value_store_range(unmatched->rows, SF_NULL, SF_NULL, false, &iterator, err);
    if (status)
        return status;
    status = emit_rows(unmatched, iterator, trigger, err);
    sf_key_value_iterator_free(iterator);
    return status;
}
