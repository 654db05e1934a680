#include <stateful/clock.h>

#include "check.h"

static void manual_clock_moves_when_told(void **state)
{
    sf_clock *clock = sf_clock_manual_new(1000);
    int64_t began = sf_clock_monotonic_us(clock);

    (void)state;
    assert_int_equal(sf_clock_now_ms(clock), 1000);
    sf_clock_manual_advance(clock, 50);
    assert_int_equal(sf_clock_now_ms(clock), 1050);
    assert_int_equal(sf_clock_monotonic_us(clock) - began, 50000);
    sf_clock_manual_free(clock);
}

static void monotonic_time_never_goes_back(void **state)
{
    sf_clock *clock = sf_clock_manual_new(1000);
    int64_t began = sf_clock_monotonic_us(clock);

    (void)state;
    sf_clock_manual_set(clock, 400);
    assert_int_equal(sf_clock_now_ms(clock), 400);
    assert_int_equal(sf_clock_monotonic_us(clock), began);
    sf_clock_manual_set(clock, 500);
    assert_int_equal(sf_clock_monotonic_us(clock) - began, 100000);
    sf_clock_manual_free(clock);
}

static void system_clock_is_of_this_century(void **state)
{
    int64_t before = sf_clock_monotonic_us(sf_clock_system());

    (void)state;
    assert_true(sf_clock_now_ms(sf_clock_system()) > 1600000000000);
    assert_true(sf_clock_monotonic_us(sf_clock_system()) >= before);
}

static void a_pause_takes_as_long_as_the_clock_says(void **state)
{
    sf_clock *manual = sf_clock_manual_new(1000);
    int64_t began = sf_clock_monotonic_us(sf_clock_system());

    (void)state;
    sf_clock_pause(sf_clock_system(), 2);
    assert_true(sf_clock_monotonic_us(sf_clock_system()) - began >= 2000);

    sf_clock_pause(manual, 1); /* lets the thread sleep; the clock stands still */
    assert_int_equal(sf_clock_now_ms(manual), 1000);
    sf_clock_manual_free(manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manual_clock_moves_when_told),
        cmocka_unit_test(monotonic_time_never_goes_back),
        cmocka_unit_test(system_clock_is_of_this_century),
        cmocka_unit_test(a_pause_takes_as_long_as_the_clock_says),
    };

    return run_tests(tests);
}
