#include <stateful/view.h>

#include <inttypes.h>
#include <stdlib.h>

#include <stateful/serde.h>

#include "base/encoding.h"
#include "base/hash.h"
#include "base/memory.h"
#include "query/view_implementation.h"
#include "runtime/streams_implementation.h"

/* partitions NULL: all. */
static sf_status open_view(sf_streams *streams, const char *store, const int32_t *partitions,
                           size_t count, sf_view **view, sf_error *err)
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
    if (partitions)
        made->partitions = sf_memory_copy(partitions, count * sizeof(partitions[0]));
    made->partition_count = count;
    *view = made;
    return SF_OK;
}

sf_status sf_streams_view(sf_streams *streams, const char *store, sf_view **view, sf_error *err)
{
    return open_view(streams, store, NULL, 0, view, err);
}

static bool is_twice(const int32_t *partitions, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (partitions[i] == partitions[index])
            return true;
    }
    return false;
}

sf_status sf_streams_view_partitions(sf_streams *streams, const char *store,
                                     const int32_t *partitions, size_t count, sf_view **view,
                                     sf_error *err)
{
    if (!count)
        return sf_fail(err, SF_INVALID, "a view of store %s needs a partition at least", store);
    for (size_t i = 0; i < count; i++) {
        if (partitions[i] < 0)
            return sf_fail(err, SF_INVALID, "store %s has no partition %" PRId32, store,
                           partitions[i]);
        if (is_twice(partitions, i))
            return sf_fail(err, SF_INVALID, "partition %" PRId32 " of store %s is named twice",
                           partitions[i], store);
    }
    return open_view(streams, store, partitions, count, view, err);
}

void sf_view_free(sf_view *view)
{
    if (!view)
        return;
    free(view->partitions);
    free(view);
}

sf_store_kind sf_view_kind(const sf_view *view)
{
    return view->store->kind;
}

/* ---- which partitions are there ---- */

static void put_back(sf_view_shelf *held)
{
    sf_registry_release(held->published, held->count);
}

static sf_status fail_unavailable(const sf_view *view, const sf_view_shelf *held, sf_error *err)
{
    sf_streams_counters counters;

    sf_streams_counters_get(view->streams, &counters);
    return sf_fail_with(err, SF_RETRY, SF_CLOSED,
                        "store %s cannot be read now: the application is %s, %zu of %" PRId32
                        " partitions are there, %" PRIu64 " records to restore",
                        view->store->name, sf_run_state_name(sf_streams_state(view->streams)),
                        held->count, held->partitions, counters.restore_remaining);
}

static const char *kind_name(sf_store_kind kind)
{
    static const char *const names[] = {
        [SF_KEY_VALUE_STORE] = "key-value",
        [SF_WINDOW_STORE] = "window",
        [SF_SESSION_STORE] = "session",
        [SF_VERSIONED_STORE] = "versioned",
    };

    return names[kind];
}

static sf_status check_kind(const sf_view *view, sf_store_kind kind, sf_error *err)
{
    if (view->store->kind != kind)
        return sf_fail(err, SF_INVALID, "store %s is a %s store, not a %s one", view->store->name,
                       kind_name(view->store->kind), kind_name(kind));
    return SF_OK;
}

static sf_status take(const sf_view *view, sf_store_kind kind, sf_view_shelf *held, sf_error *err)
{
    sf_state *state = sf_streams_published_state(view->streams);
    sf_status status = check_kind(view, kind, err);

    *held = (sf_view_shelf){.partitions = (int32_t)view->partition_count};
    if (!view->partitions)
        held->partitions = sf_streams_task_count(view->streams, view->subtopology);
    if (status)
        return status;
    if (state)
        held->published = sf_registry_acquire(state, view->store->name, &held->count);
    if (view->partitions)
        sf_registry_keep(held->published, &held->count, view->partitions, view->partition_count);
    if (held->count > 0)
        return SF_OK;
    put_back(held);
    held->published = NULL;
    return fail_unavailable(view, held, err);
}

sf_status sf_view_take_all(const sf_view *view, sf_store_kind kind, sf_view_shelf *held,
                           sf_error *err)
{
    sf_status status = take(view, kind, held, err);

    if (status || held->count == (size_t)held->partitions)
        return status;
    put_back(held);
    return fail_unavailable(view, held, err);
}

static sf_published *find_partition(const sf_view_shelf *held, int32_t partition)
{
    for (size_t i = 0; i < held->count; i++) {
        if (sf_published_partition(held->published[i]) == partition)
            return held->published[i];
    }
    return NULL;
}

/* ---- its version ---- */

/* Of each partition all three only grow, so the sums are equal only if nothing has changed; but for the
 * publications, of which one may go and another come: these are told apart by their numbers' hash. */
static sf_view_version version_of(const sf_view_shelf *held)
{
    sf_view_version version = {0};

    for (size_t i = 0; i < held->count; i++) {
        sf_published_version of = sf_published_version_of(held->published[i]);

        version.partitions =
            sf_hash(sf_bytes_of((uint64_t[]){version.partitions, of.number}, 2 * sizeof(uint64_t)));
        version.changes += of.changes;
        version.times += (uint64_t)(of.time_ms + 1);
    }
    return version;
}

sf_status sf_view_version_get(sf_view *view, sf_view_version *version, sf_error *err)
{
    sf_view_shelf held;
    sf_status status = sf_view_take_all(view, view->store->kind, &held, err);

    if (status)
        return status;
    *version = version_of(&held);
    put_back(&held);
    return SF_OK;
}

bool sf_view_version_equal(sf_view_version a, sf_view_version b)
{
    return a.partitions == b.partitions && a.changes == b.changes && a.times == b.times;
}

/* ---- one key ---- */

