#include <stateful/window_store.h>

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/store_layout.h"
#include "store/window_store_implementation.h"

struct sf_window_iterator {
    sf_window_rows *rows;
};

/* ---- get and put ---- */

static sf_status refuse(const sf_window_store *store, const char *why, sf_error *err)
{
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "store %s: %s", store->base.base.options.name,
                        why);
}

static sf_bytes row_key(sf_window_store *store, const sf_window_key *window)
{
    sf_window_key_encode(sf_store_window_layout(&store->base.base.options), window,
                         &store->base.key);
    return sf_buffer_bytes(&store->base.key);
}

sf_status sf_window_store_get(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_stored *stored, sf_error *err)
{
    sf_window_key window = {.key = key, .start_ms = start_ms};

    if (!key.data)
        return refuse(store, "the key is null", err);
    if (start_ms < sf_buffered_store_first_shown(&store->base)) {
        *stored = (sf_stored){0};
        return SF_OK;
    }
    return sf_write_buffer_get(store->base.buffer, row_key(store, &window), stored, err);
}

static sf_status is_taken(sf_window_store *store, const sf_window_key *window, bool *taken,
                          sf_error *err)
{
    sf_stored stored;
    sf_status status =
        sf_write_buffer_get(store->base.buffer, row_key(store, window), &stored, err);

    *taken = !status && stored.value.data;
    return status;
}

/* The first sequence that is free. Nothing is ever removed singly, so those taken have no gaps:
 * look further and further ahead, then between the last two places. */
static sf_status find_sequence(sf_window_store *store, sf_window_key *window, sf_error *err)
{
    uint32_t first_free = 0; /* not above the wanted one */
    uint32_t step = 1;
    bool taken;
    sf_status status = is_taken(store, window, &taken, err);

    if (status || !taken)
        return status;
    for (; !status && taken; step *= 2) { /* [first_free - 1] is taken */
        first_free = window->sequence + 1;
        window->sequence += step;
        status = is_taken(store, window, &taken, err);
    }
    while (!status && first_free < window->sequence) { /* [window->sequence] is free */
        sf_window_key middle = *window;

        middle.sequence = first_free + (window->sequence - first_free) / 2;
        status = is_taken(store, &middle, &taken, err);
        if (taken)
            first_free = middle.sequence + 1;
        else
            window->sequence = middle.sequence;
    }
    return status;
}

static sf_status put_row(sf_window_store *store, const sf_window_key *window, sf_bytes value,
                         int64_t timestamp, sf_error *err)
{
    sf_window_layout by_time = {.by_time = true,
                                .has_sequence = store->base.base.options.retain_duplicates};
    sf_status status =
        sf_write_buffer_put(store->base.buffer, row_key(store, window), value, timestamp, err);

    if (status || !store->base.side)
        return status;
    sf_window_key_encode(by_time, window, &store->base.key);
    return sf_write_buffer_put(store->base.side, sf_buffer_bytes(&store->base.key),
                               value.data ? sf_bytes_of("", 0) : SF_NULL, timestamp, err);
}

/* Before the first window is put: none that exists is later than what was observed. */
static void begin_filter(sf_window_store *store)
{
    const sf_store_options *options = &store->base.base.options;
    int time_at = sf_window_layout_time_at(sf_store_window_layout(options));

    if (!options->in_memory && !sf_write_buffer_has_filter(store->base.buffer))
        sf_write_buffer_begin_filter(store->base.buffer, time_at, store->base.observed);
}

sf_status sf_window_store_put(sf_window_store *store, sf_bytes key, int64_t start_ms,
                              sf_bytes value, int64_t timestamp, bool *expired, sf_error *err)
{
    sf_window_key window = {.key = key, .start_ms = start_ms};
    bool has_duplicates = store->base.base.options.retain_duplicates;
    bool is_newest = start_ms > store->base.observed; /* so that nothing begins there yet */
    sf_status status = SF_OK;

    if (!key.data)
        return refuse(store, "the key is null", err);
    if (start_ms < 0)
        return refuse(store, "a window cannot begin before 1970", err);
    if (expired)
        *expired = false;
    if (has_duplicates && !value.data)
        return SF_OK;
    begin_filter(store);
    sf_buffered_store_observe(&store->base, start_ms);
    if (expired)
        *expired = sf_buffered_store_has_expired(&store->base, start_ms);
    if (start_ms < sf_buffered_store_first_kept(&store->base))
        return SF_OK;
    if (has_duplicates && !is_newest)
        status = find_sequence(store, &window, err);
    return status ? status : put_row(store, &window, value, timestamp, err);
}

/* ---- fetch ---- */

static sf_window_query query_of(sf_window_store *store, int64_t from_ms, int64_t to_ms)
{
    return (sf_window_query){
        .source = sf_buffered_store_rows(&store->base),
        .layout = sf_store_window_layout(&store->base.base.options),
        .has_index = store->base.side,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .first_start_ms = sf_buffered_store_first_shown(&store->base),
    };
}

static sf_status fetch(sf_window_store *store, sf_bytes key, sf_window_query *query,
                       sf_window_iterator **iterator, sf_error *err)
{
    if (!key.data)
        return refuse(store, "the key is null", err);
    query->key = key;
    return sf_window_iterator_open(query, iterator, err);
}

sf_status sf_window_store_fetch(sf_window_store *store, sf_bytes key, int64_t from_ms,
                                int64_t to_ms, sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = query_of(store, from_ms, to_ms);

    return fetch(store, key, &query, iterator, err);
}

sf_status sf_window_store_fetch_backwards(sf_window_store *store, sf_bytes key, int64_t from_ms,
                                          int64_t to_ms, sf_window_iterator **iterator,
                                          sf_error *err)
{
    sf_window_query query = query_of(store, from_ms, to_ms);

    query.backwards = true;
    return fetch(store, key, &query, iterator, err);
}

sf_status sf_window_store_fetch_all(sf_window_store *store, int64_t from_ms, int64_t to_ms,
                                    sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = query_of(store, from_ms, to_ms);

    return sf_window_iterator_open(&query, iterator, err);
}

/* ---- the iterator ---- */

sf_status sf_window_iterator_open(const sf_window_query *query, sf_window_iterator **opened,
                                  sf_error *err)
{
    sf_window_rows *rows;
    sf_status status = sf_window_rows_open(query, &rows, err);

    if (status)
        return status;
    *opened = sf_zalloc(sizeof(**opened));
    (*opened)->rows = rows;
    return SF_OK;
}

bool sf_window_iterator_next(sf_window_iterator *iterator, sf_bytes *key, int64_t *start_ms,
                             sf_stored *stored, sf_status *status, sf_error *err)
{
    sf_window_key window;
    sf_bytes full_value;

    if (!sf_window_rows_next(iterator->rows, &window, &full_value, status, err))
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
    sf_window_rows_free(iterator->rows);
    free(iterator);
}
