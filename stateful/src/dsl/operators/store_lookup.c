#include "dsl/operators/store_lookup.h"

#include <stateful/windowed.h>

#include "store/task_stores.h"
#include "topology/processor_implementation.h"

/* The store is one of these, as the plan says. */
typedef struct store_lookup {
    sf_lookup base;
    const sf_store_lookup_plan *plan;
    sf_context *context;
    sf_store *store;
    sf_status (*get)(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err); /* of this kind of store */
    sf_key_value_store *rows;
    sf_window_store *windows;
    sf_session_store *sessions;
    sf_versioned_store *versions;
} store_lookup;

static sf_status decode(const store_lookup *at, sf_stored stored, sf_stored *row, sf_error *err)
{
    sf_arena *arena = sf_context_arena(at->context);

    if (sf_bytes_is_null(stored.value)) {
        *row = sf_lookup_nothing();
        return SF_OK;
    }
    row->timestamp = stored.timestamp;
    return sf_serde_decode(at->plan->value, sf_arena_copy(arena, stored.value), arena, &row->value,
                           err);
}

static sf_status get_row(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                         sf_error *err)
{
    const store_lookup *at = (const store_lookup *)lookup;
    sf_stored stored;
    sf_bytes wire;
    sf_status status =
        sf_serde_encode(at->plan->key, key, sf_context_arena(at->context), &wire, err);

    (void)as_of; /* only the newest is there */
    if (!status)
        status = sf_key_value_store_get(at->rows, wire, &stored, err);
    return status ? status : decode(at, stored, row, err);
}

static sf_status get_version(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                             sf_error *err)
{
    const store_lookup *at = (const store_lookup *)lookup;
    sf_stored stored;
    sf_bytes wire;
    sf_status status =
        sf_serde_encode(at->plan->key, key, sf_context_arena(at->context), &wire, err);

    if (!status && as_of >= SF_LOOKUP_SENT)
        status = sf_versioned_store_get(at->versions, wire, &stored, err);
    else if (!status)
        status = sf_versioned_store_get_as_of(at->versions, wire, as_of, &stored, err);
    return status ? status : decode(at, stored, row, err);
}

static sf_status window_of(const store_lookup *at, sf_bytes key, sf_windowed *window, sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(key);

    if (!windowed)
        return sf_fail(err, SF_INVALID, "a row of '%s' is wanted by a key without a window",
                       at->plan->store);
    *window = *windowed;
    return sf_serde_encode(at->plan->key, windowed->key, sf_context_arena(at->context),
                           &window->key, err);
}

static sf_status get_window(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                            sf_error *err)
{
    const store_lookup *at = (const store_lookup *)lookup;
    sf_windowed window;
    sf_stored stored;
    sf_status status = window_of(at, key, &window, err);

    (void)as_of;
    if (!status)
        status = sf_window_store_get(at->windows, window.key, window.start_ms, &stored, err);
    return status ? status : decode(at, stored, row, err);
}

static sf_status get_session(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                             sf_error *err)
{
    const store_lookup *at = (const store_lookup *)lookup;
    sf_windowed window;
    sf_session session;
    sf_stored stored;
    sf_status status = window_of(at, key, &window, err);

    (void)as_of;
    if (status)
        return status;
    session = (sf_session){window.key, window.start_ms, window.end_ms};
    status = sf_session_store_get(at->sessions, &session, &stored, err);
    return status ? status : decode(at, stored, row, err);
}

static sf_status get(const sf_lookup *lookup, sf_bytes key, int64_t as_of, sf_stored *row,
                     sf_error *err)
{
    const store_lookup *at = (const store_lookup *)lookup;
    sf_status status;

    if (as_of != SF_LOOKUP_SENT || at->versions)
        return at->get(lookup, key, as_of, row, err);
    sf_store_show_sent(at->store, true);
    status = at->get(lookup, key, as_of, row, err);
    sf_store_show_sent(at->store, false);
    return status;
}

static bool find_store(store_lookup *at, sf_context *context)
{
    const char *name = at->plan->store;

    switch (at->plan->kind) {
    case SF_KEY_VALUE_STORE:
        at->get = get_row;
        return (at->rows = sf_context_key_value_store(context, name));
    case SF_WINDOW_STORE:
        at->get = get_window;
        return (at->windows = sf_context_window_store(context, name));
    case SF_SESSION_STORE:
        at->get = get_session;
        return (at->sessions = sf_context_session_store(context, name));
    case SF_VERSIONED_STORE:
        at->get = get_version;
        return (at->versions = sf_context_versioned_store(context, name));
    }
    return false;
}

static sf_status open(const sf_lookup_plan *plan, sf_context *context, const sf_lookup **lookup,
                      sf_error *err)
{
    store_lookup *made = sf_arena_zalloc(context->pipeline->memory, sizeof(*made));

    made->base.get = get;
    made->plan = (const sf_store_lookup_plan *)plan;
    made->context = context;
    made->store = sf_context_store(context, made->plan->store);
    *lookup = &made->base;
    if (!find_store(made, context))
        return sf_fail(err, SF_INVALID, "the store '%s' is of another kind", made->plan->store);
    return SF_OK;
}

const sf_lookup_plan sf_store_lookup = {open};
