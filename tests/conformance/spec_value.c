#include "conformance/spec_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/spec_json.h"
#include "conformance/spec_windowed.h"

static const char type_words[] = "string int long double";

sf_status spec_read_type(const cJSON *object, const char *field, spec_type *type, sf_error *err)
{
    int choice = 0;
    sf_status status = spec_read_word(object, field, type_words, &choice, err);

    if (!status)
        *type = (spec_type)choice;
    return status;
}

const char *spec_type_name(spec_type type)
{
    static const char *const names[] = {"string", "int", "long", "double"};

    return names[type];
}

const sf_serde *spec_serde(spec_type type)
{
    static const sf_serde *const serdes[] = {&sf_string_serde, &sf_int32_serde, &sf_int64_serde,
                                             &sf_double_serde};

    return serdes[type];
}

const sf_serde *spec_key_serde(spec_key_type key)
{
    return key.is_windowed ? spec_windowed_serde(key.type) : spec_serde(key.type);
}

/* ---- reading ---- */

static sf_status read_real(const cJSON *json, const char *what, sf_arena *arena, sf_bytes *value,
                           sf_error *err)
{
    if (!cJSON_IsNumber(json))
        return sf_fail(err, SF_INVALID, "%s is not a number", what);
    *value = spec_value_of_real(json->valuedouble, arena);
    return SF_OK;
}

static sf_status read_whole(const cJSON *json, spec_type type, const char *what, sf_arena *arena,
                            sf_bytes *value, sf_error *err)
{
    int64_t number;
    sf_status status = spec_whole_number(json, what, &number, err);

    if (!status && type == SPEC_INT && (number < INT32_MIN || number > INT32_MAX))
        status = sf_fail(err, SF_INVALID, "%s does not fit into an int", what);
    if (!status)
        *value = spec_value_of_whole(number, type, arena);
    return status;
}

sf_status spec_value_read(const cJSON *json, spec_type type, const char *what, sf_arena *arena,
                          sf_bytes *value, sf_error *err)
{
    if (!json || cJSON_IsNull(json)) {
        *value = SF_NULL;
        return SF_OK;
    }
    if (type == SPEC_DOUBLE)
        return read_real(json, what, arena, value, err);
    if (type != SPEC_STRING)
        return read_whole(json, type, what, arena, value, err);
    if (!cJSON_IsString(json))
        return sf_fail(err, SF_INVALID, "%s is not a text", what);
    *value = sf_arena_copy(arena, sf_bytes_text(json->valuestring));
    return SF_OK;
}

sf_status spec_key_read(const cJSON *json, spec_key_type type, const char *what, sf_arena *arena,
                        sf_bytes *key, sf_error *err)
{
    sf_windowed windowed;
    sf_status status;

    if (!type.is_windowed || !json || cJSON_IsNull(json))
        return spec_value_read(json, type.type, what, arena, key, err);
    status = spec_fields(json, what, "key window_start window_end", "", err);
    if (!status)
        status = spec_value_read(cJSON_GetObjectItemCaseSensitive(json, "key"), type.type, what,
                                 arena, &windowed.key, err);
    if (!status)
        status = spec_read_natural(json, "window_start", &windowed.start_ms, err);
    if (!status)
        status = spec_read_natural(json, "window_end", &windowed.end_ms, err);
    if (!status)
        *key = sf_windowed_bytes(windowed, arena);
    return status;
}

sf_status spec_literal_read(const cJSON *json, const char *what, sf_arena *arena, spec_type *type,
                            sf_bytes *value, sf_error *err)
{
    *type = cJSON_IsNumber(json) ? SPEC_INT : SPEC_STRING;
    return spec_value_read(json, *type, what, arena, value, err);
}

/* ---- showing ---- */

/* The shortest decimal that reads back as the same number, with a point as Kafka Streams' users see
 * it: 1 is "1.0". */
static const char *real_text(double number, sf_arena *arena)
{
    const char *text = NULL;

    for (int digits = 1; digits <= 17; digits++) {
        text = sf_arena_printf(arena, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return isfinite(number) && !strpbrk(text, ".e") ? sf_arena_printf(arena, "%s.0", text) : text;
}

const char *spec_value_text(sf_bytes value, spec_type type, sf_arena *arena)
{
    if (sf_bytes_is_null(value))
        return "null";
    if (type == SPEC_STRING)
        return (const char *)sf_arena_copy(arena, value).data;
    if (type == SPEC_DOUBLE)
        return real_text(spec_value_real(value, type), arena);
    return sf_arena_printf(arena, "%lld", (long long)spec_value_whole(value, type));
}

const char *spec_value_shown(sf_bytes value, spec_type type, sf_arena *arena)
{
    const char *text = spec_value_text(value, type, arena);

    if (type != SPEC_STRING || sf_bytes_is_null(value))
        return text;
    return sf_arena_printf(arena, "\"%s\"", text);
}

/* ---- numbers ---- */

bool spec_is_number(spec_type type)
{
    return type != SPEC_STRING;
}

int64_t spec_value_whole(sf_bytes value, spec_type type)
{
    int32_t small;
    int64_t large;

    if (type == SPEC_INT) {
        memcpy(&small, value.data, sizeof(small));
        return small;
    }
    memcpy(&large, value.data, sizeof(large));
    return large;
}

double spec_value_real(sf_bytes value, spec_type type)
{
    double real;

    if (type != SPEC_DOUBLE)
        return (double)spec_value_whole(value, type);
    memcpy(&real, value.data, sizeof(real));
    return real;
}

sf_bytes spec_value_of_whole(int64_t number, spec_type type, sf_arena *arena)
{
    int32_t *place;

    if (type != SPEC_INT)
        return sf_bytes_from_int64(number, arena);
    place = sf_arena_alloc(arena, sizeof(*place));
    *place = (int32_t)(uint32_t)(uint64_t)number;
    return sf_bytes_of(place, sizeof(*place));
}

sf_bytes spec_value_of_real(double number, sf_arena *arena)
{
    double *place = sf_arena_alloc(arena, sizeof(*place));

    *place = number;
    return sf_bytes_of(place, sizeof(*place));
}
