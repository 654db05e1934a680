/* view_ranges.c - many rows of a store: an iterator of each partition, merged. */
#include "query/view_implementation.h"
#include "query/view_iterator_implementation.h"

/* What is wanted of each partition; only what its opener looks at is set. */
typedef struct range {
    sf_status (*open)(sf_view_iterator *iterator, size_t index, const struct range *wanted,
                      sf_error *err);
    sf_store_kind kind;
    sf_bytes from; /* the key, where there is one only */
    sf_bytes to;
    int64_t from_ms;
    int64_t to_ms;
    bool backwards;
} range;

static sf_status open_all(sf_view *view, const range *wanted, sf_view_iterator **iterator,
                          sf_error *err)
{
    sf_view_shelf held;
    sf_view_iterator *made;
    sf_status status = sf_view_take_all(view, wanted->kind, &held, err);

    if (status)
        return status;
    made = sf_view_iterator_new(wanted->kind, wanted->backwards, held.published, held.count);
    for (size_t i = 0; !status && i < held.count; i++)
        status = wanted->open(made, i, wanted, err);
    return sf_view_iterator_hand_over(made, status, iterator);
}

/* ---- key-value stores ---- */

static sf_status open_range(sf_view_iterator *iterator, size_t index, const range *wanted,
                            sf_error *err)
{
    return sf_view_iterator_open_range(iterator, index, wanted->from, wanted->to, err);
}

sf_status sf_view_range(sf_view *view, sf_bytes from, sf_bytes to, bool backwards,
                        sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {.open = open_range,
                          .kind = SF_KEY_VALUE_STORE,
                          .from = from,
                          .to = to,
                          .backwards = backwards};

    return open_all(view, &wanted, iterator, err);
}

/* ---- window stores ---- */

static sf_status open_fetch(sf_view_iterator *iterator, size_t index, const range *wanted,
                            sf_error *err)
{
    return sf_view_iterator_open_fetch(iterator, index, &wanted->from, wanted->from_ms,
                                       wanted->to_ms, err);
}

sf_status sf_view_fetch(sf_view *view, sf_bytes key, int64_t from_ms, int64_t to_ms,
                        sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {.open = open_fetch,
                          .kind = SF_WINDOW_STORE,
                          .from = key,
                          .from_ms = from_ms,
                          .to_ms = to_ms};

    return open_all(view, &wanted, iterator, err);
}

static sf_status open_fetch_all(sf_view_iterator *iterator, size_t index, const range *wanted,
                                sf_error *err)
{
    return sf_view_iterator_open_fetch(iterator, index, NULL, wanted->from_ms, wanted->to_ms, err);
}

sf_status sf_view_fetch_all(sf_view *view, int64_t from_ms, int64_t to_ms,
                            sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {
        .open = open_fetch_all, .kind = SF_WINDOW_STORE, .from_ms = from_ms, .to_ms = to_ms};

    return open_all(view, &wanted, iterator, err);
}

/* ---- session stores ---- */

static sf_status open_sessions(sf_view_iterator *iterator, size_t index, const range *wanted,
                               sf_error *err)
{
    return sf_view_iterator_open_sessions(iterator, index, wanted->from, wanted->from_ms,
                                          wanted->to_ms, err);
}

sf_status sf_view_find_sessions(sf_view *view, sf_bytes key, int64_t earliest_end_ms,
                                int64_t latest_start_ms, sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {.open = open_sessions,
                          .kind = SF_SESSION_STORE,
                          .from = key,
                          .from_ms = earliest_end_ms,
                          .to_ms = latest_start_ms};

    return open_all(view, &wanted, iterator, err);
}

static sf_status open_ended(sf_view_iterator *iterator, size_t index, const range *wanted,
                            sf_error *err)
{
    return sf_view_iterator_open_ended(iterator, index, wanted->from_ms, wanted->to_ms, err);
}

sf_status sf_view_find_sessions_ended(sf_view *view, int64_t from_ms, int64_t to_ms,
                                      sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {
        .open = open_ended, .kind = SF_SESSION_STORE, .from_ms = from_ms, .to_ms = to_ms};

    return open_all(view, &wanted, iterator, err);
}

/* ---- versioned stores ---- */

static sf_status open_versions(sf_view_iterator *iterator, size_t index, const range *wanted,
                               sf_error *err)
{
    return sf_view_iterator_open_versions(iterator, index, wanted->from, wanted->from_ms,
                                          wanted->to_ms, err);
}

sf_status sf_view_versions(sf_view *view, sf_bytes key, int64_t from_ms, int64_t to_ms,
                           bool oldest_first, sf_view_iterator **iterator, sf_error *err)
{
    const range wanted = {.open = open_versions,
                          .kind = SF_VERSIONED_STORE,
                          .from = key,
                          .from_ms = from_ms,
                          .to_ms = to_ms,
                          .backwards = !oldest_first};

    return open_all(view, &wanted, iterator, err);
}
