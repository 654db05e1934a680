#include "service/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POWER_BOUND = 100000, POWER_MAX = 308 };

/* A token taken apart: value = digits without trailing zeros * 10^power. */
typedef struct parts {
    bool is_negative;
    const uint8_t *first; /* the first digit that is not 0; NULL: the value is 0 */
    const uint8_t *last;  /* the last such digit */
    int64_t power;        /* of the last digit */
    int64_t digit_count;  /* from first to last, without the point */
} parts;

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

size_t sf_decimal_token_size(const uint8_t *data, size_t size)
{
    const uint8_t *at = data, *end = data + size, *after;

    if (at < end && *at == '-')
        at++;
    if (at == end || !is_digit(*at))
        return 0;
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at < end && *at == '.') {
        after = skip_digits(at + 1, end);
        if (after == at + 1)
            return 0;
        at = after;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        after = skip_digits(at, end);
        if (after == at)
            return 0;
        at = after;
    }
    return (size_t)(at - data);
}

/* The number behind the 'e'; beyond POWER_BOUND it makes no difference how large. */
static int64_t read_power(const uint8_t *at, const uint8_t *end)
{
    bool is_negative = at < end && *at == '-';
    int64_t power = 0;

    if (at < end && !is_digit(*at))
        at++;
    for (; at < end && power < POWER_BOUND; at++)
        power = power * 10 + (*at - '0');
    return is_negative ? -power : power;
}

static parts take_apart(sf_bytes token)
{
    const uint8_t *at = token.data, *end = token.data + token.size, *point = NULL, *last_digit;
    parts found = {0};

    if (at < end && *at == '-') {
        found.is_negative = true;
        at++;
    }
    for (last_digit = at; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            point = at;
            continue;
        }
        last_digit = at;
        if (*at == '0')
            continue;
        if (!found.first)
            found.first = at;
        found.last = at;
    }
    if (!found.first)
        return found;
    if (at < end)
        found.power = read_power(at + 1, end);
    found.digit_count = found.last - found.first + 1;
    if (!point) {
        found.power += last_digit - found.last;
    } else if (found.last > point) {
        found.power -= found.last - point;
        found.digit_count -= found.first < point;
    } else {
        found.power += point - found.last - 1;
    }
    return found;
}

static bool is_a_finite_double(sf_bytes token)
{
    char text[SF_DECIMAL_SIZE_MAX + 1];

    memcpy(text, token.data, token.size);
    text[token.size] = '\0';
    return isfinite(strtod(text, NULL));
}

bool sf_decimal_is_moderate(sf_bytes token)
{
    parts value;

    if (token.size > SF_DECIMAL_SIZE_MAX)
        return false;
    value = take_apart(token);
    if (!value.first || value.power + value.digit_count <= POWER_MAX)
        return true;
    return value.power + value.digit_count == POWER_MAX + 1 && is_a_finite_double(token);
}

sf_decimal_result sf_decimal_scale(sf_bytes token, int exponent, int64_t *value)
{
    parts number = take_apart(token);
    uint64_t magnitude = 0, limit;

    if (!number.first) {
        *value = 0;
        return SF_DECIMAL_EXACT;
    }
    number.power += exponent;
    if (number.power < 0)
        return SF_DECIMAL_NOT_EXACT;
    if (number.power + number.digit_count > 19)
        return SF_DECIMAL_TOO_LARGE;
    for (const uint8_t *at = number.first; at <= number.last; at++)
        if (*at != '.')
            magnitude = magnitude * 10 + (uint64_t)(*at - '0');
    for (; number.power > 0; number.power--)
        magnitude *= 10;
    limit = (uint64_t)INT64_MAX + number.is_negative;
    if (magnitude > limit)
        return SF_DECIMAL_TOO_LARGE;
    *value = (int64_t)(number.is_negative ? 0 - magnitude : magnitude);
    return SF_DECIMAL_EXACT;
}
