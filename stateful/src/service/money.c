#include "service/money.h"

#include <string.h>

#include "base/memory.h"
#include "service/decimal.h"

/* ISO 4217's currencies whose minor unit is not a hundredth. */
static const struct {
    int exponent;
    const char *codes;
} unusual_exponents[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    {3, "BHD IQD JOD KWD LYD OMR TND"},
    {4, "CLF UYW"},
};

static bool is_currency_code(const char *code)
{
    return strlen(code) == 3 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

int sf_currency_exponent(const char *code)
{
    if (!is_currency_code(code))
        return -1;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(unusual_exponents); i++)
        if (strstr(unusual_exponents[i].codes, code))
            return unusual_exponents[i].exponent;
    return 2;
}

sf_status sf_money_parse(sf_bytes text, int exponent, sf_money *money, sf_error *err)
{
    if (!text.size || sf_decimal_token_size(text.data, text.size) != text.size)
        return sf_reject(err, "must be a decimal number like 19.99");
    if (text.size > SF_DECIMAL_SIZE_MAX)
        return sf_reject(err, "must be a shorter number");
    switch (sf_decimal_scale(text, exponent, &money->minor)) {
    case SF_DECIMAL_EXACT:
        return SF_OK;
    case SF_DECIMAL_NOT_EXACT:
        return sf_reject(err, "must have at most %d decimals, is %.*s", exponent, (int)text.size,
                         (const char *)text.data);
    default:
        return sf_reject(err, "must be a smaller amount, is %.*s", (int)text.size,
                         (const char *)text.data);
    }
}

static uint64_t power_of_ten(int exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

static size_t put_digits(uint64_t value, int least_count, char *to)
{
    char digits[24];
    size_t count = 0;

    while (value || (int)count < least_count) {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

size_t sf_money_format(sf_money money, int exponent, char text[SF_MONEY_TEXT_SIZE])
{
    uint64_t magnitude = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
    uint64_t unit = power_of_ten(exponent);
    size_t size = 0;

    if (money.minor < 0)
        text[size++] = '-';
    size += put_digits(magnitude / unit, 1, text + size);
    text[size++] = '.';
    size += put_digits(magnitude % unit, exponent ? exponent : 1, text + size);
    while (text[size - 1] == '0' && text[size - 2] != '.')
        size--;
    text[size] = 0;
    return size;
}

bool sf_money_add(sf_money a, sf_money b, sf_money *sum)
{
    int64_t result;

    if (__builtin_add_overflow(a.minor, b.minor, &result))
        return false;
    sum->minor = result;
    return true;
}

bool sf_money_subtract(sf_money a, sf_money b, sf_money *difference)
{
    int64_t result;

    if (__builtin_sub_overflow(a.minor, b.minor, &result))
        return false;
    difference->minor = result;
    return true;
}

bool sf_money_multiply(sf_money price, int64_t count, sf_money *product)
{
    int64_t result;

    if (__builtin_mul_overflow(price.minor, count, &result))
        return false;
    product->minor = result;
    return true;
}
