#include <stateful/view.h>

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/serde.h>

#include "base/encoding.h"
#include "base/memory.h"
#include "query/view_iterator_implementation.h"
#include "runtime/streams_implementation.h"
#include "store/registry.h"

struct sf_view {
    sf_streams *streams;
    const sf_store_options *store;
    size_t subtopology; /* that owns it */
};

sf_status sf_streams_view(sf_streams *streams, const char *store, sf_view **view, sf_error *err)
{
    size_t subtopology;
    const sf_store_options *found = sf_streams_find_store(streams, store, &subtopology);
    sf_view *made;

    if (!found)
        return sf_fail(err, SF_NOT_FOUND, "the topology has no store '%s'", store);
    made = sf_zalloc(sizeof(*made));
    made->streams = streams;
    made->store = found;
    made->subtopology = subtopology;
    *view = made;
    return SF_OK;
}

void sf_view_free(sf_view *view)
{
    free(view);
}

sf_store_kind sf_view_kind(const sf_view *view)
{
    return view->store->kind;
}

/* ---- which partitions are there ---- */

/* The partitions of a store that can be read now, held until they are put back. */
typedef struct shelf {
    sf_published **published; /* by partition */
    size_t count;
    int32_t partitions; /* that the store has */
} shelf;

static void put_back(shelf *held)
{
    sf_registry_release(held->published, held->count);
}

static sf_status fail_unavailable(const sf_view *view, const shelf *held, sf_error *err)
{
    sf_streams_counters counters;

    sf_streams_counters_get(view->streams, &counters);
    return sf_fail_with(err, SF_RETRY, SF_CLOSED,
                        "store %s cannot be read now: the application is %s, %zu of %" PRId32
                        " partitions are there, %" PRIu64 " records to restore",
                        view->store->name, sf_run_state_name(sf_streams_state(view->streams)),
                        held->count, held->partitions, counters.restore_remaining);
}

static sf_status check_kind(const sf_view *view, sf_store_kind kind, sf_error *err)
{
    if (view->store->kind != kind)
        return sf_fail(err, SF_INVALID, "store %s is a %s store", view->store->name,
                       kind == SF_WINDOW_STORE ? "key-value" : "window");
    return SF_OK;
}

static sf_status take(const sf_view *view, sf_store_kind kind, shelf *held, sf_error *err)
{
    sf_state *state = sf_streams_published_state(view->streams);
    sf_status status = check_kind(view, kind, err);

    *held = (shelf){.partitions = sf_streams_task_count(view->streams, view->subtopology)};
    if (status)
        return status;
    if (state)
        held->published = sf_registry_acquire(state, view->store->name, &held->count);
    if (held->count > 0)
        return SF_OK;
    put_back(held);
    held->published = NULL;
    return fail_unavailable(view, held, err);
}

static sf_status take_all(const sf_view *view, sf_store_kind kind, shelf *held, sf_error *err)
{
    sf_status status = take(view, kind, held, err);

    if (status || held->count == (size_t)held->partitions)
        return status;
    put_back(held);
    return fail_unavailable(view, held, err);
}

static sf_published *find_partition(const shelf *held, int32_t partition)
{
    for (size_t i = 0; i < held->count; i++) {
        if (sf_published_partition(held->published[i]) == partition)
            return held->published[i];
    }
    return NULL;
}

/* ---- one key ---- */

typedef struct lookup {
    sf_bytes key;
    int64_t start_ms;
    sf_arena *arena;
    sf_stored *stored;
} lookup;

static sf_status look(sf_published *published, const lookup *wanted, sf_error *err)
{
    sf_state_pin pin = {0};
    sf_stored found = {0};
    sf_status status =
        sf_published_kind(published) == SF_WINDOW_STORE
            ? sf_published_get_window(published, wanted->key, wanted->start_ms, &found, &pin, err)
            : sf_published_get(published, wanted->key, &found, &pin, err);

    if (!status)
        *wanted->stored = (sf_stored){sf_arena_copy(wanted->arena, found.value), found.timestamp};
    sf_state_pin_release(&pin);
    return status;
}

