#include "service/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"

static int64_t minor_of(const char *text, int exponent)
{
    sf_money money = {-1};

    assert_ok(sf_money_parse(sf_bytes_text(text), exponent, &money, err));
    return money.minor;
}

static const char *refusal_of(const char *text, int exponent)
{
    static sf_error err;
    sf_money money = {77};

    if (sf_money_parse(sf_bytes_text(text), exponent, &money, &err) != SF_REJECT)
        fail_msg("'%s' was taken as %" PRId64, text, money.minor);
    return err.text;
}

static const char *text_of(int64_t minor, int exponent)
{
    static char text[SF_MONEY_TEXT_SIZE];
    size_t size = sf_money_format((sf_money){minor}, exponent, text);

    assert_int_equal(size, strlen(text));
    return text;
}

static void amounts_are_read_exactly(void **state)
{
    (void)state;
    assert_int_equal(minor_of("500.0", 2), 50000);
    assert_int_equal(minor_of("19.99", 2), 1999);
    assert_int_equal(minor_of("0", 2), 0);
    assert_int_equal(minor_of("-0.05", 2), -5);
    assert_int_equal(minor_of("19.9900", 2), 1999);
    assert_int_equal(minor_of("1e3", 2), 100000);
    assert_int_equal(minor_of("12.5e-1", 2), 125);
    assert_int_equal(minor_of("0.0000e9", 2), 0);
    assert_int_equal(minor_of("90071992547409.93", 2), 9007199254740993);
    assert_int_equal(minor_of("92233720368547758.07", 2), INT64_MAX);
    assert_int_equal(minor_of("-92233720368547758.08", 2), INT64_MIN);
}

static void decimals_beyond_the_currency_are_refused_and_never_rounded(void **state)
{
    (void)state;
    assert_non_null(strstr(refusal_of("19.999", 2), "at most 2 decimals"));
    assert_non_null(strstr(refusal_of("0.5", 0), "at most 0 decimals"));
    refusal_of("1e-3", 2);
    refusal_of("0.00000000000000000000000000001", 2);
    assert_int_equal(minor_of("1.234", 3), 1234);
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    assert_non_null(strstr(refusal_of("92233720368547758.08", 2), "smaller"));
    refusal_of("-92233720368547758.09", 2);
    refusal_of("1e400", 2);
    refusal_of("1e999999999999999999999999", 2);
    refusal_of("99999999999999999999999999", 2);
}

static void what_is_no_json_number_is_refused(void **state)
{
    static const char *const wrong[] = {"",         "-",     "01",  "1.",  ".5",   "+1",
                                        "1e",       "1,5",   " 1",  "1 ",  "0x10", "NaN",
                                        "Infinity", "1.5.5", "--1", "1e+", "1_0"};

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++)
        assert_non_null(strstr(refusal_of(wrong[i], 2), "must be"));
}

static void amounts_are_written_short_with_one_fraction_digit_at_least(void **state)
{
    (void)state;
    assert_string_equal(text_of(100000, 2), "1000.0");
    assert_string_equal(text_of(1999, 2), "19.99");
    assert_string_equal(text_of(0, 2), "0.0");
    assert_string_equal(text_of(5, 2), "0.05");
    assert_string_equal(text_of(-350, 2), "-3.5");
    assert_string_equal(text_of(-5, 2), "-0.05");
    assert_string_equal(text_of(1000, 0), "1000.0");
    assert_string_equal(text_of(1005, 3), "1.005");
    assert_string_equal(text_of(INT64_MIN, 2), "-92233720368547758.08");
    assert_string_equal(text_of(INT64_MIN, 4), "-922337203685477.5808");
    assert_string_equal(text_of(INT64_MAX, 0), "9223372036854775807.0");
}

