#include "service/timestamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "check.h"

static int64_t parsed(const char *text)
{
    int64_t time_ms = -1;

    assert_ok(sf_timestamp_parse(sf_bytes_text(text), &time_ms, err));
    return time_ms;
}

static void check_refused(const char *text)
{
    int64_t time_ms = 77;
    sf_error err;

    if (sf_timestamp_parse(sf_bytes_text(text), &time_ms, &err) != SF_REJECT)
        fail_msg("'%s' was taken as %" PRId64, text, time_ms);
    assert_non_null(strstr(err.text, "2026-02-27T09:00:00Z"));
    assert_int_equal(time_ms, 77);
}

static const char *formatted(int64_t time_ms)
{
    static char text[SF_TIMESTAMP_TEXT_SIZE];
    size_t size = sf_timestamp_format(time_ms, text);

    assert_int_equal(size, strlen(text));
    return text;
}

static void utc_and_any_offset_are_read(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parsed("2026-02-27T09:00:00Z"), INT64_C(1772182800000));
    assert_int_equal(parsed("2026-02-27t09:00:00z"), INT64_C(1772182800000));
    assert_int_equal(parsed("2026-02-27T10:00:00+01:00"), INT64_C(1772182800000));
    assert_int_equal(parsed("2026-02-27T03:30:00-05:30"), INT64_C(1772182800000));
    assert_int_equal(parsed("2026-02-27T09:00:00-00:00"), INT64_C(1772182800000));
    assert_int_equal(parsed("1969-12-31T23:59:59.999Z"), -1);
    assert_int_equal(parsed("0000-01-01T00:00:00Z"), SF_TIMESTAMP_LEAST_MS);
    assert_int_equal(parsed("9999-12-31T23:59:59.999Z"), SF_TIMESTAMP_MOST_MS);
    assert_int_equal(parsed("2024-02-29T00:00:00Z"), INT64_C(1709164800000));
}

static void a_plus_that_became_a_space_is_still_a_plus(void **state)
{
    (void)state;
    assert_int_equal(parsed("2026-02-27T10:00:00 01:00"), INT64_C(1772182800000));
}

static void fractions_count_to_milliseconds_and_the_rest_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00.25Z"), 250);
    assert_int_equal(parsed("1970-01-01T00:00:00.0019Z"), 1);
    assert_int_equal(parsed("1970-01-01T00:00:00.123456789+00:00"), 123);
}

static void a_leap_second_is_the_second_after_it(void **state)
{
    (void)state;
    assert_int_equal(parsed("2016-12-31T23:59:60Z"), parsed("2017-01-01T00:00:00Z"));
    assert_int_equal(parsed("2017-01-01T00:59:60+01:00"), parsed("2017-01-01T00:00:00Z"));
    check_refused("2016-12-31T22:59:60Z");
}

static void anything_else_is_refused_with_an_example(void **state)
{
    static const char *const wrong[] = {
        "",
        "2026-02-27",
        "2026-02-27T09:00:00",
        "2026-02-27T09:00Z",
        "2026-02-27 09:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00Zx",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z[UTC]",
        "+2026-01-01T00:00:00Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "1772182800000",
        "now",
    };

    (void)state;
    for (size_t i = 0; i < SF_ARRAY_LENGTH(wrong); i++)
        check_refused(wrong[i]);
}

static void times_are_written_in_utc_without_an_empty_fraction(void **state)
{
    (void)state;
    assert_string_equal(formatted(INT64_C(1772182800000)), "2026-02-27T09:00:00Z");
    assert_string_equal(formatted(INT64_C(1772182800007)), "2026-02-27T09:00:00.007Z");
    assert_string_equal(formatted(-1), "1969-12-31T23:59:59.999Z");
    assert_string_equal(formatted(INT64_MIN), "0000-01-01T00:00:00Z");
    assert_string_equal(formatted(INT64_MAX), "9999-12-31T23:59:59.999Z");
}

static void any_time_agrees_with_the_system_and_survives_reading(void **state)
{
    uint64_t seed = sf_random_seed_from_system();
    sf_random random;

    (void)state;
    sf_random_init(&random, seed);
    for (int i = 0; i < 100000; i++) {
        int64_t range = SF_TIMESTAMP_MOST_MS - SF_TIMESTAMP_LEAST_MS;
        int64_t time_ms =
            SF_TIMESTAMP_LEAST_MS + (int64_t)sf_random_below(&random, (uint64_t)range + 1);
        time_t seconds = (time_t)(time_ms / 1000 - (time_ms % 1000 < 0));
        const char *text = formatted(time_ms);
        char expected[64];
        struct tm parts;

        assert_non_null(gmtime_r(&seconds, &parts));
        sprintf(expected, "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        if (strncmp(text, expected, 19) != 0 || parsed(text) != time_ms)
            fail_msg("seed %" PRIu64 ": %" PRId64 " became %s, not %s", seed, time_ms, text,
                     expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utc_and_any_offset_are_read),
        cmocka_unit_test(a_plus_that_became_a_space_is_still_a_plus),
        cmocka_unit_test(fractions_count_to_milliseconds_and_the_rest_is_dropped),
        cmocka_unit_test(a_leap_second_is_the_second_after_it),
        cmocka_unit_test(anything_else_is_refused_with_an_example),
        cmocka_unit_test(times_are_written_in_utc_without_an_empty_fraction),
        cmocka_unit_test(any_time_agrees_with_the_system_and_survives_reading),
    };

    return run_tests(tests);
}
