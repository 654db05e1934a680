#include <stdlib.h>

#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/version_history.h"
#include "store/versioned_store_implementation.h"

struct sf_versioned_iterator {
    sf_version_history history;
    sf_buffer newest; /* with its timestamp; empty: none, or shown already */
    int64_t to_ms;
    bool has_history;
    bool oldest_first;
};

/* ---- open ---- */

static sf_status read_newest(const sf_version_query *query, sf_buffer *newest, sf_error *err)
{
    sf_buffer_clear(newest);
    return query->source.read(query->source.store, query->key, newest, err);
}

/* The newest version and those that are over are two reads; a commit in between may move one from here
 * to there. It is both at once if the newest one is the same before and after. */
static sf_status read_at_once(sf_versioned_iterator *iterator, const sf_version_query *query,
                              int64_t from_ms, sf_error *err)
{
    sf_buffer again = SF_BUFFER_EMPTY;
    bool is_same = false;
    sf_status status = read_newest(query, &iterator->newest, err);

    while (!status && !is_same) {
        sf_version_history_done(&iterator->history);
        /* One that ends at from_ms is not valid then. */
        sf_version_history_open(&iterator->history, &query->source, query->key, from_ms,
                                !query->oldest_first);
        status = read_newest(query, &again, err);
        is_same = sf_bytes_equal(sf_buffer_bytes(&iterator->newest), sf_buffer_bytes(&again));
        if (!is_same) {
            sf_buffer_clear(&iterator->newest);
            sf_buffer_add_bytes(&iterator->newest, sf_buffer_bytes(&again));
        }
    }
    sf_buffer_done(&again);
    return status;
}

sf_status sf_versioned_iterator_open(const sf_version_query *query, sf_versioned_iterator **opened,
                                     sf_error *err)
{
    sf_versioned_iterator *iterator = sf_zalloc(sizeof(*iterator));
    int64_t from_ms = query->from_ms > query->oldest_ms ? query->from_ms : query->oldest_ms;
    sf_status status;

    if (from_ms < 0)
        from_ms = 0;
    iterator->to_ms = query->to_ms;
    iterator->oldest_first = query->oldest_first;
    iterator->has_history = from_ms <= query->to_ms;
    if (iterator->has_history)
        status = read_at_once(iterator, query, from_ms, err);
    else if (query->from_ms <= query->to_ms)
        status = read_newest(query, &iterator->newest, err);
    else
        status = SF_OK;
    if (status)
        sf_versioned_iterator_free(iterator);
    else
        *opened = iterator;
    return status;
}

/* ---- next ---- */

static bool next_over(sf_versioned_iterator *iterator, sf_stored *stored, int64_t *valid_to,
                      sf_status *status, sf_error *err)
{
    sf_version_row row;

    while (iterator->has_history &&
           sf_version_history_next(&iterator->history, &row, status, err)) {
        if (row.from_ms > iterator->to_ms) {
            if (iterator->oldest_first)
                break;
            continue;
        }
        if (!row.value.data)
            continue;
        *stored = (sf_stored){row.value, row.from_ms};
        *valid_to = row.to_ms;
        return true;
    }
    iterator->has_history = false;
    return false;
}

static bool next_newest(sf_versioned_iterator *iterator, sf_stored *stored, int64_t *valid_to)
{
    if (iterator->newest.size < SF_TIMESTAMP_SIZE)
        return false;
    *stored = sf_stored_of(true, iterator->newest.data, iterator->newest.size);
    *valid_to = SF_VERSION_NOW;
    iterator->newest.size = 0; /* shown; the bytes are still there */
    return stored->timestamp <= iterator->to_ms;
}

bool sf_versioned_iterator_next(sf_versioned_iterator *iterator, sf_stored *stored,
                                int64_t *valid_to, sf_status *status, sf_error *err)
{
    *status = SF_OK;
    if (iterator->oldest_first)
        return next_over(iterator, stored, valid_to, status, err) ||
               (!*status && next_newest(iterator, stored, valid_to));
    return next_newest(iterator, stored, valid_to) ||
           next_over(iterator, stored, valid_to, status, err);
}

void sf_versioned_iterator_free(sf_versioned_iterator *iterator)
{
    if (!iterator)
        return;
    sf_version_history_done(&iterator->history);
    sf_buffer_done(&iterator->newest);
    free(iterator);
}

sf_status sf_version_find_over(const sf_row_source *source, sf_bytes key, int64_t timestamp,
                               sf_buffer *bytes, sf_stored *stored, sf_error *err)
{
    sf_version_row row;
    bool found;
    sf_status status;

    *stored = (sf_stored){0};
    if (timestamp < 0)
        return SF_OK;
    status = sf_version_history_find(source, key, timestamp, &row, bytes, &found, err);
    if (!status && found && row.from_ms <= timestamp && row.value.data)
        *stored = (sf_stored){row.value, row.from_ms};
    return status;
}
