#include "service/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"

static void a_token_ends_where_the_grammar_ends_it(void **state)
{
    static const struct {
        const char *text;
        size_t size;
    } tokens[] = {
        {"0", 1},      {"-0", 2},   {"01", 1},     {"1.", 0},      {"1.5x", 3}, {"1e5", 3},
        {"1E+05,", 5}, {"1e", 0},   {"1e-", 0},    {"-", 0},       {"", 0},     {".5", 0},
        {"+1", 0},     {"12 3", 2}, {"0.0e0]", 5}, {"1.5e3.2", 5}, {"0x1", 1},  {"00", 1},
    };

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(tokens); i++) {
        const char *text = tokens[i].text;
        size_t size = sf_decimal_token_size((const uint8_t *)text, strlen(text));

        if (size != tokens[i].size)
            fail_msg("'%s' begins with %zu bytes of a number", text, size);
    }
}

/* An independent way: digits and the place of the point, in wide arithmetic. */
static bool scale_slowly(const char *digits, int power, __int128 *value)
{
    __int128 result = 0;

    for (const char *at = digits; *at; at++)
        result = result * 10 + (*at - '0');
    for (; power > 0; power--)
        result *= 10;
    for (; power < 0; power++) {
        if (result % 10)
            return false;
        result /= 10;
    }
    *value = result;
    return true;
}

static void scaling_agrees_with_wide_arithmetic(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 200000; i++) {
        int digit_count = 1 + (int)sf_random_below(&random, 21), power, exponent;
        char digits[32], token[64];
        sf_decimal_result result;
        __int128 expected = 0;
        int64_t value = 0;
        bool is_whole;

        for (int k = 0; k < digit_count; k++)
            digits[k] =
                (char)('0' + (sf_random_below(&random, 3) ? sf_random_below(&random, 10) : 0));
        digits[digit_count] = 0;
        if (digits[0] == '0')
            digits[0] = '1';
        power = (int)sf_random_below(&random, 20) - 10;
        exponent = (int)sf_random_below(&random, 5);
        sprintf(token, "%se%d", digits, power);
        is_whole = scale_slowly(digits, power + exponent, &expected);
        result = sf_decimal_scale(sf_bytes_text(token), exponent, &value);
        if (!is_whole              ? result != SF_DECIMAL_NOT_EXACT
            : expected > INT64_MAX ? result != SF_DECIMAL_TOO_LARGE
                                   : result != SF_DECIMAL_EXACT || value != (int64_t)expected)
            fail_msg("seed %" PRIu64 ": %s with exponent %d: %d, %" PRId64, seed, token, exponent,
                     result, value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_ends_where_the_grammar_ends_it),
        cmocka_unit_test(scaling_agrees_with_wide_arithmetic),
    };

    return run_tests(tests);
}
