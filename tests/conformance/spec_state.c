#include "conformance/spec_state.h"

#include <string.h>

#include <stateful/windowed.h>

#include "conformance/spec_json.h"

/* ---- reading a row, of whatever kind of store ---- */

static sf_status get_plain(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                           sf_arena *arena, sf_stored *stored, sf_error *err)
{
    sf_bytes wire;
    sf_status status = sf_serde_encode(spec_key_serde(store->key), key, arena, &wire, err);

    if (!status)
        status = sf_key_value_store_get(sf_test_driver_key_value_store(driver, store->name, 0),
                                        wire, stored, err);
    return status;
}

static sf_status get_window(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                            sf_arena *arena, sf_stored *stored, sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(key);
    sf_bytes wire;
    sf_status status =
        sf_serde_encode(spec_serde(store->key.type), windowed->key, arena, &wire, err);

    if (!status)
        status = sf_window_store_get(sf_test_driver_window_store(driver, store->name, 0), wire,
                                     windowed->start_ms, stored, err);
    return status;
}

static sf_status get_session(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                             sf_arena *arena, sf_stored *stored, sf_error *err)
{
    const sf_windowed *windowed = sf_windowed_of(key);
    sf_session session = {.start_ms = windowed->start_ms, .end_ms = windowed->end_ms};
    sf_status status =
        sf_serde_encode(spec_serde(store->key.type), windowed->key, arena, &session.key, err);

    if (!status)
        status = sf_session_store_get(sf_test_driver_session_store(driver, store->name, 0),
                                      &session, stored, err);
    return status;
}

static sf_status get_newest(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                            sf_arena *arena, sf_stored *stored, sf_error *err)
{
    sf_bytes wire;
    sf_status status = sf_serde_encode(spec_key_serde(store->key), key, arena, &wire, err);

    if (!status)
        status = sf_versioned_store_get(sf_test_driver_versioned_store(driver, store->name, 0),
                                        wire, stored, err);
    return status;
}

static bool is_open(const spec_store *store, sf_test_driver *driver)
{
    switch (store->kind) {
    case SF_KEY_VALUE_STORE:
        return sf_test_driver_key_value_store(driver, store->name, 0);
    case SF_WINDOW_STORE:
        return sf_test_driver_window_store(driver, store->name, 0);
    case SF_SESSION_STORE:
        return sf_test_driver_session_store(driver, store->name, 0);
    case SF_VERSIONED_STORE:
        return sf_test_driver_versioned_store(driver, store->name, 0);
    }
    return false;
}

static sf_status get_stored(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                            sf_arena *arena, sf_stored *stored, sf_error *err)
{
    switch (store->kind) {
    case SF_KEY_VALUE_STORE:
        return get_plain(store, driver, key, arena, stored, err);
    case SF_WINDOW_STORE:
        return get_window(store, driver, key, arena, stored, err);
    case SF_SESSION_STORE:
        return get_session(store, driver, key, arena, stored, err);
    case SF_VERSIONED_STORE:
        return get_newest(store, driver, key, arena, stored, err);
    }
    return SF_OK;
}

/* *value in flight and in the arena. */
static sf_status get_row(const spec_store *store, sf_test_driver *driver, sf_bytes key,
                         sf_arena *arena, sf_bytes *value, int64_t *timestamp, sf_error *err)
{
    sf_stored stored = {0};
    sf_status status;

    if (!is_open(store, driver))
        return sf_fail(err, SF_NOT_FOUND, "the driver has no store '%s' of that kind", store->name);
    status = get_stored(store, driver, key, arena, &stored, err);
    *timestamp = stored.timestamp;
    return status ? status
                  : sf_serde_decode(spec_serde(store->value), sf_arena_copy(arena, stored.value),
                                    arena, value, err);
}

/* ---- comparing ---- */

typedef struct found_row {
    const char *key;
    sf_bytes value;
    int64_t timestamp;
} found_row;

static sf_status compare_value(const spec_store *store, const cJSON *expected,
                               const found_row *found, sf_arena *arena, sf_error *err)
{
    sf_bytes value;
    const char *wanted;
    const char *came = spec_value_shown(found->value, store->value, arena);
    sf_status status = spec_value_read(expected, store->value, "the value", arena, &value, err);

    if (status)
        return status;
    wanted = spec_value_shown(value, store->value, arena);
    if (strcmp(wanted, came) != 0)
        return sf_fail(err, SF_BAD_DATA, "store %s: %s is %s, not %s", store->name, found->key,
                       came, wanted);
    return SF_OK;
}