/* One row that is wanted; only what its reader looks at is set. */
typedef struct lookup {
    sf_status (*read)(sf_published *published, const struct lookup *wanted, sf_stored *stored,
                      sf_state_pin *pin, sf_error *err);
    sf_bytes key;
    sf_bytes record_key; /* null: the key itself, as far as is known */
    int64_t start_ms;    /* of a window, of a session */
    int64_t end_ms;      /* of a session */
    int64_t as_of_ms;    /* when a version was valid */
    sf_arena *arena;
    sf_stored *stored;
} lookup;

static sf_status read_row(sf_published *published, const lookup *wanted, sf_stored *stored,
                          sf_state_pin *pin, sf_error *err)
{
    return sf_published_get(published, wanted->key, stored, pin, err);
}

static sf_status read_window(sf_published *published, const lookup *wanted, sf_stored *stored,
                             sf_state_pin *pin, sf_error *err)
{
    return sf_published_get_window(published, wanted->key, wanted->start_ms, stored, pin, err);
}

static sf_status read_session(sf_published *published, const lookup *wanted, sf_stored *stored,
                              sf_state_pin *pin, sf_error *err)
{
    const sf_session session = {wanted->key, wanted->start_ms, wanted->end_ms};

    return sf_published_get_session(published, &session, stored, pin, err);
}

static sf_status read_version(sf_published *published, const lookup *wanted, sf_stored *stored,
                              sf_state_pin *pin, sf_error *err)
{
    return sf_published_get_as_of(published, wanted->key, wanted->as_of_ms, stored, pin, err);
}

static sf_status look(sf_published *published, const lookup *wanted, sf_error *err)
{
    sf_state_pin pin = {0};
    sf_stored found = {0};
    sf_status status = wanted->read(published, wanted, &found, &pin, err);

    if (!status)
        *wanted->stored = (sf_stored){sf_arena_copy(wanted->arena, found.value), found.timestamp};
    sf_state_pin_release(&pin);
    return status;
}

/* First where the key's hash says, then wherever else there is something, if all is here. */
static sf_status look_everywhere(const sf_view_shelf *held, sf_published *likely,
                                 const lookup *wanted, sf_error *err)
{
    sf_status status = look(likely, wanted, err);

    if (held->count < (size_t)held->partitions)
        return status;
    for (size_t i = 0; !status && sf_bytes_is_null(wanted->stored->value) && i < held->count; i++) {
        if (held->published[i] != likely)
            status = look(held->published[i], wanted, err);
    }
    return status;
}

static bool reads_partition(const sf_view *view, int32_t partition)
{
    for (size_t i = 0; i < view->partition_count; i++) {
        if (view->partitions[i] == partition)
            return true;
    }
    return !view->partitions;
}

/* NULL: it is not here. A view of other partitions than the key's looks where it can. */
static sf_published *find_likely(const sf_view *view, const sf_view_shelf *held,
                                 const lookup *wanted)
{
    bool has_record_key = !sf_bytes_is_null(wanted->record_key);
    int32_t partition =
        sf_partition_of_key(has_record_key ? wanted->record_key : wanted->key,
                            sf_streams_task_count(view->streams, view->subtopology));

    if (has_record_key || reads_partition(view, partition) ||
        held->count < (size_t)held->partitions)
        return find_partition(held, partition);
    return held->published[0];
}

static sf_status get(const sf_view *view, sf_store_kind kind, const lookup *wanted, sf_error *err)
{
    sf_view_shelf held;
    sf_published *likely;
    sf_status status = take(view, kind, &held, err);

    if (status)
        return status;
    likely = find_likely(view, &held, wanted);
    if (likely && !sf_bytes_is_null(wanted->record_key))
        status = look(likely, wanted, err);
    else if (likely)
        status = look_everywhere(&held, likely, wanted, err);
    else
        status = fail_unavailable(view, &held, err);
    put_back(&held);
    return status;
}

static sf_status get_row(sf_view *view, const lookup *wanted, sf_error *err)
{
    bool has_versions = view->store->kind == SF_VERSIONED_STORE;

    return get(view, has_versions ? SF_VERSIONED_STORE : SF_KEY_VALUE_STORE, wanted, err);
}

sf_status sf_view_get(sf_view *view, sf_bytes key, sf_arena *arena, sf_stored *stored,
                      sf_error *err)
{
    const lookup wanted = {.read = read_row, .key = key, .arena = arena, .stored = stored};

    return get_row(view, &wanted, err);
}

sf_status sf_view_get_of(sf_view *view, sf_bytes record_key, sf_bytes key, sf_arena *arena,
                         sf_stored *stored, sf_error *err)
{
    const lookup wanted = {
        .read = read_row, .key = key, .record_key = record_key, .arena = arena, .stored = stored};

    return get_row(view, &wanted, err);
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
    const lookup wanted = {
        .read = read_window, .key = key, .start_ms = start_ms, .arena = arena, .stored = stored};

    return get(view, SF_WINDOW_STORE, &wanted, err);
}

sf_status sf_view_get_session(sf_view *view, const sf_session *session, sf_arena *arena,
                              sf_stored *stored, sf_error *err)
{
    const lookup wanted = {.read = read_session,
                           .key = session->key,
                           .start_ms = session->start_ms,
                           .end_ms = session->end_ms,
                           .arena = arena,
                           .stored = stored};

    return get(view, SF_SESSION_STORE, &wanted, err);
}

sf_status sf_view_get_as_of(sf_view *view, sf_bytes key, int64_t timestamp, sf_arena *arena,
                            sf_stored *stored, sf_error *err)
{
    const lookup wanted = {
        .read = read_version, .key = key, .as_of_ms = timestamp, .arena = arena, .stored = stored};

    return get(view, SF_VERSIONED_STORE, &wanted, err);
}
