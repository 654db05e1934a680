#include <stateful/session_store.h>

#include <stdlib.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/session_key.h"
#include "store/session_store_implementation.h"
#include "store/sorted_rows.h"

/* As a window store's rows: a range in order, or what had to be read and sorted. */
struct sf_session_iterator {
    sf_range *range; /* NULL: sorted, or nothing to show */
    bool is_index;   /* the range is the index's: values are elsewhere */
    bool has_key;
    sf_buffer key;
    int64_t first_end_ms;
    int64_t last_end_ms;
    int64_t latest_start_ms;
    sf_sorted_rows sorted;
    sf_buffer full_key; /* scratch, for values of an index */
    sf_buffer value;
};

/* ---- get and put ---- */

static sf_status refuse(const sf_session_store *store, const char *why, sf_error *err)
{
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "store %s: %s", store->base.base.options.name,
                        why);
}

static sf_status check(const sf_session_store *store, const sf_session *session, sf_error *err)
{
    if (!session->key.data)
        return refuse(store, "the key is null", err);
    if (session->start_ms < 0)
        return refuse(store, "a session cannot begin before 1970", err);
    if (session->end_ms < session->start_ms)
        return refuse(store, "a session ends before it begins", err);
    return SF_OK;
}

static sf_session_key key_of(const sf_session *session)
{
    return (sf_session_key){session->key, session->start_ms, session->end_ms};
}

sf_status sf_session_store_get(sf_session_store *store, const sf_session *session,
                               sf_stored *stored, sf_error *err)
{
    sf_session_key key = key_of(session);
    sf_status status = check(store, session, err);

    if (status)
        return status;
    *stored = (sf_stored){0};
    if (session->end_ms < sf_buffered_store_first_shown(&store->base))
        return SF_OK;
    sf_session_key_encode(&key, &store->base.key);
    return sf_write_buffer_get(store->base.buffer, sf_buffer_bytes(&store->base.key), stored, err);
}

static sf_status put_rows(sf_session_store *store, const sf_session *session, sf_bytes value,
                          sf_error *err)
{
    sf_session_key key = key_of(session);
    sf_bytes indexed = value.data ? sf_bytes_of("", 0) : SF_NULL;
    sf_status status;

    sf_session_key_encode(&key, &store->base.key);
    status = sf_write_buffer_put(store->base.buffer, sf_buffer_bytes(&store->base.key), value,
                                 session->end_ms, err);
    if (status || !store->base.side)
        return status;
    sf_session_key_encode_by_end(&key, &store->base.key);
    return sf_write_buffer_put(store->base.side, sf_buffer_bytes(&store->base.key), indexed,
                               session->end_ms, err);
}

sf_status sf_session_store_put(sf_session_store *store, const sf_session *session, sf_bytes value,
                               bool *expired, sf_error *err)
{
    sf_status status = check(store, session, err);

    if (status)
        return status;
    sf_buffered_store_observe(&store->base, session->end_ms);
    if (expired)
        *expired = sf_buffered_store_has_expired(&store->base, session->end_ms);
    if (session->end_ms < sf_buffered_store_first_kept(&store->base))
        return SF_OK;
    return put_rows(store, session, value, err);
}

/* ---- find ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

sf_status sf_session_store_find(sf_session_store *store, sf_bytes key, int64_t earliest_end_ms,
                                int64_t latest_start_ms, sf_session_iterator **iterator,
                                sf_error *err)
{
    sf_session_query query = {
        .source = sf_buffered_store_rows(&store->base),
        .key = key,
        .first_end_ms = later(earliest_end_ms, sf_buffered_store_first_shown(&store->base)),
        .last_end_ms = INT64_MAX,
        .latest_start_ms = latest_start_ms,
    };

    if (!key.data)
        return refuse(store, "the key is null", err);
    return sf_session_iterator_open(&query, iterator, err);
}

sf_status sf_session_store_find_ended(sf_session_store *store, int64_t from_ms, int64_t to_ms,
                                      sf_session_iterator **iterator, sf_error *err)
{
    sf_session_query query = {
        .source = sf_buffered_store_rows(&store->base),
        .has_index = store->base.side,
        .first_end_ms = later(from_ms, sf_buffered_store_first_kept(&store->base)),
        .last_end_ms = to_ms,
        .latest_start_ms = INT64_MAX,
    };

    return sf_session_iterator_open(&query, iterator, err);
}

/* ---- the iterator ---- */

/* Keys that begin with the key lie in between; they are longer, and left out by that. */
static sf_range *open_ends(const sf_session_iterator *iterator, const sf_row_source *source)
{
    sf_buffer from = SF_BUFFER_EMPTY;
    sf_buffer to = SF_BUFFER_EMPTY;
    sf_range *range;

    sf_buffer_add_bytes(&from, sf_buffer_bytes(&iterator->key));
    sf_put_be64(sf_buffer_extend(&from, 8), (uint64_t)iterator->first_end_ms);
    sf_buffer_add_bytes(&to, sf_buffer_bytes(&iterator->key));
    sf_put_be64(sf_buffer_extend(&to, 8), (uint64_t)iterator->last_end_ms + 1);
    range = source->open(source->store, iterator->is_index, sf_buffer_bytes(&from),
                         sf_buffer_bytes(&to), false);
    sf_buffer_done(&from);
    sf_buffer_done(&to);
    return range;
}

