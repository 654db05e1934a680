#include "conformance/spec_take.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/spec_json.h"
#include "conformance/spec_windowed.h"

static const char take_words[] =
    "same constant char_at split_part to_int numbered window_key window_text";

/* ---- reading ---- */

static const char *fields_of(spec_take_fn fn)
{
    switch (fn) {
    case TAKE_CONSTANT:
        return "fn value";
    case TAKE_CHAR_AT:
        return "fn of index";
    case TAKE_SPLIT_PART:
        return "fn of sep index";
    default:
        return "fn of";
    }
}

static sf_status read_null_when(const cJSON *json, const char *what, sf_arena *arena,
                                spec_take *take, sf_error *err)
{
    const cJSON *null_when = cJSON_GetObjectItemCaseSensitive(json, "null_when");
    const cJSON *in = cJSON_GetObjectItemCaseSensitive(null_when, "in");
    const cJSON *text;
    const char **texts;
    int item = 0;
    sf_status status;

    if (!null_when)
        return SF_OK;
    status = spec_fields(null_when, what, "of in", "", err);
    if (!status)
        status = spec_read_word(null_when, "of", "key value result", &item, err);
    if (status)
        return status;
    if (!cJSON_IsArray(in))
        return sf_fail(err, SF_INVALID, "%s: 'in' is not a list", what);
    texts = sf_arena_alloc(arena, ((size_t)cJSON_GetArraySize(in) + 1) * sizeof(*texts));
    cJSON_ArrayForEach(text, in)
    {
        if (!cJSON_IsString(text))
            return sf_fail(err, SF_INVALID, "%s: 'in' lists something else than texts", what);
        texts[take->null_count++] = text->valuestring;
    }
    take->has_null_when = true;
    take->null_of = (spec_item)item;
    take->null_texts = texts;
    return SF_OK;
}

static sf_status read_constant(const cJSON *json, const char *what, sf_arena *arena,
                               spec_take *take, sf_error *err)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, "value");

    take->is_null = cJSON_IsNull(value);
    take->result = (spec_key_type){0};
    return spec_literal_read(value, what, arena, &take->result.type, &take->constant, err);
}

/* The type of the result, or why there is none. */
static sf_status settle_types(const char *what, bool allow_numbered, spec_take *take, sf_error *err)
{
    spec_key_type x = take->of == ITEM_KEY ? take->key : (spec_key_type){take->value, false};
    bool is_of_window = take->fn == TAKE_WINDOW_KEY || take->fn == TAKE_WINDOW_TEXT;
    bool wants_text =
        take->fn == TAKE_CHAR_AT || take->fn == TAKE_SPLIT_PART || take->fn == TAKE_WINDOW_TEXT;

    take->result = take->fn == TAKE_SAME ? x : (spec_key_type){x.type, false};
    if (take->fn == TAKE_SAME)
        return SF_OK;
    if (is_of_window != x.is_windowed)
        return sf_fail(err, SF_INVALID, "%s: the function does not work on a %s key", what,
                       x.is_windowed ? "windowed" : "plain");
    if ((take->fn == TAKE_CHAR_AT || take->fn == TAKE_SPLIT_PART) && x.type != SPEC_STRING)
        return sf_fail(err, SF_INVALID, "%s: the function works on text, not on %s", what,
                       spec_type_name(x.type));
    if (take->fn == TAKE_NUMBERED &&
        (!allow_numbered || (x.type != SPEC_INT && x.type != SPEC_LONG)))
        return sf_fail(err, SF_INVALID, "%s: 'numbered' belongs to a flat_map and a whole number",
                       what);
    if (wants_text || take->fn == TAKE_NUMBERED)
        take->result.type = SPEC_STRING;
    else if (take->fn == TAKE_TO_INT)
        take->result.type = SPEC_INT;
    return SF_OK;
}

sf_status spec_take_read(const cJSON *json, const char *what, spec_key_type key, spec_type value,
                         bool allow_numbered, sf_arena *arena, spec_take *take, sf_error *err)
{
    int fn = 0;
    int of = ITEM_KEY;
    sf_status status;

    *take = (spec_take){.key = key, .value = value};
    status = spec_fields(json, what, "fn", "of value index sep null_when", err);
    if (!status)
        status = spec_read_word(json, "fn", take_words, &fn, err);
    take->fn = (spec_take_fn)fn;
    if (!status)
        status = spec_fields(json, what, fields_of(take->fn), "null_when", err);
    if (!status)
        status = spec_read_word(json, "of", "key value", &of, err);
    take->of = (spec_item)of;
    if (!status)
        status = spec_read_natural(json, "index", &take->index, err);
    if (!status)
        status = spec_read_text(json, "sep", &take->separator, err);
    if (!status && take->separator && !*take->separator)
        status = sf_fail(err, SF_INVALID, "%s: 'sep' is empty", what);
    if (!status)
        status = read_null_when(json, what, arena, take, err);
    if (!status && take->fn == TAKE_CONSTANT)
        status = read_constant(json, what, arena, take, err);
    else if (!status)
        status = settle_types(what, allow_numbered, take, err);
    return status;
}

