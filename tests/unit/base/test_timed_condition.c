#include "base/timed_condition.h"

#include <errno.h>

#include <stateful/clock.h>

#include "base/memory.h"
#include "check.h"

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static int64_t us_of(struct timespec moment)
{
    return (int64_t)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

static void moments_are_those_of_the_monotonic_clock(void **state)
{
    static const int64_t ms[] = {0, 1, 999, 1000, 1001, 86400000};
    struct timespec moment = sf_moment_at_us(7000001);

    (void)state;
    assert_int_equal(moment.tv_sec, 7);
    assert_int_equal(moment.tv_nsec, 1000);
    for (size_t i = 0; i < SF_ARRAY_LENGTH(ms); i++)
        for (int k = 0; k < 50; k++) { /* seconds are crossed at any moment */
            int64_t before = now_us();

            moment = sf_moment_in_ms(ms[i]);
            assert_true(moment.tv_nsec >= 0 && moment.tv_nsec < 1000000000);
            assert_true(us_of(moment) >= before + ms[i] * 1000);
            assert_true(us_of(moment) <= now_us() + ms[i] * 1000);
        }
    assert_true(us_of(sf_moment_in_ms(-5000)) <= now_us());
}

static void wait_ends_at_its_moment(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    struct timespec until = sf_moment_in_ms(3);
    int code = 0;

    (void)state;
    sf_timed_condition_init(&condition);
    pthread_mutex_lock(&lock);
    while (!code)
        code = pthread_cond_timedwait(&condition, &lock, &until);
    pthread_mutex_unlock(&lock);
    assert_int_equal(code, ETIMEDOUT);
    assert_true(now_us() >= us_of(until));
    pthread_cond_destroy(&condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_monotonic_clock),
        cmocka_unit_test(wait_ends_at_its_moment),
    };

    return run_tests(tests);
}
