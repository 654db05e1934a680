/* decimal.h - JSON's number tokens as exact integers, never through a double. Any thread. */
#ifndef SF_SERVICE_DECIMAL_H
#define SF_SERVICE_DECIMAL_H

#include <stateful/bytes.h>

/* Tokens longer than this are refused: no honest number needs more. */
#define SF_DECIMAL_SIZE_MAX 128

typedef enum sf_decimal_result {
    SF_DECIMAL_EXACT,
    SF_DECIMAL_NOT_EXACT, /* digits would be lost */
    SF_DECIMAL_TOO_LARGE, /* does not fit 64 bits */
} sf_decimal_result;

/* The size of the number that begins at data, by RFC 8259's grammar, no larger than size; 0 if none
 * does ("01" begins with the number "0"). */
size_t sf_decimal_token_size(const uint8_t *data, size_t size);

/* Whether the token (which is a number by the grammar) is within the range of a double and not too long,
 * so that every JSON reader can hold it. */
bool sf_decimal_is_moderate(sf_bytes token);

/* value = token * 10^exponent, if that is a whole number of 64 bits. The token must be a number by
 * the grammar; exponent is from 0 to 18. */
sf_decimal_result sf_decimal_scale(sf_bytes token, int exponent, int64_t *value);

#endif
