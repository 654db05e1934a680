#include <stateful/key_value_store.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/key_value_store_implementation.h"

struct sf_key_value_iterator {
    sf_range *range;
};

static sf_status refuse_null_key(const sf_key_value_store *store, sf_error *err)
{
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "store %s: the key is null",
                        store->base.base.options.name);
}

sf_status sf_key_value_store_get(sf_key_value_store *store, sf_bytes key, sf_stored *stored,
                                 sf_error *err)
{
    if (!key.data)
        return refuse_null_key(store, err);
    return sf_write_buffer_get(store->base.buffer, key, stored, err);
}

sf_status sf_key_value_store_put(sf_key_value_store *store, sf_bytes key, sf_bytes value,
                                 int64_t timestamp, sf_error *err)
{
    if (!key.data)
        return refuse_null_key(store, err);
    return sf_write_buffer_put(store->base.buffer, key, value, timestamp, err);
}

sf_status sf_key_value_store_range(sf_key_value_store *store, sf_bytes from, sf_bytes to,
                                   bool backwards, sf_key_value_iterator **iterator, sf_error *err)
{
    (void)err; /* the first step tells */
    *iterator =
        sf_key_value_iterator_new(sf_write_buffer_range(store->base.buffer, from, to, backwards));
    return SF_OK;
}

/* The least key above all that begin with the prefix, or null if there is none. */
static sf_bytes end_of_prefix(sf_bytes prefix, sf_buffer *end)
{
    sf_buffer_add_bytes(end, prefix);
    while (end->size > 0 && end->data[end->size - 1] == 0xff)
        end->size--;
    if (end->size == 0)
        return SF_NULL;
    end->data[end->size - 1]++;
    return sf_buffer_bytes(end);
}

sf_status sf_key_value_store_prefix(sf_key_value_store *store, sf_bytes prefix,
                                    sf_key_value_iterator **iterator, sf_error *err)
{
    sf_buffer end = SF_BUFFER_EMPTY;
    sf_status status =
        sf_key_value_store_range(store, prefix, end_of_prefix(prefix, &end), false, iterator, err);

    sf_buffer_done(&end);
    return status;
}

sf_key_value_iterator *sf_key_value_iterator_new(sf_range *range)
{
    sf_key_value_iterator *iterator = sf_zalloc(sizeof(*iterator));

    iterator->range = range;
    return iterator;
}

bool sf_key_value_iterator_next(sf_key_value_iterator *iterator, sf_bytes *key, sf_stored *stored,
                                sf_status *status, sf_error *err)
{
    sf_bytes full_key;
    sf_bytes full_value;

    if (!sf_range_next(iterator->range, &full_key, &full_value, status, err))
        return false;
    if (full_value.size < SF_TIMESTAMP_SIZE) {
        *status =
            sf_fail(err, SF_CORRUPT, "a value of %zu bytes has no timestamp", full_value.size);
        return false;
    }
    *key = sf_bytes_of(full_key.data + SF_PARTITION_SIZE, full_key.size - SF_PARTITION_SIZE);
    *stored = sf_stored_of(true, full_value.data, full_value.size);
    return true;
}

void sf_key_value_iterator_free(sf_key_value_iterator *iterator)
{
    if (!iterator)
        return;
    sf_range_free(iterator->range);
    free(iterator);
}
