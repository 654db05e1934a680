/* fuzz_money.c - any bytes as an amount (the first picks the currency's exponent): what is taken
 * survives writing, and is about what the C library reads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "service/decimal.h"
#include "service/money.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Far from exact, but made by somebody else. */
static void check_against_library(sf_bytes text, int exponent, sf_money money)
{
    char copy[SF_DECIMAL_SIZE_MAX + 1];
    long double expected;

    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    expected = strtold(copy, NULL) * powl(10, exponent);
    check(fabsl(expected - (long double)money.minor) <= 2 + fabsl(expected) * 1e-15L);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[SF_MONEY_TEXT_SIZE];
    sf_money money, again;
    sf_bytes given;
    size_t written;
    int exponent;

    if (!size)
        return 0;
    exponent = data[0] % (SF_CURRENCY_EXPONENT_MAX + 1);
    given = sf_bytes_of(data + 1, size - 1);
    if (sf_money_parse(given, exponent, &money, NULL))
        return 0;
    check_against_library(given, exponent, money);
    written = sf_money_format(money, exponent, text);
    check(written < sizeof(text) && !text[written] && strchr(text, '.'));
    check(!sf_money_parse(sf_bytes_of(text, written), exponent, &again, NULL));
    check(again.minor == money.minor);
    return 0;
}
