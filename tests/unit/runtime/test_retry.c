#include "runtime/retry.h"

#include "check.h"

static sf_status find_nobody(sf_error *err)
{
    return sf_fail_with(err, SF_RETRY, SF_BROKER, "nobody answers");
}

/* How often a call that never succeeds is made. */
static int tries(sf_retry_policy policy, sf_error *err)
{
    sf_retry retry = sf_retry_begin(policy);
    sf_status status;
    int count = 0;

    do {
        status = find_nobody(err);
        count++;
    } while (sf_retry_again(&retry, &status, err));
    assert_int_equal(status, SF_STOP);
    return count;
}

static void a_call_that_goes_well_is_made_once(void **test)
{
    sf_retry retry = sf_retry_begin((sf_retry_policy){.clock = sf_clock_system(), .limit_ms = -1});
    sf_status status = SF_OK;

    (void)test;
    assert_false(sf_retry_again(&retry, &status, NULL));
    assert_int_equal(status, SF_OK);
}

static void other_reactions_are_the_callers(void **test)
{
    sf_retry retry = sf_retry_begin((sf_retry_policy){.clock = sf_clock_system(), .limit_ms = -1});
    sf_status status = SF_ABORT_COMMIT;

    (void)test;
    assert_false(sf_retry_again(&retry, &status, NULL));
    assert_int_equal(status, SF_ABORT_COMMIT);
}

static void it_gives_up_when_the_time_is_over_and_says_so(void **test)
{
    sf_clock *clock = sf_clock_manual_new(0); /* stands still: what was waited counts */
    sf_error error;

    (void)test;
    assert_int_equal(tries((sf_retry_policy){.clock = clock, .limit_ms = 30}, &error), 4);
    assert_int_equal(error.status, SF_STOP);
    assert_int_equal(error.code, SF_BROKER);
    assert_string_equal(error.text, "given up after 35 ms: nobody answers");
    sf_clock_manual_free(clock);
}

static void without_time_it_is_tried_once(void **test)
{
    sf_error error;

    (void)test;
    assert_int_equal(tries((sf_retry_policy){.clock = sf_clock_system()}, &error), 1);
}

static void one_that_is_to_stop_waits_less(void **test)
{
    atomic_bool stopping = true;
    sf_retry_policy policy = {
        .clock = sf_clock_system(),
        .limit_ms = -1,
        .limit_stopping_ms = 0,
        .stopping = &stopping,
    };
    sf_error error;

    (void)test;
    assert_int_equal(tries(policy, &error), 1);
    assert_int_equal(error.code, SF_CLOSED); /* nobody's failure */
}

static void what_was_waited_before_the_stop_is_not_held_against_it(void **test)
{
    sf_clock *clock = sf_clock_manual_new(0);
    atomic_bool stopping = false;
    sf_retry retry = sf_retry_begin((sf_retry_policy){
        .clock = clock, .limit_ms = -1, .limit_stopping_ms = 30, .stopping = &stopping});
    sf_status status = SF_RETRY;
    int count = 0;

    (void)test;
    sf_clock_manual_advance(clock, 60000);
    assert_true(sf_retry_again(&retry, &status, NULL));
    atomic_store(&stopping, true);
    while (sf_retry_again(&retry, &status, NULL)) {
        sf_clock_manual_advance(clock, 10);
        count++;
    }
    assert_int_equal(status, SF_STOP);
    assert_int_equal(count, 3);
    sf_clock_manual_free(clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_goes_well_is_made_once),
        cmocka_unit_test(other_reactions_are_the_callers),
        cmocka_unit_test(it_gives_up_when_the_time_is_over_and_says_so),
        cmocka_unit_test(without_time_it_is_tried_once),
        cmocka_unit_test(one_that_is_to_stop_waits_less),
        cmocka_unit_test(what_was_waited_before_the_stop_is_not_held_against_it),
    };

    return run_tests(tests);
}