/* ---- applying ---- */

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The character at a position, in UTF-8. */
static sf_bytes char_at(sf_bytes text, int64_t index)
{
    const uint8_t *end = text.data + text.size;
    const uint8_t *from = text.data;
    const uint8_t *to;

    for (; index && from < end; index--)
        do
            from++;
        while (from < end && is_continuation(*from));
    if (from == end)
        return SF_NULL;
    for (to = from + 1; to < end && is_continuation(*to);)
        to++;
    return sf_bytes_of(from, (size_t)(to - from));
}

static sf_bytes split_part(sf_bytes text, const char *separator, int64_t index)
{
    size_t size = strlen(separator);

    for (;; index--) {
        const uint8_t *found = memmem(text.data, text.size, separator, size);

        if (!index)
            return sf_bytes_of(text.data, found ? (size_t)(found - text.data) : text.size);
        if (!found)
            return SF_NULL;
        text.size -= (size_t)(found - text.data) + size;
        text.data = found + size;
    }
}

static sf_status to_int(sf_bytes x, spec_type type, sf_arena *arena, sf_bytes *result,
                        sf_error *err)
{
    const char *text = spec_value_text(x, type, arena);
    char *end;
    double real;
    int64_t number;

    errno = 0;
    if (type == SPEC_DOUBLE) {
        real = trunc(spec_value_real(x, type));
        if (!(fabs(real) < 9e18))
            return sf_fail(err, SF_INVALID, "to_int: %s is out of range", text);
        number = (int64_t)real;
    } else {
        number = strtoll(text, &end, 10);
        if (errno || end == text || *end)
            return sf_fail(err, SF_INVALID, "to_int: '%s' is not a whole number", text);
    }
    *result = spec_value_of_whole(number, SPEC_INT, arena);
    return SF_OK;
}

static sf_status compute(const spec_take *take, sf_bytes x, int64_t copy, sf_arena *arena,
                         sf_bytes *result, sf_error *err)
{
    spec_type type = take->of == ITEM_KEY ? take->key.type : take->value;

    switch (take->fn) {
    case TAKE_SAME:
        *result = x;
        break;
    case TAKE_CONSTANT:
        *result = take->constant;
        break;
    case TAKE_CHAR_AT:
        *result = char_at(x, take->index);
        break;
    case TAKE_SPLIT_PART:
        *result = split_part(x, take->separator, take->index);
        break;
    case TAKE_TO_INT:
        return to_int(x, type, arena, result, err);
    case TAKE_NUMBERED:
        *result = sf_bytes_text(
            sf_arena_printf(arena, "%lld", (long long)(10 * spec_value_whole(x, type) + copy)));
        break;
    case TAKE_WINDOW_KEY:
        *result = sf_windowed_of(x)->key;
        break;
    case TAKE_WINDOW_TEXT:
        *result = sf_bytes_text(spec_windowed_text(sf_windowed_of(x), type, arena));
        break;
    }
    return SF_OK;
}

static const char *item_text(sf_bytes item, spec_key_type type, sf_arena *arena)
{
    if (type.is_windowed)
        return spec_windowed_text(sf_windowed_of(item), type.type, arena);
    return spec_value_text(item, type.type, arena);
}

static bool becomes_null(const spec_take *take, const sf_record *record, sf_bytes result,
                         sf_arena *arena)
{
    sf_bytes item = take->null_of == ITEM_KEY     ? record->key
                    : take->null_of == ITEM_VALUE ? record->value
                                                  : result;
    spec_key_type type = take->null_of == ITEM_KEY     ? take->key
                         : take->null_of == ITEM_VALUE ? (spec_key_type){take->value, false}
                                                       : take->result;
    const char *text;

    if (!take->has_null_when || sf_bytes_is_null(item))
        return false;
    text = item_text(item, type, arena);
    for (size_t i = 0; i < take->null_count; i++)
        if (!strcmp(text, take->null_texts[i]))
            return true;
    return false;
}

sf_status spec_take_apply(const spec_take *take, const sf_record *record, int64_t copy,
                          sf_arena *arena, sf_bytes *result, sf_error *err)
{
    sf_bytes x = take->of == ITEM_KEY ? record->key : record->value;
    sf_bytes computed = SF_NULL;
    sf_status status = SF_OK;

    if (take->fn == TAKE_CONSTANT || !sf_bytes_is_null(x))
        status = compute(take, x, copy, arena, &computed, err);
    if (!status)
        *result = becomes_null(take, record, computed, arena) ? SF_NULL : computed;
    return status;
}
