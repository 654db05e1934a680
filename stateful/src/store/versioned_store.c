/* versioned_store.c - the newest version of a key is a row of the store's own family, at hand by one
 * look-up; a version that is over moves to the side family, where it expires by its end.
 *
 *   1 Rows of the side family do not overlap, and none ends after the newest version begins.
 *   2 Every begin of a version is the begin or the end of a row, or of the newest version: so the
 *     version after a given time is found by the first row that ends after it.
 *   3 No row ends after the observed stream time: what is put later than that needs no search.
 */
#include <stateful/versioned_store.h>

#include "base/encoding.h"
#include "store/buffer_entry.h"
#include "store/buffered_store.h"
#include "store/version_history.h"
#include "store/versioned_store_implementation.h"

static sf_status refuse(const sf_versioned_store *store, const char *why, sf_error *err)
{
    return sf_fail_with(err, SF_REJECT, SF_INVALID, "store %s: %s", store->base.base.options.name,
                        why);
}

static sf_status check_key(const sf_versioned_store *store, sf_bytes key, sf_error *err)
{
    return key.data ? SF_OK : refuse(store, "the key is null", err);
}

static int64_t oldest(const sf_versioned_store *store)
{
    return store->base.observed - store->base.base.options.history_ms;
}

/* ---- put ---- */

static sf_status put_row(sf_versioned_store *store, sf_bytes key, const sf_version_row *row,
                         sf_error *err)
{
    sf_version_row_encode_key(key, row->to_ms, &store->base.key);
    sf_version_row_encode_value(row->value, &store->row);
    return sf_write_buffer_put(store->base.side, sf_buffer_bytes(&store->base.key),
                               sf_buffer_bytes(&store->row), row->from_ms, err);
}

/* A null that begins now is known by a row that ends there. */
static sf_status mark_null(sf_versioned_store *store, sf_bytes key, int64_t timestamp,
                           sf_error *err)
{
    sf_version_row mark = {.from_ms = timestamp, .to_ms = timestamp};
    sf_stored known;
    sf_status status;

    sf_version_row_encode_key(key, timestamp, &store->base.key);
    status = sf_write_buffer_get(store->base.side, sf_buffer_bytes(&store->base.key), &known, err);
    if (status || known.value.data)
        return status;
    return put_row(store, key, &mark, err);
}

/* The version is newer than all, or as new as the newest, which may be null. */
static sf_status put_newest(sf_versioned_store *store, sf_bytes key, sf_bytes value,
                            int64_t timestamp, const sf_stored *newest, sf_error *err)
{
    sf_version_row over = {newest->timestamp, timestamp, newest->value};
    bool is_over = newest->value.data && newest->timestamp < timestamp;
    sf_status status = SF_OK;

    if (is_over)
        status = put_row(store, key, &over, err);
    else if (!value.data)
        status = mark_null(store, key, timestamp, err);
    if (!status && (value.data || newest->value.data))
        status = sf_write_buffer_put(store->base.buffer, key, value, timestamp, err);
    return status;
}

/* It begins within a row, which it takes the rest of, or all. */
static sf_status split(sf_versioned_store *store, sf_bytes key, const sf_version_row *around,
                       const sf_version_row *added, sf_error *err)
{
    sf_version_row before = *around;
    sf_status status = SF_OK;

    before.to_ms = added->from_ms;
    if (before.from_ms < before.to_ms)
        status = put_row(store, key, &before, err);
    return status ? status : put_row(store, key, added, err);
}

static sf_status put_version(sf_versioned_store *store, sf_bytes key, sf_bytes value,
                             int64_t timestamp, int64_t *valid_to, sf_error *err)
{
    sf_row_source rows = sf_buffered_store_rows(&store->base);
    sf_version_row added = {timestamp, SF_VERSION_NOW, value};
    sf_version_row next;
    bool is_before_row = false;
    sf_stored newest;
    sf_status status = sf_write_buffer_get(store->base.buffer, key, &newest, err);

    *valid_to = SF_VERSION_NOW;
    if (status)
        return status;
    if (newest.value.data && timestamp >= newest.timestamp)
        return put_newest(store, key, value, timestamp, &newest, err);
    if (timestamp < store->base.observed)
        status = sf_version_history_find(&rows, key, timestamp, &next, &store->found,
                                         &is_before_row, err);
    if (status)
        return status;
    if (!is_before_row && !newest.value.data)
        return put_newest(store, key, value, timestamp, &newest, err);
    if (!is_before_row)
        added.to_ms = newest.timestamp;
    else
        added.to_ms = next.from_ms > timestamp ? next.from_ms : next.to_ms;
    *valid_to = added.to_ms;
    if (is_before_row && next.from_ms <= timestamp)
        return split(store, key, &next, &added, err);
    return put_row(store, key, &added, err);
}

static sf_status log_version(sf_versioned_store *store, sf_bytes key, sf_bytes value,
                             int64_t timestamp, sf_error *err)
{
    if (!store->base.log)
        return SF_OK;
    sf_buffer_clear(&store->base.key);
    sf_buffer_add_bytes(&store->base.key, key);
    sf_put_be64(sf_buffer_extend(&store->base.key, 8), (uint64_t)timestamp);
    return sf_write_buffer_put(store->base.log, sf_buffer_bytes(&store->base.key), value, timestamp,
                               err);
}