static sf_status compare_time(const spec_store *store, const cJSON *expected, const char *field,
                              const char *key, int64_t came, sf_error *err)
{
    int64_t wanted;
    sf_status status;

    if (!expected)
        return SF_OK;
    status = spec_whole_number(expected, field, &wanted, err);
    if (!status && wanted != came)
        status = sf_fail(err, SF_BAD_DATA, "store %s: the %s of %s is %lld, not %lld", store->name,
                         field, key, (long long)came, (long long)wanted);
    return status;
}

static sf_status check_row(const spec_store *store, sf_test_driver *driver, const cJSON *row,
                           sf_arena *arena, sf_error *err)
{
    const cJSON *key_json = cJSON_GetObjectItemCaseSensitive(row, "key");
    char *shown = cJSON_PrintUnformatted(key_json);
    found_row found = {.key = sf_arena_text(arena, shown)};
    sf_bytes key;
    sf_status status = spec_key_read(key_json, store->key, "the key", arena, &key, err);

    cJSON_free(shown);
    if (!status && sf_bytes_is_null(key))
        status = sf_fail(err, SF_INVALID, "a row of a store has no key");
    if (!status)
        status = get_row(store, driver, key, arena, &found.value, &found.timestamp, err);
    if (!status)
        status = compare_value(store, cJSON_GetObjectItemCaseSensitive(row, "value"), &found, arena,
                               err);
    if (!status)
        status = compare_time(store, cJSON_GetObjectItemCaseSensitive(row, "ts"), "ts", found.key,
                              found.timestamp, err);
    return status;
}

sf_status spec_state_final(const spec_topology *topology, sf_test_driver *driver, const cJSON *row,
                           sf_arena *arena, sf_error *err)
{
    const char *name = NULL;
    const spec_store *store;
    sf_status status = spec_fields(row, "a row of final_state", "store key value", "ts", err);

    if (!status)
        status = spec_read_text(row, "store", &name, err);
    if (status)
        return status;
    store = spec_topology_store(topology, name);
    if (!store)
        return sf_fail(err, SF_INVALID, "final_state: the spec has no store '%s'", name);
    return check_row(store, driver, row, arena, err);
}

/* ---- whole contents ---- */

static sf_status compare_entry(const spec_store *store, const cJSON *content, sf_bytes wire_key,
                               const sf_stored *stored, sf_arena *arena, sf_error *err)
{
    found_row found = {.timestamp = stored->timestamp};
    sf_bytes key;
    const cJSON *expected;
    sf_status status = sf_serde_decode(spec_key_serde(store->key), sf_arena_copy(arena, wire_key),
                                       arena, &key, err);

    if (!status)
        status = sf_serde_decode(spec_serde(store->value), sf_arena_copy(arena, stored->value),
                                 arena, &found.value, err);
    if (status)
        return status;
    found.key = spec_value_text(key, store->key.type, arena);
    expected = cJSON_GetObjectItemCaseSensitive(content, found.key);
    if (!expected)
        return sf_fail(err, SF_BAD_DATA, "store %s: '%s' = %s is not expected", store->name,
                       found.key, spec_value_shown(found.value, store->value, arena));
    return compare_value(store, expected, &found, arena, err);
}

static sf_status check_content(const spec_store *store, sf_test_driver *driver,
                               const cJSON *content, sf_arena *arena, sf_error *err)
{
    sf_key_value_store *rows = sf_test_driver_key_value_store(driver, store->name, 0);
    sf_key_value_iterator *iterator = NULL;
    sf_bytes key;
    sf_stored stored;
    int count = 0;
    sf_status status;
    sf_status step = SF_OK;

    if (!rows || store->key.is_windowed)
        return sf_fail(err, SF_INVALID, "the content of the store '%s' cannot be compared",
                       store->name);
    status = sf_key_value_store_range(rows, SF_NULL, SF_NULL, false, &iterator, err);
    for (; !status && sf_key_value_iterator_next(iterator, &key, &stored, &step, err); count++)
        status = compare_entry(store, content, key, &stored, arena, err);
    sf_key_value_iterator_free(iterator);
    if (!status && !step && count != cJSON_GetArraySize(content))
        status = sf_fail(err, SF_BAD_DATA, "store %s: there are %d rows, not %d", store->name,
                         count, cJSON_GetArraySize(content));
    return status ? status : step;
}

/* ---- as of a time ---- */

