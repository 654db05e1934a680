#include <stateful/window_store.h>

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/window_key.h"
#include "store/window_store_implementation.h"

/* A row of an iterator that had to be sorted: where its bytes are. */
typedef struct sorted_row {
    int64_t start_ms;
    size_t at; /* in rows: key, then value */
    size_t key_size;
    size_t value_size;
} sorted_row;

struct sf_window_iterator {
    sf_range *range; /* NULL: sorted or empty */
    bool by_time;
    bool has_key;
    sf_buffer key;
    int64_t from_ms;
    int64_t to_ms;
    sf_buffer rows;
    sf_buffer sorted; /* of sorted_row */
    size_t position;  /* in sorted */
};

/* ---- get and put ---- */

static sf_status refuse(const sf_window_store *store, const char *why, sf_error *err)
{
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "store %s: %s", store->base.base.options.name,
                        why);
}

static sf_bytes window_key(sf_window_store *store, sf_bytes key, int64_t start_ms)
{
    sf_window_key_encode(store->base.base.options.by_time, key, start_ms, &store->base.key);
    return sf_buffer_bytes(&store->base.key);
}

sf_status sf_window_store_get(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_stored *stored, sf_error *err)
{
    if (!key.data)
        return refuse(store, "the key is null", err);
    if (start_ms < sf_buffered_store_first_start(&store->base)) {
        *stored = (sf_stored){0};
        return SF_OK;
    }
    return sf_write_buffer_get(store->base.buffer, window_key(store, key, start_ms), stored, err);
}

sf_status sf_window_store_put(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_bytes value, int64_t timestamp, bool *expired, sf_error *err)
{
    bool is_expired;

    if (!key.data)
        return refuse(store, "the key is null", err);
    if (start_ms < 0)
        return refuse(store, "a window cannot begin before 1970", err);
    sf_buffered_store_observe(&store->base, timestamp);
    is_expired = start_ms < sf_buffered_store_first_start(&store->base);
    if (expired)
        *expired = is_expired;
    if (is_expired)
        return SF_OK;
    return sf_write_buffer_put(store->base.buffer, window_key(store, key, start_ms), value,
                               timestamp, err);
}

/* ---- fetch ---- */

static sf_range *open_range(void *store, sf_bytes from, sf_bytes to)
{
    return sf_write_buffer_range(((sf_window_store *)store)->base.buffer, from, to, false);
}

sf_status sf_window_store_fetch(sf_window_store *store, sf_bytes key, int64_t from_ms,
                                int64_t to_ms, sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = {
        .by_time = store->base.base.options.by_time,
        .key = key,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .first_start_ms = sf_buffered_store_first_start(&store->base),
        .open = open_range,
        .user = store,
    };

    if (!key.data)
        return refuse(store, "the key is null", err);
    return sf_window_iterator_open(&query, iterator, err);
}

sf_status sf_window_store_fetch_all(sf_window_store *store, int64_t from_ms, int64_t to_ms,
                                    sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = {
        .by_time = store->base.base.options.by_time,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .first_start_ms = sf_buffered_store_first_start(&store->base),
        .open = open_range,
        .user = store,
    };

    return sf_window_iterator_open(&query, iterator, err);
}

/* ---- the iterator ---- */

static sf_range *open_by_time(const sf_window_iterator *iterator, const sf_window_query *query)
{
    uint8_t from[SF_WINDOW_START_SIZE];
    uint8_t to[SF_WINDOW_START_SIZE];

    sf_put_be64(from, (uint64_t)iterator->from_ms);
    sf_put_be64(to, (uint64_t)iterator->to_ms + 1);
    return query->open(query->user, sf_bytes_of(from, sizeof(from)), sf_bytes_of(to, sizeof(to)));
}

/* Keys that begin with the key lie in between; they are longer, and left out by that. */
static sf_range *open_by_key(const sf_window_iterator *iterator, const sf_window_query *query)
{
    sf_buffer from = SF_BUFFER_EMPTY;
    sf_buffer to = SF_BUFFER_EMPTY;
    sf_range *range;

    sf_window_key_encode(false, query->key, iterator->from_ms, &from);
    sf_window_key_encode(false, query->key, iterator->to_ms, &to);
    sf_buffer_add(&to, "", 1); /* the last one is included */
    range = query->open(query->user, sf_buffer_bytes(&from), sf_buffer_bytes(&to));
    sf_buffer_done(&from);
    sf_buffer_done(&to);
    return range;
}

static bool is_wanted(const sf_window_iterator *iterator, const sf_window_key *window)
{
    if (window->start_ms < iterator->from_ms || window->start_ms > iterator->to_ms)
        return false;
    return !iterator->has_key || sf_bytes_equal(window->key, sf_buffer_bytes(&iterator->key));
}

