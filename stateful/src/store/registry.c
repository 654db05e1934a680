#include "store/registry.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "store/buffer_entry.h"
#include "store/published_rows.h"
#include "store/session_key.h"
#include "store/state_implementation.h"
#include "store/versioned_store_implementation.h"

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

static bool is_among(int32_t partition, const int32_t *wanted, size_t wanted_count)
{
    for (size_t i = 0; i < wanted_count; i++) {
        if (wanted[i] == partition)
            return true;
    }
    return false;
}

void sf_registry_keep(sf_published **published, size_t *count, const int32_t *wanted,
                      size_t wanted_count)
{
    size_t kept = 0;

    for (size_t i = 0; i < *count; i++) {
        if (is_among(published[i]->partition, wanted, wanted_count))
            published[kept++] = published[i];
        else
            sf_published_unref(published[i]);
    }
    *count = kept;
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

    sf_published_add_full_key(published, key, &full_key);
    status = get_full(published, sf_buffer_bytes(&full_key), stored, pin, err);
    sf_buffer_done(&full_key);
    return status;
}

sf_published_version sf_published_version_of(const sf_published *published)
{
    return (sf_published_version){
        .number = published->number,
        .changes = sf_state_db_version(published->db),
        .time_ms = published->expiry ? sf_expiry_time(published->expiry, published->partition) : -1,
    };
}

static int64_t first_shown(const sf_published *published)
{
    return sf_expiry_first_shown(published->expiry, published->partition);
}

sf_status sf_published_get_window(sf_published *published, sf_bytes key, int64_t start_ms,
                                  sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    sf_window_key window = {.key = key, .start_ms = start_ms};
    sf_buffer encoded = SF_BUFFER_EMPTY;
    sf_status status = sf_published_check_kind(published, SF_WINDOW_STORE, err);

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
    sf_status status = sf_published_check_kind(published, SF_SESSION_STORE, err);

    *pin = (sf_state_pin){0};
    *stored = (sf_stored){0};
    if (status || session->end_ms < first_shown(published))
        return status;
    sf_session_key_encode(&key, &encoded);
    status = sf_published_get(published, sf_buffer_bytes(&encoded), stored, pin, err);
    sf_buffer_done(&encoded);
    return status;
}

static void free_copy(void *copy)
{
    free(copy);
}

/* Among the versions that are over; the pin keeps a copy. */
static sf_status get_over(sf_published *published, sf_bytes key, int64_t timestamp,
                          sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    sf_row_source rows = sf_published_rows(published);
    sf_buffer bytes = SF_BUFFER_EMPTY;
    sf_status status = sf_version_find_over(&rows, key, timestamp, &bytes, stored, err);

    *pin = (sf_state_pin){.held = bytes.data, .release = free_copy};
    return status;
}

sf_status sf_published_get_as_of(sf_published *published, sf_bytes key, int64_t timestamp,
                                 sf_stored *stored, sf_state_pin *pin, sf_error *err)
{
    int64_t observed;
    sf_status status = sf_published_check_kind(published, SF_VERSIONED_STORE, err);

    *pin = (sf_state_pin){0};
    if (!status)
        status = sf_published_get(published, key, stored, pin, err);
    if (status || (stored->value.data && stored->timestamp <= timestamp))
        return status;
    sf_state_pin_release(pin);
    *pin = (sf_state_pin){0};
    *stored = (sf_stored){0};
    observed = sf_expiry_time(published->expiry, published->partition);
    if (timestamp < observed - published->history_ms)
        return SF_OK;
    return get_over(published, key, timestamp, stored, pin, err);
}