static void any_amount_survives_writing_and_reading(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 200000; i++) {
        int64_t minor = (int64_t)(sf_random_next(&random) >> sf_random_below(&random, 64));
        int exponent = (int)sf_random_below(&random, SF_CURRENCY_EXPONENT_MAX + 1);

        if (sf_random_below(&random, 2))
            minor = -minor;
        if (minor_of(text_of(minor, exponent), exponent) != minor)
            fail_msg("seed %" PRIu64 ": %" PRId64 " became %s", seed, minor,
                     text_of(minor, exponent));
    }
}

/* digits * 10^-decimals in another notation: zeros behind the digits, and an exponent for them. */
static void write_variant(sf_random *random, int64_t digits, int decimals, char *to)
{
    static const char *const fractions[] = {"", ".0", ".000"};
    int shift = (int)sf_random_below(random, 5);

    to += sprintf(to, "%" PRId64, digits);
    for (int i = 0; i < shift && digits; i++)
        *to++ = '0';
    sprintf(to, "%se%d", fractions[sf_random_below(random, 3)], -decimals - shift);
}

static void every_notation_of_an_amount_reads_the_same(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 20000; i++) {
        int64_t digits = (int64_t)sf_random_below(&random, 1000000000000) - 500000000000;
        int decimals = (int)sf_random_below(&random, 3);
        int64_t expected = digits;
        char text[128];

        for (int k = decimals; k < 2; k++)
            expected *= 10;
        write_variant(&random, digits, decimals, text);
        if (minor_of(text, 2) != expected)
            fail_msg("seed %" PRIu64 ": %s is not %" PRId64, seed, text, expected);
    }
}

static void sums_and_products_agree_with_wider_numbers(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 200000; i++) {
        int64_t a = (int64_t)sf_random_next(&random) >> sf_random_below(&random, 64);
        int64_t b = (int64_t)sf_random_next(&random) >> sf_random_below(&random, 64);
        __int128 sum = (__int128)a + b, difference = (__int128)a - b, product = (__int128)a * b;
        sf_money result = {0};

        assert_int_equal(sf_money_add((sf_money){a}, (sf_money){b}, &result), sum == (int64_t)sum);
        assert_int_equal(result.minor, sum == (int64_t)sum ? (int64_t)sum : 0);
        result.minor = 0;
        assert_int_equal(sf_money_subtract((sf_money){a}, (sf_money){b}, &result),
                         difference == (int64_t)difference);
        assert_int_equal(result.minor, difference == (int64_t)difference ? (int64_t)difference : 0);
        result.minor = 0;
        assert_int_equal(sf_money_multiply((sf_money){a}, b, &result), product == (int64_t)product);
        assert_int_equal(result.minor, product == (int64_t)product ? (int64_t)product : 0);
    }
}

static void currencies_have_the_exponents_of_iso_4217(void **state)
{
    (void)state;
    assert_int_equal(sf_currency_exponent("USD"), 2);
    assert_int_equal(sf_currency_exponent("EUR"), 2);
    assert_int_equal(sf_currency_exponent("JPY"), 0);
    assert_int_equal(sf_currency_exponent("KWD"), 3);
    assert_int_equal(sf_currency_exponent("CLF"), 4);
    assert_int_equal(sf_currency_exponent("usd"), -1);
    assert_int_equal(sf_currency_exponent("US"), -1);
    assert_int_equal(sf_currency_exponent(""), -1);
    assert_int_equal(sf_currency_exponent("F C"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_exactly),
        cmocka_unit_test(decimals_beyond_the_currency_are_refused_and_never_rounded),
        cmocka_unit_test(amounts_that_do_not_fit_are_refused),
        cmocka_unit_test(what_is_no_json_number_is_refused),
        cmocka_unit_test(amounts_are_written_short_with_one_fraction_digit_at_least),
        cmocka_unit_test(any_amount_survives_writing_and_reading),
        cmocka_unit_test(every_notation_of_an_amount_reads_the_same),
        cmocka_unit_test(sums_and_products_agree_with_wider_numbers),
        cmocka_unit_test(currencies_have_the_exponents_of_iso_4217),
    };

    return run_tests(tests);
}
