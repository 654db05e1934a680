#include "store/registry.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "store/buffer_entry.h"
#include "store/key_value_store_implementation.h"
#include "store/state_implementation.h"
#include "store/window_key.h"
#include "store/window_store_implementation.h"

sf_published **sf_registry_acquire(sf_state *state, const char *store, size_t *count)
{
    return sf_publications_find(sf_state_publications(state), store, count);
}

void sf_registry_release(sf_published **published, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sf_published_unref(published[i]);
    free(published);
}

int32_t sf_published_partition(const sf_published *published)
{
    return published->partition;
}

sf_store_kind sf_published_kind(const sf_published *published)
{
    return published->kind;
}

/* ---- points ---- */

static void add_partition(const sf_published *published, sf_buffer *full_key)
{
    sf_put_be32(sf_buffer_extend(full_key, SF_PARTITION_SIZE), (uint32_t)published->partition);
}

static sf_status get_full(sf_published *published, sf_bytes full_key, sf_stored *stored,
                          sf_state_pin *pin, sf_error *err)
{
    sf_bytes full;
    sf_status status = sf_state_db_get(published->db, published->family, full_key, &full, pin, err);

    if (status)
        return sf_error_prefix(err, status, "store %s", published->name);
    if (full.data && full.size < SF_TIMESTAMP_SIZE) {
        sf_state_pin_release(pin);
        return sf_fail(err, SF_CORRUPT, "store %s: a value of %zu bytes has no timestamp",
                       published->name, full.size);
    }
    *stored = full.data ? sf_stored_of(true, full.data, full.size) : (sf_stored){0};
    return SF_OK;
}

sf_status sf_published_get(sf_published *published, sf_bytes key, sf_stored *stored,
                           sf_state_pin *pin, sf_error *err)
{
    sf_buffer full_key = SF_BUFFER_EMPTY;
    sf_status status;

    add_partition(published, &full_key);
    sf_buffer_add_bytes(&full_key, key);
    status = get_full(published, sf_buffer_bytes(&full_key), stored, pin, err);
    sf_buffer_done(&full_key);
    return status;
}

static int64_t first_start(const sf_published *published)
{
    return sf_expiry_first_start(published->retention_ms,
                                 sf_expiry_time(published->expiry, published->partition));
}

sf_status sf_published_get_window(sf_published *published, sf_bytes key, int64_t start_ms,
                                  sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    sf_buffer window = SF_BUFFER_EMPTY;
    sf_status status;

    *pin = (sf_state_pin){0};
    *stored = (sf_stored){0};
    if (published->kind != SF_WINDOW_STORE)
        return sf_fail(err, SF_INVALID, "store %s is no window store", published->name);
    if (start_ms < first_start(published))
        return SF_OK;
    sf_window_key_encode(published->by_time, key, start_ms, &window);
    status = sf_published_get(published, sf_buffer_bytes(&window), stored, pin, err);
    sf_buffer_done(&window);
    return status;
}

/* ---- ranges ---- */

static sf_range *open_committed(sf_published *published, sf_bytes from, sf_bytes to, bool backwards)
{
    sf_buffer lower = SF_BUFFER_EMPTY;
    sf_buffer upper = SF_BUFFER_EMPTY;
    sf_range *range;

    add_partition(published, &lower);
    sf_buffer_add_bytes(&lower, from);
    sf_put_be32(sf_buffer_extend(&upper, SF_PARTITION_SIZE),
                (uint32_t)published->partition + (to.data ? 0 : 1));
    sf_buffer_add_bytes(&upper, to);
    range = sf_range_open(published->db, published->family, NULL, NULL, sf_buffer_bytes(&lower),
                          sf_buffer_bytes(&upper), backwards);
    sf_buffer_done(&lower);
    sf_buffer_done(&upper);
    return range;
}

sf_status sf_published_range(sf_published *published, sf_bytes from, sf_bytes to, bool backwards,
                             sf_key_value_iterator **iterator, sf_error *err)
{
    if (published->kind != SF_KEY_VALUE_STORE)
        return sf_fail(err, SF_INVALID, "store %s is no key-value store", published->name);
    *iterator = sf_key_value_iterator_new(open_committed(published, from, to, backwards));
    return SF_OK;
}

static sf_range *open_windows(void *published, sf_bytes from, sf_bytes to)
{
    return open_committed(published, from, to, false);
}

static sf_status open_iterator(sf_published *published, sf_bytes key, int64_t from_ms,
                               int64_t to_ms, sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = {
        .by_time = published->by_time,
        .key = key,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .open = open_windows,
        .user = published,
    };

    if (published->kind != SF_WINDOW_STORE)
        return sf_fail(err, SF_INVALID, "store %s is no window store", published->name);
    query.first_start_ms = first_start(published);
    return sf_window_iterator_open(&query, iterator, err);
}

sf_status sf_published_fetch(sf_published *published, sf_bytes key, int64_t from_ms, int64_t to_ms,
                             sf_window_iterator **iterator, sf_error *err)
{
    if (!key.data)
        return sf_fail(err, SF_INVALID, "store %s: the key is null", published->name);
    return open_iterator(published, key, from_ms, to_ms, iterator, err);
}

sf_status sf_published_fetch_all(sf_published *published, int64_t from_ms, int64_t to_ms,
                                 sf_window_iterator **iterator, sf_error *err)
{
    return open_iterator(published, SF_NULL, from_ms, to_ms, iterator, err);
}
