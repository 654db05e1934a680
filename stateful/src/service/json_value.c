/* json_value.c - the values of json_reader.h: numbers, texts, amounts, times. */
#include "service/json_reader_implementation.h"

#include <inttypes.h>

#include "service/decimal.h"
#include "service/timestamp.h"
#include "service/utf8.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* The usual integer: up to 18 digits and nothing else. False: the general way must look. */
static bool take_plain_integer(sf_json_reader *json, int64_t *value)
{
    const uint8_t *at = json->at + (*json->at == '-'), *first = at;
    int64_t number = 0;

    for (; at < json->end && is_digit(*at) && at - first < 18; at++)
        number = number * 10 + (*at - '0');
    if (at == first || (*first == '0' && at - first > 1))
        return false;
    if (at < json->end && (is_digit(*at) || *at == '.' || *at == 'e' || *at == 'E'))
        return false;
    *value = *json->at == '-' ? -number : number;
    json->at = at;
    return true;
}

static bool take_integer(sf_json_reader *json, int64_t *value)
{
    sf_bytes token;

    if (take_plain_integer(json, value))
        return true;
    if (!sf_json_reader_take_number(json, &token))
        return false;
    switch (sf_decimal_scale(token, 0, value)) {
    case SF_DECIMAL_EXACT:
        return true;
    case SF_DECIMAL_NOT_EXACT:
        sf_json_note(json, "must be a whole number, is %.*s", (int)token.size,
                     (const char *)token.data);
        return false;
    default:
        sf_json_note(json, "must be a smaller number, is %.*s", (int)token.size,
                     (const char *)token.data);
        return false;
    }
}

static bool is_within(sf_json_reader *json, sf_json_bounds bounds, int64_t value)
{
    if (value < bounds.least)
        sf_json_note(json, "must be at least %" PRId64 ", is %" PRId64, bounds.least, value);
    else if (value > bounds.most)
        sf_json_note(json, "must be at most %" PRId64 ", is %" PRId64, bounds.most, value);
    else
        return true;
    return false;
}

bool sf_json_read_integer(sf_json_reader *json, sf_json_bounds bounds, int64_t *value)
{
    int64_t read;

    if (!sf_json_reader_begin(json, SF_JSON_NUMBER, "a whole number") ||
        !take_integer(json, &read) || !is_within(json, bounds, read))
        return false;
    *value = read;
    return true;
}

bool sf_json_read_id(sf_json_reader *json, int64_t *id)
{
    return sf_json_read_integer(json, (sf_json_bounds){1, SF_JSON_ID_MAX}, id);
}

bool sf_json_read_number(sf_json_reader *json, sf_bytes *token)
{
    return sf_json_reader_begin(json, SF_JSON_NUMBER, "a number") &&
           sf_json_reader_take_number(json, token);
}

static bool has_length_within(sf_json_reader *json, sf_json_bounds code_points, sf_bytes text)
{
    int64_t size = (int64_t)text.size, count;

    if (size <= code_points.most && size / 4 >= code_points.least)
        return true; /* a code point has one to four bytes */
    count = (int64_t)sf_utf8_count(text);
    if (count >= code_points.least && count <= code_points.most)
        return true;
    if (!count)
        sf_json_note(json, "must not be empty");
    else if (count < code_points.least)
        sf_json_note(json, "must have at least %" PRId64 " characters, has %" PRId64,
                     code_points.least, count);
    else
        sf_json_note(json, "must have at most %" PRId64 " characters, has %" PRId64,
                     code_points.most, count);
    return false;
}

bool sf_json_read_text(sf_json_reader *json, sf_json_bounds code_points, sf_bytes *text)
{
    sf_bytes read;

    if (!sf_json_reader_begin(json, SF_JSON_TEXT, "a text") ||
        !sf_json_reader_take_text(json, &read) || !has_length_within(json, code_points, read))
        return false;
    *text = read;
    return true;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static sf_bytes trim(sf_bytes text)
{
    while (text.size && is_space(text.data[text.size - 1]))
        text.size--;
    while (text.size && is_space(*text.data)) {
        text.data++;
        text.size--;
    }
    return text;
}

static bool has_control(sf_bytes text)
{
    uint32_t code_point;

    for (size_t at = 0; at < text.size;) {
        at += sf_utf8_decode(text.data + at, text.size - at, &code_point); /* checked before */
        if (sf_utf8_is_control(code_point))
            return true;
    }
    return false;
}

bool sf_json_read_line(sf_json_reader *json, sf_json_bounds code_points, sf_bytes *line)
{
    sf_bytes read;

    if (!sf_json_reader_begin(json, SF_JSON_TEXT, "a text") ||
        !sf_json_reader_take_text(json, &read))
        return false;
    read = trim(read);
    if (!has_length_within(json, code_points, read))
        return false;
    if (has_control(read)) {
        sf_json_note(json, "must not have control characters");
        return false;
    }
    *line = sf_arena_copy(json->arena, read);
    return true;
}

static bool take_amount(sf_json_reader *json, sf_bytes *token)
{
    if (sf_json_peek(json) != SF_JSON_TEXT)
        return sf_json_reader_begin(json, SF_JSON_NUMBER, "an amount") &&
               sf_json_reader_take_number(json, token);
    return sf_json_reader_begin(json, SF_JSON_TEXT, "an amount") &&
           sf_json_reader_take_text(json, token);
}

static bool is_amount_within(sf_json_reader *json, sf_json_bounds minor, int exponent,
                             sf_money amount)
{
    bool is_low = amount.minor < minor.least;
    char bound[SF_MONEY_TEXT_SIZE], given[SF_MONEY_TEXT_SIZE];

    if (!is_low && amount.minor <= minor.most)
        return true;
    sf_money_format((sf_money){is_low ? minor.least : minor.most}, exponent, bound);
    sf_money_format(amount, exponent, given);
    sf_json_note(json, "must be at %s %s, is %s", is_low ? "least" : "most", bound, given);
    return false;
}

bool sf_json_read_money(sf_json_reader *json, int exponent, sf_json_bounds minor, sf_money *money)
{
    sf_money amount;
    sf_bytes token;
    sf_error err;

    if (!take_amount(json, &token))
        return false;
    if (sf_money_parse(token, exponent, &amount, &err)) {
        sf_json_note(json, "%s", err.text);
        return false;
    }
    if (!is_amount_within(json, minor, exponent, amount))
        return false;
    *money = amount;
    return true;
}

bool sf_json_read_timestamp(sf_json_reader *json, int64_t *time_ms)
{
    sf_bytes text;
    sf_error err;

    if (!sf_json_reader_begin(json, SF_JSON_TEXT, "a date and time") ||
        !sf_json_reader_take_text(json, &text))
        return false;
    if (!sf_timestamp_parse(text, time_ms, &err))
        return true;
    sf_json_note(json, "%s", err.text);
    return false;
}
