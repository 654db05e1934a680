#include "store/key_value_store_implementation.h"
#include "store/published_rows.h"
#include "store/registry.h"
#include "store/session_store_implementation.h"
#include "store/versioned_store_implementation.h"
#include "store/window_store_implementation.h"

sf_status sf_published_range(sf_published *published, sf_bytes from, sf_bytes to, bool backwards,
                             sf_key_value_iterator **iterator, sf_error *err)
{
    sf_row_source rows = sf_published_rows(published);
    sf_status status = sf_published_check_kind(published, SF_KEY_VALUE_STORE, err);

    if (!status)
        *iterator = sf_key_value_iterator_new(rows.open(published, false, from, to, backwards));
    return status;
}

static int64_t first_shown(const sf_published *published)
{
    return sf_expiry_first_shown(published->expiry, published->partition);
}

static sf_status open_windows(sf_published *published, sf_bytes key, int64_t from_ms, int64_t to_ms,
                              sf_window_iterator **iterator, sf_error *err)
{
    sf_window_query query = {
        .source = sf_published_rows(published),
        .layout = published->layout,
        .has_index = published->side_family,
        .key = key,
        .from_ms = from_ms,
        .to_ms = to_ms,
    };
    sf_status status = sf_published_check_kind(published, SF_WINDOW_STORE, err);

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
        .source = sf_published_rows(published),
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
    sf_status status = sf_published_check_kind(published, SF_SESSION_STORE, err);

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
    sf_status status = sf_published_check_kind(published, SF_SESSION_STORE, err);
    int64_t first_kept;

    if (status)
        return status;
    first_kept = sf_expiry_first_kept(published->expiry, published->partition);
    query.last_end_ms = to_ms;
    if (query.first_end_ms < first_kept)
        query.first_end_ms = first_kept;
    return sf_session_iterator_open(&query, iterator, err);
}

sf_status sf_published_versions(sf_published *published, sf_bytes key, int64_t from_ms,
                                int64_t to_ms, bool oldest_first, sf_versioned_iterator **iterator,
                                sf_error *err)
{
    sf_version_query query = {
        .source = sf_published_rows(published),
        .key = key,
        .from_ms = from_ms,
        .to_ms = to_ms,
        .oldest_first = oldest_first,
    };
    sf_status status = sf_published_check_kind(published, SF_VERSIONED_STORE, err);

    if (status)
        return status;
    if (!key.data)
        return refuse_null_key(published, err);
    query.oldest_ms =
        sf_expiry_time(published->expiry, published->partition) - published->history_ms;
    return sf_versioned_iterator_open(&query, iterator, err);
}
