#include "support/driven_topology.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

driven_topology *driven_new(void)
{
    driven_topology *driven = calloc(1, sizeof(*driven));

    assert_non_null(driven);
    driven->builder = sf_builder_new();
    return driven;
}

void driven_start(driven_topology *driven, const sf_test_driver_options *options)
{
    assert_ok(sf_builder_build(driven->builder, &driven->topology, err));
    assert_ok(sf_test_driver_new(driven->topology, options, &driven->driver, err));
}

void driven_free(driven_topology *driven)
{
    sf_test_driver_free(driven->driver);
    sf_topology_free(driven->topology);
    sf_builder_free(driven->builder);
    free(driven);
}

const char *driven_build_error(driven_topology *driven)
{
    sf_error err = {0};

    assert_int_equal(sf_builder_build(driven->builder, &driven->topology, &err), SF_STOP);
    assert_int_equal(err.code, SF_INVALID);
    (void)snprintf(driven->rows, sizeof(driven->rows), "%s", err.text);
    return driven->rows;
}

void driven_pipe(driven_topology *driven, const char *topic, const char *key, const char *value,
                 int64_t timestamp)
{
    assert_ok(sf_test_driver_pipe_text(driven->driver, topic, key, value, timestamp, err));
}

static int64_t number_of(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* A key with a window's start behind it: 8 bytes that begin with a zero. */
static bool is_windowed(sf_bytes key)
{
    return key.size > 8 && key.data[key.size - 8] == 0;
}

static void show(sf_bytes bytes, char *text, size_t size)
{
    if (!bytes.data)
        (void)snprintf(text, size, "-");
    else if (bytes.size == 8 && (bytes.data[0] == 0 || bytes.data[0] == 0xff))
        (void)snprintf(text, size, "%" PRId64, number_of(bytes.data));
    else if (is_windowed(bytes))
        (void)snprintf(text, size, "%.*s/%" PRId64, (int)bytes.size - 8, (const char *)bytes.data,
                       number_of(bytes.data + bytes.size - 8));
    else
        (void)snprintf(text, size, "%.*s", (int)bytes.size, (const char *)bytes.data);
}

const char *driven_rows(driven_topology *driven, const char *topic)
{
    size_t length = 0;
    sf_record record;

    driven->rows[0] = 0;
    while (sf_test_driver_read(driven->driver, topic, &record)) {
        char key[256], value[256];

        show(record.key, key, sizeof(key));
        show(record.value, value, sizeof(value));
        length +=
            (size_t)snprintf(driven->rows + length, sizeof(driven->rows) - length,
                             "%s%s=%s@%" PRId64, length ? " " : "", key, value, record.timestamp);
        assert_true(length < sizeof(driven->rows));
    }
    return driven->rows;
}

const char *driven_row(driven_topology *driven, const char *store, const char *key)
{
    sf_key_value_store *rows = sf_test_driver_key_value_store(driven->driver, store, 0);
    sf_stored stored;

    assert_non_null(rows);
    assert_ok(sf_key_value_store_get(rows, sf_bytes_text(key), &stored, err));
    show(stored.value, driven->rows, sizeof(driven->rows));
    return driven->rows;
}

const char *driven_window(driven_topology *driven, const char *store, const char *key,
                          int64_t start_ms)
{
    sf_window_store *rows = sf_test_driver_window_store(driven->driver, store, 0);
    sf_stored stored;

    assert_non_null(rows);
    assert_ok(sf_window_store_get(rows, sf_bytes_text(key), start_ms, &stored, err));
    show(stored.value, driven->rows, sizeof(driven->rows));
    return driven->rows;
}

static sf_bytes text_bytes(const char *text)
{
    return sf_bytes_text(text);
}

sf_status driven_concat(void *user, sf_arena *arena, const sf_record *record, sf_bytes *aggregate,
                        sf_error *err)
{
    (void)user;
    (void)err;
    *aggregate = text_bytes(sf_arena_printf(arena, "%.*s+%.*s", (int)aggregate->size,
                                            (const char *)aggregate->data, (int)record->value.size,
                                            (const char *)record->value.data));
    return SF_OK;
}

sf_status driven_first_letter(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                              sf_error *err)
{
    (void)user;
    (void)arena;
    (void)err;
    out->key = in->value.size ? sf_bytes_of(in->value.data, 1) : SF_NULL;
    return SF_OK;
}

sf_status driven_with_suffix(void *user, sf_arena *arena, const sf_record *in, sf_record *out,
                             sf_error *err)
{
    (void)err;
    out->value = text_bytes(sf_arena_printf(arena, "%.*s%s", (int)in->value.size,
                                            (const char *)in->value.data, (const char *)user));
    return SF_OK;
}

sf_status driven_pair(void *user, sf_arena *arena, const sf_record *left, sf_bytes right,
                      sf_bytes *result, sf_error *err)
{
    (void)user;
    (void)err;
    *result = text_bytes(sf_arena_printf(
        arena, "%.*s|%.*s", (int)left->value.size, (const char *)left->value.data,
        right.data ? (int)right.size : 1, right.data ? (const char *)right.data : "-"));
    return SF_OK;
}

bool driven_begins_with(void *user, const sf_record *record)
{
    size_t size = strlen(user);

    return record->value.size >= size && !memcmp(record->value.data, user, size);
}