static bool next_in_range(sf_window_iterator *iterator, sf_window_key *window, sf_bytes *full_value,
                          sf_status *status, sf_error *err)
{
    sf_bytes full_key;

    while (sf_range_next(iterator->range, &full_key, full_value, status, err)) {
        sf_bytes key =
            sf_bytes_of(full_key.data + SF_PARTITION_SIZE, full_key.size - SF_PARTITION_SIZE);

        if (!sf_window_key_decode(iterator->by_time, key, window) ||
            full_value->size < SF_TIMESTAMP_SIZE) {
            *status = sf_fail(err, SF_CORRUPT, "a window's key of %zu and value of %zu bytes",
                              key.size, full_value->size);
            return false;
        }
        if (is_wanted(iterator, window))
            return true;
    }
    return false;
}

static void add_row(sf_window_iterator *iterator, const sf_window_key *window, sf_bytes full_value)
{
    sorted_row row = {.start_ms = window->start_ms,
                      .at = iterator->rows.size,
                      .key_size = window->key.size,
                      .value_size = full_value.size};

    sf_buffer_add_bytes(&iterator->rows, window->key);
    sf_buffer_add_bytes(&iterator->rows, full_value);
    sf_buffer_add(&iterator->sorted, &row, sizeof(row));
}

static int compare_rows(const void *left, const void *right, void *rows)
{
    const sorted_row *a = left;
    const sorted_row *b = right;
    const uint8_t *bytes = rows;

    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return sf_bytes_compare(sf_bytes_of(bytes + a->at, a->key_size),
                            sf_bytes_of(bytes + b->at, b->key_size));
}

/* All windows of a store that is kept by key: read, then sorted. */
static sf_status read_and_sort(sf_window_iterator *iterator, sf_error *err)
{
    sf_status status;
    sf_window_key window;
    sf_bytes full_value;

    while (next_in_range(iterator, &window, &full_value, &status, err))
        add_row(iterator, &window, full_value);
    sf_range_free(iterator->range);
    iterator->range = NULL;
    if (!status && iterator->sorted.size > 0)
        qsort_r(iterator->sorted.data, iterator->sorted.size / sizeof(sorted_row),
                sizeof(sorted_row), compare_rows, iterator->rows.data);
    return status;
}

static sf_status open_rows(sf_window_iterator *iterator, const sf_window_query *query,
                           sf_error *err)
{
    if (iterator->from_ms > iterator->to_ms)
        return SF_OK; /* nothing to show */
    if (iterator->by_time)
        iterator->range = open_by_time(iterator, query);
    else if (iterator->has_key)
        iterator->range = open_by_key(iterator, query);
    else
        iterator->range = query->open(query->user, SF_NULL, SF_NULL);
    if (!iterator->by_time && !iterator->has_key)
        return read_and_sort(iterator, err);
    return SF_OK;
}

sf_status sf_window_iterator_open(const sf_window_query *query, sf_window_iterator **opened,
                                  sf_error *err)
{
    sf_window_iterator *iterator = sf_zalloc(sizeof(*iterator));
    sf_status status;

    iterator->by_time = query->by_time;
    iterator->has_key = !sf_bytes_is_null(query->key);
    sf_buffer_add_bytes(&iterator->key, query->key);
    iterator->from_ms =
        query->from_ms > query->first_start_ms ? query->from_ms : query->first_start_ms;
    iterator->to_ms = query->to_ms;
    status = open_rows(iterator, query, err);
    if (status)
        sf_window_iterator_free(iterator);
    else
        *opened = iterator;
    return status;
}

static bool next_sorted(sf_window_iterator *iterator, sf_window_key *window, sf_bytes *full_value)
{
    sorted_row row;

    if (iterator->position == iterator->sorted.size)
        return false;
    memcpy(&row, iterator->sorted.data + iterator->position, sizeof(row));
    iterator->position += sizeof(row);
    window->start_ms = row.start_ms;
    window->key = sf_bytes_of(iterator->rows.data + row.at, row.key_size);
    *full_value = sf_bytes_of(iterator->rows.data + row.at + row.key_size, row.value_size);
    return true;
}

bool sf_window_iterator_next(sf_window_iterator *iterator, sf_bytes *key, int64_t *start_ms,
                             sf_stored *stored, sf_status *status, sf_error *err)
{
    sf_window_key window;
    sf_bytes full_value;
    bool has_next;

    *status = SF_OK;
    if (iterator->range)
        has_next = next_in_range(iterator, &window, &full_value, status, err);
    else
        has_next = next_sorted(iterator, &window, &full_value);
    if (!has_next)
        return false;
    *key = window.key;
    *start_ms = window.start_ms;
    *stored = sf_stored_of(true, full_value.data, full_value.size);
    return true;
}

void sf_window_iterator_free(sf_window_iterator *iterator)
{
    if (!iterator)
        return;
    sf_range_free(iterator->range);
    sf_buffer_done(&iterator->key);
    sf_buffer_done(&iterator->rows);
    sf_buffer_done(&iterator->sorted);
    free(iterator);
}
