#include "store/registry.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/encoding.h"
#include "store/buffer_entry.h"
#include "store/key_value_store_implementation.h"
#include "store/session_key.h"
#include "store/session_store_implementation.h"
#include "store/state_implementation.h"
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

static int64_t first_shown(const sf_published *published)
{
    return sf_expiry_first_shown(published->expiry, published->partition);
}

static sf_status check_kind(const sf_published *published, sf_store_kind kind, sf_error *err)
{
    static const char *const names[] = {"key-value", "window", "session", "versioned"};

    if (published->kind == kind)
        return SF_OK;
    return sf_fail(err, SF_INVALID, "store %s is no %s store", published->name, names[kind]);
}

sf_status sf_published_get_window(sf_published *published, sf_bytes key, int64_t start_ms,
                                  sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    sf_window_key window = {.key = key, .start_ms = start_ms};
    sf_buffer encoded = SF_BUFFER_EMPTY;
    sf_status status = check_kind(published, SF_WINDOW_STORE, err);

    *pin = (sf_state_pin){0};
    *stored = (sf_stored){0};
    if (status || start_ms < first_shown(published))
        return status;
    sf_window_key_encode(published->layout, &window, &encoded);
    status = sf_published_get(published, sf_buffer_bytes(&encoded), stored, pin, err);
    sf_buffer_done(&encoded);
    return status;
}

sf_status sf_published_get_session(sf_published *published, const sf_session *session,
                                   sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    sf_session_key key = {session->key, session->start_ms, session->end_ms};
    sf_buffer encoded = SF_BUFFER_EMPTY;
    sf_status status = check_kind(published, SF_SESSION_STORE, err);

    *pin = (sf_state_pin){0};
    *stored = (sf_stored){0};
    if (status || session->end_ms < first_shown(published))
        return status;
    sf_session_key_encode(&key, &encoded);
    status = sf_published_get(published, sf_buffer_bytes(&encoded), stored, pin, err);
    sf_buffer_done(&encoded);
    return status;
}

/* ---- ranges ---- */

static sf_range *open_committed(void *user, bool side, sf_bytes from, sf_bytes to, bool backwards)
{
    sf_published *published = user;
    sf_buffer lower = SF_BUFFER_EMPTY;
    sf_buffer upper = SF_BUFFER_EMPTY;
    sf_range *range;

    add_partition(published, &lower);
    sf_buffer_add_bytes(&lower, from);
    sf_put_be32(sf_buffer_extend(&upper, SF_PARTITION_SIZE),
                (uint32_t)published->partition + (to.data ? 0 : 1));
    sf_buffer_add_bytes(&upper, to);
    range = sf_range_open(published->db, side ? published->side_family : published->family, NULL,
                          NULL, sf_buffer_bytes(&lower), sf_buffer_bytes(&upper), backwards);
    sf_buffer_done(&lower);
    sf_buffer_done(&upper);
    return range;
}

/* What went since its index was read is left out. */
static sf_status read_committed(void *user, sf_bytes key, sf_buffer *to, sf_error *err)
{
    sf_published *published = user;
    sf_buffer full_key = SF_BUFFER_EMPTY;
    sf_state_pin pin = {0};
    sf_bytes full;
    sf_status status;

    add_partition(published, &full_key);
    sf_buffer_add_bytes(&full_key, key);
    status = sf_state_db_get(published->db, published->family, sf_buffer_bytes(&full_key), &full,
                             &pin, err);
    if (!status)
        sf_buffer_add_bytes(to, full);
    sf_state_pin_release(&pin);
    sf_buffer_done(&full_key);
    return status;
}

static sf_row_source rows_of(sf_published *published)
{
    return (sf_row_source){.store = published, .open = open_committed, .read = read_committed};
}

sf_status sf_published_range(sf_published *published, sf_bytes from, sf_bytes to, bool backwards,
                             sf_key_value_iterator **iterator, sf_error *err)
{
    sf_status status = check_kind(published, SF_KEY_VALUE_STORE, err);

    if (!status)
        *iterator =
            sf_key_value_iterator_new(open_committed(published, false, from, to, backwards));
    return status;
}

static sf_status open_windows(sf_published *published, sf_bytes key, int64_t from_ms, int64_t to_ms,
                              sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = {
        .source = rows_of(published),
        .layout = published->layout,
        .has_index = published->side_family,
        .key = key,
        .from_ms = from_ms,
        .to_ms = to_ms,
    };
    sf_status status = check_kind(published, SF_WINDOW_STORE, err);

    if (status)
        return status;
    query.first_start_ms = first_shown(published);
    return sf_window_iterator_open(&query, iterator, err);
}

static sf_status refuse_null_key(const sf_published *published, sf_error *err)
{
    return sf_fail(err, SF_INVALID, "store %s: the key is null", published->name);
}

sf_status sf_published_fetch(sf_published *published, sf_bytes key, int64_t from_ms, int64_t to_ms,
                             sf_window_iterator **iterator, sf_error *err)
{
    if (!key.data)
        return refuse_null_key(published, err);
    return open_windows(published, key, from_ms, to_ms, iterator, err);
}

sf_status sf_published_fetch_all(sf_published *published, int64_t from_ms, int64_t to_ms,
                                 sf_window_iterator **iterator, sf_error *err)
{
    return open_windows(published, SF_NULL, from_ms, to_ms, iterator, err);
}

static sf_session_query sessions_of(sf_published *published, int64_t first_end_ms)
{
    return (sf_session_query){
        .source = rows_of(published),
        .has_index = published->side_family,
        .first_end_ms = first_end_ms,
        .last_end_ms = INT64_MAX,
        .latest_start_ms = INT64_MAX,
    };
}

sf_status sf_published_find(sf_published *published, sf_bytes key, int64_t earliest_end_ms,
                            int64_t latest_start_ms, sf_session_iterator **iterator, sf_error *err)
{
    sf_session_query query = sessions_of(published, earliest_end_ms);
    sf_status status = check_kind(published, SF_SESSION_STORE, err);

    if (status)
        return status;
    if (!key.data)
        return refuse_null_key(published, err);
    query.key = key;
    query.latest_start_ms = latest_start_ms;
    if (query.first_end_ms < first_shown(published))
        query.first_end_ms = first_shown(published);
    return sf_session_iterator_open(&query, iterator, err);
}

sf_status sf_published_find_ended(sf_published *published, int64_t from_ms, int64_t to_ms,
                                  sf_session_iterator **iterator, sf_error *err)
{
    sf_session_query query = sessions_of(published, from_ms);
    sf_status status = check_kind(published, SF_SESSION_STORE, err);
    int64_t first_kept;

    if (status)
        return status;
    first_kept = sf_expiry_first_kept(published->expiry, published->partition);
    query.last_end_ms = to_ms;
    if (query.first_end_ms < first_kept)
        query.first_end_ms = first_kept;
    return sf_session_iterator_open(&query, iterator, err);
}
