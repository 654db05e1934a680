#include "dsl/operators/waiting_records.h"

#include <string.h>

#include "base/encoding.h"
#include "topology/processor_implementation.h"

enum { TIME_SIZE = 8, NUMBER_SIZE = 4, HEAD_SIZE = TIME_SIZE + NUMBER_SIZE };

typedef struct place {
    int64_t timestamp;
    uint32_t number;
    sf_bytes key;
} place;

static sf_bytes encode(const place *at, sf_arena *arena)
{
    uint8_t *bytes = sf_arena_alloc(arena, HEAD_SIZE + at->key.size);

    sf_put_be64(bytes, (uint64_t)at->timestamp);
    sf_put_be32(bytes + TIME_SIZE, at->number);
    if (at->key.size)
        memcpy(bytes + HEAD_SIZE, at->key.data, at->key.size);
    return sf_bytes_of(bytes, HEAD_SIZE + at->key.size);
}

static sf_status decode(const sf_waiting_records *waiting, sf_bytes bytes, place *at, sf_error *err)
{
    if (bytes.size < HEAD_SIZE)
        return sf_fail(err, SF_CORRUPT, "the store '%s' has a key of %zu bytes", waiting->store,
                       bytes.size);
    at->timestamp = (int64_t)sf_get_be64(bytes.data);
    at->number = sf_get_be32(bytes.data + TIME_SIZE);
    at->key = sf_bytes_of(bytes.data + HEAD_SIZE, bytes.size - HEAD_SIZE);
    return SF_OK;
}

/* Where all places of a time begin; null behind the last time there is. */
static sf_bytes first_of(int64_t timestamp, uint8_t bound[TIME_SIZE])
{
    if (timestamp < 0)
        return SF_NULL;
    sf_put_be64(bound, (uint64_t)timestamp);
    return sf_bytes_of(bound, TIME_SIZE);
}

static int64_t next_time(int64_t timestamp)
{
    return timestamp < INT64_MAX ? timestamp + 1 : -1;
}

/* ---- life ---- */

/* The first place of a range; *found false: it is empty. */
static sf_status find_first(const sf_waiting_records *waiting, sf_bytes from, sf_bytes to,
                            bool backwards, place *first, bool *found, sf_error *err)
{
    sf_key_value_iterator *iterator;
    sf_stored stored;
    sf_bytes key;
    sf_status status = sf_key_value_store_range(waiting->rows, from, to, backwards, &iterator, err);

    if (status)
        return status;
    *found = sf_key_value_iterator_next(iterator, &key, &stored, &status, err);
    if (!status && *found)
        status = decode(waiting, key, first, err);
    first->key = SF_NULL; /* it was the iterator's */
    sf_key_value_iterator_free(iterator);
    return status;
}

static sf_status find_earliest(sf_waiting_records *waiting, sf_error *err)
{
    place first = {0};
    bool found = false;
    sf_status status = find_first(waiting, SF_NULL, SF_NULL, false, &first, &found, err);

    if (!status)
        *waiting->earliest = found ? first.timestamp : -1;
    return status;
}

sf_status sf_waiting_records_init(sf_waiting_records *waiting, sf_context *context,
                                  const char *store, sf_error *err)
{
    sf_status status;

    *waiting = (sf_waiting_records){.context = context, .store = store};
    waiting->rows = sf_context_key_value_store(context, store);
    if (!waiting->rows)
        return sf_fail(err, SF_INVALID, "the store '%s' is not a key-value store", store);
    status = sf_context_time(context, "seen", store, &waiting->seen, err);
    if (!status)
        status = sf_context_time(context, "earliest", store, &waiting->earliest, err);
    return status ? status : find_earliest(waiting, err);
}

/* ---- in ---- */

static sf_status next_number(const sf_waiting_records *waiting, int64_t timestamp, uint32_t *number,
                             sf_error *err)
{
    uint8_t from[TIME_SIZE], to[TIME_SIZE];
    place last = {0};
    bool found = false;
    sf_status status = find_first(waiting, first_of(timestamp, from),
                                  first_of(next_time(timestamp), to), true, &last, &found, err);

    *number = found ? last.number + 1 : 0;
    return status;
}

sf_status sf_waiting_records_add(sf_waiting_records *waiting, const sf_record *record,
                                 sf_error *err)
{
    sf_arena *arena = sf_context_arena(waiting->context);
    place at = {.timestamp = record->timestamp, .key = record->key};
    sf_status status = next_number(waiting, record->timestamp, &at.number, err);

    if (status)
        return status;
    if (record->timestamp > *waiting->seen)
        *waiting->seen = record->timestamp;
    if (*waiting->earliest < 0 || record->timestamp < *waiting->earliest)
        *waiting->earliest = record->timestamp;
    return sf_key_value_store_put(waiting->rows, encode(&at, arena),
                                  sf_headers_pack(record->headers, record->value, arena),
                                  record->timestamp, err);
}

/* ---- out ---- */

/* Copies the row, then removes it. */
static sf_status take_row(sf_waiting_records *waiting, sf_bytes key, sf_bytes value,
                          sf_record *record, sf_error *err)
{
    sf_arena *arena = sf_context_arena(waiting->context);
    sf_bytes row = sf_arena_copy(arena, key);
    place at = {0};
    sf_status status = decode(waiting, row, &at, err);

    if (status)
        return status;
    *record = (sf_record){.key = at.key, .timestamp = at.timestamp};
    if (!sf_headers_unpack(sf_arena_copy(arena, value), arena, &record->headers, &record->value))
        return sf_fail(err, SF_CORRUPT, "the store '%s' has a value of %zu bytes", waiting->store,
                       value.size);
    return sf_key_value_store_put(waiting->rows, row, SF_NULL, at.timestamp, err);
}

sf_status sf_waiting_records_release(sf_waiting_records *waiting, int64_t until, sf_waiting_fn take,
                                     void *user, sf_error *err)
{
    uint8_t bound[TIME_SIZE];
    sf_key_value_iterator *iterator;
    sf_bytes key;
    sf_stored stored;
    sf_record record;
    sf_status status;

    if (*waiting->earliest < 0 || *waiting->earliest > until)
        return SF_OK;
    status = sf_key_value_store_range(waiting->rows, SF_NULL, first_of(next_time(until), bound),
                                      false, &iterator, err);
    if (status)
        return status;
    while (!status && sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        status = take_row(waiting, key, stored.value, &record, err);
        if (!status)
            status = take(user, &record, err);
    }
    sf_key_value_iterator_free(iterator);
    return status ? status : find_earliest(waiting, err);
}
