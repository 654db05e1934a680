#include "conformance/spec_row.h"

#include <stdio.h>
#include <string.h>

#include "conformance/spec_json.h"
#include "conformance/spec_windowed.h"

void spec_rows_add(spec_rows *rows, const spec_row *row, sf_arena *arena)
{
    if (rows->count == rows->capacity) {
        spec_row *items;

        rows->capacity = rows->capacity ? rows->capacity * 2 : 16;
        items = sf_arena_alloc(arena, rows->capacity * sizeof(*items));
        if (rows->count)
            memcpy(items, rows->items, rows->count * sizeof(*items));
        rows->items = items;
    }
    rows->items[rows->count++] = *row;
}

/* ---- headers ---- */

static sf_status read_hexadecimal(const char *text, sf_arena *arena, sf_bytes *bytes, sf_error *err)
{
    size_t size = strlen(text) / 2;
    uint8_t *place = sf_arena_alloc(arena, size + 1);

    for (size_t i = 0; i < size; i++) {
        unsigned byte;

        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return sf_fail(err, SF_INVALID, "the header '%s' is not hexadecimal", text);
        place[i] = (uint8_t)byte;
    }
    *bytes = sf_bytes_of(place, size);
    return SF_OK;
}

sf_status spec_headers_read(const cJSON *json, sf_arena *arena, sf_headers *headers, sf_error *err)
{
    const cJSON *header;

    *headers = (sf_headers){0};
    if (!json)
        return SF_OK;
    if (!cJSON_IsObject(json))
        return sf_fail(err, SF_INVALID, "'headers' is not an object");
    cJSON_ArrayForEach(header, json)
    {
        sf_bytes value;
        sf_status status;

        if (!cJSON_IsString(header))
            return sf_fail(err, SF_INVALID, "the header '%s' is not a text", header->string);
        status = read_hexadecimal(header->valuestring, arena, &value, err);
        if (status)
            return status;
        *headers = sf_headers_with(*headers, sf_arena_text(arena, header->string), value, arena);
    }
    return SF_OK;
}

static const char *headers_shown(sf_headers headers, sf_arena *arena)
{
    const char *text = "";

    for (size_t i = 0; i < headers.count; i++) {
        sf_bytes value = headers.items[i].value;

        text = sf_arena_printf(arena, "%s%s%s=", text, *text ? " " : "", headers.items[i].name);
        for (size_t k = 0; k < value.size; k++)
            text = sf_arena_printf(arena, "%s%02x", text, value.data[k]);
    }
    return text;
}

/* ---- rows ---- */

static const char *key_shown(sf_bytes key, spec_key_type type, sf_arena *arena)
{
    if (type.is_windowed && !sf_bytes_is_null(key))
        return spec_windowed_shown(sf_windowed_of(key), type.type, arena);
    return spec_value_shown(key, type.type, arena);
}

sf_status spec_row_read(const cJSON *json, const spec_topic *topic, sf_arena *arena, spec_row *row,
                        sf_error *err)
{
    const cJSON *timestamp = cJSON_GetObjectItemCaseSensitive(json, "ts");
    const cJSON *named = cJSON_GetObjectItemCaseSensitive(json, "headers");
    sf_headers headers;
    sf_bytes value;
    sf_status status;

    *row = (spec_row){.has_timestamp = timestamp};
    status = spec_key_read(cJSON_GetObjectItemCaseSensitive(json, "key"), topic->key, "the key",
                           arena, &row->key, err);
    if (!status)
        status = spec_value_read(cJSON_GetObjectItemCaseSensitive(json, "value"), topic->value,
                                 "the value", arena, &value, err);
    if (!status && timestamp)
        status = spec_whole_number(timestamp, "ts", &row->timestamp, err);
    if (!status)
        status = spec_headers_read(named, arena, &headers, err);
    if (status)
        return status;
    row->key_shown = key_shown(row->key, topic->key, arena);
    row->value_shown = spec_value_shown(value, topic->value, arena);
    row->headers = named ? headers_shown(headers, arena) : NULL;
    return SF_OK;
}

sf_status spec_row_of_record(const sf_record *record, const spec_topic *topic, sf_arena *arena,
                             spec_row *row, sf_error *err)
{
    sf_record copy = sf_record_copy(record, arena);
    sf_bytes value;
    sf_status status;

    *row = (spec_row){.has_timestamp = true, .timestamp = record->timestamp};
    status = sf_serde_decode(spec_key_serde(topic->key), copy.key, arena, &row->key, err);
    if (!status)
        status = sf_serde_decode(spec_serde(topic->value), copy.value, arena, &value, err);
    if (status)
        return sf_error_prefix(err, status, "topic %s", topic->name);
    row->key_shown = key_shown(row->key, topic->key, arena);
    row->value_shown = spec_value_shown(value, topic->value, arena);
    row->headers = headers_shown(copy.headers, arena);
    return SF_OK;
}

bool spec_row_fits(const spec_row *expected, const spec_row *actual)
{
    if (strcmp(expected->key_shown, actual->key_shown) != 0 ||
        strcmp(expected->value_shown, actual->value_shown) != 0)
        return false;
    if (expected->has_timestamp && expected->timestamp != actual->timestamp)
        return false;
    return !expected->headers || !strcmp(expected->headers, actual->headers);
}

const char *spec_row_shown(const spec_row *row, sf_arena *arena)
{
    const char *text = sf_arena_printf(arena, "%s = %s", row->key_shown, row->value_shown);

    if (row->has_timestamp)
        text = sf_arena_printf(arena, "%s at %lld", text, (long long)row->timestamp);
    if (row->headers && *row->headers)
        text = sf_arena_printf(arena, "%s with %s", text, row->headers);
    return text;
}