sf_status sf_versioned_store_put(sf_versioned_store *store, sf_bytes key, sf_bytes value,
                                 int64_t timestamp, int64_t *valid_to, sf_error *err)
{
    int64_t ends = SF_VERSION_NOT_PUT;
    sf_status status = check_key(store, key, err);

    if (!status && timestamp < 0)
        status = refuse(store, "a version cannot begin before 1970", err);
    if (status)
        return status;
    if (timestamp >= oldest(store)) {
        sf_buffered_store_observe(&store->base, timestamp);
        status = put_version(store, key, value, timestamp, &ends, err);
        if (!status)
            status = log_version(store, key, value, timestamp, err);
    }
    if (!status && valid_to)
        *valid_to = ends;
    return status;
}

sf_status sf_versioned_store_delete(sf_versioned_store *store, sf_bytes key, int64_t timestamp,
                                    sf_stored *stored, sf_error *err)
{
    sf_stored valid = {0};
    sf_status status = check_key(store, key, err);

    if (!status && timestamp >= oldest(store))
        status = sf_versioned_store_get_as_of(store, key, timestamp, &valid, err);
    if (!status && valid.value.data) { /* the put may use what it lies in */
        sf_buffer_clear(&store->deleted);
        sf_buffer_add_bytes(&store->deleted, valid.value);
        valid.value = sf_buffer_bytes(&store->deleted);
    }
    if (!status)
        status = sf_versioned_store_put(store, key, SF_NULL, timestamp, NULL, err);
    if (!status && stored)
        *stored = valid;
    return status;
}

/* ---- get ---- */

sf_status sf_versioned_store_get(sf_versioned_store *store, sf_bytes key, sf_stored *stored,
                                 sf_error *err)
{
    sf_status status = check_key(store, key, err);

    if (!status)
        status = sf_write_buffer_get(store->base.buffer, key, stored, err);
    if (!status && !stored->value.data)
        *stored = (sf_stored){0};
    return status;
}

sf_status sf_versioned_store_get_as_of(sf_versioned_store *store, sf_bytes key, int64_t timestamp,
                                       sf_stored *stored, sf_error *err)
{
    sf_row_source rows = sf_buffered_store_rows(&store->base);
    sf_stored newest;
    sf_status status = sf_versioned_store_get(store, key, &newest, err);

    if (status)
        return status;
    *stored = (sf_stored){0};
    if (newest.value.data && newest.timestamp <= timestamp)
        *stored = newest;
    else if (timestamp >= oldest(store) && timestamp < store->base.observed)
        status = sf_version_find_over(&rows, key, timestamp, &store->answer, stored, err);
    return status;
}

sf_status sf_versioned_store_versions(sf_versioned_store *store, sf_bytes key, int64_t from_ms,
                                      int64_t to_ms, bool oldest_first,
                                      sf_versioned_iterator **iterator, sf_error *err)
{
    sf_version_query query = {
        .source = sf_buffered_store_rows(&store->base),
        .key = key,
        .oldest_ms = oldest(store),
        .from_ms = from_ms,
        .to_ms = to_ms,
        .oldest_first = oldest_first,
    };
    sf_status status = check_key(store, key, err);

    return status ? status : sf_versioned_iterator_open(&query, iterator, err);
}

/* ---- restore ---- */

/* A null at the time 0 is one byte: see buffered_store.c. */
static sf_status restore_version(sf_versioned_store *store, const sf_record *record, sf_error *err)
{
    sf_bytes full = record->value;
    sf_bytes value = SF_NULL;
    int64_t timestamp = full.data ? 0 : record->timestamp;
    int64_t valid_to;

    if (!record->key.data || (full.data && full.size != 1 && full.size < SF_TIMESTAMP_SIZE) ||
        timestamp < 0)
        return sf_fail(err, SF_CORRUPT, "changelog of store %s: a record %s",
                       store->base.base.options.name,
                       record->key.data ? "has no timestamp in its value" : "without a key");
    if (full.size >= SF_TIMESTAMP_SIZE) {
        timestamp = (int64_t)sf_get_be64(full.data);
        value = sf_bytes_of(full.data + SF_TIMESTAMP_SIZE, full.size - SF_TIMESTAMP_SIZE);
    }
    sf_buffered_store_observe_committed(&store->base, timestamp);
    return put_version(store, record->key, value, timestamp, &valid_to, err);
}

sf_status sf_versioned_store_restore(sf_versioned_store *store, const sf_consumed_record *records,
                                     size_t count, sf_state_batch *batch, sf_error *err)
{
    sf_status status = SF_OK;

    sf_write_buffer_committed(store->base.buffer);
    sf_write_buffer_committed(store->base.side);
    for (size_t i = 0; i < count && !status; i++) {
        status = restore_version(store, &records[i].record, err);
        if (status)
            return sf_error_prefix(err, status, "offset %lld", (long long)records[i].offset);
    }
    if (!status)
        status = sf_write_buffer_flush(store->base.buffer, batch, NULL, NULL, err);
    if (!status)
        status = sf_write_buffer_flush(store->base.side, batch, NULL, NULL, err);
    return status;
}
