#include "query/view_iterator_implementation.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"

/* One partition and the entry it stands at. */
typedef struct branch {
    sf_key_value_iterator *keys;
    sf_window_iterator *windows;
    sf_session_iterator *sessions;
    sf_versioned_iterator *versions;
    sf_view_entry entry;
    bool has_entry;
} branch;

struct sf_view_iterator {
    sf_store_kind kind;
    bool backwards;
    bool has_begun;
    sf_published **published;
    branch *branches; /* one a partition */
    sf_buffer key;    /* whose versions are read */
    size_t count;
    branch *given; /* whose entry the caller has */
};

sf_view_iterator *sf_view_iterator_new(sf_store_kind kind, bool backwards, sf_published **published,
                                       size_t count)
{
    sf_view_iterator *iterator = sf_zalloc(sizeof(*iterator));

    iterator->kind = kind;
    iterator->key = SF_BUFFER_EMPTY;
    iterator->backwards = backwards;
    iterator->published = published;
    iterator->branches = sf_zalloc((count + 1) * sizeof(iterator->branches[0]));
    iterator->count = count;
    return iterator;
}

sf_status sf_view_iterator_open_range(sf_view_iterator *iterator, size_t index, sf_bytes from,
                                      sf_bytes to, sf_error *err)
{
    return sf_published_range(iterator->published[index], from, to, iterator->backwards,
                              &iterator->branches[index].keys, err);
}

sf_status sf_view_iterator_open_fetch(sf_view_iterator *iterator, size_t index, const sf_bytes *key,
                                      int64_t from_ms, int64_t to_ms, sf_error *err)
{
    sf_published *published = iterator->published[index];
    sf_window_iterator **windows = &iterator->branches[index].windows;

    return key ? sf_published_fetch(published, *key, from_ms, to_ms, windows, err)
               : sf_published_fetch_all(published, from_ms, to_ms, windows, err);
}

sf_status sf_view_iterator_open_sessions(sf_view_iterator *iterator, size_t index, sf_bytes key,
                                         int64_t earliest_end_ms, int64_t latest_start_ms,
                                         sf_error *err)
{
    return sf_published_find(iterator->published[index], key, earliest_end_ms, latest_start_ms,
                             &iterator->branches[index].sessions, err);
}

sf_status sf_view_iterator_open_ended(sf_view_iterator *iterator, size_t index, int64_t from_ms,
                                      int64_t to_ms, sf_error *err)
{
    return sf_published_find_ended(iterator->published[index], from_ms, to_ms,
                                   &iterator->branches[index].sessions, err);
}

sf_status sf_view_iterator_open_versions(sf_view_iterator *iterator, size_t index, sf_bytes key,
                                         int64_t from_ms, int64_t to_ms, sf_error *err)
{
    sf_buffer_clear(&iterator->key);
    sf_buffer_add_bytes(&iterator->key, key);
    return sf_published_versions(iterator->published[index], key, from_ms, to_ms,
                                 !iterator->backwards, &iterator->branches[index].versions, err);
}

sf_status sf_view_iterator_hand_over(sf_view_iterator *made, sf_status status,
                                     sf_view_iterator **iterator)
{
    if (status)
        sf_view_iterator_free(made);
    else
        *iterator = made;
    return status;
}

static bool next_session(branch *stepped, sf_status *status, sf_error *err)
{
    sf_view_entry *entry = &stepped->entry;
    sf_session session;

    if (!sf_session_iterator_next(stepped->sessions, &session, &entry->stored, status, err))
        return false;
    entry->key = session.key;
    entry->start_ms = session.start_ms;
    entry->end_ms = session.end_ms;
    return true;
}

static bool next_version(const sf_view_iterator *iterator, branch *stepped, sf_status *status,
                         sf_error *err)
{
    sf_view_entry *entry = &stepped->entry;

    entry->key = sf_buffer_bytes(&iterator->key);
    return sf_versioned_iterator_next(stepped->versions, &entry->stored, &entry->valid_to_ms,
                                      status, err);
}

static sf_status step(const sf_view_iterator *iterator, branch *stepped, sf_error *err)
{
    sf_view_entry *entry = &stepped->entry;
    sf_status status = SF_OK;

    switch (iterator->kind) {
    case SF_KEY_VALUE_STORE:
        stepped->has_entry =
            sf_key_value_iterator_next(stepped->keys, &entry->key, &entry->stored, &status, err);
        break;
    case SF_WINDOW_STORE:
        stepped->has_entry = sf_window_iterator_next(
            stepped->windows, &entry->key, &entry->start_ms, &entry->stored, &status, err);
        break;
    case SF_SESSION_STORE:
        stepped->has_entry = next_session(stepped, &status, err);
        break;
    case SF_VERSIONED_STORE:
        stepped->has_entry = next_version(iterator, stepped, &status, err);
        break;
    }
    return status;
}

static sf_status step_where_needed(sf_view_iterator *iterator, sf_error *err)
{
    sf_status status = SF_OK;

    if (iterator->given)
        return step(iterator, iterator->given, err);
    for (size_t i = 0; !status && !iterator->has_begun && i < iterator->count; i++)
        status = step(iterator, &iterator->branches[i], err);
    iterator->has_begun = true;
    return status;
}

/* By time, where a store has it: sessions by end, versions by when they begin; then by key. */
static int compare(const sf_view_entry *a, const sf_view_entry *b)
{
    if (a->end_ms != b->end_ms)
        return a->end_ms < b->end_ms ? -1 : 1;
    if (a->start_ms != b->start_ms)
        return a->start_ms < b->start_ms ? -1 : 1;
    return sf_bytes_compare(a->key, b->key);
}

static int compare_versions(const sf_view_entry *a, const sf_view_entry *b)
{
    int64_t one = a->stored.timestamp, other = b->stored.timestamp;

    return one < other ? -1 : one > other;
}

static bool comes_before(const sf_view_iterator *iterator, const sf_view_entry *a,
                         const sf_view_entry *b)
{
    int order = iterator->kind == SF_VERSIONED_STORE ? compare_versions(a, b) : compare(a, b);

    return iterator->backwards ? order > 0 : order < 0;
}

bool sf_view_iterator_next(sf_view_iterator *iterator, sf_view_entry *entry, sf_status *status,
                           sf_error *err)
{
    branch *first = NULL;

    *status = step_where_needed(iterator, err);
    iterator->given = NULL;
    if (*status)
        return false;
    for (size_t i = 0; i < iterator->count; i++) {
        branch *candidate = &iterator->branches[i];

        if (candidate->has_entry &&
            (!first || comes_before(iterator, &candidate->entry, &first->entry)))
            first = candidate;
    }
    if (!first)
        return false;
    iterator->given = first;
    *entry = first->entry;
    return true;
}

void sf_view_iterator_free(sf_view_iterator *iterator)
{
    if (!iterator)
        return;
    for (size_t i = 0; i < iterator->count; i++) {
        sf_key_value_iterator_free(iterator->branches[i].keys);
        sf_window_iterator_free(iterator->branches[i].windows);
        sf_session_iterator_free(iterator->branches[i].sessions);
        sf_versioned_iterator_free(iterator->branches[i].versions);
    }
    sf_buffer_done(&iterator->key);
    sf_registry_release(iterator->published, iterator->count);
    free(iterator->branches);
    free(iterator);
}
