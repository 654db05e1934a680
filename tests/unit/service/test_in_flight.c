#include "service/in_flight.h"

#include <pthread.h>

#include <stateful/clock.h>

#include "check.h"

enum { ROUNDS = 20000, FAR_US = 60 * 1000 * 1000 };

static int64_t now_us(void)
{
    return sf_clock_monotonic_us(sf_clock_system());
}

static void wait_gives_up_at_its_time(void **state)
{
    sf_in_flight in_flight;
    int64_t until = now_us() + 2000;

    (void)state;
    sf_in_flight_init(&in_flight);
    sf_in_flight_begin(&in_flight);
    sf_in_flight_wait_for_none(&in_flight, until);
    assert_true(now_us() >= until);
    assert_int_equal(sf_in_flight_count(&in_flight), 1);
    sf_in_flight_end(&in_flight);
    sf_in_flight_done(&in_flight);
}

static void *come_and_go(void *in_flight)
{
    for (int i = 0; i < ROUNDS; i++) {
        sf_in_flight_begin(in_flight);
        sf_in_flight_end(in_flight);
    }
    sf_in_flight_end(in_flight); /* what the test began */
    return NULL;
}

static void last_end_wakes_who_waits(void **state)
{
    sf_in_flight in_flight;
    pthread_t threads[2];
    int64_t far = now_us() + FAR_US;

    (void)state;
    sf_in_flight_init(&in_flight);
    for (size_t i = 0; i < 2; i++)
        sf_in_flight_begin(&in_flight);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &in_flight), 0);
    sf_in_flight_wait_for_none(&in_flight, far);
    assert_true(now_us() < far); /* woken, not tired */
    assert_int_equal(sf_in_flight_count(&in_flight), 0);
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    sf_in_flight_done(&in_flight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait_gives_up_at_its_time),
        cmocka_unit_test(last_end_wakes_who_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