static bool is_wanted(const sf_session_iterator *iterator, const sf_session_key *session)
{
    if (session->end_ms < iterator->first_end_ms || session->end_ms > iterator->last_end_ms ||
        session->start_ms > iterator->latest_start_ms)
        return false;
    return !iterator->has_key || sf_bytes_equal(session->key, sf_buffer_bytes(&iterator->key));
}

static bool next_in_range(sf_session_iterator *iterator, sf_session_key *session,
                          sf_bytes *full_value, sf_status *status, sf_error *err)
{
    sf_bytes full_key;

    while (sf_range_next(iterator->range, &full_key, full_value, status, err)) {
        sf_bytes key =
            sf_bytes_of(full_key.data + SF_PARTITION_SIZE, full_key.size - SF_PARTITION_SIZE);
        bool is_whole = iterator->is_index ? sf_session_key_decode_by_end(key, session)
                                           : sf_session_key_decode(key, session);

        if (!is_whole || full_value->size < SF_TIMESTAMP_SIZE) {
            *status = sf_fail(err, SF_CORRUPT, "a session's key of %zu and value of %zu bytes",
                              key.size, full_value->size);
            return false;
        }
        if (is_wanted(iterator, session))
            return true;
    }
    return false;
}

static void add_sorted(sf_session_iterator *iterator, const sf_session_key *session,
                       sf_bytes full_value)
{
    sf_sorted_row row = {session->end_ms, session->start_ms, session->key, full_value};

    sf_sorted_rows_add(&iterator->sorted, &row);
}

/* The row that an index entry stands for. */
static sf_status add_indexed(sf_session_iterator *iterator, const sf_row_source *source,
                             const sf_session_key *session, sf_error *err)
{
    sf_status status;

    sf_buffer_clear(&iterator->value);
    sf_session_key_encode(session, &iterator->full_key);
    status =
        source->read(source->store, sf_buffer_bytes(&iterator->full_key), &iterator->value, err);
    if (!status && iterator->value.size > 0)
        add_sorted(iterator, session, sf_buffer_bytes(&iterator->value));
    return status;
}

static sf_status read_and_sort(sf_session_iterator *iterator, const sf_row_source *source,
                               sf_error *err)
{
    sf_status status;
    sf_session_key session;
    sf_bytes full_value;

    while (next_in_range(iterator, &session, &full_value, &status, err)) {
        if (iterator->is_index)
            status = add_indexed(iterator, source, &session, err);
        else
            add_sorted(iterator, &session, full_value);
        if (status)
            break;
    }
    sf_range_free(iterator->range);
    iterator->range = NULL;
    sf_sorted_rows_sort(&iterator->sorted, false);
    return status;
}

static sf_status open_rows(sf_session_iterator *iterator, const sf_session_query *query,
                           sf_error *err)
{
    if (iterator->first_end_ms > iterator->last_end_ms)
        return SF_OK; /* nothing to show */
    iterator->is_index = !iterator->has_key && query->has_index;
    if (iterator->has_key || iterator->is_index)
        iterator->range = open_ends(iterator, &query->source);
    else
        iterator->range = query->source.open(query->source.store, false, SF_NULL, SF_NULL, false);
    return iterator->has_key ? SF_OK : read_and_sort(iterator, &query->source, err);
}

sf_status sf_session_iterator_open(const sf_session_query *query, sf_session_iterator **opened,
                                   sf_error *err)
{
    sf_session_iterator *iterator = sf_zalloc(sizeof(*iterator));
    sf_status status;

    iterator->has_key = !sf_bytes_is_null(query->key);
    sf_buffer_add_bytes(&iterator->key, query->key);
    iterator->first_end_ms = later(query->first_end_ms, 0);
    iterator->last_end_ms = query->last_end_ms;
    iterator->latest_start_ms = query->latest_start_ms;
    status = open_rows(iterator, query, err);
    if (status)
        sf_session_iterator_free(iterator);
    else
        *opened = iterator;
    return status;
}

static bool next_sorted(sf_session_iterator *iterator, sf_session_key *session,
                        sf_bytes *full_value)
{
    sf_sorted_row row;

    if (!sf_sorted_rows_next(&iterator->sorted, &row))
        return false;
    *session = (sf_session_key){.key = row.key, .start_ms = row.second, .end_ms = row.first};
    *full_value = row.value;
    return true;
}

bool sf_session_iterator_next(sf_session_iterator *iterator, sf_session *session, sf_stored *stored,
                              sf_status *status, sf_error *err)
{
    sf_session_key key;
    sf_bytes full_value;
    bool has_next;

    *status = SF_OK;
    has_next = iterator->range ? next_in_range(iterator, &key, &full_value, status, err)
                               : next_sorted(iterator, &key, &full_value);
    if (!has_next)
        return false;
    *session = (sf_session){.key = key.key, .start_ms = key.start_ms, .end_ms = key.end_ms};
    *stored = sf_stored_of(true, full_value.data, full_value.size);
    return true;
}

void sf_session_iterator_free(sf_session_iterator *iterator)
{
    if (!iterator)
        return;
    sf_range_free(iterator->range);
    sf_buffer_done(&iterator->key);
    sf_sorted_rows_done(&iterator->sorted);
    sf_buffer_done(&iterator->full_key);
    sf_buffer_done(&iterator->value);
    free(iterator);
}
