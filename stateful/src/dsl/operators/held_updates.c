#include "dsl/operators/held_updates.h"

#include <string.h>

#include "base/encoding.h"

enum { TOTALS = 0, UPDATE = 1, ORDER = 2 }; /* first bytes of keys */
enum { TIME_SIZE = 8, TOTALS_SIZE = 24, HEAD_SIZE = 17, HAS_BEFORE = 1, HAS_VALUE = 2 };

static sf_status refuse(sf_error *err)
{
    return sf_fail(err, SF_CORRUPT, "an update that waits cannot be read back");
}

/* ---- keys ---- */

static sf_bytes totals_key(void)
{
    static const uint8_t key = TOTALS;

    return sf_bytes_of(&key, 1);
}

static sf_bytes update_key(sf_bytes key, sf_arena *arena)
{
    uint8_t *bytes = sf_arena_alloc(arena, 1 + key.size);

    bytes[0] = UPDATE;
    if (key.size)
        memcpy(bytes + 1, key.data, key.size);
    return sf_bytes_of(bytes, 1 + key.size);
}

static sf_bytes order_key(int64_t time, sf_bytes key, sf_arena *arena)
{
    uint8_t *bytes = sf_arena_alloc(arena, 1 + TIME_SIZE + key.size);

    bytes[0] = ORDER;
    sf_put_be64(bytes + 1, (uint64_t)time);
    if (key.size)
        memcpy(bytes + 1 + TIME_SIZE, key.data, key.size);
    return sf_bytes_of(bytes, 1 + TIME_SIZE + key.size);
}

/* ---- totals ---- */

sf_status sf_held_updates_totals(sf_key_value_store *store, sf_held_totals *totals, sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_key_value_store_get(store, totals_key(), &stored, err);

    *totals = (sf_held_totals){0};
    if (status || sf_bytes_is_null(stored.value))
        return status;
    if (stored.value.size != TOTALS_SIZE)
        return refuse(err);
    totals->keys = sf_get_be64(stored.value.data);
    totals->bytes = sf_get_be64(stored.value.data + 8);
    totals->first_time = (int64_t)sf_get_be64(stored.value.data + 16);
    return SF_OK;
}

sf_status sf_held_updates_settle(sf_key_value_store *store, const sf_held_totals *totals,
                                 sf_error *err)
{
    uint8_t bytes[TOTALS_SIZE];

    sf_put_be64(bytes, totals->keys);
    sf_put_be64(bytes + 8, totals->bytes);
    sf_put_be64(bytes + 16, (uint64_t)totals->first_time);
    return sf_key_value_store_put(store, totals_key(), sf_bytes_of(bytes, sizeof(bytes)), 0, err);
}

static size_t headers_size(sf_headers headers)
{
    size_t size = 0;

    for (size_t i = 0; i < headers.count; i++)
        size += strlen(headers.items[i].name) + headers.items[i].value.size;
    return size;
}

static uint64_t counted_size(const sf_held_update *update)
{
    return SF_HELD_UPDATE_OVERHEAD + update->key.size + update->before.size + update->value.size +
           headers_size(update->headers);
}

/* ---- an update as bytes: time, flags, timestamp, then parts, each a varint of its size and itself:
 * value before, value, number of headers, names and values of headers (size + 1; 0: null) ---- */

static uint8_t *put_part(uint8_t *to, sf_bytes part)
{
    to += sf_put_varint(to, part.size);
    if (part.size)
        memcpy(to, part.data, part.size);
    return to + part.size;
}

static uint8_t *put_header(uint8_t *to, const sf_header *header)
{
    to = put_part(to, sf_bytes_text(header->name));
    to += sf_put_varint(to, header->value.data ? header->value.size + 1 : 0);
    if (header->value.size)
        memcpy(to, header->value.data, header->value.size);
    return to + header->value.size;
}

static sf_bytes encode(const sf_held_update *update, sf_arena *arena)
{
    size_t most = HEAD_SIZE + (3 + 2 * update->headers.count) * SF_VARINT_MAX +
                  update->before.size + update->value.size + headers_size(update->headers);
    uint8_t *bytes = sf_arena_alloc(arena, most), *to = bytes + HEAD_SIZE;

    sf_put_be64(bytes, (uint64_t)update->time);
    bytes[8] =
        (uint8_t)((update->before.data ? HAS_BEFORE : 0) | (update->value.data ? HAS_VALUE : 0));
    sf_put_be64(bytes + 9, (uint64_t)update->timestamp);
    to = put_part(put_part(to, update->before), update->value);
    to += sf_put_varint(to, update->headers.count);
    for (size_t i = 0; i < update->headers.count; i++)
        to = put_header(to, &update->headers.items[i]);
    return sf_bytes_of(bytes, (size_t)(to - bytes));
}

static bool take_part(sf_bytes *left, bool is_there, sf_bytes *part)
{
    uint64_t size;

    if (!sf_take_varint(left, &size) || !sf_take_bytes(left, size, part))
        return false;
    if (!is_there)
        *part = SF_NULL;
    return true;
}