/* The end of the version valid at as_of, or SF_VERSION_NOW. */
static sf_status find_valid_to(sf_versioned_store *rows, sf_bytes wire, int64_t as_of,
                               int64_t *valid_to, sf_error *err)
{
    sf_versioned_iterator *iterator;
    sf_stored stored;
    sf_status step = SF_OK;
    sf_status status = sf_versioned_store_versions(rows, wire, as_of, as_of, false, &iterator, err);

    if (status)
        return status;
    if (!sf_versioned_iterator_next(iterator, &stored, valid_to, &step, err) && !step)
        step = sf_fail(err, SF_BAD_DATA, "the versions at %lld do not show what get_as_of finds",
                       (long long)as_of);
    sf_versioned_iterator_free(iterator);
    return step;
}

static sf_status compare_valid_to(const spec_store *store, sf_versioned_store *rows, sf_bytes wire,
                                  int64_t as_of, const cJSON *expected, const char *key,
                                  sf_error *err)
{
    int64_t valid_to;
    sf_status status;

    if (!expected)
        return SF_OK;
    status = find_valid_to(rows, wire, as_of, &valid_to, err);
    if (status || (cJSON_IsNull(expected) && valid_to == SF_VERSION_NOW))
        return status;
    if (cJSON_IsNull(expected))
        return sf_fail(err, SF_BAD_DATA, "store %s: %s at %lld is valid to %lld, not the newest",
                       store->name, key, (long long)as_of, (long long)valid_to);
    return compare_time(store, expected, "valid_to", key, valid_to, err);
}

static sf_status check_as_of(const spec_store *store, sf_test_driver *driver, const cJSON *check,
                             sf_arena *arena, sf_error *err)
{
    sf_versioned_store *rows = sf_test_driver_versioned_store(driver, store->name, 0);
    const cJSON *as_of_json = cJSON_GetObjectItemCaseSensitive(check, "as_of");
    found_row found = {0};
    sf_stored stored;
    sf_bytes key;
    sf_bytes wire;
    int64_t as_of = 0;
    sf_status status = spec_whole_number(as_of_json, "as_of", &as_of, err);

    if (!status && !rows)
        status = sf_fail(err, SF_INVALID, "the store '%s' is not versioned", store->name);
    if (!status)
        status = spec_key_read(cJSON_GetObjectItemCaseSensitive(check, "key"), store->key,
                               "the key", arena, &key, err);
    if (!status)
        status = sf_serde_encode(spec_key_serde(store->key), key, arena, &wire, err);
    if (!status)
        status = sf_versioned_store_get_as_of(rows, wire, as_of, &stored, err);
    if (!status)
        status = sf_serde_decode(spec_serde(store->value), sf_arena_copy(arena, stored.value),
                                 arena, &found.value, err);
    if (status)
        return status;
    found.key = sf_arena_printf(arena, "%s as of %lld",
                                spec_value_shown(key, store->key.type, arena), (long long)as_of);
    found.timestamp = stored.timestamp;
    status =
        compare_value(store, cJSON_GetObjectItemCaseSensitive(check, "value"), &found, arena, err);
    if (!status)
        status = compare_time(store, cJSON_GetObjectItemCaseSensitive(check, "ts"), "ts", found.key,
                              found.timestamp, err);
    if (!status)
        status =
            compare_valid_to(store, rows, wire, as_of,
                             cJSON_GetObjectItemCaseSensitive(check, "valid_to"), found.key, err);
    return status;
}

/* ---- checks ---- */

static sf_status check_lookup(const spec_store *store, sf_test_driver *driver, const cJSON *check,
                              const char *op, sf_arena *arena, sf_error *err)
{
    if (!strcmp(op, "get"))
        return check_row(store, driver, check, arena, err);
    if (!strcmp(op, "get_as_of"))
        return check_as_of(store, driver, check, arena, err);
    return sf_fail(err, SF_INVALID, "state_checks: unknown op '%s'", op);
}

sf_status spec_state_check(const spec_topology *topology, sf_test_driver *driver,
                           const cJSON *check, sf_arena *arena, sf_error *err)
{
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(check, "content");
    const char *name = NULL;
    const char *op = NULL;
    const spec_store *store;
    sf_status status = spec_fields(check, "a state check",
                                   content ? "after_input content" : "after_input op key value",
                                   content ? "store" : "store ts as_of valid_to", err);

    if (!status)
        status = spec_read_text(check, "store", &name, err);
    if (!status)
        status = spec_read_text(check, "op", &op, err);
    if (status)
        return status;
    store = spec_topology_store(topology, name);
    if (!store)
        return sf_fail(err, SF_INVALID, "state_checks: the spec has no store '%s'",
                       name ? name : "");
    if (!content)
        return check_lookup(store, driver, check, op, arena, err);
    if (!cJSON_IsObject(content))
        return sf_fail(err, SF_INVALID, "state_checks: 'content' is not an object");
    return check_content(store, driver, content, arena, err);
}