/* First where the key's hash says, then wherever else there is something. */
static sf_status look_everywhere(const shelf *held, sf_published *likely, const lookup *wanted,
                                 sf_error *err)
{
    sf_status status = look(likely, wanted, err);

    for (size_t i = 0; !status && sf_bytes_is_null(wanted->stored->value) && i < held->count; i++) {
        if (held->published[i] != likely)
            status = look(held->published[i], wanted, err);
    }
    return status;
}

static sf_status get(const sf_view *view, sf_store_kind kind, const lookup *wanted, sf_error *err)
{
    shelf held;
    sf_published *likely;
    sf_status status = take(view, kind, &held, err);

    if (status)
        return status;
    likely = find_partition(&held, sf_partition_of_key(wanted->key, held.partitions));
    status =
        likely ? look_everywhere(&held, likely, wanted, err) : fail_unavailable(view, &held, err);
    put_back(&held);
    return status;
}

sf_status sf_view_get(sf_view *view, sf_bytes key, sf_arena *arena, sf_stored *stored,
                      sf_error *err)
{
    const lookup wanted = {.key = key, .arena = arena, .stored = stored};

    return get(view, SF_KEY_VALUE_STORE, &wanted, err);
}

sf_status sf_view_get_int64(sf_view *view, sf_bytes key, int64_t *number, bool *known,
                            sf_error *err)
{
    sf_arena *arena = sf_arena_new();
    sf_stored stored;
    sf_status status = sf_view_get(view, key, arena, &stored, err);
    bool is_known = !status && !sf_bytes_is_null(stored.value);

    if (is_known && stored.value.size != sizeof(int64_t))
        status = sf_fail(err, SF_BAD_DATA, "a value of store %s has %zu bytes, an int64 has 8",
                         view->store->name, stored.value.size);
    if (!status) {
        *number = is_known ? (int64_t)sf_get_be64(stored.value.data) : 0;
        if (known)
            *known = is_known;
    }
    sf_arena_free(arena);
    return status;
}

sf_status sf_view_get_window(sf_view *view, sf_bytes key, int64_t start_ms, sf_arena *arena,
                             sf_stored *stored, sf_error *err)
{
    const lookup wanted = {.key = key, .start_ms = start_ms, .arena = arena, .stored = stored};

    return get(view, SF_WINDOW_STORE, &wanted, err);
}

/* ---- many keys ---- */

sf_status sf_view_range(sf_view *view, sf_bytes from, sf_bytes to, bool backwards,
                        sf_view_iterator **iterator, sf_error *err)
{
    shelf held;
    sf_view_iterator *made;
    sf_status status = take_all(view, SF_KEY_VALUE_STORE, &held, err);

    if (status)
        return status;
    made = sf_view_iterator_new(SF_KEY_VALUE_STORE, backwards, held.published, held.count);
    for (size_t i = 0; !status && i < held.count; i++)
        status = sf_view_iterator_open_range(made, i, from, to, err);
    return sf_view_iterator_hand_over(made, status, iterator);
}

sf_status sf_view_fetch(sf_view *view, sf_bytes key, int64_t from_ms, int64_t to_ms,
                        sf_view_iterator **iterator, sf_error *err)
{
    shelf held;
    sf_view_iterator *made;
    sf_status status = take_all(view, SF_WINDOW_STORE, &held, err);

    if (status)
        return status;
    made = sf_view_iterator_new(SF_WINDOW_STORE, false, held.published, held.count);
    for (size_t i = 0; !status && i < held.count; i++)
        status = sf_view_iterator_open_fetch(made, i, &key, from_ms, to_ms, err);
    return sf_view_iterator_hand_over(made, status, iterator);
}

sf_status sf_view_fetch_all(sf_view *view, int64_t from_ms, int64_t to_ms,
                            sf_view_iterator **iterator, sf_error *err)
{
    shelf held;
    sf_view_iterator *made;
    sf_status status = take_all(view, SF_WINDOW_STORE, &held, err);

    if (status)
        return status;
    made = sf_view_iterator_new(SF_WINDOW_STORE, false, held.published, held.count);
    for (size_t i = 0; !status && i < held.count; i++)
        status = sf_view_iterator_open_fetch(made, i, NULL, from_ms, to_ms, err);
    return sf_view_iterator_hand_over(made, status, iterator);
}