static bool take_header(sf_bytes *left, sf_arena *arena, sf_header *header)
{
    sf_bytes name;
    uint64_t size;

    if (!take_part(left, true, &name) || !sf_take_varint(left, &size))
        return false;
    header->name = (const char *)sf_arena_copy(arena, name).data; /* a NUL follows */
    header->value = SF_NULL;
    return size == 0 || sf_take_bytes(left, size - 1, &header->value);
}

static bool take_headers(sf_bytes *left, sf_arena *arena, sf_headers *headers)
{
    sf_header *items;
    uint64_t count;

    if (!sf_take_varint(left, &count) || count > left->size)
        return false;
    items = sf_arena_alloc(arena, ((size_t)count + 1) * sizeof(*items));
    for (size_t i = 0; i < count; i++)
        if (!take_header(left, arena, &items[i]))
            return false;
    *headers = (sf_headers){items, (size_t)count};
    return true;
}

/* bytes live as long as the update. */
static bool decode(sf_bytes bytes, sf_arena *arena, sf_held_update *update)
{
    sf_bytes left;

    if (bytes.size < HEAD_SIZE)
        return false;
    left = sf_bytes_of(bytes.data + HEAD_SIZE, bytes.size - HEAD_SIZE);
    update->time = (int64_t)sf_get_be64(bytes.data);
    update->timestamp = (int64_t)sf_get_be64(bytes.data + 9);
    return take_part(&left, bytes.data[8] & HAS_BEFORE, &update->before) &&
           take_part(&left, bytes.data[8] & HAS_VALUE, &update->value) &&
           take_headers(&left, arena, &update->headers);
}

/* ---- one update ---- */

sf_status sf_held_updates_find(sf_key_value_store *store, sf_bytes key, sf_arena *arena,
                               sf_held_update *update, bool *is_held, sf_error *err)
{
    sf_stored stored;
    sf_status status = sf_key_value_store_get(store, update_key(key, arena), &stored, err);

    if (status)
        return status;
    *is_held = !sf_bytes_is_null(stored.value);
    update->key = key;
    if (*is_held && !decode(sf_arena_copy(arena, stored.value), arena, update))
        return refuse(err);
    return SF_OK;
}

sf_status sf_held_updates_put(sf_key_value_store *store, const sf_held_update *update,
                              const sf_held_update *replaced, sf_arena *arena,
                              sf_held_totals *totals, sf_error *err)
{
    sf_status status = sf_key_value_store_put(store, update_key(update->key, arena),
                                              encode(update, arena), update->timestamp, err);

    totals->bytes += counted_size(update);
    if (replaced) {
        totals->bytes -= counted_size(replaced);
        return status;
    }
    if (!totals->keys++ || update->time < totals->first_time)
        totals->first_time = update->time;
    if (status)
        return status;
    return sf_key_value_store_put(store, order_key(update->time, update->key, arena),
                                  sf_bytes_of("", 0), update->timestamp, err);
}

static sf_status remove_update(sf_key_value_store *store, const sf_held_update *update,
                               sf_arena *arena, sf_held_totals *totals, sf_error *err)
{
    sf_status status = sf_key_value_store_put(store, update_key(update->key, arena), SF_NULL,
                                              update->timestamp, err);

    totals->keys--;
    totals->bytes -= counted_size(update);
    if (status)
        return status;
    return sf_key_value_store_put(store, order_key(update->time, update->key, arena), SF_NULL,
                                  update->timestamp, err);
}

/* ---- in order ---- */

static sf_status take_one(sf_key_value_store *store, const sf_held_taker *taker, sf_bytes key,
                          sf_arena *arena, sf_held_totals *totals, sf_error *err)
{
    sf_held_update update;
    bool is_held;
    sf_status status =
        sf_held_updates_find(store, sf_arena_copy(arena, key), arena, &update, &is_held, err);

    if (status)
        return status;
    if (!is_held)
        return refuse(err);
    status = taker->take(taker->user, &update, err);
    return status ? status : remove_update(store, &update, arena, totals, err);
}

sf_status sf_held_updates_take(sf_key_value_store *store, const sf_held_taker *taker,
                               sf_arena *arena, sf_held_totals *totals, sf_error *err)
{
    static const uint8_t order = ORDER;
    sf_key_value_iterator *iterator;
    sf_status status = SF_OK;
    sf_stored stored;
    sf_bytes key;

    if (!totals->keys || !taker->wants(taker->user, totals->first_time, totals))
        return SF_OK;
    status = sf_key_value_store_prefix(store, sf_bytes_of(&order, 1), &iterator, err);
    if (status)
        return status;
    while (sf_key_value_iterator_next(iterator, &key, &stored, &status, err)) {
        if (key.size < 1 + TIME_SIZE) {
            status = refuse(err);
            break;
        }
        totals->first_time = (int64_t)sf_get_be64(key.data + 1);
        if (!taker->wants(taker->user, totals->first_time, totals))
            break;
        key = sf_bytes_of(key.data + 1 + TIME_SIZE, key.size - 1 - TIME_SIZE);
        status = take_one(store, taker, key, arena, totals, err);
        if (status)
            break;
    }
    sf_key_value_iterator_free(iterator);
    return status;
}
